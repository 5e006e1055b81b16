//! The operators: each takes a batch and gives a batch, and may hold state and timers.
//!
//! `union`, `iterate` and `close_with` have none: to merge inputs is what every stage does, see
//! [`Batch::merge`](super::batch::Batch::merge).

pub mod applier;
pub mod chain;
pub mod count_window;
pub mod keys;
pub mod native;
mod pieces;
pub mod reduce;
pub mod reducer;
mod rows;
mod stretches;
pub mod time_window;
pub mod verifier;
pub mod window_function;

use super::batch::Batch;
use super::stamp::Stamp;
use crate::clock::{Clock, Time};
use pyflink_plan::OperatorId;
use pyo3::prelude::*;
use rows::Rows;

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
