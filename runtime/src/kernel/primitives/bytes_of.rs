//! Bytes made of other values, other values made of them, and their rarer methods.

use super::abi::{Context, Data, Entry, Text, entry};
use super::bytes::{is_space, trim_start};
use super::text::{LARGEST, repeated};
use super::text_search::find_bytes;
use super::views::{Items, View};
use memchr::memmem;
use pyflink_plan::bytes::BytesOp;
use pyflink_plan::typed::Why;

pub fn function(op: BytesOp) -> Entry {
    use BytesOp::*;
    match op {
        Zeros => entry!(zeros),
        FromInts => entry!(from_ints),
        FromHex => entry!(from_hex),
        ToInt { big: true, signed: true } => entry!(to_int::<true, true>),
        ToInt { big: true, signed: false } => entry!(to_int::<true, false>),
        ToInt { big: false, signed: true } => entry!(to_int::<false, true>),
        ToInt { big: false, signed: false } => entry!(to_int::<false, false>),
        OfInt { big: true, signed: true } => entry!(of_int::<true, true>),
        OfInt { big: true, signed: false } => entry!(of_int::<true, false>),
        OfInt { big: false, signed: true } => entry!(of_int::<false, true>),
        OfInt { big: false, signed: false } => entry!(of_int::<false, false>),
        DecodeReplace => entry!(decode_replace),
        DecodeIgnore => entry!(decode_ignore),
        DecodeLatin => entry!(decode_latin),
        EncodeLatin => entry!(encode_latin),
        Repeat => entry!(repeat),
        LStrip => entry!(lstrip),
        RStrip => entry!(rstrip),
        StripBytes => entry!(strip_bytes),
        LStripBytes => entry!(lstrip_bytes),
        RStripBytes => entry!(rstrip_bytes),
        Center => entry!(center),
        LJust => entry!(ljust),
        RJust => entry!(rjust),
        RemovePrefix => entry!(remove_prefix),
        RemoveSuffix => entry!(remove_suffix),
        Count => entry!(count),
        RFind => entry!(rfind),
        Index => entry!(index),
        RIndex => entry!(rindex),
        Join => entry!(join),
        Partition => entry!(partition),
        RPartition => entry!(rpartition),
        IsDigit => entry!(is_digit),
        IsAlpha => entry!(is_alpha),
        IsAlnum => entry!(is_alnum),
        IsSpace => entry!(is_space_only),
    }
}

fn zeros(context: &mut Context<'_>, count: i64) -> Result<Data, Why> {
    if count < 0 {
        return Err(Why::Raises);
    }
    repeated(context, &[0], count).map(Data)
}

fn from_ints(context: &mut Context<'_>, ints: Items<'_>) -> Result<Data, Why> {
    let room = context.memory.room(ints.length);
    for (byte, int) in room.iter_mut().zip(ints.values()) {
        let View::Int(int) = int.view() else { return Err(Why::OtherType) };
        *byte = u8::try_from(int).map_err(|_| Why::Raises)?;
    }
    Ok(Data::view(room))
}

fn from_hex(context: &mut Context<'_>, text: &str) -> Result<Data, Why> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16)).ok_or(Why::Raises);
    let mut left = text.as_bytes().iter();
    let words = context.memory.written(|out| {
        while let Some(first) = left.next() {
            if !is_space(*first) {
                out.push((digit(Some(first))? << 4 | digit(left.next())?) as u8);
            }
        }
        Ok(())
    })?;
    Ok(Data(words))
}

fn to_int<const BIG: bool, const SIGNED: bool>(_: &mut Context<'_>, bytes: &[u8]) -> Result<i64, Why> {
    let top = if BIG { bytes.first() } else { bytes.last() };
    let is_negative = SIGNED && top.is_some_and(|top| top & 0x80 != 0);
    let filling = if is_negative { 0xff } else { 0 };
    // What lies above the lowest eight bytes must be what fills them up.
    let mut low = [filling; 8];
    for (place, byte) in bytes.iter().enumerate() {
        let place = if BIG { bytes.len() - 1 - place } else { place };
        match low.get_mut(place) {
            Some(low) => *low = *byte,
            None if *byte == filling => {}
            None => return Err(Why::Overflow),
        }
    }
    let value = i64::from_le_bytes(low);
    if (value < 0) == is_negative { Ok(value) } else { Err(Why::Overflow) }
}

fn of_int<const BIG: bool, const SIGNED: bool>(
    context: &mut Context<'_>,
    value: i64,
    length: i64,
) -> Result<Data, Why> {
    let length = usize::try_from(length).map_err(|_| Why::Raises)?;
    if value < 0 && !SIGNED {
        return Err(Why::Raises);
    }
    if length > LARGEST {
        return Err(Why::Unusual);
    }
    if length < 8 {
        let bits = 8 * length as u32 - u32::from(SIGNED && length > 0);
        let above = value >> bits;
        if above != 0 && !(SIGNED && above == -1) || length == 0 && value != 0 {
            return Err(Why::Raises);
        }
    }
    let filling = if value < 0 { 0xff } else { 0 };
    let room = context.memory.room(length);
    room.fill(filling);
    let low = value.to_le_bytes();
    for (place, byte) in low.iter().take(length).enumerate() {
        room[if BIG { length - 1 - place } else { place }] = *byte;
    }
    Ok(Data::view(room))
}

fn decoded(context: &mut Context<'_>, bytes: &[u8], replacement: &str) -> Result<Text, Why> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Text::view(text));
    }
    let words = context.memory.written(|out| {
        for chunk in bytes.utf8_chunks() {
            out.extend_from_slice(chunk.valid().as_bytes());
            if !chunk.invalid().is_empty() {
                out.extend_from_slice(replacement.as_bytes());
            }
        }
        Ok::<(), Why>(())
    })?;
    Ok(Text(words))
}

fn decode_replace(context: &mut Context<'_>, bytes: &[u8]) -> Result<Text, Why> {
    decoded(context, bytes, "\u{fffd}")
}

fn decode_ignore(context: &mut Context<'_>, bytes: &[u8]) -> Result<Text, Why> {
    decoded(context, bytes, "")
}

fn decode_latin(context: &mut Context<'_>, bytes: &[u8]) -> Result<Text, Why> {
    if let (true, Ok(text)) = (bytes.is_ascii(), std::str::from_utf8(bytes)) {
        return Ok(Text::view(text));
    }
    let words = context.memory.written(|out| {
        for byte in bytes {
            out.extend_from_slice(char::from(*byte).encode_utf8(&mut [0; 2]).as_bytes());
        }
        Ok::<(), Why>(())
    })?;
    Ok(Text(words))
}

fn encode_latin(context: &mut Context<'_>, text: &str) -> Result<Data, Why> {
    if text.is_ascii() {
        return Ok(Data::view(text.as_bytes()));
    }
    let words = context.memory.written(|out| {
        for c in text.chars() {
            out.push(u8::try_from(u32::from(c)).map_err(|_| Why::Unusual)?);
        }
        Ok(())
    })?;
    Ok(Data(words))
}

fn repeat(context: &mut Context<'_>, bytes: &[u8], times: i64) -> Result<Data, Why> {
    repeated(context, bytes, times).map(Data)
}

fn lstrip(_: &mut Context<'_>, bytes: &[u8]) -> Result<Data, Why> {
    Ok(Data::view(trim_start(bytes)))
}

fn rstrip(_: &mut Context<'_>, bytes: &[u8]) -> Result<Data, Why> {
    Ok(Data::view(without(bytes, is_space, (false, true))))
}

/// Without such bytes at its start, its end, or both.
fn without(mut bytes: &[u8], is_off: impl Fn(u8) -> bool, (start, end): (bool, bool)) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && start
        && is_off(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && end
        && is_off(*last)
    {
        bytes = rest;
    }
    bytes
}

fn strip_bytes(_: &mut Context<'_>, bytes: &[u8], of: &[u8]) -> Result<Data, Why> {
    Ok(Data::view(without(bytes, |byte| of.contains(&byte), (true, true))))
}

fn lstrip_bytes(_: &mut Context<'_>, bytes: &[u8], of: &[u8]) -> Result<Data, Why> {
    Ok(Data::view(without(bytes, |byte| of.contains(&byte), (true, false))))
}

fn rstrip_bytes(_: &mut Context<'_>, bytes: &[u8], of: &[u8]) -> Result<Data, Why> {
    Ok(Data::view(without(bytes, |byte| of.contains(&byte), (false, true))))
}

fn center(context: &mut Context<'_>, bytes: &[u8], width: i64, fill: &[u8]) -> Result<Data, Why> {
    padded(context, bytes, width, fill, |missing, width| missing / 2 + (missing & width & 1))
}

fn ljust(context: &mut Context<'_>, bytes: &[u8], width: i64, fill: &[u8]) -> Result<Data, Why> {
    padded(context, bytes, width, fill, |_, _| 0)
}

fn rjust(context: &mut Context<'_>, bytes: &[u8], width: i64, fill: &[u8]) -> Result<Data, Why> {
    padded(context, bytes, width, fill, |missing, _| missing)
}

/// As wide; `left` says how much of what is missing stands in front.
fn padded(
    context: &mut Context<'_>,
    bytes: &[u8],
    width: i64,
    fill: &[u8],
    left: impl Fn(usize, usize) -> usize,
) -> Result<Data, Why> {
    let [fill] = fill else { return Err(Why::Raises) };
    let width = width.max(0) as usize;
    let Some(missing) = width.checked_sub(bytes.len()).filter(|missing| *missing > 0) else {
        return Ok(Data::view(bytes));
    };
    if width > LARGEST {
        return Err(Why::Unusual);
    }
    let room = context.memory.room(width);
    room.fill(*fill);
    let left = left(missing, width);
    room[left..left + bytes.len()].copy_from_slice(bytes);
    Ok(Data::view(room))
}

fn remove_prefix(_: &mut Context<'_>, bytes: &[u8], prefix: &[u8]) -> Result<Data, Why> {
    Ok(Data::view(bytes.strip_prefix(prefix).unwrap_or(bytes)))
}

fn remove_suffix(_: &mut Context<'_>, bytes: &[u8], suffix: &[u8]) -> Result<Data, Why> {
    Ok(Data::view(bytes.strip_suffix(suffix).unwrap_or(bytes)))
}

fn count(_: &mut Context<'_>, bytes: &[u8], part: &[u8]) -> Result<i64, Why> {
    Ok(match part {
        [] => bytes.len() as i64 + 1,
        part => memmem::find_iter(bytes, part).count() as i64,
    })
}

fn last(bytes: &[u8], part: &[u8]) -> Option<i64> {
    memmem::rfind(bytes, part).map(|place| place as i64)
}

fn rfind(_: &mut Context<'_>, bytes: &[u8], part: &[u8]) -> Result<i64, Why> {
    Ok(last(bytes, part).unwrap_or(-1))
}

fn index(_: &mut Context<'_>, bytes: &[u8], part: &[u8]) -> Result<i64, Why> {
    find_bytes(bytes, part).map(|place| place as i64).ok_or(Why::Raises)
}

fn rindex(_: &mut Context<'_>, bytes: &[u8], part: &[u8]) -> Result<i64, Why> {
    last(bytes, part).ok_or(Why::Raises)
}

fn join(context: &mut Context<'_>, separator: &[u8], parts: Items<'_>) -> Result<Data, Why> {
    let words = context.memory.written(|out| {
        for (at, part) in parts.values().enumerate() {
            let View::Bytes(part) = part.view() else { return Err(Why::OtherType) };
            if at > 0 {
                out.extend_from_slice(separator);
            }
            out.extend_from_slice(part);
            if out.len() > LARGEST {
                return Err(Why::Unusual);
            }
        }
        Ok(())
    })?;
    Ok(Data(words))
}

fn partition(_: &mut Context<'_>, bytes: &[u8], separator: &[u8]) -> Result<[Data; 3], Why> {
    if separator.is_empty() {
        return Err(Why::Raises);
    }
    Ok(match find_bytes(bytes, separator) {
        Some(place) => around(bytes, place, separator.len()),
        None => [bytes, b"", b""].map(Data::view),
    })
}

fn rpartition(_: &mut Context<'_>, bytes: &[u8], separator: &[u8]) -> Result<[Data; 3], Why> {
    if separator.is_empty() {
        return Err(Why::Raises);
    }
    Ok(match memmem::rfind(bytes, separator) {
        Some(place) => around(bytes, place, separator.len()),
        None => [b"", b"", bytes].map(Data::view),
    })
}

fn around(bytes: &[u8], place: usize, length: usize) -> [Data; 3] {
    [&bytes[..place], &bytes[place..place + length], &bytes[place + length..]].map(Data::view)
}

fn all(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is(*byte))
}

fn is_digit(_: &mut Context<'_>, bytes: &[u8]) -> Result<bool, Why> {
    Ok(all(bytes, |byte| byte.is_ascii_digit()))
}

fn is_alpha(_: &mut Context<'_>, bytes: &[u8]) -> Result<bool, Why> {
    Ok(all(bytes, |byte| byte.is_ascii_alphabetic()))
}

fn is_alnum(_: &mut Context<'_>, bytes: &[u8]) -> Result<bool, Why> {
    Ok(all(bytes, |byte| byte.is_ascii_alphanumeric()))
}

fn is_space_only(_: &mut Context<'_>, bytes: &[u8]) -> Result<bool, Why> {
    Ok(all(bytes, is_space))
}
