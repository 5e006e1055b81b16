//! `generate_sequence(from, to)`: the ints from..to, both included.

use super::{Ready, Source, Taken};
use crate::engine::column::Column;
use crate::kernel::values::Values;
use pyo3::prelude::*;

pub struct Sequence {
    /// `None` when the last one has been taken.
    next: Option<i64>,
    first: i64,
    last: i64,
}

impl Sequence {
    pub fn new(first: i64, last: i64) -> Sequence {
        Sequence { next: (first <= last).then_some(first), first, last }
    }
}

impl Source for Sequence {
    fn poll(&mut self, want: usize) -> Ready {
        let left = self.next.map_or(0, |next| (i128::from(self.last) - i128::from(next) + 1).unsigned_abs());
        let rows = left.min(want as u128) as usize;
        Ready::now(rows, left == rows as u128)
    }

    fn progress(&self) -> Option<f64> {
        let (first, last) = (self.first as f64, self.last as f64);
        Some(self.next.map_or(1.0, |next| (next as f64 - first) / (last - first + 1.0)))
    }

    fn take(&mut self, _py: Python<'_>, rows: usize) -> PyResult<Taken> {
        let Some(first) = self.next.filter(|_| rows > 0) else {
            return Ok(Taken { values: Column::empty(), prints: Vec::new() });
        };
        let end = first + (rows - 1) as i64;
        self.next = end.checked_add(1).filter(|&next| next <= self.last);
        Ok(Taken { values: Column::Values(Values::ints(first..=end)), prints: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_range_of_64_bits_has_an_end() {
        let mut sequence = Sequence::new(i64::MAX - 1, i64::MAX);
        assert_eq!(sequence.poll(10), Ready::now(2, true));
        assert_eq!(Sequence::new(i64::MIN, i64::MAX).poll(10), Ready::now(10, false));
        sequence.next = None;
        assert_eq!(sequence.poll(10), Ready::now(0, true));
    }
}
