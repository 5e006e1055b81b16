//! From text to syntax tree, and what can be said of a tree without evaluating it.

pub mod ast;
