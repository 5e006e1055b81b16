//! Functions of the script that a body calls.

use super::arguments::{Given, Site};
use super::*;
use pyflink_plan::ir::{StatementKind as Kind, Target};

/// A function with what it needs to be lifted.
pub(super) struct Callee<'a> {
    name: String,
    nested: Nested<'a>,
    function: Function,
    receiver: Option<Receiver>,
    /// It stands in the function that calls it.
    is_inside: bool,
    /// It stands in no function between, whose variables it may see instead.
    is_next: bool,
}

impl<'a> Callee<'a> {
    pub(super) fn params(&self) -> &'a Parameters {
        self.nested.params
    }

    pub(super) fn is_generator(&self) -> bool {
        self.nested.is_generator
    }

    pub(super) fn function(&self) -> &Function {
        &self.function
    }

    /// How many arguments it takes, if that is one number.
    pub(super) fn takes(&self) -> Option<usize> {
        let params = self.nested.params;
        let is_plain = params.vararg.is_none()
            && params.kwarg.is_none()
            && params.kwonly.is_empty()
            && params.positional().all(|parameter| parameter.default.is_none())
            && !self.nested.is_generator;
        is_plain.then(|| params.positional().count() - usize::from(self.receiver.is_some()))
    }
}

impl<'a> Lift<'_, 'a> {
    /// A function object of the script; `receiver` is what fills its first parameter.
    pub(super) fn callee(&self, function: &Function, receiver: Option<Receiver>, span: Span) -> Lifted<Callee<'a>> {
        let code = &self.evaluator.codes[function.code.0 as usize];
        if code.is_async {
            return Err(reason("an async function runs in Python", "write a plain `def`", span));
        }
        let nested = Nested {
            params: code.params,
            body: self.evaluator.lifted_source(code),
            span: code.span,
            is_generator: code.is_generator,
        };
        Ok(Callee {
            name: code.name.to_string(),
            nested,
            function: function.clone(),
            receiver,
            is_inside: false,
            is_next: false,
        })
    }

    /// A function that stands in the function that calls it.
    pub(super) fn nested_callee(&self, name: &str, nested: Nested<'a>) -> Callee<'a> {
        let function = Function { defaults: Vec::new(), ..self.frame.function.clone() };
        let is_next = self.frame.names.contains(name);
        Callee { name: name.to_owned(), nested, function, receiver: None, is_inside: true, is_next }
    }

    /// A function or lambda that stands in the function itself.
    pub(super) fn written_callee(&self, name: &str, nested: Nested<'a>) -> Callee<'a> {
        Callee { is_next: true, ..self.nested_callee(name, nested) }
    }

    /// `def` in a function: it can be called, if it uses nothing of the function around it.
    pub(super) fn nested_function(&mut self, def: &'a FunctionDef) -> Lifted<()> {
        let name = &def.name.name;
        if def.is_async || !def.decorators.is_empty() || self.frame.provenance.times_bound(name) != 1 {
            return Err(reason(
                format!("the function {name} in it runs in Python"),
                "define it outside",
                def.name.span,
            ));
        }
        let body = Source::Block(&def.body);
        let nested = Nested { params: &def.params, body, span: def.name.span, is_generator: def.is_generator };
        self.frame.nested.insert(name.clone(), nested);
        Ok(())
    }

    /// Notes a name that stands for a lambda, or for a method of the collector.
    pub(super) fn names_function(&mut self, name: &str, value: &'a Expr) -> bool {
        match &value.kind {
            ExprKind::Lambda { params, body } => {
                let nested = Nested { params, body: Source::Expr(body), span: value.span, is_generator: false };
                self.frame.nested.insert(name.to_owned(), nested);
                true
            }
            ExprKind::Attribute { value, .. } => matches!(&value.kind, ExprKind::Name(of) if self.is_outlet(of)),
            _ => false,
        }
    }

    /// Calls a function of the script. What a generator function yields is a list, which only a loop may see.
    pub(super) fn invoke(&mut self, callee: Callee<'a>, site: Site<'a>) -> Lifted<Expression> {
        let span = site.span;
        if stars::has_star(site.args) {
            return self.invoke_spread(callee, site);
        }
        let captured = self.captured(&callee);
        if callee.nested.is_generator && !site.is_iterated {
            return Err(reason(
                format!("what {}() yields runs in Python, unless a loop goes over it at once", callee.name),
                "go over it with `for`, or collect it with `list(…)`",
                span,
            ));
        }
        let given = site.args.iter().chain(site.keywords.iter().map(|keyword| &keyword.value));
        if callee.nested.is_generator
            && let Some(name) =
                given.into_iter().find_map(|given| self.frame.provenance.changing_part(given, self.frame.around))
        {
            // All that it yields is made beforehand.
            return Err(reason(
                format!("{name} may change while {}() looks at it", callee.name),
                "hand it a copy",
                span,
            ));
        }
        let skip = usize::from(callee.receiver.is_some());
        let mut arguments = Vec::new();
        let mut outlet = None;
        for (parameter, given) in arguments::bind(callee.nested.params, skip, site)? {
            arguments.push(match given {
                Given::Argument(Expr { kind: ExprKind::Name(name), .. })
                    if self.is_outlet(name) && outlet.is_none() =>
                {
                    outlet = Some(parameter.name.name.clone());
                    continue;
                }
                Given::Argument(argument) => self.expr(argument)?,
                Given::Default => self.default(&callee.function, parameter)?,
                Given::Rest(rest) => {
                    Expression::Tuple(rest.into_iter().map(|argument| self.expr(argument)).collect::<Lifted<_>>()?)
                }
            });
        }
        for name in &captured {
            let local = self.local(name);
            self.frame.read.insert(local);
            arguments.push(Expression::Local(local));
        }
        Ok(Expression::Invoke(self.inner_with(callee, outlet, captured)?, arguments))
    }

    /// Variables of the function around it that a nested function reads. They are further arguments: what they are when
    /// it is called, is what it sees. Not those of containers that change, as it would share them.
    pub(super) fn captured(&self, callee: &Callee<'a>) -> Vec<String> {
        // One that stands further outside may see other variables of these names.
        if !callee.is_inside || !callee.is_next {
            return Vec::new();
        }
        let mut read = BTreeSet::new();
        let mut see = |expr: &Expr| {
            if let ExprKind::Name(name) = &expr.kind {
                read.insert(name.clone());
            }
        };
        match callee.nested.body {
            Source::Block(block) => walk::every_expr(block, &mut see),
            Source::Expr(body) => walk::all_exprs(body, &mut see),
        }
        let own = names_in(callee.nested.params, callee.nested.body);
        let around = self.evaluator.codes[self.frame.function.code.0 as usize].params;
        let params = around.all().map(|parameter| parameter.name.name.as_str()).collect();
        let frame = &self.frame;
        let is_variable = |name: &String| {
            frame.names.contains(name)
                && !own.contains(name)
                && !frame.nested.contains_key(name)
                && !frame.choices.contains_key(name)
                && !frame.dispatch.contains_key(name)
                && !frame.tallies.contains_key(name)
                && !self.is_url(name)
                && matches!(frame.items.get(name), None | Some(unrolled::Known::Constant(_)))
                && !self.is_buffer(name)
                && !frame.imports.contains(name)
                && !self.is_receiver(name)
                && frame.outlet.as_ref() != Some(name)
                && frame.provenance.is_apart(name, &params, &mut BTreeSet::new())
        };
        read.into_iter().filter(is_variable).collect()
    }

    /// Calls a function of the script with one value.
    pub(super) fn invoke_with(&mut self, callee: Callee<'a>, value: Expression, span: Span) -> Lifted<Expression> {
        let params = callee.nested.params;
        let mut parameters = params.positional().skip(usize::from(callee.receiver.is_some()));
        if parameters.next().is_none()
            || params.vararg.is_some()
            || params.kwarg.is_some()
            || callee.nested.is_generator
        {
            return Err(reason("a function of one parameter is needed here", "write one, as `lambda x: …`", span));
        }
        let mut arguments = vec![value];
        for parameter in parameters.chain(&params.kwonly) {
            if parameter.default.is_none() {
                return Err(reason("a function of one parameter is needed here", "write one, as `lambda x: …`", span));
            }
            arguments.push(self.default(&callee.function, parameter)?);
        }
        let captured = self.captured(&callee);
        for name in &captured {
            let local = self.local(name);
            self.frame.read.insert(local);
            arguments.push(Expression::Local(local));
        }
        Ok(Expression::Invoke(self.inner_with(callee, None, captured)?, arguments))
    }

    /// A property of the object.
    pub(super) fn invoke_getter(&mut self, getter: &Value, receiver: Receiver, span: Span) -> Lifted<Expression> {
        let Some(Object::Function(function)) = getter.object().map(|id| self.evaluator.heap.get(id)) else {
            return Err(reason(
                "this property runs in Python",
                "write it as `@property` and a `def` of the class, or as a method",
                span,
            ));
        };
        let callee = self.callee(function, Some(receiver), span)?;
        self.invoke(callee, Site { args: &[], keywords: &[], span, is_iterated: false })
    }

    /// The number of a function, which is lifted if it isn't yet.
    pub(super) fn inner(&mut self, callee: Callee<'a>, outlet: Option<String>) -> Lifted<u32> {
        self.inner_with(callee, outlet, Vec::new())
    }

    /// The number of a method that changes its object, which it gives.
    pub(super) fn changing_method(&mut self, callee: Callee<'a>) -> Lifted<u32> {
        let Callee { name, nested, function, .. } = callee;
        let key = (nested.span, format!("changes {:?} {:?}", function.closure, function.defaults));
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let Some(object) = nested.params.positional().next().filter(|_| !nested.is_generator) else {
            return Err(reason("a method without a parameter for its object", "give it `self`", nested.span));
        };
        if self.under_way.contains(&nested.span) {
            return Err(reason(format!("{name}() calls itself"), "write a loop", nested.span));
        }
        let mut frame = self.inner_frame(&nested, function, None, None, false)?;
        frame.gives_object = Some(0);
        frame.provenance.copied.insert(object.name.name.clone(), true);
        self.under_way.push(nested.span);
        let around = std::mem::replace(&mut self.frame, frame);
        let depth = std::mem::take(&mut self.depth);
        let lifted = self.inner_body(nested, None, &[]);
        self.depth = depth;
        let frame = std::mem::replace(&mut self.frame, around);
        self.under_way.pop();
        let (parameters, mut code) = lifted?;
        code.push(statement(nested.span, Kind::Return(Expression::Local(0))));
        self.functions.push(Inner { name, parameters, locals: frame.locals, code });
        let at = self.functions.len() as u32 - 1;
        self.known.insert(key, at);
        Ok(at)
    }

    /// The same, with variables of the function around it as its last parameters.
    fn inner_with(&mut self, callee: Callee<'a>, outlet: Option<String>, captured: Vec<String>) -> Lifted<u32> {
        let Callee { name, nested, function, receiver, is_inside, is_next: _ } = callee;
        let on = match &receiver {
            Some(Receiver::Object { class, path, .. }) => format!("{path} of {:?}", class.object()),
            Some(Receiver::Class(class)) => format!("{:?}", class.object()),
            None => String::new(),
        };
        let key = (nested.span, format!("{on} {outlet:?} {captured:?} {:?} {:?}", function.closure, function.defaults));
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        if self.under_way.contains(&nested.span) {
            return Err(reason(format!("{name}() calls itself"), "write a loop", nested.span));
        }
        let mut frame = self.inner_frame(&nested, function, receiver, outlet.clone(), is_inside)?;
        frame.outer.retain(|name| !captured.contains(name));
        self.under_way.push(nested.span);
        let around = std::mem::replace(&mut self.frame, frame);
        let depth = std::mem::take(&mut self.depth);
        let lifted = self.inner_body(nested, outlet.as_deref(), &captured);
        self.depth = depth;
        let frame = std::mem::replace(&mut self.frame, around);
        self.under_way.pop();
        let (parameters, code) = lifted?;
        self.functions.push(Inner { name, parameters, locals: frame.locals, code });
        let at = self.functions.len() as u32 - 1;
        self.known.insert(key, at);
        Ok(at)
    }

    pub(super) fn inner_frame(
        &self,
        nested: &Nested<'a>,
        function: Function,
        receiver: Option<Receiver>,
        outlet: Option<String>,
        is_inside: bool,
    ) -> Lifted<Frame<'a>> {
        let block: &[Stmt] = match nested.body {
            Source::Block(block) => block,
            Source::Expr(_) => &[],
        };
        let names = names_in(nested.params, nested.body);
        let mut frame = Frame {
            function,
            imports: imports_in(block),
            outer: BTreeSet::new(),
            nested: BTreeMap::new(),
            choices: BTreeMap::new(),
            dispatch: BTreeMap::new(),
            evaluated: BTreeMap::new(),
            tallies: BTreeMap::new(),
            items: BTreeMap::new(),
            tables: BTreeSet::new(),
            provenance: Provenance::of(nested.params, nested.body),
            receiver: None,
            outlet,
            making: None,
            gives_object: None,
            is_generator: nested.is_generator,
            is_inside,
            results: Results::Value,
            scopes: vec![BTreeMap::new()],
            locals: 0,
            before: Vec::new(),
            read: BTreeSet::new(),
            around: None,
            changes: 0,
            conditional: 0,
            names: Rc::new(names),
        };
        if let Some(receiver) = receiver {
            let Some(parameter) = nested.params.positional().next() else {
                return Err(reason("a method without a parameter for its object", "give it one, `self`", nested.span));
            };
            frame.receiver = Some((parameter.name.name.clone(), receiver));
        }
        if is_inside {
            let outside = self.frame.names.iter().chain(&self.frame.outer);
            frame.outer = outside.filter(|name| !frame.names.contains(*name)).cloned().collect();
            let siblings = self.frame.nested.iter().filter(|(name, _)| !frame.names.contains(*name));
            frame.nested = siblings.map(|(name, nested)| (name.clone(), *nested)).collect();
            let seen =
                self.frame.receiver.as_ref().filter(|(name, _)| self.is_receiver(name) && !frame.names.contains(name));
            if let Some((name, receiver)) = seen {
                frame.outer.remove(name);
                frame.receiver = Some((name.clone(), receiver.clone()));
            }
            let seen = self.frame.outlet.as_ref().filter(|name| self.is_outlet(name) && !frame.names.contains(*name));
            if let (Some(name), None) = (seen, &frame.outlet) {
                frame.outer.remove(name);
                frame.outlet = Some(name.clone());
            }
        }
        Ok(frame)
    }

    fn inner_body(
        &mut self,
        nested: Nested<'a>,
        outlet: Option<&str>,
        captured: &[String],
    ) -> Lifted<(u32, Vec<Statement>)> {
        let is_method = self.frame.receiver.as_ref().is_some_and(|(name, _)| {
            nested.params.positional().next().is_some_and(|parameter| parameter.name.name == *name)
        });
        let parameters = nested.params.positional().skip(usize::from(is_method));
        let mut count = 0;
        for parameter in parameters.chain(&nested.params.vararg).chain(&nested.params.kwonly) {
            if outlet != Some(parameter.name.name.as_str()) {
                self.local(&parameter.name.name);
                count += 1;
            }
        }
        for name in captured {
            self.local(name);
            count += 1;
        }
        let mut code = Vec::new();
        if nested.is_generator {
            if let Source::Block(block) = nested.body {
                let mut loops = None;
                walk::statements(block, &mut |statement| {
                    if let StmtKind::While { .. } = statement.kind {
                        loops = Some(statement.span);
                    }
                });
                if let Some(span) = loops {
                    return Err(reason("a generator function with `while` may never end", "use `for`", span));
                }
            }
            let list = self.fresh();
            self.frame.results = Results::Yielded(list);
            code.push(statement(nested.span, Kind::Assign(Target::Local(list), Expression::List(Vec::new()))));
        }
        self.body(nested.body, &mut code)?;
        if let Results::Yielded(list) = self.frame.results {
            code.push(statement(nested.span, Kind::Return(Expression::Local(list))));
        }
        Ok((count, code))
    }
}
