//! What functions in their typed form call: operations on text, lists and numbers that are more than an instruction.
//!
//! Each does exactly what Python's function or method of that name does, or bails. The comment says what it takes and
//! gives; `T`, `K`, `V` are any types, `[T]` is a List or TupleOf, and `T?` an Optional. Operands have these very types:
//! [`crate::infer`] coerces them.

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Primitive {
    // Numbers.
    /// (Float, Float) → Float; bails at a divisor of 0
    FloatMod,
    FloatFloorDiv,
    /// (Float, Float) → Float; bails where Python gives a complex number or raises
    FloatPow,
    /// (Float, Int) → Float
    FloatPowInt,
    /// (Int, Int) → Int; bails at a negative exponent
    IntPow,
    /// (Int, Int, Int) → Int: `pow` with a modulus
    IntPowMod,
    /// (Float) → Int: `round(x)`; half to even; bails at nan, inf and past 64 bits
    RoundFloat,
    /// (Float, Int) → Float: `round(x, digits)`
    RoundFloatDigits,
    /// (Int, Int) → Int
    RoundIntDigits,
    /// (Float) → Int, towards zero; bails at nan, inf and past 64 bits
    FloatToInt,
    /// (Number) → Int, and (Number) → Float: `int()` and `float()`
    NumberToInt,
    NumberToFloat,
    /// (Number, Number) → Number: arithmetic of bools, ints and floats as they come; also FloorDiv, Mod, Pow, Div
    Number(NumberOp),
    /// (Number) → Number
    NumberMinus,
    NumberAbs,
    /// (Number, Number) → Bool: exact, also for an int and a float
    NumberEq,
    NumberLess,
    NumberLessEq,
    /// (Number) → Int: 0 for a bool, 1 for an int, 2 for a float
    NumberTag,
    /// A function of `math` by its name there (`sqrt`), with Float operands; gives a Float, an Int (`floor`, `ceil`,
    /// `trunc`) or a Bool (`isnan`, `isinf`, `isfinite`). `gcd` (Int, Int) → Int, `isqrt` (Int) → Int.
    Math(&'static str),
    /// Dates and times.
    Time(crate::time::TimeOp),
    /// ([Float]) → Float: `sum` from 0 or 0.0, as the running version of Python adds (since 3.12 with compensation)
    SumFloats,
    /// ([Number], Number) → Number: `sum(numbers, start)`; of a start that is no bool
    SumNumbers,

    // Any values.
    /// (T) → Str: `str()` and `repr()` of any type, of which a kernel's value can be a part
    Str,
    Repr,
    /// (T, T) → Bool: `==` of Tuples, Lists, Optionals, Strs and their like, of one type. Not for Records
    Eq,
    /// (T, T) → Int: -1, 0 or 1: the order of Strs, Bytes, Tuples and Lists of one type; bails where Python can't compare
    Compare,

    // Text.
    /// (Str) → Int, in code points
    StrLen,
    /// (Str, Int) → Str; bails out of range
    StrIndex,
    /// (Str, Int?, Int?, Int?) → Str
    StrSlice,
    /// (Str, Str, …) → Str: two or more in a row
    StrConcat,
    /// (Str, Int) → Str
    StrRepeat,
    /// (Str, Str) → Bool: whether the first contains the second
    StrContains,
    /// (Str) → Str. Bail at text that isn't ASCII
    StrLower,
    StrUpper,
    StrTitle,
    StrCapitalize,
    StrSwapCase,
    StrCaseFold,
    /// (Str) → Str: of white space (Unicode's)
    StrStrip,
    StrLStrip,
    StrRStrip,
    /// (Str, Str) → Str: of the characters of the second
    StrStripChars,
    StrLStripChars,
    StrRStripChars,
    /// (Str, Int) → [Str]: at white space; at most so many splits, -1 for all
    StrSplit,
    StrRSplit,
    /// (Str, Str, Int) → [Str]: at a separator; an empty one bails
    StrSplitAt,
    StrRSplitAt,
    /// (Str, Bool) → [Str]: whether to keep the ends
    StrSplitLines,
    /// (Str) → List(Str): the fields of a line of CSV with this delimiter, as `csv.reader` reads it; bails at what goes on in
    /// the next line
    StrCsvFields(char),
    /// (Str) → Tuple(Str × 5): scheme, net location, path, query and fragment of a URL; `urlparse` bails at parameters
    UrlSplit,
    UrlParse,
    /// (Str) → Optional(Str): the host of a net location
    UrlHost,
    /// (Str) → Str: `urllib.parse.unquote`
    UrlUnquote,
    /// (Str, Str) → Tuple(Str, Str, Str)
    StrPartition,
    StrRPartition,
    /// (Str, [Str]) → Str: separator, parts
    StrJoin,
    /// (Str, Str, Str, Int) → Str: old, new, at most so many, -1 for all
    StrReplace,
    /// (Str, Str, Int?, Int?) → Bool: start and end, in code points
    StrStartsWith,
    StrEndsWith,
    /// (Str, Str, Int?, Int?) → Int
    StrFind,
    StrRFind,
    /// As find, but bail where nothing is found
    StrIndexOf,
    StrRIndexOf,
    StrCount,
    /// (Str) → Bool. Bail at text that isn't ASCII, but for `isascii`
    StrIsDigit,
    StrIsAlpha,
    StrIsAlnum,
    StrIsSpace,
    StrIsUpper,
    StrIsLower,
    StrIsTitle,
    StrIsDecimal,
    StrIsNumeric,
    StrIsIdentifier,
    StrIsAscii,
    /// (Str, Int) → Str
    StrZFill,
    /// (Str, Int, Str) → Str: width, fill character (more or less than one bails)
    StrCenter,
    StrLJust,
    StrRJust,
    /// (Str, Str) → Str
    StrRemovePrefix,
    StrRemoveSuffix,
    /// (Str, Int) → Str
    StrExpandTabs,
    /// (Str) → Bytes, as UTF-8
    StrEncode,
    /// (Str) → Bytes; bails at what isn't ASCII
    StrEncodeAscii,
    /// (Int) → Str; bails at surrogates and out of range
    Chr,
    /// (Str) → Int; bails where it isn't one character
    Ord,
    /// (Str) → Int: `int(text)`; bails at what is no int of 64 bits
    StrToInt,
    /// (Str, Int) → Int: `int(text, base)`
    StrToIntBase,
    /// (Str, Int) → Int: `int(text) % modulus`, also of an int of more than 64 bits; bails at a modulus that isn't positive
    StrToIntMod,
    /// (Str) → Float
    StrToFloat,
    /// (Str) → List(Str): its characters
    StrChars,

    // Formats: the value is the operand; specs are those of `format()`.
    /// (Bool, Int, Float, Str) → Str. [`Primitive::Format`] of a spec that Python refuses for the type bails
    Format(String),
    /// (Bool, Int, Float, Str, or any type for `s` and `r`) → Str: one conversion of a `%` format, as it is written:
    /// `%5.2f`, `%s`, `%d`
    Percent(String),
    /// (Bool, Int, Float, Str; Str) → Str: the same, where the spec or conversion is the second operand; bail at what isn't
    /// one
    FormatAs,
    PercentAs,

    // Bytes.
    /// (Bytes) → Int
    BytesLen,
    /// (Bytes, Int) → Int
    BytesIndex,
    /// (Bytes, Int?, Int?, Int?) → Bytes
    BytesSlice,
    /// (Bytes, Bytes) → Bytes
    BytesConcat,
    /// (Bytes, Bytes) → Bool: whether the first contains the second
    BytesContains,
    /// (Bytes) → Str: UTF-8; bails at what isn't
    BytesDecode,
    /// (Bytes) → Str; bails at what isn't ASCII
    BytesDecodeAscii,
    /// (Bytes) → Bytes
    BytesLower,
    BytesUpper,
    BytesStrip,
    /// (Bytes, Int) → List(Bytes)
    BytesSplit,
    /// (Bytes, Bytes, Int) → List(Bytes)
    BytesSplitAt,
    /// (Bytes, Bytes, Bytes, Int) → Bytes
    BytesReplace,
    /// (Bytes, Bytes) → Bool
    BytesStartsWith,
    BytesEndsWith,
    /// (Bytes, Bytes) → Int
    BytesFind,
    /// (Bytes) → Str of lower case hex digits
    BytesHex,
    /// What makes bytes of something else, and what is rarely done with them.
    Bytes(crate::bytes::BytesOp),

    // Lists, and tuples of any length. Appending and loops are statements.
    /// ([T], Int) → T: `[index]`, from the end if it is negative; bails out of range
    ListGet,
    /// ([T]) → Int
    ListLen,
    /// ([T], Int?, Int?, Int?) → [T]
    ListSlice,
    /// ([T], [T]) → [T]
    ListConcat,
    /// ([T], Int) → [T]
    ListRepeat,
    /// ([T], T) → Bool
    ListContains,
    /// ([T], T) → Int: `index`; bails where it isn't there
    ListIndexOf,
    /// ([T], T) → Int
    ListCount,
    /// ([T], [T]) → None: appends all of the second
    ListExtend,
    /// ([T]) → List(T): a copy; also to a TupleOf
    ListCopy,
    /// ([T]) → List(T): in the other order
    ListReversed,
    /// ([T], Bool) → List(T): stable; whether in falling order; bails where Python can't compare, and at NaN
    ListSorted,
    /// ([T], [K], Bool) → List(T): by keys, one for each element
    ListSortedBy,
    /// (Int, Int, Int) → List(Int): a range as a list
    RangeList,
    /// ([T]) → T: the last, which is removed; bails if there is none
    ListPop,
    /// ([T], Int, T) → None: `[index] = value`; bails out of range
    ListSet,
    /// ([T], Int) → None: `del [index]`; bails out of range
    ListDelete,
    /// ([T], Int, T) → None: `insert(index, value)`
    ListInsert,
    /// ([T]) → None: the list itself in the other order
    ListReverse,
    /// ([T]) → None: removes all
    ListClear,

    // Dicts and sets, in order of insertion.
    /// () → Dict(K, V), and () → Set(K)
    DictNew,
    /// (Dict(K, V), K) → V?: None if it isn't there. Not if V is optional: then [`Primitive::DictGet`]
    DictFind,
    /// (Dict(K, V), K) → V; bails if it isn't there
    DictGet,
    /// (Dict(K, V), K, V) → V: or the given one
    DictGetOr,
    /// (Dict(K, V), K, V) → None
    DictSet,
    /// (Dict(K, V), K) → Bool, also for a Set
    DictHas,
    /// (Dict(K, V)) → Int, also for a Set
    DictLen,
    /// (Dict(K, V)) → List(K). Also for a Set, in any order: only where the order can't be seen
    DictKeys,
    /// (Dict(K, V)) → List(V)
    DictValues,
    /// (Dict(K, V)) → List(Tuple(K, V))
    DictItems,
    /// (Set(K), K) → None
    SetAdd,
    /// (Dict(K, V), K) → Bool, also for a Set: removes a key; whether it was there
    DictDelete,

    // Regular expressions: pattern, flags.
    /// (Str) → Match?
    RegexMatch(String, u32),
    RegexSearch(String, u32),
    RegexFullMatch(String, u32),
    /// (Str) → List(Str), or with several groups List(Tuple(Str, …)); bails where a group took no part
    RegexFindAll(String, u32),
    /// (Str) → List(Match)
    RegexFindIter(String, u32),
    /// (Str, Int) → List(Str): at most so many splits, 0 for all; without groups in the pattern
    RegexSplit(String, u32),
    /// (Str, Str, Int) → Str: replacement (a constant one without backslashes or with `\1`, `\g<name>`), text, count
    RegexSub(String, u32),
    /// (Match, Int) → Str?
    MatchGroup,
    /// (Match) → TupleOf(Str): of all groups; bails where one took no part
    MatchGroups,
    /// (Match, Int) → Int: -1 if the group took no part
    MatchStart,
    MatchEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
}

impl Primitive {
    /// True if there are operands for which it bails, apart from texts and lists beyond any reasonable size.
    pub fn may_bail(&self) -> bool {
        use Primitive::*;
        if let Bytes(op) = self {
            return op.may_bail();
        }
        !matches!(
            self,
            NumberToFloat | NumberEq | NumberLess | NumberLessEq | SumFloats
            // Text.
            | StrLen | StrConcat | StrRepeat | StrContains | StrStartsWith | StrEndsWith | StrFind | StrRFind | StrCount
            | StrStrip | StrLStrip | StrRStrip | StrStripChars | StrLStripChars | StrRStripChars | StrSplit | StrRSplit
            | StrSplitLines | StrJoin | StrReplace | StrZFill | StrExpandTabs | StrChars | StrRemovePrefix
            | StrRemoveSuffix | StrIsAscii | StrEncode
            // Bytes.
            | BytesLen | BytesConcat | BytesContains | BytesLower | BytesUpper | BytesStrip | BytesSplit | BytesReplace
            | BytesStartsWith | BytesEndsWith | BytesFind | BytesHex
            // Lists and dicts.
            | ListConcat | ListRepeat | ListExtend | ListInsert | ListReverse | ListClear | ListCopy | ListReversed | ListLen | DictNew | DictLen | DictKeys
            | DictValues | DictItems
        )
    }
}
