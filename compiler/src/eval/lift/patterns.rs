//! `match`: tests of a value that is there, and names for it and its parts.

use super::*;
use pyflink_plan::ir::{Builtin, CompareOp, StatementKind as Kind, Target};

/// Cases with names and a condition in one `match`, at the most: what comes behind one is there twice.
const MOST_COPIES: usize = 3;

/// Builtin types of which a pattern with one argument is about the value itself.
const TYPES: &[&str] = &["bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple"];

/// What a pattern asks of a value, in order, and which names it gives to what.
#[derive(Default)]
struct Asked {
    tests: Vec<Expression>,
    names: Vec<(Target, Expression)>,
}

impl<'a> Lift<'_, 'a> {
    pub(super) fn match_statement(
        &mut self,
        subject: &'a Expr,
        cases: &'a [MatchCase],
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        let subject = self.expr(subject)?;
        let subject = match subject {
            Expression::Local(_) => {
                // A case may give the name another value.
                let held = self.fresh();
                self.emit(span, Kind::Assign(Target::Local(held), subject), lifted);
                Expression::Local(held)
            }
            subject => self.held(subject, span, lifted),
        };
        let copies = cases.iter().filter(|case| case.guard.is_some() && binds(&case.pattern)).count();
        if copies > MOST_COPIES {
            return Err(reason("so many `case`s with names and conditions run in Python", "write `if`", span));
        }
        lifted.extend(self.cases(cases, &subject, span)?);
        Ok(())
    }

    /// The first case that fits; nothing if none does.
    fn cases(&mut self, cases: &'a [MatchCase], subject: &Expression, span: Span) -> Lifted<Vec<Statement>> {
        let Some((case, others)) = cases.split_first() else { return Ok(Vec::new()) };
        let mut asked = Asked::default();
        self.pattern(&case.pattern, subject, &mut asked)?;
        let mut bound = Vec::new();
        for (target, value) in asked.names {
            bound.push(statement(case.pattern.span, Kind::Assign(target, value)));
        }
        let has_names = !bound.is_empty();
        let guard = match &case.guard {
            Some(guard) => {
                let before = self.frame.before.len();
                let guard = self.conditionally(|lift| lift.expr(guard))?;
                match self.frame.before.len() > before {
                    true => return Err(reason("this condition of a `case` runs in Python", "write `if`", span)),
                    false => Some(guard),
                }
            }
            None => None,
        };
        let body = self.arm(&case.body)?;
        let others = self.cases(others, subject, span)?;
        let within = match guard {
            Some(guard) if has_names => {
                bound.push(statement(span, Kind::If(vec![(guard, body)], others.clone())));
                bound
            }
            Some(guard) => {
                asked.tests.push(guard);
                body
            }
            None => {
                bound.extend(body);
                bound
            }
        };
        Ok(match expressions::joined(true, asked.tests) {
            None => within,
            Some(test) => vec![statement(span, Kind::If(vec![(test, within)], others))],
        })
    }

    fn pattern(&mut self, pattern: &'a Pattern, subject: &Expression, asked: &mut Asked) -> Lifted<()> {
        let refused = || reason("a `case` of this form runs in Python", "write `if`", pattern.span);
        match &pattern.kind {
            PatternKind::Value(value) => {
                let value = self.expr(value)?;
                asked.tests.push(Expression::Compare(CompareOp::Eq, boxed(subject.clone()), boxed(value)));
            }
            PatternKind::Singleton(value) => {
                let value = self.expr(value)?;
                asked.tests.push(Expression::Compare(CompareOp::Is, boxed(subject.clone()), boxed(value)));
            }
            PatternKind::Or(patterns) => {
                if binds(pattern) {
                    return Err(reason(
                        "names in a `case` with `|` run in Python",
                        "write several cases",
                        pattern.span,
                    ));
                }
                let mut any = Vec::new();
                for pattern in patterns {
                    let mut one = Asked::default();
                    self.pattern(pattern, subject, &mut one)?;
                    match expressions::joined(true, one.tests) {
                        Some(test) => any.push(test),
                        None => return Ok(()),
                    }
                }
                asked.tests.extend(expressions::joined(false, any));
            }
            PatternKind::As { pattern, name } => {
                if let Some(pattern) = pattern {
                    self.pattern(pattern, subject, asked)?;
                }
                if let Some(name) = name {
                    self.give_name(name, subject.clone(), asked)?;
                }
            }
            PatternKind::Sequence(items) => self.sequence(items, subject, asked)?,
            PatternKind::Class { class, patterns, keywords } if keywords.is_empty() && patterns.len() < 2 => {
                match &class.kind {
                    ExprKind::Name(name) if TYPES.contains(&name.as_str()) && self.is_builtin(name) => {
                        let types = vec![name.clone()];
                        asked.tests.push(Expression::IsInstance(boxed(subject.clone()), types));
                    }
                    _ => return Err(refused()),
                }
                if let [inner] = patterns.as_slice() {
                    self.pattern(inner, subject, asked)?;
                }
            }
            _ => return Err(refused()),
        }
        Ok(())
    }

    /// `[first, *others]`: of lists and tuples.
    fn sequence(&mut self, items: &'a [Pattern], subject: &Expression, asked: &mut Asked) -> Lifted<()> {
        let types = ["list", "tuple"].map(str::to_owned).to_vec();
        asked.tests.push(Expression::IsInstance(boxed(subject.clone()), types));
        let star = items.iter().position(|item| matches!(item.kind, PatternKind::Star(_)));
        let (op, least) = match star {
            Some(_) => (CompareOp::Ge, items.len() - 1),
            None => (CompareOp::Eq, items.len()),
        };
        let length = Expression::Call(Builtin::Len, vec![subject.clone()]);
        asked.tests.push(Expression::Compare(op, boxed(length), boxed(Expression::Int(least as i64))));
        for (at, item) in items.iter().enumerate() {
            let from_end = at as i64 - items.len() as i64;
            if let PatternKind::Star(name) = &item.kind {
                let Some(name) = name else { continue };
                let stop = if from_end == -1 { Expression::None } else { Expression::Int(from_end + 1) };
                let bounds = Box::new([Expression::Int(at as i64), stop, Expression::None]);
                let part = Expression::Slice(boxed(subject.clone()), bounds);
                self.give_name(name, Expression::Call(Builtin::List, vec![part]), asked)?;
                continue;
            }
            let is_behind = star.is_some_and(|star| at > star);
            let index = Expression::Int(if is_behind { from_end } else { at as i64 });
            self.pattern(item, &Expression::Index(boxed(subject.clone()), boxed(index)), asked)?;
        }
        Ok(())
    }

    fn give_name(&mut self, name: &'a Ident, value: Expression, asked: &mut Asked) -> Lifted<()> {
        let is_taken = self.frame.scopes[1..].iter().any(|scope| scope.contains_key(&name.name))
            || self.frame.receiver.as_ref().is_some_and(|(receiver, _)| *receiver == name.name)
            || self.is_outlet(&name.name)
            || !self.frame.names.contains(&name.name);
        if is_taken {
            return Err(reason(format!("it gives {} another meaning", name.name), "use another name", name.span));
        }
        let local = self.local(&name.name);
        asked.names.push((Target::Local(local), value));
        Ok(())
    }
}

/// True if there is a name in it.
fn binds(pattern: &Pattern) -> bool {
    match &pattern.kind {
        PatternKind::Value(_) | PatternKind::Singleton(_) => false,
        PatternKind::Sequence(inner) | PatternKind::Or(inner) => inner.iter().any(binds),
        PatternKind::Mapping { patterns, rest, .. } => rest.is_some() || patterns.iter().any(binds),
        PatternKind::Class { patterns, keywords, .. } => {
            patterns.iter().chain(keywords.iter().map(|(_, inner)| inner)).any(binds)
        }
        PatternKind::Star(name) => name.is_some(),
        PatternKind::As { pattern, name } => name.is_some() || pattern.as_deref().is_some_and(binds),
    }
}
