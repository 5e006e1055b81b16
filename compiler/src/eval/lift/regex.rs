//! Functions of `re` with constant patterns, and methods of patterns that are compiled once.

use super::arguments::{Site, by_position};
use super::*;
use pyflink_plan::SourceId;
use pyflink_plan::ir::RegexFunction;

impl<'a> Lift<'_, 'a> {
    /// `re.function(pattern, …)`.
    pub(super) fn regex(&mut self, name: &str, site: Site<'a>) -> Lifted<Expression> {
        let names: &[&str] = match name {
            "match" | "search" | "fullmatch" | "findall" | "finditer" => &["pattern", "string", "flags"],
            "split" => &["pattern", "string", "maxsplit", "flags"],
            "sub" => &["pattern", "repl", "string", "count", "flags"],
            "compile" => {
                return Err(reason(
                    "re.compile() in a function runs in Python",
                    "compile the pattern in the file",
                    site.span,
                ));
            }
            _ => {
                return Err(reason(
                    format!("re.{name}() runs in Python"),
                    "use re.findall() or re.search()",
                    site.span,
                ));
            }
        };
        // Flags may be named without what stands before them.
        let is_flags = |keyword: &&Keyword| keyword.name.as_ref().is_some_and(|name| name.name == "flags");
        let mut flags = match site.keywords.iter().find(is_flags) {
            Some(keyword) => self.flags(self.source(), &keyword.value)?,
            None => 0,
        };
        if site.keywords.iter().any(|keyword| !is_flags(&keyword)) {
            return Err(reason(
                format!("re.{name}() with named arguments runs in Python"),
                "give its arguments by position, and `flags` or `count` by name",
                site.span,
            ));
        }
        let mut given = by_position(names, Site { keywords: &[], ..site }, name)?;
        if given.len() == names.len()
            && let Some(last) = given.pop()
        {
            flags = self.flags(self.source(), last)?;
        }
        let [pattern, rest @ ..] = given.as_slice() else {
            return Err(reason(format!("re.{name}() takes a pattern"), "give it one", site.span));
        };
        let (pattern, flags) = match self.compiled_pattern(pattern)? {
            Some((text, compiled)) if flags == 0 => (text, compiled),
            Some(_) => {
                return Err(reason("flags for a pattern that is compiled", "give them to re.compile()", site.span));
            }
            None => match self.read(pattern)? {
                Expression::Str(text) => (text, flags),
                _ => {
                    return Err(reason(
                        "a pattern that isn't constant runs in Python",
                        "compile it in the file",
                        pattern.span,
                    ));
                }
            },
        };
        self.applied(name, pattern, flags, rest, site)
    }

    /// A method of a compiled pattern.
    pub(super) fn pattern_method(
        &mut self,
        pattern: String,
        flags: u32,
        name: &str,
        site: Site<'a>,
    ) -> Lifted<Expression> {
        let names: &[&str] = match name {
            "match" | "search" | "fullmatch" | "findall" | "finditer" => &["string"],
            "split" => &["string", "maxsplit"],
            "sub" => &["repl", "string", "count"],
            _ => {
                return Err(reason(
                    format!("{name}() of a pattern runs in Python"),
                    "use findall() or search()",
                    site.span,
                ));
            }
        };
        let given = by_position(names, site, name)?;
        if given.len() > names.len() {
            return Err(reason(format!("{name}() with a start runs in Python"), "use a slice", site.span));
        }
        self.applied(name, pattern, flags, &given, site)
    }

    fn applied(
        &mut self,
        name: &str,
        pattern: String,
        flags: u32,
        given: &[&'a Expr],
        site: Site<'a>,
    ) -> Lifted<Expression> {
        let span = site.span;
        if name == "finditer" && !site.is_iterated {
            return Err(reason(
                "what finditer() gives is gone through at once, or runs in Python",
                "use findall() or a loop",
                span,
            ));
        }
        if name == "sub"
            && let [function, text, count @ ..] = given
            && self.is_function(function)
        {
            return self.substituted(pattern, flags, (function, text, count.first().copied()), span);
        }
        let (function, needed) = match name {
            "match" => (RegexFunction::Match, 1),
            "search" => (RegexFunction::Search, 1),
            "fullmatch" => (RegexFunction::FullMatch, 1),
            "findall" => (RegexFunction::FindAll, 1),
            "finditer" => (RegexFunction::FindIter, 1),
            "split" => (RegexFunction::Split, 1),
            _ => (RegexFunction::Sub, 2),
        };
        if given.len() < needed {
            return Err(reason(format!("{name}() lacks an argument"), "give it what it takes", span));
        }
        let arguments = given.iter().map(|argument| self.expr(argument)).collect::<Lifted<_>>()?;
        Ok(Expression::Regex(function, pattern, flags, arguments))
    }

    /// The pattern and flags of something that is compiled once, if it is that.
    pub(super) fn compiled_pattern(&self, expr: &'a Expr) -> Lifted<Option<(String, u32)>> {
        match &expr.kind {
            ExprKind::Call { .. } => self.compilation(self.source(), expr),
            ExprKind::Name(name) if self.known_item(name).is_some() => match self.known_item(name) {
                Some(unrolled::Known::Pattern(pattern, flags)) => Ok(Some((pattern.clone(), *flags))),
                _ => Ok(None),
            },
            ExprKind::Name(name) if self.is_local_name(name) => match self.frame.provenance.only(name) {
                Some(value) => self.compilation(self.source(), value),
                None => Ok(None),
            },
            ExprKind::Name(name)
                if !self.frame.outer.contains(name)
                    && self.frame.scopes.iter().all(|scope| !scope.contains_key(name)) =>
            {
                self.pattern_of_module(self.source(), name)
            }
            ExprKind::Attribute { value, name } => {
                if let Some(receiver) = self.object(value) {
                    let (class, given) = match &receiver {
                        Receiver::Object { class, instance, .. } => (class, self.given_to(*instance, &name.name)),
                        Receiver::Class(class) => (class, None),
                    };
                    return self.pattern_of_class(class, &name.name, given);
                }
                let Some(owner) = self.static_owner(value).and_then(|owner| owner.object()) else { return Ok(None) };
                match self.evaluator.heap.get(owner) {
                    Object::Module(module) => match self.evaluator.program.modules.get(&*module.name) {
                        Some(source) => self.pattern_of_module(*source, &name.name),
                        None => Ok(None),
                    },
                    Object::Class(_) => self.pattern_of_class(&Value::Object(owner), &name.name, None),
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    fn pattern_of_module(&self, source: SourceId, name: &str) -> Lifted<Option<(String, u32)>> {
        let is_enclosed =
            self.frame.function.closure.iter().any(|scope| self.evaluator.name_in(*scope, name).is_some());
        if !self.bindings().is_constant(source, name) || is_enclosed {
            return Ok(None);
        }
        let program = self.evaluator.program;
        let mut found = None;
        let mut from = None;
        walk::statements(&program.tree(source).body, &mut |statement| match &statement.kind {
            StmtKind::Assign { targets, value } if targets.iter().any(|target| is_name(target, name)) => {
                found = Some(value)
            }
            StmtKind::AnnAssign { target, value: Some(value), .. } if is_name(target, name) => found = Some(value),
            StmtKind::ImportFrom { module, names, level } => {
                for alias in names {
                    if alias.asname.as_ref().unwrap_or(&alias.name).name == name {
                        let module = module.as_ref().map_or("", |module| module.name.as_str());
                        let module = program.resolve(source, module, *level);
                        let source = module.and_then(|module| program.modules.get(&module).copied());
                        from = source.map(|source| (source, alias.name.name.clone()));
                    }
                }
            }
            _ => {}
        });
        match (found, from) {
            (Some(value), _) => {
                let module = &program.sources.get(source).module;
                let module = self.evaluator.heap.modules.get(module.as_str()).map(|id| self.evaluator.heap.get(*id));
                let made = match module {
                    Some(Object::Module(module)) => self.evaluator.name_in(module.scope, name),
                    _ => None,
                };
                self.compilation_for(source, value, made)
            }
            (None, Some((other, original))) if other != source => self.pattern_of_module(other, &original),
            _ => Ok(None),
        }
    }

    /// The text that was given to what made an attribute of an object.
    fn given_to(&self, instance: Option<ObjectId>, attribute: &str) -> Option<&str> {
        let Object::Instance(held) = self.evaluator.heap.get(instance?) else { return None };
        self.given_for(held.attributes.get(attribute)?)
    }

    /// The text that was given to what made a value.
    fn given_for(&self, value: &Value) -> Option<&str> {
        let Value::Opaque(opaque) = value else { return None };
        self.evaluator.given.get(&opaque.identity).map(|text| &**text)
    }

    /// A pattern in a class body, or one that `__init__` or `open` keeps. `given`: the text that `__init__` made it of.
    fn pattern_of_class(&self, class: &Value, attribute: &str, given: Option<&str>) -> Lifted<Option<(String, u32)>> {
        if self.bindings().is_set(attribute) {
            return Ok(None);
        }
        let mut kept = Vec::new();
        let mut of_class = None;
        for span in self.spans(class) {
            let tree = self.evaluator.program.tree(span.source);
            let Some(def) = walk::class_at(&tree.body, span) else { return Ok(None) };
            for statement in &def.body {
                match &statement.kind {
                    StmtKind::Assign { targets, value } if targets.iter().any(|target| is_name(target, attribute)) => {
                        of_class = of_class.or(Some((span.source, value)));
                    }
                    StmtKind::FunctionDef(method) => walk::statements(&method.body, &mut |statement| {
                        let (targets, value): (Vec<&Expr>, Option<&Expr>) = match &statement.kind {
                            StmtKind::Assign { targets, value } => (targets.iter().collect(), Some(value)),
                            StmtKind::AnnAssign { target, value, .. } => (vec![target], value.as_ref()),
                            StmtKind::AugAssign { target, .. } => (vec![target], None),
                            _ => return,
                        };
                        let is_set = |target: &&Expr| matches!(&target.kind, ExprKind::Attribute { name, .. } if name.name == attribute);
                        if targets.iter().any(is_set) {
                            kept.push((span.source, value, ["__init__", "open"].contains(&method.name.name.as_str())));
                        }
                    }),
                    _ => {}
                }
            }
        }
        match (kept.as_slice(), of_class) {
            ([(source, Some(value), true)], _) => self.compilation_of(*source, value, given),
            ([], Some((source, value))) => {
                let made = self.evaluator.class_attribute(class, attribute);
                self.compilation_for(source, value, made.as_ref().map(|(made, _)| made))
            }
            _ => Ok(None),
        }
    }

    /// The same of an expression whose value is known to evaluation, but for what it is.
    pub(super) fn compilation_for(
        &self,
        source: SourceId,
        expr: &Expr,
        made: Option<&Value>,
    ) -> Lifted<Option<(String, u32)>> {
        self.compilation_of(source, expr, made.and_then(|made| self.given_for(made)))
    }

    /// `re.compile("pattern", flags)`, if an expression is that.
    fn compilation(&self, source: SourceId, expr: &Expr) -> Lifted<Option<(String, u32)>> {
        self.compilation_of(source, expr, None)
    }

    /// The same, of a text that only evaluation knows.
    fn compilation_of(&self, source: SourceId, expr: &Expr, given: Option<&str>) -> Lifted<Option<(String, u32)>> {
        let ExprKind::Call { func, args, keywords } = &expr.kind else { return Ok(None) };
        if self.library_name(source, func).as_deref() != Some("re.compile") {
            return Ok(None);
        }
        let (pattern, flags) = match (args.as_slice(), keywords.as_slice()) {
            ([pattern], []) => (pattern, None),
            ([pattern, flags], []) => (pattern, Some(flags)),
            ([pattern], [keyword]) if keyword.name.as_ref().is_some_and(|name| name.name == "flags") => {
                (pattern, Some(&keyword.value))
            }
            _ => return Ok(None),
        };
        let given = given.filter(|text| constants::is_exact(text)).map(str::to_owned);
        let Some(text) = self.constant_text(source, pattern).or(given) else {
            return Err(reason("a pattern that isn't constant runs in Python", "write it as a text", pattern.span));
        };
        let flags = flags.map_or(Ok(0), |flags| self.flags(source, flags))?;
        Ok(Some((text, flags)))
    }

    fn constant_text(&self, source: SourceId, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Constant(Constant::Str(text)) if constants::is_exact(text) => Some(text.clone()),
            ExprKind::BinOp { left, op: BinOp::Add, right } => {
                Some(self.constant_text(source, left)? + &self.constant_text(source, right)?)
            }
            ExprKind::Name(name) if self.bindings().is_constant(source, name) => {
                let module = &self.evaluator.program.sources.get(source).module;
                let module = self.evaluator.heap.modules.get(module.as_str())?;
                let Object::Module(module) = self.evaluator.heap.get(*module) else { return None };
                let text = self.evaluator.name_in(module.scope, name)?.as_str()?;
                constants::is_exact(text).then(|| text.to_owned())
            }
            _ => None,
        }
    }

    fn flags(&self, source: SourceId, expr: &Expr) -> Lifted<u32> {
        match &expr.kind {
            ExprKind::BinOp { left, op: BinOp::BitOr, right } => {
                Ok(self.flags(source, left)? | self.flags(source, right)?)
            }
            ExprKind::Constant(Constant::Int(value)) if u32::try_from(value).is_ok_and(|value| value < 512) => {
                Ok(u32::try_from(value).unwrap_or(0))
            }
            _ => {
                let flag = self.library_name(source, expr).and_then(|path| library::flag(&path));
                flag.ok_or_else(|| {
                    reason(
                        "flags that aren't constant run in Python",
                        "write them out, as `re.IGNORECASE | re.ASCII`",
                        expr.span,
                    )
                })
            }
        }
    }

    /// The full name of a part of a library, in any file of the script.
    pub(super) fn library_name(&self, source: SourceId, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Name(name) => {
                let program = self.evaluator.program;
                let full = program.top_imports(source).get(name)?;
                let top = full.split('.').next().unwrap_or(full);
                let is_own = program.modules.contains_key(top) || program.is_namespace(top);
                (!is_own && self.bindings().is_constant(source, name)).then(|| full.clone())
            }
            ExprKind::Attribute { value, name } => Some(format!("{}.{}", self.library_name(source, value)?, name.name)),
            _ => None,
        }
    }
}

impl<'a> Lift<'_, 'a> {
    /// True for what is a function of the script, or a lambda.
    pub(super) fn is_function(&self, expr: &'a Expr) -> bool {
        match &expr.kind {
            ExprKind::Lambda { .. } => true,
            ExprKind::Name(name) if self.frame.nested.contains_key(name) => true,
            ExprKind::Attribute { value, .. } if self.object(value).is_some() => true,
            _ => {
                let value = self.known_value(expr).and_then(|value| value.object());
                value.is_some_and(|id| matches!(self.evaluator.heap.get(id), Object::Function(_)))
            }
        }
    }

    /// `re.sub(pattern, function, text, count)`: text between matches and what the function gives, joined.
    fn substituted(
        &mut self,
        pattern: String,
        flags: u32,
        (function, text, count): (&'a Expr, &'a Expr, Option<&'a Expr>),
        span: Span,
    ) -> Lifted<Expression> {
        let most = match count.map(|count| &count.kind) {
            None => None,
            Some(ExprKind::Constant(Constant::Int(count))) => {
                Some(i64::try_from(count).unwrap_or(0)).filter(|n| *n > 0)
            }
            Some(_) => return Err(reason("how often at most isn't a constant", "write it out", span)),
        };
        let text = self.expr(text)?;
        let key = self.conditionally(|lift| lift.key(function))?;
        let (subject, found) = (self.fresh(), self.fresh());
        let mut matches = Expression::Local(found);
        if let Some(most) = most {
            let bounds = Box::new([Expression::None, Expression::Int(most), Expression::None]);
            matches = Expression::Slice(boxed(matches), bounds);
        }
        let clause =
            ir::Clause { target: ir::Target::Local(key.local), iterable: matches.clone(), conditions: Vec::new() };
        let parts = Expression::Comprehension(key.value, vec![clause]);
        let joined = Expression::Invoke(self.between(span), vec![Expression::Local(subject), matches, parts]);
        let search = Expression::Regex(RegexFunction::FindIter, pattern, flags, vec![Expression::Local(subject)]);
        let whole = Expression::Let(found, boxed(search), boxed(joined));
        Ok(Expression::Let(subject, boxed(text), boxed(whole)))
    }

    /// A function of a text, matches in it, and what stands in their places: the text with these.
    fn between(&mut self, span: Span) -> u32 {
        let [subject, found, given, parts, at, matched, part] = [0, 1, 2, 3, 4, 5, 6].map(Expression::Local);
        let assign = |local, value| statement(span, ir::StatementKind::Assign(ir::Target::Local(local), value));
        let append = |value| statement(span, ir::StatementKind::Append(parts.clone(), value));
        let text = |from: &Expression, to: Expression| {
            Expression::Slice(boxed(subject.clone()), Box::new([from.clone(), to, Expression::None]))
        };
        let bound = |name: &str| Expression::Method(boxed(matched.clone()), name.to_owned(), Vec::new());
        let each = ir::Target::Each(vec![ir::Target::Local(5), ir::Target::Local(6)]);
        let both = Expression::Call(ir::Builtin::Zip, vec![found, given]);
        let body = vec![append(text(&at, bound("start"))), append(part), assign(4, bound("end"))];
        let code = vec![
            assign(3, Expression::List(Vec::new())),
            assign(4, Expression::Int(0)),
            statement(span, ir::StatementKind::For(each, both, body, Vec::new())),
            append(text(&at, Expression::None)),
            statement(
                span,
                ir::StatementKind::Return(Expression::Method(
                    boxed(Expression::Str(String::new())),
                    "join".to_owned(),
                    vec![parts.clone()],
                )),
            ),
        ];
        self.functions.push(Inner { name: "sub".to_owned(), parameters: 3, locals: 7, code });
        self.functions.len() as u32 - 1
    }
}

fn is_name(target: &Expr, name: &str) -> bool {
    matches!(&target.kind, ExprKind::Name(known) if known == name)
}
