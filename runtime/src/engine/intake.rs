//! What the sources have, as the rows of the next wave.
//!
//! Bounded sources go in step: element k of each belongs to the same tick. On the system clock a source that keeps the
//! others waiting is taken for a live one from then on, whose elements get ticks of their own as they arrive.

use super::batch::Batch;
use super::capture::{self, Print};
use super::graph::StageId;
use super::meter::{Meter, Work};
use super::sources::{Ready, Source, SourceError};
use super::stamp::{Stamp, Stamps};
use crate::clock::{Clock, Time};
use pyflink_plan::OperatorId;
use pyo3::prelude::*;
use std::time::{Duration, Instant};

/// How long a source may keep others waiting before it counts as live.
const PATIENCE: Duration = Duration::from_millis(200);

pub struct Intake {
    pub feeds: Vec<Feed>,
    batch_size: usize,
    next_tick: u64,
    /// Since when some source has kept the others waiting.
    stalled: Option<Instant>,
}

pub struct Feed {
    pub source: Box<dyn Source>,
    pub operator: OperatorId,
    pub stage: StageId,
    /// For people: `read_text_file`, or the name it was given.
    pub title: String,
    /// Rows taken so far.
    pub rows: u64,
    live: bool,
    /// All its rows are taken and it has none to come.
    done: bool,
}

/// What to do next.
pub enum Next {
    /// So many rows of each feed (by index), from `first_tick` on; rows in step first.
    Rows(Vec<Share>),
    /// Nothing yet; something is due at the given time, if at all.
    Wait(Option<Instant>),
    /// A source failed and all before it is done.
    Failed(OperatorId, SourceError),
    /// No source has anything more.
    End,
}

/// The part of a feed in a wave.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    feed: usize,
    rows: usize,
    /// Of its first row, counted from the wave's first tick.
    offset: u64,
}

impl Intake {
    pub fn new(
        sources: Vec<(Box<dyn Source>, OperatorId, StageId)>,
        title: impl Fn(OperatorId) -> String,
        batch_size: usize,
        clock: &dyn Clock,
    ) -> Intake {
        let feed = |(source, operator, stage): (Box<dyn Source>, _, _)| {
            let live = clock.is_live() && source.is_live();
            Feed { source, operator, stage, title: title(operator), rows: 0, live, done: false }
        };
        let feeds = sources.into_iter().map(feed).collect();
        Intake { feeds, batch_size, next_tick: 0, stalled: None }
    }

    pub fn next_tick(&self) -> u64 {
        self.next_tick
    }

    /// Asks all sources.
    pub fn poll(&mut self, clock: &dyn Clock) -> Next {
        let ready: Vec<Option<Ready>> =
            self.feeds.iter_mut().map(|feed| (!feed.done).then(|| feed.source.poll(self.batch_size))).collect();
        if let Some(failed) = self.settle(&ready) {
            return failed;
        }
        if self.feeds.iter().all(|feed| feed.done) {
            return Next::End;
        }
        let open = |at: &usize| !self.feeds[*at].done;
        let (live, in_step): (Vec<usize>, Vec<usize>) =
            (0..self.feeds.len()).filter(open).partition(|&at| self.feeds[at].live);
        let rows = |at: usize| ready[at].map_or(0, |ready| ready.rows);
        let ended = |at: usize| ready[at].is_some_and(|ready| ready.ended);
        let text = (0..self.feeds.len()).any(|at| ready[at].is_some_and(|ready| ready.text));
        // The ticks that all sources in step can fill; one that ends fills what it has.
        let unbounded = in_step.iter().filter(|&&at| !ended(at)).map(|&at| rows(at)).min();
        let ticks = unbounded.or(in_step.iter().map(|&at| rows(at)).max()).unwrap_or(0);
        let mut shares: Vec<Share> = Vec::new();
        for &feed in &in_step {
            shares.push(Share { feed, rows: rows(feed).min(ticks), offset: 0 });
        }
        let mut offset = ticks as u64;
        for &feed in &live {
            shares.push(Share { feed, rows: rows(feed), offset });
            offset += rows(feed) as u64;
        }
        if ticks > 0 || in_step.len() < 2 {
            self.stalled = None;
        }
        if offset > 0 || text {
            return Next::Rows(shares);
        }
        let due = ready.iter().flatten().filter_map(|ready| ready.due).min();
        Next::Wait([due, self.patience(&in_step, &rows, clock)].into_iter().flatten().min())
    }

    /// Marks feeds that are through; gives the failure of one that is through because of one.
    fn settle(&mut self, ready: &[Option<Ready>]) -> Option<Next> {
        for (feed, ready) in self.feeds.iter_mut().zip(ready) {
            if ready.is_some_and(|ready| ready.ended && ready.rows == 0) {
                feed.done = true;
                if let Some(error) = feed.source.error() {
                    return Some(Next::Failed(feed.operator, error));
                }
            }
        }
        None
    }

    /// Where some sources in step have rows and others keep them waiting: until when. Those that have used up their
    /// time become live.
    fn patience(&mut self, in_step: &[usize], rows: &dyn Fn(usize) -> usize, clock: &dyn Clock) -> Option<Instant> {
        if !clock.is_live() || in_step.iter().all(|&at| rows(at) == 0) {
            return None;
        }
        let since = *self.stalled.get_or_insert_with(Instant::now);
        if since.elapsed() >= PATIENCE {
            for &at in in_step.iter().filter(|&&at| rows(at) == 0) {
                let feed = &mut self.feeds[at];
                feed.live = feed.source.may_stall();
            }
            self.stalled = None;
            return Some(Instant::now());
        }
        Some(since + PATIENCE)
    }

    /// Takes the rows of a wave; they belong to ticks from [`Intake::next_tick`] on.
    pub fn take(
        &mut self,
        py: Python<'_>,
        shares: &[Share],
        clock: &dyn Clock,
        now: Time,
        meter: &mut Meter,
    ) -> PyResult<Vec<(StageId, Batch)>> {
        let first = self.next_tick;
        let mut batches = Vec::with_capacity(shares.len());
        for share in shares {
            let feed = &mut self.feeds[share.feed];
            let stamp = |row: usize| {
                let tick = first + share.offset + row as u64;
                Stamp { tick, element: true, time: clock.arrival(tick, now) }
            };
            let taken = meter.measure(feed.operator, || {
                let taken = feed.source.take(py, share.rows);
                (taken, Work { elements_in: 0, elements_out: share.rows })
            })?;
            feed.rows += share.rows as u64;
            for (row, text) in taken.prints {
                capture::push(Print { stamp: stamp(row), operator: feed.operator, text });
            }
            let stamps = stamps(first + share.offset, share.rows, clock, now);
            self.next_tick = self.next_tick.max(first + share.offset + share.rows as u64);
            batches.push((feed.stage, Batch { values: taken.values, stamps, subtasks: None, side: None }));
        }
        Ok(batches)
    }
}

/// Stamps of rows with ticks from `first` on.
fn stamps(first: u64, rows: usize, clock: &dyn Clock, now: Time) -> Stamps {
    let stamp = |tick: u64, time: Time| Stamp { tick, element: true, time };
    let ticks = first..first + rows as u64;
    // Mostly, arrivals are as far from each other all the way, and the clock need not be asked for each.
    let (start, second) = (clock.arrival(first, now), clock.arrival(first + 1, now));
    let step = second.saturating_sub(start);
    let last = (rows as Time).saturating_sub(1).checked_mul(step).and_then(|way| start.checked_add(way));
    if rows > 0 && last == Some(clock.arrival(ticks.end - 1, now)) {
        return Stamps::run(first, start, step, rows);
    }
    ticks.map(|tick| stamp(tick, clock.arrival(tick, now))).collect::<Vec<_>>().into()
}
