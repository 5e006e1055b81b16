//! Count windows of a keyed stream: each `size` elements of a key, or each `slide` elements its last `size`.

use super::keys::Keys;
use super::reduce::key;
use super::reducer::{Accumulator, Elements};
use super::window_function::{Content, WindowFunction};
use super::{Batch, Failure, Moment, Operator, Output, Rows, describe};
use crate::engine::capture;
use crate::engine::stamp::Stamp;
use pyflink_plan::OperatorId;
use pyo3::prelude::*;
use std::collections::VecDeque;

pub struct CountWindow {
    operator: OperatorId,
    /// Elements, at least 1.
    size: u64,
    /// Elements between firings; `None` for tumbling windows, which keep no element that a reduce has taken.
    slide: Option<u64>,
    function: WindowFunction,
    /// `GlobalWindow()`, which `apply` is handed.
    window: Py<PyAny>,
    parallel: bool,
    keys: Keys,
    states: Vec<State>,
    /// Numbers of keys that hold nothing, to be used again.
    free: Vec<usize>,
}

enum State {
    Tumbling { key: Py<PyAny>, count: u64, held: Content },
    Sliding { since: u64, last: VecDeque<(Py<PyAny>, Accumulator)> },
    Free,
}

impl CountWindow {
    pub fn new(
        py: Python<'_>,
        operator: OperatorId,
        (size, slide): (u64, Option<u64>),
        function: WindowFunction,
        window: Py<PyAny>,
        parallel: bool,
    ) -> CountWindow {
        let (keys, states, free) = (Keys::new(py), Vec::new(), Vec::new());
        CountWindow { operator, size, slide, function, window, parallel, keys, states, free }
    }

    fn add<'py>(
        &mut self,
        rows: &mut Rows<'py>,
        elements: &Elements<'_>,
        row: usize,
        stamp: Stamp,
        py: Python<'py>,
    ) -> PyResult<()> {
        let (key, subtask) = (key(py, elements.batch, row)?, elements.batch.subtask(row));
        match self.keys.get(py, &key)? {
            None => {
                let state = match self.slide {
                    None => {
                        let held = self.function.first(py, elements, row)?;
                        State::Tumbling { key: key.clone().unbind(), count: 1, held }
                    }
                    Some(_) => {
                        let kept = self.function.keep(py, elements, row)?;
                        State::Sliding { since: 1, last: [(key.clone().unbind(), kept)].into() }
                    }
                };
                let id = self.free.pop().unwrap_or_else(|| {
                    self.states.push(State::Free);
                    self.states.len() - 1
                });
                self.keys.insert(py, &key, id)?;
                self.states[id] = state;
                self.fire(rows, id, stamp, subtask, py)
            }
            Some(id) => {
                match &mut self.states[id] {
                    State::Tumbling { count, held, .. } => {
                        self.function.add(py, held, elements, row, subtask)?;
                        *count += 1;
                    }
                    State::Sliding { since, last } => {
                        last.push_back((key.unbind(), self.function.keep(py, elements, row)?));
                        if last.len() as u64 > self.size {
                            last.pop_front();
                        }
                        *since += 1;
                    }
                    State::Free => {}
                }
                self.fire(rows, id, stamp, subtask, py)
            }
        }
    }

    fn fire<'py>(
        &mut self,
        rows: &mut Rows<'py>,
        id: usize,
        stamp: Stamp,
        subtask: u32,
        py: Python<'py>,
    ) -> PyResult<()> {
        let window = self.window.bind(py);
        match &mut self.states[id] {
            State::Tumbling { count, .. } if *count == self.size => {
                let State::Tumbling { key, held, .. } = std::mem::replace(&mut self.states[id], State::Free) else {
                    return Ok(());
                };
                self.free.push(id);
                self.keys.remove(py, key.bind(py))?;
                self.function.fire(rows, held, key.bind(py), window, stamp, subtask)
            }
            State::Sliding { since, last } if Some(*since) == self.slide => {
                *since = 0;
                let Some((key, _)) = last.front() else { return Ok(()) };
                let held = self.function.of_kept(py, last.iter().map(|(_, kept)| kept), subtask)?;
                let Some(held) = held else { return Ok(()) };
                self.function.fire(rows, held, key.bind(py), window, stamp, subtask)
            }
            _ => Ok(()),
        }
    }
}

impl Operator for CountWindow {
    fn process(&mut self, py: Python<'_>, input: &Batch, _moment: &Moment) -> Output {
        let mut rows = Rows::new(py, self.parallel);
        let elements = self.function.begin(py, input);
        for row in 0..input.rows() {
            let stamp = input.stamps.at(row);
            capture::at(stamp, self.operator);
            if let Err(error) = self.add(&mut rows, &elements, row, stamp, py) {
                let element = input.values.value(py, row).ok().map(|value| describe(&value));
                let failure = Failure { stamp, operator: self.operator, error, element };
                return Output { batch: rows.finish(), failure: Some(failure) };
            }
        }
        Output::of(rows.finish())
    }
}
