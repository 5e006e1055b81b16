//! What a kernel knows of how far it is: in registers, or in the frame.
//!
//! In registers it costs nothing for each row, but it is alive in all of the code: in a long kernel that is what register
//! allocation takes most of its time for, and there a load more doesn't count.

use super::{Generator, frame};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types as clif};
use cranelift_frontend::{FunctionBuilder, Variable};
use pyflink_plan::typed::Stmt;

/// So many statements make a kernel long.
const LONG: usize = 16;

#[derive(Clone, Copy)]
enum Cell {
    Register(Variable),
    /// Offset in the frame.
    Frame(i32),
}

pub struct Cells {
    is_long: bool,
    row: Cell,
    /// Results so far.
    count: Cell,
    /// Results before the row at hand.
    mark: Cell,
    /// Addresses of the columns of results; none in a long kernel.
    output: Vec<Variable>,
    rows: Cell,
    capacity: Cell,
}

impl Cells {
    pub fn new(builder: &mut FunctionBuilder<'_>, is_long: bool, columns: usize) -> Cells {
        let mut cell = |offset| match is_long {
            true => Cell::Frame(offset),
            false => Cell::Register(builder.declare_var(clif::I64)),
        };
        let [row, count, mark] = [frame::ROW, frame::COUNT, frame::MARK].map(&mut cell);
        let [rows, capacity] = [frame::ROWS, frame::CAPACITY].map(cell);
        let columns = if is_long { 0 } else { columns };
        let output = (0..columns).map(|_| builder.declare_var(clif::I64)).collect();
        Cells { is_long, row, count, mark, output, rows, capacity }
    }
}

/// True for steps that make a long kernel.
pub fn is_long(steps: &[super::Step]) -> bool {
    steps.iter().map(|step| statements(&step.function.code)).sum::<usize>() > LONG
}

fn statements(code: &[Stmt]) -> usize {
    let of = |statement: &Stmt| {
        let mut found = 1;
        let mut inner = |code: &[Stmt]| found += statements(code);
        match statement {
            Stmt::At(_) => return 0,
            Stmt::If(test, yes, no) => {
                test.blocks(&mut inner);
                inner(yes);
                inner(no);
            }
            Stmt::Loop(_, body) | Stmt::Block(_, body) | Stmt::Try(_, body) => inner(body),
            Stmt::For(of) => {
                inner(&of.body);
                inner(&of.orelse);
            }
            Stmt::Assign(_, value)
            | Stmt::Evaluate(value)
            | Stmt::Append(_, value)
            | Stmt::Collect(value)
            | Stmt::SetAttribute(_, value) => value.blocks(&mut inner),
            Stmt::Bail(_) | Stmt::Left(_) | Stmt::Leave(_) | Stmt::Continue(_) => {}
        }
        found
    };
    code.iter().map(of).sum()
}

impl Generator<'_, '_> {
    fn get(&mut self, cell: Cell) -> Value {
        match cell {
            Cell::Register(variable) => self.builder.use_var(variable),
            Cell::Frame(offset) => self.builder.ins().load(clif::I64, MemFlagsData::trusted(), self.frame, offset),
        }
    }

    fn set(&mut self, cell: Cell, value: Value) {
        match cell {
            Cell::Register(variable) => self.builder.def_var(variable, value),
            Cell::Frame(offset) => {
                self.builder.ins().store(MemFlagsData::trusted(), value, self.frame, offset);
            }
        }
    }

    pub fn row(&mut self) -> Value {
        self.get(self.cells.row)
    }

    pub fn set_row(&mut self, row: Value) {
        self.set(self.cells.row, row);
    }

    pub fn count(&mut self) -> Value {
        self.get(self.cells.count)
    }

    pub fn set_count(&mut self, count: Value) {
        self.set(self.cells.count, count);
    }

    /// Results before the row at hand.
    pub fn mark(&mut self) -> Value {
        self.get(self.cells.mark)
    }

    pub fn set_mark(&mut self, count: Value) {
        self.set(self.cells.mark, count);
    }

    pub fn capacity(&mut self) -> Value {
        self.get(self.cells.capacity)
    }

    /// Address of the rows that results belong to.
    pub fn result_rows(&mut self) -> Value {
        self.get(self.cells.rows)
    }

    /// Addresses of so many columns of results.
    pub fn result_columns(&mut self, count: usize) -> Vec<Value> {
        if self.cells.is_long {
            let columns = self.builder.ins().load(clif::I64, MemFlagsData::trusted(), self.frame, frame::OUTPUT);
            return (0..count).map(|at| self.address(columns, at, MemFlagsData::trusted())).collect();
        }
        self.cells.output.clone().into_iter().map(|column| self.builder.use_var(column)).collect()
    }

    /// Addresses of so many columns of the input.
    pub fn input_columns(&mut self, count: usize) -> Vec<Value> {
        let still = MemFlagsData::trusted().with_can_move();
        let columns = self.builder.ins().load(clif::I64, still, self.frame, frame::INPUT);
        (0..count).map(|at| self.address(columns, at, still)).collect()
    }

    fn address(&mut self, columns: Value, at: usize, flags: MemFlagsData) -> Value {
        self.builder.ins().load(clif::I64, flags, columns, at as i32 * 8)
    }

    /// Takes over where results go, at the beginning and when it may have changed.
    pub fn load_output(&mut self) {
        if self.cells.is_long {
            return;
        }
        let columns = self.builder.ins().load(clif::I64, MemFlagsData::trusted(), self.frame, frame::OUTPUT);
        for (at, column) in self.cells.output.clone().into_iter().enumerate() {
            let address = self.address(columns, at, MemFlagsData::trusted());
            self.builder.def_var(column, address);
        }
        for (cell, offset) in [(self.cells.rows, frame::ROWS), (self.cells.capacity, frame::CAPACITY)] {
            let value = self.get(Cell::Frame(offset));
            self.set(cell, value);
        }
    }

    /// Gives the frame the number of results, and takes it over, before and after somebody else uses it.
    pub fn share_count(&mut self) {
        if !self.cells.is_long {
            let count = self.count();
            self.set(Cell::Frame(frame::COUNT), count);
        }
    }

    pub fn take_count(&mut self) {
        if !self.cells.is_long {
            let count = self.get(Cell::Frame(frame::COUNT));
            self.set_count(count);
        }
    }
}
