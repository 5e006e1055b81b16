//! A batch: what goes from operator to operator in a wave.

use super::column::Column;
use super::stamp::{Stamp, Stamps};
use crate::python::detach::copies;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::sync::Arc;

/// Rows in ascending order of their stamps.
#[derive(Debug)]
pub struct Batch {
    pub values: Column,
    pub stamps: Stamps,
    /// Subtask of each row, from 0; `None` if there is one subtask only.
    pub subtasks: Option<Arc<Vec<u32>>>,
    /// Beside the values: keys behind a key selector, tuples of names behind an output selector.
    pub side: Option<Py<PyList>>,
}

impl Batch {
    pub fn empty() -> Batch {
        Batch { values: Column::empty(), stamps: Stamps::none(), subtasks: None, side: None }
    }

    pub fn rows(&self) -> usize {
        self.stamps.len()
    }

    pub fn is_empty(&self) -> bool {
        self.stamps.is_empty()
    }

    pub fn subtask(&self, row: usize) -> u32 {
        self.subtasks.as_ref().map_or(0, |subtasks| subtasks[row])
    }

    /// Rows `0..rows`.
    pub fn head(&self, py: Python<'_>, rows: usize) -> Batch {
        Batch {
            values: self.values.slice(py, 0..rows),
            stamps: self.stamps.slice(0..rows),
            subtasks: self.subtasks.as_ref().map(|subtasks| Arc::new(subtasks[..rows].to_vec())),
            side: self.side.as_ref().map(|side| side.bind(py).get_slice(0, rows).unbind()),
        }
    }

    /// The given rows, in the given order.
    pub fn pick(&self, py: Python<'_>, rows: std::ops::Range<usize>) -> PyResult<Batch> {
        if rows == (0..self.rows()) {
            return Ok(self.share(py));
        }
        Ok(Batch {
            values: self.values.slice(py, rows.clone()),
            stamps: self.stamps.slice(rows.clone()),
            subtasks: self.subtasks.as_ref().map(|subtasks| Arc::new(subtasks[rows.clone()].to_vec())),
            side: self.side.as_ref().map(|side| side.bind(py).get_slice(rows.start, rows.end).unbind()),
        })
    }

    /// The given rows, ascending.
    pub fn pick_rows(&self, py: Python<'_>, rows: Vec<u32>) -> PyResult<Batch> {
        let side = match &self.side {
            Some(side) => {
                let side = side.bind(py);
                let items = rows.iter().map(|row| side.get_item(*row as usize)).collect::<PyResult<Vec<_>>>()?;
                Some(PyList::new(py, items)?.unbind())
            }
            None => None,
        };
        Ok(self.descendants(self.values.pick(py, &rows)?, rows, side))
    }

    /// What came of these rows: values, and for each the row that it descends from, ascending.
    pub fn descendants(&self, values: Column, rows: Vec<u32>, side: Option<Py<PyList>>) -> Batch {
        let unchanged = rows.len() == self.rows() && (0..).zip(&rows).all(|(at, row)| at == *row);
        if unchanged {
            return Batch { values, stamps: self.stamps.clone(), subtasks: self.subtasks.clone(), side };
        }
        let subtasks = self.subtasks.as_ref().map(|all| Arc::new(rows.iter().map(|row| all[*row as usize]).collect()));
        Batch { values, stamps: self.stamps.pick(rows), subtasks, side }
    }

    /// The same rows once more, nothing copied.
    pub fn share(&self, py: Python<'_>) -> Batch {
        Batch {
            values: self.values.share(py),
            stamps: self.stamps.clone(),
            subtasks: self.subtasks.clone(),
            side: self.side.as_ref().map(|side| side.clone_ref(py)),
        }
    }

    /// The same rows with elements that no other batch has, as far as they can be copied.
    pub fn own(self, py: Python<'_>) -> PyResult<Batch> {
        Ok(match &self.values {
            Column::Objects(list) => {
                let values = Column::Objects(copies(list.bind(py))?.unbind());
                Batch { values, ..self }
            }
            Column::Values(values) if values.type_of().has_changing_object() => {
                let values = Column::Objects(copies(&values.list(py)?)?.unbind());
                Batch { values, ..self }
            }
            // Of these, Python objects are made anew whenever they are asked for.
            Column::Values(_) | Column::Str(_) => self,
        })
    }

    /// One batch of several, merged by stamp, then by position in `batches`, then by order in each.
    pub fn merge(py: Python<'_>, batches: &[Arc<Batch>]) -> PyResult<Batch> {
        let filled: Vec<&Arc<Batch>> = batches.iter().filter(|batch| !batch.is_empty()).collect();
        match filled.as_slice() {
            [] => return Ok(Batch::empty()),
            [batch] => return Ok(Batch { side: None, ..batch.share(py) }),
            _ => {}
        }
        let mut order: Vec<(Stamp, u32, u32)> = Vec::with_capacity(filled.iter().map(|batch| batch.rows()).sum());
        for (position, batch) in (0u32..).zip(&filled) {
            order.extend((0u32..).zip(batch.stamps.iter()).map(|(row, stamp)| (stamp, position, row)));
        }
        order.sort_unstable();
        let mut starts = Vec::with_capacity(filled.len());
        filled.iter().fold(0, |start, batch| {
            starts.push(start);
            start + batch.rows() as u32
        });
        let all = Column::concat(py, &filled.iter().map(|batch| &batch.values).collect::<Vec<_>>())?;
        let places: Vec<u32> = order.iter().map(|&(_, position, row)| starts[position as usize] + row).collect();
        let values = all.pick(py, &places)?;
        let subtasks = filled.iter().any(|batch| batch.subtasks.is_some()).then(|| {
            let subtask = |&(_, position, row): &(Stamp, u32, u32)| filled[position as usize].subtask(row as usize);
            Arc::new(order.iter().map(subtask).collect())
        });
        let stamps = Stamps::from(order.iter().map(|&(stamp, ..)| stamp).collect::<Vec<_>>());
        Ok(Batch { values, stamps, subtasks, side: None })
    }

    /// One batch of several that follow each other.
    pub fn concat(py: Python<'_>, batches: &[Arc<Batch>]) -> PyResult<Batch> {
        match batches {
            [] => return Ok(Batch::empty()),
            [batch] => return Ok(batch.share(py)),
            _ => {}
        }
        let values = Column::concat(py, &batches.iter().map(|batch| &batch.values).collect::<Vec<_>>())?;
        let side = batches[0].side.is_some().then(|| PyList::empty(py));
        let mut stamps = Vec::with_capacity(batches.iter().map(|batch| batch.rows()).sum());
        for batch in batches {
            if let (Some(side), Some(more)) = (&side, &batch.side) {
                side.call_method1("extend", (more,))?;
            }
            stamps.extend(batch.stamps.iter());
        }
        let subtasks = batches.iter().any(|batch| batch.subtasks.is_some()).then(|| {
            Arc::new(batches.iter().flat_map(|batch| (0..batch.rows()).map(|row| batch.subtask(row))).collect())
        });
        let side = side.map(|side| side.unbind());
        Ok(Batch { values, stamps: stamps.into(), subtasks, side })
    }
}
