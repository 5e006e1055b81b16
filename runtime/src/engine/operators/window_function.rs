//! What a window does with its elements: reduce them as they come, or keep them for `apply`.

use super::Rows;
use crate::engine::meter;
use crate::engine::stamp::Stamp;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyList;

/// A window's function, one callable per subtask.
pub enum WindowFunction {
    Reduce(Vec<Py<PyAny>>),
    Apply {
        calls: Vec<Py<PyAny>>,
        /// True for `apply(key, window, values, collector)`, false for one that only returns its results.
        collects: bool,
        /// `Collector`, the class.
        collector: Py<PyAny>,
    },
}

impl WindowFunction {
    /// What a window holds after its first element.
    pub fn first<'py>(&self, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            WindowFunction::Reduce(_) => Ok(value),
            WindowFunction::Apply { .. } => Ok(PyList::new(value.py(), [value])?.into_any()),
        }
    }

    /// What it holds after a further one.
    pub fn add<'py>(
        &self,
        held: Bound<'py, PyAny>,
        value: Bound<'py, PyAny>,
        subtask: u32,
    ) -> PyResult<Bound<'py, PyAny>> {
        match self {
            WindowFunction::Reduce(calls) => {
                meter::python(|| calls[subtask as usize].bind(value.py()).call1((held, value)))
            }
            WindowFunction::Apply { .. } => {
                list(&held)?.append(value)?;
                Ok(held)
            }
        }
    }

    /// Gives the results of a window that fires; on an error, none of them.
    pub fn fire<'py>(
        &self,
        rows: &mut Rows<'py>,
        held: Bound<'py, PyAny>,
        key: &Bound<'py, PyAny>,
        window: &Bound<'py, PyAny>,
        stamp: Stamp,
        subtask: u32,
    ) -> PyResult<()> {
        match self {
            WindowFunction::Reduce(_) => rows.push(held, stamp, subtask),
            WindowFunction::Apply { calls, collects, collector } => {
                let py = key.py();
                let call = calls[subtask as usize].bind(py);
                let apply = |rows: &mut Rows<'py>| {
                    let results = rows.list();
                    let returned = if *collects {
                        let collector = collector.bind(py).call1((results.getattr("append")?,))?;
                        call.call1((key, window, held, collector))?
                    } else {
                        call.call1((key, window, held))?
                    };
                    if !returned.is_none() {
                        results.call_method1("extend", (returned,))?;
                    }
                    Ok(())
                };
                let outcome = meter::python(|| apply(rows));
                match outcome {
                    Ok(()) => rows.settle(stamp, subtask),
                    Err(_) => rows.discard()?,
                }
                outcome
            }
        }
    }
}

fn list<'a, 'py>(held: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, PyList>> {
    held.cast::<PyList>().map_err(|_| PyRuntimeError::new_err("a window's elements are not a list"))
}
