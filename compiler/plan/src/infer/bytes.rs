//! Methods of bytes.

use super::{Lowered, Lowering, Stop, Value};
use crate::primitive::Primitive;
use crate::types::{Constant, Type};

impl Lowering<'_> {
    pub(super) fn bytes_method(&mut self, bytes: Value, name: &str, arguments: Vec<Value>) -> Lowered<Value> {
        let count = arguments.len();
        let list = Type::List(Box::new(Type::Bytes));
        let mut arguments = arguments.into_iter();
        match (name, count, arguments.next(), arguments.next(), arguments.next()) {
            ("decode", 0, ..) => Ok(Value::call(Type::Str, Primitive::BytesDecode, vec![bytes])),
            ("decode", 1, Some(encoding), ..) => match encoding.constant() {
                Some(Constant::Str(name)) => match name.to_ascii_lowercase().replace('_', "-").as_str() {
                    "utf-8" | "utf8" => Ok(Value::call(Type::Str, Primitive::BytesDecode, vec![bytes])),
                    "ascii" => Ok(Value::call(Type::Str, Primitive::BytesDecodeAscii, vec![bytes])),
                    _ => Err(self.refused("an encoding that isn't compiled; use utf-8")),
                },
                _ => Err(self.refused("the encoding isn't a constant; write it out")),
            },
            ("lower", 0, ..) => Ok(Value::call(Type::Bytes, Primitive::BytesLower, vec![bytes])),
            ("upper", 0, ..) => Ok(Value::call(Type::Bytes, Primitive::BytesUpper, vec![bytes])),
            ("strip", 0, ..) => Ok(Value::call(Type::Bytes, Primitive::BytesStrip, vec![bytes])),
            ("hex", 0, ..) => Ok(Value::call(Type::Str, Primitive::BytesHex, vec![bytes])),
            ("split", 0, ..) => Ok(Value::call(list, Primitive::BytesSplit, vec![bytes, Value::int(-1)])),
            ("split", 1 | 2, Some(separator), most, _) => {
                let most = match most {
                    Some(most) => self.int(most)?,
                    None => Value::int(-1),
                };
                if *separator.of() == Type::None {
                    return Ok(Value::call(list, Primitive::BytesSplit, vec![bytes, most]));
                }
                let separator = self.bytes(separator, name)?;
                Ok(Value::call(list, Primitive::BytesSplitAt, vec![bytes, separator, most]))
            }
            ("replace", 2 | 3, Some(old), Some(new), most) => {
                let most = match most {
                    Some(most) => self.int(most)?,
                    None => Value::int(-1),
                };
                let (old, new) = (self.bytes(old, name)?, self.bytes(new, name)?);
                Ok(Value::call(Type::Bytes, Primitive::BytesReplace, vec![bytes, old, new, most]))
            }
            ("startswith", 1, Some(other), ..) => {
                let other = self.bytes(other, name)?;
                Ok(Value::call(Type::Bool, Primitive::BytesStartsWith, vec![bytes, other]))
            }
            ("endswith", 1, Some(other), ..) => {
                let other = self.bytes(other, name)?;
                Ok(Value::call(Type::Bool, Primitive::BytesEndsWith, vec![bytes, other]))
            }
            ("find", 1, Some(other), ..) => {
                let other = self.bytes(other, name)?;
                Ok(Value::call(Type::Int, Primitive::BytesFind, vec![bytes, other]))
            }
            _ => Err(self.refused(format!("`{name}` of bytes isn't compiled; decode them"))),
        }
    }

    fn bytes(&mut self, value: Value, name: &str) -> Result<Value, Stop> {
        let value = value.unwrapped();
        match value.of() {
            Type::Bytes => Ok(value),
            of => {
                let message = format!("`{name}` of bytes with a {of} isn't compiled; use bytes");
                Err(self.refused(message))
            }
        }
    }
}
