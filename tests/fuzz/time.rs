//! Dates and lengths of time.

use crate::expressions::Body;
use crate::values::Type;

const FORMATS: &[&str] = &["%Y-%m-%d %H:%M:%S.%f", "%d/%b/%Y:%H:%M:%S.%f", "%B %d %y %I:%M:%S %p.%f", "%Y%m%d%H%M%S%f"];

impl Body<'_> {
    fn moment(&mut self, depth: usize) -> String {
        self.expression(&Type::Moment, depth)
    }

    fn delta(&mut self, depth: usize) -> String {
        self.expression(&Type::Delta, depth)
    }

    pub fn some_moment(&mut self, depth: usize) -> String {
        match self.random.below(8) {
            0 | 1 => format!("({} {} {})", self.moment(depth), self.random.one(&["+", "-"]), self.delta(depth)),
            2 => format!("({} + {})", self.delta(depth), self.moment(depth)),
            3 => {
                let changes = ["minute=0, second=0, microsecond=0", "hour=12", "day=1", "year=2001"];
                format!("{}.replace({})", self.moment(depth), self.random.one(&changes))
            }
            4 => {
                let (year, month, day) = (self.int(depth), self.int(depth), self.int(0));
                format!("datetime(2000 + {year} % 30, 1 + {month} % 12, 1 + {day} % 30)")
            }
            5 => format!("{}({}, {})", self.random.one(&["min", "max"]), self.moment(depth), self.moment(depth)),
            6 => {
                let format = self.random.one(FORMATS);
                let text = match self.random.below(8) {
                    0 => self.str(depth),
                    _ => format!("{}.strftime('{format}')", self.moment(depth)),
                };
                format!("datetime.strptime({text}, '{format}')")
            }
            _ => match self.random.below(2) {
                0 => format!("datetime.utcfromtimestamp({} % 10**9)", self.int(depth)),
                _ => format!("datetime.utcfromtimestamp({})", self.finite(depth)),
            },
        }
    }

    pub fn some_delta(&mut self, depth: usize) -> String {
        match self.random.below(10) {
            0 | 1 => format!("({} - {})", self.moment(depth), self.moment(depth)),
            2 => format!("({} {} {})", self.delta(depth), self.random.one(&["+", "-"]), self.delta(depth)),
            3 => format!("({} * {})", self.delta(depth), self.small(depth)),
            4 => {
                let part = self.random.one(&["seconds", "minutes", "hours", "days", "microseconds", "milliseconds"]);
                match self.random.below(2) {
                    0 => format!("timedelta({part}={} % 1000)", self.int(depth)),
                    _ => format!("timedelta({part}={})", self.finite(depth)),
                }
            }
            5 => format!("timedelta({} % 100, {} % 10**6)", self.int(depth), self.int(depth)),
            6 => format!("{}({})", self.random.one(&["-", "+", "abs"]), self.delta(depth)),
            7 => format!("({} {} ({} or 3))", self.delta(depth), self.random.one(&["/", "//"]), self.int(depth)),
            8 => format!("({} % ({} or HOUR))", self.delta(depth), self.delta(depth)),
            _ => format!("{}({}, {})", self.random.one(&["min", "max"]), self.delta(depth), self.delta(depth)),
        }
    }

    pub fn int_of_time(&mut self, depth: usize) -> String {
        match self.random.below(4) {
            0 | 1 => {
                let parts =
                    ["year", "month", "day", "hour", "minute", "second", "microsecond", "weekday()", "toordinal()"];
                format!("{}.{}", self.moment(depth), self.random.one(&parts))
            }
            2 => format!("{}.{}", self.delta(depth), self.random.one(&["days", "seconds", "microseconds"])),
            _ => format!("({} // ({} or HOUR))", self.delta(depth), self.delta(depth)),
        }
    }

    pub fn float_of_time(&mut self, depth: usize) -> String {
        match self.random.below(2) {
            0 => format!("{}.total_seconds()", self.delta(depth)),
            _ => format!("({} / ({} or HOUR))", self.delta(depth), self.delta(depth)),
        }
    }

    pub fn text_of_time(&mut self, depth: usize) -> String {
        match self.random.below(5) {
            0 => format!("{}.isoformat()", self.moment(depth)),
            1 => format!("str({})", self.delta(depth)),
            2 => format!("format({}, '%d.%m.%Y')", self.moment(depth)),
            3 => {
                let format = self.random.one(&["%A %j %H", "%a %b %p %I", "%y-%m %f", "%Y %u %w %z%%"]);
                format!("{}.strftime('{format}')", self.moment(depth))
            }
            _ => format!("str({})", self.moment(depth)),
        }
    }

    pub fn test_of_time(&mut self, depth: usize) -> String {
        let op = self.random.one(&["<", "<=", "==", "!=", ">"]);
        match self.random.below(3) {
            0 => format!("({} {op} {})", self.moment(depth), self.moment(depth)),
            1 => format!("({} {op} {})", self.delta(depth), self.delta(depth)),
            _ => format!("bool({})", self.delta(depth)),
        }
    }
}
