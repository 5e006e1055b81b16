//! What is known of a function that an operator calls, besides what a plan holds: for lints, and for passes that may
//! only touch what is proven.

use pyflink_plan::types::Constant;
use pyflink_plan::{Function, Span};
use std::collections::BTreeSet;
use std::rc::Rc;

/// A function object in the graph.
#[derive(Clone, Debug)]
pub struct Callable {
    pub function: Function,
    pub facts: Rc<Facts>,
}

/// What the plan will hold of it is the same.
impl PartialEq for Callable {
    fn eq(&self, other: &Callable) -> bool {
        self.function == other.function
    }
}

#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// `None` if its source isn't known.
    pub effects: Option<Effects>,
    /// Equal for functions that do the same if they are pure; `None` if that can't be said.
    pub identity: Option<String>,
    /// What `__init__` keeps in attributes although it belongs to one process.
    pub resources: Vec<Resource>,
    /// Objects that all subtasks share, and that a method changes.
    pub shared: Vec<Shared>,
    /// Values of the attributes of its object that its body reads, in their order, where they are known before the run.
    pub attributes: Vec<Option<Constant>>,
    /// For a reduce that could be tried out.
    pub trial: Option<Trial>,
    pub reach: Reach,
}

/// What a call of a function does besides giving its result, as far as its source tells.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    pub changes: Vec<Change>,
    /// Calls whose results differ from run to run: randomness, clocks.
    pub unrepeatable: Vec<(String, Span)>,
    /// Calls that touch something outside: files, the network, output.
    pub outside: Vec<(String, Span)>,
    /// The first call of something unknown.
    pub unknown: Option<Span>,
    /// Variables of modules and enclosing functions, and what they hold.
    pub reaches: BTreeSet<Place>,
    /// Those of them that it changes.
    pub writes: Vec<Write>,
}

/// Something that several functions may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Variable(String),
    /// By its id in the evaluation.
    Object(u32),
}

/// A change of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    pub place: Place,
    /// The variable or attribute that leads there.
    pub name: String,
    pub span: Span,
}

/// What a function reaches that other functions may reach too, its object included.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The function object, if it has attributes: each further operator that uses it gets a copy.
    pub own: Option<u32>,
    /// What only that object leads to.
    pub copied: BTreeSet<Place>,
    pub places: BTreeSet<Place>,
    pub writes: Vec<Write>,
}

impl Reach {
    /// A change of something that another function reaches as well.
    pub fn meets(&self, other: &Reach) -> Option<&Write> {
        let is_copied = |place: &Place| self.own.is_some() && self.own == other.own && self.copied.contains(place);
        self.writes.iter().find(|write| other.places.contains(&write.place) && !is_copied(&write.place))
    }
}

impl Effects {
    /// True if what it gives surely isn't changed after it is given.
    pub fn keeps_nothing(&self) -> bool {
        self.changes.is_empty() && self.unknown.is_none()
    }

    /// True if it surely does nothing but give a result, the same each time.
    pub fn is_pure(&self) -> bool {
        self.changes.is_empty() && self.unrepeatable.is_empty() && self.outside.is_empty() && self.unknown.is_none()
    }
}

/// A change of something that is still there after the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub of: Base,
    /// The attribute that leads to it.
    pub attribute: Option<String>,
    pub span: Span,
}

/// Where something that a function uses comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// By position; of a method, 0 is `self`.
    Parameter(usize, String),
    /// Of the module, or of an enclosing function.
    Outer(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub attribute: String,
    /// `open(…)`.
    pub what: String,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    pub name: String,
    /// True for a default argument, false for a class attribute.
    pub is_default: bool,
    pub definition: Span,
    pub change: Span,
}

/// What came of calling a reduce with values of its inputs' kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    /// Results are of another kind than what went in: call, result.
    OtherKind { call: String, given: String, result: String },
    /// `left` and `right` should be the same: calls and their results.
    NotAssociative { left: (String, String), right: (String, String) },
}
