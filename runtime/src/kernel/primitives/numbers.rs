//! Arithmetic of ints and floats that is more than an instruction.

use super::abi::Context;
use super::float_text::nearest_units;
use super::math::libm;
use super::number::Number;
use super::views::{Items, View};
use pyflink_plan::typed::Why;
use std::cmp::Ordering;

/// `a % b`: with the sign of the divisor.
pub fn rem(a: f64, b: f64) -> Result<f64, Why> {
    if b == 0.0 {
        return Err(Why::Raises);
    }
    let rest = libm::fmod(a, b);
    Ok(if rest == 0.0 {
        0.0_f64.copysign(b)
    } else if (b < 0.0) != (rest < 0.0) {
        rest + b
    } else {
        rest
    })
}

/// `a // b`.
pub fn floor_div(a: f64, b: f64) -> Result<f64, Why> {
    if b == 0.0 {
        return Err(Why::Raises);
    }
    let rest = libm::fmod(a, b);
    let mut quotient = (a - rest) / b;
    if rest != 0.0 && (b < 0.0) != (rest < 0.0) {
        quotient -= 1.0;
    }
    Ok(if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0.0_f64.copysign(a / b)
    })
}

/// `a ** b`, as `float_pow` of CPython, which sees to the special cases itself.
pub fn pow(a: f64, b: f64) -> Result<f64, Why> {
    let odd = b.is_finite() && libm::fmod(b.abs(), 2.0) == 1.0;
    if b == 0.0 {
        return Ok(1.0);
    }
    if a.is_nan() {
        return Ok(a);
    }
    if b.is_nan() {
        return Ok(if a == 1.0 { 1.0 } else { b });
    }
    if b.is_infinite() {
        let size = a.abs();
        return Ok(if size == 1.0 {
            1.0
        } else if (b > 0.0) == (size > 1.0) {
            b.abs()
        } else {
            0.0
        });
    }
    if a.is_infinite() {
        return Ok(match (b > 0.0, odd) {
            (true, true) => a,
            (true, false) => a.abs(),
            (false, true) => 0.0_f64.copysign(a),
            (false, false) => 0.0,
        });
    }
    if a == 0.0 {
        return if b < 0.0 { Err(Why::Raises) } else { Ok(if odd { a } else { 0.0 }) };
    }
    if a < 0.0 && b != b.floor() {
        // A complex number.
        return Err(Why::OtherType);
    }
    let negative = a < 0.0 && odd;
    let size = a.abs();
    let power = if size == 1.0 { 1.0 } else { libm::pow(size, b) };
    if power.is_infinite() {
        return Err(Why::Raises);
    }
    Ok(if negative { -power } else { power })
}

pub fn float_mod(_: &mut Context<'_>, a: f64, b: f64) -> Result<f64, Why> {
    rem(a, b)
}

pub fn float_floor_div(_: &mut Context<'_>, a: f64, b: f64) -> Result<f64, Why> {
    floor_div(a, b)
}

pub fn float_pow(_: &mut Context<'_>, a: f64, b: f64) -> Result<f64, Why> {
    pow(a, b)
}

pub fn float_pow_int(_: &mut Context<'_>, a: f64, b: i64) -> Result<f64, Why> {
    pow(a, b as f64)
}

pub fn int_power(a: i64, b: i64) -> Result<i64, Why> {
    match (a, b) {
        (_, ..0) => Err(Why::OtherType),
        (0, _) => Ok(i64::from(b == 0)),
        (1, _) => Ok(1),
        (-1, _) => Ok(if b % 2 == 0 { 1 } else { -1 }),
        _ => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)).ok_or(Why::Overflow),
    }
}

pub fn int_pow(_: &mut Context<'_>, a: i64, b: i64) -> Result<i64, Why> {
    int_power(a, b)
}

pub fn int_pow_mod(_: &mut Context<'_>, a: i64, b: i64, modulus: i64) -> Result<i64, Why> {
    if modulus == 0 {
        return Err(Why::Raises);
    }
    if b < 0 {
        return Err(Why::Unusual);
    }
    let size = i128::from(modulus).abs();
    let (mut base, mut power, mut left) = (i128::from(a).rem_euclid(size), 1 % size, b);
    while left > 0 {
        if left & 1 == 1 {
            power = power * base % size;
        }
        base = base * base % size;
        left >>= 1;
    }
    // With the sign of the modulus.
    let power = if modulus < 0 && power > 0 { power - size } else { power };
    i64::try_from(power).map_err(|_| Why::Overflow)
}

/// The int that a whole float is.
fn whole(value: f64) -> Result<i64, Why> {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if (-END..END).contains(&value) { Ok(value as i64) } else { Err(Why::Overflow) }
}

/// Towards zero.
pub fn to_int(value: f64) -> Result<i64, Why> {
    if value.is_finite() { whole(value.trunc()) } else { Err(Why::Raises) }
}

pub fn float_to_int(_: &mut Context<'_>, value: f64) -> Result<i64, Why> {
    to_int(value)
}

pub fn floor(_: &mut Context<'_>, value: f64) -> Result<i64, Why> {
    if value.is_finite() { whole(value.floor()) } else { Err(Why::Raises) }
}

pub fn ceil(_: &mut Context<'_>, value: f64) -> Result<i64, Why> {
    if value.is_finite() { whole(value.ceil()) } else { Err(Why::Raises) }
}

pub fn round_float(_: &mut Context<'_>, value: f64) -> Result<i64, Why> {
    if value.is_finite() { whole(value.round_ties_even()) } else { Err(Why::Raises) }
}

pub fn round_float_digits(_: &mut Context<'_>, value: f64, digits: i64) -> Result<f64, Why> {
    // Beyond these, it rounds to itself or to zero, whatever it is.
    if !value.is_finite() || digits > 323 || value == 0.0 {
        return Ok(value);
    }
    if digits < -308 {
        return Ok(0.0 * value);
    }
    let rounded = if digits >= 0 { round_places(value, digits as usize) } else { round_tens(value, digits) };
    if rounded.is_finite() { Ok(rounded.copysign(value)) } else { Err(Why::Raises) }
}

/// To the nearest decimal of so many places, that is: of the exact value.
fn round_places(value: f64, places: usize) -> f64 {
    // From 2^52 on there are no places.
    if value.abs() >= 4_503_599_627_370_496.0 {
        return value;
    }
    if let Some((nearest, unit)) = nearest_units(value, places) {
        // The division rounds correctly: both are floats exactly.
        return nearest / unit;
    }
    format!("{value:.places$}").parse().unwrap_or(f64::NAN)
}

/// To a multiple of 10, 100, …
fn round_tens(value: f64, digits: i64) -> f64 {
    // All digits ahead of the point, exactly, but for a digit that says whether more is behind it.
    let whole = format!("{:.0}", value.abs().trunc());
    let fraction = value.fract() != 0.0;
    let dropped = digits.unsigned_abs() as usize;
    if whole.len() < dropped {
        return 0.0;
    }
    let (kept, rest) = whole.split_at(whole.len() - dropped);
    let half = rest.bytes().next().map_or(Ordering::Less, |first| first.cmp(&b'5'));
    let half = half.then(if fraction || rest.bytes().skip(1).any(|digit| digit != b'0') {
        Ordering::Greater
    } else {
        Ordering::Equal
    });
    let odd = kept.bytes().last().is_some_and(|digit| digit % 2 == 1);
    let up = half == Ordering::Greater || (half == Ordering::Equal && odd);
    let mut digits = vec![b'0'];
    digits.extend_from_slice(kept.as_bytes());
    if up {
        for digit in digits.iter_mut().rev() {
            if *digit == b'9' {
                *digit = b'0';
            } else {
                *digit += 1;
                break;
            }
        }
    }
    format!("{}e{dropped}", String::from_utf8_lossy(&digits)).parse().unwrap_or(f64::NAN)
}

pub fn round_int_digits(_: &mut Context<'_>, value: i64, digits: i64) -> Result<i64, Why> {
    if digits >= 0 {
        return Ok(value);
    }
    let Some(unit) = u32::try_from(digits.unsigned_abs()).ok().filter(|digits| *digits <= 19) else { return Ok(0) };
    let unit = 10_i128.pow(unit);
    let (quotient, rest) = (i128::from(value).div_euclid(unit), i128::from(value).rem_euclid(unit));
    let up = match (rest * 2).cmp(&unit) {
        Ordering::Less => 0,
        Ordering::Equal => quotient & 1,
        Ordering::Greater => 1,
    };
    i64::try_from((quotient + up) * unit).map_err(|_| Why::Overflow)
}

/// `sum` of floats. Of none it is 0 or 0.0, as it began, which isn't known here.
pub fn sum_floats(context: &mut Context<'_>, items: Items<'_>) -> Result<f64, Why> {
    if items.length == 0 {
        return Err(Why::OtherType);
    }
    let compensated = context.site.python.0 >= 12;
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for value in items.values() {
        let View::Float(value) = value.view() else { return Err(Why::OtherType) };
        let next = sum + value;
        if compensated {
            lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        }
        sum = next;
    }
    Ok(if lost != 0.0 && lost.is_finite() { sum + lost } else { sum })
}

/// `sum` of ints and floats: ints as long as there is no float, and then a float, to which ints are added as floats.
pub fn sum_numbers(context: &mut Context<'_>, items: Items<'_>, start: Number) -> Result<Number, Why> {
    let (compensated, unknown) = (context.site.python.0 >= 12, context.site.python.0 >= 14);
    let mut total = start;
    let mut lost = 0.0_f64;
    for value in items.values() {
        let View::Number(value) = value.view() else { return Err(Why::OtherType) };
        total = match (total.int(), value.int()) {
            (Some(sum), Some(value)) => Number::Int(sum.checked_add(value).ok_or(Why::Overflow)?),
            // The first float is added as anything is.
            (Some(sum), None) => Number::Float(sum as f64 + value.float()),
            (None, Some(_)) if unknown => return Err(Why::Unusual),
            (None, Some(value)) => Number::Float(total.float() + value as f64),
            (None, None) => {
                let (sum, value) = (total.float(), value.float());
                let next = sum + value;
                if compensated {
                    lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
                }
                Number::Float(next)
            }
        };
    }
    Ok(match total {
        Number::Float(sum) if lost != 0.0 && lost.is_finite() => Number::Float(sum + lost),
        total => total,
    })
}
