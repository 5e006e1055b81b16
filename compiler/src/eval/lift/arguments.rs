//! Which argument of a call fills which parameter.

use super::*;

/// What fills a parameter.
#[derive(Clone, Debug)]
pub(super) enum Given<'a> {
    Argument(&'a Expr),
    Default,
    /// `*args`.
    Rest(Vec<&'a Expr>),
}

/// A call as it is written.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub args: &'a [Expr],
    pub keywords: &'a [Keyword],
    pub span: Span,
    /// The result is gone through once, at once, and nobody keeps it.
    pub is_iterated: bool,
}

/// The parameters in order, each with what fills it; `skip` of them are filled already.
pub(super) fn bind<'a>(params: &'a Parameters, skip: usize, site: Site<'a>) -> Lifted<Vec<(&'a Parameter, Given<'a>)>> {
    let Site { args, keywords, span, .. } = site;
    let mismatch = || {
        reason(
            "the arguments of this call don't fit the parameters of what it calls",
            "give each parameter its argument, by position or by name",
            span,
        )
    };
    if let Some(star) = args.iter().find(|argument| matches!(argument.kind, ExprKind::Starred(_))) {
        return Err(reason("`*` in a call runs in Python", "write the arguments out", star.span));
    }
    if keywords.iter().any(|keyword| keyword.name.is_none()) {
        return Err(reason("`**` in a call runs in Python", "write the arguments out", span));
    }
    if params.kwarg.is_some() {
        return Err(reason("what it calls takes any named arguments (`**kwargs`)", "name them", span));
    }
    let named = |name: &str| {
        keywords.iter().find(|keyword| keyword.name.as_ref().is_some_and(|known| known.name == name)).map(|k| &k.value)
    };
    let mut given = Vec::new();
    let mut positional = args.iter();
    let mut used = 0;
    for (at, parameter) in params.positional().enumerate().skip(skip) {
        let by_name = named(&parameter.name.name).filter(|_| at >= params.posonly.len());
        let what = match (positional.next(), by_name) {
            (Some(argument), None) => Given::Argument(argument),
            (None, Some(argument)) => {
                used += 1;
                Given::Argument(argument)
            }
            (None, None) if parameter.default.is_some() => Given::Default,
            _ => return Err(mismatch()),
        };
        given.push((parameter, what));
    }
    match &params.vararg {
        Some(parameter) => given.push((parameter, Given::Rest(positional.collect()))),
        None if positional.next().is_some() => return Err(mismatch()),
        None => {}
    }
    for parameter in &params.kwonly {
        let what = match named(&parameter.name.name) {
            Some(argument) => {
                used += 1;
                Given::Argument(argument)
            }
            None if parameter.default.is_some() => Given::Default,
            None => return Err(mismatch()),
        };
        given.push((parameter, what));
    }
    if used != keywords.len() {
        return Err(mismatch());
    }
    Ok(given)
}

/// Arguments by position, of something whose parameters have these names; those at the end may be left out.
pub(super) fn by_position<'a>(names: &[&str], site: Site<'a>, title: &str) -> Lifted<Vec<&'a Expr>> {
    let Site { args, keywords, span, .. } = site;
    if args.iter().any(|argument| matches!(argument.kind, ExprKind::Starred(_))) {
        return Err(reason("`*` in a call runs in Python", "write the arguments out", span));
    }
    let mut given: Vec<Option<&'a Expr>> = args.iter().map(Some).collect();
    for keyword in keywords {
        let name = keyword.name.as_ref().map(|name| name.name.as_str());
        let at = name.and_then(|name| names.iter().position(|known| *known == name));
        let Some(at) = at else {
            let name = name.unwrap_or("**");
            return Err(reason(
                format!("{title}() with {name} runs in Python"),
                format!("leave {name} out, or do what it does in a loop of its own"),
                keyword.value.span,
            ));
        };
        if given.len() <= at {
            given.resize(at + 1, None);
        }
        if given[at].replace(&keyword.value).is_some() {
            return Err(reason(format!("{title}() is given an argument twice"), "give it once", span));
        }
    }
    let given: Option<Vec<&Expr>> = given.into_iter().collect();
    given.ok_or_else(|| {
        reason(format!("{title}() with these named arguments runs in Python"), "give those before them too", span)
    })
}

impl<'a> Lift<'_, 'a> {
    /// The default of a parameter.
    pub(super) fn default(&mut self, function: &Function, parameter: &'a Parameter) -> Lifted<Expression> {
        let known = function.defaults.iter().find(|(name, _)| **name == *parameter.name.name).map(|(_, value)| value);
        let value = match (known, &parameter.default) {
            (Some(value), _) if !self.evaluator.may_change(value) => self.evaluator.lifted_constant(value),
            (None, Some(Expr { kind: ExprKind::Constant(value), .. })) => constants::literal(value).ok(),
            _ => None,
        };
        if let Some(value) = value {
            return Ok(value);
        }
        if let (Some(value), Some(expr)) = (known, &parameter.default)
            && let Some(lifted) = self.default_of_run(function, value, expr)?
        {
            return Ok(lifted);
        }
        Err(reason(
            format!("the default of {} is no constant", parameter.name.name),
            "give the argument in the call",
            parameter.name.span,
        ))
    }

    /// A default of which the value is only known in a run: a global that never changes, or a constant of the library.
    fn default_of_run(&mut self, function: &Function, value: &Value, expr: &'a Expr) -> Lifted<Option<Expression>> {
        let source = expr.span.source;
        match &expr.kind {
            ExprKind::Name(name) if !self.bindings().dynamic && self.bindings().is_constant(source, name) => {
                // A class or function around it may have another value of that name.
                match self.evaluator.name_in(function.globals, name) {
                    Some(global) if global == value => {
                        let outside = self.imported_value(source, name, global);
                        self.of_global(outside, name, expr.span).map(Some)
                    }
                    _ => Ok(None),
                }
            }
            ExprKind::UnaryOp { op: UnaryOp::Minus, operand } if matches!(operand.kind, ExprKind::Attribute { .. }) => {
                let operand = self.default_of_run(function, value, operand)?;
                Ok(operand.map(|operand| Expression::Unary(ir::UnaryOp::Minus, boxed(operand))))
            }
            ExprKind::Attribute { value: module, .. } => {
                let ExprKind::Name(module) = &module.kind else { return Ok(None) };
                let of_class = function.class.map(Value::Object);
                let is_hidden = of_class.is_some_and(|class| self.evaluator.class_attribute(&class, module).is_some());
                if is_hidden || !function.closure.is_empty() {
                    return Ok(None);
                }
                Ok(self.library_name(source, expr).and_then(|path| library::constant(&path)))
            }
            _ => Ok(None),
        }
    }
}
