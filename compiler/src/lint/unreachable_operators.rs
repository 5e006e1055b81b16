//! Operators behind a `return` or `raise`.

use super::Subject;
use crate::syntax::ast::*;
use crate::syntax::walk;
use pyflink_plan::Diagnostic;

/// Calls that only a pipeline has.
const CALLS: &[&str] = &[
    "add_sink",
    "close_with",
    "count_window",
    "create_python_source",
    "execute",
    "flat_map",
    "from_collection",
    "from_elements",
    "generate_sequence",
    "get_execution_environment",
    "key_by",
    "output",
    "read_text_file",
    "socket_text_stream",
    "time_window",
    "write_as_text",
    "write_to_socket",
];

pub fn check(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for tree in &subject.program.trees {
        walk::every_statement(&tree.body, &mut |statement| {
            let blocks = match &statement.kind {
                StmtKind::FunctionDef(function) => vec![function.body.as_slice()],
                _ => walk::blocks(statement),
            };
            blocks.into_iter().for_each(|block| check_block(block, found));
        });
    }
}

fn check_block(block: &[Stmt], found: &mut Vec<Diagnostic>) {
    let leaves = |statement: &Stmt| {
        matches!(statement.kind, StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Break | StmtKind::Continue)
    };
    let Some(at) = block.iter().position(leaves) else { return };
    let first = block[at + 1..].iter().find(|statement| {
        let mut builds = false;
        walk::own_exprs(statement, &mut |expr| {
            if let ExprKind::Call { func, .. } = &expr.kind
                && let ExprKind::Attribute { name, .. } = &func.kind
            {
                builds |= CALLS.contains(&name.name.as_str());
            }
        });
        builds
    });
    if let Some(first) = first {
        found.push(
            Diagnostic::warning("unreachable-operators", "these operators are never added: nothing gets here")
                .at(first.span)
                .label("never reached")
                .note(block[at].span, "it ends here")
                .help("remove them, or move them ahead of that line"),
        );
    }
}
