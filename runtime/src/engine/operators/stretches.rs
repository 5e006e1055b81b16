//! Which rows machine code is tried on: all, but for stretches behind one in which many rows bailed.
//!
//! A row that bails costs what machine code did of it, and its way to CPython and back. Where many do, it is better not to
//! try; and that ends, because what comes next may be other.

/// Rows after which it is looked at how many have bailed.
pub const STRETCH: usize = 256;
/// Rows with which machine code is tried again.
const PROBE: usize = 32;
/// Stretches that CPython does, at the most, before that.
const MOST: usize = 32;

#[derive(Debug, Default)]
pub struct Stretches {
    /// Rows of the stretch at hand that machine code was tried on, and those of them that bailed.
    tried: usize,
    bailed: usize,
    /// Rows that are left to CPython from here on.
    left: usize,
    /// So many stretches were left at a time; 0 while machine code gets along.
    pause: usize,
}

impl Stretches {
    /// What is done with the next rows, of so many: `Err` for those that are left to CPython.
    pub fn next(&mut self, rows: usize) -> Result<usize, usize> {
        if self.left > 0 {
            let rows = rows.min(self.left);
            self.left -= rows;
            return Err(rows);
        }
        Ok(rows.min(self.size() - self.tried))
    }

    /// Takes down what came of rows that machine code was tried on.
    pub fn done(&mut self, rows: usize, bailed: usize) {
        self.tried += rows;
        self.bailed += bailed;
        if self.tried < self.size() {
            return;
        }
        // Beyond that, rows that go both ways, and their results that are put in order, cost small functions more than
        // the others save.
        let is_lost = self.bailed * 5 > self.tried * 2;
        self.pause = if is_lost { (2 * self.pause).clamp(1, MOST) } else { 0 };
        self.left = self.pause * STRETCH;
        (self.tried, self.bailed) = (0, 0);
    }

    fn size(&self) -> usize {
        if self.pause > 0 { PROBE } else { STRETCH }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of so many rows machine code is tried on, if each `every`th row bails, up to `until`.
    fn tried(rows: usize, bails: impl Fn(usize) -> bool) -> usize {
        let mut stretches = Stretches::default();
        let (mut at, mut tried) = (0, 0);
        while at < rows {
            match stretches.next(rows - at) {
                Ok(some) => {
                    stretches.done(some, (at..at + some).filter(|row| bails(*row)).count());
                    tried += some;
                    at += some;
                }
                Err(left) => at += left,
            }
        }
        tried
    }

    #[test]
    fn rows_are_left_only_where_many_bail() {
        assert_eq!(tried(100_000, |_| false), 100_000);
        assert_eq!(tried(100_000, |row| row % 3 == 0), 100_000);
        assert!(tried(100_000, |row| row % 2 == 0) < 2_000);
        assert!(tried(100_000, |_| true) < 2_000);
    }

    #[test]
    fn machine_code_is_tried_again() {
        let late = tried(200_000, |row| row < 100_000);
        assert!((90_000..102_000).contains(&late), "{late}");
    }
}
