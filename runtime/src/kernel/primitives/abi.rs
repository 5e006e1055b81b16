//! Between words and values: how machine code calls the functions of this folder, which are safe.
//!
//! A function takes a [`Context`] and operands of types that are [`Operand`], and gives a `Result` of an [`Output`];
//! `entry!` makes of it what machine code can call. Types of a site are checked against those of the function once,
//! when the site is made.

use super::number::Number;
use super::time::Moment;
use super::{Call, Site};
use crate::kernel::memory::Memory;
use pyflink_plan::typed::Why;
use pyflink_plan::types::Type;
use std::slice::Iter;

/// What a function gets beside its operands.
pub struct Context<'a> {
    pub memory: &'a mut Memory,
    pub site: &'a Site,
}

/// A function as machine code calls it, and whether it takes and gives values of these types.
pub struct Entry {
    pub call: Call,
    pub fits: fn(&[Type], &Type) -> bool,
}

macro_rules! entry {
    ($function:expr) => {{
        unsafe extern "C" fn call(
            memory: *mut crate::kernel::memory::Memory,
            site: *const crate::kernel::primitives::Site,
            operands: *const u64,
            results: *mut u64,
        ) -> u64 {
            // SAFETY: machine code calls a site with operands of its types and room for the result, see `Call`.
            unsafe { crate::kernel::primitives::abi::run(&$function, memory, site, operands, results) }
        }
        crate::kernel::primitives::abi::Entry { call, fits: crate::kernel::primitives::abi::fits(&$function) }
    }};
}
pub(super) use entry;

/// Operands that are still to be read.
pub struct Reader<'a> {
    words: *const u64,
    types: Iter<'a, Type>,
}

impl<'a> Reader<'a> {
    /// The next word.
    ///
    /// # Safety
    /// There is one left.
    #[inline]
    pub unsafe fn word(&mut self) -> u64 {
        // SAFETY: as the caller says.
        unsafe {
            let word = *self.words;
            self.words = self.words.add(1);
            word
        }
    }

    /// The type of the next operand.
    #[inline]
    pub fn of(&mut self) -> &'a Type {
        self.types.next().unwrap_or(&Type::None)
    }

    /// So many words, which stay where they are during the call.
    ///
    /// # Safety
    /// They are left.
    pub unsafe fn words(&mut self, count: usize) -> &'a [u64] {
        // SAFETY: as the caller says.
        unsafe {
            let words = std::slice::from_raw_parts(self.words, count);
            self.words = self.words.add(count);
            words
        }
    }
}

/// A type of operands of functions.
pub trait Operand<'a>: Sized {
    /// True if values of the types that come next are read so.
    fn fits(types: &mut Iter<'_, Type>) -> bool;

    /// # Safety
    /// The next words are values of types that fit, and live as long as the reader's site.
    unsafe fn read(reader: &mut Reader<'a>) -> Self;
}

/// A type of results of functions.
pub trait Output {
    /// Number of words.
    const WORDS: usize;

    fn fits(of: &Type) -> bool;

    /// # Safety
    /// There is room for as many words as a value of the site's type has.
    unsafe fn write(self, out: *mut u64);
}

/// A function with operands `A` and the result `R`.
pub trait Function<'a, A, R> {
    fn fits(operands: &[Type], result: &Type) -> bool;

    /// # Safety
    /// Operands and results are as the site says.
    unsafe fn call(&self, context: &mut Context<'a>, reader: &mut Reader<'a>, results: *mut u64) -> Result<(), Why>;
}

macro_rules! functions {
    ($($of:ident $operand:ident)*) => {
        impl<'a, F, R, $($of),*> Function<'a, ($($of,)*), R> for F
        where
            F: Fn(&mut Context<'a>, $($of),*) -> Result<R, Why>,
            R: Output,
            $($of: Operand<'a>,)*
        {
            fn fits(operands: &[Type], result: &Type) -> bool {
                let mut types = operands.iter();
                $($of::fits(&mut types) &&)* types.next().is_none() && R::fits(result)
            }

            #[inline]
            unsafe fn call(&self, context: &mut Context<'a>, reader: &mut Reader<'a>, results: *mut u64) -> Result<(), Why> {
                let _ = &reader;
                // SAFETY: types were checked when the site was made.
                unsafe {
                    $(let $operand = $of::read(reader);)*
                    self(context, $($operand),*)?.write(results);
                }
                Ok(())
            }
        }
    };
}
functions!();
functions!(A a);
functions!(A a B b);
functions!(A a B b C c);
functions!(A a B b C c D d);
functions!(A a B b C c D d E e F1 f G g);

pub fn fits<F: Function<'static, A, R>, A, R>(_: &F) -> fn(&[Type], &Type) -> bool {
    F::fits
}

/// # Safety
/// As [`Call`] says.
#[inline]
pub unsafe fn run<'a, F: Function<'a, A, R>, A, R>(
    function: &F,
    memory: *mut Memory,
    site: *const Site,
    operands: *const u64,
    results: *mut u64,
) -> u64 {
    // SAFETY: as the caller says.
    unsafe {
        let site = &*site;
        let mut context = Context { memory: &mut *memory, site };
        let mut reader = Reader { words: operands, types: site.operands.iter() };
        match function.call(&mut context, &mut reader, results) {
            Ok(()) => 0,
            Err(why) => super::super::frame::told(why, site.place),
        }
    }
}

macro_rules! word_operand {
    ($($type:ty, $pattern:pat, $word:ident => $value:expr, $given:ident => $back:expr;)*) => {$(
        impl<'a> Operand<'a> for $type {
            fn fits(types: &mut Iter<'_, Type>) -> bool {
                matches!(types.next(), Some($pattern))
            }

            #[inline]
            unsafe fn read(reader: &mut Reader<'a>) -> Self {
                reader.of();
                // SAFETY: the value is one word.
                let $word = unsafe { reader.word() };
                $value
            }
        }

        impl Output for $type {
            const WORDS: usize = 1;

            fn fits(of: &Type) -> bool {
                matches!(of, $pattern)
            }

            #[inline]
            unsafe fn write(self, out: *mut u64) {
                let $given = self;
                // SAFETY: the value is one word.
                unsafe { *out = $back }
            }
        }
    )*};
}

word_operand! {
    i64, Type::Int, word => word as i64, value => value as u64;
    f64, Type::Float, word => f64::from_bits(word), value => value.to_bits();
    bool, Type::Bool, word => word != 0, value => u64::from(value);
    Moment, Type::Time(_), word => Moment(word as i64), value => value.0 as u64;
}

impl Output for () {
    const WORDS: usize = 0;

    fn fits(of: &Type) -> bool {
        *of == Type::None
    }

    unsafe fn write(self, _: *mut u64) {}
}

impl<'a> Operand<'a> for Number {
    fn fits(types: &mut Iter<'_, Type>) -> bool {
        types.next() == Some(&Type::Number)
    }

    unsafe fn read(reader: &mut Reader<'a>) -> Number {
        reader.of();
        // SAFETY: a number has two words.
        unsafe { Number::from_words([reader.word(), reader.word()]) }
    }
}

impl Output for Number {
    const WORDS: usize = 2;

    fn fits(of: &Type) -> bool {
        *of == Type::Number
    }

    unsafe fn write(self, out: *mut u64) {
        let [tag, word] = self.words();
        // SAFETY: a number has two words.
        unsafe { (*out, *out.add(1)) = (tag, word) }
    }
}

/// # Safety
/// The words are those of a text or bytes, which lives for `'a`.
#[inline]
pub unsafe fn bytes<'a>(address: u64, length: u64) -> &'a [u8] {
    // SAFETY: as the caller says.
    unsafe { std::slice::from_raw_parts(address as *const u8, length as usize) }
}

impl<'a> Operand<'a> for &'a [u8] {
    fn fits(types: &mut Iter<'_, Type>) -> bool {
        types.next() == Some(&Type::Bytes)
    }

    #[inline]
    unsafe fn read(reader: &mut Reader<'a>) -> &'a [u8] {
        reader.of();
        // SAFETY: bytes have two words.
        unsafe { bytes(reader.word(), reader.word()) }
    }
}

impl<'a> Operand<'a> for &'a str {
    fn fits(types: &mut Iter<'_, Type>) -> bool {
        types.next() == Some(&Type::Str)
    }

    #[inline]
    unsafe fn read(reader: &mut Reader<'a>) -> &'a str {
        reader.of();
        // SAFETY: a text has two words, and is valid UTF-8.
        unsafe { std::str::from_utf8_unchecked(bytes(reader.word(), reader.word())) }
    }
}

/// All texts that are left.
#[derive(Clone)]
pub struct Texts<'a> {
    words: &'a [u64],
}

impl<'a> Texts<'a> {
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        // SAFETY: as when they were read.
        self.words.chunks_exact(2).map(|text| unsafe { std::str::from_utf8_unchecked(bytes(text[0], text[1])) })
    }
}

impl<'a> Operand<'a> for Texts<'a> {
    fn fits(types: &mut Iter<'_, Type>) -> bool {
        types.all(|of| *of == Type::Str)
    }

    unsafe fn read(reader: &mut Reader<'a>) -> Texts<'a> {
        let count = reader.types.len();
        // SAFETY: all that is left are texts, of two words.
        Texts { words: unsafe { reader.words(count * 2) } }
    }
}

/// The words of a new text, or of a part of another one.
#[derive(Clone, Copy, Debug)]
pub struct Text(pub [u64; 2]);

/// The words of bytes.
#[derive(Clone, Copy, Debug)]
pub struct Data(pub [u64; 2]);

impl Text {
    /// The text itself, nothing copied.
    #[inline]
    pub fn view(text: &str) -> Text {
        Text([text.as_ptr() as u64, text.len() as u64])
    }
}

impl Data {
    #[inline]
    pub fn view(bytes: &[u8]) -> Data {
        Data([bytes.as_ptr() as u64, bytes.len() as u64])
    }
}

macro_rules! two_words {
    ($($type:ty, $of:ident;)*) => {$(
        impl Output for $type {
            const WORDS: usize = 2;

            fn fits(of: &Type) -> bool {
                *of == Type::$of
            }

            #[inline]
            unsafe fn write(self, out: *mut u64) {
                // SAFETY: the value has two words.
                unsafe { (*out, *out.add(1)) = (self.0[0], self.0[1]) }
            }
        }
    )*};
}
two_words! { Text, Str; Data, Bytes; }

impl<T: Output, const N: usize> Output for [T; N] {
    const WORDS: usize = N * T::WORDS;

    fn fits(of: &Type) -> bool {
        matches!(of, Type::Tuple(fields) if fields.len() == N && fields.iter().all(T::fits))
    }

    unsafe fn write(self, out: *mut u64) {
        let mut at = out;
        for part in self {
            // SAFETY: there is room for the words of all, one after the other.
            unsafe {
                part.write(at);
                at = at.add(T::WORDS);
            }
        }
    }
}

impl<'a, T: Operand<'a> + Output> Operand<'a> for Option<T> {
    fn fits(types: &mut Iter<'_, Type>) -> bool {
        matches!(types.next(), Some(Type::Optional(of)) if <T as Operand>::fits(&mut std::slice::from_ref(&**of).iter()))
    }

    unsafe fn read(reader: &mut Reader<'a>) -> Option<T> {
        // SAFETY: a word that tells, then those of the value, which are there also for None.
        unsafe {
            let some = reader.word() != 0;
            let value = T::read(reader);
            some.then_some(value)
        }
    }
}

impl<T: Output> Output for Option<T> {
    const WORDS: usize = 1 + T::WORDS;

    fn fits(of: &Type) -> bool {
        matches!(of, Type::Optional(of) if T::fits(of))
    }

    unsafe fn write(self, out: *mut u64) {
        // SAFETY: a word that tells, then those of the value.
        unsafe {
            *out = u64::from(self.is_some());
            match self {
                Some(value) => value.write(out.add(1)),
                None => std::ptr::write_bytes(out.add(1), 0, T::WORDS),
            }
        }
    }
}

/// The word of a list or a tuple of any length.
#[derive(Clone, Copy, Debug)]
pub struct ListWord(pub u64);

/// The word of a dict or set.
pub struct TableWord(pub u64);

/// The word of a match.
pub struct MatchWord(pub u64);

macro_rules! one_word {
    ($($type:ty, $pattern:pat,)*) => {$(
        impl Output for $type {
            const WORDS: usize = 1;

            fn fits(of: &Type) -> bool {
                matches!(of, $pattern)
            }

            #[inline]
            unsafe fn write(self, out: *mut u64) {
                // SAFETY: it is one word.
                unsafe { *out = self.0 }
            }
        }
    )*};
}
one_word! {
    ListWord, Type::List(_) | Type::TupleOf(_),
    TableWord, Type::Dict(..) | Type::Set(_),
    MatchWord, Type::Match(_),
}

/// A value of any type, as words.
#[derive(Clone, Copy)]
pub struct Words<'a>(pub &'a [u64]);

impl Output for Words<'_> {
    const WORDS: usize = 0;

    /// Whoever gives one sees to the type.
    fn fits(_: &Type) -> bool {
        true
    }

    unsafe fn write(self, out: *mut u64) {
        // SAFETY: it is a value of the site's type.
        unsafe { std::ptr::copy_nonoverlapping(self.0.as_ptr(), out, self.0.len()) }
    }
}

/// A value of any type, or None, for a type of so many words.
pub struct Found<'a>(pub Option<&'a [u64]>, pub usize);

impl Output for Found<'_> {
    const WORDS: usize = 0;

    /// Whoever gives one sees to the type.
    fn fits(of: &Type) -> bool {
        matches!(of, Type::Optional(_))
    }

    unsafe fn write(self, out: *mut u64) {
        // SAFETY: a word that tells, then those of the value.
        unsafe {
            *out = u64::from(self.0.is_some());
            match self.0 {
                Some(words) => std::ptr::copy_nonoverlapping(words.as_ptr(), out.add(1), words.len()),
                None => std::ptr::write_bytes(out.add(1), 0, self.1),
            }
        }
    }
}
