//! What names stand for: locals, constants of the function's surroundings, Python's own.

use super::*;
use pyflink_plan::SourceId;

/// How deep values may be within a constant that is looked at.
const DEEPEST_VALUE: usize = 16;

/// What a name that isn't local stands for.
#[derive(Clone, Debug)]
pub(super) enum Outside {
    /// It never changes. The name under which containers of it may be changed.
    Value(Value, String),
    /// It never changes, but only the run tells what it is: a global of a module, by its name there.
    Late(Value, SourceId, String),
    Builtin,
    /// Why it can't be said.
    Unknown(Cause),
}

impl<'a> Lift<'_, 'a> {
    pub(super) fn source(&self) -> SourceId {
        self.evaluator.codes[self.frame.function.code.0 as usize].span.source
    }

    /// A name as a value that may end up anywhere.
    pub(super) fn name(&mut self, name: &str, span: Span) -> Lifted<Expression> {
        self.named_value(name, span, Use::Any)
    }

    /// An expression of which only parts are looked at.
    pub(super) fn read(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        match &expr.kind {
            ExprKind::Name(name) => self.named_value(name, expr.span, Use::Read),
            ExprKind::Attribute { value, name } => self.attribute_for(expr, value, name, Use::Read),
            _ => self.expr(expr),
        }
    }

    /// What is gone through, measured, or looked into by key.
    pub(super) fn in_parts(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        match &expr.kind {
            ExprKind::Name(name) => self.named_value(name, expr.span, Use::Entries),
            ExprKind::Attribute { value, name } => self.attribute_for(expr, value, name, Use::Entries),
            _ => self.expr(expr),
        }
    }

    /// What `in` looks into.
    pub(super) fn searched(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        if let Some(choices::Table { keys: Some(keys), .. }) = self.functions_in(expr)? {
            return Ok(Expression::Dict(keys.iter().map(|key| (key.clone(), Expression::Bool(true))).collect()));
        }
        match &expr.kind {
            ExprKind::Name(name) => self.named_value(name, expr.span, Use::Search),
            ExprKind::Attribute { value, name } => self.attribute_for(expr, value, name, Use::Search),
            _ => self.whole(expr),
        }
    }

    fn named_value(&mut self, name: &str, span: Span, usage: Use) -> Lifted<Expression> {
        let is_inner = self.frame.scopes[1..].iter().any(|scope| scope.contains_key(name));
        match self.known_item(name) {
            Some(unrolled::Known::Constant(value)) => return Ok(value.clone()),
            Some(_) => {
                return Err(reason(format!("the pattern {name} as a value runs in Python"), "use its methods", span));
            }
            None => {}
        }
        if self.is_url(name) {
            return Err(reason(
                format!("{name} as a value runs in Python"),
                "use its scheme, netloc, path and query",
                span,
            ));
        }
        if usage == Use::Any && !is_inner && self.frame.tallies.contains_key(name) {
            return Err(reason(format!("{name} as a value runs in Python"), format!("hand out `dict({name})`"), span));
        }
        if !is_inner && self.is_buffer(name) {
            return Err(reason(
                format!("the bytearray {name} as a value runs in Python"),
                format!("hand out `bytes({name})`"),
                span,
            ));
        }
        if !is_inner && self.frame.tables.contains(name) {
            return Err(reason(format!("{name} as a value runs in Python"), "use it in translate()", span));
        }
        if let Some(local) = self.frame.scopes.iter().rev().find_map(|scope| scope.get(name)).copied() {
            self.frame.read.insert(local);
            return Ok(Expression::Local(local));
        }
        if self.frame.choices.contains_key(name) || self.frame.dispatch.contains_key(name) {
            return Err(reason(format!("{name} holds functions, and as a value runs in Python"), "call them", span));
        }
        if self.is_made(name) {
            return Err(reason(
                format!("{name} as a value before it is there runs in Python"),
                "use its attributes",
                span,
            ));
        }
        if self.is_receiver(name) {
            return Err(reason(format!("{name} itself as a value runs in Python"), "use its attributes", span));
        }
        if self.is_outlet(name) || self.frame.outlet.as_deref() == Some(name) {
            return Err(reason(format!("{name} as a value runs in Python"), "call its collect()", span));
        }
        if self.frame.nested.contains_key(name) {
            return Err(reason(format!("the function {name} as a value runs in Python"), "call it instead", span));
        }
        if self.is_local_name(name) {
            let local = self.local(name);
            self.frame.read.insert(local);
            return Ok(Expression::Local(local));
        }
        if let Some(path) = self.imported(name) {
            return library::constant(&path)
                .ok_or_else(|| reason(format!("{path} runs in Python"), substitutes::of_value(&path), span));
        }
        let outside = self.outside(name);
        self.of_outside(outside, name, span, usage)
    }

    /// What a name that isn't local stands for, for any use.
    pub(super) fn of_global(&mut self, outside: Outside, name: &str, span: Span) -> Lifted<Expression> {
        self.of_outside(outside, name, span, Use::Any)
    }

    fn of_outside(&mut self, outside: Outside, name: &str, span: Span, usage: Use) -> Lifted<Expression> {
        match outside {
            Outside::Value(value, holder) => self.constant(&value, name, &[holder.as_str()], span, usage),
            Outside::Late(value, _, title) if self.evaluator.is_ordered_dict(&value) => {
                self.constant(&value, name, &[name, title.as_str()], span, usage)
            }
            Outside::Late(value, source, title) => {
                let mut stays = Ok(());
                if !self.evaluator.never_changes(source, &title) {
                    stays = self.stays(&value, name, &[name, title.as_str()], span, usage);
                }
                let module = &self.evaluator.program.sources.get(source).module;
                self.of_run_if_fixed(format!("{module}{}{title}", ir::GLOBAL), &value, stays)
            }
            Outside::Builtin => Err(reason(format!("{name} as a value runs in Python"), "call it instead", span)),
            Outside::Unknown(cause) => Err(because(cause, span)),
        }
    }

    /// A value that is known and stays: for any use, or only for some where others may change it.
    pub(super) fn constant(
        &self,
        value: &Value,
        title: &str,
        holders: &[&str],
        span: Span,
        usage: Use,
    ) -> Lifted<Expression> {
        if let Value::Object(id) = value
            && let Object::Class(class) = self.evaluator.heap.get(*id)
        {
            return Err(reason(
                format!("the class {} as a value runs in Python", class.name),
                "use what it makes",
                span,
            ));
        }
        // What is looked for is a key, whatever stands behind it.
        let keys = match (value.object().map(|id| self.evaluator.heap.get(id)), usage) {
            (Some(Object::Dict(table)), Use::Search) => {
                let item =
                    |(key, _): (&Value, &Value)| Some((self.evaluator.lifted_constant(key)?, Expression::Bool(true)));
                table.iter().map(item).collect::<Option<Vec<_>>>().map(Expression::Dict)
            }
            _ => None,
        };
        let entries = || self.evaluator.ordered_entries(value).filter(|_| matches!(usage, Use::Entries | Use::Search));
        let constant = self.evaluator.lifted_constant(value).or_else(entries).or(keys);
        let constant = constant.ok_or_else(|| because(self.evaluator.why_no_constant(value, title), span))?;
        if usage != Use::Search && constants::holds_set(&constant) {
            return Err(reason(format!("{title} is a set"), "go over a tuple or sorted list instead", span));
        }
        if self.evaluator.may_change(value) {
            self.stays(value, title, holders, span, usage)?;
        }
        Ok(constant)
    }

    /// Refuses containers that something may change while a job runs.
    pub(super) fn stays(&self, value: &Value, title: &str, holders: &[&str], span: Span, usage: Use) -> Lifted<()> {
        let is_shallow = self.evaluator.is_shallow(value);
        self.stays_in(value, title, holders, span, (usage != Use::Any, is_shallow))
    }

    /// The same, where it is known whether it is only looked at in parts, and whether these can't be changed.
    pub(super) fn stays_in(
        &self,
        value: &Value,
        title: &str,
        holders: &[&str],
        span: Span,
        (in_parts, is_shallow): (bool, bool),
    ) -> Lifted<()> {
        let bindings = self.bindings();
        if let Some(field) = self.changed_field(value, DEEPEST_VALUE) {
            return Err(reason(
                format!("{field} of an object in {title} may change, as something sets it"),
                "keep a copy in a tuple",
                span,
            ));
        }
        let (known, is_part) = self.names_of(value);
        let mut names = holders.iter().copied().chain(known.iter().map(String::as_str));
        if let Some(name) = names.find(|name| !bindings.keeps_content(name)) {
            return Err(reason(format!("{name} is changed by a function"), "make it a tuple, or change a copy", span));
        }
        let mut names = holders.iter().copied().chain(known.iter().map(String::as_str));
        let is_seen_in_parts = in_parts && !is_part && is_shallow && names.all(|name| bindings.keeps_to_itself(name));
        let names: Vec<&str> = holders.iter().copied().chain(known.iter().map(String::as_str)).collect();
        let is_deep = is_part || !is_shallow;
        if bindings.changes_arguments
            && !is_seen_in_parts
            && (bindings.misleads || names.is_empty() || self.flows().may_change(&names, is_deep))
        {
            let at = bindings.changing().map(|at| format!(" (line {})", self.evaluator.program.sources.line(at)));
            let at = at.unwrap_or_default();
            return Err(reason(
                format!("{title} may be changed, as it may come to a function that changes what it is given{at}"),
                "make it a tuple",
                span,
            ));
        }
        Ok(())
    }

    /// An attribute of an object in a value that something changes while a job runs; where the value goes deeper, maybe
    /// because it holds itself, it isn't known to be none.
    fn changed_field(&self, value: &Value, depth: usize) -> Option<String> {
        let Some(depth) = depth.checked_sub(1) else { return Some("an attribute".to_owned()) };
        let any = |items: &[Value]| items.iter().find_map(|item| self.changed_field(item, depth));
        match value {
            Value::Tuple(items) => any(items),
            Value::Object(id) => match self.evaluator.heap.get(*id) {
                Object::List(items) => any(items),
                Object::Dict(table) => table.iter().find_map(|(_, value)| self.changed_field(value, depth)),
                Object::Instance(held) if !self.evaluator.is_named_tuple(&held.class) => {
                    let (bindings, spans) = (self.bindings(), self.spans(&held.class));
                    let changes = |name: &&Name| {
                        bindings.is_set(name)
                            || bindings.setter(&spans, name).is_some()
                            || !bindings.keeps_content(name)
                    };
                    let within = || held.attributes.values().find_map(|value| self.changed_field(value, depth));
                    held.attributes.keys().find(changes).map(|name| name.to_string()).or_else(within)
                }
                // Other values can't be set there, but these may change.
                Object::Instance(held) => held.attributes.iter().find_map(|(name, value)| {
                    let changes = self.evaluator.may_change(value) && !self.bindings().keeps_content(name);
                    if changes { Some(name.to_string()) } else { self.changed_field(value, depth) }
                }),
                _ => None,
            },
            _ => None,
        }
    }

    /// Names of variables and attributes that stand for the same object, or for a container that it is in, and whether
    /// there is such a container.
    fn names_of(&self, value: &Value) -> (Vec<String>, bool) {
        let Value::Object(id) = value else { return (Vec::new(), false) };
        let heap = &self.evaluator.heap;
        let mut names = Vec::new();
        let mut objects = vec![*id];
        let mut at = 0;
        while let Some(object) = objects.get(at).copied() {
            at += 1;
            for other in (0..heap.end()).map(ObjectId) {
                let is_in = match heap.get(other) {
                    Object::Scope(named) | Object::Instance(Instance { attributes: named, .. }) => {
                        let same = named.iter().filter(|(_, value)| is_in(value, object));
                        names.extend(same.map(|(name, _)| name.to_string()));
                        false
                    }
                    Object::List(items) => items.iter().any(|item| is_in(item, object)),
                    Object::Dict(table) => table.iter().any(|(_, value)| is_in(value, object)),
                    _ => false,
                };
                if is_in && !objects.contains(&other) {
                    objects.push(other);
                }
            }
        }
        (names, objects.len() > 1)
    }

    /// True if the function binds it itself; imports in it count as those of the file.
    pub(super) fn is_local_name(&self, name: &str) -> bool {
        self.frame.names.contains(name) && !self.is_imported_inside(name)
    }

    fn is_imported_inside(&self, name: &str) -> bool {
        self.frame.provenance.times_bound(name) == 1
            && self.frame.provenance.only(name).is_none()
            && self.frame.imports.contains(name)
            && !self
                .evaluator
                .program
                .imports(self.source())
                .get(name)
                .is_none_or(|full| full.starts_with(scope::SEVERAL))
    }

    pub(super) fn is_receiver(&self, name: &str) -> bool {
        self.frame.receiver.as_ref().is_some_and(|(receiver, _)| receiver == name)
            && self.frame.scopes.iter().all(|scope| !scope.contains_key(name))
            && self.frame.provenance.times_bound(name) <= 1
    }

    /// The full name of what was imported from a library, as `math.sqrt`.
    pub(super) fn imported(&self, name: &str) -> Option<String> {
        if self.is_local_name(name) || self.frame.outer.contains(name) {
            return None;
        }
        let source = self.source();
        // What another function imports under that name is none of its business.
        let full = match self.is_imported_inside(name) {
            true => self.evaluator.program.imports(source).get(name)?,
            false => self.evaluator.program.top_imports(source).get(name)?,
        };
        let modules = &self.evaluator.program.modules;
        let top = full.split('.').next().unwrap_or(full);
        let is_own = modules.contains_key(top) || self.evaluator.program.is_namespace(top);
        let is_inside = self.is_imported_inside(name);
        let is_bound_once = is_inside || self.bindings().is_constant(source, name);
        let is_set = full.rsplit('.').next().is_some_and(|last| self.bindings().is_set_outside(last));
        let is_enclosed =
            self.frame.function.closure.iter().any(|scope| self.evaluator.name_in(*scope, name).is_some());
        (!is_own && is_bound_once && !is_set && (is_inside || !is_enclosed)).then(|| full.clone())
    }

    /// The full name of a part of a library: `re.compile`.
    pub(super) fn library_path(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Name(name) if self.frame.scopes.iter().all(|scope| !scope.contains_key(name)) => {
                self.imported(name)
            }
            ExprKind::Attribute { value, name } => {
                let path = format!("{}.{}", self.library_path(value)?, name.name);
                (!self.bindings().is_set_outside(&name.name)).then_some(path)
            }
            _ => None,
        }
    }

    /// What a name that isn't local stands for.
    pub(super) fn outside(&self, name: &str) -> Outside {
        let evaluator = self.evaluator;
        let function = &self.frame.function;
        if self.frame.outer.contains(name) {
            return Outside::Unknown(Cause::new(
                format!("it uses {name} of the function around it"),
                "pass it as an argument",
            ));
        }
        for scope in function.closure.iter().rev() {
            if let Some(value) = evaluator.name_in(*scope, name) {
                return match self.is_bound_once_around(name) {
                    true if !value.is_opaque() => Outside::Value(value.clone(), name.to_owned()),
                    _ => Outside::Unknown(Cause::new(
                        format!("{name} belongs to the function around it and may change"),
                        format!("pass it as a default: `{name}={name}`"),
                    )),
                };
            }
        }
        let source = self.source();
        match evaluator.name_in(function.globals, name) {
            Some(_) if self.bindings().dynamic => Outside::Unknown(self.bindings().why_dynamic(name)),
            Some(value) if self.bindings().is_constant(source, name) => self.imported_value(source, name, value),
            Some(_) => Outside::Unknown(set_twice(name)),
            None if evaluator.name_in(function.globals, "*").is_some() => {
                Outside::Unknown(Cause::new(format!("{name} may come from `import *`"), "import names one by one"))
            }
            None if scope::BUILTINS.contains(&name) && !self.bindings().is_set_outside(name) => Outside::Builtin,
            None if self.bindings().dynamic => Outside::Unknown(self.bindings().why_dynamic(name)),
            None => Outside::Unknown(Cause::new(
                format!("{name} isn't known where the function is defined"),
                "define or import it at the top of the file",
            )),
        }
    }

    /// A global's value; one from another module must not change there either.
    pub(super) fn imported_value(&self, source: SourceId, name: &str, value: &Value) -> Outside {
        let mut holder = name.to_owned();
        let mut home = source;
        let mut from = None;
        walk::statements(&self.evaluator.program.tree(source).body, &mut |statement| {
            if let StmtKind::ImportFrom { module, names, level } = &statement.kind {
                for alias in names {
                    if alias.asname.as_ref().unwrap_or(&alias.name).name == name {
                        let module = module.as_ref().map_or("", |module| module.name.as_str());
                        from = self
                            .evaluator
                            .program
                            .resolve(source, module, *level)
                            .and_then(|module| self.evaluator.program.modules.get(&module).copied())
                            .map(|source| (source, alias.name.name.clone()));
                    }
                }
            }
        });
        if let Some((source, original)) = from {
            home = source;
            if !self.bindings().is_constant(source, &original) {
                return Outside::Unknown(set_twice(name));
            }
            holder = original;
        }
        match value {
            Value::Opaque(_) if self.evaluator.is_class_made(source, name) => {
                Outside::Unknown(self.evaluator.why_unknown(source, name))
            }
            value if self.evaluator.is_late(value) => match self.evaluator.maker_of_object(home, &holder) {
                Some(maker) => Outside::Unknown(Cause::new(
                    format!("{name} is an object of {maker}(), which runs in Python"),
                    "use it in a map() of its own, so that the rest is native",
                )),
                None => Outside::Late(value.clone(), home, holder),
            },
            _ => Outside::Value(value.clone(), holder),
        }
    }

    /// True if a function around this one binds the name once, and not in a loop.
    fn is_bound_once_around(&self, name: &str) -> bool {
        let code = &self.evaluator.codes[self.frame.function.code.0 as usize];
        let tree = self.evaluator.program.tree(code.span.source);
        let mut around: Vec<&FunctionDef> = Vec::new();
        walk::every_statement(&tree.body, &mut |statement| {
            if let StmtKind::FunctionDef(def) = &statement.kind
                && statement.span.start <= code.span.start
                && code.span.end <= statement.span.end
                && def.name.span != code.span
            {
                around.push(def);
            }
        });
        let Some(def) = around.iter().rev().find(|def| scope::locals(&def.params, &def.body).contains(name)) else {
            return false;
        };
        let provenance = Provenance::new(&def.params, &def.body);
        let mut is_shared = false;
        walk::every_statement(&def.body, &mut |statement| match &statement.kind {
            StmtKind::Nonlocal(names) => is_shared |= names.iter().any(|other| other.name == name),
            StmtKind::For { .. } | StmtKind::While { .. } => {
                walk::every_statement(std::slice::from_ref(statement), &mut |inner| {
                    let mut names = BTreeSet::new();
                    scope::bound_names(inner, &mut names);
                    is_shared |= names.contains(name);
                });
            }
            StmtKind::Delete(targets) => {
                is_shared |=
                    targets.iter().any(|target| matches!(&target.kind, ExprKind::Name(other) if other == name));
            }
            _ => {}
        });
        provenance.times_bound(name) == 1 && !is_shared
    }

    /// True if the name stands for Python's own.
    pub(super) fn is_builtin(&self, name: &str) -> bool {
        let is_local =
            self.frame.scopes.iter().any(|scope| scope.contains_key(name)) || self.frame.names.contains(name);
        !is_local && self.imported(name).is_none() && matches!(self.outside(name), Outside::Builtin)
    }
}

/// What is done with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It may become part of a result.
    Any,
    /// Elements of it are taken.
    Read,
    /// Its elements are gone through, or looked up by key: all that an `OrderedDict` has in common with a dict.
    Entries,
    /// `in`.
    Search,
}

/// True if a value is an object, or a tuple that holds it.
fn is_in(value: &Value, object: ObjectId) -> bool {
    match value {
        Value::Object(id) => *id == object,
        Value::Tuple(items) => items.iter().any(|item| is_in(item, object)),
        _ => false,
    }
}

fn set_twice(name: &str) -> Cause {
    Cause::new(format!("{name} may change, as more than one place sets it"), "make it a constant")
}
