//! Operators with `=` that change what they are called on. A list takes the characters of a text in with `+=`, and
//! becomes longer with `*=`.

use super::provenance::Provenance;
use crate::syntax::ast::{BinOp, Constant, Expr, ExprKind};

const NUMBER_FUNCTIONS: &[&str] = &["all", "any", "bool", "float", "hash", "int", "len", "ord", "round"];
const NUMBER_METHODS: &[&str] = &["count", "endswith", "find", "index", "startswith"];
const TEXT_METHODS: &[&str] = &["format", "join", "lower", "replace", "strip", "upper"];

impl Provenance<'_> {
    /// True if an operator with `=` and that value at its right may change a list, dict or set in place.
    pub fn is_in_place(&self, op: BinOp, value: &Expr) -> bool {
        match op {
            BinOp::Add => !is_number(value),
            BinOp::Mult => !is_float(value) && !is_text(value),
            _ => !self.is_scalar_value(value),
        }
    }
}

/// True for what is surely a number, or None.
fn is_number(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Constant(constant) => !matches!(constant, Constant::Str(_) | Constant::Bytes(_)),
        ExprKind::Compare { .. } | ExprKind::UnaryOp { .. } => true,
        ExprKind::BinOp { op, left, right } => match op {
            BinOp::Add => is_number(left) || is_number(right),
            BinOp::Mult => is_number(left) && is_number(right) || is_float(left) || is_float(right),
            BinOp::Sub | BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor => is_number(left) || is_number(right),
            BinOp::Mod => is_number(left),
            BinOp::Div | BinOp::FloorDiv | BinOp::Pow | BinOp::LShift | BinOp::RShift => true,
            BinOp::MatMult => false,
        },
        ExprKind::IfExp { body, orelse, .. } => is_number(body) && is_number(orelse),
        ExprKind::Call { func, args, .. } => match &func.kind {
            // It begins with 0.
            ExprKind::Name(name) if name == "sum" => args.len() == 1,
            ExprKind::Name(name) => NUMBER_FUNCTIONS.contains(&name.as_str()),
            ExprKind::Attribute { value, .. } if matches!(&value.kind, ExprKind::Name(of) if of == "math") => true,
            ExprKind::Attribute { name, .. } => NUMBER_METHODS.contains(&name.name.as_str()),
            _ => false,
        },
        _ => false,
    }
}

fn is_float(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Constant(Constant::Float(_)) => true,
        ExprKind::UnaryOp { operand, .. } => is_float(operand),
        ExprKind::BinOp { op: BinOp::Div, .. } => true,
        ExprKind::BinOp { op: BinOp::Add | BinOp::Sub | BinOp::Mult, left, right } => is_float(left) || is_float(right),
        ExprKind::IfExp { body, orelse, .. } => is_float(body) && is_float(orelse),
        ExprKind::Call { func, .. } => matches!(&func.kind, ExprKind::Name(name) if name == "float"),
        _ => false,
    }
}

fn is_text(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Constant(Constant::Str(_) | Constant::Bytes(_)) | ExprKind::JoinedStr(_) => true,
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Name(name) => matches!(name.as_str(), "chr" | "format" | "repr" | "str"),
            ExprKind::Attribute { name, .. } => TEXT_METHODS.contains(&name.name.as_str()),
            _ => false,
        },
        _ => false,
    }
}
