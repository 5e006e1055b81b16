//! From logical graphs to jobs of the plan. Each pass takes a valid job and gives a valid job.

pub mod chain;
pub mod lower;
pub mod partition;
