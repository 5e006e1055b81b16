//! Places exchanges: decides for each edge how rows find their subtask.

use super::Report;
use pyflink_plan::{Job, Operator, OperatorKind, Parallelism, Partition};

pub fn run(job: &mut Job, report: &mut Report) {
    for at in 0..job.operators.len() {
        for input in 0..job.operators[at].inputs.len() {
            let to = &job.operators[at];
            let from = &job.operators[job.giver(to.inputs[input].operator).index()];
            let partition = partition(from, to);
            let edge = format!("between {} and {}", report.title(from), report.title(to));
            match (partition, from.parallelism, to.parallelism) {
                (Partition::RoundRobin, Parallelism::Known(a), Parallelism::Known(b)) => {
                    report.decide(to.span, format!("round robin {edge}: parallelism {a} before it, {b} behind it"))
                }
                (Partition::ByParallelism, ..) if to.parallelism == Parallelism::Opaque => report.decide(
                    to.span,
                    format!("forward or round robin {edge}: a run decides, which knows the parallelism"),
                ),
                _ => {}
            }
            job.operators[at].inputs[input].partition = partition;
        }
    }
    let running = || job.operators.iter().filter(|operator| operator.same_as.is_none());
    for from in running().filter(|operator| operator.kind == OperatorKind::KeyBy) {
        let readers: Vec<String> = running()
            .filter(|operator| operator.inputs.iter().any(|input| job.giver(input.operator) == from.id))
            .map(|operator| report.title(operator))
            .collect();
        match readers.as_slice() {
            [] => {}
            [reader] => report.decide(
                from.span,
                format!("hash between {} and {reader}: a key belongs to one subtask", report.title(from)),
            ),
            readers => report.decide(
                from.span,
                format!(
                    "one hash exchange behind {} for {}: keys are taken and hashed once",
                    report.title(from),
                    readers.join(", ")
                ),
            ),
        }
    }
}

fn partition(from: &Operator, to: &Operator) -> Partition {
    match (from.kind, from.parallelism, to.parallelism) {
        (OperatorKind::KeyBy, ..) => Partition::Hash,
        // A window and what is made of it are one operator to the data, wherever the parallelism was changed.
        (OperatorKind::CountWindow | OperatorKind::TimeWindow, ..) => Partition::Forward,
        (_, Parallelism::Known(a), Parallelism::Known(b)) if a == b => Partition::Forward,
        (_, Parallelism::Known(_), Parallelism::Known(_)) => Partition::RoundRobin,
        (_, Parallelism::Default, Parallelism::Default) => Partition::Forward,
        _ => Partition::ByParallelism,
    }
}
