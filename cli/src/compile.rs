//! `pyflink-compile`: script to plan file.

use crate::options::{Line, LintOptions};
use crate::output;
use clap::{Parser, ValueEnum};
use pyflink_compiler::{Compilation, Options, lint, render};
use pyflink_plan::{Plan, file};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Compile a Flink-style Python script to a plan, without running it.
///
/// Parameters behind `-` are given to the script as sys.argv: with them, arguments that it parses are known.
#[derive(Parser)]
#[command(
    name = "pyflink-compile",
    version,
    override_usage = "pyflink-compile [OPTIONS] <SCRIPT> [PACKAGE]... [- <PARAM>...]"
)]
struct Arguments {
    /// The script, with a function main(factory)
    #[arg(required_unless_present = "explain")]
    script: Option<PathBuf>,
    /// Files or folders that the script imports by their base name
    #[arg(value_name = "PACKAGE")]
    packages: Vec<PathBuf>,
    /// The plan file to write [default: the script's base name with .plan, in the current folder]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only say what is wrong with the script; write nothing
    #[arg(long)]
    check: bool,
    /// Run main with a recorder and take the operators from there: for scripts that can't be followed by reading
    #[arg(long)]
    record: bool,
    /// How to print what is found: for people on stderr, or as one JSON object a line on stdout
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    message_format: Format,
    #[arg(long, value_name = "PASSES", default_value = "all", help = pyflink_compiler::Passes::help())]
    passes: pyflink_compiler::Passes,
    #[command(flatten)]
    lints: LintOptions,
    /// Say what a warning means, with an example; without a code, list them all
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "", exclusive = true)]
    explain: Option<String>,
    /// The Python that --record runs with
    #[arg(long, value_name = "PYTHON", requires = "record")]
    python: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Json,
}

pub fn main(line: Line) -> u8 {
    try_main(&line).unwrap_or_else(|code| code)
}

fn try_main(line: &Line) -> Result<u8, u8> {
    let arguments: Arguments = line.parse()?;
    if let Some(code) = &arguments.explain {
        return Ok(explain(code));
    }
    let options = Options {
        lints: arguments.lints.levels(),
        script: arguments.script.unwrap_or_default(),
        packages: arguments.packages,
        params: line.params()?,
        passes: arguments.passes,
    };
    let compilation = match arguments.record {
        true => record(&options, arguments.python.as_deref())?,
        false => pyflink_compiler::compile(&options),
    };
    report(&compilation, arguments.message_format);
    let Some(plan) = &compilation.plan else { return Ok(failure(&compilation)) };
    let target = arguments.output.unwrap_or_else(|| default_target(&options.script));
    if !arguments.check {
        write(&target, &file::to_string(plan))?;
    }
    if arguments.message_format == Format::Human {
        let end = if arguments.check { String::new() } else { format!(" → {}", target.display()) };
        output::stderr(&format!("{}: {}{end}\n", options.script.display(), summary(plan)));
    }
    Ok(0)
}

fn explain(code: &str) -> u8 {
    let text = if code.is_empty() { Some(lint::list()) } else { lint::explain(code) };
    match text {
        Some(text) => {
            output::stdout(&text);
            0
        }
        None => {
            output::error(&format!("no warning has the code {code:?}; these have one:\n{}", lint::list().trim_end()));
            2
        }
    }
}

fn default_target(script: &Path) -> PathBuf {
    PathBuf::from(script.file_name().unwrap_or(script.as_os_str())).with_extension("plan")
}

/// Writes beside the target and renames, so that there is never half a plan.
fn write(target: &Path, text: &str) -> Result<(), u8> {
    let fail = |error: std::io::Error| {
        output::error(&format!("can't write the plan {}: {error}", target.display()));
        2
    };
    // A device or a pipe is written to as it is.
    if std::fs::metadata(target).is_ok_and(|data| !data.is_file()) {
        return std::fs::write(target, text).map_err(fail);
    }
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = target.with_file_name(name);
    std::fs::write(&temporary, text).and_then(|()| std::fs::rename(&temporary, target)).map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        fail(error)
    })
}

/// Prints all diagnostics.
pub fn report(compilation: &Compilation, format: Format) {
    let color = output::color(&std::io::stderr());
    for diagnostic in &compilation.diagnostics {
        match format {
            Format::Human => output::stderr(&(render::human::render(diagnostic, &compilation.sources, color) + "\n")),
            Format::Json => output::stdout(&(render::json::render(diagnostic, &compilation.sources) + "\n")),
        }
    }
    let errors = compilation.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    if format == Format::Human && errors > 1 {
        output::stderr(&format!("{errors} errors\n"));
    }
}

/// The exit code for a script that gives no plan.
pub fn failure(compilation: &Compilation) -> u8 {
    let missing = compilation.diagnostics.iter().any(|diagnostic| diagnostic.code == "missing-file");
    if missing { 2 } else { 1 }
}

fn summary(plan: &Plan) -> String {
    let jobs = || plan.variants.iter().flat_map(|variant| &variant.jobs);
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    if plan.variants.len() > 1 {
        parts.push(count(plan.variants.len(), "variant"));
    }
    parts.push(count(jobs().count(), "job"));
    parts.push(count(jobs().map(|job| job.operators.len()).sum(), "operator"));
    parts.push(count(jobs().map(|job| job.chains.len()).sum(), "chain"));
    let modes = ["native", "guarded", "late", "python"]
        .map(|mode| plan.functions.iter().filter(|function| function.mode.name() == mode).count());
    let named = ["native", "native, guarded", "native once types are known", "in Python"];
    let functions: Vec<String> = modes
        .iter()
        .zip(named)
        .filter(|(count, _)| **count > 0)
        .map(|(count, mode)| format!("{count} {mode}"))
        .collect();
    if !functions.is_empty() {
        parts.push(format!("{} ({})", count(plan.functions.len(), "function"), functions.join("; ")));
    }
    let warnings = plan.diagnostics.len();
    if warnings > 0 {
        parts.push(count(warnings, "warning"));
    }
    parts.join(", ")
}

/// Lets the runner, which has Python, run `main` and say what it called.
pub fn record(options: &Options, python: Option<&Path>) -> Result<Compilation, u8> {
    let runner = std::env::current_exe().map(|path| path.with_file_name("pyflink-run"));
    let runner = runner.unwrap_or_else(|_| PathBuf::from("pyflink-run"));
    let mut command = Command::new(&runner);
    command.arg("--record-script").arg(&options.script).args(&options.packages);
    if let Some(python) = python {
        command.arg("--python").arg(python);
    }
    command.arg("-").args(options.params.iter().flatten()).stdout(Stdio::piped());
    let done = command.spawn().and_then(std::process::Child::wait_with_output).map_err(|error| {
        output::error(&format!("can't start {}, which records what main does: {error}", runner.display()));
        2
    })?;
    if !done.status.success() {
        // It has said why.
        return Err(done.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1));
    }
    Ok(pyflink_compiler::compile_recording(options, &String::from_utf8_lossy(&done.stdout)))
}
