//! The walk over a program's functions that says where values go.

use super::bindings::{CHANGE_FIRST, CHANGING, CONTAINERS, SETUP};
use super::flows::{Callee, Flows, Node, Place, is_static, key};
use super::provenance::{Provenance, level, root};
use super::sharing::{COPIES, OF_ELEMENTS};
use crate::load::Program;
use crate::syntax::ast::*;
use crate::syntax::{scope, walk};
use std::collections::BTreeSet;

/// Builtins that keep nothing of what they are given, and call nothing that it is.
const LOOKERS: &[&str] =
    &["all", "any", "bool", "float", "hash", "int", "isinstance", "len", "print", "range", "repr", "round", "str"];

/// Methods of Python's own types that may give what they are given.
const GIVING: &[&str] = &[
    "copy",
    "difference",
    "get",
    "group",
    "groupdict",
    "groups",
    "intersection",
    "pop",
    "setdefault",
    "symmetric_difference",
    "union",
];

/// A function around what is looked at.
struct Scope<'a> {
    key: usize,
    names: BTreeSet<String>,
    provenance: Provenance<'a>,
    /// The object that a method sets up: what it holds may change.
    own: Option<String>,
    results: Vec<usize>,
    /// Names that only comprehensions bind: outside of these they are those of what stands around.
    loose: BTreeSet<String>,
}

pub(super) struct Walk<'f, 'a> {
    flows: &'f mut Flows,
    program: &'a Program,
    scopes: Vec<Scope<'a>>,
}

impl<'f, 'a> Walk<'f, 'a> {
    pub fn new(flows: &'f mut Flows, program: &'a Program) -> Walk<'f, 'a> {
        Walk { flows, program, scopes: Vec::new() }
    }

    fn named(&mut self, name: &str) -> usize {
        let scope = self.scopes.iter().enumerate().rev().find(|(_, scope)| scope.names.contains(name));
        let Some((at, scope)) = scope else { return self.shared(name) };
        let is_captured = at + 1 < self.scopes.len() || scope.loose.contains(name);
        let place = self.flows.place(Place::Local(scope.key, name.to_owned()));
        if is_captured {
            self.flows.captured.insert(place);
        }
        place
    }

    fn shared(&mut self, name: &str) -> usize {
        self.flows.place(Place::Shared(name.to_owned()))
    }

    fn anywhere(&mut self) -> usize {
        self.flows.place(Place::Anywhere)
    }

    pub fn block(&mut self, block: &'a [Stmt]) {
        for statement in block {
            self.statement(statement, None);
        }
    }

    /// `class`: the first parameter of its methods is no argument.
    fn statement(&mut self, statement: &'a Stmt, class: Option<&'a ClassDef>) {
        walk::direct_exprs(statement, &mut |expr| self.expr(expr));
        match &statement.kind {
            StmtKind::FunctionDef(function) => self.function(function, class),
            StmtKind::ClassDef(inner) => {
                inner.body.iter().for_each(|statement| self.statement(statement, Some(inner)));
            }
            StmtKind::Return(Some(value)) => self.gives(value, 0),
            StmtKind::Assign { targets, value } => targets.iter().for_each(|target| self.assign(target, value)),
            StmtKind::AnnAssign { target, value: Some(value), .. } => self.assign(target, value),
            StmtKind::AugAssign { target, op, value } => {
                let is_scalar = matches!(&target.kind, ExprKind::Name(name)
                    if self.scopes.last().is_some_and(|scope| scope.provenance.is_scalar(name)));
                if !is_scalar && self.is_in_place(*op, value) {
                    self.change(target);
                    self.stored(target, value, true);
                }
            }
            StmtKind::Delete(targets) => {
                for target in targets {
                    if let ExprKind::Subscript { value, .. } = &target.kind {
                        self.change(value);
                    }
                }
            }
            StmtKind::For { target, iter, .. } => self.parts_to(target, iter),
            StmtKind::With { items, .. } => {
                let anywhere = self.anywhere();
                for item in items {
                    if let Some(target) = &item.target {
                        self.assign(target, &item.context);
                        self.each_target(target, &mut |walk, to| walk.flows.same(to, anywhere));
                    }
                }
            }
            StmtKind::Match { subject, .. } => {
                let mut names = BTreeSet::new();
                scope::bound_names(statement, &mut names);
                for name in names {
                    let place = self.named(&name);
                    self.whole(subject, (place, 0));
                    self.part(subject, (place, 0));
                }
            }
            StmtKind::ImportFrom { names, .. } => {
                for alias in names {
                    if let Some(other) = &alias.asname {
                        let (from, to) = (self.shared(&alias.name.name), self.named(&other.name));
                        self.flows.same((to, 0), from);
                    }
                }
            }
            _ => {}
        }
        for block in walk::blocks(statement) {
            block.iter().for_each(|inner| self.statement(inner, class));
        }
    }

    fn function(&mut self, function: &'a FunctionDef, class: Option<&'a ClassDef>) {
        let name = &function.name.name;
        let body = &self.program.told_apart(function.name.span).unwrap_or(function).body;
        let first = function.params.positional().next().map(|parameter| parameter.name.name.clone());
        let is_setup = class.is_some() && SETUP.contains(&name.as_str());
        let result = self.flows.place(Place::Result(name.clone()));
        let mut names: BTreeSet<String> = scope::locals(&function.params, body);
        let loose: BTreeSet<String> = comprehension_names(body).difference(&names).cloned().collect();
        names.extend(loose.iter().cloned());
        let made = class.is_some_and(|class| name == "__init__" && self.flows.mentioned.contains(&class.name.name));
        let is_method = class.is_some();
        let is_lone = made || self.flows.mentioned.contains(name);
        self.defaults(&function.params, key(function));
        self.scopes.push(Scope {
            key: key(function),
            names,
            loose,
            provenance: Provenance::new(&function.params, body),
            own: first.filter(|_| is_setup),
            results: vec![result],
        });
        if is_lone {
            let anywhere = self.anywhere();
            self.flows.same((result, 0), anywhere);
            for parameter in function.params.all().skip(usize::from(is_method && !is_static(function))) {
                let place = self.named(&parameter.name.name);
                self.flows.same((place, 0), anywhere);
                self.flows.within((place, 0), anywhere);
            }
        }
        self.block(body);
        self.scopes.pop();
    }

    /// Defaults are evaluated outside.
    fn defaults(&mut self, params: &'a Parameters, key: usize) {
        for parameter in params.all() {
            if let Some(default) = &parameter.default {
                let place = self.flows.place(Place::Local(key, parameter.name.name.clone()));
                self.whole(default, (place, 0));
            }
        }
    }

    /// What the function around gives.
    fn gives(&mut self, value: &'a Expr, level: usize) {
        let results = self.scopes.last().map_or(Vec::new(), |scope| scope.results.clone());
        for result in results {
            self.whole(value, (result, level));
        }
    }

    fn assign(&mut self, target: &'a Expr, value: &'a Expr) {
        match &target.kind {
            ExprKind::Tuple(targets) | ExprKind::List(targets) => match &value.kind {
                ExprKind::Tuple(values) | ExprKind::List(values)
                    if values.len() == targets.len()
                        && !targets.iter().chain(values).any(|item| matches!(item.kind, ExprKind::Starred(_))) =>
                {
                    targets.iter().zip(values).for_each(|(target, value)| self.assign(target, value));
                }
                _ => self.parts_to(target, value),
            },
            ExprKind::Subscript { value: of, .. } => {
                self.change(of);
                self.stored(of, value, matches!(&target.kind, ExprKind::Subscript { index, .. } if matches!(index.kind, ExprKind::Slice { .. })));
            }
            _ => self.each_target(target, &mut |walk, to| walk.whole(value, to)),
        }
    }

    /// Parts of a value come to the targets.
    fn parts_to(&mut self, target: &'a Expr, value: &'a Expr) {
        self.each_target(target, &mut |walk, to| walk.part(value, to));
    }

    fn each_target(&mut self, target: &'a Expr, flow: &mut dyn FnMut(&mut Self, Node)) {
        match &target.kind {
            ExprKind::Name(name) => {
                let place = self.named(name);
                flow(self, (place, 0));
            }
            ExprKind::Attribute { name, .. } => {
                let place = self.shared(&name.name);
                flow(self, (place, 0));
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.each_target(item, flow));
            }
            ExprKind::Starred(inner) => match &inner.kind {
                ExprKind::Name(name) => {
                    let place = self.named(name);
                    flow(self, (place, 1));
                }
                _ => self.each_target(inner, flow),
            },
            ExprKind::Subscript { value: of, .. } => {
                self.change(of);
                let held = self.temporary();
                flow(self, (held, 1));
                self.whole(of, (held, 0));
            }
            _ => {}
        }
    }

    fn temporary(&mut self) -> usize {
        let next = self.flows.places.len();
        self.flows.place(Place::Changed(next))
    }

    /// Something is put into a container; `each`: its elements are.
    fn stored(&mut self, container: &'a Expr, value: &'a Expr, each: bool) {
        let held = self.temporary();
        self.whole(container, (held, 0));
        match each {
            true => self.part(value, (held, 1)),
            false => self.whole(value, (held, 1)),
        }
    }

    /// Something is changed in place.
    fn change(&mut self, expr: &'a Expr) {
        let is_own = self.scopes.last().is_some_and(|scope| match (&scope.own, root_name(expr)) {
            (Some(own), Some(root)) => own == root,
            _ => false,
        });
        // What a call made itself was nowhere else when it began.
        let is_new = self.scopes.last().is_some_and(|scope| match root(expr) {
            Some(name) => scope.names.contains(name) && scope.provenance.is_own_to(name, level(expr)),
            None => false,
        });
        // What stands outside of functions runs before a job does.
        if is_own || is_new || self.scopes.is_empty() {
            return;
        }
        let held = self.temporary();
        self.whole(expr, (held, 0));
        self.flows.changed.push((held, 0));
    }

    fn is_scalar(&self, value: &'a Expr) -> bool {
        match self.scopes.last() {
            Some(scope) => scope.provenance.is_scalar_value(value),
            None => matches!(value.kind, ExprKind::Constant(_) | ExprKind::JoinedStr(_)),
        }
    }

    fn is_in_place(&self, op: BinOp, value: &'a Expr) -> bool {
        self.scopes.last().is_none_or(|scope| scope.provenance.is_in_place(op, value))
    }

    /// What an expression does: calls, and names that it binds.
    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::NamedExpr { target, value } => self.assign(target, value),
            ExprKind::ListComp { generators, .. }
            | ExprKind::SetComp { generators, .. }
            | ExprKind::GeneratorExp { generators, .. }
            | ExprKind::DictComp { generators, .. } => {
                generators.iter().for_each(|generator| self.parts_to(&generator.target, &generator.iter));
            }
            ExprKind::Lambda { params, body } => self.lambda(expr, params, body),
            ExprKind::Yield(Some(value)) => self.gives(value, 1),
            ExprKind::YieldFrom(value) => {
                let results = self.scopes.last().map_or(Vec::new(), |scope| scope.results.clone());
                results.into_iter().for_each(|result| self.part(value, (result, 1)));
            }
            ExprKind::Attribute { value, name } if CHANGING.contains(&name.name.as_str()) => self.change(value),
            ExprKind::Call { func, args, keywords } => self.call(func, args, keywords),
            ExprKind::BinOp { left, right, .. } if self.flows.has_operators => {
                let anywhere = self.anywhere();
                for operand in [left, right] {
                    self.whole(operand, (anywhere, 0));
                    self.part(operand, (anywhere, 0));
                }
            }
            _ => {}
        }
        walk::children(expr, &mut |child| self.expr(child));
    }

    fn lambda(&mut self, expr: &'a Expr, params: &'a Parameters, body: &'a Expr) {
        let key = ((expr.span.source.0 as usize) << 32) | expr.span.start as usize;
        let anywhere = self.anywhere();
        self.defaults(params, key);
        let mut names: BTreeSet<String> = params.all().map(|parameter| parameter.name.name.clone()).collect();
        scope::walrus_names(body, &mut names);
        comprehension_targets(body, &mut names);
        self.scopes.push(Scope {
            key,
            names,
            provenance: Provenance::of(params, super::Source::Expr(body)),
            own: None,
            results: vec![anywhere],
            loose: BTreeSet::new(),
        });
        for parameter in params.all() {
            let place = self.named(&parameter.name.name);
            self.flows.same((place, 0), anywhere);
            self.flows.within((place, 0), anywhere);
        }
        self.gives(body, 0);
        self.expr(body);
        self.scopes.pop();
    }

    fn call(&mut self, func: &'a Expr, args: &'a [Expr], keywords: &'a [Keyword]) {
        let (name, receiver) = match &func.kind {
            ExprKind::Name(name) => (name.as_str(), None),
            ExprKind::Attribute { value, name } => (name.name.as_str(), Some(&**value)),
            _ => ("", None),
        };
        if CHANGE_FIRST.contains(&name)
            || matches!(receiver, Some(Expr { kind: ExprKind::Name(of), .. }) if CONTAINERS.contains(&of.as_str()))
        {
            args.first().into_iter().for_each(|first| self.change(first));
            if let Some(first) = args.first() {
                args[1..].iter().for_each(|value| self.stored(first, value, false));
            }
        }
        if let Some(receiver) = receiver
            && CHANGING.contains(&name)
        {
            let is_each = ["extend", "update", "extendleft"].contains(&name);
            args.iter().for_each(|value| self.stored(receiver, value, is_each));
        }
        let known = self.flows.functions.get(name).cloned().unwrap_or_default();
        for callee in &known {
            self.bind(callee, args, keywords);
        }
        let is_variable = receiver.is_none() && self.scopes.iter().any(|scope| scope.names.contains(name));
        let is_python = known.is_empty()
            && !is_variable
            && keywords.is_empty()
            && match receiver {
                Some(_) => !self.flows.mentioned.contains(name) && is_method_of_python(name),
                None => LOOKERS.contains(&name) || COPIES.contains(&name) || OF_ELEMENTS.contains(&name),
            }
            && !["filter", "map"].contains(&name);
        if self.looker(func).is_some() {
            return;
        }
        // A name that is assigned somewhere may stand for anything.
        if !is_python && (known.is_empty() || is_variable || self.flows.mentioned.contains(name)) {
            let anywhere = self.anywhere();
            for argument in args.iter().chain(keywords.iter().map(|keyword| &keyword.value)) {
                self.whole(argument, (anywhere, 0));
                self.part(argument, (anywhere, 0));
            }
        }
    }

    fn bind(&mut self, callee: &Callee, args: &'a [Expr], keywords: &'a [Keyword]) {
        let local = |walk: &mut Self, name: &String| walk.flows.place(Place::Local(callee.scope, name.clone()));
        let has_star = args.iter().any(|argument| matches!(argument.kind, ExprKind::Starred(_)))
            || keywords.iter().any(|keyword| keyword.name.is_none());
        for (at, argument) in args.iter().enumerate() {
            let to: Vec<String> = match (has_star, callee.positional.get(at)) {
                (false, Some(name)) => vec![name.clone()],
                (false, None) => Vec::new(),
                (true, _) => callee.all.clone(),
            };
            for name in &to {
                let place = local(self, name);
                self.whole(argument, (place, 0));
                if has_star {
                    self.part(argument, (place, 0));
                }
            }
            for name in &callee.rest {
                let place = local(self, name);
                self.whole(argument, (place, 1));
            }
        }
        for keyword in keywords {
            for name in &callee.all {
                let is_it = keyword.name.as_ref().is_none_or(|given| given.name == *name);
                if is_it || callee.rest.contains(name) {
                    let place = local(self, name);
                    self.whole(&keyword.value, (place, 0));
                    self.part(&keyword.value, (place, 0));
                }
            }
        }
    }

    /// What a value may be comes to a node.
    fn whole(&mut self, value: &'a Expr, to: Node) {
        if self.is_scalar(value) {
            return;
        }
        let inside = (to.0, 1);
        match &value.kind {
            ExprKind::Name(name) => {
                let is_scalar = self.scopes.last().is_some_and(|scope| scope.provenance.is_scalar(name));
                if !is_scalar {
                    let place = self.named(name);
                    self.flows.same(to, place);
                }
            }
            ExprKind::Attribute { value, name } => {
                let place = self.shared(&name.name);
                self.flows.same(to, place);
                if !self.flows.set.contains(&name.name) {
                    let anywhere = self.anywhere();
                    self.flows.same(to, anywhere);
                    self.part(value, to);
                }
                if self.flows.functions.contains_key(&name.name) {
                    let result = self.flows.place(Place::Result(name.name.clone()));
                    self.flows.same(to, result);
                }
            }
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                items.iter().for_each(|item| self.whole(item, inside));
            }
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    match key {
                        Some(key) => {
                            self.whole(key, inside);
                            self.whole(value, inside);
                        }
                        None => self.part(value, inside),
                    }
                }
            }
            ExprKind::IfExp { body, orelse, .. } => {
                self.whole(body, to);
                self.whole(orelse, to);
            }
            ExprKind::BoolOp { values, .. } => values.iter().for_each(|value| self.whole(value, to)),
            ExprKind::BinOp { left, right, .. } => {
                self.part(left, inside);
                self.part(right, inside);
            }
            ExprKind::Subscript { value, index } => match index.kind {
                ExprKind::Slice { .. } => self.part(value, inside),
                _ => self.part(value, to),
            },
            ExprKind::ListComp { element, .. }
            | ExprKind::SetComp { element, .. }
            | ExprKind::GeneratorExp { element, .. } => self.whole(element, inside),
            ExprKind::DictComp { key, value, .. } => {
                self.whole(key, inside);
                self.whole(value, inside);
            }
            ExprKind::NamedExpr { value, .. } => self.whole(value, to),
            ExprKind::Starred(value) => self.part(value, to),
            ExprKind::Call { func, args, keywords } => self.called(func, args, keywords, to),
            ExprKind::Await(_) | ExprKind::Yield(_) | ExprKind::YieldFrom(_) => {
                let anywhere = self.anywhere();
                self.flows.same(to, anywhere);
            }
            _ => {}
        }
    }

    /// See [`Flows::looker`]; variables of functions are none.
    fn looker(&self, func: &Expr) -> Option<String> {
        let is_outside = |name: &str| !self.scopes.iter().any(|scope| scope.names.contains(name));
        root_name(func).filter(|name| is_outside(name)).and_then(|_| self.flows.looker(func))
    }

    /// What a call gives comes to a node.
    fn called(&mut self, func: &'a Expr, args: &'a [Expr], keywords: &'a [Keyword], to: Node) {
        let inside = (to.0, 1);
        let (name, receiver) = match &func.kind {
            ExprKind::Name(name) => (name.as_str(), None),
            ExprKind::Attribute { value, name } => (name.name.as_str(), Some(&**value)),
            _ => ("", None),
        };
        let is_known = self.flows.functions.contains_key(name);
        let is_variable = receiver.is_none() && self.scopes.iter().any(|scope| scope.names.contains(name));
        if is_known {
            let result = self.flows.place(Place::Result(name.to_owned()));
            self.flows.same(to, result);
        }
        let is_python = !is_known && !is_variable;
        if is_python && receiver.is_none() && LOOKERS.contains(&name) {
            return;
        }
        if let Some(path) = self.looker(func) {
            if path.starts_with("heapq.") {
                let given = args.iter().chain(keywords.iter().map(|keyword| &keyword.value));
                given.for_each(|argument| self.part(argument, inside));
            }
            return;
        }
        let is_copy = is_python && receiver.is_none() && COPIES.contains(&name);
        let is_element = is_python && receiver.is_none() && OF_ELEMENTS.contains(&name) && args.len() == 1;
        if let Some(receiver) = receiver {
            self.part(receiver, to);
            self.part(receiver, inside);
            if !(is_python && is_method_of_python(name)) {
                self.whole(receiver, to);
            }
        }
        let is_method = is_python && receiver.is_some() && is_method_of_python(name);
        let is_python = is_copy || is_element || is_method;
        if !is_python && (!is_known || self.flows.mentioned.contains(name)) {
            let anywhere = self.anywhere();
            self.flows.same(to, anywhere);
        }
        for argument in args.iter().chain(keywords.iter().map(|keyword| &keyword.value)) {
            if is_copy {
                self.part(argument, inside);
            } else if is_element {
                self.part(argument, to);
            } else if is_method && !GIVING.contains(&name) {
                // Text, numbers or nothing.
            } else if !is_known || is_variable || self.flows.mentioned.contains(name) {
                self.whole(argument, to);
                self.whole(argument, inside);
            }
        }
    }

    /// What is in a value comes to a node.
    fn part(&mut self, value: &'a Expr, to: Node) {
        if self.is_scalar(value) {
            return;
        }
        match &value.kind {
            ExprKind::Name(name) => {
                let place = self.named(name);
                self.flows.within(to, place);
            }
            ExprKind::Subscript { value, index } if !matches!(index.kind, ExprKind::Slice { .. }) => {
                self.part(value, to);
            }
            _ => {
                let held = self.temporary();
                self.whole(value, (held, 0));
                self.flows.within(to, held);
            }
        }
    }
}

/// True for a method of Python's own types, as far as the name tells.
fn is_method_of_python(name: &str) -> bool {
    let calls = ["collect", "emit", "sub"];
    !calls.contains(&name) && (CHANGING.contains(&name) || super::super::effects::is_harmless(name))
}

/// The variable that an expression leads from.
fn root_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => root_name(value),
        _ => None,
    }
}

/// Names that comprehensions of a function bind.
fn comprehension_names(block: &[Stmt]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    block.iter().for_each(|statement| {
        walk::own_exprs(statement, &mut |expr| generator_targets(expr, &mut names));
    });
    names
}

fn comprehension_targets(expr: &Expr, names: &mut BTreeSet<String>) {
    walk::all_exprs(expr, &mut |inner| generator_targets(inner, names));
}

fn generator_targets(expr: &Expr, names: &mut BTreeSet<String>) {
    if let ExprKind::ListComp { generators, .. }
    | ExprKind::SetComp { generators, .. }
    | ExprKind::GeneratorExp { generators, .. }
    | ExprKind::DictComp { generators, .. } = &expr.kind
    {
        generators.iter().for_each(|generator| scope::target_names(&generator.target, names));
    }
}
