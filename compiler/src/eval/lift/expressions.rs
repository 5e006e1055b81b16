//! Expressions.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::{CompareOp, StatementKind as Kind, Target};
use stores::is_simple;

impl<'a> Lift<'_, 'a> {
    pub(super) fn expr(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        if let Some(evaluated) = self.evaluated(expr) {
            return Ok(evaluated);
        }
        let before = self.frame.changes;
        let lifted = self.deeper(expr.span, |lift| lift.expression(expr))?;
        match self.frame.changes > before {
            true => self.in_order(lifted, expr.span),
            false => Ok(lifted),
        }
    }

    pub(super) fn boxed(&mut self, expr: &'a Expr) -> Lifted<Box<Expression>> {
        self.expr(expr).map(Box::new)
    }

    pub(super) fn exprs(&mut self, exprs: &'a [Expr]) -> Lifted<Vec<Expression>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn expression(&mut self, expr: &'a Expr) -> Lifted<Expression> {
        let span = expr.span;
        Ok(match &expr.kind {
            ExprKind::Constant(value) => constants::literal(value).map_err(|cause| because(cause, span))?,
            ExprKind::Name(name) => self.name(name, span)?,
            ExprKind::Attribute { value, name } => self.attribute(expr, value, name)?,
            ExprKind::Subscript { value, index } if self.named_enum(value).is_some() => {
                match self.member_of_name(value, index, expr.span)? {
                    Some(member) => member,
                    None => {
                        return Err(reason(
                            "this looks up a member in a way that runs in Python",
                            "look it up by a name that is a str",
                            expr.span,
                        ));
                    }
                }
            }
            ExprKind::Subscript { value, index } => match &index.kind {
                ExprKind::Slice { lower, upper, step } => {
                    let value = match self.is_iso_calendar(value) {
                        true => self.iterable(value)?,
                        false => self.read(value)?,
                    };
                    let mut bound = |bound: &'a Option<Box<Expr>>| match bound {
                        Some(bound) => self.expr(bound),
                        None => Ok(Expression::None),
                    };
                    let bounds = [bound(lower)?, bound(upper)?, bound(step)?];
                    Expression::Slice(boxed(value), Box::new(bounds))
                }
                _ => {
                    if let Some(lifted) = self.formula_item(value, index, span)? {
                        return Ok(lifted);
                    }
                    if self.is_iso_calendar(value) {
                        let value = self.iterable(value)?;
                        return Ok(Expression::Index(boxed(value), self.boxed(index)?));
                    }
                    if let Some(tally) = self.tally_of(value) {
                        let changes = self.frame.changes;
                        let item = self.tally_item(tally, value, index)?;
                        return self.changes_nothing(changes, span).map(|()| item);
                    }
                    let value = self.looked_into(value)?;
                    Expression::Index(boxed(value), self.boxed(index)?)
                }
            },
            ExprKind::Slice { .. } => {
                return Err(reason(
                    "a slice as a value runs in Python",
                    "write the slice where it is used, `x[a:b]`",
                    span,
                ));
            }
            ExprKind::Call { func, args, keywords } => {
                let changes = self.frame.changes;
                let called = self.call(expr, func, Site { args, keywords, span, is_iterated: false })?;
                if !keywords.is_empty() {
                    // Arguments by name may be evaluated in another order.
                    self.changes_nothing(changes, span)?;
                }
                called
            }
            // `test and 'yes' or 'no'`.
            ExprKind::BoolOp { is_and: false, values }
                if let [first, no] = values.as_slice()
                    && let Some((tests, yes)) = chosen(first) =>
            {
                let mut lifted = vec![self.expr(&tests[0])?];
                for test in &tests[1..] {
                    lifted.push(self.conditionally(|lift| lift.expr(test))?);
                }
                let test =
                    joined(true, lifted).ok_or_else(|| reason("an empty condition", "write a condition", span))?;
                let yes = self.expr(yes)?;
                let no = self.conditionally(|lift| lift.expr(no))?;
                Expression::If(boxed(test), boxed(yes), boxed(no))
            }
            ExprKind::BoolOp { is_and, values } => {
                let mut lifted = vec![self.expr(&values[0])?];
                for value in &values[1..] {
                    lifted.push(self.conditionally(|lift| lift.expr(value))?);
                }
                joined(*is_and, lifted).ok_or_else(|| reason("an empty condition", "write a condition", span))?
            }
            ExprKind::BinOp { left, op, right } => {
                let op = self.binary(*op, span)?;
                if self.tally_of(left).or_else(|| self.tally_of(right)).is_some() {
                    return Err(reason("arithmetic of Counters runs in Python", "count with dicts, in a loop", span));
                }
                let left = self.read(left)?;
                if let (ir::BinaryOp::Mod, Expression::Str(format), ExprKind::Dict(items)) = (op, &left, &right.kind)
                    && let Some(lifted) = self.percent_display(format, items)?
                {
                    return Ok(lifted);
                }
                match (op, left) {
                    (ir::BinaryOp::Mod, Expression::Str(format)) => Expression::Percent(format, self.boxed(right)?),
                    (op, left) => Expression::Binary(op, boxed(left), boxed(self.read(right)?)),
                }
            }
            ExprKind::UnaryOp { op: UnaryOp::Not, operand } if !matches!(operand.kind, ExprKind::Attribute { .. }) => {
                let operand = match operand.kind {
                    ExprKind::Name(_) if self.presence(operand).is_none() => self.read(operand)?,
                    _ => self.truth(operand)?,
                };
                Expression::Unary(ir::UnaryOp::Not, boxed(operand))
            }
            ExprKind::UnaryOp { op, operand } => {
                let op = match op {
                    UnaryOp::Invert => ir::UnaryOp::Invert,
                    UnaryOp::Not => ir::UnaryOp::Not,
                    UnaryOp::Plus => ir::UnaryOp::Plus,
                    UnaryOp::Minus => ir::UnaryOp::Minus,
                };
                let operand = match op {
                    ir::UnaryOp::Not => self.looked_into(operand)?,
                    _ => self.read(operand)?,
                };
                Expression::Unary(op, boxed(operand))
            }
            ExprKind::Compare { left, rest } => self.comparison(left, rest, span)?,
            ExprKind::IfExp { test, body, orelse } => {
                let test = self.truth(test)?;
                let body = self.conditionally(|lift| lift.expr(body))?;
                let orelse = self.conditionally(|lift| lift.expr(orelse))?;
                Expression::If(boxed(test), boxed(body), boxed(orelse))
            }
            ExprKind::Tuple(items) if stars::has_star(items) => self.starred(items, false, span)?,
            ExprKind::List(items) if stars::has_star(items) => self.starred(items, true, span)?,
            ExprKind::Tuple(items) => Expression::Tuple(self.exprs(items)?),
            ExprKind::List(items) => Expression::List(self.exprs(items)?),
            ExprKind::Set(items) => Expression::Set(self.exprs(items)?),
            ExprKind::Dict(items) if items.iter().any(|(key, _)| key.is_none()) => self.merged(items, span)?,
            ExprKind::Dict(items) => {
                let mut lifted = Vec::new();
                for (key, value) in items {
                    if let Some(key) = key {
                        lifted.push((self.expr(key)?, self.expr(value)?));
                    }
                }
                Expression::Dict(lifted)
            }
            ExprKind::ListComp { element, generators } => self.comprehension(element, generators, span)?,
            ExprKind::SetComp { element, generators } => {
                Expression::Call(ir::Builtin::Set, vec![self.comprehension(element, generators, span)?])
            }
            ExprKind::DictComp { key, value, generators } => self.dict_comprehension(key, value, generators, span)?,
            ExprKind::GeneratorExp { .. } => {
                return Err(reason(
                    "a generator expression that isn't used up at once runs in Python",
                    "write a list",
                    span,
                ));
            }
            ExprKind::JoinedStr(parts) => self.f_string(parts, span)?,
            ExprKind::NamedExpr { target, value } => self.named(target, value, span)?,
            ExprKind::Lambda { .. } => {
                return Err(reason(
                    "a lambda as a value runs in Python",
                    "call it where it stands, or name it by `def`",
                    span,
                ));
            }
            ExprKind::Await(_) => return Err(reason("`await` runs in Python", "call a plain function", span)),
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) => {
                return Err(reason("the value of a `yield` runs in Python", "write `yield` as a statement", span));
            }
            ExprKind::Starred(_) => return Err(reason("`*` runs in Python", "write the elements out", span)),
        })
    }

    fn comparison(&mut self, left: &'a Expr, rest: &'a [(CmpOp, Expr)], span: Span) -> Lifted<Expression> {
        let [(op, right)] = rest else {
            let mut bound = Vec::new();
            let mut tests = Vec::new();
            let changes = self.frame.changes;
            let mut before = self.expr(left)?;
            if rest.iter().any(|(op, _)| matches!(op, CmpOp::Is | CmpOp::IsNot)) {
                return Err(reason("`is` in a chain of comparisons runs in Python", "write `and`", span));
            }
            for (at, (op, right)) in rest.iter().enumerate() {
                // What stands between two operators is evaluated once.
                let mut right = self.compared(*op, right)?;
                if at + 1 < rest.len() && !is_simple(&right) {
                    let held = self.fresh();
                    bound.push((held, right));
                    right = Expression::Local(held);
                }
                tests.push(Expression::Compare(compare_op(*op), boxed(before), boxed(right.clone())));
                before = right;
            }
            self.changes_nothing(changes, span)?;
            if bound.len() > 1 {
                return Err(reason("a comparison of so many parts runs in Python", "write `and`", span));
            }
            let whole = joined(true, tests).ok_or_else(|| reason("an empty comparison", "write a comparison", span))?;
            return Ok(bound
                .into_iter()
                .fold(whole, |whole, (held, value)| Expression::Let(held, boxed(value), boxed(whole))));
        };
        if let (CmpOp::Is | CmpOp::IsNot | CmpOp::Eq | CmpOp::NotEq, ExprKind::Constant(Constant::None)) =
            (op, &right.kind)
            && let Some(is_one) = self.presence(left)
        {
            return Ok(match op {
                CmpOp::IsNot | CmpOp::NotEq => is_one,
                _ => Expression::Unary(ir::UnaryOp::Not, boxed(is_one)),
            });
        }
        if let Some(test) = self.type_test(left, *op, right)? {
            return Ok(test);
        }
        if let CmpOp::Is | CmpOp::IsNot = op {
            let is_single = |expr: &Expr| matches!(&expr.kind, ExprKind::Constant(Constant::None | Constant::Bool(_)));
            let is_one = is_single(left) || is_single(right) || self.has_members();
            if !is_one {
                return Err(reason("`is` with anything but None, True or False runs in Python", "use `==`", span));
            }
        }
        let left = self.expr(left)?;
        let right = self.compared(*op, right)?;
        Ok(Expression::Compare(compare_op(*op), boxed(left), boxed(right)))
    }

    /// A comparison whose left side is lifted.
    pub(super) fn comparison_of(
        &mut self,
        left: Expression,
        op: CmpOp,
        right: &'a Expr,
        span: Span,
    ) -> Lifted<Expression> {
        let is_single = matches!(&right.kind, ExprKind::Constant(Constant::None | Constant::Bool(_)));
        if matches!(op, CmpOp::Is | CmpOp::IsNot) && !is_single && !self.has_members() {
            return Err(reason("`is` with anything but None, True or False runs in Python", "use `==`", span));
        }
        let right = self.compared(op, right)?;
        Ok(Expression::Compare(compare_op(op), boxed(left), boxed(right)))
    }

    fn compared(&mut self, op: CmpOp, right: &'a Expr) -> Lifted<Expression> {
        match op {
            CmpOp::In | CmpOp::NotIn => self.searched(right),
            CmpOp::Is | CmpOp::IsNot
                if !matches!(
                    &right.kind,
                    ExprKind::Constant(Constant::None | Constant::Bool(_)) | ExprKind::Name(_)
                ) && !self.has_members() =>
            {
                Err(reason("`is` with anything but None, True or False runs in Python", "use `==`", right.span))
            }
            _ if self.tally_of(right).is_some() => {
                Err(reason("a comparison of Counters runs in Python", "make dicts of them", right.span))
            }
            _ => self.read(right),
        }
    }

    /// `name := value`: bound before the statement in which it stands, if that makes no difference.
    fn named(&mut self, target: &'a Expr, value: &'a Expr, span: Span) -> Lifted<Expression> {
        let Target::Local(local) = self.target(target)? else {
            return Err(reason("`:=` binds one name", "bind one, and take it apart in a statement", span));
        };
        if self.frame.conditional > 0 || self.frame.scopes.len() > 1 {
            return Err(reason("`:=` in what may not be evaluated runs in Python", "bind the name before", span));
        }
        let is_read = self.frame.read.contains(&local);
        let changes = self.frame.changes;
        let value = self.expr(value)?;
        if self.frame.changes > changes {
            return Err(reason("`:=` of what changes something runs in Python", "bind the name before", span));
        }
        if is_read {
            return Err(reason("`:=` of a name that was read just before runs in Python", "use another name", span));
        }
        self.frame.before.push(statement(span, Kind::Assign(Target::Local(local), value)));
        Ok(Expression::Local(local))
    }
}

/// Tests and a constant that is true behind them: `test and 'yes'`.
fn chosen(expr: &Expr) -> Option<(&[Expr], &Expr)> {
    let ExprKind::BoolOp { is_and: true, values } = &expr.kind else { return None };
    let (yes, tests) = values.split_last()?;
    let is_true = match &yes.kind {
        ExprKind::Constant(Constant::Str(text)) => !text.is_empty(),
        ExprKind::Constant(Constant::Bool(value)) => *value,
        ExprKind::Constant(Constant::Int(value)) => i64::try_from(value).is_ok_and(|value| value != 0),
        _ => false,
    };
    is_true.then_some((tests, yes))
}

fn compare_op(op: CmpOp) -> CompareOp {
    match op {
        CmpOp::Eq => CompareOp::Eq,
        CmpOp::NotEq => CompareOp::Ne,
        CmpOp::Lt => CompareOp::Lt,
        CmpOp::LtE => CompareOp::Le,
        CmpOp::Gt => CompareOp::Gt,
        CmpOp::GtE => CompareOp::Ge,
        CmpOp::In => CompareOp::In,
        CmpOp::NotIn => CompareOp::NotIn,
        CmpOp::Is => CompareOp::Is,
        CmpOp::IsNot => CompareOp::IsNot,
    }
}

/// All of them with `and`, or with `or`, as flat as can be.
pub(super) fn joined(is_and: bool, mut values: Vec<Expression>) -> Option<Expression> {
    match values.len() {
        0 => None,
        1 => values.pop(),
        count => {
            let second = values.split_off(count / 2);
            let (first, second) = (boxed(joined(is_and, values)?), boxed(joined(is_and, second)?));
            Some(if is_and { Expression::And(first, second) } else { Expression::Or(first, second) })
        }
    }
}
