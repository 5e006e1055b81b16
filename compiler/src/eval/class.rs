//! Classes of the source: definition, method resolution, creating objects.

use super::branch::Eval;
use super::call::Arguments;
use super::value::*;
use super::{Evaluator, Frame, FrameKind, builtins};
use crate::api::classes::{ApiClass, Role};
use crate::syntax::ast::*;
use pyflink_plan::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    pub fn define_class(&mut self, def: &'a ClassDef) -> Eval<()> {
        let mut bases = Vec::new();
        let mut opaque = None;
        let (mut named, mut is_named, mut is_enum) = (None, false, false);
        for base in &def.bases {
            match self.expr(base)? {
                value @ (Value::Object(_) | Value::ApiClass(_)) if self.is_class(&value) => bases.push(value),
                Value::Builtin("object") => {}
                value @ Value::Builtin(_) => bases.push(value),
                Value::Library("abc.ABC" | "typing.Generic" | "typing.Protocol") => {}
                value => {
                    is_named |= matches!(value, Value::Library("typing.NamedTuple"));
                    is_enum |= matches!(value, Value::Library("enum.Enum"));
                    let from = match value {
                        Value::Opaque(opaque) => opaque,
                        _ => self.fresh_opaque(base.span),
                    };
                    opaque = Some(from);
                }
            }
        }
        for keyword in &def.keywords {
            let value = self.expr(&keyword.value)?;
            if keyword.name.as_ref().is_some_and(|name| name.name == "metaclass")
                && !matches!(value, Value::Library("abc.ABCMeta"))
            {
                opaque = Some(self.fresh_opaque(keyword.value.span));
            }
        }
        let scope = self.add(Object::Scope(BTreeMap::new()));
        for base in &bases {
            if let Value::Object(id) = base
                && let Object::Class(class) = self.heap.get(*id)
            {
                opaque = opaque.or(class.opaque);
                if class.named.is_some() && def.bases.len() == 1 {
                    named.clone_from(&class.named);
                }
            }
        }
        let class = Class {
            name: Rc::from(def.name.name.as_str()),
            span: def.name.span,
            mro: Vec::new(),
            bases,
            opaque,
            scope,
            named,
            members: None,
        };
        let id = self.add(Object::Class(class.clone()));
        let mro = self.linearize(Value::Object(id), &class.bases);
        self.heap.set(id, Object::Class(Class { mro, ..class }));
        let outer = self.frame();
        let mut closure = outer.closure.clone();
        if outer.kind == FrameKind::Function {
            closure.push(outer.scope);
        }
        let frame = Frame {
            scope,
            closure,
            globals: outer.globals,
            locals: None,
            declared_global: Default::default(),
            kind: FrameKind::Class,
            class: Some(id),
            receiver: None,
            source: outer.source,
            yielded: Vec::new(),
        };
        self.frames.push(frame);
        let end = self.block(&def.body);
        self.frames.pop();
        end?;
        self.note_fields(scope, &def.body)?;
        if is_enum && def.bases.len() == 1 && def.keywords.is_empty() {
            self.make_enum(id, scope, &def.body);
        }
        if is_named && def.bases.len() == 1 {
            let named = self.annotated_tuple(scope, &def.body);
            if let Some(Object::Class(class)) = self.heap.get_mut(id) {
                class.named = named;
            }
        }
        let mut value = Value::Object(id);
        for decorator in def.decorators.iter().rev() {
            let function = self.expr(decorator)?;
            let arguments = Arguments { positional: vec![(value.clone(), decorator.span)], ..Arguments::default() };
            value = match self.call(&function, arguments, decorator.span)? {
                Value::Opaque(opaque) => {
                    // It may have changed the class, or be another one; its methods are most likely still there.
                    if let Some(Object::Class(class)) = self.heap.get_mut(id) {
                        class.opaque = Some(opaque);
                    }
                    Value::Object(id)
                }
                other => other,
            };
        }
        self.assign_name(&def.name.name, value);
        Ok(())
    }

    /// Notes annotated names in the order of the class body, for `dataclass`.
    fn note_fields(&mut self, scope: ObjectId, body: &'a [Stmt]) -> Eval<()> {
        let fields: Vec<Value> = body
            .iter()
            .filter_map(|statement| match &statement.kind {
                StmtKind::AnnAssign { target: Expr { kind: ExprKind::Name(name), .. }, .. } => Some(Value::str(name)),
                _ => None,
            })
            .collect();
        if !fields.is_empty() {
            self.bind(scope, "__annotations__", Value::tuple(fields));
        }
        Ok(())
    }

    fn is_class(&self, value: &Value) -> bool {
        match value {
            Value::ApiClass(_) => true,
            Value::Object(id) => matches!(self.heap.get(*id), Object::Class(_)),
            _ => false,
        }
    }

    /// C3 linearization; where there is none, bases in the order in which they are found.
    fn linearize(&self, class: Value, bases: &[Value]) -> Vec<Value> {
        let mut lists: Vec<Vec<Value>> = bases.iter().map(|base| self.mro(base)).collect();
        lists.push(bases.to_vec());
        let mut mro = vec![class];
        loop {
            lists.retain(|list| !list.is_empty());
            if lists.is_empty() {
                return mro;
            }
            let heads: Vec<Value> = lists.iter().map(|list| list[0].clone()).collect();
            let good = heads.iter().find(|head| !lists.iter().any(|list| list[1..].contains(head)));
            let next = good.unwrap_or(&heads[0]).clone();
            lists.iter_mut().for_each(|list| list.retain(|value| *value != next));
            mro.push(next);
        }
    }

    pub fn mro(&self, class: &Value) -> Vec<Value> {
        match class {
            Value::Object(id) => match self.heap.get(*id) {
                Object::Class(class) => class.mro.clone(),
                _ => Vec::new(),
            },
            other => vec![other.clone()],
        }
    }

    /// An attribute of a class of the source, with the class that has it.
    pub fn class_attribute(&self, class: &Value, name: &str) -> Option<(Value, ObjectId)> {
        self.attribute_in(&self.mro(class), name)
    }

    pub fn attribute_in(&self, mro: &[Value], name: &str) -> Option<(Value, ObjectId)> {
        mro.iter().find_map(|class| {
            let id = class.object()?;
            let Object::Class(class) = self.heap.get(id) else { return None };
            Some((self.name_in(class.scope, name)?.clone(), id))
        })
    }

    /// Names of functions in a class and its bases.
    pub fn method_names(&self, class: &Value) -> Vec<String> {
        let mut names = Vec::new();
        for class in self.mro(class) {
            let Some(Object::Class(class)) = class.object().map(|id| self.heap.get(id)) else { continue };
            let Object::Scope(scope) = self.heap.get(class.scope) else { continue };
            let functions = scope.iter().filter(|(_, value)| match value {
                Value::Object(id) => matches!(self.heap.get(*id), Object::Function(_)),
                _ => false,
            });
            names.extend(functions.map(|(name, _)| name.to_string()));
        }
        names
    }

    /// Classes of the API that a class derives from.
    pub fn api_bases(&self, class: &Value) -> Vec<&'static ApiClass> {
        let api = |class: &Value| match class {
            Value::ApiClass(class) => Some(*class),
            _ => None,
        };
        self.mro(class).iter().filter_map(api).collect()
    }

    pub fn class_is_open(&self, class: &Value) -> bool {
        match class {
            Value::Object(id) => match self.heap.get(*id) {
                Object::Class(class) => class.opaque.is_some(),
                _ => true,
            },
            Value::ApiClass(_) => false,
            Value::Builtin(name) => builtins::exception_bases(name).is_none(),
            _ => true,
        }
    }

    /// Names of a class and of what it derives from; empty for an opaque one.
    pub fn class_names(&self, class: &Value) -> Vec<String> {
        let mut names = Vec::new();
        for class in self.mro(class) {
            match class {
                Value::Object(id) => {
                    if let Object::Class(class) = self.heap.get(id) {
                        names.push(class.name.to_string());
                    }
                }
                Value::Builtin(name) => {
                    names.push(name.to_owned());
                    names.extend(builtins::exception_bases(name).unwrap_or(&[]).iter().map(|&name| name.to_owned()));
                }
                Value::ApiClass(class) => {
                    names.push(class.name.to_owned());
                    if class.role == Role::Exception {
                        names.extend(["Exception", "BaseException"].map(str::to_owned));
                    }
                }
                _ => {}
            }
        }
        names
    }

    /// The method with a special name, bound; only of instances of classes of the source.
    pub fn special(&self, value: &Value, name: &str) -> Option<Value> {
        let Value::Object(id) = value else { return None };
        let Object::Instance(instance) = self.heap.get(*id) else { return None };
        let (method, _) = self.class_attribute(&instance.class, name)?;
        let function = method.object()?;
        matches!(self.heap.get(function), Object::Function(_))
            .then(|| Value::Method(Rc::new(BoundMethod { receiver: value.clone(), function })))
    }

    pub fn instantiate(&mut self, id: ObjectId, class: &Class, arguments: Arguments, span: Span) -> Eval<Value> {
        if class.members.is_some() {
            return Ok(self.call_unseen(None, &arguments, span));
        }
        let value = Value::Object(id);
        let names = self.class_names(&value);
        let is_exception = names.iter().any(|name| name == "BaseException");
        let mut instance = Instance { class: value.clone(), attributes: BTreeMap::new(), open: class.opaque };
        if let Some(named) = &class.named
            && ["__init__", "__new__"].iter().all(|name| self.class_attribute(&value, name).is_none())
        {
            instance.attributes.extend(named.filled(&arguments).into_iter().flatten());
        }
        let foreign = self.mro(&value).iter().any(|base| match base {
            Value::Builtin(name) => builtins::exception_bases(name).is_none(),
            Value::Library(_) | Value::Opaque(_) => true,
            _ => false,
        });
        if foreign || self.class_attribute(&value, "__new__").is_some() {
            instance.open = instance.open.or(Some(self.fresh_opaque(span)));
        }
        if is_exception {
            let args = arguments.positional.iter().map(|(value, _)| value.clone()).collect();
            instance.attributes.insert(Rc::from("args"), Value::tuple(args));
        }
        let open = instance.open.is_some() || is_exception;
        let object = self.add_value(Object::Instance(instance));
        if let Some((init, _)) = self.class_attribute(&value, "__init__") {
            let Some(function) = init.object() else { return Ok(object) };
            let init = Value::Method(Rc::new(BoundMethod { receiver: object.clone(), function }));
            self.call(&init, arguments, span)?;
            return Ok(object);
        }
        if let Some((Value::Tuple(fields), _)) = self.class_attribute(&value, "__dataclass_fields__") {
            self.fill_fields(&object, class, &fields, &arguments, span)?;
            return Ok(object);
        }
        if open {
            for value in arguments.values().cloned().collect::<Vec<_>>() {
                self.escape(&value);
            }
        } else if !arguments.positional.is_empty() || !arguments.named.is_empty() {
            let message = format!("{}() takes no arguments: the class has no __init__ that takes any", class.name);
            return Err(self.exception("TypeError", message, span));
        }
        Ok(object)
    }

    /// What the `__init__` that `dataclass` writes does.
    fn fill_fields(
        &mut self,
        object: &Value,
        class: &Class,
        fields: &[Value],
        arguments: &Arguments,
        span: Span,
    ) -> Eval<()> {
        let known = |name: &str| fields.iter().any(|field| field.as_str() == Some(name));
        if arguments.positional.len() > fields.len() {
            let message = format!(
                "{}() takes {} arguments, but {} are given",
                class.name,
                fields.len(),
                arguments.positional.len()
            );
            return Err(self.exception("TypeError", message, span));
        }
        if let Some((name, ..)) = arguments.named.iter().find(|(name, ..)| !known(name)) {
            let message = format!("{}() has no field {name:?}", class.name);
            return Err(self.exception("TypeError", message, span));
        }
        for (at, field) in fields.iter().enumerate() {
            let name = field.as_str().unwrap_or_default().to_owned();
            let given = arguments.get(at).or_else(|| arguments.named(&name)).cloned();
            let default = self.attribute_in(&class.mro, &name).map(|(value, _)| value);
            let value = match (given, arguments.unknown, default) {
                (Some(value), ..) => value,
                (None, Some(opaque), _) => Value::Opaque(self.derive(opaque, name.as_str(), span)),
                (None, None, Some(default)) => default,
                (None, None, None) => {
                    let message = format!("{}() misses the argument {name:?}", class.name);
                    return Err(self.exception("TypeError", message, span));
                }
            };
            if let Some(Object::Instance(instance)) = object.object().and_then(|id| self.heap.get_mut(id)) {
                instance.attributes.insert(Rc::from(name), value);
            }
        }
        if let Some(method) = self.special(object, "__post_init__") {
            self.call(&method, Arguments::default(), span)?;
        }
        Ok(())
    }

    pub fn instantiate_api(&mut self, class: &'static ApiClass, arguments: Arguments, span: Span) -> Eval<Value> {
        if class.role == Role::Time {
            return Ok(self.call_unseen(None, &arguments, span));
        }
        let attributes = match class.role {
            Role::Exception => {
                let args = arguments.positional.iter().map(|(value, _)| value.clone()).collect();
                BTreeMap::from([(Name::from("args"), Value::tuple(args))])
            }
            _ => BTreeMap::new(),
        };
        let open = matches!(class.role, Role::Plain | Role::ParameterTool).then(|| self.fresh_opaque(span));
        Ok(self.add_value(Object::Instance(Instance { class: Value::ApiClass(class), attributes, open })))
    }

    pub fn builtin_exception(&mut self, class: &'static str, args: Vec<Value>) -> Value {
        let attributes = BTreeMap::from([(Name::from("args"), Value::tuple(args))]);
        self.add_value(Object::Instance(Instance { class: Value::Builtin(class), attributes, open: None }))
    }

    pub fn super_call(&mut self, args: &'a [Expr], span: Span) -> Eval<Value> {
        let (class, receiver) = match args {
            [] => {
                let frame = self.frame();
                (frame.class, frame.receiver.clone())
            }
            [class, rest @ ..] => {
                let class = self.expr(class)?.object();
                let receiver = match rest.first() {
                    Some(receiver) => Some(self.expr(receiver)?),
                    None => None,
                };
                (class, receiver)
            }
        };
        match (class, receiver) {
            (Some(class), Some(receiver)) => Ok(Value::Super(Rc::new(SuperValue { class, receiver }))),
            _ => Ok(self.opaque(span)),
        }
    }
}
