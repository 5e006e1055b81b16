//! Types of the values that functions handle, constants of them, and how a script makes rows of them.

use crate::random::Random;

/// Each has edges that differ between Python and a machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    Int,
    Float,
    Bool,
    Str,
    Bytes,
    /// A naive `datetime`.
    Moment,
    /// A `timedelta`.
    Delta,
    Tuple(Vec<Type>),
    List(Box<Type>),
    /// A list with elements of these types.
    Mixed(Vec<Type>),
    Optional(Box<Type>),
    /// One of these, of which none is optional or one of several itself.
    Either(Vec<Type>),
    Dict(Box<Type>, Box<Type>),
    /// A dict with these keys.
    Row(Vec<(&'static str, Type)>),
    /// A class of the script, by its index in the [`World`].
    Record(usize),
}

/// Names around a function: classes whose objects are values, and functions that may be called.
#[derive(Default)]
pub struct World {
    pub classes: Vec<Class>,
    pub functions: Vec<Callable>,
    /// Whether functions change what they are handed.
    pub changes: bool,
}

pub struct Class {
    pub name: String,
    pub fields: Vec<(String, Type)>,
    /// Methods without further arguments, and properties, as they are called: `total()`.
    pub methods: Vec<(String, Type)>,
    /// Methods that change the object, with what they take.
    pub changers: Vec<(String, Type)>,
    pub kind: Kind,
}

/// What its objects are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Plain,
    /// Tuples of their fields, too.
    Named,
    /// The members of an Enum, of [`MEMBERS`].
    Enum,
}

pub const MEMBERS: &[&str] = &["RED", "GREEN", "BLUE"];

impl Class {
    /// An object with these fields.
    pub fn made(&self, random: &mut Random, fields: &[String]) -> String {
        match self.kind {
            Kind::Enum => format!("{}.{}", self.name, random.one(MEMBERS)),
            _ => format!("{}({})", self.name, fields.join(", ")),
        }
    }

    pub fn tuple(&self) -> Type {
        Type::Tuple(self.fields.iter().map(|(_, of)| of.clone()).collect())
    }
}

/// As it is called: `clean3`, `self.clean`, `super().clean`; out of a table, with `@` for a text that tells which, or `#` for a
/// number.
#[derive(Clone)]
pub struct Callable {
    pub name: String,
    pub parameters: Vec<Type>,
    pub result: Type,
}

impl Type {
    pub fn list(of: Type) -> Type {
        Type::List(Box::new(of))
    }

    pub fn optional(of: Type) -> Type {
        Type::Optional(Box::new(of))
    }

    /// One that is neither optional nor a container.
    pub fn scalar(random: &mut Random) -> Type {
        match random.below(12) {
            0..4 => Type::Int,
            4..6 => Type::Float,
            6 => Type::Bool,
            7..10 => Type::Str,
            10 => Type::Bytes,
            _ => random.pick(&[Type::Moment, Type::Moment, Type::Delta]).clone(),
        }
    }

    pub fn random(random: &mut Random, world: &World, depth: usize) -> Type {
        if depth == 0 {
            return Type::scalar(random);
        }
        match random.below(16) {
            0..3 => {
                let length = 1 + random.below(4);
                Type::Tuple((0..length).map(|_| Type::random(random, world, depth - 1)).collect())
            }
            3 | 4 => Type::list(Type::random(random, world, depth - 1)),
            5 => match Type::random(random, world, depth - 1) {
                Type::Optional(of) => Type::Optional(of),
                of => Type::optional(of),
            },
            8 | 9 => {
                let keys = ["a", "b", "name", "n"];
                let length = 1 + random.below(keys.len() - 1);
                let first = random.below(2);
                let keys = keys[first..].iter().take(length);
                Type::Row(keys.map(|key| (*key, Type::random(random, world, depth - 1))).collect())
            }
            10 => {
                let length = 2 + random.below(2);
                Type::Mixed((0..length).map(|_| Type::scalar(random)).collect())
            }
            11 | 12 => {
                let one = |random: &mut Random| match Type::random(random, world, depth - 1) {
                    Type::Optional(of) => *of,
                    Type::Either(mut types) => types.remove(0),
                    of => of,
                };
                let types: Vec<Type> = (0..2 + random.below(2)).map(|_| one(random)).collect();
                if types.iter().any(|of| matches!(of, Type::Optional(_) | Type::Either(_))) {
                    return Type::Either(vec![Type::Int, Type::Str]);
                }
                Type::Either(types)
            }
            6 | 7 if !world.classes.is_empty() => Type::Record(random.below(world.classes.len())),
            _ => Type::scalar(random),
        }
    }

    /// Whether `<` holds between any two of them.
    pub fn is_ordered(&self) -> bool {
        match self {
            Type::Int | Type::Float | Type::Bool | Type::Str | Type::Bytes | Type::Moment | Type::Delta => true,
            Type::Tuple(fields) => fields.iter().all(Type::is_ordered),
            Type::List(of) => of.is_ordered(),
            Type::Mixed(_) | Type::Optional(_) | Type::Either(_) | Type::Dict(..) | Type::Row(_) | Type::Record(_) => {
                false
            }
        }
    }

    pub fn is_hashable(&self) -> bool {
        match self {
            Type::List(_) | Type::Mixed(_) | Type::Dict(..) | Type::Row(_) | Type::Record(_) => false,
            Type::Tuple(fields) => fields.iter().all(Type::is_hashable),
            Type::Optional(of) => of.is_hashable(),
            Type::Either(types) => types.iter().all(Type::is_hashable),
            _ => true,
        }
    }

    /// Its class by name, where a test of it is a test of the type.
    pub fn class(&self, world: &World) -> Option<String> {
        let name = match self {
            Type::Int => "int",
            Type::Float => "float",
            Type::Bool => "bool",
            Type::Str => "str",
            Type::Bytes => "bytes",
            Type::Tuple(_) => "tuple",
            Type::List(_) | Type::Mixed(_) => "list",
            Type::Dict(..) | Type::Row(_) => "dict",
            Type::Record(class) => &world.classes[*class].name,
            Type::Moment | Type::Delta | Type::Optional(_) | Type::Either(_) => return None,
        };
        Some(name.to_owned())
    }

    /// An expression of Python for one of them, given a `Rows` named `r` (`tests/fuzz/rows.py`).
    pub fn row(&self, world: &World) -> String {
        match self {
            Type::Int => "r.int()".to_owned(),
            Type::Float => "r.float()".to_owned(),
            Type::Bool => "r.bool()".to_owned(),
            Type::Str => "r.str()".to_owned(),
            Type::Bytes => "r.bytes()".to_owned(),
            Type::Moment => "r.moment()".to_owned(),
            Type::Delta => "r.delta()".to_owned(),
            Type::Tuple(fields) => {
                format!("({},)", fields.iter().map(|of| of.row(world)).collect::<Vec<_>>().join(", "))
            }
            Type::List(of) => format!("r.list(lambda: {})", of.row(world)),
            Type::Mixed(fields) => {
                format!("[{}]", fields.iter().map(|of| of.row(world)).collect::<Vec<_>>().join(", "))
            }
            Type::Optional(of) => format!("r.maybe(lambda: {})", of.row(world)),
            Type::Either(types) => {
                let types: Vec<String> = types.iter().map(|of| format!("lambda: {}", of.row(world))).collect();
                format!("r.kinds([{}])()", types.join(", "))
            }
            Type::Dict(key, value) => format!("{{{}: {}}}", key.row(world), value.row(world)),
            Type::Row(fields) => display(fields.iter().map(|(key, of)| (*key, of.row(world)))),
            Type::Record(class) => {
                let class = &world.classes[*class];
                let fields: Vec<String> = class.fields.iter().map(|(_, of)| of.row(world)).collect();
                match class.kind {
                    Kind::Enum => format!("r.one(list({}))", class.name),
                    _ => format!("{}({})", class.name, fields.join(", ")),
                }
            }
        }
    }

    pub fn constant(&self, random: &mut Random, world: &World) -> String {
        match self {
            Type::Int => random.one(INTS).to_owned(),
            Type::Float => random.one(FLOATS).to_owned(),
            Type::Bool => random.one(&["True", "False"]).to_owned(),
            Type::Str => random.one(STRINGS).to_owned(),
            Type::Bytes => random.one(BYTES).to_owned(),
            Type::Moment => random.one(MOMENTS).to_owned(),
            Type::Delta => random.one(DELTAS).to_owned(),
            Type::Tuple(fields) => {
                let fields: Vec<String> = fields.iter().map(|of| of.constant(random, world)).collect();
                format!("({},)", fields.join(", "))
            }
            Type::Mixed(fields) => {
                let fields: Vec<String> = fields.iter().map(|of| of.constant(random, world)).collect();
                format!("[{}]", fields.join(", "))
            }
            Type::List(of) => {
                let items: Vec<String> = (0..random.below(4)).map(|_| of.constant(random, world)).collect();
                format!("[{}]", items.join(", "))
            }
            Type::Optional(of) => match random.below(3) {
                0 => "None".to_owned(),
                _ => of.constant(random, world),
            },
            Type::Either(types) => random.pick(types).clone().constant(random, world),
            Type::Dict(key, value) => {
                let item = |_| format!("{}: {}", key.constant(random, world), value.constant(random, world));
                let items: Vec<String> = (0..3).map(item).collect();
                format!("{{{}}}", items.join(", "))
            }
            Type::Row(fields) => display(fields.iter().map(|(key, of)| (*key, of.constant(random, world)))),
            Type::Record(class) => {
                let class = &world.classes[*class];
                let fields: Vec<String> = class.fields.iter().map(|(_, of)| of.constant(random, world)).collect();
                class.made(random, &fields)
            }
        }
    }
}

/// A dict as it is written.
pub fn display(items: impl Iterator<Item = (&'static str, String)>) -> String {
    let items: Vec<String> = items.map(|(key, value)| format!("'{key}': {value}")).collect();
    format!("{{{}}}", items.join(", "))
}

const INTS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "(-1)",
    "7",
    "10",
    "60",
    "64",
    "1000",
    "1000003",
    "0xFFFF",
    "(2**40)",
    "9223372036854775807",
    "(-2**63)",
    "K",
];
const FLOATS: &[&str] =
    &["0.5", "2.0", "(-0.0)", "1e10", "3.25", "1e-7", "0.1", "100.0", "(-1.5)", "float('inf')", "float('nan')", "F"];
const STRINGS: &[&str] = &[
    "''",
    "'a'",
    "' '",
    "','",
    "'='",
    "'ab'",
    "'The'",
    "'%'",
    "('x' * 3)",
    "'\\n'",
    "'é'",
    "'ß'",
    "'0'",
    "'12'",
    "'-'",
    "S",
];
const MOMENTS: &[&str] =
    &["datetime(2020, 2, 29, 23, 59, 59)", "datetime(1970, 1, 1)", "datetime(1999, 12, 31, 0, 0, 0, 1)", "DAY"];
const DELTAS: &[&str] = &["timedelta(minutes=30)", "timedelta(0)", "timedelta(days=-1, seconds=1)", "HOUR"];
const BYTES: &[&str] = &["b''", "b'a'", "b','", "b' '", "b'\\xff'", "b'GET'", "b'abc'"];
