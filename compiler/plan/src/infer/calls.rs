//! Builtin functions.

use super::cells::is_empty;
use super::displays::tuple_of;
use super::format::Conversion;
use super::loops::{Order, is_number};
use super::{Lowered, Lowering, Value, instead_of};
use crate::ir::{BinaryOp, Builtin, Expression};
use crate::primitive::Primitive;
use crate::time::{Time, TimeOp};
use crate::typed::Kind;
use crate::types::{Constant, Type};

impl<'a> Lowering<'a> {
    pub(super) fn builtin(
        &mut self,
        at: &'a Expression,
        builtin: Builtin,
        arguments: &'a [Expression],
    ) -> Lowered<Value> {
        match builtin {
            Builtin::All | Builtin::Any => match arguments {
                [over] => self.any_all(over, builtin == Builtin::All),
                _ => Err(self.arity(builtin.name())),
            },
            Builtin::Sum => match arguments {
                [over] => self.sum(at, over, None),
                [over, start] => self.sum(at, over, Some(start)),
                _ => Err(self.arity("sum")),
            },
            Builtin::List => match arguments {
                [] => self.list(at, Vec::new()),
                [over] if matches!(self.path(over), Some((_, Type::Mixed(_)))) => self.expr(over),
                [over] => self.list_of(over, Order::default()),
                _ => Err(self.arity("list")),
            },
            Builtin::Tuple => self.tuple_from(arguments),
            Builtin::Set => self.set_from(at, arguments),
            Builtin::Dict => self.dict_from(at, arguments),
            Builtin::Bytes | Builtin::ByteValues => self.bytes_from(builtin, arguments),
            Builtin::ElementCopy | Builtin::ElementDeepCopy => match arguments {
                [over] => self.element_copy(at, over, arguments, builtin == Builtin::ElementDeepCopy),
                _ => Err(self.arity(builtin.name())),
            },
            Builtin::Len => match arguments {
                [over] => self.len(over),
                _ => Err(self.arity("len")),
            },
            Builtin::Bool => match arguments {
                [] => Ok(Value::bool(false)),
                [value] => {
                    let test = self.condition(value)?;
                    Ok(Value { expr: test.expr, sites: Default::default() })
                }
                _ => Err(self.arity("bool")),
            },
            Builtin::Enumerate | Builtin::Range | Builtin::Reversed | Builtin::Zip => Err(self.refused(
                format!("`{}` isn't gone over where it is made", builtin.name()),
                format!("write list({}(…))", builtin.name()),
            )),
            _ => {
                let arguments = self.operands_of(arguments.iter())?;
                self.call(builtin, arguments)
            }
        }
    }

    fn call(&mut self, builtin: Builtin, mut arguments: Vec<Value>) -> Lowered<Value> {
        let name = builtin.name();
        if !matches!(builtin, Builtin::Str | Builtin::Repr) {
            match self.all_apart(arguments, &mut |this, arguments| this.call(builtin, arguments)) {
                Ok(value) => return value,
                Err(values) => arguments = values,
            }
        }
        if builtin == Builtin::Format {
            let Ok([value, spec]) = <[Value; 2]>::try_from(arguments) else { return Err(self.arity("format")) };
            return self.format_as(value, spec);
        }
        if name.starts_with("math.") {
            return self.math(builtin, arguments);
        }
        if name.starts_with("datetime.") {
            return self.time_call(builtin, arguments);
        }
        if let Builtin::CsvReader
        | Builtin::UnicodeNormalize
        | Builtin::UnicodeCombining
        | Builtin::UrlSplit
        | Builtin::UrlParse
        | Builtin::UrlHost
        | Builtin::UrlUnquote = builtin
        {
            return self.text_call(builtin, arguments);
        }
        if let Builtin::BytesFromHex
        | Builtin::IntFromBytes
        | Builtin::IntToBytes
        | Builtin::Byte
        | Builtin::BytesLike = builtin
        {
            return self.bytes_call(builtin, arguments);
        }
        let count = arguments.len();
        match (builtin, count) {
            (Builtin::Int, 0) => return Ok(Value::int(0)),
            (Builtin::Float, 0) => return Ok(Value::new(Type::Float, Kind::Constant(Constant::Float(0.0)))),
            (Builtin::Str, 0) => return Ok(Value::str("")),
            (_, 0) => return Err(self.arity(name)),
            _ => {}
        }
        let first = arguments.remove(0);
        let mut others = arguments.into_iter();
        match (builtin, count, others.next(), others.next()) {
            (Builtin::Abs, 1, ..) => self.abs(first),
            (Builtin::Chr, 1, ..) => {
                let code = self.int(first)?;
                Ok(Value::call(Type::Str, Primitive::Chr, vec![code]))
            }
            (Builtin::Ord, 1, ..) => {
                let first = first.unwrapped();
                if *first.of() == Type::Bytes {
                    return self.only_byte(first);
                }
                let text = self.text(first)?;
                Ok(Value::call(Type::Int, Primitive::Ord, vec![text]))
            }
            (Builtin::DivMod, 2, Some(second), _) => {
                let (a, b) = (self.hold(first), self.hold(second));
                let quotient = self.binary(BinaryOp::FloorDiv, a.clone(), b.clone())?;
                let rest = self.binary(BinaryOp::Mod, a, b)?;
                Ok(tuple_of(vec![quotient, rest]))
            }
            (Builtin::Pow, 2, Some(second), _) => self.binary(BinaryOp::Pow, first, second),
            (Builtin::Pow, 3, Some(second), Some(third)) => {
                let operands = vec![self.int(first)?, self.int(second)?, self.int(third)?];
                Ok(Value::call(Type::Int, Primitive::IntPowMod, operands))
            }
            (Builtin::Round, 1, ..) => self.round(first, None),
            (Builtin::Round, 2, Some(digits), _) => self.round(first, Some(digits)),
            (Builtin::Int, 1, ..) => self.int_from(first),
            (Builtin::Int, 2, Some(base), _) => {
                let (text, base) = (self.text(first)?, self.int(base)?);
                Ok(Value::call(Type::Int, Primitive::StrToIntBase, vec![text, base]))
            }
            (Builtin::Float, 1, ..) => self.float_from(first),
            (Builtin::Str, 1, ..) => self.convert(first, Conversion::Str),
            (Builtin::Repr, 1, ..) => self.convert(first, Conversion::Repr),
            (Builtin::Str, ..) => Err(self.refused("`str` of bytes with an encoding", "use `decode`")),
            _ => Err(self.arity(name)),
        }
    }

    fn abs(&mut self, value: Value) -> Lowered<Value> {
        let value = value.unwrapped();
        match value.of().clone() {
            Type::Bool => Ok(value.coerced(&Type::Int)),
            of @ (Type::Int | Type::Float) => Ok(Value::new(of, Kind::Abs(Box::new(value.expr)))),
            Type::Number => Ok(Value::call(Type::Number, Primitive::NumberAbs, vec![value])),
            of @ Type::Time(Time::Delta) => Ok(Value::call(of, Primitive::Time(TimeOp::DeltaAbs), vec![value])),
            Type::Record(_) => self.special(value, "__abs__", Vec::new()),
            of => Err(self.raises(format!("`abs` of a {of}"), instead_of(&of, "give it a number"))),
        }
    }

    fn round(&mut self, value: Value, digits: Option<Value>) -> Lowered<Value> {
        let value = value.unwrapped();
        let of = value.of().clone();
        if !is_number(&of) {
            return match of {
                Type::Record(_) => Err(self.refused("`round` of an object isn't compiled", "round its fields")),
                _ => Err(self.raises(format!("`round` of a {of}"), instead_of(&of, "give it a number"))),
            };
        }
        let digits = match digits {
            Some(digits) if *digits.of() == Type::None => None,
            Some(digits) => Some(self.int(digits)?),
            None => None,
        };
        match (of, digits) {
            (Type::Bool | Type::Int, None) => Ok(value.coerced(&Type::Int)),
            (Type::Bool | Type::Int, Some(digits)) => {
                let value = value.coerced(&Type::Int);
                Ok(Value::call(Type::Int, Primitive::RoundIntDigits, vec![value, digits]))
            }
            (Type::Float, None) => Ok(Value::call(Type::Int, Primitive::RoundFloat, vec![value])),
            (Type::Float, Some(digits)) => {
                Ok(Value::call(Type::Float, Primitive::RoundFloatDigits, vec![value, digits]))
            }
            (_, digits) => {
                let digits = digits.map(|digits| self.hold(digits));
                let to = if digits.is_some() { Type::Number } else { Type::Int };
                self.by_number(value, |this, value| {
                    let value = this.round(value, digits.clone())?;
                    Ok(value.coerced(&to))
                })
            }
        }
    }

    /// What is done with a Number by what it is; a bool bails.
    pub(super) fn by_number(
        &mut self,
        value: Value,
        each: impl Fn(&mut Self, Value) -> Lowered<Value>,
    ) -> Lowered<Value> {
        let value = self.hold(value);
        let tag = Value::call(Type::Int, Primitive::NumberTag, vec![value.clone()]);
        let float = Kind::Compare(crate::ir::CompareOp::Eq, Box::new(tag.expr), Box::new(Value::int(2).expr));
        let float = crate::typed::Expr { of: Type::Bool, kind: float };
        let as_type = |of: Type| Value::new(of, Kind::Unwrap(Box::new(value.expr.clone())));
        let (a, b) = (as_type(Type::Float), as_type(Type::Int));
        self.either(float, |this| each(this, a), |this| each(this, b))
    }

    pub(super) fn int_from(&mut self, value: Value) -> Lowered<Value> {
        let value = value.unwrapped();
        let primitive = match value.of().clone() {
            Type::Int => return Ok(value),
            Type::Bool => return Ok(value.coerced(&Type::Int)),
            Type::Float => Primitive::FloatToInt,
            Type::Number => Primitive::NumberToInt,
            Type::Str => Primitive::StrToInt,
            Type::Bytes => return Err(self.refused("`int` of bytes isn't compiled", "decode them")),
            Type::Record(_) => return self.special(value, "__int__", Vec::new()),
            of => return Err(self.raises(format!("`int` of a {of}"), instead_of(&of, "give it a number or a str"))),
        };
        Ok(Value::call(Type::Int, primitive, vec![value]))
    }

    fn float_from(&mut self, value: Value) -> Lowered<Value> {
        let value = value.unwrapped();
        match value.of().clone() {
            Type::Float => Ok(value),
            Type::Bool | Type::Int => Ok(value.coerced(&Type::Float)),
            Type::Number => Ok(Value::call(Type::Float, Primitive::NumberToFloat, vec![value])),
            Type::Str => Ok(Value::call(Type::Float, Primitive::StrToFloat, vec![value])),
            Type::Bytes => Err(self.refused("`float` of bytes isn't compiled", "decode them")),
            Type::Record(_) => self.special(value, "__float__", Vec::new()),
            of => Err(self.raises(format!("`float` of a {of}"), instead_of(&of, "give it a number or a str"))),
        }
    }

    fn len(&mut self, over: &'a Expression) -> Lowered<Value> {
        let value = match over {
            Expression::Call(Builtin::Range, _) => self.list_of(over, Order::default())?,
            Expression::Method(dict, name, arguments) if arguments.is_empty() && super::loops::view(name).is_some() => {
                self.expr(dict)?
            }
            Expression::Call(Builtin::Set, arguments) => self.set_from(over, arguments)?,
            _ => self.expr(over)?,
        };
        let value = value.unwrapped().tupled();
        let primitive = match value.of().clone() {
            Type::Str => Primitive::StrLen,
            Type::Bytes => Primitive::BytesLen,
            Type::List(_) | Type::TupleOf(_) => Primitive::ListLen,
            Type::Dict(..) | Type::Set(_) => Primitive::DictLen,
            Type::Tuple(fields) => {
                self.evaluate(value);
                return Ok(Value::int(fields.len() as i64));
            }
            Type::Row(fields) => {
                self.evaluate(value);
                return Ok(Value::int(fields.len() as i64));
            }
            Type::Record(_) => return self.special(value, "__len__", Vec::new()),
            of => {
                return Err(self.raises(
                    format!("`len` of a {of}"),
                    instead_of(&of, "give it a str, a list, a tuple, a dict or a set"),
                ));
            }
        };
        Ok(Value::call(Type::Int, primitive, vec![value]))
    }

    fn tuple_from(&mut self, arguments: &'a [Expression]) -> Lowered<Value> {
        let over = match arguments {
            [] => return Ok(tuple_of(Vec::new())),
            [over] => over,
            _ => return Err(self.arity("tuple")),
        };
        if let Expression::Tuple(_) | Expression::List(_) = over {
            let (Expression::Tuple(items) | Expression::List(items)) = over else {
                return Err(self.arity("tuple"));
            };
            return self.tuple(items);
        }
        if let Some(tuple) = self.shaped_tuple(over)? {
            return Ok(tuple);
        }
        if !matches!(over, Expression::Comprehension(..) | Expression::Call(..) | Expression::Method(..)) {
            let value = self.expr(over)?.unwrapped().tupled();
            return match value.of().clone() {
                Type::Tuple(_) | Type::TupleOf(_) => Ok(value),
                Type::List(of) => Ok(Value::call(Type::TupleOf(of), Primitive::ListCopy, vec![value])),
                Type::Row(_) => Ok(tuple_of(self.over_row(value, super::loops::View::Keys))),
                Type::Str => {
                    let chars = Value::call(Type::List(Box::new(Type::Str)), Primitive::StrChars, vec![value]);
                    Ok(frozen(chars))
                }
                of => Err(self.refused(format!("`tuple` of a {of} isn't compiled"), "use a list")),
            };
        }
        let list = self.list_of(over, Order::default())?;
        Ok(frozen(list))
    }

    fn set_from(&mut self, at: &'a Expression, arguments: &'a [Expression]) -> Lowered<Value> {
        match arguments {
            [] => self.new_set(at),
            [over] => {
                let set = self.new_set(at)?;
                self.each(over, Order::default(), &mut |this, value| this.add_to_set(set.clone(), value))?;
                Ok(set)
            }
            _ => Err(self.arity("set")),
        }
    }

    pub(super) fn dict_from(&mut self, at: &'a Expression, arguments: &'a [Expression]) -> Lowered<Value> {
        let over = match arguments {
            [] => return self.new_dict(at),
            [over] => over,
            _ => return Err(self.arity("dict")),
        };
        let direct = matches!(over, Expression::Comprehension(..) | Expression::Call(..) | Expression::Method(..));
        if let Some(row) = self.zipped_row(at, over)? {
            return Ok(row);
        }
        if let Expression::Comprehension(pair, clauses) = over
            && let Expression::Tuple(pair) = &**pair
            && let [key, value] = pair.as_slice()
            && let Some(row) = self.shaped_row(at, (key, value), clauses)?
        {
            return Ok(row);
        }
        if direct {
            let dict = self.new_dict(at)?;
            self.each(over, Order::default(), &mut |this, pair| this.set_pair(dict.clone(), pair))?;
            return Ok(dict);
        }
        let value = self.expr(over)?.unwrapped();
        let value = self.hold(value);
        if let Type::Row(_) = value.of() {
            return self.row_copy(at, value);
        }
        let dict = self.new_dict(at)?;
        if let Type::Dict(key, of) = value.of().clone() {
            let items = Type::List(Box::new(Type::Tuple(vec![*key, *of])));
            let items = Value::call(items, Primitive::DictItems, vec![value]);
            self.each_value(items, &mut |this, pair| this.set_pair(dict.clone(), pair))?;
        } else {
            self.each_value(value, &mut |this, pair| this.set_pair(dict.clone(), pair))?;
        }
        Ok(dict)
    }

    fn set_pair(&mut self, dict: Value, pair: Value) -> Lowered<()> {
        let pair = pair.tupled();
        let mut parts = match pair.of() {
            Type::Tuple(fields) if fields.len() == 2 && !is_empty(pair.of()) => self.fields(pair),
            // A pair in a list, as `split` gives it.
            Type::List(of) | Type::TupleOf(of) if !is_empty(of) => {
                let (of, sites) = ((**of).clone(), pair.sites.clone());
                let pair = self.hold(pair);
                let count = Value::call(Type::Int, Primitive::ListLen, vec![pair.clone()]);
                self.require_equal(count, 2);
                let part = |at| {
                    let kind = Kind::Call(Primitive::ListGet, vec![pair.expr.clone(), Value::int(at).expr]);
                    Value::from(of.clone(), kind, sites.clone())
                };
                vec![part(0), part(1)]
            }
            of => {
                return Err(self.refused(format!("a dict is made of a {of}"), "make it of pairs"));
            }
        };
        let (Some(value), Some(key)) = (parts.pop(), parts.pop()) else { return Ok(()) };
        self.set_key(dict, key, value)
    }
}

/// A list that nobody else has, as a tuple.
fn frozen(list: Value) -> Value {
    let of = super::loops::element(list.of());
    Value::call(Type::TupleOf(Box::new(of)), Primitive::ListCopy, vec![list])
}
