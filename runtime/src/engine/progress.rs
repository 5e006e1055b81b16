//! The line on a terminal that says how far a job is.

use super::intake::Intake;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_millis(200);

pub struct Progress {
    enabled: bool,
    /// Results go to a terminal too: the line must be out of their way.
    beside_results: bool,
    began: Instant,
    shown: Option<Instant>,
    last: (Instant, u64),
}

impl Progress {
    pub fn new() -> Progress {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let now = Instant::now();
        Progress {
            enabled: std::io::stderr().is_terminal() && !dumb,
            beside_results: std::io::stdout().is_terminal(),
            began: now,
            shown: None,
            last: (now, 0),
        }
    }

    /// Shows the line anew, if it is time to.
    pub fn tick(&mut self, intake: &Intake) {
        // A job that is over at once shows none.
        let due = self.shown.map_or(self.began + 2 * INTERVAL, |shown| shown + INTERVAL);
        if !self.enabled || Instant::now() < due {
            return;
        }
        let now = Instant::now();
        let elements: u64 = intake.feeds.iter().map(|feed| feed.rows).sum();
        let seconds = now.duration_since(self.last.0).as_secs_f64().max(1e-3);
        let rate = (elements - self.last.1) as f64 / seconds;
        let sources: Vec<String> = intake
            .feeds
            .iter()
            .map(|feed| match feed.source.progress() {
                Some(part) => format!("{} {:.0} %", feed.title, 100.0 * part.clamp(0.0, 1.0)),
                None => format!("{} {}", feed.title, count(feed.rows)),
            })
            .collect();
        let mut line = format!("{} elements, {}/s; {}", count(elements), count(rate as u64), sources.join(", "));
        if let Some((at, _)) = line.char_indices().nth(100) {
            line.truncate(at);
            line.push('…');
        }
        // A terminal that is gone is no reason to stop.
        let _ = write!(std::io::stderr().lock(), "\r\x1b[2K{line}");
        self.shown = Some(now);
        self.last = (now, elements);
    }

    /// Takes the line away before something else is shown.
    pub fn clear(&mut self) {
        if self.enabled && self.shown.is_some() {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[2K");
        }
    }

    /// As [`Progress::clear`], if results go to the same terminal.
    pub fn make_way(&mut self) {
        if self.beside_results {
            self.clear();
        }
    }
}

/// A number as short as it can be read.
pub fn count(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => format!("{:.0} k", number as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} M", number as f64 / 1e6),
        _ => format!("{:.1} G", number as f64 / 1e9),
    }
}
