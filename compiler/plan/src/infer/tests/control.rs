//! Branches, loops, inlined functions.

use super::*;

#[test]
fn ways_meet() {
    let ways = |a, b| vec![when(local(0), vec![assign(1, a)], vec![assign(1, b)]), give(local(1))];
    assert_eq!(result(ways(int(1), float(2.0)), &[Type::Bool]), "int | float");
    assert_eq!(result(ways(int(1), Expression::None), &[Type::Bool]), "int | None");
    assert_eq!(result(ways(int(1), text("a")), &[Type::Bool]), "int | str");
    // Not read, it doesn't matter.
    let unread = vec![when(local(0), vec![assign(1, int(1))], vec![assign(1, text("a"))]), give(int(0))];
    assert_eq!(result(unread, &[Type::Bool]), "int");
    let returns = vec![when(local(0), vec![give(int(1))], vec![]), give(text("a"))];
    assert_eq!(result(returns, &[Type::Bool]), "int | str");
    // Falls off the end.
    assert_eq!(result(vec![when(local(0), vec![give(int(1))], vec![])], &[Type::Bool]), "int | None");
}

#[test]
fn a_local_that_may_be_unset_bails() {
    let code = vec![when(local(0), vec![assign(1, int(1))], vec![]), give(local(1))];
    let function = typed(code, &[Type::Bool]).unwrap();
    assert!(shape(&function).contains("Bail(OtherType)"));
    assert_eq!(function.slots[function.result as usize], Type::Int);
}

#[test]
fn totals() {
    // total = 0
    // for x in xs: total = total + x
    let code = vec![assign(1, int(0)), for_each(2, local(0), vec![assign(1, add(local(1), local(2)))]), give(local(1))];
    assert_eq!(result(code.clone(), &[list(Type::Int)]), "int");
    assert_eq!(result(code.clone(), &[list(Type::Float)]), "int | float");
    assert_eq!(result(code.clone(), &[Type::TupleOf(Box::new(Type::Bool))]), "int");
    assert_eq!(result(code, &[list(Type::Never)]), "int");
}

#[test]
fn the_best_so_far() {
    // best = None
    // for x in xs:
    //     if best is None or x[1] > best[1]: best = x
    let better = Expression::Or(
        Box::new(is_none(local(1))),
        Box::new(compare(CompareOp::Gt, index(local(2), int(1)), index(local(1), int(1)))),
    );
    let code = vec![
        assign(1, Expression::None),
        for_each(2, local(0), vec![when(better, vec![assign(1, local(2))], vec![])]),
        give(local(1)),
    ];
    assert_eq!(result(code, &[list(pair(Type::Str, Type::Int))]), "tuple[str, int] | None");
}

#[test]
fn loops_are_left() {
    // while True:
    //     n = n - 1
    //     if n < 0: break
    //     if n == 5: continue
    //     last = n
    let turn = vec![
        assign(0, binary(BinaryOp::Sub, local(0), int(1))),
        when(compare(CompareOp::Lt, local(0), int(0)), vec![at(StatementKind::Break)], vec![]),
        when(compare(CompareOp::Eq, local(0), int(5)), vec![at(StatementKind::Continue)], vec![]),
        assign(1, local(0)),
    ];
    let code = vec![
        assign(1, Expression::None),
        at(StatementKind::While(Expression::Bool(true), turn, vec![])),
        give(local(1)),
    ];
    assert_eq!(result(code, &[Type::Int]), "int | None");
    // for … else
    let found = vec![when(compare(CompareOp::Eq, local(1), int(3)), vec![at(StatementKind::Break)], vec![])];
    let code =
        vec![at(StatementKind::For(Target::Local(1), local(0), found, vec![give(text("none"))])), give(text("found"))];
    assert_eq!(result(code, &[list(Type::Int)]), "str");
}

#[test]
fn while_loops() {
    let code = vec![
        assign(1, int(1)),
        at(StatementKind::While(
            compare(CompareOp::Gt, local(0), int(0)),
            vec![
                assign(1, binary(BinaryOp::Mul, local(1), local(0))),
                assign(0, binary(BinaryOp::Sub, local(0), int(1))),
            ],
            vec![],
        )),
        give(local(1)),
    ];
    assert_eq!(result(code.clone(), &[Type::Int]), "int");
    assert_eq!(result(code, &[Type::Float]), "int | float");
}

#[test]
fn what_always_raises_is_told() {
    assert_eq!(
        result(vec![at(StatementKind::Raise)], &[]),
        "error: it ends in an exception, always; give a result on at least one way"
    );
    // Only one way does.
    let code = vec![when(local(0), vec![at(StatementKind::Raise)], vec![]), give(int(1))];
    let function = typed(code, &[Type::Bool]).unwrap();
    assert!(shape(&function).contains("Bail(Raises)"));
}

#[test]
fn collected_values_have_types_in_common() {
    let collects = |values: Vec<Expression>, arguments: &[Type]| {
        let code = values.into_iter().map(|value| at(StatementKind::Collect(value))).collect();
        typed(code, arguments).map(|function| function.collects.to_string())
    };
    assert_eq!(collects(vec![int(1), Expression::None], &[]), Ok("int | None".to_owned()));
    assert_eq!(collects(vec![int(1), text("a")], &[]), Ok("int | str".to_owned()));
    let each = |value: Expression, arguments: &[Type]| {
        typed(vec![at(StatementKind::CollectEach(value))], arguments).map(|function| function.collects.to_string())
    };
    assert_eq!(each(method(local(0), "split", vec![]), &[Type::Str]), Ok("str".to_owned()));
    assert_eq!(each(local(0), &[Type::None]), Ok("Never".to_owned()));
    assert_eq!(each(local(0), &[list(Type::Int).optional()]), Ok("int".to_owned()));
    assert_eq!(
        each(
            comprehension(binary(BinaryOp::Mul, local(1), int(2)), 1, call("range", vec![local(0)]), vec![]),
            &[Type::Int]
        ),
        Ok("int".to_owned())
    );
    // Of different types, one after the other.
    assert_eq!(each(local(0), &[pair(Type::Int, Type::None)]), Ok("int | None".to_owned()));
}

#[test]
fn functions_are_inlined() {
    // def sign(x):
    //     if x < 0: return -1
    //     return x
    let negative = compare(CompareOp::Lt, local(0), int(0));
    let inner = Inner {
        name: "sign".to_owned(),
        parameters: 1,
        locals: 1,
        code: vec![when(negative, vec![give(int(-1))], vec![]), give(local(0))],
    };
    let calls = |argument| Expression::Invoke(0, vec![argument]);
    let mut function = body(2, vec![give(Expression::Tuple(vec![calls(local(0)), calls(local(1))]))]);
    function.functions.push(inner);
    let typed = infer(&function, &[Type::Int, Type::Float], &[]).unwrap();
    assert_eq!(typed.slots[typed.result as usize].to_string(), "tuple[int, int | float]");
}

#[test]
fn attributes() {
    let mut function = body(
        1,
        vec![give(Expression::If(
            Box::new(is_none(Expression::Attribute(0))),
            Box::new(local(0)),
            Box::new(add(local(0), Expression::Attribute(0))),
        ))],
    );
    function.attributes.push("bonus".to_owned());
    let of = |constant: Constant| {
        let typed = infer(&function, &[Type::Int], &[constant]).unwrap();
        typed.slots[typed.result as usize].to_string()
    };
    assert_eq!(of(Constant::None), "int");
    assert_eq!(of(Constant::Float(0.5)), "float");
    // One that changes.
    let mut source = body(
        0,
        vec![
            at(StatementKind::SetAttribute(0, add(Expression::Attribute(0), float(1.0)))),
            give(Expression::Attribute(0)),
        ],
    );
    source.attributes.push("count".to_owned());
    let typed = infer(&source, &[], &[Constant::Int(0)]).unwrap();
    assert_eq!(typed.slots[typed.result as usize].to_string(), "int | float");
    assert!(shape(&typed).contains("SetAttribute(0"));
}

#[test]
fn other_numbers_of_arguments() {
    assert!(infer(&body(2, vec![]), &[Type::Int], &[]).is_err());
}

#[test]
fn targets_take_apart() {
    let each = Target::Each(vec![Target::Local(1), Target::Each(vec![Target::Local(2), Target::Local(3)])]);
    let code = vec![at(StatementKind::Assign(each, local(0))), give(local(3))];
    assert_eq!(result(code.clone(), &[pair(Type::Int, pair(Type::Str, Type::Float))]), "float");
    assert_eq!(result(code.clone(), &[pair(Type::Int, list(Type::Str))]), "str");
    assert!(result(code, &[pair(Type::Int, Type::Int)]).starts_with("error: an int is taken apart"));
    // a, b = b, a
    let swap = at(StatementKind::Assign(
        Target::Each(vec![Target::Local(0), Target::Local(1)]),
        Expression::Tuple(vec![local(1), local(0)]),
    ));
    assert_eq!(result(vec![swap, give(local(0))], &[Type::Int, Type::Str]), "str");
}

#[test]
fn unrolled_loops() {
    let over = Expression::Tuple(vec![int(1), text("a"), Expression::None]);
    let code = vec![
        assign(1, text("")),
        for_each(2, over.clone(), vec![assign(1, add(local(1), call("str", vec![local(2)])))]),
        give(local(1)),
    ];
    assert_eq!(result(code, &[]), "str");
    let code = vec![for_each(2, over, vec![at(StatementKind::Break)]), give(int(1))];
    assert!(result(code, &[]).contains("break or continue"));
}
