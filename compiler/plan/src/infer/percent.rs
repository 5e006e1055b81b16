//! `%` formats, taken apart: `"%s: %5.2f" % (name, value)`.

use super::arithmetic::concat;
use super::format::Conversion;
use super::{Lowered, Lowering, Value};
use crate::Cause;
use crate::ir::Expression;
use crate::primitive::Primitive;
use crate::types::{Constant, Type};

enum Piece {
    Text(String),
    /// As it is written, with its letter, and the key of its value in a dict.
    Conversion(String, char, Option<String>),
}

impl<'a> Lowering<'a> {
    pub(super) fn percent(&mut self, format: &str, value: &'a Expression) -> Lowered<Value> {
        let value = self.expr(value)?;
        self.percent_of(format, value)
    }

    pub(super) fn percent_of(&mut self, format: &str, value: Value) -> Lowered<Value> {
        let [value] = match self.apart([value], &mut |this, [value]| this.percent_of(format, value)) {
            Ok(value) => return value,
            Err(values) => values,
        };
        let pieces = match pieces(format) {
            Ok(pieces) => pieces,
            Err(why) => return Err(self.refused(why.message, why.edit)),
        };
        let value = value.untitled();
        // None is no tuple, so that it is formatted itself: by CPython.
        let value = match value.of() {
            Type::Optional(of) if matches!(**of, Type::Tuple(_) | Type::TupleOf(_)) || of.named_tuple().is_some() => {
                value.unwrapped().untitled()
            }
            _ => value,
        };
        // A width or precision that comes from the values is one of them.
        let taken = |piece: &Piece| match piece {
            Piece::Conversion(written, ..) => 1 + written.matches('*').count(),
            Piece::Text(_) => 0,
        };
        let wanted: usize = pieces.iter().map(taken).sum();
        let keys: Vec<Option<&String>> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Conversion(_, _, key) => Some(key.as_ref()),
                Piece::Text(_) => None,
            })
            .collect();
        let is_keyed = keys.iter().any(Option::is_some);
        let values = match value.of() {
            Type::Dict(..) | Type::Row(_) if is_keyed && keys.iter().all(Option::is_some) => {
                let of = self.hold(value);
                let keys: Vec<String> = keys.into_iter().flatten().cloned().collect();
                let found = keys.into_iter().map(|key| {
                    let found = self.index_of(of.clone(), Value::str(key))?;
                    Ok(self.hold(found))
                });
                found.collect::<Lowered<Vec<Value>>>()?
            }
            _ if is_keyed => {
                return Err(self.refused("a format takes its values from what is no dict", "use an f-string"));
            }
            Type::Tuple(_) => self.fields(value),
            Type::TupleOf(of) => {
                return Err(
                    self.refused(format!("a format gets a tuple[{of}, ...] of any length"), "write its elements")
                );
            }
            // Python takes no offence at what could be a mapping.
            Type::List(_) | Type::Dict(..) | Type::Row(_) | Type::Record(_) | Type::Bytes if wanted == 0 => {
                return Err(self.refused("a format without conversions gets a value", "leave the value out"));
            }
            _ => vec![value],
        };
        if values.len() != wanted {
            return Err(self.raises(
                format!("a format with {wanted} conversions gets {} values", values.len()),
                "give it one for each conversion",
            ));
        }
        let values: Vec<Value> = values.into_iter().map(|value| self.hold(value)).collect();
        let mut values = values.into_iter();
        let mut texts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Text(text) => texts.push(Value::str(text)),
                Piece::Conversion(written, letter, _) => {
                    let mut written = written.split('*');
                    let mut conversion = vec![Value::str(written.next().unwrap_or_default())];
                    for after in written {
                        let Some(width) = values.next() else { break };
                        if *width.of() != Type::Int {
                            let (message, edit) =
                                (format!("a format takes a width or precision from a {}", width.of()), "use an int");
                            return Err(self.refused(message, edit));
                        }
                        conversion.push(self.convert(width, Conversion::Str)?);
                        conversion.push(Value::str(after));
                    }
                    if let Some(value) = values.next() {
                        let conversion = concat(conversion);
                        let conversion = self.hold(conversion);
                        let text = self.percent_one(conversion, letter, value)?;
                        texts.push(self.hold(text));
                    }
                }
            }
        }
        Ok(concat(texts))
    }

    /// One conversion, as it is written.
    fn percent_one(&mut self, written: Value, letter: char, value: Value) -> Lowered<Value> {
        let call = |written: Value, value: Value| match written.constant() {
            Some(Constant::Str(written)) => {
                Value::call(Type::Str, Primitive::Percent(written.to_string()), vec![value])
            }
            _ => Value::call(Type::Str, Primitive::PercentAs, vec![value, written]),
        };
        if matches!(letter, 's' | 'r' | 'a') {
            let conversion = if letter == 's' { Conversion::Str } else { Conversion::Repr };
            if letter == 'a' {
                return Err(self.refused("`%a` isn't compiled", "use `%r`"));
            }
            let text = self.convert(value, conversion)?;
            if matches!(written.constant(), Some(Constant::Str(written)) if **written == *"%s" || **written == *"%r") {
                return Ok(text);
            }
            return Ok(call(written, text));
        }
        let value = value.unwrapped();
        match (letter, value.of().clone()) {
            (_, Type::Number) => self.by_number(value, |this, value| this.percent_one(written.clone(), letter, value)),
            ('x' | 'X' | 'o', Type::Float) => {
                Err(self.raises(format!("`%{letter}` of a float"), "convert it with `int(…)`"))
            }
            ('c', Type::Float) => Err(self.raises("`%c` of a float", "convert it with `int(…)`")),
            ('c', Type::Int | Type::Bool | Type::Str) | (_, Type::Bool | Type::Int | Type::Float) => {
                Ok(call(written, value))
            }
            (_, Type::Record(record)) => {
                Err(self.refused(format!("`%{letter}` of a {} isn't compiled", record.name), "format its fields"))
            }
            (_, of) => Err(self.raises(format!("`%{letter}` of a {of}"), "convert it, or use `%s`")),
        }
    }
}

/// Whether `*` stands only where Python takes a width or precision.
fn is_placed(written: &str) -> bool {
    let is_whole = |number: &str| !number.contains('*') || number == "*";
    let inside = written.trim_start_matches('%').trim_start_matches(['#', '-', ' ', '+', '0']);
    let inside = inside.trim_end_matches(|sign: char| sign.is_ascii_alphabetic());
    match inside.split_once('.') {
        Some((width, precision)) => is_whole(width) && is_whole(precision),
        None => is_whole(inside),
    }
}

fn pieces(format: &str) -> Result<Vec<Piece>, Cause> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = format.chars().peekable();
    while let Some(next) = rest.next() {
        if next != '%' {
            text.push(next);
            continue;
        }
        let mut written = String::from("%");
        let mut key = None;
        loop {
            match rest.next() {
                None => {
                    return Err(Cause::new(
                        "a format ends in the middle of a conversion",
                        "write `%%` for a percent sign",
                    ));
                }
                Some('%') if written == "%" && key.is_none() => {
                    text.push('%');
                    break;
                }
                Some('(') if written == "%" && key.is_none() => {
                    let mut name = String::new();
                    loop {
                        match rest.next() {
                            None => {
                                return Err(Cause::new(
                                    "a format ends in the middle of a key",
                                    "close its parenthesis",
                                ));
                            }
                            Some('(') => {
                                return Err(Cause::new("a key in a format has parentheses in it", "use an f-string"));
                            }
                            Some(')') => break,
                            Some(part) => name.push(part),
                        }
                    }
                    key = Some(name);
                }
                Some('*') if key.is_some() => {
                    return Err(Cause::new("a format with keys takes a width from its values", "write it out"));
                }
                // Lengths as in C, which mean nothing.
                Some('h' | 'l' | 'L') => {}
                Some(part) if part.is_ascii_digit() || matches!(part, '#' | '-' | ' ' | '+' | '.' | '*') => {
                    written.push(part);
                }
                Some(letter) if "srdiuoxXeEfFgGca".contains(letter) => {
                    // A repr is text then, which is only padded and cut.
                    written.push(if letter == 'r' && written.len() > 1 { 's' } else { letter });
                    if !is_placed(&written) {
                        return Err(Cause::new(
                            "a conversion that Python's formats don't have",
                            "use `%s`, `%d` or `%f`",
                        ));
                    }
                    if !text.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut text)));
                    }
                    pieces.push(Piece::Conversion(written, letter, key));
                    break;
                }
                Some(_) => {
                    return Err(Cause::new("a conversion that Python's formats don't have", "use `%s`, `%d` or `%f`"));
                }
            }
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}
