//! Random functions over random numbers, as machine code and in CPython: results, types, exceptions and order must agree.
//!
//! Seeded, so that a run repeats. `FUZZ_SCRIPTS=2000 cargo test --release --test fuzz` runs longer; `FUZZ_SEED` gives
//! other functions. A script that shows a difference is kept beside the message.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

/// Functions in one script.
const FUNCTIONS: usize = 40;

const INTS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "-2",
    "3",
    "7",
    "-7",
    "10",
    "63",
    "64",
    "-63",
    "255",
    "1000003",
    "2**31",
    "-2**31",
    "2**52 + 1",
    "2**53",
    "2**53 + 1",
    "-2**53 - 1",
    "2**62",
    "2**63 - 1",
    "2**63 - 2",
    "-2**63",
    "-2**63 + 1",
    "3037000499",
    "3037000500",
    "-3037000500",
];
const FLOATS: &[&str] = &[
    "0.0",
    "-0.0",
    "1.0",
    "-1.0",
    "0.5",
    "-2.5",
    "3.7",
    "1e16",
    "123456789012345680.0",
    "1e-5",
    "0.0001",
    "1e22",
    "5e-324",
    "1.7976931348623157e308",
    "float('inf')",
    "float('-inf')",
    "float('nan')",
    "9007199254740993.0",
    "9.223372036854775e18",
    "-9.223372036854776e18",
    "0.1",
    "1 / 3",
];
/// A batch with these stays in Python, whole or in part.
const OTHERS: &[&str] = &["2**63", "-2**63 - 1", "2**200", "True", "False", "None", "'7'", "1.5", "4"];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// What an expression is meant to be. Any: types are mixed as they come.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Int,
    Float,
    Bool,
    Any,
}

/// An expression of the names in scope, which are of the kind `of` if that isn't a truth.
fn expression(random: &mut Random, names: &[String], of: Kind, wanted: Kind, depth: usize) -> String {
    let leaf = depth == 0 || random.below(6) == 0;
    let name = |random: &mut Random| names[random.below(names.len())].clone();
    if leaf {
        return match (wanted, random.below(3)) {
            (Kind::Bool, 0) => random.one(&["True", "False"]).to_owned(),
            (Kind::Bool, _) => format!("({} {} {})", name(random), random.one(&["<", "==", ">="]), name(random)),
            (Kind::Int, 0) => {
                random.one(&["0", "1", "2", "3", "-1", "7", "10", "64", "2**40", "9223372036854775807", "K"]).to_owned()
            }
            (Kind::Float, 0) => random.one(&["0.5", "2.0", "-0.0", "1e10", "3.25", "1e-7", "F"]).to_owned(),
            (Kind::Any, 0) => random.one(&["1", "0.5", "True", "K", "F", "self.k"]).to_owned(),
            (wanted, _) if wanted == of || wanted == Kind::Any || of == Kind::Any => name(random),
            (Kind::Float, _) => format!("float({})", name(random)),
            (_, _) => format!("int({})", name(random)),
        };
    }
    let inner = |random: &mut Random, wanted: Kind| expression(random, names, of, wanted, depth - 1);
    // Zero is worth a try, but not each time: an exception ends the job.
    let divisor = |random: &mut Random, wanted: Kind| match random.below(6) {
        1 | 2 if wanted == Kind::Int => {
            random.one(&["1", "2", "3", "7", "64", "1000", "9223372036854775807"]).to_owned()
        }
        0 => inner(random, wanted),
        _ => format!("({} or {})", inner(random, wanted), if wanted == Kind::Float { "0.3" } else { "3" }),
    };
    match (wanted, random.below(10)) {
        (Kind::Bool, 0..5) => {
            let sides = [Kind::Int, Kind::Float, Kind::Bool, of][random.below(4)];
            let op = random.one(&["==", "!=", "<", "<=", ">", ">="]);
            let more = if random.below(4) == 0 { format!(" < {}", inner(random, of)) } else { String::new() };
            format!("({} {op} {}{more})", inner(random, sides), inner(random, sides))
        }
        (Kind::Bool, 5) => format!("(not {})", inner(random, of)),
        (Kind::Bool, 6) => format!("bool({})", inner(random, of)),
        (Kind::Bool, 7) => {
            format!("({} {} {})", inner(random, Kind::Bool), random.one(&["&", "|", "^"]), inner(random, Kind::Bool))
        }
        (_, 0..5) => {
            let op = match wanted {
                Kind::Int => random.one(&["+", "-", "*", "+", "-", "//", "%", "&", "|", "^", "<<", ">>"]),
                Kind::Float => random.one(&["+", "-", "*", "/", "//", "%"]),
                _ => random.one(&["+", "-", "*", "/", "//", "%", "&", "|", "^", "<<", ">>"]),
            };
            let (left, right) = match (wanted, random.below(5)) {
                // Ints that become floats on the way.
                (Kind::Float, 0) => (Kind::Int, Kind::Float),
                (Kind::Float, 1) => (Kind::Float, Kind::Int),
                (Kind::Float, 2) if op == "/" => (Kind::Int, Kind::Int),
                (Kind::Int, 0) => (Kind::Bool, Kind::Int),
                _ => (wanted, wanted),
            };
            let left = inner(random, left);
            let right = match op {
                "/" | "//" | "%" => divisor(random, right),
                // Beyond, Python makes numbers of any size.
                "<<" | ">>" => format!("({} & 127)", inner(random, right)),
                _ => inner(random, right),
            };
            format!("({left} {op} {right})")
        }
        (_, 5) => {
            let op = if wanted == Kind::Float { random.one(&["-", "+"]) } else { random.one(&["-", "+", "~"]) };
            format!("({op}{})", inner(random, wanted))
        }
        (_, 6) => format!("({} {} {})", inner(random, wanted), random.one(&["and", "or"]), inner(random, wanted)),
        (_, 7) => {
            format!("({} if {} else {})", inner(random, wanted), inner(random, Kind::Bool), inner(random, wanted))
        }
        (Kind::Bool, _) => inner(random, Kind::Bool),
        (_, 8) => format!("{}({}, {})", random.one(&["min", "max"]), inner(random, wanted), inner(random, wanted)),
        (Kind::Int, _) => {
            let (call, of) = [("abs", Kind::Int), ("int", Kind::Float), ("int", Kind::Bool)][random.below(3)];
            format!("{call}({})", inner(random, of))
        }
        (_, _) => {
            let (call, of) = [("abs", wanted), ("float", Kind::Int), ("float", Kind::Float)][random.below(3)];
            format!("{call}({})", inner(random, of))
        }
    }
}

fn function(random: &mut Random, number: usize, of: Kind) -> String {
    let mut names = vec!["x".to_owned()];
    let mut text = format!(
        "class F{number}:\n    def __init__(self):\n        self.k = {}\n\n    def map(self, x):\n",
        random.one(&["3", "-5", "0.25", "2**61"])
    );
    let result = [of, of, Kind::Int, Kind::Float, Kind::Bool][random.below(5)];
    for at in 0..random.below(4) {
        let name = if random.below(3) == 0 { names[random.below(names.len())].clone() } else { format!("v{at}") };
        let value = expression(random, &names, of, of, 2);
        match random.below(4) {
            0 if names.contains(&name) => {
                let _ = writeln!(text, "        {name} {}= {value}", random.one(&["+", "-", "*"]));
            }
            1 => {
                let test = expression(random, &names, of, Kind::Bool, 2);
                let other = expression(random, &names, of, of, 2);
                let _ = writeln!(
                    text,
                    "        if {test}:\n            {name} = {value}\n        else:\n            {name} = {other}"
                );
            }
            2 => {
                let test = expression(random, &names, of, Kind::Bool, 1);
                let early = expression(random, &names, of, result, 2);
                let _ = writeln!(text, "        if {test}:\n            return {early}");
                continue;
            }
            _ => {
                let _ = writeln!(text, "        {name} = {value}");
            }
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let _ = writeln!(text, "        return {}\n\n", expression(random, &names, of, result, 3));
    text
}

fn script(random: &mut Random) -> String {
    let mut text = "K = 11\nF = 0.75\n\n\n".to_owned();
    let kinds: Vec<Kind> = (0..FUNCTIONS)
        .map(|_| [Kind::Int, Kind::Int, Kind::Int, Kind::Float, Kind::Float, Kind::Any][random.below(6)])
        .collect();
    kinds.iter().enumerate().for_each(|(number, of)| text.push_str(&function(random, number, *of)));
    text.push_str("def main(factory):\n");
    for (number, of) in kinds.iter().enumerate() {
        let inputs: &[&str] = match (of, random.below(10)) {
            (_, 0) => OTHERS,
            (Kind::Float, _) => FLOATS,
            _ => INTS,
        };
        let elements: Vec<&str> = (0..24).map(|_| random.one(inputs)).collect();
        let x = ["x".to_owned()];
        let then = match random.below(3) {
            0 => format!(
                ".filter(lambda x: {})",
                expression(random, &x, Kind::Any, Kind::Bool, 2).replace("self.k", "K")
            ),
            1 => format!(".map(lambda x: {})", expression(random, &x, *of, *of, 2).replace("self.k", "K")),
            _ => String::new(),
        };
        let _ = write!(
            text,
            "    env = factory.get_execution_environment()\n    env.from_elements({}).map(F{number}()){then}.output('{number}')\n    \
             try:\n        env.execute()\n    except Exception as error:\n        \
             print({number}, type(error.__cause__).__name__, error.__cause__, error)\n",
            elements.join(", ")
        );
    }
    text
}

/// What is printed, the exit code, and how many elements machine code took on and how many it did.
fn run(folder: &Path, functions: &str, batch: &str) -> (String, Option<i32>, [u64; 2]) {
    let output = Command::new(env!("CARGO_BIN_EXE_pyflink-run"))
        .args(["job.plan", "--clock", "virtual", "--functions", functions, "--batch-size", batch])
        .args(["--summary=json"])
        .current_dir(folder)
        .output()
        .expect("the runner can be started");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let (errors, summary) = errors.trim_end().rsplit_once('\n').unwrap_or(("", &errors));
    let figures: serde_json::Value = serde_json::from_str(summary).unwrap_or_default();
    let jobs = figures["jobs"].as_array().into_iter().flatten();
    let operators: Vec<_> = jobs.flat_map(|job| job["operators"].as_array().into_iter().flatten()).collect();
    let sum = |name: &str| operators.iter().filter_map(|of| of[name].as_u64()).sum::<u64>();
    let (taken, bails) = (sum("native_elements"), sum("bails"));
    (String::from_utf8_lossy(&output.stdout).into_owned() + errors, output.status.code(), [taken, taken - bails])
}

fn check(seed: u64) -> Result<[u64; 3], String> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..8).for_each(|_| {
        random.next();
    });
    let text = script(&mut random);
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("job.py"), &text).expect("the script can be written");
    let compiled =
        Command::new(env!("CARGO_BIN_EXE_pyflink-compile")).arg("job.py").current_dir(folder.path()).output();
    let compiled = compiled.expect("the compiler can be started");
    if !compiled.status.success() {
        return Err(format!("seed {seed}: it doesn't compile\n{}", String::from_utf8_lossy(&compiled.stderr)));
    }
    let said = String::from_utf8_lossy(&compiled.stderr).into_owned();
    let summary = said.lines().last().and_then(|line| line.split(" → ").next()).unwrap_or_default();
    let native = summary.split(", ").find_map(|part| part.strip_suffix(" native")?.parse().ok());
    let batch = ["1", "5", "64"][seed as usize % 3];
    let (ours, theirs) = (run(folder.path(), "native", batch), run(folder.path(), "python", batch));
    if (&ours.0, ours.1) != (&theirs.0, theirs.1) {
        let line = ours.0.lines().zip(theirs.0.lines()).position(|(a, b)| a != b).unwrap_or(0);
        let (a, b) = (ours.0.lines().nth(line).unwrap_or(""), theirs.0.lines().nth(line).unwrap_or(""));
        let kept = env::temp_dir().join(format!("pyflink-fuzz-{seed}.py"));
        let _ = fs::write(&kept, &text);
        return Err(format!(
            "seed {seed} ({}), line {}:\nnative {a}\npython {b}\ncodes {:?} {:?}",
            kept.display(),
            line + 1,
            ours.1,
            theirs.1
        ));
    }
    Ok([native.unwrap_or(0), ours.2[0], ours.2[1]])
}

#[test]
fn machine_code_does_what_cpython_does() {
    let number = |name: &str, default: u64| env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (scripts, first) = (number("FUZZ_SCRIPTS", 24), number("FUZZ_SEED", 1));
    let next = AtomicUsize::new(0);
    let counts: [AtomicUsize; 3] = Default::default();
    let failures: Vec<String> = thread::scope(|scope| {
        let work = || {
            let mut failures = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed) as u64;
                if at >= scripts {
                    return failures;
                }
                match check(first + at) {
                    Ok(found) => counts.iter().zip(found).for_each(|(count, found)| {
                        count.fetch_add(found as usize, Ordering::Relaxed);
                    }),
                    Err(failure) => failures.push(failure),
                }
            }
        };
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker doesn't panic")).collect()
    });
    let [native, taken, done] = counts.map(AtomicUsize::into_inner);
    println!(
        "{scripts} scripts of {FUNCTIONS} functions, {native} lifted; {taken} rows taken on, {done} done natively"
    );
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    // If hardly anything is lifted, nothing is tested.
    assert!(native as u64 > scripts * FUNCTIONS as u64 / 2, "only {native} functions are native");
    assert!(done > taken / 4 && taken as u64 > scripts * 100, "only {done} of {taken} rows are native");
}
