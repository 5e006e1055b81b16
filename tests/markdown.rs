//! Suites as Markdown: see `suites.rs` for the form.

// Each test that reads suites uses a part of it.
#![allow(dead_code)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// One test.
pub struct Section {
    pub suite: PathBuf,
    pub name: String,
    pub files: Vec<(String, String)>,
    /// Lines of the suite between which the expected text stands, with the command before it.
    pub commands: Vec<Expectation>,
}

/// A command and what it must print.
pub struct Expectation {
    pub command: String,
    pub expected: String,
    /// Lines of the suite that hold the expected text.
    pub first: usize,
    pub last: usize,
}

/// The suites' files, and the page of warnings, whose examples are what it says.
pub fn suites() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/suites");
    let mut suites: Vec<PathBuf> = fs::read_dir(&root)
        .expect("the suites are there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    suites.push(root.join("../../docs/lints.md"));
    suites.sort();
    suites
}

/// Reads a suite.
pub fn sections(suite: &Path) -> Vec<Section> {
    let text = fs::read_to_string(suite).expect("a suite can be read");
    let mut sections: Vec<Section> = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        if let Some(name) = line.strip_prefix("## ") {
            let name = name.to_owned();
            sections.push(Section { suite: suite.to_owned(), name, files: Vec::new(), commands: Vec::new() });
        }
        let Some(info) = line.strip_prefix("```") else { continue };
        let start = at;
        while at < lines.len() && lines[at] != "```" {
            at += 1;
        }
        let (body, end) = (&lines[start..at], at);
        at += 1;
        let Some(section) = sections.last_mut() else { continue };
        if info == "console" {
            section.commands.extend(expectations(body, start, end));
        } else if let Some((_, name)) = info.split_once(' ') {
            let content = body.iter().map(|line| format!("{line}\n")).collect();
            section.files.push((name.to_owned(), content));
        }
    }
    sections
}

fn expectations(body: &[&str], start: usize, end: usize) -> Vec<Expectation> {
    let mut found: Vec<Expectation> = Vec::new();
    for (at, line) in body.iter().enumerate() {
        let at = start + at;
        if let (Some(more), Some(current)) = (line.strip_prefix("> "), found.last_mut())
            && current.expected.is_empty()
        {
            let _ = write!(current.command, "\n{more}");
            current.first = at + 1;
        } else if let Some(command) = line.strip_prefix("$ ") {
            if let Some(before) = found.last_mut() {
                before.last = at;
            }
            found.push(Expectation { command: command.to_owned(), expected: String::new(), first: at + 1, last: end });
        } else if let Some(current) = found.last_mut() {
            let _ = writeln!(current.expected, "{line}");
        }
    }
    found
}
