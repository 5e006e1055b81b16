//! `heapq` and `bisect`: the least and greatest of many, and places in sorted lists.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::{BinaryOp, Builtin, CompareOp, Extreme, StatementKind as Kind, Target};

/// Values that are sorted by comparing each two of them, at the most: CPython sorts more.
const MOST_COMPARED: i64 = 48;

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
                let (message, edit) = (
                    format!("{path}() changes something in the middle of an expression"),
                    "assign its result to a variable",
                );
                Err(reason(message, edit, site.span))
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
            _ => {
                return Err(reason(
                    format!("{path}() takes a number, an iterable and a key"),
                    "give it these",
                    site.span,
                ));
            }
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

    /// `sorted(values, key=cmp_to_key(compare))`. In which order it compares, isn't Python's, so that has to make no
    /// difference: each two are compared both ways, and what isn't an order of all of them is left to Python.
    pub(super) fn sorted_by_comparing(
        &mut self,
        values: Expression,
        compare: &'a Expr,
        span: Span,
    ) -> Lifted<Expression> {
        let (given, count, places, i, j, order, sorted, kinds, kind) = (0, 1, 2, 3, 4, 5, 6, 7, 8);
        let local = |local: u32| boxed(Expression::Local(local));
        let set = |local, value| statement(span, Kind::Assign(Target::Local(local), value));
        let at = |list, index| Expression::Index(local(list), local(index));
        let store = |list, index, value| statement(span, Kind::SetItem(Expression::Local(list), index, value));
        let when = |test, body| statement(span, Kind::If(vec![(test, body)], Vec::new()));
        let raise = || vec![statement(span, Kind::Raise)];
        let one_more = |value| Expression::Binary(BinaryOp::Add, boxed(value), boxed(Expression::Int(1)));
        let range = |stop: u32| Expression::Call(Builtin::Range, vec![Expression::Local(stop)]);
        let each = |local, stop, body| statement(span, Kind::For(Target::Local(local), range(stop), body, Vec::new()));
        let filled = |with| {
            Expression::Binary(BinaryOp::Mul, boxed(Expression::List(vec![Expression::Int(with)])), local(count))
        };
        let is_less = |lift: &mut Self, list, a, b| {
            let compared = lift.combined(compare, vec![at(list, a), at(list, b)], "cmp_to_key", span)?;
            Ok(Expression::Compare(CompareOp::Lt, boxed(compared), boxed(Expression::Int(0))))
        };
        let (backwards, forwards) = (is_less(self, given, j, i)?, is_less(self, given, i, j)?);
        let sorted_forwards = is_less(self, sorted, i, j)?;
        let before = Expression::Binary(BinaryOp::Sub, local(i), boxed(Expression::Int(1)));
        let follows = is_less(self, sorted, j, i)?;
        // The place of each is the number of those that stand before it.
        let placed = Kind::If(
            vec![(
                backwards,
                vec![when(forwards, raise()), store(places, Expression::Local(i), one_more(at(places, i)))],
            )],
            vec![store(places, Expression::Local(j), one_more(at(places, j)))],
        );
        let is_taken = Expression::Compare(
            CompareOp::Ge,
            boxed(Expression::Index(local(order), boxed(at(places, i)))),
            boxed(Expression::Int(0)),
        );
        let is_later = Expression::Compare(CompareOp::Gt, local(i), boxed(Expression::Int(0)));
        let next_kind = vec![set(j, before), when(follows, vec![set(kind, one_more(Expression::Local(kind)))])];
        // Those that are as good as each other are so with all between them.
        let differ = Expression::Compare(CompareOp::Ne, boxed(at(kinds, i)), boxed(at(kinds, j)));
        let is_odd = Expression::Compare(CompareOp::Ne, boxed(sorted_forwards), boxed(differ));
        let too_many = Expression::Compare(CompareOp::Gt, local(count), boxed(Expression::Int(MOST_COMPARED)));
        let code = vec![
            set(count, Expression::Call(Builtin::Len, vec![Expression::Local(given)])),
            when(too_many, raise()),
            set(places, filled(0)),
            each(j, count, vec![each(i, j, vec![statement(span, placed)])]),
            set(order, filled(-1)),
            each(i, count, vec![when(is_taken, raise()), store(order, at(places, i), Expression::Local(i))]),
            set(sorted, Expression::List(Vec::new())),
            each(
                i,
                count,
                vec![set(j, at(order, i)), statement(span, Kind::Append(Expression::Local(sorted), at(given, j)))],
            ),
            set(kinds, Expression::List(Vec::new())),
            set(kind, Expression::Int(0)),
            each(
                i,
                count,
                vec![
                    when(is_later, next_kind),
                    statement(span, Kind::Append(Expression::Local(kinds), Expression::Local(kind))),
                ],
            ),
            each(j, count, vec![each(i, j, vec![when(is_odd, raise())])]),
            statement(span, Kind::Return(Expression::Local(sorted))),
        ];
        let values = Expression::Call(Builtin::List, vec![values]);
        Ok(self.written_out("sorted", 1, 9, code, vec![values]))
    }

    /// `bisect.bisect_left(list, value)`, and `bisect_right`, which goes behind values that are equal: a function with
    /// their loop, which compares what theirs compares.
    fn bisected(&mut self, path: &str, right: bool, site: Site<'a>) -> Lifted<Expression> {
        let Site { args: [list, value], keywords: [], span, .. } = site else {
            return Err(reason(
                format!("{path}() of other than a list and a value runs in Python"),
                "give it these two only",
                site.span,
            ));
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
