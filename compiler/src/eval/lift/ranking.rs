//! `heapq` and `bisect`: the least and greatest of many, and places in sorted lists.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::{BinaryOp, Builtin, CompareOp, Extreme, StatementKind as Kind, Target};

impl<'a> Lift<'_, 'a> {
    /// A function of `heapq` or `bisect` by its full name; `None` if it is another one.
    pub(super) fn ranked(&mut self, path: &str, site: Site<'a>) -> Lifted<Option<Expression>> {
        match path {
            "heapq.nlargest" => self.foremost(path, true, site).map(Some),
            "heapq.nsmallest" => self.foremost(path, false, site).map(Some),
            "bisect.bisect_left" => self.bisected(path, false, site).map(Some),
            "bisect.bisect" | "bisect.bisect_right" => self.bisected(path, true, site).map(Some),
            "heapq.heappop" => self.popped_least(path, site).map(Some),
            "heapq.heapify" | "heapq.heappush" | "heapq.heappushpop" | "heapq.heapreplace" => {
                let message =
                    format!("{path}() changes something in the middle of an expression; assign its result to a variable");
                Err(reason(message, site.span))
            }
            _ => Ok(None),
        }
    }

    /// `heapq.nlargest(n, values, key=…)`: by its documentation `sorted(values, key=…, reverse=True)[:n]`, ties included,
    /// where n isn't negative.
    fn foremost(&mut self, path: &str, falling: bool, site: Site<'a>) -> Lifted<Expression> {
        let (count, values, key) = match (site.args, site.keywords) {
            ([count, values], []) => (count, values, None),
            ([count, values, key], []) => (count, values, Some(key)),
            ([count, values], [keyword]) if keyword.name.as_ref().is_some_and(|name| name.name == "key") => {
                (count, values, Some(&keyword.value))
            }
            _ => return Err(reason(format!("{path}() takes a number, an iterable and a key"), site.span)),
        };
        let count = match self.read(count)? {
            Expression::Int(count) => Expression::Int(count.max(0)),
            count => {
                Expression::Best(Extreme::Max, boxed(Expression::Tuple(vec![count, Expression::Int(0)])), None, None)
            }
        };
        let values = self.iterable(values)?;
        let key = key.map_or(Ok(None), |key| self.optional_key(key))?;
        let sorted = Expression::Sorted(boxed(values), key, boxed(Expression::Bool(falling)));
        Ok(Expression::Slice(boxed(sorted), Box::new([Expression::None, count, Expression::None])))
    }

    /// `bisect.bisect_left(list, value)`, and `bisect_right`, which goes behind values that are equal: a function with
    /// their loop, which compares what theirs compares.
    fn bisected(&mut self, path: &str, right: bool, site: Site<'a>) -> Lifted<Expression> {
        let Site { args: [list, value], keywords: [], span, .. } = site else {
            return Err(reason(format!("{path}() of other than a list and a value runs in Python"), site.span));
        };
        let arguments = vec![self.read(list)?, self.read(value)?];
        let local = |local: u32| boxed(Expression::Local(local));
        let set = |local, value| statement(span, Kind::Assign(Target::Local(local), value));
        let (list, value, low, high, middle) = (0, 1, 2, 3, 4);
        let sum = Expression::Binary(BinaryOp::Add, local(low), local(high));
        let half = Expression::Binary(BinaryOp::FloorDiv, boxed(sum), boxed(Expression::Int(2)));
        let next = Expression::Binary(BinaryOp::Add, local(middle), boxed(Expression::Int(1)));
        let item = boxed(Expression::Index(local(list), local(middle)));
        let (up, down) = (vec![set(low, next)], vec![set(high, Expression::Local(middle))]);
        let step = match right {
            true => Kind::If(vec![(Expression::Compare(CompareOp::Lt, local(value), item), down)], up),
            false => Kind::If(vec![(Expression::Compare(CompareOp::Lt, item, local(value)), up)], down),
        };
        let code = vec![
            set(low, Expression::Int(0)),
            set(high, Expression::Call(Builtin::Len, vec![Expression::Local(list)])),
            statement(
                span,
                Kind::While(
                    Expression::Compare(CompareOp::Lt, local(low), local(high)),
                    vec![set(middle, half), statement(span, step)],
                    Vec::new(),
                ),
            ),
            statement(span, Kind::Return(Expression::Local(low))),
        ];
        Ok(self.written_out("bisect", 2, 5, code, arguments))
    }
}
