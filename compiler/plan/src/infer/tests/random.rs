//! Bodies made by chance: whatever they are typed as holds what code generation trusts ([`crate::typed_verify`], which
//! runs after each inference here).

use super::*;
use crate::ir::{Conversion, Extreme, Key, Part, RegexFunction};

/// A generator of Marsaglia's kind: the same bodies in each run.
struct Chance(u64);

const LOCALS: u32 = 8;

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn local(&mut self) -> u32 {
        self.below(LOCALS as usize) as u32
    }

    fn argument(&mut self, depth: u32) -> Type {
        let simple = [Type::Bool, Type::Int, Type::Float, Type::Number, Type::Str, Type::Bytes, Type::None];
        if depth == 0 {
            return self.pick(&simple);
        }
        let inner = self.argument(depth - 1);
        match self.below(9) {
            0 => list(inner),
            1 => pair(inner, self.argument(depth - 1)),
            2 => inner.optional(),
            3 => Type::TupleOf(Box::new(inner)),
            4 => dict(Type::Str, inner),
            5 => Type::Set(Box::new(Type::Int)),
            6 => list(Type::Never),
            _ => self.pick(&simple),
        }
    }

    fn expressions(&mut self, depth: u32, most: usize) -> Vec<Expression> {
        (0..self.below(most + 1)).map(|_| self.expression(depth)).collect()
    }

    fn boxed(&mut self, depth: u32) -> Box<Expression> {
        Box::new(self.expression(depth))
    }

    fn clause(&mut self, depth: u32) -> Vec<Clause> {
        let target = self.target();
        vec![Clause { target, iterable: self.expression(depth), conditions: self.expressions(depth, 1) }]
    }

    fn target(&mut self) -> Target {
        match self.below(4) {
            0 => Target::Each(vec![Target::Local(self.local()), Target::Local(self.local())]),
            _ => Target::Local(self.local()),
        }
    }

    fn key(&mut self, depth: u32) -> Option<Key> {
        (self.below(2) == 0).then(|| Key { local: self.local(), value: self.boxed(depth) })
    }

    fn leaf(&mut self) -> Expression {
        match self.below(12) {
            0 => Expression::None,
            1 => Expression::Bool(true),
            2 => int(self.below(5) as i64 - 1),
            3 => float(1.5),
            4 => text("a b"),
            _ => local(self.local()),
        }
    }

    fn expression(&mut self, depth: u32) -> Expression {
        use CompareOp::*;
        let Some(depth) = depth.checked_sub(1) else { return self.leaf() };
        match self.below(30) {
            0 => Expression::Tuple(self.expressions(depth, 3)),
            1 => Expression::List(self.expressions(depth, 3)),
            2 => Expression::Dict(vec![(self.expression(depth), self.expression(depth))]),
            3..=5 => {
                let ops = [
                    BinaryOp::Add,
                    BinaryOp::Sub,
                    BinaryOp::Mul,
                    BinaryOp::Div,
                    BinaryOp::Mod,
                    BinaryOp::Pow,
                    BinaryOp::BitAnd,
                ];
                binary(self.pick(&ops), self.expression(depth), self.expression(depth))
            }
            6 => Expression::Unary(self.pick(&[UnaryOp::Minus, UnaryOp::Not, UnaryOp::Plus]), self.boxed(depth)),
            7..=9 => {
                let op = self.pick(&[Eq, Ne, Lt, Ge, In, NotIn, Is, IsNot]);
                compare(op, self.expression(depth), self.expression(depth))
            }
            10 => is_none(self.expression(depth)),
            11 => Expression::And(self.boxed(depth), self.boxed(depth)),
            12 => Expression::Or(self.boxed(depth), self.boxed(depth)),
            13 => Expression::If(self.boxed(depth), self.boxed(depth), self.boxed(depth)),
            14 => Expression::Let(self.local(), self.boxed(depth), self.boxed(depth)),
            15 | 16 => index(self.expression(depth), self.expression(depth)),
            17 => {
                let bounds = [self.leaf(), self.leaf(), Expression::None];
                Expression::Slice(self.boxed(depth), Box::new(bounds))
            }
            18..=20 => Expression::Call(self.pick(Builtin::ALL), self.expressions(depth, 2)),
            21 | 22 => {
                let names = [
                    "split",
                    "strip",
                    "upper",
                    "get",
                    "items",
                    "keys",
                    "values",
                    "pop",
                    "setdefault",
                    "join",
                    "startswith",
                    "find",
                    "count",
                    "index",
                    "group",
                    "groups",
                    "copy",
                    "is_integer",
                    "decode",
                    "add",
                    "append",
                ];
                let name = self.pick(&names);
                method(self.expression(depth), name, self.expressions(depth, 2))
            }
            23 => {
                let classes = self.pick(&[vec!["int"], vec!["str"], vec!["float", "int"], vec!["list", "NoneType"]]);
                Expression::IsInstance(self.boxed(depth), classes.into_iter().map(str::to_owned).collect())
            }
            24 => {
                let conversion = self.pick(&[None, Some(Conversion::Repr)]);
                let spec = self.pick(&["", ">5", ".2f"]);
                Expression::Format(vec![
                    Part::Text("x".to_owned()),
                    Part::Value(self.expression(depth), conversion, spec.to_owned()),
                    Part::Value(self.expression(depth), None, String::new()),
                ])
            }
            25 => Expression::Percent(self.pick(&["%s", "%d %5.1f", "%r-%s"]).to_owned(), self.boxed(depth)),
            26 => Expression::Comprehension(self.boxed(depth), self.clause(depth)),
            27 => Expression::DictComprehension(self.boxed(depth), self.boxed(depth), self.clause(depth)),
            28 => match self.below(3) {
                0 => Expression::Sorted(self.boxed(depth), self.key(depth), self.boxed(0)),
                1 => {
                    let default = (self.below(2) == 0).then(|| self.boxed(depth));
                    Expression::Best(Extreme::Max, self.boxed(depth), self.key(depth), default)
                }
                _ => {
                    let function = self.pick(&[RegexFunction::Match, RegexFunction::FindAll, RegexFunction::Split]);
                    Expression::Regex(
                        function,
                        self.pick(&["a(b)?", "(?P<x>a)b"]).to_owned(),
                        0,
                        vec![self.expression(depth)],
                    )
                }
            },
            _ => match self.below(2) {
                0 => Expression::Invoke(0, vec![self.expression(depth), self.expression(depth)]),
                _ => Expression::New(0, vec![self.expression(depth)]),
            },
        }
    }

    fn block(&mut self, depth: u32) -> Vec<Statement> {
        (0..1 + self.below(3)).map(|_| self.statement(depth)).collect()
    }

    fn statement(&mut self, depth: u32) -> Statement {
        let simple = |this: &mut Self| match this.below(9) {
            0 => StatementKind::Return(this.expression(2)),
            1 => StatementKind::Collect(this.expression(2)),
            2 => StatementKind::CollectEach(this.expression(2)),
            3 => StatementKind::Append(local(this.local()), this.expression(2)),
            4 => StatementKind::Extend(local(this.local()), this.expression(2)),
            5 => StatementKind::SetItem(local(this.local()), this.leaf(), this.expression(2)),
            6 => this.pick(&[StatementKind::Raise, StatementKind::Evaluate(local(0))]),
            _ => StatementKind::Assign(this.target(), this.expression(3)),
        };
        let Some(depth) = depth.checked_sub(1) else { return at(simple(self)) };
        at(match self.below(7) {
            0 | 1 => StatementKind::If(vec![(self.expression(2), self.block(depth))], self.block(depth)),
            2 => StatementKind::While(self.expression(2), self.turn(depth), self.block(depth)),
            3 => StatementKind::For(self.target(), self.expression(2), self.turn(depth), self.block(depth)),
            _ => simple(self),
        })
    }

    fn turn(&mut self, depth: u32) -> Vec<Statement> {
        let mut body = self.block(depth);
        let leaves = self.pick(&[StatementKind::Break, StatementKind::Continue]);
        let at_the_end = self.below(2) == 0;
        body.push(if at_the_end { self.statement(depth) } else { when(self.expression(2), vec![at(leaves)], vec![]) });
        body
    }

    fn body(&mut self) -> (Body, Vec<Type>) {
        let arguments: Vec<Type> = (0..3).map(|_| self.argument(2)).collect();
        let mut code: Vec<Statement> = Vec::new();
        for empty in [Expression::List(vec![]), Expression::Dict(vec![]), Expression::None, int(0)] {
            code.push(assign(3 + code.len() as u32, empty));
        }
        let depth = self.below(4) as u32;
        code.extend(self.block(depth));
        code.push(give(self.expression(2)));
        let mut made = body(3, code);
        let inner = self.block(1);
        made.functions.push(Inner { name: "inner".to_owned(), parameters: 2, locals: LOCALS, code: inner });
        without_calls(&mut made.functions[0].code);
        made.classes.push(Class {
            module: "m".to_owned(),
            name: "C".to_owned(),
            fields: vec!["x".to_owned()],
            methods: vec![],
            properties: Vec::new(),
            others: vec!["__eq__".to_owned()],
            causes: Vec::new(),
            ..Class::default()
        });
        (made, arguments)
    }
}

/// Functions don't call themselves.
fn without_calls(code: &mut Vec<Statement>) {
    code.retain(|statement| !format!("{statement:?}").contains("Invoke"));
}

#[test]
fn bodies_made_by_chance_verify() {
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let rounds = std::env::var("PYFLINK_RANDOM_BODIES").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(4000);
    let mut typed = 0;
    for _ in 0..rounds {
        let (body, arguments) = chance.body();
        typed += usize::from(infer(&body, &arguments, &[]).is_ok());
    }
    assert!(typed > rounds / 100, "{typed} of {rounds} are typed");
}
