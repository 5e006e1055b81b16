//! Lines of text files and sockets, as string views into what was read.

use super::{Ready, Source, SourceError, Taken};
use crate::engine::column::Column;
use crate::io::text_reader::Gauge;
use arrow_array::{Array, StringViewArray};
use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};
use pyo3::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Batches that a reading thread is ahead of the engine, at the most.
const AHEAD: usize = 4;

/// Reads the next batch of at most so many lines; `None` at the end, an error's text if it can't.
pub type ReadLines = Box<dyn FnMut(usize) -> Result<Option<StringViewArray>, String> + Send>;

pub struct Lines {
    feed: Feed,
    gauge: Arc<Gauge>,
    batch_size: usize,
    current: Option<StringViewArray>,
    ended: bool,
    error: Option<String>,
    live: bool,
    /// Ends a read that blocks.
    stop: Option<Box<dyn Fn() + Send>>,
}

enum Feed {
    Here(ReadLines),
    Thread(Receiver<Result<StringViewArray, String>>, Arc<AtomicBool>),
}

impl Lines {
    /// Reads when the engine asks.
    pub fn here(read: ReadLines, gauge: Arc<Gauge>, batch_size: usize) -> Lines {
        let feed = Feed::Here(read);
        Lines { feed, gauge, batch_size, current: None, ended: false, error: None, live: false, stop: None }
    }

    /// Reads ahead on a thread that wakes the engine.
    pub fn on_thread(
        mut read: ReadLines,
        gauge: Arc<Gauge>,
        batch_size: usize,
        live: bool,
        wake: Sender<()>,
        stop: Option<Box<dyn Fn() + Send>>,
    ) -> Lines {
        let (sender, receiver) = bounded(AHEAD);
        let cancelled = Arc::new(AtomicBool::new(false));
        let flag = cancelled.clone();
        thread::spawn(move || {
            loop {
                let message = match read(batch_size) {
                    Ok(Some(lines)) => Ok(lines),
                    Ok(None) => break,
                    Err(why) => Err(why),
                };
                let last = message.is_err();
                if flag.load(Ordering::Relaxed) || sender.send(message).is_err() || last {
                    break;
                }
                let _ = wake.try_send(());
            }
            drop(sender);
            let _ = wake.try_send(());
        });
        let feed = Feed::Thread(receiver, cancelled);
        Lines { feed, gauge, batch_size, current: None, ended: false, error: None, live, stop }
    }

    fn fill(&mut self) {
        while self.current.as_ref().is_none_or(|lines| lines.is_empty()) && !self.ended {
            let next = match &mut self.feed {
                Feed::Here(read) => read(self.batch_size),
                Feed::Thread(receiver, _) => match receiver.try_recv() {
                    Ok(Ok(lines)) => Ok(Some(lines)),
                    Ok(Err(why)) => Err(why),
                    Err(TryRecvError::Disconnected) => Ok(None),
                    Err(TryRecvError::Empty) => return,
                },
            };
            match next {
                Ok(Some(lines)) => self.current = Some(lines),
                Ok(None) => self.ended = true,
                Err(why) => {
                    self.ended = true;
                    self.error = Some(why);
                }
            }
        }
    }
}

impl Source for Lines {
    fn poll(&mut self, want: usize) -> Ready {
        self.fill();
        let rows = self.current.as_ref().map_or(0, |lines| lines.len()).min(want);
        Ready::now(rows, self.ended && rows == 0)
    }

    fn take(&mut self, _py: Python<'_>, rows: usize) -> PyResult<Taken> {
        let values = match self.current.take() {
            Some(lines) => {
                let taken = lines.slice(0, rows);
                self.current = (rows < lines.len()).then(|| lines.slice(rows, lines.len() - rows));
                Column::Str(taken)
            }
            None => Column::empty(),
        };
        Ok(Taken { values, prints: Vec::new() })
    }

    fn error(&mut self) -> Option<SourceError> {
        self.error.take().map(SourceError::Failed)
    }

    fn bytes(&self) -> Option<u64> {
        Some(self.gauge.read.load(Ordering::Relaxed))
    }

    fn progress(&self) -> Option<f64> {
        let (read, total) = (self.gauge.read.load(Ordering::Relaxed), self.gauge.total.load(Ordering::Relaxed));
        (total > 0).then(|| read as f64 / total as f64)
    }

    fn is_live(&self) -> bool {
        self.live
    }

    fn may_stall(&self) -> bool {
        matches!(self.feed, Feed::Thread(..))
    }

    fn cancel(&mut self, _py: Python<'_>) {
        self.ended = true;
        self.current = None;
        if let Feed::Thread(receiver, cancelled) = &self.feed {
            cancelled.store(true, Ordering::Relaxed);
            // A reader that waits for room in the channel goes on, and sees the flag.
            while receiver.try_recv().is_ok() {}
        }
        if let Some(stop) = &self.stop {
            stop();
        }
    }
}
