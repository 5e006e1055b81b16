//! Builtin functions and types.

use super::Evaluator;
use super::branch::{Eval, Stop};
use super::call::Arguments;
use super::numbers;
use super::stmt::Items;
use super::value::*;
use num_bigint::BigInt;
use pyflink_plan::Span;
use std::rc::Rc;

/// Functions and types that are evaluated; other builtins give opaque values.
const KNOWN: &[&str] = &[
    "abs",
    "all",
    "any",
    "bool",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "dict",
    "divmod",
    "enumerate",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "hasattr",
    "id",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "next",
    "object",
    "ord",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "zip",
];

/// Builtin exceptions, each with what it derives from.
const EXCEPTIONS: &[(&str, &[&str])] = &[
    ("BaseException", &[]),
    ("SystemExit", &["BaseException"]),
    ("KeyboardInterrupt", &["BaseException"]),
    ("GeneratorExit", &["BaseException"]),
    ("Exception", &["BaseException"]),
    ("ArithmeticError", &["Exception", "BaseException"]),
    ("ZeroDivisionError", &["ArithmeticError", "Exception", "BaseException"]),
    ("OverflowError", &["ArithmeticError", "Exception", "BaseException"]),
    ("AssertionError", &["Exception", "BaseException"]),
    ("AttributeError", &["Exception", "BaseException"]),
    ("EOFError", &["Exception", "BaseException"]),
    ("ImportError", &["Exception", "BaseException"]),
    ("ModuleNotFoundError", &["ImportError", "Exception", "BaseException"]),
    ("LookupError", &["Exception", "BaseException"]),
    ("IndexError", &["LookupError", "Exception", "BaseException"]),
    ("KeyError", &["LookupError", "Exception", "BaseException"]),
    ("MemoryError", &["Exception", "BaseException"]),
    ("NameError", &["Exception", "BaseException"]),
    ("NotImplementedError", &["RuntimeError", "Exception", "BaseException"]),
    ("OSError", &["Exception", "BaseException"]),
    ("IOError", &["OSError", "Exception", "BaseException"]),
    ("FileNotFoundError", &["OSError", "Exception", "BaseException"]),
    ("FileExistsError", &["OSError", "Exception", "BaseException"]),
    ("PermissionError", &["OSError", "Exception", "BaseException"]),
    ("ConnectionError", &["OSError", "Exception", "BaseException"]),
    ("TimeoutError", &["OSError", "Exception", "BaseException"]),
    ("RuntimeError", &["Exception", "BaseException"]),
    ("RecursionError", &["RuntimeError", "Exception", "BaseException"]),
    ("StopIteration", &["Exception", "BaseException"]),
    ("SyntaxError", &["Exception", "BaseException"]),
    ("TypeError", &["Exception", "BaseException"]),
    ("ValueError", &["Exception", "BaseException"]),
    ("UnicodeError", &["ValueError", "Exception", "BaseException"]),
    ("UnicodeDecodeError", &["UnicodeError", "ValueError", "Exception", "BaseException"]),
    ("UnicodeEncodeError", &["UnicodeError", "ValueError", "Exception", "BaseException"]),
];

pub fn exception_bases(name: &str) -> Option<&'static [&'static str]> {
    EXCEPTIONS.iter().find(|(known, _)| *known == name).map(|(_, bases)| *bases)
}

/// The value of a builtin's name.
pub fn find(name: &str) -> Option<Value> {
    if name == "NotImplemented" {
        return Some(Value::NotImplemented);
    }
    let exceptions = EXCEPTIONS.iter().map(|(name, _)| name);
    KNOWN.iter().chain(exceptions).find(|known| **known == name).map(|known| Value::Builtin(known))
}

impl<'a> Evaluator<'a> {
    pub fn call_builtin(&mut self, name: &'static str, arguments: Arguments, span: Span) -> Eval<Value> {
        if exception_bases(name).is_some() {
            let args = arguments.positional.into_iter().map(|(value, _)| value).collect();
            return Ok(self.builtin_exception(name, args));
        }
        let first = arguments.get(0).cloned();
        let second = arguments.get(1).cloned();
        if arguments.unknown.is_some() {
            return Ok(self.call_unseen(None, &arguments, span));
        }
        Ok(match (name, first, second) {
            ("print", ..) => Value::None,
            ("object", ..) | ("id", ..) => self.opaque(span),
            ("len", Some(value), None) => return self.len(&value, span),
            (
                "str" | "repr" | "int" | "float" | "bool" | "bytes" | "chr" | "ord" | "abs" | "round" | "format"
                | "divmod",
                first,
                second,
            ) => {
                return self.convert(name, first, second, &arguments, span);
            }
            ("list" | "tuple" | "set" | "frozenset", None, _) => match name {
                "list" => self.list(Vec::new()),
                "tuple" => Value::tuple(Vec::new()),
                _ => self.set(Vec::new(), span),
            },
            ("list" | "tuple" | "set" | "frozenset", Some(value), None) => match self.items(&value, span)? {
                Items::Known(items) => match name {
                    "list" => self.list(items),
                    "tuple" => Value::tuple(items),
                    _ => self.set(items, span),
                },
                Items::Opaque(opaque) => self.add_value(Object::Unknown(name, opaque)),
            },
            ("dict", first, _) => {
                let mut pairs = match first {
                    None => Vec::new(),
                    Some(value) => match self.pairs(&value, span)? {
                        Some(pairs) => pairs,
                        None => {
                            let stream = self.bears_stream(&value);
                            let opaque = Opaque { stream, ..self.fresh_opaque(span) };
                            return Ok(self.add_value(Object::Unknown("dict", opaque)));
                        }
                    },
                };
                pairs.extend(arguments.named.iter().map(|(name, value, _)| (Value::str(name), value.clone())));
                self.dict_of(pairs, span)
            }
            ("range", ..) => self.range(&arguments, span)?,
            ("enumerate", Some(value), _) => {
                let start = match arguments.get(1).or_else(|| arguments.named("start")) {
                    None => BigInt::ZERO,
                    Some(Value::Int(start)) => start.clone(),
                    Some(_) => return Ok(self.call_unseen(None, &arguments, span)),
                };
                match self.items(&value, span)? {
                    Items::Known(items) => {
                        let pair = |(at, item): (usize, Value)| Value::tuple(vec![Value::Int(&start + at), item]);
                        let items = items.into_iter().enumerate().map(pair).collect();
                        self.add_value(Object::Iterator(items, 0))
                    }
                    Items::Opaque(opaque) => self.add_value(Object::Unknown("enumerate", opaque)),
                }
            }
            ("zip", ..) => {
                let mut columns = Vec::new();
                for (value, _) in arguments.positional.clone() {
                    match self.items(&value, span)? {
                        Items::Known(items) => columns.push(items),
                        Items::Opaque(opaque) => return Ok(self.add_value(Object::Unknown("zip", opaque))),
                    }
                }
                let length = columns.iter().map(Vec::len).min().unwrap_or(0);
                let row = |at: usize| Value::tuple(columns.iter().map(|column| column[at].clone()).collect());
                let items = (0..length).map(row).collect();
                self.add_value(Object::Iterator(items, 0))
            }
            ("map", Some(function), Some(_)) if arguments.positional.len() == 2 => {
                let Some(value) = arguments.get(1).cloned() else { return Ok(self.opaque(span)) };
                match self.items(&value, span)? {
                    Items::Known(items) => {
                        let mut results = Vec::new();
                        for item in items {
                            results.push(self.call(&function, Arguments::positional(vec![item]), span)?);
                        }
                        self.add_value(Object::Iterator(results, 0))
                    }
                    Items::Opaque(opaque) => self.add_value(Object::Unknown("map", opaque)),
                }
            }
            ("filter", Some(function), Some(value)) => match self.items(&value, span)? {
                Items::Known(items) => {
                    let mut results = Vec::new();
                    for item in items {
                        let kept = match &function {
                            Value::None => item.clone(),
                            function => self.call(function, Arguments::positional(vec![item.clone()]), span)?,
                        };
                        match self.known_truth(&kept) {
                            Some(true) => results.push(item),
                            Some(false) => {}
                            None => {
                                let stream = self.bears_stream(&value);
                                let opaque = Opaque { stream, ..self.fresh_opaque(span) };
                                return Ok(self.add_value(Object::Unknown("filter", opaque)));
                            }
                        }
                    }
                    self.add_value(Object::Iterator(results, 0))
                }
                Items::Opaque(opaque) => self.add_value(Object::Unknown("filter", opaque)),
            },
            ("sorted", Some(value), _) => match self.items(&value, span)? {
                Items::Known(items) => match self.sorted(items, &arguments, span)? {
                    Some(sorted) => self.list(sorted),
                    None => {
                        let stream = self.bears_stream(&value);
                        let opaque = Opaque { stream, ..self.fresh_opaque(span) };
                        self.add_value(Object::Unknown("list", opaque))
                    }
                },
                Items::Opaque(opaque) => self.add_value(Object::Unknown("list", opaque)),
            },
            ("reversed", Some(value), None) => match self.items(&value, span)? {
                Items::Known(mut items) => {
                    items.reverse();
                    self.add_value(Object::Iterator(items, 0))
                }
                Items::Opaque(opaque) => self.add_value(Object::Unknown("reversed", opaque)),
            },
            ("iter", Some(value), None) => match self.items(&value, span)? {
                Items::Known(items) => self.add_value(Object::Iterator(items, 0)),
                Items::Opaque(opaque) => self.add_value(Object::Unknown("iterator", opaque)),
            },
            ("next", Some(value), default) => self.next(&value, default, span)?,
            ("sum", Some(value), start) => match self.items(&value, span)? {
                Items::Known(items) => {
                    let mut total = start.unwrap_or(Value::int(0));
                    for item in items {
                        total = self.binary(crate::syntax::ast::BinOp::Add, &total, &item, span)?;
                    }
                    total
                }
                Items::Opaque(_) => self.opaque(span),
            },
            ("any" | "all", Some(value), None) => match self.items(&value, span)? {
                Items::Known(items) => {
                    let truths: Option<Vec<bool>> = items.iter().map(|item| self.known_truth(item)).collect();
                    match truths {
                        Some(truths) if name == "any" => Value::Bool(truths.contains(&true)),
                        Some(truths) => Value::Bool(!truths.contains(&false)),
                        None => self.opaque(span),
                    }
                }
                Items::Opaque(_) => self.opaque(span),
            },
            ("min" | "max", Some(first), _) => {
                let items = match arguments.positional.len() {
                    1 => self.items(&first, span)?,
                    _ => Items::Known(arguments.positional.iter().map(|(value, _)| value.clone()).collect()),
                };
                match items {
                    Items::Known(items) => {
                        let sorted = self.sorted(
                            items,
                            &Arguments { named: arguments.named.clone(), ..Arguments::default() },
                            span,
                        )?;
                        match (name, sorted) {
                            ("min", Some(sorted)) if !sorted.is_empty() => sorted[0].clone(),
                            ("max", Some(sorted)) if !sorted.is_empty() => sorted[sorted.len() - 1].clone(),
                            _ => self.opaque(span),
                        }
                    }
                    Items::Opaque(_) => self.opaque(span),
                }
            }
            ("isinstance", Some(value), Some(class)) => match self.is_instance(&value, &class) {
                Some(known) => Value::Bool(known),
                None => match &value {
                    Value::Opaque(opaque) => {
                        let text = self.class_names(&class).join(",");
                        Value::Opaque(self.derive(*opaque, format!("isinstance {text}"), span))
                    }
                    _ => self.opaque(span),
                },
            },
            ("issubclass", Some(class), Some(Value::Object(base))) => {
                let mro = self.mro(&class);
                Value::Bool(mro.contains(&Value::Object(base)))
            }
            ("callable", Some(value), None) => match &value {
                Value::Opaque(_) => self.opaque(span),
                Value::Object(id) => match self.heap.get(*id) {
                    Object::Function(_) | Object::Class(_) | Object::Partial { .. } => Value::Bool(true),
                    Object::Instance(_) => Value::Bool(self.special(&value, "__call__").is_some()),
                    _ => Value::Bool(false),
                },
                Value::Method(_) | Value::Builtin(_) | Value::Library(_) | Value::ApiMethod(_) => Value::Bool(true),
                _ => Value::Bool(false),
            },
            ("getattr", Some(object), Some(Value::Str(attribute))) => {
                let default = arguments.get(2).cloned();
                match (self.attribute_quietly(&object, &attribute, span)?, default) {
                    (Some(value), _) => value,
                    (None, Some(default)) => default,
                    (None, None) => return self.attribute(&object, &attribute, span),
                }
            }
            ("hasattr", Some(object), Some(Value::Str(attribute))) => {
                match self.attribute_quietly(&object, &attribute, span)? {
                    Some(Value::Opaque(_)) => self.opaque(span),
                    found => Value::Bool(found.is_some()),
                }
            }
            ("getattr" | "hasattr", Some(object), Some(_)) => {
                let stream = self.bears_stream(&object);
                let opaque = Opaque { stream, ..self.fresh_opaque(span) };
                Value::Opaque(opaque)
            }
            ("setattr", Some(object), Some(Value::Str(attribute))) => {
                if let Some(value) = arguments.get(2).cloned() {
                    self.set_attribute(&object, &attribute, value, span)?;
                }
                Value::None
            }
            ("setattr", Some(Value::Object(id)), Some(_)) => {
                let opaque = self.fresh_opaque(span);
                if let Some(Object::Instance(instance)) = self.heap.get_mut(id) {
                    instance.open = Some(opaque);
                }
                Value::None
            }
            ("staticmethod", Some(function), None) => self.add_value(Object::StaticMethod(function)),
            ("classmethod", Some(function), None) => self.add_value(Object::ClassMethod(function)),
            ("property", Some(getter), setter) => self.add_value(Object::Property(Property { getter, setter })),
            ("slice", Some(first), second) => {
                let (start, stop) = match second {
                    Some(second) => (first, second),
                    None => (Value::None, first),
                };
                let step = arguments.get(2).cloned().unwrap_or(Value::None);
                Value::Slice(Rc::new([start, stop, step]))
            }
            ("type", Some(value), None) => match &value {
                Value::Object(id) => match self.heap.get(*id) {
                    Object::Instance(instance) => instance.class.clone(),
                    _ => self.opaque(span),
                },
                Value::Int(_) => Value::Builtin("int"),
                Value::Str(_) => Value::Builtin("str"),
                _ => self.opaque(span),
            },
            _ => self.call_unseen(None, &arguments, span),
        })
    }

    fn len(&mut self, value: &Value, span: Span) -> Eval<Value> {
        let length = match value {
            Value::Str(text) => Some(text.chars().count()),
            Value::Bytes(bytes) => Some(bytes.len()),
            Value::Tuple(items) => Some(items.len()),
            Value::Range(_) => self.elements(value, span)?.map(|items| items.len()),
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => Some(items.len()),
                Object::Dict(table) | Object::Set(table) => Some(table.len()),
                Object::Unknown(_, opaque) => {
                    let opaque = *opaque;
                    return Ok(Value::Opaque(self.derive(opaque, "len", span)));
                }
                _ => match self.special(value, "__len__") {
                    Some(method) => return self.call(&method, Arguments::default(), span),
                    None => None,
                },
            },
            Value::Opaque(opaque) => return Ok(Value::Opaque(self.derive(*opaque, "len", span))),
            Value::None | Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
                let message = format!("object of type '{}' has no len()", self.type_name(value));
                return Err(self.exception("TypeError", message, span));
            }
            _ => None,
        };
        Ok(match length {
            Some(length) => Value::int(length),
            None => self.opaque(span),
        })
    }

    fn convert(
        &mut self,
        name: &str,
        first: Option<Value>,
        second: Option<Value>,
        arguments: &Arguments,
        span: Span,
    ) -> Eval<Value> {
        let Some(value) = first else {
            return Ok(match name {
                "str" => Value::str(""),
                "int" => Value::int(0),
                "float" => Value::Float(0.0),
                "bool" => Value::Bool(false),
                _ => self.opaque(span),
            });
        };
        if let Value::Opaque(opaque) = value {
            self.may_raise += 1;
            if second.is_none() && arguments.named.is_empty() {
                return Ok(Value::Opaque(Opaque { stream: false, ..self.derive(opaque, name, span) }));
            }
            return Ok(self.opaque(span));
        }
        let known = match (name, &value, &second) {
            ("str", _, None) => {
                if let Some(method) = self.special(&value, "__str__").or_else(|| self.special(&value, "__repr__")) {
                    return self.call(&method, Arguments::default(), span);
                }
                self.display(&value).map(Value::str)
            }
            ("repr", _, None) => self.repr(&value).map(Value::str),
            ("format", _, None) => self.display(&value).map(Value::str),
            ("format", _, Some(Value::Str(spec))) => self.format_value(&value, spec).map(Value::str),
            ("bool", _, None) => self.known_truth(&value).map(Value::Bool),
            ("int", Value::Int(_), None) => Some(value.clone()),
            ("int", Value::Bool(value), None) => Some(Value::int(u8::from(*value))),
            ("int", Value::Float(value), None) if value.is_finite() && value.abs() < 9e15 => {
                Some(Value::int(*value as i64))
            }
            ("int", Value::Str(text), None) => match text.trim().parse::<BigInt>() {
                Ok(number) => Some(Value::Int(number)),
                Err(_) if text.contains('_') => None,
                Err(_) => {
                    let message = format!("invalid literal for int() with base 10: {}", super::format::str_repr(text));
                    return Err(self.exception("ValueError", message, span));
                }
            },
            ("int", Value::None, None) | ("float", Value::None, None) => {
                let message = format!("{name}() argument must be a string or a number, not 'NoneType'");
                return Err(self.exception("TypeError", message, span));
            }
            ("float", Value::Str(text), None) => text.trim().parse::<f64>().ok().map(Value::Float),
            ("float", _, None) => numbers::float(&value).map(Value::Float),
            ("abs", Value::Int(value), None) => Some(Value::Int(BigInt::from(value.magnitude().clone()))),
            ("abs", Value::Float(value), None) => Some(Value::Float(value.abs())),
            ("chr", Value::Int(code), None) => {
                u32::try_from(code).ok().and_then(char::from_u32).map(|c| Value::str(c.to_string()))
            }
            ("ord", Value::Str(text), None) => {
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => Some(Value::int(c as u32)),
                    _ => None,
                }
            }
            ("round", Value::Int(_), None) => Some(value.clone()),
            _ => None,
        };
        Ok(match known {
            Some(value) => value,
            None => self.opaque(span),
        })
    }

    fn range(&mut self, arguments: &Arguments, span: Span) -> Eval<Value> {
        let mut bounds = Vec::new();
        for (value, _) in &arguments.positional {
            match value {
                Value::Int(value) => bounds.push(value.clone()),
                Value::Bool(value) => bounds.push(BigInt::from(u8::from(*value))),
                Value::Opaque(opaque) => {
                    let opaque = *opaque;
                    return Ok(Value::Opaque(self.derive(opaque, "range", span)));
                }
                value => {
                    let message = format!("'{}' object cannot be interpreted as an integer", self.type_name(value));
                    return Err(self.exception("TypeError", message, span));
                }
            }
        }
        let one = BigInt::from(1);
        let range = match bounds.as_slice() {
            [stop] => Range { start: BigInt::ZERO, stop: stop.clone(), step: one },
            [start, stop] => Range { start: start.clone(), stop: stop.clone(), step: one },
            [start, stop, step] if *step != BigInt::ZERO => {
                Range { start: start.clone(), stop: stop.clone(), step: step.clone() }
            }
            _ => return Err(self.exception("TypeError", "wrong arguments for range()", span)),
        };
        Ok(Value::Range(Rc::new(range)))
    }

    fn next(&mut self, value: &Value, default: Option<Value>, span: Span) -> Eval<Value> {
        if let Value::Object(id) = value {
            if matches!(self.heap.get(*id), Object::Generator(_))
                && let Some(items) = self.drain(*id, span)?
            {
                self.heap.set(*id, Object::Iterator(items, 0));
            }
            if let Some(Object::Iterator(items, at)) = self.heap.get_mut(*id) {
                if let Some(item) = items.get(*at) {
                    let item = item.clone();
                    *at += 1;
                    return Ok(item);
                }
                return match default {
                    Some(default) => Ok(default),
                    None => Err(self.exception("StopIteration", "", span)),
                };
            }
            if let Some(method) = self.special(value, "__next__") {
                return self.call(&method, Arguments::default(), span);
            }
        }
        self.may_raise += 1;
        let stream = self.bears_stream(value);
        let opaque = self.fresh_opaque(span);
        Ok(Value::Opaque(Opaque { stream, ..opaque }))
    }

    /// `None` if only a run can tell.
    fn is_instance(&self, value: &Value, class: &Value) -> Option<bool> {
        if let Value::Tuple(classes) = class {
            let mut result = Some(false);
            for class in classes.iter() {
                match self.is_instance(value, class) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => result = None,
                }
            }
            return result;
        }
        match (value, class) {
            (Value::Opaque(_), _) | (_, Value::Opaque(_) | Value::Library(_)) => None,
            (Value::Object(id), class) => match self.heap.get(*id) {
                Object::Instance(instance) => match self.mro(&instance.class).contains(class) {
                    true => Some(true),
                    false => (!self.class_is_open(&instance.class)).then_some(false),
                },
                Object::List(_) => Some(*class == Value::Builtin("list")),
                Object::Dict(_) => Some(*class == Value::Builtin("dict")),
                Object::Set(_) => Some(*class == Value::Builtin("set")),
                Object::Unknown(name, _) => match class {
                    Value::Builtin(class) if ["list", "dict", "set"].contains(name) => Some(class == name),
                    _ => None,
                },
                _ => None,
            },
            (value, Value::Builtin(class)) => Some(match value {
                Value::Bool(_) => ["bool", "int", "object"].contains(class),
                value => self.type_name(value) == *class || *class == "object",
            }),
            _ => Some(false),
        }
    }

    /// An attribute without a report if it isn't there.
    fn attribute_quietly(&mut self, object: &Value, name: &str, span: Span) -> Eval<Option<Value>> {
        let diagnostics = self.diagnostics.len();
        let result = self.attribute(object, name, span);
        let reported = self.diagnostics.len() > diagnostics;
        self.diagnostics.truncate(diagnostics);
        match result {
            Ok(_) if reported => Ok(None),
            Ok(value) => Ok(Some(value)),
            Err(Stop::Raise(raised)) if raised.classes.first().is_some_and(|name| name == "AttributeError") => Ok(None),
            Err(stop) => Err(stop),
        }
    }
}
