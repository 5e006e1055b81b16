//! What is gone through once and at once: there a generator expression is as good as a list, and `zip` and its like are
//! loops.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::{Builtin, Clause, Target};

impl<'a> Lift<'_, 'a> {
    pub(super) fn iterable(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        self.gone_through(expr, true)
    }

    fn gone_through(&mut self, expr: &'a Expr, to_the_end: bool) -> Lifted<Expression> {
        if let Some(evaluated) = self.evaluated(expr) {
            return Ok(evaluated);
        }
        let before = self.frame.changes;
        let lifted = self.deeper(expr.span, |lift| match &expr.kind {
            ExprKind::GeneratorExp { element, generators } => match to_the_end {
                true => lift.comprehension(element, generators, expr.span),
                false => lift.stepwise(element, generators, expr.span),
            },
            ExprKind::Call { func, args, keywords } => {
                let called = lift.call(expr, func, Site { args, keywords, span: expr.span, is_iterated: true })?;
                if !keywords.is_empty() {
                    lift.changes_nothing(before, expr.span)?;
                }
                Ok(called)
            }
            _ => match (lift.all_members(expr), lift.functions_in(expr)?) {
                (Some(members), _) => Ok(members),
                (None, Some(choices::Table { keys: Some(keys), .. })) => Ok(Expression::Tuple(keys.to_vec())),
                _ => lift.in_parts(expr),
            },
        })?;
        match self.frame.changes > before {
            true => self.in_order(lifted, expr.span),
            false => Ok(lifted),
        }
    }

    /// What is gone through until something is found: a list is made as a whole all the same.
    pub(super) fn whole(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        let each = self.gone_through(expr, false)?;
        Ok(match expr.kind {
            ExprKind::ListComp { .. } => Expression::Call(Builtin::List, vec![each]),
            _ => each,
        })
    }

    /// `map(f, xs)`, gone through at once.
    pub(super) fn mapped(&mut self, site: Site<'a>) -> Lifted<Expression> {
        let [function, iterables @ ..] = site.args else {
            return Err(reason("map() takes a function and iterables", "give it both", site.span));
        };
        let [iterable] = iterables else {
            return self.mapped_together(function, iterables, site.span);
        };
        let iterable = self.iterable(iterable)?;
        let key = self.conditionally(|lift| lift.key(function))?;
        let clause = Clause { target: Target::Local(key.local), iterable, conditions: Vec::new() };
        Ok(Expression::Comprehension(key.value, vec![clause]))
    }

    /// `map(f, xs, ys)`: what `zip` gives, value by value.
    fn mapped_together(&mut self, function: &'a Expr, iterables: &'a [Expr], span: Span) -> Lifted<Expression> {
        if iterables.is_empty() {
            return Err(reason("map() takes a function and iterables", "give it both", span));
        }
        let over = iterables.iter().map(|over| self.gone_over(over)).collect::<Lifted<_>>()?;
        let parts: Vec<u32> = iterables.iter().map(|_| self.fresh()).collect();
        let operands = parts.iter().copied().map(Expression::Local).collect();
        let value = self.conditionally(|lift| lift.combined(function, operands, "map", span))?;
        let target = Target::Each(parts.into_iter().map(Target::Local).collect());
        let clause = Clause { target, iterable: Expression::Call(Builtin::Zip, over), conditions: Vec::new() };
        Ok(Expression::Comprehension(boxed(value), vec![clause]))
    }

    /// `filter(f, xs)`, gone through at once.
    pub(super) fn filtered(&mut self, site: Site<'a>) -> Lifted<Expression> {
        let [function, iterable] = site.args else {
            return Err(reason("filter() takes a function and an iterable", "give it both", site.span));
        };
        let iterable = self.iterable(iterable)?;
        let (local, condition) = match &function.kind {
            ExprKind::Constant(Constant::None) => {
                let local = self.fresh();
                (local, Expression::Local(local))
            }
            _ => {
                let key = self.conditionally(|lift| lift.key(function))?;
                (key.local, *key.value)
            }
        };
        let clause = Clause { target: Target::Local(local), iterable, conditions: vec![condition] };
        Ok(Expression::Comprehension(boxed(Expression::Local(local)), vec![clause]))
    }

    /// The fields of `csv.reader([line])`, of one line.
    pub(super) fn csv_line(&mut self, site: Site<'a>) -> Lifted<Expression> {
        let unknown = || {
            reason(
                "csv.reader() of other than one line, `[line]`, runs in Python",
                "read each line by itself",
                site.span,
            )
        };
        let [lines] = site.args else { return Err(unknown()) };
        let line = match &lines.kind {
            ExprKind::List(lines) | ExprKind::Tuple(lines) => match lines.as_slice() {
                [line] if !matches!(line.kind, ExprKind::Starred(_)) => self.expr(line)?,
                _ => return Err(unknown()),
            },
            _ => self.one_line(lines)?.ok_or_else(unknown)?,
        };
        let mut delimiter = Expression::Str(",".to_owned());
        for keyword in site.keywords {
            match keyword.name.as_ref().map(|name| name.name.as_str()) {
                Some("delimiter") => delimiter = self.read(&keyword.value)?,
                _ => {
                    return Err(reason(
                        "csv.reader() with such an argument runs in Python",
                        "give it `delimiter` only",
                        site.span,
                    ));
                }
            }
        }
        Ok(Expression::Call(ir::Builtin::CsvReader, vec![line, delimiter]))
    }

    /// `next(x for x in …)`, with or without a default.
    pub(super) fn first(&mut self, site: Site<'a>) -> Lifted<Expression> {
        let (each, default) = match site.args {
            [each] => (each, None),
            [each, default] => (each, Some(default)),
            _ => {
                return Err(reason(
                    "next() takes an iterator",
                    "give it one, as `next(x for x in …)`, and a default at the most",
                    site.span,
                ));
            }
        };
        // `next(csv.reader([line]))`.
        if let ExprKind::Call { func, args, keywords } = &each.kind
            && self.library_path(func).as_deref() == Some("csv.reader")
            && default.is_none()
        {
            return self.csv_line(Site { args, keywords, span: each.span, is_iterated: true });
        }
        let ExprKind::GeneratorExp { element, generators } = &each.kind else {
            let what = match &each.kind {
                ExprKind::Name(name) => format!("next() of the variable {name}"),
                _ => "next() of anything but a generator expression".to_owned(),
            };
            return Err(reason(format!("{what} runs in Python"), "use a loop with `break`", site.span));
        };
        let has_range = generators.iter().any(|generator| match &generator.iter.kind {
            ExprKind::Call { func, .. } => matches!(&func.kind, ExprKind::Name(name) if name == "range"),
            _ => false,
        });
        if has_range {
            return Err(reason("next() over a range runs in Python", "use a loop with `break`", site.span));
        }
        let list = self.comprehension(element, generators, each.span)?;
        let held = self.fresh();
        let first = Expression::Index(boxed(Expression::Local(held)), boxed(Expression::Int(0)));
        let value = match default {
            Some(default) => {
                let default = self.expr(default)?;
                Expression::If(boxed(Expression::Local(held)), boxed(first), boxed(default))
            }
            None => first,
        };
        Ok(Expression::Let(held, boxed(list), boxed(value)))
    }

    /// `enumerate`, `zip`, `reversed` or `range`: loops, or what is measured and searched.
    pub(super) fn lazy(&mut self, builtin: Builtin, names: &[&str], site: Site<'a>) -> Lifted<Expression> {
        if !site.is_iterated {
            let title = builtin.name();
            return Err(reason(
                format!("{title}() that isn't gone through at once runs in Python"),
                "make a list of it",
                site.span,
            ));
        }
        let given = arguments::by_position(names, site, builtin.name())?;
        let arguments = given.into_iter().map(|argument| self.gone_over(argument)).collect::<Lifted<_>>()?;
        Ok(Expression::Call(builtin, arguments))
    }
}
