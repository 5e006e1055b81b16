//! Randomness and clocks in functions: results differ from run to run.

use super::Subject;
use pyflink_plan::Diagnostic;

pub fn check(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for function in subject.uses().filter(|function| !function.node.kind.is_source() && !function.node.kind.is_sink()) {
        let Some(effects) = &function.callable.facts.effects else { continue };
        for (name, span) in &effects.unrepeatable {
            let help = if name.starts_with("random.") || name.starts_with("numpy.random") {
                "make a generator with a seed in open(), such as `self.random = random.Random(42)`, and use that"
            } else if name == "hash" || name == "id" {
                "use a digest of hashlib or zlib.crc32: Python's own is another one in each run"
            } else {
                "let the source give the time or the number as a part of the element"
            };
            found.push(
                Diagnostic::warning(
                    "unrepeatable-function",
                    format!("{} calls {name}(), so its results differ from run to run", function.title()),
                )
                .at(*span)
                .label("another result each time")
                .note(function.node.span, format!("{}() is called here", function.node.kind.call()))
                .help(help),
            );
        }
    }
}
