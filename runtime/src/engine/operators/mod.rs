//! The operators: each takes a batch and gives a batch, and may hold state and timers.
//!
//! `union`, `iterate` and `close_with` have none: to merge inputs is what every stage does, see
//! [`Batch::merge`](super::batch::Batch::merge).

pub mod chain;
pub mod count_window;
pub mod keys;
pub mod native;
pub mod reduce;
pub mod time_window;
pub mod window_function;

use super::batch::Batch;
use super::column::Column;
use super::stamp::Stamp;
use crate::clock::{Clock, Time};
use pyflink_plan::OperatorId;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::sync::Arc;

/// How far the clock has come in the wave at hand.
pub struct Moment<'a> {
    pub clock: &'a dyn Clock,
    pub first_tick: u64,
    /// Timers up to here go off, behind the batch's rows.
    pub reached: Time,
}

impl Moment<'_> {
    /// Where in the order the timer of `time` stands.
    pub fn timer(&self, time: Time) -> Stamp {
        Stamp { tick: self.clock.timer_tick(time, self.first_tick), element: false, time }
    }
}

/// A function that raised, and at what.
#[derive(Debug)]
pub struct Failure {
    pub stamp: Stamp,
    pub operator: OperatorId,
    pub error: PyErr,
    /// `repr` of the element, if there was one.
    pub element: Option<String>,
}

/// What an operator gave: everything up to the failure, if there was one.
pub struct Output {
    pub batch: Batch,
    pub failure: Option<Failure>,
}

impl Output {
    pub fn of(batch: Batch) -> Output {
        Output { batch, failure: None }
    }
}

pub trait Operator: Send {
    /// Takes the rows of a wave and fires what is due. The input's stamps never go back.
    fn process(&mut self, py: Python<'_>, input: &Batch, moment: &Moment) -> Output;

    /// When the next timer goes off.
    fn next_timer(&self) -> Option<Time> {
        None
    }
}

/// Results of a keyed operator as they come.
pub struct Rows<'py> {
    values: Bound<'py, PyList>,
    stamps: Vec<Stamp>,
    subtasks: Option<Vec<u32>>,
}

impl<'py> Rows<'py> {
    pub fn new(py: Python<'py>, parallel: bool) -> Rows<'py> {
        Rows { values: PyList::empty(py), stamps: Vec::new(), subtasks: parallel.then(Vec::new) }
    }

    pub fn push(&mut self, value: Bound<'py, PyAny>, stamp: Stamp, subtask: u32) -> PyResult<()> {
        self.values.append(value)?;
        self.label(stamp, subtask);
        Ok(())
    }

    /// The list that functions may append to directly; [`Rows::settle`] then gives the new rows their stamp.
    pub fn list(&self) -> &Bound<'py, PyList> {
        &self.values
    }

    pub fn settle(&mut self, stamp: Stamp, subtask: u32) {
        while self.stamps.len() < self.values.len() {
            self.label(stamp, subtask);
        }
    }

    /// Takes back what was appended since the last push or settle.
    pub fn discard(&mut self) -> PyResult<()> {
        self.values.del_slice(self.stamps.len(), self.values.len())
    }

    pub fn finish(self) -> Batch {
        Batch {
            values: Column::Objects(self.values.unbind()),
            stamps: Arc::new(self.stamps),
            subtasks: self.subtasks.map(Arc::new),
            side: None,
        }
    }

    fn label(&mut self, stamp: Stamp, subtask: u32) {
        self.stamps.push(stamp);
        if let Some(subtasks) = &mut self.subtasks {
            subtasks.push(subtask);
        }
    }
}

/// `repr` of an element for an error message, cut to a line's length.
pub fn describe(element: &Bound<'_, PyAny>) -> String {
    const LONGEST: usize = 200;
    let text = match element.repr() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => {
            format!("<a {} whose repr() fails>", element.get_type().name().map_or("value".into(), |n| n.to_string()))
        }
    };
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}
