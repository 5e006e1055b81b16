//! Dicts with keys that are known: made, looked at and changed.

use crate::expressions::Body;
use crate::values::{Type, display};

const KEYS: &[&str] = &["a", "b", "name", "n", "x"];

impl Body<'_> {
    pub fn some_row(&mut self, fields: &[(&'static str, Type)], depth: usize) -> String {
        let whole = Type::Row(fields.to_vec());
        let at = self.random.below(fields.len());
        let (key, of) = fields[at].clone();
        match self.random.below(10) {
            7 => format!("{{k: v for k, v in {}.items()}}", self.leaf(&whole)),
            8 => {
                let (a, b) = (self.leaf(&whole), self.leaf(&whole));
                let adds = |of: &Type| matches!(of, Type::Int | Type::Float | Type::Str | Type::Bytes | Type::List(_));
                match fields.iter().all(|(_, of)| adds(of)) {
                    true => format!("{{k: {a}[k] + {b}[k] for k in {a}}}"),
                    false => format!("{{k: ({a}[k] if k == '{key}' else {b}[k]) for k in {a}}}"),
                }
            }
            0 => format!("{{**{}, '{key}': {}}}", self.leaf(&whole), self.expression(&of, depth)),
            1 => format!("dict({}, {key}={})", self.leaf(&whole), self.expression(&of, depth)),
            2 => {
                let fields: Vec<String> =
                    fields.iter().map(|(key, of)| format!("{key}={}", self.expression(of, depth))).collect();
                format!("dict({})", fields.join(", "))
            }
            3 => format!("dict({})", self.expression(&whole, depth)),
            4 => format!("{}.copy()", self.leaf(&whole)),
            _ => {
                let fields: Vec<_> = fields.iter().map(|(key, of)| (*key, self.expression(of, depth))).collect();
                display(fields.into_iter())
            }
        }
    }

    fn rows(&self) -> Vec<(String, Vec<(&'static str, Type)>)> {
        let row = |(name, of): &(String, Type)| match of {
            Type::Row(fields) => Some((name.clone(), fields.clone())),
            _ => None,
        };
        self.names.iter().filter_map(row).collect()
    }

    /// Something of that type that is made of a row.
    pub fn of_row(&mut self, of: &Type, depth: usize) -> Option<String> {
        let rows = self.rows();
        if rows.is_empty() {
            return None;
        }
        let (row, fields) = self.random.pick(&rows).clone();
        let key = self.random.one(KEYS);
        let known = fields[self.random.below(fields.len())].0;
        let has = fields.iter().find(|(field, _)| *field == key).map(|(_, of)| of);
        Some(match (of, self.random.below(6)) {
            (Type::Bool, 0) => format!("'{key}' in {row}"),
            (Type::Bool, 1) => format!("({row} == {})", self.some_row(&fields, depth)),
            (Type::Bool, 2) => format!("({row} != {{'{known}': {row}['{known}']}})"),
            (Type::Bool, 3) => format!("({} in {row}.values())", self.leaf(&Type::Int)),
            (Type::Bool, _) => format!("bool({row})"),
            (Type::Int, 0) => format!("len({row})"),
            (Type::Int, 1) => format!("sum(1 for k, v in {row}.items() if v or k == '{key}')"),
            (Type::Str, 0) => match self.random.below(4) {
                0 => format!("str({{k: v for k, v in {row}.items() if k != '{key}'}})"),
                1 => format!("str({{k: v for k, v in {row}.items() if v}})"),
                2 => format!("str({{k + '_': str(v) for k, v in sorted({row}.items())}})"),
                _ => format!("str({row})"),
            },
            (Type::Str, 1) => format!("'{{{known}}}-{{{known}!r}}'.format(**{row})"),
            (Type::Str, 2) => format!("('%({known})s' % {row})"),
            (Type::Str, 3) => format!("','.join('%s=%s' % kv for kv in sorted({row}.items()))"),
            (Type::Str, 4) => format!("';'.join(str({row}[k]) for k in ('{known}', '{}'))", fields[0].0),
            (Type::Str, _) => format!("','.join({row})"),
            (Type::List(of), 0 | 1) if **of == Type::Str => format!("[str(v) for v in {row}.values()]"),
            (Type::List(of), 2) if **of == Type::Str => format!("sorted({row})"),
            (of, 0 | 1) if has.is_none_or(|has| has == of) => format!("{row}.get('{key}', {})", self.leaf(of)),
            _ => return None,
        })
    }

    /// A dict of its own, which gets other values and keys.
    pub fn change_row(&mut self) {
        let rows = self.rows();
        let name = self.name();
        let mut fields = match self.random.below(3) {
            0 => {
                self.line(&format!("{name} = {{}}"));
                Vec::new()
            }
            1 if !rows.is_empty() => {
                let (row, fields) = self.random.pick(&rows).clone();
                self.line(&format!("{name} = dict({row})"));
                fields
            }
            _ => {
                let fields = vec![("a", Type::scalar(self.random)), ("n", Type::Int)];
                let value = self.some_row(&fields, 2);
                self.line(&format!("{name} = {value}"));
                fields
            }
        };
        for _ in 0..1 + self.random.below(3) {
            let key = self.random.one(KEYS);
            let of = Type::random(self.random, self.world, 1);
            match self.random.below(12) {
                0 if fields.iter().any(|(_, of)| *of == Type::Int) => {
                    let key = fields.iter().find(|(_, of)| *of == Type::Int).map_or("n", |(key, _)| key);
                    // Of a list it would change what is in it.
                    let value = self.random.one(&["1", "(-2)", "2**62", "0.5"]);
                    self.line(&format!("{name}['{key}'] += {value}"));
                    continue;
                }
                1 => {
                    // Another name of it, which sees the change too.
                    let other = self.name();
                    self.line(&format!("{other} = {name}"));
                    let value = self.expression(&of, 2);
                    self.line(&format!("{other}['{key}'] = {value}"));
                }
                2 => {
                    let test = self.truth(2);
                    let (value, other) = (self.expression(&of, 2), self.leaf(&of));
                    self.line(&format!("if {test}:"));
                    self.line(&format!("    {name}['{key}'] = {value}"));
                    self.line("else:");
                    self.line(&format!("    {name}['{key}'] = {other}"));
                }
                3 => {
                    let value = self.expression(&of, 2);
                    self.line(&format!("{name}.update({key}={value})"));
                }
                4 => {
                    let test = self.truth(2);
                    self.line(&format!("for {name}k, {name}v in list({name}.items()):"));
                    self.line(&format!("    if {test}:"));
                    self.line(&format!("        {name}['x'] = 5"));
                    continue;
                }
                5 | 6 if fields.len() > 1 => {
                    let at = self.random.below(fields.len());
                    let (key, of) = fields.remove(at);
                    match self.random.below(3) {
                        0 => self.line(&format!("del {name}['{key}']")),
                        1 => {
                            let default = self.random.one(&["None", "0"]);
                            self.line(&format!("{name}.pop('{key}', {default})"));
                        }
                        _ => {
                            let popped = self.name();
                            self.line(&format!("{popped} = {name}.pop('{key}')"));
                            self.names.push((popped, of));
                        }
                    }
                    continue;
                }
                _ => {
                    let value = self.expression(&of, 2);
                    self.line(&format!("{name}['{key}'] = {value}"));
                }
            }
            match fields.iter_mut().find(|(known, _)| *known == key) {
                Some(field) => field.1 = of,
                None => fields.push((key, of)),
            }
        }
        if !fields.is_empty() {
            self.names.push((name, Type::Row(fields)));
        }
    }
}
