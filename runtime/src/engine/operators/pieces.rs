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
    /// What it gave.
    pub results: Results,
}

/// What CPython gave for the rows that were left to it.
pub struct Given<'py> {
    pub values: Bound<'py, PyList>,
    /// The row of each, ascending.
    pub rows: Vec<u32>,
    pub side: Bound<'py, PyList>,
}

/// What the kernel gave.
struct Own {
    /// None if they pass.
    values: Option<Column>,
    side: Option<Py<PyList>>,
    rows: Vec<u32>,
}

/// Values, what is beside them, and the row of each.
type Whole = (Column, Option<Py<PyList>>, Vec<u32>);

impl Pieces<'_> {
    /// Adds what CPython gave to the kernel's results, if it is of their types.
    fn take(&mut self, classes: &Classes, given: &Given<'_>) -> Option<()> {
        let Given { values, rows, side } = given;
        let count = self.columns();
        self.results.columns.resize_with(count, Vec::new);
        let columns = &mut self.results.columns;
        if !self.kernel.passes || self.kernel.side.is_some() {
            let mut words = Vec::with_capacity(columns.len() * values.len());
            let memory: &mut Memory = &mut self.results.memory;
            for (at, value) in values.iter().enumerate() {
                if !self.kernel.passes {
                    classes.words(&value, &self.kernel.value, memory, &mut words)?;
                }
                if let Some(of) = &self.kernel.side {
                    classes.words(&side.get_item(at).ok()?, of, memory, &mut words)?;
                }
            }
            for row in words.chunks(columns.len().max(1)) {
                columns.iter_mut().zip(row).for_each(|(column, word)| column.push(*word));
            }
        }
        let order = order(&self.results.rows, rows);
        for column in columns {
            *column = order.iter().map(|at| column[*at as usize]).collect();
        }
        let all = [self.results.rows.as_slice(), rows].concat();
        self.results.rows = order.iter().map(|at| all[*at as usize]).collect();
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

    /// All results: values, what is beside them, and the row of each. `labels`: beside them are names of an output
    /// selector.
    pub fn finish(
        mut self,
        py: Python<'_>,
        classes: &Classes,
        input: &Column,
        given: Option<Given<'_>>,
        labels: bool,
    ) -> PyResult<Whole> {
        let given = given.filter(|given| self.take(classes, given).is_none());
        let Own { mut values, mut side, mut rows } = self.own(py)?;
        if let Some(given) = given {
            let order = order(&rows, &given.rows);
            let mixed = |own: &Bound<'_, PyList>, more: &Bound<'_, PyList>| {
                let own = own.iter().chain(more.iter()).collect::<Vec<_>>();
                Ok::<_, PyErr>(PyList::new(py, order.iter().map(|at| &own[*at as usize]))?.unbind())
            };
            if let Some(side) = &mut side {
                *side = mixed(side.bind(py), &given.side)?;
            }
            if let Some(values) = &mut values {
                *values = Column::Objects(mixed(&values.list(py)?, &given.values)?);
            }
            let all = [rows.as_slice(), &given.rows].concat();
            rows = order.iter().map(|at| all[*at as usize]).collect();
        }
        let values = match values {
            Some(values) => values,
            None if rows.len() == self.input.rows() => input.share(py),
            None => input.pick(py, &rows)?,
        };
        let side = match side {
            Some(side) if labels => Some(names(py, side.bind(py))?.unbind()),
            side => side,
        };
        Ok((values, side, rows))
    }

    /// What is in `results`.
    fn own(&mut self, py: Python<'_>) -> PyResult<Own> {
        let results = std::mem::take(&mut self.results);
        let count = results.rows.len();
        let mut held = self.input.held().to_vec();
        held.push(Arc::new(Held::Memory(results.memory)));
        held.push(Arc::new(Held::Kernel(self.kernel.kept().clone())));
        let mut columns = results.columns;
        let words = |of: &Type| of.words();
        columns.resize_with(self.columns(), Vec::new);
        let beside = columns.split_off(columns.len() - self.kernel.side.as_ref().map_or(0, words));
        let side = match &self.kernel.side {
            Some(of) => Some(Values::new(Arc::new(of.clone()), beside, count, held.clone()).list(py)?.unbind()),
            None => None,
        };
        let of = || Arc::new(self.kernel.value.clone());
        let values = (!self.kernel.passes).then(|| Column::Values(Values::new(of(), columns, count, held)));
        Ok(Own { values, side, rows: results.rows })
    }

    /// Number of columns of results.
    fn columns(&self) -> usize {
        let values = if self.kernel.passes { 0 } else { self.kernel.value.words() };
        values + self.kernel.side.as_ref().map_or(0, Type::words)
    }
}

/// The order of two ascending lists of rows that have none in common as one: positions in the first, and behind those in
/// the second.
fn order(first: &[u32], second: &[u32]) -> Vec<u32> {
    let mut order = Vec::with_capacity(first.len() + second.len());
    let mut at = 0;
    for (next, row) in (first.len() as u32..).zip(second) {
        let to = at + first[at..].partition_point(|other| other < row);
        order.extend(at as u32..to as u32);
        order.push(next);
        at = to;
    }
    order.extend(at as u32..first.len() as u32);
    order
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
