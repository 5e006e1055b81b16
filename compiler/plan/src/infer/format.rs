//! Text of values: `str`, `repr`, f-strings.

use super::arithmetic::concat;
use super::{Lowered, Lowering, Value};
use crate::ir::Part;
use crate::primitive::Primitive;
use crate::time::Time;
use crate::types::{Constant, Type};

pub(super) use crate::ir::Conversion;

impl<'a> Lowering<'a> {
    pub(super) fn format(&mut self, parts: &'a [Part]) -> Lowered<Value> {
        let mut texts: Vec<Value> = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Part::Text(text) => texts.push(Value::str(text.clone())),
                Part::Value(value, conversion, spec) => {
                    let at = self.out.len();
                    let value = self.expr(value)?;
                    let text = self.formatted(value, *conversion, spec)?;
                    let text = self.in_order(text);
                    // Each is text before the next is evaluated: that may change a list.
                    self.hold_before(at, &mut texts);
                    texts.push(text);
                }
            }
        }
        Ok(concat(texts))
    }

    fn formatted(&mut self, value: Value, conversion: Option<Conversion>, spec: &str) -> Lowered<Value> {
        let value = match conversion {
            Some(conversion) => self.convert(value, conversion)?,
            None => value,
        };
        if spec.is_empty() {
            if let Type::Record(record) = value.of().clone() {
                self.no_method(&record, "__format__")?;
            }
            return self.convert(value, Conversion::Str);
        }
        let [value] = match self.apart([value], &mut |this, [value]| this.formatted(value, None, spec)) {
            Ok(value) => return value,
            Err(values) => values,
        };
        // None has no specs: it bails, as Python raises.
        let value = value.unwrapped();
        match value.of().clone() {
            Type::Bool | Type::Int | Type::Float | Type::Str => {
                Ok(Value::call(Type::Str, Primitive::Format(spec.to_owned()), vec![value]))
            }
            Type::Number => self.by_number(value, |this, value| this.formatted(value, None, spec)),
            Type::Time(Time::Naive | Time::Utc | Time::Date) => self.time_format(value, spec),
            Type::Record(record) => {
                Err(self.refused(format!("a {} with a format spec isn't compiled", record.name), "format its fields"))
            }
            of => {
                Err(self.raises(format!("a {of} has a format spec"), "leave the spec out, or format a number or a str"))
            }
        }
    }

    /// `format(value, spec)`, of any spec.
    pub(super) fn format_as(&mut self, value: Value, spec: Value) -> Lowered<Value> {
        if let Some(Constant::Str(spec)) = spec.constant() {
            let spec = spec.to_string();
            return self.formatted(value, None, &spec);
        }
        let spec = self.text(spec)?;
        let value = value.unwrapped();
        match value.of().clone() {
            Type::Bool | Type::Int | Type::Float | Type::Str => {
                Ok(Value::call(Type::Str, Primitive::FormatAs, vec![value, spec]))
            }
            Type::Number => {
                let spec = self.hold(spec);
                self.by_number(value, |this, value| this.format_as(value, spec.clone()))
            }
            of => {
                Err(self.refused(format!("a format spec of a {of} that isn't constant isn't compiled"), "write it out"))
            }
        }
    }

    /// `str()` and `repr()`.
    pub(super) fn convert(&mut self, value: Value, conversion: Conversion) -> Lowered<Value> {
        let repr = conversion == Conversion::Repr;
        let value = match super::unions::is_written(value.of()) {
            true => value,
            false => match self.apart([value], &mut |this, [value]| this.convert(value, conversion)) {
                Ok(value) => return value,
                Err([value]) => value,
            },
        };
        match value.of().clone() {
            Type::Str if !repr => Ok(value),
            Type::Record(_) => self.object_text(value, repr),
            Type::Time(_) => self.time_text(value, conversion),
            Type::Optional(of) if matches!(*of, Type::Record(_) | Type::Time(_)) => {
                let value = self.hold(value);
                let none = self.is_none(value.clone());
                self.either(none, |_| Ok(Value::str("None")), |this| this.convert(value.unwrapped(), conversion))
            }
            of if holds_objects(&of) => Err(self
                .refused(format!("the text of a {of} with objects in it isn't compiled"), "make it of their fields")),
            of if unprintable(&of) => {
                Err(self.refused(format!("the text of a {of} isn't compiled"), "sort it, or join it"))
            }
            _ => {
                let primitive = if repr { Primitive::Repr } else { Primitive::Str };
                Ok(Value::call(Type::Str, primitive, vec![value]))
            }
        }
    }
}

/// Text in which that of objects is.
pub(super) fn holds_objects(of: &Type) -> bool {
    match of {
        Type::Record(_) => true,
        Type::Tuple(fields) | Type::Mixed(fields) => fields.iter().any(holds_objects),
        Type::TupleOf(of) | Type::List(of) | Type::Optional(of) | Type::Set(of) => holds_objects(of),
        Type::Union(variants) => variants.iter().any(holds_objects),
        Type::Dict(key, value) => holds_objects(key) || holds_objects(value),
        _ => false,
    }
}

/// Text that has an order in it that is CPython's own, or an address.
pub(super) fn unprintable(of: &Type) -> bool {
    match of {
        Type::Set(_) | Type::Match(_) | Type::Object(_) | Type::Time(_) => true,
        Type::Tuple(fields) | Type::Mixed(fields) => fields.iter().any(unprintable),
        Type::TupleOf(of) | Type::List(of) | Type::Optional(of) => unprintable(of),
        Type::Dict(key, value) => unprintable(key) || unprintable(value),
        Type::Union(variants) => variants.iter().any(unprintable),
        Type::Row(fields) => fields.iter().any(|(_, of)| unprintable(of)),
        _ => false,
    }
}
