//! Bytes: what makes them, and their methods.

use super::cells::is_empty;
use super::loops::Order;
use super::{Lowered, Lowering, Stop, Value};
use crate::bytes::BytesOp;
use crate::ir::{Builtin, CompareOp, Expression};
use crate::primitive::Primitive;
use crate::typed::{Expr, Kind, Stmt, Why};
use crate::types::{Constant, Type};

/// How text is written as bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Ascii,
    Latin,
}

/// What a method takes behind the bytes.
#[derive(Clone, Copy)]
enum Takes {
    Bytes,
    /// Bytes, or an int that stands for one of them.
    Part,
    Int,
    /// Bytes, or a blank.
    Fill,
}

impl<'a> Lowering<'a> {
    /// `bytes(…)`, and what a bytearray is extended by.
    pub(super) fn bytes_from(&mut self, builtin: Builtin, arguments: &'a [Expression]) -> Lowered<Value> {
        let over = match arguments {
            [] => return Ok(constant(Vec::new())),
            [over] => over,
            [_, ..] => {
                let mut arguments = self.operands_of(arguments.iter())?;
                let text = arguments.remove(0);
                let text = self.text(text)?;
                return self.encode(text, arguments);
            }
        };
        let is_looped = match over {
            Expression::Call(builtin, _) => {
                matches!(builtin, Builtin::Enumerate | Builtin::Zip | Builtin::Reversed | Builtin::Range)
            }
            Expression::Method(_, name, arguments) => arguments.is_empty() && super::loops::view(name).is_some(),
            Expression::Comprehension(..) | Expression::Tuple(_) | Expression::List(_) => true,
            _ => false,
        };
        let value = match is_looped {
            true => self.list_of(over, Order::default())?,
            false => self.expr(over)?.unwrapped().tupled(),
        };
        match (builtin, value.of()) {
            (Builtin::Bytes, Type::Int | Type::Bool | Type::Number) => {
                let count = self.int(value)?;
                Ok(called(Type::Bytes, BytesOp::Zeros, vec![count]))
            }
            _ => self.bytes_of(value),
        }
    }

    /// The bytes that an iterable of ints, or bytes, stands for.
    fn bytes_of(&mut self, value: Value) -> Lowered<Value> {
        match value.of().clone() {
            Type::Bytes => Ok(value),
            Type::List(of) | Type::TupleOf(of) if *of == Type::Int => {
                Ok(called(Type::Bytes, BytesOp::FromInts, vec![value]))
            }
            Type::List(of) | Type::TupleOf(of) if is_empty(&of) => {
                self.evaluate(value);
                Ok(constant(Vec::new()))
            }
            Type::List(_) | Type::TupleOf(_) | Type::Tuple(_) => {
                let list = self.int_list();
                let to = list.clone();
                self.each_value(value, &mut |this, item| {
                    let item = this.int(item)?;
                    this.append(to.clone(), item)
                })?;
                Ok(called(Type::Bytes, BytesOp::FromInts, vec![list]))
            }
            Type::Str | Type::Float | Type::None => {
                Err(self.raises(format!("`bytes` of a {}", value.of()), "give it bytes, an int or a list of ints"))
            }
            of => Err(self.refused(format!("`bytes` of a {of} isn't compiled"), "use a list of ints")),
        }
    }

    /// A new list, in a slot of its own.
    fn int_list(&mut self) -> Value {
        let of = Type::List(Box::new(Type::Int));
        let slot = self.temp(of.clone());
        self.out.push(Stmt::Assign(slot, Value::new(of.clone(), Kind::Elements(Vec::new())).expr));
        Value::slot(slot, of)
    }

    /// Functions that make bytes of a value, or a value of bytes.
    pub(super) fn bytes_call(&mut self, builtin: Builtin, arguments: Vec<Value>) -> Lowered<Value> {
        let name = builtin.name();
        let mut arguments = arguments.into_iter();
        let Some(first) = arguments.next() else { return Err(self.arity(name)) };
        match (builtin, arguments.next(), arguments.next(), arguments.next()) {
            (Builtin::BytesFromHex, None, ..) => {
                let text = self.text(first)?;
                Ok(called(Type::Bytes, BytesOp::FromHex, vec![text]))
            }
            (Builtin::IntFromBytes, Some(order), signed, None) => {
                let (big, signed) = self.layout(order, signed)?;
                let first = first.unwrapped().tupled();
                if let Type::Int | Type::Bool | Type::Number = first.of() {
                    return Err(self.raises("`int.from_bytes` of an int", "give it bytes"));
                }
                let bytes = self.bytes_of(first)?;
                Ok(called(Type::Int, BytesOp::ToInt { big, signed }, vec![bytes]))
            }
            (Builtin::IntToBytes, Some(length), Some(order), signed) => {
                let number = self.int(first)?;
                let number = self.hold(number);
                let length = self.int(length)?;
                let (big, signed) = self.layout(order, signed)?;
                Ok(called(Type::Bytes, BytesOp::OfInt { big, signed }, vec![number, length]))
            }
            (Builtin::Byte, None, ..) => {
                let byte = self.int(first)?;
                let byte = self.hold(byte);
                let is_byte = self.in_range(byte.clone(), [Value::int(0), Value::int(256), Value::int(1)])?;
                self.require(is_byte.expr, Why::Raises)?;
                Ok(byte)
            }
            (Builtin::BytesLike, None, ..) => {
                let value = first.unwrapped();
                match value.of() {
                    Type::Bytes => Ok(value),
                    Type::Record(_) | Type::Object(_) => {
                        Err(self.refused("an object is added to a bytearray", "use bytes"))
                    }
                    of => {
                        Err(self
                            .raises(format!("a {of} is added to a bytearray"), "add bytes, or an int with append()"))
                    }
                }
            }
            _ => Err(self.arity(name)),
        }
    }

    /// The order of bytes, whether the largest comes first; and whether they stand for a signed int.
    fn layout(&mut self, order: Value, signed: Option<Value>) -> Lowered<(bool, bool)> {
        let big = match order.constant() {
            Some(Constant::Str(order)) if order == "big" => true,
            Some(Constant::Str(order)) if order == "little" => false,
            Some(Constant::Str(_)) => {
                return Err(self.raises("a byte order that is neither big nor little", "write 'big' or 'little'"));
            }
            _ => return Err(self.refused("the byte order isn't a constant", "write it out")),
        };
        let signed = match signed.as_ref().map(Value::constant) {
            None => false,
            Some(Some(Constant::Bool(signed))) => *signed,
            _ => return Err(self.refused("whether an int is signed isn't a constant", "write True or False")),
        };
        Ok((big, signed))
    }

    /// `ord` of bytes.
    pub(super) fn only_byte(&mut self, bytes: Value) -> Lowered<Value> {
        let bytes = self.hold(bytes);
        let len = Value::call(Type::Int, Primitive::BytesLen, vec![bytes.clone()]);
        let one = Kind::Compare(CompareOp::Eq, Box::new(len.expr), Box::new(Value::int(1).expr));
        self.require(Expr { of: Type::Bool, kind: one }, Why::Raises)?;
        Ok(Value::call(Type::Int, Primitive::BytesIndex, vec![bytes, Value::int(0)]))
    }

    /// Encoding and handler of errors as `encode` and `decode` take them.
    pub(super) fn encoding(&mut self, arguments: &[Value]) -> Lowered<(Encoding, String)> {
        const HANDLERS: &[&str] = &["strict", "ignore", "replace", "backslashreplace", "surrogateescape"];
        let text = |this: &mut Self, at: usize, default: &str, what: &str| match arguments.get(at).map(Value::constant)
        {
            None => Ok(default.to_owned()),
            Some(Some(Constant::Str(text))) => Ok(text.clone()),
            _ => Err(this.refused(format!("{what} isn't a constant"), "write it out")),
        };
        let name = text(self, 0, "utf-8", "the encoding")?;
        let handler = text(self, 1, "strict", "the handler of errors")?;
        if arguments.len() > 2 {
            return Err(self.arity("encode"));
        }
        let encoding = match name.to_ascii_lowercase().replace('_', "-").as_str() {
            "utf-8" | "utf8" => Encoding::Utf8,
            "ascii" | "us-ascii" => Encoding::Ascii,
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => Encoding::Latin,
            _ => return Err(self.refused("an encoding that isn't compiled", "use utf-8")),
        };
        match HANDLERS.contains(&handler.as_str()) {
            true => Ok((encoding, handler)),
            false => Err(self.refused("a handler of errors that isn't compiled", "leave it out")),
        }
    }

    fn decode(&mut self, bytes: Value, arguments: Vec<Value>) -> Lowered<Value> {
        let (encoding, handler) = self.encoding(&arguments)?;
        let primitive = match (encoding, handler.as_str()) {
            (Encoding::Utf8, "strict") => Primitive::BytesDecode,
            (Encoding::Utf8, "replace") => Primitive::Bytes(BytesOp::DecodeReplace),
            (Encoding::Utf8, "ignore") => Primitive::Bytes(BytesOp::DecodeIgnore),
            (Encoding::Utf8, _) => {
                return Err(self.refused("a handler of errors that isn't compiled", "use replace or ignore"));
            }
            // What can't be decoded bails, whatever the handler makes of it.
            (Encoding::Ascii, _) => Primitive::BytesDecodeAscii,
            (Encoding::Latin, _) => Primitive::Bytes(BytesOp::DecodeLatin),
        };
        Ok(Value::call(Type::Str, primitive, vec![bytes]))
    }

    pub(super) fn bytes_method(&mut self, bytes: Value, name: &str, arguments: Vec<Value>) -> Lowered<Value> {
        use Takes::{Fill, Int, Part};
        let three = Type::Tuple(vec![Type::Bytes; 3]);
        // Without arguments, or None, it is about white space.
        let is_blank = arguments.first().is_none_or(|argument| *argument.of() == Type::None);
        let op = |op: BytesOp| Primitive::Bytes(op);
        let (primitive, takes, of): (Primitive, &[Takes], Type) = match name {
            "decode" => return self.decode(bytes, arguments),
            "split" => return self.split_bytes(bytes, arguments),
            "join" => return self.join_bytes(bytes, arguments),
            "replace" => return self.replace_bytes(bytes, arguments),
            "lower" => (Primitive::BytesLower, &[], Type::Bytes),
            "upper" => (Primitive::BytesUpper, &[], Type::Bytes),
            "hex" => (Primitive::BytesHex, &[], Type::Str),
            "strip" | "lstrip" | "rstrip" if is_blank && arguments.len() < 2 => {
                let primitive = match name {
                    "strip" => Primitive::BytesStrip,
                    "lstrip" => op(BytesOp::LStrip),
                    _ => op(BytesOp::RStrip),
                };
                return Ok(Value::call(Type::Bytes, primitive, vec![bytes]));
            }
            "strip" => (op(BytesOp::StripBytes), &[Takes::Bytes], Type::Bytes),
            "lstrip" => (op(BytesOp::LStripBytes), &[Takes::Bytes], Type::Bytes),
            "rstrip" => (op(BytesOp::RStripBytes), &[Takes::Bytes], Type::Bytes),
            "startswith" => (Primitive::BytesStartsWith, &[Takes::Bytes], Type::Bool),
            "endswith" => (Primitive::BytesEndsWith, &[Takes::Bytes], Type::Bool),
            "find" => (Primitive::BytesFind, &[Part], Type::Int),
            "rfind" => (op(BytesOp::RFind), &[Part], Type::Int),
            "index" => (op(BytesOp::Index), &[Part], Type::Int),
            "rindex" => (op(BytesOp::RIndex), &[Part], Type::Int),
            "count" => (op(BytesOp::Count), &[Part], Type::Int),
            "center" => (op(BytesOp::Center), &[Int, Fill], Type::Bytes),
            "ljust" => (op(BytesOp::LJust), &[Int, Fill], Type::Bytes),
            "rjust" => (op(BytesOp::RJust), &[Int, Fill], Type::Bytes),
            "removeprefix" => (op(BytesOp::RemovePrefix), &[Takes::Bytes], Type::Bytes),
            "removesuffix" => (op(BytesOp::RemoveSuffix), &[Takes::Bytes], Type::Bytes),
            "partition" => (op(BytesOp::Partition), &[Takes::Bytes], three),
            "rpartition" => (op(BytesOp::RPartition), &[Takes::Bytes], three),
            "isdigit" => (op(BytesOp::IsDigit), &[], Type::Bool),
            "isalpha" => (op(BytesOp::IsAlpha), &[], Type::Bool),
            "isalnum" => (op(BytesOp::IsAlnum), &[], Type::Bool),
            "isspace" => (op(BytesOp::IsSpace), &[], Type::Bool),
            _ => return Err(self.refused(format!("`{name}` of bytes isn't compiled"), "decode them")),
        };
        if arguments.len() > takes.len() {
            return Err(self.refused(
                format!("`{name}` of bytes with so many arguments isn't compiled"),
                "leave out those that have defaults, or decode the bytes",
            ));
        }
        let mut arguments = arguments.into_iter();
        let mut operands = vec![bytes];
        for takes in takes {
            let operand = match (takes, arguments.next()) {
                (Fill, None) => constant(b" ".to_vec()),
                (_, None) => return Err(self.arity(name)),
                (Int, Some(value)) => self.int(value)?,
                (Part, Some(value)) if matches!(value.of(), Type::Int | Type::Bool) => {
                    let byte = self.int(value)?;
                    let of = Type::List(Box::new(Type::Int));
                    let list = Value::new(of, Kind::Elements(vec![byte.expr]));
                    called(Type::Bytes, BytesOp::FromInts, vec![list])
                }
                (_, Some(value)) => self.bytes(value, name)?,
            };
            operands.push(operand);
        }
        Ok(Value::call(of, primitive, operands))
    }

    fn split_bytes(&mut self, bytes: Value, arguments: Vec<Value>) -> Lowered<Value> {
        let list = Type::List(Box::new(Type::Bytes));
        let mut arguments = arguments.into_iter();
        let (separator, most) = (arguments.next(), arguments.next());
        if arguments.next().is_some() {
            return Err(self.arity("split"));
        }
        let most = match most {
            Some(most) => self.int(most)?,
            None => Value::int(-1),
        };
        match separator.filter(|separator| *separator.of() != Type::None) {
            None => Ok(Value::call(list, Primitive::BytesSplit, vec![bytes, most])),
            Some(separator) => {
                let separator = self.bytes(separator, "split")?;
                Ok(Value::call(list, Primitive::BytesSplitAt, vec![bytes, separator, most]))
            }
        }
    }

    fn replace_bytes(&mut self, bytes: Value, arguments: Vec<Value>) -> Lowered<Value> {
        let mut arguments = arguments.into_iter();
        let (Some(old), Some(new), most, None) =
            (arguments.next(), arguments.next(), arguments.next(), arguments.next())
        else {
            return Err(self.arity("replace"));
        };
        let most = match most {
            Some(most) => self.int(most)?,
            None => Value::int(-1),
        };
        let (old, new) = (self.bytes(old, "replace")?, self.bytes(new, "replace")?);
        Ok(Value::call(Type::Bytes, Primitive::BytesReplace, vec![bytes, old, new, most]))
    }

    fn join_bytes(&mut self, separator: Value, arguments: Vec<Value>) -> Lowered<Value> {
        let mut arguments = arguments.into_iter();
        let (Some(parts), None) = (arguments.next(), arguments.next()) else { return Err(self.arity("join")) };
        let parts = parts.unwrapped().tupled();
        let listed = Type::TupleOf(Box::new(Type::Bytes));
        match parts.of().clone() {
            Type::List(of) | Type::TupleOf(of) if *of == Type::Bytes => {
                Ok(called(Type::Bytes, BytesOp::Join, vec![separator, parts]))
            }
            Type::List(of) | Type::TupleOf(of) if is_empty(&of) => {
                self.evaluate(separator);
                self.evaluate(parts);
                Ok(constant(Vec::new()))
            }
            Type::Tuple(fields) if fields.iter().all(|field| *field == Type::Bytes) => {
                Ok(called(Type::Bytes, BytesOp::Join, vec![separator, parts.coerced(&listed)]))
            }
            of => Err(self.refused(format!("`join` of a {of} isn't compiled"), "use a list of bytes")),
        }
    }

    fn bytes(&mut self, value: Value, name: &str) -> Result<Value, Stop> {
        let value = value.unwrapped();
        match value.of() {
            Type::Bytes => Ok(value),
            of => Err(self.refused(format!("`{name}` of bytes with a {of} isn't compiled"), "use bytes")),
        }
    }
}

fn constant(bytes: Vec<u8>) -> Value {
    Value::new(Type::Bytes, Kind::Constant(Constant::Bytes(bytes)))
}

fn called(of: Type, op: BytesOp, operands: Vec<Value>) -> Value {
    Value::call(of, Primitive::Bytes(op), operands)
}
