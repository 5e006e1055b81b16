//! Embeds the Python package, notes which Python the runtime is linked against, and lets its test binaries find it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    pyo3_build_config::add_libpython_rpath_link_args();
    note_python();
    embed_package();
}

/// What the linked interpreter says of itself, for `interpreter.rs`.
fn note_python() {
    let config = pyo3_build_config::get();
    println!("cargo:lib_dir={}", config.lib_dir().unwrap_or_default());
    let executable = config.executable().unwrap_or("python3").to_owned();
    let script = "import sys; print(sys.version.split()[0], sys.base_prefix, sep='\\n')";
    let output = Command::new(&executable)
        .args(["-I", "-c", script])
        .output()
        .unwrap_or_else(|error| panic!("can't run {executable}, which pyo3 found: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines();
    let (version, prefix) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
    println!("cargo:rustc-env=PYFLINK_PYTHON_VERSION={version}");
    println!("cargo:rustc-env=PYFLINK_PYTHON_PREFIX={prefix}");
}

/// A table of all modules below `python/`: name, label, whether it is a package, text.
fn embed_package() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("python");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    for top in ["_pyflink", "java", "org"] {
        collect(&root.join(top), &mut files);
    }
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let relative = file.strip_prefix(&root).expect("it is below the root");
        let mut parts: Vec<&str> = relative.iter().map(|part| part.to_str().expect("our names are ASCII")).collect();
        let is_package = parts.last() == Some(&"__init__.py");
        let last = parts.pop().unwrap_or_default();
        if !is_package {
            parts.push(last.trim_end_matches(".py"));
        }
        let name = parts.join(".");
        writeln!(
            table,
            "    Module {{ name: {name:?}, label: \"<pyflink>/{}\", is_package: {is_package}, text: include_str!({file:?}) }},",
            relative.display()
        )
        .expect("writing to a String can't fail");
        println!("cargo:rerun-if-changed={}", file.display());
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("package.rs");
    fs::write(out, table).expect("the build folder can be written");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder).expect("the package is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "__pycache__") {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "py") {
            files.push(path);
        }
    }
}
