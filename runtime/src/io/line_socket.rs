//! `socket_text_stream`: lines that a server sends, as they come.

use super::lines::LineReader;
use super::{IoError, machine};
use arrow_array::StringViewArray;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to listen: scripts start theirs on a thread right before the job.
const PATIENCE: Duration = Duration::from_secs(2);
const READ: usize = 1 << 16;

pub struct LineSocket {
    stream: TcpStream,
    lines: LineReader,
    name: String,
}

/// Ends a [`LineSocket`] from another thread.
pub struct Handle(TcpStream);

impl Handle {
    pub fn stop(&self) {
        // It may be closed already.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl LineSocket {
    /// Connects as a client.
    pub fn connect(host: &str, port: u16) -> Result<LineSocket, IoError> {
        let name = format!("{host}:{port}");
        let stream = connect(host, port)?;
        Ok(LineSocket { stream, lines: LineReader::new(name.clone()), name })
    }

    pub fn handle(&self) -> Result<Handle, IoError> {
        Ok(Handle(self.stream.try_clone().map_err(machine(&self.name))?))
    }

    /// The whole lines that are there, at most `rows`; waits for one. `None` when the server has closed.
    pub fn next_batch(&mut self, rows: usize) -> Result<Option<StringViewArray>, IoError> {
        self.lines.next(&mut self.stream, rows, READ)
    }
}

/// Connects, and tries again for a while where nobody listens yet.
pub fn connect(host: &str, port: u16) -> Result<TcpStream, IoError> {
    let began = Instant::now();
    let what = format!("{host}:{port}");
    loop {
        match TcpStream::connect((host, port)) {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                if began.elapsed() > PATIENCE {
                    let why = "nobody listens there (connection refused)".to_owned();
                    return Err(IoError::Target { what, why });
                }
                thread::park_timeout(Duration::from_millis(20));
            }
            Err(error) => return Err(IoError::Machine { what: format!("can't connect to {what}"), error }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;
    use std::io::Write;
    use std::net::TcpListener;

    #[test]
    fn lines_come_without_waiting_for_more_and_a_last_one_without_an_end() {
        let server = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = server.local_addr().unwrap().port();
        let mut socket = LineSocket::connect("127.0.0.1", port).unwrap();
        let (mut peer, _) = server.accept().unwrap();
        peer.write_all(b"one\ntw").unwrap();
        assert_eq!(socket.next_batch(10).unwrap().unwrap().value(0), "one");
        peer.write_all(b"o\r\nend").unwrap();
        drop(peer);
        let mut lines = Vec::new();
        while let Some(batch) = socket.next_batch(10).unwrap() {
            lines.extend((0..batch.len()).map(|row| batch.value(row).to_owned()));
        }
        assert_eq!(lines, ["two", "end"]);
    }

    #[test]
    fn a_reader_that_waits_can_be_stopped() {
        let server = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let mut socket = LineSocket::connect("127.0.0.1", server.local_addr().unwrap().port()).unwrap();
        let handle = socket.handle().unwrap();
        let reader = thread::spawn(move || socket.next_batch(1).map(|batch| batch.is_none()));
        handle.stop();
        assert!(reader.join().unwrap().unwrap_or(true));
    }
}
