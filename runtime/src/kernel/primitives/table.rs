//! Dicts and sets of kernels.

use super::abi::{Context, Found, ListWord, TableWord, Words};
use super::number::Number;
use super::values::equal;
use super::views::{TableMut, Value, View};
use pyflink_plan::typed::Why;
use pyflink_plan::types::Type;

/// Keys and values as words, in order of insertion.
#[derive(Default)]
pub struct Table {
    keys: Vec<u64>,
    values: Vec<u64>,
    /// Of each key.
    hashes: Vec<u64>,
    /// By hash, with linear probing: numbers of keys. Its length is a power of two, and at least a third of it is empty.
    index: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

/// True if values of the type are keys: Python's equality is that of what is hashed here.
pub fn hashable(of: &Type) -> bool {
    match of {
        Type::Never
        | Type::None
        | Type::Bool
        | Type::Int
        | Type::Float
        | Type::Number
        | Type::Time(_)
        | Type::Str
        | Type::Bytes => true,
        Type::Tuple(fields) => fields.iter().all(hashable),
        Type::Record(record) if record.is_enum() => true,
        Type::Record(record) => record.is_tuple && record.fields.iter().all(|(_, of)| hashable(of)),
        Type::TupleOf(of) | Type::Optional(of) => hashable(of),
        _ => false,
    }
}

/// One step of a hash.
fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    product as u64 ^ (product >> 64) as u64
}

fn hash_bytes(mut hash: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = mix(hash, u64::from_le_bytes(*word));
    }
    let last = rest.iter().fold(bytes.len() as u64, |word, byte| word << 8 | u64::from(*byte));
    mix(hash, last)
}

fn hash(seed: u64, value: Value<'_>) -> u64 {
    // What is equal has one hash: 1, 1.0 and True, 0.0 and -0.0.
    let float = |value: f64| if value as i64 as f64 == value { value as i64 as u64 } else { value.to_bits() };
    match value.view() {
        View::Bool(value) => mix(seed, u64::from(value)),
        View::Int(value) => mix(seed, value as u64),
        View::Float(value) => mix(seed, float(value)),
        View::Number(number) => mix(seed, number.int().map_or_else(|| float(number.float()), |int| int as u64)),
        View::Str(text) => hash_bytes(seed, text.as_bytes()),
        View::Bytes(bytes) => hash_bytes(seed, bytes),
        View::Some(value) => hash(seed ^ 1, value),
        View::Tuple(fields) => fields.fold(seed, hash),
        View::TupleOf(items) => items.values().fold(seed, hash),
        _ => mix(seed, 0),
    }
}

impl Table {
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// A key that is there.
    pub fn key<'a>(&'a self, index: usize, of: &'a Type) -> Value<'a> {
        let words = of.words();
        // SAFETY: keys have this type, as the table's has; they were values when they came.
        unsafe { Value::new(of, &self.keys[index * words..(index + 1) * words]) }
    }

    /// A value that is there.
    pub fn value<'a>(&'a self, index: usize, of: &'a Type) -> Value<'a> {
        let words = of.words();
        // SAFETY: as above.
        unsafe { Value::new(of, &self.values[index * words..(index + 1) * words]) }
    }

    /// The number of a key.
    pub fn find(&self, key: Value<'_>) -> Result<Option<usize>, Why> {
        self.find_hashed(key, hash(0, key))
    }

    fn find_hashed(&self, key: Value<'_>, hash: u64) -> Result<Option<usize>, Why> {
        // A nan is the key that is the same object, which nobody knows here.
        if let View::Float(value) | View::Number(Number::Float(value)) = key.view()
            && value.is_nan()
        {
            return Err(Why::Unusual);
        }
        if self.index.is_empty() {
            return Ok(None);
        }
        let mask = self.index.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let found = self.index[place];
            if found == EMPTY {
                return Ok(None);
            }
            let found = found as usize;
            if self.hashes[found] == hash && equal(self.key(found, key.of), key, true)? {
                return Ok(Some(found));
            }
            place = (place + 1) & mask;
        }
    }

    /// Sets the value of a key. A key that is there stays the object that it is, and where it is.
    pub fn set(&mut self, key: Value<'_>, value: &[u64]) -> Result<(), Why> {
        let hash = hash(0, key);
        if let Some(found) = self.find_hashed(key, hash)? {
            self.values[found * value.len()..(found + 1) * value.len()].copy_from_slice(value);
            return Ok(());
        }
        let number = u32::try_from(self.len()).ok().filter(|number| *number != EMPTY).ok_or(Why::Unusual)?;
        self.keys.extend_from_slice(key.words);
        self.values.extend_from_slice(value);
        self.hashes.push(hash);
        if self.len() * 3 > self.index.len() * 2 {
            let size = (self.index.len() * 2).max(8);
            self.index.clear();
            self.index.resize(size, EMPTY);
            for number in 0..self.hashes.len() {
                self.enter(number as u32);
            }
        } else {
            self.enter(number);
        }
        Ok(())
    }

    /// Removes a key; whether it was there. Those behind it keep their order.
    pub fn remove(&mut self, key: Value<'_>, value: &Type) -> Result<bool, Why> {
        let Some(found) = self.find(key)? else { return Ok(false) };
        let (key, value) = (key.of.words(), value.words());
        self.keys.drain(found * key..(found + 1) * key);
        self.values.drain(found * value..(found + 1) * value);
        self.hashes.remove(found);
        self.index.fill(EMPTY);
        for number in 0..self.hashes.len() {
            self.enter(number as u32);
        }
        Ok(true)
    }

    fn enter(&mut self, number: u32) {
        let mask = self.index.len() - 1;
        let mut place = self.hashes[number as usize] as usize & mask;
        while self.index[place] != EMPTY {
            place = (place + 1) & mask;
        }
        self.index[place] = number;
    }
}

pub fn new(context: &mut Context<'_>) -> Result<TableWord, Why> {
    Ok(TableWord(store(context.memory, Table::default())))
}

/// Puts a table into memory; gives its word.
pub fn store(memory: &mut crate::kernel::memory::Memory, table: Table) -> u64 {
    let mut table = Box::new(table);
    let word = &raw mut *table as u64;
    memory.tables.push(table);
    word
}

pub fn find<'a>(_: &mut Context<'a>, dict: TableMut<'a>, key: Value<'a>) -> Result<Found<'a>, Why> {
    let TableMut { table, value, .. } = dict;
    let table: &'a Table = table;
    Ok(Found(table.find(key)?.map(|index| table.value(index, value).words), value.words()))
}

pub fn get<'a>(_: &mut Context<'a>, dict: TableMut<'a>, key: Value<'a>) -> Result<Words<'a>, Why> {
    let TableMut { table, value, .. } = dict;
    let table: &'a Table = table;
    let index = table.find(key)?.ok_or(Why::Raises)?;
    Ok(Words(table.value(index, value).words))
}

pub fn get_or<'a>(_: &mut Context<'a>, dict: TableMut<'a>, key: Value<'a>, other: Value<'a>) -> Result<Words<'a>, Why> {
    let TableMut { table, value, .. } = dict;
    let table: &'a Table = table;
    Ok(Words(table.find(key)?.map_or(other.words, |index| table.value(index, value).words)))
}

pub fn set(_: &mut Context<'_>, dict: TableMut<'_>, key: Value<'_>, value: Value<'_>) -> Result<(), Why> {
    dict.table.set(key, value.words)
}

pub fn add(_: &mut Context<'_>, set: TableMut<'_>, key: Value<'_>) -> Result<(), Why> {
    set.table.set(key, &[])
}

pub fn delete(_: &mut Context<'_>, table: TableMut<'_>, key: Value<'_>) -> Result<bool, Why> {
    let TableMut { table, value, .. } = table;
    table.remove(key, value)
}

pub fn has(_: &mut Context<'_>, table: TableMut<'_>, key: Value<'_>) -> Result<bool, Why> {
    Ok(table.table.find(key)?.is_some())
}

pub fn len(_: &mut Context<'_>, table: TableMut<'_>) -> Result<i64, Why> {
    Ok(table.table.len() as i64)
}

pub fn keys(context: &mut Context<'_>, table: TableMut<'_>) -> Result<ListWord, Why> {
    Ok(ListWord(context.memory.list(&table.table.keys, table.table.len())))
}

pub fn values(context: &mut Context<'_>, table: TableMut<'_>) -> Result<ListWord, Why> {
    Ok(ListWord(context.memory.list(&table.table.values, table.table.len())))
}

pub fn items(context: &mut Context<'_>, dict: TableMut<'_>) -> Result<ListWord, Why> {
    let table = &*dict.table;
    let mut words = Vec::with_capacity(table.keys.len() + table.values.len());
    for index in 0..table.len() {
        words.extend_from_slice(table.key(index, dict.key).words);
        words.extend_from_slice(table.value(index, dict.value).words);
    }
    Ok(ListWord(context.memory.list(&words, table.len())))
}
