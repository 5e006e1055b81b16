//! Diagnostics as JSON, one object a line.

use pyflink_plan::{Diagnostic, Sources, Span};
use serde_json::{Map, Value, json};

/// `{severity, code, message, label, file, line, column, end_line, end_column, notes: [{message, file, line, …}], help}`;
/// lines and columns count from 1, columns in characters. Places are null where there is none.
pub fn render(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut object = Map::new();
    object.insert("severity".to_owned(), json!(diagnostic.severity.name()));
    object.insert("code".to_owned(), json!(diagnostic.code));
    object.insert("message".to_owned(), json!(diagnostic.message));
    object.insert("label".to_owned(), json!(diagnostic.label));
    place(&mut object, diagnostic.span, sources);
    let notes = diagnostic.notes.iter().map(|note| {
        let mut object = Map::new();
        object.insert("message".to_owned(), json!(note.message));
        place(&mut object, note.span, sources);
        Value::Object(object)
    });
    object.insert("notes".to_owned(), notes.collect());
    object.insert("help".to_owned(), json!(diagnostic.help));
    Value::Object(object).to_string()
}

fn place(object: &mut Map<String, Value>, span: Option<Span>, sources: &Sources) {
    let place = span.map(|span| {
        let file = sources.get(span.source);
        (file.path.as_str(), file.line_column(span.start), file.line_column(span.end))
    });
    object.insert("file".to_owned(), json!(place.map(|(path, ..)| path)));
    object.insert("line".to_owned(), json!(place.map(|(_, (line, _), _)| line)));
    object.insert("column".to_owned(), json!(place.map(|(_, (_, column), _)| column)));
    object.insert("end_line".to_owned(), json!(place.map(|(_, _, (line, _))| line)));
    object.insert("end_column".to_owned(), json!(place.map(|(_, _, (_, column))| column)));
}
