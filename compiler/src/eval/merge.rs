//! Joins two states of the heap into one that stands for both.
//!
//! Known values that differ become opaque. Streams, and what holds them, must not differ: then the branch can't be
//! joined and has to be followed on each side by itself.

use super::heap::Heap;
use super::value::*;
use crate::graph::{Argument, Node};
use pyflink_plan::{Parallelism, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// The sides differ in the operators they build, or in streams.
#[derive(Debug)]
pub struct Conflict;

/// One join.
struct Merge<'a> {
    sides: [&'a Heap; 2],
    joined: Heap,
    /// Where what differs is said to come from.
    span: Span,
    fresh: &'a mut u64,
    /// Opaque values that stand for one of two functions, classes or objects of the script.
    choices: Vec<u64>,
    /// Pairs of objects that are being joined, with the object that stands for both.
    pairs: HashMap<(ObjectId, ObjectId), ObjectId>,
}

/// What two states have become.
pub struct Joined {
    pub heap: Heap,
    pub result: Option<Value>,
    /// Identities of opaque values that stand for one of two functions, classes or objects of the script, whose use
    /// is worth following on each side.
    pub choices: Vec<u64>,
}

/// Joins two states, and two results.
pub fn merge(
    a: &Heap,
    b: &Heap,
    span: Span,
    fresh: &mut u64,
    results: Option<[&Value; 2]>,
) -> Result<Joined, Conflict> {
    let joined = b.clone();
    let mut merge = Merge { sides: [a, b], joined, span, fresh, choices: Vec::new(), pairs: HashMap::new() };
    for id in (0..a.end()).map(ObjectId) {
        match (a.shared(id), b.shared(id)) {
            (Some(x), Some(y)) if !Rc::ptr_eq(x, y) => {
                let merged = merge.object(x, y)?;
                merge.joined.set(id, merged);
            }
            (Some(x), None) => merge.joined.put(id, x.clone()),
            _ => {}
        }
    }
    for (name, id) in &a.modules {
        merge.joined.modules.entry(name.clone()).or_insert(*id);
    }
    let result = match results {
        Some([a, b]) => Some(merge.value(a, b)?),
        None => None,
    };
    Ok(Joined { heap: merge.joined, result, choices: merge.choices })
}

impl Merge<'_> {
    /// The object as the side has it that made it.
    fn get(&self, id: ObjectId) -> &Object {
        match self.sides[0].shared(id).or_else(|| self.sides[1].shared(id)) {
            Some(object) => object,
            None => &Object::Missing,
        }
    }

    fn opaque(&mut self, poison: bool) -> Opaque {
        *self.fresh += 1;
        Opaque { span: self.span, identity: *self.fresh, poison, stream: false }
    }

    fn value(&mut self, a: &Value, b: &Value) -> Result<Value, Conflict> {
        if a == b {
            return Ok(a.clone());
        }
        let structural = match (a, b) {
            (Value::Object(x), Value::Object(y)) => self.pair(*x, *y)?.map(Value::Object),
            (Value::Environment(x), Value::Environment(y)) => self.pair(*x, *y)?.map(Value::Environment),
            (Value::Stream(x), Value::Stream(y)) if (x.node, x.of) == (y.node, y.of) => {
                self.pair(x.environment, y.environment)?.map(|environment| Value::Stream(Stream { environment, ..*x }))
            }
            (Value::Tuple(x), Value::Tuple(y)) if x.len() == y.len() => {
                let items: Result<Vec<Value>, Conflict> =
                    x.iter().zip(y.iter()).map(|(a, b)| self.value(a, b)).collect();
                Some(Value::Tuple(Rc::from(items?)))
            }
            (Value::Method(x), Value::Method(y)) => match self.pair(x.function, y.function)? {
                Some(function) => {
                    let receiver = self.value(&x.receiver, &y.receiver)?;
                    (!receiver.is_opaque()).then(|| Value::Method(Rc::new(BoundMethod { receiver, function })))
                }
                None => None,
            },
            _ => None,
        };
        match structural {
            Some(value) => Ok(value),
            None if self.bears_stream(a, 0) || self.bears_stream(b, 0) => Err(Conflict),
            None => {
                let poison = |value: &Value| matches!(value, Value::Opaque(opaque) if opaque.poison);
                let opaque = self.opaque(poison(a) || poison(b));
                if self.has_source(a) || self.has_source(b) {
                    self.choices.push(opaque.identity);
                }
                Ok(Value::Opaque(opaque))
            }
        }
    }

    /// A function, a class or an object of a class of the script.
    fn has_source(&self, value: &Value) -> bool {
        match value {
            Value::Method(_) => true,
            Value::Object(id) => matches!(
                self.get(*id),
                Object::Function(_) | Object::Class(_) | Object::Instance(_) | Object::Partial { .. }
            ),
            _ => false,
        }
    }

    /// One object for two that were made on either side; `None` if they are too different.
    fn pair(&mut self, a: ObjectId, b: ObjectId) -> Result<Option<ObjectId>, Conflict> {
        if a == b {
            return Ok(Some(a));
        }
        if let Some(known) = self.pairs.get(&(a, b)) {
            return Ok(Some(*known));
        }
        let [ours, theirs] = self.sides;
        if theirs.shared(a).is_some() || ours.shared(b).is_some() {
            return Ok(None);
        }
        let [left, right] = [ours.get(a).clone(), theirs.get(b).clone()];
        if !alike(&left, &right) {
            return Ok(None);
        }
        self.pairs.insert((a, b), b);
        let merged = self.object(&left, &right)?;
        self.joined.set(b, merged);
        Ok(Some(b))
    }

    fn values(&mut self, a: &[Value], b: &[Value]) -> Result<Vec<Value>, Conflict> {
        a.iter().zip(b).map(|(a, b)| self.value(a, b)).collect()
    }

    fn names(
        &mut self,
        a: &BTreeMap<Name, Value>,
        b: &BTreeMap<Name, Value>,
    ) -> Result<BTreeMap<Name, Value>, Conflict> {
        let mut merged = BTreeMap::new();
        for name in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
            let value = match (a.get(name), b.get(name)) {
                (Some(a), Some(b)) => self.value(a, b)?,
                // Bound on one side only. A use of it later on is meant for that side.
                (Some(one), None) | (None, Some(one)) => match one {
                    Value::Object(id) if matches!(self.get(*id), Object::Class(_) | Object::Function(_)) => one.clone(),
                    one if self.bears_stream(one, 0) => return Err(Conflict),
                    _ => Value::Opaque(self.opaque(false)),
                },
                (None, None) => continue,
            };
            merged.insert(name.clone(), value);
        }
        Ok(merged)
    }

    fn object(&mut self, a: &Object, b: &Object) -> Result<Object, Conflict> {
        Ok(match (a, b) {
            (Object::Scope(a), Object::Scope(b)) => Object::Scope(self.names(a, b)?),
            (Object::List(a), Object::List(b)) if a.len() == b.len() => Object::List(self.values(a, b)?),
            (Object::Iterator(a, at), Object::Iterator(b, bt)) if a.len() == b.len() && at == bt => {
                Object::Iterator(self.values(a, b)?, *at)
            }
            (Object::Dict(a), Object::Dict(b)) if a.same_keys(b) => {
                let mut merged = a.clone();
                for (value, (_, other)) in merged.values_mut().zip(b.iter()) {
                    *value = self.value(value, other)?;
                }
                Object::Dict(merged)
            }
            (Object::Set(a), Object::Set(b)) if a.same_keys(b) => Object::Set(a.clone()),
            (Object::Instance(a), Object::Instance(b)) => Object::Instance(Instance {
                class: self.value(&a.class, &b.class)?,
                attributes: self.names(&a.attributes, &b.attributes)?,
                open: a.open.or(b.open),
            }),
            (Object::Function(a), Object::Function(b)) if a.code == b.code => {
                let closure = a.closure.iter().zip(&b.closure).map(|(a, b)| self.pair(*a, *b));
                let closure: Option<Vec<ObjectId>> = closure.collect::<Result<_, _>>()?;
                let mut merged = b.clone();
                merged.closure = closure.unwrap_or_else(|| b.closure.clone());
                for ((_, value), (_, other)) in merged.defaults.iter_mut().zip(&a.defaults) {
                    *value = self.value(other, value)?;
                }
                merged.attributes = self.names(&a.attributes, &b.attributes)?;
                Object::Function(merged)
            }
            (Object::Class(a), Object::Class(b)) if a.span == b.span => {
                let mut merged = b.clone();
                if let Some(scope) = self.pair(a.scope, b.scope)? {
                    merged.scope = scope;
                }
                merged.opaque = a.opaque.or(b.opaque);
                Object::Class(merged)
            }
            (Object::Module(_), Object::Module(_)) => b.clone(),
            (Object::Generator(a), Object::Generator(b)) if a == b => Object::Generator(b.clone()),
            (Object::Property(a), Object::Property(b)) if a == b => Object::Property(b.clone()),
            (Object::StaticMethod(a), Object::StaticMethod(b)) => Object::StaticMethod(self.value(a, b)?),
            (Object::ClassMethod(a), Object::ClassMethod(b)) => Object::ClassMethod(self.value(a, b)?),
            (
                Object::Partial { function: f, positional: p, named: n },
                Object::Partial { function: g, positional: q, named: m },
            ) if p.len() == q.len() && n.iter().map(|(n, _)| n).eq(m.iter().map(|(m, _)| m)) => {
                Object::Partial { function: self.value(f, g)?, positional: self.values(p, q)?, named: n.clone() }
            }
            (Object::ArgumentParser(a), Object::ArgumentParser(b)) => {
                if a == b {
                    Object::ArgumentParser(a.clone())
                } else {
                    let opaque = Some(self.opaque(false));
                    Object::ArgumentParser(Parser { opaque, ..a.clone() })
                }
            }
            (Object::Environment(a), Object::Environment(b)) => Object::Environment(self.environment(a, b)?),
            (Object::World(a), Object::World(b)) => Object::World(self.world(a, b)?),
            (Object::Unknown(kind, opaque), _) | (_, Object::Unknown(kind, opaque)) => Object::Unknown(kind, *opaque),
            _ => {
                if self.object_bears_stream(a, 0) || self.object_bears_stream(b, 0) {
                    return Err(Conflict);
                }
                let kind = match a {
                    Object::List(_) => "list",
                    Object::Dict(_) => "dict",
                    Object::Set(_) => "set",
                    _ => "object",
                };
                Object::Unknown(kind, self.opaque(false))
            }
        })
    }

    fn environment(&mut self, a: &EnvironmentState, b: &EnvironmentState) -> Result<EnvironmentState, Conflict> {
        if a.nodes.len() != b.nodes.len() || a.since != b.since {
            return Err(Conflict);
        }
        let nodes: Result<Vec<Node>, Conflict> = a.nodes.iter().zip(&b.nodes).map(|(a, b)| self.node(a, b)).collect();
        Ok(EnvironmentState {
            span: a.span,
            nodes: nodes?,
            parallelism: parallelism(a.parallelism, b.parallelism),
            characteristic: a.characteristic,
            incomplete: a.incomplete || b.incomplete,
            since: a.since,
        })
    }

    fn node(&mut self, a: &Node, b: &Node) -> Result<Node, Conflict> {
        if !a.same_place(b) {
            return Err(Conflict);
        }
        let args = a.args.iter().zip(&b.args).map(|((name, x), (_, y))| {
            let argument = if x == y { x.clone() } else { Argument::Opaque(self.span) };
            (*name, argument)
        });
        Ok(Node {
            args: args.collect(),
            parallelism: parallelism(a.parallelism, b.parallelism),
            name: if a.name == b.name { a.name.clone() } else { None },
            escaped: a.escaped || b.escaped,
            ..a.clone()
        })
    }

    fn world(&mut self, a: &World, b: &World) -> Result<World, Conflict> {
        if a.environments.len() != b.environments.len() || a.executions.len() != b.executions.len() {
            return Err(Conflict);
        }
        let mut environments = Vec::new();
        for (a, b) in a.environments.iter().zip(&b.environments) {
            environments.push(self.pair(*a, *b)?.ok_or(Conflict)?);
        }
        let mut executions = Vec::new();
        for (a, b) in a.executions.iter().zip(&b.executions) {
            let environment = self.pair(a.environment, b.environment)?.ok_or(Conflict)?;
            if (a.since, a.until) != (b.since, b.until) {
                return Err(Conflict);
            }
            let name = if a.name == b.name { a.name.clone() } else { None };
            executions.push(ExecutionState { environment, name, ..b.clone() });
        }
        Ok(World { environments, executions })
    }

    fn bears_stream(&self, value: &Value, depth: usize) -> bool {
        bears_stream(value, depth, &|id| self.get(id))
    }

    fn object_bears_stream(&self, object: &Object, depth: usize) -> bool {
        object_bears_stream(object, depth, &|id| self.get(id))
    }
}

/// True if a stream or an environment is in the value, or can be reached from it.
pub fn bears_stream<'h>(value: &Value, depth: usize, get: &dyn Fn(ObjectId) -> &'h Object) -> bool {
    match value {
        Value::Stream(_) | Value::Environment(_) => true,
        Value::Opaque(opaque) => opaque.stream,
        Value::Tuple(items) => items.iter().any(|item| bears_stream(item, depth + 1, get)),
        Value::Method(method) => bears_stream(&method.receiver, depth + 1, get),
        Value::ApiMethod(method) => bears_stream(&method.receiver, depth + 1, get),
        Value::Object(id) => object_bears_stream(get(*id), depth + 1, get),
        _ => false,
    }
}

/// Looks a few levels deep: objects may refer to each other in circles.
fn object_bears_stream<'h>(object: &Object, depth: usize, get: &dyn Fn(ObjectId) -> &'h Object) -> bool {
    if depth > 6 {
        return false;
    }
    let bears = |value: &Value| bears_stream(value, depth + 1, get);
    match object {
        Object::List(items) | Object::Iterator(items, _) => items.iter().any(bears),
        Object::Dict(table) => table.iter().any(|(_, value)| bears(value)),
        Object::Instance(instance) => instance.attributes.values().any(bears),
        Object::Unknown(_, opaque) => opaque.stream,
        _ => false,
    }
}

/// Objects that one object can stand for.
fn alike(a: &Object, b: &Object) -> bool {
    match (a, b) {
        (Object::List(a), Object::List(b)) => a.len() == b.len(),
        (Object::Iterator(a, _), Object::Iterator(b, _)) => a.len() == b.len(),
        (Object::Dict(a), Object::Dict(b)) | (Object::Set(a), Object::Set(b)) => a.same_keys(b),
        (Object::Instance(a), Object::Instance(b)) => a.class == b.class,
        (Object::Function(a), Object::Function(b)) => a.code == b.code,
        (Object::Class(a), Object::Class(b)) => a.span == b.span,
        (Object::Module(a), Object::Module(b)) => a.name == b.name,
        (Object::Environment(a), Object::Environment(b)) => a.nodes.len() == b.nodes.len(),
        (Object::Scope(_), Object::Scope(_)) => true,
        (Object::Partial { function: f, .. }, Object::Partial { function: g, .. }) => f == g,
        (Object::Unknown(a, _), Object::Unknown(b, _)) => a == b,
        _ => false,
    }
}

fn parallelism(a: Parallelism, b: Parallelism) -> Parallelism {
    if a == b { a } else { Parallelism::Opaque }
}
