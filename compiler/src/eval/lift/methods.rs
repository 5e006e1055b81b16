//! Methods of values: what they do is told by what the value is, when its type is known.

use super::arguments::{Site, by_position};
use super::*;

/// Methods of dicts that give views.
pub const VIEWS: &[&str] = &["items", "keys", "values"];

/// Names of the parameters of methods of builtin types, of those that may be given by name.
const NAMED: &[(&str, &[&str])] = &[
    ("decode", &["encoding", "errors"]),
    ("encode", &["encoding", "errors"]),
    ("expandtabs", &["tabsize"]),
    ("groupdict", &["default"]),
    ("rsplit", &["sep", "maxsplit"]),
    ("split", &["sep", "maxsplit"]),
    ("splitlines", &["keepends"]),
];

/// Methods of text without arguments, as in `map(str.strip, parts)`.
pub fn of_text(name: &str) -> bool {
    let known = [
        "capitalize",
        "casefold",
        "isalnum",
        "isalpha",
        "isascii",
        "isdecimal",
        "isdigit",
        "islower",
        "isnumeric",
        "isspace",
        "istitle",
        "isupper",
        "lower",
        "lstrip",
        "rstrip",
        "split",
        "splitlines",
        "strip",
        "swapcase",
        "title",
        "upper",
    ];
    known.contains(&name)
}

/// Methods of text, also with arguments, as in `str.startswith(text, 'a')`.
pub fn takes_text(name: &str) -> bool {
    let others = ["count", "endswith", "find", "partition", "replace", "rpartition", "startswith", "zfill"];
    of_text(name) || others.contains(&name)
}

impl<'a> Lift<'_, 'a> {
    pub(super) fn method(&mut self, value: &'a Expr, name: &str, site: Site<'a>) -> Lifted<Expression> {
        let Site { args, keywords, span, is_iterated } = site;
        let of_records = self.record_parameters(name);
        if bindings::CHANGING.contains(&name) && of_records.is_empty() {
            return self.change_within(value, name, site);
        }
        if VIEWS.contains(&name) && args.is_empty() && !is_iterated {
            return Err(reason(
                format!("what {name}() gives is a view of a dict"),
                "make a list of it, or go over it at once",
                span,
            ));
        }
        if let Some(tally) = self.tally_of(value)
            && let changes = self.frame.changes
            && let Some(lifted) = self.tally_method(&tally, value, name, site)?
        {
            self.changes_nothing(changes, span)?;
            return Ok(lifted);
        }
        if let ("translate", [table], []) = (name, args, keywords)
            && of_records.is_empty()
        {
            return self.translated(value, table);
        }
        if name == "to_bytes" && of_records.is_empty() {
            return self.int_to_bytes(value, site);
        }
        if let ("bit_length", [], []) = (name, args, keywords)
            && !self.bindings().defines_method(name)
        {
            let of = self.read(value)?;
            return Ok(self.bit_length(of, span));
        }
        if let ("isocalendar", [], [], true) = (name, args, keywords, is_iterated)
            && self.is_of_dates(name)
        {
            let of = self.read(value)?;
            return Ok(self.iso_calendar(of, span));
        }
        let counts = match name {
            "items" | "keys" | "values" | "get" | "most_common" => self.counter(value)?,
            _ => None,
        };
        let receiver = match counts {
            Some(counts) if name == "most_common" => return self.most_common(counts, site),
            Some(counts) => counts,
            None => match self.buffer_receiver(value, name) {
                Some(bytes) => bytes,
                None if VIEWS.contains(&name) || name == "get" => self.in_parts(value)?,
                None => self.read(value)?,
            },
        };
        if let (Expression::Str(format), "format") = (&receiver, name) {
            let format = format.clone();
            return self.format_call(&format, site);
        }
        if name == "join"
            && let ([parts], []) = (args, keywords)
        {
            let parts = self.iterable(parts)?;
            return Ok(Expression::Method(boxed(receiver), name.to_owned(), vec![parts]));
        }
        if name == "replace" && of_records.is_empty() && args.is_empty() && !keywords.is_empty() {
            return self.time_replaced(receiver, site);
        }
        if name == "_replace" && of_records.is_empty() && args.is_empty() {
            return self.replaced(receiver, name, site);
        }
        if !of_records.is_empty() {
            return self.record_method(receiver, name, of_records, site);
        }
        let arguments = match NAMED.iter().find(|(known, _)| *known == name) {
            // `split(maxsplit=1)`.
            Some((_, names)) if names[0] == "sep" && args.is_empty() && !keywords.is_empty() => {
                let mut arguments = vec![Expression::None, Expression::Int(-1)];
                for keyword in keywords {
                    let at = keyword.name.as_ref().and_then(|name| names.iter().position(|known| *known == name.name));
                    let Some(at) = at else {
                        return Err(reason(
                            format!("{name}() with such an argument runs in Python"),
                            "give it only what it takes, by position",
                            span,
                        ));
                    };
                    arguments[at] = self.expr(&keyword.value)?;
                }
                arguments
            }
            Some((_, names)) => {
                let given = by_position(names, site, name)?;
                given.into_iter().map(|argument| self.expr(argument)).collect::<Lifted<_>>()?
            }
            None => {
                let given = by_position(&[], site, name)?;
                given.into_iter().map(|argument| self.expr(argument)).collect::<Lifted<_>>()?
            }
        };
        Ok(Expression::Method(boxed(receiver), name.to_owned(), arguments))
    }

    /// The parameters of methods of that name of classes whose objects are values.
    fn record_parameters(&self, name: &str) -> Vec<(Function, &'a Parameters)> {
        let mut found = Vec::new();
        for &(id, _) in self.all_records().iter() {
            let method = self.evaluator.class_attribute(&Value::Object(id), name).and_then(|(value, _)| value.object());
            if let Some(Object::Function(function)) = method.map(|id| self.evaluator.heap.get(id)) {
                found.push((function.clone(), self.evaluator.codes[function.code.0 as usize].params));
            }
        }
        found
    }

    /// A method that classes of the script have: all its arguments, with defaults.
    fn record_method(
        &mut self,
        receiver: Expression,
        name: &str,
        methods: Vec<(Function, &'a Parameters)>,
        site: Site<'a>,
    ) -> Lifted<Expression> {
        let mut lifted: Option<Vec<Expression>> = None;
        for (function, params) in methods {
            let mut arguments = Vec::new();
            for (parameter, given) in arguments::bind(params, 1, site)? {
                arguments.push(match given {
                    arguments::Given::Argument(argument) => self.expr(argument)?,
                    arguments::Given::Default => self.default(&function, parameter)?,
                    arguments::Given::Rest(_) => {
                        return Err(reason(format!("{name}() takes any number of arguments"), "name them", site.span));
                    }
                });
            }
            // Comprehensions and lambdas get other locals each time; which it is, makes no difference then.
            if lifted.as_ref().is_some_and(|lifted| lifted.len() != arguments.len()) {
                return Err(reason(
                    format!("several classes have a method {name}() with other parameters"),
                    "give these methods the same parameters, or other names",
                    site.span,
                ));
            }
            let is_plain = site.keywords.is_empty() && site.args.len() == arguments.len();
            if lifted.is_some() && !is_plain && lifted.as_ref() != Some(&arguments) {
                return Err(reason(
                    format!("several classes have a method {name}() with other parameters"),
                    "give these methods the same parameters, or other names",
                    site.span,
                ));
            }
            lifted = Some(arguments);
        }
        Ok(Expression::Method(boxed(receiver), name.to_owned(), lifted.unwrap_or_default()))
    }
}
