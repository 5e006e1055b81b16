//! A reduce whose result depends on how the elements are grouped.

use super::Subject;
use crate::facts::Trial;
use pyflink_plan::{Diagnostic, OperatorKind};

pub fn check(subject: &Subject, found: &mut Vec<Diagnostic>) {
    // A rolling reduce takes the elements of a key one by one.
    let in_windows = |function: &super::Use| function.node.kind == OperatorKind::WindowReduce;
    for function in subject.uses().filter(in_windows) {
        let Some(Trial::NotAssociative { left, right }) = &function.callable.facts.trial else { continue };
        let (left, right) = (format!("{} = {}", left.0, left.1), format!("{} = {}", right.0, right.1));
        found.push(
            Diagnostic::warning(
                "not-associative",
                format!("{} is not associative: {left}, but {right}", function.title()),
            )
            .at(function.callable.function.span)
            .label("its result depends on how elements are grouped")
            .note(function.node.span, "reduce() is called here")
            .help("keep what can be combined, such as a sum and a count, and compute the rest with a map() behind it"),
        );
    }
}
