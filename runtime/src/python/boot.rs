//! Starts a script and says how it ended.

use super::signals;
use crate::engine::stdout;
use pyflink_plan::Sources;
use pyo3::exceptions::{PyBrokenPipeError, PyKeyboardInterrupt, PySystemExit};
use pyo3::prelude::*;
use std::io::Write;

/// Imports the script, calls its `main`, and waits for what it started. Gives the exit code.
pub fn run(py: Python<'_>, sources: &Sources, params: &[String]) -> u8 {
    let script = &sources.files[0];
    let outcome = py
        .import("_pyflink.boot")
        .and_then(|boot| boot.call_method1("run", (&script.module, &script.path, params.to_vec())));
    let code = match outcome {
        Ok(_) => 0,
        Err(error) => exit_code(py, &error),
    };
    // Threads that the script waits for would keep a user waiting who has asked for the end.
    if signals::arrived().is_none()
        && let Err(error) = py.import("_pyflink.boot").and_then(|boot| boot.call_method0("finish"))
    {
        exit_code(py, &error);
    }
    // A reader that is gone has no use for the rest.
    let _ = py.detach(stdout::flush);
    code
}

/// Prints what there is to say of an exception that ended the script.
fn exit_code(py: Python<'_>, error: &PyErr) -> u8 {
    let _ = py.detach(stdout::flush);
    if let Some(number) = signals::arrived().and_then(|number| u8::try_from(number).ok()) {
        return 128 + number;
    }
    if error.is_instance_of::<PyKeyboardInterrupt>(py) {
        return 130;
    }
    if is_a(py, error, "JobCancelled") || stdout::is_closed() && error.is_instance_of::<PyBrokenPipeError>(py) {
        return 0;
    }
    if error.is_instance_of::<PySystemExit>(py) {
        return system_exit(py, error);
    }
    if is_a(py, error, "JobExecutionException") {
        if let Some(cause) = error.cause(py) {
            say(&user_traceback(py, &cause));
        }
        say(&format!("error: {}\n", error.value(py)));
    } else if error.get_type(py).name().is_ok_and(|name| name == "ScriptError") {
        say(&format!("error: {}\n", error.value(py)));
    } else {
        say(&user_traceback(py, error));
    }
    1
}

fn is_a(py: Python<'_>, error: &PyErr, class: &str) -> bool {
    let class = py.import("_pyflink.errors").and_then(|errors| errors.getattr(class));
    class.is_ok_and(|class| error.is_instance(py, &class))
}

/// As Python itself does it: no code is 0, a number is itself, anything else is printed.
fn system_exit(py: Python<'_>, error: &PyErr) -> u8 {
    let Ok(code) = error.value(py).getattr("code") else { return 1 };
    if code.is_none() {
        return 0;
    }
    match code.extract::<i64>() {
        Ok(code) => code.rem_euclid(256) as u8,
        Err(_) => {
            say(&format!("{code}\n"));
            1
        }
    }
}

/// A traceback with the user's frames only.
fn user_traceback(py: Python<'_>, error: &PyErr) -> String {
    let formatted = py
        .import("_pyflink.boot")
        .and_then(|boot| boot.call_method1("user_traceback", (super::with_traceback(py, error),))?.extract::<String>());
    formatted.unwrap_or_else(|_| format!("{error}\n"))
}

/// To standard error, which may be closed.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
