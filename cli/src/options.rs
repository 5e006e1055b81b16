//! Command lines: the split at `-`, and the options that commands share.

use clap::{Args, ValueEnum};
use pyflink_compiler::lint::{Levels, Switch};
use pyflink_runtime::{AtEnd, ClockKind, Compat, Functions, Options};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// A command line, split at the first argument that is exactly `-`.
pub struct Line {
    /// The program's name and what stands before the `-`.
    pub own: Vec<OsString>,
    /// What follows it: the script's parameters. `None` if there was no `-`.
    pub params: Option<Vec<OsString>>,
}

impl Line {
    pub fn split(arguments: impl Iterator<Item = OsString>) -> Line {
        let mut own: Vec<OsString> = arguments.collect();
        let params = own.iter().skip(1).position(|argument| argument == "-").map(|at| {
            let params = own.split_off(at + 2);
            own.pop();
            params
        });
        Line { own, params }
    }

    /// Parses what stands before the `-`; prints and gives the exit code if that is all there is to do.
    pub fn parse<T: clap::Parser>(&self) -> Result<T, u8> {
        T::try_parse_from(&self.own).map_err(|error| {
            let _ = error.print();
            if error.use_stderr() { 2 } else { 0 }
        })
    }

    /// The script's parameters as text.
    pub fn params(&self) -> Result<Option<Vec<String>>, u8> {
        let text = |param: &OsString| {
            param.to_str().map(str::to_owned).ok_or_else(|| {
                crate::output::error(&format!("the parameter {} is not UTF-8", param.display()));
                2
            })
        };
        self.params.as_ref().map(|params| params.iter().map(text).collect()).transpose()
    }
}

/// Which warnings are wanted.
#[derive(Args, Debug)]
pub struct LintOptions {
    /// Don't warn of this (pyflink-compile --explain lists the codes); several with commas between them. For one line of
    /// a script, a comment on it does the same: `# pyflink: allow CODE`
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    allow: Vec<Switch>,
    /// Take this for an error
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    deny: Vec<Switch>,
}

impl LintOptions {
    pub fn levels(self) -> Levels {
        Levels { allow: self.allow, deny: self.deny }
    }
}

/// How a plan is run.
#[derive(Args, Debug)]
pub struct RunOptions {
    /// Threads for reading and decoding beside the one that runs Python [default: number of cores]. Results are the same
    /// with any number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,

    /// `system`: the machine's time. `virtual[:STEP]`: element k of a source arrives at k × STEP milliseconds (1 by
    /// default), so that results repeat exactly
    #[arg(long, value_name = "CLOCK", default_value = "system", value_parser = clock)]
    clock: ClockKind,

    /// What becomes of time windows that are open when the input ends
    #[arg(long, value_name = "WHAT", default_value = "fire")]
    at_end: AtEndOption,

    /// Most source elements that go through the job at once
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..))]
    batch_size: u32,

    /// Longest time in milliseconds that an element waits for its batch to fill
    #[arg(long, value_name = "MS", default_value_t = 5)]
    batch_timeout: u32,

    /// Give the script behaviours that it leans on: `jython` for scripts of the original API
    #[arg(long, value_name = "WHICH")]
    compat: Option<CompatOption>,

    /// How functions run that can be compiled. Results are the same
    #[arg(long, value_name = "HOW", default_value = "native")]
    functions: FunctionsOption,

    /// Do this share of the rows that machine code does in CPython too, and fail at the first difference, with a script
    /// that reproduces it. Which rows these are doesn't depend on threads and batches
    #[arg(long, value_name = "PERCENT", default_value_t = 0, hide_default_value = true,
          value_parser = clap::value_parser!(u8).range(0..=100))]
    verify: u8,

    /// After the run, say on stderr what each operator did: elements, batches, time, time in Python, bytes. Operators are
    /// then run one by one, which takes a little longer
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "human")]
    pub summary: Option<SummaryFormat>,

    /// After the run, write the drawing of the plan with these figures to a file, as a page for a browser
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    /// The Python to take packages from [default: the active virtual environment, else `python3`]
    #[arg(long, value_name = "PYTHON")]
    pub python: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SummaryFormat {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AtEndOption {
    /// They fire
    Fire,
    /// They are dropped, as Flink did
    Drop,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FunctionsOption {
    /// As machine code
    Native,
    /// In Python, as all others
    Python,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum CompatOption {
    Jython,
}

impl RunOptions {
    pub fn with(&self, params: Vec<String>) -> Options {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        Options {
            params,
            threads: self.threads.map_or_else(cores, usize::from),
            clock: self.clock,
            at_end: match self.at_end {
                AtEndOption::Fire => AtEnd::Fire,
                AtEndOption::Drop => AtEnd::Drop,
            },
            batch_size: self.batch_size as usize,
            batch_timeout: Duration::from_millis(self.batch_timeout.into()),
            compat: self.compat.map(|CompatOption::Jython| Compat::Jython),
            python: self.python.clone(),
            functions: match self.functions {
                FunctionsOption::Native => Functions::Native,
                FunctionsOption::Python => Functions::Python,
            },
            verify: self.verify,
            measure: self.summary.is_some() || self.report.is_some(),
        }
    }
}

fn clock(text: &str) -> Result<ClockKind, String> {
    match text.split_once(':') {
        None if text == "system" => Ok(ClockKind::System),
        None if text == "virtual" => Ok(ClockKind::Virtual { step: 1 }),
        Some(("virtual", step)) => match step.parse() {
            Ok(step) if step >= 1 => Ok(ClockKind::Virtual { step }),
            _ => Err("the step is a number of milliseconds, at least 1".to_owned()),
        },
        _ => Err("a clock is `system`, `virtual` or `virtual:STEP`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(arguments: &[&str]) -> (Vec<OsString>, Option<Vec<OsString>>) {
        let line = Line::split(arguments.iter().map(OsString::from));
        (line.own, line.params)
    }

    #[test]
    fn the_first_dash_splits_and_later_ones_belong_to_the_params() {
        let own = vec!["p".into(), "a".into()];
        assert_eq!(split(&["p", "a"]), (own.clone(), None));
        assert_eq!(split(&["p", "a", "-"]), (own.clone(), Some(vec![])));
        assert_eq!(split(&["p", "a", "-", "b", "-"]), (own, Some(vec!["b".into(), "-".into()])));
    }

    #[test]
    fn clocks_are_read() {
        assert_eq!(clock("virtual:20"), Ok(ClockKind::Virtual { step: 20 }));
        assert!(clock("virtual:0").is_err() && clock("sundial").is_err());
    }
}
