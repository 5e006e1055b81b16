//! Expressions.

use super::branch::{Eval, Flow, Point};
use super::call::Arguments;
use super::stmt::Items;
use super::table::{self, Table};
use super::value::{Name, Object, Opaque, Range, Value};
use super::{Body, Evaluator, Frame, FrameKind};
use crate::api::suggest::nearest;
use crate::syntax::ast::*;
use crate::syntax::scope;
use pyflink_plan::{Diagnostic, Span};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is known of a condition.
#[derive(Clone, Copy, Debug)]
pub enum Truth {
    Known(bool),
    /// To be followed on both sides.
    Opaque(Point),
}

impl<'a> Evaluator<'a> {
    pub fn expr(&mut self, expr: &'a Expr) -> Eval<Value> {
        self.step(expr.span)?;
        let span = expr.span;
        Ok(match &expr.kind {
            ExprKind::Constant(constant) => self.constant(constant, span),
            ExprKind::Name(name) => self.name(name, span)?,
            ExprKind::Attribute { value, name } => {
                let value = self.expr(value)?;
                self.attribute(&value, &name.name, name.span)?
            }
            ExprKind::Subscript { value, index } => {
                let value = self.expr(value)?;
                let index = self.expr(index)?;
                self.item(&value, &index, span)?
            }
            ExprKind::Slice { lower, upper, step } => {
                let mut bounds = [Value::None, Value::None, Value::None];
                for (bound, expr) in bounds.iter_mut().zip([lower, upper, step]) {
                    if let Some(expr) = expr {
                        *bound = self.expr(expr)?;
                    }
                }
                Value::Slice(Rc::new(bounds))
            }
            ExprKind::Call { func, args, keywords } => self.call_expr(func, args, keywords, span)?,
            ExprKind::BoolOp { is_and, values } => self.bool_op(*is_and, values)?,
            ExprKind::BinOp { left, op, right } => {
                let left = self.expr(left)?;
                let right = self.expr(right)?;
                self.binary(*op, &left, &right, span)?
            }
            ExprKind::UnaryOp { op: UnaryOp::Not, operand } => match self.test(operand)? {
                Truth::Known(truth) => Value::Bool(!truth),
                Truth::Opaque(point) => {
                    let opaque = self.fresh_opaque(span);
                    Value::Opaque(match point.identity {
                        Some(identity) => self.derive(Opaque { identity, ..opaque }, "not", span),
                        None => opaque,
                    })
                }
            },
            ExprKind::UnaryOp { op, operand } => {
                let operand = self.expr(operand)?;
                self.unary(*op, &operand, span)?
            }
            ExprKind::Compare { left, rest } => self.compare_chain(left, rest, span)?,
            ExprKind::IfExp { test, body, orelse } => match self.test(test)? {
                Truth::Known(true) => self.expr(body)?,
                Truth::Known(false) => self.expr(orelse)?,
                Truth::Opaque(point) => {
                    let base = self.pending_base();
                    let flow =
                        self.branch(point, |e| e.expr(body).map(Flow::Return), |e| e.expr(orelse).map(Flow::Return));
                    match self.resolve(base, flow, |_| true)? {
                        Flow::Return(value) => value,
                        _ => Value::None,
                    }
                }
            },
            ExprKind::Lambda { params, body } => self.lambda(params, body, span)?,
            ExprKind::Dict(items) => self.dict(items, span)?,
            ExprKind::Set(items) => match self.sequence(items)? {
                Ok(items) => self.set(items, span),
                Err(opaque) => self.add_value(Object::Unknown("set", opaque)),
            },
            ExprKind::List(items) => match self.sequence(items)? {
                Ok(items) => self.list(items),
                Err(opaque) => self.add_value(Object::Unknown("list", opaque)),
            },
            ExprKind::Tuple(items) => match self.sequence(items)? {
                Ok(items) => Value::tuple(items),
                Err(opaque) => Value::Opaque(opaque),
            },
            ExprKind::ListComp { element, generators } => {
                match self.comprehension(generators, span, &mut |e| e.expr(element).map(|value| vec![value]))? {
                    Ok(items) => self.list(items),
                    Err(opaque) => self.add_value(Object::Unknown("list", opaque)),
                }
            }
            ExprKind::SetComp { element, generators } => {
                match self.comprehension(generators, span, &mut |e| e.expr(element).map(|value| vec![value]))? {
                    Ok(items) => self.set(items, span),
                    Err(opaque) => self.add_value(Object::Unknown("set", opaque)),
                }
            }
            ExprKind::GeneratorExp { element, generators } => {
                match self.comprehension(generators, span, &mut |e| e.expr(element).map(|value| vec![value]))? {
                    Ok(items) => self.add_value(Object::Iterator(items, 0)),
                    Err(opaque) => self.add_value(Object::Unknown("generator", opaque)),
                }
            }
            ExprKind::DictComp { key, value, generators } => {
                let pair = &mut |e: &mut Self| Ok(vec![e.expr(key)?, e.expr(value)?]);
                match self.comprehension(generators, span, pair)? {
                    Ok(items) => {
                        let pairs = items.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
                        self.dict_of(pairs, span)
                    }
                    Err(opaque) => self.add_value(Object::Unknown("dict", opaque)),
                }
            }
            ExprKind::Await(value) => {
                self.expr(value)?;
                self.opaque(span)
            }
            ExprKind::Yield(value) => {
                let value = match value {
                    Some(value) => self.expr(value)?,
                    None => Value::None,
                };
                if let Some(frame) = self.frames.last_mut() {
                    frame.yielded.push(value);
                }
                Value::None
            }
            ExprKind::YieldFrom(value) => {
                let value = self.expr(value)?;
                let items = match self.items(&value, span)? {
                    Items::Known(items) => items,
                    Items::Opaque(opaque) => vec![Value::Opaque(opaque)],
                };
                if let Some(frame) = self.frames.last_mut() {
                    frame.yielded.extend(items);
                }
                Value::None
            }
            ExprKind::JoinedStr(parts) => match self.joined(parts)? {
                Some(text) => Value::str(text),
                None => self.opaque(span),
            },
            ExprKind::NamedExpr { target, value } => {
                let value = self.expr(value)?;
                if let ExprKind::Name(name) = &target.kind {
                    self.assign_walrus(name, value.clone());
                }
                value
            }
            ExprKind::Starred(value) => self.expr(value)?,
        })
    }

    fn assign_walrus(&mut self, name: &str, value: Value) {
        let outer = self.frames.iter().rev().find(|frame| frame.kind != FrameKind::Comprehension);
        let scope = outer.map_or(self.frame().scope, |frame| frame.scope);
        self.bind(scope, name, value);
    }

    fn constant(&mut self, constant: &Constant, span: Span) -> Value {
        match constant {
            Constant::None => Value::None,
            Constant::Bool(value) => Value::Bool(*value),
            Constant::Int(value) => Value::Int(value.clone()),
            Constant::Float(value) => Value::Float(*value),
            Constant::Str(text) => Value::str(text),
            Constant::Bytes(bytes) => Value::Bytes(Rc::from(bytes.as_slice())),
            Constant::Complex(..) | Constant::Ellipsis => self.opaque(span),
        }
    }

    /// The value of a name; one that is defined nowhere is reported.
    pub fn name(&mut self, name: &str, span: Span) -> Eval<Value> {
        if let Some(value) = self.lookup(name) {
            return Ok(value);
        }
        if let Some(builtin) = super::builtins::find(name) {
            return Ok(builtin);
        }
        if scope::BUILTINS.contains(&name) {
            return Ok(self.opaque(span));
        }
        let globals = self.frame().globals;
        if let Some(Value::Opaque(opaque)) = self.name_in(globals, "*").cloned() {
            // A star import from a module without source may have brought it.
            return Ok(Value::Opaque(self.derive(opaque, name, span)));
        }
        let mut diagnostic = Diagnostic::error("undefined-name", format!("the name {name} is not defined"))
            .at(span)
            .label("defined nowhere");
        let known: Vec<Name> = self.visible_names();
        let candidates = known.iter().map(|name| &**name).chain(scope::BUILTINS.iter().copied());
        if let Some(hint) = scope::python2_builtin(name) {
            diagnostic = diagnostic.help(format!("`{name}` of Python 2 is {hint}"));
        } else if let Some((module, _)) = crate::api::imports::all().find(|(_, member)| *member == name) {
            diagnostic = diagnostic.help(format!("import it: `from {module} import {name}`"));
        } else if let Some(near) = nearest(name, candidates) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else {
            diagnostic = diagnostic.help("define it, or import it, before this line");
        }
        self.report(diagnostic);
        Ok(self.poison(span))
    }

    fn lookup(&self, name: &str) -> Option<Value> {
        let frame = self.frame();
        let enclosing = frame.closure.iter().rev().copied();
        let scopes = std::iter::once(frame.scope).chain(enclosing).chain([frame.globals]);
        if frame.declared_global.contains(name) {
            return self.name_in(frame.globals, name).cloned();
        }
        scopes.into_iter().find_map(|scope| self.name_in(scope, name)).cloned()
    }

    fn visible_names(&self) -> Vec<Name> {
        let frame = self.frame();
        let scopes = frame.closure.iter().chain([&frame.scope, &frame.globals]);
        scopes
            .flat_map(|scope| match self.heap.get(*scope) {
                Object::Scope(names) => names.keys().cloned().collect(),
                _ => Vec::new(),
            })
            .collect()
    }

    /// The truth of a condition. `not`, `and` and `or` are seen through, so that a branch depends on what decides.
    pub fn test(&mut self, expr: &'a Expr) -> Eval<Truth> {
        match &expr.kind {
            ExprKind::UnaryOp { op: UnaryOp::Not, operand } => Ok(match self.test(operand)? {
                Truth::Known(truth) => Truth::Known(!truth),
                Truth::Opaque(point) => Truth::Opaque(Point { span: expr.span, negated: !point.negated, ..point }),
            }),
            ExprKind::BoolOp { is_and, values } => {
                let mut decides = None;
                for value in values {
                    match self.test(value)? {
                        Truth::Known(truth) if truth != *is_and => {
                            // Decided, unless something opaque before it was never asked.
                            return Ok(Truth::Known(truth));
                        }
                        Truth::Known(_) => {}
                        Truth::Opaque(point) => match decides {
                            None => decides = Some(point),
                            Some(_) => decides = Some(Point::at(expr.span)),
                        },
                    }
                }
                Ok(match decides {
                    None => Truth::Known(*is_and),
                    Some(point) => Truth::Opaque(Point { span: expr.span, ..point }),
                })
            }
            _ => {
                let value = self.expr(expr)?;
                Ok(self.truth(&value, expr.span))
            }
        }
    }

    pub fn truth(&self, value: &Value, span: Span) -> Truth {
        match self.known_truth(value) {
            Some(truth) => Truth::Known(truth),
            None => {
                let identity = match value {
                    Value::Opaque(opaque) => Some(opaque.identity),
                    _ => None,
                };
                Truth::Opaque(Point { span, identity, negated: false })
            }
        }
    }

    fn bool_op(&mut self, is_and: bool, values: &'a [Expr]) -> Eval<Value> {
        let [value, rest @ ..] = values else { return Ok(Value::Bool(is_and)) };
        let first = self.expr(value)?;
        if rest.is_empty() {
            return Ok(first);
        }
        match self.truth(&first, value.span) {
            Truth::Known(truth) if truth != is_and => Ok(first),
            Truth::Known(_) => self.bool_op(is_and, rest),
            Truth::Opaque(point) => {
                let base = self.pending_base();
                let goes_on = Point { negated: point.negated == is_and, ..point };
                let flow =
                    self.branch(goes_on, |e| e.bool_op(is_and, rest).map(Flow::Return), |_| Ok(Flow::Return(first)));
                match self.resolve(base, flow, |_| true)? {
                    Flow::Return(value) => Ok(value),
                    _ => Ok(Value::None),
                }
            }
        }
    }

    fn compare_chain(&mut self, left: &'a Expr, rest: &'a [(CmpOp, Expr)], span: Span) -> Eval<Value> {
        let mut left = self.expr(left)?;
        let mut result = Value::Bool(true);
        for (op, right) in rest {
            let right = self.expr(right)?;
            result = self.compare(*op, &left, &right, span)?;
            match self.known_truth(&result) {
                Some(true) => {}
                _ => return Ok(result),
            }
            left = right;
        }
        Ok(result)
    }

    /// The items of a display; the error is what stands for all of them if one is a starred opaque value.
    pub fn sequence(&mut self, items: &'a [Expr]) -> Eval<Result<Vec<Value>, Opaque>> {
        let mut values = Vec::with_capacity(items.len());
        let mut unknown: Option<Opaque> = None;
        let mut stream = false;
        for item in items {
            match &item.kind {
                ExprKind::Starred(inner) => {
                    let value = self.expr(inner)?;
                    match self.items(&value, item.span)? {
                        Items::Known(items) => values.extend(items),
                        Items::Opaque(opaque) => unknown = Some(opaque),
                    }
                }
                _ => {
                    let value = self.expr(item)?;
                    stream |= self.bears_stream(&value);
                    values.push(value);
                }
            }
        }
        Ok(match unknown {
            None => Ok(values),
            Some(opaque) => Err(Opaque { stream: opaque.stream || stream, ..opaque }),
        })
    }

    pub fn set(&mut self, items: Vec<Value>, span: Span) -> Value {
        let mut table = Table::default();
        for item in items {
            match table::key(&item) {
                Some(key) => table.insert(key, item, Value::None),
                None => {
                    let opaque = self.fresh_opaque(span);
                    return self.add_value(Object::Unknown("set", opaque));
                }
            }
        }
        self.add_value(Object::Set(table))
    }

    pub fn dict_of(&mut self, pairs: Vec<(Value, Value)>, span: Span) -> Value {
        let stream = pairs.iter().any(|(_, value)| self.bears_stream(value));
        let mut table = Table::default();
        for (written, value) in pairs {
            match table::key(&written) {
                Some(key) => table.insert(key, written, value),
                None => {
                    let opaque = self.fresh_opaque(span);
                    return self.add_value(Object::Unknown("dict", Opaque { stream, ..opaque }));
                }
            }
        }
        self.add_value(Object::Dict(table))
    }

    fn dict(&mut self, items: &'a [(Option<Expr>, Expr)], span: Span) -> Eval<Value> {
        let mut pairs = Vec::with_capacity(items.len());
        let mut unknown = None;
        for (key, value) in items {
            match key {
                Some(key) => pairs.push((self.expr(key)?, self.expr(value)?)),
                None => {
                    let value = self.expr(value)?;
                    match &value {
                        Value::Object(id) => match self.heap.get(*id) {
                            Object::Dict(table) => pairs.extend(table.iter().map(|(k, v)| (k.clone(), v.clone()))),
                            _ => unknown = Some(self.fresh_opaque(span)),
                        },
                        _ => unknown = Some(self.fresh_opaque(span)),
                    }
                }
            }
        }
        match unknown {
            None => Ok(self.dict_of(pairs, span)),
            Some(opaque) => Ok(self.add_value(Object::Unknown("dict", opaque))),
        }
    }

    /// All values that the element gives; the error stands for them if only a run can tell.
    fn comprehension(
        &mut self,
        generators: &'a [Comprehension],
        span: Span,
        element: &mut dyn FnMut(&mut Self) -> Eval<Vec<Value>>,
    ) -> Eval<Result<Vec<Value>, Opaque>> {
        // The first iterable belongs to the scope around.
        let first = self.expr(&generators[0].iter)?;
        let scope = self.add(Object::Scope(BTreeMap::new()));
        let outer = self.frame().clone();
        let mut closure = outer.closure.clone();
        if outer.kind != FrameKind::Module {
            closure.push(outer.scope);
        }
        self.frames.push(Frame {
            scope,
            closure,
            locals: None,
            kind: FrameKind::Comprehension,
            yielded: Vec::new(),
            ..outer
        });
        let mut found = Vec::new();
        let result = self.generate(generators, Some(first), span, element, &mut found);
        self.frames.pop();
        Ok(match result? {
            None => Ok(found),
            Some(opaque) => {
                let stream = opaque.stream || found.iter().any(|value| self.bears_stream(value));
                Err(Opaque { stream, ..opaque })
            }
        })
    }

    fn generate(
        &mut self,
        generators: &'a [Comprehension],
        first: Option<Value>,
        span: Span,
        element: &mut dyn FnMut(&mut Self) -> Eval<Vec<Value>>,
        found: &mut Vec<Value>,
    ) -> Eval<Option<Opaque>> {
        let [generator, rest @ ..] = generators else {
            found.extend(element(self)?);
            return Ok(None);
        };
        let iterable = match first {
            Some(first) => first,
            None => self.expr(&generator.iter)?,
        };
        let mut unknown = None;
        let mut round = |e: &mut Self, item: Value, found: &mut Vec<Value>| -> Eval<Option<Opaque>> {
            e.step(span)?;
            e.assign(&generator.target, item)?;
            let mut doubt = None;
            for condition in &generator.ifs {
                match e.test(condition)? {
                    Truth::Known(true) => {}
                    Truth::Known(false) => return Ok(None),
                    Truth::Opaque(_) => doubt = Some(e.fresh_opaque(condition.span)),
                }
            }
            let inner = match doubt {
                None => e.generate(rest, None, span, element, found)?,
                Some(_) => e.uncertain_round(rest, generator.iter.span, element, found)?,
            };
            Ok(inner.or(doubt))
        };
        match self.items(&iterable, generator.iter.span)? {
            Items::Known(items) => {
                for item in items {
                    unknown = unknown.or(round(self, item, found)?);
                }
            }
            Items::Opaque(opaque) => {
                let item = Value::Opaque(self.derive(opaque, "item", generator.iter.span));
                let flow = self.any_number_of_times(generator.iter.span, |e| {
                    round(e, item.clone(), found)?;
                    Ok(Flow::Normal)
                })?;
                drop(flow);
                unknown = Some(opaque);
            }
        }
        Ok(unknown)
    }

    /// A round of a comprehension whose condition is opaque.
    fn uncertain_round(
        &mut self,
        rest: &'a [Comprehension],
        at: Span,
        element: &mut dyn FnMut(&mut Self) -> Eval<Vec<Value>>,
        found: &mut Vec<Value>,
    ) -> Eval<Option<Opaque>> {
        self.any_number_of_times(at, |e| {
            e.generate(rest, None, at, element, found)?;
            Ok(Flow::Normal)
        })?;
        Ok(None)
    }

    fn lambda(&mut self, params: &'a Parameters, body: &'a Expr, span: Span) -> Eval<Value> {
        self.function(Rc::from("<lambda>"), params, Body::Expr(body), span, false, false)
    }

    /// The text of an f-string; `None` if something in it is opaque.
    fn joined(&mut self, parts: &'a [FStringPart]) -> Eval<Option<String>> {
        let mut text = Some(String::new());
        for part in parts {
            let piece = match part {
                FStringPart::Literal(literal) => Some(literal.clone()),
                FStringPart::Value { value, conversion, format } => {
                    let value = self.expr(value)?;
                    let value = match conversion {
                        Some('r' | 'a') => self.repr(&value).map(Value::str),
                        Some('s') => self.display(&value).map(Value::str),
                        _ => Some(value),
                    };
                    let spec = match format {
                        Some(format) => self.joined(format)?,
                        None => Some(String::new()),
                    };
                    match (value, spec) {
                        (Some(value), Some(spec)) => self.format_value(&value, &spec),
                        _ => None,
                    }
                }
            };
            text = match (text, piece) {
                (Some(text), Some(piece)) => Some(text + &piece),
                _ => None,
            };
        }
        Ok(text)
    }

    fn call_expr(&mut self, func: &'a Expr, args: &'a [Expr], keywords: &'a [Keyword], span: Span) -> Eval<Value> {
        // `super()` needs to know the frame it stands in.
        if let ExprKind::Name(name) = &func.kind
            && name == "super"
            && self.lookup("super").is_none()
        {
            return self.super_call(args, span);
        }
        let callee = self.expr(func)?;
        let mut arguments = Arguments { site: Some(func.span), ..Arguments::default() };
        for arg in args {
            if let ExprKind::Starred(inner) = &arg.kind {
                let value = self.expr(inner)?;
                match self.items(&value, arg.span)? {
                    Items::Known(items) => {
                        arguments.positional.extend(items.into_iter().map(|item| (item, arg.span)));
                    }
                    Items::Opaque(opaque) => arguments.unknown = Some(opaque),
                }
            } else {
                arguments.positional.push((self.expr(arg)?, arg.span));
            }
        }
        for keyword in keywords {
            let value = self.expr(&keyword.value)?;
            match &keyword.name {
                Some(name) => arguments.named.push((Rc::from(name.name.as_str()), value, keyword.value.span)),
                None => self.spread(&value, &mut arguments, keyword.value.span),
            }
        }
        // From the method's name on: that is where the call is.
        let start = match &func.kind {
            ExprKind::Attribute { name, .. } => name.span.start,
            _ => span.start,
        };
        self.call(&callee, arguments, Span { start, ..span })
    }

    /// `**value`.
    fn spread(&mut self, value: &Value, arguments: &mut Arguments, span: Span) {
        if let Value::Object(id) = value
            && let Object::Dict(table) = self.heap.get(*id)
            && table.iter().all(|(key, _)| key.as_str().is_some())
        {
            let named = table.iter().map(|(key, value)| (Rc::from(key.as_str().unwrap_or("")), value.clone(), span));
            arguments.named.extend(named);
        } else {
            arguments.unknown = Some(match value {
                Value::Opaque(opaque) => *opaque,
                _ => self.fresh_opaque(span),
            });
        }
    }

    /// The elements of a known sequence or iterator, which is read by that; `None` if only a run can tell.
    pub fn elements(&mut self, value: &Value, span: Span) -> Eval<Option<Vec<Value>>> {
        Ok(match value {
            Value::Tuple(items) => Some(items.to_vec()),
            Value::Str(text) => Some(text.chars().map(|c| Value::str(c.to_string())).collect()),
            Value::Bytes(bytes) => Some(bytes.iter().map(|byte| Value::int(*byte)).collect()),
            Value::Range(range) => range_elements(range),
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => Some(items.clone()),
                Object::Dict(table) | Object::Set(table) => Some(table.keys()),
                Object::Iterator(items, at) => {
                    let rest = items[*at..].to_vec();
                    let items = items.clone();
                    let end = items.len();
                    self.heap.set(*id, Object::Iterator(items, end));
                    Some(rest)
                }
                Object::Generator(_) => self.drain(*id, span)?,
                Object::Instance(_) => match self.special(value, "__iter__") {
                    Some(method) => {
                        let iterator = self.call(&method, Arguments::default(), span)?;
                        if iterator == *value { None } else { self.elements(&iterator, span)? }
                    }
                    None => None,
                },
                _ => None,
            },
            _ => None,
        })
    }
}

fn range_elements(range: &Range) -> Option<Vec<Value>> {
    use num_bigint::Sign;
    let forward = range.step.sign() == Sign::Plus;
    let mut items = Vec::new();
    let mut at = range.start.clone();
    while if forward { at < range.stop } else { at > range.stop } {
        if items.len() > super::LONGEST {
            return None;
        }
        items.push(Value::Int(at.clone()));
        at += &range.step;
    }
    Some(items)
}
