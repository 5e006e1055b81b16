//! Objects of `datetime` as words, and back.

use super::primitives::time::{Moment, made, part};
use pyflink_plan::time::{Part, Time};
use pyo3::prelude::*;
use pyo3::types::{PyDate, PyDateAccess, PyDateTime, PyDelta, PyDeltaAccess, PyTimeAccess, PyTzInfo, PyTzInfoAccess};

/// What a date or time is, and its microseconds; `None` of other objects, and of those that have no form here: in a time
/// zone, in the second of two hours of the same name, or too long.
pub fn time(value: &Bound<'_, PyAny>) -> Option<(Time, i64)> {
    let py = value.py();
    if let Ok(value) = value.cast_exact::<PyDateTime>() {
        let of = match value.get_tzinfo() {
            None => Time::Naive,
            Some(zone) if zone.is(&*PyTzInfo::utc(py).ok()?) => Time::Utc,
            Some(_) => return None,
        };
        let date = [value.get_year().into(), value.get_month().into(), value.get_day().into()];
        let time = [value.get_hour(), value.get_minute(), value.get_second()].map(i64::from);
        let moment = made(date, time, i64::from(value.get_microsecond()))?;
        return (!value.get_fold()).then_some((of, moment.0));
    }
    if let Ok(value) = value.cast_exact::<PyDate>() {
        let date = [value.get_year().into(), value.get_month().into(), value.get_day().into()];
        return Some((Time::Date, made(date, [0; 3], 0)?.0));
    }
    let value = value.cast_exact::<PyDelta>().ok()?;
    let [days, seconds] = [value.get_days(), value.get_seconds()].map(i128::from);
    let micros = (days * 86_400 + seconds) * 1_000_000 + i128::from(value.get_microseconds());
    Some((Time::Delta, i64::try_from(micros).ok()?))
}

/// The object of a kind with these microseconds.
pub fn time_object(py: Python<'_>, of: Time, micros: i64) -> PyResult<Bound<'_, PyAny>> {
    let at = |of: Part| part(of, Moment(micros)) as i32;
    let small = |of: Part| part(of, Moment(micros)) as u8;
    Ok(match of {
        Time::Date => PyDate::new(py, at(Part::Year), small(Part::Month), small(Part::Day))?.into_any(),
        Time::Delta => PyDelta::new(py, at(Part::Days), at(Part::Seconds), at(Part::Microseconds), false)?.into_any(),
        Time::Naive | Time::Utc => {
            let zone = if of == Time::Utc { Some(PyTzInfo::utc(py)?) } else { None };
            PyDateTime::new(
                py,
                at(Part::Year),
                small(Part::Month),
                small(Part::Day),
                small(Part::Hour),
                small(Part::Minute),
                small(Part::Second),
                at(Part::Microsecond) as u32,
                zone.as_deref(),
            )?
            .into_any()
        }
    })
}
