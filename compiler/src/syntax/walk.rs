//! Walks over trees.

use super::ast::*;
use pyflink_plan::Span;

/// Calls `see` for every expression that belongs to the scope in which the statement stands: not for bodies of
/// functions, lambdas and classes in it, but for their decorators, bases and defaults.
pub fn own_exprs<'a>(statement: &'a Stmt, see: &mut impl FnMut(&'a Expr)) {
    direct_exprs(statement, &mut |expr| scope_expr(expr, see));
    for block in blocks(statement) {
        block.iter().for_each(|inner| own_exprs(inner, see));
    }
}

/// Every statement of a scope, outer ones first: not those of functions and classes in it.
pub fn statements<'a>(block: &'a [Stmt], see: &mut impl FnMut(&'a Stmt)) {
    for statement in block {
        see(statement);
        blocks(statement).into_iter().for_each(|inner| statements(inner, see));
    }
}

/// Every statement, those of functions and classes too.
pub fn every_statement<'a>(block: &'a [Stmt], see: &mut impl FnMut(&'a Stmt)) {
    for statement in block {
        see(statement);
        match &statement.kind {
            StmtKind::FunctionDef(function) => every_statement(&function.body, see),
            StmtKind::ClassDef(class) => every_statement(&class.body, see),
            _ => blocks(statement).into_iter().for_each(|inner| every_statement(inner, see)),
        }
    }
}

/// Every expression, wherever it stands.
pub fn every_expr<'a>(block: &'a [Stmt], see: &mut impl FnMut(&'a Expr)) {
    fn deep<'a>(expr: &'a Expr, see: &mut impl FnMut(&'a Expr)) {
        see(expr);
        children(expr, &mut |child| deep(child, see));
        if let ExprKind::Lambda { body, .. } = &expr.kind {
            deep(body, see);
        }
    }
    every_statement(block, &mut |statement| direct_exprs(statement, &mut |expr| deep(expr, see)));
}

/// A function or lambda of a source.
#[derive(Clone, Copy, Debug)]
pub enum Code<'a> {
    Function(&'a FunctionDef),
    Lambda { params: &'a Parameters, body: &'a Expr },
}

impl<'a> Code<'a> {
    /// What it may return.
    pub fn returned(self) -> Vec<&'a Expr> {
        match self {
            Code::Lambda { body, .. } => vec![body],
            Code::Function(function) => {
                let mut found = Vec::new();
                statements(&function.body, &mut |statement| {
                    if let StmtKind::Return(Some(value)) = &statement.kind {
                        found.push(value);
                    }
                });
                found
            }
        }
    }

    /// All expressions of its body.
    pub fn exprs(self, see: &mut impl FnMut(&'a Expr)) {
        match self {
            Code::Lambda { body, .. } => all_exprs(body, see),
            Code::Function(function) => function.body.iter().for_each(|statement| own_exprs(statement, see)),
        }
    }
}

/// The function whose name, or the lambda whose beginning, stands there.
pub fn function_at(block: &[Stmt], start: u32) -> Option<Code<'_>> {
    let mut found = None;
    every_statement(block, &mut |statement| {
        if let StmtKind::FunctionDef(function) = &statement.kind
            && function.name.span.start == start
        {
            found = Some(Code::Function(function));
        }
    });
    if found.is_none() {
        every_expr(block, &mut |expr| {
            if let ExprKind::Lambda { params, body } = &expr.kind
                && expr.span.start == start
            {
                found = Some(Code::Lambda { params, body });
            }
        });
    }
    found
}

/// The class whose name stands there.
pub fn class_at(block: &[Stmt], name: Span) -> Option<&ClassDef> {
    let mut found = None;
    every_statement(block, &mut |statement| {
        if let StmtKind::ClassDef(class) = &statement.kind
            && class.name.span == name
        {
            found = Some(&**class);
        }
    });
    found
}

/// The expression and all in it, but for bodies of lambdas.
pub fn all_exprs<'a>(expr: &'a Expr, see: &mut impl FnMut(&'a Expr)) {
    scope_expr(expr, see);
}

/// The blocks of a compound statement that run in the same scope.
pub fn blocks(statement: &Stmt) -> Vec<&[Stmt]> {
    match &statement.kind {
        StmtKind::For { body, orelse, .. }
        | StmtKind::While { body, orelse, .. }
        | StmtKind::If { body, orelse, .. } => {
            vec![body, orelse]
        }
        StmtKind::With { body, .. } => vec![body],
        StmtKind::Match { cases, .. } => cases.iter().map(|case| case.body.as_slice()).collect(),
        StmtKind::Try { body, handlers, orelse, finalbody } => {
            let mut blocks = vec![body.as_slice()];
            blocks.extend(handlers.iter().map(|handler| handler.body.as_slice()));
            blocks.extend([orelse.as_slice(), finalbody]);
            blocks
        }
        _ => Vec::new(),
    }
}

/// The expressions that stand in the statement itself, not in its blocks.
pub fn direct_exprs<'a>(statement: &'a Stmt, see: &mut impl FnMut(&'a Expr)) {
    match &statement.kind {
        StmtKind::FunctionDef(function) => {
            function.decorators.iter().for_each(&mut *see);
            parameter_exprs(&function.params, see);
            function.returns.iter().for_each(see);
        }
        StmtKind::ClassDef(class) => {
            class.decorators.iter().chain(&class.bases).for_each(&mut *see);
            class.keywords.iter().for_each(|keyword| see(&keyword.value));
        }
        StmtKind::Return(value) => value.iter().for_each(see),
        StmtKind::Delete(targets) => targets.iter().for_each(see),
        StmtKind::Assign { targets, value } => {
            targets.iter().for_each(&mut *see);
            see(value);
        }
        StmtKind::AugAssign { target, value, .. } => {
            see(target);
            see(value);
        }
        StmtKind::AnnAssign { target, annotation, value } => {
            see(target);
            see(annotation);
            value.iter().for_each(see);
        }
        StmtKind::For { target, iter, .. } => {
            see(target);
            see(iter);
        }
        StmtKind::While { test, .. } | StmtKind::If { test, .. } => see(test),
        StmtKind::With { items, .. } => {
            for item in items {
                see(&item.context);
                item.target.iter().for_each(&mut *see);
            }
        }
        StmtKind::Match { subject, cases } => {
            see(subject);
            for case in cases {
                pattern_exprs(&case.pattern, see);
                case.guard.iter().for_each(&mut *see);
            }
        }
        StmtKind::Raise { exc, cause } => exc.iter().chain(cause).for_each(see),
        StmtKind::Try { handlers, .. } => {
            handlers.iter().filter_map(|handler| handler.exc_type.as_ref()).for_each(see);
        }
        StmtKind::Assert { test, msg } => {
            see(test);
            msg.iter().for_each(see);
        }
        StmtKind::Expr(value) | StmtKind::TypeAlias { value, .. } => see(value),
        StmtKind::Import(_)
        | StmtKind::ImportFrom { .. }
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue => {}
    }
}

fn parameter_exprs<'a>(params: &'a Parameters, see: &mut impl FnMut(&'a Expr)) {
    for parameter in params.all() {
        parameter.default.iter().chain(&parameter.annotation).for_each(&mut *see);
    }
}

fn pattern_exprs<'a>(pattern: &'a Pattern, see: &mut impl FnMut(&'a Expr)) {
    match &pattern.kind {
        PatternKind::Value(value) | PatternKind::Singleton(value) => see(value),
        PatternKind::Sequence(patterns) | PatternKind::Or(patterns) => {
            patterns.iter().for_each(|inner| pattern_exprs(inner, see));
        }
        PatternKind::Mapping { keys, patterns, .. } => {
            keys.iter().for_each(&mut *see);
            patterns.iter().for_each(|inner| pattern_exprs(inner, see));
        }
        PatternKind::Class { class, patterns, keywords } => {
            see(class);
            patterns.iter().chain(keywords.iter().map(|(_, inner)| inner)).for_each(|inner| pattern_exprs(inner, see));
        }
        PatternKind::As { pattern: Some(inner), .. } => pattern_exprs(inner, see),
        PatternKind::Star(_) | PatternKind::As { .. } => {}
    }
}

/// The expression and those in it, but for bodies of lambdas.
fn scope_expr<'a>(expr: &'a Expr, see: &mut impl FnMut(&'a Expr)) {
    see(expr);
    children(expr, &mut |child| scope_expr(child, see));
}

/// The expressions directly in an expression; of a lambda, its defaults only.
pub fn children<'a>(expr: &'a Expr, see: &mut impl FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Constant(_) | ExprKind::Name(_) => {}
        ExprKind::Attribute { value, .. }
        | ExprKind::Await(value)
        | ExprKind::YieldFrom(value)
        | ExprKind::Starred(value)
        | ExprKind::UnaryOp { operand: value, .. } => see(value),
        ExprKind::Subscript { value, index } => {
            see(value);
            see(index);
        }
        ExprKind::Slice { lower, upper, step } => [lower, upper, step].into_iter().flatten().for_each(|e| see(e)),
        ExprKind::Call { func, args, keywords } => {
            see(func);
            args.iter().for_each(&mut *see);
            keywords.iter().for_each(|keyword| see(&keyword.value));
        }
        ExprKind::BoolOp { values, .. } | ExprKind::Set(values) | ExprKind::List(values) | ExprKind::Tuple(values) => {
            values.iter().for_each(see)
        }
        ExprKind::BinOp { left, right, .. } => {
            see(left);
            see(right);
        }
        ExprKind::Compare { left, rest } => {
            see(left);
            rest.iter().for_each(|(_, right)| see(right));
        }
        ExprKind::IfExp { test, body, orelse } => {
            see(test);
            see(body);
            see(orelse);
        }
        ExprKind::Lambda { params, .. } => parameter_exprs(params, see),
        ExprKind::Dict(items) => {
            for (key, value) in items {
                key.iter().for_each(&mut *see);
                see(value);
            }
        }
        ExprKind::ListComp { element, generators }
        | ExprKind::SetComp { element, generators }
        | ExprKind::GeneratorExp { element, generators } => {
            generator_exprs(generators, see);
            see(element);
        }
        ExprKind::DictComp { key, value, generators } => {
            generator_exprs(generators, see);
            see(key);
            see(value);
        }
        ExprKind::Yield(value) => value.iter().for_each(|value| see(value)),
        ExprKind::JoinedStr(parts) => parts_exprs(parts, see),
        ExprKind::NamedExpr { target, value } => {
            see(target);
            see(value);
        }
    }
}

fn generator_exprs<'a>(generators: &'a [Comprehension], see: &mut impl FnMut(&'a Expr)) {
    for generator in generators {
        see(&generator.iter);
        see(&generator.target);
        generator.ifs.iter().for_each(&mut *see);
    }
}

fn parts_exprs<'a>(parts: &'a [FStringPart], see: &mut impl FnMut(&'a Expr)) {
    for part in parts {
        if let FStringPart::Value { value, format, .. } = part {
            see(value);
            if let Some(format) = format {
                parts_exprs(format, see);
            }
        }
    }
}
