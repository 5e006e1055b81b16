//! Drawings of a plan: text for Graphviz and Mermaid, SVG, and a page to click through in a browser.
//!
//! [`graph`] says what is drawn, [`layout`] where each box and line goes, the others write it down.

mod graph;
mod html;
mod layout;
mod svg;
mod text;

pub use html::html;
pub use svg::svg;
pub use text::{dot, mermaid};

use pyflink_plan::OperatorId;
use std::collections::BTreeMap;

/// What a run has measured, to be shown with the operators.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// Names and values of the whole run, for the head of a page.
    pub run: Vec<(String, String)>,
    /// By variant and job (positions in the plan) and operator.
    pub operators: BTreeMap<(usize, usize, OperatorId), Mark>,
}

/// What was measured of one operator.
#[derive(Clone, Debug)]
pub struct Mark {
    /// One line for its box.
    pub line: String,
    /// Names and values, for a table.
    pub rows: Vec<(String, String)>,
    /// Its part of the job's time, 0 to 1.
    pub share: f64,
}

/// Text for SVG and HTML, in content and in attributes.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Not allowed in XML, not even escaped.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
        out
    })
}
