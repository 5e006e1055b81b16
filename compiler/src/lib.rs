//! Script to plan: reads a script without running it, finds its mistakes, builds the operator graph.

use pyflink_plan::{Diagnostic, Plan, Sources};
use std::path::PathBuf;

/// What to compile.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub script: PathBuf,
    pub packages: Vec<PathBuf>,
    /// What follows `-` on the command line; `None` if there was no `-`, and `sys.argv` is opaque then.
    pub params: Option<Vec<String>>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Compilation {
    pub sources: Sources,
    /// Everything found, errors and warnings, in source order.
    pub diagnostics: Vec<Diagnostic>,
    /// Present if there was no error.
    pub plan: Option<Plan>,
}

/// Reads the script and all it imports from beside it and from the packages, and compiles it.
/// Errors are in the result's diagnostics; a missing file is one without a span.
pub fn compile(_options: &Options) -> Compilation {
    todo!()
}

/// As [`compile`], but with the graph that a run of `main` recorded (see the runtime's `record`).
pub fn compile_recording(_options: &Options, _recording: &str) -> Compilation {
    todo!()
}
