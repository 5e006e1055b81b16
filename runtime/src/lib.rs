//! Plan to results: binds a plan to its script's functions and runs it.

use pyflink_plan::Plan;
use std::path::PathBuf;
use std::time::Duration;

/// How to run a plan.
#[derive(Clone, Debug)]
pub struct Options {
    /// What follows `-` on the command line: the script's `sys.argv[1:]`.
    pub params: Vec<String>,
    /// Threads for reading, decoding and writing beside the one that runs Python.
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

/// Behaviours of other Pythons that scripts lean on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compat {
    Jython,
}

/// Runs the plan to its end, printing results to stdout and errors to stderr; gives the exit code
/// (0, 1, 2, or 128 + signal).
pub fn run(_plan: &Plan, _options: &Options) -> u8 {
    todo!()
}

/// Runs `main` of the script with the recorder and gives the recording (JSON) for
/// `pyflink_compiler::compile_recording`; an error has been printed to stderr already and comes as its exit code.
pub fn record(_plan_sources: &pyflink_plan::Sources, _packages: &[PathBuf], _options: &Options) -> Result<String, u8> {
    todo!()
}

/// One line per fact: linked libpython, the interpreter in use and its site-packages (`--version`).
pub fn describe_python(_python: Option<&std::path::Path>) -> String {
    todo!()
}
