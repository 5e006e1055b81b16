//! Calls: of what.

use super::arguments::{Given, Site};
use super::*;
use crate::eval::effects::is_unrepeatable;
use pyflink_plan::ir::Target;

impl<'a> Lift<'_, 'a> {
    pub(super) fn call(&mut self, expr: &'a Expr, func: &'a Expr, site: Site<'a>) -> Lifted<Expression> {
        let Site { args, keywords, span, .. } = site;
        if self.outlet_call(expr).is_some() {
            return Err(reason("the result of collect() is None", "write the call as a statement", span));
        }
        if let Some(path) = self.library_path(func) {
            return self.library_call(&path, site);
        }
        self.is_what_it_seems(func)?;
        if stars::has_star(args)
            && keywords.is_empty()
            && let Some(lifted) = self.construct_spread(func, site)?
        {
            return Ok(lifted);
        }
        match &func.kind {
            ExprKind::Lambda { params, body } => self.call_lambda(params, body, site),
            ExprKind::Name(name) if self.choice_of(name).is_none() => self.call_name(name, site),
            ExprKind::Attribute { value, name } => self.call_attribute(func, value, name, site),
            _ => match self.call_known(func, site)? {
                Some(called) => Ok(called),
                None => {
                    Err(reason("what is called here isn't known before a run", "call a function by its name", span))
                }
            },
        }
    }

    /// Refuses functions of the script under names by which it is known what they give.
    fn is_what_it_seems(&self, func: &Expr) -> Lifted<()> {
        let (name, is_own) = match &func.kind {
            ExprKind::Name(name) => (name, !self.is_builtin(name)),
            ExprKind::Attribute { name, .. } => {
                let name = &name.name;
                (name, self.bindings().defines(name) || self.bindings().defines_method(name))
            }
            _ => return Ok(()),
        };
        match is_own && provenance::trusted().any(|trusted| trusted == name) {
            true => Err(match (&func.kind, self.bindings().defines(name)) {
                (ExprKind::Name(_), false) if let names::Outside::Unknown(why) = self.outside(name) => {
                    because(why, func.span)
                }
                _ => {
                    reason(format!("{name} is a name of Python's own too"), "give the script's another one", func.span)
                }
            }),
            false => Ok(()),
        }
    }

    fn call_name(&mut self, name: &str, site: Site<'a>) -> Lifted<Expression> {
        let span = site.span;
        if self.frame.scopes.iter().any(|scope| scope.contains_key(name)) {
            return Err(reason(
                format!("{name} is a value, so what it calls isn't known"),
                "call a function by its name",
                span,
            ));
        }
        if let Some(nested) = self.frame.nested.get(name).copied() {
            let callee = self.nested_callee(name, nested);
            return self.invoke(callee, site);
        }
        // `cls(…)`.
        if self.is_receiver(name)
            && let Some((_, Receiver::Class(class))) = self.frame.receiver.clone()
        {
            return self.call_value(&class, name, site);
        }
        if self.is_local_name(name) {
            return Err(reason(
                format!("{name} is a variable, so what it calls isn't known"),
                "call a function by its name",
                span,
            ));
        }
        match self.outside(name) {
            names::Outside::Builtin => self.builtin(name, site),
            names::Outside::Value(value, _) => self.call_value(&value, name, site),
            names::Outside::Late(_, source, name) => Err(because(self.evaluator.why_unknown(source, &name), span)),
            names::Outside::Unknown(cause) => Err(because(cause, span)),
        }
    }

    /// Calls a function or class of the script.
    pub(super) fn call_value(&mut self, value: &Value, title: &str, site: Site<'a>) -> Lifted<Expression> {
        let span = site.span;
        let evaluator = self.evaluator;
        match value {
            Value::Object(id) => match evaluator.heap.get(*id) {
                Object::Function(function) => {
                    let callee = self.callee(function, None, site.span)?;
                    self.invoke(callee, site)
                }
                Object::Class(_) => self.construct(*id, site),
                Object::Partial { .. } => {
                    let given = self.given(site)?;
                    self.call_filled(value, given, span)
                }
                _ => Err(reason(
                    format!("{title}() isn't a function of the script"),
                    "define it with `def`, and call it by its name",
                    span,
                )),
            },
            Value::Builtin(name) => self.builtin(name, site),
            Value::Library(path) => self.library_call(path, site),
            _ => Err(reason(
                format!("what {title}() calls isn't known before a run"),
                "call a function by its name",
                span,
            )),
        }
    }

    fn call_attribute(
        &mut self,
        func: &'a Expr,
        value: &'a Expr,
        name: &'a Ident,
        site: Site<'a>,
    ) -> Lifted<Expression> {
        if let Some((pattern, flags)) = self.compiled_pattern(value)? {
            return self.pattern_method(pattern, flags, &name.name, site);
        }
        if let ExprKind::Call { func: parent, args: parents, .. } = &value.kind
            && matches!(&parent.kind, ExprKind::Name(parent) if parent == "super" && self.is_builtin(parent))
            && parents.is_empty()
        {
            return self.call_super(&name.name, site);
        }
        if let Some(receiver) = self.object(value) {
            return self.call_method_of(receiver, &name.name, site);
        }
        if name.name == "fromkeys" && matches!(&value.kind, ExprKind::Name(of) if of == "dict" && self.is_builtin(of)) {
            return self.keyed(site);
        }
        if let Some(lifted) = self.bytes_class_method(value, &name.name, site)? {
            return Ok(lifted);
        }
        if let Some(class) = self.making(value) {
            return self.call_while_making(&class, &name.name, site);
        }
        if let Some(owner) = self.static_owner(value) {
            if let Some(lifted) = self.named_class_method(&owner, &name.name, site)? {
                return Ok(lifted);
            }
            return match self.known_value(func) {
                Some(function) => self.call_value(&function, &name.name, site),
                None => self.call_static(&owner, &name.name, site),
            };
        }
        self.method(value, &name.name, site)
    }

    /// A method of the function object, or of one that it holds.
    pub(super) fn call_method_of(&mut self, receiver: Receiver, name: &str, site: Site<'a>) -> Lifted<Expression> {
        let span = site.span;
        let evaluator = self.evaluator;
        let (class, instance) = match &receiver {
            Receiver::Object { class, instance, .. } => (class.clone(), *instance),
            Receiver::Class(class) => (class.clone(), None),
        };
        if let Some(lifted) = self.named_class_method(&class, name, site)? {
            return Ok(lifted);
        }
        if self.bindings().is_set(name) || self.bindings().is_replaced(&self.spans(&class), name) {
            return Err(reason(
                format!("{name}() of its object may change, as something sets it"),
                "leave it as the class defines it",
                span,
            ));
        }
        if let Some(Object::Instance(held)) = instance.map(|id| evaluator.heap.get(id))
            && let Some(own) = held.attributes.get(name)
        {
            let own = own.clone();
            return self.call_value(&own, name, site);
        }
        if evaluator.class_attribute(&class, "__getattribute__").is_some() {
            return Err(reason("its class has __getattribute__", "use plain attributes", span));
        }
        let Some((found, _)) = evaluator.class_attribute(&class, name) else {
            return Err(reason(
                format!("what {name}() does, isn't known before a run"),
                "define it in the class, or call a function by its name",
                span,
            ));
        };
        self.call_member(&found, &class, Some(receiver), name, site)
    }

    /// `Class.method(…)`.
    fn call_static(&mut self, owner: &Value, name: &str, site: Site<'a>) -> Lifted<Expression> {
        let span = site.span;
        if self.bindings().is_set(name) {
            return Err(reason(
                format!("{name}() may change, as something sets it"),
                "leave it as the class defines it",
                span,
            ));
        }
        match self.evaluator.class_attribute(owner, name) {
            Some((found, _)) => self.call_member(&found, owner, None, name, site),
            None => Err(reason(
                format!("what {name}() does, isn't known before a run"),
                "define it in the class, or call a function by its name",
                span,
            )),
        }
    }

    /// `super().method(…)`.
    fn call_super(&mut self, name: &str, site: Site<'a>) -> Lifted<Expression> {
        let span = site.span;
        let evaluator = self.evaluator;
        // There it takes the first argument of that function for the object, and raises.
        if self.frame.is_inside || self.frame.scopes.len() > 1 {
            return Err(reason(
                "super() in a function inside of the method, or in a comprehension, runs in Python",
                "call it in the method itself",
                span,
            ));
        }
        let Some((_, receiver)) = self.frame.receiver.clone() else {
            return Err(reason(
                "super() of an object that is a value runs in Python",
                "call the method by another name, or a plain function",
                span,
            ));
        };
        let class = match &receiver {
            Receiver::Object { class, .. } | Receiver::Class(class) => class.clone(),
        };
        let mro = evaluator.mro(&class);
        let own = self.frame.function.class;
        let from = mro.iter().position(|class| class.object().is_some() && class.object() == own);
        let found = from.and_then(|from| evaluator.attribute_in(&mro[from + 1..], name));
        match found {
            Some((found, _)) if !self.bindings().is_set(name) => {
                self.call_member(&found, &class, Some(receiver), name, site)
            }
            _ => Err(reason(
                format!("what super().{name}() does, isn't known before a run"),
                format!("define {name}() in a base class of the script"),
                span,
            )),
        }
    }

    /// What a class has under a name, called on an object or on the class.
    pub(super) fn call_member(
        &mut self,
        found: &Value,
        class: &Value,
        receiver: Option<Receiver>,
        name: &str,
        site: Site<'a>,
    ) -> Lifted<Expression> {
        let span = site.span;
        let evaluator = self.evaluator;
        let unknown = || reason(format!("{name}() is no plain method"), "make it one", span);
        let id = found.object().ok_or_else(unknown)?;
        let (inner, receiver) = match evaluator.heap.get(id) {
            Object::Function(_) => match receiver {
                // A function of the class, called on the class: its object is an argument.
                Some(Receiver::Class(_)) => (id, None),
                other => (id, other),
            },
            Object::StaticMethod(inner) => (inner.object().ok_or_else(unknown)?, None),
            Object::ClassMethod(inner) => (inner.object().ok_or_else(unknown)?, Some(Receiver::Class(class.clone()))),
            _ => return Err(unknown()),
        };
        let Object::Function(function) = evaluator.heap.get(inner) else { return Err(unknown()) };
        let callee = self.callee(function, receiver, site.span)?;
        self.invoke(callee, site)
    }

    /// `(lambda x: …)(value)`.
    fn call_lambda(&mut self, params: &'a Parameters, body: &'a Expr, site: Site<'a>) -> Lifted<Expression> {
        let mut names = BTreeMap::new();
        let mut values = Vec::new();
        for (parameter, given) in arguments::bind(params, 0, site)? {
            let Given::Argument(argument) = given else {
                return Err(reason(
                    "a lambda with defaults that is called at once runs in Python",
                    "give it all of its arguments",
                    site.span,
                ));
            };
            let value = self.expr(argument)?;
            let local = self.fresh();
            names.insert(parameter.name.name.clone(), local);
            values.push((local, value));
        }
        let body = self.scoped(names, |lift| lift.expr(body))?;
        Ok(values
            .into_iter()
            .rev()
            .fold(body, |body, (local, value)| Expression::Let(local, boxed(value), boxed(body))))
    }

    /// `Class(a, *values)`, where the class takes its fields.
    fn construct_spread(&mut self, func: &'a Expr, site: Site<'a>) -> Lifted<Option<Expression>> {
        let of_class = match (&func.kind, &self.frame.receiver) {
            (ExprKind::Name(name), Some((_, Receiver::Class(class)))) if self.is_receiver(name) => Some(class.clone()),
            _ => None,
        };
        let Some(value) = of_class.or_else(|| self.known_value(func)) else { return Ok(None) };
        let Some(id) = value.object().filter(|id| matches!(self.evaluator.heap.get(*id), Object::Class(_))) else {
            return Ok(None);
        };
        let Some(record) = self.evaluator.record(id) else { return Ok(None) };
        if !record.defaults.is_empty() || !record.takes_fields() {
            return Ok(None);
        }
        let counts = self.star_counts(site.args, record.fields.len(), site.span)?;
        self.records.insert(id);
        let arguments = self.spread_arguments(site.args, &counts)?;
        Ok(Some(self.taken(arguments, site.span, |arguments| Expression::New(id.0, arguments))))
    }

    /// A function of the library by its full name.
    pub(super) fn library_call(&mut self, path: &str, site: Site<'a>) -> Lifted<Expression> {
        let Site { args, keywords, span, is_iterated } = site;
        if let Some(rest) = path.strip_prefix("builtins.") {
            return self.builtin(rest, site);
        }
        if let Some(function) = path.strip_prefix("re.") {
            return self.regex(function, site);
        }
        if let Some(function) = library::function(path) {
            if !keywords.is_empty() {
                return Err(reason(
                    format!("{path}() with named arguments runs in Python"),
                    "give its arguments by position",
                    span,
                ));
            }
            let arguments = args.iter().map(|argument| self.iterable(argument)).collect::<Lifted<Vec<_>>>()?;
            return Ok(Expression::Call(function, arguments));
        }
        if let Some(lifted) = self.time_call(path, site)? {
            return Ok(lifted);
        }
        if let Some(lifted) = self.formula(path, site)? {
            return Ok(lifted);
        }
        if let Some(lifted) = self.url_call(path, site)? {
            return Ok(lifted);
        }
        if let Some(lifted) = self.ranked(path, site)? {
            return Ok(lifted);
        }
        if let ("operator.itemgetter" | "operator.attrgetter", _) = (path, args) {
            return Err(reason(format!("{path}() as a value runs in Python"), "use a lambda", span));
        }
        if let "unicodedata.normalize" | "unicodedata.combining" = path {
            let function = match path {
                "unicodedata.normalize" => ir::Builtin::UnicodeNormalize,
                _ => ir::Builtin::UnicodeCombining,
            };
            if !keywords.is_empty() {
                return Err(reason(
                    format!("{path}() with named arguments runs in Python"),
                    "give its arguments by position",
                    span,
                ));
            }
            return Ok(Expression::Call(function, self.exprs(args)?));
        }
        if path == "csv.reader" && is_iterated {
            return Ok(Expression::List(vec![self.csv_line(site)?]));
        }
        // Nobody sees that it is more than a dict.
        if path == "collections.OrderedDict.fromkeys" && is_iterated {
            return self.keyed(site);
        }
        if path == "itertools.accumulate" {
            return self.accumulated(site);
        }
        if path == "dataclasses.replace" {
            return self.data_replaced(site);
        }
        if path == "functools.reduce" {
            return self.reduced(site);
        }
        if path == "collections.OrderedDict" && args.is_empty() && keywords.is_empty() {
            return Err(reason("an OrderedDict runs in Python", "a dict keeps its order too", span));
        }
        if path == "itertools.chain.from_iterable" && is_iterated && args.len() == 1 {
            let each = self.iterable(&args[0])?;
            let (outer, inner) = (self.fresh(), self.fresh());
            let clause =
                |local, iterable| ir::Clause { target: Target::Local(local), iterable, conditions: Vec::new() };
            let clauses = vec![clause(outer, each), clause(inner, Expression::Local(outer))];
            return Ok(Expression::Comprehension(boxed(Expression::Local(inner)), clauses));
        }
        if path.starts_with("operator.")
            && (1..=2).contains(&args.len())
            && keywords.is_empty()
            && !stars::has_star(args)
            && library::is_operator(path)
        {
            let arguments = self.exprs(args)?;
            return library::operator(path, arguments).ok_or_else(|| {
                reason(format!("{path}() takes another number of values"), "give it as many as it takes", span)
            });
        }
        let outside = ["logging.", "os.", "sys.", "subprocess.", "socket.", "requests.", "urllib.request."];
        let called = format!("{path}()");
        Err(if is_unrepeatable(path, args.len()) {
            reason(called + " gives something else each time", "take it from the element, or from a source", span)
        } else if let Some(edit) = substitutes::of_known(path) {
            reason(called + " of the library runs in Python", edit, span)
        } else if outside.iter().any(|prefix| path.starts_with(prefix)) {
            reason(called + " acts on the outside", "do that in a sink", span)
        } else {
            reason(called + " of the library runs in Python", substitutes::edit(path), span)
        })
    }
}
