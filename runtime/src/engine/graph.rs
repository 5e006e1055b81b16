//! The stages of a job and the order in which a wave goes through them.
//!
//! A stage is a run of operators without anything between them: a chain of stateless ones, a keyed one, a merge of
//! streams, a sink. Stages that lie on a loop form one unit, which works in rounds.

use super::exchange::Exchange;
use super::operators::Operator;
use pyflink_plan::OperatorId;

/// Index of a stage in [`Graph::stages`].
pub type StageId = usize;

pub struct Stage {
    /// First to last; results are those of the last.
    pub operators: Vec<OperatorId>,
    pub inputs: Vec<StageId>,
    /// For the head of an iteration: stages whose results come back, in the order of the `close_with` calls.
    pub feedback: Vec<StageId>,
    pub exchange: Exchange,
    pub work: Work,
    /// A function of it may change what it is handed, or what it was handed before.
    pub changes: bool,
}

pub enum Work {
    /// Its rows are there when a wave begins.
    Source,
    Operator(Box<dyn Operator>),
    /// Only merges its inputs.
    Merge,
    /// Index of the sink.
    Sink(usize),
}

impl Stage {
    pub fn first(&self) -> OperatorId {
        self.operators[0]
    }
}

/// What is worked on at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    Stage(StageId),
    /// The stages of a loop, in order.
    Loop(Vec<StageId>),
}

pub struct Graph {
    pub stages: Vec<Stage>,
    /// Each after all whose results it reads.
    pub units: Vec<Unit>,
    /// `reaches[a][b]`: results of `a` can get to `b`.
    reaches: Vec<Vec<bool>>,
    /// Stages that are given copies of their elements.
    copies: Vec<bool>,
}

impl Graph {
    /// Stages come in the order of their first operators.
    pub fn new(stages: Vec<Stage>) -> Graph {
        let edges: Vec<(StageId, StageId)> = (0..stages.len())
            .flat_map(|to| {
                let inputs = stages[to].inputs.iter().chain(&stages[to].feedback);
                inputs.map(move |&from| (from, to)).collect::<Vec<_>>()
            })
            .collect();
        let reaches: Vec<Vec<bool>> = (0..stages.len()).map(|from| reachable(from, stages.len(), &edges)).collect();
        let units = order(stages.len(), &edges, &reaches);
        let readers = |stage: StageId| edges.iter().filter(|(from, _)| *from == stage).count();
        let changes = |at: StageId| (0..stages.len()).any(|to| (to == at || reaches[at][to]) && stages[to].changes);
        let copies = |at: StageId| edges.iter().any(|&(from, to)| to == at && readers(from) > 1) && changes(at);
        let copies = (0..stages.len()).map(copies).collect();
        Graph { stages, units, reaches, copies }
    }

    /// True for a stage that has elements in common with others, and may change them, or hand them on to one that does:
    /// what happens to an element on one way is not seen on another, as Flink copies elements between operators.
    pub fn copies(&self, stage: StageId) -> bool {
        self.copies[stage]
    }

    pub fn reaches(&self, from: StageId, to: StageId) -> bool {
        self.reaches[from][to]
    }
}

/// Stages that an edge or more lead to.
fn reachable(from: StageId, len: usize, edges: &[(StageId, StageId)]) -> Vec<bool> {
    let mut seen = vec![false; len];
    let mut todo = vec![from];
    while let Some(at) = todo.pop() {
        for &(_, to) in edges.iter().filter(|(source, _)| *source == at) {
            if !std::mem::replace(&mut seen[to], true) {
                todo.push(to);
            }
        }
    }
    seen
}

/// Units in an order in which all inputs come first; among those that may come next, the one made first.
fn order(len: usize, edges: &[(StageId, StageId)], reaches: &[Vec<bool>]) -> Vec<Unit> {
    let mut unit_of: Vec<Option<usize>> = vec![None; len];
    let mut units: Vec<Unit> = Vec::new();
    for stage in 0..len {
        if unit_of[stage].is_some() {
            continue;
        }
        let on_loop = |other: &StageId| reaches[stage][*other] && reaches[*other][stage];
        let members: Vec<StageId> = (stage..len).filter(on_loop).collect();
        for &member in members.iter().chain([&stage]) {
            unit_of[member] = Some(units.len());
        }
        units.push(if members.is_empty() { Unit::Stage(stage) } else { Unit::Loop(members) });
    }
    let mut done = vec![false; units.len()];
    let mut ordered = Vec::with_capacity(units.len());
    while ordered.len() < units.len() {
        let open = |&(from, to): &(StageId, StageId), unit: usize| {
            unit_of[to] == Some(unit) && unit_of[from].is_some_and(|from| from != unit && !done[from])
        };
        let next = (0..units.len()).find(|&unit| !done[unit] && !edges.iter().any(|edge| open(edge, unit)));
        // Units are strongly connected components, so some unit is always free.
        let Some(next) = next else { break };
        done[next] = true;
        ordered.push(units[next].clone());
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(len: usize, edges: &[(StageId, StageId)]) -> Vec<Unit> {
        let reaches: Vec<Vec<bool>> = (0..len).map(|from| reachable(from, len, edges)).collect();
        order(len, edges, &reaches)
    }

    #[test]
    fn a_loop_is_one_unit_ahead_of_what_reads_it() {
        // 0 source, 1 head, 2 body, 3 reads the body, 4 feedback of the loop.
        let edges = [(0, 1), (1, 2), (2, 3), (2, 4), (4, 1)];
        assert_eq!(units(5, &edges), [Unit::Stage(0), Unit::Loop(vec![1, 2, 4]), Unit::Stage(3)]);
    }

    #[test]
    fn what_a_loop_reads_comes_ahead_of_it() {
        // 0 source, 1 head, 2 another source's map, 3 body that merges both.
        let edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 1)];
        assert_eq!(units(4, &edges), [Unit::Stage(0), Unit::Stage(2), Unit::Loop(vec![1, 3])]);
    }
}
