//! Bytes to lines, as string views into the bytes: nothing is copied per line.

use super::IoError;
use arrow_array::StringViewArray;
use arrow_array::builder::StringViewBuilder;
use arrow_buffer::Buffer;
use memchr::memchr_iter;
use std::io::{self, Read};

/// Where lines come from, and how far they have been read.
pub struct LineReader {
    /// Named in errors: a path, or host:port.
    name: String,
    /// A line's beginning, whose end has not been read yet.
    carry: Vec<u8>,
    /// Whole lines that are still to be given, from `at` on.
    block: Buffer,
    at: usize,
    /// Number of lines given.
    line: u64,
    /// Bytes of the source ahead of `block`.
    offset: u64,
    ended: bool,
    /// Found behind lines that are to be given first.
    error: Option<IoError>,
}

impl LineReader {
    pub fn new(name: String) -> LineReader {
        let block = Buffer::from_vec(Vec::<u8>::new());
        LineReader { name, carry: Vec::new(), block, at: 0, line: 0, offset: 0, ended: false, error: None }
    }

    /// At most `rows` lines, without their ends (`\n`, and a `\r` before it). Reads once at least, about `bytes` at a
    /// time, until there is a whole line. `None` at the end; an unterminated last line counts.
    pub fn next(
        &mut self,
        source: &mut dyn Read,
        rows: usize,
        bytes: usize,
    ) -> Result<Option<StringViewArray>, IoError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        while self.at == self.block.len() {
            if self.ended {
                return Ok(None);
            }
            if let Err(error) = self.fill(source, bytes) {
                self.ended = true;
                return Err(IoError::Machine { what: self.name.clone(), error });
            }
        }
        self.split(rows)
    }

    /// Reads until `block` holds whole lines, or to the end.
    fn fill(&mut self, source: &mut dyn Read, bytes: usize) -> io::Result<()> {
        let mut data = std::mem::take(&mut self.carry);
        let mut searched = 0;
        self.offset += self.block.len() as u64;
        let whole = loop {
            let start = data.len();
            data.resize(start + bytes, 0);
            let read = loop {
                match source.read(&mut data[start..]) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    outcome => break outcome,
                }
            };
            data.truncate(start + *read.as_ref().unwrap_or(&0));
            if read? == 0 {
                self.ended = true;
                break data.len();
            }
            if let Some(end) = memchr::memrchr(b'\n', &data[searched..]) {
                break searched + end + 1;
            }
            searched = data.len();
        };
        self.carry = data.split_off(whole);
        self.block = Buffer::from_vec(data);
        self.at = 0;
        Ok(())
    }

    fn split(&mut self, rows: usize) -> Result<Option<StringViewArray>, IoError> {
        let mut builder = StringViewBuilder::with_capacity(rows.min(self.block.len() - self.at));
        let id = builder.append_block(self.block.clone());
        let bytes = self.block.as_slice();
        let start = self.at;
        let mut taken = 0;
        let ends = memchr_iter(b'\n', &bytes[start..]).map(|end| start + end).chain([bytes.len()]);
        for end in ends.take(rows) {
            if self.at == bytes.len() {
                break;
            }
            let line = &bytes[self.at..end];
            let len = if end < bytes.len() && line.last() == Some(&b'\r') { line.len() - 1 } else { line.len() };
            if let Err(bad) = std::str::from_utf8(&line[..len]) {
                self.error = Some(self.bad(&line[..len], bad));
                self.ended = true;
                self.at = bytes.len();
                break;
            }
            let (at, len) = (self.view(self.at)?, self.view(len)?);
            builder.try_append_view(id, at, len).map_err(|error| self.large(&error.to_string()))?;
            taken += 1;
            self.line += 1;
            self.at = (end + 1).min(bytes.len());
        }
        if taken == 0 {
            return self.error.take().map_or(Ok(None), Err);
        }
        Ok(Some(builder.finish()))
    }

    fn view(&self, position: usize) -> Result<u32, IoError> {
        u32::try_from(position).map_err(|_| self.large("it is longer than 4 GiB"))
    }

    fn large(&self, why: &str) -> IoError {
        IoError::Data { what: self.name.clone(), why: format!("line {}: {why}", self.line + 1) }
    }

    fn bad(&self, line: &[u8], error: std::str::Utf8Error) -> IoError {
        let at = error.valid_up_to();
        let bytes: Vec<String> = line[at..].iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let offset = self.offset + (self.at + at) as u64;
        let (what, number) = (self.name.clone(), self.line + 1);
        let why = format!("line {number} is not UTF-8: bytes {} at offset {offset}", bytes.join(" "));
        IoError::Data { what, why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;

    fn read(data: &[u8], rows: usize, bytes: usize) -> (Vec<String>, Option<String>) {
        let (mut reader, mut source) = (LineReader::new("x".to_owned()), data);
        let mut lines = Vec::new();
        loop {
            match reader.next(&mut source, rows, bytes) {
                Ok(Some(batch)) => {
                    assert!(batch.len() <= rows && !batch.is_empty());
                    lines.extend((0..batch.len()).map(|row| batch.value(row).to_owned()));
                }
                Ok(None) => return (lines, None),
                Err(error) => return (lines, Some(error.to_string())),
            }
        }
    }

    #[test]
    fn lines_are_the_same_whatever_the_sizes() {
        let text = "a\r\n\nlonger than twelve bytes\n\u{feff}ä\rb\r\r\nlast\r";
        let expected = ["a", "", "longer than twelve bytes", "\u{feff}ä\rb\r", "last\r"];
        for rows in [1, 2, 100] {
            for bytes in [1, 3, 1000] {
                assert_eq!(read(text.as_bytes(), rows, bytes), (expected.map(str::to_owned).to_vec(), None));
            }
        }
        assert_eq!(read(b"", 10, 10), (vec![], None));
        assert_eq!(read(b"\n", 10, 10), (vec![String::new()], None));
    }

    #[test]
    fn bad_bytes_come_after_the_lines_before_them() {
        for bytes in [1, 1000] {
            let (lines, error) = read(b"good\nb\xffd\nnever\n", 10, bytes);
            assert_eq!(lines, ["good"]);
            assert_eq!(error.as_deref(), Some("x: line 2 is not UTF-8: bytes ff 64 at offset 6"));
        }
    }
}
