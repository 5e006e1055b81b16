//! `format()` of bools, ints, floats and text: the mini-language of format specs.

use super::Prepared;
use super::abi::{Context, Text};
use super::code_points::{byte_of, count};
use super::float_text::{Style, write_styled};
use super::number::Number;
use super::text::{LARGEST, push};
use super::values::write_value;
use super::views::{Value, View};
use pyflink_plan::typed::Why;
use pyflink_plan::types::Type;

/// A format spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    fill: char,
    /// One of `<>=^`, if it is given.
    align: Option<u8>,
    /// One of `+- `, if it is given.
    sign: Option<u8>,
    no_negative_zero: bool,
    alternate: bool,
    width: usize,
    /// The separator of thousands.
    group: Option<u8>,
    precision: Option<usize>,
    kind: Option<u8>,
}

/// Digits behind the point that are asked for at most; more is for CPython.
const MOST_DIGITS: usize = 1000;

/// Reads a spec for a value of that type. `None` if Python refuses it, or if it isn't done here.
pub fn parse(spec: &str, of: &Type, python: (u8, u8)) -> Option<Spec> {
    let text = *of == Type::Str;
    let characters: Vec<char> = spec.chars().collect();
    let is_align = |place: usize| characters.get(place).is_some_and(|c| matches!(c, '<' | '>' | '=' | '^'));
    let mut place = 0;
    let mut found = Spec {
        fill: ' ',
        align: None,
        sign: None,
        no_negative_zero: false,
        alternate: false,
        width: 0,
        group: None,
        precision: None,
        kind: None,
    };
    let mut filled = false;
    if is_align(1) {
        (found.fill, found.align, filled) = (characters[0], Some(characters[1] as u8), true);
        place = 2;
    } else if is_align(0) {
        found.align = Some(characters[0] as u8);
        place = 1;
    }
    let next = |place: &mut usize, among: &[char]| {
        let c = characters.get(*place).filter(|c| among.contains(c))?;
        *place += 1;
        Some(*c as u8)
    };
    found.sign = next(&mut place, &['+', '-', ' ']);
    if python.0 >= 11 {
        found.no_negative_zero = next(&mut place, &['z']).is_some();
    }
    found.alternate = next(&mut place, &['#']).is_some();
    if !filled && next(&mut place, &['0']).is_some() {
        found.fill = '0';
        if found.align.is_none() && (!text || python.0 < 10) {
            found.align = Some(b'=');
        }
    }
    let number = |place: &mut usize| {
        let start = *place;
        let mut value = 0_usize;
        while let Some(digit) = characters.get(*place).and_then(|c| c.to_digit(10)) {
            value = value.saturating_mul(10).saturating_add(digit as usize);
            *place += 1;
        }
        (*place > start).then_some(value)
    };
    found.width = number(&mut place).unwrap_or(0);
    found.group = next(&mut place, &[',', '_']);
    if next(&mut place, &['.']).is_some() {
        found.precision = Some(number(&mut place)?);
    }
    if let Some(kind) = characters.get(place) {
        found.kind = Some(u8::try_from(*kind).ok()?);
        place += 1;
    }
    (place == characters.len() && found.width <= LARGEST && found.allowed(of)).then_some(found)
}

impl Spec {
    fn write(&self, value: Value<'_>, out: &mut Vec<u8>) -> Result<(), Why> {
        match value.view() {
            View::Str(text) => {
                self.write_text(text, out);
                Ok(())
            }
            View::Bool(value) => self.write_int(i64::from(value), out),
            View::Int(value) => self.write_int(value, out),
            View::Float(value) => {
                self.write_float(value, out);
                Ok(())
            }
            _ => Err(Why::Unusual),
        }
    }

    fn allowed(&self, of: &Type) -> bool {
        match of {
            Type::Str => {
                matches!(self.kind, None | Some(b's'))
                    && self.sign.is_none()
                    && !self.no_negative_zero
                    && !self.alternate
                    && self.group.is_none()
                    && self.align != Some(b'=')
            }
            Type::Float => self.allowed_float(),
            Type::Int | Type::Bool => match self.kind {
                None | Some(b'd' | b'b' | b'o' | b'x' | b'X') => {
                    let decimal = matches!(self.kind, None | Some(b'd'));
                    self.precision.is_none() && !self.no_negative_zero && (decimal || self.group != Some(b','))
                }
                Some(b'c') => {
                    self.precision.is_none()
                        && !self.no_negative_zero
                        && self.sign.is_none()
                        && !self.alternate
                        && self.group.is_none()
                }
                _ => self.allowed_float(),
            },
            _ => false,
        }
    }

    fn allowed_float(&self) -> bool {
        matches!(self.kind, None | Some(b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%'))
            && self.precision.is_none_or(|precision| precision <= MOST_DIGITS)
    }

    fn write_text(&self, text: &str, out: &mut Vec<u8>) {
        let text = match self.precision.and_then(|precision| byte_of(text, precision)) {
            Some(end) => &text[..end],
            None => text,
        };
        let missing = self.width.saturating_sub(count(text));
        let left = match self.align {
            Some(b'>') => missing,
            Some(b'^') => missing / 2,
            _ => 0,
        };
        self.pad(left, out);
        out.extend_from_slice(text.as_bytes());
        self.pad(missing - left, out);
    }

    fn pad(&self, times: usize, out: &mut Vec<u8>) {
        if self.fill.is_ascii() {
            out.resize(out.len() + times, self.fill as u8);
        } else {
            (0..times).for_each(|_| push(out, self.fill));
        }
    }

    fn write_int(&self, value: i64, out: &mut Vec<u8>) -> Result<(), Why> {
        let (base, group, prefix) = match self.kind {
            None | Some(b'd') => (10, 3, ""),
            Some(b'b') => (2, 4, "0b"),
            Some(b'o') => (8, 4, "0o"),
            Some(b'x') => (16, 4, "0x"),
            Some(b'X') => (16, 4, "0X"),
            Some(b'c') => {
                let c = u32::try_from(value).ok().and_then(char::from_u32).ok_or(Why::Raises)?;
                self.write_number(false, "", &[], c.encode_utf8(&mut [0; 4]), 3, out);
                return Ok(());
            }
            _ => {
                self.write_float(value as f64, out);
                return Ok(());
            }
        };
        let mut buffer = [0; 64];
        let digits = digits(value.unsigned_abs(), base, self.kind == Some(b'X'), &mut buffer);
        self.write_number(value < 0, if self.alternate { prefix } else { "" }, digits, "", group, out);
        Ok(())
    }

    fn write_float(&self, value: f64, out: &mut Vec<u8>) {
        let percent = self.kind == Some(b'%');
        let value = if percent { value * 100.0 } else { value };
        let precision = self.precision.unwrap_or(6);
        let style = match self.kind {
            Some(b'e' | b'E') => Style::Exponent(precision),
            Some(b'f' | b'F' | b'%') => Style::Fixed(precision),
            Some(_) => Style::General(precision),
            None => self.precision.map_or(Style::Shortest, Style::General),
        };
        let mut body = Vec::with_capacity(32);
        write_styled(value, style, self.alternate, self.kind.is_none(), &mut body);
        if matches!(self.kind, Some(b'E' | b'F' | b'G')) {
            body.make_ascii_uppercase();
        }
        // An exponent is one of a number that isn't 0, or it is 0 itself.
        let zero =
            || !body.iter().take_while(|byte| !byte.eq_ignore_ascii_case(&b'e')).any(|b| matches!(b, b'1'..=b'9'));
        let negative =
            value.is_sign_negative() && !value.is_nan() && !(self.no_negative_zero && value.is_finite() && zero());
        if percent {
            body.push(b'%');
        }
        let whole = body.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = body.split_at(whole);
        self.write_number(negative, "", digits, &String::from_utf8_lossy(rest), 3, out);
    }

    /// Sign, prefix, digits in groups, and what comes behind them, filled up to the width.
    fn write_number(&self, negative: bool, prefix: &str, digits: &[u8], rest: &str, group: usize, out: &mut Vec<u8>) {
        let sign = match (negative, self.sign) {
            (true, _) => Some(b'-'),
            (false, Some(sign @ (b'+' | b' '))) => Some(sign),
            _ => None,
        };
        let others = usize::from(sign.is_some()) + prefix.len() + rest.chars().count();
        let align = self.align.unwrap_or(b'>');
        let least = if self.fill == '0' && align == b'=' { self.width.saturating_sub(others) } else { 0 };
        let mut grouped = Vec::new();
        let digits = match (self.group, digits) {
            (_, []) => digits,
            (None, _) if digits.len() >= least => digits,
            _ => {
                group_digits(digits, least, self.group.map(|separator| (separator, group)), &mut grouped);
                &grouped
            }
        };
        let missing = self.width.saturating_sub(others + digits.len());
        let (left, inner) = match align {
            b'<' => (0, 0),
            b'^' => (missing / 2, 0),
            b'=' => (0, missing),
            _ => (missing, 0),
        };
        self.pad(left, out);
        out.extend(sign);
        out.extend_from_slice(prefix.as_bytes());
        self.pad(inner, out);
        out.extend_from_slice(digits);
        out.extend_from_slice(rest.as_bytes());
        self.pad(missing - left - inner, out);
    }
}

/// Digits with a separator between groups, filled up with zeros to a width; a separator is never first, so that it may
/// become one wider.
fn group_digits(digits: &[u8], width: usize, separator: Option<(u8, usize)>, out: &mut Vec<u8>) {
    let mut backwards = Vec::with_capacity(width.max(digits.len() * 2));
    let mut left = digits;
    let (mut remaining, mut least) = (digits.len(), width as i64);
    loop {
        let wanted = remaining.max(least.max(0) as usize).max(1);
        let length = separator.map_or(wanted, |(_, group)| group.min(wanted));
        for _ in 0..length {
            backwards.push(match left {
                [rest @ .., digit] => {
                    left = rest;
                    *digit
                }
                [] => b'0',
            });
        }
        remaining = left.len();
        least -= length as i64;
        let Some((separator, _)) = separator else { break };
        if remaining == 0 && least <= 0 {
            break;
        }
        backwards.push(separator);
        least -= 1;
    }
    out.extend(backwards.iter().rev());
}

/// Digits of a number in a base up to 16.
pub fn digits(mut value: u64, base: u64, upper: bool, buffer: &mut [u8; 64]) -> &[u8] {
    let alphabet: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let mut place = buffer.len();
    loop {
        place -= 1;
        buffer[place] = alphabet[(value % base) as usize];
        value /= base;
        if value == 0 || place == 0 {
            return &buffer[place..];
        }
    }
}

pub fn format(context: &mut Context<'_>, value: Value<'_>) -> Result<Text, Why> {
    let Prepared::Format(spec) = &context.site.prepared else { return Err(Why::Unusual) };
    let words = context.memory.written(|out| spec.write(value, out))?;
    Ok(Text(words))
}

/// `format()` with a spec that is a value.
pub fn format_as(context: &mut Context<'_>, value: Value<'_>, spec: &str) -> Result<Text, Why> {
    if spec.is_empty() {
        return str(context, value);
    }
    let of = context.site.operands.first().ok_or(Why::Unusual)?;
    let spec = parse(spec, of, context.site.python).ok_or(Why::Unusual)?;
    let words = context.memory.written(|out| spec.write(value, out))?;
    Ok(Text(words))
}

/// `format()` of a number that may be of several types, each with its spec.
pub fn format_number(context: &mut Context<'_>, number: Number) -> Result<Text, Why> {
    let Prepared::FormatNumber(specs) = &context.site.prepared else { return Err(Why::Unusual) };
    let words = context.memory.written(|out| match (number, &**specs) {
        (Number::Bool(value), [Some(spec), _]) => spec.write_int(i64::from(value), out),
        (Number::Int(value), [Some(spec), _]) => spec.write_int(value, out),
        (Number::Float(value), [_, Some(spec)]) => {
            spec.write_float(value, out);
            Ok(())
        }
        _ => Err(Why::Raises),
    })?;
    Ok(Text(words))
}

/// `str()`, and `format()` without a spec.
pub fn str(context: &mut Context<'_>, value: Value<'_>) -> Result<Text, Why> {
    if let View::Str(text) = value.view() {
        return Ok(Text::view(text));
    }
    context.memory.written(|out| write_value(value, false, out)).map(Text)
}
