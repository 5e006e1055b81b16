//! Calls: of what is defined in source, and of everything else.

use super::branch::{Eval, Flow, Stop};
use super::value::*;
use super::{Body, DEEPEST, Evaluator, Frame, FrameKind};
use crate::syntax::ast::{Parameter, Parameters};
use pyflink_plan::{Diagnostic, Span};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

/// What a call passes.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    pub positional: Vec<(Value, Span)>,
    pub named: Vec<(Name, Value, Span)>,
    /// More were passed by `*` or `**`, and only a run can tell which.
    pub unknown: Option<Opaque>,
    /// Of what is called, where it is written down.
    pub site: Option<Span>,
}

impl Arguments {
    pub fn positional(values: Vec<Value>) -> Arguments {
        let nowhere = Span { source: pyflink_plan::SourceId(0), start: 0, end: 0 };
        Arguments { positional: values.into_iter().map(|value| (value, nowhere)).collect(), ..Arguments::default() }
    }

    pub fn get(&self, position: usize) -> Option<&Value> {
        self.positional.get(position).map(|(value, _)| value)
    }

    pub fn named(&self, name: &str) -> Option<&Value> {
        self.named.iter().find(|(known, ..)| &**known == name).map(|(_, value, _)| value)
    }

    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.positional.iter().map(|(value, _)| value).chain(self.named.iter().map(|(_, value, _)| value))
    }

    /// The positional values, if that is all there is.
    pub fn plain(&self) -> Option<Vec<Value>> {
        let plain = self.named.is_empty() && self.unknown.is_none();
        plain.then(|| self.positional.iter().map(|(value, _)| value.clone()).collect())
    }

    fn before(mut self, receiver: Value, span: Span) -> Arguments {
        self.positional.insert(0, (receiver, span));
        self
    }
}

/// How many positional arguments something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arity {
    pub required: usize,
    /// `None`: any number.
    pub most: Option<usize>,
    /// It can't be called without naming some argument.
    pub needs_names: bool,
}

impl Arity {
    pub fn accepts(&self, count: usize) -> bool {
        count >= self.required && self.most.is_none_or(|most| count <= most) && !self.needs_names
    }

    /// For a method: what it takes besides what it is called on.
    pub fn without_first(self) -> Arity {
        Arity { required: self.required.saturating_sub(1), most: self.most.map(|most| most.saturating_sub(1)), ..self }
    }

    fn of(params: &Parameters) -> Arity {
        let required = params.positional().filter(|parameter| parameter.default.is_none()).count();
        let most = params.vararg.is_none().then(|| params.positional().count());
        let needs_names = params.kwonly.iter().any(|parameter| parameter.default.is_none());
        Arity { required, most, needs_names }
    }
}

impl fmt::Display for Arity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.most {
            Some(0) => f.write_str("none"),
            Some(most) if most == self.required => write!(f, "{most}"),
            Some(most) => write!(f, "{} to {most}", self.required),
            None => write!(f, "{} or more", self.required),
        }
    }
}

impl<'a> Evaluator<'a> {
    pub fn call(&mut self, callee: &Value, arguments: Arguments, span: Span) -> Eval<Value> {
        match callee {
            Value::Object(id) => match self.heap.get(*id).clone() {
                Object::Function(function) => self.call_function(*id, &function, None, arguments, span),
                Object::Class(class) => self.instantiate(*id, &class, arguments, span),
                Object::Partial { function, positional, named } => {
                    let mut all = Arguments::positional(positional);
                    all.named = named.into_iter().map(|(name, value)| (name, value, span)).collect();
                    all.positional.extend(arguments.positional);
                    for (name, value, at) in arguments.named {
                        all.named.retain(|(known, ..)| *known != name);
                        all.named.push((name, value, at));
                    }
                    self.call(&function, Arguments { unknown: arguments.unknown, ..all }, span)
                }
                Object::StaticMethod(inner) | Object::ClassMethod(inner) => self.call(&inner, arguments, span),
                Object::Instance(instance) => match self.special(callee, "__call__") {
                    Some(method) => self.call(&method, arguments, span),
                    None if instance.open.is_some() => Ok(self.call_unseen(None, &arguments, span)),
                    None => self.not_callable(callee, span),
                },
                Object::Unknown(_, opaque) => Ok(self.call_unseen(Some(opaque), &arguments, span)),
                Object::Missing => Ok(self.opaque(span)),
                _ => self.not_callable(callee, span),
            },
            Value::Method(method) => match self.heap.get(method.function).clone() {
                Object::Function(function) => {
                    let receiver = method.receiver.clone();
                    self.call_function(method.function, &function, Some(receiver), arguments, span)
                }
                _ => Ok(self.call_unseen(None, &arguments, span)),
            },
            Value::Builtin(name) => self.call_builtin(name, arguments, span),
            Value::Library(name) => self.call_library(name, arguments, span),
            Value::BuiltinMethod(method) => self.call_builtin_method(&method.0, method.1, arguments, span),
            Value::ApiClass(class) => self.instantiate_api(class, arguments, span),
            Value::TimeUnit(unit) => self.call_time_unit(unit, arguments, span),
            Value::ApiMethod(method) => self.call_api(&method.receiver.clone(), method.method, arguments, span),
            Value::Opaque(opaque) => {
                self.settle_choice(opaque)?;
                Ok(self.call_unseen(Some(*opaque), &arguments, span))
            }
            _ => self.not_callable(callee, span),
        }
    }

    fn not_callable(&mut self, callee: &Value, span: Span) -> Eval<Value> {
        if matches!(callee, Value::Opaque(opaque) if opaque.poison) {
            return Ok(self.poison(span));
        }
        let message = format!("'{}' object is not callable", self.type_name(callee));
        Err(self.exception("TypeError", message, span))
    }

    /// A call of something without source.
    pub fn call_unseen(&mut self, callee: Option<Opaque>, arguments: &Arguments, span: Span) -> Value {
        self.may_raise += 1;
        let mut stream = callee.is_some_and(|opaque| opaque.stream);
        let poison = callee.is_some_and(|opaque| opaque.poison);
        for value in arguments.values().cloned().collect::<Vec<_>>() {
            if self.bears_stream(&value) {
                stream = true;
                if !poison {
                    self.report_unseen(arguments.site.unwrap_or(span), span);
                }
            }
            self.escape(&value);
        }
        let opaque = self.fresh_opaque(span);
        if let Some(text) = arguments.get(0).and_then(Value::as_str) {
            self.given.insert(opaque.identity, text.into());
        }
        Value::Opaque(Opaque { stream, poison, ..opaque })
    }

    fn report_unseen(&mut self, callee: Span, span: Span) {
        if !self.unseen.insert(span) {
            return;
        }
        let name = self.program.sources.snippet(callee).to_owned();
        self.report(
            Diagnostic::warning("unseen-call", format!("the compiler can't see what {name} does with this stream"))
                .at(span)
                .label("its source is not part of the script")
                .help("if it adds operators, compile with --record, or pass the package it is in to pyflink-compile"),
        );
    }

    /// Calls a method value or function on a receiver.
    pub fn call_on(&mut self, function: &Value, receiver: &Value, values: Vec<Value>, span: Span) -> Eval<Value> {
        let arguments = Arguments::positional(values).before(receiver.clone(), span);
        self.call(function, arguments, span)
    }

    fn call_function(
        &mut self,
        id: ObjectId,
        function: &Function,
        receiver: Option<Value>,
        arguments: Arguments,
        span: Span,
    ) -> Eval<Value> {
        let code = self.codes[function.code.0 as usize].clone();
        if self.frames.len() >= DEEPEST {
            self.report(
                Diagnostic::error("too-deep", format!("calls of {} go too deep to be read", code.name))
                    .at(span)
                    .label("gave up here")
                    .help("write it as a loop, or compile with --record"),
            );
            return Err(Stop::Limit);
        }
        let arguments = match &receiver {
            Some(receiver) => arguments.before(receiver.clone(), span),
            None => arguments,
        };
        let receiver = receiver.or_else(|| arguments.get(0).cloned());
        let names = self.bind_arguments(function, &arguments, span)?;
        let scope = self.add(Object::Scope(names));
        if code.is_async {
            return Ok(self.opaque(span));
        }
        if code.is_generator {
            return Ok(self.add_value(Object::Generator(Generator { function: id, scope })));
        }
        self.run_code(function, scope, receiver, span).map(|(value, _)| value)
    }

    /// Runs a function's body in its scope; gives its result and what it yielded.
    pub fn run_code(
        &mut self,
        function: &Function,
        scope: ObjectId,
        receiver: Option<Value>,
        span: Span,
    ) -> Eval<(Value, Vec<Value>)> {
        let code = self.codes[function.code.0 as usize].clone();
        self.frames.push(Frame {
            scope,
            closure: function.closure.clone(),
            globals: function.globals,
            locals: Some(code.locals.clone()),
            declared_global: code.globals.clone(),
            kind: FrameKind::Function,
            class: function.class,
            receiver,
            source: code.span.source,
            yielded: Vec::new(),
        });
        let depth = self.frames.len();
        let base = self.pending_base();
        let end = match code.body {
            Body::Block(block) => self.block(block),
            Body::Expr(expr) => self.expr(expr).map(Flow::Return),
        };
        let end = end.map(|flow| match flow {
            Flow::Return(value) => Flow::Return(value),
            _ => Flow::Return(Value::None),
        });
        self.frames.truncate(depth);
        let flow = match self.resolve(base, end, |_| true) {
            Err(Stop::Raise(mut raised)) => {
                // An error in a call of the script's own function is shown where it was raised.
                if raised.span.start == raised.span.end {
                    raised.span = span;
                }
                Err(Stop::Raise(raised))
            }
            other => other,
        };
        let yielded = self.frames.pop().map(|frame| frame.yielded).unwrap_or_default();
        match flow? {
            Flow::Return(value) => Ok((value, yielded)),
            _ => Ok((Value::None, yielded)),
        }
    }

    /// What a generator gives, if that is known and finite.
    pub fn drain(&mut self, id: ObjectId, span: Span) -> Eval<Option<Vec<Value>>> {
        let Object::Generator(generator) = self.heap.get(id).clone() else { return Ok(None) };
        let Object::Function(function) = self.heap.get(generator.function).clone() else { return Ok(None) };
        let steps = self.steps;
        // An endless one is given up early.
        self.steps = self.steps.max(super::MOST_STEPS - 200_000);
        let before = self.heap.clone();
        let frames = self.frames.len();
        let result = self.run_code(&function, generator.scope, None, span);
        match result {
            Ok((_, yielded)) => {
                self.steps = steps + (yielded.len() as u64).min(100_000);
                self.heap.set(id, Object::Iterator(Vec::new(), 0));
                Ok(Some(yielded))
            }
            Err(Stop::Limit) => {
                self.steps = steps;
                self.frames.truncate(frames);
                self.heap = before;
                self.diagnostics.retain(|diagnostic| diagnostic.code != "too-long");
                Ok(None)
            }
            Err(stop) => Err(stop),
        }
    }

    fn bind_arguments(
        &mut self,
        function: &Function,
        arguments: &Arguments,
        span: Span,
    ) -> Eval<BTreeMap<Name, Value>> {
        let code = self.codes[function.code.0 as usize].clone();
        let params = code.params;
        let mut names: BTreeMap<Name, Value> = BTreeMap::new();
        let positional: Vec<&Parameter> = params.positional().collect();
        for (parameter, (value, _)) in positional.iter().zip(&arguments.positional) {
            names.insert(Rc::from(parameter.name.name.as_str()), value.clone());
        }
        let rest: Vec<Value> =
            arguments.positional.iter().skip(positional.len()).map(|(value, _)| value.clone()).collect();
        if let Some(vararg) = &params.vararg {
            let value = match arguments.unknown {
                Some(opaque) => Value::Opaque(opaque),
                None => Value::tuple(rest),
            };
            names.insert(Rc::from(vararg.name.name.as_str()), value);
        } else if !rest.is_empty() {
            let given = arguments.positional.len();
            return Err(self.wrong_call(
                &code.name,
                format!("takes {} positional arguments, but {given} are given", Arity::of(params)),
                span,
            ));
        }
        let mut extra = Vec::new();
        for (name, value, _) in &arguments.named {
            let known = params.args.iter().chain(&params.kwonly).any(|parameter| parameter.name.name == **name);
            if known && names.contains_key(name) {
                return Err(self.wrong_call(&code.name, format!("got two values for the argument {name:?}"), span));
            }
            if known {
                names.insert(name.clone(), value.clone());
            } else if params.kwarg.is_some() {
                extra.push((Value::str(name), value.clone()));
            } else {
                return Err(self.wrong_call(&code.name, format!("has no parameter {name:?}"), span));
            }
        }
        if let Some(kwarg) = &params.kwarg {
            let value = match arguments.unknown {
                Some(opaque) => self.add_value(Object::Unknown("dict", opaque)),
                None => self.dict_of(extra, span),
            };
            names.insert(Rc::from(kwarg.name.name.as_str()), value);
        }
        for parameter in positional.into_iter().chain(&params.kwonly) {
            let name = parameter.name.name.as_str();
            if names.contains_key(name) {
                continue;
            }
            let default = function.defaults.iter().find(|(known, _)| &**known == name).map(|(_, value)| value.clone());
            let value = match (arguments.unknown, default) {
                (Some(opaque), _) => Value::Opaque(self.derive(opaque, name, span)),
                (None, Some(default)) => default,
                (None, None) => {
                    return Err(self.wrong_call(&code.name, format!("misses the argument {name:?}"), span));
                }
            };
            names.insert(Rc::from(name), value);
        }
        Ok(names)
    }

    fn wrong_call(&mut self, name: &str, why: String, span: Span) -> Stop {
        self.exception("TypeError", format!("the call of {name}() {why}"), span)
    }

    /// How many positional arguments a callable takes; `None` if nobody knows.
    pub fn arity(&self, value: &Value) -> Option<Arity> {
        match value {
            Value::Object(id) => match self.heap.get(*id) {
                Object::Function(function) => Some(Arity::of(self.codes[function.code.0 as usize].params)),
                Object::Class(class) => {
                    if class.opaque.is_some() || self.class_attribute(value, "__new__").is_some() {
                        return None;
                    }
                    let (init, _) = self.class_attribute(value, "__init__")?;
                    self.arity(&init).map(Arity::without_first)
                }
                Object::StaticMethod(inner) => self.arity(inner),
                Object::ClassMethod(inner) => self.arity(inner).map(Arity::without_first),
                Object::Partial { function, positional, named } if named.is_empty() => {
                    let mut arity = self.arity(function)?;
                    for _ in positional {
                        arity = arity.without_first();
                    }
                    Some(arity)
                }
                Object::Instance(instance) => {
                    let (call, _) = self.class_attribute(&instance.class, "__call__")?;
                    self.arity(&call).map(Arity::without_first)
                }
                _ => None,
            },
            Value::Method(method) => self.arity(&Value::Object(method.function)).map(Arity::without_first),
            _ => None,
        }
    }

    /// A stream that went into something unseen may be used there.
    pub fn escape(&mut self, value: &Value) {
        self.escape_deep(value, 0);
    }

    fn escape_deep(&mut self, value: &Value, depth: usize) {
        if depth > 6 {
            return;
        }
        let inner = |e: &mut Self, values: Vec<Value>| {
            values.iter().for_each(|value| e.escape_deep(value, depth + 1));
        };
        match value {
            Value::Stream(stream) => {
                if let Some(Object::Environment(state)) = self.heap.get_mut(stream.environment)
                    && let Some(node) = state.nodes.get_mut(stream.node)
                {
                    node.escaped = true;
                }
            }
            Value::Environment(id) => {
                if let Some(Object::Environment(state)) = self.heap.get_mut(*id) {
                    state.incomplete = true;
                }
            }
            Value::Tuple(items) => inner(self, items.to_vec()),
            Value::ApiMethod(method) => inner(self, vec![method.receiver.clone()]),
            Value::Method(method) => inner(self, vec![method.receiver.clone()]),
            Value::Object(id) => {
                let values = match self.heap.get(*id) {
                    Object::List(items) | Object::Iterator(items, _) => items.clone(),
                    Object::Dict(table) => table.iter().map(|(_, value)| value.clone()).collect(),
                    Object::Instance(instance) => instance.attributes.values().cloned().collect(),
                    _ => Vec::new(),
                };
                if values.iter().any(|value| self.bears_stream(value)) {
                    inner(self, values);
                }
            }
            _ => {}
        }
    }

    pub fn bears_stream(&self, value: &Value) -> bool {
        super::merge::bears_stream(value, 0, &|id| self.heap.get(id))
    }
}
