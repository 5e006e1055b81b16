//! Statements.

use super::branch::{Eval, Flow, Point, Raised, Stop};
use super::call::Arguments;
use super::expr::Truth;
use super::value::{Object, Opaque, Value};
use super::{Evaluator, LONGEST};
use crate::syntax::ast::*;
use pyflink_plan::Span;

/// What a loop goes over.
pub enum Items {
    Known(Vec<Value>),
    /// Only a run can tell; what each item is then.
    Opaque(Opaque),
}

impl<'a> Evaluator<'a> {
    pub fn block(&mut self, body: &'a [Stmt]) -> Eval<Flow> {
        for statement in body {
            match self.statement(statement)? {
                Flow::Normal => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Normal)
    }

    fn statement(&mut self, statement: &'a Stmt) -> Eval<Flow> {
        self.step(statement.span)?;
        match &statement.kind {
            StmtKind::FunctionDef(function) => self.define_function(function)?,
            StmtKind::ClassDef(class) => self.define_class(class)?,
            StmtKind::Return(value) => {
                let value = match value {
                    Some(value) => self.expr(value)?,
                    None => Value::None,
                };
                return Ok(Flow::Return(value));
            }
            StmtKind::Delete(targets) => targets.iter().try_for_each(|target| self.delete(target))?,
            StmtKind::Assign { targets, value } => {
                let value = self.expr(value)?;
                targets.iter().try_for_each(|target| self.assign(target, value.clone()))?;
            }
            StmtKind::AugAssign { target, op, value } => self.augmented(target, *op, value, statement.span)?,
            StmtKind::AnnAssign { target, value, .. } => {
                if let Some(value) = value {
                    let value = self.expr(value)?;
                    self.assign(target, value)?;
                }
            }
            StmtKind::For { target, iter, body, orelse, is_async } => {
                return self.for_loop(target, iter, body, orelse, *is_async);
            }
            StmtKind::While { test, body, orelse } => return self.while_loop(test, body, orelse, statement.span),
            StmtKind::If { test, body, orelse } => {
                return match self.test(test)? {
                    Truth::Known(true) => self.block(body),
                    Truth::Known(false) => self.block(orelse),
                    Truth::Opaque(point) => self.branch(point, |e| e.block(body), |e| e.block(orelse)),
                };
            }
            StmtKind::With { items, body, .. } => return self.with(items, body),
            StmtKind::Match { subject, cases } => {
                let subject_value = self.expr(subject)?;
                return self.match_cases(&subject_value, cases);
            }
            StmtKind::Raise { exc, .. } => return Err(self.raise(exc.as_ref(), statement.span)?),
            StmtKind::Try { body, handlers, orelse, finalbody } => {
                return self.try_statement(body, handlers, orelse, finalbody, statement.span);
            }
            StmtKind::Assert { test, msg } => {
                if let Truth::Known(false) = self.test(test)? {
                    let message = match msg {
                        Some(msg) => {
                            let value = self.expr(msg)?;
                            self.display(&value).unwrap_or_default()
                        }
                        None => String::new(),
                    };
                    return Err(self.exception("AssertionError", message, test.span));
                }
            }
            StmtKind::Import(aliases) => self.import(aliases)?,
            StmtKind::ImportFrom { module, names, level } => {
                self.import_from(module.as_ref(), names, *level, statement.span)?;
            }
            StmtKind::Expr(value) => drop(self.expr(value)?),
            StmtKind::TypeAlias { name, value } => {
                let value = self.opaque(value.span);
                self.assign_name(&name.name, value);
            }
            StmtKind::Pass | StmtKind::Global(_) | StmtKind::Nonlocal(_) => {}
            StmtKind::Break => return Ok(Flow::Break),
            StmtKind::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Normal)
    }

    fn for_loop(
        &mut self,
        target: &'a Expr,
        iter: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
        is_async: bool,
    ) -> Eval<Flow> {
        let iterable = self.expr(iter)?;
        let items =
            if is_async { Items::Opaque(self.fresh_opaque(iter.span)) } else { self.items(&iterable, iter.span)? };
        match items {
            Items::Known(items) => {
                let base = self.pending_base();
                let mut end = Ok(Flow::Normal);
                for item in items {
                    self.step(iter.span)?;
                    self.assign(target, item)?;
                    let flow = self.block(body);
                    end = self.resolve(base, flow, |flow| matches!(flow, Flow::Normal | Flow::Continue));
                    if !matches!(end, Ok(Flow::Normal | Flow::Continue)) {
                        break;
                    }
                }
                self.after_loop(base, end, orelse)
            }
            Items::Opaque(opaque) => {
                let flow = self.any_number_of_times(iter.span, |e| {
                    let item = e.derive(opaque, "item", iter.span);
                    e.assign(target, Value::Opaque(item))?;
                    e.block(body)
                })?;
                if flow == Flow::Normal { self.block(orelse) } else { Ok(flow) }
            }
        }
    }

    fn while_loop(&mut self, test: &'a Expr, body: &'a [Stmt], orelse: &'a [Stmt], span: Span) -> Eval<Flow> {
        let base = self.pending_base();
        let mut end = Ok(Flow::Normal);
        loop {
            self.step(span)?;
            match self.test(test)? {
                Truth::Known(false) => break,
                Truth::Known(true) => {}
                Truth::Opaque(_) => {
                    let flow = self.any_number_of_times(test.span, |e| {
                        e.expr(test)?;
                        e.block(body)
                    })?;
                    end = Ok(flow);
                    break;
                }
            }
            let flow = self.block(body);
            // A side that leaves an endless loop by `break` is where it goes on.
            end = self.resolve(base, flow, |flow| matches!(flow, Flow::Normal | Flow::Continue));
            if !matches!(end, Ok(Flow::Normal | Flow::Continue)) {
                break;
            }
            if self.pending_base() > base && self.is_endless(test) {
                // Some side left, which only a run can tell; further rounds bring nothing new but the same question.
                return self.leave_endless(base, test, body, orelse);
            }
        }
        self.after_loop(base, end, orelse)
    }

    fn is_endless(&self, test: &Expr) -> bool {
        matches!(&test.kind, ExprKind::Constant(Constant::Bool(true) | Constant::Int(_)))
    }

    /// `while True:` with an exit that is opaque: it runs any number of times.
    fn leave_endless(&mut self, base: usize, test: &'a Expr, body: &'a [Stmt], orelse: &'a [Stmt]) -> Eval<Flow> {
        let flow = self.any_number_of_times(test.span, |e| e.block(body));
        self.after_loop(base, flow.map(|flow| if flow == Flow::Normal { Flow::Break } else { flow }), orelse)
    }

    fn after_loop(&mut self, base: usize, end: Eval<Flow>, orelse: &'a [Stmt]) -> Eval<Flow> {
        let end = match end {
            Ok(Flow::Normal | Flow::Continue) => self.block(orelse),
            other => other,
        };
        let flow = self.resolve(base, end, |flow| matches!(flow, Flow::Normal | Flow::Break | Flow::Continue))?;
        Ok(match flow {
            Flow::Return(value) => Flow::Return(value),
            _ => Flow::Normal,
        })
    }

    /// What is in an iterable.
    pub fn items(&mut self, iterable: &Value, span: Span) -> Eval<Items> {
        Ok(match self.elements(iterable, span)? {
            Some(items) if items.len() <= LONGEST => Items::Known(items),
            _ => {
                let stream = self.bears_stream(iterable);
                let opaque = match iterable {
                    Value::Opaque(opaque) => self.derive(*opaque, "iter", span),
                    _ => self.fresh_opaque(span),
                };
                self.may_raise += 1;
                Items::Opaque(Opaque { stream: opaque.stream || stream, ..opaque })
            }
        })
    }

    fn with(&mut self, items: &'a [WithItem], body: &'a [Stmt]) -> Eval<Flow> {
        let mut contexts = Vec::new();
        for item in items {
            let context = self.expr(&item.context)?;
            let entered = match self.special(&context, "__enter__") {
                Some(enter) => self.call(&enter, Arguments::default(), item.context.span)?,
                None => match &context {
                    Value::Opaque(opaque) => {
                        self.may_raise += 1;
                        Value::Opaque(self.derive(*opaque, "enter", item.context.span))
                    }
                    _ => self.opaque(item.context.span),
                },
            };
            if let Some(target) = &item.target {
                self.assign(target, entered)?;
            }
            contexts.push((context, item.context.span));
        }
        let flow = self.block(body);
        for (context, span) in contexts.into_iter().rev() {
            if flow.is_ok()
                && let Some(exit) = self.special(&context, "__exit__")
            {
                let arguments = Arguments::positional(vec![Value::None, Value::None, Value::None]);
                self.call(&exit, arguments, span)?;
            }
        }
        flow
    }

    /// The exception that a `raise` statement raises.
    fn raise(&mut self, exc: Option<&'a Expr>, span: Span) -> Eval<Stop> {
        let Some(exc) = exc else {
            let value = self.opaque(span);
            return Ok(Stop::Raise(Box::new(Raised { classes: Vec::new(), value, message: String::new(), span })));
        };
        let mut value = self.expr(exc)?;
        let is_class = match &value {
            Value::Builtin(_) | Value::ApiClass(_) => true,
            Value::Object(id) => matches!(self.heap.get(*id), Object::Class(_)),
            _ => false,
        };
        if is_class {
            value = self.call(&value, Arguments::default(), exc.span)?;
        }
        Ok(self.raised(value, exc.span))
    }

    /// A stop for an exception object.
    pub fn raised(&mut self, value: Value, span: Span) -> Stop {
        let (classes, message) = match &value {
            Value::Object(id) => match self.heap.get(*id) {
                Object::Instance(instance) => {
                    let args = instance.attributes.get("args").cloned();
                    let class = instance.class.clone();
                    let message = match args {
                        Some(Value::Tuple(items)) if items.len() == 1 => self.display(&items[0]).unwrap_or_default(),
                        _ => String::new(),
                    };
                    (self.class_names(&class), message)
                }
                _ => (Vec::new(), String::new()),
            },
            _ => (Vec::new(), String::new()),
        };
        Stop::Raise(Box::new(Raised { classes, value, message, span }))
    }

    /// A stop for a builtin exception that Python itself would raise here.
    pub fn exception(&mut self, class: &'static str, message: impl Into<String>, span: Span) -> Stop {
        let message = message.into();
        let value = self.builtin_exception(class, vec![Value::str(&message)]);
        let classes = self.class_names(&Value::Builtin(class));
        Stop::Raise(Box::new(Raised { classes, value, message, span }))
    }

    fn try_statement(
        &mut self,
        body: &'a [Stmt],
        handlers: &'a [ExceptHandler],
        orelse: &'a [Stmt],
        finalbody: &'a [Stmt],
        span: Span,
    ) -> Eval<Flow> {
        let before = self.heap.clone();
        let may_raise = self.may_raise;
        let frames = self.frames.len();
        let base = self.pending_base();
        let end = match self.block(body) {
            Err(Stop::Raise(raised)) => {
                self.frames.truncate(frames);
                self.handle(handlers, raised, base)
            }
            Ok(flow) if self.may_raise != may_raise && !handlers.is_empty() => {
                let point = Point::at(Span { end: span.start + 3, ..span });
                let after = self.heap.clone();
                self.branch(
                    point,
                    |e| {
                        e.heap = after;
                        if flow == Flow::Normal { e.block(orelse) } else { Ok(flow) }
                    },
                    |e| {
                        // Ids that the body gave out stay given.
                        e.heap = before;
                        e.any_handler(handlers, span)
                    },
                )
            }
            Ok(Flow::Normal) => self.block(orelse),
            other => other,
        };
        match &end {
            Err(Stop::Fork | Stop::Limit) => return end,
            _ if finalbody.is_empty() => return end,
            _ => {}
        }
        match self.block(finalbody)? {
            Flow::Normal => end,
            flow => Ok(flow),
        }
    }

    /// Runs the handler that catches an exception.
    fn handle(&mut self, handlers: &'a [ExceptHandler], raised: Box<Raised>, base: usize) -> Eval<Flow> {
        for handler in handlers {
            let catches = match &handler.exc_type {
                None => true,
                Some(class) => {
                    let class = self.expr(class)?;
                    self.catches(&class, &raised)
                }
            };
            if catches {
                if let Some(name) = &handler.name {
                    self.assign_name(&name.name, raised.value.clone());
                }
                return self.block(&handler.body);
            }
        }
        // Another side of a branch in the body may still get through.
        self.resolve(base, Err(Stop::Raise(raised)), |_| false)
    }

    fn catches(&mut self, class: &Value, raised: &Raised) -> bool {
        match class {
            Value::Tuple(classes) => classes.iter().any(|class| self.catches(class, raised)),
            Value::Opaque(_) => true,
            _ => {
                let names = self.class_names(class);
                raised.classes.is_empty() || names.first().is_some_and(|name| raised.classes.contains(name))
            }
        }
    }

    /// Runs each handler as one that may catch something.
    fn any_handler(&mut self, handlers: &'a [ExceptHandler], span: Span) -> Eval<Flow> {
        let [handler, rest @ ..] = handlers else {
            let value = self.opaque(span);
            return Err(self.raised(value, span));
        };
        let run = |e: &mut Self| {
            if let Some(name) = &handler.name {
                let value = e.opaque(handler.span);
                e.assign_name(&name.name, value);
            }
            e.block(&handler.body)
        };
        if rest.is_empty() {
            return run(self);
        }
        let point = Point::at(Span { end: handler.span.start + 6, ..handler.span });
        self.branch(point, run, |e| e.any_handler(rest, span))
    }
}
