//! From text to syntax tree, and what can be said of a tree without evaluating it.

pub mod ast;
mod live;
pub mod mask;
pub mod parse;
pub mod python2;
mod rename;
pub mod scope;
pub mod unfinished;
pub mod versions;
pub mod walk;
