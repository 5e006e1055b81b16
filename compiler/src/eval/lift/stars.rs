//! `*` in displays and calls: values that are taken apart where they are used.

use super::arguments::Site;
use super::functions::Callee;
use super::*;
use pyflink_plan::ir::{BinaryOp, Builtin, CompareOp, Target};

/// True if there is a `*` among them.
pub(super) fn has_star(items: &[Expr]) -> bool {
    items.iter().any(|item| matches!(item.kind, ExprKind::Starred(_)))
}

impl<'a> Lift<'_, 'a> {
    /// `(a, *b)` and `[a, *b]`: one after the other.
    pub(super) fn starred(&mut self, items: &'a [Expr], is_list: bool, span: Span) -> Lifted<Expression> {
        let display = |items: Vec<Expression>| if is_list { Expression::List(items) } else { Expression::Tuple(items) };
        let mut parts = Vec::new();
        let mut plain = Vec::new();
        for item in items {
            let ExprKind::Starred(inner) = &item.kind else {
                plain.push(self.expr(item)?);
                continue;
            };
            if !plain.is_empty() {
                parts.push(display(std::mem::take(&mut plain)));
            }
            let length = self.known_length(inner).filter(|_| !is_list);
            let values = self.iterable(inner)?;
            parts.push(match length {
                Some(length) => self.taken(vec![(values, Some(length))], span, Expression::Tuple),
                None => Expression::Call(if is_list { Builtin::List } else { Builtin::Tuple }, vec![values]),
            });
        }
        if !plain.is_empty() {
            parts.push(display(plain));
        }
        let joined = parts.into_iter().reduce(|all, part| Expression::Binary(BinaryOp::Add, boxed(all), boxed(part)));
        Ok(joined.unwrap_or_else(|| display(Vec::new())))
    }

    /// `f(a, *b)`, where `f` takes a known number of arguments.
    pub(super) fn invoke_spread(&mut self, callee: Callee<'a>, site: Site<'a>) -> Lifted<Expression> {
        let Site { args, keywords, span, .. } = site;
        let wants = callee.takes().filter(|_| keywords.is_empty() && self.captured(&callee).is_empty());
        let Some(wanted) = wants else {
            return Err(reason("`*` in a call of this function runs in Python", "write the arguments out", span));
        };
        let counts = self.star_counts(args, wanted, span)?;
        let arguments = self.spread_arguments(args, &counts)?;
        let function = self.inner(callee, None)?;
        Ok(self.taken(arguments, span, |arguments| Expression::Invoke(function, arguments)))
    }

    /// What each argument of a call is, and how many values those with a `*` give.
    pub(super) fn spread_arguments(
        &mut self,
        args: &'a [Expr],
        counts: &[Option<usize>],
    ) -> Lifted<Vec<(Expression, Option<usize>)>> {
        let lifted = args.iter().zip(counts).map(|(argument, count)| {
            Ok(match &argument.kind {
                ExprKind::Starred(inner) => (self.iterable(inner)?, *count),
                _ => (self.expr(argument)?, None),
            })
        });
        lifted.collect()
    }

    /// How many values each `*` among arguments gives, if there are to be so many in all: what is written there; of others
    /// each as many. Whether it is so, is seen when they are taken apart.
    pub(super) fn star_counts(&self, args: &'a [Expr], wanted: usize, span: Span) -> Lifted<Vec<Option<usize>>> {
        let known: Vec<Option<Option<usize>>> = args
            .iter()
            .map(|argument| match &argument.kind {
                ExprKind::Starred(inner) => Some(self.known_length(inner)),
                _ => None,
            })
            .collect();
        let taken: usize = known.iter().map(|argument| argument.map_or(1, |length| length.unwrap_or(0))).sum();
        let open = known.iter().filter(|argument| matches!(argument, Some(None))).count();
        match wanted.checked_sub(taken) {
            Some(left) if (open == 0 && left == 0) || (open > 0 && left % open == 0) => {
                let share = left.checked_div(open).unwrap_or(0);
                Ok(known.into_iter().map(|argument| argument.map(|length| length.unwrap_or(share))).collect())
            }
            _ => Err(reason(
                "`*` in a call runs in Python, where its length isn't known",
                "write the arguments out",
                span,
            )),
        }
    }

    /// The number of elements, where it is written.
    fn known_length(&self, expr: &Expr) -> Option<usize> {
        match &expr.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => (!has_star(items)).then_some(items.len()),
            ExprKind::ListComp { generators, .. } | ExprKind::GeneratorExp { generators, .. } => {
                match generators.as_slice() {
                    [only] if only.ifs.is_empty() => self.known_length(&only.iter),
                    _ => None,
                }
            }
            ExprKind::Name(name) if self.is_local_name(name) => self.known_length(self.frame.provenance.only(name)?),
            _ => None,
        }
    }

    /// What is made of values, some of which are taken apart in so many first. CPython does it where there are others.
    pub(super) fn taken(
        &mut self,
        values: Vec<(Expression, Option<usize>)>,
        span: Span,
        made: impl FnOnce(Vec<Expression>) -> Expression,
    ) -> Expression {
        let parameters = values.len() as u32;
        let mut locals = parameters;
        let (mut code, mut arguments, mut parts) = (Vec::new(), Vec::new(), Vec::new());
        for (at, (value, count)) in values.into_iter().enumerate() {
            let given = Expression::Local(at as u32);
            arguments.push(value);
            let Some(count) = count else {
                parts.push(given);
                continue;
            };
            let length = Expression::Call(Builtin::Len, vec![given.clone()]);
            let differs = Expression::Compare(CompareOp::Ne, boxed(length), boxed(Expression::Int(count as i64)));
            let raise = vec![statement(span, StatementKind::Raise)];
            code.push(statement(span, StatementKind::If(vec![(differs, raise)], Vec::new())));
            let own: Vec<u32> = (locals..locals + count as u32).collect();
            locals += count as u32;
            parts.extend(own.iter().map(|local| Expression::Local(*local)));
            let targets = own.into_iter().map(Target::Local).collect();
            code.push(statement(span, StatementKind::Assign(Target::Each(targets), given)));
        }
        code.push(statement(span, StatementKind::Return(made(parts))));
        self.written_out("*", parameters, locals, code, arguments)
    }
}
