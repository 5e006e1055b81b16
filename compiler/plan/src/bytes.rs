//! Operations on bytes that make them of something else, or something else of them.

use crate::exception::Exception;
use crate::types::Type;

/// The comment says what it takes and gives, as at [`crate::primitive::Primitive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BytesOp {
    /// (Int) → Bytes: `bytes(count)`; bails at a negative count
    Zeros,
    /// ([Int]) → Bytes: `bytes(ints)`; bails at what isn't from 0 to 255
    FromInts,
    /// (Str) → Bytes: `bytes.fromhex`; bails at what isn't pairs of digits
    FromHex,
    /// (Bytes) → Int: `int.from_bytes`; bails past 64 bits
    ToInt {
        big: bool,
        signed: bool,
    },
    /// (Int, Int) → Bytes: `number.to_bytes(length)`; bails where it doesn't fit
    OfInt {
        big: bool,
        signed: bool,
    },
    /// (Bytes) → Str: UTF-8, with U+FFFD for what isn't
    DecodeReplace,
    /// (Bytes) → Str: UTF-8, without what isn't
    DecodeIgnore,
    /// (Bytes) → Str
    DecodeLatin,
    /// (Str) → Bytes; bails at characters that it doesn't have
    EncodeLatin,
    /// (Bytes, Int) → Bytes
    Repeat,
    /// (Bytes) → Bytes
    LStrip,
    RStrip,
    /// (Bytes, Bytes) → Bytes: of the bytes of the second
    StripBytes,
    LStripBytes,
    RStripBytes,
    /// (Bytes, Int, Bytes) → Bytes: width, fill (more or less than one bails)
    Center,
    LJust,
    RJust,
    /// (Bytes, Bytes) → Bytes
    RemovePrefix,
    RemoveSuffix,
    /// (Bytes, Bytes) → Int
    Count,
    RFind,
    /// As find, but bail where nothing is found
    Index,
    RIndex,
    /// (Bytes, [Bytes]) → Bytes: separator, parts
    Join,
    /// (Bytes, Bytes) → Tuple(Bytes, Bytes, Bytes)
    Partition,
    RPartition,
    /// (Bytes) → Bool
    IsDigit,
    IsAlpha,
    IsAlnum,
    IsSpace,
}

impl BytesOp {
    /// Whether it takes operands of these types, and gives this one.
    pub fn takes(self, operands: &[&Type], gives: &Type) -> bool {
        use BytesOp::*;
        let listed = |of: &Type, item: Type| match of {
            Type::List(of) | Type::TupleOf(of) => **of == item,
            _ => false,
        };
        match self {
            Zeros => matches!((operands, gives), ([Type::Int], Type::Bytes)),
            FromInts => matches!(operands, [of] if listed(of, Type::Int)) && *gives == Type::Bytes,
            FromHex | EncodeLatin => matches!((operands, gives), ([Type::Str], Type::Bytes)),
            ToInt { .. } => matches!((operands, gives), ([Type::Bytes], Type::Int)),
            OfInt { .. } => matches!((operands, gives), ([Type::Int, Type::Int], Type::Bytes)),
            DecodeReplace | DecodeIgnore | DecodeLatin => matches!((operands, gives), ([Type::Bytes], Type::Str)),
            Repeat => matches!((operands, gives), ([Type::Bytes, Type::Int], Type::Bytes)),
            LStrip | RStrip => matches!((operands, gives), ([Type::Bytes], Type::Bytes)),
            StripBytes | LStripBytes | RStripBytes | RemovePrefix | RemoveSuffix => {
                matches!((operands, gives), ([Type::Bytes, Type::Bytes], Type::Bytes))
            }
            Center | LJust | RJust => {
                matches!((operands, gives), ([Type::Bytes, Type::Int, Type::Bytes], Type::Bytes))
            }
            Count | RFind | Index | RIndex => {
                matches!((operands, gives), ([Type::Bytes, Type::Bytes], Type::Int))
            }
            Join => matches!(operands, [Type::Bytes, parts] if listed(parts, Type::Bytes)) && *gives == Type::Bytes,
            Partition | RPartition => {
                matches!(operands, [Type::Bytes, Type::Bytes]) && *gives == Type::Tuple(vec![Type::Bytes; 3])
            }
            IsDigit | IsAlpha | IsAlnum | IsSpace => matches!((operands, gives), ([Type::Bytes], Type::Bool)),
        }
    }

    /// As [`crate::primitive::Primitive::raises`].
    pub fn raises(self) -> Option<Exception> {
        use BytesOp::*;
        matches!(self, Zeros | FromInts | FromHex | Index | RIndex | Partition | RPartition).then_some(Exception::Value)
    }

    /// As [`crate::primitive::Primitive::only_raises`].
    pub fn only_raises(self) -> bool {
        matches!(self, BytesOp::FromInts | BytesOp::FromHex | BytesOp::Index | BytesOp::RIndex)
    }

    /// As [`crate::primitive::Primitive::may_bail`].
    pub fn may_bail(self) -> bool {
        use BytesOp::*;
        matches!(
            self,
            Zeros
                | FromInts
                | FromHex
                | ToInt { .. }
                | OfInt { .. }
                | EncodeLatin
                | Center
                | LJust
                | RJust
                | Index
                | RIndex
                | Partition
                | RPartition
        )
    }
}
