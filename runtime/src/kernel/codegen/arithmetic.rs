//! Arithmetic and comparisons, with Python's semantics. What ranges prove needs no check.

use super::ranges::{self, FULL_RANGE, Range};
use super::{Generator, Val};
use crate::kernel::helpers;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Value, types as clif};
use pyflink_plan::exception::Exception;
use pyflink_plan::ir::{BinaryOp, CompareOp, UnaryOp};
use pyflink_plan::primitive::{NumberOp, Primitive};
use pyflink_plan::typed::{Expr, Kind, Why};
use pyflink_plan::types::{Constant, Type};

/// Ints up to here, either way, are floats exactly.
const EXACT: i64 = 1 << 53;

impl<'a> Generator<'a, '_> {
    pub fn binary(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr, result: &Type) -> Option<Val> {
        use BinaryOp::*;
        let (a, b) = (self.expression(left)?, self.expression(right)?);
        match (&left.of, &right.of) {
            (Type::Float, Type::Float) => {
                let (a, b) = (*a.words.first()?, *b.words.first()?);
                let word = match op {
                    Add => self.builder.ins().fadd(a, b),
                    Sub => self.builder.ins().fsub(a, b),
                    Mul => self.builder.ins().fmul(a, b),
                    Div => {
                        let zero = self.builder.ins().f64const(0.0);
                        let is_zero = self.builder.ins().fcmp(FloatCC::Equal, b, zero);
                        self.raise_if(is_zero, Exception::ZeroDivision)?;
                        self.builder.ins().fdiv(a, b)
                    }
                    FloorDiv | Mod => self.float_floor(op == Mod, a, b)?,
                    Pow => return self.call_primitive(&Primitive::FloatPow, &[a, b], floats(2), result),
                    _ => return None,
                };
                Some(Val::wide(vec![word]))
            }
            (Type::Number, Type::Number) => {
                let op = match op {
                    Add => NumberOp::Add,
                    Sub => NumberOp::Sub,
                    Mul => NumberOp::Mul,
                    Div => NumberOp::Div,
                    FloorDiv => NumberOp::FloorDiv,
                    Mod => NumberOp::Mod,
                    Pow => NumberOp::Pow,
                    _ => return None,
                };
                let words: Vec<Value> = a.words.into_iter().chain(b.words).collect();
                let operands = vec![Type::Number, Type::Number];
                self.call_primitive(&Primitive::Number(op), &words, operands, result)
            }
            (Type::Bool, Type::Bool) if matches!(op, BitAnd | BitOr | BitXor) => self.bits(op, &a, &b, ranges::TRUTH),
            (Type::Int | Type::Bool, Type::Int | Type::Bool) => self.ints(op, a, b, right),
            _ => None,
        }
    }

    fn ints(&mut self, op: BinaryOp, a: Val, b: Val, right: &Expr) -> Option<Val> {
        use BinaryOp::*;
        let (left, other) = (*a.words.first()?, *b.words.first()?);
        Some(match op {
            Add | Sub | Mul => {
                let of = |a: i128, b: i128| match op {
                    Add => a + b,
                    Sub => a - b,
                    _ => a * b,
                };
                let (least, greatest) = ranges::corners(a.range(), b.range(), of);
                match ranges::fit(least, greatest) {
                    Ok(range) => {
                        let word = match op {
                            Add => self.builder.ins().iadd(left, other),
                            Sub => self.builder.ins().isub(left, other),
                            _ => self.builder.ins().imul(left, other),
                        };
                        Val::of(vec![word], range)
                    }
                    Err(range) => {
                        let (word, overflow) = match op {
                            Add => self.builder.ins().sadd_overflow(left, other),
                            Sub => self.builder.ins().ssub_overflow(left, other),
                            _ => self.builder.ins().smul_overflow(left, other),
                        };
                        self.bail_if(overflow, Why::Overflow);
                        Val::of(vec![word], range)
                    }
                }
            }
            Div => {
                // Python rounds the exact quotient once.
                self.check_exact(&a);
                self.check_exact(&b);
                if b.range().0 <= 0 && b.range().1 >= 0 {
                    let zero = self.builder.ins().icmp_imm_s(IntCC::Equal, other, 0);
                    self.raise_if(zero, Exception::ZeroDivision)?;
                }
                let (a, b) = (self.float(left), self.float(other));
                Val::wide(vec![self.builder.ins().fdiv(a, b)])
            }
            FloorDiv | Mod => match &right.kind {
                Kind::Constant(Constant::Int(divisor @ 1..)) => {
                    let word = self.floor_by_constant(op, left, *divisor, a.range());
                    let range = match op {
                        Mod => (0, divisor - 1),
                        _ => (a.range().0.div_euclid(*divisor), a.range().1.div_euclid(*divisor)),
                    };
                    Val::of(vec![word], range)
                }
                _ => self.floor(op, &a, &b)?,
            },
            Pow => match &right.kind {
                Kind::Constant(Constant::Int(0)) => Val::of(vec![self.int(1)], (1, 1)),
                Kind::Constant(Constant::Int(1)) => a,
                Kind::Constant(Constant::Int(2)) => self.ints(Mul, a.clone(), a, right)?,
                _ => {
                    let operands = vec![Type::Int, Type::Int];
                    self.call_primitive(&Primitive::IntPow, &[left, other], operands, &Type::Int)?
                }
            },
            BitAnd | BitOr | BitXor => {
                let range = match op {
                    // A mask bounds what is left.
                    BitAnd if b.range().0 >= 0 => (0, b.range().1),
                    BitAnd if a.range().0 >= 0 => (0, a.range().1),
                    _ if a.range().0 >= 0 && b.range().0 >= 0 => (0, all_ones(a.range().1 | b.range().1)),
                    _ => FULL_RANGE,
                };
                return self.bits(op, &a, &b, range);
            }
            LeftShift => {
                let beyond = self.builder.ins().icmp_imm_s(IntCC::UnsignedGreaterThan, other, 62);
                if b.range().0 < 0 || b.range().1 > 62 {
                    self.bail_if(beyond, Why::Overflow);
                }
                let word = self.builder.ins().ishl(left, other);
                let by = b.range().1.clamp(0, 62) as u32;
                let (least, greatest) = ((a.range().0 as i128).min(0) << by, (a.range().1 as i128).max(0) << by);
                match ranges::fit(least, greatest) {
                    Ok(range) => Val::of(vec![word], range),
                    Err(_) => {
                        let back = self.builder.ins().sshr(word, other);
                        let lost = self.builder.ins().icmp(IntCC::NotEqual, back, left);
                        self.bail_if(lost, Why::Overflow);
                        Val::wide(vec![word])
                    }
                }
            }
            RightShift => {
                if b.range().0 < 0 {
                    let negative = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, other, 0);
                    self.bail_if(negative, Why::Raises);
                }
                let by = if b.range().0 >= 0 && b.range().1 <= 63 {
                    other
                } else {
                    let most = self.int(63);
                    self.builder.ins().smin(other, most)
                };
                let word = self.builder.ins().sshr(left, by);
                Val::of(vec![word], (a.range().0.min(0), a.range().1.max(0)))
            }
        })
    }

    fn bits(&mut self, op: BinaryOp, a: &Val, b: &Val, range: Range) -> Option<Val> {
        let (a, b) = (*a.words.first()?, *b.words.first()?);
        let word = match op {
            BinaryOp::BitAnd => self.builder.ins().band(a, b),
            BinaryOp::BitOr => self.builder.ins().bor(a, b),
            _ => self.builder.ins().bxor(a, b),
        };
        Some(Val::of(vec![word], range))
    }

    pub fn unary(&mut self, op: UnaryOp, of: &'a Expr) -> Option<Val> {
        let value = self.expression(of)?;
        let word = *value.words.first()?;
        Some(match (op, &of.of) {
            (UnaryOp::Plus, Type::Int | Type::Float | Type::Number | Type::Bool) => value,
            (UnaryOp::Minus, Type::Float) => Val::wide(vec![self.builder.ins().fneg(word)]),
            (UnaryOp::Minus, Type::Number) => {
                self.call_primitive(&Primitive::NumberMinus, &value.words, vec![Type::Number], &Type::Number)?
            }
            (UnaryOp::Minus, Type::Int | Type::Bool) => {
                self.check_not_least(&value);
                let word = self.builder.ins().ineg(word);
                let (least, greatest) = value.range();
                Val::of(vec![word], (greatest.saturating_neg(), least.saturating_neg()))
            }
            (UnaryOp::Invert, Type::Int | Type::Bool) => {
                let word = self.builder.ins().bnot(word);
                Val::of(vec![word], (!value.range().1, !value.range().0))
            }
            _ => return None,
        })
    }

    pub fn abs(&mut self, of: &'a Expr) -> Option<Val> {
        let value = self.expression(of)?;
        let word = *value.words.first()?;
        Some(match &of.of {
            Type::Float => Val::wide(vec![self.builder.ins().fabs(word)]),
            Type::Number => {
                self.call_primitive(&Primitive::NumberAbs, &value.words, vec![Type::Number], &Type::Number)?
            }
            Type::Int | Type::Bool => {
                self.check_not_least(&value);
                let word = self.builder.ins().iabs(word);
                let (least, greatest) = value.range();
                let low =
                    if least <= 0 && greatest >= 0 { 0 } else { least.saturating_abs().min(greatest.saturating_abs()) };
                Val::of(vec![word], (low, least.saturating_abs().max(greatest.saturating_abs())))
            }
            _ => return None,
        })
    }

    /// Bails at the one int whose negative doesn't fit.
    fn check_not_least(&mut self, value: &Val) {
        if value.range().0 == i64::MIN {
            let least = self.builder.ins().icmp_imm_s(IntCC::Equal, value.words[0], i64::MIN);
            self.bail_if(least, Why::Overflow);
        }
    }

    /// Bails if an int is not a float exactly.
    fn check_exact(&mut self, value: &Val) {
        if value.range().0 < -EXACT || value.range().1 > EXACT {
            let shifted = self.builder.ins().iadd_imm_s(value.words[0], EXACT);
            let beyond = self.builder.ins().icmp_imm_s(IntCC::UnsignedGreaterThan, shifted, 2 * EXACT);
            self.bail_if(beyond, Why::Unusual);
        }
    }

    fn float(&mut self, word: Value) -> Value {
        self.builder.ins().fcvt_from_sint(clif::F64, word)
    }

    /// The truth of a comparison, as something that a branch takes.
    pub fn compare(&mut self, op: CompareOp, left: &'a Expr, right: &'a Expr) -> Option<Value> {
        if let (Kind::Call(Primitive::StrLen, text), Kind::Constant(Constant::Int(limit @ 1..))) =
            (&left.kind, &right.kind)
        {
            return self.compare_length(op, text.first()?, *limit);
        }
        let (a, b) = (self.expression(left)?, self.expression(right)?);
        let word = |value: &Val, at: usize| value.words.get(at).copied();
        match (&left.of, &right.of) {
            (Type::Int | Type::Bool, Type::Int | Type::Bool) => {
                Some(self.builder.ins().icmp(int_code(op)?, word(&a, 0)?, word(&b, 0)?))
            }
            (Type::Float, Type::Float) => Some(self.builder.ins().fcmp(float_code(op)?, word(&a, 0)?, word(&b, 0)?)),
            (Type::Int | Type::Bool, Type::Float) => {
                self.check_exact(&a);
                let a = self.float(word(&a, 0)?);
                Some(self.builder.ins().fcmp(float_code(op)?, a, word(&b, 0)?))
            }
            (Type::Float, Type::Int | Type::Bool) => {
                self.check_exact(&b);
                let b = self.float(word(&b, 0)?);
                Some(self.builder.ins().fcmp(float_code(op)?, word(&a, 0)?, b))
            }
            (Type::Number, Type::Number) => {
                let (primitive, swap, negate) = match op {
                    CompareOp::Eq => (Primitive::NumberEq, false, false),
                    CompareOp::Ne => (Primitive::NumberEq, false, true),
                    CompareOp::Lt => (Primitive::NumberLess, false, false),
                    CompareOp::Le => (Primitive::NumberLessEq, false, false),
                    CompareOp::Gt => (Primitive::NumberLess, true, false),
                    CompareOp::Ge => (Primitive::NumberLessEq, true, false),
                    _ => return None,
                };
                let (first, second) = if swap { (b, a) } else { (a, b) };
                let words: Vec<Value> = first.words.into_iter().chain(second.words).collect();
                let operands = vec![Type::Number, Type::Number];
                let truth = *self.call_primitive(&primitive, &words, operands, &Type::Bool)?.words.first()?;
                Some(if negate { self.builder.ins().icmp_imm_s(IntCC::Equal, truth, 0) } else { truth })
            }
            (Type::Str, Type::Str) | (Type::Bytes, Type::Bytes) => {
                let [a, a_length, b, b_length] = [word(&a, 0)?, word(&a, 1)?, word(&b, 0)?, word(&b, 1)?];
                if matches!(op, CompareOp::Eq | CompareOp::Ne) {
                    let equal = self.texts_equal(a, a_length, b, b_length);
                    return Some(match op {
                        CompareOp::Eq => equal,
                        _ => self.builder.ins().icmp_imm_s(IntCC::Equal, equal, 0),
                    });
                }
                let order = self.helper(helpers::TEXT_ORDER, &[a, a_length, b, b_length]);
                Some(self.builder.ins().icmp_imm_s(int_code(op)?, order, 0))
            }
            _ => None,
        }
    }

    /// `len(text) < limit` and the like: a text of fewer bytes has fewer characters too, so most need no look at it.
    fn compare_length(&mut self, op: CompareOp, text: &'a Expr, limit: i64) -> Option<Value> {
        let code = int_code(op)?;
        let words = self.expression(text)?.words;
        let is_short = self.builder.ins().icmp_imm_s(IntCC::UnsignedLessThan, *words.get(1)?, limit);
        let [long, after] = std::array::from_fn(|_| self.builder.create_block());
        let result = self.builder.append_block_param(after, clif::I64);
        let known = matches!(op, CompareOp::Lt | CompareOp::Le | CompareOp::Ne);
        let known = self.int(i64::from(known));
        self.builder.ins().brif(is_short, after, &[known.into()], long, &[]);
        self.begin_block(long);
        let length = self.helper(helpers::TEXT_LENGTH, &words);
        let truth = self.builder.ins().icmp_imm_s(code, length, limit);
        let truth = self.widen(truth);
        self.builder.ins().jump(after, &[truth.into()]);
        self.begin_block(after);
        Some(result)
    }

    fn texts_equal(&mut self, a: Value, a_length: Value, b: Value, b_length: Value) -> Value {
        let same = self.builder.ins().icmp(IntCC::Equal, a_length, b_length);
        let [compare, after] = std::array::from_fn(|_| self.builder.create_block());
        let result = self.builder.append_block_param(after, clif::I64);
        let no = self.int(0);
        self.builder.ins().brif(same, compare, &[], after, &[no.into()]);
        self.begin_block(compare);
        let equal = self.helper(helpers::TEXT_EQUAL, &[a, b, a_length]);
        self.builder.ins().jump(after, &[equal.into()]);
        self.begin_block(after);
        result
    }

    /// `//` and `%` of ints: rounded down, not towards zero.
    fn floor(&mut self, op: BinaryOp, a: &Val, b: &Val) -> Option<Val> {
        let (left, right) = (a.words[0], b.words[0]);
        if b.range().0 <= 0 && b.range().1 >= 0 {
            let zero = self.builder.ins().icmp_imm_s(IntCC::Equal, right, 0);
            self.raise_if(zero, Exception::ZeroDivision)?;
        }
        if a.range().0 == i64::MIN && b.range().0 <= -1 && b.range().1 >= -1 {
            // The one quotient that doesn't fit.
            let least = self.builder.ins().icmp_imm_s(IntCC::Equal, left, i64::MIN);
            let minus_one = self.builder.ins().icmp_imm_s(IntCC::Equal, right, -1);
            let overflow = self.builder.ins().band(least, minus_one);
            self.bail_if(overflow, Why::Overflow);
        }
        let quotient = self.builder.ins().sdiv(left, right);
        let product = self.builder.ins().imul(quotient, right);
        let rest = self.builder.ins().isub(left, product);
        let inexact = self.builder.ins().icmp_imm_s(IntCC::NotEqual, rest, 0);
        let signs = self.builder.ins().bxor(rest, right);
        let differ = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, signs, 0);
        let adjust = self.builder.ins().band(inexact, differ);
        Some(if op == BinaryOp::FloorDiv {
            let one = self.widen(adjust);
            Val::wide(vec![self.builder.ins().isub(quotient, one)])
        } else {
            let adjusted = self.builder.ins().iadd(rest, right);
            let word = self.builder.ins().select(adjust, adjusted, rest);
            let range = if b.range().0 > 0 { (0, b.range().1 - 1) } else { FULL_RANGE };
            Val::of(vec![word], range)
        })
    }

    /// As [`Generator::floor`] by a constant above 0: without a division, which takes longer than all else here.
    fn floor_by_constant(&mut self, op: BinaryOp, a: Value, divisor: i64, known: Range) -> Value {
        let is_mod = op == BinaryOp::Mod;
        if divisor.count_ones() == 1 {
            return match is_mod {
                true => self.builder.ins().band_imm_s(a, divisor - 1),
                false => self.builder.ins().sshr_imm_u(a, i64::from(divisor.trailing_zeros())),
            };
        }
        let (multiplier, shift) = magic(divisor.unsigned_abs());
        let factor = self.int(multiplier);
        let mut quotient = self.builder.ins().smulhi(a, factor);
        if multiplier < 0 {
            quotient = self.builder.ins().iadd(quotient, a);
        }
        quotient = self.builder.ins().sshr_imm_u(quotient, i64::from(shift));
        if known.0 >= 0 {
            if !is_mod {
                return quotient;
            }
            let product = self.builder.ins().imul_imm_s(quotient, divisor);
            return self.builder.ins().isub(a, product);
        }
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
}

fn floats(count: usize) -> Vec<Type> {
    vec![Type::Float; count]
}

/// The least number of the form 2^n - 1 that isn't below a value of at least 0.
fn all_ones(value: i64) -> i64 {
    match value {
        0 => 0,
        value => i64::MAX >> (value.leading_zeros() - 1),
    }
}

fn int_code(op: CompareOp) -> Option<IntCC> {
    Some(match op {
        CompareOp::Eq => IntCC::Equal,
        CompareOp::Ne => IntCC::NotEqual,
        CompareOp::Lt => IntCC::SignedLessThan,
        CompareOp::Le => IntCC::SignedLessThanOrEqual,
        CompareOp::Gt => IntCC::SignedGreaterThan,
        CompareOp::Ge => IntCC::SignedGreaterThanOrEqual,
        _ => return None,
    })
}

fn float_code(op: CompareOp) -> Option<FloatCC> {
    Some(match op {
        CompareOp::Eq => FloatCC::Equal,
        CompareOp::Ne => FloatCC::NotEqual,
        CompareOp::Lt => FloatCC::LessThan,
        CompareOp::Le => FloatCC::LessThanOrEqual,
        CompareOp::Gt => FloatCC::GreaterThan,
        CompareOp::Ge => FloatCC::GreaterThanOrEqual,
        _ => return None,
    })
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
