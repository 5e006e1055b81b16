//! Constructors: what `__init__` and `__post_init__` set, and what they do as a function that gives the object.
//!
//! Its attributes are variables until it is there. Nobody else has it before: a constructor that hands it on, or calls
//! its methods, stays in Python.

use super::arguments::{Given, Site};
use super::classes::{Makes, Record};
use super::names::Use;
use super::*;
use pyflink_plan::ir::Target;

/// An object that is being made.
#[derive(Clone, Debug)]
pub(super) struct Making {
    /// Name of the parameter that it comes as.
    name: String,
    class: Value,
    fields: Vec<(String, u32)>,
    /// The call is one of a base class: what it sets is handed back as a tuple.
    is_base: bool,
}

impl<'a> Evaluator<'a> {
    /// A class with an `__init__`, which stands in this one.
    pub(super) fn initialized(
        &self,
        record: Record<'a>,
        init: &Value,
        mro: &[Value],
        of: ObjectId,
    ) -> Option<Record<'a>> {
        let Object::Function(function) = self.heap.get(init.object()?) else { return None };
        let code = &self.codes[function.code.0 as usize];
        let Source::Block(block) = code.body else { return None };
        let params = code.params;
        if params.vararg.is_some() || params.kwarg.is_some() || code.is_generator || code.is_async {
            return None;
        }
        let receiver = &params.positional().next()?.name.name;
        if let Some((fields, stored)) = stored(params, receiver, block) {
            let defaults = function.defaults.iter();
            let defaults = defaults.filter_map(|(name, value)| Some((name.to_string(), self.unchanging(value)?)));
            return Some(Record {
                fields,
                defaults: defaults.collect(),
                makes: Makes::Stores(params, stored),
                ..record
            });
        }
        let mut fields = Vec::new();
        self.sets(block, (receiver, mro, of), &mut fields)?;
        Some(Record { fields, makes: Makes::Computes(function.clone()), ..record })
    }

    /// A dataclass, whose `__post_init__` sets nothing but its fields, and maybe further attributes.
    pub(super) fn post_initialized(&self, record: Record<'a>) -> Option<Record<'a>> {
        let Makes::FieldsAnd(function) = &record.makes else { return Some(record) };
        let code = &self.codes[function.code.0 as usize];
        let Source::Block(block) = code.body else { return None };
        let mut names = code.params.all();
        let receiver = &names.next()?.name.name;
        if names.next().is_some() || code.is_generator || code.is_async {
            return None;
        }
        let mut fields = record.fields.clone();
        self.sets(block, (receiver, &[], function.class?), &mut fields)?;
        // `__repr__` and the like, which `dataclass` writes, don't know of others.
        (fields == record.fields).then_some(record)
    }

    /// Appends the attributes that statements set on the object, in order; `None` where that isn't the same always.
    fn sets(
        &self,
        block: &'a [Stmt],
        (receiver, mro, of): (&str, &[Value], ObjectId),
        fields: &mut Vec<String>,
    ) -> Option<()> {
        let with = (receiver, mro, of);
        let within = |block: &'a [Stmt], fields: &[String]| {
            let mut found = fields.to_vec();
            self.sets(block, with, &mut found)?;
            Some(found)
        };
        for statement in block {
            match &statement.kind {
                StmtKind::Assign { targets, .. } => targets.iter().for_each(|target| set_by(target, receiver, fields)),
                StmtKind::AnnAssign { target, value: Some(_), .. } => set_by(target, receiver, fields),
                StmtKind::If { body, orelse, .. } => {
                    let (yes, no) = (within(body, fields)?, within(orelse, fields)?);
                    *fields = match (raises(body), raises(orelse)) {
                        (true, _) => no,
                        (_, true) => yes,
                        _ if yes == no => yes,
                        _ => return None,
                    };
                }
                StmtKind::Try { body, handlers, orelse, finalbody } => {
                    let mut tried = within(body, fields)?;
                    for handler in handlers {
                        if !raises(&handler.body) && within(&handler.body, fields)? != tried {
                            return None;
                        }
                    }
                    self.sets(orelse, with, &mut tried)?;
                    self.sets(finalbody, with, &mut tried)?;
                    if handlers.is_empty() || within(orelse, &[])?.is_empty() {
                        *fields = tried;
                    } else {
                        return None;
                    }
                }
                StmtKind::Expr(value) => {
                    if let Some((init, of)) = self.base_init(value, mro, of) {
                        let code = &self.codes[init.code.0 as usize];
                        let Source::Block(block) = code.body else { return None };
                        let receiver = &code.params.positional().next()?.name.name;
                        self.sets(block, (receiver, mro, of), fields)?;
                    } else if is_super_init(value) && self.writes_init(mro, of) {
                        return None;
                    }
                }
                StmtKind::Return(_) => return None,
                _ => {
                    let mut any = false;
                    walk::every_statement(std::slice::from_ref(statement), &mut |inner| match &inner.kind {
                        StmtKind::Return(_) => any = true,
                        StmtKind::Assign { targets, .. } => {
                            let mut more = fields.clone();
                            targets.iter().for_each(|target| set_by(target, receiver, &mut more));
                            any |= more.len() != fields.len();
                        }
                        StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => {
                            let mut more = fields.clone();
                            set_by(target, receiver, &mut more);
                            any |= more.len() != fields.len();
                        }
                        _ => {}
                    });
                    if any {
                        return None;
                    }
                }
            }
        }
        Some(())
    }

    /// The `__init__` that `super().__init__(…)` in a class calls, and the class that it stands in.
    fn base_init(&self, value: &Expr, mro: &[Value], of: ObjectId) -> Option<(&Function, ObjectId)> {
        if !is_super_init(value) {
            return None;
        }
        let from = mro.iter().position(|class| class.object() == Some(of))?;
        let (init, of) = self.attribute_in(&mro[from + 1..], "__init__")?;
        match self.heap.get(init.object()?) {
            Object::Function(function) => Some((function, of)),
            _ => None,
        }
    }

    /// True if there may be an `__init__` behind a class that the script doesn't write down.
    pub(super) fn writes_init(&self, mro: &[Value], of: ObjectId) -> bool {
        let from = mro.iter().position(|class| class.object() == Some(of)).map_or(0, |at| at + 1);
        mro[from..].iter().filter(|class| !super::classes::is_interface(class)).any(|class| {
            match class.object().map(|id| self.heap.get(id)) {
                Some(Object::Class(class)) => self.name_in(class.scope, "__dataclass_fields__").is_some(),
                _ => true,
            }
        })
    }
}

/// What a class's `__init__` does that keeps each of its arguments in one attribute, and nothing else: the attributes,
/// and for each the parameter.
fn stored(params: &Parameters, receiver: &str, block: &[Stmt]) -> Option<(Vec<String>, Vec<String>)> {
    let names: Vec<&str> = params.positional().skip(1).map(|parameter| parameter.name.name.as_str()).collect();
    let (mut fields, mut stored) = (Vec::new(), Vec::new());
    let mut store = |target: &Expr, value: &Expr| {
        let (ExprKind::Attribute { value: of, name }, ExprKind::Name(parameter)) = (&target.kind, &value.kind) else {
            return None;
        };
        let is_own = matches!(&of.kind, ExprKind::Name(of) if of == receiver);
        let is_new = !fields.contains(&name.name) && !stored.contains(parameter);
        if !is_own || !is_new || !names.contains(&parameter.as_str()) {
            return None;
        }
        fields.push(name.name.clone());
        stored.push(parameter.clone());
        Some(())
    };
    for statement in block {
        let (target, value) = match &statement.kind {
            StmtKind::Pass | StmtKind::Expr(Expr { kind: ExprKind::Constant(_), .. }) => continue,
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => (target, value),
                _ => return None,
            },
            StmtKind::AnnAssign { target, value: Some(value), .. } => (target, value),
            _ => return None,
        };
        match (&target.kind, &value.kind) {
            (ExprKind::Tuple(targets), ExprKind::Tuple(values)) if targets.len() == values.len() => {
                targets.iter().zip(values).try_for_each(|(target, value)| store(target, value))?;
            }
            _ => store(target, value)?,
        }
    }
    (fields.len() == names.len() && params.kwonly.is_empty()).then_some((fields, stored))
}

/// Appends the attributes of the object that a target sets.
fn set_by(target: &Expr, receiver: &str, fields: &mut Vec<String>) {
    match &target.kind {
        ExprKind::Attribute { value, name } => {
            let is_own = matches!(&value.kind, ExprKind::Name(of) if of == receiver);
            if is_own && !fields.contains(&name.name) {
                fields.push(name.name.clone());
            }
        }
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            items.iter().for_each(|item| set_by(item, receiver, fields));
        }
        ExprKind::Starred(inner) => set_by(inner, receiver, fields),
        _ => {}
    }
}

/// True if a block surely ends in an exception.
fn raises(block: &[Stmt]) -> bool {
    matches!(block.last().map(|last| &last.kind), Some(StmtKind::Raise { .. }))
}

fn is_super_init(value: &Expr) -> bool {
    let ExprKind::Call { func, .. } = &value.kind else { return false };
    let ExprKind::Attribute { value: parent, name } = &func.kind else { return false };
    let ExprKind::Call { func: parent, args, keywords } = &parent.kind else { return false };
    name.name == "__init__"
        && args.is_empty()
        && keywords.is_empty()
        && matches!(&parent.kind, ExprKind::Name(name) if name == "super")
}

impl Record<'_> {
    /// True if the class is called with all fields in their order.
    pub fn takes_fields(&self) -> bool {
        match &self.makes {
            Makes::Fields => true,
            Makes::Stores(params, stored) => {
                params.positional().skip(1).map(|parameter| &parameter.name.name).eq(stored.iter())
            }
            Makes::Computes(_) | Makes::FieldsAnd(_) => false,
        }
    }
}

impl<'a> Lift<'_, 'a> {
    /// The function that makes an object with an `__init__`, or gives the object of which a `__post_init__` gets the
    /// fields.
    pub(super) fn maker(&mut self, id: ObjectId, record: &Record<'a>, function: &Function, span: Span) -> Lifted<u32> {
        let is_post = matches!(record.makes, Makes::FieldsAnd(_));
        self.maker_of((&Value::Object(id), false), &record.fields, (function, is_post), span)
    }

    fn maker_of(
        &mut self,
        (class, is_base): (&Value, bool),
        fields: &[String],
        (function, is_post): (&Function, bool),
        span: Span,
    ) -> Lifted<u32> {
        let code = &self.evaluator.codes[function.code.0 as usize];
        let nested = Nested { params: code.params, body: code.body, span: code.span, is_generator: false };
        let key = (code.span, format!("makes {:?} {is_base} {:?}", class.object(), function.defaults));
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        if self.under_way.contains(&code.span) {
            return Err(reason(
                "an __init__ that makes objects of its own class runs in Python",
                "make them in a function outside of the class",
                span,
            ));
        }
        let Some(receiver) = code.params.positional().next() else {
            return Err(reason("a method without a parameter for its object", "give it one, `self`", span));
        };
        let mut frame = self.inner_frame(&nested, function.clone(), None, None, false)?;
        let (name, class) = (receiver.name.name.clone(), class.clone());
        frame.making = Some(Making { name, class, fields: Vec::new(), is_base });
        self.under_way.push(code.span);
        let around = std::mem::replace(&mut self.frame, frame);
        let depth = std::mem::take(&mut self.depth);
        let lifted = self.maker_body(&nested, fields, is_post);
        self.depth = depth;
        let frame = std::mem::replace(&mut self.frame, around);
        self.under_way.pop();
        let (parameters, code) = lifted?;
        self.functions.push(Inner { name: "__init__".to_owned(), parameters, locals: frame.locals, code });
        let at = self.functions.len() as u32 - 1;
        self.known.insert(key, at);
        Ok(at)
    }

    fn maker_body(&mut self, nested: &Nested<'a>, fields: &[String], is_post: bool) -> Lifted<(u32, Vec<Statement>)> {
        if !is_post {
            for parameter in nested.params.positional().skip(1).chain(&nested.params.kwonly) {
                self.local(&parameter.name.name);
            }
        }
        let parameters = if is_post { fields.len() as u32 } else { self.frame.locals };
        let locals: Vec<(String, u32)> = fields.iter().map(|field| (field.clone(), self.fresh())).collect();
        if let Some(making) = &mut self.frame.making {
            making.fields = locals;
        }
        let mut code = Vec::new();
        self.body(nested.body, &mut code)?;
        let made = self.made().unwrap_or(Expression::None);
        code.push(statement(nested.span, StatementKind::Return(made)));
        Ok((parameters, code))
    }

    /// The object with what its fields are by now, in an `__init__`.
    pub(super) fn made(&self) -> Option<Expression> {
        let making = self.frame.making.as_ref()?;
        let fields = making.fields.iter().map(|(_, local)| Expression::Local(*local)).collect();
        match (making.is_base, making.class.object()) {
            (false, Some(id)) => Some(Expression::New(id.0, fields)),
            _ => Some(Expression::Tuple(fields)),
        }
    }

    /// The class, if an expression names the object that is being made.
    pub(super) fn making(&self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            ExprKind::Name(name) if self.is_made(name) => Some(self.frame.making.as_ref()?.class.clone()),
            _ => None,
        }
    }

    pub(super) fn is_made(&self, name: &str) -> bool {
        self.frame.making.as_ref().is_some_and(|making| making.name == name)
            && self.frame.scopes.iter().all(|scope| !scope.contains_key(name))
            && self.frame.provenance.times_bound(name) <= 1
    }

    /// The variable of a field of the object that is being made.
    pub(super) fn field_local(&self, name: &Ident) -> Lifted<u32> {
        let making = self.frame.making.as_ref();
        let found = making.and_then(|making| making.fields.iter().find(|(field, _)| *field == name.name));
        found.map(|(_, local)| *local).ok_or_else(|| {
            reason(format!("{} is set in a way that runs in Python", name.name), "set it in __init__", name.span)
        })
    }

    pub(super) fn attribute_while_making(
        &mut self,
        class: &Value,
        name: &'a Ident,
        span: Span,
        usage: Use,
    ) -> Lifted<Expression> {
        if let Ok(local) = self.field_local(name) {
            self.frame.read.insert(local);
            return Ok(Expression::Local(local));
        }
        self.class_constant(class, &name.name, span, usage)
    }

    /// `self.method(…)` in `__init__`.
    pub(super) fn call_while_making(&mut self, class: &Value, name: &str, site: Site<'a>) -> Lifted<Expression> {
        if self.bindings().is_set(name) || self.bindings().is_replaced(&self.spans(class), name) {
            return Err(reason(
                format!("{name}() of its object may change, as something sets it"),
                "leave it as the class defines it",
                site.span,
            ));
        }
        let found = self.evaluator.class_attribute(class, name).map(|(found, _)| found);
        let object = found.as_ref().and_then(|found| found.object()).map(|id| self.evaluator.heap.get(id));
        match (found, object) {
            (Some(found), Some(Object::StaticMethod(_) | Object::ClassMethod(_))) => {
                self.call_member(&found, class, Some(Receiver::Class(class.clone())), name, site)
            }
            _ => Err(reason(format!("{name}() is called before the object is there"), "make it a function", site.span)),
        }
    }

    /// `super().__init__(…)` as a statement of an `__init__`.
    pub(super) fn initializes_base(&mut self, value: &'a Expr, lifted: &mut Vec<Statement>) -> Lifted<bool> {
        let Some(making) = self.frame.making.clone() else { return Ok(false) };
        let ExprKind::Call { args, keywords, .. } = &value.kind else { return Ok(false) };
        if !is_super_init(value) || !self.is_builtin("super") {
            return Ok(false);
        }
        let (evaluator, span) = (self.evaluator, value.span);
        let mro = evaluator.mro(&making.class);
        let Some(of) = self.frame.function.class else {
            return Err(reason("super() outside of a class runs in Python", "call the function by its name", span));
        };
        let Some((init, of)) = evaluator.base_init(value, &mro, of) else {
            if args.is_empty() && keywords.is_empty() && !evaluator.writes_init(&mro, of) {
                return Ok(true);
            }
            return Err(reason(
                "what super().__init__() does, isn't known before a run",
                "set the attributes in this __init__",
                span,
            ));
        };
        let code = &evaluator.codes[init.code.0 as usize];
        let (Source::Block(block), Some(receiver)) = (code.body, code.params.positional().next()) else {
            return Err(reason(
                "what super().__init__() does, isn't known before a run",
                "set the attributes in this __init__",
                span,
            ));
        };
        let mut fields = Vec::new();
        if evaluator.sets(block, (&receiver.name.name, &mro, of), &mut fields).is_none() {
            return Err(reason(
                "super().__init__() sets other attributes on other ways",
                "let it set the same attributes in the same order always",
                span,
            ));
        }
        let maker = self.maker_of((&making.class, true), &fields, (init, false), span)?;
        let site = Site { args, keywords, span, is_iterated: false };
        let mut arguments = Vec::new();
        for (parameter, given) in arguments::bind(code.params, 1, site)? {
            arguments.push(match given {
                Given::Argument(argument) => self.expr(argument)?,
                Given::Default => self.default(init, parameter)?,
                Given::Rest(_) => return Err(reason("`*args` of an __init__ run in Python", "name them", span)),
            });
        }
        let mut targets = Vec::new();
        for field in fields {
            let ident = Ident { name: field, span };
            targets.push(Target::Local(self.field_local(&ident)?));
        }
        let made = Expression::Invoke(maker, arguments);
        self.emit(span, StatementKind::Assign(Target::Each(targets), made), lifted);
        Ok(true)
    }
}
