//! `int()` and `float()` of text.

use super::abi::Context;
use pyflink_plan::typed::Why;

/// The white space around numbers: that of C, which is less than what `str.strip` takes.
fn trimmed(text: &str) -> Result<&[u8], Why> {
    if !text.is_ascii() {
        return Err(Why::NotAscii);
    }
    let mut bytes = text.as_bytes();
    while let [b'\t'..=b'\r' | b' ', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b'\t'..=b'\r' | b' '] = bytes {
        bytes = rest;
    }
    Ok(bytes)
}

fn signed(bytes: &[u8]) -> (bool, &[u8]) {
    match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    }
}

/// Digits with single underscores between them.
fn digits(bytes: &[u8], base: u32, negative: bool) -> Result<i64, Why> {
    let mut value: i64 = 0;
    let mut after_digit = false;
    for byte in bytes {
        if *byte == b'_' {
            if !after_digit {
                return Err(Why::Raises);
            }
            after_digit = false;
            continue;
        }
        let digit = char::from(*byte).to_digit(base).ok_or(Why::Raises)?;
        // Downwards, since there is one negative number more than positive ones.
        value =
            value.checked_mul(i64::from(base)).and_then(|v| v.checked_sub(i64::from(digit))).ok_or(Why::Overflow)?;
        after_digit = true;
    }
    match (after_digit, negative) {
        (false, _) => Err(Why::Raises),
        (true, true) => Ok(value),
        (true, false) => value.checked_neg().ok_or(Why::Overflow),
    }
}

pub fn to_int(_: &mut Context<'_>, text: &str) -> Result<i64, Why> {
    let (negative, bytes) = signed(trimmed(text)?);
    digits(bytes, 10, negative)
}

/// Digits of a text that Python takes for an int, whatever the version.
const MOST_DIGITS: usize = 4300;

pub fn to_int_mod(_: &mut Context<'_>, text: &str, modulus: i64) -> Result<i64, Why> {
    if modulus <= 0 || text.len() > MOST_DIGITS {
        return Err(Why::Unusual);
    }
    let (negative, bytes) = signed(trimmed(text)?);
    let modulus = i128::from(modulus);
    let mut rest: i128 = 0;
    let mut after_digit = false;
    for byte in bytes {
        match byte {
            b'_' if after_digit => after_digit = false,
            b'0'..=b'9' => {
                rest = (rest * 10 + i128::from(byte - b'0')) % modulus;
                after_digit = true;
            }
            _ => return Err(Why::Raises),
        }
    }
    if !after_digit {
        return Err(Why::Raises);
    }
    let rest = if negative { (modulus - rest) % modulus } else { rest };
    Ok(rest as i64)
}

pub fn to_int_base(_: &mut Context<'_>, text: &str, base: i64) -> Result<i64, Why> {
    let (negative, bytes) = signed(trimmed(text)?);
    let prefixed = match bytes {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    match base {
        0 | 2 | 8 | 16 if prefixed != 0 && (base == 0 || base == prefixed) => {
            let rest = &bytes[2..];
            digits(rest.strip_prefix(b"_").unwrap_or(rest), prefixed as u32, negative)
        }
        0 => {
            let value = digits(bytes, 10, negative)?;
            // Zeros ahead of a number were octal once, and are an error now.
            if bytes.first() == Some(&b'0') && value != 0 { Err(Why::Raises) } else { Ok(value) }
        }
        2..=36 => digits(bytes, base as u32, negative),
        _ => Err(Why::Raises),
    }
}

pub fn to_float(_: &mut Context<'_>, text: &str) -> Result<f64, Why> {
    let bytes = trimmed(text)?;
    if !bytes.contains(&b'_') {
        return number(bytes);
    }
    let mut plain = Vec::with_capacity(bytes.len());
    for (place, byte) in bytes.iter().enumerate() {
        if *byte != b'_' {
            plain.push(*byte);
            continue;
        }
        let is_digit = |place: Option<usize>| place.and_then(|place| bytes.get(place)).is_some_and(u8::is_ascii_digit);
        if !is_digit(place.checked_sub(1)) || !is_digit(place.checked_add(1)) {
            return Err(Why::Raises);
        }
    }
    number(&plain)
}

/// Rust's grammar of floats is Python's.
fn number(bytes: &[u8]) -> Result<f64, Why> {
    std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).ok_or(Why::Raises)
}
