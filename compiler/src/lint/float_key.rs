//! Keys that are floats, or come from comparing floats with `==`.

use super::Subject;
use crate::syntax::ast::*;
use pyflink_plan::{Diagnostic, OperatorKind, Span};

pub fn check(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for function in subject.uses().filter(|function| function.node.kind == OperatorKind::KeyBy) {
        let Some(code) = subject.code(function.callable) else { continue };
        let mut report = |span: Span, message: String, label: &str| {
            found.push(
                Diagnostic::warning("float-key", message)
                    .at(span)
                    .label(label)
                    .note(function.node.span, "key_by() is called here")
                    .help("use an int or a text as key: `round(x * 100)`, `x // 10`, or `f\"{x:.2f}\"`"),
            );
        };
        code.exprs(&mut |expr| {
            if let ExprKind::Compare { left, rest } = &expr.kind {
                let mut before = &**left;
                for (op, right) in rest {
                    if matches!(op, CmpOp::Eq | CmpOp::NotEq) && (is_float(before) || is_float(right)) {
                        let message = format!("{} compares floats to find the key", function.title());
                        report(expr.span, message, "equal only if every bit is");
                    }
                    before = right;
                }
            }
        });
        for returned in code.returned() {
            let fields = match &returned.kind {
                ExprKind::Tuple(items) => items.iter().collect(),
                _ => vec![returned],
            };
            for field in fields.into_iter().filter(|field| is_float(field)) {
                let message = format!("{} gives a float as key", function.title());
                report(field.span, message, "keys are one only if every bit is the same");
            }
        }
    }
}

/// True for what is surely a float.
fn is_float(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Constant(Constant::Float(_)) => true,
        ExprKind::BinOp { op: BinOp::Div, .. } => true,
        ExprKind::BinOp { left, op, right } => {
            matches!(op, BinOp::Add | BinOp::Sub | BinOp::Mult | BinOp::Pow) && (is_float(left) || is_float(right))
        }
        ExprKind::UnaryOp { op: UnaryOp::Minus | UnaryOp::Plus, operand } => is_float(operand),
        ExprKind::Call { func, args, .. } => match (&func.kind, args.as_slice()) {
            (ExprKind::Name(name), [_]) if name == "float" => true,
            (ExprKind::Name(name), [value, _]) if name == "round" => is_float(value),
            (ExprKind::Attribute { value, name }, _) => {
                matches!(&value.kind, ExprKind::Name(module) if module == "math")
                    && ![
                        "floor",
                        "ceil",
                        "trunc",
                        "gcd",
                        "lcm",
                        "comb",
                        "perm",
                        "factorial",
                        "isqrt",
                        "isnan",
                        "isinf",
                        "isclose",
                        "isfinite",
                    ]
                    .contains(&name.name.as_str())
            }
            _ => false,
        },
        ExprKind::IfExp { body, orelse, .. } => is_float(body) || is_float(orelse),
        _ => false,
    }
}
