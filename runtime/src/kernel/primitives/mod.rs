//! What kernels call: the primitives of the plan's typed form, each as CPython does it.

mod abi;
mod bytes;
mod bytes_of;
mod case;
mod code_points;
mod constants;
mod csv;
mod float_text;
mod format;
mod lists;
mod math;
mod number;
mod numbers;
mod parse;
mod percent;
mod regex;
mod split;
pub mod table;
#[cfg(test)]
mod tests;
mod text;
mod text_search;
pub mod time;
mod urls;
mod values;
pub mod views;

pub use constants::constant;
pub use values::write_str;

use super::memory::Memory;
use abi::{Entry, entry};
use pyflink_plan::primitive::{NumberOp, Primitive};
use pyflink_plan::regex::HIDDEN;
use pyflink_plan::types::Type;

/// `(memory, site, operands' words, result's words) -> 0, or what [`super::frame::told`] gives`.
///
/// The operands are values of the site's types, one after the other, and there is room for the words of the result, which
/// are written if it gives 0.
pub type Call = unsafe extern "C" fn(*mut Memory, *const Site, *const u64, *mut u64) -> u64;

/// One place in a kernel that calls a primitive, and what is prepared for it.
pub struct Site {
    pub call: Call,
    pub operands: Vec<Type>,
    /// Minor and patch version of Python 3.
    python: (u8, u8),
    prepared: Prepared,
    /// The statement that it belongs to, see [`super::frame::Frame::place`].
    pub place: u32,
}

/// What is made of constant operands ahead of all calls.
enum Prepared {
    Nothing,
    Format(format::Spec),
    /// The spec for a bool or int, and the one for a float, where Python takes it.
    FormatNumber(Box<[Option<format::Spec>; 2]>),
    Percent(percent::Conversion),
    Regex(regex::Pattern),
    Delimiter(char),
    /// Microseconds.
    Unit(i64),
    Time(Box<[pyflink_plan::time::Item]>),
}

/// Prepares a call; `None` if the primitive can't be done for these types. `python` is the version of the interpreter
/// that is to agree (minor, patch of 3).
pub fn site(primitive: &Primitive, operands: &[Type], result: &Type, python: (u8, u8)) -> Option<Site> {
    let prepared = prepare(primitive, operands, python)?;
    let entry = entry_of(primitive, operands, python)?;
    if !(entry.fits)(operands, result) || !related(primitive, operands, result, &prepared) {
        return None;
    }
    Some(Site { call: entry.call, operands: operands.to_vec(), python, prepared, place: 0 })
}

fn prepare(primitive: &Primitive, operands: &[Type], python: (u8, u8)) -> Option<Prepared> {
    use regex::{Pattern, Place};
    let pattern = |text: &str, flags: u32, place: Place| Pattern::new(text, flags, place).map(Prepared::Regex);
    match primitive {
        Primitive::Format(spec) if spec.is_empty() => Some(Prepared::Nothing),
        Primitive::Format(spec) if operands.first() == Some(&Type::Number) => {
            let specs = [Type::Int, Type::Float].map(|of| format::parse(spec, &of, python));
            specs.iter().any(Option::is_some).then(|| Prepared::FormatNumber(Box::new(specs)))
        }
        Primitive::Format(spec) => format::parse(spec, operands.first()?, python).map(Prepared::Format),
        Primitive::Percent(text) => percent::parse(text, operands.first()?).map(Prepared::Percent),
        Primitive::Time(op) => time::prepare(op),
        Primitive::StrCsvFields(delimiter) => csv::has_usual_limit().then_some(Prepared::Delimiter(*delimiter)),
        Primitive::RegexMatch(text, flags) => pattern(text, *flags, Place::Start),
        Primitive::RegexFullMatch(text, flags) => pattern(text, *flags, Place::Whole),
        Primitive::RegexSearch(text, flags)
        | Primitive::RegexFindAll(text, flags)
        | Primitive::RegexFindIter(text, flags)
        | Primitive::RegexSplit(text, flags)
        | Primitive::RegexSub(text, flags) => pattern(text, *flags, Place::Anywhere),
        _ => Some(Prepared::Nothing),
    }
}

/// Whether types that a function takes of any kind belong together.
fn related(primitive: &Primitive, operands: &[Type], result: &Type, prepared: &Prepared) -> bool {
    let element = |of: &Type| match of {
        Type::List(of) | Type::TupleOf(of) => Some((**of).clone()),
        _ => None,
    };
    let list = |place: usize| operands.get(place).and_then(element);
    let same_list = || list(0).is_some() && list(0) == element(result);
    let plain = || operands.iter().all(values::plain);
    match primitive {
        Primitive::Str | Primitive::Repr | Primitive::Percent(_) | Primitive::FormatAs | Primitive::PercentAs => {
            plain()
        }
        Primitive::Format(spec) => plain() && (!spec.is_empty() || operands.len() == 1),
        Primitive::Eq => operands[0] == operands[1] && values::equates(&operands[0]),
        Primitive::Compare => operands[0] == operands[1] && values::ordered(&operands[0]),
        Primitive::ListSlice | Primitive::ListRepeat | Primitive::ListCopy | Primitive::ListReversed => same_list(),
        Primitive::ListConcat => same_list() && list(0) == list(1),
        Primitive::ListContains | Primitive::ListIndexOf | Primitive::ListCount => {
            list(0).as_ref() == operands.get(1) && operands.get(1).is_some_and(values::equates)
        }
        Primitive::ListExtend => list(0) == list(1),
        Primitive::ListSorted => same_list() && list(0).is_some_and(|of| values::ordered(&of)),
        Primitive::ListSortedBy => same_list() && list(1).is_some_and(|of| values::ordered(&of)),
        Primitive::RangeList => element(result) == Some(Type::Int),
        Primitive::ListPop => list(0).as_ref() == Some(result),
        Primitive::ListSet | Primitive::ListInsert => list(0).as_ref() == operands.get(2),
        Primitive::DictNew => match result {
            Type::Dict(key, _) | Type::Set(key) => table::hashable(key),
            _ => false,
        },
        Primitive::DictFind
        | Primitive::DictGet
        | Primitive::DictGetOr
        | Primitive::DictSet
        | Primitive::DictHas
        | Primitive::DictLen
        | Primitive::DictKeys
        | Primitive::DictValues
        | Primitive::DictItems
        | Primitive::SetAdd
        | Primitive::DictDelete => related_table(primitive, operands, result),
        Primitive::StrChars
        | Primitive::StrSplit
        | Primitive::StrRSplit
        | Primitive::StrSplitAt
        | Primitive::StrRSplitAt
        | Primitive::StrCsvFields(_)
        | Primitive::StrSplitLines => element(result) == Some(Type::Str),
        Primitive::BytesSplit | Primitive::BytesSplitAt => element(result) == Some(Type::Bytes),
        Primitive::SumNumbers => list(0) == Some(Type::Number),
        Primitive::SumFloats | Primitive::Math("fsum") => list(0) == Some(Type::Float),
        Primitive::RegexMatch(..) | Primitive::RegexSearch(..) | Primitive::RegexFullMatch(..) => {
            matches!((prepared, result), (Prepared::Regex(pattern), Type::Optional(of))
                if **of == Type::Match(pattern.groups()))
        }
        Primitive::RegexFindAll(..) => match prepared {
            Prepared::Regex(pattern) if pattern.consumes() && pattern.groups() != HIDDEN => {
                let of = match pattern.groups() {
                    0 | 1 => Type::Str,
                    groups => Type::Tuple(vec![Type::Str; groups as usize]),
                };
                element(result) == Some(of)
            }
            _ => false,
        },
        Primitive::RegexFindIter(..) => match prepared {
            Prepared::Regex(pattern) if pattern.consumes() => element(result) == Some(Type::Match(pattern.groups())),
            _ => false,
        },
        Primitive::RegexSplit(..) => {
            matches!(prepared, Prepared::Regex(pattern) if pattern.consumes() && pattern.groups() == 0)
                && element(result) == Some(Type::Str)
        }
        Primitive::RegexSub(..) => matches!(prepared, Prepared::Regex(pattern) if pattern.consumes()),
        Primitive::MatchGroups => element(result) == Some(Type::Str),
        Primitive::Time(op) => op.takes(&operands.iter().collect::<Vec<_>>(), result),
        Primitive::Bytes(op) => op.takes(&operands.iter().collect::<Vec<_>>(), result),
        _ => true,
    }
}

fn related_table(primitive: &Primitive, operands: &[Type], result: &Type) -> bool {
    let (key, value) = match operands.first() {
        Some(Type::Dict(key, value)) => (&**key, Some(&**value)),
        Some(Type::Set(key)) => (&**key, None),
        _ => return false,
    };
    let listed = |of: Type| *result == Type::List(Box::new(of));
    let of_key = || table::hashable(key) && operands.get(1) == Some(key);
    match (primitive, value) {
        (Primitive::DictLen, _) => true,
        (Primitive::DictHas | Primitive::DictDelete, _) | (Primitive::SetAdd, None) => of_key(),
        (Primitive::DictGet, Some(value)) => of_key() && result == value,
        (Primitive::DictFind, Some(value)) => of_key() && matches!(result, Type::Optional(of) if **of == *value),
        (Primitive::DictGetOr, Some(value)) => of_key() && result == value && operands.get(2) == Some(value),
        (Primitive::DictSet, Some(value)) => of_key() && operands.get(2) == Some(value),
        (Primitive::DictKeys, _) => listed(key.clone()),
        (Primitive::DictValues, Some(value)) => listed(value.clone()),
        (Primitive::DictItems, Some(value)) => listed(Type::Tuple(vec![key.clone(), value.clone()])),
        _ => false,
    }
}

fn entry_of(primitive: &Primitive, operands: &[Type], python: (u8, u8)) -> Option<Entry> {
    Some(match primitive {
        // In machine code.
        Primitive::ListGet | Primitive::ListLen | Primitive::NumberTag => return None,
        Primitive::FloatMod => entry!(numbers::float_mod),
        Primitive::FloatFloorDiv => entry!(numbers::float_floor_div),
        Primitive::FloatPow => entry!(numbers::float_pow),
        Primitive::FloatPowInt => entry!(numbers::float_pow_int),
        Primitive::IntPow => entry!(numbers::int_pow),
        Primitive::IntPowMod => entry!(numbers::int_pow_mod),
        Primitive::RoundFloat => entry!(numbers::round_float),
        Primitive::RoundFloatDigits => entry!(numbers::round_float_digits),
        Primitive::RoundIntDigits => entry!(numbers::round_int_digits),
        Primitive::FloatToInt => entry!(numbers::float_to_int),
        Primitive::SumFloats => entry!(numbers::sum_floats),
        Primitive::SumNumbers => entry!(numbers::sum_numbers),
        Primitive::NumberToInt => entry!(number::number_to_int),
        Primitive::NumberToFloat => entry!(number::number_to_float),
        Primitive::Number(NumberOp::Add) => entry!(number::add),
        Primitive::Number(NumberOp::Sub) => entry!(number::sub),
        Primitive::Number(NumberOp::Mul) => entry!(number::mul),
        Primitive::Number(NumberOp::Div) => entry!(number::div),
        Primitive::Number(NumberOp::FloorDiv) => entry!(number::floor_divide),
        Primitive::Number(NumberOp::Mod) => entry!(number::modulo),
        Primitive::Number(NumberOp::Pow) => entry!(number::power),
        Primitive::NumberMinus => entry!(number::minus),
        Primitive::NumberAbs => entry!(number::abs),
        Primitive::NumberEq => entry!(number::eq),
        Primitive::NumberLess => entry!(number::less),
        Primitive::NumberLessEq => entry!(number::less_eq),
        Primitive::Repr => entry!(values::repr),
        Primitive::Eq => entry!(values::eq),
        Primitive::Compare => entry!(values::compare),
        Primitive::StrLen => entry!(text::len),
        Primitive::StrIndex => entry!(text::index),
        Primitive::StrSlice => entry!(text::slice),
        Primitive::StrConcat => entry!(text::concat),
        Primitive::StrRepeat => entry!(text::repeat),
        Primitive::StrStrip => entry!(text::strip),
        Primitive::StrLStrip => entry!(text::lstrip),
        Primitive::StrRStrip => entry!(text::rstrip),
        Primitive::StrStripChars => entry!(text::strip_chars),
        Primitive::StrLStripChars => entry!(text::lstrip_chars),
        Primitive::StrRStripChars => entry!(text::rstrip_chars),
        Primitive::StrJoin => entry!(text::join),
        Primitive::StrZFill => entry!(text::zfill),
        Primitive::StrCenter => entry!(text::center),
        Primitive::StrLJust => entry!(text::ljust),
        Primitive::StrRJust => entry!(text::rjust),
        Primitive::StrRemovePrefix => entry!(text::remove_prefix),
        Primitive::StrRemoveSuffix => entry!(text::remove_suffix),
        Primitive::StrExpandTabs => entry!(text::expand_tabs),
        Primitive::StrEncode => entry!(text::encode),
        Primitive::StrEncodeAscii => entry!(text::encode_ascii),
        Primitive::Chr => entry!(text::chr),
        Primitive::Ord => entry!(text::ord),
        Primitive::StrChars => entry!(text::chars),
        Primitive::StrContains => entry!(text_search::contains),
        Primitive::StrReplace => entry!(text_search::replace),
        Primitive::StrStartsWith => entry!(text_search::starts_with),
        Primitive::StrEndsWith => entry!(text_search::ends_with),
        Primitive::StrFind => entry!(text_search::find),
        Primitive::StrRFind => entry!(text_search::rfind),
        Primitive::StrIndexOf => entry!(text_search::index_of),
        Primitive::StrRIndexOf => entry!(text_search::rindex_of),
        Primitive::StrCount => entry!(text_search::count),
        Primitive::StrLower | Primitive::StrCaseFold => entry!(case::lower),
        Primitive::StrUpper => entry!(case::upper),
        Primitive::StrTitle => entry!(case::title),
        Primitive::StrCapitalize => entry!(case::capitalize),
        Primitive::StrSwapCase => entry!(case::swap_case),
        Primitive::StrIsDigit | Primitive::StrIsDecimal | Primitive::StrIsNumeric => entry!(case::is_digit),
        Primitive::StrIsAlpha => entry!(case::is_alpha),
        Primitive::StrIsAlnum => entry!(case::is_alnum),
        Primitive::StrIsSpace => entry!(case::is_space_text),
        Primitive::StrIsUpper => entry!(case::is_upper),
        Primitive::StrIsLower => entry!(case::is_lower),
        Primitive::StrIsTitle => entry!(case::is_title),
        Primitive::StrIsIdentifier => entry!(case::is_identifier),
        Primitive::StrIsAscii => entry!(case::is_ascii),
        Primitive::StrSplit => entry!(split::split),
        Primitive::StrRSplit => entry!(split::rsplit),
        Primitive::StrSplitAt => entry!(split::split_at),
        Primitive::StrRSplitAt => entry!(split::rsplit_at),
        Primitive::StrSplitLines => entry!(split::split_lines),
        Primitive::StrCsvFields(_) => entry!(csv::fields),
        Primitive::UrlSplit => entry!(urls::split),
        Primitive::UrlParse => entry!(urls::parse),
        Primitive::UrlHost => entry!(urls::host),
        Primitive::UrlUnquote => entry!(urls::unquote),
        Primitive::StrPartition => entry!(split::partition),
        Primitive::StrRPartition => entry!(split::rpartition),
        Primitive::StrToInt => entry!(parse::to_int),
        Primitive::StrToIntBase => entry!(parse::to_int_base),
        Primitive::StrToIntMod => entry!(parse::to_int_mod),
        Primitive::StrToFloat => entry!(parse::to_float),
        Primitive::BytesLen => entry!(bytes::len),
        Primitive::BytesIndex => entry!(bytes::index),
        Primitive::BytesSlice => entry!(bytes::slice),
        Primitive::BytesConcat => entry!(bytes::concat),
        Primitive::BytesContains => entry!(bytes::contains),
        Primitive::BytesDecode => entry!(bytes::decode),
        Primitive::BytesDecodeAscii => entry!(bytes::decode_ascii),
        Primitive::BytesLower => entry!(bytes::lower),
        Primitive::BytesUpper => entry!(bytes::upper),
        Primitive::BytesStrip => entry!(bytes::strip),
        Primitive::BytesSplit => entry!(bytes::split),
        Primitive::BytesSplitAt => entry!(bytes::split_at),
        Primitive::BytesReplace => entry!(bytes::replace),
        Primitive::BytesStartsWith => entry!(bytes::starts_with),
        Primitive::BytesEndsWith => entry!(bytes::ends_with),
        Primitive::BytesFind => entry!(bytes::find),
        Primitive::BytesHex => entry!(bytes::hex),
        Primitive::Bytes(op) => bytes_of::function(*op),
        Primitive::ListSlice => entry!(lists::slice),
        Primitive::ListConcat => entry!(lists::concat),
        Primitive::ListRepeat => entry!(lists::repeat),
        Primitive::ListContains => entry!(lists::contains),
        Primitive::ListIndexOf => entry!(lists::index_of),
        Primitive::ListCount => entry!(lists::count),
        Primitive::ListExtend => entry!(lists::extend),
        Primitive::ListCopy => entry!(lists::copy),
        Primitive::ListReversed => entry!(lists::reversed),
        Primitive::ListSorted => entry!(lists::sorted),
        Primitive::ListSortedBy => entry!(lists::sorted_by),
        Primitive::RangeList => entry!(lists::range),
        Primitive::ListPop => entry!(lists::pop),
        Primitive::ListDelete => entry!(lists::delete),
        Primitive::ListInsert => entry!(lists::insert),
        Primitive::ListSet => entry!(lists::set),
        Primitive::ListReverse => entry!(lists::reverse),
        Primitive::ListClear => entry!(lists::clear),
        Primitive::DictNew => entry!(table::new),
        Primitive::DictFind => entry!(table::find),
        Primitive::DictGet => entry!(table::get),
        Primitive::DictGetOr => entry!(table::get_or),
        Primitive::DictSet => entry!(table::set),
        Primitive::DictHas => entry!(table::has),
        Primitive::DictLen => entry!(table::len),
        Primitive::DictKeys => entry!(table::keys),
        Primitive::DictValues => entry!(table::values),
        Primitive::DictItems => entry!(table::items),
        Primitive::SetAdd => entry!(table::add),
        Primitive::DictDelete => entry!(table::delete),
        Primitive::RegexFindAll(..) => entry!(regex::find_all),
        Primitive::RegexFindIter(..) => entry!(regex::find_iter),
        Primitive::RegexSplit(..) => entry!(regex::split),
        Primitive::RegexSub(..) => entry!(regex::sub),
        Primitive::MatchGroup => entry!(regex::group),
        Primitive::MatchGroups => entry!(regex::groups),
        Primitive::MatchStart => entry!(regex::start),
        Primitive::MatchEnd => entry!(regex::end),
        Primitive::Math(name) => math::function(name, operands.len(), python)?,
        Primitive::Time(op) => time::function(op, operands),
        Primitive::Str => entry!(format::str),
        Primitive::Format(spec) if spec.is_empty() => entry!(format::str),
        Primitive::Format(_) if operands.first() == Some(&Type::Number) => entry!(format::format_number),
        Primitive::Format(_) => entry!(format::format),
        Primitive::FormatAs => entry!(format::format_as),
        Primitive::Percent(_) => entry!(percent::percent),
        Primitive::PercentAs => entry!(percent::percent_as),
        Primitive::RegexMatch(..) | Primitive::RegexSearch(..) | Primitive::RegexFullMatch(..) => entry!(regex::first),
    })
}
