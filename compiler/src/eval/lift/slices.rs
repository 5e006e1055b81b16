//! Assignments to slices, and `del` of them: the variable gets a new list, as nobody else has the one that changes.

use super::*;
use pyflink_plan::ir::{BinaryOp, Builtin, Extreme, StatementKind as Kind, Target};

impl<'a> Lift<'_, 'a> {
    /// `names[lower:upper] = …` with what is put there, or `del names[lower:upper]`.
    pub(super) fn replace_slice(
        &mut self,
        target: &'a Expr,
        value: Option<Expression>,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        let ExprKind::Subscript { value: of, index } = &target.kind else {
            return Err(reason("a slice is needed here", "write one", target.span));
        };
        let (ExprKind::Slice { lower, upper, step: None }, ExprKind::Name(name)) = (&index.kind, &of.kind) else {
            return Err(reason("an assignment to this slice runs in Python", "make a new list", target.span));
        };
        self.owns_container(of, target.span)?;
        if self.frame.provenance.is_shared(name) || !self.frame.provenance.is_own_list(name) {
            return Err(reason(
                "an assignment to a slice of what others may see runs in Python",
                format!("make a new list of {name}"),
                target.span,
            ));
        }
        let changes = self.frame.changes;
        // The value comes first, and is gone through before the list is looked at.
        let more = match value {
            Some(value) => {
                let list = Expression::Call(Builtin::List, vec![value]);
                Some(self.held(list, span, lifted))
            }
            None => None,
        };
        let list = self.expr(of)?;
        let mut bound = |bound: &'a Option<Box<Expr>>, lift: &mut Self| match bound {
            Some(bound) => {
                let bound = lift.expr(bound)?;
                Ok(lift.held(bound, span, lifted))
            }
            None => Ok(Expression::None),
        };
        let (lower, upper) = (bound(lower, self)?, bound(upper, self)?);
        self.changes_nothing(changes, target.span)?;
        let part = |from: Expression, to: Expression| {
            Expression::Slice(boxed(list.clone()), Box::new([from, to, Expression::None]))
        };
        let start = |lower: Expression| match lower {
            Expression::None => Expression::List(Vec::new()),
            lower => part(Expression::None, lower),
        };
        let first = self.held(start(lower.clone()), span, lifted);
        let rest = match upper {
            Expression::None => None,
            upper => {
                // Where the slice ends before it begins, it is empty and begins where it does.
                let length = |list: Expression| Expression::Call(Builtin::Len, vec![list]);
                let ends = vec![length(first.clone()), length(part(Expression::None, upper))];
                let end = Expression::Best(Extreme::Max, boxed(Expression::Tuple(ends)), None, None);
                Some(part(end, Expression::None))
            }
        };
        let whole = [more, rest]
            .into_iter()
            .flatten()
            .fold(first, |whole, next| Expression::Binary(BinaryOp::Add, boxed(whole), boxed(next)));
        let local = self.local(name);
        self.emit(span, Kind::Assign(Target::Local(local), whole), lifted);
        Ok(())
    }
}
