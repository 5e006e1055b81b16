//! Calls of primitives, and those of them that are a few instructions.

use super::statements::LENGTH;
use super::{Generator, Val, machine_words};
use crate::kernel::helpers;
use crate::kernel::primitives;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AbiParam, InstBuilder, MemFlagsData, Signature, Value, types as clif};
use pyflink_plan::exception::Exception;
use pyflink_plan::primitive::Primitive;
use pyflink_plan::typed::{Expr, Why, call_may_bail};
use pyflink_plan::types::Type;

impl<'a> Generator<'a, '_> {
    pub fn primitive(&mut self, primitive: &Primitive, operands: &'a [Expr], result: &Type) -> Option<Val> {
        let mut values = Vec::with_capacity(operands.len());
        for operand in operands {
            values.push(self.expression(operand)?);
        }
        if let Some(value) = self.inline(primitive, operands, &values, result) {
            return Some(value);
        }
        let is_caught = primitive.only_raises() && self.catch(primitive.raises()).is_some();
        if call_may_bail(primitive, operands) && !is_caught {
            self.guard();
        }
        let words: Vec<Value> = values.into_iter().flat_map(|value| value.words).collect();
        self.call_site(primitive, &words, operands.iter().map(|operand| operand.of.clone()).collect(), result)
    }

    /// What needs no call.
    fn inline(&mut self, primitive: &Primitive, operands: &[Expr], values: &[Val], result: &Type) -> Option<Val> {
        match (primitive, values) {
            (Primitive::ListLen, [list]) => {
                let trusted = MemFlagsData::trusted();
                let length = self.builder.ins().load(clif::I64, trusted, *list.words.first()?, LENGTH);
                Some(Val::of(vec![length], (0, 1 << 48)))
            }
            (Primitive::ListGet, [list, index]) => {
                let (list, known) = (*list.words.first()?, index.range());
                let at = *index.words.first()?;
                let length = self.builder.ins().load(clif::I64, MemFlagsData::trusted(), list, LENGTH);
                let at = if known.0 >= 0 {
                    at
                } else {
                    let from_end = self.builder.ins().iadd(at, length);
                    let is_negative = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, at, 0);
                    self.builder.ins().select(is_negative, from_end, at)
                };
                let beyond = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, at, length);
                self.raise_if(beyond, Exception::Index)?;
                Some(self.item(list, at, result))
            }
            (Primitive::StrLen, [text]) => {
                let length = self.helper(helpers::TEXT_LENGTH, &text.words);
                Some(Val::of(vec![length], (0, 1 << 48)))
            }
            (Primitive::NumberTag, [number]) => Some(Val::of(vec![*number.words.first()?], (0, 2))),
            (Primitive::BytesLen, [bytes]) => Some(Val::of(vec![*bytes.words.get(1)?], (0, 1 << 48))),
            (Primitive::FloatMod | Primitive::FloatFloorDiv, [left, right]) => {
                let (a, b) = (*left.words.first()?, *right.words.first()?);
                Some(Val::wide(vec![self.float_floor(matches!(primitive, Primitive::FloatMod), a, b)?]))
            }
            (Primitive::Math(name), [value]) if operands.first()?.of == Type::Float => {
                let word = *value.words.first()?;
                match *name {
                    "fabs" => Some(Val::wide(vec![self.builder.ins().fabs(word)])),
                    "sqrt" => {
                        let zero = self.builder.ins().f64const(0.0);
                        let code = cranelift_codegen::ir::condcodes::FloatCC::LessThan;
                        let negative = self.builder.ins().fcmp(code, word, zero);
                        self.raise_if(negative, Exception::Value)?;
                        Some(Val::wide(vec![self.builder.ins().sqrt(word)]))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Calls a primitive with the words of its operands.
    pub fn call_primitive(
        &mut self,
        primitive: &Primitive,
        words: &[Value],
        operands: Vec<Type>,
        result: &Type,
    ) -> Option<Val> {
        if primitive.may_bail() {
            self.guard();
        }
        self.call_site(primitive, words, operands, result)
    }

    fn call_site(&mut self, primitive: &Primitive, words: &[Value], operands: Vec<Type>, result: &Type) -> Option<Val> {
        let mut site = Box::new(primitives::site(primitive, &operands, result, self.parts.python)?);
        site.place = self.place;
        let (call, address) = (site.call as usize, &raw const *site as usize);
        self.parts.sites.push(site);
        let trusted = MemFlagsData::trusted();
        let place = self.scratch(words.len() + result.words());
        for (at, word) in words.iter().enumerate() {
            self.builder.ins().store(trusted, *word, place, at as i32 * 8);
        }
        let site = self.builder.ins().iconst(self.pointer, address as i64);
        let results = self.builder.ins().iadd_imm_s(place, words.len() as i64 * 8);
        let mut signature = Signature::new(self.convention);
        signature.params.extend([self.pointer; 4].map(AbiParam::new));
        signature.returns.push(AbiParam::new(clif::I64));
        let signature = match self.signatures.get(&(usize::MAX, false)) {
            Some(known) => *known,
            None => {
                let made = self.builder.import_signature(signature);
                self.signatures.insert((usize::MAX, false), made);
                made
            }
        };
        let callee = self.builder.ins().iconst(self.pointer, call as i64);
        let call = self.builder.ins().call_indirect(signature, callee, &[self.memory, site, place, results]);
        // Whether it bails, and the reason, are only known when it happens.
        let told = *self.builder.inst_results(call).first()?;
        let go_on = self.builder.create_block();
        match self.catch(primitive.raises()) {
            None => {
                self.builder.ins().brif(told, self.stop, &[told.into()], go_on, &[]);
            }
            Some(label) => {
                let [failed, raised] = std::array::from_fn(|_| self.builder.create_block());
                self.builder.ins().brif(told, failed, &[], go_on, &[]);
                self.begin_block(failed);
                let why = self.builder.ins().ireduce(clif::I32, told);
                let code = i64::from(Why::Raises.code());
                let raises = self.builder.ins().icmp_imm_s(IntCC::Equal, why, code);
                self.builder.ins().brif(raises, raised, &[], self.stop, &[told.into()]);
                self.begin_block(raised);
                self.exit(label)?;
            }
        }
        self.begin_block(go_on);
        let word = |(at, of): (usize, clif::Type)| self.builder.ins().load(of, trusted, results, at as i32 * 8);
        let found = machine_words(result).into_iter().enumerate().map(word).collect();
        Some(Val::of(found, known(primitive, result)))
    }

    /// Calls a function whose operands and result are machine words.
    pub fn call_address(&mut self, address: usize, operands: &[Value], gives_float: bool) -> Value {
        let mut signature = Signature::new(self.convention);
        let types = operands.iter().map(|operand| self.builder.func.dfg.value_type(*operand));
        signature.params.extend(types.map(AbiParam::new));
        signature.returns.push(AbiParam::new(if gives_float { clif::F64 } else { clif::I64 }));
        let signature = match self.signatures.get(&(address, gives_float)) {
            Some(known) => *known,
            None => {
                let made = self.builder.import_signature(signature);
                self.signatures.insert((address, gives_float), made);
                made
            }
        };
        let callee = self.builder.ins().iconst(self.pointer, address as i64);
        let call = self.builder.ins().call_indirect(signature, callee, operands);
        self.builder.inst_results(call)[0]
    }

    /// `//` or `%` of floats.
    pub fn float_floor(&mut self, is_mod: bool, a: Value, b: Value) -> Option<Value> {
        let zero = self.builder.ins().f64const(0.0);
        let is_zero = self.builder.ins().fcmp(cranelift_codegen::ir::condcodes::FloatCC::Equal, b, zero);
        self.raise_if(is_zero, Exception::ZeroDivision)?;
        let helper = if is_mod { helpers::FLOAT_MOD } else { helpers::FLOAT_FLOOR_DIV };
        Some(self.helper(helper, &[a, b]))
    }
}

/// What is known of a primitive's result.
fn known(primitive: &Primitive, result: &Type) -> super::Range {
    use Primitive::*;
    match primitive {
        StrLen | StrCount | DictLen | ListCount | ListIndexOf | StrIndexOf | StrRIndexOf => (0, 1 << 48),
        StrFind | StrRFind | BytesFind | MatchStart | MatchEnd => (-1, 1 << 48),
        Ord => (0, 0x10_ffff),
        BytesIndex => (0, 255),
        Compare => (-1, 1),
        _ => super::expressions::of_type(result),
    }
}
