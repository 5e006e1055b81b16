//! `write_to_socket`: bytes to a server.

use super::{IoError, line_socket, machine};
use std::io::{BufWriter, Write};
use std::net::TcpStream;

pub struct SocketWriter {
    stream: BufWriter<TcpStream>,
    name: String,
}

impl SocketWriter {
    pub fn connect(host: &str, port: u16) -> Result<SocketWriter, IoError> {
        let stream = BufWriter::new(line_socket::connect(host, port)?);
        Ok(SocketWriter { stream, name: format!("{host}:{port}") })
    }

    pub fn write(&mut self, data: &[u8]) -> Result<(), IoError> {
        self.stream.write_all(data).map_err(machine(&self.name))
    }

    pub fn flush(&mut self) -> Result<(), IoError> {
        self.stream.flush().map_err(machine(&self.name))
    }
}
