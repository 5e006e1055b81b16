//! Single values that outlive what they were made from: accumulators.

use super::memory::Memory;
use pyflink_plan::types::Type;
use pyo3::prelude::*;

/// A value of a type that [`is_held`], with texts of its own.
#[derive(Debug, Default)]
pub struct Held {
    words: Vec<u64>,
    texts: Vec<Box<[u8]>>,
}

/// True for types whose values can be held: made of numbers, text and bytes, without lists.
pub fn is_held(of: &Type) -> bool {
    match of {
        Type::Never | Type::None | Type::Bool | Type::Int | Type::Float | Type::Number | Type::Str | Type::Bytes => {
            true
        }
        Type::Tuple(fields) => fields.iter().all(is_held),
        Type::Record(record) => record.fields.iter().all(|(_, of)| is_held(of)),
        Type::Row(fields) => fields.iter().all(|(_, of)| is_held(of)),
        Type::Optional(of) => is_held(of),
        Type::List(_) | Type::TupleOf(_) | Type::Dict(..) | Type::Set(_) | Type::Match(_) => false,
    }
}

/// Visits the address and length of each text in a value.
fn texts(of: &Type, words: &mut [u64], visit: &mut dyn FnMut(&mut [u64])) {
    match of {
        Type::Str | Type::Bytes => visit(words),
        Type::Tuple(fields) => each(fields.iter(), words, visit),
        Type::Record(record) => each(record.fields.iter().map(|(_, of)| of), words, visit),
        Type::Row(fields) => each(fields.iter().map(|(_, of)| of), words, visit),
        Type::Optional(of) if words[0] != 0 => texts(of, &mut words[1..], visit),
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

/// Columns with the same values, whose texts lie in the memory.
///
/// # Safety
/// The columns have the words of `rows` values of the type, which [`is_held`]; what they refer to lives during the call.
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
    match of {
        Type::Str | Type::Bytes => true,
        Type::Tuple(fields) => fields.iter().any(has_text),
        Type::Record(record) => record.fields.iter().any(|(_, of)| has_text(of)),
        Type::Row(fields) => fields.iter().any(|(_, of)| has_text(of)),
        Type::Optional(of) => has_text(of),
        _ => false,
    }
}

impl Held {
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Takes another value. Texts that it has already aren't copied.
    ///
    /// # Safety
    /// The words are those of a value of the type, which [`is_held`]; what they refer to lives during the call.
    pub unsafe fn set(&mut self, of: &Type, words: &[u64]) {
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
        texts(of, &mut words[from..], &mut |text| {
            // SAFETY: the words are those of a text that this owns.
            let bytes = unsafe { std::slice::from_raw_parts(text[0] as *const u8, text[1] as usize) };
            text.copy_from_slice(&memory.text(bytes));
        });
    }
}
