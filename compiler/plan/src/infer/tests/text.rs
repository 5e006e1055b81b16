//! Text, bytes, formats and regular expressions.

use super::*;
use crate::ir::{Conversion, Part, RegexFunction};

#[test]
fn methods() {
    let one = |name: &str, arguments: Vec<Expression>| of(method(local(0), name, arguments), &[Type::Str]);
    assert_eq!(one("lower", vec![]), "str");
    assert_eq!(one("split", vec![]), "list[str]");
    assert_eq!(one("split", vec![text(","), int(1)]), "list[str]");
    assert_eq!(one("split", vec![Expression::None, int(1)]), "list[str]");
    assert_eq!(one("strip", vec![]), "str");
    assert_eq!(one("rstrip", vec![text("x")]), "str");
    assert_eq!(one("partition", vec![text(":")]), "tuple[str, str, str]");
    assert_eq!(one("startswith", vec![Expression::Tuple(vec![text("a"), text("b")])]), "bool");
    assert_eq!(one("find", vec![text("a"), int(1)]), "int");
    assert_eq!(one("replace", vec![text("a"), text("b")]), "str");
    assert_eq!(one("center", vec![int(9)]), "str");
    assert_eq!(one("encode", vec![]), "bytes");
    assert_eq!(one("isdigit", vec![]), "bool");
    assert!(one("frobnicate", vec![]).contains("str has no method"));
    assert!(one("replace", vec![text("a")]).contains("other arguments"));
    assert_eq!(of(method(local(0), "upper", vec![]), &[Type::Str.optional()]), "str");
    assert!(of(method(local(0), "upper", vec![]), &[Type::Int]).starts_with("error"));
    assert_eq!(of(method(local(0), "decode", vec![text("UTF-8")]), &[Type::Bytes]), "str");
    assert_eq!(of(method(local(0), "split", vec![]), &[Type::Bytes]), "list[bytes]");
}

#[test]
fn join() {
    let join = |over: Expression, types: &[Type]| of(method(text(","), "join", vec![over]), types);
    assert_eq!(join(local(0), &[list(Type::Str)]), "str");
    assert_eq!(join(local(0), &[pair(Type::Str, Type::Str)]), "str");
    assert_eq!(join(comprehension(call("str", vec![local(1)]), 1, local(0), vec![]), &[list(Type::Int)]), "str");
    assert_eq!(join(local(0), &[list(Type::Never)]), "str");
}

#[test]
fn sums_of_text_are_one_operation() {
    let function = typed(vec![give(add(add(local(0), text(": ")), add(local(0), text("!"))))], &[Type::Str]);
    assert_eq!(shape(&function.unwrap()).matches("StrConcat").count(), 1);
}

#[test]
fn formats() {
    let format = |spec: &str, conversion, a: Type| {
        of(
            Expression::Format(vec![Part::Text("x".to_owned()), Part::Value(local(0), conversion, spec.to_owned())]),
            &[a],
        )
    };
    assert_eq!(format("", None, Type::Str), "str");
    assert_eq!(format(".2f", None, Type::Float), "str");
    assert_eq!(format(".2f", None, Type::Number), "str");
    assert_eq!(format(".2f", None, Type::Float.optional()), "str");
    assert_eq!(format("", Some(Conversion::Repr), pair(Type::Int, Type::Str)), "str");
    assert_eq!(format(">10", Some(Conversion::Str), Type::Int), "str");
    assert!(format("", None, Type::Set(Box::new(Type::Int))).contains("isn't compiled"));
    let percent =
        |format: &str, value: Expression, a: Type| of(Expression::Percent(format.to_owned(), Box::new(value)), &[a]);
    assert_eq!(percent("%5.1f%%", local(0), Type::Float), "str");
    assert_eq!(percent("%s=%d", Expression::Tuple(vec![text("a"), local(0)]), Type::Number), "str");
    assert_eq!(percent("%-10r|", local(0), list(Type::Int)), "str");
    assert!(percent("%s %s", local(0), Type::Int).contains("2 conversions"));
    assert!(percent("%(a)s", local(0), Type::Int).starts_with("error: "));
    assert!(percent("%d", local(0), Type::Str).contains("`%d` of a str"));
}

#[test]
fn regular_expressions() {
    let regex = |function, pattern: &str, arguments: Vec<Expression>| {
        Expression::Regex(function, pattern.to_owned(), 0, arguments)
    };
    // m = re.match(…)
    // if not m: return ("", 0)
    // return m.group("key"), int(m[2])
    let code = vec![
        assign(1, regex(RegexFunction::Match, r"(?P<key>\w+)=(\d+)", vec![local(0)])),
        when(not(local(1)), vec![give(Expression::Tuple(vec![text(""), int(0)]))], vec![]),
        give(Expression::Tuple(vec![
            method(local(1), "group", vec![text("key")]),
            call("int", vec![index(local(1), int(2))]),
        ])),
    ];
    assert_eq!(result(code, &[Type::Str]), "tuple[str, int]");
    let groups = |pattern: &str| method(regex(RegexFunction::Search, pattern, vec![local(0)]), "groups", vec![]);
    assert_eq!(of(groups(r"(\d+)(x)?"), &[Type::Str]), "tuple[str, str | None]");
    assert_eq!(of(regex(RegexFunction::FindAll, r"\w+", vec![local(0)]), &[Type::Str]), "list[str]");
    assert_eq!(of(regex(RegexFunction::FindAll, r"(\w)(\d)", vec![local(0)]), &[Type::Str]), "list[tuple[str, str]]");
    assert_eq!(of(regex(RegexFunction::Split, r"\s+", vec![local(0)]), &[Type::Str]), "list[str]");
    assert_eq!(of(regex(RegexFunction::Sub, "a+", vec![text("b"), local(0)]), &[Type::Str]), "str");
    assert!(of(regex(RegexFunction::Split, r"\s*", vec![local(0)]), &[Type::Str]).contains("empty text"));
}
