//! Exceptions of Python of which machine code knows exactly which class they are of, so that it can go on in the handler
//! that catches them.

use crate::ir::BinaryOp;
use crate::primitive::{NumberOp, Primitive};
use crate::typed::{Expr, Kind};

/// A class of which objects are raised: just that, none derived from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Exception {
    Value,
    Index,
    Key,
    ZeroDivision,
    Attribute,
    UnicodeDecode,
}

/// Builtin classes that take any arguments, each with the one that it is derived from.
const PARENTS: &[(&str, &str)] = &[
    ("Exception", "BaseException"),
    ("ArithmeticError", "Exception"),
    ("FloatingPointError", "ArithmeticError"),
    ("OverflowError", "ArithmeticError"),
    ("ZeroDivisionError", "ArithmeticError"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("BufferError", "Exception"),
    ("EOFError", "Exception"),
    ("LookupError", "Exception"),
    ("IndexError", "LookupError"),
    ("KeyError", "LookupError"),
    ("MemoryError", "Exception"),
    ("NameError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("ReferenceError", "Exception"),
    ("RuntimeError", "Exception"),
    ("NotImplementedError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("TypeError", "Exception"),
    ("ValueError", "Exception"),
    ("UnicodeError", "ValueError"),
];
/// Those that ask for certain arguments, or are of another kind.
const OTHERS: &[(&str, &str)] = &[
    ("UnicodeDecodeError", "UnicodeError"),
    ("UnicodeEncodeError", "UnicodeError"),
    ("UnicodeTranslateError", "UnicodeError"),
    ("OSError", "Exception"),
    ("FileNotFoundError", "OSError"),
    ("PermissionError", "OSError"),
    ("ConnectionError", "OSError"),
    ("TimeoutError", "OSError"),
    ("ImportError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("StopIteration", "Exception"),
    ("StopAsyncIteration", "Exception"),
    ("SyntaxError", "Exception"),
    ("SystemError", "Exception"),
    ("GeneratorExit", "BaseException"),
    ("KeyboardInterrupt", "BaseException"),
    ("SystemExit", "BaseException"),
];

/// A builtin class of exceptions and those that it is derived from, itself first. `None` for other names.
pub fn ancestors(name: &str) -> Option<Vec<&'static str>> {
    let all = || PARENTS.iter().chain(OTHERS);
    // Other names of the same class.
    let name = if name == "IOError" || name == "EnvironmentError" { "OSError" } else { name };
    if name == "BaseException" {
        return Some(vec!["BaseException"]);
    }
    let (mut found, mut parent) = all().find(|(class, _)| *class == name).map(|(class, of)| (vec![*class], *of))?;
    while let Some((class, of)) = all().find(|(class, _)| *class == parent) {
        found.push(class);
        parent = of;
    }
    found.push(parent);
    Some(found)
}

/// True for a builtin class of which an object is made of any arguments, without any effect.
pub fn takes_anything(name: &str) -> bool {
    PARENTS.iter().any(|(class, _)| *class == name) || name == "BaseException"
}

impl Exception {
    pub const ALL: [Exception; 6] = [
        Exception::Value,
        Exception::Index,
        Exception::Key,
        Exception::ZeroDivision,
        Exception::Attribute,
        Exception::UnicodeDecode,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Exception::Value => "ValueError",
            Exception::Index => "IndexError",
            Exception::Key => "KeyError",
            Exception::ZeroDivision => "ZeroDivisionError",
            Exception::Attribute => "AttributeError",
            Exception::UnicodeDecode => "UnicodeDecodeError",
        }
    }
}

impl Primitive {
    /// The class of the exception that Python raises wherever this primitive bails because of one
    /// ([`crate::typed::Why::Raises`]); `None` if that may be one or another, or no exception at all.
    pub fn raises(&self) -> Option<Exception> {
        use Primitive::*;
        Some(match self {
            StrToInt | StrToIntBase | StrToIntMod | StrToFloat | StrIndexOf | StrRIndexOf | StrSplitAt
            | StrRSplitAt | StrPartition | StrRPartition | ListIndexOf => Exception::Value,
            StrIndex | ListGet | BytesIndex | ListPop | ListSet | ListDelete => Exception::Index,
            DictGet => Exception::Key,
            FloatMod | FloatFloorDiv | Number(NumberOp::Div | NumberOp::FloorDiv | NumberOp::Mod) => {
                Exception::ZeroDivision
            }
            BytesDecode => Exception::UnicodeDecode,
            Math("sqrt") => Exception::Value,
            Bytes(op) => return op.raises(),
            _ => return None,
        })
    }

    /// True if such an exception is all that it ever bails because of.
    pub fn only_raises(&self) -> bool {
        use Primitive::*;
        if let Bytes(op) = self {
            return op.only_raises();
        }
        matches!(
            self,
            ListGet
                | BytesIndex
                | ListPop
                | ListSet
                | ListDelete
                | StrIndex
                | StrIndexOf
                | StrRIndexOf
                | FloatMod
                | FloatFloorDiv
                | BytesDecode
        )
    }
}

impl Expr {
    /// The class of the exception that Python raises where this operation, apart from its operands, bails because of one.
    pub fn raises(&self) -> Option<Exception> {
        match &self.kind {
            Kind::Call(primitive, _) => primitive.raises(),
            Kind::Binary(BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod, ..) => Some(Exception::ZeroDivision),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_all_their_ancestors() {
        assert_eq!(ancestors("KeyError").unwrap(), ["KeyError", "LookupError", "Exception", "BaseException"]);
        assert_eq!(ancestors("BaseException").unwrap(), ["BaseException"]);
        assert_eq!(ancestors("IOError").unwrap(), ["OSError", "Exception", "BaseException"]);
        assert!(ancestors("int").is_none());
        assert!(Exception::ALL.iter().all(|of| ancestors(of.name()).is_some()));
    }
}
