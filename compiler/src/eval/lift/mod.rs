//! Lifts bodies of functions to the plan's form for compilation, with every name resolved, or says why not.
//!
//! A body has no effect but its results, and what raises and isn't caught is left to CPython, which then does the whole
//! call. What the script might do
//! differently natively is refused, with the edit that would change that. Types are not looked at: inference does.

mod arguments;
mod attributes;
mod augmented;
mod bindings;
mod buffers;
mod builtins;
mod calls;
mod choices;
mod classes;
mod comprehensions;
mod conditions;
mod constants;
mod constructors;
mod dispatch;
mod enums;
mod exact;
mod exact_types;
mod expressions;
mod flowing;
mod flows;
mod format;
mod formulas;
mod functions;
mod groups;
mod handed;
mod heaps;
mod holding;
mod in_place;
mod iterables;
mod keys;
mod library;
mod lookers;
mod methods;
mod named;
mod names;
mod order;
mod partials;
mod patterns;
mod provenance;
mod ranking;
mod reasons;
mod regex;
mod renumber;
mod returned;
mod sharing;
mod slices;
mod stars;
mod statements;
mod stores;
mod substitutes;
mod tallies;
#[cfg(test)]
mod tests;
mod times;
mod tries;
mod unrolled;
mod urls;
mod written_out;

pub use bindings::Bindings;

use super::value::*;
use super::{Body as Source, Code, Evaluator};
use crate::api::classes::Call;
use crate::load::Program;
use crate::syntax::ast::*;
use crate::syntax::{scope, versions, walk};
use provenance::Provenance;
use pyflink_plan::ir::{self, Body, Expression, Inner, Statement, StatementKind};
use pyflink_plan::{Cause, Reason, Span};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Arrays and objects in each other at the most in a body's JSON: readers stop at 128, and a plan has some around it.
const DEEPEST_JSON: usize = 116;
/// Expressions and statements in each other at the most.
const DEEPEST: usize = 100;

type Lifted<T> = Result<T, Reason>;

/// What is in the way, and what to change.
fn reason(message: impl Into<String>, edit: impl Into<String>, span: Span) -> Reason {
    because(Cause::new(message, edit), span)
}

fn because(cause: Cause, span: Span) -> Reason {
    Reason::new(versions::as_written(cause.message), versions::as_written(cause.edit), span)
}

/// What a function of the script is called on; an object that is a value is a parameter like others.
#[derive(Clone, Debug)]
enum Receiver {
    /// The function object, or an object that it holds: where it is found from there, with a dot behind it.
    Object { class: Value, instance: Option<ObjectId>, path: String },
    /// The class itself.
    Class(Value),
}

/// What `return` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Results {
    Value,
    /// Each element of what is returned is a result.
    Each,
    /// Nobody looks at it.
    Ignored,
    /// A list of all that the generator function yields, in this local.
    Yielded(u32),
}

/// A function or lambda that stands in a function.
#[derive(Clone, Copy, Debug)]
struct Nested<'a> {
    params: &'a Parameters,
    body: Source<'a>,
    span: Span,
    is_generator: bool,
}

/// The function whose statements are being lifted.
struct Frame<'a> {
    function: Function,
    /// Names that are local to it.
    names: Rc<BTreeSet<String>>,
    /// Names that imports in it bind.
    imports: BTreeSet<String>,
    /// Names of the functions around it.
    outer: BTreeSet<String>,
    nested: BTreeMap<String, Nested<'a>>,
    /// Names that stand for one of several functions, or for rows with functions in them.
    choices: BTreeMap<String, choices::Choice<'a>>,
    /// Variables that hold dicts, lists or tuples of functions.
    dispatch: BTreeMap<String, choices::Table<'a>>,
    /// Arguments of the call that is being lifted, with the locals that hold their values.
    evaluated: BTreeMap<*const Expr, u32>,
    /// Names that stand for a `Counter` or `defaultdict`.
    tallies: BTreeMap<String, tallies::Tally>,
    /// What variables of loops that are lifted element by element stand for.
    items: BTreeMap<String, unrolled::Known>,
    /// Variables that hold what `str.maketrans` makes of constants.
    tables: BTreeSet<String>,
    provenance: Provenance<'a>,
    receiver: Option<(String, Receiver)>,
    /// Name of the collector or context.
    outlet: Option<String>,
    /// The object that it fills, if it is an `__init__`.
    making: Option<constructors::Making>,
    /// The local of the object that it changes and gives, if it is a method that does.
    gives_object: Option<u32>,
    is_generator: bool,
    /// It stands in a function.
    is_inside: bool,
    results: Results,
    /// Names with their locals: the function's own, and those of comprehensions and lambdas around what is being lifted.
    scopes: Vec<BTreeMap<String, u32>>,
    locals: u32,
    /// What has to run before the statement that is being lifted (`:=`).
    before: Vec<Statement>,
    /// Locals that were read for the statement that is being lifted.
    read: BTreeSet<u32>,
    /// The outermost loop around what is being lifted.
    around: Option<Span>,
    /// Methods that change what they are called on, within expressions so far.
    changes: u32,
    /// Greater than 0 in what may be evaluated not at all, or several times.
    conditional: u32,
}

struct Lift<'e, 'a> {
    evaluator: &'e Evaluator<'a>,
    call: Call,
    attributes: Vec<String>,
    /// Those of them that have to be what can't be changed.
    fixed: BTreeSet<u32>,
    /// Functions that are lifted, each behind those that it calls.
    functions: Vec<Inner>,
    known: BTreeMap<(Span, String), u32>,
    /// Functions that are being lifted.
    under_way: Vec<Span>,
    /// Classes whose objects are made or looked at by name.
    records: BTreeSet<ObjectId>,
    /// Whether the script has handlers of exceptions, which see in what order things are done.
    catches: bool,
    /// Names of generator functions, if so.
    generators: Rc<BTreeSet<String>>,
    /// Names of methods that change objects which are values; see [`Lift::changing_methods`].
    changing: OnceCell<Rc<BTreeMap<String, bool>>>,
    /// All that there are; see [`Lift::all_records`].
    all_records: OnceCell<Rc<[(ObjectId, classes::Record<'a>)]>>,
    frame: Frame<'a>,
    depth: usize,
}

impl<'a> Evaluator<'a> {
    /// The body of what an operator is given to call; `called` is the function it comes to, with the class of its object.
    pub(super) fn lift(&self, value: &Value, called: (&Function, Option<&Value>), call: Call) -> Lifted<Body> {
        let (function, class) = called;
        let code = &self.codes[function.code.0 as usize];
        if let Call::Sink | Call::Serialize = call {
            return Err(reason(
                "a sink's function runs in Python: it acts on the outside",
                "do what takes time in a map() before it",
                code.span,
            ));
        }
        if code.is_async {
            return Err(reason("an async function runs in Python", "write it without `async`", code.span));
        }
        let object = match value {
            Value::Method(method) => Some(method.receiver.clone()),
            Value::Object(_) if class.is_some() => Some(value.clone()),
            _ => None,
        };
        let receiver = match (object, class) {
            (Some(object), Some(class)) => {
                let instance = object.object();
                if let Some(Object::Instance(held)) = instance.map(|id| self.heap.get(id))
                    && matches!(value, Value::Object(_))
                    && held.attributes.contains_key(call.shape().method)
                {
                    return Err(reason(
                        "its object has an attribute in the place of the method",
                        "define the method in the class",
                        code.span,
                    ));
                }
                Some(Receiver::Object { class: class.clone(), instance, path: String::new() })
            }
            (Some(class), None) => Some(Receiver::Class(class)),
            _ => None,
        };
        let frame = Frame::new(self, function, receiver.map(|receiver| (code.params.positional().next(), receiver)))?;
        let mut lift = Lift::new(self, call, frame, vec![code.span]);
        let (parameters, mut lifted) = lift.entry(
            function,
            !matches!(value, Value::Object(id) if matches!(self.heap.get(*id), Object::Function(_))),
        )?;
        lift.body(self.lifted_source(code), &mut lifted)?;
        if let Results::Yielded(list) = lift.frame.results {
            lifted.push(statement(code.span, StatementKind::Return(Expression::Local(list))));
        }
        match call {
            Call::Split => returned::unify(&mut lifted),
            Call::Filter => returned::test(&mut lifted),
            _ => {}
        }
        lift.finish(parameters, lifted, code.span)
    }
}

impl<'a> Evaluator<'a> {
    /// The body of a function with its variables told apart.
    fn lifted_source(&self, code: &Code<'a>) -> Source<'a> {
        let program: &'a Program = self.program;
        match (code.body, program.told_apart(code.span)) {
            (Source::Block(_), Some(function)) => Source::Block(&function.body),
            (body, _) => body,
        }
    }
}

/// Names that a function binds; those that `:=` in a lambda binds are the lambda's.
fn names_in(params: &Parameters, body: Source) -> BTreeSet<String> {
    let block: &[Stmt] = match body {
        Source::Block(block) => block,
        Source::Expr(_) => &[],
    };
    let mut names = scope::locals(params, block);
    if let Source::Expr(expr) = body {
        scope::walrus_names(expr, &mut names);
    }
    names
}

/// The body of a builtin function that an operator calls: `map(str)`.
pub(super) fn builtin_body(name: &str, call: Call, span: Span) -> Lifted<Body> {
    let known = [
        "abs", "all", "any", "bool", "chr", "float", "int", "len", "list", "ord", "repr", "round", "str", "sum",
        "tuple",
    ];
    let builtin = ir::Builtin::from_name(name).filter(|_| known.contains(&name));
    let element = || boxed(Expression::Local(0));
    let value = match name {
        "max" => Some(Expression::Best(ir::Extreme::Max, element(), None, None)),
        "min" => Some(Expression::Best(ir::Extreme::Min, element(), None, None)),
        "sorted" => Some(Expression::Sorted(element(), None, boxed(Expression::Bool(false)))),
        "dict" => Some(Expression::Call(ir::Builtin::Dict, vec![Expression::Local(0)])),
        // `str.upper`: of nothing but text, which the addition sees to.
        _ => match name.strip_prefix("str.") {
            Some(method) if methods::of_text(method) => {
                Some(Expression::Method(boxed(dispatch::as_text(Expression::Local(0))), method.to_owned(), Vec::new()))
            }
            Some(_) => None,
            None => builtin.map(|builtin| Expression::Call(builtin, vec![Expression::Local(0)])),
        },
    };
    let is_native = value.is_some();
    let (Some(value), Call::Map | Call::Filter | Call::KeyBy) = (value, call) else {
        let edit = if is_native { "write a lambda that calls it" } else { substitutes::of_builtin(name) };
        return Err(reason(format!("{name}() runs in Python here"), edit, span));
    };
    let code = vec![statement(span, StatementKind::Return(value))];
    Ok(Body { parameters: 1, locals: 1, code, ..empty() })
}

impl Evaluator<'_> {
    /// True if functions of the script may change anything while a job runs.
    pub(super) fn changes_something(&self) -> bool {
        self.bindings.get_or_init(|| Bindings::new(self.program)).change_something()
    }
}

impl<'a> Frame<'a> {
    /// The frame of a function; the receiver with the parameter that it comes as.
    fn new(
        evaluator: &Evaluator<'a>,
        function: &Function,
        receiver: Option<(Option<&'a Parameter>, Receiver)>,
    ) -> Lifted<Frame<'a>> {
        let code = &evaluator.codes[function.code.0 as usize];
        let receiver = match receiver {
            Some((Some(parameter), receiver)) => Some((parameter.name.name.clone(), receiver)),
            Some((None, _)) => {
                return Err(reason("a method without a parameter for its object", "give it one, `self`", code.span));
            }
            None => None,
        };
        let body = evaluator.lifted_source(code);
        let block: &[Stmt] = match body {
            Source::Block(block) => block,
            Source::Expr(_) => &[],
        };
        Ok(Frame {
            function: function.clone(),
            names: Rc::new(names_in(code.params, body)),
            imports: imports_in(block),
            outer: BTreeSet::new(),
            nested: BTreeMap::new(),
            choices: BTreeMap::new(),
            dispatch: BTreeMap::new(),
            evaluated: BTreeMap::new(),
            tallies: BTreeMap::new(),
            items: BTreeMap::new(),
            tables: BTreeSet::new(),
            provenance: Provenance::of(code.params, body),
            receiver,
            outlet: None,
            making: None,
            gives_object: None,
            is_generator: code.is_generator,
            is_inside: false,
            results: Results::Value,
            scopes: vec![BTreeMap::new()],
            locals: 0,
            before: Vec::new(),
            read: BTreeSet::new(),
            around: None,
            changes: 0,
            conditional: 0,
        })
    }
}

impl<'e, 'a> Lift<'e, 'a> {
    fn new(evaluator: &'e Evaluator<'a>, call: Call, frame: Frame<'a>, under_way: Vec<Span>) -> Self {
        let program = evaluator.program;
        let generators = evaluator
            .generators
            .get_or_init(|| tries::has_handlers(program).then(|| Rc::new(exact::generators(program))));
        Lift {
            evaluator,
            call,
            attributes: Vec::new(),
            fixed: BTreeSet::new(),
            functions: Vec::new(),
            known: BTreeMap::new(),
            under_way,
            records: BTreeSet::new(),
            catches: generators.is_some(),
            generators: generators.clone().unwrap_or_default(),
            changing: OnceCell::new(),
            all_records: OnceCell::new(),
            frame,
            depth: 0,
        }
    }
}

impl<'a> Lift<'_, 'a> {
    /// Makes locals of the parameters that the operator fills, and says how many these are and what the others are.
    fn entry(&mut self, function: &Function, is_method: bool) -> Lifted<(u32, Vec<Statement>)> {
        let code = &self.evaluator.codes[function.code.0 as usize];
        let mut positional: Vec<&'a Parameter> = code.params.positional().collect();
        if self.frame.receiver.is_some() {
            positional.remove(0);
        }
        let required = positional.iter().filter(|parameter| parameter.default.is_none()).count();
        let shape = self.call.shape();
        let arities = match is_method || shape.plain_arity.is_empty() {
            true => shape.method_arity,
            false => shape.plain_arity,
        };
        // Both forms of a function that may do without a collector are tried, as the runtime does.
        let both = [2usize, 1].as_slice();
        let arities = if self.call == Call::FlatMap { both } else { arities };
        let arities = if self.call == Call::WindowApply { [4usize, 3].as_slice() } else { arities };
        let fitting: Vec<usize> =
            arities.iter().copied().filter(|count| required <= *count && *count <= positional.len()).collect();
        let given = fitting.iter().copied().find(|count| *count == required).or(fitting.first().copied());
        let Some(given) = given.filter(|_| code.params.kwonly.iter().all(|parameter| parameter.default.is_some()))
        else {
            return Err(reason(
                "it takes other parameters than its operator gives",
                "give it those that its operator documents",
                code.span,
            ));
        };
        if code.params.vararg.is_some() || code.params.kwarg.is_some() {
            return Err(reason("it takes any number of parameters (`*args`, `**kwargs`)", "name them", code.span));
        }
        let has_outlet = match self.call {
            Call::FlatMap => given == 2,
            Call::WindowApply => given == 4,
            Call::Source => given == 1,
            _ => false,
        };
        let values = given - usize::from(has_outlet);
        if has_outlet {
            self.frame.outlet = Some(positional[given - 1].name.name.clone());
        }
        for parameter in &positional[..values] {
            self.local(&parameter.name.name);
        }
        self.frame.results = match self.call {
            Call::FlatMap | Call::WindowApply => Results::Each,
            Call::Source if has_outlet => Results::Ignored,
            Call::Source => Results::Each,
            _ => Results::Value,
        };
        let is_selector = self.frame.is_generator && self.call == Call::Split;
        if self.frame.is_generator && self.frame.results != Results::Each && !is_selector {
            return Err(reason(
                "it is a generator function, and its operator takes one result",
                "use `return`",
                code.span,
            ));
        }
        if self.call == Call::Source && !has_outlet && !self.frame.is_generator {
            return Err(reason("a source that returns its elements runs in Python", "use `yield`", code.span));
        }
        let mut lifted = Vec::new();
        for parameter in positional[given..].iter().copied().chain(&code.params.kwonly) {
            let value = self.default(function, parameter)?;
            let local = self.local(&parameter.name.name);
            lifted.push(statement(parameter.name.span, StatementKind::Assign(ir::Target::Local(local), value)));
        }
        self.copy_changed(&positional[..values], code, &mut lifted);
        if is_selector {
            let list = self.fresh();
            self.frame.results = Results::Yielded(list);
            let empty = StatementKind::Assign(ir::Target::Local(list), Expression::List(Vec::new()));
            lifted.push(statement(code.span, empty));
        }
        Ok((values as u32, lifted))
    }

    /// Adds the statements of a whole function.
    fn body(&mut self, body: Source<'a>, lifted: &mut Vec<Statement>) -> Lifted<()> {
        match body {
            Source::Expr(expr) => {
                let from = lifted.len();
                self.give(Some(expr), expr.span, lifted)?;
                if !self.is_exact(expr) {
                    self.left_to_python(expr.span, lifted, from);
                }
                Ok(())
            }
            Source::Block(block) => {
                lifted.extend(self.block(block)?);
                Ok(())
            }
        }
    }

    /// The local of a name in the innermost function.
    fn local(&mut self, name: &str) -> u32 {
        if let Some(local) = self.frame.scopes[0].get(name) {
            return *local;
        }
        let local = self.fresh();
        self.frame.scopes[0].insert(name.to_owned(), local);
        local
    }

    /// A local without a name.
    fn fresh(&mut self) -> u32 {
        self.frame.locals += 1;
        self.frame.locals - 1
    }

    /// All classes whose objects are values.
    fn all_records(&self) -> Rc<[(ObjectId, classes::Record<'a>)]> {
        self.all_records.get_or_init(|| self.evaluator.records().into()).clone()
    }

    fn flows(&self) -> &flows::Flows {
        self.bindings().flows.get_or_init(|| flows::Flows::new(self.evaluator.program))
    }

    fn bindings(&self) -> &Bindings {
        self.evaluator.bindings.get_or_init(|| Bindings::new(self.evaluator.program))
    }

    /// Lifts something one level deeper.
    fn deeper<T>(&mut self, span: Span, lift: impl FnOnce(&mut Self) -> Lifted<T>) -> Lifted<T> {
        if self.depth >= DEEPEST {
            return Err(reason("it nests too deep", "use variables for parts of it", span));
        }
        self.depth += 1;
        let lifted = lift(self);
        self.depth -= 1;
        lifted
    }

    /// Lifts something that may not be evaluated, or several times.
    fn conditionally<T>(&mut self, lift: impl FnOnce(&mut Self) -> Lifted<T>) -> Lifted<T> {
        self.frame.conditional += 1;
        let lifted = lift(self);
        self.frame.conditional -= 1;
        lifted
    }

    fn finish(mut self, parameters: u32, code: Vec<Statement>, span: Span) -> Lifted<Body> {
        let mut body = Body { parameters, locals: 0, code, ..empty() };
        self.add_classes(&mut body)?;
        let changes_elements = self.bindings().changes_arguments;
        body.locals = self.frame.locals;
        body.attributes = self.attributes;
        body.fixed = self.fixed.into_iter().collect();
        body.functions = self.functions;
        tries::tidy(&mut body);
        body.changes_elements = changes_elements;
        renumber::callers_first(&mut body);
        let text = serde_json::to_string(&body).unwrap_or_default();
        if json_depth(&text) > DEEPEST_JSON {
            return Err(reason("it nests too deep", "use variables or functions for parts of it", span));
        }
        Ok(body)
    }
}

/// Names that imports in a function bind.
fn imports_in(block: &[Stmt]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    walk::statements(block, &mut |statement| {
        if let StmtKind::Import(_) | StmtKind::ImportFrom { .. } = statement.kind {
            scope::bound_names(statement, &mut names);
        }
    });
    names
}

fn empty() -> Body {
    Body {
        parameters: 0,
        locals: 0,
        attributes: Vec::new(),
        fixed: Vec::new(),
        functions: Vec::new(),
        classes: Vec::new(),
        changes_elements: false,
        code: Vec::new(),
    }
}

fn statement(span: Span, kind: StatementKind) -> Statement {
    Statement { at: span.into(), kind }
}

fn boxed(expression: Expression) -> Box<Expression> {
    Box::new(expression)
}

/// How many arrays and objects are around the innermost value.
fn json_depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
