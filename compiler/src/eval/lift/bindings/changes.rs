//! What a function changes that it didn't make itself.

use super::*;

/// Looks for changes of what a function didn't make itself.
pub(super) struct Changes<'f, 'a> {
    pub provenance: Provenance<'a>,
    pub locals: BTreeSet<String>,
    /// Name of an object that is being set up: what it holds may change.
    pub own: Option<&'a str>,
    pub found: &'f mut Bindings,
}

impl Changes<'_, '_> {
    pub fn statement(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
                targets.iter().for_each(|target| self.target(target));
            }
            StmtKind::AugAssign { target, op, value } => {
                self.target(target);
                let is_in_place = self.provenance.is_in_place(*op, value);
                match &target.kind {
                    ExprKind::Name(name) if is_in_place && !self.provenance.is_scalar(name) => self.change(target),
                    ExprKind::Attribute { .. } | ExprKind::Subscript { .. } if is_in_place => self.change(target),
                    _ => {}
                }
            }
            StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => self.target(target),
            _ => {}
        }
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|item| self.target(item)),
            ExprKind::Subscript { value, .. } => self.change(value),
            _ => {}
        }
    }

    pub fn expr(&mut self, expr: &Expr) {
        if let ExprKind::Attribute { value, name } = &expr.kind
            && CHANGING.contains(&name.name.as_str())
        {
            // Called or not: a method as a value may be called anywhere.
            self.change(value);
        }
        if let ExprKind::ListComp { generators, .. }
        | ExprKind::SetComp { generators, .. }
        | ExprKind::GeneratorExp { generators, .. }
        | ExprKind::DictComp { generators, .. } = &expr.kind
        {
            self.comprehension(expr, generators);
        }
        let ExprKind::Call { func, args, .. } = &expr.kind else { return };
        if let ExprKind::Name(name) | ExprKind::Attribute { name: Ident { name, .. }, .. } = &func.kind
            && name == "methodcaller"
            && may_name_changing(args.first())
        {
            // What it is called with isn't known.
            self.found.misleads = true;
        }
        match &func.kind {
            ExprKind::Attribute { value, name } => {
                let is_type = matches!(&value.kind, ExprKind::Name(of) if CONTAINERS.contains(&of.as_str()));
                if is_type && CHANGING.contains(&name.name.as_str()) || CHANGE_FIRST.contains(&name.name.as_str()) {
                    args.first().into_iter().for_each(|argument| self.change(argument));
                }
            }
            ExprKind::Name(name) if CHANGE_FIRST.contains(&name.as_str()) => {
                args.first().into_iter().for_each(|argument| self.change(argument));
            }
            ExprKind::Name(name) if name == "getattr" && may_name_changing(args.get(1)) => {
                args.first().into_iter().for_each(|argument| self.change(argument));
            }
            _ => {}
        }
    }

    /// What a comprehension changes under its own names is what it goes over.
    fn comprehension(&mut self, expr: &Expr, generators: &[Comprehension]) {
        let mut own = BTreeSet::new();
        generators.iter().for_each(|generator| scope::target_names(&generator.target, &mut own));
        let mut changes = false;
        let of_own = |value: &Expr| chain(value, &mut Vec::new()).is_none_or(|name| own.contains(name));
        walk::all_exprs(expr, &mut |inner| match &inner.kind {
            ExprKind::Attribute { value, name } if CHANGING.contains(&name.name.as_str()) => changes |= of_own(value),
            ExprKind::Call { func, args, .. } => {
                let (ExprKind::Name(name) | ExprKind::Attribute { name: Ident { name, .. }, .. }) = &func.kind else {
                    return;
                };
                let first = args.first().filter(|_| CHANGE_FIRST.contains(&name.as_str()));
                changes |= first.is_some_and(of_own);
            }
            _ => {}
        });
        if !changes {
            return;
        }
        self.changes_argument(expr.span);
        for generator in generators {
            walk::all_exprs(&generator.iter, &mut |inner| {
                if let ExprKind::Name(name) | ExprKind::Attribute { name: Ident { name, .. }, .. } = &inner.kind {
                    self.found.changed.insert(name.clone());
                }
            });
        }
    }

    fn change(&mut self, expr: &Expr) {
        let mut attributes = Vec::new();
        let Some(name) = chain(expr, &mut attributes) else {
            // What a call made may have it from its class.
            self.found.changed.extend(attributes.into_iter().map(str::to_owned));
            return self.changes_argument(expr.span);
        };
        let is_bare = attributes.is_empty();
        if self.own != Some(name) {
            self.found.changed.extend(attributes.into_iter().map(str::to_owned));
        }
        if !is_bare {
            return;
        }
        if !self.locals.contains(name) {
            self.found.changed.insert(name.to_owned());
            // What is in it may be anybody's.
            if level(expr) > 0 {
                self.changes_argument(expr.span);
            }
            return;
        }
        let is_own = self.provenance.is_own_to(name, level(expr));
        if !is_own || root(expr).is_none() {
            self.changes_argument(expr.span);
        }
    }

    fn changes_argument(&mut self, at: Span) {
        self.found.changes_arguments = true;
        self.found.changing.get_or_insert(at);
    }
}

/// True for what may be the name of a method that changes its object.
fn may_name_changing(name: Option<&Expr>) -> bool {
    match name.map(|name| &name.kind) {
        Some(ExprKind::Constant(Constant::Str(name))) => CHANGING.contains(&name.as_str()),
        _ => true,
    }
}
