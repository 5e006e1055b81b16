//! Single conversions of `%` formats.

use super::Prepared;
use super::abi::{Context, Text};
use super::code_points::{byte_of, count};
use super::float_text::{Style, write_styled};
use super::format::digits;
use super::number::Number;
use super::text::LARGEST;
use super::values::write_value;
use super::views::{Value, View};
use pyflink_plan::typed::Why;
use pyflink_plan::types::Type;

/// A conversion, as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    kind: u8,
}

const MOST_DIGITS: usize = 1000;

/// Reads a conversion; `None` if it is none, or isn't done here for values of that type.
pub fn parse(text: &str, of: &Type) -> Option<Conversion> {
    let mut rest = text.strip_prefix('%')?.as_bytes();
    let mut found = Conversion {
        left: false,
        plus: false,
        blank: false,
        alternate: false,
        zero: false,
        width: 0,
        precision: None,
        kind: 0,
    };
    while let [flag, behind @ ..] = rest {
        match flag {
            b'-' => found.left = true,
            b'+' => found.plus = true,
            b' ' => found.blank = true,
            b'#' => found.alternate = true,
            b'0' => found.zero = true,
            _ => break,
        }
        rest = behind;
    }
    let number = |rest: &mut &[u8]| {
        let mut value = 0_usize;
        while let [digit @ b'0'..=b'9', behind @ ..] = *rest {
            value = value.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
            *rest = behind;
        }
        value
    };
    found.width = number(&mut rest);
    if let [b'.', behind @ ..] = rest {
        rest = behind;
        found.precision = Some(number(&mut rest));
    }
    if let [b'h' | b'l' | b'L', behind @ ..] = rest {
        rest = behind;
    }
    let [kind] = rest else { return None };
    found.kind = *kind;
    let numeric = matches!(of, Type::Bool | Type::Int | Type::Float | Type::Number);
    let allowed = match kind {
        b's' | b'r' => true,
        b'd' | b'i' | b'u' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => numeric,
        b'o' | b'x' | b'X' => numeric && *of != Type::Float,
        b'c' => matches!(of, Type::Bool | Type::Int | Type::Str),
        _ => false,
    };
    let digits_fit = matches!(kind, b's' | b'r' | b'c') || found.precision.is_none_or(|digits| digits <= MOST_DIGITS);
    (allowed && digits_fit && found.width <= LARGEST).then_some(found)
}

impl Conversion {
    fn write(&self, value: Value<'_>, out: &mut Vec<u8>) -> Result<(), Why> {
        match self.kind {
            b's' | b'r' => {
                let mut text = Vec::new();
                match self.kind {
                    b's' => write_value(value, false, &mut text)?,
                    _ => write_value(value, true, &mut text)?,
                }
                let text = String::from_utf8(text).map_err(|_| Why::Unusual)?;
                let end = self.precision.and_then(|precision| byte_of(&text, precision)).unwrap_or(text.len());
                self.write_text(&text[..end], out);
            }
            b'c' => {
                let c = match value.view() {
                    View::Bool(value) => char::from(u8::from(value)),
                    View::Int(value) => u32::try_from(value).ok().and_then(char::from_u32).ok_or(Why::Raises)?,
                    View::Str(text) => {
                        let mut characters = text.chars();
                        let (Some(c), None) = (characters.next(), characters.next()) else { return Err(Why::Raises) };
                        c
                    }
                    _ => return Err(Why::Raises),
                };
                self.write_text(c.encode_utf8(&mut [0; 4]), out);
            }
            _ => {
                let number = match value.view() {
                    View::Bool(value) => Number::Bool(value),
                    View::Int(value) => Number::Int(value),
                    View::Float(value) => Number::Float(value),
                    View::Number(number) => number,
                    _ => return Err(Why::Raises),
                };
                let mut body = Vec::with_capacity(32);
                let (negative, prefix) = self.write_digits(number, &mut body)?;
                self.write_number(negative, prefix, &body, out);
            }
        }
        Ok(())
    }

    /// The digits of a number; whether it is negative, and its prefix.
    fn write_digits(&self, number: Number, body: &mut Vec<u8>) -> Result<(bool, &'static [u8]), Why> {
        let precision = self.precision.unwrap_or(6);
        let style = match self.kind {
            b'e' | b'E' => Style::Exponent(precision),
            b'f' | b'F' => Style::Fixed(precision),
            b'g' | b'G' => Style::General(precision),
            _ => {
                let value = match number {
                    Number::Bool(value) => i64::from(value),
                    Number::Int(value) => value,
                    Number::Float(value) if value.is_finite() && matches!(self.kind, b'd' | b'i' | b'u') => {
                        return Ok((self.write_truncated(value, body), b""));
                    }
                    Number::Float(_) => return Err(Why::Raises),
                };
                let (base, prefix): (u64, &[u8]) = match self.kind {
                    b'o' => (8, b"0o"),
                    b'x' => (16, b"0x"),
                    b'X' => (16, b"0X"),
                    _ => (10, b""),
                };
                let mut buffer = [0; 64];
                let digits = digits(value.unsigned_abs(), base, self.kind == b'X', &mut buffer);
                body.resize(self.precision.unwrap_or(0).saturating_sub(digits.len()), b'0');
                body.extend_from_slice(digits);
                return Ok((value < 0, if self.alternate { prefix } else { b"" }));
            }
        };
        let value = match number {
            Number::Bool(value) => f64::from(u8::from(value)),
            Number::Int(value) => value as f64,
            Number::Float(value) => value,
        };
        write_styled(value, style, self.alternate, false, body);
        if self.kind.is_ascii_uppercase() {
            body.make_ascii_uppercase();
        }
        Ok((value.is_sign_negative() && !value.is_nan(), b""))
    }

    /// The digits of the int that a finite float is without its fraction; whether that is negative.
    fn write_truncated(&self, value: f64, body: &mut Vec<u8>) -> bool {
        let whole = value.trunc();
        write_styled(whole, Style::Fixed(0), false, false, body);
        let missing = self.precision.unwrap_or(0).saturating_sub(body.len());
        body.splice(0..0, std::iter::repeat_n(b'0', missing));
        whole < 0.0
    }

    fn write_text(&self, text: &str, out: &mut Vec<u8>) {
        let missing = self.width.saturating_sub(count(text));
        if !self.left {
            out.resize(out.len() + missing, b' ');
        }
        out.extend_from_slice(text.as_bytes());
        if self.left {
            out.resize(out.len() + missing, b' ');
        }
    }

    fn write_number(&self, negative: bool, prefix: &[u8], body: &[u8], out: &mut Vec<u8>) {
        let sign = match (negative, self.plus, self.blank) {
            (true, ..) => Some(b'-'),
            (_, true, _) => Some(b'+'),
            (.., true) => Some(b' '),
            _ => None,
        };
        let missing = self.width.saturating_sub(usize::from(sign.is_some()) + prefix.len() + body.len());
        // Zeros stand behind the sign and the prefix, spaces ahead of them.
        let (ahead, zeros) = match (self.left, self.zero) {
            (true, _) => (0, 0),
            (false, true) => (0, missing),
            (false, false) => (missing, 0),
        };
        out.resize(out.len() + ahead, b' ');
        out.extend(sign);
        out.extend_from_slice(prefix);
        out.resize(out.len() + zeros, b'0');
        out.extend_from_slice(body);
        out.resize(out.len() + missing - ahead - zeros, b' ');
    }
}

pub fn percent(context: &mut Context<'_>, value: Value<'_>) -> Result<Text, Why> {
    let Prepared::Percent(conversion) = &context.site.prepared else { return Err(Why::Unusual) };
    context.memory.written(|out| conversion.write(value, out)).map(Text)
}

/// The same, where the conversion is a value.
pub fn percent_as(context: &mut Context<'_>, value: Value<'_>, written: &str) -> Result<Text, Why> {
    let of = context.site.operands.first().ok_or(Why::Unusual)?;
    let conversion = parse(written, of).ok_or(Why::Unusual)?;
    context.memory.written(|out| conversion.write(value, out)).map(Text)
}
