//! Everything that can change while `main` is evaluated. A copy is cheap, so each side of a branch has one.

use super::value::{Name, Object, ObjectId};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Objects by id. Ids are given once in an evaluation, so what one side of a branch made can stand beside what the
/// other one made.
#[derive(Clone, Debug, Default)]
pub struct Heap {
    objects: Vec<Option<Rc<Object>>>,
    /// Modules that are imported so far.
    pub modules: BTreeMap<Name, ObjectId>,
}

impl Heap {
    /// Adds an object under a new id, counted by `next`.
    pub fn add(&mut self, next: &mut u32, object: Object) -> ObjectId {
        let id = ObjectId(*next);
        *next += 1;
        self.put(id, Rc::new(object));
        id
    }

    pub fn put(&mut self, id: ObjectId, object: Rc<Object>) {
        let at = id.0 as usize;
        if self.objects.len() <= at {
            self.objects.resize(at + 1, None);
        }
        self.objects[at] = Some(object);
    }

    pub fn get(&self, id: ObjectId) -> &Object {
        self.shared(id).map_or(&Object::Missing, |object| object)
    }

    pub fn shared(&self, id: ObjectId) -> Option<&Rc<Object>> {
        self.objects.get(id.0 as usize)?.as_ref()
    }

    pub fn set(&mut self, id: ObjectId, object: Object) {
        self.put(id, Rc::new(object));
    }

    pub fn get_mut(&mut self, id: ObjectId) -> Option<&mut Object> {
        self.objects.get_mut(id.0 as usize)?.as_mut().map(Rc::make_mut)
    }

    /// Ids below this one may be in use.
    pub fn end(&self) -> u32 {
        self.objects.len() as u32
    }
}
