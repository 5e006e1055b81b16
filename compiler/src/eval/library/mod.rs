//! The part of Python's standard library that pipelines are written with. The rest is opaque.

pub mod argparse;
mod enums;
mod named;

use super::Evaluator;
use super::branch::Eval;
use super::call::Arguments;
use super::stmt::Items;
use super::value::*;
use pyflink_plan::Span;
use pyflink_plan::ir::Builtin;
use std::rc::Rc;

/// Functions, classes and modules that are known, by their full name.
const KNOWN: &[&str] = &[
    "abc",
    "abc.ABC",
    "abc.ABCMeta",
    "abc.abstractmethod",
    "argparse",
    "argparse.ArgumentParser",
    "collections",
    "collections.OrderedDict",
    "collections.namedtuple",
    "copy",
    "copy.copy",
    "dataclasses",
    "dataclasses.dataclass",
    "dataclasses.field",
    "enum",
    "enum.Enum",
    "enum.auto",
    "enum.unique",
    "functools",
    "functools.cache",
    "functools.lru_cache",
    "functools.partial",
    "functools.reduce",
    "functools.wraps",
    "itertools",
    "itertools.chain",
    "itertools.chain.from_iterable",
    "itertools.product",
    "operator",
    "operator.abs",
    "operator.add",
    "operator.and_",
    "operator.eq",
    "operator.floordiv",
    "operator.ge",
    "operator.getitem",
    "operator.gt",
    "operator.invert",
    "operator.itemgetter",
    "operator.attrgetter",
    "operator.methodcaller",
    "operator.le",
    "operator.lshift",
    "operator.lt",
    "operator.mod",
    "operator.mul",
    "operator.ne",
    "operator.neg",
    "operator.not_",
    "operator.or_",
    "operator.pos",
    "operator.pow",
    "operator.rshift",
    "operator.sub",
    "operator.truediv",
    "operator.truth",
    "operator.xor",
    "os",
    "os.path",
    "os.path.join",
    "os.path.basename",
    "os.path.dirname",
    "sys",
    "sys.exit",
    "typing",
    "typing.Generic",
    "typing.NamedTuple",
    "typing.Protocol",
    "typing.TYPE_CHECKING",
    "typing.cast",
];

/// Modules that are known.
const MODULES: &[&str] = &[
    "abc",
    "argparse",
    "collections",
    "copy",
    "dataclasses",
    "enum",
    "functools",
    "itertools",
    "math",
    "operator",
    "os",
    "os.path",
    "sys",
    "typing",
];

pub fn module(name: &str) -> Option<Value> {
    MODULES.iter().find(|known| **known == name).map(|known| Value::Library(known))
}

/// The function of `operator` that made a function, by the name that stands for that.
pub fn getter(made: &Value) -> Option<&'static str> {
    match made {
        Value::Library(name) => name.strip_prefix("operator.")?.strip_suffix("()"),
        _ => None,
    }
}

/// The value of a full name; `None` if it isn't known.
pub fn find(name: &str) -> Option<Value> {
    match name {
        "typing.TYPE_CHECKING" => Some(Value::Bool(false)),
        "os.sep" => Some(Value::str("/")),
        _ if name.starts_with("math.") => Builtin::from_name(name).map(|known| Value::Library(known.name())),
        _ => KNOWN.iter().find(|known| **known == name).map(|known| Value::Library(known)),
    }
}

impl<'a> Evaluator<'a> {
    /// The value of a full name of the library; `None` if it isn't known.
    pub fn library_value(&mut self, name: &str, span: Span) -> Option<Value> {
        if name == "sys.argv" { Some(self.argv(span)) } else { find(name) }
    }

    /// `sys.argv`: the script and its parameters, if they were given.
    pub fn argv(&mut self, span: Span) -> Value {
        let script = Value::str(&self.program.sources.files[0].path);
        match self.params {
            Some(params) => {
                let items = std::iter::once(script).chain(params.iter().map(Value::str)).collect();
                self.list(items)
            }
            None => {
                let opaque = self.fresh_opaque(span);
                let root = Opaque { identity: 0, ..opaque };
                let opaque = self.derive(root, "sys.argv", span);
                self.add_value(Object::Unknown("list", opaque))
            }
        }
    }

    pub fn call_library(&mut self, name: &'static str, arguments: Arguments, span: Span) -> Eval<Value> {
        let first = arguments.get(0).cloned();
        let texts = || -> Option<Vec<String>> {
            arguments.plain()?.iter().map(|value| value.as_str().map(str::to_owned)).collect()
        };
        Ok(match (name, first) {
            ("object.__init__", _) => Value::None,
            ("abc.abstractmethod" | "functools.cache" | "typing.cast", Some(function)) if name != "typing.cast" => {
                function
            }
            ("typing.cast", _) => arguments.get(1).cloned().unwrap_or(Value::None),
            ("functools.lru_cache", Some(function @ Value::Object(_))) => function,
            // With arguments they give the decorator.
            ("functools.lru_cache", _) => Value::Library("abc.abstractmethod"),
            ("functools.wraps", _) => Value::Library("abc.abstractmethod"),
            ("collections.namedtuple" | "typing.NamedTuple", _) => match self.named_tuple(name, &arguments, span) {
                Some(class) => class,
                None => self.call_unseen(None, &arguments, span),
            },
            ("collections.OrderedDict", _) => {
                let made = self.call_builtin("dict", arguments, span)?;
                if let Value::Object(id) = made
                    && let Some(Object::Dict(table)) = self.heap.get_mut(id)
                {
                    table.is_ordered = true;
                }
                made
            }
            ("enum.unique", Some(class)) => class,
            ("dataclasses.dataclass", Some(class)) => {
                self.make_dataclass(&class);
                class
            }
            ("dataclasses.dataclass", None) => Value::Library("dataclasses.dataclass"),
            ("dataclasses.field", _) => match (arguments.named("default"), arguments.named("default_factory")) {
                (Some(default), _) => default.clone(),
                (None, Some(factory)) => {
                    let factory = factory.clone();
                    self.call(&factory, Arguments::default(), span)?
                }
                _ => self.opaque(span),
            },
            ("functools.partial", Some(function)) => {
                if arguments.unknown.is_some() {
                    return Ok(self.call_unseen(None, &arguments, span));
                }
                let positional = arguments.positional[1..].iter().map(|(value, _)| value.clone()).collect();
                let named = arguments.named.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect();
                self.add_value(Object::Partial { function, positional, named })
            }
            ("operator.itemgetter" | "operator.attrgetter" | "operator.methodcaller", Some(_)) => {
                if arguments.unknown.is_some() {
                    return Ok(self.call_unseen(None, &arguments, span));
                }
                // The name of what is called with these and the value.
                let function = Value::Library(match name {
                    "operator.itemgetter" => "operator.itemgetter()",
                    "operator.attrgetter" => "operator.attrgetter()",
                    _ => "operator.methodcaller()",
                });
                let positional = arguments.positional.iter().map(|(value, _)| value.clone()).collect();
                let named = arguments.named.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect();
                self.add_value(Object::Partial { function, positional, named })
            }
            ("functools.reduce", Some(function)) => {
                let Some(iterable) = arguments.get(1).cloned() else { return Ok(self.opaque(span)) };
                let mut total = arguments.get(2).cloned();
                let Items::Known(items) = self.items(&iterable, span)? else {
                    return Ok(self.call_unseen(None, &arguments, span));
                };
                for item in items {
                    total = Some(match total {
                        None => item,
                        Some(total) => self.call(&function, Arguments::positional(vec![total, item]), span)?,
                    });
                }
                total.unwrap_or(Value::None)
            }
            ("itertools.chain", _) | ("itertools.chain.from_iterable", Some(_)) => {
                let mut parts: Vec<Value> = arguments.positional.iter().map(|(value, _)| value.clone()).collect();
                if name == "itertools.chain.from_iterable" {
                    match self.items(&parts[0].clone(), span)? {
                        Items::Known(items) => parts = items,
                        Items::Opaque(opaque) => return Ok(self.add_value(Object::Unknown("chain", opaque))),
                    }
                }
                let mut all = Vec::new();
                for part in parts {
                    match self.items(&part, span)? {
                        Items::Known(items) => all.extend(items),
                        Items::Opaque(opaque) => return Ok(self.add_value(Object::Unknown("chain", opaque))),
                    }
                }
                self.add_value(Object::Iterator(all, 0))
            }
            ("itertools.product", _) if arguments.named.is_empty() => {
                let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
                for (part, _) in arguments.positional.clone() {
                    let Items::Known(items) = self.items(&part, span)? else {
                        return Ok(self.call_unseen(None, &arguments, span));
                    };
                    let more = |row: &Vec<Value>| {
                        items
                            .iter()
                            .map(|item| [row.as_slice(), std::slice::from_ref(item)].concat())
                            .collect::<Vec<_>>()
                    };
                    rows = rows.iter().flat_map(more).collect();
                }
                let items = rows.into_iter().map(Value::tuple).collect();
                self.add_value(Object::Iterator(items, 0))
            }
            ("os.path.join", _) => match texts() {
                Some(parts) => Value::str(join(&parts)),
                None => self.call_unseen(None, &arguments, span),
            },
            ("os.path.basename", Some(Value::Str(path))) => Value::str(path.rsplit('/').next().unwrap_or("")),
            ("os.path.dirname", Some(Value::Str(path))) => {
                let folder =
                    path.rsplit_once('/').map_or("", |(folder, _)| if folder.is_empty() { "/" } else { folder });
                Value::str(folder.trim_end_matches('/').to_owned() + if folder == "/" { "/" } else { "" })
            }
            ("sys.exit", value) => {
                let message = value.and_then(|value| self.display(&value)).unwrap_or_default();
                return Err(self.exception("SystemExit", message, span));
            }
            ("argparse.ArgumentParser", _) => {
                let inherits = arguments.named("parents").is_some() || arguments.unknown.is_some();
                let opaque = inherits.then(|| self.fresh_opaque(span));
                self.add_value(Object::ArgumentParser(Parser { arguments: Vec::new(), opaque }))
            }
            _ => self.call_unseen(None, &arguments, span),
        })
    }

    /// Notes the fields of a class and of its bases, for its `__init__`.
    fn make_dataclass(&mut self, class: &Value) {
        let mut fields: Vec<Value> = Vec::new();
        for base in self.mro(class).into_iter().rev() {
            let Some(Object::Class(base)) = base.object().map(|id| self.heap.get(id)) else { continue };
            if let Some(Value::Tuple(names)) = self.name_in(base.scope, "__annotations__") {
                let new: Vec<Value> = names.iter().filter(|name| !fields.contains(name)).cloned().collect();
                fields.extend(new);
            }
        }
        let Some(Object::Class(object)) = class.object().map(|id| self.heap.get(id)) else { return };
        let scope = object.scope;
        if self.name_in(scope, "__init__").is_none() {
            self.bind(scope, "__dataclass_fields__", Value::Tuple(Rc::from(fields)));
        }
    }
}

/// `os.path.join`.
fn join(parts: &[String]) -> String {
    let mut path = String::new();
    for (at, part) in parts.iter().enumerate() {
        if part.starts_with('/') {
            path.clear();
        } else if at > 0 && !path.is_empty() && !path.ends_with('/') {
            path.push('/');
        }
        path.push_str(part);
    }
    path
}
