//! What a run did, for people and for programs.

use pyflink_draw::{Mark, Marks};
use pyflink_plan::{Arg, Function, Job, Operator, Plan, Reason, Span, print};
use pyflink_runtime::Summary;
use pyflink_runtime::summary::{JobSummary, Mode, OperatorSummary};
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Duration;

/// A table for each job, and a line for each function.
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
        let functions: Vec<[String; 3]> = functions(plan, job, of)
            .map(|(operator, name, figures, mode)| {
                let place = plan.sources.place(span(plan, operator));
                [name, place, mode_text(plan, operator, figures, mode)]
            })
            .collect();
        if !functions.is_empty() {
            let _ = writeln!(out, "  functions");
        }
        let width = |column: usize| functions.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let (names, places) = (width(0), width(1));
        for [name, place, mode] in &functions {
            let _ = writeln!(out, "    {name:names$}  {place:places$}  {mode}");
        }
    }
    out
}

/// Operators of a job that have a function and say how it ran.
fn functions<'a>(
    plan: &'a Plan,
    job: &'a JobSummary,
    of: &'a Job,
) -> impl Iterator<Item = (&'a Operator, String, &'a OperatorSummary, &'a Mode)> {
    job.operators.iter().filter_map(|figures| {
        let operator = of.operators.get(figures.operator.index())?;
        let name = function(plan, operator).map_or_else(|| operator.title().to_owned(), print::function);
        Some((operator, name, figures, figures.mode.as_ref()?))
    })
}

fn function<'a>(plan: &'a Plan, operator: &Operator) -> Option<&'a Function> {
    operator.args.iter().find_map(|(_, arg)| match arg {
        Arg::Function(id) => plan.functions.get(id.0 as usize),
        _ => None,
    })
}

/// Where an operator's function stands; the call, if its source isn't known.
fn span(plan: &Plan, operator: &Operator) -> Span {
    function(plan, operator).map_or(operator.span, |function| function.span)
}

/// How a function ran, in a line.
fn mode_text(plan: &Plan, operator: &Operator, figures: &OperatorSummary, mode: &Mode) -> String {
    let near = span(plan, operator);
    let because = |reason: &Reason| format!("{reason} ({})", print::line(plan, reason.span, near));
    let other = match mode {
        Mode::Native => return "native".to_owned(),
        Mode::Idle => return "not called: no element came".to_owned(),
        Mode::Python(reason) => return format!("python: {}", because(reason)),
        Mode::Guarded(other) => other,
    };
    let mut text = "native, guarded".to_owned();
    // Writing to a String can't fail.
    if figures.bails > 0 && operator.kind.is_source() {
        let _ = write!(text, ": CPython went on after {} elements", count(figures.native));
    } else if figures.bails > 0 {
        let _ = write!(text, ": {} of {} rows in Python", count(figures.bails), count(figures.native));
    }
    for (at, bails) in figures.bails_by.iter().enumerate() {
        let place = bails.span.map(|span| format!(" ({})", print::line(plan, span, near))).unwrap_or_default();
        let _ = write!(text, "{}{}{place}", if at == 0 { ": " } else { ", " }, bails.reason());
        if !operator.kind.is_source() {
            let _ = write!(text, " {}", count(bails.rows));
        }
    }
    if figures.unasked > 0 {
        let _ = write!(
            text,
            "; {} of these without being tried, as many of the rows before them had bailed",
            count(figures.unasked)
        );
    }
    if let Some(reason) = other {
        let _ = write!(text, "; elements of other types in Python: {}", because(reason));
    }
    text
}

/// One object: `{jobs: [{variant, job, name, finished, seconds, operators: [{operator, kind, line, elements_in,
/// elements_out, batches, seconds, python_seconds, native_elements, bails, bytes}], functions: [{operator, name, line,
/// mode, reason, edit, reason_line, typing_ms, compile_ms, native_elements, bails, left, bails_by:
/// [{reason, line, rows}]}]}]}`; `variant`, `job` and `operator` count from 0, `bytes` is null where none are read or written.
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
            let functions: Vec<Value> = functions(plan, job, of)
                .map(|(operator, name, figures, mode)| {
                    let (mode, reason) = match mode {
                        Mode::Native => ("native", None),
                        Mode::Guarded(reason) => ("guarded", reason.as_ref()),
                        Mode::Python(reason) => ("python", Some(reason)),
                        Mode::Idle => ("idle", None),
                    };
                    let bails = figures.bails_by.iter().map(|bails| {
                        json!({
                            "reason": bails.reason(),
                            "line": bails.span.map(|span| plan.sources.line(span)),
                            "rows": bails.rows,
                        })
                    });
                    json!({
                        "operator": operator.id.0,
                        "name": name,
                        "line": plan.sources.line(span(plan, operator)),
                        "mode": mode,
                        "reason": reason.map(Reason::to_string),
                        "edit": reason.map(|reason| reason.why.edit.as_str()),
                        "reason_line": reason.map(|reason| plan.sources.line(reason.span)),
                        "typing_ms": figures.typing.as_secs_f64() * 1e3,
                        "compile_ms": figures.compile.as_secs_f64() * 1e3,
                        "native_elements": figures.native,
                        "bails": figures.bails,
                        "left": figures.unasked,
                        "bails_by": bails.collect::<Vec<_>>(),
                    })
                })
                .collect();
            json!({
                "functions": functions,
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
            let mut rows = cells(operator, figures, total);
            rows.extend(figures.mode.as_ref().map(|mode| ("ran as", mode_text(plan, operator, figures, mode))));
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
        ("native", if figures.native == 0 { dash() } else { count(figures.native.saturating_sub(figures.bails)) }),
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
