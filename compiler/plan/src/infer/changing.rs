//! Changes of objects, and of what a function was handed.
//!
//! An object is its fields, without an identity, as a row is ([`super::rows`]): a change is another object for the
//! variable, where nothing else holds the same one. What a function changes that it was handed, it has a copy of: nobody
//! else sees the change, as each way that a stream takes has elements of its own.

use std::sync::Arc;

use super::cells::Sites;
use super::displays::{MOST_WORDS, field};
use super::loops::Order;
use super::{Lowered, Lowering, Value};
use crate::ir::Expression;
use crate::primitive::Primitive;
use crate::typed::Kind;
use crate::types::{RecordType, Type};

impl<'a> Lowering<'a> {
    /// `object.name = value`: the variable gets another object.
    pub(super) fn set_field(
        &mut self,
        object: &'a Expression,
        changed: Value,
        name: &str,
        value: Value,
    ) -> Lowered<()> {
        let record = match changed.of() {
            Type::Record(record) if !record.is_tuple && !record.is_enum() => record.clone(),
            Type::Object(class) => {
                let message = format!("`{name}` of a {class} is set, which is only handed on in machine code");
                return Err(self.refused(message, "give it what machine code knows, such as a number or a text"));
            }
            Type::Record(record) if record.is_enum() => {
                return Err(self.refused(format!("`{name}` of a {} is set", record.name), "keep it elsewhere"));
            }
            of => {
                let message = format!("an attribute of a {of} is set");
                return Err(self.raises(message, "make a new value instead"));
            }
        };
        let Some(class) = self.class(&record) else {
            return Err(self.refused(
                format!("`{name}` of a {} is set, which isn't in the plan", record.name),
                "compile the script again",
            ));
        };
        if class.is_frozen {
            return Err(self.raises(
                format!("an attribute of a {} is set, which is frozen", record.name),
                "make a new object instead",
            ));
        }
        let Some(at) = record.fields.iter().position(|(known, _)| known == name) else {
            let (message, edit) =
                (format!("`{name}` of a {} is set, which `__init__` doesn't set", record.name), "set it there too");
            return Err(self.refused(message, edit));
        };
        let local = self.changed_object(object)?;
        let value = self.hold(value);
        let mut sites = changed.sites.clone();
        sites.extend(&value.sites);
        let mut fields = record.fields.clone();
        fields[at].1 = value.of().clone();
        if fields.iter().map(|(_, of)| of.words()).sum::<usize>() > MOST_WORDS {
            return Err(self.refused("an object with that much in it is too large to be compiled", "use a list"));
        }
        let mut values = self.fields(changed);
        values[at] = value;
        let of = Type::Record(Arc::new(RecordType { fields, ..(*record).clone() }));
        self.assign_object(local, of, values, sites);
        Ok(())
    }

    fn assign_object(&mut self, local: u32, of: Type, values: Vec<Value>, sites: Sites) {
        let values = values.into_iter().map(|value| value.expr).collect();
        // The object that it is made of is in the same place.
        let changed = self.hold(Value::from(of, Kind::Fields(values), sites));
        self.assign(local, changed);
    }

    /// A statement that calls a method that changes its object. `false` if it is none.
    pub(super) fn changes_object(&mut self, call: &'a Expression) -> Lowered<bool> {
        let Expression::Method(object, name, arguments) = call else { return Ok(false) };
        let (Expression::Local(_), Some((_, Type::Record(record)))) = (&**object, self.path(object)) else {
            return Ok(false);
        };
        let changing = self.class(&record).and_then(|class| class.changing.iter().find(|(known, _)| known == name));
        let Some((_, function)) = changing else { return Ok(false) };
        if record.fields.iter().any(|(field, _)| field == name) {
            return Err(self.refused(format!("`{name}` of {} is called, a field", record.name), "use a method"));
        }
        let operands = self.operands_of(std::iter::once(&**object).chain(arguments))?;
        let local = self.changed_object(object)?;
        let place = self.place(call);
        // What the object has become where it raises, only the method knows: CPython does the call then.
        let tries = std::mem::take(&mut self.tries);
        let changed = self.inline(*function, place, operands);
        self.tries = tries;
        let changed = self.hold(changed?);
        self.assign(local, changed);
        Ok(true)
    }

    /// The variable whose object is to be changed, if nothing can see that it gets another one.
    fn changed_object(&mut self, object: &Expression) -> Lowered<u32> {
        match object {
            Expression::Local(local) if self.is_alone(*local) => Ok(*local),
            _ => {
                let (message, edit) = (
                    "an object is changed that may have another name, or is in something else",
                    "make a new one with the changed value",
                );
                Err(self.refused(message, edit))
            }
        }
    }

    /// What a function was handed, for itself to change; `deep`: also what is in it.
    pub(super) fn element_copy(
        &mut self,
        at: &'a Expression,
        over: &'a Expression,
        arguments: &'a [Expression],
        deep: bool,
    ) -> Lowered<Value> {
        let value = self.expr(over)?;
        let of = value.of().clone();
        if deep {
            let (mut lists, mut dicts) = (0, 0);
            parts(&of, &mut |of| count(of, &mut lists, &mut dicts));
            if lists > 1 || dicts > 1 {
                let (message, edit) = (
                    format!("a list or dict in a {of} is changed, which may be in two places of it"),
                    "change a copy made in the function",
                );
                return Err(self.refused(message, edit));
            }
        }
        match &of {
            Type::List(_) => self.list_of(over, Order::default()),
            Type::Dict(..) => self.dict_from(at, arguments),
            Type::Row(_) if deep => {
                let own = self.with_own_parts(at, value)?;
                self.row_copy(at, own)
            }
            Type::Row(_) => self.row_copy(at, value),
            Type::Record(_) | Type::Tuple(_) if deep => self.with_own_parts(at, value),
            Type::Optional(inner) if deep && has_containers(inner) => {
                Err(self.refused(format!("what is in a {of} is changed"), "test it for None first, in a filter"))
            }
            Type::Optional(inner) if matches!(**inner, Type::List(_) | Type::Dict(..) | Type::Mixed(_)) => {
                Err(self.refused(format!("a {of} is changed"), "test it for None first, in a filter"))
            }
            Type::Mixed(_) | Type::Union(_) | Type::Set(_) => {
                Err(self.refused(format!("a {of} is changed"), "change a copy made in the function"))
            }
            _ if deep && has_containers(&of) => {
                Err(self.refused(format!("a list or dict in a {of} is changed"), "change a copy made in the function"))
            }
            _ => Ok(value),
        }
    }

    /// A row or object with lists and dicts of its own.
    fn with_own_parts(&mut self, at: &'a Expression, value: Value) -> Lowered<Value> {
        let of = value.of().clone();
        let value = self.hold(value);
        match &of {
            _ if !has_containers(&of) => Ok(value),
            Type::List(inner) if !has_containers(inner) => {
                let list = self.new_list(at, (**inner).clone())?;
                self.extend_by(list.clone(), value)?;
                Ok(list)
            }
            Type::Dict(key, held) if !has_containers(held) => {
                let dict = self.new_dict(at)?;
                let items = Type::List(Box::new(Type::Tuple(vec![(**key).clone(), (**held).clone()])));
                let items = Value::call(items, Primitive::DictItems, vec![value]);
                self.each_value(items, &mut |this, pair| {
                    let parts = [0, 1].map(|index| {
                        let Type::Tuple(fields) = pair.of() else { return Value::none() };
                        field(pair.clone(), index, fields[index].clone())
                    });
                    let [key, held] = parts;
                    this.set_key(dict.clone(), key, held)
                })?;
                Ok(dict)
            }
            Type::Record(_) | Type::Row(_) | Type::Tuple(_) => {
                let mut sites = value.sites.clone();
                let mut own = Vec::new();
                for part in self.fields(value) {
                    own.push(self.with_own_parts(at, part)?);
                }
                own.iter().for_each(|part| sites.extend(&part.sites));
                let types: Vec<Type> = own.iter().map(|part| part.of().clone()).collect();
                let of = match of {
                    Type::Record(record) => {
                        let names = record.fields.iter().map(|(name, _)| name.clone());
                        let fields = names.zip(types).collect();
                        Type::Record(Arc::new(RecordType { fields, ..(*record).clone() }))
                    }
                    Type::Row(fields) => Type::Row(fields.iter().map(|(key, _)| key.clone()).zip(types).collect()),
                    _ => Type::Tuple(types),
                };
                let values = own.into_iter().map(|part| part.expr).collect();
                let whole = Value::from(of, Kind::Fields(values), sites);
                Ok(self.hold(whole))
            }
            of => {
                let (message, edit) =
                    (format!("a list or dict in a {of} is changed"), "change a copy made in the function");
                Err(self.refused(message, edit))
            }
        }
    }
}

/// Calls `see` for the parts of a value's type; the value itself can't be in itself.
fn parts(of: &Type, see: &mut dyn FnMut(&Type)) {
    match of {
        Type::Row(fields) => fields.iter().for_each(|(_, of)| see(of)),
        Type::Dict(_, held) => [held, held].into_iter().for_each(|of| see(of)),
        of => see(of),
    }
}

/// Counts lists and dicts in a value of a type; those of which there may be several, twice.
fn count(of: &Type, lists: &mut usize, dicts: &mut usize) {
    match of {
        Type::List(inner) => {
            *lists += 1;
            (0..2).for_each(|_| count(inner, lists, dicts));
        }
        Type::Mixed(fields) => {
            *lists += 1;
            fields.iter().for_each(|of| count(of, lists, dicts));
        }
        Type::Dict(_, held) => {
            *dicts += 1;
            (0..2).for_each(|_| count(held, lists, dicts));
        }
        Type::Row(fields) => {
            *dicts += 1;
            fields.iter().for_each(|(_, of)| count(of, lists, dicts));
        }
        Type::TupleOf(inner) => (0..2).for_each(|_| count(inner, lists, dicts)),
        Type::Tuple(fields) => fields.iter().for_each(|of| count(of, lists, dicts)),
        Type::Record(record) => record.fields.iter().for_each(|(_, of)| count(of, lists, dicts)),
        Type::Optional(inner) => count(inner, lists, dicts),
        Type::Union(variants) => variants.iter().for_each(|of| count(of, lists, dicts)),
        _ => {}
    }
}

/// Whether there are things in a value that may be changed in place.
pub(super) fn has_containers(of: &Type) -> bool {
    of.any(&|of| matches!(of, Type::List(_) | Type::Mixed(_) | Type::Dict(..) | Type::Row(_) | Type::Set(_)))
}
