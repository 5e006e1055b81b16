//! What a window does with its elements: reduce them as they come, or keep them for `apply`.

use super::Rows;
use super::applier::Applier;
use super::reducer::{Accumulator, Elements, Reducer};
use crate::engine::batch::Batch;
use crate::engine::stamp::Stamp;
use pyo3::prelude::*;
use pyo3::types::PyList;

pub enum WindowFunction {
    Reduce(Box<Reducer>),
    Apply(Applier),
}

/// What a window holds.
pub enum Content {
    Reduced(Accumulator),
    Elements(Py<PyList>),
}

impl WindowFunction {
    /// Begins a batch.
    pub fn begin<'a>(&mut self, py: Python<'_>, batch: &'a Batch) -> Elements<'a> {
        match self {
            WindowFunction::Reduce(reducer) => reducer.begin(py, batch),
            WindowFunction::Apply(_) => Elements::of(batch),
        }
    }

    /// An element by itself, to be kept.
    pub fn keep(&mut self, py: Python<'_>, elements: &Elements<'_>, row: usize) -> PyResult<Accumulator> {
        match self {
            WindowFunction::Reduce(reducer) => reducer.first(py, elements, row),
            WindowFunction::Apply(_) => Ok(Accumulator::Object(elements.batch.values.value(py, row)?.unbind())),
        }
    }

    /// What a window holds after its first element.
    pub fn first(&mut self, py: Python<'_>, elements: &Elements<'_>, row: usize) -> PyResult<Content> {
        Ok(match self {
            WindowFunction::Reduce(reducer) => Content::Reduced(reducer.first(py, elements, row)?),
            WindowFunction::Apply(_) => {
                Content::Elements(PyList::new(py, [elements.batch.values.value(py, row)?])?.unbind())
            }
        })
    }

    /// Adds a further one.
    pub fn add(
        &mut self,
        py: Python<'_>,
        content: &mut Content,
        elements: &Elements<'_>,
        row: usize,
        subtask: u32,
    ) -> PyResult<()> {
        match (self, content) {
            (WindowFunction::Reduce(reducer), Content::Reduced(so_far)) => {
                reducer.add(py, so_far, elements, row, subtask)
            }
            (_, Content::Elements(list)) => list.bind(py).append(elements.batch.values.value(py, row)?),
            (WindowFunction::Apply(_), Content::Reduced(_)) => Ok(()),
        }
    }

    /// What a window holds that has just these elements; `None` if there are none.
    pub fn of_kept<'a>(
        &mut self,
        py: Python<'_>,
        kept: impl Iterator<Item = &'a Accumulator>,
        subtask: u32,
    ) -> PyResult<Option<Content>> {
        let mut kept = kept;
        match self {
            WindowFunction::Reduce(reducer) => {
                let Some(first) = kept.next() else { return Ok(None) };
                let mut so_far = reducer.copy(py, first)?;
                for element in kept {
                    reducer.add_kept(py, &mut so_far, element, subtask)?;
                }
                Ok(Some(Content::Reduced(so_far)))
            }
            WindowFunction::Apply(_) => {
                let list = PyList::empty(py);
                for element in kept {
                    if let Accumulator::Object(element) = element {
                        list.append(element)?;
                    }
                }
                Ok(Some(Content::Elements(list.unbind())))
            }
        }
    }

    /// Gives the results of a window that fires; on an error, none of them.
    pub fn fire<'py>(
        &mut self,
        rows: &mut Rows<'py>,
        content: Content,
        key: &Bound<'py, PyAny>,
        window: &Bound<'py, PyAny>,
        stamp: Stamp,
        subtask: u32,
    ) -> PyResult<()> {
        match (self, content) {
            (WindowFunction::Reduce(reducer), Content::Reduced(so_far)) => {
                reducer.give(key.py(), rows, &so_far, stamp, subtask)
            }
            (WindowFunction::Apply(applier), Content::Elements(elements)) => {
                applier.apply(rows, elements.into_bound(key.py()), key, window, stamp, subtask)
            }
            _ => Ok(()),
        }
    }
}
