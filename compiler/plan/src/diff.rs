//! What changed from one plan to another, by operator and line.

use crate::model::*;
use crate::{Plan, print};
use std::fmt::Write;

/// One line for each difference; empty if the plans run the same operators with the same functions.
///
/// A line that only moved in its script is no difference.
pub fn text(old: &Plan, new: &Plan) -> String {
    let mut out = String::new();
    if old.variants.len() != new.variants.len() {
        // Writing to a String can't fail.
        let _ = writeln!(out, "variants: {} → {}", old.variants.len(), new.variants.len());
    }
    for (number, (a, b)) in old.variants.iter().zip(&new.variants).enumerate() {
        let variant = if old.variants.len().max(new.variants.len()) > 1 {
            format!("variant {}, ", number + 1)
        } else {
            String::new()
        };
        if a.jobs.len() != b.jobs.len() {
            let _ = writeln!(out, "{variant}jobs: {} → {}", a.jobs.len(), b.jobs.len());
        }
        for (number, (a, b)) in a.jobs.iter().zip(&b.jobs).enumerate() {
            let changes = job((old, a), (new, b));
            if !changes.is_empty() {
                let _ = write!(out, "{variant}job {}\n{changes}", number + 1);
            }
        }
    }
    out
}

type Side<'a> = (&'a Plan, &'a Job);

fn job(old: Side, new: Side) -> String {
    let (a, b) = (operators(old), operators(new));
    let mut out = String::new();
    let (mut i, mut j) = (0, 0);
    for (x, y) in common(&a, &b).into_iter().chain([(a.len(), b.len())]) {
        for gone in &a[i..x] {
            let _ = writeln!(out, "  - line {}: {}", gone.line, gone.text);
        }
        for come in &b[j..y] {
            let _ = writeln!(out, "  + line {}: {}", come.line, come.text);
        }
        if let (Some(a), Some(b)) = (a.get(x), b.get(y))
            && a.bodies != b.bodies
        {
            let _ = writeln!(out, "  ~ line {}: {}: its function changed (line {} before)", b.line, b.text, a.line);
        }
        (i, j) = (x + 1, y + 1);
    }
    if out.is_empty() && chains(old.1) != chains(new.1) {
        let _ = writeln!(out, "  chains: {} → {}", old.1.chains.len(), new.1.chains.len());
    }
    out
}

fn chains(job: &Job) -> Vec<&[OperatorId]> {
    job.chains.iter().map(|chain| chain.operators.as_slice()).collect()
}

/// An operator as it is compared.
struct Line {
    line: usize,
    /// The call, its parallelism, and what it reads from and how.
    text: String,
    /// Source texts of its functions.
    bodies: Vec<String>,
}

fn operators((plan, job): Side) -> Vec<Line> {
    let line = |operator: &Operator| {
        let mut text = print::call(plan, operator);
        if let Some(name) = &operator.name {
            let _ = write!(text, " {name:?}");
        }
        match operator.parallelism {
            Parallelism::Known(1) | Parallelism::Default => {}
            Parallelism::Known(parallelism) => {
                let _ = write!(text, " ×{parallelism}");
            }
            Parallelism::Opaque => text.push_str(" ×?"),
        }
        let inputs: Vec<String> = operator
            .inputs
            .iter()
            .map(|input| {
                let from = job.operators[input.operator.index()].title();
                match input.partition {
                    Partition::Hash => format!("{from} (hash)"),
                    Partition::RoundRobin => format!("{from} (round robin)"),
                    Partition::Forward | Partition::ByParallelism => from.to_owned(),
                }
            })
            .collect();
        if !inputs.is_empty() {
            let _ = write!(text, " ← {}", inputs.join(", "));
        }
        let body = |(_, arg): &(String, Arg)| match arg {
            Arg::Function(id) => Some(plan.sources.snippet(plan.functions[id.0 as usize].span).to_owned()),
            _ => None,
        };
        Line { line: plan.sources.line(operator.span), text, bodies: operator.args.iter().filter_map(body).collect() }
    };
    job.operators.iter().map(line).collect()
}

/// Positions of a longest common subsequence.
fn common(a: &[Line], b: &[Line]) -> Vec<(usize, usize)> {
    let mut length = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            length[i][j] = match a[i].text == b[j].text {
                true => length[i + 1][j + 1] + 1,
                false => length[i + 1][j].max(length[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i].text == b[j].text {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[i + 1][j] >= length[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}
