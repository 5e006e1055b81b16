//! The door to the parser: Python text in, our own tree out. Nothing else knows rustpython-parser.

use super::ast::*;
use pyflink_plan::{SourceId, Span};
use rustpython_parser::ast as rp;
use rustpython_parser::ast::Ranged;
use rustpython_parser::text_size::TextRange;
use rustpython_parser::{Mode, ParseErrorType};

/// Why a text is not Python.
#[derive(Clone, Debug)]
pub struct SyntaxError {
    pub message: String,
    pub span: Span,
}

/// Parses a module. Needs a deep stack for deeply nested expressions.
pub fn module(text: &str, source: SourceId) -> Result<Module, SyntaxError> {
    match rustpython_parser::parse(text, Mode::Module, "") {
        Ok(rp::Mod::Module(module)) => {
            let convert = Convert { text, source };
            Ok(Module { body: convert.block(module.body) })
        }
        Ok(_) => Ok(Module { body: Vec::new() }),
        Err(error) => Err(syntax_error(error, text, source)),
    }
}

const UNFINISHED: &str = "the file ends in the middle of a statement: a bracket or a block is not closed";

fn syntax_error(error: rustpython_parser::ParseError, text: &str, source: SourceId) -> SyntaxError {
    let offset = u32::from(error.offset).min(text.len() as u32);
    let message = match &error.error {
        ParseErrorType::Eof => UNFINISHED.to_owned(),
        ParseErrorType::ExtraToken(token) => format!("unexpected {}", spell(&token.to_string())),
        ParseErrorType::InvalidToken => "not a token of Python".to_owned(),
        ParseErrorType::UnrecognizedToken(token, expected) => match (token.to_string().as_str(), expected.as_deref()) {
            (_, Some("Indent")) => "expected an indented block".to_owned(),
            ("Indent", _) => "unexpected indent".to_owned(),
            ("Dedent", _) => "the indentation matches no outer level, or a block ends too early".to_owned(),
            ("Newline", Some(expected)) => format!("expected {} before the end of the line", spell(expected)),
            ("Newline", None) => "the line ends in the middle of a statement".to_owned(),
            (token, Some(expected)) => format!("expected {}, found {}", spell(expected), spell(token)),
            (token, None) => format!("unexpected {}", spell(token)),
        },
        ParseErrorType::Lexical(error) => match error.to_string() {
            message if message == "unexpected EOF while parsing" => UNFINISHED.to_owned(),
            message => message,
        },
    };
    let end = text[offset as usize..].chars().next().map_or(offset, |c| offset + c.len_utf8() as u32);
    // An error at the end of a line is shown at its last character.
    let span = if text.as_bytes().get(offset as usize).is_none_or(|byte| matches!(byte, b'\n' | b'\r')) {
        let line = text[..offset as usize].trim_end_matches(['\n', '\r', ' ', '\t']);
        let start = line.char_indices().next_back().map_or(0, |(at, _)| at);
        Span { source, start: start as u32, end: line.len() as u32 }
    } else {
        Span { source, start: offset, end }
    };
    SyntaxError { message, span }
}

fn spell(token: &str) -> String {
    format!("`{}`", token.trim_matches('\''))
}

struct Convert<'a> {
    text: &'a str,
    source: SourceId,
}

impl Convert<'_> {
    fn span(&self, range: TextRange) -> Span {
        Span { source: self.source, start: range.start().into(), end: range.end().into() }
    }

    /// A name that begins where the range does.
    fn leading(&self, name: rp::Identifier, range: TextRange) -> Ident {
        let start = u32::from(range.start());
        let end = start + name.as_str().len() as u32;
        Ident { name: name.to_string(), span: Span { source: self.source, start, end } }
    }

    /// A name that ends where the range does.
    fn trailing(&self, name: rp::Identifier, range: TextRange) -> Ident {
        let end = u32::from(range.end());
        let start = end.saturating_sub(name.as_str().len() as u32);
        Ident { name: name.to_string(), span: Span { source: self.source, start, end } }
    }

    /// The first whole word in the range that is the name, after the given keyword.
    fn after(&self, keyword: &str, name: rp::Identifier, range: TextRange) -> Ident {
        let start = usize::from(range.start());
        let text = &self.text[start..usize::from(range.end())];
        let from = find_word(text, keyword).map_or(0, |at| at + keyword.len());
        match find_word(&text[from..], name.as_str()) {
            Some(at) => {
                let start = (start + from + at) as u32;
                let end = start + name.as_str().len() as u32;
                Ident { name: name.to_string(), span: Span { source: self.source, start, end } }
            }
            None => Ident { name: name.to_string(), span: self.span(range) },
        }
    }

    fn block(&self, body: Vec<rp::Stmt>) -> Vec<Stmt> {
        body.into_iter().map(|statement| self.statement(statement)).collect()
    }

    fn statement(&self, statement: rp::Stmt) -> Stmt {
        let range = statement.range();
        let kind = match statement {
            rp::Stmt::FunctionDef(f) => {
                self.function(f.name, *f.args, f.body, f.decorator_list, f.returns, false, range)
            }
            rp::Stmt::AsyncFunctionDef(f) => {
                self.function(f.name, *f.args, f.body, f.decorator_list, f.returns, true, range)
            }
            rp::Stmt::ClassDef(class) => StmtKind::ClassDef(Box::new(ClassDef {
                name: self.after("class", class.name, range),
                bases: self.exprs(class.bases),
                keywords: self.keywords(class.keywords),
                body: self.block(class.body),
                decorators: self.exprs(class.decorator_list),
            })),
            rp::Stmt::Return(s) => StmtKind::Return(self.option(s.value)),
            rp::Stmt::Delete(s) => StmtKind::Delete(self.exprs(s.targets)),
            rp::Stmt::Assign(s) => StmtKind::Assign { targets: self.exprs(s.targets), value: self.expr(*s.value) },
            rp::Stmt::TypeAlias(s) => {
                let name = match *s.name {
                    rp::Expr::Name(name) => self.leading(name.id, name.range),
                    other => Ident { name: String::new(), span: self.span(other.range()) },
                };
                StmtKind::TypeAlias { name, value: self.expr(*s.value) }
            }
            rp::Stmt::AugAssign(s) => {
                StmtKind::AugAssign { target: self.expr(*s.target), op: operator(s.op), value: self.expr(*s.value) }
            }
            rp::Stmt::AnnAssign(s) => StmtKind::AnnAssign {
                target: self.expr(*s.target),
                annotation: self.expr(*s.annotation),
                value: self.option(s.value),
            },
            rp::Stmt::For(s) => self.for_(*s.target, *s.iter, s.body, s.orelse, false),
            rp::Stmt::AsyncFor(s) => self.for_(*s.target, *s.iter, s.body, s.orelse, true),
            rp::Stmt::While(s) => {
                StmtKind::While { test: self.expr(*s.test), body: self.block(s.body), orelse: self.block(s.orelse) }
            }
            rp::Stmt::If(s) => {
                StmtKind::If { test: self.expr(*s.test), body: self.block(s.body), orelse: self.block(s.orelse) }
            }
            rp::Stmt::With(s) => self.with(s.items, s.body, false),
            rp::Stmt::AsyncWith(s) => self.with(s.items, s.body, true),
            rp::Stmt::Match(s) => StmtKind::Match {
                subject: self.expr(*s.subject),
                cases: s.cases.into_iter().map(|case| self.case(case)).collect(),
            },
            rp::Stmt::Raise(s) => StmtKind::Raise { exc: self.option(s.exc), cause: self.option(s.cause) },
            rp::Stmt::Try(s) => self.try_(s.body, s.handlers, s.orelse, s.finalbody),
            rp::Stmt::TryStar(s) => self.try_(s.body, s.handlers, s.orelse, s.finalbody),
            rp::Stmt::Assert(s) => StmtKind::Assert { test: self.expr(*s.test), msg: self.option(s.msg) },
            rp::Stmt::Import(s) => StmtKind::Import(self.aliases(s.names)),
            rp::Stmt::ImportFrom(s) => StmtKind::ImportFrom {
                module: s.module.map(|module| self.after("from", module, range)),
                level: s.level.map_or(0, |level| level.to_u32()),
                names: self.aliases(s.names),
            },
            rp::Stmt::Global(s) => {
                StmtKind::Global(s.names.into_iter().map(|name| self.after("global", name, range)).collect())
            }
            rp::Stmt::Nonlocal(s) => {
                StmtKind::Nonlocal(s.names.into_iter().map(|name| self.after("nonlocal", name, range)).collect())
            }
            rp::Stmt::Expr(s) => StmtKind::Expr(self.expr(*s.value)),
            rp::Stmt::Pass(_) => StmtKind::Pass,
            rp::Stmt::Break(_) => StmtKind::Break,
            rp::Stmt::Continue(_) => StmtKind::Continue,
        };
        Stmt { kind, span: self.span(range) }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of two node types that differ in one flag")]
    fn function(
        &self,
        name: rp::Identifier,
        args: rp::Arguments,
        body: Vec<rp::Stmt>,
        decorators: Vec<rp::Expr>,
        returns: Option<Box<rp::Expr>>,
        is_async: bool,
        range: TextRange,
    ) -> StmtKind {
        let body = self.block(body);
        StmtKind::FunctionDef(Box::new(FunctionDef {
            name: self.after("def", name, range),
            params: self.parameters(args),
            is_generator: body.iter().any(yields),
            body,
            decorators: self.exprs(decorators),
            returns: self.option(returns),
            is_async,
        }))
    }

    fn for_(
        &self,
        target: rp::Expr,
        iter: rp::Expr,
        body: Vec<rp::Stmt>,
        orelse: Vec<rp::Stmt>,
        is_async: bool,
    ) -> StmtKind {
        StmtKind::For {
            target: self.expr(target),
            iter: self.expr(iter),
            body: self.block(body),
            orelse: self.block(orelse),
            is_async,
        }
    }

    fn with(&self, items: Vec<rp::WithItem>, body: Vec<rp::Stmt>, is_async: bool) -> StmtKind {
        let items = items
            .into_iter()
            .map(|item| WithItem { context: self.expr(item.context_expr), target: self.option(item.optional_vars) });
        StmtKind::With { items: items.collect(), body: self.block(body), is_async }
    }

    fn try_(
        &self,
        body: Vec<rp::Stmt>,
        handlers: Vec<rp::ExceptHandler>,
        orelse: Vec<rp::Stmt>,
        finalbody: Vec<rp::Stmt>,
    ) -> StmtKind {
        let handlers = handlers.into_iter().map(|rp::ExceptHandler::ExceptHandler(handler)| ExceptHandler {
            exc_type: self.option(handler.type_),
            name: handler.name.map(|name| self.after("as", name, handler.range)),
            body: self.block(handler.body),
            span: self.span(handler.range),
        });
        StmtKind::Try {
            body: self.block(body),
            handlers: handlers.collect(),
            orelse: self.block(orelse),
            finalbody: self.block(finalbody),
        }
    }

    fn aliases(&self, names: Vec<rp::Alias>) -> Vec<Alias> {
        let alias = |alias: rp::Alias| Alias {
            asname: alias.asname.map(|name| self.trailing(name, alias.range)),
            name: self.leading(alias.name, alias.range),
        };
        names.into_iter().map(alias).collect()
    }

    fn case(&self, case: rp::MatchCase) -> MatchCase {
        MatchCase { pattern: self.pattern(case.pattern), guard: self.option(case.guard), body: self.block(case.body) }
    }

    fn pattern(&self, pattern: rp::Pattern) -> Pattern {
        let range = pattern.range();
        let span = self.span(range);
        let all = |patterns: Vec<rp::Pattern>| patterns.into_iter().map(|p| self.pattern(p)).collect();
        let kind = match pattern {
            rp::Pattern::MatchValue(p) => PatternKind::Value(self.expr(*p.value)),
            rp::Pattern::MatchSingleton(p) => {
                PatternKind::Singleton(Expr { kind: ExprKind::Constant(constant(p.value)), span })
            }
            rp::Pattern::MatchSequence(p) => PatternKind::Sequence(all(p.patterns)),
            rp::Pattern::MatchMapping(p) => PatternKind::Mapping {
                keys: self.exprs(p.keys),
                patterns: all(p.patterns),
                rest: p.rest.map(|name| Ident { name: name.to_string(), span }),
            },
            rp::Pattern::MatchClass(p) => PatternKind::Class {
                class: self.expr(*p.cls),
                patterns: all(p.patterns),
                keywords: p
                    .kwd_attrs
                    .into_iter()
                    .zip(p.kwd_patterns)
                    .map(|(name, p)| (Ident { name: name.to_string(), span }, self.pattern(p)))
                    .collect(),
            },
            rp::Pattern::MatchStar(p) => PatternKind::Star(p.name.map(|name| self.trailing(name, range))),
            rp::Pattern::MatchAs(p) => PatternKind::As {
                pattern: p.pattern.map(|p| Box::new(self.pattern(*p))),
                name: p.name.map(|name| self.trailing(name, range)),
            },
            rp::Pattern::MatchOr(p) => PatternKind::Or(all(p.patterns)),
        };
        Pattern { kind, span }
    }

    fn parameters(&self, args: rp::Arguments) -> Parameters {
        let many = |args: Vec<rp::ArgWithDefault>| -> Vec<Parameter> {
            args.into_iter()
                .map(|arg| {
                    let default = self.option(arg.default);
                    Parameter { default, ..self.parameter(arg.def) }
                })
                .collect()
        };
        Parameters {
            posonly: many(args.posonlyargs),
            args: many(args.args),
            vararg: args.vararg.map(|arg| self.parameter(*arg)),
            kwonly: many(args.kwonlyargs),
            kwarg: args.kwarg.map(|arg| self.parameter(*arg)),
        }
    }

    fn parameter(&self, arg: rp::Arg) -> Parameter {
        Parameter { name: self.leading(arg.arg, arg.range), annotation: self.option(arg.annotation), default: None }
    }

    fn keywords(&self, keywords: Vec<rp::Keyword>) -> Vec<Keyword> {
        let keyword = |keyword: rp::Keyword| Keyword {
            name: keyword.arg.map(|name| self.leading(name, keyword.range)),
            value: self.expr(keyword.value),
        };
        keywords.into_iter().map(keyword).collect()
    }

    fn exprs(&self, exprs: Vec<rp::Expr>) -> Vec<Expr> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    fn option(&self, expr: Option<Box<rp::Expr>>) -> Option<Expr> {
        expr.map(|expr| self.expr(*expr))
    }

    #[expect(clippy::boxed_local, reason = "the parser's tree has boxes here")]
    fn boxed(&self, expr: Box<rp::Expr>) -> Box<Expr> {
        Box::new(self.expr(*expr))
    }

    fn optional_box(&self, expr: Option<Box<rp::Expr>>) -> Option<Box<Expr>> {
        expr.map(|expr| self.boxed(expr))
    }

    fn expr(&self, expr: rp::Expr) -> Expr {
        let range = expr.range();
        let kind = match expr {
            rp::Expr::BoolOp(e) => {
                ExprKind::BoolOp { is_and: matches!(e.op, rp::BoolOp::And), values: self.exprs(e.values) }
            }
            rp::Expr::NamedExpr(e) => ExprKind::NamedExpr { target: self.boxed(e.target), value: self.boxed(e.value) },
            rp::Expr::BinOp(e) => {
                ExprKind::BinOp { left: self.boxed(e.left), op: operator(e.op), right: self.boxed(e.right) }
            }
            rp::Expr::UnaryOp(e) => ExprKind::UnaryOp {
                op: match e.op {
                    rp::UnaryOp::Invert => UnaryOp::Invert,
                    rp::UnaryOp::Not => UnaryOp::Not,
                    rp::UnaryOp::UAdd => UnaryOp::Plus,
                    rp::UnaryOp::USub => UnaryOp::Minus,
                },
                operand: self.boxed(e.operand),
            },
            rp::Expr::Lambda(e) => {
                ExprKind::Lambda { params: Box::new(self.parameters(*e.args)), body: self.boxed(e.body) }
            }
            rp::Expr::IfExp(e) => {
                ExprKind::IfExp { test: self.boxed(e.test), body: self.boxed(e.body), orelse: self.boxed(e.orelse) }
            }
            rp::Expr::Dict(e) => ExprKind::Dict(
                e.keys.into_iter().zip(e.values).map(|(k, v)| (k.map(|k| self.expr(k)), self.expr(v))).collect(),
            ),
            rp::Expr::Set(e) => ExprKind::Set(self.exprs(e.elts)),
            rp::Expr::ListComp(e) => {
                ExprKind::ListComp { element: self.boxed(e.elt), generators: self.generators(e.generators) }
            }
            rp::Expr::SetComp(e) => {
                ExprKind::SetComp { element: self.boxed(e.elt), generators: self.generators(e.generators) }
            }
            rp::Expr::GeneratorExp(e) => {
                ExprKind::GeneratorExp { element: self.boxed(e.elt), generators: self.generators(e.generators) }
            }
            rp::Expr::DictComp(e) => ExprKind::DictComp {
                key: self.boxed(e.key),
                value: self.boxed(e.value),
                generators: self.generators(e.generators),
            },
            rp::Expr::Await(e) => ExprKind::Await(self.boxed(e.value)),
            rp::Expr::Yield(e) => ExprKind::Yield(self.optional_box(e.value)),
            rp::Expr::YieldFrom(e) => ExprKind::YieldFrom(self.boxed(e.value)),
            rp::Expr::Compare(e) => ExprKind::Compare {
                left: self.boxed(e.left),
                rest: e.ops.into_iter().map(comparison).zip(self.exprs(e.comparators)).collect(),
            },
            rp::Expr::Call(e) => ExprKind::Call {
                func: self.boxed(e.func),
                args: self.exprs(e.args),
                keywords: self.keywords(e.keywords),
            },
            rp::Expr::FormattedValue(e) => ExprKind::JoinedStr(vec![self.formatted(e)]),
            rp::Expr::JoinedStr(e) => ExprKind::JoinedStr(self.parts(e)),
            rp::Expr::Constant(e) => ExprKind::Constant(constant(e.value)),
            rp::Expr::Attribute(e) => {
                ExprKind::Attribute { value: self.boxed(e.value), name: self.trailing(e.attr, range) }
            }
            rp::Expr::Subscript(e) => ExprKind::Subscript { value: self.boxed(e.value), index: self.boxed(e.slice) },
            rp::Expr::Starred(e) => ExprKind::Starred(self.boxed(e.value)),
            rp::Expr::Name(e) => ExprKind::Name(e.id.to_string()),
            rp::Expr::List(e) => ExprKind::List(self.exprs(e.elts)),
            rp::Expr::Tuple(e) => ExprKind::Tuple(self.exprs(e.elts)),
            rp::Expr::Slice(e) => ExprKind::Slice {
                lower: self.optional_box(e.lower),
                upper: self.optional_box(e.upper),
                step: self.optional_box(e.step),
            },
        };
        Expr { kind, span: self.span(range) }
    }

    fn generators(&self, generators: Vec<rp::Comprehension>) -> Vec<Comprehension> {
        let generator = |generator: rp::Comprehension| Comprehension {
            target: self.expr(generator.target),
            iter: self.expr(generator.iter),
            ifs: self.exprs(generator.ifs),
            is_async: generator.is_async,
        };
        generators.into_iter().map(generator).collect()
    }

    fn parts(&self, joined: rp::ExprJoinedStr) -> Vec<FStringPart> {
        let part = |expr: rp::Expr| match expr {
            rp::Expr::FormattedValue(value) => self.formatted(value),
            rp::Expr::Constant(rp::ExprConstant { value: rp::Constant::Str(text), .. }) => FStringPart::Literal(text),
            other => FStringPart::Value { value: self.expr(other), conversion: None, format: None },
        };
        joined.values.into_iter().map(part).collect()
    }

    fn formatted(&self, value: rp::ExprFormattedValue) -> FStringPart {
        FStringPart::Value {
            value: self.expr(*value.value),
            conversion: value.conversion.to_char(),
            format: value.format_spec.map(|spec| match *spec {
                rp::Expr::JoinedStr(joined) => self.parts(joined),
                other => vec![FStringPart::Value { value: self.expr(other), conversion: None, format: None }],
            }),
        }
    }
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .map(|(at, _)| at)
        .find(|&at| !text[..at].ends_with(is_word) && !text[at + word.len()..].starts_with(is_word))
}

fn constant(constant: rp::Constant) -> Constant {
    match constant {
        rp::Constant::None => Constant::None,
        rp::Constant::Bool(value) => Constant::Bool(value),
        rp::Constant::Str(text) => Constant::Str(text),
        rp::Constant::Bytes(bytes) => Constant::Bytes(bytes),
        rp::Constant::Int(value) => Constant::Int(value),
        // Tuples are made by optimisers only.
        rp::Constant::Tuple(_) | rp::Constant::Ellipsis => Constant::Ellipsis,
        rp::Constant::Float(value) => Constant::Float(value),
        rp::Constant::Complex { real, imag } => Constant::Complex(real, imag),
    }
}

fn operator(op: rp::Operator) -> BinOp {
    match op {
        rp::Operator::Add => BinOp::Add,
        rp::Operator::Sub => BinOp::Sub,
        rp::Operator::Mult => BinOp::Mult,
        rp::Operator::MatMult => BinOp::MatMult,
        rp::Operator::Div => BinOp::Div,
        rp::Operator::Mod => BinOp::Mod,
        rp::Operator::Pow => BinOp::Pow,
        rp::Operator::LShift => BinOp::LShift,
        rp::Operator::RShift => BinOp::RShift,
        rp::Operator::BitOr => BinOp::BitOr,
        rp::Operator::BitXor => BinOp::BitXor,
        rp::Operator::BitAnd => BinOp::BitAnd,
        rp::Operator::FloorDiv => BinOp::FloorDiv,
    }
}

fn comparison(op: rp::CmpOp) -> CmpOp {
    match op {
        rp::CmpOp::Eq => CmpOp::Eq,
        rp::CmpOp::NotEq => CmpOp::NotEq,
        rp::CmpOp::Lt => CmpOp::Lt,
        rp::CmpOp::LtE => CmpOp::LtE,
        rp::CmpOp::Gt => CmpOp::Gt,
        rp::CmpOp::GtE => CmpOp::GtE,
        rp::CmpOp::Is => CmpOp::Is,
        rp::CmpOp::IsNot => CmpOp::IsNot,
        rp::CmpOp::In => CmpOp::In,
        rp::CmpOp::NotIn => CmpOp::NotIn,
    }
}

/// True if a `yield` stands in the statement, outside of functions in it.
fn yields(statement: &Stmt) -> bool {
    let mut found = false;
    super::walk::own_exprs(statement, &mut |expr| {
        found |= matches!(expr.kind, ExprKind::Yield(_) | ExprKind::YieldFrom(_));
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Module {
        module(text, SourceId(0)).unwrap()
    }

    #[test]
    fn names_have_their_own_spans() {
        let text = "import x\nclass  defdef(Base):\n    def run (self): return a.b.run\n";
        let StmtKind::ClassDef(class) = &parse(text).body[1].kind else { panic!() };
        let span = class.name.span;
        assert_eq!(&text[span.start as usize..span.end as usize], "defdef");
        let StmtKind::FunctionDef(run) = &class.body[0].kind else { panic!() };
        let span = run.name.span;
        assert_eq!(&text[span.start as usize..span.end as usize], "run");
        let StmtKind::Return(Some(Expr { kind: ExprKind::Attribute { name, .. }, .. })) = &run.body[0].kind else {
            panic!()
        };
        assert_eq!(&text[name.span.start as usize..name.span.end as usize], "run");
    }

    #[test]
    fn a_generator_is_known_by_its_own_yields() {
        let text = "def f():\n    def g():\n        yield 1\n    return g\ndef h():\n    x = [(yield 1)]\n";
        let generators: Vec<bool> =
            parse(text).body.iter().map(|s| matches!(&s.kind, StmtKind::FunctionDef(f) if f.is_generator)).collect();
        assert_eq!(generators, [false, true]);
    }

    #[test]
    fn errors_have_a_place() {
        let error = module("x = (1,\n", SourceId(0)).unwrap_err();
        assert!(error.message.contains("ends in the middle"), "{error:?}");
        let error = module("if x\n    y\n", SourceId(0)).unwrap_err();
        assert_eq!(error.span.start, 3, "{error:?}");
    }
}
