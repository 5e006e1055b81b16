//! Functions as real jobs have them (`tests/corpus/*.py`): native and in Python they give the same bytes, and most are native.
//!
//! `tests/corpus/MODES.md` says of each function how it runs and why; `UPDATE_EXPECT=1 cargo test --test corpus` rewrites
//! it, and the difference is what a change did for real jobs. A function that does more than give a result has `# not pure`
//! on its first line.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs, thread};

/// Percents of the pure functions that must be native.
const LEAST_NATIVE: usize = 90;

/// Options that results must not depend on. The figures are those of the first.
const SETTINGS: &[&[&str]] = &[
    &["--functions", "native"],
    &["--functions", "native", "--batch-size", "1"],
    &["--functions", "native", "--batch-size", "7"],
    &["--functions", "python"],
    &["--functions", "python", "--batch-size", "1"],
    &["--functions", "python", "--batch-size", "7"],
];

/// One function of a script, over all operators that use it.
struct Function {
    name: String,
    pure: bool,
    mode: String,
    reason: String,
    figures: Figures,
    /// Its script is run; of others only the plan is looked at.
    runs: bool,
}

#[derive(Clone, Copy, Default)]
struct Figures {
    elements: u64,
    /// Those that machine code took on, and of these the ones that it left to CPython.
    taken: u64,
    bails: u64,
}

impl Function {
    /// Whether machine code did most of what it was given, and not only could have.
    fn is_native(&self) -> bool {
        match self.runs {
            true => self.mode.starts_with("native") && self.figures.taken > 2 * self.figures.bails,
            false => matches!(self.mode.as_str(), "native" | "native, guarded" | "late"),
        }
    }

    /// In words: how many exactly depends on how elements fall into batches.
    fn share(&self) -> &'static str {
        let done = self.figures.taken.saturating_sub(self.figures.bails);
        match self.figures.elements {
            _ if !self.runs => "not run",
            _ if done == 0 => "none",
            elements if done >= elements => "all",
            elements if done * 2 > elements => "most",
            _ => "some",
        }
    }
}

#[test]
fn real_functions_are_native_and_give_what_cpython_gives() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus").canonicalize().expect("it is there");
    let mut scripts: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the corpus is there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    scripts.sort();
    let half = scripts.len().div_ceil(2).max(1);
    let functions: Vec<(String, BTreeMap<Place, Function>)> = thread::scope(|scope| {
        let work = |scripts: &[PathBuf]| scripts.iter().map(|script| (name(script), check(script))).collect::<Vec<_>>();
        let workers: Vec<_> = scripts.chunks(half).map(|scripts| scope.spawn(move || work(scripts))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("scripts give the same")).collect()
    });
    let mut functions = functions;
    functions.extend(examples());
    let (text, native, pure) = table(&functions);
    let path = folder.join("MODES.md");
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &text).expect("the table can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let line = expected.lines().zip(text.lines()).take_while(|(a, b)| a == b).count();
    assert!(
        expected == text,
        "{}:{}:\n- {}\n+ {}",
        path.display(),
        line + 1,
        expected.lines().nth(line).unwrap_or_default(),
        text.lines().nth(line).unwrap_or_default()
    );
    assert!(native * 100 >= pure * LEAST_NATIVE, "only {native} of {pure} pure functions are native");
}

/// Line and column of a function in its script.
type Place = (u64, u64);

/// Runs a script in all settings; what is known of its functions.
fn check(script: &Path) -> BTreeMap<Place, Function> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let text = fs::read_to_string(script).expect("a script can be read");
    let plan = folder.path().join("job.plan");
    let started = |command: &str, arguments: &[&str]| -> Output {
        let output = Command::new(command).args(arguments).current_dir(folder.path()).output();
        let output = output.expect("it can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {command} {arguments:?}: {errors}", script.display());
        output
    };
    let (script_name, plan_name) = (script.to_string_lossy(), plan.to_string_lossy());
    started(env!("CARGO_BIN_EXE_pyflink-compile"), &[&script_name, "-o", &plan_name]);
    let inspected = started(env!("CARGO_BIN_EXE_pyflink-inspect"), &[&plan_name, "--format", "json"]);
    let inspected: Value = serde_json::from_slice(&inspected.stdout).expect("it prints JSON");
    let mut first: Option<(Vec<u8>, Value)> = None;
    for setting in SETTINGS {
        let mut arguments = vec![&*plan_name, "--clock", "virtual", "--summary=json"];
        arguments.extend(*setting);
        let output = started(env!("CARGO_BIN_EXE_pyflink-run"), &arguments);
        match &first {
            None => {
                let errors = String::from_utf8_lossy(&output.stderr);
                let summary = errors.trim_end().lines().last().unwrap_or_default();
                first = Some((output.stdout, serde_json::from_str(summary).expect("the summary is JSON")));
            }
            Some((expected, _)) => same(script, setting, expected, &output.stdout),
        }
    }
    let (output, summary) = first.expect("there are settings");
    assert!(!output.is_empty(), "{} prints nothing", script.display());
    functions(&text, &inspected, &summary)
}

/// What the plans of the examples say of their functions: they want parameters and sockets to run.
fn examples() -> Vec<(String, BTreeMap<Place, Function>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut scripts: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the examples are there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    scripts.sort();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let plan = folder.path().join("job.plan");
    let inspect = |script: &PathBuf| {
        let text = fs::read_to_string(script).expect("a script can be read");
        let compiled = Command::new(env!("CARGO_BIN_EXE_pyflink-compile")).arg(script).arg("-o").arg(&plan).output();
        assert!(compiled.expect("it can be started").status.success(), "{} compiles", script.display());
        let inspected =
            Command::new(env!("CARGO_BIN_EXE_pyflink-inspect")).arg(&plan).args(["--format", "json"]).output();
        let inspected = inspected.expect("it can be started").stdout;
        let inspected: Value = serde_json::from_slice(&inspected).expect("it prints JSON");
        (format!("examples/{}", name(script)), functions(&text, &inspected, &Value::Null))
    };
    scripts.iter().map(inspect).collect()
}

fn same(script: &Path, setting: &[&str], expected: &[u8], actual: &[u8]) {
    let (expected, actual) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(actual));
    let line = expected.lines().zip(actual.lines()).take_while(|(a, b)| a == b).count();
    assert!(
        expected == actual,
        "{}: line {} of the output differs.\n{:?} {}\n{setting:?} {}",
        script.display(),
        line + 1,
        SETTINGS[0],
        expected.lines().nth(line).unwrap_or("(nothing)"),
        actual.lines().nth(line).unwrap_or("(nothing)")
    );
}

/// What the plan and a run's summary say of the functions.
fn functions(script: &str, plan: &Value, summary: &Value) -> BTreeMap<Place, Function> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let number = |value: &Value, name: &str| value[name].as_u64().unwrap_or(0);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let stated = list(&plan["functions"]);
    let mut figures = vec![Figures::default(); stated.len()];
    for job in list(&summary["jobs"]) {
        let variant = &plan["variants"][number(&job, "variant") as usize];
        let operators = list(&variant["jobs"][number(&job, "job") as usize]["operators"]);
        for operator in list(&job["operators"]) {
            let args = operators[number(&operator, "operator") as usize]["args"].as_object().cloned();
            for argument in args.iter().flatten().filter_map(|(_, value)| value["function"].as_u64()) {
                let (sum, taken) = (&mut figures[argument as usize], number(&operator, "native_elements"));
                // Windows and sources are counted by what goes in or comes out, and what runs natively is a call.
                let is_one_by_one = !matches!(operator["kind"].as_str(), Some("window_apply" | "create_python_source"));
                sum.elements += if is_one_by_one { number(&operator, "elements_in") } else { taken };
                sum.taken += taken;
                sum.bails += number(&operator, "bails");
            }
        }
    }
    // What a run found out is more than what the plan says: types are known there.
    let found: BTreeMap<(String, u64), Value> = list(&summary["jobs"])
        .iter()
        .flat_map(|job| list(&job["functions"]))
        .map(|function| ((text(&function["name"]), number(&function, "line")), function))
        .collect();
    let mut functions: BTreeMap<Place, Function> = BTreeMap::new();
    for (function, figures) in stated.iter().zip(figures) {
        let (line, column) = (number(&function["place"], "line"), number(&function["place"], "column"));
        let method = text(&function["method"]);
        let name = text(&function["name"]) + if method.is_empty() { "" } else { "." } + &method;
        let found = found.get(&(name.clone(), line));
        let mode = match found.unwrap_or(function)["mode"].as_str().unwrap_or_default() {
            "guarded" => "native, guarded".to_owned(),
            mode => mode.to_owned(),
        };
        let reason = found.map_or_else(
            || text(&function["reason"]["message"]),
            |found| found["reason"].as_str().map_or_else(|| text(&found["reason"]["message"]), str::to_owned),
        );
        let first = script.lines().nth((line as usize).saturating_sub(1)).unwrap_or_default();
        let known = functions.entry((line, column)).or_insert_with(|| Function {
            name,
            pure: !first.contains("# not pure"),
            mode,
            reason,
            figures: Figures::default(),
            runs: !summary.is_null(),
        });
        known.figures.elements += figures.elements;
        known.figures.taken += figures.taken;
        known.figures.bails += figures.bails;
    }
    functions
}

/// The table, and how many pure functions there are and are native.
fn table(scripts: &[(String, BTreeMap<Place, Function>)]) -> (String, usize, usize) {
    let mut text = "# How the functions of the corpus run\n\n\
         Written by `UPDATE_EXPECT=1 cargo test --test corpus`. *Rows*: how many of its elements machine code did.\n\n\
         | script | function | line | pure | mode | rows | reason |\n|---|---|---|---|---|---|---|\n"
        .to_owned();
    // Writing to a String can't fail.
    for (script, functions) in scripts {
        for ((line, _), function) in functions {
            let _ = writeln!(
                text,
                "| {script} | {} | {line} | {} | {} | {} | {} |",
                function.name.replace(['<', '>'], ""),
                if function.pure { "yes" } else { "no" },
                function.mode,
                function.share(),
                function.reason.replace('|', "\\|")
            );
        }
    }
    let pure = || scripts.iter().flat_map(|(_, functions)| functions.values()).filter(|function| function.pure);
    let (all, native) = (pure().count(), pure().filter(|function| function.is_native()).count());
    let _ = writeln!(text, "\n{native} of {all} pure functions are native ({} %).", native * 100 / all.max(1));
    (text, native, all)
}

fn name(script: &Path) -> String {
    script.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
