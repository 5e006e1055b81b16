//! What kernels call: arithmetic of floats that is more than one instruction, as CPython does it.

use cranelift_jit::JITBuilder;

/// Names of the helpers `(float, float) -> float`.
pub const FLOAT_MOD: &str = "pyflink_float_mod";
pub const FLOAT_FLOOR_DIV: &str = "pyflink_float_floor_div";

pub fn declare(builder: &mut JITBuilder) {
    builder.symbol(FLOAT_MOD, float_mod as *const u8);
    builder.symbol(FLOAT_FLOOR_DIV, float_floor_div as *const u8);
}

/// `a % b`; b is not 0.
pub extern "C" fn float_mod(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 {
        // The sign of the divisor.
        if (b < 0.0) != (rest < 0.0) { rest + b } else { rest }
    } else {
        0.0_f64.copysign(b)
    }
}

/// `a // b`; b is not 0.
pub extern "C" fn float_floor_div(a: f64, b: f64) -> f64 {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 {
        if (b < 0.0) != (rest < 0.0) {
            rest += b;
            quotient -= 1.0;
        }
    } else {
        rest = 0.0_f64.copysign(b);
    }
    let _ = rest;
    if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0.0_f64.copysign(a / b)
    }
}
