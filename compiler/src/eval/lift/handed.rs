//! Changes of what a function was handed, and of objects that are values.
//!
//! What a function changes that it was handed, is a copy in its body: as each way that a stream takes has elements of its
//! own, nobody else sees the change. Where the object goes on beside the function's result (filters, key selectors), or is
//! handed to several calls (windows), it stays in Python. An object that a variable stands for is changed by giving the
//! variable another one; inference refuses what has another name.

use super::provenance::{names_read, trusted};
use super::sharing::tells;
use super::*;
use pyflink_plan::ir::{Builtin, StatementKind as Kind, Target};

/// Functions and methods whose results are made while a loop goes over them.
const LAZY: &[&str] = &["enumerate", "filter", "items", "iter", "keys", "map", "reversed", "values", "zip"];

/// What is changed of what a name stands for.
#[derive(Clone, Copy, Debug, Default)]
struct Changed {
    /// A list or dict in it; otherwise it itself.
    within: bool,
    /// By attributes, or methods of the script's classes.
    as_object: bool,
}

/// Names with what of them statements change in place, where `methods` are those that change their objects, with whether
/// they change what is in them.
fn changes_in<'a>(body: Source<'a>, methods: &BTreeMap<String, bool>) -> BTreeMap<&'a str, Changed> {
    let mut found: BTreeMap<&'a str, Changed> = BTreeMap::new();
    let mut note = |of: &'a Expr, within: bool, as_object: bool| {
        if let Some((name, is_part)) = base(of) {
            let changed = found.entry(name).or_default();
            changed.within |= within || is_part;
            changed.as_object |= as_object || has_attribute(of);
        }
    };
    let mut targets: Vec<&'a Expr> = Vec::new();
    if let Source::Block(block) = body {
        walk::statements(block, &mut |statement| match &statement.kind {
            StmtKind::Assign { targets: all, .. } | StmtKind::Delete(all) => targets.extend(all),
            StmtKind::AnnAssign { target, .. } | StmtKind::AugAssign { target, .. } | StmtKind::For { target, .. } => {
                targets.push(target);
            }
            StmtKind::With { items, .. } => targets.extend(items.iter().filter_map(|item| item.target.as_ref())),
            _ => {}
        });
    }
    while let Some(target) = targets.pop() {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => targets.extend(items),
            ExprKind::Starred(inner) => targets.push(inner),
            ExprKind::Attribute { value, .. } => note(value, false, true),
            ExprKind::Subscript { value, .. } => note(value, false, false),
            _ => {}
        }
    }
    let mut see = |expr: &'a Expr| {
        let ExprKind::Call { func, .. } = &expr.kind else { return };
        let ExprKind::Attribute { value, name } = &func.kind else { return };
        if let Some(within) = methods.get(&name.name) {
            note(value, *within, true);
        }
        if bindings::CHANGING.contains(&name.name.as_str()) {
            note(value, false, false);
        }
    };
    match body {
        Source::Block(block) => block.iter().for_each(|statement| walk::own_exprs(statement, &mut see)),
        Source::Expr(value) => walk::all_exprs(value, &mut see),
    }
    found
}

/// The name that an expression leads from, and whether it leads anywhere.
fn base(expr: &Expr) -> Option<(&str, bool)> {
    match &expr.kind {
        ExprKind::Name(name) => Some((name, false)),
        ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => Some((base(value)?.0, true)),
        ExprKind::Call { func, .. } => Some((base(func)?.0, true)),
        _ => None,
    }
}

fn has_attribute(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Attribute { .. } => true,
        ExprKind::Subscript { value, .. } | ExprKind::Call { func: value, .. } => has_attribute(value),
        _ => false,
    }
}

/// True for a list, dict or set that an expression makes.
fn is_fresh(value: &Expression) -> bool {
    matches!(
        value,
        Expression::List(_)
            | Expression::Dict(_)
            | Expression::Set(_)
            | Expression::Binary(..)
            | Expression::Comprehension(..)
            | Expression::DictComprehension(..)
            | Expression::Sorted(..)
            | Expression::Call(Builtin::List | Builtin::Dict | Builtin::Set, _)
    )
}

impl<'a> Lift<'_, 'a> {
    /// Gives the function copies of parameters that it changes.
    pub(super) fn copy_changed(&mut self, parameters: &[&'a Parameter], code: &Code<'a>, lifted: &mut Vec<Statement>) {
        if !matches!(self.call, Call::Map | Call::FlatMap) {
            return;
        }
        let changed = changes_in(self.evaluator.lifted_source(code), &self.changing_methods());
        for parameter in parameters {
            let name = &parameter.name.name;
            let Some(changed) = changed.get(name.as_str()) else { continue };
            // What was collected before a list in it is changed, would be seen to change.
            let deep = changed.within && self.call == Call::Map;
            self.frame.provenance.copied.insert(name.clone(), deep);
            let local = self.local(name);
            let builtin = if deep { Builtin::ElementDeepCopy } else { Builtin::ElementCopy };
            let copy = Expression::Call(builtin, vec![Expression::Local(local)]);
            lifted.push(statement(parameter.name.span, Kind::Assign(Target::Local(local), copy)));
        }
    }

    /// Names of methods of classes whose objects are values, that change their objects; `true`: also lists and dicts in
    /// them.
    pub(super) fn changing_methods(&self) -> Rc<BTreeMap<String, bool>> {
        let found = self.changing.get_or_init(|| {
            let methods = self.plain_methods();
            let mut known = BTreeMap::new();
            loop {
                let mut grown = false;
                for (name, object, body) in &methods {
                    let Some(changed) = changes_in(*body, &known).get(object).copied() else { continue };
                    let within = changed.within || known.get(name).copied().unwrap_or_default();
                    grown |= known.insert(name.clone(), within) != Some(within);
                }
                if !grown {
                    return Rc::new(known);
                }
            }
        });
        found.clone()
    }

    /// Methods of classes whose objects are values, with the name of their object.
    fn plain_methods(&self) -> Vec<(String, &'a str, Source<'a>)> {
        let mut methods = Vec::new();
        let records = self.all_records();
        for (id, _) in records.iter().filter(|(_, record)| !record.is_tuple && record.members.is_empty()) {
            for class in self.evaluator.mro(&Value::Object(*id)) {
                let Some(Object::Class(class)) = class.object().map(|id| self.evaluator.heap.get(id)) else { continue };
                let Object::Scope(names) = self.evaluator.heap.get(class.scope) else { continue };
                for (name, value) in names.iter().filter(|(name, _)| !name.starts_with("__")) {
                    let Some(Object::Function(function)) = value.object().map(|id| self.evaluator.heap.get(id)) else {
                        continue;
                    };
                    let (object, body) = self.method_of(function);
                    methods.extend(object.map(|object| (name.to_string(), object, body)));
                }
            }
        }
        methods
    }

    fn method_of(&self, function: &Function) -> (Option<&'a str>, Source<'a>) {
        let code = &self.evaluator.codes[function.code.0 as usize];
        let object = code.params.positional().next().map(|parameter| parameter.name.name.as_str());
        (object, self.evaluator.lifted_source(code))
    }

    /// True for a method that changes the object that it is called on.
    pub(super) fn is_changing(&self, function: &Function) -> bool {
        let (object, body) = self.method_of(function);
        object.is_some_and(|object| changes_in(body, &self.changing_methods()).contains_key(object))
    }

    /// The local of a variable whose object's attributes may be set.
    pub(super) fn settable(&self, of: &Expr) -> Option<&'a str> {
        let ExprKind::Name(name) = &of.kind else { return None };
        let frame = &self.frame;
        let is_plain = frame.names.contains(name)
            && frame.scopes[1..].iter().all(|scope| !scope.contains_key(name))
            && !self.is_receiver(name)
            && !self.is_outlet(name)
            && self.making(of).is_none()
            && !frame.nested.contains_key(name)
            && !frame.choices.contains_key(name)
            && !frame.dispatch.contains_key(name)
            && !frame.tallies.contains_key(name)
            && !frame.tables.contains(name)
            && !self.is_buffer(name);
        // What a generator function has yielded before, is looked at behind it.
        let is_made_before = matches!(frame.results, Results::Yielded(_));
        let (name, _) = frame.provenance.bound.get_key_value(name.as_str())?;
        (is_plain && !is_made_before).then_some(*name)
    }

    /// True for a variable that always stands for an object of a class of the script that is a value.
    pub(super) fn is_object(&self, of: &Expr) -> bool {
        let ExprKind::Name(name) = &of.kind else { return false };
        let is_made = |value: &'a Expr| match &value.kind {
            ExprKind::Call { func, .. } => {
                let class = self.known_value(func).and_then(|class| class.object());
                class.is_some_and(|class| self.all_records().iter().any(|(id, _)| *id == class))
            }
            _ => false,
        };
        self.frame.names.contains(name) && self.frame.provenance.all_bound(name, &is_made)
    }

    /// `object.name = value`.
    pub(super) fn set_field(
        &mut self,
        (of, name): (&'a Expr, &Ident),
        value: Expression,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        let is_deep = |object: &str| self.frame.provenance.copied.get(object) == Some(&true);
        let flat = self.settable(of).is_some_and(is_deep) && !is_fresh(&value);
        // The value is evaluated before the object.
        let value = self.held(value, span, lifted);
        let of = self.read(of)?;
        self.emit(span, Kind::SetField(of, name.name.clone(), value, flat), lifted);
        Ok(())
    }

    /// True for a list or dict in an object of which the function has a copy of its own.
    pub(super) fn is_own_attribute(&self, of: &Expr) -> bool {
        let ExprKind::Attribute { value, name } = &of.kind else { return false };
        let is_own = self.settable(value).is_some_and(|object| self.frame.provenance.copied.get(object) == Some(&true));
        // One of a class belongs to all its objects.
        let is_field = |(id, record): &(ObjectId, classes::Record<'a>)| {
            record.fields.contains(&name.name)
                || self.evaluator.class_attribute(&Value::Object(*id), &name.name).is_none()
        };
        is_own && self.all_records().iter().all(is_field)
    }

    /// Refuses a method that changes lists or dicts in an object that others may hold.
    pub(super) fn changes_own(&self, call: &'a Expr) -> Lifted<()> {
        let ExprKind::Call { func, .. } = &call.kind else { return Ok(()) };
        let ExprKind::Attribute { value, name } = &func.kind else { return Ok(()) };
        let ExprKind::Name(of) = &value.kind else { return Ok(()) };
        let Some(within) = self.changing_methods().get(&name.name).copied() else { return Ok(()) };
        if !self.frame.names.contains(of) || self.is_receiver(of) {
            return Ok(());
        }
        let is_own = |object: &str| !within || self.frame.provenance.copied.get(object) == Some(&true);
        match self.settable(value).is_some_and(is_own) {
            true => Ok(()),
            false => {
                let (message, edit) = (
                    format!("{}() changes {of}, and what is in it, which others may see", name.name),
                    "make a new one with the changed value",
                );
                Err(reason(message, edit, call.span))
            }
        }
    }

    /// Refuses a loop over what is evaluated step by step, if it changes an object that this looks at.
    pub(super) fn keeps_objects(&self, iter: &'a Expr, body: &'a [Stmt]) -> Lifted<()> {
        let is_lazy = match &iter.kind {
            ExprKind::GeneratorExp { .. } => true,
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Name(name) | ExprKind::Attribute { name: Ident { name, .. }, .. } => {
                    let is_known = trusted().any(|known| known == name.as_str()) || tells(name);
                    let is_eager = is_known || name == "range" || self.called(func).is_some();
                    LAZY.contains(&name.as_str()) || !is_eager
                }
                _ => true,
            },
            _ => false,
        };
        if !is_lazy {
            return Ok(());
        }
        let changed = changes_in(Source::Block(body), &self.changing_methods());
        let read = names_read(iter);
        let mut objects = changed.iter().filter(|(name, changed)| changed.as_object && !self.is_receiver(name));
        match objects.find(|(name, _)| read.contains(**name)) {
            Some((name, _)) => {
                let (message, edit) =
                    (format!("the loop changes {name}, which it goes over"), "go over a list of it: `list(…)`");
                Err(reason(message, edit, iter.span))
            }
            None => Ok(()),
        }
    }
}
