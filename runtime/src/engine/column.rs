//! The values of a batch: an Arrow array where the type is known, Python objects where not.

use arrow_array::{Array, Int64Array, StringViewArray};
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PyString};

#[derive(Debug)]
pub enum Column {
    Int(Int64Array),
    Str(StringViewArray),
    Objects(Py<PyList>),
}

impl Column {
    pub fn empty() -> Column {
        Column::Int(Int64Array::from(Vec::<i64>::new()))
    }

    /// The values as Python objects.
    pub fn list<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        match self {
            Column::Int(array) => PyList::new(py, array.values().iter()),
            Column::Str(array) => PyList::new(py, (0..array.len()).map(|row| array.value(row))),
            Column::Objects(list) => Ok(list.bind(py).clone()),
        }
    }

    /// One value as a Python object. The row must exist.
    pub fn value<'py>(&self, py: Python<'py>, row: usize) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Column::Int(array) => Ok(PyInt::new(py, array.value(row)).into_any()),
            Column::Str(array) => Ok(PyString::new(py, array.value(row)).into_any()),
            Column::Objects(list) => list.bind(py).get_item(row),
        }
    }

    /// Appends `str(value)` of one row as UTF-8.
    pub fn write_str(&self, py: Python<'_>, row: usize, out: &mut Vec<u8>) -> PyResult<()> {
        match self {
            Column::Int(array) => {
                use std::io::Write;
                write!(out, "{}", array.value(row))?;
            }
            Column::Str(array) => out.extend_from_slice(array.value(row).as_bytes()),
            Column::Objects(list) => {
                let value = list.bind(py).get_item(row)?;
                match value.cast_exact::<PyString>() {
                    Ok(text) => out.extend_from_slice(text.to_str()?.as_bytes()),
                    Err(_) => out.extend_from_slice(value.str()?.to_str()?.as_bytes()),
                }
            }
        }
        Ok(())
    }

    /// Rows `0..rows`.
    pub fn head(&self, py: Python<'_>, rows: usize) -> Column {
        match self {
            Column::Int(array) => Column::Int(array.slice(0, rows)),
            Column::Str(array) => Column::Str(array.slice(0, rows)),
            Column::Objects(list) => Column::Objects(list.bind(py).get_slice(0, rows).unbind()),
        }
    }
}
