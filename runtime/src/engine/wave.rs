//! One wave: the rows of some ticks on their way through all stages, in order.
//!
//! A failure cuts the wave: what stands before it in the order of the job goes on, nothing behind it does.

use super::batch::Batch;
use super::capture;
use super::graph::{Graph, StageId, Unit, Work};
use super::meter::{self, Meter};
use super::operators::{Failure, Moment, Output};
use super::stamp::Stamp;
use crate::clock::{Clock, Time};
use crate::python::signals;
use pyflink_plan::OperatorId;
use pyo3::prelude::*;
use std::sync::Arc;

/// Where a wave was cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub stamp: Stamp,
    pub operator: OperatorId,
    pub stage: StageId,
}

pub struct Wave<'a> {
    pub graph: &'a mut Graph,
    pub clock: &'a dyn Clock,
    pub first_tick: u64,
    /// Timers up to here go off.
    pub reached: Time,
    /// Results of each stage; sources' rows are there from the start.
    pub results: Vec<Arc<Batch>>,
    pub failure: Option<(Cut, Failure)>,
    /// How often something failed; the last one counts, as it comes first in the order.
    pub failures: usize,
    pub meter: &'a mut Meter,
}

impl Wave<'_> {
    pub fn run(&mut self, py: Python<'_>) {
        for unit in self.graph.units.clone() {
            match &unit {
                Unit::Stage(stage) => self.run_stage(py, *stage),
                Unit::Loop(stages) => self.run_loop(py, stages),
            }
        }
        capture::done();
    }

    /// True if a row of a stage is on the near side of the cut.
    pub fn keeps(&self, stage: StageId, operator: OperatorId, stamp: Stamp) -> bool {
        self.failure.as_ref().is_none_or(|(cut, _)| {
            stamp < cut.stamp
                || stamp == cut.stamp && (operator <= cut.operator || self.graph.reaches(cut.stage, stage))
        })
    }

    /// The rows of a batch that a stage may see.
    fn visible(&self, py: Python<'_>, batch: &Arc<Batch>, stage: StageId) -> Arc<Batch> {
        if self.failure.is_none() {
            return batch.clone();
        }
        let operator = self.graph.stages[stage].first();
        let kept = batch.stamps.partition_point(|stamp| self.keeps(stage, operator, stamp));
        if kept == batch.rows() { batch.clone() } else { Arc::new(batch.head(py, kept)) }
    }

    fn run_stage(&mut self, py: Python<'_>, stage: StageId) {
        if matches!(self.graph.stages[stage].work, Work::Source) {
            return;
        }
        let inputs: Vec<Arc<Batch>> = self.graph.stages[stage]
            .inputs
            .iter()
            .map(|&input| self.visible(py, &self.results[input], stage))
            .collect();
        let reached = match &self.failure {
            Some((cut, _)) => self.reached.min(cut.stamp.time),
            None => self.reached,
        };
        let output = self.process(py, stage, &inputs, reached);
        self.results[stage] = Arc::new(output);
    }

    fn process(&mut self, py: Python<'_>, at: StageId, inputs: &[Arc<Batch>], reached: Time) -> Batch {
        let copies = self.graph.copies(at);
        let stage = &mut self.graph.stages[at];
        let merged = match inputs {
            [input] => Ok(input.share(py)),
            inputs => Batch::merge(py, inputs),
        };
        let merged = match merged.and_then(|merged| if copies { merged.own(py) } else { Ok(merged) }) {
            Ok(merged) => merged,
            Err(error) => {
                let stamp = Stamp { tick: self.first_tick, element: false, time: self.reached };
                let operator = stage.first();
                self.fail(at, Failure { stamp, operator, error, element: None });
                return Batch::empty();
            }
        };
        let (input, unassigned) = stage.exchange.assign(py, merged);
        let moment = Moment { clock: self.clock, first_tick: self.first_tick, reached };
        let last = stage.operators[stage.operators.len() - 1];
        let output = self.meter.measure(last, || {
            let elements_in = input.rows();
            let output = match &mut stage.work {
                Work::Operator(operator) => operator.process(py, &input, &moment),
                Work::Source | Work::Merge | Work::Sink(_) => Output::of(input),
            };
            let elements_out = if matches!(stage.work, Work::Sink(_)) { 0 } else { output.batch.rows() };
            (output, meter::Work { elements_in, elements_out })
        });
        // What failed on the way in came after everything that got through.
        if let Some(failure) = output.failure.or(unassigned) {
            self.fail(at, failure);
        }
        output.batch
    }

    fn fail(&mut self, stage: StageId, failure: Failure) {
        let cut = Cut { stamp: failure.stamp, operator: failure.operator, stage };
        self.failure = Some((cut, failure));
        self.failures += 1;
    }

    /// Takes the loop's stages through the wave stamp by stamp: at each, rounds until nothing comes back.
    fn run_loop(&mut self, py: Python<'_>, stages: &[StageId]) {
        capture::within(Some(self.graph.stages[stages[0]].first()));
        if let Err(error) = self.run_rounds(py, stages) {
            let stage = stages[0];
            let stamp = Stamp { tick: self.first_tick, element: false, time: self.reached };
            self.fail(stage, Failure { stamp, operator: self.graph.stages[stage].first(), error, element: None });
        }
        capture::within(None);
    }

    fn run_rounds(&mut self, py: Python<'_>, stages: &[StageId]) -> PyResult<()> {
        let before = self.failures;
        // Per stage of the loop, its inputs from outside and how far they have been read.
        let mut outside: Vec<Vec<(Arc<Batch>, usize)>> = Vec::with_capacity(stages.len());
        for &stage in stages {
            let inputs = &self.graph.stages[stage].inputs;
            let read = inputs.iter().map(|&input| match stages.contains(&input) {
                true => (Arc::new(Batch::empty()), 0),
                false => (self.visible(py, &self.results[input], stage), 0),
            });
            outside.push(read.collect());
        }
        let mut gathered: Vec<Vec<Arc<Batch>>> = stages.iter().map(|_| Vec::new()).collect();
        'stamps: while let Some(stamp) = self.next_stamp(stages, &outside) {
            let mut back: Vec<Arc<Batch>> = stages.iter().map(|_| Arc::new(Batch::empty())).collect();
            let mut first_round = true;
            loop {
                let mut round: Vec<Arc<Batch>> = Vec::with_capacity(stages.len());
                for (position, &stage) in stages.iter().enumerate() {
                    let mut inputs = Vec::new();
                    for (slot, &input) in self.graph.stages[stage].inputs.iter().enumerate() {
                        let inner = stages[..position].iter().position(|&inside| inside == input);
                        let (batch, read) = &mut outside[position][slot];
                        inputs.push(match inner {
                            Some(inner) => round[inner].clone(),
                            None if !first_round => Arc::new(Batch::empty()),
                            None => {
                                let from = *read;
                                while batch.stamps.get(*read) == Some(stamp) {
                                    *read += 1;
                                }
                                Arc::new(batch.pick(py, from..*read)?)
                            }
                        });
                    }
                    for from in &self.graph.stages[stage].feedback {
                        inputs.extend(stages.iter().position(|inside| inside == from).map(|at| back[at].clone()));
                    }
                    let output = Arc::new(self.process(py, stage, &inputs, stamp.time));
                    if !output.is_empty() {
                        gathered[position].push(output.clone());
                    }
                    round.push(output);
                    if self.failures > before {
                        break 'stamps;
                    }
                }
                let returns = |&at: &StageId| {
                    self.graph.stages[at].feedback.iter().any(|from| {
                        stages.iter().position(|inside| inside == from).is_some_and(|at| !round[at].is_empty())
                    })
                };
                if !stages.iter().any(returns) {
                    break;
                }
                if signals::arrived().is_some() {
                    break 'stamps;
                }
                back = round;
                first_round = false;
            }
        }
        for (&stage, batches) in stages.iter().zip(&gathered) {
            self.results[stage] = Arc::new(Batch::concat(py, batches)?);
        }
        Ok(())
    }

    /// The next stamp at which a loop has something to do: a row from outside, or a timer that is due.
    fn next_stamp(&self, stages: &[StageId], outside: &[Vec<(Arc<Batch>, usize)>]) -> Option<Stamp> {
        let rows = outside.iter().flatten().filter_map(|(batch, read)| batch.stamps.get(*read)).min();
        let timers = stages.iter().filter_map(|&stage| match &self.graph.stages[stage].work {
            Work::Operator(operator) => operator.next_timer(),
            _ => None,
        });
        let moment = Moment { clock: self.clock, first_tick: self.first_tick, reached: self.reached };
        let due = timers.filter(|&time| time <= self.reached).min().map(|time| moment.timer(time));
        let due = due.filter(|&due| self.failure.as_ref().is_none_or(|(cut, _)| due < cut.stamp));
        rows.into_iter().chain(due).min()
    }
}
