//! Joins operators to chains: what hangs together without an exchange, so that a batch goes through it without a queue.

use super::Report;
use petgraph::algo::is_cyclic_directed;
use petgraph::graphmap::DiGraphMap;
use petgraph::unionfind::UnionFind;
use pyflink_plan::{Chain, Input, Job, Operator, Parallelism, Partition};
use std::collections::BTreeMap;

pub fn run(job: &mut Job, report: &mut Report) {
    let mut joined = UnionFind::<usize>::new(job.operators.len());
    for operator in job.operators.iter().filter(|operator| operator.same_as.is_none()) {
        for input in operator.inputs.iter().filter(|input| !is_exchange(job, operator, input)) {
            let mut both = joined.clone();
            // A stream that is united with what was made of it behind an exchange stays apart: a chain can't wait for
            // another one that waits for it.
            if both.union(operator.id.index(), job.giver(input.operator).index()) && !has_cycle(job, &both) {
                joined = both;
            }
        }
    }
    let mut chains: BTreeMap<usize, Vec<&Operator>> = BTreeMap::new();
    let mut first_of: BTreeMap<usize, usize> = BTreeMap::new();
    for operator in job.operators.iter().filter(|operator| operator.same_as.is_none()) {
        if job.pruned.binary_search(&operator.id).is_ok() {
            continue;
        }
        let first = *first_of.entry(joined.find(operator.id.index())).or_insert(operator.id.index());
        chains.entry(first).or_default().push(operator);
    }
    for operators in chains.values().filter(|operators| operators.len() > 1) {
        let titles: Vec<&str> = operators.iter().map(|operator| operator.title()).collect();
        report.decide(operators[0].span, format!("one chain, with no exchange in it: {}", titles.join(", ")));
    }
    job.chains = chains
        .into_values()
        .map(|operators| Chain { operators: operators.into_iter().map(|operator| operator.id).collect() })
        .collect();
}

/// True if chains would wait for each other, or one for itself.
fn has_cycle(job: &Job, joined: &UnionFind<usize>) -> bool {
    let mut graph = DiGraphMap::<usize, ()>::new();
    for operator in job.operators.iter().filter(|operator| operator.same_as.is_none()) {
        let to = joined.find(operator.id.index());
        for input in &operator.inputs {
            let from = joined.find(job.giver(input.operator).index());
            if from != to || is_exchange(job, operator, input) {
                graph.add_edge(from, to, ());
            }
        }
    }
    is_cyclic_directed(&graph)
}

/// True if rows may change their subtask on the way; what only a run can tell counts as staying.
fn is_exchange(job: &Job, operator: &Operator, input: &Input) -> bool {
    let from = &job.operators[job.giver(input.operator).index()];
    match (input.partition, from.parallelism, operator.parallelism) {
        (Partition::Hash | Partition::RoundRobin, ..) => true,
        (Partition::ByParallelism, Parallelism::Known(a), Parallelism::Known(b)) => a != b,
        _ => false,
    }
}
