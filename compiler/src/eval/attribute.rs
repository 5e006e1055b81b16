//! Reading attributes.

use super::Evaluator;
use super::branch::Eval;
use super::value::*;
use super::{containers, library, text};
use crate::api::classes::{self, ApiClass, Role};
use crate::api::imports::{self, Item};
use crate::api::methods;
use crate::api::suggest::nearest;
use pyflink_plan::{Diagnostic, Span};
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    pub fn attribute(&mut self, value: &Value, name: &str, span: Span) -> Eval<Value> {
        Ok(match value {
            Value::Opaque(opaque) => match self.overrides.get(&(opaque.identity, Name::from(name))) {
                Some(value) => value.clone(),
                None => {
                    self.settle_choice(opaque)?;
                    self.may_raise += 1;
                    if opaque.poison && name == "execute" {
                        self.all_incomplete();
                    }
                    Value::Opaque(self.derive(*opaque, format!(".{name}"), span))
                }
            },
            Value::Object(id) => return self.object_attribute(value, *id, name, span),
            Value::Factory => match methods::factory(name) {
                Some(method) => self.api_method(value, method),
                None => self.unknown_method(value, name, span),
            },
            Value::Environment(_) => match methods::environment(name) {
                Some(method) => self.api_method(value, method),
                None => self.unknown_method(value, name, span),
            },
            Value::Stream(stream) => match stream.of.method(name) {
                Some(method) => self.api_method(value, method),
                None => self.unknown_method(value, name, span),
            },
            Value::ApiClass(class) => self.api_class_attribute(class, name, span)?,
            Value::EnumConstant(_, constant) if name == "name" => Value::str(constant),
            Value::Super(parent) => return self.super_attribute(parent, name, span),
            Value::Library(parent) => match self.library_value(&format!("{parent}.{name}"), span) {
                Some(value) => value,
                None => self.opaque(span),
            },
            Value::Str(_) if text::METHODS.contains(&name) => self.builtin_method(value, name, text::METHODS),
            Value::Tuple(_) if containers::TUPLE.contains(&name) => self.builtin_method(value, name, containers::TUPLE),
            Value::Time(_) if name == "toMilliseconds" => self.builtin_method(value, name, &["toMilliseconds"]),
            Value::None => return self.no_attribute(value, name, span),
            Value::Str(_) | Value::Tuple(_) if !name.starts_with("__") => {
                return self.no_attribute(value, name, span);
            }
            Value::Builtin("str") if name != "maketrans" && text::METHODS.contains(&name) => {
                self.builtin_method(value, name, text::METHODS)
            }
            Value::Builtin("dict") if name == "fromkeys" => self.opaque(span),
            _ => self.opaque(span),
        })
    }

    fn api_method(&self, receiver: &Value, method: &'static methods::Method) -> Value {
        Value::ApiMethod(Rc::new(ApiMethod { receiver: receiver.clone(), method }))
    }

    fn builtin_method(&self, receiver: &Value, name: &str, names: &[&'static str]) -> Value {
        let name = names.iter().find(|known| **known == name).copied().unwrap_or("");
        Value::BuiltinMethod(Rc::new((receiver.clone(), name)))
    }

    fn object_attribute(&mut self, value: &Value, id: ObjectId, name: &str, span: Span) -> Eval<Value> {
        match self.heap.get(id).clone() {
            Object::Instance(instance) => self.instance_attribute(value, &instance, name, span),
            Object::Class(class) => self.class_object_attribute(value, &class, name, span),
            Object::Module(module) => self.module_attribute(&module, name, span),
            Object::Function(function) => Ok(match (function.attributes.get(name), name) {
                (Some(value), _) => value.clone(),
                (None, "__name__" | "__qualname__") => Value::str(&self.codes[function.code.0 as usize].name),
                _ => self.opaque(span),
            }),
            Object::List(_) if containers::LIST.contains(&name) => {
                Ok(self.builtin_method(value, name, containers::LIST))
            }
            Object::Dict(_) if containers::DICT.contains(&name) => {
                Ok(self.builtin_method(value, name, containers::DICT))
            }
            Object::Set(_) if containers::SET.contains(&name) => Ok(self.builtin_method(value, name, containers::SET)),
            Object::List(_) | Object::Dict(_) | Object::Set(_) if !name.starts_with("__") => {
                self.no_attribute(value, name, span)
            }
            Object::ArgumentParser(_) => {
                let known = library::argparse::METHODS;
                Ok(match known.contains(&name) {
                    true => self.builtin_method(value, name, known),
                    false => self.opaque(span),
                })
            }
            Object::Property(_) if ["setter", "getter", "deleter"].contains(&name) => {
                Ok(self.builtin_method(value, name, &["setter", "getter", "deleter"]))
            }
            Object::Unknown(_, opaque) => {
                self.may_raise += 1;
                let opaque = self.derive(opaque, format!(".{name}"), span);
                Ok(Value::Opaque(opaque))
            }
            _ => Ok(self.opaque(span)),
        }
    }

    fn instance_attribute(&mut self, value: &Value, instance: &Instance, name: &str, span: Span) -> Eval<Value> {
        let found = self.class_attribute(&instance.class, name);
        if let Some((Value::Object(id), _)) = &found
            && let Object::Property(property) = self.heap.get(*id).clone()
        {
            return self.call_on(&property.getter, value, Vec::new(), span);
        }
        if let Some(own) = instance.attributes.get(name) {
            return Ok(own.clone());
        }
        if let Some((found, _)) = found {
            return Ok(self.bound(&found, value, &instance.class, span));
        }
        match name {
            "__class__" => return Ok(instance.class.clone()),
            "__dict__" | "__module__" | "__doc__" => return Ok(self.opaque(span)),
            _ => {}
        }
        if let Some(opaque) = instance.open {
            return Ok(Value::Opaque(self.derive(opaque, format!(".{name}"), span)));
        }
        let of_api = self.api_bases(&instance.class).iter().any(|base| base.methods.contains(&name));
        if of_api || self.class_is_open(&instance.class) || name.starts_with("__") {
            return Ok(self.opaque(span));
        }
        if let Some(method) = self.special(value, "__getattr__") {
            let arguments = super::call::Arguments::positional(vec![Value::str(name)]);
            return self.call(&method, arguments, span);
        }
        self.no_attribute(value, name, span)
    }

    /// What reading a class's attribute on an instance gives.
    fn bound(&mut self, found: &Value, receiver: &Value, class: &Value, span: Span) -> Value {
        let Value::Object(id) = found else {
            return if self.class_is_open(class) { self.opaque(span) } else { found.clone() };
        };
        match self.heap.get(*id) {
            Object::Function(_) => Value::Method(Rc::new(BoundMethod { receiver: receiver.clone(), function: *id })),
            Object::StaticMethod(inner) => inner.clone(),
            Object::ClassMethod(inner) => match inner.object() {
                Some(function) => Value::Method(Rc::new(BoundMethod { receiver: class.clone(), function })),
                None => self.opaque(span),
            },
            _ => found.clone(),
        }
    }

    fn class_object_attribute(&mut self, value: &Value, class: &Class, name: &str, span: Span) -> Eval<Value> {
        if name == "__name__" || name == "__qualname__" {
            return Ok(Value::str(&class.name));
        }
        if let Some((found, _)) = self.class_attribute(value, name) {
            let Value::Object(id) = &found else {
                // A metaclass or base without source may make something else of a constant, as Enum does.
                return Ok(match class.opaque {
                    Some(opaque) => Value::Opaque(self.derive(opaque, format!("{}.{name}", class.name), span)),
                    None => found,
                });
            };
            return Ok(match self.heap.get(*id).clone() {
                Object::StaticMethod(inner) => inner,
                Object::ClassMethod(inner) => match inner.object() {
                    Some(function) => Value::Method(Rc::new(BoundMethod { receiver: value.clone(), function })),
                    None => self.opaque(span),
                },
                Object::Property(_) => self.opaque(span),
                _ => found,
            });
        }
        let of_api = self.api_bases(value).iter().any(|base| base.methods.contains(&name));
        if of_api || class.opaque.is_some() || name.starts_with("__") || self.class_is_open(value) {
            return Ok(match class.opaque {
                Some(opaque) => Value::Opaque(self.derive(opaque, format!("{}.{name}", class.name), span)),
                None => self.opaque(span),
            });
        }
        self.no_attribute(value, name, span)
    }

    fn super_attribute(&mut self, parent: &SuperValue, name: &str, span: Span) -> Eval<Value> {
        let class = match &parent.receiver {
            Value::Object(id) => match self.heap.get(*id) {
                Object::Instance(instance) => instance.class.clone(),
                _ => parent.receiver.clone(),
            },
            _ => return Ok(self.opaque(span)),
        };
        let mro = self.mro(&class);
        let from = mro.iter().position(|class| class.object() == Some(parent.class)).map_or(0, |at| at + 1);
        if let Some((found, _)) = self.attribute_in(&mro[from..], name) {
            return Ok(self.bound(&found, &parent.receiver, &class, span));
        }
        if name == "__init__" || name == "__init_subclass__" {
            return Ok(Value::Library("object.__init__"));
        }
        let foreign = self.class_is_open(&class) || name.starts_with("__");
        let of_api = self.api_bases(&class).iter().any(|base| base.methods.contains(&name));
        if foreign || of_api || mro[from..].iter().any(|class| matches!(class, Value::Builtin(_))) {
            return Ok(self.opaque(span));
        }
        let title = self.type_name(&parent.receiver);
        let message = format!("no base class of {title} has an attribute {name}");
        Err(self.exception("AttributeError", message, span))
    }

    fn api_class_attribute(&mut self, class: &'static ApiClass, name: &str, span: Span) -> Eval<Value> {
        let members: Vec<&str> = match class.role {
            Role::Time => {
                if let Some((unit, _)) = classes::TIME_UNITS.iter().find(|(unit, _)| *unit == name) {
                    return Ok(Value::TimeUnit(unit));
                }
                if name == "of" {
                    return Ok(Value::TimeUnit("of"));
                }
                classes::TIME_UNITS.iter().map(|(unit, _)| *unit).chain(["of"]).collect()
            }
            Role::Enum(constants) => match constants.iter().find(|constant| **constant == name) {
                Some(constant) => return Ok(Value::EnumConstant(class, constant)),
                None => constants.to_vec(),
            },
            Role::Holder if name == "WriteMode" => return Ok(Value::ApiClass(&classes::WRITE_MODE)),
            Role::Holder => vec!["WriteMode"],
            Role::ParameterTool => return Ok(self.opaque(span)),
            Role::EnvironmentFactory => match methods::factory(name) {
                Some(method) => return Ok(self.api_method(&Value::Factory, method)),
                None => methods::FACTORY.iter().map(|method| method.name).collect(),
            },
            _ => return Ok(self.opaque(span)),
        };
        if name.starts_with("__") {
            return Ok(self.opaque(span));
        }
        let mut diagnostic = Diagnostic::error("unknown-attribute", format!("{} has no {name}", class.name))
            .at(span)
            .label(format!("not in {}", class.name));
        diagnostic = match nearest(name, members.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("it has {}", members.join(", "))),
        };
        self.report(diagnostic);
        Ok(self.poison(span))
    }

    pub fn module_attribute(&mut self, module: &Module, name: &str, span: Span) -> Eval<Value> {
        if let Some(value) = self.name_in(module.scope, name) {
            return Ok(value.clone());
        }
        let inner = format!("{}.{name}", module.name);
        if module.api {
            if let Some(item) = imports::lookup(&module.name, name) {
                return Ok(item_value(item));
            }
            if imports::exists(&inner) {
                return Ok(self.api_module(&inner));
            }
            let members: Vec<&str> = imports::members(&module.name).map(|(member, _)| member).collect();
            let mut diagnostic = Diagnostic::error("unknown-import", format!("{} has no {name}", module.name))
                .at(span)
                .label("not there");
            diagnostic = match nearest(name, members.iter().copied()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help(format!("it has {}", members.join(", "))),
            };
            self.report(diagnostic);
            return Ok(self.poison(span));
        }
        if let Some(id) = self.heap.modules.get(inner.as_str()) {
            return Ok(Value::Object(*id));
        }
        if name.starts_with("__") {
            return Ok(self.opaque(span));
        }
        if let Some(Value::Opaque(opaque)) = self.name_in(module.scope, "*").cloned() {
            return Ok(Value::Opaque(self.derive(opaque, name, span)));
        }
        let names: Vec<Name> = match self.heap.get(module.scope) {
            Object::Scope(names) => names.keys().cloned().collect(),
            _ => Vec::new(),
        };
        if self.program.modules.get(&*module.name).is_some_and(|id| self.program.broken.contains(id)) {
            return Ok(self.poison(span));
        }
        let mut diagnostic =
            Diagnostic::error("unknown-attribute", format!("the module {} has no {name}", module.name))
                .at(span)
                .label("not there");
        if let Some(near) = nearest(name, names.iter().map(|name| &**name)) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        self.report(diagnostic);
        Ok(self.poison(span))
    }

    /// An attribute error, as Python raises it: a `try` or `hasattr` may expect it.
    fn no_attribute(&mut self, value: &Value, name: &str, span: Span) -> Eval<Value> {
        let title = self.type_name(value);
        let mut message = format!("'{title}' object has no attribute '{name}'");
        let mut known: Vec<String> = Vec::new();
        if let Value::Object(id) = value {
            match self.heap.get(*id) {
                Object::Instance(instance) => {
                    known = self.method_names(&instance.class);
                    known.extend(instance.attributes.keys().map(ToString::to_string));
                }
                Object::Class(_) => {
                    known = self.method_names(value);
                    message = format!("class '{title}' has no attribute '{name}'");
                }
                Object::List(_) => known = containers::LIST.iter().map(ToString::to_string).collect(),
                Object::Dict(_) => known = containers::DICT.iter().map(ToString::to_string).collect(),
                _ => {}
            }
        }
        if let Value::Str(_) = value {
            known = text::METHODS.iter().map(ToString::to_string).collect();
        }
        if let Some(near) = nearest(name, known.iter().map(String::as_str)) {
            message.push_str(&format!(" (did you mean '{near}'?)"));
        }
        Err(self.exception("AttributeError", message, span))
    }

    /// As Python calls a value's type.
    pub fn type_name(&self, value: &Value) -> String {
        match value {
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::Tuple(_) => "tuple",
            Value::Range(_) => "range",
            Value::Time(_) => "Time",
            Value::Factory => "factory",
            Value::Environment(_) => "environment",
            Value::Stream(stream) => stream.of.title(),
            Value::EnumConstant(class, _) => class.name,
            Value::ApiClass(class) => return format!("class {}", class.name),
            Value::Method(_) | Value::ApiMethod(_) | Value::BuiltinMethod(_) => "method",
            Value::Builtin(_) | Value::Library(_) | Value::TimeUnit(_) => "function",
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(_) => "list",
                Object::Dict(table) if table.is_ordered => "OrderedDict",
                Object::Dict(_) => "dict",
                Object::Set(_) => "set",
                Object::Unknown(name, _) => name,
                Object::Function(_) | Object::Partial { .. } => "function",
                Object::Generator(_) | Object::Iterator(..) => "generator",
                Object::Module(_) => "module",
                Object::Class(class) => return class.name.to_string(),
                Object::Instance(instance) => {
                    return match &instance.class {
                        Value::Object(id) => match self.heap.get(*id) {
                            Object::Class(class) => class.name.to_string(),
                            _ => "object".to_owned(),
                        },
                        Value::ApiClass(class) => class.name.to_owned(),
                        Value::Builtin(name) => (*name).to_owned(),
                        _ => "object".to_owned(),
                    };
                }
                _ => "object",
            },
            _ => "object",
        }
        .to_owned()
    }
}

pub fn item_value(item: Item) -> Value {
    match item {
        Item::Class(class) => Value::ApiClass(class),
        Item::TimeUnit(unit) => Value::TimeUnit(unit),
    }
}
