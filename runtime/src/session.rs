//! One run of a script: the plan it is bound to, and what `execute()` does.

use crate::bind::{Binder, BoundJob};
use crate::engine::{self, Cause, JobFailure, Stop};
use crate::python::signals;
use crate::{ClockKind, Options, config};
use crossbeam_channel::{Receiver, Sender, bounded};
use pyflink_plan::{Arg, Plan};
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

pub struct Session {
    options: Options,
    binder: Mutex<Binder>,
    /// Wakes an engine that waits; kept full by one message at the most.
    wake: (Sender<()>, Receiver<()>),
}

/// What `execute()` gives back: the job's id and its run time in milliseconds.
pub type Executed = (String, u64);

impl Session {
    pub fn new(plan: Arc<Plan>, options: Options) -> Session {
        Session { options, binder: Mutex::new(Binder::new(plan)), wake: bounded(1) }
    }

    /// Wakes the engine: a signal has come.
    pub fn waker(&self) -> Sender<()> {
        self.wake.0.clone()
    }

    /// Runs the job that the recorder's nodes from `since` on add up to.
    pub fn execute(&self, py: Python<'_>, nodes: &Bound<'_, PyList>, since: usize) -> PyResult<Executed> {
        let mut binder = self.binder.lock().unwrap_or_else(PoisonError::into_inner);
        let id = job_id(binder.plan(), binder.executed(), &self.options);
        let began = Instant::now();
        let bound = binder.bind(nodes, since)?.map_err(|why| exception(py, &why))?;
        let default = config::default_parallelism().map_err(|why| exception(py, &why))?;
        let built = engine::build(py, &bound, default, &self.options, self.wake.clone());
        let finished = match built {
            Ok(None) => Ok(0),
            Ok(Some(engine)) => {
                signals::job_begins();
                let finished = py.detach(|| engine.run());
                signals::job_over();
                finished
            }
            Err(stop) => Err(stop),
        };
        match finished {
            Ok(virtual_time) => {
                let elapsed = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                let time = if self.options.clock == ClockKind::System { elapsed } else { virtual_time };
                Ok((id, time))
            }
            Err(stop) => Err(raise(py, stop, binder.plan(), &bound)),
        }
    }
}

/// 32 hex digits: random, but on the virtual clock the same for the same job, as everything else there.
fn job_id(plan: &Plan, number: usize, options: &Options) -> String {
    if options.clock == ClockKind::System {
        let random = || RandomState::new().build_hasher().finish();
        return format!("{:016x}{:016x}", random(), random());
    }
    let mut id = pyflink_plan::source::digest(&[
        plan.sources.files[0].sha256().as_bytes(),
        options.params.join("\0").as_bytes(),
        number.to_string().as_bytes(),
    ]);
    id.truncate(32);
    id
}

fn exception(py: Python<'_>, message: &str) -> PyErr {
    let class = py.import("_pyflink.errors").and_then(|errors| errors.getattr("JobExecutionException"));
    match class.and_then(|class| class.call1((message,))) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// The exception that `execute()` ends with.
fn raise(py: Python<'_>, stop: Stop, plan: &Plan, bound: &BoundJob) -> PyErr {
    match stop {
        Stop::Cancelled | Stop::ReaderGone => {
            let class = py.import("_pyflink.errors").and_then(|errors| errors.getattr("JobCancelled"));
            match class.and_then(|class| class.call1(("the job was cancelled",))) {
                Ok(exception) => PyErr::from_value(exception),
                Err(error) => error,
            }
        }
        Stop::Failed(failure) => {
            let error = exception(py, &describe(&failure, plan, bound));
            if let Cause::Raised(cause) = failure.cause {
                error.set_cause(py, Some(cause));
            }
            error
        }
    }
}

/// Which operator failed, where it stands in the script, and at what.
fn describe(failure: &JobFailure, plan: &Plan, bound: &BoundJob) -> String {
    let operator = &bound.job.operators[failure.operator.index()];
    let function = operator.args.iter().find_map(|(_, arg)| match arg {
        Arg::Function(id) => plan.functions.get(id.0 as usize),
        _ => None,
    });
    let function = match function {
        Some(function) if function.method.is_empty() => format!(" ({})", function.name),
        Some(function) => format!(" ({}.{})", function.name, function.method),
        None => String::new(),
    };
    let place = plan.sources.place(operator.span);
    let element = failure.element.as_ref().map(|element| format!(" on {element}")).unwrap_or_default();
    let why = match &failure.cause {
        Cause::Raised(_) => String::new(),
        Cause::Failed(why) => format!(": {why}"),
    };
    format!("{}{function} at {place} failed{element}{why}", operator.title())
}
