//! Comprehensions over values that are known one by one (the fields of a tuple, the items of a row): each is walked for
//! itself, so that what comes of them is a tuple or a row again.

use super::blocks::Way;
use super::displays::{MOST_WORDS, tuple_of};
use super::loops::{Order, Source, view};
use super::rows::MOST_KEYS;
use super::{Lowered, Lowering, Rows, Stop, Value, literal_int};
use crate::ir::{Builtin, Clause, Expression};
use crate::types::{Constant, Type};

/// Values of which each is walked for itself, at the most.
const MOST_VALUES: usize = 32;

impl<'a> Lowering<'a> {
    /// `tuple(…)` of values that are known one by one.
    pub(super) fn shaped_tuple(&mut self, over: &'a Expression) -> Lowered<Option<Value>> {
        let items = match over {
            Expression::Comprehension(value, clauses) => self.each_known(clauses, &mut |this| {
                let value = this.expr(value)?;
                Ok(Some(this.hold(value)))
            })?,
            _ if self.is_shaped(over) && self.rows != Rows::Not => Some(self.shaped(over)?),
            _ => None,
        };
        let Some(items) = items else { return Ok(None) };
        if items.iter().map(|item| item.of().words()).sum::<usize>() > MOST_WORDS {
            return Ok(None);
        }
        Ok(Some(tuple_of(items)))
    }

    /// `{key: value for …}`, and `dict((key, value) for …)`, where each key is known: a row.
    pub(super) fn shaped_row<T>(
        &mut self,
        at: &T,
        (key, value): (&'a Expression, &'a Expression),
        clauses: &'a [Clause],
    ) -> Lowered<Option<Value>> {
        let Some(site) = self.row_site(at) else { return Ok(None) };
        let items = self.each_known(clauses, &mut |this| {
            let [key, value] = this.pair(key, value)?;
            let Some(Constant::Str(key)) = key.constant().cloned() else { return Ok(None) };
            Ok(Some((key, this.hold(value))))
        })?;
        let Some(items) = items else { return Ok(None) };
        let mut fields: Vec<(String, Value)> = Vec::with_capacity(items.len());
        for (key, value) in items {
            match fields.iter_mut().find(|(known, _)| *known == key) {
                Some(found) => found.1 = value,
                None => fields.push((key, value)),
            }
        }
        let is_small = fields.iter().map(|(_, value)| value.of().words()).sum::<usize>() <= MOST_WORDS;
        match is_small && fields.len() <= MOST_KEYS {
            true => self.row(fields, site).map(Some),
            false => Ok(None),
        }
    }

    /// Walks what a comprehension is made of for each of its values; `None` if these, whether they are left out, or what
    /// comes of one isn't known.
    fn each_known<T>(
        &mut self,
        clauses: &'a [Clause],
        each: &mut dyn FnMut(&mut Self) -> Lowered<Option<T>>,
    ) -> Lowered<Option<Vec<T>>> {
        let [clause] = clauses else { return Ok(None) };
        if self.rows == Rows::Not || !self.is_shaped(&clause.iterable) {
            return Ok(None);
        }
        let (frames, tries, span) = (self.frames.len(), self.tries.len(), self.span);
        let (loops, gone_over) = (self.frame().loops.len(), self.gone_over.len());
        let (id, assigned) = (self.frame().id, self.assigned.len());
        let way = self.way(self.env.clone(), |this| {
            let values = this.shaped(&clause.iterable)?;
            let mut all = Vec::with_capacity(values.len());
            for (at, value) in values.into_iter().enumerate() {
                // What is made for one has nothing to do with what is made for the others.
                this.frame().id = this.cells.frame(id, salt(at));
                this.store(&clause.target, value)?;
                match this.all_hold(&clause.conditions)? {
                    Some(true) => match each(this)? {
                        Some(made) => all.push(made),
                        None => return Ok(None),
                    },
                    Some(false) => {}
                    None => return Ok(None),
                }
            }
            Ok(Some(all))
        });
        self.frames.truncate(frames);
        self.frame().id = id;
        self.frame().loops.truncate(loops);
        match way {
            Ok(Way { out, env, value: Some(Some(all)) }) => {
                self.out.extend(out);
                self.env = env;
                Ok(Some(all))
            }
            Ok(Way { out, env, value: None }) => {
                self.out.extend(out);
                self.env = env;
                Err(Stop::Dead)
            }
            // As a loop, then.
            Ok(Way { value: Some(None), .. }) | Err(Stop::Refused(_)) => {
                self.tries.truncate(tries);
                self.gone_over.truncate(gone_over);
                self.assigned.truncate(assigned);
                self.span = span;
                Ok(None)
            }
            Err(stop) => Err(stop),
        }
    }

    /// Whether all of these hold, if that is known.
    fn all_hold(&mut self, conditions: &'a [Expression]) -> Lowered<Option<bool>> {
        for condition in conditions {
            let test = self.condition(condition)?;
            match test.known() {
                Some(true) => {}
                known => return Ok(known),
            }
        }
        Ok(Some(true))
    }

    /// Whether it is known how many values there are to go over, and that they don't change meanwhile.
    fn is_shaped(&self, over: &Expression) -> bool {
        match over {
            Expression::Tuple(items) | Expression::List(items) => items.len() <= MOST_VALUES,
            Expression::Slice(of, bounds) => {
                let is_known = |bound: &Expression| matches!(bound, Expression::None) || literal_int(bound).is_some();
                bounds.iter().all(is_known) && self.is_tuple(of)
            }
            Expression::Call(Builtin::Zip, arguments) => {
                !arguments.is_empty() && arguments.iter().all(|over| self.is_shaped(over))
            }
            Expression::Call(Builtin::Enumerate, arguments) => match arguments.as_slice() {
                [over] => self.is_shaped(over),
                [over, start] => self.is_shaped(over) && literal_int(start).is_some(),
                _ => false,
            },
            Expression::Call(Builtin::Reversed, arguments) => arguments.len() == 1 && self.is_tuple(&arguments[0]),
            Expression::Call(Builtin::Range, arguments) => ints(arguments).is_some(),
            Expression::Method(of, name, arguments) => arguments.is_empty() && view(name).is_some() && self.is_row(of),
            over => self.is_tuple(over) || self.is_row(over),
        }
    }

    fn is_tuple(&self, of: &Expression) -> bool {
        match self.path(of) {
            Some((_, of)) => {
                matches!(of.named_tuple().unwrap_or(of), Type::Tuple(fields) if fields.len() <= MOST_VALUES)
            }
            None => false,
        }
    }

    fn is_row(&self, of: &Expression) -> bool {
        matches!(self.path(of), Some((_, Type::Row(fields))) if fields.len() <= MOST_VALUES)
    }

    /// The values of what [`Self::is_shaped`].
    fn shaped(&mut self, over: &'a Expression) -> Lowered<Vec<Value>> {
        match over {
            Expression::Tuple(items) | Expression::List(items) => {
                let items = self.operands_of(items.iter())?;
                Ok(items.into_iter().map(|item| self.hold(item)).collect())
            }
            Expression::Call(Builtin::Zip, arguments) => {
                let columns = arguments.iter().map(|over| self.shaped(over)).collect::<Lowered<Vec<_>>>()?;
                let shortest = columns.iter().map(Vec::len).min().unwrap_or(0);
                let row = |at: usize| tuple_of(columns.iter().map(|column| column[at].clone()).collect());
                Ok((0..shortest).map(row).collect())
            }
            Expression::Call(Builtin::Enumerate, arguments) => {
                let start = arguments.get(1).and_then(literal_int).unwrap_or(0);
                let Some(over) = arguments.first() else { return Err(self.arity("enumerate")) };
                let values = self.shaped(over)?;
                let numbered = |(at, value)| match start.checked_add(at as i64) {
                    Some(number) => Ok(tuple_of(vec![Value::int(number), value])),
                    None => {
                        Err(self.refused("enumerate of such numbers isn't compiled", "count from a smaller number"))
                    }
                };
                values.into_iter().enumerate().map(numbered).collect()
            }
            Expression::Call(Builtin::Reversed, arguments) => {
                let Some(over) = arguments.first() else { return Err(self.arity("reversed")) };
                let mut values = self.shaped(over)?;
                values.reverse();
                Ok(values)
            }
            Expression::Call(Builtin::Range, arguments) => match ints(arguments) {
                Some(ints) => Ok(ints.into_iter().map(Value::int).collect()),
                None => Err(self.arity("range")),
            },
            Expression::Method(..) => match self.source(over, Order::default())? {
                Source::Values(values) => Ok(values),
                _ => Err(self.refused("what a loop goes over isn't known", "go over a list or tuple")),
            },
            over => {
                let value = self.expr(over)?.unwrapped().tupled();
                match value.of() {
                    Type::Tuple(_) => {
                        let fields = self.fields(value);
                        Ok(fields.into_iter().map(|field| self.hold(field)).collect())
                    }
                    Type::Row(_) => Ok(self.over_row(value, super::loops::View::Keys)),
                    _ => Err(self.refused("what a loop goes over isn't known", "go over a list or tuple")),
                }
            }
        }
    }
}

/// The ints of a range that is written out, if they aren't too many.
fn ints(arguments: &[Expression]) -> Option<Vec<i64>> {
    let bounds = arguments.iter().map(literal_int).collect::<Option<Vec<i64>>>()?;
    let (start, stop, step) = match bounds.as_slice() {
        [stop] => (0, *stop, 1),
        [start, stop] => (*start, *stop, 1),
        [start, stop, step] => (*start, *stop, *step),
        _ => return None,
    };
    if step == 0 {
        return None;
    }
    let mut ints = Vec::new();
    let mut at = start;
    while if step > 0 { at < stop } else { at > stop } {
        if ints.len() == MOST_VALUES {
            return None;
        }
        ints.push(at);
        at = at.checked_add(step)?;
    }
    Some(ints)
}

/// A number for a value, to tell apart what is made for each.
fn salt(at: usize) -> usize {
    (at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as usize) | 1 << (usize::BITS - 2)
}
