//! Assignments, and changes of lists and dicts: of those that the function itself made, as nobody else sees them.

use super::*;
use provenance::{level, root};
use pyflink_plan::ir::{Builtin, CompareOp, StatementKind as Kind, Target};

impl<'a> Lift<'_, 'a> {
    pub(super) fn assign(
        &mut self,
        targets: &'a [Expr],
        value: &'a Expr,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        // Names of functions are known where they are called.
        if let [Expr { kind: ExprKind::Name(name), .. }] = targets
            && self.frame.provenance.only(name).is_some()
            && self.names_function(name, value)
        {
            return Ok(());
        }
        if self.tally(targets, value, span, lifted)? || self.makes_bytearray(targets, value, span, lifted)? {
            return Ok(());
        }
        if let [target] = targets
            && self.assign_choice(target, value, span, lifted)?
        {
            return Ok(());
        }
        if let [Expr { kind: ExprKind::Name(name), .. }] = targets
            && self.frame.provenance.only(name).is_some()
            && self.made_table(value).is_some()
        {
            self.frame.tables.insert(name.clone());
            return Ok(());
        }
        if let [Expr { kind: ExprKind::Name(name), .. }] = targets
            && self.frame.provenance.only(name).is_some()
            && let Some(url) = self.url(value)?
        {
            let local = self.local(name);
            self.emit(span, Kind::Assign(Target::Local(local), url), lifted);
            return Ok(());
        }
        if let [Expr { kind: ExprKind::Tuple(names), .. }] = targets
            && let ExprKind::Tuple(values) = &value.kind
            && are_apart(names, values, |value| self.makes_empty_buffer(value))
        {
            // Each keeps what is known of it.
            for (name, value) in names.iter().zip(values) {
                self.assign(std::slice::from_ref(name), value, span, lifted)?;
            }
            return Ok(());
        }
        let is_taken_apart = targets.iter().all(|target| matches!(target.kind, ExprKind::Tuple(_) | ExprKind::List(_)));
        let value = match self.tally_subscript(value, lifted)? {
            Some(part) => part,
            None if is_taken_apart && targets.len() == 1 => self.iterable(value)?,
            None => self.changing_value(value)?,
        };
        if let [target] = targets {
            return self.store(target, value, span, lifted);
        }
        let held = self.fresh();
        self.emit(span, Kind::Assign(Target::Local(held), value), lifted);
        targets.iter().try_for_each(|target| self.store(target, Expression::Local(held), span, lifted))
    }

    /// Stores a value that is lifted.
    pub(super) fn store(
        &mut self,
        target: &'a Expr,
        value: Expression,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        match &target.kind {
            ExprKind::Subscript { value: of, index } => {
                if matches!(index.kind, ExprKind::Slice { .. }) {
                    return self.replace_slice(target, Some(value), span, lifted);
                }
                self.owns_container(of, target.span)?;
                // The value is evaluated before what it is stored into.
                let value = self.held(value, span, lifted);
                if let Some(local) = self.buffer(of) {
                    let index = self.expr(index)?;
                    self.set_byte((local, index), value, span, lifted);
                    return Ok(());
                }
                let changes = self.frame.changes;
                let (of, index) = (self.read(of)?, self.expr(index)?);
                self.changes_nothing(changes, target.span)?;
                self.emit(span, Kind::SetItem(of, index, value), lifted);
            }
            ExprKind::Attribute { value: of, name } if self.making(of).is_some() => {
                let local = self.field_local(name)?;
                self.emit(span, Kind::Assign(Target::Local(local), value), lifted);
            }
            ExprKind::Attribute { value: of, name } if self.settable(of).is_some() => {
                self.set_field((of, name), value, span, lifted)?;
            }
            ExprKind::Attribute { value: of, name } => {
                let attribute = self.source_attribute(of, name, target.span)?;
                self.emit(span, Kind::SetAttribute(attribute, value), lifted);
            }
            ExprKind::Tuple(items) | ExprKind::List(items)
                if items.iter().filter(|item| matches!(item.kind, ExprKind::Starred(_))).count() == 1 =>
            {
                self.store_rest(items, value, span, lifted)?;
            }
            // `l[i], l[j] = …`: what it is taken apart into is stored in order.
            ExprKind::Tuple(items) | ExprKind::List(items) if items.iter().any(is_part) => {
                let parts: Vec<u32> = items.iter().map(|_| self.fresh()).collect();
                let each = Target::Each(parts.iter().map(|part| Target::Local(*part)).collect());
                self.emit(span, Kind::Assign(each, value), lifted);
                for (item, part) in items.iter().zip(parts) {
                    self.store(item, Expression::Local(part), span, lifted)?;
                }
            }
            _ => {
                let target = self.target(target)?;
                self.emit(span, Kind::Assign(target, value), lifted);
            }
        }
        Ok(())
    }

    /// `first, *rest = …`: parts of a list of it.
    fn store_rest(
        &mut self,
        items: &'a [Expr],
        value: Expression,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        let list = self.fresh();
        self.emit(span, Kind::Assign(Target::Local(list), Expression::Call(Builtin::List, vec![value])), lifted);
        let list = Expression::Local(list);
        let length = Expression::Call(Builtin::Len, vec![list.clone()]);
        let least = Expression::Int(items.len() as i64 - 1);
        let is_short = Expression::Compare(CompareOp::Lt, boxed(length), boxed(least));
        let raise = vec![statement(span, Kind::Raise)];
        self.emit(span, Kind::If(vec![(is_short, raise)], Vec::new()), lifted);
        let mut is_behind = false;
        for (at, item) in items.iter().enumerate() {
            let from_end = Expression::Int(at as i64 - items.len() as i64);
            match &item.kind {
                ExprKind::Starred(rest) => {
                    let stop = if at + 1 == items.len() {
                        Expression::None
                    } else {
                        Expression::Int(at as i64 + 1 - items.len() as i64)
                    };
                    let bounds = Box::new([Expression::Int(at as i64), stop, Expression::None]);
                    self.store(rest, Expression::Slice(boxed(list.clone()), bounds), span, lifted)?;
                    is_behind = true;
                }
                _ => {
                    let index = if is_behind { from_end } else { Expression::Int(at as i64) };
                    self.store(item, Expression::Index(boxed(list.clone()), boxed(index)), span, lifted)?;
                }
            }
        }
        Ok(())
    }

    /// An expression that gives the value any number of times.
    pub(super) fn held(&mut self, value: Expression, span: Span, lifted: &mut Vec<Statement>) -> Expression {
        if is_simple(&value) {
            return value;
        }
        let held = self.fresh();
        self.emit(span, Kind::Assign(Target::Local(held), value), lifted);
        Expression::Local(held)
    }

    pub(super) fn target(&mut self, target: &'a Expr) -> Lifted<Target> {
        match &target.kind {
            ExprKind::Name(name) => {
                if let Some(local) = self.frame.scopes[1..].iter().rev().find_map(|scope| scope.get(name)) {
                    return Ok(Target::Local(*local));
                }
                if self.frame.receiver.as_ref().is_some_and(|(receiver, _)| receiver == name) || self.is_outlet(name) {
                    return Err(reason(format!("it gives {name} another meaning"), "use another name", target.span));
                }
                if !self.frame.names.contains(name) {
                    return Err(reason(
                        format!("it changes {name}, which lives outside of it"),
                        "use a reduce, or a local variable",
                        target.span,
                    ));
                }
                if self.frame.choices.contains_key(name) || self.frame.dispatch.contains_key(name) {
                    return Err(reason(
                        format!("{name} holds functions, and something else"),
                        "use two names",
                        target.span,
                    ));
                }
                Ok(Target::Local(self.local(name)))
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                Ok(Target::Each(items.iter().map(|item| self.target(item)).collect::<Lifted<_>>()?))
            }
            ExprKind::Starred(_) => {
                Err(reason("a target with a star runs in Python", "use an index and a slice", target.span))
            }
            ExprKind::Attribute { value, .. } if matches!(&value.kind, ExprKind::Name(name) if self.is_receiver(name)) => {
                Err(reason("it changes its object", "keep its state in a local variable, or use a reduce", target.span))
            }
            _ => Err(reason(
                "it changes an object while taking something apart",
                "assign to variables first",
                target.span,
            )),
        }
    }

    /// An attribute of a source that may be set.
    pub(super) fn source_attribute(&mut self, of: &'a Expr, name: &Ident, span: Span) -> Lifted<u32> {
        let is_own = matches!(&of.kind, ExprKind::Name(receiver) if self.is_receiver(receiver));
        if !is_own {
            return Err(reason("it changes an object", "make a new one with the changed value", span));
        }
        if self.call != Call::Source {
            return Err(reason(
                "it changes an object",
                "keep its state in a local variable, or leave it in Python",
                span,
            ));
        }
        match self.receiver_attribute(name, span)? {
            Expression::Attribute(at) => Ok(at),
            _ => Err(reason(
                format!("{} of its class is no plain attribute", name.name),
                "set an attribute that __init__ sets",
                span,
            )),
        }
    }

    /// Refuses containers that others may see.
    pub(super) fn owns_container(&self, of: &'a Expr, span: Span) -> Lifted<()> {
        if root(of)
            .is_some_and(|name| self.owns(name, level(of) > 0) && self.frame.provenance.is_own_to(name, level(of)))
        {
            return Ok(());
        }
        if self.is_own_attribute(of) {
            return Ok(());
        }
        Err(match root(of) {
            Some(name) => reason(
                format!("it changes {name}, which others may see"),
                format!("change a copy made in the function: `list({name})` or `dict({name})`"),
                span,
            ),
            None => reason("it changes an object that lives outside of it", "keep its state in a local variable", span),
        })
    }

    /// True if a local name stands for a list, dict or set that the function made; `deep`: with all that is in it.
    pub(super) fn owns(&self, name: &str, deep: bool) -> bool {
        self.frame.names.contains(name)
            && self.frame.scopes[1..].iter().all(|scope| !scope.contains_key(name))
            && self.frame.provenance.is_own(name)
            && self.frame.provenance.makers(name, deep).iter().all(|(maker, is_method)| match is_method {
                true => !self.bindings().defines_method(maker),
                false => !self.bindings().defines(maker),
            })
    }

    pub(super) fn delete(&mut self, target: &'a Expr, lifted: &mut Vec<Statement>) -> Lifted<()> {
        match &target.kind {
            ExprKind::Subscript { value, index } if !matches!(index.kind, ExprKind::Slice { .. }) => {
                self.owns_container(value, target.span)?;
                let changes = self.frame.changes;
                let (of, index) = (self.expr(value)?, self.expr(index)?);
                self.changes_nothing(changes, target.span)?;
                let pop = Expression::Method(boxed(of), "pop".to_owned(), vec![index]);
                self.emit(target.span, Kind::Evaluate(pop), lifted);
                Ok(())
            }
            ExprKind::Subscript { .. } => self.replace_slice(target, None, target.span, lifted),
            _ => Err(reason("`del` of this runs in Python", "leave it out, or make a new value", target.span)),
        }
    }

    /// A call as a statement: it may change a container.
    pub(super) fn changing_statement(&mut self, call: &'a Expr, lifted: &mut Vec<Statement>) -> Lifted<()> {
        let span = call.span;
        self.changes_own(call)?;
        if let Some(value) = self.heap_changed(call)? {
            self.emit(span, Kind::Evaluate(value), lifted);
            return Ok(());
        }
        if let ExprKind::Call { func, args, keywords } = &call.kind
            && let ExprKind::Attribute { value: of, name } = &func.kind
            && self.changes_builtin(of, &name.name)
        {
            self.owns_container(of, span)?;
            if let Some(local) = self.buffer(of)
                && keywords.is_empty()
            {
                return self.change_buffer(local, &name.name, args, span, lifted);
            }
            let changes = self.frame.changes;
            if self.tally_update(of, &name.name, args, span, lifted)? {
                return self.changes_nothing(changes, span);
            }
            match (name.name.as_str(), args.as_slice()) {
                ("append", [value]) if keywords.is_empty() => {
                    let of = self.container(of, &name.name, lifted)?;
                    let value = self.expr(value)?;
                    if !matches!(of, Expression::Local(_)) {
                        self.changes_nothing(changes, span)?;
                    }
                    self.emit(span, Kind::Append(of, value), lifted);
                    return Ok(());
                }
                ("extend", [value]) if keywords.is_empty() => {
                    let of = self.container(of, &name.name, lifted)?;
                    let value = self.iterable(value)?;
                    self.changes_nothing(changes, span)?;
                    self.emit(span, Kind::Extend(of, value), lifted);
                    return Ok(());
                }
                ("update", _) => {
                    self.update(of, args, keywords, span, lifted)?;
                    return self.changes_nothing(changes, span);
                }
                ("sort", []) => {
                    self.sort(of, keywords, span, lifted)?;
                    return self.changes_nothing(changes, span);
                }
                _ if keywords.is_empty() => {
                    let of = self.container(of, &name.name, lifted)?;
                    let arguments = args.iter().map(|argument| self.iterable(argument)).collect::<Lifted<_>>()?;
                    self.changes_nothing(changes, span)?;
                    let value = Expression::Method(boxed(of), name.name.clone(), arguments);
                    self.emit(span, Kind::Evaluate(value), lifted);
                    return Ok(());
                }
                _ => {
                    return Err(reason(
                        format!("{}() with named arguments runs in Python", name.name),
                        "give its arguments by position",
                        span,
                    ));
                }
            }
        }
        let value = self.expr(call)?;
        self.emit(span, Kind::Evaluate(value), lifted);
        Ok(())
    }

    /// Refuses what changes something in the middle of a statement that changes something itself.
    pub(super) fn changes_nothing(&self, before: u32, span: Span) -> Lifted<()> {
        match self.frame.changes > before {
            true => Err(reason("it changes something in the middle of a change", "use a variable for it", span)),
            false => Ok(()),
        }
    }

    /// `names.sort(…)`.
    fn sort(&mut self, of: &'a Expr, keywords: &'a [Keyword], span: Span, lifted: &mut Vec<Statement>) -> Lifted<()> {
        let ExprKind::Name(name) = &of.kind else {
            return Err(reason("sort() of a part runs in Python", "use sorted()", span));
        };
        if self.frame.provenance.is_shared(name) || !self.frame.provenance.is_own_list(name) {
            return Err(reason("sort() of what others may see runs in Python", format!("use `sorted({name})`"), span));
        }
        let list = self.expr(of)?;
        let sorted = self.sorted(list, keywords, span)?;
        let local = self.local(name);
        self.emit(span, Kind::Assign(Target::Local(local), sorted), lifted);
        Ok(())
    }

    /// What is appended to: also `groups.setdefault(key, [])`.
    fn container(&mut self, of: &'a Expr, name: &str, lifted: &mut Vec<Statement>) -> Lifted<Expression> {
        if let ExprKind::Subscript { value, index } = &of.kind
            && let Some(tally) = self.tally_of(value)
        {
            return self.tally_part(tally, value, index, lifted);
        }
        let ExprKind::Call { func, args, keywords } = &of.kind else { return self.changed(of, name) };
        let (ExprKind::Attribute { value: dict, name }, [key, default], []) =
            (&func.kind, args.as_slice(), keywords.as_slice())
        else {
            return self.expr(of);
        };
        if name.name != "setdefault" {
            return self.expr(of);
        }
        let dict = self.expr(dict)?;
        let key = self.expr(key)?;
        let default = self.expr(default)?;
        let dict = self.held(dict, of.span, lifted);
        let key = self.held(key, of.span, lifted);
        let is_new = Expression::Compare(CompareOp::NotIn, boxed(key.clone()), boxed(dict.clone()));
        let set = vec![statement(of.span, Kind::SetItem(dict.clone(), key.clone(), default))];
        self.emit(of.span, Kind::If(vec![(is_new, set)], Vec::new()), lifted);
        Ok(Expression::Index(boxed(dict), boxed(key)))
    }

    /// What a method changes. Some do the same to a Counter, defaultdict or OrderedDict as to a dict.
    fn changed(&mut self, of: &'a Expr, name: &str) -> Lifted<Expression> {
        let is_plain = self.tally_of(of).is_some_and(|tally| match name {
            "pop" | "setdefault" => true,
            "clear" => tally.missing.is_none(),
            _ => false,
        });
        if is_plain { self.read(of) } else { self.expr(of) }
    }

    /// The value of a statement: the one place where a method may change what it is called on (`x = stack.pop()`).
    pub(super) fn changing_value(&mut self, value: &'a Expr) -> Lifted<Expression> {
        if let Some(changed) = self.heap_changed(value)? {
            return Ok(changed);
        }
        let ExprKind::Call { func, args, keywords } = &value.kind else { return self.expr(value) };
        let ExprKind::Attribute { value: of, name } = &func.kind else { return self.expr(value) };
        if !self.changes_builtin(of, &name.name) {
            return self.expr(value);
        }
        self.owns_container(of, value.span)?;
        if !keywords.is_empty() {
            return Err(reason(
                format!("{}() with named arguments runs in Python", name.name),
                "give its arguments by position",
                value.span,
            ));
        }
        if let Some(local) = self.buffer(of)
            && name.name == "pop"
        {
            return self.popped(local, args, value.span);
        }
        let changes = self.frame.changes;
        let of = self.changed(of, &name.name)?;
        let arguments = args.iter().map(|argument| self.iterable(argument)).collect::<Lifted<_>>()?;
        self.changes_nothing(changes, value.span)?;
        Ok(Expression::Method(boxed(of), name.name.clone(), arguments))
    }

    /// True for a method that changes a builtin container, unless it is one of a class of the script.
    pub(super) fn changes_builtin(&self, of: &'a Expr, name: &str) -> bool {
        bindings::CHANGING.contains(&name)
            && !matches!(&of.kind, ExprKind::Name(receiver) if self.is_receiver(receiver))
            && self.library_path(of).is_none()
            && !self.is_object(of)
    }
}

/// True if a target, or one in it, is a part of an object.
fn is_part(target: &Expr) -> bool {
    match &target.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().any(is_part),
        ExprKind::Subscript { .. } | ExprKind::Attribute { .. } => true,
        _ => false,
    }
}

/// True if evaluating it twice is as good as once.
pub(super) fn is_simple(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::None
            | Expression::Bool(_)
            | Expression::Int(_)
            | Expression::Float(_)
            | Expression::Str(_)
            | Expression::Local(_)
            | Expression::Attribute(_)
    )
}

/// True for names, and as many values that can be evaluated one after the other as the names are bound: none of them reads
/// a name, or does more than be there.
fn are_apart(names: &[Expr], values: &[Expr], is_other: impl Fn(&Expr) -> bool) -> bool {
    let is_name = |name: &Expr| matches!(name.kind, ExprKind::Name(_));
    let is_apart = |value: &Expr| is_plain(value) || is_other(value);
    names.len() == values.len() && names.iter().all(is_name) && values.iter().all(is_apart)
}

fn is_plain(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Constant(_) => true,
        ExprKind::UnaryOp { operand, .. } => is_plain(operand),
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().all(is_plain),
        ExprKind::Dict(items) => items.is_empty(),
        _ => false,
    }
}
