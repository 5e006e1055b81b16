//! SIGINT and SIGTERM: the first asks the job to end, a second ends the process.
//!
//! CPython's handlers are in place first and are called by ours, so that a function that sleeps or loops is interrupted
//! by an exception; a thread of ours wakes an engine that waits.

use crossbeam_channel::Sender;
use pyo3::prelude::*;
use pyo3::types::PyCFunction;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;
use std::sync::atomic::{AtomicI32, AtomicU8, Ordering};
use std::thread;

/// The first signal that came, or 0.
static ARRIVED: AtomicI32 = AtomicI32::new(0);
static STATE: AtomicU8 = AtomicU8::new(OUTSIDE);

/// No job is running: a signal ends the script, as it does any other.
const OUTSIDE: u8 = 0;
/// A job is running: a signal raises in the function that is at work.
const RUNNING: u8 = 1;
/// A job is ending: nothing is to be disturbed.
const ENDING: u8 = 2;

/// The signal that asked for the end.
pub fn arrived() -> Option<i32> {
    Some(ARRIVED.load(Ordering::SeqCst)).filter(|&number| number != 0)
}

/// Not 0 once a signal has asked for the end; for machine code, which looks at it in loops.
pub fn flag() -> &'static AtomicI32 {
    &ARRIVED
}

/// From here on a signal cancels the job.
pub fn job_begins() {
    STATE.store(RUNNING, Ordering::SeqCst);
}

/// From here on a signal is only noted.
pub fn job_ends() {
    STATE.store(ENDING, Ordering::SeqCst);
}

pub fn job_is_ending() -> bool {
    STATE.load(Ordering::SeqCst) == ENDING
}

/// The job is over.
pub fn job_over() {
    STATE.store(OUTSIDE, Ordering::SeqCst);
}

/// Takes over both signals; `wake` is sent a message when one comes.
pub fn install(py: Python<'_>, wake: Sender<()>) -> PyResult<()> {
    let boot = py.import("_pyflink.boot")?;
    // True once for each job: later signals find it ending.
    let raises = PyCFunction::new_closure(py, None, None, |args, _kwargs| -> PyResult<bool> {
        // The script may end by this signal before our thread gets to see it.
        ARRIVED.store(args.get_item(0)?.extract()?, Ordering::SeqCst);
        Ok(STATE.compare_exchange(RUNNING, ENDING, Ordering::SeqCst, Ordering::SeqCst).is_ok())
    })?;
    let in_job = PyCFunction::new_closure(py, None, None, |_args, _kwargs| STATE.load(Ordering::SeqCst) != OUTSIDE)?;
    boot.setattr("in_job", in_job)?;
    boot.call_method1("install_signals", (raises,))?;
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::spawn(move || {
        for (count, number) in signals.forever().enumerate() {
            if count > 0 {
                low_level::exit(128 + number);
            }
            ARRIVED.store(number, Ordering::SeqCst);
            let _ = wake.try_send(());
        }
    });
    Ok(())
}
