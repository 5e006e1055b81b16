//! Methods, by what they are called on.

use super::cells::is_empty;
use super::equality::compares;
use super::loops::view;
use super::{Lowered, Lowering, Value};
use crate::ir::{CompareOp, Expression};
use crate::primitive::Primitive;
use crate::typed::{Expr, Kind, Stmt};
use crate::types::Type;

impl<'a> Lowering<'a> {
    pub(super) fn method(
        &mut self,
        at: &'a Expression,
        object: &'a Expression,
        name: &'a str,
        arguments: &'a [Expression],
    ) -> Lowered<Value> {
        if let ("join", [over]) = (name, arguments) {
            return self.join_text(at, object, over);
        }
        if let ("startswith" | "endswith", [Expression::Tuple(options), bounds @ ..]) = (name, arguments) {
            let object = self.expr(object)?;
            let object = self.text(object)?;
            let object = self.hold(object);
            let options = self.operands_of(options.iter())?;
            let options = options.into_iter().map(|option| self.hold(option)).collect();
            let bounds = self.operands_of(bounds.iter())?;
            let bounds = bounds.into_iter().map(|bound| self.hold(bound)).collect();
            return self.any_affix(object, name, options, bounds);
        }
        if let "_replace" | "dataclasses.replace" = name
            && let Some(changes) = by_name(arguments)
        {
            let values = changes.iter().map(|(_, value)| *value);
            let mut values = self.operands_of(std::iter::once(object).chain(values))?;
            let object = values.remove(0);
            let changes = changes.into_iter().zip(values).map(|((field, _), value)| (field, value)).collect();
            return self.replaced(object, name, changes);
        }
        let object = self.expr(object)?;
        let mut values = vec![self.receiver(object)];
        for argument in arguments {
            let before = self.out.len();
            let value = self.expr(argument)?;
            self.hold_before(before, &mut values);
            values.push(value);
        }
        let object = values.remove(0);
        self.method_of(at, object, name, values)
    }

    pub(super) fn method_of(
        &mut self,
        at: &'a Expression,
        object: Value,
        name: &str,
        arguments: Vec<Value>,
    ) -> Lowered<Value> {
        let [object] =
            match self.apart([object], &mut |this, [object]| this.method_of(at, object, name, arguments.clone())) {
                Ok(value) => return value,
                Err(values) => values,
            };
        let object = object.unwrapped();
        let of = object.of().clone();
        match &of {
            Type::Str => self.text_method(object, name, arguments),
            Type::Bytes => self.bytes_method(object, name, arguments),
            Type::Record(record) => self.object_method(at, record, object, name, arguments),
            Type::Row(_) => self.row_method(at, object, name, arguments),
            Type::Dict(key, value) => self.dict_method((key, value), object, name, arguments),
            Type::List(item) | Type::TupleOf(item) => self.list_method(item, object, name, arguments),
            Type::Tuple(fields) => match fields.iter().try_fold(Type::Never, |joined, of| joined.join(of)) {
                Some(item) if matches!(name, "count" | "index") && !is_empty(&item) => {
                    let sites = object.sites.clone();
                    let items = self.fields(object).into_iter().map(|field| field.coerced(&item).expr).collect();
                    let of = Type::TupleOf(Box::new(item.clone()));
                    let object = Value::from(of, Kind::Elements(items), sites);
                    self.list_method(&item, object, name, arguments)
                }
                _ => Err(self.refused(format!("`{name}` of a {of} isn't compiled"), "use a list")),
            },
            Type::Mixed(_) if name == "copy" && arguments.is_empty() => Ok(object),
            Type::Mixed(_) => {
                Err(self.refused(format!("`{name}` of a list of several types isn't compiled"), "use a tuple"))
            }
            Type::Set(_) => self.set_method(object, name, arguments),
            Type::Match(groups) => self.match_method(at, object, *groups, name, arguments),
            Type::Bool | Type::Int | Type::Float | Type::Number => self.number_method(object, name, arguments),
            Type::Time(time) => self.time_method(object, *time, name, arguments),
            Type::Object(class) => Err(self.refused(
                format!("`{name}` of a {class}, which is only handed on in machine code"),
                "call it in a map() of its own, and hand its result on",
            )),
            _ => Err(self.raises(format!("`{name}` of {of}"), format!("use what {of} has"))),
        }
    }

    fn number_method(&mut self, object: Value, name: &str, arguments: Vec<Value>) -> Lowered<Value> {
        match (name, object.of()) {
            ("is_integer", Type::Float) if arguments.is_empty() => {
                // As CPython does: whether it is its own floor.
                let object = self.hold(object);
                let finite = Value::call(Type::Bool, Primitive::Math("isfinite"), vec![object.clone()]);
                let one = Value::new(Type::Float, Kind::Constant(crate::types::Constant::Float(1.0)));
                let zero = Value::new(Type::Float, Kind::Constant(crate::types::Constant::Float(0.0)));
                self.either(
                    finite.expr,
                    |_| {
                        let rest = Value::call(Type::Float, Primitive::FloatMod, vec![object, one]);
                        let kind = Kind::Compare(CompareOp::Eq, Box::new(rest.expr), Box::new(zero.expr));
                        Ok(Value::new(Type::Bool, kind))
                    },
                    |_| Ok(Value::bool(false)),
                )
            }
            (_, of) => {
                Err(self.refused(format!("`{name}` of a {of} isn't compiled"), "use operators and functions of `math`"))
            }
        }
    }

    fn dict_method(
        &mut self,
        (key, of): (&Type, &Type),
        dict: Value,
        name: &str,
        arguments: Vec<Value>,
    ) -> Lowered<Value> {
        let count = arguments.len();
        let mut arguments = arguments.into_iter();
        match (name, count, arguments.next(), arguments.next()) {
            ("get", 1 | 2, Some(wanted), default) => {
                let default = default.unwrap_or_else(Value::none);
                self.get((key, of), dict, wanted, default)
            }
            ("setdefault", 1 | 2, Some(wanted), default) => {
                self.set_default(dict, wanted, default.unwrap_or_else(Value::none))
            }
            ("pop", 1 | 2, Some(wanted), default) => self.pop_key((key, of), dict, wanted, default),
            ("copy", 0, ..) => Err(self.refused("a copy of a dict isn't compiled", "write dict(…)")),
            (_, 0, ..) if view(name).is_some() => Err(self.refused(
                format!("`{name}` of a dict isn't gone over where it is made"),
                format!("write list(….{name}())"),
            )),
            _ => Err(self.refused(format!("`{name}` of a dict isn't compiled"), "set or delete its items one by one")),
        }
    }

    /// `dict.get(key, default)`.
    pub(super) fn get(
        &mut self,
        (key, of): (&Type, &Type),
        dict: Value,
        wanted: Value,
        default: Value,
    ) -> Lowered<Value> {
        self.hashable(&wanted.of().clone())?;
        // None is no key.
        if super::membership::is_none_no_key(wanted.of(), key) {
            let (dict, wanted, default) = (self.hold(dict), self.hold(wanted), self.hold(default));
            let none = self.is_none(wanted.clone());
            let other = default.clone();
            return self.either(none, |_| Ok(other), |this| this.get((key, of), dict, wanted.unwrapped(), default));
        }
        let wanted = match self.lookup(key, wanted)? {
            Ok(wanted) => wanted,
            Err(wanted) => {
                self.evaluate(wanted);
                self.evaluate(dict);
                return Ok(default);
            }
        };
        let Some(joined) = self.join((of, &dict.sites), (default.of(), &default.sites))? else {
            return Err(
                self.refused(format!("`get` gives a {of} or a {}", default.of()), "use a default of the values' type")
            );
        };
        if joined == *of {
            let default = self.coerce(default, of)?;
            return Ok(Value::call(joined, Primitive::DictGetOr, vec![dict, wanted, default]));
        }
        if *default.of() == Type::None {
            return Ok(Value::call(joined, Primitive::DictFind, vec![dict, wanted]));
        }
        let (dict, wanted, default) = (self.hold(dict), self.hold(wanted), self.hold(default));
        let has = Value::call(Type::Bool, Primitive::DictHas, vec![dict.clone(), wanted.clone()]);
        let got = Value::call(of.clone(), Primitive::DictGet, vec![dict, wanted]);
        self.either(has.expr, |_| Ok(got), |_| Ok(default))
    }

    fn list_method(&mut self, item: &Type, list: Value, name: &str, arguments: Vec<Value>) -> Lowered<Value> {
        let count = arguments.len();
        let mutable = matches!(list.of(), Type::List(_));
        let mut arguments = arguments.into_iter();
        match (name, count, arguments.next()) {
            ("append", 1, Some(value)) if mutable => {
                self.append(list, value)?;
                Ok(Value::none())
            }
            ("pop", 0, _) if mutable => self.pop(list),
            ("pop", 1, Some(index)) if mutable && matches!(index.constant(), Some(crate::types::Constant::Int(-1))) => {
                self.pop(list)
            }
            ("pop", 1, Some(index)) if mutable => self.pop_at(list, index),
            ("reverse" | "clear", 0, None) if mutable => self.change_all(list, name),
            ("remove", 1, Some(value)) if mutable && item_fits(item, value.of()) => {
                let (list, value) = (self.hold(list), value.coerced(item));
                let index = Value::call(Type::Int, Primitive::ListIndexOf, vec![list.clone(), value]);
                let index = self.hold(index);
                self.delete_at(list, index)?;
                Ok(Value::none())
            }
            ("insert", 2, Some(index)) if mutable => match arguments.next() {
                Some(value) => self.insert(list, index, value),
                None => Err(self.arity("insert")),
            },
            ("copy", 0, _) if mutable => Ok(Value::call(list.of().clone(), Primitive::ListCopy, vec![list])),
            ("count", 1, Some(value)) => {
                if item_fits(item, value.of()) {
                    let value = value.coerced(item);
                    return Ok(Value::call(Type::Int, Primitive::ListCount, vec![list, value]));
                }
                self.count_equal(list, value)
            }
            ("index", 1, Some(value)) if item_fits(item, value.of()) => {
                let value = value.coerced(item);
                Ok(Value::call(Type::Int, Primitive::ListIndexOf, vec![list, value]))
            }
            _ => Err(self.refused(format!("`{name}` of a {} isn't compiled", list.of()), "write a loop")),
        }
    }

    fn count_equal(&mut self, list: Value, value: Value) -> Lowered<Value> {
        let value = self.hold(value);
        let total = self.temp(Type::Int);
        self.out.push(Stmt::Assign(total, Value::int(0).expr));
        self.each_value(list, &mut |this, item| {
            let equal = this.equal(item, value.clone(), true)?;
            let more = this.binary(crate::ir::BinaryOp::Add, Value::slot(total, Type::Int), Value::int(1))?;
            this.out.push(Stmt::If(equal, vec![Stmt::Assign(total, more.expr)], Vec::new()));
            Ok(())
        })?;
        Ok(Value::slot(total, Type::Int))
    }

    fn set_method(&mut self, set: Value, name: &str, arguments: Vec<Value>) -> Lowered<Value> {
        let mut arguments = arguments.into_iter();
        match (name, arguments.next(), arguments.next()) {
            ("add", Some(value), None) => {
                self.add_to_set(set, value)?;
                Ok(Value::none())
            }
            ("discard" | "remove", Some(value), None) => self.remove_from_set(set, value, name == "remove"),
            _ => Err(self.refused(format!("`{name}` of a set isn't compiled"), for_set_method(name))),
        }
    }

    fn join_text(&mut self, at: &'a Expression, separator: &'a Expression, over: &'a Expression) -> Lowered<Value> {
        let separator = self.expr(separator)?.unwrapped();
        if *separator.of() != Type::Str {
            let list = self.expr(over)?;
            return self.method_of(at, separator, "join", vec![list]);
        }
        let separator = self.hold(separator);
        let value = self.iterated(over)?.tupled();
        let parts = match value.of().clone() {
            Type::List(_) | Type::TupleOf(_) => value,
            Type::Str => Value::call(Type::List(Box::new(Type::Str)), Primitive::StrChars, vec![value]),
            Type::Dict(key, _) => Value::call(Type::List(key), Primitive::DictKeys, vec![value]),
            Type::Tuple(_) => {
                let fields = self.fields(value);
                self.list(over, fields)?
            }
            Type::Row(_) => {
                let keys = self.over_row(value, super::loops::View::Keys);
                self.list(over, keys)?
            }
            of => return Err(self.refused(format!("`join` of a {of} isn't compiled"), "use a list")),
        };
        match parts.of().clone() {
            Type::List(of) | Type::TupleOf(of) if *of == Type::Str => {
                Ok(Value::call(Type::Str, Primitive::StrJoin, vec![separator, parts]))
            }
            Type::List(of) | Type::TupleOf(of) if is_empty(&of) => {
                self.evaluate(parts);
                Ok(Value::str(""))
            }
            Type::List(of) | Type::TupleOf(of) if *of == Type::Str.optional() => {
                let texts = self.new_list(at, Type::Never)?;
                self.each_value(parts, &mut |this, value| this.append(texts.clone(), value.unwrapped()))?;
                Ok(Value::call(Type::Str, Primitive::StrJoin, vec![separator, texts]))
            }
            of => {
                // Python raises at the first of them; of none it makes an empty text.
                let len = Value::call(Type::Int, Primitive::ListLen, vec![parts]);
                let none = Kind::Compare(CompareOp::Eq, Box::new(len.expr), Box::new(Value::int(0).expr));
                let edit = "convert each with `str(…)`";
                self.raising.get_or_insert(crate::Reason::new(format!("`join` of a {of}"), edit, self.span));
                self.require(Expr { of: Type::Bool, kind: none }, crate::typed::Why::Raises)?;
                Ok(Value::str(""))
            }
        }
    }
}

/// Names and values that take turns.
fn by_name(arguments: &[Expression]) -> Option<Vec<(String, &Expression)>> {
    let (pairs, []) = arguments.as_chunks::<2>() else { return None };
    let mut changes = Vec::with_capacity(pairs.len());
    for [name, value] in pairs {
        let Expression::Str(name) = name else { return None };
        changes.push((name.clone(), value));
    }
    Some(changes)
}

fn item_fits(item: &Type, value: &Type) -> bool {
    compares(item) && (value.join(item).as_ref() == Some(item) || (*value == Type::Bool && *item == Type::Int))
}

/// What to write instead of a method of sets.
fn for_set_method(name: &str) -> &'static str {
    match name {
        "union" | "update" => "write `a | b`",
        "intersection" | "intersection_update" => "write `a & b`",
        "difference" | "difference_update" => "write `a - b`",
        "symmetric_difference" | "symmetric_difference_update" => "write `a ^ b`",
        "isdisjoint" => "write `not any(x in b for x in a)`",
        "issubset" | "issuperset" => "write `all(x in b for x in a)`",
        "clear" => "make a new one: `set()`",
        "copy" => "write `set(…)`",
        _ => "write a loop with add() or discard()",
    }
}
