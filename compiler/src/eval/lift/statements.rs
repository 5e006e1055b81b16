//! Statements.

use super::*;
use provenance::{names_read, root};
use pyflink_plan::ir::{StatementKind as Kind, Target};

/// The statements before and behind one in its block.
type Siblings<'a> = (&'a [Stmt], &'a [Stmt]);

/// Elements that are made before the loop that takes them begins, at the most: CPython goes on with more.
const MOST_YIELDED: i64 = 1 << 16;

impl<'a> Lift<'_, 'a> {
    pub(super) fn block(&mut self, block: &'a [Stmt]) -> Lifted<Vec<Statement>> {
        let mut lifted = Vec::new();
        for (at, statement) in block.iter().enumerate() {
            let from = lifted.len();
            self.deeper(statement.span, |lift| {
                lift.statement(statement, (&block[..at], &block[at + 1..]), &mut lifted)
            })?;
            if self.catches && !self.is_exact_statement(statement, &lifted[from..]) {
                self.left_to_python(statement.span, &mut lifted, from);
            }
        }
        Ok(lifted)
    }

    /// Adds a statement, behind what has to run before it.
    pub(super) fn emit(&mut self, span: Span, kind: Kind, lifted: &mut Vec<Statement>) {
        lifted.append(&mut self.frame.before);
        lifted.push(statement(span, kind));
        self.frame.read.clear();
    }

    fn statement(&mut self, stmt: &'a Stmt, siblings: Siblings<'a>, lifted: &mut Vec<Statement>) -> Lifted<()> {
        let span = stmt.span;
        match &stmt.kind {
            StmtKind::Return(value) => self.give(value.as_ref(), span, lifted)?,
            StmtKind::Pass => {}
            StmtKind::Expr(value) => self.expression_statement(value, siblings, lifted)?,
            StmtKind::Assign { targets, value } => self.assign(targets, value, span, lifted)?,
            StmtKind::AnnAssign { value: None, .. } => {}
            StmtKind::AnnAssign { target, value: Some(value), .. } => {
                self.assign(std::slice::from_ref(target), value, span, lifted)?;
            }
            StmtKind::AugAssign { target, op, value } => self.augmented(target, *op, value, span, lifted)?,
            StmtKind::If { test, body, orelse } => self.if_statement(test, body, orelse, span, lifted)?,
            StmtKind::While { test, body, orelse } => self.while_statement(test, body, orelse, span, lifted)?,
            StmtKind::For { target, iter, body, orelse, is_async: false } => {
                self.keeps_pace(iter, body)?;
                self.keeps_objects(iter, body)?;
                if self.loop_written_out(target, iter, (body, orelse), span, lifted)?
                    || self.loop_over_groups(target, iter, (body, orelse), span, lifted)?
                {
                    return Ok(());
                }
                if self.unrolled(target, iter, (body, orelse), span, lifted)? {
                    return Ok(());
                }
                if let Some(rows) = self.function_rows(iter)? {
                    let iterable = self.row_values(&rows, target)?;
                    lifted.append(&mut self.frame.before);
                    let target = self.row_target(&rows, target)?;
                    let body = self.looped(span, |lift| lift.block(body))?;
                    let orelse = self.block(orelse)?;
                    self.emit(span, Kind::For(target, iterable, body, orelse), lifted);
                    return Ok(());
                }
                let iterable = self.gone_over(iter)?;
                // `for first, *rest in …`: what comes is taken apart in the loop.
                let (target, apart) = match has_star(target) {
                    true => (Target::Local(self.fresh()), Some(target)),
                    false => (self.target(target)?, None),
                };
                // Statements of the iterable run before the loop, those of the body in it.
                lifted.append(&mut self.frame.before);
                let body = self.looped(span, |lift| {
                    let mut begin = Vec::new();
                    if let (Some(apart), Target::Local(item)) = (apart, &target) {
                        lift.store(apart, Expression::Local(*item), span, &mut begin)?;
                    }
                    begin.extend(lift.block(body)?);
                    Ok(begin)
                })?;
                let orelse = self.block(orelse)?;
                self.emit(span, Kind::For(target, iterable, body, orelse), lifted);
            }
            StmtKind::Break => self.emit(span, Kind::Break, lifted),
            StmtKind::Continue => self.emit(span, Kind::Continue, lifted),
            StmtKind::Raise { exc, cause } => {
                let raise = self.raise(exc.as_ref(), cause.as_ref());
                self.emit(span, raise, lifted);
            }
            StmtKind::Assert { test, .. } => {
                let test = self.expr(test)?;
                let test = Expression::Unary(ir::UnaryOp::Not, boxed(test));
                let raise = vec![statement(span, Kind::Raise)];
                self.emit(span, Kind::If(vec![(test, raise)], Vec::new()), lifted);
            }
            // The end of a stream comes to a source as an exception.
            StmtKind::Try { .. } if self.call == Call::Source => {
                return Err(reason("`try` in a source runs in Python", "look for what may fail before", span));
            }
            StmtKind::Try { .. } => self.try_statement(stmt, lifted)?,
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.delete(target, lifted)?;
                }
            }
            StmtKind::FunctionDef(def) => self.nested_function(def)?,
            StmtKind::Match { subject, cases } => self.match_statement(subject, cases, span, lifted)?,
            // Of the library; their names are known wherever the import stands.
            StmtKind::Import(aliases) if aliases.iter().all(|alias| library::is_pure(&alias.name.name)) => {}
            StmtKind::ImportFrom { module: Some(module), level: 0, .. } if library::is_pure(&module.name) => {}
            StmtKind::Import(_) | StmtKind::ImportFrom { .. } => {
                return Err(reason("it imports a module", "import it at the top of the file", span));
            }
            StmtKind::Global(names) | StmtKind::Nonlocal(names) => {
                let names: Vec<&str> = names.iter().map(|name| name.name.as_str()).collect();
                let names = names.join(", ");
                return Err(reason(
                    format!("it changes {names}, which lives outside of it"),
                    "use a reduce, or a local variable",
                    span,
                ));
            }
            StmtKind::With { .. } => {
                return Err(reason("`with` acts on something outside", "do that in open() and close()", span));
            }
            StmtKind::For { .. } => return Err(reason("`async for` runs in Python", "write a plain `for`", span)),
            StmtKind::ClassDef(class) => {
                return Err(reason("it defines a class", "define it at the top of the file", class.name.span));
            }
            StmtKind::TypeAlias { .. } => return Err(reason("a type alias runs in Python", "move it out", span)),
        }
        Ok(())
    }

    /// Lifts what stands in a loop.
    pub(super) fn looped<T>(&mut self, span: Span, lift: impl FnOnce(&mut Self) -> Lifted<T>) -> Lifted<T> {
        let outside = self.frame.around;
        self.frame.around = outside.or(Some(span));
        let lifted = lift(self);
        self.frame.around = outside;
        lifted
    }

    /// `return`, or the value of a lambda.
    pub(super) fn give(&mut self, value: Option<&'a Expr>, span: Span, lifted: &mut Vec<Statement>) -> Lifted<()> {
        let value = value.filter(|value| !matches!(value.kind, ExprKind::Constant(Constant::None)));
        let results = self.frame.results;
        if let Some(made) = self.made() {
            if value.is_some() {
                return Err(reason(
                    "an __init__ that returns something runs in Python",
                    "leave its `return` out",
                    span,
                ));
            }
            self.emit(span, Kind::Return(made), lifted);
            return Ok(());
        }
        if let Some(object) = self.frame.gives_object {
            let is_object = value.is_some_and(
                |value| matches!(&value.kind, ExprKind::Name(name) if self.frame.scopes[0].get(name) == Some(&object)),
            );
            if let Some(value) = value.filter(|_| !is_object) {
                let value = self.expr(value)?;
                self.emit(span, Kind::Evaluate(value), lifted);
            }
            self.emit(span, Kind::Return(Expression::Local(object)), lifted);
            return Ok(());
        }
        let result = match (results, value) {
            (Results::Yielded(list), None) => Expression::Local(list),
            (_, None) => Expression::None,
            (Results::Value, Some(value)) => self.expr(value)?,
            (Results::Each, Some(value)) if !self.frame.is_generator => {
                // A call without a result of its own: `lambda value, collector: collector.collect(value)`.
                if self.outlet_call(value).is_some() {
                    self.expression_statement(value, (&[], &[]), lifted)?;
                } else {
                    let each = self.iterable(value)?;
                    self.emit(span, Kind::CollectEach(each), lifted);
                }
                Expression::None
            }
            (_, Some(value)) => {
                if self.outlet_call(value).is_some() {
                    self.expression_statement(value, (&[], &[]), lifted)?;
                } else {
                    let value = self.expr(value)?;
                    self.emit(span, Kind::Evaluate(value), lifted);
                }
                match results {
                    Results::Yielded(list) => Expression::Local(list),
                    _ => Expression::None,
                }
            }
        };
        self.emit(span, Kind::Return(result), lifted);
        Ok(())
    }

    fn expression_statement(
        &mut self,
        value: &'a Expr,
        siblings: Siblings<'a>,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        let span = value.span;
        match &value.kind {
            // A docstring, or `...`.
            ExprKind::Constant(_) => Ok(()),
            ExprKind::Yield(value) => {
                let result = match value {
                    Some(value) => {
                        self.is_handed_out(value, siblings)?;
                        self.expr(value)?
                    }
                    None => Expression::None,
                };
                self.hand_out(result, span, lifted);
                Ok(())
            }
            ExprKind::YieldFrom(value) => {
                let iterable = self.iterable(value)?;
                lifted.append(&mut self.frame.before);
                let item = self.fresh();
                let mut body = Vec::new();
                self.hand_out(Expression::Local(item), span, &mut body);
                self.emit(span, Kind::For(Target::Local(item), iterable, body, Vec::new()), lifted);
                Ok(())
            }
            ExprKind::Call { args, keywords, .. } => match self.outlet_call(value) {
                Some("collect") if args.len() == 1 && keywords.is_empty() => {
                    self.is_handed_out(&args[0], siblings)?;
                    let result = self.expr(&args[0])?;
                    self.emit(span, Kind::Collect(result), lifted);
                    Ok(())
                }
                Some("collectWithTimestamp" | "collect_with_timestamp") if args.len() == 2 && keywords.is_empty() => {
                    self.is_handed_out(&args[0], siblings)?;
                    let result = self.expr(&args[0])?;
                    let time = self.expr(&args[1])?;
                    let held = self.fresh();
                    self.emit(span, Kind::Assign(Target::Local(held), result), lifted);
                    self.emit(span, Kind::Evaluate(time), lifted);
                    self.emit(span, Kind::Collect(Expression::Local(held)), lifted);
                    Ok(())
                }
                Some("close") if args.is_empty() && keywords.is_empty() && self.call != Call::Source => Ok(()),
                Some(name) => Err(reason(
                    format!("{name}() of its collector or context runs in Python"),
                    "hand results on with collect()",
                    span,
                )),
                None if self.initializes_base(value, lifted)? => Ok(()),
                None => self.changing_statement(value, lifted),
            },
            _ => {
                let value = self.expr(value)?;
                self.emit(span, Kind::Evaluate(value), lifted);
                Ok(())
            }
        }
    }

    /// Gives a result of a generator function.
    fn hand_out(&mut self, result: Expression, span: Span, lifted: &mut Vec<Statement>) {
        let kind = match self.frame.results {
            Results::Yielded(list) => {
                self.emit(span, Kind::Append(Expression::Local(list), result), lifted);
                // The loop may want the first ones only.
                let length = Expression::Call(ir::Builtin::Len, vec![Expression::Local(list)]);
                let is_long =
                    Expression::Compare(ir::CompareOp::Gt, boxed(length), boxed(Expression::Int(MOST_YIELDED)));
                let leave = vec![statement(
                    span,
                    Kind::Left(Cause::new("a generator function yields so much", "write the loop where it is used")),
                )];
                Kind::If(vec![(is_long, leave)], Vec::new())
            }
            _ => Kind::Collect(result),
        };
        self.emit(span, kind, lifted);
    }

    /// The method of the collector or context that an expression calls.
    pub(super) fn outlet_call(&self, expr: &'a Expr) -> Option<&'a str> {
        let ExprKind::Call { func, .. } = &expr.kind else { return None };
        match &func.kind {
            ExprKind::Attribute { value, name } => {
                matches!(&value.kind, ExprKind::Name(of) if self.is_outlet(of)).then_some(name.name.as_str())
            }
            // `collect = collector.collect`.
            ExprKind::Name(name) if self.frame.names.contains(name) => {
                let bound = self.frame.provenance.only(name)?;
                let ExprKind::Attribute { value, name } = &bound.kind else { return None };
                matches!(&value.kind, ExprKind::Name(of) if self.is_outlet(of)).then_some(name.name.as_str())
            }
            _ => None,
        }
    }

    pub(super) fn is_outlet(&self, name: &str) -> bool {
        self.frame.outlet.as_deref() == Some(name) && self.frame.provenance.times_bound(name) <= 1
    }

    /// What is handed out must not change any more: who gets it sees the same object.
    fn is_handed_out(&self, value: &'a Expr, (before, after): Siblings<'a>) -> Lifted<()> {
        self.look_into_calls();
        let provenance = &self.frame.provenance;
        let held = self.held_by_calls(value);
        let is_other = |name: &String| sharing::tells(name) && self.bindings().defines(name);
        if let Some(name) = names_read(value).into_iter().find(is_other) {
            return Err(reason(
                format!("{name} is a name of Python's own too"),
                "give the script's another one",
                value.span,
            ));
        }
        let changing = provenance.changing_parts(value, self.frame.around, &held);
        let Some((name, _)) = changing.first().copied() else { return Ok(()) };
        if changing.iter().all(|(name, _)| provenance.is_own(name) && !provenance.is_shared(name)) {
            // `collector.collect(buffer)`, and then `buffer = []`.
            let ends = |statement: &Stmt| match &statement.kind {
                StmtKind::Return(value) => value.iter().all(|value| matches!(value.kind, ExprKind::Constant(_))),
                _ => false,
            };
            let is_flat = changing.iter().all(|(_, level)| *level == 0);
            let replaces = |statement: &Stmt| {
                changing.iter().map(|(name, _)| *name).find(|name| {
                    new_value(statement, name).is_some_and(|value| is_flat || names_read(value).is_empty())
                })
            };
            let replaced: BTreeSet<&str> = after.iter().map_while(replaces).collect();
            if after.first().is_some_and(ends) || changing.iter().all(|(name, _)| replaced.contains(name)) {
                return Ok(());
            }
            // `row = []` before it: what comes around is another one.
            let is_one = changing.iter().all(|(other, _)| *other == name);
            let others = names_read(value).into_iter().filter(|other| other != name);
            if is_one
                && others.into_iter().all(|other| !provenance.is_changed(&other))
                && before.iter().any(|before| new_value(before, name).is_some())
                && provenance.changing_parts(value, None, &held).is_empty()
            {
                return Ok(());
            }
        }
        Err(reason(
            format!("{name} may change after it was handed out"),
            format!("hand out a copy: `list({name})`"),
            value.span,
        ))
    }

    /// A loop over what is evaluated step by step, or looks at something that changes, must not change that.
    fn keeps_pace(&self, iter: &'a Expr, body: &'a [Stmt]) -> Lifted<()> {
        let (watched, is_lazy) = match &iter.kind {
            ExprKind::GeneratorExp { .. } => (names_read(iter), true),
            ExprKind::Call { func, args, .. } => match &func.kind {
                ExprKind::Name(name) if ["map", "filter"].contains(&name.as_str()) => (names_read(iter), true),
                ExprKind::Name(name) if ["enumerate", "zip", "reversed"].contains(&name.as_str()) => {
                    if args
                        .iter()
                        .any(|argument| matches!(argument.kind, ExprKind::GeneratorExp { .. } | ExprKind::Call { .. }))
                    {
                        (names_read(iter), true)
                    } else {
                        (args.iter().filter_map(root).map(str::to_owned).collect(), false)
                    }
                }
                ExprKind::Name(name) | ExprKind::Attribute { name: Ident { name, .. }, .. } if name == "groupby" => {
                    (names_read(iter), true)
                }
                ExprKind::Attribute { value, .. } => (root(value).map(str::to_owned).into_iter().collect(), false),
                _ => return Ok(()),
            },
            _ => (root(iter).map(str::to_owned).into_iter().collect(), false),
        };
        let mut changed = BTreeSet::new();
        // These give the variable another list.
        let mut replaced = BTreeSet::new();
        walk::statements(body, &mut |statement| {
            if is_lazy {
                scope::bound_names(statement, &mut changed);
            }
            let targets: Vec<&Expr> = match &statement.kind {
                StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => targets.iter().collect(),
                StmtKind::AugAssign { target, .. } => vec![target],
                _ => Vec::new(),
            };
            for target in targets {
                if let ExprKind::Subscript { value, index } = &target.kind {
                    changed.extend(root(target).map(str::to_owned));
                    if matches!(index.kind, ExprKind::Slice { .. }) {
                        replaced.extend(root(value).map(str::to_owned));
                    }
                }
            }
        });
        body.iter().for_each(|statement| {
            walk::own_exprs(statement, &mut |expr| {
                if let ExprKind::Call { func, args, .. } = &expr.kind
                    && let ExprKind::Name(name) | ExprKind::Attribute { name: Ident { name, .. }, .. } = &func.kind
                    && bindings::CHANGE_FIRST.contains(&name.as_str())
                {
                    changed.extend(args.first().and_then(root).map(str::to_owned));
                }
                if let ExprKind::Call { func, .. } = &expr.kind
                    && let ExprKind::Attribute { value, name } = &func.kind
                    && bindings::CHANGING.contains(&name.name.as_str())
                {
                    changed.extend(root(value).map(str::to_owned));
                    if name.name == "sort" {
                        replaced.extend(root(value).map(str::to_owned));
                    }
                }
            });
        });
        let is_own = |name: &str| !is_lazy && self.frame.provenance.is_own_list(name);
        match watched.iter().find(|name| replaced.contains(*name) || changed.contains(*name) && !is_own(name)) {
            Some(name) => Err(reason(
                format!("the loop changes {name}, which it goes over"),
                format!("go over a copy: `list({name})`"),
                iter.span,
            )),
            None => Ok(()),
        }
    }
}

/// What a statement binds a name to, if it is a container that was made for that.
fn new_value<'a>(statement: &'a Stmt, name: &str) -> Option<&'a Expr> {
    let StmtKind::Assign { targets, value } = &statement.kind else { return None };
    let is_target = |target: &Expr| matches!(&target.kind, ExprKind::Name(target) if target == name);
    let is_new = match &value.kind {
        ExprKind::List(_)
        | ExprKind::Dict(_)
        | ExprKind::Set(_)
        | ExprKind::ListComp { .. }
        | ExprKind::SetComp { .. }
        | ExprKind::DictComp { .. } => true,
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Name(name) => ["defaultdict", "dict", "list", "set", "sorted"].contains(&name.as_str()),
            ExprKind::Attribute { name, .. } => name.name == "split",
            _ => false,
        },
        _ => false,
    };
    (is_new && targets.len() == 1 && targets.iter().any(is_target) && !names_read(value).contains(name))
        .then_some(value)
}

/// True for a target that is taken apart with a `*` in it.
fn has_star(target: &Expr) -> bool {
    match &target.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().any(|item| matches!(item.kind, ExprKind::Starred(_)))
        }
        _ => false,
    }
}
