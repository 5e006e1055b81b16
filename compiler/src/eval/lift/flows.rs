//! Where values go in a program, by the names that they come to: whether something that a name stands for may be changed
//! in place by a function, under whatever name it has there.
//!
//! Two things that may be the same object are one, wherever that is so. Variables are told apart by their functions,
//! attributes and what lives outside of functions by their names. Of each, the object itself and all that is in it are
//! looked at apart.

use super::bindings::SETUP;
use super::flowing::Walk;
use crate::load::Program;
use crate::syntax::ast::*;
use crate::syntax::{scope, versions, walk};
use std::collections::{BTreeMap, BTreeSet};

/// What gets at attributes otherwise than by their names.
const BY_NAME: &[&str] = &["__dict__", "_asdict", "attrgetter", "getattr", "inspect", "methodcaller", "vars"];

/// Methods that Python calls without their names being there.
const HIDDEN: &[&str] = &[
    "__call__",
    "__enter__",
    "__get__",
    "__getattr__",
    "__getattribute__",
    "__getitem__",
    "__iadd__",
    "__iter__",
    "__missing__",
    "__next__",
    "__reversed__",
];

/// Methods that operators call which containers have too.
const OPERATORS: &[&str] = &["__add__", "__mul__", "__or__", "__radd__", "__rmul__", "__ror__"];

/// What has a name in a function, or anywhere; what a function gives; and what goes where nobody sees.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Local(usize, String),
    Shared(String),
    Result(String),
    Anywhere,
    /// Something that is changed.
    Changed(usize),
}

/// The object of a place (0), or all that is in it (1).
pub(super) type Node = (usize, usize);

#[derive(Debug, Default)]
pub(super) struct Flows {
    pub(super) places: BTreeMap<Place, usize>,
    pub(super) parents: Vec<[Node; 2]>,
    pub(super) changed: Vec<Node>,
    /// Attributes are got at in ways that aren't followed.
    pub(super) is_hidden: bool,
    /// Parameters of functions and classes of the script, by name: those that positional arguments fill, and others.
    pub(super) functions: BTreeMap<String, Vec<Callee>>,
    /// Names of functions and classes that are mentioned otherwise than to call them.
    pub(super) mentioned: BTreeSet<String>,
    /// Classes without an `__init__`.
    pub(super) bare: BTreeSet<String>,
    /// Attributes that the program sets, and names that its classes and modules bind.
    pub(super) set: BTreeSet<String>,
    /// Variables of functions that functions in them see.
    pub(super) captured: BTreeSet<usize>,
    /// Classes have methods for operators.
    pub(super) has_operators: bool,
    /// What names that are imported stand for, by their full names; empty where that differs.
    pub(super) imports: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
pub(super) struct Callee {
    pub scope: usize,
    pub positional: Vec<String>,
    pub rest: Vec<String>,
    pub all: Vec<String>,
}

impl Flows {
    pub fn new(program: &Program) -> Flows {
        let mut flows = Flows::default();
        program.trees.iter().for_each(|tree| flows.declare(&tree.body, false));
        program.trees.iter().for_each(|tree| flows.operators(&tree.body));
        program.trees.iter().for_each(|tree| flows.imports(&tree.body));
        for tree in &program.trees {
            flows.mentions(&tree.body);
            flows.sets(&tree.body);
        }
        for tree in &program.trees {
            Walk::new(&mut flows, program).block(&tree.body);
        }
        flows
    }

    /// Notes methods that operators call. What they give has to be a new object of a class: what that holds is known by its
    /// attributes.
    fn operators(&mut self, block: &[Stmt]) {
        let mut classes = BTreeSet::new();
        let mut methods = Vec::new();
        walk::every_statement(block, &mut |statement| {
            let StmtKind::ClassDef(class) = &statement.kind else { return };
            classes.insert(class.name.name.as_str());
            methods.extend(class.body.iter().filter_map(|statement| match &statement.kind {
                StmtKind::FunctionDef(method) if OPERATORS.contains(&method.name.name.as_str()) => Some(method),
                _ => None,
            }));
        });
        let is_new = |value: &Expr| match &value.kind {
            ExprKind::Call { func, .. } => {
                matches!(&func.kind, ExprKind::Name(name) if classes.contains(name.as_str()))
            }
            ExprKind::Constant(_) => true,
            ExprKind::Name(name) => name == "NotImplemented",
            _ => false,
        };
        for method in methods {
            self.has_operators = true;
            walk::statements(&method.body, &mut |statement| {
                if let StmtKind::Return(Some(value)) = &statement.kind {
                    self.is_hidden |= !is_new(value);
                }
            });
        }
    }

    /// True if the object of one of the names, or what is in it, may be changed in place; `deep`: or what is in it.
    pub fn may_change(&self, names: &[&str], deep: bool) -> bool {
        if self.is_hidden {
            return !self.changed.is_empty();
        }
        let changed: BTreeSet<Node> = self.changed.iter().map(|node| self.root(*node)).collect();
        let of_name = |place: &Place, at: usize| match place {
            Place::Local(_, name) => names.contains(&versions::base(name)) && self.captured.contains(&at),
            Place::Shared(name) => names.contains(&name.as_str()),
            _ => false,
        };
        let mut named = self.places.iter().filter(|(place, at)| of_name(place, **at)).map(|(_, at)| *at);
        named.any(|at| changed.contains(&self.root((at, 0))) || deep && changed.contains(&self.root((at, 1))))
    }

    pub(super) fn place(&mut self, place: Place) -> usize {
        let next = self.places.len();
        let at = *self.places.entry(place).or_insert(next);
        if at == next {
            self.parents.push([(at, 0), (at, 1)]);
        }
        at
    }

    fn root(&self, mut node: Node) -> Node {
        while self.parents[node.0][node.1] != node {
            node = self.parents[node.0][node.1];
        }
        node
    }

    fn join(&mut self, a: Node, b: Node) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.0][a.1] = b;
    }

    /// What is at the one node may be the object of a place; what is in it is in the other then.
    pub(super) fn same(&mut self, to: Node, place: usize) {
        self.join(to, (place, 0));
        self.join((to.0, 1), (place, 1));
    }

    /// What is at the node may be in a place.
    pub(super) fn within(&mut self, to: Node, place: usize) {
        self.join(to, (place, 1));
        self.join((to.0, 1), (place, 1));
    }

    /// Notes functions and classes.
    fn declare(&mut self, block: &[Stmt], in_class: bool) {
        for statement in block {
            match &statement.kind {
                StmtKind::FunctionDef(function) => {
                    let name = &function.name.name;
                    self.is_hidden |= in_class && HIDDEN.contains(&name.as_str());
                    let callee = callee(&function.params, key(function), in_class && !is_static(function));
                    self.functions.entry(name.clone()).or_default().push(callee);
                    let plain = ["staticmethod", "classmethod", "property"];
                    let is_plain = |decorator: &Expr| matches!(&decorator.kind, ExprKind::Name(name) if plain.contains(&name.as_str()));
                    let is_wrapped = !function.decorators.iter().all(is_plain);
                    if is_wrapped || in_class && !SETUP.contains(&name.as_str()) {
                        self.mentioned.insert(name.clone());
                    }
                    self.declare(&function.body, false);
                }
                StmtKind::ClassDef(class) => {
                    self.declare(&class.body, true);
                    let init = class.body.iter().find_map(|statement| match &statement.kind {
                        StmtKind::FunctionDef(function) if function.name.name == "__init__" => Some(function),
                        _ => None,
                    });
                    let name = &class.name.name;
                    match init {
                        Some(init) => {
                            let callee = callee(&init.params, key(init), true);
                            self.functions.entry(name.clone()).or_default().push(callee);
                        }
                        // What is made of its arguments isn't known.
                        None => {
                            self.mentioned.insert(name.clone());
                            self.bare.insert(name.clone());
                        }
                    }
                }
                _ => walk::blocks(statement).into_iter().for_each(|block| self.declare(block, in_class)),
            }
        }
    }

    /// Notes names that are read otherwise than to call what they stand for.
    fn mentions(&mut self, block: &[Stmt]) {
        let mut called: Vec<*const Expr> = Vec::new();
        walk::every_statement(block, &mut |statement| {
            if let StmtKind::ClassDef(class) = &statement.kind {
                called.extend(class.bases.iter().map(|base| base as *const Expr));
            }
        });
        walk::every_expr(block, &mut |expr| match &expr.kind {
            ExprKind::Call { func, args, keywords } => {
                called.push(&**func);
                // The `__init__` of a class that it derives from is called with these.
                if let ExprKind::Name(name) = &func.kind
                    && self.bare.contains(name)
                    && !(args.is_empty() && keywords.is_empty())
                {
                    self.mentioned.insert("__init__".to_owned());
                }
                let is_test = matches!(&func.kind, ExprKind::Name(name) if name == "isinstance");
                if is_test {
                    called.extend(args.iter().map(|argument| argument as *const Expr));
                }
            }
            ExprKind::Name(name) | ExprKind::Attribute { name: Ident { name, .. }, .. } => {
                self.is_hidden |= BY_NAME.contains(&name.as_str());
                if !called.contains(&(expr as *const Expr)) {
                    self.mentioned.insert(name.clone());
                }
                if let ExprKind::Attribute { value, .. } = &expr.kind {
                    called.push(&**value);
                }
            }
            _ => {}
        });
    }
}

impl Flows {
    /// Notes attributes that are set, and names that classes and modules bind.
    fn sets(&mut self, block: &[Stmt]) {
        fn attributes(target: &Expr, names: &mut BTreeSet<String>) {
            match &target.kind {
                ExprKind::Attribute { name, .. } => drop(names.insert(name.name.clone())),
                ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|item| attributes(item, names)),
                ExprKind::Starred(inner) => attributes(inner, names),
                _ => {}
            }
        }
        walk::statements(block, &mut |statement| scope::bound_names(statement, &mut self.set));
        walk::every_statement(block, &mut |statement| match &statement.kind {
            StmtKind::ClassDef(class) => {
                walk::statements(&class.body, &mut |inner| scope::bound_names(inner, &mut self.set));
                // What such a class makes of its arguments isn't known.
                if self.bare.contains(&class.name.name) {
                    for inner in &class.body {
                        if let StmtKind::AnnAssign { target, .. } = &inner.kind {
                            let mut names = BTreeSet::new();
                            scope::target_names(target, &mut names);
                            for name in names {
                                let (field, anywhere) = (self.place(Place::Shared(name)), self.place(Place::Anywhere));
                                self.same((field, 0), anywhere);
                                self.within((field, 0), anywhere);
                            }
                        }
                    }
                }
            }
            StmtKind::Assign { targets, .. } => targets.iter().for_each(|target| attributes(target, &mut self.set)),
            StmtKind::AnnAssign { target, .. } | StmtKind::AugAssign { target, .. } | StmtKind::For { target, .. } => {
                attributes(target, &mut self.set);
            }
            _ => {}
        });
    }
}

/// A number for a function's variables.
pub(super) fn key(function: &FunctionDef) -> usize {
    ((function.name.span.source.0 as usize) << 32) | function.name.span.start as usize
}

pub(super) fn is_static(function: &FunctionDef) -> bool {
    function
        .decorators
        .iter()
        .any(|decorator| matches!(&decorator.kind, ExprKind::Name(name) if name == "staticmethod"))
}

fn callee(params: &Parameters, scope: usize, has_receiver: bool) -> Callee {
    let name = |parameter: &Parameter| parameter.name.name.clone();
    Callee {
        scope,
        positional: params.positional().skip(usize::from(has_receiver)).map(name).collect(),
        rest: params.vararg.iter().chain(&params.kwarg).map(name).collect(),
        all: params.all().skip(usize::from(has_receiver)).map(name).collect(),
    }
}
