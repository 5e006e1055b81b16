//! `argparse`, for the arguments that scripts usually have: options with values, flags, positionals, defaults, types.
//!
//! Where the parameters are known, so is the result. Where they aren't, each name is an opaque value of its own.

use crate::eval::Evaluator;
use crate::eval::branch::Eval;
use crate::eval::call::Arguments;
use crate::eval::stmt::Items;
use crate::eval::value::*;
use pyflink_plan::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

pub const METHODS: &[&str] = &[
    "add_argument",
    "add_argument_group",
    "add_mutually_exclusive_group",
    "add_subparsers",
    "error",
    "exit",
    "format_help",
    "parse_args",
    "parse_known_args",
    "print_help",
    "print_usage",
    "set_defaults",
];

#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// `--input`, `-i`; empty for a positional.
    flags: Vec<String>,
    dest: String,
    action: Action,
    default: Value,
    /// What converts the text; None for str.
    convert: Value,
    required: bool,
    /// `?`, `*`, `+`.
    many: Option<char>,
    choices: Option<Value>,
    /// Of its definition.
    span: Span,
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    Store,
    /// Stores the value without reading one.
    Constant(Value),
}

pub fn call(
    evaluator: &mut Evaluator<'_>,
    id: ObjectId,
    mut parser: Parser,
    name: &str,
    arguments: Arguments,
    span: Span,
) -> Eval<Value> {
    match name {
        "add_argument" => {
            match argument(&arguments, span) {
                Some(argument) => parser.arguments.push(argument),
                None => parser.opaque = Some(evaluator.fresh_opaque(span)),
            }
            evaluator.heap.set(id, Object::ArgumentParser(parser));
            Ok(evaluator.opaque(span))
        }
        "add_argument_group" | "add_mutually_exclusive_group" => Ok(Value::Object(id)),
        "set_defaults" => {
            for (name, value, _) in &arguments.named {
                match parser.arguments.iter_mut().find(|argument| argument.dest == **name) {
                    Some(argument) => argument.default = value.clone(),
                    None => parser.arguments.push(Argument {
                        flags: vec![String::new()],
                        dest: name.to_string(),
                        action: Action::Constant(value.clone()),
                        default: value.clone(),
                        convert: Value::None,
                        required: false,
                        many: None,
                        choices: None,
                        span,
                    }),
                }
            }
            evaluator.heap.set(id, Object::ArgumentParser(parser));
            Ok(Value::None)
        }
        "parse_args" => parse(evaluator, &parser, &arguments, span, false),
        "parse_known_args" => {
            let namespace = parse(evaluator, &parser, &arguments, span, true)?;
            let rest = evaluator.opaque(span);
            Ok(Value::tuple(vec![namespace, rest]))
        }
        "error" | "exit" => Err(evaluator.exception("SystemExit", "2", span)),
        "add_subparsers" => {
            parser.opaque = Some(evaluator.fresh_opaque(span));
            evaluator.heap.set(id, Object::ArgumentParser(parser));
            Ok(evaluator.opaque(span))
        }
        _ => Ok(Value::None),
    }
}

/// `None` if it is one that isn't modelled.
fn argument(arguments: &Arguments, span: Span) -> Option<Argument> {
    if arguments.unknown.is_some() {
        return None;
    }
    let names: Vec<String> =
        arguments.positional.iter().map(|(value, _)| value.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    let text = |name: &str| match arguments.named(name) {
        None | Some(Value::None) => Some(None),
        Some(Value::Str(text)) => Some(Some(text.to_string())),
        Some(_) => None,
    };
    let first = names.first()?;
    let optional = first.starts_with('-');
    let flags = if optional { names.clone() } else { Vec::new() };
    let long = names.iter().find(|name| name.starts_with("--")).unwrap_or(first);
    let dest = match text("dest")? {
        Some(dest) => dest,
        None => long.trim_start_matches('-').replace('-', "_"),
    };
    let constant = |value: bool| (Action::Constant(Value::Bool(value)), Value::Bool(!value));
    let (action, default) = match text("action")?.as_deref() {
        None | Some("store") => (Action::Store, Value::None),
        Some("store_true") => constant(true),
        Some("store_false") => constant(false),
        Some("store_const") => (Action::Constant(arguments.named("const")?.clone()), Value::None),
        Some(_) => return None,
    };
    let many = match arguments.named("nargs") {
        None | Some(Value::None) => None,
        Some(Value::Str(text)) => Some(text.chars().next()?),
        Some(_) => return None,
    };
    let required = match arguments.named("required") {
        None => !optional && !matches!(many, Some('?' | '*')),
        Some(Value::Bool(required)) => *required,
        Some(_) => return None,
    };
    Some(Argument {
        flags,
        dest,
        action,
        default: arguments.named("default").cloned().unwrap_or(default),
        convert: arguments.named("type").cloned().unwrap_or(Value::None),
        required,
        many,
        choices: arguments.named("choices").cloned(),
        span,
    })
}

fn parse(
    evaluator: &mut Evaluator<'_>,
    parser: &Parser,
    arguments: &Arguments,
    span: Span,
    lenient: bool,
) -> Eval<Value> {
    let argv = match arguments.get(0).or_else(|| arguments.named("args")).cloned() {
        Some(Value::None) | None => {
            let argv = evaluator.argv(span);
            match evaluator.items(&argv, span)? {
                Items::Known(items) => Some(items[1..].to_vec()),
                Items::Opaque(_) => None,
            }
        }
        Some(value) => match evaluator.items(&value, span)? {
            Items::Known(items) => Some(items),
            Items::Opaque(_) => None,
        },
    };
    let texts: Option<Vec<String>> =
        argv.and_then(|argv| argv.iter().map(|value| value.as_str().map(str::to_owned)).collect());
    let known = match (texts, parser.opaque) {
        (Some(texts), None) => match read(parser, &texts, lenient) {
            Ok(read) => Some(read),
            Err(Problem::Unknown) => None,
            Err(Problem::Wrong(why)) => {
                return Err(evaluator.exception("SystemExit", format!("argparse: {why}"), span));
            }
        },
        _ => None,
    };
    let mut attributes: BTreeMap<Name, Value> = BTreeMap::new();
    for argument in &parser.arguments {
        let value = match &known {
            None => match (&argument.action, argument.flags.first()) {
                (Action::Constant(value), Some(flag)) if flag.is_empty() => value.clone(),
                _ => {
                    // The same option is the same value each time the parameters are read.
                    let opaque = evaluator.fresh_opaque(argument.span);
                    let root = Opaque { identity: 0, ..opaque };
                    Value::Opaque(evaluator.derive(root, format!("argument {}", argument.dest), argument.span))
                }
            },
            Some(read) => match read.get(&argument.dest) {
                Some(Given::Texts(texts)) => {
                    let mut values = Vec::new();
                    for text in texts {
                        values.push(converted(evaluator, argument, text, span)?);
                    }
                    match argument.many {
                        Some('*' | '+') => evaluator.list(values),
                        _ => values.pop().unwrap_or(Value::None),
                    }
                }
                Some(Given::Constant(value)) => value.clone(),
                // A default that is text is converted as if it were given.
                None => match &argument.default {
                    Value::Str(text) if argument.many.is_none() => {
                        let text = text.to_string();
                        converted(evaluator, argument, &text, span)?
                    }
                    default => default.clone(),
                },
            },
        };
        attributes.insert(Rc::from(argument.dest.as_str()), value);
    }
    let open = match (&known, parser.opaque) {
        (_, Some(opaque)) => Some(opaque),
        _ => None,
    };
    Ok(evaluator.add_value(Object::Instance(Instance { class: Value::Builtin("object"), attributes, open })))
}

fn converted(evaluator: &mut Evaluator<'_>, argument: &Argument, text: &str, span: Span) -> Eval<Value> {
    match &argument.convert {
        Value::None | Value::Builtin("str") => Ok(Value::str(text)),
        convert => evaluator.call(&convert.clone(), Arguments::positional(vec![Value::str(text)]), span),
    }
}

enum Given {
    Texts(Vec<String>),
    Constant(Value),
}

enum Problem {
    /// Not modelled; only a run can tell.
    Unknown,
    /// `argparse` would end the script with this.
    Wrong(String),
}

/// Reads parameters as `argparse` does, abbreviations left out.
fn read(parser: &Parser, texts: &[String], lenient: bool) -> Result<BTreeMap<String, Given>, Problem> {
    let mut found = BTreeMap::new();
    let mut positionals = parser.arguments.iter().filter(|argument| argument.flags.is_empty());
    let mut at = 0;
    while at < texts.len() {
        let text = &texts[at];
        at += 1;
        let is_number = text.parse::<f64>().is_ok();
        if text.starts_with('-') && text.len() > 1 && !is_number {
            let (flag, inline) = match text.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
                _ => (text.as_str(), None),
            };
            let Some(argument) =
                parser.arguments.iter().find(|argument| argument.flags.iter().any(|known| known == flag))
            else {
                let abbreviated = parser.arguments.iter().any(|a| a.flags.iter().any(|known| known.starts_with(flag)));
                if lenient || abbreviated || !flag.starts_with("--") || flag == "--help" {
                    return Err(Problem::Unknown);
                }
                return Err(Problem::Wrong(format!("unrecognized arguments: {text}")));
            };
            match (&argument.action, argument.many) {
                (Action::Constant(value), _) => {
                    drop(found.insert(argument.dest.clone(), Given::Constant(value.clone())))
                }
                (Action::Store, None) => {
                    let value = match inline {
                        Some(value) => value,
                        None => {
                            let Some(value) = texts.get(at) else {
                                return Err(Problem::Wrong(format!("argument {flag}: expected one argument")));
                            };
                            at += 1;
                            value.clone()
                        }
                    };
                    found.insert(argument.dest.clone(), Given::Texts(vec![value]));
                }
                (Action::Store, Some('*' | '+')) if inline.is_none() => {
                    let values: Vec<String> =
                        texts[at..].iter().take_while(|text| !text.starts_with('-')).cloned().collect();
                    at += values.len();
                    found.insert(argument.dest.clone(), Given::Texts(values));
                }
                _ => return Err(Problem::Unknown),
            }
        } else {
            match positionals.next() {
                Some(argument) if argument.many.is_none() || argument.many == Some('?') => {
                    found.insert(argument.dest.clone(), Given::Texts(vec![text.clone()]));
                }
                Some(argument) => {
                    let mut values = vec![text.clone()];
                    while at < texts.len() && !texts[at].starts_with('-') {
                        values.push(texts[at].clone());
                        at += 1;
                    }
                    found.insert(argument.dest.clone(), Given::Texts(values));
                }
                None if lenient => return Err(Problem::Unknown),
                None => return Err(Problem::Wrong(format!("unrecognized arguments: {text}"))),
            }
        }
    }
    for argument in &parser.arguments {
        match found.get(&argument.dest) {
            None if argument.required => {
                let name = argument.flags.first().cloned().unwrap_or_else(|| argument.dest.clone());
                return Err(Problem::Wrong(format!("the following arguments are required: {name}")));
            }
            Some(Given::Texts(_)) if argument.choices.is_some() => {}
            _ => {}
        }
    }
    Ok(found)
}
