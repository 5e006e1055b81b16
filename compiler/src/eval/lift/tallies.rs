//! `collections.Counter`, `defaultdict` and `OrderedDict` in local variables: dicts with a value for keys that aren't
//! there, or with more methods.
//!
//! Nobody may see that they are anything else than a dict, so only some uses are lifted.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::{BinaryOp, Builtin, CompareOp, Extreme, Key, StatementKind as Kind, Target};

/// What a variable counts or gathers.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    /// The value of a key that isn't there; an `OrderedDict` has none.
    pub missing: Option<Expression>,
    /// A `Counter`: reading a key that isn't there leaves it so.
    pub is_counter: bool,
}

impl Tally {
    /// Whether reading a key that isn't there adds it.
    pub(super) fn adds(&self) -> bool {
        self.missing.is_some() && !self.is_counter
    }
}

impl<'a> Lift<'_, 'a> {
    /// `counts = Counter(…)` or `groups = defaultdict(…)`; false if it is something else.
    pub(super) fn tally(
        &mut self,
        targets: &'a [Expr],
        value: &'a Expr,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<bool> {
        let ([Expr { kind: ExprKind::Name(name), .. }], ExprKind::Call { func, args, keywords }) =
            (targets, &value.kind)
        else {
            return Ok(false);
        };
        let path = self.library_path(func);
        let is_counter = match path.as_deref() {
            Some("collections.Counter") => true,
            Some("collections.defaultdict" | "collections.OrderedDict") => false,
            _ => return Ok(false),
        };
        if self.frame.provenance.only(name).is_none() || !keywords.is_empty() || !self.owns(name, true) {
            return Err(reason(format!("{name} is bound more than once, or otherwise"), "use a dict", span));
        }
        let local = self.local(name);
        if path.as_deref() == Some("collections.OrderedDict") {
            self.frame.tallies.insert(name.clone(), Tally { missing: None, is_counter });
            let made = match args.as_slice() {
                [] => Expression::Dict(Vec::new()),
                [items] => Expression::Call(Builtin::Dict, vec![self.gone_over(items)?]),
                _ => return Err(reason("OrderedDict() takes one value", "give it one", span)),
            };
            self.emit(span, Kind::Assign(Target::Local(local), made), lifted);
            return Ok(true);
        }
        let (missing, counted) = match (is_counter, args.as_slice()) {
            (true, []) => (Expression::Int(0), None),
            (true, [counted]) => (Expression::Int(0), Some(counted)),
            (false, [factory]) => (self.factory(factory)?, None),
            _ => return Err(reason("this runs in Python", "use a dict", span)),
        };
        self.frame.tallies.insert(name.clone(), Tally { missing: Some(missing), is_counter });
        self.emit(span, Kind::Assign(Target::Local(local), Expression::Dict(Vec::new())), lifted);
        if let Some(counted) = counted {
            self.count(local, counted, span, lifted)?;
        }
        Ok(true)
    }

    /// What the function of a `defaultdict` gives.
    fn factory(&self, factory: &'a Expr) -> Lifted<Expression> {
        let unknown = || {
            reason("this function of a defaultdict runs in Python", "use int, float, str, list or set", factory.span)
        };
        match &factory.kind {
            ExprKind::Name(name) if self.is_builtin(name) => Ok(match name.as_str() {
                "int" => Expression::Int(0),
                "float" => Expression::Float(0),
                "str" => Expression::Str(String::new()),
                "list" => Expression::List(Vec::new()),
                "set" => Expression::Call(Builtin::Set, Vec::new()),
                "dict" => Expression::Dict(Vec::new()),
                _ => return Err(unknown()),
            }),
            ExprKind::Lambda { params, body } if params.all().next().is_none() => match &body.kind {
                ExprKind::Constant(_) | ExprKind::List(_) | ExprKind::Tuple(_) | ExprKind::Dict(_) => {
                    fresh(body).ok_or_else(unknown)
                }
                _ => Err(unknown()),
            },
            _ => Err(unknown()),
        }
    }

    /// Counts the elements of an iterable; a mapping holds counts itself, so that is left to Python.
    fn count(&mut self, counts: u32, counted: &'a Expr, span: Span, lifted: &mut Vec<Statement>) -> Lifted<()> {
        let counted = self.iterable(counted)?;
        let counted = self.held(counted, span, lifted);
        let is_mapping = Expression::IsInstance(boxed(counted.clone()), vec!["dict".to_owned()]);
        let raise = vec![statement(span, Kind::Left(of_mapping()))];
        self.emit(span, Kind::If(vec![(is_mapping, raise)], Vec::new()), lifted);
        let item = self.fresh();
        let before = found(Expression::Local(counts), Expression::Local(item), Expression::Int(0));
        let after = Expression::Binary(BinaryOp::Add, boxed(before), boxed(Expression::Int(1)));
        let set = statement(span, Kind::SetItem(Expression::Local(counts), Expression::Local(item), after));
        self.emit(span, Kind::For(Target::Local(item), counted, vec![set], Vec::new()), lifted);
        Ok(())
    }

    /// The variable that an expression names, if it is one of these.
    pub(super) fn tally_of(&self, of: &Expr) -> Option<Tally> {
        let ExprKind::Name(name) = &of.kind else { return None };
        let is_inner = self.frame.scopes[1..].iter().any(|scope| scope.contains_key(name));
        self.frame.tallies.get(name).filter(|_| !is_inner).cloned()
    }

    /// `counts[key]` where it is read.
    pub(super) fn tally_item(&mut self, tally: Tally, of: &'a Expr, index: &'a Expr) -> Lifted<Expression> {
        let (of, index) = (self.read(of)?, self.expr(index)?);
        // Reading a key that isn't in a defaultdict adds it: that is left to Python.
        Ok(match tally.missing.filter(|_| tally.is_counter) {
            Some(missing) => found(of, index, missing),
            None => Expression::Index(boxed(of), boxed(index)),
        })
    }

    /// `groups[key]` where it is changed: adds the key if it isn't there.
    pub(super) fn tally_part(
        &mut self,
        tally: Tally,
        of: &'a Expr,
        index: &'a Expr,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<Expression> {
        let span = index.span;
        let (of, index) = (self.read(of)?, self.expr(index)?);
        let Some(missing) = tally.missing else { return Ok(Expression::Index(boxed(of), boxed(index))) };
        let key = self.held(index, span, lifted);
        let is_new = Expression::Compare(CompareOp::NotIn, boxed(key.clone()), boxed(of.clone()));
        let set = vec![statement(span, Kind::SetItem(of.clone(), key.clone(), missing))];
        self.emit(span, Kind::If(vec![(is_new, set)], Vec::new()), lifted);
        Ok(Expression::Index(boxed(of), boxed(key)))
    }

    /// `groups[key]` as it is read by a statement, or changed in it; `None` if it is something else.
    pub(super) fn tally_subscript(
        &mut self,
        value: &'a Expr,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<Option<Expression>> {
        let ExprKind::Subscript { value: of, index } = &value.kind else { return Ok(None) };
        match self.tally_of(of).filter(Tally::adds) {
            Some(tally) => {
                let changes = self.frame.changes;
                let part = self.tally_part(tally, of, index, lifted)?;
                self.changes_nothing(changes, value.span)?;
                Ok(Some(part))
            }
            None => Ok(None),
        }
    }

    /// Methods of these.
    pub(super) fn tally_method(
        &mut self,
        tally: &Tally,
        of: &'a Expr,
        name: &str,
        site: Site<'a>,
    ) -> Lifted<Option<Expression>> {
        match name {
            "items" | "keys" | "values" | "get" => Ok(None),
            _ if tally.missing.is_none() => {
                Err(reason(format!("{name}() of an OrderedDict runs in Python"), "use a dict", site.span))
            }
            "most_common" if tally.is_counter && site.keywords.is_empty() => {
                let of = self.read(of)?;
                self.most_common(of, site).map(Some)
            }
            _ => Err(reason(format!("{name}() of a Counter or defaultdict runs in Python"), "use a dict", site.span)),
        }
    }

    /// `counts.most_common(n)`.
    pub(super) fn most_common(&mut self, counts: Expression, site: Site<'a>) -> Lifted<Expression> {
        let items = Expression::Method(boxed(counts), "items".to_owned(), Vec::new());
        let local = self.fresh();
        let value = Expression::Index(boxed(Expression::Local(local)), boxed(Expression::Int(1)));
        let key = Key { local, value: boxed(value) };
        let sorted = Expression::Sorted(boxed(items), Some(key), boxed(Expression::Bool(true)));
        let most = match site.args {
            [] => return Ok(sorted),
            [most] => self.expr(most)?,
            _ => return Err(reason("most_common() takes one number", "give it one", site.span)),
        };
        let values = Expression::Tuple(vec![most, Expression::Int(0)]);
        let most = Expression::Best(Extreme::Max, boxed(values), None, None);
        let bounds = Box::new([Expression::None, most, Expression::None]);
        Ok(Expression::Slice(boxed(sorted), bounds))
    }

    /// `counts.update(words)`; false for other calls.
    pub(super) fn tally_update(
        &mut self,
        of: &'a Expr,
        name: &str,
        args: &'a [Expr],
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<bool> {
        let Some(tally) = self.tally_of(of) else { return Ok(false) };
        if tally.missing.is_none() {
            return match name {
                "clear" | "pop" | "setdefault" => Ok(false),
                _ => Err(reason(format!("{name}() of an OrderedDict runs in Python"), "use a dict", span)),
            };
        }
        match (name, args, self.read(of)?) {
            ("update", [counted], Expression::Local(local)) if tally.is_counter => {
                self.count(local, counted, span, lifted)?;
                Ok(true)
            }
            _ => Err(reason(format!("{name}() of a Counter or defaultdict runs in Python"), "use a dict", span)),
        }
    }
}

/// Something that is written down with nothing but constants in it: each time it is evaluated, it is a new one.
fn fresh(value: &Expr) -> Option<Expression> {
    let all = |items: &[Expr]| items.iter().map(fresh).collect::<Option<Vec<_>>>();
    match &value.kind {
        ExprKind::Constant(value) => constants::literal(value).ok(),
        ExprKind::List(items) => all(items).map(Expression::List),
        ExprKind::Tuple(items) => all(items).map(Expression::Tuple),
        ExprKind::Dict(items) if items.is_empty() => Some(Expression::Dict(Vec::new())),
        _ => None,
    }
}

/// `of.get(key, missing)`.
pub(super) fn found(of: Expression, key: Expression, missing: Expression) -> Expression {
    Expression::Method(boxed(of), "get".to_owned(), vec![key, missing])
}

/// Why counts of a mapping are left to Python.
pub(super) fn of_mapping() -> Cause {
    Cause::new("a Counter is made of a dict", "count its items in a loop")
}
