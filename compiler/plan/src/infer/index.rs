//! Indexing and slices.

use super::cells::is_empty;
use super::displays::{field, mixed_of, tuple_of};
use super::{Lowered, Lowering, Value, instead_of, literal_int};
use crate::ir::Expression;
use crate::primitive::Primitive;
use crate::typed::Kind;
use crate::types::{Constant, Type};

impl<'a> Lowering<'a> {
    pub(super) fn index(&mut self, object: &'a Expression, index: &'a Expression) -> Lowered<Value> {
        let [object, at] = self.pair(object, index)?;
        self.index_of(object, at)
    }

    pub(super) fn index_of(&mut self, object: Value, index: Value) -> Lowered<Value> {
        let [object, index] =
            match self.apart([object, index], &mut |this, [object, index]| this.index_of(object, index)) {
                Ok(value) => return value,
                Err(values) => values,
            };
        let object = object.unwrapped().tupled();
        match object.of().clone() {
            Type::Str => {
                let index = self.int(index)?;
                Ok(Value::call(Type::Str, Primitive::StrIndex, vec![object, index]))
            }
            Type::Bytes => {
                let index = self.int(index)?;
                Ok(Value::call(Type::Int, Primitive::BytesIndex, vec![object, index]))
            }
            Type::List(of) | Type::TupleOf(of) => {
                let index = self.int(index)?;
                Ok(Value::call(*of, Primitive::ListGet, vec![object, index]))
            }
            Type::Tuple(fields) => self.tuple_index(object, &fields, index),
            Type::Dict(key, of) => {
                self.hashable(&index.of().clone())?;
                let is_none_wrong = super::membership::is_none_no_key(index.of(), &key);
                let index = if is_none_wrong { index.unwrapped() } else { index };
                match self.lookup(&key, index)? {
                    Ok(index) => Ok(Value::call(*of, Primitive::DictGet, vec![object, index])),
                    Err(_) => {
                        Err(self
                            .raises(format!("a dict with keys of {key} has no such key"), "look up a key of that type"))
                    }
                }
            }
            Type::Row(_) => self.row_index(object, index),
            Type::Match(groups) => self.match_group(object, groups, index),
            Type::Record(_) => self.object_index(object, index),
            of => Err(self.raises(
                format!("an element of a {of}"),
                instead_of(&of, "take it of a str, a list, a tuple or a dict"),
            )),
        }
    }

    fn tuple_index(&mut self, object: Value, fields: &[Type], index: Value) -> Lowered<Value> {
        let index = self.int(index)?;
        if let Some(Constant::Int(at)) = index.constant() {
            let len = fields.len() as i64;
            let at = if *at < 0 { at + len } else { *at };
            if at < 0 || at >= len {
                return Err(
                    self.raises(format!("a tuple of {len} has no such element"), format!("use an index below {len}"))
                );
            }
            let at = at as usize;
            if let Kind::Fields(made) = &object.expr.kind {
                // The other fields are evaluated too: only what can't bail may be left out.
                if made.iter().all(|made| matches!(made.kind, Kind::Constant(_))) {
                    return Ok(Value { expr: made[at].clone(), sites: object.sites });
                }
            }
            return Ok(field(object, at, fields[at].clone()));
        }
        if fields.is_empty() {
            return Err(self.raises("an empty tuple has no elements", "use a tuple with elements, or a list"));
        }
        let Some(of) = fields.iter().try_fold(Type::Never, |joined, field| joined.either(field)) else {
            return Err(self.refused(
                "the index of a tuple with values of different types isn't a constant",
                "write the index as a number, or use a list of one type",
            ));
        };
        let index = self.hold(index);
        let sites = object.sites.clone();
        let items = self.fields(object).into_iter().map(|item| item.coerced(&of).expr).collect();
        let list = Value::from(Type::TupleOf(Box::new(of.clone())), Kind::Elements(items), sites);
        Ok(Value::call(of, Primitive::ListGet, vec![list, index]))
    }

    pub(super) fn slice(&mut self, object: &'a Expression, bounds: &'a [Expression; 3]) -> Lowered<Value> {
        let [start, stop, step] = bounds;
        let [object, start, stop, step] = self.operands([object, start, stop, step])?;
        let object = object.unwrapped().untitled();
        let primitive = match object.of().clone() {
            Type::Mixed(_) => {
                let known = bounds.each_ref().map(|bound| match bound {
                    Expression::None => Some(None),
                    bound => literal_int(bound).map(Some),
                });
                let [Some(start), Some(stop), Some(step)] = known else {
                    return Err(self.refused(
                        "a slice of a list of several types isn't constant",
                        "write its bounds as numbers, or use a list of one type",
                    ));
                };
                let slice = self.tuple_slice(object.tupled(), start, stop, step.unwrap_or(1))?;
                let fields = self.fields(slice);
                return Ok(mixed_of(fields));
            }
            Type::Str => Primitive::StrSlice,
            Type::Bytes => Primitive::BytesSlice,
            Type::List(_) | Type::TupleOf(_) => Primitive::ListSlice,
            Type::Tuple(fields) => {
                let known = bounds.each_ref().map(|bound| match bound {
                    Expression::None => Some(None),
                    bound => literal_int(bound).map(Some),
                });
                if let [Some(start), Some(stop), Some(step)] = known {
                    return self.tuple_slice(object, start, stop, step.unwrap_or(1));
                }
                match fields.iter().try_fold(Type::Never, |joined, field| joined.either(field)) {
                    Some(of) if !is_empty(&of) => {
                        let sites = object.sites.clone();
                        let items = self.fields(object).into_iter().map(|item| item.coerced(&of).expr).collect();
                        let of = Type::TupleOf(Box::new(of));
                        let list = Value::from(of.clone(), Kind::Elements(items), sites);
                        let bounds = [self.optional_int(start)?, self.optional_int(stop)?, self.optional_int(step)?];
                        let operands = std::iter::once(list).chain(bounds).collect();
                        return Ok(Value::call(of, Primitive::ListSlice, operands));
                    }
                    _ => {
                        return Err(self.refused("a part of a tuple with bounds that aren't constants", "use a list"));
                    }
                }
            }
            Type::Record(_) => return Err(self.refused("a part of an object isn't compiled", "use a list")),
            of => {
                return Err(self
                    .raises(format!("a part of a {of}"), instead_of(&of, "take a part of a str, a list or a tuple")));
            }
        };
        let (start, stop, step) = (self.optional_int(start)?, self.optional_int(stop)?, self.optional_int(step)?);
        Ok(Value::call(object.of().clone(), primitive, vec![object, start, stop, step]))
    }

    fn tuple_slice(&mut self, object: Value, start: Option<i64>, stop: Option<i64>, step: i64) -> Lowered<Value> {
        if step == 0 {
            return Err(self.raises("the step of a slice is 0", "give another step"));
        }
        let fields: Vec<Value> = self.fields(object).into_iter().map(|field| self.hold(field)).collect();
        let len = fields.len() as i64;
        let (least, most) = if step > 0 { (0, len) } else { (-1, len - 1) };
        let bound = |bound: i64| (if bound < 0 { bound.saturating_add(len) } else { bound }).clamp(least, most);
        let (from, to) = if step > 0 { (0, len) } else { (len - 1, -1) };
        let (mut at, stop) = (start.map_or(from, bound), stop.map_or(to, bound));
        let mut parts = Vec::new();
        while (step > 0 && at < stop) || (step < 0 && at > stop) {
            parts.push(fields[at as usize].clone());
            at = at.saturating_add(step);
        }
        Ok(tuple_of(parts))
    }
}
