//! What is known of locals at a point of a body, and what becomes of it where ways join.

use std::collections::BTreeMap;

use super::cells::Sites;
use super::{Lowered, Lowering, Value};
use crate::ir::{CompareOp, Expression};
use crate::typed::{Expr, Kind, Slot, Stmt, Why};
use crate::types::{Constant, Type};

/// Types that are longer than that say nothing to anybody.
const LONGEST_SHOWN: usize = 120;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Env {
    /// Whether anything comes here at all.
    pub reachable: bool,
    pub locals: Vec<Local>,
    /// What tests have shown of locals, and of fields of them.
    pub known: BTreeMap<Path, Known>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Local {
    Unset,
    Set(Held),
    /// Set if the slot, a Bool, says so.
    Perhaps(Held, Slot),
    /// Has one of two types that have no type in common.
    Mixed(Type, Type),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    pub slot: Slot,
    pub of: Type,
    pub sites: Sites,
}

/// A local, and fields of fields of it.
pub(super) type Path = (u32, Vec<u32>);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Known {
    None,
    NotNone,
    /// Of a Number or a Union: what it is.
    Is(Type),
    /// Of a Str: which.
    Text(String),
}

pub(super) type Fact = (Path, Known);

impl Env {
    pub(super) fn new(locals: u32) -> Env {
        Env { reachable: true, locals: vec![Local::Unset; locals as usize], known: BTreeMap::new() }
    }

    fn unreachable() -> Env {
        Env { reachable: false, locals: Vec::new(), known: BTreeMap::new() }
    }

    /// Type of a local with what is known of it.
    fn seen(&self, local: usize, of: &Type) -> Type {
        match self.known.get(&(local as u32, Vec::new())) {
            Some(known) => known.of(of),
            None => of.clone(),
        }
    }
}

impl Local {
    pub(super) fn set(slot: Slot, of: Type, sites: Sites) -> Local {
        Local::Set(Held { slot, of, sites })
    }

    fn held(&self) -> Option<&Held> {
        match self {
            Local::Set(held) | Local::Perhaps(held, _) => Some(held),
            Local::Unset | Local::Mixed(..) => None,
        }
    }
}

impl Known {
    pub(super) fn of(&self, of: &Type) -> Type {
        match (self, of) {
            (Known::None, Type::Optional(_)) => Type::None,
            (Known::NotNone, Type::Optional(inner)) => (**inner).clone(),
            (Known::Is(is), _) => is.clone(),
            _ => of.clone(),
        }
    }
}

impl Lowering<'_> {
    pub(super) fn assign(&mut self, local: u32, value: Value) {
        let slot = self.local_slot(local, value.of());
        let of = value.of().clone();
        let text = match value.constant() {
            Some(Constant::Str(text)) => Some(Known::Text(text.clone())),
            _ => None,
        };
        if value.expr.kind != Kind::Slot(slot) {
            self.out.push(Stmt::Assign(slot, value.expr));
        }
        self.env.locals[local as usize] = Local::set(slot, of, value.sites);
        self.env.known.retain(|path, _| path.0 != local);
        self.env.known.extend(text.map(|text| ((local, Vec::new()), text)));
        self.assigned.push(local);
    }

    pub(super) fn local(&mut self, local: u32) -> Lowered<Value> {
        let held = match self.env.locals.get(local as usize).cloned() {
            Some(Local::Set(held)) => held,
            Some(Local::Perhaps(held, flag)) => {
                let set = Expr { of: Type::Bool, kind: Kind::Slot(flag) };
                self.out.push(Stmt::If(set, Vec::new(), vec![Stmt::Bail(Why::OtherType)]));
                self.env.locals[local as usize] = Local::Set(held.clone());
                held
            }
            Some(Local::Mixed(a, b)) if a.to_string().len() + b.to_string().len() > LONGEST_SHOWN => {
                return Err(self
                    .refused("a variable that is used here holds values of more and more types", "give it one type"));
            }
            Some(Local::Mixed(a, b)) => {
                return Err(self.refused(
                    format!("a variable that is used here holds a {a} or a {b}, depending on the way"),
                    "give it one type",
                ));
            }
            Some(Local::Unset) | None => {
                return Err(self.raises("a variable is used here before it has a value", "assign it before"));
            }
        };
        let value = Value { expr: Expr { of: held.of, kind: Kind::Slot(held.slot) }, sites: held.sites };
        Ok(self.with_known(&(local, Vec::new()), value))
    }

    /// A value that is read from a path, as what it is known to be.
    pub(super) fn with_known(&self, path: &Path, value: Value) -> Value {
        let Some(known) = self.env.known.get(path) else { return value };
        match (known, value.of()) {
            (Known::None, Type::Optional(_)) => Value::none(),
            (Known::NotNone, Type::Optional(_)) => value.unwrapped(),
            (Known::Text(text), Type::Str) => Value::str(text.clone()),
            (Known::Is(of), Type::Number | Type::Union(_)) => {
                Value::from(of.clone(), Kind::Unwrap(Box::new(value.expr)), value.sites)
            }
            (Known::Is(of), Type::Optional(_)) => {
                let value = value.unwrapped();
                Value::from(of.clone(), Kind::Unwrap(Box::new(value.expr)), value.sites)
            }
            _ => value,
        }
    }

    /// The path that an expression reads, and its type, without what is known of it itself.
    pub(super) fn path(&self, expression: &Expression) -> Option<(Path, Type)> {
        let (mut path, of, field) = match expression {
            Expression::Local(local) => match self.env.locals.get(*local as usize)? {
                Local::Set(held) => return Some(((*local, Vec::new()), held.of.clone())),
                _ => return None,
            },
            Expression::Field(inner, name) => {
                let (path, of) = self.path(inner)?;
                let Type::Record(record) = self.known_type(&path, of) else { return None };
                let field = record.fields.iter().position(|(field, _)| field == name)?;
                let of = record.fields[field].1.clone();
                (path, of, field)
            }
            Expression::Index(inner, index) => {
                let (path, of) = self.path(inner)?;
                let of = self.known_type(&path, of);
                match of.named_tuple().unwrap_or(of) {
                    Type::Tuple(fields) | Type::Mixed(fields) => {
                        let index = super::literal_int(index)?;
                        let field = if index < 0 { index + fields.len() as i64 } else { index };
                        let of = fields.get(usize::try_from(field).ok()?)?.clone();
                        (path, of, field as usize)
                    }
                    Type::Row(fields) => {
                        let key = super::rows::text_of(index)?;
                        let field = fields.iter().position(|(known, _)| known == key)?;
                        let of = fields[field].1.clone();
                        (path, of, field)
                    }
                    _ => return None,
                }
            }
            _ => return None,
        };
        path.1.push(field as u32);
        Some((path, of))
    }

    fn known_type(&self, path: &Path, of: Type) -> Type {
        self.env.known.get(path).map_or(of.clone(), |known| known.of(&of))
    }

    /// Goes on with what a test has shown.
    pub(super) fn learn(&mut self, facts: &[Fact]) {
        if self.env.reachable {
            self.env.known.extend(facts.iter().cloned());
        }
    }

    /// The environment behind the place where these meet.
    pub(super) fn merge(&mut self, envs: &[&Env]) -> Lowered<Env> {
        let envs: Vec<&Env> = envs.iter().copied().filter(|env| env.reachable).collect();
        let Some(first) = envs.first() else { return Ok(Env::unreachable()) };
        let mut merged = (*first).clone();
        for other in &envs[1..] {
            merged.known.retain(|path, known| other.known.get(path) == Some(&*known));
        }
        for local in 0..merged.locals.len() {
            let (state, same) = self.merge_local(&envs, local)?;
            if !same {
                merged.known.retain(|path, _| path.0 != local as u32);
            }
            merged.locals[local] = state;
        }
        Ok(merged)
    }

    /// And whether it is in the same slot on all ways.
    fn merge_local(&mut self, envs: &[&Env], local: usize) -> Lowered<(Local, bool)> {
        let states: Vec<&Local> = envs.iter().map(|env| &env.locals[local]).collect();
        if let Some(mixed) = states.iter().find(|state| matches!(state, Local::Mixed(..))) {
            return Ok(((*mixed).clone(), false));
        }
        let Some(held) = states.iter().find_map(|state| state.held()) else { return Ok((Local::Unset, true)) };
        let sites: Sites = states.iter().filter_map(|state| state.held()).flat_map(|held| held.sites.clone()).collect();
        let all_set = states.iter().all(|state| matches!(state, Local::Set(_)));
        if all_set && states.iter().all(|state| state.held().is_some_and(|other| other.slot == held.slot)) {
            return Ok((Local::set(held.slot, held.of.clone(), sites), true));
        }
        let mut joined = Type::Never;
        let mut joined_sites = Sites::new();
        for (env, state) in envs.iter().zip(&states) {
            let Some(held) = state.held() else { continue };
            let of = env.seen(local, &held.of);
            match self.join((&joined, &joined_sites), (&of, &held.sites))? {
                Some(of) => joined = of,
                None => return Ok((Local::Mixed(joined, of), false)),
            }
            joined_sites.extend(&held.sites);
        }
        let slot = self.local_slot(local as u32, &joined);
        if all_set {
            return Ok((Local::set(slot, joined, sites), false));
        }
        // The flag has a slot of its own, which no local's number has.
        let flag = self.local_slot(u32::MAX - local as u32, &Type::Bool);
        Ok((Local::Perhaps(Held { slot, of: joined, sites }, flag), false))
    }

    /// What brings one environment into the form of another.
    pub(super) fn moves(&mut self, from: &Env, to: &Env) -> Lowered<Vec<Stmt>> {
        let outer = std::mem::take(&mut self.out);
        let moved = self.move_all(from, to);
        let moves = std::mem::replace(&mut self.out, outer);
        moved.map(|()| moves)
    }

    fn move_all(&mut self, from: &Env, to: &Env) -> Lowered<()> {
        if !from.reachable || !to.reachable {
            return Ok(());
        }
        let flag_to = |flag: Slot, set: bool| {
            Stmt::Assign(flag, Expr { of: Type::Bool, kind: Kind::Constant(Constant::Bool(set)) })
        };
        for local in 0..to.locals.len() {
            match (&from.locals[local], &to.locals[local]) {
                (Local::Set(a), Local::Set(b)) => self.move_local(from, local, a, b)?,
                (Local::Set(a), Local::Perhaps(b, flag)) => {
                    self.move_local(from, local, a, b)?;
                    self.out.push(flag_to(*flag, true));
                }
                (Local::Unset, Local::Perhaps(_, flag)) => self.out.push(flag_to(*flag, false)),
                (Local::Perhaps(a, set), Local::Perhaps(b, _)) if a.slot != b.slot => {
                    let outer = std::mem::take(&mut self.out);
                    let moved = self.move_local(from, local, a, b);
                    let inner = std::mem::replace(&mut self.out, outer);
                    moved?;
                    self.out.push(Stmt::If(Expr { of: Type::Bool, kind: Kind::Slot(*set) }, inner, Vec::new()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn move_local(&mut self, from: &Env, local: usize, a: &Held, b: &Held) -> Lowered<()> {
        if a.slot == b.slot {
            return Ok(());
        }
        let value = Value { expr: Expr { of: a.of.clone(), kind: Kind::Slot(a.slot) }, sites: a.sites.clone() };
        let fits = a.of.join(&b.of).as_ref() == Some(&b.of);
        let value = match from.known.get(&(local as u32, Vec::new())) {
            Some(_) if !fits => {
                let here = std::mem::replace(&mut self.env, from.clone());
                let value = self.with_known(&(local as u32, Vec::new()), value);
                self.env = here;
                value
            }
            _ => value,
        };
        let value = self.coerce(value, &b.of)?;
        self.out.push(Stmt::Assign(b.slot, value.expr));
        Ok(())
    }
}

/// Whether a comparison is one of identity or equality, and with which outcome if they are the same.
pub(super) fn sameness(op: CompareOp) -> Option<bool> {
    match op {
        CompareOp::Eq | CompareOp::Is => Some(true),
        CompareOp::Ne | CompareOp::IsNot => Some(false),
        _ => None,
    }
}
