//! Numbers, comparisons, None.

use super::*;

#[test]
fn arithmetic() {
    let two = |op, a, b| of(binary(op, local(0), local(1)), &[a, b]);
    assert_eq!(two(BinaryOp::Add, Type::Int, Type::Int), "int");
    assert_eq!(two(BinaryOp::Add, Type::Bool, Type::Int), "int");
    assert_eq!(two(BinaryOp::Mul, Type::Int, Type::Float), "float");
    assert_eq!(two(BinaryOp::Div, Type::Int, Type::Int), "float");
    assert_eq!(two(BinaryOp::Mod, Type::Float, Type::Int), "float");
    assert_eq!(two(BinaryOp::Add, Type::Number, Type::Int), "int | float");
    assert_eq!(two(BinaryOp::Add, Type::Number, Type::Float), "float");
    assert_eq!(two(BinaryOp::Div, Type::Number, Type::Int), "float");
    assert_eq!(two(BinaryOp::BitAnd, Type::Bool, Type::Bool), "bool");
    assert_eq!(two(BinaryOp::LeftShift, Type::Int, Type::Bool), "int");
    assert_eq!(two(BinaryOp::Mul, Type::Str, Type::Int), "str");
    assert_eq!(two(BinaryOp::Mul, Type::Int, list(Type::Str)), "list[str]");
    assert_eq!(
        two(BinaryOp::Add, pair(Type::Int, Type::Str), pair(Type::Int, Type::Float)),
        "tuple[int, str, int, float]"
    );
    assert_eq!(two(BinaryOp::Pow, Type::Int, Type::Int), "int");
    assert_eq!(of(binary(BinaryOp::Pow, local(0), int(-1)), &[Type::Int]), "float");
    assert!(two(BinaryOp::Add, Type::Int, Type::Str).starts_with("error: `+` of an int and a str"));
    assert_eq!(two(BinaryOp::Sub, Type::Int.optional(), Type::Int), "int");
}

#[test]
fn comparisons() {
    let two = |op, a: Type, b: Type| of(compare(op, local(0), local(1)), &[a, b]);
    let types = [
        Type::Bool,
        Type::Int,
        Type::Float,
        Type::Number,
        Type::Str,
        Type::Bytes,
        Type::None,
        pair(Type::Int, Type::Float),
        pair(Type::Number, Type::Str),
        list(Type::Int),
        list(Type::Never),
        Type::TupleOf(Box::new(Type::Int)),
        Type::Int.optional(),
        Type::Float.optional(),
        Type::Str.optional(),
        pair(Type::Int, Type::Int).optional(),
    ];
    for a in &types {
        for b in &types {
            for op in [CompareOp::Eq, CompareOp::Ne] {
                let found = two(op, a.clone(), b.clone());
                assert!(found == "bool" || found.contains("isn't compiled"), "{a} {op:?} {b}: {found}");
            }
            for op in [CompareOp::Lt, CompareOp::Ge, CompareOp::In, CompareOp::Is] {
                let found = two(op, a.clone(), b.clone());
                assert!(found == "bool" || found.starts_with("error"), "{a} {op:?} {b}: {found}");
            }
        }
    }
    assert_eq!(two(CompareOp::Lt, Type::Int, Type::Float), "bool");
    assert_eq!(two(CompareOp::Lt, pair(Type::Int, Type::Int), pair(Type::Int, Type::Float)), "bool");
    assert!(two(CompareOp::Lt, Type::Int, Type::Str).starts_with("error: an order of"));
    assert_eq!(two(CompareOp::In, Type::Float, list(Type::Int)), "bool");
    assert_eq!(two(CompareOp::In, Type::Str, dict(Type::Str, Type::Int)), "bool");
}

#[test]
fn floats_in_tuples_are_compared_with_care_for_nan() {
    let function = typed(
        vec![give(compare(CompareOp::Eq, local(0), local(1)))],
        &[pair(Type::Int, Type::Float), pair(Type::Float, Type::Float)],
    );
    assert!(shape(&function.unwrap()).contains("Call(Eq"));
}

#[test]
fn none_is_known() {
    // if x is None: return 0
    // return x + 1
    let code = vec![when(is_none(local(0)), vec![give(int(0))], vec![]), give(add(local(0), int(1)))];
    assert_eq!(result(code.clone(), &[Type::Int.optional()]), "int");
    // Of an int it is never None, and of None always.
    assert_eq!(result(code.clone(), &[Type::Int]), "int");
    assert_eq!(result(code, &[Type::None]), "int");
    // x if x is not None else "-"
    let either = Expression::If(Box::new(not(is_none(local(0)))), Box::new(local(0)), Box::new(text("-")));
    assert_eq!(of(either, &[Type::Str.optional()]), "str");
    // x or "-"
    assert_eq!(of(Expression::Or(Box::new(local(0)), Box::new(text("-"))), &[Type::Str.optional()]), "str");
    // x and x[0]
    let and = Expression::And(Box::new(local(0)), Box::new(index(local(0), int(0))));
    assert_eq!(of(and, &[pair(Type::Int, Type::Int).optional()]), "int | None");
}

#[test]
fn none_is_replaced() {
    // if x is None: x = 0
    // return x
    let code = vec![when(is_none(local(0)), vec![assign(0, int(0))], vec![]), give(local(0))];
    assert_eq!(result(code, &[Type::Int.optional()]), "int");
    // A field that was tested.
    let code = vec![
        when(is_none(index(local(0), int(1))), vec![give(Expression::None)], vec![]),
        give(index(local(0), int(1))),
    ];
    assert_eq!(result(code, &[pair(Type::Int, Type::Str.optional())]), "str | None");
    let test = Expression::And(Box::new(not(is_none(local(0)))), Box::new(compare(CompareOp::Gt, local(0), int(5))));
    let code = vec![when(test, vec![give(local(0))], vec![]), give(int(0))];
    assert_eq!(result(code, &[Type::Int.optional()]), "int");
}

#[test]
fn classes_are_told_apart() {
    let is = |names: &[&str]| {
        Expression::IsInstance(Box::new(local(0)), names.iter().map(|name| (*name).to_owned()).collect())
    };
    let code = vec![when(is(&["int"]), vec![give(local(0))], vec![]), give(int(0))];
    assert_eq!(result(code.clone(), &[Type::Number]), "int");
    assert_eq!(result(code.clone(), &[Type::Int.optional()]), "int");
    assert_eq!(result(code.clone(), &[Type::Str]), "int");
    assert_eq!(result(code, &[Type::Bool]), "bool");
    let code = vec![when(is(&["str"]), vec![give(method(local(0), "upper", vec![]))], vec![]), give(text(""))];
    assert_eq!(result(code, &[Type::Int]), "str");
}

#[test]
fn numbers_are_converted() {
    let one = |builtin: &str, a: Type| of(call(builtin, vec![local(0)]), &[a]);
    assert_eq!(one("int", Type::Str), "int");
    assert_eq!(one("int", Type::Number), "int");
    assert_eq!(one("float", Type::Int), "float");
    assert_eq!(one("float", Type::Str.optional()), "float");
    assert_eq!(one("bool", list(Type::Int)), "bool");
    assert_eq!(one("str", pair(Type::Int, Type::Str.optional())), "str");
    assert_eq!(one("round", Type::Float), "int");
    assert_eq!(one("round", Type::Number), "int");
    assert_eq!(one("abs", Type::Bool), "int");
    assert_eq!(one("math.floor", Type::Int), "int");
    assert_eq!(one("math.sqrt", Type::Int), "float");
    assert_eq!(of(call("divmod", vec![local(0), int(7)]), &[Type::Int]), "tuple[int, int]");
    assert_eq!(of(call("round", vec![local(0), int(2)]), &[Type::Float]), "float");
    assert_eq!(of(call("pow", vec![local(0), int(2)]), &[Type::Float]), "float");
    assert!(one("math.hypot", Type::Float).starts_with("error: `math.hypot` differs"));
}

#[test]
fn chained_comparisons() {
    // 0 < f(x) <= 10
    let chain = Expression::Let(
        3,
        Box::new(call("abs", vec![local(0)])),
        Box::new(Expression::And(
            Box::new(compare(CompareOp::Lt, int(0), local(3))),
            Box::new(compare(CompareOp::Le, local(3), int(10))),
        )),
    );
    assert_eq!(of(chain, &[Type::Int]), "bool");
}
