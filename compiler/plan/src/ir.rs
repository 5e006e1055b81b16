//! Bodies of functions in a form that the runtime can compile: what is left of Python when names are resolved.
//!
//! Semantics are Python's; types are not said, they follow from those of the arguments ([`crate::infer`]). A body has no
//! effect but to hand out results, so that a call that was begun can be begun again elsewhere: whatever ends in an
//! exception that nothing in it catches is left to CPython, which does the whole call anew.

use crate::Cause;
use serde::{Deserialize, Serialize};

/// Between the module and the name of a global in [`Body::attributes`].
pub const GLOBAL: char = ':';

/// A function's body. Its arguments are the locals `0..parameters`; a collector or context is none of them, see
/// [`StatementKind::Collect`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    pub parameters: u32,
    /// Number of locals, arguments included.
    pub locals: u32,
    /// Attributes of the function object that are read, dotted where they are attributes of attributes (`limits.low`), and
    /// globals of modules (`job:LIMITS`): constants of a run, but for those of a source that
    /// [`StatementKind::SetAttribute`] changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// Those of them, by index, that something would change in place if it could: they have to be what can't be changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<u32>,
    /// Functions and methods of the script that are called. Never recursive: a function calls only later ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<Inner>,
    /// Classes whose objects are values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Class>,
    /// The script has functions that change what they are given: they would see a dict that is in two places.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes_elements: bool,
    pub code: Vec<Statement>,
}

/// A function of the script that another one calls. It sees its own locals, and the attributes of the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inner {
    pub name: String,
    pub parameters: u32,
    pub locals: u32,
    pub code: Vec<Statement>,
}

/// A class of the script whose objects are their fields: its `__init__` only sets them, or it is a named tuple.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Where Python finds it: `__module__` and `__qualname__`.
    pub module: String,
    pub name: String,
    /// Attributes in the order of the values of [`Expression::New`].
    pub fields: Vec<String>,
    /// Objects are tuples of their fields, too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_tuple: bool,
    /// A dataclass whose objects are just made of their fields.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_data: bool,
    /// Setting attributes of its objects raises.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_frozen: bool,
    /// Of an Enum, the names of its members in the order of their definition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Methods that can be compiled, special ones included, by name: the index of the function, whose first argument
    /// is the object.
    pub methods: Vec<(String, u32)>,
    /// Methods that change their object, likewise: what they give is the object as it is then. They are called in
    /// statements of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changing: Vec<(String, u32)>,
    /// Those of them that are properties: read as attributes, not called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<String>,
    /// Special methods and properties that it has but that can't be compiled; what needs them stays in Python.
    pub others: Vec<String>,
    /// What is in the way of methods that can't be compiled, and what to change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<(String, Cause)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Source, start and end of the statement; see [`crate::Span`].
    pub at: [u32; 3],
    #[serde(rename = "do")]
    pub kind: StatementKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementKind {
    Assign(Target, Expression),
    /// `if` and `elif`s with their tests, and `else`.
    If(Vec<(Expression, Vec<Statement>)>, Vec<Statement>),
    /// Test, body, `else`.
    While(Expression, Vec<Statement>, Vec<Statement>),
    /// Target, iterable, body, `else`.
    For(Target, Expression, Vec<Statement>, Vec<Statement>),
    Break,
    Continue,
    Return(Expression),
    /// Hands one result to the stream.
    Collect(Expression),
    /// Hands out each of an iterable; nothing if it is None.
    CollectEach(Expression),
    /// Has no value, but may end in an exception.
    Evaluate(Expression),
    /// List, value: `append`.
    Append(Expression, Expression),
    /// List, iterable: `extend`, and `+=`.
    Extend(Expression, Expression),
    /// List or dict, index, value.
    SetItem(Expression, Expression, Expression),
    /// An attribute of an object that a local stands for: object, name, value. `true`: lists and dicts that the object
    /// holds are changed too, so the value must hold none, as it might be held elsewhere.
    SetField(Expression, String, Expression, #[serde(default, skip_serializing_if = "is_false")] bool),
    /// An attribute of a source, by index in [`Body::attributes`].
    SetAttribute(u32, Expression),
    /// Ends in an exception, always; CPython finds out which.
    Raise,
    /// Is left to CPython, and why.
    Left(Cause),
    /// Raises an object of a class, made of arguments: its name and those of the classes that it is derived from, as
    /// [`Handler::classes`] has them.
    Throw(Vec<String>, Vec<Expression>),
    /// `try`: body, handlers in order, `else`.
    Try(Vec<Statement>, Vec<Handler>, Vec<Statement>),
}

/// `except`. One whose body is nothing but [`StatementKind::Raise`] leaves what it catches to CPython.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handler {
    /// Names of builtin classes, and `module.name` of others. `None`: it catches everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    pub body: Vec<Statement>,
}

impl Handler {
    /// What it catches is left to CPython.
    pub fn bails(&self) -> bool {
        matches!(self.body.as_slice(), [Statement { kind: StatementKind::Raise, .. }])
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Local(u32),
    /// Takes a tuple or list apart.
    Each(Vec<Target>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    None,
    Bool(bool),
    Int(i64),
    /// IEEE bits.
    Float(u64),
    Str(String),
    Bytes(Vec<u8>),
    Tuple(Vec<Expression>),
    List(Vec<Expression>),
    Set(Vec<Expression>),
    Dict(Vec<(Expression, Expression)>),
    Local(u32),
    /// Index in [`Body::attributes`].
    Attribute(u32),
    Binary(BinaryOp, Box<Expression>, Box<Expression>),
    Unary(UnaryOp, Box<Expression>),
    Compare(CompareOp, Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    /// Test, value if true, value if not.
    If(Box<Expression>, Box<Expression>, Box<Expression>),
    /// Binds a local to the first for the second: what is evaluated once and used twice (`a < f(x) < b`), and `:=`.
    Let(u32, Box<Expression>, Box<Expression>),
    Index(Box<Expression>, Box<Expression>),
    /// Start, stop, step; None where one is left out.
    Slice(Box<Expression>, Box<[Expression; 3]>),
    /// An attribute of a value, or a property.
    Field(Box<Expression>, String),
    Call(Builtin, Vec<Expression>),
    /// Method of a value, by what the value is; arguments by position.
    Method(Box<Expression>, String, Vec<Expression>),
    /// Calls one of [`Body::functions`].
    Invoke(u32, Vec<Expression>),
    /// A new object of one of [`Body::classes`], with all its fields.
    New(u32, Vec<Expression>),
    /// A member of one of [`Body::classes`], by its number.
    Member(u32, u32),
    /// `isinstance`, with names of builtin types, or of classes as `module.name`.
    IsInstance(Box<Expression>, Vec<String>),
    /// The parts of an f-string, or of `format` with a constant format.
    Format(Vec<Part>),
    /// `%` with a constant format on its left.
    Percent(String, Box<Expression>),
    /// A list comprehension, or a generator expression: exceptions apart, nobody can see that it is evaluated at once.
    Comprehension(Box<Expression>, Vec<Clause>),
    /// `{key: value for …}`.
    DictComprehension(Box<Expression>, Box<Expression>, Vec<Clause>),
    /// `sorted(iterable, key=…, reverse=…)`.
    Sorted(Box<Expression>, Option<Key>, Box<Expression>),
    /// `min` or `max` of one iterable, or of several values given as a tuple; with `key`, and `default`.
    Best(Extreme, Box<Expression>, Option<Key>, Option<Box<Expression>>),
    /// A function of `re` with a constant pattern and flags; further arguments by position.
    Regex(RegexFunction, String, u32, Vec<Expression>),
}

/// A `key=` function: its argument, a local of the function around it, and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub local: u32,
    pub value: Box<Expression>,
}

/// `for target in iterable if condition if …`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    pub target: Target,
    pub iterable: Expression,
    pub conditions: Vec<Expression>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Text(String),
    /// Value; conversion by `str` or `repr`, if there is one; format spec.
    Value(Expression, Option<Conversion>, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    Str,
    Repr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extreme {
    Min,
    Max,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    BitAnd,
    BitOr,
    BitXor,
    LeftShift,
    RightShift,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnaryOp {
    Minus,
    Plus,
    Not,
    Invert,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
    Is,
    IsNot,
}

/// Functions of `re`. Arguments: `Match`, `Search`, `FullMatch`, `FindAll`: text. `Sub`: replacement, text, count.
/// `Split`: text, maxsplit. Counts may be left out. `FindIter` gives a list: of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegexFunction {
    Match,
    Search,
    FullMatch,
    FindAll,
    FindIter,
    Split,
    Sub,
}

macro_rules! builtins {
    ($($variant:ident $name:literal,)*) => {
        /// Functions of Python that are known by name; those of `math` with the module's name. Arguments by position.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Builtin { $(#[serde(rename = $name)] $variant,)* }

        impl Builtin {
            pub const ALL: &'static [Builtin] = &[$(Builtin::$variant,)*];

            /// As a script writes it: `len`, `math.sqrt`.
            pub fn name(self) -> &'static str {
                match self { $(Builtin::$variant => $name,)* }
            }

            pub fn from_name(name: &str) -> Option<Builtin> {
                Builtin::ALL.iter().copied().find(|builtin| builtin.name() == name)
            }
        }
    };
}

builtins! {
    Abs "abs", All "all", Any "any", Bool "bool", Bytes "bytes", Chr "chr", Dict "dict", DivMod "divmod", Enumerate "enumerate",
    Float "float", Int "int", Len "len", List "list", Ord "ord", Pow "pow", Range "range", Repr "repr",
    Reversed "reversed", Round "round", Set "set", Str "str", Sum "sum", Tuple "tuple", Zip "zip",
    // Functions of float that the platform's mathematical library gives.
    MathAcos "math.acos", MathAsin "math.asin", MathAtan "math.atan", MathAtan2 "math.atan2", MathCos "math.cos",
    MathCosh "math.cosh", MathExp "math.exp", MathLog "math.log", MathLog10 "math.log10", MathLog1p "math.log1p",
    MathLog2 "math.log2", MathPow "math.pow", MathSin "math.sin", MathSinh "math.sinh", MathTan "math.tan",
    MathTanh "math.tanh", MathExpm1 "math.expm1",
    MathCeil "math.ceil", MathCopysign "math.copysign", MathDegrees "math.degrees", MathFabs "math.fabs",
    MathFloor "math.floor", MathFmod "math.fmod", MathGcd "math.gcd", MathIsFinite "math.isfinite",
    MathIsInf "math.isinf", MathIsNan "math.isnan", MathIsqrt "math.isqrt", MathRadians "math.radians",
    // The byte order as a text, and whether it is signed.
    BytesFromHex "bytes.fromhex", IntFromBytes "int.from_bytes", IntToBytes "int.to_bytes",
    // What a bytearray takes: an int from 0 to 255; bytes, or an iterable of such ints; bytes.
    Byte "bytearray.append", ByteValues "bytearray.extend", BytesLike "bytearray.__iadd__",
    // A URL: scheme, netloc, path, query and fragment. A netloc: the host, or None. A text.
    UrlSplit "urllib.parse.urlsplit", UrlParse "urllib.parse.urlparse", UrlHost "urllib.parse.hostname",
    UrlUnquote "urllib.parse.unquote",
    // A value, and its format spec as a text.
    Format "builtins.format",
    // Of csv: the fields of one line, and the delimiter. Of unicodedata.
    CsvReader "csv.reader", UnicodeNormalize "unicodedata.normalize", UnicodeCombining "unicodedata.combining",
    // Of datetime. Arguments by position, all of them; a time zone is a Bool: whether it is UTC.
    DateTime "datetime.datetime", DateTimeParse "datetime.datetime.strptime", Date "datetime.date",
    DateTimeFromStamp "datetime.datetime.fromtimestamp", TimeDelta "datetime.timedelta",
    // What a function changes that was handed to it, for itself: the object, and what is in it too.
    ElementCopy "element.copy", ElementDeepCopy "element.deepcopy",
    MathSqrt "math.sqrt", MathTrunc "math.trunc", MathHypot "math.hypot", MathDist "math.dist", MathFsum "math.fsum",
}

fn is_false(value: &bool) -> bool {
    !value
}

impl From<crate::Span> for [u32; 3] {
    fn from(span: crate::Span) -> [u32; 3] {
        [span.source.0, span.start, span.end]
    }
}

impl Statement {
    pub fn span(&self) -> crate::Span {
        let [source, start, end] = self.at;
        crate::Span { source: crate::SourceId(source), start, end }
    }
}
