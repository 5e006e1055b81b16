//! `pyflink-inspect`: shows a plan.

use crate::options::Line;
use crate::output;
use clap::{Parser, ValueEnum};
use pyflink_plan::{file, print};
use std::path::PathBuf;

/// Show what is in a plan.
#[derive(Parser)]
#[command(name = "pyflink-inspect", version)]
struct Arguments {
    /// The plan file, as pyflink-compile wrote it
    plan: PathBuf,
    /// For people, or for programs
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub fn main(line: Line) -> u8 {
    try_main(&line).unwrap_or_else(|code| code)
}

fn try_main(line: &Line) -> Result<u8, u8> {
    let arguments: Arguments = line.parse()?;
    if line.params.is_some() {
        output::error("pyflink-inspect takes no parameters behind `-`");
        return Err(2);
    }
    let refuse = |why: String| {
        output::error(&format!("can't read the plan {}: {why}", arguments.plan.display()));
        2
    };
    let bytes = std::fs::read(&arguments.plan).map_err(|error| refuse(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| refuse("it is not text".to_owned()))?;
    let plan = file::parse(&text).map_err(|error| refuse(error.to_string()))?;
    output::stdout(&match arguments.format {
        Format::Text => print::text(&plan, output::color(&std::io::stdout())),
        Format::Json => print::json(&plan),
    });
    Ok(0)
}
