//! The sources a plan is made from, and spans in them.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Index of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// A range of bytes in one source file: `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub source: SourceId,
    pub start: u32,
    pub end: u32,
}

/// One Python file that the script consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// As the user named it, or found beside what the user named; relative paths are kept relative.
    pub path: String,
    /// Dotted name under which scripts import it: `word_count`, `utils`, `utils.constants`.
    pub module: String,
    /// True for a package's `__init__.py`.
    pub is_package: bool,
    pub text: String,
}

/// Hex SHA-256 of some parts, one after the other.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut sha = Sha256::new();
    parts.iter().for_each(|part| sha.update(part));
    sha.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl SourceFile {
    /// Hex SHA-256 of the text.
    pub fn sha256(&self) -> String {
        digest(&[self.text.as_bytes()])
    }

    /// Line and column (both from 1, columns in characters) of a byte offset.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// All files of a script; the first is the script itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    pub files: Vec<SourceFile>,
}

impl Sources {
    pub fn get(&self, id: SourceId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Line (from 1) at which the span starts.
    pub fn line(&self, span: Span) -> usize {
        self.get(span.source).line_column(span.start).0
    }

    /// `path:line` of the span's start.
    pub fn place(&self, span: Span) -> String {
        format!("{}:{}", self.get(span.source).path, self.line(span))
    }

    /// The text that the span covers.
    pub fn snippet(&self, span: Span) -> &str {
        self.get(span.source).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}
