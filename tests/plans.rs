//! Golden plans: what the compiler makes of every script of the suites, and of every example.
//!
//! The plans are in `tests/plans/`, one file for each suite; `UPDATE_EXPECT=1 cargo test --test plans` rewrites them, and
//! the difference is what a change of the compiler did.

mod markdown;

use pyflink_compiler::{Compilation, Options, compile};
use pyflink_plan::print;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[test]
fn plans_are_as_they_were() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("it is there");
    let mut golden: Vec<(String, String)> = Vec::new();
    for suite in markdown::suites() {
        let mut text = String::new();
        for section in markdown::sections(&suite) {
            let folder = tempfile::tempdir().expect("a folder can be made");
            for (name, content) in &section.files {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().expect("it has a parent")).expect("a folder can be made");
                fs::write(path, content).expect("a file can be written");
            }
            let scripts =
                section.files.iter().filter(|(name, text)| name.ends_with(".py") && text.contains("def main(factory"));
            for (name, _) in scripts {
                // Writing to a String can't fail.
                let _ = writeln!(text, "## {} ({name})\n```\n{}```\n", section.name, plan(folder.path(), name));
            }
        }
        golden.push((suite.file_stem().expect("it has a name").to_string_lossy().into_owned(), text));
    }
    let mut text = String::new();
    let mut examples: Vec<PathBuf> = fs::read_dir(root.join("examples"))
        .expect("the examples are there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    examples.sort();
    for example in examples {
        let name = example.file_name().expect("it has a name").to_string_lossy();
        let _ = writeln!(text, "## {name}\n```\n{}```\n", plan(&root.join("examples"), &name));
    }
    golden.push(("examples of the project".to_owned(), text));
    let folder = root.join("tests/plans");
    let update = env::var_os("UPDATE_EXPECT").is_some();
    for (name, text) in golden.into_iter().filter(|(_, text)| !text.is_empty()) {
        let path = folder.join(format!("{}.md", name.replace(' ', "_")));
        let text = format!("# Plans of {name}\n\n{text}");
        if update {
            fs::create_dir_all(&folder).expect("a folder can be made");
            fs::write(&path, text).expect("a plan can be written");
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        let differs = expected.lines().zip(text.lines()).position(|(a, b)| a != b);
        let line = differs.unwrap_or_else(|| expected.lines().count().min(text.lines().count()));
        assert!(
            expected == text,
            "{}:{}:\n- {}\n+ {}",
            path.display(),
            line + 1,
            expected.lines().nth(line).unwrap_or_default(),
            text.lines().nth(line).unwrap_or_default()
        );
    }
}

fn plan(folder: &Path, script: &str) -> String {
    // Plans name files as they were named.
    env::set_current_dir(folder).expect("the folder is there");
    let Compilation { plan, diagnostics, .. } = compile(&Options { script: script.into(), ..Options::default() });
    match plan {
        Some(plan) => print::text(&plan, false),
        None => {
            let codes: Vec<&str> = diagnostics.iter().filter(|d| d.is_error()).map(|d| d.code.as_str()).collect();
            format!("no plan: {}\n", codes.join(", "))
        }
    }
}
