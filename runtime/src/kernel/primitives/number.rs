//! Numbers whose type is only known when the kernel runs: a bool, an int or a float.

use super::abi::Context;
use super::numbers::{floor_div, int_power, pow, rem, to_int};
use pyflink_plan::primitive::NumberOp;
use pyflink_plan::typed::Why;
use std::cmp::Ordering;

#[derive(Clone, Copy, Debug)]
pub enum Number {
    Bool(bool),
    Int(i64),
    Float(f64),
}

impl Number {
    pub fn from_words([tag, word]: [u64; 2]) -> Number {
        match tag {
            0 => Number::Bool(word != 0),
            1 => Number::Int(word as i64),
            _ => Number::Float(f64::from_bits(word)),
        }
    }

    pub fn words(self) -> [u64; 2] {
        match self {
            Number::Bool(value) => [0, u64::from(value)],
            Number::Int(value) => [1, value as u64],
            Number::Float(value) => [2, value.to_bits()],
        }
    }

    /// The int that it is; a float is none.
    pub fn int(self) -> Option<i64> {
        match self {
            Number::Bool(value) => Some(i64::from(value)),
            Number::Int(value) => Some(value),
            Number::Float(_) => None,
        }
    }

    pub fn float(self) -> f64 {
        match self {
            Number::Bool(value) => f64::from(u8::from(value)),
            Number::Int(value) => value as f64,
            Number::Float(value) => value,
        }
    }

    /// `None` with nan.
    pub fn compare(self, other: Number) -> Option<Ordering> {
        match (self.int(), other.int()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            (Some(a), None) => compare_int_float(a, other.float()),
            (None, Some(b)) => compare_int_float(b, self.float()).map(Ordering::reverse),
            (None, None) => self.float().partial_cmp(&other.float()),
        }
    }
}

/// Exactly, whatever float the int is nearest to.
fn compare_int_float(int: i64, float: f64) -> Option<Ordering> {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() {
        None
    } else if float >= END {
        Some(Ordering::Less)
    } else if float < -END {
        Some(Ordering::Greater)
    } else {
        let whole = float.trunc();
        Some(int.cmp(&(whole as i64)).then(whole.partial_cmp(&float)?))
    }
}

/// `a / b` of ints: the float that is nearest to the exact quotient.
fn divide(a: i64, b: i64) -> Result<f64, Why> {
    if b == 0 {
        return Err(Why::Raises);
    }
    const EXACT: u64 = 1 << 53;
    let (size, divisor) = (a.unsigned_abs(), b.unsigned_abs());
    if size <= EXACT && divisor <= EXACT {
        return Ok(a as f64 / b as f64);
    }
    // As many bits of the quotient as there is room for, the last one saying whether more follow: then it rounds once.
    let shift = u128::from(size).leading_zeros() - 2;
    let (dividend, divisor) = (u128::from(size) << shift, u128::from(divisor));
    let quotient = (dividend / divisor) | u128::from(dividend % divisor != 0);
    let value = quotient as f64 * 2.0_f64.powi(-(shift as i32));
    Ok(if (a < 0) != (b < 0) { -value } else { value })
}

fn of_ints(op: NumberOp, a: i64, b: i64) -> Result<Number, Why> {
    let value = match op {
        NumberOp::Add => a.checked_add(b),
        NumberOp::Sub => a.checked_sub(b),
        NumberOp::Mul => a.checked_mul(b),
        NumberOp::Div => return divide(a, b).map(Number::Float),
        NumberOp::Pow if b < 0 => return pow(a as f64, b as f64).map(Number::Float),
        NumberOp::Pow => return int_power(a, b).map(Number::Int),
        NumberOp::FloorDiv | NumberOp::Mod => {
            if b == 0 {
                return Err(Why::Raises);
            }
            let rest = a.wrapping_rem(b);
            let off = rest != 0 && (rest < 0) != (b < 0);
            if op == NumberOp::Mod {
                Some(if off { rest + b } else { rest })
            } else {
                a.checked_div(b).map(|quotient| quotient - i64::from(off))
            }
        }
    };
    value.map(Number::Int).ok_or(Why::Overflow)
}

fn of_floats(op: NumberOp, a: f64, b: f64) -> Result<Number, Why> {
    let value = match op {
        NumberOp::Add => a + b,
        NumberOp::Sub => a - b,
        NumberOp::Mul => a * b,
        NumberOp::Div if b == 0.0 => return Err(Why::Raises),
        NumberOp::Div => a / b,
        NumberOp::FloorDiv => floor_div(a, b)?,
        NumberOp::Mod => rem(a, b)?,
        NumberOp::Pow => pow(a, b)?,
    };
    Ok(Number::Float(value))
}

fn operation(op: NumberOp, a: Number, b: Number) -> Result<Number, Why> {
    match (a.int(), b.int()) {
        (Some(a), Some(b)) => of_ints(op, a, b),
        _ => of_floats(op, a.float(), b.float()),
    }
}

macro_rules! operations {
    ($($name:ident $op:ident,)*) => {$(
        pub fn $name(_: &mut Context<'_>, a: Number, b: Number) -> Result<Number, Why> {
            operation(NumberOp::$op, a, b)
        }
    )*};
}
operations! { add Add, sub Sub, mul Mul, div Div, floor_divide FloorDiv, modulo Mod, power Pow, }

pub fn minus(_: &mut Context<'_>, number: Number) -> Result<Number, Why> {
    match number.int() {
        Some(value) => value.checked_neg().map(Number::Int).ok_or(Why::Overflow),
        None => Ok(Number::Float(-number.float())),
    }
}

pub fn abs(_: &mut Context<'_>, number: Number) -> Result<Number, Why> {
    match number.int() {
        Some(value) => value.checked_abs().map(Number::Int).ok_or(Why::Overflow),
        None => Ok(Number::Float(number.float().abs())),
    }
}

pub fn number_to_int(_: &mut Context<'_>, number: Number) -> Result<i64, Why> {
    match number {
        Number::Float(value) => to_int(value),
        Number::Bool(value) => Ok(i64::from(value)),
        Number::Int(value) => Ok(value),
    }
}

pub fn number_to_float(_: &mut Context<'_>, number: Number) -> Result<f64, Why> {
    Ok(number.float())
}

pub fn eq(_: &mut Context<'_>, a: Number, b: Number) -> Result<bool, Why> {
    Ok(a.compare(b) == Some(Ordering::Equal))
}

pub fn less(_: &mut Context<'_>, a: Number, b: Number) -> Result<bool, Why> {
    Ok(a.compare(b) == Some(Ordering::Less))
}

pub fn less_eq(_: &mut Context<'_>, a: Number, b: Number) -> Result<bool, Why> {
    Ok(matches!(a.compare(b), Some(Ordering::Less | Ordering::Equal)))
}
