//! Functions: how they are defined, and whether an operator can call what it is given.

use super::branch::Eval;
use super::call::Arguments;
use super::value::*;
use super::{Body, Code, Evaluator, FrameKind};
use crate::api::classes::{Call, CallShape, Role};
use crate::api::suggest::nearest;
use crate::facts::{Callable, Effects};
use crate::graph::Argument;
use crate::syntax::ast::*;
use crate::syntax::{scope, walk};
use pyflink_plan::{Diagnostic, Function as PlanFunction, Mode, Reason, Span};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What the plan will hold of a function; the facts come later.
/// The name of a function or type of Python's own: `str`, `str.upper`.
fn builtin_name(value: &Value) -> Option<String> {
    match value {
        Value::Builtin(name) => Some(name.to_string()),
        Value::BuiltinMethod(method) => match **method {
            (Value::Builtin("str"), name) if !name.is_empty() => Some(format!("str.{name}")),
            _ => None,
        },
        _ => None,
    }
}

fn callable(name: &str, method: &str, span: Span) -> Argument {
    let body = Err(Reason::new("its source is not known", "define it with `def` in the script", span));
    let (name, method, mode) = (name.to_owned(), method.to_owned(), Mode::of(&body, span));
    let function = PlanFunction { name, method, span, mode, body, shares: false, keeps: false };
    Argument::Function(Box::new(Callable { function, facts: Rc::default() }))
}

impl<'a> Evaluator<'a> {
    pub fn define_function(&mut self, def: &'a FunctionDef) -> Eval<()> {
        let mut value = self.function(
            Rc::from(def.name.name.as_str()),
            &def.params,
            Body::Block(&def.body),
            def.name.span,
            def.is_generator,
            def.is_async,
        )?;
        for decorator in def.decorators.iter().rev() {
            value = self.decorate(decorator, value)?;
        }
        self.assign_name(&def.name.name, value);
        Ok(())
    }

    fn decorate(&mut self, decorator: &'a Expr, value: Value) -> Eval<Value> {
        let function = self.expr(decorator)?;
        self.call(
            &function,
            Arguments { positional: vec![(value, decorator.span)], ..Arguments::default() },
            decorator.span,
        )
    }

    pub fn function(
        &mut self,
        name: Name,
        params: &'a Parameters,
        body: Body<'a>,
        span: Span,
        is_generator: bool,
        is_async: bool,
    ) -> Eval<Value> {
        let mut defaults = Vec::new();
        for parameter in params.all() {
            if let Some(default) = &parameter.default {
                defaults.push((Rc::from(parameter.name.name.as_str()), self.expr(default)?));
            }
        }
        let code = match self.code_ids.get(&span) {
            Some(code) => *code,
            None => {
                let block = match body {
                    Body::Block(block) => block,
                    Body::Expr(_) => &[],
                };
                let mut locals = scope::locals(params, block);
                if let Body::Expr(expr) = body {
                    scope::walrus_names(expr, &mut locals);
                }
                let mut globals = BTreeSet::new();
                declared_globals(block, &mut globals);
                let code = CodeId(self.codes.len() as u32);
                self.codes.push(Code {
                    name,
                    params,
                    body,
                    span,
                    is_generator,
                    is_async,
                    locals: Rc::new(locals),
                    globals: Rc::new(globals),
                });
                self.code_ids.insert(span, code);
                code
            }
        };
        let frame = self.frame();
        let mut closure = frame.closure.clone();
        if matches!(frame.kind, FrameKind::Function | FrameKind::Comprehension) {
            closure.push(frame.scope);
        }
        // Also of a function within a method: it may call super().
        let (class, globals) = (frame.class, frame.globals);
        Ok(self.add_value(Object::Function(Function {
            code,
            closure,
            globals,
            defaults,
            class,
            attributes: Default::default(),
        })))
    }

    /// What an operator is given to call: an argument for the graph, and reports of what is wrong with it.
    pub fn function_argument(&mut self, value: &Value, call: Call, operator: &str, at: Span) -> Argument {
        match self.checked_function(value, call, operator, at) {
            Argument::Function(callable) => {
                let mut facts = self.facts(value, call);
                let mut function = callable.function;
                if let Some((called, class)) = self.called(value, call.shape()) {
                    function.body = self.lift(value, (&called, class.as_ref()), call);
                    let names = function.body.as_ref().map_or(&[][..], |body| &body.attributes);
                    facts.attributes = self.attribute_constants(value, class.as_ref(), names);
                } else if let Some(name) = builtin_name(value) {
                    function.body = super::lift::builtin_body(&name, call, at);
                } else if let Some(Object::Partial { .. }) = value.object().map(|id| self.heap.get(id)) {
                    function.body = self.partial_body(value, call, at);
                }
                function.mode = Mode::of(&function.body, function.span);
                function.keeps = !facts.effects.as_ref().is_some_and(Effects::keeps_nothing);
                function.shares = function.keeps || self.changes_something();
                Argument::Function(Box::new(Callable { function, facts: Rc::new(facts) }))
            }
            other => other,
        }
    }

    fn checked_function(&mut self, value: &Value, call: Call, operator: &str, at: Span) -> Argument {
        let shape = call.shape();
        match value {
            Value::BuiltinMethod(_) if builtin_name(value).is_some() => {
                self.plain(&builtin_name(value).unwrap_or_default(), at)
            }
            Value::Opaque(_) | Value::Library(_) | Value::BuiltinMethod(_) | Value::Super(_) => Argument::Opaque(at),
            Value::Builtin(name) => self.plain(name, at),
            Value::Method(method) => {
                let name = self.function_name(&Value::Object(method.function));
                self.check_plain(value, &name, shape, operator, at)
            }
            Value::Object(id) => match self.heap.get(*id).clone() {
                Object::Function(_) => {
                    let name = self.function_name(value);
                    self.check_plain(value, &name, shape, operator, at)
                }
                Object::Class(class) => self.class_argument(value, &class, shape, operator, at),
                Object::Instance(instance) => self.object_argument(value, &instance, shape, operator, at),
                Object::Partial { function, .. } => {
                    let name = self.function_name(&function);
                    self.check_plain(value, &name, shape, operator, at)
                }
                Object::Unknown("object", _) | Object::Missing | Object::StaticMethod(_) | Object::ClassMethod(_) => {
                    Argument::Opaque(at)
                }
                _ => self.not_a_function(value, shape, operator, at),
            },
            Value::ApiClass(class) => {
                let name = class.name;
                self.report_class(name, shape, operator, at);
                Argument::Opaque(at)
            }
            Value::EnumConstant(..) => Argument::Opaque(at),
            _ => self.not_a_function(value, shape, operator, at),
        }
    }

    fn plain(&self, name: &str, span: Span) -> Argument {
        callable(name, "", span)
    }

    fn function_name(&self, value: &Value) -> String {
        match value {
            Value::Object(id) => match self.heap.get(*id) {
                Object::Function(function) => self.codes[function.code.0 as usize].name.to_string(),
                Object::Class(class) => class.name.to_string(),
                _ => "function".to_owned(),
            },
            Value::Method(method) => self.function_name(&Value::Object(method.function)),
            Value::Builtin(name) => (*name).to_owned(),
            Value::Library(name) => name.trim_end_matches("()").to_owned(),
            _ => "function".to_owned(),
        }
    }

    fn check_plain(&mut self, value: &Value, name: &str, shape: &CallShape, operator: &str, at: Span) -> Argument {
        let span = self.code_extent(value).unwrap_or(at);
        if let Some(arity) = self.arity(value)
            && !shape.plain_arity.iter().any(|&count| arity.accepts(count))
        {
            let wanted = forms(shape, shape.plain_arity);
            let title = if name == "<lambda>" { "this lambda".to_owned() } else { name.to_owned() };
            let taken = format!("{arity}").replace("none", "no");
            let message = format!("{operator}() calls {title} with {wanted}, but it takes {taken} parameters");
            let mut diagnostic =
                Diagnostic::error("wrong-parameters", message.replace(" 1 parameters", " 1 parameter"))
                    .at(at)
                    .label(format!("must take {wanted}"))
                    .help(format!("write `{}`", example(name, shape, shape.plain_arity)));
            if let Some(definition) = self.definition(value).filter(|definition| *definition != at) {
                diagnostic = diagnostic.note(definition, "it is defined here");
            }
            self.report(diagnostic);
        }
        callable(name, "", span)
    }

    /// From a function's name to the end of its body; a lambda as it is written.
    fn code_extent(&self, value: &Value) -> Option<Span> {
        let id = match value {
            Value::Object(id) => *id,
            Value::Method(method) => method.function,
            _ => return None,
        };
        match self.heap.get(id) {
            Object::Function(function) => {
                let code = &self.codes[function.code.0 as usize];
                Some(self.extent(code.body, code.span))
            }
            Object::Class(class) => Some(class.span),
            Object::Partial { function, .. } => self.code_extent(&function.clone()),
            _ => None,
        }
    }

    /// True if the class is meant for objects that an operator calls.
    fn is_function_class(&self, class: &Value, shape: &CallShape) -> bool {
        let has_method = self.class_attribute(class, shape.method).is_some();
        has_method || self.api_bases(class).iter().any(|base| matches!(base.role, Role::Function(_) | Role::Base))
    }

    fn class_argument(
        &mut self,
        value: &Value,
        class: &Class,
        shape: &CallShape,
        operator: &str,
        at: Span,
    ) -> Argument {
        if self.is_function_class(value, shape) {
            self.report_class(&class.name.clone(), shape, operator, at);
            return Argument::Opaque(at);
        }
        if class.opaque.is_some() {
            return callable(&class.name, "", class.span);
        }
        self.check_plain(value, &class.name.clone(), shape, operator, at)
    }

    fn report_class(&mut self, name: &str, shape: &CallShape, operator: &str, at: Span) {
        let message = format!("{operator}() takes an object with a method {}, but {name} is a class", shape.method);
        self.report(
            Diagnostic::error("class-not-instance", message)
                .at(at)
                .label("a class, not an object of it")
                .help(format!("create an object: `{name}()`")),
        );
    }

    fn object_argument(
        &mut self,
        value: &Value,
        instance: &Instance,
        shape: &CallShape,
        operator: &str,
        at: Span,
    ) -> Argument {
        let class_name = self.type_name(value);
        let own = instance.attributes.get(shape.method).cloned();
        let method = match own {
            Some(own) => Some((own, false)),
            None => self.class_attribute(&instance.class, shape.method).map(|(method, _)| (method, true)),
        };
        if let Some((method, is_bound)) = method {
            let is_static =
                matches!(&method, Value::Object(id) if matches!(self.heap.get(*id), Object::StaticMethod(_)));
            let takes_self = is_bound && !is_static;
            let arity = self.arity(&method).map(|arity| if takes_self { arity.without_first() } else { arity });
            if let Some(arity) = arity
                && !shape.method_arity.iter().chain(shape.plain_arity).any(|&count| arity.accepts(count) && count > 0)
                && !shape.method_arity.iter().any(|&count| arity.accepts(count))
            {
                let wanted = forms(shape, shape.method_arity);
                let taken = format!("{arity}").replace("none", "no");
                let message = format!(
                    "{operator}() calls {class_name}.{} with {wanted}, but it takes {taken} parameters besides self",
                    shape.method
                );
                let place = self.definition(&method);
                let mut diagnostic =
                    Diagnostic::error("wrong-parameters", message.replace(" 1 parameters", " 1 parameter"))
                        .at(place.unwrap_or(at))
                        .label(format!("must take self and {wanted}"))
                        .help(format!("write `{}`", example(shape.method, shape, shape.method_arity)));
                if place.is_some() {
                    diagnostic = diagnostic.note(at, format!("passed to {operator}() here"));
                }
                self.report(diagnostic);
            }
            let span = self.code_extent(&self.unwrapped(&method)).unwrap_or(at);
            return callable(&class_name, shape.method, span);
        }
        let is_open = instance.open.is_some()
            || self.class_is_open(&instance.class)
            || self.api_bases(&instance.class).iter().any(|base| base.methods.contains(&shape.method))
            || self.class_attribute(&instance.class, "__getattr__").is_some();
        if is_open {
            return Argument::Opaque(at);
        }
        if self.class_attribute(&instance.class, "__call__").is_some() {
            let call = Value::Object(value.object().unwrap_or(ObjectId(0)));
            return self.check_plain(&call, &class_name, shape, operator, at);
        }
        self.report_no_method(value, instance, &class_name, shape, operator, at);
        Argument::Opaque(at)
    }

    fn unwrapped(&self, method: &Value) -> Value {
        match method {
            Value::Object(id) => match self.heap.get(*id) {
                Object::StaticMethod(inner) | Object::ClassMethod(inner) => inner.clone(),
                _ => method.clone(),
            },
            _ => method.clone(),
        }
    }

    fn report_no_method(
        &mut self,
        value: &Value,
        instance: &Instance,
        class_name: &str,
        shape: &CallShape,
        operator: &str,
        at: Span,
    ) {
        let message = format!("{class_name} has no method {}, which {operator}() calls", shape.method);
        let mut diagnostic =
            Diagnostic::error("missing-method", message).at(at).label(format!("needs a method {}", shape.method));
        if let Some(span) = self.definition(value) {
            diagnostic = diagnostic.note(span, format!("class {class_name} is defined here"));
        }
        let methods = self.method_names(&instance.class);
        let wanted = forms(shape, shape.method_arity);
        let other = self.api_bases(&instance.class).iter().find_map(|base| match base.role {
            Role::Function(call) if call.shape().method != shape.method => Some((base.name, call)),
            _ => None,
        });
        diagnostic = if let Some(near) = nearest(shape.method, methods.iter().map(String::as_str)) {
            diagnostic.help(format!("it has a method `{near}`: rename it to `{}`", shape.method))
        } else if let Some((base, call)) = other {
            let wanted = match call {
                Call::FlatMap => "flat_map()",
                Call::KeyBy => "key_by()",
                Call::WindowApply => "apply()",
                Call::Source => "create_python_source()",
                Call::Sink => "add_sink()",
                Call::Serialize => "write_to_socket()",
                Call::Map => "map()",
                Call::Filter => "filter()",
                Call::Reduce => "reduce()",
                Call::Split => "split()",
            };
            diagnostic.help(format!(
                "a {base} is for {wanted}; derive {class_name} from {} and define `{}`",
                shape.class,
                example(shape.method, shape, shape.method_arity)
            ))
        } else {
            diagnostic.help(format!(
                "define `{}` in it, which takes {wanted}",
                example(shape.method, shape, shape.method_arity)
            ))
        };
        self.report(diagnostic);
    }

    fn not_a_function(&mut self, value: &Value, shape: &CallShape, operator: &str, at: Span) -> Argument {
        let shown = self.repr(value).unwrap_or_else(|| format!("a {}", self.type_name(value)));
        let message = format!("{operator}() takes a {} or a function, not {shown}", shape.class);
        let diagnostic = Diagnostic::error("not-a-function", message).at(at).label("not a function");
        let help = match (operator, value) {
            ("key_by", Value::Int(_) | Value::Str(_)) => {
                format!("key by a field with a function: `key_by(lambda value: value[{shown}])`")
            }
            (_, Value::None) => "a call that returns nothing gives None; pass the function itself".to_owned(),
            _ => format!("pass an object of a class with `{}`", example(shape.method, shape, shape.method_arity)),
        };
        self.report(diagnostic.help(help));
        Argument::Opaque(at)
    }
}

/// `(value, collector)`, or the shorter forms too.
fn forms(shape: &CallShape, arities: &[usize]) -> String {
    let form = |count: &usize| match count {
        0 => "no arguments".to_owned(),
        count => format!("({})", shape.parameters[..*count].join(", ")),
    };
    arities.iter().map(form).collect::<Vec<_>>().join(" or ")
}

fn example(name: &str, shape: &CallShape, arities: &[usize]) -> String {
    let count = arities.first().copied().unwrap_or(1);
    let parameters = shape.parameters[..count].join(", ");
    match name {
        "<lambda>" => format!("lambda {parameters}: …"),
        name if name == shape.method => format!("def {name}(self, {parameters}):"),
        name => format!("def {name}({parameters}):"),
    }
}

fn declared_globals(body: &[Stmt], names: &mut BTreeSet<String>) {
    for statement in body {
        if let StmtKind::Global(idents) = &statement.kind {
            names.extend(idents.iter().map(|ident| ident.name.clone()));
        }
        walk::blocks(statement).into_iter().for_each(|block| declared_globals(block, names));
    }
}
