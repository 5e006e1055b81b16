//! Calls of Python's builtin functions, with their arguments by position.

use super::arguments::{Site, by_position};
use super::*;
use pyflink_plan::ir::{Builtin, Conversion, Extreme, Part};

impl<'a> Lift<'_, 'a> {
    pub(super) fn builtin(&mut self, name: &str, site: Site<'a>) -> Lifted<Expression> {
        let Site { args, keywords, span, .. } = site;
        let is_bare = args.is_empty() && keywords.is_empty();
        match name {
            "abs" => self.plain(Builtin::Abs, &["x"], site),
            "bool" if is_bare => Ok(Expression::Bool(false)),
            "bool" => self.plain(Builtin::Bool, &["x"], site),
            "chr" => self.plain(Builtin::Chr, &["i"], site),
            "ord" => self.plain(Builtin::Ord, &["c"], site),
            "divmod" => self.plain(Builtin::DivMod, &["x", "y"], site),
            "float" if is_bare => Ok(Expression::Float(0)),
            "float" => self.plain(Builtin::Float, &["x"], site),
            "int" if is_bare => Ok(Expression::Int(0)),
            "int" => self.plain(Builtin::Int, &["x", "base"], site),
            "pow" => self.plain(Builtin::Pow, &["base", "exp", "mod"], site),
            "repr" => self.plain(Builtin::Repr, &["obj"], site),
            "round" => self.plain(Builtin::Round, &["number", "ndigits"], site),
            "str" if is_bare => Ok(Expression::Str(String::new())),
            "str" => self.plain(Builtin::Str, &["object"], site),
            "len" => self.length(site),
            "all" => self.over(Builtin::All, &["iterable"], site),
            "any" => self.over(Builtin::Any, &["iterable"], site),
            "sum" => self.over(Builtin::Sum, &["iterable", "start"], site),
            "list" if is_bare => Ok(Expression::List(Vec::new())),
            "list" => self.over(Builtin::List, &["iterable"], site),
            "tuple" if is_bare => Ok(Expression::Tuple(Vec::new())),
            "tuple" => self.over(Builtin::Tuple, &["iterable"], site),
            "set" => self.over(Builtin::Set, &["iterable"], site),
            "dict" => self.dict(site),
            "enumerate" => self.lazy(Builtin::Enumerate, &["iterable", "start"], site),
            "range" => self.lazy(Builtin::Range, &[], site),
            "reversed" => {
                let is_generator = args.iter().any(|argument| matches!(argument.kind, ExprKind::GeneratorExp { .. }));
                match is_generator {
                    true => {
                        Err(reason("reversed() takes a list, not a generator", "hand it a list: `reversed([…])`", span))
                    }
                    false => self.lazy(Builtin::Reversed, &["sequence"], site),
                }
            }
            "zip"
                if let ([Expr { kind: ExprKind::Starred(rows), .. }], [], true) =
                    (args, keywords, site.is_iterated) =>
            {
                self.columns(rows, span)
            }
            "zip" => self.lazy(Builtin::Zip, &[], site),
            "map" | "filter" if !site.is_iterated => Err(reason(
                format!("{name}() that isn't gone through at once runs in Python"),
                "make a list of it",
                span,
            )),
            "map" => self.mapped(site),
            "filter" => self.filtered(site),
            "iter" if site.is_iterated && args.len() == 1 => self.iterable(&args[0]),
            "next" => self.first(site),
            "min" => self.best(Extreme::Min, site),
            "max" => self.best(Extreme::Max, site),
            "sorted" => match args {
                [iterable] => {
                    let iterable = self.gone_over(iterable)?;
                    self.sorted(iterable, keywords, span)
                }
                _ => Err(reason("sorted() takes one iterable", "give it one, and `key` and `reverse` by name", span)),
            },
            "isinstance" => self.is_instance(site),
            "format" => match args {
                [value] => Ok(Expression::Format(vec![Part::Value(self.expr(value)?, None, String::new())])),
                [value, spec] => {
                    let value = self.expr(value)?;
                    match self.read(spec)? {
                        Expression::Str(spec) => Ok(Expression::Format(vec![Part::Value(value, None, spec)])),
                        spec => Ok(Expression::Call(Builtin::Format, vec![value, spec])),
                    }
                }
                _ => Err(reason("format() takes a value and a spec", "give it both", span)),
            },
            "ascii" => Err(reason("ascii() runs in Python", "use repr()", span)),
            "bin" | "hex" | "oct" => {
                let spec = match name {
                    "bin" => "#b",
                    "hex" => "#x",
                    _ => "#o",
                };
                match args {
                    [value] => Ok(Expression::Format(vec![Part::Value(self.expr(value)?, None, spec.to_owned())])),
                    _ => Err(reason(format!("{name}() takes one value"), "give it one", span)),
                }
            }
            "print" => Err(reason("print() acts on the outside", "print in a sink, or use output()", span)),
            "open" | "input" => {
                Err(reason(format!("{name}() acts on the outside"), "do that in open() or a source", span))
            }
            "id" | "hash" => {
                Err(reason(format!("{name}() gives something else in each run"), "use the value itself", span))
            }
            "type" => Err(reason("type() runs in Python", "use isinstance()", span)),
            "getattr" | "hasattr" => Err(reason(format!("{name}() runs in Python"), "use the attribute itself", span)),
            "bytes" => self.bytes(site),
            "bytearray" => Err(reason(
                "bytearray() runs in Python, but in a variable that stands for nothing else and stays in its function",
                "assign it to a variable of its own, and hand out `bytes(…)` of it",
                span,
            )),
            "frozenset" => Err(reason("frozenset() runs in Python", "use a set or a tuple", span)),
            _ => Err(reason(format!("{name}() runs in Python"), substitutes::of_builtin(name), span)),
        }
    }

    fn plain(&mut self, builtin: Builtin, names: &[&str], site: Site<'a>) -> Lifted<Expression> {
        let given = by_position(names, site, builtin.name())?;
        if given.is_empty() || given.len() > names.len() {
            return Err(reason(
                format!("{}() with so many arguments runs in Python", builtin.name()),
                "give it only what it takes, by position",
                site.span,
            ));
        }
        if let (Builtin::Int | Builtin::Float, [of]) = (builtin, given.as_slice())
            && let Some(lifted) = self.by_way(builtin, of)?
        {
            return Ok(lifted);
        }
        Ok(Expression::Call(builtin, given.into_iter().map(|argument| self.expr(argument)).collect::<Lifted<_>>()?))
    }

    /// `int(text or 0)`, `float(text if text else 0)`: a call on each way, as the values may be of different types.
    fn by_way(&mut self, builtin: Builtin, of: &'a Expr) -> Lifted<Option<Expression>> {
        let is_constant = |of: &Expr| match &of.kind {
            ExprKind::UnaryOp { operand, .. } => matches!(operand.kind, ExprKind::Constant(_)),
            kind => matches!(kind, ExprKind::Constant(_)),
        };
        let call = |value: Expression| boxed(Expression::Call(builtin, vec![value]));
        Ok(match &of.kind {
            ExprKind::IfExp { test, body, orelse } if is_constant(body) || is_constant(orelse) => {
                let test = self.boxed(test)?;
                let body = self.conditionally(|lift| lift.expr(body))?;
                let orelse = self.conditionally(|lift| lift.expr(orelse))?;
                Some(Expression::If(test, call(body), call(orelse)))
            }
            ExprKind::BoolOp { is_and: false, values }
                if let [value, other] = values.as_slice()
                    && is_constant(other)
                    && !matches!(value.kind, ExprKind::BoolOp { .. }) =>
            {
                let (value, other) = (self.boxed(value)?, self.expr(other)?);
                let held = self.fresh();
                let test = boxed(Expression::Local(held));
                let calls = Expression::If(test.clone(), call(*test), call(other));
                Some(Expression::Let(held, value, boxed(calls)))
            }
            _ => None,
        })
    }

    /// A function that goes through its first argument.
    fn over(&mut self, builtin: Builtin, names: &[&str], site: Site<'a>) -> Lifted<Expression> {
        let given = by_position(names, site, builtin.name())?;
        if given.len() > names.len() {
            return Err(reason(
                format!("{}() with so many arguments runs in Python", builtin.name()),
                "give it only what it takes, by position",
                site.span,
            ));
        }
        let mut arguments = Vec::new();
        for (at, argument) in given.into_iter().enumerate() {
            arguments.push(match (at, builtin) {
                (0, Builtin::All | Builtin::Any) => self.whole(argument)?,
                (0, _) => self.gone_over(argument)?,
                _ => self.expr(argument)?,
            });
        }
        Ok(Expression::Call(builtin, arguments))
    }

    fn length(&mut self, site: Site<'a>) -> Lifted<Expression> {
        let [of] = site.args else { return Err(reason("len() takes one value", "give it one", site.span)) };
        if let Some(table) = self.functions_in(of)? {
            return Ok(Expression::Int(table.entries.len() as i64));
        }
        let is_sized = match &of.kind {
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Name(name) => name == "range",
                ExprKind::Attribute { name, .. } => methods::VIEWS.contains(&name.name.as_str()),
                _ => false,
            },
            _ => false,
        };
        let of = if is_sized { self.iterable(of)? } else { self.looked_into(of)? };
        Ok(Expression::Call(Builtin::Len, vec![of]))
    }

    fn dict(&mut self, site: Site<'a>) -> Lifted<Expression> {
        if let ([of], []) = (site.args, site.keywords)
            && let Some(counts) = self.counter(of)?
        {
            return Ok(counts);
        }
        if site.keywords.is_empty() && !site.args.is_empty() {
            return self.over(Builtin::Dict, &["iterable"], site);
        }
        let mut parts = Vec::new();
        match site.args {
            [] => {}
            [of] => parts.push((None, self.read(of)?)),
            _ => return Err(reason("dict() takes one value", "give it pairs, or write `{…}`", site.span)),
        }
        let mut items = Vec::new();
        for keyword in site.keywords {
            let Some(name) = &keyword.name else {
                return Err(reason("`**` in a call runs in Python", "set the items one by one", site.span));
            };
            items.push((Expression::Str(name.name.clone()), self.expr(&keyword.value)?));
        }
        if !parts.is_empty() {
            parts.extend(items.into_iter().map(|(key, value)| (Some(key), value)));
            return Ok(self.united(parts, site.span));
        }
        Ok(Expression::Dict(items))
    }

    fn is_instance(&mut self, site: Site<'a>) -> Lifted<Expression> {
        let [value, of] = site.args else {
            return Err(reason("isinstance() takes a value and a type", "give it both", site.span));
        };
        let value = self.expr(value)?;
        let mut types = Vec::new();
        self.types(of, &mut types)?;
        Ok(Expression::IsInstance(boxed(value), types))
    }

    fn types(&mut self, of: &'a Expr, types: &mut Vec<String>) -> Lifted<()> {
        const KNOWN: &[&str] = &[
            "bool",
            "bytearray",
            "bytes",
            "complex",
            "dict",
            "float",
            "frozenset",
            "int",
            "list",
            "range",
            "set",
            "str",
            "tuple",
        ];
        match &of.kind {
            ExprKind::Tuple(items) => items.iter().try_for_each(|item| self.types(item, types)),
            ExprKind::BinOp { left, op: BinOp::BitOr, right } => {
                self.types(left, types)?;
                self.types(right, types)
            }
            ExprKind::Name(name) if KNOWN.contains(&name.as_str()) && self.is_builtin(name) => {
                types.push(name.clone());
                Ok(())
            }
            _ => {
                let class = self.known_value(of).and_then(|value| value.object());
                let class = class.filter(|id| self.evaluator.record(*id).is_some());
                let Some(class) = class else {
                    return Err(reason(
                        "isinstance() of a type whose objects are no plain values runs in Python",
                        "tell elements apart by a field, such as a name of their kind",
                        of.span,
                    ));
                };
                // Of classes that derive from it too.
                for &(id, ref record) in self.all_records().iter() {
                    if self.evaluator.mro(&Value::Object(id)).contains(&Value::Object(class)) {
                        types.push(format!("{}.{}", record.module, record.name));
                        self.records.insert(id);
                    }
                }
                Ok(())
            }
        }
    }

    /// `str()` of a part of a format.
    pub(super) fn conversion(&self, conversion: Option<char>, span: Span) -> Lifted<Option<Conversion>> {
        match conversion {
            None => Ok(None),
            Some('s') => Ok(Some(Conversion::Str)),
            Some('r') => Ok(Some(Conversion::Repr)),
            Some(_) => Err(reason("the conversion `!a` runs in Python", "use `!r`", span)),
        }
    }
}
