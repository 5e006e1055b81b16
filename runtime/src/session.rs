//! One run of a script: the plan it is bound to, and what `execute()` does.

use crate::bind::{Binder, BoundJob};
use crate::engine::{self, Cause, JobFailure, Stop};
use crate::python::signals;
use crate::summary::{JobSummary, Summary};
use crate::{ClockKind, Options, config};
use crossbeam_channel::{Receiver, Sender, bounded};
use pyflink_plan::{Arg, Operator, Plan};
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Instant;

pub struct Session {
    options: Options,
    binder: Mutex<Binder>,
    /// Holds a message while no job runs: jobs of a script run one after the other.
    turn: (Sender<()>, Receiver<()>),
    /// The thread whose job is running.
    running: Mutex<Option<ThreadId>>,
    summary: Mutex<Summary>,
    /// Wakes an engine that waits; kept full by one message at the most.
    wake: (Sender<()>, Receiver<()>),
}

/// What `execute()` gives back: the job's id and its run time in milliseconds.
pub type Executed = (String, u64);

impl Session {
    pub fn new(plan: Arc<Plan>, options: Options) -> Session {
        let turn = bounded(1);
        let _ = turn.0.send(());
        Session {
            options,
            binder: Mutex::new(Binder::new(plan)),
            turn,
            running: Mutex::new(None),
            summary: Mutex::default(),
            wake: bounded(1),
        }
    }

    /// Wakes the engine: a signal has come.
    pub fn waker(&self) -> Sender<()> {
        self.wake.0.clone()
    }

    /// What was measured so far.
    pub fn summary(&self) -> Summary {
        held(&self.summary).clone()
    }

    /// Runs the job that the recorder's nodes from `since` on add up to.
    pub fn execute(&self, py: Python<'_>, nodes: &Bound<'_, PyList>, since: usize) -> PyResult<Executed> {
        let this = thread::current().id();
        if *held(&self.running) == Some(this) {
            return Err(exception(py, "execute() was called by a function of a running job; call it in main(factory)"));
        }
        let _ = py.detach(|| self.turn.1.recv());
        *held(&self.running) = Some(this);
        let executed = self.run(py, nodes, since);
        *held(&self.running) = None;
        let _ = self.turn.0.send(());
        executed
    }

    fn run(&self, py: Python<'_>, nodes: &Bound<'_, PyList>, since: usize) -> PyResult<Executed> {
        let began = Instant::now();
        let (plan, id, bound) = {
            let mut binder = held(&self.binder);
            let id = job_id(binder.plan(), binder.executed(), &self.options);
            let bound = binder.bind(nodes, since)?.map_err(|why| exception(py, &why))?;
            (binder.shared_plan(), id, bound)
        };
        let default = config::default_parallelism().map_err(|why| exception(py, &why))?;
        let built = engine::build(py, &bound, default, &self.options, self.wake.clone());
        let finished = match built {
            Ok(None) => Ok(0),
            Ok(Some(engine)) => {
                signals::job_begins();
                let (finished, operators) = py.detach(|| engine.run());
                signals::job_over();
                held(&self.summary).jobs.push(JobSummary {
                    variant: bound.variant,
                    number: bound.number,
                    elapsed: began.elapsed(),
                    finished: finished.is_ok(),
                    operators,
                });
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
            Err(stop) => Err(raise(py, stop, &plan, &bound)),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
            if let Cause::Raised(error) = &failure.cause
                && error.get_type(py).name().is_ok_and(|name| name == "JobExecutionException")
            {
                return error.clone_ref(py);
            }
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
    let title = title(&bound.job.operators[failure.operator.index()], plan);
    let element = failure.element.as_ref().map(|element| format!(" on {element}")).unwrap_or_default();
    let why = match &failure.cause {
        Cause::Raised(_) => String::new(),
        Cause::Failed(why) => format!(": {why}"),
    };
    format!("{title} failed{element}{why}")
}

/// An operator for people: what it is called, its function, and where it stands in the script.
pub fn title(operator: &Operator, plan: &Plan) -> String {
    let function = operator.args.iter().find_map(|(_, arg)| match arg {
        Arg::Function(id) => plan.functions.get(id.0 as usize),
        _ => None,
    });
    let function = match function {
        Some(function) if function.method.is_empty() => format!(" ({})", function.name),
        Some(function) => format!(" ({}.{})", function.name, function.method),
        None => String::new(),
    };
    format!("{}{function} at {}", operator.title(), plan.sources.place(operator.span))
}
