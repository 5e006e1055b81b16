//! Lists, dicts, sets, comprehensions and what goes over them.

use super::*;
use crate::ir::{Extreme, Key};

#[test]
fn lists_that_begin_empty() {
    let code =
        |first, second| vec![assign(1, Expression::List(vec![])), append(1, first), append(1, second), give(local(1))];
    assert_eq!(result(code(int(1), int(2)), &[]), "list[int]");
    assert_eq!(result(code(int(1), float(2.0)), &[]), "list[int | float]");
    assert_eq!(result(code(text("a"), Expression::None), &[]), "list[str | None]");
    assert_eq!(result(code(text("a"), int(1)), &[]), "list[int | str]");
    assert_eq!(result(vec![give(Expression::List(vec![]))], &[]), "list[Never]");
}

#[test]
fn lists_are_seen_through_several_names() {
    // a = []; b = a; b.append(1); return a
    let code = vec![assign(1, Expression::List(vec![])), assign(2, local(1)), append(2, int(1)), give(local(1))];
    assert_eq!(result(code, &[]), "list[int]");
    // rows = [[]]; rows[0].append("x"); return rows
    let code = vec![
        assign(1, Expression::List(vec![Expression::List(vec![])])),
        at(StatementKind::Append(index(local(1), int(0)), text("x"))),
        give(local(1)),
    ];
    assert_eq!(result(code, &[]), "list[list[str]]");
    // groups = {}; groups.setdefault(k, []).append(v)
    let group = method(local(1), "setdefault", vec![local(0), Expression::List(vec![])]);
    let code = vec![assign(1, Expression::Dict(vec![])), at(StatementKind::Append(group, int(1))), give(local(1))];
    assert_eq!(result(code, &[Type::Str]), "dict[str, list[int]]");
    // [0] * n; x[0] = 1.5
    let code = vec![
        assign(1, binary(BinaryOp::Mul, Expression::List(vec![int(0)]), local(0))),
        at(StatementKind::SetItem(local(1), int(0), float(1.5))),
        give(local(1)),
    ];
    assert_eq!(result(code, &[Type::Int]), "list[int | float]");
}

#[test]
fn lists_of_two_ways_become_one() {
    let lists = |a, b| {
        let a = Expression::List(vec![a]);
        Expression::If(Box::new(local(0)), Box::new(a), Box::new(Expression::List(b)))
    };
    assert_eq!(of(lists(int(1), vec![float(2.0)]), &[Type::Bool]), "list[int | float]");
    assert_eq!(of(lists(int(1), vec![]), &[Type::Bool]), "list[int]");
    assert_eq!(of(lists(int(1), vec![text("a")]), &[Type::Bool]), "list[int | str]");
}

#[test]
fn dicts() {
    // counts = {}
    // for w in ws: counts[w] = counts.get(w, 0) + 1
    let count = add(method(local(1), "get", vec![local(2), int(0)]), int(1));
    let code = vec![
        assign(1, Expression::Dict(vec![])),
        for_each(2, local(0), vec![at(StatementKind::SetItem(local(1), local(2), count))]),
        give(local(1)),
    ];
    assert_eq!(result(code.clone(), &[list(Type::Str)]), "dict[str, int]");
    // for k, v in counts.items(): collect
    let mut code = code;
    code.pop();
    let target = Target::Each(vec![Target::Local(3), Target::Local(4)]);
    code.push(at(StatementKind::For(
        target,
        method(local(1), "items", vec![]),
        vec![at(StatementKind::Collect(Expression::Tuple(vec![local(3), local(4)])))],
        vec![],
    )));
    let function = typed(code, &[list(Type::Str)]).unwrap();
    assert_eq!(function.collects.to_string(), "tuple[str, int]");
    let a = dict(Type::Str, Type::Int);
    assert_eq!(of(index(local(0), text("a")), &[a.clone()]), "int");
    assert_eq!(of(method(local(0), "get", vec![text("a")]), &[a.clone()]), "int | None");
    assert_eq!(of(method(local(0), "get", vec![text("a"), float(0.0)]), &[a.clone()]), "int | float");
    assert_eq!(of(method(local(0), "get", vec![int(1)]), &[a.clone()]), "None");
    assert_eq!(of(call("list", vec![method(local(0), "items", vec![])]), &[a.clone()]), "list[tuple[str, int]]");
    assert_eq!(of(call("len", vec![local(0)]), &[a.clone()]), "int");
    assert_eq!(of(call("sum", vec![method(local(0), "values", vec![])]), &[a]), "int");
}

#[test]
fn a_dict_that_changes_under_a_loop_is_watched() {
    let code = |changes: Statement| vec![for_each(1, local(0), vec![changes]), give(int(0))];
    let bails = |code| shape(&typed(code, &[dict(Type::Str, Type::Int)]).unwrap()).contains("DictLen");
    assert!(bails(code(at(StatementKind::SetItem(local(0), text("x"), int(1))))));
    assert!(!bails(code(at(StatementKind::Evaluate(local(1))))));
}

#[test]
fn comprehensions() {
    let squares = comprehension(
        binary(BinaryOp::Mul, local(1), local(1)),
        1,
        local(0),
        vec![compare(CompareOp::Gt, local(1), int(0))],
    );
    assert_eq!(of(squares.clone(), &[list(Type::Int)]), "list[int]");
    assert_eq!(of(squares.clone(), &[list(Type::Float)]), "list[float]");
    assert_eq!(of(call("sum", vec![squares.clone()]), &[list(Type::Float)]), "float");
    assert_eq!(of(call("sum", vec![squares.clone()]), &[list(Type::Int)]), "int");
    assert_eq!(of(call("tuple", vec![squares.clone()]), &[list(Type::Int)]), "tuple[int, ...]");
    assert_eq!(of(call("set", vec![squares.clone()]), &[list(Type::Int)]), "set[int]");
    assert_eq!(of(call("any", vec![squares.clone()]), &[list(Type::Int)]), "bool");
    let lens = Expression::DictComprehension(
        Box::new(local(1)),
        Box::new(call("len", vec![local(1)])),
        vec![Clause { target: Target::Local(1), iterable: local(0), conditions: vec![] }],
    );
    assert_eq!(of(lens, &[list(Type::Str)]), "dict[str, int]");
    // None are left out by a condition.
    let some = comprehension(local(1), 1, local(0), vec![not(is_none(local(1)))]);
    assert_eq!(of(some, &[list(Type::Int.optional())]), "list[int]");
}

#[test]
fn any_and_all_end_early() {
    let function =
        typed(vec![give(call("all", vec![comprehension(local(1), 1, local(0), vec![])]))], &[list(Type::Int)]);
    assert!(shape(&function.unwrap()).contains("Leave"));
}

#[test]
fn iterables() {
    let made = |builtin: &str, arguments: Vec<Expression>, types: &[Type]| {
        of(call("list", vec![call(builtin, arguments)]), types)
    };
    assert_eq!(made("range", vec![local(0)], &[Type::Int]), "list[int]");
    assert_eq!(made("enumerate", vec![local(0)], &[Type::Str]), "list[tuple[int, str]]");
    assert_eq!(
        made("zip", vec![local(0), call("range", vec![int(3)])], &[list(Type::Float)]),
        "list[tuple[float, int]]"
    );
    assert_eq!(made("reversed", vec![local(0)], &[list(Type::Float)]), "list[float]");
    assert_eq!(made("reversed", vec![local(0)], &[pair(Type::Int, Type::Int)]), "list[int]");
    assert!(of(call("list", vec![local(0)]), &[Type::Set(Box::new(Type::Int))]).contains("sorted("));
    assert!(of(call("enumerate", vec![local(0)]), &[Type::Str]).contains("list(enumerate(…))"));
    let set = Type::Set(Box::new(Type::Str));
    let sorted = Expression::Sorted(Box::new(local(0)), None, Box::new(Expression::Bool(false)));
    assert_eq!(of(sorted, &[set]), "list[str]");
}

#[test]
fn the_best() {
    let best = |over: Expression, key: Option<Key>, default: Option<Expression>, types: &[Type]| {
        of(Expression::Best(Extreme::Max, Box::new(over), key, default.map(Box::new)), types)
    };
    assert_eq!(best(local(0), None, None, &[list(Type::Int)]), "int");
    assert_eq!(best(local(0), None, Some(Expression::None), &[list(Type::Int)]), "int | None");
    assert_eq!(best(Expression::Tuple(vec![local(0), float(1.0)]), None, None, &[Type::Int]), "int | float");
    let key = Key { local: 5, value: Box::new(index(local(5), int(1))) };
    assert_eq!(best(local(0), Some(key), None, &[list(pair(Type::Str, Type::Float))]), "tuple[str, float]");
    assert!(best(local(0), None, None, &[list(Type::Never)]).starts_with("error: `min` or `max` of nothing"));
}

#[test]
fn sorted_by_keys() {
    let key = Key { local: 5, value: Box::new(Expression::Unary(UnaryOp::Minus, Box::new(index(local(5), int(1))))) };
    let sorted = Expression::Sorted(Box::new(local(0)), Some(key), Box::new(Expression::Bool(true)));
    assert_eq!(of(sorted, &[list(pair(Type::Str, Type::Int))]), "list[tuple[str, int]]");
}

#[test]
fn membership() {
    let within = |a: Expression, b: Expression, types: &[Type]| of(compare(CompareOp::In, a, b), types);
    let vowels = Expression::Tuple(vec![text("a"), text("e"), Expression::None]);
    assert_eq!(within(local(0), vowels, &[Type::Str.optional()]), "bool");
    assert_eq!(within(local(0), call("range", vec![int(1), int(9), int(2)]), &[Type::Int]), "bool");
    assert_eq!(within(local(0), local(1), &[Type::Str, Type::Str]), "bool");
    assert_eq!(within(local(0), local(1), &[Type::Int, Type::Set(Box::new(Type::Int))]), "bool");
    assert_eq!(within(local(0), local(1), &[Type::Int, dict(Type::Str, Type::Int)]), "bool");
}

#[test]
fn slices_and_indices() {
    let slice = |a: i64, b: Option<i64>, types: &[Type]| {
        let bounds = [int(a), b.map_or(Expression::None, int), Expression::None];
        of(Expression::Slice(Box::new(local(0)), Box::new(bounds)), types)
    };
    let three = Type::Tuple(vec![Type::Int, Type::Str, Type::Float]);
    assert_eq!(slice(1, None, &[three.clone()]), "tuple[str, float]");
    assert_eq!(slice(-1, None, &[three.clone()]), "tuple[float]");
    assert_eq!(slice(0, Some(2), &[Type::Str]), "str");
    assert_eq!(slice(0, Some(2), &[list(Type::Int)]), "list[int]");
    assert_eq!(of(index(local(0), int(-1)), &[three.clone()]), "float");
    assert!(of(index(local(0), int(3)), &[three]).contains("no such element"));
    assert_eq!(of(index(local(0), local(1)), &[pair(Type::Int, Type::Float), Type::Int]), "int | float");
    assert_eq!(of(index(local(0), int(0)), &[Type::Bytes]), "int");
}

#[test]
fn lists_are_extended() {
    let extend = |list: Expression, more: Expression| {
        vec![assign(1, list), at(StatementKind::Extend(local(1), more)), give(local(1))]
    };
    assert_eq!(result(extend(Expression::List(vec![]), local(0)), &[list(Type::Int)]), "list[int]");
    assert_eq!(result(extend(Expression::List(vec![int(1)]), local(0)), &[list(Type::Float)]), "list[int | float]");
    assert_eq!(result(extend(Expression::List(vec![]), call("range", vec![int(3)])), &[Type::Int]), "list[int]");
    // `+=` of what isn't a list.
    assert_eq!(result(extend(int(1), local(0)), &[Type::Float]), "float");
    assert_eq!(result(extend(text("a"), local(0)), &[Type::Str]), "str");
    assert_eq!(
        result(vec![assign(1, Expression::List(vec![int(1)])), give(method(local(1), "pop", vec![]))], &[]),
        "int"
    );
}
