//! Which of an environment's operators one `execute()` runs.

/// What [`job`] and [`live`] need to know of an operator; both the compiler's graph and the recorder's have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Indices of inputs; all smaller than the operator's own.
    pub inputs: Vec<usize>,
    /// For `close_with`: the head of the iteration.
    pub iteration: Option<usize>,
    pub is_sink: bool,
}

/// The operators of the job that `execute()` starts: what was added since index `since`, what that
/// descends from, and the loops that this runs through. Indices, ascending.
pub fn job(shapes: &[Shape], since: usize) -> Vec<usize> {
    ancestors(shapes, (since..shapes.len()).collect())
}

/// The operators from which a sink can be reached, loops that lead to one included. Indices, ascending.
pub fn live(shapes: &[Shape]) -> Vec<usize> {
    ancestors(shapes, (0..shapes.len()).filter(|&at| shapes[at].is_sink).collect())
}

fn ancestors(shapes: &[Shape], mut todo: Vec<usize>) -> Vec<usize> {
    let mut included = vec![false; shapes.len()];
    while let Some(at) = todo.pop() {
        if std::mem::replace(&mut included[at], true) {
            continue;
        }
        todo.extend(&shapes[at].inputs);
        todo.extend(shapes[at].iteration);
        let closes = |other: &Shape| other.iteration == Some(at);
        todo.extend((0..shapes.len()).filter(|&other| closes(&shapes[other])));
    }
    (0..shapes.len()).filter(|&at| included[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(inputs: &[usize]) -> Shape {
        Shape { inputs: inputs.to_vec(), iteration: None, is_sink: false }
    }

    fn sink(input: usize) -> Shape {
        Shape { is_sink: true, ..shape(&[input]) }
    }

    #[test]
    fn a_later_job_runs_its_ancestors_but_not_their_old_sinks() {
        let shapes = [shape(&[]), sink(0), shape(&[0]), sink(2)];
        assert_eq!(job(&shapes, 2), [0, 2, 3]);
    }

    #[test]
    fn a_loop_is_kept_whole() {
        let close = Shape { iteration: Some(1), ..shape(&[3]) };
        let shapes = [shape(&[]), shape(&[0]), shape(&[1]), shape(&[2]), close, sink(2), shape(&[0])];
        assert_eq!(live(&shapes), [0, 1, 2, 3, 4, 5]);
    }
}
