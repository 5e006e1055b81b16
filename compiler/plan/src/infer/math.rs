//! Functions of `math`.

use super::{Lowered, Lowering, Value};
use crate::ir::Builtin;
use crate::primitive::Primitive;
use crate::typed::Kind;
use crate::types::Type;

impl Lowering<'_> {
    pub(super) fn math(&mut self, builtin: Builtin, arguments: Vec<Value>) -> Lowered<Value> {
        let full = builtin.name();
        let name = full.strip_prefix("math.").unwrap_or(full);
        let count = arguments.len();
        match (builtin, count) {
            (Builtin::MathHypot, 2) => {
                let operands = arguments.into_iter().map(|value| self.float(value)).collect::<Lowered<_>>()?;
                Ok(Value::call(Type::Float, Primitive::Math(name), operands))
            }
            (Builtin::MathFsum, 1) if is_floats(&arguments) => {
                Ok(Value::call(Type::Float, Primitive::Math(name), arguments))
            }
            (Builtin::MathFsum, 1) => Err(self.refused(
                "`math.fsum` of other than a list of floats",
                "give it a list of floats: `math.fsum([float(x) for x in …])`",
            )),
            (Builtin::MathHypot | Builtin::MathDist | Builtin::MathFsum, _) => {
                Err(self.refused(format!("`{full}` differs between versions of Python"), "write it out"))
            }
            (Builtin::MathFloor | Builtin::MathCeil | Builtin::MathTrunc, 1) => {
                let value = one(arguments).unwrapped();
                match value.of() {
                    Type::Int | Type::Bool => Ok(value.coerced(&Type::Int)),
                    Type::Number => self.by_number(value, |this, value| this.math(builtin, vec![value])),
                    _ => {
                        let value = self.float(value)?;
                        Ok(Value::call(Type::Int, Primitive::Math(name), vec![value]))
                    }
                }
            }
            (Builtin::MathGcd, 2) => {
                let operands = arguments.into_iter().map(|value| self.int(value)).collect::<Lowered<_>>()?;
                Ok(Value::call(Type::Int, Primitive::Math(name), operands))
            }
            (Builtin::MathGcd, _) => Err(self.refused("`math.gcd` of other than two ints", "nest calls of two")),
            (Builtin::MathIsqrt, 1) => {
                let value = self.int(one(arguments))?;
                Ok(Value::call(Type::Int, Primitive::Math(name), vec![value]))
            }
            (Builtin::MathIsNan | Builtin::MathIsInf | Builtin::MathIsFinite, 1) => {
                let value = self.float(one(arguments))?;
                Ok(Value::call(Type::Bool, Primitive::Math(name), vec![value]))
            }
            (Builtin::MathLog, 2) => {
                let mut arguments = arguments.into_iter();
                let (Some(value), Some(base)) = (arguments.next(), arguments.next()) else {
                    return Err(self.arity(full));
                };
                let (value, base) = (self.float(value)?, self.float(base)?);
                let log = |value: Value| Value::call(Type::Float, Primitive::Math(name), vec![value]);
                let kind = Kind::Binary(crate::ir::BinaryOp::Div, Box::new(log(value).expr), Box::new(log(base).expr));
                Ok(Value::new(Type::Float, kind))
            }
            (Builtin::MathAtan2 | Builtin::MathPow | Builtin::MathCopysign | Builtin::MathFmod, 2) => {
                let operands = arguments.into_iter().map(|value| self.float(value)).collect::<Lowered<_>>()?;
                Ok(Value::call(Type::Float, Primitive::Math(name), operands))
            }
            (Builtin::MathAtan2 | Builtin::MathPow | Builtin::MathCopysign | Builtin::MathFmod, _) => {
                Err(self.arity(full))
            }
            (_, 1) => {
                let value = self.float(one(arguments))?;
                Ok(Value::call(Type::Float, Primitive::Math(name), vec![value]))
            }
            _ => Err(self.arity(full)),
        }
    }
}

fn one(mut arguments: Vec<Value>) -> Value {
    arguments.pop().unwrap_or_else(Value::none)
}

/// True for one list or tuple of floats.
fn is_floats(arguments: &[Value]) -> bool {
    let [Value { expr, .. }] = arguments else { return false };
    matches!(&expr.of, Type::List(of) | Type::TupleOf(of) if **of == Type::Float)
}
