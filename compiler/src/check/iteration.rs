//! Iterations that are never closed, or closed with a stream that doesn't come from them.

use crate::graph::{self, Path};
use petgraph::algo::has_path_connecting;
use petgraph::graph::NodeIndex;
use pyflink_plan::{Diagnostic, OperatorKind};

pub fn check(path: &Path, found: &mut Vec<Diagnostic>) {
    for (at, environment) in path.environments.iter().enumerate() {
        let graph = graph::whole(environment);
        let closers = || environment.nodes.iter().filter(|node| node.kind == OperatorKind::CloseWith);
        for closer in closers() {
            let (Some(head), [feedback]) = (closer.iteration, closer.inputs.as_slice()) else { continue };
            if !has_path_connecting(&graph, NodeIndex::new(head), NodeIndex::new(*feedback), None) {
                found.push(
                    Diagnostic::error(
                        "foreign-feedback",
                        "the iteration is closed with a stream that doesn't come from it",
                    )
                    .at(closer.span)
                    .label("the feedback must descend from the iteration")
                    .note(environment.nodes[head].span, "the iteration begins here")
                    .note(environment.nodes[*feedback].span, "the feedback comes from here")
                    .help("pass a stream that was made from what iterate() returned"),
                );
            }
        }
        let executed =
            |node: usize| path.executions.iter().any(|execution| execution.environment == at && node < execution.until);
        for (at, node) in environment.nodes.iter().enumerate() {
            let closed = closers().any(|closer| closer.iteration == Some(at));
            if node.kind == OperatorKind::Iterate && !closed && !environment.incomplete && !node.escaped {
                let never = if executed(at) { "" } else { " (and never executed)" };
                found.push(
                    Diagnostic::error("iteration-not-closed", format!("this iteration is never closed{never}"))
                        .at(node.span)
                        .label("close_with() is never called on it")
                        .help("call close_with(feedback) on what iterate() returned"),
                );
            }
        }
    }
}
