//! Single values that outlive what they were made from: accumulators.

use super::memory::{List, Memory};
use pyflink_plan::types::{Type, variant};
use pyo3::prelude::*;
use std::collections::HashMap;
use std::fmt;

/// A value of a type that [is held](Type::is_held), with texts and lists of its own.
#[derive(Default)]
pub struct Held {
    words: Vec<u64>,
    /// Of a [flat](Type::is_flat) type.
    texts: Vec<Box<[u8]>>,
    /// Of another one: all that it refers to.
    deep: Option<Box<Deep>>,
}

struct Deep {
    /// With what earlier values referred to, too.
    memory: Memory,
    /// Bytes of it when nothing but the value was in it.
    live: usize,
}

/// How often memory may hold what a value needs, before it is made anew.
const MOST_GARBAGE: usize = 4;

/// Visits the address and length of each text in a value of a flat type.
fn texts(of: &Type, words: &mut [u64], visit: &mut dyn FnMut(&mut [u64])) {
    match of {
        Type::Str | Type::Bytes => visit(words),
        Type::Tuple(fields) | Type::Mixed(fields) => each(fields.iter(), words, visit),
        Type::Record(record) => each(record.fields.iter().map(|(_, of)| of), words, visit),
        Type::Row(fields) => each(fields.iter().map(|(_, of)| of), words, visit),
        Type::Optional(of) if words[0] != 0 => texts(of, &mut words[1..], visit),
        Type::Union(variants) => {
            if let Some((of, at)) = variant(variants, words[0] as usize) {
                texts(of, &mut words[at..at + of.words()], visit);
            }
        }
        _ => {}
    }
}

fn each<'a>(fields: impl Iterator<Item = &'a Type>, words: &mut [u64], visit: &mut dyn FnMut(&mut [u64])) {
    let mut at = 0;
    for of in fields {
        let next = at + of.words();
        texts(of, &mut words[at..next], visit);
        at = next;
    }
}

/// Copies what values refer to.
struct Copier<'m> {
    memory: &'m mut Memory,
    /// What lies in the memory already stays where it is.
    keeps: bool,
    /// Lists that were copied: one that is in two places stays one.
    lists: HashMap<u64, u64>,
}

impl<'m> Copier<'m> {
    fn new(memory: &'m mut Memory, keeps: bool) -> Copier<'m> {
        Copier { memory, keeps, lists: HashMap::new() }
    }

    /// Makes the words of a value those of a copy.
    ///
    /// # Safety
    /// They are words of a value of the type, which [is held](Type::is_held); what they refer to lives during the call.
    unsafe fn copy(&mut self, of: &Type, words: &mut [u64]) {
        // SAFETY: parts of a value are values of their types.
        unsafe {
            match of {
                Type::Str | Type::Bytes => self.text(words),
                Type::Tuple(fields) | Type::Mixed(fields) => self.fields(&mut fields.iter(), words),
                Type::Record(record) => self.fields(&mut record.fields.iter().map(|(_, of)| of), words),
                Type::Row(fields) => self.fields(&mut fields.iter().map(|(_, of)| of), words),
                Type::Optional(of) if words[0] != 0 => self.copy(of, &mut words[1..]),
                Type::Union(variants) => {
                    if let Some((of, at)) = variant(variants, words[0] as usize) {
                        self.copy(of, &mut words[at..at + of.words()]);
                    }
                }
                Type::List(of) | Type::TupleOf(of) => words[0] = self.list(of, words[0]),
                Type::Object(_) => self.object(words[0]),
                _ => {}
            }
        }
    }

    /// # Safety
    /// As of [`Copier::copy`].
    unsafe fn fields(&mut self, fields: &mut dyn Iterator<Item = &Type>, words: &mut [u64]) {
        let mut at = 0;
        for of in fields {
            let next = at + of.words();
            // SAFETY: as the caller says.
            unsafe { self.copy(of, &mut words[at..next]) };
            at = next;
        }
    }

    /// # Safety
    /// The words are address and length of a text that lives.
    unsafe fn text(&mut self, text: &mut [u64]) {
        if text[1] == 0 || (self.keeps && self.memory.holds(text[0])) {
            return;
        }
        // SAFETY: as the caller says.
        let bytes = unsafe { std::slice::from_raw_parts(text[0] as *const u8, text[1] as usize) };
        text.copy_from_slice(&self.memory.text(bytes));
    }

    /// # Safety
    /// It is the address of an object, to which somebody has a reference.
    unsafe fn object(&mut self, object: u64) {
        if self.keeps && self.memory.holds(object) {
            return;
        }
        // SAFETY: as the caller says.
        let object =
            Python::attach(|py| unsafe { Bound::from_borrowed_ptr(py, object as *mut pyo3::ffi::PyObject).unbind() });
        self.memory.object(object);
    }

    /// # Safety
    /// It is the word of a list with elements of the type that lives.
    unsafe fn list(&mut self, of: &Type, list: u64) -> u64 {
        if self.keeps && self.memory.holds(list) {
            return list;
        }
        if let Some(copy) = self.lists.get(&list) {
            return *copy;
        }
        // SAFETY: as the caller says; a list has so many elements, each of so many words.
        let (length, mut items) = unsafe {
            let list = &*(list as *const List);
            let words = list.length as usize * of.words();
            (list.length as usize, std::slice::from_raw_parts(list.items, words).to_vec())
        };
        if has_address(of) {
            // SAFETY: they are the elements.
            items.chunks_exact_mut(of.words()).for_each(|item| unsafe { self.copy(of, item) });
        }
        let copy = self.memory.list(&items, length);
        self.lists.insert(list, copy);
        copy
    }
}

/// Whether values of a type refer to anything.
fn has_address(of: &Type) -> bool {
    has_text(of) || of.any(&|of| matches!(of, Type::List(_) | Type::TupleOf(_) | Type::Object(_)))
}

/// Columns with the same values, whose texts lie in the memory.
///
/// # Safety
/// The columns have the words of `rows` values of the type, which [is flat](Type::is_flat); what they refer to lives during
/// the call.
pub unsafe fn copied(of: &Type, mut columns: Vec<Vec<u64>>, rows: usize, memory: &mut Memory) -> Vec<Vec<u64>> {
    let mut words = vec![0; columns.len()];
    for row in 0..rows {
        words.iter_mut().zip(&columns).for_each(|(word, column)| *word = column[row]);
        let mut any = false;
        texts(of, &mut words, &mut |text| {
            // SAFETY: the words of a text are its address and length, and it lives.
            let bytes = unsafe { std::slice::from_raw_parts(text[0] as *const u8, text[1] as usize) };
            text.copy_from_slice(&memory.text(bytes));
            any = true;
        });
        if !any {
            // Mostly, there is none in any of them.
            if !has_text(of) {
                break;
            }
            continue;
        }
        columns.iter_mut().zip(&words).for_each(|(column, word)| column[row] = *word);
    }
    columns
}

fn has_text(of: &Type) -> bool {
    of.any(&|of| matches!(of, Type::Str | Type::Bytes))
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("words", &self.words).finish_non_exhaustive()
    }
}

impl Held {
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Takes another value. What it has already isn't copied.
    ///
    /// # Safety
    /// The words are those of a value of the type, which [is held](Type::is_held); what they refer to lives during the call.
    pub unsafe fn set(&mut self, of: &Type, words: &[u64]) {
        match of.is_flat() {
            // SAFETY: as the caller says.
            true => unsafe { self.set_flat(of, words) },
            // SAFETY: as the caller says.
            false => unsafe { self.set_deep(of, words) },
        }
    }

    /// # Safety
    /// As of [`Held::set`].
    unsafe fn set_deep(&mut self, of: &Type, words: &[u64]) {
        let deep = self.deep.get_or_insert_with(|| Box::new(Deep { memory: Memory::sparing(), live: 0 }));
        self.words.clear();
        self.words.extend_from_slice(words);
        // SAFETY: as the caller says.
        unsafe { Copier::new(&mut deep.memory, true).copy(of, &mut self.words) };
        if deep.memory.bytes() > MOST_GARBAGE * deep.live {
            let mut memory = Memory::sparing();
            // SAFETY: the words are those of a copy, whose memory lives.
            unsafe { Copier::new(&mut memory, false).copy(of, &mut self.words) };
            deep.live = memory.bytes();
            deep.memory = memory;
        }
    }

    /// # Safety
    /// As of [`Held::set`], of a flat type.
    unsafe fn set_flat(&mut self, of: &Type, words: &[u64]) {
        let before = std::mem::take(&mut self.texts);
        let mut before: Vec<Option<Box<[u8]>>> = before.into_iter().map(Some).collect();
        let mut kept: Vec<Box<[u8]>> = Vec::new();
        self.words.clear();
        self.words.extend_from_slice(words);
        texts(of, &mut self.words, &mut |text| {
            let [place, length] = [text[0] as usize, text[1] as usize];
            let inside = |own: &[u8]| {
                let start = own.as_ptr() as usize;
                start <= place && place + length <= start + own.len()
            };
            if length == 0 || kept.iter().any(|own| inside(own)) {
                return;
            }
            if let Some(own) = before.iter_mut().find(|own| own.as_deref().is_some_and(inside)).and_then(Option::take) {
                return kept.push(own);
            }
            // SAFETY: the words of a text are its address and length, and it lives.
            let copy: Box<[u8]> = unsafe { std::slice::from_raw_parts(place as *const u8, length) }.into();
            text[0] = copy.as_ptr() as u64;
            kept.push(copy);
        });
        self.texts = kept;
    }

    /// As a Python object.
    pub fn object<'py>(&self, py: Python<'py>, of: &Type) -> PyResult<Bound<'py, PyAny>> {
        // SAFETY: these are the words of a value of that type, whose texts this owns.
        unsafe { super::python::Maker::of(py, of).make(of, &self.words) }
    }

    /// Appends the words of a copy whose texts lie in the memory.
    pub fn copy(&self, of: &Type, memory: &mut Memory, words: &mut Vec<u64>) {
        let from = words.len();
        words.extend_from_slice(&self.words);
        // SAFETY: the words are those of a value of that type, and this owns what they refer to.
        unsafe { Copier::new(memory, false).copy(of, &mut words[from..]) };
    }
}
