//! Methods in expressions that change what they are called on: what stands before them is evaluated before them.

use super::stores::is_simple;
use super::*;

impl<'a> Lift<'_, 'a> {
    /// `stack.pop()` within an expression.
    pub(super) fn change_within(&mut self, of: &'a Expr, name: &str, site: arguments::Site<'a>) -> Lifted<Expression> {
        let span = site.span;
        let gives_something = ["pop", "popitem", "setdefault"].contains(&name);
        if !gives_something || self.frame.scopes.len() > 1 {
            return Err(reason(
                format!("{name}() changes something in the middle of an expression"),
                "assign its result to a variable",
                span,
            ));
        }
        self.owns_container(of, span)?;
        if !site.keywords.is_empty() {
            return Err(reason(
                format!("{name}() with named arguments runs in Python"),
                "give its arguments by position",
                span,
            ));
        }
        let of = self.expr(of)?;
        let arguments = self.exprs(site.args)?;
        self.frame.changes += 1;
        Ok(Expression::Method(boxed(of), name.to_owned(), arguments))
    }

    /// Binds what is evaluated before such a method, where that may make a difference.
    pub(super) fn in_order(&mut self, mut whole: Expression, span: Span) -> Lifted<Expression> {
        let Some(parts) = parts(&mut whole) else {
            return Err(reason("a change in the middle of this runs in Python", "use a variable", span));
        };
        let last = parts.iter().rposition(|part| changes(part)).unwrap_or(0);
        let mut bound = Vec::new();
        for part in parts.into_iter().take(last) {
            if !is_simple(part) {
                let held = self.fresh();
                bound.push((held, std::mem::replace(part, Expression::Local(held))));
            }
        }
        Ok(bound
            .into_iter()
            .rev()
            .fold(whole, |whole, (held, value)| Expression::Let(held, boxed(value), boxed(whole))))
    }
}

/// What is evaluated for an expression in any case, in that order; `None` where it isn't as simple.
fn parts(whole: &mut Expression) -> Option<Vec<&mut Expression>> {
    Some(match whole {
        Expression::Binary(_, a, b) | Expression::Compare(_, a, b) | Expression::Index(a, b) => vec![a, b],
        Expression::Unary(_, a)
        | Expression::Field(a, _)
        | Expression::IsInstance(a, _)
        | Expression::Percent(_, a)
        // The others are evaluated only then.
        | Expression::And(a, _)
        | Expression::Or(a, _)
        | Expression::If(a, ..)
        | Expression::Let(_, a, _) => vec![a],
        Expression::Tuple(items)
        | Expression::List(items)
        | Expression::Set(items)
        | Expression::Call(_, items)
        | Expression::Invoke(_, items)
        | Expression::New(_, items)
        | Expression::Regex(_, _, _, items) => items.iter_mut().collect(),
        Expression::Dict(items) => items.iter_mut().flat_map(|(key, value)| [key, value]).collect(),
        Expression::Method(of, _, arguments) => {
            let mut parts = vec![&mut **of];
            parts.extend(arguments);
            parts
        }
        Expression::Slice(of, bounds) => {
            let mut parts = vec![&mut **of];
            parts.extend(bounds.iter_mut());
            parts
        }
        Expression::Format(pieces) => pieces
            .iter_mut()
            .filter_map(|piece| match piece {
                ir::Part::Value(value, ..) => Some(value),
                ir::Part::Text(_) => None,
            })
            .collect(),
        Expression::None
        | Expression::Bool(_)
        | Expression::Int(_)
        | Expression::Float(_)
        | Expression::Str(_)
        | Expression::Bytes(_)
        | Expression::Local(_)
        | Expression::Attribute(_)
        | Expression::Member(..) => Vec::new(),
        Expression::Best(_, over, None, None) => vec![over],
        Expression::Sorted(over, None, reverse) => vec![over, reverse],
        Expression::Comprehension(..)
        | Expression::DictComprehension(..)
        | Expression::Sorted(..)
        | Expression::Best(..) => return None,
    })
}

/// True if there is such a method in it.
pub(super) fn changes(expression: &Expression) -> bool {
    if let Expression::Method(_, name, _) = expression
        && ["pop", "popitem", "setdefault"].contains(&name.as_str())
    {
        return true;
    }
    let mut copy = expression.clone();
    match (expression, parts(&mut copy)) {
        (Expression::And(a, b) | Expression::Or(a, b) | Expression::Let(_, a, b), _) => changes(a) || changes(b),
        (Expression::If(a, b, c), _) => changes(a) || changes(b) || changes(c),
        (_, Some(parts)) => parts.into_iter().any(|part| changes(part)),
        (_, None) => true,
    }
}
