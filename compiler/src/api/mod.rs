//! What scripts may import from `org.apache.flink` and `java`, and what they may call on the factory, on
//! environments and on streams. Tables only; what a call means for the graph is said in `eval/`.

pub mod classes;
pub mod imports;
pub mod methods;
pub mod suggest;
