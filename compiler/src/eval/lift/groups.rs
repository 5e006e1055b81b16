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
        let ExprKind::Call { func, args, keywords } = &iter.kind else { return Ok(false) };
        if self.library_path(func).as_deref() != Some("itertools.groupby") {
            return Ok(false);
        }
        let unknown = |what: &str| reason(format!("itertools.groupby() {what}"), iter.span);
        let (values, key) = match (args.as_slice(), keywords.as_slice()) {
            ([values], []) => (values, None),
            ([values, key], []) => (values, Some(key)),
            ([values], [keyword]) if keyword.name.as_ref().is_some_and(|name| name.name == "key") => {
                (values, Some(&keyword.value))
            }
            _ => return Err(unknown("of such arguments runs in Python; give values and a key")),
        };
        let (ExprKind::Tuple(parts) | ExprKind::List(parts)) = &target.kind else {
            return Err(unknown("runs in Python here; go over `key, group`"));
        };
        let [key_target, Expr { kind: ExprKind::Name(group), .. }] = parts.as_slice() else {
            return Err(unknown("runs in Python here; go over `key, group`"));
        };
        let mut bound = BTreeSet::new();
        scope::target_names(key_target, &mut bound);
        if bound.contains(group) || !is_used_up_once(group, body) || self.frame.scopes.len() > 1 {
            return Err(unknown("runs in Python where a group isn't gone through once, at once; use `list(group)`"));
        }
        let Some(key_target) = Some(key_target).filter(|target| !matches!(target.kind, ExprKind::Starred(_))) else {
            return Err(unknown("runs in Python here; go over `key, group`"));
        };
        let values = Expression::Call(Builtin::List, vec![self.iterable(values)?]);
        let values = self.held(values, iter.span, lifted);
        let keys = match key.map_or(Ok(None), |key| self.optional_key(key))? {
            Some(key) => {
                let clause =
                    Clause { target: Target::Local(key.local), iterable: values.clone(), conditions: Vec::new() };
                Expression::Comprehension(key.value, vec![clause])
            }
            None => values.clone(),
        };
        let groups = self.groups(values, keys, iter.span);
        let key_target = self.target(key_target)?;
        // Behind the body, it is no list but an iterator that is used up: no name stands for it then.
        let list = self.fresh();
        let group_target = Target::Local(list);
        self.frame.scopes[0].insert(group.clone(), list);
        lifted.append(&mut self.frame.before);
        let lifted_body = self.looped(span, |lift| lift.block(body));
        let gone = self.fresh();
        self.frame.scopes[0].insert(group.clone(), gone);
        let lifted_body = lifted_body?;
        let orelse = self.block(orelse)?;
        let target = Target::Each(vec![key_target, group_target]);
        self.emit(span, Kind::For(target, groups, lifted_body, orelse), lifted);
        Ok(true)
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

/// Whether a name is read once in each turn, at most, where what it stands for is gone through.
fn is_used_up_once(name: &str, body: &[Stmt]) -> bool {
    let is_it = |expr: &Expr| matches!(&expr.kind, ExprKind::Name(read) if read == name);
    let (mut read, mut used, mut repeated) = (0, 0, 0);
    walk::every_expr(body, &mut |expr| {
        read += usize::from(is_it(expr));
        match &expr.kind {
            ExprKind::ListComp { element, generators }
            | ExprKind::SetComp { element, generators }
            | ExprKind::GeneratorExp { element, generators } => {
                used += usize::from(generators.first().is_some_and(|first| is_it(&first.iter)));
                repeated += usize::from(names_again(name, &[element], generators));
            }
            ExprKind::DictComp { key, value, generators } => {
                used += usize::from(generators.first().is_some_and(|first| is_it(&first.iter)));
                repeated += usize::from(names_again(name, &[key, value], generators));
            }
            ExprKind::Lambda { body, .. } => repeated += usize::from(names(name, body)),
            ExprKind::Call { func, args, keywords } => {
                let consumes = match &func.kind {
                    ExprKind::Name(of) => CONSUMERS.contains(&of.as_str()),
                    ExprKind::Attribute { name, .. } => name.name == "join",
                    _ => false,
                };
                let is_only = keywords.iter().all(|keyword| !names(name, &keyword.value));
                used += usize::from(consumes && args.len() == 1 && is_only && is_it(&args[0]));
            }
            _ => {}
        }
    });
    walk::every_statement(body, &mut |statement| match &statement.kind {
        StmtKind::For { iter, body, .. } => {
            used += usize::from(is_it(iter));
            walk::every_expr(body, &mut |expr| repeated += usize::from(is_it(expr)));
        }
        StmtKind::While { test, body, .. } => {
            repeated += usize::from(names(name, test));
            walk::every_expr(body, &mut |expr| repeated += usize::from(is_it(expr)));
        }
        StmtKind::FunctionDef(_) | StmtKind::ClassDef(_) => repeated += 1,
        _ => {}
    });
    read == used && read <= 1 && repeated == 0
}

/// Whether a comprehension may read a name several times: anywhere but in its first iterable.
fn names_again(name: &str, made: &[&Expr], generators: &[Comprehension]) -> bool {
    made.iter().any(|expr| names(name, expr))
        || generators.iter().enumerate().any(|(at, generator)| {
            (at > 0 && names(name, &generator.iter)) || generator.ifs.iter().any(|test| names(name, test))
        })
}

fn names(name: &str, expr: &Expr) -> bool {
    let mut found = false;
    walk::all_exprs(expr, &mut |inner| found |= matches!(&inner.kind, ExprKind::Name(read) if read == name));
    found
}
