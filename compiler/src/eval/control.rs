//! What is reported about the way through a script as a whole: `main` itself, exceptions that nobody catches, loops.

use super::branch::{Eval, Raised};
use super::call::Arguments;
use super::value::{Object, Value};
use super::{Body, Evaluator};
use crate::api::suggest::nearest;
use pyflink_plan::{Diagnostic, SourceId, Span};

impl Evaluator<'_> {
    pub fn report_no_main(&mut self) {
        let path = self.program.sources.files[0].path.clone();
        let mut diagnostic = Diagnostic::error("no-main", format!("{path} defines no main(factory)"))
            .at(Span { source: SourceId(0), start: 0, end: 0 })
            .label("no function main in this file");
        let tree = self.program.tree(SourceId(0));
        let functions = tree.body.iter().filter_map(|statement| match &statement.kind {
            crate::syntax::ast::StmtKind::FunctionDef(function) => Some(&function.name),
            _ => None,
        });
        let functions: Vec<_> = functions.collect();
        if let Some(near) = nearest("main", functions.iter().map(|ident| ident.name.as_str()))
            && let Some(ident) = functions.iter().find(|ident| ident.name == near)
        {
            diagnostic = diagnostic.note(ident.span, format!("is this one meant? It is called {near}"));
        }
        self.report(diagnostic.help("define `def main(factory):`, which builds the pipeline and calls execute()"));
    }

    /// Calls `main` with the factory, if it can be called with one argument.
    pub fn check_main(&mut self, main: &Value, start: Span) -> Eval<()> {
        let span = self.definition(main).unwrap_or(start);
        match main {
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Tuple(_) => {
                self.report(
                    Diagnostic::error("no-main", "main is not a function")
                        .at(span)
                        .label("not a function")
                        .help("define `def main(factory):`"),
                );
                return Ok(());
            }
            _ => {}
        }
        if let Some(arity) = self.arity(main)
            && !arity.accepts(1)
        {
            self.report(
                Diagnostic::error("main-parameters", format!("main must take one parameter, but it takes {arity}"))
                    .at(span)
                    .label("called with the factory, and with nothing else")
                    .help("write `def main(factory):`"),
            );
            return Ok(());
        }
        self.call(main, Arguments::positional(vec![Value::Factory]), span)?;
        Ok(())
    }

    /// Where a function or class is defined.
    pub fn definition(&self, value: &Value) -> Option<Span> {
        match value {
            Value::Object(id) => match self.heap.get(*id) {
                Object::Function(function) => Some(self.codes[function.code.0 as usize].span),
                Object::Class(class) => Some(class.span),
                Object::Instance(instance) => self.definition(&instance.class),
                Object::Partial { function, .. } => self.definition(&function.clone()),
                _ => None,
            },
            Value::Method(method) => self.definition(&Value::Object(method.function)),
            _ => None,
        }
    }

    /// Of the function's whole text: from its name to the end of its body.
    pub fn extent(&self, body: Body<'_>, span: Span) -> Span {
        let end = match body {
            Body::Block(block) => block.last().map_or(span.end, |statement| statement.span.end),
            Body::Expr(expr) => expr.span.end,
        };
        Span { end: end.max(span.end), ..span }
    }

    pub fn report_opaque_loop(&mut self, span: Span) {
        self.report(
            Diagnostic::error("opaque-loop", "this loop adds operators, but how often it runs only a run can tell")
                .at(span)
                .label("not known without running the script")
                .help("give the parameters at compile time, if it depends on them: pyflink-compile <script> - <param>…")
                .help("or compile with --record, which runs main and takes the operators from there"),
        );
    }
}

/// What is wrong with a script whose way ends in an exception.
pub fn uncaught(raised: &Raised) -> Option<Diagnostic> {
    if matches!(&raised.value, Value::Opaque(opaque) if opaque.poison) {
        return None;
    }
    let class = raised.classes.first().map_or("an exception", String::as_str);
    let colon = if raised.message.is_empty() { "" } else { ": " };
    let (code, message, help) = match class {
        "SystemExit" => (
            "script-exits",
            format!("the script ends here ({class}{colon}{}), before a job runs", raised.message),
            "give the parameters that let it go on: pyflink-compile <script> - <param>…",
        ),
        _ => (
            "script-raises",
            format!("this raises {class}{colon}{}", raised.message),
            "the script would fail here each time it runs; mend it, or catch the exception",
        ),
    };
    Some(Diagnostic::error(code, message).at(raised.span).label("raised here").help(help))
}
