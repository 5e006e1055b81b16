//! The plan as a person wants to read it, and as JSON for programs.

use crate::model::*;
use crate::{Plan, Severity, Span, file};
use serde_json::{Value, json};
use std::fmt::Write;

/// Jobs, chains, operators with their lines, exchanges, variants and functions. `color` is for a terminal.
pub fn text(plan: &Plan, color: bool) -> String {
    let paint = Paint { color };
    let mut out = String::new();
    let script = plan.sources.files.first().map_or("", |file| &file.path);
    let recorded = if plan.recorded { ", recorded" } else { "" };
    // Writing to a String can't fail.
    let _ = writeln!(out, "{} of {script} (compiler {}{recorded})", paint.bold("plan"), plan.compiler);
    for (number, variant) in plan.variants.iter().enumerate() {
        if plan.variants.len() > 1 {
            let when: Vec<String> = variant.when.iter().map(|condition| self::condition(plan, condition)).collect();
            let when = if when.is_empty() { "otherwise".to_owned() } else { when.join(" and ") };
            let _ = writeln!(out, "\n{} {}: {when}", paint.bold("variant"), number + 1);
        }
        if variant.jobs.is_empty() {
            out.push_str("\nno job: nothing is executed\n");
        }
        for (number, job) in variant.jobs.iter().enumerate() {
            let name = job.name.as_ref().map(|name| format!(" {name:?}")).unwrap_or_default();
            let place = plan.sources.place(job.span);
            let _ = writeln!(out, "\n{} {}{name}, executed at {place}", paint.bold("job"), number + 1);
            self::job(plan, job, &paint, &mut out);
        }
    }
    if !plan.functions.is_empty() {
        let _ = writeln!(out, "\n{}", paint.bold("functions"));
        let names: Vec<String> = plan.functions.iter().map(function).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        for (of, name) in plan.functions.iter().zip(names) {
            let place = plan.sources.place(of.span);
            let mode = mode(plan, of);
            let _ = writeln!(out, "  {name:width$}  {}  {mode}", paint.dim(&place));
        }
    }
    for diagnostic in &plan.diagnostics {
        let place = diagnostic.span.map(|span| format!(" at {}", plan.sources.place(span))).unwrap_or_default();
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let _ = writeln!(out, "\n{}{place}: {}", paint.warn(severity), diagnostic.message);
    }
    out
}

fn condition(plan: &Plan, condition: &Condition) -> String {
    let not = if condition.taken { "" } else { "not " };
    format!("{not}({}) at {}", condition.text, plan.sources.place(condition.span))
}

/// `Class.method`, or the name of a plain function.
pub fn function(function: &Function) -> String {
    match function.method.as_str() {
        "" => function.name.clone(),
        method => format!("{}.{method}", function.name),
    }
}

/// How a function will run, with the reason.
pub fn mode(plan: &Plan, function: &Function) -> String {
    let because = |reason: &Reason| format!("{reason} ({})", line(plan, reason.span, function.span));
    match &function.mode {
        Mode::Native => "native".to_owned(),
        Mode::Guarded => "native, guarded".to_owned(),
        Mode::Late(reason) => format!("native once types are known: {}", because(reason)),
        Mode::Python(reason) => format!("python: {}", because(reason)),
    }
}

/// `line 12`, with the file if that isn't the one of `near`.
pub fn line(plan: &Plan, span: Span, near: Span) -> String {
    match span.source == near.source {
        true => format!("line {}", plan.sources.line(span)),
        false => plan.sources.place(span),
    }
}

fn job(plan: &Plan, job: &Job, paint: &Paint, out: &mut String) {
    for (number, chain) in job.chains.iter().enumerate() {
        let _ = writeln!(out, "  {} {}", paint.bold("chain"), number + 1);
        let mut before = None;
        for id in &chain.operators {
            self::operator(plan, &job.operators[id.index()], before, job, paint, out);
            before = Some(*id);
        }
    }
    let not_run = |operator: &&Operator| operator.same_as.is_some() || job.pruned.contains(&operator.id);
    if job.operators.iter().any(|operator| not_run(&operator)) {
        let _ = writeln!(out, "  {}", paint.bold("not run"));
        for operator in job.operators.iter().filter(not_run) {
            self::operator(plan, operator, None, job, paint, out);
        }
    }
    if !job.decisions.is_empty() {
        let _ = writeln!(out, "  {}", paint.bold("passes"));
        let width = job.decisions.iter().map(|decision| decision.pass.len()).max().unwrap_or(0);
        for decision in &job.decisions {
            let _ = writeln!(out, "    {:width$}  {}", decision.pass, decision.message);
        }
    }
}

fn operator(plan: &Plan, operator: &Operator, before: Option<OperatorId>, job: &Job, paint: &Paint, out: &mut String) {
    let _ = write!(out, "    {:>3}  {}", operator.id.0, call(plan, operator));
    if let Some(name) = &operator.name {
        let _ = write!(out, " {name:?}");
    }
    match operator.parallelism {
        Parallelism::Known(1) | Parallelism::Default => {}
        Parallelism::Known(parallelism) => {
            let _ = write!(out, " ×{parallelism}");
        }
        Parallelism::Opaque => out.push_str(" ×?"),
    }
    if let Some(fused) = job.fused.iter().find(|fused| fused.function == operator.id) {
        let _ = write!(out, " in {}", fused.window.0);
    }
    let inputs: Vec<String> = operator
        .inputs
        .iter()
        .map(|input| (job.giver(input.operator), input.partition))
        .filter(|(from, _)| operator.inputs.len() > 1 || before != Some(*from))
        .map(|(from, partition)| match partition {
            Partition::Forward | Partition::ByParallelism => from.0.to_string(),
            partition => format!("{} ({})", from.0, file::partition(partition).replace('_', " ")),
        })
        .collect();
    if !inputs.is_empty() {
        let _ = write!(out, "  ← {}", inputs.join(", "));
    }
    if let Some(same) = operator.same_as {
        let _ = write!(out, " same as {}", same.0);
    }
    if let Some(head) = operator.iteration {
        let _ = write!(out, "  ↺ {}", head.0);
    }
    if let Some(elements) = operator.elements.as_ref().filter(|_| !operator.kind.is_sink()) {
        let _ = write!(out, "  : {elements}");
    }
    let line = plan.sources.line(operator.span);
    let _ = writeln!(out, "  {}", paint.dim(&format!("line {line}")));
}

/// The call as it would be written, with arguments shortened.
pub fn call(plan: &Plan, operator: &Operator) -> String {
    let arg = |arg: &Arg| match arg {
        Arg::Known(literal) => {
            let text = literal.to_string();
            match text.char_indices().nth(40) {
                Some((at, _)) => format!("{}…", &text[..at]),
                None => text,
            }
        }
        Arg::Function(id) => function(&plan.functions[id.0 as usize]),
        Arg::Opaque(span) => {
            let snippet = plan.sources.snippet(*span).lines().next().unwrap_or("");
            match snippet.char_indices().nth(40) {
                Some((at, _)) => format!("‹{}…›", &snippet[..at]),
                None => format!("‹{snippet}›"),
            }
        }
    };
    let none = |value: &Arg| matches!(value, Arg::Known(crate::Literal::None));
    let args: Vec<String> =
        operator.args.iter().filter(|(_, value)| !none(value)).map(|(_, value)| arg(value)).collect();
    format!("{}({})", operator.kind, args.join(", "))
}

struct Paint {
    color: bool,
}

impl Paint {
    fn with(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.with("2", text)
    }

    fn warn(&self, text: &str) -> String {
        self.with("1;33", text)
    }
}

/// The plan for programs: what [`text`] shows, with kinds, arguments, inputs and places by name. Sources are left out.
pub fn json(plan: &Plan) -> String {
    let place = |span: crate::Span| {
        let file = plan.sources.get(span.source);
        let (line, column) = file.line_column(span.start);
        json!({ "file": file.path, "line": line, "column": column })
    };
    let arg = |arg: &Arg| match arg {
        Arg::Known(literal) => json!({ "value": file::value(literal) }),
        Arg::Function(id) => json!({ "function": id.0 }),
        Arg::Opaque(span) => json!({ "opaque": plan.sources.snippet(*span), "place": place(*span) }),
    };
    let operator = |operator: &Operator| {
        let args: serde_json::Map<String, Value> =
            operator.args.iter().map(|(name, value)| (name.clone(), arg(value))).collect();
        let inputs: Vec<Value> = operator
            .inputs
            .iter()
            .map(|input| json!({ "operator": input.operator.0, "partition": file::partition(input.partition) }))
            .collect();
        json!({
            "id": operator.id.0,
            "kind": operator.kind.name(),
            "name": operator.name,
            "args": args,
            "inputs": inputs,
            "iteration": operator.iteration.map(|head| head.0),
            "elements": operator.elements,
            "same_as": operator.same_as.map(|id| id.0),
            "parallelism": match operator.parallelism {
                Parallelism::Known(parallelism) => json!(parallelism),
                Parallelism::Default => json!("default"),
                Parallelism::Opaque => json!("opaque"),
            },
            "place": place(operator.span),
        })
    };
    let job = |job: &Job| {
        let chains: Vec<Vec<u32>> =
            job.chains.iter().map(|chain| chain.operators.iter().map(|id| id.0).collect()).collect();
        let operators: Vec<Value> = job.operators.iter().map(operator).collect();
        let ids = |ids: &[OperatorId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
        let fused: Vec<Value> = job
            .fused
            .iter()
            .map(|fused| json!({ "key_by": fused.key_by.0, "window": fused.window.0, "function": fused.function.0 }))
            .collect();
        let decisions: Vec<Value> = job
            .decisions
            .iter()
            .map(
                |decision| json!({ "pass": decision.pass, "message": decision.message, "place": place(decision.span) }),
            )
            .collect();
        json!({
            "name": job.name,
            "place": place(job.span),
            "operators": operators,
            "chains": chains,
            "pruned": ids(&job.pruned),
            "fused": fused,
            "decisions": decisions,
        })
    };
    let variant = |variant: &Variant| {
        let when: Vec<Value> = variant
            .when
            .iter()
            .map(|condition| json!({ "condition": condition.text, "taken": condition.taken, "place": place(condition.span) }))
            .collect();
        let jobs: Vec<Value> = variant.jobs.iter().map(job).collect();
        json!({ "when": when, "jobs": jobs })
    };
    let functions: Vec<Value> = plan
        .functions
        .iter()
        .map(|function| {
            let reason = |reason: &Reason| {
                let edit = Some(&reason.why.edit).filter(|edit| !edit.is_empty());
                json!({ "message": reason.to_string(), "edit": edit, "place": place(reason.span) })
            };
            json!({
                "name": function.name,
                "method": function.method,
                "mode": function.mode.name(),
                "reason": function.mode.reason().map(reason),
                "place": place(function.span),
            })
        })
        .collect();
    let diagnostics: Vec<Value> = plan
        .diagnostics
        .iter()
        .map(|diagnostic| {
            json!({
                "severity": diagnostic.severity.name(),
                "code": diagnostic.code,
                "message": diagnostic.message,
                "place": diagnostic.span.map(place),
            })
        })
        .collect();
    let plan = json!({
        "script": plan.sources.files.first().map(|file| file.path.as_str()),
        "compiler": plan.compiler,
        "recorded": plan.recorded,
        "variants": plan.variants.iter().map(variant).collect::<Vec<_>>(),
        "functions": functions,
        "diagnostics": diagnostics,
    });
    let mut text = serde_json::to_string_pretty(&plan).expect("a plan has string keys only");
    text.push('\n');
    text
}
