//! Named tuples: records that are tuples of their fields, too.

use std::sync::Arc;

use super::displays::field;
use super::{Lowered, Lowering, Value};
use crate::ir::Expression;
use crate::typed::Kind;
use crate::types::{Constant, RecordType, Type};

impl Value {
    /// A named tuple as the tuple that it is, which has the same words; any other value as it is.
    pub(super) fn untitled(self) -> Value {
        let Some(of) = self.of().named_tuple() else { return self };
        let kind = match self.expr.kind {
            Kind::Constant(Constant::Record { fields, .. }) => {
                Kind::Constant(Constant::Tuple(fields.into_iter().map(|(_, value)| value).collect()))
            }
            kind @ Kind::Fields(_) => kind,
            kind => Kind::Coerce(Box::new(crate::typed::Expr { of: self.expr.of, kind })),
        };
        Value::from(of, kind, self.sites)
    }

    /// A tuple that is looked at as one, also if it is a named one, or a list of several types.
    pub(super) fn tupled(self) -> Value {
        let value = self.untitled();
        let Type::Mixed(fields) = value.of().clone() else { return value };
        let kind = match value.expr.kind {
            Kind::Constant(Constant::List(items)) => Kind::Constant(Constant::Tuple(items)),
            kind @ Kind::Fields(_) => kind,
            kind => Kind::Coerce(Box::new(crate::typed::Expr { of: value.expr.of, kind })),
        };
        Value::from(Type::Tuple(fields), kind, value.sites)
    }
}

impl<'a> Lowering<'a> {
    /// A method that its class has from `namedtuple`, or from `tuple`.
    pub(super) fn named_tuple_method(
        &mut self,
        at: &'a Expression,
        record: &Arc<RecordType>,
        object: Value,
        name: &str,
        arguments: Vec<Value>,
    ) -> Lowered<Value> {
        match name {
            "_asdict" if arguments.is_empty() => self.fields_by_name(at, record, object),
            _ => self.method_of(at, object.untitled(), name, arguments),
        }
    }

    /// An object of the same class, with some fields changed: names and values take turns.
    pub(super) fn replaced(&mut self, object: Value, by: &str, changes: Vec<(String, Value)>) -> Lowered<Value> {
        let object = object.unwrapped();
        let Type::Record(record) = object.of().clone() else {
            return Err(self.refused(
                format!("fields of a {} are replaced", object.of()),
                "replace those of a namedtuple or a dataclass",
            ));
        };
        let is_replaced = match by {
            "_replace" => record.is_tuple && self.method_index(&record, "_replace")?.is_none(),
            _ => self.class(&record).is_some_and(|class| class.is_data),
        };
        if !is_replaced {
            return Err(self.refused(
                format!("`{by}` of {} isn't compiled", record.name),
                "make a new one with all of its fields",
            ));
        }
        let at = |name: &String| record.fields.iter().position(|(field, _)| field == name);
        if let Some((name, _)) = changes.iter().find(|(name, _)| at(name).is_none()) {
            return Err(self.raises(format!("{} has no field {name}", record.name), "name one that it has"));
        }
        let mut fields = self.fields(object);
        for (name, value) in changes {
            if let Some(at) = at(&name) {
                fields[at] = value;
            }
        }
        let types = record.fields.iter().zip(&fields).map(|((name, _), value)| (name.clone(), value.of().clone()));
        let of = RecordType { fields: types.collect(), ..(*record).clone() };
        let sites = fields.iter().flat_map(|value| value.sites.clone()).collect();
        let fields = fields.into_iter().map(|value| value.expr).collect();
        Ok(Value::from(Type::Record(Arc::new(of)), Kind::Fields(fields), sites))
    }

    /// `_asdict()`.
    fn fields_by_name(&mut self, at: &'a Expression, record: &Arc<RecordType>, object: Value) -> Lowered<Value> {
        let joined = record.fields.iter().try_fold(Type::Never, |joined, (_, of)| joined.either(of));
        if joined.is_none() {
            return Err(self.refused(
                format!("a dict of the fields of {}, of several types, isn't compiled", record.name),
                "write the dict out, or use the fields themselves",
            ));
        }
        let object = self.hold(object);
        let dict = self.new_dict(at)?;
        for (index, (name, of)) in record.fields.iter().enumerate() {
            self.set_key(dict.clone(), Value::str(name.clone()), field(object.clone(), index, of.clone()))?;
        }
        Ok(dict)
    }
}
