//! Joins operators to chains: linear runs of operators with one consumer each and no exchange between them.

use pyflink_plan::{Chain, Job, Operator, OperatorId, OperatorKind, Partition};

pub fn run(job: &mut Job) {
    let mut consumers = vec![0_usize; job.operators.len()];
    for input in job.operators.iter().flat_map(|operator| &operator.inputs) {
        consumers[input.operator.index()] += 1;
    }
    let mut chains: Vec<Chain> = Vec::new();
    let mut chain_of: Vec<usize> = Vec::with_capacity(job.operators.len());
    for operator in &job.operators {
        let chain = match before(operator).filter(|from| consumers[from.index()] == 1) {
            Some(from) => chain_of[from.index()],
            None => {
                chains.push(Chain { operators: Vec::new() });
                chains.len() - 1
            }
        };
        chains[chain].operators.push(operator.id);
        chain_of.push(chain);
    }
    job.chains = chains;
}

/// The operator whose chain this one could continue. An iteration's head has its feedback as a second input.
fn before(operator: &Operator) -> Option<OperatorId> {
    match operator.inputs.as_slice() {
        [input] if input.partition == Partition::Forward && operator.kind != OperatorKind::Iterate => {
            Some(input.operator)
        }
        _ => None,
    }
}
