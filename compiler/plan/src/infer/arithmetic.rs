//! Operators on numbers, text and sequences.

use super::cells::{Makes, Sites};
use super::displays::tuple_of;
use super::loops::is_number;
use super::{Lowered, Lowering, Value, instead_of};
use crate::bytes::BytesOp;
use crate::ir::{BinaryOp, UnaryOp};
use crate::primitive::{NumberOp, Primitive};
use crate::typed::Kind;
use crate::types::{Constant, Type};

impl<'a> Lowering<'a> {
    pub(super) fn binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Lowered<Value> {
        let [a, b] = match self.apart([a, b], &mut |this, [a, b]| this.binary(op, a, b)) {
            Ok(value) => return value,
            Err(values) => values,
        };
        let (a, b) = (a.untitled(), b.untitled());
        if let (Type::Record(_), _) | (_, Type::Record(_)) = (a.of(), b.of()) {
            return self.object_binary(op, a, b);
        }
        let percent = op == BinaryOp::Mod && matches!(a.of(), Type::Str | Type::Optional(_));
        let (a, b) = (a.unwrapped(), if percent { b } else { b.unwrapped() });
        if is_number(a.of()) && is_number(b.of()) {
            return self.number_binary(op, a, b);
        }
        if let (Type::Time(_), _) | (_, Type::Time(_)) = (a.of(), b.of())
            && !percent
        {
            return self.time_binary(op, a, b);
        }
        let wrong = format!("`{}` of a {} and a {}", symbol(op), a.of(), b.of());
        let edit = instead_of(a.of(), instead_of(b.of(), "convert one, so that both are of types that go together"));
        match (op, a.of().clone(), b.of().clone()) {
            (BinaryOp::Add, Type::Str, Type::Str) => Ok(concat(vec![a, b])),
            (BinaryOp::Add, Type::Bytes, Type::Bytes) => {
                Ok(Value::call(Type::Bytes, Primitive::BytesConcat, vec![a, b]))
            }
            (BinaryOp::Add, Type::Tuple(_), Type::Tuple(_)) => {
                // Held, so that none is evaluated between the other's fields.
                let (a, b) = (self.steady(a), self.steady(b));
                let mut fields = self.fields(a);
                fields.extend(self.fields(b));
                Ok(tuple_of(fields))
            }
            (BinaryOp::Add, Type::Mixed(_), Type::Mixed(_)) => {
                let (a, b) = (self.steady(a), self.steady(b));
                let mut fields = self.fields(a);
                fields.extend(self.fields(b));
                Ok(super::displays::mixed_of(fields))
            }
            (BinaryOp::Add, Type::Mixed(_), Type::List(_)) | (BinaryOp::Add, Type::List(_), Type::Mixed(_)) => {
                let (a, b) = (self.as_list(a)?, self.as_list(b)?);
                self.concat_lists(a, b)
            }
            (BinaryOp::Mul, Type::Mixed(_), _) => {
                let a = self.as_list(a)?;
                self.binary(op, a, b)
            }
            (BinaryOp::Mul, _, Type::Mixed(_)) => {
                let b = self.as_list(b)?;
                self.binary(op, a, b)
            }
            (BinaryOp::Add, Type::List(_), Type::List(_)) | (BinaryOp::Add, Type::TupleOf(_), Type::TupleOf(_)) => {
                self.concat_lists(a, b)
            }
            (BinaryOp::Add, Type::Tuple(_), of @ Type::TupleOf(_)) if a.of().join(&of).as_ref() == Some(&of) => {
                self.concat_lists(a.coerced(&of), b)
            }
            (BinaryOp::Add, of @ Type::TupleOf(_), Type::Tuple(_)) if b.of().join(&of).as_ref() == Some(&of) => {
                self.concat_lists(a, b.coerced(&of))
            }
            (BinaryOp::Add, Type::Tuple(_), Type::TupleOf(_)) | (BinaryOp::Add, Type::TupleOf(_), Type::Tuple(_)) => {
                self.concat_each(a, b)
            }
            (BinaryOp::Mul, of, Type::Bool | Type::Int | Type::Number) => {
                let times = self.int(b)?;
                self.repeat(of, a, times, wrong)
            }
            (BinaryOp::Mul, Type::Bool | Type::Int | Type::Number, of) => {
                let times = self.int(a)?;
                self.repeat(of, b, times, wrong)
            }
            (BinaryOp::Mod, Type::Str, _) => match a.constant() {
                Some(Constant::Str(format)) => {
                    let format = format.clone();
                    self.percent_of(&format, b)
                }
                _ => Err(self.refused("a format that is computed isn't compiled", "write it where it is used")),
            },
            (BinaryOp::Mod, Type::Bytes, _) => Err(self.refused("formats of bytes aren't compiled", "format a str")),
            (_, Type::Set(_) | Type::Dict(..), _) => {
                Err(self.refused(format!("{wrong} isn't compiled"), "write it as a loop"))
            }
            _ => Err(self.raises(wrong, edit)),
        }
    }

    fn steady(&mut self, value: Value) -> Value {
        match value.expr.kind {
            Kind::Fields(_) | Kind::Constant(_) => value,
            _ => self.hold(value),
        }
    }

    fn concat_lists(&mut self, a: Value, b: Value) -> Lowered<Value> {
        match self.join((a.of(), &a.sites), (b.of(), &b.sites))? {
            Some(of @ (Type::List(_) | Type::TupleOf(_))) => {
                let (a, b) = (self.coerce(a, &of)?, self.coerce(b, &of)?);
                Ok(Value::call(of, Primitive::ListConcat, vec![a, b]))
            }
            _ => self.concat_each(a, b),
        }
    }

    /// `a + b` of lists or tuples with elements of several types: a new one of all of them.
    fn concat_each(&mut self, a: Value, b: Value) -> Lowered<Value> {
        let item = |of: &Type| match of {
            Type::List(of) | Type::TupleOf(of) => Some((**of).clone()),
            Type::Tuple(fields) => fields.iter().try_fold(Type::Never, |joined, field| joined.either(field)),
            _ => None,
        };
        let of = item(a.of()).zip(item(b.of())).and_then(|(of, other)| of.either(&other));
        let Some(of) = of else {
            return Err(self.refused(format!("`+` of a {} and a {}", a.of(), b.of()), "use lists of one type"));
        };
        let is_tuple = !matches!(a.of(), Type::List(_));
        let (a, b) = (self.hold(a), self.hold(b));
        let place = self.implicit_place("+");
        let (site, (of, _)) = self.make(place, Makes::List, (of, Type::Never))?;
        let list = Value::from(Type::List(Box::new(of)), Kind::Elements(Vec::new()), Sites::from([site]));
        let list = self.hold(list);
        for values in [a, b] {
            self.each_value(values, &mut |this, value| this.append(list.clone(), value))?;
        }
        Ok(match (is_tuple, list.of().clone()) {
            (true, Type::List(of)) => Value::call(Type::TupleOf(of), Primitive::ListCopy, vec![list]),
            _ => list,
        })
    }

    /// A list of several types as one whose elements may be of any of them.
    fn as_list(&mut self, value: Value) -> Lowered<Value> {
        let Type::Mixed(fields) = value.of().clone() else { return Ok(value) };
        let Some(of) = fields.iter().try_fold(Type::Never, |joined, field| joined.either(field)) else {
            return Err(self.refused(
                format!("a {} has elements of too many types", value.of()),
                "use a tuple, and constant indices",
            ));
        };
        let value = self.steady(value);
        let place = self.implicit_place(&format!("[{of}]"));
        let (site, (of, _)) = self.make(place, Makes::List, (of, Type::Never))?;
        let mut sites = value.sites.clone();
        self.cells.hold(&Sites::from([site]), &sites);
        sites.insert(site);
        let items = self.fields(value);
        let items = items.into_iter().map(|item| Ok(self.coerce(item, &of)?.expr)).collect::<Lowered<_>>()?;
        Ok(Value::from(Type::List(Box::new(of)), Kind::Elements(items), sites))
    }

    fn repeat(&mut self, of: Type, value: Value, times: Value, wrong: String) -> Lowered<Value> {
        let primitive = match of {
            Type::Str => Primitive::StrRepeat,
            Type::List(_) | Type::TupleOf(_) => Primitive::ListRepeat,
            Type::Tuple(fields) => {
                let Some(Constant::Int(count @ 0..=16)) = times.constant().cloned() else {
                    return Err(self.refused("a tuple is repeated so many times", "use a list"));
                };
                let value = if fields.is_empty() { value } else { self.hold(value) };
                let fields: Vec<Value> = (0..count).flat_map(|_| self.fields(value.clone())).collect();
                return Ok(tuple_of(fields));
            }
            Type::Bytes => Primitive::Bytes(BytesOp::Repeat),
            _ => return Err(self.raises(wrong, "repeat a str, a list, a tuple or bytes")),
        };
        Ok(Value::call(of, primitive, vec![value, times]))
    }

    fn number_binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Lowered<Value> {
        use BinaryOp::*;
        let plain =
            |of: Type, a: Value, b: Value| Ok(Value::new(of, Kind::Binary(op, Box::new(a.expr), Box::new(b.expr))));
        let bits = matches!(op, BitAnd | BitOr | BitXor | LeftShift | RightShift);
        let (of, other) = (a.of().clone(), b.of().clone());
        if bits {
            if (of == Type::Bool && other == Type::Bool) && matches!(op, BitAnd | BitOr | BitXor) {
                return plain(Type::Bool, a, b);
            }
            if of == Type::Float || other == Type::Float {
                return Err(self.raises(
                    format!("`{}` of a {of} and a {other}", symbol(op)),
                    "convert one, so that both are of one type",
                ));
            }
            // Of a Number it is the int; a bool or a float bails.
            let (a, b) = (self.int(a)?, self.int(b)?);
            return plain(Type::Int, a, b);
        }
        if of == Type::Number || other == Type::Number {
            return self.mixed_binary(op, a, b);
        }
        if of == Type::Float || other == Type::Float {
            return float_binary(op, a, b);
        }
        let (a, b) = (a.coerced(&Type::Int), b.coerced(&Type::Int));
        match op {
            Div => plain(Type::Float, a, b),
            Pow => match b.constant() {
                Some(Constant::Int(exponent)) if *exponent >= 0 => plain(Type::Int, a, b),
                Some(Constant::Int(_)) => float_binary(op, a.coerced(&Type::Float), b.coerced(&Type::Float)),
                _ => Ok(Value::call(Type::Int, Primitive::IntPow, vec![a, b])),
            },
            _ => plain(Type::Int, a, b),
        }
    }

    fn mixed_binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Lowered<Value> {
        use BinaryOp::*;
        // With a float, the outcome is one.
        if *a.of() == Type::Float || *b.of() == Type::Float {
            let (a, b) = (self.float(a)?, self.float(b)?);
            return float_binary(op, a, b);
        }
        let (a, b) = (a.coerced(&Type::Number), b.coerced(&Type::Number));
        let number = match op {
            Add => NumberOp::Add,
            Sub => NumberOp::Sub,
            Mul => NumberOp::Mul,
            FloorDiv => NumberOp::FloorDiv,
            Mod => NumberOp::Mod,
            Pow => NumberOp::Pow,
            _ => NumberOp::Div,
        };
        let value = Value::call(Type::Number, Primitive::Number(number), vec![a, b]);
        Ok(match number {
            NumberOp::Div => Value::new(Type::Float, Kind::Unwrap(Box::new(value.expr))),
            _ => value,
        })
    }

    pub(super) fn unary(&mut self, op: UnaryOp, value: Value) -> Lowered<Value> {
        let [value] = match self.apart([value], &mut |this, [value]| this.unary(op, value)) {
            Ok(value) => return value,
            Err(values) => values,
        };
        if let Type::Record(_) = value.of() {
            return self.object_unary(op, value);
        }
        let value = value.unwrapped();
        if let (Type::Time(_), UnaryOp::Minus | UnaryOp::Plus) = (value.of(), op) {
            return self.time_unary(op, value);
        }
        if let (UnaryOp::Minus, Some(constant)) = (op, value.constant()) {
            match constant {
                Constant::Int(number) if *number != i64::MIN => return Ok(Value::int(-number)),
                Constant::Float(number) => {
                    return Ok(Value::new(Type::Float, Kind::Constant(Constant::Float(-number))));
                }
                _ => {}
            }
        }
        let plain = |value: Value| Ok(Value::new(value.of().clone(), Kind::Unary(op, Box::new(value.expr))));
        match (op, value.of().clone()) {
            (UnaryOp::Not, _) => {
                let test = self.truth(value)?;
                Ok(super::expressions::negated(test))
            }
            (UnaryOp::Plus, Type::Bool) => Ok(value.coerced(&Type::Int)),
            (UnaryOp::Plus, Type::Int | Type::Float) => Ok(value),
            // It makes an int of a bool.
            (UnaryOp::Plus, Type::Number) => {
                let zero = Value::int(0).coerced(&Type::Number);
                Ok(Value::call(Type::Number, Primitive::Number(NumberOp::Sub), vec![value, zero]))
            }
            (UnaryOp::Minus, Type::Bool) => plain(value.coerced(&Type::Int)),
            (UnaryOp::Minus, Type::Int | Type::Float) => plain(value),
            (UnaryOp::Minus, Type::Number) => Ok(Value::call(Type::Number, Primitive::NumberMinus, vec![value])),
            (UnaryOp::Invert, Type::Int) => plain(value),
            (UnaryOp::Invert, Type::Number) => {
                let value = self.int(value)?;
                plain(value)
            }
            (UnaryOp::Invert, Type::Bool) => Err(self.refused("`~` of a bool warns", "use `not`")),
            (_, of) => Err(self.raises(format!("an operator that a {of} doesn't have"), "give it a number")),
        }
    }
}

fn float_binary(op: BinaryOp, a: Value, b: Value) -> Lowered<Value> {
    let (a, b) = (a.coerced(&Type::Float), b.coerced(&Type::Float));
    let primitive = match op {
        BinaryOp::FloorDiv => Primitive::FloatFloorDiv,
        BinaryOp::Mod => Primitive::FloatMod,
        BinaryOp::Pow => Primitive::FloatPow,
        _ => return Ok(Value::new(Type::Float, Kind::Binary(op, Box::new(a.expr), Box::new(b.expr)))),
    };
    Ok(Value::call(Type::Float, primitive, vec![a, b]))
}

/// Strs one after the other, as one operation.
pub(super) fn concat(parts: Vec<Value>) -> Value {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match part.expr.kind {
            Kind::Call(Primitive::StrConcat, inner) => {
                flat.extend(inner.into_iter().map(|expr| Value { expr, sites: Default::default() }));
            }
            Kind::Constant(Constant::Str(text)) if text.is_empty() => {}
            kind => flat.push(Value::new(Type::Str, kind)),
        }
    }
    match flat.len() {
        0 => Value::str(""),
        1 => flat.remove(0),
        _ => Value::call(Type::Str, Primitive::StrConcat, flat),
    }
}

pub(super) fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::FloorDiv => "//",
        BinaryOp::Mod => "%",
        BinaryOp::Pow => "**",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        BinaryOp::BitXor => "^",
        BinaryOp::LeftShift => "<<",
        BinaryOp::RightShift => ">>",
    }
}
