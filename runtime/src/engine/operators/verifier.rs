//! `--verify`: does some of what machine code does in CPython too, and compares.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::PyList;

/// For the functions of one operator, or of a chain.
pub struct Verifier {
    percent: u8,
    /// A list of `_pyflink.verify.Step`.
    steps: Py<PyList>,
    /// `_pyflink.verify.check`.
    check: Py<PyAny>,
    /// Calls so far, for operators that are called one by one.
    calls: u64,
}

/// What CPython gave.
pub enum Python<'a, 'py> {
    Results(&'a Bound<'py, PyList>),
    Raised(&'a PyErr),
}

impl Verifier {
    /// `steps`: kind, title and callable of each function.
    pub fn new(py: pyo3::Python<'_>, percent: u8, steps: Vec<(&str, String, Py<PyAny>)>) -> PyResult<Verifier> {
        let module = py.import("_pyflink.verify")?;
        let step = module.getattr("Step")?;
        let list = PyList::empty(py);
        for of in steps {
            list.append(step.call1(of)?)?;
        }
        Ok(Verifier { percent, steps: list.unbind(), check: module.getattr("check")?.unbind(), calls: 0 })
    }

    /// True if the row of that number is to be compared: the same ones whatever the batches and threads.
    pub fn picks(&self, number: u64) -> bool {
        picks(self.percent, number)
    }

    /// As [`Verifier::picks`], for the next call.
    pub fn picks_call(&mut self) -> bool {
        self.calls += 1;
        self.picks(self.calls)
    }

    /// Compares the results for some elements; a difference is an error that shows it.
    pub fn compare<'py>(
        &self,
        elements: &Bound<'py, PyList>,
        native: &Bound<'py, PyList>,
        python: &Python<'_, 'py>,
    ) -> PyResult<()> {
        let py = elements.py();
        let none = || PyList::empty(py);
        let outcome = match python {
            Python::Results(results) => self.check.bind(py).call1((&self.steps, elements, native, *results)),
            Python::Raised(error) => {
                let error = error.value(py).clone().cast_into::<PyBaseException>()?;
                self.check.bind(py).call1((&self.steps, elements, native, none(), error))
            }
        };
        outcome.map(|_| ())
    }
}

/// Takes so many of a hundred numbers, spread evenly (the finalizer of splitmix64).
fn picks(percent: u8, number: u64) -> bool {
    let mut hash = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (hash ^ (hash >> 31)) % 100 < u64::from(percent)
}

#[cfg(test)]
mod tests {
    use super::picks;

    #[test]
    fn about_the_share_that_was_asked_for_is_picked() {
        let picked = |percent| (0..100_000).filter(|number| picks(percent, *number)).count();
        assert_eq!([picked(0), picked(100)], [0, 100_000]);
        assert!((900..1100).contains(&picked(1)) && (49_000..51_000).contains(&picked(50)));
    }
}
