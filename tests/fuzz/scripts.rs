//! Scripts of many cases, each a job with functions of its own over rows of its own.

use crate::expressions::Body;
use crate::random::Random;
use crate::statements::Goal;
use crate::values::{Callable, Class, Kind, MEMBERS, Type, World};
use std::fmt::Write as _;

/// How rows are made and shown; part of each script, so that one that is kept runs by itself.
const ROWS: &str = include_str!("rows.py");

/// A job that stands for itself.
pub struct Case {
    pub number: usize,
    /// Classes and functions.
    definitions: String,
    /// What makes a row, given `r`; `None` if the job has a source of its own.
    row: Option<String>,
    /// One row of so many is of any type; 0 for none.
    odd: usize,
    /// What stands behind `env`, or behind its rows; with the sinks.
    pipeline: String,
    /// Which of the rows.
    pub rows: std::ops::Range<usize>,
}

pub fn script(cases: &[Case], seed: u64) -> String {
    let mut text = format!(
        "import bisect\nimport heapq\nimport itertools\nimport math\nimport re\nimport struct\nfrom collections import OrderedDict, defaultdict, namedtuple\nfrom dataclasses import dataclass\n\
         from datetime import datetime, timedelta\n\
         from enum import Enum\nfrom functools import cmp_to_key\nfrom typing import NamedTuple\n\n\
         from org.apache.flink.api.common.functions import FilterFunction, FlatMapFunction, MapFunction, ReduceFunction\n\
         from org.apache.flink.streaming.api.collector.selector import OutputSelector\n\
         from org.apache.flink.streaming.api.functions.source import SourceFunction\n\
         from org.apache.flink.streaming.api.functions.windowing import WindowFunction\n\n\
         K = 11\nF = 0.75\nS = 'ab'\nDAY = datetime(2024, 3, 10, 1, 2, 3)\nHOUR = timedelta(hours=1)\nTABLE = {{'a': 1, 'Error': 2, '12': 3, '': 4}}\n\n\n{ROWS}\n\n"
    );
    cases.iter().for_each(|case| text.push_str(&case.definitions));
    text.push_str("def main(factory):\n");
    for case in cases {
        let number = case.number;
        let source = match &case.row {
            Some(row) => format!(
                "env.from_collection(rows({}, {}, {}, {}, lambda r: {row}))",
                seed * 1000 + number as u64,
                case.rows.start,
                case.rows.end,
                case.odd
            ),
            None => "env".to_owned(),
        };
        let pipeline = case.pipeline.replace("SHOW", &format!(".map(show).output('{number}')"));
        // Writing to a String can't fail.
        let _ = write!(
            text,
            "    env = factory.get_execution_environment()\n    stream = {source}{pipeline}\n    \
             try:\n        env.execute()\n    except Exception as error:\n        \
             print({number}, type(error.__cause__).__name__, ascii(str(error.__cause__)), ascii(str(error)))\n"
        );
    }
    text
}

fn constants() -> Vec<(String, Type)> {
    let table = Type::Dict(Box::new(Type::Str), Box::new(Type::Int));
    let constants = [("K", Type::Int), ("F", Type::Float), ("S", Type::Str), ("TABLE", table)];
    constants.into_iter().map(|(name, of)| (name.to_owned(), of)).collect()
}

/// What is written for one case.
struct Writer<'a> {
    random: &'a mut Random,
    number: usize,
    world: World,
    text: String,
}

pub fn case(random: &mut Random, number: usize, rows: usize, changes: bool) -> Case {
    let mut writer = Writer { random, number, world: World { changes, ..World::default() }, text: String::new() };
    if writer.random.chance(3) {
        writer.class(0);
        if writer.random.chance(3) {
            writer.class(1);
        }
    }
    for at in 0..writer.random.below(3) {
        writer.helper(at);
    }
    if writer.random.chance(4) {
        writer.table();
    }
    let element = match changes && !writer.random.chance(3) {
        true => Type::changeable(writer.random, &writer.world),
        false => Type::random(writer.random, &writer.world, 2),
    };
    let mut row = Some(element.row(&writer.world));
    let pipeline = match writer.random.below(16) {
        0..7 => writer.maps(element),
        7 | 8 => writer.flat_map(&element),
        9 => writer.split(&element),
        10..12 => writer.keyed(element),
        12..14 => writer.window(&element),
        _ => {
            row = None;
            writer.source()
        }
    };
    let odd = if writer.random.chance(6) { 40 } else { 0 };
    Case { number, definitions: writer.text, row, odd, pipeline, rows: 0..rows }
}

impl Writer<'_> {
    fn body(&mut self, names: Vec<(String, Type)>, indent: usize, goal: &Goal, statements: usize) -> String {
        let mut body = Body::new(self.random, &self.world, names);
        body.indent = indent;
        body.body(goal, statements);
        body.text
    }

    /// A class whose objects are values.
    fn class(&mut self, at: usize) {
        let name = format!("Record{}{}", self.number, ["a", "b"][at]);
        let fields: Vec<(String, Type)> = (0..1 + self.random.below(3))
            .map(|at| (format!("f{at}"), Type::random(self.random, &self.world, self.number % 2)))
            .collect();
        let form = self.random.below(9);
        if form == 0 {
            return self.members(name);
        }
        let parameters: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        let kind = self.constructor(form, &name, &parameters);
        let own: Vec<(String, Type)> = fields.iter().map(|(name, of)| (format!("self.{name}"), of.clone())).collect();
        let names: Vec<(String, Type)> = own.iter().cloned().chain(constants()).collect();
        for special in ["__str__", "__repr__"] {
            // Without one, it would be shown with its address, which differs from run to run.
            let shows = kind == Kind::Named || form == 3;
            if special == "__repr__" && (!shows || self.random.chance(4)) || self.random.chance(3) {
                let body = self.body(names.clone(), 2, &Goal::Return(Type::Str), 0);
                let _ = write!(self.text, "\n    def {special}(self):\n{body}");
            }
        }
        if kind == Kind::Plain && form != 3 && self.random.chance(2) {
            let count = 1 + self.random.below(fields.len());
            let same: Vec<String> =
                fields.iter().take(count).map(|(name, _)| format!("self.{name} == other.{name}")).collect();
            let check = self.random.one(&["", &format!("isinstance(other, {name}) and ")]).to_owned();
            let _ = write!(self.text, "\n    def __eq__(self, other):\n        return {check}{}\n", same.join(" and "));
        }
        let mut methods = Vec::new();
        for at in 0..self.random.below(3) {
            let result = Type::scalar(self.random);
            let statements = self.random.below(2);
            let body = self.body(names.clone(), 2, &Goal::Return(result.clone()), statements);
            let is_property = self.random.chance(3);
            let property = if is_property { "    @property\n" } else { "" };
            let _ = write!(self.text, "\n{property}    def m{at}(self):\n{body}");
            methods.push((format!("m{at}{}", if is_property { "" } else { "()" }), result));
        }
        let mut changers = Vec::new();
        if kind == Kind::Plain && self.world.changes && self.random.chance(2) {
            let (field, of) = self.random.pick(&fields).clone();
            let argument = if self.random.chance(2) { of.clone() } else { Type::scalar(self.random) };
            let names = names.into_iter().chain([("a".to_owned(), argument.clone())]).collect();
            let mut body = Body::new(self.random, &self.world, names);
            let value = body.bounded(&of, 2);
            body.line(&format!("self.{field} = {value}"));
            let test = body.truth(1);
            body.line(&format!("if {test}:"));
            let (first, of) = fields[0].clone();
            let value = body.bounded(&of, 1);
            body.line(&format!("    self.{first} = {value}"));
            let body = body.text;
            let _ = write!(self.text, "\n    def change(self, a):\n{body}");
            changers.push(("change".to_owned(), argument));
        }
        self.text.push_str("\n\n");
        self.world.classes.push(Class { name, fields, methods, changers, kind });
    }

    /// How a class begins, and how its objects are made.
    fn constructor(&mut self, form: usize, name: &str, parameters: &[&str]) -> Kind {
        let all = parameters.join(", ");
        let init = format!("    def __init__(self, {all}):\n");
        let selves: Vec<String> = parameters.iter().map(|name| format!("self.{name}")).collect();
        let lines = |of: &dyn Fn(&str) -> String| -> String { parameters.iter().map(|name| of(name)).collect() };
        let (text, kind) = match form {
            // Fields are named in the order of the class.
            1 => (format!("class {name}(namedtuple('{name}', '{all}')):\n    __slots__ = ()\n"), Kind::Named),
            2 => {
                (format!("class {name}(NamedTuple):\n{}", lines(&|name| format!("    {name}: object\n"))), Kind::Named)
            }
            3 => {
                (format!("@dataclass\nclass {name}:\n{}", lines(&|name| format!("    {name}: object\n"))), Kind::Plain)
            }
            4 => {
                let slots = lines(&|name| format!("'{name}', "));
                let sets = lines(&|name| format!("        self.{name} = {name}\n"));
                (format!("class {name}:\n    __slots__ = ({slots})\n\n{init}{sets}"), Kind::Plain)
            }
            5 => {
                let first = parameters[0];
                let others = parameters[1..].iter().map(|name| format!("        self.{name} = {name}\n"));
                let others: String = others.rev().collect();
                let test = format!("        if {first} or K > 3:\n            self.{first} = {first}\n");
                let test = format!("{test}        else:\n            self.{first} = {first}\n");
                (format!("class {name}:\n{init}{test}{others}"), Kind::Plain)
            }
            6 => (format!("class {name}:\n{init}        {}, = {all},\n", selves.join(", ")), Kind::Plain),
            _ => {
                let sets = lines(&|name| format!("        self.{name} = {name}\n"));
                (format!("class {name}:\n{init}{sets}"), Kind::Plain)
            }
        };
        self.text.push_str(&text);
        kind
    }

    /// An Enum.
    fn members(&mut self, name: String) {
        let of = if self.random.chance(2) { Type::Int } else { Type::Str };
        let _ = writeln!(self.text, "class {name}(Enum):");
        for (at, member) in MEMBERS.iter().enumerate() {
            let value = if of == Type::Int { at.to_string() } else { format!("'{}'", "abc".split_at(at).1) };
            let _ = writeln!(self.text, "    {member} = {value}");
        }
        self.text.push_str("\n\n");
        let methods = vec![("name".to_owned(), Type::Str), ("value".to_owned(), of)];
        self.world.classes.push(Class { name, fields: Vec::new(), methods, changers: Vec::new(), kind: Kind::Enum });
    }

    /// A function of the module that others call.
    fn helper(&mut self, at: usize) {
        let name = format!("helper{}{}", self.number, ["a", "b"][at % 2]);
        let parameters: Vec<Type> =
            (0..1 + self.random.below(2)).map(|_| Type::random(self.random, &self.world, 1)).collect();
        let result = Type::random(self.random, &self.world, 1);
        let names = ["a", "b"].iter().zip(&parameters).map(|(name, of)| ((*name).to_owned(), of.clone()));
        let statements = self.random.below(3);
        let body = self.body(names.chain(constants()).collect(), 1, &Goal::Return(result.clone()), statements);
        let default = match (self.random.below(4), parameters.last()) {
            (0, Some(of)) => format!("={}", of.constant(self.random, &self.world)),
            _ => String::new(),
        };
        let arguments = ["a", "b"][..parameters.len()].join(", ");
        let _ = write!(self.text, "def {name}({arguments}{default}):\n{body}\n\n");
        self.world.functions.push(Callable { name, parameters, result });
    }

    /// Functions in a dict or tuple, called by key.
    fn table(&mut self) {
        let name = format!("OPS{}", self.number);
        let (of, result) = (Type::scalar(self.random), Type::random(self.random, &self.world, 1));
        let fitting = |function: &&Callable| function.parameters == [of.clone()] && function.result == result;
        let mut functions: Vec<String> =
            self.world.functions.iter().filter(fitting).map(|function| function.name.clone()).collect();
        while functions.len() < 3 {
            functions.push(self.lambda(&[("a", of.clone())], &result, 2));
        }
        let call = if self.random.chance(2) {
            let _ = write!(self.text, "{name} = ({})\n\n\n", functions.join(", "));
            format!("{name}[# % {}]", 2 + self.random.below(3))
        } else {
            let keys = ["'a'", "'Error'", "''", "'12'"];
            let items: Vec<String> = keys.iter().zip(&functions).map(|(key, of)| format!("{key}: {of}")).collect();
            let _ = write!(self.text, "{name} = {{{}}}\n\n\n", items.join(", "));
            match self.random.below(4) {
                0..3 => format!("{name}[@ if @ in {name} else 'a']"),
                _ => format!("{name}.get(@, {name}['a'])"),
            }
        };
        self.world.functions.push(Callable { name: call, parameters: vec![of], result });
    }

    /// A function that changes its element and gives it on; with what the element is then.
    fn changing(&mut self, element: &Type) -> (String, Type) {
        let name = format!("Change{}", self.number);
        let is_guarded = self.random.chance(2);
        let changes = 1 + self.random.below(4);
        let names = [("x".to_owned(), element.clone())].into_iter().chain(constants()).collect();
        let mut body = Body::new(self.random, &self.world, names);
        body.indent = if is_guarded { 3 } else { 2 };
        let of = body.change_handed("x", changes);
        let body = match is_guarded {
            true => format!("        try:\n{}        except Exception as error:\n            return x\n", body.text),
            false => body.text,
        };
        let _ = write!(self.text, "class {name}:\n    def map(self, x):\n{body}\n\n");
        (name, of)
    }

    /// A class with one function of the API, its attributes, and now and then a method that it calls; gives its name.
    fn object(&mut self, base: &str, method: &str, arguments: &[(&str, Type)], goal: &Goal) -> String {
        let name = format!("{}{}{}", ["F", "G", "H"][self.random.below(3)], self.number, method);
        let attributes: Vec<(String, Type)> = (0..self.random.below(3))
            .map(|at| {
                let of = match Type::random(self.random, &World::default(), 1) {
                    // It could be changed by others, so that it keeps functions in Python.
                    Type::Row(_) if !self.random.chance(5) => Type::scalar(self.random),
                    of => of,
                };
                (["k", "t"][at % 2].to_owned(), of)
            })
            .collect();
        let mut names: Vec<(String, Type)> =
            arguments.iter().map(|(name, of)| ((*name).to_owned(), of.clone())).collect();
        names.extend(attributes.iter().map(|(name, of)| (format!("self.{name}"), of.clone())));
        names.extend(constants());
        let mut init = String::new();
        for (name, of) in &attributes {
            let value = of.constant(self.random, &World::default());
            let _ = writeln!(init, "        self.{name} = {value}");
        }
        let functions = self.world.functions.len();
        let mut methods = String::new();
        let mut bases = if self.random.chance(2) { format!("({base})") } else { String::new() };
        if self.random.chance(4) {
            let (of, result) = (Type::scalar(self.random), Type::scalar(self.random));
            let parameter = || [("a".to_owned(), of.clone())].into_iter().chain(constants()).collect::<Vec<_>>();
            let goal = Goal::Return(result.clone());
            let own =
                |name: &str| Callable { name: name.to_owned(), parameters: vec![of.clone()], result: result.clone() };
            let statements = self.random.below(2);
            if self.random.chance(2) {
                let body = self.body(parameter(), 2, &goal, statements);
                let _ = write!(self.text, "class Base{name}:\n    def clean(self, a):\n{body}\n\n");
                bases = format!("(Base{name})");
                self.world.functions.push(own("super().clean"));
            }
            let body = self.body(parameter(), 2, &goal, statements);
            let _ = write!(methods, "    def clean(self, a):\n{body}\n");
            self.world.functions.truncate(functions);
            self.world.functions.push(own("self.clean"));
        }
        let body = self.guarded(names, goal);
        self.world.functions.truncate(functions);
        let _ = writeln!(self.text, "class {name}{bases}:");
        if !init.is_empty() {
            let _ = write!(self.text, "    def __init__(self):\n{init}\n");
        }
        let arguments: Vec<&str> = arguments.iter().map(|(name, _)| *name).collect();
        let collector = if matches!(goal, Goal::Emit("collector.collect", _)) { ", collector" } else { "" };
        let _ = write!(self.text, "{methods}    def {method}(self, {}{collector}):\n{body}\n\n", arguments.join(", "));
        name
    }

    /// The body of a function of the API. Half of them catch what they raise, so that the rows behind are done as well.
    fn guarded(&mut self, names: Vec<(String, Type)>, goal: &Goal) -> String {
        let statements = self.random.below(5);
        if self.random.chance(2) {
            return self.body(names, 2, goal, statements);
        }
        let body = self.body(names, 3, goal, statements);
        let caught = match goal {
            Goal::Return(Type::Bool) => "return False",
            Goal::Return(_) => "return repr(error)",
            // Of another type it would spoil all that come behind it.
            Goal::Accumulate(_) | Goal::Handed(_) => "return b",
            Goal::Emit("yield", _) => "yield repr(error)",
            Goal::Emit(..) => "collector.collect(repr(error))",
        };
        format!("        try:\n{body}        except Exception as error:\n            {caught}\n")
    }

    /// An expression in a lambda.
    fn lambda(&mut self, names: &[(&str, Type)], of: &Type, depth: usize) -> String {
        let arguments: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        let names = names.iter().map(|(name, of)| ((*name).to_owned(), of.clone())).chain(constants()).collect();
        let value = Body::new(self.random, &self.world, names).expression(of, depth);
        format!("lambda {}: {value}", arguments.join(", "))
    }

    /// Maps and filters, one behind the other.
    fn maps(&mut self, element: Type) -> String {
        let mut of = element;
        let mut pipeline = String::new();
        let length = 1 + self.random.below(3);
        for at in 0..length {
            let x = [("x", of.clone())];
            match self.random.below(4) {
                _ if self.world.changes
                    && of.is_changeable(&self.world)
                    && self.random.chance(2)
                    && !self.text.contains(&format!("class Change{}:", self.number)) =>
                {
                    let (name, changed) = self.changing(&of);
                    let _ = write!(pipeline, ".map({name}().map)");
                    of = changed;
                }
                0 => {
                    let test = match self.random.below(2) {
                        0 => format!("{}()", self.object("FilterFunction", "filter", &x, &Goal::Return(Type::Bool))),
                        _ => self.lambda(&x, &Type::Bool, 3),
                    };
                    let _ = write!(pipeline, ".filter({test})");
                }
                1 => {
                    let result = Type::random(self.random, &self.world, 2);
                    let _ = write!(pipeline, ".map({})", self.lambda(&x, &result, 3));
                    of = result;
                }
                // Names would clash.
                _ if at > 0 && self.text.contains(&format!("{}map(", self.number)) => {}
                _ => {
                    let result = Type::random(self.random, &self.world, 2);
                    let name = self.object("MapFunction", "map", &x, &Goal::Return(result.clone()));
                    let _ = write!(pipeline, ".map({name}())");
                    of = result;
                }
            }
        }
        // Now and then the sink makes text of elements.
        match self.random.below(5) {
            0 => format!("{pipeline}.output('{}')", self.number),
            _ => format!("{pipeline}SHOW"),
        }
    }

    fn flat_map(&mut self, element: &Type) -> String {
        let result = Type::random(self.random, &self.world, 2);
        let word = self.random.one(&["collector.collect", "collector.collect", "yield"]);
        let word = if word == "yield" { "yield" } else { "collector.collect" };
        let name =
            self.object("FlatMapFunction", "flatMap", &[("x", element.clone())], &Goal::Emit(word, result.clone()));
        match self.random.below(2) {
            0 => format!(".flat_map({name}()).filter({})SHOW", self.lambda(&[("x", result)], &Type::Bool, 2)),
            _ => format!(".flat_map({name}())SHOW"),
        }
    }

    fn split(&mut self, element: &Type) -> String {
        let number = self.number;
        let x = [("x".to_owned(), element.clone())].into_iter().chain(constants()).collect::<Vec<_>>();
        let test = Body::new(self.random, &self.world, x.clone()).expression(&Type::Bool, 3);
        let second = Body::new(self.random, &self.world, x).expression(&Type::Bool, 2);
        let body = match self.random.below(3) {
            0 => format!("        return ['a'] if {test} else ['b']\n"),
            1 => format!("        if {test}:\n            return 'a'\n        return 'c' if {second} else 'b'\n"),
            _ => format!(
                "        names = ['a' if {test} else 'b']\n        if {second}:\n            names.append('c')\n        return names\n"
            ),
        };
        let _ = write!(self.text, "class Select{number}(OutputSelector):\n    def select(self, x):\n{body}\n\n");
        format!(
            ".split(Select{number}())\n    stream.select('a').map(show).output('{number}')\n    \
             stream.select('b', 'c').map(show).output('{number}')"
        )
    }

    fn key(&mut self, element: &Type) -> String {
        let x = [("x", element.clone())];
        match self.random.below(3) {
            0 => self.lambda(&x, &Type::Bool, 2),
            1 => {
                let names: Vec<(String, Type)> =
                    [("x".to_owned(), element.clone())].into_iter().chain(constants()).collect();
                format!("lambda x: {} % 5", Body::new(self.random, &self.world, names).int(2))
            }
            _ => self.lambda(&x, &Type::Str, 1),
        }
    }

    fn keyed(&mut self, element: Type) -> String {
        let key = self.key(&element);
        let names = [("a", element.clone()), ("b", element.clone())];
        let name = self.object("ReduceFunction", "reduce", &names, &Goal::Accumulate(element.clone()));
        let window = self.random.one(&["", "", ".count_window(5)", ".count_window(7, 3)"]);
        if self.world.changes && element.is_changeable(&self.world) && self.random.chance(3) {
            let number = self.number;
            let names = names.into_iter().map(|(name, of)| (name.to_owned(), of)).chain(constants()).collect();
            let mut body = Body::new(self.random, &self.world, names);
            body.change_kept(&element);
            let body = body.text;
            let _ = write!(self.text, "class Keep{number}:\n    def reduce(self, a, b):\n{body}\n\n");
            return format!(".key_by({key}){window}.reduce(Keep{number}())SHOW");
        }
        format!(".key_by({key}){window}.reduce({name}())SHOW")
    }

    fn window(&mut self, element: &Type) -> String {
        let key = self.key(element);
        let result = Type::random(self.random, &self.world, 2);
        // Values are no list, but give one.
        let number = self.number;
        let names: Vec<(String, Type)> = [
            ("items".to_owned(), Type::list(element.clone())),
            ("len(values)".to_owned(), Type::Int),
            ("str(key)".to_owned(), Type::Str),
        ]
        .into_iter()
        .chain(constants())
        .collect();
        let goal = Goal::Emit("collector.collect", result);
        let statements = self.random.below(4);
        let body = self.body(names, 2, &goal, statements);
        let list = self.random.one(&["list(values)", "[value for value in values]", "sorted(values, key=str)"]);
        let _ = write!(
            self.text,
            "class Window{number}(WindowFunction):\n    def apply(self, key, window, values, collector):\n        items = {list}\n{body}\n\n"
        );
        let window = self.random.one(&[".count_window(5)", ".count_window(20, 9)", ".count_window(3)"]);
        format!(".key_by({key}){window}.apply(Window{number}())SHOW")
    }

    /// A source in Python: an object with state, or a generator function.
    fn source(&mut self) -> String {
        let number = self.number;
        let (of, result) = (Type::scalar(self.random), Type::random(self.random, &self.world, 2));
        let start = of.constant(self.random, &self.world);
        let statements = self.random.below(3);
        let (n, state) = if self.random.chance(2) { ("self.n", "self.state") } else { ("n", "state") };
        let names: Vec<(String, Type)> =
            [(n.to_owned(), Type::Int), (state.to_owned(), of.clone())].into_iter().chain(constants()).collect();
        let is_object = n != "n";
        let call = if is_object { "ctx.collect" } else { "yield" };
        let mut body = Body::new(self.random, &self.world, names);
        body.indent = if is_object { 3 } else { 2 };
        // The loop is the source's own.
        body.loops = 1;
        body.body(&Goal::Emit(call, result), statements);
        let next = body.bounded(&of, 2);
        let body = body.text;
        if is_object {
            let _ = write!(
                self.text,
                "class Source{number}(SourceFunction):\n    def __init__(self):\n        self.running = True\n        self.n = 0\n        \
                 self.state = {start}\n\n    def run(self, ctx):\n        while self.running and self.n < 250:\n            self.n += 1\n{body}            \
                 self.state = {next}\n\n    def cancel(self):\n        self.running = False\n\n\n"
            );
            return format!(".create_python_source(Source{number}())SHOW");
        }
        let _ = write!(
            self.text,
            "def source{number}():\n    state = {start}\n    for n in range(250):\n{body}        state = {next}\n\n\n"
        );
        format!(".create_python_source(source{number})SHOW")
    }
}
