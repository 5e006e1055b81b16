//! How much faster native functions are than a loop in Python that calls the same ones, and how near they come to Rust:
//! `cargo bench --bench native`.
//!
//! All three do the same work in whole processes, one after the other, several times, so that what else the machine does
//! hits each of them. A small input and a large one are timed; their difference is what rows cost, without the start.
//! Medians, in ns per row (per line for text). The Rust loops are in this program, which starts itself for them.
//! Last, how long the compilation of each function of `tests/corpus` takes, as its run tells it.

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 5;

/// Rows of the numeric jobs: what the start costs shows at the small one. Each way has a size that takes about as long.
const SMALL: u64 = 1_000;
const ROWS_IN_PYTHON: u64 = 2_000_000;
const ROWS: u64 = 50_000_000;

/// Bytes of the text, made of Shakespeare's.
const TEXT: usize = 100_000_000;
const TEXT_IN_PYTHON: usize = 20_000_000;

const IMPORTS: &str = "from org.apache.flink.core.fs.FileSystem import WriteMode";

const FUNCTIONS: &str = "\
K = 7


def scale(n):
    return n * 3 + K


def fold(n):
    return (n ^ (n >> 3)) % 1000003


def shift(n):
    return n - 500000 if n > 500000 else n + 1


def rare(n):
    return n % 1000 == 999


def words(line):
    return line.lower().split()


def long(word):
    return len(word) > 15
";

const NUMERIC_JOB: &str = "
def main(factory):
    env = factory.get_execution_environment()
    env.generate_sequence(1, ROWS).map(scale).map(fold).map(shift).filter(rare).write_as_text('out.txt', WriteMode.OVERWRITE)
    env.execute()
";
const NUMERIC_LOOP: &str = "
with open('out.txt', 'w') as out:
    for n in range(1, ROWS + 1):
        n = shift(fold(scale(n)))
        if rare(n):
            out.write(str(n) + '\\n')
";
const TEXT_JOB: &str = "
def main(factory):
    env = factory.get_execution_environment()
    env.read_text_file('FILE').flat_map(words).filter(long).write_as_text('out.txt', WriteMode.OVERWRITE)
    env.execute()
";
const TEXT_LOOP: &str = "
with open('FILE', encoding='utf-8') as lines, open('out.txt', 'w') as out:
    for line in lines:
        for word in words(line.rstrip('\\n')):
            if long(word):
                out.write(word + '\\n')
";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, what, of] = arguments.as_slice()
        && what.starts_with("loop-")
    {
        return in_rust(what, of);
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let folder = folder.path();
    println!(
        "{:10} {:>12} {:>12} {:>12} {:>14} {:>14}",
        "", "Python loop", "native", "Rust loop", "Python/native", "Rust/native"
    );
    numeric(folder);
    text(folder);
    corpus(folder);
}

fn numeric(folder: &Path) {
    let rows = |template: &str, rows: u64| template.replace("ROWS", &rows.to_string());
    for (name, count) in [("small", SMALL), ("large", ROWS)] {
        compile(folder, name, &format!("{IMPORTS}\n\n{FUNCTIONS}\n{}", rows(NUMERIC_JOB, count)));
    }
    for (name, count) in [("small", SMALL), ("large", ROWS_IN_PYTHON)] {
        write(folder, &format!("loop_{name}.py"), &format!("{FUNCTIONS}\n{}", rows(NUMERIC_LOOP, count)));
    }
    let found = measure(folder, "loop-numbers", [&SMALL.to_string(), &ROWS.to_string()]);
    report("numbers", found, [ROWS_IN_PYTHON - SMALL, ROWS - SMALL, ROWS - SMALL]);
}

fn text(folder: &Path) {
    let shakespeare = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data/shakespeare.txt");
    let shakespeare = fs::read(shakespeare).expect("the text is there");
    let lines = |bytes: usize| -> (PathBuf, u64) {
        let path = folder.join(format!("text{bytes}.txt"));
        let times = bytes.div_ceil(shakespeare.len());
        let mut file = fs::File::create(&path).expect("a file can be made");
        (0..times).for_each(|_| file.write_all(&shakespeare).expect("it can be written"));
        (path, (times * shakespeare.iter().filter(|byte| **byte == b'\n').count()) as u64)
    };
    let ((small, few), (medium, some), (large, many)) = (lines(1), lines(TEXT_IN_PYTHON), lines(TEXT));
    let (small, medium, large) = (small.to_string_lossy(), medium.to_string_lossy(), large.to_string_lossy());
    for (name, file) in [("small", &small), ("large", &large)] {
        compile(folder, name, &format!("{IMPORTS}\n\n{FUNCTIONS}\n{}", TEXT_JOB.replace("FILE", file)));
    }
    for (name, file) in [("small", &small), ("large", &medium)] {
        write(folder, &format!("loop_{name}.py"), &format!("{FUNCTIONS}\n{}", TEXT_LOOP.replace("FILE", file)));
    }
    let found = measure(folder, "loop-words", [&small, &large]);
    report("words", found, [some - few, many - few, many - few]);
}

/// Median times of a Python loop, a native job and a Rust loop, each without its start: what the large input takes more.
fn measure(folder: &Path, rust: &str, of: [&str; 2]) -> [Duration; 3] {
    let own = std::env::current_exe().expect("it is known");
    let mut expected: Option<String> = None;
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..RUNS {
        let once = |command: &mut Command| {
            command.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
            let began = Instant::now();
            assert!(command.status().expect("it can be started").success(), "{command:?} fails");
            began.elapsed()
        };
        let python = |name: &str| once(Command::new("python3").arg(format!("loop_{name}.py")));
        let native = |name: &str| once(Command::new(env!("CARGO_BIN_EXE_pyflink-run")).arg(format!("{name}.plan")));
        let in_rust = |of: &str| once(Command::new(&own).args([rust, of]));
        let small = [python("small"), native("small"), in_rust(of[0])];
        let python = python("large");
        let native = native("large");
        let results = fs::read_to_string(folder.join("out.txt")).expect("the job writes it");
        let in_rust = in_rust(of[1]);
        // A job that does something else could be as fast as it likes.
        let theirs = fs::read_to_string(folder.join("out.txt")).expect("the loop writes it");
        assert!(results == theirs && !results.is_empty(), "the job and the loop in Rust give other results");
        assert!(expected.replace(results).is_none_or(|before| before == theirs), "results differ from run to run");
        for ((times, small), large) in times.iter_mut().zip(small).zip([python, native, in_rust]) {
            times.push(large.saturating_sub(small));
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    })
}

fn report(name: &str, times: [Duration; 3], rows: [u64; 3]) {
    let [python, native, rust] = [0, 1, 2].map(|at| times[at].as_secs_f64() * 1e9 / rows[at] as f64);
    let show = |ns: f64| format!("{ns:.2} ns");
    println!(
        "{name:10} {:>12} {:>12} {:>12} {:>14.1} {:>14.2}",
        show(python),
        show(native),
        show(rust),
        python / native,
        rust / native
    );
}

/// The same loops, as one would write them by hand.
fn in_rust(what: &str, of: &str) {
    let file = fs::File::create("out.txt").expect("a file can be made");
    let mut out = std::io::BufWriter::new(file);
    let mut write = |text: &dyn std::fmt::Display| writeln!(out, "{text}").expect("it can be written");
    if what == "loop-numbers" {
        let rows: i64 = of.parse().expect("it is a number");
        let constant = black_box(7i64);
        for n in 1..=rows {
            match number(n, constant) {
                Some(n) if n.checked_rem_euclid(1000) == Some(999) => write(&n),
                Some(_) => {}
                None => panic!("it doesn't overflow"),
            }
        }
        return;
    }
    let file = BufReader::new(fs::File::open(of).expect("the text is there"));
    for line in file.lines() {
        let line = line.expect("it can be read").to_lowercase();
        line.split_whitespace().filter(|word| word.chars().count() > 15).for_each(|word| write(&word));
    }
}

fn number(n: i64, constant: i64) -> Option<i64> {
    let n = n.checked_mul(3)?.checked_add(constant)?;
    let n = (n ^ (n >> 3)).checked_rem_euclid(1_000_003)?;
    if n > 500_000 { n.checked_sub(500_000) } else { n.checked_add(1) }
}

/// How long the machine code of the functions of the corpus takes to make: the best of several runs, as each makes it once.
fn corpus(folder: &Path) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
    let mut scripts: Vec<PathBuf> = fs::read_dir(corpus)
        .expect("the corpus is there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    scripts.sort();
    let mut times: BTreeMap<String, f64> = BTreeMap::new();
    for script in scripts {
        let compiled = Command::new(env!("CARGO_BIN_EXE_pyflink-compile"))
            .arg(&script)
            .args(["-o", "corpus.plan"])
            .current_dir(folder)
            .stderr(Stdio::null())
            .status();
        assert!(compiled.expect("it can be started").success(), "{} doesn't compile", script.display());
        for _ in 0..RUNS {
            let output = Command::new(env!("CARGO_BIN_EXE_pyflink-run"))
                .args(["corpus.plan", "--clock", "virtual", "--summary=json"])
                .current_dir(folder)
                .output()
                .expect("it can be started");
            let errors = String::from_utf8_lossy(&output.stderr);
            let summary: serde_json::Value = serde_json::from_str(errors.trim_end().lines().last().unwrap_or_default())
                .expect("the summary is JSON");
            for (job, jobs) in summary["jobs"].as_array().expect("there are jobs").iter().enumerate() {
                for function in jobs["functions"].as_array().expect("they have functions") {
                    let Some(time) = function["compile_ms"].as_f64().filter(|time| *time > 0.0) else { continue };
                    let script = script.file_stem().unwrap_or_default().to_string_lossy();
                    let name = function["name"].as_str().unwrap_or_default();
                    let name = format!("{script}: {name}, operator {} of job {job}", function["operator"]);
                    let best = times.entry(name).or_insert(time);
                    *best = best.min(time);
                }
            }
        }
    }
    let mut times: Vec<(f64, String)> = times.into_iter().map(|(name, time)| (time, name)).collect();
    times.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let above = times.iter().filter(|(time, _)| *time >= 2.0).count();
    let (Some((median, _)), Some((slowest, name))) = (times.get(times.len() / 2), times.last()) else {
        panic!("no function of the corpus is compiled");
    };
    println!(
        "\nmachine code of a function: median {median:.2} ms, slowest {slowest:.2} ms ({name}), {above} of {} above 2 ms",
        times.len()
    );
}

fn compile(folder: &Path, name: &str, script: &str) {
    write(folder, &format!("{name}.py"), script);
    let mut command = Command::new(env!("CARGO_BIN_EXE_pyflink-compile"));
    command.args([&format!("{name}.py"), "-o", &format!("{name}.plan")]).current_dir(folder).stderr(Stdio::null());
    assert!(command.status().expect("it can be started").success(), "{name}.py doesn't compile");
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file can be written");
}
