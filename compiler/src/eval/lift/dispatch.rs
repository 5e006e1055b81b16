//! Functions that stand in constant dicts: `OPS[sign](a, b)`; and loops over constant tuples of which parts are functions
//! or types, written out.

use super::arguments::Site;
use super::stores::is_simple;
use super::*;
use pyflink_plan::ir::CompareOp;

/// Functions that are told apart at the most, and rounds of a loop that is written out.
const MOST: usize = 16;

impl<'a> Lift<'_, 'a> {
    /// `OPS[sign](a, b)`: calls the function that stands there under the key.
    pub(super) fn call_item(&mut self, of: &'a Expr, index: &'a Expr, site: Site<'a>) -> Lifted<Option<Expression>> {
        let span = site.span;
        let Some(dict) = self.known_container(of)? else { return Ok(None) };
        let Some(Object::Dict(table)) = dict.object().map(|id| self.evaluator.heap.get(id)) else { return Ok(None) };
        let items: Vec<(Value, Value)> = table.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        if items.is_empty() || items.len() > MOST {
            return Err(reason(format!("a call of one of {} functions runs in Python", items.len()), span));
        }
        let mut keys = Vec::new();
        for (key, _) in &items {
            match self.evaluator.lifted_constant(key) {
                Some(key @ (Expression::Str(_) | Expression::Int(_))) => keys.push(key),
                _ => return Err(reason("a call of a function by a key that is neither text nor a number", span)),
            }
        }
        let value = self.expr(index)?;
        let (held, value) = match is_simple(&value) {
            true => (None, value),
            false => {
                let held = self.fresh();
                (Some((held, value)), Expression::Local(held))
            }
        };
        // A key that isn't there raises before arguments are evaluated.
        let known = keys.iter().map(|key| (key.clone(), Expression::Bool(true))).collect();
        let there = Expression::Index(boxed(Expression::Dict(known)), boxed(value.clone()));
        let mut whole = None;
        for (key, (_, function)) in keys.into_iter().zip(&items).rev() {
            let name = match &key {
                Expression::Str(key) => key.clone(),
                _ => "a function in a dict".to_owned(),
            };
            let called = self.conditionally(|lift| lift.call_value(function, &name, site))?;
            whole = Some(match whole {
                None => called,
                Some(other) => {
                    let test = Expression::Compare(CompareOp::Eq, boxed(value.clone()), boxed(key));
                    Expression::If(boxed(test), boxed(called), boxed(other))
                }
            });
        }
        let whole = whole.ok_or_else(|| reason("a call of no function", span))?;
        let checked = Expression::Let(self.fresh(), boxed(there), boxed(whole));
        Ok(Some(match held {
            Some((held, value)) => Expression::Let(held, boxed(value), boxed(checked)),
            None => checked,
        }))
    }

    /// A container outside of the function, or an attribute, that stays what it is.
    fn known_container(&self, expr: &'a Expr) -> Lifted<Option<Value>> {
        let (value, title) = match &expr.kind {
            ExprKind::Name(name)
                if !self.is_local_name(name) && self.frame.scopes.iter().all(|scope| !scope.contains_key(name)) =>
            {
                match self.outside(name) {
                    names::Outside::Value(value, holder) => (value, holder),
                    _ => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        if !matches!(value, Value::Object(_) | Value::Tuple(_)) {
            return Ok(None);
        }
        if self.evaluator.may_change(&value) {
            self.stays(&value, &title, &[title.as_str()], expr.span, names::Use::Read)?;
        }
        Ok(Some(value))
    }

    /// The rounds of `for name, of in SCHEMA:`, where what it goes over holds functions or types.
    pub(super) fn loop_written_out(
        &mut self,
        target: &'a Expr,
        iter: &'a Expr,
        (body, orelse): (&'a [Stmt], &'a [Stmt]),
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<bool> {
        let (over, other) = match &iter.kind {
            ExprKind::Call { func, args, keywords }
                if matches!(&func.kind, ExprKind::Name(name) if name == "zip" && self.is_builtin(name))
                    && keywords.is_empty() =>
            {
                match args.as_slice() {
                    [over, other] => (over, Some(other)),
                    _ => return Ok(false),
                }
            }
            _ => (iter, None),
        };
        let Some(value) = self.known_container(over)? else { return Ok(false) };
        let items = match &value {
            Value::Tuple(items) => items.to_vec(),
            Value::Object(id) => match self.evaluator.heap.get(*id) {
                Object::List(items) => items.clone(),
                _ => return Ok(false),
            },
            _ => return Ok(false),
        };
        if self.evaluator.lifted_constant(&value).is_some() {
            return Ok(false);
        }
        if items.len() > MOST || !orelse.is_empty() || leaves_loop(body) {
            let message = "a loop over functions or types with `break`, `continue` or `else` runs in Python";
            return Err(reason(message, span));
        }
        let (target, second) = match (&target.kind, other) {
            (_, None) => (target, None),
            (ExprKind::Tuple(targets), Some(other)) if targets.len() == 2 => (&targets[0], Some((&targets[1], other))),
            _ => {
                return Err(reason("what a zip() of functions or types gives is taken apart, or runs in Python", span));
            }
        };
        let second = match second {
            Some((target, other)) => {
                let other = self.iterable(other)?;
                let all = Expression::Call(ir::Builtin::Tuple, vec![other]);
                Some((target, self.held(all, span, lifted)))
            }
            None => None,
        };
        let around = self.frame.functions.clone();
        for (at, item) in items.iter().enumerate() {
            let mut round = Vec::new();
            let done = self.looped(span, |lift| {
                lift.bind_known(target, item, span, &mut round)?;
                if let Some((target, all)) = &second {
                    let next = Expression::Index(boxed(all.clone()), boxed(Expression::Int(at as i64)));
                    lift.store(target, next, span, &mut round)?;
                }
                round.extend(lift.block(body)?);
                Ok(())
            });
            self.frame.functions.clone_from(&around);
            done?;
            match &second {
                Some((_, all)) => {
                    let length = Expression::Call(ir::Builtin::Len, vec![all.clone()]);
                    let test = Expression::Compare(CompareOp::Gt, boxed(length), boxed(Expression::Int(at as i64)));
                    self.emit(span, ir::StatementKind::If(vec![(test, round)], Vec::new()), lifted);
                }
                None => lifted.extend(round),
            }
        }
        Ok(true)
    }

    /// Binds names to what is known: constants to locals, functions and types to themselves.
    fn bind_known(&mut self, target: &'a Expr, value: &Value, span: Span, lifted: &mut Vec<Statement>) -> Lifted<()> {
        match (&target.kind, value) {
            (ExprKind::Name(name), _) => match self.evaluator.lifted_constant(value) {
                Some(constant) if !self.evaluator.may_change(value) => {
                    let local = self.target(target)?;
                    self.emit(span, ir::StatementKind::Assign(local, constant), lifted);
                    Ok(())
                }
                // Nobody else binds it: it is this function wherever it is read in the round.
                None if self.frame.provenance.times_bound(name) == 1 => {
                    self.frame.functions.insert(name.clone(), value.clone());
                    Ok(())
                }
                _ => Err(reason(format!("what {name} is, runs in Python; name it in another way"), target.span)),
            },
            (ExprKind::Tuple(targets) | ExprKind::List(targets), Value::Tuple(items))
                if targets.len() == items.len() =>
            {
                targets
                    .iter()
                    .zip(items.iter())
                    .try_for_each(|(target, item)| self.bind_known(target, item, span, lifted))
            }
            _ => Err(reason("this target runs in Python in a loop over functions or types", target.span)),
        }
    }
}

/// One round of a comprehension that is written out.
struct Round {
    names: BTreeMap<String, u32>,
    bound: Vec<(u32, Expression)>,
    functions: BTreeMap<String, Value>,
}

impl<'a> Lift<'_, 'a> {
    /// `[of(part) for (name, of), part in zip(SCHEMA, parts)]`, written out: for each round what it gives, as `each` lifts
    /// it, and from these the whole.
    pub(super) fn rounds(
        &mut self,
        generators: &'a [Comprehension],
        each: &mut dyn FnMut(&mut Self) -> Lifted<Vec<Expression>>,
        whole: impl FnOnce(Vec<Vec<Expression>>) -> Expression,
    ) -> Lifted<Option<Expression>> {
        let [Comprehension { target, iter, ifs, is_async: false }] = generators else { return Ok(None) };
        let (over, second) = match (&iter.kind, &target.kind) {
            (ExprKind::Call { func, args, keywords }, ExprKind::Tuple(targets))
                if matches!(&func.kind, ExprKind::Name(name) if name == "zip" && self.is_builtin(name))
                    && keywords.is_empty() =>
            {
                match (args.as_slice(), targets.as_slice()) {
                    ([over, other], [_, Expr { kind: ExprKind::Name(name), .. }]) => (over, Some((name, other))),
                    _ => return Ok(None),
                }
            }
            _ => (iter, None),
        };
        let first = match (&target.kind, second) {
            (ExprKind::Tuple(targets), Some(_)) => &targets[0],
            _ => target,
        };
        if !matches!(over.kind, ExprKind::Name(_)) || !ifs.is_empty() {
            return Ok(None);
        }
        let Some(value) = self.known_container(over)? else { return Ok(None) };
        let items = match &value {
            Value::Tuple(items) => items.to_vec(),
            Value::Object(id) => match self.evaluator.heap.get(*id) {
                Object::List(items) => items.clone(),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        if self.evaluator.lifted_constant(&value).is_some() || items.len() > MOST {
            return Ok(None);
        }
        let all = match second {
            Some((_, other)) => {
                let other = self.iterable(other)?;
                Some((self.fresh(), Expression::Call(ir::Builtin::Tuple, vec![other])))
            }
            None => None,
        };
        let around = self.frame.functions.clone();
        let mut given = Vec::new();
        let mut bound = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let mut round = Round { names: BTreeMap::new(), bound: Vec::new(), functions: around.clone() };
            self.round_names(first, item, &mut round)?;
            if let (Some((name, _)), Some((all, _))) = (second, &all) {
                let local = self.fresh();
                let part = Expression::Index(boxed(Expression::Local(*all)), boxed(Expression::Int(at as i64)));
                round.bound.push((local, part));
                round.names.insert(name.clone(), local);
            }
            self.frame.functions = round.functions;
            let lifted = self.scoped(round.names, |lift| each(lift));
            self.frame.functions.clone_from(&around);
            given.push(lifted?);
            bound.push(round.bound);
        }
        // What is bound in a round is bound before the first value that it gives.
        for (values, bound) in given.iter_mut().zip(bound) {
            if let Some(first) = values.first_mut() {
                let value = std::mem::replace(first, Expression::None);
                *first = bound
                    .into_iter()
                    .rev()
                    .fold(value, |value, (local, part)| Expression::Let(local, boxed(part), boxed(value)));
            }
        }
        let count = items.len() as i64;
        let whole = whole(given);
        Ok(Some(match all {
            // Of fewer parts it gives less: that is left to Python.
            Some((local, value)) => {
                let length = Expression::Call(ir::Builtin::Len, vec![Expression::Local(local)]);
                let test = Expression::Compare(CompareOp::Ge, boxed(length), boxed(Expression::Int(count)));
                let raise = Expression::Index(boxed(Expression::Tuple(Vec::new())), boxed(Expression::Int(0)));
                let whole = Expression::If(boxed(test), boxed(whole), boxed(raise));
                Expression::Let(local, boxed(value), boxed(whole))
            }
            None => whole,
        }))
    }

    fn round_names(&mut self, target: &'a Expr, value: &Value, round: &mut Round) -> Lifted<()> {
        match (&target.kind, value) {
            (ExprKind::Name(name), _) => {
                match self.evaluator.lifted_constant(value) {
                    Some(constant) if !self.evaluator.may_change(value) => {
                        let local = self.fresh();
                        round.bound.push((local, constant));
                        round.names.insert(name.clone(), local);
                    }
                    None => drop(round.functions.insert(name.clone(), value.clone())),
                    Some(_) => return Err(reason(format!("what {name} is, may change"), target.span)),
                }
                Ok(())
            }
            (ExprKind::Tuple(targets) | ExprKind::List(targets), Value::Tuple(items))
                if targets.len() == items.len() =>
            {
                targets.iter().zip(items.iter()).try_for_each(|(target, item)| self.round_names(target, item, round))
            }
            _ => Err(reason("this target runs in Python in a loop over functions or types", target.span)),
        }
    }
}

/// True for `break` and `continue` of the loop itself.
fn leaves_loop(block: &[Stmt]) -> bool {
    block.iter().any(|statement| match &statement.kind {
        StmtKind::Break | StmtKind::Continue => true,
        StmtKind::For { orelse, .. } | StmtKind::While { orelse, .. } => leaves_loop(orelse),
        _ => walk::blocks(statement).into_iter().any(leaves_loop),
    })
}
