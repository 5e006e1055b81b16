//! Runs the Markdown suites under `tests/suites/`: scripts in, results out.
//!
//! A suite is prose, and sections (`## name`) that are one test each. In a section, a fenced block with a file name
//! behind its language (```` ```python job.py ````) is a file, and a ```` ```console ```` block holds commands (`$ …`), each
//! with what it must print: stdout as it is, stderr behind `! `, and `[exit N]` for an exit code that isn't 0. A line end
//! that is missing at the end of stdout is shown as `%`; `> ` goes on with the command. `$EXAMPLES` is the examples' folder.
//!
//! Commands run in a folder of the test's own, by `sh`. Every run with a virtual clock is repeated with other numbers of
//! threads and sizes of batches, in CPython, and compared with CPython (`--verify`), and must print the same.
//! `UPDATE_EXPECT=1 cargo test --test suites` rewrites what is expected; a further argument runs the suites and sections whose names contain it.

mod markdown;

use markdown::{Section, suites};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

/// Options that results must not depend on.
const VARIATIONS: &[&str] = &[
    "--threads 1 --batch-size 1 --passes none --functions python",
    "--threads 4 --batch-size 7 --verify 100",
    "--threads 4",
];

struct Failure {
    at: usize,
    text: String,
}

fn main() -> ExitCode {
    let filter: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let sections: Vec<Section> = suites().iter().flat_map(|suite| markdown::sections(suite)).collect();
    let wanted = |section: &Section| {
        let name = format!("{} {}", section.suite.display(), section.name);
        filter.iter().all(|part| name.contains(part.as_str()))
    };
    let sections: Vec<Section> = sections.into_iter().filter(wanted).collect();
    let failures: Mutex<BTreeMap<usize, Vec<(usize, String)>>> = Mutex::new(BTreeMap::new());
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(section) = sections.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = run(section);
                    if !found.is_empty() {
                        let at = sections.iter().position(|other| std::ptr::eq(other, section)).unwrap_or(0);
                        let found = found.into_iter().map(|failure| (failure.at, failure.text)).collect();
                        failures.lock().expect("no thread panics").insert(at, found);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no thread panics");
    if env::var_os("UPDATE_EXPECT").is_some() {
        update(&sections, &failures);
        return ExitCode::SUCCESS;
    }
    for (at, found) in &failures {
        let section = &sections[*at];
        for (command, text) in found {
            let command = &section.commands[*command];
            let suite = section.suite.file_name().unwrap_or_default().display();
            println!("{suite}:{}: {}\n$ {}\n{text}", command.first, section.name, command.command);
        }
    }
    println!("{} sections, {} failed", sections.len(), failures.len());
    if failures.is_empty() && !sections.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs a section's commands, and says for which the result isn't the expected one.
fn run(section: &Section) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut settings = vec![String::new()];
    if section.commands.iter().any(|expectation| expectation.command.contains("--clock virtual")) {
        settings.extend(VARIATIONS.iter().map(|variation| format!(" {variation}")));
    }
    for setting in settings {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (name, content) in &section.files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("it has a parent")).expect("a folder can be made");
            fs::write(path, content).expect("a file can be written");
        }
        for (at, expectation) in section.commands.iter().enumerate() {
            // Passes belong to the compiler.
            let setting = match expectation.command.contains("pyflink-stream") {
                true => setting.clone(),
                false => setting.replace(" --passes none", ""),
            };
            let varied = expectation.command.replace("--clock virtual", &format!("--clock virtual{setting}"));
            // A step, as in virtual:20, stays with its clock.
            let varied = match setting.is_empty() || !expectation.command.contains("--clock virtual:") {
                true => varied,
                false => {
                    expectation.command.replace("--clock virtual:", &format!("{} --clock virtual:", setting.trim()))
                }
            };
            let actual = execute(&varied, folder.path());
            if actual != expectation.expected {
                let text = if setting.is_empty() {
                    if env::var_os("UPDATE_EXPECT").is_some() { actual } else { diff(&expectation.expected, &actual) }
                } else if env::var_os("UPDATE_EXPECT").is_some() {
                    continue;
                } else {
                    format!("with{setting}:\n{}", diff(&expectation.expected, &actual))
                };
                failures.push(Failure { at, text });
            }
        }
        if !failures.is_empty() {
            break;
        }
    }
    failures
}

fn execute(command: &str, folder: &Path) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_pyflink-run")).parent().expect("it is in a folder");
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").canonicalize().expect("they are there");
    let path = format!("{}:{}", bin.display(), env::var("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .arg("-c")
        .arg(command)
        .current_dir(folder)
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .env("EXAMPLES", &examples)
        .env_remove("PYTHONPATH")
        .output()
        .expect("sh can be started");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str("%\n");
    }
    // Python 3.11 and later mark a place within a line of a traceback, earlier ones don't.
    let is_mark = |line: &&str| {
        line.starts_with("    ") && line.trim_matches([' ', '~', '^']).is_empty() && !line.trim().is_empty()
    };
    for line in String::from_utf8_lossy(&output.stderr).lines().filter(|line| !is_mark(line)) {
        let _ = writeln!(text, "{}", format!("! {line}").trim_end());
    }
    if let Some(code) = output.status.code().filter(|code| *code != 0) {
        let _ = writeln!(text, "[exit {code}]");
    }
    // Where the folder is differs from run to run.
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let text = text.replace(&examples.display().to_string(), "$EXAMPLES");
    text.replace(&format!("{}/", real.display()), "").replace(&format!("{}/", folder.display()), "")
}

fn diff(expected: &str, actual: &str) -> String {
    let (expected, actual): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let same = expected.iter().zip(&actual).take_while(|(a, b)| a == b).count();
    let mut text = String::new();
    for line in &expected[same.saturating_sub(2)..same] {
        let _ = writeln!(text, "   {line}");
    }
    for (sign, lines) in [("-", &expected), ("+", &actual)] {
        for line in lines[same..].iter().take(12) {
            let _ = writeln!(text, " {sign} {line}");
        }
        if lines.len() > same + 12 {
            let _ = writeln!(text, " {sign} … {} more lines", lines.len() - same - 12);
        }
    }
    text
}

/// Writes what commands printed into the suites.
fn update(sections: &[Section], failures: &BTreeMap<usize, Vec<(usize, String)>>) {
    let mut edits: BTreeMap<&Path, Vec<(usize, usize, &str)>> = BTreeMap::new();
    for (at, found) in failures {
        for (command, text) in found {
            let expectation = &sections[*at].commands[*command];
            edits.entry(&sections[*at].suite).or_default().push((expectation.first, expectation.last, text));
        }
    }
    for (suite, mut edits) in edits {
        let text = fs::read_to_string(suite).expect("a suite can be read");
        let mut lines: Vec<&str> = text.lines().collect();
        edits.sort_by_key(|(first, ..)| std::cmp::Reverse(*first));
        for (first, last, actual) in edits {
            lines.splice(first..last, actual.lines());
        }
        fs::write(suite, lines.join("\n") + "\n").expect("a suite can be written");
    }
}
