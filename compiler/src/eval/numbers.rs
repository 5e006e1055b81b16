//! Arithmetic on ints, floats and bools, exactly as Python does it.

use super::value::Value;
use crate::syntax::ast::BinOp;
use num_bigint::{BigInt, Sign};
use std::cmp::Ordering;

/// Why an operation has no value here.
#[derive(Debug)]
pub enum Undefined {
    /// Division by zero.
    Zero,
    /// Too large, or not worth computing; only a run tells.
    Unknown,
}

/// Larger results of powers and shifts are left to a run.
const MOST_BITS: u64 = 100_000;

/// `None` if one of them is no number.
pub fn binary(op: BinOp, left: &Value, right: &Value) -> Option<Result<Value, Undefined>> {
    Some(match (int(left), int(right)) {
        (Some(a), Some(b)) => {
            let both_bool = matches!((left, right), (Value::Bool(_), Value::Bool(_)));
            ints(op, &a, &b).map(|value| match value {
                Value::Int(value) if both_bool && matches!(op, BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor) => {
                    Value::Bool(value != BigInt::ZERO)
                }
                value => value,
            })
        }
        _ => floats(op, float(left)?, float(right)?),
    })
}

fn int(value: &Value) -> Option<BigInt> {
    match value {
        Value::Int(value) => Some(value.clone()),
        Value::Bool(value) => Some(BigInt::from(u8::from(*value))),
        _ => None,
    }
}

/// As `float(value)`; ints too large for it have none.
pub fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(value) => Some(*value),
        _ => int(value)?.to_string().parse::<f64>().ok().filter(|value| value.is_finite()),
    }
}

fn ints(op: BinOp, a: &BigInt, b: &BigInt) -> Result<Value, Undefined> {
    let zero = *b == BigInt::ZERO;
    let value = match op {
        BinOp::Add => a + b,
        BinOp::Sub => a - b,
        BinOp::Mult => a * b,
        BinOp::BitAnd => a & b,
        BinOp::BitOr => a | b,
        BinOp::BitXor => a ^ b,
        BinOp::FloorDiv | BinOp::Mod | BinOp::Div if zero => return Err(Undefined::Zero),
        BinOp::FloorDiv => floor_div(a, b),
        BinOp::Mod => a - floor_div(a, b) * b,
        BinOp::Div => {
            // Python rounds the exact quotient; that of ints which floats hold exactly is what floats give.
            let exact = |value: &BigInt| value.bits() <= 53;
            if !exact(a) || !exact(b) {
                return Err(Undefined::Unknown);
            }
            let of = |value: &BigInt| value.to_string().parse::<f64>().map_err(|_| Undefined::Unknown);
            return Ok(Value::Float(of(a)? / of(b)?));
        }
        BinOp::Pow => {
            let exponent = u32::try_from(b).map_err(|_| Undefined::Unknown)?;
            if a.bits() * u64::from(exponent) > MOST_BITS {
                return Err(Undefined::Unknown);
            }
            a.pow(exponent)
        }
        BinOp::LShift | BinOp::RShift => {
            let by = u32::try_from(b).map_err(|_| Undefined::Unknown)?;
            if u64::from(by) > MOST_BITS {
                return Err(Undefined::Unknown);
            }
            if op == BinOp::LShift { a << by } else { a >> by }
        }
        BinOp::MatMult => return Err(Undefined::Unknown),
    };
    Ok(Value::Int(value))
}

fn floor_div(a: &BigInt, b: &BigInt) -> BigInt {
    let quotient = a / b;
    let rest = a - &quotient * b;
    if rest != BigInt::ZERO && (rest.sign() == Sign::Minus) != (b.sign() == Sign::Minus) {
        quotient - 1
    } else {
        quotient
    }
}

fn floats(op: BinOp, a: f64, b: f64) -> Result<Value, Undefined> {
    Ok(Value::Float(match op {
        BinOp::Add => a + b,
        BinOp::Sub => a - b,
        BinOp::Mult => a * b,
        BinOp::Div | BinOp::FloorDiv | BinOp::Mod if b == 0.0 => return Err(Undefined::Zero),
        BinOp::Div => a / b,
        BinOp::FloorDiv => (a / b).floor(),
        _ => return Err(Undefined::Unknown),
    }))
}

/// `None` if one of them is no number, or NaN.
pub fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (int(left), int(right)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => float(left)?.partial_cmp(&float(right)?),
    }
}

/// As Python's `repr(float)`: the shortest digits, an exponent below 1e-4 and from 1e16 on.
pub fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value == 0.0 || (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_floors_as_python_does() {
        for (a, b, quotient, rest) in [(7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -4, -1), (-7, -2, 3, -1), (6, -3, -2, 0)] {
            let (a, b) = (Value::int(a), Value::int(b));
            assert_eq!(binary(BinOp::FloorDiv, &a, &b).unwrap().unwrap(), Value::int(quotient));
            assert_eq!(binary(BinOp::Mod, &a, &b).unwrap().unwrap(), Value::int(rest));
        }
    }

    #[test]
    fn floats_look_like_pythons() {
        let cases = [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (1e-5, "1e-05"),
            (-2.5e-7, "-2.5e-07"),
            (0.0001, "0.0001"),
        ];
        for (value, text) in cases {
            assert_eq!(float_repr(value), text);
        }
    }
}
