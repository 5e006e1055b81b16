//! A chain of stateless operators: one generated Python function (see `_pyflink/chains.py`) that loops over a batch.

use super::native::Native;
use super::pieces::Pieces;
use super::verifier::{Python as Given, Verifier};
use super::{Batch, Failure, Moment, Operator, Output, describe};
use crate::engine::column::Column;
use crate::engine::{capture, meter};
use crate::kernel::Results;
use crate::python::with_traceback;
use pyflink_plan::typed::Why;
use pyflink_plan::{OperatorId, OperatorKind};
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Rows that CPython does at once, at the most, before machine code is tried again.
const MOST_AT_ONCE: usize = 256;
/// For one row that CPython has done, so many that machine code has to do for bails to be rare.
const SELDOM: usize = 8;

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
    /// What is beside the values at the end are names of an output selector.
    labels: bool,
    /// The names that a select at the front lets through.
    selects: Option<Py<PyAny>>,
    /// The same as machine code, if it can be.
    native: Option<Native>,
    /// Compares what both give.
    verifier: Option<Verifier>,
}

/// What stands at the ends of a chain.
#[derive(Default)]
pub struct Ends {
    /// The names that a select at the front lets through.
    pub selects: Option<Py<PyAny>>,
    /// The kind of the last operator, if it puts something beside the values.
    pub side: Option<OperatorKind>,
}

impl Chain {
    /// `built` is a `chains.Chain`; `module` is `_pyflink.chains`.
    pub fn new(
        built: &Bound<'_, PyAny>,
        module: &Bound<'_, PyAny>,
        first: OperatorId,
        ends: Ends,
        native: Option<(Native, Option<Verifier>)>,
    ) -> PyResult<Chain> {
        let (native, verifier) = native.unzip();
        let lines: HashMap<u32, u32> = built.getattr("lines")?.extract()?;
        Ok(Chain {
            run: built.getattr("run")?.unbind(),
            failure: module.getattr("failure")?.unbind(),
            lines: Arc::new(lines.into_iter().map(|(line, operator)| (line, OperatorId(operator))).collect()),
            first,
            expands: built.getattr("expands")?.extract()?,
            collects: u32::try_from(built.getattr("collects")?.extract::<i64>()?).ok().map(OperatorId),
            fills_side: ends.side.is_some(),
            labels: ends.side == Some(OperatorKind::Split),
            selects: ends.selects,
            native,
            verifier: verifier.flatten(),
        })
    }

    /// Does the rows of a batch with a kernel, and in CPython those that it can't do. `None` if there is no kernel.
    fn process_natively(&mut self, py: Python<'_>, input: &Batch) -> PyResult<Option<Output>> {
        let Some(mut native) = self.native.take() else { return Ok(None) };
        let outcome = match self.selected(py, input)? {
            Some(selected) => self.run_kernel(py, &mut native, &selected),
            None => self.run_kernel(py, &mut native, input),
        };
        self.native = Some(native);
        outcome
    }

    /// The rows that a select at the front lets through; `None` if there is none.
    fn selected(&self, py: Python<'_>, input: &Batch) -> PyResult<Option<Batch>> {
        let (Some(names), Some(side)) = (&self.selects, &input.side) else { return Ok(None) };
        let mut rows = Vec::new();
        for (row, given) in (0u32..).zip(side.bind(py).iter()) {
            if !names.bind(py).call_method1("isdisjoint", (given,))?.is_truthy()? {
                rows.push(row);
            }
        }
        Ok(Some(input.pick_rows(py, rows)?))
    }

    fn run_kernel(&self, py: Python<'_>, native: &mut Native, input: &Batch) -> PyResult<Option<Output>> {
        let Some((kernel, values, misfits)) = native.prepare(py, &input.values) else { return Ok(None) };
        let classes = native.classes(py);
        let mut pieces = Pieces { kernel: &kernel, input: &values, results: Results::default(), done: Vec::new() };
        let columns = values.columns();
        let (total, mut from, mut in_python, mut bails) = (input.rows(), 0, 0, 0);
        let mut misfits = misfits.into_iter().peekable();
        let mut failure = None;
        while from < total {
            let until = misfits.peek().copied().unwrap_or(total);
            let started = from;
            let stopped = kernel.run(&columns, from..until, &mut pieces.results);
            let done = from..stopped.row;
            from = stopped.row;
            failure = self.verify(py, input, &mut pieces, done)?;
            if from == total || failure.is_some() {
                break;
            }
            if from == until {
                meter::bailed(native.operator(0).unwrap_or(self.first), Why::OtherType, None);
            } else if let Some(why) = stopped.why {
                let place = kernel.place(stopped.place);
                let operator = place.and_then(|place| native.operator(place.step)).unwrap_or(self.first);
                meter::bailed(operator, why, place.and_then(|place| place.span));
            }
            // CPython does the row. Where rows bail often, it does more and more of them in one go.
            let often = in_python > 0 && stopped.row - started < SELDOM * in_python;
            in_python = if often { (2 * in_python).min(MOST_AT_ONCE) } else { 1 };
            let to = (from + in_python).min(total);
            bails += to - from;
            let piece = self.run_python(py, &input.pick(py, from..to)?)?;
            let start = from;
            from = to;
            while misfits.next_if(|misfit| *misfit < from).is_some() {}
            failure = piece.failure;
            pieces.add(py, &classes, start, piece.values, piece.rows, piece.side)?;
            if failure.is_some() {
                break;
            }
        }
        meter::native(from, bails);
        let (values, side, rows) = pieces.finish(py, &input.values, self.labels)?;
        let batch = input.descendants(values, rows, side);
        Ok(Some(Output { batch, failure }))
    }

    /// Does some rows that the kernel has just done in CPython too; gives the first difference.
    fn verify(
        &self,
        py: Python<'_>,
        input: &Batch,
        pieces: &mut Pieces<'_>,
        rows: Range<usize>,
    ) -> PyResult<Option<Failure>> {
        let Some(verifier) = &self.verifier else { return Ok(None) };
        for row in rows.filter(|row| verifier.picks(input.stamps.at(*row).tick)) {
            let python = self.run_python(py, &input.pick(py, row..row + 1)?)?;
            let native = pieces.results_of(py, row, self.labels)?;
            let given = match &python.failure {
                Some(failure) => Given::Raised(&failure.error),
                None => {
                    if self.fills_side {
                        python.values.call_method1("extend", (&python.side,))?;
                    }
                    Given::Results(&python.values)
                }
            };
            let element = input.values.value(py, row)?;
            let elements = PyList::new(py, [&element])?;
            if let Err(error) = verifier.compare(&elements, &native, &given) {
                pieces.results.take_back(row);
                let element = Some(describe(&element));
                let stamp = input.stamps.at(row);
                return Ok(Some(Failure { stamp, operator: self.first, error, element }));
            }
        }
        Ok(None)
    }

    fn process_rows(&self, py: Python<'_>, input: &Batch) -> PyResult<Output> {
        let piece = self.run_python(py, input)?;
        let side = self.fills_side.then(|| piece.side.unbind());
        let batch = input.descendants(Column::Objects(piece.values.unbind()), piece.rows, side);
        Ok(Output { batch, failure: piece.failure })
    }

    /// Does all rows in CPython.
    fn run_python<'py>(&self, py: Python<'py>, input: &Batch) -> PyResult<Piece<'py>> {
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
                Some((row, Failure { stamp: input.stamps.at(row), operator, error, element }))
            }
        };
        capture::done();
        let mut given = Vec::with_capacity(out.len());
        if self.expands {
            let ends = ends.extract::<Vec<usize>>()?;
            let whole = ends.last().copied().unwrap_or(0);
            if failed.as_ref().is_some_and(|(_, failure)| Some(failure.operator) == self.collects) {
                out.del_slice(whole, out.len())?;
            }
            let rest = failed.as_ref().map(|(row, _)| (*row, out.len()));
            for (row, end) in ends.into_iter().enumerate().chain(rest) {
                given.resize(end.max(given.len()), row as u32);
            }
        } else {
            given.extend(0..out.len() as u32);
        }
        Ok(Piece { values: out, rows: given, side, failure: failed.take().map(|(_, failure)| failure) })
    }
}

/// What CPython gave for some rows.
struct Piece<'py> {
    values: Bound<'py, PyList>,
    /// The row of each, of those that it was given.
    rows: Vec<u32>,
    side: Bound<'py, PyList>,
    failure: Option<Failure>,
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
            let failure = Failure { stamp: input.stamps.at(0), operator: self.first, error, element: None };
            Output { batch: Batch::empty(), failure: Some(failure) }
        })
    }
}
