//! Lines of CSV.

use super::Prepared;
use super::abi::{Context, ListWord, Text};
use crate::kernel::memory::Growing;
use pyflink_plan::typed::Why;
use pyo3::prelude::*;

/// Bytes of a line that has no field which `csv.reader` finds too long.
const LONGEST: usize = 131_072;

/// Whether the script has left the limit of fields as it is.
pub fn has_usual_limit() -> bool {
    let limit = Python::attach(|py| py.import("_csv")?.call_method0("field_size_limit")?.extract::<usize>());
    limit.is_ok_and(|limit| limit >= LONGEST)
}

/// The fields of one line, as `next(csv.reader([line]))` has them: quotes are `"`, and doubled within a field.
pub fn fields(context: &mut Context<'_>, line: &str) -> Result<ListWord, Why> {
    let Prepared::Delimiter(delimiter) = context.site.prepared else { return Err(Why::Unusual) };
    let is_odd = |byte: &u8| matches!(byte, b'\n' | b'\r' | 0);
    if line.len() >= LONGEST || line.as_bytes().iter().any(is_odd) {
        return Err(Why::Unusual);
    }
    let memory = &mut *context.memory;
    let mut list = Growing::new(memory, 16);
    let mut rest = Some(line).filter(|line| !line.is_empty());
    while let Some(field) = rest {
        if let Some(quoted) = field.strip_prefix('"') {
            let (text, behind) = unquoted(quoted, delimiter).ok_or(Why::Unusual)?;
            let text = memory.text(text.as_bytes());
            list.push(memory, &text);
            rest = behind;
        } else {
            let (text, behind) = match field.split_once(delimiter) {
                Some((text, behind)) => (text, Some(behind)),
                None => (field, None),
            };
            list.push(memory, &Text::view(text).0);
            rest = behind;
        }
    }
    Ok(ListWord(list.finish(memory, 2)))
}

/// A field behind its quote, and what comes behind its delimiter; `None` if the quote isn't closed.
fn unquoted(quoted: &str, delimiter: char) -> Option<(String, Option<&str>)> {
    let mut text = String::new();
    let mut rest = quoted;
    loop {
        let (part, behind) = rest.split_once('"')?;
        text.push_str(part);
        match behind.strip_prefix('"') {
            Some(behind) => {
                text.push('"');
                rest = behind;
            }
            None => {
                // What stands between the quote and the delimiter belongs to the field, quotes included.
                let (tail, next) = match behind.split_once(delimiter) {
                    Some((tail, next)) => (tail, Some(next)),
                    None => (behind, None),
                };
                text.push_str(tail);
                return Some((text, next));
            }
        }
    }
}
