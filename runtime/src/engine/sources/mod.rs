//! The sources. Each is polled by the engine; those that may block run on a thread of their own.

pub mod buffer;
pub mod collection;
pub mod lines;
pub mod native;
pub mod python;
pub mod sequence;

use super::column::Column;
use crate::summary::{Bails, Mode};
use pyo3::prelude::*;
use std::time::{Duration, Instant};

/// What a source has for the engine now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Rows that can be taken at once.
    pub rows: usize,
    /// Nothing comes after these rows.
    pub ended: bool,
    /// When rows that wait for their batch to fill are due.
    pub due: Option<Instant>,
    /// No row is there, but its function has printed something: to be had with `take(0)`.
    pub text: bool,
}

impl Ready {
    /// Of a source that has its rows at hand whenever it is asked.
    pub fn now(rows: usize, ended: bool) -> Ready {
        Ready { rows, ended, due: None, text: false }
    }
}

/// Rows of a source, and what its function printed ahead of some of them.
pub struct Taken {
    pub values: Column,
    /// The row (counted within these) ahead of which the text was printed.
    pub prints: Vec<(usize, Vec<u8>)>,
}

/// How the function of a source ran.
#[derive(Clone, Debug)]
pub struct SourceFunction {
    pub mode: Mode,
    /// What its types took.
    pub typing: Duration,
    /// What its machine code took.
    pub compile: Duration,
    /// Elements that machine code gave.
    pub given: u64,
    /// Where it left the rest to CPython.
    pub bail: Option<Bails>,
}

/// Why a source can't go on.
pub enum SourceError {
    Raised(PyErr),
    Failed(String),
}

pub trait Source: Send {
    /// Called once, when all functions are open.
    fn start(&mut self) {}

    /// Never blocks on anything but a local disk, and needs no interpreter.
    fn poll(&mut self, want: usize) -> Ready;

    /// Takes at most as many rows as the last poll said.
    fn take(&mut self, py: Python<'_>, rows: usize) -> PyResult<Taken>;

    /// Why it ended, if it did not end well. Asked when all rows are taken.
    fn error(&mut self) -> Option<SourceError> {
        None
    }

    /// Bytes read so far, if it reads bytes.
    fn bytes(&self) -> Option<u64> {
        None
    }

    /// How far it is, 0 to 1, if it has a known end.
    fn progress(&self) -> Option<f64> {
        None
    }

    /// Processor time of a source in Python; known when it has ended.
    fn python_time(&self) -> Option<Duration> {
        None
    }

    /// How its function ran, if it may be machine code; known when it has ended.
    fn function(&self) -> Option<SourceFunction> {
        None
    }

    /// Elements come by themselves, and are ordered by arrival when the clock is the system's.
    fn is_live(&self) -> bool {
        false
    }

    /// May keep others waiting for an unknown time.
    fn may_stall(&self) -> bool {
        false
    }

    /// Asks the source to end. Does not wait.
    fn cancel(&mut self, _py: Python<'_>) {}

    /// Waits for the source's thread for a moment; false if it still runs.
    fn join(&mut self) -> bool {
        true
    }
}
