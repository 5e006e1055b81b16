//! Calls of a kernel for one row at a time, as keyed operators make them.

use super::frame::Frame;
use super::memory::Memory;
use super::{Kernel, Stopped};
use crate::python::signals;
use pyflink_plan::typed::Why;
use std::sync::Arc;

/// A kernel whose rows give one result each, and room for one.
pub struct Caller {
    kernel: Arc<Kernel>,
    input: Vec<u64>,
    result: Vec<u64>,
    row: u32,
    /// What results refer to, beside the kernel and its input.
    memory: Memory,
}

impl Caller {
    /// `None` if rows of the kernel may give several results, or none.
    pub fn new(kernel: Arc<Kernel>) -> Option<Caller> {
        if kernel.expands || kernel.passes {
            return None;
        }
        let (input, result) = (vec![0; kernel.input.words()], vec![0; kernel.columns]);
        Some(Caller { kernel, input, result, row: 0, memory: Memory::default() })
    }

    /// Where the words of the row go.
    pub fn input(&mut self) -> &mut Vec<u64> {
        self.input.clear();
        &mut self.input
    }

    /// The words of the result for the input; they are good until the next [`Caller::reset`].
    pub fn call(&mut self) -> Result<&[u64], Stopped> {
        const MOST: usize = 32;
        let (words, columns) = (self.kernel.input.words(), self.result.len());
        if self.input.len() != words || words > MOST || columns > MOST {
            return Err(Stopped { row: 0, why: Some(Why::Unusual), place: u32::MAX });
        }
        let mut input = [std::ptr::null(); MOST];
        input.iter_mut().zip(&self.input).for_each(|(place, word)| *place = &raw const *word);
        let mut output = [std::ptr::null_mut(); MOST];
        output.iter_mut().zip(&mut self.result).for_each(|(place, word)| *place = &raw mut *word);
        let mut frame = Frame {
            input: input.as_ptr(),
            output: output.as_mut_ptr(),
            rows: &raw mut self.row,
            count: 0,
            capacity: 1,
            memory: &raw mut self.memory,
            attributes: std::ptr::null_mut(),
            full: no_room,
            stop: signals::flag(),
            why: 0,
            place: 0,
            row: 0,
            mark: 0,
            owner: std::ptr::null_mut(),
        };
        // SAFETY: the frame holds one row of the kernel's input and room for the one result that it gives.
        let stopped = unsafe { (self.kernel.entry)(&raw mut frame, 0, 1) };
        if stopped == 1 && frame.count == 1 {
            return Ok(&self.result);
        }
        Err(Stopped { row: 0, why: Why::from_code(frame.why), place: frame.place })
    }

    /// Lets go of what results refer to.
    pub fn reset(&mut self) {
        self.memory.clear();
    }

    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.kernel
    }
}

/// A kernel that gives one result for a row never asks for room.
unsafe extern "C" fn no_room(_frame: *mut Frame) -> u32 {
    1
}
