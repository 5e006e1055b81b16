//! Sources and sinks of a job, with what they are connected to.

use super::build::Builder;
use super::sinks::text::TextSink;
use super::sinks::{Sink, SinkKind};
use super::sources::Source;
use super::sources::buffer::SourceBuffer;
use super::sources::collection::Collection;
use super::sources::lines::Lines;
use super::sources::native::NativeSource;
use super::sources::python::{PythonSource, Start};
use super::sources::sequence::Sequence;
use super::{Cause, Stop};
use crate::io::line_socket::LineSocket;
use crate::io::socket_writer::SocketWriter;
use crate::io::text_reader::{Gauge, TextReader};
use crate::io::text_writer::{self, TextWriter};
use pyflink_plan::{OperatorId, OperatorKind};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyFrozenSet, PyList, PySet, PyTuple};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Bytes that a batch of lines holds, about, at the most.
const BATCH_BYTES: usize = 1 << 20;

/// Looks at all paths that are written before anything is opened.
pub fn check(builder: &Builder) -> Result<(), Stop> {
    for operator in builder.bound.job.operators.iter().filter(|operator| builder.live[operator.id.index()]) {
        if operator.kind == OperatorKind::WriteAsText {
            let (path, overwrite) = target(builder, operator.id).map_err(builder.failed(operator.id))?;
            text_writer::check(&path, overwrite).map_err(machine(operator.id))?;
        }
    }
    Ok(())
}

fn target(builder: &Builder, id: OperatorId) -> PyResult<(String, bool)> {
    let path: String = builder.arg(id, "path")?.str()?.extract()?;
    let mode: String = builder.arg(id, "mode")?.extract()?;
    Ok((path, mode == "OVERWRITE"))
}

fn address(builder: &Builder, id: OperatorId) -> PyResult<(String, u16)> {
    let port: i64 = builder.arg(id, "port")?.extract()?;
    let port = u16::try_from(port).map_err(|_| PyValueError::new_err(format!("{port} is not a port (0 to 65535)")))?;
    Ok((builder.arg(id, "host")?.extract()?, port))
}

/// An error that the machine or the input is to blame for.
fn machine<E: ToString>(id: OperatorId) -> impl Fn(E) -> Stop {
    move |error| Stop::failed(id, Cause::Failed(error.to_string()), None)
}

pub fn source(builder: &Builder, id: OperatorId) -> Result<Box<dyn Source>, Stop> {
    let failed = builder.failed(id);
    let batch_size = builder.options.batch_size;
    match builder.operator(id).kind {
        OperatorKind::GenerateSequence => {
            let bound = |name| builder.arg(id, name)?.extract::<i64>();
            let (first, last) = (bound("from").map_err(&failed)?, bound("to").map_err(&failed)?);
            Ok(Box::new(Sequence::new(first, last)))
        }
        OperatorKind::ReadTextFile => {
            let path: String = builder.arg(id, "path").and_then(|path| path.str()?.extract()).map_err(&failed)?;
            let mut reader = TextReader::open(&path).map_err(machine(id))?;
            let gauge = reader.gauge();
            let read = Box::new(move |rows| reader.next_batch(rows, BATCH_BYTES).map_err(|error| error.to_string()));
            Ok(Box::new(match builder.options.threads {
                0 | 1 => Lines::here(read, gauge, batch_size),
                _ => Lines::on_thread(read, gauge, batch_size, false, builder.wake.clone(), None),
            }))
        }
        OperatorKind::SocketTextStream => {
            let (host, port) = address(builder, id).map_err(&failed)?;
            let mut socket = builder.py.detach(|| LineSocket::connect(&host, port)).map_err(machine(id))?;
            let handle = socket.handle().map_err(machine(id))?;
            let gauge = Arc::new(Gauge::default());
            let counted = gauge.clone();
            let read = Box::new(move |rows| {
                let lines = socket.next_batch(rows).map_err(|error| error.to_string())?;
                let bytes = lines.iter().flatten().map(|line| line.map_or(0, str::len) as u64 + 1).sum();
                counted.read.fetch_add(bytes, Ordering::Relaxed);
                Ok(lines)
            });
            let stop = Box::new(move || handle.stop());
            Ok(Box::new(Lines::on_thread(read, gauge, batch_size, true, builder.wake.clone(), Some(stop))))
        }
        OperatorKind::FromElements => collection(builder, id, "elements").map_err(failed),
        OperatorKind::FromCollection => collection(builder, id, "collection").map_err(failed),
        OperatorKind::PythonSource => python_source(builder, id).map_err(failed),
        kind => Err(Stop::failed(id, Cause::Failed(format!("{kind} isn't there yet")), None)),
    }
}

fn buffer(builder: &Builder) -> SourceBuffer {
    SourceBuffer::new(builder.wake.clone(), builder.options.batch_size, builder.options.batch_timeout)
}

fn collection(builder: &Builder, id: OperatorId, name: &str) -> PyResult<Box<dyn Source>> {
    let py = builder.py;
    let elements = builder.arg(id, name)?;
    let is_there = elements.is_instance_of::<PyList>()
        || elements.is_instance_of::<PyTuple>()
        || elements.is_instance_of::<PySet>()
        || elements.is_instance_of::<PyFrozenSet>();
    if is_there {
        let elements = elements.try_iter()?.collect::<PyResult<Vec<_>>>()?;
        return Ok(Box::new(Collection::new(PyList::new(py, elements)?, builder.changes_elements())));
    }
    let iterator = builder.helpers.functions.call_method1("iterate", (elements,))?.unbind();
    let cancelled = builder.helpers.errors.getattr("JobCancelled")?.unbind();
    Ok(Box::new(PythonSource::new(Start::Iterator(iterator), None, cancelled, buffer(builder))))
}

fn python_source(builder: &Builder, id: OperatorId) -> PyResult<Box<dyn Source>> {
    let bound = &builder.functions[id.index()][0];
    let call = bound.getattr("call")?.unbind();
    let native = builder.is_native(id).then(|| builder.body(id)).flatten();
    let native = native.map(|body| (body.clone(), call.clone_ref(builder.py)));
    let start = match builder.style(id)?.as_str() {
        "generator" => Start::Generator(call),
        _ => Start::Context(call),
    };
    let cancel = bound.getattr("cancel")?.unbind();
    let cancelled = builder.helpers.errors.getattr("JobCancelled")?.unbind();
    let again = cancel.clone_ref(builder.py);
    let python = PythonSource::new(start, Some(cancel), cancelled, buffer(builder));
    Ok(match native {
        Some((body, call)) => {
            let (batch_size, wake) = (builder.options.batch_size, builder.wake.clone());
            Box::new(NativeSource::new(body, call, Some(again), python, (batch_size, wake)))
        }
        None => Box::new(python),
    })
}

pub fn sink(builder: &Builder, id: OperatorId) -> Result<Sink, Stop> {
    let failed = builder.failed(id);
    let subtasks = builder.parallelism[id.index()];
    let kind = match builder.operator(id).kind {
        OperatorKind::Output => {
            let identifier = builder.arg(id, "identifier").map_err(&failed)?;
            let identifier: Option<String> = match identifier.is_none() {
                true => None,
                false => Some(identifier.str().and_then(|text| text.extract()).map_err(&failed)?),
            };
            SinkKind::Stdout { prefixes: (1..=subtasks).map(|n| prefix(identifier.as_deref(), n, subtasks)).collect() }
        }
        OperatorKind::WriteAsText => {
            let (path, overwrite) = target(builder, id).map_err(&failed)?;
            let writer = TextWriter::open(&path, overwrite, subtasks as usize).map_err(machine(id))?;
            SinkKind::Text(TextSink::new(writer, subtasks as usize))
        }
        OperatorKind::WriteToSocket => {
            let (host, port) = address(builder, id).map_err(&failed)?;
            let writer = builder.py.detach(|| SocketWriter::connect(&host, port)).map_err(machine(id))?;
            SinkKind::Socket { writer, serialize: builder.calls(id).map_err(&failed)? }
        }
        _ => {
            let context = match builder.style(id).map_err(&failed)?.as_str() {
                "context" => {
                    let context = builder.helpers.context.getattr("SinkContext").and_then(|class| class.call0());
                    Some(context.map_err(&failed)?.unbind())
                }
                _ => None,
            };
            SinkKind::Function { calls: builder.calls(id).map_err(&failed)?, context }
        }
    };
    Ok(Sink { operator: id, kind, bytes: 0, time: Duration::ZERO, python: Duration::ZERO })
}

/// What stands before each line that a subtask (from 1) prints.
fn prefix(identifier: Option<&str>, subtask: u32, subtasks: u32) -> String {
    match (identifier, subtasks) {
        (None, 1) => String::new(),
        (None, _) => format!("{subtask}> "),
        (Some(identifier), 1) => format!("{identifier}> "),
        (Some(identifier), _) => format!("{identifier}:{subtask}> "),
    }
}
