//! Dates and times: the types of `datetime` that have a machine form, what is done with them, and their formats.
//!
//! A value is one word, microseconds: of a date or datetime since the beginning of the year 1, of a timedelta its length.

use crate::types::Type;
use std::fmt;

/// Kinds of dates and times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Time {
    /// A `date`, as its midnight.
    Date,
    /// A naive `datetime`, with `fold` 0.
    Naive,
    /// A `datetime` in `timezone.utc`.
    Utc,
    Delta,
}

/// What [`crate::primitive::Primitive::Time`] does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TimeOp {
    /// (Time) → Int; of a Delta: `days`, `seconds`, `microseconds`
    Part(Part),
    /// (Int × 7) → Naive, Utc or Date: year to microsecond
    New,
    /// (Int × 7) → Delta: days, seconds, microseconds, milliseconds, minutes, hours, weeks
    NewDelta,
    /// (Float) → Delta: so many times so many microseconds
    DeltaOf(i64),
    /// (Delta) → Delta
    DeltaAbs,
    /// (Float) → Naive or Utc: seconds since 1970, in UTC
    FromSeconds,
    /// (Delta) → Float: `total_seconds`
    Seconds,
    /// (Utc) → Float: `timestamp`
    Stamp,
    /// (Naive or Utc) → Date
    Midnight,
    /// (Naive or Utc or Date, Delta) → the same; of a date only the delta's days count
    Plus,
    Minus,
    /// (T, T) → Delta
    Between,
    /// (Delta, Delta) → Delta
    DeltaPlus,
    DeltaMinus,
    DeltaMod,
    /// (Delta, Int) → Delta
    DeltaTimes,
    DeltaDivInt,
    DeltaFloorDivInt,
    /// (Delta, Delta) → Float
    DeltaDiv,
    /// (Delta, Delta) → Int
    DeltaFloorDiv,
    /// (Time) → Str: `str()`, and `isoformat()`
    Text,
    IsoFormat,
    /// (Time) → Str, by a format that [`parse`] takes
    Format(String),
    /// (Str) → Naive or Utc, by a format that [`parse`] takes; bails at text that isn't just as the format writes it
    Parse(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Microsecond,
    /// 0 is Monday.
    Weekday,
    /// 1 is Monday.
    IsoWeekday,
    /// Days since the beginning of the year 1, which has number 1.
    Ordinal,
    DayOfYear,
    Days,
    Seconds,
    Microseconds,
}

/// A piece of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Text as it is, ASCII.
    Char(u8),
    Year,
    YearOfCentury,
    Month,
    MonthName,
    MonthAbbreviation,
    Day,
    DayOfYear,
    WeekdayName,
    WeekdayAbbreviation,
    /// 1 is Monday.
    IsoWeekday,
    /// 0 is Sunday.
    SundayWeekday,
    Hour,
    Hour12,
    HalfDay,
    Minute,
    Second,
    Microsecond,
    /// `+0000`, or nothing.
    Offset,
}

/// The pieces of a format of `strftime` or `strptime`; an error says what has no machine form.
pub fn parse(format: &str) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    let mut bytes = format.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            if !byte.is_ascii() || byte == 0 {
                return Err("a format of times with other characters than ASCII".to_owned());
            }
            items.push(Item::Char(byte));
            continue;
        }
        let letter = bytes.next().unwrap_or(b' ');
        items.push(match letter {
            b'Y' => Item::Year,
            b'y' => Item::YearOfCentury,
            b'm' => Item::Month,
            b'B' => Item::MonthName,
            b'b' => Item::MonthAbbreviation,
            b'd' => Item::Day,
            b'j' => Item::DayOfYear,
            b'A' => Item::WeekdayName,
            b'a' => Item::WeekdayAbbreviation,
            b'u' => Item::IsoWeekday,
            b'w' => Item::SundayWeekday,
            b'H' => Item::Hour,
            b'I' => Item::Hour12,
            b'p' => Item::HalfDay,
            b'M' => Item::Minute,
            b'S' => Item::Second,
            b'f' => Item::Microsecond,
            b'z' => Item::Offset,
            b'%' => Item::Char(b'%'),
            other => return Err(format!("`%{}` in a format of times", char::from(other).escape_default())),
        });
    }
    Ok(items)
}

impl TimeOp {
    /// Whether it takes and gives values of these types.
    pub fn takes(&self, operands: &[&Type], gives: &Type) -> bool {
        use Type::{Float, Int, Str};
        const DELTA: &Type = &Type::Time(Time::Delta);
        let is_point = |of: &Type| matches!(of, Type::Time(Time::Date | Time::Naive | Time::Utc));
        let is_moment = |of: &Type| matches!(of, Type::Time(Time::Naive | Time::Utc));
        match self {
            TimeOp::Part(_) => matches!(operands, [Type::Time(_)]) && *gives == Int,
            TimeOp::New => operands.len() == 7 && operands.iter().all(|of| **of == Int) && is_point(gives),
            TimeOp::NewDelta => operands.len() == 7 && operands.iter().all(|of| **of == Int) && gives == DELTA,
            TimeOp::DeltaOf(_) => operands == [&Float] && gives == DELTA,
            TimeOp::FromSeconds => operands == [&Float] && is_moment(gives),
            TimeOp::Seconds => operands == [DELTA] && *gives == Float,
            TimeOp::Stamp => operands == [&Type::Time(Time::Utc)] && *gives == Float,
            TimeOp::Midnight => matches!(operands, [of] if is_moment(of)) && *gives == Type::Time(Time::Date),
            TimeOp::Plus | TimeOp::Minus => {
                matches!(operands, [of, other] if is_point(of) && *other == DELTA && *of == gives)
            }
            TimeOp::Between => matches!(operands, [of, other] if is_point(of) && of == other) && gives == DELTA,
            TimeOp::DeltaPlus | TimeOp::DeltaMinus | TimeOp::DeltaMod => operands == [DELTA, DELTA] && gives == DELTA,
            TimeOp::DeltaTimes | TimeOp::DeltaDivInt | TimeOp::DeltaFloorDivInt => {
                operands == [DELTA, &Int] && gives == DELTA
            }
            TimeOp::DeltaDiv => operands == [DELTA, DELTA] && *gives == Float,
            TimeOp::DeltaFloorDiv => operands == [DELTA, DELTA] && *gives == Int,
            TimeOp::DeltaAbs => operands == [DELTA] && gives == DELTA,
            TimeOp::Text => matches!(operands, [Type::Time(_)]) && *gives == Str,
            TimeOp::IsoFormat | TimeOp::Format(_) => matches!(operands, [of] if is_point(of)) && *gives == Str,
            TimeOp::Parse(_) => operands == [&Str] && is_moment(gives),
        }
    }
}

impl Item {
    /// Whether it is written in words of a language, which a script may choose.
    pub fn is_name(self) -> bool {
        matches!(
            self,
            Item::MonthName | Item::MonthAbbreviation | Item::WeekdayName | Item::WeekdayAbbreviation | Item::HalfDay
        )
    }
}

impl Part {
    /// The attribute of that name.
    pub fn attribute(of: Time, name: &str) -> Option<Part> {
        Some(match (of, name) {
            (Time::Delta, "days") => Part::Days,
            (Time::Delta, "seconds") => Part::Seconds,
            (Time::Delta, "microseconds") => Part::Microseconds,
            (Time::Delta, _) => return None,
            (_, "year") => Part::Year,
            (_, "month") => Part::Month,
            (_, "day") => Part::Day,
            (Time::Date, _) => return None,
            (_, "hour") => Part::Hour,
            (_, "minute") => Part::Minute,
            (_, "second") => Part::Second,
            (_, "microsecond") => Part::Microsecond,
            _ => return None,
        })
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Time::Date => "date",
            Time::Naive | Time::Utc => "datetime",
            Time::Delta => "timedelta",
        })
    }
}
