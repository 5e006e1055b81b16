//! `bytes`, ints as bytes, and `bytearray` in local variables: lists of ints that are looked at where they are put in.
//!
//! Nobody may see that a bytearray is a list, so only some uses are lifted.

use super::arguments::{Site, by_position};
use super::*;
use pyflink_plan::ir::{Builtin, StatementKind as Kind, Target};

/// Methods of a bytearray that are those of the bytes in it: what they give is no bytearray.
const READING: &[&str] = &[
    "count",
    "decode",
    "endswith",
    "find",
    "hex",
    "index",
    "isalnum",
    "isalpha",
    "isdigit",
    "isspace",
    "rfind",
    "rindex",
    "startswith",
];

impl<'a> Lift<'_, 'a> {
    /// The local of a variable that stands for bytearrays alone.
    pub(super) fn buffer(&self, expr: &Expr) -> Option<u32> {
        match &expr.kind {
            ExprKind::Name(name) if self.is_buffer(name) => self.frame.scopes[0].get(name).copied(),
            _ => None,
        }
    }

    pub(super) fn is_buffer(&self, name: &str) -> bool {
        self.frame.names.contains(name)
            && self.frame.scopes[1..].iter().all(|scope| !scope.contains_key(name))
            && self.frame.provenance.all_bound(name, &|value| self.makes_buffer(value))
    }

    fn makes_buffer(&self, value: &Expr) -> bool {
        let ExprKind::Call { func, .. } = &value.kind else { return false };
        matches!(&func.kind, ExprKind::Name(name) if name == "bytearray" && self.is_builtin(name))
    }

    /// `bytearray()`.
    pub(super) fn makes_empty_buffer(&self, value: &Expr) -> bool {
        let is_empty =
            matches!(&value.kind, ExprKind::Call { args, keywords, .. } if args.is_empty() && keywords.is_empty());
        is_empty && self.makes_buffer(value)
    }

    /// What a loop or function goes through: also a bytearray.
    pub(super) fn gone_over(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        match self.buffer(expr) {
            Some(local) => Ok(Expression::Local(local)),
            None => self.iterable(expr),
        }
    }

    /// What is only looked into: also a bytearray.
    pub(super) fn looked_into(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        match self.buffer(expr) {
            Some(local) => Ok(Expression::Local(local)),
            None => self.in_parts(expr),
        }
    }

    /// What a method is called on, if it is a bytearray and nobody sees that in what the method gives.
    pub(super) fn buffer_receiver(&self, value: &Expr, name: &str) -> Option<Expression> {
        let local = self.buffer(value).filter(|_| READING.contains(&name))?;
        Some(Expression::Call(Builtin::Bytes, vec![Expression::Local(local)]))
    }

    /// `buffer = bytearray(…)`; false if it is something else.
    pub(super) fn makes_bytearray(
        &mut self,
        targets: &'a [Expr],
        value: &'a Expr,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<bool> {
        let [Expr { kind: ExprKind::Name(name), .. }] = targets else { return Ok(false) };
        let ExprKind::Call { args, keywords, .. } = &value.kind else { return Ok(false) };
        if !self.is_buffer(name) {
            return Ok(false);
        }
        let made = match args.is_empty() && keywords.is_empty() {
            true => Expression::List(Vec::new()),
            false => {
                let bytes = self.bytes(Site { args, keywords, span: value.span, is_iterated: true })?;
                Expression::Call(Builtin::List, vec![bytes])
            }
        };
        let local = self.local(name);
        self.emit(span, Kind::Assign(Target::Local(local), made), lifted);
        Ok(true)
    }

    /// `bytes(…)`.
    pub(super) fn bytes(&mut self, site: Site<'a>) -> Lifted<Expression> {
        let given = by_position(&["source", "encoding", "errors"], site, "bytes")?;
        let Some((first, others)) = given.split_first() else { return Ok(Expression::Bytes(Vec::new())) };
        if others.len() > 2 {
            return Err(reason(
                "bytes() with so many arguments runs in Python",
                "give it one value, or write `text.encode(…)`",
                site.span,
            ));
        }
        let first = match &first.kind {
            // A part of a bytearray.
            ExprKind::Subscript { value, index } if let Some(local) = self.buffer(value) => match &index.kind {
                ExprKind::Slice { lower, upper, step } => {
                    let mut bounds = Vec::new();
                    for bound in [lower, upper, step] {
                        bounds.push(bound.as_ref().map_or(Ok(Expression::None), |bound| self.expr(bound))?);
                    }
                    let bounds = <[Expression; 3]>::try_from(bounds)
                        .map_err(|_| reason("a slice", "give the bounds of the slice as numbers", site.span))?;
                    Expression::Slice(boxed(Expression::Local(local)), Box::new(bounds))
                }
                _ => self.expr(first)?,
            },
            _ => self.gone_over(first)?,
        };
        let mut arguments = vec![first];
        for other in others {
            arguments.push(self.expr(other)?);
        }
        Ok(Expression::Call(Builtin::Bytes, arguments))
    }

    /// `bytes.fromhex(…)` and `int.from_bytes(…)`.
    pub(super) fn bytes_class_method(&mut self, of: &Expr, name: &str, site: Site<'a>) -> Lifted<Option<Expression>> {
        let ExprKind::Name(of) = &of.kind else { return Ok(None) };
        let builtin = match (of.as_str(), name) {
            ("bytes", "fromhex") => Builtin::BytesFromHex,
            ("int", "from_bytes") => Builtin::IntFromBytes,
            _ => return Ok(None),
        };
        if !self.is_builtin(of) {
            return Ok(None);
        }
        match builtin {
            Builtin::BytesFromHex => {
                let given = by_position(&[], site, name)?;
                Ok(Some(Expression::Call(builtin, given.into_iter().map(|of| self.expr(of)).collect::<Lifted<_>>()?)))
            }
            _ => {
                let given = self.layout(&["bytes", "byteorder", "signed"], name, site)?;
                let (bytes, others) = given.split_at(1);
                let mut arguments = vec![self.looked_into(bytes[0])?];
                for other in others {
                    arguments.push(self.expr(other)?);
                }
                Ok(Some(Expression::Call(builtin, arguments)))
            }
        }
    }

    /// `number.to_bytes(length, order)`.
    pub(super) fn int_to_bytes(&mut self, number: &'a Expr, site: Site<'a>) -> Lifted<Expression> {
        let given = self.layout(&["length", "byteorder", "signed"], "to_bytes", site)?;
        let mut arguments = vec![self.read(number)?];
        for of in given {
            arguments.push(self.expr(of)?);
        }
        Ok(Expression::Call(Builtin::IntToBytes, arguments))
    }

    /// Arguments of which the last is given by name alone. Defaults differ between versions of Python.
    fn layout(&self, names: &[&str], title: &str, site: Site<'a>) -> Lifted<Vec<&'a Expr>> {
        let given = by_position(names, site, title)?;
        match site.args.len() <= 2 && given.len() >= 2 {
            true => Ok(given),
            false => Err(reason(format!("{title}() without a byte order runs in Python"), "give it", site.span)),
        }
    }

    /// `buffer.append(…)` and its like.
    pub(super) fn change_buffer(
        &mut self,
        local: u32,
        name: &str,
        args: &'a [Expr],
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        let buffer = Expression::Local(local);
        let changes = self.frame.changes;
        let kind = match (name, args) {
            ("append", [value]) => Kind::Append(buffer, self.byte(value)?),
            ("extend", [values]) => {
                let values = self.gone_over(values)?;
                Kind::Extend(buffer, Expression::Call(Builtin::ByteValues, vec![values]))
            }
            ("insert", [at, value]) => {
                let (at, value) = (self.expr(at)?, self.byte(value)?);
                Kind::Evaluate(Expression::Method(boxed(buffer), name.to_owned(), vec![at, value]))
            }
            ("clear" | "reverse" | "pop", []) => {
                Kind::Evaluate(Expression::Method(boxed(buffer), name.to_owned(), Vec::new()))
            }
            ("pop", [at]) => {
                let at = self.expr(at)?;
                Kind::Evaluate(Expression::Method(boxed(buffer), name.to_owned(), vec![at]))
            }
            _ => return Err(reason(format!("{name}() of a bytearray runs in Python"), "use a list", span)),
        };
        self.changes_nothing(changes, span)?;
        self.emit(span, kind, lifted);
        Ok(())
    }

    /// `byte = buffer.pop()`.
    pub(super) fn popped(&mut self, local: u32, args: &'a [Expr], span: Span) -> Lifted<Expression> {
        let changes = self.frame.changes;
        let arguments = self.exprs(args)?;
        self.changes_nothing(changes, span)?;
        Ok(Expression::Method(boxed(Expression::Local(local)), "pop".to_owned(), arguments))
    }

    /// `buffer += …`.
    pub(super) fn add_to_buffer(
        &mut self,
        local: u32,
        op: BinOp,
        value: &'a Expr,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<()> {
        // CPython doesn't let it grow while it reads itself.
        if op != BinOp::Add || self.buffer(value) == Some(local) {
            return Err(reason("this changes a bytearray in a way that runs in Python", "use a list", span));
        }
        let more = match self.buffer(value) {
            Some(other) => Expression::Local(other),
            None => Expression::Call(Builtin::BytesLike, vec![self.expr(value)?]),
        };
        self.emit(span, Kind::Extend(Expression::Local(local), more), lifted);
        Ok(())
    }

    /// `buffer[index] = value`, of a value that is there.
    pub(super) fn set_byte(
        &mut self,
        (local, index): (u32, Expression),
        value: Expression,
        span: Span,
        lifted: &mut Vec<Statement>,
    ) {
        let byte = Expression::Call(Builtin::Byte, vec![value]);
        self.emit(span, Kind::SetItem(Expression::Local(local), index, byte), lifted);
    }

    fn byte(&mut self, value: &'a Expr) -> Lifted<Expression> {
        Ok(Expression::Call(Builtin::Byte, vec![self.expr(value)?]))
    }
}
