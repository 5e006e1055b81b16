//! Decides for each edge how rows find their subtask.

use pyflink_plan::{Job, Operator, OperatorKind, Parallelism, Partition};

pub fn run(job: &mut Job) {
    for at in 0..job.operators.len() {
        for input in 0..job.operators[at].inputs.len() {
            let from = &job.operators[job.operators[at].inputs[input].operator.index()];
            job.operators[at].inputs[input].partition = partition(from, &job.operators[at]);
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
