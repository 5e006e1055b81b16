//! Dicts whose keys are known: rows, which are their values.
//!
//! A display with texts as keys makes a row. A row has no identity: a change of one is a new row for the variable, which
//! is right only where no other name and nothing else holds the same dict ([`super::owned`]). Where a row won't do, the
//! places that made it are asked for a dict with any keys instead, and the walk begins anew; what came from elsewhere
//! (an element of a stream) can't be.

use std::sync::Arc;

use super::cells::Sites;
use super::displays::{field, tuple_of};
use super::loops::{Order, Source, View};
use super::{Lowered, Lowering, Rows, Stop, Value};
use crate::ir::{Builtin, CompareOp, Expression};
use crate::primitive::Primitive;
use crate::typed::{Expr, Kind, Stmt, Why};
use crate::types::{Constant, Type};
use crate::{Cause, Reason};

/// Keys of a row at the most.
pub(super) const MOST_KEYS: usize = 64;

pub(super) type Fields = Arc<[(String, Type)]>;

impl<'a> Lowering<'a> {
    /// A display, if each key is a text that is written there; `None` if it has to be a dict of any keys.
    pub(super) fn row_display(
        &mut self,
        at: &'a Expression,
        items: &'a [(Expression, Expression)],
    ) -> Lowered<Option<Value>> {
        let is_text = |(key, _): &(Expression, Expression)| matches!(key, Expression::Str(_));
        if self.rows == Rows::Not || items.len() > MOST_KEYS || !items.iter().all(is_text) {
            return Ok(None);
        }
        let Some(site) = self.row_site(at) else { return Ok(None) };
        let values = self.operands_of(items.iter().map(|(_, value)| value))?;
        let mut fields: Vec<(String, Value)> = Vec::with_capacity(items.len());
        let keys: Vec<&str> = items.iter().filter_map(|(key, _)| text_of(key)).collect();
        let twice = keys.iter().enumerate().any(|(at, key)| keys[..at].contains(key));
        for (key, value) in keys.into_iter().zip(values) {
            // Each is evaluated, also what another one replaces.
            let value = if twice { self.hold(value) } else { value };
            match fields.iter_mut().find(|(known, _)| known == key) {
                Some(found) => found.1 = value,
                None => fields.push((key.to_owned(), value)),
            }
        }
        self.row(fields, site).map(Some)
    }

    /// The place of a display or copy as one that makes rows, unless it makes dicts.
    pub(super) fn row_site<T>(&mut self, at: &T) -> Option<u32> {
        let place = self.place(at);
        self.cells.row((place.0, place.1 + 4))
    }

    pub(super) fn row(&mut self, fields: Vec<(String, Value)>, site: u32) -> Lowered<Value> {
        let (keys, values): (Vec<String>, Vec<Value>) = fields.into_iter().unzip();
        if values.iter().map(|value| value.of().words()).sum::<usize>() > super::displays::MOST_WORDS {
            return Err(self.refused("a dict with that much in it is too large to be compiled", "use a list"));
        }
        let mut sites: Sites = values.iter().flat_map(|value| value.sites.clone()).collect();
        let of: Fields = keys.into_iter().zip(values.iter().map(|value| value.of().clone())).collect();
        self.cells.row_of(site, &of);
        sites.insert(site);
        let values = values.into_iter().map(|value| value.expr).collect();
        Ok(Value::from(Type::Row(of), Kind::Fields(values), sites))
    }

    /// Why a display can't be made: also why it is no row.
    pub(super) fn why_no_row<T>(&mut self, at: &T, mut reason: Reason) -> Stop {
        let place = self.place(at);
        if let Some(why) = self.cells.why_no_row((place.0, place.1 + 4)) {
            *reason.why = Cause::new(format!("{}, and its values are of several types", why.message), why.edit.clone());
        }
        Stop::Refused(reason)
    }

    /// Keys with their values, which are evaluated here.
    pub(super) fn row_items(&mut self, row: Value) -> Vec<(String, Value)> {
        let Type::Row(of) = row.of().clone() else { return Vec::new() };
        let values = self.fields(row);
        of.iter().map(|(key, _)| key.clone()).zip(values).collect()
    }

    /// Asks those that made a row for a dict instead; otherwise it is refused.
    pub(super) fn no_row(&mut self, row: &Value, why: Cause) -> Stop {
        if let Type::Row(of) = row.of()
            && self.cells.no_row(&row.sites, of, &why)
        {
            return Stop::Again;
        }
        self.refused(why.message, why.edit)
    }

    /// `dict(zip(columns, values))` with columns that are known. Where there are fewer values, there are fewer keys: that is
    /// left to CPython.
    pub(super) fn zipped_row(&mut self, at: &'a Expression, over: &'a Expression) -> Lowered<Option<Value>> {
        let Expression::Call(Builtin::Zip, arguments) = over else { return Ok(None) };
        let [columns, values] = arguments.as_slice() else { return Ok(None) };
        let Some(columns) = texts_of(columns).filter(|texts| !texts.is_empty() && self.rows != Rows::Not) else {
            return Ok(None);
        };
        if columns.iter().enumerate().any(|(at, key)| columns[..at].contains(key)) {
            return Ok(None);
        }
        let Some(site) = self.row_site(at) else { return Ok(None) };
        if let Some((_, Type::Tuple(_))) = self.path(values) {
            let values = self.expr(values)?;
            let values = self.fields(values);
            let fields = columns.into_iter().map(str::to_owned).zip(values).collect();
            return self.row(fields, site).map(Some);
        }
        let list = self.list_to_read(values, Order::default())?;
        let list = self.hold(list);
        let of = super::loops::element(list.of());
        let len = Value::call(Type::Int, Primitive::ListLen, vec![list.clone()]);
        let enough = Kind::Compare(CompareOp::Ge, Box::new(len.expr), Box::new(Value::int(columns.len() as i64).expr));
        self.require(Expr { of: Type::Bool, kind: enough }, Why::Unusual)?;
        if super::cells::is_empty(&of) {
            return Err(self.bail(Why::Unusual));
        }
        let mut fields = Vec::with_capacity(columns.len());
        for (at, key) in columns.into_iter().enumerate() {
            let operands = vec![list.clone(), Value::int(at as i64)];
            let value = Value::call(of.clone(), Primitive::ListGet, operands);
            fields.push((key.to_owned(), self.hold(value)));
        }
        self.row(fields, site).map(Some)
    }

    /// `dict(row)`, `row.copy()`.
    pub(super) fn row_copy<T>(&mut self, at: &T, row: Value) -> Lowered<Value> {
        let Some(site) = self.row_site(at) else {
            let items = self.row_items(row);
            let items: Vec<(String, Value)> = items.into_iter().map(|(key, value)| (key, self.hold(value))).collect();
            let dict = self.new_dict(at)?;
            for (key, value) in items {
                self.set_key(dict.clone(), Value::str(key), value)?;
            }
            return Ok(dict);
        };
        let Type::Row(of) = row.of().clone() else { return Ok(row) };
        self.cells.row_of(site, &of);
        // What is in it is still that of the others.
        let mut sites = self.cells.without_rows(&row.sites, &of);
        sites.insert(site);
        Ok(Value { expr: row.expr, sites })
    }

    /// A row whose values have one type as a dict that nobody changes.
    pub(super) fn row_as_dict(&mut self, row: Value) -> Lowered<Option<Value>> {
        let Type::Row(of) = row.of().clone() else { return Ok(None) };
        let joined = of.iter().try_fold(Type::Never, |joined, (_, of)| joined.either(of));
        let Some(joined) = joined.filter(|_| !of.is_empty()) else { return Ok(None) };
        let sites = row.sites.clone();
        let items = self.row_items(row);
        let of = Type::Dict(Box::new(Type::Str), Box::new(joined.clone()));
        let dict = Value::from(of, Kind::Call(Primitive::DictNew, Vec::new()), sites);
        let dict = self.hold(dict);
        for (key, value) in items {
            let value = value.coerced(&joined);
            let set = Value::call(Type::None, Primitive::DictSet, vec![dict.clone(), Value::str(key), value]);
            self.out.push(Stmt::Evaluate(set.expr));
        }
        Ok(Some(dict))
    }

    /// `row[key]`.
    pub(super) fn row_index(&mut self, row: Value, index: Value) -> Lowered<Value> {
        let Type::Row(of) = row.of().clone() else {
            return Err(self.refused("a dict is needed here", "compile the script again"));
        };
        self.hashable(&index.of().clone())?;
        let missing = |of: &Type| (format!("a {of} has no such key"), "look up a key that it has, or use get()");
        if let Some(Constant::Str(key)) = index.constant() {
            return match of.iter().position(|(known, _)| known == key) {
                Some(at) => Ok(part(row, at, of[at].1.clone())),
                None => {
                    let (message, edit) = missing(row.of());
                    Err(self.raises(message, edit))
                }
            };
        }
        match index.of() {
            Type::Str => {}
            Type::Optional(inner) if **inner == Type::Str => {}
            _ => {
                let (message, edit) = missing(row.of());
                return Err(self.raises(message, edit));
            }
        }
        match self.any_key(row)? {
            Some(dict) => self.index_of(dict, index.unwrapped()),
            None => {
                let (message, edit) = missing(&Type::Row(of));
                Err(self.raises(message, edit))
            }
        }
    }

    /// A row of which a key is looked up that only the run tells: as a dict. `None` if it is empty.
    fn any_key(&mut self, row: Value) -> Lowered<Option<Value>> {
        let of = row.of().clone();
        let why =
            Cause::new(format!("a key that isn't written there is looked up in a {of}"), "give its values one type");
        if let Type::Row(fields) = &of
            && self.cells.no_row(&row.sites, fields, &why)
        {
            return Err(Stop::Again);
        }
        if matches!(&of, Type::Row(fields) if fields.is_empty()) {
            self.evaluate(row);
            return Ok(None);
        }
        match self.row_as_dict(row)? {
            Some(dict) => Ok(Some(dict)),
            None => {
                self.any_key = true;
                Err(self.refused(why.message, why.edit))
            }
        }
    }

    /// What a loop goes over, if that is texts that are known and each is to be walked for itself.
    pub(super) fn known_texts(&mut self, over: &'a Expression) -> Lowered<Option<Vec<Value>>> {
        match over {
            _ if self.rows == Rows::Unrolled && texts_of(over).is_some() => {
                Ok(texts_of(over).map(|texts| texts.into_iter().map(Value::str).collect()))
            }
            // Keys differ: their order is known.
            Expression::Sorted(of, None, reverse) => {
                let (Expression::Bool(reverse), Some(view)) = (&**reverse, self.sorted_view(of)) else {
                    return Ok(None);
                };
                let row = match &**of {
                    Expression::Method(row, ..) => self.expr(row)?,
                    row => self.expr(row)?,
                };
                let row = row.unwrapped();
                let Type::Row(fields) = row.of().clone() else { return Ok(None) };
                let values = self.over_row(row, view);
                let mut items: Vec<(&String, Value)> = fields.iter().map(|(key, _)| key).zip(values).collect();
                items.sort_by(|(a, _), (b, _)| if *reverse { b.cmp(a) } else { a.cmp(b) });
                Ok(Some(items.into_iter().map(|(_, value)| value).collect()))
            }
            _ => Ok(None),
        }
    }

    /// What is sorted of a row that a variable stands for.
    fn sorted_view(&self, of: &Expression) -> Option<View> {
        let (row, view) = match of {
            Expression::Method(row, name, arguments) if arguments.is_empty() => (&**row, super::loops::view(name)?),
            row => (row, View::Keys),
        };
        let (_, of) = self.path(row)?;
        (matches!(of, Type::Row(_)) && view != View::Values).then_some(view)
    }

    /// `key in row`.
    pub(super) fn row_contains(&mut self, row: Value, key: Value) -> Lowered<Value> {
        let Type::Row(of) = row.of().clone() else {
            return Err(self.refused("a dict is needed here", "compile the script again"));
        };
        self.hashable(&key.of().clone())?;
        if let Some(Constant::Str(key)) = key.constant() {
            let found = of.iter().any(|(known, _)| known == key);
            self.evaluate(row);
            return Ok(Value::bool(found));
        }
        let message = format!("a key that isn't written there is looked for in a {}", row.of());
        if self.cells.no_row(&row.sites, &of, &Cause::new(message, "give its values one type")) {
            return Err(Stop::Again);
        }
        self.evaluate(row);
        let keys = of.iter().map(|(key, _)| Value::str(key.clone())).collect();
        self.contains_in(key, tuple_of(keys))
    }

    pub(super) fn row_method(
        &mut self,
        at: &'a Expression,
        row: Value,
        name: &str,
        arguments: Vec<Value>,
    ) -> Lowered<Value> {
        let Type::Row(of) = row.of().clone() else {
            return Err(self.refused("a dict is needed here", "compile the script again"));
        };
        let count = arguments.len();
        let mut arguments = arguments.into_iter();
        match (name, count, arguments.next(), arguments.next()) {
            ("get", 1 | 2, Some(wanted), default) => {
                self.hashable(&wanted.of().clone())?;
                let default = default.unwrap_or_else(Value::none);
                if let Some(Constant::Str(key)) = wanted.constant() {
                    return Ok(match of.iter().position(|(known, _)| known == key) {
                        Some(at) => {
                            self.evaluate(default);
                            part(row, at, of[at].1.clone())
                        }
                        None => {
                            let default = self.hold(default);
                            self.evaluate(row);
                            default
                        }
                    });
                }
                let (wanted, default) = (self.hold(wanted), self.hold(default));
                match self.any_key(row)? {
                    Some(dict) => self.method_of(at, dict, "get", vec![wanted, default]),
                    None => Ok(default),
                }
            }
            ("copy", 0, ..) => self.row_copy(at, row),
            (_, 0, ..) if super::loops::view(name).is_some() => Err(self.refused(
                format!("`{name}` of a dict isn't gone over where it is made"),
                format!("write list(….{name}())"),
            )),
            ("pop", 1 | 2, ..) => {
                let message = "`pop` of a dict in the middle of an expression isn't compiled";
                Err(self.no_row(&row, Cause::new(message, "assign its result to a variable")))
            }
            _ => Err(self.no_row(
                &row,
                Cause::new(format!("`{name}` of a dict isn't compiled"), "set or delete its items one by one"),
            )),
        }
    }

    /// What a loop over a row gives.
    pub(super) fn over_row(&mut self, row: Value, view: View) -> Vec<Value> {
        let items = self.row_items(row);
        let items = items.into_iter().map(|(key, value)| match view {
            View::Keys => Value::str(key),
            View::Values => self.hold(value),
            View::Items => {
                let value = self.hold(value);
                tuple_of(vec![Value::str(key), value])
            }
        });
        items.collect()
    }

    /// Values of one type as something that a loop goes over.
    pub(super) fn uniform(&mut self, values: Vec<Value>) -> Result<Source<'a>, Vec<Value>> {
        let joined = values.iter().try_fold(Type::Never, |joined, value| joined.join(value.of()));
        match joined {
            Some(of) if !values.is_empty() => {
                let sites: Sites = values.iter().flat_map(|value| value.sites.clone()).collect();
                let items = values.into_iter().map(|value| value.coerced(&of).expr).collect();
                let list = Expr { of: Type::TupleOf(Box::new(of.clone())), kind: Kind::Elements(items) };
                Ok(Source::over(list, of, sites))
            }
            _ => Err(values),
        }
    }

    /// `object[key] = value`, where the object is a row: the variable gets another one.
    pub(super) fn set_row_item(&mut self, object: &'a Expression, row: Value, key: Value, value: Value) -> Lowered<()> {
        let Type::Row(of) = row.of().clone() else {
            return Err(self.refused("a dict is needed here", "compile the script again"));
        };
        self.hashable(&key.of().clone())?;
        let Some(Constant::Str(key)) = key.constant().cloned() else {
            let message = format!("a key of a {} is set that isn't written there", row.of());
            return Err(self.no_row(&row, Cause::new(message, "give its values one type")));
        };
        let local = self.changed_local(object, &row)?;
        let known = of.iter().position(|(known, _)| *known == key);
        if known.is_none() && of.len() >= MOST_KEYS {
            return Err(self.no_row(&row, Cause::new("a dict with so many keys isn't compiled", "use several")));
        }
        let (sites, value) = (row.sites.clone(), self.hold(value));
        let mut items = self.row_items(row);
        let mut fields: Vec<(String, Type)> = of.to_vec();
        match known {
            Some(at) => {
                fields[at].1 = value.of().clone();
                items[at].1 = value;
            }
            None => {
                fields.push((key.clone(), value.of().clone()));
                items.push((key, value));
            }
        }
        self.assign_row(local, (&of, &sites), fields, items);
        Ok(())
    }

    /// The value of a statement, which may be `row.pop(key)`: the variable gets a row without the key.
    pub(super) fn value_or_popped(&mut self, value: &'a Expression) -> Lowered<Value> {
        match value {
            Expression::Method(object, name, arguments)
                if name == "pop"
                    && matches!(arguments.len(), 1 | 2)
                    && matches!(self.path(object), Some((_, Type::Row(_))))
                    && matches!(**object, Expression::Local(_)) =>
            {
                self.pop_from_row(object, arguments)
            }
            _ => self.expr(value),
        }
    }

    fn pop_from_row(&mut self, object: &'a Expression, arguments: &'a [Expression]) -> Lowered<Value> {
        let row = self.expr(object)?;
        let arguments = self.operands_of(arguments.iter())?;
        let Type::Row(of) = row.of().clone() else {
            return Err(self.refused("a dict is needed here", "compile the script again"));
        };
        let mut arguments = arguments.into_iter();
        let Some(wanted) = arguments.next() else {
            return Err(self.refused("a key is needed here", "compile the script again"));
        };
        self.hashable(&wanted.of().clone())?;
        let Some(Constant::Str(key)) = wanted.constant().cloned() else {
            let message = format!("a key is taken out of a {} that isn't written there", row.of());
            return Err(self.no_row(&row, Cause::new(message, "give its values one type")));
        };
        let Some(at) = of.iter().position(|(known, _)| *known == key) else {
            return arguments.next().ok_or_else(|| {
                self.raises(
                    format!("`pop` of a key that a {} doesn't have", row.of()),
                    "give a default, or a key that it has",
                )
            });
        };
        let local = self.changed_local(object, &row)?;
        let sites = row.sites.clone();
        let mut items = self.row_items(row);
        let mut fields: Vec<(String, Type)> = of.to_vec();
        fields.remove(at);
        let (_, popped) = items.remove(at);
        let popped = self.hold(popped);
        arguments.for_each(|default| self.evaluate(default));
        self.assign_row(local, (&of, &sites), fields, items);
        Ok(popped)
    }

    /// The variable whose row is to be changed, if nothing can see that it gets another one.
    fn changed_local(&mut self, object: &Expression, row: &Value) -> Lowered<u32> {
        let local = match object {
            Expression::Local(local) if self.is_alone(*local) => *local,
            _ => {
                let message = "a dict is changed that may have another name, or is in something else";
                let edit = "change a copy with a name of its own: `dict(…)`";
                return Err(self.no_row(row, Cause::new(message, edit)));
            }
        };
        match self.gone_over.contains(&(self.frames.len(), local)) {
            true => Err(self.no_row(row, Cause::new("a dict is changed while a loop goes over it", "go over list(…)"))),
            false => Ok(local),
        }
    }

    /// Gives a variable the row that its own is changed to.
    fn assign_row(
        &mut self,
        local: u32,
        (of, sites): (&Fields, &Sites),
        fields: Vec<(String, Type)>,
        items: Vec<(String, Value)>,
    ) {
        let fields: Fields = fields.into();
        self.cells.row_as(sites, of, &fields);
        let mut sites = sites.clone();
        items.iter().for_each(|(_, value)| sites.extend(&value.sites));
        let items = items.into_iter().map(|(_, value)| value.expr).collect();
        let changed = Value::from(Type::Row(fields), Kind::Fields(items), sites);
        // The row that it is made of is in the same place.
        let changed = self.hold(changed);
        self.assign(local, changed);
    }

    /// `a | b`: a new one.
    pub(super) fn rows_united<T>(&mut self, at: &T, a: Value, b: Value) -> Lowered<Value> {
        let Some(site) = self.row_site(at) else {
            return Err(self.refused("`|` of dicts isn't compiled", "write {**a, **b}"));
        };
        let mut fields = self.row_items(a);
        for (key, value) in self.row_items(b) {
            match fields.iter_mut().find(|(known, _)| *known == key) {
                Some(found) => found.1 = value,
                None => fields.push((key, value)),
            }
        }
        if fields.len() > MOST_KEYS {
            return Err(self.refused("a dict with so many keys isn't compiled", "use several"));
        }
        let fields = fields.into_iter().map(|(key, value)| (key, self.hold(value))).collect();
        self.row(fields, site)
    }

    /// `a == b`: the order of the keys doesn't matter.
    pub(super) fn rows_equal(&mut self, a: Value, b: Value) -> Lowered<Expr> {
        let (a, b) = (self.row_items(a), self.row_items(b));
        let found = |key: &str| b.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone());
        let pairs: Option<Vec<(Value, Value)>> = match a.len() == b.len() {
            true => a.into_iter().map(|(key, value)| Some((value, found(&key)?))).collect(),
            false => None,
        };
        match pairs {
            Some(pairs) => {
                let pairs = pairs.into_iter().map(|(a, b)| (self.hold(a), self.hold(b))).collect();
                self.all_equal(pairs)
            }
            None => Ok(Value::bool(false).expr),
        }
    }

    /// Whether a local stands for a dict that nothing else holds.
    pub(super) fn is_alone(&mut self, local: u32) -> bool {
        let function = self.frame().function;
        self.owned.is_alone(function, local)
    }

    /// Walks a loop over a row that a variable stands for.
    pub(super) fn going_over<T>(&mut self, over: &Expression, walk: impl FnOnce(&mut Self) -> T) -> T {
        let (before, depth) = (self.gone_over.len(), self.frames.len());
        locals_of(over, &mut |local| self.gone_over.push((depth, local)));
        let walked = walk(self);
        self.gone_over.truncate(before);
        walked
    }
}

/// Whether one row or object may be twice in a value of a type.
pub(super) fn may_be_twice(of: &Type) -> bool {
    let mut found = Vec::new();
    rows_in(of, &mut found);
    let same = |a: &Type, b: &Type| match (a, b) {
        (Type::Row(a), Type::Row(b)) => a.len() == b.len() && a.iter().zip(&**b).all(|(a, b)| a.0 == b.0),
        (Type::Record(a), Type::Record(b)) => (&a.module, &a.name) == (&b.module, &b.name),
        _ => false,
    };
    found.iter().enumerate().any(|(at, row)| found[..at].iter().any(|other| same(row, other)))
}

/// Rows and objects in a value of a type; those of which there may be several, twice.
fn rows_in(of: &Type, found: &mut Vec<Type>) {
    match of {
        Type::Row(fields) => {
            found.push(of.clone());
            fields.iter().for_each(|(_, of)| rows_in(of, found));
        }
        Type::Tuple(fields) | Type::Mixed(fields) => fields.iter().for_each(|of| rows_in(of, found)),
        Type::Record(record) => {
            if !record.is_tuple && !record.is_enum() {
                found.push(of.clone());
            }
            record.fields.iter().for_each(|(_, of)| rows_in(of, found));
        }
        Type::Optional(of) => rows_in(of, found),
        Type::Union(variants) => variants.iter().for_each(|of| rows_in(of, found)),
        Type::List(of) | Type::TupleOf(of) | Type::Set(of) | Type::Dict(_, of) => {
            let mut within = Vec::new();
            rows_in(of, &mut within);
            // One of them tells it: there may be two of it.
            found.extend(within.first().into_iter().flat_map(|row| [row.clone(), row.clone()]));
        }
        _ => {}
    }
}

/// Variables that a loop may look at while it goes on.
fn locals_of(over: &Expression, visit: &mut dyn FnMut(u32)) {
    match over {
        Expression::Local(local) => visit(*local),
        Expression::Method(of, name, arguments) if arguments.is_empty() && super::loops::view(name).is_some() => {
            locals_of(of, visit);
        }
        Expression::Call(Builtin::Enumerate | Builtin::Zip | Builtin::Reversed, arguments) => {
            arguments.iter().for_each(|argument| locals_of(argument, visit));
        }
        _ => {}
    }
}

/// One value of a row, by index. Of a display of constants, the constant.
fn part(row: Value, at: usize, of: Type) -> Value {
    if let Kind::Fields(made) = &row.expr.kind
        && made.iter().all(|made| matches!(made.kind, Kind::Constant(_)))
        && let Some(expr) = made.get(at)
    {
        return Value { expr: expr.clone(), sites: row.sites };
    }
    field(row, at, of)
}

/// Texts that are written out.
fn texts_of(over: &Expression) -> Option<Vec<&str>> {
    match over {
        Expression::Tuple(items) | Expression::List(items) if items.len() <= MOST_KEYS => {
            items.iter().map(text_of).collect()
        }
        _ => None,
    }
}

pub(super) fn text_of(key: &Expression) -> Option<&str> {
    match key {
        Expression::Str(text) => Some(text),
        _ => None,
    }
}
