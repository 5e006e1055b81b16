//! The function of a window's `apply`, as a kernel where it is one, else in CPython.

use super::Rows;
use super::native::{Native, Refusal};
use super::verifier::{Python as Given, Verifier};
use crate::engine::meter;
use crate::engine::stamp::Stamp;
use crate::kernel::memory::Memory;
use crate::kernel::values::{Held, Values};
use crate::kernel::{Kernel, Results};
use crate::python::detach::Detaching;
use pyflink_plan::OperatorId;
use pyflink_plan::typed::Why;
use pyflink_plan::types::Type;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::sync::Arc;

pub struct Applier {
    pub operator: OperatorId,
    /// `apply`, one per subtask.
    pub calls: Vec<Py<PyAny>>,
    /// True for `apply(key, window, values, collector)`, false for one that only returns its results.
    pub collects: bool,
    /// `Collector`, the class.
    pub collector: Py<PyAny>,
    /// Results are handed on as they are, see [`detach`](crate::python::detach).
    pub shares: bool,
    pub native: Option<Native>,
    /// Compares what the kernel gives with what CPython gives.
    pub verifier: Option<Verifier>,
}

/// The kernel for what a window gives: key, window, list of elements.
fn kernel(py: Python<'_>, native: &mut Native, of: Option<Arc<Type>>) -> Result<(Arc<Type>, Arc<Kernel>), Refusal> {
    let unknown = || {
        native.refusal(
            "its key, window or elements are of a type that machine code doesn't know",
            "give it numbers, texts, tuples, lists, dicts, or objects of a @dataclass of the script",
        )
    };
    let found = of.ok_or_else(unknown)?;
    let of = native.common(py, found);
    let kernel = native.made(py, &of)?.wide(&of);
    match kernel {
        Some(kernel) => Ok((of, kernel)),
        None => Err(native.no_code(&of)),
    }
}

impl Applier {
    /// Gives the results for a window; on an error, none of them.
    pub fn apply<'py>(
        &mut self,
        rows: &mut Rows<'py>,
        elements: Bound<'py, PyList>,
        key: &Bound<'py, PyAny>,
        window: &Bound<'py, PyAny>,
        stamp: Stamp,
        subtask: u32,
    ) -> PyResult<()> {
        let py = key.py();
        if let Some(results) = self.run_kernel(&elements, key, window) {
            let results = results.list(py)?;
            if let Some(verifier) = &mut self.verifier
                && verifier.picks_call()
            {
                self.verify(&elements, key, window, &results, subtask)?;
            }
            for value in results.iter() {
                rows.push(value, stamp, subtask)?;
            }
            return Ok(());
        }
        let outcome = match rows.list(py) {
            Ok(results) => meter::python(|| self.call(&elements, key, window, results, subtask)),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => rows.settle(stamp, subtask),
            Err(_) => rows.discard()?,
        }
        outcome
    }

    /// Calls the function in CPython.
    fn call(
        &self,
        elements: &Bound<'_, PyList>,
        key: &Bound<'_, PyAny>,
        window: &Bound<'_, PyAny>,
        results: &Bound<'_, PyList>,
        subtask: u32,
    ) -> PyResult<()> {
        let py = key.py();
        let call = self.calls[subtask as usize].bind(py);
        let into = match self.shares {
            true => py.get_type::<Detaching>().call1((results,))?,
            false => results.clone().into_any(),
        };
        let returned = if self.collects {
            let collector = self.collector.bind(py).call1((into.getattr("append")?,))?;
            call.call1((key, window, elements, collector))?
        } else {
            call.call1((key, window, elements))?
        };
        if !returned.is_none() {
            into.call_method1("extend", (returned,))?;
        }
        Ok(())
    }

    /// Does a window that the kernel has done in CPython too, and compares.
    fn verify(
        &self,
        elements: &Bound<'_, PyList>,
        key: &Bound<'_, PyAny>,
        window: &Bound<'_, PyAny>,
        native: &Bound<'_, PyList>,
        subtask: u32,
    ) -> PyResult<()> {
        let py = key.py();
        let Some(verifier) = &self.verifier else { return Ok(()) };
        let (given, results) = (PyList::new(py, [key, window, elements.as_any()])?, PyList::empty(py));
        match meter::python(|| self.call(elements, key, window, &results, subtask)) {
            Ok(()) => verifier.compare(&given, native, &Given::Results(&results)),
            Err(error) => verifier.compare(&given, native, &Given::Raised(&error)),
        }
    }

    /// What the kernel gives for a window; `None` if CPython has to do it.
    fn run_kernel(
        &mut self,
        elements: &Bound<'_, PyList>,
        key: &Bound<'_, PyAny>,
        window: &Bound<'_, PyAny>,
    ) -> Option<Values> {
        let py = key.py();
        let native = self.native.as_mut()?;
        let classes = native.classes(py);
        let input = (|| {
            let list = Type::List(Box::new(classes.type_of_all(elements)?));
            Some(Arc::new(Type::Tuple(vec![classes.type_of(key)?, classes.type_of(window)?, list])))
        })();
        let (input, kernel) = match kernel(py, native, input) {
            Ok(found) => found,
            Err((operator, reason)) => {
                meter::refused(operator, &reason);
                return None;
            }
        };
        let mut memory = Memory::default();
        let mut words = Vec::new();
        let Type::Tuple(fields) = &*input else { return None };
        for (value, of) in [key, window, elements.as_any()].into_iter().zip(fields) {
            if classes.words(value, of, &mut memory, &mut words).is_none() {
                meter::native(1, 1);
                meter::bailed(self.operator, Why::OtherType, None, None);
                return None;
            }
        }
        let columns = words.into_iter().map(|word| vec![word]).collect();
        let values = Values::new(input.clone(), columns, 1, vec![Arc::new(Held::Memory(memory))]);
        self.run(&kernel, &values)
    }

    fn run(&self, kernel: &Kernel, values: &Values) -> Option<Values> {
        let mut results = Results::default();
        let stopped = kernel.run(&values.columns(), 0..1, &mut results);
        if stopped.row == 0 {
            meter::native(1, 1);
            let place = kernel.place(stopped.place).and_then(|place| place.span);
            let why = stopped.why.unwrap_or(Why::Unusual);
            meter::bailed(self.operator, why, place, kernel.refusal(stopped.place));
            return None;
        }
        meter::native(1, 0);
        let mut held = values.held().to_vec();
        held.push(Arc::new(Held::Memory(results.memory)));
        held.push(Arc::new(Held::Kernel(kernel.kept().clone())));
        let count = results.rows.len();
        Some(Values::new(Arc::new(kernel.value.clone()), results.columns, count, held))
    }
}
