//! Sources written in Python: `run(ctx)`, generator functions, and collections that are read while the job runs.

use super::buffer::SourceBuffer;
use super::{Ready, Source, SourceError, Taken};
use crate::engine::capture;
use crate::engine::column::Column;
use crate::python::detach::{detached, own_references};
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How a source's function is called.
pub enum Start {
    /// `run(ctx)`.
    Context(Py<PyAny>),
    /// Called without arguments, gives an iterable.
    Generator(Py<PyAny>),
    /// An iterator.
    Iterator(Py<PyAny>),
}

pub struct PythonSource {
    buffer: Arc<SourceBuffer>,
    /// What the thread will call; taken when it starts.
    start: Option<Start>,
    /// `cancel()`, if the source has one.
    cancel: Option<Py<PyAny>>,
    /// The class of exceptions that ends a `collect` after the end.
    cancelled: Py<PyAny>,
    thread: Option<thread::JoinHandle<()>>,
    /// Elements at the front that were given already.
    skip: u64,
    /// Nanoseconds of processor time that the thread has used; 0 until it ends.
    used: Arc<AtomicU64>,
}

/// What `run` is handed.
#[pyclass(frozen)]
pub struct SourceContext {
    buffer: Arc<SourceBuffer>,
    skip: AtomicU64,
    cancelled: Py<PyAny>,
    /// See [`own_references`].
    own: isize,
}

#[pymethods]
impl SourceContext {
    /// Gives an element to the stream.
    fn collect(&self, element: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = element.py();
        let left = self.skip.load(Ordering::Relaxed);
        if left > 0 {
            self.skip.store(left - 1, Ordering::Relaxed);
            return Ok(());
        }
        if self.buffer.collect(py, detached(element, self.own)?.unbind()) {
            return Ok(());
        }
        Err(PyErr::from_value(self.cancelled.bind(py).call1(("the job is over",))?))
    }

    /// Gives an element with its event time; processing time does not look at it.
    #[pyo3(name = "collectWithTimestamp")]
    fn collect_with_timestamp(&self, element: &Bound<'_, PyAny>, timestamp: i64) -> PyResult<()> {
        let _ = timestamp;
        self.collect(element)
    }

    /// Watermarks mean nothing in processing time.
    #[pyo3(name = "emitWatermark")]
    fn emit_watermark(&self, watermark: Py<PyAny>) {
        let _ = watermark;
    }

    #[pyo3(name = "markAsTemporarilyIdle")]
    fn mark_as_temporarily_idle(&self) {}

    /// For `with ctx.getCheckpointLock():`.
    #[pyo3(name = "getCheckpointLock")]
    fn checkpoint_lock(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Ok(py.import("threading")?.getattr("RLock")?.call0()?.unbind())
    }

    fn close(&self) {}
}

impl PythonSource {
    /// `cancelled` is the class of exceptions that ends a `collect` after the end.
    pub fn new(start: Start, cancel: Option<Py<PyAny>>, cancelled: Py<PyAny>, buffer: SourceBuffer) -> PythonSource {
        PythonSource {
            buffer: Arc::new(buffer),
            start: Some(start),
            cancel,
            cancelled,
            thread: None,
            skip: 0,
            used: Arc::default(),
        }
    }

    /// Leaves out so many elements at the front, which were given already.
    pub fn skip(&mut self, elements: u64) {
        self.skip = elements;
    }
}

fn run(py: Python<'_>, start: &Start, buffer: &Arc<SourceBuffer>, skip: u64, cancelled: Py<PyAny>) -> PyResult<()> {
    let elements = match start {
        Start::Context(run) => {
            let context = {
                let (buffer, skip, own) = (buffer.clone(), AtomicU64::new(skip), own_references(py)?);
                Py::new(py, SourceContext { buffer, skip, cancelled, own })?
            };
            run.bind(py).call1((context,))?;
            return Ok(());
        }
        Start::Generator(function) => function.bind(py).call0()?,
        Start::Iterator(iterator) => iterator.bind(py).clone(),
    };
    for (at, element) in (0_u64..).zip(elements.try_iter()?) {
        let element = element?;
        if at >= skip && !buffer.collect(py, detached(&element, 1)?.unbind()) {
            break;
        }
    }
    Ok(())
}

impl Source for PythonSource {
    fn start(&mut self) {
        let Some(start) = self.start.take() else { return };
        let buffer = self.buffer.clone();
        let cancelled = Python::attach(|py| self.cancelled.clone_ref(py));
        let (used, skip) = (self.used.clone(), self.skip);
        self.thread = Some(thread::spawn(move || {
            Python::attach(|py| {
                capture::source(buffer.clone());
                let outcome = run(py, &start, &buffer, skip, cancelled.clone_ref(py));
                capture::done();
                let time = py.import("time").and_then(|time| time.call_method0("thread_time_ns")?.extract::<u64>());
                used.store(time.unwrap_or(0), Ordering::Relaxed);
                let stopped = |error: &PyErr| error.is_instance(py, cancelled.bind(py));
                buffer.end(outcome.err().filter(|error| !stopped(error)));
                drop((start, cancelled));
            });
        }));
    }

    fn poll(&mut self, want: usize) -> Ready {
        self.buffer.poll(want)
    }

    fn take(&mut self, py: Python<'_>, rows: usize) -> PyResult<Taken> {
        let (values, prints) = self.buffer.take(rows);
        Ok(Taken { values: Column::Objects(PyList::new(py, values)?.unbind()), prints })
    }

    fn error(&mut self) -> Option<SourceError> {
        self.buffer.error().map(SourceError::Raised)
    }

    fn python_time(&self) -> Option<Duration> {
        match self.used.load(Ordering::Relaxed) {
            0 => None,
            nanoseconds => Some(Duration::from_nanos(nanoseconds)),
        }
    }

    fn may_stall(&self) -> bool {
        true
    }

    fn cancel(&mut self, py: Python<'_>) {
        if self.thread.is_none() || self.buffer.is_ended() {
            return;
        }
        if let Some(cancel) = &self.cancel
            && let Err(error) = cancel.bind(py).call0()
        {
            error.print(py);
        }
        self.buffer.cancel();
    }

    fn join(&mut self) -> bool {
        /// How long a source has to see that it was cancelled.
        const PATIENCE: Duration = Duration::from_secs(2);
        let Some(thread) = self.thread.take() else { return true };
        let until = Instant::now() + PATIENCE;
        while !thread.is_finished() {
            if Instant::now() > until {
                return false;
            }
            thread::park_timeout(Duration::from_millis(1));
        }
        thread.join().is_ok()
    }
}
