//! How functions will run: inference over their bodies, for the types that the script gives them.
//!
//! The same inference runs again when the first elements come, so that this is what people are told beforehand, and
//! nothing depends on it.

use crate::facts::Callable;
use crate::graph::{Argument, Node};
use crate::types;
use pyflink_plan::infer::{infer, infer_source};
use pyflink_plan::ir::{Body, GLOBAL};
use pyflink_plan::typed::Function;
use pyflink_plan::types::{Constant, RecordType, Type};
use pyflink_plan::{Literal, Mode, OperatorKind, Parallelism, Reason, Span};
use std::sync::Arc;

/// Modes of the nodes' functions, for the types of what each node gives; `None` for nodes without a function.
pub fn find(nodes: &[&Node], given: &[Option<types::Type>]) -> Vec<Option<Mode>> {
    let mut known: Vec<Given> = Vec::with_capacity(nodes.len());
    let mut modes = Vec::with_capacity(nodes.len());
    for (at, node) in nodes.iter().enumerate() {
        let (mode, result) = of_node(nodes, &known, node);
        // What the script's source proves holds for each element; what inference says, for what machine code gives.
        let of = given[at].as_ref().and_then(exact).or_else(|| elements(node)).or(result);
        let origin = node.inputs.iter().map(|input| &known[*input]).find(|input| input.of.is_none());
        let origin = origin.map_or((node.kind, node.span), |input| input.origin);
        let side = match (node.kind, &mode) {
            (OperatorKind::KeyBy, Some(found)) => found.side.clone(),
            (OperatorKind::CountWindow | OperatorKind::TimeWindow, _) => known[node.inputs[0]].key.clone(),
            _ => None,
        };
        known.push(Given { of, key: side, origin });
        modes.push(mode.map(|found| found.mode));
    }
    modes
}

/// What a node gives.
struct Given {
    of: Option<Type>,
    /// Of the keys, behind a key selector.
    key: Option<Type>,
    /// Where types stopped being known, if they aren't.
    origin: (OperatorKind, Span),
}

struct Found {
    mode: Mode,
    /// Type of what goes beside the value.
    side: Option<Type>,
}

impl From<Mode> for Found {
    fn from(mode: Mode) -> Found {
        Found { mode, side: None }
    }
}

/// The mode of a node's function, and the type of what the node gives, as far as inference tells.
fn of_node(nodes: &[&Node], known: &[Given], node: &Node) -> (Option<Found>, Option<Type>) {
    use OperatorKind::*;
    let input = node.inputs.first().map(|input| &known[*input]);
    let passed = || match node.inputs.as_slice() {
        [] => None,
        [input] => known[*input].of.clone(),
        [first, rest @ ..] => {
            let first = known[*first].of.clone();
            first.filter(|first| rest.iter().all(|input| known[*input].of.as_ref() == Some(first)))
        }
    };
    let Some(callable) = node.args.iter().find_map(|(_, argument)| match argument {
        Argument::Function(callable) => Some(callable),
        _ => None,
    }) else {
        return (None, passed());
    };
    let body = match &callable.function.body {
        Ok(body) => body,
        Err(reason) => {
            let gives = matches!(node.kind, Filter | KeyBy | Split | Reduce | WindowReduce).then(passed).flatten();
            return (Some(Mode::Python(reason.clone()).into()), gives);
        }
    };
    let mut found = typed(nodes, known, node, callable, body, None);
    // What a reduce gives may need a wider type than its elements.
    if let (Reduce | WindowReduce, Ok(function), Some(of)) =
        (node.kind, &found, input.and_then(|input| input.of.as_ref()))
        && let Some(joined) = function.slots.get(function.result as usize).and_then(|result| result.join(of))
        && joined != *of
    {
        found = typed(nodes, known, node, callable, body, Some(&joined));
        if let Ok(wide) = &mut found
            && wide.slots.get(wide.result as usize).and_then(|result| result.join(&joined)) == Some(joined.clone())
        {
            let mode = if wide.is_guarded() { Mode::Guarded } else { Mode::Native };
            return (Some(mode.into()), None);
        }
    }
    match found {
        Err(mode) => {
            let gives = matches!(node.kind, Filter | KeyBy | Split).then(passed).flatten();
            (Some(mode.into()), gives)
        }
        Ok(function) => {
            let result = function.slots.get(function.result as usize).cloned();
            if let (Reduce | WindowReduce, Some(result), Some(of)) =
                (node.kind, &result, input.and_then(|input| input.of.as_ref()))
                && result.join(of).as_ref() != Some(of)
            {
                let reason = Reason::new(
                    format!("it gives a {result} for two of {of}"),
                    "give what it takes, so that one can be reduced with the next",
                    callable.function.span,
                );
                return (Some(Mode::Python(reason).into()), None);
            }
            if let (Reduce | WindowReduce, Some(result)) = (node.kind, &result)
                && !result.is_held()
            {
                let reason = Reason::new(
                    format!("it gives a {result}, and dicts and sets aren't kept between elements in machine code"),
                    "use a tuple or a list",
                    callable.function.span,
                );
                return (Some(Mode::Python(reason).into()), passed());
            }
            let mode = if function.is_guarded() { Mode::Guarded } else { Mode::Native };
            let (side, gives) = match node.kind {
                KeyBy | Split => (result, passed()),
                Filter => (None, passed()),
                FlatMap | WindowApply | PythonSource => (None, Some(function.collects)),
                _ => (None, result),
            };
            (Some(Found { mode, side }), gives)
        }
    }
}

/// The function with its types; without them, its mode.
/// `reduced`: the type that a reduce works with, if it isn't that of its elements.
fn typed(
    nodes: &[&Node],
    known: &[Given],
    node: &Node,
    callable: &Callable,
    body: &Body,
    reduced: Option<&Type>,
) -> Result<Function, Mode> {
    use OperatorKind::*;
    let late = |message: String, span: Span| Mode::Late(Reason::late(message, span));
    let span = callable.function.span;
    let is_global = |name: &String| name.contains(GLOBAL);
    if let Parallelism::Known(2..) = node.parallelism
        && !body.attributes.iter().all(is_global)
    {
        let message = "each subtask has an object of its own, whose attributes it reads";
        let edit = "set the parallelism to 1, or read constants of the module";
        return Err(Mode::Python(Reason::new(message, edit, span)));
    }
    let mut attributes: Vec<Constant> = Vec::with_capacity(body.attributes.len());
    for (at, name) in body.attributes.iter().enumerate() {
        let value = callable.facts.attributes.get(at).cloned().flatten();
        attributes.push(value.ok_or_else(|| match name.split_once(GLOBAL) {
            Some((_, name)) => late(format!("only the run tells what {name} is"), span),
            None => late(format!("only the run tells what its attribute {name} is"), span),
        })?);
    }
    if node.kind == PythonSource {
        return infer_source(body, &attributes).map_err(Mode::Python);
    }
    let Some(input) = node.inputs.first().map(|input| &known[*input]) else {
        return Err(late("only the run tells the type of its elements".to_owned(), span));
    };
    let unknown = || {
        let (kind, span) = input.origin;
        late(format!("only the run tells the type of what {} gives", kind.call()), span)
    };
    let of = input.of.clone().ok_or_else(unknown)?;
    let arguments = match node.kind {
        Reduce | WindowReduce => vec![reduced.cloned().unwrap_or_else(|| of.clone()); 2],
        WindowApply => {
            let key =
                input.key.clone().ok_or_else(|| late("only the run tells the type of its keys".to_owned(), span))?;
            vec![key, window(nodes[node.inputs[0]].kind), Type::List(Box::new(of))]
        }
        _ => vec![of],
    };
    infer(body, &arguments, &attributes).map_err(Mode::Python)
}

/// What `apply` is handed as its window.
fn window(kind: OperatorKind) -> Type {
    let int = |name: &str| (name.to_owned(), Type::Int);
    let (name, fields) = match kind {
        OperatorKind::TimeWindow => ("TimeWindow", vec![int("start"), int("end")]),
        _ => ("GlobalWindow", Vec::new()),
    };
    Type::Record(Arc::new(RecordType {
        module: "_pyflink.windows".to_owned(),
        name: name.to_owned(),
        fields,
        is_tuple: false,
        members: Vec::new(),
    }))
}

/// The type of elements that are known; of ints and floats, only the run tells which are done apart.
fn elements(node: &Node) -> Option<Type> {
    let name = match node.kind {
        OperatorKind::FromElements => "elements",
        OperatorKind::FromCollection => "collection",
        _ => return None,
    };
    let Argument::Known(Literal::List(items) | Literal::Tuple(items)) = node.arg(name)? else { return None };
    items
        .iter()
        .try_fold(Type::Never, |joined, item| joined.join(&literal(item)?))
        .filter(|of| !matches!(of, Type::Never | Type::Number))
}

/// The type of a known value.
fn literal(of: &Literal) -> Option<Type> {
    Some(match of {
        Literal::None => Type::None,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(value) => i64::try_from(value).map(|_| Type::Int).ok()?,
        Literal::Float(_) => Type::Float,
        Literal::Str(_) => Type::Str,
        Literal::Bytes(_) => Type::Bytes,
        Literal::Tuple(items) => Type::Tuple(items.iter().map(literal).collect::<Option<_>>()?),
        Literal::List(items) => {
            let join = |joined: Type, item: &Literal| joined.join(&literal(item)?);
            match items.iter().try_fold(Type::Never, join) {
                Some(of) => Type::List(Box::new(of)),
                None => Type::Mixed(items.iter().map(literal).collect::<Option<_>>()?),
            }
        }
        Literal::Dict(items) => {
            let item = |(key, value): &(Literal, Literal)| match key {
                Literal::Str(key) => Some((key.clone(), literal(value)?)),
                _ => None,
            };
            Type::Row(items.iter().map(item).collect::<Option<_>>()?)
        }
    })
}

/// A type of the script's elements as one of machine code, if each part of it is known.
fn exact(of: &types::Type) -> Option<Type> {
    Some(match of {
        types::Type::None => Type::None,
        types::Type::Bool => Type::Bool,
        types::Type::Int => Type::Int,
        types::Type::Float => Type::Float,
        types::Type::Str => Type::Str,
        types::Type::Bytes => Type::Bytes,
        types::Type::Tuple(fields) => {
            Type::Tuple(fields.iter().map(|field| exact(field.as_ref()?)).collect::<Option<_>>()?)
        }
        types::Type::List(Some(of)) => Type::List(Box::new(exact(of)?)),
        types::Type::List(None) | types::Type::Set(_) | types::Type::Dict | types::Type::Iterable(_) => return None,
    })
}
