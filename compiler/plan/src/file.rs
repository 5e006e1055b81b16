//! Plan files: pretty JSON with keys in a fixed order, read back with every error named.
//!
//! The structs here mirror those of [`crate::model`], so that code can change without breaking files. Spans are written
//! as `[source, start, end]` (bytes). Floats that JSON can't hold, big ints and bytes are written as tagged objects. A
//! checksum over the jobs tells an edited plan from a whole one; each source has its own.

use crate::ir::Body;
use crate::model::*;
use crate::{Cause, Diagnostic, Literal, Note, Severity, SourceFile, SourceId, Sources, Span, source, verify};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// Version of the format; a file of another version is refused.
pub const VERSION: u32 = 8;
const FORMAT: &str = "pyflink-plan";

/// Why a file is not a plan that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// Not JSON, or cut off.
    Syntax(String),
    /// JSON, but not a plan file.
    NotAPlan,
    /// Written by a compiler of another format version.
    Version(u64),
    /// A plan file whose content doesn't hold together, so it was edited or damaged.
    Broken(String),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::Syntax(why) => write!(f, "it is not JSON, or cut off: {why}; compile the script again"),
            PlanError::NotAPlan => f.write_str("it is not a plan file; write one with pyflink-compile"),
            PlanError::Version(version) => write!(
                f,
                "it has the format version {version}, and this program reads version {VERSION}; compile the script \
                 again"
            ),
            PlanError::Broken(why) => {
                write!(f, "it was edited or damaged: {why}; compile the script again")
            }
        }
    }
}

impl std::error::Error for PlanError {}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    format: String,
    version: u32,
    compiler: String,
    script: String,
    recorded: bool,
    /// SHA-256 of variants and functions.
    checksum: String,
    sources: Vec<FileSource>,
    variants: Vec<FileVariant>,
    functions: Vec<FileFunction>,
    diagnostics: Vec<FileDiagnostic>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSource {
    path: String,
    module: String,
    is_package: bool,
    sha256: String,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileVariant {
    when: Vec<FileCondition>,
    jobs: Vec<FileJob>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCondition {
    condition: String,
    taken: bool,
    span: FileSpan,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileJob {
    name: Option<String>,
    span: FileSpan,
    operators: Vec<FileOperator>,
    /// Ids of operators, in the order in which a row goes through them.
    chains: Vec<Vec<u32>>,
    pruned: Vec<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    lockstep: bool,
    /// Ids of key_by, window and function.
    fused: Vec<[u32; 3]>,
    decisions: Vec<FileDecision>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDecision {
    pass: String,
    message: String,
    span: FileSpan,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileOperator {
    id: u32,
    kind: String,
    name: Option<String>,
    /// A number, `default` or `opaque`.
    parallelism: Value,
    inputs: Vec<FileInput>,
    args: Vec<FileArg>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iteration: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    elements: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    same_as: Option<u32>,
    line: usize,
    span: FileSpan,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileInput {
    operator: u32,
    partition: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileArg {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    function: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opaque: Option<FileSpan>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileFunction {
    name: String,
    method: String,
    line: usize,
    span: FileSpan,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Body>,
    /// Why there is no body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    python: Option<FileReason>,
    mode: String,
    /// Why it is not native, where that is not for want of a body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<FileReason>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    shares: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    keeps: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileReason {
    message: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    edit: String,
    span: FileSpan,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDiagnostic {
    severity: String,
    code: String,
    message: String,
    label: String,
    span: Option<FileSpan>,
    notes: Vec<FileNote>,
    help: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileNote {
    message: String,
    span: Option<FileSpan>,
}

/// Source, start, end.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct FileSpan(u32, u32, u32);

impl From<Span> for FileSpan {
    fn from(span: Span) -> FileSpan {
        FileSpan(span.source.0, span.start, span.end)
    }
}

impl From<FileSpan> for Span {
    fn from(FileSpan(source, start, end): FileSpan) -> Span {
        Span { source: SourceId(source), start, end }
    }
}

/// The plan as a file's text, with a line end.
pub fn to_string(plan: &Plan) -> String {
    let sources = &plan.sources;
    let variants: Vec<FileVariant> = plan.variants.iter().map(|variant| file_variant(variant, sources)).collect();
    let functions: Vec<FileFunction> = plan
        .functions
        .iter()
        .map(|function| FileFunction {
            name: function.name.clone(),
            method: function.method.clone(),
            line: sources.line(function.span),
            span: function.span.into(),
            body: function.body.as_ref().ok().cloned(),
            python: function.body.as_ref().err().map(file_reason),
            mode: function.mode.name().to_owned(),
            reason: function.mode.reason().filter(|_| function.body.is_ok()).map(file_reason),
            shares: function.shares,
            keeps: function.keeps,
        })
        .collect();
    let file = PlanFile {
        format: FORMAT.to_owned(),
        version: VERSION,
        compiler: plan.compiler.clone(),
        script: sources.files.first().map(|file| file.path.clone()).unwrap_or_default(),
        recorded: plan.recorded,
        checksum: checksum(&variants, &functions),
        sources: sources
            .files
            .iter()
            .map(|file| FileSource {
                path: file.path.clone(),
                module: file.module.clone(),
                is_package: file.is_package,
                sha256: file.sha256(),
                text: file.text.clone(),
            })
            .collect(),
        variants,
        functions,
        diagnostics: plan.diagnostics.iter().map(file_diagnostic).collect(),
    };
    let mut text = serde_json::to_string_pretty(&file).expect("a plan has string keys only");
    text.push('\n');
    text
}

fn file_reason(reason: &Reason) -> FileReason {
    FileReason { message: reason.why.message.clone(), edit: reason.why.edit.clone(), span: reason.span.into() }
}

fn checksum(variants: &[FileVariant], functions: &[FileFunction]) -> String {
    let text = serde_json::to_vec(&(variants, functions)).expect("a plan has string keys only");
    source::digest(&[&text])
}

fn file_variant(variant: &Variant, sources: &Sources) -> FileVariant {
    let condition = |condition: &Condition| FileCondition {
        condition: condition.text.clone(),
        taken: condition.taken,
        span: condition.span.into(),
    };
    let job = |job: &Job| FileJob {
        name: job.name.clone(),
        span: job.span.into(),
        operators: job.operators.iter().map(|operator| file_operator(operator, sources)).collect(),
        chains: job.chains.iter().map(|chain| chain.operators.iter().map(|id| id.0).collect()).collect(),
        pruned: job.pruned.iter().map(|id| id.0).collect(),
        lockstep: job.lockstep,
        fused: job.fused.iter().map(|fused| [fused.key_by.0, fused.window.0, fused.function.0]).collect(),
        decisions: job
            .decisions
            .iter()
            .map(|decision| FileDecision {
                pass: decision.pass.clone(),
                message: decision.message.clone(),
                span: decision.span.into(),
            })
            .collect(),
    };
    FileVariant { when: variant.when.iter().map(condition).collect(), jobs: variant.jobs.iter().map(job).collect() }
}

fn file_operator(operator: &Operator, sources: &Sources) -> FileOperator {
    let arg = |(name, arg): &(String, Arg)| {
        let mut file = FileArg { name: name.clone(), value: None, function: None, opaque: None };
        match arg {
            Arg::Known(literal) => file.value = Some(value(literal)),
            Arg::Function(function) => file.function = Some(function.0),
            Arg::Opaque(span) => file.opaque = Some((*span).into()),
        }
        file
    };
    FileOperator {
        id: operator.id.0,
        kind: operator.kind.name().to_owned(),
        name: operator.name.clone(),
        parallelism: match operator.parallelism {
            Parallelism::Known(parallelism) => json!(parallelism),
            Parallelism::Default => json!("default"),
            Parallelism::Opaque => json!("opaque"),
        },
        inputs: operator
            .inputs
            .iter()
            .map(|input| FileInput { operator: input.operator.0, partition: partition(input.partition).to_owned() })
            .collect(),
        args: operator.args.iter().map(arg).collect(),
        iteration: operator.iteration.map(|head| head.0),
        elements: operator.elements.clone(),
        same_as: operator.same_as.map(|id| id.0),
        line: sources.line(operator.span),
        span: operator.span.into(),
    }
}

fn file_diagnostic(diagnostic: &Diagnostic) -> FileDiagnostic {
    let note = |note: &Note| FileNote { message: note.message.clone(), span: note.span.map(FileSpan::from) };
    FileDiagnostic {
        severity: diagnostic.severity.name().to_owned(),
        code: diagnostic.code.clone(),
        message: diagnostic.message.clone(),
        label: diagnostic.label.clone(),
        span: diagnostic.span.map(FileSpan::from),
        notes: diagnostic.notes.iter().map(note).collect(),
        help: diagnostic.help.clone(),
    }
}

/// The name of a partition in plan files and in `pyflink-inspect`.
pub fn partition(partition: Partition) -> &'static str {
    match partition {
        Partition::Forward => "forward",
        Partition::RoundRobin => "round_robin",
        Partition::Hash => "hash",
        Partition::ByParallelism => "by_parallelism",
    }
}

/// JSON for a literal. What JSON has no form for is an object with one key: `$int`, `$float`, `$bytes`, `$tuple`, `$dict`.
/// `None` is `{"$none": null}`, so that a value is told from a missing one.
pub fn value(literal: &Literal) -> Value {
    let all = |items: &[Literal]| Value::Array(items.iter().map(value).collect());
    match literal {
        Literal::None => json!({ "$none": null }),
        Literal::Bool(value) => json!(value),
        Literal::Int(value) => match i64::try_from(value) {
            Ok(small) => json!(small),
            Err(_) => json!({ "$int": value.to_string() }),
        },
        Literal::Float(value) => json!({ "$float": format!("{value:?}") }),
        Literal::Str(text) => json!(text),
        Literal::Bytes(bytes) => json!({ "$bytes": bytes }),
        Literal::Tuple(items) => json!({ "$tuple": all(items) }),
        Literal::List(items) => all(items),
        Literal::Dict(pairs) => {
            let pairs: Vec<Value> = pairs.iter().map(|(key, item)| json!([value(key), value(item)])).collect();
            json!({ "$dict": pairs })
        }
    }
}

fn literal(value: &Value) -> Result<Literal, PlanError> {
    let broken = || PlanError::Broken(format!("{value} is no value"));
    let all = |items: &[Value]| items.iter().map(literal).collect::<Result<Vec<_>, _>>();
    Ok(match value {
        Value::Bool(value) => Literal::Bool(*value),
        Value::Number(number) => Literal::int(number.as_i64().ok_or_else(broken)?),
        Value::String(text) => Literal::str(text.as_str()),
        Value::Array(items) => Literal::List(all(items)?),
        Value::Null => return Err(broken()),
        Value::Object(object) => match object.iter().next() {
            Some((tag, Value::Null)) if tag == "$none" => Literal::None,
            Some((tag, Value::String(text))) if tag == "$int" => Literal::Int(text.parse().map_err(|_| broken())?),
            Some((tag, Value::String(text))) if tag == "$float" => Literal::Float(text.parse().map_err(|_| broken())?),
            Some((tag, Value::Array(items))) if tag == "$bytes" => {
                let byte = |item: &Value| item.as_u64().and_then(|byte| u8::try_from(byte).ok());
                Literal::Bytes(items.iter().map(byte).collect::<Option<_>>().ok_or_else(broken)?)
            }
            Some((tag, Value::Array(items))) if tag == "$tuple" => Literal::Tuple(all(items)?),
            Some((tag, Value::Array(items))) if tag == "$dict" => {
                let pair = |item: &Value| match item.as_array().map(Vec::as_slice) {
                    Some([key, item]) => Ok((literal(key)?, literal(item)?)),
                    _ => Err(broken()),
                };
                Literal::Dict(items.iter().map(pair).collect::<Result<_, _>>()?)
            }
            _ => return Err(broken()),
        },
    })
}

/// Reads a plan file and verifies it.
pub fn parse(text: &str) -> Result<Plan, PlanError> {
    // Format and version first: a file of another version may have other fields.
    let raw: Value = serde_json::from_str(text).map_err(|error| PlanError::Syntax(error.to_string()))?;
    if raw["format"] != FORMAT {
        return Err(PlanError::NotAPlan);
    }
    match raw["version"].as_u64() {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => return Err(PlanError::Version(version)),
        None => return Err(PlanError::NotAPlan),
    }
    let broken = |error: serde_json::Error| PlanError::Broken(error.to_string());
    let file: PlanFile = serde_json::from_str(text).map_err(broken)?;
    for source in &file.sources {
        if source::digest(&[source.text.as_bytes()]) != source.sha256 {
            return Err(PlanError::Broken(format!("the source of {} is not the one that was compiled", source.path)));
        }
    }
    if checksum(&file.variants, &file.functions) != file.checksum {
        return Err(PlanError::Broken("its jobs are not those that were compiled".to_owned()));
    }
    let plan = Plan {
        compiler: file.compiler,
        recorded: file.recorded,
        sources: Sources { files: file.sources.into_iter().map(source_file).collect() },
        variants: file.variants.into_iter().map(model_variant).collect::<Result<_, _>>()?,
        functions: file.functions.into_iter().map(model_function).collect::<Result<_, _>>()?,
        diagnostics: file.diagnostics.into_iter().map(model_diagnostic).collect::<Result<_, _>>()?,
    };
    verify::plan(&plan).map_err(PlanError::Broken)?;
    Ok(plan)
}

fn model_function(file: FileFunction) -> Result<Function, PlanError> {
    let wrong = format!("the function {} can't have the mode {:?}", file.name, file.mode);
    let broken = || PlanError::Broken(wrong.clone());
    let reason = |reason: FileReason| Cause { message: reason.message, edit: reason.edit }.at(reason.span.into());
    let body = match (file.body, file.python) {
        (Some(body), None) => Ok(body),
        (None, Some(python)) => Err(reason(python)),
        _ => return Err(broken()),
    };
    let mode = match (file.mode.as_str(), file.reason, &body) {
        ("native", None, Ok(_)) => Mode::Native,
        ("guarded", None, Ok(_)) => Mode::Guarded,
        ("late", Some(late), Ok(_)) => Mode::Late(reason(late)),
        ("python", Some(python), Ok(_)) => Mode::Python(reason(python)),
        ("python", None, Err(python)) => Mode::Python(python.clone()),
        _ => return Err(broken()),
    };
    let (shares, keeps) = (file.shares, file.keeps);
    Ok(Function { name: file.name, method: file.method, span: file.span.into(), body, mode, shares, keeps })
}

fn source_file(file: FileSource) -> SourceFile {
    SourceFile { path: file.path, module: file.module, is_package: file.is_package, text: file.text }
}

fn model_variant(variant: FileVariant) -> Result<Variant, PlanError> {
    let condition = |condition: FileCondition| Condition {
        span: condition.span.into(),
        text: condition.condition,
        taken: condition.taken,
    };
    let job = |job: FileJob| -> Result<Job, PlanError> {
        Ok(Job {
            name: job.name,
            span: job.span.into(),
            operators: job.operators.into_iter().map(model_operator).collect::<Result<_, _>>()?,
            chains: job
                .chains
                .into_iter()
                .map(|chain| Chain { operators: chain.into_iter().map(OperatorId).collect() })
                .collect(),
            pruned: job.pruned.into_iter().map(OperatorId).collect(),
            lockstep: job.lockstep,
            fused: job
                .fused
                .into_iter()
                .map(|[key_by, window, function]| Fusion {
                    key_by: OperatorId(key_by),
                    window: OperatorId(window),
                    function: OperatorId(function),
                })
                .collect(),
            decisions: job
                .decisions
                .into_iter()
                .map(|decision| Decision { pass: decision.pass, message: decision.message, span: decision.span.into() })
                .collect(),
        })
    };
    Ok(Variant {
        when: variant.when.into_iter().map(condition).collect(),
        jobs: variant.jobs.into_iter().map(job).collect::<Result<_, _>>()?,
    })
}

fn model_operator(operator: FileOperator) -> Result<Operator, PlanError> {
    let broken = |what: String| PlanError::Broken(format!("operator {}: {what}", operator.id));
    let kind = OperatorKind::from_name(&operator.kind).ok_or_else(|| broken(format!("no kind {:?}", operator.kind)))?;
    let parallelism = match &operator.parallelism {
        Value::String(text) if text == "default" => Parallelism::Default,
        Value::String(text) if text == "opaque" => Parallelism::Opaque,
        number => match number.as_u64().and_then(|number| u32::try_from(number).ok()) {
            Some(parallelism) if parallelism >= 1 => Parallelism::Known(parallelism),
            _ => return Err(broken(format!("no parallelism {number}"))),
        },
    };
    let input = |input: &FileInput| {
        let all = [Partition::Forward, Partition::RoundRobin, Partition::Hash, Partition::ByParallelism];
        let found = all.into_iter().find(|known| partition(*known) == input.partition);
        match found {
            Some(partition) => Ok(Input { operator: OperatorId(input.operator), partition }),
            None => Err(broken(format!("no partition {:?}", input.partition))),
        }
    };
    let arg = |arg: &FileArg| {
        let value = match (&arg.value, arg.function, arg.opaque) {
            (Some(value), None, None) => Arg::Known(literal(value)?),
            (None, Some(function), None) => Arg::Function(FunctionId(function)),
            (None, None, Some(span)) => Arg::Opaque(span.into()),
            _ => return Err(broken(format!("the argument {} has no value, or several", arg.name))),
        };
        Ok((arg.name.clone(), value))
    };
    Ok(Operator {
        id: OperatorId(operator.id),
        kind,
        inputs: operator.inputs.iter().map(input).collect::<Result<_, _>>()?,
        args: operator.args.iter().map(arg).collect::<Result<_, _>>()?,
        parallelism,
        name: operator.name.clone(),
        span: operator.span.into(),
        iteration: operator.iteration.map(OperatorId),
        elements: operator.elements.clone(),
        same_as: operator.same_as.map(OperatorId),
    })
}

fn model_diagnostic(file: FileDiagnostic) -> Result<Diagnostic, PlanError> {
    let severity = match file.severity.as_str() {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        other => return Err(PlanError::Broken(format!("no severity {other:?}"))),
    };
    let note = |note: FileNote| Note { span: note.span.map(Span::from), message: note.message };
    Ok(Diagnostic {
        severity,
        code: file.code,
        message: file.message,
        span: file.span.map(Span::from),
        label: file.label,
        notes: file.notes.into_iter().map(note).collect(),
        help: file.help,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Plan {
        let text = "def main(factory):\n    factory.get_execution_environment().from_elements(1).output()\n".to_owned();
        let file = SourceFile { path: "job.py".to_owned(), module: "job".to_owned(), is_package: false, text };
        let span = Span { source: SourceId(0), start: 58, end: 74 };
        let literals = vec![
            Literal::None,
            Literal::Int("123456789012345678901234567890".parse().unwrap()),
            Literal::Float(f64::INFINITY),
            Literal::Float(0.1),
            Literal::Bytes(vec![0, 255]),
            Literal::Tuple(vec![Literal::str("a"), Literal::Bool(true)]),
            Literal::Dict(vec![(Literal::int(1), Literal::List(vec![]))]),
        ];
        let operator = |id: u32, kind, inputs, args| Operator {
            id: OperatorId(id),
            kind,
            inputs,
            args,
            parallelism: if id == 0 { Parallelism::Known(1) } else { Parallelism::Default },
            name: None,
            span,
            iteration: None,
            elements: None,
            same_as: None,
        };
        let input = Input { operator: OperatorId(0), partition: Partition::ByParallelism };
        let elements = vec![("elements".to_owned(), Arg::Known(Literal::List(literals)))];
        let job = Job {
            name: Some("n".to_owned()),
            span,
            operators: vec![
                operator(0, OperatorKind::FromElements, vec![], elements),
                operator(1, OperatorKind::Output, vec![input], vec![("identifier".to_owned(), Arg::Opaque(span))]),
            ],
            chains: vec![Chain { operators: vec![OperatorId(0)] }, Chain { operators: vec![OperatorId(1)] }],
            pruned: Vec::new(),
            lockstep: true,
            fused: Vec::new(),
            decisions: vec![Decision { pass: "chain".to_owned(), message: "m".to_owned(), span }],
        };
        let when = vec![Condition { span, text: "x".to_owned(), taken: true }];
        Plan {
            compiler: "0".to_owned(),
            sources: Sources { files: vec![file] },
            recorded: false,
            variants: vec![Variant { when, jobs: vec![job] }],
            functions: vec![],
            diagnostics: vec![Diagnostic::warning("dead-end", "m").at(span).label("l").note(span, "n").help("h")],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let plan = sample();
        let text = to_string(&plan);
        assert_eq!(parse(&text), Ok(plan.clone()));
        assert_eq!(text, to_string(&plan));
    }

    #[test]
    fn each_kind_of_damage_has_its_error() {
        let text = to_string(&sample());
        assert!(matches!(parse(&text[..text.len() / 2]), Err(PlanError::Syntax(_))));
        assert_eq!(parse("{}"), Err(PlanError::NotAPlan));
        assert_eq!(parse("[1]"), Err(PlanError::NotAPlan));
        assert_eq!(
            parse(&text.replace(&format!("\"version\": {VERSION}"), "\"version\": 77")),
            Err(PlanError::Version(77))
        );
        let edits =
            [("output()", "print()"), ("\"output\"", "\"map\""), ("\"default\"", "2"), ("\"recorded\"", "\"rec\"")];
        for (from, to) in edits {
            assert!(text.contains(from));
            let edited = parse(&text.replace(from, to));
            assert!(matches!(edited, Err(PlanError::Broken(_))), "{from}: {edited:?}");
        }
    }
}
