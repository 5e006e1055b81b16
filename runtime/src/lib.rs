//! Plan to results: binds a plan to its script's functions and runs it.

mod bind;
mod clock;
mod config;
mod engine;
mod io;
mod kernel;
mod python;
mod session;
pub mod summary;

use pyflink_plan::{Plan, Sources};
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyList};
use session::Session;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
pub use summary::Summary;

/// How to run a plan.
#[derive(Clone, Debug)]
pub struct Options {
    /// What follows `-` on the command line: the script's `sys.argv[1:]`.
    pub params: Vec<String>,
    /// Threads for reading and decoding beside the one that runs Python; 1 means none.
    pub threads: usize,
    pub clock: ClockKind,
    pub at_end: AtEnd,
    /// Most source elements that go through the job at once.
    pub batch_size: usize,
    /// Longest time that an element waits for its batch to fill.
    pub batch_timeout: Duration,
    pub compat: Option<Compat>,
    /// The interpreter to take site-packages from (`--python`).
    pub python: Option<PathBuf>,
    pub functions: Functions,
    /// Percentage of the rows of machine code that CPython does too, for a comparison.
    pub verify: u8,
    /// Measure each operator for the summary; operators then run one by one.
    pub measure: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockKind {
    System,
    /// Element k of a source arrives at k x step milliseconds; step is at least 1.
    Virtual {
        step: u64,
    },
}

/// What becomes of open time windows at the end of bounded input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    Fire,
    Drop,
}

/// How functions of the script run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Functions {
    /// Those that can be compiled exactly as machine code, the others in CPython.
    Native,
    /// All in CPython.
    Python,
}

/// Behaviours of other Pythons that scripts lean on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compat {
    Jython,
}

/// Runs the plan to its end, printing results to stdout and errors to stderr; gives the exit code
/// (0, 1, 2, or 128 + signal), and what was measured if [`Options::measure`] is set. Python is started, so this can be
/// called once in a process.
pub fn run(plan: &Plan, options: &Options) -> (u8, Summary) {
    let session = Arc::new(Session::new(Arc::new(plan.clone()), options.clone()));
    let code = with_python(&plan.sources, options, |py| {
        let execute = PyCFunction::new_closure(py, None, None, {
            let session = session.clone();
            move |args, _kwargs| -> PyResult<session::Executed> {
                let nodes = args.get_item(0)?.cast_into::<PyList>()?;
                session.execute(args.py(), &nodes, args.get_item(1)?.extract()?)
            }
        })?;
        py.import("_pyflink.backend")?.setattr("execute", execute)?;
        python::signals::install(py, session.waker())
    });
    let code = match code {
        Ok(()) => Python::attach(|py| python::boot::run(py, &plan.sources, &options.params)),
        Err(code) => code,
    };
    (code, session.summary())
}

/// Runs `main` of a script with the recorder and gives the recording (JSON) for
/// `pyflink_compiler::compile_recording`; an error has been printed to stderr already and comes as its exit code.
pub fn record(sources: &Sources, options: &Options) -> Result<String, u8> {
    with_python(sources, options, |py| {
        let recorder = py.import("_pyflink.record")?.getattr("Recorder")?.call0()?;
        py.import("_pyflink.backend")?.setattr("execute", recorder.getattr("execute")?)?;
        // What main prints is not the recording.
        py.import("sys")?.setattr("stdout", py.import("sys")?.getattr("stderr")?)?;
        py.import("_pyflink.backend")?.setattr("recorder", recorder)
    })?;
    Python::attach(|py| match python::boot::run(py, sources, &options.params) {
        0 => {
            let json = py
                .import("_pyflink.backend")
                .and_then(|backend| backend.getattr("recorder")?.call_method0("to_json")?.extract());
            json.map_err(|error| {
                eprintln!("error: the recording can't be written: {error}");
                1
            })
        }
        code => Err(code),
    })
}

/// One line per fact: the linked libpython, the interpreter in use and its site-packages (`--version`).
pub fn describe_python(python: Option<&Path>) -> String {
    python::interpreter::describe(python)
}

/// Starts Python with the embedded package and the script's modules.
fn with_python(
    sources: &Sources,
    options: &Options,
    set_up: impl FnOnce(Python<'_>) -> PyResult<()>,
) -> Result<(), u8> {
    let refuse = |why: String| {
        eprintln!("error: {why}");
        2
    };
    python::interpreter::start(options.python.as_deref()).map_err(refuse)?;
    let prepared = Python::attach(|py| {
        python::package::install(py)?;
        python::package::install_sources(py, sources)?;
        let emit = PyCFunction::new_closure(py, None, None, |args, _kwargs| -> PyResult<()> {
            let data = args.get_item(0)?.extract::<Vec<u8>>()?;
            engine::capture::emit(args.py(), &data, args.get_item(1)?.extract()?)
        })?;
        let flush = PyCFunction::new_closure(py, None, None, |args, _kwargs| -> PyResult<()> {
            Ok(args.py().detach(engine::stdout::flush)?)
        })?;
        py.import("_pyflink.output")?.call_method1("install", (emit, flush))?;
        if options.compat == Some(Compat::Jython) {
            py.import("_pyflink.jython")?.call_method0("install")?;
        }
        set_up(py)
    });
    prepared.map_err(|error| refuse(format!("can't set up Python: {error}")))
}
