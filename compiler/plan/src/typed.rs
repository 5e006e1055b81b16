//! Bodies of functions with the types of all values: what [`crate::infer`] makes of the plan's form for given types of
//! arguments, and what kernels are made from.
//!
//! Each local is one or several *slots*, one for each type that it has on its way; where ways join, what has another type
//! is coerced. Calls of the script's own functions are inlined, comprehensions are loops. What can't be done with a value
//! of such types is left out: it is a *bail*, after which CPython does the whole call.

use crate::exception::Exception;
use crate::primitive::Primitive;
use crate::types::{Constant, Type};
use crate::{Reason, Span};

pub type Slot = u32;
/// Of a loop or an inlined call.
pub type Label = u32;

#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    pub slots: Vec<Type>,
    /// Where the arguments are when it begins.
    pub parameters: Vec<Slot>,
    /// Where the result is at the end (also of type None); what falls off the end has set it.
    pub result: Slot,
    pub code: Vec<Stmt>,
    /// Type of what it collects; `Never` if it collects nothing.
    pub collects: Type,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Stmt {
    /// Begins a statement of the script: bails behind it are told with its place.
    At(Span),
    /// The value has the slot's type.
    Assign(Slot, Expr),
    /// The condition is a Bool.
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    /// For ever, until something leaves it.
    Loop(Label, Vec<Stmt>),
    For(Box<For>),
    /// Goes to the end of the loop or block of that label.
    Leave(Label),
    /// Goes to the next round of the loop of that label.
    Continue(Label),
    /// Runs once; [`Stmt::Leave`] ends it early.
    Block(Label, Vec<Stmt>),
    Evaluate(Expr),
    /// The slot holds a list; the value has its element's type.
    Append(Slot, Expr),
    /// The value has the type that the function collects.
    Collect(Expr),
    /// An attribute of a source.
    SetAttribute(u32, Expr),
    /// Leaves this call to CPython.
    Bail(Why),
    /// Leaves this call to CPython, as what it does here can't be compiled.
    Left(Reason),
    /// An operation in these statements at which Python raises an object of one of these classes goes to the end of the
    /// label's block, as [`Stmt::Leave`] does.
    Try(Vec<(Exception, Label)>, Vec<Stmt>),
}

/// A loop over something of which each element goes to a slot.
#[derive(Clone, Debug, PartialEq)]
pub struct For {
    pub label: Label,
    pub over: Iterable,
    pub item: Slot,
    pub body: Vec<Stmt>,
    /// Runs when the iterable is through, not when something leaves the loop.
    pub orelse: Vec<Stmt>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Iterable {
    /// Start, stop, step: Ints. A step of 0 bails.
    Range(Box<[Expr; 3]>),
    /// A List or TupleOf. It may grow meanwhile, as in Python.
    List(Expr),
    /// Characters of a Str, each a Str.
    Chars(Expr),
    /// Of a Bytes, each an Int.
    Bytes(Expr),
    /// Gives Tuple(Int, element).
    Enumerate(Box<Iterable>, Expr),
    /// Gives a Tuple of the elements; ends with the first that ends.
    Zip(Vec<Iterable>),
    /// A List or TupleOf, backwards.
    Reversed(Expr),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub of: Type,
    pub kind: Kind,
}

/// Operands are evaluated in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Constant(Constant),
    Slot(Slot),
    /// An attribute of a source that changes.
    Attribute(u32),
    /// Makes a Tuple, Record or Row of its fields.
    Fields(Vec<Expr>),
    /// Makes a List or TupleOf; the elements have its element type.
    Elements(Vec<Expr>),
    /// One field of a Tuple, Record or Row.
    Field(Box<Expr>, u32),
    /// To a type that has all values of the operand's: to an Optional, a Number, a list of known elements, a TupleOf, or a
    /// Tuple or Record whose fields are such; from a named tuple to the Tuple that it is, from
    /// a member of an Enum to its number; and from Bool to Int and from Int or Bool to Float where Python's arithmetic
    /// does so (an Int that no Float is exactly is rounded as Python's `float()` rounds it).
    Coerce(Box<Expr>),
    /// Out of an Optional; bails at None. Also out of a Number or a Union, of which it is known which it is: bails at
    /// another one.
    Unwrap(Box<Expr>),
    /// The number of the type that a value of a Union has, as an Int.
    Variant(Box<Expr>),
    /// True if an Optional is None.
    IsNone(Box<Expr>),
    /// Arithmetic. Operands are both Int, or both Float, or both Number; for the bit operations also both Bool, with a Bool
    /// as result. Int / Int is a Float, Int ** Int an Int (a negative exponent bails).
    Binary(crate::ir::BinaryOp, Box<Expr>, Box<Expr>),
    /// Of Int, Float or Number; `Not` of a Bool; `Invert` of Int.
    Unary(crate::ir::UnaryOp, Box<Expr>),
    /// `Eq` to `Ge`. Operands: Int with Int, Float with Float, Int with Float either way (exact), Number with Number, Bool
    /// with Bool, Str with Str, Bytes with Bytes. All else is a primitive. Gives Bool.
    Compare(crate::ir::CompareOp, Box<Expr>, Box<Expr>),
    /// Python's truth of a value, as a Bool.
    Truth(Box<Expr>),
    /// Condition (Bool), and two values of one type, of which one is evaluated.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// Runs statements, then gives a value.
    Block(Vec<Stmt>, Box<Expr>),
    /// abs of Int, Float; min and max as comparisons are made of `If`.
    Abs(Box<Expr>),
    Call(Primitive, Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// CPython would raise, or it does something that has another type of result.
    Raises,
    /// An int of more than 64 bits.
    Overflow,
    /// Text in which a character that isn't ASCII matters.
    NotAscii,
    /// A value of another type than expected: None where a value was needed, a local that isn't set.
    OtherType,
    /// Something that isn't done natively for these values.
    Unusual,
}

impl Why {
    pub const ALL: [Why; 5] = [Why::Raises, Why::Overflow, Why::NotAscii, Why::OtherType, Why::Unusual];

    /// Its number in machine code, from 1.
    pub fn code(self) -> u32 {
        self as u32 + 1
    }

    pub fn from_code(code: u32) -> Option<Why> {
        Why::ALL.get(code.checked_sub(1)? as usize).copied()
    }

    /// For people.
    pub fn text(self) -> &'static str {
        match self {
            Why::Raises => "an exception",
            Why::Overflow => "an int of more than 64 bits",
            Why::NotAscii => "text that isn't ASCII",
            Why::OtherType => "a value of another type",
            Why::Unusual => "a rare case that CPython does",
        }
    }
}

impl Iterable {
    /// Visits the expressions that it is made from.
    pub fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Iterable::Range(bounds) => bounds.iter().for_each(visit),
            Iterable::List(of) | Iterable::Chars(of) | Iterable::Bytes(of) | Iterable::Reversed(of) => visit(of),
            Iterable::Enumerate(inner, start) => {
                inner.expressions(visit);
                visit(start);
            }
            Iterable::Zip(inner) => inner.iter().for_each(|inner| inner.expressions(visit)),
        }
    }
}

impl Expr {
    /// Visits its operands.
    pub fn operands<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match &self.kind {
            Kind::Constant(_) | Kind::Slot(_) | Kind::Attribute(_) => {}
            Kind::Fields(items) | Kind::Elements(items) | Kind::Call(_, items) => items.iter().for_each(visit),
            Kind::Field(of, _)
            | Kind::Coerce(of)
            | Kind::Unwrap(of)
            | Kind::IsNone(of)
            | Kind::Variant(of)
            | Kind::Unary(_, of)
            | Kind::Truth(of)
            | Kind::Abs(of)
            | Kind::Block(_, of) => visit(of),
            Kind::Binary(_, left, right) | Kind::Compare(_, left, right) => {
                visit(left);
                visit(right);
            }
            Kind::If(test, yes, no) => {
                visit(test);
                visit(yes);
                visit(no);
            }
        }
    }

    /// Visits the blocks of statements in it.
    pub fn blocks<'a>(&'a self, visit: &mut dyn FnMut(&'a [Stmt])) {
        if let Kind::Block(code, _) = &self.kind {
            visit(code);
        }
        self.operands(&mut |operand| operand.blocks(visit));
    }
}

impl Function {
    /// True if there may be a call that it leaves to CPython: some operation in it bails for some operands. What is known
    /// of the values when it is compiled can show that it never happens.
    pub fn is_guarded(&self) -> bool {
        self.code.iter().any(|statement| statement.may_bail(&[]))
    }
}

/// Exceptions that are caught, and where.
type Caught<'a> = &'a [(Exception, Label)];

fn is_caught(exception: Option<Exception>, caught: Caught<'_>) -> bool {
    exception.is_some_and(|exception| caught.iter().any(|(of, _)| *of == exception))
}

impl Stmt {
    fn may_bail(&self, caught: Caught<'_>) -> bool {
        let any = |code: &[Stmt]| code.iter().any(|statement| statement.may_bail(caught));
        match self {
            Stmt::Bail(_) | Stmt::Left(_) => true,
            Stmt::At(_) | Stmt::Leave(_) | Stmt::Continue(_) => false,
            Stmt::Assign(_, value)
            | Stmt::Evaluate(value)
            | Stmt::Append(_, value)
            | Stmt::Collect(value)
            | Stmt::SetAttribute(_, value) => value.may_bail(caught),
            Stmt::If(test, yes, no) => test.may_bail(caught) || any(yes) || any(no),
            Stmt::Loop(_, body) | Stmt::Block(_, body) => any(body),
            Stmt::For(of) => of.over.may_bail(caught) || any(&of.body) || any(&of.orelse),
            Stmt::Try(caught, body) => body.iter().any(|statement| statement.may_bail(caught)),
        }
    }
}

impl Iterable {
    fn may_bail(&self, caught: Caught<'_>) -> bool {
        let mut found = match self {
            Iterable::Range(bounds) => !bounds[2].is_nonzero(),
            Iterable::Enumerate(inner, start) => {
                inner.may_bail(caught) || !matches!(start.kind, Kind::Constant(Constant::Int(0)))
            }
            Iterable::Zip(inner) => inner.iter().any(|inner| inner.may_bail(caught)),
            Iterable::List(_) | Iterable::Chars(_) | Iterable::Bytes(_) | Iterable::Reversed(_) => false,
        };
        self.expressions(&mut |operand| found |= operand.may_bail(caught));
        found
    }
}

impl Expr {
    /// True if evaluating it may bail, if these exceptions are caught.
    pub fn may_bail(&self, caught: Caught<'_>) -> bool {
        use crate::ir::BinaryOp::*;
        use crate::ir::UnaryOp;
        let mut found = match &self.kind {
            // Of which type a value of several is, is known where it is taken out.
            Kind::Unwrap(of) => !matches!(of.of, Type::Union(_)),
            Kind::Call(primitive, operands) => {
                call_may_bail(primitive, operands) && !(primitive.only_raises() && is_caught(self.raises(), caught))
            }
            Kind::Binary(FloorDiv | Mod | Div, left, _)
                if left.of == Type::Float && is_caught(self.raises(), caught) =>
            {
                false
            }
            Kind::Binary(BitAnd | BitOr | BitXor, ..) => false,
            Kind::Binary(Add | Sub | Mul, ..) => self.of != Type::Float,
            // By a constant, a quotient is exact but for that of the least int by -1.
            Kind::Binary(FloorDiv | Mod, _, by) => {
                self.of != Type::Float && !matches!(by.kind, Kind::Constant(Constant::Int(1..))) || !by.is_nonzero()
            }
            Kind::Binary(Div, left, by) if left.of == Type::Float => !by.is_nonzero(),
            Kind::Binary(..) => true,
            Kind::Unary(UnaryOp::Minus, _) | Kind::Abs(_) => self.of != Type::Float,
            // An int that no float holds exactly is rounded, or not: both without a bail.
            _ => false,
        };
        self.operands(&mut |operand| found |= operand.may_bail(caught));
        if let Kind::Block(code, _) = &self.kind {
            found |= code.iter().any(|statement| statement.may_bail(caught));
        }
        found
    }

    fn is_nonzero(&self) -> bool {
        match &self.kind {
            Kind::Constant(Constant::Int(value)) => *value != 0,
            Kind::Constant(Constant::Float(value)) => *value != 0.0,
            _ => false,
        }
    }
}

/// True if a primitive may bail for operands like these.
pub fn call_may_bail(primitive: &Primitive, operands: &[Expr]) -> bool {
    use Primitive::*;
    let given = |at: usize| match operands.get(at).map(|operand| &operand.kind) {
        Some(Kind::Constant(Constant::Str(text))) => !text.is_empty(),
        Some(Kind::Constant(Constant::Bytes(bytes))) => !bytes.is_empty(),
        _ => false,
    };
    match primitive {
        StrSplitAt | StrRSplitAt | StrPartition | StrRPartition | BytesSplitAt => !given(1),
        // Only a step of 0 raises.
        StrSlice | BytesSlice | ListSlice => {
            let is_plain = |operand: &Expr| match &operand.kind {
                Kind::Constant(Constant::None) => true,
                Kind::Constant(Constant::Int(step)) => *step != 0,
                Kind::Coerce(of) => matches!(of.kind, Kind::Constant(Constant::None)) || of.is_nonzero(),
                _ => false,
            };
            !operands.get(3).is_some_and(is_plain)
        }
        Str => operands.first().is_none_or(|operand| operand.of != Type::Str && !is_simple(&operand.of)),
        Repr => operands.first().is_none_or(|operand| !is_simple(&operand.of)),
        Eq => operands
            .first()
            .is_none_or(|operand| !matches!(operand.of, Type::Str | Type::Bytes | Type::Int | Type::Bool)),
        _ => primitive.may_bail(),
    }
}

/// Types of which each value has a text that needs no Unicode database.
fn is_simple(of: &Type) -> bool {
    match of {
        Type::None | Type::Bool | Type::Int | Type::Float | Type::Number => true,
        Type::Optional(of) => is_simple(of),
        Type::Tuple(fields) | Type::Mixed(fields) => fields.iter().all(is_simple),
        Type::Union(variants) => variants.iter().all(is_simple),
        Type::Row(fields) => fields.iter().all(|(key, of)| key.is_ascii() && is_simple(of)),
        _ => false,
    }
}
