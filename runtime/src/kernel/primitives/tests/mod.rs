//! Primitives held against CPython, over edge cases and random operands.
//!
//! Each check names a primitive, the same in Python, and makers of operands. Where Python raises, or has no value of the
//! result's type, the primitive must bail; where it gives a value, the primitive must give the same, unless the check
//! says that it may bail for these operands.

mod bytes_of;
mod containers;
mod formats;
mod numbers;
mod regex;
mod text;

use super::views::{Value, View};
use super::{constant, site};
use crate::kernel::memory::Memory;
use pyflink_plan::primitive::Primitive;
use pyflink_plan::typed::Why;
use pyflink_plan::types::{Constant, Type};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PySet, PyString, PyTuple};
use std::ffi::CString;

/// Seeded numbers: a linear congruence, of which the high half is used.
pub struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.bits() >> 16) as usize % end
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

type Make = fn(&mut Random) -> Constant;

pub fn int(random: &mut Random) -> Constant {
    const EDGES: [i64; 14] =
        [0, 1, -1, 2, 7, 10, -10, i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1, 1 << 53, (1 << 53) + 1, 1 << 62];
    Constant::Int(match random.below(4) {
        0 => random.pick(&EDGES),
        1 => random.below(200) as i64 - 100,
        2 => random.bits() as i64,
        _ => (random.bits() as i64) >> random.below(64),
    })
}

/// As positions, counts and widths are.
pub fn small(random: &mut Random) -> Constant {
    Constant::Int(random.below(25) as i64 - 10)
}

pub fn maybe_small(random: &mut Random) -> Constant {
    match random.below(8) {
        0 | 1 => Constant::None,
        2 => Constant::Int(random.pick(&[i64::MIN, i64::MAX, i64::MIN + 1])),
        _ => small(random),
    }
}

pub fn float(random: &mut Random) -> Constant {
    const EDGES: [f64; 30] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        1.5,
        2.5,
        -2.5,
        0.1,
        1e-5,
        1e15,
        1e16,
        123_456_789.0,
        1e22,
        1e23,
        5e-324,
        2.2e-308,
        1.797_693_134_862_315_7e308,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        9_007_199_254_740_993.0,
        9_223_372_036_854_775_808.0,
        -9_223_372_036_854_775_808.0,
        9_223_372_036_854_774_784.0,
        3_377_699_720_527_873.0 / 4.0,
        0.000_1,
        2.675,
        1e300,
        -1e-300,
    ];
    Constant::Float(match random.below(7) {
        0 => random.pick(&EDGES),
        1 => f64::from_bits(random.bits()),
        2 => (random.below(200_001) as f64 - 100_000.0) / 100.0,
        3 => (random.below(2001) as f64 - 1000.0) / 8.0,
        4 => random.bits() as f64 / random.bits() as f64,
        5 => (random.bits() as i64 >> random.below(64)) as f64 / f64::from(1 << random.below(20)),
        _ => random.below(100) as f64 - 50.0,
    })
}

pub fn bool(random: &mut Random) -> Constant {
    Constant::Bool(random.below(2) == 1)
}

pub fn number(random: &mut Random) -> Constant {
    match random.below(5) {
        0 => bool(random),
        1 | 2 => int(random),
        _ => float(random),
    }
}

const PIECES: [&str; 62] = [
    "a",
    "b",
    "A",
    "Z",
    "ab",
    "aa",
    "Abc",
    "hello",
    "WORLD",
    "0",
    "1",
    "7",
    "42",
    "9",
    "_",
    "-",
    "+",
    ".",
    ",",
    ";",
    "e",
    "x",
    "'",
    "\"",
    "\\",
    "%",
    " ",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x1f",
    "\x00",
    "\x7f",
    "{",
    "a,b",
    "ab,",
    "\u{85}",
    "\u{a0}",
    "\u{1680}",
    "\u{2000}",
    "\u{2028}",
    "\u{2029}",
    "\u{202f}",
    "\u{205f}",
    "\u{3000}",
    "\u{200b}",
    "é",
    "e\u{301}",
    "ß",
    "İ",
    "٣",
    "😀",
    "👨\u{200d}👩",
    "中",
];
/// So many of them are ASCII.
const ASCII_PIECES: usize = 44;

pub fn ascii(random: &mut Random) -> Constant {
    let count = random.pick(&[0, 1, 1, 2, 3, 5, 8, 13, 40]);
    Constant::Str((0..count).map(|_| random.pick(&PIECES[..ASCII_PIECES])).collect())
}

/// Half of them are ASCII.
pub fn text(random: &mut Random) -> Constant {
    if random.below(2) == 0 {
        return ascii(random);
    }
    let count = random.pick(&[0, 1, 2, 3, 5, 8, 13, 40]);
    Constant::Str((0..count).map(|_| random.pick(&PIECES)).collect())
}

/// Few characters, so that they are found in texts.
pub fn part(random: &mut Random) -> Constant {
    let count = random.pick(&[0, 1, 1, 1, 1, 2]);
    Constant::Str((0..count).map(|_| random.pick(&PIECES)).collect())
}

pub fn bytes(random: &mut Random) -> Constant {
    match random.below(3) {
        0 => Constant::Bytes((0..random.below(12)).map(|_| random.bits() as u8).collect()),
        _ => match text(random) {
            Constant::Str(text) => Constant::Bytes(text.into_bytes()),
            other => other,
        },
    }
}

pub fn byte_part(random: &mut Random) -> Constant {
    match part(random) {
        Constant::Str(text) => Constant::Bytes(text.into_bytes()),
        other => other,
    }
}

/// Whether a character that isn't ASCII is in it.
pub fn has_unicode(value: &Constant) -> bool {
    match value {
        Constant::Str(text) => !text.is_ascii(),
        Constant::Tuple(items) | Constant::List(items) | Constant::Set(items) => items.iter().any(has_unicode),
        Constant::Dict(items) => items.iter().any(|(key, value)| has_unicode(key) || has_unicode(value)),
        _ => false,
    }
}

pub fn has_nan(value: &Constant) -> bool {
    match value {
        Constant::Float(value) => value.is_nan(),
        Constant::Tuple(items) | Constant::List(items) | Constant::Set(items) => items.iter().any(has_nan),
        Constant::Dict(items) => items.iter().any(|(key, value)| has_nan(key) || has_nan(value)),
        _ => false,
    }
}

/// Of any operand.
pub fn any(of: fn(&Constant) -> bool) -> impl Fn(&[Constant]) -> bool {
    move |operands| operands.iter().any(of)
}

pub fn never(_: &[Constant]) -> bool {
    false
}

pub fn to_python<'py>(py: Python<'py>, value: &Constant) -> Bound<'py, PyAny> {
    let all = |items: &[Constant]| items.iter().map(|item| to_python(py, item)).collect::<Vec<_>>();
    match value {
        Constant::None => py.None().into_bound(py),
        Constant::Bool(value) => PyBool::new(py, *value).to_owned().into_any(),
        Constant::Int(value) => PyInt::new(py, *value).into_any(),
        Constant::Float(value) => PyFloat::new(py, *value).into_any(),
        Constant::Str(text) => PyString::new(py, text).into_any(),
        Constant::Bytes(bytes) => PyBytes::new(py, bytes).into_any(),
        Constant::Tuple(items) => PyTuple::new(py, all(items)).unwrap().into_any(),
        Constant::List(items) => PyList::new(py, all(items)).unwrap().into_any(),
        Constant::Set(items) => PySet::new(py, all(items)).unwrap().into_any(),
        Constant::Dict(items) => {
            let dict = PyDict::new(py);
            items.iter().for_each(|(key, value)| dict.set_item(to_python(py, key), to_python(py, value)).unwrap());
            dict.into_any()
        }
        Constant::Time(of, micros) => crate::kernel::python_time::time_object(py, *of, *micros).unwrap(),
        Constant::Record { .. } | Constant::Member(..) => panic!("no records here"),
    }
}

/// A value of Python as one of a type; `None` if it is none.
fn of_python(value: &Bound<'_, PyAny>, of: &Type) -> Option<Constant> {
    let all = |of: &Type| value.try_iter().ok()?.map(|item| of_python(&item.ok()?, of)).collect::<Option<Vec<_>>>();
    Some(match of {
        Type::None => value.is_none().then_some(Constant::None)?,
        Type::Bool => Constant::Bool(value.cast_exact::<PyBool>().ok()?.is_true()),
        Type::Int => Constant::Int(value.cast_exact::<PyInt>().ok()?.extract().ok()?),
        Type::Float => Constant::Float(value.cast_exact::<PyFloat>().ok()?.value()),
        Type::Time(of) => {
            let (found, micros) = crate::kernel::python_time::time(value).filter(|(found, _)| found == of)?;
            Constant::Time(found, micros)
        }
        Type::Number => [Type::Bool, Type::Int, Type::Float].iter().find_map(|of| of_python(value, of))?,
        Type::Str => Constant::Str(value.cast_exact::<PyString>().ok()?.to_str().ok()?.to_owned()),
        Type::Bytes => Constant::Bytes(value.cast_exact::<PyBytes>().ok()?.as_bytes().to_vec()),
        Type::Optional(_) if value.is_none() => Constant::None,
        Type::Optional(of) => of_python(value, of)?,
        Type::List(of) => Constant::List(value.cast_exact::<PyList>().ok().and_then(|_| all(of))?),
        Type::TupleOf(of) => Constant::Tuple(value.cast_exact::<PyTuple>().ok().and_then(|_| all(of))?),
        Type::Tuple(fields) => {
            let tuple = value.cast_exact::<PyTuple>().ok().filter(|tuple| tuple.len() == fields.len())?;
            Constant::Tuple(tuple.iter().zip(fields).map(|(item, of)| of_python(&item, of)).collect::<Option<_>>()?)
        }
        Type::Dict(key, item) => {
            let dict = value.cast_exact::<PyDict>().ok()?;
            let pair = |(k, v): (Bound<'_, PyAny>, Bound<'_, PyAny>)| Some((of_python(&k, key)?, of_python(&v, item)?));
            Constant::Dict(dict.iter().map(pair).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

pub fn of_value(value: Value<'_>) -> Constant {
    match value.view() {
        View::None => Constant::None,
        View::Bool(value) => Constant::Bool(value),
        View::Int(value) => Constant::Int(value),
        View::Float(value) => Constant::Float(value),
        View::Number(number) => match number {
            super::number::Number::Bool(value) => Constant::Bool(value),
            super::number::Number::Int(value) => Constant::Int(value),
            super::number::Number::Float(value) => Constant::Float(value),
        },
        // Text must be valid even where a primitive made it of bytes.
        View::Str(text) => Constant::Str(std::str::from_utf8(text.as_bytes()).unwrap().to_owned()),
        View::Bytes(bytes) => Constant::Bytes(bytes.to_vec()),
        View::Some(value) | View::Variant(value) => of_value(value),
        View::Tuple(fields) => Constant::Tuple(fields.map(of_value).collect()),
        View::Mixed(fields) => Constant::List(fields.map(of_value).collect()),
        View::List(items) => Constant::List(items.values().map(of_value).collect()),
        View::TupleOf(items) => Constant::Tuple(items.values().map(of_value).collect()),
        View::Dict(table, key, of) => Constant::Dict(
            (0..table.len()).map(|row| (of_value(table.key(row, key)), of_value(table.value(row, of)))).collect(),
        ),
        View::Set(table, key) => Constant::Set((0..table.len()).map(|row| of_value(table.key(row, key))).collect()),
        View::Row(_) | View::Record | View::Match => panic!("not compared"),
    }
}

/// Floats by their bits, but for nans, of which there is one.
fn same(a: &Constant, b: &Constant) -> bool {
    let all = |a: &[Constant], b: &[Constant]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    match (a, b) {
        (Constant::Float(a), Constant::Float(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        (Constant::Tuple(a), Constant::Tuple(b)) | (Constant::List(a), Constant::List(b)) => all(a, b),
        (Constant::Dict(a), Constant::Dict(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, v), (l, w))| same(k, l) && same(v, w))
        }
        _ => a == b,
    }
}

/// Version of the Python that tests run in.
pub fn version() -> (u8, u8) {
    Python::initialize();
    Python::attach(|py| (py.version_info().minor, py.version_info().patch))
}

/// One call: the result, and the first operand after it, which it may have changed; or why it bails.
pub fn call(
    primitive: &Primitive,
    operands: &[(Constant, Type)],
    result: &Type,
    python: (u8, u8),
) -> Result<(Constant, Constant), Option<Why>> {
    let mut memory = Memory::default();
    let types: Vec<Type> = operands.iter().map(|(_, of)| of.clone()).collect();
    let site = site(primitive, &types, result, python).unwrap_or_else(|| panic!("{primitive:?} of {types:?}"));
    let words: Vec<Vec<u64>> = operands.iter().map(|(value, of)| constant(value, of, &mut memory).unwrap()).collect();
    let mut out = vec![0xdead_u64; result.words()];
    // SAFETY: operands are values of the site's types, and there is room for the result.
    let code = unsafe { (site.call)(&raw mut memory, &raw const site, words.concat().as_ptr(), out.as_mut_ptr()) };
    if code != 0 {
        return Err(Why::from_code(code as u32));
    }
    // SAFETY: it is still a value of its type.
    let first = words.first().map(|words| of_value(unsafe { Value::new(&types[0], words) }));
    // SAFETY: it gave a value of its type.
    let found = of_value(unsafe { Value::new(result, &out) });
    Ok((found, first.unwrap_or(Constant::None)))
}

/// Holds a primitive against a function of Python, `rounds` times. `changes`: compares the first operand afterwards.
pub struct Check<'a> {
    pub primitive: Primitive,
    pub python: &'a str,
    pub result: Type,
    pub may_bail: &'a dyn Fn(&[Constant]) -> bool,
    pub changes: bool,
    pub rounds: usize,
}

impl Check<'_> {
    pub fn run(&self, makers: &[(Make, Type)]) {
        let version = version();
        let mut random = Random::new(self.python.bytes().map(u64::from).sum::<u64>() + 1);
        Python::attach(|py| {
            let source = CString::new(self.python).unwrap();
            let globals = PyDict::new(py);
            py.run(c"import math, re", Some(&globals), None).unwrap();
            let function = py.eval(&source, Some(&globals), None).unwrap();
            for _ in 0..self.rounds {
                let operands: Vec<(Constant, Type)> =
                    makers.iter().map(|(make, of)| (make(&mut random), of.clone())).collect();
                let values: Vec<Constant> = operands.iter().map(|(value, _)| value.clone()).collect();
                let arguments = PyTuple::new(py, values.iter().map(|value| to_python(py, value))).unwrap();
                let outcome = function.call1(&arguments);
                let raised = outcome.as_ref().err().map(|error| error.get_type(py).name().unwrap().to_string());
                let expected = outcome.ok().and_then(|value| {
                    let result = of_python(&value, &self.result)?;
                    let first = if self.changes {
                        of_python(&arguments.get_item(0).ok()?, &operands[0].1)?
                    } else {
                        Constant::None
                    };
                    Some((result, first))
                });
                let found = call(&self.primitive, &operands, &self.result, version);
                if let (Some(exception), Err(Some(Why::Raises))) = (self.primitive.raises(), &found) {
                    let name = exception.name();
                    assert_eq!(raised.as_deref(), Some(name), "{:?} {} of {values:?}", self.primitive, self.python);
                }
                if let (true, Err(why)) = (self.primitive.only_raises(), &found) {
                    assert_eq!(*why, Some(Why::Raises), "{:?} {} of {values:?}", self.primitive, self.python);
                }
                let found = found.ok();
                match (&expected, &found) {
                    (None, None) => {}
                    (Some(_), None) if (self.may_bail)(&values) => {}
                    (Some((a, x)), Some((b, y))) if same(a, b) && (!self.changes || same(x, y)) => {}
                    _ => panic!(
                        "{:?} {} of {values:?}:\n  Python {expected:?}\n  native {found:?}",
                        self.primitive, self.python
                    ),
                }
            }
        });
    }
}

/// A check of a function that changes nothing.
pub fn check(
    primitive: Primitive,
    python: &str,
    makers: &[(Make, Type)],
    result: Type,
    may_bail: impl Fn(&[Constant]) -> bool,
) {
    Check { primitive, python, result, may_bail: &may_bail, changes: false, rounds: 2000 }.run(makers);
}

pub fn list(of: Type) -> Type {
    Type::List(Box::new(of))
}

pub fn optional(of: Type) -> Type {
    of.optional()
}
