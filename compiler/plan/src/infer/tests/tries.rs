//! `try`, `except` and `raise`.

use super::*;
use crate::ir::Handler;

fn attempt(body: Vec<Statement>, handlers: Vec<Handler>) -> Statement {
    at(StatementKind::Try(body, handlers, Vec::new()))
}

fn except(classes: &[&str], body: Vec<Statement>) -> Handler {
    Handler { classes: Some(classes.iter().map(|name| (*name).to_owned()).collect()), body }
}

fn throw(classes: &[&str]) -> Statement {
    at(StatementKind::Throw(classes.iter().map(|name| (*name).to_owned()).collect(), Vec::new()))
}

fn to_int() -> Expression {
    call("int", vec![local(0)])
}

/// How often a handler is gone to from an operation.
fn caught(code: Vec<Statement>, arguments: &[Type]) -> usize {
    shape(&typed(code, arguments).unwrap()).matches("Try(").count()
}

#[test]
fn a_handler_gives_what_the_rest_has_a_type_with() {
    let with = |handler: Vec<Statement>| vec![attempt(vec![give(to_int())], vec![except(&["ValueError"], handler)])];
    assert_eq!(result(with(vec![give(Expression::None)]), &[Type::Str]), "int | None");
    assert_eq!(result(with(vec![give(int(3))]), &[Type::Str]), "int");
    assert_eq!(result(with(vec![]), &[Type::Str]), "int | None");
    assert_eq!(caught(with(vec![give(int(3))]), &[Type::Str]), 1);
    assert_eq!(result(with(vec![give(text("bad"))]), &[Type::Str]), "int | str");
}

#[test]
fn classes_decide() {
    let with = |names: &[&str]| vec![attempt(vec![give(to_int())], vec![except(names, vec![give(int(3))])])];
    for names in [&["ValueError"][..], &["KeyError", "Exception"], &["BaseException"]] {
        assert_eq!(caught(with(names), &[Type::Str]), 1, "{names:?}");
    }
    for names in [&["KeyError"][..], &["UnicodeError"], &["script.ValueError"], &[]] {
        assert_eq!(caught(with(names), &[Type::Str]), 0, "{names:?}");
    }
    // What comes first, and what is nearer, catches.
    let left = except(&["ValueError"], vec![at(StatementKind::Raise)]);
    let all = except(&["Exception"], vec![give(int(3))]);
    assert_eq!(caught(vec![attempt(vec![give(to_int())], vec![left.clone(), all.clone()])], &[Type::Str]), 0);
    let inner = attempt(vec![give(to_int())], vec![left]);
    assert_eq!(caught(vec![attempt(vec![inner], vec![all.clone()])], &[Type::Str]), 0);
    let inner = attempt(vec![give(to_int())], vec![except(&["KeyError"], vec![give(int(1))])]);
    assert_eq!(caught(vec![attempt(vec![inner], vec![all])], &[Type::Str]), 1);
}

#[test]
fn what_is_raised_is_caught() {
    let with = |raised: &[&str]| {
        let check = when(compare(CompareOp::Lt, local(0), int(0)), vec![throw(raised)], vec![]);
        let code = vec![check, give(local(0))];
        vec![attempt(code, vec![except(&["ValueError"], vec![give(int(-1))])])]
    };
    let bails = |raised: &[&str]| typed(with(raised), &[Type::Int]).unwrap().is_guarded();
    assert!(!bails(&["script.Bad", "ValueError", "Exception"]));
    assert!(bails(&["KeyError", "LookupError", "Exception"]));
}

#[test]
fn what_is_caught_leaves_nothing_to_cpython() {
    let first = index(local(0), local(1));
    let code = |names: &[&str]| vec![attempt(vec![give(first.clone())], vec![except(names, vec![give(int(0))])])];
    let guarded = |names: &[&str]| typed(code(names), &[list(Type::Int), Type::Int]).unwrap().is_guarded();
    assert!(!guarded(&["LookupError"]));
    assert!(guarded(&["ValueError"]));
}

#[test]
fn a_handler_sees_how_far_it_got() {
    // One type on each way, another on all: a slot for each, brought together where the handler begins.
    let body = vec![assign(1, int(1)), assign(1, to_int()), assign(1, call("float", vec![local(0)]))];
    let code = vec![assign(1, Expression::None), attempt(body, vec![except(&["ValueError"], vec![])]), give(local(1))];
    assert_eq!(result(code, &[Type::Str]), "int | float");
    // A local that isn't set on all ways to the handler.
    let body = vec![assign(1, to_int()), assign(2, to_int())];
    let code = vec![attempt(body, vec![except(&["ValueError"], vec![give(local(1))])]), give(local(2))];
    assert_eq!(result(code, &[Type::Str]), "int");
}
