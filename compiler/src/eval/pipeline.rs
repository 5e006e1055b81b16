//! Calls of the API: what they add to the graph, and what is wrong with their arguments.

use super::Evaluator;
use super::branch::Eval;
use super::call::Arguments;
use super::stmt::Items;
use super::value::*;
use crate::api::classes::{self, ApiClass};
use crate::api::methods::{self, Effect, Kind, Method, StreamType};
use crate::api::suggest::{nearest, synonym};
use crate::graph::{Argument, Node};
use num_bigint::BigInt;
use pyflink_plan::{Diagnostic, Literal, OperatorKind, Parallelism, Span};

/// An argument of a call with its place.
type Given = Option<(Value, Span)>;
/// The arguments of the parameters, and those beyond them.
type Sorted = (Vec<Given>, Vec<(Value, Span)>);

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
    fn elsewhere(&self, receiver: &Value, name: &str) -> Option<String> {
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
    fn needs_other(&self, of: StreamType, name: &str) -> Option<(&'static str, String, String)> {
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

    /// A mistake keeps `main` from what it was about to do: what is missing then is none of its own.
    pub fn all_incomplete(&mut self) {
        let Object::World(world) = self.heap.get(self.world) else { return };
        for environment in world.environments.clone() {
            self.incomplete(environment);
        }
    }

    fn incomplete(&mut self, environment: ObjectId) {
        if let Some(Object::Environment(state)) = self.heap.get_mut(environment) {
            state.incomplete = true;
        }
    }

    pub fn call_api(
        &mut self,
        receiver: &Value,
        method: &'static Method,
        arguments: Arguments,
        span: Span,
    ) -> Eval<Value> {
        let environment = match receiver {
            Value::Environment(id) => Some(*id),
            Value::Stream(stream) => Some(stream.environment),
            _ => None,
        };
        let errors = self.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
        let Some((given, rest)) = self.arguments(method, arguments, span)? else {
            environment.into_iter().for_each(|id| self.incomplete(id));
            return Ok(self.result_of(receiver, method, None, span));
        };
        let node = match method.effect {
            Effect::Operator(kind, _) | Effect::Sink(kind) => {
                self.operator(receiver, method, kind, &given, &rest, span)?
            }
            Effect::CloseWith => self.close_with(receiver, &given, span),
            _ => {
                let value = self.setting(receiver, method, given, rest, span)?;
                return Ok(value);
            }
        };
        if self.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count() > errors {
            environment.into_iter().for_each(|id| self.incomplete(id));
        }
        let at = match (node, environment) {
            (Some(node), Some(id)) => self.add_node(id, node),
            _ => None,
        };
        if method.effect == Effect::CloseWith {
            return Ok(given.first().and_then(|given| given.clone()).map_or(Value::None, |(value, _)| value));
        }
        Ok(self.result_of(receiver, method, at, span))
    }

    fn add_node(&mut self, environment: ObjectId, node: Node) -> Option<usize> {
        let Some(Object::Environment(state)) = self.heap.get_mut(environment) else { return None };
        state.nodes.push(node);
        Some(state.nodes.len() - 1)
    }

    fn result_of(&mut self, receiver: &Value, method: &Method, node: Option<usize>, span: Span) -> Value {
        let environment = match receiver {
            Value::Environment(id) => *id,
            Value::Stream(stream) => stream.environment,
            _ => return self.poison(span),
        };
        match (method.effect, node) {
            (Effect::Operator(_, of), Some(node)) => Value::Stream(Stream { environment, node, of }),
            (Effect::Sink(_), Some(node)) => Value::Stream(Stream { environment, node, of: StreamType::Sink }),
            _ => self.poison(span),
        }
    }

    /// Sorts arguments into parameters; `None` if they don't fit, which is reported.
    fn arguments(&mut self, method: &'static Method, arguments: Arguments, span: Span) -> Eval<Option<Sorted>> {
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

    /// The node of a call that makes a stream or a sink.
    fn operator(
        &mut self,
        receiver: &Value,
        method: &'static Method,
        kind: OperatorKind,
        given: &[Given],
        rest: &[(Value, Span)],
        span: Span,
    ) -> Eval<Option<Node>> {
        let (environment, mut inputs) = match receiver {
            Value::Environment(id) => (*id, Vec::new()),
            Value::Stream(stream) => (stream.environment, vec![stream.node]),
            _ => return Ok(None),
        };
        let mut args = Vec::new();
        match kind {
            OperatorKind::Union => match self.union_inputs(environment, rest)? {
                Some(others) => inputs.extend(others),
                None => return Ok(None),
            },
            OperatorKind::FromElements => args.push(("elements", self.listed_elements(rest, span))),
            OperatorKind::FromCollection => args.push(("collection", self.collection(&given[0], span)?)),
            OperatorKind::Select => args.push(("names", self.names(rest, span)?)),
            _ => {
                for (at, parameter) in method.parameters.iter().enumerate() {
                    let name = kind.parameters().get(at).copied().unwrap_or(parameter.name);
                    args.push((name, self.argument(parameter.kind, &given[at], method.name, parameter.name)));
                }
            }
        }
        self.check_values(kind, &args, given, span);
        let parallelism = match self.heap.get(environment) {
            _ if kind.is_sequential() => Parallelism::Known(1),
            Object::Environment(state) => state.parallelism,
            _ => Parallelism::Default,
        };
        Ok(Some(Node { kind, inputs, args, parallelism, name: None, span, iteration: None, escaped: false }))
    }

    /// One argument, checked for its kind.
    fn argument(&mut self, kind: Kind, given: &Given, method: &'static str, parameter: &str) -> Argument {
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

    fn is_unknown(&self, id: ObjectId) -> bool {
        match self.heap.get(id) {
            Object::Unknown(..) | Object::Missing => true,
            Object::Instance(instance) => instance.open.is_some() || self.class_is_open(&instance.class),
            _ => false,
        }
    }

    fn report_kind(&mut self, kind: Kind, value: &Value, at: Span, method: &str, parameter: &str) {
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

    fn union_inputs(&mut self, environment: ObjectId, rest: &[(Value, Span)]) -> Eval<Option<Vec<usize>>> {
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

    fn report_unknown_streams(&mut self, at: Span) {
        self.report(
            Diagnostic::error("opaque-stream", "which streams these are only a run can tell")
                .at(at)
                .label("not known without running the script")
                .help("compile with --record, which runs main and takes the operators from there"),
        );
    }

    /// The node of a stream that is passed to a call on a stream of the same environment.
    fn input_stream(
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

    fn listed_elements(&mut self, rest: &[(Value, Span)], span: Span) -> Argument {
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

    fn collection(&mut self, given: &Given, span: Span) -> Eval<Argument> {
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

    fn names(&mut self, rest: &[(Value, Span)], span: Span) -> Eval<Argument> {
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

    /// Values that are of the right kind and can't be right.
    fn check_values(&mut self, kind: OperatorKind, args: &[(&'static str, Argument)], given: &[Given], span: Span) {
        let known = |name: &str| {
            args.iter().find(|(known, _)| *known == name).and_then(|(_, argument)| match argument {
                Argument::Known(literal) => Some(literal.clone()),
                _ => None,
            })
        };
        let place = |at: usize| given.get(at).and_then(|given| given.as_ref()).map_or(span, |(_, at)| *at);
        let zero = BigInt::from(0);
        match kind {
            OperatorKind::GenerateSequence => {
                if let (Some(Literal::Int(from)), Some(Literal::Int(to))) = (known("from"), known("to"))
                    && from > to
                {
                    self.report(
                        Diagnostic::error(
                            "empty-sequence",
                            format!("generate_sequence({from}, {to}) is empty: {from} is larger than {to}"),
                        )
                        .at(span)
                        .label("from must not be larger than to")
                        .help("both ends belong to the sequence; write the smaller one first"),
                    );
                }
            }
            OperatorKind::CountWindow | OperatorKind::TimeWindow => {
                let (call, unit) = match kind {
                    OperatorKind::TimeWindow => ("time_window", " ms"),
                    _ => ("count_window", ""),
                };
                for (at, name) in ["size", "slide"].into_iter().enumerate() {
                    if let Some(Literal::Int(value)) = known(name)
                        && value <= zero
                    {
                        self.report(
                            Diagnostic::error(
                                "window-size",
                                format!("the {name} of {call}() must be at least 1{unit}, not {value}{unit}"),
                            )
                            .at(place(at))
                            .label("must be positive")
                            .help(format!("give it a positive {name}")),
                        );
                    }
                }
            }
            OperatorKind::ReadTextFile | OperatorKind::WriteAsText => {
                if let Some(Literal::Str(path)) = known("path") {
                    if path.starts_with("hdfs://") {
                        self.report(
                            Diagnostic::error("not-there-yet", "hdfs:// isn't there yet")
                                .at(place(0))
                                .label("can't be reached")
                                .help("use a local path, or file://"),
                        );
                    } else if path.is_empty() {
                        self.report(
                            Diagnostic::error("wrong-argument", "the path is empty")
                                .at(place(0))
                                .label("empty")
                                .help("name a file"),
                        );
                    }
                }
            }
            OperatorKind::SocketTextStream | OperatorKind::WriteToSocket => {
                if let Some(Literal::Int(port)) = known("port")
                    && !(zero..=BigInt::from(65535)).contains(&port)
                {
                    self.report(
                        Diagnostic::error("wrong-argument", format!("{port} is not a port"))
                            .at(place(1))
                            .label("must be 0 to 65535")
                            .help("give a port between 0 and 65535"),
                    );
                }
            }
            OperatorKind::AddJavaSource => self.report(
                Diagnostic::error("java-source", "add_java_source() can't run Java sources")
                    .at(span)
                    .label("needs a Java class")
                    .help("write a SourceFunction in Python and pass it to create_python_source()"),
            ),
            OperatorKind::Iterate => {
                if let Some(Literal::Int(wait)) = known("max_wait_ms")
                    && wait < zero
                {
                    self.report(
                        Diagnostic::error("wrong-argument", format!("iterate() waits at least 0 ms, not {wait}"))
                            .at(place(0))
                            .label("must not be negative")
                            .help("give it a number of milliseconds, or leave it out"),
                    );
                }
            }
            _ => {}
        }
    }

    fn close_with(&mut self, receiver: &Value, given: &[Given], span: Span) -> Option<Node> {
        let Value::Stream(head) = receiver else { return None };
        let (value, at) = given.first()?.clone()?;
        let Some(feedback) = self.input_stream(&value, head.environment, at, "close_with", "feedback") else {
            self.incomplete(head.environment);
            return None;
        };
        let parallelism = match self.heap.get(head.environment) {
            Object::Environment(state) => state.parallelism,
            _ => Parallelism::Default,
        };
        Some(Node {
            kind: OperatorKind::CloseWith,
            inputs: vec![feedback],
            args: Vec::new(),
            parallelism,
            name: None,
            span,
            iteration: Some(head.node),
            escaped: false,
        })
    }

    /// Calls that add no operator.
    fn setting(
        &mut self,
        receiver: &Value,
        method: &'static Method,
        given: Vec<Given>,
        rest: Vec<(Value, Span)>,
        span: Span,
    ) -> Eval<Value> {
        Ok(match (method.effect, receiver) {
            (Effect::CreateEnvironment, _) => self.new_environment(Parallelism::Default, span),
            (Effect::CreateLocalEnvironment, _) => {
                let mut parallelism = Parallelism::Default;
                for (at, (value, place)) in rest.iter().enumerate() {
                    match value {
                        Value::Int(_) | Value::Bool(_) if at == 0 => {
                            parallelism = self.parallelism(value, *place, "create_local_execution_environment");
                        }
                        Value::Opaque(_) if at == 0 && rest.len() == 2 => parallelism = Parallelism::Opaque,
                        // A configuration may hold a default parallelism.
                        Value::None => {}
                        _ if parallelism == Parallelism::Default => parallelism = self.configured(value),
                        _ => {}
                    }
                }
                if rest.len() > 2 {
                    self.report(
                        Diagnostic::error(
                            "wrong-arguments",
                            "create_local_execution_environment() takes (), (config) or (parallelism, config)",
                        )
                        .at(span)
                        .label("too many arguments")
                        .help("write `create_local_execution_environment(parallelism, config)`"),
                    );
                }
                self.new_environment(parallelism, span)
            }
            (Effect::CreateRemoteEnvironment, _) => {
                self.report(
                    Diagnostic::error("not-there-yet", "remote clusters aren't there yet")
                        .at(span)
                        .label("can't be reached")
                        .help("use `get_execution_environment()`"),
                );
                let environment = self.new_environment(Parallelism::Default, span);
                if let Value::Environment(id) = environment {
                    self.incomplete(id);
                }
                environment
            }
            (Effect::SetParallelism, Value::Environment(id)) => {
                if let Some((value, at)) = &given[0] {
                    let parallelism = self.parallelism(value, *at, "set_parallelism");
                    if let Some(Object::Environment(state)) = self.heap.get_mut(*id) {
                        state.parallelism = parallelism;
                    }
                }
                receiver.clone()
            }
            (Effect::GetParallelism, _) => self.opaque(span),
            (Effect::EnableCheckpointing, Value::Environment(_)) => {
                if let Some((value, at)) = &given[0] {
                    match value {
                        Value::Int(interval) if *interval <= BigInt::from(0) => self.report(
                            Diagnostic::error(
                                "checkpoint-interval",
                                format!("the checkpoint interval must be at least 1 ms, not {interval}"),
                            )
                            .at(*at)
                            .label("must be positive")
                            .help("give the interval in milliseconds"),
                        ),
                        Value::Int(_) | Value::Opaque(_) => {}
                        Value::Object(id) if self.is_unknown(*id) => {}
                        value => self.report_kind(Kind::Int, value, *at, "enable_checkpointing", "interval"),
                    }
                }
                if let Some((value, at)) = given.get(1).and_then(|given| given.as_ref()) {
                    self.check_constant(value, &classes::CHECKPOINTING_MODE, *at, "enable_checkpointing", "mode");
                }
                receiver.clone()
            }
            (Effect::SetTimeCharacteristic, Value::Environment(id)) => {
                if let Some((value, at)) = &given[0] {
                    match value {
                        Value::EnumConstant(class, "EventTime") if class.name == "TimeCharacteristic" => self.report(
                            Diagnostic::error("not-there-yet", "EventTime isn't there yet")
                                .at(*at)
                                .label("can't be used")
                                .help("use `TimeCharacteristic.ProcessingTime` or `TimeCharacteristic.IngestionTime`"),
                        ),
                        Value::EnumConstant(class, name) if class.name == "TimeCharacteristic" => {
                            if let Some(Object::Environment(state)) = self.heap.get_mut(*id) {
                                state.characteristic = name;
                            }
                        }
                        value => self.check_constant(
                            value,
                            &classes::TIME_CHARACTERISTIC,
                            *at,
                            method.name,
                            "characteristic",
                        ),
                    }
                }
                Value::None
            }
            (Effect::GetTimeCharacteristic, Value::Environment(id)) => match self.heap.get(*id) {
                Object::Environment(state) => Value::EnumConstant(&classes::TIME_CHARACTERISTIC, state.characteristic),
                _ => self.opaque(span),
            },
            (Effect::Execute, Value::Environment(id)) => self.execute(*id, given.into_iter().next().flatten(), span),
            (Effect::Name, Value::Stream(stream)) => {
                if let Some((value, at)) = &given[0] {
                    let name = match value {
                        Value::Str(text) => Some(text.to_string()),
                        Value::Opaque(_) => None,
                        value => {
                            self.report_kind(Kind::Text, value, *at, "name", "name");
                            None
                        }
                    };
                    if let Some(Object::Environment(state)) = self.heap.get_mut(stream.environment)
                        && let Some(node) = state.nodes.get_mut(stream.node)
                    {
                        node.name = name;
                    }
                }
                receiver.clone()
            }
            _ => self.opaque(span),
        })
    }

    fn check_constant(&mut self, value: &Value, class: &'static ApiClass, at: Span, method: &str, parameter: &str) {
        let fits = match value {
            Value::EnumConstant(of, _) => std::ptr::eq(*of, class),
            Value::Opaque(_) | Value::None => true,
            _ => false,
        };
        if !fits {
            let kind =
                if class.name == "TimeCharacteristic" { Kind::TimeCharacteristic } else { Kind::CheckpointingMode };
            self.report_kind(kind, value, at, method, parameter);
        }
    }

    fn parallelism(&mut self, value: &Value, at: Span, method: &str) -> Parallelism {
        match value {
            Value::Int(number) => match u32::try_from(number) {
                Ok(parallelism) if parallelism >= 1 => Parallelism::Known(parallelism),
                _ => {
                    self.report(
                        Diagnostic::error("parallelism", format!("the parallelism must be at least 1, not {number}"))
                            .at(at)
                            .label("must be positive")
                            .help("leave the call out for the default, or give it 1 or more"),
                    );
                    Parallelism::Default
                }
            },
            Value::Opaque(_) => Parallelism::Opaque,
            Value::Object(id) if self.is_unknown(*id) => Parallelism::Opaque,
            _ => {
                self.report_kind(Kind::Int, value, at, method, "parallelism");
                Parallelism::Default
            }
        }
    }

    /// `parallelism.default` of a configuration that is passed.
    fn configured(&self, value: &Value) -> Parallelism {
        let Value::Object(id) = value else { return Parallelism::Opaque };
        let Object::Dict(table) = self.heap.get(*id) else { return Parallelism::Opaque };
        let key = super::table::Key::Str("parallelism.default".into());
        match table.get(&key) {
            None => Parallelism::Default,
            Some(Value::Int(number)) => u32::try_from(number).map_or(Parallelism::Opaque, Parallelism::Known),
            Some(Value::Str(text)) => text.parse().map_or(Parallelism::Opaque, Parallelism::Known),
            Some(_) => Parallelism::Opaque,
        }
    }

    fn new_environment(&mut self, parallelism: Parallelism, span: Span) -> Value {
        let id = self.add(Object::Environment(EnvironmentState {
            span,
            nodes: Vec::new(),
            parallelism,
            characteristic: "ProcessingTime",
            incomplete: false,
            since: 0,
        }));
        if let Some(Object::World(world)) = self.heap.get_mut(self.world) {
            world.environments.push(id);
        }
        Value::Environment(id)
    }

    fn execute(&mut self, id: ObjectId, name: Given, span: Span) -> Value {
        let name = name.and_then(|(value, _)| self.display(&value).filter(|_| !matches!(value, Value::None)));
        let Some(Object::Environment(state)) = self.heap.get_mut(id) else { return self.opaque(span) };
        let (since, until) = (state.since, state.nodes.len());
        state.since = until;
        if let Some(Object::World(world)) = self.heap.get_mut(self.world) {
            world.executions.push(ExecutionState { environment: id, since, until, name, span });
        }
        self.opaque(span)
    }

    pub fn call_time_unit(&mut self, unit: &'static str, arguments: Arguments, span: Span) -> Eval<Value> {
        let Some(values) = arguments.plain() else { return Ok(self.opaque(span)) };
        let wanted = if unit == "of" { 2 } else { 1 };
        if values.len() != wanted {
            self.report(
                Diagnostic::error(
                    "wrong-arguments",
                    format!("{unit}() takes {}, but {} are given", plural(wanted), values.len()),
                )
                .at(span)
                .label("wrong arguments")
                .help(if unit == "of" {
                    "write `Time.of(5, TimeUnit.SECONDS)`"
                } else {
                    "write `seconds(5)`"
                }),
            );
            return Ok(self.poison(span));
        }
        let factor = |unit: &str| classes::TIME_UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
        let factor = match (unit, values.get(1)) {
            ("of", Some(Value::EnumConstant(_, constant))) => factor(&constant.to_lowercase()),
            ("of", _) => None,
            (unit, _) => factor(unit),
        };
        match (&values[0], factor) {
            (Value::Int(number), Some(factor)) => Ok(Value::Time(number * factor)),
            (Value::Opaque(_), _) | (_, None) => Ok(self.opaque(span)),
            (value, _) => {
                let at = arguments.positional[0].1;
                let value = value.clone();
                self.report_kind(Kind::Int, &value, at, unit, "size");
                Ok(self.poison(span))
            }
        }
    }
}

fn plural(count: usize) -> String {
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
