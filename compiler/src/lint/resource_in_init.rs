//! Function objects that hold what can't be sent to another process: open files, locks, connections.

use super::Subject;
use pyflink_plan::Diagnostic;

pub fn check(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for function in subject.uses() {
        for resource in &function.callable.facts.resources {
            let (class, attribute, what) = (&function.callable.function.name, &resource.attribute, &resource.what);
            found.push(
                Diagnostic::warning(
                    "resource-in-init",
                    format!("objects of {class} can't be sent elsewhere: __init__ keeps {what}() in self.{attribute}"),
                )
                .at(resource.span)
                .label("belongs to the process that makes it")
                .note(function.node.span, format!("passed to {}() here", function.node.kind.call()))
                .help("make it in a method open(self), which each subtask calls before its first element")
                .help("and close it in a method close(self)"),
            );
        }
    }
}
