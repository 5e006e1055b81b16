//! What a loop goes over: of a `for`, a comprehension, or a function that takes any iterable.

use super::cells::{Makes, Sites, is_empty};
use super::environment::Env;
use super::{Lowered, Lowering, Value, instead_of};
use crate::ir::{Builtin, Clause, CompareOp, Expression};
use crate::primitive::Primitive;
use crate::typed::{Expr, For, Iterable, Kind, Slot, Stmt, Why};
use crate::types::Type;

pub(super) enum Source<'a> {
    Loop(Box<Over>),
    /// Of different types: each for itself.
    Values(Vec<Value>),
    Comprehension(&'a Expression, &'a [Clause]),
}

pub(super) struct Over {
    iterable: Iterable,
    /// Type of what the iterable gives.
    item: Type,
    sites: Sites,
    guard: Option<Guard>,
}

/// A dict that may change while a loop goes over its keys: Python raises if it grows.
#[derive(Clone)]
struct Guard {
    dict: Value,
    len: Value,
    view: View,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum View {
    Keys,
    Values,
    Items,
}

/// What a loop does with what it goes over.
#[derive(Clone, Copy, Default)]
pub(super) struct Order {
    /// Whether it may change dicts.
    pub guarded: bool,
    /// Whether nobody can see in which order it goes.
    pub unseen: bool,
}

/// Walks what comes behind a loop, given what its end is like, if that is known: its statements, and how they end.
pub(super) type Ended<'f, 'a> = &'f mut dyn FnMut(&mut Lowering<'a>, Option<&Env>) -> Lowered<(Vec<Stmt>, Env)>;

/// Walks what is done with one value of a loop.
pub(super) type Each<'f, 'a> = &'f mut dyn FnMut(&mut Lowering<'a>, Value) -> Lowered<()>;

impl<'a> Lowering<'a> {
    pub(super) fn source(&mut self, over: &'a Expression, order: Order) -> Lowered<Source<'a>> {
        let order = Order { guarded: order.guarded || self.functions_change, ..order };
        if let Some(texts) = self.known_texts(over)? {
            return Ok(Source::Values(texts));
        }
        match over {
            Expression::Comprehension(value, clauses) => Ok(Source::Comprehension(value, clauses)),
            Expression::Call(Builtin::Range, arguments) => {
                let [start, stop, step] = self.range(arguments)?;
                let iterable = Iterable::Range(Box::new([start.expr, stop.expr, step.expr]));
                Ok(Source::Loop(Over::boxed(iterable, Type::Int, Sites::new())))
            }
            Expression::Call(Builtin::Enumerate, arguments) => {
                let (over, start) = match &arguments[..] {
                    [over] => (self.looped(over)?, Value::int(0)),
                    [over, start] => {
                        let over = self.looped(over)?;
                        let start = self.expr(start)?;
                        (over, self.int(start)?)
                    }
                    _ => {
                        return Err(self.raises(
                            "enumerate takes one or two arguments",
                            "give it an iterable, and the number to start from",
                        ));
                    }
                };
                let item = Type::Tuple(vec![Type::Int, over.item]);
                let iterable = Iterable::Enumerate(Box::new(over.iterable), start.expr);
                Ok(Source::Loop(Over::boxed(iterable, item, over.sites)))
            }
            Expression::Call(Builtin::Zip, arguments) if !arguments.is_empty() => {
                let overs = arguments.iter().map(|over| self.looped(over)).collect::<Lowered<Vec<_>>>()?;
                let item = Type::Tuple(overs.iter().map(|over| over.item.clone()).collect());
                let sites = overs.iter().flat_map(|over| over.sites.clone()).collect();
                let iterable = Iterable::Zip(overs.into_iter().map(|over| over.iterable).collect());
                Ok(Source::Loop(Over::boxed(iterable, item, sites)))
            }
            Expression::Call(Builtin::Reversed, arguments) if arguments.len() == 1 => {
                let list = self.list_of(&arguments[0], Order::default())?;
                let list = self.hold(list);
                let (item, sites) = (element(list.of()), list.sites.clone());
                Ok(Source::Loop(Over::boxed(Iterable::Reversed(list.expr), item, sites)))
            }
            Expression::Method(dict, name, arguments) if arguments.is_empty() && view(name).is_some() => {
                let dict = self.expr(dict)?.unwrapped();
                match view(name) {
                    Some(view) if matches!(dict.of(), Type::Row(_)) => Ok(Source::Values(self.over_row(dict, view))),
                    Some(view) if matches!(dict.of(), Type::Dict(..)) => {
                        Ok(Source::Loop(Box::new(self.over_dict(dict, view, order))))
                    }
                    _ => {
                        let value = self.method_of(over, dict, name, Vec::new())?;
                        self.source_of(value, order)
                    }
                }
            }
            Expression::Tuple(items) | Expression::List(items) if items.len() <= 8 => {
                let values = self.operands_of(items.iter())?;
                let values: Vec<Value> = values.into_iter().map(|value| self.hold(value)).collect();
                self.source_of_items(values)
            }
            _ => {
                let value = self.expr(over)?;
                self.source_of(value, order)
            }
        }
    }

    /// What a value gives, one after the other.
    pub(super) fn source_of(&mut self, value: Value, order: Order) -> Lowered<Source<'a>> {
        let order = Order { guarded: order.guarded || self.functions_change, ..order };
        let value = value.unwrapped().tupled();
        let sites = value.sites.clone();
        let (iterable, item) = match value.of().clone() {
            Type::List(of) | Type::TupleOf(of) => (Iterable::List(self.hold(value).expr), *of),
            Type::Str => (Iterable::Chars(self.hold(value).expr), Type::Str),
            Type::Bytes => (Iterable::Bytes(self.hold(value).expr), Type::Int),
            Type::Tuple(_) => {
                let fields = self.fields(value);
                let fields = fields.into_iter().map(|field| self.hold(field)).collect();
                return self.source_of_items(fields);
            }
            Type::Dict(..) => return Ok(Source::Loop(Box::new(self.over_dict(value, View::Keys, order)))),
            Type::Row(_) => return Ok(Source::Values(self.over_row(value, View::Keys))),
            Type::Set(of) if order.unseen && !order.guarded && plain(&of) => {
                let keys = Value::call(Type::List(of.clone()), Primitive::DictKeys, vec![value]);
                (Iterable::List(self.hold(keys).expr), *of)
            }
            Type::Set(_) => return Err(self.refused("the order of a set is CPython's own", "use sorted(…), or a list")),
            Type::Record(record) => {
                return Err(self.refused(format!("iteration over a {} isn't compiled", record.name), "give a list"));
            }
            of => {
                return Err(self.raises(
                    format!("a {of} is iterated over"),
                    instead_of(&of, "go over a list, a tuple, a dict, a set or a str"),
                ));
            }
        };
        Ok(Source::Loop(Over::boxed(iterable, item, sites)))
    }

    fn source_of_items(&mut self, items: Vec<Value>) -> Lowered<Source<'a>> {
        let joined = items.iter().try_fold(Type::Never, |joined, item| joined.join(item.of()));
        match joined {
            Some(of) if !items.is_empty() && items.iter().all(|item| is_number(item.of()) || *item.of() == of) => {
                let sites = items.iter().flat_map(|item| item.sites.clone()).collect();
                let items = items.into_iter().map(|item| item.coerced(&of).expr).collect();
                let list = Expr { of: Type::TupleOf(Box::new(of.clone())), kind: Kind::Elements(items) };
                Ok(Source::Loop(Over::boxed(Iterable::List(list), of, sites)))
            }
            _ => Ok(Source::Values(items)),
        }
    }

    fn over_dict(&mut self, dict: Value, view: View, order: Order) -> Over {
        let Type::Dict(key, value) = dict.of().clone() else { unreachable!("it is one of dicts") };
        let sites = dict.sites.clone();
        let dict = self.hold(dict);
        let empty = is_empty(&key);
        let (primitive, item) = match view {
            _ if order.guarded => (Primitive::DictKeys, *key),
            View::Keys => (Primitive::DictKeys, *key),
            View::Values => (Primitive::DictValues, *value),
            View::Items => (Primitive::DictItems, Type::Tuple(vec![*key, *value])),
        };
        let guard = (order.guarded && !empty).then(|| {
            let len = Value::call(Type::Int, Primitive::DictLen, vec![dict.clone()]);
            Guard { dict: dict.clone(), len: self.hold(len), view }
        });
        let list = Value::call(Type::List(Box::new(item.clone())), primitive, vec![dict]);
        Over { iterable: Iterable::List(self.hold(list).expr), item, sites, guard }
    }

    /// Something to loop over as one of several: what isn't easily is made a list first.
    fn looped(&mut self, over: &'a Expression) -> Lowered<Over> {
        match self.source(over, Order::default())? {
            Source::Loop(over) => Ok(*over),
            Source::Comprehension(..) => {
                let list = self.expr(over)?;
                self.loop_over(list)
            }
            Source::Values(values) => match self.uniform(values) {
                Ok(Source::Loop(over)) => Ok(*over),
                _ => Err(self.refused("enumerate and zip over values of different types", "use values of one type")),
            },
        }
    }

    pub(super) fn loop_over(&mut self, list: Value) -> Lowered<Over> {
        match self.source_of(list, Order::default())? {
            Source::Loop(over) => Ok(*over),
            Source::Values(values) => match self.uniform(values) {
                Ok(Source::Loop(over)) => Ok(*over),
                _ => Err(self.refused("a loop goes over values of different types", "use one type")),
            },
            Source::Comprehension(..) => {
                Err(self.refused("a loop goes over values of different types", "use one type"))
            }
        }
    }

    /// Start, stop and step, evaluated.
    pub(super) fn range(&mut self, arguments: &'a [Expression]) -> Lowered<[Value; 3]> {
        if arguments.is_empty() || arguments.len() > 3 {
            return Err(self.raises("range takes one to three ints", "give it ints"));
        }
        let mut ints = Vec::new();
        for value in self.operands_of(arguments.iter())? {
            let value = self.int(value)?;
            ints.push(self.hold(value));
        }
        let mut ints = ints.into_iter();
        Ok(match (ints.next(), ints.next(), ints.next()) {
            (Some(start), Some(stop), step) => [start, stop, step.unwrap_or_else(|| Value::int(1))],
            (stop, ..) => [Value::int(0), stop.unwrap_or_else(|| Value::int(0)), Value::int(1)],
        })
    }

    /// Walks something for each value of an iterable.
    pub(super) fn each(&mut self, over: &'a Expression, order: Order, each: Each<'_, 'a>) -> Lowered<()> {
        match self.source(over, order)? {
            Source::Loop(over) => self.each_of(*over, each),
            Source::Values(values) => values.into_iter().try_for_each(|value| each(self, value)),
            Source::Comprehension(value, clauses) => {
                let guarded = order.guarded || super::mutation::changes_within(value, clauses);
                self.clauses(clauses, Order { guarded, ..order }, &mut |this| {
                    let value = this.expr(value)?;
                    each(this, value)
                })
            }
        }
    }

    pub(super) fn each_value(&mut self, over: Value, each: Each<'_, 'a>) -> Lowered<()> {
        match self.source_of(over, Order::default())? {
            Source::Loop(over) => self.each_of(*over, each),
            Source::Values(values) => values.into_iter().try_for_each(|value| each(self, value)),
            Source::Comprehension(..) => Ok(()),
        }
    }

    pub(super) fn each_of(&mut self, over: Over, each: Each<'_, 'a>) -> Lowered<()> {
        let mut ended = |this: &mut Self, exit: Option<&Env>| {
            let ends = this.env.clone();
            let moves = match exit {
                Some(exit) => this.moves(&ends, exit)?,
                None => Vec::new(),
            };
            Ok((moves, ends))
        };
        self.for_each(over, &mut ended, each)
    }

    /// A loop, with what is to be done when it is through.
    pub(super) fn for_each(&mut self, over: Over, ended: Ended<'_, 'a>, each: Each<'_, 'a>) -> Lowered<()> {
        let item = self.temp(over.item.clone());
        let mut orelse = Vec::new();
        let (label, body) = self.turns(|this, exit| {
            let (end, ends) = ended(this, exit)?;
            orelse = end;
            if is_empty(&over.item) {
                let _ = this.bail(Why::OtherType);
                return Ok(ends);
            }
            let value = this.item(&over, item)?;
            match each(this, value) {
                Ok(()) | Err(super::Stop::Dead) => Ok(ends),
                Err(stop) => Err(stop),
            }
        })?;
        if let Some(guard) = &over.guard {
            orelse.insert(0, guard.check());
        }
        self.out.push(Stmt::For(Box::new(For { label, over: over.iterable, item, body, orelse })));
        Ok(())
    }

    fn item(&mut self, over: &Over, slot: Slot) -> Lowered<Value> {
        let item = Value::from(over.item.clone(), Kind::Slot(slot), over.sites.clone());
        let Some(guard) = &over.guard else { return Ok(item) };
        self.out.push(guard.check());
        if guard.view == View::Keys {
            return Ok(item);
        }
        let Type::Dict(key, value) = guard.dict.of().clone() else { return Ok(item) };
        let found = Value::call((*value).clone(), Primitive::DictGet, vec![guard.dict.clone(), item.clone()]);
        if guard.view == View::Values {
            return Ok(found);
        }
        let sites = over.sites.clone();
        let pair = Kind::Fields(vec![item.expr, found.expr]);
        let pair = Value::from(Type::Tuple(vec![*key, *value]), pair, sites);
        Ok(self.hold(pair))
    }

    /// `for … in … if …` of a comprehension, and what is within.
    pub(super) fn clauses(
        &mut self,
        clauses: &'a [Clause],
        order: Order,
        within: &mut dyn FnMut(&mut Self) -> Lowered<()>,
    ) -> Lowered<()> {
        let Some((clause, others)) = clauses.split_first() else { return within(self) };
        self.each(&clause.iterable, order, &mut |this, value| {
            this.store(&clause.target, value)?;
            this.conditions(&clause.conditions, &mut |this| this.clauses(others, order, within))
        })
    }

    fn conditions(
        &mut self,
        conditions: &'a [Expression],
        within: &mut dyn FnMut(&mut Self) -> Lowered<()>,
    ) -> Lowered<()> {
        let Some((condition, others)) = conditions.split_first() else { return within(self) };
        let test = self.condition(condition)?;
        match test.known() {
            Some(true) => return self.conditions(others, within),
            Some(false) => return Ok(()),
            None => {}
        }
        let mut yes = self.way(self.env.clone(), |this| {
            this.learn(&test.yes);
            this.conditions(others, within)
        })?;
        let mut no = self.way(self.env.clone(), |_| Ok(()))?;
        self.meet(&mut yes, &mut no)?;
        self.out.push(Stmt::If(test.expr, yes.out, no.out));
        Ok(())
    }

    /// A new list of all that an iterable gives.
    pub(super) fn list_of(&mut self, over: &'a Expression, order: Order) -> Lowered<Value> {
        match over {
            Expression::Call(Builtin::Range, arguments) => {
                let range = self.range(arguments)?;
                Ok(Value::call(Type::List(Box::new(Type::Int)), Primitive::RangeList, range.into()))
            }
            Expression::Comprehension(..) => self.expr(over),
            Expression::Call(Builtin::Enumerate | Builtin::Zip | Builtin::Reversed, _)
            | Expression::Tuple(_)
            | Expression::List(_) => self.built(over, order),
            Expression::Method(_, name, arguments) if arguments.is_empty() && view(name).is_some() => {
                self.built(over, order)
            }
            _ => {
                let value = self.expr(over)?.unwrapped();
                match value.of().clone() {
                    Type::List(_) if is_fresh(&value.expr.kind) => Ok(value),
                    Type::List(of) | Type::TupleOf(of) => {
                        Ok(Value::call(Type::List(of), Primitive::ListCopy, vec![value]))
                    }
                    _ => self.listed(over, value, order),
                }
            }
        }
    }

    /// As [`Self::list_of`], where nothing changes it: it may be one that others have.
    pub(super) fn list_to_read(&mut self, over: &'a Expression, order: Order) -> Lowered<Value> {
        let made = match over {
            Expression::Call(builtin, _) => {
                matches!(builtin, Builtin::Enumerate | Builtin::Zip | Builtin::Reversed | Builtin::Range)
            }
            Expression::Method(_, name, arguments) => arguments.is_empty() && view(name).is_some(),
            Expression::Comprehension(..) | Expression::Tuple(_) | Expression::List(_) => true,
            _ => false,
        };
        if made {
            return self.list_of(over, order);
        }
        let value = self.expr(over)?.unwrapped();
        match value.of() {
            Type::List(_) | Type::TupleOf(_) => Ok(value),
            _ => self.listed(over, value, order),
        }
    }

    /// A new list of what a value gives that is none.
    fn listed(&mut self, at: &'a Expression, value: Value, order: Order) -> Lowered<Value> {
        match value.of().clone() {
            Type::Str => Ok(Value::call(Type::List(Box::new(Type::Str)), Primitive::StrChars, vec![value])),
            Type::Dict(key, _) => Ok(Value::call(Type::List(key), Primitive::DictKeys, vec![value])),
            Type::Set(key) if order.unseen && plain(&key) => {
                Ok(Value::call(Type::List(key), Primitive::DictKeys, vec![value]))
            }
            _ => {
                let list = self.new_list(at, Type::Never)?;
                let source = self.source_of(value, order)?;
                self.fill_list(&list, source)?;
                Ok(list)
            }
        }
    }

    /// A list or another value that an expression gives, which may be one that others see too.
    pub(super) fn iterated(&mut self, over: &'a Expression) -> Lowered<Value> {
        let made = match over {
            Expression::Call(builtin, _) => {
                matches!(builtin, Builtin::Enumerate | Builtin::Zip | Builtin::Reversed | Builtin::Range)
            }
            Expression::Method(_, name, arguments) => arguments.is_empty() && view(name).is_some(),
            _ => false,
        };
        if made {
            return self.list_of(over, Order::default());
        }
        Ok(self.expr(over)?.unwrapped().tupled())
    }

    fn built(&mut self, over: &'a Expression, order: Order) -> Lowered<Value> {
        let source = self.source(over, order)?;
        let list = self.new_list(over, Type::Never)?;
        self.fill_list(&list, source)?;
        Ok(list)
    }

    fn fill_list(&mut self, list: &Value, source: Source<'a>) -> Lowered<()> {
        let list = list.clone();
        match source {
            Source::Loop(over) => self.each_of(*over, &mut |this, value| this.append(list.clone(), value)),
            Source::Values(values) => values.into_iter().try_for_each(|value| self.append(list.clone(), value)),
            Source::Comprehension(..) => Ok(()),
        }
    }

    /// A new list, in a slot of its own, made at a place of the body.
    pub(super) fn new_list<T>(&mut self, at: &T, of: Type) -> Lowered<Value> {
        let place = self.place(at);
        let (site, of) = self.make((place.0, place.1 + 1), Makes::List, (of, Type::Never))?;
        let of = Type::List(Box::new(of.0));
        Ok(self.hold(Value::from(of, Kind::Elements(Vec::new()), Sites::from([site]))))
    }
}

impl Source<'_> {
    /// A loop over a list of elements of a type.
    pub(super) fn over(list: Expr, item: Type, sites: Sites) -> Self {
        Source::Loop(Over::boxed(Iterable::List(list), item, sites))
    }
}

impl Over {
    fn boxed(iterable: Iterable, item: Type, sites: Sites) -> Box<Over> {
        Box::new(Over { iterable, item, sites, guard: None })
    }
}

impl Guard {
    fn check(&self) -> Stmt {
        let len = Value::call(Type::Int, Primitive::DictLen, vec![self.dict.clone()]);
        let same = Kind::Compare(CompareOp::Eq, Box::new(len.expr), Box::new(self.len.expr.clone()));
        Stmt::If(Expr { of: Type::Bool, kind: same }, Vec::new(), vec![Stmt::Bail(Why::Raises)])
    }
}

pub(super) fn view(method: &str) -> Option<View> {
    match method {
        "keys" => Some(View::Keys),
        "values" => Some(View::Values),
        "items" => Some(View::Items),
        _ => None,
    }
}

pub(super) fn is_number(of: &Type) -> bool {
    matches!(of, Type::Bool | Type::Int | Type::Float | Type::Number)
}

/// Of a list or a tuple of any length.
pub(super) fn element(of: &Type) -> Type {
    match of {
        Type::List(of) | Type::TupleOf(of) => (**of).clone(),
        _ => Type::Never,
    }
}

/// Whether values that are equal can't be told apart, and each two have an order.
pub(super) fn plain(of: &Type) -> bool {
    match of {
        Type::Never | Type::Bool | Type::Int | Type::Str | Type::Bytes => true,
        Type::Tuple(fields) => fields.iter().all(plain),
        _ => false,
    }
}

/// Whether nobody else has the list that an expression gives.
fn is_fresh(kind: &Kind) -> bool {
    match kind {
        Kind::Elements(_) => true,
        Kind::Call(primitive, _) => {
            !matches!(primitive, Primitive::ListGet | Primitive::DictGet | Primitive::DictGetOr | Primitive::ListPop)
        }
        _ => false,
    }
}
