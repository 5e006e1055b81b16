//! Which names can be imported from which module of the API.

use super::classes::*;

/// What an importable name stands for.
#[derive(Clone, Copy, Debug)]
pub enum Item {
    Class(&'static ApiClass),
    /// A unit of `Time` (`milliseconds`), or `of`.
    TimeUnit(&'static str),
}

type Module = (&'static str, &'static [(&'static str, Item)]);

/// Every module that exists on the way to a name; `Time` and `FileSystem` are classes that can be imported from.
pub const MODULES: &[Module] = &[
    (
        "org.apache.flink.api.common.functions",
        &[
            ("Function", Item::Class(&FUNCTION)),
            ("RichFunction", Item::Class(&RICH_FUNCTION)),
            ("AbstractRichFunction", Item::Class(&RICH_FUNCTION)),
            ("Collector", Item::Class(&COLLECTOR)),
            ("MapFunction", Item::Class(&MAP_FUNCTION)),
            ("FlatMapFunction", Item::Class(&FLAT_MAP_FUNCTION)),
            ("FilterFunction", Item::Class(&FILTER_FUNCTION)),
            ("ReduceFunction", Item::Class(&REDUCE_FUNCTION)),
            ("RichMapFunction", Item::Class(&RICH_MAP_FUNCTION)),
            ("RichFlatMapFunction", Item::Class(&RICH_FLAT_MAP_FUNCTION)),
            ("RichFilterFunction", Item::Class(&RICH_FILTER_FUNCTION)),
            ("RichReduceFunction", Item::Class(&RICH_REDUCE_FUNCTION)),
        ],
    ),
    ("org.apache.flink.api.java.functions", &[("KeySelector", Item::Class(&KEY_SELECTOR))]),
    ("org.apache.flink.streaming.api.collector.selector", &[("OutputSelector", Item::Class(&OUTPUT_SELECTOR))]),
    (
        "org.apache.flink.streaming.api.functions.windowing",
        &[
            ("WindowFunction", Item::Class(&WINDOW_FUNCTION)),
            ("RichWindowFunction", Item::Class(&RICH_WINDOW_FUNCTION)),
        ],
    ),
    (
        "org.apache.flink.streaming.api.functions.source",
        &[
            ("SourceFunction", Item::Class(&SOURCE_FUNCTION)),
            ("RichSourceFunction", Item::Class(&RICH_SOURCE_FUNCTION)),
            ("ParallelSourceFunction", Item::Class(&SOURCE_FUNCTION)),
            ("SourceContext", Item::Class(&SOURCE_CONTEXT)),
        ],
    ),
    (
        "org.apache.flink.streaming.api.functions.sink",
        &[("SinkFunction", Item::Class(&SINK_FUNCTION)), ("RichSinkFunction", Item::Class(&RICH_SINK_FUNCTION))],
    ),
    ("org.apache.flink.streaming.python.util", &[("PythonIterator", Item::Class(&PYTHON_ITERATOR))]),
    ("org.apache.flink.api.common.serialization", SCHEMAS),
    ("org.apache.flink.streaming.util.serialization", SCHEMAS),
    ("org.apache.flink.streaming.api.windowing.time", &[("Time", Item::Class(&TIME))]),
    (
        "org.apache.flink.streaming.api.windowing.time.Time",
        &[
            ("milliseconds", Item::TimeUnit("milliseconds")),
            ("seconds", Item::TimeUnit("seconds")),
            ("minutes", Item::TimeUnit("minutes")),
            ("hours", Item::TimeUnit("hours")),
            ("days", Item::TimeUnit("days")),
            ("of", Item::TimeUnit("of")),
        ],
    ),
    ("org.apache.flink.core.fs", &[("FileSystem", Item::Class(&FILE_SYSTEM)), ("WriteMode", Item::Class(&WRITE_MODE))]),
    ("org.apache.flink.core.fs.FileSystem", &[("WriteMode", Item::Class(&WRITE_MODE))]),
    (
        "org.apache.flink.streaming.api",
        &[
            ("CheckpointingMode", Item::Class(&CHECKPOINTING_MODE)),
            ("TimeCharacteristic", Item::Class(&TIME_CHARACTERISTIC)),
        ],
    ),
    ("org.apache.flink.api.java.utils", &[("ParameterTool", Item::Class(&PARAMETER_TOOL))]),
    (
        "org.apache.flink.streaming.python.api.environment",
        &[("PythonStreamExecutionEnvironment", Item::Class(&ENVIRONMENT_FACTORY))],
    ),
    (
        "org.apache.flink.streaming.python.api.datastream",
        &[
            ("DataStream", Item::Class(&STREAM_CLASS)),
            ("KeyedStream", Item::Class(&STREAM_CLASS)),
            ("WindowedStream", Item::Class(&STREAM_CLASS)),
            ("SplitStream", Item::Class(&STREAM_CLASS)),
            ("IterativeStream", Item::Class(&STREAM_CLASS)),
        ],
    ),
    (
        "org.apache.flink.streaming.api.windowing.windows",
        &[("GlobalWindow", Item::Class(&WINDOW)), ("TimeWindow", Item::Class(&WINDOW))],
    ),
    ("org.apache.flink.configuration", &[("Configuration", Item::Class(&CONFIGURATION))]),
    ("java.util.concurrent", &[("TimeUnit", Item::Class(&TIME_UNIT))]),
    (
        "java.util",
        &[("NoSuchElementException", Item::Class(&NO_SUCH_ELEMENT)), ("Properties", Item::Class(&PROPERTIES))],
    ),
];

const SCHEMAS: &[(&str, Item)] = &[
    ("SerializationSchema", Item::Class(&SERIALIZATION_SCHEMA)),
    ("DeserializationSchema", Item::Class(&DESERIALIZATION_SCHEMA)),
    ("SimpleStringSchema", Item::Class(&SIMPLE_STRING_SCHEMA)),
];

/// True if a module of this name would belong to the API, whether there is one or not.
pub fn is_api(module: &str) -> bool {
    module.split('.').next() == Some("java") || under(module, "org.apache.flink")
}

/// True for the packages on the way to the API's modules, and the modules themselves.
pub fn exists(module: &str) -> bool {
    MODULES.iter().any(|(name, _)| under(name, module))
}

pub fn lookup(module: &str, name: &str) -> Option<Item> {
    members(module).find(|(member, _)| *member == name).map(|(_, item)| item)
}

/// The names in one module.
pub fn members(module: &str) -> impl Iterator<Item = (&'static str, Item)> {
    MODULES.iter().filter(move |(name, _)| *name == module).flat_map(|(_, items)| items.iter().copied())
}

/// All names with the module that each is in.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    MODULES.iter().flat_map(|(module, items)| items.iter().map(move |(name, _)| (*module, *name)))
}

fn under(module: &str, package: &str) -> bool {
    module.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_their_modules_only() {
        assert!(lookup("java.util", "Properties").is_some());
        assert!(lookup("org.apache.flink.streaming.api", "MapFunction").is_none());
        assert!(exists("org.apache"));
        assert!(!exists("org.apache.fl"));
        assert!(is_api("org.apache.flink.nothing") && is_api("java") && !is_api("javax.swing") && !is_api("org.json"));
    }
}
