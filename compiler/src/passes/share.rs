//! Computes what is the same only once: operators of one kind with the same inputs, arguments and pure functions.
//!
//! Rows are ordered by the index of the source element that they come from, so nobody can tell a source from another
//! one with the same elements. What could be told apart are elements that a function behind them changes: then each
//! branch needs elements of its own.

use super::Report;
use crate::facts::{Base, Facts};
use pyflink_plan::{Arg, Job, OperatorKind, Parallelism};

pub fn run(job: &mut Job, report: &mut Report) {
    for at in 1..job.operators.len() {
        let Some(other) = (0..at).find(|&other| is_same(job, report, other, at)) else { continue };
        let safe =
            [other, at].into_iter().all(|from| readers(job, from).into_iter().all(|at| leaves_alone(job, report, at)));
        if !safe {
            continue;
        }
        job.operators[at].same_as = Some(job.operators[other].id);
        let id = job.operators[at].id;
        job.chains.iter_mut().for_each(|chain| chain.operators.retain(|member| *member != id));
        let operator = &job.operators[at];
        let message = format!(
            "{} gives what {} gives, so it is computed once",
            report.title(operator),
            report.title(&job.operators[other])
        );
        report.decide(operator.span, message);
    }
    job.chains.retain(|chain| !chain.operators.is_empty());
}

/// True if two operators surely give the same elements.
fn is_same(job: &Job, report: &Report, a: usize, b: usize) -> bool {
    use OperatorKind::*;
    let (x, y) = (&job.operators[a], &job.operators[b]);
    let can_be_shared = match x.kind {
        PythonSource | SocketTextStream | AddJavaSource | Iterate | CloseWith => false,
        kind => !kind.is_sink(),
    };
    if !can_be_shared || x.kind != y.kind || x.same_as.is_some() || x.parallelism == Parallelism::Opaque {
        return false;
    }
    let givers = |at: usize| job.operators[at].inputs.iter().map(|input| job.giver(input.operator)).collect::<Vec<_>>();
    // Keys that are taken from a stream which is keyed in the same way already.
    let keyed_again = x.kind == KeyBy && givers(b) == [x.id];
    if !keyed_again && (givers(a) != givers(b) || x.parallelism != y.parallelism) {
        return false;
    }
    x.args.len() == y.args.len()
        && x.args.iter().zip(&y.args).all(|((_, x), (_, y))| match (x, y) {
            (Arg::Known(x), Arg::Known(y)) => x == y,
            (Arg::Function(_), Arg::Function(_)) => match (&report.facts[a], &report.facts[b]) {
                (Some(x), Some(y)) => x.identity.is_some() && x.identity == y.identity && is_pure(x) && is_pure(y),
                _ => false,
            },
            _ => false,
        })
}

fn is_pure(facts: &Facts) -> bool {
    facts.effects.as_ref().is_some_and(|effects| effects.is_pure())
}

/// All operators that elements of an operator can get to, or what is made of them.
fn readers(job: &Job, from: usize) -> Vec<usize> {
    let mut reached = vec![false; job.operators.len()];
    reached[from] = true;
    // A loop leads back, so once is not enough.
    loop {
        let before = reached.iter().filter(|reached| **reached).count();
        for operator in &job.operators {
            let reads = operator.inputs.iter().any(|input| reached[input.operator.index()]);
            reached[operator.id.index()] |= reads;
            if let (true, Some(head)) = (reads, operator.iteration) {
                reached[head.index()] = true;
            }
        }
        if reached.iter().filter(|reached| **reached).count() == before {
            break;
        }
    }
    reached[from] = false;
    (0..reached.len()).filter(|&at| reached[at]).collect()
}

/// True if an operator surely doesn't change what it is given.
fn leaves_alone(job: &Job, report: &Report, at: usize) -> bool {
    let has_function = job.operators[at].args.iter().any(|(_, arg)| !matches!(arg, Arg::Known(_)));
    if !has_function {
        return true;
    }
    let Some(effects) = report.facts[at].as_ref().and_then(|facts| facts.effects.as_ref()) else { return false };
    let changes_input = |of: &Base| matches!(of, Base::Parameter(_, name) if name != "self");
    effects.unknown.is_none() && !effects.changes.iter().any(|change| changes_input(&change.of))
}
