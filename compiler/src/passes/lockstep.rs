//! Finds out whether functions of several operators have something in common that one of them changes: then what they give
//! depends on the order in which they are called, and each element goes through the job before the next one.
//!
//! No pass, as it is needed for results to be the same whatever the passes, the size of batches, and machine code.

use super::Report;
use crate::facts::Reach;
use pyflink_plan::{Job, OperatorKind};

pub fn find(job: &mut Job, report: &mut Report) {
    // A source's function runs on a thread of its own, ahead of the others, whatever is done here.
    let reach = |at: usize| -> Option<&Reach> {
        let facts = report.facts[at].as_ref().filter(|_| job.operators[at].kind != OperatorKind::PythonSource)?;
        Some(&facts.reach)
    };
    let count = job.operators.len();
    let pairs = (0..count).flat_map(|a| (0..count).map(move |b| (a, b))).filter(|(a, b)| a != b);
    let met = pairs.into_iter().find_map(|(a, b)| Some((reach(a)?.meets(reach(b)?)?.clone(), a, b)));
    let Some((write, a, b)) = met else { return };
    let message = format!(
        "each element goes through all operators before the next one: {} changes {} in line {}, which {} has too",
        report.title(&job.operators[a]),
        write.name,
        report.sources.line(write.span),
        report.title(&job.operators[b]),
    );
    report.decide(write.span, message);
    job.lockstep = true;
}
