//! A source's function as a kernel: it runs until it ends, and gives what it collects in batches.

use super::frame::Frame;
use super::held;
use super::memory::Memory;
use super::values::{Held, Values};
use super::{Kernel, Stopped};
use pyflink_plan::typed::Why;
use pyflink_plan::types::Type;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

/// How a source's function ended.
#[derive(Clone, Copy, Debug)]
pub enum End {
    Returned,
    /// It was told to stop.
    Cancelled,
    /// Only CPython can go on, from behind what it has given.
    Bailed(Stopped),
}

/// Bytes of text and lists that a source may make before CPython has to go on.
const MOST_MEMORY: usize = 1 << 30;

struct Run<'a> {
    of: Arc<Type>,
    columns: Vec<Vec<u64>>,
    rows: Vec<u32>,
    output: Vec<*mut u64>,
    memory: &'a mut Memory,
    kept: Arc<Held>,
    /// Takes a batch; false if no more is wanted.
    give: &'a mut dyn FnMut(Values) -> bool,
    cancelled: bool,
}

impl Kernel {
    /// Runs the function of a source. `attributes` are the words of its attributes, which it changes; others may set
    /// them while it runs. Gives batches of at most `batch` rows. Ends early once `stop` is not 0. The attributes then refer to
    /// `memory`.
    pub fn run_source(
        &self,
        attributes: &[AtomicU64],
        batch: usize,
        stop: &AtomicI32,
        memory: &mut Memory,
        give: &mut dyn FnMut(Values) -> bool,
    ) -> End {
        let batch = batch.max(1);
        let mut run = Run {
            of: Arc::new(self.value.clone()),
            columns: vec![Vec::new(); self.columns],
            rows: Vec::new(),
            output: Vec::new(),
            memory,
            kept: Arc::new(Held::Kernel(self.kept().clone())),
            give,
            cancelled: false,
        };
        let mut frame = Frame {
            input: std::ptr::null(),
            output: std::ptr::null_mut(),
            rows: std::ptr::null_mut(),
            count: 0,
            capacity: batch as u64,
            memory: &raw mut *run.memory,
            attributes: attributes.as_ptr().cast_mut().cast(),
            full: give_batch,
            stop,
            why: 0,
            place: 0,
            row: 0,
            mark: 0,
            owner: (&raw mut run).cast(),
        };
        run.lend(&mut frame);
        // SAFETY: the frame holds what the code was generated for: no input, one row, columns with the room that it says,
        // the words of its attributes, and `give_batch` for when they are full.
        let stopped = unsafe { (self.entry)(&raw mut frame, 0, 1) };
        let goes_on = run.give(frame.count as usize);
        match Why::from_code(frame.why) {
            _ if stopped == 1 => End::Returned,
            Some(_) if run.cancelled || !goes_on => End::Cancelled,
            Some(why) => End::Bailed(Stopped { row: 0, why: Some(why), place: frame.place }),
            None if run.cancelled || stop.load(Ordering::Relaxed) != 0 => End::Cancelled,
            None => End::Bailed(Stopped { row: 0, why: Some(Why::Unusual), place: u32::MAX }),
        }
    }
}

impl Run<'_> {
    fn lend(&mut self, frame: &mut Frame) {
        let room = frame.capacity as usize;
        self.columns.iter_mut().for_each(|column| column.reserve(room));
        self.rows.reserve(room);
        self.output = self.columns.iter_mut().map(Vec::as_mut_ptr).collect();
        frame.output = self.output.as_mut_ptr();
        frame.rows = self.rows.as_mut_ptr();
        frame.count = 0;
    }

    /// Gives what was collected. False if no more is wanted.
    fn give(&mut self, count: usize) -> bool {
        // SAFETY: the kernel has written so many results, for which there was room.
        self.columns.iter_mut().for_each(|column| unsafe { column.set_len(count) });
        let columns: Vec<Vec<u64>> = self.columns.iter_mut().map(std::mem::take).collect();
        if count == 0 {
            return !self.cancelled;
        }
        // What the function goes on with stays here, so results get copies.
        let mut memory = Memory::default();
        // SAFETY: these are words of values of that type, which the kernel has just made.
        let columns = unsafe { held::copied(&self.of, columns, count, &mut memory) };
        let held = vec![Arc::new(Held::Memory(memory)), self.kept.clone()];
        let goes_on = (self.give)(Values::new(self.of.clone(), columns, count, held));
        self.cancelled |= !goes_on;
        goes_on
    }
}

/// See [`Frame::full`].
unsafe extern "C" fn give_batch(frame: *mut Frame) -> u32 {
    // SAFETY: a kernel gives the frame that `run_source` gave it, whose owner is a `Run` that nobody else uses meanwhile.
    let (frame, run) = unsafe {
        let frame = &mut *frame;
        let run = &mut *frame.owner.cast::<Run<'_>>();
        (frame, run)
    };
    let goes_on = run.give(frame.count as usize);
    run.lend(frame);
    u32::from(!goes_on || run.memory.bytes() > MOST_MEMORY)
}
