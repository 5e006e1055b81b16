//! How long the compiler takes for each example, from the script's text to the plan file's: `cargo bench --bench compile`.
//!
//! Prints the median and the slowest of a hundred compilations in one process, and the median of whole processes.

use pyflink_compiler::{Options, compile};
use pyflink_plan::file;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut examples: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the examples are there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    examples.sort();
    println!("{:24} {:>10} {:>10} {:>10}", "example", "median", "slowest", "process");
    for example in examples {
        let options = Options { script: example.clone(), ..Options::default() };
        let (median, slowest) = times(100, || {
            let plan = compile(&options).plan.expect("an example compiles");
            std::hint::black_box(file::to_string(&plan));
        });
        let (process, _) = times(20, || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_pyflink-compile"));
            command.args(["--check".as_ref(), example.as_os_str()]).stderr(Stdio::null());
            assert!(command.status().expect("it can be started").success());
        });
        let name = example.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("{name:24} {:>10} {:>10} {:>10}", show(median), show(slowest), show(process));
    }
}

/// Median and maximum.
fn times(runs: usize, mut run: impl FnMut()) -> (Duration, Duration) {
    run();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed()
        })
        .collect();
    times.sort();
    (times[times.len() / 2], times[times.len() - 1])
}

fn show(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
