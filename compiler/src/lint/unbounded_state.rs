//! Keyed state that grows for as long as a job runs: over input without an end, that is for ever.

use super::Subject;
use crate::graph::{Argument, Node};
use crate::syntax::ast::*;
use crate::syntax::walk::{self, Code};
use pyflink_plan::{Diagnostic, OperatorKind};

pub fn check(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for function in subject.uses() {
        let (nodes, node) = (function.nodes, function.node);
        let (what, help) = match node.kind {
            OperatorKind::Reduce if !has_few_keys(subject, nodes, node) => (
                "this reduce keeps a value for each key that ever came",
                "reduce in windows, with time_window(…) or count_window(…), or take a key that has few values",
            ),
            OperatorKind::WindowApply => match nodes[node.inputs[0]].kind {
                OperatorKind::CountWindow => (
                    "apply keeps the elements of each key's unfinished window until it is full",
                    "use reduce(f) if it can be one, time_window(…), or a key that has few values",
                ),
                _ => (
                    "apply keeps all elements of a window until it fires",
                    "use reduce(f) if it can be one: that keeps one value for each key and window",
                ),
            },
            _ => continue,
        };
        let Some(source) = endless_source(subject, nodes, node) else { continue };
        found.push(
            Diagnostic::warning("unbounded-state", format!("{what}, and its input has no end"))
                .at(node.span)
                .label("its state has no bound")
                .note(source.span, "the input comes from here")
                .help(help),
        );
    }
}

/// A source without an end that a node reads from.
fn endless_source<'a>(subject: &Subject, nodes: &'a [Node], node: &Node) -> Option<&'a Node> {
    let mut seen = vec![false; nodes.len()];
    let mut todo = node.inputs.clone();
    while let Some(at) = todo.pop() {
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        let node = &nodes[at];
        if is_endless(subject, node) {
            return Some(node);
        }
        todo.extend(&node.inputs);
    }
    None
}

fn is_endless(subject: &Subject, node: &Node) -> bool {
    match node.kind {
        OperatorKind::SocketTextStream => true,
        OperatorKind::PythonSource => node.args.iter().any(|(_, argument)| match argument {
            Argument::Function(callable) => subject.code(callable).is_some_and(loops_for_ever),
            _ => false,
        }),
        _ => false,
    }
}

/// True for `while True:` and `while self.running:` without a way out but to be cancelled.
fn loops_for_ever(code: Code) -> bool {
    let Code::Function(function) = code else { return false };
    let mut endless = false;
    walk::statements(&function.body, &mut |statement| {
        if let StmtKind::While { test, body, .. } = &statement.kind {
            let no_count = matches!(
                test.kind,
                ExprKind::Constant(Constant::Bool(true))
                    | ExprKind::Constant(Constant::Int(_))
                    | ExprKind::Attribute { .. }
            );
            let mut leaves = false;
            walk::statements(body, &mut |inner| {
                leaves |= matches!(inner.kind, StmtKind::Break | StmtKind::Return(_) | StmtKind::Raise { .. });
                if let (StmtKind::Assign { targets, .. }, ExprKind::Attribute { name, .. }) = (&inner.kind, &test.kind)
                {
                    let same = |target: &Expr| matches!(&target.kind, ExprKind::Attribute { name: other, .. } if other.name == name.name);
                    leaves |= targets.iter().any(same);
                }
            });
            endless |= no_count && !leaves;
        }
    });
    endless
}

/// True if the key is surely one of few: a remainder, a truth, a constant.
fn has_few_keys(subject: &Subject, nodes: &[Node], node: &Node) -> bool {
    let key_by = &nodes[node.inputs[0]];
    let callable = key_by.args.iter().find_map(|(_, argument)| match argument {
        Argument::Function(callable) => Some(callable),
        _ => None,
    });
    let Some(code) = callable.and_then(|callable| subject.code(callable)) else { return false };
    let returned = code.returned();
    !returned.is_empty() && returned.into_iter().all(is_one_of_few)
}

fn is_one_of_few(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Constant(_) | ExprKind::Compare { .. } | ExprKind::UnaryOp { op: UnaryOp::Not, .. } => true,
        ExprKind::BinOp { op: BinOp::Mod, right, .. } => {
            matches!(right.kind, ExprKind::Constant(_) | ExprKind::Name(_))
        }
        ExprKind::IfExp { body, orelse, .. } => is_one_of_few(body) && is_one_of_few(orelse),
        ExprKind::Tuple(items) => items.iter().all(is_one_of_few),
        ExprKind::Call { func, .. } => {
            matches!(&func.kind, ExprKind::Name(name) if ["bool", "isinstance", "callable"].contains(&name.as_str()))
                || matches!(&func.kind, ExprKind::Attribute { name, .. } if name.name.starts_with("is") || name.name.ends_with("with"))
        }
        _ => false,
    }
}
