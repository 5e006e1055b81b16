//! Operators that no `execute()` runs, and an `execute()` that has nothing to run.

use crate::graph::Path;
use pyflink_plan::Diagnostic;

pub fn check(path: &Path, found: &mut Vec<Diagnostic>) {
    for (at, environment) in path.environments.iter().enumerate() {
        let executed = path.executions.iter().filter(|execution| execution.environment == at);
        let until = executed.map(|execution| execution.until).max();
        let rest = &environment.nodes[until.unwrap_or(0)..];
        let Some(last) = rest.last() else { continue };
        if environment.incomplete {
            continue;
        }
        let diagnostic = match until {
            None => Diagnostic::warning("never-executed", "execute() is never called, so nothing runs")
                .at(environment.span)
                .label("no execute() on this environment")
                .note(last.span, "the last operator that was added")
                .help("call env.execute() at the end of main(factory)"),
            Some(_) => Diagnostic::warning(
                "never-executed",
                "these operators are added after the last execute(), so they never run",
            )
            .at(rest[0].span)
            .label("never runs")
            .help("call execute() again after the last operator, or add the operators before it"),
        };
        found.push(diagnostic);
    }
    for execution in &path.executions {
        if execution.since == execution.until && !path.environments[execution.environment].incomplete {
            let message = if execution.until == 0 {
                "execute() is called, but nothing was added to the environment"
            } else {
                "execute() is called again, but nothing was added since the call before"
            };
            found.push(
                Diagnostic::error("nothing-to-execute", message)
                    .at(execution.span)
                    .label("nothing to run")
                    .help("add a source, transformations and a sink before this call, or remove it"),
            );
        }
    }
}
