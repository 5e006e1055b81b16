//! Measures what operators do, if a run is asked for it.

use crate::summary::{Bails, Mode, OperatorSummary};
use pyflink_plan::typed::Why;
use pyflink_plan::{OperatorId, Reason, Span};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Where rows were left to CPython, and why.
type Place = (OperatorId, Option<Span>, Why, Option<String>);

thread_local! {
    /// Elements that machine code took on, and those that it left to CPython.
    static NATIVE: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
    /// Rows that machine code left to CPython, by operator, place and reason.
    static BAILS: RefCell<BTreeMap<Place, u64>> = const { RefCell::new(BTreeMap::new()) };
    /// Rows that CPython did without machine code having been tried.
    static UNASKED: RefCell<BTreeMap<OperatorId, u64>> = const { RefCell::new(BTreeMap::new()) };
    /// Functions that have no machine code for what comes.
    static REFUSED: RefCell<BTreeMap<OperatorId, Reason>> = const { RefCell::new(BTreeMap::new()) };
    /// Functions that were compiled.
    static COMPILED: RefCell<BTreeMap<OperatorId, Compiled>> = const { RefCell::new(BTreeMap::new()) };
    /// Time spent in Python since it was last asked for; `None` while nobody wants to know.
    static PYTHON: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// Makes a call into Python; its time counts for the operator at work.
pub fn python<T>(call: impl FnOnce() -> T) -> T {
    let Some(before) = PYTHON.get() else { return call() };
    let began = Instant::now();
    let result = call();
    PYTHON.set(Some(before + began.elapsed()));
    result
}

/// Counts elements that machine code took on, and those of them that it left to CPython.
pub fn native(elements: usize, bails: usize) {
    let (before, bailed) = NATIVE.get();
    NATIVE.set((before + elements as u64, bailed + bails as u64));
}

/// Counts a row that machine code left to CPython, and why: because of a refusal, if there is one.
pub fn bailed(operator: OperatorId, why: Why, span: Option<Span>, refusal: Option<&Reason>) {
    if PYTHON.get().is_some() {
        let refusal = refusal.map(|reason| reason.to_string());
        BAILS.with_borrow_mut(|bails| *bails.entry((operator, span, why, refusal)).or_default() += 1);
    }
}

/// Counts rows that CPython did although machine code was not tried on them: many of those before had bailed.
pub fn unasked(operator: OperatorId, rows: usize) {
    if rows > 0 && PYTHON.get().is_some() {
        UNASKED.with_borrow_mut(|unasked| *unasked.entry(operator).or_default() += rows as u64);
    }
}

/// Says why a function has no machine code for what comes.
pub fn refused(operator: OperatorId, reason: &Reason) {
    if PYTHON.get().is_some() {
        REFUSED.with_borrow_mut(|refused| {
            refused.entry(operator).or_insert_with(|| reason.clone());
        });
    }
}

/// Takes down that a function is machine code now, and how long that took.
pub fn compiled(operator: OperatorId, guarded: bool, time: Duration) {
    if PYTHON.get().is_some() {
        COMPILED.with_borrow_mut(|compiled| {
            let known = &mut compiled.entry(operator).or_default().guarded;
            *known = Some(known.unwrap_or(false) || guarded);
        });
        compiling(operator, time);
    }
}

/// Takes down time that went into a function's machine code.
pub fn compiling(operator: OperatorId, time: Duration) {
    if PYTHON.get().is_some() {
        COMPILED.with_borrow_mut(|compiled| compiled.entry(operator).or_default().code += time);
    }
}

/// Takes down time that went into a function's types.
pub fn typing(operator: OperatorId, time: Duration) {
    if PYTHON.get().is_some() {
        COMPILED.with_borrow_mut(|compiled| compiled.entry(operator).or_default().typing += time);
    }
}

#[derive(Default)]
struct Compiled {
    /// Whether its machine code may leave rows to CPython, if there is any.
    guarded: Option<bool>,
    typing: Duration,
    code: Duration,
}

/// Figures by operator.
#[derive(Default)]
pub struct Meter {
    pub operators: BTreeMap<OperatorId, OperatorSummary>,
    enabled: bool,
}

/// What an operator did in one go.
pub struct Work {
    pub elements_in: usize,
    pub elements_out: usize,
}

impl Meter {
    pub fn new(enabled: bool) -> Meter {
        Meter { operators: BTreeMap::new(), enabled }
    }

    pub fn of(&mut self, operator: OperatorId) -> &mut OperatorSummary {
        self.operators.entry(operator).or_insert_with(|| OperatorSummary::new(operator))
    }

    /// Measures what an operator does in one go.
    pub fn measure<T>(&mut self, operator: OperatorId, work: impl FnOnce() -> (T, Work)) -> T {
        if !self.enabled {
            return work().0;
        }
        PYTHON.set(Some(Duration::ZERO));
        NATIVE.set((0, 0));
        let began = Instant::now();
        let (result, work) = work();
        let (time, python) = (began.elapsed(), PYTHON.take().unwrap_or_default());
        let figures = self.of(operator);
        figures.elements_in += work.elements_in as u64;
        figures.elements_out += work.elements_out as u64;
        figures.batches += u64::from(work.elements_in + work.elements_out > 0);
        figures.time += time;
        figures.python += python;
        let (native, bails) = NATIVE.get();
        figures.native += native;
        figures.bails += bails;
        result
    }

    /// Completes the figures of an operator with a function: `planned` says why it has to stay in Python, if it has to.
    /// Call it once for each, when the job is over.
    pub fn finish_function(&mut self, operator: OperatorId, planned: Result<(), Reason>) {
        if !self.enabled {
            return;
        }
        let compiled = COMPILED.with_borrow_mut(|compiled| compiled.remove(&operator));
        let refused = REFUSED.with_borrow_mut(|refused| refused.remove(&operator));
        let unasked = UNASKED.with_borrow_mut(|unasked| unasked.remove(&operator));
        let figures = self.of(operator);
        figures.unasked = unasked.unwrap_or_default();
        BAILS.with_borrow_mut(|bails| {
            bails.retain(|(of, span, why, refusal), rows| {
                if *of == operator {
                    let refusal = refusal.clone();
                    figures.bails_by.push(Bails { why: *why, refusal, span: *span, rows: *rows });
                }
                *of != operator
            });
        });
        figures.bails_by.sort_by_key(|bails| std::cmp::Reverse(bails.rows));
        let Compiled { guarded, typing, code } = compiled.unwrap_or_default();
        (figures.typing, figures.compile) = (typing, code);
        figures.mode = Some(match (planned, guarded, refused) {
            (Err(reason), ..) | (_, None, Some(reason)) => Mode::Python(reason),
            (_, None, None) => Mode::Idle,
            (_, Some(guarded), refused) => match guarded || figures.bails > 0 || refused.is_some() {
                true => Mode::Guarded(refused),
                false => Mode::Native,
            },
        });
    }
}
