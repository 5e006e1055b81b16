//! What a run did, operator by operator.

use pyflink_plan::OperatorId;
use std::time::Duration;

/// The jobs of a run, in the order in which they ran.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub jobs: Vec<JobSummary>,
}

#[derive(Clone, Debug)]
pub struct JobSummary {
    /// Positions in the plan, from 0.
    pub variant: usize,
    pub number: usize,
    pub elapsed: Duration,
    /// False if it failed or was cancelled; figures are those up to there.
    pub finished: bool,
    /// Operators that ran, in the order of the plan. A window's figures are those of the function behind it.
    pub operators: Vec<OperatorSummary>,
}

/// What one operator did, all subtasks together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorSummary {
    pub operator: OperatorId,
    /// Elements that went in; 0 for a source.
    pub elements_in: u64,
    /// Elements that came out; 0 for a sink.
    pub elements_out: u64,
    pub batches: u64,
    /// Time it had for itself. For a source in Python, the processor time of its thread.
    pub time: Duration,
    /// The part of `time` that was spent in Python code, or in Python's conversion to text.
    pub python: Duration,
    /// Elements that machine code took on, and of those the ones that it left to CPython.
    pub native: u64,
    pub bails: u64,
    /// Bytes read by a source or written by a sink, where it reads or writes any.
    pub bytes: Option<u64>,
}

impl OperatorSummary {
    pub fn new(operator: OperatorId) -> OperatorSummary {
        OperatorSummary {
            operator,
            elements_in: 0,
            elements_out: 0,
            batches: 0,
            time: Duration::ZERO,
            python: Duration::ZERO,
            native: 0,
            bails: 0,
            bytes: None,
        }
    }
}
