//! `heapq` on lists that the function made: functions with its loops, which compare what its own compare, in that order.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::{BinaryOp, Builtin, CompareOp, StatementKind as Kind, Target};

impl<'a> Lift<'_, 'a> {
    /// A call of `heapq` that is a whole statement, or what one assigns; `None` if it is another call.
    pub(super) fn heap_changed(&mut self, call: &'a Expr) -> Lifted<Option<Expression>> {
        let ExprKind::Call { func, args, keywords } = &call.kind else { return Ok(None) };
        let Some(path) = self.library_path(func) else { return Ok(None) };
        let Some(name) = path.strip_prefix("heapq.") else { return Ok(None) };
        if !["heapify", "heappop", "heappush", "heappushpop", "heapreplace"].contains(&name) {
            return Ok(None);
        }
        let site = Site { args, keywords, span: call.span, is_iterated: false };
        let changes = self.frame.changes;
        let heap = self.heap(&path, site)?;
        let (name, others) = (name.to_owned(), args[1..].iter().map(|value| self.expr(value)).collect::<Lifted<_>>()?);
        self.changes_nothing(changes, call.span)?;
        self.heap_function(&name, heap, others, call.span).map(Some)
    }

    /// `heapq.heappop(heap)`, also within an expression.
    pub(super) fn popped_least(&mut self, path: &str, site: Site<'a>) -> Lifted<Expression> {
        if self.frame.scopes.len() > 1 {
            let (message, edit) = (
                format!("{path}() changes something in the middle of an expression"),
                "assign its result to a variable",
            );
            return Err(reason(message, edit, site.span));
        }
        let heap = self.heap(path, site)?;
        self.frame.changes += 1;
        self.heap_function("heappop", heap, Vec::new(), site.span)
    }

    /// The list, which nobody else may see.
    fn heap(&mut self, path: &str, site: Site<'a>) -> Lifted<Expression> {
        let takes = if path.ends_with("heapify") || path.ends_with("heappop") { 1 } else { 2 };
        let is_plain = site.args.len() == takes && site.keywords.is_empty() && !stars::has_star(site.args);
        match site.args.first() {
            Some(of @ Expr { kind: ExprKind::Name(name), .. })
                if is_plain && self.frame.provenance.is_own_list(name) && self.owns(name, true) =>
            {
                self.expr(of)
            }
            _ => Err(reason(
                format!("{path}() of other than a list that the function made runs in Python"),
                "use sorted()",
                site.span,
            )),
        }
    }

    fn heap_function(
        &mut self,
        name: &str,
        heap: Expression,
        others: Vec<Expression>,
        span: Span,
    ) -> Lifted<Expression> {
        let mut arguments = vec![heap.clone()];
        arguments.extend(others);
        let (list, item, result) = (0, 1, 2);
        let length = Expression::Call(Builtin::Len, vec![Expression::Local(list)]);
        let first = Expression::Index(local(list), boxed(Expression::Int(0)));
        let is_empty = Expression::Unary(ir::UnaryOp::Not, local(list));
        let start = Expression::Int(0);
        let set = |local, value| statement(span, Kind::Assign(Target::Local(local), value));
        let give = |value| statement(span, Kind::Return(value));
        let when = |test, body| statement(span, Kind::If(vec![(test, body)], Vec::new()));
        let replace = |value| statement(span, Kind::SetItem(Expression::Local(list), Expression::Int(0), value));
        let (parameters, code) = match name {
            "heappush" => {
                let last = binary(BinaryOp::Sub, length, Expression::Int(1));
                let append = statement(span, Kind::Append(Expression::Local(list), Expression::Local(item)));
                (2, vec![append, self.sifted_down(start, last, span), give(Expression::None)])
            }
            "heappop" => {
                // Its last one is popped before anything else: here, an argument.
                arguments.push(Expression::Method(boxed(heap), "pop".to_owned(), Vec::new()));
                let up = self.sifted_up(start, span);
                let code = vec![
                    when(is_empty, vec![give(Expression::Local(item))]),
                    set(result, first),
                    replace(Expression::Local(item)),
                    up,
                    give(Expression::Local(result)),
                ];
                (2, code)
            }
            "heapreplace" => {
                let up = self.sifted_up(start, span);
                (2, vec![set(result, first), replace(Expression::Local(item)), up, give(Expression::Local(result))])
            }
            "heappushpop" => {
                let is_less = Expression::Compare(CompareOp::Lt, boxed(first.clone()), local(item));
                let up = self.sifted_up(start, span);
                let code = vec![
                    when(is_empty, vec![give(Expression::Local(item))]),
                    when(Expression::Unary(ir::UnaryOp::Not, boxed(is_less)), vec![give(Expression::Local(item))]),
                    set(result, first),
                    replace(Expression::Local(item)),
                    up,
                    give(Expression::Local(result)),
                ];
                (2, code)
            }
            _ => {
                let half = binary(BinaryOp::FloorDiv, length, Expression::Int(2));
                let from = binary(BinaryOp::Sub, half, Expression::Int(1));
                let down = vec![from, Expression::Int(-1), Expression::Int(-1)];
                let up = self.sifted_up(Expression::Local(item), span);
                let over = Expression::Call(Builtin::Range, down);
                let sift = statement(span, Kind::For(Target::Local(item), over, vec![up], Vec::new()));
                (1, vec![sift, give(Expression::None)])
            }
        };
        Ok(self.written_out(name, parameters, 3, code, arguments))
    }

    /// `_siftdown(heap, start, at)`: moves an element towards the start, past those that it is less than.
    fn sifted_down(&mut self, start: Expression, at: Expression, span: Span) -> Statement {
        let (list, from, place, item, above, other) = (0, 1, 2, 3, 4, 5);
        let set = |local, value| statement(span, Kind::Assign(Target::Local(local), value));
        let store = |value| statement(span, Kind::SetItem(Expression::Local(list), Expression::Local(place), value));
        let parent = binary(
            BinaryOp::RightShift,
            binary(BinaryOp::Sub, Expression::Local(place), Expression::Int(1)),
            Expression::Int(1),
        );
        let is_less = Expression::Compare(CompareOp::Lt, local(item), local(other));
        let ends = Expression::Unary(ir::UnaryOp::Not, boxed(is_less));
        let turn = vec![
            set(above, parent),
            set(other, Expression::Index(local(list), local(above))),
            statement(span, Kind::If(vec![(ends, vec![statement(span, Kind::Break)])], Vec::new())),
            store(Expression::Local(other)),
            set(place, Expression::Local(above)),
        ];
        let test = Expression::Compare(CompareOp::Gt, local(place), local(from));
        let code = vec![
            set(item, Expression::Index(local(list), local(place))),
            statement(span, Kind::While(test, turn, Vec::new())),
            store(Expression::Local(item)),
            statement(span, Kind::Return(Expression::None)),
        ];
        let call = self.written_out("siftdown", 3, 6, code, vec![Expression::Local(list), start, at]);
        statement(span, Kind::Evaluate(call))
    }

    /// `_siftup(heap, at)`: fills the place with the lesser of the two below it, down to the end, and puts the element in
    /// there.
    fn sifted_up(&mut self, at: Expression, span: Span) -> Statement {
        let (list, from, place, item, end, below) = (0, 1, 2, 3, 4, 5);
        let set = |local, value| statement(span, Kind::Assign(Target::Local(local), value));
        let store = |value| statement(span, Kind::SetItem(Expression::Local(list), Expression::Local(place), value));
        let next = || binary(BinaryOp::Add, Expression::Local(below), Expression::Int(1));
        let item_at = |place| boxed(Expression::Index(local(list), boxed(place)));
        let half = binary(BinaryOp::RightShift, Expression::Local(end), Expression::Int(1));
        let double = binary(BinaryOp::Mul, Expression::Local(place), Expression::Int(2));
        let is_less = Expression::Compare(CompareOp::Lt, item_at(Expression::Local(below)), item_at(next()));
        let has_two = Expression::Compare(CompareOp::Lt, boxed(next()), local(end));
        let is_second = Expression::And(boxed(has_two), boxed(Expression::Unary(ir::UnaryOp::Not, boxed(is_less))));
        let turn = vec![
            set(below, binary(BinaryOp::Add, double, Expression::Int(1))),
            statement(span, Kind::If(vec![(is_second, vec![set(below, next())])], Vec::new())),
            store(*item_at(Expression::Local(below))),
            set(place, Expression::Local(below)),
        ];
        let test = Expression::Compare(CompareOp::Lt, local(place), boxed(half));
        let mut code = vec![
            set(place, Expression::Local(from)),
            set(item, Expression::Index(local(list), local(place))),
            set(end, Expression::Call(Builtin::Len, vec![Expression::Local(list)])),
            statement(span, Kind::While(test, turn, Vec::new())),
            store(Expression::Local(item)),
        ];
        code.push(self.sifted_down(Expression::Local(from), Expression::Local(place), span));
        code.push(statement(span, Kind::Return(Expression::None)));
        let call = self.written_out("siftup", 2, 6, code, vec![Expression::Local(list), at]);
        statement(span, Kind::Evaluate(call))
    }
}

fn local(local: u32) -> Box<Expression> {
    boxed(Expression::Local(local))
}

fn binary(op: BinaryOp, a: Expression, b: Expression) -> Expression {
    Expression::Binary(op, boxed(a), boxed(b))
}
