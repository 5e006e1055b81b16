//! What is made of a logical graph: each pass takes a valid job and gives a valid job, and says what it did.
//!
//! A pass changes how a job runs, never what it gives: with any of them left out, results are the same bytes.

use crate::facts::Facts;
use pyflink_plan::{Decision, Job, Operator, Sources, Span};
use std::rc::Rc;

mod chain;
mod exchange;
mod fuse;
mod lockstep;
pub mod lower;
mod prune;
mod share;

/// One pass over a job.
#[derive(Debug)]
pub struct Pass {
    /// As `--passes` takes it.
    pub name: &'static str,
    /// One line for the help.
    pub about: &'static str,
    run: fn(&mut Job, &mut Report),
}

/// All passes, in the order in which they run.
pub const ALL: &[Pass] = &[
    Pass { name: "share", about: "what is the same is computed once", run: share::run },
    Pass { name: "prune", about: "operators that reach no sink don't run", run: prune::run },
    Pass {
        name: "exchange",
        about: "rows change subtask only where parallelism or keys demand it",
        run: exchange::run,
    },
    Pass { name: "fuse", about: "a window and its function are one operator", run: fuse::run },
    Pass { name: "chain", about: "operators without an exchange between them run as one", run: chain::run },
];

/// Which passes run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection(Vec<&'static str>);

impl Default for Selection {
    fn default() -> Selection {
        Selection(ALL.iter().map(|pass| pass.name).collect())
    }
}

impl std::str::FromStr for Selection {
    type Err = String;

    /// `all`, `none`, or names with commas between them.
    fn from_str(text: &str) -> Result<Selection, String> {
        match text {
            "all" => return Ok(Selection::default()),
            "none" => return Ok(Selection(Vec::new())),
            _ => {}
        }
        let name = |name: &str| {
            ALL.iter().map(|pass| pass.name).find(|known| *known == name.trim()).ok_or_else(|| {
                let known: Vec<&str> = ALL.iter().map(|pass| pass.name).collect();
                format!("there is no pass {name:?}; give `all`, `none`, or some of {}", known.join(","))
            })
        };
        Ok(Selection(text.split(',').map(name).collect::<Result<_, _>>()?))
    }
}

impl Selection {
    /// What an option that takes a selection says of itself.
    pub fn help() -> String {
        let passes: Vec<String> = ALL.iter().map(|pass| format!("{} ({})", pass.name, pass.about)).collect();
        format!("`all`, `none`, or some, with commas, of {}. Results are the same with any of them", passes.join(", "))
    }

    fn includes(&self, pass: &Pass) -> bool {
        self.0.contains(&pass.name)
    }
}

/// Takes down what the passes decide.
struct Report<'a> {
    sources: &'a Sources,
    pass: &'static str,
    /// Of the function of each operator.
    facts: &'a [Option<Rc<Facts>>],
    decisions: Vec<Decision>,
}

impl Report<'_> {
    fn decide(&mut self, span: Span, message: String) {
        self.decisions.push(Decision { pass: self.pass.to_owned(), message, span });
    }

    /// An operator as a decision names it.
    fn title(&self, operator: &Operator) -> String {
        format!("{} (line {})", operator.title(), self.sources.line(operator.span))
    }
}
