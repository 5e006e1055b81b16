//! Dates and times.

use super::format::Conversion;
use super::loops::is_number;
use super::{Lowered, Lowering, Value};
use crate::ir::{BinaryOp, Builtin, UnaryOp};
use crate::primitive::Primitive;
use crate::time::{Item, Part, Time, TimeOp, parse};
use crate::typed::Kind;
use crate::types::{Constant, Type};

/// Names of the parts that a datetime is made of.
const PARTS: [&str; 7] = ["year", "month", "day", "hour", "minute", "second", "microsecond"];

/// Microseconds of what a timedelta is made of, in the order of its parameters.
const UNITS: [i64; 7] = [86_400_000_000, 1_000_000, 1, 1_000, 60_000_000, 3_600_000_000, 604_800_000_000];

fn call(of: Type, op: TimeOp, operands: Vec<Value>) -> Value {
    Value::call(of, Primitive::Time(op), operands)
}

impl Lowering<'_> {
    /// A call of a class of `datetime`, or of one of its class methods.
    pub(super) fn time_call(&mut self, builtin: Builtin, arguments: Vec<Value>) -> Lowered<Value> {
        // What may be None bails there, as Python raises.
        let held = |this: &mut Self, value: Value| match value.constant() {
            Some(_) => value,
            None => this.hold(value.unwrapped()),
        };
        let arguments: Vec<Value> = arguments.into_iter().map(|value| held(self, value)).collect();
        match (builtin, arguments.as_slice()) {
            (Builtin::DateTime, [parts @ .., zone]) if parts.len() == PARTS.len() => {
                let time = self.zone(zone)?;
                self.made_of(Type::Time(time), parts)
            }
            (Builtin::Date, parts) if parts.len() == 3 => {
                let zero = [0; 4].map(|_| Value::int(0));
                let parts: Vec<Value> = parts.iter().cloned().chain(zero).collect();
                self.made_of(Type::Time(Time::Date), &parts)
            }
            (Builtin::TimeDelta, parts) if parts.len() == UNITS.len() => self.new_delta(parts),
            (Builtin::DateTimeFromStamp, [stamp, zone]) => {
                let time = self.zone(zone)?;
                let stamp = self.float_exactly(stamp.clone())?;
                Ok(call(Type::Time(time), TimeOp::FromSeconds, vec![stamp]))
            }
            (Builtin::DateTimeParse, [text, format]) => {
                let Some(Constant::Str(format)) = format.constant().cloned() else {
                    return Err(self.refused("a format of times that isn't constant isn't compiled", "write it out"));
                };
                let items = parse(&format).map_err(|what| {
                    self.refused(format!("{what} isn't compiled"), "format the fields one by one, in an f-string")
                })?;
                if items.iter().any(|item| matches!(item, Item::DayOfYear | Item::IsoWeekday | Item::SundayWeekday)) {
                    return Err(self
                        .refused("`%j`, `%u` and `%w` in a format that is read aren't compiled", "use `%d` and `%m`"));
                }
                let of = if items.contains(&Item::Offset) { Time::Utc } else { Time::Naive };
                let text = self.text(text.clone())?;
                Ok(call(Type::Time(of), TimeOp::Parse(format), vec![text]))
            }
            _ => Err(self.arity(builtin.name())),
        }
    }

    fn zone(&mut self, zone: &Value) -> Lowered<Time> {
        match zone.constant() {
            Some(Constant::Bool(true)) => Ok(Time::Utc),
            Some(Constant::Bool(false)) => Ok(Time::Naive),
            _ => Err(self.refused(
                "a time zone other than timezone.utc isn't compiled",
                "use timezone.utc, and add the difference as a timedelta",
            )),
        }
    }

    /// Of year to microsecond.
    fn made_of(&mut self, of: Type, parts: &[Value]) -> Lowered<Value> {
        let parts = self.ints(parts, "a date is made of")?;
        Ok(call(of, TimeOp::New, parts))
    }

    fn new_delta(&mut self, parts: &[Value]) -> Lowered<Value> {
        let delta = Type::Time(Time::Delta);
        let is_zero = |part: &Value| matches!(part.constant(), Some(Constant::Int(0)));
        let given: Vec<usize> = (0..parts.len()).filter(|at| !is_zero(&parts[*at])).collect();
        if let [only] = given[..]
            && *parts[only].of() == Type::Float
        {
            return Ok(call(delta, TimeOp::DeltaOf(UNITS[only]), vec![parts[only].clone()]));
        }
        let parts = self.ints(parts, "a timedelta of several parts has")?;
        Ok(call(delta, TimeOp::NewDelta, parts))
    }

    /// Parts that are ints; of another one, `what` says where it is.
    fn ints(&mut self, parts: &[Value], what: &str) -> Lowered<Vec<Value>> {
        let int = |part: &Value| match part.of() {
            Type::Int | Type::Bool => self.int(part.clone()),
            of => Err(self.refused(format!("{what} a {of}, which isn't compiled"), "use ints")),
        };
        parts.iter().map(int).collect()
    }

    /// A stamp, which an int is too large for as a float beyond 2**53.
    fn float_exactly(&mut self, value: Value) -> Lowered<Value> {
        match value.of() {
            Type::Int | Type::Bool | Type::Float => self.float(value),
            of => Err(self.refused(format!("a time of a {of}"), "make it of numbers")),
        }
    }

    pub(super) fn time_field(&mut self, object: Value, time: Time, name: &str) -> Lowered<Value> {
        match Part::attribute(time, name) {
            Some(part) => Ok(call(Type::Int, TimeOp::Part(part), vec![object])),
            None => Err(self.refused(
                format!("`.{name}` of a {time} isn't compiled"),
                "use its year, month, day, hour, minute or second",
            )),
        }
    }

    pub(super) fn time_method(
        &mut self,
        object: Value,
        time: Time,
        name: &str,
        arguments: Vec<Value>,
    ) -> Lowered<Value> {
        let part = |part: Part| Some(TimeOp::Part(part));
        let of_int = match (name, time, arguments.len()) {
            (_, Time::Delta, _) => None,
            ("weekday", _, 0) => part(Part::Weekday),
            ("isoweekday", _, 0) => part(Part::IsoWeekday),
            ("toordinal", _, 0) => part(Part::Ordinal),
            _ => None,
        };
        if let Some(op) = of_int {
            return Ok(call(Type::Int, op, vec![object]));
        }
        match (name, time, arguments.as_slice()) {
            ("total_seconds", Time::Delta, []) => Ok(call(Type::Float, TimeOp::Seconds, vec![object])),
            ("timestamp", Time::Utc, []) => Ok(call(Type::Float, TimeOp::Stamp, vec![object])),
            ("timestamp", Time::Naive, []) => Err(self.refused(
                "`timestamp` of a datetime without a time zone depends on the machine",
                "use timezone.utc, or subtract datetime(1970, 1, 1)",
            )),
            ("date", Time::Naive | Time::Utc, []) => Ok(call(Type::Time(Time::Date), TimeOp::Midnight, vec![object])),
            ("isoformat", Time::Naive | Time::Utc | Time::Date, []) => {
                Ok(call(Type::Str, TimeOp::IsoFormat, vec![object]))
            }
            ("strftime", Time::Naive | Time::Utc | Time::Date, [format]) => match format.constant().cloned() {
                Some(Constant::Str(format)) => self.time_format(object, &format),
                _ => Err(self.refused("a format of times that isn't constant isn't compiled", "write it out")),
            },
            ("datetime.replace", Time::Naive | Time::Utc | Time::Date, changes) => {
                self.time_replaced(object, time, changes)
            }
            _ => Err(self.refused(
                format!("`{name}` of a {time} isn't compiled"),
                "compute it from its fields, or call it in a map() of its own",
            )),
        }
    }

    /// `replace`: names and values take turns.
    fn time_replaced(&mut self, object: Value, time: Time, changes: &[Value]) -> Lowered<Value> {
        let object = self.hold(object);
        let mut of = time;
        let mut parts: Vec<Value> = Vec::with_capacity(PARTS.len());
        for name in PARTS {
            parts.push(match Part::attribute(time, name) {
                Some(part) => call(Type::Int, TimeOp::Part(part), vec![object.clone()]),
                None => Value::int(0),
            });
        }
        for change in changes.chunks(2) {
            let [name, value] = change else { return Err(self.arity("replace")) };
            let Some(Constant::Str(name)) = name.constant().cloned() else { return Err(self.arity("replace")) };
            if name == "tzinfo" && time != Time::Date {
                of = self.zone(value)?;
                continue;
            }
            match PARTS.iter().position(|part| *part == name && Part::attribute(time, part).is_some()) {
                Some(at) if is_number(value.of()) => parts[at] = value.clone(),
                _ => {
                    return Err(self.refused(
                        format!("`replace` of {name} of a {time} isn't compiled"),
                        "make a new one of its fields",
                    ));
                }
            }
        }
        self.made_of(Type::Time(of), &parts)
    }

    /// `strftime`, and a format spec.
    pub(super) fn time_format(&mut self, value: Value, format: &str) -> Lowered<Value> {
        match parse(format) {
            Ok(_) => Ok(call(Type::Str, TimeOp::Format(format.to_owned()), vec![value])),
            Err(what) => {
                Err(self.refused(format!("{what} isn't compiled"), "format the fields one by one, in an f-string"))
            }
        }
    }

    pub(super) fn time_text(&mut self, value: Value, conversion: Conversion) -> Lowered<Value> {
        match conversion {
            Conversion::Str => Ok(call(Type::Str, TimeOp::Text, vec![value])),
            Conversion::Repr => {
                Err(self.refused(format!("the repr of a {} isn't compiled", value.of()), "use str() or isoformat()"))
            }
        }
    }

    pub(super) fn time_binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Lowered<Value> {
        use BinaryOp::*;
        use Time::*;
        let delta = Type::Time(Delta);
        let int = |of: &Type| matches!(of, Type::Int | Type::Bool);
        Ok(match (op, a.of().clone(), b.of().clone()) {
            (Add, Type::Time(Delta), Type::Time(Delta)) => call(delta, TimeOp::DeltaPlus, vec![a, b]),
            (Sub, Type::Time(Delta), Type::Time(Delta)) => call(delta, TimeOp::DeltaMinus, vec![a, b]),
            (Mod, Type::Time(Delta), Type::Time(Delta)) => call(delta, TimeOp::DeltaMod, vec![a, b]),
            (Div, Type::Time(Delta), Type::Time(Delta)) => call(Type::Float, TimeOp::DeltaDiv, vec![a, b]),
            (FloorDiv, Type::Time(Delta), Type::Time(Delta)) => call(Type::Int, TimeOp::DeltaFloorDiv, vec![a, b]),
            (Add, of @ Type::Time(_), Type::Time(Delta)) => call(of, TimeOp::Plus, vec![a, b]),
            (Add, Type::Time(Delta), of @ Type::Time(_)) => {
                // Held, as the operands change places.
                let (a, b) = (self.hold(a), self.hold(b));
                call(of, TimeOp::Plus, vec![b, a])
            }
            (Sub, of @ Type::Time(_), Type::Time(Delta)) => call(of, TimeOp::Minus, vec![a, b]),
            (Sub, of @ Type::Time(_), other) if of == other => call(delta, TimeOp::Between, vec![a, b]),
            (Mul, Type::Time(Delta), of) if int(&of) => {
                let b = self.int(b)?;
                call(delta, TimeOp::DeltaTimes, vec![a, b])
            }
            (Mul, of, Type::Time(Delta)) if int(&of) => {
                let (a, b) = (self.int(a)?, self.hold(b));
                let a = self.hold(a);
                call(delta, TimeOp::DeltaTimes, vec![b, a])
            }
            (Div, Type::Time(Delta), of) if int(&of) => {
                let b = self.int(b)?;
                call(delta, TimeOp::DeltaDivInt, vec![a, b])
            }
            (FloorDiv, Type::Time(Delta), of) if int(&of) => {
                let b = self.int(b)?;
                call(delta, TimeOp::DeltaFloorDivInt, vec![a, b])
            }
            (_, of, other) => {
                return Err(self.refused(
                    format!("`{}` of a {of} and a {other} isn't compiled", super::arithmetic::symbol(op)),
                    "compute with timestamps, which are numbers",
                ));
            }
        })
    }

    pub(super) fn time_unary(&mut self, op: UnaryOp, value: Value) -> Lowered<Value> {
        match (op, value.of()) {
            (UnaryOp::Plus, Type::Time(Time::Delta)) => Ok(value),
            (UnaryOp::Minus, Type::Time(Time::Delta)) => {
                let zero = Value::new(value.of().clone(), Kind::Constant(Constant::Time(Time::Delta, 0)));
                Ok(call(Type::Time(Time::Delta), TimeOp::DeltaMinus, vec![zero, value]))
            }
            (_, of) => Err(self.refused(
                format!("an operator on a {of} isn't compiled"),
                "compute with its fields, which are numbers",
            )),
        }
    }
}
