//! The results of a batch, some of which a kernel gave and some CPython, in order.

use crate::engine::column::Column;
use crate::kernel::memory::Memory;
use crate::kernel::python::Classes;
use crate::kernel::values::{Held, Values};
use crate::kernel::{Kernel, Results};
use pyflink_plan::types::Type;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use std::sync::Arc;

pub struct Pieces<'a> {
    pub kernel: &'a Kernel,
    /// What the kernel reads.
    pub input: &'a Values,
    /// What it gave last, and what CPython gave that is of the same type.
    pub results: Results,
    /// What comes before that.
    pub done: Vec<Done>,
}

pub struct Done {
    values: Column,
    side: Option<Py<PyList>>,
    rows: Vec<u32>,
}

impl Pieces<'_> {
    /// Appends what CPython gave for rows from `start` on.
    pub fn add(
        &mut self,
        py: Python<'_>,
        classes: &Classes,
        start: usize,
        values: Bound<'_, PyList>,
        rows: Vec<u32>,
        side: Bound<'_, PyList>,
    ) -> PyResult<()> {
        let rows: Vec<u32> = rows.into_iter().map(|row| row + start as u32).collect();
        if self.take(classes, &values, &rows, &side).is_some() {
            return Ok(());
        }
        self.settle(py)?;
        let side = self.kernel.side.is_some().then(|| side.unbind());
        self.done.push(Done { values: Column::Objects(values.unbind()), side, rows });
        Ok(())
    }

    /// Adds them to the kernel's results, if they are of its types.
    fn take(
        &mut self,
        classes: &Classes,
        values: &Bound<'_, PyList>,
        rows: &[u32],
        side: &Bound<'_, PyList>,
    ) -> Option<()> {
        if self.kernel.passes && self.kernel.side.is_none() {
            self.results.rows.extend(rows);
            return Some(());
        }
        let mut words = Vec::new();
        let memory: &mut Memory = &mut self.results.memory;
        for (at, value) in values.iter().enumerate() {
            if !self.kernel.passes {
                classes.words(&value, &self.kernel.value, memory, &mut words)?;
            }
            if let Some(of) = &self.kernel.side {
                classes.words(&side.get_item(at).ok()?, of, memory, &mut words)?;
            }
        }
        let size = self.results.columns.len();
        for row in words.chunks(size.max(1)) {
            self.results.columns.iter_mut().zip(row).for_each(|(column, word)| column.push(*word));
        }
        self.results.rows.extend(rows);
        Some(())
    }

    /// What the kernel has just given for a row, as objects: the values, and behind them what is beside them.
    pub fn results_of<'py>(&self, py: Python<'py>, row: usize, labels: bool) -> PyResult<Bound<'py, PyList>> {
        let rows = &self.results.rows;
        let (from, to) =
            (rows.partition_point(|at| (*at as usize) < row), rows.partition_point(|at| *at as usize <= row));
        let columns: Vec<Vec<u64>> = self.results.columns.iter().map(|column| column[from..to].to_vec()).collect();
        let (words, count) = (columns.len() - self.kernel.side.as_ref().map_or(0, Type::words), to - from);
        let of = |of: &Type, columns: &[Vec<u64>]| {
            // What the words refer to is in the results, which live as long as this.
            Values::new(Arc::new(of.clone()), columns.to_vec(), count, Vec::new()).list(py)
        };
        let given = match self.kernel.passes {
            true => PyList::new(py, std::iter::repeat_n(self.input.value(py, row)?, count))?,
            false => of(&self.kernel.value, &columns[..words])?,
        };
        if let Some(side) = &self.kernel.side {
            let side = of(side, &columns[words..])?;
            let side = if labels { names(py, &side)? } else { side };
            given.call_method1("extend", (side,))?;
        }
        Ok(given)
    }

    /// Puts what the kernel gave to what is done.
    fn settle(&mut self, py: Python<'_>) -> PyResult<()> {
        let results = std::mem::take(&mut self.results);
        if results.rows.is_empty() {
            return Ok(());
        }
        let mut held = self.input.held().to_vec();
        held.push(Arc::new(Held::Memory(results.memory)));
        held.push(Arc::new(Held::Kernel(self.kernel.kept().clone())));
        let count = results.rows.len();
        let mut columns = results.columns;
        let sides = self.kernel.side.as_ref().map_or(0, |of| of.words());
        let side = columns.split_off(columns.len() - sides);
        let side = match &self.kernel.side {
            Some(of) => Some(Values::new(Arc::new(of.clone()), side, count, held.clone()).list(py)?.unbind()),
            None => None,
        };
        let values = if self.kernel.passes {
            // Filled in at the end, from the input as it came.
            Column::Objects(PyList::empty(py).unbind())
        } else {
            Column::Values(Values::new(Arc::new(self.kernel.value.clone()), columns, count, held))
        };
        self.done.push(Done { values, side, rows: results.rows });
        Ok(())
    }

    /// All results: values, what is beside them, and the row of each. `labels`: beside them are names of an output
    /// selector.
    pub fn finish(
        mut self,
        py: Python<'_>,
        input: &Column,
        labels: bool,
    ) -> PyResult<(Column, Option<Py<PyList>>, Vec<u32>)> {
        self.settle(py)?;
        let rows: Vec<u32> = self.done.iter().flat_map(|done| done.rows.iter().copied()).collect();
        let values = if self.kernel.passes {
            let whole = rows.len() == self.input.rows();
            if whole { input.share(py) } else { input.pick(py, &rows)? }
        } else {
            Column::concat(py, &self.done.iter().map(|done| &done.values).collect::<Vec<_>>())?
        };
        if self.kernel.side.is_none() {
            return Ok((values, None, rows));
        }
        let side = PyList::empty(py);
        for done in &self.done {
            if let Some(more) = &done.side {
                side.call_method1("extend", (more,))?;
            }
        }
        let side = if labels { names(py, &side)? } else { side };
        Ok((values, Some(side.unbind()), rows))
    }
}

/// What an output selector gives, as tuples of names. What CPython gave is such already.
fn names<'py>(py: Python<'py>, selected: &Bound<'py, PyList>) -> PyResult<Bound<'py, PyList>> {
    let mut last: Option<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> = None;
    let list = PyList::empty(py);
    for value in selected.iter() {
        if let Ok(names) = value.cast::<PyTuple>() {
            list.append(names)?;
        } else if value.is_none() {
            list.append(PyTuple::empty(py))?;
        } else if value.is_instance_of::<PyString>() {
            let known = last.as_ref().filter(|(name, _)| name.eq(&value).unwrap_or(false));
            let names = match known {
                Some((_, names)) => names.clone(),
                None => PyTuple::new(py, [&value])?,
            };
            list.append(&names)?;
            last = Some((value, names));
        } else {
            list.append(PyTuple::new(py, value.try_iter()?.collect::<PyResult<Vec<_>>>()?)?)?;
        }
    }
    Ok(list)
}
