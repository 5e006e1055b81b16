//! The logical graph: what one path through `main` adds to its environments, and the jobs that it executes.
//!
//! [`Path`] is what evaluation (or a recording) gives. [`job`] slices one execution out of it as a petgraph
//! graph, from which [`crate::passes`] make a job of the plan.

use crate::facts::Callable;
use petgraph::graph::{DiGraph, NodeIndex};
use pyflink_plan::slice::{self, Shape};
use pyflink_plan::{Condition, Literal, OperatorKind, Parallelism, Span};

/// One way through `main`.
#[derive(Clone, Debug, Default)]
pub struct Path {
    pub when: Vec<Condition>,
    pub environments: Vec<Environment>,
    /// In the order of the calls.
    pub executions: Vec<Execution>,
}

/// What was added to one environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Of the call that created it.
    pub span: Span,
    /// In creation order.
    pub nodes: Vec<Node>,
    /// A call on it, or on a stream of it, had an error, so nodes are missing.
    pub incomplete: bool,
}

/// One call of `execute()`.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    pub environment: usize,
    /// Nodes of the environment at the call before this one.
    pub since: usize,
    /// Nodes of the environment at this call.
    pub until: usize,
    pub name: Option<String>,
    pub span: Span,
}

/// One call that made a stream or a sink. Inputs and iterations are indices in the same environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub kind: OperatorKind,
    pub inputs: Vec<usize>,
    /// In the order of [`OperatorKind::parameters`].
    pub args: Vec<(&'static str, Argument)>,
    pub parallelism: Parallelism,
    pub name: Option<String>,
    pub span: Span,
    /// For `close_with`: the node of its iteration.
    pub iteration: Option<usize>,
    /// Its stream was handed to something that the compiler doesn't see into.
    pub escaped: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    Known(Literal),
    Function(Box<Callable>),
    Opaque(Span),
}

impl Node {
    pub fn shape(&self) -> Shape {
        Shape { inputs: self.inputs.clone(), iteration: self.iteration, is_sink: self.kind.is_sink() }
    }

    pub fn arg(&self, name: &str) -> Option<&Argument> {
        self.args.iter().find(|(n, _)| *n == name).map(|(_, argument)| argument)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        match self.arg(name)? {
            Argument::Known(Literal::Str(text)) => Some(text),
            _ => None,
        }
    }

    /// Same call in the graph: all that a recorder could tell apart without looking at arguments.
    pub fn same_place(&self, other: &Node) -> bool {
        self.kind == other.kind && self.inputs == other.inputs && self.iteration == other.iteration
    }
}

impl Path {
    /// True if both run the same jobs of the same operators, whatever the arguments.
    pub fn same_topology(&self, other: &Path) -> bool {
        let jobs = |path: &Path| path.executions.len();
        jobs(self) == jobs(other)
            && self.executions.iter().zip(&other.executions).all(|(a, b)| {
                let (a, b) = (job(self, a), job(other, b));
                a.node_count() == b.node_count()
                    && a.node_indices().all(|at| {
                        let (x, y) = (&a[at], &b[at]);
                        x.same_place(y)
                    })
            })
    }
}

impl Path {
    /// Makes opaque what another path of the same topology knows otherwise, so that one variant stands for both.
    pub fn generalize(&mut self, other: &Path) {
        for (ours, theirs) in self.environments.iter_mut().zip(&other.environments) {
            for (a, b) in ours.nodes.iter_mut().zip(&theirs.nodes) {
                for ((_, x), (_, y)) in a.args.iter_mut().zip(&b.args) {
                    if x != y {
                        *x = Argument::Opaque(a.span);
                    }
                }
                if a.parallelism != b.parallelism {
                    a.parallelism = Parallelism::Opaque;
                }
                if a.name != b.name {
                    a.name = None;
                }
            }
        }
        for (a, b) in self.executions.iter_mut().zip(&other.executions) {
            if a.name != b.name {
                a.name = None;
            }
        }
        self.when.retain(|condition| other.when.contains(condition));
    }
}

/// A position in a consumer's inputs, from 0.
pub type Position = usize;

/// What one execution runs: node `i` of the graph is operator `i` of the job, in creation order; inputs and
/// iterations are renumbered to it. Edges go from producer to consumer; a `close_with` has the feedback as input
/// and no edge to its head.
pub fn job(path: &Path, execution: &Execution) -> DiGraph<Node, Position> {
    let nodes = &path.environments[execution.environment].nodes[..execution.until];
    let shapes: Vec<Shape> = nodes.iter().map(Node::shape).collect();
    let included = slice::job(&shapes, execution.since);
    let renumbered = |old: usize| included.binary_search(&old).unwrap_or(old);
    let mut graph = DiGraph::new();
    for &at in &included {
        let mut node = nodes[at].clone();
        node.inputs.iter_mut().for_each(|input| *input = renumbered(*input));
        node.iteration = node.iteration.map(renumbered);
        let inputs = node.inputs.clone();
        let index = graph.add_node(node);
        for (position, input) in inputs.into_iter().enumerate() {
            graph.add_edge(NodeIndex::new(input), index, position);
        }
    }
    graph
}

/// All nodes of an environment as a graph, with indices as they are.
pub fn whole(environment: &Environment) -> DiGraph<Node, Position> {
    let mut graph = DiGraph::new();
    for node in &environment.nodes {
        let inputs = node.inputs.clone();
        let index = graph.add_node(node.clone());
        for (position, input) in inputs.into_iter().enumerate() {
            graph.add_edge(NodeIndex::new(input), index, position);
        }
    }
    graph
}
