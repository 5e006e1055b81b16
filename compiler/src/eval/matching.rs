//! `match` statements.

use super::Evaluator;
use super::branch::{Eval, Flow, Point};
use super::expr::Truth;
use super::value::{Object, Value};
use crate::syntax::ast::*;

impl<'a> Evaluator<'a> {
    pub fn match_cases(&mut self, subject: &Value, cases: &'a [MatchCase]) -> Eval<Flow> {
        let [case, rest @ ..] = cases else { return Ok(Flow::Normal) };
        let truth = match self.matches(&case.pattern, subject)? {
            Truth::Known(true) => match &case.guard {
                Some(guard) => self.test(guard)?,
                None => Truth::Known(true),
            },
            truth => truth,
        };
        match truth {
            Truth::Known(true) => self.block(&case.body),
            Truth::Known(false) => self.match_cases(subject, rest),
            Truth::Opaque(point) => {
                let point = Point { span: case.pattern.span, ..point };
                self.branch(point, |e| e.block(&case.body), |e| e.match_cases(subject, rest))
            }
        }
    }

    /// Whether the pattern matches; what it captures is bound as far as that is known.
    fn matches(&mut self, pattern: &'a Pattern, subject: &Value) -> Eval<Truth> {
        let unknown = Truth::Opaque(Point::at(pattern.span));
        Ok(match &pattern.kind {
            PatternKind::Value(value) | PatternKind::Singleton(value) => {
                let value = self.expr(value)?;
                let equal = self.compare(CmpOp::Eq, subject, &value, pattern.span)?;
                self.truth(&equal, pattern.span)
            }
            PatternKind::As { pattern: inner, name } => {
                let truth = match inner {
                    Some(inner) => self.matches(inner, subject)?,
                    None => Truth::Known(true),
                };
                if let Some(name) = name {
                    self.assign_name(&name.name, subject.clone());
                }
                truth
            }
            PatternKind::Or(patterns) => {
                let mut result = Truth::Known(false);
                for inner in patterns {
                    match self.matches(inner, subject)? {
                        Truth::Known(true) => return Ok(Truth::Known(true)),
                        Truth::Known(false) => {}
                        Truth::Opaque(_) => result = unknown,
                    }
                }
                result
            }
            PatternKind::Sequence(patterns) => {
                let items = match subject {
                    Value::Tuple(items) => items.to_vec(),
                    Value::Object(id) => match self.heap.get(*id) {
                        Object::List(items) => items.clone(),
                        _ => return self.capture(pattern, unknown),
                    },
                    Value::Opaque(_) => return self.capture(pattern, unknown),
                    _ => return Ok(Truth::Known(false)),
                };
                let star = patterns.iter().position(|inner| matches!(inner.kind, PatternKind::Star(_)));
                let fits = match star {
                    None => items.len() == patterns.len(),
                    Some(_) => items.len() + 1 >= patterns.len(),
                };
                if !fits {
                    return Ok(Truth::Known(false));
                }
                let mut result = Truth::Known(true);
                let more = items.len() + 1 - patterns.len();
                let mut at = 0;
                for inner in patterns {
                    if let PatternKind::Star(name) = &inner.kind {
                        let rest = self.list(items[at..at + more].to_vec());
                        name.iter().for_each(|name| self.assign_name(&name.name, rest.clone()));
                        at += more;
                        continue;
                    }
                    match self.matches(inner, &items[at])? {
                        Truth::Known(true) => {}
                        Truth::Known(false) => return Ok(Truth::Known(false)),
                        Truth::Opaque(_) => result = unknown,
                    }
                    at += 1;
                }
                result
            }
            PatternKind::Mapping { .. } | PatternKind::Class { .. } => return self.capture(pattern, unknown),
            PatternKind::Star(_) => Truth::Known(true),
        })
    }

    /// Binds all names of a pattern to opaque values.
    fn capture(&mut self, pattern: &'a Pattern, truth: Truth) -> Eval<Truth> {
        let value = self.opaque(pattern.span);
        match &pattern.kind {
            PatternKind::Sequence(patterns) | PatternKind::Or(patterns) => {
                patterns.iter().try_for_each(|inner| self.capture(inner, truth).map(drop))?;
            }
            PatternKind::Mapping { patterns, rest, .. } => {
                patterns.iter().try_for_each(|inner| self.capture(inner, truth).map(drop))?;
                rest.iter().for_each(|name| self.assign_name(&name.name, value.clone()));
            }
            PatternKind::Class { patterns, keywords, .. } => {
                let all = patterns.iter().chain(keywords.iter().map(|(_, inner)| inner));
                all.into_iter().try_for_each(|inner| self.capture(inner, truth).map(drop))?;
            }
            PatternKind::As { name, pattern } => {
                pattern.iter().try_for_each(|inner| self.capture(inner, truth).map(drop))?;
                name.iter().for_each(|name| self.assign_name(&name.name, value.clone()));
            }
            PatternKind::Star(name) => name.iter().for_each(|name| self.assign_name(&name.name, value.clone())),
            PatternKind::Value(_) | PatternKind::Singleton(_) => {}
        }
        Ok(truth)
    }
}
