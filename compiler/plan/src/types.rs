//! Types of values that have a machine form, and constants of them.
//!
//! A value is a fixed number of 64-bit *words*, one after the other:
//!
//! | type | words |
//! |---|---|
//! | `Never`, `None` | 0 |
//! | `Bool` | 1: 0 or 1 |
//! | `Int` | 1, signed |
//! | `Float` | 1: IEEE bits |
//! | `Time` | 1: microseconds, see [`crate::time`] |
//! | `Number` | 2: tag (0 bool, 1 int, 2 float), and the word of that type |
//! | `Str` | 2: address and length in bytes of valid UTF-8 |
//! | `Bytes` | 2: address and length |
//! | `Tuple`, `Mixed`, `Record`, `Row` | those of the fields, one after the other; of an Enum 1: the number of the member |
//! | `Optional(T)` | 1: 0 for None, 1 for a value; then those of T, which are 0 for None |
//! | `Union` | 1: the number of the type that the value has; then those of each type, which are 0 for all others |
//! | `List(T)`, `TupleOf(T)`, `Dict`, `Set`, `Match`, `Object` | 1: the address of the object |
//!
//! An empty list of which nothing is known is a `List(Never)`, and a list of any type.

use crate::time::Time;
use std::fmt;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Of the elements of an empty list: there is no value of it.
    Never,
    None,
    Bool,
    /// 64 bits; what doesn't fit is no value of this type.
    Int,
    Float,
    /// A bool, an int or a float.
    Number,
    Time(Time),
    Str,
    Bytes,
    /// Of known length.
    Tuple(Vec<Type>),
    /// A list of known length with elements of several types, which nothing changes: it is what a tuple is, but for its name.
    Mixed(Vec<Type>),
    /// Of any length, with elements of one type.
    TupleOf(Box<Type>),
    List(Box<Type>),
    /// None, or a value of a type that is neither None nor optional.
    Optional(Box<Type>),
    /// A value of one of several types, of which no two have a type in common: none is None, optional or a union itself,
    /// and one at most is of numbers. They come in one order, whatever order they were found in.
    Union(Arc<[Type]>),
    Record(Arc<RecordType>),
    Dict(Box<Type>, Box<Type>),
    /// A dict with just these texts as keys, in this order: it is its values. As nobody sees which dict it is, it is only
    /// made where no other name of one that changes is left.
    Row(Arc<[(String, Type)]>),
    Set(Box<Type>),
    /// What `re.match` found, with so many groups (beside group 0), or [`crate::regex::HIDDEN`].
    Match(u32),
    /// An object of Python of any class, but None, which is only handed on; with module and name of its class.
    Object(Arc<str>),
}

/// Objects of a class of the script, whose fields have these types.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordType {
    /// `__module__` and `__qualname__`.
    pub module: String,
    pub name: String,
    pub fields: Vec<(String, Type)>,
    /// Its objects are tuples of their fields, too: those of a named tuple.
    pub is_tuple: bool,
    /// Names of the members of an Enum, which has no fields: an object is the number of one of them.
    pub members: Vec<String>,
}

/// A value that is known when a function is compiled: an attribute of its object.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// And its microseconds.
    Time(Time, i64),
    Str(String),
    Bytes(Vec<u8>),
    Tuple(Vec<Constant>),
    List(Vec<Constant>),
    Set(Vec<Constant>),
    /// In the order of the dict; keys differ.
    Dict(Vec<(Constant, Constant)>),
    /// A member of an Enum, and its number.
    Member(Arc<RecordType>, usize),
    Record {
        module: String,
        name: String,
        fields: Vec<(String, Constant)>,
        is_tuple: bool,
    },
}

impl RecordType {
    /// Its objects are the members of an Enum.
    pub fn is_enum(&self) -> bool {
        !self.members.is_empty()
    }
}

impl Type {
    /// True for members of an Enum.
    pub fn is_enum(&self) -> bool {
        matches!(self, Type::Record(record) if record.is_enum())
    }

    pub fn optional(self) -> Type {
        match self {
            Type::None | Type::Optional(_) => self,
            Type::Never => Type::None,
            other => Type::Optional(Box::new(other)),
        }
    }

    /// Number of words.
    pub fn words(&self) -> usize {
        match self {
            Type::Never | Type::None => 0,
            Type::Bool | Type::Int | Type::Float | Type::Time(_) => 1,
            Type::Number | Type::Str | Type::Bytes => 2,
            Type::Tuple(fields) | Type::Mixed(fields) => fields.iter().map(Type::words).sum(),
            Type::Record(record) if record.is_enum() => 1,
            Type::Record(record) => record.fields.iter().map(|(_, of)| of.words()).sum(),
            Type::Row(fields) => fields.iter().map(|(_, of)| of.words()).sum(),
            Type::Optional(of) => 1 + of.words(),
            Type::Union(variants) => 1 + variants.iter().map(Type::words).sum::<usize>(),
            Type::List(_) | Type::TupleOf(_) | Type::Dict(..) | Type::Set(_) | Type::Match(_) | Type::Object(_) => 1,
        }
    }

    /// Whether the type, or one of what its values are made of, is such a one.
    pub fn any(&self, is: &dyn Fn(&Type) -> bool) -> bool {
        let any = |of: &Type| of.any(is);
        is(self)
            || match self {
                Type::Tuple(fields) | Type::Mixed(fields) => fields.iter().any(any),
                Type::Union(variants) => variants.iter().any(any),
                Type::Record(record) => record.fields.iter().any(|(_, of)| any(of)),
                Type::Row(fields) => fields.iter().any(|(_, of)| any(of)),
                Type::Optional(of) | Type::List(of) | Type::TupleOf(of) | Type::Set(of) => any(of),
                Type::Dict(key, value) => any(key) || any(value),
                _ => false,
            }
    }

    /// How many types are in it, all levels together.
    fn parts(&self) -> usize {
        let count = std::cell::Cell::new(0);
        self.any(&|_| {
            count.set(count.get() + 1);
            count.get() > LARGEST_PART
        });
        count.get()
    }

    /// True for values that are words and texts alone, without lists or other objects of their own.
    pub fn is_flat(&self) -> bool {
        self.is_held() && !self.any(&|of| matches!(of, Type::List(_) | Type::TupleOf(_) | Type::Object(_)))
    }

    /// True for values that machine code keeps between elements: accumulators of a reduce.
    pub fn is_held(&self) -> bool {
        !self.any(&|of| matches!(of, Type::Dict(..) | Type::Set(_) | Type::Match(_)))
    }

    /// True for values with lists of several types in them.
    pub fn has_mixed(&self) -> bool {
        self.any(&|of| matches!(of, Type::Mixed(_)))
    }

    /// True for values with objects that are only handed on.
    pub fn has_object(&self) -> bool {
        self.any(&|of| matches!(of, Type::Object(_)))
    }

    /// True for values with objects that are only handed on, and that something may change.
    pub fn has_changing_object(&self) -> bool {
        const UNCHANGING: &[&str] = &[
            "datetime.date",
            "datetime.datetime",
            "datetime.time",
            "datetime.timedelta",
            "datetime.timezone",
            "decimal.Decimal",
            "fractions.Fraction",
            "uuid.UUID",
        ];
        self.any(&|of| matches!(of, Type::Object(class) if !UNCHANGING.contains(&&**class)))
    }

    /// The tuple that a named tuple is.
    pub fn named_tuple(&self) -> Option<Type> {
        match self {
            Type::Record(record) if record.is_tuple => {
                Some(Type::Tuple(record.fields.iter().map(|(_, of)| of.clone()).collect()))
            }
            _ => None,
        }
    }

    /// The least type that has all values of both, each with the same meaning; `None` if there is none.
    pub fn join(&self, other: &Type) -> Option<Type> {
        use Type::*;
        Some(match (self, other) {
            (a, b) if a == b => a.clone(),
            (Never, of) | (of, Never) => of.clone(),
            (None, of) | (of, None) => of.clone().optional(),
            (Object(_), Object(_)) => Object("object".into()),
            (Optional(a), Optional(b)) => a.join(b)?.optional(),
            (Optional(a), b) | (b, Optional(a)) => a.join(b)?.optional(),
            (Union(a), Union(b)) => match (holds_all(a, b), holds_all(b, a)) {
                (true, _) => self.clone(),
                (_, true) => other.clone(),
                _ => return Option::None,
            },
            (Union(variants), of) if variant_for(variants, of).is_some() => self.clone(),
            (of, Union(variants)) if variant_for(variants, of).is_some() => other.clone(),
            (Bool | Int | Float | Number, Bool | Int | Float | Number) => Number,
            (Tuple(a), Tuple(b)) if a.len() == b.len() => {
                Tuple(a.iter().zip(b).map(|(a, b)| a.join(b)).collect::<Option<_>>()?)
            }
            (Mixed(a), Mixed(b)) if a.len() == b.len() => {
                Mixed(a.iter().zip(b).map(|(a, b)| a.join(b)).collect::<Option<_>>()?)
            }
            (Tuple(a), Tuple(b)) => {
                let mut items = a.iter().chain(b);
                let of = items.next()?;
                if items.any(|item| item != of) {
                    return Option::None;
                }
                TupleOf(Box::new(of.clone()))
            }
            (Tuple(a), TupleOf(b)) | (TupleOf(b), Tuple(a)) if a.iter().all(|a| a == &**b) => TupleOf(b.clone()),
            // A list that is seen through two names has one form, so only an empty one may change its type.
            (List(a), List(b)) => match (&**a, &**b) {
                (Never, of) | (of, Never) => List(Box::new(of.clone())),
                _ => return Option::None,
            },
            (TupleOf(a), TupleOf(b)) => match (&**a, &**b) {
                (Never, of) | (of, Never) => TupleOf(Box::new(of.clone())),
                _ => return Option::None,
            },
            (Record(a), Record(b)) if (&a.module, &a.name, a.is_tuple) == (&b.module, &b.name, b.is_tuple) => {
                if a.fields.len() != b.fields.len() {
                    return Option::None;
                }
                let joined = |((name, a), (_, b)): (&(String, Type), &(String, Type))| Some((name.clone(), a.join(b)?));
                let fields = a.fields.iter().zip(&b.fields).map(joined).collect::<Option<_>>()?;
                let (module, name) = (a.module.clone(), a.name.clone());
                Record(Arc::new(RecordType { module, name, fields, is_tuple: a.is_tuple, members: Vec::new() }))
            }
            (Row(a), Row(b)) => {
                if a.len() != b.len() || a.iter().zip(&**b).any(|((key, _), (other, _))| key != other) {
                    return Option::None;
                }
                let joined = |((key, a), (_, b)): (&(String, Type), &(String, Type))| Some((key.clone(), a.join(b)?));
                Row(a.iter().zip(&**b).map(joined).collect::<Option<_>>()?)
            }
            (Dict(a, x), Dict(b, y)) => match ((&**a, &**x), (&**b, &**y)) {
                ((Never, Never), (k, v)) | ((k, v), (Never, Never)) => Dict(Box::new(k.clone()), Box::new(v.clone())),
                _ => return Option::None,
            },
            (Set(a), Set(b)) => match (&**a, &**b) {
                (Never, of) | (of, Never) => Set(Box::new(of.clone())),
                _ => return Option::None,
            },
            _ => return Option::None,
        })
    }
}

/// Most types of a union, and words of one.
const MOST_VARIANTS: usize = 6;
const WIDEST_UNION: usize = 64;
/// Most types in one, all levels together, beside which there may be another: types that grow with each turn of a loop end
/// there.
const LARGEST_PART: usize = 48;

/// The number of the type of a union that has all values of another one.
pub fn variant_for(variants: &[Type], of: &Type) -> Option<usize> {
    variants.iter().position(|variant| variant.join(of).as_ref() == Some(variant))
}

/// A type of a union, and where its words begin.
pub fn variant(variants: &[Type], number: usize) -> Option<(&Type, usize)> {
    let before: usize = variants.iter().take(number).map(Type::words).sum();
    Some((variants.get(number)?, 1 + before))
}

fn holds_all(variants: &[Type], others: &[Type]) -> bool {
    others.iter().all(|of| variant_for(variants, of).is_some())
}

impl Type {
    /// The types of a union; of another type itself.
    pub fn variants(&self) -> &[Type] {
        match self {
            Type::Union(variants) => variants,
            other => std::slice::from_ref(other),
        }
    }

    /// As [`Type::join`], but where there is no such type a union, here or in what the values are made of; `None` if it
    /// would be too large.
    pub fn either(&self, other: &Type) -> Option<Type> {
        use Type::*;
        if let Some(joined) = self.join(other) {
            return Some(joined);
        }
        if self.parts() + other.parts() > LARGEST_PART {
            return Option::None;
        }
        match (self, other) {
            (Optional(a), Optional(b)) => return Some(a.either(b)?.optional()),
            (Optional(a), b) | (b, Optional(a)) => return Some(a.either(b)?.optional()),
            _ => {}
        }
        if let Some(of) = self.field_by_field(other) {
            return Some(of);
        }
        let mut all = self.variants().to_vec();
        for of in other.variants() {
            let joined = all
                .iter()
                .enumerate()
                .find_map(|(at, variant)| Some((at, variant.join(of).or_else(|| variant.field_by_field(of))?)));
            match joined {
                Some((at, joined)) => all[at] = joined,
                Option::None => all.push(of.clone()),
            }
        }
        let is_one = |of: &Type| !matches!(of, Never | None | Optional(_) | Union(_) | Object(_));
        if all.len() > MOST_VARIANTS || !all.iter().all(is_one) {
            return Option::None;
        }
        if all.len() == 1 {
            return all.pop();
        }
        all.sort_by_cached_key(|of| (of.to_string(), format!("{of:?}")));
        Some(Union(all.into())).filter(|of| of.words() <= WIDEST_UNION)
    }

    /// The type of tuples, rows or objects of one class whose fields may be of either type.
    fn field_by_field(&self, other: &Type) -> Option<Type> {
        use Type::*;
        Some(match (self, other) {
            (Tuple(a), Tuple(b)) if a.len() == b.len() => {
                Tuple(a.iter().zip(b).map(|(a, b)| a.either(b)).collect::<Option<_>>()?)
            }
            (Row(a), Row(b)) if a.len() == b.len() && a.iter().zip(&**b).all(|(a, b)| a.0 == b.0) => {
                let field = |(a, b): (&(String, Type), &(String, Type))| Some((a.0.clone(), a.1.either(&b.1)?));
                Row(a.iter().zip(&**b).map(field).collect::<Option<_>>()?)
            }
            (Record(a), Record(b))
                if (&a.module, &a.name, a.is_tuple) == (&b.module, &b.name, b.is_tuple)
                    && a.fields.len() == b.fields.len() =>
            {
                let field = |(a, b): (&(String, Type), &(String, Type))| Some((a.0.clone(), a.1.either(&b.1)?));
                let fields = a.fields.iter().zip(&b.fields).map(field).collect::<Option<_>>()?;
                Record(Arc::new(RecordType { fields, ..(**a).clone() }))
            }
            _ => return Option::None,
        })
    }
}

impl Constant {
    /// Its type; `None` where elements of a list or set have no type in common, or those of a dict with other keys than
    /// texts.
    pub fn of(&self) -> Option<Type> {
        let all = |items: &[Constant]| items.iter().try_fold(Type::Never, |joined, item| joined.join(&item.of()?));
        Some(match self {
            Constant::None => Type::None,
            Constant::Bool(_) => Type::Bool,
            Constant::Int(_) => Type::Int,
            Constant::Float(_) => Type::Float,
            Constant::Time(time, _) => Type::Time(*time),
            Constant::Str(_) => Type::Str,
            Constant::Bytes(_) => Type::Bytes,
            Constant::Tuple(items) => Type::Tuple(items.iter().map(Constant::of).collect::<Option<_>>()?),
            Constant::List(items) => match all(items) {
                Some(of) => Type::List(Box::new(of)),
                None => Type::Mixed(items.iter().map(Constant::of).collect::<Option<_>>()?),
            },
            Constant::Set(items) => Type::Set(Box::new(all(items)?)),
            Constant::Dict(items) => {
                let join = |(key, value): (Type, Type), item: &(Constant, Constant)| {
                    Some((key.join(&item.0.of()?)?, value.join(&item.1.of()?)?))
                };
                match items.iter().try_fold((Type::Never, Type::Never), join) {
                    Some((key, value)) => Type::Dict(Box::new(key), Box::new(value)),
                    None => Type::Row(items.iter().map(Constant::item).collect::<Option<_>>()?),
                }
            }
            Constant::Member(of, _) => Type::Record(of.clone()),
            Constant::Record { module, name, fields, is_tuple } => {
                let of = |(name, value): &(String, Constant)| Some((name.clone(), value.of()?));
                let fields = fields.iter().map(of).collect::<Option<_>>()?;
                let (module, name, is_tuple) = (module.clone(), name.clone(), *is_tuple);
                Type::Record(Arc::new(RecordType { module, name, fields, is_tuple, members: Vec::new() }))
            }
        })
    }

    /// Key and type of a dict's item, if the key is a text.
    fn item((key, value): &(Constant, Constant)) -> Option<(String, Type)> {
        match key {
            Constant::Str(key) => Some((key.clone(), value.of()?)),
            _ => None,
        }
    }
}

/// As annotations are written.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Never => f.write_str("Never"),
            Type::None => f.write_str("None"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Float => f.write_str("float"),
            Type::Time(time) => write!(f, "{time}"),
            Type::Number => f.write_str("int | float"),
            Type::Str => f.write_str("str"),
            Type::Bytes => f.write_str("bytes"),
            Type::Tuple(fields) if fields.is_empty() => f.write_str("tuple[()]"),
            Type::Tuple(fields) => {
                let fields: Vec<String> = fields.iter().map(Type::to_string).collect();
                write!(f, "tuple[{}]", fields.join(", "))
            }
            Type::Mixed(fields) => {
                let fields: Vec<String> = fields.iter().map(Type::to_string).collect();
                write!(f, "[{}]", fields.join(", "))
            }
            Type::TupleOf(of) => write!(f, "tuple[{of}, ...]"),
            Type::List(of) => write!(f, "list[{of}]"),
            Type::Optional(of) => write!(f, "{of} | None"),
            Type::Union(variants) => {
                let variants: Vec<String> = variants.iter().map(Type::to_string).collect();
                f.write_str(&variants.join(" | "))
            }
            Type::Record(record) => f.write_str(&record.name),
            Type::Dict(key, value) => write!(f, "dict[{key}, {value}]"),
            Type::Row(fields) => {
                f.write_str("{")?;
                for (at, (key, of)) in fields.iter().enumerate() {
                    let before = if at > 0 { ", " } else { "" };
                    write!(f, "{before}'{}': {of}", key.escape_debug())?;
                }
                f.write_str("}")
            }
            Type::Set(of) => write!(f, "set[{of}]"),
            Type::Match(_) => f.write_str("re.Match"),
            Type::Object(class) => f.write_str(class.rsplit('.').next().unwrap_or(class)),
        }
    }
}
