//! Positions in text: Python counts code points, texts here are UTF-8.

/// Number of code points.
#[inline]
pub fn count(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// Where the code point of that number begins in bytes; the end for the number behind the last one.
pub fn byte_of(text: &str, index: usize) -> Option<usize> {
    match text.as_bytes().get(..index) {
        Some(front) if front.is_ascii() => Some(index),
        _ => {
            let mut places = text.char_indices().map(|(place, _)| place).chain([text.len()]);
            places.nth(index)
        }
    }
}

/// The part of a text from code point `start` to `end`, as `find`, `count` and their like take them; its first byte, and
/// its first code point. `None` where the part ends ahead of its start.
pub fn window(text: &str, start: Option<i64>, end: Option<i64>) -> Option<(&str, usize, usize)> {
    if start.unwrap_or(0) == 0 && end.is_none() {
        return Some((text, 0, 0));
    }
    let length = count(text) as i64;
    let place = |index: i64| if index < 0 { (index.saturating_add(length)).max(0) } else { index };
    let start = place(start.unwrap_or(0));
    let end = place(end.unwrap_or(length)).min(length);
    if start > end {
        return None;
    }
    let (from, to) = if length as usize == text.len() {
        (start as usize, end as usize)
    } else {
        (byte_of(text, start as usize)?, byte_of(text, end as usize)?)
    };
    Some((text.get(from..to)?, from, start as usize))
}

/// Which elements of so many a slice takes: the first, how many, and the step. `None` for a step of 0.
pub fn slice(length: usize, start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Option<(usize, usize, i64)> {
    // As Python does, so that the negative of it is a step, too.
    let step = step.unwrap_or(1).max(-i64::MAX);
    if step == 0 {
        return None;
    }
    let length = length as i64;
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let place = |index: Option<i64>, default: i64| match index {
        None => default,
        Some(index) if index < 0 => index.saturating_add(length).max(lowest),
        Some(index) => index.min(highest),
    };
    let (start, stop) = if step > 0 {
        (place(start, lowest), place(stop, highest))
    } else {
        (place(start, highest), place(stop, lowest))
    };
    let count = if step > 0 {
        if start < stop { (stop - start - 1) / step + 1 } else { 0 }
    } else if stop < start {
        (start - stop - 1) / -step + 1
    } else {
        0
    };
    Some((start.max(0) as usize, count as usize, step))
}

/// White space as `str.isspace` and `str.split` know it.
#[inline]
pub fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\x1c'..=' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}'
        | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// White space of ASCII text; that of bytes is without the separators 28 to 31.
#[inline]
pub fn is_ascii_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | 0x1c..=b' ')
}
