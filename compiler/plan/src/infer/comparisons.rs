//! `<` and its like, and `is`.

use super::equality::{holds_records, int_of_bool};
use super::expressions::negated;
use super::loops::is_number;
use super::{Lowered, Lowering, Value};
use crate::ir::CompareOp;
use crate::primitive::Primitive;
use crate::typed::{Expr, Kind};
use crate::types::Type;

impl<'a> Lowering<'a> {
    /// All but `in`.
    pub(super) fn compare(&mut self, op: CompareOp, a: Value, b: Value) -> Lowered<Value> {
        let of_none = |value: &Value| *value.of() == Type::None;
        let is_kept = matches!(op, CompareOp::Is | CompareOp::IsNot) && (of_none(&a) || of_none(&b));
        let [a, b] = match is_kept {
            true => [a, b],
            false => match self.apart([a, b], &mut |this, [a, b]| this.compare(op, a, b)) {
                Ok(value) => return value,
                Err(values) => values,
            },
        };
        match op {
            CompareOp::Eq => Ok(boolean(self.equal(a, b, false)?)),
            CompareOp::Ne => self.unequal(a, b),
            CompareOp::Is => Ok(boolean(self.same(a, b)?)),
            CompareOp::IsNot => {
                let same = self.same(a, b)?;
                Ok(negated(same))
            }
            _ => self.order(op, a, b),
        }
    }

    /// `<`, `<=`, `>`, `>=`.
    pub(super) fn order(&mut self, op: CompareOp, a: Value, b: Value) -> Lowered<Value> {
        let (a, b) = (a.untitled(), b.untitled());
        if let (Type::Record(_), _) | (_, Type::Record(_)) = (a.of(), b.of()) {
            return self.object_order(op, a, b);
        }
        let (a, b) = (a.unwrapped(), b.unwrapped());
        let (of, other) = (a.of().clone(), b.of().clone());
        let plain =
            |a: Value, b: Value| Ok(Value::new(Type::Bool, Kind::Compare(op, Box::new(a.expr), Box::new(b.expr))));
        if is_number(&of) && is_number(&other) {
            if of == Type::Number || other == Type::Number {
                return self.numbers_order(op, a, b);
            }
            return plain(int_of_bool(a), int_of_bool(b));
        }
        match (&of, &other) {
            (Type::Str, Type::Str) | (Type::Bytes, Type::Bytes) => plain(a, b),
            (Type::Tuple(_) | Type::TupleOf(_), Type::Tuple(_) | Type::TupleOf(_)) | (Type::List(_), Type::List(_)) => {
                let joined = of.join(&other).or_else(|| common_prefix(&of, &other));
                let Some(joined) = joined.filter(ordered) else {
                    return Err(self.refused(
                        format!("an order of a {of} and a {other} isn't compiled"),
                        "compare what is in them",
                    ));
                };
                if of != joined || other != joined {
                    if of.join(&joined).as_ref() != Some(&joined) || other.join(&joined).as_ref() != Some(&joined) {
                        return Err(self.refused(
                            format!("an order of a {of} and a {other} isn't compiled"),
                            "compare values of one type, or a key of each",
                        ));
                    }
                    let (a, b) = (self.coerce(a, &joined)?, self.coerce(b, &joined)?);
                    return Ok(ordered_by(op, a, b));
                }
                Ok(ordered_by(op, a, b))
            }
            (Type::Time(_), Type::Time(_)) if of == other => Ok(ordered_by(op, a, b)),
            (Type::Set(_), Type::Set(_)) => {
                Err(self.refused("whether a set is within another isn't compiled", "write `all(x in b for x in a)`"))
            }
            _ => Err(self.raises(
                format!("an order of a {of} and a {other}"),
                "compare numbers with numbers, and texts with texts",
            )),
        }
    }

    fn numbers_order(&mut self, op: CompareOp, a: Value, b: Value) -> Lowered<Value> {
        let (a, b) = (a.coerced(&Type::Number), b.coerced(&Type::Number));
        let call = |primitive: Primitive, a: Value, b: Value| Ok(Value::call(Type::Bool, primitive, vec![a, b]));
        match op {
            CompareOp::Lt => call(Primitive::NumberLess, a, b),
            CompareOp::Le => call(Primitive::NumberLessEq, a, b),
            CompareOp::Gt => call(Primitive::NumberLess, b, a),
            _ => call(Primitive::NumberLessEq, b, a),
        }
    }

    fn same(&mut self, a: Value, b: Value) -> Lowered<Expr> {
        match (a.of().clone(), b.of().clone()) {
            (Type::None, Type::None) => Ok(self.known_bool([a, b], true)),
            (Type::None, _) => {
                self.evaluate(a);
                Ok(self.is_none(b))
            }
            (_, Type::None) => {
                self.evaluate(b);
                Ok(self.is_none(a))
            }
            // There is one object of each.
            (of, other) if of == other && of.is_enum() => self.equal(a, b, false),
            (Type::Optional(of), other) | (other, Type::Optional(of))
                if of.is_enum() && (other == *of || other == Type::Optional(of.clone())) =>
            {
                self.equal(a, b, false)
            }
            (Type::Bool, Type::Bool) => self.equal(a, b, false),
            (Type::Bool, Type::Optional(of)) | (Type::Optional(of), Type::Bool) if *of == Type::Bool => {
                self.equal(a, b, false)
            }
            (Type::Bool, of) | (of, Type::Bool) if !matches!(of, Type::Number | Type::Optional(_)) => {
                Ok(self.known_bool([a, b], false))
            }
            (of, other) => {
                Err(self.refused(format!("whether a {of} and a {other} are one object isn't compiled"), "use `==`"))
            }
        }
    }
}

fn boolean(expr: Expr) -> Value {
    Value { expr, sites: Default::default() }
}

fn ordered_by(op: CompareOp, a: Value, b: Value) -> Value {
    let order = Value::call(Type::Int, Primitive::Compare, vec![a, b]);
    Value::new(Type::Bool, Kind::Compare(op, Box::new(order.expr), Box::new(Value::int(0).expr)))
}

/// A form in which tuples of different lengths can be compared.
fn common_prefix(a: &Type, b: &Type) -> Option<Type> {
    let items = |of: &Type| match of {
        Type::Tuple(fields) => fields.iter().try_fold(Type::Never, |joined, field| joined.join(field)),
        Type::TupleOf(of) => Some((**of).clone()),
        _ => None,
    };
    Some(Type::TupleOf(Box::new(items(a)?.join(&items(b)?)?)))
}

/// Whether values of a type have an order that [`Primitive::Compare`] gives, or for which it bails.
pub(super) fn ordered(of: &Type) -> bool {
    match of {
        Type::Dict(..)
        | Type::Row(_)
        | Type::Set(_)
        | Type::Match(_)
        | Type::Object(_)
        | Type::Mixed(_)
        | Type::Union(_)
        | Type::None => false,
        Type::Tuple(fields) => fields.iter().all(|of| *of == Type::None || ordered(of)),
        Type::TupleOf(of) | Type::List(of) | Type::Optional(of) => ordered(of),
        Type::Record(record) if record.is_tuple => record.fields.iter().all(|(_, of)| *of == Type::None || ordered(of)),
        of => !holds_records(of) && !of.is_enum(),
    }
}
