//! Where each box and line of a job goes: layered, from top to bottom, by dagre's algorithm.

use crate::graph::{Edge, boxes, edges};
use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};
use pyflink_plan::{Job, OperatorId};

/// All in pixels; the origin is the upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

pub struct Line {
    pub edge: Edge,
    pub points: Vec<(f64, f64)>,
    /// Where the middle of its label goes.
    pub label: Option<(f64, f64)>,
}

pub struct Layout {
    pub width: f64,
    pub height: f64,
    /// In the order of [`Job::chains`].
    pub chains: Vec<Rect>,
    /// In the order of [`Job::operators`].
    pub operators: Vec<Rect>,
    pub lines: Vec<Line>,
}

const MARGIN: f64 = 12.0;
const LABEL_HEIGHT: f64 = 18.0;

/// `size` gives the width and height of an operator's box, `text` the width of a label.
pub fn layout(job: &Job, size: impl Fn(OperatorId) -> (f64, f64), text: impl Fn(&str) -> f64) -> Layout {
    let mut graph: Graph<NodeLabel, EdgeLabel> =
        Graph::with_options(GraphOptions { directed: true, multigraph: true, compound: true });
    for (at, _) in job.chains.iter().enumerate() {
        graph.set_node(chain(at), Some(NodeLabel::default()));
    }
    for operator in boxes(job) {
        let (width, height) = size(operator.id);
        graph.set_node(name(operator.id), Some(NodeLabel { width, height, ..NodeLabel::default() }));
    }
    for (at, of) in job.chains.iter().enumerate() {
        for id in &of.operators {
            graph.set_parent(&name(*id), Some(&chain(at)));
        }
    }
    let edges = edges(job);
    for (at, edge) in edges.iter().enumerate() {
        let (width, height) = if edge.label.is_empty() { (0.0, 0.0) } else { (text(edge.label), LABEL_HEIGHT) };
        let label = EdgeLabel { width, height, weight: if edge.feedback { 1 } else { 3 }, ..EdgeLabel::default() };
        graph.set_edge(name(edge.from), name(edge.to), Some(label), Some(&at.to_string()));
    }
    for (from, to) in below(job, &edges) {
        graph.set_edge(name(from), name(to), Some(EdgeLabel { weight: 0, ..EdgeLabel::default() }), Some("below"));
    }
    let options = LayoutOptions {
        rankdir: RankDir::TB,
        nodesep: 28.0,
        ranksep: 44.0,
        edgesep: 16.0,
        marginx: MARGIN,
        marginy: MARGIN,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut graph, Some(options));
    let rect = |name: &str| {
        // What has no box has its place beside the others, so that it doesn't count.
        graph.node(name).map_or(Rect { x: MARGIN, y: MARGIN, ..Rect::default() }, |node| {
            let (x, y) = (node.x.unwrap_or(0.0), node.y.unwrap_or(0.0));
            Rect { x: x - node.width / 2.0, y: y - node.height / 2.0, width: node.width, height: node.height }
        })
    };
    let operators: Vec<Rect> = job.operators.iter().map(|operator| rect(&name(operator.id))).collect();
    let chains = (0..job.chains.len()).map(|at| rect(&chain(at))).collect();
    let lines: Vec<Line> = edges
        .into_iter()
        .enumerate()
        .map(|(at, edge)| {
            let drawn = graph.edge(&name(edge.from), &name(edge.to), Some(&at.to_string()));
            let points = drawn.map(|drawn| drawn.points.iter().map(|point| (point.x, point.y)).collect());
            let label = drawn.and_then(|drawn| Some((drawn.x?, drawn.y?))).filter(|_| !edge.label.is_empty());
            Line { edge, points: points.unwrap_or_default(), label }
        })
        .collect();
    let mut layout = Layout { width: 0.0, height: 0.0, chains, operators, lines };
    layout.settle();
    layout
}

/// Pairs of operators that keep a whole chain below the ones that it reads from, so that lines between chains lead
/// down and not past boxes.
fn below(job: &Job, edges: &[Edge]) -> Vec<(OperatorId, OperatorId)> {
    let chain_of = |id: OperatorId| job.chains.iter().position(|chain| chain.operators.contains(&id));
    let inner = |edge: &&Edge| !edge.feedback && chain_of(edge.from) == chain_of(edge.to);
    let mut pairs: Vec<(Option<usize>, Option<usize>)> = edges
        .iter()
        .filter(|edge| !edge.feedback)
        .map(|edge| (chain_of(edge.from), chain_of(edge.to)))
        .filter(|(from, to)| from != to)
        .collect();
    pairs.sort();
    pairs.dedup();
    let mut below = Vec::new();
    for (from, to) in pairs {
        let (Some(from), Some(to)) = (from, to) else { continue };
        let lasts =
            job.chains[from].operators.iter().filter(|id| !edges.iter().filter(inner).any(|edge| edge.from == **id));
        for last in lasts {
            let firsts =
                job.chains[to].operators.iter().filter(|id| !edges.iter().filter(inner).any(|edge| edge.to == **id));
            below.extend(firsts.map(|first| (*last, *first)));
        }
    }
    below.retain(|(from, to)| !edges.iter().any(|edge| (edge.from, edge.to) == (*from, *to)));
    below
}

fn name(id: OperatorId) -> String {
    format!("o{}", id.0)
}

fn chain(at: usize) -> String {
    format!("c{at}")
}

impl Layout {
    /// Makes boxes of chains fit their operators and a title, and moves everything to the margin.
    fn settle(&mut self) {
        let rects = || self.operators.iter().chain(&self.chains);
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
        let left = least(&mut rects().map(|rect| rect.x).chain(points().map(|point| point.0)));
        let top = least(&mut rects().map(|rect| rect.y).chain(points().map(|point| point.1)));
        let (dx, dy) = (MARGIN - left, MARGIN - top);
        for rect in self.operators.iter_mut().chain(&mut self.chains) {
            rect.x += dx;
            rect.y += dy;
        }
        for line in &mut self.lines {
            line.points.iter_mut().chain(&mut line.label).for_each(|point| *point = (point.0 + dx, point.1 + dy));
        }
        let rects = || self.operators.iter().chain(&self.chains);
        let points = || self.lines.iter().flat_map(|line| &line.points);
        self.width = rects().map(|r| r.x + r.width).chain(points().map(|p| p.0)).fold(0.0, f64::max) + MARGIN;
        self.height = rects().map(|r| r.y + r.height).chain(points().map(|p| p.1)).fold(0.0, f64::max) + MARGIN;
    }
}
