//! The exchange in front of a stage: which subtask each row goes to.

use super::batch::Batch;
use super::operators::keys::Keys;
use super::operators::{Failure, describe, keys};
use pyflink_plan::OperatorId;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use std::sync::Arc;

pub enum Exchange {
    /// One subtask, or the same ones as before.
    Forward,
    /// To one subtask, whatever there were before.
    Gather,
    /// In turn.
    RoundRobin { parallelism: u32, next: u32 },
    /// By key group.
    Hash(Partitioner),
}

/// Knows the subtask of each key that it has seen.
pub struct Partitioner {
    /// The key selector's operator.
    pub operator: OperatorId,
    pub parallelism: u32,
    /// `subtask(key, parallelism)` of `_pyflink.keys`.
    pub subtask: Py<PyAny>,
    pub keys: Keys,
    pub subtasks: Vec<u32>,
}

impl Exchange {
    /// Gives the rows their subtasks. On a key that can't be hashed: the rows before it, and the failure.
    pub fn assign(&mut self, py: Python<'_>, batch: Batch) -> (Batch, Option<Failure>) {
        match self {
            Exchange::Forward => (batch, None),
            Exchange::Gather => (Batch { subtasks: None, ..batch }, None),
            Exchange::RoundRobin { parallelism, next } => {
                let mut deal = || {
                    let subtask = *next;
                    *next = (*next + 1) % *parallelism;
                    subtask
                };
                let subtasks = (0..batch.rows()).map(|_| deal()).collect();
                (Batch { subtasks: Some(Arc::new(subtasks)), ..batch }, None)
            }
            Exchange::Hash(partitioner) => partitioner.assign(py, batch),
        }
    }
}

impl Partitioner {
    fn assign(&mut self, py: Python<'_>, batch: Batch) -> (Batch, Option<Failure>) {
        let mut subtasks = Vec::with_capacity(batch.rows());
        let mut failed = None;
        if let Some(side) = &batch.side {
            for (row, key) in side.bind(py).iter().enumerate() {
                match self.find(&key) {
                    Ok(subtask) => subtasks.push(subtask),
                    Err(error) => {
                        let element = batch.values.value(py, row).ok().map(|value| describe(&value));
                        let stamp = batch.stamps.at(row);
                        failed = Some(Failure { stamp, operator: self.operator, error, element });
                        break;
                    }
                }
            }
        }
        let batch = if failed.is_some() { batch.head(py, subtasks.len()) } else { batch };
        let subtasks = (self.parallelism > 1).then(|| Arc::new(subtasks));
        (Batch { subtasks, ..batch }, failed)
    }

    fn find(&mut self, key: &Bound<'_, PyAny>) -> PyResult<u32> {
        let py = key.py();
        if self.parallelism == 1 {
            return key.hash().map(|_| 0).map_err(|error| keys::explain(py, error, key));
        }
        if let Some(id) = self.keys.get(py, key)? {
            return Ok(self.subtasks[id]);
        }
        let subtask = match self.subtask.bind(py).call1((key, self.parallelism)) {
            Ok(subtask) => subtask.extract::<u32>()?,
            // Nothing about the key is the same in every run, so the order in which keys come decides.
            Err(error) if error.is_instance_of::<PyTypeError>(py) => {
                u32::try_from(self.subtasks.len() % self.parallelism as usize).unwrap_or(0)
            }
            Err(error) => return Err(error),
        };
        self.keys.insert(py, key, self.subtasks.len())?;
        self.subtasks.push(subtask);
        Ok(subtask)
    }
}
