//! The process's standard output: the one writer of what sinks and functions print.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

struct Writer {
    buffer: Vec<u8>,
    /// The reader went away; nothing more is written.
    closed: bool,
}

static WRITER: Mutex<Writer> = Mutex::new(Writer { buffer: Vec::new(), closed: false });

/// Bytes that are held back, at the most, while no line ends.
const BUFFER: usize = 1 << 16;

/// Takes bytes; they reach standard output with the next line end at the latest.
pub fn write(data: &[u8]) -> io::Result<()> {
    let mut writer = lock();
    writer.buffer.extend_from_slice(data);
    if data.contains(&b'\n') || writer.buffer.len() > BUFFER { writer.flush() } else { writer.check() }
}

pub fn flush() -> io::Result<()> {
    lock().flush()
}

/// True once a write found that nobody reads any more.
pub fn is_closed() -> bool {
    lock().closed
}

fn lock() -> MutexGuard<'static, Writer> {
    WRITER.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Writer {
    fn check(&self) -> io::Result<()> {
        if self.closed { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.check()?;
        let mut out = io::stdout().lock();
        let outcome = out.write_all(&self.buffer).and_then(|()| out.flush());
        self.buffer.clear();
        if outcome.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            self.closed = true;
        }
        outcome
    }
}
