//! Files and sockets, without Python: lines in, bytes out.

pub mod line_socket;
pub mod lines;
pub mod path;
pub mod socket_writer;
pub mod text_reader;
pub mod text_writer;

use std::fmt;
use std::io;

/// What could not be read or written, by who can mend it.
#[derive(Debug)]
pub enum IoError {
    /// The script or its parameters name something that can't be used: a path that isn't there, or is there already.
    Target { what: String, why: String },
    /// The data is not what it should be.
    Data { what: String, why: String },
    /// The machine or the other side failed.
    Machine { what: String, error: io::Error },
}

impl fmt::Display for IoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IoError::Target { what, why } | IoError::Data { what, why } => write!(f, "{what}: {why}"),
            IoError::Machine { what, error } => write!(f, "{what}: {}", sentence(error)),
        }
    }
}

impl std::error::Error for IoError {}

/// An error of the machine at a place.
pub fn machine<T: fmt::Display>(what: T) -> impl Fn(io::Error) -> IoError {
    let what = what.to_string();
    move |error| IoError::Machine { what: what.clone(), error }
}

/// What the operating system says, without its number.
fn sentence(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
