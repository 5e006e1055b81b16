//! Ways that part and meet again: branches, loops, inlined calls.

use super::environment::{Env, Local};
use super::{Frame, Lowered, Lowering, Stop, Value};
use crate::ir::Statement;
use crate::typed::{Expr, Kind, Label, Stmt};

/// How often a loop is walked until the types at its head stay.
const TURNS: usize = 40;

/// A loop that is walked.
pub(super) struct LoopFrame {
    pub label: Label,
    /// What its head and its end are like, in the last walk.
    pub settled: Option<(Env, Env)>,
    pub breaks: Vec<Env>,
    pub continues: Vec<Env>,
}

/// One way: its statements, how it ends, and its value, if it comes to its end.
pub(super) struct Way<T> {
    pub out: Vec<Stmt>,
    pub env: Env,
    pub value: Option<T>,
}

impl<'a> Lowering<'a> {
    /// Walks one of several ways, from an environment on.
    pub(super) fn way<T>(&mut self, env: Env, walk: impl FnOnce(&mut Self) -> Lowered<T>) -> Lowered<Way<T>> {
        let outer = std::mem::take(&mut self.out);
        let here = std::mem::replace(&mut self.env, env);
        let value = walk(self);
        let out = std::mem::replace(&mut self.out, outer);
        let env = std::mem::replace(&mut self.env, here);
        match value {
            Ok(value) => Ok(Way { out, env, value: Some(value) }),
            Err(Stop::Dead) => Ok(Way { out, env, value: None }),
            Err(stop) => Err(stop),
        }
    }

    /// Goes on where two ways meet.
    pub(super) fn meet<A, B>(&mut self, a: &mut Way<A>, b: &mut Way<B>) -> Lowered<()> {
        let merged = self.merge(&[&a.env, &b.env])?;
        a.out.extend(self.moves(&a.env, &merged)?);
        b.out.extend(self.moves(&b.env, &merged)?);
        self.env = merged;
        Ok(())
    }

    /// One of two values.
    pub(super) fn choose(&mut self, test: Expr, mut a: Way<Value>, mut b: Way<Value>) -> Lowered<Value> {
        let (first, second) = match (a.value.take(), b.value.take()) {
            (None, None) => {
                self.meet(&mut a, &mut b)?;
                self.out.push(Stmt::If(test, a.out, b.out));
                return Err(Stop::Dead);
            }
            (Some(value), None) | (None, Some(value)) => {
                let slot = self.temp(value.of().clone());
                let of = value.of().clone();
                let out = if a.env.reachable { &mut a.out } else { &mut b.out };
                out.push(Stmt::Assign(slot, value.expr));
                self.meet(&mut a, &mut b)?;
                self.out.push(Stmt::If(test, a.out, b.out));
                return Ok(Value { expr: Expr { of, kind: Kind::Slot(slot) }, sites: value.sites });
            }
            (Some(first), Some(second)) => (first, second),
        };
        let Some(of) = self.join((first.of(), &first.sites), (second.of(), &second.sites))? else {
            return Err(self.refused(
                format!("a value is a {} or a {}, depending on the way", first.of(), second.of()),
                "use one type",
            ));
        };
        let (first, second) = (self.coerce(first, &of)?, self.coerce(second, &of)?);
        let sites = first.sites.union(&second.sites).copied().collect();
        let slot = self.temp(of.clone());
        let merged = self.merge(&[&a.env, &b.env])?;
        let (moves, other_moves) = (self.moves(&a.env, &merged)?, self.moves(&b.env, &merged)?);
        self.env = merged;
        if a.out.is_empty() && b.out.is_empty() && moves.is_empty() && other_moves.is_empty() {
            let kind = Kind::If(Box::new(test), Box::new(first.expr), Box::new(second.expr));
            return Ok(Value::from(of, kind, sites));
        }
        a.out.push(Stmt::Assign(slot, first.expr));
        a.out.extend(moves);
        b.out.push(Stmt::Assign(slot, second.expr));
        b.out.extend(other_moves);
        self.out.push(Stmt::If(test, a.out, b.out));
        Ok(Value::from(of, Kind::Slot(slot), sites))
    }

    /// Walks a loop until the types at its head stay, then once more for its statements. A turn ends where its
    /// environment goes back to the head; it gives the one in which the loop ends by itself, for whose statements it is
    /// told what the end is like in the last walk.
    pub(super) fn turns(
        &mut self,
        mut turn: impl FnMut(&mut Self, Option<&Env>) -> Lowered<Env>,
    ) -> Lowered<(Label, Vec<Stmt>)> {
        let label = self.label();
        let entry = self.env.clone();
        let mut head = entry.clone();
        let mut settled = None;
        for _ in 0..TURNS {
            let (walked, ends) = self.turn(label, &head, None, &mut turn)?;
            let frame = self.loop_ended();
            let mut backs: Vec<&Env> = vec![&entry, &head, &walked.env];
            backs.extend(&frame.continues);
            let next = self.merge(&backs)?;
            if next == head {
                let mut exits: Vec<&Env> = vec![&ends];
                exits.extend(&frame.breaks);
                settled = Some(self.merge(&exits)?);
                break;
            }
            head = next;
        }
        let Some(exit) = settled else {
            return Err(self.refused("types of variables change with each turn of a loop", "give each one type"));
        };
        let moves = self.moves(&entry, &head)?;
        self.out.extend(moves);
        let (mut walked, _) = self.turn(label, &head, Some(exit), &mut turn)?;
        let (head, exit) = self.loop_ended().settled.expect("it was given to the turn");
        walked.out.extend(self.moves(&walked.env, &head)?);
        self.env = exit;
        Ok((label, walked.out))
    }

    fn turn(
        &mut self,
        label: Label,
        head: &Env,
        exit: Option<Env>,
        turn: &mut impl FnMut(&mut Self, Option<&Env>) -> Lowered<Env>,
    ) -> Lowered<(Way<()>, Env)> {
        let settled = exit.clone().map(|exit| (head.clone(), exit));
        self.frame().loops.push(LoopFrame { label, settled, breaks: Vec::new(), continues: Vec::new() });
        let mut way = self.way(head.clone(), |this| turn(this, exit.as_ref()))?;
        // A turn that never comes to its end by itself says so with an environment that nothing reaches.
        let ends = way.value.take().unwrap_or_else(|| way.env.clone());
        Ok((Way { out: way.out, env: way.env, value: None }, ends))
    }

    fn loop_ended(&mut self) -> LoopFrame {
        self.frame().loops.pop().expect("a loop is walked")
    }

    /// `break` and `continue`.
    pub(super) fn leave_loop(&mut self, continues: bool) -> Lowered<()> {
        let here = std::mem::replace(&mut self.env.reachable, false);
        let mut env = self.env.clone();
        env.reachable = here;
        let Some(innermost) = self.frame().loops.last_mut() else {
            return Err(self.refused("a break outside of a loop", "compile the script again"));
        };
        let label = innermost.label;
        match innermost.settled.clone() {
            None if continues => innermost.continues.push(env),
            None => innermost.breaks.push(env),
            Some((head, exit)) => {
                let moves = self.moves(&env, if continues { &head } else { &exit })?;
                self.out.extend(moves);
            }
        }
        self.out.push(if continues { Stmt::Continue(label) } else { Stmt::Leave(label) });
        Ok(())
    }

    /// Ends the function that is walked.
    pub(super) fn give(&mut self, value: Value) -> Lowered<()> {
        let (cell, slot, label) = (self.frame().result, self.frame().slot, self.frame().label);
        let sites = self.frame().sites.clone();
        let value = self.as_cell(cell, &sites, value, "it gives")?;
        self.frame().sites.extend(&value.sites);
        self.out.push(Stmt::Assign(slot, value.expr));
        self.out.push(Stmt::Leave(label));
        self.env.reachable = false;
        Ok(())
    }

    /// Calls a function of the script: its statements, here.
    pub(super) fn inline(
        &mut self,
        function: u32,
        (caller, place): (u32, usize),
        arguments: Vec<Value>,
    ) -> Lowered<Value> {
        let body = self.body;
        let (index, Some(function)) = (function, body.functions.get(function as usize)) else {
            return Err(self.refused("it calls a function that isn't there", "compile the script again"));
        };
        if function.parameters as usize != arguments.len() {
            return Err(self.raises(
                format!("`{}` is called with another number of arguments", function.name),
                "give as many as it has parameters",
            ));
        }
        if self.frames.len() > 40 {
            return Err(self.refused("functions call each other too deeply", "call fewer functions in each other"));
        }
        if let Some(at) = arguments.iter().position(|argument| super::unions::variants(argument.of()).is_some()) {
            return self.inline_each(index, (caller, place), arguments, at);
        }
        let id = self.cells.frame(caller, place);
        let (result, label) = (self.cells.cell(id, 0), self.label());
        let slot = self.temp(self.cells.of(result));
        let arguments: Vec<Value> = arguments.into_iter().map(|argument| self.hold(argument)).collect();
        let span = self.span;
        self.suspend_tries();
        self.frames.push(Frame {
            id,
            function: Some(index),
            label,
            result,
            slot,
            sites: Default::default(),
            loops: Vec::new(),
        });
        let assigned = std::mem::take(&mut self.assigned);
        let way = self.way(Env::new(function.locals), |this| this.inlined(&function.code, arguments));
        self.assigned = assigned;
        let frame = self.frames.pop().expect("it was pushed");
        self.span = span;
        self.out.push(Stmt::Block(label, way?.out));
        self.out.push(Stmt::At(span));
        if !self.cells.reached(result) {
            self.env.reachable = false;
            return Err(Stop::Dead);
        }
        Ok(Value::from(self.cells.of(result), Kind::Slot(slot), frame.sites))
    }

    fn inlined(&mut self, code: &'a [Statement], arguments: Vec<Value>) -> Lowered<()> {
        for (local, argument) in arguments.into_iter().enumerate() {
            self.assign(local as u32, argument);
        }
        self.statements(code)?;
        if self.env.reachable {
            self.give(Value::none())?;
        }
        Ok(())
    }

    /// Statements of which one may leave them all: what was assigned there is unknown behind them.
    pub(super) fn early(&mut self, walk: impl FnOnce(&mut Self, Label) -> Lowered<()>) -> Lowered<()> {
        let label = self.label();
        let before = self.assigned.len();
        let way = self.way(self.env.clone(), |this| walk(this, label))?;
        self.out.push(Stmt::Block(label, way.out));
        for local in self.assigned.split_off(before) {
            self.env.locals[local as usize] = Local::Unset;
            self.env.known.retain(|path, _| path.0 != local);
            self.assigned.push(local);
        }
        Ok(())
    }
}
