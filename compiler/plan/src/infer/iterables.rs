//! Functions that go over an iterable: `any`, `all`, `sum`, `min`, `max`, `sorted`.

use super::cells::Sites;
use super::comparisons::ordered;
use super::equality::int_of_bool;
use super::loops::{Order, element, is_number};
use super::{Lowered, Lowering, Value};
use crate::ir::{BinaryOp, CompareOp, Expression, Extreme, Key};
use crate::primitive::Primitive;
use crate::typed::{Kind, Stmt, Why};
use crate::types::Type;

impl<'a> Lowering<'a> {
    /// They end with the first element that decides.
    pub(super) fn any_all(&mut self, over: &'a Expression, all: bool) -> Lowered<Value> {
        self.flagged(all, |this, label, flag| {
            this.each(over, Order::default(), &mut |this, value| {
                let test = this.truth(value)?;
                let test = if all { super::expressions::negated(test).expr } else { test };
                this.leave_if(test, label, flag, !all);
                Ok(())
            })
        })
    }

    pub(super) fn sum(
        &mut self,
        at: &'a Expression,
        over: &'a Expression,
        start: Option<&'a Expression>,
    ) -> Lowered<Value> {
        let start = match start {
            Some(start) => Some(self.expr(start)?),
            None => None,
        };
        let default = match start.as_ref().and_then(Value::constant) {
            Some(crate::types::Constant::Int(0)) => true,
            Some(crate::types::Constant::Float(zero)) => *zero == 0.0 && zero.is_sign_positive(),
            _ => start.is_none(),
        };
        let from_float = start.as_ref().is_some_and(|start| *start.of() == Type::Float);
        let start = self.hold(start.unwrap_or_else(|| Value::int(0)));
        // Types of the elements, as they are seen.
        let (frame, place) = self.place(at);
        let cell = self.cells.cell(frame, place);
        match self.cells.of(cell) {
            Type::Float if default => self.sum_floats(over, cell, from_float),
            Type::Never if !from_float => self.sum_by_turns(over, cell, start),
            Type::Int | Type::Bool if *start.of() == Type::Int => self.sum_by_turns(over, cell, start),
            Type::Never if default => self.sum_floats(over, cell, from_float),
            of if (is_number(&of) || of == Type::Never)
                && matches!(start.of(), Type::Int | Type::Float | Type::Number) =>
            {
                self.sum_numbers(over, cell, start)
            }
            of => Err(self.refused(format!("a sum of {of}"), "use a loop")),
        }
    }

    fn sum_by_turns(&mut self, over: &'a Expression, cell: u32, start: Value) -> Lowered<Value> {
        if *start.of() != Type::Int {
            return Err(self.refused(format!("a sum that starts with a {}", start.of()), "use a loop"));
        }
        let total = self.temp(Type::Int);
        self.out.push(Stmt::Assign(total, start.expr));
        let order = Order { unseen: true, guarded: false };
        self.each(over, order, &mut |this, value| {
            let value = this.as_cell(cell, &Sites::new(), value.unwrapped(), "a sum is of")?;
            let sum = this.binary(BinaryOp::Add, Value::slot(total, Type::Int), int_of_bool(value))?;
            this.out.push(Stmt::Assign(total, sum.expr));
            Ok(())
        })?;
        Ok(Value::slot(total, Type::Int))
    }

    /// Of ints and floats, or of floats from any start.
    fn sum_numbers(&mut self, over: &'a Expression, cell: u32, start: Value) -> Lowered<Value> {
        let gives = start.of().clone();
        let of = Type::List(Box::new(Type::Number));
        let slot = self.temp(of.clone());
        self.out.push(Stmt::Assign(slot, Value::new(of.clone(), Kind::Elements(Vec::new())).expr));
        self.each(over, Order::default(), &mut |this, value| {
            let value = this.as_cell(cell, &Sites::new(), value.unwrapped(), "a sum is of")?;
            let value = this.coerce(value, &Type::Number)?;
            this.out.push(Stmt::Append(slot, value.expr));
            Ok(())
        })?;
        let start = self.coerce(start, &Type::Number)?;
        let sum = Value::call(Type::Number, Primitive::SumNumbers, vec![Value::slot(slot, of), start]);
        match gives {
            Type::Float => Ok(Value::call(Type::Float, Primitive::NumberToFloat, vec![sum])),
            _ => Ok(sum),
        }
    }

    fn sum_floats(&mut self, over: &'a Expression, cell: u32, from_float: bool) -> Lowered<Value> {
        let of = Type::List(Box::new(Type::Float));
        let slot = self.temp(of.clone());
        self.out.push(Stmt::Assign(slot, Value::new(of.clone(), Kind::Elements(Vec::new())).expr));
        self.each(over, Order::default(), &mut |this, value| {
            let value = this.as_cell(cell, &Sites::new(), value.unwrapped(), "a sum is of")?;
            this.out.push(Stmt::Append(slot, value.expr));
            Ok(())
        })?;
        let list = Value::slot(slot, of);
        if from_float {
            return Ok(Value::call(Type::Float, Primitive::SumFloats, vec![list]));
        }
        // Of no elements it is the start, an int.
        let len = Value::call(Type::Int, Primitive::ListLen, vec![list.clone()]);
        let some = Kind::Compare(CompareOp::Gt, Box::new(len.expr), Box::new(Value::int(0).expr));
        self.require(crate::typed::Expr { of: Type::Bool, kind: some }, Why::Unusual)?;
        Ok(Value::call(Type::Float, Primitive::SumFloats, vec![list]))
    }

    /// `sorted`: by the elements' order, or by that of keys.
    pub(super) fn sorted(
        &mut self,
        over: &'a Expression,
        key: Option<&'a Key>,
        reverse: &'a Expression,
    ) -> Lowered<Value> {
        let unseen = key.is_none() && !matches!(over, Expression::Comprehension(..));
        let list = self.list_to_read(over, Order { unseen, guarded: false })?;
        let list = self.hold(list);
        let of = element(list.of());
        let keys = match key {
            None => None,
            Some(key) => {
                let keys = self.new_list(key, Type::Never)?;
                self.each_value(list.clone(), &mut |this, value| {
                    this.assign(key.local, value);
                    let value = this.expr(&key.value)?;
                    this.append(keys.clone(), value)
                })?;
                Some(keys)
            }
        };
        let reverse = self.expr(reverse)?;
        let reverse = Value { expr: self.truth(reverse)?, sites: Sites::new() };
        let by = keys.as_ref().map_or(of, |keys| element(keys.of()));
        if !ordered(&by) {
            return Err(self.refused(format!("values are sorted by a {by}"), "sort them by numbers, text or tuples"));
        }
        let result = Type::List(Box::new(element(list.of())));
        Ok(match keys {
            None => Value::call(result, Primitive::ListSorted, vec![list, reverse]),
            Some(keys) => Value::call(result, Primitive::ListSortedBy, vec![list, keys, reverse]),
        })
    }

    /// `min` and `max`: the first of those that are best.
    pub(super) fn best(
        &mut self,
        at: &'a Expression,
        extreme: Extreme,
        over: &'a Expression,
        key: Option<&'a Key>,
        default: Option<&'a Expression>,
    ) -> Lowered<Value> {
        let default = match default {
            Some(default) => {
                let default = self.expr(default)?;
                Some(self.hold(default))
            }
            None => None,
        };
        let (frame, place) = self.place(at);
        let (cell, key_cell) = (self.cells.cell(frame, place), self.cells.cell(frame, place + 1));
        let best = Best {
            op: if extreme == Extreme::Min { CompareOp::Lt } else { CompareOp::Gt },
            cell,
            slot: self.temp(self.cells.of(cell)),
            key: key.map(|key| (key, key_cell, self.temp(self.cells.of(key_cell)))),
            found: self.temp(Type::Bool),
        };
        let found = best.found;
        self.out.push(Stmt::Assign(found, Value::bool(false).expr));
        let mut sites = Sites::new();
        let unseen = key.is_none() && !matches!(over, Expression::Comprehension(..));
        self.each(over, Order { unseen, guarded: false }, &mut |this, value| this.better(&best, &mut sites, value))?;
        let found = Value::slot(found, Type::Bool).expr;
        let of = self.cells.of(cell);
        if !self.cells.reached(cell) {
            return match default {
                Some(default) => Ok(default),
                None => Err(self.raises("`min` or `max` of nothing", "give it a default: `max(…, default=0)`")),
            };
        }
        let value = Value::from(of, Kind::Slot(best.slot), sites);
        match default {
            None => {
                self.require(found, Why::Raises)?;
                Ok(value)
            }
            Some(default) => self.either(found, |_| Ok(value), |_| Ok(default)),
        }
    }

    fn better(&mut self, best: &Best<'a>, sites: &mut Sites, value: Value) -> Lowered<()> {
        let value = self.hold(value);
        let by = match best.key {
            Some((key, ..)) => {
                self.assign(key.local, value.clone());
                let by = self.expr(&key.value)?;
                self.hold(by)
            }
            None => value.clone(),
        };
        let item = self.as_cell(best.cell, sites, value, "`min` or `max` is of")?;
        sites.extend(&item.sites);
        let (of, slot) = match best.key {
            Some((_, cell, slot)) => {
                self.as_cell(cell, &Sites::new(), by.clone(), "`min` or `max` compares")?;
                (self.cells.of(cell), slot)
            }
            None => (self.cells.of(best.cell), best.slot),
        };
        let mut take = vec![Stmt::Assign(best.slot, item.expr)];
        if let Some((_, _, slot)) = best.key {
            let by = self.coerce(by.clone(), &of)?;
            take.push(Stmt::Assign(slot, by.expr));
        }
        let before = Value::slot(slot, of);
        let found = Value::slot(best.found, Type::Bool).expr;
        let mut compared = self.way(self.env.clone(), |this| this.order(best.op, by, before))?;
        // Without a value, a comparison is sure to raise: only one element is none.
        if let Some(better) = compared.value.take() {
            compared.out.push(Stmt::If(better.expr, take.clone(), Vec::new()));
        }
        take.push(Stmt::Assign(best.found, Value::bool(true).expr));
        self.out.push(Stmt::If(found, compared.out, take));
        Ok(())
    }
}

/// The best so far.
struct Best<'a> {
    op: CompareOp,
    cell: u32,
    slot: u32,
    /// What is compared instead of the values, its cell and its slot.
    key: Option<(&'a Key, u32, u32)>,
    /// Whether there is one.
    found: u32,
}
