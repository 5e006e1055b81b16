//! Branches on what only a run can tell.
//!
//! Both sides are evaluated from the same state. Where they build the same operators they are joined: known values
//! that differ become opaque. A side that leaves the block in another way than the other one (an early `return`)
//! stays *pending* until the place where it ends, and is joined there. Where sides can't be joined, the branch is
//! marked as *forked*, and the whole evaluation starts again, following one side only on each path.

use super::Evaluator;
use super::heap::Heap;
use super::merge::{self, Conflict};
use super::value::{Object, Opaque, Value};
use pyflink_plan::{Condition, Span};
use std::collections::{BTreeMap, BTreeSet};

/// How a statement ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Flow {
    Normal,
    Return(Value),
    Break,
    Continue,
}

/// Why evaluation doesn't go on where it is.
#[derive(Debug)]
pub enum Stop {
    Raise(Box<Raised>),
    /// A branch was marked as forked: start again.
    Fork,
    /// Given up; the reason is reported.
    Limit,
}

pub type Eval<T> = Result<T, Stop>;

/// An exception on its way.
#[derive(Clone, Debug)]
pub struct Raised {
    /// Names of its class and its bases, as far as they are known; empty for an opaque one.
    pub classes: Vec<String>,
    pub value: Value,
    pub message: String,
    pub span: Span,
}

/// One evaluation of a branch: its place, and how many times it came by there before.
pub type BranchKey = (Span, u32);

/// What is decided for the current path, and what the path decided by itself.
#[derive(Debug, Default)]
pub struct Branches {
    pub forked: BTreeSet<BranchKey>,
    /// Sides to follow at the first forked branches.
    pub path: Vec<(BranchKey, bool)>,
    pub decisions: Vec<(BranchKey, Condition)>,
    counts: BTreeMap<Span, u32>,
    pending: Vec<Pending>,
    /// Opaque values whose truth is settled on the way here.
    facts: Vec<(u64, bool)>,
    /// Opaque values that stand for what the sides of a branch made of the script's functions, classes and objects.
    choices: BTreeMap<u64, Vec<BranchKey>>,
    /// Places of loops that run an unknown number of times, outermost first.
    loops: Vec<Span>,
}

/// A side that left its block early, and waits to be joined where it arrives.
#[derive(Debug)]
struct Pending {
    flow: Flow,
    heap: Heap,
    key: BranchKey,
}

/// Where a branch is, and on what.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    pub span: Span,
    /// Of the opaque value that decides, if another one with the same identity decides the same.
    pub identity: Option<u64>,
    /// The value's truth is the opposite of the branch's.
    pub negated: bool,
}

impl Branches {
    pub fn new(forked: BTreeSet<BranchKey>, path: Vec<(BranchKey, bool)>) -> Branches {
        Branches { forked, path, ..Branches::default() }
    }

    /// The key of the next branch at this place.
    fn count(&mut self, span: Span) -> BranchKey {
        let count = self.counts.entry(span).or_default();
        *count += 1;
        (span, *count)
    }
}

impl Point {
    pub fn at(span: Span) -> Point {
        Point { span, identity: None, negated: false }
    }
}

impl<'a> Evaluator<'a> {
    /// Follows both sides of a branch and joins them.
    pub fn branch(
        &mut self,
        point: Point,
        yes: impl FnOnce(&mut Self) -> Eval<Flow>,
        no: impl FnOnce(&mut Self) -> Eval<Flow>,
    ) -> Eval<Flow> {
        if let Some(taken) = self.fact(point) {
            return if taken { yes(self) } else { no(self) };
        }
        let key = self.branches.count(point.span);
        if self.branches.forked.contains(&key) {
            let taken = self.branches.path.iter().find(|(known, _)| *known == key).is_none_or(|(_, taken)| *taken);
            let text = self.program.sources.snippet(point.span).to_owned();
            self.branches.decisions.push((key, Condition { span: point.span, text, taken }));
            self.branches.facts.extend(point.identity.map(|identity| (identity, taken != point.negated)));
            return if taken { yes(self) } else { no(self) };
        }
        let before = self.heap.clone();
        let first = self.side(point, true, yes)?;
        let first_heap = std::mem::replace(&mut self.heap, before);
        let second = self.side(point, false, no)?;
        match (first, second) {
            (Ok(first), Ok(second)) if same_kind(&first, &second) => self.join(key, first_heap, first, second),
            // The second side goes on, and the first waits; unless only the first one goes on.
            (Ok(first), Ok(second)) if second == Flow::Normal || first != Flow::Normal => {
                self.branches.pending.push(Pending { flow: first, heap: first_heap, key });
                Ok(second)
            }
            (Ok(first), Ok(second)) => {
                let heap = std::mem::replace(&mut self.heap, first_heap);
                self.branches.pending.push(Pending { flow: second, heap, key });
                Ok(first)
            }
            (Ok(first), Err(_)) => {
                self.heap = first_heap;
                Ok(first)
            }
            (Err(_), Ok(second)) => Ok(second),
            (Err(raised), Err(_)) => Err(Stop::Raise(raised)),
        }
    }

    fn side(
        &mut self,
        point: Point,
        taken: bool,
        run: impl FnOnce(&mut Self) -> Eval<Flow>,
    ) -> Eval<Result<Flow, Box<Raised>>> {
        let facts = self.branches.facts.len();
        self.branches.facts.extend(point.identity.map(|identity| (identity, taken != point.negated)));
        let frames = self.frames.len();
        let end = run(self);
        self.branches.facts.truncate(facts);
        match end {
            Ok(flow) => Ok(Ok(flow)),
            Err(Stop::Raise(raised)) => {
                self.frames.truncate(frames);
                self.may_raise += 1;
                Ok(Err(raised))
            }
            Err(stop) => Err(stop),
        }
    }

    /// Joins the other side's state and result into the current ones.
    fn join(&mut self, key: BranchKey, other: Heap, theirs: Flow, ours: Flow) -> Eval<Flow> {
        let results = match (&theirs, &ours) {
            (Flow::Return(a), Flow::Return(b)) => Some([a, b]),
            _ => None,
        };
        match merge::merge(&other, &self.heap, key.0, &mut self.fresh, results) {
            Ok(joined) => {
                self.heap = joined.heap;
                // Rounds of a loop are no branch that could be followed on each side.
                if self.branches.loops.is_empty() && key.1 > 0 {
                    self.branches.choices.extend(joined.choices.into_iter().map(|identity| (identity, vec![key])));
                }
                Ok(joined.result.map_or(ours, Flow::Return))
            }
            Err(Conflict) => {
                let own = (key.1 == 0).then_some(key.0);
                if let Some(at) = self.branches.loops.first().copied().or(own) {
                    self.report_opaque_loop(at);
                    return Ok(ours);
                }
                self.branches.forked.insert(key);
                Err(Stop::Fork)
            }
        }
    }

    /// Where an opaque value stands for one of several functions or objects of the script, its use is followed on each
    /// side of the branch that it came from.
    pub fn settle_choice(&mut self, opaque: &Opaque) -> Eval<()> {
        match self.branches.choices.get(&opaque.identity) {
            Some(keys) if self.branches.loops.is_empty() => {
                self.branches.forked.extend(keys);
                Err(Stop::Fork)
            }
            _ => Ok(()),
        }
    }

    /// One of these values, of which only a run can tell which one. Streams are followed one by one; functions, classes
    /// and objects of the script too, where they are used.
    pub fn one_of(&mut self, values: &[Value], span: Span) -> Eval<Value> {
        let bears_stream = values.iter().any(|value| self.bears_stream(value));
        let keys: Vec<BranchKey> = (1..values.len()).map(|_| self.branches.count(span)).collect();
        if keys.iter().all(|key| self.branches.forked.contains(key)) && !values.is_empty() {
            for (key, value) in keys.iter().zip(values) {
                let taken = self.branches.path.iter().find(|(known, _)| known == key).is_none_or(|(_, taken)| *taken);
                let text = self.program.sources.snippet(span).to_owned();
                self.branches.decisions.push((*key, Condition { span, text, taken }));
                if taken {
                    return Ok(value.clone());
                }
            }
            return Ok(values[values.len() - 1].clone());
        }
        let opaque = self.fresh_opaque(span);
        if self.branches.loops.is_empty() {
            if bears_stream {
                self.branches.forked.extend(keys);
                return Err(Stop::Fork);
            }
            if values.iter().any(|value| self.definition(value).is_some()) {
                self.branches.choices.insert(opaque.identity, keys);
            }
        }
        Ok(Value::Opaque(Opaque { stream: bears_stream, ..opaque }))
    }

    fn fact(&self, point: Point) -> Option<bool> {
        let identity = point.identity?;
        let known = self.branches.facts.iter().rev().find(|(known, _)| *known == identity);
        known.map(|(_, truth)| *truth != point.negated)
    }

    /// Sides that are pending so far; what comes above is inside of the construct that asks.
    pub fn pending_base(&self) -> usize {
        self.branches.pending.len()
    }

    /// Joins the sides that wait for this place with the one that arrives.
    pub fn resolve(&mut self, base: usize, end: Eval<Flow>, wanted: impl Fn(&Flow) -> bool) -> Eval<Flow> {
        let mut end = match end {
            Err(Stop::Raise(_)) if self.branches.pending.len() > base => {
                self.may_raise += 1;
                let Some(pending) = self.branches.pending.pop() else { return end };
                self.heap = pending.heap;
                pending.flow
            }
            end => end?,
        };
        while let Some(at) = self.branches.pending[base..].iter().rposition(|pending| wanted(&pending.flow)) {
            let pending = &mut self.branches.pending[base + at];
            if !wanted(&end) {
                // The one that waits becomes the main one, and the other waits.
                std::mem::swap(&mut pending.flow, &mut end);
                std::mem::swap(&mut pending.heap, &mut self.heap);
                continue;
            }
            let pending = self.branches.pending.remove(base + at);
            end = self.join(pending.key, pending.heap, pending.flow, end)?;
        }
        Ok(end)
    }

    /// Runs the body of a loop of which only a run can tell how often it runs, and joins not running it, running it
    /// once, and running it again. A body that builds operators is an error.
    pub fn any_number_of_times(&mut self, span: Span, mut body: impl FnMut(&mut Self) -> Eval<Flow>) -> Eval<Flow> {
        for _ in 0..3 {
            let before = self.heap.clone();
            let size = self.graph_size();
            let base = self.pending_base();
            self.branches.loops.push(span);
            let frames = self.frames.len();
            let end = body(self);
            let end = self.resolve(base, end, |flow| !matches!(flow, Flow::Return(_)));
            self.branches.loops.pop();
            let built = self.graph_size() != size;
            let flow = match end {
                Ok(flow) => flow,
                Err(Stop::Raise(_)) => {
                    self.frames.truncate(frames);
                    self.may_raise += 1;
                    self.heap = before;
                    return Ok(Flow::Normal);
                }
                Err(stop) => return Err(stop),
            };
            if built {
                self.report_opaque_loop(span);
                return Ok(Flow::Normal);
            }
            let returns = matches!(flow, Flow::Return(_));
            if returns {
                // It returns from some round, or the loop ends before that.
                let heap = std::mem::replace(&mut self.heap, before);
                self.branches.pending.push(Pending { flow, heap, key: (span, 0) });
                return Ok(Flow::Normal);
            }
            let stable = same(&before, &self.heap);
            let after = std::mem::replace(&mut self.heap, before);
            self.join((span, 0), after, Flow::Normal, Flow::Normal)?;
            if stable {
                break;
            }
        }
        Ok(Flow::Normal)
    }
}

fn same_kind(a: &Flow, b: &Flow) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

/// Nothing that existed before was changed.
fn same(before: &Heap, after: &Heap) -> bool {
    (0..before.end()).map(super::value::ObjectId).all(|id| match (before.shared(id), after.shared(id)) {
        (Some(a), Some(b)) => std::rc::Rc::ptr_eq(a, b) || equal(a, b),
        (None, None) => true,
        _ => false,
    })
}

fn equal(a: &Object, b: &Object) -> bool {
    let alike = |a: &Value, b: &Value| a == b || (a.is_opaque() && b.is_opaque());
    match (a, b) {
        (Object::Scope(a), Object::Scope(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((n, a), (m, b))| n == m && alike(a, b))
        }
        (Object::Instance(a), Object::Instance(b)) => {
            a.attributes.len() == b.attributes.len()
                && a.attributes.iter().zip(&b.attributes).all(|((n, a), (m, b))| n == m && alike(a, b))
        }
        (Object::List(a), Object::List(b)) => a == b,
        (Object::Unknown(..), Object::Unknown(..)) => true,
        _ => false,
    }
}
