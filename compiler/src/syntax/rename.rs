//! Gives a variable of a function another name, in a part of it.

use super::ast::*;
use super::scope;
use std::collections::BTreeSet;

/// The blocks of a compound statement that run in the same scope, as [`super::walk::blocks`] has them.
pub fn blocks(statement: &mut Stmt) -> Vec<&mut Vec<Stmt>> {
    match &mut statement.kind {
        StmtKind::For { body, orelse, .. }
        | StmtKind::While { body, orelse, .. }
        | StmtKind::If { body, orelse, .. } => vec![body, orelse],
        StmtKind::With { body, .. } => vec![body],
        StmtKind::Match { cases, .. } => cases.iter_mut().map(|case| &mut case.body).collect(),
        StmtKind::Try { body, handlers, orelse, finalbody } => {
            let mut blocks = vec![body];
            blocks.extend(handlers.iter_mut().map(|handler| &mut handler.body));
            blocks.extend([orelse, finalbody]);
            blocks
        }
        _ => Vec::new(),
    }
}

/// In the targets of an assignment alone.
pub fn target(statement: &mut Stmt, from: &str, to: &str) {
    match &mut statement.kind {
        StmtKind::Assign { targets, .. } => targets.iter_mut().for_each(|target| expr(target, from, to)),
        StmtKind::AnnAssign { target, .. } => expr(target, from, to),
        _ => {}
    }
}

/// In a statement and all in it, but for functions and classes: these don't see the variable.
pub fn statement(statement: &mut Stmt, from: &str, to: &str) {
    let mut see = |inner: &mut Expr| expr(inner, from, to);
    match &mut statement.kind {
        StmtKind::Return(value) => value.iter_mut().for_each(see),
        StmtKind::Delete(targets) => targets.iter_mut().for_each(see),
        StmtKind::Assign { targets, value } => {
            targets.iter_mut().for_each(&mut see);
            see(value);
        }
        StmtKind::AugAssign { target, value, .. } => {
            see(target);
            see(value);
        }
        StmtKind::AnnAssign { target, value, .. } => {
            see(target);
            value.iter_mut().for_each(see);
        }
        StmtKind::For { target, iter, .. } => {
            see(target);
            see(iter);
        }
        StmtKind::While { test, .. } | StmtKind::If { test, .. } => see(test),
        StmtKind::With { items, .. } => {
            for item in items {
                see(&mut item.context);
                item.target.iter_mut().for_each(&mut see);
            }
        }
        StmtKind::Match { subject, cases } => {
            see(subject);
            for case in cases {
                pattern(&mut case.pattern, &mut see);
                case.guard.iter_mut().for_each(&mut see);
            }
        }
        StmtKind::Raise { exc, cause } => exc.iter_mut().chain(cause).for_each(see),
        StmtKind::Try { handlers, .. } => {
            handlers.iter_mut().filter_map(|handler| handler.exc_type.as_mut()).for_each(see);
        }
        StmtKind::Assert { test, msg } => {
            see(test);
            msg.iter_mut().for_each(see);
        }
        StmtKind::Expr(value) | StmtKind::TypeAlias { value, .. } => see(value),
        StmtKind::FunctionDef(_)
        | StmtKind::ClassDef(_)
        | StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue => {}
    }
    for block in blocks(statement) {
        block.iter_mut().for_each(|inner| self::statement(inner, from, to));
    }
}

fn pattern(pattern: &mut Pattern, see: &mut impl FnMut(&mut Expr)) {
    match &mut pattern.kind {
        PatternKind::Value(value) | PatternKind::Singleton(value) => see(value),
        PatternKind::Sequence(patterns) | PatternKind::Or(patterns) => {
            patterns.iter_mut().for_each(|inner| self::pattern(inner, see));
        }
        PatternKind::Mapping { keys, patterns, .. } => {
            keys.iter_mut().for_each(&mut *see);
            patterns.iter_mut().for_each(|inner| self::pattern(inner, see));
        }
        PatternKind::Class { class, patterns, keywords } => {
            see(class);
            let named = keywords.iter_mut().map(|(_, inner)| inner);
            patterns.iter_mut().chain(named).for_each(|inner| self::pattern(inner, see));
        }
        PatternKind::As { pattern: Some(inner), .. } => self::pattern(inner, see),
        PatternKind::Star(_) | PatternKind::As { .. } => {}
    }
}

fn expr(at: &mut Expr, from: &str, to: &str) {
    let mut see = |inner: &mut Expr| expr(inner, from, to);
    match &mut at.kind {
        ExprKind::Name(name) if name == from => to.clone_into(name),
        ExprKind::Name(_) | ExprKind::Constant(_) | ExprKind::Lambda { .. } => {}
        ExprKind::Attribute { value, .. }
        | ExprKind::Await(value)
        | ExprKind::YieldFrom(value)
        | ExprKind::Starred(value)
        | ExprKind::UnaryOp { operand: value, .. } => see(value),
        ExprKind::Subscript { value, index } => {
            see(value);
            see(index);
        }
        ExprKind::Slice { lower, upper, step } => {
            [lower, upper, step].into_iter().flatten().for_each(|bound| see(bound));
        }
        ExprKind::Call { func, args, keywords } => {
            see(func);
            args.iter_mut().for_each(&mut see);
            keywords.iter_mut().for_each(|keyword| see(&mut keyword.value));
        }
        ExprKind::BoolOp { values, .. } | ExprKind::Set(values) | ExprKind::List(values) | ExprKind::Tuple(values) => {
            values.iter_mut().for_each(see);
        }
        ExprKind::BinOp { left, right, .. } => {
            see(left);
            see(right);
        }
        ExprKind::Compare { left, rest } => {
            see(left);
            rest.iter_mut().for_each(|(_, right)| see(right));
        }
        ExprKind::IfExp { test, body, orelse } => {
            see(test);
            see(body);
            see(orelse);
        }
        ExprKind::Dict(items) => {
            for (key, value) in items {
                key.iter_mut().for_each(&mut see);
                see(value);
            }
        }
        ExprKind::ListComp { element, generators }
        | ExprKind::SetComp { element, generators }
        | ExprKind::GeneratorExp { element, generators } => comprehension(vec![element], generators, from, to),
        ExprKind::DictComp { key, value, generators } => comprehension(vec![key, value], generators, from, to),
        ExprKind::Yield(value) => value.iter_mut().for_each(|value| see(value)),
        ExprKind::JoinedStr(parts) => text(parts, from, to),
        ExprKind::NamedExpr { target, value } => {
            see(target);
            see(value);
        }
    }
}

/// What a comprehension goes over first is evaluated outside of it.
fn comprehension(elements: Vec<&mut Box<Expr>>, generators: &mut [Comprehension], from: &str, to: &str) {
    let mut own = BTreeSet::new();
    generators.iter().for_each(|generator| scope::target_names(&generator.target, &mut own));
    let is_own = own.contains(from);
    for (at, generator) in generators.iter_mut().enumerate() {
        if at == 0 || !is_own {
            expr(&mut generator.iter, from, to);
        }
        if !is_own {
            expr(&mut generator.target, from, to);
            generator.ifs.iter_mut().for_each(|test| expr(test, from, to));
        }
    }
    if !is_own {
        elements.into_iter().for_each(|element| expr(element, from, to));
    }
}

fn text(parts: &mut [FStringPart], from: &str, to: &str) {
    for part in parts {
        if let FStringPart::Value { value, format, .. } = part {
            expr(value, from, to);
            format.iter_mut().for_each(|format| text(format, from, to));
        }
    }
}
