//! Regular expressions for which the runtime's engine gives exactly what Python's `re` gives: a parser of Python's syntax
//! that accepts those, and writes them in the engine's.
//!
//! The subject is ASCII, surely. So classes are sets of ASCII characters, written out, and the engine's idea of case,
//! words and white space doesn't matter. Both engines prefer the leftmost alternative and the longest or shortest repeat
//! as written; where a repeated part may be empty they may differ, and it is refused. What a group that is repeated keeps of
//! its repeats may differ, too: of a pattern with one, no group can be seen.

#[cfg(test)]
mod tests;

use crate::Cause;
use std::fmt::Write as _;

/// Python's flags: `re.I`, `re.M`, `re.S`, `re.U`, `re.X`, `re.A`.
const IGNORE_CASE: u32 = 2;
const MULTI_LINE: u32 = 8;
const DOT_ALL: u32 = 16;
const UNICODE: u32 = 32;
const ASCII: u32 = 256;

/// Up to so many repeats: each is a copy in the engine.
const MOST_REPEATS: u32 = 1000;
const DEPTH: u32 = 50;

/// Stands for the number of groups where they can't be seen.
pub const HIDDEN: u32 = u32::MAX;

/// Groups of a pattern, beside group 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// In the engine's pattern: none if they are hidden.
    pub count: u32,
    /// The pattern has groups whose positions the engine may see in another way than Python: only group 0 may be used.
    pub hidden: bool,
    pub names: Vec<(String, u32)>,
    /// Those that take part in each match.
    pub always: Vec<u32>,
}

impl Groups {
    /// How many a match has, or [`HIDDEN`].
    pub fn seen(&self) -> u32 {
        if self.hidden { HIDDEN } else { self.count }
    }
}

/// A pattern in the engine's syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translated {
    /// For the engine's API of bytes, with its Unicode mode off. Groups have numbers only, the same as in Python.
    pub pattern: String,
    /// Whether the engine's `$` isn't Python's for a subject that ends with a newline.
    pub needs_no_final_newline: bool,
    /// Of what it matches, in characters. At 0 it may match an empty text: Python's rules for where empty matches may be
    /// aren't the engine's.
    pub minimum_length: usize,
    pub groups: Groups,
}

/// The groups of a pattern, or why it stays in Python.
pub fn groups(pattern: &str, flags: u32) -> Result<Groups, Cause> {
    translate(pattern, flags).map(|translated| translated.groups)
}

/// A pattern of Python's as one of the engine's, or why it stays in Python.
pub fn translate(pattern: &str, flags: u32) -> Result<Translated, Cause> {
    if !pattern.is_ascii() {
        return Err(Cause::new("a character that isn't ASCII", "search for it with `find()` or `in`"));
    }
    let translated = translate_with(pattern, flags, false)?;
    if translated.groups.hidden { translate_with(pattern, flags, true) } else { Ok(translated) }
}

/// The same; with `hides`, the engine's pattern has no groups.
fn translate_with(pattern: &str, flags: u32, hides: bool) -> Result<Translated, Cause> {
    let mut parser = Parser {
        pattern: pattern.as_bytes(),
        at: 0,
        flags,
        groups: Groups::default(),
        hides,
        final_newline: false,
        depth: 0,
    };
    parser.leading_flags()?;
    if parser.flags & !(IGNORE_CASE | MULTI_LINE | DOT_ALL | UNICODE | ASCII) != 0 {
        return Err(Cause::new("a flag that isn't compiled", "leave the flag out"));
    }
    let whole = parser.alternatives()?;
    if parser.at < parser.pattern.len() {
        return Err(Cause::new("a parenthesis that closes nothing", "write it as `\\)`"));
    }
    let mut groups = parser.groups;
    groups.always = whole.always;
    if hides {
        groups = Groups { hidden: true, ..Groups::default() };
    }
    Ok(Translated {
        pattern: whole.text,
        needs_no_final_newline: parser.final_newline,
        minimum_length: whole.least,
        groups,
    })
}

struct Parser<'a> {
    pattern: &'a [u8],
    at: usize,
    flags: u32,
    groups: Groups,
    hides: bool,
    final_newline: bool,
    depth: u32,
}

/// A translated part.
#[derive(Default)]
struct Piece {
    text: String,
    least: usize,
    /// Groups that take part if it matches.
    always: Vec<u32>,
    captures: bool,
    /// Whether it is of one kind of repeatable thing: not an anchor.
    repeats: bool,
}

/// A set of ASCII characters.
type Class = u128;

const DIGITS: Class = range(b'0', b'9');
const LETTERS: Class = range(b'a', b'z') | range(b'A', b'Z');
const WORD: Class = DIGITS | LETTERS | range(b'_', b'_');
const SPACE: Class = range(9, 13) | range(b' ', b' ');
/// What str's idea of white space has more.
const MORE_SPACE: Class = range(0x1c, 0x1f);

const fn range(first: u8, last: u8) -> Class {
    let mut class = 0;
    let mut next = first;
    while next <= last {
        class |= 1 << next;
        next += 1;
    }
    class
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.pattern.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.pattern[self.at..].starts_with(text.as_bytes());
        if found {
            self.at += text.len();
        }
        found
    }

    /// `(?i)` and the like, for the whole pattern.
    fn leading_flags(&mut self) -> Result<(), Cause> {
        if !self.eat("(?") {
            return Ok(());
        }
        let mut flags = 0;
        while let Some(flag) = self.next() {
            flags |= match flag {
                b'i' => IGNORE_CASE,
                b'm' => MULTI_LINE,
                b's' => DOT_ALL,
                b'a' => ASCII,
                b'u' => UNICODE,
                b')' if flags != 0 => {
                    self.flags |= flags;
                    return Ok(());
                }
                _ => break,
            };
        }
        // Another kind of group.
        self.at = 0;
        Ok(())
    }

    fn alternatives(&mut self) -> Result<Piece, Cause> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Cause::new("groups in groups, too deeply", "write the pattern with fewer groups"));
        }
        let mut whole = self.sequence()?;
        while self.eat("|") {
            let other = self.sequence()?;
            whole.text.push('|');
            whole.text.push_str(&other.text);
            whole.least = whole.least.min(other.least);
            whole.always.retain(|group| other.always.contains(group));
            whole.captures |= other.captures;
        }
        self.depth -= 1;
        Ok(whole)
    }

    fn sequence(&mut self) -> Result<Piece, Cause> {
        let mut whole = Piece::default();
        while let Some(next) = self.peek() {
            if matches!(next, b'|' | b')') {
                break;
            }
            let piece = self.item()?;
            let piece = self.repeated(piece)?;
            whole.text.push_str(&piece.text);
            whole.least = whole.least.saturating_add(piece.least);
            whole.always.extend(piece.always);
            whole.captures |= piece.captures;
        }
        Ok(whole)
    }

    fn item(&mut self) -> Result<Piece, Cause> {
        let anchor = |text: &str| Ok(Piece { text: text.to_owned(), ..Piece::default() });
        match self.next() {
            None => Err(Cause::new("nothing where something is needed", "write what is to be found")),
            Some(b'.') if self.flags & DOT_ALL != 0 => Ok(one_of(Class::MAX)),
            Some(b'.') => Ok(one_of(!range(b'\n', b'\n'))),
            Some(b'^') if self.flags & MULTI_LINE != 0 => anchor("(?m:^)"),
            Some(b'^') => anchor("\\A"),
            Some(b'$') if self.flags & MULTI_LINE != 0 => anchor("(?m:$)"),
            Some(b'$') => {
                self.final_newline = true;
                anchor("\\z")
            }
            Some(b'[') => self.class(),
            Some(b'(') => self.group(),
            Some(b'*' | b'+' | b'?') => Err(Cause::new("a repeat of nothing", "write what is repeated before it")),
            Some(b'{') => {
                self.at -= 1;
                if self.bounds()?.is_some() {
                    return Err(Cause::new("a repeat of nothing", "write what is repeated before it"));
                }
                self.at += 1;
                Ok(one_of(range(b'{', b'{')))
            }
            Some(b'\\') => match self.peek() {
                Some(b'A') => self.anchor_escape("\\A"),
                Some(b'Z') => self.anchor_escape("\\z"),
                Some(b'b') => self.anchor_escape("\\b"),
                // Whether it matches an empty text differs between versions of Python.
                Some(b'B') => Err(Cause::new("\\B", "search without it, and test what is around with `isalnum()`")),
                _ => {
                    let class = self.escape()?;
                    Ok(one_of(self.cased().apply(class)))
                }
            },
            Some(other) => Ok(one_of(self.cased().apply(range(other, other)))),
        }
    }

    fn anchor_escape(&mut self, text: &str) -> Result<Piece, Cause> {
        self.at += 1;
        Ok(Piece { text: text.to_owned(), ..Piece::default() })
    }

    fn cased(&self) -> Cased {
        Cased(self.flags & IGNORE_CASE != 0)
    }

    /// Behind a backslash: what it stands for.
    fn escape(&mut self) -> Result<Class, Cause> {
        let space = if self.flags & ASCII != 0 { SPACE } else { SPACE | MORE_SPACE };
        let single = |byte: u8| range(byte, byte);
        Ok(match self.next() {
            None => return Err(Cause::new("a backslash at the end", "write `\\\\`")),
            Some(b'd') => DIGITS,
            Some(b'D') => !DIGITS,
            Some(b'w') => WORD,
            Some(b'W') => !WORD,
            Some(b's') => space,
            Some(b'S') => !space,
            Some(b'n') => single(b'\n'),
            Some(b't') => single(b'\t'),
            Some(b'r') => single(b'\r'),
            Some(b'f') => single(12),
            Some(b'v') => single(11),
            Some(b'a') => single(7),
            Some(b'x') => {
                let digits = self.pattern.get(self.at..self.at + 2).and_then(|digits| std::str::from_utf8(digits).ok());
                let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    Some(code) if code < 128 => {
                        self.at += 2;
                        single(code)
                    }
                    _ => return Err(Cause::new("a character that isn't ASCII", "search for it with `find()` or `in`")),
                }
            }
            Some(digit) if digit.is_ascii_digit() => {
                return Err(Cause::new(
                    "a reference to a group",
                    "search without it, and compare the groups that were found",
                ));
            }
            Some(letter) if letter.is_ascii_alphabetic() => {
                return Err(Cause::new(
                    format!("an escape that isn't compiled: \\{}", char::from(letter)),
                    "write the character itself",
                ));
            }
            Some(other) => single(other),
        })
    }

    fn class(&mut self) -> Result<Piece, Cause> {
        let negated = self.eat("^");
        let mut class: Class = 0;
        let mut first = true;
        loop {
            let before = self.at;
            let Some(next) = self.next() else {
                return Err(Cause::new("a set that isn't closed", "close it with `]`"));
            };
            if next == b']' && !first {
                break;
            }
            // Python warns of what may be an operation on sets one day.
            if (first && next == b'[') || (matches!(next, b'-' | b'&' | b'~' | b'|') && self.peek() == Some(next)) {
                return Err(Cause::new("a set in a set", "write `\\[` for the character"));
            }
            first = false;
            self.at = before;
            let low = self.class_item()?;
            if self.peek() != Some(b'-') || self.pattern.get(self.at + 1) == Some(&b']') {
                class |= low;
                continue;
            }
            self.at += 1;
            if self.peek() == Some(b'-') {
                return Err(Cause::new("a set in a set", "write `\\[` for the character"));
            }
            let high = self.class_item()?;
            if low.count_ones() != 1 || high.count_ones() != 1 || low > high {
                return Err(Cause::new("a range in a set that isn't one", "write the smaller character first"));
            }
            class |= range(low.trailing_zeros() as u8, high.trailing_zeros() as u8);
        }
        let class = self.cased().apply(class);
        Ok(one_of(if negated { !class } else { class }))
    }

    fn class_item(&mut self) -> Result<Class, Cause> {
        match self.next() {
            None => Err(Cause::new("a set that isn't closed", "close it with `]`")),
            Some(b'\\') if self.peek() == Some(b'b') => {
                self.at += 1;
                Ok(range(8, 8))
            }
            Some(b'\\') => self.escape(),
            Some(other) => Ok(range(other, other)),
        }
    }

    /// Behind an opening parenthesis.
    fn group(&mut self) -> Result<Piece, Cause> {
        let mut name = None;
        let captures = if self.eat("?:") {
            false
        } else if self.eat("?P<") {
            let start = self.at;
            while self.peek().is_some_and(|next| next.is_ascii_alphanumeric() || next == b'_') {
                self.at += 1;
            }
            let found = String::from_utf8_lossy(&self.pattern[start..self.at]).into_owned();
            let taken = self.groups.names.iter().any(|(name, _)| *name == found);
            if found.is_empty() || found.as_bytes()[0].is_ascii_digit() || taken || !self.eat(">") {
                return Err(Cause::new("a name of a group that isn't one", "name the group like a variable"));
            }
            name = Some(found);
            true
        } else if self.peek() == Some(b'?') {
            return Err(Cause::new(
                "a look around, a condition, or flags of a part",
                "search without it, and test what is around in code",
            ));
        } else {
            true
        };
        let number = self.groups.count + 1;
        if captures {
            self.groups.count = number;
            self.groups.names.extend(name.map(|name| (name, number)));
        }
        let mut inner = self.alternatives()?;
        if !self.eat(")") {
            return Err(Cause::new("a parenthesis that isn't closed", "close it, or write it as `\\(`"));
        }
        inner.text = format!("({}{})", if captures && !self.hides { "" } else { "?:" }, inner.text);
        if captures {
            inner.captures = true;
            inner.always.push(number);
        }
        inner.repeats = true;
        Ok(inner)
    }

    /// An item with the repeat behind it, if there is one.
    fn repeated(&mut self, mut item: Piece) -> Result<Piece, Cause> {
        let bounds = match self.peek() {
            Some(b'*') => (0, None),
            Some(b'+') => (1, None),
            Some(b'?') => (0, Some(1)),
            Some(b'{') => match self.bounds()? {
                Some(bounds) => {
                    self.at -= 1;
                    bounds
                }
                None => return Ok(item),
            },
            _ => return Ok(item),
        };
        self.at += 1;
        if !item.repeats || item.least == 0 {
            return Err(Cause::new("a repeat of what may be empty", "repeat what takes at least one character"));
        }
        let (least, most) = bounds;
        if most == Some(0) || most.is_some_and(|most| most < least || most > MOST_REPEATS) || least > MOST_REPEATS {
            return Err(so_many_repeats());
        }
        if item.captures && most != Some(1) {
            self.groups.hidden = true;
        }
        let text = &mut item.text;
        let _ = match bounds {
            (0, None) => write!(text, "*"),
            (1, None) => write!(text, "+"),
            (0, Some(1)) => write!(text, "?"),
            (least, None) => write!(text, "{{{least},}}"),
            (least, Some(most)) => write!(text, "{{{least},{most}}}"),
        };
        if self.eat("?") {
            text.push('?');
        }
        item.least = item.least.saturating_mul(least as usize);
        if least == 0 {
            item.always.clear();
        }
        let again = match self.peek() {
            Some(b'*' | b'+' | b'?') => true,
            Some(b'{') => self.bounds()?.is_some(),
            _ => false,
        };
        if again {
            return Err(Cause::new("a repeat of a repeat", "write `(?:…)` around the inner one, or repeat once"));
        }
        Ok(item)
    }

    /// `{2}`, `{2,}`, `{,3}`, `{2,3}`: past it, if it is one; else it is text.
    #[allow(clippy::type_complexity)]
    fn bounds(&mut self) -> Result<Option<(u32, Option<u32>)>, Cause> {
        let Some(len) = self.pattern[self.at..].iter().position(|byte| *byte == b'}') else { return Ok(None) };
        let inner = String::from_utf8_lossy(&self.pattern[self.at + 1..self.at + len]).into_owned();
        let (low, high) = match inner.split_once(',') {
            Some((low, high)) => (low, Some(high)),
            None => (inner.as_str(), None),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(low) || !high.is_none_or(digits) || (low.is_empty() && high.is_none()) {
            return Ok(None);
        }
        if low.is_empty() && high == Some("") {
            return Err(Cause::new("a repeat without bounds", "write its bounds as numbers"));
        }
        let number = |text: &str| text.parse::<u32>().map_err(|_| so_many_repeats());
        let least = if low.is_empty() { 0 } else { number(low)? };
        let most = match high {
            None => Some(least),
            Some("") => None,
            Some(high) => Some(number(high)?),
        };
        self.at += len + 1;
        Ok(Some((least, most)))
    }
}

/// Whether case is ignored.
struct Cased(bool);

impl Cased {
    fn apply(&self, class: Class) -> Class {
        if !self.0 {
            return class;
        }
        let lower = class & range(b'a', b'z');
        let upper = class & range(b'A', b'Z');
        class | (lower >> 32) | (upper << 32)
    }
}

/// A set of characters, as the engine writes it.
fn one_of(class: Class) -> Piece {
    let mut text = String::new();
    let escaped = |text: &mut String, byte: u8| {
        let _ = match byte {
            byte if byte.is_ascii_alphanumeric() => write!(text, "{}", char::from(byte)),
            byte => write!(text, "\\x{byte:02x}"),
        };
    };
    match class.count_ones() {
        // Nothing that is in an ASCII text.
        0 => text.push_str("[^\\x00-\\x7f]"),
        1 => escaped(&mut text, class.trailing_zeros() as u8),
        _ => {
            text.push('[');
            let mut next = 0u32;
            while next < 128 {
                if class >> next & 1 == 0 {
                    next += 1;
                    continue;
                }
                let first = next;
                while next < 127 && class >> (next + 1) & 1 == 1 {
                    next += 1;
                }
                escaped(&mut text, first as u8);
                if next > first {
                    text.push('-');
                    escaped(&mut text, next as u8);
                }
                next += 1;
            }
            text.push(']');
        }
    }
    Piece { text, least: 1, repeats: true, ..Piece::default() }
}

fn so_many_repeats() -> Cause {
    Cause::new("so many repeats", "repeat it fewer times")
}
