//! A chain of maps and filters as a kernel: rows that it can't do exactly are done by CPython, in their places.

use crate::engine::batch::Batch;
use crate::engine::column::Column;
use crate::kernel::{Constant, Kernel, Results, Step};
use arrow_array::{Float64Array, Int64Array};
use arrow_buffer::ScalarBuffer;
use pyflink_plan::ir::Body;
use pyflink_plan::types::Type;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList};
use std::sync::Arc;

/// A map or filter of a chain.
pub struct NativeStep {
    pub body: Body,
    pub is_filter: bool,
    /// What CPython would call; its object has the attributes.
    pub call: Py<PyAny>,
}

pub struct Native {
    steps: Vec<NativeStep>,
    /// By type of the input, [`Type::Int`] and [`Type::Float`]; made when such input comes first.
    kernels: [Made; 2],
}

enum Made {
    NotYet,
    /// Something in it has no machine form for that type.
    Not,
    Kernel(Box<Kernel>),
}

/// Numbers of one type, 64 bits each.
pub struct Numbers {
    of: Type,
    bits: ScalarBuffer<u64>,
}

impl Native {
    pub fn new(steps: Vec<NativeStep>) -> Native {
        Native { steps, kernels: [Made::NotYet, Made::NotYet] }
    }

    /// The kernel for a type of input, if there is one.
    pub fn kernel(&mut self, py: Python<'_>, of: Type) -> Option<&Kernel> {
        let at = usize::from(of == Type::Float);
        if let Made::NotYet = self.kernels[at] {
            let made = self.compile(py, of);
            self.kernels[at] = made.map_or(Made::Not, |kernel| Made::Kernel(Box::new(kernel)));
        }
        match &self.kernels[at] {
            Made::Kernel(kernel) => Some(kernel),
            Made::NotYet | Made::Not => None,
        }
    }

    /// False once it is known that there is no kernel for any input.
    pub fn may_help(&self) -> bool {
        self.kernels.iter().any(|made| !matches!(made, Made::Not))
    }

    fn compile(&self, py: Python<'_>, of: Type) -> Option<Kernel> {
        let steps: Option<Vec<Step>> = self
            .steps
            .iter()
            .map(|step| {
                let attributes = attributes(step.call.bind(py), &step.body.attributes)?;
                Some(Step { body: step.body.clone(), attributes, is_filter: step.is_filter })
            })
            .collect();
        Kernel::compile(&steps?, of)
    }
}

/// Values of attributes that an object has for itself: numbers, which nobody else can change.
fn attributes(call: &Bound<'_, PyAny>, names: &[String]) -> Option<Vec<Constant>> {
    if names.is_empty() {
        return Some(Vec::new());
    }
    let own = call.getattr("__self__").ok()?.getattr("__dict__").ok()?.cast_into::<PyDict>().ok()?;
    names.iter().map(|name| constant(&own.get_item(name).ok()??)).collect()
}

fn constant(value: &Bound<'_, PyAny>) -> Option<Constant> {
    if let Ok(value) = value.cast_exact::<PyBool>() {
        return Some(Constant::Bool(value.is_true()));
    }
    if let Ok(value) = value.cast_exact::<PyInt>() {
        return value.extract().ok().map(Constant::Int);
    }
    value.cast_exact::<PyFloat>().ok().map(|value| Constant::Float(value.value()))
}

impl Numbers {
    /// The values of a column, if they are numbers of one type.
    pub fn of(py: Python<'_>, column: &Column) -> Option<Numbers> {
        let bits = |values: Vec<u64>| ScalarBuffer::from(values);
        match column {
            Column::Int(array) => Some(Numbers { of: Type::Int, bits: array.values().inner().clone().into() }),
            Column::Float(array) => Some(Numbers { of: Type::Float, bits: array.values().inner().clone().into() }),
            Column::Str(_) => None,
            Column::Objects(list) => {
                let list = list.bind(py);
                let first = list.get_item(0).ok()?;
                if first.is_exact_instance_of::<PyInt>() {
                    let value =
                        |value: Bound<'_, PyAny>| Some(value.cast_exact::<PyInt>().ok()?.extract::<i64>().ok()? as u64);
                    return Some(Numbers { of: Type::Int, bits: bits(list.iter().map(value).collect::<Option<_>>()?) });
                }
                let value = |value: Bound<'_, PyAny>| Some(value.cast_exact::<PyFloat>().ok()?.value().to_bits());
                Some(Numbers { of: Type::Float, bits: bits(list.iter().map(value).collect::<Option<_>>()?) })
            }
        }
    }

    pub fn type_of(&self) -> Type {
        self.of
    }

    pub fn bits(&self) -> &[u64] {
        &self.bits
    }
}

/// Results of a kernel over some rows of a batch, as a batch.
pub fn piece(py: Python<'_>, input: &Batch, of: Type, results: Results) -> PyResult<Batch> {
    let whole = results.rows.len() == input.rows();
    let stamps = match whole {
        true => input.stamps.clone(),
        false => Arc::new(results.rows.iter().map(|&row| input.stamps[row as usize]).collect()),
    };
    let subtasks = input.subtasks.as_ref().map(|subtasks| match whole {
        true => subtasks.clone(),
        false => Arc::new(results.rows.iter().map(|&row| subtasks[row as usize]).collect()),
    });
    let bits = ScalarBuffer::<u64>::from(results.values).into_inner();
    let values = match of {
        Type::Int => Column::Int(Int64Array::new(bits.into(), None)),
        Type::Float => Column::Float(Float64Array::new(bits.into(), None)),
        Type::Bool => {
            let truths = bits.typed_data::<u64>().iter().map(|bits| PyBool::new(py, *bits != 0).to_owned());
            Column::Objects(PyList::new(py, truths.collect::<Vec<_>>())?.unbind())
        }
    };
    Ok(Batch { values, stamps, subtasks, side: None })
}
