//! What is drawn of a plan, whatever draws it: jobs, boxes and edges.

use pyflink_plan::{Arg, Condition, Job, Mode, Operator, OperatorId, Parallelism, Partition, Plan, print};

/// A job with its title, and a prefix that keeps the names of its boxes apart from those of other jobs.
pub struct Drawn<'a> {
    pub title: String,
    pub prefix: String,
    /// Positions in the plan, from 0.
    pub variant: usize,
    pub number: usize,
    pub job: &'a Job,
}

pub fn jobs(plan: &Plan) -> impl Iterator<Item = Drawn<'_>> {
    let several = plan.variants.len() > 1;
    plan.variants.iter().enumerate().flat_map(move |(variant, of)| {
        of.jobs.iter().enumerate().map(move |(number, job)| {
            let condition = |condition: &Condition| {
                let not = if condition.taken { "" } else { "not " };
                format!("{not}{}", condition.text)
            };
            let when: Vec<String> = of.when.iter().map(condition).collect();
            let when = if when.is_empty() { "otherwise".to_owned() } else { when.join(" and ") };
            let of = if several { format!("variant {} ({when}), ", variant + 1) } else { String::new() };
            let name = job.name.as_ref().map(|name| format!(": {name}")).unwrap_or_default();
            let title = format!("{of}job {}{name}", number + 1);
            Drawn { title, prefix: format!("v{variant}j{number}"), variant, number, job }
        })
    })
}

/// True if CPython runs a function of the operator.
pub fn in_python(plan: &Plan, operator: &Operator) -> bool {
    operator.args.iter().any(|(_, arg)| match arg {
        Arg::Function(id) => {
            plan.functions.get(id.0 as usize).is_none_or(|function| matches!(function.mode, Mode::Python(_)))
        }
        _ => false,
    })
}

/// How the operator's function will run, in a word or two.
fn mode(plan: &Plan, operator: &Operator) -> Option<&'static str> {
    let function = operator.args.iter().find_map(|(_, arg)| match arg {
        Arg::Function(id) => Some(plan.functions.get(id.0 as usize)),
        _ => None,
    })?;
    Some(match function.map(|function| &function.mode) {
        Some(Mode::Native) => "native",
        Some(Mode::Guarded) => "native, guarded",
        Some(Mode::Late(_)) => "native once types are known",
        Some(Mode::Python(_)) | None => "Python",
    })
}

/// One edge as it is drawn.
pub struct Edge {
    pub from: OperatorId,
    pub to: OperatorId,
    /// Empty for rows that stay where they are.
    pub label: &'static str,
    pub feedback: bool,
}

pub fn edges(job: &Job) -> Vec<Edge> {
    let mut edges = Vec::new();
    for operator in job.operators.iter().filter(|operator| operator.same_as.is_none()) {
        for input in &operator.inputs {
            let label = match input.partition {
                Partition::Hash => "hash",
                Partition::RoundRobin => "round robin",
                Partition::Forward | Partition::ByParallelism => "",
            };
            edges.push(Edge { from: job.giver(input.operator), to: operator.id, label, feedback: false });
        }
        edges.extend(operator.iteration.map(|head| Edge {
            from: operator.id,
            to: head,
            label: "feedback",
            feedback: true,
        }));
    }
    // What a shared operator gives to one reader twice is one line.
    let mut seen = std::collections::BTreeSet::new();
    edges.retain(|edge| seen.insert((edge.from, edge.to, edge.feedback)));
    edges
}

/// The operators that have a box: not those that are the same as another one.
pub fn boxes(job: &Job) -> impl Iterator<Item = &Operator> {
    job.operators.iter().filter(|operator| operator.same_as.is_none())
}

/// Name, line and mode: what stands in an operator's box, line by line.
pub fn label(plan: &Plan, operator: &Operator) -> Vec<String> {
    let mut lines = vec![print::call(plan, operator)];
    if let Some(name) = &operator.name {
        lines[0] = format!("{name}: {}", lines[0]);
    }
    let parallelism = match operator.parallelism {
        Parallelism::Known(1) | Parallelism::Default => String::new(),
        Parallelism::Known(parallelism) => format!(" ×{parallelism}"),
        Parallelism::Opaque => " ×?".to_owned(),
    };
    let elements = match &operator.elements {
        Some(elements) if !operator.kind.is_sink() => format!(": {elements}"),
        _ => String::new(),
    };
    lines.push(format!("line {}{parallelism}{elements}", plan.sources.line(operator.span)));
    lines.extend(mode(plan, operator).map(str::to_owned));
    lines
}
