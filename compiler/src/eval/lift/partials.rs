//! Functions that are made of others and of constants: `functools.partial(f, 2)`, `operator.itemgetter(0)`.

use super::arguments::Site;
use super::functions::Callee;
use super::*;
use crate::eval::library;

/// A function with some of its arguments.
#[derive(Clone, Debug)]
pub(super) struct Filled {
    function: Value,
    positional: Vec<Expression>,
    named: Vec<(String, Expression)>,
}

impl<'a> Evaluator<'a> {
    /// The body of such a function that an operator calls.
    pub(in crate::eval) fn partial_body(&self, value: &Value, call: Call, span: Span) -> Lifted<Body> {
        let count = match call {
            Call::Map | Call::Filter | Call::KeyBy => 1,
            Call::Reduce => 2,
            _ => return Err(reason("a function that another one makes runs in Python here", "write a lambda", span)),
        };
        let filled = self.filled(value).ok_or_else(|| unknown(span))?;
        let given = (0..count).map(Expression::Local).collect::<Vec<_>>();
        if let Some(getter) = library::getter(&filled.function) {
            let value = self.got(getter, &filled, given, span)?;
            let code = vec![statement(span, StatementKind::Return(value))];
            return Ok(Body { parameters: count, locals: count, code, ..empty() });
        }
        let Some(Object::Function(function)) = filled.function.object().map(|id| self.heap.get(id)) else {
            return Err(unknown(span));
        };
        let mut lift = Lift::new(self, call, Frame::new(self, function, None)?, Vec::new());
        lift.frame.locals = count;
        let callee = lift.callee(function, None, span)?;
        let value = lift.invoke_filled(callee, &filled, given, span)?;
        let mut code = vec![statement(span, StatementKind::Return(value))];
        if call == Call::Filter {
            returned::test(&mut code);
        }
        lift.finish(count, code, span)
    }

    /// What `partial` and its like made, of constants that don't change.
    pub(super) fn filled(&self, value: &Value) -> Option<Filled> {
        let Object::Partial { function, positional, named } = self.heap.get(value.object()?) else { return None };
        let constant = |value: &Value| self.unchanging(value);
        Some(Filled {
            function: function.clone(),
            positional: positional.iter().map(constant).collect::<Option<_>>()?,
            named: named
                .iter()
                .map(|(name, value)| Some((name.to_string(), constant(value)?)))
                .collect::<Option<_>>()?,
        })
    }

    /// What `itemgetter(…)` and its like give for a value.
    fn got(&self, getter: &str, filled: &Filled, given: Vec<Expression>, span: Span) -> Lifted<Expression> {
        let Ok([value]) = <[Expression; 1]>::try_from(given) else {
            return Err(reason("it takes one value", "give it one", span));
        };
        let bindings = self.bindings.get_or_init(|| Bindings::new(self.program));
        let attribute = |path: &Expression| match path {
            Expression::Str(path) if path.split('.').all(|name| !name.starts_with("__")) => {
                let field = |of: Expression, name: &str| Expression::Field(boxed(of), name.to_owned());
                Some(path.split('.').fold(value.clone(), field))
            }
            _ => None,
        };
        let each: Option<Vec<Expression>> = match (getter, filled.positional.as_slice()) {
            _ if !filled.named.is_empty() => None,
            ("itemgetter", keys) => {
                Some(keys.iter().map(|key| Expression::Index(boxed(value.clone()), boxed(key.clone()))).collect())
            }
            ("attrgetter", paths) => paths.iter().map(attribute).collect(),
            ("methodcaller", [Expression::Str(name), arguments @ ..])
                if methods::takes_text(name) && !bindings.defines_method(name) =>
            {
                return Ok(Expression::Method(boxed(value), name.clone(), arguments.to_vec()));
            }
            _ => None,
        };
        let mut each = each.ok_or_else(|| unknown(span))?;
        match each.len() {
            0 => Err(unknown(span)),
            1 => Ok(each.remove(0)),
            _ => Ok(Expression::Tuple(each)),
        }
    }
}

fn unknown(span: Span) -> Reason {
    reason("a function that another one makes, of what isn't constant, runs in Python", "write a lambda", span)
}

impl<'a> Lift<'_, 'a> {
    /// Calls such a function with values.
    pub(super) fn call_filled(&mut self, value: &Value, given: Vec<Expression>, span: Span) -> Lifted<Expression> {
        let filled = self.evaluator.filled(value).ok_or_else(|| unknown(span))?;
        if let Some(getter) = library::getter(&filled.function) {
            return self.evaluator.got(getter, &filled, given, span);
        }
        let Some(Object::Function(function)) = filled.function.object().map(|id| self.evaluator.heap.get(id)) else {
            return Err(unknown(span));
        };
        let callee = self.callee(function, None, span)?;
        self.invoke_filled(callee, &filled, given, span)
    }

    /// The values of a call's arguments, if it is one by position.
    pub(super) fn given(&mut self, site: Site<'a>) -> Lifted<Vec<Expression>> {
        if stars::has_star(site.args) || !site.keywords.is_empty() {
            return Err(reason(
                "such a call of what `partial` made runs in Python",
                "write the arguments out",
                site.span,
            ));
        }
        self.exprs(site.args)
    }

    fn invoke_filled(
        &mut self,
        callee: Callee<'a>,
        filled: &Filled,
        given: Vec<Expression>,
        span: Span,
    ) -> Lifted<Expression> {
        let params = callee.params();
        let mismatch = || {
            reason(
                "what it is given doesn't fit the parameters of the function",
                "give each parameter its argument",
                span,
            )
        };
        if params.vararg.is_some() || params.kwarg.is_some() || callee.is_generator() {
            return Err(reason("a function of plain parameters is needed here", "write a lambda that calls it", span));
        }
        let mut values = filled.positional.iter().cloned().chain(given);
        let mut used = 0;
        let mut arguments = Vec::new();
        let positional =
            params.positional().enumerate().map(|(at, parameter)| (parameter, at >= params.posonly.len(), true));
        for (parameter, by_name, by_position) in
            positional.chain(params.kwonly.iter().map(|parameter| (parameter, true, false)))
        {
            let named = filled.named.iter().find(|(name, _)| by_name && *name == parameter.name.name);
            arguments.push(match (by_position.then(|| values.next()).flatten(), named) {
                (Some(value), None) => value,
                (None, Some((_, value))) => {
                    used += 1;
                    value.clone()
                }
                (None, None) if parameter.default.is_some() => self.default(callee.function(), parameter)?,
                _ => return Err(mismatch()),
            });
        }
        if values.next().is_some() || used != filled.named.len() {
            return Err(mismatch());
        }
        Ok(Expression::Invoke(self.inner(callee, None)?, arguments))
    }
}
