//! Expressions that are not arithmetic: constants, tuples, options, conditions.

use super::ranges::{self, FULL_RANGE, Range, TRUTH};
use super::statements::LENGTH;
use super::{Generator, Val, machine_words};
use crate::kernel::helpers;
use crate::kernel::primitives;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Block, InstBuilder, MemFlagsData, Value, types as clif};
use pyflink_plan::ir::UnaryOp;
use pyflink_plan::primitive::Primitive;
use pyflink_plan::typed::{Expr, Kind, Why};
use pyflink_plan::types::{Constant, Type, variant, variant_for};

/// Tags of a Number.
pub const TAG_BOOL: i64 = 0;
pub const TAG_INT: i64 = 1;
pub const TAG_FLOAT: i64 = 2;

impl<'a> Generator<'a, '_> {
    pub fn expression(&mut self, expr: &'a Expr) -> Option<Val> {
        let value = self.kind(expr)?;
        (value.words.len() == expr.of.words()).then_some(value)
    }

    fn kind(&mut self, expr: &'a Expr) -> Option<Val> {
        Some(match &expr.kind {
            Kind::Constant(constant) => self.constant(constant, &expr.of)?,
            Kind::Slot(slot) => self.slot(*slot),
            Kind::Attribute(attribute) => {
                let (attributes, from) = self.attribute(*attribute);
                let trusted = MemFlagsData::trusted();
                let word = |(at, word): (usize, clif::Type)| {
                    self.builder.ins().load(word, trusted, attributes, (from + at) as i32 * 8)
                };
                Val::wide(machine_words(&expr.of).into_iter().enumerate().map(word).collect())
            }
            Kind::Fields(fields) => {
                let mut value = Val::wide(Vec::new());
                for field in fields {
                    value.extend(self.expression(field)?);
                }
                value
            }
            Kind::Elements(items) => {
                let words = super::iterate::element(&expr.of)?.words();
                // All elements are there before the list is, as they may make lists themselves.
                let mut all = Vec::with_capacity(items.len());
                for item in items {
                    all.push(self.expression(item)?.words);
                }
                let list = self.new_list(items.len() as u64, words);
                self.fill(list, all);
                Val::wide(vec![list])
            }
            Kind::Field(of, at) => {
                let value = self.expression(of)?;
                let fields: Vec<&Type> = fields(&of.of)?;
                let from: usize = fields.iter().take(*at as usize).map(|field| field.words()).sum();
                value.part(from, fields.get(*at as usize)?.words())?
            }
            Kind::Coerce(of) => {
                let value = self.expression(of)?;
                self.coerce(value, &of.of, &expr.of)?
            }
            Kind::Unwrap(of) => {
                let value = self.expression(of)?;
                self.unwrap(value, &of.of, &expr.of)?
            }
            Kind::Variant(of) => {
                let value = self.expression(of)?;
                value.part(0, 1)?
            }
            Kind::IsNone(of) => {
                let value = self.expression(of)?;
                let truth = match &of.of {
                    Type::None => self.int(1),
                    Type::Optional(_) => {
                        let none = self.builder.ins().icmp_imm_s(IntCC::Equal, *value.words.first()?, 0);
                        self.widen(none)
                    }
                    _ => self.int(0),
                };
                Val::truth(truth)
            }
            Kind::Binary(op, left, right) => self.binary(*op, left, right, &expr.of)?,
            Kind::Unary(UnaryOp::Not, of) => {
                let value = self.expression(of)?;
                let truth = self.truth(&value, &of.of)?;
                let not = self.builder.ins().icmp_imm_s(IntCC::Equal, truth, 0);
                Val::truth(self.widen(not))
            }
            Kind::Unary(op, of) => self.unary(*op, of)?,
            Kind::Abs(of) => self.abs(of)?,
            Kind::Compare(op, left, right) => {
                let truth = self.compare(*op, left, right)?;
                Val::truth(self.widen(truth))
            }
            Kind::Truth(of) => {
                let value = self.expression(of)?;
                let truth = self.truth(&value, &of.of)?;
                let truth = self.builder.ins().icmp_imm_s(IntCC::NotEqual, truth, 0);
                Val::truth(self.widen(truth))
            }
            Kind::If(test, yes, no) => self.choose(test, yes, no)?,
            Kind::Block(code, value) => {
                if !self.block(code)? {
                    self.unreachable();
                }
                self.expression(value)?
            }
            Kind::Call(primitive, operands) => self.primitive(primitive, operands, &expr.of)?,
        })
    }

    fn choose(&mut self, test: &'a Expr, yes: &'a Expr, no: &'a Expr) -> Option<Val> {
        let [on_yes, on_no, after] = std::array::from_fn(|_| self.builder.create_block());
        for word in machine_words(&yes.of) {
            self.builder.append_block_param(after, word);
        }
        self.condition(test, on_yes, on_no)?;
        let before = self.here().ranges.clone();
        self.begin_block(on_yes);
        let value = self.expression(yes)?;
        let mut range = value.known.clone();
        self.jump(after, value);
        let known = std::mem::replace(&mut self.here().ranges, before);
        self.begin_block(on_no);
        let value = self.expression(no)?;
        range.iter_mut().zip(&value.known).for_each(|(a, b)| *a = ranges::join(*a, *b));
        self.jump(after, value);
        ranges::join_all(&mut self.here().ranges, &known);
        self.begin_block(after);
        Some(Val { words: self.builder.block_params(after).to_vec(), known: range })
    }

    fn jump(&mut self, to: Block, value: Val) {
        let arguments: Vec<_> = value.words.into_iter().map(Into::into).collect();
        self.builder.ins().jump(to, &arguments);
    }

    /// Goes to one of two blocks.
    pub fn condition(&mut self, test: &'a Expr, on_yes: Block, on_no: Block) -> Option<()> {
        match &test.kind {
            Kind::Constant(Constant::Bool(value)) => {
                self.builder.ins().jump(if *value { on_yes } else { on_no }, &[]);
            }
            Kind::Unary(UnaryOp::Not, of) if of.of == Type::Bool => return self.condition(of, on_no, on_yes),
            Kind::If(first, yes, no) => {
                let [then, other] = std::array::from_fn(|_| self.builder.create_block());
                self.condition(first, then, other)?;
                let before = self.here().ranges.clone();
                self.begin_block(then);
                self.condition(yes, on_yes, on_no)?;
                let known = std::mem::replace(&mut self.here().ranges, before);
                self.begin_block(other);
                self.condition(no, on_yes, on_no)?;
                ranges::join_all(&mut self.here().ranges, &known);
            }
            Kind::Compare(op, left, right) => {
                let truth = self.compare(*op, left, right)?;
                self.builder.ins().brif(truth, on_yes, &[], on_no, &[]);
            }
            Kind::Truth(of) => {
                let value = self.expression(of)?;
                let truth = self.truth(&value, &of.of)?;
                self.builder.ins().brif(truth, on_yes, &[], on_no, &[]);
            }
            _ => {
                let value = self.expression(test)?;
                self.builder.ins().brif(*value.words.first()?, on_yes, &[], on_no, &[]);
            }
        }
        Some(())
    }

    fn constant(&mut self, constant: &Constant, of: &Type) -> Option<Val> {
        let plain = match (constant, of) {
            (Constant::Int(value), Type::Int) => Some((*value, (*value, *value))),
            (Constant::Member(_, member), of) if of.is_enum() => {
                let number = *member as i64;
                Some((number, (number, number)))
            }
            (Constant::Bool(value), Type::Bool) => Some((i64::from(*value), (i64::from(*value), i64::from(*value)))),
            _ => None,
        };
        if let Some((value, range)) = plain {
            return Some(Val::of(vec![self.int(value)], range));
        }
        let words = primitives::constant(constant, of, &mut self.parts.constants)?;
        let word = |(of, word): (clif::Type, u64)| match of {
            clif::F64 => self.builder.ins().f64const(f64::from_bits(word)),
            _ => self.builder.ins().iconst(clif::I64, word as i64),
        };
        Some(Val::wide(machine_words(of).into_iter().zip(words).map(word).collect()))
    }

    fn zeros(&mut self, of: &Type) -> Vec<Value> {
        let zero = |word: clif::Type| match word {
            clif::F64 => self.builder.ins().f64const(0.0),
            _ => self.builder.ins().iconst(clif::I64, 0),
        };
        machine_words(of).into_iter().map(zero).collect()
    }

    fn fill(&mut self, list: Value, items: Vec<Vec<Value>>) {
        let trusted = MemFlagsData::trusted();
        let place = self.builder.ins().load(self.pointer, trusted, list, super::statements::ITEMS);
        let length = self.int(items.len() as i64);
        for (at, word) in items.into_iter().flatten().enumerate() {
            self.builder.ins().store(trusted, word, place, at as i32 * 8);
        }
        self.builder.ins().store(trusted, length, list, LENGTH);
    }

    fn coerce(&mut self, value: Val, from: &Type, to: &Type) -> Option<Val> {
        if from == to {
            return Some(value);
        }
        Some(match (from, to) {
            (Type::Never, _) => {
                // There is no such value.
                let bail = self.bail(Why::OtherType);
                self.builder.ins().jump(bail, &[]);
                self.unreachable();
                Val::wide(self.zeros(to))
            }
            (Type::None, Type::Optional(_)) => Val::wide(self.zeros(to)),
            (Type::Optional(from), Type::Optional(to)) => {
                let mut whole = value.part(0, 1)?;
                let inner = value.part(1, from.words())?;
                whole.extend(self.coerce(inner, from, to)?);
                whole
            }
            (from, Type::Optional(to)) => {
                let mut whole = Val::of(vec![self.int(1)], TRUTH);
                whole.extend(self.coerce(value, from, to)?);
                whole
            }
            (Type::Union(from), to) => self.each_variant(value, from, to)?,
            (from, Type::Union(variants)) => {
                let number = variant_for(variants, from)?;
                let (of, at) = variant(variants, number)?;
                let mut whole = Val::wide(self.zeros(to));
                let inner = self.coerce(value, from, of)?;
                whole.words[0] = self.int(number as i64);
                whole.words.splice(at..at + of.words(), inner.words);
                whole
            }
            (Type::Bool, Type::Int) => value,
            (from, Type::Int) if from.is_enum() => value,
            (Type::Bool | Type::Int, Type::Float) => {
                Val::wide(vec![self.builder.ins().fcvt_from_sint(clif::F64, *value.words.first()?)])
            }
            (Type::Bool | Type::Int | Type::Float, Type::Number) => {
                let word = *value.words.first()?;
                let (tag, word) = match from {
                    Type::Bool => (TAG_BOOL, word),
                    Type::Int => (TAG_INT, word),
                    _ => (TAG_FLOAT, self.builder.ins().bitcast(clif::I64, MemFlagsData::new(), word)),
                };
                Val::wide(vec![self.int(tag), word])
            }
            (
                Type::Tuple(_) | Type::Mixed(_) | Type::Record(_) | Type::Row(_),
                Type::Tuple(_) | Type::Mixed(_) | Type::Record(_) | Type::Row(_),
            ) => {
                let (from, to) = (fields(from)?, fields(to)?);
                (from.len() == to.len()).then_some(())?;
                let (mut whole, mut at) = (Val::wide(Vec::new()), 0);
                for (from, to) in from.into_iter().zip(to) {
                    let field = value.part(at, from.words())?;
                    at += from.words();
                    whole.extend(self.coerce(field, from, to)?);
                }
                whole
            }
            (Type::Tuple(from), Type::TupleOf(to)) => {
                let (mut items, mut at) = (Vec::new(), 0);
                for from in from {
                    let field = Val::wide(value.words.get(at..at + from.words())?.to_vec());
                    at += from.words();
                    items.push(self.coerce(field, from, to)?.words);
                }
                let list = self.new_list(items.len() as u64, to.words());
                self.fill(list, items);
                Val::wide(vec![list])
            }
            (Type::List(from), Type::List(_)) | (Type::TupleOf(from), Type::TupleOf(_)) if **from == Type::Never => {
                value
            }
            (Type::Set(from), Type::Set(_)) if **from == Type::Never => value,
            (Type::Dict(key, _), Type::Dict(..)) if **key == Type::Never => value,
            _ => return None,
        })
    }

    /// A value of a union, as one of a type that has all values of the union.
    fn each_variant(&mut self, value: Val, from: &[Type], to: &Type) -> Option<Val> {
        let after = self.builder.create_block();
        for word in machine_words(to) {
            self.builder.append_block_param(after, word);
        }
        let number = *value.words.first()?;
        for at in 0..from.len() {
            let (of, place) = variant(from, at)?;
            let is_last = at + 1 == from.len();
            let other = (!is_last).then(|| {
                let [block, other] = std::array::from_fn(|_| self.builder.create_block());
                let same = self.builder.ins().icmp_imm_s(IntCC::Equal, number, at as i64);
                self.builder.ins().brif(same, block, &[], other, &[]);
                self.begin_block(block);
                other
            });
            let inner = self.coerce(value.part(place, of.words())?, of, to)?;
            self.jump(after, inner);
            if let Some(other) = other {
                self.begin_block(other);
            }
        }
        self.begin_block(after);
        Some(Val::wide(self.builder.block_params(after).to_vec()))
    }

    fn unwrap(&mut self, value: Val, from: &Type, to: &Type) -> Option<Val> {
        Some(match (from, to) {
            (Type::Union(variants), to) => {
                let number = variants.iter().position(|of| of == to)?;
                let (of, at) = variant(variants, number)?;
                let same = self.builder.ins().icmp_imm_s(IntCC::Equal, *value.words.first()?, number as i64);
                self.bail_unless(same, Why::OtherType);
                value.part(at, of.words())?
            }
            (Type::Optional(inner), to) if **inner == *to => {
                self.bail_unless(*value.words.first()?, Why::OtherType);
                value.part(1, to.words())?
            }
            (Type::Number, Type::Bool | Type::Int | Type::Float) => {
                let tag = match to {
                    Type::Bool => TAG_BOOL,
                    Type::Int => TAG_INT,
                    _ => TAG_FLOAT,
                };
                let [found, word]: [Value; 2] = value.words.try_into().ok()?;
                let same = self.builder.ins().icmp_imm_s(IntCC::Equal, found, tag);
                self.bail_unless(same, Why::OtherType);
                match to {
                    Type::Float => Val::wide(vec![self.builder.ins().bitcast(clif::F64, MemFlagsData::new(), word)]),
                    to => Val::of(vec![word], of_type(to)),
                }
            }
            _ => return None,
        })
    }

    /// Python's truth of a value, as something that a branch takes.
    pub fn truth(&mut self, value: &Val, of: &Type) -> Option<Value> {
        let word = |at: usize| value.words.get(at).copied();
        Some(match of {
            Type::Never | Type::None => self.int(0),
            Type::Bool => word(0)?,
            Type::Int => self.builder.ins().icmp_imm_s(IntCC::NotEqual, word(0)?, 0),
            Type::Float => self.float_truth(word(0)?),
            Type::Number => {
                let float = self.builder.ins().bitcast(clif::F64, MemFlagsData::new(), word(1)?);
                let float = self.float_truth(float);
                let int = self.builder.ins().icmp_imm_s(IntCC::NotEqual, word(1)?, 0);
                let is_float = self.builder.ins().icmp_imm_s(IntCC::Equal, word(0)?, TAG_FLOAT);
                self.builder.ins().select(is_float, float, int)
            }
            Type::Str | Type::Bytes => self.builder.ins().icmp_imm_s(IntCC::NotEqual, word(1)?, 0),
            Type::Tuple(fields) | Type::Mixed(fields) => self.int(i64::from(!fields.is_empty())),
            Type::Row(fields) => self.int(i64::from(!fields.is_empty())),
            // Of a class that says nothing of truth; those that do aren't records.
            Type::Record(_) | Type::Match(_) => self.int(1),
            Type::Object(_) | Type::Union(_) => return None,
            // Those that aren't lengths are known to be true.
            Type::Time(_) => self.builder.ins().icmp_imm_s(IntCC::NotEqual, word(0)?, 0),
            Type::List(_) | Type::TupleOf(_) => {
                let length = self.builder.ins().load(clif::I64, MemFlagsData::trusted(), word(0)?, LENGTH);
                self.builder.ins().icmp_imm_s(IntCC::NotEqual, length, 0)
            }
            Type::Dict(..) | Type::Set(_) => {
                let length = self.call_primitive(&Primitive::DictLen, &value.words, vec![of.clone()], &Type::Int)?;
                self.builder.ins().icmp_imm_s(IntCC::NotEqual, *length.words.first()?, 0)
            }
            Type::Optional(inner) => {
                // There is nothing to look at in None.
                let [some, after] = std::array::from_fn(|_| self.builder.create_block());
                let result = self.builder.append_block_param(after, clif::I64);
                let none = self.int(0);
                self.builder.ins().brif(word(0)?, some, &[], after, &[none.into()]);
                self.begin_block(some);
                let truth = self.truth(&value.part(1, inner.words())?, inner)?;
                let truth = self.builder.ins().icmp_imm_s(IntCC::NotEqual, truth, 0);
                let truth = self.widen(truth);
                self.builder.ins().jump(after, &[truth.into()]);
                self.begin_block(after);
                result
            }
        })
    }

    fn float_truth(&mut self, value: Value) -> Value {
        let zero = self.builder.ins().f64const(0.0);
        // True for NaN.
        self.builder.ins().fcmp(FloatCC::NotEqual, value, zero)
    }

    pub fn widen(&mut self, truth: Value) -> Value {
        match self.builder.func.dfg.value_type(truth) {
            clif::I64 => truth,
            _ => self.builder.ins().uextend(clif::I64, truth),
        }
    }

    /// Calls one of [`helpers`], whose operands and result are machine words.
    pub fn helper(&mut self, helper: helpers::Helper, operands: &[Value]) -> Value {
        self.call_address(helper.address(), operands, helper.gives_float())
    }
}

impl Val {
    /// `range`: what is known of its words.
    pub fn of(words: Vec<Value>, range: Range) -> Val {
        let known = vec![range; words.len()];
        Val { words, known }
    }

    pub fn wide(words: Vec<Value>) -> Val {
        Val::of(words, FULL_RANGE)
    }

    pub fn truth(word: Value) -> Val {
        Val::of(vec![word], TRUTH)
    }

    /// What is known of an int.
    pub fn range(&self) -> Range {
        self.known.first().copied().unwrap_or(FULL_RANGE)
    }

    /// Some of its words.
    pub fn part(&self, from: usize, words: usize) -> Option<Val> {
        let (to, words) = (from + words, self.words.get(from..from + words)?.to_vec());
        Some(Val { words, known: self.known.get(from..to)?.to_vec() })
    }

    /// Appends another value's words.
    pub fn extend(&mut self, other: Val) {
        self.words.extend(other.words);
        self.known.extend(other.known);
    }
}

/// What is known of any value of a type.
pub fn of_type(of: &Type) -> Range {
    if *of == Type::Bool { TRUTH } else { FULL_RANGE }
}

/// Types of the fields of a tuple, record or row.
pub fn fields(of: &Type) -> Option<Vec<&Type>> {
    match of {
        Type::Tuple(fields) | Type::Mixed(fields) => Some(fields.iter().collect()),
        Type::Record(record) => Some(record.fields.iter().map(|(_, of)| of).collect()),
        Type::Row(fields) => Some(fields.iter().map(|(_, of)| of).collect()),
        _ => None,
    }
}
