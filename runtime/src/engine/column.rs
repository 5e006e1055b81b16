//! The values of a batch: an Arrow array where the type is known, Python objects where not.

use arrow_array::{Array, Float64Array, Int64Array, StringViewArray};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt, PyList, PyString};
use std::ops::Range;

#[derive(Debug)]
pub enum Column {
    Int(Int64Array),
    Float(Float64Array),
    Str(StringViewArray),
    Objects(Py<PyList>),
}

impl Column {
    pub fn empty() -> Column {
        Column::Int(Int64Array::from(Vec::<i64>::new()))
    }

    /// The values as Python objects.
    pub fn list<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        match self {
            Column::Int(array) => PyList::new(py, array.values().iter()),
            Column::Float(array) => PyList::new(py, array.values().iter()),
            Column::Str(array) => PyList::new(py, (0..array.len()).map(|row| array.value(row))),
            Column::Objects(list) => Ok(list.bind(py).clone()),
        }
    }

    /// One value as a Python object. The row must exist.
    pub fn value<'py>(&self, py: Python<'py>, row: usize) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Column::Int(array) => Ok(PyInt::new(py, array.value(row)).into_any()),
            Column::Float(array) => Ok(PyFloat::new(py, array.value(row)).into_any()),
            Column::Str(array) => Ok(PyString::new(py, array.value(row)).into_any()),
            Column::Objects(list) => list.bind(py).get_item(row),
        }
    }

    /// Appends `str(value)` of one row as UTF-8.
    pub fn write_str(&self, py: Python<'_>, row: usize, out: &mut Vec<u8>) -> PyResult<()> {
        match self {
            Column::Int(array) => {
                use std::io::Write;
                write!(out, "{}", array.value(row))?;
            }
            Column::Float(array) => write_float(array.value(row), out),
            Column::Str(array) => out.extend_from_slice(array.value(row).as_bytes()),
            Column::Objects(list) => {
                let value = list.bind(py).get_item(row)?;
                match value.cast_exact::<PyString>() {
                    Ok(text) => out.extend_from_slice(text.to_str()?.as_bytes()),
                    Err(_) => out.extend_from_slice(value.str()?.to_str()?.as_bytes()),
                }
            }
        }
        Ok(())
    }

    /// The same column once more, nothing copied.
    pub fn share(&self, py: Python<'_>) -> Column {
        match self {
            Column::Int(array) => Column::Int(array.clone()),
            Column::Float(array) => Column::Float(array.clone()),
            Column::Str(array) => Column::Str(array.clone()),
            Column::Objects(list) => Column::Objects(list.clone_ref(py)),
        }
    }

    /// Rows `rows`.
    pub fn slice(&self, py: Python<'_>, rows: Range<usize>) -> Column {
        match self {
            Column::Int(array) => Column::Int(array.slice(rows.start, rows.len())),
            Column::Float(array) => Column::Float(array.slice(rows.start, rows.len())),
            Column::Str(array) => Column::Str(array.slice(rows.start, rows.len())),
            Column::Objects(list) => Column::Objects(list.bind(py).get_slice(rows.start, rows.end).unbind()),
        }
    }
}

/// Appends a float as Python's `repr` gives it: the shortest digits that are this float, with an exponent where it is
/// below -4 or above 15.
pub fn write_float(value: f64, out: &mut Vec<u8>) {
    use std::io::Write;
    if !value.is_finite() {
        let text: &[u8] = match (value.is_nan(), value > 0.0) {
            (true, _) => b"nan",
            (_, true) => b"inf",
            _ => b"-inf",
        };
        return out.extend_from_slice(text);
    }
    let mut shortest = format!("{value:e}");
    // Of two shortest ones, Python gives the nearer, and of two as near, the even one.
    let digits = shortest.split('e').next().map_or(0, |mantissa| mantissa.bytes().filter(u8::is_ascii_digit).count());
    let rounded = format!("{value:.*e}", digits.saturating_sub(1));
    if rounded.parse() == Ok(value) {
        shortest = rounded;
    }
    let Some((mantissa, exponent)) = shortest.split_once('e') else { return };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |mantissa| ("-", mantissa));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    out.extend_from_slice(sign.as_bytes());
    // Writing to a Vec can't fail.
    let _ = match exponent {
        -4..0 => write!(out, "0.{}{digits}", "0".repeat((-exponent - 1) as usize)),
        0..16 => {
            let whole = exponent as usize + 1;
            match digits.split_at_checked(whole) {
                Some((whole, "")) => write!(out, "{whole}.0"),
                Some((whole, rest)) => write!(out, "{whole}.{rest}"),
                None => write!(out, "{digits}{}.0", "0".repeat(whole - digits.len())),
            }
        }
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            let sign = if exponent < 0 { '-' } else { '+' };
            write!(out, "{first}{point}{rest}e{sign}{:02}", exponent.abs())
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_python_writes_them() {
        let written = |value: f64| {
            let mut out = Vec::new();
            write_float(value, &mut out);
            String::from_utf8(out).unwrap()
        };
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-2.5, "-2.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (123_456.0, "123456.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (12_345_678_901_234_567_890.0, "1.2345678901234567e+19"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            // Both ..8.2 and ..8.3 are this float, and as near.
            (844_424_930_131_968.2_f64, "844424930131968.2"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ];
        for (value, expected) in cases {
            assert_eq!(written(value), expected);
        }
    }
}
