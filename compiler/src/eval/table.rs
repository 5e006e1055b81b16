//! Dicts and sets with known keys: insertion order, Python's equality of keys.

use super::value::{ObjectId, Value};
use num_bigint::BigInt;
use std::collections::HashMap;
use std::rc::Rc;

/// Keys with values; a set has `None` as values.
#[derive(Clone, Debug, Default)]
pub struct Table {
    entries: Vec<Option<(Value, Value)>>,
    index: HashMap<Key, usize>,
    /// An `OrderedDict`: it prints and compares otherwise than a dict.
    pub is_ordered: bool,
}

/// A key as Python compares it: `1 == 1.0 == True`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    None,
    Int(BigInt),
    Float(u64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Tuple(Vec<Key>),
    Object(ObjectId),
    /// A name with the kind of thing it names.
    Named(&'static str, &'static str),
}

/// The key of a known hashable value.
pub fn key(value: &Value) -> Option<Key> {
    Some(match value {
        Value::None => Key::None,
        Value::Bool(value) => Key::Int(BigInt::from(u8::from(*value))),
        Value::Int(value) => Key::Int(value.clone()),
        Value::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => Key::Int(BigInt::from(*value as i64)),
        Value::Float(value) => Key::Float(value.to_bits()),
        Value::Str(text) => Key::Str(text.clone()),
        Value::Bytes(bytes) => Key::Bytes(bytes.clone()),
        Value::Tuple(items) => Key::Tuple(items.iter().map(key).collect::<Option<_>>()?),
        Value::Object(id) => Key::Object(*id),
        Value::Builtin(name) => Key::Named("builtin", name),
        Value::Library(name) => Key::Named("library", name),
        Value::ApiClass(class) => Key::Named("class", class.name),
        Value::EnumConstant(class, name) => Key::Named(class.name, name),
        _ => return None,
    })
}

impl Table {
    pub fn len(&self) -> usize {
        self.index.len()
    }

    pub fn get(&self, wanted: &Key) -> Option<&Value> {
        self.index.get(wanted).and_then(|&at| self.entries[at].as_ref()).map(|(_, value)| value)
    }

    pub fn contains(&self, wanted: &Key) -> bool {
        self.index.contains_key(wanted)
    }

    /// Keeps the key that was there first, as Python does.
    pub fn insert(&mut self, key: Key, written: Value, value: Value) {
        match self.index.get(&key) {
            Some(&at) => {
                if let Some(entry) = &mut self.entries[at] {
                    entry.1 = value;
                }
            }
            None => {
                self.index.insert(key, self.entries.len());
                self.entries.push(Some((written, value)));
            }
        }
    }

    pub fn remove(&mut self, key: &Key) -> Option<(Value, Value)> {
        self.index.remove(key).and_then(|at| self.entries[at].take())
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Value, &Value)> {
        self.entries.iter().flatten().map(|(key, value)| (key, value))
    }

    pub fn keys(&self) -> Vec<Value> {
        self.iter().map(|(key, _)| key.clone()).collect()
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.entries.iter_mut().flatten().map(|(_, value)| value)
    }

    /// One of the same kind, with nothing in it.
    pub fn emptied(&self) -> Table {
        Table { is_ordered: self.is_ordered, ..Table::default() }
    }

    /// Same keys in the same order.
    pub fn same_keys(&self, other: &Table) -> bool {
        self.len() == other.len() && self.iter().zip(other.iter()).all(|((a, _), (b, _))| key(a) == key(b))
    }
}
