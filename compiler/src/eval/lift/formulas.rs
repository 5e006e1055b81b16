//! Functions of the library that are a few lines of arithmetic: they are written out.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::{BinaryOp, Builtin, CompareOp, StatementKind as Kind, Target};

const LOCAL: fn(u32) -> Expression = Expression::Local;
const INT: fn(i64) -> Expression = Expression::Int;
/// Days from one Monday to the next.
const WEEK: i64 = 7;
/// The polynomial of CRC-32, with its bits in the other order.
const POLYNOMIAL: i64 = 0xEDB8_8320;
const ALL_32: i64 = 0xFFFF_FFFF;
/// The largest prime below 2**16.
const ADLER: i64 = 65_521;

impl<'a> Lift<'_, 'a> {
    /// A call of `calendar` or `zlib`; `None` if it is another one.
    pub(super) fn formula(&mut self, path: &str, site: Site<'a>) -> Lifted<Option<Expression>> {
        let Site { args, keywords: [], span, .. } = site else { return Ok(None) };
        if stars::has_star(args) {
            return Ok(None);
        }
        Ok(match (path, args) {
            ("calendar.isleap", [_]) => {
                let arguments = self.exprs(args)?;
                Some(self.written_out(
                    "isleap",
                    1,
                    1,
                    vec![statement(span, Kind::Return(is_leap(LOCAL(0))))],
                    arguments,
                ))
            }
            ("zlib.crc32", [_] | [_, _]) => {
                let mut arguments = self.exprs(args)?;
                arguments.resize(2, INT(0));
                Some(self.written_out("crc32", 2, 5, crc32(span), arguments))
            }
            ("zlib.adler32", [_]) => {
                let arguments = self.exprs(args)?;
                Some(self.written_out("adler32", 1, 4, adler32(span), arguments))
            }
            _ => None,
        })
    }

    /// What stands in brackets behind something of the library that is no value itself: `calendar.monthrange(…)[1]`,
    /// `calendar.day_abbr[…]`.
    pub(super) fn formula_item(&mut self, value: &'a Expr, index: &'a Expr, span: Span) -> Lifted<Option<Expression>> {
        if let ExprKind::Call { func, args, keywords } = &value.kind {
            let is_days = match &index.kind {
                ExprKind::Constant(Constant::Int(at)) => i64::try_from(at) == Ok(1),
                _ => false,
            };
            // The other one is an object of a class of its own in newer versions.
            if is_days
                && let ([_, _], []) = (args.as_slice(), keywords.as_slice())
                && !stars::has_star(args)
                && self.library_path(func).as_deref() == Some("calendar.monthrange")
            {
                let arguments = self.exprs(args)?;
                return Ok(Some(self.written_out("monthrange", 2, 2, days_of_month(span), arguments)));
            }
            return Ok(None);
        }
        let (first, count, format) = match self.library_path(value).as_deref() {
            Some("calendar.day_abbr") => (0, 7, "%a"),
            Some("calendar.day_name") => (0, 7, "%A"),
            Some("calendar.month_abbr") => (1, 12, "%b"),
            Some("calendar.month_name") => (1, 12, "%B"),
            _ => return Ok(None),
        };
        if let ExprKind::Slice { .. } = index.kind {
            return Ok(None);
        }
        let index = self.expr(index)?;
        // The first of 2001 was a Monday.
        let day = match first {
            0 => date(INT(2001), INT(1), plus(LOCAL(0), INT(1))),
            _ => date(INT(2001), LOCAL(0), INT(1)),
        };
        let text = Expression::Method(boxed(day), "strftime".to_owned(), vec![Expression::Str(format.to_owned())]);
        let code = vec![
            raise_if(compare(CompareOp::Lt, LOCAL(0), INT(first)), span),
            raise_if(compare(CompareOp::Ge, LOCAL(0), INT(first + count)), span),
            statement(span, Kind::Return(text)),
        ];
        Ok(Some(self.written_out("names", 1, 1, code, vec![index])))
    }

    /// `date.timetuple().tm_yday` and `tm_wday`.
    pub(super) fn time_tuple_field(&mut self, value: &'a Expr, name: &str, span: Span) -> Lifted<Option<Expression>> {
        let ExprKind::Call { func, args, keywords } = &value.kind else { return Ok(None) };
        let ExprKind::Attribute { value: of, name: method } = &func.kind else { return Ok(None) };
        let is_plain = args.is_empty() && keywords.is_empty() && method.name == "timetuple";
        if !is_plain || !matches!(name, "tm_yday" | "tm_wday") || !self.is_of_dates("timetuple") {
            return Ok(None);
        }
        let of = self.read(of)?;
        let ordinal = ordinal(LOCAL(0));
        let value = match name {
            "tm_yday" => {
                let year = Expression::Field(boxed(LOCAL(0)), "year".to_owned());
                plus(minus(ordinal, first_of(year)), INT(1))
            }
            _ => rest(plus(ordinal, INT(WEEK - 1)), WEEK),
        };
        let code = vec![statement(span, Kind::Return(value))];
        Ok(Some(self.written_out("timetuple", 1, 1, code, vec![of])))
    }

    /// `date.isocalendar()`, of which only the three numbers are looked at.
    pub(super) fn iso_calendar(&mut self, of: Expression, span: Span) -> Expression {
        let (day, weekday, thursday, its_date) = (1, 2, 3, 4);
        let set = |local, value| statement(span, Kind::Assign(Target::Local(local), value));
        let mut delta = vec![INT(0); WEEK as usize];
        delta[0] = minus(LOCAL(thursday), INT(1));
        let delta = Expression::Call(Builtin::TimeDelta, delta);
        let year = Expression::Field(boxed(LOCAL(its_date)), "year".to_owned());
        let week = Expression::Binary(
            BinaryOp::FloorDiv,
            boxed(minus(LOCAL(thursday), first_of(year.clone()))),
            boxed(INT(WEEK)),
        );
        // The year of a week is that of its Thursday.
        let code = vec![
            set(day, ordinal(LOCAL(0))),
            set(weekday, rest(plus(LOCAL(day), INT(WEEK - 1)), WEEK)),
            set(thursday, plus(minus(LOCAL(day), LOCAL(weekday)), INT(3))),
            set(its_date, plus(date(INT(1), INT(1), INT(1)), delta)),
            statement(
                span,
                Kind::Return(Expression::Tuple(vec![year, plus(week, INT(1)), plus(LOCAL(weekday), INT(1))])),
            ),
        ];
        self.written_out("isocalendar", 1, 5, code, vec![of])
    }

    /// Whether a call of a method with this name can only be one of a date or datetime, if it has an ordinal.
    pub(super) fn is_of_dates(&self, method: &str) -> bool {
        !self.bindings().defines_method(method) && !self.bindings().defines_method("toordinal")
    }

    /// The object of `….isocalendar()`.
    pub(super) fn is_iso_calendar(&self, expr: &Expr) -> bool {
        let ExprKind::Call { func, args, keywords } = &expr.kind else { return false };
        let is_it = matches!(&func.kind, ExprKind::Attribute { name, .. } if name.name == "isocalendar");
        is_it && args.is_empty() && keywords.is_empty() && self.is_of_dates("isocalendar")
    }

    /// `int.bit_length()`.
    pub(super) fn bit_length(&mut self, of: Expression, span: Span) -> Expression {
        let (rest, bits) = (1, 2);
        let set = |local, value| statement(span, Kind::Assign(Target::Local(local), value));
        let next = vec![
            set(rest, Expression::Binary(BinaryOp::RightShift, boxed(LOCAL(rest)), boxed(INT(1)))),
            set(bits, plus(LOCAL(bits), INT(1))),
        ];
        let code = vec![
            raise_unless(LOCAL(0), "int", span),
            set(rest, Expression::Call(Builtin::Abs, vec![LOCAL(0)])),
            set(bits, INT(0)),
            statement(span, Kind::While(compare(CompareOp::Gt, LOCAL(rest), INT(0)), next, Vec::new())),
            statement(span, Kind::Return(LOCAL(bits))),
        ];
        self.written_out("bit_length", 1, 3, code, vec![of])
    }

    /// `io.StringIO(line)` as the one line that a reader of CSV gets from it.
    pub(super) fn one_line(&mut self, expr: &'a Expr) -> Lifted<Option<Expression>> {
        let ExprKind::Call { func, args, keywords } = &expr.kind else { return Ok(None) };
        let ([text], []) = (args.as_slice(), keywords.as_slice()) else { return Ok(None) };
        let is_star = matches!(text.kind, ExprKind::Starred(_));
        if is_star || self.library_path(func).as_deref() != Some("io.StringIO") {
            return Ok(None);
        }
        let text = self.read(text)?;
        let empty = Expression::Str(String::new());
        let newline = Expression::Str("\n".to_owned());
        // Nothing but text can be added to text. Without any there is no line, and a line ends at a newline.
        let line = plus(LOCAL(0), empty.clone());
        let code = vec![
            statement(expr.span, Kind::Assign(Target::Local(1), line)),
            raise_if(compare(CompareOp::Eq, LOCAL(1), empty), expr.span),
            raise_if(compare(CompareOp::In, newline, LOCAL(1)), expr.span),
            statement(expr.span, Kind::Return(LOCAL(1))),
        ];
        Ok(Some(self.written_out("StringIO", 1, 2, code, vec![text])))
    }

    /// Whether there is something in `values & SET`, of a constant set.
    pub(super) fn has_common(&mut self, test: &'a Expr) -> Lifted<Option<Expression>> {
        let ExprKind::BinOp { left, op: BinOp::BitAnd, right } = &test.kind else { return Ok(None) };
        let (values, among) = match (self.is_constant_set(left), self.is_constant_set(right)) {
            (false, true) => (left, right),
            (true, false) => (right, left),
            _ => return Ok(None),
        };
        // Which of them comes first can't be seen in the end.
        let Expression::Set(items) = self.searched(among)? else { return Ok(None) };
        let values = self.in_parts(values)?;
        let span = test.span;
        let (set, item) = (0, 1);
        let found = compare(CompareOp::In, LOCAL(item), LOCAL(set));
        let found = Kind::If(vec![(found, vec![statement(span, Kind::Return(Expression::Bool(true)))])], Vec::new());
        let each = Kind::For(Target::Local(item), Expression::Tuple(items), vec![statement(span, found)], Vec::new());
        let code = vec![
            raise_unless(LOCAL(set), "set", span),
            statement(span, each),
            statement(span, Kind::Return(Expression::Bool(false))),
        ];
        Ok(Some(self.written_out("&", 1, 2, code, vec![values])))
    }

    fn is_constant_set(&self, expr: &Expr) -> bool {
        let ExprKind::Name(name) = &expr.kind else { return false };
        if self.is_local_name(name) || self.frame.scopes.iter().any(|scope| scope.contains_key(name)) {
            return false;
        }
        match self.outside(name) {
            names::Outside::Value(value, _) => {
                matches!(value.object().map(|id| self.evaluator.heap.get(id)), Some(Object::Set(_)))
            }
            _ => false,
        }
    }
}

fn binary(op: BinaryOp, a: Expression, b: Expression) -> Expression {
    Expression::Binary(op, boxed(a), boxed(b))
}

fn plus(a: Expression, b: Expression) -> Expression {
    binary(BinaryOp::Add, a, b)
}

fn minus(a: Expression, b: Expression) -> Expression {
    binary(BinaryOp::Sub, a, b)
}

fn rest(a: Expression, by: i64) -> Expression {
    binary(BinaryOp::Mod, a, INT(by))
}

fn compare(op: CompareOp, a: Expression, b: Expression) -> Expression {
    Expression::Compare(op, boxed(a), boxed(b))
}

fn raise_if(test: Expression, span: Span) -> Statement {
    statement(span, Kind::If(vec![(test, vec![statement(span, Kind::Raise)])], Vec::new()))
}

fn raise_unless(value: Expression, of: &str, span: Span) -> Statement {
    let is_one = Expression::IsInstance(boxed(value), vec![of.to_owned()]);
    raise_if(Expression::Unary(ir::UnaryOp::Not, boxed(is_one)), span)
}

fn date(year: Expression, month: Expression, day: Expression) -> Expression {
    Expression::Call(Builtin::Date, vec![year, month, day])
}

fn ordinal(of: Expression) -> Expression {
    Expression::Method(boxed(of), "toordinal".to_owned(), Vec::new())
}

/// The number of the first day of a year.
fn first_of(year: Expression) -> Expression {
    ordinal(date(year, INT(1), INT(1)))
}

fn is_leap(year: Expression) -> Expression {
    let is = |op, by| compare(op, rest(year.clone(), by), INT(0));
    let century = Expression::Or(boxed(is(CompareOp::Ne, 100)), boxed(is(CompareOp::Eq, 400)));
    Expression::And(boxed(is(CompareOp::Eq, 4)), boxed(century))
}

/// Of a year and a month.
fn days_of_month(span: Span) -> Vec<Statement> {
    let (year, month) = (0, 1);
    let first = |month| first_of_month(LOCAL(year), month);
    let next = Expression::If(
        boxed(compare(CompareOp::Eq, LOCAL(month), INT(12))),
        boxed(plus(first(INT(12)), INT(31))),
        boxed(first(plus(LOCAL(month), INT(1)))),
    );
    // Python takes other years, too.
    vec![
        raise_if(compare(CompareOp::Lt, LOCAL(year), INT(1)), span),
        raise_if(compare(CompareOp::Gt, LOCAL(year), INT(9999)), span),
        raise_if(compare(CompareOp::Lt, LOCAL(month), INT(1)), span),
        raise_if(compare(CompareOp::Gt, LOCAL(month), INT(12)), span),
        statement(span, Kind::Return(minus(next, first(LOCAL(month))))),
    ]
}

fn first_of_month(year: Expression, month: Expression) -> Expression {
    ordinal(date(year, month, INT(1)))
}

/// Of bytes, and of what the sum begins with.
fn crc32(span: Span) -> Vec<Statement> {
    let (data, start, sum, byte, bit) = (0, 1, 2, 3, 4);
    let set = |local, value| statement(span, Kind::Assign(Target::Local(local), value));
    let xor = |a, b| binary(BinaryOp::BitXor, a, b);
    let shifted = binary(BinaryOp::RightShift, LOCAL(sum), INT(1));
    let last = binary(BinaryOp::BitAnd, LOCAL(sum), INT(1));
    let step = set(sum, xor(shifted, binary(BinaryOp::Mul, INT(POLYNOMIAL), last)));
    let bits = Expression::Call(Builtin::Range, vec![INT(8)]);
    let each = vec![
        set(sum, xor(LOCAL(sum), LOCAL(byte))),
        statement(span, Kind::For(Target::Local(bit), bits, vec![step], Vec::new())),
    ];
    vec![
        raise_unless(LOCAL(data), "bytes", span),
        set(sum, xor(binary(BinaryOp::BitAnd, LOCAL(start), INT(ALL_32)), INT(ALL_32))),
        statement(span, Kind::For(Target::Local(byte), LOCAL(data), each, Vec::new())),
        statement(span, Kind::Return(xor(LOCAL(sum), INT(ALL_32)))),
    ]
}

fn adler32(span: Span) -> Vec<Statement> {
    let (data, low, high, byte) = (0, 1, 2, 3);
    let set = |local, value| statement(span, Kind::Assign(Target::Local(local), value));
    let each = vec![
        set(low, rest(plus(LOCAL(low), LOCAL(byte)), ADLER)),
        set(high, rest(plus(LOCAL(high), LOCAL(low)), ADLER)),
    ];
    let whole = plus(binary(BinaryOp::LeftShift, LOCAL(high), INT(16)), LOCAL(low));
    vec![
        raise_unless(LOCAL(data), "bytes", span),
        set(low, INT(1)),
        set(high, INT(0)),
        statement(span, Kind::For(Target::Local(byte), LOCAL(data), each, Vec::new())),
        statement(span, Kind::Return(whole)),
    ]
}
