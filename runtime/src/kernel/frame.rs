//! What a kernel and its caller share while it runs.

use super::memory::Memory;
use pyflink_plan::typed::Why;
use std::mem::offset_of;
use std::sync::atomic::AtomicI32;

/// Kernels know this layout.
#[repr(C)]
pub struct Frame {
    /// One column for each word of the input.
    pub input: *const *const u64,
    /// One column for each word of a result.
    pub output: *mut *mut u64,
    /// The row that each result belongs to.
    pub rows: *mut u32,
    /// Results so far, and for how many there is room.
    pub count: u64,
    pub capacity: u64,
    pub memory: *mut Memory,
    /// Words of the attributes of a source.
    pub attributes: *mut u64,
    /// Called when there is no room for a further result: makes some, or says with other than 0 that the kernel is to
    /// stop.
    pub full: unsafe extern "C" fn(*mut Frame) -> u32,
    /// Not 0 once loops are to be left.
    pub stop: *const AtomicI32,
    /// The code of a [`pyflink_plan::typed::Why`] if the kernel bailed; 0 if it was told to stop.
    pub why: u32,
    /// Where it bailed: index in [`super::Kernel::places`].
    pub place: u32,
    /// The kernel's own: the row at hand, and the number of results before it.
    pub row: u64,
    pub mark: u64,
    /// The caller's own.
    pub owner: *mut std::ffi::c_void,
}

pub const INPUT: i32 = offset_of!(Frame, input) as i32;
pub const OUTPUT: i32 = offset_of!(Frame, output) as i32;
pub const ROWS: i32 = offset_of!(Frame, rows) as i32;
pub const COUNT: i32 = offset_of!(Frame, count) as i32;
pub const CAPACITY: i32 = offset_of!(Frame, capacity) as i32;
pub const MEMORY: i32 = offset_of!(Frame, memory) as i32;
pub const ATTRIBUTES: i32 = offset_of!(Frame, attributes) as i32;
pub const FULL: i32 = offset_of!(Frame, full) as i32;
pub const STOP: i32 = offset_of!(Frame, stop) as i32;
pub const WHY: i32 = offset_of!(Frame, why) as i32;
pub const PLACE: i32 = offset_of!(Frame, place) as i32;
pub const ROW: i32 = offset_of!(Frame, row) as i32;
pub const MARK: i32 = offset_of!(Frame, mark) as i32;

/// Why and where a kernel bails, in one word: code and place. Other than 0.
pub fn told(why: Why, place: u32) -> u64 {
    u64::from(place) << 32 | u64::from(why.code())
}

/// `(frame, from, to) -> row`: does the rows `from..to`; gives `to`, or the row at which it bailed or was told to stop.
/// What a bailed row gave is not counted.
pub type Entry = unsafe extern "C" fn(*mut Frame, u64, u64) -> u64;
