//! Gives a wave's results to the sinks: files on their own, all else element by element in the job's order.

use super::{Sink, SinkError, SinkKind, invoke, serialize};
use crate::engine::batch::Batch;
use crate::engine::capture::{self, Print};
use crate::engine::operators::describe;
use crate::engine::stamp::Stamp;
use pyflink_plan::OperatorId;
use pyo3::prelude::*;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A sink that could not take an element.
pub struct Refusal {
    pub operator: OperatorId,
    pub error: SinkError,
    pub element: Option<String>,
}

/// Rows for a sink (by index).
pub struct Delivery {
    pub sink: usize,
    pub batch: Arc<Batch>,
}

type Place = (Stamp, OperatorId);

/// Runs the sinks over a wave. What belongs on standard output is appended to `stdout`, up to the refusal if there is
/// one. Lines for files are only made here; see [`super::text::TextSink::write`].
pub fn commit(
    py: Python<'_>,
    sinks: &mut [Sink],
    deliveries: Vec<Delivery>,
    mut prints: Vec<Print>,
    stdout: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let mut refusal: Option<(Place, Refusal)> = None;
    for delivery in &deliveries {
        let sink = &mut sinks[delivery.sink];
        let SinkKind::Text(text) = &mut sink.kind else { continue };
        let began = Instant::now();
        let rendered = text.render(py, &delivery.batch);
        sink.bytes += text.waiting();
        let elapsed = began.elapsed();
        sink.time += elapsed;
        if delivery.batch.values.is_objects() {
            sink.python += elapsed;
        }
        if let Err((row, error)) = rendered {
            let place = (delivery.batch.stamps.at(row), sink.operator);
            if refusal.as_ref().is_none_or(|(first, _)| place < *first) {
                let element = delivery.batch.values.value(py, row).ok().map(|value| describe(&value));
                refusal = Some((place, Refusal { operator: sink.operator, error: error.into(), element }));
            }
        }
    }
    let until = refusal.as_ref().map(|(place, _)| *place);
    prints.sort_by_key(|print| (print.stamp, print.operator));
    let ordered: Vec<Delivery> =
        deliveries.into_iter().filter(|delivery| !matches!(sinks[delivery.sink].kind, SinkKind::Text(_))).collect();
    merge(py, sinks, &ordered, &prints, until, stdout)?;
    refusal.map_or(Ok(()), |(_, refusal)| Err(refusal))
}

/// Goes through rows and prints in order, up to `until`.
fn merge(
    py: Python<'_>,
    sinks: &mut [Sink],
    deliveries: &[Delivery],
    prints: &[Print],
    until: Option<Place>,
    stdout: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let mut read = vec![0; deliveries.len()];
    let mut printed = 0;
    loop {
        let place = |at: usize, row: usize| -> Option<Place> {
            let stamp = deliveries[at].batch.stamps.get(row)?;
            Some((stamp, sinks[deliveries[at].sink].operator))
        };
        let print = prints.get(printed).map(|print| (print.stamp, print.operator));
        let next = (0..deliveries.len()).filter_map(|at| Some((place(at, read[at])?, at))).min();
        let first = print.into_iter().chain(next.map(|(place, _)| place)).min();
        let Some(first) = first.filter(|first| until.is_none_or(|until| *first < until)) else { return Ok(()) };
        if print == Some(first) {
            stdout.extend_from_slice(&prints[printed].text);
            printed += 1;
            continue;
        }
        let Some((_, at)) = next else { return Ok(()) };
        // As many rows as come before anything of the others.
        let others = (0..deliveries.len()).filter(|&other| other != at).filter_map(|other| place(other, read[other]));
        let limit = others.chain(print).chain(until).min();
        let from = read[at];
        while place(at, read[at]).is_some_and(|place| limit.is_none_or(|limit| place < limit)) {
            read[at] += 1;
        }
        let sink = &mut sinks[deliveries[at].sink];
        let (began, before) = (Instant::now(), stdout.len());
        let delivered = deliver(py, sink, &deliveries[at].batch, from..read[at], stdout);
        let elapsed = began.elapsed();
        sink.time += elapsed;
        let objects = deliveries[at].batch.values.is_objects();
        match sink.kind {
            SinkKind::Stdout { .. } => {
                sink.bytes += (stdout.len() - before) as u64;
                sink.python += if objects { elapsed } else { Duration::ZERO };
            }
            _ => sink.python += elapsed,
        }
        delivered?;
    }
}

fn deliver(
    py: Python<'_>,
    sink: &mut Sink,
    batch: &Batch,
    rows: std::ops::Range<usize>,
    stdout: &mut Vec<u8>,
) -> Result<(), Refusal> {
    for row in rows {
        let subtask = batch.subtask(row) as usize;
        capture::at(batch.stamps.at(row), sink.operator);
        let outcome = match &mut sink.kind {
            SinkKind::Stdout { prefixes } => {
                let start = stdout.len();
                stdout.extend_from_slice(prefixes[subtask].as_bytes());
                let written = batch.values.write_str(py, row, stdout);
                if written.is_err() {
                    stdout.truncate(start);
                } else {
                    stdout.push(b'\n');
                }
                written.map_err(SinkError::Raised)
            }
            SinkKind::Function { calls, context } => {
                let context = context.as_ref().map(|context| context.bind(py));
                let told = context.map_or(Ok(()), |context| context.setattr("now", batch.stamps.at(row).time));
                told.and_then(|()| batch.values.value(py, row))
                    .and_then(|value| invoke(calls[subtask].bind(py), value, context))
                    .map_err(SinkError::Raised)
            }
            SinkKind::Socket { writer, serialize: calls } => {
                let data = batch.values.value(py, row).and_then(|value| serialize(calls[subtask].bind(py), value));
                data.map_err(SinkError::Raised).and_then(|data| {
                    sink.bytes += data.len() as u64;
                    writer.write(&data).map_err(|error| SinkError::Failed(error.to_string()))
                })
            }
            SinkKind::Text(_) => Ok(()),
        };
        for print in capture::take() {
            stdout.extend_from_slice(&print.text);
        }
        capture::done();
        if let Err(error) = outcome {
            let element = batch.values.value(py, row).ok().map(|value| describe(&value));
            return Err(Refusal { operator: sink.operator, error, element });
        }
    }
    Ok(())
}
