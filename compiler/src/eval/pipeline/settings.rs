//! Calls that add no operator: environments, parallelism, time, `execute()`.

use super::super::Evaluator;
use super::super::branch::Eval;
use super::super::call::Arguments;
use super::super::value::*;
use super::Given;
use super::arguments::plural;
use crate::api::classes;
use crate::api::classes::ApiClass;
use crate::api::methods::{Effect, Kind, Method};
use num_bigint::BigInt;
use pyflink_plan::{Diagnostic, Parallelism, Span};

impl<'a> Evaluator<'a> {
    /// Calls that add no operator.
    pub(super) fn setting(
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

    pub(super) fn check_constant(
        &mut self,
        value: &Value,
        class: &'static ApiClass,
        at: Span,
        method: &str,
        parameter: &str,
    ) {
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

    pub(super) fn parallelism(&mut self, value: &Value, at: Span, method: &str) -> Parallelism {
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
    pub(super) fn configured(&self, value: &Value) -> Parallelism {
        let Value::Object(id) = value else { return Parallelism::Opaque };
        let Object::Dict(table) = self.heap.get(*id) else { return Parallelism::Opaque };
        let key = crate::eval::table::Key::Str("parallelism.default".into());
        match table.get(&key) {
            None => Parallelism::Default,
            Some(Value::Int(number)) => u32::try_from(number).map_or(Parallelism::Opaque, Parallelism::Known),
            Some(Value::Str(text)) => text.parse().map_or(Parallelism::Opaque, Parallelism::Known),
            Some(_) => Parallelism::Opaque,
        }
    }

    pub(super) fn new_environment(&mut self, parallelism: Parallelism, span: Span) -> Value {
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

    pub(super) fn execute(&mut self, id: ObjectId, name: Given, span: Span) -> Value {
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
