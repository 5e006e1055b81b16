//! What operators make of what functions return. A selector that gives a name on one way and a list of names on another
//! gives lists on all: they are the same to `split`, and have one type. Of what a filter gives, only its truth is looked at.

use pyflink_plan::ir::{Builtin, Expression, Statement, StatementKind, UnaryOp};

/// Makes what a selector returns lists of names, if it is written down on each way and not the same kind on all.
pub fn unify(code: &mut [Statement]) {
    let (mut names, mut lists, mut others) = (0, 0, 0);
    returns(code, &mut |value| match kind(value) {
        Some(Kind::Name) => names += 1,
        Some(Kind::Names) => lists += 1,
        Some(Kind::Both) => (names, lists) = (names + 1, lists + 1),
        None => others += 1,
    });
    if names > 0 && lists > 0 && others == 0 {
        returns(code, &mut to_list);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Names,
    Both,
}

fn kind(value: &Expression) -> Option<Kind> {
    match value {
        Expression::Str(_) | Expression::Format(_) | Expression::Percent(..) => Some(Kind::Name),
        Expression::List(_) | Expression::Tuple(_) | Expression::None => Some(Kind::Names),
        Expression::If(_, yes, no) => match (kind(yes)?, kind(no)?) {
            (yes, no) if yes == no => Some(yes),
            _ => Some(Kind::Both),
        },
        _ => None,
    }
}

fn to_list(value: &mut Expression) {
    match value {
        Expression::If(_, yes, no) => {
            to_list(yes);
            to_list(no);
        }
        Expression::List(_) => {}
        Expression::Tuple(items) => *value = Expression::List(std::mem::take(items)),
        Expression::None => *value = Expression::List(Vec::new()),
        name => *name = Expression::List(vec![std::mem::replace(name, Expression::None)]),
    }
}

/// Visits what a body returns.
fn returns(code: &mut [Statement], visit: &mut dyn FnMut(&mut Expression)) {
    for statement in code {
        match &mut statement.kind {
            StatementKind::Return(value) => visit(value),
            StatementKind::If(ways, orelse) => {
                ways.iter_mut().for_each(|(_, body)| returns(body, visit));
                returns(orelse, visit);
            }
            StatementKind::While(_, body, orelse) | StatementKind::For(_, _, body, orelse) => {
                returns(body, visit);
                returns(orelse, visit);
            }
            StatementKind::Try(body, handlers, orelse) => {
                returns(body, visit);
                handlers.iter_mut().for_each(|handler| returns(&mut handler.body, visit));
                returns(orelse, visit);
            }
            _ => {}
        }
    }
}

/// Makes what a filter gives its truth, which objects may say themselves.
pub fn test(code: &mut [Statement]) {
    returns(code, &mut |value| {
        if !is_bool(value) {
            let given = std::mem::replace(value, Expression::None);
            *value = Expression::Call(Builtin::Bool, vec![given]);
        }
    });
}

/// Whether an expression gives a bool, whatever is in it.
fn is_bool(value: &Expression) -> bool {
    match value {
        Expression::Bool(_)
        | Expression::Compare(..)
        | Expression::IsInstance(..)
        | Expression::Unary(UnaryOp::Not, _)
        | Expression::Call(Builtin::Bool | Builtin::All | Builtin::Any, _) => true,
        Expression::And(a, b) | Expression::Or(a, b) => is_bool(a) && is_bool(b),
        Expression::Let(_, _, body) => is_bool(body),
        Expression::If(_, a, b) => is_bool(a) && is_bool(b),
        _ => false,
    }
}
