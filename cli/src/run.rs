//! `pyflink-run`: plan to results.

use crate::options::{Line, RunOptions, SummaryFormat};
use crate::{compile, output, summary};
use clap::Parser;
use pyflink_plan::{Plan, file};
use std::path::{Path, PathBuf};

/// Run a plan.
#[derive(Parser)]
#[command(
    name = "pyflink-run",
    disable_version_flag = true,
    override_usage = "pyflink-run [OPTIONS] <PLAN> [- <PARAM>...]"
)]
struct Arguments {
    /// The plan file, as pyflink-compile wrote it
    #[arg(required_unless_present_any = ["version", "record_script"])]
    plan: Option<PathBuf>,
    #[command(flatten)]
    run: RunOptions,
    /// Print the version, and which Python is used
    #[arg(short = 'V', long)]
    version: bool,
    /// Run main with a recorder and print what it called (for pyflink-compile --record)
    #[arg(long, hide = true, num_args = 1.., value_name = "SCRIPT", conflicts_with = "plan")]
    record_script: Vec<PathBuf>,
}

pub fn main(line: Line) -> u8 {
    try_main(&line).unwrap_or_else(|code| code)
}

fn try_main(line: &Line) -> Result<u8, u8> {
    let arguments: Arguments = line.parse()?;
    if arguments.version {
        let python = pyflink_runtime::describe_python(arguments.run.python.as_deref());
        output::stdout(&format!("pyflink-run {}\n{}\n", env!("CARGO_PKG_VERSION"), python.trim_end()));
        return Ok(0);
    }
    let options = arguments.run.with(line.params()?.unwrap_or_default());
    if let Some((script, packages)) = arguments.record_script.split_first() {
        return record(script, packages, &options);
    }
    let path = arguments.plan.unwrap_or_default();
    let refuse = |why: String| {
        output::error(&format!("can't read the plan {}: {why}", path.display()));
        2
    };
    let bytes = std::fs::read(&path).map_err(|error| refuse(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| refuse("it is not text".to_owned()))?;
    let plan = file::parse(&text).map_err(|error| {
        if path.extension().is_some_and(|extension| extension == "py") {
            let name = path.display();
            return refuse(format!("it is a script; compile it (pyflink-compile {name}) or use pyflink-stream {name}"));
        }
        refuse(error.to_string())
    })?;
    Ok(execute(&plan, &arguments.run, &options))
}

/// Runs a plan, and says afterwards what was asked for.
pub fn execute(plan: &Plan, wanted: &RunOptions, options: &pyflink_runtime::Options) -> u8 {
    if let Some(file) = &wanted.report
        && let Err(error) = std::fs::File::options().create(true).append(true).open(file)
    {
        output::error(&format!("can't write the report {}: {error}", file.display()));
        return 2;
    }
    let (code, summary) = pyflink_runtime::run(plan, options);
    match wanted.summary {
        Some(SummaryFormat::Human) => output::stderr(&summary::human(plan, &summary)),
        Some(SummaryFormat::Json) => output::stderr(&summary::json(plan, &summary)),
        None => {}
    }
    if let Some(file) = &wanted.report
        && let Err(error) = std::fs::write(file, pyflink_draw::html(plan, &summary::marks(plan, &summary)))
    {
        output::error(&format!("can't write the report {}: {error}", file.display()));
        return if code == 0 { 1 } else { code };
    }
    code
}

fn record(script: &Path, packages: &[PathBuf], options: &pyflink_runtime::Options) -> Result<u8, u8> {
    let compile = pyflink_compiler::Options {
        script: script.to_owned(),
        packages: packages.to_vec(),
        params: Some(options.params.clone()),
        passes: pyflink_compiler::Passes::default(),
        lints: pyflink_compiler::lint::Levels::default(),
    };
    let read = pyflink_compiler::sources(&compile);
    if read.diagnostics.iter().any(pyflink_plan::Diagnostic::is_error) {
        compile::report(&read, compile::Format::Human);
        return Err(compile::failure(&read));
    }
    let recording = pyflink_runtime::record(&read.sources, options)?;
    output::stdout(&recording);
    Ok(0)
}
