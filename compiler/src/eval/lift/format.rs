//! f-strings, and `format` with a constant format.

use super::arguments::Site;
use super::*;
use pyflink_plan::ir::Part;
use stores::is_simple;

/// A field of a format: `{0.name[1]!r:>10}`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// Its spec is text, and fields without specs.
    Field {
        argument: Argument,
        steps: Vec<Step>,
        conversion: Option<char>,
        spec: Vec<Piece>,
    },
}

/// A format spec.
enum Spec {
    Written(String),
    Made(Expression),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Argument {
    Next,
    At(usize),
    Named(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Attribute(String),
    Index(i64),
    Key(String),
}

impl<'a> Lift<'_, 'a> {
    pub(super) fn f_string(&mut self, parts: &'a [FStringPart], span: Span) -> Lifted<Expression> {
        let mut lifted = Vec::new();
        for part in parts {
            match part {
                FStringPart::Literal(text) if constants::is_exact(text) => text_part(&mut lifted, text),
                FStringPart::Literal(_) => {
                    return Err(reason(
                        "text with U+FFFD runs in Python",
                        "leave that character out of the constant",
                        span,
                    ));
                }
                FStringPart::Value { value, conversion, format } => {
                    let conversion = self.conversion(*conversion, span)?;
                    let value = self.expr(value)?;
                    let spec = match format {
                        Some(parts) => self.spec(parts, span)?,
                        None => Spec::Written(String::new()),
                    };
                    lifted.push(formatted(value, conversion, spec));
                }
            }
        }
        Ok(Expression::Format(lifted))
    }

    /// A format spec: a text, or what gives one.
    fn spec(&mut self, parts: &'a [FStringPart], span: Span) -> Lifted<Spec> {
        match self.f_string(parts, span)? {
            Expression::Format(parts) => Ok(spec_of(parts)),
            other => Ok(Spec::Made(other)),
        }
    }

    /// `"…".format(…)`.
    pub(super) fn format_call(&mut self, format: &str, site: Site<'a>) -> Lifted<Expression> {
        let span = site.span;
        let pieces = pieces(format).ok_or_else(|| reason("this format runs in Python", "use an f-string", span))?;
        if let Some(lifted) = self.format_spread(&pieces, site)? {
            return Ok(lifted);
        }
        if site.args.iter().any(|argument| matches!(argument.kind, ExprKind::Starred(_))) {
            return Err(reason("`*` in a call runs in Python", "write the arguments out", span));
        }
        let mut names = Vec::new();
        // `**row`: where a name stands for what no other argument does.
        let mut mapping = None;
        for keyword in site.keywords {
            match &keyword.name {
                Some(name) => names.push((Some(name.name.as_str()), &keyword.value)),
                None if site.keywords.len() == 1 => {
                    mapping = Some(site.args.len());
                    names.push((None, &keyword.value));
                }
                None => return Err(reason("`**` in a call runs in Python", "write the arguments out", span)),
            }
        }
        let arguments: Vec<(Option<&str>, &'a Expr)> =
            site.args.iter().map(|argument| (None, argument)).chain(names).collect();
        // Each argument is evaluated once, used or not.
        let mut bound = Vec::new();
        let mut values = Vec::new();
        for (at, (_, argument)) in arguments.iter().enumerate() {
            let value = if mapping == Some(at) { self.read(argument)? } else { self.expr(argument)? };
            values.push(match is_simple(&value) {
                true => value,
                false => {
                    let held = self.fresh();
                    bound.push((held, value));
                    Expression::Local(held)
                }
            });
        }
        let is_positional = |at: usize| arguments[at].0.is_none();
        let mut next = 0;
        let mut of_field = |argument: &Argument, steps: &[Step]| {
            let mut steps = steps.to_vec();
            let at = match argument {
                Argument::Next => {
                    next += 1;
                    Some(next - 1)
                }
                Argument::At(at) => Some(*at),
                Argument::Named(name) if mapping.is_some() => {
                    steps.insert(0, Step::Key(name.clone()));
                    mapping
                }
                Argument::Named(name) => arguments.iter().position(|(known, _)| *known == Some(name.as_str())),
            };
            // What stands for names is no argument by position.
            let is_named = matches!(steps.first(), Some(Step::Key(_)));
            let at = at.filter(|at| *at < values.len() && (mapping != Some(*at) || is_named));
            match at.filter(|at| is_positional(*at) || arguments[*at].0.is_some()) {
                Some(at) => Ok(stepped(values[at].clone(), &steps)),
                None => Err(reason("the format uses an argument that isn't there", "give it that argument", span)),
            }
        };
        let mut parts = Vec::new();
        for piece in pieces {
            let (argument, steps, conversion, spec) = match piece {
                Piece::Text(text) => {
                    text_part(&mut parts, &text);
                    continue;
                }
                Piece::Field { argument, steps, conversion, spec } => (argument, steps, conversion, spec),
            };
            let value = of_field(&argument, &steps)?;
            let mut within = Vec::new();
            for piece in spec {
                match piece {
                    Piece::Text(text) => text_part(&mut within, &text),
                    Piece::Field { argument, steps, conversion, .. } => {
                        let value = of_field(&argument, &steps)?;
                        within.push(Part::Value(value, self.conversion(conversion, span)?, String::new()));
                    }
                }
            }
            parts.push(formatted(value, self.conversion(conversion, span)?, spec_of(within)));
        }
        let whole = Expression::Format(parts);
        // A value that is used once, in its turn, needs no variable.
        Ok(inlined(bound, whole))
    }
}

impl<'a> Lift<'_, 'a> {
    /// `"…".format(*values)`, `"…".format(**dict)`.
    fn format_spread(&mut self, pieces: &[Piece], site: Site<'a>) -> Lifted<Option<Expression>> {
        let span = site.span;
        let (of, is_dict) = match (site.args, site.keywords) {
            ([Expr { kind: ExprKind::Starred(of), .. }], []) => (&**of, false),
            ([], [Keyword { name: None, value }]) => (value, true),
            _ => return Ok(None),
        };
        let of = self.iterable(of)?;
        let held = self.fresh();
        let mut next = 0;
        let mut parts = Vec::new();
        for piece in pieces {
            let (argument, steps, conversion, spec) = match piece {
                Piece::Text(text) => {
                    text_part(&mut parts, text);
                    continue;
                }
                Piece::Field { argument, steps, conversion, spec } => (argument, steps, conversion, spec),
            };
            let index = match (argument, is_dict) {
                (Argument::Next, false) => {
                    next += 1;
                    Expression::Int(next - 1)
                }
                (Argument::At(at), false) => Expression::Int(*at as i64),
                (Argument::Named(name), true) => Expression::Str(name.clone()),
                _ => return Err(reason("the format uses an argument that isn't there", "give it that argument", span)),
            };
            let value = Expression::Index(boxed(Expression::Local(held)), boxed(index));
            let spec = match spec.as_slice() {
                [] => String::new(),
                [Piece::Text(spec)] => spec.clone(),
                _ => return Err(reason("this format runs in Python", "use an f-string", span)),
            };
            parts.push(Part::Value(stepped(value, steps), self.conversion(*conversion, span)?, spec));
        }
        let whole = Expression::Format(parts);
        Ok(Some(match is_dict {
            // Others than dicts raise, or are mappings of which nothing is known here.
            true => {
                let is_one = Expression::IsInstance(boxed(Expression::Local(held)), vec!["dict".to_owned()]);
                let raise = Expression::Index(boxed(Expression::Tuple(Vec::new())), boxed(Expression::Int(0)));
                let whole = Expression::If(boxed(is_one), boxed(whole), boxed(raise));
                Expression::Let(held, boxed(of), boxed(whole))
            }
            false => {
                let all = Expression::Call(ir::Builtin::Tuple, vec![of]);
                Expression::Let(held, boxed(all), boxed(whole))
            }
        }))
    }

    /// `"%(name)s" % {"name": value}`, with the values by position.
    pub(super) fn percent_display(
        &mut self,
        format: &str,
        items: &'a [(Option<Expr>, Expr)],
    ) -> Lifted<Option<Expression>> {
        let Some((format, wanted)) = by_position(format) else { return Ok(None) };
        let mut names = Vec::new();
        for (key, _) in items {
            match key.as_ref().map(|key| &key.kind) {
                Some(ExprKind::Constant(Constant::Str(name))) if !names.contains(&name.as_str()) => names.push(name),
                _ => return Ok(None),
            }
        }
        let places: Option<Vec<usize>> = wanted.iter().map(|name| names.iter().position(|at| at == name)).collect();
        let Some(places) = places else { return Ok(None) };
        let mut bound = Vec::new();
        let mut values = Vec::new();
        for (_, value) in items {
            let value = self.expr(value)?;
            values.push(match is_simple(&value) {
                true => value,
                false => {
                    let held = self.fresh();
                    bound.push((held, value));
                    Expression::Local(held)
                }
            });
        }
        let tuple = Expression::Tuple(places.into_iter().map(|at| values[at].clone()).collect());
        let whole = Expression::Percent(format, boxed(tuple));
        Ok(Some(
            bound
                .into_iter()
                .rev()
                .fold(whole, |whole, (held, value)| Expression::Let(held, boxed(value), boxed(whole))),
        ))
    }
}

/// A `%` format without its names, and these; `None` if not all that it takes have names.
fn by_position(format: &str) -> Option<(String, Vec<String>)> {
    let (mut plain, mut names) = (String::new(), Vec::new());
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            plain.push('%');
            rest = after;
            continue;
        }
        let (name, after) = rest.strip_prefix('(')?.split_once(')')?;
        // Python counts parentheses in names, and `*` takes no values from dicts.
        let end = after.find(|sign: char| sign.is_ascii_alphabetic())?;
        if name.contains('(') || after[..end].contains(['*', '%', '(']) {
            return None;
        }
        names.push(name.to_owned());
        rest = after;
    }
    plain.push_str(rest);
    (!names.is_empty()).then_some((plain, names))
}

/// A part of a value.
fn stepped(value: Expression, steps: &[Step]) -> Expression {
    steps.iter().fold(value, |value, step| match step {
        Step::Attribute(name) => Expression::Field(boxed(value), name.clone()),
        Step::Index(index) => Expression::Index(boxed(value), boxed(Expression::Int(*index))),
        Step::Key(key) => Expression::Index(boxed(value), boxed(Expression::Str(key.clone()))),
    })
}

/// Puts values where they are used, if that is once and in this order; binds them to locals otherwise.
fn inlined(bound: Vec<(u32, Expression)>, mut whole: Expression) -> Expression {
    let mut used = Vec::new();
    if let Expression::Format(parts) = &whole {
        for part in parts {
            if let Part::Value(value, ..) = part {
                used.extend(base(value).filter(|local| bound.iter().any(|(held, _)| held == local)));
            }
        }
    }
    if used == bound.iter().map(|(held, _)| *held).collect::<Vec<_>>()
        && let Expression::Format(parts) = &mut whole
    {
        let mut values = bound.into_iter();
        let mut next = values.next();
        for part in parts {
            if let Part::Value(value, ..) = part
                && let Some((held, _)) = &next
                && base(value) == Some(*held)
                && let Some((_, given)) = next.take()
            {
                replace_base(value, given);
                next = values.next();
            }
        }
        return whole;
    }
    bound.into_iter().rev().fold(whole, |whole, (held, value)| Expression::Let(held, boxed(value), boxed(whole)))
}

/// The local that attributes and indices lead from.
fn base(value: &Expression) -> Option<u32> {
    match value {
        Expression::Local(local) => Some(*local),
        Expression::Field(of, _) | Expression::Index(of, _) => base(of),
        _ => None,
    }
}

fn replace_base(value: &mut Expression, with: Expression) {
    match value {
        Expression::Field(of, _) | Expression::Index(of, _) => replace_base(of, with),
        _ => *value = with,
    }
}

/// A spec of text and values; of constants it is one.
fn spec_of(parts: Vec<Part>) -> Spec {
    let written = parts.iter().map(|part| match part {
        Part::Text(text) => Some(text.clone()),
        Part::Value(Expression::Int(value), None, spec) if spec.is_empty() => Some(value.to_string()),
        Part::Value(Expression::Str(text), None, spec) if spec.is_empty() => Some(text.clone()),
        Part::Value(..) => None,
    });
    match written.collect::<Option<String>>() {
        Some(written) => Spec::Written(written),
        None => Spec::Made(Expression::Format(parts)),
    }
}

fn formatted(value: Expression, conversion: Option<ir::Conversion>, spec: Spec) -> Part {
    match spec {
        Spec::Written(spec) => Part::Value(value, conversion, spec),
        Spec::Made(spec) => {
            let value = match conversion {
                Some(_) => Expression::Format(vec![Part::Value(value, conversion, String::new())]),
                None => value,
            };
            Part::Value(Expression::Call(ir::Builtin::Format, vec![value, spec]), None, String::new())
        }
    }
}

fn text_part(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(before)) => before.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

/// The pieces of a format; `None` for one that Python refuses, or that has fields with specs in specs.
fn pieces(format: &str) -> Option<Vec<Piece>> {
    let pieces = pieces_within(format, true)?;
    let (mut is_automatic, mut is_numbered) = (false, false);
    let mut see = |piece: &Piece| match piece {
        Piece::Field { argument: Argument::Next, .. } => is_automatic = true,
        Piece::Field { argument: Argument::At(_), .. } => is_numbered = true,
        _ => {}
    };
    for piece in &pieces {
        see(piece);
        if let Piece::Field { spec, .. } = piece {
            spec.iter().for_each(&mut see);
        }
    }
    (!(is_automatic && is_numbered)).then_some(pieces)
}

/// `has_specs`: they aren't those of a spec.
fn pieces_within(format: &str, has_specs: bool) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = format.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '{' | '}' if rest.next_if_eq(&next).is_some() => match has_specs {
                true => text.push(next),
                false => return None,
            },
            '}' => return None,
            '{' => {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                let mut inside = String::new();
                let mut depth = 0;
                loop {
                    match rest.next()? {
                        '}' if depth == 0 => break,
                        other => {
                            match other {
                                '{' => depth += 1,
                                '}' => depth -= 1,
                                _ => {}
                            }
                            inside.push(other);
                        }
                    }
                }
                pieces.push(field(&inside, has_specs)?);
            }
            other => text.push(other),
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Some(pieces)
}

/// What stands between braces.
fn field(inside: &str, has_specs: bool) -> Option<Piece> {
    // An index may hold neither of the two signs.
    let end = inside.find(['!', ':']).unwrap_or(inside.len());
    let (name, rest) = inside.split_at(end);
    if name.contains(['{', '}']) {
        return None;
    }
    let (conversion, spec) = match rest.strip_prefix('!') {
        Some(rest) => {
            let mut signs = rest.chars();
            let conversion = signs.next()?;
            let rest = signs.as_str();
            match rest.strip_prefix(':') {
                Some(spec) => (Some(conversion), spec),
                None if rest.is_empty() => (Some(conversion), ""),
                None => return None,
            }
        }
        None => (None, rest.strip_prefix(':').unwrap_or("")),
    };
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut rest) = name.split_at(end);
    let argument = match first {
        "" => Argument::Next,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Argument::At(digits.parse().ok()?),
        name => Argument::Named(name.to_owned()),
    };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            if name.is_empty() {
                return None;
            }
            steps.push(Step::Attribute(name.to_owned()));
            rest = after;
        } else {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            steps.push(match index {
                "" => return None,
                digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Step::Index(digits.parse().ok()?),
                key => Step::Key(key.to_owned()),
            });
            rest = after;
        }
    }
    let spec = match has_specs {
        true => pieces_within(spec, false)?,
        false if spec.is_empty() => Vec::new(),
        false => return None,
    };
    Some(Piece::Field { argument, steps, conversion, spec })
}
