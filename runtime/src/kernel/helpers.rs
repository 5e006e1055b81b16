//! What kernels call with machine words in registers, beside the primitives.

use super::memory::{List, Memory};
use std::cmp::Ordering;

/// A function of machine words.
#[derive(Clone, Copy)]
pub enum Helper {
    FloatFromFloats(extern "C" fn(f64, f64) -> f64),
    TextOrder(unsafe extern "C" fn(*const u8, u64, *const u8, u64) -> i64),
    TextLength(unsafe extern "C" fn(*const u8, u64) -> u64),
    TextEqual(unsafe extern "C" fn(*const u8, *const u8, u64) -> u64),
    RangeLength(extern "C" fn(i64, i64, i64) -> u64),
    NewList(unsafe extern "C" fn(*mut Memory, u64, u64) -> u64),
    GrowList(unsafe extern "C" fn(*mut Memory, *mut List, u64) -> u64),
}

pub const FLOAT_MOD: Helper = Helper::FloatFromFloats(float_mod);
pub const FLOAT_FLOOR_DIV: Helper = Helper::FloatFromFloats(float_floor_div);
pub const TEXT_ORDER: Helper = Helper::TextOrder(text_order);
pub const TEXT_LENGTH: Helper = Helper::TextLength(text_length);
pub const TEXT_EQUAL: Helper = Helper::TextEqual(text_equal);
pub const RANGE_LENGTH: Helper = Helper::RangeLength(range_length);
pub const NEW_LIST: Helper = Helper::NewList(new_list);
pub const GROW_LIST: Helper = Helper::GrowList(grow_list);

impl Helper {
    pub fn address(self) -> usize {
        match self {
            Helper::FloatFromFloats(function) => function as usize,
            Helper::TextOrder(function) => function as usize,
            Helper::TextLength(function) => function as usize,
            Helper::TextEqual(function) => function as usize,
            Helper::RangeLength(function) => function as usize,
            Helper::NewList(function) => function as usize,
            Helper::GrowList(function) => function as usize,
        }
    }

    pub fn gives_float(self) -> bool {
        matches!(self, Helper::FloatFromFloats(_))
    }
}

/// `a % b`; b is not 0.
pub extern "C" fn float_mod(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 {
        // The sign of the divisor.
        if (b < 0.0) != (rest < 0.0) { rest + b } else { rest }
    } else {
        0.0_f64.copysign(b)
    }
}

/// `a // b`; b is not 0.
pub extern "C" fn float_floor_div(a: f64, b: f64) -> f64 {
    let rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 && (b < 0.0) != (rest < 0.0) {
        quotient -= 1.0;
    }
    if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0.0_f64.copysign(a / b)
    }
}

/// How many ints `range(start, stop, step)` has; step is not 0.
extern "C" fn range_length(start: i64, stop: i64, step: i64) -> u64 {
    let (from, to) = if step > 0 { (start, stop) } else { (stop, start) };
    if from >= to {
        return 0;
    }
    // At most 2^64 - 1, as the difference of two ints of 64 bits.
    (to.wrapping_sub(from) as u64 - 1) / step.unsigned_abs() + 1
}

/// The order of two texts by code points, which is that of their bytes: -1, 0 or 1.
unsafe extern "C" fn text_order(a: *const u8, a_length: u64, b: *const u8, b_length: u64) -> i64 {
    // SAFETY: a kernel gives the words of two texts.
    let (a, b) =
        unsafe { (std::slice::from_raw_parts(a, a_length as usize), std::slice::from_raw_parts(b, b_length as usize)) };
    match a.cmp(b) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

/// Words are mostly short, for which the one of the standard library takes long.
fn is_ascii(bytes: &[u8]) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    if let Some(last) = bytes.last_chunk::<8>() {
        // The last ones may overlap others.
        let (chunks, _) = bytes.as_chunks::<8>();
        return chunks.iter().chain([last]).all(|chunk| u64::from_ne_bytes(*chunk) & HIGH == 0);
    }
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) => (u32::from_ne_bytes(*first) | u32::from_ne_bytes(*last)) & HIGH as u32 == 0,
        _ => bytes.iter().all(u8::is_ascii),
    }
}

/// The length of a text in code points.
unsafe extern "C" fn text_length(text: *const u8, length: u64) -> u64 {
    // SAFETY: a kernel gives the words of a text.
    let bytes = unsafe { std::slice::from_raw_parts(text, length as usize) };
    if is_ascii(bytes) {
        return length;
    }
    // Each code point has one byte that doesn't go on with another one.
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64
}

/// Whether two texts of one length are the same.
unsafe extern "C" fn text_equal(a: *const u8, b: *const u8, length: u64) -> u64 {
    // SAFETY: a kernel gives the words of two texts.
    let (a, b) =
        unsafe { (std::slice::from_raw_parts(a, length as usize), std::slice::from_raw_parts(b, length as usize)) };
    u64::from(a == b)
}

unsafe extern "C" fn new_list(memory: *mut Memory, capacity: u64, words: u64) -> u64 {
    // SAFETY: a kernel gives the memory of its frame, which nobody else uses meanwhile.
    let memory = unsafe { &mut *memory };
    let items = memory.allocate((capacity * words * 8) as usize).cast::<u64>();
    let place = memory.allocate(size_of::<List>()).cast::<List>();
    // SAFETY: the place is new, aligned, and has room for a list.
    unsafe { place.write(List { items, length: 0, capacity }) };
    place as u64
}

unsafe extern "C" fn grow_list(memory: *mut Memory, list: *mut List, words: u64) -> u64 {
    // SAFETY: a kernel gives the memory of its frame and a list in it, which nobody else uses meanwhile.
    let (memory, list) = unsafe { (&mut *memory, &mut *list) };
    memory.grow(list, words as usize);
    0
}
