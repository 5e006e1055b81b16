//! `from_elements` and `from_collection` of what is already there: a list, tuple or set.

use super::{Ready, Source, Taken};
use crate::engine::column::Column;
use crate::python::detach::copies;
use pyo3::prelude::*;
use pyo3::types::PyList;

pub struct Collection {
    elements: Py<PyList>,
    len: usize,
    next: usize,
    /// Functions of the job may change elements: what they change isn't what the script has, or another element.
    copied: bool,
}

impl Collection {
    pub fn new(elements: Bound<'_, PyList>, copied: bool) -> Collection {
        Collection { len: elements.len(), elements: elements.unbind(), next: 0, copied }
    }
}

impl Source for Collection {
    fn poll(&mut self, want: usize) -> Ready {
        let rows = (self.len - self.next).min(want);
        Ready::now(rows, self.next + rows == self.len)
    }

    fn progress(&self) -> Option<f64> {
        Some(self.next as f64 / self.len.max(1) as f64)
    }

    fn take(&mut self, py: Python<'_>, rows: usize) -> PyResult<Taken> {
        let slice = self.elements.bind(py).get_slice(self.next, self.next + rows);
        self.next += rows;
        let values = if self.copied { copies(&slice)? } else { slice };
        Ok(Taken { values: Column::Objects(values.unbind()), prints: Vec::new() })
    }
}
