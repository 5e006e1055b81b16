//! Operators from which no sink can be reached.

use crate::graph::{Node, Path};
use pyflink_plan::slice::{self, Shape};
use pyflink_plan::{Diagnostic, OperatorKind};

pub fn check(path: &Path, found: &mut Vec<Diagnostic>) {
    for (at, environment) in path.environments.iter().enumerate() {
        if environment.incomplete {
            continue;
        }
        // What is never executed is reported as that.
        let executed = path.executions.iter().filter(|execution| execution.environment == at);
        let Some(until) = executed.map(|execution| execution.until).max() else { continue };
        let nodes = &environment.nodes[..until];
        let shapes: Vec<Shape> = nodes.iter().map(Node::shape).collect();
        let live = slice::live(&shapes);
        let escaped = escaped(nodes);
        for (at, node) in nodes.iter().enumerate() {
            if live.binary_search(&at).is_ok() || !is_last(at, nodes, &environment.nodes) || escaped[at] {
                continue;
            }
            found.push(
                Diagnostic::warning("dead-end", format!("the result of {} goes nowhere, so it doesn't run", node.kind))
                    .at(node.span)
                    .label("reaches no sink")
                    .help(help(node)),
            );
        }
    }
}

fn help(node: &Node) -> &'static str {
    match node.kind {
        OperatorKind::CountWindow | OperatorKind::TimeWindow => "call reduce(f) or apply(f) on it, and a sink on that",
        OperatorKind::CloseWith => "add a sink to a stream of the iteration, such as output()",
        _ => "add a sink, such as output() or write_as_text(path), or remove it",
    }
}

/// Nothing reads from it. The end of a loop without a sink counts, not what is fed back to it.
fn is_last(at: usize, nodes: &[Node], all: &[Node]) -> bool {
    nodes[at].kind == OperatorKind::CloseWith || !all.iter().any(|node| node.inputs.contains(&at))
}

/// For each node, whether something that the compiler doesn't see into has its stream, or one that it was made from.
fn escaped(nodes: &[Node]) -> Vec<bool> {
    let mut escaped: Vec<bool> = Vec::with_capacity(nodes.len());
    for node in nodes {
        escaped.push(node.escaped || node.inputs.iter().any(|&input| escaped[input]));
    }
    escaped
}
