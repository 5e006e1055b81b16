//! Expressions of tuples, lists, dicts and objects.

use crate::expressions::Body;
use crate::values::{Kind, Type};

impl Body<'_> {
    /// Something that has a length.
    pub fn sized(&mut self, depth: usize) -> String {
        let of = match self.random.below(5) {
            0 => Type::Bytes,
            1 => Type::list(Type::Int),
            2 => Type::list(Type::Str),
            _ => Type::Str,
        };
        self.expression(&of, depth)
    }

    pub fn some_tuple(&mut self, fields: &[Type], depth: usize) -> String {
        let whole = Type::Tuple(fields.to_vec());
        match (self.random.below(8), fields) {
            (0, [Type::Int, Type::Int]) => format!("divmod({}, {} or 7)", self.int(depth), self.int(0)),
            (0, [Type::Str, Type::Str, Type::Str]) => {
                let call = self.random.one(&["partition", "rpartition"]);
                format!("{}.{call}({})", self.str(depth), self.random.one(&["' '", "'='", "','"]))
            }
            (1, [first, rest @ ..]) if !rest.is_empty() => {
                let rest: Vec<String> = rest.iter().map(|of| self.expression(of, depth)).collect();
                format!("(({},) + ({},))", self.expression(first, depth), rest.join(", "))
            }
            (2, [first, ..]) if fields.iter().all(|of| of == first) => {
                format!(
                    "tuple([{}])",
                    fields.iter().map(|of| self.expression(of, depth)).collect::<Vec<_>>().join(", ")
                )
            }
            (4, [first, ..]) if fields.iter().all(|of| of == first) => {
                let inner = Type::Tuple(fields.iter().map(|_| Type::scalar(self.random)).collect());
                let (name, found) = (self.name(), self.leaf(&whole));
                match first {
                    Type::Str => format!("tuple(map(str, {}))", self.leaf(&inner)),
                    Type::Bool => format!("tuple(map(bool, {}))", self.leaf(&inner)),
                    Type::Int => format!("tuple(len(str({name})) for {name} in {})", self.leaf(&inner)),
                    Type::Float => format!("tuple({name} * 2 for {name} in {found})"),
                    _ => format!("tuple([{name} for {name} in {found}])"),
                }
            }
            (5, _) => {
                let (name, found) = (self.name(), self.leaf(&whole));
                match self.random.below(3) {
                    0 => format!("tuple(map(lambda {name}: {name}, {found}))"),
                    1 => format!("tuple({name} for _, {name} in enumerate({found}))"),
                    _ => format!("tuple({name} for {name} in {found})"),
                }
            }
            (3, _) if whole.is_ordered() => {
                let (a, b) = (self.leaf(&whole), self.leaf(&whole));
                format!("{}([{a}, {b}])", self.random.one(&["min", "max"]))
            }
            _ => {
                let fields: Vec<String> = fields.iter().map(|of| self.expression(of, depth)).collect();
                format!("({},)", fields.join(", "))
            }
        }
    }

    pub fn some_mixed(&mut self, fields: &[Type], depth: usize) -> String {
        let whole = Type::Mixed(fields.to_vec());
        match self.random.below(8) {
            0 => format!("{}[:]", self.leaf(&whole)),
            1 => format!("{}.copy()", self.leaf(&whole)),
            2 => format!("list({})", self.leaf(&whole)),
            3 if fields.len() > 1 => {
                let (first, rest) = (self.expression(&fields[0], depth), &fields[1..]);
                let rest: Vec<String> = rest.iter().map(|of| self.expression(of, depth)).collect();
                format!("[{first}, *({},)]", rest.join(", "))
            }
            _ => {
                let fields: Vec<String> = fields.iter().map(|of| self.expression(of, depth)).collect();
                format!("[{}]", fields.join(", "))
            }
        }
    }

    pub fn some_list(&mut self, of: &Type, depth: usize) -> String {
        let whole = Type::list(of.clone());
        match (self.random.below(14), of) {
            (0, Type::Int) => match self.random.below(3) {
                0 => format!("list(range({} % 7))", self.int(1)),
                1 => format!("list(range({}, {}, {}))", self.small(0), self.random.below(9), 1 + self.random.below(3)),
                _ => format!("[{}, {}]", self.int(depth), self.int(depth)),
            },
            (0 | 1, Type::Str) => {
                let text = self.str(depth);
                match self.random.below(8) {
                    0 => format!("{text}.splitlines()"),
                    1 => format!("{text}.split({})", self.random.one(&["' '", "','", "'ab'", "'='"])),
                    2 => format!("{text}.rsplit({}, 1)", self.random.one(&["None", "' '", "','"])),
                    3 => format!("{text}.split({}, 2)", self.random.one(&["None", "' '", "','"])),
                    4 => format!("list({text})"),
                    5 => format!("re.split({}, {text})", self.random.one(&["r'\\s+'", "r'[,;]'", "r'\\W+'"])),
                    6 => format!("re.findall({}, {text})", self.random.one(&["r'\\d+'", "r'[a-z]+'", "r'(\\w)\\w*'"])),
                    _ => format!("{text}.split()"),
                }
            }
            (0, Type::Tuple(fields)) if fields.as_slice() == [Type::Str, Type::Str] => {
                format!("re.findall(r'(\\w+)=(\\w+)', {})", self.str(depth))
            }
            (0 | 1, Type::Tuple(fields)) if fields.len() == 2 => {
                let (a, b) = (Type::list(fields[0].clone()), Type::list(fields[1].clone()));
                match fields[0] {
                    Type::Int if self.random.chance(2) => format!("list(enumerate({}))", self.expression(&b, depth)),
                    _ => format!("list(zip({}, {}))", self.expression(&a, depth), self.expression(&b, depth)),
                }
            }
            (2 | 3, _) => self.comprehension(of, depth),
            (4, _) if of.is_ordered() => {
                let reverse = self.random.one(&["", "", ", reverse=True"]);
                let key = match of {
                    Type::Str if self.random.chance(3) => ", key=len",
                    Type::Str if self.random.chance(3) => ", key=lambda e: (len(e), e)",
                    Type::Int if self.random.chance(3) => ", key=lambda e: -e",
                    Type::Int if self.random.chance(4) => ", key=abs",
                    _ => "",
                };
                let list = self.expression(&whole, depth);
                match self.random.below(4) {
                    0 => {
                        format!("heapq.{}({}, {list}{key})", self.random.one(&["nlargest", "nsmallest"]), self.small(0))
                    }
                    _ => format!("sorted({list}{key}{reverse})"),
                }
            }
            (5, _) => format!("{}{}", self.expression(&whole, depth), self.slice(depth)),
            (6, _) => format!("({} + {})", self.expression(&whole, depth), self.leaf(&whole)),
            (7, _) => format!("({} * {})", self.expression(&whole, depth), self.small(0)),
            (8, _) => format!("list(reversed({}))", self.expression(&whole, depth)),
            (9, _) => format!("list({})", self.expression(&whole, depth)),
            (10, _) => self.leaf(&whole),
            _ => {
                let count = self.random.below(4);
                let items: Vec<String> = (0..count).map(|_| self.expression(of, depth)).collect();
                format!("[{}]", items.join(", "))
            }
        }
    }

    fn comprehension(&mut self, of: &Type, depth: usize) -> String {
        let name = self.name();
        let (item, iterable) = self.iterable(depth);
        self.names.push((name.clone(), item));
        let value = self.expression(of, depth.min(2));
        let condition = if self.random.chance(3) { format!(" if {}", self.truth(1)) } else { String::new() };
        self.names.pop();
        format!("[{value} for {name} in {iterable}{condition}]")
    }

    /// Something to go over, and the type of what it gives.
    pub fn iterable(&mut self, depth: usize) -> (Type, String) {
        let lists: Vec<(String, Type)> = self
            .names
            .iter()
            .filter_map(|(name, of)| match of {
                Type::List(of) => Some((name.clone(), (**of).clone())),
                _ => None,
            })
            .collect();
        if !lists.is_empty() && self.random.chance(2) {
            let (name, of) = self.random.pick(&lists).clone();
            return match self.random.below(5) {
                0 => (Type::Tuple(vec![Type::Int, of]), format!("enumerate({name})")),
                1 => (Type::Tuple(vec![of.clone(), of]), format!("zip({name}, {name}[1:])")),
                2 => (of, format!("reversed({name})")),
                _ => (of, name),
            };
        }
        match self.random.below(9) {
            0..3 => (Type::Int, format!("range({} % 7)", self.int(1))),
            3 => (Type::Int, format!("range({}, {})", self.small(0), self.random.below(8))),
            4 => (Type::Str, format!("{}[:9]", self.str(depth.min(1)))),
            5 => (Type::Int, format!("{}[:9]", self.bytes(depth.min(1)))),
            6 => (Type::Str, format!("{}.split({})", self.str(depth.min(1)), self.random.one(&["", "','", "' '"]))),
            7 => {
                let of = Type::scalar(self.random);
                let items: Vec<String> = (0..1 + self.random.below(3)).map(|_| self.leaf(&of)).collect();
                (of, format!("({},)", items.join(", ")))
            }
            _ => (Type::Str, format!("{}.splitlines()", self.str(depth.min(1)))),
        }
    }

    pub fn some_dict(&mut self, key: &Type, value: &Type, depth: usize) -> String {
        match self.random.below(3) {
            0 => {
                let name = self.name();
                let items = self.expression(&Type::list(key.clone()), depth);
                self.names.push((name.clone(), key.clone()));
                let value = self.expression(value, depth.min(1));
                self.names.pop();
                format!("{{{name}: {value} for {name} in {items}}}")
            }
            _ => {
                let items: Vec<String> = (0..self.random.below(4))
                    .map(|_| format!("{}: {}", self.expression(key, depth), self.expression(value, depth)))
                    .collect();
                format!("{{{}}}", items.join(", "))
            }
        }
    }

    pub fn some_record(&mut self, class: usize, depth: usize) -> String {
        let found = self.readable(&Type::Record(class));
        let class = &self.world.classes[class];
        if class.kind == Kind::Enum {
            return match self.random.below(6) {
                0 => format!("{}({})", class.name, self.leaf(&class.methods[1].1)),
                1 => format!("{}[{}.name]", class.name, self.random.pick(&found_or(found, &class.name))),
                _ => class.made(self.random, &[]),
            };
        }
        if class.kind == Kind::Named && !found.is_empty() && self.random.chance(3) {
            let (field, of) = self.random.pick(&class.fields).clone();
            let (object, value) = (self.random.pick(&found).clone(), self.expression(&of, depth));
            return format!("{object}._replace({field}={value})");
        }
        let fields: Vec<String> = class.fields.iter().map(|(_, of)| self.expression(of, depth)).collect();
        match class.kind == Kind::Named && self.random.chance(5) {
            true => format!("{}._make(({},))", class.name, fields.join(", ")),
            false => class.made(self.random, &fields),
        }
    }
}

/// One of these, or a member of an Enum.
fn found_or(found: Vec<String>, name: &str) -> Vec<String> {
    if found.is_empty() { vec![format!("{name}.RED")] } else { found }
}
