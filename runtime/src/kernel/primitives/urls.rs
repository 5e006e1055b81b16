//! URLs, as `urllib.parse` takes them apart. Versions of Python differ in what they do with signs that URLs don't have:
//! these bail.

use super::abi::{Context, Text};
use memchr::{memchr, memrchr};
use pyflink_plan::typed::Why;

/// `urlsplit`: scheme, net location, path, query, fragment.
pub fn split(context: &mut Context<'_>, url: &str) -> Result<[Text; 5], Why> {
    let is_usual = url.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if !is_usual || url.starts_with(' ') || url.ends_with(' ') {
        return Err(Why::Unusual);
    }
    let (scheme, rest) = match url.split_once(':') {
        Some((scheme, rest)) if !scheme.is_empty() && scheme.bytes().all(is_of_scheme) => {
            let is_port = rest.bytes().all(|byte| byte.is_ascii_digit());
            if !scheme.starts_with(|first: char| first.is_ascii_alphabetic()) || is_port {
                return Err(Why::Unusual);
            }
            (scheme, rest)
        }
        _ => ("", url),
    };
    let (location, rest) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
        None => ("", rest),
    };
    if location.contains(['[', ']']) {
        return Err(Why::Unusual);
    }
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let scheme = lower(context, scheme, scheme.len())?;
    let [location, path, query, fragment] = [location, path, query, fragment].map(Text::view);
    Ok([scheme, location, path, query, fragment])
}

/// `urlparse`, which takes parameters from paths that have some.
pub fn parse(context: &mut Context<'_>, url: &str) -> Result<[Text; 5], Why> {
    match url.contains(';') {
        true => Err(Why::Unusual),
        false => split(context, url),
    }
}

/// The host of a net location, in lower case up to a zone.
pub fn host(context: &mut Context<'_>, location: &str) -> Result<Option<Text>, Why> {
    if !location.is_ascii() || location.contains(['[', ']']) {
        return Err(Why::Unusual);
    }
    let host = &location[memrchr(b'@', location.as_bytes()).map_or(0, |at| at + 1)..];
    let host = &host[..memchr(b':', host.as_bytes()).unwrap_or(host.len())];
    if host.is_empty() {
        return Ok(None);
    }
    let zone = memchr(b'%', host.as_bytes()).unwrap_or(host.len());
    lower(context, host, zone).map(Some)
}

/// `unquote`: what isn't UTF-8 then bails, as does text that isn't ASCII before.
pub fn unquote(context: &mut Context<'_>, text: &str) -> Result<Text, Why> {
    if memchr(b'%', text.as_bytes()).is_none() {
        return Ok(Text::view(text));
    }
    if !text.is_ascii() {
        return Err(Why::Unusual);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        match (first, behind) {
            (b'%', [high, low, behind @ ..])
                if let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16)) =>
            {
                bytes.push((high * 16 + low) as u8);
                rest = behind;
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    if std::str::from_utf8(&bytes).is_err() {
        return Err(Why::Unusual);
    }
    let words = context.memory.written(|out| {
        out.extend_from_slice(&bytes);
        Ok::<(), Why>(())
    })?;
    Ok(Text(words))
}

fn is_of_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// ASCII in lower case up to a place.
fn lower(context: &mut Context<'_>, text: &str, end: usize) -> Result<Text, Why> {
    if !text[..end].bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Ok(Text::view(text));
    }
    let words = context.memory.written(|out| {
        out.extend_from_slice(text[..end].to_ascii_lowercase().as_bytes());
        out.extend_from_slice(&text.as_bytes()[end..]);
        Ok::<(), Why>(())
    })?;
    Ok(Text(words))
}
