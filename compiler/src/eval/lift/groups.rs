//! `itertools.groupby`, gone through at once, where each group is gone through once: lists of those that follow each other
//! with one key.

use super::*;
use crate::syntax::scope;
use pyflink_plan::ir::{BinaryOp, Builtin, Clause, CompareOp, StatementKind as Kind, Target};

/// Functions that go through their only argument, whatever iterable it is.
const CONSUMERS: &[&str] = &["all", "any", "list", "max", "min", "set", "sorted", "sum", "tuple"];

impl<'a> Lift<'_, 'a> {
    /// `for key, group in groupby(values, key): …`; false if it is another loop.
    pub(super) fn loop_over_groups(
        &mut self,
        target: &'a Expr,
        iter: &'a Expr,
        (body, orelse): (&'a [Stmt], &'a [Stmt]),
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<bool> {
        let uses = Uses::of_block(target, body, self.consumers());
        let Some((groups, key_target, group)) = self.grouped(target, iter, uses)? else { return Ok(false) };
        if self.frame.scopes.len() > 1 {
            return Err(not_at_once(iter.span));
        }
        let key_target = self.target(key_target)?;
        // Behind the body, it is no list but an iterator that is used up: no name stands for it then.
        let list = self.fresh();
        let group_target = Target::Local(list);
        self.frame.scopes[0].insert(group.to_owned(), list);
        lifted.append(&mut self.frame.before);
        let lifted_body = self.looped(span, |lift| lift.block(body));
        let gone = self.fresh();
        self.frame.scopes[0].insert(group.to_owned(), gone);
        let lifted_body = lifted_body?;
        let orelse = self.block(orelse)?;
        let target = Target::Each(vec![key_target, group_target]);
        self.emit(span, Kind::For(target, groups, lifted_body, orelse), lifted);
        Ok(true)
    }

    /// What a comprehension goes over, if that is `groupby`.
    pub(super) fn groups_gone_over(
        &mut self,
        made: &[&'a Expr],
        generators: &'a [Comprehension],
    ) -> Lifted<Option<Expression>> {
        let Some(first) = generators.first() else { return Ok(None) };
        let uses = Uses::of_comprehension(made, generators, self.consumers());
        Ok(self.grouped(&first.target, &first.iter, uses)?.map(|(groups, ..)| groups))
    }

    fn consumers(&self) -> Vec<&'static str> {
        CONSUMERS.iter().copied().filter(|name| self.is_builtin(name)).collect()
    }

    /// What `groupby(…)` gives, as keys and lists, with what they are bound to.
    #[allow(clippy::type_complexity)]
    fn grouped(
        &mut self,
        target: &'a Expr,
        iter: &'a Expr,
        uses: Option<Uses>,
    ) -> Lifted<Option<(Expression, &'a Expr, &'a str)>> {
        let ExprKind::Call { func, args, keywords } = &iter.kind else { return Ok(None) };
        if self.library_path(func).as_deref() != Some("itertools.groupby") {
            return Ok(None);
        }
        let (values, key) = match (args.as_slice(), keywords.as_slice()) {
            ([values], []) => (values, None),
            ([values, key], []) => (values, Some(key)),
            ([values], [keyword]) if keyword.name.as_ref().is_some_and(|name| name.name == "key") => {
                (values, Some(&keyword.value))
            }
            _ => {
                let (message, edit) = ("itertools.groupby() of such arguments runs in Python", "give values and a key");
                return Err(reason(message, edit, iter.span));
            }
        };
        let (Some((key_target, group)), Some(uses)) = (key_and_group(target), uses) else {
            return Err(reason("itertools.groupby() runs in Python here", "go over `key, group`", iter.span));
        };
        if !uses.are_once() {
            return Err(not_at_once(iter.span));
        }
        let values = Expression::Call(Builtin::List, vec![self.iterable(values)?]);
        let held = self.fresh();
        let keys = match key.map_or(Ok(None), |key| self.optional_key(key))? {
            Some(key) => {
                let iterable = Expression::Local(held);
                let clause = Clause { target: Target::Local(key.local), iterable, conditions: Vec::new() };
                Expression::Comprehension(key.value, vec![clause])
            }
            None => Expression::Local(held),
        };
        let groups = self.groups(Expression::Local(held), keys, iter.span);
        Ok(Some((Expression::Let(held, boxed(values), boxed(groups)), key_target, group)))
    }

    /// Keys with the lists of values that have them, one after the other.
    fn groups(&mut self, values: Expression, keys: Expression, span: Span) -> Expression {
        let (given, by, groups, from, at) = (0, 1, 2, 3, 4);
        let local = |local: u32| boxed(Expression::Local(local));
        let set = |local, value| statement(span, Kind::Assign(Target::Local(local), value));
        let length = || Expression::Call(Builtin::Len, vec![Expression::Local(given)]);
        let key = |at| boxed(Expression::Index(local(by), local(at)));
        // What isn't equal to itself may be one with itself all the same.
        let is_odd = Expression::Compare(CompareOp::Ne, key(from), key(from));
        let ends = Expression::Compare(CompareOp::Eq, local(at), boxed(length()));
        let is_same = Expression::Compare(CompareOp::Eq, key(from), key(at));
        let is_end = Expression::Or(boxed(ends), boxed(Expression::Unary(ir::UnaryOp::Not, boxed(is_same))));
        let bounds = Box::new([Expression::Local(from), Expression::Local(at), Expression::None]);
        let group = Expression::Tuple(vec![*key(from), Expression::Slice(local(given), bounds)]);
        let add =
            vec![statement(span, Kind::Append(Expression::Local(groups), group)), set(from, Expression::Local(at))];
        let raise = vec![statement(span, Kind::Raise)];
        let turn = vec![
            statement(span, Kind::If(vec![(is_odd, raise)], Vec::new())),
            statement(span, Kind::If(vec![(is_end, add)], Vec::new())),
        ];
        let stop = Expression::Binary(BinaryOp::Add, boxed(length()), boxed(Expression::Int(1)));
        let over = Expression::Call(Builtin::Range, vec![Expression::Int(1), stop]);
        let code = vec![
            set(groups, Expression::List(Vec::new())),
            set(from, Expression::Int(0)),
            statement(span, Kind::For(Target::Local(at), over, turn, Vec::new())),
            statement(span, Kind::Return(Expression::Local(groups))),
        ];
        self.written_out("groupby", 2, 5, code, vec![values, keys])
    }
}

fn not_at_once(span: Span) -> Reason {
    let (message, edit) =
        ("itertools.groupby() runs in Python where a group isn't gone through once, at once", "use `list(group)`");
    reason(message, edit, span)
}

/// What `key, group` are bound to, if the group is a name of its own.
fn key_and_group(target: &Expr) -> Option<(&Expr, &str)> {
    let (ExprKind::Tuple(parts) | ExprKind::List(parts)) = &target.kind else { return None };
    let [key, Expr { kind: ExprKind::Name(group), .. }] = parts.as_slice() else { return None };
    let mut bound = BTreeSet::new();
    scope::target_names(key, &mut bound);
    (!bound.contains(group) && !matches!(key.kind, ExprKind::Starred(_))).then_some((key, group))
}

/// How a name is read in one turn of a loop.
struct Uses<'n> {
    name: &'n str,
    /// Functions of Python's own.
    consumers: Vec<&'static str>,
    read: usize,
    /// Where what it stands for is gone through.
    used: usize,
    /// Perhaps several times in a turn, or later.
    repeated: usize,
}

impl<'n> Uses<'n> {
    /// Of a group in the body of a loop.
    fn of_block(target: &'n Expr, body: &[Stmt], consumers: Vec<&'static str>) -> Option<Uses<'n>> {
        let (_, name) = key_and_group(target)?;
        let mut uses = Uses { name, consumers, read: 0, used: 0, repeated: 0 };
        walk::every_expr(body, &mut |expr| uses.see(expr));
        walk::every_statement(body, &mut |statement| match &statement.kind {
            StmtKind::For { iter, body, .. } => {
                uses.used += usize::from(uses.is_it(iter));
                walk::every_expr(body, &mut |expr| uses.repeated += usize::from(uses.is_it(expr)));
            }
            StmtKind::While { test, body, .. } => {
                uses.repeated += usize::from(names(name, test));
                walk::every_expr(body, &mut |expr| uses.repeated += usize::from(uses.is_it(expr)));
            }
            StmtKind::FunctionDef(_) | StmtKind::ClassDef(_) => uses.repeated += 1,
            _ => {}
        });
        Some(uses)
    }

    /// Of a group that a comprehension's first clause binds.
    fn of_comprehension(
        made: &[&Expr],
        generators: &'n [Comprehension],
        consumers: Vec<&'static str>,
    ) -> Option<Uses<'n>> {
        let (first, others) = generators.split_first()?;
        let (_, name) = key_and_group(&first.target)?;
        let mut uses = Uses { name, consumers, read: 0, used: 0, repeated: 0 };
        let mut within: Vec<&Expr> = first.ifs.iter().collect();
        if let Some((second, more)) = others.split_first() {
            within.push(&second.iter);
            uses.used += usize::from(uses.is_it(&second.iter));
            let more = more.iter().flat_map(|clause| clause.ifs.iter().chain([&clause.iter]));
            let repeated: Vec<&Expr> = made.iter().copied().chain(&second.ifs).chain(more).collect();
            uses.repeated += usize::from(repeated.iter().any(|expr| names(name, expr)));
        }
        within.extend(made);
        within.into_iter().for_each(|expr| walk::all_exprs(expr, &mut |inner| uses.see(inner)));
        Some(uses)
    }

    fn are_once(&self) -> bool {
        self.read == self.used && self.read <= 1 && self.repeated == 0
    }

    fn is_it(&self, expr: &Expr) -> bool {
        matches!(&expr.kind, ExprKind::Name(read) if read == self.name)
    }

    fn see(&mut self, expr: &Expr) {
        self.read += usize::from(self.is_it(expr));
        match &expr.kind {
            ExprKind::ListComp { element, generators }
            | ExprKind::SetComp { element, generators }
            | ExprKind::GeneratorExp { element, generators } => self.see_clauses(&[element], generators),
            ExprKind::DictComp { key, value, generators } => self.see_clauses(&[key, value], generators),
            ExprKind::Lambda { body, .. } => self.repeated += usize::from(names(self.name, body)),
            ExprKind::Call { func, args, keywords } => {
                let consumes = match &func.kind {
                    ExprKind::Name(of) => self.consumers.contains(&of.as_str()),
                    ExprKind::Attribute { value, name } => {
                        name.name == "join" && matches!(value.kind, ExprKind::Constant(Constant::Str(_)))
                    }
                    _ => false,
                };
                let is_only = keywords.iter().all(|keyword| !names(self.name, &keyword.value));
                self.used += usize::from(consumes && args.len() == 1 && is_only && self.is_it(&args[0]));
            }
            _ => {}
        }
    }

    /// A comprehension reads a name several times, perhaps, anywhere but in its first iterable.
    fn see_clauses(&mut self, made: &[&Expr], generators: &[Comprehension]) {
        self.used += usize::from(generators.first().is_some_and(|first| self.is_it(&first.iter)));
        let again = |(at, clause): (usize, &Comprehension)| {
            at > 0 && names(self.name, &clause.iter) || clause.ifs.iter().any(|test| names(self.name, test))
        };
        let is_again = made.iter().any(|expr| names(self.name, expr)) || generators.iter().enumerate().any(again);
        self.repeated += usize::from(is_again);
    }
}

fn names(name: &str, expr: &Expr) -> bool {
    let mut found = false;
    walk::all_exprs(expr, &mut |inner| found |= matches!(&inner.kind, ExprKind::Name(read) if read == name));
    found
}
