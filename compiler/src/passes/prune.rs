//! Drops operators that reach no sink.

use super::Report;
use pyflink_plan::slice::{self, Shape};
use pyflink_plan::{Job, OperatorId};

pub fn run(job: &mut Job, report: &mut Report) {
    let shapes: Vec<Shape> = job
        .operators
        .iter()
        .map(|operator| Shape {
            inputs: operator.inputs.iter().map(|input| job.giver(input.operator).index()).collect(),
            iteration: operator.iteration.map(OperatorId::index),
            is_sink: operator.kind.is_sink(),
        })
        .collect();
    let live = slice::live(&shapes);
    for operator in job.operators.iter().filter(|operator| operator.same_as.is_none()) {
        if live.binary_search(&operator.id.index()).is_ok() {
            continue;
        }
        job.pruned.push(operator.id);
        report.decide(operator.span, format!("{} reaches no sink, so it doesn't run", report.title(operator)));
    }
    let pruned = &job.pruned;
    job.chains.iter_mut().for_each(|chain| chain.operators.retain(|id| !pruned.contains(id)));
    job.chains.retain(|chain| !chain.operators.is_empty());
}
