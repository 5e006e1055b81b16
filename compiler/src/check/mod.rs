//! What can be wrong with a graph as a whole, path by path through `main`, and with names in functions.

use crate::graph::Path;
use pyflink_plan::{Diagnostic, Sources};

mod dead_end;
mod iteration;
mod not_executed;
mod same_path;
mod undefined;

pub use undefined::check as undefined_names;

/// All findings on one path.
pub fn path(path: &Path, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    not_executed::check(path, &mut found);
    iteration::check(path, &mut found);
    dead_end::check(path, &mut found);
    same_path::check(path, sources, &mut found);
    found
}
