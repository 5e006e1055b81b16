//! What functions print, held until it is their element's turn.
//!
//! Each thread knows what it is working on: the engine's at which row and operator, a source's at which element. Text
//! that is printed outside of both goes to standard output as it comes.

use super::sources::buffer::SourceBuffer;
use super::stamp::{Stamp, Stamps};
use super::stdout;
use crate::python::signals;
use pyflink_plan::OperatorId;
use pyo3::prelude::*;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// Text printed by an operator at an element.
#[derive(Debug)]
pub struct Print {
    pub stamp: Stamp,
    pub operator: OperatorId,
    pub text: Vec<u8>,
}

enum Place {
    Outside,
    Row(Stamp, OperatorId),
    Chain {
        /// The iterator over the batch that the generated code reads.
        rows: Py<PyAny>,
        stamps: Stamps,
        lines: Arc<HashMap<u32, OperatorId>>,
        first: OperatorId,
    },
    Source(Arc<SourceBuffer>),
}

struct Capture {
    place: Place,
    /// Within a loop, everything counts as printed by its head: rounds stay in their order.
    head: Option<OperatorId>,
    prints: Vec<Print>,
}

thread_local! {
    static CAPTURE: RefCell<Capture> = const { RefCell::new(Capture { place: Place::Outside, head: None, prints: Vec::new() }) };
}

fn set(place: Place) {
    // The place before is dropped outside the borrow: dropping Python objects may run Python code.
    let before = CAPTURE.with_borrow_mut(|capture| std::mem::replace(&mut capture.place, place));
    drop(before);
}

/// From now on this thread works on a row.
pub fn at(stamp: Stamp, operator: OperatorId) {
    CAPTURE.with_borrow_mut(|capture| match &mut capture.place {
        Place::Row(row, by) => (*row, *by) = (stamp, operator),
        place => *place = Place::Row(stamp, operator),
    });
}

/// From now on this thread runs generated code over a batch.
pub fn chain(rows: &Bound<'_, PyAny>, stamps: Stamps, lines: Arc<HashMap<u32, OperatorId>>, first: OperatorId) {
    set(Place::Chain { rows: rows.clone().unbind(), stamps, lines, first });
}

/// From now on this thread runs a source's function.
pub fn source(buffer: Arc<SourceBuffer>) {
    set(Place::Source(buffer));
}

/// From now on this thread works on no element.
pub fn done() {
    set(Place::Outside);
}

/// Prints count as those of a loop's head from here on, or no longer.
pub fn within(head: Option<OperatorId>) {
    CAPTURE.with_borrow_mut(|capture| capture.head = head);
}

/// What was printed since the last call, in the order of printing.
pub fn take() -> Vec<Print> {
    CAPTURE.with_borrow_mut(|capture| std::mem::take(&mut capture.prints))
}

/// Adds what a source printed ahead of an element.
pub fn push(print: Print) {
    CAPTURE.with_borrow_mut(|capture| capture.prints.push(print));
}

/// The row that generated code is at, from how much its iterator has left. A list iterator tells without a count
/// being kept per element.
pub fn chain_row(rows: &Bound<'_, PyAny>, len: usize) -> usize {
    let left = rows.call_method0("__length_hint__").and_then(|left| left.extract::<usize>()).unwrap_or(0);
    (len.saturating_sub(left)).saturating_sub(1).min(len.saturating_sub(1))
}

/// Takes what the Python side's standard output is given; `line` is that of generated code, or 0.
pub fn emit(py: Python<'_>, data: &[u8], line: u32) -> PyResult<()> {
    let kept = CAPTURE.with_borrow_mut(|capture| {
        let (stamp, operator) = match &capture.place {
            Place::Outside => return false,
            Place::Source(buffer) => {
                buffer.print(data);
                return true;
            }
            Place::Row(stamp, operator) => (*stamp, *operator),
            Place::Chain { rows, stamps, lines, first } => {
                let row = chain_row(rows.bind(py), stamps.len());
                (stamps.at(row), lines.get(&line).copied().unwrap_or(*first))
            }
        };
        let operator = capture.head.unwrap_or(operator);
        match capture.prints.last_mut() {
            Some(last) if (last.stamp, last.operator) == (stamp, operator) => last.text.extend_from_slice(data),
            _ => capture.prints.push(Print { stamp, operator, text: data.to_vec() }),
        }
        true
    });
    if !kept {
        let written = py.detach(|| stdout::write(data));
        // What `cancel()` and `close()` have to do must get done, whether or not somebody reads what they say.
        if !(signals::job_is_ending() && stdout::is_closed()) {
            written?;
        }
    }
    Ok(())
}
