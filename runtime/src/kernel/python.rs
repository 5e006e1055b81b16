//! Between words and Python objects.

use super::memory::{List, Memory};
use super::primitives::table::{self, Table};
use super::primitives::views::Value;
use super::python_time::{time, time_object};
use super::values::{Held, Values};
use pyflink_plan::types::{RecordType, Type, variant};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Makes Python objects of words.
pub struct Maker<'py> {
    py: Python<'py>,
    /// Classes of records, by address of their type.
    classes: HashMap<usize, Rc<Making<'py>>>,
    /// Keys of rows, by address of their type.
    keys: HashMap<usize, Vec<Bound<'py, PyString>>>,
    /// Members of Enums, likewise.
    members: HashMap<usize, Vec<Bound<'py, PyAny>>>,
    /// Lists and dicts that were made, by address of what they were made of: one that is in two places of a value
    /// stays one.
    made: HashMap<u64, Bound<'py, PyAny>>,
    /// There may be several of them in a value.
    several: bool,
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

/// Lists and dicts in a value of a type; those in a container count twice, as there may be several.
fn containers(of: &Type) -> usize {
    let all = |fields: &mut dyn Iterator<Item = &Type>| fields.map(containers).fold(0, usize::saturating_add);
    match of {
        Type::List(of) | Type::Dict(_, of) => containers(of).saturating_mul(2).saturating_add(1),
        Type::TupleOf(of) => containers(of).saturating_mul(2),
        Type::Optional(of) => containers(of),
        Type::Union(variants) => all(&mut variants.iter()),
        Type::Tuple(fields) | Type::Mixed(fields) => all(&mut fields.iter()),
        Type::Record(record) => all(&mut record.fields.iter().map(|(_, of)| of)),
        Type::Row(fields) => all(&mut fields.iter().map(|(_, of)| of)),
        _ => 0,
    }
}

/// What makes objects of a class.
struct Making<'py> {
    class: Bound<'py, PyAny>,
    /// `__new__` of `object`, or of `tuple`: classes of records have no other.
    new: Bound<'py, PyAny>,
    fields: Vec<Bound<'py, PyString>>,
}

impl<'py> Maker<'py> {
    pub fn new(py: Python<'py>) -> Maker<'py> {
        Maker {
            py,
            classes: HashMap::new(),
            keys: HashMap::new(),
            members: HashMap::new(),
            made: HashMap::new(),
            several: true,
        }
    }

    /// For values of one type.
    pub fn of(py: Python<'py>, of: &Type) -> Maker<'py> {
        Maker { several: containers(of) > 1, ..Maker::new(py) }
    }

    /// Begins another value, which has nothing in common with those before: each result is handed on by itself, see
    /// [`detach`](crate::python::detach).
    pub fn begin(&mut self) {
        self.made.clear();
    }

    /// # Safety
    /// The words are those of a value of the type, and what they refer to lives.
    pub unsafe fn make(&mut self, of: &Type, words: &[u64]) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        if self.several
            && let Type::List(_) | Type::Dict(..) = of
            && let Some(made) = self.made.get(&words[0])
        {
            return Ok(made.clone());
        }
        let made = match of {
            Type::Never | Type::None => py.None().into_bound(py),
            Type::Bool => PyBool::new(py, words[0] != 0).to_owned().into_any(),
            Type::Int => PyInt::new(py, words[0] as i64).into_any(),
            Type::Float => PyFloat::new(py, f64::from_bits(words[0])).into_any(),
            Type::Time(of) => time_object(py, *of, words[0] as i64)?,
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
            Type::Mixed(fields) => {
                // SAFETY: as of a tuple.
                let items = unsafe { self.fields(fields.iter(), words)? };
                PyList::new(py, items)?.into_any()
            }
            Type::Optional(inner) => match words[0] {
                0 => py.None().into_bound(py),
                // SAFETY: behind the first word of an Optional that isn't None stand those of its value.
                _ => unsafe { self.make(inner, &words[1..])? },
            },
            Type::Union(variants) => match variant(variants, words[0] as usize) {
                // SAFETY: the first word tells of which type the value is, whose words stand there.
                Some((of, at)) => unsafe { self.make(of, &words[at..at + of.words()])? },
                None => py.None().into_bound(py),
            },
            Type::Record(record) if record.is_enum() => self.member(record, words[0] as usize)?,
            Type::Record(record) => {
                // SAFETY: the words of a record are those of its fields.
                let items = unsafe { self.fields(record.fields.iter().map(|(_, of)| of), words)? };
                let making = self.class(record)?;
                match record.is_tuple {
                    // As `_make` does it.
                    true => making.new.call1((&making.class, PyTuple::new(py, items)?))?,
                    false => making.filled(&items)?,
                }
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
            Type::Row(fields) => {
                // SAFETY: the words of a row are those of its values.
                let items = unsafe { self.fields(fields.iter().map(|(_, of)| of), words)? };
                let keys = self.keys.entry(fields.as_ptr() as usize);
                let keys = keys.or_insert_with(|| fields.iter().map(|(key, _)| PyString::intern(py, key)).collect());
                let dict = PyDict::new(py);
                keys.iter().zip(items).try_for_each(|(key, item)| dict.set_item(key, item))?;
                dict.into_any()
            }
            // SAFETY: the word is the address of an object, to which what the words refer to has a reference.
            Type::Object(_) => unsafe { Bound::from_borrowed_ptr(py, words[0] as *mut pyo3::ffi::PyObject) },
            Type::Set(_) | Type::Match(_) => {
                return Err(PyRuntimeError::new_err(format!("a {of} can't leave machine code")));
            }
        };
        if self.several
            && let Type::List(_) | Type::Dict(..) = of
        {
            self.made.insert(words[0], made.clone());
        }
        Ok(made)
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

    fn member(&mut self, record: &Arc<RecordType>, number: usize) -> PyResult<Bound<'py, PyAny>> {
        let key = Arc::as_ptr(record) as usize;
        if !self.members.contains_key(&key) {
            let found = members(&class(self.py, &record.module, &record.name)?, &record.members)?;
            self.members.insert(key, found);
        }
        let found = self.members.get(&key).and_then(|members| members.get(number));
        found.cloned().ok_or_else(|| PyRuntimeError::new_err(format!("{} has no such member", record.name)))
    }

    fn class(&mut self, record: &Arc<RecordType>) -> PyResult<Rc<Making<'py>>> {
        let py = self.py;
        let key = Arc::as_ptr(record) as usize;
        if let Some(making) = self.classes.get(&key) {
            return Ok(making.clone());
        }
        let class = class(py, &record.module, &record.name)?;
        let base = if record.is_tuple { py.get_type::<PyTuple>() } else { py.get_type::<PyAny>() };
        let fields = record.fields.iter().map(|(name, _)| PyString::intern(py, name)).collect();
        let making = Rc::new(Making { class, new: base.getattr("__new__")?, fields });
        self.classes.insert(key, making.clone());
        Ok(making)
    }
}

impl<'py> Making<'py> {
    /// An object with these attributes. What its `__init__` does beside setting them can't be seen.
    fn filled(&self, values: &[Bound<'py, PyAny>]) -> PyResult<Bound<'py, PyAny>> {
        let object = self.new.call1((&self.class,))?;
        for (name, value) in self.fields.iter().zip(values) {
            // SAFETY: all three are objects that live during the call. It is what `object.__setattr__` does, also where
            // the class is frozen.
            let code = unsafe { pyo3::ffi::PyObject_GenericSetAttr(object.as_ptr(), name.as_ptr(), value.as_ptr()) };
            if code != 0 {
                return Err(PyErr::fetch(object.py()));
            }
        }
        Ok(object)
    }
}

/// A class by its module and qualified name.
pub fn class<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    name.split('.').try_fold(py.import(module)?.into_any(), |of, part| of.getattr(part))
}

/// The members of an Enum of these names; none of another class.
fn members<'py>(class: &Bound<'py, PyAny>, names: &[String]) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let members = class.getattr("__members__")?;
    names.iter().map(|name| members.get_item(name)).collect()
}

/// Classes of the API whose objects are records too: what `apply` is handed. They have slots.
const WINDOWS_MODULE: &str = "_pyflink.windows";
const WINDOWS: &[(&str, &[&str])] = &[("TimeWindow", &["start", "end"]), ("GlobalWindow", &[])];

/// An object of a known class, with its attributes by name.
pub struct Fields<'a, 'py> {
    pub module: &'a str,
    pub name: &'a str,
    pub fields: Vec<(&'a str, Bound<'py, PyAny>)>,
    pub is_tuple: bool,
}

/// A class whose objects are records.
struct Known {
    class: Py<PyAny>,
    module: String,
    name: String,
    fields: Vec<String>,
    /// For each field, whether a base class has a slot for it, where objects have a `__dict__` too.
    slotted: Vec<bool>,
    is_tuple: bool,
    /// Objects have a `__dict__`; those of a class with `__slots__` don't.
    has_dict: bool,
    /// Names of the members of an Enum, and they themselves.
    members: (Vec<String>, Vec<Py<PyAny>>),
}

/// Classes whose objects are records, with their fields.
pub struct Classes {
    known: Vec<Known>,
}

impl Classes {
    /// Of those that are there; what can't be found is no record.
    pub fn find<'a>(py: Python<'_>, classes: impl Iterator<Item = &'a pyflink_plan::ir::Class>) -> Classes {
        let mut known: Vec<Known> = Vec::new();
        for of in classes {
            if known.iter().any(|known| (&known.module, &known.name) == (&of.module, &of.name)) {
                continue;
            }
            if let Ok(class) = class(py, &of.module, &of.name) {
                let Ok(found) = members(&class, &of.members) else { continue };
                let has_dict = class.getattr("__dictoffset__").is_ok_and(|at| !at.eq(0).unwrap_or(false));
                let is_slot = |field: &String| {
                    let found = class.getattr(field.as_str()).ok()?;
                    Some(found.get_type().name().ok()?.to_str().ok()? == "member_descriptor")
                };
                let slotted = of.fields.iter().map(|field| is_slot(field).unwrap_or(false)).collect();
                known.push(Known {
                    slotted,
                    class: class.unbind(),
                    module: of.module.clone(),
                    name: of.name.clone(),
                    fields: of.fields.clone(),
                    is_tuple: of.is_tuple,
                    has_dict,
                    members: (of.members.clone(), found.into_iter().map(Bound::unbind).collect()),
                });
            }
        }
        for (name, fields) in WINDOWS {
            if let Ok(class) = class(py, WINDOWS_MODULE, name) {
                let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
                known.push(Known {
                    slotted: vec![true; fields.len()],
                    class: class.unbind(),
                    module: WINDOWS_MODULE.to_owned(),
                    name: (*name).to_owned(),
                    fields,
                    is_tuple: false,
                    has_dict: false,
                    members: (Vec::new(), Vec::new()),
                });
            }
        }
        Classes { known }
    }

    /// The Enum that an object is a member of, and its number there.
    pub fn member(&self, value: &Bound<'_, PyAny>) -> Option<(RecordType, usize)> {
        let class = value.get_type();
        let known = self.known.iter().find(|known| !known.members.0.is_empty() && class.is(&known.class))?;
        let number = known.members.1.iter().position(|member| value.is(member))?;
        let (module, name, members) = (known.module.clone(), known.name.clone(), known.members.0.clone());
        Some((RecordType { module, name, fields: Vec::new(), is_tuple: false, members }, number))
    }

    /// The fields of an object, if its class is one of these and it has just these attributes.
    pub fn fields<'py>(&self, value: &Bound<'py, PyAny>) -> Option<Fields<'_, 'py>> {
        let class = value.get_type();
        let known = self.known.iter().find(|known| known.members.0.is_empty() && class.is(&known.class))?;
        let Known { module, name, fields, slotted, is_tuple, has_dict, .. } = known;
        let found = |fields| Some(Fields { module, name, fields, is_tuple: *is_tuple });
        if *is_tuple {
            let items = value.cast::<PyTuple>().ok()?;
            // Without `__slots__` in its class, it may have been given attributes beside its fields.
            if items.len() != fields.len() || *has_dict && value.getattr("__dict__").ok()?.len().ok()? != 0 {
                return None;
            }
            return found(fields.iter().map(String::as_str).zip(items.iter()).collect());
        }
        if !has_dict {
            let values = fields.iter().map(|name| Some((name.as_str(), value.getattr(name.as_str()).ok()?)));
            return found(values.collect::<Option<_>>()?);
        }
        let own = value.getattr("__dict__").ok()?.cast_into::<PyDict>().ok()?;
        if own.len() != slotted.iter().filter(|slotted| !**slotted).count() {
            return None;
        }
        let field = |(name, slotted): (&'_ String, &bool)| match slotted {
            true => value.getattr(name.as_str()).ok(),
            false => own.get_item(name).ok().flatten(),
        };
        let names = fields.iter().map(String::as_str);
        let values = fields.iter().zip(slotted).map(field).collect::<Option<Vec<_>>>()?;
        found(names.zip(values).collect())
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

    /// Appends the words of one value, which refer to it, and to lists in the memory: they are good while both live. `None`
    /// if it is of another type.
    pub fn view(&self, value: &Bound<'_, PyAny>, of: &Type, memory: &mut Memory, words: &mut Vec<u64>) -> Option<()> {
        let mut taker = Taker { classes: self, memory: std::mem::take(memory) };
        let taken = taker.take(value, of, Copy::Never, words);
        *memory = taker.memory;
        taken
    }

    /// Appends the words of one value; `None` if it is of another type. What they refer to is copied.
    pub fn words(&self, value: &Bound<'_, PyAny>, of: &Type, memory: &mut Memory, words: &mut Vec<u64>) -> Option<()> {
        let mut taker = Taker { classes: self, memory: std::mem::take(memory) };
        let taken = taker.take(value, of, Copy::Always, words);
        *memory = taker.memory;
        taken
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
            Type::Time(of) => words.push(time(value).filter(|(found, _)| found == of)?.1 as u64),
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
            Type::Mixed(fields) => {
                let items = value.cast_exact::<PyList>().ok()?;
                if items.len() != fields.len() {
                    return None;
                }
                for (item, of) in items.iter().zip(fields) {
                    self.take(&item, of, copy.within(), words)?;
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
            Type::Union(variants) => {
                let (from, to) = (words.len(), words.len() + of.words());
                for (number, of) in variants.iter().enumerate() {
                    words.push(number as u64);
                    words.resize(from + variant(variants, number).map_or(1, |(_, at)| at), 0);
                    if self.take(value, of, copy, words).is_some() {
                        words.resize(to, 0);
                        return Some(());
                    }
                    words.truncate(from);
                }
                return None;
            }
            Type::Record(record) if record.is_enum() => {
                let class = value.get_type();
                let of = |known: &&Known| class.is(&known.class) && known.members.0 == record.members;
                let known = self.classes.known.iter().find(of)?;
                words.push(known.members.1.iter().position(|member| value.is(member))? as u64);
            }
            Type::Record(record) => {
                let Fields { module, name, fields, is_tuple } = self.classes.fields(value)?;
                if (module, name, is_tuple) != (record.module.as_str(), record.name.as_str(), record.is_tuple) {
                    return None;
                }
                let values: Vec<Bound<'_, PyAny>> = fields.into_iter().map(|(_, value)| value).collect();
                for (value, (_, of)) in values.iter().zip(&record.fields) {
                    // A field may be set to another value, which lets go of this one.
                    let copy = if record.is_tuple { copy } else { copy.within() };
                    self.take(value, of, copy, words)?;
                }
            }
            Type::Row(fields) => {
                let items = value.cast_exact::<PyDict>().ok()?;
                if items.len() != fields.len() {
                    return None;
                }
                for ((key, value), (expected, of)) in items.iter().zip(&**fields) {
                    if key.cast_exact::<PyString>().ok()?.to_str().ok()? != expected {
                        return None;
                    }
                    // A key may be set to another value, which lets go of this one.
                    self.take(&value, of, copy.within(), words)?;
                }
            }
            Type::Dict(key_of, value_of) => {
                let items = value.cast_exact::<PyDict>().ok()?;
                let (mut table, mut held) = (Table::default(), Vec::new());
                for (key, value) in items.iter() {
                    held.clear();
                    self.take(&key, key_of, copy.within(), &mut held)?;
                    self.take(&value, value_of, copy.within(), &mut held)?;
                    let (key, value) = held.split_at(key_of.words());
                    // SAFETY: the words were made of a key of that type just now, and what they refer to lives.
                    table.set(unsafe { Value::new(key_of, key) }, value).ok()?;
                }
                words.push(table::store(&mut self.memory, table));
            }
            Type::Object(_) => {
                if value.is_none() {
                    return None;
                }
                words.push(self.memory.object(value.clone().unbind()));
            }
            Type::Set(_) | Type::Match(_) => return None,
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
