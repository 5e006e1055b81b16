//! `==`.

use super::cells::is_empty;
use super::displays::field;
use super::loops::is_number;
use super::{Lowered, Lowering, Value};
use crate::Cause;
use crate::ir::CompareOp;
use crate::primitive::Primitive;
use crate::time::Time;
use crate::typed::{Expr, Kind, Why};
use crate::types::{Constant, Type};

impl<'a> Lowering<'a> {
    /// Whether two values are equal. Elements of containers are also if they are one object: a nan that equals itself
    /// there. It can't be seen here which object a float is, so that nans bail in them.
    pub(super) fn equal(&mut self, a: Value, b: Value, within: bool) -> Lowered<Expr> {
        let each = &mut |this: &mut Self, [a, b]: [Value; 2]| {
            let expr = this.equal(a, b, within)?;
            Ok(Value { expr, sites: Default::default() })
        };
        let [a, b] = match self.apart([a, b], each) {
            Ok(value) => return value.map(|value| value.expr),
            Err(values) => values,
        };
        let bool = |kind: Kind| Ok(Expr { of: Type::Bool, kind });
        let (a, b) = (a.untitled(), b.untitled());
        let (of, other) = (a.of().clone(), b.of().clone());
        if is_number(&of) && is_number(&other) {
            return Ok(self.numbers_equal(a, b, within));
        }
        match (&of, &other) {
            (Type::None, Type::None) => Ok(self.known_bool([a, b], true)),
            (Type::None, Type::Optional(of)) | (Type::Optional(of), Type::None) if self.has_own_equality(of) => {
                let optional = if *a.of() == Type::None { b } else { a };
                let optional = self.hold(optional);
                let none = self.is_none(optional.clone());
                let some = |this: &mut Self| {
                    let expr = this.objects_equal(optional.unwrapped(), Value::none())?;
                    Ok(Value { expr, sites: Default::default() })
                };
                Ok(self.either(none, |_| Ok(Value::bool(true)), some)?.expr)
            }
            (Type::Object(_), _) | (_, Type::Object(_)) => Err(self.only_handed_on(&of, &other)),
            (Type::None, Type::Optional(_)) => {
                self.evaluate(a);
                Ok(self.is_none(b))
            }
            (Type::Optional(_), Type::None) => {
                self.evaluate(b);
                Ok(self.is_none(a))
            }
            (of, other) if of.is_enum() && of == other => Ok(super::members::same(a, b)),
            (of, other) if of.is_enum() && differs(other) || other.is_enum() && differs(of) => {
                Ok(self.known_bool([a, b], false))
            }
            (of, Type::Optional(_)) if of.is_enum() => {
                let (a, b) = (self.hold(a), self.hold(b));
                self.some_equal(b, a, within)
            }
            (Type::Optional(_), of) if of.is_enum() => {
                let (a, b) = (self.hold(a), self.hold(b));
                self.some_equal(a, b, within)
            }
            (Type::Record(_), Type::Record(_)) if within => self.objects_equal_within(a, b),
            (Type::Record(_), _) | (_, Type::Record(_)) => self.objects_equal(a, b),
            (Type::Row(_), Type::Row(_)) => self.rows_equal(a, b),
            (Type::Row(_), Type::Dict(..)) => Err(self.no_row(&a, unlike(&of, &other))),
            (Type::Dict(..), Type::Row(_)) => Err(self.no_row(&b, unlike(&of, &other))),
            (Type::Optional(x), Type::Optional(y)) => {
                if !holds_records(x) && !holds_records(y) {
                    match of.join(&other) {
                        Some(joined) => {
                            let (a, b) = (self.coerce(a, &joined)?, self.coerce(b, &joined)?);
                            return bool(same(a, b, within));
                        }
                        None => {
                            let (a, b) = (self.hold(a), self.hold(b));
                            let (none, other) = (self.is_none(a.clone()), self.is_none(b.clone()));
                            let some = |this: &mut Self| {
                                let some = this.equal(a.unwrapped(), b.clone(), within)?;
                                Ok(Value { expr: some, sites: Default::default() })
                            };
                            let other = Value { expr: other, sites: Default::default() };
                            return Ok(self.either(none, |_| Ok(other), some)?.expr);
                        }
                    }
                }
                Err(self.refused("objects that may be None are compared", "compare their fields"))
            }
            (Type::Optional(_), _) => {
                let (a, b) = (self.hold(a), self.hold(b));
                self.some_equal(a, b, within)
            }
            (_, Type::Optional(_)) => {
                let (a, b) = (self.hold(a), self.hold(b));
                self.some_equal(b, a, within)
            }
            (Type::Str, Type::Str) | (Type::Bytes, Type::Bytes) => {
                bool(Kind::Compare(CompareOp::Eq, Box::new(a.expr), Box::new(b.expr)))
            }
            (Type::Mixed(x), Type::Mixed(y)) if x.len() != y.len() => Ok(self.known_bool([a, b], false)),
            (Type::Mixed(_), Type::Mixed(_)) => self.tuples_equal(a.tupled(), b.tupled()),
            (Type::Tuple(x), Type::Tuple(y)) if x.len() != y.len() => Ok(self.known_bool([a, b], false)),
            (Type::Tuple(_), Type::Tuple(_)) if of != other || holds_records(&of) => self.tuples_equal(a, b),
            (Type::List(x), Type::List(y)) if is_empty(x) || is_empty(y) => {
                let len = |list: Value| Value::call(Type::Int, Primitive::ListLen, vec![list]);
                let (a, b) = (len(a), len(b));
                bool(Kind::Compare(CompareOp::Eq, Box::new(a.expr), Box::new(b.expr)))
            }
            _ if of == other && compares(&of) => bool(Kind::Call(Primitive::Eq, vec![a.expr, b.expr])),
            (Type::Tuple(_), Type::TupleOf(_)) | (Type::TupleOf(_), Type::Tuple(_)) => match of.join(&other) {
                Some(joined) if compares(&joined) => {
                    let (a, b) = (a.coerced(&joined), b.coerced(&joined));
                    bool(Kind::Call(Primitive::Eq, vec![a.expr, b.expr]))
                }
                _ => Err(self.not_compared(&of, &other)),
            },
            _ if kind(&of) != kind(&other) => Ok(self.known_bool([a, b], false)),
            _ => Err(self.not_compared(&of, &other)),
        }
    }

    /// Why nothing is done with objects of Python.
    fn only_handed_on(&mut self, a: &Type, b: &Type) -> super::Stop {
        let of = if let Type::Object(_) = a { a } else { b };
        self.refused(
            format!("a {of} is only handed on in machine code, not compared"),
            "compare a field of it in a map() before this one, and hand that on",
        )
    }

    fn not_compared(&mut self, a: &Type, b: &Type) -> super::Stop {
        self.refused(format!("`==` of a {a} and a {b} isn't compiled"), "compare what is in them")
    }

    fn some_equal(&mut self, optional: Value, value: Value, within: bool) -> Lowered<Expr> {
        let none = self.is_none(optional.clone());
        let of_none = value.clone();
        let some = |this: &mut Self| {
            let expr = this.equal(optional.unwrapped(), value, within)?;
            Ok(Value { expr, sites: Default::default() })
        };
        let none_equals = |this: &mut Self| match of_none.of() {
            // An object says itself whether None equals it.
            Type::Record(_) => {
                let expr = this.equal(Value::none(), of_none, within)?;
                Ok(Value { expr, sites: Default::default() })
            }
            _ => Ok(Value::bool(false)),
        };
        Ok(self.either(none, none_equals, some)?.expr)
    }

    fn numbers_equal(&mut self, a: Value, b: Value, within: bool) -> Expr {
        if let (Some(Constant::Int(a)), Some(Constant::Int(b))) = (a.constant(), b.constant()) {
            return Value::bool(a == b).expr;
        }
        let kind = match (a.of().clone(), b.of().clone()) {
            (Type::Number, _) | (_, Type::Number) => {
                let integral = |of: &Type| matches!(of, Type::Int | Type::Bool);
                let may_be_nan = within && !integral(a.of()) && !integral(b.of());
                let (a, b) = (a.coerced(&Type::Number), b.coerced(&Type::Number));
                match may_be_nan {
                    true => same(a, b, true),
                    false => Kind::Call(Primitive::NumberEq, vec![a.expr, b.expr]),
                }
            }
            (Type::Float, Type::Float) if within => same(a, b, true),
            (Type::Bool, Type::Bool) => Kind::Compare(CompareOp::Eq, Box::new(a.expr), Box::new(b.expr)),
            _ => {
                let (a, b) = (int_of_bool(a), int_of_bool(b));
                Kind::Compare(CompareOp::Eq, Box::new(a.expr), Box::new(b.expr))
            }
        };
        Expr { of: Type::Bool, kind }
    }

    /// Objects in containers, where one is equal to itself whatever its `__eq__` says. It can't be seen here whether two
    /// are one, only that they aren't.
    fn objects_equal_within(&mut self, a: Value, b: Value) -> Lowered<Expr> {
        let (Type::Record(x), Type::Record(y)) = (a.of().clone(), b.of().clone()) else {
            return self.objects_equal(a, b);
        };
        let (a, b) = (self.hold(a), self.hold(b));
        let bool = |kind: Kind| Expr { of: Type::Bool, kind };
        let mut differ = Value::bool(x.name != y.name).expr;
        for (index, ((_, x), (_, y))) in x.fields.iter().zip(&y.fields).enumerate().rev() {
            if x == y && matches!(x, Type::Bool | Type::Int | Type::Str | Type::Bytes) {
                let of = |value: &Value| Box::new(field(value.clone(), index, x.clone()).expr);
                let same = bool(Kind::Compare(CompareOp::Eq, of(&a), of(&b)));
                differ = bool(Kind::If(Box::new(same), Box::new(differ), Box::new(Value::bool(true).expr)));
            }
        }
        // It isn't called if they are one, so that what it raises is nothing to a handler.
        if self.is_watched() {
            self.require(differ, Why::Unusual)?;
            return self.objects_equal(a, b);
        }
        let equal = self.objects_equal(a, b)?;
        let equal = self.hold(Value { expr: equal, sites: Default::default() });
        let known = Kind::If(Box::new(equal.expr.clone()), Box::new(Value::bool(true).expr), Box::new(differ));
        self.require(bool(known), Why::Unusual)?;
        Ok(equal.expr)
    }

    /// Field by field, until two differ.
    fn tuples_equal(&mut self, a: Value, b: Value) -> Lowered<Expr> {
        let (Type::Tuple(x), Type::Tuple(y)) = (a.of().clone(), b.of().clone()) else {
            return Ok(self.known_bool([a, b], false));
        };
        let (a, b) = (self.hold(a), self.hold(b));
        let fields = x.into_iter().zip(y).enumerate();
        let fields = fields.map(|(index, (x, y))| (field(a.clone(), index, x), field(b.clone(), index, y))).collect();
        self.all_equal(fields)
    }

    pub(super) fn all_equal(&mut self, mut fields: Vec<(Value, Value)>) -> Lowered<Expr> {
        if fields.is_empty() {
            return Ok(Value::bool(true).expr);
        }
        let (a, b) = fields.remove(0);
        let first = self.equal(a, b, true)?;
        if fields.is_empty() {
            return Ok(first);
        }
        let others = |this: &mut Self| {
            let expr = this.all_equal(fields)?;
            Ok(Value { expr, sites: Default::default() })
        };
        Ok(self.either(first, others, |_| Ok(Value::bool(false)))?.expr)
    }
}

/// Whether two values of a type are equal; `within` something, where two nans bail: as what tuples hold.
fn same(a: Value, b: Value, within: bool) -> Kind {
    let whole = |value: Value| match within {
        true => super::displays::tuple_of(vec![value]).expr,
        false => value.expr,
    };
    Kind::Call(Primitive::Eq, vec![whole(a), whole(b)])
}

pub(super) fn int_of_bool(value: Value) -> Value {
    if *value.of() == Type::Bool {
        return value.coerced(&Type::Int);
    }
    value
}

pub(super) fn holds_records(of: &Type) -> bool {
    match of {
        Type::Record(record) if record.is_tuple => record.fields.iter().any(|(_, of)| holds_records(of)),
        Type::Record(record) => !record.is_enum(),
        Type::Object(_) => true,
        Type::Tuple(fields) | Type::Mixed(fields) => fields.iter().any(holds_records),
        Type::TupleOf(of) | Type::List(of) | Type::Optional(of) | Type::Set(of) => holds_records(of),
        Type::Union(variants) => variants.iter().any(holds_records),
        Type::Dict(key, value) => holds_records(key) || holds_records(value),
        Type::Row(fields) => fields.iter().any(|(_, of)| holds_records(of)),
        _ => false,
    }
}

/// Whether [`Primitive::Eq`] has them.
pub(super) fn compares(of: &Type) -> bool {
    match of {
        Type::Record(record) if record.is_tuple => record.fields.iter().all(|(_, of)| compares(of)),
        Type::Record(record) => record.is_enum(),
        Type::Dict(..) | Type::Set(_) | Type::Match(_) | Type::Object(_) | Type::Mixed(_) | Type::Union(_) => false,
        Type::Tuple(fields) => fields.iter().all(compares),
        Type::Row(fields) => fields.iter().all(|(_, of)| compares(of)),
        Type::TupleOf(of) | Type::List(of) | Type::Optional(of) => compares(of),
        _ => true,
    }
}

/// True for what no member of another Enum equals: it doesn't say itself what it equals.
fn differs(of: &Type) -> bool {
    match of {
        Type::Optional(_) | Type::Object(_) | Type::Union(_) => false,
        Type::Record(record) => record.is_enum() || record.is_tuple,
        _ => true,
    }
}

/// Values of different kinds are never equal.
fn kind(of: &Type) -> u32 {
    match of {
        Type::Never => 0,
        Type::None => 1,
        Type::Bool | Type::Int | Type::Float | Type::Number => 2,
        Type::Str => 3,
        Type::Bytes => 4,
        Type::Tuple(_) | Type::TupleOf(_) => 5,
        Type::List(_) | Type::Mixed(_) => 6,
        Type::Dict(..) | Type::Row(_) => 7,
        Type::Set(_) => 8,
        Type::Match(_) => 9,
        Type::Record(record) if record.is_tuple => 5,
        Type::Record(_) => 10,
        Type::Optional(_) => 11,
        Type::Object(_) => 12,
        Type::Union(_) => 16,
        Type::Time(Time::Date) => 13,
        Type::Time(Time::Naive | Time::Utc) => 14,
        Type::Time(Time::Delta) => 15,
    }
}

fn unlike(of: &Type, other: &Type) -> Cause {
    Cause::new(format!("`==` of a {of} and a {other}"), "compare the values of their keys one by one")
}
