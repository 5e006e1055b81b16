//! `if`, `while`, and `:=` in what they test.

use super::*;
use pyflink_plan::ir::{StatementKind as Kind, Target, UnaryOp as Unary};

pub(super) type Arms = Vec<(Expression, Vec<Statement>)>;

impl<'a> Lift<'_, 'a> {
    pub(super) fn if_statement(
        &mut self,
        test: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        let first = self.test(test, lifted)?;
        lifted.append(&mut self.frame.before);
        let mut arms: Arms = vec![(first, self.arm(body)?)];
        let mut rest = orelse;
        while let [Stmt { kind: StmtKind::If { test, body, orelse }, .. }] = rest {
            // A test that binds a name has to stand by itself.
            if binds(test) {
                break;
            }
            arms.push((self.truth(test)?, self.arm(body)?));
            rest = orelse;
        }
        let orelse = self.arm(rest)?;
        self.emit(span, Kind::If(arms, orelse), lifted);
        Ok(())
    }

    /// One way of an `if`. One that only tells of a mistake is left to Python as a whole.
    pub(super) fn arm(&mut self, block: &'a [Stmt]) -> Lifted<Vec<Statement>> {
        match self.block(block) {
            Err(refused) if self.tells_of_mistake(block) => {
                self.frame.before.clear();
                let raises = block.last().is_some_and(|last| matches!(last.kind, StmtKind::Raise { .. }));
                let kind = if raises { Kind::Raise } else { Kind::Left(*refused.why) };
                Ok(vec![statement(block[0].span, kind)])
            }
            lifted => lifted,
        }
    }

    /// True if it logs, or ends in an exception.
    fn tells_of_mistake(&self, block: &'a [Stmt]) -> bool {
        let raises = block.last().is_some_and(|last| matches!(last.kind, StmtKind::Raise { .. }));
        raises
            || block.iter().any(|statement| {
                let StmtKind::Expr(Expr { kind: ExprKind::Call { func, .. }, .. }) = &statement.kind else {
                    return false;
                };
                match &func.kind {
                    ExprKind::Name(name) => name == "print" && self.is_builtin(name),
                    ExprKind::Attribute { value, name } => {
                        let logs =
                            ["debug", "info", "warning", "warn", "error", "exception", "critical", "log", "write"];
                        logs.contains(&name.name.as_str()) && !self.is_local_value(value)
                    }
                    _ => false,
                }
            })
    }

    fn is_local_value(&self, value: &'a Expr) -> bool {
        matches!(&value.kind, ExprKind::Name(name) if self.frame.names.contains(name) && !self.is_receiver(name))
    }

    /// The condition of an `if`; adds what has to run before, also for `a and (b := …)`.
    fn test(&mut self, test: &'a Expr, lifted: &mut Vec<Statement>) -> Lifted<Expression> {
        match &test.kind {
            ExprKind::BoolOp { is_and, values } if values[1..].iter().any(binds) || has_inner_test(&values[0]) => {
                let held = self.fresh();
                let first = self.test(&values[0], lifted)?;
                self.emit(test.span, Kind::Assign(Target::Local(held), first), lifted);
                self.rest_of_test(*is_and, &values[1..], held, lifted)?;
                Ok(Expression::Local(held))
            }
            ExprKind::UnaryOp { op: UnaryOp::Not, operand } if binds(operand) => {
                let operand = self.test(operand, lifted)?;
                Ok(Expression::Unary(Unary::Not, boxed(operand)))
            }
            _ => match self.buffer(test) {
                Some(local) => Ok(Expression::Local(local)),
                None => self.truth(test),
            },
        }
    }

    fn rest_of_test(&mut self, is_and: bool, values: &'a [Expr], held: u32, lifted: &mut Vec<Statement>) -> Lifted<()> {
        let [first, rest @ ..] = values else { return Ok(()) };
        let mut inner = Vec::new();
        let value = self.test(first, &mut inner)?;
        self.emit(first.span, Kind::Assign(Target::Local(held), value), &mut inner);
        self.rest_of_test(is_and, rest, held, &mut inner)?;
        let before = Expression::Local(held);
        let goes_on = if is_and { before } else { Expression::Unary(Unary::Not, boxed(before)) };
        self.emit(first.span, Kind::If(vec![(goes_on, inner)], Vec::new()), lifted);
        Ok(())
    }

    pub(super) fn while_statement(
        &mut self,
        test: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        if !binds(test) {
            let test = match self.buffer(test) {
                Some(local) => Expression::Local(local),
                None => self.conditionally(|lift| lift.expr(test))?,
            };
            let body = self.looped(span, |lift| lift.block(body))?;
            let orelse = self.block(orelse)?;
            self.emit(span, Kind::While(test, body, orelse), lifted);
            return Ok(());
        }
        if !orelse.is_empty() {
            return Err(reason("`while` with `:=` and `else` runs in Python", "bind the name in the loop", span));
        }
        // `while (x := f()):` is `while True: x = f(); if not x: break`.
        let mut looped = Vec::new();
        let lifted_test = self.looped(span, |lift| lift.test(test, &mut looped))?;
        let leave = vec![statement(test.span, Kind::Break)];
        let ends = Expression::Unary(Unary::Not, boxed(lifted_test));
        self.emit(test.span, Kind::If(vec![(ends, leave)], Vec::new()), &mut looped);
        looped.extend(self.looped(span, |lift| lift.block(body))?);
        self.emit(span, Kind::While(Expression::Bool(true), looped, Vec::new()), lifted);
        Ok(())
    }
}

/// True if a `:=` in it may not be evaluated.
fn has_inner_test(test: &Expr) -> bool {
    matches!(test.kind, ExprKind::BoolOp { .. } | ExprKind::UnaryOp { .. }) && binds(test)
}

/// True if there is a `:=` in it.
fn binds(expr: &Expr) -> bool {
    let mut found = false;
    walk::all_exprs(expr, &mut |inner| found |= matches!(inner.kind, ExprKind::NamedExpr { .. }));
    found
}
