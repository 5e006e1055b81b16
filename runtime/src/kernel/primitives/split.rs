//! Text in parts: `split`, `rsplit`, `splitlines`, `partition`. Parts are views of the text.

use super::abi::{Context, ListWord, Text};
use super::code_points::is_space;
use super::text::trim_end;
use crate::kernel::memory::{Growing, Memory};
use memchr::{memchr, memmem, memrchr};
use pyflink_plan::typed::Why;

/// Of each byte: 0 within a word, 1 white space, 2 where more bytes must be seen.
static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'\t'..=b'\r' | 0x1c..=b' ' => 1,
            // The first bytes of all white space that isn't ASCII.
            0xc2 | 0xe1 | 0xe2 | 0xe3 => 2,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// Bytes of the white space that begins at a place, 0 if there is none.
#[inline]
fn space_at(text: &str, place: usize) -> usize {
    match text.as_bytes().get(place).map(|byte| CLASS[usize::from(*byte)]) {
        Some(1) => 1,
        Some(2) => text[place..].chars().next().filter(|c| is_space(*c)).map_or(0, char::len_utf8),
        _ => 0,
    }
}

/// Where the next white space begins.
#[inline]
fn word_end(text: &str, mut place: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(place) {
        match CLASS[usize::from(*byte)] {
            0 => place += 1,
            1 => break,
            _ if space_at(text, place) > 0 => break,
            _ => place += 1,
        }
    }
    place
}

/// Where the next word begins.
#[inline]
fn word_start(text: &str, mut place: usize) -> usize {
    loop {
        match space_at(text, place) {
            0 => return place,
            bytes => place += bytes,
        }
    }
}

pub fn split(context: &mut Context<'_>, text: &str, limit: i64) -> Result<ListWord, Why> {
    let memory = &mut *context.memory;
    if limit < 0 && text.is_ascii() {
        return Ok(split_ascii(memory, text));
    }
    let mut list = Growing::new(memory, text.len() / 3 + 2);
    let mut left = if limit < 0 { i64::MAX } else { limit };
    let mut place = word_start(text, 0);
    while place < text.len() {
        // The last part takes all that is left, white space at its end included.
        let end = if left == 0 { text.len() } else { word_end(text, place) };
        left -= 1;
        list.push(memory, &[text.as_ptr() as u64 + place as u64, (end - place) as u64]);
        place = word_start(text, end);
    }
    Ok(ListWord(list.finish(memory, 2)))
}

/// A byte in each place of a word.
const fn each(byte: u8) -> u64 {
    byte as u64 * 0x0101_0101_0101_0101
}

/// The highest bits of all bytes, in order.
#[inline]
fn gathered(high_bits: u64) -> u64 {
    ((high_bits & each(0x80)) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Which of 64 bytes are such, by what tells it of eight at once in their highest bits.
#[inline]
fn mask(bytes: &[u8; 64], which: impl Fn(u64) -> u64) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    let mut mask = 0;
    for (number, word) in words.iter().enumerate() {
        mask |= gathered(which(u64::from_le_bytes(*word))) << (8 * number);
    }
    mask
}

/// Visits a text in pieces of 64 bytes, the last one filled up.
#[inline]
fn pieces(bytes: &[u8], fill: u8, mut visit: impl FnMut(usize, &[u8; 64])) {
    let (pieces, rest) = bytes.as_chunks::<64>();
    for (number, piece) in pieces.iter().enumerate() {
        visit(number * 64, piece);
    }
    if !rest.is_empty() {
        let mut last = [fill; 64];
        last[..rest.len()].copy_from_slice(rest);
        visit(pieces.len() * 64, &last);
    }
}

/// Splits at white space, without a limit.
fn split_ascii(memory: &mut Memory, text: &str) -> ListWord {
    // Of a byte below 128: the highest bit of a sum tells whether it is at least that large.
    let spaces = |word: u64| {
        let at_least = |least: u8| word + each(0x80 - least);
        (at_least(b'\t') & !at_least(b'\r' + 1)) | (at_least(0x1c) & !at_least(b' ' + 1))
    };
    let mut list = Growing::new(memory, text.len() / 3 + 2);
    let address = text.as_ptr() as u64;
    let (mut start, mut within, mut last) = (0, false, 1);
    pieces(text.as_bytes(), b' ', |base, piece| {
        let spaces = mask(piece, spaces);
        // Where white space ends or begins.
        let mut changes = spaces ^ (spaces << 1 | last);
        last = spaces >> 63;
        while changes != 0 {
            let place = base + changes.trailing_zeros() as usize;
            if within {
                list.push(memory, &[address + start as u64, (place - start) as u64]);
            } else {
                start = place;
            }
            within = !within;
            changes &= changes - 1;
        }
    });
    if within {
        list.push(memory, &[address + start as u64, (text.len() - start) as u64]);
    }
    ListWord(list.finish(memory, 2))
}

/// Splits at a byte, without a limit.
fn split_at_byte(memory: &mut Memory, text: &str, byte: u8) -> ListWord {
    let found = |word: u64| {
        let other = word ^ each(byte);
        !(((other & each(0x7f)) + each(0x7f)) | other)
    };
    let mut list = Growing::new(memory, text.len() / 4 + 2);
    let address = text.as_ptr() as u64;
    let mut start = 0;
    pieces(text.as_bytes(), !byte, |base, piece| {
        let mut found = mask(piece, found);
        while found != 0 {
            let place = base + found.trailing_zeros() as usize;
            list.push(memory, &[address + start as u64, (place - start) as u64]);
            start = place + 1;
            found &= found - 1;
        }
    });
    list.push(memory, &[address + start as u64, (text.len() - start) as u64]);
    ListWord(list.finish(memory, 2))
}

/// The list of parts that were found from the end on.
fn backwards(memory: &mut Memory, parts: &[&str]) -> ListWord {
    let mut list = Growing::new(memory, parts.len() * 2);
    for part in parts.iter().rev() {
        list.push(memory, &Text::view(part).0);
    }
    ListWord(list.finish(memory, 2))
}

pub fn rsplit(context: &mut Context<'_>, text: &str, limit: i64) -> Result<ListWord, Why> {
    if limit < 0 {
        return split(context, text, limit);
    }
    let mut parts = Vec::new();
    let mut rest = trim_end(text);
    let mut left = limit;
    while !rest.is_empty() {
        let start = match rest.char_indices().rev().find(|(_, c)| is_space(*c)) {
            Some((place, c)) if left > 0 => place + c.len_utf8(),
            _ => 0,
        };
        left -= 1;
        parts.push(&rest[start..]);
        rest = trim_end(&rest[..start]);
    }
    Ok(backwards(context.memory, &parts))
}

pub fn split_at(context: &mut Context<'_>, text: &str, separator: &str, limit: i64) -> Result<ListWord, Why> {
    let memory = &mut *context.memory;
    let bytes = text.as_bytes();
    if let ([byte], ..0) = (separator.as_bytes(), limit) {
        return Ok(split_at_byte(memory, text, *byte));
    }
    let mut left = if limit < 0 { i64::MAX } else { limit };
    let mut list = Growing::new(memory, 16);
    let mut start = 0;
    let mut part = |memory: &mut Memory, start: usize, end: usize| {
        list.push(memory, &[text.as_ptr() as u64 + start as u64, (end - start) as u64]);
    };
    match separator.as_bytes() {
        [] => return Err(Why::Raises),
        [byte] => {
            while left > 0 {
                let Some(place) = memchr(*byte, &bytes[start..]) else { break };
                part(memory, start, start + place);
                start += place + 1;
                left -= 1;
            }
        }
        separator => {
            let finder = memmem::Finder::new(separator);
            while left > 0 {
                let Some(place) = finder.find(&bytes[start..]) else { break };
                part(memory, start, start + place);
                start += place + separator.len();
                left -= 1;
            }
        }
    }
    part(memory, start, text.len());
    Ok(ListWord(list.finish(memory, 2)))
}

pub fn rsplit_at(context: &mut Context<'_>, text: &str, separator: &str, limit: i64) -> Result<ListWord, Why> {
    if separator.is_empty() {
        return Err(Why::Raises);
    }
    // Which occurrences count depends on the side that they are looked for from, also without a limit.
    let mut left = if limit < 0 { i64::MAX } else { limit };
    let mut parts = Vec::new();
    let mut rest = text;
    while left > 0 {
        let Some(place) = memmem::rfind(rest.as_bytes(), separator.as_bytes()) else { break };
        parts.push(&rest[place + separator.len()..]);
        rest = &rest[..place];
        left -= 1;
    }
    parts.push(rest);
    Ok(backwards(context.memory, &parts))
}

pub fn split_lines(context: &mut Context<'_>, text: &str, keep_ends: bool) -> Result<ListWord, Why> {
    let memory = &mut *context.memory;
    let mut list = Growing::new(memory, 16);
    let is_end = |c: char| matches!(c, '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut rest = text;
    while !rest.is_empty() {
        let (line, behind) = match rest.find(is_end) {
            None => (rest, rest.len()),
            Some(place) => {
                let end = match &rest[place..] {
                    at if at.starts_with("\r\n") => 2,
                    at => at.chars().next().map_or(0, char::len_utf8),
                };
                (if keep_ends { &rest[..place + end] } else { &rest[..place] }, place + end)
            }
        };
        list.push(memory, &Text::view(line).0);
        rest = &rest[behind..];
    }
    Ok(ListWord(list.finish(memory, 2)))
}

pub fn partition(_: &mut Context<'_>, text: &str, separator: &str) -> Result<[Text; 3], Why> {
    let place = match separator.as_bytes() {
        [] => return Err(Why::Raises),
        [byte] => memchr(*byte, text.as_bytes()),
        bytes => memmem::find(text.as_bytes(), bytes),
    };
    Ok(match place {
        Some(place) => around(text, place, separator.len()),
        None => [text, "", ""].map(Text::view),
    })
}

pub fn rpartition(_: &mut Context<'_>, text: &str, separator: &str) -> Result<[Text; 3], Why> {
    let place = match separator.as_bytes() {
        [] => return Err(Why::Raises),
        [byte] => memrchr(*byte, text.as_bytes()),
        bytes => memmem::rfind(text.as_bytes(), bytes),
    };
    Ok(match place {
        Some(place) => around(text, place, separator.len()),
        None => ["", "", text].map(Text::view),
    })
}

fn around(text: &str, place: usize, length: usize) -> [Text; 3] {
    [&text[..place], &text[place..place + length], &text[place + length..]].map(Text::view)
}
