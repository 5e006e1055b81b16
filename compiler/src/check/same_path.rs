//! Two sinks that write to one path.

use crate::graph::Path;
use pyflink_plan::{Diagnostic, OperatorKind, Sources, Span};

pub fn check(path: &Path, sources: &Sources, found: &mut Vec<Diagnostic>) {
    // (plain path, job that it is first written in, place)
    let mut written: Vec<(String, usize, Span)> = Vec::new();
    for (number, execution) in path.executions.iter().enumerate() {
        let nodes = &path.environments[execution.environment].nodes[execution.since..execution.until];
        for node in nodes.iter().filter(|node| node.kind == OperatorKind::WriteAsText) {
            let Some(target) = node.text("path").map(plain) else { continue };
            match written.iter().find(|(other, ..)| *other == target) {
                None => written.push((target, number, node.span)),
                Some((_, job, first)) => {
                    let line = sources.line(*first);
                    let diagnostic = if *job == number {
                        Diagnostic::error("same-sink-path", format!("two sinks of one job write to {target:?}"))
                            .help("give each sink a path of its own, or unite the streams before one sink")
                    } else {
                        Diagnostic::warning(
                            "same-sink-path",
                            format!("this job writes to {target:?}, as the one before it does"),
                        )
                        .help("give each job a path of its own: an existing path is an error unless it is overwritten")
                    };
                    found.push(
                        diagnostic
                            .at(node.span)
                            .label(format!("also written to at line {line}"))
                            .note(*first, "the first sink with this path"),
                    );
                }
            }
        }
    }
}

/// One spelling for one file: without `file://`, `./` and doubled slashes.
fn plain(path: &str) -> String {
    let path = path.strip_prefix("file://").unwrap_or(path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}
