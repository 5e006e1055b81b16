//! Operators, truth, equality, and what values look like as text.

use super::Evaluator;
use super::branch::Eval;
use super::call::Arguments;
use super::table;
use super::value::*;
use super::{containers, numbers};
use crate::syntax::ast::{BinOp, CmpOp, UnaryOp};
use num_bigint::BigInt;
use pyflink_plan::{Literal, Span};
use std::cmp::Ordering;
use std::rc::Rc;

/// Values within values that are written out: lists may hold themselves.
const DEEPEST_SHOWN: usize = 20;

impl<'a> Evaluator<'a> {
    /// `None`: only a run can tell.
    pub fn known_truth(&self, value: &Value) -> Option<bool> {
        Some(match value {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Int(value) => *value != BigInt::from(0),
            Value::Float(value) => *value != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::Tuple(items) => !items.is_empty(),
            Value::Range(range) => match range.step > BigInt::from(0) {
                true => range.start < range.stop,
                false => range.start > range.stop,
            },
            Value::Opaque(_) => return None,
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => !items.is_empty(),
                Object::Dict(table) | Object::Set(table) => table.len() > 0,
                Object::Unknown(..) | Object::Missing => return None,
                Object::Instance(instance) => {
                    let class = &instance.class;
                    let asks = ["__bool__", "__len__"].iter().any(|name| self.class_attribute(class, name).is_some());
                    if asks || self.class_is_open(class) || instance.open.is_some() {
                        return None;
                    }
                    true
                }
                _ => true,
            },
            _ => true,
        })
    }

    pub fn unary(&mut self, op: UnaryOp, operand: &Value, span: Span) -> Eval<Value> {
        Ok(match (op, operand) {
            (UnaryOp::Not, value) => match self.known_truth(value) {
                Some(truth) => Value::Bool(!truth),
                None => self.opaque(span),
            },
            (UnaryOp::Minus, Value::Int(value)) => Value::Int(-value),
            (UnaryOp::Minus, Value::Float(value)) => Value::Float(-value),
            (UnaryOp::Minus, Value::Bool(value)) => Value::int(-i32::from(*value)),
            (UnaryOp::Plus, Value::Int(_) | Value::Float(_)) => operand.clone(),
            (UnaryOp::Invert, Value::Int(value)) => Value::Int(-(value + BigInt::from(1))),
            (_, Value::Str(_) | Value::None) => {
                let message = format!("bad operand type for unary operator: '{}'", self.type_name(operand));
                return Err(self.exception("TypeError", message, span));
            }
            _ => self.opaque(span),
        })
    }

    pub fn binary(&mut self, op: BinOp, left: &Value, right: &Value, span: Span) -> Eval<Value> {
        if let (Value::Opaque(a), _) | (_, Value::Opaque(a)) = (left, right) {
            self.may_raise += 1;
            let (poison, stream) = (a.poison, self.bears_stream(left) || self.bears_stream(right));
            let opaque = self.fresh_opaque(span);
            return Ok(Value::Opaque(Opaque { poison, stream, ..opaque }));
        }
        if let Some(result) = numbers::binary(op, left, right) {
            return match result {
                Ok(value) => Ok(value),
                Err(numbers::Undefined::Zero) => Err(self.exception("ZeroDivisionError", "division by zero", span)),
                Err(numbers::Undefined::Unknown) => Ok(self.opaque(span)),
            };
        }
        if let Some(value) = self.dunder(op, left, right, span)? {
            return Ok(value);
        }
        let count = |value: &Value| match value {
            Value::Int(count) => usize::try_from(count).ok().or(Some(0)).filter(|count| *count <= 100_000),
            _ => None,
        };
        Ok(match (op, left, right) {
            (BinOp::Add, Value::Str(a), Value::Str(b)) => Value::str(format!("{a}{b}")),
            (BinOp::Add, Value::Bytes(a), Value::Bytes(b)) => Value::Bytes(Rc::from([&a[..], b].concat())),
            (BinOp::Add, Value::Tuple(a), Value::Tuple(b)) => Value::tuple([&a[..], b].concat()),
            (BinOp::Mult, Value::Str(text), n) | (BinOp::Mult, n, Value::Str(text)) if count(n).is_some() => {
                Value::str(text.repeat(count(n).unwrap_or(0)))
            }
            // Too long to be made here.
            (BinOp::Mult, Value::Str(_), Value::Int(_)) | (BinOp::Mult, Value::Int(_), Value::Str(_)) => {
                self.opaque(span)
            }
            (BinOp::Mult, Value::Tuple(items), n) | (BinOp::Mult, n, Value::Tuple(items)) if count(n).is_some() => {
                Value::tuple(repeated(items, count(n).unwrap_or(0)))
            }
            (BinOp::Mod, Value::Str(format), values) => match self.percent(format, values) {
                Some(text) => Value::str(text),
                None => self.opaque(span),
            },
            (_, Value::Object(a), _) if matches!(self.heap.get(*a), Object::List(_)) => {
                let Object::List(items) = self.heap.get(*a).clone() else { return Ok(self.opaque(span)) };
                match (op, right) {
                    (BinOp::Mult, n) if count(n).is_some() => self.list(repeated(&items, count(n).unwrap_or(0))),
                    (BinOp::Add, Value::Object(b)) => match self.heap.get(*b).clone() {
                        Object::List(more) => self.list([items, more].concat()),
                        _ => self.add_unknown(left, right, span),
                    },
                    (BinOp::Add, _) => {
                        let message = format!("can only concatenate list (not \"{}\") to list", self.type_name(right));
                        return Err(self.exception("TypeError", message, span));
                    }
                    _ => self.add_unknown(left, right, span),
                }
            }
            (BinOp::BitOr, Value::Object(a), Value::Object(b)) => {
                match (self.heap.get(*a).clone(), self.heap.get(*b).clone()) {
                    (Object::Dict(x), Object::Dict(y)) if !x.is_ordered && !y.is_ordered => {
                        let pairs = x.iter().chain(y.iter()).map(|(k, v)| (k.clone(), v.clone())).collect();
                        self.dict_of(pairs, span)
                    }
                    (Object::Set(x), Object::Set(y)) => self.set([x.keys(), y.keys()].concat(), span),
                    _ => self.add_unknown(left, right, span),
                }
            }
            (BinOp::BitAnd | BinOp::Sub, Value::Object(a), Value::Object(b)) => {
                match (self.heap.get(*a).clone(), self.heap.get(*b).clone()) {
                    (Object::Set(x), Object::Set(y)) => {
                        let keep = |value: &Value| {
                            table::key(value).is_some_and(|key| y.contains(&key)) == (op == BinOp::BitAnd)
                        };
                        self.set(x.keys().into_iter().filter(keep).collect(), span)
                    }
                    _ => self.add_unknown(left, right, span),
                }
            }
            (
                _,
                Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::None,
                Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::None,
            ) => {
                let message = format!(
                    "unsupported operand types for {}: '{}' and '{}'",
                    symbol(op),
                    self.type_name(left),
                    self.type_name(right)
                );
                return Err(self.exception("TypeError", message, span));
            }
            _ => self.add_unknown(left, right, span),
        })
    }

    fn add_unknown(&mut self, left: &Value, right: &Value, span: Span) -> Value {
        let stream = self.bears_stream(left) || self.bears_stream(right);
        let opaque = self.fresh_opaque(span);
        Value::Opaque(Opaque { stream, ..opaque })
    }

    /// Operators that classes of the source define.
    fn dunder(&mut self, op: BinOp, left: &Value, right: &Value, span: Span) -> Eval<Option<Value>> {
        let name = match op {
            BinOp::Add => "add",
            BinOp::Sub => "sub",
            BinOp::Mult => "mul",
            BinOp::Div => "truediv",
            BinOp::BitOr => "or",
            BinOp::RShift => "rshift",
            BinOp::LShift => "lshift",
            BinOp::BitAnd => "and",
            BinOp::Mod => "mod",
            _ => return Ok(None),
        };
        for (receiver, other, prefix) in [(left, right, ""), (right, left, "r")] {
            if let Some(method) = self.special(receiver, &format!("__{prefix}{name}__")) {
                let result = self.call(&method, Arguments::positional(vec![other.clone()]), span)?;
                if result != Value::NotImplemented {
                    return Ok(Some(result));
                }
            }
        }
        Ok(None)
    }

    pub fn compare(&mut self, op: CmpOp, left: &Value, right: &Value, span: Span) -> Eval<Value> {
        let known = match op {
            CmpOp::Is | CmpOp::IsNot => self.identical(left, right).map(|same| same == (op == CmpOp::Is)),
            CmpOp::Eq | CmpOp::NotEq => self.equal(left, right).map(|same| same == (op == CmpOp::Eq)),
            CmpOp::In | CmpOp::NotIn => self.contains(right, left).map(|there| there == (op == CmpOp::In)),
            _ => self.order(left, right).map(|order| match op {
                CmpOp::Lt => order == Ordering::Less,
                CmpOp::LtE => order != Ordering::Greater,
                CmpOp::Gt => order == Ordering::Greater,
                _ => order != Ordering::Less,
            }),
        };
        if let Some(known) = known {
            return Ok(Value::Bool(known));
        }
        // The same question asked of the same value has the same answer.
        Ok(match (left, right) {
            (Value::Opaque(opaque), other) | (other, Value::Opaque(opaque)) => match self.repr(other) {
                Some(text) => Value::Opaque(self.derive(*opaque, format!("{op:?} {text}"), span)),
                None => self.opaque(span),
            },
            _ => self.opaque(span),
        })
    }

    fn identical(&self, left: &Value, right: &Value) -> Option<bool> {
        match (left, right) {
            (Value::Opaque(a), Value::Opaque(b)) if a.identity == b.identity => Some(true),
            (Value::Opaque(_), _) | (_, Value::Opaque(_)) => None,
            (Value::Object(id), _) | (_, Value::Object(id))
                if matches!(self.heap.get(*id), Object::Unknown(..) | Object::Missing) =>
            {
                // A container of unknown content is not None all the same.
                match (left, right) {
                    (Value::None, _) | (_, Value::None)
                        if !matches!(self.heap.get(*id), Object::Unknown("object", _)) =>
                    {
                        Some(false)
                    }
                    _ => None,
                }
            }
            _ => Some(left == right),
        }
    }

    pub fn equal(&self, left: &Value, right: &Value) -> Option<bool> {
        match (left, right) {
            (Value::Opaque(_), _) | (_, Value::Opaque(_)) => None,
            (Value::Tuple(a), Value::Tuple(b)) => self.equal_items(a, b),
            (Value::Object(a), Value::Object(b)) if a != b => match (self.heap.get(*a), self.heap.get(*b)) {
                (Object::List(a), Object::List(b)) => self.equal_items(a, b),
                (Object::Class(_) | Object::Function(_), _) | (_, Object::Class(_) | Object::Function(_)) => {
                    Some(false)
                }
                _ => None,
            },
            (Value::Object(id), other) | (other, Value::Object(id)) => match self.heap.get(*id) {
                _ if left == right => Some(true),
                Object::Instance(instance) => {
                    let plain = self.class_attribute(&instance.class, "__eq__").is_none()
                        && !self.class_is_open(&instance.class);
                    plain.then_some(false)
                }
                Object::Unknown(..) | Object::Missing => matches!(other, Value::None).then_some(false),
                _ => Some(false),
            },
            _ => match (table::key(left), table::key(right)) {
                (Some(a), Some(b)) => Some(a == b && !matches!(left, Value::Float(f) if f.is_nan())),
                _ => Some(left == right),
            },
        }
    }

    fn equal_items(&self, a: &[Value], b: &[Value]) -> Option<bool> {
        if a.len() != b.len() {
            return Some(false);
        }
        let mut result = Some(true);
        for (a, b) in a.iter().zip(b) {
            match self.equal(a, b) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => result = None,
            }
        }
        result
    }

    fn contains(&self, container: &Value, item: &Value) -> Option<bool> {
        let among = |items: &[Value]| {
            let mut result = Some(false);
            for other in items {
                match self.equal(other, item) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => result = None,
                }
            }
            result
        };
        match container {
            Value::Str(text) => item.as_str().map(|part| text.contains(part)),
            Value::Tuple(items) => among(items),
            Value::Range(range) => match item {
                Value::Int(number) => {
                    let (low, high) = match range.step > BigInt::from(0) {
                        true => (&range.start <= number && number < &range.stop, range.start.clone()),
                        false => (&range.start >= number && number > &range.stop, range.start.clone()),
                    };
                    Some(low && (number - high) % &range.step == BigInt::from(0))
                }
                _ => None,
            },
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => among(items),
                Object::Dict(table) | Object::Set(table) => table::key(item).map(|key| table.contains(&key)),
                _ => None,
            },
            _ => None,
        }
    }

    pub fn order(&self, left: &Value, right: &Value) -> Option<Ordering> {
        match (left, right) {
            (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
            (Value::Tuple(a), Value::Tuple(b)) => {
                for (a, b) in a.iter().zip(b.iter()) {
                    if !self.equal(a, b)? {
                        return self.order(a, b);
                    }
                }
                Some(a.len().cmp(&b.len()))
            }
            _ => numbers::order(left, right),
        }
    }

    /// `value[index]`.
    pub fn item(&mut self, value: &Value, index: &Value, span: Span) -> Eval<Value> {
        if let Value::Slice(bounds) = index {
            return Ok(match containers::slice(self, value, bounds) {
                Some(value) => value,
                None => self.opaque(span),
            });
        }
        let (length, kind) = match value {
            Value::Tuple(items) => (items.len(), "tuple"),
            Value::Str(text) => (text.chars().count(), "string"),
            Value::Object(id) => match self.heap.get(*id).clone() {
                Object::List(items) => (items.len(), "list"),
                Object::Dict(table) => {
                    return match table::key(index) {
                        Some(key) => match table.get(&key) {
                            Some(value) => Ok(value.clone()),
                            None => {
                                let text = self.repr(index).unwrap_or_default();
                                Err(self.exception("KeyError", text, span))
                            }
                        },
                        None => {
                            let values: Vec<Value> = table.iter().map(|(_, value)| value.clone()).collect();
                            self.may_raise += 1;
                            self.one_of(&values, span)
                        }
                    };
                }
                Object::Instance(_) => match self.special(value, "__getitem__") {
                    Some(method) => return self.call(&method, Arguments::positional(vec![index.clone()]), span),
                    None => return Ok(self.opaque(span)),
                },
                Object::Unknown(_, opaque) => {
                    self.may_raise += 1;
                    let text = self.repr(index).unwrap_or_else(|| "?".to_owned());
                    return Ok(Value::Opaque(self.derive(opaque, format!("[{text}]"), span)));
                }
                // `Generic[T]`.
                Object::Class(_) => return Ok(value.clone()),
                _ => return Ok(self.opaque(span)),
            },
            Value::Opaque(opaque) => {
                self.may_raise += 1;
                return Ok(Value::Opaque(match self.repr(index) {
                    Some(text) => self.derive(*opaque, format!("[{text}]"), span),
                    None => {
                        let fresh = self.fresh_opaque(span);
                        Opaque { stream: opaque.stream, ..fresh }
                    }
                }));
            }
            Value::Library("typing.Generic" | "typing.Protocol") => return Ok(value.clone()),
            Value::ApiClass(_) | Value::Builtin(_) => return Ok(value.clone()),
            Value::None | Value::Int(_) | Value::Bool(_) | Value::Float(_) => {
                let message = format!("'{}' object is not subscriptable", self.type_name(value));
                return Err(self.exception("TypeError", message, span));
            }
            _ => return Ok(self.opaque(span)),
        };
        match containers::position(index, length) {
            Some(Some(at)) => Ok(match value {
                Value::Tuple(items) => items[at].clone(),
                Value::Str(text) => Value::str(text.chars().nth(at).map(String::from).unwrap_or_default()),
                Value::Object(id) => match self.heap.get(*id) {
                    Object::List(items) => items[at].clone(),
                    _ => Value::None,
                },
                _ => Value::None,
            }),
            Some(None) => Err(self.exception("IndexError", format!("{kind} index out of range"), span)),
            None => {
                let items = match value {
                    Value::Tuple(items) => items.to_vec(),
                    Value::Object(id) => match self.heap.get(*id) {
                        Object::List(items) => items.clone(),
                        _ => Vec::new(),
                    },
                    _ => Vec::new(),
                };
                self.may_raise += 1;
                self.one_of(&items, span)
            }
        }
    }

    /// The constant that a plan can hold; `None` for anything else.
    pub fn literal(&self, value: &Value) -> Option<Literal> {
        self.literal_deep(value, 0)
    }

    fn literal_deep(&self, value: &Value, depth: usize) -> Option<Literal> {
        if depth > DEEPEST_SHOWN {
            return None;
        }
        let one = |item: &Value| self.literal_deep(item, depth + 1);
        let all = |items: &[Value]| items.iter().map(one).collect::<Option<_>>();
        Some(match value {
            Value::None => Literal::None,
            Value::Bool(value) => Literal::Bool(*value),
            Value::Int(value) => Literal::Int(value.clone()),
            Value::Float(value) => Literal::Float(*value),
            Value::Str(text) => Literal::str(&**text),
            Value::Bytes(bytes) => Literal::Bytes(bytes.to_vec()),
            Value::Tuple(items) => Literal::Tuple(all(items)?),
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => Literal::List(all(items)?),
                Object::Dict(table) if !table.is_ordered => {
                    Literal::Dict(table.iter().map(|(k, v)| Some((one(k)?, one(v)?))).collect::<Option<_>>()?)
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Python's `repr`, where it is known.
    pub fn repr(&self, value: &Value) -> Option<String> {
        self.repr_deep(value, 0)
    }

    fn repr_deep(&self, value: &Value, depth: usize) -> Option<String> {
        if depth > DEEPEST_SHOWN {
            return None;
        }
        let join = |items: &[Value]| -> Option<String> {
            let texts: Option<Vec<String>> = items.iter().map(|item| self.repr_deep(item, depth + 1)).collect();
            Some(texts?.join(", "))
        };
        Some(match value {
            Value::None => "None".to_owned(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => numbers::float_repr(*value),
            Value::Str(text) => super::format::str_repr(text),
            Value::Tuple(items) if items.len() == 1 => format!("({},)", join(items)?),
            Value::Tuple(items) => format!("({})", join(items)?),
            Value::EnumConstant(class, name) => format!("{}.{name}", class.name),
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => format!("[{}]", join(items)?),
                Object::Dict(table) if !table.is_ordered => {
                    let pair = |(key, value): (&Value, &Value)| {
                        Some(format!("{}: {}", self.repr_deep(key, depth + 1)?, self.repr_deep(value, depth + 1)?))
                    };
                    let pairs: Option<Vec<String>> = table.iter().map(pair).collect();
                    format!("{{{}}}", pairs?.join(", "))
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Python's `str`, where it is known.
    pub fn display(&self, value: &Value) -> Option<String> {
        match value {
            Value::Str(text) => Some(text.to_string()),
            value => self.repr(value),
        }
    }
}

fn repeated(items: &[Value], times: usize) -> Vec<Value> {
    (0..times).flat_map(|_| items.iter().cloned()).collect()
}

fn symbol(op: BinOp) -> &'static str {
    match op {
        BinOp::Add => "+",
        BinOp::Sub => "-",
        BinOp::Mult => "*",
        BinOp::MatMult => "@",
        BinOp::Div => "/",
        BinOp::Mod => "%",
        BinOp::Pow => "**",
        BinOp::LShift => "<<",
        BinOp::RShift => ">>",
        BinOp::BitOr => "|",
        BinOp::BitXor => "^",
        BinOp::BitAnd => "&",
        BinOp::FloorDiv => "//",
    }
}
