//! Time windows of a keyed stream: aligned to the epoch, tumbling or sliding.
//!
//! A window fires at its end, before any row of that time or later; its results have that time. Windows that end
//! together give their keys in the order in which they first arrived.

use super::keys::Keys;
use super::reduce::key;
use super::reducer::Elements;
use super::window_function::{Content, WindowFunction};
use super::{Batch, Failure, Moment, Operator, Output, Rows, describe};
use crate::clock::Time;
use crate::engine::capture;
use pyflink_plan::OperatorId;
use pyo3::prelude::*;
use std::collections::BTreeMap;

pub struct TimeWindow {
    pub operator: OperatorId,
    /// Milliseconds, at least 1 each.
    pub size: i64,
    pub slide: i64,
    pub function: WindowFunction,
    /// The Python class of windows: `TimeWindow(start, end)`.
    pub class: Py<PyAny>,
    pub parallel: bool,
    /// By their start.
    pub open: BTreeMap<Time, Pane>,
}

/// One open window of all keys.
pub struct Pane {
    keys: Keys,
    /// In order of arrival.
    held: Vec<Held>,
}

struct Held {
    key: Py<PyAny>,
    subtask: u32,
    content: Content,
}

impl TimeWindow {
    fn add(&mut self, py: Python<'_>, elements: &Elements<'_>, row: usize, time: Time) -> PyResult<()> {
        let (key, subtask) = (key(py, elements.batch, row)?, elements.batch.subtask(row));
        let last = time - time.rem_euclid(self.slide);
        let mut starts = Vec::with_capacity(1);
        let mut start = last;
        while start > time.saturating_sub(self.size) {
            starts.push(start);
            start -= self.slide;
        }
        for start in starts.into_iter().rev() {
            let pane = self.open.entry(start).or_insert_with(|| Pane { keys: Keys::new(py), held: Vec::new() });
            match pane.keys.get(py, &key)? {
                None => {
                    pane.keys.insert(py, &key, pane.held.len())?;
                    let content = self.function.first(py, elements, row)?;
                    pane.held.push(Held { key: key.clone().unbind(), subtask, content });
                }
                Some(id) => {
                    self.function.add(py, &mut pane.held[id].content, elements, row, subtask)?;
                }
            }
        }
        Ok(())
    }

    /// Fires what ends at `until` or before.
    fn fire<'py>(
        &mut self,
        rows: &mut Rows<'py>,
        until: Time,
        py: Python<'py>,
        moment: &Moment,
    ) -> Result<(), Failure> {
        while let Some(pane) = self.open.first_entry() {
            let start = *pane.key();
            let end = start.saturating_add(self.size);
            if end > until {
                break;
            }
            let stamp = moment.timer(end);
            capture::at(stamp, self.operator);
            for held in pane.remove().held {
                let key = held.key.bind(py);
                let content = held.content;
                let fire = |rows: &mut Rows<'py>| {
                    let window = self.class.bind(py).call1((start, end))?;
                    self.function.fire(rows, content, key, &window, stamp, held.subtask)
                };
                fire(rows).map_err(|error| Failure {
                    stamp,
                    operator: self.operator,
                    error,
                    element: Some(format!("the window [{start}, {end}) of the key {}", describe(key))),
                })?;
            }
        }
        Ok(())
    }

    fn run<'py>(
        &mut self,
        rows: &mut Rows<'py>,
        input: &Batch,
        py: Python<'py>,
        moment: &Moment,
    ) -> Result<(), Failure> {
        let elements = self.function.begin(py, input);
        for row in 0..input.rows() {
            let stamp = input.stamps.at(row);
            self.fire(rows, stamp.time, py, moment)?;
            capture::at(stamp, self.operator);
            self.add(py, &elements, row, stamp.time).map_err(|error| Failure {
                stamp,
                operator: self.operator,
                error,
                element: input.values.value(py, row).ok().map(|value| describe(&value)),
            })?;
        }
        self.fire(rows, moment.reached, py, moment)
    }
}

impl Operator for TimeWindow {
    fn process(&mut self, py: Python<'_>, input: &Batch, moment: &Moment) -> Output {
        let mut rows = Rows::new(py, self.parallel);
        let failure = self.run(&mut rows, input, py, moment).err();
        Output { batch: rows.finish(), failure }
    }

    fn next_timer(&self) -> Option<Time> {
        self.open.keys().next().map(|start| start.saturating_add(self.size))
    }
}
