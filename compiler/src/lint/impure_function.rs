//! Key selectors, reduces and other functions of which one result is expected, and that change something.

use super::Subject;
use crate::facts::{Base, Change};
use pyflink_plan::{Diagnostic, OperatorKind};

pub fn check(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for function in subject.uses() {
        let is_key = matches!(function.node.kind, OperatorKind::KeyBy | OperatorKind::Split);
        if !is_key && !function.is_reduce() {
            continue;
        }
        let Some(effects) = &function.callable.facts.effects else { continue };
        let is_method = !function.callable.function.method.is_empty();
        for change in &effects.changes {
            let what = what(change, is_method);
            let why = match is_key {
                true => "compute the result from the argument alone: it is called as often as the engine likes",
                false => "return a new value instead: what is changed later has to be copied for each result",
            };
            found.push(
                Diagnostic::warning(
                    "impure-function",
                    format!("{} changes {what} while {}() calls it", function.title(), function.node.kind.call()),
                )
                .at(change.span)
                .label("changed here")
                .note(function.node.span, format!("{}() is called here", function.node.kind.call()))
                .help(why),
            );
        }
    }
}

fn what(change: &Change, is_method: bool) -> String {
    match (&change.of, &change.attribute) {
        (Base::Parameter(0, name), Some(attribute)) if is_method => format!("its own attribute {name}.{attribute}"),
        (Base::Parameter(0, name), None) if is_method => name.clone(),
        (Base::Parameter(_, name), _) => format!("its argument {name}"),
        (Base::Outer(name), _) => format!("{name}, which lives outside of it"),
    }
}
