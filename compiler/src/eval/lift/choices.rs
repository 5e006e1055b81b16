//! What is one of several functions, or of rows with functions in them, that are known before a run: entries of tables
//! like `OPS` and `RULES`.
//!
//! A variable of such is a number in machine code: which entry it is, from 1 on, or None. A call tells them apart
//! (`dispatch.rs`).

use super::*;
use names::{Outside, Use};
use pyflink_plan::ir::{BinaryOp, CompareOp, StatementKind as Kind, Target};

/// Something that a table holds.
#[derive(Clone, Debug)]
pub(super) enum Entry<'a> {
    /// A function or class that evaluation knows.
    Value(Value),
    /// No function.
    Constant(Expression),
    /// A lambda or function that stands in the function.
    Nested(String, Nested<'a>),
    /// A function of the library, by its full name.
    Library(String),
    /// `str.strip`.
    TextMethod(&'a str),
    /// A method of the function object.
    Method(Receiver, &'a str),
    Row(Vec<Entry<'a>>),
}

/// What a variable stands for.
#[derive(Clone, Debug)]
pub(super) struct Choice<'a> {
    /// The local with its number, None if it is the one and only entry.
    pub number: Option<u32>,
    pub of: Rc<[Entry<'a>]>,
}

/// A dict, list or tuple with functions in it.
#[derive(Clone, Debug)]
pub(super) struct Table<'a> {
    pub keys: Option<Rc<[Expression]>>,
    pub entries: Rc<[Entry<'a>]>,
}

impl Entry<'_> {
    pub(super) fn has_function(&self) -> bool {
        match self {
            Entry::Constant(_) => false,
            Entry::Row(parts) => parts.iter().any(Entry::has_function),
            _ => true,
        }
    }

    pub(super) fn is_none(&self) -> bool {
        matches!(self, Entry::Constant(Expression::None))
    }

    fn number(&self, at: usize) -> Expression {
        if self.is_none() { Expression::None } else { Expression::Int(at as i64 + 1) }
    }
}

/// Numbers of entries behind so many others.
pub(super) fn numbers(entries: &[Entry], base: usize) -> Vec<Expression> {
    entries.iter().enumerate().map(|(at, entry)| entry.number(base + at)).collect()
}

/// Constants, if that is all that entries are.
pub(super) fn constants(entries: &[Entry]) -> Option<Vec<Expression>> {
    let constant = |entry: &Entry| match entry {
        Entry::Constant(constant) => Some(constant.clone()),
        _ => None,
    };
    entries.iter().map(constant).collect()
}

/// One part of all entries, if all are rows of so many parts.
pub(super) fn column<'a>(entries: &[Entry<'a>], at: usize, width: Option<usize>) -> Option<Vec<Entry<'a>>> {
    let part = |entry: &Entry<'a>| match entry {
        Entry::Row(parts) if width.is_none_or(|width| width == parts.len()) => parts.get(at).cloned(),
        Entry::Constant(Expression::Tuple(parts)) if width.is_none_or(|width| width == parts.len()) => {
            parts.get(at).cloned().map(Entry::Constant)
        }
        _ => None,
    };
    entries.iter().map(part).collect()
}

impl<'a> Lift<'_, 'a> {
    /// What evaluation knows as an entry.
    fn known_entry(&self, value: &Value) -> Option<Entry<'a>> {
        let evaluator = self.evaluator;
        if let Some(constant) = evaluator.lifted_constant(value) {
            return (!evaluator.may_change(value)).then_some(Entry::Constant(constant));
        }
        match value {
            Value::Tuple(items) => {
                Some(Entry::Row(items.iter().map(|item| self.known_entry(item)).collect::<Option<_>>()?))
            }
            Value::Builtin(_) | Value::Library(_) | Value::Method(_) => Some(Entry::Value(value.clone())),
            Value::BuiltinMethod(method) => match **method {
                (Value::Builtin("str"), name) => Some(Entry::TextMethod(name)),
                _ => None,
            },
            Value::Object(id) => match evaluator.heap.get(*id) {
                Object::Function(_) | Object::Class(_) | Object::Partial { .. } => Some(Entry::Value(value.clone())),
                _ => None,
            },
            _ => None,
        }
    }

    /// What an element of a display is.
    fn written_entry(&self, expr: &'a Expr) -> Option<Entry<'a>> {
        match &expr.kind {
            ExprKind::Constant(value) => constants::literal(value).ok().map(Entry::Constant),
            ExprKind::UnaryOp { op: UnaryOp::Minus, operand } => match &operand.kind {
                ExprKind::Constant(value) => {
                    let value = boxed(constants::literal(value).ok()?);
                    Some(Entry::Constant(Expression::Unary(ir::UnaryOp::Minus, value)))
                }
                _ => None,
            },
            ExprKind::Tuple(items) => {
                let parts: Vec<Entry> = items.iter().map(|item| self.written_entry(item)).collect::<Option<_>>()?;
                Some(match constants(&parts) {
                    Some(constants) => Entry::Constant(Expression::Tuple(constants)),
                    None => Entry::Row(parts),
                })
            }
            _ => self.function_entry(expr),
        }
    }

    /// A function that an expression names, or that is written there.
    fn function_entry(&self, expr: &'a Expr) -> Option<Entry<'a>> {
        let is_shadowed = |name: &str| self.frame.scopes.iter().any(|scope| scope.contains_key(name));
        match &expr.kind {
            // One in a comprehension may see its variables.
            ExprKind::Lambda { params, body } if self.frame.scopes.len() == 1 => {
                let nested = Nested { params, body: Source::Expr(body), span: expr.span, is_generator: false };
                Some(Entry::Nested("<lambda>".to_owned(), nested))
            }
            ExprKind::Name(name) if is_shadowed(name) => None,
            ExprKind::Name(name) if self.frame.nested.contains_key(name) => {
                let nested = *self.frame.nested.get(name)?;
                (!nested.is_generator && self.frame.names.contains(name)).then(|| Entry::Nested(name.clone(), nested))
            }
            ExprKind::Name(name) if self.is_builtin(name) => {
                let known = scope::BUILTINS.iter().find(|known| *known == name)?;
                Some(Entry::Value(Value::Builtin(known)))
            }
            ExprKind::Name(_) | ExprKind::Attribute { .. } if self.library_path(expr).is_some() => {
                let path = self.library_path(expr)?;
                let is_function = library::function(&path).is_some() || library::is_operator(&path);
                is_function.then_some(Entry::Library(path))
            }
            ExprKind::Attribute { value, name } => {
                if let ExprKind::Name(of) = &value.kind
                    && of == "str"
                    && self.is_builtin(of)
                {
                    return methods::takes_text(&name.name).then_some(Entry::TextMethod(&name.name));
                }
                if let Some(Receiver::Object { class, instance, path }) = self.object(value) {
                    let found = self.evaluator.class_attribute(&class, &name.name)?.0;
                    let is_method = matches!(
                        self.evaluator.heap.get(found.object()?),
                        Object::Function(_) | Object::StaticMethod(_) | Object::ClassMethod(_)
                    );
                    let is_replaced = self.bindings().is_replaced(&self.spans(&class), &name.name);
                    let receiver = Receiver::Object { class, instance, path };
                    return (is_method && !is_replaced).then_some(Entry::Method(receiver, &name.name));
                }
                self.named_function(expr)
            }
            ExprKind::Name(_) => self.named_function(expr),
            _ => None,
        }
    }

    fn named_function(&self, expr: &'a Expr) -> Option<Entry<'a>> {
        self.known_value(expr).and_then(|value| self.known_entry(&value)).filter(Entry::has_function)
    }

    /// The dict, list or tuple of functions that an expression is.
    pub(super) fn functions_in(&self, expr: &'a Expr) -> Lifted<Option<Table<'a>>> {
        let table = |keys: Option<Vec<Expression>>, entries: Option<Vec<Entry<'a>>>| {
            let entries = entries.filter(|entries| entries.iter().any(Entry::has_function))?;
            Some(Table { keys: keys.map(Rc::from), entries: entries.into() })
        };
        Ok(match &expr.kind {
            ExprKind::Dict(items) => {
                let mut keys = Vec::new();
                let mut entries = Vec::new();
                for (key, value) in items {
                    let key = key.as_ref().and_then(|key| self.written_entry(key));
                    let (Some(Entry::Constant(key)), Some(entry)) = (key, self.written_entry(value)) else {
                        return Ok(None);
                    };
                    // Of equal keys the last one's value counts.
                    let is_like = |known: &Expression| std::mem::discriminant(known) == std::mem::discriminant(&key);
                    if !keys.iter().all(is_like) || keys.contains(&key) {
                        return Ok(None);
                    }
                    keys.push(key);
                    entries.push(entry);
                }
                table(Some(keys), Some(entries))
            }
            ExprKind::List(items) | ExprKind::Tuple(items) => {
                table(None, items.iter().map(|item| self.written_entry(item)).collect())
            }
            ExprKind::Name(name) if self.is_table(name) => self.frame.dispatch.get(name).cloned(),
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                let Some((value, title)) = self.known_container(expr) else { return Ok(None) };
                let all = |items: &[Value]| items.iter().map(|item| self.known_entry(item)).collect();
                let found = match &value {
                    Value::Tuple(items) => table(None, all(items)),
                    Value::Object(id) => match self.evaluator.heap.get(*id) {
                        Object::List(items) => table(None, all(items)),
                        Object::Dict(of) => {
                            let keys = of.keys();
                            let keys: Option<Vec<_>> =
                                keys.iter().map(|key| self.evaluator.lifted_constant(key)).collect();
                            let Some(keys) = keys else { return Ok(None) };
                            table(Some(keys), of.iter().map(|(_, value)| self.known_entry(value)).collect())
                        }
                        _ => None,
                    },
                    _ => None,
                };
                if found.is_some() && self.evaluator.may_change(&value) {
                    self.stays(&value, &title, &[title.as_str()], expr.span, Use::Read)?;
                }
                found
            }
            _ => None,
        })
    }

    /// True for a variable that holds a table.
    fn is_table(&self, name: &str) -> bool {
        self.frame.dispatch.contains_key(name) && self.frame.scopes.iter().all(|scope| !scope.contains_key(name))
    }

    /// A container outside of the function, or in an attribute, that isn't made of constants; the name that it has there.
    fn known_container(&self, expr: &'a Expr) -> Option<(Value, String)> {
        let (value, title) = match &expr.kind {
            ExprKind::Name(name)
                if !self.is_local_name(name) && self.frame.scopes.iter().all(|scope| !scope.contains_key(name)) =>
            {
                match self.outside(name) {
                    Outside::Value(value, holder) => (value, holder),
                    _ => return None,
                }
            }
            ExprKind::Attribute { value, name } => {
                let found = self.held_value(value, &name.name).or_else(|| self.known_value(expr));
                (found?, name.name.clone())
            }
            _ => return None,
        };
        let is_container = match &value {
            Value::Object(id) => matches!(self.evaluator.heap.get(*id), Object::List(_) | Object::Dict(_)),
            Value::Tuple(_) => true,
            _ => false,
        };
        (is_container && self.evaluator.lifted_constant(&value).is_none()).then_some((value, title))
    }

    /// An attribute of the function object or of a class, if that is known and stays.
    fn held_value(&self, of: &Expr, name: &str) -> Option<Value> {
        let evaluator = self.evaluator;
        let (class, own) = match self.object(of) {
            Some(Receiver::Object { class, instance, .. }) => {
                let own = match instance.map(|id| evaluator.heap.get(id)) {
                    Some(Object::Instance(held)) if held.open.is_some() => return None,
                    Some(Object::Instance(held)) => held.attributes.get(name).cloned(),
                    _ => None,
                };
                (class, own)
            }
            Some(Receiver::Class(class)) => (class, None),
            None => match self.static_owner(of)? {
                owner if matches!(evaluator.heap.get(owner.object()?), Object::Class(_)) => (owner, None),
                _ => return None,
            },
        };
        let hooks = ["__getattr__", "__getattribute__", "__slots__"];
        if self.bindings().is_replaced(&self.spans(&class), name)
            || evaluator.class_is_open(&class)
            || hooks.iter().any(|hook| evaluator.class_attribute(&class, hook).is_some())
        {
            return None;
        }
        own.or_else(|| Some(evaluator.class_attribute(&class, name)?.0))
    }

    /// The entries that an expression gives one of; None where it is no function or row.
    pub(super) fn entries(&self, expr: &'a Expr) -> Lifted<Option<Vec<Entry<'a>>>> {
        self.entries_within(expr, &mut BTreeSet::new())
    }

    fn entries_within(&self, expr: &'a Expr, seen: &mut BTreeSet<&'a str>) -> Lifted<Option<Vec<Entry<'a>>>> {
        let of_table = |table: Option<Table<'a>>| table.map(|table| table.entries.to_vec());
        match &expr.kind {
            ExprKind::Name(name) if self.choice_of(name).is_some() => {
                Ok(self.choice_of(name).map(|choice| choice.of.to_vec()))
            }
            ExprKind::Name(name) if self.is_variable(name) => match seen.insert(name) {
                true => Ok(self.entries_of_variable(name, seen)?.map(|parts| parts.into_iter().flatten().collect())),
                false => Ok(None),
            },
            ExprKind::Constant(Constant::None) => Ok(Some(vec![Entry::Constant(Expression::None)])),
            ExprKind::Subscript { value, index } if !matches!(index.kind, ExprKind::Slice { .. }) => {
                if let Some(of) = self.functions_in(value)? {
                    return Ok(of_table(Some(of)));
                }
                let (Some(rows), Some(at)) = (self.row_choice(value), place(index)) else { return Ok(None) };
                Ok(column(&rows.of, at, None).filter(|entries| entries.iter().any(Entry::has_function)))
            }
            ExprKind::Call { func, args, keywords } => {
                let Some(of) = get_of(func, args, keywords) else { return Ok(None) };
                let Some(table) = self.functions_in(of)?.filter(|table| table.keys.is_some()) else { return Ok(None) };
                let mut entries = table.entries.to_vec();
                if let Some(default) = args.get(1) {
                    match self.entries_within(default, seen)? {
                        Some(more) => entries.extend(more),
                        None => return Ok(None),
                    }
                }
                Ok(Some(entries))
            }
            ExprKind::IfExp { body, orelse, .. } => {
                match (self.entries_within(body, seen)?, self.entries_within(orelse, seen)?) {
                    (Some(body), Some(orelse)) => Ok(Some([body, orelse].concat())),
                    _ => Ok(None),
                }
            }
            ExprKind::BoolOp { is_and: false, values } => match values.as_slice() {
                [first, other] if matches!(first.kind, ExprKind::Call { .. }) => {
                    match (self.entries_within(first, seen)?, self.entries_within(other, seen)?) {
                        (Some(first), Some(other)) => Ok(Some([first, other].concat())),
                        _ => Ok(None),
                    }
                }
                _ => Ok(None),
            },
            _ => Ok(self.function_entry(expr).map(|entry| vec![entry])),
        }
    }

    /// True for a variable of the function that may be a choice, if all that it is bound to is.
    fn is_variable(&self, name: &str) -> bool {
        self.is_local_name(name)
            && !self.frame.nested.contains_key(name)
            && !self.is_receiver(name)
            && self.frame.scopes.iter().all(|scope| !scope.contains_key(name))
    }

    /// What each expression that a variable is bound to may give.
    fn entries_of_variable(&self, name: &str, seen: &mut BTreeSet<&'a str>) -> Lifted<Option<Vec<Vec<Entry<'a>>>>> {
        let provenance = &self.frame.provenance;
        let bound = provenance.bound.get(name).map_or(&[][..], Vec::as_slice);
        if bound.is_empty() || provenance.augmented.contains_key(name) {
            return Ok(None);
        }
        let mut all = Vec::new();
        for value in bound {
            let Some(value) = value else { return Ok(None) };
            match self.entries_within(value, seen)? {
                Some(entries) => all.push(entries),
                None => return Ok(None),
            }
        }
        Ok(Some(all).filter(|all| all.iter().flatten().any(Entry::has_function)))
    }

    /// The choice that a name stands for.
    pub(super) fn choice_of(&self, name: &str) -> Option<&Choice<'a>> {
        let is_shadowed = || self.frame.scopes.iter().any(|scope| scope.contains_key(name));
        self.frame.choices.get(name).filter(|_| !is_shadowed())
    }

    fn row_choice(&self, expr: &Expr) -> Option<&Choice<'a>> {
        match &expr.kind {
            ExprKind::Name(name) => self.choice_of(name),
            _ => None,
        }
    }

    /// The number of what an expression of which [`Lift::entries`] are known gives, where so many others come before.
    pub(super) fn number(&mut self, expr: &'a Expr, base: usize) -> Lifted<Expression> {
        let unknown = || reason("which function this is runs in Python", "call a function by its name", expr.span);
        let behind = |number: Expression| match base {
            0 => number,
            base => Expression::Binary(BinaryOp::Add, boxed(number), boxed(Expression::Int(base as i64))),
        };
        match &expr.kind {
            ExprKind::Constant(Constant::None) => Ok(Expression::None),
            ExprKind::Name(name) => match self.choice_of(name).cloned() {
                Some(Choice { number: None, of }) => Ok(of[0].number(base)),
                Some(Choice { number: Some(local), .. }) => {
                    self.frame.read.insert(local);
                    let number = behind(Expression::Local(local));
                    Ok(match base {
                        0 => number,
                        _ => {
                            let is_none = Expression::Compare(
                                CompareOp::Is,
                                boxed(Expression::Local(local)),
                                boxed(Expression::None),
                            );
                            Expression::If(boxed(is_none), boxed(Expression::None), boxed(number))
                        }
                    })
                }
                None => Ok(Expression::Int(base as i64 + 1)),
            },
            ExprKind::Subscript { value, index } => {
                if let Some(table) = self.functions_in(value)? {
                    let index = self.expr(index)?;
                    return Ok(Expression::Index(boxed(numbered(&table, base)), boxed(index)));
                }
                let rows = self.row_choice(value).cloned().ok_or_else(unknown)?;
                let at = place(index).ok_or_else(unknown)?;
                let entries = column(&rows.of, at, None).ok_or_else(unknown)?;
                Ok(picked(numbers(&entries, base), rows.number))
            }
            ExprKind::Call { func, args, keywords } => {
                let of = get_of(func, args, keywords).ok_or_else(unknown)?;
                let table = self.functions_in(of)?.ok_or_else(unknown)?;
                let mut arguments = vec![self.expr(&args[0])?];
                if let Some(default) = args.get(1) {
                    arguments.push(self.number(default, base + table.entries.len())?);
                }
                Ok(Expression::Method(boxed(numbered(&table, base)), "get".to_owned(), arguments))
            }
            ExprKind::IfExp { test, body, orelse } => {
                let first = self.entries(body)?.ok_or_else(unknown)?.len();
                let test = self.truth(test)?;
                let body = self.conditionally(|lift| lift.number(body, base))?;
                let orelse = self.conditionally(|lift| lift.number(orelse, base + first))?;
                Ok(Expression::If(boxed(test), boxed(body), boxed(orelse)))
            }
            ExprKind::BoolOp { values, .. } => {
                let [first, other] = values.as_slice() else { return Err(unknown()) };
                let count = self.entries(first)?.ok_or_else(unknown)?.len();
                let first = self.number(first, base)?;
                let held = self.fresh();
                let other = self.conditionally(|lift| lift.number(other, base + count))?;
                let is_none =
                    Expression::Compare(CompareOp::Is, boxed(Expression::Local(held)), boxed(Expression::None));
                let either = Expression::If(boxed(is_none), boxed(other), boxed(Expression::Local(held)));
                Ok(Expression::Let(held, boxed(first), boxed(either)))
            }
            _ => Ok(Expression::Int(base as i64 + 1)),
        }
    }

    /// `f = OPS[sign]`, `name, f = CHECKS[at]`, `ops = {'+': lambda a, b: a + b}`; false for other assignments.
    pub(super) fn assign_choice(
        &mut self,
        target: &'a Expr,
        value: &'a Expr,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<bool> {
        if let ExprKind::Name(name) = &target.kind {
            if !self.is_variable(name) {
                return Ok(false);
            }
            if self.frame.provenance.only(name).is_some()
                && let Some(table) = self.functions_in(value)?
            {
                self.frame.dispatch.insert(name.clone(), table);
                return Ok(true);
            }
            let Some(bound) = self.entries_of_variable(name, &mut BTreeSet::new())? else { return Ok(false) };
            let values = &self.frame.provenance.bound[name.as_str()];
            let at = values.iter().position(|known| known.is_some_and(|known| std::ptr::eq(known, value)));
            let Some(at) = at else { return Ok(false) };
            let base = bound[..at].iter().map(Vec::len).sum();
            let number = self.number(value, base)?;
            let local = match self.frame.choices.get(name).and_then(|choice| choice.number) {
                Some(local) => local,
                None => self.fresh(),
            };
            let of = bound.into_iter().flatten().collect();
            self.frame.choices.insert(name.clone(), Choice { number: Some(local), of });
            self.emit(span, Kind::Assign(Target::Local(local), number), lifted);
            return Ok(true);
        }
        if let ExprKind::Tuple(targets) | ExprKind::List(targets) = &target.kind
            && let Some(entries) = self.entries(value)?
            && entries.iter().any(Entry::has_function)
            && column(&entries, 0, Some(targets.len())).is_some()
        {
            let number = self.number(value, 0)?;
            let local = self.fresh();
            self.emit(span, Kind::Assign(Target::Local(local), number), lifted);
            self.bind_columns(target, &entries, local, span, lifted)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Binds names to parts of the row of a number.
    fn bind_columns(
        &mut self,
        target: &'a Expr,
        entries: &[Entry<'a>],
        number: u32,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        if let ExprKind::Tuple(targets) | ExprKind::List(targets) = &target.kind {
            for (at, target) in targets.iter().enumerate() {
                let Some(entries) = column(entries, at, Some(targets.len())) else {
                    return Err(reason(
                        "this target runs in Python, as its parts are functions or types",
                        "give each of them a name of its own, as many as there are parts",
                        target.span,
                    ));
                };
                self.bind_columns(target, &entries, number, span, lifted)?;
            }
            return Ok(());
        }
        let (local, values) = match constants(entries) {
            Some(constants) => (self.target(target)?, constants),
            None => (Target::Local(self.function_name(target, entries)?), numbers(entries, 0)),
        };
        self.emit(span, Kind::Assign(local, picked(values, Some(number))), lifted);
        Ok(())
    }

    /// The local for the number of what a name stands for from here on.
    pub(super) fn function_name(&mut self, target: &'a Expr, entries: &[Entry<'a>]) -> Lifted<u32> {
        let local = self.fresh();
        self.stands_for(target, Choice { number: Some(local), of: entries.to_vec().into() })?;
        Ok(local)
    }

    /// Notes what a name stands for, which nothing else binds.
    pub(super) fn stands_for(&mut self, target: &'a Expr, choice: Choice<'a>) -> Lifted<()> {
        let ExprKind::Name(name) = &target.kind else {
            return Err(reason(
                "this target runs in Python, as its parts are functions or types",
                "give each of them a name of its own, as many as there are parts",
                target.span,
            ));
        };
        let is_bound = self.frame.scopes.iter().any(|scope| scope.contains_key(name));
        let is_outer = self.frame.choices.contains_key(name) && !self.frame.names.contains(name);
        let is_elsewhere = self.frame.names.contains(name) && self.frame.provenance.times_bound(name) > 1;
        if is_bound || is_outer || is_elsewhere || self.is_receiver(name) {
            return Err(reason(format!("what {name} is, runs in Python"), "name it in another way", target.span));
        }
        self.frame.choices.insert(name.clone(), choice);
        Ok(())
    }

    /// Whether a name that stands for one of several functions stands for one at all; None for other expressions.
    pub(super) fn presence(&mut self, expr: &Expr) -> Option<Expression> {
        let ExprKind::Name(name) = &expr.kind else { return None };
        let Choice { number, of } = self.choice_of(name)?.clone();
        Some(match number {
            None => Expression::Bool(!of[0].is_none()),
            Some(local) => {
                self.frame.read.insert(local);
                Expression::Compare(CompareOp::IsNot, boxed(Expression::Local(local)), boxed(Expression::None))
            }
        })
    }

    /// An expression of which only the truth is looked at.
    pub(super) fn truth(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        if let Some(presence) = self.presence(expr) {
            return Ok(presence);
        }
        if let Some(common) = self.has_common(expr)? {
            return Ok(common);
        }
        let is_choice =
            |lift: &Self, expr: &Expr| matches!(&expr.kind, ExprKind::Name(name) if lift.choice_of(name).is_some());
        match &expr.kind {
            ExprKind::BoolOp { is_and, values } if values.iter().any(|value| is_choice(self, value)) => {
                let mut lifted = vec![self.truth(&values[0])?];
                for value in &values[1..] {
                    lifted.push(self.conditionally(|lift| lift.truth(value))?);
                }
                expressions::joined(*is_and, lifted)
                    .ok_or_else(|| reason("an empty condition", "write a condition", expr.span))
            }
            _ => self.expr(expr),
        }
    }
}

/// The dict of `OPS.get(sign)`, with or without a default.
fn get_of<'a>(func: &'a Expr, args: &[Expr], keywords: &[Keyword]) -> Option<&'a Expr> {
    match &func.kind {
        ExprKind::Attribute { value, name }
            if name.name == "get" && (1..=2).contains(&args.len()) && keywords.is_empty() && !stars::has_star(args) =>
        {
            Some(value)
        }
        _ => None,
    }
}

/// A constant index that isn't negative.
fn place(index: &Expr) -> Option<usize> {
    match &index.kind {
        ExprKind::Constant(Constant::Int(at)) => usize::try_from(at).ok(),
        _ => None,
    }
}

/// A table with numbers in the places of its entries.
fn numbered(table: &Table, base: usize) -> Expression {
    let numbers = numbers(&table.entries, base);
    match &table.keys {
        Some(keys) => Expression::Dict(keys.iter().cloned().zip(numbers).collect()),
        None => Expression::Tuple(numbers),
    }
}

/// The one of some constants that a number stands for.
fn picked(values: Vec<Expression>, number: Option<u32>) -> Expression {
    match number {
        None => values.into_iter().next().unwrap_or(Expression::None),
        Some(local) => {
            let at = Expression::Binary(BinaryOp::Sub, boxed(Expression::Local(local)), boxed(Expression::Int(1)));
            Expression::Index(boxed(Expression::Tuple(values)), boxed(at))
        }
    }
}
