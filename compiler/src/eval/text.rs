//! Methods of `str`, where Python and Rust surely agree.

use super::Evaluator;
use super::branch::Eval;
use super::call::Arguments;
use super::stmt::Items;
use super::value::Value;
use num_bigint::BigInt;
use pyflink_plan::Span;

/// All methods of `str`; those that [`call`](Evaluator::text_method) doesn't know give opaque values.
pub const METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

impl Evaluator<'_> {
    pub fn text_method(&mut self, text: &str, name: &str, arguments: Arguments, span: Span) -> Eval<Value> {
        if name == "format" {
            let positional: Vec<Value> = arguments.positional.iter().map(|(value, _)| value.clone()).collect();
            let named: Vec<(String, Value)> =
                arguments.named.iter().map(|(name, value, _)| (name.to_string(), value.clone())).collect();
            let formatted = match arguments.unknown {
                None => self.format_template(text, &positional, &named),
                Some(_) => None,
            };
            return Ok(match formatted {
                Some(text) => Value::str(text),
                None => self.opaque(span),
            });
        }
        let Some(values) = arguments.plain() else { return Ok(self.opaque(span)) };
        if name == "join" {
            let Some(iterable) = values.first() else { return Ok(self.opaque(span)) };
            return Ok(match self.items(iterable, span)? {
                Items::Known(items) => {
                    let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                    match texts {
                        Some(texts) => Value::str(texts.join(text)),
                        None => self.opaque(span),
                    }
                }
                Items::Opaque(_) => self.opaque(span),
            });
        }
        let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
        let ascii = text.is_ascii();
        let list = |e: &mut Self, parts: Vec<&str>| {
            let items = parts.into_iter().map(Value::str).collect();
            e.list(items)
        };
        let value = match (name, texts.as_deref(), values.as_slice()) {
            ("lower", Some([]), _) if ascii => Value::str(text.to_ascii_lowercase()),
            ("upper", Some([]), _) if ascii => Value::str(text.to_ascii_uppercase()),
            ("strip", Some([]), _) if ascii => Value::str(text.trim_matches(is_space)),
            ("lstrip", Some([]), _) if ascii => Value::str(text.trim_start_matches(is_space)),
            ("rstrip", Some([]), _) if ascii => Value::str(text.trim_end_matches(is_space)),
            ("strip", Some([chars]), _) => Value::str(text.trim_matches(|c| chars.contains(c))),
            ("lstrip", Some([chars]), _) => Value::str(text.trim_start_matches(|c| chars.contains(c))),
            ("rstrip", Some([chars]), _) => Value::str(text.trim_end_matches(|c| chars.contains(c))),
            ("split", Some([]), _) if ascii => {
                list(self, text.split(is_space).filter(|part| !part.is_empty()).collect())
            }
            ("split", Some([separator]), _) if !separator.is_empty() => list(self, text.split(separator).collect()),
            ("split", _, [Value::Str(separator), Value::Int(most)]) if !separator.is_empty() => {
                match usize::try_from(most) {
                    Ok(most) => list(self, text.splitn(most + 1, &**separator).collect()),
                    Err(_) => list(self, text.split(&**separator).collect()),
                }
            }
            ("rsplit", _, [Value::Str(separator), Value::Int(most)]) if !separator.is_empty() => {
                match usize::try_from(most) {
                    Ok(most) => {
                        let mut parts: Vec<&str> = text.rsplitn(most + 1, &**separator).collect();
                        parts.reverse();
                        list(self, parts)
                    }
                    Err(_) => list(self, text.split(&**separator).collect()),
                }
            }
            ("splitlines", Some([]), _) if ascii && !text.contains(['\r', '\x0b', '\x0c', '\x1c', '\x1d', '\x1e']) => {
                list(self, text.lines().collect())
            }
            ("partition", Some([separator]), _) if !separator.is_empty() => {
                let (before, middle, after) = match text.split_once(separator) {
                    Some((before, after)) => (before, *separator, after),
                    None => (text, "", ""),
                };
                Value::tuple([before, middle, after].map(Value::str).to_vec())
            }
            ("replace", Some([from, to]), _) if !from.is_empty() => Value::str(text.replace(from, to)),
            ("startswith", Some([start]), _) => Value::Bool(text.starts_with(start)),
            ("endswith", Some([end]), _) => Value::Bool(text.ends_with(end)),
            ("removeprefix", Some([start]), _) => Value::str(text.strip_prefix(start).unwrap_or(text)),
            ("removesuffix", Some([end]), _) => Value::str(text.strip_suffix(end).unwrap_or(text)),
            ("find", Some([part]), _) => {
                let at = text.find(part).map(|at| text[..at].chars().count());
                Value::Int(at.map_or(BigInt::from(-1), BigInt::from))
            }
            ("count", Some([part]), _) if !part.is_empty() => Value::int(text.matches(part).count()),
            ("isdigit", Some([]), _) if ascii => {
                Value::Bool(!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
            }
            ("isalpha", Some([]), _) if ascii => {
                Value::Bool(!text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic()))
            }
            ("zfill", _, [Value::Int(width)]) => match usize::try_from(width).ok().filter(|width| *width < 10_000) {
                Some(width) if !text.starts_with(['+', '-']) => {
                    let missing = width.saturating_sub(text.chars().count());
                    Value::str("0".repeat(missing) + text)
                }
                _ => self.opaque(span),
            },
            ("encode", Some([] | ["utf-8" | "utf8" | "UTF-8"]), _) => Value::Bytes(text.as_bytes().into()),
            ("capitalize", Some([]), _) if ascii => {
                let mut lower = text.to_ascii_lowercase();
                if let Some(first) = lower.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                Value::str(lower)
            }
            _ => self.opaque(span),
        };
        Ok(value)
    }
}

/// What `str.split()` and `str.strip()` take as white space, in ASCII.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1f')
}
