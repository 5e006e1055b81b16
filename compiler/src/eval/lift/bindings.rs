//! What the sources of a program bind, set and change: whether a name, an attribute or what a container holds stays what
//! it is for as long as a job runs.

mod changes;

use super::flows::Flows;
use super::provenance::{self, Provenance, level, root};
use crate::load::Program;
use crate::syntax::ast::*;
use crate::syntax::{scope, walk};
use changes::Changes;
use pyflink_plan::{Cause, SourceId, Span};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// With these, names and attributes may be set in ways that nobody sees.
const DYNAMIC: &[&str] = &["globals", "exec", "eval", "__import__", "__builtins__"];

/// Functions that set an attribute whose name they are given.
const BY_NAME: &[&str] = &["setattr", "delattr"];

/// Stands for any attribute.
const ANY_ATTRIBUTE: &str = "*";

/// Attributes of functions and frames by which the code that runs, or names that it sees, are changed.
const CODE: &[&str] = &["__code__", "__defaults__", "__kwdefaults__", "__globals__", "f_globals", "__builtins__"];

/// Methods of builtin types that change what they are called on.
pub const CHANGING: &[&str] = &[
    "__delitem__",
    "__iadd__",
    "__iand__",
    "__imul__",
    "__ior__",
    "__isub__",
    "__ixor__",
    "__setitem__",
    "add",
    "append",
    "appendleft",
    "clear",
    "difference_update",
    "discard",
    "extend",
    "extendleft",
    "insert",
    "intersection_update",
    "move_to_end",
    "pop",
    "popitem",
    "popleft",
    "remove",
    "reverse",
    "rotate",
    "setdefault",
    "sort",
    "subtract",
    "symmetric_difference_update",
    "update",
];

/// Functions of the library that change their first argument.
pub(super) const CHANGE_FIRST: &[&str] = &[
    "delitem",
    "heapify",
    "heappop",
    "heappush",
    "heappushpop",
    "heapreplace",
    "iadd",
    "iand",
    "iconcat",
    "imul",
    "insort",
    "insort_left",
    "insort_right",
    "ior",
    "isub",
    "ixor",
    "setitem",
    "shuffle",
];

/// Builtin types whose methods may be called on the type, with what they change as the first argument.
pub(super) const CONTAINERS: &[&str] = &["Counter", "OrderedDict", "defaultdict", "deque", "dict", "list", "set"];

/// Attributes by which others are set.
const SETTERS: &[&str] = &["__delattr__", "__setattr__"];

/// Builtins that keep nothing of what they are given but its elements.
const READERS: &[&str] = &[
    "all",
    "any",
    "bool",
    "dict",
    "enumerate",
    "filter",
    "frozenset",
    "isinstance",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "print",
    "repr",
    "reversed",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
];

/// Methods that run before a function object is first called, or after the last time.
pub(super) const SETUP: &[&str] = &["__init__", "open", "close", "cancel", "__post_init__", "__setstate__"];

#[derive(Debug, Default)]
pub struct Bindings {
    /// Something may set any name and any attribute.
    pub dynamic: bool,
    /// What in the program does that, as far as it has a name.
    setter_by_name: Option<String>,
    /// Methods that set attributes of their object by names that only a run tells.
    sets_any: BTreeSet<String>,
    /// Calls that set an attribute by name, of which it is known what they set.
    followed: usize,
    /// Methods that are mentioned as attributes of names, otherwise than to call them on the method's own object.
    of_names: BTreeSet<(String, String)>,
    /// For each source, how often its top level binds each name.
    bound: Vec<BTreeMap<String, usize>>,
    /// For each source, names that functions declare global.
    declared: Vec<BTreeSet<String>>,
    /// Attributes that are set on something else than the object of the method where that stands.
    set: BTreeSet<String>,
    /// Attributes that methods set on their object: class, method, attribute.
    own: Vec<(Span, String, String)>,
    /// Methods that are called outside of those that run before and after.
    called: BTreeSet<(Option<String>, String)>,
    /// Names of variables and attributes whose content functions change.
    changed: BTreeSet<String>,
    /// A function changes what it was handed, or what came of it.
    pub changes_arguments: bool,
    /// Where one does, first.
    changing: Option<Span>,
    /// A function of the script has a name by which it is known what Python's gives, or calls a method of anything.
    pub misleads: bool,
    pub(super) flows: OnceCell<Flows>,
    /// Attributes to which functions assign something that has a name, while a job runs.
    kept: BTreeSet<String>,
    /// Attributes, with the names of what is assigned to them as it is.
    holders: Vec<(String, String)>,
    /// Names of variables and attributes whose values go where they are known under other names.
    handed_on: BTreeSet<String>,
    /// Names of functions and classes.
    defined: BTreeSet<String>,
    /// Names of methods.
    methods: BTreeSet<String>,
}

/// Methods of a dict that change nothing.
const READS: [&str; 4] = ["items", "keys", "values", "get"];

/// `vars(value)` or `value.__dict__`.
fn is_attributes(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call { func, args, .. } => {
            args.len() == 1 && matches!(&func.kind, ExprKind::Name(name) if name == "vars")
        }
        ExprKind::Attribute { name, .. } => name.name == "__dict__",
        _ => false,
    }
}

impl Bindings {
    pub fn new(program: &Program) -> Bindings {
        let mut found = Bindings::default();
        for tree in &program.trees {
            let mut bound = BTreeMap::new();
            let mut declared = BTreeSet::new();
            walk::statements(&tree.body, &mut |statement| {
                let mut names = BTreeSet::new();
                scope::bound_names(statement, &mut names);
                names.into_iter().for_each(|name| *bound.entry(name).or_insert(0) += 1);
            });
            walk::every_statement(&tree.body, &mut |statement| {
                if let StmtKind::Global(names) = &statement.kind {
                    declared.extend(names.iter().map(|name| name.name.clone()));
                }
                if let StmtKind::ImportFrom { names, .. } = &statement.kind {
                    // What changes its argument isn't known by another name.
                    let other =
                        |alias: &&Alias| alias.asname.is_some() && CHANGE_FIRST.contains(&alias.name.name.as_str());
                    if let Some(name) = names.iter().find(other) {
                        found.dynamic = true;
                        found.setter_by_name.get_or_insert(format!("{}() by another name", name.name.name));
                    }
                }
            });
            // Attributes by name may be set by whoever gets hold of all of them, but not by who only reads them at once.
            let (mut taken, mut read, mut by_name) = (0, 0, 0);
            walk::every_expr(&tree.body, &mut |expr| match &expr.kind {
                ExprKind::Name(name) if name == "vars" => taken += 1,
                ExprKind::Name(name) if BY_NAME.contains(&name.as_str()) => by_name += 1,
                ExprKind::Attribute { name, .. } if CODE.contains(&name.name.as_str()) => {
                    found.dynamic = true;
                    found.setter_by_name.get_or_insert(name.name.clone());
                }
                ExprKind::Name(name) if DYNAMIC.contains(&name.as_str()) => {
                    found.dynamic = true;
                    found.setter_by_name.get_or_insert(format!("{name}()"));
                }
                ExprKind::Attribute { name, .. } if name.name == "__dict__" => taken += 1,
                ExprKind::Attribute { name, .. } if SETTERS.contains(&name.name.as_str()) => found.dynamic = true,
                ExprKind::Attribute { value, name }
                    if DYNAMIC.contains(&name.name.as_str()) || BY_NAME.contains(&name.name.as_str()) =>
                {
                    found.dynamic |= matches!(&value.kind, ExprKind::Name(of) if of == "builtins");
                }
                ExprKind::Attribute { value, name } if READS.contains(&name.name.as_str()) => {
                    read += usize::from(is_attributes(value));
                }
                _ => {}
            });
            if taken > read {
                found.dynamic = true;
                found.setter_by_name.get_or_insert("vars() or __dict__".to_owned());
            }
            found.bound.push(bound);
            found.declared.push(declared);
            found.followed = 0;
            found.block(&tree.body, Within::default(), program);
            if by_name > found.followed {
                found.dynamic = true;
                let what = "setattr() or delattr() on what may be a module, with a name that isn't constant";
                found.setter_by_name.get_or_insert(what.to_owned());
            }
            walk::every_statement(&tree.body, &mut |statement| found.hands_on(statement));
        }
        found.follow_holders();
        found.changes_arguments |= found.changed.iter().any(|name| found.kept.contains(name));
        // Those of an exception may be anything.
        if found.changed.contains("args") {
            (found.dynamic, found.changes_arguments) = (true, true);
            found.setter_by_name.get_or_insert("what an exception holds".to_owned());
        }
        // What a function of such a name gives is taken for new, or for something that can't change.
        found.misleads |= provenance::trusted().any(|name| found.defines(name) || found.defines_method(name));
        found.changes_arguments |= found.misleads;
        // A method that sets any attribute of its object, called on something else.
        let classes = |(of, name): &&(String, String)| found.defined.contains(of) && found.sets_any.contains(name);
        if let Some((of, name)) = found.of_names.iter().find(classes).cloned() {
            found.dynamic = true;
            found.setter_by_name.get_or_insert(format!("{of}.{name}() on any object"));
        }
        let of_code = CODE.iter().find(|name| found.set.contains(**name));
        if let Some(name) = of_code {
            found.dynamic = true;
            found.setter_by_name.get_or_insert((*name).to_owned());
        }
        found.dynamic |= found.set.contains("__class__") || found.own.iter().any(|(_, _, set)| set == "__class__");
        found
    }

    /// Why what a name stands for isn't known, where names may be set by themselves.
    pub fn why_dynamic(&self, name: &str) -> Cause {
        match &self.setter_by_name {
            _ if name == "vars" => Cause::new("vars() runs in Python", "use the attributes"),
            Some(setter) => Cause::new(
                format!("{name} may change, as the script uses {setter}, by which names and attributes can be set"),
                "leave that out",
            ),
            None => Cause::new(
                format!("{name} may change, as the script sets names or attributes by `setattr()` or the like"),
                "set them by their names",
            ),
        }
    }

    /// True if the top level of a source binds the name once, and nothing else ever does.
    pub fn is_constant(&self, source: SourceId, name: &str) -> bool {
        let source = source.0 as usize;
        self.bound[source].get(name) == Some(&1) && !self.declared[source].contains(name) && !self.is_set_outside(name)
    }

    /// True if something may set that name of a module, or Python's own.
    pub fn is_set_outside(&self, name: &str) -> bool {
        self.dynamic || self.set.contains(name)
    }

    /// True if something may set an attribute of that name from outside of the object's methods: of a module or class.
    pub fn is_set(&self, attribute: &str) -> bool {
        self.is_set_outside(attribute)
    }

    /// True if something may set a method that Python itself calls on objects.
    pub fn sets_special(&self) -> bool {
        let harmless = ["__defaults__", "__doc__", "__module__", "__name__", "__qualname__"];
        let is_special = |name: &String| name.starts_with("__") && name.ends_with("__");
        self.dynamic || self.set.iter().any(|name| is_special(name) && !harmless.contains(&name.as_str()))
    }

    /// True if functions may change anything while a job runs, what others gave included.
    pub fn change_something(&self) -> bool {
        let sets = |(_, method, _): &(Span, String, String)| !self.is_setup(method);
        self.dynamic
            || self.changes_arguments
            || !self.changed.is_empty()
            || !self.set.is_empty()
            || self.own.iter().any(sets)
    }

    /// Where a function changes what it was handed, if that is known.
    pub fn changing(&self) -> Option<Span> {
        self.changing
    }

    /// True if nothing changes what containers of that name hold.
    pub fn keeps_content(&self, name: &str) -> bool {
        !self.changed.contains(name)
    }

    /// True if what has that name is only ever looked at under it.
    pub fn keeps_to_itself(&self, name: &str) -> bool {
        !self.handed_on.contains(name)
    }

    /// True if a function or class of the program has that name.
    pub fn defines(&self, name: &str) -> bool {
        self.defined.contains(name)
    }

    /// True if a method of the program has that name.
    pub fn defines_method(&self, name: &str) -> bool {
        self.methods.contains(name)
    }

    /// The method of one of the classes that sets an attribute of its object while a job runs.
    pub fn setter(&self, classes: &[Span], attribute: &str) -> Option<&str> {
        let sets = |(class, _, set): &&(Span, String, String)| {
            classes.contains(class) && (set == attribute || set == ANY_ATTRIBUTE)
        };
        self.own.iter().filter(sets).map(|(_, method, _)| method.as_str()).find(|method| !self.is_setup(method))
    }

    /// True if methods set an attribute of their object otherwise than in `__init__`.
    pub fn is_replaced(&self, classes: &[Span], attribute: &str) -> bool {
        let is_it = |set: &str, method: &str| set == attribute && method != "__init__";
        self.own.iter().any(|(class, method, set)| classes.contains(class) && is_it(set, method))
            || self.sets_any_of(classes)
            || self.is_set(attribute)
    }

    /// True if methods set attributes of their object, of one of the classes, by names that only a run tells.
    pub fn sets_any_of(&self, classes: &[Span]) -> bool {
        self.own.iter().any(|(class, _, set)| classes.contains(class) && set == ANY_ATTRIBUTE)
    }

    /// True if a method is only called before and after the run.
    fn is_setup(&self, method: &str) -> bool {
        self.setup_within(method, &mut BTreeSet::new())
    }

    fn setup_within(&self, method: &str, seen: &mut BTreeSet<String>) -> bool {
        if SETUP.contains(&method) || !seen.insert(method.to_owned()) {
            return true;
        }
        let mut callers = self.called.iter().filter(|(_, called)| called == method).peekable();
        callers.peek().is_some() && callers.all(|(by, _)| by.as_ref().is_some_and(|by| self.setup_within(by, seen)))
    }

    fn block(&mut self, block: &[Stmt], within: Within, program: &Program) {
        for statement in block {
            match &statement.kind {
                StmtKind::ClassDef(class) => {
                    self.defined.insert(class.name.name.clone());
                    self.block(&class.body, Within { class: Some(class.name.span), ..Within::default() }, program);
                }
                StmtKind::FunctionDef(function) => self.function(function, within, program),
                StmtKind::Assign { targets, value } => targets.iter().for_each(|target| {
                    self.target(target, within);
                    self.holds(target, value, within);
                }),
                StmtKind::AugAssign { target, .. } | StmtKind::For { target, .. } => self.target(target, within),
                StmtKind::AnnAssign { target, value, .. } => {
                    self.target(target, within);
                    value.iter().for_each(|value| self.holds(target, value, within));
                }
                StmtKind::Delete(targets) => targets.iter().for_each(|target| self.target(target, within)),
                StmtKind::With { items, .. } => {
                    items.iter().filter_map(|item| item.target.as_ref()).for_each(|target| self.target(target, within));
                }
                _ => {}
            }
            walk::direct_exprs(statement, &mut |expr| self.mentions(expr, within, false));
            walk::blocks(statement).into_iter().for_each(|inner| self.block(inner, within, program));
        }
    }

    fn function(&mut self, function: &FunctionDef, within: Within, program: &Program) {
        match within.class {
            Some(_) => self.methods.insert(function.name.name.clone()),
            None => self.defined.insert(function.name.name.clone()),
        };
        // A function in a method may use the method's object.
        let inner = match (within.class, within.method) {
            (Some(_), None) => Within {
                method: Some(&function.name.name),
                first: function.params.positional().next().map(|parameter| parameter.name.name.as_str()),
                is_plain: function.decorators.is_empty()
                    && function.name.name != "__new__"
                    && function.name.name != "__init_subclass__"
                    && function.name.name != "__class_getitem__"
                    && function.params.positional().next().is_some_and(|parameter| {
                        Provenance::new(&function.params, &function.body).times_bound(&parameter.name.name) == 1
                    }),
                ..within
            },
            _ => within.inside(&function.params),
        };
        let body = &program.told_apart(function.name.span).unwrap_or(function).body;
        let mut changes = Changes {
            provenance: Provenance::new(&function.params, body),
            locals: scope::locals(&function.params, body),
            own: inner.first.filter(|_| inner.method.is_some_and(|method| SETUP.contains(&method))),
            found: self,
        };
        walk::statements(body, &mut |statement| changes.statement(statement));
        body.iter().for_each(|statement| walk::own_exprs(statement, &mut |expr| changes.expr(expr)));
        self.block(&function.body, inner, program);
    }

    fn hands_on(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Assign { value, .. } => self.goes(value, false),
            StmtKind::AnnAssign { value, .. } => value.iter().for_each(|value| self.goes(value, false)),
            StmtKind::AugAssign { value, .. } => self.goes(value, true),
            StmtKind::For { iter, .. } => self.goes(iter, true),
            StmtKind::If { .. } | StmtKind::While { .. } => {
                walk::direct_exprs(statement, &mut |test| self.goes(test, true));
            }
            _ => walk::direct_exprs(statement, &mut |expr| self.goes(expr, false)),
        }
    }

    /// Notes what goes on under other names; `is_read`: of the value itself only parts are looked at.
    fn goes(&mut self, expr: &Expr, is_read: bool) {
        match &expr.kind {
            ExprKind::Name(name) if !is_read => drop(self.handed_on.insert(name.clone())),
            ExprKind::Attribute { value, name } => {
                if !is_read {
                    self.handed_on.insert(name.name.clone());
                }
                self.goes(value, true);
            }
            ExprKind::Subscript { value, index } => {
                self.goes(value, true);
                self.goes(index, false);
            }
            ExprKind::Call { func, args, keywords } => {
                let reads = matches!(&func.kind, ExprKind::Name(name) if READERS.contains(&name.as_str()));
                self.goes(func, true);
                args.iter().for_each(|argument| self.goes(argument, reads));
                keywords.iter().for_each(|keyword| self.goes(&keyword.value, reads));
            }
            ExprKind::Compare { .. } | ExprKind::BinOp { .. } | ExprKind::UnaryOp { .. } => {
                walk::children(expr, &mut |inner| self.goes(inner, true));
            }
            ExprKind::ListComp { generators, .. }
            | ExprKind::SetComp { generators, .. }
            | ExprKind::GeneratorExp { generators, .. }
            | ExprKind::DictComp { generators, .. } => {
                let iterated: Vec<&Expr> = generators.iter().map(|generator| &generator.iter).collect();
                walk::children(expr, &mut |inner| {
                    let is_iterated = iterated.iter().any(|iter| std::ptr::eq(*iter, inner));
                    self.goes(inner, is_iterated);
                });
            }
            ExprKind::Lambda { body, .. } => {
                self.goes(body, false);
                walk::children(expr, &mut |inner| self.goes(inner, false));
            }
            _ => walk::children(expr, &mut |inner| self.goes(inner, false)),
        }
    }

    /// What is changed under the name of an attribute is what was assigned to it, too.
    fn follow_holders(&mut self) {
        loop {
            let known = self.changed.len();
            let held = self.holders.iter().filter(|(attribute, _)| self.changed.contains(attribute));
            let held: Vec<String> = held.map(|(_, name)| name.clone()).collect();
            self.changed.extend(held);
            if self.changed.len() == known {
                return;
            }
        }
    }

    fn holds(&mut self, target: &Expr, value: &Expr, within: Within) {
        match (&target.kind, &value.kind) {
            (ExprKind::Tuple(targets) | ExprKind::List(targets), ExprKind::Tuple(values) | ExprKind::List(values)) => {
                targets.iter().zip(values).for_each(|(target, value)| self.holds(target, value, within));
            }
            (ExprKind::Attribute { name: Ident { name: target, .. }, .. }, _) => {
                let mut names = Vec::new();
                held(value, &mut names);
                if !names.is_empty() && within.method.is_some_and(|method| !SETUP.contains(&method)) {
                    self.kept.insert(target.clone());
                }
                self.holders.extend(names.into_iter().map(|name| (target.clone(), name.to_owned())));
            }
            _ => {}
        }
    }

    /// Notes attributes that are set.
    fn target(&mut self, target: &Expr, within: Within) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|item| self.target(item, within)),
            ExprKind::Starred(inner) => self.target(inner, within),
            // Outside of functions, these are the variables themselves.
            ExprKind::Subscript { value, .. } => {
                let ExprKind::Call { func, .. } = &value.kind else { return };
                self.dynamic |= matches!(&func.kind, ExprKind::Name(name) if name == "locals");
            }
            ExprKind::Attribute { value, name } => match (within.class, within.method, &value.kind) {
                (Some(class), Some(method), ExprKind::Name(receiver)) if Some(receiver.as_str()) == within.first => {
                    self.own.push((class, method.to_owned(), name.name.clone()));
                }
                _ => drop(self.set.insert(name.name.clone())),
            },
            _ => {}
        }
    }

    /// Notes methods that are used, and changes in lambdas.
    fn mentions(&mut self, expr: &Expr, within: Within, is_called: bool) {
        if let ExprKind::Attribute { value, name } = &expr.kind {
            self.called.insert((within.method.map(str::to_owned), name.name.clone()));
            if !is_called && CHANGING.contains(&name.name.as_str()) {
                // `push = SEEN.append`: it may be called anywhere.
                let mut names = Vec::new();
                names.extend(chain(value, &mut Vec::new()));
                chain(value, &mut names);
                self.changed.extend(names.into_iter().map(str::to_owned));
            }
        }
        if let ExprKind::Attribute { value, name } = &expr.kind
            && let ExprKind::Name(of) = &value.kind
            && !is_called
        {
            self.of_names.insert((of.clone(), name.name.clone()));
        }
        let func = match &expr.kind {
            ExprKind::Call { func, args, keywords } => {
                self.sets_by_name(func, args, keywords, within);
                if let ExprKind::Attribute { value, name } = &func.kind
                    && let ExprKind::Name(of) = &value.kind
                    && !args.first().is_some_and(|first| within.is_own(first))
                {
                    self.of_names.insert((of.clone(), name.name.clone()));
                }
                Some(&**func)
            }
            _ => None,
        };
        walk::children(expr, &mut |child| {
            self.mentions(child, within, func.is_some_and(|func| std::ptr::eq(func, child)));
        });
        if let ExprKind::Lambda { params, body } = &expr.kind {
            let mut changes = Changes {
                provenance: Provenance::new(params, &[]),
                locals: params.all().map(|parameter| parameter.name.name.clone()).collect(),
                own: None,
                found: self,
            };
            walk::all_exprs(body, &mut |inner| changes.expr(inner));
            self.mentions(body, within.inside(params), false);
        }
    }
}

impl Bindings {
    /// `setattr(value, 'name', …)` is an assignment of that attribute; with another name, a method may set any attribute
    /// of its own object that way, and so of objects of classes of the script.
    fn sets_by_name(&mut self, func: &Expr, args: &[Expr], keywords: &[Keyword], within: Within) {
        let count = match &func.kind {
            ExprKind::Name(name) if name == "setattr" => 3,
            ExprKind::Name(name) if name == "delattr" => 2,
            _ => return,
        };
        let is_plain = args.iter().all(|argument| !matches!(argument.kind, ExprKind::Starred(_)));
        if !is_plain || !keywords.is_empty() || args.len() != count {
            return;
        }
        match (&args[1].kind, within.class, within.method) {
            (ExprKind::Constant(Constant::Str(name)), ..) => {
                self.followed += 1;
                self.set.insert(name.clone());
                if let Some(value) = args.get(2) {
                    let mut names = Vec::new();
                    held(value, &mut names);
                    if !names.is_empty() {
                        self.kept.insert(name.clone());
                    }
                    self.holders.extend(names.into_iter().map(|held| (name.clone(), held.to_owned())));
                }
            }
            (_, Some(class), Some(method)) if within.is_own(&args[0]) => {
                self.followed += 1;
                self.sets_any.insert(method.to_owned());
                self.own.push((class, method.to_owned(), ANY_ATTRIBUTE.to_owned()));
                let mut names = Vec::new();
                args.get(2).into_iter().for_each(|value| held(value, &mut names));
                self.changed.extend(names.into_iter().map(str::to_owned));
            }
            _ => {}
        }
    }
}

/// Where in a source something stands.
#[derive(Clone, Copy, Default)]
struct Within<'a> {
    class: Option<Span>,
    method: Option<&'a str>,
    /// Name of the method's object.
    first: Option<&'a str>,
    /// That is an object of the class surely: no decorator makes something else of the method, and the name stays.
    is_plain: bool,
}

impl Within<'_> {
    /// True for the object of the method.
    fn is_own(&self, expr: &Expr) -> bool {
        self.is_plain && matches!(&expr.kind, ExprKind::Name(name) if self.first == Some(name))
    }

    /// Within a function that has parameters of its own.
    fn inside(self, params: &Parameters) -> Self {
        let is_hidden = params.all().any(|parameter| self.first == Some(&parameter.name.name));
        Within { is_plain: self.is_plain && !is_hidden, ..self }
    }
}

/// Names of variables and attributes that a value may be, or hold as they are.
fn held<'a>(value: &'a Expr, names: &mut Vec<&'a str>) {
    match &value.kind {
        ExprKind::Name(name) | ExprKind::Attribute { name: Ident { name, .. }, .. } => names.push(name),
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::BoolOp { values: items, .. } => {
            items.iter().for_each(|item| held(item, names));
        }
        ExprKind::Dict(items) => items.iter().for_each(|(_, value)| held(value, names)),
        ExprKind::IfExp { body, orelse, .. } => {
            held(body, names);
            held(orelse, names);
        }
        ExprKind::Subscript { value, .. } => held(value, names),
        _ => {}
    }
}

/// The variable that an expression leads from, and the attributes on the way.
fn chain<'a>(expr: &'a Expr, attributes: &mut Vec<&'a str>) -> Option<&'a str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Subscript { value, .. } => chain(value, attributes),
        ExprKind::Attribute { value, name } => {
            attributes.push(&name.name);
            chain(value, attributes)
        }
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Attribute { value, .. } => chain(value, attributes),
            _ => None,
        },
        _ => None,
    }
}
