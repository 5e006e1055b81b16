//! Members of Enums.

use super::super::value::*;
use super::super::{Evaluator, table};
use crate::syntax::ast::*;
use num_bigint::BigInt;
use std::collections::BTreeMap;
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    /// Makes objects of what the body of a class that derives from `Enum` assigns, if that is all plain.
    pub(in super::super) fn make_enum(&mut self, class: ObjectId, scope: ObjectId, body: &'a [Stmt]) {
        let Some(values) = self.enum_values(scope, body) else { return };
        let open = match self.heap.get(class) {
            Object::Class(class) => class.opaque,
            _ => None,
        };
        let mut members: Vec<Member> = Vec::new();
        for (name, value) in values {
            let known = members.iter().find(|member| table::key(&member.value) == table::key(&value));
            let object = match known {
                Some(member) => member.object,
                None => {
                    let title = Value::str(&name);
                    let attributes =
                        BTreeMap::from([(Name::from("name"), title), (Name::from("value"), value.clone())]);
                    let object = self.add(Object::Instance(Instance { class: Value::Object(class), attributes, open }));
                    members.push(Member { name: name.clone(), value, object });
                    object
                }
            };
            self.bind(scope, &name, Value::Object(object));
        }
        if let Some(Object::Class(class)) = self.heap.get_mut(class)
            && !members.is_empty()
        {
            class.members = Some(Rc::from(members));
        }
    }

    /// Names with their values, in order.
    fn enum_values(&self, scope: ObjectId, body: &'a [Stmt]) -> Option<Vec<(Name, Value)>> {
        let mut values: Vec<(Name, Value)> = Vec::new();
        for statement in body {
            match &statement.kind {
                StmtKind::Assign { .. } | StmtKind::AnnAssign { value: Some(_), .. } => {
                    let (target, value) = match &statement.kind {
                        StmtKind::Assign { targets, value } => match targets.as_slice() {
                            [target] => (target, value),
                            _ => return None,
                        },
                        StmtKind::AnnAssign { target, value: Some(value), .. } => (target, value),
                        _ => return None,
                    };
                    let ExprKind::Name(name) = &target.kind else { return None };
                    let reserved = ["mro", "name", "value"];
                    if name.starts_with('_') || reserved.contains(&name.as_str()) {
                        return None;
                    }
                    let name = Name::from(name.as_str());
                    let value = match self.is_auto(value) {
                        true => self.next_value(&values)?,
                        false => self.name_in(scope, &name)?.clone(),
                    };
                    // A number that is true of another type has the same value, and so is another name of it.
                    let is_plain = match &value {
                        Value::Tuple(items) => {
                            items.iter().all(|item| !matches!(item, Value::Object(_) | Value::Opaque(_)))
                        }
                        Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::None => true,
                        _ => false,
                    };
                    if !is_plain || table::key(&value).is_none() || values.iter().any(|(known, _)| *known == name) {
                        return None;
                    }
                    values.push((name, value));
                }
                StmtKind::FunctionDef(def)
                    if values.iter().all(|(known, _)| **known != *def.name.name)
                        && def.name.name != "_generate_next_value_" => {}
                StmtKind::Pass | StmtKind::Expr(Expr { kind: ExprKind::Constant(_), .. }) => {}
                _ => return None,
            }
        }
        Some(values)
    }

    fn is_auto(&self, value: &Expr) -> bool {
        let ExprKind::Call { func, args, .. } = &value.kind else { return false };
        let ending = match &func.kind {
            ExprKind::Name(name) => name,
            ExprKind::Attribute { name, .. } => &name.name,
            _ => return false,
        };
        let imports = self.program.top_imports(self.frame().source);
        args.is_empty()
            && ending == "auto"
            && match &func.kind {
                ExprKind::Name(name) => imports.get(name).is_some_and(|full| full == "enum.auto"),
                ExprKind::Attribute { value, .. } => {
                    matches!(&value.kind, ExprKind::Name(name) if imports.get(name).is_some_and(|full| full == "enum"))
                }
                _ => false,
            }
    }

    /// What `auto()` gives behind values that grow: versions of Python differ in what it does with others.
    fn next_value(&self, values: &[(Name, Value)]) -> Option<Value> {
        let mut last = BigInt::from(0);
        for (_, value) in values {
            match value {
                Value::Int(value) if *value > last => last.clone_from(value),
                _ => return None,
            }
        }
        Some(Value::Int(last + 1))
    }

    /// The Enum that an object is a member of, and its number there.
    pub fn enum_member(&self, id: ObjectId) -> Option<(ObjectId, usize)> {
        let Object::Instance(instance) = self.heap.get(id) else { return None };
        let class = instance.class.object()?;
        let Object::Class(known) = self.heap.get(class) else { return None };
        Some((class, known.members.as_ref()?.iter().position(|member| member.object == id)?))
    }
}
