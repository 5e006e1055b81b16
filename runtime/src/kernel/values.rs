//! Columns of typed values: what kernels take and give.

use super::memory::Memory;
use super::{Kept, primitives, python};
use arrow_array::{Array, StringViewArray};
use arrow_buffer::ScalarBuffer;
use pyflink_plan::types::Type;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::ops::Range;
use std::sync::Arc;

/// Values of one type, one column for each of its words.
#[derive(Clone)]
pub struct Values {
    of: Arc<Type>,
    columns: Vec<ScalarBuffer<u64>>,
    rows: usize,
    /// What the words refer to.
    held: Vec<Arc<Held>>,
}

/// Keeps alive what words refer to; nobody looks into it.
pub enum Held {
    Memory(#[expect(dead_code, reason = "it is only kept")] Memory),
    Kernel(#[expect(dead_code, reason = "it is only kept")] Arc<Kept>),
    Text(#[expect(dead_code, reason = "it is only kept")] StringViewArray),
    /// Texts in Python objects that nobody can change.
    Objects(#[expect(dead_code, reason = "it is only kept")] Py<PyList>),
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} values of {}", self.rows, self.of)
    }
}

impl Values {
    pub fn ints(values: impl Iterator<Item = i64>) -> Values {
        let column: Vec<u64> = values.map(|value| value as u64).collect();
        Values { of: Arc::new(Type::Int), rows: column.len(), columns: vec![column.into()], held: Vec::new() }
    }

    /// Texts, which aren't copied.
    pub fn texts(array: StringViewArray) -> Values {
        let rows = array.len();
        let (mut places, mut lengths) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        for (row, view) in array.views().iter().enumerate() {
            let length = *view as u32;
            // Short texts lie in their views, others in the buffers: neither moves while the array lives.
            let place = match length {
                0..=12 => (&raw const array.views()[row]).cast::<u8>().wrapping_add(4),
                _ => {
                    let (buffer, offset) = ((*view >> 64) as u32, (*view >> 96) as u32);
                    array.data_buffers()[buffer as usize].as_ptr().wrapping_add(offset as usize)
                }
            };
            places.push(place as u64);
            lengths.push(u64::from(length));
        }
        let columns = vec![places.into(), lengths.into()];
        Values { of: Arc::new(Type::Str), columns, rows, held: vec![Arc::new(Held::Text(array))] }
    }

    /// What words of a type are, and what they refer to; all columns are of one length.
    pub fn new(of: Arc<Type>, columns: Vec<Vec<u64>>, rows: usize, held: Vec<Arc<Held>>) -> Values {
        Values { of, columns: columns.into_iter().map(ScalarBuffer::from).collect(), rows, held }
    }

    pub fn type_of(&self) -> &Arc<Type> {
        &self.of
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn held(&self) -> &[Arc<Held>] {
        &self.held
    }

    /// The columns of the words.
    pub fn columns(&self) -> Vec<&[u64]> {
        self.columns.iter().map(|column| &**column).collect()
    }

    /// Appends the words of a row, which must exist.
    pub fn append_words(&self, row: usize, words: &mut Vec<u64>) {
        words.extend(self.columns.iter().map(|column| column[row]));
    }

    fn words(&self, row: usize, words: &mut Vec<u64>) {
        words.clear();
        self.append_words(row, words);
    }

    /// The values as Python objects.
    pub fn list<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let mut maker = python::Maker::of(py, &self.of);
        let (list, mut words) = (PyList::empty(py), Vec::new());
        for row in 0..self.rows {
            self.words(row, &mut words);
            maker.begin();
            // SAFETY: these are words of a value of that type, and what they refer to is held.
            list.append(unsafe { maker.make(&self.of, &words)? })?;
        }
        Ok(list)
    }

    /// One value as a Python object. The row must exist.
    pub fn value<'py>(&self, py: Python<'py>, row: usize) -> PyResult<Bound<'py, PyAny>> {
        let mut words = Vec::new();
        self.words(row, &mut words);
        // SAFETY: these are words of a value of that type, and what they refer to is held.
        unsafe { python::Maker::of(py, &self.of).make(&self.of, &words) }
    }

    /// Appends `str(value)` of one row as UTF-8; false, and nothing appended, if only Python can do it.
    pub fn write_str(&self, row: usize, out: &mut Vec<u8>) -> bool {
        let before = out.len();
        let mut few = [0; 8];
        let mut many = Vec::new();
        let words: &[u64] = if self.columns.len() <= few.len() {
            self.columns.iter().zip(&mut few).for_each(|(column, word)| *word = column[row]);
            &few[..self.columns.len()]
        } else {
            self.words(row, &mut many);
            &many
        };
        // SAFETY: these are words of a value of that type, and what they refer to is held.
        let written = unsafe { primitives::write_str(&self.of, words, out) };
        if written.is_err() {
            out.truncate(before);
        }
        written.is_ok()
    }

    pub fn slice(&self, rows: Range<usize>) -> Values {
        let columns = self.columns.iter().map(|column| column.slice(rows.start, rows.len())).collect();
        Values { of: self.of.clone(), columns, rows: rows.len(), held: self.held.clone() }
    }

    /// The given rows, in the given order.
    pub fn pick(&self, rows: &[u32]) -> Values {
        let pick = |column: &ScalarBuffer<u64>| rows.iter().map(|row| column[*row as usize]).collect::<Vec<_>>().into();
        Values {
            of: self.of.clone(),
            columns: self.columns.iter().map(pick).collect(),
            rows: rows.len(),
            held: self.held.clone(),
        }
    }

    /// All rows of several, one after the other; `None` if they are of several types.
    pub fn concat(all: &[&Values]) -> Option<Values> {
        let first = all.first()?;
        if all.iter().any(|values| values.of != first.of) {
            return None;
        }
        let column = |at: usize| all.iter().flat_map(|values| values.columns[at].iter().copied()).collect::<Vec<_>>();
        let mut held: Vec<Arc<Held>> = Vec::new();
        for one in all.iter().flat_map(|values| &values.held) {
            if !held.iter().any(|known| Arc::ptr_eq(known, one)) {
                held.push(one.clone());
            }
        }
        Some(Values {
            of: first.of.clone(),
            columns: (0..first.columns.len()).map(|at| column(at).into()).collect(),
            rows: all.iter().map(|values| values.rows).sum(),
            held,
        })
    }
}
