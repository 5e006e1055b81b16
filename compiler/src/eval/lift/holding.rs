//! Which arguments of calls of the script's functions may be in what these give.

use super::*;
use provenance::Provenance;
use sharing::Held;

impl<'a> Lift<'_, 'a> {
    /// Looks into the functions that the function calls, so that what they only read isn't taken for a part of results.
    pub(super) fn look_into_calls(&self) {
        self.frame.provenance.held.get_or_init(|| {
            let mut held = BTreeMap::new();
            for value in self.frame.provenance.values() {
                walk::all_exprs(value, &mut |expr| self.look_into(expr, &mut held));
            }
            held
        });
    }

    /// The same for a value.
    pub(super) fn held_by_calls(&self, value: &'a Expr) -> BTreeMap<Span, Held> {
        let mut held = BTreeMap::new();
        walk::all_exprs(value, &mut |expr| self.look_into(expr, &mut held));
        held
    }

    fn look_into(&self, expr: &'a Expr, held: &mut BTreeMap<Span, Held>) {
        let ExprKind::Call { func, args, keywords } = &expr.kind else { return };
        let is_plain = keywords.is_empty() && args.iter().all(|arg| !matches!(arg.kind, ExprKind::Starred(_)));
        let Some((params, body, skipped)) = self.called(func).filter(|_| is_plain) else { return };
        let names: Vec<&str> = params.positional().skip(skipped).map(|name| name.name.name.as_str()).collect();
        if args.len() > names.len() {
            return;
        }
        let returned = match body {
            Source::Expr(value) => vec![value],
            Source::Block(block) => {
                let mut found = Vec::new();
                walk::statements(block, &mut |statement| {
                    if let StmtKind::Return(Some(value)) = &statement.kind {
                        found.push(value);
                    }
                });
                found
            }
        };
        let given = Provenance::of(params, body).held_in(&returned, &names[..args.len()]);
        held.extend(args.iter().map(|arg| arg.span).zip(given));
    }

    /// What a call of the script's functions runs: parameters, and how many of them aren't arguments.
    pub(super) fn called(&self, func: &'a Expr) -> Option<(&'a Parameters, Source<'a>, usize)> {
        let evaluator = self.evaluator;
        let of = |value: &Value, skipped| match evaluator.heap.get(value.object()?) {
            Object::Function(function) => {
                let code = &evaluator.codes[function.code.0 as usize];
                let is_plain = !code.is_generator && !code.is_async;
                is_plain.then(|| (code.params, evaluator.lifted_source(code), skipped))
            }
            _ => None,
        };
        match &func.kind {
            ExprKind::Name(name) => match self.frame.nested.get(name) {
                Some(nested) => (!nested.is_generator).then_some((nested.params, nested.body, 0)),
                None => of(&self.known_value(func)?, 0),
            },
            ExprKind::Attribute { value, name } => {
                let Receiver::Object { class, instance, .. } = self.object(value)? else { return None };
                let name = name.name.as_str();
                let is_own = match instance.map(|id| evaluator.heap.get(id)) {
                    Some(Object::Instance(held)) => held.attributes.contains_key(name),
                    _ => false,
                };
                if is_own || self.bindings().is_set(name) || self.bindings().is_replaced(&self.spans(&class), name) {
                    return None;
                }
                of(&evaluator.class_attribute(&class, name)?.0, 1)
            }
            _ => None,
        }
    }
}
