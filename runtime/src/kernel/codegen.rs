//! From a chain in the plan's form to cranelift's.

use super::helpers::{FLOAT_FLOOR_DIV, FLOAT_MOD};
use super::{Constant, Step};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{AbiParam, Block, Function, InstBuilder, MemFlagsData, Value, types as clif};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use cranelift_jit::JITModule;
use cranelift_module::{Linkage, Module};
use pyflink_plan::ir::{BinaryOp, Builtin, CompareOp, Expression, Statement, UnaryOp};
use pyflink_plan::types::{self, Type, Typed};

/// Ints up to here, either way, are floats exactly.
const EXACT: i64 = 1 << 53;

/// Fills in the function; see [`super::Entry`].
pub fn generate(
    module: &mut JITModule,
    function: &mut Function,
    steps: &[Step],
    typed: &[Typed],
    input: Type,
) -> Option<()> {
    let pointer = module.target_config().pointer_type();
    let parameters = [pointer, pointer, pointer, pointer, pointer, pointer];
    function.signature.params.extend(parameters.map(AbiParam::new));
    function.signature.returns.push(AbiParam::new(pointer));
    let mut context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(function, &mut context);
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    let [column, rows, from, values, kept, out]: [Value; 6] = builder.block_params(entry).try_into().ok()?;
    let (row, count) = (builder.declare_var(pointer), builder.declare_var(pointer));
    builder.def_var(row, from);
    let zero = builder.ins().iconst(pointer, 0);
    builder.def_var(count, zero);
    let [head, body, next, bail, end] = std::array::from_fn(|_| builder.create_block());
    builder.set_cold_block(bail);
    builder.ins().jump(head, &[]);

    builder.switch_to_block(head);
    let at = builder.use_var(row);
    let more = builder.ins().icmp(IntCC::UnsignedLessThan, at, rows);
    builder.ins().brif(more, body, &[], end, &[]);

    builder.switch_to_block(body);
    let at = builder.use_var(row);
    let offset = builder.ins().imul_imm_s(at, 8);
    let place = builder.ins().iadd(column, offset);
    let mut value = builder.ins().load(machine(input), MemFlagsData::trusted(), place, 0);
    let mut of = input;
    for (step, typed) in steps.iter().zip(typed) {
        let mut generator = Generator {
            builder: &mut builder,
            module: &mut *module,
            typed,
            step,
            bail,
            locals: Vec::new(),
            done: None,
        };
        let result = generator.step(value)?;
        if step.is_filter {
            let truth = generator.truth(result, typed.result);
            let passed = builder.create_block();
            builder.ins().brif(truth, passed, &[], next, &[]);
            builder.switch_to_block(passed);
        } else {
            (value, of) = (result, typed.result);
        }
    }
    let _ = of;
    let done = builder.use_var(count);
    let offset = builder.ins().imul_imm_s(done, 8);
    let place = builder.ins().iadd(values, offset);
    builder.ins().store(MemFlagsData::trusted(), value, place, 0);
    let offset = builder.ins().imul_imm_s(done, 4);
    let place = builder.ins().iadd(kept, offset);
    let at = builder.use_var(row);
    let short = builder.ins().ireduce(clif::I32, at);
    builder.ins().store(MemFlagsData::trusted(), short, place, 0);
    let done = builder.ins().iadd_imm_s(done, 1);
    builder.def_var(count, done);
    builder.ins().jump(next, &[]);

    builder.switch_to_block(next);
    let at = builder.use_var(row);
    let at = builder.ins().iadd_imm_s(at, 1);
    builder.def_var(row, at);
    builder.ins().jump(head, &[]);

    builder.switch_to_block(bail);
    builder.ins().jump(end, &[]);

    builder.switch_to_block(end);
    let done = builder.use_var(count);
    builder.ins().store(MemFlagsData::trusted(), done, out, 0);
    let at = builder.use_var(row);
    builder.ins().return_(&[at]);
    builder.seal_all_blocks();
    builder.finalize(module.target_config());
    Some(())
}

/// Truths are 64 bits too, 0 or 1.
fn machine(of: Type) -> clif::Type {
    match of {
        Type::Int | Type::Bool => clif::I64,
        Type::Float => clif::F64,
    }
}

struct Generator<'a, 'b, 'c> {
    builder: &'a mut FunctionBuilder<'b>,
    module: &'c mut JITModule,
    typed: &'a Typed,
    step: &'a Step,
    bail: Block,
    locals: Vec<Variable>,
    /// Where a return goes, with the result.
    done: Option<Block>,
}

impl Generator<'_, '_, '_> {
    /// One function over one value.
    fn step(&mut self, value: Value) -> Option<Value> {
        for of in &self.typed.locals {
            let local = self.builder.declare_var(machine(*of));
            self.locals.push(local);
        }
        self.builder.def_var(*self.locals.first()?, value);
        let done = self.builder.create_block();
        self.builder.append_block_param(done, machine(self.typed.result));
        self.done = Some(done);
        let step = self.step;
        let ends = self.block(&step.body.code)?;
        if !ends {
            // Inference has shown that this is never reached.
            self.builder.ins().jump(self.bail, &[]);
        }
        self.builder.switch_to_block(done);
        self.builder.block_params(done).first().copied()
    }

    /// True if it surely returns.
    fn block(&mut self, block: &[Statement]) -> Option<bool> {
        for statement in block {
            match statement {
                Statement::Assign(local, value) => {
                    let (value, _) = self.expression(value)?;
                    self.builder.def_var(*self.locals.get(*local as usize)?, value);
                }
                Statement::Return(value) => {
                    let (value, _) = self.expression(value)?;
                    let done = self.done?;
                    self.builder.ins().jump(done, &[value.into()]);
                    return Some(true);
                }
                Statement::If(test, yes, no) => {
                    let (test, of) = self.expression(test)?;
                    let truth = self.truth(test, of);
                    let [on_yes, on_no, after] = std::array::from_fn(|_| self.builder.create_block());
                    self.builder.ins().brif(truth, on_yes, &[], on_no, &[]);
                    let mut ends = true;
                    for (start, block) in [(on_yes, yes), (on_no, no)] {
                        self.builder.switch_to_block(start);
                        if !self.block(block)? {
                            self.builder.ins().jump(after, &[]);
                            ends = false;
                        }
                    }
                    if ends {
                        return Some(true);
                    }
                    self.builder.switch_to_block(after);
                }
            }
        }
        Some(false)
    }

    fn type_of(&self, expression: &Expression) -> Option<Type> {
        let attributes: Vec<Type> = self.step.attributes.iter().map(|constant| constant.of()).collect();
        types::expression(expression, &self.typed.locals, &attributes)
    }

    fn expression(&mut self, expression: &Expression) -> Option<(Value, Type)> {
        Some(match expression {
            Expression::Int(value) => (self.builder.ins().iconst(clif::I64, *value), Type::Int),
            Expression::Float(bits) => (self.builder.ins().f64const(f64::from_bits(*bits)), Type::Float),
            Expression::Bool(value) => (self.builder.ins().iconst(clif::I64, i64::from(*value)), Type::Bool),
            Expression::Local(local) => {
                let at = *local as usize;
                (self.builder.use_var(*self.locals.get(at)?), *self.typed.locals.get(at)?)
            }
            Expression::Attribute(attribute) => match *self.step.attributes.get(*attribute as usize)? {
                Constant::Int(value) => (self.builder.ins().iconst(clif::I64, value), Type::Int),
                Constant::Float(value) => (self.builder.ins().f64const(value), Type::Float),
                Constant::Bool(value) => (self.builder.ins().iconst(clif::I64, i64::from(value)), Type::Bool),
            },
            Expression::Binary(op @ (BinaryOp::FloorDiv | BinaryOp::Mod), left, right)
                if matches!(**right, Expression::Int(1..)) && self.type_of(left)? != Type::Float =>
            {
                let Expression::Int(divisor) = **right else { return None };
                let (value, _) = self.expression(left)?;
                (self.floor_by_constant(*op, value, divisor), Type::Int)
            }
            Expression::Binary(op, left, right) => {
                let (left, right) = (self.expression(left)?, self.expression(right)?);
                self.binary(*op, left, right)?
            }
            Expression::Unary(op, operand) => {
                let (value, of) = self.expression(operand)?;
                match (op, of) {
                    (UnaryOp::Not, _) => {
                        let truth = self.truth(value, of);
                        let not = self.builder.ins().icmp_imm_s(IntCC::Equal, truth, 0);
                        (self.widen(not), Type::Bool)
                    }
                    (UnaryOp::Plus, Type::Float) => (value, Type::Float),
                    (UnaryOp::Minus, Type::Float) => (self.builder.ins().fneg(value), Type::Float),
                    (UnaryOp::Plus, _) => (value, Type::Int),
                    (UnaryOp::Minus, _) => {
                        let zero = self.builder.ins().iconst(clif::I64, 0);
                        let (result, overflow) = self.builder.ins().ssub_overflow(zero, value);
                        self.bail_if(overflow);
                        (result, Type::Int)
                    }
                    (UnaryOp::Invert, Type::Float) => return None,
                    (UnaryOp::Invert, _) => (self.builder.ins().bnot(value), Type::Int),
                }
            }
            Expression::Compare(op, left, right) => {
                let (left, right) = (self.expression(left)?, self.expression(right)?);
                (self.compare(*op, left, right), Type::Bool)
            }
            Expression::And(left, right) => {
                let of = self.type_of(left)?;
                let (value, _) = self.expression(left)?;
                let truth = self.truth(value, of);
                self.choose(truth, of, |this| this.expression(right), |_| Some((value, of)))?
            }
            Expression::Or(left, right) => {
                let of = self.type_of(left)?;
                let (value, _) = self.expression(left)?;
                let truth = self.truth(value, of);
                self.choose(truth, of, |_| Some((value, of)), |this| this.expression(right))?
            }
            Expression::If(test, yes, no) => {
                let of = self.type_of(yes)?;
                let (test, of_test) = self.expression(test)?;
                let truth = self.truth(test, of_test);
                self.choose(truth, of, |this| this.expression(yes), |this| this.expression(no))?
            }
            Expression::Call(builtin, arguments) => self.call(*builtin, arguments)?,
        })
    }

    fn choose(
        &mut self,
        truth: Value,
        of: Type,
        yes: impl FnOnce(&mut Self) -> Option<(Value, Type)>,
        no: impl FnOnce(&mut Self) -> Option<(Value, Type)>,
    ) -> Option<(Value, Type)> {
        let [on_yes, on_no, after] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.append_block_param(after, machine(of));
        self.builder.ins().brif(truth, on_yes, &[], on_no, &[]);
        self.builder.switch_to_block(on_yes);
        let (value, _) = yes(self)?;
        self.builder.ins().jump(after, &[value.into()]);
        self.builder.switch_to_block(on_no);
        let (value, _) = no(self)?;
        self.builder.ins().jump(after, &[value.into()]);
        self.builder.switch_to_block(after);
        Some((*self.builder.block_params(after).first()?, of))
    }

    /// Leaves the kernel at this row if the condition is not 0.
    fn bail_if(&mut self, condition: Value) {
        let go_on = self.builder.create_block();
        self.builder.ins().brif(condition, self.bail, &[], go_on, &[]);
        self.builder.switch_to_block(go_on);
    }

    fn widen(&mut self, truth: Value) -> Value {
        self.builder.ins().uextend(clif::I64, truth)
    }

    /// Python's truth of a value, as something that a branch takes.
    fn truth(&mut self, value: Value, of: Type) -> Value {
        match of {
            Type::Int | Type::Bool => self.builder.ins().icmp_imm_s(IntCC::NotEqual, value, 0),
            Type::Float => {
                let zero = self.builder.ins().f64const(0.0);
                // True for NaN.
                self.builder.ins().fcmp(FloatCC::NotEqual, value, zero)
            }
        }
    }

    /// As a float, rounded as Python does.
    fn float(&mut self, (value, of): (Value, Type)) -> Value {
        match of {
            Type::Float => value,
            Type::Int | Type::Bool => self.builder.ins().fcvt_from_sint(clif::F64, value),
        }
    }

    /// Bails if an int is not a float exactly.
    fn check_exact(&mut self, (value, of): (Value, Type)) {
        if of == Type::Int {
            let shifted = self.builder.ins().iadd_imm_s(value, EXACT);
            let beyond = self.builder.ins().icmp_imm_s(IntCC::UnsignedGreaterThan, shifted, 2 * EXACT);
            self.bail_if(beyond);
        }
    }

    fn binary(&mut self, op: BinaryOp, left: (Value, Type), right: (Value, Type)) -> Option<(Value, Type)> {
        use BinaryOp::*;
        let floats = left.1 == Type::Float || right.1 == Type::Float;
        if op == Div {
            if !floats {
                // Python rounds the exact quotient once.
                self.check_exact(left);
                self.check_exact(right);
            }
            let (a, b) = (self.float(left), self.float(right));
            self.bail_if_zero(b);
            return Some((self.builder.ins().fdiv(a, b), Type::Float));
        }
        if floats {
            let (a, b) = (self.float(left), self.float(right));
            let result = match op {
                Add => self.builder.ins().fadd(a, b),
                Sub => self.builder.ins().fsub(a, b),
                Mul => self.builder.ins().fmul(a, b),
                FloorDiv => {
                    self.bail_if_zero(b);
                    self.helper(FLOAT_FLOOR_DIV, a, b)?
                }
                Mod => {
                    self.bail_if_zero(b);
                    self.helper(FLOAT_MOD, a, b)?
                }
                _ => return None,
            };
            return Some((result, Type::Float));
        }
        let (a, b) = (left.0, right.0);
        let result = match op {
            Add | Sub | Mul => {
                let (result, overflow) = match op {
                    Add => self.builder.ins().sadd_overflow(a, b),
                    Sub => self.builder.ins().ssub_overflow(a, b),
                    _ => self.builder.ins().smul_overflow(a, b),
                };
                self.bail_if(overflow);
                result
            }
            FloorDiv | Mod => self.floor(op, a, b),
            BitAnd => self.builder.ins().band(a, b),
            BitOr => self.builder.ins().bor(a, b),
            BitXor => self.builder.ins().bxor(a, b),
            LeftShift => {
                let beyond = self.builder.ins().icmp_imm_s(IntCC::UnsignedGreaterThan, b, 62);
                self.bail_if(beyond);
                let result = self.builder.ins().ishl(a, b);
                let back = self.builder.ins().sshr(result, b);
                let lost = self.builder.ins().icmp(IntCC::NotEqual, back, a);
                self.bail_if(lost);
                result
            }
            RightShift => {
                let negative = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, b, 0);
                self.bail_if(negative);
                let most = self.builder.ins().iconst(clif::I64, 63);
                let by = self.builder.ins().smin(b, most);
                self.builder.ins().sshr(a, by)
            }
            Div => return None,
        };
        let truths = left.1 == Type::Bool && right.1 == Type::Bool && matches!(op, BitAnd | BitOr | BitXor);
        Some((result, if truths { Type::Bool } else { Type::Int }))
    }

    /// `//` and `%` of ints: rounded down, not towards zero.
    fn floor(&mut self, op: BinaryOp, a: Value, b: Value) -> Value {
        let zero = self.builder.ins().icmp_imm_s(IntCC::Equal, b, 0);
        self.bail_if(zero);
        // The one quotient that doesn't fit.
        let least = self.builder.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
        let minus_one = self.builder.ins().icmp_imm_s(IntCC::Equal, b, -1);
        let overflow = self.builder.ins().band(least, minus_one);
        self.bail_if(overflow);
        let quotient = self.builder.ins().sdiv(a, b);
        let product = self.builder.ins().imul(quotient, b);
        let rest = self.builder.ins().isub(a, product);
        let inexact = self.builder.ins().icmp_imm_s(IntCC::NotEqual, rest, 0);
        let signs = self.builder.ins().bxor(rest, b);
        let differ = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, signs, 0);
        let adjust = self.builder.ins().band(inexact, differ);
        if op == BinaryOp::FloorDiv {
            let one = self.widen(adjust);
            self.builder.ins().isub(quotient, one)
        } else {
            let adjusted = self.builder.ins().iadd(rest, b);
            self.builder.ins().select(adjust, adjusted, rest)
        }
    }

    /// As [`Generator::floor`] by a constant above 0: without a division, which takes longer than all else here.
    fn floor_by_constant(&mut self, op: BinaryOp, a: Value, divisor: i64) -> Value {
        let is_mod = op == BinaryOp::Mod;
        if divisor.count_ones() == 1 {
            return match is_mod {
                true => self.builder.ins().band_imm_s(a, divisor - 1),
                false => self.builder.ins().sshr_imm_u(a, i64::from(divisor.trailing_zeros())),
            };
        }
        let (multiplier, shift) = magic(divisor.unsigned_abs());
        let factor = self.builder.ins().iconst(clif::I64, multiplier);
        let mut quotient = self.builder.ins().smulhi(a, factor);
        if multiplier < 0 {
            quotient = self.builder.ins().iadd(quotient, a);
        }
        quotient = self.builder.ins().sshr_imm_u(quotient, i64::from(shift));
        // Up to here rounded down or one less; with the sign, rounded towards zero.
        let sign = self.builder.ins().ushr_imm_u(a, 63);
        let quotient = self.builder.ins().iadd(quotient, sign);
        let product = self.builder.ins().imul_imm_s(quotient, divisor);
        let rest = self.builder.ins().isub(a, product);
        // All ones where it has to be rounded down.
        let below = self.builder.ins().sshr_imm_u(rest, 63);
        if is_mod {
            let correction = self.builder.ins().band_imm_s(below, divisor);
            self.builder.ins().iadd(rest, correction)
        } else {
            self.builder.ins().iadd(quotient, below)
        }
    }

    fn bail_if_zero(&mut self, value: Value) {
        let zero = self.builder.ins().f64const(0.0);
        let is_zero = self.builder.ins().fcmp(FloatCC::Equal, value, zero);
        self.bail_if(is_zero);
    }

    fn helper(&mut self, name: &str, a: Value, b: Value) -> Option<Value> {
        let mut signature = self.module.make_signature();
        signature.params.extend([AbiParam::new(clif::F64), AbiParam::new(clif::F64)]);
        signature.returns.push(AbiParam::new(clif::F64));
        let id = self.module.declare_function(name, Linkage::Import, &signature).ok()?;
        let function = self.module.declare_func_in_func(id, self.builder.func);
        let call = self.builder.ins().call(function, &[a, b]);
        self.builder.inst_results(call).first().copied()
    }

    fn compare(&mut self, op: CompareOp, left: (Value, Type), right: (Value, Type)) -> Value {
        let truth = if left.1 == Type::Float || right.1 == Type::Float {
            if left.1 != right.1 {
                // Python compares an int with a float exactly.
                self.check_exact(left);
                self.check_exact(right);
            }
            let (a, b) = (self.float(left), self.float(right));
            let code = match op {
                CompareOp::Eq => FloatCC::Equal,
                CompareOp::Ne => FloatCC::NotEqual,
                CompareOp::Lt => FloatCC::LessThan,
                CompareOp::Le => FloatCC::LessThanOrEqual,
                CompareOp::Gt => FloatCC::GreaterThan,
                CompareOp::Ge => FloatCC::GreaterThanOrEqual,
            };
            self.builder.ins().fcmp(code, a, b)
        } else {
            let code = match op {
                CompareOp::Eq => IntCC::Equal,
                CompareOp::Ne => IntCC::NotEqual,
                CompareOp::Lt => IntCC::SignedLessThan,
                CompareOp::Le => IntCC::SignedLessThanOrEqual,
                CompareOp::Gt => IntCC::SignedGreaterThan,
                CompareOp::Ge => IntCC::SignedGreaterThanOrEqual,
            };
            self.builder.ins().icmp(code, left.0, right.0)
        };
        self.widen(truth)
    }

    fn call(&mut self, builtin: Builtin, arguments: &[Expression]) -> Option<(Value, Type)> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.expression(argument)?);
        }
        let first = *values.first()?;
        Some(match (builtin, first.1) {
            (Builtin::Abs, Type::Float) => (self.builder.ins().fabs(first.0), Type::Float),
            (Builtin::Abs, _) => {
                let least = self.builder.ins().icmp_imm_s(IntCC::Equal, first.0, i64::MIN);
                self.bail_if(least);
                (self.builder.ins().iabs(first.0), Type::Int)
            }
            (Builtin::Bool, of) => {
                let truth = self.truth(first.0, of);
                (self.widen(truth), Type::Bool)
            }
            (Builtin::Float, _) => (self.float(first), Type::Float),
            (Builtin::Int, Type::Float) => {
                // 2^63 is the least float that is too large; NaN is not less than it.
                let limit = self.builder.ins().f64const(9_223_372_036_854_775_808.0);
                let size = self.builder.ins().fabs(first.0);
                let fits = self.builder.ins().fcmp(FloatCC::LessThan, size, limit);
                let beyond = self.builder.ins().icmp_imm_s(IntCC::Equal, fits, 0);
                self.bail_if(beyond);
                (self.builder.ins().fcvt_to_sint(clif::I64, first.0), Type::Int)
            }
            (Builtin::Int, _) => (first.0, Type::Int),
            (Builtin::Min | Builtin::Max, of) => {
                let mut best = first.0;
                for (value, _) in &values[1..] {
                    // The first one of equals, and what is there before a NaN.
                    let op = if builtin == Builtin::Min { CompareOp::Lt } else { CompareOp::Gt };
                    let better = self.compare(op, (*value, of), (best, of));
                    let better = self.builder.ins().icmp_imm_s(IntCC::NotEqual, better, 0);
                    best = self.builder.ins().select(better, *value, best);
                }
                (best, of)
            }
        })
    }
}

/// Multiplier and shift by which a signed number of 64 bits is divided by a constant of at least 3 that is no power of
/// two, rounded towards zero: Warren, Hacker's Delight, 2nd edition, 10-1.
fn magic(divisor: u64) -> (i64, u32) {
    const HALF: u64 = 1 << 63;
    // The largest number of the sign whose remainder is the largest.
    let most = HALF - 1 - HALF % divisor;
    let mut power = 63;
    let (mut q1, mut r1) = (HALF / most, HALF % most);
    let (mut q2, mut r2) = (HALF / divisor, HALF % divisor);
    loop {
        power += 1;
        (q1, r1) = (2 * q1, 2 * r1);
        if r1 >= most {
            (q1, r1) = (q1 + 1, r1 - most);
        }
        (q2, r2) = (2 * q2, 2 * r2);
        if r2 >= divisor {
            (q2, r2) = (q2 + 1, r2 - divisor);
        }
        let delta = divisor - r2;
        if q1 > delta || q1 == delta && r1 != 0 {
            return ((q2 + 1) as i64, power - 64);
        }
    }
}
