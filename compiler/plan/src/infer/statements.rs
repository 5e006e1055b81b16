//! Statements.

use super::changing::has_containers;
use super::environment::Env;
use super::loops::{Order, Source};
use super::{Lowered, Lowering, Stop, Value};
use crate::exception::Exception;
use crate::ir::{BinaryOp, CompareOp, Expression, Statement, StatementKind, Target};
use crate::primitive::Primitive;
use crate::typed::{Expr, Kind, Label, Stmt, Why};
use crate::types::{Constant, Type};

impl<'a> Lowering<'a> {
    /// Up to where none goes on.
    pub(super) fn statements(&mut self, code: &'a [Statement]) -> Lowered<()> {
        for statement in code {
            if !self.env.reachable {
                break;
            }
            self.span = statement.span();
            self.out.push(Stmt::At(self.span));
            match self.statement(&statement.kind) {
                Ok(()) => {}
                Err(Stop::Dead) => self.env.reachable = false,
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    fn statement(&mut self, statement: &'a StatementKind) -> Lowered<()> {
        match statement {
            StatementKind::Assign(target, value) => {
                let value = self.value_or_popped(value)?;
                self.store(target, value)
            }
            StatementKind::If(ways, orelse) => self.branches(ways, orelse),
            StatementKind::While(test, body, orelse) => self.while_loop(test, body, orelse),
            StatementKind::For(target, over, body, orelse) => self.for_loop(target, over, body, orelse),
            StatementKind::Break => self.leave_loop(false),
            StatementKind::Continue => self.leave_loop(true),
            StatementKind::Return(value) => {
                let value = self.value_or_popped(value)?;
                self.give(value)
            }
            StatementKind::Collect(value) => {
                let value = self.value_or_popped(value)?;
                self.collect(value)
            }
            StatementKind::CollectEach(values) => self.collect_each(values),
            StatementKind::Evaluate(value) => {
                if self.changes_object(value)? {
                    return Ok(());
                }
                let value = self.value_or_popped(value)?;
                self.evaluate(value);
                Ok(())
            }
            StatementKind::Append(list, value) => {
                let [list, value] = self.pair(list, value)?;
                self.append(list, value)
            }
            StatementKind::Extend(list, values) => self.extend(list, values),
            StatementKind::SetItem(object, index, value) => {
                // Python evaluates the value first.
                let [value, changed, index] = self.operands([value, object, index])?;
                let changed = changed.unwrapped();
                match changed.of() {
                    Type::Row(_) => self.set_row_item(object, changed, index, value),
                    _ => self.set_item(changed, index, value),
                }
            }
            StatementKind::SetField(object, name, value, flat) => {
                // Python evaluates the value first.
                let [value, changed] = self.operands([value, object])?;
                if *flat && has_containers(value.of()) {
                    let (message, edit) = (
                        format!(
                            "`{name}` is set to a {} that may be held elsewhere, in an object whose lists or dicts are changed \
                         too",
                            value.of()
                        ),
                        "set a copy: `list(…)`, `dict(…)`",
                    );
                    return Err(self.refused(message, edit));
                }
                self.set_field(object, changed.unwrapped(), name, value)
            }
            StatementKind::SetAttribute(index, value) => {
                let value = self.expr(value)?;
                self.set_attribute(*index, value)
            }
            StatementKind::Raise => {
                Err(self.raises("it ends in an exception, always", "give a result on at least one way"))
            }
            StatementKind::Left(cause) => {
                let reason = cause.clone().at(self.span);
                self.raising.get_or_insert_with(|| reason.clone());
                Err(self.left(reason))
            }
            StatementKind::Throw(classes, arguments) => self.throw(classes, arguments),
            StatementKind::Try(body, handlers, orelse) => self.try_statement(body, handlers, orelse),
        }
    }

    /// Assigns to a target, which may take the value apart.
    pub(super) fn store(&mut self, target: &Target, value: Value) -> Lowered<()> {
        let targets = match target {
            Target::Local(local) => {
                self.assign(*local, value);
                return Ok(());
            }
            Target::Each(targets) => targets,
        };
        let parts = self.take_apart(value, targets.len())?;
        for (target, part) in targets.iter().zip(parts) {
            self.store(target, part)?;
        }
        Ok(())
    }

    /// So many parts of a value, as values that no assignment changes.
    fn take_apart(&mut self, value: Value, count: usize) -> Lowered<Vec<Value>> {
        let value = value.unwrapped().tupled();
        let sites = value.sites.clone();
        let wrong = format!("a {} is taken apart in {count}", value.of());
        let len = match value.of().clone() {
            Type::Tuple(fields) if fields.len() == count => {
                let fields = self.fields(value);
                return Ok(fields.into_iter().map(|field| self.hold(field)).collect());
            }
            Type::Tuple(_) => return Err(self.raises(wrong, "take it apart in as many names as it has parts")),
            Type::Row(fields) if fields.len() == count => {
                self.evaluate(value);
                return Ok(fields.iter().map(|(key, _)| Value::str(key.clone())).collect());
            }
            Type::Row(_) => return Err(self.raises(wrong, "take it apart in as many names as it has parts")),
            Type::List(_) | Type::TupleOf(_) => Primitive::ListLen,
            Type::Str => Primitive::StrLen,
            Type::Bytes => Primitive::BytesLen,
            Type::Dict(..) | Type::Set(_) | Type::Record(_) => {
                return Err(self.refused(wrong, "use a tuple or a list"));
            }
            _ => return Err(self.raises(wrong, "take it apart in as many names as it has parts")),
        };
        let value = self.hold(value);
        let found = Value::call(Type::Int, len, vec![value.clone()]);
        let raised = self.raised(Exception::Value);
        self.out.push(Stmt::If(equal(found, count as i64), Vec::new(), raised));
        let (get, of) = match value.of() {
            Type::List(of) | Type::TupleOf(of) => (Primitive::ListGet, (**of).clone()),
            Type::Str => (Primitive::StrIndex, Type::Str),
            _ => (Primitive::BytesIndex, Type::Int),
        };
        let mut parts = Vec::with_capacity(count);
        for index in 0..count {
            let mut part = Value::call(of.clone(), get.clone(), vec![value.clone(), Value::int(index as i64)]);
            part.sites.clone_from(&sites);
            let part = self.inhabited(part)?;
            parts.push(self.hold(part));
        }
        Ok(parts)
    }

    /// Goes on only if an Int is that one.
    pub(super) fn require_equal(&mut self, found: Value, expected: i64) {
        self.out.push(Stmt::If(equal(found, expected), Vec::new(), vec![Stmt::Bail(Why::Raises)]));
    }

    fn branches(&mut self, ways: &'a [(Expression, Vec<Statement>)], orelse: &'a [Statement]) -> Lowered<()> {
        let Some(((test, body), others)) = ways.split_first() else { return self.statements(orelse) };
        let test = self.condition(test)?;
        match test.known() {
            Some(true) => return self.statements(body),
            Some(false) => return self.branches(others, orelse),
            None => {}
        }
        let mut yes = self.way(self.env.clone(), |this| {
            this.learn(&test.yes);
            this.statements(body)
        })?;
        let mut no = self.way(self.env.clone(), |this| {
            this.learn(&test.no);
            this.branches(others, orelse)
        })?;
        self.meet(&mut yes, &mut no)?;
        self.out.push(Stmt::If(test.expr, yes.out, no.out));
        Ok(())
    }

    fn while_loop(&mut self, test: &'a Expression, body: &'a [Statement], orelse: &'a [Statement]) -> Lowered<()> {
        let (label, body) = self.turns(|this, exit| {
            let test = this.condition(test)?;
            let label = this.frame().loops.last().map_or(0, |innermost| innermost.label);
            if test.known() == Some(true) {
                this.statements(body)?;
                let mut ends = this.env.clone();
                ends.reachable = false;
                return Ok(ends);
            }
            let yes = this.way(this.env.clone(), |this| {
                this.learn(&test.yes);
                match test.known() {
                    Some(false) => Err(Stop::Dead),
                    _ => this.statements(body),
                }
            })?;
            let yes_env = if test.known() == Some(false) { unreachable_from(&yes.env) } else { yes.env.clone() };
            let (no, ends) = this.behind_loop(&test.no, orelse, exit, Some(label))?;
            this.out.push(Stmt::If(test.expr, yes.out, no));
            this.env = yes_env;
            Ok(ends)
        })?;
        self.out.push(Stmt::Loop(label, body));
        Ok(())
    }

    /// The `else` of a loop, and how it ends. It isn't part of the loop: a `break` in it leaves the next one.
    fn behind_loop(
        &mut self,
        facts: &[super::environment::Fact],
        orelse: &'a [Statement],
        exit: Option<&Env>,
        leaves: Option<Label>,
    ) -> Lowered<(Vec<Stmt>, Env)> {
        let innermost = self.frame().loops.pop();
        let way = self.way(self.env.clone(), |this| {
            this.learn(facts);
            this.statements(orelse)
        });
        self.frame().loops.extend(innermost);
        let mut way = way?;
        if let Some(exit) = exit {
            way.out.extend(self.moves(&way.env, exit)?);
        }
        if way.env.reachable {
            way.out.extend(leaves.map(Stmt::Leave));
        }
        Ok((way.out, way.env))
    }

    fn for_loop(
        &mut self,
        target: &'a Target,
        iterable: &'a Expression,
        body: &'a [Statement],
        orelse: &'a [Statement],
    ) -> Lowered<()> {
        let guarded = super::mutation::changes_dicts(body);
        let over = match self.source(iterable, Order { guarded, ..Order::default() })? {
            Source::Loop(over) => *over,
            Source::Values(values) if leaves(body) => match self.uniform(values) {
                Ok(Source::Loop(over)) => *over,
                _ => {
                    return Err(
                        self.refused("a loop over values of different types has a break or continue", "use one type")
                    );
                }
            },
            Source::Values(values) => {
                return self.going_over(iterable, |this| this.unrolled(target, values, body, orelse));
            }
            Source::Comprehension(..) => {
                let list = self.expr(iterable)?;
                self.loop_over(list)?
            }
        };
        let mut ended = |this: &mut Self, exit: Option<&Env>| this.behind_loop(&[], orelse, exit, None);
        self.going_over(iterable, |this| {
            this.for_each(over, &mut ended, &mut |this, value| {
                this.store(target, value)?;
                this.statements(body)
            })
        })
    }

    /// A loop over values of different types: its body for each of them.
    fn unrolled(
        &mut self,
        target: &'a Target,
        values: Vec<Value>,
        body: &'a [Statement],
        orelse: &'a [Statement],
    ) -> Lowered<()> {
        for value in values {
            if self.env.reachable {
                self.store(target, value)?;
                self.statements(body)?;
            }
        }
        self.statements(orelse)
    }

    fn collect(&mut self, value: Value) -> Lowered<()> {
        let old = self.cells.collects();
        let Some(joined) = self.join((&old, &Default::default()), (value.of(), &value.sites))? else {
            return Err(self.refused(format!("it collects a {old} and a {}", value.of()), "collect values of one type"));
        };
        if self.cells.collect(joined.clone()) {
            return Err(Stop::Again);
        }
        let value = self.coerce(value, &joined)?;
        self.out.push(Stmt::Collect(value.expr));
        Ok(())
    }

    fn collect_each(&mut self, values: &'a Expression) -> Lowered<()> {
        let found = match values {
            Expression::Comprehension(..) | Expression::Call(..) | Expression::Tuple(_) | Expression::List(_) => {
                return self.each(values, Order::default(), &mut |this, value| this.collect(value));
            }
            _ => self.expr(values)?,
        };
        match found.of() {
            Type::None => {
                self.evaluate(found);
                Ok(())
            }
            Type::Optional(_) => {
                let found = self.hold(found);
                let none = Expr { of: Type::Bool, kind: Kind::IsNone(Box::new(found.expr.clone())) };
                let mut some = self.way(self.env.clone(), |this| this.collect_values(found.unwrapped()))?;
                let mut nothing = self.way(self.env.clone(), |_| Ok(()))?;
                self.meet(&mut some, &mut nothing)?;
                self.out.push(Stmt::If(none, nothing.out, some.out));
                Ok(())
            }
            _ => self.collect_values(found),
        }
    }

    fn collect_values(&mut self, values: Value) -> Lowered<()> {
        self.each_value(values, &mut |this, value| this.collect(value))
    }

    fn set_attribute(&mut self, index: u32, value: Value) -> Lowered<()> {
        let initial = self.attribute_type(index)?;
        let cell = self.cells.attribute(index, initial);
        let value = self.as_cell(cell, &Default::default(), value, "an attribute holds")?;
        self.out.push(Stmt::SetAttribute(index, value.expr));
        Ok(())
    }

    fn attribute_type(&mut self, index: u32) -> Lowered<Type> {
        match self.attributes.get(index as usize).and_then(Constant::of) {
            Some(of) => Ok(of),
            None => Err(self.refused("an attribute holds values of different types", "use one type")),
        }
    }

    pub(super) fn attribute(&mut self, index: u32) -> Lowered<Value> {
        let initial = self.attribute_type(index)?;
        if self.changed.get(index as usize) == Some(&true) {
            let cell = self.cells.attribute(index, initial);
            return Ok(Value::new(self.cells.of(cell), Kind::Attribute(index)));
        }
        Ok(Value::new(initial, Kind::Constant(self.attributes[index as usize].clone())))
    }

    /// `+=`, and `extend` of lists.
    fn extend(&mut self, list: &'a Expression, values: &'a Expression) -> Lowered<()> {
        let target = self.expr(list)?;
        if matches!(target.of(), Type::List(_)) {
            let target = self.hold(target);
            return self.extend_list(target, values);
        }
        // Whether it is a list is known only now: anything else is a sum that gets the variable's name.
        let Expression::Local(local) = list else {
            return Err(self.refused(format!("a {} is extended", target.of()), "use a list"));
        };
        let target = self.hold(target);
        let value = self.expr(values)?;
        let sum = self.binary(BinaryOp::Add, target, value)?;
        self.assign(*local, sum);
        Ok(())
    }
}

/// Whether an Int is that one.
fn equal(found: Value, expected: i64) -> Expr {
    let equal = Kind::Compare(CompareOp::Eq, Box::new(found.expr), Box::new(Value::int(expected).expr));
    Expr { of: Type::Bool, kind: equal }
}

fn unreachable_from(env: &Env) -> Env {
    Env { reachable: false, ..env.clone() }
}

/// Whether a loop's own body leaves it, or begins its next turn.
fn leaves(code: &[Statement]) -> bool {
    code.iter().any(|statement| match &statement.kind {
        StatementKind::Break | StatementKind::Continue => true,
        StatementKind::If(ways, orelse) => ways.iter().any(|(_, body)| leaves(body)) || leaves(orelse),
        StatementKind::While(_, _, orelse) | StatementKind::For(_, _, _, orelse) => leaves(orelse),
        StatementKind::Try(body, handlers, orelse) => {
            leaves(body) || handlers.iter().any(|handler| leaves(&handler.body)) || leaves(orelse)
        }
        _ => false,
    })
}
