//! What is accepted, how it is written, and what is refused.

use super::{groups, translate};

fn pattern(pattern: &str, flags: u32) -> String {
    match translate(pattern, flags) {
        Ok(translated) => translated.pattern,
        Err(message) => format!("error: {message}"),
    }
}

#[test]
fn classes_are_written_out() {
    assert_eq!(pattern("a.c", 0), r"a[\x00-\x09\x0b-\x7f]c");
    assert_eq!(pattern("a.c", super::DOT_ALL), r"a[\x00-\x7f]c");
    assert_eq!(pattern(r"\d+", 0), "[0-9]+");
    assert_eq!(pattern(r"\s", 0), r"[\x09-\x0d\x1c-\x20]");
    assert_eq!(pattern(r"\s", super::ASCII), r"[\x09-\x0d\x20]");
    assert_eq!(pattern("[]a-c]", 0), r"[\x5da-c]");
    assert_eq!(pattern(r"[^\x01-\x7f]", 0), r"\x00");
    assert_eq!(pattern("k1", super::IGNORE_CASE), "[Kk]1");
    assert_eq!(pattern("(?i)[^a]", 0), r"[\x00-\x40B-\x60b-\x7f]");
}

#[test]
fn ends() {
    let end = translate("a$", 0).unwrap();
    assert_eq!((end.pattern.as_str(), end.needs_no_final_newline), (r"a\z", true));
    let end = translate(r"^a\Z", 0).unwrap();
    assert_eq!((end.pattern.as_str(), end.needs_no_final_newline), (r"\Aa\z", false));
    assert_eq!(pattern("^a$", super::MULTI_LINE), "(?m:^)a(?m:$)");
}

#[test]
fn repeats() {
    assert_eq!(pattern("a{,3}b{2}c{1,}?", 0), "a{0,3}b{2,2}c+?");
    assert_eq!(pattern("a{x}", 0), r"a\x7bx\x7d");
    assert_eq!(pattern("(a)?", 0), "(a)?");
    for refused in ["*a", "a**", "a*+", "(a*)*", "(?:a|)+", "^*", "a{3,2}", "a{9999}"] {
        assert!(translate(refused, 0).is_err(), "{refused}");
    }
}

#[test]
fn groups_that_are_repeated_are_hidden() {
    for (pattern, engine) in
        [("(a)+", "(?:a)+"), ("(x)(a(b))*?", "(?:x)(?:a(?:b))*?"), ("(?P<x>a|b){2}", "(?:a|b){2,2}")]
    {
        let found = translate(pattern, 0).unwrap();
        assert_eq!((found.pattern.as_str(), found.groups.seen()), (engine, super::HIDDEN));
        assert!(found.groups.names.is_empty() && found.groups.always.is_empty());
    }
    assert_eq!(translate("(a)?(?:b)+", 0).unwrap().groups.seen(), 1);
}

#[test]
fn groups_are_numbered() {
    let found = groups(r"(?P<key>\w+)=(\d+)?(?:x|(y))", 0).unwrap();
    assert_eq!(found.count, 3);
    assert_eq!(found.names, [("key".to_owned(), 1)]);
    assert_eq!(found.always, [1]);
    assert_eq!(translate("(a|bc)d{2}", 0).unwrap().minimum_length, 3);
}

#[test]
fn what_may_differ_is_refused() {
    for refused in [
        r"(a)\1",
        "a(?=b)",
        "(?<!a)b",
        "(?>a)",
        "(?P=a)",
        "(a)(?(1)b|c)",
        "a(?i)b",
        "(?i:a)",
        r"\Ba",
        r"\N{DIGIT ONE}",
        "é",
        "[[a]]",
        "[a--b]",
        "[a&&b]",
        "(a",
        "a)",
        "[a",
        r"a\",
        r"\q",
        r"\xe9",
        "(?P<1a>a)",
        "(?P<a>a)(?P<a>b)",
        "[b-a]",
    ] {
        assert!(translate(refused, 0).is_err(), "{refused}");
    }
    assert!(translate("a", 64).is_err());
}
