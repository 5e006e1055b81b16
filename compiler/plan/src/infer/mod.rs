//! Types of values in function bodies, from those of the arguments on: [`crate::ir`] in, [`crate::typed`] out.
//!
//! A walk over the statements in their order, with the type of each local at each point (`environment`). Expressions
//! become trees; what is more than a tree (loops, inlined calls) becomes statements before it. What is only known later
//! (elements of a list that begins empty, the result of a function with several `return`s) is a *cell* (`cells`): its
//! type is what was seen so far, and when it grows, the walk begins anew. Types only grow, so that it ends.

mod arithmetic;
mod blocks;
mod bytes;
mod calls;
mod cells;
mod changing;
mod coerce;
mod compact;
mod comparisons;
mod conditions;
mod displays;
mod environment;
mod equality;
mod expressions;
mod format;
mod index;
mod iterables;
mod loops;
mod matches;
mod math;
mod members;
mod membership;
mod methods;
mod mutation;
mod named;
mod owned;
mod percent;
mod records;
mod rows;
mod shapes;
mod statements;
mod text;
mod time;
mod tries;
mod unions;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::rc::Rc;

use crate::ir::{Body, Expression, Statement, StatementKind};
use crate::primitive::Primitive;
use crate::typed::{Expr, Function, Kind, Label, Slot, Stmt, Why};
use crate::types::{Constant, Type};
use crate::{Reason, Span};

use cells::{Cells, Sites};
use environment::{Env, Local};
use owned::Owned;

/// How often the walk may begin anew.
const ROUNDS: usize = 400;
/// How many expressions are looked at in one walk, and in all.
const WALK: usize = 40_000;
const ALL_WALKS: usize = 2_000_000;

/// Gives a body its types: for arguments of these types, and attributes of these values (in the order of
/// [`Body::attributes`]). The reason says what has no machine form, and what to do about it.
pub fn infer(body: &Body, arguments: &[Type], attributes: &[Constant]) -> Result<Function, Reason> {
    typed(body, arguments, attributes, false)
}

/// As [`infer`], for the function of a source: it has no arguments, and its attributes may change while it runs, also by
/// others.
pub fn infer_source(body: &Body, attributes: &[Constant]) -> Result<Function, Reason> {
    typed(body, &[], attributes, true)
}

fn typed(body: &Body, arguments: &[Type], attributes: &[Constant], all_change: bool) -> Result<Function, Reason> {
    let owned = Rc::new(Owned::new(body));
    let typed = |handles| {
        let with = |rows| typed_with(body, arguments, attributes, all_change, handles, (&owned, rows));
        match with(Rows::Made) {
            // A dict of any keys is made of rows because a loop goes over their keys.
            Ok(function) if made_dicts(&function, arguments) => match with(Rows::Unrolled) {
                Ok(unrolled) if !made_dicts(&unrolled, arguments) => Ok(unrolled),
                _ => Ok(function),
            },
            Ok(function) => Ok(function),
            Err((reason, unrolls)) => {
                if unrolls && let Ok(function) = with(Rows::Unrolled) {
                    return Ok(function);
                }
                // Dicts of any keys may do where such with known ones don't.
                with(Rows::Not).map_err(|_| reason)
            }
        }
    };
    // What a handler does may be of other types: then CPython does what it catches.
    typed(true).or_else(|reason| if tries::has_handlers(body) { typed(false) } else { Err(reason) })
}

/// Whether a function gives a dict of any keys for rows.
fn made_dicts(function: &Function, arguments: &[Type]) -> bool {
    let is_dict = |of: &Type| of.any(&|of| matches!(of, Type::Dict(..)));
    arguments.iter().any(|of| matches!(of, Type::Row(_)))
        && function.slots.get(function.result as usize).is_some_and(is_dict)
}

/// What becomes of dicts whose keys are known.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Rows {
    /// Dicts of any keys; arguments too, where that goes.
    Not,
    #[default]
    Made,
    /// And loops over texts that are known are walked for each of them, as they are keys of rows.
    Unrolled,
}

/// The reason comes with whether loops that are unrolled may help.
fn typed_with(
    body: &Body,
    arguments: &[Type],
    attributes: &[Constant],
    all_change: bool,
    handles: bool,
    (owned, rows): (&Rc<Owned>, Rows),
) -> Result<Function, (Reason, bool)> {
    let span = body.code.first().map(Statement::span);
    let span = span.unwrap_or(Span { source: crate::SourceId(0), start: 0, end: 0 });
    let reason = |message: &str, edit: &str| Reason::new(message, edit, span);
    if arguments.len() != body.parameters as usize || attributes.len() != body.attributes.len() {
        return Err((reason("it is called with another number of arguments", "compile the script again"), false));
    }
    let mut cells = Cells::default();
    let mut looked_at = 0;
    for _ in 0..ROUNDS {
        let mut lowering = Lowering::new(body, attributes, cells, span);
        (lowering.owned, lowering.rows) = (owned.clone(), rows);
        lowering.handles = handles;
        if all_change {
            let is_set = |value: &Constant| matches!(value, Constant::Bool(_) | Constant::Int(_));
            lowering.changed.iter_mut().zip(attributes).for_each(|(changed, value)| *changed |= is_set(value));
        }
        let outcome = lowering.function(arguments);
        looked_at += lowering.looked_at;
        match outcome {
            Ok(function) => {
                let result = &function.slots[function.result as usize];
                // Of results that are one object, the engine hands on copies.
                let is_shared = rows::may_be_twice(result) || rows::may_be_twice(&function.collects);
                let has_object = arguments.iter().find(|of| of.has_changing_object() || of.has_mixed());
                if let (Some(of), true) = (has_object, body.changes_elements) {
                    let what = match of.has_mixed() {
                        true => "lists of several types",
                        false => "objects that machine code only hands on",
                    };
                    let message = format!(
                        "its elements are {of}, with {what}, and the script has functions that change what they are given"
                    );
                    return Err((reason(&message, "change copies there"), false));
                }
                if body.changes_elements && is_shared {
                    return Err((
                        reason(
                            "a dict or object may be in two places of what it gives, and the script has functions \
                             that change what they are given",
                            "change copies there",
                        ),
                        false,
                    ));
                }
                let function = compact::compact(function);
                debug_assert_eq!(crate::typed_verify::verify(&function), Ok(()), "{function:#?}");
                return Ok(function);
            }
            Err(Stop::Refused(reason)) => return Err((reason, lowering.any_key)),
            Err(Stop::Dead) => {
                return Err((reason("it ends in an exception, always", "give a result on at least one way"), false));
            }
            Err(Stop::Again) if looked_at > ALL_WALKS => break,
            Err(Stop::Again) => cells = lowering.cells,
        }
    }
    Err((reason("it is too large to be compiled", "split it"), false))
}

/// Why the walk doesn't go on.
enum Stop {
    Refused(Reason),
    /// The way that is walked ends here in a bail, which is emitted.
    Dead,
    /// A cell has grown.
    Again,
}

type Lowered<T> = Result<T, Stop>;

/// A value, and the places that may have made the lists, dicts and sets in it.
#[derive(Clone, Debug)]
struct Value {
    expr: Expr,
    sites: Sites,
}

/// A function that is walked: the body, or one that is inlined.
struct Frame {
    /// The same in each walk.
    id: u32,
    function: owned::Function,
    /// Where `return` goes, and which cell has the type of the result.
    label: Label,
    result: u32,
    slot: Slot,
    sites: Sites,
    loops: Vec<blocks::LoopFrame>,
}

struct Lowering<'a> {
    body: &'a Body,
    attributes: &'a [Constant],
    /// Whether the body changes an attribute, by index.
    changed: Vec<bool>,
    /// Whether functions that it calls may change dicts or sets.
    functions_change: bool,
    /// Whether arguments may be matches of expressions that aren't seen here.
    foreign_matches: bool,
    cells: Cells,
    slots: Vec<Type>,
    /// Slots of locals, by frame, local and type.
    local_slots: HashMap<(u32, u32, Type), Slot>,
    labels: Label,
    frames: Vec<Frame>,
    env: Env,
    out: Vec<Stmt>,
    span: Span,
    looked_at: usize,
    /// Locals in the order in which they were assigned, for what is known of them.
    assigned: Vec<u32>,
    /// Whether handlers of exceptions are walked; CPython does what they catch, if not.
    handles: bool,
    /// `try`s around what is walked.
    tries: Vec<tries::Try>,
    /// What is sure to raise, first.
    raising: Option<Reason>,
    rows: Rows,
    /// Whether a key of a row is looked up that only the run tells.
    any_key: bool,
    owned: Rc<Owned>,
    /// In how many ways the walk has parted for values of several types.
    ways: usize,
    /// Locals that loops go over, by depth of their function.
    gone_over: Vec<(usize, u32)>,
}

impl<'a> Lowering<'a> {
    fn new(body: &'a Body, attributes: &'a [Constant], cells: Cells, span: Span) -> Self {
        let mut changed = vec![false; attributes.len()];
        changes(&body.code, &mut changed);
        body.functions.iter().for_each(|function| changes(&function.code, &mut changed));
        Lowering {
            body,
            attributes,
            changed,
            functions_change: body.functions.iter().any(|function| mutation::changes_dicts(&function.code)),
            foreign_matches: false,
            cells,
            slots: Vec::new(),
            local_slots: HashMap::new(),
            labels: 0,
            frames: Vec::new(),
            env: Env::new(body.locals),
            out: Vec::new(),
            span,
            looked_at: 0,
            assigned: Vec::new(),
            handles: true,
            tries: Vec::new(),
            raising: None,
            rows: Rows::default(),
            any_key: false,
            owned: Rc::default(),
            ways: 1,
            gone_over: Vec::new(),
        }
    }

    fn function(&mut self, arguments: &[Type]) -> Lowered<Function> {
        let label = self.label();
        let result = self.cells.cell(0, 0);
        let slot = self.temp(self.cells.of(result));
        self.frames.push(Frame { id: 0, function: None, label, result, slot, sites: Sites::new(), loops: Vec::new() });
        self.foreign_matches = arguments.iter().any(holds_matches);
        let mut parameters = Vec::with_capacity(arguments.len());
        for (local, of) in arguments.iter().enumerate() {
            let slot = self.local_slot(local as u32, of);
            self.env.locals[local] = Local::set(slot, of.clone(), Sites::new());
            parameters.push(slot);
        }
        if self.rows == Rows::Not {
            for (local, of) in arguments.iter().enumerate().filter(|(_, of)| matches!(of, Type::Row(_))) {
                if let Some(dict) = self.row_as_dict(Value::slot(parameters[local], of.clone()))? {
                    self.assign(local as u32, dict);
                }
            }
        }
        self.each_argument(0)?;
        if !self.cells.reached(result) {
            return Err(match self.raising.take() {
                Some(reason) => Stop::Refused(reason),
                None => self.refused("it ends in an exception, always", "give a result on at least one way"),
            });
        }
        let code = vec![Stmt::Block(label, std::mem::take(&mut self.out))];
        let collects = self.cells.collects();
        Ok(Function { slots: std::mem::take(&mut self.slots), parameters, result: slot, code, collects })
    }

    fn refused(&self, message: impl Into<String>, edit: impl Into<String>) -> Stop {
        Stop::Refused(Reason::new(with_articles(&message.into()), with_articles(&edit.into()), self.span))
    }

    /// This way is sure to end in an exception.
    fn raises(&mut self, message: impl Into<String>, edit: impl Into<String>) -> Stop {
        let reason = Reason::new(with_articles(&message.into()), with_articles(&edit.into()), self.span);
        self.raising.get_or_insert(reason);
        self.bail(Why::Raises)
    }

    fn bail(&mut self, why: Why) -> Stop {
        self.out.push(Stmt::Bail(why));
        self.env.reachable = false;
        Stop::Dead
    }

    /// This way is left to CPython, as it can't be compiled.
    fn left(&mut self, reason: Reason) -> Stop {
        self.out.push(Stmt::Left(reason));
        self.env.reachable = false;
        Stop::Dead
    }

    fn label(&mut self) -> Label {
        self.labels += 1;
        self.labels - 1
    }

    fn temp(&mut self, of: Type) -> Slot {
        self.slots.push(of);
        (self.slots.len() - 1) as Slot
    }

    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a function is walked")
    }

    fn local_slot(&mut self, local: u32, of: &Type) -> Slot {
        let frame = self.frame().id;
        if let Some(slot) = self.local_slots.get(&(frame, local, of.clone())) {
            return *slot;
        }
        let slot = self.temp(of.clone());
        self.local_slots.insert((frame, local, of.clone()), slot);
        slot
    }

    /// Evaluates a value here, once.
    fn hold(&mut self, value: Value) -> Value {
        if matches!(value.expr.kind, Kind::Constant(_)) {
            return value;
        }
        let slot = self.temp(value.expr.of.clone());
        let of = value.expr.of.clone();
        self.out.push(Stmt::Assign(slot, value.expr));
        Value { expr: Expr { of, kind: Kind::Slot(slot) }, sites: value.sites }
    }

    /// Evaluates what isn't needed, for its exceptions.
    fn evaluate(&mut self, value: Value) {
        if !matches!(value.expr.kind, Kind::Constant(_) | Kind::Slot(_)) {
            let caught = self.caught_in(&value.expr);
            self.within(caught, |this| this.out.push(Stmt::Evaluate(value.expr)));
        }
    }

    /// Something whose place in the body is the same in each walk.
    fn place<T>(&mut self, of: &T) -> (u32, usize) {
        (self.frame().id, std::ptr::from_ref(of) as usize)
    }
}

impl Lowering<'_> {
    /// The place of a call that an operator makes: of two in one statement, cells may be shared.
    fn implicit_place(&mut self, name: &str) -> (u32, usize) {
        let hash = name
            .bytes()
            .fold(self.span.start as usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte)));
        (self.frame().id, hash | 1 << (usize::BITS - 1))
    }
}

impl Value {
    fn new(of: Type, kind: Kind) -> Value {
        Value { expr: Expr { of, kind }, sites: Sites::new() }
    }

    /// What is made of other values: it may hold what they hold.
    fn from(of: Type, kind: Kind, sites: Sites) -> Value {
        let sites = if cells::holds_objects(&of) { sites } else { Sites::new() };
        Value { expr: Expr { of, kind }, sites }
    }

    fn none() -> Value {
        Value::new(Type::None, Kind::Constant(Constant::None))
    }

    fn bool(value: bool) -> Value {
        Value::new(Type::Bool, Kind::Constant(Constant::Bool(value)))
    }

    fn int(value: i64) -> Value {
        Value::new(Type::Int, Kind::Constant(Constant::Int(value)))
    }

    fn str(text: impl Into<String>) -> Value {
        Value::new(Type::Str, Kind::Constant(Constant::Str(text.into())))
    }

    fn slot(slot: Slot, of: Type) -> Value {
        Value::new(of, Kind::Slot(slot))
    }

    fn call(of: Type, primitive: Primitive, operands: Vec<Value>) -> Value {
        let mut sites = Sites::new();
        operands.iter().for_each(|operand| sites.extend(&operand.sites));
        Value::from(of, Kind::Call(primitive, operands.into_iter().map(|operand| operand.expr).collect()), sites)
    }

    fn of(&self) -> &Type {
        &self.expr.of
    }

    fn constant(&self) -> Option<&Constant> {
        match &self.expr.kind {
            Kind::Constant(constant) => Some(constant),
            _ => None,
        }
    }
}

fn changes(statements: &[Statement], changed: &mut [bool]) {
    for statement in statements {
        match &statement.kind {
            StatementKind::SetAttribute(index, _) => {
                if let Some(changed) = changed.get_mut(*index as usize) {
                    *changed = true;
                }
            }
            StatementKind::If(ways, orelse) => {
                ways.iter().for_each(|(_, body)| changes(body, changed));
                changes(orelse, changed);
            }
            StatementKind::While(_, body, orelse) | StatementKind::For(_, _, body, orelse) => {
                changes(body, changed);
                changes(orelse, changed);
            }
            StatementKind::Try(body, handlers, orelse) => {
                changes(body, changed);
                handlers.iter().for_each(|handler| changes(&handler.body, changed));
                changes(orelse, changed);
            }
            _ => {}
        }
    }
}

/// Type of an expression that stands for an int written in a script: `3`, `-1`.
fn literal_int(expression: &Expression) -> Option<i64> {
    match expression {
        Expression::Int(value) => Some(*value),
        Expression::Unary(crate::ir::UnaryOp::Minus, inner) => match &**inner {
            Expression::Int(value) => value.checked_neg(),
            _ => None,
        },
        _ => None,
    }
}

fn holds_matches(of: &Type) -> bool {
    of.any(&|of| matches!(of, Type::Match(_)))
}

/// A message in which types stand behind `a`: `an int`.
/// What to change where something isn't done with a value of a type; `edit`: where it's of no type for which that is known.
fn instead_of(of: &Type, edit: &'static str) -> &'static str {
    match of {
        Type::None => "test it with `is not None` before",
        Type::Object(_) => "hand on a number, a text, a tuple or a list instead of it",
        _ => edit,
    }
}

fn with_articles(message: &str) -> String {
    let mut words: Vec<String> = message.split(' ').map(str::to_owned).collect();
    for at in 1..words.len() {
        let is_vowel = words[at].starts_with("int") || words[at].starts_with(['A', 'E', 'I', 'O']);
        if is_vowel && words[at - 1] == "a" {
            words[at - 1] = "an".to_owned();
        }
    }
    words.join(" ")
}
