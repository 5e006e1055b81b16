//! Case and classes of characters, of ASCII text: of others, they are in the Unicode database that CPython has.

use super::abi::{Context, Text};
use super::code_points::is_space;
use pyflink_plan::typed::Why;

/// A text of which each byte is given by the one at its place and the one ahead of it.
fn mapped(context: &mut Context<'_>, text: &str, map: impl Fn(u8, u8) -> u8) -> Result<Text, Why> {
    let bytes = ascii(text)?;
    let room = context.memory.room(bytes.len());
    let mut last = 0;
    for (to, from) in room.iter_mut().zip(bytes) {
        *to = map(last, *from);
        last = *from;
    }
    Ok(Text([room.as_ptr() as u64, bytes.len() as u64]))
}

fn ascii(text: &str) -> Result<&[u8], Why> {
    if text.is_ascii() { Ok(text.as_bytes()) } else { Err(Why::NotAscii) }
}

/// As above, by the byte alone, which the compiler makes a loop over many at once of.
#[inline]
fn each(context: &mut Context<'_>, text: &str, map: impl Fn(u8) -> u8) -> Result<Text, Why> {
    let bytes = ascii(text)?;
    let room = context.memory.room(bytes.len());
    room.iter_mut().zip(bytes).for_each(|(to, from)| *to = map(*from));
    Ok(Text([room.as_ptr() as u64, bytes.len() as u64]))
}

pub fn lower(context: &mut Context<'_>, text: &str) -> Result<Text, Why> {
    each(context, text, |byte| byte.to_ascii_lowercase())
}

pub fn upper(context: &mut Context<'_>, text: &str) -> Result<Text, Why> {
    each(context, text, |byte| byte.to_ascii_uppercase())
}

pub fn swap_case(context: &mut Context<'_>, text: &str) -> Result<Text, Why> {
    each(context, text, |byte| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { byte })
}

pub fn title(context: &mut Context<'_>, text: &str) -> Result<Text, Why> {
    mapped(context, text, |last, byte| {
        if last.is_ascii_alphabetic() { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() }
    })
}

pub fn capitalize(context: &mut Context<'_>, text: &str) -> Result<Text, Why> {
    let bytes = ascii(text)?;
    let room = context.memory.room(bytes.len());
    room.copy_from_slice(bytes);
    room.make_ascii_lowercase();
    if let Some(first) = room.first_mut() {
        first.make_ascii_uppercase();
    }
    Ok(Text([room.as_ptr() as u64, bytes.len() as u64]))
}

/// Whether there are characters and all are such; one of ASCII that isn't decides it for all others.
fn all(text: &str, is: impl Fn(u8) -> bool) -> Result<bool, Why> {
    if !text.bytes().all(|byte| is(byte) || !byte.is_ascii()) {
        return Ok(false);
    }
    Ok(!ascii(text)?.is_empty())
}

pub fn is_digit(_: &mut Context<'_>, text: &str) -> Result<bool, Why> {
    all(text, |byte| byte.is_ascii_digit())
}

pub fn is_alpha(_: &mut Context<'_>, text: &str) -> Result<bool, Why> {
    all(text, |byte| byte.is_ascii_alphabetic())
}

pub fn is_alnum(_: &mut Context<'_>, text: &str) -> Result<bool, Why> {
    all(text, |byte| byte.is_ascii_alphanumeric())
}

pub fn is_space_text(_: &mut Context<'_>, text: &str) -> Result<bool, Why> {
    Ok(!text.is_empty() && text.chars().all(is_space))
}

pub fn is_upper(_: &mut Context<'_>, text: &str) -> Result<bool, Why> {
    cased(text, |byte| byte.is_ascii_uppercase())
}

pub fn is_lower(_: &mut Context<'_>, text: &str) -> Result<bool, Why> {
    cased(text, |byte| byte.is_ascii_lowercase())
}

/// Whether there are letters and all are such.
fn cased(text: &str, is: impl Fn(u8) -> bool) -> Result<bool, Why> {
    if text.bytes().any(|byte| byte.is_ascii_alphabetic() && !is(byte)) {
        return Ok(false);
    }
    Ok(ascii(text)?.iter().any(u8::is_ascii_alphabetic))
}

pub fn is_title(_: &mut Context<'_>, text: &str) -> Result<bool, Why> {
    let mut last = 0_u8;
    let mut found = false;
    for byte in ascii(text)? {
        if byte.is_ascii_alphabetic() {
            // A capital begins a word, a small letter goes on with one.
            if byte.is_ascii_uppercase() == last.is_ascii_alphabetic() {
                return Ok(false);
            }
            found = true;
        }
        last = *byte;
    }
    Ok(found)
}

pub fn is_identifier(_: &mut Context<'_>, text: &str) -> Result<bool, Why> {
    if text.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
        return Ok(false);
    }
    all(text, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

pub fn is_ascii(_: &mut Context<'_>, text: &str) -> Result<bool, Why> {
    Ok(text.is_ascii())
}
