//! Bodies of functions in a form that the runtime can compile: what is left of Python when names are resolved.
//!
//! Semantics are Python's; types are not said, they follow from those of the arguments ([`crate::types`]). An
//! expression has no effect but to end the call in an exception, so it may be evaluated more often than it is written.

use serde::{Deserialize, Serialize};

/// A function's body. Its arguments are the locals `0..parameters`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    pub parameters: u32,
    /// Number of locals, arguments included.
    pub locals: u32,
    /// Attributes of the function object that are read: constants of a run.
    pub attributes: Vec<String>,
    pub code: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statement {
    Assign(u32, Expression),
    If(Expression, Vec<Statement>, Vec<Statement>),
    Return(Expression),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    Int(i64),
    /// IEEE bits.
    Float(u64),
    Bool(bool),
    Local(u32),
    /// Index in [`Body::attributes`].
    Attribute(u32),
    Binary(BinaryOp, Box<Expression>, Box<Expression>),
    Unary(UnaryOp, Box<Expression>),
    Compare(CompareOp, Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    /// Test, value if true, value if not.
    If(Box<Expression>, Box<Expression>, Box<Expression>),
    Call(Builtin, Vec<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    BitAnd,
    BitOr,
    BitXor,
    LeftShift,
    RightShift,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnaryOp {
    Minus,
    Plus,
    Not,
    Invert,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// Functions of Python that are known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Builtin {
    Abs,
    Bool,
    Float,
    Int,
    Max,
    Min,
}
