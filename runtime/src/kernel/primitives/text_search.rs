//! Looking for text in text: `in`, `find`, `count`, `startswith`, `replace`.

use super::abi::{Context, Text};
use super::code_points::{count as code_points, window};
use super::text::LARGEST;
use memchr::{memchr, memmem, memrchr};
use pyflink_plan::typed::Why;

/// Where it first is, in bytes.
#[inline]
pub fn find_bytes(bytes: &[u8], part: &[u8]) -> Option<usize> {
    match part {
        [byte] => memchr(*byte, bytes),
        _ => memmem::find(bytes, part),
    }
}

fn rfind_bytes(bytes: &[u8], part: &[u8]) -> Option<usize> {
    match part {
        [byte] => memrchr(*byte, bytes),
        _ => memmem::rfind(bytes, part),
    }
}

pub fn contains(_: &mut Context<'_>, text: &str, part: &str) -> Result<bool, Why> {
    Ok(find_bytes(text.as_bytes(), part.as_bytes()).is_some())
}

/// Where a part is, in code points of the text, by what finds it in bytes.
fn position(
    text: &str,
    start: Option<i64>,
    end: Option<i64>,
    find: impl FnOnce(&[u8]) -> Option<usize>,
) -> Option<i64> {
    let (within, _, first) = window(text, start, end)?;
    let place = find(within.as_bytes())?;
    Some((first + code_points(&within[..place])) as i64)
}

pub fn find(_: &mut Context<'_>, text: &str, part: &str, start: Option<i64>, end: Option<i64>) -> Result<i64, Why> {
    Ok(position(text, start, end, |bytes| find_bytes(bytes, part.as_bytes())).unwrap_or(-1))
}

pub fn rfind(_: &mut Context<'_>, text: &str, part: &str, start: Option<i64>, end: Option<i64>) -> Result<i64, Why> {
    Ok(position(text, start, end, |bytes| rfind_bytes(bytes, part.as_bytes())).unwrap_or(-1))
}

pub fn index_of(_: &mut Context<'_>, text: &str, part: &str, start: Option<i64>, end: Option<i64>) -> Result<i64, Why> {
    position(text, start, end, |bytes| find_bytes(bytes, part.as_bytes())).ok_or(Why::Raises)
}

pub fn rindex_of(
    _: &mut Context<'_>,
    text: &str,
    part: &str,
    start: Option<i64>,
    end: Option<i64>,
) -> Result<i64, Why> {
    position(text, start, end, |bytes| rfind_bytes(bytes, part.as_bytes())).ok_or(Why::Raises)
}

pub fn count(_: &mut Context<'_>, text: &str, part: &str, start: Option<i64>, end: Option<i64>) -> Result<i64, Why> {
    let Some((within, ..)) = window(text, start, end) else { return Ok(0) };
    let bytes = within.as_bytes();
    Ok(match part.as_bytes() {
        [] => code_points(within) as i64 + 1,
        [byte] => memchr::memchr_iter(*byte, bytes).count() as i64,
        part => memmem::find_iter(bytes, part).count() as i64,
    })
}

pub fn starts_with(
    _: &mut Context<'_>,
    text: &str,
    part: &str,
    start: Option<i64>,
    end: Option<i64>,
) -> Result<bool, Why> {
    Ok(window(text, start, end).is_some_and(|(within, ..)| within.starts_with(part)))
}

pub fn ends_with(
    _: &mut Context<'_>,
    text: &str,
    part: &str,
    start: Option<i64>,
    end: Option<i64>,
) -> Result<bool, Why> {
    Ok(window(text, start, end).is_some_and(|(within, ..)| within.ends_with(part)))
}

pub fn replace(context: &mut Context<'_>, text: &str, old: &str, new: &str, limit: i64) -> Result<Text, Why> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if limit == 0 {
        return Ok(Text::view(text));
    }
    if old.is_empty() {
        return between(context, text, new, limit);
    }
    replace_bytes(context, text.as_bytes(), old.as_bytes(), new.as_bytes(), limit).map(Text)
}

/// Puts a text ahead of each character and behind the last, so many times at most.
fn between(context: &mut Context<'_>, text: &str, new: &str, limit: usize) -> Result<Text, Why> {
    let words = context.memory.written(|out| {
        let mut left = limit;
        for c in text.chars() {
            if left > 0 {
                left -= 1;
                out.extend_from_slice(new.as_bytes());
            }
            super::text::push(out, c);
            if out.len() > LARGEST {
                return Err(Why::Unusual);
            }
        }
        if left > 0 {
            out.extend_from_slice(new.as_bytes());
        }
        Ok(())
    })?;
    Ok(Text(words))
}

/// Replaces what isn't empty; the bytes themselves if it isn't there.
pub fn replace_bytes(
    context: &mut Context<'_>,
    bytes: &[u8],
    old: &[u8],
    new: &[u8],
    limit: usize,
) -> Result<[u64; 2], Why> {
    let Some(first) = find_bytes(bytes, old) else { return Ok([bytes.as_ptr() as u64, bytes.len() as u64]) };
    context.memory.written(|out| {
        out.reserve(bytes.len());
        let mut rest = bytes;
        let mut left = limit;
        let mut next = Some(first);
        let finder = memmem::Finder::new(old);
        while let Some(place) = next {
            out.extend_from_slice(&rest[..place]);
            out.extend_from_slice(new);
            if out.len() > LARGEST {
                return Err(Why::Unusual);
            }
            rest = &rest[place + old.len()..];
            left -= 1;
            next = if left == 0 { None } else { finder.find(rest) };
        }
        out.extend_from_slice(rest);
        Ok(())
    })
}
