//! The Python boundary: which interpreter, what it imports, how a script is started, tracebacks, signals.

use pyo3::prelude::*;

pub mod boot;
pub mod detach;
pub mod interpreter;
pub mod package;
pub mod signals;

/// The exception object of an error. Before Python 3.12, `PyErr` keeps the traceback apart from it.
pub fn with_traceback<'py>(py: Python<'py>, error: &PyErr) -> Bound<'py, PyAny> {
    error.clone_ref(py).into_value(py).into_bound(py).into_any()
}
