//! A chain of stateless operators: one generated Python function (see `_pyflink/chains.py`) that loops over a batch.

use super::native::{Native, Prepared};
use super::pieces::{Given, Pieces};
use super::stretches::Stretches;
use super::verifier::{Python as Compared, Verifier};
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
    /// What it was built from.
    source: Source,
    /// What it is done as once it is known that one of its functions stays in Python: machine code before and after.
    parts: Vec<Chain>,
    /// Compares what both give.
    verifier: Option<Verifier>,
    stretches: Stretches,
}

/// What a chain is built from.
pub struct Source {
    /// `_pyflink.chains`.
    pub module: Py<PyAny>,
    /// `chains.Step`s.
    pub steps: Py<PyList>,
    pub operators: Vec<OperatorId>,
    /// Rows come with their subtasks.
    pub parallel: bool,
    /// The kind of the last operator, if it puts something beside the values.
    pub side: Option<OperatorKind>,
}

impl Chain {
    pub fn new(py: Python<'_>, source: Source, native: Option<(Native, Option<Verifier>)>) -> PyResult<Chain> {
        let (native, verifier) = native.unzip();
        let module = source.module.bind(py);
        let built = module.call_method1("build", (&source.steps, source.parallel))?;
        let head = source.steps.bind(py).get_item(0)?;
        let names = head.getattr("names")?;
        let first = source.operators.first().copied().unwrap_or(OperatorId(0));
        let lines: HashMap<u32, u32> = built.getattr("lines")?.extract()?;
        Ok(Chain {
            run: built.getattr("run")?.unbind(),
            failure: module.getattr("failure")?.unbind(),
            lines: Arc::new(lines.into_iter().map(|(line, operator)| (line, OperatorId(operator))).collect()),
            first,
            expands: built.getattr("expands")?.extract()?,
            collects: u32::try_from(built.getattr("collects")?.extract::<i64>()?).ok().map(OperatorId),
            fills_side: source.side.is_some(),
            labels: source.side == Some(OperatorKind::Split),
            selects: (!names.is_none()).then(|| names.unbind()),
            native,
            source,
            parts: Vec::new(),
            verifier: verifier.flatten(),
            stretches: Stretches::default(),
        })
    }

    /// Does the rows of a batch with a kernel, and in CPython those that it can't do. `None` if there is no kernel.
    fn process_natively(&mut self, py: Python<'_>, input: &Batch) -> PyResult<Option<Output>> {
        let Some(mut native) = self.native.take() else { return Ok(None) };
        let selected = self.selected(py, input)?;
        let rows = selected.as_ref().unwrap_or(input);
        if rows.is_empty() {
            self.native = Some(native);
            return Ok(Some(Output::of(rows.descendants(Column::empty(), Vec::new(), self.side(py)))));
        }
        match native.prepare(py, &rows.values) {
            Ok(prepared) => {
                let output = self.run_kernel(py, &mut native, prepared, rows);
                self.native = Some(native);
                output.map(Some)
            }
            Err(operator) if self.source.operators.len() > 1 && self.verifier.is_none() => {
                self.split(py, native, operator)?;
                self.process_parts(py, input).map(Some)
            }
            Err(_) => {
                self.native = Some(native);
                Ok(None)
            }
        }
    }

    fn side(&self, py: Python<'_>) -> Option<Py<PyList>> {
        self.fills_side.then(|| PyList::empty(py).unbind())
    }

    /// From now on, an operator's function runs in Python, and those before and after it as machine code, if they can.
    fn split(&mut self, py: Python<'_>, native: Native, operator: OperatorId) -> PyResult<()> {
        let at = self.source.operators.iter().position(|of| *of == operator).unwrap_or(0);
        let end = self.source.operators.len();
        let [before, own, after] = native.split(operator);
        for (range, native) in [(0..at, before), (at..at + 1, own), (at + 1..end, after)] {
            if range.is_empty() {
                continue;
            }
            let source = Source {
                module: self.source.module.clone_ref(py),
                steps: self.source.steps.bind(py).get_slice(range.start, range.end).unbind(),
                operators: self.source.operators[range.clone()].to_vec(),
                parallel: self.source.parallel,
                side: self.source.side.filter(|_| range.end == end),
            };
            let native = (!native.is_empty()).then_some((native, None));
            self.parts.push(Chain::new(py, source, native)?);
        }
        Ok(())
    }

    /// Leads rows through the parts, one after the other.
    fn process_parts(&mut self, py: Python<'_>, input: &Batch) -> PyResult<Output> {
        let mut output = Output::of(input.share(py));
        for part in &mut self.parts {
            let before = output.failure.take();
            output = part.process_batch(py, &output.batch)?;
            // What got through came ahead of what failed on the way.
            output.failure = output.failure.take().or(before);
        }
        Ok(output)
    }

    fn process_batch(&mut self, py: Python<'_>, input: &Batch) -> PyResult<Output> {
        if input.is_empty() {
            return Ok(Output::of(input.descendants(Column::empty(), Vec::new(), self.side(py))));
        }
        if !self.parts.is_empty() {
            return self.process_parts(py, input);
        }
        match self.process_natively(py, input)? {
            Some(output) => Ok(output),
            None => self.process_rows(py, input),
        }
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

    fn run_kernel(
        &mut self,
        py: Python<'_>,
        native: &mut Native,
        (kernel, values, misfits): Prepared,
        input: &Batch,
    ) -> PyResult<Output> {
        let classes = native.classes(py);
        let mut pieces = Pieces { kernel: &kernel, input: &values, results: Results::default() };
        let columns = values.columns();
        let (total, mut from, mut unasked) = (input.rows(), 0, 0);
        let mut misfits = misfits.into_iter().peekable();
        // Rows for CPython, which does them all at once: nobody sees when.
        let mut left: Vec<u32> = Vec::new();
        let mut failure = None;
        while from < total && failure.is_none() {
            let some = match self.stretches.next(total - from) {
                Ok(some) => some,
                Err(some) => {
                    left.extend(from as u32..(from + some) as u32);
                    unasked += some;
                    from += some;
                    continue;
                }
            };
            let (end, before) = (from + some, left.len());
            while from < end {
                while misfits.next_if(|misfit| *misfit < from).is_some() {}
                let until = misfits.peek().copied().unwrap_or(end).min(end);
                let stopped = kernel.run(&columns, from..until, &mut pieces.results);
                if let Some((row, different)) = self.verify(py, input, &mut pieces, from..stopped.row)? {
                    from = row;
                    failure = Some(different);
                    break;
                }
                from = stopped.row;
                if from == end {
                    break;
                }
                if from == until {
                    meter::bailed(native.operator(0).unwrap_or(self.first), Why::OtherType, None, None);
                } else if let Some(why) = stopped.why {
                    let place = kernel.place(stopped.place);
                    let operator = place.and_then(|place| native.operator(place.step)).unwrap_or(self.first);
                    let span = place.and_then(|place| place.span);
                    meter::bailed(operator, why, span, kernel.refusal(stopped.place));
                } else {
                    // It was told to stop: CPython will raise what that is about.
                    left.extend(from as u32..end as u32);
                    from = end;
                    break;
                }
                left.push(from as u32);
                from += 1;
            }
            self.stretches.done(some, left.len() - before);
        }
        meter::native(from, left.len());
        meter::unasked(native.operator(0).unwrap_or(self.first), unasked);
        let mut given = None;
        if !left.is_empty() {
            let rows = if left.len() == total { input.share(py) } else { input.pick_rows(py, left.clone())? };
            let piece = self.run_python(py, &rows)?;
            if let Some(raised) = piece.failure {
                let row = left[piece.reached];
                pieces.results.take_back(row as usize);
                failure = Some(raised);
            }
            let rows = piece.rows.into_iter().map(|row| left[row as usize]).collect();
            given = Some(Given { values: piece.values, rows, side: piece.side });
        }
        let (values, side, rows) = pieces.finish(py, &classes, &input.values, given, self.labels)?;
        let batch = input.descendants(values, rows, side);
        Ok(Output { batch, failure })
    }

    /// Does some rows that the kernel has just done in CPython too; gives the row of the first difference.
    fn verify(
        &self,
        py: Python<'_>,
        input: &Batch,
        pieces: &mut Pieces<'_>,
        rows: Range<usize>,
    ) -> PyResult<Option<(usize, Failure)>> {
        let Some(verifier) = &self.verifier else { return Ok(None) };
        for row in rows.filter(|row| verifier.picks(input.stamps.at(*row).tick)) {
            let python = self.run_python(py, &input.pick(py, row..row + 1)?)?;
            let native = pieces.results_of(py, row, self.labels)?;
            let given = match &python.failure {
                Some(failure) => Compared::Raised(&failure.error),
                None => {
                    if self.fills_side {
                        python.values.call_method1("extend", (&python.side,))?;
                    }
                    Compared::Results(&python.values)
                }
            };
            let element = input.values.value(py, row)?;
            let elements = PyList::new(py, [&element])?;
            if let Err(error) = verifier.compare(&elements, &native, &given) {
                pieces.results.take_back(row);
                let element = Some(describe(&element));
                let stamp = input.stamps.at(row);
                return Ok(Some((row, Failure { stamp, operator: self.first, error, element })));
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
        let reached = failed.as_ref().map_or(input.rows(), |(row, _)| *row);
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
        let failure = failed.take().map(|(_, failure)| failure);
        Ok(Piece { values: out, rows: given, side, reached, failure })
    }
}

/// What CPython gave for some rows.
struct Piece<'py> {
    values: Bound<'py, PyList>,
    /// The row of each, of those that it was given.
    rows: Vec<u32>,
    side: Bound<'py, PyList>,
    /// The row that failed, or the end.
    reached: usize,
    failure: Option<Failure>,
}

impl Operator for Chain {
    fn process(&mut self, py: Python<'_>, input: &Batch, _moment: &Moment) -> Output {
        if input.is_empty() {
            return Output::of(Batch::empty());
        }
        self.process_batch(py, input).unwrap_or_else(|error| {
            let failure = Failure { stamp: input.stamps.at(0), operator: self.first, error, element: None };
            Output { batch: Batch::empty(), failure: Some(failure) }
        })
    }
}
