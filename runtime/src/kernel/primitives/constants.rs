//! Constants as values.

use super::table::{Table, hashable, store};
use super::views::Value;
use crate::kernel::memory::Memory;
use pyflink_plan::types::{Constant, Type};

/// The words of a constant as a value of a type that has it; `None` if it is no value of that type.
pub fn constant(value: &Constant, of: &Type, memory: &mut Memory) -> Option<Vec<u64>> {
    Some(match (value, of) {
        (Constant::None, Type::None) => Vec::new(),
        (Constant::None, Type::Optional(_)) => vec![0; of.words()],
        (value, Type::Optional(of)) => {
            let mut words = vec![1];
            words.extend(constant(value, of, memory)?);
            words
        }
        (Constant::Bool(value), Type::Bool) => vec![u64::from(*value)],
        (Constant::Bool(value), Type::Number) => vec![0, u64::from(*value)],
        (Constant::Int(value), Type::Int) => vec![*value as u64],
        (Constant::Int(value), Type::Number) => vec![1, *value as u64],
        (Constant::Float(value), Type::Float) => vec![value.to_bits()],
        (Constant::Float(value), Type::Number) => vec![2, value.to_bits()],
        (Constant::Str(text), Type::Str) => memory.text(text.as_bytes()).to_vec(),
        (Constant::Bytes(bytes), Type::Bytes) => memory.text(bytes).to_vec(),
        (Constant::Tuple(items), Type::Tuple(fields)) | (Constant::List(items), Type::Mixed(fields))
            if items.len() == fields.len() =>
        {
            let mut words = Vec::new();
            for (item, of) in items.iter().zip(fields) {
                words.extend(constant(item, of, memory)?);
            }
            words
        }
        (Constant::Tuple(items), Type::TupleOf(of)) | (Constant::List(items), Type::List(of)) => {
            let mut words = Vec::new();
            for item in items {
                words.extend(constant(item, of, memory)?);
            }
            vec![memory.list(&words, items.len())]
        }
        (Constant::Set(items), Type::Set(of)) => {
            let mut table = Table::default();
            for item in items {
                insert(&mut table, (item, of), None, memory)?;
            }
            vec![store(memory, table)]
        }
        (Constant::Dict(items), Type::Dict(key, of)) => {
            let mut table = Table::default();
            for (item, value) in items {
                insert(&mut table, (item, key), Some((value, of)), memory)?;
            }
            vec![store(memory, table)]
        }
        (Constant::Dict(items), Type::Row(fields)) if items.len() == fields.len() => {
            let mut words = Vec::new();
            for ((key, value), (expected, of)) in items.iter().zip(&**fields) {
                if !matches!(key, Constant::Str(key) if key == expected) {
                    return None;
                }
                words.extend(constant(value, of, memory)?);
            }
            words
        }
        (Constant::Time(known, micros), Type::Time(of)) if known == of => vec![*micros as u64],
        (Constant::Member(known, member), Type::Record(of)) if known == of => vec![*member as u64],
        (Constant::Record { module, name, fields, is_tuple }, Type::Record(of)) => {
            if (module, name, fields.len(), is_tuple) != (&of.module, &of.name, of.fields.len(), &of.is_tuple) {
                return None;
            }
            let mut words = Vec::new();
            for ((name, value), (expected, of)) in fields.iter().zip(&of.fields) {
                if name != expected {
                    return None;
                }
                words.extend(constant(value, of, memory)?);
            }
            words
        }
        _ => return None,
    })
}

fn insert(
    table: &mut Table,
    (key, of): (&Constant, &Type),
    value: Option<(&Constant, &Type)>,
    memory: &mut Memory,
) -> Option<()> {
    if !hashable(of) {
        return None;
    }
    let key = constant(key, of, memory)?;
    let value = match value {
        Some((value, of)) => constant(value, of, memory)?,
        None => Vec::new(),
    };
    // SAFETY: the words were made for the type just now, and what they refer to lies in the memory of the table.
    table.set(unsafe { Value::new(of, &key) }, &value).ok()
}
