//! The sinks, and the order in which they take a wave's results.

pub mod commit;
pub mod text;

use crate::io::socket_writer::SocketWriter;
use pyflink_plan::OperatorId;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use std::time::Duration;
use text::TextSink;

pub struct Sink {
    pub operator: OperatorId,
    pub kind: SinkKind,
    /// Written so far.
    pub bytes: u64,
    /// Spent so far, all of it and in Python.
    pub time: Duration,
    pub python: Duration,
}

impl Sink {
    /// False for functions: what they write nobody knows.
    pub fn counts_bytes(&self) -> bool {
        !matches!(self.kind, SinkKind::Function { .. })
    }
}

pub enum SinkKind {
    /// `prefixes` by subtask.
    Stdout {
        prefixes: Vec<String>,
    },
    Text(TextSink),
    Socket {
        writer: SocketWriter,
        serialize: Vec<Py<PyAny>>,
    },
    Function {
        calls: Vec<Py<PyAny>>,
        context: Option<Py<PyAny>>,
    },
}

/// Why a sink could not take an element.
pub enum SinkError {
    Raised(PyErr),
    Failed(String),
}

impl From<PyErr> for SinkError {
    fn from(error: PyErr) -> SinkError {
        SinkError::Raised(error)
    }
}

/// Calls a sink's function.
pub fn invoke(call: &Bound<'_, PyAny>, value: Bound<'_, PyAny>, context: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    match context {
        Some(context) => call.call1((value, context))?,
        None => call.call1((value,))?,
    };
    Ok(())
}

/// The bytes that a schema made of an element.
pub fn serialize(call: &Bound<'_, PyAny>, value: Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let data = call.call1((value,))?;
    if let Ok(bytes) = data.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    if let Ok(text) = data.cast::<PyString>() {
        return Ok(text.to_str()?.as_bytes().to_vec());
    }
    match data.extract::<Vec<u8>>() {
        Ok(bytes) => Ok(bytes),
        Err(_) => {
            Err(PyTypeError::new_err(format!("serialize() must return bytes or str, not {}", data.get_type().name()?)))
        }
    }
}
