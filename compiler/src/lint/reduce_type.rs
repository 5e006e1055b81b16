//! A reduce whose results are of another kind than what it is given.

use super::Subject;
use crate::facts::Trial;
use pyflink_plan::Diagnostic;

pub fn check(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for function in subject.uses().filter(|function| function.is_reduce()) {
        let Some(Trial::OtherKind { call, given, result }) = &function.callable.facts.trial else { continue };
        let help = match result.as_str() {
            "None" => "return the reduced value".to_owned(),
            _ => format!("return a value like {given}; turn it into another kind with a map() before or after"),
        };
        found.push(
            Diagnostic::warning(
                "reduce-type",
                format!("{} gives another kind of value than it is given: {call} = {result}", function.title()),
            )
            .at(function.callable.function.span)
            .label("its result is the first argument of its next call")
            .note(function.node.span, "reduce() is called here")
            .help(help),
        );
    }
}
