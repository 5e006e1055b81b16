//! `pyflink-inspect`: shows a plan.

use crate::options::Line;
use crate::output;
use clap::{Parser, ValueEnum};
use pyflink_draw as draw;
use pyflink_plan::{Plan, diff, file, print};
use std::path::{Path, PathBuf};

/// Show what is in a plan.
#[derive(Parser)]
#[command(name = "pyflink-inspect", version)]
struct Arguments {
    /// The plan file, as pyflink-compile wrote it
    plan: PathBuf,
    /// Say what changed from the plan to this one, by operator and line; exits with 1 if anything did
    #[arg(long, value_name = "NEW", conflicts_with = "format")]
    diff: Option<PathBuf>,
    /// `text` for people, `json` for programs, `html` to click through in a browser, `svg` to look at, `dot` for
    /// Graphviz, `mermaid` for Markdown viewers
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    Dot,
    Mermaid,
    Svg,
    Html,
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
    let plan = read(&arguments.plan)?;
    if let Some(new) = &arguments.diff {
        let changes = diff::text(&plan, &read(new)?);
        output::stdout(&changes);
        return Ok(u8::from(!changes.is_empty()));
    }
    output::stdout(&match arguments.format {
        Format::Text => print::text(&plan, output::color(&std::io::stdout())),
        Format::Json => print::json(&plan),
        Format::Dot => draw::dot(&plan),
        Format::Mermaid => draw::mermaid(&plan),
        Format::Svg => draw::svg(&plan, &draw::Marks::default()),
        Format::Html => draw::html(&plan, &draw::Marks::default()),
    });
    Ok(0)
}

fn read(path: &Path) -> Result<Plan, u8> {
    let refuse = |why: String| {
        output::error(&format!("can't read the plan {}: {why}", path.display()));
        2
    };
    let bytes = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| refuse("it is not text".to_owned()))?;
    file::parse(&text).map_err(|error| refuse(error.to_string()))
}
