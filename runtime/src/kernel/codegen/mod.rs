//! From typed functions to machine code: the loop over rows, and what a row goes through.

mod arithmetic;
mod calls;
mod cells;
mod expressions;
mod iterate;
mod ranges;
mod statements;

use super::frame;
use super::memory::Memory;
use super::primitives::Site;
use super::{Place, Role, Step};
use cells::Cells;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, Block, InstBuilder, MemFlagsData, SigRef, Signature, StackSlot, StackSlotData, StackSlotKind, Value,
    types as clif,
};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use pyflink_plan::Reason;
use pyflink_plan::exception::Exception;
use pyflink_plan::typed::{Label, Slot, Why};
use pyflink_plan::types::Type;
use ranges::{FULL_RANGE, Range};
use std::collections::{BTreeSet, HashMap};

/// What a kernel needs beside its code, for as long as it lives.
pub struct Parts {
    #[expect(clippy::vec_box, reason = "machine code holds their addresses")]
    pub sites: Vec<Box<Site>>,
    pub constants: Memory,
    /// Where it may bail, and why it does there in any case.
    pub places: Vec<(Place, Option<Reason>)>,
    /// Steps that may leave a row to CPython, by index.
    pub guarded: BTreeSet<usize>,
    /// Version of the interpreter that is to agree.
    pub python: (u8, u8),
}

/// What is generated.
pub struct Plan<'a> {
    pub steps: &'a [Step],
    pub input: &'a Type,
    /// What is known of each word of the input that is an int.
    pub ranges: &'a [Range],
    /// The value goes out as it came in, so only the side is written.
    pub passes: bool,
    /// For a source, the types of its attributes.
    pub source: Option<&'a [Type]>,
}

/// A value: its words, and what is known of it if it is an int.
#[derive(Clone, Debug)]
struct Val {
    words: Vec<Value>,
    /// For each word; of use only for those of ints.
    known: Vec<Range>,
}

/// A function on its way into machine code.
struct Call<'a> {
    function: &'a pyflink_plan::typed::Function,
    /// Index of its step.
    step: usize,
    /// The words of each slot.
    slots: Vec<Vec<Variable>>,
    /// What is known of the slots that are ints, at the point that is generated.
    ranges: Vec<Vec<Range>>,
    labels: HashMap<Label, Exits>,
    /// Exceptions that are caught in what is generated, and where.
    caught: &'a [(Exception, Label)],
    /// Where collected values are kept until the function is through, if they don't go on at once: a list.
    buffer: Option<Variable>,
}

/// Where a label leads.
#[derive(Clone)]
struct Exits {
    again: Option<Block>,
    end: Block,
    /// What is known on all ways to the end; `None` before there is one.
    ranges: Option<Vec<Vec<Range>>>,
}

struct Generator<'a, 'b> {
    builder: FunctionBuilder<'b>,
    parts: &'a mut Parts,
    plan: &'a Plan<'a>,
    pointer: clif::Type,
    convention: CallConv,
    frame: Value,
    memory: Value,
    cells: Cells,
    /// Number of columns of results.
    columns: usize,
    /// A row may give more results than one.
    expands: bool,
    call: Option<Call<'a>>,
    place: u32,
    bails: HashMap<u64, Block>,
    stop: Block,
    scratch: Option<(StackSlot, u32)>,
    signatures: HashMap<(usize, bool), SigRef>,
}

/// Fills in a function that is a [`frame::Entry`]. `None` if something has no machine form.
pub fn generate(
    (function, context): (&mut cranelift_codegen::ir::Function, &mut FunctionBuilderContext),
    target: TargetFrontendConfig,
    convention: CallConv,
    plan: &Plan<'_>,
    parts: &mut Parts,
) -> Option<()> {
    let pointer = target.pointer_type();
    function.signature.params.extend([pointer, clif::I64, clif::I64].map(AbiParam::new));
    function.signature.returns.push(AbiParam::new(clif::I64));
    let mut builder = FunctionBuilder::new(function, context);
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    let [frame, from, to]: [Value; 3] = builder.block_params(entry).try_into().ok()?;
    let stop = builder.create_block();
    builder.set_cold_block(stop);
    builder.append_block_param(stop, clif::I64);
    let memory = builder.ins().load(pointer, MemFlagsData::trusted().with_can_move(), frame, frame::MEMORY);
    let expands = plan.steps.iter().any(|step| step.role == Role::FlatMap);
    let last = plan.steps.last()?;
    let value = super::value_type(plan.steps, plan.input);
    let side = (last.role == Role::Side).then(|| last.function.slots.get(last.function.result as usize)).flatten();
    let columns = output_words(&value, side, plan.passes).len();
    let is_long = cells::is_long(plan.steps);
    let cells = Cells::new(&mut builder, is_long, columns);
    let mut generator = Generator {
        builder,
        parts,
        plan,
        pointer,
        convention,
        frame,
        memory,
        cells,
        columns,
        expands,
        call: None,
        place: 0,
        bails: HashMap::new(),
        stop,
        scratch: None,
        signatures: HashMap::new(),
    };
    generator.rows(from, to, is_long)?;
    generator.builder.seal_all_blocks();
    generator.builder.finalize(target);
    Some(())
}

/// Machine types of a type's words.
pub fn machine(of: &Type, words: &mut Vec<clif::Type>) {
    match of {
        Type::Float => words.push(clif::F64),
        Type::Tuple(fields) | Type::Mixed(fields) => fields.iter().for_each(|field| machine(field, words)),
        Type::Record(record) if record.is_enum() => machine(&Type::Int, words),
        Type::Record(record) => record.fields.iter().for_each(|(_, field)| machine(field, words)),
        Type::Row(fields) => fields.iter().for_each(|(_, field)| machine(field, words)),
        Type::Optional(of) => {
            words.push(clif::I64);
            machine(of, words);
        }
        Type::Union(variants) => {
            words.push(clif::I64);
            variants.iter().for_each(|of| machine(of, words));
        }
        of => words.extend(std::iter::repeat_n(clif::I64, of.words())),
    }
}

pub fn machine_words(of: &Type) -> Vec<clif::Type> {
    let mut words = Vec::new();
    machine(of, &mut words);
    words
}

/// Words of what a step chain gives: the value's, unless it passes, then the side's.
pub fn output_words(value: &Type, side: Option<&Type>, passes: bool) -> Vec<clif::Type> {
    let mut words = Vec::new();
    if !passes {
        machine(value, &mut words);
    }
    if let Some(side) = side {
        machine(side, &mut words);
    }
    words
}

impl<'a> Generator<'a, '_> {
    fn rows(&mut self, from: Value, to: Value, is_long: bool) -> Option<()> {
        let trusted = MemFlagsData::trusted();
        let [head, body, next, end] = std::array::from_fn(|_| self.builder.create_block());
        self.set_row(from);
        self.take_count();
        self.load_output();
        let words = machine_words(self.plan.input);
        let early = if is_long { Vec::new() } else { self.input_columns(words.len()) };
        self.builder.ins().jump(head, &[]);

        self.builder.switch_to_block(head);
        let row = self.row();
        let more = self.builder.ins().icmp(IntCC::UnsignedLessThan, row, to);
        self.builder.ins().brif(more, body, &[], end, &[]);

        self.begin_block(body);
        // What a row that bails has given is taken back.
        let count = self.count();
        self.set_mark(count);
        let inputs = if is_long { self.input_columns(words.len()) } else { early };
        let offset = self.builder.ins().ishl_imm_u(row, 3);
        let mut value = Val::wide(Vec::new());
        value.known = self.plan.ranges.to_vec();
        for (of, column) in words.iter().zip(inputs) {
            let place = self.builder.ins().iadd(column, offset);
            value.words.push(self.builder.ins().load(*of, trusted, place, 0));
        }
        self.chain(0, value, self.plan.input.clone())?;
        self.builder.ins().jump(next, &[]);

        self.begin_block(next);
        let row = self.row();
        let row = self.builder.ins().iadd_imm_s(row, 1);
        self.set_row(row);
        self.builder.ins().jump(head, &[]);
        self.builder.seal_block(head);

        self.begin_block(end);
        self.share_count();
        self.builder.ins().return_(&[to]);

        for (told, block) in std::mem::take(&mut self.bails) {
            self.begin_block(block);
            let told = self.int(told as i64);
            self.builder.ins().jump(self.stop, &[told.into()]);
        }
        self.begin_block(self.stop);
        let told = self.builder.block_params(self.stop)[0];
        let why = self.builder.ins().ireduce(clif::I32, told);
        let place = self.builder.ins().ushr_imm_u(told, 32);
        let place = self.builder.ins().ireduce(clif::I32, place);
        self.builder.ins().store(trusted, why, self.frame, frame::WHY);
        self.builder.ins().store(trusted, place, self.frame, frame::PLACE);
        if self.plan.source.is_none() {
            let mark = self.mark();
            self.set_count(mark);
        }
        self.share_count();
        let row = self.row();
        self.builder.ins().return_(&[row]);
        Some(())
    }

    /// Takes a value through the steps from `at` on. What follows is generated behind.
    fn chain(&mut self, at: usize, value: Val, of: Type) -> Option<()> {
        let Some(step) = self.plan.steps.get(at) else {
            let value = if self.plan.passes { Vec::new() } else { value.words };
            return self.emit(value);
        };
        let sites = super::collects(&step.function.code);
        let buffered = step.role == Role::FlatMap && sites > 1 && at + 1 < self.plan.steps.len();
        let buffer = buffered.then(|| self.builder.declare_var(self.pointer));
        if let Some(buffer) = buffer {
            let list = self.new_list(0, step.function.collects.words());
            self.builder.def_var(buffer, list);
        }
        let outer = self.enter(at, buffer);
        let result = self.function(value.clone(), &of)?;
        let function = &step.function;
        match step.role {
            Role::Map => {
                let of = function.slots.get(function.result as usize)?.clone();
                self.leave(outer);
                self.chain(at + 1, result, of)
            }
            Role::Filter => {
                let truth = self.truth(&result, function.slots.get(function.result as usize)?)?;
                self.leave(outer);
                let [passed, after] = std::array::from_fn(|_| self.builder.create_block());
                self.builder.ins().brif(truth, passed, &[], after, &[]);
                self.begin_block(passed);
                self.chain(at + 1, value, of)?;
                self.builder.ins().jump(after, &[]);
                self.begin_block(after);
                Some(())
            }
            Role::FlatMap => {
                self.leave(outer);
                let Some(buffer) = buffer else { return Some(()) };
                let of = function.collects.clone();
                let list = self.builder.use_var(buffer);
                self.each_of_list(list, &of.clone(), |this, item| this.chain(at + 1, item, of.clone()))
            }
            Role::Side => {
                self.leave(outer);
                let mut words = if self.plan.passes { Vec::new() } else { value.words };
                words.extend(result.words);
                self.emit(words)
            }
        }
    }

    fn enter(&mut self, step: usize, buffer: Option<Variable>) -> Option<Call<'a>> {
        let function = &self.plan.steps[step].function;
        let mut slots = Vec::with_capacity(function.slots.len());
        for of in &function.slots {
            slots.push(machine_words(of).into_iter().map(|word| self.builder.declare_var(word)).collect());
        }
        let ranges = function.slots.iter().map(|of| vec![FULL_RANGE; of.words()]).collect();
        let call = Call { function, step, slots, ranges, labels: HashMap::new(), caught: &[], buffer };
        self.call.replace(call)
    }

    fn leave(&mut self, outer: Option<Call<'a>>) {
        self.call = outer;
    }

    /// The call that is generated.
    fn here(&mut self) -> &mut Call<'a> {
        match &mut self.call {
            Some(call) => call,
            None => unreachable!("code is generated inside of a call"),
        }
    }

    /// Generates the body of the function that was entered.
    fn function(&mut self, value: Val, of: &Type) -> Option<Val> {
        let function = self.here().function;
        self.at(None);
        if let [parameter] = function.parameters.as_slice() {
            (function.slots.get(*parameter as usize)? == of).then_some(())?;
            self.assign(*parameter, value);
        } else {
            let Type::Tuple(fields) = of else { return None };
            (fields.len() == function.parameters.len()).then_some(())?;
            let mut from = 0;
            for (parameter, field) in function.parameters.iter().zip(fields) {
                (function.slots.get(*parameter as usize)? == field).then_some(())?;
                let part = value.part(from, field.words())?;
                from += field.words();
                self.assign(*parameter, part);
            }
        }
        if !self.block(&function.code)? {
            self.unreachable();
        }
        Some(self.slot(function.result))
    }

    /// Appends a result.
    fn emit(&mut self, words: Vec<Value>) -> Option<()> {
        let trusted = MemFlagsData::trusted();
        (words.len() == self.columns).then_some(())?;
        if self.expands {
            let (count, capacity) = (self.count(), self.capacity());
            let is_full = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, count, capacity);
            let [full, go_on] = std::array::from_fn(|_| self.builder.create_block());
            self.builder.set_cold_block(full);
            self.builder.ins().brif(is_full, full, &[], go_on, &[]);
            self.begin_block(full);
            self.make_room();
            self.builder.ins().jump(go_on, &[]);
            self.begin_block(go_on);
        }
        let count = self.count();
        let offset = self.builder.ins().ishl_imm_u(count, 3);
        for (column, word) in self.result_columns(self.columns).into_iter().zip(words) {
            let place = self.builder.ins().iadd(column, offset);
            self.builder.ins().store(trusted, word, place, 0);
        }
        let offset = self.builder.ins().ishl_imm_u(count, 2);
        let rows = self.result_rows();
        let place = self.builder.ins().iadd(rows, offset);
        let row = self.row();
        let row = self.builder.ins().ireduce(clif::I32, row);
        self.builder.ins().store(trusted, row, place, 0);
        let count = self.builder.ins().iadd_imm_s(count, 1);
        self.set_count(count);
        Some(())
    }

    /// Asks the caller for room for further results, or stops.
    fn make_room(&mut self) {
        let trusted = MemFlagsData::trusted();
        self.share_count();
        let full = self.builder.ins().load(self.pointer, trusted, self.frame, frame::FULL);
        let mut signature = Signature::new(self.convention);
        signature.params.push(AbiParam::new(self.pointer));
        signature.returns.push(AbiParam::new(clif::I32));
        let signature = self.builder.import_signature(signature);
        let call = self.builder.ins().call_indirect(signature, full, &[self.frame]);
        let stops = self.builder.inst_results(call)[0];
        self.take_count();
        self.load_output();
        let [stopped, go_on] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.ins().brif(stops, stopped, &[], go_on, &[]);
        self.begin_block(stopped);
        self.stop_here();
        self.begin_block(go_on);
    }

    /// Leaves the kernel for no reason of its own.
    fn stop_here(&mut self) {
        let nothing = self.int(0);
        self.builder.ins().jump(self.stop, &[nothing.into()]);
    }

    /// Leaves the kernel if somebody has asked for the end: a loop may have none of its own.
    fn stop_if_told(&mut self) {
        let trusted = MemFlagsData::trusted();
        let flag = self.builder.ins().load(self.pointer, trusted.with_can_move(), self.frame, frame::STOP);
        let told = self.builder.ins().load(clif::I32, trusted, flag, 0);
        let [stopped, go_on] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.set_cold_block(stopped);
        self.builder.ins().brif(told, stopped, &[], go_on, &[]);
        self.begin_block(stopped);
        self.stop_here();
        self.begin_block(go_on);
    }

    /// Begins a statement: bails from here on belong to it.
    fn at(&mut self, span: Option<pyflink_plan::Span>) {
        self.begin_at(span, None);
    }

    /// Begins a part that is left to CPython as a whole.
    fn at_refusal(&mut self, reason: &Reason) {
        self.begin_at(Some(reason.span), Some(reason));
    }

    fn begin_at(&mut self, span: Option<pyflink_plan::Span>, reason: Option<&Reason>) {
        let place = Place { step: self.here().step, span };
        let places = &mut self.parts.places;
        let known = places.iter().position(|(known, why)| *known == place && why.as_ref() == reason);
        self.place = known.unwrap_or_else(|| {
            places.push((place, reason.cloned()));
            places.len() - 1
        }) as u32;
    }

    /// Takes down that the step at hand may leave a row to CPython.
    fn guard(&mut self) {
        if let Some((place, _)) = self.parts.places.get(self.place as usize) {
            self.parts.guarded.insert(place.step);
        }
    }

    /// The block that leaves this row to CPython.
    fn bail(&mut self, why: Why) -> Block {
        self.guard();
        let told = frame::told(why, self.place);
        if let Some(block) = self.bails.get(&told) {
            return *block;
        }
        let block = self.builder.create_block();
        self.builder.set_cold_block(block);
        self.bails.insert(told, block);
        block
    }

    /// Leaves this row to CPython if the condition is not 0.
    fn bail_if(&mut self, condition: Value, why: Why) {
        let bail = self.bail(why);
        let go_on = self.builder.create_block();
        self.builder.ins().brif(condition, bail, &[], go_on, &[]);
        self.begin_block(go_on);
    }

    /// Where an exception goes that is raised here, if something catches it.
    fn catch(&mut self, exception: Option<Exception>) -> Option<Label> {
        let caught = self.call.as_ref().map_or(&[][..], |call| call.caught);
        caught.iter().find(|(of, _)| Some(*of) == exception).map(|(_, label)| *label)
    }

    /// Raises an exception if the condition is not 0: goes to what catches it, or leaves this row to CPython.
    fn raise_if(&mut self, condition: Value, exception: Exception) -> Option<()> {
        let Some(label) = self.catch(Some(exception)) else {
            self.bail_if(condition, Why::Raises);
            return Some(());
        };
        let [raised, go_on] = std::array::from_fn(|_| self.builder.create_block());
        self.builder.ins().brif(condition, raised, &[], go_on, &[]);
        self.builder.switch_to_block(raised);
        self.exit(label)?;
        self.builder.switch_to_block(go_on);
        Some(())
    }

    /// Leaves this row to CPython if the condition is 0.
    fn bail_unless(&mut self, condition: Value, why: Why) {
        let bail = self.bail(why);
        let go_on = self.builder.create_block();
        self.builder.ins().brif(condition, go_on, &[], bail, &[]);
        self.begin_block(go_on);
    }

    /// Goes on with a block that all jumps lead to which there will be: what is known at once need not be found out
    /// later.
    fn begin_block(&mut self, block: Block) {
        self.builder.seal_block(block);
        self.builder.switch_to_block(block);
    }

    /// Goes on behind code that nothing gets past.
    fn unreachable(&mut self) {
        let block = self.builder.create_block();
        self.begin_block(block);
    }

    fn int(&mut self, value: i64) -> Value {
        self.builder.ins().iconst(clif::I64, value)
    }

    fn assign(&mut self, slot: Slot, value: Val) {
        let call = self.here();
        call.ranges[slot as usize] = value.known;
        let variables = call.slots[slot as usize].clone();
        for (variable, word) in variables.into_iter().zip(value.words) {
            self.builder.def_var(variable, word);
        }
    }

    fn slot(&mut self, slot: Slot) -> Val {
        let call = self.here();
        let (variables, known) = (call.slots[slot as usize].clone(), call.ranges[slot as usize].clone());
        Val { words: variables.into_iter().map(|variable| self.builder.use_var(variable)).collect(), known }
    }

    /// A place on the stack for so many words.
    fn scratch(&mut self, words: usize) -> Value {
        let bytes = (words.max(16) * 8) as u32;
        let slot = match self.scratch {
            Some((slot, size)) if size >= bytes => slot,
            _ => {
                let data = StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 3);
                let slot = self.builder.create_sized_stack_slot(data);
                self.scratch = Some((slot, bytes));
                slot
            }
        };
        self.builder.ins().stack_addr(self.pointer, slot, 0)
    }
}
