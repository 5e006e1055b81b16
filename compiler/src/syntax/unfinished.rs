//! Finds what a syntax error is really about, where the parser only notices it further on: a bracket or a string that is
//! never closed, a colon that is missing.

use super::mask::{mask, string_length};

/// What is wrong, and where; offsets are bytes of the text.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub start: usize,
    pub end: usize,
    pub message: String,
    pub help: &'static str,
}

/// Words that begin a statement which ends with a colon and a block.
const COMPOUND: &[&str] =
    &["if", "elif", "else", "for", "while", "def", "class", "try", "except", "finally", "with", "async"];

/// Explains an error that the parser reports at an offset.
pub fn explain(text: &str, error: usize) -> Option<Finding> {
    string(text).or_else(|| bracket(text, error)).or_else(|| colon(text, error))
}

fn string(text: &str) -> Option<Finding> {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c == '#' {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if c == '"' || c == '\'' {
            let triple: String = std::iter::repeat_n(c, 3).collect();
            let quote = if rest.starts_with(&triple) { triple.as_str() } else { &triple[..1] };
            let length = string_length(rest, quote);
            if length < 2 * quote.len() || !rest[..length].ends_with(quote) {
                let message = match quote.len() {
                    1 => "unterminated string literal",
                    _ => "unterminated triple-quoted string literal",
                };
                let message = format!("{message}: its closing quote is missing");
                return Some(Finding { start: at, end: at + quote.len(), message, help: "close the string" });
            }
            at += length;
        } else {
            at += c.len_utf8();
        }
    }
    None
}

fn bracket(text: &str, error: usize) -> Option<Finding> {
    let mut open: Vec<(usize, char)> = Vec::new();
    for (at, c) in mask(text).char_indices() {
        let wanted = match c {
            '(' | '[' | '{' => {
                open.push((at, c));
                continue;
            }
            ')' => '(',
            ']' => '[',
            '}' => '{',
            _ => continue,
        };
        let message = match open.pop() {
            Some((_, opening)) if opening == wanted => continue,
            Some((_, opening)) => format!("closing `{c}` does not match opening `{opening}`"),
            None => format!("unmatched `{c}`"),
        };
        return Some(Finding { start: at, end: at + 1, message, help: "every bracket needs its partner" });
    }
    let (start, c) = open.pop().filter(|(start, _)| *start <= error)?;
    Some(Finding { start, end: start + 1, message: format!("`{c}` was never closed"), help: "close the bracket" })
}

fn colon(text: &str, error: usize) -> Option<Finding> {
    let code = mask(text);
    let error = error.min(code.len());
    let start = code[..error].rfind('\n').map_or(0, |at| at + 1);
    let line = code[start..].lines().next()?.trim_end();
    let first = line.trim_start().split(|c: char| !c.is_alphanumeric()).next()?;
    let end = start + line.len();
    if !COMPOUND.contains(&first) || line.contains(':') || error + 1 < end {
        return None;
    }
    let message = format!("expected `:` at the end of this line, which begins with `{first}`");
    Some(Finding { start: end.saturating_sub(1), end, message, help: "add a colon" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, error: usize) -> Option<(usize, String)> {
        explain(text, error).map(|finding| (finding.start, finding.message))
    }

    #[test]
    fn a_bracket_is_named_where_it_opens() {
        assert_eq!(found("x = [7\n\ndef f():\n    pass\n", 8), Some((4, "`[` was never closed".to_owned())));
        assert_eq!(found("x = 7)\n", 5), Some((5, "unmatched `)`".to_owned())));
        assert_eq!(found("x = (7]\n", 6), Some((6, "closing `]` does not match opening `(`".to_owned())));
        assert_eq!(found("x = '(' # (\nx = = 1\n", 16), None);
    }

    #[test]
    fn a_string_is_named_where_it_opens() {
        assert_eq!(found("x = 'ab\ny = 1\n", 4).unwrap().0, 4);
        assert_eq!(found("x = \"\"\"ab\n\n", 12).unwrap().0, 4);
        assert_eq!(found("x = r'\\'' + ''\nx = = 1", 21), None);
    }

    #[test]
    fn a_colon_is_missed_at_the_end_of_the_line() {
        assert_eq!(found("def f(a)\n    pass\n", 8).unwrap().0, 7);
        assert_eq!(found("def f(a b):\n    pass\n", 8), None);
    }
}
