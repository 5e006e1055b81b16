//! Values of any type: as text, whether they are equal, and which is less.

use super::abi::{Context, Text};
use super::float_text;
use super::number::Number;
use super::views::{Value, View};
use pyflink_plan::typed::Why;
use pyflink_plan::types::Type;
use std::cmp::Ordering;

/// Appends `str(value)` as UTF-8, or says why only Python can do it.
///
/// # Safety
/// The words are those of a value of that type, and what they refer to lives.
pub unsafe fn write_str(of: &Type, words: &[u64], out: &mut Vec<u8>) -> Result<(), Why> {
    // SAFETY: as the caller says.
    write(unsafe { Value::new(of, words) }, false, out)
}

/// Appends `str(value)`, or `repr(value)`.
pub fn write_value(value: Value<'_>, repr: bool, out: &mut Vec<u8>) -> Result<(), Why> {
    write(value, repr, out)
}

/// True if values of the type have an equality.
pub fn equates(of: &Type) -> bool {
    match of {
        Type::Record(record) if record.is_enum() => true,
        Type::Record(record) => record.is_tuple && record.fields.iter().all(|(_, of)| equates(of)),
        Type::Match(_) | Type::Object(_) | Type::Mixed(_) | Type::Union(_) => false,
        Type::Tuple(fields) => fields.iter().all(equates),
        Type::TupleOf(of) | Type::List(of) | Type::Optional(of) | Type::Set(of) => equates(of),
        Type::Dict(key, value) => equates(key) && equates(value),
        _ => true,
    }
}

/// True if values of the type have all that is done here with values: text, equality.
pub fn plain(of: &Type) -> bool {
    match of {
        Type::Record(_) | Type::Match(_) | Type::Object(_) | Type::Time(_) => false,
        Type::Tuple(fields) | Type::Mixed(fields) => fields.iter().all(plain),
        Type::Union(variants) => variants.iter().all(plain),
        Type::Row(fields) => fields.iter().all(|(_, of)| plain(of)),
        Type::TupleOf(of) | Type::List(of) | Type::Optional(of) | Type::Set(of) => plain(of),
        Type::Dict(key, value) => plain(key) && plain(value),
        _ => true,
    }
}

/// True if values of the type have an order.
pub fn ordered(of: &Type) -> bool {
    match of {
        Type::Record(record) => record.is_tuple && record.fields.iter().all(|(_, of)| ordered(of)),
        Type::Match(_) | Type::Object(_) | Type::Mixed(_) | Type::Union(_) => false,
        Type::Dict(..) | Type::Row(_) | Type::Set(_) => false,
        Type::Tuple(fields) => fields.iter().all(ordered),
        Type::TupleOf(of) | Type::List(of) | Type::Optional(of) => ordered(of),
        _ => true,
    }
}

fn write(value: Value<'_>, repr: bool, out: &mut Vec<u8>) -> Result<(), Why> {
    // What `repr` of them is may be said by their class, and others aren't written here.
    if let Type::Record(_) | Type::Time(_) = value.of {
        return Err(Why::Unusual);
    }
    match value.view() {
        View::None => out.extend_from_slice(b"None"),
        View::Bool(value) | View::Number(Number::Bool(value)) => {
            out.extend_from_slice(if value { b"True" } else { b"False" });
        }
        View::Int(value) | View::Number(Number::Int(value)) => float_text::write_int(value, out),
        View::Float(value) | View::Number(Number::Float(value)) => float_text::write_repr(value, out),
        View::Str(text) if repr => write_quoted(text, out)?,
        View::Str(text) => out.extend_from_slice(text.as_bytes()),
        View::Bytes(bytes) => write_bytes(bytes, out),
        View::Some(value) | View::Variant(value) => write(value, repr, out)?,
        View::Tuple(fields) => sequence(fields, b"(", b")", true, out)?,
        View::Mixed(fields) => sequence(fields, b"[", b"]", false, out)?,
        View::TupleOf(items) => sequence(items.values(), b"(", b")", true, out)?,
        View::List(items) => sequence(items.values(), b"[", b"]", false, out)?,
        View::Dict(table, key, of) => {
            out.push(b'{');
            for index in 0..table.len() {
                if index > 0 {
                    out.extend_from_slice(b", ");
                }
                write(table.key(index, key), true, out)?;
                out.extend_from_slice(b": ");
                write(table.value(index, of), true, out)?;
            }
            out.push(b'}');
        }
        View::Row(fields) => {
            out.push(b'{');
            for (index, (key, value)) in fields.enumerate() {
                if index > 0 {
                    out.extend_from_slice(b", ");
                }
                write_quoted(key, out)?;
                out.extend_from_slice(b": ");
                write(value, true, out)?;
            }
            out.push(b'}');
        }
        View::Set(table, _) if table.len() == 0 => out.extend_from_slice(b"set()"),
        View::Set(table, key) if table.len() == 1 => {
            out.push(b'{');
            write(table.key(0, key), true, out)?;
            out.push(b'}');
        }
        // The order of a set is that of hashes, which are another in each run.
        View::Set(..) | View::Record | View::Match => return Err(Why::Unusual),
    }
    Ok(())
}

fn sequence<'a>(
    values: impl ExactSizeIterator<Item = Value<'a>>,
    open: &[u8],
    close: &[u8],
    tuple: bool,
    out: &mut Vec<u8>,
) -> Result<(), Why> {
    let single = values.len() == 1;
    out.extend_from_slice(open);
    for (index, value) in values.enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        write(value, true, out)?;
    }
    if tuple && single {
        out.push(b',');
    }
    out.extend_from_slice(close);
    Ok(())
}

/// A text as Python writes it in source: which characters can be printed is known of ASCII only.
fn write_quoted(text: &str, out: &mut Vec<u8>) -> Result<(), Why> {
    if !text.is_ascii() {
        return Err(Why::NotAscii);
    }
    escape(text.as_bytes(), out);
    Ok(())
}

fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'b');
    escape(bytes, out);
}

fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    out.push(quote);
    for byte in bytes {
        match *byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            byte if byte == quote => out.extend_from_slice(&[b'\\', byte]),
            b' '..=b'~' => out.push(*byte),
            byte => {
                let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
                out.extend_from_slice(&[b'\\', b'x', high, low]);
            }
        }
    }
    out.push(quote);
}

pub fn repr(context: &mut Context<'_>, value: Value<'_>) -> Result<Text, Why> {
    context.memory.written(|out| write(value, true, out)).map(Text)
}

/// Whether two values of one type are equal; `within` a container, where what is the same object is equal, too: of two
/// nans nobody knows here whether they are the same.
pub fn equal(a: Value<'_>, b: Value<'_>, within: bool) -> Result<bool, Why> {
    let floats = |a: f64, b: f64| if within && a.is_nan() && b.is_nan() { Err(Why::Unusual) } else { Ok(a == b) };
    Ok(match (a.view(), b.view()) {
        (View::None, View::None) => true,
        (View::Bool(a), View::Bool(b)) => a == b,
        (View::Int(a), View::Int(b)) => a == b,
        (View::Float(a), View::Float(b)) => floats(a, b)?,
        (View::Number(Number::Float(a)), View::Number(Number::Float(b))) => floats(a, b)?,
        (View::Number(a), View::Number(b)) => a.compare(b) == Some(Ordering::Equal),
        (View::Str(a), View::Str(b)) => a == b,
        (View::Bytes(a), View::Bytes(b)) => a == b,
        (View::Some(a), View::Some(b)) => equal(a, b, within)?,
        (View::Some(_), View::None) | (View::None, View::Some(_)) => false,
        (View::Tuple(a), View::Tuple(b)) => all_equal(a, b)?,
        (View::List(a), View::List(b)) | (View::TupleOf(a), View::TupleOf(b)) => {
            a.length == b.length && all_equal(a.values(), b.values())?
        }
        (View::Row(a), View::Row(b)) => all_equal(a.map(|(_, value)| value), b.map(|(_, value)| value))?,
        (View::Set(a, key), View::Set(b, _)) => {
            a.len() == b.len() && {
                for index in 0..a.len() {
                    if b.find(a.key(index, key))?.is_none() {
                        return Ok(false);
                    }
                }
                true
            }
        }
        (View::Dict(a, key, of), View::Dict(b, ..)) => {
            a.len() == b.len() && {
                for index in 0..a.len() {
                    match b.find(a.key(index, key))? {
                        Some(other) if equal(a.value(index, of), b.value(other, of), true)? => {}
                        _ => return Ok(false),
                    }
                }
                true
            }
        }
        _ => return Err(Why::Unusual),
    })
}

fn all_equal<'a>(a: impl Iterator<Item = Value<'a>>, b: impl Iterator<Item = Value<'a>>) -> Result<bool, Why> {
    for (a, b) in a.zip(b) {
        if !equal(a, b, true)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The order of two values of one type; `within` a container, where two Nones are equal.
pub fn order(a: Value<'_>, b: Value<'_>, within: bool) -> Result<Ordering, Why> {
    let partial = |order: Option<Ordering>| order.ok_or(Why::Unusual);
    Ok(match (a.view(), b.view()) {
        (View::None, View::None) if within => Ordering::Equal,
        (View::Bool(a), View::Bool(b)) => a.cmp(&b),
        (View::Int(a), View::Int(b)) => a.cmp(&b),
        (View::Float(a), View::Float(b)) => partial(a.partial_cmp(&b))?,
        (View::Number(a), View::Number(b)) => partial(a.compare(b))?,
        (View::Str(a), View::Str(b)) => a.cmp(b),
        (View::Bytes(a), View::Bytes(b)) => a.cmp(b),
        (View::Some(a), View::Some(b)) => order(a, b, within)?,
        (View::Tuple(a), View::Tuple(b)) => lexical(a, b)?,
        (View::List(a), View::List(b)) | (View::TupleOf(a), View::TupleOf(b)) => {
            lexical(a.values(), b.values())?.then(a.length.cmp(&b.length))
        }
        _ => return Err(Why::Raises),
    })
}

fn lexical<'a>(a: impl Iterator<Item = Value<'a>>, b: impl Iterator<Item = Value<'a>>) -> Result<Ordering, Why> {
    for (a, b) in a.zip(b) {
        let order = order(a, b, true)?;
        if order != Ordering::Equal {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}

/// True if a value can be compared with any other of its type that is so, too: there is no None and no nan in it.
pub fn comparable(value: Value<'_>) -> bool {
    match value.view() {
        View::None | View::Dict(..) | View::Row(_) | View::Mixed(_) | View::Set(..) | View::Record | View::Match => {
            false
        }
        // It depends on the other one.
        View::Variant(_) => false,
        View::Float(value) | View::Number(Number::Float(value)) => !value.is_nan(),
        View::Some(value) => comparable(value),
        View::Tuple(mut fields) => fields.all(comparable),
        View::List(items) | View::TupleOf(items) => items.values().all(comparable),
        View::Bool(_) | View::Int(_) | View::Number(_) | View::Str(_) | View::Bytes(_) => true,
    }
}

pub fn eq(_: &mut Context<'_>, a: Value<'_>, b: Value<'_>) -> Result<bool, Why> {
    equal(a, b, false)
}

pub fn compare(_: &mut Context<'_>, a: Value<'_>, b: Value<'_>) -> Result<i64, Why> {
    order(a, b, false).map(|order| order as i64)
}
