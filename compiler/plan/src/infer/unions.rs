//! Values of several types: what is done with one is done for each type that it may have, on a way of its own.
//!
//! A body is walked once for each type of its arguments, as is a function that is inlined; elsewhere, an expression is walked
//! once for each type of the variables in it. So nothing but this knows of unions, and a test of the type is known
//! beforehand on each way. What isn't compiled for one of the types is left to CPython.

use super::environment::{Known, Local, Path};
use super::{Lowered, Lowering, Stop, Value};
use crate::ir::{Builtin, CompareOp, Expression, Part, UnaryOp};
use crate::typed::{Expr, Kind, Why};
use crate::types::Type;

/// Ways that a body may part into at one point: all of them are compiled.
const MOST_WAYS: usize = 9;

/// Types that a value may be of beside None; `None` if that is one.
pub(super) fn variants(of: &Type) -> Option<&[Type]> {
    match of {
        Type::Union(variants) => Some(variants),
        Type::Optional(of) => match &**of {
            Type::Union(variants) => Some(variants),
            _ => None,
        },
        _ => None,
    }
}

/// All types that a value of a union may be of, None among them, with what tells each.
fn all_of(of: &Type) -> Vec<(Type, Known)> {
    let mut all = Vec::new();
    if matches!(of, Type::Optional(_)) {
        all.push((Type::None, Known::None));
    }
    all.extend(variants(of).into_iter().flatten().map(|of| (of.clone(), Known::Is(of.clone()))));
    all
}

/// A variable, or a part of one, of one of several types.
pub(super) struct Operand {
    path: Path,
    of: Type,
}

impl<'a> Lowering<'a> {
    /// Does something with a value, whichever of its types it has.
    pub(super) fn cases(
        &mut self,
        value: Value,
        walk: &mut dyn FnMut(&mut Self, Value) -> Lowered<Value>,
    ) -> Lowered<Value> {
        let value = self.hold(value);
        let all = all_of(value.of());
        self.each_case(&value, &all, &mut |this, of| walk(this, this_one(&value, of)))
    }

    /// Does something with values of which one is of several types, whichever it has; gives the values back if none is.
    pub(super) fn apart<const N: usize>(
        &mut self,
        values: [Value; N],
        walk: &mut dyn FnMut(&mut Self, [Value; N]) -> Lowered<Value>,
    ) -> Result<Lowered<Value>, [Value; N]> {
        let Some(at) = several_at(&values) else { return Err(values) };
        Ok(self.by_type(values.into(), at, &mut |this, values| match values.try_into() {
            Ok(values) => walk(this, values),
            Err(_) => Err(this.refused("an operand is missing", "compile the script again")),
        }))
    }

    /// The same with any number of values.
    pub(super) fn all_apart(
        &mut self,
        values: Vec<Value>,
        walk: &mut dyn FnMut(&mut Self, Vec<Value>) -> Lowered<Value>,
    ) -> Result<Lowered<Value>, Vec<Value>> {
        let Some(at) = several_at(&values) else { return Err(values) };
        Ok(self.by_type(values, at, walk))
    }

    fn by_type(
        &mut self,
        values: Vec<Value>,
        at: usize,
        walk: &mut dyn FnMut(&mut Self, Vec<Value>) -> Lowered<Value>,
    ) -> Lowered<Value> {
        let values: Vec<Value> = values.into_iter().map(|value| self.hold(value)).collect();
        self.cases(values[at].clone(), &mut |this, value| {
            let mut values = values.clone();
            values[at] = value;
            walk(this, values)
        })
    }

    /// Does something with a variable, of which it is known then of which type it is.
    pub(super) fn narrowed(
        &mut self,
        operand: Operand,
        walk: &mut dyn FnMut(&mut Self) -> Lowered<Value>,
    ) -> Lowered<Value> {
        let value = self.at_path(&operand)?;
        let all = all_of(&operand.of);
        self.each_case(&value, &all, &mut |this, of| {
            let known = if *of == Type::None { Known::None } else { Known::Is(of.clone()) };
            this.learn(&[(operand.path.clone(), known)]);
            walk(this)
        })
    }

    fn each_case(
        &mut self,
        value: &Value,
        all: &[(Type, Known)],
        walk: &mut dyn FnMut(&mut Self, &Type) -> Lowered<Value>,
    ) -> Lowered<Value> {
        let ways = self.ways;
        self.ways = ways.saturating_mul(all.len());
        let mut refused = Vec::new();
        let outcome = match self.ways > MOST_WAYS {
            true => Err(self.refused(
                format!("too many values in it are of several types, as a {}", value.of()),
                "give them one type each",
            )),
            false => self.case(value, all, walk, &mut refused),
        };
        self.ways = ways;
        match outcome {
            // It is compiled for none of them.
            Ok(_) | Err(Stop::Dead) if refused.len() == all.len() => Err(Stop::Refused(refused.swap_remove(0))),
            outcome => outcome,
        }
    }

    fn case(
        &mut self,
        value: &Value,
        all: &[(Type, Known)],
        walk: &mut dyn FnMut(&mut Self, &Type) -> Lowered<Value>,
        refused: &mut Vec<crate::Reason>,
    ) -> Lowered<Value> {
        let [(of, _), others @ ..] = all else { return Err(self.bail(Why::OtherType)) };
        if others.is_empty() {
            return self.attempt(of, walk, refused);
        }
        let test = self.is_of(value, of)?;
        let first = self.way(self.env.clone(), |this| this.attempt(of, walk, refused))?;
        let other = self.way(self.env.clone(), |this| this.case(value, others, walk, refused))?;
        self.choose(test, first, other)
    }

    /// Walks one way; where that is refused, CPython does what comes to it.
    fn attempt(
        &mut self,
        of: &Type,
        walk: &mut dyn FnMut(&mut Self, &Type) -> Lowered<Value>,
        refused: &mut Vec<crate::Reason>,
    ) -> Lowered<Value> {
        let (frames, tries, span) = (self.frames.len(), self.tries.len(), self.span);
        let (loops, id) = (self.frame().loops.len(), self.frame().id);
        let gone_over = self.gone_over.len();
        self.frame().id = self.cells.frame(id, salt(of));
        let outcome = walk(self, of).and_then(|value| self.inhabited(value));
        self.frames.truncate(frames);
        self.frame().id = id;
        self.frame().loops.truncate(loops);
        match outcome {
            Err(Stop::Refused(reason)) => {
                self.tries.truncate(tries);
                self.gone_over.truncate(gone_over);
                self.span = span;
                refused.push(reason.clone());
                Err(self.left(reason))
            }
            outcome => outcome,
        }
    }

    /// True if a value, which is held, is of one of its types.
    fn is_of(&mut self, value: &Value, of: &Type) -> Lowered<Expr> {
        if *of == Type::None {
            return Ok(self.is_none(value.clone()));
        }
        let value = value.clone().unwrapped();
        let Some(number) = value.of().variants().iter().position(|variant| variant == of) else {
            return Err(self.refused(format!("a {} is never a {of}", value.of()), "compile the script again"));
        };
        let found = Value::new(Type::Int, Kind::Variant(Box::new(value.expr)));
        let kind = Kind::Compare(CompareOp::Eq, Box::new(found.expr), Box::new(Value::int(number as i64).expr));
        Ok(Expr { of: Type::Bool, kind })
    }

    /// The value of a variable, or of a part of one, with nothing known of it itself.
    fn at_path(&mut self, operand: &Operand) -> Lowered<Value> {
        let (local, fields) = &operand.path;
        let Some(Local::Set(held)) = self.env.locals.get(*local as usize).cloned() else {
            return Err(self.refused("a variable has no value here", "assign it before"));
        };
        let mut path = (*local, Vec::new());
        let mut value = Value { expr: Expr { of: held.of, kind: Kind::Slot(held.slot) }, sites: held.sites };
        for field in fields {
            value = self.with_known(&path, value);
            path.1.push(*field);
            let of = match value.of() {
                Type::Tuple(fields) | Type::Mixed(fields) => fields[*field as usize].clone(),
                Type::Record(record) => record.fields[*field as usize].1.clone(),
                Type::Row(fields) => fields[*field as usize].1.clone(),
                of => return Err(self.refused(format!("a {of} has no such part"), "compile the script again")),
            };
            value = super::displays::field(value, *field as usize, of);
        }
        Ok(match self.env.known.get(&path) {
            Some(Known::NotNone) => value.unwrapped(),
            _ => value,
        })
    }

    /// The first operand of an expression that is a variable of several types, or a part of one.
    pub(super) fn several(&self, expression: &Expression) -> Option<Operand> {
        match expression {
            Expression::Compare(op, a, b) => self.several_of_two(*op, a, b),
            Expression::Binary(_, a, b) => self.operand(a).or_else(|| self.operand(b)),
            Expression::Unary(UnaryOp::Not, _) => None,
            Expression::Unary(_, of) | Expression::Field(of, _) | Expression::Slice(of, _) => self.operand(of),
            Expression::Index(of, index) => self.operand(of).or_else(|| self.operand(index)),
            // Of any value, these are known.
            Expression::Call(Builtin::Bool | Builtin::Tuple, _) => None,
            Expression::Call(Builtin::Str | Builtin::Repr, arguments) => {
                let operand = arguments.iter().find_map(|of| self.operand(of));
                operand.filter(|operand| !is_written(&operand.of))
            }
            Expression::Call(_, arguments) => arguments.iter().find_map(|of| self.operand(of)),
            Expression::Method(of, _, arguments) => {
                self.operand(of).or_else(|| arguments.iter().find_map(|of| self.operand(of)))
            }
            Expression::Format(parts) => parts.iter().find_map(|part| match part {
                Part::Text(_) => None,
                Part::Value(of, _, spec) => {
                    self.operand(of).filter(|operand| !spec.is_empty() || !is_written(&operand.of))
                }
            }),
            Expression::Percent(_, value) => match &**value {
                Expression::Tuple(items) => items.iter().find_map(|of| self.operand(of)),
                value => self.operand(value),
            },
            Expression::Regex(_, _, _, arguments) => arguments.iter().find_map(|of| self.operand(of)),
            _ => None,
        }
    }

    /// The same of a comparison. Whether something is None is known of any value.
    pub(super) fn several_of_two(&self, op: CompareOp, a: &Expression, b: &Expression) -> Option<Operand> {
        let is_none = |of: &Expression| matches!(of, Expression::None);
        if matches!(op, CompareOp::Is | CompareOp::IsNot) && (is_none(a) || is_none(b)) {
            return None;
        }
        self.operand(a).or_else(|| self.operand(b))
    }

    fn operand(&self, expression: &Expression) -> Option<Operand> {
        let (path, of) = self.path(expression)?;
        let of = match self.env.known.get(&path) {
            Some(known) => known.of(&of),
            None => of,
        };
        variants(&of).is_some().then_some(Operand { path, of })
    }

    /// Calls a function for each type of an argument.
    pub(super) fn inline_each(
        &mut self,
        function: u32,
        (caller, place): (u32, usize),
        arguments: Vec<Value>,
        at: usize,
    ) -> Lowered<Value> {
        let mut arguments: Vec<Value> = arguments.into_iter().map(|argument| self.hold(argument)).collect();
        let of = std::mem::replace(&mut arguments[at], Value::none());
        self.cases(of, &mut |this, value| {
            let place = place.wrapping_add(salt(value.of()));
            let mut arguments = arguments.clone();
            arguments[at] = value;
            this.inline(function, (caller, place), arguments)
        })
    }

    /// Walks the body for each type that arguments may have.
    pub(super) fn each_argument(&mut self, from: u32) -> Lowered<()> {
        let body = self.body;
        for local in from..body.parameters {
            let Some(Local::Set(held)) = self.env.locals.get(local as usize).cloned() else { continue };
            if variants(&held.of).is_none() {
                continue;
            }
            let value = Value { expr: Expr { of: held.of, kind: Kind::Slot(held.slot) }, sites: held.sites };
            let all = all_of(value.of());
            if self.ways.saturating_mul(all.len()) > MOST_WAYS {
                break;
            }
            let outcome = self.each_case(&value, &all, &mut |this, of| {
                this.assign(local, this_one(&value, of));
                this.each_argument(local + 1)?;
                Ok(Value::none())
            });
            return outcome.map(drop).or_else(|stop| if let Stop::Dead = stop { Ok(()) } else { Err(stop) });
        }
        self.statements(&body.code)?;
        if self.env.reachable {
            self.give(Value::none())?;
        }
        Ok(())
    }

    /// What `isinstance` shows of a value of several types.
    #[allow(clippy::type_complexity)]
    pub(super) fn variant_facts(
        &mut self,
        of: &Type,
        variants: &[Type],
        classes: &[String],
    ) -> Option<(Option<Known>, Option<Known>)> {
        let is_optional = matches!(of, Type::Optional(_));
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        for variant in variants {
            match self.instance_of(variant, classes).ok()?? {
                true => yes.push(variant),
                false => no.push(variant),
            }
        }
        let only = |of: &[&Type], or_none: bool| match (of, or_none) {
            ([one], false) => Some(Known::Is((*one).clone())),
            ([], true) => Some(Known::None),
            (_, false) if is_optional => Some(Known::NotNone),
            _ => None,
        };
        let none = is_optional && classes.iter().any(|class| class == "NoneType" || class == "object");
        Some((only(&yes, none), only(&no, is_optional && !none)))
    }
}

/// The first value that is of several types.
fn several_at(values: &[Value]) -> Option<usize> {
    values.iter().position(|value| variants(value.of()).is_some())
}

/// A value that is held, as one of its types.
fn this_one(value: &Value, of: &Type) -> Value {
    if *of == Type::None {
        return Value::none();
    }
    let value = value.clone().unwrapped();
    Value::from(of.clone(), Kind::Unwrap(Box::new(value.expr)), value.sites)
}

/// True for values whose text doesn't depend on what classes of the script say.
pub(super) fn is_written(of: &Type) -> bool {
    !super::format::holds_objects(of) && !super::format::unprintable(of)
}

/// A number for a type, to tell apart what is made on the ways for each.
fn salt(of: &Type) -> usize {
    let hash = of.to_string().bytes().fold(0x9e37_79b9_usize, |hash, byte| hash.wrapping_mul(31) ^ usize::from(byte));
    hash | 1
}
