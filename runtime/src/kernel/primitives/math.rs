//! Functions of Python's `math`, by the same library of C that CPython calls, and with its rules for errors.

use super::abi::{Context, Entry, entry};
use super::numbers::{ceil, float_to_int, floor};
use super::views::{Items, View};
use pyflink_plan::typed::Why;

/// The library of C.
pub mod libm {
    // SAFETY: functions of numbers alone.
    unsafe extern "C" {
        pub safe fn acos(x: f64) -> f64;
        pub safe fn asin(x: f64) -> f64;
        pub safe fn atan(x: f64) -> f64;
        pub safe fn atan2(y: f64, x: f64) -> f64;
        pub safe fn cos(x: f64) -> f64;
        pub safe fn cosh(x: f64) -> f64;
        pub safe fn exp(x: f64) -> f64;
        pub safe fn expm1(x: f64) -> f64;
        pub safe fn fmod(x: f64, y: f64) -> f64;
        pub safe fn log(x: f64) -> f64;
        pub safe fn log10(x: f64) -> f64;
        pub safe fn log1p(x: f64) -> f64;
        pub safe fn log2(x: f64) -> f64;
        pub safe fn pow(x: f64, y: f64) -> f64;
        pub safe fn sin(x: f64) -> f64;
        pub safe fn sinh(x: f64) -> f64;
        pub safe fn tan(x: f64) -> f64;
        pub safe fn tanh(x: f64) -> f64;
    }
}

/// What CPython makes of a result: no nan or infinity comes of what was none.
fn checked(x: f64, result: f64) -> Result<f64, Why> {
    if (result.is_nan() && !x.is_nan()) || (result.is_infinite() && x.is_finite()) {
        return Err(Why::Raises);
    }
    Ok(result)
}

macro_rules! functions {
    ($($name:ident)*) => {$(
        fn $name(_: &mut Context<'_>, x: f64) -> Result<f64, Why> {
            checked(x, libm::$name(x))
        }
    )*};
}
functions! { acos asin atan cos cosh exp expm1 log log10 log2 sin sinh tan tanh }

fn log1p(_: &mut Context<'_>, x: f64) -> Result<f64, Why> {
    // Of -0.0 it is -0.0, which not all libraries give.
    if x == 0.0 { Ok(x) } else { checked(x, libm::log1p(x)) }
}

fn log_base(context: &mut Context<'_>, x: f64, base: f64) -> Result<f64, Why> {
    let (x, base) = (log(context, x)?, log(context, base)?);
    if base == 0.0 { Err(Why::Raises) } else { Ok(x / base) }
}

fn sqrt(_: &mut Context<'_>, x: f64) -> Result<f64, Why> {
    checked(x, x.sqrt())
}

fn fabs(_: &mut Context<'_>, x: f64) -> Result<f64, Why> {
    Ok(x.abs())
}

fn atan2(_: &mut Context<'_>, y: f64, x: f64) -> Result<f64, Why> {
    Ok(libm::atan2(y, x))
}

fn copysign(_: &mut Context<'_>, x: f64, y: f64) -> Result<f64, Why> {
    Ok(x.copysign(y))
}

fn degrees(_: &mut Context<'_>, x: f64) -> Result<f64, Why> {
    Ok(x * (180.0 / std::f64::consts::PI))
}

fn radians(_: &mut Context<'_>, x: f64) -> Result<f64, Why> {
    Ok(x * (std::f64::consts::PI / 180.0))
}

fn fmod(_: &mut Context<'_>, x: f64, y: f64) -> Result<f64, Why> {
    if y.is_infinite() && x.is_finite() {
        return Ok(x);
    }
    let rest = libm::fmod(x, y);
    if rest.is_nan() && !x.is_nan() && !y.is_nan() { Err(Why::Raises) } else { Ok(rest) }
}

fn pow(_: &mut Context<'_>, x: f64, y: f64) -> Result<f64, Why> {
    if x.is_finite() && y.is_finite() {
        let power = libm::pow(x, y);
        return if power.is_finite() { Ok(power) } else { Err(Why::Raises) };
    }
    Ok(if x.is_nan() {
        if y == 0.0 { 1.0 } else { x }
    } else if y.is_nan() {
        if x == 1.0 { 1.0 } else { y }
    } else if x.is_infinite() {
        let odd = y.is_finite() && libm::fmod(y.abs(), 2.0) == 1.0;
        if y > 0.0 {
            if odd { x } else { x.abs() }
        } else if y == 0.0 {
            1.0
        } else if odd {
            0.0_f64.copysign(x)
        } else {
            0.0
        }
    } else if x.abs() == 1.0 {
        1.0
    } else if y > 0.0 && x.abs() > 1.0 {
        y
    } else if y < 0.0 && x.abs() < 1.0 {
        -y
    } else {
        0.0
    })
}

/// The root of the sum of two squares, to more than a float's digits, as CPython computes it since 3.10; bails where it
/// lies so near to the middle between two floats that the way of computing could be seen.
fn hypot(_: &mut Context<'_>, x: f64, y: f64) -> Result<f64, Why> {
    let (x, y) = (x.abs(), y.abs());
    if x.is_infinite() || y.is_infinite() {
        return Ok(f64::INFINITY);
    }
    if x.is_nan() || y.is_nan() {
        return Ok(f64::NAN);
    }
    let largest = x.max(y);
    if largest == 0.0 {
        return Ok(0.0);
    }
    // Scaling by a power of two loses nothing but what is too small to matter.
    let exponent = (largest.to_bits() >> 52) as i32 - 1022;
    if !(-1000..1000).contains(&exponent) {
        return Err(Why::Unusual);
    }
    let scale = 2.0_f64.powi(-exponent);
    let (mut sum, mut rest) = (1.0, 0.0);
    let mut add = |a: f64, b: f64| {
        let product = a * b;
        let next = sum + product;
        // What the product and the sum have lost; the sum is the larger one.
        rest += a.mul_add(b, -product) + ((sum - next) + product);
        sum = next;
        sum - 1.0 + rest
    };
    add(x * scale, x * scale);
    let root = add(y * scale, y * scale).sqrt();
    let correction = add(-root, root) / (2.0 * root);
    let result = root + correction;
    let lost = (correction - (result - root)).abs();
    let half = (f64::from_bits(result.to_bits() + 1) - result) / 2.0;
    // Below a power of two, floats are twice as near to each other.
    let power = result.to_bits() << 12 == 0;
    let near = |middle: f64| (lost - middle).abs() < half / f64::from(1 << 20);
    if near(half) || (power && near(half / 2.0)) {
        return Err(Why::Unusual);
    }
    Ok(result / scale)
}

/// The exact sum, rounded once: Shewchuk's algorithm, as CPython has it.
fn fsum(_: &mut Context<'_>, items: Items<'_>) -> Result<f64, Why> {
    let mut partials: Vec<f64> = Vec::new();
    // The exact sum of two, in two parts.
    let two = |x: f64, y: f64| {
        let (x, y) = if x.abs() < y.abs() { (y, x) } else { (x, y) };
        let high = x + y;
        (high, y - (high - x))
    };
    for value in items.values() {
        let View::Float(mut x) = value.view() else { return Err(Why::OtherType) };
        partials.retain_mut(|partial| {
            (x, *partial) = two(x, *partial);
            *partial != 0.0
        });
        if !x.is_finite() {
            return Err(Why::Unusual);
        }
        if x != 0.0 {
            partials.push(x);
        }
    }
    let Some(mut high) = partials.pop() else { return Ok(0.0) };
    while let Some(partial) = partials.pop() {
        let low;
        (high, low) = two(high, partial);
        if low != 0.0 {
            // Half to even, unless what is left decides it. Signs are compared: a product may be too small to be a float.
            let next = partials.last().copied().unwrap_or(0.0);
            let same_side = (low > 0.0 && next > 0.0) || (low < 0.0 && next < 0.0);
            let doubled = low * 2.0;
            let other = high + doubled;
            if same_side && other - high == doubled {
                high = other;
            }
            break;
        }
    }
    Ok(high)
}

fn is_nan(_: &mut Context<'_>, x: f64) -> Result<bool, Why> {
    Ok(x.is_nan())
}

fn is_inf(_: &mut Context<'_>, x: f64) -> Result<bool, Why> {
    Ok(x.is_infinite())
}

fn is_finite(_: &mut Context<'_>, x: f64) -> Result<bool, Why> {
    Ok(x.is_finite())
}

fn gcd(_: &mut Context<'_>, a: i64, b: i64) -> Result<i64, Why> {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i64::try_from(a).map_err(|_| Why::Overflow)
}

fn isqrt(_: &mut Context<'_>, x: i64) -> Result<i64, Why> {
    x.checked_isqrt().ok_or(Why::Raises)
}

/// The function of that name, of so many operands, in that version of Python.
pub fn function(name: &str, operands: usize, python: (u8, u8)) -> Option<Entry> {
    Some(match name {
        "acos" => entry!(acos),
        "asin" => entry!(asin),
        "atan" => entry!(atan),
        "atan2" => entry!(atan2),
        "cos" => entry!(cos),
        "cosh" => entry!(cosh),
        "exp" => entry!(exp),
        "expm1" => entry!(expm1),
        "log" if operands == 2 => entry!(log_base),
        "log" => entry!(log),
        "log10" => entry!(log10),
        "log1p" => entry!(log1p),
        "log2" => entry!(log2),
        "pow" => entry!(pow),
        "sin" => entry!(sin),
        "sinh" => entry!(sinh),
        "tan" => entry!(tan),
        "tanh" => entry!(tanh),
        "sqrt" => entry!(sqrt),
        "fabs" => entry!(fabs),
        "copysign" => entry!(copysign),
        "degrees" => entry!(degrees),
        "radians" => entry!(radians),
        "fmod" => entry!(fmod),
        "fsum" => entry!(fsum),
        "hypot" if python.0 >= 10 => entry!(hypot),
        "isnan" => entry!(is_nan),
        "isinf" => entry!(is_inf),
        "isfinite" => entry!(is_finite),
        "floor" => entry!(floor),
        "ceil" => entry!(ceil),
        "trunc" => entry!(float_to_int),
        "gcd" => entry!(gcd),
        "isqrt" => entry!(isqrt),
        _ => return None,
    })
}
