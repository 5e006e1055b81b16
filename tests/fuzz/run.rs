//! Compiles and runs scripts both ways, compares, and makes a script that shows a difference small.

use crate::random::Random;
use crate::scripts::{Case, case, script};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Jobs in one script, and rows of each.
pub const CASES: usize = 40;
pub const ROWS: usize = 250;

/// A script that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// What was found out about one script.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// Functions, and those of them that are native.
    pub functions: usize,
    pub native: usize,
    /// Rows that machine code took on, and those of them that it left to CPython.
    pub taken: u64,
    pub bails: u64,
}

impl Found {
    pub fn and(self, other: Found) -> Found {
        Found {
            functions: self.functions + other.functions,
            native: self.native + other.native,
            taken: self.taken + other.taken,
            bails: self.bails + other.bails,
        }
    }
}

/// One way to run a script.
#[derive(Debug, PartialEq)]
struct Outcome {
    text: String,
    code: Option<i32>,
}

/// Runs the script of that seed both ways.
pub fn check(seed: u64) -> Result<Found, String> {
    let mut random = Random::new(seed);
    // One such function keeps others of the script in Python, which hand out what it could change.
    let changes = seed % 2 == 1;
    let cases: Vec<Case> = (0..CASES).map(|number| case(&mut random, number, ROWS, changes)).collect();
    let batch = ["1", "7", "64", "4096", "2", "3"][seed as usize % 6];
    let (difference, found) = compare(&cases, seed, batch);
    let Some(difference) = difference else { return Ok(found) };
    let kept = std::env::temp_dir().join(format!("pyflink-fuzz-{seed}.py"));
    let (cases, difference) = reduce(cases, seed, batch, difference);
    // The message names the file; if it can't be written, the seed is enough to make it again.
    let _ = fs::write(&kept, script(&cases, seed));
    Err(format!("seed {seed}, batch size {batch} ({}):\n{}", kept.display(), difference.text))
}

struct Difference {
    /// The job that shows it, if it can be told.
    case: Option<usize>,
    text: String,
}

fn compare(cases: &[Case], seed: u64, batch: &str) -> (Option<Difference>, Found) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("job.py"), script(cases, seed)).expect("the script can be written");
    let (compiled, _) = execute(folder.path(), env!("CARGO_BIN_EXE_pyflink-compile"), &["job.py"]);
    if compiled.code != Some(0) {
        let text = format!("it doesn't compile, exit code {:?}: {}", compiled.code, compiled.text);
        return (Some(Difference { case: None, text }), Found::default());
    }
    let mut found = functions(folder.path());
    let (ours, summary) = run(folder.path(), "native", batch);
    let (theirs, _) = run(folder.path(), "python", batch);
    let figures: serde_json::Value = serde_json::from_str(&summary).unwrap_or_default();
    let jobs = figures["jobs"].as_array().into_iter().flatten();
    let operators: Vec<_> = jobs.flat_map(|job| job["operators"].as_array().into_iter().flatten()).collect();
    let sum = |name: &str| operators.iter().filter_map(|of| of[name].as_u64()).sum::<u64>();
    (found.taken, found.bails) = (sum("native_elements"), sum("bails"));
    if ours == theirs {
        return (None, found);
    }
    let at = ours.text.lines().zip(theirs.text.lines()).take_while(|(a, b)| a == b).count();
    let line = |of: &Outcome| of.text.lines().nth(at).unwrap_or("(nothing)").chars().take(600).collect::<String>();
    let (a, b) = (line(&ours), line(&theirs));
    let number = |line: &str| line.split(['>', ' ']).next().and_then(|text| text.parse().ok());
    let text = format!("line {}:\nnative {a}\npython {b}\ncodes {:?} {:?}", at + 1, ours.code, theirs.code);
    // A line that is missing at one side shows the job at the other.
    (Some(Difference { case: number(&b).or_else(|| number(&a)), text }), found)
}

/// How many functions there are, and how many of them are native.
fn functions(folder: &Path) -> Found {
    let (inspected, _) = execute(folder, env!("CARGO_BIN_EXE_pyflink-inspect"), &["job.plan", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&inspected.text).unwrap_or_default();
    let modes = plan["functions"].as_array().into_iter().flatten();
    // How results are shown is meant to be Python's.
    let modes: Vec<&str> =
        modes.filter(|function| function["name"] != "show").filter_map(|function| function["mode"].as_str()).collect();
    Found { functions: modes.len(), native: modes.iter().filter(|mode| **mode != "python").count(), ..Found::default() }
}

/// What a run gave, and its summary.
fn run(folder: &Path, functions: &str, batch: &str) -> (Outcome, String) {
    let arguments =
        ["job.plan", "--clock", "virtual", "--functions", functions, "--batch-size", batch, "--summary=json"];
    let (mut outcome, errors) = execute(folder, env!("CARGO_BIN_EXE_pyflink-run"), &arguments);
    let (errors, summary) = errors.trim_end().rsplit_once('\n').unwrap_or(("", errors.trim_end()));
    outcome.text.push_str(errors);
    (outcome, summary.to_owned())
}

/// What a command prints, and what it says on standard error (for one that fails, both are in the outcome).
fn execute(folder: &Path, command: &str, arguments: &[&str]) -> (Outcome, String) {
    let file = |name: &str| -> (PathBuf, File) {
        let path = folder.join(name);
        let file = File::create(&path).expect("a file can be made");
        (path, file)
    };
    let ((out, stdout), (err, stderr)) = (file("stdout"), file("stderr"));
    let mut child = Command::new(command)
        .args(arguments)
        .current_dir(folder)
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .expect("it can be started");
    let process = child.id();
    let (ended, end) = mpsc::channel();
    let waiting = thread::spawn(move || {
        let status = child.wait().expect("it can be waited for");
        // Nobody listens any more if it took too long.
        let _ = ended.send(status.code());
    });
    let code = end.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        // It may have ended meanwhile.
        let _ = Command::new("kill").args(["-9", &process.to_string()]).status();
        Some(-1)
    });
    waiting.join().expect("waiting doesn't panic");
    let read = |path: PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
    let (mut text, errors) = (read(out), read(err));
    if code != Some(0) && !command.contains("pyflink-run") {
        text.push_str(&errors);
    }
    (Outcome { text, code }, errors)
}

/// Leaves away jobs and rows as long as there is a difference.
fn reduce(mut cases: Vec<Case>, seed: u64, batch: &str, mut last: Difference) -> (Vec<Case>, Difference) {
    let Some(number) = last.case else { return (cases, last) };
    let Some(at) = cases.iter().position(|case| case.number == number) else { return (cases, last) };
    let (alone, _) = compare(&cases[at..=at], seed, batch);
    let Some(alone) = alone else { return (cases, last) };
    last = alone;
    let mut case = cases.swap_remove(at);
    // Halves, then quarters, and so on, from both ends.
    let mut step = case.rows.len() / 2;
    while step > 0 {
        let whole = case.rows.clone();
        let shorter = [whole.start + step..whole.end, whole.start..whole.end - step];
        let found = shorter.into_iter().filter(|rows| !rows.is_empty()).find_map(|rows| {
            case.rows = rows;
            compare(std::slice::from_ref(&case), seed, batch).0
        });
        match found {
            Some(difference) => last = difference,
            None => {
                case.rows = whole;
                step /= 2;
            }
        }
        step = step.min(case.rows.len() / 2);
    }
    (vec![case], last)
}
