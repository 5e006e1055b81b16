//! Interval analysis: what is known of ints at each point of a function, so that most need no check for overflow.

use pyflink_plan::typed::{Slot, Stmt};

/// Least and greatest value, both included.
pub type Range = (i64, i64);

pub const FULL_RANGE: Range = (i64::MIN, i64::MAX);
pub const TRUTH: Range = (0, 1);

/// The least range that holds both.
pub fn join(a: Range, b: Range) -> Range {
    (a.0.min(b.0), a.1.max(b.1))
}

/// What is known after two ways meet.
pub fn join_all(a: &mut [Vec<Range>], b: &[Vec<Range>]) {
    let words = a.iter_mut().flatten().zip(b.iter().flatten());
    words.for_each(|(a, b)| *a = join(*a, *b));
}

/// Bounds of a result that may lie beyond 64 bits; `Err` with what is left of them if so.
pub fn fit(least: i128, greatest: i128) -> Result<Range, Range> {
    let (low, high) = (least.max(i64::MIN.into()) as i64, greatest.min(i64::MAX.into()) as i64);
    let fits = i128::from(low) == least && i128::from(high) == greatest;
    // Beyond on one side only: then the overflow check leaves nothing, or all.
    let range = if low <= high { (low, high) } else { FULL_RANGE };
    if fits { Ok(range) } else { Err(range) }
}

/// Bounds of a function of two values that is monotonous in each.
pub fn corners(a: Range, b: Range, of: impl Fn(i128, i128) -> i128) -> (i128, i128) {
    let (a0, a1, b0, b1) = (a.0.into(), a.1.into(), b.0.into(), b.1.into());
    let values = [of(a0, b0), of(a0, b1), of(a1, b0), of(a1, b1)];
    (values.into_iter().min().unwrap_or(0), values.into_iter().max().unwrap_or(0))
}

/// Slots that code assigns, however deep.
pub fn assigned(code: &[Stmt], found: &mut Vec<Slot>) {
    for statement in code {
        match statement {
            Stmt::Assign(slot, value) => {
                found.push(*slot);
                in_expr(value, found);
            }
            Stmt::If(test, yes, no) => {
                in_expr(test, found);
                assigned(yes, found);
                assigned(no, found);
            }
            Stmt::Loop(_, body) | Stmt::Block(_, body) | Stmt::Try(_, body) => assigned(body, found),
            Stmt::For(of) => {
                found.push(of.item);
                assigned(&of.body, found);
                assigned(&of.orelse, found);
                of.over.expressions(&mut |value| in_expr(value, found));
            }
            Stmt::Evaluate(value) | Stmt::Append(_, value) | Stmt::Collect(value) | Stmt::SetAttribute(_, value) => {
                in_expr(value, found);
            }
            Stmt::At(_) | Stmt::Leave(_) | Stmt::Continue(_) | Stmt::Bail(_) | Stmt::Left(_) => {}
        }
    }
}

fn in_expr(value: &pyflink_plan::typed::Expr, found: &mut Vec<Slot>) {
    value.blocks(&mut |code| assigned(code, found));
}
