//! What is lifted, and what isn't and why.

use crate::{Options, compile};
use pyflink_plan::Reason;
use pyflink_plan::ir::Body;

/// The bodies of the functions of a script, in the order of its operators.
fn bodies(script: &str) -> Vec<Result<Body, Reason>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("job.py");
    std::fs::write(&path, script).unwrap();
    let compiled = compile(&Options { script: path, ..Options::default() });
    let plan = compiled.plan.unwrap_or_else(|| panic!("{:?}\n{script}", compiled.diagnostics));
    plan.functions.into_iter().map(|function| function.body).collect()
}

/// A script whose main applies `calls` to a stream.
fn script(definitions: &str, calls: &str) -> String {
    format!(
        "{definitions}\n\ndef main(factory):\n    env = factory.get_execution_environment()\n    stream = \
         env.from_elements(1)\n    {calls}\n    env.execute()\n"
    )
}

#[track_caller]
fn native(definitions: &str, calls: &str) -> Body {
    let mut found = bodies(&script(definitions, calls));
    assert!(!found.is_empty(), "no function in {calls}");
    match found.remove(0) {
        Ok(body) => body,
        Err(reason) => panic!("{definitions}\n{calls}\nisn't native: {reason} {:?}", reason.span),
    }
}

/// A lambda or function that a map calls is native.
#[track_caller]
fn expression(text: &str) -> Body {
    native("import math, re, string", &format!("stream.map(lambda value: ({text})).output()"))
}

#[track_caller]
fn refused(definitions: &str, calls: &str, why: &str) {
    match &bodies(&script(definitions, calls))[0] {
        Ok(body) => panic!("{definitions}\n{calls}\nis native: {body:?}"),
        Err(reason) => assert!(reason.to_string().contains(why), "{:?} instead of {why:?}", reason.to_string()),
    }
}

#[test]
fn expressions_are_lifted() {
    for text in [
        "value ** 2 + 1 // value % 7",
        "not value or value > 2 and value < 3",
        "0 < value <= 10",
        "value is None or value is not True",
        "value in (1, 2) and value not in [3]",
        "value[0], value[-1], value[1:], value[::2]",
        "{'a': value, 'b': [value]}",
        "[x for x in value if x for y in x]",
        "{k: v for k, v in value.items()}",
        "sum(x * x for x in value)",
        "max(value, key=lambda x: x[1])",
        "sorted(value, key=len, reverse=True)[:3]",
        "min(1, value)",
        "list(map(int, value.split(',')))",
        "[x for x in map(str.strip, value.split(','))]",
        "dict(zip(value, range(3)))",
        "' '.join(word.capitalize() for word in value.split())",
        "value.split(maxsplit=1)",
        "f'{value:>5} {value!r} {value[0]:.2f}'",
        "'{} {}'.format(value, 1)",
        "'{0}-{name:>4}-{0[1]}'.format(value, name=2)",
        "'%s: %5.2f' % (value[0], value[1])",
        "int(value, base=16) + round(value, ndigits=2)",
        "isinstance(value, (int, float))",
        "math.sqrt(value) * math.pi",
        "re.sub(r'[^a-z]+', ' ', value.lower())",
        "re.match(r'(\\d+)', value, re.I).group(1)",
        "(lambda x, y: x + y)(value, 1)",
        "''.join(c for c in value if c not in string.punctuation)",
        "next((x for x in value if x > 1), None)",
        "any(x > 1 for x in value) and all(value)",
        "{x % 3 for x in value}",
        "hex(value), format(value, ',')",
        "len(value.keys())",
    ] {
        expression(text);
    }
}

#[track_caller]
fn all_native(script: &str, least: usize) {
    let found = bodies(script);
    assert!(found.len() >= least, "{} functions", found.len());
    for body in found {
        if let Err(reason) = body {
            let line = script[..reason.span.start as usize].matches('\n').count() + 1;
            panic!("line {line}: {reason}");
        }
    }
}

#[test]
fn functions_are_lifted() {
    all_native(include_str!("tests/functions.py"), 60);
}

#[test]
fn classes_of_functions_are_lifted() {
    all_native(include_str!("tests/classes.py"), 20);
}

/// A function `f` of a map is refused.
#[track_caller]
fn check(definitions: &str, why: &str) {
    refused(definitions, "stream.map(f).output()", why);
}

#[test]
fn effects_are_refused() {
    check("def f(v):\n    print(v)\n    return v", "print in a sink");
    check("import random\ndef f(v):\n    return random.random()", "something else each time");
    check("import logging\ndef f(v):\n    logging.info(v)\n    return v", "acts on the outside");
    check("n = 0\ndef f(v):\n    global n\n    n += 1\n    return n", "lives outside of it");
    check("seen = []\ndef f(v):\n    seen.append(v)\n    return v", "others may see");
    refused("def f(v):\n    v.append(1)\n    return v", "stream.filter(f).output()", "others may see");
    check("def f(v):\n    l = list(v)\n    l[0].append(1)\n    return l", "others may see");
    refused(
        "class F:\n    def __init__(self):\n        self.n = 0\n    def map(self, v):\n        self.n += 1\n        \
         return v",
        "stream.map(F()).output()",
        "keep its state in a local variable",
    );
    refused("def f(v):\n    pass", "stream.add_sink(f)", "acts on the outside");
}

#[test]
fn loops_that_are_not_written_are_lifted() {
    for text in [
        "    k = len(v)\n    def g(x):\n        return x + k\n    return g(1)",
        "    a, *b, c = v\n    return a, b, c",
        "    return [c for c in zip(*v)]",
        "    return Counter(v).most_common(2)",
        "    return list(accumulate(v))",
        "    d = {**v, 'a': 1}\n    d.update(b=2)\n    return len(d)",
        "    return v.translate(TABLE)",
    ] {
        let imports = "from collections import Counter\nfrom itertools import accumulate";
        native(&format!("{imports}\nTABLE = str.maketrans('a', 'b')\ndef f(v):\n{text}"), "stream.map(f).output()");
    }
}

#[test]
fn what_may_change_is_refused() {
    check("K = 1\nK = 2\ndef f(v):\n    return v + K", "more than one place sets it");
    check("L = [1]\ndef g(v):\n    L.append(v)\ndef f(v):\n    return v in L", "is changed by a function");
    refused(
        "L = [1]\ndef g(v):\n    v.append(1)\n    return v\ndef f(v):\n    return L",
        "stream.map(f).map(g).output()",
        "make it a tuple",
    );
    native("L = [1]\ndef g(v):\n    v.append(1)\ndef f(v):\n    return L", "stream.map(f).output()");
    check(
        "def f(v):\n    k = []\n    def g():\n        return k\n    k.append(v)\n    return g()",
        "pass it as an argument",
    );
    refused("", "for i in range(2):\n        stream.map(lambda v: v + i).output()", "pass it as a default");
    refused(
        "class F:\n    def __init__(self):\n        self.n = 0\n    def bump(self):\n        self.n += 1\n    def \
         map(self, v):\n        return self.n",
        "stream.map(F()).output()",
        "bump() sets it",
    );
    check("def f(v):\n    g = (x for x in v)\n    return sum(g) + sum(g)", "used up at once");
    check("def f(v):\n    n = 1\n    return [x for x in v], n + (n := 2)", "read just before");
    refused(
        "def f(v, collector):\n    l = []\n    for x in v:\n        l.append(x)\n        collector.collect(l)",
        "stream.flat_map(f).output()",
        "hand out a copy",
    );
}

#[test]
fn what_has_no_form_is_refused() {
    check("def f(v):\n    return f(v - 1) if v else 0", "calls itself");
    check("def g(v):\n    return g(v - 1) if v else 0\ndef f(v):\n    return g(v)", "calls itself");
    check("import json\ndef f(v):\n    return json.loads(v)", "runs in Python");
    check("def f(v):\n    return v is v", "use `==`");
    check("def f(v):\n    return 1 << 70, 9223372036854775808", "64 bits");
    check("def f(v):\n    with open(v) as file:\n        return file.read()", "acts on something outside");
    check("def f(v):\n    return '\\ud800'", "surrogate");
}

/// Bodies nest as deep as plans can be read.
#[test]
fn the_deepest_body_can_be_read() {
    let mut was_refused = false;
    for depth in 5..70 {
        let text = format!("{}value{}", "[".repeat(depth), "]".repeat(depth));
        let script = script("", &format!("stream.map(lambda value: {text}).output()"));
        match bodies(&script).remove(0) {
            Ok(body) => {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("job.py");
                std::fs::write(&path, &script).unwrap();
                let plan = compile(&Options { script: path, ..Options::default() }).plan.unwrap();
                let read = pyflink_plan::file::parse(&pyflink_plan::file::to_string(&plan)).unwrap();
                assert_eq!(read.functions[0].body.as_ref().ok(), Some(&body));
            }
            Err(reason) => {
                assert!(reason.to_string().contains("too deep"), "{reason}");
                was_refused = true;
            }
        }
    }
    assert!(was_refused);
}

/// A function calls only those that stand behind it.
#[test]
fn callers_come_first() {
    let body = native(
        "def a(x):\n    return x + 1\ndef b(x):\n    return a(x) * 2\ndef f(v):\n    return b(v) + a(v)",
        "stream.map(f).output()",
    );
    let names: Vec<&str> = body.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
}
