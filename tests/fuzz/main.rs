//! Random functions over random rows, natively and in CPython: results, types, exceptions and order must agree.
//!
//! A script has many jobs, each with functions of its own over rows of its own, from the edges of every type. Seeded, so
//! that a run repeats. `FUZZ_SCRIPTS=1600 cargo test --release --test fuzz` runs a hundred thousand functions; `FUZZ_SEED`
//! gives others, `FUZZ_THREADS` is how many scripts run at once. A script that shows a difference is made small and
//! kept; the message says where.

mod changes;
mod collections;
mod containers;
mod dicts;
mod expressions;
mod numbers;
mod random;
mod run;
mod scripts;
mod statements;
mod text;
mod time;
mod values;

use run::{CASES, Found, ROWS, check};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::{env, thread};

/// Percents of functions that are native, and of the rows that these take on of those that they do, below which too little
/// is tested.
const LEAST_NATIVE: u64 = 80;
const LEAST_DONE: u64 = 75;

/// With so many failures, the rest would say nothing new.
const ENOUGH: usize = 5;

#[test]
fn machine_code_does_what_cpython_does() {
    let number = |name: &str, default: u64| env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (scripts, first, threads) = (number("FUZZ_SCRIPTS", 8), number("FUZZ_SEED", 1), number("FUZZ_THREADS", 2));
    let (next, failed) = (AtomicU64::new(0), AtomicUsize::new(0));
    let work = || {
        let (mut failures, mut sum) = (Vec::new(), Found::default());
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= scripts || failed.load(Ordering::Relaxed) >= ENOUGH {
                return (failures, sum);
            }
            match check(first + at) {
                Ok(found) => sum = sum.and(found),
                Err(failure) => {
                    failed.fetch_add(1, Ordering::Relaxed);
                    failures.push(failure);
                }
            }
        }
    };
    let found: Vec<(Vec<String>, Found)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker doesn't panic")).collect()
    });
    let sum = found.iter().fold(Found::default(), |sum, (_, found)| sum.and(*found));
    let failures: Vec<&str> = found.iter().flat_map(|(failures, _)| failures).map(String::as_str).collect();
    let share = |part: u64, whole: u64| 100 * part / whole.max(1);
    let native = share(sum.native as u64, sum.functions as u64);
    let done = share(sum.taken - sum.bails, sum.taken);
    println!(
        "{scripts} scripts of {CASES} jobs with {ROWS} rows: {} functions, {native} % of them native; {} rows taken on, \
         {done} % of them done natively",
        sum.functions, sum.taken
    );
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(native >= LEAST_NATIVE, "only {native} % of the functions are native");
    assert!(done >= LEAST_DONE, "only {done} % of the rows are done natively");
}
