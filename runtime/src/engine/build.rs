//! From a bound job to an engine: parallelism, stages, functions, sources and sinks.

use super::exchange::{Exchange, Partitioner};
use super::graph::{Graph, Stage, StageId, Work};
use super::intake::Intake;
use super::meter::Meter;
use super::operators::applier::Applier;
use super::operators::chain::{Chain, Source};
use super::operators::count_window::CountWindow;
use super::operators::keys::Keys;
use super::operators::native::{Native, NativeStep};
use super::operators::reduce;
use super::operators::reducer::Reducer;
use super::operators::time_window::TimeWindow;
use super::operators::verifier::Verifier;
use super::operators::window_function::WindowFunction;
use super::progress::Progress;
use super::sinks::Sink;
use super::{Cause, Engine, Stop, connect};
use crate::bind::BoundJob;
use crate::clock::{Clock, SystemClock, VirtualClock};
use crate::kernel::Role;
use crate::python::detach::{self, Detaching};
use crate::{Functions, Options};
use crossbeam_channel::{Receiver, Sender};
use pyflink_plan::ir::{Body, Class};
use pyflink_plan::slice::{self, Shape};
use pyflink_plan::{Arg, Literal, Operator, OperatorId, OperatorKind, Reason, Span};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyList};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Flat maps, and filters, that one generated function holds at the most: Python limits how deep blocks nest.
const MOST_NESTED: usize = 12;

/// A function object that is opened and closed.
pub struct Function {
    pub operator: OperatorId,
    /// A `functions.Bound`.
    pub bound: Py<PyAny>,
    pub is_open: bool,
}

/// Modules of the Python package that the engine calls.
pub struct Helpers<'py> {
    pub chains: Bound<'py, PyAny>,
    pub functions: Bound<'py, PyAny>,
    pub windows: Bound<'py, PyAny>,
    pub keys: Bound<'py, PyAny>,
    pub errors: Bound<'py, PyAny>,
    pub context: Bound<'py, PyAny>,
}

impl<'py> Helpers<'py> {
    pub fn import(py: Python<'py>) -> PyResult<Helpers<'py>> {
        let import = |name: &str| Ok::<_, PyErr>(py.import(format!("_pyflink.{name}"))?.into_any());
        Ok(Helpers {
            chains: import("chains")?,
            functions: import("functions")?,
            windows: import("windows")?,
            keys: import("keys")?,
            errors: import("errors")?,
            context: import("context")?,
        })
    }
}

/// A job on its way to an engine.
pub struct Builder<'a, 'py> {
    pub py: Python<'py>,
    pub helpers: &'a Helpers<'py>,
    pub options: &'a Options,
    pub bound: &'a BoundJob,
    pub live: Vec<bool>,
    /// Subtasks of each operator's results.
    pub parallelism: Vec<u32>,
    /// `functions.Bound` of each operator, by subtask.
    pub functions: Vec<Vec<Bound<'py, PyAny>>>,
    pub wake: Sender<()>,
}

/// Prepares a job: checks and connects what is outside, so that nothing is written if something is missing.
/// `None` if nothing of it reaches a sink.
pub fn build<'py>(
    py: Python<'py>,
    bound: &BoundJob,
    default_parallelism: u32,
    options: &Options,
    (wake, woken): (Sender<()>, Receiver<()>),
) -> Result<Option<Engine>, Stop> {
    let unattributed = |error: PyErr| Stop::failed(OperatorId(0), Cause::Raised(error), None);
    let helpers = Helpers::import(py).map_err(unattributed)?;
    let live = live(bound);
    if !live.contains(&true) {
        return Ok(None);
    }
    let parallelism = parallelism(bound, default_parallelism);
    let functions = bind_functions(py, &helpers, bound, &live, &parallelism).map_err(unattributed)?;
    // Functions that see each other's changes are called in turn for each element.
    let in_turn = Options { batch_size: 1, ..options.clone() };
    let options = if bound.job.lockstep { &in_turn } else { options };
    let builder = Builder { py, helpers: &helpers, options, bound, live, parallelism, functions, wake };
    let clock: Arc<dyn Clock> = match options.clock {
        crate::ClockKind::System => Arc::new(SystemClock),
        crate::ClockKind::Virtual { step } => Arc::new(VirtualClock { step: step.max(1) }),
    };
    connect::check(&builder)?;
    let mut sources = Vec::new();
    let mut sinks = Vec::new();
    let stages = builder.stages(&mut sources, &mut sinks)?;
    let cancelled = helpers.errors.getattr("JobCancelled").map_err(unattributed)?.unbind();
    Ok(Some(Engine {
        graph: Graph::new(stages),
        intake: Intake::new(sources, |id| title(bound, id), options.batch_size, clock.as_ref()),
        meter: Meter::new(options.measure),
        planned: builder.planned(),
        progress: Progress::new(),
        sinks,
        functions: builder.all_functions(),
        clock,
        at_end: options.at_end,
        wake: woken,
        cancelled,
    }))
}

/// A source for the progress line: the name it was given, a file's name, or the call.
fn title(bound: &BoundJob, id: OperatorId) -> String {
    let operator = &bound.job.operators[id.index()];
    let path = match operator.arg("path") {
        Some(Arg::Known(Literal::Str(path))) => path.rsplit('/').next(),
        _ => None,
    };
    operator.name.as_deref().or(path).unwrap_or(operator.kind.call()).to_owned()
}

fn live(bound: &BoundJob) -> Vec<bool> {
    let shape = |operator: &Operator| Shape {
        inputs: operator.inputs.iter().map(|input| input.operator.index()).collect(),
        iteration: operator.iteration.map(OperatorId::index),
        is_sink: operator.kind.is_sink(),
    };
    let shapes: Vec<Shape> = bound.job.operators.iter().map(shape).collect();
    let live = slice::live(&shapes);
    (0..shapes.len()).map(|at| live.binary_search(&at).is_ok()).collect()
}

/// Subtasks of each operator's results. What only labels or merges streams has those of its input.
fn parallelism(bound: &BoundJob, default: u32) -> Vec<u32> {
    let mut parallelism: Vec<u32> = Vec::new();
    for (operator, node) in bound.job.operators.iter().zip(&bound.nodes) {
        use OperatorKind::*;
        let own = node.parallelism.unwrap_or(default);
        let mut inputs = operator.inputs.iter().map(|input| parallelism[input.operator.index()]);
        let inherited = inputs.next().filter(|first| inputs.all(|other| other == *first));
        parallelism.push(match operator.kind {
            KeyBy | Split | Select | Iterate | CloseWith | Union | CountWindow | TimeWindow => inherited.unwrap_or(own),
            kind if kind.is_sequential() => 1,
            _ => own,
        });
    }
    parallelism
}

fn bind_functions<'py>(
    py: Python<'py>,
    helpers: &Helpers<'py>,
    bound: &BoundJob,
    live: &[bool],
    parallelism: &[u32],
) -> PyResult<Vec<Vec<Bound<'py, PyAny>>>> {
    let running: Vec<usize> = (0..live.len()).filter(|&at| live[at]).collect();
    let nodes = PyList::new(py, running.iter().map(|&at| bound.nodes[at].object.bind(py)))?;
    let subtasks = PyList::new(py, running.iter().map(|&at| parallelism[at]))?;
    let lists: Vec<Vec<Bound<'py, PyAny>>> = helpers.functions.call_method1("bind", (nodes, subtasks))?.extract()?;
    let mut functions = vec![Vec::new(); live.len()];
    for (at, list) in running.into_iter().zip(lists) {
        functions[at] = list;
    }
    Ok(functions)
}

type Sources = Vec<(Box<dyn super::sources::Source>, OperatorId, StageId)>;

impl<'py> Builder<'_, 'py> {
    pub fn operator(&self, id: OperatorId) -> &Operator {
        &self.bound.job.operators[id.index()]
    }

    pub fn arg(&self, id: OperatorId, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let args: &Bound<'py, PyDict> = self.bound.nodes[id.index()].args.bind(self.py);
        args.get_item(name)?.ok_or_else(|| {
            pyo3::exceptions::PyRuntimeError::new_err(format!("{} has no {name}", self.operator(id).kind))
        })
    }

    /// The callables of an operator's function, by subtask.
    pub fn calls(&self, id: OperatorId) -> PyResult<Vec<Py<PyAny>>> {
        self.functions[id.index()].iter().map(|bound| Ok(bound.getattr("call")?.unbind())).collect()
    }

    /// How they are called; see `functions.Bound.style`.
    pub fn style(&self, id: OperatorId) -> PyResult<String> {
        self.functions[id.index()].first().map_or(Ok(String::new()), |bound| bound.getattr("style")?.extract())
    }

    pub fn failed(&self, operator: OperatorId) -> impl Fn(PyErr) -> Stop {
        move |error| Stop::failed(operator, Cause::Raised(error), None)
    }

    fn all_functions(&self) -> Vec<Function> {
        let of = |(at, list): (usize, &Vec<Bound<'py, PyAny>>)| {
            let operator = self.bound.job.operators[at].id;
            let function =
                move |bound: &Bound<'py, PyAny>| Function { operator, bound: bound.clone().unbind(), is_open: false };
            list.iter().map(function).collect::<Vec<_>>()
        };
        self.functions.iter().enumerate().flat_map(of).collect()
    }

    fn stages(&self, sources: &mut Sources, sinks: &mut Vec<Sink>) -> Result<Vec<Stage>, Stop> {
        let groups = self.groups();
        let stage_of: BTreeMap<OperatorId, StageId> =
            groups.iter().enumerate().flat_map(|(stage, group)| group.iter().map(move |&id| (id, stage))).collect();
        let mut stages = Vec::with_capacity(groups.len());
        for (stage, group) in groups.into_iter().enumerate() {
            let first = group[0];
            let inputs: Vec<OperatorId> =
                self.operator(first).inputs.iter().map(|input| self.physical(input.operator)).collect();
            let work = self.work(&group, stage, sources, sinks)?;
            let feedback = self.feedback(first);
            stages.push(Stage {
                exchange: self.exchange(first, &inputs).map_err(self.failed(first))?,
                inputs: inputs.iter().map(|input| stage_of[input]).collect(),
                feedback: feedback.iter().map(|from| stage_of[from]).collect(),
                changes: group.iter().any(|&id| self.shares(id)),
                operators: group,
                work,
            });
        }
        Ok(stages)
    }

    /// Operators of one stage each, in the order of their first ones. Windows belong to the operator behind them.
    fn groups(&self) -> Vec<Vec<OperatorId>> {
        use OperatorKind::*;
        let mut groups: Vec<Vec<OperatorId>> = Vec::new();
        let mut readers = vec![0_usize; self.live.len()];
        for operator in self.bound.job.operators.iter().filter(|operator| self.live[operator.id.index()]) {
            operator.inputs.iter().for_each(|input| readers[input.operator.index()] += 1);
        }
        for chain in &self.bound.job.chains {
            let mut group_of: BTreeMap<OperatorId, usize> = BTreeMap::new();
            for &id in chain.operators.iter().filter(|id| self.live[id.index()]) {
                let operator = self.operator(id);
                if matches!(operator.kind, CountWindow | TimeWindow | CloseWith) {
                    continue;
                }
                let joins = matches!(operator.kind, Map | FlatMap | Filter | KeyBy | Split);
                let from = operator.inputs.first().map(|input| input.operator).filter(|from| {
                    joins
                        && !self.options.measure
                        && readers[from.index()] == 1
                        && matches!(self.operator(*from).kind, Map | FlatMap | Filter | Select)
                });
                let group = from.and_then(|from| group_of.get(&from).copied());
                let group = match group.filter(|&group| self.fits(&groups[group], id)) {
                    Some(group) => {
                        groups[group].push(id);
                        group
                    }
                    None => {
                        groups.push(vec![id]);
                        groups.len() - 1
                    }
                };
                group_of.insert(id, group);
            }
        }
        groups.sort();
        groups
    }

    /// True if an operator can be called in the same loop as those before it.
    fn fits(&self, group: &[OperatorId], id: OperatorId) -> bool {
        let nested = |&&id: &&OperatorId| self.operator(id).kind != OperatorKind::Map;
        let last = group[group.len() - 1];
        // What is machine code and what isn't can't be one loop.
        let mixes = self.operator(last).kind != OperatorKind::Select && self.is_native(last) != self.is_native(id);
        !mixes
            && !self.bound.job.lockstep
            && group.iter().filter(nested).count() < MOST_NESTED
            && self.operator(id).inputs.iter().all(|input| input.operator == last)
            && self.parallelism[id.index()] == self.parallelism[last.index()]
    }

    /// The operator whose results an input gives: a window has none of its own.
    fn physical(&self, id: OperatorId) -> OperatorId {
        match self.operator(id).kind {
            OperatorKind::CountWindow | OperatorKind::TimeWindow => self.operator(id).inputs[0].operator,
            _ => id,
        }
    }

    fn feedback(&self, head: OperatorId) -> Vec<OperatorId> {
        let closes = self.bound.job.operators.iter().filter(|operator| operator.iteration == Some(head));
        closes.filter(|operator| self.live[operator.id.index()]).map(|operator| operator.inputs[0].operator).collect()
    }

    fn exchange(&self, id: OperatorId, inputs: &[OperatorId]) -> PyResult<Exchange> {
        let own = self.parallelism[id.index()];
        let Some(&input) = inputs.first() else {
            // Sources deal their elements themselves.
            return Ok(if own > 1 { Exchange::RoundRobin { parallelism: own, next: 0 } } else { Exchange::Forward });
        };
        let keyed = self.operator(input).kind == OperatorKind::KeyBy;
        let operator = self.operator(id).kind;
        let keeps_keys =
            matches!(operator, OperatorKind::Reduce | OperatorKind::WindowReduce | OperatorKind::WindowApply);
        let same = inputs.iter().all(|input| self.parallelism[input.index()] == own);
        Ok(if keyed && (own > 1 || !keeps_keys) {
            Exchange::Hash(Partitioner {
                operator: input,
                parallelism: own,
                subtask: self.helpers.keys.getattr("subtask")?.unbind(),
                keys: Keys::new(self.py),
                subtasks: Vec::new(),
            })
        } else if own == 1 {
            if same { Exchange::Forward } else { Exchange::Gather }
        } else if same {
            Exchange::Forward
        } else {
            Exchange::RoundRobin { parallelism: own, next: 0 }
        })
    }

    fn work(
        &self,
        group: &[OperatorId],
        stage: StageId,
        sources: &mut Sources,
        sinks: &mut Vec<Sink>,
    ) -> Result<Work, Stop> {
        use OperatorKind::*;
        let id = group[0];
        let failed = self.failed(id);
        Ok(match self.operator(id).kind {
            Union | Iterate | CloseWith | CountWindow | TimeWindow => Work::Merge,
            Map | FlatMap | Filter | KeyBy | Split | Select => {
                Work::Operator(Box::new(self.chain(group).map_err(failed)?))
            }
            Reduce => {
                let reducer = self.reducer(id).map_err(failed)?;
                Work::Operator(Box::new(reduce::Reduce::new(self.py, id, reducer)))
            }
            WindowReduce | WindowApply => self.window(id).map_err(failed)?,
            kind if kind.is_source() => {
                sources.push((connect::source(self, id)?, id, stage));
                Work::Source
            }
            _ => {
                sinks.push(connect::sink(self, id)?);
                Work::Sink(sinks.len() - 1)
            }
        })
    }

    fn chain(&self, group: &[OperatorId]) -> PyResult<Chain> {
        let step = self.helpers.chains.getattr("Step")?;
        let steps = PyList::empty(self.py);
        for &id in group {
            let kind = self.operator(id).kind;
            let names = match kind {
                OperatorKind::Select => {
                    let names = self.arg(id, "names")?.try_iter()?.collect::<PyResult<Vec<_>>>()?;
                    Some(PyFrozenSet::new(self.py, names)?)
                }
                _ => None,
            };
            let shares = self.shares(id);
            let detach = match kind {
                OperatorKind::Filter | OperatorKind::KeyBy | OperatorKind::Split => {
                    self.keeps(id).then(|| detach::copying(self.py)).transpose()?
                }
                _ => shares.then(|| detach::function(self.py)).transpose()?,
            };
            let detaching = shares.then(|| self.py.get_type::<Detaching>());
            let given = (id.0, kind.name(), self.style(id)?, self.calls(id)?, names, detach, detaching);
            steps.append(step.call1(given)?)?;
        }
        let last = group[group.len() - 1];
        let parallel = self.parallelism[last.index()] > 1;
        let kind = self.operator(last).kind;
        let source = Source {
            module: self.helpers.chains.clone().unbind(),
            steps: steps.unbind(),
            operators: group.to_vec(),
            parallel,
            side: matches!(kind, OperatorKind::KeyBy | OperatorKind::Split).then_some(kind),
        };
        Chain::new(self.py, source, self.native(group)?)
    }

    /// The chain as steps that a kernel can do.
    fn native(&self, group: &[OperatorId]) -> PyResult<Option<(Native, Option<Verifier>)>> {
        let functions = match self.operator(group[0]).kind {
            OperatorKind::Select => &group[1..],
            _ => group,
        };
        if functions.is_empty() || !functions.iter().all(|id| self.is_native(*id)) {
            return Ok(None);
        }
        let mut steps = Vec::with_capacity(functions.len());
        for &id in functions {
            steps.extend(self.native_step(id)?);
        }
        if steps.len() != functions.len() {
            return Ok(None);
        }
        Ok(Some((Native::new(steps, self.classes()), self.verifier(functions)?)))
    }

    /// The classes that functions of the plan know.
    fn classes(&self) -> Arc<[Class]> {
        let bodies = self.bound.plan.functions.iter().filter_map(|function| function.body.as_ref().ok());
        let mut known: Vec<&Class> = Vec::new();
        for class in bodies.flat_map(|body| &body.classes) {
            if !known.iter().any(|other| (&other.module, &other.name) == (&class.module, &class.name)) {
                known.push(class);
            }
        }
        known.into_iter().cloned().collect()
    }

    /// What compares machine code of these operators' functions with CPython, if that is asked for.
    fn verifier(&self, functions: &[OperatorId]) -> PyResult<Option<Verifier>> {
        if self.options.verify == 0 {
            return Ok(None);
        }
        let mut steps = Vec::with_capacity(functions.len());
        for &id in functions {
            let title = crate::session::title(self.operator(id), &self.bound.plan);
            let call = self.calls(id)?.into_iter().next().unwrap_or_else(|| self.py.None());
            steps.push((self.operator(id).kind.name(), title, call));
        }
        Verifier::new(self.py, self.options.verify, steps).map(Some)
    }

    /// An operator's function as a step of a kernel, if it is in the plan.
    fn native_step(&self, id: OperatorId) -> PyResult<Option<NativeStep>> {
        let (Some(body), calls) = (self.body(id), self.calls(id)?) else { return Ok(None) };
        let role = match self.operator(id).kind {
            OperatorKind::Filter => Role::Filter,
            OperatorKind::FlatMap | OperatorKind::WindowApply => Role::FlatMap,
            OperatorKind::KeyBy | OperatorKind::Split => Role::Side,
            _ => Role::Map,
        };
        let is_selector = self.operator(id).kind == OperatorKind::Split;
        let origin = self.origin(id);
        Ok(Some(NativeStep { operator: id, body: body.clone(), role, origin, is_selector, calls }))
    }

    /// What makes an operator's elements: not what only hands them on.
    fn origin(&self, id: OperatorId) -> Option<(String, Span)> {
        let mut operator = self.operator(id);
        loop {
            operator = match operator.inputs.as_slice() {
                [input] => self.operator(input.operator),
                _ => return None,
            };
            let hands_on = [
                OperatorKind::Filter,
                OperatorKind::KeyBy,
                OperatorKind::Split,
                OperatorKind::Select,
                OperatorKind::CountWindow,
                OperatorKind::TimeWindow,
            ];
            if !hands_on.contains(&operator.kind) {
                let title = crate::session::title(operator, &self.bound.plan);
                let title = title.split(" at ").next().unwrap_or(&title).to_owned();
                return Some((title, operator.span));
            }
        }
    }

    /// True if what an operator's function gives has to be handed on as it is now, see [`detach`].
    pub fn shares(&self, id: OperatorId) -> bool {
        self.function(id).is_some_and(|function| function.shares)
    }

    /// True if an operator's function may keep what it is handed.
    fn keeps(&self, id: OperatorId) -> bool {
        self.function(id).is_some_and(|function| function.keeps)
    }

    /// True if a function of the job may change elements.
    pub fn changes_elements(&self) -> bool {
        self.bound.job.operators.iter().any(|operator| self.live[operator.id.index()] && self.keeps(operator.id))
    }

    /// What the plan has of an operator's function.
    fn function(&self, id: OperatorId) -> Option<&pyflink_plan::Function> {
        let Some(Arg::Function(function)) = self.operator(id).arg("function") else { return None };
        self.bound.plan.functions.get(function.0 as usize)
    }

    pub fn body(&self, id: OperatorId) -> Option<&Body> {
        self.function(id)?.body.as_ref().ok()
    }

    /// True if an operator's function may become machine code: it is in the plan.
    pub fn is_native(&self, id: OperatorId) -> bool {
        if self.options.functions == Functions::Python || self.options.compat.is_some() {
            return false;
        }
        self.body(id).is_some() && !self.functions[id.index()].is_empty()
    }

    /// For each operator with a function that runs, why it has to stay in Python, if it has to.
    fn planned(&self) -> Vec<(OperatorId, Result<(), Reason>)> {
        let functions = self
            .bound
            .job
            .operators
            .iter()
            .filter(|operator| self.live[operator.id.index()] && !self.functions[operator.id.index()].is_empty());
        functions.map(|operator| (operator.id, self.planned_function(operator))).collect()
    }

    fn planned_function(&self, operator: &Operator) -> Result<(), Reason> {
        let stays = |message: &str, edit: &str, span: Span| Err(Reason::new(message, edit, span));
        let function = match operator.args.iter().find(|(_, arg)| matches!(arg, Arg::Function(_))) {
            Some((_, Arg::Function(id))) => self.bound.plan.functions.get(id.0 as usize),
            _ => None,
        };
        let Some(function) = function else {
            return stays(
                "which function it is, only the run tells",
                "name a function of the script in the call",
                operator.span,
            );
        };
        function.body.as_ref().map_err(Reason::clone)?;
        if self.options.functions == Functions::Python {
            return stays("--functions python asks for it", "leave that option out", function.span);
        }
        if self.options.compat.is_some() {
            return stays("--compat needs CPython", "leave that option out", function.span);
        }
        match operator.kind.is_sink() {
            true => stays("sinks call CPython", "do what takes time in a map() before it", function.span),
            false => Ok(()),
        }
    }

    fn reducer(&self, id: OperatorId) -> PyResult<Reducer> {
        Ok(Reducer::new(id, self.calls(id)?, self.shares(id), self.native(&[id])?))
    }

    fn window(&self, id: OperatorId) -> PyResult<Work> {
        let window = self.operator(id).inputs[0].operator;
        let function = match self.operator(id).kind {
            OperatorKind::WindowApply => {
                let (native, verifier) = self.native(&[id])?.unzip();
                WindowFunction::Apply(Applier {
                    operator: id,
                    calls: self.calls(id)?,
                    collects: self.style(id)? == "collector",
                    collector: self.helpers.chains.getattr("Collector")?.unbind(),
                    shares: self.shares(id),
                    native,
                    verifier: verifier.flatten(),
                })
            }
            _ => WindowFunction::Reduce(Box::new(self.reducer(id)?)),
        };
        let parallel = self.parallelism[id.index()] > 1;
        let size: i64 = self.arg(window, "size")?.extract()?;
        let slide: Option<i64> = self.arg(window, "slide")?.extract()?;
        if self.operator(window).kind == OperatorKind::TimeWindow {
            let class = self.helpers.windows.getattr("TimeWindow")?.unbind();
            let (slide, open) = (slide.unwrap_or(size), BTreeMap::new());
            return Ok(Work::Operator(Box::new(TimeWindow {
                operator: id,
                size,
                slide,
                function,
                class,
                parallel,
                open,
            })));
        }
        let global = self.helpers.windows.getattr("GlobalWindow")?.call0()?.unbind();
        let sizes = (size.unsigned_abs(), slide.map(i64::unsigned_abs));
        Ok(Work::Operator(Box::new(CountWindow::new(self.py, id, sizes, function, global, parallel))))
    }
}
