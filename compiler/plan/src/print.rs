//! The plan as a person wants to read it.

use crate::Plan;

pub fn text(_plan: &Plan) -> String {
    String::new()
}
