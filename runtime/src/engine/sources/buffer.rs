//! Between a source's function, on its own thread, and the engine: elements that wait to be taken.
//!
//! Bounded: `collect` waits while the engine is behind, without holding the interpreter. Nothing that holds the lock
//! waits for the interpreter.

use super::Ready;
use crossbeam_channel::Sender;
use pyo3::prelude::*;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub struct SourceBuffer {
    state: Mutex<State>,
    room: Condvar,
    wake: Sender<()>,
    batch_size: usize,
    batch_timeout: Duration,
}

/// Text, and the number of values that stood before it.
type Printed = (usize, Vec<u8>);

#[derive(Default)]
struct State {
    values: Vec<Py<PyAny>>,
    prints: Vec<Printed>,
    /// When the oldest of what waits came.
    since: Option<Instant>,
    ended: bool,
    error: Option<PyErr>,
    cancelled: bool,
}

impl SourceBuffer {
    pub fn new(wake: Sender<()>, batch_size: usize, batch_timeout: Duration) -> SourceBuffer {
        SourceBuffer { state: Mutex::default(), room: Condvar::new(), wake, batch_size, batch_timeout }
    }

    /// Takes an element from the source; waits while two batches are in front of it. False: the job is over.
    pub fn collect(&self, py: Python<'_>, value: Py<PyAny>) -> bool {
        let mut state = self.lock();
        if state.values.len() >= 2 * self.batch_size && !state.cancelled {
            drop(state);
            py.detach(|| {
                let mut state = self.lock();
                while state.values.len() >= 2 * self.batch_size && !state.cancelled {
                    state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            });
            state = self.lock();
        }
        if state.cancelled {
            return false;
        }
        state.values.push(value);
        let rows = state.values.len();
        self.arrived(&mut state);
        if rows == self.batch_size {
            let _ = self.wake.try_send(());
        }
        true
    }

    /// Takes what the source's function printed.
    pub fn print(&self, text: &[u8]) {
        let mut state = self.lock();
        let at = state.values.len();
        match state.prints.last_mut() {
            Some((row, last)) if *row == at => last.extend_from_slice(text),
            _ => state.prints.push((at, text.to_vec())),
        }
        self.arrived(&mut state);
    }

    /// The source's function returned or raised.
    pub fn end(&self, error: Option<PyErr>) {
        let mut state = self.lock();
        state.ended = true;
        state.error = error;
        drop(state);
        let _ = self.wake.try_send(());
    }

    /// From now on `collect` refuses.
    pub fn cancel(&self) {
        self.lock().cancelled = true;
        self.room.notify_all();
    }

    pub fn is_ended(&self) -> bool {
        self.lock().ended
    }

    pub fn poll(&self, want: usize) -> Ready {
        let state = self.lock();
        let due = state.since.map(|since| since + self.batch_timeout);
        let full = state.values.len() >= want.min(self.batch_size);
        let release = state.ended || full || due.is_some_and(|due| due <= Instant::now());
        let rows = if release { state.values.len().min(want) } else { 0 };
        let text = release && state.values.is_empty() && !state.prints.is_empty();
        let ended = state.ended && rows == state.values.len() && !text;
        Ready { rows, ended, due: due.filter(|_| !release), text }
    }

    /// The first rows, and the text that was printed ahead of each; with no row left, all text.
    pub fn take(&self, rows: usize) -> (Vec<Py<PyAny>>, Vec<Printed>) {
        let mut state = self.lock();
        let alone = state.values.is_empty();
        let split = rows.min(state.values.len());
        let rest = state.values.split_off(split);
        let taken = std::mem::replace(&mut state.values, rest);
        let ahead = |(row, _): &Printed| *row < rows || alone;
        let (prints, later) = std::mem::take(&mut state.prints).into_iter().partition(ahead);
        state.prints = later;
        for (row, _) in &mut state.prints {
            *row -= rows;
        }
        state.since = (!state.values.is_empty() || !state.prints.is_empty()).then(Instant::now);
        drop(state);
        self.room.notify_all();
        (taken, prints)
    }

    pub fn error(&self) -> Option<PyErr> {
        self.lock().error.take()
    }

    /// The first element of a batch starts the time that it waits at the most.
    fn arrived(&self, state: &mut State) {
        if state.since.is_none() {
            state.since = Some(Instant::now());
            let _ = self.wake.try_send(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
