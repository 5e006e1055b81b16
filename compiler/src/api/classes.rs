//! Classes that scripts import: those that they derive functions from, and the few that they use as they are.

/// A class of the API.
#[derive(Debug)]
pub struct ApiClass {
    pub name: &'static str,
    pub role: Role,
    /// Names of methods that instances have without the script defining them.
    pub methods: &'static [&'static str],
}

/// What a class is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A base of function classes; the method that an operator calls.
    Function(Call),
    /// A base of classes with other duties (`PythonIterator`, `DeserializationSchema`).
    Base,
    /// `Time`: its members are the units.
    Time,
    /// An enumeration; its constants.
    Enum(&'static [&'static str]),
    /// A class that only holds other names.
    Holder,
    ParameterTool,
    /// Has the factory's methods as static methods.
    EnvironmentFactory,
    /// Something whose instances the compiler knows nothing about.
    Plain,
    Exception,
}

/// What an operator calls on its function object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    Map,
    FlatMap,
    Filter,
    Reduce,
    KeyBy,
    Split,
    WindowApply,
    Source,
    Sink,
    Serialize,
}

/// How a [`Call`] is written in scripts.
#[derive(Debug)]
pub struct CallShape {
    pub method: &'static str,
    /// Names of the parameters of the method, without `self`.
    pub parameters: &'static [&'static str],
    /// How many positional arguments the method of a class may be called with.
    pub method_arity: &'static [usize],
    /// As `method_arity`, for a plain function; empty if a plain function is not accepted.
    pub plain_arity: &'static [usize],
    pub class: &'static str,
}

impl Call {
    pub fn shape(self) -> &'static CallShape {
        match self {
            Call::Map => &CallShape {
                method: "map",
                parameters: &["value"],
                method_arity: &[1],
                plain_arity: &[1],
                class: "MapFunction",
            },
            Call::FlatMap => &CallShape {
                method: "flatMap",
                parameters: &["value", "collector"],
                method_arity: &[2],
                plain_arity: &[2, 1],
                class: "FlatMapFunction",
            },
            Call::Filter => &CallShape {
                method: "filter",
                parameters: &["value"],
                method_arity: &[1],
                plain_arity: &[1],
                class: "FilterFunction",
            },
            Call::Reduce => &CallShape {
                method: "reduce",
                parameters: &["a", "b"],
                method_arity: &[2],
                plain_arity: &[2],
                class: "ReduceFunction",
            },
            Call::KeyBy => &CallShape {
                method: "getKey",
                parameters: &["value"],
                method_arity: &[1],
                plain_arity: &[1],
                class: "KeySelector",
            },
            Call::Split => &CallShape {
                method: "select",
                parameters: &["value"],
                method_arity: &[1],
                plain_arity: &[1],
                class: "OutputSelector",
            },
            Call::WindowApply => &CallShape {
                method: "apply",
                parameters: &["key", "window", "values", "collector"],
                method_arity: &[4],
                plain_arity: &[4, 3],
                class: "WindowFunction",
            },
            Call::Source => &CallShape {
                method: "run",
                parameters: &["ctx"],
                method_arity: &[1],
                plain_arity: &[1, 0],
                class: "SourceFunction",
            },
            Call::Sink => &CallShape {
                method: "invoke",
                parameters: &["value", "context"],
                method_arity: &[1, 2],
                plain_arity: &[1],
                class: "SinkFunction",
            },
            Call::Serialize => &CallShape {
                method: "serialize",
                parameters: &["value"],
                method_arity: &[1],
                plain_arity: &[1],
                class: "SerializationSchema",
            },
        }
    }
}

pub const TIME_UNITS: &[(&str, i64)] =
    &[("milliseconds", 1), ("seconds", 1_000), ("minutes", 60_000), ("hours", 3_600_000), ("days", 86_400_000)];

const RICH: &[&str] = &["open", "close", "getRuntimeContext", "setRuntimeContext"];

macro_rules! function_classes {
    ($($name:ident $text:literal $call:ident $methods:expr;)*) => {
        $(pub static $name: ApiClass =
            ApiClass { name: $text, role: Role::Function(Call::$call), methods: $methods };)*
    };
}

function_classes! {
    MAP_FUNCTION "MapFunction" Map &[];
    FLAT_MAP_FUNCTION "FlatMapFunction" FlatMap &[];
    FILTER_FUNCTION "FilterFunction" Filter &[];
    REDUCE_FUNCTION "ReduceFunction" Reduce &[];
    RICH_MAP_FUNCTION "RichMapFunction" Map RICH;
    RICH_FLAT_MAP_FUNCTION "RichFlatMapFunction" FlatMap RICH;
    RICH_FILTER_FUNCTION "RichFilterFunction" Filter RICH;
    RICH_REDUCE_FUNCTION "RichReduceFunction" Reduce RICH;
    KEY_SELECTOR "KeySelector" KeyBy &[];
    OUTPUT_SELECTOR "OutputSelector" Split &[];
    WINDOW_FUNCTION "WindowFunction" WindowApply &[];
    RICH_WINDOW_FUNCTION "RichWindowFunction" WindowApply RICH;
    SOURCE_FUNCTION "SourceFunction" Source &["cancel"];
    RICH_SOURCE_FUNCTION "RichSourceFunction" Source &["cancel", "open", "close", "getRuntimeContext"];
    SINK_FUNCTION "SinkFunction" Sink &[];
    RICH_SINK_FUNCTION "RichSinkFunction" Sink RICH;
    SERIALIZATION_SCHEMA "SerializationSchema" Serialize &[];
    SIMPLE_STRING_SCHEMA "SimpleStringSchema" Serialize &["serialize", "deserialize", "isEndOfStream"];
}

pub static DESERIALIZATION_SCHEMA: ApiClass =
    ApiClass { name: "DeserializationSchema", role: Role::Base, methods: &["deserialize", "isEndOfStream"] };
pub static FUNCTION: ApiClass = ApiClass { name: "Function", role: Role::Base, methods: &[] };
pub static RICH_FUNCTION: ApiClass = ApiClass { name: "RichFunction", role: Role::Base, methods: RICH };
pub static COLLECTOR: ApiClass = ApiClass { name: "Collector", role: Role::Plain, methods: &[] };
pub static SOURCE_CONTEXT: ApiClass = ApiClass { name: "SourceContext", role: Role::Plain, methods: &[] };
pub static STREAM_CLASS: ApiClass = ApiClass { name: "DataStream", role: Role::Plain, methods: &[] };
pub static WINDOW: ApiClass = ApiClass { name: "Window", role: Role::Plain, methods: &[] };
pub static CONFIGURATION: ApiClass = ApiClass { name: "Configuration", role: Role::Plain, methods: &[] };
pub static TIME_UNIT: ApiClass = ApiClass {
    name: "TimeUnit",
    role: Role::Enum(&["MILLISECONDS", "SECONDS", "MINUTES", "HOURS", "DAYS"]),
    methods: &[],
};
pub static PYTHON_ITERATOR: ApiClass =
    ApiClass { name: "PythonIterator", role: Role::Base, methods: &["hasNext", "next"] };
pub static TIME: ApiClass = ApiClass { name: "Time", role: Role::Time, methods: &["toMilliseconds"] };
pub static WRITE_MODE: ApiClass =
    ApiClass { name: "WriteMode", role: Role::Enum(&["NO_OVERWRITE", "OVERWRITE"]), methods: &[] };
pub static FILE_SYSTEM: ApiClass = ApiClass { name: "FileSystem", role: Role::Holder, methods: &[] };
pub static CHECKPOINTING_MODE: ApiClass =
    ApiClass { name: "CheckpointingMode", role: Role::Enum(&["EXACTLY_ONCE", "AT_LEAST_ONCE"]), methods: &[] };
pub static TIME_CHARACTERISTIC: ApiClass = ApiClass {
    name: "TimeCharacteristic",
    role: Role::Enum(&["ProcessingTime", "IngestionTime", "EventTime"]),
    methods: &[],
};
pub static PARAMETER_TOOL: ApiClass = ApiClass { name: "ParameterTool", role: Role::ParameterTool, methods: &[] };
pub static NO_SUCH_ELEMENT: ApiClass =
    ApiClass { name: "NoSuchElementException", role: Role::Exception, methods: &["getMessage"] };
pub static PROPERTIES: ApiClass = ApiClass { name: "Properties", role: Role::Plain, methods: &[] };
pub static ENVIRONMENT_FACTORY: ApiClass =
    ApiClass { name: "PythonStreamExecutionEnvironment", role: Role::EnvironmentFactory, methods: &[] };
