//! `write_as_text`: one `str(element)` a line.

use crate::engine::batch::Batch;
use crate::io::text_writer::TextWriter;
use pyo3::prelude::*;

pub struct TextSink {
    pub writer: TextWriter,
    /// Lines of the wave at hand, by subtask.
    lines: Vec<Vec<u8>>,
}

impl TextSink {
    pub fn new(writer: TextWriter, subtasks: usize) -> TextSink {
        TextSink { writer, lines: vec![Vec::new(); subtasks] }
    }

    /// Bytes of lines that are not written yet.
    pub fn waiting(&self) -> u64 {
        self.lines.iter().map(|lines| lines.len() as u64).sum()
    }

    /// Makes lines of rows; on an error, gives the row.
    pub fn render(&mut self, py: Python<'_>, batch: &Batch) -> Result<(), (usize, PyErr)> {
        for row in 0..batch.rows() {
            let lines = &mut self.lines[batch.subtask(row) as usize];
            let start = lines.len();
            if let Err(error) = batch.values.write_str(py, row, lines) {
                lines.truncate(start);
                return Err((row, error));
            }
            lines.push(b'\n');
        }
        Ok(())
    }

    /// Writes the lines; needs no interpreter.
    pub fn write(&mut self) -> Result<(), String> {
        for (subtask, lines) in self.lines.iter_mut().enumerate() {
            self.writer.write(subtask, lines).map_err(|error| error.to_string())?;
            lines.clear();
        }
        Ok(())
    }
}
