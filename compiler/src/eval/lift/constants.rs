//! Constants: literals, and values that evaluation knows and that never change.

use super::*;
use pyflink_plan::ir::Builtin;

/// A literal, or why it isn't one for machine code.
pub(super) fn literal(value: &Constant) -> Result<Expression, Cause> {
    Ok(match value {
        Constant::None => Expression::None,
        Constant::Bool(value) => Expression::Bool(*value),
        Constant::Int(value) => match i64::try_from(value) {
            Ok(value) => Expression::Int(value),
            Err(_) => {
                return Err(Cause::new(
                    "an int of more than 64 bits runs in Python",
                    "use numbers below 2**63, or call what needs it in a map() of its own",
                ));
            }
        },
        Constant::Float(value) => Expression::Float(value.to_bits()),
        Constant::Str(text) if is_exact(text) => Expression::Str(text.clone()),
        Constant::Str(_) => {
            return Err(Cause::new(
                "text with U+FFFD or half a surrogate pair runs in Python",
                "leave these characters out of the constant",
            ));
        }
        Constant::Bytes(bytes) => Expression::Bytes(bytes.clone()),
        Constant::Complex(..) => {
            return Err(Cause::new(
                "complex numbers run in Python",
                "keep the real and the imaginary part apart, as two floats",
            ));
        }
        Constant::Ellipsis => return Err(Cause::new("`...` as a value runs in Python", "use None")),
    })
}

/// The parser writes U+FFFD for lone surrogates.
pub(super) fn is_exact(text: &str) -> bool {
    !text.contains('\u{fffd}')
}

impl<'a> Evaluator<'a> {
    /// A value as an expression, if it is made of constants.
    pub(super) fn lifted_constant(&self, value: &Value) -> Option<Expression> {
        self.constant_within(value, 8)
    }

    fn constant_within(&self, value: &Value, depth: usize) -> Option<Expression> {
        let depth = depth.checked_sub(1)?;
        let all = |items: &[Value]| items.iter().map(|item| self.constant_within(item, depth)).collect::<Option<_>>();
        Some(match value {
            Value::None => Expression::None,
            Value::Bool(value) => Expression::Bool(*value),
            Value::Int(value) => Expression::Int(i64::try_from(value).ok()?),
            Value::Float(value) => Expression::Float(value.to_bits()),
            Value::Str(text) if is_exact(text) => Expression::Str(text.to_string()),
            Value::Bytes(bytes) => Expression::Bytes(bytes.to_vec()),
            Value::Tuple(items) => Expression::Tuple(all(items)?),
            Value::Range(range) => {
                let bounds = [&range.start, &range.stop, &range.step];
                let bounds = bounds.into_iter().map(|bound| Some(Expression::Int(i64::try_from(bound).ok()?)));
                Expression::Call(Builtin::Range, bounds.collect::<Option<_>>()?)
            }
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => Expression::List(all(items)?),
                Object::Set(table) => Expression::Set(all(&table.keys())?),
                Object::Dict(table) if !table.is_ordered => {
                    let item = |(key, value): (&Value, &Value)| {
                        Some((self.constant_within(key, depth)?, self.constant_within(value, depth)?))
                    };
                    Expression::Dict(table.iter().map(item).collect::<Option<_>>()?)
                }
                Object::Instance(held) if self.is_named_tuple(&held.class) => {
                    let class = held.class.object()?;
                    let record = self.record(class)?;
                    let field = |field: &String| self.constant_within(held.attributes.get(field.as_str())?, depth);
                    Expression::New(class.0, record.fields.iter().map(field).collect::<Option<_>>()?)
                }
                Object::Instance(held) => match self.lifted_member(*id) {
                    Some(member) => member,
                    None => {
                        let class = held.class.object()?;
                        let record =
                            self.record(class).filter(|record| record.fields.len() == held.attributes.len())?;
                        let field = |field: &String| self.constant_within(held.attributes.get(field.as_str())?, depth);
                        Expression::New(class.0, record.fields.iter().map(field).collect::<Option<_>>()?)
                    }
                },
                _ => return None,
            },
            _ => return None,
        })
    }

    pub(super) fn is_ordered_dict(&self, value: &Value) -> bool {
        let object = value.object().map(|id| self.heap.get(id));
        matches!(object, Some(Object::Dict(table)) if table.is_ordered)
    }

    /// The items of an `OrderedDict` of constants as a dict, for who doesn't see the difference.
    pub(super) fn ordered_entries(&self, value: &Value) -> Option<Expression> {
        let Object::Dict(table) = self.heap.get(value.object()?) else { return None };
        let item = |(key, value): (&Value, &Value)| Some((self.lifted_constant(key)?, self.lifted_constant(value)?));
        let items = table.iter().map(item).collect::<Option<_>>();
        items.filter(|_| table.is_ordered).map(Expression::Dict)
    }

    /// Why a value is no constant for machine code, and what to do.
    pub(super) fn why_no_constant(&self, value: &Value, title: &str) -> Cause {
        let what = self.no_constant(value, 8);
        let is_object = value.object().is_some_and(|id| matches!(self.heap.get(id), Object::Instance(_)));
        match (value, what) {
            _ if is_object => Cause::new(
                format!("{title} is an object that is made outside of the function"),
                "make it an attribute of a function object",
            ),
            _ if self.is_ordered_dict(value) => Cause::new(
                format!("{title} is an OrderedDict"),
                "look its keys up or go through them, or make it a dict",
            ),
            (Value::Object(_) | Value::Tuple(_), Some((what, false))) => Cause::new(
                format!("{title} holds {what}, which machine code has no form for"),
                "look these up in another way",
            ),
            (_, Some((what, true))) => Cause::new(
                format!("{title} is {what}"),
                "call it, or hand over a lambda that does, instead of using it as a value",
            ),
            _ => Cause::new(
                format!("what {title} is, isn't known before a run"),
                "make it a constant, or an attribute of a function object",
            ),
        }
    }

    /// True for what only the run tells: something that isn't known, or lists and dicts that hold such.
    pub(super) fn is_late(&self, value: &Value) -> bool {
        let is_list =
            |id: ObjectId| matches!(self.heap.get(id), Object::List(_) | Object::Dict(_) | Object::Unknown(..));
        match value {
            Value::Opaque(_) => true,
            Value::Tuple(_) => self.no_constant(value, 8).is_none() && self.lifted_constant(value).is_none(),
            Value::Object(id) if is_list(*id) => {
                self.no_constant(value, 8).is_none() && self.lifted_constant(value).is_none()
            }
            _ => false,
        }
    }

    /// True for a global that isn't known, but is surely nothing that can be changed: a number or text, or what something of
    /// `datetime` gives.
    pub(super) fn never_changes(&self, source: pyflink_plan::SourceId, name: &str) -> bool {
        let imports = self.program.top_imports(source);
        let (mut found, mut own) = (None, BTreeSet::new());
        walk::statements(&self.program.tree(source).body, &mut |statement| {
            if let StmtKind::FunctionDef(def) = &statement.kind {
                own.insert(def.name.name.as_str());
            }
            if let StmtKind::Assign { targets, value } = &statement.kind
                && targets.iter().any(|target| matches!(&target.kind, ExprKind::Name(known) if known == name))
            {
                found = Some(value);
            }
        });
        let known = |name: &str| match own.contains(name) {
            true => Some(String::new()),
            false => imports.get(name).cloned(),
        };
        found.is_some_and(|value| is_unchanging(value, &known))
    }

    /// What in a value is no constant, if that is known, and whether it is the value itself.
    fn no_constant(&self, value: &Value, depth: usize) -> Option<(&'static str, bool)> {
        let depth = depth.checked_sub(1)?;
        if self.lifted_constant(value).is_some() {
            return None;
        }
        let within = |items: &[Value]| {
            items.iter().find_map(|item| self.no_constant(item, depth)).map(|(what, _)| (what, false))
        };
        match value {
            Value::Tuple(items) => within(items),
            Value::Int(_) => Some(("an int of more than 64 bits", false)),
            Value::Builtin(_) | Value::Library(_) | Value::Method(_) => Some(("a function or type", true)),
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => within(items),
                Object::Dict(table) => within(&table.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>())
                    .or_else(|| within(&table.keys())),
                Object::Function(_) => Some(("a function", true)),
                Object::Class(_) => Some(("a class", true)),
                Object::Instance(_) => Some(("objects of a class", false)),
                _ => None,
            },
            _ => None,
        }
    }

    /// True for lists, dicts and sets, and for what isn't known: it may be changed somewhere.
    pub(super) fn may_change(&self, value: &Value) -> bool {
        match value {
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(_) | Object::Dict(_) | Object::Set(_) | Object::Unknown(..) => true,
                Object::Instance(held) if self.is_named_tuple(&held.class) => {
                    held.attributes.values().any(|value| self.may_change(value))
                }
                Object::Instance(_) => self.lifted_member(*id).is_none(),
                _ => false,
            },
            Value::Tuple(items) => items.iter().any(|item| self.may_change(item)),
            Value::Opaque(_) => true,
            _ => false,
        }
    }

    /// True for a container whose elements can't be changed.
    pub(super) fn is_shallow(&self, value: &Value) -> bool {
        let all = |items: Vec<Value>| items.iter().all(|item| !self.may_change(item));
        match value {
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => all(items.clone()),
                Object::Set(_) => true,
                Object::Dict(table) => all(table.iter().map(|(_, value)| value.clone()).collect()),
                _ => false,
            },
            _ => false,
        }
    }
}

/// True if it holds a set, of which the type (`frozenset`?) isn't known, and the order is chance.
pub(super) fn holds_set(expression: &Expression) -> bool {
    match expression {
        Expression::Set(_) => true,
        Expression::List(items) | Expression::Tuple(items) => items.iter().any(holds_set),
        Expression::Dict(items) => items.iter().any(|(key, value)| holds_set(key) || holds_set(value)),
        _ => false,
    }
}

/// True for an expression whose value can't be changed, by the full names of what isn't Python's own.
fn is_unchanging(value: &Expr, imported: &dyn Fn(&str) -> Option<String>) -> bool {
    const PLAIN: &[&str] = &["bool", "float", "int", "len", "round", "str"];
    match &value.kind {
        ExprKind::Constant(_) => true,
        ExprKind::BinOp { left, right, .. } => is_unchanging(left, imported) && is_unchanging(right, imported),
        ExprKind::UnaryOp { operand, .. } => is_unchanging(operand, imported),
        ExprKind::Attribute { value, .. } => is_unchanging(value, imported),
        // A method of what can't be changed, or something of a module.
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Name(name) if imported(name).is_none() => PLAIN.contains(&name.as_str()),
            _ => is_unchanging(func, imported),
        },
        ExprKind::Name(name) => imported(name).is_some_and(|path| path == "datetime" || path.starts_with("datetime.")),
        _ => false,
    }
}
