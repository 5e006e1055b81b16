//! Tests, and what they show of the values that they look at.

use super::environment::{Fact, Known, Path, sameness};
use super::expressions::negated;
use super::{Lowered, Lowering, Value};
use crate::ir::{Builtin, CompareOp, Expression, UnaryOp};
use crate::primitive::Primitive;
use crate::time::Time;
use crate::typed::{Expr, Kind};
use crate::types::{Constant, Type};

/// A test: a Bool, and what holds where it is true, and where it isn't.
pub(super) struct Test {
    pub expr: Expr,
    pub yes: Vec<Fact>,
    pub no: Vec<Fact>,
}

impl Test {
    fn plain(expr: Expr) -> Test {
        Test { expr, yes: Vec::new(), no: Vec::new() }
    }

    /// Its value, if that is the same always.
    pub(super) fn known(&self) -> Option<bool> {
        match self.expr.kind {
            Kind::Constant(Constant::Bool(value)) => Some(value),
            _ => None,
        }
    }
}

impl<'a> Lowering<'a> {
    pub(super) fn condition(&mut self, expression: &'a Expression) -> Lowered<Test> {
        match expression {
            Expression::Unary(UnaryOp::Not, inner) => {
                let test = self.condition(inner)?;
                Ok(Test { expr: negated(test.expr).expr, yes: test.no, no: test.yes })
            }
            Expression::And(a, b) => self.both(true, a, b),
            Expression::Or(a, b) => self.both(false, a, b),
            Expression::Call(Builtin::Bool, arguments) if arguments.len() == 1 => self.condition(&arguments[0]),
            Expression::Let(local, value, body) => {
                let value = self.expr(value)?;
                self.assign(*local, value);
                self.condition(body)
            }
            Expression::Compare(op, a, b) if sameness(*op).is_some() => self.comparison(*op, a, b),
            Expression::IsInstance(value, classes) => {
                let path = self.path(value);
                let value = self.expr(value)?;
                let shown = self.instance_fact(value.of(), classes);
                let expr = self.is_instance(value, classes)?.expr;
                let mut test = Test::plain(expr);
                if let (Some((path, _)), Some((yes, no))) = (path, shown) {
                    test.yes.extend(yes.map(|known| (path.clone(), known)));
                    test.no.extend(no.map(|known| (path, known)));
                }
                Ok(test)
            }
            _ => {
                if let Some(operand) = self.several(expression) {
                    let value = self.narrowed(operand, &mut |this| {
                        let test = this.condition(expression)?;
                        Ok(Value { expr: test.expr, sites: Default::default() })
                    })?;
                    return Ok(Test::plain(value.expr));
                }
                let path = self.path(expression);
                let value = self.expr(expression)?;
                let (yes, no) = self.truth_facts(path.as_ref().map(|(path, _)| path), value.of());
                Ok(Test { expr: self.truth(value)?, yes, no })
            }
        }
    }

    fn both(&mut self, and: bool, a: &'a Expression, b: &'a Expression) -> Lowered<Test> {
        let first = self.condition(a)?;
        match first.known() {
            Some(known) if known == and => {
                self.learn(if and { &first.yes } else { &first.no });
                return self.condition(b);
            }
            Some(known) => return Ok(Test::plain(Value::bool(known).expr)),
            None => {}
        }
        let assigned = self.assigned.len();
        let facts = if and { &first.yes } else { &first.no };
        let mut second = None;
        let other = self.way(self.env.clone(), |this| {
            this.learn(facts);
            let test = this.condition(b)?;
            let value = Value { expr: test.expr.clone(), sites: Default::default() };
            second = Some(test);
            Ok(value)
        })?;
        let short = self.way(self.env.clone(), |_| Ok(Value::bool(!and)))?;
        let value = if and { self.choose(first.expr, other, short)? } else { self.choose(first.expr, short, other)? };
        let mut test = Test::plain(value.expr);
        let now = self.assigned.get(assigned..).unwrap_or_default();
        let mut shown: Vec<Fact> = if and { first.yes } else { first.no };
        shown.retain(|((local, _), _)| !now.contains(local));
        if let Some(second) = second {
            shown.extend(if and { second.yes } else { second.no });
        }
        if and {
            test.yes = shown;
        } else {
            test.no = shown;
        }
        Ok(test)
    }

    /// `==`, `!=`, `is` and `is not`.
    fn comparison(&mut self, op: CompareOp, a: &'a Expression, b: &'a Expression) -> Lowered<Test> {
        if let Some(operand) = self.several_of_two(op, a, b) {
            let value = self.narrowed(operand, &mut |this| {
                let test = this.comparison(op, a, b)?;
                Ok(Value { expr: test.expr, sites: Default::default() })
            })?;
            return Ok(Test::plain(value.expr));
        }
        let same = sameness(op) == Some(true);
        let (path, other_path) = (self.path(a), self.path(b));
        let [a, b] = self.pair(a, b)?;
        let (of, other) = (a.of().clone(), b.of().clone());
        let value = self.compare(op, a, b)?;
        let mut test = Test::plain(self.truth(value)?);
        // What an object's own method says, tells nothing.
        if matches!(op, CompareOp::Eq | CompareOp::Ne) && (self.has_own_equality(&of) || self.has_own_equality(&other))
        {
            return Ok(test);
        }
        let facts = |path: Option<(Path, Type)>, of: &Type, other: &Type| {
            let (path, Type::Optional(_)) = (path?.0, of) else { return None };
            match other {
                Type::None => Some(((path.clone(), Known::None), Some((path, Known::NotNone)))),
                Type::Optional(_) => None,
                _ => Some(((path, Known::NotNone), None)),
            }
        };
        for (path, of, other) in [(path, &of, &other), (other_path, &other, &of)] {
            let Some((yes, no)) = facts(path, of, other) else { continue };
            if same {
                test.yes.push(yes);
                test.no.extend(no);
            } else {
                test.no.push(yes);
                test.yes.extend(no);
            }
        }
        Ok(test)
    }

    pub(super) fn truth_facts(&self, path: Option<&Path>, of: &Type) -> (Vec<Fact>, Vec<Fact>) {
        let (Some(path), Type::Optional(inner)) = (path, of) else { return (Vec::new(), Vec::new()) };
        let no = if always_true(inner) { vec![(path.clone(), Known::None)] } else { Vec::new() };
        (vec![(path.clone(), Known::NotNone)], no)
    }

    /// Python's truth of a value.
    pub(super) fn truth(&mut self, value: Value) -> Lowered<Expr> {
        let known = |known: bool| Value::bool(known).expr;
        if let Some(constant) = value.constant() {
            match constant {
                Constant::Bool(value) => return Ok(known(*value)),
                Constant::Int(value) => return Ok(known(*value != 0)),
                Constant::Float(value) => return Ok(known(*value != 0.0)),
                Constant::Str(text) => return Ok(known(!text.is_empty())),
                _ => {}
            }
        }
        match value.of().clone() {
            of if super::unions::variants(&of).is_some() => {
                let case = &mut |this: &mut Self, value| {
                    let expr = this.truth(value)?;
                    Ok(Value { expr, sites: Default::default() })
                };
                Ok(self.cases(value, case)?.expr)
            }
            Type::Bool => Ok(value.expr),
            Type::None => Ok(self.known_bool([value, Value::none()], false)),
            Type::Tuple(fields) | Type::Mixed(fields) => {
                Ok(self.known_bool([value, Value::none()], !fields.is_empty()))
            }
            Type::Row(fields) => Ok(self.known_bool([value, Value::none()], !fields.is_empty())),
            Type::Match(_) => Ok(self.known_bool([value, Value::none()], true)),
            Type::Time(time) if time != Time::Delta => Ok(self.known_bool([value, Value::none()], true)),
            Type::Record(record) => self.object_truth(&record, value),
            of @ Type::Object(_) => Err(self.refused(
                format!("a {of} is only handed on in machine code, not tested"),
                "test a field of it in a map() before this one, and hand that on",
            )),
            Type::Optional(of) => match &*of {
                Type::Record(_) | Type::Object(_) => {
                    let value = self.hold(value);
                    let none = self.is_none(value.clone());
                    let some = |this: &mut Self| {
                        let expr = this.truth(value.unwrapped())?;
                        Ok(Value { expr, sites: Default::default() })
                    };
                    Ok(self.either(none, |_| Ok(Value::bool(false)), some)?.expr)
                }
                of if always_true(of) => {
                    let none = self.is_none(value);
                    Ok(negated(none).expr)
                }
                _ => Ok(Expr { of: Type::Bool, kind: Kind::Truth(Box::new(value.expr)) }),
            },
            _ => Ok(Expr { of: Type::Bool, kind: Kind::Truth(Box::new(value.expr)) }),
        }
    }

    pub(super) fn is_instance(&mut self, value: Value, classes: &[String]) -> Lowered<Value> {
        if super::unions::variants(value.of()).is_some() {
            return self.cases(value, &mut |this, value| this.is_instance(value, classes));
        }
        match value.of().clone() {
            Type::Optional(of) => {
                let (none, some) = (self.instance_of(&Type::None, classes)?, self.instance_of(&of, classes)?);
                match (none, some) {
                    (none, Some(some)) if none == Some(some) => {
                        let expr = self.known_bool([value, Value::none()], some);
                        Ok(Value { expr, sites: Default::default() })
                    }
                    (none, Some(_)) => {
                        let test = self.is_none(value);
                        let test = Value { expr: test, sites: Default::default() };
                        Ok(if none == Some(true) { test } else { negated(test.expr) })
                    }
                    (none, None) => {
                        let value = self.hold(value);
                        let test = self.is_none(value.clone());
                        let some = |this: &mut Self| this.number_is(value.unwrapped(), classes);
                        self.either(test, |_| Ok(Value::bool(none == Some(true))), some)
                    }
                }
            }
            of => match self.instance_of(&of, classes)? {
                Some(known) => {
                    let expr = self.known_bool([value, Value::none()], known);
                    Ok(Value { expr, sites: Default::default() })
                }
                None => self.number_is(value, classes),
            },
        }
    }

    /// Whether values of a type are of one of these classes; `None` if some are.
    pub(super) fn instance_of(&mut self, of: &Type, classes: &[String]) -> Lowered<Option<bool>> {
        let has = |name: &str| classes.iter().any(|class| class == name);
        if has("object") {
            return Ok(Some(true));
        }
        let name = match of {
            Type::None => "NoneType",
            Type::Bool => return Ok(Some(has("bool") || has("int"))),
            Type::Int => "int",
            Type::Float => "float",
            Type::Number if has("int") && has("float") => return Ok(Some(true)),
            Type::Number if has("int") || has("float") || has("bool") => return Ok(None),
            Type::Number => return Ok(Some(false)),
            Type::Str => "str",
            Type::Bytes => "bytes",
            Type::Tuple(_) | Type::TupleOf(_) => "tuple",
            Type::List(_) | Type::Mixed(_) => "list",
            Type::Dict(..) | Type::Row(_) => "dict",
            Type::Set(_) => "set",
            Type::Match(_) => "re.Match",
            Type::Time(_) => "datetime",
            Type::Object(class) => {
                return Err(self.refused(
                    format!("a {class} is only handed on in machine code, not tested"),
                    "test a field of it in a map() before this one, and hand that on",
                ));
            }
            Type::Record(record) => {
                // Of a class of the script, those that derive from it are among the names, too.
                let full = format!("{}.{}", record.module, record.name);
                return Ok(Some(has(&full) || record.is_tuple && has("tuple")));
            }
            Type::Never | Type::Optional(_) | Type::Union(_) => return Ok(Some(false)),
        };
        Ok(Some(has(name)))
    }

    fn number_is(&mut self, value: Value, classes: &[String]) -> Lowered<Value> {
        let tag = Value::call(Type::Int, Primitive::NumberTag, vec![value]);
        let has = |name: &str| classes.iter().any(|class| class == name);
        let (op, bound) = match (has("int"), has("float"), has("bool")) {
            (true, false, _) => (CompareOp::Ne, 2),
            (false, true, false) => (CompareOp::Eq, 2),
            (false, false, true) => (CompareOp::Eq, 0),
            (false, true, true) => (CompareOp::Ne, 1),
            _ => return Ok(Value::bool(true)),
        };
        let kind = Kind::Compare(op, Box::new(tag.expr), Box::new(Value::int(bound).expr));
        Ok(Value::new(Type::Bool, kind))
    }

    /// What `isinstance` shows where it holds, and where it doesn't.
    #[allow(clippy::type_complexity)]
    fn instance_fact(&mut self, of: &Type, classes: &[String]) -> Option<(Option<Known>, Option<Known>)> {
        let has = |name: &str| classes.iter().any(|class| class == name);
        let number = |of: &Type| match (of, has("int"), has("float"), has("bool")) {
            // A bool among ints is rare: it bails.
            (Type::Number, true, false, _) => Some((Some(Known::Is(Type::Int)), Some(Known::Is(Type::Float)))),
            (Type::Number, false, true, _) => Some((Some(Known::Is(Type::Float)), None)),
            (Type::Number, false, false, true) => Some((Some(Known::Is(Type::Bool)), None)),
            _ => None,
        };
        match of {
            of if let Some(variants) = super::unions::variants(of) => self.variant_facts(of, variants, classes),
            Type::Number => number(of),
            Type::Optional(inner) if **inner == Type::Number && !has("NoneType") => match (has("int"), has("float")) {
                (true, true) => Some((Some(Known::NotNone), Some(Known::None))),
                _ => number(inner).map(|(yes, _)| (yes, None)),
            },
            Type::Optional(inner) => {
                let none = self.instance_of(&Type::None, classes).ok()??;
                let some = self.instance_of(inner, classes).ok()??;
                match (none, some) {
                    (false, true) => Some((Some(Known::NotNone), Some(Known::None))),
                    (true, false) => Some((Some(Known::None), Some(Known::NotNone))),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Whether each value of a type is true.
pub(super) fn always_true(of: &Type) -> bool {
    match of {
        Type::Match(_) => true,
        Type::Time(time) => *time != Time::Delta,
        Type::Tuple(fields) | Type::Mixed(fields) => !fields.is_empty(),
        Type::Row(fields) => !fields.is_empty(),
        Type::Record(record) => record.is_tuple && !record.fields.is_empty(),
        _ => false,
    }
}
