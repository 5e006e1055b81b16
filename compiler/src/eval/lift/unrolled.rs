//! Loops over a few constants of which machine code has to know which one it is: the pattern of a regular expression, or
//! the format of a time. Their bodies are lifted once for each.

use super::names::Outside;
use super::*;
use pyflink_plan::SourceId;
use pyflink_plan::ir::{StatementKind as Kind, Target};

/// Elements at the most, where bodies stand one after the other, and where each stands in the one before.
const MOST: usize = 16;
const MOST_NESTED: usize = 8;

/// What a variable of such a loop stands for.
#[derive(Clone, Debug)]
pub(super) enum Known {
    Constant(Expression),
    /// A compiled pattern, and its flags.
    Pattern(String, u32),
    /// A compiled pattern, behind the loop.
    Any,
}

impl<'a> Lift<'_, 'a> {
    /// What a variable stands for in the loop that is being lifted.
    pub(super) fn known_item(&self, name: &str) -> Option<&Known> {
        let is_hidden = self.frame.scopes[1..].iter().any(|scope| scope.contains_key(name));
        self.frame.items.get(name).filter(|_| !is_hidden)
    }

    /// Lifts a loop whose body is needed once for each element; false if it isn't one.
    pub(super) fn unrolled(
        &mut self,
        target: &'a Expr,
        iter: &'a Expr,
        (body, orelse): (&'a [Stmt], &'a [Stmt]),
        span: Span,
        lifted: &mut Vec<Statement>,
    ) -> Lifted<bool> {
        let targets = match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(target),
        };
        let is_row = !matches!(target.kind, ExprKind::Name(_));
        let mut names = Vec::with_capacity(targets.len());
        for target in targets {
            match &target.kind {
                ExprKind::Name(name) if !names.contains(&name.as_str()) => names.push(name.as_str()),
                _ => return Ok(false),
            }
        }
        let mut bound = BTreeSet::new();
        walk::statements(body, &mut |statement| scope::bound_names(statement, &mut bound));
        body.iter().for_each(|statement| walk::own_exprs(statement, &mut |expr| scope::walrus_names(expr, &mut bound)));
        if !self.needs_constants(body, &names) || names.iter().any(|name| bound.contains(*name)) {
            return Ok(false);
        }
        let Some(rows) = self.few_rows(iter, is_row.then_some(names.len()), span)? else { return Ok(false) };
        let breaks = breaks(body);
        if rows.is_empty() || rows.len() > if breaks { MOST_NESTED } else { MOST } {
            return Ok(false);
        }
        // Nobody may ask for a pattern that isn't known.
        let is_pattern = |at: usize| rows.iter().any(|row| !matches!(row[at], Known::Constant(_)));
        let patterns: Vec<&str> = (0..names.len()).filter(|at| is_pattern(*at)).map(|at| names[at]).collect();
        if patterns.iter().any(|name| self.frame.provenance.times_bound(name) != 1) {
            return Ok(false);
        }
        let mut bodies = Vec::with_capacity(rows.len());
        for row in rows {
            let value = |known: &Known| match known {
                Known::Constant(value) => value.clone(),
                _ => Expression::Int(0),
            };
            let values: Vec<Expression> = row.iter().map(value).collect();
            // A pattern is nothing that a variable holds: nobody who reads it elsewhere gets something else.
            let mut held = Vec::with_capacity(names.len());
            for name in &names {
                let local = if patterns.contains(name) { self.fresh() } else { self.local(name) };
                held.push(Target::Local(local));
            }
            self.frame.items.extend(names.iter().map(|name| name.to_string()).zip(row));
            let body = self.looped(span, |lift| lift.block(body));
            names.iter().for_each(|name| drop(self.frame.items.remove(*name)));
            let (target, value) = match is_row {
                true => (Target::Each(held), Expression::Tuple(values)),
                false => match (held.into_iter().next(), values.into_iter().next()) {
                    (Some(held), Some(value)) => (held, value),
                    _ => return Ok(false),
                },
            };
            bodies.push((target, Expression::Tuple(vec![value]), body?));
        }
        self.frame.items.extend(patterns.iter().map(|name| (name.to_string(), Known::Any)));
        let mut rest = self.block(orelse)?;
        // Each is a loop over one element, which `continue` ends; `break` ends those behind it too.
        if breaks {
            for (target, value, body) in bodies.into_iter().rev() {
                rest = vec![statement(span, Kind::For(target, value, body, rest))];
            }
            lifted.append(&mut rest);
        } else {
            let each = bodies.into_iter().map(|(target, value, body)| Kind::For(target, value, body, Vec::new()));
            lifted.extend(each.map(|kind| statement(span, kind)));
            lifted.append(&mut rest);
        }
        Ok(true)
    }

    /// Whether something in a loop takes one of these variables where only a constant will do.
    fn needs_constants(&self, body: &'a [Stmt], names: &[&str]) -> bool {
        const OF_PATTERNS: &[&str] = &["findall", "finditer", "fullmatch", "match", "search", "split", "sub"];
        let is_one = |expr: Option<&Expr>| matches!(expr.map(|expr| &expr.kind), Some(ExprKind::Name(name)) if names.contains(&name.as_str()));
        let mut needs = false;
        let mut see = |expr: &Expr| {
            let ExprKind::Call { func, args, .. } = &expr.kind else { return };
            needs |= match self.library_path(func).as_deref() {
                Some("datetime.datetime.strptime") => is_one(args.get(1)),
                Some(path) if path.starts_with("re.") => is_one(args.first()),
                Some(_) => false,
                None => match &func.kind {
                    ExprKind::Attribute { value, name } if name.name == "strftime" => {
                        is_one(args.first()) || is_one(Some(value))
                    }
                    ExprKind::Attribute { value, name } => {
                        OF_PATTERNS.contains(&name.name.as_str()) && is_one(Some(value))
                    }
                    _ => false,
                },
            };
        };
        body.iter().for_each(|statement| walk::own_exprs(statement, &mut see));
        needs
    }

    /// The elements of a display, or of a variable of the file that is one and stays as it is; `width`: of rows.
    fn few_rows(&self, iter: &'a Expr, width: Option<usize>, span: Span) -> Lifted<Option<Vec<Vec<Known>>>> {
        let (source, display, known) = match &iter.kind {
            ExprKind::Tuple(_) | ExprKind::List(_) => (self.source(), iter, None),
            ExprKind::Name(name) if !self.is_local_name(name) => {
                let (value, source, title) = match self.outside(name) {
                    Outside::Value(value, title) if title == *name && !self.is_enclosed(name) => {
                        (value, self.source(), title)
                    }
                    Outside::Late(value, source, title) => (value, source, title),
                    _ => return Ok(None),
                };
                let Some(display) = self.display_of(source, &title) else { return Ok(None) };
                (source, display, Some((value, name, title)))
            }
            _ => return Ok(None),
        };
        let (ExprKind::Tuple(items) | ExprKind::List(items)) = &display.kind else { return Ok(None) };
        let has_lists = items.iter().any(|item| !matches!(item.kind, ExprKind::Tuple(_)));
        let has_lists = has_lists && width.is_some();
        if let Some((value, name, title)) = &known
            && (has_lists || !matches!(value, Value::Tuple(_)))
        {
            self.stays_in(value, name, &[name.as_str(), title.as_str()], span, (true, !has_lists))?;
        }
        let values = known.as_ref().map(|(value, ..)| self.elements(value));
        let mut rows = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let value = match &values {
                Some(Some(values)) if values.len() == items.len() => Some(&values[at]),
                Some(_) => return Ok(None),
                None => None,
            };
            let row = match (width, &item.kind) {
                (None, _) => vec![self.known_part(source, item, value)?],
                (Some(width), ExprKind::Tuple(parts) | ExprKind::List(parts)) if parts.len() == width => {
                    let values = value.map(|value| self.elements(value));
                    let mut row = Vec::with_capacity(width);
                    for (at, part) in parts.iter().enumerate() {
                        let value = match &values {
                            Some(Some(values)) if values.len() == width => Some(&values[at]),
                            Some(_) => return Ok(None),
                            None => None,
                        };
                        row.push(self.known_part(source, part, value)?);
                    }
                    row
                }
                _ => return Ok(None),
            };
            match row.into_iter().collect::<Option<Vec<Known>>>() {
                Some(row) => rows.push(row),
                None => return Ok(None),
            }
        }
        Ok(Some(rows))
    }

    /// A literal or a pattern; where evaluation has a value of it, that.
    fn known_part(&self, source: SourceId, part: &'a Expr, value: Option<&Value>) -> Lifted<Option<Known>> {
        if let Some((pattern, flags)) = self.compilation_for(source, part, value)? {
            return Ok(Some(Known::Pattern(pattern, flags)));
        }
        let constant = match (value, &part.kind) {
            (Some(value), _) if self.evaluator.may_change(value) => None,
            (Some(value), _) => self.evaluator.lifted_constant(value),
            (None, ExprKind::Constant(value)) => constants::literal(value).ok(),
            _ => None,
        };
        Ok(constant.map(Known::Constant))
    }

    /// True for a variable of a function around this one.
    fn is_enclosed(&self, name: &str) -> bool {
        self.frame.function.closure.iter().any(|scope| self.evaluator.name_in(*scope, name).is_some())
    }

    fn elements(&self, value: &Value) -> Option<Vec<Value>> {
        match value {
            Value::Tuple(items) => Some(items.to_vec()),
            Value::Object(id) => match self.evaluator.heap.get(*id) {
                Object::List(items) => Some(items.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The display that a variable of a file is set to, once.
    fn display_of(&self, source: SourceId, name: &str) -> Option<&'a Expr> {
        let program: &'a Program = self.evaluator.program;
        let is_it = |target: &Expr| matches!(&target.kind, ExprKind::Name(known) if known == name);
        let mut found = Vec::new();
        walk::statements(&program.tree(source).body, &mut |statement| match &statement.kind {
            StmtKind::Assign { targets, value } if targets.iter().any(is_it) => {
                found.push((targets.len() == 1).then_some(value));
            }
            StmtKind::AnnAssign { target, value, .. } if is_it(target) => found.push(value.as_ref()),
            _ => {}
        });
        match found[..] {
            [Some(display)] if self.bindings().is_constant(source, name) => Some(display),
            _ => None,
        }
    }
}

/// Whether a `break` ends the loop of this body.
fn breaks(body: &[Stmt]) -> bool {
    body.iter().any(|statement| match &statement.kind {
        StmtKind::Break => true,
        StmtKind::For { orelse, .. } | StmtKind::While { orelse, .. } => breaks(orelse),
        _ => walk::blocks(statement).into_iter().any(breaks),
    })
}
