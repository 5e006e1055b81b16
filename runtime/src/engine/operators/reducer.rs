//! Reducing: the function of a rolling or windowed reduce, as a kernel where it is one, else in CPython.

use super::native::{Native, Refusal};
use super::rows::Rows;
use super::verifier::{Python as Given, Verifier};
use crate::engine::batch::Batch;
use crate::engine::column::Column;
use crate::engine::meter;
use crate::engine::stamp::Stamp;
use crate::kernel::caller::Caller;
use crate::kernel::coerce::coerce;
use crate::kernel::held::Held;
use crate::kernel::memory::Memory;
use crate::kernel::python::Classes;
use crate::kernel::values::Values;
use crate::python::detach::copied;
use pyflink_plan::OperatorId;
use pyflink_plan::typed::Why;
use pyflink_plan::types::Type;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::sync::Arc;

/// What has been reduced so far.
#[derive(Debug)]
pub enum Accumulator {
    Object(Py<PyAny>),
    /// A value of the type that the reducer works with.
    Held(Held),
}

pub struct Reducer {
    operator: OperatorId,
    /// `reduce(a, b)`, one per subtask.
    calls: Vec<Py<PyAny>>,
    /// The function may change what it was given, or keeps what it gives, see [`detach`](crate::python::detach).
    shares: bool,
    native: Option<Native>,
    /// Type of elements and results, and the kernel.
    typed: Option<(Arc<Type>, Caller, Arc<Classes>)>,
    words: Vec<u64>,
    /// As the elements have them, whose type is narrower.
    narrow: Vec<u64>,
    /// Lists that the words refer to, if those are of an object.
    memory: Memory,
    /// Compares what the kernel gives with what CPython gives.
    verifier: Option<Verifier>,
}

/// The elements of a batch.
#[derive(Clone, Copy)]
pub struct Elements<'a> {
    pub batch: &'a Batch,
    /// They are of the type that the reducer works with, or of one that is coerced to it.
    values: Option<&'a Values>,
    is_narrow: bool,
}

impl<'a> Elements<'a> {
    pub fn of(batch: &'a Batch) -> Elements<'a> {
        Elements { batch, values: None, is_narrow: false }
    }
}

/// The type that a reduce works with, and the kernel for it.
fn caller(py: Python<'_>, native: &mut Native, of: Arc<Type>) -> Result<(Arc<Type>, Caller), Refusal> {
    if !of.is_held() {
        let message = format!("there is no machine code yet that keeps a {of} between elements");
        return Err(native.refusal(message, "use a tuple or a list"));
    }
    let pair = Arc::new(Type::Tuple(vec![(*of).clone(), (*of).clone()]));
    let caller = native.made(py, &pair)?.wide(&pair).and_then(Caller::new);
    let caller = caller.ok_or_else(|| native.no_code(&of))?;
    let value = &caller.kernel().value;
    match of.join(value) {
        Some(joined) if joined == *of && *value == joined => Ok((of, caller)),
        // Its results are of a wider type than its elements.
        Some(joined) if joined != *of => self::caller(py, native, Arc::new(joined)),
        _ => Err(native.other_result(&of, value)),
    }
}

impl Reducer {
    pub fn new(
        operator: OperatorId,
        calls: Vec<Py<PyAny>>,
        shares: bool,
        native: Option<(Native, Option<Verifier>)>,
    ) -> Reducer {
        let (native, verifier) = native.unzip();
        Reducer {
            operator,
            calls,
            shares,
            native,
            typed: None,
            words: Vec::new(),
            narrow: Vec::new(),
            memory: Memory::default(),
            verifier: verifier.flatten(),
        }
    }

    /// Begins a batch: from its elements follows whether there is a kernel.
    pub fn begin<'a>(&mut self, py: Python<'_>, batch: &'a Batch) -> Elements<'a> {
        if self.typed.is_none() && !batch.is_empty() {
            self.compile(py, &batch.values);
        }
        if let Some((_, caller, _)) = &mut self.typed {
            caller.reset();
        }
        let Some((of, ..)) = &self.typed else { return Elements::of(batch) };
        let values = match &batch.values {
            Column::Values(values) if values.type_of().join(of).as_ref() == Some(&**of) => Some(values),
            _ => None,
        };
        Elements { batch, values, is_narrow: values.is_some_and(|values| values.type_of() != of) }
    }

    fn compile(&mut self, py: Python<'_>, column: &Column) {
        let Some(mut native) = self.native.take() else { return };
        let classes = native.classes(py);
        let of = match column {
            Column::Values(values) => Some(values.type_of().clone()),
            Column::Str(_) => Some(Arc::new(Type::Str)),
            Column::Objects(list) => classes.type_of_all(list.bind(py)).map(Arc::new),
        };
        let list = match column {
            Column::Objects(list) => Some(list.bind(py)),
            _ => None,
        };
        let of = of.ok_or_else(|| native.unknown_elements(&classes, list));
        match of.and_then(|of| caller(py, &mut native, of)) {
            Ok((of, caller)) => self.typed = Some((of, caller, classes)),
            Err((operator, reason)) => meter::refused(operator, &reason),
        }
    }

    /// What stands for the first element of a key.
    pub fn first(&mut self, py: Python<'_>, elements: &Elements<'_>, row: usize) -> PyResult<Accumulator> {
        if self.element(py, elements, row)?.is_some()
            && let Some((of, ..)) = &self.typed
        {
            let mut held = Held::default();
            // SAFETY: these are words of an element of that type, which lives in its batch.
            unsafe { held.set(of, &self.words) };
            return Ok(Accumulator::Held(held));
        }
        let value = elements.batch.values.value(py, row)?;
        Ok(Accumulator::Object(if self.shares { copied(&value)? } else { value }.unbind()))
    }

    /// Puts the words of an element to `words`, if it is of the type that it works with.
    fn element(&mut self, py: Python<'_>, elements: &Elements<'_>, row: usize) -> PyResult<Option<()>> {
        let Some((of, _, classes)) = &self.typed else { return Ok(None) };
        self.words.clear();
        self.memory.clear();
        match (elements.values, &elements.batch.values) {
            (Some(values), _) if !elements.is_narrow => values.append_words(row, &mut self.words),
            (Some(values), _) => {
                self.narrow.clear();
                values.append_words(row, &mut self.narrow);
                coerce(values.type_of(), of, &self.narrow, &mut self.memory, &mut self.words);
            }
            (None, Column::Str(array)) if **of == Type::Str => {
                let text = array.value(row);
                self.words.extend([text.as_ptr() as u64, text.len() as u64]);
            }
            (None, Column::Objects(list)) => {
                let value = list.bind(py).get_item(row)?;
                return Ok(classes.view(&value, of, &mut self.memory, &mut self.words));
            }
            _ => return Ok(None),
        }
        Ok(Some(()))
    }

    /// Reduces what there is and one more element.
    pub fn add(
        &mut self,
        py: Python<'_>,
        so_far: &mut Accumulator,
        elements: &Elements<'_>,
        row: usize,
        subtask: u32,
    ) -> PyResult<()> {
        let before = self.before_verified(py, so_far)?;
        if matches!(so_far, Accumulator::Held(_)) && self.element(py, elements, row)?.is_some() && self.call(so_far) {
            return match before {
                Some(before) => self.verify(before, &elements.batch.values.value(py, row)?, so_far, subtask),
                None => Ok(()),
            };
        }
        let value = elements.batch.values.value(py, row)?;
        self.call_python(py, so_far, value, subtask)
    }

    /// As [`Reducer::add`], of an element that was kept.
    pub fn add_kept(
        &mut self,
        py: Python<'_>,
        so_far: &mut Accumulator,
        element: &Accumulator,
        subtask: u32,
    ) -> PyResult<()> {
        let before = self.before_verified(py, so_far)?;
        if let Accumulator::Held(held) = element {
            self.words.clear();
            self.words.extend_from_slice(held.words());
            if self.call(so_far) {
                return match before {
                    Some(before) => self.verify(before, &self.object(py, element)?, so_far, subtask),
                    None => Ok(()),
                };
            }
        }
        let value = self.object(py, element)?;
        self.call_python(py, so_far, value, subtask)
    }

    /// What there is before a call that is to be compared.
    fn before_verified<'py>(&mut self, py: Python<'py>, so_far: &Accumulator) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self.verifier.as_mut().is_some_and(Verifier::picks_call) {
            true => Ok(Some(self.object(py, so_far)?)),
            false => Ok(None),
        }
    }

    /// Makes a call that the kernel has made in CPython too, and compares.
    fn verify(
        &self,
        before: Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        after: &Accumulator,
        subtask: u32,
    ) -> PyResult<()> {
        let py = before.py();
        let Some(verifier) = &self.verifier else { return Ok(()) };
        let (elements, native) = (PyList::new(py, [&before, value])?, PyList::new(py, [self.object(py, after)?])?);
        match meter::python(|| self.calls[subtask as usize].bind(py).call1((before, value))) {
            Ok(result) => verifier.compare(&elements, &native, &Given::Results(&PyList::new(py, [result])?)),
            Err(error) => verifier.compare(&elements, &native, &Given::Raised(&error)),
        }
    }

    /// Calls the kernel with what there is and the element whose words are at hand. False if CPython has to.
    fn call(&mut self, so_far: &mut Accumulator) -> bool {
        let (Accumulator::Held(held), Some((of, caller, _))) = (so_far, &mut self.typed) else { return false };
        let input = caller.input();
        input.extend_from_slice(held.words());
        input.extend_from_slice(&self.words);
        match caller.call() {
            Ok(result) => {
                // SAFETY: the kernel gives values of that type.
                unsafe { held.set(of, result) };
                meter::native(1, 0);
                true
            }
            Err(stopped) => {
                let kernel = caller.kernel();
                let place = kernel.place(stopped.place).and_then(|place| place.span);
                let why = stopped.why.unwrap_or(Why::Unusual);
                meter::bailed(self.operator, why, place, kernel.refusal(stopped.place));
                meter::native(1, 1);
                false
            }
        }
    }

    fn call_python(
        &mut self,
        py: Python<'_>,
        so_far: &mut Accumulator,
        value: Bound<'_, PyAny>,
        subtask: u32,
    ) -> PyResult<()> {
        let before = self.object(py, so_far)?;
        let result = meter::python(|| self.calls[subtask as usize].bind(py).call1((before, value)))?;
        *so_far = self.taken(result);
        Ok(())
    }

    /// What CPython gave, in the form that the kernel knows if it is of its type.
    fn taken(&mut self, value: Bound<'_, PyAny>) -> Accumulator {
        self.words.clear();
        self.memory.clear();
        if let Some((of, _, classes)) = &self.typed
            && classes.view(&value, of, &mut self.memory, &mut self.words).is_some()
        {
            let mut held = Held::default();
            // SAFETY: these are words of a value of that type, which lives.
            unsafe { held.set(of, &self.words) };
            return Accumulator::Held(held);
        }
        Accumulator::Object(value.unbind())
    }

    /// The same accumulator once more.
    pub fn copy(&self, py: Python<'_>, of: &Accumulator) -> PyResult<Accumulator> {
        Ok(match (of, &self.typed) {
            (Accumulator::Held(held), Some((of, ..))) => {
                let mut copy = Held::default();
                // SAFETY: these are the words of a value of that type, which lives.
                unsafe { copy.set(of, held.words()) };
                Accumulator::Held(copy)
            }
            _ => Accumulator::Object(self.given(py, of)?.unbind()),
        })
    }

    /// Gives an accumulator out as a result.
    pub fn give<'py>(
        &self,
        py: Python<'py>,
        rows: &mut Rows<'py>,
        of: &Accumulator,
        stamp: Stamp,
        subtask: u32,
    ) -> PyResult<()> {
        match (of, &self.typed) {
            (Accumulator::Held(held), Some((of, ..))) => rows.push_held(py, of, held, stamp, subtask),
            _ => rows.push(self.given(py, of)?, stamp, subtask),
        }
    }

    /// An accumulator as an object that further calls don't change.
    fn given<'py>(&self, py: Python<'py>, of: &Accumulator) -> PyResult<Bound<'py, PyAny>> {
        let object = self.object(py, of)?;
        if self.shares { copied(&object) } else { Ok(object) }
    }

    /// An accumulator as an object.
    pub fn object<'py>(&self, py: Python<'py>, of: &Accumulator) -> PyResult<Bound<'py, PyAny>> {
        match (of, &self.typed) {
            (Accumulator::Object(object), _) => Ok(object.bind(py).clone()),
            (Accumulator::Held(held), Some((of, ..))) => held.object(py, of),
            (Accumulator::Held(_), None) => {
                Err(pyo3::exceptions::PyRuntimeError::new_err("an accumulator has no type"))
            }
        }
    }
}
