//! Regular expressions.

use super::*;
use Type::{Int, Str};

/// Text in which the patterns below are found.
fn subject(random: &mut Random) -> Constant {
    const PIECES: [&str; 22] = [
        "a",
        "b",
        "ab",
        "abc",
        "foo",
        "bar",
        "12",
        "7",
        "2024-01-31",
        "key=value",
        "=",
        " ",
        "  ",
        ",",
        ";",
        "\n",
        "_",
        "x1",
        "A",
        "Z9",
        ".",
        "é",
    ];
    let end = if random.below(8) == 0 { PIECES.len() } else { PIECES.len() - 1 };
    let count = random.pick(&[0, 1, 2, 4, 8, 16]);
    Constant::Str((0..count).map(|_| random.pick(&PIECES[..end])).collect())
}

/// Where engines may differ, the text is left to Python.
fn may_bail(operands: &[Constant]) -> bool {
    operands.iter().any(|operand| matches!(operand, Constant::Str(text) if !text.is_ascii() || text.ends_with('\n')))
}

/// With the number of groups; none matches an empty text.
const PATTERNS: [(&str, usize); 12] = [
    ("[a-z]+", 0),
    (r"\d+", 0),
    (r"\s+", 0),
    ("[,;]", 0),
    ("ab|abc", 0),
    ("a+?b", 0),
    ("^[ab]", 0),
    ("b$", 0),
    (r"\bfoo\b", 0),
    (r"(\w+)=(\w+)", 2),
    (r"(?P<year>\d{4})-(?P<month>\d\d)", 2),
    ("(a)|(b)", 2),
];

/// Their groups are hidden.
const REPEATED: [&str; 5] = [r"(\w,?)+", "(a|ab)+?(b|c)", r"x?(\d+[-.=]?){2,3}", "(?:(a)|(b)c?)+", r"(\w+=)*(\w+)"];

/// Group, start and end of all groups of the first match.
fn groups_of_match(py: Python<'_>, name: &str, pattern: &str, groups: usize, text: &Constant) -> Constant {
    let source = format!(
        "lambda a: (lambda m: m and [(m.group(g), m.start(g), m.end(g)) for g in range({groups} + 1)])\
         (__import__('re').{name}({pattern:?}, a))"
    );
    let function = py.eval(&CString::new(source).unwrap(), None, None).unwrap();
    let row = Type::Tuple(vec![optional(Str), Int, Int]);
    of_python(&function.call1((to_python(py, text),)).unwrap(), &list(row).optional()).unwrap()
}

/// The same, natively; `None` for a bail.
fn natively(primitive: &Primitive, groups: usize, text: &Constant, version: (u8, u8)) -> Option<Constant> {
    let of = Type::Match(groups as u32);
    let mut memory = Memory::default();
    let words = constant(text, &Str, &mut memory).unwrap();
    let first = site(primitive, &[Str], &optional(of.clone()), version).unwrap();
    let mut found = [0_u64; 2];
    // SAFETY: words are of the sites' types, here and below.
    let code = unsafe { (first.call)(&raw mut memory, &raw const first, words.as_ptr(), found.as_mut_ptr()) };
    if code != 0 {
        return None;
    }
    if found[0] == 0 {
        return Some(Constant::None);
    }
    let mut ask = |primitive: Primitive, result: Type, group: usize| {
        let site = site(&primitive, &[of.clone(), Int], &result, version).unwrap();
        let mut out = vec![0; result.words()];
        // SAFETY: as above.
        unsafe {
            let operands = [found[1], group as u64];
            assert_eq!((site.call)(&raw mut memory, &raw const site, operands.as_ptr(), out.as_mut_ptr()), 0);
            of_value(Value::new(&result, &out))
        }
    };
    let row = (0..=groups).map(|group| {
        Constant::Tuple(vec![
            ask(Primitive::MatchGroup, optional(Str), group),
            ask(Primitive::MatchStart, Int, group),
            ask(Primitive::MatchEnd, Int, group),
        ])
    });
    Some(Constant::List(row.collect()))
}

#[test]
fn matches() {
    let version = version();
    type Named = (&'static str, fn(String, u32) -> Primitive);
    let functions: [Named; 3] = [
        ("match", Primitive::RegexMatch),
        ("search", Primitive::RegexSearch),
        ("fullmatch", Primitive::RegexFullMatch),
    ];
    for (pattern, groups) in PATTERNS.into_iter().chain([("a*", 0), ("(x)?", 1)]) {
        for (name, primitive) in functions {
            let mut random = Random::new(9);
            Python::attach(|py| {
                for _ in 0..200 {
                    let text = subject(&mut random);
                    match natively(&primitive(pattern.to_owned(), 0), groups, &text, version) {
                        Some(found) => {
                            let expected = groups_of_match(py, name, pattern, groups, &text);
                            assert_eq!(found, expected, "{name} {pattern} {text:?}");
                        }
                        None => assert!(may_bail(&[text])),
                    }
                }
            });
        }
    }
}

#[test]
fn all_matches() {
    let limit = |random: &mut Random| Constant::Int(random.below(5) as i64 - 1);
    let replacement = |random: &mut Random| {
        const PARTS: [&str; 13] =
            ["", "x", r"\\", r"\n", r"\1", r"\2", r"\g<1>", r"\g<year>", r"\g<0>", r"\9", r"\12", r"\g<", "0"];
        Constant::Str((0..random.below(4)).map(|_| random.pick(&PARTS)).collect())
    };
    for pattern in REPEATED {
        let primitive = Primitive::RegexSub(pattern.to_owned(), 0);
        let sub = format!("lambda a, b, c: re.sub({pattern:?}, a, b, c)");
        let makers = [(replacement as Make, Str), (subject, Str), (limit, Int)];
        check(primitive, &sub, &makers, Str, |operands| {
            may_bail(&operands[1..]) || matches!(&operands[0], Constant::Str(text) if text.contains('\\'))
        });
    }
    for (pattern, groups) in PATTERNS {
        let of = if groups == 0 { Str } else { Type::Tuple(vec![Str; groups]) };
        let find = format!("lambda a: re.findall({pattern:?}, a)");
        check(Primitive::RegexFindAll(pattern.to_owned(), 0), &find, &[(subject, Str)], list(of), may_bail);
        if groups == 0 {
            let split = format!("lambda a, b: re.split({pattern:?}, a, b)");
            let makers = [(subject as Make, Str), (limit, Int)];
            check(Primitive::RegexSplit(pattern.to_owned(), 0), &split, &makers, list(Str), may_bail);
        }
        let sub = format!("lambda a, b, c: re.sub({pattern:?}, a, b, c)");
        for makers in [
            [(replacement as Make, Str), (subject, Str), (limit, Int)],
            [(part as Make, Str), (subject, Str), (limit, Int)],
        ] {
            let primitive = Primitive::RegexSub(pattern.to_owned(), 0);
            check(primitive, &sub, &makers, Str, |operands| {
                may_bail(&operands[1..]) || matches!(&operands[0], Constant::Str(text) if text.contains('\\'))
            });
        }
    }
}
