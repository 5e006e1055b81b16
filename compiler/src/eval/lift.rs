//! Lifts bodies of functions to the plan's form for compilation, with every name resolved, or says why not.

use super::value::*;
use super::{Body as Source, Evaluator};
use crate::api::classes::Call;
use crate::syntax::ast::*;
use crate::syntax::walk;
use pyflink_plan::ir::{self, Body, Builtin, Expression, Statement};
use pyflink_plan::{Reason, Span};
use std::collections::BTreeMap;

/// Expressions in expressions at the most: plan files nest as deep, and JSON readers have a limit.
const DEEPEST: usize = 24;

type Lifted<T> = Result<T, Reason>;

impl<'a> Evaluator<'a> {
    /// The body of a function that an operator calls with one element.
    pub(super) fn lift(&self, function: &Function, is_method: bool, call: Call) -> Lifted<Body> {
        let code = &self.codes[function.code.0 as usize];
        if !matches!(call, Call::Map | Call::Filter) {
            return Err(reason("only functions of map() and filter() are compiled yet", code.span));
        }
        if code.is_generator || code.is_async {
            return Err(reason("a generator function stays in Python", code.span));
        }
        let mut lift = Lift {
            evaluator: self,
            function,
            receiver: None,
            locals: BTreeMap::new(),
            attributes: Vec::new(),
            depth: 0,
        };
        let mut lifted = Vec::new();
        let mut positional = code.params.positional();
        if is_method {
            lift.receiver = positional.next().map(|parameter| parameter.name.name.as_str());
        }
        let mut rest = Vec::new();
        for (at, parameter) in positional.enumerate() {
            let local = lift.local(&parameter.name.name);
            if at > 0 {
                rest.push((local, parameter));
            }
        }
        if code.params.vararg.is_some()
            || code.params.kwarg.is_some()
            || !code.params.kwonly.is_empty()
            || lift.locals.is_empty()
        {
            return Err(reason("it takes other parameters than one element", code.span));
        }
        // Parameters with defaults, which nobody fills.
        for (local, parameter) in rest {
            let default = function.defaults.iter().find(|(name, _)| **name == *parameter.name.name);
            let value = default.and_then(|(_, value)| constant(value));
            match value {
                Some(value) => lifted.push(Statement::Assign(local, value)),
                None => return Err(reason("the default of a parameter is no number", parameter.name.span)),
            }
        }
        match code.body {
            Source::Expr(expr) => lifted.push(Statement::Return(lift.expr(expr)?)),
            Source::Block(block) => lifted.extend(lift.block(block)?),
        }
        Ok(Body { parameters: 1, locals: lift.locals.len() as u32, attributes: lift.attributes, code: lifted })
    }

    /// The value of a module's name that surely never changes: bound once, and nowhere declared global.
    fn module_constant(&self, function: &Function, name: &str) -> Option<Value> {
        let source = self.codes[function.code.0 as usize].span.source;
        let mut bound = 0;
        let mut declared = false;
        walk::every_statement(&self.program.tree(source).body, &mut |statement| {
            declared |=
                matches!(&statement.kind, StmtKind::Global(names) if names.iter().any(|ident| ident.name == name));
        });
        walk::statements(&self.program.tree(source).body, &mut |statement| {
            let mut names = Default::default();
            crate::syntax::scope::bound_names(statement, &mut names);
            bound += usize::from(names.contains(name));
        });
        let is_reached = self.program.trees.iter().any(|tree| sets_attribute(tree, name));
        if declared || bound != 1 || is_reached {
            return None;
        }
        self.name_in(function.globals, name).cloned()
    }
}

/// True if something sets an attribute of that name, which may be a module's.
fn sets_attribute(tree: &crate::syntax::ast::Module, name: &str) -> bool {
    let mut found = false;
    walk::every_expr(&tree.body, &mut |expr| {
        let by_name = ["globals", "vars", "setattr", "delattr", "exec", "eval"];
        found |= matches!(&expr.kind, ExprKind::Name(used) if by_name.contains(&used.as_str()));
    });
    walk::every_statement(&tree.body, &mut |statement| {
        let targets: Vec<&Expr> = match &statement.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => targets.iter().collect(),
            StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } => vec![target],
            _ => Vec::new(),
        };
        found |= targets
            .iter()
            .any(|target| matches!(&target.kind, ExprKind::Attribute { name: set, .. } if set.name == name));
    });
    found
}

fn reason(message: impl Into<String>, span: Span) -> Reason {
    Reason { message: message.into(), span }
}

/// A number or truth as it is.
fn constant(value: &Value) -> Option<Expression> {
    match value {
        Value::Int(value) => i64::try_from(value).ok().map(Expression::Int),
        Value::Float(value) => Some(Expression::Float(value.to_bits())),
        Value::Bool(value) => Some(Expression::Bool(*value)),
        _ => None,
    }
}

struct Lift<'e, 'a> {
    evaluator: &'e Evaluator<'a>,
    function: &'e Function,
    /// Name of `self`.
    receiver: Option<&'a str>,
    locals: BTreeMap<String, u32>,
    attributes: Vec<String>,
    depth: usize,
}

impl<'a> Lift<'_, 'a> {
    fn local(&mut self, name: &str) -> u32 {
        let next = self.locals.len() as u32;
        *self.locals.entry(name.to_owned()).or_insert(next)
    }

    fn block(&mut self, block: &'a [Stmt]) -> Lifted<Vec<Statement>> {
        let mut lifted = Vec::new();
        for statement in block {
            match &statement.kind {
                StmtKind::Return(Some(value)) => lifted.push(Statement::Return(self.expr(value)?)),
                StmtKind::Pass => {}
                // A docstring.
                StmtKind::Expr(Expr { kind: ExprKind::Constant(_), .. }) => {}
                StmtKind::Assign { targets, value } => {
                    let value = self.expr(value)?;
                    for target in targets {
                        let local = self.target(target)?;
                        lifted.push(Statement::Assign(local, value.clone()));
                    }
                }
                StmtKind::AnnAssign { target, value: Some(value), .. } => {
                    let value = self.expr(value)?;
                    let local = self.target(target)?;
                    lifted.push(Statement::Assign(local, value));
                }
                StmtKind::AugAssign { target, op, value } => {
                    let before = self.expr(target)?;
                    let after = self.expr(value)?;
                    let op = self.binary(*op, statement.span)?;
                    let local = self.target(target)?;
                    lifted.push(Statement::Assign(local, Expression::Binary(op, Box::new(before), Box::new(after))));
                }
                StmtKind::If { test, body, orelse } => {
                    let test = self.expr(test)?;
                    self.depth += 1;
                    if self.depth > DEEPEST {
                        return Err(reason("it nests too deep", statement.span));
                    }
                    let (body, orelse) = (self.block(body)?, self.block(orelse)?);
                    self.depth -= 1;
                    lifted.push(Statement::If(test, body, orelse));
                }
                StmtKind::For { .. } | StmtKind::While { .. } => {
                    return Err(reason("loops are not compiled yet", statement.span));
                }
                StmtKind::Return(None) => return Err(reason("it returns None", statement.span)),
                StmtKind::Raise { .. } | StmtKind::Try { .. } | StmtKind::Assert { .. } => {
                    return Err(reason("exceptions of its own are not compiled yet", statement.span));
                }
                _ => return Err(reason("a statement of this kind is not compiled yet", statement.span)),
            }
        }
        Ok(lifted)
    }

    fn target(&mut self, target: &Expr) -> Lifted<u32> {
        match &target.kind {
            ExprKind::Name(name) if Some(name.as_str()) != self.receiver => {
                if !self.is_local(name) {
                    return Err(reason(format!("it changes {name}, which lives outside of it"), target.span));
                }
                Ok(self.local(name))
            }
            ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => Err(reason(
                "it changes an object; keep its state in a local variable, or leave it in Python",
                target.span,
            )),
            _ => Err(reason("a target of this kind is not compiled yet", target.span)),
        }
    }

    fn is_local(&self, name: &str) -> bool {
        let code = &self.evaluator.codes[self.function.code.0 as usize];
        code.locals.contains(name) || self.locals.contains_key(name)
    }

    fn expr(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(reason("it nests too deep", expr.span));
        }
        let lifted = self.expression(expr);
        self.depth -= 1;
        lifted
    }

    fn boxed(&mut self, expr: &'a Expr) -> Lifted<Box<Expression>> {
        self.expr(expr).map(Box::new)
    }

    fn expression(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        Ok(match &expr.kind {
            ExprKind::Constant(Constant::Int(value)) => match i64::try_from(value) {
                Ok(value) => Expression::Int(value),
                Err(_) => return Err(reason("an int of more than 64 bits", expr.span)),
            },
            ExprKind::Constant(Constant::Float(value)) => Expression::Float(value.to_bits()),
            ExprKind::Constant(Constant::Bool(value)) => Expression::Bool(*value),
            ExprKind::Constant(_) => return Err(reason("only numbers and truths are compiled yet", expr.span)),
            ExprKind::Name(name) => self.name(name, expr.span)?,
            ExprKind::Attribute { value, name } => match &value.kind {
                ExprKind::Name(receiver) if Some(receiver.as_str()) == self.receiver => {
                    let known = self.attributes.iter().position(|known| *known == name.name);
                    let at = known.unwrap_or_else(|| {
                        self.attributes.push(name.name.clone());
                        self.attributes.len() - 1
                    });
                    Expression::Attribute(at as u32)
                }
                _ => return Err(reason("attributes of elements are not compiled yet", expr.span)),
            },
            ExprKind::BinOp { left, op, right } => {
                let op = self.binary(*op, expr.span)?;
                Expression::Binary(op, self.boxed(left)?, self.boxed(right)?)
            }
            ExprKind::UnaryOp { op, operand } => {
                let op = match op {
                    UnaryOp::Invert => ir::UnaryOp::Invert,
                    UnaryOp::Not => ir::UnaryOp::Not,
                    UnaryOp::Plus => ir::UnaryOp::Plus,
                    UnaryOp::Minus => ir::UnaryOp::Minus,
                };
                Expression::Unary(op, self.boxed(operand)?)
            }
            ExprKind::BoolOp { is_and, values } => {
                let mut lifted = values.iter().rev();
                let Some(last) = lifted.next() else { return Err(reason("an empty condition", expr.span)) };
                let mut whole = self.expr(last)?;
                for value in lifted {
                    let value = self.boxed(value)?;
                    whole = match is_and {
                        true => Expression::And(value, Box::new(whole)),
                        false => Expression::Or(value, Box::new(whole)),
                    };
                }
                whole
            }
            ExprKind::Compare { left, rest } => {
                let mut before = self.expr(left)?;
                let mut whole: Option<Expression> = None;
                for (op, right) in rest {
                    let op = match op {
                        CmpOp::Eq => ir::CompareOp::Eq,
                        CmpOp::NotEq => ir::CompareOp::Ne,
                        CmpOp::Lt => ir::CompareOp::Lt,
                        CmpOp::LtE => ir::CompareOp::Le,
                        CmpOp::Gt => ir::CompareOp::Gt,
                        CmpOp::GtE => ir::CompareOp::Ge,
                        _ => return Err(reason("`in` and `is` are not compiled yet", expr.span)),
                    };
                    let right = self.expr(right)?;
                    let one = Expression::Compare(op, Box::new(before), Box::new(right.clone()));
                    before = right;
                    whole = Some(match whole {
                        Some(whole) => Expression::And(Box::new(whole), Box::new(one)),
                        None => one,
                    });
                }
                whole.ok_or_else(|| reason("an empty comparison", expr.span))?
            }
            ExprKind::IfExp { test, body, orelse } => {
                Expression::If(self.boxed(test)?, self.boxed(body)?, self.boxed(orelse)?)
            }
            ExprKind::Call { func, args, keywords } if keywords.is_empty() => {
                let builtin = match &func.kind {
                    ExprKind::Name(name) if !self.is_local(name) && self.is_builtin(name) => match name.as_str() {
                        "abs" => Builtin::Abs,
                        "bool" => Builtin::Bool,
                        "float" => Builtin::Float,
                        "int" => Builtin::Int,
                        "max" => Builtin::Max,
                        "min" => Builtin::Min,
                        _ => return Err(reason(format!("{name}() is not compiled yet"), expr.span)),
                    },
                    _ => return Err(reason("calls of functions and methods are not compiled yet", expr.span)),
                };
                let arguments = args.iter().map(|argument| self.expr(argument)).collect::<Lifted<Vec<_>>>()?;
                Expression::Call(builtin, arguments)
            }
            _ => return Err(reason("an expression of this kind is not compiled yet", expr.span)),
        })
    }

    fn name(&mut self, name: &str, span: Span) -> Lifted<Expression> {
        if let Some(local) = self.locals.get(name) {
            return Ok(Expression::Local(*local));
        }
        if self.is_local(name) {
            return Err(reason(format!("{name} is read before it is set, or is self"), span));
        }
        let enclosing = self.function.closure.iter().any(|scope| self.evaluator.name_in(*scope, name).is_some());
        if enclosing {
            return Err(reason(
                format!("{name} belongs to the function around it; pass it as a default: `{name}={name}`"),
                span,
            ));
        }
        let value = self.evaluator.module_constant(self.function, name);
        value.as_ref().and_then(constant).ok_or_else(|| reason(format!("{name} is no number that never changes"), span))
    }

    /// True if the name stands for Python's own.
    fn is_builtin(&self, name: &str) -> bool {
        let scopes = self.function.closure.iter().chain([&self.function.globals]);
        !scopes.into_iter().any(|scope| {
            self.evaluator.name_in(*scope, name).is_some() || self.evaluator.name_in(*scope, "*").is_some()
        })
    }

    fn binary(&self, op: BinOp, span: Span) -> Lifted<ir::BinaryOp> {
        Ok(match op {
            BinOp::Add => ir::BinaryOp::Add,
            BinOp::Sub => ir::BinaryOp::Sub,
            BinOp::Mult => ir::BinaryOp::Mul,
            BinOp::Div => ir::BinaryOp::Div,
            BinOp::FloorDiv => ir::BinaryOp::FloorDiv,
            BinOp::Mod => ir::BinaryOp::Mod,
            BinOp::BitAnd => ir::BinaryOp::BitAnd,
            BinOp::BitOr => ir::BinaryOp::BitOr,
            BinOp::BitXor => ir::BinaryOp::BitXor,
            BinOp::LShift => ir::BinaryOp::LeftShift,
            BinOp::RShift => ir::BinaryOp::RightShift,
            BinOp::Pow | BinOp::MatMult => return Err(reason("this operator is not compiled yet", span)),
        })
    }
}
