//! Binding: finds the job of the plan that `main` has just built, and gives it the real arguments.
//!
//! The recorder's nodes are compared with the plan's variants by topology: kinds, inputs and loops. Jobs of a script
//! come in order, so a variant that did not fit an earlier job is out.

use pyflink_plan::slice::{self, Shape};
use pyflink_plan::{Input, Job, Operator, OperatorId, OperatorKind, Plan};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::sync::Arc;

pub struct Binder {
    plan: Arc<Plan>,
    /// Variants that fitted all jobs so far.
    fitting: Vec<usize>,
    /// Jobs executed so far.
    executed: usize,
}

/// A job of the plan and, per operator, what the recorder has for it.
pub struct BoundJob {
    /// Positions in the plan, from 0.
    pub variant: usize,
    pub number: usize,
    pub job: Job,
    pub plan: Arc<Plan>,
    pub nodes: Vec<Node>,
}

/// A recorded call.
pub struct Node {
    /// The recorder's own object.
    pub object: Py<PyAny>,
    pub args: Py<PyDict>,
    /// `None`: the default.
    pub parallelism: Option<u32>,
    kind: OperatorKind,
    inputs: Vec<usize>,
    iteration: Option<usize>,
    place: String,
}

impl Node {
    fn extract(object: &Bound<'_, PyAny>) -> PyResult<Node> {
        let kind: String = object.getattr("kind")?.extract()?;
        let kind = OperatorKind::from_name(&kind)
            .ok_or_else(|| pyo3::exceptions::PyRuntimeError::new_err(format!("no operator is called {kind}")))?;
        let (file, line): (String, u32) = (object.getattr("file")?.extract()?, object.getattr("line")?.extract()?);
        Ok(Node {
            object: object.clone().unbind(),
            args: object.getattr("args")?.cast_into::<PyDict>()?.unbind(),
            parallelism: object.getattr("parallelism")?.extract()?,
            kind,
            inputs: object.getattr("inputs")?.extract()?,
            iteration: object.getattr("iteration")?.extract()?,
            place: format!("{file}:{line}"),
        })
    }

    fn shape(&self) -> Shape {
        Shape { inputs: self.inputs.clone(), iteration: self.iteration, is_sink: self.kind.is_sink() }
    }
}

impl Binder {
    pub fn new(plan: Arc<Plan>) -> Binder {
        Binder { fitting: (0..plan.variants.len()).collect(), plan, executed: 0 }
    }

    pub fn shared_plan(&self) -> Arc<Plan> {
        self.plan.clone()
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Jobs executed so far.
    pub fn executed(&self) -> usize {
        self.executed
    }

    /// Finds the job that `execute()` starts. The error says which call differs.
    pub fn bind(&mut self, nodes: &Bound<'_, PyList>, since: usize) -> PyResult<Result<BoundJob, String>> {
        let mut nodes = nodes.iter().map(|node| Node::extract(&node)).collect::<PyResult<Vec<Node>>>()?;
        let shapes: Vec<Shape> = nodes.iter().map(Node::shape).collect();
        let included = slice::job(&shapes, since);
        let renumbered = |old: usize| included.binary_search(&old).unwrap_or(usize::MAX);
        for node in &mut nodes {
            node.inputs.iter_mut().for_each(|input| *input = renumbered(*input));
            node.iteration = node.iteration.map(renumbered);
        }
        let mut wanted = included.iter().copied().peekable();
        let nodes: Vec<Node> =
            nodes.into_iter().enumerate().filter_map(|(at, node)| wanted.next_if_eq(&at).map(|_| node)).collect();
        Ok(self.find(nodes))
    }

    fn find(&mut self, nodes: Vec<Node>) -> Result<BoundJob, String> {
        let number = self.executed;
        let plan = self.plan.clone();
        let job = |variant: &usize| plan.variants[*variant].jobs.get(number);
        let fitting: Vec<usize> = self
            .fitting
            .iter()
            .copied()
            .filter(|variant| {
                job(variant).is_some_and(|job| agreeing(job, &nodes) == job.operators.len().max(nodes.len()))
            })
            .collect();
        let found = fitting.first().and_then(|variant| Some((*variant, job(variant)?)));
        match found {
            Some((variant, job)) => {
                let mut job = job.clone();
                for at in 0..job.operators.len() {
                    let inputs = job.operators[at].inputs.clone();
                    let shared = inputs.into_iter().map(|input| Input { operator: job.giver(input.operator), ..input });
                    job.operators[at].inputs = shared.collect();
                }
                self.fitting = fitting;
                self.executed += 1;
                Ok(BoundJob { variant, number, job, plan: plan.clone(), nodes })
            }
            None => Err(self.explain(number, &nodes)),
        }
    }

    fn explain(&self, number: usize, nodes: &[Node]) -> String {
        let jobs = self.fitting.iter().filter_map(|&variant| self.plan.variants[variant].jobs.get(number));
        let closest = jobs.map(|job| (agreeing(job, nodes), job)).max_by_key(|(agreeing, _)| *agreeing);
        let found = match closest {
            None => format!("the plan has no job {} on this path", number + 1),
            Some((at, job)) => {
                let planned = match job.operators.get(at) {
                    Some(operator) => {
                        format!("{} at {}", operator.kind, self.plan.sources.place(operator.span))
                    }
                    None => "nothing more".to_owned(),
                };
                let called = match nodes.get(at) {
                    Some(node) => format!("{} at {}", node.kind, node.place),
                    None => "execute()".to_owned(),
                };
                format!("in job {}, the plan has {planned} where main() called {called}", number + 1)
            }
        };
        let script = &self.plan.sources.files[0].path;
        format!(
            "the plan does not fit what main() did: {found}. The parameters or the environment led it another way than \
             the plan knows; compile it with the same parameters (pyflink-compile {script} - …) or with --record"
        )
    }
}

/// How many operators agree, from the first on.
fn agreeing(job: &Job, nodes: &[Node]) -> usize {
    job.operators.iter().zip(nodes).take_while(|(operator, node)| agrees(operator, node)).count()
}

fn agrees(operator: &Operator, node: &Node) -> bool {
    operator.kind == node.kind
        && operator.inputs.iter().map(|input| input.operator.index()).eq(node.inputs.iter().copied())
        && operator.iteration.map(OperatorId::index) == node.iteration
}
