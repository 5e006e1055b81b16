//! Which statements and expressions are lifted with all their parts in Python's order, so that a handler of exceptions
//! sees the same: what is lazy there is eager here, and named arguments, `:=` and changes of containers in expressions come
//! earlier or later.

use super::*;
use pyflink_plan::ir::StatementKind as Kind;

/// Builtins that evaluate their arguments in order, and then look at them.
const EAGER: &[&str] = &[
    "abs",
    "all",
    "any",
    "bool",
    "bytes",
    "chr",
    "divmod",
    "float",
    "int",
    "isinstance",
    "len",
    "list",
    "max",
    "min",
    "ord",
    "pow",
    "repr",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
];
/// Those that go through a generator to its end.
const CONSUMING: &[&str] = &["all", "any", "list", "max", "min", "set", "sorted", "sum", "tuple"];

impl<'a> Lift<'_, 'a> {
    /// Whether a statement, without those in it, was lifted to something that does the same in the same order.
    pub(super) fn is_exact_statement(&self, stmt: &'a Stmt, lifted: &[Statement]) -> bool {
        // What is returned or yielded as a whole may be handed out one by one.
        let hands_out = |of: &Statement| matches!(&of.kind, Kind::CollectEach(of) if !matches!(of, Expression::Local(_) | Expression::Method(..) | Expression::None));
        if lifted.iter().any(hands_out) {
            return false;
        }
        match &stmt.kind {
            StmtKind::Return(value) => value.as_ref().is_none_or(|value| self.is_exact(value)),
            StmtKind::Expr(value) => self.is_exact_call(value),
            StmtKind::Assign { targets, value } => {
                targets.iter().all(|target| self.is_exact_target(target)) && self.is_exact_value(value)
            }
            StmtKind::AnnAssign { target, value, .. } => {
                value.as_ref().is_none_or(|value| self.is_exact_target(target) && self.is_exact(value))
            }
            StmtKind::AugAssign { target, op, value } => match &target.kind {
                ExprKind::Name(name) => {
                    !(*op == BinOp::Add && self.frame.provenance.is_own_list(name)) && self.is_exact(value)
                }
                // Of a Counter or defaultdict: the key may be added before the value is evaluated.
                ExprKind::Subscript { value: of, index } => {
                    let is_plain = matches!(value.kind, ExprKind::Constant(_)) || self.tally_of(of).is_none();
                    is_plain && self.is_exact(of) && self.is_exact(index) && self.is_exact(value)
                }
                ExprKind::Attribute { value: of, .. } => self.settable(of).is_some() && self.is_exact(value),
                _ => false,
            },
            StmtKind::If { test, orelse, .. } => self.is_exact(test) && self.is_exact_elif(orelse),
            StmtKind::While { test, .. } => self.is_exact(test),
            StmtKind::For { target, iter, .. } => self.is_exact_target(target) && self.is_exact_iterable(iter),
            StmtKind::Assert { test, .. } => self.is_exact(test),
            StmtKind::Match { subject, cases } => {
                let is_exact = |case: &'a MatchCase| case.guard.as_ref().is_none_or(|guard| self.is_exact(guard));
                self.is_exact(subject) && cases.iter().all(is_exact)
            }
            StmtKind::Raise { .. } | StmtKind::Try { .. } => true,
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => true,
            StmtKind::FunctionDef(_) | StmtKind::Import(_) | StmtKind::ImportFrom { .. } => true,
            _ => false,
        }
    }

    fn is_exact_elif(&self, orelse: &'a [Stmt]) -> bool {
        match orelse {
            [Stmt { kind: StmtKind::If { test, orelse, .. }, .. }] => self.is_exact(test) && self.is_exact_elif(orelse),
            _ => true,
        }
    }

    /// A call as a statement: also of the collector, `append`, and `yield`.
    fn is_exact_call(&self, value: &'a Expr) -> bool {
        match &value.kind {
            ExprKind::Constant(_) => true,
            ExprKind::Yield(value) => value.as_ref().is_none_or(|value| self.is_exact(value)),
            ExprKind::Call { args, .. } if self.outlet_call(value) == Some("collect") => self.all_exact(args),
            ExprKind::Call { func, args, keywords } if keywords.is_empty() => match &func.kind {
                ExprKind::Attribute { value: of, name } if name.name == "append" => {
                    self.tally_of_part(of).is_none() && self.is_exact(of) && self.all_exact(args)
                }
                _ => self.is_exact(value),
            },
            _ => self.is_exact(value),
        }
    }

    fn tally_of_part(&self, of: &'a Expr) -> Option<tallies::Tally> {
        match &of.kind {
            ExprKind::Subscript { value, .. } => self.tally_of(value),
            _ => self.tally_of(of),
        }
    }

    fn is_exact_target(&self, target: &'a Expr) -> bool {
        match &target.kind {
            ExprKind::Name(_) => true,
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().all(|item| matches!(item.kind, ExprKind::Name(_)))
            }
            ExprKind::Subscript { value, index } => {
                self.tally_of(value).is_none() && self.is_exact(value) && self.is_exact(index)
            }
            ExprKind::Attribute { value, .. } => self.settable(value).is_some(),
            _ => false,
        }
    }

    /// What is assigned: also `a, b = map(int, parts)`, of which each exception is of one class.
    fn is_exact_value(&self, value: &'a Expr) -> bool {
        match &value.kind {
            ExprKind::Call { func, args, keywords } if self.is_named(func, &["map"]) && keywords.is_empty() => {
                matches!(args.as_slice(), [function, over]
                    if self.is_named(function, &["int", "float"]) && self.is_exact(over))
            }
            _ => self.is_exact(value),
        }
    }

    /// What a loop goes over: nothing that is evaluated step by step.
    fn is_exact_iterable(&self, over: &'a Expr) -> bool {
        match &over.kind {
            ExprKind::Call { func, args, keywords }
                if self.is_named(func, &["enumerate", "range", "reversed", "zip"]) && keywords.is_empty() =>
            {
                args.iter().all(|argument| self.is_exact_iterable(argument))
            }
            _ => self.is_exact(over),
        }
    }

    fn is_named(&self, func: &Expr, names: &[&str]) -> bool {
        matches!(&func.kind, ExprKind::Name(name) if names.contains(&name.as_str()) && self.is_builtin(name))
    }

    fn all_exact(&self, exprs: &'a [Expr]) -> bool {
        exprs.iter().all(|expr| self.is_exact(expr))
    }

    /// Whether an expression's parts are evaluated in Python's order.
    pub(super) fn is_exact(&self, expr: &'a Expr) -> bool {
        match &expr.kind {
            ExprKind::Constant(_) | ExprKind::Name(_) => true,
            ExprKind::Attribute { value, .. } => self.is_exact(value),
            // A defaultdict has what isn't there.
            ExprKind::Subscript { value, index } => {
                !self.tally_of(value).is_some_and(|tally| tally.adds()) && self.is_exact(value) && self.is_exact(index)
            }
            ExprKind::Slice { lower, upper, step } => {
                [lower, upper, step].into_iter().flatten().all(|bound| self.is_exact(bound))
            }
            ExprKind::BinOp { left, right, .. } => self.is_exact(left) && self.is_exact(right),
            ExprKind::UnaryOp { operand, .. } => self.is_exact(operand),
            ExprKind::BoolOp { values, .. } => self.all_exact(values),
            ExprKind::Compare { left, rest } => {
                // What stands in the middle of a chain is evaluated first.
                let is_plain = |(_, of): &(CmpOp, Expr)| matches!(of.kind, ExprKind::Constant(_));
                let fits = rest.len() == 1 || rest[..rest.len() - 1].iter().all(is_plain);
                fits && self.is_exact(left) && rest.iter().all(|(_, right)| self.is_exact(right))
            }
            ExprKind::IfExp { test, body, orelse } => [test, body, orelse].into_iter().all(|part| self.is_exact(part)),
            ExprKind::Tuple(items) | ExprKind::List(items) => self.all_exact(items),
            ExprKind::Dict(items) => items.iter().all(|(key, value)| {
                matches!(key, Some(Expr { kind: ExprKind::Constant(_), .. })) && self.is_exact(value)
            }),
            ExprKind::ListComp { element, generators } => self.is_exact_comprehension(element, generators),
            ExprKind::JoinedStr(parts) => parts.iter().all(|part| match part {
                FStringPart::Literal(_) => true,
                FStringPart::Value { value, format, .. } => {
                    let is_text = |part: &FStringPart| matches!(part, FStringPart::Literal(_));
                    format.as_ref().is_none_or(|format| format.iter().all(is_text)) && self.is_exact(value)
                }
            }),
            ExprKind::Call { func, args, keywords } => self.is_exact_function(func, args, keywords),
            _ => false,
        }
    }

    fn is_exact_comprehension(&self, element: &'a Expr, generators: &'a [Comprehension]) -> bool {
        generators.iter().all(|of| {
            self.is_exact_target(&of.target)
                && self.is_exact_iterable(&of.iter)
                && of.ifs.iter().all(|test| self.is_exact(test))
        }) && self.is_exact(element)
    }

    fn is_exact_function(&self, func: &'a Expr, args: &'a [Expr], keywords: &'a [Keyword]) -> bool {
        // The order of named arguments is that of the call, or that of the parameters.
        let is_plain = |expr: &Expr| matches!(expr.kind, ExprKind::Constant(_));
        let others = args.iter().chain(keywords.iter().map(|keyword| &keyword.value)).filter(|expr| !is_plain(expr));
        if !keywords.is_empty() && (others.count() > 1 || keywords.iter().any(|keyword| keyword.name.is_none())) {
            return false;
        }
        let named = keywords.iter().all(|keyword| self.is_exact(&keyword.value));
        match &func.kind {
            ExprKind::Name(name) if self.is_builtin(name) => {
                let consumes = CONSUMING.contains(&name.as_str()) && args.len() == 1;
                // `sum([…], start)`: which comes first, differs.
                let is_list = |expr: &Expr| matches!(expr.kind, ExprKind::ListComp { .. });
                if args.len() > 1 && args.iter().any(is_list) {
                    return false;
                }
                EAGER.contains(&name.as_str())
                    && named
                    && args.iter().all(|argument| self.is_exact(argument) || (consumes && self.is_consumed(argument)))
            }
            ExprKind::Name(name) => named && !self.generators.contains(name) && self.all_exact(args),
            ExprKind::Attribute { value, name } => {
                let name = name.name.as_str();
                if self.generators.contains(name)
                    || name == "format"
                    || (bindings::CHANGING.contains(&name) && self.library_path(func).is_none())
                    || tallies_method(name) && self.tally_of(value).is_some()
                {
                    return false;
                }
                let parts = |argument| self.is_exact(argument) || (name == "join" && self.is_consumed(argument));
                named && self.is_exact(value) && args.iter().all(parts)
            }
            _ => false,
        }
    }

    /// A generator expression, or `map`, that is gone through to its end.
    fn is_consumed(&self, expr: &'a Expr) -> bool {
        match &expr.kind {
            ExprKind::GeneratorExp { element, generators } => self.is_exact_comprehension(element, generators),
            ExprKind::Call { func, args, keywords } if self.is_named(func, &["map"]) && keywords.is_empty() => {
                matches!(args.as_slice(), [function, over]
                    if self.is_named(function, EAGER) && self.is_exact_iterable(over))
            }
            _ => false,
        }
    }
}

fn tallies_method(name: &str) -> bool {
    name == "most_common"
}

/// Names of generator functions: what they yield is made beforehand.
pub(super) fn generators(program: &crate::load::Program) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for tree in &program.trees {
        walk::every_statement(&tree.body, &mut |statement| {
            if let StmtKind::FunctionDef(def) = &statement.kind {
                let mut yields = false;
                walk::every_expr(&def.body, &mut |expr| {
                    yields |= matches!(expr.kind, ExprKind::Yield(_) | ExprKind::YieldFrom(_));
                });
                if yields {
                    names.insert(def.name.name.clone());
                }
            }
        });
    }
    names
}
