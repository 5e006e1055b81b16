//! Attributes: of the function object, of modules and classes, of values.

use super::*;
use names::{Outside, Use};

impl<'a> Lift<'_, 'a> {
    pub(super) fn attribute(&mut self, expr: &'a Expr, value: &'a Expr, name: &'a Ident) -> Lifted<Expression> {
        self.attribute_for(expr, value, name, Use::Any)
    }

    pub(super) fn attribute_for(
        &mut self,
        expr: &'a Expr,
        value: &'a Expr,
        name: &'a Ident,
        usage: Use,
    ) -> Lifted<Expression> {
        let span = expr.span;
        if let Some(path) = self.library_path(expr) {
            return library::constant(&path)
                .ok_or_else(|| reason(format!("{path} runs in Python"), substitutes::of_value(&path), span));
        }
        if let Some(lifted) = self.url_part(value, &name.name, span)? {
            return Ok(lifted);
        }
        if let Some(lifted) = self.time_tuple_field(value, &name.name, span)? {
            return Ok(lifted);
        }
        if let ("year" | "week" | "weekday", true) = (name.name.as_str(), self.is_iso_calendar(value)) {
            let at = ["year", "week", "weekday"].iter().position(|field| *field == name.name).unwrap_or(0);
            let whole = self.iterable(value)?;
            return Ok(Expression::Index(boxed(whole), boxed(Expression::Int(at as i64))));
        }
        if let Some(own) = self.own_type_name(value, &name.name) {
            return Ok(own);
        }
        if let Some(receiver) = self.object(value) {
            return self.attribute_of(receiver, name, span, usage);
        }
        if let Some(class) = self.making(value) {
            return self.attribute_while_making(&class, name, span, usage);
        }
        if let Some(owner) = self.static_owner(value) {
            return self.static_attribute(&owner, value, name, span, usage);
        }
        Ok(Expression::Field(boxed(self.read(value)?), name.name.clone()))
    }

    /// The function object, its class, or an object that it holds.
    pub(super) fn object(&self, expr: &Expr) -> Option<Receiver> {
        match &expr.kind {
            ExprKind::Name(name) if self.is_receiver(name) => Some(self.frame.receiver.as_ref()?.1.clone()),
            ExprKind::Attribute { value, name } => {
                let Receiver::Object { class, instance, path } = self.object(value)? else { return None };
                let Object::Instance(held) = self.evaluator.heap.get(instance?) else { return None };
                if self.bindings().is_replaced(&self.spans(&class), &name.name) {
                    return None;
                }
                let part = held.attributes.get(name.name.as_str())?.object()?;
                match self.evaluator.heap.get(part) {
                    // These are values.
                    Object::Instance(object)
                        if self.evaluator.is_named_tuple(&object.class) || self.evaluator.is_enum(&object.class) =>
                    {
                        None
                    }
                    Object::Instance(object) if matches!(object.class, Value::Object(_)) => Some(Receiver::Object {
                        class: object.class.clone(),
                        instance: Some(part),
                        path: format!("{path}{}.", name.name),
                    }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Where the names of a class and of what it derives from stand.
    pub(super) fn spans(&self, class: &Value) -> Vec<Span> {
        let span = |class: &Value| match self.evaluator.heap.get(class.object()?) {
            Object::Class(class) => Some(class.span),
            _ => None,
        };
        self.evaluator.mro(class).iter().filter_map(span).collect()
    }

    /// An attribute of the object that the function is called on.
    pub(super) fn receiver_attribute(&mut self, name: &Ident, span: Span) -> Lifted<Expression> {
        match self.frame.receiver.clone() {
            Some((_, receiver)) => self.attribute_of(receiver, name, span, Use::Any),
            None => Err(reason("it has no object", "give the function what it needs as arguments", span)),
        }
    }

    fn attribute_of(&mut self, receiver: Receiver, name: &Ident, span: Span, usage: Use) -> Lifted<Expression> {
        let title = &name.name;
        let (class, instance, path) = match receiver {
            Receiver::Object { class, instance, path } => (class, instance, path),
            Receiver::Class(class) => return self.class_constant(&class, title, span, usage),
        };
        let evaluator = self.evaluator;
        if title.starts_with("__") && title.ends_with("__") {
            return Err(reason(
                format!("{title} runs in Python"),
                "keep what it stands for in a plain attribute, or in a constant of the module",
                span,
            ));
        }
        let own = instance.and_then(|id| match evaluator.heap.get(id) {
            Object::Instance(held) => held.attributes.get(title.as_str()).cloned(),
            _ => None,
        });
        let of_class = evaluator.class_attribute(&class, title).map(|(value, _)| value);
        if let Some(Value::Object(id)) = &of_class {
            match evaluator.heap.get(*id) {
                Object::Property(property) => {
                    let getter = property.getter.clone();
                    let receiver = Receiver::Object { class, instance, path };
                    return self.invoke_getter(&getter, receiver, span);
                }
                Object::Function(_) | Object::StaticMethod(_) | Object::ClassMethod(_) if own.is_none() => {
                    return Err(reason(
                        format!("the method {title} as a value runs in Python"),
                        "call it instead",
                        span,
                    ));
                }
                Object::Instance(held) if self.is_descriptor(&held.class) => {
                    return Err(reason(format!("{title} of the class is a descriptor"), "use a property", span));
                }
                _ => {}
            }
        }
        for hook in ["__getattr__", "__getattribute__", "__slots__"] {
            if evaluator.class_attribute(&class, hook).is_some() {
                return Err(reason(format!("its class has {hook}"), "use plain attributes", span));
            }
        }
        if own.is_none() && evaluator.class_is_open(&class) && of_class.is_none() {
            return Err(reason(
                format!("the class of its object is unknown, so what {title} is, too"),
                "give it a plain class of the script, without a base or decorator that isn't known",
                span,
            ));
        }
        let spans = self.spans(&class);
        if self.bindings().is_set(title) {
            return Err(reason(
                format!("{title} of an object is set in other places than its methods"),
                "set it in __init__ or open()",
                span,
            ));
        }
        if self.call != Call::Source
            && let Some(method) = self.bindings().setter(&spans, title)
        {
            return Err(reason(
                format!("{title} of its object changes, as {method}() sets it"),
                "set it in __init__ or open()",
                span,
            ));
        }
        let is_of_class = own.is_none();
        let value = own.or(of_class);
        let mut stays = Ok(());
        match &value {
            Some(value) if self.evaluator.may_change(value) => stays = self.stays(value, title, &[title], span, usage),
            Some(_) => {}
            None if !self.bindings().keeps_content(title) => {
                return Err(reason(
                    format!("{title} of its object is changed by a function"),
                    "keep a copy in a tuple",
                    span,
                ));
            }
            None => {}
        }
        if let (Err(_), Some(value)) = (&stays, &value) {
            return self.of_run_if_fixed(format!("{path}{title}"), value, stays);
        }
        if is_of_class
            && let Some(value) = &value
            && self.evaluator.is_ordered_dict(value)
            && !self.bindings().is_replaced(&spans, title)
        {
            return self.constant(value, title, &[title], span, usage);
        }
        Ok(self.of_run(format!("{path}{title}")))
    }

    /// What only the run tells, by its name in [`Body::attributes`].
    pub(super) fn of_run(&mut self, name: String) -> Expression {
        let known = self.attributes.iter().position(|known| *known == name);
        let at = known.unwrap_or_else(|| {
            self.attributes.push(name);
            self.attributes.len() - 1
        });
        Expression::Attribute(at as u32)
    }

    /// What only the run tells; where something may change it in place, that is only known to be right of what can't be
    /// changed, as times.
    pub(super) fn of_run_if_fixed(&mut self, name: String, value: &Value, stays: Lifted<()>) -> Lifted<Expression> {
        let Err(refused) = stays else { return Ok(self.of_run(name)) };
        let title = name.rsplit([ir::GLOBAL, '.']).next().unwrap_or_default();
        let is_changed = !self.bindings().keeps_content(title);
        if self.call == Call::Source || is_changed || !matches!(value, Value::Opaque(_)) {
            return Err(refused);
        }
        let lifted = self.of_run(name);
        if let Expression::Attribute(at) = lifted {
            self.fixed.insert(at);
        }
        Ok(lifted)
    }

    /// True if objects of the class, held by another class, say themselves what their attribute is.
    fn is_descriptor(&self, class: &Value) -> bool {
        let evaluator = self.evaluator;
        evaluator.class_is_open(class) || evaluator.class_attribute(class, "__get__").is_some()
    }

    /// The module or class that an expression names.
    pub(super) fn static_owner(&self, expr: &Expr) -> Option<Value> {
        let value = match &expr.kind {
            ExprKind::Name(name)
                if !self.is_local_name(name) && self.frame.scopes.iter().all(|scope| !scope.contains_key(name)) =>
            {
                match self.outside(name) {
                    Outside::Value(value, _) => value,
                    _ => return None,
                }
            }
            ExprKind::Attribute { value, name } => {
                let owner = self.static_owner(value)?;
                let Object::Module(module) = self.evaluator.heap.get(owner.object()?) else { return None };
                self.module_value(module, &name.name)?
            }
            _ => return None,
        };
        match self.evaluator.heap.get(value.object()?) {
            Object::Module(module) if !module.api => Some(value),
            Object::Class(_) => Some(value),
            _ => None,
        }
    }

    /// A name of a module of the script that never changes.
    fn module_value(&self, module: &super::super::value::Module, name: &str) -> Option<Value> {
        let source = self.evaluator.program.modules.get(&*module.name)?;
        if let Some(id) = self.evaluator.heap.modules.get(format!("{}.{name}", module.name).as_str()) {
            return Some(Value::Object(*id));
        }
        let value = self.evaluator.name_in(module.scope, name)?;
        self.bindings().is_constant(*source, name).then(|| value.clone())
    }

    fn static_attribute(
        &mut self,
        owner: &Value,
        value: &'a Expr,
        name: &'a Ident,
        span: Span,
        usage: Use,
    ) -> Lifted<Expression> {
        let title = &name.name;
        match owner.object().map(|id| self.evaluator.heap.get(id)) {
            Some(Object::Module(module)) => match self.module_value(module, title) {
                Some(found) => self.constant(&found, title, &[title], span, usage),
                None => Err(reason(format!("{title} of a module may change"), "make it a constant", span)),
            },
            Some(Object::Class(_)) => self.class_constant(owner, title, span, usage),
            _ => Err(reason(
                format!("{title} runs in Python"),
                "keep what it stands for in a plain attribute, or in a constant of the module",
                value.span,
            )),
        }
    }

    /// A constant in a class body.
    pub(super) fn class_constant(&self, class: &Value, title: &str, span: Span, usage: Use) -> Lifted<Expression> {
        let is_known = self.evaluator.is_named_tuple(class) || self.evaluator.is_enum(class);
        if self.evaluator.class_is_open(class) && !is_known {
            return Err(because(self.evaluator.why_open(class), span));
        }
        if let Some(id) = class.object().filter(|_| self.evaluator.is_enum(class))
            && self.evaluator.record(id).is_none()
        {
            return Err(because(self.evaluator.why_no_record(id), span));
        }
        if self.bindings().is_replaced(&self.spans(class), title) {
            return Err(reason(
                format!("{title} of the class may change, as something sets it"),
                "set it once, in the body of the class",
                span,
            ));
        }
        match self.evaluator.class_attribute(class, title) {
            Some((value, _)) => self.constant(&value, title, &[title], span, usage),
            None => Err(reason(format!("the class has no {title}"), "define it in the body of the class", span)),
        }
    }

    /// The value of a name or attribute that is a function, class or object of the script.
    pub(super) fn known_value(&self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            ExprKind::Name(name)
                if !self.is_local_name(name) && self.frame.scopes.iter().all(|scope| !scope.contains_key(name)) =>
            {
                match self.outside(name) {
                    Outside::Value(value, _) => Some(value),
                    _ => None,
                }
            }
            ExprKind::Attribute { value, name } => {
                let owner = self.static_owner(value)?;
                match self.evaluator.heap.get(owner.object()?) {
                    Object::Module(module) => self.module_value(module, &name.name),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
