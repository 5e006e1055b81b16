//! Names that are defined nowhere, also in functions that nobody has called yet.

use crate::api::imports;
use crate::load::Program;
use crate::syntax::ast::{ExprKind, StmtKind};
use crate::syntax::scope;
use pyflink_plan::{Diagnostic, SourceId};
use std::collections::BTreeSet;

/// Reports what evaluation hasn't reported: a warning, as the function may never run.
pub fn check(program: &Program, found: &mut Vec<Diagnostic>) {
    for at in 0..program.trees.len() {
        let id = SourceId(at as u32);
        if program.broken.contains(&id) {
            continue;
        }
        let star = |module: &str, level: u32| {
            let full = program.resolve(id, module, level)?;
            if imports::exists(&full) {
                return Some(imports::members(&full).map(|(name, _)| name.to_owned()).collect());
            }
            let source = program.modules.get(&full)?;
            exported(program, *source, 0)
        };
        for undefined in scope::undefined(program.tree(id), &star) {
            let known = |diagnostic: &Diagnostic| diagnostic.span == Some(undefined.span);
            if found.iter().any(known) {
                continue;
            }
            let name = &undefined.name;
            let mut diagnostic = Diagnostic::warning("undefined-name", format!("the name {name} is not defined"))
                .at(undefined.span)
                .label("defined nowhere");
            let import = imports::all().find(|(_, member)| member == name);
            diagnostic = match (scope::python2_builtin(name), import, &undefined.nearest) {
                (Some(hint), ..) => diagnostic.help(format!("`{name}` of Python 2 is {hint}")),
                (None, Some((module, _)), _) => diagnostic.help(format!("import it: `from {module} import {name}`")),
                (None, None, Some(near)) => diagnostic.help(format!("did you mean `{near}`?")),
                (None, None, None) => diagnostic.help("define it, or import it"),
            };
            found.push(diagnostic);
        }
    }
}

/// The public names of a module of the program; `None` if nobody knows them all.
fn exported(program: &Program, source: SourceId, depth: usize) -> Option<Vec<String>> {
    let mut names = BTreeSet::new();
    for statement in &program.tree(source).body {
        if let StmtKind::Assign { targets, .. } = &statement.kind
            && targets.iter().any(|target| matches!(&target.kind, ExprKind::Name(name) if name == "__all__"))
        {
            return None;
        }
    }
    let star = |module: &str, level: u32| {
        let full = program.resolve(source, module, level)?;
        match program.modules.get(&full) {
            Some(inner) if depth < 8 => exported(program, *inner, depth + 1),
            _ if imports::exists(&full) => Some(imports::members(&full).map(|(name, _)| name.to_owned()).collect()),
            _ => None,
        }
    };
    scope::module_names(program.tree(source), &star, &mut names)?;
    Some(names.into_iter().filter(|name| !name.starts_with('_')).collect())
}
