//! Results that their function may still change: each is handed on as it is now.
//!
//! A function that gives the list that it keeps, and appends to it at its next call, would otherwise change what it gave
//! before, and what is seen of it downstream would depend on how many elements are in a batch. So a result that
//! something else refers to is copied, as Flink copies between operators. One that nothing else refers to is handed on.

use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyCFunction, PyDict, PyFloat, PyFrozenSet, PyFunction, PyInt, PyList, PySet, PyString, PyTuple,
    PyType,
};
use pyo3::{ffi, wrap_pyfunction};

/// Objects that are looked at for one result, at the most; one that is made of more is copied.
const MOST: usize = 512;

/// Collects results for a list.
#[pyclass(frozen)]
pub struct Detaching {
    list: Py<PyList>,
    /// References that a call of a method has to an argument that nothing else refers to.
    own: isize,
}

#[pymethods]
impl Detaching {
    #[new]
    fn new(list: Bound<'_, PyList>) -> PyResult<Detaching> {
        Ok(Detaching { own: own_references(list.py())?, list: list.unbind() })
    }

    /// Appends a result.
    fn append(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.list.bind(value.py()).append(detached(value, self.own)?)
    }

    /// Appends each result of what a function returned, which may be None.
    fn extend(&self, values: &Bound<'_, PyAny>) -> PyResult<()> {
        let list = self.list.bind(values.py());
        if values.is_none() {
            return Ok(());
        }
        if let Ok(values) = values.cast_exact::<PyList>() {
            // The items of a list that something else refers to are referred to through it.
            let own = if references(values) <= self.own { 2 } else { 0 };
            return values.iter().try_for_each(|value| list.append(detached(&value, own)?));
        }
        // What an iterator gives is referred to by nothing but us, if it keeps it not.
        values.try_iter()?.try_for_each(|value| list.append(detached(&value?, 1)?))
    }
}

/// A result as it is now.
#[pyfunction]
pub fn detach<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    detached(value, own_references(value.py())?)
}

/// A copy of an element that goes on, while the function that saw it may have kept it.
#[pyfunction]
fn copy<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    copied(value)
}

#[pyfunction]
#[pyo3(name = "references")]
fn seen_references(value: &Bound<'_, PyAny>) -> isize {
    references(value)
}

/// What the generated code of chains calls.
pub fn function(py: Python<'_>) -> PyResult<Bound<'_, PyCFunction>> {
    wrap_pyfunction!(detach, py)
}

/// What it calls for elements that go on behind functions that may keep them.
pub fn copying(py: Python<'_>) -> PyResult<Bound<'_, PyCFunction>> {
    wrap_pyfunction!(copy, py)
}

/// References that a call from Python has to an argument that was made for it: how arguments are handed over differs
/// between versions.
pub fn own_references(py: Python<'_>) -> PyResult<isize> {
    static OWN: pyo3::sync::PyOnceLock<isize> = pyo3::sync::PyOnceLock::new();
    let measure = || {
        let locals = PyDict::new(py);
        locals.set_item("references", wrap_pyfunction!(seen_references, py)?)?;
        py.eval(c"references([])", None, Some(&locals))?.extract()
    };
    OWN.get_or_try_init(py, measure).copied()
}

fn references(value: &Bound<'_, PyAny>) -> isize {
    // SAFETY: a `Bound` is an object, and its thread is attached.
    unsafe { ffi::Py_REFCNT(value.as_ptr()) }
}

/// A value, or a copy of it if more than `own` references to it are there, or somebody else's to something in it.
pub fn detached<'py>(value: &Bound<'py, PyAny>, own: isize) -> PyResult<Bound<'py, PyAny>> {
    let mut left = MOST;
    match is_settled(value, &mut left) || is_own(value, own, &mut left)? {
        true => Ok(value.clone()),
        false => copied(value),
    }
}

/// A copy that shares nothing that can be changed; the value itself if it can't be copied.
pub fn copied<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if let Some(copy) = tree(value, &mut { MOST })? {
        return Ok(copy);
    }
    match py.import("copy")?.call_method1("deepcopy", (value,)) {
        Err(error) if error.is_instance_of::<pyo3::exceptions::PyException>(py) => Ok(value.clone()),
        outcome => outcome,
    }
}

/// A copy of containers that are in one place each, as `copy.deepcopy` makes it; `None` where there is something else.
fn tree<'py>(value: &Bound<'py, PyAny>, left: &mut usize) -> PyResult<Option<Bound<'py, PyAny>>> {
    if is_settled(value, left) {
        return Ok(Some(value.clone()));
    }
    // What is in a container is referred to by that, and by us.
    let part = |part: &Bound<'py, PyAny>, left: &mut usize| match references(part) <= 2 {
        true => tree(part, left),
        false => Ok(is_settled(part, left).then(|| part.clone())),
    };
    if let Ok(list) = value.cast_exact::<PyList>() {
        let items = list.iter().map(|item| part(&item, left)).collect::<PyResult<Option<Vec<_>>>>()?;
        return items.map(|items| Ok(PyList::new(value.py(), items)?.into_any())).transpose();
    }
    if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        let items = tuple.iter().map(|item| part(&item, left)).collect::<PyResult<Option<Vec<_>>>>()?;
        return items.map(|items| Ok(PyTuple::new(value.py(), items)?.into_any())).transpose();
    }
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        let copy = PyDict::new(value.py());
        for (key, of) in dict.iter() {
            let Some(of) = part(&of, left)?.filter(|_| is_settled(&key, left)) else { return Ok(None) };
            copy.set_item(key, of)?;
        }
        return Ok(Some(copy.into_any()));
    }
    Ok(None)
}

/// A list of copies that share nothing that can be changed with the values of the given one.
pub fn copies<'py>(values: &Bound<'py, PyList>) -> PyResult<Bound<'py, PyList>> {
    if values.iter().all(|value| is_settled(&value, &mut { MOST })) {
        return Ok(values.clone());
    }
    PyList::new(values.py(), values.iter().map(|value| copied(&value)).collect::<PyResult<Vec<_>>>()?)
}

/// True for values that nobody can change.
fn is_settled(value: &Bound<'_, PyAny>, left: &mut usize) -> bool {
    if *left == 0 {
        return false;
    }
    *left -= 1;
    let is_atom = value.is_none()
        // A mark: it is told from others by what it is.
        || value.get_type().is(value.py().get_type::<PyAny>())
        || value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_exact_instance_of::<PyBytes>()
        || value.is_instance_of::<PyType>()
        || value.is_exact_instance_of::<PyFunction>();
    if is_atom {
        return true;
    }
    if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        return tuple.iter_borrowed().all(|item| is_settled(&item, left));
    }
    value.cast_exact::<PyFrozenSet>().is_ok_and(|set| set.iter().all(|item| is_settled(&item, left)))
}

/// True if there are no references to a value but `own` ones, and none to what it is made of but its own.
fn is_own(value: &Bound<'_, PyAny>, own: isize, left: &mut usize) -> PyResult<bool> {
    if *left == 0 || references(value) > own {
        return Ok(false);
    }
    *left -= 1;
    if let Ok(list) = value.cast_exact::<PyList>() {
        return are_own(list.iter(), 0, left);
    }
    if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        return are_own(tuple.iter(), 0, left);
    }
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        let keys = dict.iter().map(|(key, _)| key);
        return Ok(are_own(keys, 0, left)? && are_own(dict.iter().map(|(_, of)| of), 0, left)?);
    }
    if let Ok(set) = value.cast_exact::<PySet>() {
        return are_own(set.iter(), 0, left);
    }
    let referents = value.py().import("gc")?.call_method1("get_referents", (value,))?;
    are_own(referents.cast::<PyList>()?.iter(), 1, left)
}

/// True if nothing refers to the values but what they are in, the handles that iterating over it gives, and so many
/// `others`.
fn are_own<'py>(
    mut values: impl Iterator<Item = Bound<'py, PyAny>>,
    others: isize,
    left: &mut usize,
) -> PyResult<bool> {
    values.try_fold(true, |all, value| Ok(all && (is_settled(&value, left) || is_own(&value, 2 + others, left)?)))
}
