//! Constants and functions of the standard library.

use pyflink_plan::ir::{BinaryOp, Builtin, CompareOp, Expression, UnaryOp};

/// Modules whose import does nothing.
pub fn is_pure(module: &str) -> bool {
    const PURE: &[&str] = &[
        "bisect",
        "calendar",
        "collections",
        "csv",
        "datetime",
        "functools",
        "heapq",
        "io",
        "itertools",
        "math",
        "operator",
        "re",
        "string",
        "sys",
        "typing",
        "unicodedata",
        "urllib.parse",
        "zlib",
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

/// True for a function of `operator` that [`operator`] knows, or one that makes a function.
pub fn is_operator(path: &str) -> bool {
    operator(path, vec![Expression::None])
        .or_else(|| operator(path, vec![Expression::None, Expression::None]))
        .is_some()
}

/// What a function of `operator` gives for its arguments, which are evaluated in order.
pub fn operator(path: &str, arguments: Vec<Expression>) -> Option<Expression> {
    let name = path.strip_prefix("operator.")?;
    let mut arguments = arguments.into_iter().map(Box::new);
    let (first, second) = (arguments.next()?, arguments.next());
    if arguments.next().is_some() {
        return None;
    }
    let Some(second) = second else {
        return Some(match name {
            "neg" => Expression::Unary(UnaryOp::Minus, first),
            "pos" => Expression::Unary(UnaryOp::Plus, first),
            "inv" | "invert" => Expression::Unary(UnaryOp::Invert, first),
            "not_" => Expression::Unary(UnaryOp::Not, first),
            "truth" => Expression::Call(Builtin::Bool, vec![*first]),
            "abs" => Expression::Call(Builtin::Abs, vec![*first]),
            _ => return None,
        });
    };
    let op = match name {
        "add" => BinaryOp::Add,
        "sub" => BinaryOp::Sub,
        "mul" => BinaryOp::Mul,
        "truediv" => BinaryOp::Div,
        "floordiv" => BinaryOp::FloorDiv,
        "mod" => BinaryOp::Mod,
        "pow" => BinaryOp::Pow,
        "and_" => BinaryOp::BitAnd,
        "or_" => BinaryOp::BitOr,
        "xor" => BinaryOp::BitXor,
        "lshift" => BinaryOp::LeftShift,
        "rshift" => BinaryOp::RightShift,
        "getitem" => return Some(Expression::Index(first, second)),
        _ => {
            let op = match name {
                "eq" => CompareOp::Eq,
                "ne" => CompareOp::Ne,
                "lt" => CompareOp::Lt,
                "le" => CompareOp::Le,
                "gt" => CompareOp::Gt,
                "ge" => CompareOp::Ge,
                _ => return None,
            };
            return Some(Expression::Compare(op, first, second));
        }
    };
    Some(Expression::Binary(op, first, second))
}
