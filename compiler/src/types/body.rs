//! Types in the body of a function: a walk over its statements with the types of its names.

use super::{Type, join};
use crate::syntax::ast::*;
use crate::syntax::scope;
use crate::syntax::walk::{self, Code};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Calls within calls that are followed.
const DEEPEST: usize = 6;
/// Calls that are followed in all: functions that call themselves in several places would be walked for ever.
const MOST_CALLS: u32 = 200;

/// A function whose results are asked for.
#[derive(Clone)]
pub enum Body<'a> {
    Source { tree: &'a Module, code: Code<'a>, is_method: bool },
    Builtin(String),
}

/// What a function that collects is called with.
pub enum Inputs {
    Source,
    Element(Option<Type>),
    /// Key and elements.
    Window(Option<Type>, Option<Type>),
}

impl<'a> Body<'a> {
    /// The type of what it returns, called with arguments of these types.
    pub fn returned(&self, arguments: &[Option<Type>]) -> Option<Type> {
        match self {
            Body::Builtin(name) => builtin(name, arguments),
            Body::Source { .. } => self.walk(arguments, 0, Rc::new(Cell::new(MOST_CALLS)))?.result(),
        }
    }

    /// The type of all that it hands to a collector, yields, or returns in a sequence.
    pub fn collected(&self, inputs: Inputs) -> Option<Type> {
        let Body::Source { .. } = self else { return None };
        let arguments = match inputs {
            Inputs::Source => vec![None],
            Inputs::Element(element) => vec![element, None],
            Inputs::Window(key, elements) => vec![key, None, elements, None],
        };
        let walk = self.walk(&arguments, 0, Rc::new(Cell::new(MOST_CALLS)))?;
        let mut given = walk.collected.clone();
        if !walk.is_generator {
            for returned in &walk.returns {
                match returned {
                    Some(Type::None) => {}
                    Some(sequence) => given.push(sequence.element()),
                    None => given.push(None),
                }
            }
        }
        given.into_iter().reduce(join).flatten()
    }

    fn walk(&self, arguments: &[Option<Type>], depth: usize, calls: Rc<Cell<u32>>) -> Option<Walk<'a>> {
        let Body::Source { tree, code, is_method } = self else { return None };
        let mut walk = Walk {
            tree,
            names: BTreeMap::new(),
            locals: Default::default(),
            returns: Vec::new(),
            collected: Vec::new(),
            is_generator: false,
            ends: false,
            collector: None,
            depth,
            calls,
        };
        match code {
            Code::Lambda { params, body } => {
                walk.bind_parameters(params, false, arguments);
                let value = walk.expr(body);
                walk.returns.push(value);
                walk.ends = true;
            }
            Code::Function(function) => {
                if function.is_async || !function.decorators.is_empty() && !is_plain(&function.decorators) {
                    return None;
                }
                let is_static =
                    function.decorators.iter().any(|d| matches!(&d.kind, ExprKind::Name(n) if n == "staticmethod"));
                walk.locals = scope::locals(&function.params, &function.body);
                walk.is_generator = function.is_generator;
                walk.bind_parameters(&function.params, *is_method && !is_static, arguments);
                walk.block(&function.body);
            }
        }
        Some(walk)
    }
}

fn is_plain(decorators: &[Expr]) -> bool {
    decorators.iter().all(
        |decorator| matches!(&decorator.kind, ExprKind::Name(name) if name == "staticmethod" || name == "override"),
    )
}

struct Walk<'a> {
    tree: &'a Module,
    /// Types of local names; a name that isn't here is unknown.
    names: BTreeMap<String, Type>,
    locals: std::collections::BTreeSet<String>,
    returns: Vec<Option<Type>>,
    collected: Vec<Option<Type>>,
    is_generator: bool,
    /// Nothing behind this point is reached.
    ends: bool,
    /// The parameter whose `collect` gives an element.
    collector: Option<String>,
    depth: usize,
    /// How many further calls are followed.
    calls: Rc<Cell<u32>>,
}

impl<'a> Walk<'a> {
    fn bind_parameters(&mut self, params: &Parameters, is_method: bool, arguments: &[Option<Type>]) {
        let names = params.positional().skip(usize::from(is_method)).map(|parameter| parameter.name.name.clone());
        let names: Vec<String> = names.collect();
        self.locals.extend(params.all().map(|parameter| parameter.name.name.clone()));
        self.collector = names.get(arguments.len().max(1) - 1).cloned();
        for (name, argument) in names.into_iter().zip(arguments) {
            if let Some(of) = argument {
                self.names.insert(name, of.clone());
            }
        }
    }

    fn result(mut self) -> Option<Type> {
        if !self.ends {
            self.returns.push(Some(Type::None));
        }
        if self.is_generator { None } else { self.returns.into_iter().reduce(join).flatten() }
    }

    fn block(&mut self, block: &'a [Stmt]) {
        for statement in block {
            if self.ends {
                return;
            }
            self.statement(statement);
        }
    }

    /// Walks blocks of which one runs, or none if `may_skip`.
    fn branches(&mut self, blocks: &[&'a [Stmt]], may_skip: bool) {
        let before = self.names.clone();
        let mut after: Vec<BTreeMap<String, Type>> = if may_skip { vec![before.clone()] } else { Vec::new() };
        for block in blocks {
            self.names = before.clone();
            self.ends = false;
            self.block(block);
            if !self.ends {
                after.push(std::mem::take(&mut self.names));
            }
        }
        self.ends = after.is_empty();
        self.names = after.into_iter().reduce(meet).unwrap_or(before);
    }

    fn statement(&mut self, statement: &'a Stmt) {
        match &statement.kind {
            StmtKind::Return(value) => {
                let of = value.as_ref().map_or(Some(Type::None), |value| self.expr(value));
                self.returns.push(of);
                self.ends = true;
            }
            StmtKind::Raise { .. } => self.ends = true,
            StmtKind::Assign { targets, value } => {
                let of = self.expr(value);
                targets.iter().for_each(|target| self.bind(target, of.clone()));
            }
            StmtKind::AnnAssign { target, value, .. } => {
                let of = value.as_ref().and_then(|value| self.expr(value));
                self.bind(target, of);
            }
            StmtKind::AugAssign { target, op, value } => {
                let (left, right) = (self.expr(target), self.expr(value));
                let of = binary(*op, left, right);
                self.bind(target, of);
            }
            StmtKind::If { test, body, orelse } => {
                self.expr(test);
                self.branches(&[body, orelse], false);
            }
            StmtKind::For { target, iter, body, orelse, .. } => {
                let element = self.expr(iter).and_then(|of| of.element());
                self.repeated(body, |walk| walk.bind(target, element.clone()));
                self.block(orelse);
            }
            StmtKind::While { test, body, orelse } => {
                self.repeated(body, |walk| drop(walk.expr(test)));
                // `while True` is left by a return only, or by a break.
                let always = matches!(test.kind, ExprKind::Constant(Constant::Bool(true)));
                self.ends = always && !has_break(body);
                if !self.ends {
                    self.block(orelse);
                }
            }
            StmtKind::Break | StmtKind::Continue => self.ends = true,
            StmtKind::Expr(value) => drop(self.expr(value)),
            StmtKind::Pass
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. } => {}
            StmtKind::Assert { test, .. } => drop(self.expr(test)),
            StmtKind::Try { body, handlers, orelse, finalbody } => {
                // A handler may begin after any statement of the body.
                let mut names = Default::default();
                walk::statements(body, &mut |inner| scope::bound_names(inner, &mut names));
                let before = self.names.clone();
                self.block(body);
                self.block(orelse);
                let (whole, ended) = (std::mem::take(&mut self.names), self.ends);
                let mut after = if ended { Vec::new() } else { vec![whole] };
                for handler in handlers {
                    self.names = before
                        .iter()
                        .filter(|(name, _)| !names.contains(*name))
                        .map(|(n, t)| (n.clone(), t.clone()))
                        .collect();
                    self.ends = false;
                    self.block(&handler.body);
                    if !self.ends {
                        after.push(std::mem::take(&mut self.names));
                    }
                }
                self.ends = after.is_empty();
                self.names = after.into_iter().reduce(meet).unwrap_or_default();
                if !finalbody.is_empty() {
                    let ends = self.ends;
                    self.ends = false;
                    self.block(finalbody);
                    self.ends |= ends;
                }
            }
            StmtKind::With { items, body, .. } => {
                for item in items {
                    self.expr(&item.context);
                    item.target.iter().for_each(|target| self.bind(target, None));
                }
                self.block(body);
            }
            // Whatever it binds or returns is unknown.
            _ => {
                walk::direct_exprs(statement, &mut |expr| drop(self.expr(expr)));
                let mut names = Default::default();
                walk::statements(std::slice::from_ref(statement), &mut |inner| scope::bound_names(inner, &mut names));
                names.iter().for_each(|name| drop(self.names.remove(name)));
                let blocks = walk::blocks(statement);
                self.branches(&blocks, true);
            }
        }
    }

    /// A block that runs any number of times: a name has a type in it only if it keeps it.
    fn repeated(&mut self, body: &'a [Stmt], mut first: impl FnMut(&mut Self)) {
        loop {
            let before = self.names.clone();
            let (returns, collected) = (self.returns.len(), self.collected.len());
            first(self);
            self.block(body);
            self.ends = false;
            // What a `continue` or `break` leaves with is not followed, so what the body binds is met with before.
            let mut bound = Default::default();
            walk::statements(body, &mut |inner| scope::bound_names(inner, &mut bound));
            let leaves = has_jump(body);
            let after = meet(before.clone(), std::mem::take(&mut self.names));
            self.names = after
                .into_iter()
                .filter(|(name, _)| !(leaves && bound.contains(name) && !before.contains_key(name)))
                .collect();
            if self.names == before {
                return;
            }
            // Some type didn't hold: again, with less.
            self.returns.truncate(returns);
            self.collected.truncate(collected);
        }
    }

    fn bind(&mut self, target: &Expr, of: Option<Type>) {
        match &target.kind {
            ExprKind::Name(name) => match of {
                Some(of) => drop(self.names.insert(name.clone(), of)),
                None => drop(self.names.remove(name)),
            },
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                let starred = items.iter().any(|item| matches!(item.kind, ExprKind::Starred(_)));
                for (at, item) in items.iter().enumerate() {
                    let field = match &of {
                        _ if starred => None,
                        Some(Type::Tuple(fields)) => fields.get(at).cloned().flatten(),
                        Some(other) => other.element(),
                        None => None,
                    };
                    self.bind(item, field);
                }
            }
            ExprKind::Starred(inner) => self.bind(inner, None),
            // An element of a list may be of another type from here on.
            ExprKind::Subscript { value, .. } => self.forget_elements(value),
            _ => {}
        }
    }

    /// A list or set has been changed.
    fn forget_elements(&mut self, value: &Expr) {
        let ExprKind::Name(_) = &value.kind else {
            // It may be a part of anything.
            let is_flat = |of: &Type| !matches!(of, Type::List(Some(_)) | Type::Set(Some(_)) | Type::Tuple(_));
            self.names.retain(|_, of| is_flat(of));
            return;
        };
        // Two names may stand for one list.
        for of in self.names.values_mut() {
            forget(of);
        }
    }

    fn expr(&mut self, expr: &'a Expr) -> Option<Type> {
        match &expr.kind {
            ExprKind::Constant(constant) => Some(match constant {
                Constant::None => Type::None,
                Constant::Bool(_) => Type::Bool,
                Constant::Int(_) => Type::Int,
                Constant::Float(_) => Type::Float,
                Constant::Str(_) => Type::Str,
                Constant::Bytes(_) => Type::Bytes,
                Constant::Complex(..) | Constant::Ellipsis => return None,
            }),
            ExprKind::Name(name) => self.names.get(name).cloned(),
            ExprKind::JoinedStr(_) => {
                walk::children(expr, &mut |child| drop(self.expr(child)));
                Some(Type::Str)
            }
            ExprKind::Tuple(items) => {
                let fields = items.iter().map(|item| self.expr(item)).collect();
                let starred = items.iter().any(|item| matches!(item.kind, ExprKind::Starred(_)));
                (!starred).then_some(Type::Tuple(fields))
            }
            ExprKind::List(items) => Some(Type::List(self.elements(items))),
            ExprKind::Set(items) => Some(Type::Set(self.elements(items))),
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    key.iter().for_each(|key| drop(self.expr(key)));
                    self.expr(value);
                }
                Some(Type::Dict)
            }
            ExprKind::BinOp { left, op, right } => {
                let (left, right) = (self.expr(left), self.expr(right));
                binary(*op, left, right)
            }
            ExprKind::UnaryOp { op, operand } => match (op, self.expr(operand)) {
                (UnaryOp::Not, _) => Some(Type::Bool),
                (UnaryOp::Invert | UnaryOp::Plus | UnaryOp::Minus, Some(Type::Int | Type::Bool)) => Some(Type::Int),
                (UnaryOp::Plus | UnaryOp::Minus, Some(Type::Float)) => Some(Type::Float),
                _ => None,
            },
            ExprKind::Compare { left, rest } => {
                let mut known = self.expr(left).is_some();
                for (op, right) in rest {
                    let right = self.expr(right);
                    known =
                        known && right.is_some() || matches!(op, CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn);
                }
                known.then_some(Type::Bool)
            }
            ExprKind::BoolOp { values, .. } => {
                let types: Vec<_> = values.iter().map(|value| self.expr(value)).collect();
                types.into_iter().reduce(join).flatten()
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test);
                let (body, orelse) = (self.expr(body), self.expr(orelse));
                join(body, orelse)
            }
            ExprKind::Subscript { value, index } => {
                let of = self.expr(value)?;
                let is_slice = matches!(index.kind, ExprKind::Slice { .. });
                self.expr(index);
                match of {
                    Type::Str => Some(Type::Str),
                    Type::Bytes if !is_slice => Some(Type::Int),
                    Type::Bytes => Some(Type::Bytes),
                    Type::List(_) if is_slice => Some(of),
                    Type::List(element) => element.map(|element| *element),
                    Type::Tuple(fields) if !is_slice => {
                        let at = constant_index(index, fields.len());
                        match at {
                            Some(at) => fields.get(at).cloned().flatten(),
                            None => Type::Tuple(fields).element(),
                        }
                    }
                    _ => None,
                }
            }
            ExprKind::Call { func, args, keywords } => self.call(func, args, keywords),
            ExprKind::ListComp { element, generators } => {
                let of = self.comprehension(element, generators);
                Some(Type::List(of.map(Box::new)))
            }
            ExprKind::SetComp { element, generators } => {
                let of = self.comprehension(element, generators);
                Some(Type::Set(of.map(Box::new)))
            }
            ExprKind::GeneratorExp { element, generators } => {
                let of = self.comprehension(element, generators);
                Some(Type::Iterable(of.map(Box::new)))
            }
            ExprKind::DictComp { .. } => Some(Type::Dict),
            ExprKind::NamedExpr { target, value } => {
                let of = self.expr(value);
                self.bind(target, of.clone());
                of
            }
            ExprKind::Yield(value) => {
                let of = value.as_ref().map_or(Some(Type::None), |value| self.expr(value));
                self.collected.push(of);
                None
            }
            ExprKind::YieldFrom(value) => {
                let of = self.expr(value).and_then(|of| of.element());
                self.collected.push(of);
                None
            }
            _ => {
                walk::children(expr, &mut |child| drop(self.expr(child)));
                None
            }
        }
    }

    fn elements(&mut self, items: &'a [Expr]) -> Option<Box<Type>> {
        let types: Vec<Option<Type>> = items.iter().map(|item| self.expr(item)).collect();
        types.into_iter().reduce(join).flatten().map(Box::new)
    }

    fn comprehension(&mut self, element: &'a Expr, generators: &'a [Comprehension]) -> Option<Type> {
        let outer = self.names.clone();
        for generator in generators {
            let of = self.expr(&generator.iter).and_then(|of| of.element());
            self.bind(&generator.target, of);
            generator.ifs.iter().for_each(|test| drop(self.expr(test)));
        }
        let of = self.expr(element);
        self.names = outer;
        of
    }

    fn call(&mut self, func: &'a Expr, args: &'a [Expr], keywords: &'a [Keyword]) -> Option<Type> {
        if let ExprKind::Attribute { value, name } = &func.kind {
            let is_collector = matches!(&value.kind, ExprKind::Name(n) if self.collector.as_ref() == Some(n));
            if is_collector && name.name.starts_with("collect") {
                let of = args.first().and_then(|argument| self.expr(argument));
                self.collected.push(of);
                return Some(Type::None);
            }
            let of = self.expr(value);
            args.iter()
                .chain(keywords.iter().map(|keyword| &keyword.value))
                .for_each(|argument| drop(self.expr(argument)));
            self.let_go(args, keywords);
            return match of? {
                Type::Str => text_method(&name.name),
                Type::List(_) | Type::Set(_) | Type::Dict => {
                    self.forget_elements(value);
                    match name.name.as_str() {
                        "append" | "extend" | "insert" | "sort" | "reverse" | "clear" | "remove" | "add"
                        | "discard" | "update" => Some(Type::None),
                        "index" | "count" => Some(Type::Int),
                        _ => None,
                    }
                }
                _ => None,
            };
        }
        let arguments: Vec<_> = args.iter().map(|argument| self.expr(argument)).collect();
        keywords.iter().for_each(|keyword| drop(self.expr(&keyword.value)));
        let ExprKind::Name(name) = &func.kind else {
            self.let_go(args, keywords);
            return None;
        };
        let has_stars = args.iter().any(|argument| matches!(argument.kind, ExprKind::Starred(_)));
        if self.locals.contains(name) || has_stars {
            self.let_go(args, keywords);
            return None;
        }
        // Names of the module hide builtins.
        let mut defined = Vec::new();
        let mut bound = Default::default();
        walk::statements(&self.tree.body, &mut |statement| {
            scope::bound_names(statement, &mut bound);
            if let StmtKind::FunctionDef(function) = &statement.kind
                && function.name.name == *name
            {
                defined.push(&**function);
            }
        });
        let imported = scope::imports(self.tree).contains_key(name);
        match defined.as_slice() {
            [function] if keywords.is_empty() && self.depth < DEEPEST && self.calls.get() > 0 => {
                self.calls.set(self.calls.get() - 1);
                self.let_go(args, keywords);
                let body = Body::Source { tree: self.tree, code: Code::Function(function), is_method: false };
                body.walk(&arguments, self.depth + 1, self.calls.clone())?.result()
            }
            [] if !imported && !bound.contains(name) => builtin(name, &arguments),
            _ => {
                self.let_go(args, keywords);
                None
            }
        }
    }

    /// Lists that are handed to something unknown may be changed there.
    fn let_go(&mut self, args: &[Expr], keywords: &[Keyword]) {
        let may_change =
            |of: Option<&Type>| of.is_none_or(|of| matches!(of, Type::List(_) | Type::Set(_) | Type::Tuple(_)));
        let handed =
            args.iter().chain(keywords.iter().map(|keyword| &keyword.value)).any(|argument| match &argument.kind {
                ExprKind::Constant(_) | ExprKind::JoinedStr(_) => false,
                ExprKind::Name(name) => may_change(self.names.get(name)),
                _ => true,
            });
        if handed {
            self.names.values_mut().for_each(forget);
        }
    }
}

/// Forgets what is in lists, which may be changed by whoever has them.
fn forget(of: &mut Type) {
    match of {
        Type::List(element) | Type::Set(element) => *element = None,
        Type::Tuple(fields) => fields.iter_mut().flatten().for_each(forget),
        _ => {}
    }
}

/// What holds on both ways.
fn meet(a: BTreeMap<String, Type>, b: BTreeMap<String, Type>) -> BTreeMap<String, Type> {
    a.into_iter().filter_map(|(name, of)| Some((name.clone(), join(Some(of), b.get(&name).cloned())?))).collect()
}

fn has_jump(body: &[Stmt]) -> bool {
    let mut found = false;
    walk::statements(body, &mut |statement| found |= matches!(statement.kind, StmtKind::Break | StmtKind::Continue));
    found
}

fn has_break(body: &[Stmt]) -> bool {
    let mut found = false;
    walk::statements(body, &mut |statement| found |= matches!(statement.kind, StmtKind::Break));
    found
}

fn constant_index(index: &Expr, len: usize) -> Option<usize> {
    match &index.kind {
        ExprKind::Constant(Constant::Int(at)) => usize::try_from(at).ok(),
        ExprKind::UnaryOp { op: UnaryOp::Minus, operand } => match &operand.kind {
            ExprKind::Constant(Constant::Int(at)) => len.checked_sub(usize::try_from(at).ok()?),
            _ => None,
        },
        _ => None,
    }
}

fn binary(op: BinOp, left: Option<Type>, right: Option<Type>) -> Option<Type> {
    use BinOp::*;
    if matches!((&left, op), (Some(Type::Str), Mod)) {
        return Some(Type::Str);
    }
    let is_int = |of: &Type| matches!(of, Type::Int | Type::Bool);
    let is_number = |of: &Type| is_int(of) || *of == Type::Float;
    match (op, left?, right?) {
        (BitAnd | BitOr | BitXor, Type::Bool, Type::Bool) => Some(Type::Bool),
        (Add | Sub | Mult | Mod | FloorDiv | LShift | RShift | BitAnd | BitOr | BitXor, a, b)
            if is_int(&a) && is_int(&b) =>
        {
            Some(Type::Int)
        }
        (Div, a, b) if is_number(&a) && is_number(&b) => Some(Type::Float),
        (Add | Sub | Mult | Mod | FloorDiv, a, b) if is_number(&a) && is_number(&b) => Some(Type::Float),
        (Add, Type::Str, Type::Str) | (Mult, Type::Str, Type::Int | Type::Bool) => Some(Type::Str),
        (Mult, Type::Int | Type::Bool, Type::Str) => Some(Type::Str),
        (Add, Type::Bytes, Type::Bytes) => Some(Type::Bytes),
        (Add, Type::Tuple(mut a), Type::Tuple(b)) => {
            a.extend(b);
            Some(Type::Tuple(a))
        }
        (Add, a @ Type::List(_), b @ Type::List(_)) => join(Some(a), Some(b)),
        (Mult, a @ Type::List(_), Type::Int) => Some(a),
        _ => None,
    }
}

fn text_method(name: &str) -> Option<Type> {
    Some(match name {
        "lower" | "upper" | "title" | "strip" | "lstrip" | "rstrip" | "join" | "replace" | "zfill" | "center"
        | "ljust" | "rjust" | "format" | "capitalize" | "swapcase" | "casefold" | "expandtabs" | "removeprefix"
        | "removesuffix" | "translate" => Type::Str,
        "split" | "rsplit" | "splitlines" => Type::List(Some(Box::new(Type::Str))),
        "partition" | "rpartition" => Type::Tuple(vec![Some(Type::Str); 3]),
        "find" | "rfind" | "index" | "rindex" | "count" => Type::Int,
        "startswith" | "endswith" => Type::Bool,
        "encode" => Type::Bytes,
        name if name.starts_with("is") => Type::Bool,
        _ => return None,
    })
}

fn builtin(name: &str, arguments: &[Option<Type>]) -> Option<Type> {
    let first = || arguments.first().cloned().flatten();
    match (name, arguments) {
        ("str" | "repr" | "chr" | "hex" | "oct" | "bin" | "ascii" | "format", _) => Some(Type::Str),
        ("len" | "ord" | "int" | "hash" | "id", _) => Some(Type::Int),
        ("float", _) => Some(Type::Float),
        ("bool" | "isinstance" | "any" | "all" | "callable" | "issubclass" | "hasattr", _) => Some(Type::Bool),
        ("abs", _) => match first()? {
            Type::Bool => Some(Type::Int),
            of @ (Type::Int | Type::Float) => Some(of),
            _ => None,
        },
        ("round", [Some(Type::Int | Type::Float | Type::Bool)]) => Some(Type::Int),
        ("round", [Some(Type::Float), _]) => Some(Type::Float),
        ("min" | "max", [Some(of)]) => of.element(),
        ("min" | "max", [_, _, ..]) => arguments.iter().cloned().reduce(join).flatten(),
        ("sum", [Some(of)]) => match of.element()? {
            Type::Int | Type::Bool => Some(Type::Int),
            _ => None,
        },
        ("sorted" | "list", [Some(of)]) => Some(Type::List(of.element().map(Box::new))),
        ("reversed", [Some(of)]) => Some(Type::Iterable(of.element().map(Box::new))),
        ("set", [Some(of)]) => Some(Type::Set(of.element().map(Box::new))),
        ("range", _) => Some(Type::Iterable(Some(Box::new(Type::Int)))),
        ("enumerate", [Some(of), ..]) => {
            Some(Type::Iterable(Some(Box::new(Type::Tuple(vec![Some(Type::Int), of.element()])))))
        }
        ("zip", sequences) => {
            let fields = sequences.iter().map(|of| of.as_ref().and_then(Type::element)).collect();
            Some(Type::Iterable(Some(Box::new(Type::Tuple(fields)))))
        }
        ("divmod", [Some(Type::Int), Some(Type::Int)]) => Some(Type::Tuple(vec![Some(Type::Int); 2])),
        ("print", _) => Some(Type::None),
        _ => None,
    }
}
