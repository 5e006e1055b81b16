//! Diagnostics as rustc prints them: file, line, caret, hint.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use pyflink_plan::{Diagnostic, Severity, Sources, Span};
use std::ops::Range;

/// One diagnostic, with a line end after it; `color` for a terminal.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    if let Some(span) = diagnostic.span {
        let file = sources.get(span.source);
        let mut annotation = AnnotationKind::Primary.span(range(span, &file.text));
        if !diagnostic.label.is_empty() {
            annotation = annotation.label(diagnostic.label.as_str());
        }
        let mut snippet =
            Snippet::source(file.text.as_str()).path(file.path.as_str()).fold(true).annotation(annotation);
        for note in &diagnostic.notes {
            if let Some(place) = note.span.filter(|place| place.source == span.source) {
                let annotation = AnnotationKind::Context.span(range(place, &file.text));
                snippet = snippet.annotation(annotation.label(note.message.as_str()));
            }
        }
        group = group.element(snippet);
        for note in &diagnostic.notes {
            if let Some(place) = note.span.filter(|place| place.source != span.source) {
                let file = sources.get(place.source);
                let annotation = AnnotationKind::Context.span(range(place, &file.text));
                group = group.element(
                    Snippet::source(file.text.as_str())
                        .path(file.path.as_str())
                        .fold(true)
                        .annotation(annotation.label(note.message.as_str())),
                );
            }
        }
    }
    for note in diagnostic.notes.iter().filter(|note| note.span.is_none() || diagnostic.span.is_none()) {
        group = group.element(Level::NOTE.message(note.message.as_str()));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.render(&[group]).to_string();
    text.push('\n');
    text
}

/// The first line of the span, at least one character: a whole call over many lines is shown by its beginning.
fn range(span: Span, text: &str) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start as usize);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = floor(span.end as usize).min(line_end).max(start);
    let next = text[start..].chars().next().filter(|c| *c != '\n').map_or(start, |c| start + c.len_utf8());
    start..end.max(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pyflink_plan::{SourceFile, SourceId};

    #[test]
    fn shows_place_caret_and_hint() {
        let text = "def main(factory):\n    env.mpa(f)\n".to_owned();
        let file = SourceFile { path: "job.py".to_owned(), module: "job".to_owned(), is_package: false, text };
        let sources = Sources { files: vec![file] };
        let span = Span { source: SourceId(0), start: 27, end: 30 };
        let diagnostic =
            Diagnostic::error("unknown-method", "no method mpa").at(span).label("here").help("did you mean `map`?");
        let shown = render(&diagnostic, &sources, false);
        assert_eq!(
            shown,
            "error[unknown-method]: no method mpa\n --> job.py:2:9\n  |\n2 |     env.mpa(f)\n  |         ^^^ here\n  |\n  = help: did you mean `map`?\n"
        );
    }
}
