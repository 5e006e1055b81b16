//! `pyflink-stream`: compiles and runs in one go.

use crate::options::{Line, LintOptions, RunOptions};
use crate::{compile, output, run};
use clap::Parser;
use pyflink_compiler::Options;
use std::path::PathBuf;

/// Compile a Flink-style Python script and run it.
#[derive(Parser)]
#[command(
    name = "pyflink-stream",
    version,
    override_usage = "pyflink-stream [OPTIONS] <SCRIPT> [PACKAGE]... [- <PARAM>...]"
)]
struct Arguments {
    /// The script, with a function main(factory)
    script: PathBuf,
    /// Files or folders that the script imports by their base name
    #[arg(value_name = "PACKAGE")]
    packages: Vec<PathBuf>,
    /// Run main with a recorder first and take the operators from there: for scripts that can't be followed by reading
    #[arg(long)]
    record: bool,
    #[arg(long, value_name = "PASSES", default_value = "all", help = pyflink_compiler::Passes::help())]
    passes: pyflink_compiler::Passes,
    #[command(flatten)]
    lints: LintOptions,
    #[command(flatten)]
    run: RunOptions,
}

pub fn main(line: Line) -> u8 {
    try_main(&line).unwrap_or_else(|code| code)
}

fn try_main(line: &Line) -> Result<u8, u8> {
    let arguments: Arguments = line.parse()?;
    // The parameters are those of this run, so none are none.
    let params = line.params()?.unwrap_or_default();
    let options = Options {
        lints: arguments.lints.levels(),
        script: arguments.script,
        packages: arguments.packages,
        params: Some(params.clone()),
        passes: arguments.passes,
    };
    let compilation = match arguments.record {
        true => compile::record(&options, arguments.run.python.as_deref())?,
        false => pyflink_compiler::compile(&options),
    };
    compile::report(&compilation, compile::Format::Human);
    match &compilation.plan {
        Some(plan) => Ok(run::execute(plan, &arguments.run, &arguments.run.with(params))),
        None => {
            if compilation.diagnostics.iter().any(|diagnostic| diagnostic.code == "opaque-loop") {
                output::stderr("to record and run in one go: pyflink-stream --record\n");
            }
            Err(compile::failure(&compilation))
        }
    }
}
