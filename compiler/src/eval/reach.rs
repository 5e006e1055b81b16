//! What a function reaches beside its arguments, as far as evaluation knows: variables, and the objects in them and in
//! attributes. Two functions that reach one thing, which one of them changes, have to be called in turn.

use super::Evaluator;
use super::value::*;
use crate::facts::{Base, Effects, Place, Reach, Write};
use std::collections::BTreeSet;

impl Evaluator<'_> {
    /// Objects that can be changed, in a value.
    pub(super) fn objects_in(&self, value: &Value, found: &mut BTreeSet<Place>) {
        let mut all = |values: &mut dyn Iterator<Item = &Value>| {
            for value in values {
                self.objects_in(value, found);
            }
        };
        match value {
            Value::Tuple(items) => all(&mut items.iter()),
            Value::Method(method) => self.objects_in(&method.receiver, found),
            Value::Object(id) => {
                let object = self.heap.get(*id);
                let is_kept = matches!(
                    object,
                    Object::List(_) | Object::Dict(_) | Object::Set(_) | Object::Unknown(..) | Object::Instance(_)
                );
                if !is_kept || !found.insert(Place::Object(id.0)) {
                    return;
                }
                match object {
                    Object::List(items) => items.iter().for_each(|item| self.objects_in(item, found)),
                    Object::Dict(table) => table.iter().for_each(|(_, item)| self.objects_in(item, found)),
                    Object::Instance(instance) => {
                        instance.attributes.values().for_each(|value| self.objects_in(value, found));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    pub(super) fn reach(&self, value: &Value, class: Option<&Value>, effects: &Effects) -> Reach {
        let mut reach = Reach { places: effects.reaches.clone(), writes: effects.writes.clone(), ..Reach::default() };
        let object = match value {
            Value::Method(method) => &method.receiver,
            value => value,
        };
        let (Some(class), Some(id)) = (class, object.object()) else { return reach };
        let Object::Instance(instance) = self.heap.get(id) else { return reach };
        reach.own = Some(id.0);
        instance.attributes.values().for_each(|value| self.objects_in(value, &mut reach.copied));
        reach.places.extend(reach.copied.iter().cloned());
        if let Some(Object::Class(class)) = class.object().map(|id| self.heap.get(id)) {
            for class in class.mro.iter().filter_map(Value::object) {
                let Object::Class(class) = self.heap.get(class) else { continue };
                let Object::Scope(names) = self.heap.get(class.scope) else { continue };
                names.values().for_each(|value| self.objects_in(value, &mut reach.places));
            }
        }
        for change in effects.changes.iter().filter(|change| matches!(change.of, Base::Parameter(0, _))) {
            let mut changed = BTreeSet::new();
            match &change.attribute {
                Some(name) => {
                    let own = instance.attributes.get(name.as_str()).cloned();
                    let value = own.or_else(|| Some(self.class_attribute(class, name)?.0));
                    value.iter().for_each(|value| self.objects_in(value, &mut changed));
                }
                None => changed.clone_from(&reach.copied),
            }
            let name = change.attribute.clone().unwrap_or_default();
            let write = |place| Write { place, name: name.clone(), span: change.span };
            reach.writes.extend(changed.into_iter().map(write));
        }
        reach.places.extend(reach.writes.iter().map(|write| write.place.clone()));
        reach
    }
}
