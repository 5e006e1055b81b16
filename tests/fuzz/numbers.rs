//! Expressions of numbers and truths.

use crate::expressions::Body;
use crate::values::{Kind, Type};

const COMPARISONS: &[&str] = &["==", "!=", "<", "<=", ">", ">="];

impl Body<'_> {
    /// Zero is worth a try, but not each time: an exception may end the job.
    fn divisor(&mut self, of: &Type, depth: usize) -> String {
        match (self.random.below(8), of) {
            (0, _) => self.expression(of, depth),
            (1..4, Type::Int) => {
                self.random.one(&["2", "3", "7", "10", "60", "1000", "-7", "9223372036854775807"]).to_owned()
            }
            (_, Type::Int) => format!("({} or 3)", self.expression(of, depth)),
            (1..4, _) => self.random.one(&["0.3", "2.0", "-7.5", "1e9"]).to_owned(),
            _ => format!("({} or 0.3)", self.expression(of, depth)),
        }
    }

    pub fn some_int(&mut self, depth: usize) -> String {
        let list = Type::list(Type::Int);
        if self.random.chance(20) {
            return self.int_of_time(depth);
        }
        match self.random.below(28) {
            0..5 => {
                let op = self.random.one(&["+", "-", "*", "+", "-", "&", "|", "^"]);
                format!("({} {op} {})", self.int(depth), self.int(depth))
            }
            5 | 6 => {
                let op = self.random.one(&["//", "%"]);
                format!("({} {op} {})", self.int(depth), self.divisor(&Type::Int, depth))
            }
            7 => {
                let op = self.random.one(&["<<", ">>"]);
                format!("({} {op} ({} & 63))", self.int(depth), self.int(depth))
            }
            8 => format!("({}{})", self.random.one(&["-", "+", "~"]), self.int(depth)),
            9 => format!("abs({})", self.int(depth)),
            10 => {
                let call = self.random.one(&["int", "round", "math.floor", "math.ceil", "math.trunc"]);
                format!("{call}({})", self.finite(depth))
            }
            11 => format!("int({})", self.truth(depth)),
            12 | 13 => format!("len({})", self.sized(depth)),
            14 => {
                let call = self.random.one(&["find", "count", "rfind"]);
                match self.random.below(3) {
                    0 => {
                        let (text, part) = (self.str(depth), self.leaf(&Type::Str));
                        format!("{text}.{call}({part}, {})", self.small(0))
                    }
                    _ => format!("{}.{call}({})", self.str(depth), self.leaf(&Type::Str)),
                }
            }
            15 => {
                let text = self.leaf(&Type::Str);
                format!("(ord({text}[0]) if {text} else {})", self.int(0))
            }
            16 => match self.random.below(3) {
                0 => {
                    let of = if self.random.chance(2) { Type::Int } else { Type::Str };
                    let call = self.random.one(&["bisect", "bisect_left", "bisect_right"]);
                    let list = self.expression(&Type::list(of.clone()), depth);
                    let list = if self.random.chance(2) { format!("sorted({list})") } else { list };
                    format!("bisect.{call}({list}, {})", self.expression(&of, depth))
                }
                _ => format!("sum({})", self.expression(&list, depth)),
            },
            17 => format!("divmod({}, {})[{}]", self.int(depth), self.divisor(&Type::Int, depth), self.random.below(2)),
            18 => match self.random.below(3) {
                0 => format!("({} ** {})", self.int(depth), self.random.below(4)),
                1 => format!("pow({}, {})", self.int(depth), self.random.below(4)),
                _ => format!("pow({}, {}, 1000003)", self.int(depth), self.random.below(9)),
            },
            19 | 20 => {
                let text = self.leaf(&Type::Str);
                match self.random.below(4) {
                    0 => format!("int({text})"),
                    1 => {
                        let base = self.random.one(&["16", "2", "36", "10", "0"]);
                        format!("(int({text}, {base}) if {text}.isdigit() else {})", self.int(0))
                    }
                    _ => format!("(int({text}) if {text}.isdigit() else {})", self.int(0)),
                }
            }
            21 => {
                let call = self.random.one(&["gcd", "gcd", "isqrt"]);
                match call {
                    "gcd" => format!("math.gcd({}, {})", self.int(depth), self.int(depth)),
                    _ => format!("math.isqrt(abs({}))", self.int(depth)),
                }
            }
            22 => {
                let name = self.name();
                let items = self.expression(&Type::list(Type::Str), depth);
                format!("sum([len({name}) for {name} in {items}])")
            }
            23 => {
                let name = self.name();
                let text = self.str(depth);
                let test = self.random.one(&["isalpha", "isdigit", "isspace", "isupper"]);
                format!("sum(1 for {name} in {text} if {name}.{test}())")
            }
            24 => {
                let bytes = self.leaf(&Type::Bytes);
                match self.random.below(6) {
                    0 => format!("({bytes}[0] if {bytes} else 0)"),
                    1 => {
                        format!("int.from_bytes({bytes}[:8], {})", self.random.one(&["'big'", "'little', signed=True"]))
                    }
                    2 => format!("{bytes}.count({})", self.random.one(&["97", "b'a'", "b''", "32"])),
                    3 => format!("{bytes}.rfind(b'a')"),
                    _ => format!("sum({bytes})"),
                }
            }
            25 => format!("{}.count({})", self.expression(&list, depth), self.leaf(&Type::Int)),
            26 => {
                let name = self.name();
                let count = self.random.below(6);
                let step = self.random.one(&["", ", 0, -1"]);
                let range = if step.is_empty() { count.to_string() } else { format!("{count}{step}") };
                self.names.push((name.clone(), Type::Int));
                let value = self.int(depth.min(1));
                self.names.pop();
                format!("sum([{value} for {name} in range({range})])")
            }
            _ => {
                let call = self.random.one(&["min", "max"]);
                format!("{call}({}, {})", self.int(depth), self.int(depth))
            }
        }
    }

    /// A float that is no NaN and not infinite, most of the time.
    pub fn finite(&mut self, depth: usize) -> String {
        match self.random.below(4) {
            0 => self.float(depth),
            1 => format!("({} / 4)", self.int(depth)),
            2 => format!("({} * 0.5)", self.int(depth)),
            _ => format!("min(max({}, -1e6), 1e6)", self.float(depth)),
        }
    }

    pub fn some_float(&mut self, depth: usize) -> String {
        if self.random.chance(20) {
            return self.float_of_time(depth);
        }
        match self.random.below(20) {
            0..5 => {
                let op = self.random.one(&["+", "-", "*"]);
                let (left, right) = match self.random.below(4) {
                    0 => (self.int(depth), self.float(depth)),
                    1 => (self.float(depth), self.int(depth)),
                    _ => (self.float(depth), self.float(depth)),
                };
                format!("({left} {op} {right})")
            }
            5..8 => match self.random.below(3) {
                0 => format!("({} / {})", self.int(depth), self.divisor(&Type::Int, depth)),
                _ => {
                    let op = self.random.one(&["/", "//", "%"]);
                    format!("({} {op} {})", self.float(depth), self.divisor(&Type::Float, depth))
                }
            },
            8 => format!("({}{})", self.random.one(&["-", "+"]), self.float(depth)),
            9 => format!("abs({})", self.float(depth)),
            10 => format!("float({})", self.int(depth)),
            11 => format!("round({}, {})", self.float(depth), self.random.one(&["1", "2", "3", "0", "-1", "6"])),
            12 => {
                let text = self.leaf(&Type::Str);
                format!("(float({text}) if {text}.isdigit() else {})", self.float(0))
            }
            13 => match self.random.below(3) {
                0 => format!("math.sqrt(abs({}))", self.float(depth)),
                1 => format!("math.log(abs({}) + 1)", self.float(depth)),
                _ => {
                    let call = self.random.one(&["atan", "tanh", "fabs", "radians", "degrees", "log1p"]);
                    match call {
                        "log1p" => format!("math.log1p(abs({}))", self.float(depth)),
                        _ => format!("math.{call}({})", self.float(depth)),
                    }
                }
            },
            14 => {
                let call =
                    self.random.one(&["sin", "cos", "tan", "exp", "asin", "acos", "sinh", "cosh", "log10", "log2"]);
                match call {
                    "log10" | "log2" => format!("math.{call}(abs({}) + 0.5)", self.finite(depth)),
                    "asin" | "acos" => format!("math.{call}(max(-1.0, min(1.0, {})))", self.float(depth)),
                    "sin" | "cos" | "tan" => format!("math.{call}({})", self.finite(depth)),
                    _ => format!("math.{call}(min({}, 50.0))", self.finite(depth)),
                }
            }
            15 => {
                let call = self.random.one(&["atan2", "hypot", "copysign", "fmod", "pow"]);
                match call {
                    "fmod" => format!("math.fmod({}, {})", self.finite(depth), self.divisor(&Type::Float, depth)),
                    "pow" => format!("math.pow(abs({}), 0.5)", self.float(depth)),
                    _ => format!("math.{call}({}, {})", self.float(depth), self.float(depth)),
                }
            }
            16 => {
                let list = self.expression(&Type::list(Type::Float), depth);
                match self.random.below(4) {
                    0 => format!("sum({list}, {})", self.float(depth)),
                    1 => format!("sum([{}, {}, {}], {})", self.int(0), self.float(0), self.int(0), self.float(0)),
                    2 => format!("math.fsum({list})"),
                    _ => format!("sum({list})"),
                }
            }
            17 => match self.random.below(3) {
                0 => format!("({} ** 2)", self.finite(depth)),
                1 => format!("(abs({}) ** 0.5)", self.float(depth)),
                _ => format!("({} ** -1)", self.divisor(&Type::Float, depth)),
            },
            18 => {
                let part = self.random.below(2);
                format!("divmod({}, {})[{part}]", self.float(depth), self.divisor(&Type::Float, depth))
            }
            _ => {
                let call = self.random.one(&["min", "max"]);
                format!("{call}({}, {})", self.float(depth), self.float(depth))
            }
        }
    }

    pub fn some_bool(&mut self, depth: usize) -> String {
        if self.random.chance(24) {
            return self.test_of_time(depth);
        }
        if self.random.chance(30) {
            let (value, other) = (self.of_two_types(depth), self.of_two_types(depth));
            return match self.random.below(5) {
                0 => format!("({value} == {other})"),
                1 => format!("({value} in [{other}, {value}])"),
                2 => format!(
                    "isinstance({value}, ({}))",
                    self.random.one(&["int", "str", "float, tuple", "bytes, list"])
                ),
                3 => format!("bool({value})"),
                _ => format!("({value} != {other})"),
            };
        }
        match self.random.below(24) {
            0..6 => {
                let of = match self.random.below(5) {
                    0 => Type::Float,
                    1 => Type::Str,
                    2 => self.any_name().1,
                    _ => Type::Int,
                };
                if let Type::Record(class) = &of {
                    let class = &self.world.classes[*class];
                    let (is_ordered, tuple, kind) = (class.tuple().is_ordered(), class.tuple(), class.kind);
                    let ops: &[&str] = match kind {
                        Kind::Named if is_ordered => COMPARISONS,
                        Kind::Enum => &["==", "!=", "is", "is not"],
                        _ => &["==", "!="],
                    };
                    let other = if kind == Kind::Named && self.random.chance(2) { tuple } else { of.clone() };
                    let op = self.random.one(ops);
                    return format!("({} {op} {})", self.expression(&of, depth), self.expression(&other, depth));
                }
                let op = if of.is_ordered() { self.random.one(COMPARISONS) } else { self.random.one(&["==", "!="]) };
                let other = match of {
                    Type::Int if self.random.chance(5) => Type::Float,
                    Type::Float if self.random.chance(3) => Type::Int,
                    _ => of.clone(),
                };
                format!("({} {op} {})", self.expression(&of, depth), self.expression(&other, depth))
            }
            6 | 7 => {
                let of = if self.random.chance(3) { Type::Str } else { Type::Int };
                let ops = [self.random.one(&["<", "<="]), self.random.one(&["<", "<=", "=="])];
                let (a, b, c) = (self.leaf(&of), self.expression(&of, depth), self.leaf(&of));
                format!("({a} {} {b} {} {c})", ops[0], ops[1])
            }
            8 => {
                let (name, _) = self.any_name();
                format!("(not {name})")
            }
            9 => {
                let (name, _) = self.any_name();
                format!("bool({name})")
            }
            10 | 11 => {
                let op = self.random.one(&["and", "or", "and", "&", "|", "^"]);
                format!("({} {op} {})", self.truth(depth), self.truth(depth))
            }
            12 => format!("(not {})", self.truth(depth)),
            13 | 14 => {
                let test = self.random.one(&["isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower"]);
                format!("{}.{test}()", self.str(depth))
            }
            15 => {
                let call = self.random.one(&["startswith", "endswith"]);
                let part = match self.random.below(4) {
                    0 => format!("({}, {})", self.leaf(&Type::Str), self.leaf(&Type::Str)),
                    _ => self.leaf(&Type::Str),
                };
                format!("{}.{call}({part})", self.str(depth))
            }
            16 => {
                let op = self.random.one(&["in", "not in"]);
                format!("({} {op} {})", self.leaf(&Type::Str), self.str(depth))
            }
            17 => {
                let of = if self.random.chance(2) { Type::Str } else { Type::Int };
                let items: Vec<String> = (0..1 + self.random.below(4)).map(|_| self.leaf(&of)).collect();
                let op = self.random.one(&["in", "not in"]);
                let value = self.expression(&of, depth);
                match self.random.below(3) {
                    0 => format!("({value} {op} ({},))", items.join(", ")),
                    1 => format!("({value} {op} {{{}}})", items.join(", ")),
                    _ => format!("({value} {op} [{}])", items.join(", ")),
                }
            }
            18 => {
                let (name, _) = self.any_name();
                format!("({name} {} None)", self.random.one(&["is", "is not"]))
            }
            19 => {
                let (name, _) = self.any_name();
                let types = self.random.one(&["int", "str", "float", "(int, float)", "bool", "tuple", "list", "bytes"]);
                format!("isinstance({name}, {types})")
            }
            20 => {
                let name = self.name();
                let items = self.expression(&Type::list(Type::Int), depth);
                self.names.push((name.clone(), Type::Int));
                let test = self.truth(depth.min(1));
                self.names.pop();
                format!("{}({test} for {name} in {items})", self.random.one(&["any", "all"]))
            }
            21 => {
                let call = self.random.one(&["isnan", "isinf", "isfinite"]);
                format!("math.{call}({})", self.float(depth))
            }
            22 => self.matches(depth),
            _ => {
                let list = self.readable(&Type::list(Type::Str));
                let items =
                    if list.is_empty() { "'a b c'.split()".to_owned() } else { self.random.pick(&list).clone() };
                format!("({} in {items})", self.str(depth))
            }
        }
    }
}
