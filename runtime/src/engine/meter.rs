//! Measures what operators do, if a run is asked for it.

use crate::summary::OperatorSummary;
use pyflink_plan::OperatorId;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

thread_local! {
    /// Elements that machine code took on, and those that it left to CPython.
    static NATIVE: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
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
}
