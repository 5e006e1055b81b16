//! `in`.

use super::cells::is_empty;
use super::displays::tuple_of;
use super::equality::compares;
use super::loops::{Order, View, element, is_number, view};
use super::{Lowered, Lowering, Value};
use crate::ir::{BinaryOp, Builtin, CompareOp, Expression};
use crate::primitive::Primitive;
use crate::typed::{Expr, Kind, Label, Stmt, Why};
use crate::types::{Constant, Type};

/// Up to so many elements, each is compared; beyond, it is a search.
const FEW: usize = 12;

impl<'a> Lowering<'a> {
    pub(super) fn contains(&mut self, value: &'a Expression, object: &'a Expression) -> Lowered<Value> {
        match object {
            Expression::Tuple(items) | Expression::List(items) | Expression::Set(items) if items.len() <= FEW => {
                let mut values = self.operands_of(std::iter::once(value).chain(items))?;
                let value = values.remove(0);
                if matches!(object, Expression::Set(_)) {
                    self.hashable(&value.of().clone())?;
                    values.iter().try_for_each(|value| self.hashable(&value.of().clone()))?;
                }
                let value = self.hold(value);
                self.among(value, values)
            }
            Expression::Call(Builtin::Range, arguments) => {
                let value = self.expr(value)?;
                let value = self.hold(value);
                let range = self.range(arguments)?;
                self.in_range(value, range)
            }
            Expression::Call(Builtin::Enumerate | Builtin::Zip | Builtin::Reversed, _)
            | Expression::Comprehension(..) => {
                let value = self.expr(value)?;
                let value = self.hold(value);
                self.found(|this, label, found| {
                    this.each(object, Order::default(), &mut |this, item| {
                        this.leave_if_equal(item, value.clone(), label, found)
                    })
                })
            }
            Expression::Method(dict, name, arguments) if arguments.is_empty() && view(name).is_some() => {
                let [value, object] = self.pair(value, dict)?;
                let object = object.unwrapped();
                match (object.of().clone(), view(name)) {
                    (Type::Dict(..), Some(View::Keys)) => self.contains_in(value, object),
                    (Type::Dict(_, of), Some(View::Values)) => {
                        let values = Value::call(Type::List(of), Primitive::DictValues, vec![object]);
                        self.contains_in(value, values)
                    }
                    (Type::Row(_), Some(View::Keys)) => self.contains_in(value, object),
                    (Type::Row(_), Some(View::Values)) => {
                        let value = self.hold(value);
                        let values = self.over_row(object, View::Values);
                        self.contains_in(value, tuple_of(values))
                    }
                    (Type::Dict(..) | Type::Row(_), _) => Err(self.refused("`in` of items of a dict", "use `get`")),
                    (of, _) => {
                        Err(self
                            .refused(format!("`in` of what a {of} gives isn't compiled"), "look in a list or a dict"))
                    }
                }
            }
            _ => {
                let [value, object] = self.pair(value, object)?;
                self.contains_in(value, object)
            }
        }
    }

    pub(super) fn contains_in(&mut self, value: Value, object: Value) -> Lowered<Value> {
        let [value, object] =
            match self.apart([value, object], &mut |this, [value, object]| this.contains_in(value, object)) {
                Ok(value) => return value,
                Err(values) => values,
            };
        let object = object.unwrapped().tupled();
        let wrong = format!("`in` of a {} and a {}", value.of(), object.of());
        match object.of().clone() {
            Type::Str => {
                let value = self.text(value)?;
                Ok(Value::call(Type::Bool, Primitive::StrContains, vec![object, value]))
            }
            Type::Bytes => match value.of() {
                Type::Bytes => Ok(Value::call(Type::Bool, Primitive::BytesContains, vec![object, value])),
                Type::Int | Type::Bool => {
                    let byte = self.int(value)?;
                    let byte = self.hold(byte);
                    let is_byte = self.in_range(byte.clone(), [Value::int(0), Value::int(256), Value::int(1)])?;
                    self.require(is_byte.expr, Why::Raises)?;
                    self.found(|this, label, found| {
                        this.each_value(object, &mut |this, item| this.leave_if_equal(item, byte.clone(), label, found))
                    })
                }
                _ => Err(self.raises(wrong, "look in a str, a list, a dict or a set")),
            },
            Type::Tuple(fields) if fields.len() > FEW => {
                match fields.iter().try_fold(Type::Never, |joined, field| joined.join(field)) {
                    Some(of) if fields.iter().all(|field| *field == of) => {
                        let object = object.coerced(&Type::TupleOf(Box::new(of)));
                        self.contains_in(value, object)
                    }
                    _ => {
                        let value = self.hold(value);
                        let fields = self.fields(object);
                        self.among(value, fields)
                    }
                }
            }
            Type::Tuple(_) => {
                let value = self.hold(value);
                let fields = self.fields(object);
                self.among(value, fields)
            }
            Type::List(of) | Type::TupleOf(of) if is_empty(&of) => {
                let none = self.known_bool([value, object], false);
                Ok(Value { expr: none, sites: Default::default() })
            }
            Type::List(of) | Type::TupleOf(of) => {
                let fits = value.of().join(&of).as_ref() == Some(&*of) && compares(&of);
                if fits || (*value.of() == Type::Bool && *of == Type::Int) {
                    let value = value.coerced(&of);
                    return Ok(Value::call(Type::Bool, Primitive::ListContains, vec![object, value]));
                }
                let value = self.hold(value);
                let item_of = element(object.of());
                if is_number(&item_of) != is_number(value.of())
                    && compares(&item_of)
                    && compares(value.of())
                    && let (Type::Int | Type::Float | Type::Str | Type::Bytes, Type::Int | Type::Float | Type::Str) =
                        (value.of(), &item_of)
                {
                    let none = self.known_bool([value, object], false);
                    return Ok(Value { expr: none, sites: Default::default() });
                }
                self.found(|this, label, found| {
                    this.each_value(object, &mut |this, item| this.leave_if_equal(item, value.clone(), label, found))
                })
            }
            Type::Dict(key, _) | Type::Set(key) => {
                self.hashable(&value.of().clone())?;
                if is_none_no_key(value.of(), &key) {
                    let (value, object) = (self.hold(value), self.hold(object));
                    let none = self.is_none(value.clone());
                    return self.either(
                        none,
                        |_| Ok(Value::bool(false)),
                        |this| this.contains_in(value.unwrapped(), object),
                    );
                }
                match self.lookup(&key, value)? {
                    Ok(value) => Ok(Value::call(Type::Bool, Primitive::DictHas, vec![object, value])),
                    Err(value) => {
                        let none = self.known_bool([value, object], false);
                        Ok(Value { expr: none, sites: Default::default() })
                    }
                }
            }
            Type::Row(_) => self.row_contains(object, value),
            Type::Record(_) => self.object_contains(object, value),
            _ => Err(self.raises(wrong, "look in a str, a list, a dict or a set")),
        }
    }

    /// A value as a key to look for; or itself if no key of that type is equal to it.
    pub(super) fn lookup(&mut self, key: &Type, value: Value) -> Lowered<Result<Value, Value>> {
        let of = value.of().clone();
        if is_empty(key) {
            return Ok(Err(value));
        }
        if of.join(key).as_ref() == Some(key) || (of == Type::Bool && *key == Type::Int) {
            return Ok(Ok(value.coerced(key)));
        }
        let plain = |of: &Type| matches!(of, Type::None | Type::Str | Type::Bytes) || is_number(of);
        let kind = |of: &Type| if is_number(of) { Type::Number } else { of.clone() };
        match (&of, key) {
            // None is no key.
            (Type::Optional(inner), _) if **inner == *key => {
                Err(self.refused(format!("a {of} is looked for among keys of {key}"), "test for None before"))
            }
            _ if plain(&of) && plain(key) && kind(&of) != kind(key) => Ok(Err(value)),
            _ => Err(self.refused(format!("a {of} is looked for among keys of {key}"), "use the keys' type")),
        }
    }

    /// Whether a value equals one of these, of which each was evaluated before.
    fn among(&mut self, value: Value, mut items: Vec<Value>) -> Lowered<Value> {
        items = items.into_iter().map(|item| self.hold(item)).collect();
        self.one_of(value, items)
    }

    fn one_of(&mut self, value: Value, mut items: Vec<Value>) -> Lowered<Value> {
        if items.is_empty() {
            return Ok(Value::bool(false));
        }
        let item = items.remove(0);
        let first = self.equal(item, value.clone(), true)?;
        if items.is_empty() {
            return Ok(Value { expr: first, sites: Default::default() });
        }
        self.either(first, |_| Ok(Value::bool(true)), |this| this.one_of(value, items))
    }

    pub(super) fn in_range(&mut self, value: Value, [start, stop, step]: [Value; 3]) -> Lowered<Value> {
        let value = match value.of() {
            Type::Int | Type::Bool => self.int(value)?,
            of => {
                return Err(
                    self.refused(format!("whether a {of} is in a range isn't compiled"), "compare it with the bounds")
                );
            }
        };
        let forwards = match step.constant() {
            Some(Constant::Int(step)) if *step > 0 => true,
            Some(Constant::Int(step)) if *step < 0 => false,
            _ => return Err(self.refused("the step of a range isn't a constant", "compare with the bounds")),
        };
        let compare = |op: CompareOp, a: &Value, b: &Value| Expr {
            of: Type::Bool,
            kind: Kind::Compare(op, Box::new(a.expr.clone()), Box::new(b.expr.clone())),
        };
        let (from, to) = if forwards { (CompareOp::Ge, CompareOp::Lt) } else { (CompareOp::Le, CompareOp::Gt) };
        let (from, to) = (compare(from, &value, &start), compare(to, &value, &stop));
        let no = || Box::new(Value::bool(false).expr);
        let mut within = Expr { of: Type::Bool, kind: Kind::If(Box::new(from), Box::new(to), no()) };
        if !matches!(step.constant(), Some(Constant::Int(1 | -1))) {
            let distance = self.binary(BinaryOp::Sub, value, start)?;
            let rest = self.binary(BinaryOp::Mod, distance, step)?;
            let fits = compare(CompareOp::Eq, &rest, &Value::int(0));
            within = Expr { of: Type::Bool, kind: Kind::If(Box::new(within), Box::new(fits), no()) };
        }
        Ok(Value { expr: within, sites: Default::default() })
    }

    /// A Bool that a walk sets before it leaves early.
    pub(super) fn found(&mut self, walk: impl FnOnce(&mut Self, Label, u32) -> Lowered<()>) -> Lowered<Value> {
        self.flagged(false, walk)
    }

    pub(super) fn flagged(
        &mut self,
        initial: bool,
        walk: impl FnOnce(&mut Self, Label, u32) -> Lowered<()>,
    ) -> Lowered<Value> {
        let flag = self.temp(Type::Bool);
        self.out.push(Stmt::Assign(flag, Value::bool(initial).expr));
        self.early(|this, label| walk(this, label, flag))?;
        Ok(Value::slot(flag, Type::Bool))
    }

    fn leave_if_equal(&mut self, item: Value, value: Value, label: Label, found: u32) -> Lowered<()> {
        let equal = self.equal(item, value, true)?;
        self.leave_if(equal, label, found, true);
        Ok(())
    }

    /// Sets a flag and leaves early where a test holds.
    pub(super) fn leave_if(&mut self, test: Expr, label: Label, flag: u32, set: bool) {
        let leave = vec![Stmt::Assign(flag, Value::bool(set).expr), Stmt::Leave(label)];
        self.out.push(Stmt::If(test, leave, Vec::new()));
    }
}

/// True for values that may be None, where no key is.
pub(super) fn is_none_no_key(of: &Type, key: &Type) -> bool {
    matches!(of, Type::Optional(inner) if matches!(**inner, Type::Str | Type::Bytes | Type::Int | Type::Bool))
        && !is_empty(key)
        && !matches!(key, Type::Optional(_) | Type::None)
}
