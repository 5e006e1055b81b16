//! `try`, `except` and `raise`.
//!
//! A handler sees how far the statements before it got. So what is guarded must do its parts in Python's order; statements
//! that are lifted to something else (`exact.rs` says which aren't) stand in a `try` that leaves each exception to CPython,
//! as do handlers that can't be lifted.

use super::*;
use pyflink_plan::exception::{ancestors, takes_anything};
use pyflink_plan::ir::{Handler, StatementKind as Kind};

/// How far the lift is: what a part that can't be lifted has begun is taken back.
struct Mark {
    attributes: usize,
    functions: usize,
    known: BTreeMap<(Span, String), u32>,
    records: BTreeSet<ObjectId>,
    scopes: Vec<BTreeMap<String, u32>>,
    nested: Vec<String>,
    around: Option<Span>,
    conditional: u32,
}

impl<'a> Lift<'_, 'a> {
    pub(super) fn try_statement(&mut self, stmt: &'a Stmt, lifted: &mut Vec<Statement>) -> Lifted<()> {
        let StmtKind::Try { body, handlers, orelse, finalbody } = &stmt.kind else { return Ok(()) };
        let span = stmt.span;
        let is_idle = finalbody.iter().all(|statement| {
            matches!(&statement.kind, StmtKind::Pass | StmtKind::Expr(Expr { kind: ExprKind::Constant(_), .. }))
        });
        if !is_idle && (leaves(finalbody) || leaves(body) || leaves(orelse)) {
            return Err(reason(
                "`finally` with a way out of it runs in Python",
                "write what it does behind the `try`",
                span,
            ));
        }
        let body = self.block(body)?;
        let handlers: Vec<Handler> = handlers.iter().map(|handler| self.handler(handler, is_idle)).collect();
        let orelse = self.block(orelse)?;
        let mut code = match handlers.iter().all(Handler::bails) {
            // Nothing around may catch what these do.
            true if !handlers.is_empty() && self.catches => {
                let mut code = vec![statement(span, Kind::Try(body, handlers, Vec::new()))];
                code.extend(orelse);
                code
            }
            true => body.into_iter().chain(orelse).collect(),
            false => vec![statement(span, Kind::Try(body, handlers, orelse))],
        };
        if !is_idle {
            // What gets past it does so behind its `finally`.
            self.left_to_python(span, &mut code, 0);
            code.extend(self.block(finalbody)?);
        }
        lifted.append(&mut code);
        Ok(())
    }

    fn handler(&mut self, handler: &'a ExceptHandler, may_leave: bool) -> Handler {
        let raise = || vec![statement(handler.span, Kind::Raise)];
        let classes = match &handler.exc_type {
            None => None,
            Some(of) => {
                let mut names = Vec::new();
                match self.caught_names(of, &mut names) {
                    Some(()) => Some(names),
                    // It may be anything that it catches.
                    None => return Handler { classes: None, body: raise() },
                }
            }
        };
        let is_left = (!may_leave && leaves(&handler.body))
            || handler.name.as_ref().is_some_and(|name| !self.is_only_named(&name.name))
            // The end of a generator function comes to it as an exception.
            || (self.frame.is_generator && classes.as_ref().is_none_or(|names| names.iter().any(|name| name == "BaseException" || name == "GeneratorExit")));
        if is_left {
            return Handler { classes, body: raise() };
        }
        let mark = self.mark();
        let body = self.block(&handler.body).unwrap_or_else(|_| {
            self.back_to(mark);
            raise()
        });
        Handler { classes, body }
    }

    /// True if a name stands for exceptions in handlers only, and nothing looks at them.
    fn is_only_named(&self, name: &str) -> bool {
        let code = &self.evaluator.codes[self.frame.function.code.0 as usize];
        let (Source::Block(block), false) = (code.body, self.frame.is_inside) else { return false };
        let (mut is_read, mut handlers) = (false, 0);
        walk::every_expr(block, &mut |expr| is_read |= matches!(&expr.kind, ExprKind::Name(read) if read == name));
        walk::statements(block, &mut |statement| {
            if let StmtKind::Try { handlers: all, .. } = &statement.kind {
                handlers += all.iter().filter(|of| of.name.as_ref().is_some_and(|of| of.name == name)).count();
            }
        });
        let is_parameter = code.params.all().any(|parameter| parameter.name.name == name);
        !is_read && !is_parameter && self.frame.provenance.times_bound(name) == handlers
    }

    fn mark(&self) -> Mark {
        Mark {
            attributes: self.attributes.len(),
            functions: self.functions.len(),
            known: self.known.clone(),
            records: self.records.clone(),
            scopes: self.frame.scopes.clone(),
            nested: self.frame.nested.keys().cloned().collect(),
            around: self.frame.around,
            conditional: self.frame.conditional,
        }
    }

    fn back_to(&mut self, mark: Mark) {
        self.attributes.truncate(mark.attributes);
        self.functions.truncate(mark.functions);
        self.known = mark.known;
        self.records = mark.records;
        self.frame.scopes.truncate(mark.scopes.len());
        self.frame.scopes[1..].clone_from_slice(&mark.scopes[1..]);
        self.frame.nested.retain(|name, _| mark.nested.contains(name));
        self.frame.around = mark.around;
        self.frame.conditional = mark.conditional;
        self.frame.before.clear();
        self.frame.read.clear();
    }

    /// `raise`.
    pub(super) fn raise(&mut self, exc: Option<&'a Expr>, cause: Option<&'a Expr>) -> Kind {
        let is_plain = cause.is_none_or(|cause| matches!(cause.kind, ExprKind::Constant(Constant::None)));
        let Some(exc) = exc.filter(|_| is_plain && self.catches) else { return Kind::Raise };
        let (class, args): (&Expr, &'a [Expr]) = match &exc.kind {
            ExprKind::Call { func, args, keywords } if keywords.is_empty() => (func, args),
            ExprKind::Call { .. } => return Kind::Raise,
            _ => (exc, &[]),
        };
        let Some(classes) = self.raised_names(class) else { return Kind::Raise };
        if !args.iter().all(|argument| self.is_exact(argument)) {
            return Kind::Raise;
        }
        let mark = self.mark();
        match self.exprs(args) {
            Ok(args) if self.frame.before.is_empty() => Kind::Throw(classes, args),
            _ => {
                self.back_to(mark);
                Kind::Raise
            }
        }
    }

    /// The names of what `except` catches.
    fn caught_names(&self, of: &Expr, names: &mut Vec<String>) -> Option<()> {
        if let ExprKind::Tuple(items) = &of.kind {
            return items.iter().try_for_each(|item| self.caught_names(item, names));
        }
        self.class_names(&self.exception(of)?, names)
    }

    fn class_names(&self, of: &Value, names: &mut Vec<String>) -> Option<()> {
        names.push(match of {
            Value::Builtin(name) => (*ancestors(name)?.first()?).to_owned(),
            Value::Object(id) => self.exception_class(*id)?,
            // `except MISTAKES`.
            Value::Tuple(items) => return items.iter().try_for_each(|item| self.class_names(item, names)),
            _ => return None,
        });
        Some(())
    }

    /// Names of a class of exceptions and of all that it is derived from, if objects of it are made without any effect.
    fn raised_names(&self, of: &Expr) -> Option<Vec<String>> {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let id = match self.exception(of)? {
            Value::Builtin(name) if takes_anything(name) => return ancestors(name).map(owned),
            Value::Object(id) => id,
            _ => return None,
        };
        let mut names = Vec::new();
        for class in self.evaluator.mro(&Value::Object(id)) {
            match class {
                Value::Builtin(name) if takes_anything(name) => names.extend(owned(ancestors(name)?)),
                Value::Object(id) => {
                    names.push(self.exception_class(id)?);
                    let Object::Class(class) = self.evaluator.heap.get(id) else { return None };
                    let Object::Scope(scope) = self.evaluator.heap.get(class.scope) else { return None };
                    let makes = |name: &str| classes::HOOKS.contains(&name) || name == "__init__";
                    if scope.keys().any(|name| makes(name)) {
                        return None;
                    }
                }
                _ => return None,
            }
        }
        names.iter().any(|name| name == "BaseException").then_some(names)
    }

    fn exception(&self, of: &Expr) -> Option<Value> {
        match &of.kind {
            ExprKind::Name(name) if self.is_builtin(name) => {
                ancestors(name).and_then(|all| all.into_iter().next()).map(Value::Builtin)
            }
            _ => self.known_value(of),
        }
    }

    /// What a class of the script is called in a plan, if that name always stands for it.
    fn exception_class(&self, id: ObjectId) -> Option<String> {
        let Object::Class(class) = self.evaluator.heap.get(id) else { return None };
        let (def, is_top) = self.evaluator.defined_class(class.span)?;
        let is_plain = is_top && def.keywords.is_empty() && def.decorators.is_empty() && class.opaque.is_none();
        let source = class.span.source;
        let stays = is_plain && self.bindings().is_constant(source, &class.name);
        stays.then(|| format!("{}.{}", self.evaluator.program.sources.get(source).module, class.name))
    }

    /// Puts what was lifted from there on into a `try` that leaves all exceptions to CPython.
    pub(super) fn left_to_python(&self, span: Span, lifted: &mut Vec<Statement>, from: usize) {
        if !self.catches || lifted.len() <= from {
            return;
        }
        let body = lifted.split_off(from);
        let all = Handler { classes: None, body: vec![statement(span, Kind::Raise)] };
        lifted.push(statement(span, Kind::Try(body, vec![all], Vec::new())));
    }
}

/// True if something in it returns, or leaves a loop or begins its next turn.
fn leaves(block: &[Stmt]) -> bool {
    let mut found = false;
    walk::statements(block, &mut |statement| {
        found |= matches!(statement.kind, StmtKind::Return(_) | StmtKind::Break | StmtKind::Continue);
    });
    found
}

/// True if the script has handlers in functions.
pub(super) fn has_handlers(program: &crate::load::Program) -> bool {
    let mut found = false;
    for tree in &program.trees {
        walk::every_statement(&tree.body, &mut |statement| found |= matches!(statement.kind, StmtKind::Try { .. }));
    }
    found
}

/// Takes out what only matters to handlers, where there are none that are lifted.
pub(super) fn tidy(body: &mut Body) {
    let all = || body.functions.iter().map(|function| &function.code).chain([&body.code]);
    if all().any(|code| catches(code)) {
        return;
    }
    plain(&mut body.code);
    body.functions.iter_mut().for_each(|function| plain(&mut function.code));
}

fn catches(code: &[Statement]) -> bool {
    code.iter().any(|statement| match &statement.kind {
        Kind::Try(body, handlers, orelse) => {
            handlers.iter().any(|handler| !handler.bails()) || catches(body) || catches(orelse)
        }
        Kind::If(ways, orelse) => ways.iter().any(|(_, body)| catches(body)) || catches(orelse),
        Kind::While(_, body, orelse) | Kind::For(_, _, body, orelse) => catches(body) || catches(orelse),
        _ => false,
    })
}

fn plain(code: &mut Vec<Statement>) {
    for statement in std::mem::take(code) {
        let Statement { at, kind } = statement;
        let kind = match kind {
            Kind::Try(mut body, _, mut orelse) => {
                plain(&mut body);
                plain(&mut orelse);
                code.append(&mut body);
                code.append(&mut orelse);
                continue;
            }
            Kind::Throw(..) => Kind::Raise,
            Kind::If(mut ways, mut orelse) => {
                ways.iter_mut().for_each(|(_, body)| plain(body));
                plain(&mut orelse);
                Kind::If(ways, orelse)
            }
            Kind::While(test, mut body, mut orelse) => {
                plain(&mut body);
                plain(&mut orelse);
                Kind::While(test, body, orelse)
            }
            Kind::For(target, over, mut body, mut orelse) => {
                plain(&mut body);
                plain(&mut orelse);
                Kind::For(target, over, body, orelse)
            }
            other => other,
        };
        code.push(Statement { at, kind });
    }
}
