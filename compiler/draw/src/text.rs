//! A plan as text that drawing programs read: Graphviz (`dot`) and Mermaid.

use crate::graph::{Drawn, edges, jobs, label};
use pyflink_plan::Plan;
use std::fmt::Write;

/// For Graphviz: jobs and chains as boxes, feedback dashed.
pub fn dot(plan: &Plan) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut out =
        String::from("digraph plan {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"Helvetica\"];\n");
    for Drawn { title, prefix, job, .. } in jobs(plan) {
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
    for Drawn { title, prefix, job, .. } in jobs(plan) {
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
