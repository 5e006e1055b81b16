//! Rolling reduce of a keyed stream: per key, each further element gives the reduction so far.

use super::keys::Keys;
use super::{Batch, Failure, Moment, Operator, Output, Rows, describe};
use crate::engine::{capture, meter};
use pyflink_plan::OperatorId;
use pyo3::prelude::*;

pub struct Reduce {
    operator: OperatorId,
    /// `reduce(a, b)`, one per subtask.
    calls: Vec<Py<PyAny>>,
    keys: Keys,
    /// Per key, by its number.
    reduced: Vec<Py<PyAny>>,
}

impl Reduce {
    pub fn new(py: Python<'_>, operator: OperatorId, calls: Vec<Py<PyAny>>) -> Reduce {
        Reduce { operator, calls, keys: Keys::new(py), reduced: Vec::new() }
    }

    fn reduce<'py>(
        &mut self,
        key: &Bound<'py, PyAny>,
        value: Bound<'py, PyAny>,
        subtask: u32,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = value.py();
        match self.keys.get(py, key)? {
            None => {
                self.keys.insert(py, key, self.reduced.len())?;
                self.reduced.push(value.clone().unbind());
                Ok(value)
            }
            Some(id) => {
                let reduced =
                    meter::python(|| self.calls[subtask as usize].bind(py).call1((self.reduced[id].bind(py), value)))?;
                self.reduced[id] = reduced.clone().unbind();
                Ok(reduced)
            }
        }
    }
}

impl Operator for Reduce {
    fn process(&mut self, py: Python<'_>, input: &Batch, _moment: &Moment) -> Output {
        let mut rows = Rows::new(py, input.subtasks.is_some());
        for row in 0..input.rows() {
            let stamp = input.stamps[row];
            capture::at(stamp, self.operator);
            let step = keyed_row(py, input, row)
                .and_then(|(key, value)| self.reduce(&key, value, input.subtask(row)))
                .and_then(|reduced| rows.push(reduced, stamp, input.subtask(row)));
            if let Err(error) = step {
                let element = input.values.value(py, row).ok().map(|value| describe(&value));
                let failure = Failure { stamp, operator: self.operator, error, element };
                return Output { batch: rows.finish(), failure: Some(failure) };
            }
        }
        Output::of(rows.finish())
    }
}

/// Key and value of a row behind a key selector.
pub fn keyed_row<'py>(py: Python<'py>, input: &Batch, row: usize) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let key = match &input.side {
        Some(keys) => keys.bind(py).get_item(row)?,
        None => py.None().into_bound(py),
    };
    Ok((key, input.values.value(py, row)?))
}
