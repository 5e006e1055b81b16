//! Checks that a plan is one the runtime can trust: run after each pass and after reading a file.

use crate::{Job, OperatorKind, Partition, Plan};

/// Checks a whole plan. The error is a sentence about the first thing that doesn't hold.
pub fn plan(plan: &Plan) -> Result<(), String> {
    if plan.sources.files.is_empty() {
        return Err("it holds no source file".to_owned());
    }
    if plan.variants.is_empty() {
        return Err("it holds no variant".to_owned());
    }
    for function in &plan.functions {
        if function.span.source.0 as usize >= plan.sources.files.len() {
            return Err(format!("function {} points into a source that isn't there", function.name));
        }
    }
    for (v, variant) in plan.variants.iter().enumerate() {
        for (j, job_) in variant.jobs.iter().enumerate() {
            job(job_, plan).map_err(|why| format!("variant {v}, job {j}: {why}"))?;
        }
    }
    Ok(())
}

/// Checks one job of a plan.
pub fn job(job: &Job, plan: &Plan) -> Result<(), String> {
    for (at, operator) in job.operators.iter().enumerate() {
        let here = format!("operator {at} ({})", operator.kind);
        if operator.id.index() != at {
            return Err(format!("{here} has the id {}", operator.id.0));
        }
        if operator.span.source.0 as usize >= plan.sources.files.len() {
            return Err(format!("{here} points into a source that isn't there"));
        }
        for (name, arg) in &operator.args {
            if !operator.kind.parameters().contains(&name.as_str()) {
                return Err(format!("{here} has an unknown argument {name:?}"));
            }
            if let crate::Arg::Function(id) = arg
                && id.0 as usize >= plan.functions.len()
            {
                return Err(format!("{here} calls a function that isn't there"));
            }
        }
        let wanted = match operator.kind {
            kind if kind.is_source() => 0..=0,
            OperatorKind::Union => 1..=usize::MAX,
            _ => 1..=1,
        };
        if !wanted.contains(&operator.inputs.len()) {
            return Err(format!("{here} has {} inputs", operator.inputs.len()));
        }
        for input in &operator.inputs {
            if input.operator.index() >= at {
                return Err(format!("{here} reads from operator {}, which comes later", input.operator.0));
            }
            let from = job.operators[input.operator.index()].kind;
            if from.is_sink() || from == OperatorKind::CloseWith {
                return Err(format!("{here} reads from a {from}"));
            }
            let keyed = matches!(from, OperatorKind::KeyBy);
            if keyed != (input.partition == Partition::Hash) {
                return Err(format!("{here} reads from {from} with the partition {:?}", input.partition));
            }
            use OperatorKind::*;
            let fits = match operator.kind {
                Reduce | CountWindow | TimeWindow => from == KeyBy,
                WindowReduce | WindowApply => matches!(from, CountWindow | TimeWindow),
                Select => from == Split,
                _ => !matches!(from, CountWindow | TimeWindow),
            };
            if !fits {
                return Err(format!("{here} can't read from a {from}"));
            }
        }
        match (operator.kind, operator.iteration) {
            (OperatorKind::CloseWith, Some(head))
                if job.operators.get(head.index()).is_some_and(|o| o.kind == OperatorKind::Iterate) => {}
            (OperatorKind::CloseWith, _) => return Err(format!("{here} closes no iteration")),
            (_, Some(_)) => return Err(format!("{here} closes an iteration")),
            (_, None) => {}
        }
    }
    chains(job)
}

/// Each operator is in one chain or pruned, and no exchange lies within a chain.
fn chains(job: &Job) -> Result<(), String> {
    let mut chain_of: Vec<Option<usize>> = vec![None; job.operators.len()];
    let pruned = usize::MAX;
    let places = job.chains.iter().enumerate().flat_map(|(at, chain)| chain.operators.iter().map(move |id| (at, id)));
    let same = job.operators.iter().filter(|operator| operator.same_as.is_some());
    for operator in same.clone() {
        let fits = operator.same_as.is_some_and(|id| {
            job.operators.get(id.index()).is_some_and(|other| {
                id < operator.id && other.same_as.is_none() && other.kind == operator.kind && !other.kind.is_sink()
            })
        });
        if !fits {
            return Err(format!("operator {} can't be the same as the one it names", operator.id.0));
        }
    }
    let not_run = job.pruned.iter().chain(same.map(|operator| &operator.id));
    for (chain, id) in places.chain(not_run.map(|id| (pruned, id))) {
        match chain_of.get_mut(id.index()) {
            Some(place @ None) => *place = Some(chain),
            Some(Some(_)) => return Err(format!("operator {} is in two chains", id.0)),
            None => return Err(format!("a chain names operator {}, which isn't there", id.0)),
        }
    }
    if let Some(at) = chain_of.iter().position(Option::is_none) {
        return Err(format!("operator {at} is in no chain"));
    }
    for chain in &job.chains {
        if !chain.operators.is_sorted() {
            return Err("a chain is not in the order of its operators".to_owned());
        }
    }
    for (at, operator) in job.operators.iter().enumerate() {
        for input in &operator.inputs {
            let from = chain_of[job.giver(input.operator).index()];
            if from == Some(pruned) && chain_of[at] != from {
                return Err(format!("operator {at} reads from operator {}, which is pruned", input.operator.0));
            }
            let exchange = matches!(input.partition, Partition::Hash | Partition::RoundRobin);
            if exchange && from == chain_of[at] && from != Some(pruned) {
                return Err(format!("an exchange lies within the chain of operator {at}"));
            }
        }
    }
    for fused in &job.fused {
        let reads = |id: crate::OperatorId, from: crate::OperatorId| {
            job.operators
                .get(id.index())
                .is_some_and(|o| o.inputs.iter().any(|input| job.giver(input.operator) == from))
        };
        if !reads(fused.window, fused.key_by) || !reads(fused.function, fused.window) {
            return Err(format!("operators {} and {} can't be fused", fused.window.0, fused.function.0));
        }
    }
    Ok(())
}
