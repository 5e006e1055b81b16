//! Text from values: `format`, `str.format`, `%` and `repr` of strings. What isn't known here is `None`, never a guess.

use super::Evaluator;
use super::numbers;
use super::value::{Object, Value};
use num_bigint::BigInt;

/// `[[fill]align][sign][#][0][width][,][.precision][type]`.
#[derive(Debug, Default)]
struct Spec {
    fill: char,
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    width: usize,
    comma: bool,
    precision: Option<usize>,
    kind: Option<char>,
}

fn parse(spec: &str) -> Option<Spec> {
    let mut rest: Vec<char> = spec.chars().collect();
    let mut parsed = Spec { fill: ' ', ..Spec::default() };
    let is_align = |c: Option<&char>| matches!(c, Some('<' | '>' | '^' | '='));
    if is_align(rest.get(1)) {
        parsed.fill = rest[0];
        parsed.align = Some(rest[1]);
        rest.drain(..2);
    } else if is_align(rest.first()) {
        parsed.align = Some(rest.remove(0));
    }
    if matches!(rest.first(), Some('+' | '-' | ' ')) {
        parsed.sign = Some(rest.remove(0));
    }
    if rest.first() == Some(&'#') {
        parsed.alternate = true;
        rest.remove(0);
    }
    if rest.first() == Some(&'0') {
        rest.remove(0);
        if parsed.align.is_none() {
            parsed.fill = '0';
            parsed.align = Some('=');
        }
    }
    let digits = |rest: &mut Vec<char>| {
        let length = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        rest.drain(..length).collect::<String>().parse::<usize>().ok()
    };
    parsed.width = digits(&mut rest).unwrap_or(0);
    if rest.first() == Some(&',') {
        parsed.comma = true;
        rest.remove(0);
    }
    if rest.first() == Some(&'.') {
        rest.remove(0);
        parsed.precision = Some(digits(&mut rest)?);
    }
    match rest.as_slice() {
        [] => {}
        [kind] => parsed.kind = Some(*kind),
        _ => return None,
    }
    (parsed.width < 10_000 && parsed.precision.unwrap_or(0) < 1_000).then_some(parsed)
}

impl Evaluator<'_> {
    /// `format(value, spec)`.
    pub fn format_value(&self, value: &Value, spec: &str) -> Option<String> {
        if spec.is_empty() {
            return self.display(value);
        }
        let spec = parse(spec)?;
        match value {
            Value::Str(text) if matches!(spec.kind, None | Some('s')) && spec.sign.is_none() && !spec.comma => {
                let text: String = text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
                Some(pad(&text, &spec, '<'))
            }
            Value::Int(number) => match spec.kind {
                None | Some('d') if spec.precision.is_none() => {
                    Some(number_text(number, number.magnitude().to_string(), "", &spec))
                }
                Some('x') => Some(number_text(number, format!("{:x}", number.magnitude()), "0x", &spec)),
                Some('X') => Some(number_text(number, format!("{:X}", number.magnitude()), "0X", &spec)),
                Some('b') => Some(number_text(number, format!("{:b}", number.magnitude()), "0b", &spec)),
                Some('o') => Some(number_text(number, format!("{:o}", number.magnitude()), "0o", &spec)),
                Some('f' | '%') => float_text(numbers::float(value)?, &spec),
                _ => None,
            },
            Value::Float(number) if matches!(spec.kind, Some('f' | '%')) => float_text(*number, &spec),
            _ => None,
        }
    }

    /// `template.format(*positional, **named)`.
    pub fn format_template(
        &mut self,
        template: &str,
        positional: &[Value],
        named: &[(String, Value)],
    ) -> Option<String> {
        let mut text = String::new();
        let mut automatic = 0;
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            text.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            if rest[at + 1..].starts_with(brace) {
                text.push_str(brace);
                rest = &rest[at + 2..];
                continue;
            }
            if brace == "}" {
                return None;
            }
            let end = at + rest[at..].find('}')?;
            let field = &rest[at + 1..end];
            rest = &rest[end + 1..];
            if field.contains('{') {
                return None;
            }
            let (name, spec) = field.split_once(':').unwrap_or((field, ""));
            let (name, conversion) = match name.split_once('!') {
                Some((name, conversion)) => (name, Some(conversion)),
                None => (name, None),
            };
            let value = if name.is_empty() {
                automatic += 1;
                positional.get(automatic - 1)?
            } else if let Ok(position) = name.parse::<usize>() {
                positional.get(position)?
            } else {
                &named.iter().find(|(known, _)| known == name)?.1
            };
            let value = match conversion {
                None => value.clone(),
                Some("r") => Value::str(self.repr(value)?),
                Some("s") => Value::str(self.display(value)?),
                Some(_) => return None,
            };
            text.push_str(&self.format_value(&value, spec)?);
        }
        text.push_str(rest);
        Some(text)
    }

    /// `template % values`.
    pub fn percent(&self, template: &str, values: &Value) -> Option<String> {
        let items: Vec<Value> = match values {
            Value::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        let table = match values {
            Value::Object(id) => match self.heap.get(*id) {
                Object::Dict(table) => Some(table),
                _ => None,
            },
            _ => None,
        };
        let mut items = items.into_iter();
        let mut text = String::new();
        let mut rest = template;
        while let Some(at) = rest.find('%') {
            text.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                text.push('%');
                rest = after;
                continue;
            }
            let value = match rest.strip_prefix('(') {
                Some(after) => {
                    let (name, after) = after.split_once(')')?;
                    rest = after;
                    table?.get(&super::table::Key::Str(name.into()))?.clone()
                }
                None => items.next()?,
            };
            let length = rest.find(|c: char| c.is_ascii_alphabetic())?;
            let flags = &rest[..length];
            let kind = rest[length..].chars().next()?;
            rest = &rest[length + 1..];
            let (flags, left) = match flags.strip_prefix('-') {
                Some(flags) => (flags, "<"),
                None => (flags, ""),
            };
            let piece = match kind {
                's' => self.format_value(
                    &Value::str(self.display(&value)?),
                    &format!("{}{flags}", if left.is_empty() { ">" } else { left }),
                )?,
                'r' => self.repr(&value)?,
                'd' | 'i' => match &value {
                    Value::Int(_) => self.format_value(&value, &format!("{left}{flags}d"))?,
                    _ => return None,
                },
                'f' | 'F' => {
                    let number = Value::Float(numbers::float(&value)?);
                    self.format_value(&number, &format!("{left}{flags}f"))?
                }
                'x' | 'X' | 'o' => self.format_value(&value, &format!("{left}{flags}{kind}"))?,
                _ => return None,
            };
            text.push_str(&piece);
        }
        text.push_str(rest);
        Some(text)
    }
}

fn pad(text: &str, spec: &Spec, default: char) -> String {
    let missing = spec.width.saturating_sub(text.chars().count());
    let (before, after) = match spec.align.unwrap_or(default) {
        '<' => (0, missing),
        '^' => (missing / 2, missing - missing / 2),
        _ => (missing, 0),
    };
    let fill = |count: usize| std::iter::repeat_n(spec.fill, count).collect::<String>();
    format!("{}{text}{}", fill(before), fill(after))
}

fn number_text(number: &BigInt, digits: String, prefix: &str, spec: &Spec) -> String {
    let negative = number.sign() == num_bigint::Sign::Minus;
    let prefix = if spec.alternate { prefix } else { "" };
    signed(negative, prefix, if spec.comma { grouped(&digits) } else { digits }, spec)
}

fn float_text(number: f64, spec: &Spec) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    let percent = spec.kind == Some('%');
    let magnitude = if percent { number.abs() * 100.0 } else { number.abs() };
    let mut digits = format!("{magnitude:.*}", spec.precision.unwrap_or(6));
    if spec.comma {
        let (whole, rest) = digits.split_once('.').map_or((digits.as_str(), ""), |(whole, rest)| (whole, rest));
        let point = if rest.is_empty() { "" } else { "." };
        digits = format!("{}{point}{rest}", grouped(whole));
    }
    if percent {
        digits.push('%');
    }
    Some(signed(number.is_sign_negative(), "", digits, spec))
}

fn signed(negative: bool, prefix: &str, digits: String, spec: &Spec) -> String {
    let sign = match (negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    };
    if spec.align == Some('=') {
        let missing = spec.width.saturating_sub(sign.len() + prefix.len() + digits.chars().count());
        let fill: String = std::iter::repeat_n(spec.fill, missing).collect();
        return format!("{sign}{prefix}{fill}{digits}");
    }
    pad(&format!("{sign}{prefix}{digits}"), spec, '>')
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Python's `repr` of a string; letters beyond ASCII are taken as printable.
pub fn str_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut repr = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => repr.push_str("\\\\"),
            '\n' => repr.push_str("\\n"),
            '\r' => repr.push_str("\\r"),
            '\t' => repr.push_str("\\t"),
            c if c == quote => {
                repr.push('\\');
                repr.push(c);
            }
            c if (c as u32) < 0x20 || c as u32 == 0x7f => repr.push_str(&format!("\\x{:02x}", c as u32)),
            c => repr.push(c),
        }
    }
    repr.push(quote);
    repr
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_are_read() {
        let spec = parse("*^+#012,.3f").unwrap();
        assert_eq!((spec.fill, spec.align, spec.sign, spec.width), ('*', Some('^'), Some('+'), 12));
        assert!(spec.alternate && spec.comma && spec.precision == Some(3) && spec.kind == Some('f'));
        assert!(parse("what").is_none());
    }

    #[test]
    fn strings_are_quoted_as_python_does() {
        assert_eq!(str_repr("it's"), "\"it's\"");
        assert_eq!(str_repr("a\\b\n\u{1}"), "'a\\\\b\\n\\x01'");
    }
}
