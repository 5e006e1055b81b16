//! A source written in Python whose function is machine code: it runs on a thread of its own, without the interpreter.
//!
//! Where only CPython can go on, it begins anew there, and what was given already is left out: the function is the same
//! each time, and its object has not been changed yet.

use super::python::PythonSource;
use super::{Ready, Source, SourceError, SourceFunction, Taken};
use crate::engine::column::Column;
use crate::engine::operators::native::known_attribute;
use crate::kernel::memory::Memory;
use crate::kernel::python::{Classes, Maker};
use crate::kernel::source::End;
use crate::kernel::values::Values;
use crate::kernel::{Kernel, Order, Role, Step, Stopped, primitives};
use crate::summary::{Bails, Mode};
use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};
use pyflink_plan::infer::infer_source;
use pyflink_plan::ir::{Body, GLOBAL};
use pyflink_plan::typed::Why;
use pyflink_plan::types::{Constant, Type};
use pyflink_plan::{Cause, Reason, SourceId, Span};
use pyo3::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Batches that the source is ahead of the engine, at the most.
const AHEAD: usize = 4;

/// A source's function as machine code.
pub struct Function {
    kernel: Kernel,
    /// Attributes of the object, by name, and their words in `words`.
    attributes: Vec<(String, Type, usize)>,
    words: Vec<AtomicU64>,
    /// What the words refer to when it begins.
    _memory: Memory,
    /// The object whose attributes they are.
    object: Option<Py<PyAny>>,
}

pub struct NativeSource {
    body: Body,
    /// The bound method, or the function.
    call: Py<PyAny>,
    /// There when it runs.
    function: Option<Arc<Function>>,
    /// How it runs, once it does.
    report: Option<SourceFunction>,
    cancel: Option<Py<PyAny>>,
    /// Goes on where machine code can't.
    python: PythonSource,
    python_runs: bool,
    feed: Option<Receiver<Message>>,
    current: Option<Values>,
    ended: bool,
    /// Not 0 once it is to end.
    stop: Arc<AtomicI32>,
    batch_size: usize,
    wake: Sender<()>,
    given: u64,
    thread: Option<thread::JoinHandle<()>>,
}

enum Message {
    Batch(Values),
    End(End),
}

impl Function {
    /// Compiles the function of a source; `call` is the bound method, or the function. The error says why CPython has to
    /// run it. `times`: what its types and its machine code took.
    pub fn compile(
        py: Python<'_>,
        body: &Body,
        call: &Bound<'_, PyAny>,
        times: &mut [Duration; 2],
    ) -> Result<Function, Reason> {
        let span = body.code.first().map(|statement| statement.span());
        let refuse = |cause: Cause| cause.at(span.unwrap_or(Span { source: SourceId(0), start: 0, end: 0 }));
        let edit = "give numbers and texts, or tuples of them";
        let no_code = || refuse(Cause::new("there is no machine code yet for what it does", edit));
        let classes = Classes::find(py, body.classes.iter());
        let object = call.getattr("__self__").ok();
        let mut values = Vec::with_capacity(body.attributes.len());
        for name in &body.attributes {
            let (_, value) = known_attribute(&classes, call, name).map_err(refuse)?;
            values.push(value);
        }
        let began = Instant::now();
        let function = infer_source(body, &values);
        times[0] = began.elapsed();
        let function = function?;
        if !function.collects.is_flat() {
            let message = format!("there is no machine code yet for a source of {}", function.collects);
            return Err(refuse(Cause::new(message, edit)));
        }
        let types: Option<Vec<Type>> = values.iter().map(Constant::of).collect();
        let types = types.ok_or_else(no_code)?;
        let version = py.version_info();
        let order = Order {
            steps: &[Step { role: Role::FlatMap, function }],
            input: &Type::Tuple(Vec::new()),
            bounds: None,
            source: Some(&types),
            python: (version.minor, version.patch),
        };
        let began = Instant::now();
        let kernel = Kernel::compile(&order);
        times[1] = began.elapsed();
        let kernel = kernel.ok_or_else(no_code)?;
        let (mut attributes, mut words, mut memory) = (Vec::new(), Vec::new(), Memory::default());
        for ((name, value), of) in body.attributes.iter().zip(&values).zip(types) {
            attributes.push((name.clone(), of.clone(), words.len()));
            let constant = primitives::constant(value, &of, &mut memory).ok_or_else(no_code)?;
            words.extend(constant.into_iter().map(AtomicU64::new));
        }
        Ok(Function { kernel, attributes, words, _memory: memory, object: object.map(Bound::unbind) })
    }

    /// Takes over numbers that something else has set, as `cancel()` does.
    fn read_attributes(&self, py: Python<'_>) {
        let Some(object) = self.object.as_ref().map(|object| object.bind(py)) else { return };
        let own = self.attributes.iter().filter(|(name, ..)| !name.contains(GLOBAL));
        for (name, of, at) in own.filter(|(_, of, _)| matches!(of, Type::Bool | Type::Int)) {
            let Ok(value) = object.getattr(name) else { continue };
            let word = match of {
                Type::Bool => value.extract::<bool>().map(u64::from),
                _ => value.extract::<i64>().map(|value| value as u64),
            };
            if let Ok(word) = word {
                self.words[*at].store(word, Ordering::Relaxed);
            }
        }
    }

    /// Sets the object's attributes to what the function has made of them.
    fn write_attributes(&self, py: Python<'_>) -> PyResult<()> {
        let Some(object) = self.object.as_ref().map(|object| object.bind(py)) else { return Ok(()) };
        let mut maker = Maker::new(py);
        for (name, of, at) in self.attributes.iter().filter(|(name, ..)| !name.contains(GLOBAL)) {
            let words: Vec<u64> =
                self.words[*at..*at + of.words()].iter().map(|word| word.load(Ordering::Relaxed)).collect();
            if of.is_flat() {
                // SAFETY: the words are those of the attribute, and the kernel that keeps what they refer to lives.
                let value = unsafe { maker.make(of, &words)? };
                // 0.0 equals -0.0.
                let before = object.getattr(name)?;
                if !before.eq(&value)? || before.repr()?.to_string() != value.repr()?.to_string() {
                    object.setattr(name, value)?;
                }
            }
        }
        Ok(())
    }
}

impl NativeSource {
    /// `python`: the same source for CPython.
    pub fn new(
        body: Body,
        call: Py<PyAny>,
        cancel: Option<Py<PyAny>>,
        python: PythonSource,
        (batch_size, wake): (usize, Sender<()>),
    ) -> NativeSource {
        NativeSource {
            body,
            call,
            function: None,
            report: None,
            cancel,
            python,
            python_runs: false,
            feed: None,
            current: None,
            ended: false,
            stop: Arc::default(),
            batch_size,
            wake,
            given: 0,
            thread: None,
        }
    }

    /// Takes down where machine code could not go on.
    fn report_bail(&mut self, stopped: &Stopped) {
        if let (Some(report), Some(function)) = (&mut self.report, &self.function) {
            let span = function.kernel.place(stopped.place).and_then(|place| place.span);
            let refusal = function.kernel.refusal(stopped.place).map(|reason| reason.to_string());
            report.bail = Some(Bails { why: stopped.why.unwrap_or(Why::Unusual), refusal, span, rows: 1 });
            report.mode = Mode::Guarded(None);
        }
    }

    fn fill(&mut self) {
        while self.current.is_none() && !self.ended && !self.python_runs {
            let Some(feed) = &self.feed else { return };
            match feed.try_recv() {
                Ok(Message::Batch(values)) => {
                    self.given += values.rows() as u64;
                    self.current = Some(values);
                }
                Ok(Message::End(End::Bailed(stopped))) => {
                    self.report_bail(&stopped);
                    self.python.skip(self.given);
                    self.python.start();
                    self.python_runs = true;
                }
                Ok(Message::End(End::Returned | End::Cancelled)) | Err(TryRecvError::Disconnected) => self.ended = true,
                Err(TryRecvError::Empty) => return,
            }
        }
    }
}

impl Source for NativeSource {
    fn start(&mut self) {
        // Not before: `open()` may set attributes.
        let mut times = [Duration::ZERO; 2];
        let function = Python::attach(|py| Function::compile(py, &self.body, self.call.bind(py), &mut times));
        let [typing, compile] = times;
        let mut report = |mode| {
            self.report = Some(SourceFunction { mode, typing, compile, given: 0, bail: None });
        };
        let function = match function {
            Ok(function) => Arc::new(function),
            Err(reason) => {
                report(Mode::Python(reason));
                self.python.start();
                self.python_runs = true;
                return;
            }
        };
        report(if function.kernel.is_guarded(0) { Mode::Guarded(None) } else { Mode::Native });
        self.function = Some(function.clone());
        let (sender, receiver) = bounded(AHEAD);
        self.feed = Some(receiver);
        let stop = self.stop.clone();
        let (batch_size, wake) = (self.batch_size, self.wake.clone());
        self.thread = Some(thread::spawn(move || {
            let mut give = |values: Values| {
                let goes_on = stop.load(Ordering::Relaxed) == 0 && sender.send(Message::Batch(values)).is_ok();
                let _ = wake.try_send(());
                goes_on && stop.load(Ordering::Relaxed) == 0
            };
            let mut memory = Memory::default();
            let end = function.kernel.run_source(&function.words, batch_size, &stop, &mut memory, &mut give);
            Python::attach(|py| {
                if matches!(end, End::Returned | End::Cancelled)
                    && let Err(error) = function.write_attributes(py)
                {
                    error.print(py);
                }
                drop(function);
                // The attributes refer to it up to here.
                drop(memory);
            });
            let _ = sender.send(Message::End(end));
            let _ = wake.try_send(());
        }));
    }

    fn poll(&mut self, want: usize) -> Ready {
        self.fill();
        if self.python_runs && self.current.is_none() {
            return self.python.poll(want);
        }
        let rows = self.current.as_ref().map_or(0, |values| values.rows().min(want));
        Ready::now(rows, self.ended && rows == 0)
    }

    fn take(&mut self, py: Python<'_>, rows: usize) -> PyResult<Taken> {
        let Some(values) = self.current.take() else {
            return match self.python_runs {
                true => self.python.take(py, rows),
                false => Ok(Taken { values: Column::empty(), prints: Vec::new() }),
            };
        };
        let taken = values.slice(0..rows);
        self.current = (rows < values.rows()).then(|| values.slice(rows..values.rows()));
        Ok(Taken { values: Column::Values(taken), prints: Vec::new() })
    }

    fn error(&mut self) -> Option<SourceError> {
        self.python.error()
    }

    fn python_time(&self) -> Option<Duration> {
        self.python.python_time()
    }

    fn function(&self) -> Option<SourceFunction> {
        let given = match self.report.as_ref()?.mode {
            Mode::Python(_) => 0,
            _ => self.given,
        };
        Some(SourceFunction { given, ..self.report.clone()? })
    }

    fn may_stall(&self) -> bool {
        true
    }

    fn cancel(&mut self, py: Python<'_>) {
        if self.python_runs {
            return self.python.cancel(py);
        }
        if self.ended || self.thread.is_none() {
            return;
        }
        if let Some(cancel) = &self.cancel
            && let Err(error) = cancel.bind(py).call0()
        {
            error.print(py);
        }
        if let Some(function) = &self.function {
            function.read_attributes(py);
        }
        self.stop.store(1, Ordering::Relaxed);
        self.current = None;
        self.feed = None;
        self.ended = true;
    }

    fn join(&mut self) -> bool {
        /// How long a source has to see that it was cancelled.
        const PATIENCE: Duration = Duration::from_secs(2);
        let Some(thread) = self.thread.take() else { return self.python.join() };
        let until = Instant::now() + PATIENCE;
        while !thread.is_finished() {
            if Instant::now() > until {
                return false;
            }
            thread::park_timeout(Duration::from_millis(1));
        }
        thread.join().is_ok() && self.python.join()
    }
}
