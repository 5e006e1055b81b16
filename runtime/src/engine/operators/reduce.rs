//! Rolling reduce of a keyed stream: per key, each further element gives the reduction so far.

use super::keys::Keys;
use super::reducer::{Accumulator, Elements, Reducer};
use super::{Batch, Failure, Moment, Operator, Output, Rows, describe};
use crate::engine::capture;
use crate::engine::stamp::Stamp;
use pyflink_plan::OperatorId;
use pyo3::prelude::*;

pub struct Reduce {
    operator: OperatorId,
    reducer: Reducer,
    keys: Keys,
    /// Per key, by its number.
    reduced: Vec<Accumulator>,
}

impl Reduce {
    pub fn new(py: Python<'_>, operator: OperatorId, reducer: Reducer) -> Reduce {
        Reduce { operator, reducer, keys: Keys::new(py), reduced: Vec::new() }
    }

    fn reduce<'py>(
        &mut self,
        rows: &mut Rows<'py>,
        elements: &Elements<'_>,
        row: usize,
        stamp: Stamp,
        py: Python<'py>,
    ) -> PyResult<()> {
        let (key, subtask) = (key(py, elements.batch, row)?, elements.batch.subtask(row));
        let id = match self.keys.get(py, &key)? {
            None => {
                let id = self.reduced.len();
                self.keys.insert(py, &key, id)?;
                self.reduced.push(self.reducer.first(py, elements, row)?);
                id
            }
            Some(id) => {
                self.reducer.add(py, &mut self.reduced[id], elements, row, subtask)?;
                id
            }
        };
        self.reducer.give(py, rows, &self.reduced[id], stamp, subtask)
    }
}

impl Operator for Reduce {
    fn process(&mut self, py: Python<'_>, input: &Batch, _moment: &Moment) -> Output {
        let mut rows = Rows::new(py, input.subtasks.is_some());
        let elements = self.reducer.begin(py, input);
        for row in 0..input.rows() {
            let stamp = input.stamps.at(row);
            capture::at(stamp, self.operator);
            if let Err(error) = self.reduce(&mut rows, &elements, row, stamp, py) {
                let element = input.values.value(py, row).ok().map(|value| describe(&value));
                let failure = Failure { stamp, operator: self.operator, error, element };
                return Output { batch: rows.finish(), failure: Some(failure) };
            }
        }
        Output::of(rows.finish())
    }
}

/// Key of a row behind a key selector.
pub fn key<'py>(py: Python<'py>, input: &Batch, row: usize) -> PyResult<Bound<'py, PyAny>> {
    match &input.side {
        Some(keys) => keys.bind(py).get_item(row),
        None => Ok(py.None().into_bound(py)),
    }
}
