//! Loops over ranges, lists, texts, and what is made of them.

use super::ranges::{FULL_RANGE, Range};
use super::statements::{ITEMS, LENGTH};
use super::{Generator, Val, machine_words};
use crate::kernel::helpers;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, MemFlagsData, Value, types as clif};
use cranelift_frontend::Variable;
use pyflink_plan::typed::{Expr, For, Iterable, Kind, Why};
use pyflink_plan::types::{Constant, Type};

/// How far an iterable is read.
enum State {
    /// The next int, how many are left, the step, and what is known of the ints.
    Range {
        next: Variable,
        left: Variable,
        step: Value,
        known: Range,
    },
    /// The list, and the index of the next element; backwards, the number of those that are left.
    List {
        list: Value,
        index: Variable,
        of: Type,
        backwards: bool,
    },
    /// Address of the next element of a list that nothing else has, and of the end.
    Items {
        next: Variable,
        end: Value,
        of: Type,
    },
    /// Address of the next character, and of the end.
    Chars {
        next: Variable,
        end: Value,
    },
    /// As for characters.
    Bytes {
        next: Variable,
        end: Value,
    },
    Enumerate {
        inner: Box<State>,
        next: Variable,
    },
    Zip(Vec<State>),
}

impl State {
    /// True if nobody would wait for it to end.
    fn may_take_long(&self) -> bool {
        /// Elements of a range that are gone through in no time.
        const FEW: u64 = 1 << 12;
        match self {
            State::Range { known, .. } => known.1.abs_diff(known.0) > FEW,
            State::Enumerate { inner, .. } => inner.may_take_long(),
            State::Zip(inner) => inner.iter().all(State::may_take_long),
            State::List { .. } | State::Items { .. } | State::Chars { .. } | State::Bytes { .. } => false,
        }
    }
}

impl<'a> Generator<'a, '_> {
    pub fn iterate(&mut self, of: &'a For) -> Option<bool> {
        let mut state = self.begin(&of.over)?;
        self.here().ranges[of.item as usize].fill(FULL_RANGE);
        self.forget(&of.body);
        let [again, through, end] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.ins().jump(again, &[]);
        self.builder.switch_to_block(again);
        if state.may_take_long() {
            self.stop_if_told();
        }
        let item = self.next(&mut state, through)?;
        self.open(of.label, Some(again), end);
        let at_head = self.here().ranges.clone();
        self.assign(of.item, item);
        if self.block(&of.body)? {
            self.builder.ins().jump(again, &[]);
        }
        self.builder.seal_block(again);
        self.begin_block(through);
        self.here().ranges = at_head;
        let falls = self.block(&of.orelse)?;
        Some(self.close(of.label, falls))
    }

    /// Runs generated code for each element of a list.
    pub fn each_of_list(
        &mut self,
        list: Value,
        of: &Type,
        body: impl FnOnce(&mut Self, Val) -> Option<()>,
    ) -> Option<()> {
        let index = self.variable(0);
        let mut state = State::List { list, index, of: of.clone(), backwards: false };
        let [again, end] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.ins().jump(again, &[]);
        self.builder.switch_to_block(again);
        let item = self.next(&mut state, end)?;
        body(self, item)?;
        self.builder.ins().jump(again, &[]);
        self.builder.seal_block(again);
        self.begin_block(end);
        Some(())
    }

    fn variable(&mut self, value: i64) -> Variable {
        let value = self.int(value);
        self.hold(value)
    }

    fn hold(&mut self, value: Value) -> Variable {
        let variable = self.builder.declare_var(clif::I64);
        self.builder.def_var(variable, value);
        variable
    }

    fn begin(&mut self, over: &'a Iterable) -> Option<State> {
        Some(match over {
            Iterable::Range(bounds) => self.range(bounds)?,
            Iterable::List(list) if is_new(list) => {
                let of = element(&list.of)?.clone();
                let list = *self.expression(list)?.words.first()?;
                let trusted = MemFlagsData::trusted();
                let items = self.builder.ins().load(self.pointer, trusted, list, ITEMS);
                let length = self.builder.ins().load(clif::I64, trusted, list, LENGTH);
                // Elements without words are told apart by their number alone.
                let size = self.builder.ins().imul_imm_s(length, of.words().max(1) as i64 * 8);
                let end = self.builder.ins().iadd(items, size);
                State::Items { next: self.hold(items), end, of }
            }
            Iterable::List(list) | Iterable::Reversed(list) => {
                let of = element(&list.of)?.clone();
                let list = *self.expression(list)?.words.first()?;
                let backwards = matches!(over, Iterable::Reversed(_));
                let start = match backwards {
                    true => self.builder.ins().load(clif::I64, MemFlagsData::trusted(), list, LENGTH),
                    false => self.int(0),
                };
                State::List { list, index: self.hold(start), of, backwards }
            }
            Iterable::Chars(text) => {
                let words = self.expression(text)?.words;
                let end = self.builder.ins().iadd(*words.first()?, *words.get(1)?);
                State::Chars { next: self.hold(words[0]), end }
            }
            Iterable::Bytes(bytes) => {
                let words = self.expression(bytes)?.words;
                let end = self.builder.ins().iadd(*words.first()?, *words.get(1)?);
                State::Bytes { next: self.hold(words[0]), end }
            }
            Iterable::Enumerate(inner, start) => {
                let inner = Box::new(self.begin(inner)?);
                let start = self.expression(start)?;
                State::Enumerate { inner, next: self.hold(*start.words.first()?) }
            }
            Iterable::Zip(inner) => State::Zip(inner.iter().map(|inner| self.begin(inner)).collect::<Option<_>>()?),
        })
    }

    fn range(&mut self, [start, stop, step]: &'a [Expr; 3]) -> Option<State> {
        let constant = match &step.kind {
            Kind::Constant(Constant::Int(step)) => Some(*step),
            _ => None,
        };
        let (start, stop, step) = (self.expression(start)?, self.expression(stop)?, self.expression(step)?);
        let (from, to, by) = (*start.words.first()?, *stop.words.first()?, *step.words.first()?);
        let left = match constant {
            Some(1) => {
                let more = self.builder.ins().icmp(IntCC::SignedLessThan, from, to);
                let all = self.builder.ins().isub(to, from);
                let none = self.int(0);
                self.builder.ins().select(more, all, none)
            }
            _ => {
                let zero = self.builder.ins().icmp_imm_s(IntCC::Equal, by, 0);
                self.bail_if(zero, Why::Raises);
                self.helper(helpers::RANGE_LENGTH, &[from, to, by])
            }
        };
        let known = match constant {
            Some(1..) => (start.range().0, stop.range().1.saturating_sub(1).max(start.range().0)),
            Some(..=-1) => (stop.range().0.saturating_add(1).min(start.range().1), start.range().1),
            _ => FULL_RANGE,
        };
        Some(State::Range { next: self.hold(from), left: self.hold(left), step: by, known })
    }

    /// The next element; jumps to `end` if there is none.
    fn next(&mut self, state: &mut State, end: Block) -> Option<Val> {
        let trusted = MemFlagsData::trusted();
        Some(match state {
            State::Range { next, left, step, known } => {
                let remaining = self.builder.use_var(*left);
                self.go_on_if(remaining, end);
                let remaining = self.builder.ins().iadd_imm_s(remaining, -1);
                self.builder.def_var(*left, remaining);
                let item = self.builder.use_var(*next);
                // May wrap behind the last one, which nobody sees.
                let following = self.builder.ins().iadd(item, *step);
                self.builder.def_var(*next, following);
                Val::of(vec![item], *known)
            }
            State::List { list, index, of, backwards } => {
                let at = self.builder.use_var(*index);
                let at = if *backwards {
                    self.go_on_if(at, end);
                    let at = self.builder.ins().iadd_imm_s(at, -1);
                    self.builder.def_var(*index, at);
                    at
                } else {
                    let length = self.builder.ins().load(clif::I64, trusted, *list, LENGTH);
                    let more = self.builder.ins().icmp(IntCC::UnsignedLessThan, at, length);
                    self.go_on_if(more, end);
                    let following = self.builder.ins().iadd_imm_s(at, 1);
                    self.builder.def_var(*index, following);
                    at
                };
                self.item(*list, at, of)
            }
            State::Items { next, end: limit, of } => {
                let at = self.builder.use_var(*next);
                let more = self.builder.ins().icmp(IntCC::UnsignedLessThan, at, *limit);
                self.go_on_if(more, end);
                let following = self.builder.ins().iadd_imm_s(at, of.words().max(1) as i64 * 8);
                self.builder.def_var(*next, following);
                self.item_at(at, of)
            }
            State::Chars { next, end: limit } => {
                let at = self.builder.use_var(*next);
                let more = self.builder.ins().icmp(IntCC::UnsignedLessThan, at, *limit);
                self.go_on_if(more, end);
                let first = self.builder.ins().uload8(clif::I64, trusted, at, 0);
                let [one, two, three, four] = [1, 2, 3, 4].map(|length| self.int(length));
                let mut length = four;
                for (below, value) in [(0xf0, three), (0xe0, two), (0x80, one)] {
                    let is_below = self.builder.ins().icmp_imm_s(IntCC::UnsignedLessThan, first, below);
                    length = self.builder.ins().select(is_below, value, length);
                }
                let following = self.builder.ins().iadd(at, length);
                self.builder.def_var(*next, following);
                Val::of(vec![at, length], FULL_RANGE)
            }
            State::Bytes { next, end: limit } => {
                let at = self.builder.use_var(*next);
                let more = self.builder.ins().icmp(IntCC::UnsignedLessThan, at, *limit);
                self.go_on_if(more, end);
                let byte = self.builder.ins().uload8(clif::I64, trusted, at, 0);
                let following = self.builder.ins().iadd_imm_s(at, 1);
                self.builder.def_var(*next, following);
                Val::of(vec![byte], (0, 255))
            }
            State::Enumerate { inner, next } => {
                let item = self.next(inner, end)?;
                let number = self.builder.use_var(*next);
                let one = self.int(1);
                let (following, overflow) = self.builder.ins().sadd_overflow(number, one);
                self.bail_if(overflow, Why::Overflow);
                self.builder.def_var(*next, following);
                let mut value = Val::of(vec![number], FULL_RANGE);
                value.extend(item);
                value
            }
            State::Zip(inner) => {
                let mut value = Val::wide(Vec::new());
                for inner in inner {
                    value.extend(self.next(inner, end)?);
                }
                value
            }
        })
    }

    fn go_on_if(&mut self, condition: Value, end: Block) {
        let go_on = self.builder.create_block();
        self.builder.ins().brif(condition, go_on, &[], end, &[]);
        self.begin_block(go_on);
    }

    /// An element of a list, which must be there.
    pub fn item(&mut self, list: Value, at: Value, of: &Type) -> Val {
        let trusted = MemFlagsData::trusted();
        let items = self.builder.ins().load(self.pointer, trusted, list, ITEMS);
        let offset = self.builder.ins().imul_imm_s(at, of.words() as i64 * 8);
        let place = self.builder.ins().iadd(items, offset);
        self.item_at(place, of)
    }

    /// An element at an address.
    fn item_at(&mut self, place: Value, of: &Type) -> Val {
        let trusted = MemFlagsData::trusted();
        let word = |(at, word): (usize, clif::Type)| self.builder.ins().load(word, trusted, place, at as i32 * 8);
        let words = machine_words(of).into_iter().enumerate().map(word).collect();
        let range = if *of == Type::Bool { super::ranges::TRUTH } else { FULL_RANGE };
        Val::of(words, range)
    }
}

/// True if a list was made for the loop alone, so that it can't grow meanwhile.
fn is_new(list: &Expr) -> bool {
    use pyflink_plan::primitive::Primitive::*;
    let Kind::Call(primitive, _) = &list.kind else { return false };
    matches!(
        primitive,
        StrSplit
            | StrRSplit
            | StrSplitAt
            | StrRSplitAt
            | StrSplitLines
            | StrChars
            | ListSorted
            | ListSortedBy
            | ListReversed
            | ListCopy
            | DictKeys
            | DictValues
            | DictItems
            | RangeList
    )
}

/// The type of a list's elements.
pub fn element(of: &Type) -> Option<&Type> {
    match of {
        Type::List(of) | Type::TupleOf(of) => Some(of),
        _ => None,
    }
}
