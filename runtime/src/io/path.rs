//! Paths as scripts write them: plain, or as a `file://` URL.

use super::IoError;
use std::path::PathBuf;

/// The local path that a script's path stands for.
pub fn local(path: &str) -> Result<PathBuf, IoError> {
    let refuse = |why: &str| Err(IoError::Target { what: path.to_owned(), why: why.to_owned() });
    if path.is_empty() {
        return Err(IoError::Target { what: "a path".to_owned(), why: "it is empty".to_owned() });
    }
    if path.contains('\0') {
        return refuse("a path can't hold a zero character");
    }
    if let Some(rest) = path.strip_prefix("file:") {
        let rest = match rest.strip_prefix("//") {
            // A host may stand here; only this one is local.
            Some(rest) => rest.strip_prefix("localhost").filter(|rest| rest.starts_with('/')).unwrap_or(rest),
            None => rest,
        };
        return match decode(rest) {
            Some(path) => Ok(PathBuf::from(path)),
            None => refuse("the % escapes in it are not UTF-8"),
        };
    }
    if path.starts_with("hdfs://") {
        return refuse("hdfs:// isn't there yet; use a local path");
    }
    Ok(PathBuf::from(path))
}

/// Replaces `%20` and the like; what is no escape stays as it is.
fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let value = escape.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        decoded.push(value.unwrap_or(bytes[at]));
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_plain_paths() {
        let path = |text: &str| local(text).map(|path| path.display().to_string()).map_err(|error| error.to_string());
        assert_eq!(path("a b.txt").as_deref(), Ok("a b.txt"));
        assert_eq!(path("file:///tmp/a%20b.txt").as_deref(), Ok("/tmp/a b.txt"));
        assert_eq!(path("file:/tmp/100%").as_deref(), Ok("/tmp/100%"));
        assert_eq!(path("file://localhost/tmp/x").as_deref(), Ok("/tmp/x"));
        assert!(path("hdfs://nn:1/x").is_err_and(|why| why.contains("isn't there yet")));
        assert!(path("").is_err());
    }
}
