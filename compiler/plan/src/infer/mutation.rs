//! Changes of lists, dicts and sets.

use super::cells::{Makes, is_empty};
use super::loops::plain;
use super::{Lowered, Lowering, Stop, Value};
use crate::ir::{BinaryOp, Clause, Expression, Key, Part, Statement, StatementKind};
use crate::primitive::Primitive;
use crate::typed::{Expr, Kind, Stmt, Why};
use crate::types::Type;

impl<'a> Lowering<'a> {
    pub(super) fn append(&mut self, list: Value, value: Value) -> Lowered<()> {
        let list = list.unwrapped();
        let of = match list.of().clone() {
            Type::List(of) => *of,
            Type::Record(_) => return Err(self.refused("append to an object isn't compiled", "use a list")),
            of => return Err(self.raises(format!("append to a {of}"), "append to a list")),
        };
        let sites = value.sites.clone();
        let value = self.element(&list, Makes::List, (&of, &Type::Never), value, false)?;
        self.cells.hold(&list.sites, &sites);
        let list = match list.expr.kind {
            Kind::Slot(_) => list,
            _ => self.hold(list),
        };
        if let Kind::Slot(slot) = list.expr.kind {
            self.out.push(Stmt::Append(slot, value.expr));
        }
        Ok(())
    }

    /// A value as an element of a list, or a key (or value) of a dict or set. Where it isn't one, those that make the
    /// list are asked to make wider ones.
    fn element(
        &mut self,
        object: &Value,
        makes: Makes,
        of: (&Type, &Type),
        value: Value,
        second: bool,
    ) -> Lowered<Value> {
        self.changeable(object)?;
        let now = if second { of.1 } else { of.0 };
        if let Some(joined) = self.join((now, &object.sites), (value.of(), &value.sites))? {
            if joined == *now {
                return self.coerce(value, &joined);
            }
            let wide = if second { (of.0, &joined) } else { (&joined, of.1) };
            if self.cells.widen(&object.sites, makes, of, wide) {
                return Err(Stop::Again);
            }
        }
        Err(self.refused(format!("a {} is put into a {}", value.of(), object.of()), "put values of one type there"))
    }

    /// An attribute's value is shared by all calls.
    fn changeable(&mut self, object: &Value) -> Lowered<()> {
        match object.constant() {
            Some(_) => {
                Err(self.refused(format!("a {} that is an attribute is changed", object.of()), "make a new one"))
            }
            None => Ok(()),
        }
    }

    pub(super) fn extend_list(&mut self, list: Value, values: &'a Expression) -> Lowered<()> {
        // A comprehension makes its list first: it doesn't see the elements that are added meanwhile.
        let more = self.iterated(values)?;
        self.extend_by(list, more)
    }

    pub(super) fn extend_by(&mut self, list: Value, more: Value) -> Lowered<()> {
        let more = more.unwrapped();
        if let Type::List(of) | Type::TupleOf(of) = more.of() {
            if is_empty(of) {
                self.evaluate(more);
                return Ok(());
            }
            let listed = Type::List(of.clone());
            if *list.of() == listed {
                self.changeable(&list)?;
                self.cells.hold(&list.sites, &more.sites);
                let extended = Value::call(Type::None, Primitive::ListExtend, vec![list, more]);
                self.out.push(Stmt::Evaluate(extended.expr));
                return Ok(());
            }
        }
        self.each_value(more, &mut |this, value| this.append(list.clone(), value))
    }

    pub(super) fn set_item(&mut self, object: Value, index: Value, value: Value) -> Lowered<()> {
        let object = object.unwrapped();
        match object.of().clone() {
            Type::List(of) => {
                let index = self.int(index)?;
                self.cells.hold(&object.sites, &value.sites);
                if is_empty(&of) {
                    return Err(self.raises("an element of an empty list is set", "append it instead"));
                }
                let value = self.element(&object, Makes::List, (&of, &Type::Never), value, false)?;
                let set = Value::call(Type::None, Primitive::ListSet, vec![object, index, value]);
                self.evaluate(set);
                Ok(())
            }
            Type::Dict(..) => self.set_key(object, index, value),
            Type::Record(_) => Err(self.refused("items of an object are set", "use a dict")),
            of => Err(self.raises(format!("items of a {of} are set"), "set them in a list or a dict")),
        }
    }

    /// `dict[key] = value`.
    pub(super) fn set_key(&mut self, dict: Value, key: Value, value: Value) -> Lowered<()> {
        let Type::Dict(k, v) = dict.of().clone() else {
            return Err(self.refused("a dict is needed here", "compile the script again"));
        };
        self.hashable(key.of())?;
        let sites = [key.sites.clone(), value.sites.clone()];
        let key = self.element(&dict, Makes::Dict, (&k, &v), key, false)?;
        let value = self.element(&dict, Makes::Dict, (&k, &v), value, true)?;
        sites.iter().for_each(|sites| self.cells.hold(&dict.sites, sites));
        let set = Value::call(Type::None, Primitive::DictSet, vec![dict, key, value]);
        self.out.push(Stmt::Evaluate(set.expr));
        Ok(())
    }

    pub(super) fn add_to_set(&mut self, set: Value, value: Value) -> Lowered<()> {
        let Type::Set(of) = set.of().clone() else {
            return Err(self.refused("a set is needed here", "compile the script again"));
        };
        self.hashable(value.of())?;
        let value = self.element(&set, Makes::Set, (&of, &Type::Never), value, false)?;
        let add = Value::call(Type::None, Primitive::SetAdd, vec![set, value]);
        self.out.push(Stmt::Evaluate(add.expr));
        Ok(())
    }

    /// `|`, `&`, `-` and `^` of sets. In which order the new one got its elements, nobody can see.
    pub(super) fn set_operator<T>(&mut self, at: &T, op: BinaryOp, a: Value, b: Value) -> Lowered<Value> {
        // Of elements of one plain type, equal ones are the same.
        let is_plain = match (a.of(), b.of()) {
            (Type::Set(of), Type::Set(other)) => {
                plain(of) && plain(other) && (of == other || **of == Type::Never || **other == Type::Never)
            }
            _ => false,
        };
        if !is_plain {
            return Err(self.refused(format!("an operator of a {} and a {}", a.of(), b.of()), "write it as a loop"));
        }
        let (a, b) = (self.hold(a), self.hold(b));
        let set = self.new_set(at)?;
        let ways: &[(&Value, Option<(&Value, bool)>)] = match op {
            BinaryOp::BitOr => &[(&a, None), (&b, None)],
            BinaryOp::BitAnd => &[(&a, Some((&b, true)))],
            BinaryOp::Sub => &[(&a, Some((&b, false)))],
            BinaryOp::BitXor => &[(&a, Some((&b, false))), (&b, Some((&a, false)))],
            _ => return Err(self.raises("an operator that sets don't have", "use `|`, `&`, `-` or `^`")),
        };
        for (over, other) in ways {
            let Type::Set(of) = over.of() else {
                return Err(self.refused("a set is needed here", "compile the script again"));
            };
            if *of.as_ref() == Type::Never {
                continue;
            }
            let keys = Value::call(Type::List(of.clone()), Primitive::DictKeys, vec![(*over).clone()]);
            self.each_value(keys, &mut |this, item| {
                let Some((other, is_in)) = *other else { return this.add_to_set(set.clone(), item) };
                let item = this.hold(item);
                let found = this.contains_in(item.clone(), other.clone())?;
                let (out, added) = (std::mem::take(&mut this.out), this.add_to_set(set.clone(), item));
                let add = std::mem::replace(&mut this.out, out);
                added?;
                let (yes, no) = if is_in { (add, Vec::new()) } else { (Vec::new(), add) };
                this.out.push(Stmt::If(found.expr, yes, no));
                Ok(())
            })?;
        }
        Ok(set)
    }

    /// `setdefault`: what is there, or the value, which then is.
    pub(super) fn set_default(&mut self, dict: Value, key: Value, value: Value) -> Lowered<Value> {
        let Type::Dict(k, v) = dict.of().clone() else {
            return Err(self.refused("a dict is needed here", "compile the script again"));
        };
        self.hashable(key.of())?;
        let key = self.element(&dict, Makes::Dict, (&k, &v), key, false)?;
        let sites = value.sites.clone();
        let value = self.element(&dict, Makes::Dict, (&k, &v), value, true)?;
        self.cells.hold(&dict.sites, &sites);
        let (dict, key, value) = (self.hold(dict), self.hold(key), self.hold(value));
        let has = Value::call(Type::Bool, Primitive::DictHas, vec![dict.clone(), key.clone()]);
        let set = Value::call(Type::None, Primitive::DictSet, vec![dict.clone(), key.clone(), value]);
        self.out.push(Stmt::If(has.expr, Vec::new(), vec![Stmt::Evaluate(set.expr)]));
        let got = Value::call(*v, Primitive::DictGet, vec![dict, key]);
        Ok(self.hold(got))
    }

    /// `list.pop()`, `list.pop(-1)`, `list.pop(0)` and others of a known index.
    pub(super) fn pop(&mut self, list: Value) -> Lowered<Value> {
        let of = super::loops::element(list.of());
        if is_empty(&of) {
            return Err(self.bail(Why::Raises));
        }
        self.changeable(&list)?;
        let popped = Value::call(of, Primitive::ListPop, vec![list]);
        Ok(self.hold(popped))
    }

    /// `pop(index)`.
    pub(super) fn pop_at(&mut self, list: Value, index: Value) -> Lowered<Value> {
        let of = super::loops::element(list.of());
        if is_empty(&of) {
            return Err(self.bail(Why::Raises));
        }
        self.changeable(&list)?;
        let (list, index) = (self.hold(list), self.int(index)?);
        let index = self.hold(index);
        let mut found = Value::call(of, Primitive::ListGet, vec![list.clone(), index.clone()]);
        found.sites = list.sites.clone();
        let found = self.hold(found);
        self.delete_at(list, index)?;
        Ok(found)
    }

    pub(super) fn delete_at(&mut self, list: Value, index: Value) -> Lowered<()> {
        self.changeable(&list)?;
        let delete = Value::call(Type::None, Primitive::ListDelete, vec![list, index]);
        self.out.push(Stmt::Evaluate(delete.expr));
        Ok(())
    }

    /// `list.reverse()`, `list.clear()`.
    pub(super) fn change_all(&mut self, list: Value, name: &str) -> Lowered<Value> {
        self.changeable(&list)?;
        if !is_empty(&super::loops::element(list.of())) {
            let primitive = if name == "clear" { Primitive::ListClear } else { Primitive::ListReverse };
            let change = Value::call(Type::None, primitive, vec![list]);
            self.out.push(Stmt::Evaluate(change.expr));
        }
        Ok(Value::none())
    }

    /// `dict.pop(key)`, with or without a default.
    pub(super) fn pop_key(
        &mut self,
        (key, of): (&Type, &Type),
        dict: Value,
        wanted: Value,
        default: Option<Value>,
    ) -> Lowered<Value> {
        self.changeable(&dict)?;
        self.hashable(&wanted.of().clone())?;
        let wanted = match self.lookup(key, wanted)? {
            Ok(wanted) => wanted,
            Err(wanted) => {
                self.evaluate(wanted);
                return default.ok_or_else(|| self.bail(Why::Raises));
            }
        };
        let (dict, wanted) = (self.hold(dict), self.hold(wanted));
        let found = match default {
            Some(default) => self.get((key, of), dict.clone(), wanted.clone(), default)?,
            None => {
                let mut found = Value::call(of.clone(), Primitive::DictGet, vec![dict.clone(), wanted.clone()]);
                found.sites = dict.sites.clone();
                found
            }
        };
        let found = self.hold(found);
        let delete = Value::call(Type::Bool, Primitive::DictDelete, vec![dict, wanted]);
        self.out.push(Stmt::Evaluate(delete.expr));
        Ok(found)
    }

    /// `set.discard(value)`, `set.remove(value)`.
    pub(super) fn remove_from_set(&mut self, set: Value, value: Value, must_be_there: bool) -> Lowered<Value> {
        let Type::Set(of) = set.of().clone() else {
            return Err(self.refused("a set is needed here", "compile the script again"));
        };
        self.changeable(&set)?;
        self.hashable(&value.of().clone())?;
        match self.lookup(&of, value)? {
            Ok(value) => {
                let removed = Value::call(Type::Bool, Primitive::DictDelete, vec![set, value]);
                match must_be_there {
                    true => {
                        let removed = self.hold(removed);
                        self.require(removed.expr, Why::Raises)?;
                    }
                    false => self.out.push(Stmt::Evaluate(removed.expr)),
                }
            }
            Err(value) => {
                self.evaluate(value);
                if must_be_there {
                    return Err(self.bail(Why::Raises));
                }
            }
        }
        Ok(Value::none())
    }

    /// `insert(index, value)`.
    pub(super) fn insert(&mut self, list: Value, index: Value, value: Value) -> Lowered<Value> {
        let Type::List(of) = list.of().clone() else {
            return Err(self.refused("a list is needed here", "compile the script again"));
        };
        self.changeable(&list)?;
        let (list, index) = (self.hold(list), self.int(index)?);
        let index = self.hold(index);
        let sites = value.sites.clone();
        let value = self.element(&list, Makes::List, (&of, &Type::Never), value, false)?;
        self.cells.hold(&list.sites, &sites);
        let insert = Value::call(Type::None, Primitive::ListInsert, vec![list, index, value]);
        self.out.push(Stmt::Evaluate(insert.expr));
        Ok(Value::none())
    }

    /// Keys of dicts and elements of sets.
    pub(super) fn hashable(&mut self, of: &Type) -> Lowered<()> {
        match of {
            Type::List(_) | Type::Mixed(_) | Type::Dict(..) | Type::Row(_) | Type::Set(_) => {
                Err(self.raises(format!("a {of} is a key of a dict or an element of a set"), "use a tuple"))
            }
            Type::Record(record) if record.is_tuple => record.fields.iter().try_for_each(|(_, of)| self.hashable(of)),
            Type::Record(record) if record.is_enum() => Ok(()),
            Type::Record(record) => {
                Err(self.refused(format!("objects of {} are keys", record.name), "use a tuple of their fields"))
            }
            Type::Match(_) => Err(self.refused("a match is a key", "use its text")),
            Type::Union(_) => Err(self.refused(format!("a {of} is a key"), "use keys of one type")),
            Type::Object(class) => Err(self.refused(
                format!("a {class} is a key, which is only handed on in machine code"),
                "take a field of it in a map() before this one, and use that",
            )),
            Type::Tuple(fields) => fields.iter().try_for_each(|of| self.hashable(of)),
            Type::TupleOf(of) | Type::Optional(of) => self.hashable(of),
            _ => Ok(()),
        }
    }

    /// `False` and the like, where what would tell more is evaluated before.
    pub(super) fn known_bool(&mut self, values: [Value; 2], known: bool) -> Expr {
        values.into_iter().for_each(|value| self.evaluate(value));
        Value::bool(known).expr
    }
}

/// Whether statements themselves, without the functions that they call, may change a dict or a set.
pub(super) fn changes_dicts(code: &[Statement]) -> bool {
    code.iter().any(|statement| match &statement.kind {
        StatementKind::SetItem(..) => true,
        StatementKind::Assign(_, value)
        | StatementKind::Return(value)
        | StatementKind::Collect(value)
        | StatementKind::CollectEach(value)
        | StatementKind::Evaluate(value)
        | StatementKind::SetField(_, _, value, _)
        | StatementKind::SetAttribute(_, value) => changes(value),
        StatementKind::Append(list, value) | StatementKind::Extend(list, value) => changes(list) || changes(value),
        StatementKind::If(ways, orelse) => {
            ways.iter().any(|(test, body)| changes(test) || changes_dicts(body)) || changes_dicts(orelse)
        }
        StatementKind::While(over, body, orelse) | StatementKind::For(_, over, body, orelse) => {
            changes(over) || changes_dicts(body) || changes_dicts(orelse)
        }
        StatementKind::Try(body, handlers, orelse) => {
            changes_dicts(body) || handlers.iter().any(|handler| changes_dicts(&handler.body)) || changes_dicts(orelse)
        }
        StatementKind::Throw(_, arguments) => arguments.iter().any(changes),
        StatementKind::Break | StatementKind::Continue | StatementKind::Raise | StatementKind::Left(_) => false,
    })
}

/// As [`changes_dicts`], of what a comprehension evaluates.
pub(super) fn changes_within(value: &Expression, clauses: &[Clause]) -> bool {
    let clause = |clause: &Clause| changes(&clause.iterable) || clause.conditions.iter().any(changes);
    changes(value) || clauses.iter().any(clause)
}

fn changes(expression: &Expression) -> bool {
    let any = |expressions: &[Expression]| expressions.iter().any(changes);
    let key = |key: &Option<Key>| key.as_ref().is_some_and(|key| changes(&key.value));
    match expression {
        Expression::None
        | Expression::Bool(_)
        | Expression::Int(_)
        | Expression::Float(_)
        | Expression::Str(_)
        | Expression::Bytes(_)
        | Expression::Local(_)
        | Expression::Member(..)
        | Expression::Attribute(_) => false,
        Expression::Method(object, name, arguments) => {
            matches!(
                name.as_str(),
                "setdefault" | "update" | "pop" | "popitem" | "clear" | "add" | "discard" | "remove"
            ) || changes(object)
                || any(arguments)
        }
        Expression::Tuple(items)
        | Expression::List(items)
        | Expression::Set(items)
        | Expression::Call(_, items)
        | Expression::Invoke(_, items)
        | Expression::New(_, items)
        | Expression::Regex(_, _, _, items) => any(items),
        Expression::Dict(items) => items.iter().any(|(key, value)| changes(key) || changes(value)),
        Expression::Binary(_, a, b)
        | Expression::Compare(_, a, b)
        | Expression::And(a, b)
        | Expression::Or(a, b)
        | Expression::Let(_, a, b)
        | Expression::Index(a, b) => changes(a) || changes(b),
        Expression::Unary(_, a)
        | Expression::Field(a, _)
        | Expression::IsInstance(a, _)
        | Expression::Percent(_, a) => changes(a),
        Expression::If(a, b, c) => changes(a) || changes(b) || changes(c),
        Expression::Slice(a, bounds) => changes(a) || any(&bounds[..]),
        Expression::Format(parts) => parts.iter().any(|part| matches!(part, Part::Value(value, ..) if changes(value))),
        Expression::Comprehension(value, clauses) => changes_within(value, clauses),
        Expression::DictComprehension(key, value, clauses) => changes(key) || changes_within(value, clauses),
        Expression::Sorted(over, by, reverse) => changes(over) || key(by) || changes(reverse),
        Expression::Best(_, over, by, default) => {
            changes(over) || key(by) || default.as_ref().is_some_and(|default| changes(default))
        }
    }
}
