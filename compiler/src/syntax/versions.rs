//! A function with its variables told apart: what a name stands for behind `row = dict(row)` is another variable than
//! what it stood for before. What is known of variables (that one is a list made here, say) is known of names, and so
//! of each of them.
//!
//! An assignment begins a new variable for the rest of its block. Where the name is read behind the block, the new
//! variable's value goes to it at the end. Names that functions in the function may see, or that are bound otherwise
//! than by assignments, stay as they are.

use super::ast::*;
use super::live::{self, Exits, Names};
use super::rename;
use super::{scope, walk};
use std::collections::BTreeSet;

/// Between a name and the number of its variable. No name has it.
const MARK: char = '\u{1}';

/// With these, or by `super`, variables are seen by what stands nowhere.
const SEES_ALL: &[&str] = &["dir", "eval", "exec", "locals", "super", "vars", "__class__"];

/// What uses a generator expression up at once.
const USES_UP: &[&str] =
    &["all", "any", "dict", "extend", "frozenset", "join", "list", "max", "min", "set", "sorted", "sum", "tuple"];

/// A text with names as they are written.
pub fn as_written(text: String) -> String {
    if !text.contains(MARK) {
        return text;
    }
    let mut written = String::new();
    let mut in_number = false;
    for character in text.chars() {
        in_number = character == MARK || in_number && character.is_ascii_digit();
        if !in_number {
            written.push(character);
        }
    }
    written
}

/// The name that was written.
pub fn base(name: &str) -> &str {
    name.split(MARK).next().unwrap_or(name)
}

/// The function, and those in it, with variables told apart.
pub fn told_apart(function: &FunctionDef) -> FunctionDef {
    let mut function = function.clone();
    inner(&mut function.body);
    let params = &function.params;
    let kept = kept(params, &function.body);
    let mut names = scope::locals(params, &function.body);
    names.retain(|name| !kept.contains(name));
    if names.is_empty() || live::is_deep(&function.body) {
        return function;
    }
    let mut binds = live::stores(&function.body);
    binds.extend(params.all().map(|parameter| parameter.name.name.clone()));
    // A name that is bound once is one variable.
    names.retain(|name| binds.iter().filter(|bound| *bound == name).count() > 1);
    if names.is_empty() {
        return function;
    }
    let mut versions = Versions { names, binds, next: 0 };
    versions.block(&mut function.body, &Names::new(), &Exits::default(), true);
    function
}

/// Functions in a block.
fn inner(block: &mut [Stmt]) {
    for statement in block {
        match &mut statement.kind {
            StmtKind::FunctionDef(function) => **function = told_apart(function),
            _ => rename::blocks(statement).into_iter().for_each(|block| inner(block)),
        }
    }
}

/// Names that must stay what they are.
fn kept(params: &Parameters, body: &[Stmt]) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    let mut sees_all = false;
    let all_of = |expr: &Expr, kept: &mut BTreeSet<String>| {
        mentioned(expr, &mut |name| {
            kept.insert(name);
        });
    };
    walk::statements(body, &mut |statement| {
        match &statement.kind {
            StmtKind::FunctionDef(function) => {
                walk::every_expr(std::slice::from_ref(statement), &mut |expr| all_of(expr, &mut kept));
                kept.insert(function.name.name.clone());
                walk::every_statement(&function.body, &mut |inner| {
                    if let StmtKind::Nonlocal(names) = &inner.kind {
                        kept.extend(names.iter().map(|name| name.name.clone()));
                    }
                });
            }
            StmtKind::ClassDef(_) => {
                walk::every_expr(std::slice::from_ref(statement), &mut |expr| all_of(expr, &mut kept));
                scope::bound_names(statement, &mut kept);
            }
            StmtKind::Delete(targets) => {
                targets.iter().for_each(|target| scope::target_names(target, &mut kept));
            }
            StmtKind::Assign { .. } | StmtKind::AugAssign { .. } | StmtKind::AnnAssign { .. } => {}
            StmtKind::For { is_async: false, .. } => {}
            _ => scope::bound_names(statement, &mut kept),
        }
        if let StmtKind::For { target, .. } = &statement.kind
            && !live::is_plain(target)
        {
            scope::target_names(target, &mut kept);
        }
    });
    let mut used_up: Vec<*const Expr> = Vec::new();
    for statement in body {
        walk::own_exprs(statement, &mut |expr| match &expr.kind {
            ExprKind::Name(name) => sees_all |= SEES_ALL.contains(&name.as_str()),
            ExprKind::NamedExpr { target, .. } => scope::target_names(target, &mut kept),
            ExprKind::Lambda { .. } => all_of(expr, &mut kept),
            ExprKind::Call { func, args, .. } => {
                let (ExprKind::Name(name) | ExprKind::Attribute { name: Ident { name, .. }, .. }) = &func.kind else {
                    return;
                };
                if USES_UP.contains(&name.as_str()) {
                    used_up.extend(args.iter().map(|argument| argument as *const Expr));
                }
            }
            ExprKind::GeneratorExp { .. } if !used_up.contains(&(expr as *const Expr)) => all_of(expr, &mut kept),
            _ => {}
        });
    }
    if sees_all {
        kept.extend(scope::locals(params, body));
    }
    kept
}

/// Calls `see` with all names that an expression mentions, in lambdas too.
fn mentioned(expr: &Expr, see: &mut impl FnMut(String)) {
    if let ExprKind::Name(name) = &expr.kind {
        see(name.clone());
    }
    if let ExprKind::Lambda { body, .. } = &expr.kind {
        mentioned(body, see);
    }
    walk::children(expr, &mut |child| mentioned(child, see));
}

struct Versions {
    /// Names that are told apart.
    names: BTreeSet<String>,
    /// Names of all targets, as often as there are such.
    binds: Vec<String>,
    next: u32,
}

impl Versions {
    /// `after`: names whose values are read behind the block; `is_whole`: it is the function's.
    fn block(&mut self, block: &mut Vec<Stmt>, after: &Names, exits: &Exits, is_whole: bool) {
        let mut at = 0;
        while at < block.len() {
            if !walk::blocks(&block[at]).is_empty() {
                let behind = live::before(&block[at + 1..], after, exits);
                self.statement(&mut block[at], &behind, exits);
            }
            for name in assigned(&block[at]) {
                self.begins(block, at, &name, after, exits, is_whole);
            }
            at += 1;
        }
    }

    /// Gives what a statement assigns to a name a variable of its own, if it may have one.
    fn begins(&mut self, block: &mut Vec<Stmt>, at: usize, name: &str, after: &Names, exits: &Exits, is_whole: bool) {
        if !self.names.contains(base(name)) {
            return;
        }
        let stores = |names: &[String]| names.iter().filter(|stored| base(stored) == base(name)).count();
        let here = stores(&live::stores(&block[at..]));
        if stores(&self.binds) <= here && is_whole {
            return;
        }
        let is_read_behind = after.contains(name);
        let rest = &block[at + 1..];
        let mut leaves = Names::new();
        live::exits(rest, exits, &mut leaves);
        if exits.raised.contains(name) || leaves.contains(name) {
            return;
        }
        // A copy that is changed, in a branch: what the name stands for elsewhere is no matter here.
        if is_read_behind && !(live::reads(&block[at]).contains(name) && changes(rest, name)) {
            return;
        }
        self.next += 1;
        let new = format!("{}{MARK}{}", base(name), self.next);
        rename::target(&mut block[at], name, &new);
        block[at + 1..].iter_mut().for_each(|statement| rename::statement(statement, name, &new));
        if is_read_behind && !live::ends(&block[at + 1..]) {
            let span = block[at].span;
            let named = |name: &str| Expr { kind: ExprKind::Name(name.to_owned()), span };
            block.push(Stmt { kind: StmtKind::Assign { targets: vec![named(name)], value: named(&new) }, span });
            // It isn't told apart again.
            self.names.remove(base(name));
        }
    }

    fn statement(&mut self, statement: &mut Stmt, behind: &Names, exits: &Exits) {
        let inside = live::inside(statement, behind, exits);
        for (block, (after, exits)) in rename::blocks(statement).into_iter().zip(inside) {
            self.block(block, &after, &exits, false);
        }
    }
}

/// Names that a statement assigns to, each once, in a plain way.
fn assigned(statement: &Stmt) -> Vec<String> {
    let target = match &statement.kind {
        StmtKind::Assign { targets, .. } => match targets.as_slice() {
            [target] => target,
            _ => return Vec::new(),
        },
        StmtKind::AnnAssign { target, value: Some(_), .. } => target,
        _ => return Vec::new(),
    };
    let mut names = Vec::new();
    match &target.kind {
        ExprKind::Name(name) => names.push(name.clone()),
        ExprKind::Tuple(items) if items.iter().all(|item| matches!(item.kind, ExprKind::Name(_))) => {
            for item in items {
                match &item.kind {
                    ExprKind::Name(name) if !names.contains(name) => names.push(name.clone()),
                    _ => return Vec::new(),
                }
            }
        }
        _ => {}
    }
    names
}

/// True if statements change what a name stands for, as far as can be seen.
fn changes(block: &[Stmt], name: &str) -> bool {
    let is_it = |expr: &Expr| matches!(&expr.kind, ExprKind::Name(other) if other == name);
    let mut found = false;
    walk::statements(block, &mut |statement| {
        let targets: Vec<&Expr> = match &statement.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => targets.iter().collect(),
            StmtKind::AugAssign { target, .. } => vec![target],
            _ => Vec::new(),
        };
        for target in targets {
            found |= matches!(&target.kind, ExprKind::Subscript { value, .. } if is_it(value));
        }
    });
    for statement in block {
        walk::own_exprs(statement, &mut |expr| {
            if let ExprKind::Call { func, .. } = &expr.kind {
                found |= matches!(&func.kind, ExprKind::Attribute { value, .. } if is_it(value));
            }
        });
    }
    found
}
