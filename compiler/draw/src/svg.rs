//! A plan as SVG.

use crate::graph::{Drawn, boxes, in_python, jobs, label};
use crate::layout::{Line, Rect, layout};
use crate::{Marks, escape};
use pyflink_plan::{Job, Operator, OperatorId, Plan};
use std::fmt::Write;

/// Of the font, in pixels: it has letters of one width.
const SIZE: f64 = 12.0;
const ADVANCE: f64 = 7.25;
const LINE: f64 = 16.0;
const PADDING: f64 = 12.0;
/// Letters of a box's line at the most; the whole text is in its tooltip.
const LONGEST: usize = 52;

pub const STYLE: &str = include_str!("drawing.css");

/// The plan as one picture, job under job.
pub fn svg(plan: &Plan, marks: &Marks) -> String {
    let drawings: Vec<Drawing> = jobs(plan).map(|drawn| drawing(plan, &drawn, marks)).collect();
    let width = drawings.iter().map(|drawing| drawing.width).fold(240.0, f64::max);
    let height = drawings.iter().map(|drawing| drawing.height).sum::<f64>().max(40.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plan\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n<style>\n{STYLE}</style>\n{MARKERS}\
         <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n"
    );
    if drawings.is_empty() {
        out.push_str("<text class=\"title\" x=\"12\" y=\"24\">no job: nothing is executed</text>\n");
    }
    let mut top = 0.0;
    for drawing in drawings {
        // Writing to a String can't fail.
        let _ = writeln!(out, "<g transform=\"translate(0 {top:.0})\">\n{}</g>", drawing.body);
        top += drawing.height;
    }
    out.push_str("</svg>\n");
    out
}

pub const MARKERS: &str = "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" \
                           markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n";

/// One job.
pub struct Drawing {
    pub body: String,
    pub width: f64,
    pub height: f64,
}

const HEAD: f64 = 30.0;

pub fn drawing(plan: &Plan, drawn: &Drawn, marks: &Marks) -> Drawing {
    let job = drawn.job;
    let lines = |operator: &Operator| box_lines(plan, drawn, operator, marks);
    let size = |id: OperatorId| {
        let lines = lines(&job.operators[id.index()]);
        let letters = lines.iter().map(|line| width(line)).fold(0.0, f64::max);
        (letters + 2.0 * PADDING, lines.len() as f64 * LINE + 12.0)
    };
    let layout = layout(job, size, |label| width(label) + 8.0);
    let mut body = format!("<text class=\"title\" x=\"12\" y=\"20\">{}</text>\n", escape(&drawn.title));
    let _ = writeln!(body, "<g transform=\"translate(0 {HEAD})\">");
    for (at, rect) in layout.chains.iter().enumerate() {
        let _ = writeln!(body, "<rect class=\"chain\" {} rx=\"8\"/>", place(rect));
        let _ = writeln!(
            body,
            "<text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">chain {}</text>",
            rect.x + 10.0,
            rect.y + 16.0,
            at + 1
        );
    }
    layout.lines.iter().for_each(|line| edge(line, &mut body));
    for operator in boxes(job) {
        let pruned = job.pruned.contains(&operator.id);
        let rect = &layout.operators[operator.id.index()];
        let id = format!("{}o{}", drawn.prefix, operator.id.0);
        let share = marks.operators.get(&(drawn.variant, drawn.number, operator.id)).map(|mark| mark.share);
        operator_box(plan, operator, &id, rect, &lines(operator), pruned, share, &mut body);
    }
    // What lies over a line must still be read.
    layout.lines.iter().for_each(|line| edge_label(line, &mut body));
    body.push_str("</g>\n");
    let legend = legend(plan, job);
    let mut height = layout.height + HEAD;
    if !legend.is_empty() {
        let _ = writeln!(body, "<text class=\"name\" x=\"12\" y=\"{:.0}\">{}</text>", height + 8.0, escape(&legend));
        height += 24.0;
    }
    let needed = width(&legend).max(width(&drawn.title) * 1.2) + 24.0;
    Drawing { body, width: layout.width.max(needed), height }
}

fn legend(plan: &Plan, job: &Job) -> String {
    match job.operators.iter().any(|operator| in_python(plan, operator)) {
        true => "a bar at the left: its function runs in Python".to_owned(),
        false => String::new(),
    }
}

fn box_lines(plan: &Plan, drawn: &Drawn, operator: &Operator, marks: &Marks) -> Vec<String> {
    let mut lines = label(plan, operator);
    // The bar says it.
    lines.retain(|line| line != "Python");
    if drawn.job.pruned.contains(&operator.id) {
        lines.push("not run".to_owned());
    }
    lines.extend(marks.operators.get(&(drawn.variant, drawn.number, operator.id)).map(|mark| mark.line.clone()));
    for line in &mut lines {
        if let Some((at, _)) = line.char_indices().nth(LONGEST) {
            line.truncate(at);
            line.push('…');
        }
    }
    lines
}

/// Letters beyond the Latin ones may be twice as wide.
fn width(text: &str) -> f64 {
    text.chars()
        .map(|c| if (c as u32) < 0x1100 || c == '…' || c == '←' || c == '×' { ADVANCE } else { 2.0 * ADVANCE })
        .sum()
}

fn place(rect: &Rect) -> String {
    format!("x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"", rect.x, rect.y, rect.width, rect.height)
}

#[allow(clippy::too_many_arguments)]
fn operator_box(
    plan: &Plan,
    operator: &Operator,
    id: &str,
    rect: &Rect,
    lines: &[String],
    pruned: bool,
    share: Option<f64>,
    body: &mut String,
) {
    let class = match (pruned, operator.kind.is_source(), operator.kind.is_sink()) {
        (true, ..) => "operator pruned",
        (_, true, _) => "operator source",
        (_, _, true) => "operator sink",
        _ => "operator",
    };
    let whole = label(plan, operator).join("\n");
    let _ = writeln!(
        body,
        "<a href=\"#d-{id}\" id=\"{id}\" class=\"{class}\"><title>{}</title><rect {} rx=\"5\"/>",
        escape(&whole),
        place(rect)
    );
    if let Some(share) = share {
        let heat = Rect { width: rect.width * share.clamp(0.0, 1.0), ..*rect };
        let _ = writeln!(body, "<rect class=\"heat\" {} rx=\"5\"/>", place(&heat));
    }
    if in_python(plan, operator) && !pruned {
        let bar = Rect { width: 4.0, y: rect.y + 4.0, x: rect.x + 3.0, height: rect.height - 8.0 };
        let _ = writeln!(body, "<rect class=\"python\" {} rx=\"2\"/>", place(&bar));
    }
    for (at, line) in lines.iter().enumerate() {
        let class = if at == 0 { "call" } else { "detail" };
        let (x, y) = (rect.x + PADDING, rect.y + 6.0 + SIZE + at as f64 * LINE);
        let _ = writeln!(body, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(line));
    }
    body.push_str("</a>\n");
}

/// A line through the points, with round corners.
fn edge(line: &Line, body: &mut String) {
    let [first, .., last] = line.points.as_slice() else { return };
    let mut path = format!("M{:.1} {:.1}", first.0, first.1);
    for pair in line.points[1..].windows(2) {
        let middle = ((pair[0].0 + pair[1].0) / 2.0, (pair[0].1 + pair[1].1) / 2.0);
        let _ = write!(path, "Q{:.1} {:.1} {:.1} {:.1}", pair[0].0, pair[0].1, middle.0, middle.1);
    }
    let _ = write!(path, "L{:.1} {:.1}", last.0, last.1);
    let class = match (line.edge.feedback, line.edge.label) {
        (true, _) => "edge feedback",
        (false, "") => "edge",
        _ => "edge exchange",
    };
    let _ = writeln!(body, "<path class=\"{class}\" d=\"{path}\" marker-end=\"url(#arrow)\"/>");
}

fn edge_label(line: &Line, body: &mut String) {
    if let Some((x, y)) = line.label {
        let half = width(line.edge.label) / 2.0 + 4.0;
        let rect = Rect { x: x - half, y: y - 9.0, width: 2.0 * half, height: 18.0 };
        let _ = writeln!(
            body,
            "<rect class=\"label\" {} rx=\"9\"/><text class=\"label\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
            place(&rect),
            y + 4.0,
            escape(line.edge.label)
        );
    }
}
