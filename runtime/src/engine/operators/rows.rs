//! Results of a keyed operator as they come: values of one type as long as all are of it, else Python objects.

use crate::engine::batch::Batch;
use crate::engine::column::Column;
use crate::engine::stamp::Stamp;
use crate::kernel::held::Held as Accumulator;
use crate::kernel::memory::Memory;
use crate::kernel::values::{Held, Values};
use pyflink_plan::types::Type;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::sync::Arc;

pub struct Rows<'py> {
    given: Given<'py>,
    stamps: Vec<Stamp>,
    subtasks: Option<Vec<u32>>,
}

enum Given<'py> {
    Objects(Bound<'py, PyList>),
    Typed(Typed),
}

/// Rows of one type.
struct Typed {
    of: Arc<Type>,
    columns: Vec<Vec<u64>>,
    rows: usize,
    memory: Memory,
}

impl<'py> Rows<'py> {
    pub fn new(py: Python<'py>, parallel: bool) -> Rows<'py> {
        let given = Given::Objects(PyList::empty(py));
        Rows { given, stamps: Vec::new(), subtasks: parallel.then(Vec::new) }
    }

    pub fn push(&mut self, value: Bound<'py, PyAny>, stamp: Stamp, subtask: u32) -> PyResult<()> {
        self.list(value.py())?.append(value)?;
        self.label(stamp, subtask);
        Ok(())
    }

    /// Adds a value of a type.
    pub fn push_held(
        &mut self,
        py: Python<'py>,
        of: &Arc<Type>,
        value: &Accumulator,
        stamp: Stamp,
        subtask: u32,
    ) -> PyResult<()> {
        match &self.given {
            Given::Objects(list) if list.is_empty() => {
                let columns = vec![Vec::new(); of.words()];
                self.given = Given::Typed(Typed { of: of.clone(), columns, rows: 0, memory: Memory::default() });
            }
            Given::Typed(typed) if typed.of == *of => {}
            _ => return self.push(value.object(py, of)?, stamp, subtask),
        }
        if let Given::Typed(typed) = &mut self.given {
            let mut words = Vec::with_capacity(typed.columns.len());
            value.copy(of, &mut typed.memory, &mut words);
            typed.columns.iter_mut().zip(words).for_each(|(column, word)| column.push(word));
            typed.rows += 1;
        }
        self.label(stamp, subtask);
        Ok(())
    }

    /// The list that functions may append to directly; [`Rows::settle`] then gives the new rows their stamp.
    pub fn list(&mut self, py: Python<'py>) -> PyResult<&Bound<'py, PyList>> {
        if let Given::Typed(_) = &self.given {
            let typed = std::mem::replace(&mut self.given, Given::Objects(PyList::empty(py)));
            if let Given::Typed(typed) = typed {
                self.given = Given::Objects(typed.finish().list(py)?);
            }
        }
        match &self.given {
            Given::Objects(list) => Ok(list),
            Given::Typed(_) => Err(pyo3::exceptions::PyRuntimeError::new_err("rows are typed")),
        }
    }

    fn len(&self) -> usize {
        match &self.given {
            Given::Objects(list) => list.len(),
            Given::Typed(typed) => typed.rows,
        }
    }

    pub fn settle(&mut self, stamp: Stamp, subtask: u32) {
        while self.stamps.len() < self.len() {
            self.label(stamp, subtask);
        }
    }

    /// Takes back what was appended since the last push or settle.
    pub fn discard(&mut self) -> PyResult<()> {
        match &self.given {
            Given::Objects(list) => list.del_slice(self.stamps.len(), list.len()),
            Given::Typed(_) => Ok(()),
        }
    }

    pub fn finish(self) -> Batch {
        let values = match self.given {
            Given::Objects(list) => Column::Objects(list.unbind()),
            Given::Typed(typed) => Column::Values(typed.finish()),
        };
        Batch { values, stamps: self.stamps.into(), subtasks: self.subtasks.map(Arc::new), side: None }
    }

    fn label(&mut self, stamp: Stamp, subtask: u32) {
        self.stamps.push(stamp);
        if let Some(subtasks) = &mut self.subtasks {
            subtasks.push(subtask);
        }
    }
}

impl Typed {
    fn finish(self) -> Values {
        Values::new(self.of, self.columns, self.rows, vec![Arc::new(Held::Memory(self.memory))])
    }
}
