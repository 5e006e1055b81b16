//! Floats as text: the shortest digits that are the float, and digits of a given number.

use std::io::Write;

/// The size of a float in decimal digits: `0.d₁d₂d₃… × 10^point`.
pub struct Digits {
    pub digits: Vec<u8>,
    pub point: i32,
}

/// Digits of Rust's exponent form. The float must be finite.
fn taken_apart(text: &[u8]) -> Digits {
    let mut parts = text.splitn(2, |byte| *byte == b'e');
    let digits = parts.next().unwrap_or_default().iter().copied().filter(u8::is_ascii_digit).collect();
    let exponent = parts.next().and_then(|part| std::str::from_utf8(part).ok()).and_then(|part| part.parse().ok());
    Digits { digits, point: exponent.unwrap_or(0) + 1 }
}

/// The shortest digits of a finite float.
pub fn shortest(value: f64) -> Digits {
    // A sign, 17 digits, a point, and an exponent of three digits with its sign.
    let mut buffer = [0; 32];
    let mut rest = &mut buffer[..];
    // There is room; and writing to a Vec can't fail, below.
    let _ = write!(rest, "{value:e}");
    let free = rest.len();
    let found = taken_apart(&buffer[..32 - free]);
    // Of two texts that are as short and as near, Python gives the one with the even digit. There are two only if the
    // float is an odd number of halves of the last digit's unit, 5^k * 2^(k - 1).
    let unit = found.point - found.digits.len() as i32;
    if value != 0.0 && lowest_bit(value) == unit - 1 {
        let rounded = exact(value, found.digits.len() - 1);
        if parsed(&rounded) == value.abs() {
            return rounded;
        }
    }
    found
}

fn parsed(digits: &Digits) -> f64 {
    let text = String::from_utf8_lossy(&digits.digits);
    format!("{text}e{}", digits.point - digits.digits.len() as i32).parse().unwrap_or(f64::NAN)
}

/// The exponent of two of the lowest bit that is set in a float that isn't 0.
fn lowest_bit(value: f64) -> i32 {
    let bits = value.to_bits();
    let (exponent, mantissa) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    let (mantissa, exponent) = if exponent == 0 { (mantissa, -1074) } else { (mantissa | 1 << 52, exponent - 1075) };
    exponent + mantissa.trailing_zeros() as i32
}

/// One digit and so many more, correctly rounded, half to even. The float must be finite.
pub fn exact(value: f64, more: usize) -> Digits {
    let mut text = Vec::with_capacity(32);
    let _ = write!(text, "{value:.more$e}");
    taken_apart(&text)
}

const MILLION: f64 = 1e6;

/// Appends a float as `repr` gives it: the shortest digits that are this float, with an exponent where it is below -4 or
/// above 15.
pub fn write_repr(value: f64, out: &mut Vec<u8>) {
    if !value.is_finite() {
        let text: &[u8] = match (value.is_nan(), value > 0.0) {
            (true, _) => b"nan",
            (_, true) => b"inf",
            _ => b"-inf",
        };
        return out.extend_from_slice(text);
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let size = value.abs();
    // Whole numbers below 2^53 have just these digits.
    if size < 9_007_199_254_740_992.0 && size.trunc() == size {
        write_int(size as i64, out);
        return out.extend_from_slice(b".0");
    }
    // A decimal of at most 15 digits that is this float is the only one, and so the shortest.
    if (1e-3..1e9).contains(&size) {
        let millionths = (size * MILLION).round();
        if millionths / MILLION == size {
            let millionths = millionths as i64;
            write_int(millionths / 1_000_000, out);
            out.push(b'.');
            let mut rest = millionths % 1_000_000;
            let mut unit = 100_000;
            while rest > 0 {
                out.push(b'0' + (rest / unit) as u8);
                rest %= unit;
                unit /= 10;
            }
            return;
        }
    }
    let Digits { digits, point } = shortest(size);
    let exponent = point - 1;
    match exponent {
        -4..0 => {
            out.extend_from_slice(&b"0.000"[..1 + (-exponent) as usize]);
            out.extend_from_slice(&digits);
        }
        0..16 => {
            let whole = point as usize;
            if digits.len() > whole {
                out.extend_from_slice(&digits[..whole]);
                out.push(b'.');
                out.extend_from_slice(&digits[whole..]);
            } else {
                out.extend_from_slice(&digits);
                out.resize(out.len() + whole - digits.len(), b'0');
                out.extend_from_slice(b".0");
            }
        }
        _ => {
            out.extend_from_slice(&digits[..1]);
            if digits.len() > 1 {
                out.push(b'.');
                out.extend_from_slice(&digits[1..]);
            }
            write_exponent(exponent, b'e', out);
        }
    }
}

/// Appends `e+05`.
pub fn write_exponent(exponent: i32, letter: u8, out: &mut Vec<u8>) {
    out.push(letter);
    out.push(if exponent < 0 { b'-' } else { b'+' });
    if exponent.abs() < 10 {
        out.push(b'0');
    }
    write_int(i64::from(exponent.abs()), out);
}

/// The whole number of units of 10^-places that is nearest to a float, where it is clear on which side of the middle
/// between two of them the float lies; with the unit.
pub fn nearest_units(value: f64, places: usize) -> Option<(f64, f64)> {
    const TENS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let unit = *TENS.get(places)?;
    let scaled = value * unit;
    if scaled.abs() >= 1e15 {
        return None;
    }
    let nearest = scaled.round_ties_even();
    // The product is off by at most half a unit of its last place, that is less than this.
    let error = scaled.abs() * f64::EPSILON;
    ((scaled - nearest).abs() < 0.5 - error).then_some((nearest, unit))
}

/// Appends a float that isn't negative with so many places, if that is clear without all of its digits.
fn write_fixed_quickly(size: f64, places: usize, point: bool, out: &mut Vec<u8>) -> bool {
    let Some((nearest, unit)) = nearest_units(size, places) else { return false };
    let (nearest, unit) = (nearest as u64, unit as u64);
    write_int((nearest / unit) as i64, out);
    if places > 0 || point {
        out.push(b'.');
    }
    let start = out.len();
    out.resize(start + places, b'0');
    let mut rest = nearest % unit;
    for digit in out[start..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    true
}

/// All pairs of decimal digits.
static PAIRS: [u8; 200] = {
    let mut pairs = [0; 200];
    let mut number = 0;
    while number < 100 {
        pairs[number * 2] = b'0' + (number / 10) as u8;
        pairs[number * 2 + 1] = b'0' + (number % 10) as u8;
        number += 1;
    }
    pairs
};

/// Appends an int in decimal.
pub fn write_int(value: i64, out: &mut Vec<u8>) {
    let mut buffer = [0_u8; 20];
    let mut place = buffer.len();
    let mut rest = value.unsigned_abs();
    while rest >= 100 {
        let pair = (rest % 100) as usize * 2;
        rest /= 100;
        place -= 2;
        buffer[place..place + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    }
    if rest >= 10 {
        place -= 2;
        buffer[place..place + 2].copy_from_slice(&PAIRS[rest as usize * 2..rest as usize * 2 + 2]);
    } else {
        place -= 1;
        buffer[place] = b'0' + rest as u8;
    }
    if value < 0 {
        place -= 1;
        buffer[place] = b'-';
    }
    out.extend_from_slice(&buffer[place..]);
}

/// How a float is written: the conversions of formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// So many places, always with an exponent.
    Exponent(usize),
    /// So many places, never with an exponent.
    Fixed(usize),
    /// So many digits, with an exponent where it is small or large.
    General(usize),
    /// The shortest digits, with an exponent where it is small or large.
    Shortest,
}

/// Appends the size of a float, without a sign, also of nan and inf.
///
/// `point`: with a decimal point in any case, and with zeros at the end; `place`: with a digit behind the point unless there
/// is an exponent.
pub fn write_styled(value: f64, style: Style, point: bool, place: bool, out: &mut Vec<u8>) {
    let size = value.abs();
    if !size.is_finite() {
        return out.extend_from_slice(if size.is_nan() { b"nan" } else { b"inf" });
    }
    let (found, end, exponent) = match style {
        Style::Fixed(places) => {
            if write_fixed_quickly(size, places, point, out) {
                return;
            }
            let _ = write!(out, "{size:.places$}");
            if places == 0 && point {
                out.push(b'.');
            }
            return;
        }
        Style::Exponent(places) => (exact(size, places), 0, true),
        Style::General(precision) => {
            let precision = precision.max(1);
            let mut found = exact(size, precision - 1);
            while found.digits.len() > 1 && found.digits.last() == Some(&b'0') {
                found.digits.pop();
            }
            let exponent = found.point <= -4 || found.point > precision as i32 - i32::from(place);
            (found, if point { precision } else { 0 }, exponent)
        }
        Style::Shortest => {
            let found = shortest(size);
            let exponent = found.point <= -4 || found.point > 16;
            (found, 0, exponent)
        }
    };
    let Digits { mut digits, point: whole } = found;
    let shown = if exponent { 1 } else { whole };
    // Digits up to here are written, counted as the point is.
    let mut end = end.max(digits.len()).max(shown.max(0) as usize);
    if place && !exponent {
        end = end.max((shown + 1).max(0) as usize);
    }
    digits.resize(end, b'0');
    if shown <= 0 {
        out.push(b'0');
        if point || !digits.is_empty() {
            out.push(b'.');
        }
        out.resize(out.len() + shown.unsigned_abs() as usize, b'0');
        out.extend_from_slice(&digits);
    } else {
        let (front, behind) = digits.split_at(shown as usize);
        out.extend_from_slice(front);
        if point || !behind.is_empty() {
            out.push(b'.');
        }
        out.extend_from_slice(behind);
    }
    if exponent {
        write_exponent(whole - 1, b'e', out);
    }
}
