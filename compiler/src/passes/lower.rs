//! Lowers paths to variants: numbers the functions, slices the jobs, runs the passes with the verifier after each.

use super::{ALL, Report, Selection, lockstep};
use crate::facts::Facts;
use crate::graph::{self, Argument, Execution, Node, Path, Position};
use crate::load::Program;
use crate::{modes, types};
use petgraph::graph::DiGraph;
use pyflink_plan::{
    Arg, Chain, Function, FunctionId, Input, Job, Mode, Operator, OperatorId, OperatorKind, Partition, Plan, Variant,
    verify,
};
use std::rc::Rc;

/// Adds the paths to the plan as variants. The error is a broken invariant of ours, never the script's fault.
pub fn lower(program: &Program, paths: &[Path], passes: &Selection, plan: &mut Plan) -> Result<(), String> {
    for path in paths {
        let mut jobs = Vec::new();
        for execution in &path.executions {
            let mut graph = graph::job(path, execution);
            let facts: Vec<Option<Rc<Facts>>> = graph.node_weights().map(facts).collect();
            let nodes: Vec<&Node> = graph.node_weights().collect();
            let types = types::infer(program, &nodes);
            let modes = modes::find(&nodes, &types);
            for (node, mode) in graph.node_weights_mut().zip(modes) {
                set_mode(node, mode);
            }
            let mut job = plain(&graph, execution, &mut plan.functions);
            for (operator, of) in job.operators.iter_mut().zip(types) {
                operator.elements = of.map(|of| of.to_string());
            }
            verify::job(&job, plan).map_err(|why| format!("after slicing: {why}"))?;
            let mut report = Report { sources: &plan.sources, pass: "lockstep", facts: &facts, decisions: Vec::new() };
            lockstep::find(&mut job, &mut report);
            job.decisions.extend(report.decisions);
            for pass in ALL.iter().filter(|pass| passes.includes(pass)) {
                let mut report =
                    Report { sources: &plan.sources, pass: pass.name, facts: &facts, decisions: Vec::new() };
                (pass.run)(&mut job, &mut report);
                job.decisions.extend(report.decisions);
                verify::job(&job, plan).map_err(|why| format!("after {}: {why}", pass.name))?;
            }
            jobs.push(job);
        }
        plan.variants.push(Variant { when: path.when.clone(), jobs });
    }
    Ok(())
}

/// The job with each operator in a chain of its own, and nothing known of edges but what their kinds say.
fn plain(graph: &DiGraph<Node, Position>, execution: &Execution, functions: &mut Vec<Function>) -> Job {
    let mut operators: Vec<Operator> = Vec::with_capacity(graph.node_count());
    for (at, node) in graph.node_weights().enumerate() {
        let inputs = node.inputs.iter().map(|&input| Input {
            operator: OperatorId(input as u32),
            partition: match graph.raw_nodes()[input].weight.kind {
                OperatorKind::KeyBy => Partition::Hash,
                _ => Partition::ByParallelism,
            },
        });
        operators.push(Operator {
            id: OperatorId(at as u32),
            kind: node.kind,
            inputs: inputs.collect(),
            args: args(node, functions),
            parallelism: node.parallelism,
            name: node.name.clone(),
            span: node.span,
            iteration: node.iteration.map(|head| OperatorId(head as u32)),
            elements: None,
            same_as: None,
        });
    }
    let chains = operators.iter().map(|operator| Chain { operators: vec![operator.id] }).collect();
    Job {
        name: execution.name.clone(),
        span: execution.span,
        operators,
        chains,
        pruned: Vec::new(),
        lockstep: false,
        fused: Vec::new(),
        decisions: Vec::new(),
    }
}

/// Takes down how a node's function will run, if it has one.
fn set_mode(node: &mut Node, mode: Option<Mode>) {
    let Some(mode) = mode else { return };
    for (_, argument) in &mut node.args {
        if let Argument::Function(callable) = argument {
            callable.function.mode = mode.clone();
        }
    }
}

fn facts(node: &Node) -> Option<Rc<Facts>> {
    node.args.iter().find_map(|(_, argument)| match argument {
        Argument::Function(callable) => Some(callable.facts.clone()),
        _ => None,
    })
}

fn args(node: &Node, functions: &mut Vec<Function>) -> Vec<(String, Arg)> {
    let mut number = |function: &Function| {
        let at = functions.iter().position(|known| known == function).unwrap_or_else(|| {
            functions.push(function.clone());
            functions.len() - 1
        });
        FunctionId(at as u32)
    };
    node.args
        .iter()
        .map(|(name, argument)| {
            let arg = match argument {
                Argument::Known(literal) => Arg::Known(literal.clone()),
                Argument::Function(function) => Arg::Function(number(&function.function)),
                Argument::Opaque(span) => Arg::Opaque(*span),
            };
            ((*name).to_owned(), arg)
        })
        .collect()
}
