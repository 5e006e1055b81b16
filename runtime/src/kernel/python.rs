//! Between words and Python objects.

use super::memory::{List, Memory};
use super::primitives::table::Table;
use super::values::{Held, Values};
use pyflink_plan::types::{RecordType, Type};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use std::collections::HashMap;
use std::sync::Arc;

/// Makes Python objects of words.
pub struct Maker<'py> {
    py: Python<'py>,
    /// Classes of records, by address of their type.
    classes: HashMap<usize, Bound<'py, PyAny>>,
}

/// The text of two words.
///
/// # Safety
/// They are those of a Str that lives as long as the result is used.
pub unsafe fn text<'a>(words: &[u64]) -> &'a str {
    // SAFETY: the words of a Str are address and length of UTF-8.
    unsafe { std::str::from_utf8_unchecked(bytes(words)) }
}

/// # Safety
/// As for [`text`], of a Str or a Bytes.
pub unsafe fn bytes<'a>(words: &[u64]) -> &'a [u8] {
    // SAFETY: the words of a Str or Bytes are address and length.
    unsafe { std::slice::from_raw_parts(words[0] as *const u8, words[1] as usize) }
}

impl<'py> Maker<'py> {
    pub fn new(py: Python<'py>) -> Maker<'py> {
        Maker { py, classes: HashMap::new() }
    }

    /// # Safety
    /// The words are those of a value of the type, and what they refer to lives.
    pub unsafe fn make(&mut self, of: &Type, words: &[u64]) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        Ok(match of {
            Type::Never | Type::None => py.None().into_bound(py),
            Type::Bool => PyBool::new(py, words[0] != 0).to_owned().into_any(),
            Type::Int => PyInt::new(py, words[0] as i64).into_any(),
            Type::Float => PyFloat::new(py, f64::from_bits(words[0])).into_any(),
            Type::Number => {
                let of = match words[0] {
                    0 => Type::Bool,
                    1 => Type::Int,
                    _ => Type::Float,
                };
                // SAFETY: the second word of a Number is that of the type that the first one names.
                unsafe { self.make(&of, &words[1..])? }
            }
            // SAFETY: the words are those of a Str.
            Type::Str => PyString::new(py, unsafe { text(words) }).into_any(),
            // SAFETY: the words are those of a Bytes.
            Type::Bytes => PyBytes::new(py, unsafe { bytes(words) }).into_any(),
            Type::Tuple(fields) => {
                // SAFETY: the words of a tuple are those of its fields.
                let items = unsafe { self.fields(fields.iter(), words)? };
                PyTuple::new(py, items)?.into_any()
            }
            Type::Optional(inner) => match words[0] {
                0 => py.None().into_bound(py),
                // SAFETY: behind the first word of an Optional that isn't None stand those of its value.
                _ => unsafe { self.make(inner, &words[1..])? },
            },
            Type::Record(record) => {
                // SAFETY: the words of a record are those of its fields.
                let items = unsafe { self.fields(record.fields.iter().map(|(_, of)| of), words)? };
                self.class(record)?.call1(PyTuple::new(py, items)?)?
            }
            Type::List(inner) | Type::TupleOf(inner) => {
                // SAFETY: the word is the address of a list of such elements.
                let items = unsafe {
                    let list = &*(words[0] as *const List);
                    let size = inner.words();
                    let all = std::slice::from_raw_parts(list.items, list.length as usize * size);
                    let item = |at: usize| self.make(inner, &all[at * size..(at + 1) * size]);
                    (0..list.length as usize).map(item).collect::<PyResult<Vec<_>>>()?
                };
                match of {
                    Type::List(_) => PyList::new(py, items)?.into_any(),
                    _ => PyTuple::new(py, items)?.into_any(),
                }
            }
            Type::Dict(key, value) => {
                // SAFETY: the word is the address of a table with such keys and values.
                let table = unsafe { &*(words[0] as *const Table) };
                let dict = PyDict::new(py);
                for at in 0..table.len() {
                    let (found, held) = (table.key(at, key), table.value(at, value));
                    // SAFETY: these are words of a key and a value that the table holds.
                    let (found, held) = unsafe { (self.make(key, found.words)?, self.make(value, held.words)?) };
                    dict.set_item(found, held)?;
                }
                dict.into_any()
            }
            Type::Set(_) | Type::Match(_) => {
                return Err(PyRuntimeError::new_err(format!("a {of} can't leave machine code")));
            }
        })
    }

    unsafe fn fields<'a>(
        &mut self,
        types: impl Iterator<Item = &'a Type>,
        words: &[u64],
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let mut at = 0;
        types
            .map(|of| {
                let field = &words[at..at + of.words()];
                at += field.len();
                // SAFETY: the fields' words stand one after the other.
                unsafe { self.make(of, field) }
            })
            .collect()
    }

    fn class(&mut self, record: &Arc<RecordType>) -> PyResult<Bound<'py, PyAny>> {
        let key = Arc::as_ptr(record) as usize;
        if let Some(class) = self.classes.get(&key) {
            return Ok(class.clone());
        }
        let class = class(self.py, &record.module, &record.name)?;
        self.classes.insert(key, class.clone());
        Ok(class)
    }
}

/// A class by its module and qualified name.
pub fn class<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    name.split('.').try_fold(py.import(module)?.into_any(), |of, part| of.getattr(part))
}

/// Classes of the API whose objects are records too: what `apply` is handed. They have slots.
const WINDOWS_MODULE: &str = "_pyflink.windows";
const WINDOWS: &[(&str, &[&str])] = &[("TimeWindow", &["start", "end"]), ("GlobalWindow", &[])];

/// Module and name of an object's class, and its attributes by name.
pub type Fields<'a, 'py> = (&'a str, &'a str, Vec<(&'a str, Bound<'py, PyAny>)>);

/// Classes whose objects are records, with their fields.
pub struct Classes {
    known: Vec<(Py<PyAny>, String, String, Vec<String>)>,
}

impl Classes {
    /// Of those that are there; what can't be found is no record.
    pub fn find<'a>(py: Python<'_>, classes: impl Iterator<Item = &'a pyflink_plan::ir::Class>) -> Classes {
        let mut known: Vec<(Py<PyAny>, String, String, Vec<String>)> = Vec::new();
        for of in classes {
            if known.iter().any(|(_, module, name, _)| (module, name) == (&of.module, &of.name)) {
                continue;
            }
            if let Ok(class) = class(py, &of.module, &of.name) {
                known.push((class.unbind(), of.module.clone(), of.name.clone(), of.fields.clone()));
            }
        }
        for (name, fields) in WINDOWS {
            if let Ok(class) = class(py, WINDOWS_MODULE, name) {
                let fields = fields.iter().map(|field| (*field).to_owned()).collect();
                known.push((class.unbind(), WINDOWS_MODULE.to_owned(), (*name).to_owned(), fields));
            }
        }
        Classes { known }
    }

    /// The fields of an object, if its class is one of these and it has just these attributes.
    pub fn fields<'py>(&self, value: &Bound<'py, PyAny>) -> Option<Fields<'_, 'py>> {
        let class = value.get_type();
        let (_, module, name, fields) = self.known.iter().find(|(known, ..)| class.is(known))?;
        if module == WINDOWS_MODULE {
            let values = fields.iter().map(|name| Some((name.as_str(), value.getattr(name.as_str()).ok()?)));
            return Some((module, name, values.collect::<Option<_>>()?));
        }
        let own = value.getattr("__dict__").ok()?.cast_into::<PyDict>().ok()?;
        if own.len() != fields.len() {
            return None;
        }
        let field = |field: &'_ String| own.get_item(field).ok().flatten();
        let values = fields.iter().map(|name| Some((name.as_str(), field(name)?))).collect::<Option<_>>()?;
        Some((module, name, values))
    }

    /// The type of a value, if it has one.
    pub fn type_of(&self, value: &Bound<'_, PyAny>) -> Option<Type> {
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
            Type::Tuple(items.iter().map(|item| self.type_of(&item)).collect::<Option<_>>()?)
        } else if let Ok(items) = value.cast_exact::<PyList>() {
            let join = |joined: Type, item: Bound<'_, PyAny>| joined.join(&self.type_of(&item)?);
            Type::List(Box::new(items.iter().try_fold(Type::Never, join)?))
        } else {
            let (module, name, fields) = self.fields(value)?;
            let field = |(name, value): (&str, Bound<'_, PyAny>)| Some((name.to_owned(), self.type_of(&value)?));
            let fields = fields.into_iter().map(field).collect::<Option<_>>()?;
            Type::Record(Arc::new(RecordType { module: module.to_owned(), name: name.to_owned(), fields }))
        })
    }

    /// The type that the first elements have in common; those for which there is none don't count.
    pub fn type_of_all(&self, list: &Bound<'_, PyList>) -> Option<Type> {
        const SAMPLE: usize = 256;
        let mut joined: Option<Type> = None;
        let step = (list.len() / SAMPLE).max(1);
        for value in list.iter().step_by(step) {
            let Some(of) = self.type_of(&value) else { continue };
            joined = match joined {
                Some(known) => known.join(&of).filter(|of| !mixes(&known, of)).or(Some(known)),
                None => Some(of),
            };
        }
        joined
    }

    /// The values of a list as that type, and the rows that are of another one, whose words mean nothing.
    pub fn values(&self, list: &Bound<'_, PyList>, of: &Arc<Type>) -> (Values, Vec<usize>) {
        let rows = list.len();
        let mut columns: Vec<Vec<u64>> = (0..of.words()).map(|_| Vec::with_capacity(rows)).collect();
        let (mut taker, mut misfits, mut words) =
            (Taker { classes: self, memory: Memory::default() }, Vec::new(), vec![]);
        for (row, value) in list.iter().enumerate() {
            words.clear();
            if taker.take(&value, of, Copy::Changeable, &mut words).is_none() {
                misfits.push(row);
                words.clear();
                words.resize(columns.len(), 0);
            }
            columns.iter_mut().zip(&words).for_each(|(column, word)| column.push(*word));
        }
        let held = vec![Arc::new(Held::Memory(taker.memory)), Arc::new(Held::Objects(list.clone().unbind()))];
        (Values::new(of.clone(), columns, rows, held), misfits)
    }

    /// Appends the words of one value, which refer to it: they are good while it lives. `None` if it is of another type,
    /// or has a list in it.
    pub fn view(&self, value: &Bound<'_, PyAny>, of: &Type, words: &mut Vec<u64>) -> Option<()> {
        if !super::held::is_held(of) {
            return None;
        }
        let mut taker = Taker { classes: self, memory: Memory::default() };
        taker.take(value, of, Copy::Never, words)
    }

    /// Appends the words of one value; `None` if it is of another type. What they refer to is copied.
    pub fn words(&self, value: &Bound<'_, PyAny>, of: &Type, memory: &mut Memory, words: &mut Vec<u64>) -> Option<()> {
        let mut taker = Taker { classes: self, memory: std::mem::take(memory) };
        let taken = taker.take(value, of, Copy::Always, words);
        *memory = taker.memory;
        taken
    }
}

/// True if a joined type has Numbers where the known one has ints or floats: those rows are better done apart.
fn mixes(known: &Type, joined: &Type) -> bool {
    match (known, joined) {
        (Type::Number, _) => false,
        (_, Type::Number) => true,
        (Type::Tuple(a), Type::Tuple(b)) => a.iter().zip(b).any(|(a, b)| mixes(a, b)),
        (Type::List(a), Type::List(b)) => mixes(a, b),
        (Type::Optional(a), Type::Optional(b)) => mixes(a, b),
        (a, Type::Optional(b)) if *a != Type::None => mixes(a, b),
        (Type::Record(a), Type::Record(b)) => a.fields.iter().zip(&b.fields).any(|((_, a), (_, b))| mixes(a, b)),
        _ => false,
    }
}

/// Whether texts are copied to where the words stay good.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copy {
    /// The words are used while the object is there as it is.
    Never,
    /// The object stays, but what is in lists and other objects may be let go.
    Changeable,
    Always,
}

impl Copy {
    /// For what is in a list or another object.
    fn within(self) -> Copy {
        if self == Copy::Never { Copy::Never } else { Copy::Always }
    }
}

/// Takes Python objects apart into words.
struct Taker<'a> {
    classes: &'a Classes,
    memory: Memory,
}

impl Taker<'_> {
    fn take(&mut self, value: &Bound<'_, PyAny>, of: &Type, copy: Copy, words: &mut Vec<u64>) -> Option<()> {
        match of {
            Type::Never => return None,
            Type::None => return value.is_none().then_some(()),
            Type::Bool => words.push(u64::from(value.cast_exact::<PyBool>().ok()?.is_true())),
            Type::Int => words.push(value.cast_exact::<PyInt>().ok()?.extract::<i64>().ok()? as u64),
            Type::Float => words.push(value.cast_exact::<PyFloat>().ok()?.value().to_bits()),
            Type::Number => {
                let of = self.classes.type_of(value)?;
                words.push(match of {
                    Type::Bool => 0,
                    Type::Int => 1,
                    Type::Float => 2,
                    _ => return None,
                });
                self.take(value, &of, copy, words)?;
            }
            Type::Str => {
                let text = value.cast_exact::<PyString>().ok()?;
                let text = text.to_str().ok()?.as_bytes();
                match copy == Copy::Always {
                    true => words.extend(self.memory.text(text)),
                    false => words.extend([text.as_ptr() as u64, text.len() as u64]),
                }
            }
            Type::Bytes => {
                let bytes = value.cast_exact::<PyBytes>().ok()?.as_bytes();
                match copy == Copy::Always {
                    true => words.extend(self.memory.text(bytes)),
                    false => words.extend([bytes.as_ptr() as u64, bytes.len() as u64]),
                }
            }
            Type::Tuple(fields) => {
                let items = value.cast_exact::<PyTuple>().ok()?;
                if items.len() != fields.len() {
                    return None;
                }
                for (item, of) in items.iter_borrowed().zip(fields) {
                    self.take(&item, of, copy, words)?;
                }
            }
            Type::TupleOf(of) => {
                let items = value.cast_exact::<PyTuple>().ok()?;
                self.list(items.iter(), items.len(), of, copy, words)?;
            }
            Type::List(of) => {
                let items = value.cast_exact::<PyList>().ok()?;
                self.list(items.iter(), items.len(), of, copy.within(), words)?;
            }
            Type::Optional(inner) => {
                if value.is_none() {
                    words.resize(words.len() + of.words(), 0);
                } else {
                    words.push(1);
                    self.take(value, inner, copy, words)?;
                }
            }
            Type::Record(record) => {
                let (module, name, fields) = self.classes.fields(value)?;
                if (module, name) != (record.module.as_str(), record.name.as_str()) {
                    return None;
                }
                let values: Vec<Bound<'_, PyAny>> = fields.into_iter().map(|(_, value)| value).collect();
                for (value, (_, of)) in values.iter().zip(&record.fields) {
                    // A field may be set to another value, which lets go of this one.
                    self.take(value, of, copy.within(), words)?;
                }
            }
            Type::Dict(..) | Type::Set(_) | Type::Match(_) => return None,
        }
        Some(())
    }

    fn list<'py>(
        &mut self,
        items: impl Iterator<Item = Bound<'py, PyAny>>,
        length: usize,
        of: &Type,
        copy: Copy,
        words: &mut Vec<u64>,
    ) -> Option<()> {
        let mut all = Vec::with_capacity(length * of.words());
        for item in items {
            self.take(&item, of, copy, &mut all)?;
        }
        words.push(self.memory.list(&all, length));
        Some(())
    }
}
