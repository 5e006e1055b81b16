//! A plan as one page without anything outside it: the drawings, and behind each operator what is known of it.

use crate::graph::{Drawn, boxes, jobs};
use crate::svg::{MARKERS, STYLE, drawing};
use crate::{Marks, escape};
use pyflink_plan::{Arg, Operator, Parallelism, Partition, Plan, Span, print};
use std::collections::BTreeSet;
use std::fmt::Write;

const PAGE_STYLE: &str = include_str!("page.css");

/// Marks the operator whose details are shown; everything else works without it.
const SCRIPT: &str = "const mark = () => {\n  document.querySelectorAll('.chosen').forEach(e => e.classList.remove('chosen'));\n  \
                      document.getElementById(location.hash.replace('#d-', ''))?.classList.add('chosen');\n};\n\
                      addEventListener('hashchange', mark);\nmark();\n";

/// The page. Works without a network.
pub fn html(plan: &Plan, marks: &Marks) -> String {
    let script = plan.sources.files.first().map_or("", |file| &file.path);
    let mut drawings = String::new();
    let mut details = String::new();
    for drawn in jobs(plan) {
        let drawing = drawing(plan, &drawn, marks);
        let (width, height) = (drawing.width, drawing.height);
        // Writing to a String can't fail.
        let _ = writeln!(
            drawings,
            "<svg class=\"plan\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\">\n\
             {MARKERS}{}</svg><br>",
            drawing.body
        );
        for operator in boxes(drawn.job) {
            section(plan, &drawn, operator, marks, &mut details);
        }
    }
    if drawings.is_empty() {
        drawings.push_str("<p>no job: nothing is executed</p>\n");
    }
    let about: Vec<String> =
        marks.run.iter().map(|(name, value)| format!("{name} {value}").trim().to_owned()).collect();
    let about = match about.is_empty() {
        true => format!("compiler {}", plan.compiler),
        false => about.join(" · "),
    };
    let warnings: String = plan.diagnostics.iter().fold(String::new(), |mut out, diagnostic| {
        let place = diagnostic.span.map(|span| format!("{}: ", plan.sources.place(span))).unwrap_or_default();
        let _ = write!(out, "<p>warning: {}{}</p>", escape(&place), escape(&diagnostic.message));
        out
    });
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>\n{STYLE}{PAGE_STYLE}</style>\n</head>\n<body>\n<header><h1>{title}</h1><p>{about}</p>{warnings}</header>\n\
         <main>\n<div class=\"drawing\">\n{drawings}</div>\n<div class=\"details\">\n\
         <p class=\"hint\">Click an operator to see its source, what goes through it, and what the compiler decided.</p>\n\
         {details}</div>\n</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        title = escape(script),
        about = escape(&about),
    )
}

/// What is shown when an operator is clicked.
fn section(plan: &Plan, drawn: &Drawn, operator: &Operator, marks: &Marks, out: &mut String) {
    let job = drawn.job;
    let _ = writeln!(
        out,
        "<section id=\"d-{}o{}\">\n<h2>{}</h2>",
        drawn.prefix,
        operator.id.0,
        escape(&print::call(plan, operator))
    );
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |name: &str, value: String| rows.push((name.to_owned(), value));
    if let Some(name) = &operator.name {
        row("name", name.clone());
    }
    row("operator", format!("{} of {}", operator.id.0, drawn.title));
    row("at", plan.sources.place(operator.span));
    if let Some(chain) = job.chains.iter().position(|chain| chain.operators.contains(&operator.id)) {
        row("chain", (chain + 1).to_string());
    } else {
        row("chain", "none: it doesn't run".to_owned());
    }
    row(
        "parallelism",
        match operator.parallelism {
            Parallelism::Known(parallelism) => parallelism.to_string(),
            Parallelism::Default => "the default".to_owned(),
            Parallelism::Opaque => "known when it runs".to_owned(),
        },
    );
    for input in &operator.inputs {
        let from = &job.operators[job.giver(input.operator).index()];
        let how = match input.partition {
            Partition::Forward => "forward",
            Partition::Hash => "exchanged by hash of the key",
            Partition::RoundRobin => "exchanged round robin",
            Partition::ByParallelism => "forward or round robin, by the parallelism",
        };
        row("reads", format!("{} ({}), {how}", print::call(plan, from), from.id.0));
    }
    if let Some(head) = operator.iteration {
        row("feeds back to", head.0.to_string());
    }
    row("elements", operator.elements.clone().unwrap_or_else(|| "not known before it runs".to_owned()));
    for (_, arg) in &operator.args {
        let Arg::Function(id) = arg else { continue };
        let Some(function) = plan.functions.get(id.0 as usize) else { continue };
        row("function", format!("{}: {}", print::function(function), print::mode(plan, function)));
    }
    if let Some(mark) = marks.operators.get(&(drawn.variant, drawn.number, operator.id)) {
        rows.extend(mark.rows.iter().cloned());
    }
    table(&rows, out);
    let decisions: Vec<(String, String)> = job
        .decisions
        .iter()
        .filter(|decision| decision.span == operator.span)
        .map(|decision| (decision.pass.clone(), decision.message.clone()))
        .collect();
    if !decisions.is_empty() {
        out.push_str("<h3>passes</h3>\n");
        table(&decisions, out);
    }
    out.push_str("<h3>source</h3>\n");
    source(plan, operator.span, out);
    for (_, arg) in &operator.args {
        if let Arg::Function(id) = arg
            && let Some(function) = plan.functions.get(id.0 as usize)
            && plan.sources.place(function.span) != plan.sources.place(operator.span)
        {
            let _ = writeln!(out, "<h3>{}</h3>", escape(&print::function(function)));
            source(plan, function.span, out);
        }
    }
    out.push_str("</section>\n");
}

fn table(rows: &[(String, String)], out: &mut String) {
    out.push_str("<table>\n");
    for (name, value) in rows {
        let _ = writeln!(out, "<tr><th>{}</th><td>{}</td></tr>", escape(name), escape(value));
    }
    out.push_str("</table>\n");
}

/// The lines of a span, with some around them.
fn source(plan: &Plan, span: Span, out: &mut String) {
    const AROUND: usize = 2;
    let file = plan.sources.get(span.source);
    let (first, last) = (file.line_column(span.start).0, file.line_column(span.end).0);
    let marked: BTreeSet<usize> = (first..=last).collect();
    let _ = writeln!(out, "<p>{}:{first}</p>\n<pre>", escape(&file.path));
    let from = first.saturating_sub(AROUND).max(1);
    for (at, line) in file.text.lines().enumerate().skip(from - 1).take(last + AROUND + 1 - from) {
        let class = if marked.contains(&(at + 1)) { " class=\"here\"" } else { "" };
        let _ = write!(out, "<span data-line=\"{}\"{class}>{}\u{200b}</span>", at + 1, escape(line));
    }
    out.push_str("</pre>\n");
}
