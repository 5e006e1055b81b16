//! Calls of the library that are loops when they are written out: functions of the plan's form, which the script could
//! have written itself.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::{Builtin, Clause, Extreme, StatementKind as Kind, Target};
use std::collections::BTreeMap;

impl<'a> Lift<'_, 'a> {
    /// `Counter(words)` where nobody sees that it is more than a dict: the dict that it is.
    pub(super) fn counter(&mut self, value: &'a Expr) -> Lifted<Option<Expression>> {
        let ExprKind::Call { func, args, keywords } = &value.kind else { return Ok(None) };
        let ([counted], []) = (args.as_slice(), keywords.as_slice()) else { return Ok(None) };
        if self.library_path(func).as_deref() != Some("collections.Counter") {
            return Ok(None);
        }
        let counted = self.iterable(counted)?;
        let (over, counts, item) = (0, 1, 2);
        let before = tallies::found(Expression::Local(counts), Expression::Local(item), Expression::Int(0));
        let after = Expression::Binary(ir::BinaryOp::Add, boxed(before), boxed(Expression::Int(1)));
        let set = statement(value.span, Kind::SetItem(Expression::Local(counts), Expression::Local(item), after));
        // A mapping holds counts itself.
        let is_mapping = Expression::IsInstance(boxed(Expression::Local(over)), vec!["dict".to_owned()]);
        let raise = vec![statement(value.span, Kind::Left(tallies::of_mapping()))];
        let code = vec![
            statement(value.span, Kind::If(vec![(is_mapping, raise)], Vec::new())),
            statement(value.span, Kind::Assign(Target::Local(counts), Expression::Dict(Vec::new()))),
            statement(value.span, Kind::For(Target::Local(item), Expression::Local(over), vec![set], Vec::new())),
            statement(value.span, Kind::Return(Expression::Local(counts))),
        ];
        Ok(Some(self.written_out("Counter", 1, 3, code, vec![counted])))
    }

    /// `dict.fromkeys(keys)`, with or without a value.
    pub(super) fn keyed(&mut self, site: Site<'a>) -> Lifted<Expression> {
        let Site { args, keywords: [], span, .. } = site else {
            return Err(reason(
                "fromkeys() with named arguments runs in Python",
                "give its arguments by position",
                site.span,
            ));
        };
        let arguments = match args {
            [keys] => vec![self.iterable(keys)?, Expression::None],
            [keys, value] => vec![self.iterable(keys)?, self.expr(value)?],
            _ => return Err(reason("fromkeys() takes keys and a value", "give it both", span)),
        };
        let (over, value, dict, item) = (0, 1, 2, 3);
        let local = Expression::Local;
        let set = statement(span, Kind::SetItem(local(dict), local(item), local(value)));
        let code = vec![
            statement(span, Kind::Assign(Target::Local(dict), Expression::Dict(Vec::new()))),
            statement(span, Kind::For(Target::Local(item), local(over), vec![set], Vec::new())),
            statement(span, Kind::Return(local(dict))),
        ];
        Ok(self.written_out("fromkeys", 2, 4, code, arguments))
    }

    /// `zip(*rows)`, gone through at once: the columns.
    pub(super) fn columns(&mut self, star: &'a Expr, span: Span) -> Lifted<Expression> {
        let rows = self.iterable(star)?;
        let (given, lists, row, at) = (0, 1, 2, 3);
        let clause = |local, iterable| vec![Clause { target: Target::Local(local), iterable, conditions: Vec::new() }];
        let copy = Expression::Call(Builtin::List, vec![Expression::Local(row)]);
        let copies = Expression::Comprehension(boxed(copy), clause(row, Expression::Local(given)));
        let length = Expression::Call(Builtin::Len, vec![Expression::Local(row)]);
        let lengths = Expression::Comprehension(boxed(length), clause(row, Expression::Local(lists)));
        let shortest = Expression::Best(Extreme::Min, boxed(lengths), None, Some(boxed(Expression::Int(0))));
        let part = Expression::Index(boxed(Expression::Local(row)), boxed(Expression::Local(at)));
        let parts = Expression::Comprehension(boxed(part), clause(row, Expression::Local(lists)));
        let column = Expression::Call(Builtin::Tuple, vec![parts]);
        let columns =
            Expression::Comprehension(boxed(column), clause(at, Expression::Call(Builtin::Range, vec![shortest])));
        let code =
            vec![statement(span, Kind::Assign(Target::Local(lists), copies)), statement(span, Kind::Return(columns))];
        Ok(self.written_out("zip", 1, 4, code, vec![rows]))
    }

    /// `itertools.accumulate(values)`, gone through at once: the running totals.
    pub(super) fn accumulated(&mut self, site: Site<'a>) -> Lifted<Expression> {
        let Site { args, keywords, span, is_iterated } = site;
        let ([values], [], true) = (args, keywords, is_iterated) else {
            return Err(reason("itertools.accumulate() of this form runs in Python", "use a loop", span));
        };
        let values = self.iterable(values)?;
        let (given, totals, total, item, is_first) = (0, 1, 2, 3, 4);
        let sum =
            Expression::Binary(ir::BinaryOp::Add, boxed(Expression::Local(total)), boxed(Expression::Local(item)));
        let set = |local, value| statement(span, Kind::Assign(Target::Local(local), value));
        let next = vec![
            statement(
                span,
                Kind::If(
                    vec![(
                        Expression::Local(is_first),
                        vec![set(total, Expression::Local(item)), set(is_first, Expression::Bool(false))],
                    )],
                    vec![set(total, sum)],
                ),
            ),
            statement(span, Kind::Append(Expression::Local(totals), Expression::Local(total))),
        ];
        let code = vec![
            set(totals, Expression::List(Vec::new())),
            set(is_first, Expression::Bool(true)),
            statement(span, Kind::For(Target::Local(item), Expression::Local(given), next, Vec::new())),
            statement(span, Kind::Return(Expression::Local(totals))),
        ];
        Ok(self.written_out("accumulate", 1, 5, code, vec![values]))
    }

    /// `{**first, key: value}`.
    pub(super) fn merged(&mut self, items: &'a [(Option<Expr>, Expr)], span: Span) -> Lifted<Expression> {
        let mut parts = Vec::new();
        for (key, value) in items {
            parts.push(match key {
                Some(key) => (Some(self.expr(key)?), self.expr(value)?),
                None => (None, self.read(value)?),
            });
        }
        Ok(self.united(parts, span))
    }

    /// A new dict of items, and of all that is in other dicts.
    pub(super) fn united(&mut self, parts: Vec<(Option<Expression>, Expression)>, span: Span) -> Expression {
        let has_keys: Vec<bool> = parts.iter().map(|(key, _)| key.is_some()).collect();
        let arguments: Vec<Expression> =
            parts.into_iter().flat_map(|(key, value)| key.into_iter().chain([value])).collect();
        let count = arguments.len() as u32;
        let (merged, item, other) = (count, count + 1, count + 2);
        let mut code = vec![statement(span, Kind::Assign(Target::Local(merged), Expression::Dict(Vec::new())))];
        let mut at = 0;
        for has_key in has_keys {
            let given = Expression::Local(at);
            if has_key {
                code.push(statement(span, Kind::SetItem(Expression::Local(merged), given, Expression::Local(at + 1))));
                at += 2;
            } else {
                code.extend(taken_over(Expression::Local(merged), given, (item, other), span));
                at += 1;
            }
        }
        code.push(statement(span, Kind::Return(Expression::Local(merged))));
        self.written_out("{**}", count, count + 3, code, arguments)
    }

    /// `of.update(…)` of a dict or set.
    pub(super) fn update(
        &mut self,
        of: &'a Expr,
        args: &'a [Expr],
        keywords: &'a [Keyword],
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        let target = self.expr(of)?;
        let target = self.held(target, span, lifted);
        match (args, keywords) {
            ([other], []) => {
                let is_pairs = matches!(
                    &other.kind,
                    ExprKind::GeneratorExp { .. } | ExprKind::ListComp { .. } | ExprKind::List(_)
                );
                let other = self.iterable(other)?;
                let other = self.held(other, span, lifted);
                let (item, value) = (self.fresh(), self.fresh());
                let add = Expression::Method(boxed(target.clone()), "add".to_owned(), vec![Expression::Local(item)]);
                let add = vec![statement(span, Kind::Evaluate(add))];
                let add = vec![statement(span, Kind::For(Target::Local(item), other.clone(), add, Vec::new()))];
                let set = if is_pairs {
                    let set = Kind::SetItem(target.clone(), Expression::Local(item), Expression::Local(value));
                    let pair = Target::Each(vec![Target::Local(item), Target::Local(value)]);
                    vec![statement(span, Kind::For(pair, other, vec![statement(span, set)], Vec::new()))]
                } else {
                    taken_over(target.clone(), other, (item, value), span)
                };
                let is_set = Expression::IsInstance(boxed(target), vec!["set".to_owned()]);
                self.emit(span, Kind::If(vec![(is_set, add)], set), lifted);
                Ok(())
            }
            ([], keywords) if keywords.iter().all(|keyword| keyword.name.is_some()) => {
                let mut values = Vec::new();
                for keyword in keywords {
                    let value = self.expr(&keyword.value)?;
                    values.push((&keyword.name, self.held(value, span, lifted)));
                }
                for (name, value) in values {
                    let key = name.as_ref().map_or(String::new(), |name| name.name.clone());
                    self.emit(span, Kind::SetItem(target.clone(), Expression::Str(key), value), lifted);
                }
                Ok(())
            }
            _ => Err(reason("update() of this form runs in Python", "set the items one by one", span)),
        }
    }

    /// `text.translate(table)`: each character is looked up.
    pub(super) fn translated(&mut self, text: &'a Expr, table: &'a Expr) -> Lifted<Expression> {
        let Some(table) = self.table(table) else { return self.translated_by(text, table) };
        let text = self.read(text)?;
        // Nothing but text can be added to text.
        let text = Expression::Binary(ir::BinaryOp::Add, boxed(text), boxed(Expression::Str(String::new())));
        let local = self.fresh();
        let items = table.into_iter().map(|(from, to)| (Expression::Str(from.to_string()), Expression::Str(to)));
        let found =
            tallies::found(Expression::Dict(items.collect()), Expression::Local(local), Expression::Local(local));
        let clause = Clause { target: Target::Local(local), iterable: text, conditions: Vec::new() };
        let parts = Expression::Comprehension(boxed(found), vec![clause]);
        Ok(Expression::Method(boxed(Expression::Str(String::new())), "join".to_owned(), vec![parts]))
    }

    /// The same with a dict, which has numbers of characters: text in their place, a number of another one, or None.
    fn translated_by(&mut self, text: &'a Expr, table: &'a Expr) -> Lifted<Expression> {
        let span = table.span;
        let text = self.read(text)?;
        let arguments = vec![text, self.read(table)?];
        let (text, table, parts, letter, number, found) = (0, 1, 2, 3, 4, 5);
        let local = Expression::Local;
        let set = |target, value| statement(span, Kind::Assign(Target::Local(target), value));
        let is = |op, left, right| Expression::Compare(op, boxed(left), boxed(right));
        let append = |value| vec![statement(span, Kind::Append(local(parts), value))];
        let is_number = Expression::IsInstance(boxed(local(found)), vec!["int".to_owned()]);
        let other = append(Expression::Call(Builtin::Chr, vec![local(found)]));
        // Nothing but text can be added to text.
        let as_text =
            |value| Expression::Binary(ir::BinaryOp::Add, boxed(value), boxed(Expression::Str(String::new())));
        let replaced = vec![statement(span, Kind::If(vec![(is_number, other)], append(as_text(local(found)))))];
        let replace = vec![
            set(found, Expression::Index(boxed(local(table)), boxed(local(number)))),
            statement(
                span,
                Kind::If(vec![(is(ir::CompareOp::IsNot, local(found), Expression::None), replaced)], vec![]),
            ),
        ];
        let is_replaced = is(ir::CompareOp::In, local(number), local(table));
        let each = vec![
            set(number, Expression::Call(Builtin::Ord, vec![local(letter)])),
            statement(span, Kind::If(vec![(is_replaced, replace)], append(local(letter)))),
        ];
        // What isn't a dict looks numbers up in its own way.
        let is_dict = Expression::IsInstance(boxed(local(table)), vec!["dict".to_owned()]);
        let is_other = Expression::Unary(ir::UnaryOp::Not, boxed(is_dict));
        let raise = vec![statement(
            span,
            Kind::Left(Cause::new(
                "`translate` with a table that isn't a dict",
                "use a dict, or replace() for each character",
            )),
        )];
        let joined = Expression::Method(boxed(Expression::Str(String::new())), "join".to_owned(), vec![local(parts)]);
        let code = vec![
            statement(span, Kind::If(vec![(is_other, raise)], Vec::new())),
            set(parts, Expression::List(Vec::new())),
            statement(span, Kind::For(Target::Local(letter), as_text(local(text)), each, Vec::new())),
            statement(span, Kind::Return(joined)),
        ];
        Ok(self.written_out("translate", 2, 6, code, arguments))
    }

    /// What `str.maketrans(…)` makes, also of a variable of the file that is set once.
    fn table(&self, expr: &'a Expr) -> Option<BTreeMap<char, String>> {
        if let ExprKind::Name(name) = &expr.kind {
            if self.frame.tables.contains(name) {
                return self.made_table(self.frame.provenance.only(name)?);
            }
            let source = self.source();
            let is_local = self.frame.scopes.iter().any(|scope| scope.contains_key(name))
                || self.frame.names.contains(name)
                || self.frame.outer.contains(name);
            let closure = &self.frame.function.closure;
            let is_enclosed = closure.iter().any(|scope| self.evaluator.name_in(*scope, name).is_some());
            let bindings = self.bindings();
            if is_local || is_enclosed || bindings.dynamic || !bindings.is_constant(source, name) {
                return None;
            }
            if !bindings.keeps_content(name) {
                return None;
            }
            let mut bound = None;
            for statement in &self.evaluator.program.tree(source).body {
                if let StmtKind::Assign { targets, value } = &statement.kind
                    && let [Expr { kind: ExprKind::Name(target), .. }] = targets.as_slice()
                    && target == name
                {
                    bound = Some(value);
                }
            }
            return self.made_table(bound?);
        }
        self.made_table(expr)
    }

    /// What a call of `str.maketrans` with constants makes.
    pub(super) fn made_table(&self, expr: &Expr) -> Option<BTreeMap<char, String>> {
        let ExprKind::Call { func, args, keywords } = &expr.kind else { return None };
        let ExprKind::Attribute { value, name } = &func.kind else { return None };
        let is_text = matches!(&value.kind, ExprKind::Name(of) if of == "str" && self.is_builtin(of))
            || matches!(&value.kind, ExprKind::Constant(Constant::Str(_)));
        if !is_text || name.name != "maketrans" || !keywords.is_empty() {
            return None;
        }
        let text = |expr: &Expr| self.known_text(expr);
        let mut table = BTreeMap::new();
        match args.as_slice() {
            [Expr { kind: ExprKind::Dict(items), .. }] => {
                for (key, value) in items {
                    let from = text(key.as_ref()?)?;
                    let mut letters = from.chars();
                    let (Some(from), None) = (letters.next(), letters.next()) else { return None };
                    let to = match &value.kind {
                        ExprKind::Constant(Constant::None) => String::new(),
                        _ => text(value)?,
                    };
                    table.insert(from, to);
                }
            }
            [from, to, removed @ ..] if removed.len() <= 1 => {
                let (from, to) = (text(from)?, text(to)?);
                if from.chars().count() != to.chars().count() {
                    return None;
                }
                table.extend(from.chars().zip(to.chars().map(String::from)));
                if let [removed] = removed {
                    table.extend(text(removed)?.chars().map(|letter| (letter, String::new())));
                }
            }
            _ => return None,
        }
        (!table.is_empty()).then_some(table)
    }

    /// Text of literals and constants of the library.
    fn known_text(&self, expr: &Expr) -> Option<String> {
        let constant = match &expr.kind {
            ExprKind::Constant(value) => constants::literal(value).ok()?,
            ExprKind::BinOp { left, op: BinOp::Add, right } => {
                return Some(self.known_text(left)? + &self.known_text(right)?);
            }
            _ => library::constant(&self.library_path(expr)?)?,
        };
        match constant {
            Expression::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A call of a function that is made here.
    pub(super) fn written_out(
        &mut self,
        name: &str,
        parameters: u32,
        locals: u32,
        code: Vec<Statement>,
        arguments: Vec<Expression>,
    ) -> Expression {
        self.functions.push(Inner { name: name.to_owned(), parameters, locals, code });
        Expression::Invoke(self.functions.len() as u32 - 1, arguments)
    }
}

/// Sets all items of a dict in another one.
fn taken_over(target: Expression, other: Expression, (key, value): (u32, u32), span: Span) -> Vec<Statement> {
    let is_other = Expression::IsInstance(boxed(other.clone()), vec!["dict".to_owned()]);
    let is_other = Expression::Unary(ir::UnaryOp::Not, boxed(is_other));
    let raise = vec![statement(
        span,
        Kind::Left(Cause::new("`update` of a dict with what isn't one", "set the items one by one, in a loop")),
    )];
    let set = Kind::SetItem(target, Expression::Local(key), Expression::Local(value));
    let items = Expression::Method(boxed(other), "items".to_owned(), Vec::new());
    let pair = Target::Each(vec![Target::Local(key), Target::Local(value)]);
    vec![
        statement(span, Kind::If(vec![(is_other, raise)], Vec::new())),
        statement(span, Kind::For(pair, items, vec![statement(span, set)], Vec::new())),
    ]
}
