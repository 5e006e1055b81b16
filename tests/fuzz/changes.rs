//! Changes of the element that a function was handed: of dicts with known keys, lists, and objects of the script's classes.

use crate::expressions::Body;
use crate::statements::Goal;
use crate::values::{Kind, Type, World, display};

const KEYS: &[&str] = &["a", "b", "name", "n", "x", "new"];

impl Type {
    /// Whether it may be changed in place.
    pub fn is_changeable(&self, world: &World) -> bool {
        match self {
            Type::Row(_) | Type::List(_) => true,
            Type::Record(class) => world.classes[*class].kind == Kind::Plain,
            _ => false,
        }
    }

    fn has_mixed(&self) -> bool {
        match self {
            Type::Mixed(_) => true,
            Type::Tuple(types) | Type::Either(types) => types.iter().any(Type::has_mixed),
            Type::List(of) | Type::Optional(of) => of.has_mixed(),
            Type::Row(fields) => fields.iter().any(|(_, of)| of.has_mixed()),
            _ => false,
        }
    }

    /// One that may be changed in place.
    pub fn changeable(random: &mut crate::random::Random, world: &World) -> Type {
        for _ in 0..40 {
            let of = Type::random(random, world, 2);
            // Lists of several types are rarely native where a function changes what is in them.
            if of.is_changeable(world) && (!of.has_mixed() || random.chance(8)) {
                return of;
            }
        }
        Type::list(Type::Int)
    }
}

impl Body<'_> {
    /// Changes what the name stands for, and returns it; gives what it is then.
    pub fn change_handed(&mut self, name: &'static str, changes: usize) -> Type {
        let goal = Goal::Handed(name);
        for _ in 0..changes {
            if self.random.chance(3) {
                self.statement(&goal, 1);
            }
            let Some(at) = self.names.iter().position(|(known, _)| known == name) else { break };
            let of = self.names[at].1.clone();
            let changed = self.change_part(name, of);
            self.names[at].1 = changed;
            if self.random.chance(6) {
                // May raise, or be left to CPython, with the element half changed.
                let value = self.int(2);
                let test =
                    self.random.one(&["int(str(@)[:3])", "[1, 2][@ % 3]", "@ * 3037000500 * 3037000500", "7 // @"]);
                let line = test.replace('@', &value);
                let held = self.name();
                self.line(&format!("{held} = {line}"));
                self.names.push((held, Type::Int));
            }
        }
        self.end(&goal, 0);
        self.names.iter().find(|(known, _)| known == name).map_or(Type::Int, |(_, of)| of.clone())
    }

    /// Changes `a` by `b` and returns it, where it comes back with the next: it may not grow without limit.
    pub fn change_kept(&mut self, of: &Type) {
        for _ in 0..1 + self.random.below(3) {
            let (place, of) = match of {
                Type::Row(fields) => {
                    let (key, of) = self.random.pick(fields).clone();
                    (format!("['{key}']"), of)
                }
                Type::Record(class) => {
                    let (field, of) = self.random.pick(&self.world.classes[*class].fields).clone();
                    (format!(".{field}"), of)
                }
                of => (String::new(), of.clone()),
            };
            let value = self.bounded(&of, 1);
            match (&of, self.random.below(3)) {
                (Type::Int | Type::Float, 0 | 1) => self.line(&format!("a{place} += b{place}")),
                (Type::List(of), _) => {
                    let value = self.leaf(of);
                    self.line(&format!("a{place}.append(b{place}[0] if b{place} else {value})"));
                    self.line(&format!("if len(a{place}) > 5:"));
                    let shorter = self.random.one(&["del @[0]", "@.pop()", "@.clear()", "@.pop(0)"]);
                    self.line(&format!("    {}", shorter.replace('@', &format!("a{place}"))));
                }
                _ => self.line(&format!("a{place} = {value}")),
            }
        }
        self.line("return a");
    }

    /// One change of what is at a path.
    fn change_part(&mut self, path: &str, of: Type) -> Type {
        let in_branch = !matches!(of, Type::Row(_)) && self.random.chance(4);
        if in_branch {
            let test = self.truth(2);
            self.line(&format!("if {test}:"));
            self.indent += 1;
        }
        let changed = match of {
            Type::Row(fields) => Type::Row(self.change_keys(path, fields)),
            Type::List(of) => {
                self.change_items(path, &of);
                Type::List(of)
            }
            Type::Record(class) => {
                self.change_attributes(path, class);
                Type::Record(class)
            }
            of => of,
        };
        if in_branch {
            self.indent -= 1;
        }
        changed
    }

    fn change_keys(&mut self, path: &str, mut fields: Vec<(&'static str, Type)>) -> Vec<(&'static str, Type)> {
        let at = self.random.below(fields.len());
        let (known, was) = fields[at].clone();
        let key = if self.random.chance(2) { known } else { self.random.one(KEYS) };
        let of = if self.random.chance(2) { was.clone() } else { Type::random(self.random, self.world, 1) };
        let place = format!("{path}['{known}']");
        match self.random.below(14) {
            0 | 1 if self.change_by(&place, &was) => return fields,
            2 | 3 if was.is_changeable(self.world) => {
                fields[at].1 = self.change_part(&place, was);
                return fields;
            }
            4 if fields.len() > 1 => {
                self.line(&format!("del {place}"));
                fields.remove(at);
                return fields;
            }
            5 if fields.len() > 1 => {
                let popped = self.name();
                self.line(&format!("{popped} = {path}.pop('{known}')"));
                self.names.push((popped, was));
                fields.remove(at);
                return fields;
            }
            6 => {
                // What changes only on one way keeps its type.
                let (test, value) = (self.truth(2), self.expression(&was, 2));
                self.line(&format!("if {test}:"));
                self.line(&format!("    {place} = {value}"));
                return fields;
            }
            7 => {
                let value = self.expression(&of, 1);
                self.line(&format!("{path}.setdefault('{key}', {value})"));
                if !fields.iter().any(|(known, _)| *known == key) {
                    fields.push((key, of));
                }
                return fields;
            }
            8 => {
                let value = self.expression(&of, 2);
                self.line(&format!("{path}.update({key}={value})"));
            }
            9 => {
                let value = self.expression(&of, 2);
                self.line(&format!("{path}.update({})", display([(key, value)].into_iter())));
            }
            10 => {
                self.line(&format!("for k in list({path}):"));
                self.line(&format!("    {path}[k] = str({path}[k])"));
                return fields.into_iter().map(|(key, _)| (key, Type::Str)).collect();
            }
            11 => {
                self.line(&format!("{path}.pop('zz', None)"));
                return fields;
            }
            _ => {
                let value = self.expression(&of, 2);
                self.line(&format!("{path}['{key}'] = {value}"));
            }
        }
        match fields.iter_mut().find(|(known, _)| *known == key) {
            Some(field) => field.1 = of,
            None => fields.push((key, of)),
        }
        fields
    }

    /// `+=` and the like at a place; false if there is none for the type.
    fn change_by(&mut self, place: &str, of: &Type) -> bool {
        let line = match of {
            Type::Int => format!("{} {}", self.random.one(&["+=", "-=", "*=", "%=", "//="]), self.int(1)),
            Type::Float => format!("{} {}", self.random.one(&["+=", "*=", "/="]), self.float(1)),
            Type::Str => format!("+= {}", self.str(1)),
            Type::List(of) => format!("+= [{}]", self.leaf(of)),
            _ => return false,
        };
        self.line(&format!("{place} {line}"));
        true
    }

    fn change_items(&mut self, path: &str, of: &Type) {
        let at = self.random.one(&["0", "-1", "1", "2"]);
        let value = self.expression(of, 2);
        let line = match self.random.below(12) {
            0 | 1 => format!("{path}.append({value})"),
            2 => format!("{path}.insert({at}, {value})"),
            3 => format!("{path}.pop()"),
            4 => format!("del {path}[{at}]"),
            5 if of.is_ordered() => format!("{path}.sort()"),
            6 => format!("{path}.reverse()"),
            7 => format!("{path}.extend([{value}, {}])", self.leaf(of)),
            8 => format!("{path} += [{value}]"),
            9 if of.is_changeable(self.world) => {
                self.line(&format!("if {path}:"));
                self.indent += 1;
                let before = self.text.len();
                // Its type may not differ from that of the others.
                match of {
                    Type::List(of) => self.change_items(&format!("{path}[0]"), of),
                    Type::Record(class) => self.change_attributes(&format!("{path}[0]"), *class),
                    _ => {}
                }
                if self.text.len() == before {
                    self.line("pass");
                }
                self.indent -= 1;
                return;
            }
            10 => format!("for i in range(len({path})):\n{}{path}[i] = {value}", "    ".repeat(self.indent + 1)),
            _ => format!("{path}[{at}] = {value}"),
        };
        self.line(&line);
    }

    fn change_attributes(&mut self, path: &str, class: usize) {
        let class = &self.world.classes[class];
        let (field, of) = self.random.pick(&class.fields).clone();
        let place = format!("{path}.{field}");
        if !class.changers.is_empty() && self.random.chance(2) {
            let (method, of) = self.random.pick(&class.changers).clone();
            let value = self.expression(&of, 2);
            return self.line(&format!("{path}.{method}({value})"));
        }
        match self.random.below(3) {
            0 if self.change_by(&place, &of) => {}
            1 if of.is_changeable(self.world) && !matches!(of, Type::Row(_)) => {
                self.change_part(&place, of);
            }
            _ => {
                let value = self.expression(&of, 2);
                self.line(&format!("{place} = {value}"));
            }
        }
    }
}
