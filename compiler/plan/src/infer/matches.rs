//! Functions of `re`, and what they found.

use super::displays::tuple_of;
use super::{Lowered, Lowering, Stop, Value};
use crate::ir::{Expression, RegexFunction};
use crate::primitive::Primitive;
use crate::regex::{self, Translated};
use crate::types::{Constant, Type};

impl<'a> Lowering<'a> {
    pub(super) fn regex(
        &mut self,
        function: RegexFunction,
        pattern: &str,
        flags: u32,
        arguments: &'a [Expression],
    ) -> Lowered<Value> {
        let translated = match regex::translate(pattern, flags) {
            Ok(translated) => translated,
            Err(why) => {
                return Err(self.refused(format!("a regular expression isn't compiled: {}", why.message), why.edit));
            }
        };
        let groups = translated.groups.seen();
        self.note_pattern(&translated)?;
        let mut arguments = self.operands_of(arguments.iter())?.into_iter();
        let pattern = pattern.to_owned();
        match function {
            RegexFunction::Match | RegexFunction::Search | RegexFunction::FullMatch => {
                let (Some(text), None) = (arguments.next(), arguments.next()) else {
                    return Err(self.refused("a search between bounds isn't compiled", "take a part of the text"));
                };
                let primitive = match function {
                    RegexFunction::Match => Primitive::RegexMatch(pattern, flags),
                    RegexFunction::Search => Primitive::RegexSearch(pattern, flags),
                    _ => Primitive::RegexFullMatch(pattern, flags),
                };
                let text = self.text(text)?;
                Ok(Value::call(Type::Match(groups).optional(), primitive, vec![text]))
            }
            _ if translated.minimum_length == 0 => Err(self.refused(
                "a regular expression that matches an empty text isn't compiled here",
                "write a pattern that takes at least one character",
            )),
            RegexFunction::FindAll => {
                let (Some(text), None) = (arguments.next(), arguments.next()) else {
                    return Err(self.refused("a search between bounds isn't compiled", "take a part of the text"));
                };
                if groups == regex::HIDDEN {
                    return Err(self.hidden_groups());
                }
                let text = self.text(text)?;
                let of = match groups {
                    0 | 1 => Type::Str,
                    _ => Type::Tuple(vec![Type::Str; groups as usize]),
                };
                Ok(Value::call(Type::List(Box::new(of)), Primitive::RegexFindAll(pattern, flags), vec![text]))
            }
            RegexFunction::FindIter => {
                let (Some(text), None) = (arguments.next(), arguments.next()) else {
                    return Err(self.refused("a search between bounds isn't compiled", "take a part of the text"));
                };
                let text = self.text(text)?;
                let of = Type::List(Box::new(Type::Match(groups)));
                Ok(Value::call(of, Primitive::RegexFindIter(pattern, flags), vec![text]))
            }
            RegexFunction::Split => {
                let (Some(text), most) = (arguments.next(), arguments.next()) else {
                    return Err(self.arity("split"));
                };
                if groups > 0 {
                    return Err(self.refused("a split by an expression with groups isn't compiled", "use (?:…)"));
                }
                let text = self.text(text)?;
                let most = self.count(most)?;
                Ok(Value::call(
                    Type::List(Box::new(Type::Str)),
                    Primitive::RegexSplit(pattern, flags),
                    vec![text, most],
                ))
            }
            RegexFunction::Sub => {
                let (Some(replacement), Some(text), most) = (arguments.next(), arguments.next(), arguments.next())
                else {
                    return Err(self.arity("sub"));
                };
                match replacement.constant() {
                    Some(Constant::Str(text)) if groups == regex::HIDDEN && text.contains('\\') => {
                        return Err(self.hidden_groups());
                    }
                    Some(Constant::Str(_)) => {}
                    _ => return Err(self.refused("the replacement isn't a constant", "write it out")),
                }
                let text = self.text(text)?;
                let most = self.count(most)?;
                Ok(Value::call(Type::Str, Primitive::RegexSub(pattern, flags), vec![replacement, text, most]))
            }
        }
    }

    /// How many at most, 0 for all.
    fn count(&mut self, most: Option<Value>) -> Lowered<Value> {
        match most {
            None => Ok(Value::int(0)),
            Some(most) => match most.constant() {
                Some(Constant::Int(count)) if *count >= 0 => Ok(most),
                _ => Err(self.refused("how often at most isn't a constant", "write it out")),
            },
        }
    }

    /// Names of groups are known by the expressions that are in the body, of which a match may be of any.
    fn note_pattern(&mut self, translated: &Translated) -> Lowered<()> {
        let groups = &translated.groups;
        if self.cells.patterns.contains(groups) {
            return Ok(());
        }
        self.cells.patterns.push(groups.clone());
        Err(Stop::Again)
    }

    /// Of a pattern with a group that is repeated, only the whole of what it matches is known.
    fn hidden_groups(&self) -> Stop {
        self.refused(
            "groups of a regular expression with a group that is repeated aren't compiled",
            "write the repeated group as `(?:…)`",
        )
    }

    /// Which group is meant; matches have so many.
    fn group_number(&mut self, groups: u32, group: &Value) -> Lowered<u32> {
        match group.constant() {
            Some(Constant::Int(0)) => Ok(0),
            _ if groups == regex::HIDDEN => Err(self.hidden_groups()),
            Some(Constant::Int(number)) => match u32::try_from(*number) {
                Ok(number) if number <= groups => Ok(number),
                _ => Err(self.raises("a match has no such group", "use a group that the pattern has")),
            },
            Some(Constant::Str(name)) => {
                let named = |groups: &regex::Groups| groups.names.iter().find(|named| named.0 == *name).map(|x| x.1);
                let like = self.cells.patterns.iter().filter(|pattern| pattern.seen() == groups);
                let mut numbers: Vec<Option<u32>> = like.map(named).collect();
                numbers.dedup();
                match numbers[..] {
                    _ if self.foreign_matches => {
                        Err(self.refused("a match comes from elsewhere", "use the numbers of its groups"))
                    }
                    [Some(number)] => Ok(number),
                    [None] => Err(self.raises("a match has no such group", "use a group that the pattern has")),
                    _ => Err(self.refused("which group is named isn't known here", "use its number")),
                }
            }
            _ => Err(self.refused("which group is meant isn't a constant", "write it out")),
        }
    }

    pub(super) fn match_group(&mut self, found: Value, groups: u32, group: Value) -> Lowered<Value> {
        let number = self.group_number(groups, &group)?;
        let like = self.cells.patterns.iter().filter(|pattern| pattern.seen() == groups);
        let always =
            number == 0 || (like.clone().count() > 0 && like.clone().all(|pattern| pattern.always.contains(&number)));
        let of = Type::Str.optional();
        let value = Value::call(of, Primitive::MatchGroup, vec![found, Value::int(i64::from(number))]);
        Ok(if always { value.unwrapped() } else { value })
    }

    /// `groupdict()`: groups with names, in order.
    fn match_names(&mut self, at: &'a Expression, found: Value, groups: u32, default: Value) -> Lowered<Value> {
        let like = self.cells.patterns.iter().filter(|pattern| pattern.seen() == groups);
        let mut known: Vec<Vec<(String, u32)>> = like.map(|pattern| pattern.names.clone()).collect();
        known.dedup();
        let names = match known.as_slice() {
            _ if self.foreign_matches => {
                return Err(self.refused("a match comes from elsewhere", "use the numbers of its groups"));
            }
            [names] => names.clone(),
            _ => return Err(self.refused("which groups have names isn't known here", "use their numbers")),
        };
        let (found, default) = (self.hold(found), self.hold(default));
        let mut names = names;
        names.sort_by_key(|(_, number)| *number);
        let dict = self.new_dict(at)?;
        for (name, number) in names {
            let group = self.match_group(found.clone(), groups, Value::int(i64::from(number)))?;
            let group = match (group.of(), default.of()) {
                (Type::Optional(_), Type::None) | (Type::Str, _) => group,
                (Type::Optional(_), Type::Str) => {
                    let group = self.hold(group);
                    let none = self.is_none(group.clone());
                    let other = default.clone();
                    self.either(none, |_| Ok(other), |_| Ok(group.unwrapped()))?
                }
                _ => return Err(self.refused("the default of groups that took no part isn't text", "give a str")),
            };
            self.set_key(dict.clone(), Value::str(name), group)?;
        }
        Ok(dict)
    }

    pub(super) fn match_method(
        &mut self,
        at: &'a Expression,
        found: Value,
        groups: u32,
        name: &str,
        arguments: Vec<Value>,
    ) -> Lowered<Value> {
        match (name, arguments.len()) {
            ("groupdict" | "groups", _) if groups == regex::HIDDEN => Err(self.hidden_groups()),
            ("groupdict", 0 | 1) => {
                let default = arguments.into_iter().next().unwrap_or_else(Value::none);
                self.match_names(at, found, groups, default)
            }
            ("group", 0) => self.match_group(found, groups, Value::int(0)),
            ("group", _) => {
                let found = self.hold(found);
                let parts = arguments.into_iter().map(|group| self.match_group(found.clone(), groups, group));
                let mut parts = parts.collect::<Lowered<Vec<_>>>()?;
                Ok(if parts.len() == 1 { parts.remove(0) } else { tuple_of(parts) })
            }
            ("groups", 0) => {
                let found = self.hold(found);
                let parts = (1..=groups)
                    .map(|group| self.match_group(found.clone(), groups, Value::int(i64::from(group))))
                    .collect::<Lowered<_>>()?;
                Ok(tuple_of(parts))
            }
            ("start" | "end", 0 | 1) => {
                let group = arguments.into_iter().next().unwrap_or_else(|| Value::int(0));
                let number = self.group_number(groups, &group)?;
                let primitive = if name == "start" { Primitive::MatchStart } else { Primitive::MatchEnd };
                Ok(Value::call(Type::Int, primitive, vec![found, Value::int(i64::from(number))]))
            }
            ("span", 0 | 1) => {
                let found = self.hold(found);
                let start = self.match_method(at, found.clone(), groups, "start", arguments.clone())?;
                let end = self.match_method(at, found, groups, "end", arguments)?;
                Ok(tuple_of(vec![start, end]))
            }
            _ => Err(self.refused(
                format!("`{name}` of a match isn't compiled"),
                "use `group(…)`, `groups()`, `start()` or `end()`",
            )),
        }
    }
}
