//! Tests of exactly which type a value is of: `type(x) is int`, `type(x) in (list, tuple)`, and the name of the function
//! object's own.

use super::*;
use pyflink_plan::ir::UnaryOp as Unary;

impl<'a> Lift<'_, 'a> {
    /// `type(x) is T` and its like; None for other comparisons.
    pub(super) fn type_test(&mut self, left: &'a Expr, op: CmpOp, right: &'a Expr) -> Lifted<Option<Expression>> {
        let Some(of) = self.typed_value(left) else { return Ok(None) };
        let types = match (op, &right.kind) {
            (CmpOp::Is | CmpOp::IsNot | CmpOp::Eq | CmpOp::NotEq, _) => std::slice::from_ref(right),
            (CmpOp::In | CmpOp::NotIn, ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items)) => items,
            _ => return Ok(None),
        };
        let value = self.expr(of)?;
        let held = self.fresh();
        let mut tests = Vec::new();
        for of in types {
            tests.push(self.exactly(Expression::Local(held), of)?);
        }
        let test = expressions::joined(false, tests).unwrap_or(Expression::Bool(false));
        let test = match op {
            CmpOp::IsNot | CmpOp::NotEq | CmpOp::NotIn => Expression::Unary(Unary::Not, boxed(test)),
            _ => test,
        };
        Ok(Some(Expression::Let(held, boxed(value), boxed(test))))
    }

    /// The value of `type(x)` or `x.__class__`.
    fn typed_value(&self, expr: &'a Expr) -> Option<&'a Expr> {
        match &expr.kind {
            ExprKind::Call { func, args, keywords } => match (&func.kind, args.as_slice(), keywords.as_slice()) {
                (ExprKind::Name(name), [of], []) if name == "type" && self.is_builtin(name) => {
                    (!matches!(of.kind, ExprKind::Starred(_)) && self.object(of).is_none()).then_some(of)
                }
                _ => None,
            },
            ExprKind::Attribute { value, name } if name.name == "__class__" && self.object(value).is_none() => {
                Some(value)
            }
            _ => None,
        }
    }

    /// Whether a value is of a type, and not of one that derives from it.
    fn exactly(&mut self, value: Expression, of: &'a Expr) -> Lifted<Expression> {
        let unknown = || reason("type() compared with this runs in Python", "use isinstance()", of.span);
        let is = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            Expression::IsInstance(boxed(value.clone()), names)
        };
        if let ExprKind::Name(name) = &of.kind
            && self.is_builtin(name)
        {
            return match name.as_str() {
                "int" => {
                    let is_bool = Expression::Unary(Unary::Not, boxed(is(&["bool"])));
                    Ok(Expression::And(boxed(is(&["int"])), boxed(is_bool)))
                }
                // A named tuple is one too.
                "tuple" if self.all_records().iter().any(|(_, record)| record.is_tuple) => Err(unknown()),
                "bool" | "bytes" | "dict" | "float" | "list" | "set" | "str" | "tuple" => Ok(is(&[name])),
                _ => Err(unknown()),
            };
        }
        let class = self.known_value(of).and_then(|value| value.object()).ok_or_else(unknown)?;
        let record = self.evaluator.record(class).ok_or_else(unknown)?;
        self.records.insert(class);
        Ok(is(&[&format!("{}.{}", record.module, record.name)]))
    }

    /// `type(self).__name__` and `self.__class__.__name__` of the function object.
    pub(super) fn own_type_name(&self, value: &'a Expr, name: &str) -> Option<Expression> {
        if name != "__name__" {
            return None;
        }
        let of = match &value.kind {
            ExprKind::Call { func, args, keywords } => match (&func.kind, args.as_slice(), keywords.as_slice()) {
                (ExprKind::Name(name), [of], []) if name == "type" && self.is_builtin(name) => of,
                _ => return None,
            },
            ExprKind::Attribute { value, name } if name.name == "__class__" => value,
            _ => return None,
        };
        let Receiver::Object { class, .. } = self.object(of)? else { return None };
        let evaluator = self.evaluator;
        let is_set = ["__class__", "__name__"].iter().any(|name| self.bindings().is_set(name));
        let hooks = ["__getattr__", "__getattribute__", "__class__", "__name__"];
        if is_set
            || evaluator.class_is_open(&class)
            || hooks.iter().any(|hook| evaluator.class_attribute(&class, hook).is_some())
        {
            return None;
        }
        match evaluator.heap.get(class.object()?) {
            Object::Class(class) => Some(Expression::Str(class.name.to_string())),
            _ => None,
        }
    }
}
