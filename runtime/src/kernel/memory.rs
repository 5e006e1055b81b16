//! Where kernels put text, lists and other objects: memory that is let go as a whole.
//!
//! What lies here is never moved, and is changed by nobody but the kernel that made it, so that addresses may be kept
//! for as long as the memory is.

use pyo3::{Py, PyAny};
use std::mem::MaybeUninit;

/// Bytes of the first chunk; each further one is twice as large, up to a limit.
const FIRST: usize = 16 << 10;
const LARGEST: usize = 4 << 20;

/// Memory in chunks, given out from the front.
pub struct Memory {
    chunks: Vec<Box<[MaybeUninit<u64>]>>,
    /// Bytes of the first chunk at least.
    least: usize,
    /// Free bytes of the last chunk: from here…
    next: usize,
    /// …to here.
    end: usize,
    /// Dicts and sets, which live on the heap of their own.
    #[expect(clippy::vec_box, reason = "their addresses are kept")]
    pub tables: Vec<Box<super::primitives::table::Table>>,
    /// References to objects of Python whose addresses were given out.
    objects: Vec<Py<PyAny>>,
    /// Where text grows of which the length isn't known before.
    scratch: Vec<u8>,
}

// SAFETY: the addresses in it are those of its own chunks.
unsafe impl Send for Memory {}
// SAFETY: as above; nothing is changed through a shared reference.
unsafe impl Sync for Memory {}

/// A list, or a tuple of any length. Kernels know this layout.
#[repr(C)]
pub struct List {
    /// `capacity` elements, each of as many words as its type has.
    pub items: *mut u64,
    /// In elements.
    pub length: u64,
    pub capacity: u64,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::with_least(FIRST)
    }
}

impl Memory {
    /// For a little, of which there may be much: its first chunk is no larger than what is put there first.
    pub fn sparing() -> Memory {
        Memory::with_least(0)
    }

    fn with_least(least: usize) -> Memory {
        Memory {
            chunks: Vec::new(),
            least,
            next: 0,
            end: 0,
            tables: Vec::new(),
            objects: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Whether an address lies in it.
    pub fn holds(&self, address: u64) -> bool {
        let is_in =
            |chunk: &[MaybeUninit<u64>]| (address as usize).wrapping_sub(chunk.as_ptr() as usize) < size_of_val(chunk);
        self.chunks.iter().rev().any(|chunk| is_in(chunk))
            || self.objects.iter().any(|object| object.as_ptr() as u64 == address)
    }

    /// Room for so many bytes, aligned to 8. Never null, also for none.
    pub fn allocate(&mut self, bytes: usize) -> *mut u8 {
        let bytes = bytes.next_multiple_of(8);
        if self.end - self.next < bytes || self.chunks.is_empty() {
            let last = self.chunks.last().map_or(self.least / 2, |chunk| chunk.len() * 8);
            let size = (last * 2).clamp(self.least, LARGEST).max(bytes);
            let mut chunk = Box::new_uninit_slice(size / 8);
            self.next = chunk.as_mut_ptr() as usize;
            self.end = self.next + size;
            self.chunks.push(chunk);
        }
        let place = self.next as *mut u8;
        self.next += bytes;
        place
    }

    /// Copies a text; gives its words.
    pub fn text(&mut self, text: &[u8]) -> [u64; 2] {
        let place = self.allocate(text.len());
        // SAFETY: the place has room for the text, and is new.
        unsafe { std::ptr::copy_nonoverlapping(text.as_ptr(), place, text.len()) };
        [place as u64, text.len() as u64]
    }

    /// Keeps an object; gives its word.
    pub fn object(&mut self, object: Py<PyAny>) -> u64 {
        let word = object.as_ptr() as u64;
        self.objects.push(object);
        word
    }

    /// Room for a text, to be written over.
    pub fn room(&mut self, bytes: usize) -> &mut [u8] {
        let place = self.allocate(bytes);
        // SAFETY: the place has that room, which is made 0 first, and nobody else knows it yet.
        unsafe {
            place.write_bytes(0, bytes);
            std::slice::from_raw_parts_mut(place, bytes)
        }
    }

    /// Copies the text that is written to a buffer; gives its words.
    pub fn written<E>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<[u64; 2], E> {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let words = write(&mut scratch).map(|()| self.text(&scratch));
        self.scratch = scratch;
        words
    }

    /// A new list of elements given as words; `length` of them. Gives its word.
    pub fn list(&mut self, items: &[u64], length: usize) -> u64 {
        let place = self.allocate(items.len() * 8).cast::<u64>();
        // SAFETY: the place has room for the items, and is new.
        unsafe { std::ptr::copy_nonoverlapping(items.as_ptr(), place, items.len()) };
        let list = List { items: place, length: length as u64, capacity: length as u64 };
        let header = self.allocate(size_of::<List>()).cast::<List>();
        // SAFETY: the place has room for a list, and is new and aligned.
        unsafe { header.write(list) };
        header as u64
    }

    /// Makes room for at least one more element in a list of elements of so many words.
    pub fn grow(&mut self, list: &mut List, words: usize) {
        let capacity = (list.capacity * 2).max(4);
        let place = self.allocate(capacity as usize * words * 8).cast::<u64>();
        // SAFETY: the new place is at least as large as what is copied to it.
        unsafe { std::ptr::copy_nonoverlapping(list.items, place, list.length as usize * words) };
        (list.items, list.capacity) = (place, capacity);
    }

    /// Lets go of all that was given out; nobody may hold an address into it any more.
    pub fn clear(&mut self) {
        if self.chunks.is_empty() && self.objects.is_empty() && self.tables.is_empty() {
            return;
        }
        // The largest chunk is kept, to be used again.
        let last = self.chunks.pop();
        self.chunks.clear();
        self.tables.clear();
        self.objects.clear();
        if let Some(last) = last {
            self.next = last.as_ptr() as usize;
            self.end = self.next + last.len() * 8;
            self.chunks.push(last);
        }
    }

    /// How much there is of it.
    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len() * 8).sum::<usize>() + self.objects.len() * size_of::<Py<PyAny>>()
    }

    /// Takes back what an allocation doesn't need, if it is the last one.
    fn shrink(&mut self, place: *mut u8, bytes: usize, needed: usize) {
        if place as usize + bytes.next_multiple_of(8) == self.next {
            self.next = place as usize + needed.next_multiple_of(8);
        }
    }

    /// Makes an allocation larger where it is, if it is the last one of its chunk, and there is room.
    fn extend(&mut self, place: *mut u8, bytes: usize, wanted: usize) -> bool {
        let fits = place as usize + bytes.next_multiple_of(8) == self.next && self.end - place as usize >= wanted;
        if fits {
            self.next = place as usize + wanted.next_multiple_of(8);
        }
        fits
    }
}

/// A list that grows where it lies, as long as nothing else is allocated.
pub struct Growing {
    items: *mut u64,
    /// In words.
    length: usize,
    capacity: usize,
}

impl Growing {
    /// With room for so many words.
    pub fn new(memory: &mut Memory, words: usize) -> Growing {
        Growing { items: memory.allocate(words * 8).cast(), length: 0, capacity: words }
    }

    /// Appends the words of an element.
    #[inline]
    pub fn push(&mut self, memory: &mut Memory, words: &[u64]) {
        if self.capacity - self.length < words.len() {
            self.reserve(memory, words.len());
        }
        // SAFETY: there is room for so many words behind those that are there.
        unsafe { std::ptr::copy_nonoverlapping(words.as_ptr(), self.items.add(self.length), words.len()) };
        self.length += words.len();
    }

    #[cold]
    fn reserve(&mut self, memory: &mut Memory, words: usize) {
        let capacity = (self.capacity * 2).max(self.length + words).max(8);
        if !memory.extend(self.items.cast(), self.capacity * 8, capacity * 8) {
            let place = memory.allocate(capacity * 8).cast::<u64>();
            // SAFETY: the new place is larger than what is copied to it.
            unsafe { std::ptr::copy_nonoverlapping(self.items, place, self.length) };
            self.items = place;
        }
        self.capacity = capacity;
    }

    /// The list, of elements of so many words; gives its word.
    pub fn finish(self, memory: &mut Memory, words: usize) -> u64 {
        memory.shrink(self.items.cast(), self.capacity * 8, self.length * 8);
        let length = self.length.checked_div(words).unwrap_or(0) as u64;
        let header = memory.allocate(size_of::<List>()).cast::<List>();
        // SAFETY: the place has room for a list, and is new and aligned.
        unsafe { header.write(List { items: self.items, length, capacity: length }) };
        header as u64
    }
}
