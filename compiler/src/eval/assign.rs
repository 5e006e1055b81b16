//! Assignment to names, attributes, items and patterns of them.

use super::branch::{Eval, Stop};
use super::stmt::Items;
use super::value::{Object, ObjectId, Value};
use super::{Evaluator, FrameKind, table};
use crate::syntax::ast::*;
use pyflink_plan::Span;
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    pub fn assign(&mut self, target: &'a Expr, value: Value) -> Eval<()> {
        match &target.kind {
            ExprKind::Name(name) => {
                self.assign_name(name, value);
                Ok(())
            }
            ExprKind::Attribute { value: object, name } => {
                let object = self.expr(object)?;
                self.set_attribute(&object, &name.name, value, target.span)
            }
            ExprKind::Subscript { value: object, index } => {
                let object = self.expr(object)?;
                let index = self.expr(index)?;
                self.set_item(&object, index, value, target.span)
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => self.unpack(targets, &value, target.span),
            ExprKind::Starred(inner) => self.assign(inner, value),
            _ => Ok(()),
        }
    }

    /// Binds a name in the scope where the current function binds it.
    pub fn assign_name(&mut self, name: &str, value: Value) {
        let scope = self.binding_scope(name);
        self.bind(scope, name, value);
    }

    fn binding_scope(&self, name: &str) -> ObjectId {
        let frame = self.frame();
        if frame.declared_global.contains(name) {
            return frame.globals;
        }
        let is_free = frame.locals.as_ref().is_some_and(|locals| !locals.contains(name));
        if frame.kind == FrameKind::Function && is_free {
            let enclosing = frame.closure.iter().rev().find(|scope| self.name_in(**scope, name).is_some());
            return enclosing.copied().unwrap_or(frame.scope);
        }
        frame.scope
    }

    fn unpack(&mut self, targets: &'a [Expr], value: &Value, span: Span) -> Eval<()> {
        let star = targets.iter().position(|target| matches!(target.kind, ExprKind::Starred(_)));
        let items = match self.items(value, span)? {
            Items::Known(items) => items,
            Items::Opaque(opaque) => {
                for (at, target) in targets.iter().enumerate() {
                    let item = Value::Opaque(self.derive(opaque, format!("[{at}]"), target.span));
                    self.assign(target, item)?;
                }
                return Ok(());
            }
        };
        let fits = match star {
            None => items.len() == targets.len(),
            Some(_) => items.len() + 1 >= targets.len(),
        };
        if !fits {
            let wanted = targets.len() - usize::from(star.is_some());
            let message = match items.len() < wanted {
                true => format!("not enough values to unpack (expected {wanted}, got {})", items.len()),
                false => format!("too many values to unpack (expected {wanted})"),
            };
            return Err(self.exception("ValueError", message, span));
        }
        let Some(star) = star else {
            return targets.iter().zip(items).try_for_each(|(target, item)| self.assign(target, item));
        };
        let after = targets.len() - star - 1;
        let rest = items[star..items.len() - after].to_vec();
        let rest = self.list(rest);
        for (target, item) in targets[..star].iter().zip(&items) {
            self.assign(target, item.clone())?;
        }
        self.assign(&targets[star], rest)?;
        for (target, item) in targets[star + 1..].iter().zip(&items[items.len() - after..]) {
            self.assign(target, item.clone())?;
        }
        Ok(())
    }

    pub fn augmented(&mut self, target: &'a Expr, op: BinOp, value: &'a Expr, span: Span) -> Eval<()> {
        let current = self.expr(target)?;
        let value = self.expr(value)?;
        // Lists are changed in place.
        if let (BinOp::Add, Value::Object(id)) = (op, &current)
            && let Object::List(_) = self.heap.get(*id)
        {
            self.extend(*id, &value, span)?;
            return Ok(());
        }
        let result = self.binary(op, &current, &value, span)?;
        self.assign(target, result)
    }

    pub fn extend(&mut self, list: ObjectId, more: &Value, span: Span) -> Eval<()> {
        match self.items(more, span)? {
            Items::Known(items) => {
                if let Some(Object::List(list)) = self.heap.get_mut(list) {
                    list.extend(items);
                }
            }
            Items::Opaque(opaque) => self.heap.set(list, Object::Unknown("list", opaque)),
        }
        Ok(())
    }

    pub fn set_attribute(&mut self, object: &Value, name: &str, value: Value, span: Span) -> Eval<()> {
        if let Value::Object(id) = object {
            let id = *id;
            if let Object::Instance(instance) = self.heap.get(id)
                && let Some((Value::Object(property), _)) = self.class_attribute(&instance.class.clone(), name)
                && let Object::Property(property) = self.heap.get(property).clone()
            {
                return match property.setter {
                    Some(setter) => self.call_on(&setter, object, vec![value], span).map(drop),
                    None => {
                        let message = format!("property {name:?} has no setter");
                        Err(self.exception("AttributeError", message, span))
                    }
                };
            }
            match self.heap.get_mut(id) {
                Some(Object::Instance(instance)) => drop(instance.attributes.insert(Rc::from(name), value)),
                Some(Object::Function(function)) => drop(function.attributes.insert(Rc::from(name), value)),
                Some(Object::Class(class)) => {
                    let scope = class.scope;
                    self.bind(scope, name, value);
                }
                Some(Object::Module(module)) => {
                    let scope = module.scope;
                    self.bind(scope, name, value);
                }
                _ => self.escape(&value),
            }
        } else {
            if let Value::Opaque(opaque) = object {
                self.overrides.insert((opaque.identity, Rc::from(name)), value.clone());
            }
            self.escape(&value);
        }
        Ok(())
    }

    pub fn set_item(&mut self, object: &Value, index: Value, value: Value, span: Span) -> Eval<()> {
        let Value::Object(id) = object else {
            self.escape(&value);
            return Ok(());
        };
        let id = *id;
        match self.heap.get(id) {
            Object::Dict(_) => match table::key(&index) {
                Some(key) => {
                    if let Some(Object::Dict(table)) = self.heap.get_mut(id) {
                        table.insert(key, index, value);
                    }
                }
                None => {
                    let stream = self.bears_stream(&value) || self.bears_stream(object);
                    let opaque = self.fresh_opaque(span);
                    self.heap.set(id, Object::Unknown("dict", super::value::Opaque { stream, ..opaque }));
                }
            },
            Object::List(items) => {
                let length = items.len();
                match super::containers::position(&index, length) {
                    Some(Some(at)) => {
                        if let Some(Object::List(items)) = self.heap.get_mut(id) {
                            items[at] = value;
                        }
                    }
                    Some(None) => {
                        return Err(self.exception("IndexError", "list assignment index out of range", span));
                    }
                    None => {
                        let opaque = self.fresh_opaque(span);
                        self.heap.set(id, Object::Unknown("list", opaque));
                    }
                }
            }
            Object::Instance(_) => match self.special(object, "__setitem__") {
                Some(method) => {
                    let arguments = super::call::Arguments::positional(vec![index, value]);
                    self.call(&method, arguments, span)?;
                }
                None => self.escape(&value),
            },
            _ => self.escape(&value),
        }
        Ok(())
    }

    pub fn delete(&mut self, target: &'a Expr) -> Eval<()> {
        match &target.kind {
            ExprKind::Name(name) => {
                let scope = self.binding_scope(name);
                if let Some(Object::Scope(names)) = self.heap.get_mut(scope) {
                    names.remove(name.as_str());
                }
            }
            ExprKind::Attribute { value, name } => {
                if let Value::Object(id) = self.expr(value)?
                    && let Some(Object::Instance(instance)) = self.heap.get_mut(id)
                {
                    instance.attributes.remove(name.name.as_str());
                }
            }
            ExprKind::Subscript { value, index } => {
                let object = self.expr(value)?;
                let index = self.expr(index)?;
                self.delete_item(&object, &index, target.span)?;
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                targets.iter().try_for_each(|target| self.delete(target))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn delete_item(&mut self, object: &Value, index: &Value, span: Span) -> Result<(), Stop> {
        let Value::Object(id) = object else { return Ok(()) };
        let key = table::key(index);
        let missing = match (self.heap.get_mut(*id), key) {
            (Some(Object::Dict(table)), Some(key)) => table.remove(&key).is_none(),
            (Some(Object::List(items)), _) => match super::containers::position(index, items.len()) {
                Some(Some(at)) => {
                    items.remove(at);
                    false
                }
                Some(None) => true,
                None => {
                    let opaque = self.fresh_opaque(span);
                    self.heap.set(*id, Object::Unknown("list", opaque));
                    false
                }
            },
            _ => false,
        };
        if missing {
            let text = self.repr(index).unwrap_or_default();
            return Err(self.exception("KeyError", text, span));
        }
        Ok(())
    }
}
