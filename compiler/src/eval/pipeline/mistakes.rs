//! Methods that are not there, or not on this kind of stream.

use super::super::Evaluator;
use super::super::value::*;
use crate::api::methods;
use crate::api::methods::StreamType;
use crate::api::suggest::{nearest, synonym};
use pyflink_plan::{Diagnostic, Span};

impl<'a> Evaluator<'a> {
    pub fn unknown_method(&mut self, receiver: &Value, name: &str, span: Span) -> Value {
        let (title, names): (&str, Vec<&str>) = match receiver {
            Value::Factory => ("the factory", methods::FACTORY.iter().map(|method| method.name).collect()),
            Value::Environment(_) => ("the environment", methods::ENVIRONMENT.iter().map(|m| m.name).collect()),
            Value::Stream(stream) => (stream.of.title(), stream.of.methods().map(|method| method.name).collect()),
            _ => ("this", Vec::new()),
        };
        let article = if title.starts_with("the ") || title == "this" {
            ""
        } else if title.starts_with('i') {
            "an "
        } else {
            "a "
        };
        let diagnostic = match receiver {
            Value::Stream(stream) if self.needs_other(stream.of, name).is_some() => {
                let (code, message, help) = self.needs_other(stream.of, name).unwrap_or_default();
                Diagnostic::error(code, message).at(span).label(format!("called on {article}{title}")).help(help)
            }
            _ => {
                let diagnostic = Diagnostic::error("unknown-method", format!("{article}{title} has no method {name}"))
                    .at(span)
                    .label("no such method");
                match nearest(name, names.iter().copied()).or_else(|| synonym(name).filter(|near| names.contains(near)))
                {
                    Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                    None => match self.elsewhere(receiver, name) {
                        Some(help) => diagnostic.help(help),
                        None => diagnostic.help(format!("it has {}", names.join(", "))),
                    },
                }
            }
        };
        self.report(diagnostic);
        match receiver {
            Value::Environment(id) => self.incomplete(*id),
            Value::Stream(stream) => self.incomplete(stream.environment),
            _ => {}
        }
        self.poison(span)
    }

    /// The name is one that something else has.
    pub(super) fn elsewhere(&self, receiver: &Value, name: &str) -> Option<String> {
        let wanted = synonym(name).unwrap_or(name);
        match receiver {
            Value::Stream(_) if methods::environment(wanted).is_some() => {
                Some(format!("`{wanted}` is a method of the environment"))
            }
            Value::Environment(_) if methods::factory(wanted).is_some() => {
                Some(format!("`{wanted}` is a method of the factory that main is given"))
            }
            Value::Factory if methods::environment(wanted).is_some() => {
                Some(format!("`{wanted}` is a method of the environment: `env = factory.get_execution_environment()`"))
            }
            Value::Environment(_) if methods::stream_with(wanted).is_some() => {
                Some(format!("`{wanted}` is called on a stream, such as what `from_elements(…)` gives"))
            }
            _ => None,
        }
    }

    /// For a method that another kind of stream has: code, message and help.
    pub(super) fn needs_other(&self, of: StreamType, name: &str) -> Option<(&'static str, String, String)> {
        let keyed = |name: &str| {
            (
                "not-keyed",
                format!("{name}() needs a keyed stream"),
                format!("call `key_by(…)` before it: `.key_by(selector).{name}(…)`"),
            )
        };
        Some(match (of, name) {
            (
                StreamType::Windowed,
                "map" | "filter" | "flat_map" | "key_by" | "output" | "print" | "write_as_text" | "union" | "add_sink"
                | "split" | "iterate" | "write_to_socket",
            ) => (
                "window-without-function",
                format!("{name}() can't be called on a window: it must be reduced or applied first"),
                "call `reduce(f)` or `apply(f)` on the window before it".to_owned(),
            ),
            (StreamType::Windowed, _) => return None,
            (_, "apply") => (
                "not-windowed",
                "apply() needs a window".to_owned(),
                "call `key_by(…)` and `time_window(…)` or `count_window(…)` before it".to_owned(),
            ),
            (StreamType::Keyed, _) => return None,
            (_, "reduce" | "count_window" | "time_window") => keyed(name),
            (_, "select") if of != StreamType::Split => (
                "not-split",
                "select() needs a split stream".to_owned(),
                "call `split(selector)` before it: `.split(selector).select(…)`".to_owned(),
            ),
            (_, "close_with") if of != StreamType::Iterative => (
                "not-iterative",
                "close_with() is called on what iterate() returned".to_owned(),
                "keep the iteration: `loop = stream.iterate()`, and call `loop.close_with(feedback)`".to_owned(),
            ),
            _ => return None,
        })
    }
}
