//! Kernels: chains of functions as machine code over columns.
//!
//! A kernel does exactly what CPython does, or nothing: where a row can't be done exactly (an overflow, an exception, text
//! that isn't ASCII where that matters), it *bails*, and CPython does that row. Functions in the plan's form have no
//! effects, so a row that was begun can be begun again.

pub mod caller;
mod codegen;
pub mod coerce;
pub mod frame;
pub mod held;
mod helpers;
pub mod memory;
pub mod primitives;
pub mod python;
pub mod python_time;
pub mod python_types;
pub mod source;
pub mod values;

use crate::python::signals;
use codegen::{Parts, Plan};
use cranelift_codegen::Context;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::FunctionBuilderContext;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module, default_libcall_names};
use frame::{Entry, Frame};
use memory::Memory;
use pyflink_plan::typed::{Function, Stmt, Why};
use pyflink_plan::types::Type;
use pyflink_plan::{Reason, Span};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// One step of a chain.
#[derive(Clone, Debug)]
pub struct Step {
    pub role: Role,
    /// Takes the value as it comes, or a tuple's fields as its parameters.
    pub function: Function,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its result goes on.
    Map,
    /// Keeps the value if its result is true.
    Filter,
    /// What it collects goes on.
    FlatMap,
    /// Its result goes beside the value: a key, the names of an output selector. Only at the end.
    Side,
}

/// A statement of a step's function, or none in particular.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub step: usize,
    pub span: Option<Span>,
}

/// Types of the values at the end of a chain, for values of the type `input` at its start.
pub fn value_type(steps: &[Step], input: &Type) -> Type {
    let given = steps.iter().rev().find_map(|step| match step.role {
        Role::Map => step.function.slots.get(step.function.result as usize).cloned(),
        Role::FlatMap => Some(step.function.collects.clone()),
        Role::Filter | Role::Side => None,
    });
    given.unwrap_or_else(|| input.clone())
}

thread_local! {
    /// What compiling needs room for: taken for a kernel, and given back if it went well.
    static ROOM: Cell<Option<Box<(Context, FunctionBuilderContext)>>> = const { Cell::new(None) };
}

/// What code is like, for how it is best made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Its registers are chosen with care.
    Tight,
    /// Its registers are allocated in a single pass and its instructions stay as they are: that takes a third of the time.
    Plain,
}

impl Style {
    /// The time that good registers take grows faster than code does, and where helpers are called all the time, little is
    /// gained from them.
    fn of(function: &cranelift_codegen::ir::Function) -> Style {
        /// Instructions of code that is long, and of code that is too long for care.
        const LONG: [usize; 2] = [250, 600];
        /// Instructions for a call of a helper in code that mostly computes.
        const COMPUTES: usize = 50;
        let instructions = || function.layout.blocks().flat_map(|block| function.layout.block_insts(block));
        let length = instructions().count();
        let calls = instructions().filter(|of| function.dfg.insts[*of].opcode().is_call()).count();
        if length >= LONG[1] || (length >= LONG[0] && calls * COMPUTES >= length) { Style::Plain } else { Style::Tight }
    }
}

/// The machine that code is made for.
fn machine(style: Style) -> Option<OwnedTargetIsa> {
    static MACHINES: [OnceLock<Option<OwnedTargetIsa>>; 2] = [OnceLock::new(), OnceLock::new()];
    let (at, level, allocator) = match style {
        Style::Tight => (0, "speed", "backtracking"),
        Style::Plain => (1, "none", "single_pass"),
    };
    let make = || {
        let mut flags = settings::builder();
        flags.set("opt_level", level).ok()?;
        flags.set("regalloc_algorithm", allocator).ok()?;
        flags.set("is_pic", "false").ok()?;
        flags.set("unwind_info", "false").ok()?;
        let checked = if cfg!(debug_assertions) { "true" } else { "false" };
        flags.set("enable_verifier", checked).ok()?;
        flags.set("regalloc_checker", checked).ok()?;
        cranelift_native::builder().ok()?.finish(settings::Flags::new(flags)).ok()
    };
    MACHINES[at].get_or_init(make).clone()
}

/// Number of places at which something is collected.
fn collects(code: &[Stmt]) -> usize {
    let of = |statement: &Stmt| match statement {
        Stmt::Collect(_) => 1,
        Stmt::If(_, yes, no) => collects(yes) + collects(no),
        Stmt::Loop(_, body) | Stmt::Block(_, body) | Stmt::Try(_, body) => collects(body),
        Stmt::For(of) => collects(&of.body) + collects(&of.orelse),
        _ => 0,
    };
    code.iter().map(of).sum()
}

/// What the code refers to. Results refer to it too: constants may be among them.
pub struct Kept {
    parts: Parts,
    module: Option<JITModule>,
}

// SAFETY: nothing in it is changed after it is made, and it belongs to no thread.
unsafe impl Send for Kept {}
// SAFETY: as above.
unsafe impl Sync for Kept {}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: whoever calls the code holds this, so nobody is in a call.
            unsafe { module.free_memory() };
        }
    }
}

pub struct Kernel {
    entry: Entry,
    pub input: Type,
    /// Type of the values it gives; of no use if they pass.
    pub value: Type,
    pub side: Option<Type>,
    /// Values go out as they came in: results have no words of them.
    pub passes: bool,
    /// A row may give more results than one.
    expands: bool,
    columns: usize,
    kept: Arc<Kept>,
}

/// What is asked of the code.
pub struct Order<'a> {
    pub steps: &'a [Step],
    pub input: &'a Type,
    /// Bounds of the words of the input that are ints, where they are known: the kernel may only be run on such.
    pub bounds: Option<&'a [(i64, i64)]>,
    /// For a source, the types of its attributes: what it has given is never taken back.
    pub source: Option<&'a [Type]>,
    /// Version of the interpreter that is to agree.
    pub python: (u8, u8),
}

impl Kernel {
    /// Compiles a chain. `None` if something in it has no machine form.
    pub fn compile(order: &Order<'_>) -> Option<Kernel> {
        let isa = machine(Style::Tight)?;
        let convention = isa.default_call_conv();
        let mut room = ROOM.take().unwrap_or_else(|| Box::new((Context::new(), FunctionBuilderContext::new())));
        let (context, building) = &mut *room;
        context.func.signature.call_conv = convention;
        let places = Vec::new();
        let (constants, guarded) = (Memory::default(), BTreeSet::new());
        let mut parts = Parts { sites: Vec::new(), constants, places, guarded, python: order.python };
        let passes = order.steps.iter().all(|step| matches!(step.role, Role::Filter | Role::Side));
        let any = vec![(i64::MIN, i64::MAX); order.input.words()];
        let plan = Plan {
            steps: order.steps,
            input: order.input,
            ranges: order.bounds.filter(|bounds| bounds.len() == any.len()).unwrap_or(&any),
            passes,
            source: order.source,
        };
        codegen::generate((&mut context.func, building), isa.frontend_config(), convention, &plan, &mut parts)?;
        let isa = machine(Style::of(&context.func))?;
        let mut module = JITModule::new(JITBuilder::with_isa(isa, default_libcall_names()));
        let signature = context.func.signature.clone();
        let id = module.declare_function("chain", Linkage::Export, &signature).ok()?;
        module.define_function(id, context).ok()?;
        module.clear_context(context);
        ROOM.set(Some(room));
        module.finalize_definitions().ok()?;
        let code = module.get_finalized_function(id);
        // SAFETY: the code was generated with just this signature, by `codegen`.
        let entry = unsafe { std::mem::transmute::<*const u8, Entry>(code) };
        let value = value_type(order.steps, order.input);
        let last = order.steps.last()?;
        let side = (last.role == Role::Side).then(|| last.function.slots[last.function.result as usize].clone());
        let columns = codegen::output_words(&value, side.as_ref(), passes).len();
        Some(Kernel {
            entry,
            input: order.input.clone(),
            value,
            side,
            passes,
            expands: order.steps.iter().any(|step| step.role == Role::FlatMap),
            columns,
            kept: Arc::new(Kept { parts, module: Some(module) }),
        })
    }

    /// What results may refer to.
    pub fn kept(&self) -> &Arc<Kept> {
        &self.kept
    }

    /// True if there are rows that a step may leave to CPython.
    pub fn is_guarded(&self, step: usize) -> bool {
        self.kept.parts.guarded.contains(&step)
    }

    /// The statement of a [`Stopped::place`].
    pub fn place(&self, place: u32) -> Option<Place> {
        self.kept.parts.places.get(place as usize).map(|(place, _)| *place)
    }

    /// What can't be compiled at a [`Stopped::place`], if it is that.
    pub fn refusal(&self, place: u32) -> Option<&Reason> {
        self.kept.parts.places.get(place as usize)?.1.as_ref()
    }

    /// Runs over the rows `rows` of an input of the type that the kernel was compiled for, one column for each word.
    /// Appends to the results.
    pub fn run(&self, input: &[&[u64]], rows: std::ops::Range<usize>, results: &mut Results) -> Stopped {
        debug_assert_eq!(input.len(), self.input.words());
        debug_assert!(input.iter().all(|column| column.len() >= rows.end));
        results.columns.resize_with(self.columns, Vec::new);
        // A kernel that doesn't expand never asks for room.
        results.reserve(if self.expands { rows.len().max(64) } else { rows.len() });
        let input: Vec<*const u64> = input.iter().map(|column| column.as_ptr()).collect();
        let memory = std::mem::take(&mut results.memory);
        let mut owner = Owner { results, memory, output: Vec::new() };
        let mut frame = Frame {
            input: input.as_ptr(),
            output: std::ptr::null_mut(),
            rows: std::ptr::null_mut(),
            count: owner.results.rows.len() as u64,
            capacity: 0,
            memory: &raw mut owner.memory,
            attributes: std::ptr::null_mut(),
            full: make_room,
            stop: signals::flag(),
            why: 0,
            place: 0,
            row: 0,
            mark: 0,
            owner: (&raw mut owner).cast(),
        };
        owner.lend(&mut frame);
        // SAFETY: the frame holds what the code was generated for: the columns of its input's words with the rows
        // `rows`, columns of its results with the room that it says, the memory, and `make_room` for more of it.
        let stopped = unsafe { (self.entry)(&raw mut frame, rows.start as u64, rows.end as u64) };
        owner.settle(frame.count as usize);
        let Owner { results, memory, .. } = owner;
        results.memory = memory;
        let why = if stopped as usize == rows.end { None } else { Why::from_code(frame.why) };
        Stopped { row: stopped as usize, why, place: frame.place }
    }
}

/// Results of some rows.
#[derive(Default)]
pub struct Results {
    /// One for each word.
    pub columns: Vec<Vec<u64>>,
    /// The row of each result.
    pub rows: Vec<u32>,
    /// What the words refer to, beside the kernel and its input.
    pub memory: Memory,
}

/// How far a kernel got.
#[derive(Clone, Copy, Debug)]
pub struct Stopped {
    /// The row at which it bailed, or the end.
    pub row: usize,
    /// Why it bailed.
    pub why: Option<Why>,
    pub place: u32,
}

impl Results {
    /// Takes back what was given for rows from `row` on.
    pub fn take_back(&mut self, row: usize) {
        let kept = self.rows.partition_point(|at| (*at as usize) < row);
        self.columns.iter_mut().for_each(|column| column.truncate(kept));
        self.rows.truncate(kept);
    }

    fn reserve(&mut self, more: usize) {
        self.columns.iter_mut().for_each(|column| column.reserve(more));
        self.rows.reserve(more);
    }
}

/// Whose room a frame's kernel writes to.
struct Owner<'a> {
    results: &'a mut Results,
    memory: Memory,
    output: Vec<*mut u64>,
}

impl Owner<'_> {
    /// Gives the frame the addresses and sizes of the results' columns.
    fn lend(&mut self, frame: &mut Frame) {
        let columns = &mut self.results.columns;
        self.output = columns.iter_mut().map(Vec::as_mut_ptr).collect();
        let rooms = columns.iter().map(Vec::capacity).chain([self.results.rows.capacity()]);
        frame.output = self.output.as_mut_ptr();
        frame.rows = self.results.rows.as_mut_ptr();
        frame.capacity = rooms.min().unwrap_or(0) as u64;
    }

    /// Takes over what was written.
    fn settle(&mut self, count: usize) {
        // SAFETY: the kernel has written so many results, for which there was room.
        unsafe {
            self.results.columns.iter_mut().for_each(|column| column.set_len(count));
            self.results.rows.set_len(count);
        }
    }
}

/// See [`Frame::full`].
unsafe extern "C" fn make_room(frame: *mut Frame) -> u32 {
    // SAFETY: a kernel gives the frame that `run` gave it, whose owner is an `Owner` that nobody else uses meanwhile.
    unsafe {
        let frame = &mut *frame;
        let owner = &mut *frame.owner.cast::<Owner<'_>>();
        let count = frame.count as usize;
        owner.settle(count);
        owner.results.reserve(count.max(64));
        owner.lend(frame);
    }
    0
}

#[cfg(test)]
mod tests;
