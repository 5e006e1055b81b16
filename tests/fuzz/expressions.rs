//! Expressions of any type: names, constants, and what works for every type; the rest is said by type elsewhere.

use crate::random::Random;
use crate::values::{Callable, Kind, Type, World};

/// A function's body on its way: the names that it may use, and what it has written.
pub struct Body<'a> {
    pub random: &'a mut Random,
    pub world: &'a World,
    /// Arguments, locals, attributes of the function's object, constants of the module.
    pub names: Vec<(String, Type)>,
    /// Functions that it may call.
    pub functions: Vec<Callable>,
    /// Locals that hold a list or dict which nobody else has seen, so that it may be changed.
    pub own: Vec<String>,
    pub text: String,
    pub indent: usize,
    /// Loops around, within this function.
    pub loops: usize,
    /// How many names were made up.
    pub fresh: usize,
}

/// One expression of so many is of another type than it should be.
const ILL_TYPED: usize = 400;

impl<'a> Body<'a> {
    pub fn new(random: &'a mut Random, world: &'a World, names: Vec<(String, Type)>) -> Body<'a> {
        let functions = world.functions.clone();
        Body { random, world, names, functions, own: Vec::new(), text: String::new(), indent: 2, loops: 0, fresh: 0 }
    }

    pub fn name(&mut self) -> String {
        self.fresh += 1;
        format!("v{}", self.fresh)
    }

    pub fn expression(&mut self, of: &Type, depth: usize) -> String {
        if self.random.chance(ILL_TYPED) {
            let other = Type::random(self.random, self.world, 1);
            return format!("({})", self.leaf(&other));
        }
        if depth == 0 || self.random.chance(6) {
            return self.leaf(of);
        }
        if self.random.chance(5) {
            return self.general(of, depth - 1);
        }
        let depth = depth - 1;
        match of {
            Type::Int => self.some_int(depth),
            Type::Float => self.some_float(depth),
            Type::Bool => self.some_bool(depth),
            Type::Str => self.some_str(depth),
            Type::Bytes => self.some_bytes(depth),
            Type::Moment => self.some_moment(depth),
            Type::Delta => self.some_delta(depth),
            Type::Tuple(fields) => self.some_tuple(fields, depth),
            Type::List(of) => self.some_list(of, depth),
            Type::Mixed(fields) => self.some_mixed(fields, depth),
            Type::Optional(inner) => match self.random.below(3) {
                0 => "None".to_owned(),
                1 => self.general(of, depth),
                _ => self.expression(inner, depth),
            },
            Type::Either(types) => {
                let one = self.random.pick(types).clone();
                self.expression(&one, depth)
            }
            Type::Dict(key, value) => self.some_dict(key, value, depth),
            Type::Row(fields) => self.some_row(fields, depth),
            Type::Record(class) => self.some_record(*class, depth),
        }
    }

    pub fn int(&mut self, depth: usize) -> String {
        self.expression(&Type::Int, depth)
    }

    pub fn float(&mut self, depth: usize) -> String {
        self.expression(&Type::Float, depth)
    }

    pub fn truth(&mut self, depth: usize) -> String {
        self.expression(&Type::Bool, depth)
    }

    pub fn str(&mut self, depth: usize) -> String {
        self.expression(&Type::Str, depth)
    }

    pub fn bytes(&mut self, depth: usize) -> String {
        self.expression(&Type::Bytes, depth)
    }

    /// A number of repetitions, a width, an index: small and not negative, most of the time.
    pub fn small(&mut self, depth: usize) -> String {
        match self.random.below(5) {
            0 => format!("({} % 5)", self.int(depth.min(1))),
            1 => "-1".to_owned(),
            _ => self.random.below(4).to_string(),
        }
    }

    /// What is at hand.
    pub fn leaf(&mut self, of: &Type) -> String {
        let found = self.readable(of);
        if !found.is_empty() && !self.random.chance(5) {
            return self.random.pick(&found).clone();
        }
        match of {
            // A number of the other kind is nearer to what a function does than a constant.
            Type::Float if self.random.chance(2) => {
                let found = self.readable(&Type::Int);
                if found.is_empty() { of.constant(self.random, self.world) } else { format!("float({})", found[0]) }
            }
            _ => of.constant(self.random, self.world),
        }
    }

    /// Names of that type, and parts of named tuples and objects that have it.
    pub fn readable(&self, of: &Type) -> Vec<String> {
        let mut found = Vec::new();
        for (name, has) in &self.names {
            self.parts(name, has, of, 2, &mut found);
        }
        found
    }

    fn parts(&self, path: &str, has: &Type, of: &Type, depth: usize, found: &mut Vec<String>) {
        if has == of {
            found.push(path.to_owned());
        }
        if depth == 0 {
            return;
        }
        match has {
            Type::Tuple(fields) | Type::Mixed(fields) => {
                for (at, field) in fields.iter().enumerate() {
                    self.parts(&format!("{path}[{at}]"), field, of, depth - 1, found);
                }
            }
            Type::Row(fields) => {
                for (key, field) in fields {
                    self.parts(&format!("{path}['{key}']"), field, of, depth - 1, found);
                }
            }
            Type::Record(class) => {
                let class = &self.world.classes[*class];
                for (field, has) in class.fields.iter().chain(&class.methods) {
                    self.parts(&format!("{path}.{field}"), has, of, depth - 1, found);
                }
                if class.kind == Kind::Named {
                    for (at, (_, field)) in class.fields.iter().enumerate() {
                        self.parts(&format!("{path}[{at}]"), field, of, depth - 1, found);
                    }
                    if *of == class.tuple() {
                        found.extend([format!("tuple({path})"), format!("{path}[:]"), format!("({path} + ())")]);
                    }
                }
            }
            _ => {}
        }
    }

    /// A name of any type, with its type.
    pub fn any_name(&mut self) -> (String, Type) {
        match self.names.is_empty() {
            true => ("1".to_owned(), Type::Int),
            false => self.random.pick(&self.names).clone(),
        }
    }

    /// A value of one type or of another.
    pub fn of_two_types(&mut self, depth: usize) -> String {
        let types = [Type::scalar(self.random), Type::random(self.random, self.world, 1)];
        let [a, b] = types.map(|of| self.expression(&of, depth.min(1)));
        match self.random.below(3) {
            0 => format!("[{a}, {b}][{}]", self.small(1)),
            1 => format!("({a} or {b})"),
            _ => format!("({a} if {} else {b})", self.truth(depth.min(1))),
        }
    }

    /// What a name of several types is, if it is of that one.
    fn of_several(&mut self, of: &Type) -> Option<String> {
        let class = of.class(self.world)?;
        let may_be = |(_, has): &&(String, Type)| matches!(has, Type::Either(types) if types.contains(of));
        let (name, _) = self.names.iter().find(may_be)?.clone();
        let other = self.leaf(of);
        Some(match self.random.below(3) {
            0 => format!("({other} if not isinstance({name}, {class}) else {name})"),
            _ => format!("({name} if isinstance({name}, {class}) else {other})"),
        })
    }

    /// Forms that work for every type.
    fn general(&mut self, of: &Type, depth: usize) -> String {
        for _ in 0..4 {
            match self.random.below(14) {
                12 | 13 => {
                    if let Some(found) = self.of_several(of) {
                        return found;
                    }
                }
                10 | 11 => {
                    if let Some(found) = self.of_row(of, depth) {
                        return found;
                    }
                }
                0 | 1 => {
                    return format!(
                        "({} if {} else {})",
                        self.expression(of, depth),
                        self.truth(depth),
                        self.expression(of, depth)
                    );
                }
                2 => {
                    let op = self.random.one(&["or", "and"]);
                    return format!("({} {op} {})", self.expression(of, depth), self.expression(of, depth));
                }
                3 | 4 => {
                    let fitting: Vec<Callable> =
                        self.functions.iter().filter(|function| &function.result == of).cloned().collect();
                    if !fitting.is_empty() {
                        let function = self.random.pick(&fitting).clone();
                        let arguments: Vec<String> =
                            function.parameters.iter().map(|of| self.expression(of, depth)).collect();
                        let mut name = function.name;
                        if name.contains('@') {
                            name = name.replace('@', &self.str(1));
                        }
                        if name.contains('#') {
                            name = name.replace('#', &self.int(1));
                        }
                        return format!("{name}({})", arguments.join(", "));
                    }
                }
                5 => {
                    let lists = self.readable(&Type::list(of.clone()));
                    if !lists.is_empty() {
                        let list = self.random.pick(&lists).clone();
                        let at = match self.random.below(4) {
                            0 => "0".to_owned(),
                            1 => "-1".to_owned(),
                            _ => format!("{} % len({list})", self.int(1)),
                        };
                        return match self.random.below(12) {
                            0 => format!("{list}[{at}]"),
                            _ => format!("({list}[{at}] if {list} else {})", self.leaf(of)),
                        };
                    }
                }
                6 if !matches!(of, Type::Optional(_)) => {
                    let found = self.readable(&Type::optional(of.clone()));
                    if !found.is_empty() {
                        let name = self.random.pick(&found).clone();
                        return match self.random.below(3) {
                            0 => format!("({} if {name} is None else {name})", self.expression(of, depth)),
                            1 => format!("({name} or {})", self.expression(of, depth)),
                            _ => format!("({name} if {name} is not None else {})", self.leaf(of)),
                        };
                    }
                }
                7 if of.is_ordered() => {
                    let call = self.random.one(&["min", "max"]);
                    let list = Type::list(of.clone());
                    return match self.random.below(4) {
                        0 => format!("{call}({}, default={})", self.expression(&list, depth), self.leaf(of)),
                        1 => {
                            let (a, b, c) = (self.leaf(of), self.expression(of, depth), self.leaf(of));
                            format!("{call}({a}, {b}, {c})")
                        }
                        _ => format!("{call}({}, {})", self.expression(of, depth), self.expression(of, depth)),
                    };
                }
                8 => {
                    let (a, b) = (self.expression(of, depth), self.leaf(of));
                    let at = self.random.one(&["0", "1", "-1", "-2"]);
                    return match self.random.below(2) {
                        0 => format!("({a}, {b})[{at}]"),
                        _ => format!("[{a}, {b}][{at}]"),
                    };
                }
                9 => {
                    let dicts: Vec<(String, Type)> = self
                        .names
                        .iter()
                        .filter(|(_, has)| matches!(has, Type::Dict(_, value) if &**value == of))
                        .cloned()
                        .collect();
                    if let Some((name, Type::Dict(key, _))) = dicts.first().cloned() {
                        let key = self.expression(&key, depth);
                        return match self.random.below(4) {
                            0 => format!("({name}[{key}] if {key} in {name} else {})", self.leaf(of)),
                            _ => format!("{name}.get({key}, {})", self.leaf(of)),
                        };
                    }
                }
                _ => {}
            }
        }
        self.leaf(of)
    }
}
