//! Comprehensions, and names that are bound in a part of a function only.

use super::*;
use pyflink_plan::ir::{Clause, Target};

impl<'a> Lift<'_, 'a> {
    /// Lifts something in which some names have locals of their own.
    pub(super) fn scoped<T>(
        &mut self,
        names: BTreeMap<String, u32>,
        lift: impl FnOnce(&mut Self) -> Lifted<T>,
    ) -> Lifted<T> {
        self.frame.scopes.push(names);
        let lifted = self.conditionally(lift);
        self.frame.scopes.pop();
        lifted
    }

    /// A generator expression that may not be gone through to its end.
    pub(super) fn stepwise(
        &mut self,
        element: &'a Expr,
        generators: &'a [Comprehension],
        span: Span,
    ) -> Lifted<Expression> {
        self.clauses(&[element], generators, span, |lift, clauses| {
            Ok(Expression::Comprehension(boxed(lift.expr(element)?), clauses))
        })
    }

    pub(super) fn comprehension(
        &mut self,
        element: &'a Expr,
        generators: &'a [Comprehension],
        span: Span,
    ) -> Lifted<Expression> {
        let each = &mut |lift: &mut Self| Ok(vec![lift.expr(element)?]);
        let list = |given: Vec<Vec<Expression>>| Expression::List(given.into_iter().flatten().collect());
        if let Some(lifted) = self.rounds(generators, each, list)? {
            return Ok(lifted);
        }
        self.stepwise(element, generators, span)
    }

    pub(super) fn dict_comprehension(
        &mut self,
        key: &'a Expr,
        value: &'a Expr,
        generators: &'a [Comprehension],
        span: Span,
    ) -> Lifted<Expression> {
        let each = &mut |lift: &mut Self| Ok(vec![lift.expr(key)?, lift.expr(value)?]);
        let dict = |given: Vec<Vec<Expression>>| {
            let pairs = given.into_iter().filter_map(|pair| <[Expression; 2]>::try_from(pair).ok());
            Expression::Dict(pairs.map(|[key, value]| (key, value)).collect())
        };
        if let Some(lifted) = self.rounds(generators, each, dict)? {
            return Ok(lifted);
        }
        self.clauses(&[key, value], generators, span, |lift, clauses| {
            Ok(Expression::DictComprehension(boxed(lift.expr(key)?), boxed(lift.expr(value)?), clauses))
        })
    }

    /// The clauses of a comprehension, and with their names in sight what it is made of.
    fn clauses(
        &mut self,
        made: &[&'a Expr],
        generators: &'a [Comprehension],
        span: Span,
        whole: impl FnOnce(&mut Self, Vec<Clause>) -> Lifted<Expression>,
    ) -> Lifted<Expression> {
        let Some(first) = generators.first() else {
            return Err(reason("an empty comprehension", "write a loop", span));
        };
        if generators.iter().any(|generator| generator.is_async) {
            return Err(reason("`async for` runs in Python", "write a plain `for`", span));
        }
        // The first iterable belongs to what is around.
        let mut rows = vec![self.function_rows(&first.iter)?];
        let iterable = match &rows[0] {
            Some(rows) => self.row_values(rows, &first.target)?,
            None => match self.groups_gone_over(made, generators)? {
                Some(groups) => groups,
                None => self.gone_over(&first.iter)?,
            },
        };
        let mut names = BTreeSet::new();
        let mut functions = BTreeSet::new();
        for (at, generator) in generators.iter().enumerate() {
            scope::target_names(&generator.target, &mut names);
            if at > 0 {
                rows.push(self.function_rows(&generator.iter)?);
            }
            rows[at].iter().for_each(|rows| Self::names_of_functions(rows, &generator.target, &mut functions));
        }
        names.retain(|name| !functions.contains(name.as_str()));
        let names = names.into_iter().map(|name| (name, self.fresh())).collect();
        let around = self.frame.choices.clone();
        let lifted = self.scoped(names, |lift| {
            let mut iterable = Some(iterable);
            let mut clauses = Vec::new();
            for (generator, rows) in generators.iter().zip(&rows) {
                let iterable = match (iterable.take(), rows) {
                    (Some(iterable), _) => iterable,
                    (None, Some(rows)) => lift.row_values(rows, &generator.target)?,
                    (None, None) => lift.gone_over(&generator.iter)?,
                };
                let target = match rows {
                    Some(rows) => lift.row_target(rows, &generator.target)?,
                    None => lift.target(&generator.target)?,
                };
                let (conditions, more) = lift.filters(&generator.ifs)?;
                clauses.push(Clause { target, iterable, conditions });
                clauses.extend(more);
            }
            whole(lift, clauses)
        });
        self.frame.choices = around;
        lifted
    }

    /// Conditions; one that binds a name becomes a loop over the one value that it has.
    fn filters(&mut self, ifs: &'a [Expr]) -> Lifted<(Vec<Expression>, Vec<Clause>)> {
        let mut conditions = Vec::new();
        let mut clauses: Vec<Clause> = Vec::new();
        for test in ifs {
            let condition = match &test.kind {
                ExprKind::NamedExpr { target, value } => {
                    let (local, iterable) = self.bound_in_clause(target, value)?;
                    clauses.push(Clause { target: Target::Local(local), iterable, conditions: Vec::new() });
                    Expression::Local(local)
                }
                // `(m := f(x)) is not None`.
                ExprKind::Compare { left, rest } if matches!(left.kind, ExprKind::NamedExpr { .. }) => {
                    let ExprKind::NamedExpr { target, value } = &left.kind else { continue };
                    let [(op, right)] = rest.as_slice() else {
                        return Err(reason(
                            "`:=` in such a comparison runs in Python",
                            "write one comparison after the other, with `and`",
                            test.span,
                        ));
                    };
                    let (local, iterable) = self.bound_in_clause(target, value)?;
                    clauses.push(Clause { target: Target::Local(local), iterable, conditions: Vec::new() });
                    self.comparison_of(Expression::Local(local), *op, right, test.span)?
                }
                _ => self.truth(test)?,
            };
            match clauses.last_mut() {
                Some(clause) => clause.conditions.push(condition),
                None => conditions.push(condition),
            }
        }
        Ok((conditions, clauses))
    }

    fn bound_in_clause(&mut self, target: &'a Expr, value: &'a Expr) -> Lifted<(u32, Expression)> {
        let ExprKind::Name(name) = &target.kind else {
            return Err(reason("`:=` binds one name", "bind one, and take it apart in a statement", target.span));
        };
        if self.frame.scopes[1..].iter().any(|scope| scope.contains_key(name)) || !self.frame.names.contains(name) {
            return Err(reason(
                "`:=` of this name runs in Python",
                "give it a name of its own, that nothing else has",
                target.span,
            ));
        }
        let value = self.expr(value)?;
        Ok((self.local(name), Expression::Tuple(vec![value])))
    }
}
