//! Abstract values: what the evaluator knows of a Python value.
//!
//! A value is *known* or *opaque*. Whatever can change lies in the [`Heap`](super::heap::Heap) and is named by an
//! [`ObjectId`], so that a branch can be undone, compared and joined.

use crate::api::classes::ApiClass;
use crate::api::methods::{Method, StreamType};
use crate::graph::Node;
use num_bigint::BigInt;
use pyflink_plan::{Parallelism, Span};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::table::Table;

pub type Name = Rc<str>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u32);

/// A function or lambda of the source; index into the evaluator's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodeId(pub u32);

#[derive(Clone, Debug)]
pub enum Value {
    None,
    NotImplemented,
    Bool(bool),
    Int(BigInt),
    Float(f64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Tuple(Rc<[Value]>),
    Range(Rc<Range>),
    Slice(Rc<[Value; 3]>),
    /// List, dict, set, function, class, instance, module, …
    Object(ObjectId),
    /// A builtin function or type: `len`, `str`.
    Builtin(&'static str),
    /// A function or class of a module of the standard library that the evaluator knows: `functools.reduce`.
    Library(&'static str),
    /// A method of a builtin type, with its receiver.
    BuiltinMethod(Rc<(Value, &'static str)>),
    /// A function of the source, with what it is called on.
    Method(Rc<BoundMethod>),
    Super(Rc<SuperValue>),
    ApiClass(&'static ApiClass),
    EnumConstant(&'static ApiClass, &'static str),
    /// `Time.milliseconds` and its like.
    TimeUnit(&'static str),
    /// A `Time`, in milliseconds.
    Time(BigInt),
    Factory,
    /// An object of the kind [`Object::Environment`].
    Environment(ObjectId),
    Stream(Stream),
    /// A call of the API that only lacks its arguments.
    ApiMethod(Rc<ApiMethod>),
    Opaque(Opaque),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    pub start: BigInt,
    pub stop: BigInt,
    pub step: BigInt,
}

#[derive(Clone, Debug)]
pub struct BoundMethod {
    pub receiver: Value,
    pub function: ObjectId,
}

#[derive(Clone, Debug)]
pub struct SuperValue {
    /// The class after which the search begins.
    pub class: ObjectId,
    pub receiver: Value,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stream {
    pub environment: ObjectId,
    pub node: usize,
    pub of: StreamType,
}

#[derive(Clone, Debug)]
pub struct ApiMethod {
    pub receiver: Value,
    pub method: &'static Method,
}

/// Something that only a run can tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Opaque {
    /// Where it came from.
    pub span: Span,
    /// Equal for values that are surely the same: the same attribute of the same value, read twice.
    pub identity: u64,
    /// It stands for what would have been there but for a mistake that is already reported.
    pub poison: bool,
    /// A stream went into it, so it may be one.
    pub stream: bool,
}

/// What lies in the heap.
#[derive(Clone, Debug)]
pub enum Object {
    /// Names of a module, a class body or a call.
    Scope(BTreeMap<Name, Value>),
    List(Vec<Value>),
    Dict(Table),
    Set(Table),
    /// A container whose content depends on something opaque; the type's name.
    Unknown(&'static str, Opaque),
    Function(Function),
    Class(Class),
    Instance(Instance),
    Module(Module),
    /// A generator that nobody has asked for values yet.
    Generator(Generator),
    /// What a generator expression or an iterator function gives, and how far it is read.
    Iterator(Vec<Value>, usize),
    Property(Property),
    StaticMethod(Value),
    ClassMethod(Value),
    /// `functools.partial`.
    Partial {
        function: Value,
        positional: Vec<Value>,
        named: Vec<(Name, Value)>,
    },
    ArgumentParser(Parser),
    Environment(EnvironmentState),
    /// The one object that lists environments and executions.
    World(World),
    /// Stands for an object of the side of a branch that was not taken.
    Missing,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    pub code: CodeId,
    /// Scopes of the enclosing functions, innermost last.
    pub closure: Vec<ObjectId>,
    pub globals: ObjectId,
    /// Values of the parameters with defaults, by name.
    pub defaults: Vec<(Name, Value)>,
    /// The class in whose body it stands.
    pub class: Option<ObjectId>,
    pub attributes: BTreeMap<Name, Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    pub name: Name,
    pub span: Span,
    pub bases: Vec<Value>,
    /// Classes of the source in method resolution order, itself first.
    pub mro: Vec<Value>,
    /// Set if a base, a metaclass or a decorator is opaque: it may have any attribute.
    pub opaque: Option<Opaque>,
    pub scope: ObjectId,
    /// Set for classes that `namedtuple` or `NamedTuple` makes, and for those that derive from one.
    pub named: Option<Rc<NamedTuple>>,
    /// Set for classes that derive from `Enum` alone and say plainly what their members are.
    pub members: Option<Rc<[Member]>>,
}

/// A member of an Enum; of several names with one value it is the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub name: Name,
    pub value: Value,
    pub object: ObjectId,
}

/// Fields of a named tuple, and values of those that may be left out.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTuple {
    pub fields: Vec<Name>,
    pub defaults: Vec<(Name, Value)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    pub class: Value,
    pub attributes: BTreeMap<Name, Value>,
    /// It may have further attributes, set where the compiler doesn't see it.
    pub open: Option<Opaque>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    pub name: Name,
    pub scope: ObjectId,
    /// True for packages on the way to modules, and for modules of the API.
    pub api: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    pub function: ObjectId,
    pub scope: ObjectId,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    pub getter: Value,
    pub setter: Option<Value>,
}

/// `argparse.ArgumentParser` with the arguments it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Parser {
    pub arguments: Vec<super::library::argparse::Argument>,
    /// Something was done with it that isn't modelled.
    pub opaque: Option<Opaque>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct EnvironmentState {
    pub span: Span,
    pub nodes: Vec<Node>,
    pub parallelism: Parallelism,
    pub characteristic: &'static str,
    pub incomplete: bool,
    /// Nodes at the last `execute()`.
    pub since: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    pub environments: Vec<ObjectId>,
    pub executions: Vec<ExecutionState>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ExecutionState {
    pub environment: ObjectId,
    pub since: usize,
    pub until: usize,
    pub name: Option<String>,
    pub span: Span,
}

impl Value {
    pub fn str(text: impl AsRef<str>) -> Value {
        Value::Str(Rc::from(text.as_ref()))
    }

    pub fn int(value: impl Into<BigInt>) -> Value {
        Value::Int(value.into())
    }

    pub fn tuple(items: Vec<Value>) -> Value {
        Value::Tuple(Rc::from(items))
    }

    pub fn is_opaque(&self) -> bool {
        matches!(self, Value::Opaque(_))
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    pub fn object(&self) -> Option<ObjectId> {
        match self {
            Value::Object(id) => Some(*id),
            _ => None,
        }
    }
}

/// Identity where Python has it, equality for constants; what a join may keep.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        use Value::*;
        match (self, other) {
            (None, None) | (NotImplemented, NotImplemented) | (Factory, Factory) => true,
            (Bool(a), Bool(b)) => a == b,
            (Int(a), Int(b)) | (Time(a), Time(b)) => a == b,
            (Float(a), Float(b)) => a.to_bits() == b.to_bits(),
            (Str(a), Str(b)) => a == b,
            (Bytes(a), Bytes(b)) => a == b,
            (Tuple(a), Tuple(b)) => a == b,
            (Range(a), Range(b)) => a == b,
            (Slice(a), Slice(b)) => a == b,
            (Object(a), Object(b)) | (Environment(a), Environment(b)) => a == b,
            (Builtin(a), Builtin(b)) | (Library(a), Library(b)) | (TimeUnit(a), TimeUnit(b)) => a == b,
            (BuiltinMethod(a), BuiltinMethod(b)) => a == b,
            (Method(a), Method(b)) => a.function == b.function && a.receiver == b.receiver,
            (Super(a), Super(b)) => a.class == b.class && a.receiver == b.receiver,
            (ApiClass(a), ApiClass(b)) => std::ptr::eq(*a, *b),
            (EnumConstant(a, x), EnumConstant(b, y)) => std::ptr::eq(*a, *b) && x == y,
            (Stream(a), Stream(b)) => a == b,
            (ApiMethod(a), ApiMethod(b)) => std::ptr::eq(a.method, b.method) && a.receiver == b.receiver,
            (Opaque(a), Opaque(b)) => a.identity == b.identity,
            _ => false,
        }
    }
}
