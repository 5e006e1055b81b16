//! What a function does besides giving its result: changes, randomness, clocks, the outside world.
//!
//! A walk over its source and over the script's functions that it calls. Names are looked up where evaluation has them;
//! what can't be looked up is unknown, so a function is pure only if all of it is seen.

use super::value::*;
use super::{Body, Evaluator};
use crate::facts::{Base, Change, Effects, Place, Write};
use crate::syntax::ast::*;
use crate::syntax::{scope, walk};
use pyflink_plan::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Calls within calls that are followed.
const DEEPEST: usize = 8;

/// Methods of builtin types that change what they are called on.
const CHANGING: &[&str] = &[
    "add",
    "append",
    "appendleft",
    "clear",
    "discard",
    "extend",
    "extendleft",
    "insert",
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
    "update",
];

/// Methods of builtin types, and of what operators hand to functions, that change nothing.
const HARMLESS: &[&str] = &[
    "as_integer_ratio",
    "bit_count",
    "bit_length",
    "capitalize",
    "casefold",
    "center",
    "collect",
    "conjugate",
    "copy",
    "count",
    "date",
    "decode",
    "difference",
    "emit",
    "encode",
    "end",
    "endswith",
    "expandtabs",
    "find",
    "findall",
    "finditer",
    "format",
    "format_map",
    "fullmatch",
    "get",
    "getEnd",
    "getStart",
    "get_end",
    "get_start",
    "group",
    "groupdict",
    "groups",
    "hex",
    "index",
    "intersection",
    "is_integer",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isdisjoint",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "issubset",
    "issuperset",
    "istitle",
    "isupper",
    "items",
    "join",
    "keys",
    "ljust",
    "lower",
    "lstrip",
    "match",
    "maxTimestamp",
    "max_timestamp",
    "most_common",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "search",
    "span",
    "split",
    "splitlines",
    "start",
    "startswith",
    "strftime",
    "strip",
    "sub",
    "swapcase",
    "symmetric_difference",
    "title",
    "to_bytes",
    "total_seconds",
    "translate",
    "union",
    "upper",
    "values",
    "zfill",
];

/// True for a method of that name of a builtin type, or of what operators hand to functions, if it changes nothing.
pub(super) fn is_harmless(method: &str) -> bool {
    HARMLESS.contains(&method)
}

const UNREPEATABLE: &[&str] = &[
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "numpy.random.",
    "os.urandom",
    "random.",
    "secrets.",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.process_time",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
];

/// Take the time of now unless they are given one, as so many arguments.
const OF_NOW: &[(&str, usize)] =
    &[("time.asctime", 1), ("time.ctime", 1), ("time.gmtime", 1), ("time.localtime", 1), ("time.strftime", 2)];

/// Of the random module: gives a generator of its own, which repeats if it is seeded.
const SEEDED: &[&str] = &["random.Random", "random.seed", "numpy.random.RandomState", "numpy.random.default_rng"];

const PURE_MODULES: &[&str] = &[
    "base64.",
    "bisect.bisect",
    "calendar.",
    "cmath.",
    "collections.",
    "colorsys.",
    "copy.",
    "datetime.",
    "decimal.",
    "difflib.",
    "fractions.",
    "functools.",
    "hashlib.",
    "heapq.merge",
    "heapq.nlargest",
    "heapq.nsmallest",
    "html.",
    "ipaddress.",
    "itertools.",
    "json.dumps",
    "json.loads",
    "math.",
    "operator.",
    "re.",
    "statistics.",
    "string.",
    "struct.",
    "textwrap.",
    "time.asctime",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.mktime",
    "time.strftime",
    "time.strptime",
    "unicodedata.",
    "urllib.parse.",
    "uuid.UUID",
    "uuid.uuid3",
    "uuid.uuid5",
    "zlib.",
];

const OUTSIDE_MODULES: &[&str] = &[
    "builtins.open",
    "glob.",
    "http.",
    "io.open",
    "logging.",
    "os.",
    "requests.",
    "shutil.",
    "socket.",
    "sqlite3.",
    "subprocess.",
    "sys.",
    "tempfile.",
    "time.sleep",
    "urllib.request.",
];

/// Functions that change their first argument.
const CHANGE_FIRST: &[&str] = &[
    "bisect.insort",
    "bisect.insort_left",
    "bisect.insort_right",
    "heapq.heapify",
    "heapq.heappop",
    "heapq.heappush",
    "heapq.heappushpop",
    "heapq.heapreplace",
    "random.shuffle",
];

fn is_among(path: &str, list: &[&str]) -> bool {
    list.iter().any(|entry| if entry.ends_with('.') { path.starts_with(entry) } else { path == *entry })
}

/// True for a function of the library whose results differ from call to call; it is given so many arguments.
pub(super) fn is_unrepeatable(path: &str, arguments: usize) -> bool {
    let of_now = OF_NOW.iter().any(|(name, given)| *name == path && arguments < *given);
    of_now || is_among(path, UNREPEATABLE) && !SEEDED.contains(&path)
}

impl<'a> Evaluator<'a> {
    /// What calling a function of the source does; `class` is that of what it is called on.
    pub(super) fn effects_of(&self, function: &Function, class: Option<&Value>) -> Effects {
        let mut stack = Vec::new();
        self.effects_within(function, class, &mut stack)
    }

    fn effects_within(&self, function: &Function, class: Option<&Value>, stack: &mut Vec<CodeId>) -> Effects {
        let code = &self.codes[function.code.0 as usize];
        if stack.contains(&function.code) {
            // What it does is found by the walk that is under way.
            return Effects::default();
        }
        if stack.len() >= DEEPEST {
            return Effects { unknown: Some(code.span), ..Effects::default() };
        }
        stack.push(function.code);
        let name = |parameter: &Parameter| parameter.name.name.clone();
        let roots = code.params.all().enumerate();
        let roots = roots.map(|(at, parameter)| {
            (name(parameter), Root { of: Base::Parameter(at, name(parameter)), attribute: None })
        });
        let mut walker = Walker {
            evaluator: self,
            function,
            receiver: class.and_then(|class| Some((name(code.params.positional().next()?), class.clone()))),
            outer: BTreeSet::new(),
            roots: roots.collect(),
            found: Effects::default(),
            stack,
        };
        match code.body {
            Body::Block(block) => walker.block(block),
            Body::Expr(expr) => walker.expr(expr),
        }
        let found = walker.found;
        stack.pop();
        found
    }

    /// The class of the source that has such a method, if any: then it isn't surely the builtin one.
    fn is_method_of_source(&self, name: &str) -> bool {
        self.codes.iter().any(|code| &*code.name == name)
    }
}

#[derive(Clone)]
struct Root {
    of: Base,
    attribute: Option<String>,
}

struct Walker<'e, 'a> {
    evaluator: &'e Evaluator<'a>,
    function: &'e Function,
    /// Name of the first parameter of a method, and the class of what it is called on.
    receiver: Option<(String, Value)>,
    /// Names that are declared global or nonlocal.
    outer: BTreeSet<String>,
    /// Names that stand for something from outside the call, or for a part of it.
    roots: BTreeMap<String, Root>,
    found: Effects,
    stack: &'e mut Vec<CodeId>,
}

impl Walker<'_, '_> {
    fn block(&mut self, block: &[Stmt]) {
        block.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Assign { targets, value } => {
                self.expr(value);
                let root = self.root(value);
                targets.iter().for_each(|target| self.bind(target, root.clone()));
            }
            StmtKind::AnnAssign { target, value: Some(value), .. } => {
                self.expr(value);
                let root = self.root(value);
                self.bind(target, root);
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(value);
                match &target.kind {
                    ExprKind::Name(name) if self.outer.contains(name) => self.bind(target, None),
                    // In place for lists, and for nothing else that is common.
                    ExprKind::Name(_) if matches!(value.kind, ExprKind::List(_) | ExprKind::ListComp { .. }) => {
                        if let Some(root) = self.root(target) {
                            self.change(root, target.span);
                        }
                    }
                    ExprKind::Name(_) => {}
                    _ => self.bind(target, None),
                }
            }
            StmtKind::For { target, iter, .. } => {
                self.expr(iter);
                let root = self.root(iter);
                self.bind(target, root);
                walk::blocks(statement).into_iter().for_each(|block| self.block(block));
            }
            StmtKind::Delete(targets) => {
                targets
                    .iter()
                    .filter(|target| !matches!(target.kind, ExprKind::Name(_)))
                    .for_each(|t| self.bind(t, None));
            }
            StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                self.outer.extend(names.iter().map(|name| name.name.clone()));
            }
            StmtKind::FunctionDef(function) => self.block(&function.body),
            StmtKind::ClassDef(class) => self.unknown(class.name.span),
            _ => {
                walk::direct_exprs(statement, &mut |expr| self.expr(expr));
                walk::blocks(statement).into_iter().for_each(|block| self.block(block));
            }
        }
    }

    /// Something is bound to a target: a name stands for it then, anything else is changed.
    fn bind(&mut self, target: &Expr, root: Option<Root>) {
        match &target.kind {
            ExprKind::Name(name) if self.outer.contains(name) => {
                self.change(Root { of: Base::Outer(name.clone()), attribute: None }, target.span);
            }
            ExprKind::Name(name) => {
                match root {
                    Some(root) => self.roots.insert(name.clone(), root),
                    None => self.roots.remove(name),
                };
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.bind(item, root.clone()))
            }
            ExprKind::Starred(inner) => self.bind(inner, root),
            ExprKind::Attribute { value, name } => {
                if let Some(of) = self.root(value) {
                    let attribute = of.attribute.or(Some(name.name.clone()));
                    self.change(Root { of: of.of, attribute }, target.span);
                }
            }
            ExprKind::Subscript { value, index } => {
                self.expr(index);
                if let Some(of) = self.root(value) {
                    self.change(of, target.span);
                }
            }
            _ => {}
        }
    }

    /// Variables that are not the call's own, and what they hold.
    fn places(&self, name: &str) -> BTreeSet<Place> {
        let mut found = BTreeSet::new();
        let code = &self.evaluator.codes[self.function.code.0 as usize];
        if self.roots.contains_key(name) || code.locals.contains(name) && !self.outer.contains(name) {
            return found;
        }
        let value = self.value(name);
        let is_function = value
            .as_ref()
            .and_then(Value::object)
            .is_some_and(|id| matches!(self.evaluator.heap.get(id), Object::Function(_) | Object::Module(_)));
        if value.is_none() || is_function {
            return found;
        }
        found.insert(Place::Variable(name.to_owned()));
        value.iter().for_each(|value| self.evaluator.objects_in(value, &mut found));
        found
    }

    /// Notes a change of what a variable holds that isn't the call's own.
    fn write(&mut self, root: &Root, span: Span) {
        let Base::Outer(name) = &root.of else { return };
        // It may stand for a part of the variable under another name.
        let roots = std::mem::take(&mut self.roots);
        let mut places = self.places(name);
        self.roots = roots;
        places.insert(Place::Variable(name.clone()));
        let name = name.clone();
        self.found.writes.extend(places.into_iter().map(|place| Write { place, name: name.clone(), span }));
    }

    fn change(&mut self, root: Root, span: Span) {
        self.write(&root, span);
        let change = Change { of: root.of, attribute: root.attribute, span };
        if !self.found.changes.contains(&change) {
            self.found.changes.push(change);
        }
    }

    fn unknown(&mut self, span: Span) {
        self.found.unknown.get_or_insert(span);
    }

    /// Where the object comes from that an expression gives, if it isn't one of the call's own.
    fn root(&self, expr: &Expr) -> Option<Root> {
        match &expr.kind {
            ExprKind::Name(name) => {
                if let Some(root) = self.roots.get(name) {
                    return Some(root.clone());
                }
                let code = &self.evaluator.codes[self.function.code.0 as usize];
                if code.locals.contains(name.as_str()) {
                    return None;
                }
                match self.value(name)? {
                    Value::Object(id) => match self.evaluator.heap.get(id) {
                        Object::Function(_) | Object::Module(_) => None,
                        _ => Some(Root { of: Base::Outer(name.clone()), attribute: None }),
                    },
                    Value::Opaque(_) => Some(Root { of: Base::Outer(name.clone()), attribute: None }),
                    _ => None,
                }
            }
            ExprKind::Attribute { value, name } => {
                let root = self.root(value)?;
                Some(Root { attribute: root.attribute.or(Some(name.name.clone())), ..root })
            }
            ExprKind::Subscript { value, .. } | ExprKind::Starred(value) => self.root(value),
            ExprKind::IfExp { body, orelse, .. } => self.root(body).or_else(|| self.root(orelse)),
            ExprKind::BoolOp { values, .. } => values.iter().find_map(|value| self.root(value)),
            ExprKind::NamedExpr { value, .. } => self.root(value),
            _ => None,
        }
    }

    /// What evaluation has for a name that is not local.
    fn value(&self, name: &str) -> Option<Value> {
        let scopes = self.function.closure.iter().rev().copied().chain([self.function.globals]);
        scopes.into_iter().find_map(|scope| self.evaluator.name_in(scope, name)).cloned()
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Name(name) => {
                let places = self.places(name);
                self.found.reaches.extend(places);
            }
            ExprKind::Call { func, args, keywords } => {
                if let ExprKind::Attribute { value, .. } = &func.kind {
                    self.expr(value);
                }
                args.iter()
                    .chain(keywords.iter().map(|keyword| &keyword.value))
                    .for_each(|argument| self.expr(argument));
                self.call(func, args, expr.span);
            }
            ExprKind::Lambda { body, .. } => self.expr(body),
            ExprKind::ListComp { generators, .. }
            | ExprKind::SetComp { generators, .. }
            | ExprKind::GeneratorExp { generators, .. }
            | ExprKind::DictComp { generators, .. } => {
                for generator in generators {
                    let root = self.root(&generator.iter);
                    self.bind(&generator.target, root);
                }
                walk::children(expr, &mut |child| self.expr(child));
            }
            ExprKind::NamedExpr { target, value } => {
                self.expr(value);
                let root = self.root(value);
                self.bind(target, root);
            }
            _ => walk::children(expr, &mut |child| self.expr(child)),
        }
    }

    fn call(&mut self, func: &Expr, args: &[Expr], span: Span) {
        if let Some(path) = self.dotted(func) {
            return self.library(&path, args, span);
        }
        match &func.kind {
            ExprKind::Name(name) => self.call_name(name, args, span),
            ExprKind::Attribute { value, name } => self.call_method(value, &name.name, args, span),
            _ => self.unknown(span),
        }
    }

    /// Whether the function binds a name itself.
    fn binds(&self, name: &str) -> bool {
        let code = &self.evaluator.codes[self.function.code.0 as usize];
        match code.body {
            Body::Block(block) => scope::locals(code.params, block).contains(name),
            Body::Expr(_) => false,
        }
    }

    /// The full name of what was imported from elsewhere: `datetime.datetime.now`.
    fn dotted(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Name(name) if !self.roots.contains_key(name) => {
                let source = self.evaluator.codes[self.function.code.0 as usize].span.source;
                // A name of another function is none of its business.
                let program = self.evaluator.program;
                let full = match program.top_imports(source).get(name) {
                    Some(full) => full,
                    None if self.binds(name) => program.imports(source).get(name)?,
                    None => return None,
                };
                (!self.evaluator.program.modules.contains_key(full)
                    && !full
                        .rsplit_once('.')
                        .is_some_and(|(module, _)| self.evaluator.program.modules.contains_key(module)))
                .then(|| full.clone())
            }
            ExprKind::Attribute { value, name } => Some(format!("{}.{}", self.dotted(value)?, name.name)),
            _ => None,
        }
    }

    fn library(&mut self, path: &str, args: &[Expr], span: Span) {
        let among = |list| is_among(path, list);
        if CHANGE_FIRST.contains(&path)
            && let Some(root) = args.first().and_then(|argument| self.root(argument))
        {
            self.change(root, span);
        }
        if is_unrepeatable(path, args.len()) {
            self.found.unrepeatable.push((path.to_owned(), span));
        } else if among(OUTSIDE_MODULES) {
            self.found.outside.push((path.to_owned(), span));
        } else if !among(PURE_MODULES) && !CHANGE_FIRST.contains(&path) && !path.starts_with("org.apache.flink") {
            self.unknown(span);
        }
    }

    fn call_name(&mut self, name: &str, args: &[Expr], span: Span) {
        let local =
            self.roots.contains_key(name) || self.evaluator.codes[self.function.code.0 as usize].locals.contains(name);
        if local {
            return self.unknown(span);
        }
        match self.value(name) {
            Some(Value::Object(id)) => match self.evaluator.heap.get(id).clone() {
                Object::Function(function) => self.follow(&function, None, None, args, span),
                Object::Class(class) if class.opaque.is_none() => {
                    let class = Value::Object(id);
                    if let Some((Value::Object(init), _)) = self.evaluator.class_attribute(&class, "__init__")
                        && let Object::Function(function) = self.evaluator.heap.get(init).clone()
                    {
                        // What it does to the new object is nobody's business.
                        self.follow(&function, Some(&class), None, args, span);
                    }
                }
                _ => self.unknown(span),
            },
            Some(_) => self.unknown(span),
            None => self.builtin(name, args, span),
        }
    }

    fn builtin(&mut self, name: &str, args: &[Expr], span: Span) {
        match name {
            "print" | "input" | "open" | "breakpoint" => self.found.outside.push((name.to_owned(), span)),
            "exec" | "eval" | "compile" | "__import__" | "globals" | "locals" | "vars" => self.unknown(span),
            "id" | "hash" => self.found.unrepeatable.push((name.to_owned(), span)),
            "setattr" | "delattr" | "next" => {
                if let Some(root) = args.first().and_then(|argument| self.root(argument)) {
                    self.change(root, span);
                }
            }
            // Functions that call what they are given.
            "map" | "filter" | "sorted" | "min" | "max" if args.iter().any(|argument| self.is_unseen(argument)) => {
                self.unknown(span);
            }
            _ if scope::BUILTINS.contains(&name) => {}
            _ => self.unknown(span),
        }
    }

    /// A function, handed on, whose source isn't walked on the way.
    fn is_unseen(&self, argument: &Expr) -> bool {
        match &argument.kind {
            ExprKind::Name(name) => {
                !self.roots.contains_key(name) && matches!(self.value(name), Some(Value::Object(_)))
            }
            _ => false,
        }
    }

    fn call_method(&mut self, value: &Expr, name: &str, args: &[Expr], span: Span) {
        if let (ExprKind::Name(receiver), Some((own, class))) = (&value.kind, self.receiver.clone())
            && *receiver == own
            && let Some((Value::Object(id), _)) = self.evaluator.class_attribute(&class, name)
        {
            return match self.evaluator.heap.get(id).clone() {
                Object::Function(function) => self.follow(&function, Some(&class), self.root(value), args, span),
                _ => self.unknown(span),
            };
        }
        // A method of an object that the module holds, such as a compiled pattern, or of a class.
        let root = self.root(value);
        if CHANGING.contains(&name) && !self.evaluator.is_method_of_source(name) {
            if let Some(root) = root {
                self.change(root, span);
            }
        } else if HARMLESS.contains(&name) && !self.evaluator.is_method_of_source(name) {
        } else if matches!(name, "write" | "writelines" | "flush" | "send" | "sendall" | "recv" | "read" | "readline") {
            if let Some(root) = root {
                self.write(&root, span);
            }
            self.found.outside.push((name.to_owned(), span));
        } else {
            self.unknown(span);
        }
    }

    /// Adds what a function of the source does, seen from here. `receiver` is what a method is called on.
    fn follow(
        &mut self,
        function: &Function,
        class: Option<&Value>,
        receiver: Option<Root>,
        args: &[Expr],
        span: Span,
    ) {
        let inner = self.evaluator.effects_within(function, class, self.stack);
        for change in inner.changes {
            let root = match change.of {
                Base::Outer(name) => Some(Root { of: Base::Outer(name), attribute: None }),
                Base::Parameter(0, _) if class.is_some() => receiver.clone(),
                Base::Parameter(at, _) => {
                    args.get(at - usize::from(class.is_some())).and_then(|argument| self.root(argument))
                }
            };
            if let Some(root) = root {
                let attribute = root.attribute.or(change.attribute);
                // The place where it happens says more than the call does.
                self.change(Root { of: root.of, attribute }, change.span);
            }
        }
        self.found.reaches.extend(inner.reaches);
        self.found.writes.extend(inner.writes);
        self.found.unrepeatable.extend(inner.unrepeatable);
        self.found.outside.extend(inner.outside);
        if inner.unknown.is_some() {
            self.unknown(span);
        }
    }
}
