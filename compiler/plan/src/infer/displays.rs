//! What makes lists, tuples, sets and dicts: displays and comprehensions.

use super::cells::{Makes, Sites};
use super::loops::Order;
use super::{Lowered, Lowering, Stop, Value};
use crate::ir::{Clause, Expression};
use crate::primitive::Primitive;
use crate::typed::Kind;
use crate::types::{Constant, Type};

/// Words of a tuple at the most.
pub(super) const MOST_WORDS: usize = 1 << 11;

impl<'a> Lowering<'a> {
    pub(super) fn tuple(&mut self, items: &'a [Expression]) -> Lowered<Value> {
        let items = self.operands_of(items.iter())?;
        // Each word is a variable: tuples of themselves would double them each time.
        if items.iter().map(|item| item.of().words()).sum::<usize>() > MOST_WORDS {
            return Err(self.refused("a tuple with that much in it is too large to be compiled", "use a list"));
        }
        Ok(tuple_of(items))
    }

    /// A display of a list, which may hold values of several types.
    pub(super) fn list_display<T>(&mut self, at: &T, items: Vec<Value>) -> Lowered<Value> {
        let joined = items.iter().try_fold(Type::Never, |joined, item| joined.join(item.of()));
        // Lists in it may be made of one type.
        let is_mixed = joined.is_none() && !items.iter().any(|item| super::cells::holds_objects(item.of()));
        if !is_mixed {
            return self.list(at, items);
        }
        // One that may be changed is made of one type, which all have.
        if self.body.changes_elements {
            return self.list(at, items);
        }
        if items.iter().map(|item| item.of().words()).sum::<usize>() > MOST_WORDS {
            return Err(self.refused(
                "a list of several types with that much in it is too large to be compiled",
                "use lists of one type",
            ));
        }
        Ok(mixed_of(items))
    }

    pub(super) fn list<T>(&mut self, at: &T, items: Vec<Value>) -> Lowered<Value> {
        let mut of = Type::Never;
        let mut sites = Sites::new();
        for item in &items {
            let Some(joined) = self.join((&of, &sites), (item.of(), &item.sites))? else {
                return Err(
                    self.refused(format!("a list holds a {of} and a {}", item.of()), "use a tuple, or one type")
                );
            };
            of = joined;
            sites.extend(&item.sites);
        }
        let place = self.place(at);
        let (site, (of, _)) = self.make(place, Makes::List, (of, Type::Never))?;
        self.cells.hold(&Sites::from([site]), &sites);
        sites.insert(site);
        let items = items.into_iter().map(|item| Ok(self.coerce(item, &of)?.expr)).collect::<Lowered<_>>()?;
        Ok(Value::from(Type::List(Box::new(of)), Kind::Elements(items), sites))
    }

    /// A place makes lists, sets or dicts of these types, or of wider ones.
    pub(super) fn make(&mut self, place: (u32, usize), makes: Makes, of: (Type, Type)) -> Lowered<(u32, (Type, Type))> {
        match self.cells.site(place, makes, of) {
            Some((_, (key, _))) if makes != Makes::List && key.any(&|of| matches!(of, Type::Union(_))) => {
                Err(self.refused(format!("keys of a dict, or elements of a set, are of {key}"), "use keys of one type"))
            }
            Some(site) => Ok(site),
            None => Err(self.refused("a list, set or dict gets values of different types", "use one type")),
        }
    }

    pub(super) fn new_set<T>(&mut self, at: &T) -> Lowered<Value> {
        let place = self.place(at);
        let (site, (of, _)) = self.make((place.0, place.1 + 2), Makes::Set, (Type::Never, Type::Never))?;
        let set = Kind::Call(Primitive::DictNew, Vec::new());
        Ok(self.hold(Value::from(Type::Set(Box::new(of)), set, Sites::from([site]))))
    }

    pub(super) fn new_dict<T>(&mut self, at: &T) -> Lowered<Value> {
        let place = self.place(at);
        let (site, (key, value)) = self.make((place.0, place.1 + 3), Makes::Dict, (Type::Never, Type::Never))?;
        let dict = Kind::Call(Primitive::DictNew, Vec::new());
        Ok(self.hold(Value::from(Type::Dict(Box::new(key), Box::new(value)), dict, Sites::from([site]))))
    }

    pub(super) fn set_display(&mut self, at: &'a Expression, items: &'a [Expression]) -> Lowered<Value> {
        let items = self.operands_of(items.iter())?;
        let set = self.new_set(at)?;
        for item in items {
            self.add_to_set(set.clone(), item)?;
        }
        Ok(set)
    }

    pub(super) fn dict_display(&mut self, at: &'a Expression, items: &'a [(Expression, Expression)]) -> Lowered<Value> {
        if let Some(row) = self.row_display(at, items)? {
            return Ok(row);
        }
        let items = self.operands_of(items.iter().flat_map(|(key, value)| [key, value]))?;
        let items: Vec<Value> = items.into_iter().map(|item| self.hold(item)).collect();
        let dict = self.new_dict(at)?;
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            match self.set_key(dict.clone(), key, value) {
                Err(Stop::Refused(reason)) => return Err(self.why_no_row(at, reason)),
                set => set?,
            }
        }
        Ok(dict)
    }

    pub(super) fn comprehension(
        &mut self,
        at: &'a Expression,
        value: &'a Expression,
        clauses: &'a [Clause],
        order: Order,
    ) -> Lowered<Value> {
        let list = self.new_list(at, Type::Never)?;
        let guarded = super::mutation::changes_within(value, clauses);
        self.clauses(clauses, Order { guarded, ..order }, &mut |this| {
            let value = this.expr(value)?;
            this.append(list.clone(), value)
        })?;
        Ok(list)
    }

    pub(super) fn dict_comprehension(
        &mut self,
        at: &'a Expression,
        key: &'a Expression,
        value: &'a Expression,
        clauses: &'a [Clause],
    ) -> Lowered<Value> {
        if let Some(row) = self.shaped_row(at, (key, value), clauses)? {
            return Ok(row);
        }
        let dict = self.new_dict(at)?;
        let guarded = super::mutation::changes_within(key, clauses) || super::mutation::changes_within(value, &[]);
        self.clauses(clauses, Order { guarded, unseen: false }, &mut |this| {
            let [key, value] = this.pair(key, value)?;
            this.set_key(dict.clone(), key, value)
        })?;
        Ok(dict)
    }

    /// Fields of a Tuple, Record or Row, each as an expression.
    pub(super) fn fields(&mut self, value: Value) -> Vec<Value> {
        let types: Vec<Type> = match value.of() {
            Type::Tuple(fields) | Type::Mixed(fields) => fields.clone(),
            Type::Record(record) => record.fields.iter().map(|(_, of)| of.clone()).collect(),
            Type::Row(fields) => fields.iter().map(|(_, of)| of.clone()).collect(),
            _ => Vec::new(),
        };
        let sites = value.sites.clone();
        if let Kind::Fields(fields) = value.expr.kind {
            return fields.into_iter().map(|field| Value { expr: field, sites: sites.clone() }).collect();
        }
        let whole = self.hold(value);
        types.into_iter().enumerate().map(|(index, of)| field(whole.clone(), index, of)).collect()
    }
}

pub(super) fn tuple_of(items: Vec<Value>) -> Value {
    let of = Type::Tuple(items.iter().map(|item| item.of().clone()).collect());
    let sites = items.iter().flat_map(|item| item.sites.clone()).collect();
    Value::from(of, Kind::Fields(items.into_iter().map(|item| item.expr).collect()), sites)
}

/// A list of several types.
pub(super) fn mixed_of(items: Vec<Value>) -> Value {
    let of = Type::Mixed(items.iter().map(|item| item.of().clone()).collect());
    let sites = items.iter().flat_map(|item| item.sites.clone()).collect();
    Value::from(of, Kind::Fields(items.into_iter().map(|item| item.expr).collect()), sites)
}

/// One field of a Tuple, Record or Row, by index.
pub(super) fn field(whole: Value, index: usize, of: Type) -> Value {
    let sites = whole.sites.clone();
    if let Some(Constant::Tuple(items)) = whole.constant()
        && let Some(item) = items.get(index).filter(|item| item.of().as_ref() == Some(&of))
    {
        return Value::from(of, Kind::Constant(item.clone()), sites);
    }
    if let Some(Constant::Record { fields, .. }) = whole.constant()
        && let Some((_, item)) = fields.get(index).filter(|(_, item)| item.of().as_ref() == Some(&of))
    {
        return Value::from(of, Kind::Constant(item.clone()), sites);
    }
    if let (Some(Constant::Dict(items)), Type::Row(_)) = (whole.constant(), whole.of())
        && let Some((_, item)) = items.get(index).filter(|(_, item)| item.of().as_ref() == Some(&of))
    {
        return Value::from(of, Kind::Constant(item.clone()), sites);
    }
    Value::from(of, Kind::Field(Box::new(whole.expr), index as u32), sites)
}
