//! Runs one bound job: sources → stages, wave by wave → sinks.
//!
//! A wave is the rows of some ticks. The engine takes it from the sources, leads it through all stages in order with
//! the interpreter held once, gives the results to the sinks, and lets go of the interpreter to write and to wait. So
//! neither threads nor the size of a wave can be seen in results.

mod batch;
mod build;
pub mod capture;
mod column;
mod connect;
mod exchange;
mod graph;
mod intake;
pub mod meter;
mod operators;
mod progress;
mod sinks;
mod sources;
mod stamp;
pub mod stdout;
mod wave;

pub use build::build;

use crate::AtEnd;
use crate::clock::{Clock, Time};
use crate::python::signals;
use crate::summary::OperatorSummary;
use batch::Batch;
use build::Function;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use graph::{Graph, Work};
use intake::{Intake, Next, Share};
use meter::Meter;
use progress::Progress;
use pyflink_plan::{OperatorId, Reason};
use pyo3::prelude::*;
use sinks::commit::{Delivery, commit};
use sinks::{Sink, SinkError, SinkKind};
use sources::SourceError;
use std::sync::Arc;
use std::time::Instant;
use wave::Wave;

/// How far the clock goes in one wave when the input has ended, in milliseconds: far enough for many windows, and not
/// to the end of all, as windows in a loop may open new ones for ever.
const SPAN_AT_END: Time = 1000;

/// A job that is ready to run.
pub struct Engine {
    graph: Graph,
    intake: Intake,
    sinks: Vec<Sink>,
    /// In the order of creation.
    functions: Vec<Function>,
    clock: Arc<dyn Clock>,
    at_end: AtEnd,
    wake: Receiver<()>,
    meter: Meter,
    /// Operators with functions, and why those have to stay in Python, if they have to.
    planned: Vec<(OperatorId, Result<(), Reason>)>,
    progress: Progress,
    /// The class of exceptions that a signal raises in a function.
    cancelled: Py<PyAny>,
}

/// How a job ended, if not well.
pub enum Stop {
    /// A signal asked for it.
    Cancelled,
    /// Nobody reads standard output any more.
    ReaderGone,
    Failed(Box<JobFailure>),
}

pub struct JobFailure {
    pub operator: OperatorId,
    pub cause: Cause,
    /// `repr` of the element, if there was one.
    pub element: Option<String>,
}

pub enum Cause {
    Raised(PyErr),
    /// What the machine could not do.
    Failed(String),
}

impl Stop {
    fn failed(operator: OperatorId, cause: Cause, element: Option<String>) -> Stop {
        Stop::Failed(Box::new(JobFailure { operator, cause, element }))
    }
}

impl Engine {
    /// Runs the job to its end; gives the time that passed on a virtual clock, and what was measured. Call it without
    /// the interpreter.
    pub fn run(mut self) -> (Result<u64, Stop>, Vec<OperatorSummary>) {
        let outcome = Python::attach(|py| self.open(py)).and_then(|()| {
            self.intake.feeds.iter_mut().for_each(|feed| feed.source.start());
            self.work()
        });
        self.progress.clear();
        let figures = self.figures();
        let outcome = self.finish(outcome);
        // What is left may hold Python objects.
        let passed = self.clock.reached(self.intake.next_tick(), 0).unsigned_abs();
        Python::attach(|_| drop(self));
        (outcome.map(|()| passed), figures)
    }

    /// What was measured, with what sources and sinks count themselves.
    fn figures(&mut self) -> Vec<OperatorSummary> {
        let mut meter = std::mem::take(&mut self.meter);
        for feed in &self.intake.feeds {
            let figures = meter.of(feed.operator);
            figures.elements_out = feed.rows;
            figures.bytes = feed.source.bytes();
            if let Some(time) = feed.source.python_time() {
                (figures.time, figures.python) = (time, time);
            }
        }
        for (operator, planned) in std::mem::take(&mut self.planned) {
            meter.finish_function(operator, planned);
        }
        for feed in &self.intake.feeds {
            if let Some(function) = feed.source.function() {
                let figures = meter.of(feed.operator);
                figures.mode = Some(function.mode);
                (figures.typing, figures.compile) = (function.typing, function.compile);
                (figures.native, figures.bails) = (function.given, u64::from(function.bail.is_some()));
                figures.bails_by = function.bail.into_iter().collect();
            }
        }
        for sink in &self.sinks {
            let figures = meter.of(sink.operator);
            figures.bytes = sink.counts_bytes().then_some(sink.bytes);
            figures.time += sink.time;
            figures.python += sink.python;
        }
        meter.operators.into_values().collect()
    }

    /// `open()` of all functions, in order of creation.
    fn open(&mut self, py: Python<'_>) -> Result<(), Stop> {
        for function in &mut self.functions {
            let opened = function.bound.bind(py).call_method0("open");
            opened.map_err(|error| Stop::failed(function.operator, Cause::Raised(error), None))?;
            function.is_open = true;
        }
        Ok(())
    }

    fn work(&mut self) -> Result<(), Stop> {
        let clock = self.clock.clone();
        loop {
            if signals::arrived().is_some() {
                return Err(Stop::Cancelled);
            }
            self.progress.tick(&self.intake);
            match self.intake.poll(clock.as_ref()) {
                Next::Rows(shares) => self.wave(&shares, |clock, next_tick, now| clock.reached(next_tick, now))?,
                Next::Failed(operator, error) => {
                    let cause = match error {
                        SourceError::Raised(error) => Cause::Raised(error),
                        SourceError::Failed(why) => Cause::Failed(why),
                    };
                    return Err(Stop::failed(operator, cause, None));
                }
                Next::End => match self.next_timer().filter(|_| self.at_end == AtEnd::Fire) {
                    Some(time) => self.wave(&[], |_, _, _| time.saturating_add(SPAN_AT_END))?,
                    None => return Ok(()),
                },
                Next::Wait(due) => self.wait(due)?,
            }
        }
    }

    /// When the next window fires.
    fn next_timer(&self) -> Option<Time> {
        let timers = self.graph.stages.iter().filter_map(|stage| match &stage.work {
            Work::Operator(operator) => operator.next_timer(),
            _ => None,
        });
        timers.min()
    }

    /// Waits for a source, a signal, or a timer; a timer that is due fires.
    fn wait(&mut self, due: Option<Instant>) -> Result<(), Stop> {
        let timer = self.next_timer().and_then(|time| self.clock.until(time)).map(|wait| Instant::now() + wait);
        let until = due.into_iter().chain(timer).min();
        let woken = match until {
            Some(until) => self.wake.recv_deadline(until),
            None => self.wake.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        if woken.is_err() && timer.is_some_and(|timer| timer <= Instant::now()) {
            return self.wave(&[], |clock, next_tick, now| clock.reached(next_tick, now));
        }
        Ok(())
    }

    /// Leads one wave through the job.
    fn wave(&mut self, shares: &[Share], reached: impl Fn(&dyn Clock, u64, Time) -> Time + Send) -> Result<(), Stop> {
        let mut stdout = Vec::new();
        let outcome = Python::attach(|py| self.process(py, shares, reached, &mut stdout));
        let written = self.write(&stdout);
        outcome.and(written)
    }

    fn process(
        &mut self,
        py: Python<'_>,
        shares: &[Share],
        reached: impl Fn(&dyn Clock, u64, Time) -> Time,
        stdout: &mut Vec<u8>,
    ) -> Result<(), Stop> {
        let clock = self.clock.clone();
        let (now, first_tick) = (clock.now(), self.intake.next_tick());
        let failed_read = |error| Stop::failed(OperatorId(0), Cause::Raised(error), None);
        let batches = self.intake.take(py, shares, clock.as_ref(), now, &mut self.meter).map_err(failed_read)?;
        let reached = reached(clock.as_ref(), self.intake.next_tick(), now);
        let mut results: Vec<Arc<Batch>> = self.graph.stages.iter().map(|_| Arc::new(Batch::empty())).collect();
        for (stage, batch) in batches {
            let (batch, _) = self.graph.stages[stage].exchange.assign(py, batch);
            results[stage] = Arc::new(batch);
        }
        let mut wave = Wave {
            graph: &mut self.graph,
            clock: clock.as_ref(),
            first_tick,
            reached,
            results,
            failure: None,
            failures: 0,
            meter: &mut self.meter,
        };
        wave.run(py);
        let mut deliveries = Vec::new();
        for (stage, result) in wave.results.iter().enumerate() {
            if let Work::Sink(sink) = wave.graph.stages[stage].work
                && !result.is_empty()
            {
                let operator = wave.graph.stages[stage].first();
                let kept = result.stamps.partition_point(|stamp| wave.keeps(stage, operator, stamp));
                let batch = if kept == result.rows() { result.clone() } else { Arc::new(result.head(py, kept)) };
                deliveries.push(Delivery { sink, batch });
            }
        }
        let mut prints = capture::take();
        if let Some((cut, _)) = &wave.failure {
            prints.retain(|print| print.stamp <= cut.stamp);
        }
        let failure = wave.failure.take();
        commit(py, &mut self.sinks, deliveries, prints, stdout).map_err(|refusal| {
            let cause = match refusal.error {
                SinkError::Raised(error) if self.is_cancelled(py, &error) => return Stop::Cancelled,
                SinkError::Raised(error) => Cause::Raised(error),
                SinkError::Failed(why) => Cause::Failed(why),
            };
            Stop::failed(refusal.operator, cause, refusal.element)
        })?;
        match failure {
            None => Ok(()),
            Some((_, failure)) if self.is_cancelled(py, &failure.error) => Err(Stop::Cancelled),
            Some((_, failure)) => Err(Stop::failed(failure.operator, Cause::Raised(failure.error), failure.element)),
        }
    }

    fn is_cancelled(&self, py: Python<'_>, error: &PyErr) -> bool {
        error.is_instance(py, self.cancelled.bind(py))
    }

    /// Writes what a wave left for the outside, without the interpreter.
    fn write(&mut self, out: &[u8]) -> Result<(), Stop> {
        for sink in &mut self.sinks {
            let written = match &mut sink.kind {
                SinkKind::Text(text) => text.write(),
                SinkKind::Socket { writer, .. } => writer.flush().map_err(|error| error.to_string()),
                SinkKind::Stdout { .. } | SinkKind::Function { .. } => Ok(()),
            };
            written.map_err(|why| Stop::failed(sink.operator, Cause::Failed(why), None))?;
        }
        if !out.is_empty() {
            self.progress.make_way();
        }
        let written = if out.is_empty() { Ok(()) } else { stdout::write(out).and_then(|()| stdout::flush()) };
        if stdout::is_closed() {
            return Err(Stop::ReaderGone);
        }
        written.map_err(|error| {
            let of_stdout = self.sinks.iter().find(|sink| matches!(sink.kind, SinkKind::Stdout { .. }));
            let operator = of_stdout.map_or(OperatorId(0), |sink| sink.operator);
            Stop::failed(operator, Cause::Failed(format!("can't write to standard output: {error}")), None)
        })
    }

    /// Stops the sources, closes the functions, and puts files where they belong, or away after a failure.
    fn finish(&mut self, mut outcome: Result<(), Stop>) -> Result<(), Stop> {
        signals::job_ends();
        if outcome.is_err() {
            Python::attach(|py| self.intake.feeds.iter_mut().for_each(|feed| feed.source.cancel(py)));
        }
        for feed in &mut self.intake.feeds {
            feed.source.join();
        }
        Python::attach(|py| {
            for function in self.functions.iter().filter(|function| function.is_open) {
                if let Err(error) = function.bound.bind(py).call_method0("close") {
                    match &outcome {
                        Ok(()) => outcome = Err(Stop::failed(function.operator, Cause::Raised(error), None)),
                        // The first failure is what the user has to see; this one only in passing.
                        Err(_) => error.print(py),
                    }
                }
            }
        });
        let keep = !matches!(outcome, Err(Stop::Failed(_)));
        for sink in self.sinks.drain(..) {
            if let SinkKind::Text(text) = sink.kind {
                if keep {
                    let published = text.writer.publish().map_err(|error| error.to_string());
                    if let (Err(why), Ok(())) = (published, &outcome) {
                        outcome = Err(Stop::failed(sink.operator, Cause::Failed(why), None));
                    }
                } else {
                    text.writer.discard();
                }
            }
        }
        outcome
    }
}
