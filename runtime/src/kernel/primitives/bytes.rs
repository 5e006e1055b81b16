//! Bytes.

use super::abi::{Context, Data, ListWord, Text};
use super::code_points::slice as slice_of;
use super::text_search::{find_bytes, replace_bytes};
use crate::kernel::memory::Growing;
use memchr::memmem;
use pyflink_plan::typed::Why;

pub fn len(_: &mut Context<'_>, bytes: &[u8]) -> Result<i64, Why> {
    Ok(bytes.len() as i64)
}

pub fn index(_: &mut Context<'_>, bytes: &[u8], index: i64) -> Result<i64, Why> {
    let index = if index < 0 { index.saturating_add(bytes.len() as i64) } else { index };
    let byte = usize::try_from(index).ok().and_then(|index| bytes.get(index));
    byte.map(|byte| i64::from(*byte)).ok_or(Why::Raises)
}

pub fn slice(
    context: &mut Context<'_>,
    bytes: &[u8],
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
) -> Result<Data, Why> {
    let (start, count, step) = slice_of(bytes.len(), start, stop, step).ok_or(Why::Raises)?;
    if step == 1 {
        return Ok(Data::view(&bytes[start..start + count]));
    }
    let room = context.memory.room(count);
    let mut place = start as i64;
    for byte in room.iter_mut() {
        *byte = bytes[place as usize];
        place = place.wrapping_add(step);
    }
    Ok(Data::view(room))
}

pub fn concat(context: &mut Context<'_>, a: &[u8], b: &[u8]) -> Result<Data, Why> {
    let room = context.memory.room(a.len() + b.len());
    let (front, back) = room.split_at_mut(a.len());
    front.copy_from_slice(a);
    back.copy_from_slice(b);
    Ok(Data::view(room))
}

pub fn contains(_: &mut Context<'_>, bytes: &[u8], part: &[u8]) -> Result<bool, Why> {
    Ok(find_bytes(bytes, part).is_some())
}

pub fn decode(_: &mut Context<'_>, bytes: &[u8]) -> Result<Text, Why> {
    std::str::from_utf8(bytes).map(Text::view).map_err(|_| Why::Raises)
}

pub fn decode_ascii(context: &mut Context<'_>, bytes: &[u8]) -> Result<Text, Why> {
    if bytes.is_ascii() { decode(context, bytes) } else { Err(Why::Raises) }
}

pub fn lower(context: &mut Context<'_>, bytes: &[u8]) -> Result<Data, Why> {
    let room = context.memory.room(bytes.len());
    room.copy_from_slice(bytes);
    room.make_ascii_lowercase();
    Ok(Data::view(room))
}

pub fn upper(context: &mut Context<'_>, bytes: &[u8]) -> Result<Data, Why> {
    let room = context.memory.room(bytes.len());
    room.copy_from_slice(bytes);
    room.make_ascii_uppercase();
    Ok(Data::view(room))
}

/// White space of bytes: without the separators that text has.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

pub fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_space(*first)
    {
        bytes = rest;
    }
    bytes
}

pub fn strip(_: &mut Context<'_>, bytes: &[u8]) -> Result<Data, Why> {
    let mut bytes = trim_start(bytes);
    while let [rest @ .., last] = bytes
        && is_space(*last)
    {
        bytes = rest;
    }
    Ok(Data::view(bytes))
}

pub fn split(context: &mut Context<'_>, bytes: &[u8], limit: i64) -> Result<ListWord, Why> {
    let mut list = Growing::new(context.memory, 16);
    let mut left = if limit < 0 { i64::MAX } else { limit };
    let mut rest = trim_start(bytes);
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| left > 0 && is_space(*byte)).unwrap_or(rest.len());
        left -= 1;
        list.push(context.memory, &Data::view(&rest[..end]).0);
        rest = trim_start(&rest[end..]);
    }
    Ok(ListWord(list.finish(context.memory, 2)))
}

pub fn split_at(context: &mut Context<'_>, bytes: &[u8], separator: &[u8], limit: i64) -> Result<ListWord, Why> {
    if separator.is_empty() {
        return Err(Why::Raises);
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut list = Growing::new(context.memory, 16);
    let mut start = 0;
    for place in memmem::find_iter(bytes, separator).take(limit) {
        list.push(context.memory, &Data::view(&bytes[start..place]).0);
        start = place + separator.len();
    }
    list.push(context.memory, &Data::view(&bytes[start..]).0);
    Ok(ListWord(list.finish(context.memory, 2)))
}

pub fn replace(context: &mut Context<'_>, bytes: &[u8], old: &[u8], new: &[u8], limit: i64) -> Result<Data, Why> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if limit == 0 {
        return Ok(Data::view(bytes));
    }
    if old.is_empty() {
        let words = context.memory.written(|out| {
            for (number, byte) in bytes.iter().enumerate() {
                if number < limit {
                    out.extend_from_slice(new);
                }
                out.push(*byte);
                if out.len() > super::text::LARGEST {
                    return Err(Why::Unusual);
                }
            }
            if bytes.len() < limit {
                out.extend_from_slice(new);
            }
            Ok(())
        })?;
        return Ok(Data(words));
    }
    replace_bytes(context, bytes, old, new, limit).map(Data)
}

pub fn starts_with(_: &mut Context<'_>, bytes: &[u8], part: &[u8]) -> Result<bool, Why> {
    Ok(bytes.starts_with(part))
}

pub fn ends_with(_: &mut Context<'_>, bytes: &[u8], part: &[u8]) -> Result<bool, Why> {
    Ok(bytes.ends_with(part))
}

pub fn find(_: &mut Context<'_>, bytes: &[u8], part: &[u8]) -> Result<i64, Why> {
    Ok(find_bytes(bytes, part).map_or(-1, |place| place as i64))
}

pub fn hex(context: &mut Context<'_>, bytes: &[u8]) -> Result<Text, Why> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let room = context.memory.room(bytes.len() * 2);
    for (pair, byte) in room.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
    Ok(Text([room.as_ptr() as u64, room.len() as u64]))
}
