//! Where rows stand in the order of a job.

use crate::clock::Time;
use std::ops::Range;
use std::sync::Arc;

/// Rows are ordered by tick (the index of the source element that they descend from); before the elements of a tick
/// stand the results of the timers that go off ahead of it, by their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    pub tick: u64,
    /// False for what a timer gave.
    pub element: bool,
    pub time: Time,
}

/// The stamps of a batch's rows, ascending. Cheap to clone and to slice.
#[derive(Clone, Debug)]
pub struct Stamps {
    base: Base,
    /// Which of the base's stamps they are, where not all of them in their order.
    rows: Option<Arc<Vec<u32>>>,
    /// Which of those.
    range: Range<usize>,
}

#[derive(Clone, Debug)]
enum Base {
    List(Arc<Vec<Stamp>>),
    /// Elements with ticks from one on, each later than the one before by the same time.
    Run {
        first: u64,
        time: Time,
        step: Time,
    },
}

impl Stamps {
    pub fn none() -> Stamps {
        Stamps::run(0, 0, 0, 0)
    }

    /// Of `rows` elements with ticks from `first` on, the first at `time`, each later by `step`.
    pub fn run(first: u64, time: Time, step: Time, rows: usize) -> Stamps {
        Stamps { base: Base::Run { first, time, step }, rows: None, range: 0..rows }
    }

    pub fn len(&self) -> usize {
        self.range.len()
    }

    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// The stamp of a row, which must exist.
    pub fn at(&self, row: usize) -> Stamp {
        debug_assert!(row < self.len());
        let row = self.range.start + row;
        let row = self.rows.as_ref().map_or(row, |rows| rows[row] as usize);
        match &self.base {
            Base::List(stamps) => stamps[row],
            Base::Run { first, time, step } => {
                Stamp { tick: first + row as u64, element: true, time: time + step * row as Time }
            }
        }
    }

    pub fn get(&self, row: usize) -> Option<Stamp> {
        (row < self.len()).then(|| self.at(row))
    }

    pub fn iter(&self) -> impl Iterator<Item = Stamp> + '_ {
        (0..self.len()).map(|row| self.at(row))
    }

    pub fn slice(&self, rows: Range<usize>) -> Stamps {
        let range = self.range.start + rows.start..self.range.start + rows.end;
        Stamps { base: self.base.clone(), rows: self.rows.clone(), range }
    }

    /// Of the given rows, in ascending order; one may be there more than once.
    pub fn pick(&self, rows: Vec<u32>) -> Stamps {
        let range = 0..rows.len();
        let start = self.range.start as u32;
        let rows = match &self.rows {
            Some(before) => rows.into_iter().map(|row| before[(start + row) as usize]).collect(),
            None if start == 0 => rows,
            None => rows.into_iter().map(|row| start + row).collect(),
        };
        Stamps { base: self.base.clone(), rows: Some(Arc::new(rows)), range }
    }

    /// Number of rows at the front for which that holds, if it holds for those at the front and then no more.
    pub fn partition_point(&self, mut holds: impl FnMut(Stamp) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(self.at(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }
}

impl From<Vec<Stamp>> for Stamps {
    fn from(stamps: Vec<Stamp>) -> Stamps {
        let range = 0..stamps.len();
        Stamps { base: Base::List(Arc::new(stamps)), rows: None, range }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_and_slices_of_a_run_are_those_of_its_stamps() {
        let run = Stamps::run(100, 5, 2, 10);
        let listed = Stamps::from(run.iter().collect::<Vec<_>>());
        for stamps in [run, listed] {
            let picked = stamps.slice(2..9).pick(vec![0, 3, 3, 6]);
            let ticks = |stamps: &Stamps| stamps.iter().map(|stamp| stamp.tick).collect::<Vec<_>>();
            assert_eq!(ticks(&picked), [102, 105, 105, 108]);
            assert_eq!(ticks(&picked.slice(1..4).pick(vec![1, 2])), [105, 108]);
            assert_eq!(picked.at(3).time, 5 + 2 * 8);
            assert_eq!(picked.partition_point(|stamp| stamp.tick < 105), 1);
            assert_eq!((picked.get(4), picked.len()), (None, 4));
        }
    }
}
