//! `str`, `repr`, `format` and `%`.

use super::super::{format, percent};
use super::*;
use Type::{Bool, Float, Int, Number, Str};

#[test]
fn text_of_values() {
    for (make, of) in [(int as Make, Int), (float, Float), (bool, Bool), (number, Number), (text, Str)] {
        check(Primitive::Str, "str", &[(make, of.clone())], Str, never);
        check(Primitive::Repr, "repr", &[(make, of)], Str, any(has_unicode));
    }
    check(Primitive::Repr, "repr", &[(bytes, Type::Bytes)], Str, never);
    for round in ["repr", "repr ", "repr  ", "repr   ", "repr    "] {
        Check {
            primitive: Primitive::Repr,
            python: round,
            result: Str,
            may_bail: &never,
            changes: false,
            rounds: 20_000,
        }
        .run(&[(float, Float)]);
    }
    let ties = |random: &mut Random| {
        // Quarters and eighths near the limit of a float's digits.
        let unit = random.pick(&[4.0, 8.0, 16.0, 32.0, 0.5, 0.25, 0.125]);
        let size = random.pick(&[50, 51, 52, 53, 54, 60, 70]);
        Constant::Float((random.bits() >> (64 - 53)) as f64 / 2_f64.powi(53) * 2_f64.powi(size) / unit)
    };
    Check { primitive: Primitive::Repr, python: "repr", result: Str, may_bail: &never, changes: false, rounds: 20_000 }
        .run(&[(ties, Float)]);
}

#[test]
fn text_of_containers() {
    let pair = |random: &mut Random| Constant::Tuple(vec![int(random), ascii(random)]);
    let of_pair = || Type::Tuple(vec![Int, Str]);
    check(Primitive::Str, "str", &[(pair, of_pair())], Str, never);
    check(
        Primitive::Str,
        "str",
        &[(|random| Constant::Tuple(vec![float(random)]), Type::Tuple(vec![Float]))],
        Str,
        never,
    );
    check(Primitive::Str, "str", &[(|_| Constant::Tuple(vec![]), Type::Tuple(vec![]))], Str, never);
    let items = |random: &mut Random| Constant::List((0..random.below(4)).map(|_| number(random)).collect());
    check(Primitive::Str, "str", &[(items, list(optional(Number)))], Str, never);
    let items = |random: &mut Random| Constant::Tuple((0..random.below(4)).map(|_| float(random)).collect());
    check(Primitive::Repr, "repr", &[(items, Type::TupleOf(Box::new(Float)))], Str, never);
    let dict = |random: &mut Random| {
        Constant::Dict((0..random.below(4)).map(|key| (Constant::Int(key as i64), maybe_small(random))).collect())
    };
    check(Primitive::Str, "str", &[(dict, Type::Dict(Box::new(Int), Box::new(optional(Int))))], Str, never);
    let set = |random: &mut Random| Constant::Set((0..random.below(2)).map(|_| int(random)).collect());
    check(Primitive::Str, "str", &[(set, Type::Set(Box::new(Int)))], Str, never);
}

fn python_takes(py: Python<'_>, source: &str) -> bool {
    py.eval(&CString::new(source).unwrap(), None, None).is_ok()
}

/// A spec of parts that are there or not.
fn spec(random: &mut Random) -> String {
    let mut spec = String::new();
    if random.below(3) == 0 {
        spec.push_str(random.pick(&["<", ">", "^", "=", "*<", "0>", "é^", "_=", "<<", "0="]));
    }
    for (chance, parts) in [
        (3, &["+", "-", " "][..]),
        (8, &["z"]),
        (6, &["#"]),
        (4, &["0"]),
        (2, &["1", "5", "9", "12", "20"]),
        (4, &[",", "_"]),
        (2, &[".0", ".1", ".2", ".3", ".6", ".17", ".30"]),
    ] {
        if random.below(chance) == 0 {
            spec.push_str(random.pick(parts));
        }
    }
    spec.push_str(
        random.pick(&["", "", "d", "f", "f", "e", "E", "F", "g", "G", "%", "s", "x", "X", "o", "b", "c", "n", "q"]),
    );
    spec
}

#[test]
fn specs() {
    let version = version();
    let mut random = Random::new(5);
    let types: [(Make, Type, &str); 4] =
        [(int, Int, "1"), (float, Float, "1.0"), (text, Str, "'a'"), (bool, Bool, "True")];
    for _ in 0..4000 {
        let (make, of, example) = random.pick(&types);
        let spec = spec(&mut random);
        let taken = Python::attach(|py| python_takes(py, &format!("format({example}, {spec:?})")));
        let parsed = format::parse(&spec, &of, version).is_some();
        let known = spec.ends_with('n') || spec.is_empty();
        assert!(parsed == taken || (known && taken), "{spec:?} of {of:?}: Python {taken}, native {parsed}");
        if parsed {
            let python = format!("lambda a: format(a, {spec:?})");
            Check {
                primitive: Primitive::Format(spec),
                python: &python,
                result: Str,
                may_bail: &never,
                changes: false,
                rounds: 12,
            }
            .run(&[(make, of)]);
        }
    }
}

#[test]
fn numbers_with_specs() {
    for spec in ["", ".2f", "d", "08.3f", ",", "+", "x"] {
        let python = format!("lambda a: format(a, {spec:?})");
        check(Primitive::Format(spec.to_owned()), &python, &[(number, Number)], Str, |operands| {
            // format(True, "") is text, which other specs than the empty one never give.
            matches!(operands, [Constant::Bool(_)]) && spec.is_empty()
        });
    }
}

#[test]
fn conversions() {
    version();
    let mut random = Random::new(6);
    let types: [(Make, Type, &str); 5] =
        [(int, Int, "1"), (float, Float, "1.0"), (text, Str, "'a'"), (bool, Bool, "True"), (number, Number, "1")];
    for _ in 0..4000 {
        let (make, of, example) = random.pick(&types);
        let mut text = String::from("%");
        for (chance, parts) in [
            (5, &["-"][..]),
            (5, &["+", "+ "]),
            (6, &[" "]),
            (6, &["#"]),
            (4, &["0", "00"]),
            (2, &["1", "5", "9", "12", "20"]),
            (2, &[".", ".0", ".1", ".2", ".3", ".6", ".17"]),
            (12, &["l", "h", "L"]),
        ] {
            if random.below(chance) == 0 {
                text.push_str(random.pick(parts));
            }
        }
        text.push_str(
            random.pick(&["d", "i", "u", "f", "e", "E", "F", "g", "G", "s", "r", "x", "X", "o", "c", "a", "q"]),
        );
        let taken = Python::attach(|py| python_takes(py, &format!("{text:?} % ({example},)")));
        let parsed = percent::parse(&text, &of).is_some();
        let left = text.ends_with(['a']) || (of == Number && text.ends_with('c'));
        assert!(parsed == taken || (left && taken), "{text:?} of {of:?}: Python {taken}, native {parsed}");
        if parsed {
            let python = format!("lambda a: {text:?} % (a,)");
            let quoted = text.ends_with('r');
            Check {
                primitive: Primitive::Percent(text),
                python: &python,
                result: Str,
                may_bail: &|operands| quoted && operands.iter().any(has_unicode),
                changes: false,
                rounds: 12,
            }
            .run(&[(make, of)]);
        }
    }
}
