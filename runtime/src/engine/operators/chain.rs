//! A chain of stateless operators: one generated Python function (see `_pyflink/chains.py`) that loops over a batch.

use super::native::{self, Native, Numbers};
use super::{Batch, Failure, Moment, Operator, Output, describe};
use crate::engine::column::Column;
use crate::engine::stamp::Stamp;
use crate::engine::{capture, meter};
use crate::python::with_traceback;
use pyflink_plan::OperatorId;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::collections::HashMap;
use std::sync::Arc;

pub struct Chain {
    /// `run(rows, subtasks, side_in, out, ends, side)`.
    run: Py<PyAny>,
    /// `failure(error) -> (line, element)`.
    failure: Py<PyAny>,
    /// Operator at work at each line of the generated code.
    lines: Arc<HashMap<u32, OperatorId>>,
    first: OperatorId,
    /// Rows may give more or fewer results than one, so `ends` is filled.
    expands: bool,
    /// The operator whose results go straight to `out`, if any.
    collects: Option<OperatorId>,
    /// The last operator fills `side`.
    fills_side: bool,
    /// The same as machine code, if it can be.
    native: Option<Native>,
}

impl Chain {
    /// `built` is a `chains.Chain`; `module` is `_pyflink.chains`.
    pub fn new(
        built: &Bound<'_, PyAny>,
        module: &Bound<'_, PyAny>,
        first: OperatorId,
        fills_side: bool,
        native: Option<Native>,
    ) -> PyResult<Chain> {
        let lines: HashMap<u32, u32> = built.getattr("lines")?.extract()?;
        Ok(Chain {
            run: built.getattr("run")?.unbind(),
            failure: module.getattr("failure")?.unbind(),
            lines: Arc::new(lines.into_iter().map(|(line, operator)| (line, OperatorId(operator))).collect()),
            first,
            expands: built.getattr("expands")?.extract()?,
            collects: u32::try_from(built.getattr("collects")?.extract::<i64>()?).ok().map(OperatorId),
            fills_side,
            native,
        })
    }

    /// `None` if there is no kernel for these rows.
    fn process_natively(&mut self, py: Python<'_>, input: &Batch) -> PyResult<Option<Output>> {
        let Some(mut native) = self.native.take_if(|native| native.may_help()) else { return Ok(None) };
        let outcome = self.run_kernel(py, &mut native, input);
        self.native = Some(native);
        outcome
    }

    fn run_kernel(&self, py: Python<'_>, native: &mut Native, input: &Batch) -> PyResult<Option<Output>> {
        let Some(numbers) = Numbers::of(py, &input.values) else { return Ok(None) };
        let Some(kernel) = native.kernel(py, numbers.type_of()) else { return Ok(None) };
        let mut pieces: Vec<Arc<Batch>> = Vec::new();
        let (mut from, mut in_python, mut bails) = (0, 1, 0);
        loop {
            let results = kernel.run(numbers.bits(), from);
            let stopped = results.stopped;
            if !results.rows.is_empty() {
                pieces.push(Arc::new(native::piece(py, input, kernel.result, results)?));
            }
            if stopped == input.rows() {
                meter::native(input.rows(), bails);
                return Ok(Some(Output::of(Batch::concat(py, &pieces)?)));
            }
            // CPython does the row. Where rows bail often, it does more and more of them in one go.
            from = (stopped + in_python).min(input.rows());
            in_python *= 2;
            bails += from - stopped;
            let output = self.process_rows(py, &input.pick(py, stopped..from)?)?;
            pieces.push(Arc::new(output.batch));
            if output.failure.is_some() || from == input.rows() {
                meter::native(from, bails);
                return Ok(Some(Output { batch: Batch::concat(py, &pieces)?, failure: output.failure }));
            }
        }
    }

    fn process_rows(&self, py: Python<'_>, input: &Batch) -> PyResult<Output> {
        let rows = input.values.list(py)?;
        let iterator = rows.try_iter()?.into_any();
        let subtasks = match &input.subtasks {
            Some(subtasks) => Some(PyList::new(py, subtasks.iter())?),
            None => None,
        };
        let side_in = input.side.as_ref().map(|side| side.bind(py));
        let (out, ends, side) = (PyList::empty(py), PyList::empty(py), PyList::empty(py));
        capture::chain(&iterator, input.stamps.clone(), self.lines.clone(), self.first);
        let outcome = meter::python(|| self.run.bind(py).call1((&iterator, subtasks, side_in, &out, &ends, &side)));
        let mut failed = match outcome {
            Ok(_) => None,
            Err(error) => {
                let value = with_traceback(py, &error);
                let (line, element) = self.failure.bind(py).call1((value,))?.extract::<(u32, Py<PyAny>)>()?;
                let row = capture::chain_row(&iterator, input.rows());
                let operator = self.lines.get(&line).copied().unwrap_or(self.first);
                let element = (line != 0).then(|| describe(element.bind(py)));
                Some((row, Failure { stamp: input.stamps[row], operator, error, element }))
            }
        };
        capture::done();
        let (stamps, subtasks) = if self.expands {
            let ends = ends.extract::<Vec<usize>>()?;
            let whole = ends.last().copied().unwrap_or(0);
            if failed.as_ref().is_some_and(|(_, failure)| Some(failure.operator) == self.collects) {
                out.del_slice(whole, out.len())?;
            }
            let rest = failed.as_ref().map(|(row, _)| (*row, out.len()));
            let ends = ends.into_iter().enumerate().chain(rest);
            spread(input, ends, out.len())
        } else if out.len() == input.rows() {
            (input.stamps.clone(), input.subtasks.clone())
        } else {
            let kept = out.len();
            let subtasks = input.subtasks.as_ref().map(|subtasks| Arc::new(subtasks[..kept].to_vec()));
            (Arc::new(input.stamps[..kept].to_vec()), subtasks)
        };
        let side = self.fills_side.then(|| side.unbind());
        let batch = Batch { values: Column::Objects(out.unbind()), stamps, subtasks, side };
        Ok(Output { batch, failure: failed.take().map(|(_, failure)| failure) })
    }
}

/// Stamps and subtasks of results, from the number of results there are after each row.
fn spread(
    input: &Batch,
    ends: impl Iterator<Item = (usize, usize)>,
    results: usize,
) -> (Arc<Vec<Stamp>>, Option<Arc<Vec<u32>>>) {
    let mut stamps = Vec::with_capacity(results);
    let mut subtasks = input.subtasks.is_some().then(|| Vec::with_capacity(results));
    for (row, end) in ends {
        stamps.resize(end.max(stamps.len()), input.stamps[row]);
        if let Some(subtasks) = &mut subtasks {
            subtasks.resize(end.max(subtasks.len()), input.subtask(row));
        }
    }
    (Arc::new(stamps), subtasks.map(Arc::new))
}

impl Operator for Chain {
    fn process(&mut self, py: Python<'_>, input: &Batch, _moment: &Moment) -> Output {
        if input.is_empty() {
            return Output::of(Batch::empty());
        }
        let outcome = match self.process_natively(py, input) {
            Ok(Some(output)) => Ok(output),
            Ok(None) => self.process_rows(py, input),
            Err(error) => Err(error),
        };
        outcome.unwrap_or_else(|error| {
            let failure = Failure { stamp: input.stamps[0], operator: self.first, error, element: None };
            Output { batch: Batch::empty(), failure: Some(failure) }
        })
    }
}
