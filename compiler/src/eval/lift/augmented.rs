//! Augmented assignments. They change a list, dict or set in place, and bind anything else anew.

use super::*;
use pyflink_plan::ir::{BinaryOp, StatementKind as Kind, Target};

impl<'a> Lift<'_, 'a> {
    pub(super) fn augmented(
        &mut self,
        target: &'a Expr,
        op: BinOp,
        value: &'a Expr,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        match &target.kind {
            ExprKind::Name(name) => {
                let local = self.target(target)?;
                let Target::Local(at) = local else { return Ok(()) };
                if self.is_buffer(name) {
                    return self.add_to_buffer(at, op, value, span, lifted);
                }
                if op == BinOp::Add && self.frame.provenance.is_own_list(name) && self.owns(name, true) {
                    let each = self.iterable(value)?;
                    self.emit(span, Kind::Extend(Expression::Local(at), each), lifted);
                    return Ok(());
                }
                let after = self.expr(value)?;
                // A set that nobody else has, and that no loop goes over, may as well be bound anew.
                let is_own_set = matches!(op, BinOp::BitOr | BinOp::BitAnd | BinOp::BitXor | BinOp::Sub)
                    && self.frame.provenance.is_own_set(name)
                    && self.owns(name, true);
                if !is_own_set && !self.frame.provenance.is_scalar(name) {
                    self.refuse_in_place(Expression::Local(at), op, value, span, lifted);
                }
                let after = Expression::Binary(self.binary(op, span)?, boxed(Expression::Local(at)), boxed(after));
                self.emit(span, Kind::Assign(local, after), lifted);
            }
            ExprKind::Subscript { value: of, index } if !matches!(index.kind, ExprKind::Slice { .. }) => {
                self.owns_container(of, span)?;
                let tally = self.tally_of(of);
                let buffer = self.buffer(of);
                let of = match self.tally_subscript(of, lifted)? {
                    Some(part) => part,
                    None => self.looked_into(of)?,
                };
                let of = self.held(of, span, lifted);
                let index = self.expr(index)?;
                let index = self.held(index, span, lifted);
                let before = self.fresh();
                let read = match tally.and_then(|tally| tally.missing) {
                    Some(missing) => tallies::found(of.clone(), index.clone(), missing),
                    None => Expression::Index(boxed(of.clone()), boxed(index.clone())),
                };
                self.emit(span, Kind::Assign(Target::Local(before), read), lifted);
                self.refuse_in_place(Expression::Local(before), op, value, span, lifted);
                let after = self.expr(value)?;
                let after = Expression::Binary(self.binary(op, span)?, boxed(Expression::Local(before)), boxed(after));
                if let Some(local) = buffer {
                    self.set_byte((local, index), after, span, lifted);
                    return Ok(());
                }
                self.emit(span, Kind::SetItem(of, index, after), lifted);
            }
            ExprKind::Attribute { value: of, name } if self.making(of).is_some() => {
                let local = self.field_local(name)?;
                let before = self.fresh();
                self.emit(span, Kind::Assign(Target::Local(before), Expression::Local(local)), lifted);
                self.refuse_in_place(Expression::Local(before), op, value, span, lifted);
                let after = self.expr(value)?;
                let after = Expression::Binary(self.binary(op, span)?, boxed(Expression::Local(before)), boxed(after));
                self.emit(span, Kind::Assign(Target::Local(local), after), lifted);
            }
            ExprKind::Attribute { value: of, name } if self.settable(of).is_some() => {
                let before = self.fresh();
                let field = Expression::Field(boxed(self.read(of)?), name.name.clone());
                self.emit(span, Kind::Assign(Target::Local(before), field), lifted);
                self.refuse_in_place(Expression::Local(before), op, value, span, lifted);
                let after = self.expr(value)?;
                let after = Expression::Binary(self.binary(op, span)?, boxed(Expression::Local(before)), boxed(after));
                self.set_field((of, name), after, span, lifted)?;
            }
            ExprKind::Attribute { value: of, name } => {
                let attribute = self.source_attribute(of, name, target.span)?;
                let after = self.expr(value)?;
                self.refuse_in_place(Expression::Attribute(attribute), op, value, span, lifted);
                let before = boxed(Expression::Attribute(attribute));
                let after = Expression::Binary(self.binary(op, span)?, before, boxed(after));
                self.emit(span, Kind::SetAttribute(attribute, after), lifted);
            }
            _ => return Err(reason("it changes a slice", "make a new list", target.span)),
        }
        Ok(())
    }

    /// Leaves the call to Python if the operator would change a container in place. Types tell where that can't be.
    fn refuse_in_place(
        &mut self,
        before: Expression,
        op: BinOp,
        value: &'a Expr,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) {
        let in_place = match op {
            BinOp::Add | BinOp::Mult => self.frame.provenance.is_in_place(op, value),
            BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor | BinOp::Sub => {
                !matches!(value.kind, ExprKind::Constant(_) | ExprKind::Compare { .. })
            }
            _ => false,
        };
        if in_place {
            let containers = ["list", "set", "dict"].map(str::to_owned).to_vec();
            let test = Expression::IsInstance(boxed(before), containers);
            let raise = vec![statement(
                span,
                Kind::Left(Cause::new(
                    "an operator with `=` changes what may have another name",
                    "write the operator out, as `a = a + b`, or change what has one name only",
                )),
            )];
            self.emit(span, Kind::If(vec![(test, raise)], Vec::new()), lifted);
        }
    }

    pub(super) fn binary(&self, op: BinOp, span: Span) -> Lifted<BinaryOp> {
        Ok(match op {
            BinOp::Add => BinaryOp::Add,
            BinOp::Sub => BinaryOp::Sub,
            BinOp::Mult => BinaryOp::Mul,
            BinOp::Div => BinaryOp::Div,
            BinOp::FloorDiv => BinaryOp::FloorDiv,
            BinOp::Mod => BinaryOp::Mod,
            BinOp::Pow => BinaryOp::Pow,
            BinOp::BitAnd => BinaryOp::BitAnd,
            BinOp::BitOr => BinaryOp::BitOr,
            BinOp::BitXor => BinaryOp::BitXor,
            BinOp::LShift => BinaryOp::LeftShift,
            BinOp::RShift => BinaryOp::RightShift,
            BinOp::MatMult => {
                return Err(reason(
                    "`@` runs in Python",
                    "write the sums of products out, as `sum(x * y for x, y in zip(a, b))`",
                    span,
                ));
            }
        })
    }
}
