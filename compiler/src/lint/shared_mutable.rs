//! Class attributes and default arguments that are changed: all subtasks have the same one.

use super::Subject;
use pyflink_plan::Diagnostic;

pub fn check(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for function in subject.uses() {
        for shared in &function.callable.facts.shared {
            let name = &shared.name;
            let (what, help) = match shared.is_default {
                true => ("default argument", format!("write `{name}=None`, and make the object in the function")),
                false => ("class attribute", format!("write `self.{name} = …` in __init__ or open()")),
            };
            found.push(
                Diagnostic::warning(
                    "shared-mutable",
                    format!("{} changes the {what} {name}, which all subtasks share", function.title()),
                )
                .at(shared.definition)
                .label("made once for all")
                .note(shared.change, "changed here")
                .help(help),
            );
        }
    }
}
