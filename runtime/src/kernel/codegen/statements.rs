//! Statements.

use super::ranges::{self, FULL_RANGE, Range};
use super::{Exits, Generator};
use crate::kernel::memory::List;
use crate::kernel::{Role, helpers};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value};
use pyflink_plan::typed::{Expr, Label, Slot, Stmt, Why};
use pyflink_plan::types::Type;
use std::mem::offset_of;

pub const ITEMS: i32 = offset_of!(List, items) as i32;
pub const LENGTH: i32 = offset_of!(List, length) as i32;
pub const CAPACITY: i32 = offset_of!(List, capacity) as i32;

impl<'a> Generator<'a, '_> {
    /// False if nothing gets to its end.
    pub fn block(&mut self, code: &'a [Stmt]) -> Option<bool> {
        for statement in code {
            if !self.statement(statement)? {
                return Some(false);
            }
        }
        Some(true)
    }

    fn statement(&mut self, statement: &'a Stmt) -> Option<bool> {
        match statement {
            Stmt::At(span) => self.at(Some(*span)),
            Stmt::Assign(slot, value) => {
                let value = self.expression(value)?;
                self.assign(*slot, value);
            }
            Stmt::If(test, yes, no) => return self.branch(test, yes, no),
            Stmt::Loop(label, body) => {
                self.forget(body);
                let [again, end] = std::array::from_fn(|_| self.builder.create_block());
                self.builder.ins().jump(again, &[]);
                self.builder.switch_to_block(again);
                self.stop_if_told();
                self.open(*label, Some(again), end);
                if self.block(body)? {
                    self.builder.ins().jump(again, &[]);
                }
                self.builder.seal_block(again);
                return Some(self.close(*label, false));
            }
            Stmt::For(of) => return self.iterate(of),
            Stmt::Block(label, body) => {
                let end = self.builder.create_block();
                self.open(*label, None, end);
                let falls = self.block(body)?;
                return Some(self.close(*label, falls));
            }
            Stmt::Leave(label) => {
                self.exit(*label)?;
                return Some(false);
            }
            Stmt::Continue(label) => {
                let again = self.here().labels.get(label)?.again?;
                self.builder.ins().jump(again, &[]);
                return Some(false);
            }
            Stmt::Evaluate(value) => {
                self.expression(value)?;
            }
            Stmt::Append(slot, value) => {
                let words = self.expression(value)?.words;
                let list = *self.slot(*slot).words.first()?;
                self.append(list, words)?;
            }
            Stmt::Collect(value) => {
                let value = self.expression(value)?;
                let call = self.here();
                let (step, function, buffer) = (call.step, call.function, call.buffer);
                if let Some(buffer) = buffer {
                    let list = self.builder.use_var(buffer);
                    self.append(list, value.words)?;
                } else {
                    (self.plan.steps[step].role == Role::FlatMap).then_some(())?;
                    let call = self.call.take();
                    let place = self.place;
                    self.chain(step + 1, value, function.collects.clone())?;
                    (self.call, self.place) = (call, place);
                }
            }
            Stmt::SetAttribute(attribute, value) => {
                let of = self.plan.source?.get(*attribute as usize)?;
                (*of == value.of).then_some(())?;
                let words = self.expression(value)?.words;
                let (attributes, from) = self.attribute(*attribute);
                for (at, word) in words.into_iter().enumerate() {
                    let offset = (from + at) as i32 * 8;
                    self.builder.ins().store(MemFlagsData::trusted(), word, attributes, offset);
                }
            }
            Stmt::Try(caught, body) => {
                let outer = std::mem::replace(&mut self.here().caught, caught);
                let falls = self.block(body)?;
                self.here().caught = outer;
                return Some(falls);
            }
            Stmt::Left(reason) => {
                let before = self.place;
                self.at_refusal(reason);
                let bail = self.bail(Why::Unusual);
                self.place = before;
                self.builder.ins().jump(bail, &[]);
                return Some(false);
            }
            Stmt::Bail(why) => {
                let bail = self.bail(*why);
                self.builder.ins().jump(bail, &[]);
                return Some(false);
            }
        }
        Some(true)
    }

    /// Address of the attributes' words, and the first one of this attribute.
    pub fn attribute(&mut self, attribute: u32) -> (Value, usize) {
        let before = self.plan.source.unwrap_or_default().iter().take(attribute as usize);
        let from = before.map(Type::words).sum();
        let offset = crate::kernel::frame::ATTRIBUTES;
        (self.builder.ins().load(self.pointer, MemFlagsData::trusted(), self.frame, offset), from)
    }

    fn branch(&mut self, test: &'a Expr, yes: &'a [Stmt], no: &'a [Stmt]) -> Option<bool> {
        let [on_yes, on_no, after] = std::array::from_fn(|_| self.builder.create_block());
        self.condition(test, on_yes, on_no)?;
        let before = self.here().ranges.clone();
        let mut joined: Option<Vec<Vec<Range>>> = None;
        for (start, code) in [(on_yes, yes), (on_no, no)] {
            self.begin_block(start);
            self.here().ranges.clone_from(&before);
            let place = self.place;
            if self.block(code)? {
                self.builder.ins().jump(after, &[]);
                let known = &self.here().ranges;
                match &mut joined {
                    Some(joined) => ranges::join_all(joined, known),
                    None => joined = Some(known.clone()),
                }
            }
            self.place = place;
        }
        match joined {
            Some(joined) => {
                self.here().ranges = joined;
                self.begin_block(after);
                Some(true)
            }
            None => Some(false),
        }
    }

    /// Forgets what is known of slots that code assigns, as it may run more than once.
    pub fn forget(&mut self, code: &[Stmt]) {
        let mut slots: Vec<Slot> = Vec::new();
        ranges::assigned(code, &mut slots);
        let known = &mut self.here().ranges;
        slots.into_iter().for_each(|slot| known[slot as usize].fill(FULL_RANGE));
    }

    pub fn open(
        &mut self,
        label: Label,
        again: Option<cranelift_codegen::ir::Block>,
        end: cranelift_codegen::ir::Block,
    ) {
        self.here().labels.insert(label, Exits { again, end, ranges: None });
    }

    /// Goes to the end of a label.
    pub fn exit(&mut self, label: Label) -> Option<()> {
        let call = self.here();
        let exits = call.labels.get_mut(&label)?;
        match &mut exits.ranges {
            Some(known) => ranges::join_all(known, &call.ranges),
            None => exits.ranges = Some(call.ranges.clone()),
        }
        let end = exits.end;
        self.builder.ins().jump(end, &[]);
        Some(())
    }

    /// Ends what a label belongs to; `falls`: code gets to its end from where it stands. False if nothing does.
    pub fn close(&mut self, label: Label, falls: bool) -> bool {
        if falls && self.exit(label).is_none() {
            return false;
        }
        let Some(exits) = self.here().labels.remove(&label) else { return false };
        match exits.ranges {
            Some(known) => {
                self.here().ranges = known;
                self.begin_block(exits.end);
                true
            }
            None => false,
        }
    }

    /// A new empty list with room for so many elements of so many words.
    pub fn new_list(&mut self, capacity: u64, words: usize) -> Value {
        let (capacity, words) = (self.int(capacity as i64), self.int(words as i64));
        self.helper(helpers::NEW_LIST, &[self.memory, capacity, words])
    }

    /// Appends an element to a list.
    pub fn append(&mut self, list: Value, words: Vec<Value>) -> Option<()> {
        let trusted = MemFlagsData::trusted();
        let int = cranelift_codegen::ir::types::I64;
        let length = self.builder.ins().load(int, trusted, list, LENGTH);
        let capacity = self.builder.ins().load(int, trusted, list, CAPACITY);
        let is_full = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, length, capacity);
        let [full, go_on] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.set_cold_block(full);
        self.builder.ins().brif(is_full, full, &[], go_on, &[]);
        self.begin_block(full);
        let size = self.int(words.len() as i64);
        self.helper(helpers::GROW_LIST, &[self.memory, list, size]);
        self.builder.ins().jump(go_on, &[]);
        self.begin_block(go_on);
        let items = self.builder.ins().load(self.pointer, trusted, list, ITEMS);
        let offset = self.builder.ins().imul_imm_s(length, words.len() as i64 * 8);
        let place = self.builder.ins().iadd(items, offset);
        for (at, word) in words.into_iter().enumerate() {
            self.builder.ins().store(trusted, word, place, at as i32 * 8);
        }
        let length = self.builder.ins().iadd_imm_s(length, 1);
        self.builder.ins().store(trusted, length, list, LENGTH);
        Some(())
    }
}
