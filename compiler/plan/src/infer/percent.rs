//! `%` formats, taken apart: `"%s: %5.2f" % (name, value)`.

use super::arithmetic::concat;
use super::format::Conversion;
use super::{Lowered, Lowering, Value};
use crate::Cause;
use crate::ir::Expression;
use crate::primitive::Primitive;
use crate::types::Type;

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
        let wanted = pieces.iter().filter(|piece| matches!(piece, Piece::Conversion(..))).count();
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
                    if let Some(value) = values.next() {
                        let text = self.percent_one(written, letter, value)?;
                        texts.push(self.hold(text));
                    }
                }
            }
        }
        Ok(concat(texts))
    }

    fn percent_one(&mut self, written: String, letter: char, value: Value) -> Lowered<Value> {
        if matches!(letter, 's' | 'r' | 'a') {
            let conversion = if letter == 's' { Conversion::Str } else { Conversion::Repr };
            if letter == 'a' {
                return Err(self.refused("`%a` isn't compiled", "use `%r`"));
            }
            let text = self.convert(value, conversion)?;
            if written == "%s" || written == "%r" {
                return Ok(text);
            }
            // What is text now is only padded and cut.
            let written = written.replace('r', "s");
            return Ok(Value::call(Type::Str, Primitive::Percent(written), vec![text]));
        }
        let value = value.unwrapped();
        match (letter, value.of().clone()) {
            (_, Type::Number) => self.by_number(value, |this, value| this.percent_one(written.clone(), letter, value)),
            ('x' | 'X' | 'o', Type::Float) => {
                Err(self.raises(format!("`%{letter}` of a float"), "convert it with `int(…)`"))
            }
            ('c', Type::Float) => Err(self.raises("`%c` of a float", "convert it with `int(…)`")),
            ('c', Type::Int | Type::Bool | Type::Str) | (_, Type::Bool | Type::Int | Type::Float) => {
                Ok(Value::call(Type::Str, Primitive::Percent(written), vec![value]))
            }
            (_, Type::Record(record)) => {
                Err(self.refused(format!("`%{letter}` of a {} isn't compiled", record.name), "format its fields"))
            }
            (_, of) => Err(self.raises(format!("`%{letter}` of a {of}"), "convert it, or use `%s`")),
        }
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
                Some('*') => {
                    return Err(Cause::new(
                        "a format takes a width from its values",
                        "write it out, or use an f-string",
                    ));
                }
                // Lengths as in C, which mean nothing.
                Some('h' | 'l' | 'L') => {}
                Some(part) if part.is_ascii_digit() || matches!(part, '#' | '-' | ' ' | '+' | '.') => {
                    written.push(part);
                }
                Some(letter) if "srdiuoxXeEfFgGca".contains(letter) => {
                    written.push(letter);
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
