//! Looks at text that doesn't parse: what in it is code, and what strings and comments.

/// The text with comments and what stands in strings blanked out, at the same offsets. Quotes stay.
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '#' {
            let length = rest.find('\n').unwrap_or(rest.len());
            masked.extend(std::iter::repeat_n(' ', length));
            rest = &rest[length..];
        } else if c == '"' || c == '\'' {
            let triple: String = std::iter::repeat_n(c, 3).collect();
            let quote = if rest.starts_with(&triple) { triple.as_str() } else { &triple[..1] };
            let length = string_length(rest, quote);
            let inner = rest[quote.len()..length].strip_suffix(quote).map_or(length - quote.len(), str::len);
            masked.push_str(quote);
            for byte in rest[quote.len()..quote.len() + inner].bytes() {
                masked.push(if byte == b'\n' { '\n' } else { '_' });
            }
            masked.push_str(&rest[quote.len() + inner..length]);
            rest = &rest[length..];
        } else {
            // Other scripts' letters are as many word characters as they have bytes.
            if c.is_ascii() {
                masked.push(c);
            } else {
                masked.extend(std::iter::repeat_n('_', c.len_utf8()));
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    masked
}

/// Length of the string literal at the beginning of the text, quotes included.
pub fn string_length(text: &str, quote: &str) -> usize {
    let mut at = quote.len();
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(quote) {
            return at + quote.len();
        }
        if rest.starts_with('\n') && quote.len() == 1 {
            return at;
        }
        // Also in a raw string: there, too, a quote behind a backslash does not end it.
        if rest.starts_with('\\') {
            at += 1;
        }
        at += text[at..].chars().next().map_or(1, char::len_utf8);
    }
    text.len()
}
