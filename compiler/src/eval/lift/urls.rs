//! `urllib.parse`: what takes URLs and queries apart. A URL that was taken apart is no value: its parts are.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::{Builtin, CompareOp, StatementKind as Kind, Target};

const PARTS: &[&str] = &["scheme", "netloc", "path", "query", "fragment"];

impl<'a> Lift<'_, 'a> {
    /// A part of `urlsplit(url)`, or of a variable that stands for one.
    pub(super) fn url_part(&mut self, value: &'a Expr, name: &str, span: Span) -> Lifted<Option<Expression>> {
        let whole = match &value.kind {
            ExprKind::Name(of) if self.is_url(of) => Expression::Local(self.local(of)),
            _ => match self.url(value)? {
                Some(url) => url,
                None => return Ok(None),
            },
        };
        let part = |at: usize| Expression::Index(boxed(whole.clone()), boxed(Expression::Int(at as i64)));
        match PARTS.iter().position(|part| *part == name) {
            Some(at) => Ok(Some(part(at))),
            None if name == "hostname" => Ok(Some(Expression::Call(Builtin::UrlHost, vec![part(1)]))),
            None => Err(reason(format!("`{name}` of a URL runs in Python"), "take it from its netloc or path", span)),
        }
    }

    /// True for a variable that stands for nothing but a URL that was taken apart.
    pub(super) fn is_url(&self, name: &str) -> bool {
        self.frame.scopes[1..].iter().all(|scope| !scope.contains_key(name))
            && self.frame.names.contains(name)
            && self.frame.provenance.only(name).is_some_and(|value| self.taken_apart(value).is_some())
    }

    /// What `urlsplit(url)` or `urlparse(url)` takes apart, and which of them it is.
    fn taken_apart(&self, value: &'a Expr) -> Option<(&'a Expr, Builtin)> {
        let ExprKind::Call { func, args, keywords } = &value.kind else { return None };
        let ([url], []) = (args.as_slice(), keywords.as_slice()) else { return None };
        let builtin = match self.library_path(func).as_deref() {
            Some("urllib.parse.urlsplit") => Builtin::UrlSplit,
            Some("urllib.parse.urlparse") => Builtin::UrlParse,
            _ => return None,
        };
        (!matches!(url.kind, ExprKind::Starred(_))).then_some((url, builtin))
    }

    /// `urlsplit(url)` or `urlparse(url)`.
    pub(super) fn url(&mut self, value: &'a Expr) -> Lifted<Option<Expression>> {
        match self.taken_apart(value) {
            Some((url, builtin)) => Ok(Some(Expression::Call(builtin, vec![self.expr(url)?]))),
            None => Ok(None),
        }
    }

    /// A function of texts in URLs.
    pub(super) fn url_call(&mut self, path: &str, site: Site<'a>) -> Lifted<Option<Expression>> {
        let Some(name) = path.strip_prefix("urllib.parse.") else { return Ok(None) };
        let Site { args, keywords, span, .. } = site;
        match (name, args, keywords) {
            ("unquote" | "unquote_plus", [text], []) if !stars::has_star(args) => {
                let text = dispatch::as_text(self.expr(text)?);
                Ok(Some(match name {
                    "unquote" => Expression::Call(Builtin::UrlUnquote, vec![text]),
                    _ => unquoted(text),
                }))
            }
            ("parse_qs" | "parse_qsl", [query, rest @ ..], _) if !stars::has_star(args) => {
                let keeps = match (rest, keywords) {
                    ([], []) => Some(false),
                    ([keeps], []) => truth_of(keeps),
                    ([], [Keyword { name: Some(name), value }]) if name.name == "keep_blank_values" => truth_of(value),
                    _ => None,
                };
                let Some(keeps) = keeps else { return Ok(None) };
                let query = dispatch::as_text(self.expr(query)?);
                let pairs = self.written_out("parse_qsl", 1, 6, parse_qsl(keeps, span), vec![query]);
                Ok(Some(match name {
                    "parse_qsl" => pairs,
                    _ => self.written_out("parse_qs", 1, 4, parse_qs(span), vec![pairs]),
                }))
            }
            _ => Ok(None),
        }
    }
}

fn truth_of(value: &Expr) -> Option<bool> {
    match &value.kind {
        ExprKind::Constant(Constant::Bool(value)) => Some(*value),
        ExprKind::Constant(Constant::Int(value)) => i64::try_from(value).ok().map(|value| value != 0),
        _ => None,
    }
}

/// `unquote_plus`.
fn unquoted(text: Expression) -> Expression {
    let signs = vec![Expression::Str("+".to_owned()), Expression::Str(" ".to_owned())];
    let text = Expression::Method(boxed(text), "replace".to_owned(), signs);
    Expression::Call(Builtin::UrlUnquote, vec![text])
}

/// The pairs of names and values of a query.
fn parse_qsl(keeps_blanks: bool, span: Span) -> Vec<Statement> {
    let (query, pairs, part, name, sign, value) = (0, 1, 2, 3, 4, 5);
    let local = Expression::Local;
    let text = |text: &str| Expression::Str(text.to_owned());
    let call = |of, method: &str, argument| Expression::Method(boxed(of), method.to_owned(), vec![argument]);
    let has = |of, inside| Expression::Compare(CompareOp::In, boxed(of), boxed(inside));
    let pair = Expression::Tuple(vec![unquoted(local(name)), unquoted(local(value))]);
    let append = vec![statement(span, Kind::Append(local(pairs), pair))];
    let append = match keeps_blanks {
        true => append,
        false => vec![statement(span, Kind::If(vec![(local(value), append)], Vec::new()))],
    };
    let both = Target::Each(vec![Target::Local(name), Target::Local(sign), Target::Local(value)]);
    let mut taken = vec![statement(span, Kind::Assign(both, call(local(part), "partition", text("="))))];
    taken.extend(append);
    let each = vec![statement(span, Kind::If(vec![(local(part), taken)], Vec::new()))];
    let raise = vec![statement(span, Kind::Raise)];
    vec![
        // It separates pairs in older versions.
        statement(span, Kind::If(vec![(has(text(";"), local(query)), raise)], Vec::new())),
        statement(span, Kind::Assign(Target::Local(pairs), Expression::List(Vec::new()))),
        statement(span, Kind::For(Target::Local(part), call(local(query), "split", text("&")), each, Vec::new())),
        statement(span, Kind::Return(local(pairs))),
    ]
}

/// The values of each name of such pairs.
fn parse_qs(span: Span) -> Vec<Statement> {
    let (pairs, found, name, value) = (0, 1, 2, 3);
    let local = Expression::Local;
    let is_known = Expression::Compare(CompareOp::In, boxed(local(name)), boxed(local(found)));
    let known = Expression::Index(boxed(local(found)), boxed(local(name)));
    let add = vec![statement(span, Kind::Append(known, local(value)))];
    let set = vec![statement(span, Kind::SetItem(local(found), local(name), Expression::List(vec![local(value)])))];
    let each = vec![statement(span, Kind::If(vec![(is_known, add)], set))];
    let both = Target::Each(vec![Target::Local(name), Target::Local(value)]);
    vec![
        statement(span, Kind::Assign(Target::Local(found), Expression::Dict(Vec::new()))),
        statement(span, Kind::For(both, local(pairs), each, Vec::new())),
        statement(span, Kind::Return(local(found))),
    ]
}
