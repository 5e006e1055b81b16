//! From one type to another that has all its values, and the type that two have in common.

use super::cells::{Makes, Sites};
use super::{Lowered, Lowering, Stop, Value, instead_of};
use crate::Cause;
use crate::typed::{Expr, Kind, Why};
use crate::types::{Constant, Type, variant_for};

impl Value {
    /// Out of an Optional.
    pub(super) fn unwrapped(self) -> Value {
        match self.expr.of.clone() {
            Type::Optional(of) => Value::from(*of, Kind::Unwrap(Box::new(self.expr)), self.sites),
            _ => self,
        }
    }

    /// To a type that is known to have all its values.
    pub(super) fn coerced(self, to: &Type) -> Value {
        if self.of() == to {
            return self;
        }
        let kind = match (self.expr.kind, to) {
            (Kind::Constant(Constant::Bool(value)), Type::Int) => Kind::Constant(Constant::Int(i64::from(value))),
            (Kind::Constant(Constant::Int(value)), Type::Float) => Kind::Constant(Constant::Float(value as f64)),
            (Kind::Constant(Constant::Bool(value)), Type::Float) => {
                Kind::Constant(Constant::Float(f64::from(u8::from(value))))
            }
            (Kind::Fields(fields), Type::Tuple(types) | Type::Mixed(types)) => {
                let field = |(field, of): (Expr, &Type)| Value { expr: field, sites: Sites::new() }.coerced(of).expr;
                Kind::Fields(fields.into_iter().zip(types).map(field).collect())
            }
            (Kind::Fields(fields), Type::Row(types)) => {
                let field = |(field, of): (Expr, &(String, Type))| {
                    Value { expr: field, sites: Sites::new() }.coerced(&of.1).expr
                };
                Kind::Fields(fields.into_iter().zip(&**types).map(field).collect())
            }
            (Kind::Fields(fields), Type::TupleOf(of)) => {
                let field = |field: Expr| Value { expr: field, sites: Sites::new() }.coerced(of).expr;
                Kind::Elements(fields.into_iter().map(field).collect())
            }
            (kind, _) => Kind::Coerce(Box::new(Expr { of: self.expr.of, kind })),
        };
        Value::from(to.clone(), kind, self.sites)
    }
}

impl Lowering<'_> {
    /// The type that has all values of both. Where lists that are in them differ, those who make them are asked for
    /// the wider ones, and the walk begins anew.
    pub(super) fn join(&mut self, a: (&Type, &Sites), b: (&Type, &Sites)) -> Lowered<Option<Type>> {
        if let Some(of) = a.0.join(b.0) {
            return Ok(Some(of));
        }
        if self.unify(a, b) {
            return Err(Stop::Again);
        }
        Ok(a.0.either(b.0))
    }

    /// Whether places were asked to make wider lists.
    fn unify(&mut self, a: (&Type, &Sites), b: (&Type, &Sites)) -> bool {
        let ((of, sites), (other, other_sites)) = (a, b);
        match (of, other) {
            (Type::List(x), Type::List(y)) => self.unify_made(Makes::List, a, b, (x, &Type::Never), (y, &Type::Never)),
            (Type::Set(x), Type::Set(y)) => self.unify_made(Makes::Set, a, b, (x, &Type::Never), (y, &Type::Never)),
            (Type::Dict(k, v), Type::Dict(l, w)) => self.unify_made(Makes::Dict, a, b, (k, v), (l, w)),
            (Type::Optional(x), y) | (y, Type::Optional(x)) if !matches!(y, Type::Optional(_)) => {
                self.unify((x, sites), (y, other_sites))
            }
            (Type::Optional(x), Type::Optional(y)) | (Type::TupleOf(x), Type::TupleOf(y)) => {
                self.unify((x, sites), (y, other_sites))
            }
            (Type::Tuple(x), Type::Tuple(y)) | (Type::Mixed(x), Type::Mixed(y)) if x.len() == y.len() => {
                let pairs = x.iter().zip(y).filter(|(x, y)| x.join(y).is_none());
                pairs.fold(false, |any, (x, y)| self.unify((x, sites), (y, other_sites)) || any)
            }
            (Type::Row(x), Type::Row(y)) if x.len() == y.len() && x.iter().zip(&**y).all(|(x, y)| x.0 == y.0) => {
                let pairs = x.iter().zip(&**y).filter(|(x, y)| x.1.join(&y.1).is_none());
                pairs.fold(false, |any, (x, y)| self.unify((&x.1, sites), (&y.1, other_sites)) || any)
            }
            (Type::Row(x), Type::Row(y)) => {
                let message = format!("a dict is a {of} or a {other}, depending on the way");
                let why = Cause::new(message, "give it the same keys");
                let first = self.cells.no_row(sites, x, &why);
                let second = self.cells.no_row(other_sites, y, &why);
                first || second
            }
            (Type::Row(x), Type::Dict(..)) => self.cells.no_row(sites, x, &two_dicts(of, other)),
            (Type::Dict(..), Type::Row(y)) => self.cells.no_row(other_sites, y, &two_dicts(other, of)),
            (Type::Record(x), Type::Record(y)) if x.fields.len() == y.fields.len() => {
                let pairs = x.fields.iter().zip(&y.fields).filter(|(x, y)| x.1.join(&y.1).is_none());
                pairs.fold(false, |any, (x, y)| self.unify((&x.1, sites), (&y.1, other_sites)) || any)
            }
            _ => false,
        }
    }

    fn unify_made(
        &mut self,
        makes: Makes,
        a: (&Type, &Sites),
        b: (&Type, &Sites),
        x: (&Type, &Type),
        y: (&Type, &Type),
    ) -> bool {
        let sites: Sites = a.1.union(b.1).copied().collect();
        match (x.0.join(y.0), x.1.join(y.1)) {
            (Some(first), Some(second)) => {
                let wide = (&first, &second);
                let first = x != wide && self.cells.widen(&sites, makes, x, wide);
                let second = y != wide && self.cells.widen(&sites, makes, y, wide);
                first || second
            }
            _ => {
                let first = x.0.join(y.0).is_none() && self.unify((x.0, &sites), (y.0, &sites));
                let second = x.1.join(y.1).is_none() && self.unify((x.1, &sites), (y.1, &sites));
                if first || second {
                    return true;
                }
                let (Some(first), Some(second)) = (x.0.either(y.0), x.1.either(y.1)) else { return false };
                let wide = (&first, &second);
                let first = x != wide && self.cells.widen(&sites, makes, x, wide);
                let second = y != wide && self.cells.widen(&sites, makes, y, wide);
                first || second
            }
        }
    }

    /// To a type that has all its values. An empty list that becomes one of a known type is made as one, because it may
    /// be seen through another name too.
    pub(super) fn coerce(&mut self, value: Value, to: &Type) -> Lowered<Value> {
        if value.of() == to {
            return Ok(value);
        }
        if self.fill(value.of(), to, &value.sites) {
            return Err(Stop::Again);
        }
        if value.of().join(to).as_ref() != Some(to) {
            return Err(self.refused(format!("a {} can't be a {to} here", value.of()), "use one type"));
        }
        Ok(value.coerced(to))
    }

    fn fill(&mut self, from: &Type, to: &Type, sites: &Sites) -> bool {
        if from == to || sites.is_empty() {
            return false;
        }
        let never = (&Type::Never, &Type::Never);
        match (from, to) {
            (Type::List(x), Type::List(y)) if **x == Type::Never => {
                self.cells.widen(sites, Makes::List, never, (y, &Type::Never))
            }
            (Type::Set(x), Type::Set(y)) if **x == Type::Never => {
                self.cells.widen(sites, Makes::Set, never, (y, &Type::Never))
            }
            (Type::Dict(x, z), Type::Dict(k, v)) if (&**x, &**z) == never => {
                self.cells.widen(sites, Makes::Dict, never, (k, v))
            }
            (Type::Optional(x), Type::Optional(y)) => self.fill(x, y, sites),
            (x, Type::Optional(y)) => self.fill(x, y, sites),
            (Type::Tuple(x), Type::Tuple(y)) | (Type::Mixed(x), Type::Mixed(y)) => {
                x.iter().zip(y).fold(false, |any, (x, y)| self.fill(x, y, sites) || any)
            }
            (Type::Union(x), to) => x.iter().any(|x| self.fill(x, to, sites)),
            (x, Type::Union(y)) => variant_for(y, x).is_some_and(|number| self.fill(x, &y[number], sites)),
            (Type::Tuple(x), Type::TupleOf(y)) => x.iter().any(|x| self.fill(x, y, sites)),
            (Type::TupleOf(x), Type::TupleOf(y)) => self.fill(x, y, sites),
            (Type::Row(x), Type::Row(y)) => {
                let pairs = x.iter().zip(&**y);
                pairs.fold(false, |any, (x, y)| self.fill(&x.1, &y.1, sites) || any)
            }
            (Type::Record(x), Type::Record(y)) => {
                let pairs = x.fields.iter().zip(&y.fields);
                pairs.fold(false, |any, (x, y)| self.fill(&x.1, &y.1, sites) || any)
            }
            _ => false,
        }
    }

    /// A value as one of the type of a cell, which has all that went there.
    pub(super) fn as_cell(&mut self, cell: u32, sites: &Sites, value: Value, what: &str) -> Lowered<Value> {
        let old = self.cells.of(cell);
        let Some(joined) = self.join((&old, sites), (value.of(), &value.sites))? else {
            return Err(
                self.refused(format!("{what} a {old} or a {}, depending on the way", value.of()), "use one type")
            );
        };
        if !self.cells.reached(cell) || joined != old {
            self.cells.grow(cell, joined);
            return Err(Stop::Again);
        }
        self.coerce(value, &joined)
    }

    /// As an Int, where Python asks for an index.
    pub(super) fn int(&mut self, value: Value) -> Lowered<Value> {
        let value = value.unwrapped();
        match value.of() {
            Type::Int => Ok(value),
            Type::Bool => Ok(value.coerced(&Type::Int)),
            Type::Number => Ok(Value::new(Type::Int, Kind::Unwrap(Box::new(value.expr)))),
            Type::Record(_) => Err(self.refused("an object is used as an int", "give an int")),
            of => Err(self.raises(
                format!("a {of} is used as an int"),
                instead_of(of, "convert it with `int(…)`, or give an int"),
            )),
        }
    }

    /// As a Float, where a function of `math` asks for one.
    pub(super) fn float(&mut self, value: Value) -> Lowered<Value> {
        let value = value.unwrapped();
        match value.of() {
            Type::Bool | Type::Int | Type::Float => Ok(value.coerced(&Type::Float)),
            Type::Number => Ok(Value::call(Type::Float, crate::primitive::Primitive::NumberToFloat, vec![value])),
            Type::Record(_) => Err(self.refused("an object is used as a float", "give a float")),
            of => Err(self.raises(
                format!("a {of} is used as a float"),
                instead_of(of, "convert it with `float(…)`, or give a float"),
            )),
        }
    }

    pub(super) fn text(&mut self, value: Value) -> Lowered<Value> {
        let value = value.unwrapped();
        match value.of() {
            Type::Str => Ok(value),
            of => Err(self.raises(
                format!("a {of} is used where Python needs a str"),
                instead_of(of, "convert it with `str(…)`, or give a str"),
            )),
        }
    }

    /// `None`, or an int: bounds of slices and searches.
    pub(super) fn optional_int(&mut self, value: Value) -> Lowered<Value> {
        let to = Type::Int.optional();
        match value.of() {
            Type::None => Ok(value.coerced(&to)),
            of if *of == to => Ok(value),
            _ => Ok(self.int(value)?.coerced(&to)),
        }
    }

    /// Ends the way where a value is of a type of which there are none.
    pub(super) fn inhabited(&mut self, value: Value) -> Lowered<Value> {
        if super::cells::is_empty(value.of()) {
            return Err(self.bail(Why::Raises));
        }
        Ok(value)
    }
}

/// Why a dict can't have the types of its keys one by one where it meets one that has one type for all.
fn two_dicts(of: &Type, other: &Type) -> Cause {
    Cause::new(format!("a {of} is a {other} too, depending on the way"), "give the values of both one type")
}
