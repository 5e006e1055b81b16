//! Kernels: chains of maps and filters as machine code over columns of numbers.
//!
//! A kernel does exactly what CPython does, or nothing: where a row can't be done exactly (an overflow, a division by
//! zero, an int that a float can't hold), it *bails*, and CPython does that row. Functions in the plan's form have no
//! effects, so a row that was begun can be begun again.

mod codegen;
mod helpers;

use cranelift_codegen::settings::{self, Configurable};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module, default_libcall_names};
use pyflink_plan::ir::Body;
use pyflink_plan::types::{self, Type, Typed};

/// One step of a chain.
pub struct Step {
    pub body: Body,
    /// Values of its attributes, in the order of [`Body::attributes`].
    pub attributes: Vec<Constant>,
    /// A filter keeps the row if the result is true; a map's result goes on.
    pub is_filter: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Constant {
    Int(i64),
    Float(f64),
    Bool(bool),
}

impl Constant {
    fn of(self) -> Type {
        match self {
            Constant::Int(_) => Type::Int,
            Constant::Float(_) => Type::Float,
            Constant::Bool(_) => Type::Bool,
        }
    }
}

/// `(input, rows, from, values, kept, count) -> stopped`: does rows from `from` on, appends results to `values` and the
/// rows they belong to to `kept`, counts them in `count`, and gives the row at which it bailed, or `rows`.
type Entry = unsafe extern "C" fn(*const u64, usize, usize, *mut u64, *mut u32, *mut usize) -> usize;

pub struct Kernel {
    entry: Entry,
    pub result: Type,
    /// Owns the code.
    module: Option<JITModule>,
}

// SAFETY: the code is never changed after it is made, and keeps no state of its own.
unsafe impl Send for Kernel {}

impl Drop for Kernel {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: the one pointer into the code goes with it, and nobody is in a call, as that needs `&self`.
            unsafe { module.free_memory() };
        }
    }
}

/// Results of some rows.
pub struct Results {
    /// 64 bits each, by [`Kernel::result`].
    pub values: Vec<u64>,
    /// The row of each result.
    pub rows: Vec<u32>,
    /// The row at which the kernel bailed; the number of rows if it didn't.
    pub stopped: usize,
}

impl Kernel {
    /// Compiles a chain for inputs of a type. `None` if something in it has no machine form.
    pub fn compile(steps: &[Step], input: Type) -> Option<Kernel> {
        let mut typed: Vec<Typed> = Vec::new();
        let mut value = input;
        for step in steps {
            let attributes: Vec<Type> = step.attributes.iter().map(|constant| constant.of()).collect();
            let of = types::infer(&step.body, &[value], &attributes)?;
            if !step.is_filter {
                value = of.result;
            }
            typed.push(of);
        }
        let mut flags = settings::builder();
        flags.set("opt_level", "speed").ok()?;
        flags.set("is_pic", "false").ok()?;
        let isa = cranelift_native::builder().ok()?.finish(settings::Flags::new(flags)).ok()?;
        let mut builder = JITBuilder::with_isa(isa, default_libcall_names());
        helpers::declare(&mut builder);
        let mut module = JITModule::new(builder);
        let mut context = module.make_context();
        codegen::generate(&mut module, &mut context.func, steps, &typed, input)?;
        let signature = context.func.signature.clone();
        let id = module.declare_function("chain", Linkage::Export, &signature).ok()?;
        module.define_function(id, &mut context).ok()?;
        module.clear_context(&mut context);
        module.finalize_definitions().ok()?;
        let code = module.get_finalized_function(id);
        // SAFETY: the code was generated with just this signature, by `codegen`.
        let entry = unsafe { std::mem::transmute::<*const u8, Entry>(code) };
        Some(Kernel { entry, result: value, module: Some(module) })
    }

    /// Runs over rows `from..` of a column of 64-bit values of the type that the kernel was compiled for.
    pub fn run(&self, input: &[u64], from: usize) -> Results {
        let room = input.len() - from;
        let (mut values, mut rows) = (Vec::<u64>::with_capacity(room), Vec::<u32>::with_capacity(room));
        let mut count = 0_usize;
        // SAFETY: the kernel reads rows `from..input.len()` of the input and writes at most one result for each, for
        // which there is room; `count` is how many it wrote.
        let stopped = unsafe {
            let stopped =
                (self.entry)(input.as_ptr(), input.len(), from, values.as_mut_ptr(), rows.as_mut_ptr(), &raw mut count);
            values.set_len(count);
            rows.set_len(count);
            stopped
        };
        Results { values, rows, stopped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pyflink_plan::ir::*;

    fn map(code: Expression) -> Step {
        let body = Body { parameters: 1, locals: 1, attributes: Vec::new(), code: vec![Statement::Return(code)] };
        Step { body, attributes: Vec::new(), is_filter: false }
    }

    fn binary(op: BinaryOp, left: Expression, right: Expression) -> Expression {
        Expression::Binary(op, Box::new(left), Box::new(right))
    }

    #[test]
    fn a_row_that_overflows_stops_the_kernel_there() {
        let step = map(binary(BinaryOp::Mul, Expression::Local(0), Expression::Int(3)));
        let kernel = Kernel::compile(&[step], Type::Int).unwrap();
        let input = [1_i64, -2, i64::MAX, 4].map(|value| value as u64);
        let first = kernel.run(&input, 0);
        assert_eq!((first.stopped, first.values, first.rows), (2, vec![3, -6_i64 as u64], vec![0, 1]));
        let rest = kernel.run(&input, 3);
        assert_eq!((rest.stopped, rest.values, rest.rows), (4, vec![12], vec![3]));
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
        let input: Vec<u64> = values.iter().map(|value| *value as u64).collect();
        for divisor in divisors {
            for op in [BinaryOp::FloorDiv, BinaryOp::Mod] {
                let step = map(binary(op, Expression::Local(0), Expression::Int(divisor)));
                let results = Kernel::compile(&[step], Type::Int).unwrap().run(&input, 0);
                assert_eq!(results.stopped, input.len());
                for (value, result) in values.iter().zip(results.values) {
                    let expected = match op {
                        BinaryOp::Mod => value.rem_euclid(divisor),
                        _ => value.div_euclid(divisor),
                    };
                    assert_eq!(result as i64, expected, "{value} {op:?} {divisor}");
                }
            }
        }
    }

    #[test]
    fn what_has_no_machine_form_is_no_kernel() {
        let step = map(binary(BinaryOp::BitAnd, Expression::Local(0), Expression::Float(0)));
        assert!(Kernel::compile(&[step], Type::Int).is_none());
    }
}
