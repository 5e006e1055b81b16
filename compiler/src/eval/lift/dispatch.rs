//! Calls of one of several known functions, and loops over tables of functions: `OPS[sign](a, b)`,
//! `for name, test in CHECKS:`.

use super::arguments::Site;
use super::choices::{self, Choice, Entry};
use super::*;
use pyflink_plan::ir::{BinaryOp, Builtin, CompareOp, Key, StatementKind as Kind, Target};

/// Functions that are told apart at the most, and rounds of a loop that is written out.
const MOST: usize = 24;

/// What a loop goes over, where some of it are functions.
pub(super) enum Rows<'a> {
    Entries(Vec<Entry<'a>>),
    Plain(&'a Expr),
    Zip(Vec<Rows<'a>>),
    Enumerate(Box<Rows<'a>>, Option<&'a Expr>),
}

impl Rows<'_> {
    fn has_functions(&self) -> bool {
        match self {
            Rows::Entries(entries) => entries.iter().any(Entry::has_function),
            Rows::Plain(_) => false,
            Rows::Zip(parts) => parts.iter().any(Rows::has_functions),
            Rows::Enumerate(rows, _) => rows.has_functions(),
        }
    }
}

impl<'a> Lift<'_, 'a> {
    /// Calls what a name or an expression stands for; None if that isn't one of several known functions.
    pub(super) fn call_known(&mut self, func: &'a Expr, site: Site<'a>) -> Lifted<Option<Expression>> {
        let span = site.span;
        let of: Vec<Entry> = match self.entries(func)? {
            Some(entries) if entries.iter().any(Entry::has_function) => entries,
            _ => return Ok(None),
        };
        if of.len() > MOST {
            return Err(reason(
                format!("a call of one of {} functions runs in Python", of.len()),
                "choose among fewer with `if`",
                span,
            ));
        }
        // What stands for one and the same needs no number.
        if let ExprKind::Name(name) = &func.kind
            && let Some(Choice { number: None, of }) = self.choice_of(name).cloned()
        {
            return self.call_entry(&of[0], name, site).map(Some);
        }
        let title = match &func.kind {
            ExprKind::Name(name) => name.clone(),
            _ => "what this calls".to_owned(),
        };
        let number = self.number(func, 0)?;
        let held = self.fresh();
        let around = self.frame.evaluated.clone();
        let arguments = self.evaluated_once(&site, of.len())?;
        let chain = self.told_apart(held, &of, |lift, entry| lift.call_entry(entry, &title, site));
        self.frame.evaluated = around;
        let mut whole = chain?;
        for (local, value) in arguments.into_iter().rev() {
            whole = Expression::Let(local, boxed(value), boxed(whole));
        }
        Ok(Some(Expression::Let(held, boxed(number), boxed(whole))))
    }

    /// What each entry gives, by its number in a local. CPython says what is wrong with a call of None.
    fn told_apart(
        &mut self,
        number: u32,
        of: &[Entry<'a>],
        mut give: impl FnMut(&mut Self, &Entry<'a>) -> Lifted<Expression>,
    ) -> Lifted<Expression> {
        let mut whole = None;
        for (at, entry) in of.iter().enumerate().rev().filter(|(_, entry)| !entry.is_none()) {
            let given = self.conditionally(|lift| give(lift, entry))?;
            whole = Some(match whole {
                None => given,
                Some(other) => {
                    let is_it = compare(CompareOp::Eq, Expression::Local(number), Expression::Int(at as i64 + 1));
                    Expression::If(boxed(is_it), boxed(given), boxed(other))
                }
            });
        }
        let whole = whole.unwrap_or(Expression::None);
        let is_none = compare(CompareOp::Is, Expression::Local(number), Expression::None);
        let raise = self.bailing();
        Ok(Expression::If(boxed(is_none), boxed(raise), boxed(whole)))
    }

    /// A call that is always left to CPython.
    pub(super) fn bailing(&mut self) -> Expression {
        let span = self.under_way.last().copied().unwrap_or(Span { source: self.source(), start: 0, end: 0 });
        self.written_out("raise", 0, 0, vec![statement(span, Kind::Raise)], Vec::new())
    }

    /// Arguments that are evaluated before it is told which function it is.
    fn evaluated_once(&mut self, site: &Site<'a>, count: usize) -> Lifted<Vec<(u32, Expression)>> {
        let mut evaluated = Vec::new();
        if count < 2 {
            return Ok(evaluated);
        }
        for argument in site.args.iter().chain(site.keywords.iter().map(|keyword| &keyword.value)) {
            let is_value = match &argument.kind {
                ExprKind::BinOp { .. }
                | ExprKind::BoolOp { .. }
                | ExprKind::Compare { .. }
                | ExprKind::IfExp { .. }
                | ExprKind::JoinedStr(_)
                | ExprKind::UnaryOp { .. } => true,
                ExprKind::Subscript { index, .. } => !matches!(index.kind, ExprKind::Slice { .. }),
                // Some give what is gone through.
                ExprKind::Call { func, .. } => match &func.kind {
                    ExprKind::Name(name) => {
                        !["enumerate", "filter", "iter", "map", "range", "reversed", "zip"].contains(&name.as_str())
                            && !self.generators.contains(name)
                    }
                    ExprKind::Subscript { .. } => true,
                    _ => false,
                },
                _ => false,
            };
            if is_value {
                let value = self.expr(argument)?;
                let local = self.fresh();
                self.frame.evaluated.insert(std::ptr::from_ref(argument), local);
                evaluated.push((local, value));
            }
        }
        Ok(evaluated)
    }

    /// The local of an argument that is evaluated before.
    pub(super) fn evaluated(&self, expr: &'a Expr) -> Option<Expression> {
        self.frame.evaluated.get(&std::ptr::from_ref(expr)).copied().map(Expression::Local)
    }

    pub(super) fn call_entry(&mut self, entry: &Entry<'a>, title: &str, site: Site<'a>) -> Lifted<Expression> {
        let span = site.span;
        match entry {
            Entry::Value(Value::Method(method)) => match self.own_method(method) {
                Some((function, receiver)) => {
                    let callee = self.callee(&function, Some(receiver), span)?;
                    self.invoke(callee, site)
                }
                None => Err(reason(
                    format!("{title}() is a method of another object"),
                    "call a function of the module instead",
                    span,
                )),
            },
            Entry::Value(value) => self.call_value(value, title, site),
            Entry::Constant(Expression::None) => Ok(self.bailing()),
            Entry::Constant(_) | Entry::Row(_) => {
                Err(reason(format!("{title} isn't a function always"), "let all that it stands for be functions", span))
            }
            Entry::Nested(name, nested) => {
                let callee = self.written_callee(name, *nested);
                self.invoke(callee, site)
            }
            Entry::Library(path) => self.library_call(path, site),
            Entry::TextMethod(name) => {
                let ([text, rest @ ..], []) = (site.args, site.keywords) else {
                    return Err(reason(
                        format!("str.{name}() of this form runs in Python"),
                        format!("call it on the text: `text.{name}(…)`"),
                        span,
                    ));
                };
                if stars::has_star(site.args) {
                    return Err(reason("`*` in a call runs in Python", "write the arguments out", span));
                }
                let text = self.expr(text)?;
                let rest = self.exprs(rest)?;
                Ok(Expression::Method(boxed(as_text(text)), (*name).to_owned(), rest))
            }
            Entry::Method(receiver, name) => self.call_method_of(receiver.clone(), name, site),
        }
    }

    /// The function of a method of the function object.
    fn own_method(&self, method: &BoundMethod) -> Option<(Function, Receiver)> {
        let (_, receiver) = self.frame.receiver.as_ref()?;
        let Receiver::Object { instance: Some(instance), .. } = receiver else { return None };
        match self.evaluator.heap.get(method.function) {
            Object::Function(function) if method.receiver.object() == Some(*instance) => {
                Some((function.clone(), receiver.clone()))
            }
            _ => None,
        }
    }

    /// A variable that stands for functions as the function that `map`, `sorted` and their like are given.
    pub(super) fn choice_key(&mut self, function: &'a Expr) -> Lifted<Option<Key>> {
        let ExprKind::Name(name) = &function.kind else { return Ok(None) };
        let Some(Choice { number, of }) = self.choice_of(name).cloned() else { return Ok(None) };
        let local = self.fresh();
        let value = match number {
            None => self.entry_of(&of[0], Expression::Local(local), function.span)?,
            Some(number) => self
                .told_apart(number, &of, |lift, entry| lift.entry_of(entry, Expression::Local(local), function.span))?,
        };
        Ok(Some(Key { local, value: boxed(value) }))
    }

    /// What a function gives for a value.
    fn entry_of(&mut self, entry: &Entry<'a>, value: Expression, span: Span) -> Lifted<Expression> {
        match entry {
            Entry::Value(Value::Builtin(name)) => keys::of_builtin(name, value).ok_or_else(|| {
                reason(
                    format!("{name}, as a function that is handed over, runs in Python"),
                    "write a lambda or a loop that does the same",
                    span,
                )
            }),
            Entry::Value(Value::Library(path)) => self.library_key(path, value, span),
            Entry::Library(path) => self.library_key(path, value, span),
            Entry::Value(found) => self.function_key(found, value, span),
            Entry::Nested(name, nested) => {
                let callee = self.written_callee(name, *nested);
                self.invoke_with(callee, value, span)
            }
            Entry::TextMethod(name) if methods::of_text(name) => {
                Ok(Expression::Method(boxed(as_text(value)), (*name).to_owned(), Vec::new()))
            }
            Entry::Method(receiver, name) => self.method_key(receiver.clone(), name, value, span),
            _ => Err(reason("this function, as one that is handed over, runs in Python", "write a lambda", span)),
        }
    }

    fn library_key(&mut self, path: &str, value: Expression, span: Span) -> Lifted<Expression> {
        let known = library::function(path).map(|builtin| Expression::Call(builtin, vec![value.clone()]));
        known.or_else(|| library::operator(path, vec![value])).ok_or_else(|| {
            reason(
                format!("{path}, as a function that is handed over, runs in Python"),
                "write a lambda or a loop that does the same",
                span,
            )
        })
    }

    /// What a loop goes over, if some of it are functions or types.
    pub(super) fn function_rows(&self, iter: &'a Expr) -> Lifted<Option<Rows<'a>>> {
        Ok(Some(self.rows_within(iter)?).filter(Rows::has_functions))
    }

    fn rows_within(&self, iter: &'a Expr) -> Lifted<Rows<'a>> {
        if let ExprKind::Call { func, args, keywords } = &iter.kind
            && keywords.is_empty()
            && !stars::has_star(args)
        {
            match (&func.kind, args.as_slice()) {
                (ExprKind::Name(name), parts) if name == "zip" && self.is_builtin(name) => {
                    return Ok(Rows::Zip(parts.iter().map(|part| self.rows_within(part)).collect::<Lifted<_>>()?));
                }
                (ExprKind::Name(name), [of]) if name == "enumerate" && self.is_builtin(name) => {
                    return Ok(Rows::Enumerate(Box::new(self.rows_within(of)?), None));
                }
                (ExprKind::Name(name), [of, start]) if name == "enumerate" && self.is_builtin(name) => {
                    return Ok(Rows::Enumerate(Box::new(self.rows_within(of)?), Some(start)));
                }
                (ExprKind::Name(name), [of]) if name == "reversed" && self.is_builtin(name) => {
                    if let Some(table) = self.functions_in(of)?.filter(|table| table.keys.is_none()) {
                        return Ok(Rows::Entries(table.entries.iter().rev().cloned().collect()));
                    }
                }
                (ExprKind::Attribute { value, name }, []) => {
                    let table = match name.name.as_str() {
                        "items" | "values" => self.functions_in(value)?,
                        _ => None,
                    };
                    if let Some(choices::Table { keys: Some(keys), entries }) = table {
                        let items = keys.iter().zip(entries.iter());
                        return Ok(Rows::Entries(match name.name.as_str() {
                            "values" => entries.to_vec(),
                            _ => items
                                .map(|(key, entry)| Entry::Row(vec![Entry::Constant(key.clone()), entry.clone()]))
                                .collect(),
                        }));
                    }
                }
                _ => {}
            }
        }
        Ok(match self.functions_in(iter)? {
            Some(table) if table.keys.is_none() => Rows::Entries(table.entries.to_vec()),
            _ => Rows::Plain(iter),
        })
    }

    /// Names that stand for functions in a loop over these.
    pub(super) fn names_of_functions(rows: &Rows<'a>, target: &'a Expr, names: &mut BTreeSet<&'a str>) {
        match (rows, &target.kind) {
            (Rows::Entries(entries), _) => Self::names_in_columns(entries, target, names),
            (Rows::Zip(parts), ExprKind::Tuple(targets) | ExprKind::List(targets)) => {
                parts.iter().zip(targets).for_each(|(part, target)| Self::names_of_functions(part, target, names));
            }
            (Rows::Enumerate(rows, _), ExprKind::Tuple(targets) | ExprKind::List(targets)) if targets.len() == 2 => {
                Self::names_of_functions(rows, &targets[1], names);
            }
            _ => {}
        }
    }

    fn names_in_columns(entries: &[Entry<'a>], target: &'a Expr, names: &mut BTreeSet<&'a str>) {
        match &target.kind {
            ExprKind::Name(name) if choices::constants(entries).is_none() => drop(names.insert(name)),
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                for (at, target) in targets.iter().enumerate() {
                    if let Some(entries) = choices::column(entries, at, Some(targets.len())) {
                        Self::names_in_columns(&entries, target, names);
                    }
                }
            }
            _ => {}
        }
    }

    /// What a loop goes over in machine code: numbers in the places of functions.
    pub(super) fn row_values(&mut self, rows: &Rows<'a>, target: &'a Expr) -> Lifted<Expression> {
        match rows {
            Rows::Plain(expr) => self.iterable(expr),
            Rows::Zip(parts) => {
                let targets = targets_of(target, parts.len())?;
                let values = parts.iter().zip(targets).map(|(part, target)| self.row_values(part, target));
                Ok(Expression::Call(Builtin::Zip, values.collect::<Lifted<_>>()?))
            }
            Rows::Enumerate(rows, start) => {
                let targets = targets_of(target, 2)?;
                let mut arguments = vec![self.row_values(rows, &targets[1])?];
                if let Some(start) = start {
                    arguments.push(self.expr(start)?);
                }
                Ok(Expression::Call(Builtin::Enumerate, arguments))
            }
            Rows::Entries(entries) => {
                let mut columns = Vec::new();
                columns_of(entries, target, &mut columns)?;
                if columns.len() == 1 {
                    return Ok(Expression::Tuple(columns.remove(0)));
                }
                let row = |at: usize| Expression::Tuple(columns.iter().map(|column| column[at].clone()).collect());
                Ok(Expression::Tuple((0..entries.len()).map(row).collect()))
            }
        }
    }

    /// Where the parts of [`Lift::row_values`] go.
    pub(super) fn row_target(&mut self, rows: &Rows<'a>, target: &'a Expr) -> Lifted<Target> {
        match rows {
            Rows::Plain(_) => self.target(target),
            Rows::Zip(parts) => {
                let targets = targets_of(target, parts.len())?;
                let each = parts.iter().zip(targets).map(|(part, target)| self.row_target(part, target));
                Ok(Target::Each(each.collect::<Lifted<_>>()?))
            }
            Rows::Enumerate(rows, _) => {
                let targets = targets_of(target, 2)?;
                Ok(Target::Each(vec![self.target(&targets[0])?, self.row_target(rows, &targets[1])?]))
            }
            Rows::Entries(entries) => {
                let mut targets = Vec::new();
                self.column_targets(entries, target, &mut targets)?;
                Ok(if targets.len() == 1 { targets.remove(0) } else { Target::Each(targets) })
            }
        }
    }

    fn column_targets(&mut self, entries: &[Entry<'a>], target: &'a Expr, into: &mut Vec<Target>) -> Lifted<()> {
        if let ExprKind::Tuple(targets) | ExprKind::List(targets) = &target.kind {
            for (at, target) in targets.iter().enumerate() {
                let entries =
                    choices::column(entries, at, Some(targets.len())).ok_or_else(|| unknown_target(target))?;
                self.column_targets(&entries, target, into)?;
            }
            return Ok(());
        }
        into.push(match choices::constants(entries) {
            Some(_) => self.target(target)?,
            None => Target::Local(self.function_name(target, entries)?),
        });
        Ok(())
    }

    /// A loop over functions or types: its rounds written out, where what is bound in them is of several types; false if
    /// it is left to [`Lift::row_values`], or is another loop.
    pub(super) fn loop_written_out(
        &mut self,
        target: &'a Expr,
        iter: &'a Expr,
        (body, orelse): (&'a [Stmt], &'a [Stmt]),
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<bool> {
        let Some(rows) = self.function_rows(iter)? else { return Ok(false) };
        let Some(Written { entries, first, second }) = written(rows, target) else { return Ok(false) };
        if entries.len() > MOST || !orelse.is_empty() || leaves_loop(body) {
            return Ok(false);
        }
        let second = match second {
            Some((target, other)) => {
                let other = self.iterable(other)?;
                let all = Expression::Call(Builtin::Tuple, vec![other]);
                Some((target, self.held(all, span, lifted)))
            }
            None => None,
        };
        let around = self.frame.choices.clone();
        for (at, item) in entries.iter().enumerate() {
            let mut round = Vec::new();
            let done = self.looped(span, |lift| {
                lift.bind_known(first, item, span, &mut round)?;
                if let Some((target, all)) = &second {
                    let next = Expression::Index(boxed(all.clone()), boxed(Expression::Int(at as i64)));
                    lift.store(target, next, span, &mut round)?;
                }
                round.extend(lift.block(body)?);
                Ok(())
            });
            self.frame.choices.clone_from(&around);
            done?;
            match &second {
                Some((_, all)) => {
                    let length = Expression::Call(Builtin::Len, vec![all.clone()]);
                    let test = compare(CompareOp::Gt, length, Expression::Int(at as i64));
                    self.emit(span, Kind::If(vec![(test, round)], Vec::new()), lifted);
                }
                None => lifted.extend(round),
            }
        }
        Ok(true)
    }

    /// Binds names to what is known: constants to locals, functions and types to themselves.
    fn bind_known(
        &mut self,
        target: &'a Expr,
        entry: &Entry<'a>,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        if let ExprKind::Tuple(targets) | ExprKind::List(targets) = &target.kind {
            for (at, target) in targets.iter().enumerate() {
                let part = choices::column(std::slice::from_ref(entry), at, Some(targets.len()));
                let part = part.ok_or_else(|| unknown_target(target))?;
                self.bind_known(target, &part[0], span, lifted)?;
            }
            return Ok(());
        }
        match entry {
            Entry::Constant(constant) => {
                let local = self.target(target)?;
                self.emit(span, Kind::Assign(local, constant.clone()), lifted);
                Ok(())
            }
            entry => self.stands_for(target, Choice { number: None, of: Rc::new([entry.clone()]) }),
        }
    }

    /// `[of(part) for (name, of), part in zip(SCHEMA, parts)]`, written out: for each round what it gives, as `each` lifts
    /// it, and from these the whole.
    pub(super) fn rounds(
        &mut self,
        generators: &'a [Comprehension],
        each: &mut dyn FnMut(&mut Self) -> Lifted<Vec<Expression>>,
        whole: impl FnOnce(Vec<Vec<Expression>>) -> Expression,
    ) -> Lifted<Option<Expression>> {
        let [Comprehension { target, iter, ifs, is_async: false }] = generators else { return Ok(None) };
        if !ifs.is_empty() {
            return Ok(None);
        }
        let Some(rows) = self.function_rows(iter)? else { return Ok(None) };
        let Some(Written { entries, first, second }) = written(rows, target) else { return Ok(None) };
        let second = match second {
            None => None,
            Some((Expr { kind: ExprKind::Name(name), .. }, other)) => Some((name, other)),
            Some(_) => return Ok(None),
        };
        if entries.len() > MOST {
            return Ok(None);
        }
        let all = match second {
            Some((_, other)) => {
                let other = self.iterable(other)?;
                Some((self.fresh(), Expression::Call(Builtin::Tuple, vec![other])))
            }
            None => None,
        };
        let around = self.frame.choices.clone();
        let mut given = Vec::new();
        for (at, item) in entries.iter().enumerate() {
            let mut round = Round { names: BTreeMap::new(), bound: Vec::new() };
            let values = self.round_names(first, item, &mut round).and_then(|()| {
                if let (Some((name, _)), Some((all, _))) = (second, &all) {
                    let local = self.fresh();
                    let part = Expression::Index(boxed(Expression::Local(*all)), boxed(Expression::Int(at as i64)));
                    round.bound.push((local, part));
                    round.names.insert(name.clone(), local);
                }
                self.scoped(round.names, |lift| each(lift))
            });
            self.frame.choices.clone_from(&around);
            let mut values = values?;
            // What is bound in a round is bound before the first value that it gives.
            if let Some(first) = values.first_mut() {
                let value = std::mem::replace(first, Expression::None);
                let bind = |value, (local, part)| Expression::Let(local, boxed(part), boxed(value));
                *first = round.bound.into_iter().rev().fold(value, bind);
            }
            given.push(values);
        }
        let count = entries.len() as i64;
        let whole = whole(given);
        Ok(Some(match all {
            // Of fewer parts it gives less: that is left to Python.
            Some((local, value)) => {
                let length = Expression::Call(Builtin::Len, vec![Expression::Local(local)]);
                let test = compare(CompareOp::Ge, length, Expression::Int(count));
                let whole = Expression::If(boxed(test), boxed(whole), boxed(self.bailing()));
                Expression::Let(local, boxed(value), boxed(whole))
            }
            None => whole,
        }))
    }

    fn round_names(&mut self, target: &'a Expr, entry: &Entry<'a>, round: &mut Round) -> Lifted<()> {
        match (&target.kind, entry) {
            (ExprKind::Tuple(targets) | ExprKind::List(targets), _) => {
                for (at, target) in targets.iter().enumerate() {
                    let part = choices::column(std::slice::from_ref(entry), at, Some(targets.len()));
                    let part = part.ok_or_else(|| unknown_target(target))?;
                    self.round_names(target, &part[0], round)?;
                }
                Ok(())
            }
            (ExprKind::Name(name), Entry::Constant(constant)) => {
                let local = self.fresh();
                round.bound.push((local, constant.clone()));
                round.names.insert(name.clone(), local);
                Ok(())
            }
            (_, entry) => self.stands_for(target, Choice { number: None, of: Rc::new([entry.clone()]) }),
        }
    }
}

/// One round of a comprehension that is written out.
struct Round {
    names: BTreeMap<String, u32>,
    bound: Vec<(u32, Expression)>,
}

/// A loop that may be written out: over entries, with or without something else beside them.
struct Written<'a> {
    entries: Vec<Entry<'a>>,
    first: &'a Expr,
    second: Option<(&'a Expr, &'a Expr)>,
}

fn written<'a>(rows: Rows<'a>, target: &'a Expr) -> Option<Written<'a>> {
    let whole = match rows {
        Rows::Entries(entries) => Some(Written { entries, first: target, second: None }),
        Rows::Zip(parts) => {
            let (ExprKind::Tuple(targets) | ExprKind::List(targets)) = &target.kind else { return None };
            match (<[Rows; 2]>::try_from(parts).ok()?, targets.as_slice()) {
                ([Rows::Entries(entries), Rows::Plain(other)], [first, second])
                | ([Rows::Plain(other), Rows::Entries(entries)], [second, first]) => {
                    Some(Written { entries, first, second: Some((second, other)) })
                }
                _ => None,
            }
        }
        _ => None,
    };
    whole.filter(|whole| !has_gaps(&whole.entries, whole.first))
}

/// True if a name of a target stands for a function in some rows, and for None in others.
fn has_gaps(entries: &[Entry], target: &Expr) -> bool {
    match &target.kind {
        ExprKind::Tuple(targets) | ExprKind::List(targets) => targets.iter().enumerate().any(|(at, target)| {
            choices::column(entries, at, Some(targets.len())).is_some_and(|entries| has_gaps(&entries, target))
        }),
        _ => entries.iter().any(Entry::is_none) && entries.iter().any(Entry::has_function),
    }
}

fn columns_of(entries: &[Entry], target: &Expr, into: &mut Vec<Vec<Expression>>) -> Lifted<()> {
    if let ExprKind::Tuple(targets) | ExprKind::List(targets) = &target.kind {
        for (at, target) in targets.iter().enumerate() {
            let entries = choices::column(entries, at, Some(targets.len())).ok_or_else(|| unknown_target(target))?;
            columns_of(&entries, target, into)?;
        }
        return Ok(());
    }
    into.push(choices::constants(entries).unwrap_or_else(|| choices::numbers(entries, 0)));
    Ok(())
}

fn targets_of(target: &Expr, count: usize) -> Lifted<&[Expr]> {
    match &target.kind {
        ExprKind::Tuple(targets) | ExprKind::List(targets) if targets.len() == count => Ok(targets),
        _ => Err(unknown_target(target)),
    }
}

fn unknown_target(target: &Expr) -> Reason {
    reason(
        "this target runs in Python in a loop over functions or types",
        "give each of them a name of its own, as many as there are parts",
        target.span,
    )
}

fn compare(op: CompareOp, left: Expression, right: Expression) -> Expression {
    Expression::Compare(op, boxed(left), boxed(right))
}

/// Nothing but text can be added to text.
pub(super) fn as_text(value: Expression) -> Expression {
    Expression::Binary(BinaryOp::Add, boxed(Expression::Str(String::new())), boxed(value))
}

/// True for `break` and `continue` of the loop itself.
fn leaves_loop(block: &[Stmt]) -> bool {
    block.iter().any(|statement| match &statement.kind {
        StmtKind::Break | StmtKind::Continue => true,
        StmtKind::For { orelse, .. } | StmtKind::While { orelse, .. } => leaves_loop(orelse),
        _ => walk::blocks(statement).into_iter().any(leaves_loop),
    })
}
