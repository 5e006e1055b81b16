//! Types of values in function bodies, from those of the arguments on.

use crate::ir::*;

/// A type of values that have a machine form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// 64 bits; what doesn't fit is no value of this type.
    Int,
    Float,
    Bool,
}

/// A body with the types of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    pub locals: Vec<Type>,
    pub result: Type,
}

/// Finds the types of a body's values; `None` if a value has no type of ours, or one of several, or if a local may be
/// read before it is set.
pub fn infer(body: &Body, arguments: &[Type], attributes: &[Type]) -> Option<Typed> {
    if arguments.len() != body.parameters as usize || attributes.len() != body.attributes.len() {
        return None;
    }
    let mut inference = Inference { attributes, locals: vec![None; body.locals as usize], result: None };
    let mut set = vec![false; body.locals as usize];
    for (local, argument) in arguments.iter().enumerate() {
        *inference.locals.get_mut(local)? = Some(*argument);
        set[local] = true;
    }
    let returns = inference.block(&body.code, &mut set)?;
    // What falls off the end gives None, which has no machine form.
    let result = inference.result.filter(|_| returns)?;
    Some(Typed { locals: inference.locals.into_iter().map(|local| local.unwrap_or(Type::Int)).collect(), result })
}

/// The type of an expression, given those of locals and attributes. `None` as in [`infer`].
pub fn expression(expression: &Expression, locals: &[Type], attributes: &[Type]) -> Option<Type> {
    let inference = Inference { attributes, locals: locals.iter().map(|local| Some(*local)).collect(), result: None };
    inference.expression(expression, &vec![true; locals.len()])
}

struct Inference<'a> {
    attributes: &'a [Type],
    locals: Vec<Option<Type>>,
    result: Option<Type>,
}

impl Inference<'_> {
    /// True if the block surely returns.
    fn block(&mut self, block: &[Statement], set: &mut [bool]) -> Option<bool> {
        for statement in block {
            match statement {
                Statement::Assign(local, value) => {
                    let of = self.expression(value, set)?;
                    let slot = self.locals.get_mut(*local as usize)?;
                    if slot.is_some_and(|known| known != of) {
                        return None;
                    }
                    *slot = Some(of);
                    set[*local as usize] = true;
                }
                Statement::If(test, yes, no) => {
                    self.expression(test, set)?;
                    let (mut set_yes, mut set_no) = (set.to_vec(), set.to_vec());
                    let (ends_yes, ends_no) = (self.block(yes, &mut set_yes)?, self.block(no, &mut set_no)?);
                    if ends_yes && ends_no {
                        return Some(true);
                    }
                    for (at, set) in set.iter_mut().enumerate() {
                        *set = (ends_yes || set_yes[at]) && (ends_no || set_no[at]);
                    }
                }
                Statement::Return(value) => {
                    let of = self.expression(value, set)?;
                    if self.result.is_some_and(|known| known != of) {
                        return None;
                    }
                    self.result = Some(of);
                    return Some(true);
                }
            }
        }
        Some(false)
    }

    fn expression(&self, expression: &Expression, set: &[bool]) -> Option<Type> {
        let of = |inner: &Expression| self.expression(inner, set);
        Some(match expression {
            Expression::Int(_) => Type::Int,
            Expression::Float(_) => Type::Float,
            Expression::Bool(_) => Type::Bool,
            Expression::Local(local) => {
                let at = *local as usize;
                return self.locals.get(at).copied().flatten().filter(|_| set[at]);
            }
            Expression::Attribute(attribute) => *self.attributes.get(*attribute as usize)?,
            Expression::Binary(op, left, right) => binary(*op, of(left)?, of(right)?)?,
            Expression::Unary(op, operand) => match (op, of(operand)?) {
                (UnaryOp::Not, _) => Type::Bool,
                (UnaryOp::Invert, Type::Float) => return None,
                (UnaryOp::Minus | UnaryOp::Plus, Type::Float) => Type::Float,
                (UnaryOp::Minus | UnaryOp::Plus | UnaryOp::Invert, _) => Type::Int,
            },
            Expression::Compare(_, left, right) => {
                of(left)?;
                of(right)?;
                Type::Bool
            }
            Expression::And(left, right) | Expression::Or(left, right) => same(of(left)?, of(right)?)?,
            Expression::If(test, yes, no) => {
                of(test)?;
                same(of(yes)?, of(no)?)?
            }
            Expression::Call(builtin, arguments) => {
                let types: Vec<Type> = arguments.iter().map(of).collect::<Option<_>>()?;
                match (builtin, types.as_slice()) {
                    (Builtin::Abs, [Type::Float]) => Type::Float,
                    (Builtin::Abs, [_]) => Type::Int,
                    (Builtin::Bool, [_]) => Type::Bool,
                    (Builtin::Float, [_]) => Type::Float,
                    (Builtin::Int, [_]) => Type::Int,
                    (Builtin::Min | Builtin::Max, [first, _, ..]) => {
                        types.iter().try_fold(*first, |a, b| same(a, *b))?
                    }
                    _ => return None,
                }
            }
        })
    }
}

fn same(a: Type, b: Type) -> Option<Type> {
    (a == b).then_some(a)
}

fn binary(op: BinaryOp, left: Type, right: Type) -> Option<Type> {
    use BinaryOp::*;
    let floats = left == Type::Float || right == Type::Float;
    match op {
        Div => Some(Type::Float),
        Add | Sub | Mul | FloorDiv | Mod => Some(if floats { Type::Float } else { Type::Int }),
        _ if floats => None,
        BitAnd | BitOr | BitXor if left == Type::Bool && right == Type::Bool => Some(Type::Bool),
        _ => Some(Type::Int),
    }
}
