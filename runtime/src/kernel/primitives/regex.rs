//! Regular expressions, by an engine that finds what Python's does for the patterns that the plan translates.

use super::Prepared;
use super::abi::{Context, ListWord, MatchWord, Text};
use super::views::Match;
use crate::kernel::memory::Growing;
use pyflink_plan::regex::{Groups, translate};
use pyflink_plan::typed::Why;
use regex::bytes::{CaptureLocations, Regex, RegexBuilder};

/// A pattern that is ready for use.
pub struct Pattern {
    regex: Regex,
    groups: Groups,
    /// Whether a text that ends in a newline is left to Python.
    needs_no_final_newline: bool,
    /// Of what it matches.
    minimum_length: usize,
}

/// Where in a text it must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Start,
    Anywhere,
    Whole,
}

impl Pattern {
    /// Compiles a pattern of Python; `None` if it is left to Python.
    pub fn new(pattern: &str, flags: u32, place: Place) -> Option<Pattern> {
        let translated = translate(pattern, flags).ok()?;
        let pattern = &translated.pattern;
        let anchored = match place {
            Place::Start => format!("\\A(?:{pattern})"),
            Place::Anywhere => pattern.clone(),
            Place::Whole => format!("\\A(?:{pattern})\\z"),
        };
        let regex = RegexBuilder::new(&anchored).unicode(false).build().ok()?;
        // Group 0 is one more.
        (regex.captures_len() == translated.groups.count as usize + 1).then_some(Pattern {
            regex,
            groups: translated.groups,
            needs_no_final_newline: translated.needs_no_final_newline,
            minimum_length: translated.minimum_length,
        })
    }

    /// How many a match has, as its type says it.
    pub fn groups(&self) -> u32 {
        self.groups.seen()
    }

    /// Whether it matches no empty text, where engines differ in where they go on.
    pub fn consumes(&self) -> bool {
        self.minimum_length > 0
    }

    /// Text that both engines see alike.
    fn subject<'a>(&self, text: &'a str) -> Result<&'a [u8], Why> {
        if !text.is_ascii() {
            return Err(Why::NotAscii);
        }
        if self.needs_no_final_newline && text.ends_with('\n') {
            return Err(Why::Unusual);
        }
        Ok(text.as_bytes())
    }
}

fn pattern<'a>(context: &Context<'a>) -> Result<&'a Pattern, Why> {
    match &context.site.prepared {
        Prepared::Regex(pattern) => Ok(pattern),
        _ => Err(Why::Unusual),
    }
}

/// The first match, as a Match.
pub fn first(context: &mut Context<'_>, text: &str) -> Result<Option<MatchWord>, Why> {
    let pattern = pattern(context)?;
    let subject = pattern.subject(text)?;
    if pattern.groups.count == 0 {
        let found = pattern.regex.find(subject).map(|found| [found.start() as u64, found.end() as u64]);
        return Ok(found.map(|positions| Match::store(context.memory, text, positions.into_iter())));
    }
    let mut found = pattern.regex.capture_locations();
    if pattern.regex.captures_read(&mut found, subject).is_none() {
        return Ok(None);
    }
    let positions: Vec<u64> = (0..found.len())
        .flat_map(|group| found.get(group).map_or([u64::MAX; 2], |(start, end)| [start as u64, end as u64]))
        .collect();
    Ok(Some(Match::store(context.memory, text, positions.into_iter())))
}

/// All matches that don't overlap.
fn each(
    pattern: &Pattern,
    subject: &[u8],
    mut found: impl FnMut(&CaptureLocations, usize, usize) -> Result<bool, Why>,
) -> Result<(), Why> {
    let mut locations = pattern.regex.capture_locations();
    let mut start = 0;
    while let Some(matched) = pattern.regex.captures_read_at(&mut locations, subject, start) {
        if !found(&locations, matched.start(), matched.end())? {
            break;
        }
        start = matched.end();
    }
    Ok(())
}

pub fn find_all(context: &mut Context<'_>, text: &str) -> Result<ListWord, Why> {
    let pattern = pattern(context)?;
    let subject = pattern.subject(text)?;
    let mut list = Growing::new(context.memory, 16);
    let groups = pattern.groups.count as usize;
    if groups == 0 {
        for found in pattern.regex.find_iter(subject) {
            list.push(context.memory, &Text::view(&text[found.range()]).0);
        }
    } else {
        each(pattern, subject, |locations, _, _| {
            for group in 1..=groups {
                // A group that took no part is empty here.
                let part = locations.get(group).map_or("", |(start, end)| &text[start..end]);
                list.push(context.memory, &Text::view(part).0);
            }
            Ok(true)
        })?;
    }
    Ok(ListWord(list.finish(context.memory, 2 * groups.max(1))))
}

pub fn find_iter(context: &mut Context<'_>, text: &str) -> Result<ListWord, Why> {
    let pattern = pattern(context)?;
    let subject = pattern.subject(text)?;
    let mut words = Vec::new();
    each(pattern, subject, |locations, _, _| {
        let groups = 0..=pattern.groups.count as usize;
        let positions: Vec<u64> = groups
            .flat_map(|group| locations.get(group).map_or([u64::MAX; 2], |(start, end)| [start as u64, end as u64]))
            .collect();
        words.push(Match::store(context.memory, text, positions.into_iter()).0);
        Ok(true)
    })?;
    Ok(ListWord(context.memory.list(&words, words.len())))
}

pub fn split(context: &mut Context<'_>, text: &str, limit: i64) -> Result<ListWord, Why> {
    let pattern = pattern(context)?;
    let subject = pattern.subject(text)?;
    let mut list = Growing::new(context.memory, 16);
    let mut start = 0;
    for found in pattern.regex.find_iter(subject).take(most(limit)) {
        list.push(context.memory, &Text::view(&text[start..found.start()]).0);
        start = found.end();
    }
    list.push(context.memory, &Text::view(&text[start..]).0);
    Ok(ListWord(list.finish(context.memory, 2)))
}

/// How many a limit allows: 0 stands for all.
fn most(limit: i64) -> usize {
    match limit {
        0 => usize::MAX,
        limit => usize::try_from(limit).unwrap_or(0),
    }
}

/// Part of a replacement.
enum Part<'a> {
    Text(&'a str),
    Group(usize),
}

/// Takes a replacement apart; what is rare is left to Python.
fn template<'a>(replacement: &'a str, groups: &Groups) -> Result<Vec<Part<'a>>, Why> {
    let mut parts = Vec::new();
    let mut rest = replacement;
    while let Some(place) = rest.find('\\') {
        parts.push(Part::Text(&rest[..place]));
        let escaped = &rest[place + 1..];
        let first = escaped.chars().next().ok_or(Why::Raises)?;
        rest = &escaped[first.len_utf8()..];
        parts.push(match first {
            '\\' => Part::Text("\\"),
            'n' => Part::Text("\n"),
            't' => Part::Text("\t"),
            'r' => Part::Text("\r"),
            '1'..='9' if groups.hidden => return Err(Why::Unusual),
            '1'..='9' => {
                let digits = escaped.bytes().take(2).take_while(u8::is_ascii_digit).count();
                // Three octal digits are a character.
                if escaped.as_bytes().get(..3).is_some_and(|three| three.iter().all(|d| matches!(d, b'0'..=b'7'))) {
                    return Err(Why::Unusual);
                }
                rest = &escaped[digits..];
                Part::Group(escaped[..digits].parse().map_err(|_| Why::Raises)?)
            }
            'g' if groups.hidden => return Err(Why::Unusual),
            'g' => {
                let (name, behind) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')).ok_or(Why::Raises)?;
                rest = behind;
                match groups.names.iter().find(|(known, _)| known == name) {
                    Some((_, group)) => Part::Group(*group as usize),
                    None if name.bytes().all(|byte| byte.is_ascii_digit()) && name.len() < 3 => {
                        Part::Group(name.parse().map_err(|_| Why::Raises)?)
                    }
                    None => return Err(Why::Raises),
                }
            }
            _ => return Err(Why::Unusual),
        });
    }
    parts.push(Part::Text(rest));
    let known = |part: &Part<'_>| !matches!(part, Part::Group(group) if *group > groups.count as usize);
    if parts.iter().all(known) { Ok(parts) } else { Err(Why::Raises) }
}

pub fn sub(context: &mut Context<'_>, replacement: &str, text: &str, limit: i64) -> Result<Text, Why> {
    let pattern = pattern(context)?;
    let subject = pattern.subject(text)?;
    let parts = template(replacement, &pattern.groups)?;
    let mut left = most(limit);
    if left == 0 || !pattern.regex.is_match(subject) {
        return Ok(Text::view(text));
    }
    let words = context.memory.written(|out| {
        let mut done = 0;
        let literal = if let [Part::Text(text)] = &*parts { Some(text) } else { None };
        if let Some(literal) = literal {
            for found in pattern.regex.find_iter(subject).take(left) {
                out.extend_from_slice(&subject[done..found.start()]);
                out.extend_from_slice(literal.as_bytes());
                done = found.end();
            }
        } else {
            each(pattern, subject, |locations, start, end| {
                out.extend_from_slice(&subject[done..start]);
                for part in &parts {
                    match part {
                        Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                        Part::Group(group) => {
                            let (start, end) = locations.get(*group).unwrap_or((0, 0));
                            out.extend_from_slice(&subject[start..end]);
                        }
                    }
                }
                done = end;
                left -= 1;
                Ok(left > 0)
            })?;
        }
        out.extend_from_slice(&subject[done..]);
        Ok(())
    })?;
    Ok(Text(words))
}

/// Start and end of a group; `None` if it took no part.
fn span(found: Match<'_>, group: i64) -> Result<Option<(usize, usize)>, Why> {
    let group = usize::try_from(group).map_err(|_| Why::Raises)?;
    match found.positions.get(group.saturating_mul(2)..).unwrap_or_default() {
        [u64::MAX, ..] => Ok(None),
        [start, end, ..] => Ok(Some((*start as usize, *end as usize))),
        _ => Err(Why::Raises),
    }
}

pub fn group(_: &mut Context<'_>, found: Match<'_>, group: i64) -> Result<Option<Text>, Why> {
    Ok(span(found, group)?.map(|(start, end)| Text::view(&found.subject[start..end])))
}

pub fn groups(context: &mut Context<'_>, found: Match<'_>) -> Result<ListWord, Why> {
    let count = found.positions.len() / 2;
    let mut list = Growing::new(context.memory, count * 2);
    for group in 1..count {
        let (start, end) = span(found, group as i64)?.ok_or(Why::OtherType)?;
        list.push(context.memory, &Text::view(&found.subject[start..end]).0);
    }
    Ok(ListWord(list.finish(context.memory, 2)))
}

pub fn start(_: &mut Context<'_>, found: Match<'_>, group: i64) -> Result<i64, Why> {
    Ok(span(found, group)?.map_or(-1, |(start, _)| start as i64))
}

pub fn end(_: &mut Context<'_>, found: Match<'_>, group: i64) -> Result<i64, Why> {
    Ok(span(found, group)?.map_or(-1, |(_, end)| end as i64))
}
