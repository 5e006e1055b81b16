//! What a plan file holds and nothing else: jobs of operators, the functions they call, the sources
//! they come from, and what the compiler said about them. Reading, writing, verifying, printing.
//!
//! The types of [`model`] are what the compiler builds and the runtime binds; [`file`] mirrors them
//! for serialisation, so that code can change without breaking files.

pub mod bytes;
pub mod diagnostic;
pub mod diff;
pub mod exception;
pub mod file;
pub mod infer;
pub mod ir;
pub mod literal;
pub mod model;
pub mod primitive;
pub mod print;
pub mod regex;
pub mod slice;
pub mod source;
pub mod time;
pub mod typed;
pub mod typed_verify;
pub mod types;
pub mod verify;

pub use diagnostic::{Diagnostic, Note, Severity};
pub use literal::Literal;
pub use model::{
    Arg, Cause, Chain, Condition, Decision, Function, FunctionId, Fusion, Input, Job, Mode, Operator, OperatorId,
    OperatorKind, Parallelism, Partition, Plan, Reason, Variant,
};
pub use source::{SourceFile, SourceId, Sources, Span};
