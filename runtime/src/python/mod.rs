//! The Python boundary: which interpreter, what it imports, how a script is started, tracebacks, signals.

pub mod boot;
pub mod interpreter;
pub mod package;
pub mod signals;
