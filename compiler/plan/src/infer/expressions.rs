//! Expressions, kind by kind.

use super::displays::field;
use super::loops::Order;
use super::{Lowered, Lowering, Stop, Value};
use crate::ir::{BinaryOp, Builtin, CompareOp, Expression, UnaryOp};
use crate::primitive::Primitive;
use crate::typed::{Expr, Kind, Stmt};
use crate::types::{Constant, Type};

impl<'a> Lowering<'a> {
    pub(super) fn expr(&mut self, expression: &'a Expression) -> Lowered<Value> {
        self.looked_at += 1;
        if self.looked_at > super::WALK {
            return Err(self.refused("it is too large to be compiled", "split it"));
        }
        if let Some(operand) = self.several(expression) {
            return self.narrowed(operand, &mut |this| this.expr(expression));
        }
        let value = self.expression(expression)?;
        let value = self.inhabited(value)?;
        Ok(self.in_order(value))
    }

    fn expression(&mut self, expression: &'a Expression) -> Lowered<Value> {
        let constant = |of: Type, constant: Constant| Ok(Value::new(of, Kind::Constant(constant)));
        match expression {
            Expression::None => Ok(Value::none()),
            Expression::Bool(value) => Ok(Value::bool(*value)),
            Expression::Int(value) => Ok(Value::int(*value)),
            Expression::Float(bits) => constant(Type::Float, Constant::Float(f64::from_bits(*bits))),
            Expression::Str(text) => Ok(Value::str(text.clone())),
            Expression::Bytes(bytes) => constant(Type::Bytes, Constant::Bytes(bytes.clone())),
            Expression::Tuple(items) => self.tuple(items),
            Expression::List(items) => {
                let items = self.operands_of(items.iter())?;
                self.list_display(expression, items)
            }
            Expression::Member(class, member) => self.member(*class, *member as usize),
            Expression::Set(items) => self.set_display(expression, items),
            Expression::Dict(items) => self.dict_display(expression, items),
            Expression::Local(local) => self.local(*local),
            Expression::Attribute(index) => self.attribute(*index),
            Expression::Binary(BinaryOp::Mod, number, modulus)
                if let (Expression::Call(Builtin::Int, text), Expression::Int(1..)) = (&**number, &**modulus)
                    && let [text] = text.as_slice() =>
            {
                let text = self.expr(text)?.unwrapped();
                if *text.of() == Type::Str {
                    let modulus = self.expr(modulus)?;
                    return Ok(Value::call(Type::Int, Primitive::StrToIntMod, vec![text, modulus]));
                }
                let number = self.int_from(text)?;
                let modulus = self.expr(modulus)?;
                self.binary(BinaryOp::Mod, number, modulus)
            }
            Expression::Binary(op, a, b) => {
                let [a, b] = self.pair(a, b)?;
                if let (Type::Set(_), Type::Set(_)) = (a.of(), b.of()) {
                    return self.set_operator(expression, *op, a, b);
                }
                if let (BinaryOp::BitOr, Type::Row(_), Type::Row(_)) = (op, a.of(), b.of()) {
                    return self.rows_united(expression, a, b);
                }
                self.binary(*op, a, b)
            }
            Expression::Unary(UnaryOp::Not, inner) => {
                let test = self.condition(inner)?;
                Ok(negated(test.expr))
            }
            Expression::Unary(op, inner) => {
                let inner = self.expr(inner)?;
                self.unary(*op, inner)
            }
            Expression::Compare(CompareOp::In, value, object) => self.contains(value, object),
            Expression::Compare(CompareOp::NotIn, value, object) => {
                let contains = self.contains(value, object)?;
                Ok(negated(contains.expr))
            }
            Expression::Compare(op, a, b) => {
                let [a, b] = self.pair(a, b)?;
                self.compare(*op, a, b)
            }
            Expression::And(a, b) => self.and_or(true, a, b),
            Expression::Or(a, b) => self.and_or(false, a, b),
            Expression::If(test, a, b) => self.conditional(test, a, b),
            Expression::Let(local, value, body) => {
                let value = self.expr(value)?;
                self.assign(*local, value);
                self.expr(body)
            }
            Expression::Index(object, index) => {
                let value = self.index(object, index)?;
                Ok(self.known_at(expression, value))
            }
            Expression::Slice(object, bounds) => self.slice(object, bounds),
            Expression::Field(object, name) => {
                let object = self.expr(object)?;
                let value = self.field_of(expression, object, name)?;
                Ok(self.known_at(expression, value))
            }
            Expression::Call(builtin, arguments) => self.builtin(expression, *builtin, arguments),
            Expression::Method(object, name, arguments) => self.method(expression, object, name, arguments),
            Expression::Invoke(function, arguments) => {
                let arguments = self.operands_of(arguments.iter())?;
                let place = self.place(expression);
                self.inline(*function, place, arguments)
            }
            Expression::New(class, arguments) => {
                let arguments = self.operands_of(arguments.iter())?;
                self.new_object(*class, arguments)
            }
            Expression::IsInstance(value, classes) => {
                let value = self.expr(value)?;
                self.is_instance(value, classes)
            }
            Expression::Format(parts) => self.format(parts),
            Expression::Percent(format, value) => self.percent(format, value),
            Expression::Comprehension(value, clauses) => {
                self.comprehension(expression, value, clauses, Order::default())
            }
            Expression::DictComprehension(key, value, clauses) => {
                self.dict_comprehension(expression, key, value, clauses)
            }
            Expression::Sorted(over, key, reverse) => self.sorted(over, key.as_ref(), reverse),
            Expression::Best(extreme, over, key, default) => {
                self.best(expression, *extreme, over, key.as_ref(), default.as_deref())
            }
            Expression::Regex(function, pattern, flags, arguments) => self.regex(*function, pattern, *flags, arguments),
        }
    }

    /// Values of expressions, evaluated one after the other: those before what needs statements are held.
    pub(super) fn operands_of(&mut self, expressions: impl Iterator<Item = &'a Expression>) -> Lowered<Vec<Value>> {
        let mut values: Vec<Value> = Vec::new();
        for expression in expressions {
            let at = self.out.len();
            let value = self.expr(expression)?;
            self.hold_before(at, &mut values);
            values.push(value);
        }
        Ok(values)
    }

    /// Evaluates values before the statements that came since then, if there are any.
    pub(super) fn hold_before(&mut self, at: usize, values: &mut Vec<Value>) {
        if self.out.len() > at && !values.is_empty() {
            let later = self.out.split_off(at);
            *values = std::mem::take(values).into_iter().map(|value| self.hold(value)).collect();
            self.out.extend(later);
        }
    }

    pub(super) fn operands<const N: usize>(&mut self, expressions: [&'a Expression; N]) -> Lowered<[Value; N]> {
        let values = self.operands_of(expressions.into_iter())?;
        values.try_into().map_err(|_| self.refused("an operand is missing", "compile the script again"))
    }

    pub(super) fn pair(&mut self, a: &'a Expression, b: &'a Expression) -> Lowered<[Value; 2]> {
        self.operands([a, b])
    }

    fn known_at(&self, expression: &Expression, value: Value) -> Value {
        match self.path(expression) {
            Some((path, _)) => self.with_known(&path, value),
            None => value,
        }
    }

    /// `a and b`, `a or b` as values.
    fn and_or(&mut self, and: bool, a: &'a Expression, b: &'a Expression) -> Lowered<Value> {
        if is_test(a) {
            let test = self.condition(a)?;
            match test.known() {
                Some(known) if known == and => {
                    self.learn(if and { &test.yes } else { &test.no });
                    return self.expr(b);
                }
                Some(known) => return Ok(Value::bool(known)),
                None => {}
            }
            let facts = if and { test.yes } else { test.no };
            let other = self.way(self.env.clone(), |this| {
                this.learn(&facts);
                this.expr(b)
            })?;
            let short = self.way(self.env.clone(), |_| Ok(Value::bool(!and)))?;
            return if and { self.choose(test.expr, other, short) } else { self.choose(test.expr, short, other) };
        }
        let path = self.path(a);
        let first = self.expr(a)?;
        let first = match first.expr.kind {
            Kind::Constant(_) => first,
            _ => self.hold(first),
        };
        let test = self.truth(first.clone())?;
        if let Kind::Constant(Constant::Bool(known)) = test.kind {
            return if known == and { self.expr(b) } else { Ok(first) };
        }
        let (yes, no) = self.truth_facts(path.as_ref().map(|(path, _)| path), first.of());
        let facts = if and { &yes } else { &no };
        let other = self.way(self.env.clone(), |this| {
            this.learn(facts);
            this.expr(b)
        })?;
        let short = self.way(self.env.clone(), |_| {
            Ok(match first.of() {
                Type::Optional(_) if !and => first.unwrapped(),
                Type::Optional(of) if super::conditions::always_true(of) => Value::none(),
                _ => first,
            })
        })?;
        if and { self.choose(test, other, short) } else { self.choose(test, short, other) }
    }

    fn conditional(&mut self, test: &'a Expression, a: &'a Expression, b: &'a Expression) -> Lowered<Value> {
        let test = self.condition(test)?;
        match test.known() {
            Some(true) => {
                self.learn(&test.yes);
                return self.expr(a);
            }
            Some(false) => {
                self.learn(&test.no);
                return self.expr(b);
            }
            None => {}
        }
        let a = self.way(self.env.clone(), |this| {
            this.learn(&test.yes);
            this.expr(a)
        })?;
        let b = self.way(self.env.clone(), |this| {
            this.learn(&test.no);
            this.expr(b)
        })?;
        self.choose(test.expr, a, b)
    }

    /// An attribute of a value: a field of an object, or a property.
    fn field_of(&mut self, at: &'a Expression, object: Value, name: &str) -> Lowered<Value> {
        let [object] = match self.apart([object], &mut |this, [object]| this.field_of(at, object, name)) {
            Ok(value) => return value,
            Err(values) => values,
        };
        let object = self.receiver(object);
        if let Type::Time(time) = *object.of() {
            return self.time_field(object, time, name);
        }
        let Type::Record(record) = object.of().clone() else {
            return Err(match object.of() {
                Type::None => self.raises(format!("`.{name}` of None"), "test it with `is not None` before"),
                Type::Int | Type::Bool | Type::Float | Type::Number => {
                    self.refused(format!("`.{name}` of a {} isn't compiled", object.of()), "use the number itself")
                }
                of => self.refused(
                    format!("`.{name}` of a {of} isn't compiled"),
                    match name {
                        "__class__" => "use isinstance()",
                        _ => "use a dataclass with that field, or an index or a key",
                    },
                ),
            });
        };
        if let Some(index) = record.fields.iter().position(|(field, _)| field == name) {
            return Ok(field(object, index, record.fields[index].1.clone()));
        }
        self.property(at, &record, object, name)
    }

    pub(super) fn is_none(&mut self, value: Value) -> Expr {
        match value.of() {
            Type::None => self.known_bool([value, Value::none()], true),
            Type::Optional(_) => Expr { of: Type::Bool, kind: Kind::IsNone(Box::new(value.expr)) },
            _ => self.known_bool([value, Value::none()], false),
        }
    }

    /// One of two values by a test that is a tree, where no local changes.
    pub(super) fn either(
        &mut self,
        test: Expr,
        a: impl FnOnce(&mut Self) -> Lowered<Value>,
        b: impl FnOnce(&mut Self) -> Lowered<Value>,
    ) -> Lowered<Value> {
        if let Kind::Constant(Constant::Bool(known)) = test.kind {
            return if known { a(self) } else { b(self) };
        }
        let a = self.way(self.env.clone(), a)?;
        let b = self.way(self.env.clone(), b)?;
        self.choose(test, a, b)
    }

    /// Goes on only if that holds.
    pub(super) fn require(&mut self, test: Expr, why: crate::typed::Why) -> Lowered<()> {
        match test.kind {
            Kind::Constant(Constant::Bool(true)) => Ok(()),
            Kind::Constant(Constant::Bool(false)) => Err(self.bail(why)),
            _ => {
                self.out.push(Stmt::If(test, Vec::new(), vec![Stmt::Bail(why)]));
                Ok(())
            }
        }
    }

    /// Ends like a function that is only refused where something comes to it.
    pub(super) fn arity(&mut self, name: &str) -> Stop {
        self.raises(format!("`{name}` is called with other arguments than it takes"), "give it what it takes")
    }
}

/// Whether an expression gives a Bool, whatever its operands are; comparisons of objects apart, which don't matter here
/// because their value is only taken as the truth.
fn is_test(expression: &Expression) -> bool {
    match expression {
        Expression::Unary(UnaryOp::Not, _) | Expression::IsInstance(..) => true,
        Expression::Compare(..) => true,
        Expression::And(a, b) | Expression::Or(a, b) => is_test(a) && is_test(b),
        _ => false,
    }
}

/// `not` of a Bool.
pub(super) fn negated(test: Expr) -> Value {
    if let Kind::Constant(Constant::Bool(value)) = test.kind {
        return Value::bool(!value);
    }
    if let Kind::Unary(UnaryOp::Not, inner) = test.kind {
        return Value { expr: *inner, sites: Default::default() };
    }
    Value::new(Type::Bool, Kind::Unary(UnaryOp::Not, Box::new(test)))
}
