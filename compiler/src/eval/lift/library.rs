//! Constants and functions of the standard library.

use pyflink_plan::ir::{Builtin, Expression};

/// Modules whose import does nothing.
pub fn is_pure(module: &str) -> bool {
    const PURE: &[&str] = &[
        "bisect",
        "collections",
        "csv",
        "datetime",
        "functools",
        "heapq",
        "itertools",
        "math",
        "operator",
        "re",
        "string",
        "sys",
        "typing",
        "unicodedata",
    ];
    PURE.contains(&module)
}

/// A constant of the library by its full name.
pub fn constant(path: &str) -> Option<Expression> {
    let float = |value: f64| Some(Expression::Float(value.to_bits()));
    let text = |value: &str| Some(Expression::Str(value.to_owned()));
    match path {
        "math.pi" => float(std::f64::consts::PI),
        "math.e" => float(std::f64::consts::E),
        "math.tau" => float(std::f64::consts::TAU),
        "math.inf" => float(f64::INFINITY),
        "math.nan" => float(f64::NAN),
        "sys.maxsize" => Some(Expression::Int(i64::MAX)),
        "string.ascii_lowercase" => text("abcdefghijklmnopqrstuvwxyz"),
        "string.ascii_uppercase" => text("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        "string.ascii_letters" => text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        "string.digits" => text("0123456789"),
        "string.hexdigits" => text("0123456789abcdefABCDEF"),
        "string.octdigits" => text("01234567"),
        "string.punctuation" => text("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
        "string.whitespace" => text(" \t\n\r\u{b}\u{c}"),
        _ => None,
    }
}

/// A flag of `re`.
pub fn flag(path: &str) -> Option<u32> {
    Some(match path.strip_prefix("re.")?.trim_start_matches("RegexFlag.") {
        "A" | "ASCII" => 256,
        "I" | "IGNORECASE" => 2,
        "L" | "LOCALE" => 4,
        "M" | "MULTILINE" => 8,
        "S" | "DOTALL" => 16,
        "U" | "UNICODE" => 32,
        "X" | "VERBOSE" => 64,
        "NOFLAG" => 0,
        _ => return None,
    })
}

/// A function of `math` that is known.
pub fn function(path: &str) -> Option<Builtin> {
    Builtin::from_name(path).filter(|_| path.starts_with("math."))
}
