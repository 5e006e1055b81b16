//! Recognises Python 2: scripts written for the original API are often in it, and a syntax error says little then.
//!
//! Only looked at when a file doesn't parse, so that a pattern that is also Python 3 never raises a false alarm.

use super::mask::mask;

/// Something that is Python 2 and not Python 3; offsets are bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub start: usize,
    pub end: usize,
    pub message: &'static str,
    pub help: String,
}

/// All findings of a text, in order.
pub fn find(text: &str) -> Vec<Finding> {
    let code = mask(text);
    let mut findings = Vec::new();
    let mut start = 0;
    for line in code.split_inclusive('\n') {
        statement(text, line, start, &mut findings);
        tokens(text, line, start, &mut findings);
        start += line.len();
    }
    findings.sort_by_key(|finding| finding.start);
    findings
}

/// Findings that depend on how a statement begins.
fn statement(text: &str, line: &str, offset: usize, findings: &mut Vec<Finding>) {
    let code = line.trim_start();
    let mut start = offset + line.len() - code.len();
    let mut code = code.trim_end();
    // `if x: print y` on one line.
    if let Some(at) = code.find(": ")
        && ["if ", "else", "for ", "while ", "try", "except"].iter().any(|word| code.starts_with(word))
    {
        let rest = code[at + 2..].trim_start();
        start += code.len() - rest.len();
        code = rest;
    }
    let original = |from: usize, to: usize| text[from..to].trim().to_owned();
    let end = start + code.len();
    let mut found = |start: usize, end: usize, message: &'static str, help: String| {
        findings.push(Finding { start, end, message, help });
    };
    if let Some(rest) = word(code, "print")
        && !rest.is_empty()
        && !rest.trim_start().starts_with(['(', '=', '.', ',', ')', '['])
    {
        let text = original(end - rest.len(), end);
        let help = match text.strip_prefix(">>").and_then(|rest| rest.split_once(',')) {
            Some((file, text)) => format!("write `print({}, file={})`", text.trim(), file.trim()),
            None if text.ends_with(',') => format!("write `print({}, end=\" \")`", text.trim_end_matches(',')),
            None => format!("write `print({text})`"),
        };
        found(start, end, "`print` is a function in Python 3", help);
    } else if let Some(rest) = word(code, "print")
        && rest.is_empty()
    {
        // Valid Python 3, and so nothing to report here.
    } else if let Some(rest) = word(code, "exec")
        && !rest.is_empty()
        && !rest.trim_start().starts_with(['(', '=', '.', ',', ')', '['])
    {
        let text = original(end - rest.len(), end);
        found(start, end, "`exec` is a function in Python 3", format!("write `exec({text})`"));
    }
    if code.starts_with("except")
        && let Some(rest) = word(code, "except")
        && let Some((class, name)) = split_top(rest.trim_end().trim_end_matches(':'))
        && !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        let help = format!("write `except {class} as {name}:`");
        found(start, end, "`except E, e` is Python 2", help);
    }
    if let Some(rest) = word(code, "raise")
        && let Some((class, _)) = split_top(rest)
    {
        let from = end - rest.len() + rest.find(',').unwrap_or(0) + 1;
        let value = original(from, end);
        found(start, end, "`raise E, \"text\"` is Python 2", format!("write `raise {class}({value})`"));
    }
}

/// Findings that are single tokens.
fn tokens(text: &str, line: &str, offset: usize, findings: &mut Vec<Finding>) {
    let bytes = line.as_bytes();
    let mut at = 0;
    let mut backtick = None;
    while at < bytes.len() {
        let rest = &line[at..];
        if bytes[at] == b'`' {
            match backtick.take() {
                None => backtick = Some(at),
                Some(from) => {
                    let (start, end) = (offset + from, offset + at + 1);
                    let help = format!("write `repr({})`", text[start + 1..end - 1].trim());
                    findings.push(Finding { start, end, message: "backticks are Python 2", help });
                }
            }
        } else if rest.starts_with("<>") {
            let (start, end) = (offset + at, offset + at + 2);
            findings.push(Finding { start, end, message: "`<>` is Python 2", help: "write `!=`".to_owned() });
            at += 1;
        } else if rest.starts_with("ur'")
            || rest.starts_with("ur\"")
            || rest.starts_with("uR") && rest[2..].starts_with(['\'', '"'])
        {
            if at == 0 || !is_word(bytes[at - 1]) {
                let (start, end) = (offset + at, offset + at + 2);
                let help = "write `r'…'`: every string is Unicode in Python 3".to_owned();
                findings.push(Finding { start, end, message: "`ur''` is Python 2", help });
            }
            at += 1;
        } else if bytes[at].is_ascii_digit() && (at == 0 || !is_word(bytes[at - 1]) && bytes[at - 1] != b'.') {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let number = &rest[..length];
            let (start, end) = (offset + at, offset + at + length);
            if let Some(digits) = number.strip_suffix(['L', 'l'])
                && (digits.bytes().all(|b| b.is_ascii_digit()) || digits.starts_with("0x"))
            {
                let help = format!("write `{digits}`: every int is long in Python 3");
                findings.push(Finding { start, end, message: "the suffix `L` is Python 2", help });
            } else if number.len() > 1
                && number.starts_with('0')
                && number.bytes().all(|b| b.is_ascii_digit())
                && number.bytes().any(|b| b != b'0')
                && !rest[length..].starts_with('.')
            {
                let help = format!("write `0o{}`", number.trim_start_matches('0'));
                findings.push(Finding { start, end, message: "octal numbers begin with `0o` in Python 3", help });
            }
            at += length;
            continue;
        }
        at += 1;
        while !line.is_char_boundary(at) {
            at += 1;
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// What follows a leading word.
fn word<'a>(code: &'a str, word: &str) -> Option<&'a str> {
    let rest = code.strip_prefix(word)?;
    (rest.is_empty() || !is_word(rest.as_bytes()[0])).then_some(rest)
}

/// The trimmed parts around the first comma outside of brackets.
fn split_top(code: &str) -> Option<(&str, &str)> {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => return Some((code[..at].trim(), code[at + 1..].trim())),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn helps(text: &str) -> Vec<String> {
        find(text).into_iter().map(|finding| finding.help).collect()
    }

    #[test]
    fn each_construct_gets_its_own_hint() {
        assert_eq!(helps("print 'a', b\n"), ["write `print('a', b)`"]);
        assert_eq!(helps("print >>sys.stderr, x\n"), ["write `print(x, file=sys.stderr)`"]);
        assert_eq!(helps("try: pass\nexcept (A, B), e:\n"), ["write `except (A, B) as e:`"]);
        assert_eq!(helps("raise E, 'why'\n"), ["write `raise E('why')`"]);
        assert_eq!(helps("x = `y`\n"), ["write `repr(y)`"]);
        assert_eq!(helps("a <> 10L + 0777\n").len(), 3);
        assert_eq!(helps("exec 'x = 1'\n"), ["write `exec('x = 1')`"]);
    }

    #[test]
    fn strings_comments_and_python_3_are_left_alone() {
        let text = "print('a')\nx = 'print y, `z` 10L'  # print it <> \n\"\"\"\nprint x\n\"\"\"\nexcept (A, B) as e:\nraise E(1, 2)\nprint\n";
        assert_eq!(find(text), []);
    }
}
