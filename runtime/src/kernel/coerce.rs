//! Values as values of a wider type.

use super::memory::Memory;
use pyflink_plan::types::{Type, variant, variant_for};

/// Appends the words of a value as one of another type, which has all values of its own: what [`Type::join`] gives.
pub fn coerce(from: &Type, to: &Type, words: &[u64], memory: &mut Memory, out: &mut Vec<u64>) {
    match (from, to) {
        (from, to) if from == to => out.extend_from_slice(words),
        (Type::Never | Type::None, to) => out.resize(out.len() + to.words(), 0),
        (Type::Optional(from), Type::Optional(inner)) => match words[0] {
            0 => out.resize(out.len() + to.words(), 0),
            _ => {
                out.push(1);
                coerce(from, inner, &words[1..], memory, out);
            }
        },
        (from, Type::Optional(to)) => {
            out.push(1);
            coerce(from, to, words, memory, out);
        }
        (Type::Union(from), to) => {
            if let Some((of, at)) = variant(from, words[0] as usize) {
                coerce(of, to, &words[at..at + of.words()], memory, out);
            }
        }
        (from, Type::Union(variants)) => {
            let number = variant_for(variants, from).unwrap_or(0);
            let end = out.len() + to.words();
            let Some((of, at)) = variant(variants, number) else { return };
            out.push(number as u64);
            out.resize(out.len() + at - 1, 0);
            coerce(from, of, words, memory, out);
            out.resize(end, 0);
        }
        (Type::Bool, Type::Number) => out.extend([0, words[0]]),
        (Type::Int, Type::Number) => out.extend([1, words[0]]),
        (Type::Float, Type::Number) => out.extend([2, words[0]]),
        (Type::Tuple(from), Type::Tuple(to)) | (Type::Mixed(from), Type::Mixed(to)) => {
            fields(from.iter().zip(to), words, memory, out)
        }
        (Type::Record(from), Type::Record(to)) => {
            fields(from.fields.iter().zip(&to.fields).map(|((_, from), (_, to))| (from, to)), words, memory, out);
        }
        (Type::Row(from), Type::Row(to)) => {
            fields(from.iter().zip(&**to).map(|((_, from), (_, to))| (from, to)), words, memory, out);
        }
        (Type::Tuple(from), Type::TupleOf(of)) => {
            let mut items = Vec::with_capacity(from.len() * of.words());
            fields(from.iter().map(|from| (from, &**of)), words, memory, &mut items);
            out.push(memory.list(&items, from.len()));
        }
        // Of lists, only empty ones are of several types.
        _ => out.extend_from_slice(words),
    }
}

fn fields<'a>(
    types: impl Iterator<Item = (&'a Type, &'a Type)>,
    words: &[u64],
    memory: &mut Memory,
    out: &mut Vec<u64>,
) {
    let mut at = 0;
    for (from, to) in types {
        let next = at + from.words();
        coerce(from, to, &words[at..next], memory, out);
        at = next;
    }
}
