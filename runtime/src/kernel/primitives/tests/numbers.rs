//! Arithmetic and `math`.

use super::*;
use Type::{Bool, Float, Int, Number};
use pyflink_plan::primitive::NumberOp;

fn exactly(primitive: Primitive, python: &str, makers: &[(Make, Type)], result: Type) {
    check(primitive, python, makers, result, never);
}

fn power(random: &mut Random) -> Constant {
    Constant::Int(random.below(80) as i64 - 8)
}

#[test]
fn floats() {
    let two = [(float as Make, Float), (float, Float)];
    exactly(Primitive::FloatMod, "lambda a, b: a % b", &two, Float);
    exactly(Primitive::FloatFloorDiv, "lambda a, b: a // b", &two, Float);
    exactly(Primitive::FloatPow, "lambda a, b: a ** b", &two, Float);
    exactly(Primitive::FloatPowInt, "lambda a, b: a ** b", &[(float, Float), (power, Int)], Float);
    exactly(Primitive::FloatPowInt, "lambda a, b: a ** b ", &[(float, Float), (int, Int)], Float);
    exactly(Primitive::FloatToInt, "int", &[(float, Float)], Int);
}

#[test]
fn ints() {
    exactly(
        Primitive::IntPow,
        "lambda a, b: a ** b if b < 100 or -2 < a < 2 else None",
        &[(int, Int), (power, Int)],
        Int,
    );
    let large = |random: &mut Random| Constant::Int(random.pick(&[i64::MAX, i64::MAX - 1, 63, 64, 62]));
    let tiny = |random: &mut Random| Constant::Int(random.below(5) as i64 - 2);
    exactly(
        Primitive::IntPow,
        "lambda a, b: a ** b if b < 100 or -2 < a < 2 else None",
        &[(tiny, Int), (large, Int)],
        Int,
    );
    let negative = |operands: &[Constant]| matches!(operands[1], Constant::Int(..0));
    let makers = [(int as Make, Int), (int, Int), (int, Int)];
    check(Primitive::IntPowMod, "pow", &makers, Int, negative);
    exactly(Primitive::RoundIntDigits, "round", &[(int, Int), (small, Int)], Int);
    let far = |random: &mut Random| Constant::Int(-(random.below(25) as i64));
    exactly(Primitive::RoundIntDigits, "round", &[(int, Int), (far, Int)], Int);
}

#[test]
fn rounding() {
    exactly(Primitive::RoundFloat, "round", &[(float, Float)], Int);
    let digits = |random: &mut Random| {
        Constant::Int(match random.below(4) {
            0 => random.pick(&[-400, -309, -308, -307, 300, 323, 324, 325, i64::MAX, i64::MIN]),
            1 => random.below(400) as i64 - 330,
            _ => random.below(12) as i64 - 4,
        })
    };
    exactly(Primitive::RoundFloatDigits, "round", &[(float, Float), (digits, Int)], Float);
    // Near the middle between two decimals.
    let middle = |random: &mut Random| {
        let value = (random.below(2_000_000) as f64 - 1e6) / 1000.0 + 0.0005;
        Constant::Float(f64::from_bits((value.to_bits() as i64 + random.below(5) as i64 - 2) as u64))
    };
    let few = |random: &mut Random| Constant::Int(random.below(5) as i64);
    exactly(Primitive::RoundFloatDigits, "round ", &[(middle, Float), (few, Int)], Float);
    let fives = |random: &mut Random| {
        Constant::Float((random.below(2000) as f64 - 1000.0) * 10_f64.powi(random.below(25) as i32) * 5.0)
    };
    let tens = |random: &mut Random| Constant::Int(-(random.below(28) as i64));
    exactly(Primitive::RoundFloatDigits, "round  ", &[(fives, Float), (tens, Int)], Float);
}

#[test]
fn numbers_of_any_type() {
    let two = [(number as Make, Number), (number, Number)];
    for (op, sign) in [
        (NumberOp::Add, "+"),
        (NumberOp::Sub, "-"),
        (NumberOp::Mul, "*"),
        (NumberOp::Div, "/"),
        (NumberOp::FloorDiv, "//"),
        (NumberOp::Mod, "%"),
    ] {
        exactly(Primitive::Number(op), &format!("lambda a, b: a {sign} b"), &two, Number);
        exactly(Primitive::Number(op), &format!("lambda a, b: a {sign}  b"), &two, Number);
    }
    let base = |random: &mut Random| number(random);
    let exponent = |random: &mut Random| if random.below(2) == 0 { power(random) } else { float(random) };
    exactly(Primitive::Number(NumberOp::Pow), "lambda a, b: a ** b", &[(base, Number), (exponent, Number)], Number);
    exactly(Primitive::NumberMinus, "lambda a: -a", &[(number, Number)], Number);
    exactly(Primitive::NumberAbs, "abs", &[(number, Number)], Number);
    exactly(Primitive::NumberToInt, "int", &[(number, Number)], Int);
    exactly(Primitive::NumberToFloat, "float", &[(number, Number)], Float);
    let near = |random: &mut Random| {
        let value = random.pick(&[1_i64 << 53, 1 << 62, i64::MAX - 1, i64::MIN + 1, 5]) + random.below(2) as i64 - 1;
        if random.below(2) == 0 { Constant::Int(value) } else { Constant::Float(value as f64) }
    };
    for makers in [two, [(near as Make, Number), (near, Number)]] {
        exactly(Primitive::NumberEq, "lambda a, b: a == b", &makers, Bool);
        exactly(Primitive::NumberLess, "lambda a, b: a < b", &makers, Bool);
        exactly(Primitive::NumberLessEq, "lambda a, b: a <= b", &makers, Bool);
    }
}

#[test]
fn functions_of_math() {
    for name in [
        "acos", "asin", "atan", "cos", "cosh", "exp", "expm1", "log", "log10", "log1p", "log2", "sin", "sinh", "tan",
        "tanh", "sqrt", "fabs", "degrees", "radians",
    ] {
        exactly(Primitive::Math(name), &format!("math.{name}"), &[(float, Float)], Float);
    }
    for name in ["isnan", "isinf", "isfinite"] {
        exactly(Primitive::Math(name), &format!("math.{name}"), &[(float, Float)], Bool);
    }
    for name in ["floor", "ceil", "trunc"] {
        exactly(Primitive::Math(name), &format!("math.{name}"), &[(float, Float)], Int);
    }
    for name in ["atan2", "copysign", "fmod", "pow", "log"] {
        exactly(Primitive::Math(name), &format!("math.{name}"), &[(float, Float), (float, Float)], Float);
    }
    let usual = |random: &mut Random| Constant::Float((random.bits() as i64 >> random.below(63)) as f64 / 1024.0);
    let hypot = Primitive::Math("hypot");
    let exact = Check {
        primitive: hypot.clone(),
        python: "math.hypot",
        result: Float,
        may_bail: &any(has_size_of_edge),
        changes: false,
        rounds: 50_000,
    };
    exact.run(&[(float, Float), (float, Float)]);
    exact.run(&[(usual, Float), (usual, Float)]);
    exactly(Primitive::Math("gcd"), "math.gcd", &[(int, Int), (int, Int)], Int);
    exactly(Primitive::Math("isqrt"), "math.isqrt", &[(int, Int)], Int);
}

#[test]
fn sums() {
    let floats = |random: &mut Random| Constant::List((0..random.below(6)).map(|_| float(random)).collect());
    exactly(Primitive::SumFloats, "lambda a: sum(a)", &[(floats, list(Float))], Float);
    let finite = |operands: &[Constant]| {
        let Constant::List(items) = &operands[0] else { return false };
        let large =
            |item: &Constant| matches!(item, Constant::Float(value) if !value.is_finite() || value.abs() > 1e307);
        items.iter().any(large)
    };
    let near = |random: &mut Random| {
        // Halves of the last place, and what decides them.
        let parts = [1.0, f64::EPSILON / 2.0, -f64::EPSILON / 4.0, 1e-30, -1e-30, -0.0, 1e16, 3.0];
        Constant::List((0..random.below(6)).map(|_| Constant::Float(random.pick(&parts))).collect())
    };
    check(Primitive::Math("fsum"), "lambda a: math.fsum(a)", &[(floats, list(Float))], Float, finite);
    exactly(Primitive::Math("fsum"), "lambda a: math.fsum(a)", &[(near, list(Float))], Float);
    let none = |operands: &[Constant]| operands == [Constant::List(Vec::new())];
    check(Primitive::SumFloats, "lambda a: sum(a, 0.0)", &[(floats, list(Float))], Float, none);
    // Ints that add up to more than 64 bits are left to Python.
    fn number(random: &mut Random) -> Constant {
        match random.below(2) {
            0 => Constant::Int(random.below(1 << 60) as i64 - (1 << 59)),
            _ => float(random),
        }
    }
    let numbers = |random: &mut Random| Constant::List((0..random.below(6)).map(|_| number(random)).collect());
    let makers = [(numbers as Make, list(Number)), (number as Make, Number)];
    check(Primitive::SumNumbers, "lambda a, b: sum(a, b)", &makers, Number, |_| false);
}

/// Floats near the limits, and whole ones, whose sums of squares may lie in the middle between two floats.
fn has_size_of_edge(value: &Constant) -> bool {
    matches!(value, Constant::Float(value) if !(1e-290..1e290).contains(&value.abs()))
}
