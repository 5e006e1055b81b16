//! What a run did, operator by operator.

use pyflink_plan::typed::Why;
use pyflink_plan::{OperatorId, Reason, Span};
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Those of `bails` on which machine code was not tried, because many of those before had bailed.
    pub unasked: u64,
    /// How its function ran; `None` if it has none.
    pub mode: Option<Mode>,
    /// Bails by reason and statement.
    pub bails_by: Vec<Bails>,
    /// Time that it took to find the types in its function, and to make machine code of it.
    pub typing: Duration,
    pub compile: Duration,
    /// Bytes read by a source or written by a sink, where it reads or writes any.
    pub bytes: Option<u64>,
}

/// How a function ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As machine code.
    Native,
    /// As machine code that may leave a row to CPython. The reason is that of other elements, of types for which there is
    /// no machine code.
    Guarded(Option<Reason>),
    /// In CPython.
    Python(Reason),
    /// No element came, so nothing was compiled.
    Idle,
}

/// Rows that machine code left to CPython.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bails {
    pub why: Why,
    /// What can't be compiled there, if it is that.
    pub refusal: Option<String>,
    /// The statement, if it was one.
    pub span: Option<Span>,
    pub rows: u64,
}

impl Bails {
    /// For people.
    pub fn reason(&self) -> &str {
        self.refusal.as_deref().unwrap_or_else(|| self.why.text())
    }
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
            unasked: 0,
            mode: None,
            bails_by: Vec::new(),
            typing: Duration::ZERO,
            compile: Duration::ZERO,
            bytes: None,
        }
    }
}
