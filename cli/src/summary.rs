//! What a run did, for people and for programs.

use pyflink_draw::{Mark, Marks};
use pyflink_plan::{Job, Operator, Plan, print};
use pyflink_runtime::Summary;
use pyflink_runtime::summary::{JobSummary, OperatorSummary};
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Duration;

/// A table for each job.
pub fn human(plan: &Plan, summary: &Summary) -> String {
    let mut out = String::new();
    for (job, of) in jobs(plan, summary) {
        // Writing to a String can't fail.
        let _ = writeln!(out, "\n{}", title(job, of));
        let head =
            ["operator", "line", "in", "out", "batches", "time", "share", "in Python", "native", "bails", "bytes"];
        let mut rows: Vec<Vec<String>> = vec![head.iter().map(|name| (*name).to_owned()).collect()];
        let total = total(job);
        for figures in &job.operators {
            let operator = &of.operators[figures.operator.index()];
            let mut row = vec![print::call(plan, operator), plan.sources.line(operator.span).to_string()];
            row.extend(cells(operator, figures, total).into_iter().map(|(_, value)| value));
            rows.push(row);
        }
        let columns = head.len();
        let widths: Vec<usize> =
            (0..columns).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
        for row in rows {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(at, (cell, width))| if at == 0 { format!("{cell:width$}") } else { format!("{cell:>width$}") })
                .collect();
            let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
        }
    }
    out
}

/// One object: `{jobs: [{variant, job, name, finished, seconds, operators: [{operator, kind, line, elements_in,
/// elements_out, batches, seconds, python_seconds, native_elements, bails, bytes}]}]}`; `variant`, `job` and `operator` count from 0, `bytes` is
/// null where none are read or written.
pub fn json(plan: &Plan, summary: &Summary) -> String {
    let jobs: Vec<Value> = jobs(plan, summary)
        .map(|(job, of)| {
            let operators: Vec<Value> = job
                .operators
                .iter()
                .map(|figures| {
                    let operator = &of.operators[figures.operator.index()];
                    json!({
                        "operator": figures.operator.0,
                        "kind": operator.kind.name(),
                        "name": operator.name,
                        "line": plan.sources.line(operator.span),
                        "elements_in": figures.elements_in,
                        "elements_out": figures.elements_out,
                        "batches": figures.batches,
                        "seconds": figures.time.as_secs_f64(),
                        "python_seconds": figures.python.as_secs_f64(),
                        "native_elements": figures.native,
                        "bails": figures.bails,
                        "bytes": figures.bytes,
                    })
                })
                .collect();
            json!({
                "variant": job.variant,
                "job": job.number,
                "name": of.name,
                "finished": job.finished,
                "seconds": job.elapsed.as_secs_f64(),
                "operators": operators,
            })
        })
        .collect();
    format!("{}\n", json!({ "jobs": jobs }))
}

/// The figures as a drawing shows them.
pub fn marks(plan: &Plan, summary: &Summary) -> Marks {
    let mut marks = Marks::default();
    for (job, of) in jobs(plan, summary) {
        marks.run.push((title(job, of), String::new()));
        let total = total(job);
        for figures in &job.operators {
            let operator = &of.operators[figures.operator.index()];
            let rows = cells(operator, figures, total);
            let elements = if operator.kind.is_sink() { figures.elements_in } else { figures.elements_out };
            let line = format!("{} · {}", count(elements), share(figures.time, total));
            let part = figures.time.as_secs_f64() / total.as_secs_f64().max(1e-9);
            let rows = rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let mark = Mark { line, rows, share: part };
            marks.operators.insert((job.variant, job.number, figures.operator), mark);
        }
    }
    marks
}

fn jobs<'a>(plan: &'a Plan, summary: &'a Summary) -> impl Iterator<Item = (&'a JobSummary, &'a Job)> {
    summary.jobs.iter().filter_map(|job| Some((job, plan.variants.get(job.variant)?.jobs.get(job.number)?)))
}

fn title(job: &JobSummary, of: &Job) -> String {
    let name = of.name.as_ref().map(|name| format!(" {name:?}")).unwrap_or_default();
    let end = if job.finished { "" } else { ", not to its end" };
    format!("job {}{name}: {}{end}", job.number + 1, time(job.elapsed))
}

/// Of all operators: sources in Python run beside the others, so this may be more than the job's.
fn total(job: &JobSummary) -> Duration {
    job.operators.iter().map(|figures| figures.time).sum()
}

fn cells(operator: &Operator, figures: &OperatorSummary, total: Duration) -> Vec<(&'static str, String)> {
    let dash = || "-".to_owned();
    vec![
        ("elements in", if operator.kind.is_source() { dash() } else { count(figures.elements_in) }),
        ("elements out", if operator.kind.is_sink() { dash() } else { count(figures.elements_out) }),
        ("batches", count(figures.batches)),
        ("time", time(figures.time)),
        ("share of time", share(figures.time, total)),
        ("in Python", share(figures.python, figures.time)),
        ("native", if figures.native == 0 { dash() } else { count(figures.native - figures.bails) }),
        ("bails", if figures.native == 0 { dash() } else { count(figures.bails) }),
        ("bytes", figures.bytes.map_or_else(dash, bytes)),
    ]
}

fn share(part: Duration, whole: Duration) -> String {
    if whole.is_zero() { "-".to_owned() } else { format!("{:.0} %", 100.0 * part.as_secs_f64() / whole.as_secs_f64()) }
}

fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        _ if seconds < 1e-3 => format!("{:.0} µs", seconds * 1e6),
        _ if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{seconds:.2} s"),
    }
}

/// With a thin gap between thousands.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

fn bytes(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        10_000_000..10_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_have_units() {
        assert_eq!([count(0), count(999), count(1_234_567)], ["0", "999", "1 234 567"]);
        assert_eq!([bytes(9_999), bytes(12_300), bytes(45_600_000)], ["9999 B", "12 kB", "46 MB"]);
        let of = |micros| time(Duration::from_micros(micros));
        assert_eq!([of(120), of(1_500), of(2_350_000)], ["120 µs", "1.5 ms", "2.35 s"]);
        assert_eq!(share(Duration::ZERO, Duration::ZERO), "-");
    }
}
