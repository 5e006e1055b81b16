//! Types of small bodies; each is verified as it is inferred.

// Arguments read alike, whether their types are used again or not.
#![allow(clippy::cloned_ref_to_slice_refs)]

mod collections;
mod control;
mod objects;
mod random;
mod text;
mod tries;
mod values;

use std::sync::Arc;

use crate::infer::infer;
use crate::ir::{
    BinaryOp, Body, Builtin, Class, Clause, CompareOp, Expression, Inner, Statement, StatementKind, Target, UnaryOp,
};
use crate::typed::Function;
use crate::types::{Constant, RecordType, Type};

fn at(kind: StatementKind) -> Statement {
    Statement { at: [0, 0, 1], kind }
}

fn local(local: u32) -> Expression {
    Expression::Local(local)
}

fn int(value: i64) -> Expression {
    Expression::Int(value)
}

fn float(value: f64) -> Expression {
    Expression::Float(value.to_bits())
}

fn text(text: &str) -> Expression {
    Expression::Str(text.to_owned())
}

fn binary(op: BinaryOp, a: Expression, b: Expression) -> Expression {
    Expression::Binary(op, Box::new(a), Box::new(b))
}

fn add(a: Expression, b: Expression) -> Expression {
    binary(BinaryOp::Add, a, b)
}

fn compare(op: CompareOp, a: Expression, b: Expression) -> Expression {
    Expression::Compare(op, Box::new(a), Box::new(b))
}

fn is_none(a: Expression) -> Expression {
    compare(CompareOp::Is, a, Expression::None)
}

fn not(a: Expression) -> Expression {
    Expression::Unary(UnaryOp::Not, Box::new(a))
}

fn index(a: Expression, b: Expression) -> Expression {
    Expression::Index(Box::new(a), Box::new(b))
}

fn call(builtin: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Call(Builtin::from_name(builtin).expect("a builtin"), arguments)
}

fn method(object: Expression, name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Method(Box::new(object), name.to_owned(), arguments)
}

fn comprehension(value: Expression, target: u32, iterable: Expression, conditions: Vec<Expression>) -> Expression {
    let clause = Clause { target: Target::Local(target), iterable, conditions };
    Expression::Comprehension(Box::new(value), vec![clause])
}

fn assign(target: u32, value: Expression) -> Statement {
    at(StatementKind::Assign(Target::Local(target), value))
}

fn give(value: Expression) -> Statement {
    at(StatementKind::Return(value))
}

fn when(test: Expression, yes: Vec<Statement>, no: Vec<Statement>) -> Statement {
    at(StatementKind::If(vec![(test, yes)], no))
}

fn for_each(target: u32, over: Expression, body: Vec<Statement>) -> Statement {
    at(StatementKind::For(Target::Local(target), over, body, Vec::new()))
}

fn append(list: u32, value: Expression) -> Statement {
    at(StatementKind::Append(local(list), value))
}

fn body(parameters: u32, code: Vec<Statement>) -> Body {
    Body {
        parameters,
        locals: 12,
        attributes: Vec::new(),
        fixed: Vec::new(),
        functions: Vec::new(),
        classes: Vec::new(),
        changes_elements: false,
        code,
    }
}

fn typed(code: Vec<Statement>, arguments: &[Type]) -> Result<Function, String> {
    infer(&body(arguments.len() as u32, code), arguments, &[]).map_err(|reason| reason.to_string())
}

/// Type of the result.
fn result(code: Vec<Statement>, arguments: &[Type]) -> String {
    match typed(code, arguments) {
        Ok(function) => function.slots[function.result as usize].to_string(),
        Err(message) => format!("error: {message}"),
    }
}

/// Type of an expression of its arguments.
fn of(expression: Expression, arguments: &[Type]) -> String {
    result(vec![give(expression)], arguments)
}

fn list(of: Type) -> Type {
    Type::List(Box::new(of))
}

fn dict(key: Type, of: Type) -> Type {
    Type::Dict(Box::new(key), Box::new(of))
}

fn pair(a: Type, b: Type) -> Type {
    Type::Tuple(vec![a, b])
}

fn shape(function: &Function) -> String {
    format!("{:?}", function.code)
}
