//! What values of Python are: their types, as far as machine code has them.

use super::python::{Classes, Fields};
use super::python_time::time;
use pyflink_plan::types::{RecordType, Type};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use std::sync::Arc;

/// How deep values may be within one, and how many of them there may be.
const DEEPEST: usize = 24;
const MOST_PARTS: usize = 4_000_000;

/// How far a look at a value may still go.
struct Budget {
    depth: usize,
    parts: usize,
    is_spent: bool,
}

impl Budget {
    /// Looks at a part of a value; `None` if that goes too far.
    fn within<T>(&mut self, look: impl FnOnce(&mut Budget) -> Option<T>) -> Option<T> {
        if self.is_spent || self.depth == 0 || self.parts == 0 {
            self.is_spent = true;
            return None;
        }
        (self.depth, self.parts) = (self.depth - 1, self.parts - 1);
        let found = look(self);
        self.depth += 1;
        found.filter(|_| !self.is_spent)
    }
}

/// Values within each other that a reason names.
const MOST_NAMED: usize = 3;

/// Most elements of a list of several types.
const LONGEST_MIXED: usize = 16;

/// Most keys of a dict that is a row.
const LARGEST_ROW: usize = 64;

impl Classes {
    /// The type of what is in a value; what has none is only handed on. `None` where that goes on too long.
    fn type_of_part(&self, value: &Bound<'_, PyAny>, budget: &mut Budget) -> Option<Type> {
        let class =
            || value.get_type().fully_qualified_name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
        let of =
            |budget: &mut Budget| Some(self.type_within(value, budget).unwrap_or_else(|| Type::Object(class().into())));
        budget.within(of)
    }

    /// The type of a value, if it has one. Values that hold themselves have none.
    pub fn type_of(&self, value: &Bound<'_, PyAny>) -> Option<Type> {
        self.type_within(value, &mut Budget { depth: DEEPEST, parts: MOST_PARTS, is_spent: false })
    }

    fn type_within(&self, value: &Bound<'_, PyAny>, budget: &mut Budget) -> Option<Type> {
        if value.is_none() {
            return Some(Type::None);
        }
        let class = value.get_type();
        let is = |of: &Bound<'_, PyType>| class.is(of);
        let py = value.py();
        Some(if is(&py.get_type::<PyString>()) {
            Type::Str
        } else if is(&py.get_type::<PyInt>()) {
            Type::Int
        } else if is(&py.get_type::<PyFloat>()) {
            Type::Float
        } else if is(&py.get_type::<PyBool>()) {
            Type::Bool
        } else if is(&py.get_type::<PyBytes>()) {
            Type::Bytes
        } else if let Ok(items) = value.cast_exact::<PyTuple>() {
            Type::Tuple(items.iter().map(|item| self.type_of_part(&item, budget)).collect::<Option<_>>()?)
        } else if let Ok(items) = value.cast_exact::<PyList>() {
            let join = |joined: Type, item: Bound<'_, PyAny>| joined.join(&self.type_of_part(&item, budget)?);
            match items.iter().try_fold(Type::Never, join) {
                Some(of) => Type::List(Box::new(of)),
                None if items.len() <= LONGEST_MIXED && !budget.is_spent => {
                    Type::Mixed(items.iter().map(|item| self.type_of_part(&item, budget)).collect::<Option<_>>()?)
                }
                None => return None,
            }
        } else if let Ok(items) = value.cast_exact::<PyDict>() {
            self.type_of_dict(items, budget)?
        } else if let Some((of, _)) = time(value) {
            Type::Time(of)
        } else {
            if let Some((of, _)) = self.member(value) {
                return Some(Type::Record(Arc::new(of)));
            }
            let Fields { module, name, fields, is_tuple } = self.fields(value)?;
            let field =
                |(name, value): (&str, Bound<'_, PyAny>)| Some((name.to_owned(), self.type_of_part(&value, budget)?));
            let fields = fields.into_iter().map(field).collect::<Option<_>>()?;
            Type::Record(Arc::new(RecordType {
                module: module.to_owned(),
                name: name.to_owned(),
                fields,
                is_tuple,
                members: Vec::new(),
            }))
        })
    }

    /// A row where all keys are texts, and there aren't many.
    fn type_of_dict(&self, items: &Bound<'_, PyDict>, budget: &mut Budget) -> Option<Type> {
        let is_row =
            items.len() <= LARGEST_ROW && items.keys().iter().all(|key| key.is_exact_instance_of::<PyString>());
        if is_row {
            let item = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
                Some((key.cast_exact::<PyString>().ok()?.to_str().ok()?.to_owned(), self.type_of_part(&value, budget)?))
            };
            return Some(Type::Row(items.iter().map(item).collect::<Option<_>>()?));
        }
        let join = |(key, of): (Type, Type), item: (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            let typed =
                |value: &Bound<'_, PyAny>, budget: &mut Budget| budget.within(|budget| self.type_within(value, budget));
            Some((key.join(&typed(&item.0, budget)?)?, of.join(&typed(&item.1, budget)?)?))
        };
        let (key, of) = items.iter().try_fold((Type::Never, Type::Never), join)?;
        is_key(&key).then(|| Type::Dict(Box::new(key), Box::new(of)))
    }

    /// What has no type in the first element that has none: `objects of decimal.Decimal, which`.
    pub fn unknown_part(&self, list: &Bound<'_, PyList>) -> Option<String> {
        let value = list.iter().find(|value| self.type_of(value).is_none())?;
        let mut title = String::new();
        let mut part = value;
        for _ in 0..MOST_NAMED {
            let inner = match (part.cast_exact::<PyTuple>(), part.cast_exact::<PyList>()) {
                (Ok(items), _) => items.iter().find(|item| self.type_of(item).is_none()),
                (_, Ok(items)) => items.iter().find(|item| self.type_of(item).is_none()),
                _ => None,
            };
            let class = part.get_type();
            let name = class.qualname().map(|name| name.to_string()).unwrap_or_default();
            match inner {
                Some(inner) => {
                    title.push_str(&format!("{name}s with "));
                    part = inner;
                }
                None if part.cast_exact::<PyList>().is_ok() => {
                    return Some(format!("{title}lists of several types, which"));
                }
                None => {
                    let module = class.module().map(|name| name.to_string()).unwrap_or_default();
                    let path = if module == "builtins" { name } else { format!("{module}.{name}") };
                    return Some(format!("{title}objects of {path}, which"));
                }
            }
        }
        // Maybe it holds itself.
        Some(format!("{title}values that go too deep, which"))
    }

    /// The type that some of the elements have, all over the list; of several types those that aren't rare. Elements that
    /// have none don't count.
    pub fn type_of_all(&self, list: &Bound<'_, PyList>) -> Option<Type> {
        const SAMPLE: usize = 256;
        /// One in so many is rare: CPython does those.
        const RARE: usize = 32;
        let step = (list.len() / SAMPLE).max(1);
        let mut shapes = Shapes::default();
        let mut groups: Vec<(Type, usize)> = Vec::new();
        let mut seen = 0;
        for value in list.iter().step_by(step) {
            let Some(of) = self.type_of(&value) else { continue };
            seen += 1;
            shapes.add(&of);
            let joined = groups.iter().enumerate().find_map(|(at, (known, _))| {
                let joined = known.join(&of)?;
                // Numbers of another type belong to the group, but CPython does them.
                Some((at, if mixes(known, &joined) { known.clone() } else { joined }))
            });
            match joined {
                Some((at, joined)) => groups[at] = (joined, groups[at].1 + 1),
                None => groups.push((of, 1)),
            }
        }
        let rows = groups.iter().all(|(of, _)| matches!(of, Type::Row(_)));
        let mut common = groups.iter().filter(|(_, count)| count * RARE >= seen).map(|(of, _)| of);
        let first = common.next()?.clone();
        if rows {
            return shapes.dict(Some(first));
        }
        // Where they have too many types, most are of the first.
        Some(common.try_fold(first.clone(), either).unwrap_or(first))
    }
}

/// A type that has all values of both. As each list is made anew of Python's, lists of several types become lists of both.
fn either(of: Type, other: &Type) -> Option<Type> {
    match (&of, other) {
        (Type::List(a), Type::List(b)) => Some(Type::List(Box::new(either((**a).clone(), b)?))),
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            Some(Type::Tuple(a.iter().zip(b).map(|(a, b)| either(a.clone(), b)).collect::<Option<_>>()?))
        }
        _ => of.either(other),
    }
}

/// A type that has all values of both, made anew of Python's, if it is as good for machine code: neither mixed numbers nor
/// values of several types.
pub fn together(of: &Type, other: &Type) -> Option<Type> {
    match (of, other) {
        (Type::List(a), Type::List(b)) => Some(Type::List(Box::new(together(a, b)?))),
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            Some(Type::Tuple(a.iter().zip(b).map(|(a, b)| together(a, b)).collect::<Option<_>>()?))
        }
        _ => of.join(other).filter(|joined| !mixes(of, joined) && !mixes(other, joined)),
    }
}

/// True if a joined type has Numbers where the known one has ints or floats: those rows are better done apart.
fn mixes(known: &Type, joined: &Type) -> bool {
    match (known, joined) {
        (Type::Number, _) => false,
        (_, Type::Number) => true,
        (Type::Tuple(a), Type::Tuple(b)) | (Type::Mixed(a), Type::Mixed(b)) => {
            a.iter().zip(b).any(|(a, b)| mixes(a, b))
        }
        (Type::List(a), Type::List(b)) => mixes(a, b),
        (Type::Optional(a), Type::Optional(b)) => mixes(a, b),
        (a, Type::Optional(b)) if *a != Type::None => mixes(a, b),
        (Type::Row(a), Type::Row(b)) => a.iter().zip(&**b).any(|((_, a), (_, b))| mixes(a, b)),
        (Type::Record(a), Type::Record(b)) => a.fields.iter().zip(&b.fields).any(|((_, a), (_, b))| mixes(a, b)),
        _ => false,
    }
}

/// Types of keys of which two are equal only if they are the same.
fn is_key(of: &Type) -> bool {
    match of {
        Type::Never | Type::Bool | Type::Int | Type::Str | Type::Bytes => true,
        Type::Tuple(fields) => fields.iter().all(is_key),
        _ => false,
    }
}

/// What dicts were seen: whether rows of one type are most of them.
#[derive(Default)]
struct Shapes {
    /// How many rows there are of each type.
    rows: Vec<(Type, usize)>,
}

impl Shapes {
    fn add(&mut self, of: &Type) {
        if !matches!(of, Type::Row(_)) {
            return;
        }
        match self.rows.iter_mut().find(|(known, _)| known.join(of).is_some()) {
            Some((_, count)) => *count += 1,
            None => self.rows.push((of.clone(), 1)),
        }
    }

    /// A dict of any keys where most have other keys than the row that was found, and all have values of one type.
    fn dict(&self, found: Option<Type>) -> Option<Type> {
        let Some(row @ Type::Row(_)) = &found else { return found };
        let count = |is_other: bool| {
            let counted = self.rows.iter().filter(|(of, _)| of.join(row).is_none() == is_other);
            counted.map(|(_, count)| count).sum::<usize>()
        };
        if count(true) <= count(false) {
            return found;
        }
        let mut values = self.rows.iter().flat_map(|(of, _)| match of {
            Type::Row(fields) => &**fields,
            _ => &[],
        });
        match values.try_fold(Type::Never, |joined, (_, of)| joined.join(of)) {
            Some(of) => Some(Type::Dict(Box::new(Type::Str), Box::new(of))),
            None => found,
        }
    }
}
