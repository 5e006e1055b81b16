//! Expressions of text and bytes: methods, formats, regular expressions.

use crate::expressions::Body;
use crate::values::Type;

pub const PATTERNS: &[&str] = &[
    "r'\\d+'",
    "r'(\\w+)=(\\w+)'",
    "r'^[a-z]+'",
    "r'[aeiou]'",
    "r'\\s+'",
    "r'(\\d+)\\.(\\d+)'",
    "r'\\bthe\\b'",
    "r'[^,;]+'",
    "r'a*?b'",
    "r'(a|ab)(c|bcd)*'",
    "r'^\\s*$'",
    "r'[A-Z][a-z]*'",
    "r'x{2,4}'",
    "r'.'",
    "r'(?P<user>[\\w.]+)@(?P<host>[\\w.]+)'",
    "r'\\W'",
];
const INT_SPECS: &[&str] =
    &["", "d", "05d", ">6", "<6", "^7", "+d", ",", "x", "X", "b", "o", "#x", "08b", "e", ".2f", "*^9", "c", "%"];
const FLOAT_SPECS: &[&str] =
    &["", ".2f", ".0f", "8.3f", "e", ".3e", "g", ".4g", "+.1f", ",.2f", ".1%", "010.2f", ">9", "<9.1f", "n", "r"];
const STR_SPECS: &[&str] = &["", "s", ">8", "<8", "^8", "*^9", ".3", "10.2", "8s", "d"];

impl Body<'_> {
    pub fn some_str(&mut self, depth: usize) -> String {
        let list = Type::list(Type::Str);
        if self.random.chance(24) {
            return self.text_of_time(depth);
        }
        if self.random.chance(30) {
            let value = self.of_two_types(depth);
            return match self.random.below(5) {
                0 => format!("str({value})"),
                1 => format!("'%s' % ({value},)"),
                2 if !value.contains(['\'', '"', '\\']) => format!("f'{{{value}!r}}'"),
                3 => format!("'{{}}'.format({value})"),
                _ => format!("repr({value})"),
            };
        }
        match self.random.below(30) {
            0..3 => format!("({} + {})", self.str(depth), self.str(depth)),
            3 => format!("({} * {})", self.str(depth), self.small(depth)),
            4..6 => format!("{}{}", self.str(depth), self.slice(depth)),
            6 => {
                let text = self.leaf(&Type::Str);
                let at = self.random.one(&["0", "-1", "len", "1"]);
                match at {
                    "len" => format!("({text}[{} % len({text})] if {text} else '')", self.int(1)),
                    "1" => format!("({text}[1] if len({text}) > 1 else '')"),
                    _ => format!("({text}[{at}] if {text} else '')"),
                }
            }
            7..10 => {
                let call = self.random.one(&["lower", "upper", "title", "strip", "lstrip", "rstrip", "strip", "lower"]);
                format!("{}.{call}()", self.str(depth))
            }
            10 => {
                let call = self.random.one(&["strip", "lstrip", "rstrip"]);
                format!(
                    "{}.{call}({})",
                    self.str(depth),
                    self.random.one(&["' '", "'a'", "'.,;'", "'\"'", "None", "'é'"])
                )
            }
            11 | 12 => {
                let call = self.random.one(&["str", "repr", "str"]);
                match self.random.below(3) {
                    0 => {
                        let of = Type::random(self.random, self.world, 1);
                        format!("{call}({})", self.expression(&of, depth))
                    }
                    _ => format!("{call}({})", self.any_name().0),
                }
            }
            13 => match self.random.below(3) {
                0 => format!("chr({} % 128)", self.int(depth)),
                1 => format!("chr({} % 55000)", self.int(depth)),
                _ => format!("chr(97 + {} % 26)", self.int(depth)),
            },
            14 | 15 => {
                let separator = self.random.one(&["' '", "','", "''", "'-'", "S"]);
                format!("{separator}.join({})", self.expression(&list, depth))
            }
            16 => self.spaced(depth),
            17..20 => self.formatted(depth),
            20 => {
                let count = self.random.one(&["", ", 1", ", -1", ", 2"]);
                format!("{}.replace({}, {}{count})", self.str(depth), self.leaf(&Type::Str), self.leaf(&Type::Str))
            }
            21 => {
                let call = self.random.one(&["partition", "rpartition"]);
                let separator = self.random.one(&["' '", "'='", "','", "'ab'", "S"]);
                format!("{}.{call}({separator})[{}]", self.str(depth), self.random.below(3))
            }
            22 => {
                let call = self.random.one(&["center", "ljust", "rjust", "zfill"]);
                let fill = if call == "zfill" { "" } else { self.random.one(&["", ", '*'", ", '0'", ", 'é'"]) };
                format!("{}.{call}({}{fill})", self.str(depth), self.random.below(14))
            }
            23 => format!(
                "({}.split() or [{}])[{}]",
                self.str(depth),
                self.leaf(&Type::Str),
                self.random.one(&["0", "-1"])
            ),
            24 => {
                let errors =
                    self.random.one(&["'utf-8'", "", "'ascii'", "'utf-8', 'replace'", "errors='ignore'", "'latin-1'"]);
                let bytes = self.leaf(&Type::Bytes);
                match self.random.below(3) {
                    0 => format!("{bytes}.decode({errors})"),
                    _ => format!("{}.encode().decode()", self.str(depth)),
                }
            }
            25 => {
                let pattern = self.random.one(PATTERNS);
                let replacement = self.random.one(&[
                    "''",
                    "'-'",
                    "'#'",
                    "'<>'",
                    "lambda found: found.group().upper()",
                    "lambda found: '[%d]' % found.start()",
                ]);
                format!("re.sub({pattern}, {replacement}, {})", self.str(depth))
            }
            26 => {
                let name = self.name();
                let text = self.str(depth);
                let condition = self.random.one(&["isalnum()", "isalpha()", "isdigit()", "isspace()"]);
                format!("''.join([{name} for {name} in {text} if {name}.{condition}])")
            }
            27 => {
                let pattern = self.random.one(&["r'\\d+'", "r'[a-z]+'", "r'[^,;]+'", "r'(\\w)\\w*'", "r'\\S+'"]);
                format!("(re.findall({pattern}, {}) or [''])[0]", self.str(depth))
            }
            28 => {
                let of = Type::random(self.random, self.world, 1);
                format!("str({})", self.expression(&of, depth))
            }
            _ => format!("{}[::-1]", self.str(depth)),
        }
    }

    /// Of anything that can be sliced.
    pub fn slice(&mut self, depth: usize) -> String {
        match self.random.below(7) {
            0 => format!("[{}:]", self.small(depth)),
            1 => format!("[:{}]", self.small(depth)),
            2 => format!("[{}:{}]", self.small(depth), self.small(depth)),
            3 => "[::-1]".to_owned(),
            4 => format!("[{}::2]", self.small(0)),
            5 => format!("[:{}]", self.int(depth.min(1))),
            _ => "[1:-1]".to_owned(),
        }
    }

    fn formatted(&mut self, depth: usize) -> String {
        let values: Vec<(Type, String)> = (0..1 + self.random.below(3))
            .map(|_| match self.random.below(4) {
                0 => (Type::Int, self.int(depth.min(1))),
                1 => (Type::Float, self.float(depth.min(1))),
                2 => (Type::Str, self.leaf(&Type::Str)),
                _ => {
                    let (name, of) = self.any_name();
                    (of, name)
                }
            })
            .collect();
        let style = self.random.below(3);
        let mut template = String::new();
        let mut arguments = Vec::new();
        for (at, (of, value)) in values.into_iter().enumerate() {
            let text = self.random.one(&["", " ", "a", ": ", "=", "é", "-"]);
            template.push_str(text);
            if style == 2 {
                let conversion = match of {
                    Type::Int | Type::Bool => {
                        self.random.one(&["%d", "%5d", "%05d", "%x", "%s", "%r", "%-4d", "%+d", "%i"])
                    }
                    Type::Float => self.random.one(&["%f", "%.2f", "%8.3f", "%e", "%g", "%s", "%.0f", "%d"]),
                    _ => self.random.one(&["%s", "%r", "%10s", "%-5s", "%.2s"]),
                };
                template.push_str(conversion);
                arguments.push(value);
                continue;
            }
            let specs = match of {
                Type::Int => INT_SPECS,
                Type::Float => FLOAT_SPECS,
                Type::Str => STR_SPECS,
                _ => &[""],
            };
            let mut spec = self.random.one(specs).to_owned();
            let conversion = if self.random.chance(6) { self.random.one(&["!r", "!s"]) } else { "" };
            if !conversion.is_empty() {
                spec = self.random.one(&["", ">12", "<3", ".4"]).to_owned();
            }
            let colon = if spec.is_empty() { "" } else { ":" };
            // A value with braces or quotes of its own can't stand in an f-string before 3.12.
            let inside = style == 0 && !value.contains(['\'', '"', '\\', '{', ':', '!', '=']);
            if inside {
                template.push_str(&format!("{{{value}{conversion}{colon}{spec}}}"));
            } else if style == 0 {
                template.push_str(&format!("{at}"));
            } else {
                template.push_str(&format!("{{{conversion}{colon}{spec}}}"));
                arguments.push(value);
            }
        }
        match style {
            0 => format!("f'{template}'"),
            1 => format!("'{template}'.format({})", arguments.join(", ")),
            _ => format!("('{template}' % ({},))", arguments.join(", ")),
        }
    }

    /// A width or number of digits that is a value: bounded, and now and then nothing or negative.
    fn width(&mut self) -> String {
        match self.random.below(8) {
            0 => self.random.one(&["0", "1", "200", "-4", "K"]).to_owned(),
            1 => format!("({} % 23 - 11)", self.leaf(&Type::Int)),
            2 => format!("len({})", self.leaf(&Type::Str)),
            3 => format!("({} & 127)", self.leaf(&Type::Int)),
            _ => format!("({} % 13)", self.leaf(&Type::Int)),
        }
    }

    /// Text formatted by widths that are values.
    fn spaced(&mut self, depth: usize) -> String {
        let (of, kinds): (Type, &[&str]) = match self.random.below(3) {
            0 => (Type::Int, &["d", "x", "", "05d", ",d"]),
            1 => (Type::Float, &["f", "e", "g", "", "%"]),
            _ => (Type::Str, &["s", ""]),
        };
        let (value, width, digits) = (self.expression(&of, depth.min(1)), self.width(), self.width());
        let kind = self.random.one(kinds).trim_start_matches(['0', '5', ',']);
        let align = self.random.one(&["", "<", ">", "^", "*>", "0", "=", "+"]);
        let in_text = |part: &str| !part.contains(['\'', '"', '\\', '{', ':', '!', '=']);
        let may_be_in_text = [&value, &width, &digits].iter().all(|part| in_text(part));
        match (self.random.below(9), &of) {
            (0, Type::Int) => format!("('%*d' % ({width}, {value}))"),
            (0, Type::Float) => format!("('%*.*f' % ({width}, {digits}, {value}))"),
            (1, Type::Float) => format!("('%.*{}' % ({digits}, {value}))", self.random.one(&["f", "e", "g"])),
            (0 | 1, _) => format!("('%{}*s' % ({width}, {value}))", self.random.one(&["", "-"])),
            (2, _) => format!("format({value}, '{align}' + str({width}))"),
            (3, _) => format!("'{{:{align}{{}}{kind}}}'.format({value}, {width})"),
            (4, _) => format!("'{{0:{align}{{1}}.{{2}}{kind}}}'.format({value}, {width}, {digits})"),
            (5, _) => format!("'{{:{align}{{w}}}}'.format({value}, w={width})"),
            (6, _) => format!("str({value}).{}({width})", self.random.one(&["rjust", "ljust", "zfill", "center"])),
            (7, _) if may_be_in_text => format!("f'{{{value}:{align}{{{width}}}.{{{digits}}}{kind}}}'"),
            (_, _) if may_be_in_text => format!("f'{{{value}:{align}{{{width}}}{kind}}}'"),
            _ => format!("('%-{}s|' % {value})", self.random.below(12)),
        }
    }

    /// Whether a text matches a pattern.
    pub fn matches(&mut self, depth: usize) -> String {
        let call = self.random.one(&["match", "search", "fullmatch"]);
        let pattern = self.random.one(PATTERNS);
        let flags = self.random.one(&["", "", "", ", re.IGNORECASE"]);
        match self.random.below(2) {
            0 => format!("bool(re.{call}({pattern}, {}{flags}))", self.str(depth)),
            _ => format!("(re.{call}({pattern}, {}{flags}) is not None)", self.str(depth)),
        }
    }

    pub fn some_bytes(&mut self, depth: usize) -> String {
        match self.random.below(16) {
            0 | 1 => format!("({} + {})", self.bytes(depth), self.bytes(depth)),
            2 => format!("{}{}", self.bytes(depth), self.slice(depth)),
            3 | 4 => {
                let encoding = self.random.one(&["", "'utf-8'", "'ascii'", "'latin-1', 'replace'"]);
                format!("{}.encode({encoding})", self.str(depth))
            }
            5 => {
                let call = self.random.one(&["lower", "upper", "strip", "lstrip", "rstrip"]);
                format!("{}.{call}()", self.bytes(depth))
            }
            6 => format!("{}.replace({}, {})", self.bytes(depth), self.leaf(&Type::Bytes), self.leaf(&Type::Bytes)),
            7 => format!("({}.split() or [b''])[0]", self.bytes(depth)),
            9 => format!("bytes([{} & 255, {}])", self.int(depth), self.small(depth)),
            10 => format!("bytes(x ^ {} for x in {})", self.random.below(300), self.bytes(depth)),
            11 => format!("bytes({})", self.small(depth)),
            12 => {
                let layout = self.random.one(&["'big'", "'little'", "'big', signed=True", "'little', signed=True"]);
                format!("({}).to_bytes({}, {layout})", self.leaf(&Type::Int), self.random.below(10))
            }
            13 => {
                let call = self.random.one(&["strip", "lstrip", "rstrip", "removeprefix", "removesuffix"]);
                format!("{}.{call}({}[:2])", self.bytes(depth), self.leaf(&Type::Bytes))
            }
            14 => {
                let call = self.random.one(&["center(9)", "ljust(7, b'.')", "rjust(8, b'0')", "partition(b' ')[2]"]);
                format!("{}.{call}", self.bytes(depth))
            }
            15 => format!("({} * {})", self.leaf(&Type::Bytes), self.small(depth)),
            _ => format!("b'-'.join([{}, {}])", self.bytes(depth), self.leaf(&Type::Bytes)),
        }
    }
}
