//! Walks over bodies that are lifted, and the numbers in them that are known only when all is lifted.

use super::*;
use pyflink_plan::ir::Part;

/// Functions are lifted behind those that they call; in a plan they stand before them.
pub(super) fn callers_first(body: &mut Body) {
    let last = (body.functions.len() as u32).wrapping_sub(1);
    every_expression(body, &mut |expression| {
        if let Expression::Invoke(function, _) = expression {
            *function = last - *function;
        }
    });
    for class in &mut body.classes {
        let functions = class.methods.iter_mut().chain(&mut class.changing);
        functions.for_each(|(_, function)| *function = last - *function);
    }
    body.functions.reverse();
}

/// Calls `see` for every expression of a body and of its functions.
pub(super) fn every_expression(body: &mut Body, see: &mut dyn FnMut(&mut Expression)) {
    block(&mut body.code, see);
    body.functions.iter_mut().for_each(|function| block(&mut function.code, see));
}

fn block(statements: &mut [Statement], see: &mut dyn FnMut(&mut Expression)) {
    for statement in statements {
        match &mut statement.kind {
            StatementKind::Assign(_, value)
            | StatementKind::Return(value)
            | StatementKind::Collect(value)
            | StatementKind::CollectEach(value)
            | StatementKind::Evaluate(value)
            | StatementKind::SetAttribute(_, value) => expression(value, see),
            StatementKind::Append(list, value) | StatementKind::Extend(list, value) => {
                expression(list, see);
                expression(value, see);
            }
            StatementKind::SetField(of, _, value, _) => {
                expression(of, see);
                expression(value, see);
            }
            StatementKind::SetItem(of, index, value) => {
                expression(of, see);
                expression(index, see);
                expression(value, see);
            }
            StatementKind::If(arms, orelse) => {
                for (test, body) in arms {
                    expression(test, see);
                    block(body, see);
                }
                block(orelse, see);
            }
            StatementKind::While(test, body, orelse) | StatementKind::For(_, test, body, orelse) => {
                expression(test, see);
                block(body, see);
                block(orelse, see);
            }
            StatementKind::Try(body, handlers, orelse) => {
                block(body, see);
                handlers.iter_mut().for_each(|handler| block(&mut handler.body, see));
                block(orelse, see);
            }
            StatementKind::Throw(_, arguments) => all(arguments, see),
            StatementKind::Break | StatementKind::Continue | StatementKind::Raise | StatementKind::Left(_) => {}
        }
    }
}

fn all(expressions: &mut [Expression], see: &mut dyn FnMut(&mut Expression)) {
    expressions.iter_mut().for_each(|inner| expression(inner, see));
}

fn expression(of: &mut Expression, see: &mut dyn FnMut(&mut Expression)) {
    see(of);
    match of {
        Expression::None
        | Expression::Bool(_)
        | Expression::Int(_)
        | Expression::Float(_)
        | Expression::Str(_)
        | Expression::Bytes(_)
        | Expression::Member(..)
        | Expression::Local(_)
        | Expression::Attribute(_) => {}
        Expression::Tuple(items) | Expression::List(items) | Expression::Set(items) => all(items, see),
        Expression::Dict(items) => {
            for (key, value) in items {
                expression(key, see);
                expression(value, see);
            }
        }
        Expression::Binary(_, a, b)
        | Expression::Compare(_, a, b)
        | Expression::And(a, b)
        | Expression::Or(a, b)
        | Expression::Let(_, a, b)
        | Expression::Index(a, b) => {
            expression(a, see);
            expression(b, see);
        }
        Expression::If(a, b, c) => {
            expression(a, see);
            expression(b, see);
            expression(c, see);
        }
        Expression::Slice(value, bounds) => {
            expression(value, see);
            all(&mut **bounds, see);
        }
        Expression::Unary(_, value)
        | Expression::Field(value, _)
        | Expression::IsInstance(value, _)
        | Expression::Percent(_, value) => expression(value, see),
        Expression::Call(_, arguments)
        | Expression::Invoke(_, arguments)
        | Expression::New(_, arguments)
        | Expression::Regex(_, _, _, arguments) => all(arguments, see),
        Expression::Method(value, _, arguments) => {
            expression(value, see);
            all(arguments, see);
        }
        Expression::Format(parts) => {
            for part in parts {
                if let Part::Value(value, ..) = part {
                    expression(value, see);
                }
            }
        }
        Expression::Comprehension(element, clauses) => {
            expression(element, see);
            each_clause(clauses, see);
        }
        Expression::DictComprehension(key, value, clauses) => {
            expression(key, see);
            expression(value, see);
            each_clause(clauses, see);
        }
        Expression::Sorted(of, key, reverse) => {
            expression(of, see);
            expression(reverse, see);
            key.iter_mut().for_each(|key| expression(&mut key.value, see));
        }
        Expression::Best(_, of, key, default) => {
            expression(of, see);
            key.iter_mut().for_each(|key| expression(&mut key.value, see));
            default.iter_mut().for_each(|default| expression(default, see));
        }
    }
}

fn each_clause(clauses: &mut [ir::Clause], see: &mut dyn FnMut(&mut Expression)) {
    for clause in clauses {
        expression(&mut clause.iterable, see);
        all(&mut clause.conditions, see);
    }
}
