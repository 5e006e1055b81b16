//! Writing to the standard streams. A reader that went away is no error.

use std::io::{IsTerminal, Write};

pub fn stdout(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

pub fn stderr(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

pub fn error(message: &str) {
    stderr(&format!("error: {message}\n"));
}

/// True if a terminal that shows colour is at that end, and `NO_COLOR` isn't set.
pub fn color(stream: &impl IsTerminal) -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    stream.is_terminal() && !unwanted && !dumb
}
