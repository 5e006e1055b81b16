//! Functions that are handed to `sorted`, `min`, `map` and their like.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::{BinaryOp, Builtin, Key, StatementKind as Kind, Target};

impl<'a> Lift<'_, 'a> {
    /// A function of one argument as an expression of a local.
    pub(super) fn key(&mut self, function: &'a Expr) -> Lifted<Key> {
        let span = function.span;
        if let ExprKind::Lambda { params, body } = &function.kind {
            return self.lambda_key(params, body, span);
        }
        if let Some(key) = self.choice_key(function)? {
            return Ok(key);
        }
        let local = self.fresh();
        let value = self.key_value(function, Expression::Local(local))?;
        Ok(Key { local, value: boxed(value) })
    }

    fn lambda_key(&mut self, params: &'a Parameters, body: &'a Expr, span: Span) -> Lifted<Key> {
        let mut names = params.all();
        let (Some(parameter), None) = (names.next(), names.next()) else {
            return Err(reason("a function of one parameter is needed here", "write one, as `lambda x: …`", span));
        };
        if params.vararg.is_some() || params.kwarg.is_some() || !params.kwonly.is_empty() {
            return Err(reason("a function of one parameter is needed here", "write one, as `lambda x: …`", span));
        }
        let local = self.fresh();
        let names = BTreeMap::from([(parameter.name.name.clone(), local)]);
        let value = self.scoped(names, |lift| lift.expr(body))?;
        Ok(Key { local, value: boxed(value) })
    }

    /// What a function that isn't written in place gives for a value.
    fn key_value(&mut self, function: &'a Expr, value: Expression) -> Lifted<Expression> {
        let span = function.span;
        let why = self.unknown_function(function);
        let unknown = || why.clone();
        if let ExprKind::Call { func, args, keywords } = &function.kind {
            let path = self.library_path(func).filter(|_| keywords.is_empty());
            return match (path.as_deref(), args.as_slice()) {
                (Some("operator.itemgetter"), [index]) => Ok(Expression::Index(boxed(value), self.boxed(index)?)),
                (Some("operator.itemgetter"), indices) if !indices.is_empty() => {
                    let item = |lift: &mut Self, index| Ok(Expression::Index(boxed(value.clone()), lift.boxed(index)?));
                    Ok(Expression::Tuple(indices.iter().map(|index| item(self, index)).collect::<Lifted<_>>()?))
                }
                (Some("operator.attrgetter"), [Expr { kind: ExprKind::Constant(Constant::Str(name)), .. }])
                    if !name.contains('.') =>
                {
                    Ok(Expression::Field(boxed(value), name.clone()))
                }
                _ => Err(unknown()),
            };
        }
        if let Some(path) = self.library_path(function) {
            let builtin = library::function(&path).ok_or_else(unknown)?;
            return Ok(Expression::Call(builtin, vec![value]));
        }
        match &function.kind {
            ExprKind::Name(name) if self.is_builtin(name) => of_builtin(name, value).ok_or_else(unknown),
            // `str.lower`: of nothing but text, which the addition sees to.
            ExprKind::Attribute { value: of, name } => {
                let is_text = matches!(&of.kind, ExprKind::Name(of) if of == "str" && self.is_builtin(of));
                if is_text && methods::of_text(&name.name) {
                    return Ok(Expression::Method(boxed(dispatch::as_text(value)), name.name.clone(), Vec::new()));
                }
                if let Some(receiver) = self.object(of) {
                    return self.method_key(receiver, &name.name, value, span);
                }
                if let Some(found) = self.known_value(function) {
                    return self.function_key(&found, value, span);
                }
                // `counts.get`.
                let is_value = matches!(&of.kind, ExprKind::Name(name) if self.is_local_name(name));
                if !is_value || bindings::CHANGING.contains(&name.name.as_str()) || self.is_outlet_name(of) {
                    return Err(unknown());
                }
                Ok(Expression::Method(boxed(self.read(of)?), name.name.clone(), vec![value]))
            }
            ExprKind::Name(name) => {
                if let Some(nested) = self.frame.nested.get(name).copied() {
                    if let Source::Expr(body) = nested.body
                        && self.frame.scopes.len() == 1
                    {
                        let Key { local, value: result } = self.lambda_key(nested.params, body, nested.span)?;
                        return Ok(Expression::Let(local, boxed(value), result));
                    }
                    let callee = self.nested_callee(name, nested);
                    return self.invoke_with(callee, value, span);
                }
                match self.known_value(function) {
                    Some(found) => self.function_key(&found, value, span),
                    None => Err(unknown()),
                }
            }
            _ => Err(unknown()),
        }
    }

    fn is_outlet_name(&self, of: &Expr) -> bool {
        matches!(&of.kind, ExprKind::Name(name) if self.frame.outlet.as_ref() == Some(name))
    }

    /// `functools.reduce(f, values)`, with or without what it begins with: a function with a loop.
    pub(super) fn reduced(&mut self, site: Site<'a>) -> Lifted<Expression> {
        let Site { args, keywords, span, .. } = site;
        let (function, values, initial) = match args {
            [function, values] => (function, values, None),
            [function, values, initial] => (function, values, Some(initial)),
            _ => return Err(reason("reduce() takes a function and an iterable", "give it both", span)),
        };
        if !keywords.is_empty() {
            return Err(reason("reduce() with named arguments runs in Python", "give its arguments by position", span));
        }
        // Locals: values, result, element, and whether there was none yet.
        let (result, item, is_first) = (1, 2, 3);
        let operands = vec![Expression::Local(result), Expression::Local(item)];
        let next = self.combined(function, operands, "reduce", span)?;
        let mut arguments = vec![self.iterable(values)?];
        if let Some(initial) = initial {
            arguments.push(self.expr(initial)?);
        }
        let next = statement(span, Kind::Assign(Target::Local(result), next));
        let mut code = Vec::new();
        let body = match initial {
            Some(_) => vec![next],
            None => {
                let flag = |value| statement(span, Kind::Assign(Target::Local(is_first), Expression::Bool(value)));
                code.push(flag(true));
                let first =
                    vec![statement(span, Kind::Assign(Target::Local(result), Expression::Local(item))), flag(false)];
                vec![statement(span, Kind::If(vec![(Expression::Local(is_first), first)], vec![next]))]
            }
        };
        code.push(statement(span, Kind::For(Target::Local(item), Expression::Local(0), body, Vec::new())));
        if initial.is_none() {
            let raise = vec![statement(span, Kind::Raise)];
            code.push(statement(span, Kind::If(vec![(Expression::Local(is_first), raise)], Vec::new())));
        }
        code.push(statement(span, Kind::Return(Expression::Local(result))));
        let parameters = arguments.len() as u32;
        self.functions.push(Inner { name: "reduce".to_owned(), parameters, locals: 4, code });
        Ok(Expression::Invoke(self.functions.len() as u32 - 1, arguments))
    }

    /// What a function that is handed to another one gives for several values.
    pub(super) fn combined(
        &mut self,
        function: &'a Expr,
        operands: Vec<Expression>,
        title: &str,
        span: Span,
    ) -> Lifted<Expression> {
        if let (Some(combined), [a, b]) = (self.of_python(function), operands.as_slice()) {
            return Ok(combined([a.clone(), b.clone()]));
        }
        let callee = match &function.kind {
            ExprKind::Lambda { params, body } => {
                let body = Source::Expr(body);
                let nested = Nested { params, body, span: function.span, is_generator: false };
                self.nested_callee("<lambda>", nested)
            }
            _ => {
                let known = self.known_value(function).and_then(|value| value.object());
                match known.map(|id| self.evaluator.heap.get(id)) {
                    Some(Object::Function(found)) => self.callee(found, None, span)?,
                    _ => return Err(self.unknown_function(function)),
                }
            }
        };
        if callee.takes() != Some(operands.len()) {
            let count = if operands.len() == 2 { "two".to_owned() } else { operands.len().to_string() };
            return Err(reason(
                format!("{title}() takes a function of {count} parameters here"),
                "write one, as `lambda a, b: …`",
                span,
            ));
        }
        Ok(Expression::Invoke(self.inner(callee, None)?, operands))
    }

    /// What a function of Python of two values gives for two.
    fn of_python(&self, function: &'a Expr) -> Option<fn([Expression; 2]) -> Expression> {
        let path = self.library_path(function);
        let name = match &function.kind {
            ExprKind::Name(name) if self.is_builtin(name) => name.as_str(),
            _ => path.as_deref()?,
        };
        Some(match name {
            "min" => |[a, b]| Expression::Best(ir::Extreme::Min, boxed(Expression::Tuple(vec![a, b])), None, None),
            "max" => |[a, b]| Expression::Best(ir::Extreme::Max, boxed(Expression::Tuple(vec![a, b])), None, None),
            "operator.add" => |[a, b]| Expression::Binary(BinaryOp::Add, boxed(a), boxed(b)),
            "operator.mul" => |[a, b]| Expression::Binary(BinaryOp::Mul, boxed(a), boxed(b)),
            "operator.sub" => |[a, b]| Expression::Binary(BinaryOp::Sub, boxed(a), boxed(b)),
            "operator.and_" => |[a, b]| Expression::Binary(BinaryOp::BitAnd, boxed(a), boxed(b)),
            "operator.or_" => |[a, b]| Expression::Binary(BinaryOp::BitOr, boxed(a), boxed(b)),
            "operator.xor" => |[a, b]| Expression::Binary(BinaryOp::BitXor, boxed(a), boxed(b)),
            _ => return None,
        })
    }

    /// Why a function that is handed to another one isn't lifted.
    pub(super) fn unknown_function(&self, function: &Expr) -> Reason {
        match written(function) {
            Some(name) => reason(
                format!("{name}, as a function that is handed over, runs in Python"),
                format!("write `lambda x: {name}(x)`"),
                function.span,
            ),
            None => reason("a function that an expression gives runs in Python", "write a lambda", function.span),
        }
    }

    pub(super) fn function_key(&mut self, found: &Value, value: Expression, span: Span) -> Lifted<Expression> {
        let evaluator = self.evaluator;
        match found.object().map(|id| evaluator.heap.get(id)) {
            Some(Object::Function(function)) => {
                let callee = self.callee(function, None, span)?;
                self.invoke_with(callee, value, span)
            }
            Some(Object::Partial { .. }) => self.call_filled(found, vec![value], span),
            _ => Err(reason("what is called here isn't a function of the script", "write a lambda", span)),
        }
    }

    /// `self.key` as a key.
    pub(super) fn method_key(
        &mut self,
        receiver: Receiver,
        name: &str,
        value: Expression,
        span: Span,
    ) -> Lifted<Expression> {
        let (Receiver::Object { class, .. } | Receiver::Class(class)) = &receiver;
        let evaluator = self.evaluator;
        let function = evaluator.class_attribute(class, name).and_then(|(found, _)| found.object());
        let is_replaced = self.bindings().is_set(name) || self.bindings().is_replaced(&self.spans(class), name);
        let unknown = || reason("this method runs in Python", "write a lambda", span);
        let (function, receiver) = match function.map(|id| evaluator.heap.get(id)) {
            _ if is_replaced => return Err(unknown()),
            Some(Object::Function(function)) if matches!(receiver, Receiver::Object { .. }) => {
                (function, Some(receiver))
            }
            Some(Object::StaticMethod(inner)) => match inner.object().map(|id| evaluator.heap.get(id)) {
                Some(Object::Function(function)) => (function, None),
                _ => return Err(unknown()),
            },
            _ => return Err(unknown()),
        };
        let callee = self.callee(function, receiver, span)?;
        self.invoke_with(callee, value, span)
    }

    /// `sorted(list, key=…, reverse=…)` and `list.sort(…)`.
    pub(super) fn sorted(&mut self, list: Expression, keywords: &'a [Keyword], span: Span) -> Lifted<Expression> {
        if let [keyword] = keywords
            && keyword.name.as_ref().is_some_and(|name| name.name == "key")
            && let ExprKind::Call { func, args, keywords: others } = &keyword.value.kind
            && let ([compare], []) = (args.as_slice(), others.as_slice())
            && self.library_path(func).as_deref() == Some("functools.cmp_to_key")
        {
            return self.sorted_by_comparing(list, compare, span);
        }
        let mut key = None;
        let mut reverse = Expression::Bool(false);
        for keyword in keywords {
            match keyword.name.as_ref().map(|name| name.name.as_str()) {
                Some("key") => key = self.optional_key(&keyword.value)?,
                Some("reverse") => reverse = self.expr(&keyword.value)?,
                _ => {
                    return Err(reason(
                        "sorting with such an argument runs in Python",
                        "give it `key` and `reverse` only",
                        span,
                    ));
                }
            }
        }
        Ok(Expression::Sorted(boxed(list), key, boxed(reverse)))
    }

    pub(super) fn optional_key(&mut self, function: &'a Expr) -> Lifted<Option<Key>> {
        match &function.kind {
            ExprKind::Constant(Constant::None) => Ok(None),
            _ => self.conditionally(|lift| lift.key(function)).map(Some),
        }
    }

    /// `min` and `max`.
    pub(super) fn best(&mut self, extreme: ir::Extreme, site: Site<'a>) -> Lifted<Expression> {
        let mut key = None;
        let mut default = None;
        for keyword in site.keywords {
            match keyword.name.as_ref().map(|name| name.name.as_str()) {
                Some("key") => key = self.optional_key(&keyword.value)?,
                Some("default") => default = Some(self.boxed(&keyword.value)?),
                _ => {
                    return Err(reason(
                        "min() and max() with such an argument run in Python",
                        "give them `key` and `default` only",
                        site.span,
                    ));
                }
            }
        }
        if let Some(star) = site.args.iter().find(|argument| matches!(argument.kind, ExprKind::Starred(_))) {
            return Err(reason("`*` in a call runs in Python", "leave the star out", star.span));
        }
        let of = match site.args {
            [] => return Err(reason("min() and max() take a value", "give them one", site.span)),
            [iterable] => self.gone_over(iterable)?,
            values if default.is_none() => Expression::Tuple(self.exprs(values)?),
            _ => {
                return Err(reason(
                    "min() and max() of several values have no default",
                    "leave the default out",
                    site.span,
                ));
            }
        };
        Ok(Expression::Best(extreme, boxed(of), key, default))
    }
}

/// What a builtin function that is handed over gives for a value.
pub(super) fn of_builtin(name: &str, value: Expression) -> Option<Expression> {
    const KNOWN: &[&str] = &[
        "abs", "all", "any", "bool", "chr", "float", "int", "len", "list", "ord", "repr", "round", "str", "sum",
        "tuple",
    ];
    match name {
        "min" => Some(Expression::Best(ir::Extreme::Min, boxed(value), None, None)),
        "max" => Some(Expression::Best(ir::Extreme::Max, boxed(value), None, None)),
        _ => Builtin::from_name(name)
            .filter(|_| KNOWN.contains(&name))
            .map(|builtin| Expression::Call(builtin, vec![value])),
    }
}

/// A name as it stands in the script: `json.dumps`.
pub(super) fn written(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Attribute { value, name } => Some(format!("{}.{}", written(value)?, name.name)),
        _ => None,
    }
}
