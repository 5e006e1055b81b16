//! Findings that are no mistakes, but most likely not what is wanted. Each can be switched off, or made an error.

use crate::facts::Callable;
use crate::graph::{Argument, Node, Path};
use crate::load::Program;
use crate::syntax::walk::{self, Code};
use pyflink_plan::{Diagnostic, OperatorKind, Severity, Sources};
use std::str::FromStr;

mod float_key;
mod impure_function;
mod not_associative;
mod reduce_type;
mod resource_in_init;
mod shared_mutable;
mod unbounded_state;
mod unreachable_operators;
mod unrepeatable_function;
mod unused_parameter;

/// One kind of finding.
#[derive(Debug)]
pub struct Lint {
    pub code: &'static str,
    /// `None` for those that are found elsewhere.
    check: Option<fn(&Subject, &mut Vec<Diagnostic>)>,
}

/// All of them, in the order of their names. Each has a section in `docs/lints.md`.
pub const ALL: &[Lint] = &[
    Lint { code: "dead-end", check: None },
    Lint { code: "float-key", check: Some(float_key::check) },
    Lint { code: "impure-function", check: Some(impure_function::check) },
    Lint { code: "never-executed", check: None },
    Lint { code: "not-associative", check: Some(not_associative::check) },
    Lint { code: "reduce-type", check: Some(reduce_type::check) },
    Lint { code: "resource-in-init", check: Some(resource_in_init::check) },
    Lint { code: "shared-mutable", check: Some(shared_mutable::check) },
    Lint { code: "unbounded-state", check: Some(unbounded_state::check) },
    Lint { code: "undefined-name", check: None },
    Lint { code: "unreachable-operators", check: Some(unreachable_operators::check) },
    Lint { code: "unrepeatable-function", check: Some(unrepeatable_function::check) },
    Lint { code: "unused-parameter", check: Some(unused_parameter::check) },
];

/// The page that explains them: a section for each code.
const PAGE: &str = include_str!("../../../docs/lints.md");

/// What a lint looks at: one path through a program.
pub struct Subject<'a> {
    pub program: &'a Program,
    pub path: &'a Path,
}

/// A function in the graph.
pub struct Use<'a> {
    pub nodes: &'a [Node],
    pub node: &'a Node,
    pub callable: &'a Callable,
}

impl<'a> Subject<'a> {
    /// All functions that operators call.
    pub fn uses(&self) -> impl Iterator<Item = Use<'a>> {
        let nodes = self
            .path
            .environments
            .iter()
            .flat_map(|environment| environment.nodes.iter().map(|node| (environment.nodes.as_slice(), node)));
        nodes.filter_map(|(nodes, node)| {
            let callable = node.args.iter().find_map(|(_, argument)| match argument {
                Argument::Function(callable) => Some(callable),
                _ => None,
            })?;
            Some(Use { nodes, node, callable })
        })
    }

    /// The source of a function in the graph.
    pub fn code(&self, callable: &Callable) -> Option<Code<'a>> {
        let span = callable.function.span;
        walk::function_at(&self.program.tree(span.source).body, span.start)
    }
}

impl Use<'_> {
    /// `Class.method`, or the name of a plain function.
    pub fn title(&self) -> String {
        pyflink_plan::print::function(&self.callable.function).replace("<lambda>", "this lambda")
    }

    pub fn is_reduce(&self) -> bool {
        matches!(self.node.kind, OperatorKind::Reduce | OperatorKind::WindowReduce)
    }
}

/// All findings on some paths, each once.
pub fn check(program: &Program, paths: &[Path], found: &mut Vec<Diagnostic>) {
    for path in paths {
        let subject = Subject { program, path };
        let mut here = Vec::new();
        for lint in ALL {
            lint.check.iter().for_each(|check| check(&subject, &mut here));
        }
        for mut diagnostic in here {
            // Where both places are in one line, the second says nothing new.
            let line = |span| program.sources.place(span);
            let place = diagnostic.span.map(line);
            diagnostic.notes.retain(|note| note.span.map(line) != place);
            let known = |other: &Diagnostic| other.code == diagnostic.code && other.span == diagnostic.span;
            if !found.iter().any(known) {
                found.push(diagnostic);
            }
        }
    }
}

/// The page's section on a code, or the list of codes if there is none of that name.
pub fn explain(code: &str) -> Option<String> {
    let mut sections = PAGE.split("\n## ");
    let lead = sections.next().unwrap_or_default();
    debug_assert!(lead.starts_with("# "));
    sections
        .find_map(|section| section.strip_prefix(code)?.strip_prefix('\n'))
        .map(|section| format!("{code}\n{}\n", section.trim_end()))
}

/// Name and first sentence of each code.
pub fn list() -> String {
    let sentence = |code: &str| {
        let text = explain(code).unwrap_or_default();
        let text = text.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
        text.split_once(". ").map_or(text, |(first, _)| first).split(".\n").next().unwrap_or("").replace('\n', " ")
    };
    let width = ALL.iter().map(|lint| lint.code.len()).max().unwrap_or(0);
    ALL.iter().map(|lint| format!("{:width$}  {}\n", lint.code, sentence(lint.code))).collect()
}

/// A code that can be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch(&'static str);

impl FromStr for Switch {
    type Err = String;

    fn from_str(text: &str) -> Result<Switch, String> {
        let known = ALL.iter().map(|lint| lint.code);
        known.clone().find(|code| *code == text.trim()).map(Switch).ok_or_else(|| {
            let near = crate::api::suggest::nearest(text, known);
            let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            format!("no warning has the code {text:?}{hint} (pyflink-compile --explain lists them)")
        })
    }
}

/// Which findings are wanted.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    /// Not reported.
    pub allow: Vec<Switch>,
    /// Errors.
    pub deny: Vec<Switch>,
}

impl Levels {
    /// Drops what is allowed, here or in a comment `# pyflink: allow CODE` on the line, and makes errors of what is
    /// denied.
    pub fn apply(&self, sources: &Sources, diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.retain(|diagnostic| {
            diagnostic.severity == Severity::Error
                || !(self.allow.iter().any(|code| code.0 == diagnostic.code)
                    || is_allowed_in_source(sources, diagnostic))
        });
        for diagnostic in diagnostics {
            if self.deny.iter().any(|code| code.0 == diagnostic.code) {
                diagnostic.severity = Severity::Error;
            }
        }
    }
}

fn is_allowed_in_source(sources: &Sources, diagnostic: &Diagnostic) -> bool {
    let Some(span) = diagnostic.span else { return false };
    let line = sources.line(span);
    let text = sources.get(span.source).text.lines().nth(line - 1).unwrap_or("");
    let Some((_, allowed)) = text.split_once("# pyflink: allow ") else { return false };
    allowed.split([',', ' ']).any(|code| code == diagnostic.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_section() {
        for lint in ALL {
            assert!(explain(lint.code).is_some_and(|text| text.len() > 100), "{}", lint.code);
        }
        assert_eq!(PAGE.matches("\n## ").count(), ALL.len());
        assert_eq!(list().lines().count(), ALL.len());
    }
}
