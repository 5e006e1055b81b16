//! Objects of the script's classes, and the runtime's windows: fields, methods, and what operators make of them.

use std::sync::Arc;

use super::arithmetic::{concat, symbol};
use super::displays::field;
use super::expressions::negated;
use super::{Lowered, Lowering, Stop, Value};
use crate::ir::{BinaryOp, Class, CompareOp, Expression, UnaryOp};
use crate::primitive::Primitive;
use crate::typed::{Expr, Kind};
use crate::types::{RecordType, Type};

const WINDOWS: &str = "_pyflink.windows";

impl<'a> Lowering<'a> {
    pub(super) fn new_object(&mut self, class: u32, arguments: Vec<Value>) -> Lowered<Value> {
        let body = self.body;
        let Some(class) = body.classes.get(class as usize) else {
            return Err(self.refused("it makes an object of a class that isn't there", "compile the script again"));
        };
        if class.fields.len() != arguments.len() {
            return Err(self.arity(&class.name));
        }
        let fields = class.fields.iter().zip(&arguments).map(|(name, value)| (name.clone(), value.of().clone()));
        let record = RecordType {
            module: class.module.clone(),
            name: class.name.clone(),
            fields: fields.collect(),
            is_tuple: class.is_tuple,
            members: Vec::new(),
        };
        let sites = arguments.iter().flat_map(|value| value.sites.clone()).collect();
        let fields = arguments.into_iter().map(|value| value.expr).collect();
        Ok(Value::from(Type::Record(Arc::new(record)), Kind::Fields(fields), sites))
    }

    pub(super) fn class(&self, record: &RecordType) -> Option<&'a Class> {
        let body = self.body;
        body.classes.iter().find(|class| class.module == record.module && class.name == record.name)
    }

    /// Why a method stays in Python.
    fn not_compiled(&self, record: &RecordType, name: &str) -> Stop {
        let causes = self.class(record).map_or([].as_slice(), |class| &class.causes);
        let message = format!("`{name}` of {} isn't compiled", record.name);
        match causes.iter().find(|(known, _)| known == name) {
            Some((_, cause)) => self.refused(format!("{message}: {}", cause.message), cause.edit.clone()),
            None if self.class(record).is_some_and(|class| class.changing.iter().any(|(known, _)| known == name)) => self
                .refused(
                    format!("{message} here: it changes its object"),
                    "call it as a statement, on a variable of the function, or make a new object with the changed value",
                ),
            None => self.refused(message, "write it as a plain method, or a function, of the script"),
        }
    }

    /// The function of a method; `None` if the class has no such method.
    pub(super) fn method_index(&mut self, record: &RecordType, name: &str) -> Lowered<Option<u32>> {
        let Some(class) = self.class(record) else {
            if record.module == WINDOWS {
                return Ok(None);
            }
            return Err(self.refused(
                format!("methods of {} aren't known", record.name),
                "write a lambda that uses it, or make its class a @dataclass",
            ));
        };
        if let Some((_, function)) = class.methods.iter().find(|(method, _)| method == name) {
            return Ok(Some(*function));
        }
        if class.others.iter().any(|other| other == name) {
            return Err(self.not_compiled(record, name));
        }
        Ok(None)
    }

    /// Calls a method that is written in the script, if there is one.
    fn call_method(
        &mut self,
        place: (u32, usize),
        record: &RecordType,
        name: &str,
        operands: Vec<Value>,
    ) -> Lowered<Option<Value>> {
        match self.method_index(record, name)? {
            Some(function) => self.inline(function, place, operands).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn property(
        &mut self,
        at: &'a Expression,
        record: &Arc<RecordType>,
        object: Value,
        name: &str,
    ) -> Lowered<Value> {
        let place = self.place(at);
        let class = self.class(record);
        if class
            .is_some_and(|class| class.methods.iter().any(|(method, _)| method == name) && !is_property(class, name))
        {
            return Err(self.refused(format!("`{name}` of {} is a method that isn't called", record.name), "call it"));
        }
        match self.call_method(place, record, name, vec![object])? {
            Some(value) => Ok(value),
            None => Err(self.raises(
                format!("{} has no attribute `{name}`", record.name),
                match name {
                    "__class__" => "use isinstance()",
                    _ => "use one that it has",
                },
            )),
        }
    }

    pub(super) fn object_method(
        &mut self,
        at: &'a Expression,
        record: &Arc<RecordType>,
        object: Value,
        name: &str,
        arguments: Vec<Value>,
    ) -> Lowered<Value> {
        if record.module == WINDOWS {
            return self.window_method(record, object, name, &arguments);
        }
        if record.fields.iter().any(|(field, _)| field == name) {
            return Err(self.refused(format!("`{name}` of {} is called, a field", record.name), "use a method"));
        }
        if self.class(record).is_some_and(|class| is_property(class, name)) {
            return Err(self.refused(format!("`{name}` of {} is called, a property", record.name), "use a method"));
        }
        if record.is_tuple && self.method_index(record, name)?.is_none() {
            return self.named_tuple_method(at, record, object, name, arguments);
        }
        let operands = std::iter::once(object).chain(arguments).collect();
        let place = self.place(at);
        match self.call_method(place, record, name, operands)? {
            Some(value) => Ok(value),
            None => Err(self.not_compiled(record, name)),
        }
    }

    fn window_method(
        &mut self,
        record: &Arc<RecordType>,
        window: Value,
        name: &str,
        arguments: &[Value],
    ) -> Lowered<Value> {
        if !arguments.is_empty() {
            return Err(self.arity(name));
        }
        let of = |wanted: &str| record.fields.iter().position(|(field, _)| field == wanted);
        match (name, of("start"), of("end")) {
            ("getStart", Some(start), _) => Ok(field(window, start, Type::Int)),
            ("getEnd", _, Some(end)) => Ok(field(window, end, Type::Int)),
            ("maxTimestamp", _, Some(end)) => {
                let end = field(window, end, Type::Int);
                self.binary(BinaryOp::Sub, end, Value::int(1))
            }
            ("maxTimestamp", None, None) => {
                self.evaluate(window);
                Ok(Value::int(i64::MAX))
            }
            _ => Err(self.refused(
                format!("`{name}` of {} isn't compiled", record.name),
                "use its start, its end or maxTimestamp()",
            )),
        }
    }

    pub(super) fn object_truth(&mut self, record: &Arc<RecordType>, value: Value) -> Lowered<Expr> {
        if record.is_tuple {
            return Ok(self.known_bool([value, Value::none()], !record.fields.is_empty()));
        }
        for name in ["__bool__", "__len__"] {
            if let Some(truth) = self.call_special(record, name, vec![value.clone()])? {
                return match truth.of() {
                    Type::Bool | Type::Int => self.truth(truth),
                    _ => {
                        Err(self
                            .refused(format!("`{name}` of {} gives no bool or int", record.name), "let it give one"))
                    }
                };
            }
        }
        Ok(self.known_bool([value, Value::none()], true))
    }

    /// Calls a method on behalf of an operator.
    fn call_special(&mut self, record: &RecordType, name: &str, operands: Vec<Value>) -> Lowered<Option<Value>> {
        let place = self.implicit_place(name);
        self.call_method(place, record, name, operands)
    }

    pub(super) fn objects_equal(&mut self, a: Value, b: Value) -> Lowered<Expr> {
        let (of, other) = (a.of().clone(), b.of().clone());
        let refuse = |this: &Self, record: &RecordType| {
            Err(this.refused(format!("objects of {} are compared", record.name), "compare their fields"))
        };
        match (&of, &other) {
            (Type::Record(record), Type::Record(same))
                if (&record.module, &record.name) == (&same.module, &same.name) =>
            {
                if record.module == WINDOWS {
                    let (a, b) = (self.fields(a), self.fields(b));
                    let (a, b) = (super::displays::tuple_of(a), super::displays::tuple_of(b));
                    return self.equal(a, b, false);
                }
                match self.call_special(record, "__eq__", vec![a, b])? {
                    Some(equal) if *equal.of() == Type::Bool => Ok(equal.expr),
                    _ => refuse(self, record),
                }
            }
            (Type::Record(record), Type::Optional(_)) | (Type::Optional(_), Type::Record(record))
                if self.method_index(record, "__eq__")?.is_none() =>
            {
                refuse(self, record)
            }
            // What its method does with None, CPython finds out.
            (Type::Record(_), Type::Optional(inner)) | (Type::Optional(inner), Type::Record(_))
                if matches!(**inner, Type::Record(_)) =>
            {
                self.objects_equal(a.unwrapped(), b.unwrapped())
            }
            (Type::Record(_), Type::Record(record)) => refuse(self, record),
            // Values that don't know the class leave it to its method, also from their left.
            (Type::Record(record), _) | (_, Type::Record(record)) if !matches!(other, Type::Optional(_)) => {
                if self.method_index(record, "__eq__")?.is_none() {
                    return Ok(self.known_bool([a, b], false));
                }
                let operands = if matches!(of, Type::Record(_)) { vec![a, b] } else { vec![b, a] };
                match self.call_special(record, "__eq__", operands)? {
                    Some(equal) if *equal.of() == Type::Bool => Ok(equal.expr),
                    _ => refuse(self, record),
                }
            }
            _ => Err(self.refused("objects are compared", "compare their fields")),
        }
    }

    /// Whether what is compared is or may be an object whose class says what it equals.
    pub(super) fn has_own_equality(&mut self, of: &Type) -> bool {
        match of {
            Type::Optional(of) => self.has_own_equality(of),
            Type::Object(_) => true,
            Type::Record(record) if !record.is_tuple && !record.is_enum() => {
                !matches!(self.method_index(record, "__eq__"), Ok(None))
            }
            _ => false,
        }
    }

    pub(super) fn unequal(&mut self, a: Value, b: Value) -> Lowered<Value> {
        let (a, b) = (a.untitled(), b.untitled());
        for of in [a.of().clone(), b.of().clone()] {
            let of = if let Type::Optional(of) = of { *of } else { of };
            if let Type::Record(record) = of
                && self.method_index(&record, "__ne__")?.is_some()
            {
                return Err(self.refused(format!("`!=` of {} isn't compiled", record.name), "compare their fields"));
            }
        }
        let equal = self.equal(a, b, false)?;
        Ok(negated(equal))
    }

    pub(super) fn object_order(&mut self, op: CompareOp, a: Value, b: Value) -> Lowered<Value> {
        let name = match op {
            CompareOp::Lt => "__lt__",
            CompareOp::Le => "__le__",
            CompareOp::Gt => "__gt__",
            _ => "__ge__",
        };
        let (of, other) = (a.of().clone(), b.of().clone());
        if let (Type::Record(record), Type::Record(same)) = (&of, &other)
            && (&record.module, &record.name) == (&same.module, &same.name)
        {
            // Without it, the other one is asked the other way round.
            let reflected = match op {
                CompareOp::Lt => "__gt__",
                CompareOp::Le => "__ge__",
                CompareOp::Gt => "__lt__",
                _ => "__le__",
            };
            let value = match self.call_special(record, name, vec![a.clone(), b.clone()])? {
                Some(value) => Some(value),
                None => self.call_special(record, reflected, vec![b, a])?,
            };
            if let Some(value) = value
                && *value.of() == Type::Bool
            {
                return Ok(value);
            }
        }
        Err(self.refused(format!("an order of a {of} and a {other} isn't compiled"), "compare their fields"))
    }

    pub(super) fn object_binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Lowered<Value> {
        let name = match op {
            BinaryOp::Add => "__add__",
            BinaryOp::Sub => "__sub__",
            BinaryOp::Mul => "__mul__",
            BinaryOp::Div => "__truediv__",
            _ => "",
        };
        let (of, other) = (a.of().clone(), b.of().clone());
        if let Type::Record(record) = &of {
            let same = match &other {
                Type::Record(other) => (&record.module, &record.name) == (&other.module, &other.name),
                _ => true,
            };
            if same
                && !name.is_empty()
                && let Some(value) = self.call_special(record, name, vec![a, b])?
            {
                return Ok(value);
            }
        }
        Err(self.refused(format!("`{}` of a {of} and a {other} isn't compiled", symbol(op)), "use their fields"))
    }

    pub(super) fn object_unary(&mut self, op: UnaryOp, value: Value) -> Lowered<Value> {
        match op {
            UnaryOp::Not => {
                let test = self.truth(value)?;
                Ok(negated(test))
            }
            _ => Err(self.refused("an operator on an object isn't compiled", "use its fields")),
        }
    }

    pub(super) fn object_index(&mut self, object: Value, index: Value) -> Lowered<Value> {
        self.special(object, "__getitem__", vec![index])
    }

    pub(super) fn object_contains(&mut self, object: Value, value: Value) -> Lowered<Value> {
        let found = self.special(object, "__contains__", vec![value])?;
        let expr = self.truth(found)?;
        Ok(Value { expr, sites: Default::default() })
    }

    pub(super) fn special(&mut self, object: Value, name: &'static str, others: Vec<Value>) -> Lowered<Value> {
        let Type::Record(record) = object.of().clone() else {
            return Err(self.refused("no object", "compile the script again"));
        };
        let operands = std::iter::once(object).chain(others).collect();
        match self.call_special(&record, name, operands)? {
            Some(value) => Ok(value),
            None => Err(self.not_compiled(&record, name)),
        }
    }

    /// Only goes on if the class has no such method of its own.
    pub(super) fn no_method(&mut self, record: &RecordType, name: &str) -> Lowered<()> {
        match self.method_index(record, name)? {
            None => Ok(()),
            Some(_) => Err(self
                .refused(format!("{} has a `{name}` of its own", record.name), "leave it out, or call a plain method")),
        }
    }

    /// `str()` or `repr()` of an object.
    pub(super) fn object_text(&mut self, object: Value, repr: bool) -> Lowered<Value> {
        let Type::Record(record) = object.of().clone() else {
            return Err(self.refused("no object", "compile the script again"));
        };
        if record.module == WINDOWS {
            return self.window_text(&record, object);
        }
        let names: &[&'static str] = if repr { &["__repr__"] } else { &["__str__", "__repr__"] };
        for name in names {
            if let Some(value) = self.call_special(&record, name, vec![object.clone()])? {
                return match value.of() {
                    Type::Str => Ok(value),
                    _ => Err(self.raises(format!("`{name}` of {} gives no str", record.name), "let it give one")),
                };
            }
        }
        Err(self.refused(format!("the text of a {} has its address in it", record.name), "give it a `__str__`"))
    }

    fn window_text(&mut self, record: &Arc<RecordType>, window: Value) -> Lowered<Value> {
        if record.fields.is_empty() {
            self.evaluate(window);
            return Ok(Value::str(record.name.clone()));
        }
        let mut parts = Vec::new();
        let fields = self.fields(window);
        for ((name, _), value) in record.fields.iter().zip(fields) {
            let before = if parts.is_empty() { format!("{}{{{name}=", record.name) } else { format!(", {name}=") };
            parts.push(Value::str(before));
            parts.push(Value::call(Type::Str, Primitive::Str, vec![value]));
        }
        parts.push(Value::str("}"));
        Ok(concat(parts))
    }
}

fn is_property(class: &Class, name: &str) -> bool {
    class.properties.iter().any(|property| property == name)
}
