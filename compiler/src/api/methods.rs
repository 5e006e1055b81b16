//! What can be called on the factory, on environments and on streams: parameters, what each takes, what comes back.

use super::classes::Call;
use pyflink_plan::OperatorKind::{self, *};

/// One callable name.
#[derive(Debug)]
pub struct Method {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    /// Takes any number of further arguments; what each must be.
    pub rest: Option<Kind>,
    pub effect: Effect,
}

#[derive(Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
}

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Any,
    Int,
    Text,
    /// Text that names a file.
    Path,
    Port,
    Function(Call),
    Time,
    WriteMode,
    CheckpointingMode,
    TimeCharacteristic,
    Stream,
    /// Text, or a list of it.
    Names,
    /// Any text, or None.
    Label,
    /// A parallelism or a mapping.
    Config,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Adds an operator; its result is a stream of that type.
    Operator(OperatorKind, StreamType),
    /// Adds a sink.
    Sink(OperatorKind),
    CreateEnvironment,
    CreateLocalEnvironment,
    CreateRemoteEnvironment,
    EnableCheckpointing,
    SetParallelism,
    GetParallelism,
    SetTimeCharacteristic,
    GetTimeCharacteristic,
    Execute,
    CloseWith,
    Name,
}

/// Which calls a stream has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StreamType {
    Data,
    Keyed,
    Windowed,
    Split,
    Iterative,
    /// What a sink call gives.
    Sink,
}

impl StreamType {
    /// As it is called in messages.
    pub fn title(self) -> &'static str {
        match self {
            StreamType::Data => "stream",
            StreamType::Keyed => "keyed stream",
            StreamType::Windowed => "windowed stream",
            StreamType::Split => "split stream",
            StreamType::Iterative => "iterative stream",
            StreamType::Sink => "sink",
        }
    }

    pub fn methods(self) -> impl Iterator<Item = &'static Method> {
        let own: &[Method] = match self {
            StreamType::Data => &[],
            StreamType::Keyed => KEYED,
            StreamType::Windowed => WINDOWED,
            StreamType::Split => SPLIT,
            StreamType::Iterative => ITERATIVE,
            StreamType::Sink => SINK,
        };
        let common: &[Method] = match self {
            StreamType::Windowed | StreamType::Sink => &[],
            _ => STREAM,
        };
        own.iter().chain(common)
    }

    pub fn method(self, name: &str) -> Option<&'static Method> {
        self.methods().find(|method| method.name == name)
    }

    pub const ALL: &'static [StreamType] =
        &[StreamType::Data, StreamType::Keyed, StreamType::Windowed, StreamType::Split, StreamType::Iterative];
}

const fn required(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, required: true }
}

const fn optional(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, required: false }
}

const fn method(name: &'static str, parameters: &'static [Parameter], effect: Effect) -> Method {
    Method { name, parameters, rest: None, effect }
}

const fn gives(kind: OperatorKind) -> Effect {
    Effect::Operator(kind, StreamType::Data)
}

pub const FACTORY: &[Method] = &[
    method("get_execution_environment", &[], Effect::CreateEnvironment),
    Method {
        name: "create_local_execution_environment",
        parameters: &[],
        rest: Some(Kind::Config),
        effect: Effect::CreateLocalEnvironment,
    },
    Method {
        name: "create_remote_execution_environment",
        parameters: &[required("host", Kind::Text), required("port", Kind::Port)],
        rest: Some(Kind::Any),
        effect: Effect::CreateRemoteEnvironment,
    },
];

pub const ENVIRONMENT: &[Method] = &[
    method("create_python_source", &[required("source", Kind::Function(Call::Source))], gives(PythonSource)),
    Method { name: "from_elements", parameters: &[], rest: Some(Kind::Any), effect: gives(FromElements) },
    method("from_collection", &[required("collection", Kind::Any)], gives(FromCollection)),
    method("generate_sequence", &[required("from_", Kind::Int), required("to", Kind::Int)], gives(GenerateSequence)),
    method("read_text_file", &[required("path", Kind::Path)], gives(ReadTextFile)),
    method("read_text", &[required("path", Kind::Path)], gives(ReadTextFile)),
    method(
        "socket_text_stream",
        &[required("host", Kind::Text), required("port", Kind::Port)],
        gives(SocketTextStream),
    ),
    method("add_java_source", &[required("source", Kind::Any)], gives(AddJavaSource)),
    method(
        "enable_checkpointing",
        &[required("interval", Kind::Int), optional("mode", Kind::CheckpointingMode)],
        Effect::EnableCheckpointing,
    ),
    method("set_parallelism", &[required("parallelism", Kind::Int)], Effect::SetParallelism),
    method("get_parallelism", &[], Effect::GetParallelism),
    method(
        "set_stream_time_characteristic",
        &[required("characteristic", Kind::TimeCharacteristic)],
        Effect::SetTimeCharacteristic,
    ),
    method("get_stream_time_characteristic", &[], Effect::GetTimeCharacteristic),
    method("execute", &[optional("name", Kind::Label)], Effect::Execute),
];

const STREAM: &[Method] = &[
    method("map", &[required("function", Kind::Function(Call::Map))], gives(Map)),
    method("flat_map", &[required("function", Kind::Function(Call::FlatMap))], gives(FlatMap)),
    method("filter", &[required("function", Kind::Function(Call::Filter))], gives(Filter)),
    method("key_by", &[required("selector", Kind::Function(Call::KeyBy))], Effect::Operator(KeyBy, StreamType::Keyed)),
    Method { name: "union", parameters: &[], rest: Some(Kind::Stream), effect: gives(Union) },
    method("split", &[required("selector", Kind::Function(Call::Split))], Effect::Operator(Split, StreamType::Split)),
    method("iterate", &[optional("max_wait", Kind::Int)], Effect::Operator(Iterate, StreamType::Iterative)),
    method("output", &[optional("identifier", Kind::Label)], Effect::Sink(Output)),
    method("print", &[optional("identifier", Kind::Label)], Effect::Sink(Output)),
    method(
        "write_as_text",
        &[required("path", Kind::Path), optional("mode", Kind::WriteMode)],
        Effect::Sink(WriteAsText),
    ),
    method(
        "write_to_socket",
        &[
            required("host", Kind::Text),
            required("port", Kind::Port),
            required("schema", Kind::Function(Call::Serialize)),
        ],
        Effect::Sink(WriteToSocket),
    ),
    method("add_sink", &[required("function", Kind::Function(Call::Sink))], Effect::Sink(AddSink)),
    method("name", &[required("name", Kind::Text)], Effect::Name),
];

const KEYED: &[Method] = &[
    method("reduce", &[required("function", Kind::Function(Call::Reduce))], gives(Reduce)),
    method(
        "count_window",
        &[required("size", Kind::Int), optional("slide", Kind::Int)],
        Effect::Operator(CountWindow, StreamType::Windowed),
    ),
    method(
        "time_window",
        &[required("size", Kind::Time), optional("slide", Kind::Time)],
        Effect::Operator(TimeWindow, StreamType::Windowed),
    ),
];

const WINDOWED: &[Method] = &[
    method("reduce", &[required("function", Kind::Function(Call::Reduce))], gives(WindowReduce)),
    method("apply", &[required("function", Kind::Function(Call::WindowApply))], gives(WindowApply)),
];

const SPLIT: &[Method] = &[Method { name: "select", parameters: &[], rest: Some(Kind::Names), effect: gives(Select) }];

const ITERATIVE: &[Method] = &[method("close_with", &[required("feedback", Kind::Stream)], Effect::CloseWith)];

const SINK: &[Method] = &[method("name", &[required("name", Kind::Text)], Effect::Name)];

pub fn factory(name: &str) -> Option<&'static Method> {
    FACTORY.iter().find(|method| method.name == name)
}

pub fn environment(name: &str) -> Option<&'static Method> {
    ENVIRONMENT.iter().find(|method| method.name == name)
}

/// The type of stream that has a method which `name` isn't on another type; `None` if no stream has it.
pub fn stream_with(name: &str) -> Option<StreamType> {
    StreamType::ALL.iter().copied().find(|of| of.method(name).is_some())
}
