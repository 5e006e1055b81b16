//! Operands that are seen through: values of any type, elements of lists, dicts and sets, matches.

use super::abi::{MatchWord, Operand, Reader, Text, bytes};
use super::number::Number;
use super::table::Table;
use crate::kernel::memory::{List, Memory};
use pyflink_plan::regex::HIDDEN;
use pyflink_plan::types::{self, Type};
use std::marker::PhantomData;
use std::slice::Iter;

/// A value of a type.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    pub of: &'a Type,
    pub words: &'a [u64],
}

/// What a value is, one level deep.
pub enum View<'a> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Number(Number),
    Str(&'a str),
    Bytes(&'a [u8]),
    Some(Value<'a>),
    /// What a value of a union is.
    Variant(Value<'a>),
    Tuple(Fields<'a>),
    List(Items<'a>),
    Mixed(Fields<'a>),
    TupleOf(Items<'a>),
    Dict(&'a Table, &'a Type, &'a Type),
    Row(RowFields<'a>),
    Set(&'a Table, &'a Type),
    Record,
    Match,
}

impl<'a> Value<'a> {
    /// # Safety
    /// The words are a value of that type, and what they refer to lives for `'a`.
    pub unsafe fn new(of: &'a Type, words: &'a [u64]) -> Value<'a> {
        Value { of, words }
    }

    pub fn view(self) -> View<'a> {
        // SAFETY: who makes a value says that the words are of its type.
        unsafe {
            let word = |index: usize| self.words.get(index).copied().unwrap_or(0);
            match self.of {
                Type::Never | Type::None => View::None,
                Type::Bool => View::Bool(word(0) != 0),
                Type::Int | Type::Time(_) => View::Int(word(0) as i64),
                Type::Float => View::Float(f64::from_bits(word(0))),
                Type::Number => View::Number(Number::from_words([word(0), word(1)])),
                Type::Str => View::Str(std::str::from_utf8_unchecked(bytes(word(0), word(1)))),
                Type::Bytes => View::Bytes(bytes(word(0), word(1))),
                Type::Optional(_) if word(0) == 0 => View::None,
                Type::Optional(of) => View::Some(Value { of, words: &self.words[1..] }),
                Type::Union(variants) => match types::variant(variants, word(0) as usize) {
                    Some((of, at)) => View::Variant(Value { of, words: &self.words[at..at + of.words()] }),
                    None => View::None,
                },
                Type::Tuple(fields) => View::Tuple(Fields { types: Types::Tuple(fields.iter()), words: self.words }),
                Type::Mixed(fields) => View::Mixed(Fields { types: Types::Tuple(fields.iter()), words: self.words }),
                Type::List(of) => View::List(items(word(0), of)),
                Type::TupleOf(of) => View::TupleOf(items(word(0), of)),
                Type::Dict(key, value) => View::Dict(&*(word(0) as *const Table), key, value),
                Type::Row(fields) => View::Row(RowFields { fields: fields.iter(), words: self.words }),
                Type::Set(key) => View::Set(&*(word(0) as *const Table), key),
                Type::Record(record) if record.is_tuple => {
                    View::Tuple(Fields { types: Types::Named(record.fields.iter()), words: self.words })
                }
                Type::Record(record) if record.is_enum() => View::Int(word(0) as i64),
                Type::Record(_) => View::Record,
                Type::Match(_) | Type::Object(_) => View::Match,
            }
        }
    }
}

impl<'a> Operand<'a> for Value<'a> {
    fn fits(types: &mut Iter<'_, Type>) -> bool {
        types.next().is_some()
    }

    unsafe fn read(reader: &mut Reader<'a>) -> Value<'a> {
        let of = reader.of();
        // SAFETY: as the caller says.
        Value { of, words: unsafe { reader.words(of.words()) } }
    }
}

/// The fields of a tuple.
pub struct Fields<'a> {
    types: Types<'a>,
    words: &'a [u64],
}

/// Types of the fields of a tuple, or of a named one.
enum Types<'a> {
    Tuple(Iter<'a, Type>),
    Named(Iter<'a, (String, Type)>),
}

impl<'a> Iterator for Fields<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let of = match &mut self.types {
            Types::Tuple(types) => types.next()?,
            Types::Named(fields) => &fields.next()?.1,
        };
        let (words, rest) = self.words.split_at_checked(of.words())?;
        self.words = rest;
        Some(Value { of, words })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.types {
            Types::Tuple(types) => types.size_hint(),
            Types::Named(fields) => fields.size_hint(),
        }
    }
}

impl ExactSizeIterator for Fields<'_> {}

/// Keys and values of a row.
pub struct RowFields<'a> {
    fields: Iter<'a, (String, Type)>,
    words: &'a [u64],
}

impl<'a> Iterator for RowFields<'a> {
    type Item = (&'a str, Value<'a>);

    fn next(&mut self) -> Option<(&'a str, Value<'a>)> {
        let (key, of) = self.fields.next()?;
        let (words, rest) = self.words.split_at_checked(of.words())?;
        self.words = rest;
        Some((key, Value { of, words }))
    }
}

/// The elements of a list or tuple of any length, as they are at the beginning of the call.
#[derive(Clone, Copy)]
pub struct Items<'a> {
    pub of: &'a Type,
    pub words: &'a [u64],
    pub length: usize,
    /// Words of an element.
    pub stride: usize,
}

/// # Safety
/// The address is that of a list of elements of that type, which lives for `'a`.
unsafe fn items<'a>(address: u64, of: &'a Type) -> Items<'a> {
    // SAFETY: as the caller says.
    unsafe {
        let list = &*(address as *const List);
        let (length, stride) = (list.length as usize, of.words());
        Items { of, words: std::slice::from_raw_parts(list.items, length * stride), length, stride }
    }
}

impl<'a> Items<'a> {
    /// The words of an element that is there.
    pub fn get(&self, index: usize) -> &'a [u64] {
        &self.words[index * self.stride..(index + 1) * self.stride]
    }

    pub fn value(&self, index: usize) -> Value<'a> {
        Value { of: self.of, words: self.get(index) }
    }

    pub fn values(self) -> impl ExactSizeIterator<Item = Value<'a>> {
        (0..self.length).map(move |index| self.value(index))
    }
}

fn element(of: Option<&Type>) -> Option<&Type> {
    match of? {
        Type::List(of) | Type::TupleOf(of) => Some(of),
        _ => None,
    }
}

impl<'a> Operand<'a> for Items<'a> {
    fn fits(types: &mut Iter<'_, Type>) -> bool {
        element(types.next()).is_some()
    }

    unsafe fn read(reader: &mut Reader<'a>) -> Items<'a> {
        let of = element(Some(reader.of())).unwrap_or(&Type::Never);
        // SAFETY: the word is the address of a list.
        unsafe { items(reader.word(), of) }
    }
}

/// Elements that are known to be texts.
pub struct TextItems<'a>(Items<'a>);

impl<'a> TextItems<'a> {
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        // SAFETY: as when they were read.
        self.0.words.chunks_exact(2).map(|text| unsafe { std::str::from_utf8_unchecked(bytes(text[0], text[1])) })
    }
}

impl<'a> Operand<'a> for TextItems<'a> {
    fn fits(types: &mut Iter<'_, Type>) -> bool {
        element(types.next()).is_some_and(|of| matches!(of, Type::Str | Type::Never))
    }

    unsafe fn read(reader: &mut Reader<'a>) -> TextItems<'a> {
        // SAFETY: as the caller says.
        TextItems(unsafe { Items::read(reader) })
    }
}

/// A list that may be changed.
pub struct ListMut<'a> {
    list: *mut List,
    of: &'a Type,
    lives: PhantomData<&'a ()>,
}

impl<'a> Operand<'a> for ListMut<'a> {
    fn fits(types: &mut Iter<'_, Type>) -> bool {
        matches!(types.next(), Some(Type::List(_)))
    }

    unsafe fn read(reader: &mut Reader<'a>) -> ListMut<'a> {
        let of = element(Some(reader.of())).unwrap_or(&Type::Never);
        // SAFETY: the word is the address of a list.
        ListMut { list: unsafe { reader.word() } as *mut List, of, lives: PhantomData }
    }
}

impl<'a> ListMut<'a> {
    pub fn items(&self) -> Items<'a> {
        // SAFETY: as when it was read; elements are only overwritten in `set`, which takes it by value.
        unsafe { items(self.list as u64, self.of) }
    }

    /// Appends elements of its type; also its own.
    pub fn extend(self, memory: &mut Memory, more: Items<'_>) {
        // SAFETY: the list is one, and nobody else changes it meanwhile; what is appended lies ahead of the free room,
        // also where it is the list's own.
        unsafe {
            let list = &mut *self.list;
            let stride = self.of.words();
            while list.capacity < list.length + more.length as u64 {
                memory.grow(list, stride);
            }
            let end = list.items.add(list.length as usize * stride);
            std::ptr::copy_nonoverlapping(more.words.as_ptr(), end, more.words.len().min(more.length * stride));
            list.length += more.length as u64;
        }
    }

    /// Overwrites an element that is there.
    pub fn set(self, index: usize, words: &[u64]) {
        // SAFETY: as above; the operand lies elsewhere.
        unsafe {
            let list = &mut *self.list;
            if (index as u64) < list.length {
                std::ptr::copy_nonoverlapping(words.as_ptr(), list.items.add(index * self.of.words()), words.len());
            }
        }
    }

    /// Removes an element that is there.
    pub fn delete(self, index: usize) {
        // SAFETY: as above; what moves ends where the elements do.
        unsafe {
            let list = &mut *self.list;
            let (stride, length) = (self.of.words(), list.length as usize);
            if index < length {
                let place = list.items.add(index * stride);
                std::ptr::copy(place.add(stride), place, (length - index - 1) * stride);
                list.length -= 1;
            }
        }
    }

    /// Puts an element of its type before one that is there, or at the end.
    pub fn insert(self, memory: &mut Memory, index: usize, words: &[u64]) {
        // SAFETY: as above; there is room for one element more, and the operand lies elsewhere.
        unsafe {
            let list = &mut *self.list;
            let (stride, length) = (self.of.words(), list.length as usize);
            if index > length || words.len() != stride {
                return;
            }
            while list.capacity < list.length + 1 {
                memory.grow(list, stride);
            }
            let place = list.items.add(index * stride);
            std::ptr::copy(place, place.add(stride), (length - index) * stride);
            std::ptr::copy_nonoverlapping(words.as_ptr(), place, stride);
            list.length += 1;
        }
    }

    /// Puts the elements in the other order.
    pub fn reverse(self) {
        // SAFETY: as above; elements that change places don't overlap.
        unsafe {
            let list = &mut *self.list;
            let (stride, length) = (self.of.words(), list.length as usize);
            for index in 0..length / 2 {
                let (a, b) = (list.items.add(index * stride), list.items.add((length - 1 - index) * stride));
                std::ptr::swap_nonoverlapping(a, b, stride);
            }
        }
    }

    /// Removes all elements.
    pub fn clear(self) {
        // SAFETY: as above.
        unsafe { (*self.list).length = 0 }
    }

    /// Removes the last element, if there is one.
    pub fn shorten(self) {
        // SAFETY: as above.
        unsafe { (*self.list).length = (*self.list).length.saturating_sub(1) }
    }
}

/// A dict or set, with the words of its keys and values.
pub struct TableMut<'a> {
    pub table: &'a mut Table,
    pub key: &'a Type,
    pub value: &'a Type,
}

impl<'a> Operand<'a> for TableMut<'a> {
    fn fits(types: &mut Iter<'_, Type>) -> bool {
        matches!(types.next(), Some(Type::Dict(..) | Type::Set(_)))
    }

    unsafe fn read(reader: &mut Reader<'a>) -> TableMut<'a> {
        let (key, value) = match reader.of() {
            Type::Dict(key, value) => (&**key, &**value),
            Type::Set(key) => (&**key, &Type::None),
            _ => (&Type::Never, &Type::Never),
        };
        // SAFETY: the word is the address of a table, which no other operand is a part of.
        TableMut { table: unsafe { &mut *(reader.word() as *mut Table) }, key, value }
    }
}

/// What a match found: the subject, and starts and ends of the groups.
#[derive(Clone, Copy)]
pub struct Match<'a> {
    pub subject: &'a str,
    /// Start and end of each, group 0 first; `u64::MAX` if it took no part.
    pub positions: &'a [u64],
}

impl<'a> Match<'a> {
    /// Puts a match into memory: the words of the subject, then the positions.
    pub fn store(memory: &mut Memory, subject: &str, positions: impl ExactSizeIterator<Item = u64>) -> MatchWord {
        let words: Vec<u64> = Text::view(subject).0.into_iter().chain(positions).collect();
        let place = memory.allocate(words.len() * 8).cast::<u64>();
        // SAFETY: the place has room for the words, and is new.
        unsafe { std::ptr::copy_nonoverlapping(words.as_ptr(), place, words.len()) };
        MatchWord(place as u64)
    }
}

impl<'a> Operand<'a> for Match<'a> {
    fn fits(types: &mut Iter<'_, Type>) -> bool {
        matches!(types.next(), Some(Type::Match(_)))
    }

    unsafe fn read(reader: &mut Reader<'a>) -> Match<'a> {
        let groups = match reader.of() {
            Type::Match(HIDDEN) => 1,
            Type::Match(groups) => *groups as usize + 1,
            _ => 0,
        };
        // SAFETY: the word is the address of a match with so many groups.
        unsafe {
            let words = std::slice::from_raw_parts(reader.word() as *const u64, 2 + 2 * groups);
            let subject = std::str::from_utf8_unchecked(bytes(words[0], words[1]));
            Match { subject, positions: &words[2..] }
        }
    }
}
