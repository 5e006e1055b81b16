//! Abstract evaluation: follows module top levels and `main(factory)` without running anything.
//!
//! In go the trees of a program, out come the paths through `main` with what each adds to its environments, and what
//! was found wrong on the way. Values are known or opaque ([`value`]); branches on opaque values are followed on both
//! sides ([`branch`]) and joined ([`merge`]) where they build the same operators.

mod assign;
mod attribute;
mod branch;
mod builtins;
mod call;
mod class;
mod containers;
mod control;
mod effects;
mod expr;
mod facts;
mod format;
mod function;
mod heap;
mod import;
mod library;
mod lift;
mod matching;
mod merge;
mod numbers;
mod operators;
mod pipeline;
mod reach;
mod stmt;
mod table;
mod text;
mod trial;
mod value;

use crate::graph::{Environment, Execution, Path};
use crate::load::Program;
use crate::syntax::ast::{ClassDef, Expr, Parameters, Stmt};
use branch::{Branches, Eval, Stop};
use control::uncaught;
use heap::Heap;
use pyflink_plan::{Diagnostic, SourceId, Span};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use value::{CodeId, Name, Object, ObjectId, Opaque, Value, World};

/// More ways through `main` than this are an error.
const MOST_VARIANTS: usize = 64;
/// Statements and expressions that are evaluated on one path before giving up.
const MOST_STEPS: u64 = 4_000_000;
/// Calls within calls before giving up.
const DEEPEST: usize = 150;
/// Elements of a known sequence that are looked at; a longer one is opaque.
const LONGEST: usize = 200_000;

/// What evaluation gives.
#[derive(Debug, Default)]
pub struct Evaluation {
    pub paths: Vec<Path>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Evaluates the program's script; `params` are those behind `-`, if there was a `-`.
pub fn evaluate(program: &Program, params: Option<&[String]>) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let mut forked = BTreeSet::new();
    'restart: loop {
        let mut uncaught = Vec::new();
        evaluation.paths.clear();
        evaluation.diagnostics.clear();
        let mut todo = vec![Vec::new()];
        while let Some(path) = todo.pop() {
            let branches = Branches::new(forked.clone(), path);
            let mut evaluator = Evaluator::new(program, params, branches);
            let end = evaluator.run();
            if let Err(Stop::Fork) = end {
                forked.extend(evaluator.branches.forked);
                continue 'restart;
            }
            uncaught.extend(evaluator.uncaught.take());
            for diagnostic in std::mem::take(&mut evaluator.diagnostics) {
                if !evaluation.diagnostics.contains(&diagnostic) {
                    evaluation.diagnostics.push(diagnostic);
                }
            }
            // The other side of each branch that this path decided by itself, the latest first.
            let decisions = &evaluator.branches.decisions;
            let given = evaluator.branches.path.len();
            for at in given..decisions.len() {
                let mut other: Vec<_> =
                    decisions[..at].iter().map(|(key, condition)| (*key, condition.taken)).collect();
                other.push((decisions[at].0, !decisions[at].1.taken));
                todo.push(other);
            }
            if evaluation.paths.len() + todo.len() >= MOST_VARIANTS && !todo.is_empty() {
                evaluation.diagnostics.push(too_many(decisions.iter().map(|(_, condition)| condition.span)));
                return evaluation;
            }
            evaluation.paths.push(evaluator.path());
        }
        // A way that ends in an exception may be one that is not meant to be gone.
        if uncaught.len() == evaluation.paths.len() {
            evaluation.diagnostics.extend(uncaught.into_iter().next());
        }
        return evaluation;
    }
}

fn too_many(spans: impl Iterator<Item = Span>) -> Diagnostic {
    let spans: BTreeSet<Span> = spans.collect();
    let mut spans = spans.into_iter();
    let message = format!("main can go more than {MOST_VARIANTS} ways, each with other operators");
    let mut diagnostic = Diagnostic::error("too-many-variants", message)
        .help("give the parameters at compile time, so that these conditions are known: pyflink-compile <script> - <param>…")
        .help("or compile with --record, which takes the one way that a run of main takes");
    if let Some(first) = spans.next() {
        diagnostic = diagnostic.at(first).label("depends on what only a run can tell");
    }
    for span in spans.take(8) {
        diagnostic = diagnostic.note(span, "and so does this");
    }
    diagnostic
}

/// A function or lambda of the source.
#[derive(Clone, Debug)]
struct Code<'a> {
    name: Name,
    params: &'a Parameters,
    body: Body<'a>,
    /// Of the name; of all of it for a lambda.
    span: Span,
    is_generator: bool,
    is_async: bool,
    locals: Rc<BTreeSet<String>>,
    globals: Rc<BTreeSet<String>>,
}

#[derive(Clone, Copy, Debug)]
enum Body<'a> {
    Block(&'a [Stmt]),
    Expr(&'a Expr),
}

/// A call, class body, module or comprehension that is being evaluated.
#[derive(Clone, Debug)]
struct Frame {
    scope: ObjectId,
    /// Scopes of the enclosing functions, innermost last.
    closure: Vec<ObjectId>,
    globals: ObjectId,
    /// Names that are local to a function; `None` elsewhere.
    locals: Option<Rc<BTreeSet<String>>>,
    /// Names that a function declares global.
    declared_global: Rc<BTreeSet<String>>,
    kind: FrameKind,
    /// The class in whose body the function stands, and what it was called on.
    class: Option<ObjectId>,
    receiver: Option<Value>,
    source: SourceId,
    /// What a generator has yielded.
    yielded: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FrameKind {
    Module,
    Function,
    Class,
    Comprehension,
}

/// One evaluation of the program along one path.
struct Evaluator<'a> {
    program: &'a Program,
    params: Option<&'a [String]>,
    heap: Heap,
    next_object: u32,
    /// Last identity given to an opaque value.
    fresh: u64,
    /// Identities of opaque values that are derived from others in a repeatable way.
    derived: HashMap<(u64, String), u64>,
    branches: Branches,
    frames: Vec<Frame>,
    codes: Vec<Code<'a>>,
    code_ids: HashMap<Span, CodeId>,
    world: ObjectId,
    /// Handed to `main`; calls on streams say where they are by it.
    diagnostics: Vec<Diagnostic>,
    /// The exception that ended the path.
    uncaught: Option<Diagnostic>,
    /// Counts what may have raised where nobody sees it.
    may_raise: u64,
    steps: u64,
    /// Streams and environments that went into calls which the compiler doesn't see into.
    unseen: BTreeSet<Span>,
    /// Attributes that were set on library modules and the like.
    overrides: BTreeMap<(u64, Name), Value>,
    /// Texts that calls of unknown functions were given first, by the identities of what they gave.
    given: HashMap<u64, Name>,
    /// What the sources bind and change, for bodies that are lifted.
    bindings: OnceCell<lift::Bindings>,
    /// Definitions of classes by their names' spans, and whether they stand at the top level.
    class_definitions: OnceCell<BTreeMap<Span, (&'a ClassDef, bool)>>,
    /// Names of generator functions, if the sources have handlers of exceptions.
    generators: OnceCell<Option<Rc<BTreeSet<String>>>>,
}

impl<'a> Evaluator<'a> {
    fn new(program: &'a Program, params: Option<&'a [String]>, branches: Branches) -> Evaluator<'a> {
        let mut heap = Heap::default();
        let mut next_object = 0;
        let world = heap.add(&mut next_object, Object::World(World::default()));
        Evaluator {
            program,
            params,
            heap,
            next_object,
            fresh: 0,
            derived: HashMap::new(),
            branches,
            frames: Vec::new(),
            codes: Vec::new(),
            code_ids: HashMap::new(),
            world,
            diagnostics: Vec::new(),
            uncaught: None,
            may_raise: 0,
            steps: 0,
            unseen: BTreeSet::new(),
            overrides: BTreeMap::new(),
            given: HashMap::new(),
            bindings: OnceCell::new(),
            class_definitions: OnceCell::new(),
            generators: OnceCell::new(),
        }
    }

    /// Imports the script and calls its `main`.
    fn run(&mut self) -> Eval<()> {
        let end = self.script();
        if let Err(Stop::Raise(raised)) = &end {
            self.frames.clear();
            self.uncaught = uncaught(raised);
            self.all_incomplete();
            return Ok(());
        }
        end
    }

    fn script(&mut self) -> Eval<()> {
        let script = SourceId(0);
        let name = self.program.sources.get(script).module.clone();
        let start = Span { source: script, start: 0, end: 0 };
        let module = self.source_module(&name, script, start)?;
        let Object::Module(module) = self.heap.get(module) else { return Ok(()) };
        let scope = module.scope;
        let Some(main) = self.name_in(scope, "main").cloned() else {
            if self.program.broken.is_empty() {
                self.report_no_main();
            }
            return Ok(());
        };
        self.check_main(&main, start)?;
        Ok(())
    }

    /// What this path has built.
    fn path(&self) -> Path {
        let Object::World(world) = self.heap.get(self.world) else { return Path::default() };
        let environments = world.environments.iter().filter_map(|id| match self.heap.get(*id) {
            Object::Environment(state) => {
                Some(Environment { span: state.span, nodes: state.nodes.clone(), incomplete: state.incomplete })
            }
            _ => None,
        });
        let executions = world.executions.iter().map(|execution| Execution {
            environment: world.environments.iter().position(|id| *id == execution.environment).unwrap_or(0),
            since: execution.since,
            until: execution.until,
            name: execution.name.clone(),
            span: execution.span,
        });
        Path {
            when: self.branches.decisions.iter().map(|(_, condition)| condition.clone()).collect(),
            environments: environments.collect(),
            executions: executions.collect(),
        }
    }

    /// Counts one step.
    fn step(&mut self, span: Span) -> Eval<()> {
        self.steps += 1;
        if self.steps != MOST_STEPS {
            return if self.steps > MOST_STEPS { Err(Stop::Limit) } else { Ok(()) };
        }
        self.report(
            Diagnostic::error("too-long", "reading main takes too long: it computes too much here")
                .at(span)
                .label("gave up here")
                .help("move the computation into a function of the pipeline, or compile with --record"),
        );
        Err(Stop::Limit)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        let known = |other: &Diagnostic| other.span == diagnostic.span && other.code == diagnostic.code;
        if !self.diagnostics.iter().any(known) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn opaque(&mut self, span: Span) -> Value {
        Value::Opaque(self.fresh_opaque(span))
    }

    fn fresh_opaque(&mut self, span: Span) -> Opaque {
        self.fresh += 1;
        Opaque { span, identity: self.fresh, poison: false, stream: false }
    }

    /// What stands for a value that is missing because of a mistake that is reported.
    fn poison(&mut self, span: Span) -> Value {
        let opaque = self.fresh_opaque(span);
        Value::Opaque(Opaque { poison: true, ..opaque })
    }

    /// An opaque value that is the same each time it is derived in the same way.
    fn derive(&mut self, from: Opaque, how: impl Into<String>, span: Span) -> Opaque {
        let fresh = &mut self.fresh;
        let identity = *self.derived.entry((from.identity, how.into())).or_insert_with(|| {
            *fresh += 1;
            *fresh
        });
        Opaque { span, identity, ..from }
    }

    fn add(&mut self, object: Object) -> ObjectId {
        self.heap.add(&mut self.next_object, object)
    }

    fn add_value(&mut self, object: Object) -> Value {
        Value::Object(self.add(object))
    }

    fn list(&mut self, items: Vec<Value>) -> Value {
        self.add_value(Object::List(items))
    }

    /// Sets whether operators were added: what an opaque loop must not do.
    fn graph_size(&self) -> usize {
        let Object::World(world) = self.heap.get(self.world) else { return 0 };
        let nodes = world.environments.iter().map(|id| match self.heap.get(*id) {
            Object::Environment(state) => state.nodes.len(),
            _ => 0,
        });
        nodes.sum::<usize>() + world.environments.len() + world.executions.len()
    }

    fn frame(&self) -> &Frame {
        self.frames.last().expect("evaluation happens in a frame")
    }

    fn source(&self) -> SourceId {
        self.frames.last().map_or(SourceId(0), |frame| frame.source)
    }

    fn name_in(&self, scope: ObjectId, name: &str) -> Option<&Value> {
        match self.heap.get(scope) {
            Object::Scope(names) => names.get(name),
            _ => None,
        }
    }

    fn bind(&mut self, scope: ObjectId, name: &str, value: Value) {
        if let Some(Object::Scope(names)) = self.heap.get_mut(scope) {
            names.insert(Rc::from(name), value);
        }
    }
}
