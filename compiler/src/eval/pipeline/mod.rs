//! Calls of the API: what they add to the graph, and what is wrong with their arguments.

mod arguments;
mod mistakes;
mod settings;

use super::Evaluator;
use super::branch::Eval;
use super::call::Arguments;
use super::value::*;
use crate::api::methods::{Effect, Method, StreamType};
use crate::graph::{Argument, Node};
use num_bigint::BigInt;
use pyflink_plan::{Diagnostic, Literal, OperatorKind, Parallelism, Span};

/// An argument of a call with its place.
type Given = Option<(Value, Span)>;
/// The arguments of the parameters, and those beyond them.
type Sorted = (Vec<Given>, Vec<(Value, Span)>);

impl<'a> Evaluator<'a> {
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
}
