//! Keys: compared as Python compares the keys of a dict, but that NaN is one key.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyTuple};

use super::describe;

/// A dense number for each key that is held.
pub struct Keys {
    ids: Py<PyDict>,
    nan: Py<PyAny>,
}

impl Keys {
    pub fn new(py: Python<'_>) -> Keys {
        Keys { ids: PyDict::new(py).unbind(), nan: PyFloat::new(py, f64::NAN).into_any().unbind() }
    }

    pub fn get(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        let key = self.canonical(key)?;
        match self.ids.bind(py).get_item(&key).map_err(|error| explain(py, error, &key))? {
            Some(id) => Ok(Some(id.extract()?)),
            None => Ok(None),
        }
    }

    pub fn insert(&self, py: Python<'_>, key: &Bound<'_, PyAny>, id: usize) -> PyResult<()> {
        self.ids.bind(py).set_item(self.canonical(key)?, id)
    }

    pub fn remove(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<()> {
        self.ids.bind(py).del_item(self.canonical(key)?)
    }

    /// The key with each NaN in it replaced by one object, which a dict finds by identity.
    fn canonical<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if !has_nan(key) {
            return Ok(key.clone());
        }
        match key.cast::<PyTuple>() {
            Ok(items) => {
                let items = items.iter().map(|item| self.canonical(&item)).collect::<PyResult<Vec<_>>>()?;
                Ok(PyTuple::new(key.py(), items)?.into_any())
            }
            Err(_) => Ok(self.nan.bind(key.py()).clone()),
        }
    }
}

fn has_nan(key: &Bound<'_, PyAny>) -> bool {
    if let Ok(number) = key.cast::<PyFloat>() {
        return number.value().is_nan();
    }
    compares_as_tuple(key) && key.cast::<PyTuple>().is_ok_and(|items| items.iter().any(|item| has_nan(&item)))
}

/// True for tuples, and for named ones, unless their class says itself what they equal.
fn compares_as_tuple(key: &Bound<'_, PyAny>) -> bool {
    let (class, tuple) = (key.get_type(), key.py().get_type::<PyTuple>());
    let same = |name: &str| match (class.getattr(name), tuple.getattr(name)) {
        (Ok(own), Ok(given)) => own.is(&given),
        _ => false,
    };
    class.is(&tuple) || key.is_instance_of::<PyTuple>() && same("__eq__") && same("__hash__")
}

/// An unhashable key, said so that a user knows what to change.
pub fn explain(py: Python<'_>, error: PyErr, key: &Bound<'_, PyAny>) -> PyErr {
    if !error.is_instance_of::<PyTypeError>(py) || key.hash().is_ok() {
        return error;
    }
    PyTypeError::new_err(format!(
        "the key {} can't be hashed ({}); return a tuple, str, number or another hashable value from the key selector",
        describe(key),
        error.value(py),
    ))
}
