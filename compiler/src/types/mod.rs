//! Types of elements, as far as the script's source proves them: what goes from operator to operator.
//!
//! A type is said only if it holds for every element that gets through: what may also be another one is unknown.

mod body;

use crate::graph::{Argument, Node};
use crate::load::Program;
use crate::syntax::walk::{self, Code};
use body::{Body, Inputs};
use pyflink_plan::{Literal, OperatorKind};
use std::fmt;

/// A type of Python, exactly: no subclass of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    None,
    Bool,
    Int,
    Float,
    Str,
    Bytes,
    Tuple(Vec<Option<Type>>),
    /// `None`: elements of any type.
    List(Option<Box<Type>>),
    Set(Option<Box<Type>>),
    /// Keys and values of any types.
    Dict,
    /// What can be walked over, whatever it is: a range, a generator.
    Iterable(Option<Box<Type>>),
}

/// The type of both, if it is one.
pub fn join(a: Option<Type>, b: Option<Type>) -> Option<Type> {
    match (a?, b?) {
        (a, b) if a == b => Some(a),
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            Some(Type::Tuple(a.into_iter().zip(b).map(|(a, b)| join(a, b)).collect()))
        }
        (Type::List(_), Type::List(_)) => Some(Type::List(None)),
        (Type::Set(_), Type::Set(_)) => Some(Type::Set(None)),
        (Type::Iterable(_), Type::Iterable(_)) => Some(Type::Iterable(None)),
        _ => None,
    }
}

impl Type {
    /// Of a known value.
    pub fn of(literal: &Literal) -> Option<Type> {
        Some(match literal {
            Literal::None => Type::None,
            Literal::Bool(_) => Type::Bool,
            Literal::Int(_) => Type::Int,
            Literal::Float(_) => Type::Float,
            Literal::Str(_) => Type::Str,
            Literal::Bytes(_) => Type::Bytes,
            Literal::Tuple(items) => Type::Tuple(items.iter().map(Type::of).collect()),
            Literal::List(items) => Type::List(all(items).map(Box::new)),
            Literal::Dict(_) => Type::Dict,
        })
    }

    /// What iterating over it gives.
    pub fn element(&self) -> Option<Type> {
        match self {
            Type::Str => Some(Type::Str),
            Type::Bytes => Some(Type::Int),
            Type::List(element) | Type::Set(element) | Type::Iterable(element) => element.as_deref().cloned(),
            Type::Tuple(fields) => fields.iter().cloned().reduce(join).flatten(),
            _ => None,
        }
    }
}

/// The type that all have.
fn all(items: &[Literal]) -> Option<Type> {
    items.iter().map(Type::of).reduce(join).flatten()
}

/// As annotations are written.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |f: &mut fmt::Formatter<'_>, name: &str, element: &Option<Box<Type>>| match element {
            Some(element) => write!(f, "{name}[{element}]"),
            None => f.write_str(name),
        };
        match self {
            Type::None => f.write_str("None"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Float => f.write_str("float"),
            Type::Str => f.write_str("str"),
            Type::Bytes => f.write_str("bytes"),
            Type::Dict => f.write_str("dict"),
            Type::List(element) => of(f, "list", element),
            Type::Set(element) => of(f, "set", element),
            Type::Iterable(element) => of(f, "iterable", element),
            Type::Tuple(fields) if fields.is_empty() => f.write_str("tuple[()]"),
            Type::Tuple(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|field| field.as_ref().map_or("?".to_owned(), Type::to_string)).collect();
                write!(f, "tuple[{}]", fields.join(", "))
            }
        }
    }
}

/// Types of what each node of a job gives.
pub fn infer(program: &Program, nodes: &[&Node]) -> Vec<Option<Type>> {
    // An iteration gives what goes into it, if what comes back is of that type too.
    let mut unknown = vec![false; nodes.len()];
    loop {
        let mut types: Vec<Option<Type>> = Vec::with_capacity(nodes.len());
        for (at, node) in nodes.iter().enumerate() {
            let found = if unknown[at] { None } else { of_node(program, nodes, &types, node) };
            types.push(found);
        }
        let wrong = nodes.iter().find_map(|node| {
            let (head, feedback) = (node.iteration?, *node.inputs.first()?);
            (types[head].is_some() && types[head] != types[feedback]).then_some(head)
        });
        match wrong {
            Some(head) => unknown[head] = true,
            None => return types,
        }
    }
}

fn of_node(program: &Program, nodes: &[&Node], types: &[Option<Type>], node: &Node) -> Option<Type> {
    use OperatorKind::*;
    let input = || node.inputs.first().and_then(|&input| types[input].clone());
    let known = |name: &str| match node.arg(name)? {
        Argument::Known(Literal::List(items) | Literal::Tuple(items)) => Some(items),
        _ => None,
    };
    match node.kind {
        GenerateSequence => Some(Type::Int),
        ReadTextFile | SocketTextStream => Some(Type::Str),
        FromElements => all(known("elements")?),
        FromCollection => all(known("collection")?),
        PythonSource => called(program, node)?.collected(Inputs::Source),
        Map => called(program, node)?.returned(&[input()]),
        FlatMap => called(program, node)?.collected(Inputs::Element(input())),
        Filter | KeyBy | Split | Select | Iterate | CloseWith | CountWindow | TimeWindow => input(),
        Union => node.inputs.iter().map(|&input| types[input].clone()).reduce(join).flatten(),
        Reduce | WindowReduce => {
            let element = input();
            let result = called(program, node)?.returned(&[element.clone(), element.clone()]);
            (result == element).then_some(result).flatten()
        }
        WindowApply => {
            let elements = input().map(|element| Type::List(Some(Box::new(element))));
            let keyed = nodes[node.inputs[0]].inputs.first().map(|&key_by| nodes[key_by]);
            let key = keyed.and_then(|key_by| called(program, key_by)?.returned(&[input()]));
            called(program, node)?.collected(Inputs::Window(key, elements))
        }
        AddJavaSource | Output | WriteAsText | WriteToSocket | AddSink => None,
    }
}

/// The function of a node.
fn called<'a>(program: &'a Program, node: &Node) -> Option<Body<'a>> {
    node.args.iter().find_map(|(_, argument)| match argument {
        Argument::Function(callable) => {
            let span = callable.function.span;
            let name = callable.function.name.as_str();
            let is_builtin = callable.facts.identity.as_deref() == Some(name);
            if is_builtin {
                return Some(Body::Builtin(callable.facts.identity.clone()?));
            }
            let tree = program.tree(span.source);
            let code: Code<'a> = walk::function_at(&tree.body, span.start)?;
            Some(Body::Source { tree, code, is_method: !callable.function.method.is_empty() })
        }
        _ => None,
    })
}
