//! Which locals stand for a dict or object that nothing else holds: only such a one can be changed by giving the local
//! another one.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::ir::{Body, Clause, Expression, Key, Part, Statement, StatementKind, Target};

/// The body, or one of its functions by index.
pub(super) type Function = Option<u32>;

/// What was found, function by function.
#[derive(Default)]
pub(super) struct Owned {
    functions: HashMap<Function, HashSet<u32>>,
}

impl Owned {
    pub(super) fn new(body: &Body) -> Owned {
        let count = body.functions.len();
        let mut known = Known { body, keeps: vec![Vec::new(); count], gives_new: vec![false; count] };
        let mut functions = HashMap::new();
        let changes_object = |function: u32| {
            let mut changing = body.classes.iter().flat_map(|class| &class.changing);
            changing.any(|(_, changing)| *changing == function)
        };
        // A function calls only later ones, but methods are called by their names: of those that weren't looked at, it is
        // taken that they keep what they are given.
        let each = || body.functions.iter().enumerate().rev();
        for (index, function) in each().chain(each()).chain(each()) {
            let found = Shared::of(&function.code, &known);
            // The object that such a method is called on is the caller's to change, and comes back.
            let changes_object = changes_object(index as u32);
            let keeps =
                |local| found.held.contains(&local) || found.given.contains(&local) && !(changes_object && local == 0);
            let keeps = (0..function.parameters).map(keeps).collect();
            let (gives_new, returned) = (found.gives_new, found.given.clone());
            let shared = found.all(u32::from(changes_object)..function.parameters, &function.code);
            known.keeps[index] = keeps;
            known.gives_new[index] = gives_new && returned.iter().all(|local| !shared.contains(local));
            functions.insert(Some(index as u32), shared);
        }
        let found = Shared::of(&body.code, &known);
        functions.insert(None, found.all(0..body.parameters, &body.code));
        Owned { functions }
    }

    pub(super) fn is_alone(&self, function: Function, local: u32) -> bool {
        self.functions.get(&function).is_some_and(|shared| !shared.contains(&local))
    }
}

/// What is known of functions that were looked at.
struct Known<'a> {
    body: &'a Body,
    /// Of each parameter, whether it may be handed on.
    keeps: Vec<Vec<bool>>,
    /// Whether what it gives is its own.
    gives_new: Vec<bool>,
}

impl Known<'_> {
    /// Whether a method or property of that name may hand on the object that it is called on.
    fn keeps_object(&self, name: &str) -> bool {
        let methods = self.body.classes.iter().flat_map(|class| class.methods.iter().chain(&class.changing));
        let mut named = methods.filter(|(known, _)| known == name);
        named.any(|(_, function)| self.keeps.get(*function as usize).and_then(|keeps| keeps.first()) != Some(&false))
    }
}

/// Blocks of statements in a statement.
fn blocks(statement: &Statement) -> Vec<&[Statement]> {
    match &statement.kind {
        StatementKind::If(ways, orelse) => ways.iter().map(|(_, body)| &body[..]).chain([&orelse[..]]).collect(),
        StatementKind::While(_, body, orelse) | StatementKind::For(_, _, body, orelse) => vec![body, orelse],
        StatementKind::Try(body, handlers, orelse) => [&body[..]]
            .into_iter()
            .chain(handlers.iter().map(|handler| &handler.body[..]))
            .chain([&orelse[..]])
            .collect(),
        _ => Vec::new(),
    }
}

/// How often statements in it, or itself, set an item or attribute of what a local stands for, take one out, or call a
/// method that may.
fn changes_of(statement: &Statement, local: u32) -> usize {
    let pops = |value: &Expression| matches!(value, Expression::Method(of, name, _) if name == "pop" && **of == Expression::Local(local));
    let own = match &statement.kind {
        StatementKind::SetItem(of, ..) | StatementKind::SetField(of, ..) => *of == Expression::Local(local),
        StatementKind::Evaluate(Expression::Method(of, ..)) if **of == Expression::Local(local) => true,
        StatementKind::Evaluate(value)
        | StatementKind::Assign(_, value)
        | StatementKind::Return(value)
        | StatementKind::Collect(value) => pops(value),
        _ => false,
    };
    let within = blocks(statement).into_iter().flatten().map(|statement| changes_of(statement, local));
    usize::from(own) + within.sum::<usize>()
}

/// The block with the only assignment to a local, and its place there.
fn only_assignment(code: &[Statement], local: u32) -> Option<(&[Statement], usize)> {
    let mut found = Vec::new();
    assignments(code, local, &mut found);
    match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

fn assignments<'c>(code: &'c [Statement], local: u32, found: &mut Vec<(&'c [Statement], usize)>) {
    for (at, statement) in code.iter().enumerate() {
        if matches!(&statement.kind, StatementKind::Assign(Target::Local(target), _) if *target == local) {
            found.push((code, at));
        }
        blocks(statement).into_iter().for_each(|block| assignments(block, local, found));
    }
}

/// Locals of a function that may have something in common with something else.
struct Shared<'a> {
    known: &'a Known<'a>,
    /// What goes to another place: another local, a container, a function that keeps it.
    held: HashSet<u32>,
    /// What is handed out, or given back: nobody in the function sees it then.
    given: HashSet<u32>,
    /// Locals that get something that may be in another place.
    gets: HashSet<u32>,
    /// Whether each value that is given back, locals apart, is a new one.
    gives_new: bool,
}

impl<'a> Shared<'a> {
    fn of(code: &'a [Statement], known: &'a Known<'a>) -> Shared<'a> {
        let (held, given, gets) = (HashSet::new(), HashSet::new(), HashSet::new());
        let mut found = Shared { known, held, given, gets, gives_new: true };
        found.statements(code);
        found
    }

    fn all(self, parameters: Range<u32>, code: &[Statement]) -> HashSet<u32> {
        let parameters: Vec<u32> = parameters.filter(|local| !self.is_replaced(*local, code)).collect();
        let mut all: HashSet<u32> =
            self.held.iter().copied().filter(|local| !self.is_held_late(*local, code)).collect();
        all.extend(self.gets);
        all.extend(parameters);
        all
    }

    /// Whether what a local stands for goes to another place only when it isn't changed any more, until the local gets
    /// something new: behind the one assignment to it, changes come first.
    fn is_held_late(&self, local: u32, code: &[Statement]) -> bool {
        let Some((block, at)) = only_assignment(code, local) else { return false };
        let behind = &block[at + 1..];
        let changes: Vec<usize> = behind.iter().map(|statement| changes_of(statement, local)).collect();
        let all: usize = code.iter().map(|statement| changes_of(statement, local)).sum();
        if changes.iter().sum::<usize>() != all {
            return false;
        }
        let unchanged = changes.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
        let holds = |statement| Shared::of(std::slice::from_ref(statement), self.known).held.contains(&local);
        !behind[..unchanged].iter().any(holds)
    }

    /// Whether a parameter gets something new before it is changed: `row = dict(row)`.
    fn is_replaced(&self, local: u32, code: &[Statement]) -> bool {
        let replaces = |statement: &Statement| match &statement.kind {
            StatementKind::Assign(Target::Local(target), value) => *target == local && self.is_new(value),
            _ => false,
        };
        let before = code.iter().take_while(|statement| !replaces(statement));
        let simple = before.clone().all(|statement| {
            matches!(
                statement.kind,
                StatementKind::Assign(..)
                    | StatementKind::Return(_)
                    | StatementKind::Collect(_)
                    | StatementKind::Evaluate(_)
            )
        });
        simple && before.count() < code.len()
    }

    fn statements(&mut self, code: &'a [Statement]) {
        code.iter().for_each(|statement| self.statement(&statement.kind));
    }

    fn statement(&mut self, statement: &'a StatementKind) {
        match statement {
            StatementKind::Assign(target, value) => {
                match target {
                    Target::Local(_) if self.is_new(value) => {}
                    target => self.gets(target),
                }
                self.value(value);
            }
            StatementKind::If(ways, orelse) => {
                for (test, body) in ways {
                    self.test(test);
                    self.statements(body);
                }
                self.statements(orelse);
            }
            StatementKind::While(test, body, orelse) => {
                self.test(test);
                self.statements(body);
                self.statements(orelse);
            }
            StatementKind::For(target, over, body, orelse) => {
                self.gets(target);
                self.part(over);
                self.statements(body);
                self.statements(orelse);
            }
            StatementKind::Return(value) | StatementKind::Collect(value) => match value {
                Expression::Local(local) => drop(self.given.insert(*local)),
                value => {
                    self.gives_new &= self.is_new(value);
                    self.value(value);
                }
            },
            StatementKind::CollectEach(values) => self.value(values),
            StatementKind::Evaluate(value) => self.part(value),
            StatementKind::Append(list, value) => {
                self.part(list);
                self.value(value);
            }
            StatementKind::Extend(list, values) => {
                self.part(list);
                self.part(values);
            }
            StatementKind::SetItem(object, index, value) => {
                self.part(object);
                self.value(index);
                self.value(value);
            }
            StatementKind::SetField(object, _, value, _) => {
                self.part(object);
                self.value(value);
            }
            StatementKind::SetAttribute(_, value) => self.value(value),
            StatementKind::Throw(_, arguments) => arguments.iter().for_each(|argument| self.value(argument)),
            StatementKind::Try(body, handlers, orelse) => {
                self.statements(body);
                handlers.iter().for_each(|handler| self.statements(&handler.body));
                self.statements(orelse);
            }
            StatementKind::Break | StatementKind::Continue | StatementKind::Raise | StatementKind::Left(_) => {}
        }
    }

    fn gets(&mut self, target: &Target) {
        match target {
            Target::Local(local) => drop(self.gets.insert(*local)),
            Target::Each(targets) => targets.iter().for_each(|target| self.gets(target)),
        }
    }

    /// Whether a value is surely no dict or object that something else holds.
    fn is_new(&self, value: &Expression) -> bool {
        match value {
            Expression::None
            | Expression::Bool(_)
            | Expression::Int(_)
            | Expression::Float(_)
            | Expression::Str(_)
            | Expression::Bytes(_)
            | Expression::Member(..)
            | Expression::Tuple(_)
            | Expression::List(_)
            | Expression::Set(_)
            | Expression::Dict(_)
            | Expression::New(..)
            | Expression::Binary(..)
            | Expression::Unary(..)
            | Expression::Compare(..)
            | Expression::IsInstance(..)
            | Expression::Format(_)
            | Expression::Percent(..)
            | Expression::Comprehension(..)
            | Expression::DictComprehension(..)
            | Expression::Sorted(..)
            | Expression::Regex(..) => true,
            Expression::Call(..) => true,
            Expression::If(_, a, b) => self.is_new(a) && self.is_new(b),
            Expression::Method(_, name, arguments) => name == "copy" && arguments.is_empty(),
            Expression::Invoke(function, _) => self.known.gives_new.get(*function as usize) == Some(&true),
            _ => false,
        }
    }

    /// A value that goes somewhere: if it is a local, that has it too.
    fn value(&mut self, value: &'a Expression) {
        match value {
            Expression::Local(local) => drop(self.held.insert(*local)),
            Expression::And(a, b) | Expression::Or(a, b) => {
                self.value(a);
                self.value(b);
            }
            Expression::If(test, a, b) => {
                self.test(test);
                self.value(a);
                self.value(b);
            }
            Expression::Let(local, value, body) => {
                self.gets.insert(*local);
                self.value(value);
                self.value(body);
            }
            value => self.within(value),
        }
    }

    /// An expression of which only the truth is looked at.
    fn test(&mut self, test: &'a Expression) {
        match test {
            Expression::And(a, b) | Expression::Or(a, b) => {
                self.test(a);
                self.test(b);
            }
            test => self.part(test),
        }
    }

    /// An expression of which only parts are looked at.
    fn part(&mut self, of: &'a Expression) {
        match of {
            Expression::Local(_) => {}
            of => self.value(of),
        }
    }

    /// What an attribute is read of, or a method called on.
    fn receiver(&mut self, object: &'a Expression, name: &str) {
        match self.known.keeps_object(name) {
            true => self.value(object),
            false => self.part(object),
        }
    }

    /// What is in an expression that is no local itself.
    fn within(&mut self, value: &'a Expression) {
        match value {
            Expression::Tuple(items) | Expression::List(items) | Expression::Set(items) | Expression::New(_, items) => {
                items.iter().for_each(|item| self.value(item));
            }
            Expression::Dict(items) => items.iter().for_each(|(key, value)| {
                self.value(key);
                self.value(value);
            }),
            Expression::Binary(_, a, b) | Expression::Compare(_, a, b) | Expression::Index(a, b) => {
                self.part(a);
                self.part(b);
            }
            Expression::Unary(_, a) | Expression::Percent(_, a) | Expression::IsInstance(a, _) => self.part(a),
            Expression::Field(a, name) => self.receiver(a, name),
            Expression::Slice(a, bounds) => {
                self.part(a);
                bounds.iter().for_each(|bound| self.value(bound));
            }
            Expression::Call(_, items) | Expression::Regex(_, _, _, items) => {
                items.iter().for_each(|item| self.part(item));
            }
            Expression::Method(object, name, arguments) => {
                self.receiver(object, name);
                arguments.iter().for_each(|argument| self.value(argument));
            }
            Expression::Invoke(function, arguments) => {
                let keeps = self.known.keeps.get(*function as usize);
                for (at, argument) in arguments.iter().enumerate() {
                    match keeps.and_then(|keeps| keeps.get(at)) {
                        Some(false) => self.part(argument),
                        _ => self.value(argument),
                    }
                }
            }
            Expression::Format(parts) => parts.iter().for_each(|part| {
                if let Part::Value(value, ..) = part {
                    self.part(value);
                }
            }),
            Expression::Comprehension(value, clauses) => {
                self.clauses(clauses);
                self.value(value);
            }
            Expression::DictComprehension(key, value, clauses) => {
                self.clauses(clauses);
                self.value(key);
                self.value(value);
            }
            Expression::Sorted(over, key, reverse) => {
                self.part(over);
                self.key(key.as_ref());
                self.value(reverse);
            }
            Expression::Best(_, over, key, default) => {
                self.part(over);
                self.key(key.as_ref());
                default.iter().for_each(|default| self.value(default));
            }
            _ => {}
        }
    }

    fn key(&mut self, key: Option<&'a Key>) {
        if let Some(key) = key {
            self.gets.insert(key.local);
            self.value(&key.value);
        }
    }

    fn clauses(&mut self, clauses: &'a [Clause]) {
        for clause in clauses {
            self.gets(&clause.target);
            self.part(&clause.iterable);
            clause.conditions.iter().for_each(|condition| self.test(condition));
        }
    }
}
