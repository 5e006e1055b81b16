//! Statements, and whole bodies of functions.

use crate::expressions::Body;
use crate::values::{Callable, Type, display};

/// What a function does with its results.
#[derive(Clone)]
pub enum Goal {
    Return(Type),
    /// A result that goes into the next call: of bounded size.
    Accumulate(Type),
    /// With this in front: `collector.collect`, `yield`.
    Emit(&'static str, Type),
    /// What it was handed, by that name.
    Handed(&'static str),
}

impl Goal {
    /// A list that was handed out may not change any more, so that lists change only where none is handed out midway.
    fn may_change_lists(&self) -> bool {
        match self {
            Goal::Emit(_, of) => of.is_hashable(),
            Goal::Return(_) | Goal::Accumulate(_) | Goal::Handed(_) => true,
        }
    }
}

impl Body<'_> {
    pub fn line(&mut self, line: &str) {
        self.text.push_str(&"    ".repeat(self.indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A whole body.
    pub fn body(&mut self, goal: &Goal, statements: usize) {
        self.statements(goal, statements, 3);
        self.end(goal, 3);
    }

    pub fn end(&mut self, goal: &Goal, depth: usize) {
        match goal {
            Goal::Handed(name) => self.line(&format!("return {name}")),
            Goal::Return(of) => {
                let value = self.expression(of, depth);
                self.line(&format!("return {value}"));
            }
            Goal::Accumulate(of) => {
                let value = self.bounded(of, depth.min(2));
                self.line(&format!("return {value}"));
            }
            Goal::Emit(call, of) => {
                let value = self.expression(of, depth);
                let emit = match *call {
                    "yield" => format!("yield {value}"),
                    call => format!("{call}({value})"),
                };
                self.line(&emit);
            }
        }
    }

    /// An expression that doesn't grow without limit when its value comes back again and again.
    pub fn bounded(&mut self, of: &Type, depth: usize) -> String {
        match of {
            Type::Int => match self.random.below(4) {
                0 => format!("({} & 0xFFFF)", self.int(depth)),
                1 => format!("({} + {})", self.leaf(of), self.leaf(of)),
                2 => format!("{}({}, {})", self.random.one(&["min", "max"]), self.leaf(of), self.leaf(of)),
                _ => format!("({} % 1000003)", self.int(depth)),
            },
            Type::Float | Type::Bool | Type::Moment | Type::Delta => self.expression(of, depth),
            Type::Str | Type::Bytes => format!("{}[:30]", self.expression(of, depth)),
            Type::List(_) => format!("{}[:6]", self.expression(of, depth.min(1))),
            Type::Mixed(_) => self.expression(of, depth.min(1)),
            Type::Tuple(fields) => {
                let fields: Vec<String> = fields.iter().map(|of| self.bounded(of, depth)).collect();
                format!("({},)", fields.join(", "))
            }
            Type::Optional(inner) => match self.random.below(4) {
                0 => "None".to_owned(),
                1 => self.leaf(of),
                _ => self.bounded(inner, depth),
            },
            Type::Either(types) => {
                let one = self.random.pick(types).clone();
                self.bounded(&one, depth)
            }
            Type::Dict(..) => self.leaf(of),
            Type::Row(fields) => {
                let fields: Vec<_> = fields.iter().map(|(key, of)| (*key, self.bounded(of, depth))).collect();
                display(fields.into_iter())
            }
            Type::Record(class) => {
                let class = &self.world.classes[*class];
                let fields: Vec<String> = class.fields.iter().map(|(_, of)| self.bounded(of, depth)).collect();
                class.made(self.random, &fields)
            }
        }
    }

    fn statements(&mut self, goal: &Goal, count: usize, depth: usize) {
        (0..count).for_each(|_| self.statement(goal, depth));
    }

    /// An indented block, whose new names end with it.
    fn block(&mut self, goal: &Goal, count: usize, depth: usize) {
        let (names, functions) = (self.names.len(), self.functions.len());
        self.indent += 1;
        let before = self.text.len();
        self.statements(goal, count, depth);
        // A statement that finds nothing to work on writes nothing.
        if self.text.len() == before {
            self.line("pass");
        }
        self.indent -= 1;
        self.names.truncate(names);
        self.functions.truncate(functions);
    }

    fn inside(&mut self, line: &str) {
        self.indent += 1;
        self.line(line);
        self.indent -= 1;
    }

    /// A local that may be bound anew. What is changed under a name is to be the function's own wherever it is bound.
    fn local(&mut self) -> Option<(String, Type)> {
        let is_local = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let may_be_bound =
            |(name, of): &&(String, Type)| is_local(name) && !self.own.contains(name) && !matches!(of, Type::Row(_));
        let locals: Vec<_> = self.names.iter().filter(may_be_bound).cloned().collect();
        if locals.is_empty() { None } else { Some(self.random.pick(&locals).clone()) }
    }

    pub fn statement(&mut self, goal: &Goal, depth: usize) {
        match self.random.below(if depth == 0 { 10 } else { 30 }) {
            25 | 26 => self.change_row(),
            27..30 => self.collection(),
            0..3 => {
                let of = Type::random(self.random, self.world, 1);
                let value = self.expression(&of, 3);
                let name = self.name();
                self.line(&format!("{name} = {value}"));
                self.names.push((name, of));
            }
            3 | 4 => self.rebind(),
            5 | 6 => self.augment(),
            7 => self.unpack(),
            8 | 9 if self.loops > 0 => {
                let test = self.truth(2);
                self.line(&format!("if {test}:"));
                let word = self.random.one(&["break", "continue"]);
                self.inside(word);
            }
            8 | 9 => {
                let test = self.truth(2);
                self.line(&format!("if {test}:"));
                self.leave(goal);
            }
            10..13 => self.branch(goal, depth - 1),
            13 | 14 => self.for_loop(goal, depth - 1),
            15 => self.while_loop(goal, depth - 1),
            16 | 17 => self.attempt(goal, depth - 1),
            18 | 19 if goal.may_change_lists() => self.gather(goal, depth - 1),
            20 => self.groups(),
            21 if depth == 3 && self.loops == 0 => self.nested_function(),
            22..25 if goal.may_change_lists() => self.change(),
            _ => {
                if let Goal::Emit(..) = goal {
                    self.end(goal, 2);
                } else {
                    self.branch(goal, depth - 1);
                }
            }
        }
    }

    /// Ends the function early, or gives a result of several.
    fn leave(&mut self, goal: &Goal) {
        self.indent += 1;
        match (goal, self.random.below(6)) {
            (Goal::Emit(..), 0) => self.line("return"),
            (_, 1) => {
                let text = self.str(1);
                let error = self.random.one(&["ValueError", "KeyError", "RuntimeError"]);
                self.line(&format!("raise {error}({text})"));
            }
            _ => self.end(goal, 2),
        }
        self.indent -= 1;
    }

    fn rebind(&mut self) {
        let Some((name, of)) = self.local() else { return };
        let value = if self.loops > 0 { self.bounded(&of, 2) } else { self.expression(&of, 3) };
        self.line(&format!("{name} = {value}"));
    }

    fn augment(&mut self) {
        let Some((name, of)) = self.local() else { return };
        let line = match of {
            Type::Int if self.loops > 0 => {
                let op = self.random.one(&["+", "-", "&", "%", "//", "|", "^"]);
                match op {
                    "%" | "//" => format!("{name} {op}= {}", self.random.one(&["7", "1000003", "10"])),
                    _ => format!("{name} {op}= {}", self.int(1)),
                }
            }
            Type::Int => format!("{name} {}= {}", self.random.one(&["+", "-", "*", "&", "|", "^"]), self.int(2)),
            Type::Float => format!("{name} {}= {}", self.random.one(&["+", "-", "*"]), self.float(2)),
            Type::Str if self.loops > 0 => format!("{name} += {}", self.random.one(&["'a'", "', '", "'é'", "'-'"])),
            Type::Str | Type::Bytes if self.loops == 0 => format!("{name} += {}", self.expression(&of, 2)),
            _ => return,
        };
        self.line(&line);
    }

    fn unpack(&mut self) {
        let types: Vec<Type> = (0..2 + self.random.below(2)).map(|_| Type::scalar(self.random)).collect();
        let tuples: Vec<(String, Vec<Type>)> = self
            .names
            .iter()
            .filter_map(|(name, of)| match of {
                Type::Tuple(fields) if fields.len() > 1 => Some((name.clone(), fields.clone())),
                _ => None,
            })
            .collect();
        let (value, types) = match self.random.below(3) {
            _ if tuples.is_empty() => (self.expression(&Type::Tuple(types.clone()), 2), types),
            0 => (self.expression(&Type::Tuple(types.clone()), 2), types),
            _ => self.random.pick(&tuples).clone(),
        };
        let names: Vec<String> = types.iter().map(|_| self.name()).collect();
        self.line(&format!("{} = {value}", names.join(", ")));
        self.names.extend(names.into_iter().zip(types));
    }

    fn branch(&mut self, goal: &Goal, depth: usize) {
        // Where an optional value is tested, it is known behind the test.
        let optional = self.names.iter().position(|(_, of)| matches!(of, Type::Optional(_)));
        if let (Some(at), true) = (optional, self.random.chance(2)) {
            let (name, Type::Optional(of)) = self.names[at].clone() else { return };
            let test = self.random.one(&["is not None", "", "is None"]);
            self.line(&format!("if {name} {test}:").replace(" :", ":"));
            if test == "is None" {
                self.leave(goal);
                self.names[at].1 = *of;
                return;
            }
            let kept = std::mem::replace(&mut self.names[at].1, *of);
            let count = 1 + self.random.below(2);
            self.block(goal, count, depth);
            self.names[at].1 = kept;
            return;
        }
        if self.by_class(goal, depth) {
            return;
        }
        let test = self.truth(3);
        self.line(&format!("if {test}:"));
        let of = Type::random(self.random, self.world, 1);
        // A name that each way binds is known behind them.
        let name = self.random.chance(2).then(|| self.name());
        let ways = self.random.below(3);
        for way in 0..=ways {
            if way > 0 && way < ways {
                let test = self.truth(2);
                self.line(&format!("elif {test}:"));
            } else if way > 0 {
                self.line("else:");
            }
            let count = self.random.below(3);
            self.block(goal, count, depth);
            if let Some(name) = &name {
                let value = self.expression(&of, 2);
                self.inside(&format!("{name} = {value}"));
            }
        }
        if let Some(name) = name {
            // Now and then it isn't bound on the way without a test.
            if ways > 0 || self.random.chance(20) {
                self.names.push((name, of));
            }
        }
    }

    /// Ways for the types that a name may have.
    fn by_class(&mut self, goal: &Goal, depth: usize) -> bool {
        let several = self.names.iter().position(|(_, of)| matches!(of, Type::Either(_)));
        let Some(at) = several.filter(|_| !self.random.chance(3)) else { return false };
        let (name, Type::Either(types)) = self.names[at].clone() else { return false };
        let of = self.random.pick(&types).clone();
        let Some(class) = of.class(self.world) else { return false };
        self.line(&format!("if isinstance({name}, {class}):"));
        // One of the same class may be of another type.
        let is_one = types.iter().filter(|of| of.class(self.world).as_ref() == Some(&class)).count() == 1;
        let kept = std::mem::replace(&mut self.names[at].1, if is_one { of } else { Type::Either(types) });
        let count = 1 + self.random.below(2);
        self.block(goal, count, depth);
        if self.random.chance(3) {
            self.leave(goal);
        }
        self.names[at].1 = kept;
        if self.random.chance(3) {
            self.line("else:");
            self.block(goal, 1, depth);
        }
        true
    }

    fn for_loop(&mut self, goal: &Goal, depth: usize) {
        let (item, iterable) = self.iterable(2);
        let names = self.names.len();
        let target = match &item {
            Type::Tuple(fields) if fields.len() == 2 && !self.random.chance(4) => {
                let (a, b) = (self.name(), self.name());
                let target = format!("{a}, {b}");
                self.names.extend([(a, fields[0].clone()), (b, fields[1].clone())]);
                target
            }
            _ => {
                let name = self.name();
                self.names.push((name.clone(), item));
                name
            }
        };
        self.line(&format!("for {target} in {iterable}:"));
        self.loops += 1;
        let count = 1 + self.random.below(3);
        self.block(goal, count, depth);
        self.loops -= 1;
        self.names.truncate(names);
        if self.random.chance(6) {
            self.line("else:");
            self.block(goal, 1, depth);
        }
    }

    fn while_loop(&mut self, goal: &Goal, depth: usize) {
        // The name of the counter isn't among the names, so that nothing else binds it.
        let counter = self.name();
        let test = if self.random.chance(2) { format!(" and {}", self.truth(1)) } else { String::new() };
        self.line(&format!("{counter} = 0"));
        let rounds = 1 + self.random.below(6);
        self.line(&format!("while {counter} < {rounds}{test}:"));
        self.inside(&format!("{counter} += 1"));
        self.loops += 1;
        let count = 1 + self.random.below(2);
        self.block(goal, count, depth);
        self.loops -= 1;
    }

    /// `try`, of which handlers see how far it got.
    fn attempt(&mut self, goal: &Goal, depth: usize) {
        let of = Type::random(self.random, self.world, 1);
        let name = self.name();
        // Before it, so that handlers may see the name bound anew, or not.
        let is_bound = self.random.chance(2);
        if is_bound {
            let value = self.leaf(&of);
            self.line(&format!("{name} = {value}"));
            self.names.push((name.clone(), of.clone()));
        }
        self.line("try:");
        if self.random.chance(3) {
            let depth = if self.random.chance(4) { depth.min(1) } else { 0 };
            self.block(goal, 1, depth);
        }
        for _ in 0..=self.random.below(2) {
            let value = self.risky(&of);
            self.inside(&format!("{name} = {value}"));
            if self.random.chance(3) {
                self.indent += 1;
                self.rebind();
                self.indent -= 1;
            }
        }
        if self.random.chance(3) {
            self.block(goal, 1, 0);
        }
        if self.random.chance(6) {
            let test = self.truth(1);
            let error = self.random.one(&["ValueError", "KeyError('x')", "LookupError(1, 2)", "RuntimeError('r')"]);
            self.inside(&format!("if {test}:"));
            self.indent += 1;
            self.inside(&format!("raise {error}"));
            self.indent -= 1;
        }
        for at in 0..=self.random.below(3) {
            let classes: &[&str] = match at {
                0 => {
                    &["except ValueError:", "except (ValueError, IndexError, KeyError):", "except Exception as error:"]
                }
                1 => &["except ZeroDivisionError:", "except LookupError:", "except ArithmeticError:"],
                _ => &["except Exception:", "except:", "except AttributeError:"],
            };
            let caught = self.random.one(classes);
            self.line(caught);
            self.handle(goal, &name, &of, caught, depth);
            if caught == "except:" {
                break;
            }
        }
        if !is_bound {
            self.names.push((name, of));
        }
        match self.random.below(8) {
            0 => {
                self.line("else:");
                self.block(goal, 1, 0);
            }
            1 => {
                self.line("finally:");
                self.indent += 1;
                self.rebind();
                self.line("pass");
                self.indent -= 1;
            }
            _ => {}
        }
    }

    /// An expression that may well raise.
    fn risky(&mut self, of: &Type) -> String {
        match (of, self.random.below(4)) {
            (Type::Int, 0) => format!("int({})", self.str(1)),
            (Type::Int, 1) => format!("int({}) % {}", self.str(1), self.int(1)),
            (Type::Int, 2) => format!("({} // {})", self.int(2), self.int(1)),
            (Type::Int, _) => format!("{}.index({})", self.str(1), self.leaf(&Type::Str)),
            (Type::Float, 0 | 1) => format!("float({})", self.str(1)),
            (Type::Float, _) => format!("{} / {}", self.float(2), self.float(1)),
            (Type::Str, 0) => format!("{}.split()[1]", self.str(1)),
            (Type::Str, 1) => format!("{{'a': 'x', 'b': '', '': 'y'}}[{}]", self.str(1)),
            (Type::Str, 2) => format!("{}[{}]", self.str(1), self.int(1)),
            _ => self.expression(of, 3),
        }
    }

    fn handle(&mut self, goal: &Goal, name: &str, of: &Type, caught: &str, depth: usize) {
        match (of, self.random.below(6)) {
            (_, 0) if self.loops == 0 => self.leave(goal),
            (_, 1) if self.loops > 0 => {
                let word = self.random.one(&["break", "continue"]);
                self.inside(word);
            }
            (_, 2) => self.inside("pass"),
            (_, 3) => self.block(goal, 1, depth.min(self.fresh % 2)),
            (Type::Str, _) if caught.ends_with("error:") => self.inside(&format!("{name} = repr(error)")),
            _ => {
                let value = self.leaf(of);
                self.inside(&format!("{name} = {value}"));
            }
        }
    }

    /// A list or dict that grows in a loop.
    fn gather(&mut self, goal: &Goal, depth: usize) {
        let name = self.name();
        let (item, iterable) = self.iterable(2);
        let element = self.name();
        let counts = self.random.chance(3) && item.is_hashable();
        self.line(&format!("{name} = {}", if counts { "{}" } else { "[]" }));
        self.line(&format!("for {element} in {iterable}:"));
        self.names.push((element.clone(), item.clone()));
        self.loops += 1;
        self.block(goal, self.fresh % 2, depth.min(1));
        let of = if counts {
            let line = match self.random.below(3) {
                0 => format!("{name}[{element}] = len({name})"),
                _ => format!("{name}[{element}] = {name}.get({element}, 0) + 1"),
            };
            self.inside(&line);
            Type::Dict(Box::new(item), Box::new(Type::Int))
        } else {
            let of = if self.random.chance(2) { item } else { Type::scalar(self.random) };
            let value = self.expression(&of, 2);
            if self.random.chance(3) {
                let test = self.truth(1);
                self.inside(&format!("if {test}:"));
                self.indent += 1;
                self.inside(&format!("{name}.append({value})"));
                self.indent -= 1;
            } else {
                self.inside(&format!("{name}.append({value})"));
            }
            Type::list(of)
        };
        self.loops -= 1;
        self.names.pop();
        if let Type::List(of) = &of {
            let value = self.leaf(of);
            match self.random.below(6) {
                0 => self.line(&format!("{name}.extend([{value}])")),
                1 => self.line(&format!("{name} += [{value}, {value}]")),
                2 => self.line(&format!("if {name}:\n{}{name}[0] = {value}", "    ".repeat(self.indent + 1))),
                _ => {}
            }
        }
        self.own.push(name.clone());
        self.names.push((name, of));
    }

    /// A list that is copied under its own name, and changed; or one that the function made.
    fn change(&mut self) {
        let is_local = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let lists: Vec<(String, Type)> = self
            .names
            .iter()
            .filter_map(|(name, of)| match of {
                // A loop over a list that grows wouldn't end.
                Type::List(of) if is_local(name) && (self.loops == 0 || !self.own.contains(name)) => {
                    Some((name.clone(), (**of).clone()))
                }
                _ => None,
            })
            .collect();
        if lists.is_empty() {
            return;
        }
        let (name, of) = self.random.pick(&lists).clone();
        let in_branch = self.random.chance(3);
        if in_branch {
            let test = self.truth(1);
            self.line(&format!("if {test}:"));
            self.indent += 1;
        }
        if !self.own.contains(&name) {
            let copy = self.random.one(&["list(@)", "[each for each in @]", "@[:]"]).replace('@', &name);
            self.line(&format!("{name} = {copy}"));
        }
        for _ in 0..1 + self.random.below(2) {
            let (value, other) = (self.leaf(&of), self.leaf(&of));
            let line = match self.random.below(10) {
                0 => format!("{name}.append({value})"),
                1 => format!("{name}.insert({}, {value})", self.random.one(&["0", "1", "-1", "99"])),
                2 => format!("{name}.reverse()"),
                3 => {
                    let bounds = self.random.one(&["0:1", ":1", "1:", "-1:", "2:1", ":"]);
                    format!("{name}[{bounds}] = [{value}, {other}]")
                }
                4 => format!("del {name}[{}]", self.random.one(&["1:", ":1", "-2:-1"])),
                5 => format!("{name}.append({name}.pop() if {name} else {value})"),
                6 if self.loops == 0 => format!("{name} = [{name}.pop(), {value}] + {name} if {name} else [{other}]"),
                6 | 7 => format!(
                    "while len({name}) > 2 and {name}.pop() != {value}:\n{}pass",
                    "    ".repeat(self.indent + 1)
                ),
                8 => format!("if {value} in {name}:\n{}{name}.remove({value})", "    ".repeat(self.indent + 1)),
                _ => format!("{name}.clear()"),
            };
            self.line(&line);
        }
        if in_branch {
            self.indent -= 1;
        }
    }

    /// A match, and its groups where there is one.
    fn groups(&mut self) {
        let (found, name) = (self.name(), self.name());
        let text = self.str(1);
        let pattern =
            self.random.one(&["r'(\\w+)=(\\w+)'", "r'(\\d+)\\.(\\d+)'", "r'(a|ab)(c|bcd)*'", "r'(\\S+) (\\S*)'"]);
        let call = self.random.one(&["match", "search"]);
        let group = self.random.one(&["group(1)", "group(0)", "group(2)", "groups()[0]", "start()", "end(1)"]);
        self.line(&format!("{found} = re.{call}({pattern}, {text})"));
        let is_text = group.starts_with("group");
        let of = if is_text { Type::Str } else { Type::Int };
        let other = self.leaf(&of);
        self.line(&format!("{name} = {found}.{group} if {found} else {other}"));
        // A group that took no part is None.
        let of = if group == "group(2)" { Type::optional(of) } else { of };
        self.names.push((name, of));
    }

    fn nested_function(&mut self) {
        self.fresh += 1;
        let name = format!("helper{}", self.fresh);
        let parameters: Vec<Type> = (0..1 + self.random.below(2)).map(|_| Type::scalar(self.random)).collect();
        let result = Type::scalar(self.random);
        let names: Vec<String> = ["p", "q"].iter().take(parameters.len()).map(|name| (*name).to_owned()).collect();
        self.line(&format!("def {name}({}):", names.join(", ")));
        let constants = self.names.iter().filter(|(name, _)| name.chars().all(char::is_uppercase)).cloned();
        let own: Vec<(String, Type)> = names.into_iter().zip(parameters.clone()).chain(constants).collect();
        let outer = std::mem::replace(&mut self.names, own);
        self.indent += 1;
        let statements = self.random.below(3);
        self.statements(&Goal::Return(result.clone()), statements, 1);
        self.end(&Goal::Return(result.clone()), 2);
        self.indent -= 1;
        self.names = outer;
        self.functions.push(Callable { name, parameters, result });
    }
}
