//! What calls of the API are given: sorted by parameter, checked, and made into what a plan holds.

use super::super::Evaluator;
use super::super::branch::Eval;
use super::super::call::Arguments;
use super::super::stmt::Items;
use super::super::value::*;
use super::{Given, Sorted};
use crate::api::methods::{Kind, Method, StreamType};
use crate::api::suggest::nearest;
use crate::graph::Argument;
use num_bigint::BigInt;
use pyflink_plan::{Diagnostic, Literal, Span};

impl<'a> Evaluator<'a> {
    /// Sorts arguments into parameters; `None` if they don't fit, which is reported.
    pub(super) fn arguments(
        &mut self,
        method: &'static Method,
        arguments: Arguments,
        span: Span,
    ) -> Eval<Option<Sorted>> {
        let parameters = method.parameters;
        let mut given: Vec<Given> = vec![None; parameters.len()];
        let mut rest = Vec::new();
        let count = arguments.positional.len();
        for (at, argument) in arguments.positional.into_iter().enumerate() {
            match given.get_mut(at) {
                Some(slot) => *slot = Some(argument),
                None => rest.push(argument),
            }
        }
        let mut wrong = None;
        if !rest.is_empty() && method.rest.is_none() {
            let most = parameters.len();
            wrong =
                Some(format!("takes {}, but {count} {} given", plural(most), if count == 1 { "is" } else { "are" }));
        }
        for (name, value, at) in arguments.named {
            match parameters.iter().position(|parameter| parameter.name == &*name) {
                Some(position) if given[position].is_none() => given[position] = Some((value, at)),
                Some(_) => wrong = wrong.or(Some(format!("gets two values for {name}"))),
                None => {
                    let near = nearest(&name, parameters.iter().map(|parameter| parameter.name));
                    let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                    wrong = wrong.or(Some(format!("has no parameter {name}{hint}")));
                }
            }
        }
        if let Some(opaque) = arguments.unknown {
            for (at, slot) in given.iter_mut().enumerate() {
                if slot.is_none() && (parameters[at].required) {
                    *slot = Some((Value::Opaque(self.derive(opaque, parameters[at].name, span)), span));
                }
            }
            if method.rest.is_some() && rest.is_empty() {
                rest.push((Value::Opaque(opaque), span));
            }
        }
        let missing: Vec<&str> = parameters
            .iter()
            .zip(&given)
            .filter(|(parameter, given)| parameter.required && given.is_none())
            .map(|(parameter, _)| parameter.name.trim_end_matches('_'))
            .collect();
        if !missing.is_empty() && wrong.is_none() {
            let least = parameters.iter().filter(|parameter| parameter.required).count();
            wrong = Some(format!("misses the argument {}; it takes {}", missing.join(" and "), plural(least)));
        }
        let Some(why) = wrong else { return Ok(Some((given, rest))) };
        let call = signature(method);
        self.report(
            Diagnostic::error("wrong-arguments", format!("{}() {why}", method.name))
                .at(span)
                .label("wrong arguments")
                .help(format!("write `{call}`")),
        );
        Ok(None)
    }

    /// One argument, checked for its kind.
    pub(super) fn argument(&mut self, kind: Kind, given: &Given, method: &'static str, parameter: &str) -> Argument {
        let Some((value, at)) = given else {
            return Argument::Known(match kind {
                Kind::WriteMode => Literal::str("NO_OVERWRITE"),
                Kind::Int if method == "iterate" => Literal::int(0),
                _ => Literal::None,
            });
        };
        let at = *at;
        if let Kind::Function(call) = kind {
            return self.function_argument(value, call, method, at);
        }
        if value.is_opaque() || matches!(value, Value::Object(id) if self.is_unknown(*id)) {
            return Argument::Opaque(at);
        }
        let optional_none =
            matches!(value, Value::None) && ["slide", "identifier", "name", "mode", "max_wait"].contains(&parameter);
        let fits = match (kind, value) {
            (Kind::Any | Kind::Label | Kind::Config, _) => true,
            _ if optional_none => {
                return Argument::Known(if kind == Kind::WriteMode {
                    Literal::str("NO_OVERWRITE")
                } else {
                    Literal::None
                });
            }
            (Kind::Int | Kind::Port, Value::Int(_)) => true,
            (Kind::Text | Kind::Path, Value::Str(_)) => true,
            // A pathlib.Path made from source is opaque, so what is left here is no path.
            (Kind::Time, Value::Time(milliseconds)) => return Argument::Known(Literal::Int(milliseconds.clone())),
            (Kind::WriteMode, Value::EnumConstant(class, name)) if class.name == "WriteMode" => {
                return Argument::Known(Literal::str(*name));
            }
            (Kind::WriteMode, Value::Str(name)) if ["OVERWRITE", "NO_OVERWRITE"].contains(&&**name) => true,
            _ => false,
        };
        if fits {
            return match self.literal(value) {
                Some(literal) => Argument::Known(literal),
                None => Argument::Opaque(at),
            };
        }
        self.report_kind(kind, value, at, method, parameter);
        Argument::Opaque(at)
    }

    pub(super) fn is_unknown(&self, id: ObjectId) -> bool {
        match self.heap.get(id) {
            Object::Unknown(..) | Object::Missing => true,
            Object::Instance(instance) => instance.open.is_some() || self.class_is_open(&instance.class),
            _ => false,
        }
    }

    pub(super) fn report_kind(&mut self, kind: Kind, value: &Value, at: Span, method: &str, parameter: &str) {
        let wanted = match kind {
            Kind::Int => "an int",
            Kind::Text => "a str",
            Kind::Path => "a path as a str",
            Kind::Port => "a port as an int",
            Kind::Time => "a Time",
            Kind::WriteMode => "a WriteMode",
            Kind::CheckpointingMode => "a CheckpointingMode",
            Kind::TimeCharacteristic => "a TimeCharacteristic",
            Kind::Stream => "a stream",
            Kind::Names => "names (str)",
            _ => "something else",
        };
        let shown = match self.repr(value) {
            Some(text) if text.chars().count() < 40 => format!("{} ({text})", self.type_name(value)),
            _ => self.type_name(value),
        };
        let mut diagnostic = Diagnostic::error(
            "wrong-argument",
            format!("{method}() takes {wanted} for {}, not {shown}", parameter.trim_end_matches('_')),
        )
        .at(at)
        .label(format!("must be {wanted}"));
        diagnostic = match (kind, value) {
            (Kind::Time, Value::Int(number)) => diagnostic
                .help(format!("write `milliseconds({number})`"))
                .help("import it: `from org.apache.flink.streaming.api.windowing.time.Time import milliseconds`"),
            (Kind::Time, _) => diagnostic.help("write `milliseconds(n)`, `seconds(n)` or `minutes(n)`"),
            (Kind::Int, Value::Time(_)) => {
                diagnostic.help("a count window counts elements; for time, call `time_window(…)`")
            }
            (Kind::WriteMode, _) => diagnostic
                .help("write `WriteMode.OVERWRITE` or `WriteMode.NO_OVERWRITE`")
                .help("import it: `from org.apache.flink.core.fs.FileSystem import WriteMode`"),
            (Kind::Int | Kind::Port, Value::Str(_)) => {
                diagnostic.help("convert it with `int(…)`, or write it without quotes")
            }
            (Kind::Text | Kind::Path, _) => diagnostic.help("write it in quotes, or convert it with `str(…)`"),
            (Kind::Stream, _) => diagnostic.help("pass what a call such as `map(…)` returned"),
            _ => diagnostic.help(format!("pass {wanted}")),
        };
        self.report(diagnostic);
    }

    pub(super) fn union_inputs(&mut self, environment: ObjectId, rest: &[(Value, Span)]) -> Eval<Option<Vec<usize>>> {
        let mut streams = rest.to_vec();
        if let [(value, at)] = rest
            && !matches!(value, Value::Stream(_))
        {
            let is_sequence = matches!(value, Value::Tuple(_))
                || matches!(value, Value::Object(id) if matches!(self.heap.get(*id), Object::List(_) | Object::Unknown(..) | Object::Iterator(..)));
            if is_sequence {
                match self.items(value, *at)? {
                    Items::Known(items) => streams = items.into_iter().map(|item| (item, *at)).collect(),
                    Items::Opaque(_) => {
                        self.report_unknown_streams(*at);
                        self.incomplete(environment);
                        return Ok(None);
                    }
                }
            }
        }
        let mut inputs = Vec::new();
        for (value, at) in streams {
            match self.input_stream(&value, environment, at, "union", "streams") {
                Some(node) => inputs.push(node),
                None => return Ok(None),
            }
        }
        Ok(Some(inputs))
    }

    pub(super) fn report_unknown_streams(&mut self, at: Span) {
        self.report(
            Diagnostic::error("opaque-stream", "which streams these are only a run can tell")
                .at(at)
                .label("not known without running the script")
                .help("compile with --record, which runs main and takes the operators from there"),
        );
    }

    /// The node of a stream that is passed to a call on a stream of the same environment.
    pub(super) fn input_stream(
        &mut self,
        value: &Value,
        environment: ObjectId,
        at: Span,
        method: &str,
        parameter: &str,
    ) -> Option<usize> {
        match value {
            Value::Stream(stream) if matches!(stream.of, StreamType::Windowed | StreamType::Sink) => {
                let title = stream.of.title();
                self.report(
                    Diagnostic::error("wrong-argument", format!("{method}() takes streams, not a {title}"))
                        .at(at)
                        .label(format!("a {title}"))
                        .help("pass a stream: a window becomes one by reduce(f) or apply(f)"),
                );
                None
            }
            Value::Stream(stream) if stream.environment == environment => Some(stream.node),
            Value::Stream(stream) => {
                self.incomplete(stream.environment);
                let code = if method == "close_with" { "foreign-feedback" } else { "foreign-stream" };
                self.report(
                    Diagnostic::error(code, format!("{method}() takes streams of the same environment"))
                        .at(at)
                        .label("belongs to another environment")
                        .help("build both streams from one environment"),
                );
                None
            }
            Value::Opaque(opaque) if opaque.poison => {
                self.incomplete(environment);
                None
            }
            Value::Opaque(_) => {
                self.report_unknown_streams(at);
                None
            }
            Value::Object(id) if self.is_unknown(*id) => {
                self.report_unknown_streams(at);
                None
            }
            _ => {
                self.report_kind(Kind::Stream, value, at, method, parameter);
                None
            }
        }
    }

    pub(super) fn listed_elements(&mut self, rest: &[(Value, Span)], span: Span) -> Argument {
        if rest.is_empty() {
            self.report(
                Diagnostic::error("no-elements", "from_elements() needs at least one element")
                    .at(span)
                    .label("no element is given")
                    .help("each argument is one element: `from_elements(1, 2, 3)`"),
            );
        }
        let literals: Option<Vec<Literal>> = rest.iter().map(|(value, _)| self.literal(value)).collect();
        match literals {
            Some(literals) if literals.len() <= 1000 => Argument::Known(Literal::List(literals)),
            _ => {
                rest.iter().for_each(|(value, _)| self.escape(value));
                Argument::Opaque(span)
            }
        }
    }

    pub(super) fn collection(&mut self, given: &Given, span: Span) -> Eval<Argument> {
        let Some((value, at)) = given.clone() else { return Ok(Argument::Opaque(span)) };
        let length = match &value {
            Value::Tuple(items) => Some(items.len()),
            Value::Str(text) => Some(text.chars().count()),
            Value::Range(range) => {
                let empty =
                    if range.step > BigInt::from(0) { range.start >= range.stop } else { range.start <= range.stop };
                Some(usize::from(!empty))
            }
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => Some(items.len()),
                Object::Dict(table) | Object::Set(table) => Some(table.len()),
                _ => None,
            },
            _ => None,
        };
        if length == Some(0) {
            self.report(
                Diagnostic::error(
                    "no-elements",
                    "from_collection() needs at least one element; the collection is empty",
                )
                .at(at)
                .label("empty")
                .help("pass a collection with elements"),
            );
            return Ok(Argument::Opaque(at));
        }
        let is_wrong = match &value {
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Time(_) | Value::Stream(_) => true,
            Value::Object(id) => match self.heap.get(*id) {
                Object::Function(_) => true,
                Object::Instance(instance) => {
                    let class = instance.class.clone();
                    let readable = ["hasNext", "__iter__", "__getitem__", "__getattr__"];
                    instance.open.is_none()
                        && !self.class_is_open(&class)
                        && !readable.iter().any(|name| self.class_attribute(&class, name).is_some())
                }
                _ => false,
            },
            _ => false,
        };
        if is_wrong {
            let shown = self.type_name(&value);
            self.report(
                Diagnostic::error(
                    "wrong-argument",
                    format!("from_collection() takes something to iterate over, not {shown}"),
                )
                .at(at)
                .label("can't be iterated over")
                .help(
                    "for single elements, call `from_elements(…)`; a class needs `__iter__`, or `hasNext` and `next`",
                ),
            );
            return Ok(Argument::Opaque(at));
        }
        if let Value::Object(id) = &value
            && let Object::Instance(instance) = self.heap.get(*id)
        {
            let class = instance.class.clone();
            let is_iterator = self.api_bases(&class).iter().any(|base| base.name == "PythonIterator");
            if is_iterator && self.class_attribute(&class, "__iter__").is_none() && !self.class_is_open(&class) {
                for name in ["hasNext", "next"] {
                    if self.class_attribute(&class, name).is_none() {
                        let class = self.type_name(&value);
                        let message = format!("{class} has no method {name}, which from_collection() calls");
                        self.report(
                            Diagnostic::error("missing-method", message)
                                .at(at)
                                .label(format!("needs a method {name}"))
                                .help(format!("define `def {name}(self):`")),
                        );
                    }
                }
            }
        }
        // A generator or iterator is read by the job, and only once.
        let known = match &value {
            Value::Object(id) if !matches!(self.heap.get(*id), Object::List(_) | Object::Set(_)) => None,
            value => self.elements(value, at)?,
        };
        let literals: Option<Vec<Literal>> =
            known.and_then(|items| items.iter().map(|item| self.literal(item)).collect());
        Ok(match literals {
            Some(literals) if literals.len() <= 1000 => Argument::Known(Literal::List(literals)),
            _ => {
                self.escape(&value);
                Argument::Opaque(at)
            }
        })
    }

    pub(super) fn names(&mut self, rest: &[(Value, Span)], span: Span) -> Eval<Argument> {
        let mut values = rest.to_vec();
        if let [(value, at)] = rest
            && !matches!(value, Value::Str(_))
        {
            if value.is_opaque() {
                return Ok(Argument::Opaque(*at));
            }
            if let Items::Known(items) = self.items(value, *at)? {
                values = items.into_iter().map(|item| (item, *at)).collect();
            }
        }
        if values.is_empty() {
            self.report(
                Diagnostic::error("wrong-arguments", "select() takes at least one name")
                    .at(span)
                    .label("no name is given")
                    .help("write `select(\"name\")`"),
            );
        }
        let mut names = Vec::new();
        for (value, at) in values {
            match &value {
                Value::Str(text) => names.push(Literal::str(&**text)),
                Value::Opaque(_) => return Ok(Argument::Opaque(at)),
                Value::Object(id) if self.is_unknown(*id) => return Ok(Argument::Opaque(at)),
                _ => {
                    self.report_kind(Kind::Names, &value, at, "select", "names");
                    return Ok(Argument::Opaque(at));
                }
            }
        }
        Ok(Argument::Known(Literal::List(names)))
    }
}

pub(super) fn plural(count: usize) -> String {
    match count {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        count => format!("{count} arguments"),
    }
}

/// How a call is written.
fn signature(method: &Method) -> String {
    let mut parameters: Vec<String> = method
        .parameters
        .iter()
        .map(|parameter| match parameter.required {
            true => parameter.name.trim_end_matches('_').to_owned(),
            false => format!("[{}]", parameter.name),
        })
        .collect();
    if method.rest.is_some() {
        parameters.push("…".to_owned());
    }
    format!("{}({})", method.name, parameters.join(", "))
}
