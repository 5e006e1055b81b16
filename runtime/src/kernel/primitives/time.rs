//! Dates and times, as `datetime` has them: microseconds since the beginning of the year 1, and of lengths of time.

use super::Prepared;
use super::abi::{Context, Entry, Text, entry};
use pyflink_plan::time::{Item, Part, TimeOp, parse};
use pyflink_plan::typed::Why;
use pyo3::prelude::*;

/// The word of a Time.
#[derive(Clone, Copy)]
pub struct Moment(pub i64);

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Days from the beginning of the year 1 to 1970.
const EPOCH_DAYS: i64 = 719_162;
/// Days of the years 1 to 9999.
const ALL_DAYS: i64 = 3_652_059;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of the year before a month.
fn days_before(year: i64, month: i64) -> i64 {
    const BEFORE: [i64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    BEFORE[(month - 1) as usize] + i64::from(month > 2 && is_leap(year))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the beginning of the year 1 to a date; `None` if there is no such date.
fn days_of(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let past = year - 1;
    Some(past * 365 + past / 4 - past / 100 + past / 400 + days_before(year, month) + day - 1)
}

/// Year, month, day and the day of the year.
fn date_of(days: i64) -> (i64, i64, i64, i64) {
    let (cycles, days) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let (centuries, days) = ((days / 36_524).min(3), days - (days / 36_524).min(3) * 36_524);
    let (fours, days) = (days / 1_461, days % 1_461);
    let years = (days / 365).min(3);
    let year = cycles * 400 + centuries * 100 + fours * 4 + years + 1;
    let day_of_year = days - years * 365;
    let month = (1..=12).rev().find(|month| days_before(year, *month) <= day_of_year).unwrap_or(1);
    (year, month, day_of_year - days_before(year, month) + 1, day_of_year + 1)
}

/// What is in the range of a date.
fn point(micros: Option<i64>) -> Result<Moment, Why> {
    let is_there = |micros: &i64| (0..ALL_DAYS * DAY).contains(micros);
    micros.filter(is_there).map(Moment).ok_or(Why::Raises)
}

/// A length of time, if it has a form here.
fn delta(micros: i128) -> Result<Moment, Why> {
    i64::try_from(micros).map(Moment).map_err(|_| Why::Unusual)
}

pub fn part(of: Part, Moment(at): Moment) -> i64 {
    let days = at.div_euclid(DAY);
    let rest = at.rem_euclid(DAY);
    match of {
        Part::Year => date_of(days).0,
        Part::Month => date_of(days).1,
        Part::Day => date_of(days).2,
        Part::DayOfYear => date_of(days).3,
        Part::Hour => rest / HOUR,
        Part::Minute => rest / MINUTE % 60,
        Part::Second => rest / SECOND % 60,
        Part::Microsecond | Part::Microseconds => rest % SECOND,
        // The year 1 began on a Monday.
        Part::Weekday => days % 7,
        Part::IsoWeekday => days % 7 + 1,
        Part::Ordinal => days + 1,
        Part::Days => days,
        Part::Seconds => rest / SECOND,
    }
}

macro_rules! parts {
    ($($name:ident $part:ident),* $(,)?) => {
        $(fn $name(_: &mut Context<'_>, at: Moment) -> Result<i64, Why> {
            Ok(part(Part::$part, at))
        })*

        fn part_entry(part: Part) -> Entry {
            match part { $(Part::$part => entry!($name),)* }
        }
    };
}
parts! {
    year Year, month Month, day Day, hour Hour, minute Minute, second Second, microsecond Microsecond, weekday Weekday,
    iso_weekday IsoWeekday, ordinal Ordinal, day_of_year DayOfYear, days Days, seconds Seconds, microseconds Microseconds,
}

#[expect(clippy::too_many_arguments, reason = "those of datetime")]
fn new(
    _: &mut Context<'_>,
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    microsecond: i64,
) -> Result<Moment, Why> {
    made([year, month, day], [hour, minute, second], microsecond).ok_or(Why::Raises)
}

/// A date and a time of day, if there is such a one.
pub fn made([year, month, day]: [i64; 3], [hour, minute, second]: [i64; 3], microsecond: i64) -> Option<Moment> {
    let is_time = (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second)
        && (0..SECOND).contains(&microsecond);
    let days = days_of(year, month, day).filter(|_| is_time)?;
    Some(Moment(days * DAY + hour * HOUR + minute * MINUTE + second * SECOND + microsecond))
}

#[expect(clippy::too_many_arguments, reason = "those of timedelta")]
fn new_delta(
    _: &mut Context<'_>,
    days: i64,
    seconds: i64,
    microseconds: i64,
    milliseconds: i64,
    minutes: i64,
    hours: i64,
    weeks: i64,
) -> Result<Moment, Why> {
    let parts = [
        (days, DAY),
        (seconds, SECOND),
        (microseconds, 1),
        (milliseconds, 1_000),
        (minutes, MINUTE),
        (hours, HOUR),
        (weeks, 7 * DAY),
    ];
    delta(parts.into_iter().map(|(part, unit)| i128::from(part) * i128::from(unit)).sum())
}

/// As `timedelta` adds up one part that is a float.
fn delta_of(context: &mut Context<'_>, value: f64) -> Result<Moment, Why> {
    let Prepared::Unit(unit) = context.site.prepared else { return Err(Why::Unusual) };
    // Beyond, floats are ints by themselves, and out of range.
    if !value.is_finite() || value.abs() >= 9e15 {
        return Err(Why::Unusual);
    }
    let mut sum = (value.trunc() as i128) * i128::from(unit);
    if value.fract() != 0.0 {
        let rest = unit as f64 * value.fract();
        sum += rest.trunc() as i128;
        let left = rest.fract();
        let mut whole = left.round();
        if (whole - left).abs() == 0.5 {
            let odd = if sum & 1 == 1 { 1.0 } else { 0.0 };
            whole = 2.0 * ((left + odd) * 0.5).round() - odd;
        }
        sum += whole as i128;
    }
    delta(sum)
}

/// As `utcfromtimestamp`: microseconds are rounded, half to even.
fn from_seconds(_: &mut Context<'_>, seconds: f64) -> Result<Moment, Why> {
    // Beyond is no year, whatever is rounded.
    if !seconds.is_finite() || seconds.abs() > 1e12 {
        return Err(Why::Raises);
    }
    let (mut whole, micros) = (seconds.trunc(), seconds.fract() * 1e6);
    let mut rounded = micros.round();
    if (micros - rounded).abs() == 0.5 {
        rounded = 2.0 * (micros / 2.0).round();
    }
    if rounded >= 1e6 {
        rounded -= 1e6;
        whole += 1.0;
    } else if rounded < 0.0 {
        rounded += 1e6;
        whole -= 1.0;
    }
    point(Some(whole as i64 * SECOND + rounded as i64 + EPOCH_DAYS * DAY))
}

/// Microseconds as seconds: the nearest float, as both are floats then.
fn as_seconds(micros: i64) -> Result<f64, Why> {
    match micros.unsigned_abs() <= 1 << 53 {
        true => Ok(micros as f64 / 1e6),
        false => Err(Why::Unusual),
    }
}

fn total_seconds(_: &mut Context<'_>, Moment(of): Moment) -> Result<f64, Why> {
    as_seconds(of)
}

fn stamp(_: &mut Context<'_>, Moment(at): Moment) -> Result<f64, Why> {
    as_seconds(at - EPOCH_DAYS * DAY)
}

fn midnight(_: &mut Context<'_>, Moment(at): Moment) -> Result<Moment, Why> {
    Ok(Moment(at - at.rem_euclid(DAY)))
}

fn plus(_: &mut Context<'_>, Moment(at): Moment, Moment(by): Moment) -> Result<Moment, Why> {
    point(at.checked_add(by))
}

fn minus(_: &mut Context<'_>, Moment(at): Moment, Moment(by): Moment) -> Result<Moment, Why> {
    point(at.checked_sub(by))
}

/// Of a date only whole days count.
fn plus_days(_: &mut Context<'_>, Moment(at): Moment, Moment(by): Moment) -> Result<Moment, Why> {
    point(at.checked_add(by - by.rem_euclid(DAY)))
}

fn minus_days(_: &mut Context<'_>, Moment(at): Moment, Moment(by): Moment) -> Result<Moment, Why> {
    point(at.checked_sub(by - by.rem_euclid(DAY)))
}

fn between(_: &mut Context<'_>, Moment(a): Moment, Moment(b): Moment) -> Result<Moment, Why> {
    Ok(Moment(a - b))
}

fn delta_plus(_: &mut Context<'_>, Moment(a): Moment, Moment(b): Moment) -> Result<Moment, Why> {
    delta(i128::from(a) + i128::from(b))
}

fn delta_minus(_: &mut Context<'_>, Moment(a): Moment, Moment(b): Moment) -> Result<Moment, Why> {
    delta(i128::from(a) - i128::from(b))
}

fn delta_abs(_: &mut Context<'_>, Moment(of): Moment) -> Result<Moment, Why> {
    delta(i128::from(of).abs())
}

fn delta_times(_: &mut Context<'_>, Moment(of): Moment, by: i64) -> Result<Moment, Why> {
    delta(i128::from(of) * i128::from(by))
}

/// Quotient towards minus infinity, and what is left.
fn floored(a: i64, b: i64) -> Result<(i64, i64), Why> {
    if b == 0 {
        return Err(Why::Raises);
    }
    let (quotient, rest) = (a.checked_div(b).ok_or(Why::Unusual)?, a % b);
    Ok(if rest != 0 && (rest < 0) != (b < 0) { (quotient - 1, rest + b) } else { (quotient, rest) })
}

fn delta_mod(_: &mut Context<'_>, Moment(a): Moment, Moment(b): Moment) -> Result<Moment, Why> {
    Ok(Moment(floored(a, b)?.1))
}

fn delta_floor_div(_: &mut Context<'_>, Moment(a): Moment, Moment(b): Moment) -> Result<i64, Why> {
    Ok(floored(a, b)?.0)
}

fn delta_floor_div_int(_: &mut Context<'_>, Moment(a): Moment, b: i64) -> Result<Moment, Why> {
    Ok(Moment(floored(a, b)?.0))
}

/// Half to even.
fn delta_div_int(_: &mut Context<'_>, Moment(a): Moment, b: i64) -> Result<Moment, Why> {
    let (quotient, rest) = floored(a, b)?;
    let twice = 2 * i128::from(rest).abs();
    let up = match twice.cmp(&i128::from(b).abs()) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient & 1 == 1,
        std::cmp::Ordering::Less => false,
    };
    delta(i128::from(quotient) + i128::from(up))
}

fn delta_div(_: &mut Context<'_>, Moment(a): Moment, Moment(b): Moment) -> Result<f64, Why> {
    let is_exact = |of: i64| of.unsigned_abs() <= 1 << 53;
    match b {
        0 => Err(Why::Raises),
        _ if is_exact(a) && is_exact(b) => Ok(a as f64 / b as f64),
        _ => Err(Why::Unusual),
    }
}

fn digits(out: &mut Vec<u8>, value: i64, width: usize) {
    let text = value.to_string();
    out.resize(out.len() + width.saturating_sub(text.len()), b'0');
    out.extend_from_slice(text.as_bytes());
}

fn write_date(out: &mut Vec<u8>, at: Moment) {
    digits(out, part(Part::Year, at), 4);
    out.push(b'-');
    digits(out, part(Part::Month, at), 2);
    out.push(b'-');
    digits(out, part(Part::Day, at), 2);
}

fn write_time(out: &mut Vec<u8>, at: Moment) {
    digits(out, part(Part::Hour, at), 2);
    out.push(b':');
    digits(out, part(Part::Minute, at), 2);
    out.push(b':');
    digits(out, part(Part::Second, at), 2);
    let micros = part(Part::Microsecond, at);
    if micros != 0 {
        out.push(b'.');
        digits(out, micros, 6);
    }
}

fn written(context: &mut Context<'_>, write: impl FnOnce(&mut Vec<u8>)) -> Result<Text, Why> {
    let words = context.memory.written(|out| {
        write(out);
        Ok::<(), Why>(())
    })?;
    Ok(Text(words))
}

fn date_text(context: &mut Context<'_>, at: Moment) -> Result<Text, Why> {
    written(context, |out| write_date(out, at))
}

fn joined(context: &mut Context<'_>, at: Moment, between: u8, after: &[u8]) -> Result<Text, Why> {
    written(context, |out| {
        write_date(out, at);
        out.push(between);
        write_time(out, at);
        out.extend_from_slice(after);
    })
}

fn naive_text(context: &mut Context<'_>, at: Moment) -> Result<Text, Why> {
    joined(context, at, b' ', b"")
}

fn naive_iso(context: &mut Context<'_>, at: Moment) -> Result<Text, Why> {
    joined(context, at, b'T', b"")
}

fn utc_text(context: &mut Context<'_>, at: Moment) -> Result<Text, Why> {
    joined(context, at, b' ', b"+00:00")
}

fn utc_iso(context: &mut Context<'_>, at: Moment) -> Result<Text, Why> {
    joined(context, at, b'T', b"+00:00")
}

fn delta_text(context: &mut Context<'_>, of: Moment) -> Result<Text, Why> {
    written(context, |out| {
        let days = part(Part::Days, of);
        if days != 0 {
            out.extend_from_slice(format!("{days} day{}, ", if days.abs() == 1 { "" } else { "s" }).as_bytes());
        }
        digits(out, part(Part::Hour, of), 1);
        out.push(b':');
        digits(out, part(Part::Minute, of), 2);
        out.push(b':');
        digits(out, part(Part::Second, of), 2);
        let micros = part(Part::Microsecond, of);
        if micros != 0 {
            out.push(b'.');
            digits(out, micros, 6);
        }
    })
}

/// `strftime`, with the offset that it writes.
fn formatted(context: &mut Context<'_>, at: Moment, offset: &[u8]) -> Result<Text, Why> {
    let Prepared::Time(items) = &context.site.prepared else { return Err(Why::Unusual) };
    // How few digits a year gets is the platform's affair.
    if part(Part::Year, at) < 1000 {
        return Err(Why::Unusual);
    }
    written(context, |out| {
        let weekday = part(Part::Weekday, at);
        for item in items.iter() {
            match item {
                Item::Char(byte) => out.push(*byte),
                Item::Year => digits(out, part(Part::Year, at), 4),
                Item::YearOfCentury => digits(out, part(Part::Year, at) % 100, 2),
                Item::Month => digits(out, part(Part::Month, at), 2),
                Item::MonthName => out.extend_from_slice(MONTHS[part(Part::Month, at) as usize - 1].as_bytes()),
                Item::MonthAbbreviation => {
                    out.extend_from_slice(&MONTHS[part(Part::Month, at) as usize - 1].as_bytes()[..3]);
                }
                Item::Day => digits(out, part(Part::Day, at), 2),
                Item::DayOfYear => digits(out, part(Part::DayOfYear, at), 3),
                Item::WeekdayName => out.extend_from_slice(WEEKDAYS[weekday as usize].as_bytes()),
                Item::WeekdayAbbreviation => out.extend_from_slice(&WEEKDAYS[weekday as usize].as_bytes()[..3]),
                Item::IsoWeekday => digits(out, weekday + 1, 1),
                Item::SundayWeekday => digits(out, (weekday + 1) % 7, 1),
                Item::Hour => digits(out, part(Part::Hour, at), 2),
                Item::Hour12 => digits(out, (part(Part::Hour, at) + 11) % 12 + 1, 2),
                Item::HalfDay => out.extend_from_slice(if part(Part::Hour, at) < 12 { b"AM" } else { b"PM" }),
                Item::Minute => digits(out, part(Part::Minute, at), 2),
                Item::Second => digits(out, part(Part::Second, at), 2),
                Item::Microsecond => digits(out, part(Part::Microsecond, at), 6),
                Item::Offset => out.extend_from_slice(offset),
            }
        }
    })
}

fn format(context: &mut Context<'_>, at: Moment) -> Result<Text, Why> {
    formatted(context, at, b"")
}

fn format_utc(context: &mut Context<'_>, at: Moment) -> Result<Text, Why> {
    formatted(context, at, b"+0000")
}

/// `strptime` of text that is written as the format says, with all digits; what else it takes, CPython finds out.
fn parsed(context: &mut Context<'_>, text: &str) -> Result<Moment, Why> {
    let Prepared::Time(items) = &context.site.prepared else { return Err(Why::Unusual) };
    read(items, text.as_bytes()).ok_or(Why::Unusual)
}

fn read(items: &[Item], text: &[u8]) -> Option<Moment> {
    let mut rest = text;
    let (mut year, mut month, mut day, mut hour, mut minute, mut second, mut micros) = (1900, 1, 1, 0, 0, 0, 0);
    let (mut hour12, mut afternoon) = (None, None);
    let number = |rest: &mut &[u8], width: usize| {
        let (digits, after) = rest.split_at_checked(width)?;
        let is_number = digits.iter().all(u8::is_ascii_digit);
        *rest = after;
        is_number.then(|| digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    };
    let name = |rest: &mut &[u8], names: &[&str], width: usize| {
        let found = names.iter().position(|name| {
            let name = &name.as_bytes()[..name.len().min(width)];
            rest.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name))
        })?;
        *rest = &rest[names[found].len().min(width)..];
        Some(found as i64)
    };
    for item in items {
        match item {
            Item::Char(expected) => {
                let (first, after) = rest.split_first()?;
                // Any white space stands for any.
                if first != expected
                    || (expected.is_ascii_whitespace() && after.first().is_none_or(u8::is_ascii_whitespace))
                {
                    return None;
                }
                rest = after;
            }
            Item::Year => year = number(&mut rest, 4)?,
            Item::YearOfCentury => {
                let short = number(&mut rest, 2)?;
                year = short + if short <= 68 { 2000 } else { 1900 };
            }
            Item::Month => month = number(&mut rest, 2)?,
            Item::MonthName => month = name(&mut rest, &MONTHS, usize::MAX)? + 1,
            Item::MonthAbbreviation => month = name(&mut rest, &MONTHS, 3)? + 1,
            Item::Day => day = number(&mut rest, 2)?,
            Item::WeekdayName => drop(name(&mut rest, &WEEKDAYS, usize::MAX)?),
            Item::WeekdayAbbreviation => drop(name(&mut rest, &WEEKDAYS, 3)?),
            Item::Hour => hour = number(&mut rest, 2)?,
            Item::Hour12 => hour12 = Some(number(&mut rest, 2).filter(|hour| (1..=12).contains(hour))?),
            Item::HalfDay => afternoon = Some(name(&mut rest, &["am", "pm"], 2)? == 1),
            Item::Minute => minute = number(&mut rest, 2)?,
            Item::Second => second = number(&mut rest, 2)?,
            Item::Microsecond => {
                let width = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                if !(1..=6).contains(&width) {
                    return None;
                }
                micros = number(&mut rest, width)? * 10_i64.pow(6 - width as u32);
            }
            Item::Offset => rest = rest.strip_prefix(b"+0000")?,
            // They say something together with others only.
            Item::DayOfYear | Item::IsoWeekday | Item::SundayWeekday => return None,
        }
    }
    match (hour12, afternoon) {
        (None, None) => {}
        (Some(of), afternoon) if !items.contains(&Item::Hour) => {
            hour = of % 12 + if afternoon == Some(true) { 12 } else { 0 };
        }
        _ => return None,
    }
    // A field that is given twice is CPython's affair.
    let twice = items.iter().enumerate().any(|(at, item)| !matches!(item, Item::Char(_)) && items[..at].contains(item));
    if !rest.is_empty() || twice {
        return None;
    }
    made([year, month, day], [hour, minute, second], micros)
}

/// What is made of an operation ahead of its calls; `None` where it can't be done: names are those of the C locale.
pub(super) fn prepare(op: &TimeOp) -> Option<Prepared> {
    match op {
        TimeOp::DeltaOf(unit) => Some(Prepared::Unit(*unit)),
        TimeOp::Format(format) | TimeOp::Parse(format) => {
            let items = parse(format).ok()?;
            let is_plain = !items.iter().any(|item| item.is_name()) || is_c_locale();
            is_plain.then(|| Prepared::Time(items.into()))
        }
        _ => Some(Prepared::Nothing),
    }
}

fn is_c_locale() -> bool {
    Python::attach(|py| {
        let locale = py.import("_locale")?;
        let name: String = locale.call_method1("setlocale", (locale.getattr("LC_TIME")?,))?.extract()?;
        Ok::<bool, PyErr>(name == "C" || name == "POSIX")
    })
    .unwrap_or(false)
}

pub(super) fn function(op: &TimeOp, operands: &[pyflink_plan::types::Type]) -> Entry {
    use pyflink_plan::time::Time;
    use pyflink_plan::types::Type;
    let of = match operands.first() {
        Some(Type::Time(of)) => *of,
        _ => Time::Delta,
    };
    match (op, of) {
        (TimeOp::Part(part), _) => part_entry(*part),
        (TimeOp::New, _) => entry!(new),
        (TimeOp::NewDelta, _) => entry!(new_delta),
        (TimeOp::DeltaOf(_), _) => entry!(delta_of),
        (TimeOp::FromSeconds, _) => entry!(from_seconds),
        (TimeOp::Seconds, _) => entry!(total_seconds),
        (TimeOp::Stamp, _) => entry!(stamp),
        (TimeOp::Midnight, _) => entry!(midnight),
        (TimeOp::Plus, Time::Date) => entry!(plus_days),
        (TimeOp::Plus, _) => entry!(plus),
        (TimeOp::Minus, Time::Date) => entry!(minus_days),
        (TimeOp::Minus, _) => entry!(minus),
        (TimeOp::Between, _) => entry!(between),
        (TimeOp::DeltaPlus, _) => entry!(delta_plus),
        (TimeOp::DeltaMinus, _) => entry!(delta_minus),
        (TimeOp::DeltaMod, _) => entry!(delta_mod),
        (TimeOp::DeltaTimes, _) => entry!(delta_times),
        (TimeOp::DeltaDivInt, _) => entry!(delta_div_int),
        (TimeOp::DeltaFloorDivInt, _) => entry!(delta_floor_div_int),
        (TimeOp::DeltaDiv, _) => entry!(delta_div),
        (TimeOp::DeltaFloorDiv, _) => entry!(delta_floor_div),
        (TimeOp::DeltaAbs, _) => entry!(delta_abs),
        (TimeOp::Text, Time::Delta) => entry!(delta_text),
        (TimeOp::Text | TimeOp::IsoFormat, Time::Date) => entry!(date_text),
        (TimeOp::Text, Time::Naive) => entry!(naive_text),
        (TimeOp::IsoFormat, Time::Naive) => entry!(naive_iso),
        (TimeOp::Text, Time::Utc) => entry!(utc_text),
        (TimeOp::IsoFormat, _) => entry!(utc_iso),
        (TimeOp::Format(_), Time::Utc) => entry!(format_utc),
        (TimeOp::Format(_), _) => entry!(format),
        (TimeOp::Parse(_), _) => entry!(parsed),
    }
}
