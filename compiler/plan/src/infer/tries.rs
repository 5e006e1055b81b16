//! `try` and `except`.
//!
//! An operation that may raise within a `try` is evaluated where it stands in Python's order, as a statement of its own:
//! what was assigned, appended or collected before it is all that its handler sees. Only such statements go to a handler
//! ([`Stmt::Try`]); whatever else bails, as does what no handler catches.
//!
//! A handler is reached from several points with locals in different slots. Each of these points has a label, behind whose
//! block they are brought into the form that the handler has them in.

use super::environment::Env;
use super::{Lowered, Lowering, Value};
use crate::exception::{Exception, ancestors};
use crate::ir::{Body, Expression, Handler, Statement, StatementKind};
use crate::typed::{Expr, Kind, Label, Stmt, Why};
use crate::types::Type;

/// A `try` whose body is walked.
pub(super) struct Try {
    /// How many functions are around it.
    depth: usize,
    /// What each handler catches, and whether it leaves that to CPython.
    handlers: Vec<(Option<Vec<String>>, bool)>,
    points: Vec<Point>,
    /// What its function's locals are while another function that it calls is walked.
    suspended: Option<Env>,
}

/// Where exceptions come from.
struct Point {
    handler: usize,
    env: Env,
    label: Label,
}

impl<'a> Lowering<'a> {
    pub(super) fn try_statement(
        &mut self,
        body: &'a [Statement],
        handlers: &'a [Handler],
        orelse: &'a [Statement],
    ) -> Lowered<()> {
        let catches: Vec<_> =
            handlers.iter().map(|handler| (handler.classes.clone(), !self.handles || handler.bails())).collect();
        let depth = self.frames.len();
        let bails = catches.iter().all(|(_, bails)| *bails);
        self.tries.push(Try { depth, handlers: catches, points: Vec::new(), suspended: None });
        if bails {
            let body = self.statements(body);
            self.tries.pop();
            body?;
            return self.statements(orelse);
        }
        let body = self.way(self.env.clone(), |this| this.statements(body))?;
        let points = self.tries.pop().map_or(Vec::new(), |ended| ended.points);
        let mut main = self.way(body.env.clone(), |this| this.statements(orelse))?;
        let mut reached = Vec::new();
        labels(&body.out, &mut reached);
        main.out.splice(0..0, body.out);

        let mut ways = Vec::new();
        let mut moves = Vec::new();
        for (at, handler) in handlers.iter().enumerate() {
            // Walks of loops that were done again have left points that nothing comes from.
            let points: Vec<&Point> =
                points.iter().filter(|point| point.handler == at && reached.contains(&point.label)).collect();
            let env = self.merge(&points.iter().map(|point| &point.env).collect::<Vec<_>>())?;
            if !env.reachable {
                continue;
            }
            let label = self.label();
            for point in points {
                let mut code = self.moves(&point.env, &env)?;
                code.push(Stmt::Leave(label));
                moves.push((point.label, code));
            }
            ways.push((label, self.way(env, |this| this.statements(&handler.body))?));
        }
        let envs: Vec<&Env> = std::iter::once(&main.env).chain(ways.iter().map(|(_, way)| &way.env)).collect();
        let merged = self.merge(&envs)?;
        let end = self.label();
        for way in std::iter::once(&mut main).chain(ways.iter_mut().map(|(_, way)| way)) {
            way.out.extend(self.moves(&way.env, &merged)?);
            if way.env.reachable {
                way.out.push(Stmt::Leave(end));
            }
        }
        let mut code = main.out;
        let behind = moves.into_iter().chain(ways.into_iter().map(|(label, way)| (label, way.out)));
        for (label, behind) in behind {
            code = std::iter::once(Stmt::Block(label, code)).chain(behind).collect();
        }
        self.out.push(Stmt::Block(end, code));
        self.env = merged;
        Ok(())
    }

    /// `raise`.
    pub(super) fn throw(&mut self, classes: &[String], arguments: &'a [Expression]) -> Lowered<()> {
        let classes: Vec<&str> = classes.iter().map(String::as_str).collect();
        if self.caught(&classes).is_none() {
            return Err(self.raises("it ends in an exception, always", "give a result on at least one way"));
        }
        for argument in arguments {
            let value = self.expr(argument)?;
            self.evaluate(value);
        }
        let Some(label) = self.caught(&classes) else { return Err(self.bail(Why::Raises)) };
        self.out.push(Stmt::Leave(label));
        self.env.reachable = false;
        Ok(())
    }

    /// What Python does where it raises such an exception here.
    pub(super) fn raised(&mut self, exception: Exception) -> Vec<Stmt> {
        vec![match self.catches(exception) {
            Some(label) => Stmt::Leave(label),
            None => Stmt::Bail(Why::Raises),
        }]
    }

    /// Within a `try`, evaluates here what may raise.
    pub(super) fn in_order(&mut self, value: Value) -> Value {
        if !self.is_watched() || !value.expr.may_bail(&[]) {
            return value;
        }
        let caught = self.caught_in(&value.expr);
        self.within(caught, |this| this.hold(value))
    }

    /// Exceptions in which evaluating it here may end and that are caught, and where they go.
    pub(super) fn caught_in(&mut self, expr: &Expr) -> Vec<(Exception, Label)> {
        let mut exceptions = Vec::new();
        if self.is_watched() {
            raises(expr, &mut exceptions);
        }
        exceptions.into_iter().filter_map(|of| Some((of, self.catches(of)?))).collect()
    }

    /// Emits statements in which these are caught.
    pub(super) fn within<T>(&mut self, caught: Vec<(Exception, Label)>, emit: impl FnOnce(&mut Self) -> T) -> T {
        let at = self.out.len();
        let value = emit(self);
        if !caught.is_empty() {
            let code = self.out.split_off(at);
            self.out.push(Stmt::Try(caught, code));
        }
        value
    }

    /// What an attribute or method is looked up in: not None, which has none.
    pub(super) fn receiver(&mut self, object: Value) -> Value {
        if !self.is_watched() || !matches!(object.of(), Type::Optional(_)) {
            return object.unwrapped();
        }
        let object = self.hold(object);
        let none = Expr { of: Type::Bool, kind: Kind::IsNone(Box::new(object.expr.clone())) };
        let raised = self.raised(Exception::Attribute);
        self.out.push(Stmt::If(none, raised, Vec::new()));
        object.unwrapped()
    }

    /// Remembers what the locals of the function that is walked are, as another one is about to be.
    pub(super) fn suspend_tries(&mut self) {
        let depth = self.frames.len();
        for of in self.tries.iter_mut().filter(|of| of.depth == depth) {
            of.suspended = Some(self.env.clone());
        }
    }

    /// Whether a handler may see in what order things are done.
    pub(super) fn is_watched(&self) -> bool {
        self.tries.iter().any(|of| of.handlers.iter().any(|(_, bails)| !bails))
    }

    fn catches(&mut self, exception: Exception) -> Option<Label> {
        self.caught(&ancestors(exception.name()).unwrap_or_default())
    }

    /// Where an exception of a class goes from here; `None` if CPython has to do it.
    fn caught(&mut self, classes: &[&str]) -> Option<Label> {
        let fits = |(names, _): &(Option<Vec<String>>, bool)| match names {
            Some(names) => names.iter().any(|name| classes.contains(&name.as_str())),
            None => true,
        };
        let (at, handler) =
            (0..self.tries.len()).rev().find_map(|at| Some((at, self.tries[at].handlers.iter().position(fits)?)))?;
        let depth = self.frames.len();
        let of = &self.tries[at];
        if of.handlers[handler].1 {
            return None;
        }
        let env = if of.depth == depth { self.env.clone() } else { of.suspended.clone()? };
        let known = of.points.iter().find(|point| point.handler == handler && point.env == env);
        if let Some(point) = known {
            return Some(point.label);
        }
        let label = self.label();
        self.tries[at].points.push(Point { handler, env, label });
        Some(label)
    }
}

/// Exceptions of known classes that evaluating it may end in.
fn raises(expr: &Expr, found: &mut Vec<Exception>) {
    found.extend(expr.raises().filter(|of| !found.contains(of)));
    expr.operands(&mut |operand| raises(operand, found));
}

/// The labels to which code goes.
fn labels(code: &[Stmt], found: &mut Vec<Label>) {
    for statement in code {
        match statement {
            Stmt::Leave(label) => found.push(*label),
            Stmt::Try(caught, body) => {
                found.extend(caught.iter().map(|(_, label)| *label));
                labels(body, found);
            }
            Stmt::If(test, yes, no) => {
                test.blocks(&mut |code| labels(code, found));
                labels(yes, found);
                labels(no, found);
            }
            Stmt::Loop(_, body) | Stmt::Block(_, body) => labels(body, found),
            Stmt::For(of) => {
                of.over.expressions(&mut |value| value.blocks(&mut |code| labels(code, found)));
                labels(&of.body, found);
                labels(&of.orelse, found);
            }
            Stmt::Assign(_, value)
            | Stmt::Evaluate(value)
            | Stmt::Append(_, value)
            | Stmt::Collect(value)
            | Stmt::SetAttribute(_, value) => value.blocks(&mut |code| labels(code, found)),
            Stmt::At(_) | Stmt::Continue(_) | Stmt::Bail(_) | Stmt::Left(_) => {}
        }
    }
}

/// Whether a body has handlers that are compiled.
pub(super) fn has_handlers(body: &Body) -> bool {
    handles(&body.code) || body.functions.iter().any(|function| handles(&function.code))
}

fn handles(code: &[Statement]) -> bool {
    code.iter().any(|statement| match &statement.kind {
        StatementKind::Try(body, handlers, orelse) => {
            handlers.iter().any(|handler| !handler.bails() || handles(&handler.body))
                || handles(body)
                || handles(orelse)
        }
        StatementKind::If(ways, orelse) => ways.iter().any(|(_, body)| handles(body)) || handles(orelse),
        StatementKind::While(_, body, orelse) | StatementKind::For(_, _, body, orelse) => {
            handles(body) || handles(orelse)
        }
        _ => false,
    })
}
