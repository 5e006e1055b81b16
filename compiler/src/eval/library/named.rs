//! Classes of named tuples. A run makes more of them than is known here: their objects stay open.

use super::super::Evaluator;
use super::super::call::Arguments;
use super::super::value::*;
use crate::syntax::ast::*;
use pyflink_plan::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

impl NamedTuple {
    /// The fields of an object that is made of these; `None` if they don't fit.
    pub fn filled(&self, arguments: &Arguments) -> Option<Vec<(Name, Value)>> {
        let is_field = |name: &Name| self.fields.contains(name);
        if arguments.unknown.is_some()
            || arguments.positional.len() > self.fields.len()
            || !arguments.named.iter().all(|(name, ..)| is_field(name))
        {
            return None;
        }
        let field = |(at, name): (usize, &Name)| {
            let given = match (arguments.get(at), arguments.named(name)) {
                (Some(_), Some(_)) => return None,
                (given, named) => given.or(named),
            };
            let default = || self.defaults.iter().find(|(known, _)| known == name).map(|(_, value)| value);
            Some((name.clone(), given.or_else(default)?.clone()))
        };
        self.fields.iter().enumerate().map(field).collect()
    }
}

impl<'a> Evaluator<'a> {
    /// The class that `namedtuple(…)` gives; `None` if its fields aren't known.
    pub(super) fn named_tuple(&mut self, made_by: &str, arguments: &Arguments, span: Span) -> Option<Value> {
        let known = ["defaults", "module"];
        if arguments.unknown.is_some()
            || arguments.positional.len() != 2
            || arguments.named.iter().any(|(name, value, _)| {
                !known.contains(&&**name) || &**name == "module" && !matches!(value, Value::None)
            })
        {
            return None;
        }
        let name = arguments.get(0)?.as_str()?.to_owned();
        let fields: Vec<Name> = match arguments.get(1)? {
            // With the type of each.
            value if made_by == "typing.NamedTuple" => {
                let pairs = self.items_of(value)?;
                let field = |pair: &Value| match pair {
                    Value::Tuple(pair) => pair.first()?.as_str().map(Name::from),
                    _ => None,
                };
                pairs.iter().map(field).collect::<Option<_>>()?
            }
            Value::Str(text) => text.replace(',', " ").split_whitespace().map(Name::from).collect(),
            value => self.items_of(value)?.iter().map(|field| field.as_str().map(Name::from)).collect::<Option<_>>()?,
        };
        let is_valid = |field: &Name| {
            !field.starts_with('_') && field.is_ascii() && field.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        let is_new = |(at, field): (usize, &Name)| !fields[..at].contains(field);
        if !fields.iter().all(is_valid) || !fields.iter().enumerate().all(is_new) {
            return None;
        }
        let defaults = match arguments.named("defaults") {
            None | Some(Value::None) => Vec::new(),
            Some(value) => self.items_of(value)?,
        };
        let first = fields.len().checked_sub(defaults.len())?;
        let defaults = fields[first..].iter().cloned().zip(defaults).collect();
        let opaque = self.fresh_opaque(span);
        let names = BTreeMap::from([(Name::from("_fields"), Value::tuple(fields.iter().map(Value::str).collect()))]);
        let scope = self.add(Object::Scope(names));
        let class = Class {
            name: Rc::from(name),
            span,
            bases: Vec::new(),
            mro: Vec::new(),
            opaque: Some(opaque),
            scope,
            named: Some(Rc::new(NamedTuple { fields, defaults })),
            members: None,
        };
        let id = self.add(Object::Class(class.clone()));
        self.heap.set(id, Object::Class(Class { mro: vec![Value::Object(id)], ..class }));
        Some(Value::Object(id))
    }

    /// The fields that the body of a class says that derives from `NamedTuple`.
    pub(in super::super) fn annotated_tuple(&mut self, scope: ObjectId, body: &'a [Stmt]) -> Option<Rc<NamedTuple>> {
        let (mut fields, mut defaults) = (Vec::new(), Vec::new());
        for statement in body {
            match &statement.kind {
                StmtKind::AnnAssign { target: Expr { kind: ExprKind::Name(name), .. }, value, .. } => {
                    let name = Name::from(name.as_str());
                    if name.starts_with('_') || fields.contains(&name) {
                        return None;
                    }
                    if value.is_some() {
                        defaults.push((name.clone(), self.name_in(scope, &name)?.clone()));
                    } else if !defaults.is_empty() {
                        return None;
                    }
                    fields.push(name);
                }
                StmtKind::FunctionDef(_)
                | StmtKind::Assign { .. }
                | StmtKind::Pass
                | StmtKind::Expr(Expr { kind: ExprKind::Constant(_), .. }) => {}
                _ => return None,
            }
        }
        let names = Value::tuple(fields.iter().map(Value::str).collect());
        self.bind(scope, "_fields", names);
        Some(Rc::new(NamedTuple { fields, defaults }))
    }

    fn items_of(&self, value: &Value) -> Option<Vec<Value>> {
        match value {
            Value::Tuple(items) => Some(items.to_vec()),
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => Some(items.clone()),
                _ => None,
            },
            _ => None,
        }
    }
}
