//! Fuses a window with the function behind it to one operator, which holds keys, windows and accumulators together.

use super::Report;
use pyflink_plan::{Fusion, Job, OperatorKind};

pub fn run(job: &mut Job, report: &mut Report) {
    for function in &job.operators {
        let is_window = matches!(function.kind, OperatorKind::WindowReduce | OperatorKind::WindowApply);
        if !is_window || function.same_as.is_some() {
            continue;
        }
        let window = &job.operators[job.giver(function.inputs[0].operator).index()];
        let key_by = job.giver(window.inputs[0].operator);
        let kept = match function.kind {
            OperatorKind::WindowReduce => "per key and window it keeps one accumulated value, no elements",
            _ => "per key and window it keeps the elements, which apply is given all at once",
        };
        report.decide(
            function.span,
            format!("{} and {} are one operator: {kept}", report.title(window), report.title(function)),
        );
        job.fused.push(Fusion { key_by, window: window.id, function: function.id });
    }
}
