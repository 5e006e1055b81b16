//! Script to plan: reads a script without running it, finds its mistakes, builds the operator graph.
//!
//! `load` finds the files, `eval` follows `main(factory)` over known and opaque values and gives paths of calls,
//! `check` looks at each path as a whole, `passes` makes jobs of the plan from them. `recording` is the second front
//! end: it takes the path from what a run of `main` recorded.

mod api;
mod check;
mod eval;
mod facts;
mod graph;
pub mod lint;
mod load;
mod modes;
mod passes;
mod recording;
pub mod render;
mod syntax;
mod types;

use graph::Path;
use load::Program;
pub use passes::Selection as Passes;
use pyflink_plan::{Diagnostic, Plan, Severity, Sources};
use std::path::PathBuf;

/// What to compile.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub script: PathBuf,
    pub packages: Vec<PathBuf>,
    /// What follows `-` on the command line; `None` if there was no `-`, and `sys.argv` is opaque then.
    pub params: Option<Vec<String>>,
    pub passes: Passes,
    pub lints: lint::Levels,
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

/// Deeply nested expressions and calls need a deep stack; what isn't touched costs nothing.
const STACK: usize = 1 << 30;

/// Reads the script and all it imports from beside it and from the packages, and compiles it.
/// Errors are in the result's diagnostics; a missing file is one without a span.
pub fn compile(options: &Options) -> Compilation {
    with_deep_stack(|| {
        let mut found = Vec::new();
        let program = load::load(&options.script, &options.packages, &mut found);
        if program.trees.is_empty() || found.iter().any(|diagnostic| diagnostic.code == "missing-file") {
            return finish(program, found, Vec::new(), options, false);
        }
        let evaluation = eval::evaluate(&program, options.params.as_deref());
        found.extend(evaluation.diagnostics);
        check_paths(&program, &evaluation.paths, &mut found);
        check::undefined_names(&program, &mut found);
        lint::check(&program, &evaluation.paths, &mut found);
        finish(program, found, evaluation.paths, options, false)
    })
}

/// As [`compile`], but with the graph that a run of `main` recorded (see the runtime's `record`).
pub fn compile_recording(options: &Options, recording: &str) -> Compilation {
    with_deep_stack(|| {
        let mut found = Vec::new();
        let program = load::load(&options.script, &options.packages, &mut found);
        if program.trees.is_empty() {
            return finish(program, found, Vec::new(), options, true);
        }
        let paths = match recording::read(recording, &program.sources) {
            Ok(path) => vec![path],
            Err(why) => {
                found.push(Diagnostic::error("bad-recording", format!("the recording can't be used: {why}")));
                Vec::new()
            }
        };
        check_paths(&program, &paths, &mut found);
        finish(program, found, paths, options, true)
    })
}

/// Reads the script's sources without compiling it: what a recording run needs.
pub fn sources(options: &Options) -> Compilation {
    with_deep_stack(|| {
        let mut found = Vec::new();
        let program = load::load(&options.script, &options.packages, &mut found);
        Compilation { sources: program.sources, diagnostics: sorted(found), plan: None }
    })
}

fn with_deep_stack(run: impl FnOnce() -> Compilation + Send) -> Compilation {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        let thread = thread.expect("a thread can be started");
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn check_paths(program: &Program, paths: &[Path], found: &mut Vec<Diagnostic>) {
    for path in paths {
        for diagnostic in check::path(path, &program.sources) {
            if !found.contains(&diagnostic) {
                found.push(diagnostic);
            }
        }
    }
    // What is executed on some path is no dead code, and what reaches a sink on some path is no dead end.
    if paths.len() > 1 {
        let on_all = |diagnostic: &Diagnostic| {
            diagnostic.severity == Severity::Error
                || !["dead-end", "never-executed"].contains(&diagnostic.code.as_str())
                || paths.iter().all(|path| {
                    let built = path.environments.iter().any(|environment| {
                        environment.nodes.iter().any(|node| Some(node.span) == diagnostic.span)
                            || Some(environment.span) == diagnostic.span
                    });
                    !built || check::path(path, &program.sources).contains(diagnostic)
                })
        };
        found.retain(on_all);
    }
}

fn finish(
    program: Program,
    found: Vec<Diagnostic>,
    paths: Vec<Path>,
    options: &Options,
    recorded: bool,
) -> Compilation {
    let mut diagnostics = sorted(found);
    options.lints.apply(&program.sources, &mut diagnostics);
    if diagnostics.iter().any(Diagnostic::is_error) || paths.is_empty() {
        return Compilation { sources: program.sources, diagnostics, plan: None };
    }
    let mut distinct: Vec<Path> = Vec::new();
    for path in paths {
        match distinct.iter_mut().find(|other| other.same_topology(&path)) {
            Some(other) => other.generalize(&path),
            None => distinct.push(path),
        }
    }
    let mut plan = Plan {
        compiler: env!("CARGO_PKG_VERSION").to_owned(),
        sources: program.sources.clone(),
        recorded,
        variants: Vec::new(),
        functions: Vec::new(),
        diagnostics: diagnostics.clone(),
    };
    if let Err(why) = passes::lower::lower(&program, &distinct, &options.passes, &mut plan) {
        diagnostics.push(Diagnostic::error(
            "internal",
            format!("the compiler made a plan that doesn't hold together ({why}); this is a mistake of the compiler"),
        ));
        return Compilation { sources: program.sources, diagnostics, plan: None };
    }
    Compilation { sources: program.sources, diagnostics, plan: Some(plan) }
}

/// In source order, errors before warnings at one place, each once.
fn sorted(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.severity));
    found.dedup();
    found
}
