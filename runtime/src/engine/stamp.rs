//! Where a row stands in the order of a job.

use crate::clock::Time;

/// Rows are ordered by tick (the index of the source element that they descend from); before the elements of a tick
/// stand the results of the timers that go off ahead of it, by their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    pub tick: u64,
    /// False for what a timer gave.
    pub element: bool,
    pub time: Time,
}
