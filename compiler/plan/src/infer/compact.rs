//! Slots that are used, numbered without gaps: walks that were given up leave others.

use crate::typed::{Expr, Function, Iterable, Kind, Slot, Stmt};

pub(super) fn compact(mut function: Function) -> Function {
    let mut slots = Slots { new: vec![None; function.slots.len()], order: Vec::new() };
    function.parameters.iter_mut().for_each(|slot| slots.renumber(slot));
    slots.renumber(&mut function.result);
    slots.statements(&mut function.code);
    function.slots = slots.order.iter().map(|slot| function.slots[*slot as usize].clone()).collect();
    function
}

struct Slots {
    new: Vec<Option<Slot>>,
    order: Vec<Slot>,
}

impl Slots {
    fn renumber(&mut self, slot: &mut Slot) {
        let old = *slot;
        *slot = *self.new[old as usize].get_or_insert_with(|| {
            self.order.push(old);
            (self.order.len() - 1) as Slot
        });
    }

    fn statements(&mut self, statements: &mut [Stmt]) {
        for statement in statements {
            match statement {
                Stmt::At(_) | Stmt::Leave(_) | Stmt::Continue(_) | Stmt::Bail(_) | Stmt::Left(_) => {}
                Stmt::Assign(slot, value) | Stmt::Append(slot, value) => {
                    self.expr(value);
                    self.renumber(slot);
                }
                Stmt::If(test, yes, no) => {
                    self.expr(test);
                    self.statements(yes);
                    self.statements(no);
                }
                Stmt::Loop(_, body) | Stmt::Block(_, body) | Stmt::Try(_, body) => self.statements(body),
                Stmt::For(over) => {
                    self.iterable(&mut over.over);
                    self.renumber(&mut over.item);
                    self.statements(&mut over.body);
                    self.statements(&mut over.orelse);
                }
                Stmt::Evaluate(value) | Stmt::Collect(value) | Stmt::SetAttribute(_, value) => self.expr(value),
            }
        }
    }

    fn iterable(&mut self, iterable: &mut Iterable) {
        match iterable {
            Iterable::Range(bounds) => bounds.iter_mut().for_each(|bound| self.expr(bound)),
            Iterable::List(value) | Iterable::Chars(value) | Iterable::Bytes(value) | Iterable::Reversed(value) => {
                self.expr(value);
            }
            Iterable::Enumerate(inner, start) => {
                self.iterable(inner);
                self.expr(start);
            }
            Iterable::Zip(inner) => inner.iter_mut().for_each(|inner| self.iterable(inner)),
        }
    }

    fn expr(&mut self, expr: &mut Expr) {
        match &mut expr.kind {
            Kind::Constant(_) | Kind::Attribute(_) => {}
            Kind::Slot(slot) => self.renumber(slot),
            Kind::Fields(items) | Kind::Elements(items) | Kind::Call(_, items) => {
                items.iter_mut().for_each(|item| self.expr(item));
            }
            Kind::Field(inner, _)
            | Kind::Coerce(inner)
            | Kind::Unwrap(inner)
            | Kind::IsNone(inner)
            | Kind::Variant(inner)
            | Kind::Unary(_, inner)
            | Kind::Truth(inner)
            | Kind::Abs(inner) => self.expr(inner),
            Kind::Binary(_, a, b) | Kind::Compare(_, a, b) => {
                self.expr(a);
                self.expr(b);
            }
            Kind::If(test, a, b) => {
                self.expr(test);
                self.expr(a);
                self.expr(b);
            }
            Kind::Block(statements, value) => {
                self.statements(statements);
                self.expr(value);
            }
        }
    }
}
