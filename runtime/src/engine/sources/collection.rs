//! `from_elements` and `from_collection` of what is already there: a list, tuple or set.

use super::{Ready, Source, Taken};
use crate::engine::column::Column;
use pyo3::prelude::*;
use pyo3::types::PyList;

pub struct Collection {
    elements: Py<PyList>,
    len: usize,
    next: usize,
}

impl Collection {
    pub fn new(elements: Bound<'_, PyList>) -> Collection {
        Collection { len: elements.len(), elements: elements.unbind(), next: 0 }
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
        Ok(Taken { values: Column::Objects(slice.unbind()), prints: Vec::new() })
    }
}
