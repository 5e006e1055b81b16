//! Text: parts, lengths, and new text made of others.

use super::abi::{Context, Data, ListWord, Text, Texts};
use super::code_points::{byte_of, count, is_ascii_space, is_space, slice as slice_of};
use super::views::TextItems;
use crate::kernel::memory::Growing;
use pyflink_plan::typed::Why;

/// Bytes of the largest text that is made here; what is larger, CPython may have room for or not.
pub const LARGEST: usize = 1 << 28;

pub fn len(_: &mut Context<'_>, text: &str) -> Result<i64, Why> {
    Ok(count(text) as i64)
}

pub fn index(_: &mut Context<'_>, text: &str, index: i64) -> Result<Text, Why> {
    let bytes = text.as_bytes();
    // Only what lies between the end that is counted from and the character must be ASCII.
    let place = if index >= 0 {
        usize::try_from(index).ok().filter(|index| bytes.get(..=*index).is_some_and(<[u8]>::is_ascii))
    } else {
        let back = usize::try_from(index.unsigned_abs()).ok();
        back.and_then(|back| bytes.len().checked_sub(back)).filter(|place| bytes[*place..].is_ascii())
    };
    let found = match place {
        Some(place) => text.get(place..place + 1),
        None => {
            let index = if index < 0 { index.saturating_add(text.chars().count() as i64) } else { index };
            let index = usize::try_from(index).map_err(|_| Why::Raises)?;
            let start = byte_of(text, index).ok_or(Why::Raises)?;
            text[start..].chars().next().map(|c| &text[start..start + c.len_utf8()])
        }
    };
    found.map(Text::view).ok_or(Why::Raises)
}

pub fn slice(
    context: &mut Context<'_>,
    text: &str,
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
) -> Result<Text, Why> {
    let ascii = text.is_ascii();
    let length = if ascii { text.len() } else { text.chars().count() };
    let (start, count, step) = slice_of(length, start, stop, step).ok_or(Why::Raises)?;
    if count == 0 {
        return Ok(Text::view(""));
    }
    match (step, ascii) {
        (1, true) => Ok(Text::view(&text[start..start + count])),
        (1, false) => {
            let from = byte_of(text, start).ok_or(Why::Unusual)?;
            let to = byte_of(&text[from..], count).ok_or(Why::Unusual)?;
            Ok(Text::view(&text[from..from + to]))
        }
        (_, true) => {
            let bytes = text.as_bytes();
            let room = context.memory.room(count);
            let mut place = start as i64;
            for byte in room.iter_mut() {
                *byte = bytes[place as usize];
                place = place.wrapping_add(step);
            }
            Ok(Text([room.as_ptr() as u64, count as u64]))
        }
        (_, false) => {
            let characters: Vec<char> = text.chars().collect();
            let words = context.memory.written(|out| {
                let mut place = start as i64;
                for _ in 0..count {
                    push(out, characters[place as usize]);
                    place = place.wrapping_add(step);
                }
                Ok(())
            })?;
            Ok(Text(words))
        }
    }
}

/// Appends a character as UTF-8.
pub fn push(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

pub fn concat(context: &mut Context<'_>, texts: Texts<'_>) -> Result<Text, Why> {
    let length = texts.iter().map(str::len).sum();
    if length > LARGEST {
        return Err(Why::Unusual);
    }
    let room = context.memory.room(length);
    let mut rest = &mut *room;
    for text in texts.iter() {
        let (here, behind) = rest.split_at_mut(text.len());
        here.copy_from_slice(text.as_bytes());
        rest = behind;
    }
    Ok(Text([room.as_ptr() as u64, length as u64]))
}

/// So many times, end to end.
pub fn repeated(context: &mut Context<'_>, bytes: &[u8], times: i64) -> Result<[u64; 2], Why> {
    let times = times.max(0);
    let length = bytes.len() as i128 * i128::from(times);
    if length > LARGEST as i128 {
        return Err(Why::Unusual);
    }
    let room = context.memory.room(length as usize);
    if let [byte] = bytes {
        room.fill(*byte);
    } else if !bytes.is_empty() {
        room.chunks_exact_mut(bytes.len()).for_each(|part| part.copy_from_slice(bytes));
    }
    Ok([room.as_ptr() as u64, length as u64])
}

pub fn repeat(context: &mut Context<'_>, text: &str, times: i64) -> Result<Text, Why> {
    repeated(context, text.as_bytes(), times).map(Text)
}

pub fn join(context: &mut Context<'_>, separator: &str, parts: TextItems<'_>) -> Result<Text, Why> {
    let mut all = parts.iter();
    let Some(first) = all.next() else { return Ok(Text::view("")) };
    if all.len() == 0 {
        return Ok(Text::view(first));
    }
    let length = parts.iter().map(str::len).sum::<usize>() + separator.len() * all.len();
    if length > LARGEST {
        return Err(Why::Unusual);
    }
    let room = context.memory.room(length);
    let (here, mut rest) = room.split_at_mut(first.len());
    here.copy_from_slice(first.as_bytes());
    for part in all {
        let (here, behind) = rest.split_at_mut(separator.len());
        here.copy_from_slice(separator.as_bytes());
        let (here, behind) = behind.split_at_mut(part.len());
        here.copy_from_slice(part.as_bytes());
        rest = behind;
    }
    Ok(Text([room.as_ptr() as u64, length as u64]))
}

pub fn trim_start(text: &str) -> &str {
    let skipped = text.bytes().take_while(|byte| is_ascii_space(*byte)).count();
    let rest = &text[skipped..];
    if rest.as_bytes().first().is_none_or(u8::is_ascii) { rest } else { rest.trim_start_matches(is_space) }
}

pub fn trim_end(text: &str) -> &str {
    let skipped = text.bytes().rev().take_while(|byte| is_ascii_space(*byte)).count();
    let rest = &text[..text.len() - skipped];
    if rest.as_bytes().last().is_none_or(u8::is_ascii) { rest } else { rest.trim_end_matches(is_space) }
}

pub fn strip(_: &mut Context<'_>, text: &str) -> Result<Text, Why> {
    Ok(Text::view(trim_end(trim_start(text))))
}

pub fn lstrip(_: &mut Context<'_>, text: &str) -> Result<Text, Why> {
    Ok(Text::view(trim_start(text)))
}

pub fn rstrip(_: &mut Context<'_>, text: &str) -> Result<Text, Why> {
    Ok(Text::view(trim_end(text)))
}

pub fn strip_chars(_: &mut Context<'_>, text: &str, set: &str) -> Result<Text, Why> {
    Ok(Text::view(text.trim_matches(|c| set.contains(c))))
}

pub fn lstrip_chars(_: &mut Context<'_>, text: &str, set: &str) -> Result<Text, Why> {
    Ok(Text::view(text.trim_start_matches(|c| set.contains(c))))
}

pub fn rstrip_chars(_: &mut Context<'_>, text: &str, set: &str) -> Result<Text, Why> {
    Ok(Text::view(text.trim_end_matches(|c| set.contains(c))))
}

pub fn remove_prefix(_: &mut Context<'_>, text: &str, prefix: &str) -> Result<Text, Why> {
    Ok(Text::view(text.strip_prefix(prefix).unwrap_or(text)))
}

pub fn remove_suffix(_: &mut Context<'_>, text: &str, suffix: &str) -> Result<Text, Why> {
    Ok(Text::view(text.strip_suffix(suffix).unwrap_or(text)))
}

/// A text with fill characters on both sides.
fn padded(context: &mut Context<'_>, text: &str, left: usize, right: usize, fill: char) -> Result<Text, Why> {
    if left.saturating_add(right) > LARGEST {
        return Err(Why::Unusual);
    }
    if left + right == 0 {
        return Ok(Text::view(text));
    }
    let mut encoded = [0; 4];
    let fill = fill.encode_utf8(&mut encoded).as_bytes();
    let length = (left + right) * fill.len() + text.len();
    let room = context.memory.room(length);
    let (front, rest) = room.split_at_mut(left * fill.len());
    let (middle, back) = rest.split_at_mut(text.len());
    middle.copy_from_slice(text.as_bytes());
    for part in front.chunks_exact_mut(fill.len()).chain(back.chunks_exact_mut(fill.len())) {
        part.copy_from_slice(fill);
    }
    Ok(Text([room.as_ptr() as u64, length as u64]))
}

/// How many fill characters are missing to a width, and the fill character.
fn missing(text: &str, width: i64, fill: &str) -> Result<(usize, char), Why> {
    let mut characters = fill.chars();
    let (Some(fill), None) = (characters.next(), characters.next()) else { return Err(Why::Raises) };
    Ok((width.saturating_sub(count(text) as i64).max(0) as usize, fill))
}

pub fn center(context: &mut Context<'_>, text: &str, width: i64, fill: &str) -> Result<Text, Why> {
    let (missing, fill) = missing(text, width, fill)?;
    // An odd one goes to the left where the width is odd, too.
    let left = missing / 2 + (missing & (width.max(0) as usize) & 1);
    padded(context, text, left, missing - left, fill)
}

pub fn ljust(context: &mut Context<'_>, text: &str, width: i64, fill: &str) -> Result<Text, Why> {
    let (missing, fill) = missing(text, width, fill)?;
    padded(context, text, 0, missing, fill)
}

pub fn rjust(context: &mut Context<'_>, text: &str, width: i64, fill: &str) -> Result<Text, Why> {
    let (missing, fill) = missing(text, width, fill)?;
    padded(context, text, missing, 0, fill)
}

pub fn zfill(context: &mut Context<'_>, text: &str, width: i64) -> Result<Text, Why> {
    let (missing, _) = missing(text, width, "0")?;
    if missing == 0 || !text.starts_with(['+', '-']) {
        return padded(context, text, missing, 0, '0');
    }
    if missing > LARGEST {
        return Err(Why::Unusual);
    }
    let room = context.memory.room(text.len() + missing);
    room[0] = text.as_bytes()[0];
    room[1..=missing].fill(b'0');
    room[missing + 1..].copy_from_slice(&text.as_bytes()[1..]);
    Ok(Text([room.as_ptr() as u64, room.len() as u64]))
}

pub fn expand_tabs(context: &mut Context<'_>, text: &str, size: i64) -> Result<Text, Why> {
    let tabs = text.bytes().filter(|byte| *byte == b'\t').count();
    let size = usize::try_from(size).unwrap_or(0);
    if size.saturating_mul(tabs) > LARGEST {
        return Err(Why::Unusual);
    }
    if tabs == 0 {
        return Ok(Text::view(text));
    }
    let words = context.memory.written(|out| {
        let mut column = 0_usize;
        for c in text.chars() {
            if c == '\t' {
                let spaces = size - column.checked_rem(size).unwrap_or(0);
                out.resize(out.len() + spaces, b' ');
                column += spaces;
            } else {
                column = if matches!(c, '\n' | '\r') { 0 } else { column + 1 };
                push(out, c);
            }
        }
        Ok(())
    })?;
    Ok(Text(words))
}

pub fn encode(_: &mut Context<'_>, text: &str) -> Result<Data, Why> {
    Ok(Data::view(text.as_bytes()))
}

pub fn encode_ascii(_: &mut Context<'_>, text: &str) -> Result<Data, Why> {
    if text.is_ascii() { Ok(Data::view(text.as_bytes())) } else { Err(Why::NotAscii) }
}

pub fn chr(context: &mut Context<'_>, code: i64) -> Result<Text, Why> {
    let c = u32::try_from(code).ok().and_then(char::from_u32).ok_or(Why::Raises)?;
    Ok(Text(context.memory.text(c.encode_utf8(&mut [0; 4]).as_bytes())))
}

pub fn ord(_: &mut Context<'_>, text: &str) -> Result<i64, Why> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(c), None) => Ok(i64::from(u32::from(c))),
        _ => Err(Why::Raises),
    }
}

pub fn chars(context: &mut Context<'_>, text: &str) -> Result<ListWord, Why> {
    let mut list = Growing::new(context.memory, text.len() * 2);
    for (place, c) in text.char_indices() {
        list.push(context.memory, &Text::view(&text[place..place + c.len_utf8()]).0);
    }
    Ok(ListWord(list.finish(context.memory, 2)))
}
