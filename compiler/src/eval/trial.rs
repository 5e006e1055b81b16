//! Tries a reduce out: calls it, as evaluation does, with values of the kind that it seems to take.

use super::branch::Branches;
use super::call::Arguments;
use super::value::*;
use super::{Body, Evaluator, MOST_STEPS};
use crate::api::classes::CallShape;
use crate::facts::Trial;
use crate::syntax::ast::*;
use crate::syntax::walk;
use pyflink_plan::{Literal, Span};

/// Steps that all calls of one trial may take together.
const STEPS: u64 = 20_000;
/// Longest tuples that are tried.
const WIDEST: usize = 4;

/// How a reduce uses its parameters.
pub(super) enum Usage {
    /// As they are.
    Whole,
    /// As tuples of so many fields at least.
    Fields(usize),
    /// In a way that nothing is made up for: attributes, text keys.
    Other,
}

impl<'a> Evaluator<'a> {
    /// Looks at how a function uses its parameters.
    pub(super) fn usage(&self, function: &Function, is_method: bool) -> Usage {
        let code = &self.codes[function.code.0 as usize];
        let names: Vec<&str> =
            code.params.positional().skip(usize::from(is_method)).map(|p| p.name.name.as_str()).collect();
        let is_parameter = |expr: &Expr| matches!(&expr.kind, ExprKind::Name(name) if names.contains(&name.as_str()));
        let (mut fields, mut other) = (0, false);
        let mut see = |expr: &Expr| match &expr.kind {
            ExprKind::Subscript { value, index } if is_parameter(value) => match &index.kind {
                ExprKind::Constant(Constant::Int(at)) => {
                    fields = fields.max(usize::try_from(at).map_or(WIDEST + 1, |at| at + 1));
                }
                _ => other = true,
            },
            ExprKind::Attribute { value, .. } if is_parameter(value) => other = true,
            _ => {}
        };
        let mut unpacked = 0;
        match code.body {
            Body::Expr(expr) => walk::all_exprs(expr, &mut see),
            Body::Block(block) => {
                block.iter().for_each(|statement| walk::own_exprs(statement, &mut see));
                walk::statements(block, &mut |statement| {
                    if let StmtKind::Assign { targets, value } = &statement.kind
                        && is_parameter(value)
                        && let [Expr { kind: ExprKind::Tuple(items), .. }] = targets.as_slice()
                    {
                        unpacked = unpacked.max(items.len());
                    }
                });
            }
        }
        match fields.max(unpacked) {
            _ if other => Usage::Other,
            0 => Usage::Whole,
            fields if fields > WIDEST => Usage::Other,
            fields => Usage::Fields(fields),
        }
    }

    /// Calls a pure reduce with values of each kind that may be meant, until it takes one.
    pub(super) fn try_reduce(&mut self, value: &Value, shape: &'static CallShape, usage: Usage) -> Option<Trial> {
        let heap = self.heap.clone();
        let branches = std::mem::take(&mut self.branches);
        self.branches = Branches::default();
        let (diagnostics, steps, fresh) = (self.diagnostics.clone(), self.steps, self.fresh);
        let (unseen, may_raise) = (self.unseen.clone(), self.may_raise);
        self.steps = MOST_STEPS - STEPS;
        let found = self.trial(value, shape, usage);
        (self.heap, self.branches, self.diagnostics, self.steps, self.fresh) =
            (heap, branches, diagnostics, steps, fresh);
        (self.unseen, self.may_raise) = (unseen, may_raise);
        found
    }

    fn trial(&mut self, value: &Value, shape: &'static CallShape, usage: Usage) -> Option<Trial> {
        let domains = match usage {
            Usage::Other => return None,
            Usage::Whole => vec![numbers(), words()],
            Usage::Fields(fields) => {
                let (tuples, with_lists) = (tuples(fields), self.with_lists(fields));
                let lists: Vec<[Value; 3]> = tuples.iter().map(|domain| self.lists(domain)).collect();
                tuples.into_iter().chain(lists).chain(with_lists).collect()
            }
        };
        let mut other_kind = None;
        for domain in domains {
            match self.try_domain(value, shape, &domain) {
                Some(Outcome::Closed(trial)) => return trial,
                Some(Outcome::OtherKind(trial)) => other_kind = other_kind.or(Some(trial)),
                None => {}
            }
        }
        // What wasn't tried may be what is meant.
        other_kind.filter(|_| self.steps < MOST_STEPS)
    }

    /// Lists of what is in tuples.
    fn lists(&mut self, tuples: &[Value; 3]) -> [Value; 3] {
        tuples.clone().map(|value| match value {
            Value::Tuple(items) => self.list(items.to_vec()),
            other => other,
        })
    }

    /// Tuples of numbers, texts, and lists of these, with a list at least.
    fn with_lists(&mut self, fields: usize) -> Vec<[Value; 3]> {
        const KINDS: usize = 4;
        let kind = |kinds: usize, at: usize| kinds / KINDS.pow(at as u32) % KINDS;
        let mixes = (0..KINDS.pow(fields as u32)).filter(|kinds| (0..fields).any(|at| kind(*kinds, at) > 1));
        let domain = |kinds: usize| {
            [0, 1, 2].map(|element| {
                let values = (0..fields).map(|at| {
                    let value = field(kind(kinds, at) % 2, at, element);
                    if kind(kinds, at) > 1 { self.list(vec![value]) } else { value }
                });
                Value::tuple(values.collect())
            })
        };
        mixes.map(domain).collect()
    }

    /// `None` if it doesn't take such values.
    fn try_domain(&mut self, value: &Value, shape: &'static CallShape, domain: &[Value; 3]) -> Option<Outcome> {
        let mut other_kind = None;
        for a in domain {
            for b in domain {
                let result = self.reduced(value, shape, a, b)?;
                if other_kind.is_none() && !same_kind(&self.literal(a)?, &self.literal(&result)?) {
                    let call = format!("reduce({}, {})", self.repr(a)?, self.repr(b)?);
                    other_kind = Some((call, self.repr(a)?, self.repr(&result)?));
                }
            }
        }
        if let Some((call, given, result)) = other_kind {
            return Some(Outcome::OtherKind(Trial::OtherKind { call, given, result }));
        }
        for a in domain {
            for b in domain {
                for c in domain {
                    let ab = self.reduced(value, shape, a, b)?;
                    let left = self.reduced(value, shape, &ab, c)?;
                    let bc = self.reduced(value, shape, b, c)?;
                    let right = self.reduced(value, shape, a, &bc)?;
                    if self.literal(&left)? != self.literal(&right)? {
                        let [a, b, c] = [self.repr(a)?, self.repr(b)?, self.repr(c)?];
                        return Some(Outcome::Closed(Some(Trial::NotAssociative {
                            left: (format!("reduce(reduce({a}, {b}), {c})"), self.repr(&left)?),
                            right: (format!("reduce({a}, reduce({b}, {c}))"), self.repr(&right)?),
                        })));
                    }
                }
            }
        }
        Some(Outcome::Closed(None))
    }

    /// A known result of one call.
    fn reduced(&mut self, value: &Value, shape: &'static CallShape, a: &Value, b: &Value) -> Option<Value> {
        let nowhere = Span { source: pyflink_plan::SourceId(0), start: 0, end: 0 };
        let callee = match value.object().map(|id| self.heap.get(id)) {
            Some(Object::Instance(instance)) if self.class_attribute(&instance.class, shape.method).is_some() => {
                self.attribute(value, shape.method, nowhere).ok()?
            }
            _ => value.clone(),
        };
        let depth = self.frames.len();
        let result = self.call(&callee, Arguments::positional(vec![a.clone(), b.clone()]), nowhere);
        self.frames.truncate(depth);
        let result = result.ok()?;
        self.literal(&result).is_some().then_some(result)
    }
}

enum Outcome {
    /// Results are of the kind of what goes in.
    Closed(Option<Trial>),
    OtherKind(Trial),
}

fn numbers() -> [Value; 3] {
    [2, 3, 7].map(Value::int)
}

fn words() -> [Value; 3] {
    ["a", "b", "c"].map(Value::str)
}

/// A number, or a text.
fn field(kind: usize, at: usize, element: usize) -> Value {
    match kind {
        0 => Value::int([2, 3, 7][element] + 10 * at as i64),
        _ => Value::str("k"),
    }
}

/// Tuples of numbers and text. Text is the same in all three, as the key of what is reduced mostly is.
fn tuples(fields: usize) -> Vec<[Value; 3]> {
    // A key in front and numbers behind it is what is most common, nothing but text what is least.
    let all_text = (1 << fields) - 1;
    let kinds = (1..all_text).chain([0, all_text]);
    kinds
        .map(|kinds: usize| {
            [0, 1, 2].map(|element| Value::tuple((0..fields).map(|at| field(kinds >> at & 1, at, element)).collect()))
        })
        .collect()
}

/// Numbers are of one kind, and so are tuples of as many fields with the same kinds, and lists of the same kind.
fn same_kind(a: &Literal, b: &Literal) -> bool {
    let is_number = |literal: &Literal| matches!(literal, Literal::Int(_) | Literal::Float(_) | Literal::Bool(_));
    match (a, b) {
        (Literal::Tuple(a), Literal::Tuple(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_kind(a, b)),
        (Literal::List(a), Literal::List(b)) => a.iter().all(|a| b.iter().all(|b| same_kind(a, b))),
        (a, b) if is_number(a) || is_number(b) => is_number(a) && is_number(b),
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}
