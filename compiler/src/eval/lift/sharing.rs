//! What holds the same object as something else does, so that a change of one is seen in the other.

use super::provenance::{Provenance, Stored, names_read, root};
use crate::syntax::ast::*;
use pyflink_plan::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Builtins that give a new container with the elements of what they are given.
pub(super) const COPIES: &[&str] =
    &["dict", "enumerate", "filter", "list", "reversed", "set", "sorted", "sum", "tuple", "zip"];
/// Builtins that give one of the elements.
pub(super) const OF_ELEMENTS: &[&str] = &["iter", "max", "min", "next"];

/// What of something may be in something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Nothing,
    /// What is in it.
    Parts,
    Whole,
}

/// True for a name of Python that tells what the result of a call holds.
pub(super) fn tells(name: &str) -> bool {
    COPIES.contains(&name) || OF_ELEMENTS.contains(&name)
}

impl<'a> Provenance<'a> {
    /// True if another name or a container may hold what the name stands for.
    pub fn is_shared(&self, name: &str) -> bool {
        let stored = self.stored.values().flatten().filter_map(|(_, stored)| match stored {
            Stored::One(value) => Some(*value),
            Stored::Each(_) => None,
        });
        self.bound
            .values()
            .flatten()
            .flatten()
            .copied()
            .chain(stored)
            .any(|value| is_held_by(name, value, self.held.get()))
    }

    /// True if what a name stands for, or a part of it, is changed somewhere.
    pub fn is_changed(&self, name: &str) -> bool {
        self.changes.iter().any(|change| change.name == name && !self.is_scalar(name))
    }

    /// True if a name surely shares nothing with a container that is changed.
    pub fn is_apart(&self, name: &str, params: &BTreeSet<&str>, seen: &mut BTreeSet<String>) -> bool {
        if self.is_changed(name) {
            return false;
        }
        if !seen.insert(name.to_owned()) || self.is_scalar(name) {
            return true;
        }
        let Some(bound) = self.bound.get(name) else { return true };
        let mut from: Vec<&Expr> = bound.iter().flatten().copied().collect();
        from.extend(self.augmented.get(name).into_iter().flatten().copied());
        let derived = self.derived.iter().filter(|(derived, _)| *derived == name);
        let before = from.len();
        from.extend(derived.map(|(_, from)| *from));
        let is_told = from.len() > before || bound.iter().all(Option::is_some) || params.contains(name);
        is_told && from.into_iter().flat_map(names_read).all(|other| self.is_apart(&other, params, seen))
    }

    /// The name of something that a value holds, and that may change later: behind it, or in the loop around it.
    pub fn changing_part(&self, value: &'a Expr, around: Option<Span>) -> Option<&'a str> {
        self.changing_parts(value, around, &BTreeMap::new()).first().map(|(name, _)| *name)
    }

    /// Names of all such things, and how far down they change; `held`: what calls in the value hold of their arguments, where that is known.
    pub fn changing_parts(
        &self,
        value: &'a Expr,
        around: Option<Span>,
        held: &BTreeMap<Span, Held>,
    ) -> Vec<(&'a str, usize)> {
        let is_later = |at: Span| {
            let is_around = around.is_some_and(|around| around.start <= at.start && at.end <= around.end);
            at.start > value.span.start || is_around
        };
        let mut objects = self.objects();
        objects.held = held.clone();
        // No variable has this name.
        self.whole(value, ("", 0), &mut objects);
        let given = [objects.find(("", 0)), objects.find(("", 1))];
        let changes = self.changes.iter().filter(|change| {
            // An augmented assignment changes what is its own, and binds anything else anew.
            is_later(change.at) && !self.is_scalar(change.name) && (!change.is_augmented || self.is_own(change.name))
        });
        changes
            .filter(|change| given.contains(&objects.find((change.name, change.level.min(1)))))
            .map(|change| (change.name, change.level))
            .collect()
    }

    /// What of parameters what is returned may hold.
    pub fn held_in(&self, returned: &[&'a Expr], parameters: &[&'a str]) -> Vec<Held> {
        let mut objects = self.objects();
        returned.iter().for_each(|value| self.whole(value, ("", 0), &mut objects));
        let given = [objects.find(("", 0)), objects.find(("", 1))];
        let mut is_in = |node| given.contains(&objects.find(node));
        let held = |name: &&'a str| match (is_in((*name, 0)), is_in((*name, 1))) {
            (true, _) => Held::Whole,
            (false, true) => Held::Parts,
            (false, false) => Held::Nothing,
        };
        parameters.iter().map(held).collect()
    }

    /// What may be the same in all that the function binds and stores.
    fn objects(&self) -> Objects<'a> {
        let mut objects = Objects::default();
        for (name, values) in &self.bound {
            values.iter().flatten().for_each(|value| self.whole(value, (name, 0), &mut objects));
        }
        for (name, stored) in self.stored.iter().flat_map(|(name, stored)| stored.iter().map(move |(_, s)| (*name, s)))
        {
            match stored {
                Stored::One(value) => self.whole(value, (name, 1), &mut objects),
                Stored::Each(values) => self.part(values, (name, 1), &mut objects),
            }
        }
        self.derived.iter().for_each(|(name, value)| self.part(value, (name, 0), &mut objects));
        objects
    }

    /// Notes that something may be the object of a value; what is in the one is in the other then.
    fn whole(&self, value: &'a Expr, to: Node<'a>, objects: &mut Objects<'a>) {
        let inside = (to.0, 1);
        match &value.kind {
            ExprKind::Name(name) if self.is_scalar(name) => {}
            ExprKind::Name(name) => {
                objects.join(to, (name, 0));
                objects.join(inside, (name, 1));
            }
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                items.iter().for_each(|item| self.whole(item, inside, objects));
            }
            ExprKind::Dict(items) => items.iter().for_each(|(_, value)| self.whole(value, inside, objects)),
            ExprKind::IfExp { body, orelse, .. } => {
                self.whole(body, to, objects);
                self.whole(orelse, to, objects);
            }
            ExprKind::BoolOp { values, .. } => values.iter().for_each(|value| self.whole(value, to, objects)),
            ExprKind::BinOp { left, right, .. } if !self.is_scalar_value(value) => {
                self.part(left, inside, objects);
                self.part(right, inside, objects);
            }
            ExprKind::Subscript { value, index } => match index.kind {
                ExprKind::Slice { .. } => self.part(value, inside, objects),
                _ => self.part(value, to, objects),
            },
            ExprKind::ListComp { element, .. }
            | ExprKind::SetComp { element, .. }
            | ExprKind::GeneratorExp { element, .. } => self.whole(element, inside, objects),
            ExprKind::DictComp { value, .. } => self.whole(value, inside, objects),
            ExprKind::NamedExpr { value, .. } | ExprKind::Starred(value) => self.whole(value, to, objects),
            ExprKind::Call { func, args, keywords } if !self.is_scalar_value(value) => {
                if let ExprKind::Attribute { value, .. } = &func.kind {
                    self.part(value, to, objects);
                }
                let is_copy = matches!(&func.kind, ExprKind::Name(name) if COPIES.contains(&name.as_str()));
                let is_element = matches!(&func.kind, ExprKind::Name(name) if OF_ELEMENTS.contains(&name.as_str()));
                for argument in args.iter().chain(keywords.iter().map(|keyword| &keyword.value)) {
                    let known = objects.held.get(&argument.span).or_else(|| self.held.get()?.get(&argument.span));
                    if let Some(held) = known.copied() {
                        match held {
                            Held::Nothing => {}
                            Held::Parts => {
                                self.part(argument, to, objects);
                                self.part(argument, inside, objects);
                            }
                            Held::Whole => {
                                self.whole(argument, to, objects);
                                self.whole(argument, inside, objects);
                            }
                        }
                    } else if is_copy {
                        self.part(argument, inside, objects);
                    } else if is_element && args.len() == 1 {
                        self.part(argument, to, objects);
                    } else {
                        self.whole(argument, to, objects);
                        self.whole(argument, inside, objects);
                    }
                }
            }
            _ => {}
        }
    }

    /// Notes that something may be a part of a value.
    fn part(&self, value: &'a Expr, to: Node<'a>, objects: &mut Objects<'a>) {
        match root(value) {
            Some(name) if self.is_scalar(name) => {}
            Some(name) => {
                objects.join(to, (name, 1));
                objects.join((to.0, 1), (name, 1));
            }
            None => {
                self.whole(value, to, objects);
                objects.join(to, (to.0, 1));
            }
        }
    }
}

/// The object of a name (0), or all that is in it (1).
type Node<'a> = (&'a str, usize);

/// Which of them may be the same.
#[derive(Debug, Default)]
struct Objects<'a> {
    numbers: BTreeMap<Node<'a>, usize>,
    parents: Vec<usize>,
    held: BTreeMap<Span, Held>,
}

impl<'a> Objects<'a> {
    fn find(&mut self, node: Node<'a>) -> usize {
        let next = self.parents.len();
        let mut at = *self.numbers.entry(node).or_insert(next);
        if at == next {
            self.parents.push(next);
        }
        while self.parents[at] != at {
            at = self.parents[at];
        }
        at
    }

    fn join(&mut self, a: Node<'a>, b: Node<'a>) {
        let (a, b) = (self.find(a), self.find(b));
        self.parents[a] = b;
    }
}

/// True if an object itself, not only a part of it, is the value or in it.
fn is_held_by(name: &str, value: &Expr, known: Option<&BTreeMap<Span, Held>>) -> bool {
    let is_held_by = |name: &str, value: &Expr| is_held_by(name, value, known);
    match &value.kind {
        ExprKind::Name(held) => held == name,
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            items.iter().any(|item| is_held_by(name, item))
        }
        ExprKind::Dict(items) => items.iter().any(|(_, value)| is_held_by(name, value)),
        ExprKind::IfExp { body, orelse, .. } => is_held_by(name, body) || is_held_by(name, orelse),
        ExprKind::BoolOp { values, .. } => values.iter().any(|value| is_held_by(name, value)),
        ExprKind::ListComp { element, .. } | ExprKind::GeneratorExp { element, .. } => is_held_by(name, element),
        ExprKind::NamedExpr { value, .. } => is_held_by(name, value),
        ExprKind::Call { func, args, keywords } => {
            let is_builtin = |name: &str| {
                COPIES.contains(&name)
                    || OF_ELEMENTS.contains(&name) && args.len() == 1
                    || ["all", "any", "len"].contains(&name)
            };
            let is_copied = matches!(&func.kind, ExprKind::Name(name) if is_builtin(name));
            let mut given = args.iter().chain(keywords.iter().map(|keyword| &keyword.value));
            let holds = |argument: &Expr| match known.and_then(|known| known.get(&argument.span)) {
                Some(held) => *held == Held::Whole,
                None => true,
            };
            !is_copied && given.any(|argument| holds(argument) && is_held_by(name, argument))
        }
        _ => false,
    }
}
