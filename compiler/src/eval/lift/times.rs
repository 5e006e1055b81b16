//! `datetime`: its classes, and class methods that need no clock.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::Builtin;

const PARTS: &[&str] = &["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"];
const DELTA: &[&str] = &["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];

impl<'a> Lift<'_, 'a> {
    /// A call of something of `datetime` by its full name; `None` if it is another one.
    pub(super) fn time_call(&mut self, path: &str, site: Site<'a>) -> Lifted<Option<Expression>> {
        let span = site.span;
        let (builtin, names) = match path {
            "datetime.datetime" => (Builtin::DateTime, PARTS),
            "datetime.date" => (Builtin::Date, &PARTS[..3]),
            "datetime.timedelta" => (Builtin::TimeDelta, DELTA),
            "datetime.datetime.strptime" => (Builtin::DateTimeParse, &["date_string", "format"][..]),
            "datetime.datetime.fromtimestamp" => (Builtin::DateTimeFromStamp, &["timestamp", "tz"][..]),
            "datetime.datetime.utcfromtimestamp" => (Builtin::DateTimeFromStamp, &["timestamp"][..]),
            _ => return Ok(None),
        };
        let mut arguments = Vec::with_capacity(names.len());
        for (name, argument) in names.iter().zip(placed(names, path, site)?) {
            arguments.push(match argument {
                Some(zone) if matches!(*name, "tzinfo" | "tz") => self.zone(zone)?,
                Some(argument) => self.expr(argument)?,
                None if matches!(*name, "tzinfo" | "tz") => Expression::Bool(false),
                // Only these may be left out.
                None if builtin == Builtin::TimeDelta
                    || matches!(*name, "hour" | "minute" | "second" | "microsecond") =>
                {
                    Expression::Int(0)
                }
                None => {
                    return Err(reason(
                        format!("{path}() with so few arguments runs in Python"),
                        "give it year, month and day",
                        span,
                    ));
                }
            });
        }
        match path {
            "datetime.datetime.fromtimestamp" if arguments[1] != Expression::Bool(true) => {
                return Err(reason(
                    "a time of fromtimestamp() without timezone.utc depends on the machine",
                    "give it timezone.utc",
                    span,
                ));
            }
            "datetime.datetime.utcfromtimestamp" => arguments.push(Expression::Bool(false)),
            _ => {}
        }
        Ok(Some(Expression::Call(builtin, arguments)))
    }

    /// Whether a time zone is UTC: the only one that there is in machine code.
    fn zone(&mut self, zone: &'a Expr) -> Lifted<Expression> {
        match self.library_path(zone).as_deref() {
            Some("datetime.timezone.utc" | "datetime.UTC") => Ok(Expression::Bool(true)),
            _ if matches!(zone.kind, ExprKind::Constant(Constant::None)) => Ok(Expression::Bool(false)),
            _ => Err(reason(
                "a time zone other than timezone.utc runs in Python",
                "use timezone.utc, and add the difference as a timedelta",
                zone.span,
            )),
        }
    }

    /// `replace(hour=…)`: names and values take turns.
    pub(super) fn time_replaced(&mut self, of: Expression, site: Site<'a>) -> Lifted<Expression> {
        let mut arguments = Vec::new();
        for keyword in site.keywords {
            let Some(name) = &keyword.name else {
                return Err(reason("`**` in a call runs in Python", "write the arguments out", site.span));
            };
            arguments.push(Expression::Str(name.name.clone()));
            arguments.push(match name.name.as_str() {
                "tzinfo" => self.zone(&keyword.value)?,
                _ => self.expr(&keyword.value)?,
            });
        }
        Ok(Expression::Method(boxed(of), "datetime.replace".to_owned(), arguments))
    }
}

/// Which argument of a call fills which parameter.
fn placed<'a>(names: &[&str], title: &str, site: Site<'a>) -> Lifted<Vec<Option<&'a Expr>>> {
    let mismatch = || {
        reason(
            format!("the arguments of {title}() don't fit its parameters"),
            "give each parameter its argument",
            site.span,
        )
    };
    if site.args.len() > names.len() || stars::has_star(site.args) {
        return Err(mismatch());
    }
    let mut given: Vec<Option<&Expr>> = site.args.iter().map(Some).collect();
    given.resize(names.len(), None);
    for keyword in site.keywords {
        let at = keyword.name.as_ref().and_then(|name| names.iter().position(|known| *known == name.name));
        match at.map(|at| given[at].replace(&keyword.value)) {
            Some(None) => {}
            _ => return Err(mismatch()),
        }
    }
    Ok(given)
}
