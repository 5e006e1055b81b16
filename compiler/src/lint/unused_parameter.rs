//! Parameters that `argparse` reads and nobody asks for.

use super::Subject;
use crate::syntax::ast::*;
use crate::syntax::walk;
use pyflink_plan::{Diagnostic, Span};
use std::collections::BTreeSet;

pub fn check(subject: &Subject, found: &mut Vec<Diagnostic>) {
    let mut defined: Vec<(String, Span)> = Vec::new();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut all_used = false;
    for tree in &subject.program.trees {
        walk::every_expr(&tree.body, &mut |expr| match &expr.kind {
            ExprKind::Call { func, args, keywords } => match &func.kind {
                ExprKind::Attribute { name, .. } if name.name == "add_argument" => {
                    defined.extend(parameter(args, keywords, expr.span))
                }
                // They may be asked for by any name.
                ExprKind::Name(name) if ["vars", "getattr"].contains(&name.as_str()) => all_used = true,
                _ => {}
            },
            ExprKind::Attribute { name, .. } => {
                used.insert(&name.name);
                all_used |= name.name == "__dict__";
            }
            _ => {}
        });
    }
    if all_used {
        return;
    }
    for (name, span) in defined.into_iter().filter(|(name, _)| !used.contains(name.as_str())) {
        found.push(
            Diagnostic::warning("unused-parameter", format!("the parameter {name} is read, but nothing uses it"))
                .at(span)
                .label("defined here")
                .help(format!("use it as `args.{name}`, or remove it")),
        );
    }
}

/// The attribute that a parameter becomes.
fn parameter(args: &[Expr], keywords: &[Keyword], span: Span) -> Option<(String, Span)> {
    let text = |expr: &Expr| match &expr.kind {
        ExprKind::Constant(Constant::Str(text)) => Some(text.clone()),
        _ => None,
    };
    let keyword = |name: &str| {
        let keyword = keywords.iter().find(|keyword| keyword.name.as_ref().is_some_and(|ident| ident.name == name));
        keyword.and_then(|keyword| text(&keyword.value))
    };
    if ["help", "version"].contains(&keyword("action").unwrap_or_default().as_str()) {
        return None;
    }
    let flags: Vec<String> = args.iter().map(text).collect::<Option<_>>()?;
    let flag = flags.iter().find(|flag| flag.starts_with("--")).or(flags.first());
    let name = keyword("dest").or(flag.map(|flag| flag.trim_start_matches('-').replace('-', "_")))?;
    Some((name, args.first().map_or(span, |first| first.span)))
}
