//! Methods of lists, tuples, dicts and sets; positions and slices.

use super::Evaluator;
use super::branch::Eval;
use super::call::Arguments;
use super::library::argparse;
use super::stmt::Items;
use super::table;
use super::value::*;
use num_bigint::BigInt;
use pyflink_plan::Span;

pub const LIST: &[&str] =
    &["append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"];
pub const TUPLE: &[&str] = &["count", "index"];
pub const DICT: &[&str] =
    &["clear", "copy", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"];
pub const SET: &[&str] = &[
    "add",
    "clear",
    "copy",
    "difference",
    "difference_update",
    "discard",
    "intersection",
    "intersection_update",
    "isdisjoint",
    "issubset",
    "issuperset",
    "pop",
    "remove",
    "symmetric_difference",
    "symmetric_difference_update",
    "union",
    "update",
];

/// Where an index points in a sequence: `None` if only a run can tell, `Some(None)` if outside.
pub fn position(index: &Value, length: usize) -> Option<Option<usize>> {
    let index = match index {
        Value::Int(index) => index.clone(),
        Value::Bool(index) => BigInt::from(u8::from(*index)),
        _ => return None,
    };
    let at = if index < BigInt::ZERO { index + BigInt::from(length) } else { index };
    Some(usize::try_from(&at).ok().filter(|at| *at < length))
}

/// `value[start:stop:step]`.
pub fn slice(evaluator: &mut Evaluator<'_>, value: &Value, bounds: &[Value; 3]) -> Option<Value> {
    let pick = |length: usize| -> Option<Vec<usize>> {
        let length = i64::try_from(length).ok()?;
        let number = |value: &Value| match value {
            Value::None => Some(None),
            Value::Int(value) => Some(Some(i64::try_from(value).unwrap_or(if *value < BigInt::ZERO {
                i64::MIN / 2
            } else {
                i64::MAX / 2
            }))),
            _ => None,
        };
        let step = number(&bounds[2])?.unwrap_or(1);
        if step == 0 {
            return None;
        }
        let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let clamp = |value: Option<i64>, default: i64| match value {
            None => default,
            Some(value) => (if value < 0 { value + length } else { value }).clamp(low, high),
        };
        let (first, last) = if step > 0 { (0, length) } else { (length - 1, -1) };
        let (mut at, stop) = (clamp(number(&bounds[0])?, first), clamp(number(&bounds[1])?, last));
        let mut picked = Vec::new();
        while if step > 0 { at < stop } else { at > stop } {
            picked.push(at as usize);
            at += step;
        }
        Some(picked)
    };
    match value {
        Value::Str(text) => {
            let chars: Vec<char> = text.chars().collect();
            Some(Value::str(pick(chars.len())?.into_iter().map(|at| chars[at]).collect::<String>()))
        }
        Value::Tuple(items) => Some(Value::tuple(pick(items.len())?.into_iter().map(|at| items[at].clone()).collect())),
        Value::Object(id) => match evaluator.heap.get(*id).clone() {
            Object::List(items) => {
                let picked = pick(items.len())?.into_iter().map(|at| items[at].clone()).collect();
                Some(evaluator.list(picked))
            }
            _ => None,
        },
        _ => None,
    }
}

impl<'a> Evaluator<'a> {
    pub fn call_builtin_method(
        &mut self,
        receiver: &Value,
        name: &'static str,
        arguments: Arguments,
        span: Span,
    ) -> Eval<Value> {
        match receiver {
            Value::Str(text) => {
                let text = text.clone();
                self.text_method(&text, name, arguments, span)
            }
            // `str.upper`, called with the text.
            Value::Builtin(_) => match arguments.positional.first().cloned() {
                Some((Value::Str(text), _)) => {
                    let positional = arguments.positional[1..].to_vec();
                    self.text_method(&text, name, Arguments { positional, ..arguments }, span)
                }
                _ => Ok(self.call_unseen(None, &arguments, span)),
            },
            Value::Time(milliseconds) => Ok(Value::Int(milliseconds.clone())),
            Value::Tuple(items) => {
                let items = items.to_vec();
                self.sequence_method(&items, name, &arguments, span)
            }
            Value::Object(id) => match self.heap.get(*id).clone() {
                Object::List(items) => self.list_method(*id, items, name, arguments, span),
                Object::Dict(_) => self.dict_method(*id, name, arguments, span),
                Object::Set(_) => self.set_method(*id, name, arguments, span),
                Object::ArgumentParser(parser) => argparse::call(self, *id, parser, name, arguments, span),
                Object::Property(property) => Ok(match (name, arguments.get(0)) {
                    ("setter", Some(setter)) => {
                        let setter = Some(setter.clone());
                        self.add_value(Object::Property(Property { setter, ..property }))
                    }
                    _ => receiver.clone(),
                }),
                _ => Ok(self.call_unseen(None, &arguments, span)),
            },
            _ => Ok(self.call_unseen(None, &arguments, span)),
        }
    }

    fn sequence_method(&mut self, items: &[Value], name: &str, arguments: &Arguments, span: Span) -> Eval<Value> {
        let Some(wanted) = arguments.get(0) else { return Ok(self.opaque(span)) };
        let equal: Option<Vec<bool>> = items.iter().map(|item| self.equal(item, wanted)).collect();
        Ok(match (name, equal) {
            ("count", Some(equal)) => Value::int(equal.iter().filter(|equal| **equal).count()),
            ("index", Some(equal)) => match equal.iter().position(|equal| *equal) {
                Some(at) => Value::int(at),
                None => return Err(self.exception("ValueError", "the value is not in the sequence", span)),
            },
            _ => self.opaque(span),
        })
    }

    fn list_method(
        &mut self,
        id: ObjectId,
        mut items: Vec<Value>,
        name: &str,
        arguments: Arguments,
        span: Span,
    ) -> Eval<Value> {
        let first = arguments.get(0).cloned();
        let result = match (name, first) {
            ("append", Some(value)) => {
                items.push(value);
                Value::None
            }
            ("extend", Some(more)) => {
                self.extend(id, &more, span)?;
                return Ok(Value::None);
            }
            ("insert", Some(Value::Int(at))) => {
                let Some(value) = arguments.get(1).cloned() else { return Ok(self.opaque(span)) };
                let length = items.len();
                let at = if at < BigInt::ZERO { at + BigInt::from(length) } else { at };
                items.insert(usize::try_from(&at).unwrap_or(0).min(length), value);
                Value::None
            }
            ("pop", index) => match position(&index.unwrap_or(Value::int(-1)), items.len()) {
                Some(Some(at)) => items.remove(at),
                Some(None) => return Err(self.exception("IndexError", "pop index out of range", span)),
                None => return Ok(self.unknown_list(id, &items, span)),
            },
            ("remove", Some(value)) => {
                let equal: Option<Vec<bool>> = items.iter().map(|item| self.equal(item, &value)).collect();
                match equal.map(|equal| equal.iter().position(|equal| *equal)) {
                    Some(Some(at)) => drop(items.remove(at)),
                    Some(None) => {
                        return Err(self.exception("ValueError", "list.remove(x): x not in list", span));
                    }
                    None => return Ok(self.unknown_list(id, &items, span)),
                }
                Value::None
            }
            ("clear", None) => {
                items.clear();
                Value::None
            }
            ("reverse", None) => {
                items.reverse();
                Value::None
            }
            ("copy", None) => return Ok(self.list(items)),
            ("count" | "index", Some(_)) => return self.sequence_method(&items, name, &arguments, span),
            ("sort", _) => match self.sorted(items.clone(), &arguments, span)? {
                Some(sorted) => {
                    items = sorted;
                    Value::None
                }
                None => return Ok(self.unknown_list(id, &items, span)),
            },
            _ => {
                let message = format!("wrong arguments for list.{name}()");
                return Err(self.exception("TypeError", message, span));
            }
        };
        self.heap.set(id, Object::List(items));
        Ok(result)
    }

    fn unknown_list(&mut self, id: ObjectId, items: &[Value], span: Span) -> Value {
        let stream = items.iter().any(|item| self.bears_stream(item));
        let opaque = Opaque { stream, ..self.fresh_opaque(span) };
        self.heap.set(id, Object::Unknown("list", opaque));
        Value::Opaque(opaque)
    }

    /// `sorted(items, key=…, reverse=…)`; `None` if only a run can tell.
    pub fn sorted(&mut self, items: Vec<Value>, arguments: &Arguments, span: Span) -> Eval<Option<Vec<Value>>> {
        let reverse = match arguments.named("reverse") {
            None => false,
            Some(value) => match self.known_truth(value) {
                Some(reverse) => reverse,
                None => return Ok(None),
            },
        };
        let mut keyed = Vec::with_capacity(items.len());
        let key = arguments.named("key").cloned().filter(|key| !matches!(key, Value::None));
        for item in items {
            let key = match &key {
                Some(key) => self.call(key, Arguments::positional(vec![item.clone()]), span)?,
                None => item.clone(),
            };
            keyed.push((key, item));
        }
        let comparable = keyed.windows(2).all(|pair| self.order(&pair[0].0, &pair[1].0).is_some())
            && keyed.iter().all(|(key, _)| self.order(&keyed[0].0, key).is_some());
        if !comparable {
            return Ok(None);
        }
        keyed.sort_by(|(a, _), (b, _)| {
            let order = self.order(a, b).unwrap_or(std::cmp::Ordering::Equal);
            if reverse { order.reverse() } else { order }
        });
        Ok(Some(keyed.into_iter().map(|(_, item)| item).collect()))
    }

    fn dict_method(&mut self, id: ObjectId, name: &str, arguments: Arguments, span: Span) -> Eval<Value> {
        let Object::Dict(mut table) = self.heap.get(id).clone() else { return Ok(self.opaque(span)) };
        let first = arguments.get(0).cloned();
        let key = first.as_ref().and_then(table::key);
        let default = arguments.get(1).cloned();
        Ok(match (name, first) {
            ("keys", None) => {
                let keys = table.keys();
                self.list(keys)
            }
            ("values", None) => {
                let values = table.iter().map(|(_, value)| value.clone()).collect();
                self.list(values)
            }
            ("items", None) => {
                let items = table.iter().map(|(k, v)| Value::tuple(vec![k.clone(), v.clone()])).collect();
                self.list(items)
            }
            ("copy", None) => self.add_value(Object::Dict(table)),
            ("clear", None) => {
                self.heap.set(id, Object::Dict(table.emptied()));
                Value::None
            }
            ("get", Some(_)) => match key {
                Some(key) => table.get(&key).cloned().or(default).unwrap_or(Value::None),
                None => {
                    let mut values: Vec<Value> = table.iter().map(|(_, value)| value.clone()).collect();
                    values.push(default.unwrap_or(Value::None));
                    self.one_of(&values, span)?
                }
            },
            ("setdefault", Some(written)) => match key {
                Some(key) => match table.get(&key) {
                    Some(value) => value.clone(),
                    None => {
                        let value = default.unwrap_or(Value::None);
                        table.insert(key, written, value.clone());
                        self.heap.set(id, Object::Dict(table));
                        value
                    }
                },
                None => self.unknown_dict(id, span),
            },
            ("pop", Some(written)) => match key {
                Some(key) => match (table.remove(&key), default) {
                    (Some((_, value)), _) => {
                        self.heap.set(id, Object::Dict(table));
                        value
                    }
                    (None, Some(default)) => default,
                    (None, None) => {
                        let text = self.repr(&written).unwrap_or_default();
                        return Err(self.exception("KeyError", text, span));
                    }
                },
                None => self.unknown_dict(id, span),
            },
            ("update", more) => {
                let mut pairs: Vec<(Value, Value)> =
                    table.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
                if let Some(more) = more {
                    match self.pairs(&more, span)? {
                        Some(more) => pairs.extend(more),
                        None => return Ok(self.unknown_dict(id, span)),
                    }
                }
                pairs.extend(arguments.named.iter().map(|(name, value, _)| (Value::str(name), value.clone())));
                if arguments.unknown.is_some() {
                    return Ok(self.unknown_dict(id, span));
                }
                if let Value::Object(new) = self.dict_of(pairs, span) {
                    let object = self.heap.get(new).clone();
                    self.heap.set(id, object);
                }
                Value::None
            }
            _ => self.unknown_dict(id, span),
        })
    }

    fn unknown_dict(&mut self, id: ObjectId, span: Span) -> Value {
        let stream = self.bears_stream(&Value::Object(id));
        let opaque = Opaque { stream, ..self.fresh_opaque(span) };
        self.heap.set(id, Object::Unknown("dict", opaque));
        Value::Opaque(opaque)
    }

    /// Keys and values of a mapping, or of a sequence of pairs.
    pub fn pairs(&mut self, value: &Value, span: Span) -> Eval<Option<Vec<(Value, Value)>>> {
        if let Value::Object(id) = value
            && let Object::Dict(table) = self.heap.get(*id)
        {
            return Ok(Some(table.iter().map(|(key, value)| (key.clone(), value.clone())).collect()));
        }
        let Items::Known(items) = self.items(value, span)? else { return Ok(None) };
        let mut pairs = Vec::new();
        for item in items {
            match self.elements(&item, span)?.as_deref() {
                Some([key, value]) => pairs.push((key.clone(), value.clone())),
                _ => return Ok(None),
            }
        }
        Ok(Some(pairs))
    }

    fn set_method(&mut self, id: ObjectId, name: &str, arguments: Arguments, span: Span) -> Eval<Value> {
        let Object::Set(mut set) = self.heap.get(id).clone() else { return Ok(self.opaque(span)) };
        let first = arguments.get(0).cloned();
        let key = first.as_ref().and_then(table::key);
        Ok(match (name, first, key) {
            ("add", Some(value), Some(key)) => {
                set.insert(key, value, Value::None);
                self.heap.set(id, Object::Set(set));
                Value::None
            }
            ("discard" | "remove", Some(_), Some(key)) => {
                set.remove(&key);
                self.heap.set(id, Object::Set(set));
                Value::None
            }
            ("copy", None, _) => self.add_value(Object::Set(set)),
            ("union" | "update", Some(more), _) => match self.items(&more, span)? {
                Items::Known(items) => {
                    let all = self.set([set.keys(), items].concat(), span);
                    if name == "union" {
                        return Ok(all);
                    }
                    if let Value::Object(new) = all {
                        let object = self.heap.get(new).clone();
                        self.heap.set(id, object);
                    }
                    Value::None
                }
                Items::Opaque(opaque) => {
                    self.heap.set(id, Object::Unknown("set", opaque));
                    Value::Opaque(opaque)
                }
            },
            ("issubset" | "issuperset" | "isdisjoint" | "intersection" | "difference" | "symmetric_difference", ..) => {
                self.opaque(span)
            }
            _ => {
                let opaque = self.fresh_opaque(span);
                self.heap.set(id, Object::Unknown("set", opaque));
                Value::Opaque(opaque)
            }
        })
    }
}
