//! The second front end: the path that a run of `main` took, as the recorder noted it (JSON).

use crate::facts::Callable;
use crate::graph::{Argument, Environment, Execution, Node, Path};
use pyflink_plan::{Function, Literal, Mode, OperatorKind, Parallelism, Reason, SourceId, Sources, Span};
use serde_json::Value;
use std::rc::Rc;

/// Reads a recording. The error says what in it isn't as expected.
pub fn read(recording: &str, sources: &Sources) -> Result<Path, String> {
    let recording: Value = serde_json::from_str(recording).map_err(|error| error.to_string())?;
    let mut path = Path::default();
    let jobs = recording["jobs"].as_array().ok_or("it lists no jobs")?;
    for job in jobs {
        let mut nodes = Vec::new();
        for node in job["nodes"].as_array().ok_or("a job lists no nodes")? {
            nodes.push(self::node(node, sources)?);
        }
        let span = place(job, sources);
        let since = index(&job["since"])?;
        // Each job brings the nodes of its environment so far; one environment a job is enough to say what it runs.
        path.executions.push(Execution {
            environment: path.environments.len(),
            since,
            until: nodes.len(),
            name: job["name"].as_str().map(str::to_owned),
            span,
        });
        path.environments.push(Environment { span, nodes, incomplete: false });
    }
    Ok(path)
}

fn index(value: &Value) -> Result<usize, String> {
    value.as_u64().and_then(|value| usize::try_from(value).ok()).ok_or_else(|| format!("{value} is no index"))
}

fn node(node: &Value, sources: &Sources) -> Result<Node, String> {
    let kind = node["kind"].as_str().and_then(OperatorKind::from_name);
    let kind = kind.ok_or_else(|| format!("{} is no operator", node["kind"]))?;
    let inputs = node["inputs"].as_array().ok_or("a node lists no inputs")?;
    let span = place(node, sources);
    let mut args = Vec::new();
    for &name in kind.parameters() {
        let arg = &node["args"][name];
        args.push((name, argument(arg, span, sources)));
    }
    Ok(Node {
        kind,
        inputs: inputs.iter().map(index).collect::<Result<_, _>>()?,
        args,
        parallelism: match node["parallelism"].as_u64() {
            Some(parallelism) => Parallelism::Known(parallelism as u32),
            None => Parallelism::Default,
        },
        name: node["name"].as_str().map(str::to_owned),
        span,
        iteration: match &node["iteration"] {
            Value::Null => None,
            iteration => Some(index(iteration)?),
        },
        escaped: false,
    })
}

fn argument(arg: &Value, span: Span, sources: &Sources) -> Argument {
    if let Some(known) = arg.get("known").and_then(literal) {
        return Argument::Known(known);
    }
    match arg.get("function") {
        Some(function) => {
            let at = if function["line"].as_u64() == Some(0) { span } else { place(function, sources) };
            let body =
                Err(Reason::new("a recording has no bodies of functions", "compile the script without --record", at));
            let function = Function {
                name: function["name"].as_str().unwrap_or("function").to_owned(),
                method: function["method"].as_str().unwrap_or_default().to_owned(),
                span: at,
                mode: Mode::of(&body, at),
                // What it does isn't known.
                shares: true,
                keeps: true,
                body,
            };
            Argument::Function(Box::new(Callable { function, facts: Rc::default() }))
        }
        None => Argument::Opaque(span),
    }
}

fn literal(value: &Value) -> Option<Literal> {
    Some(match value {
        Value::Null => Literal::None,
        Value::Bool(value) => Literal::Bool(*value),
        Value::Number(number) => Literal::int(number.as_i64()?),
        Value::String(text) => Literal::str(text.as_str()),
        Value::Array(items) => Literal::List(items.iter().map(literal).collect::<Option<_>>()?),
        Value::Object(_) => return None,
    })
}

/// The line that a recorded `file` and `line` mean; the whole script if it is none of its files.
fn place(value: &Value, sources: &Sources) -> Span {
    let file = value["file"].as_str().unwrap_or_default();
    let line = value["line"].as_u64().unwrap_or(0).max(1) as usize;
    let matches = |path: &str| file == path || std::path::Path::new(file).ends_with(path.trim_start_matches("./"));
    let source = sources.files.iter().position(|known| matches(&known.path)).unwrap_or(0);
    let text = sources.files.get(source).map_or("", |file| &file.text);
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let written = text[start..].lines().next().unwrap_or("");
    let indent = written.len() - written.trim_start().len();
    let start = start + indent;
    let end = start + written.trim().len();
    Span { source: SourceId(source as u32), start: start as u32, end: end as u32 }
}
