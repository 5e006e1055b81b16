//! The plan in memory: variants of jobs of operators.
//!
//! An operator stands for one call of the API that made a stream or a sink, in the order of the
//! calls, so inputs always have smaller ids. The one back edge is that of an iteration:
//! [`OperatorKind::CloseWith`] has the feedback as input and names its head in [`Operator::iteration`].

use crate::ir::Body;
use crate::{Diagnostic, Literal, Sources, Span};
use std::fmt;

/// Everything `pyflink-run` needs to know of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Version of the compiler that wrote it.
    pub compiler: String,
    pub sources: Sources,
    /// True if the graph was taken from a run of `main` (`--record`) and not from reading it.
    pub recorded: bool,
    /// One per way through the script's opaque branches; at least one.
    pub variants: Vec<Variant>,
    pub functions: Vec<Function>,
    /// The warnings of the compilation (a plan is not written where there are errors).
    pub diagnostics: Vec<Diagnostic>,
}

/// One way through `main`, and the jobs it executes, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    pub when: Vec<Condition>,
    pub jobs: Vec<Job>,
}

/// An opaque condition and the side that was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub span: Span,
    /// Source text of the condition.
    pub text: String,
    pub taken: bool,
}

/// What one `execute()` runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The name given to `execute(name)`, if known.
    pub name: Option<String>,
    /// Of the `execute()` call.
    pub span: Span,
    /// In creation order; `operators[i].id == OperatorId(i)`.
    pub operators: Vec<Operator>,
    /// Operators that run without an exchange between them. Each operator is in exactly one of them, unless
    /// it is pruned or the same as another one.
    pub chains: Vec<Chain>,
    /// Operators that reach no sink, so that they don't run. Ascending.
    pub pruned: Vec<OperatorId>,
    /// Functions of several operators have something in common that one of them changes: each element goes through the job
    /// before the next one.
    pub lockstep: bool,
    /// Windows that are one operator with the function behind them.
    pub fused: Vec<Fusion>,
    /// What the passes did to this job, in the order in which they ran.
    pub decisions: Vec<Decision>,
}

/// A window and its function as one operator, which takes the keys from `key_by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fusion {
    pub key_by: OperatorId,
    pub window: OperatorId,
    /// `window_reduce`: holds one accumulator per key and window. `window_apply`: holds the elements.
    pub function: OperatorId,
}

/// What a pass did, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub pass: String,
    pub message: String,
    /// Of the operator it is about.
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperatorId(pub u32);

impl OperatorId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Operator {
    pub id: OperatorId,
    pub kind: OperatorKind,
    pub inputs: Vec<Input>,
    /// In the order of [`OperatorKind::parameters`].
    pub args: Vec<(String, Arg)>,
    pub parallelism: Parallelism,
    /// Given by `.name(text)`.
    pub name: Option<String>,
    /// From the method's name to the end of the call.
    pub span: Span,
    /// For [`OperatorKind::CloseWith`]: the head of the iteration it closes.
    pub iteration: Option<OperatorId>,
    /// Type of what it gives, in Python's notation (`tuple[str, int]`), where it is known for all elements.
    pub elements: Option<String>,
    /// An earlier operator that gives the same elements, so that this one doesn't run and its readers read that one.
    pub same_as: Option<OperatorId>,
}

impl Job {
    /// The operator that gives what is read from `id`: itself, or the one that it is the same as.
    pub fn giver(&self, id: OperatorId) -> OperatorId {
        self.operators[id.index()].same_as.unwrap_or(id)
    }
}

impl Operator {
    pub fn arg(&self, name: &str) -> Option<&Arg> {
        self.args.iter().find(|(n, _)| n == name).map(|(_, arg)| arg)
    }

    /// The given name, or the call's.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(self.kind.call())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    pub operator: OperatorId,
    pub partition: Partition,
}

/// How rows find their subtask on an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partition {
    /// Same parallelism on both sides: a row stays in its subtask.
    Forward,
    /// Rows are dealt to subtasks in turn.
    RoundRobin,
    /// By key group.
    Hash,
    /// Forward or round robin, decided when the parallelism is known (at run time).
    ByParallelism,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parallelism {
    /// Set in the script, or 1 where nothing else is possible (a Python source).
    Known(u32),
    /// `parallelism.default` of the configuration, else 1.
    Default,
    /// Set in the script to something known only at run time.
    Opaque,
}

/// Operators through which a batch goes without an exchange, in the order of the calls. It may branch, and unite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    pub operators: Vec<OperatorId>,
}

/// An argument of an API call.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    Known(Literal),
    Function(FunctionId),
    /// Known only at run time; the span is where it came from.
    Opaque(Span),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u32);

/// A function object that an operator calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Class name, function name, or `<lambda>`.
    pub name: String,
    /// The method that is called (`flatMap`); empty for a plain function.
    pub method: String,
    /// Of the method, function or lambda that is called; of the argument where its source is unknown.
    pub span: Span,
    /// What the runtime can compile; `Err` says why it stays in Python.
    pub body: Result<Body, Reason>,
    /// What will become of it, for the elements that the script gives it.
    pub mode: Mode,
    /// It may change what it is handed or what it gave, or functions before or behind it may: where CPython calls it,
    /// results are handed on as they are then, and elements that others are handed too are copied for it.
    pub shares: bool,
    /// It may keep what it is handed, beyond the call: where that goes on, as behind a filter, a copy does.
    pub keeps: bool,
}

/// How a function will run, as far as that is known before the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As machine code.
    Native,
    /// As machine code that leaves to CPython what it can't do exactly: an int of more than 64 bits, an exception.
    Guarded,
    /// As machine code, if there is some for the types that come; the reason says which type only the run can tell.
    Late(Reason),
    /// In CPython.
    Python(Reason),
}

impl Mode {
    /// Of a function of which nothing more is known than its body.
    pub fn of(body: &Result<Body, Reason>, span: Span) -> Mode {
        match body {
            Ok(_) => Mode::Late(Reason::late("nothing is known of its elements", span)),
            Err(reason) => Mode::Python(reason.clone()),
        }
    }

    /// The name in plan files and in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Mode::Native => "native",
            Mode::Guarded => "guarded",
            Mode::Late(_) => "late",
            Mode::Python(_) => "python",
        }
    }

    /// Why it is none of the first two.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Mode::Native | Mode::Guarded => None,
            Mode::Late(reason) | Mode::Python(reason) => Some(reason),
        }
    }
}

/// Why a function isn't compiled, and what to do about it. As text, `message; edit`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    pub message: String,
    /// The change of the script that makes it native; empty where only the run tells, and nothing has to be changed.
    pub edit: String,
}

impl Cause {
    pub fn new(message: impl Into<String>, edit: impl Into<String>) -> Cause {
        let cause = Cause { message: message.into(), edit: edit.into() };
        debug_assert!(!cause.edit.is_empty(), "{} has no edit", cause.message);
        cause
    }

    pub fn at(self, span: Span) -> Reason {
        Reason { why: Box::new(self), span }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.edit.as_str() {
            "" => f.write_str(&self.message),
            edit => write!(f, "{}; {edit}", self.message),
        }
    }
}

/// Why a function isn't compiled, and where. There is none without an edit, but for what only the run tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub why: Box<Cause>,
    /// Of what can't be compiled.
    pub span: Span,
}

impl Reason {
    pub fn new(message: impl Into<String>, edit: impl Into<String>, span: Span) -> Reason {
        Cause::new(message, edit).at(span)
    }

    /// Of a function that is native as soon as the run tells a type.
    pub fn late(message: impl Into<String>, span: Span) -> Reason {
        Cause { message: message.into(), edit: String::new() }.at(span)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)
    }
}

macro_rules! operator_kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal ($($param:literal),*),)*) => {
        /// The calls that make an operator.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OperatorKind { $($(#[$doc])* $kind,)* }

        impl OperatorKind {
            pub const ALL: &'static [OperatorKind] = &[$(OperatorKind::$kind,)*];

            /// The name in plan files, in `pyflink-inspect` and in the recorder.
            pub fn name(self) -> &'static str {
                match self { $(OperatorKind::$kind => $name,)* }
            }

            /// The name of the call in a script.
            pub fn call(self) -> &'static str {
                match self {
                    OperatorKind::WindowReduce => "reduce",
                    OperatorKind::WindowApply => "apply",
                    _ => self.name(),
                }
            }

            /// Names of its arguments, in order.
            pub fn parameters(self) -> &'static [&'static str] {
                match self { $(OperatorKind::$kind => &[$($param),*],)* }
            }
        }
    };
}

operator_kinds! {
    PythonSource "create_python_source" ("function"),
    FromElements "from_elements" ("elements"),
    FromCollection "from_collection" ("collection"),
    GenerateSequence "generate_sequence" ("from", "to"),
    ReadTextFile "read_text_file" ("path"),
    SocketTextStream "socket_text_stream" ("host", "port"),
    AddJavaSource "add_java_source" ("source"),
    Map "map" ("function"),
    FlatMap "flat_map" ("function"),
    Filter "filter" ("function"),
    KeyBy "key_by" ("function"),
    Union "union" (),
    Split "split" ("function"),
    /// `names` is a list of str.
    Select "select" ("names"),
    Iterate "iterate" ("max_wait_ms"),
    /// Input: the feedback. See [`Operator::iteration`].
    CloseWith "close_with" (),
    /// Rolling reduce of a keyed stream.
    Reduce "reduce" ("function"),
    /// Elements; `slide` is None for a tumbling window.
    CountWindow "count_window" ("size", "slide"),
    /// Milliseconds; `slide` is None for a tumbling window.
    TimeWindow "time_window" ("size", "slide"),
    /// Reduce of a windowed stream.
    WindowReduce "window_reduce" ("function"),
    WindowApply "window_apply" ("function"),
    Output "output" ("identifier"),
    /// `mode` is "NO_OVERWRITE" or "OVERWRITE".
    WriteAsText "write_as_text" ("path", "mode"),
    WriteToSocket "write_to_socket" ("host", "port", "schema"),
    AddSink "add_sink" ("function"),
}

impl OperatorKind {
    pub fn from_name(name: &str) -> Option<OperatorKind> {
        OperatorKind::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    pub fn is_source(self) -> bool {
        self <= OperatorKind::AddJavaSource
    }

    pub fn is_sink(self) -> bool {
        self >= OperatorKind::Output
    }

    /// Sources that run as one subtask whatever the environment's parallelism.
    pub fn is_sequential(self) -> bool {
        use OperatorKind::*;
        matches!(self, PythonSource | FromElements | FromCollection | SocketTextStream | AddJavaSource)
    }
}

impl fmt::Display for OperatorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
