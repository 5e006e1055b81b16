//! Which variables of a function are read later, from any place in it on. Where it can't be said exactly, more are.

use super::ast::*;
use super::{scope, walk};
use std::collections::BTreeSet;

pub type Names = BTreeSet<String>;

/// Loops in each other at the most: each is gone through twice.
const DEEPEST: usize = 6;

/// What is read where a block is left otherwise than at its end.
#[derive(Clone, Debug, Default)]
pub struct Exits {
    pub broken: Names,
    pub continued: Names,
    /// By an exception that is caught, or by anything that passes a `finally`.
    pub raised: Names,
}

/// True if loops stand too deep in each other to be looked at.
pub fn is_deep(block: &[Stmt]) -> bool {
    fn depth(block: &[Stmt]) -> usize {
        let of = |statement: &Stmt| {
            let inner = walk::blocks(statement).into_iter().map(depth).max().unwrap_or(0);
            inner + usize::from(matches!(statement.kind, StmtKind::For { .. } | StmtKind::While { .. }))
        };
        block.iter().map(of).max().unwrap_or(0)
    }
    depth(block) > DEEPEST
}

/// A name, or names in each other.
pub fn is_plain(target: &Expr) -> bool {
    match &target.kind {
        ExprKind::Name(_) => true,
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().all(is_plain),
        ExprKind::Starred(inner) => is_plain(inner),
        _ => false,
    }
}

/// Names of all targets in a block, as often as there are such.
pub fn stores(block: &[Stmt]) -> Vec<String> {
    let mut found = Vec::new();
    walk::statements(block, &mut |statement| {
        let mut names = Names::new();
        match &statement.kind {
            StmtKind::Assign { targets, .. } => {
                for target in targets {
                    let mut names = Names::new();
                    scope::target_names(target, &mut names);
                    found.extend(names);
                }
            }
            _ => scope::bound_names(statement, &mut names),
        }
        found.extend(names);
    });
    found
}

/// Names that a statement reads itself, blocks in it left out.
pub fn reads(statement: &Stmt) -> Names {
    let mut names = Names::new();
    let mut see = |expr: &Expr| all(expr, &mut names);
    match &statement.kind {
        StmtKind::Assign { targets, value } => {
            targets.iter().for_each(|target| parts(target, &mut see));
            see(value);
        }
        StmtKind::AnnAssign { target, value, .. } => {
            parts(target, &mut see);
            value.iter().for_each(see);
        }
        StmtKind::For { target, iter, .. } => {
            parts(target, &mut see);
            see(iter);
        }
        _ => walk::direct_exprs(statement, &mut |expr| see(expr)),
    }
    names
}

/// What a target reads.
fn parts(target: &Expr, see: &mut impl FnMut(&Expr)) {
    match &target.kind {
        ExprKind::Name(_) => {}
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|item| parts(item, see)),
        ExprKind::Starred(inner) => parts(inner, see),
        _ => see(target),
    }
}

fn all(expr: &Expr, names: &mut Names) {
    if let ExprKind::Name(name) = &expr.kind {
        names.insert(name.clone());
    }
    if let ExprKind::Lambda { body, .. } = &expr.kind {
        all(body, names);
    }
    walk::children(expr, &mut |child| all(child, names));
}

/// All names that are read anywhere in a block.
fn all_reads(block: &[Stmt]) -> Names {
    let mut names = Names::new();
    walk::statements(block, &mut |statement| names.extend(reads(statement)));
    names
}

/// True if the end of a block isn't reached.
pub fn ends(block: &[Stmt]) -> bool {
    block.last().is_some_and(|last| {
        matches!(last.kind, StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Break | StmtKind::Continue)
    })
}

/// What is read from the beginning of a block on.
pub fn before(block: &[Stmt], after: &Names, exits: &Exits) -> Names {
    block.iter().rev().fold(after.clone(), |after, statement| of(statement, &after, exits))
}

/// What is read where `break` or `continue` leave a block.
pub fn exits(block: &[Stmt], exits: &Exits, names: &mut Names) {
    for statement in block {
        match &statement.kind {
            StmtKind::Break => names.extend(exits.broken.iter().cloned()),
            StmtKind::Continue => names.extend(exits.continued.iter().cloned()),
            // Those in a loop are its own, but for those of its `else`.
            StmtKind::For { orelse, .. } | StmtKind::While { orelse, .. } => self::exits(orelse, exits, names),
            _ => walk::blocks(statement).into_iter().for_each(|block| self::exits(block, exits, names)),
        }
    }
}

fn of(statement: &Stmt, after: &Names, exits: &Exits) -> Names {
    let mut names = match &statement.kind {
        StmtKind::Assign { targets, .. } => without(after, targets),
        StmtKind::AnnAssign { target, value: Some(_), .. } => without(after, std::slice::from_ref(target)),
        StmtKind::Return(_) | StmtKind::Raise { .. } => Names::new(),
        StmtKind::Break => exits.broken.clone(),
        StmtKind::Continue => exits.continued.clone(),
        StmtKind::If { body, orelse, .. } => {
            let mut names = before(body, after, exits);
            names.extend(before(orelse, after, exits));
            names
        }
        StmtKind::For { target, orelse, .. } => {
            let mut names = without(&head(statement, after, exits), std::slice::from_ref(target));
            names.extend(before(orelse, after, exits));
            names
        }
        StmtKind::While { orelse, .. } => {
            let mut names = head(statement, after, exits);
            names.extend(before(orelse, after, exits));
            names
        }
        StmtKind::With { .. } | StmtKind::Match { .. } | StmtKind::Try { .. } => {
            let mut names = after.clone();
            for (block, (after, exits)) in walk::blocks(statement).into_iter().zip(inside(statement, after, exits)) {
                names.extend(before(block, &after, &exits));
            }
            names
        }
        _ => after.clone(),
    };
    names.extend(reads(statement));
    names.extend(exits.raised.iter().cloned());
    names
}

/// What is read where a loop goes on, before its target is bound.
fn head(statement: &Stmt, after: &Names, exits: &Exits) -> Names {
    let (target, body, orelse) = match &statement.kind {
        StmtKind::For { target, body, orelse, .. } => (Some(target), body, orelse),
        StmtKind::While { body, orelse, .. } => (None, body, orelse),
        _ => return Names::new(),
    };
    let at_end = before(orelse, after, exits);
    let mut head = at_end.clone();
    if target.is_none() {
        head.extend(reads(statement));
    }
    // What is read in one round only because of the next comes with the second.
    for _ in 0..2 {
        let inner = Exits { broken: after.clone(), continued: head.clone(), raised: exits.raised.clone() };
        let round = before(body, &head, &inner);
        head.extend(match target {
            Some(target) => without(&round, std::slice::from_ref(target)),
            None => round,
        });
    }
    head
}

/// For each block of a statement, what is read behind it and where it is left.
pub fn inside(statement: &Stmt, after: &Names, exits: &Exits) -> Vec<(Names, Exits)> {
    match &statement.kind {
        StmtKind::For { .. } | StmtKind::While { .. } => {
            let head = head(statement, after, exits);
            let inner = Exits { broken: after.clone(), continued: head.clone(), raised: exits.raised.clone() };
            vec![(head, inner), (after.clone(), exits.clone())]
        }
        StmtKind::Try { handlers, orelse, finalbody, .. } => {
            let mut all = after.clone();
            all.extend(exits.raised.iter().cloned());
            all.extend(handlers.iter().flat_map(|handler| all_reads(&handler.body)));
            all.extend(all_reads(orelse));
            all.extend(all_reads(finalbody));
            all.extend(reads(statement));
            if !finalbody.is_empty() {
                all.extend(exits.broken.iter().chain(&exits.continued).cloned());
            }
            let inner = Exits { raised: all.clone(), ..exits.clone() };
            walk::blocks(statement).iter().map(|_| (all.clone(), inner.clone())).collect()
        }
        StmtKind::With { .. } => {
            // It may keep an exception to itself.
            let mut inner = exits.clone();
            inner.raised.extend(after.iter().cloned());
            vec![(after.clone(), inner)]
        }
        _ => walk::blocks(statement).iter().map(|_| (after.clone(), exits.clone())).collect(),
    }
}

fn without(names: &Names, targets: &[Expr]) -> Names {
    let mut bound = Names::new();
    targets.iter().for_each(|target| scope::target_names(target, &mut bound));
    names.difference(&bound).cloned().collect()
}
