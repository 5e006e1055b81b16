//! A plan as text that drawing programs read: Graphviz (`dot`) and Mermaid.

use crate::model::*;
use crate::{Plan, print};
use std::fmt::Write;

/// One edge as it is drawn.
struct Edge {
    from: OperatorId,
    to: OperatorId,
    /// Empty for rows that stay where they are.
    label: &'static str,
    feedback: bool,
}

fn edges(job: &Job) -> Vec<Edge> {
    let mut edges = Vec::new();
    for operator in &job.operators {
        for input in &operator.inputs {
            let label = match input.partition {
                Partition::Hash => "hash",
                Partition::RoundRobin => "round robin",
                Partition::Forward | Partition::ByParallelism => "",
            };
            edges.push(Edge { from: input.operator, to: operator.id, label, feedback: false });
        }
        edges.extend(operator.iteration.map(|head| Edge {
            from: operator.id,
            to: head,
            label: "feedback",
            feedback: true,
        }));
    }
    edges
}

/// Name, line and mode: what stands in an operator's box, line by line.
fn label(plan: &Plan, operator: &Operator) -> Vec<String> {
    let mut lines = vec![print::call(plan, operator)];
    if let Some(name) = &operator.name {
        lines[0] = format!("{name}: {}", lines[0]);
    }
    let parallelism = match operator.parallelism {
        Parallelism::Known(1) | Parallelism::Default => String::new(),
        Parallelism::Known(parallelism) => format!(" ×{parallelism}"),
        Parallelism::Opaque => " ×?".to_owned(),
    };
    lines.push(format!("line {}{parallelism}", plan.sources.line(operator.span)));
    if operator.args.iter().any(|(_, arg)| matches!(arg, Arg::Function(_))) {
        lines.push("Python".to_owned());
    }
    lines
}

/// Each job with its title and a prefix that keeps the names of its boxes apart from those of other jobs.
fn jobs(plan: &Plan) -> impl Iterator<Item = (String, String, &Job)> {
    let several = plan.variants.len() > 1;
    plan.variants.iter().enumerate().flat_map(move |(v, variant)| {
        variant.jobs.iter().enumerate().map(move |(j, job)| {
            let of = if several { format!("variant {}, ", v + 1) } else { String::new() };
            let name = job.name.as_ref().map(|name| format!(": {name}")).unwrap_or_default();
            (format!("{of}job {}{name}", j + 1), format!("v{v}j{j}"), job)
        })
    })
}

/// For Graphviz: jobs and chains as boxes, feedback dashed.
pub fn dot(plan: &Plan) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut out =
        String::from("digraph plan {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"Helvetica\"];\n");
    for (title, prefix, job) in jobs(plan) {
        // Writing to a String can't fail.
        let _ = writeln!(out, "  subgraph cluster_{prefix} {{\n    label=\"{}\";", quoted(&title));
        for (number, chain) in job.chains.iter().enumerate() {
            let _ = writeln!(out, "    subgraph cluster_{prefix}c{number} {{\n      label=\"chain {}\";", number + 1);
            for id in &chain.operators {
                let lines: Vec<String> =
                    label(plan, &job.operators[id.index()]).iter().map(|line| quoted(line)).collect();
                let _ = writeln!(out, "      {prefix}o{} [label=\"{}\"];", id.0, lines.join("\\n"));
            }
            out.push_str("    }\n");
        }
        for id in &job.pruned {
            let text = quoted(&label(plan, &job.operators[id.index()])[0]);
            let _ = writeln!(out, "    {prefix}o{} [label=\"{text}\\nnot run\", color=gray, fontcolor=gray];", id.0);
        }
        for edge in edges(job) {
            let style = if edge.feedback { ", style=dashed, constraint=false" } else { "" };
            let (from, to) = (edge.from.0, edge.to.0);
            let _ = writeln!(out, "    {prefix}o{from} -> {prefix}o{to} [label=\"{}\"{style}];", edge.label);
        }
        out.push_str("  }\n");
    }
    out.push_str("}\n");
    out
}

/// For Mermaid, as Markdown viewers draw it.
pub fn mermaid(plan: &Plan) -> String {
    let quoted = |text: &str| {
        text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;").replace('#', "#35;")
    };
    let mut out = String::from("flowchart LR\n");
    for (title, prefix, job) in jobs(plan) {
        let _ = writeln!(out, "  subgraph {prefix}[\"{}\"]", quoted(&title));
        for (number, chain) in job.chains.iter().enumerate() {
            let _ = writeln!(out, "    subgraph {prefix}c{number}[\"chain {}\"]", number + 1);
            for id in &chain.operators {
                let lines: Vec<String> =
                    label(plan, &job.operators[id.index()]).iter().map(|line| quoted(line)).collect();
                let _ = writeln!(out, "      {prefix}o{}[\"{}\"]", id.0, lines.join("<br/>"));
            }
            out.push_str("    end\n");
        }
        for id in &job.pruned {
            let text = quoted(&label(plan, &job.operators[id.index()])[0]);
            let _ = writeln!(out, "    {prefix}o{}[\"{text}<br/>not run\"]", id.0);
        }
        out.push_str("  end\n");
        for edge in edges(job) {
            let arrow = match (edge.feedback, edge.label) {
                (true, label) => format!("-. {label} .->"),
                (false, "") => "-->".to_owned(),
                (false, label) => format!("-- {label} -->"),
            };
            let _ = writeln!(out, "  {prefix}o{} {arrow} {prefix}o{}", edge.from.0, edge.to.0);
        }
    }
    out
}
