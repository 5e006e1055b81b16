//! Where the values of a function's variables come from: what a call made itself, it may change without anybody else
//! seeing it.

use super::Source;
use super::bindings::{CHANGE_FIRST, CHANGING};
use super::sharing::{self, Held};
use crate::syntax::ast::*;
use crate::syntax::{scope, walk};
use pyflink_plan::Span;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// Functions and methods that give a list of their own.
const LIST_MAKERS: &[&str] = &["list", "sorted"];
const LIST_METHODS: &[&str] = &["split", "rsplit", "splitlines", "findall"];
/// Functions that give neither a list nor a set nor a dict.
const SCALAR_FUNCTIONS: &[&str] = &[
    "abs", "all", "any", "bool", "bytes", "chr", "float", "format", "hash", "int", "len", "ord", "repr", "round", "str",
];
/// Methods of text that give text or a number.
const SCALAR_METHODS: &[&str] =
    &["count", "endswith", "find", "format", "index", "join", "lower", "replace", "startswith", "strip", "upper"];

/// Names of functions whose results are known by them.
pub(super) fn trusted() -> impl Iterator<Item = &'static str> {
    let makers = ["Counter", "OrderedDict", "bytearray", "copy", "defaultdict", "deque", "dict", "math", "set", "sum"]
        .into_iter()
        .chain(LIST_MAKERS.iter().copied());
    let scalar = SCALAR_FUNCTIONS.iter().chain(SCALAR_METHODS).copied();
    makers.chain(LIST_METHODS.iter().copied()).chain(scalar)
}

/// A place where what a name stands for, or a part of it so many levels down, is changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change<'a> {
    pub name: &'a str,
    pub level: usize,
    pub at: Span,
    /// It changes a list that the function made, and binds anything else anew.
    pub is_augmented: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Stored<'a> {
    One(&'a Expr),
    /// The elements of it.
    Each(&'a Expr),
}

/// What a function binds to its names, wherever it does.
#[derive(Debug, Default)]
pub struct Provenance<'a> {
    /// `None` where it isn't an expression's value: parameters, targets of loops, parts of tuples.
    pub(super) bound: BTreeMap<&'a str, Vec<Option<&'a Expr>>>,
    /// Right sides of augmented assignments.
    pub(super) augmented: BTreeMap<&'a str, Vec<&'a Expr>>,
    /// What is put into a container that a name stands for, or into one in it, which is so many levels down.
    pub(super) stored: BTreeMap<&'a str, Vec<(usize, Stored<'a>)>>,
    /// Names of which parts come from a value: in loops, and where something is taken apart.
    pub(super) derived: Vec<(&'a str, &'a Expr)>,
    pub(super) changes: Vec<Change<'a>>,
    /// Parameters of which the function has copies of its own; `true`: of what is in them, too.
    pub(super) copied: BTreeMap<String, bool>,
    /// Arguments of calls, with what of them results may hold, where that is known.
    pub(super) held: OnceCell<BTreeMap<Span, Held>>,
}

/// What each target gets, where both sides are written down: `total, paths = 0, []`.
fn each<'a>(target: &'a Expr, value: &'a Expr) -> Option<impl Iterator<Item = (&'a Expr, &'a Expr)>> {
    let (ExprKind::Tuple(targets) | ExprKind::List(targets)) = &target.kind else { return None };
    let (ExprKind::Tuple(values) | ExprKind::List(values)) = &value.kind else { return None };
    let plain = |items: &[Expr]| items.iter().all(|item| !matches!(item.kind, ExprKind::Starred(_)));
    (targets.len() == values.len() && plain(targets) && plain(values)).then(|| targets.iter().zip(values))
}

impl<'a> Provenance<'a> {
    pub fn new(params: &'a Parameters, block: &'a [Stmt]) -> Provenance<'a> {
        let mut found = Provenance::default();
        params.all().for_each(|parameter| found.bind(&parameter.name.name, None));
        walk::statements(block, &mut |statement| found.statement(statement));
        block.iter().for_each(|statement| walk::own_exprs(statement, &mut |expr| found.expr(expr)));
        found
    }

    /// Of a lambda, or a function's body.
    pub fn of(params: &'a Parameters, body: Source<'a>) -> Provenance<'a> {
        match body {
            Source::Block(block) => Provenance::new(params, block),
            Source::Expr(value) => {
                let mut found = Provenance::new(params, &[]);
                walk::all_exprs(value, &mut |expr| found.expr(expr));
                found
            }
        }
    }

    fn bind(&mut self, name: &'a str, value: Option<&'a Expr>) {
        self.bound.entry(name).or_default().push(value);
    }

    fn statement(&mut self, statement: &'a Stmt) {
        match &statement.kind {
            StmtKind::Assign { targets, value } => targets.iter().for_each(|target| self.assign(target, value)),
            StmtKind::AnnAssign { target, value: Some(value), .. } => self.assign(target, value),
            StmtKind::AugAssign { target, value, .. } => match &target.kind {
                ExprKind::Name(name) => {
                    self.augmented.entry(name).or_default().push(value);
                    self.stored.entry(name).or_default().push((0, Stored::Each(value)));
                    self.changes.push(Change { name, level: 0, at: statement.span, is_augmented: true });
                }
                _ => self.assign(target, value),
            },
            StmtKind::Delete(targets) => {
                for target in targets {
                    if let ExprKind::Subscript { value, .. } = &target.kind {
                        self.change(value, statement.span);
                    }
                }
            }
            StmtKind::AnnAssign { .. } => {}
            StmtKind::FunctionDef(function) => self.bind(&function.name.name, None),
            StmtKind::ClassDef(class) => self.bind(&class.name.name, None),
            StmtKind::For { target, iter, .. } => self.parts(target, iter),
            StmtKind::With { items, .. } => {
                items.iter().filter_map(|item| item.target.as_ref()).for_each(|target| self.opaque(target));
            }
            StmtKind::Try { handlers, .. } => {
                handlers.iter().filter_map(|handler| handler.name.as_ref()).for_each(|name| self.bind(&name.name, None))
            }
            StmtKind::Match { subject, cases } => {
                cases.iter().for_each(|case| self.whole_pattern(&case.pattern, subject))
            }
            StmtKind::Import(aliases) | StmtKind::ImportFrom { names: aliases, .. } => {
                for alias in aliases {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind(name.name.split('.').next().unwrap_or(""), None);
                }
            }
            _ => {}
        }
    }

    /// A pattern for a value: a name for all of it is as good as an assignment.
    fn whole_pattern(&mut self, pattern: &'a Pattern, subject: &'a Expr) {
        match &pattern.kind {
            PatternKind::As { pattern, name } => {
                name.iter().for_each(|name| self.bind(&name.name, Some(subject)));
                pattern.iter().for_each(|pattern| self.whole_pattern(pattern, subject));
            }
            PatternKind::Or(patterns) => patterns.iter().for_each(|pattern| self.whole_pattern(pattern, subject)),
            PatternKind::Class { patterns, keywords, .. } if keywords.is_empty() && patterns.len() == 1 => {
                // Of a builtin type it is the value itself, of others it is something in it.
                self.whole_pattern(&patterns[0], subject);
                self.pattern(pattern, subject);
            }
            _ => self.pattern(pattern, subject),
        }
    }

    /// Names for parts of a value.
    fn pattern(&mut self, pattern: &'a Pattern, subject: &'a Expr) {
        let mut part = |name: &'a Ident| {
            self.bind(&name.name, None);
            self.derived.push((name.name.as_str(), subject));
        };
        match &pattern.kind {
            PatternKind::Sequence(inner) | PatternKind::Or(inner) => {
                inner.iter().for_each(|p| self.pattern(p, subject));
            }
            PatternKind::Mapping { patterns, rest, .. } => {
                rest.iter().for_each(&mut part);
                patterns.iter().for_each(|p| self.pattern(p, subject));
            }
            PatternKind::Class { patterns, keywords, .. } => {
                patterns.iter().chain(keywords.iter().map(|(_, p)| p)).for_each(|p| self.pattern(p, subject));
            }
            PatternKind::Star(name) => name.iter().for_each(part),
            PatternKind::As { pattern, name } => {
                name.iter().for_each(part);
                pattern.iter().for_each(|p| self.pattern(p, subject));
            }
            PatternKind::Value(_) | PatternKind::Singleton(_) => {}
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::NamedExpr { target, value } => self.assign(target, value),
            ExprKind::ListComp { generators, .. }
            | ExprKind::SetComp { generators, .. }
            | ExprKind::GeneratorExp { generators, .. }
            | ExprKind::DictComp { generators, .. } => {
                generators.iter().for_each(|generator| self.parts(&generator.target, &generator.iter));
            }
            ExprKind::Lambda { params, .. } => {
                params.all().for_each(|parameter| self.bind(&parameter.name.name, None));
            }
            ExprKind::Call { func, args, .. } => {
                let (ExprKind::Name(name) | ExprKind::Attribute { name: Ident { name, .. }, .. }) = &func.kind else {
                    return;
                };
                if let (true, [first, others @ ..]) = (CHANGE_FIRST.contains(&name.as_str()), args.as_slice()) {
                    self.change(first, expr.span);
                    if let Some(root) = root(first) {
                        let stored = others.iter().map(|value| (level(first), Stored::One(value)));
                        self.stored.entry(root).or_default().extend(stored);
                    }
                }
                let ExprKind::Attribute { value, name } = &func.kind else { return };
                if CHANGING.contains(&name.name.as_str()) {
                    self.change(value, expr.span);
                }
                let stored = match name.name.as_str() {
                    "append" | "appendleft" | "add" => args.first().map(Stored::One),
                    "setdefault" | "insert" => args.get(1).map(Stored::One),
                    "extend" | "update" => args.first().map(Stored::Each),
                    _ => None,
                };
                if let (Some(root), Some(stored)) = (root(value), stored) {
                    self.stored.entry(root).or_default().push((level(value), stored));
                }
            }
            _ => {}
        }
    }

    fn assign(&mut self, target: &'a Expr, value: &'a Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.bind(name, Some(value)),
            ExprKind::Subscript { value: of, .. } => {
                if let Some(root) = root(target) {
                    self.stored.entry(root).or_default().push((level(of), Stored::One(value)));
                    self.change(of, target.span);
                }
            }
            _ => match (each(target, value), &value.kind) {
                (Some(pairs), _) => pairs.for_each(|(target, value)| self.assign(target, value)),
                // Either way, both sides are written down.
                (None, ExprKind::IfExp { body, orelse, .. })
                    if each(target, body).is_some() && each(target, orelse).is_some() =>
                {
                    self.assign(target, body);
                    self.assign(target, orelse);
                }
                _ => self.parts(target, value),
            },
        }
    }

    fn change(&mut self, of: &'a Expr, at: Span) {
        let level = level(of);
        self.changes.extend(root(of).map(|name| Change { name, level, at, is_augmented: false }));
    }

    /// Names that parts of a value are bound to.
    fn parts(&mut self, target: &'a Expr, value: &'a Expr) {
        let mut names = Vec::new();
        targets(target, &mut names);
        self.derived.extend(names.into_iter().map(|name| (name, value)));
        self.opaque(target);
    }

    fn opaque(&mut self, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.bind(name, None),
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|item| self.opaque(item)),
            ExprKind::Starred(inner) => self.opaque(inner),
            _ => {}
        }
    }

    /// All values that may go to a name or into a container.
    pub fn values(&self) -> Vec<&'a Expr> {
        let stored = self.stored.values().flatten().map(|(_, stored)| match stored {
            Stored::One(value) | Stored::Each(value) => *value,
        });
        let derived = self.derived.iter().map(|(_, value)| *value);
        self.bound.values().flatten().flatten().copied().chain(stored).chain(derived).collect()
    }

    /// Functions, and methods (true), that make what a name stands for; `deep`: and what is in it.
    pub fn makers(&self, name: &str, deep: bool) -> BTreeSet<(String, bool)> {
        // What others give isn't taken for new.
        let is_known = |name: &str| trusted().any(|trusted| trusted == name) || sharing::tells(name);
        let mut makers = BTreeSet::new();
        let mut names = BTreeSet::from([(name.to_owned(), deep)]);
        let mut left = vec![(name.to_owned(), deep)];
        while let Some((name, deep)) = left.pop() {
            let stored = self.stored.get(name.as_str()).into_iter().flatten().map(|(_, stored)| match stored {
                Stored::One(value) | Stored::Each(value) => *value,
            });
            let bound = self.bound.get(name.as_str()).into_iter().flatten().flatten().copied();
            for value in bound.chain(stored.filter(|_| deep)) {
                let is_name = matches!(value.kind, ExprKind::Name(_));
                walk::all_exprs(value, &mut |expr| match &expr.kind {
                    ExprKind::Name(other) => {
                        // Another name of the same; else it may be a part of the other.
                        let other = (other.clone(), deep || !is_name);
                        if names.insert(other.clone()) {
                            left.push(other);
                        }
                    }
                    ExprKind::Call { func, .. } => match &func.kind {
                        ExprKind::Name(maker) if is_known(maker) => drop(makers.insert((maker.clone(), false))),
                        ExprKind::Attribute { name, .. } if is_known(&name.name) => {
                            makers.insert((name.name.clone(), true));
                        }
                        _ => {}
                    },
                    ExprKind::Subscript { .. } => drop(makers.insert(("__getitem__".to_owned(), true))),
                    ExprKind::BinOp { .. } => {
                        let operators = ["__add__", "__radd__", "__mul__", "__rmul__"];
                        makers.extend(operators.map(|name| (name.to_owned(), true)));
                    }
                    _ => {}
                });
            }
        }
        makers
    }

    /// How often a name is bound; augmented assignments count too.
    pub fn times_bound(&self, name: &str) -> usize {
        self.bound.get(name).map_or(0, Vec::len) + self.augmented.get(name).map_or(0, Vec::len)
    }

    /// The one expression that a name is ever bound to.
    pub fn only(&self, name: &str) -> Option<&'a Expr> {
        match self.bound.get(name)?.as_slice() {
            [Some(value)] if !self.augmented.contains_key(name) => Some(value),
            _ => None,
        }
    }

    /// True if the name always stands for a list, dict or set that this call made.
    pub fn is_own(&self, name: &str) -> bool {
        self.is_own_to(name, 0)
    }

    /// True if it always stands for a list that this call made.
    pub fn is_own_list(&self, name: &str) -> bool {
        let is_list = |value: &Expr| {
            makes_list(value) && !matches!(value.kind, ExprKind::Subscript { .. } | ExprKind::BinOp { .. })
        };
        let bound = self.bound.get(name).map_or(&[][..], Vec::as_slice);
        self.all_bound(name, &|value| makes_list(value)) && bound.iter().flatten().any(|value| is_list(value))
    }

    /// True if it always stands for a set that this call made, of which there is no other name, and no loop goes over it.
    pub fn is_own_set(&self, name: &str) -> bool {
        let makes_set = |value: &Expr| match &value.kind {
            ExprKind::Set(_) | ExprKind::SetComp { .. } => true,
            ExprKind::Call { func, .. } => matches!(&func.kind, ExprKind::Name(of) if of == "set"),
            _ => false,
        };
        let bound = self.bound.get(name).map_or(&[][..], Vec::as_slice);
        let is_set = !bound.is_empty() && bound.iter().all(|value| value.is_some_and(makes_set));
        let is_gone_over = self.derived.iter().any(|(_, from)| names_read(from).iter().any(|read| read == name));
        is_set && !is_gone_over && !self.is_shared(name)
    }

    /// True if what stands so many levels down in it is of this call too.
    pub fn is_own_to(&self, name: &str, depth: usize) -> bool {
        self.own_within(name, depth, &mut BTreeSet::new())
    }

    fn own_within(&self, name: &str, depth: usize, seen: &mut BTreeSet<(String, usize)>) -> bool {
        if !seen.insert((name.to_owned(), depth)) {
            return true;
        }
        let Some(bound) = self.bound.get(name) else { return false };
        let bound = match self.copied.get(name) {
            Some(deep) if *deep || depth == 0 => &bound[1..],
            _ => &bound[..],
        };
        let stored = self.stored.get(name).map_or(&[][..], Vec::as_slice);
        let is_fresh = |(at, stored): &(usize, Stored<'a>), seen: &mut _| match stored {
            _ if *at >= depth => true,
            Stored::One(value) => self.is_scalar_value(value) || self.is_fresh(value, depth - at - 1, seen),
            Stored::Each(values) => self.is_fresh(values, depth - at, seen),
        };
        bound.iter().all(|value| value.is_some_and(|value| self.is_fresh(value, depth, seen)))
            && stored.iter().all(|stored| is_fresh(stored, seen))
    }

    /// True if a value is made here, down to so many levels.
    fn is_fresh(&self, value: &'a Expr, depth: usize, seen: &mut BTreeSet<(String, usize)>) -> bool {
        let mut all = |items: Vec<&'a Expr>| {
            depth == 0 || items.into_iter().all(|item| is_constant(item) || self.is_fresh(item, depth - 1, seen))
        };
        match &value.kind {
            ExprKind::List(items) | ExprKind::Set(items) => all(items.iter().collect()),
            ExprKind::Tuple(items) => depth > 0 && all(items.iter().collect()),
            // What stands in another dict isn't made here.
            ExprKind::Dict(items) if depth > 0 && items.iter().any(|(key, _)| key.is_none()) => false,
            ExprKind::Dict(items) => all(items.iter().map(|(_, value)| value).collect()),
            ExprKind::ListComp { element, .. } | ExprKind::SetComp { element, .. } => all(vec![element]),
            ExprKind::DictComp { value, .. } => all(vec![value]),
            ExprKind::IfExp { body, orelse, .. } => {
                self.is_fresh(body, depth, seen) && self.is_fresh(orelse, depth, seen)
            }
            ExprKind::Call { func, args, .. } => {
                let (ExprKind::Name(name) | ExprKind::Attribute { name: Ident { name, .. }, .. }) = &func.kind else {
                    return false;
                };
                match name.as_str() {
                    "dict" | "set" if matches!(func.kind, ExprKind::Name(_)) => depth == 0 || args.is_empty(),
                    "list" if args.is_empty() => true,
                    // Numbers, or what a call of a builtin type makes.
                    "Counter" | "OrderedDict" | "bytearray" | "deque" => depth == 0,
                    "copy" if matches!(func.kind, ExprKind::Attribute { .. }) => depth == 0 && args.is_empty(),
                    "defaultdict" => true,
                    _ => depth == 0 && makes_list(value),
                }
            }
            ExprKind::BinOp { op: BinOp::Mult, left, right }
                if matches!(left.kind, ExprKind::List(_)) || matches!(right.kind, ExprKind::List(_)) =>
            {
                let list = if matches!(left.kind, ExprKind::List(_)) { left } else { right };
                self.is_fresh(list, depth, seen)
            }
            // Another name of something that is its own.
            ExprKind::Name(name) => self.own_within(name, depth, seen),
            // A part of something that is its own.
            ExprKind::Subscript { index, .. } if !matches!(index.kind, ExprKind::Slice { .. }) => match root(value) {
                Some(root) => self.own_within(root, depth + level(value), seen),
                None => false,
            },
            _ => depth == 0 && makes_list(value),
        }
    }

    /// True if it never stands for a list, dict or set.
    pub fn is_scalar(&self, name: &str) -> bool {
        self.all_bound(name, &|value| self.is_scalar_value(value))
    }

    pub(super) fn all_bound(&self, name: &str, test: &dyn Fn(&'a Expr) -> bool) -> bool {
        self.bound.get(name).is_some_and(|bound| bound.iter().all(|value| value.is_some_and(test)))
    }

    /// True if a value is surely no list, dict or set.
    pub fn is_scalar_value(&self, value: &Expr) -> bool {
        match &value.kind {
            ExprKind::Constant(_) | ExprKind::JoinedStr(_) | ExprKind::Compare { .. } => true,
            ExprKind::UnaryOp { .. } => true,
            ExprKind::BinOp { op, left, right } => match op {
                // A list and something else can't be added.
                BinOp::Add => self.is_scalar_value(left) || self.is_scalar_value(right),
                BinOp::Mult => {
                    let is_float = |value: &Expr| matches!(value.kind, ExprKind::Constant(Constant::Float(_)));
                    self.is_scalar_value(left) && self.is_scalar_value(right) || is_float(left) || is_float(right)
                }
                // Sets do this with sets alone.
                BinOp::Sub | BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor => {
                    self.is_scalar_value(left) || self.is_scalar_value(right)
                }
                BinOp::Div | BinOp::FloorDiv | BinOp::Mod | BinOp::Pow | BinOp::LShift | BinOp::RShift => true,
                _ => false,
            },
            ExprKind::IfExp { body, orelse, .. } => self.is_scalar_value(body) && self.is_scalar_value(orelse),
            ExprKind::Call { func, args, .. } => match &func.kind {
                // It begins with 0.
                ExprKind::Name(name) if name == "sum" => args.len() == 1,
                ExprKind::Name(name) => SCALAR_FUNCTIONS.contains(&name.as_str()),
                ExprKind::Attribute { value, .. } if matches!(&value.kind, ExprKind::Name(of) if of == "math") => true,
                ExprKind::Attribute { name, .. } => SCALAR_METHODS.contains(&name.name.as_str()),
                _ => false,
            },
            _ => false,
        }
    }
}

fn makes_list(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::List(_) | ExprKind::ListComp { .. } => true,
        // Of text or a tuple it is something that can't be changed.
        ExprKind::Subscript { index, .. } => matches!(index.kind, ExprKind::Slice { .. }),
        ExprKind::BinOp { op: BinOp::Add, left, right } => makes_list(left) || makes_list(right),
        ExprKind::IfExp { body, orelse, .. } => makes_list(body) && makes_list(orelse),
        ExprKind::BinOp { op: BinOp::Mult, left, right } => {
            matches!(left.kind, ExprKind::List(_)) || matches!(right.kind, ExprKind::List(_))
        }
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Name(name) => LIST_MAKERS.contains(&name.as_str()),
            ExprKind::Attribute { name, .. } => LIST_METHODS.contains(&name.name.as_str()),
            _ => false,
        },
        _ => false,
    }
}

/// True if it can't be changed, or a change of it raises.
fn is_constant(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Constant(_) | ExprKind::JoinedStr(_))
}

/// How many levels an expression leads down from its root.
pub fn level(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::Subscript { value, .. } => level(value) + 1,
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Attribute { value, .. } => level(value) + 1,
            _ => 0,
        },
        _ => 0,
    }
}

/// The name that an expression is a part of: `d` of `d[k]`, `d[k][0]`, `d.setdefault(k, [])`.
pub fn root(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Subscript { value, index } if !matches!(index.kind, ExprKind::Slice { .. }) => root(value),
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Attribute { value, name } if name.name == "setdefault" => root(value),
            _ => None,
        },
        _ => None,
    }
}

/// Names in a target.
fn targets<'a>(target: &'a Expr, names: &mut Vec<&'a str>) {
    match &target.kind {
        ExprKind::Name(name) => names.push(name),
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|item| targets(item, names)),
        ExprKind::Starred(inner) => targets(inner, names),
        _ => {}
    }
}

/// Names that an expression reads, those of its own comprehensions and lambdas left out where they are bound.
pub fn names_read(expr: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut own = BTreeSet::new();
    walk::all_exprs(expr, &mut |inner| match &inner.kind {
        ExprKind::Name(name) => drop(names.insert(name.clone())),
        ExprKind::GeneratorExp { generators, .. } | ExprKind::ListComp { generators, .. } => {
            generators.iter().for_each(|generator| scope::target_names(&generator.target, &mut own));
        }
        ExprKind::Lambda { body, .. } => {
            walk::all_exprs(body, &mut |inner| {
                if let ExprKind::Name(name) = &inner.kind {
                    names.insert(name.clone());
                }
            });
        }
        _ => {}
    });
    names.difference(&own).cloned().collect()
}
