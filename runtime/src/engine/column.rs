//! The values of a batch: an Arrow array where the type is known, Python objects where not.

use crate::kernel::values::Values;
use arrow_array::{Array, StringViewArray};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};
use std::ops::Range;

#[derive(Debug)]
pub enum Column {
    /// Of one type, in the form that kernels know.
    Values(Values),
    /// Texts as they were read.
    Str(StringViewArray),
    Objects(Py<PyList>),
}

impl Column {
    pub fn empty() -> Column {
        Column::Values(Values::ints(std::iter::empty()))
    }

    pub fn rows(&self, py: Python<'_>) -> usize {
        match self {
            Column::Values(values) => values.rows(),
            Column::Str(array) => array.len(),
            Column::Objects(list) => list.bind(py).len(),
        }
    }

    /// True if it takes Python to do anything with them.
    pub fn is_objects(&self) -> bool {
        matches!(self, Column::Objects(_))
    }

    /// The values as Python objects.
    pub fn list<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        match self {
            Column::Values(values) => values.list(py),
            Column::Str(array) => PyList::new(py, (0..array.len()).map(|row| array.value(row))),
            Column::Objects(list) => Ok(list.bind(py).clone()),
        }
    }

    /// One value as a Python object. The row must exist.
    pub fn value<'py>(&self, py: Python<'py>, row: usize) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Column::Values(values) => values.value(py, row),
            Column::Str(array) => Ok(PyString::new(py, array.value(row)).into_any()),
            Column::Objects(list) => list.bind(py).get_item(row),
        }
    }

    /// Appends `str(value)` of one row as UTF-8.
    pub fn write_str(&self, py: Python<'_>, row: usize, out: &mut Vec<u8>) -> PyResult<()> {
        match self {
            Column::Values(values) if values.write_str(row, out) => return Ok(()),
            Column::Str(array) => {
                out.extend_from_slice(array.value(row).as_bytes());
                return Ok(());
            }
            Column::Values(_) | Column::Objects(_) => {}
        }
        let value = self.value(py, row)?;
        match value.cast_exact::<PyString>() {
            Ok(text) => out.extend_from_slice(text.to_str()?.as_bytes()),
            Err(_) => out.extend_from_slice(value.str()?.to_str()?.as_bytes()),
        }
        Ok(())
    }

    /// The same column once more, nothing copied.
    pub fn share(&self, py: Python<'_>) -> Column {
        match self {
            Column::Values(values) => Column::Values(values.clone()),
            Column::Str(array) => Column::Str(array.clone()),
            Column::Objects(list) => Column::Objects(list.clone_ref(py)),
        }
    }

    /// Rows `rows`.
    pub fn slice(&self, py: Python<'_>, rows: Range<usize>) -> Column {
        match self {
            Column::Values(values) => Column::Values(values.slice(rows)),
            Column::Str(array) => Column::Str(array.slice(rows.start, rows.len())),
            Column::Objects(list) => Column::Objects(list.bind(py).get_slice(rows.start, rows.end).unbind()),
        }
    }

    /// The given rows, in the given order.
    pub fn pick(&self, py: Python<'_>, rows: &[u32]) -> PyResult<Column> {
        Ok(match self {
            Column::Values(values) => Column::Values(values.pick(rows)),
            Column::Str(array) => Column::Values(Values::texts(array.clone()).pick(rows)),
            Column::Objects(list) => {
                let list = list.bind(py);
                let items = rows.iter().map(|row| list.get_item(*row as usize)).collect::<PyResult<Vec<_>>>()?;
                Column::Objects(PyList::new(py, items)?.unbind())
            }
        })
    }

    /// All values of several columns, one after the other.
    pub fn concat(py: Python<'_>, columns: &[&Column]) -> PyResult<Column> {
        let filled = columns.iter().filter(|column| column.rows(py) > 0);
        let typed: Option<Vec<Values>> = filled
            .clone()
            .map(|column| match column {
                Column::Values(values) => Some(values.clone()),
                Column::Str(array) => Some(Values::texts(array.clone())),
                Column::Objects(_) => None,
            })
            .collect();
        if let Some(all) = typed.and_then(|all| Values::concat(&all.iter().collect::<Vec<_>>())) {
            return Ok(Column::Values(all));
        }
        let list = PyList::empty(py);
        for column in filled {
            list.call_method1("extend", (column.list(py)?,))?;
        }
        Ok(Column::Objects(list.unbind()))
    }
}
