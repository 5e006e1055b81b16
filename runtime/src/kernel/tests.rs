//! Kernels of functions that are typed by hand.

use super::*;
use pyflink_plan::ir::{BinaryOp, CompareOp};
use pyflink_plan::typed::{Expr, Function, Kind, Stmt};
use pyflink_plan::types::Constant;

fn int(value: i64) -> Expr {
    Expr { of: Type::Int, kind: Kind::Constant(Constant::Int(value)) }
}

fn slot(slot: u32) -> Expr {
    Expr { of: Type::Int, kind: Kind::Slot(slot) }
}

fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    Expr { of: Type::Int, kind: Kind::Binary(op, Box::new(left), Box::new(right)) }
}

/// A step of one int, in slot 0, whose result is this.
fn step(role: Role, result: Expr) -> Step {
    let slots = vec![Type::Int, result.of.clone()];
    let code = vec![Stmt::Assign(1, result)];
    Step { role, function: Function { slots, parameters: vec![0], result: 1, code, collects: Type::Never } }
}

fn compile(steps: &[Step], bounds: Option<(i64, i64)>) -> Option<Kernel> {
    Kernel::compile(&Order {
        steps,
        input: &Type::Int,
        bounds: bounds.as_ref().map(std::slice::from_ref),
        source: None,
        python: (11, 0),
    })
}

/// What it gives for rows from `from` on, the rows of that, and where it stopped.
fn run(kernel: &Kernel, input: &[i64], from: usize) -> (Vec<i64>, Vec<u32>, usize) {
    let input: Vec<u64> = input.iter().map(|value| *value as u64).collect();
    let mut results = Results::default();
    let stopped = kernel.run(&[&input], from..input.len(), &mut results);
    let values = results.columns[0].iter().map(|word| *word as i64).collect();
    (values, results.rows, stopped.row)
}

#[test]
fn a_row_that_overflows_stops_the_kernel_there() {
    let kernel = compile(&[step(Role::Map, binary(BinaryOp::Mul, slot(0), int(3)))], None).unwrap();
    let input = [1, -2, i64::MAX, 4];
    assert_eq!(run(&kernel, &input, 0), (vec![3, -6], vec![0, 1], 2));
    assert_eq!(run(&kernel, &input, 3), (vec![12], vec![3], 4));
}

#[test]
fn a_filter_lets_rows_through_with_their_numbers() {
    let keeps = Expr { of: Type::Bool, kind: Kind::Compare(CompareOp::Gt, Box::new(slot(0)), Box::new(int(10))) };
    let steps = [step(Role::Map, binary(BinaryOp::Add, slot(0), int(1))), step(Role::Filter, keeps)];
    for bounds in [None, Some((0, 100))] {
        let kernel = compile(&steps, bounds).unwrap();
        assert_eq!(run(&kernel, &[3, 10, 9, 50], 0), (vec![11, 51], vec![1, 3], 4));
    }
}

#[test]
fn a_flat_map_gives_as_many_as_it_collects() {
    let item = slot(2);
    let range = pyflink_plan::typed::Iterable::Range(Box::new([int(0), slot(0), int(1)]));
    let body = vec![Stmt::Collect(binary(BinaryOp::Mul, item.clone(), item))];
    let each = Stmt::For(Box::new(pyflink_plan::typed::For { label: 0, over: range, item: 2, body, orelse: vec![] }));
    let slots = vec![Type::Int, Type::None, Type::Int];
    let function = Function { slots, parameters: vec![0], result: 1, code: vec![each], collects: Type::Int };
    let kernel = compile(&[Step { role: Role::FlatMap, function }], None).unwrap();
    assert_eq!(run(&kernel, &[3, 0, 2], 0), (vec![0, 1, 4, 0, 1], vec![0, 0, 0, 2, 2], 3));
    // More than there is room for at first.
    let (values, rows, stopped) = run(&kernel, &[100_000], 0);
    assert_eq!((values.len(), rows.len(), stopped), (100_000, 100_000, 1));
    assert_eq!(values[99_999], 99_999 * 99_999);
}

#[test]
fn division_by_constants_rounds_down() {
    let divisors =
        [1, 2, 3, 5, 6, 7, 9, 10, 64, 100, 1000, 641, 1_000_003, (1 << 31) - 1, 1 << 62, i64::MAX - 1, i64::MAX];
    let mut values: Vec<i64> = vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    for divisor in divisors {
        for times in [1, 2, 3, 12_345, i64::MAX / divisor, i64::MAX / divisor - 1] {
            let product = divisor.wrapping_mul(times);
            let negative = product.wrapping_neg();
            values.extend([
                product.wrapping_sub(1),
                product,
                product.wrapping_add(1),
                negative,
                negative.wrapping_add(1),
            ]);
        }
    }
    let positive: Vec<i64> = values.iter().copied().filter(|value| *value >= 0).collect();
    for divisor in divisors {
        for (op, of) in [(BinaryOp::FloorDiv, i64::div_euclid as fn(i64, i64) -> i64), (BinaryOp::Mod, i64::rem_euclid)]
        {
            for (values, bounds) in [(&values, None), (&positive, Some((0, i64::MAX)))] {
                let kernel = compile(&[step(Role::Map, binary(op, slot(0), int(divisor)))], bounds).unwrap();
                let expected: Vec<i64> = values.iter().map(|value| of(*value, divisor)).collect();
                assert_eq!(run(&kernel, values, 0).0, expected, "{op:?} {divisor}");
            }
        }
    }
}

#[test]
fn what_has_no_machine_form_is_no_kernel() {
    let float = Expr { of: Type::Float, kind: Kind::Constant(Constant::Float(1.0)) };
    assert!(compile(&[step(Role::Map, binary(BinaryOp::BitAnd, slot(0), float))], None).is_none());
}
