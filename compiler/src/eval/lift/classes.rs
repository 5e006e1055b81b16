//! Classes of the script whose objects are values: their fields are all that there is to them.

use super::arguments::{Given, Site};
use super::*;
use crate::api::classes::Role;
use pyflink_plan::ir::{Class as RecordClass, Conversion, Part};

/// With these, reading or setting attributes may do anything.
pub(super) const HOOKS: &[&str] = &[
    "__class_getitem__",
    "__del__",
    "__delattr__",
    "__get__",
    "__getattr__",
    "__getattribute__",
    "__init_subclass__",
    "__instancecheck__",
    "__new__",
    "__set_name__",
    "__setattr__",
];

/// In-place operators: an augmented assignment would call them.
const IN_PLACE: &[&str] = &[
    "__iadd__",
    "__iand__",
    "__ifloordiv__",
    "__ilshift__",
    "__imatmul__",
    "__imod__",
    "__imul__",
    "__ior__",
    "__ipow__",
    "__irshift__",
    "__isub__",
    "__itruediv__",
    "__ixor__",
];

/// A class whose objects are their fields.
#[derive(Clone, Debug)]
pub(super) struct Record<'a> {
    pub module: String,
    pub name: String,
    /// Attributes in the order in which they are set.
    pub fields: Vec<String>,
    pub makes: Makes<'a>,
    /// Values of parameters that may be left out, by the parameter's name.
    pub defaults: Vec<(String, Expression)>,
    pub is_tuple: bool,
    /// Of a dataclass without a `__post_init__`.
    pub is_data: bool,
    /// Of a dataclass that is frozen.
    pub is_frozen: bool,
    /// What `dataclass` writes: `__eq__`, and `__lt__` and its like.
    pub compares: (bool, bool),
    /// Its `__repr__` is what `dataclass` or `namedtuple` writes, if it has none itself.
    pub shows_fields: bool,
    /// Fields that it leaves out, and those that comparisons leave out: `field(repr=False, compare=False)`.
    pub unseen: (Vec<String>, Vec<String>),
    /// Of an Enum: names and values. Nobody makes objects of it.
    pub members: Vec<(String, Expression)>,
}

impl Record<'_> {
    /// Of a class of which nothing more is known yet.
    pub fn new(module: &str, class: &Class) -> Record<'static> {
        Record {
            module: module.to_owned(),
            name: class.name.to_string(),
            fields: Vec::new(),
            makes: Makes::Fields,
            defaults: Vec::new(),
            is_tuple: false,
            is_data: false,
            is_frozen: false,
            compares: (false, false),
            shows_fields: false,
            unseen: (Vec::new(), Vec::new()),
            members: Vec::new(),
        }
    }
}

/// How objects are made.
#[derive(Clone, Debug)]
pub(super) enum Makes<'a> {
    /// By an `__init__` that only stores its parameters: these, the object included, and for each field the one.
    Stores(&'a Parameters, Vec<String>),
    /// By an `__init__` that does more.
    Computes(Function),
    /// By what `dataclass` or `namedtuple` writes: parameters are the fields.
    Fields,
    /// The same, and then this `__post_init__`.
    FieldsAnd(Function),
}

impl<'a> Evaluator<'a> {
    /// All classes whose objects are values.
    pub(super) fn records(&self) -> Vec<(ObjectId, Record<'a>)> {
        let classes = (0..self.heap.end()).map(ObjectId).filter(|id| matches!(self.heap.get(*id), Object::Class(_)));
        classes.filter_map(|id| Some((id, self.record(id)?))).collect()
    }

    /// A class's definition by its name's span, and whether it stands at the top level.
    pub(super) fn defined_class(&self, name: Span) -> Option<(&'a ClassDef, bool)> {
        let program: &'a crate::load::Program = self.program;
        let definitions = self.class_definitions.get_or_init(|| {
            let mut found = BTreeMap::new();
            for tree in &program.trees {
                walk::every_statement(&tree.body, &mut |statement| {
                    if let StmtKind::ClassDef(def) = &statement.kind {
                        found.insert(def.name.span, (&**def, false));
                    }
                });
                walk::statements(&tree.body, &mut |statement| {
                    if let StmtKind::ClassDef(def) = &statement.kind {
                        found.insert(def.name.span, (&**def, true));
                    }
                });
            }
            found
        });
        definitions.get(&name).copied()
    }

    pub(super) fn record(&self, id: ObjectId) -> Option<Record<'a>> {
        let Object::Class(class) = self.heap.get(id) else { return None };
        if let Some(named) = &class.named {
            return self.named_record(id, class, named);
        }
        if let Some(members) = &class.members {
            return self.enum_record(class, members);
        }
        let program: &'a crate::load::Program = self.program;
        let bindings = self.bindings.get_or_init(|| Bindings::new(program));
        if !self.is_at_top(class) || class.opaque.is_some() || !bindings.is_constant(class.span.source, &class.name) {
            return None;
        }
        if bindings.sets_any_of(&self.mro_spans(class)) {
            return None;
        }
        let mut is_dataclass = false;
        for base in class.mro.iter().filter(|base| !is_interface(base)) {
            let Object::Class(base) = self.heap.get(base.object()?) else { return None };
            let (def, _) = self.defined_class(base.span)?;
            if !def.keywords.is_empty() {
                return None;
            }
            for decorator in &def.decorators {
                is_dataclass = true;
                if !self.is_plain_dataclass(base.span, decorator) {
                    return None;
                }
            }
            let Object::Scope(names) = self.heap.get(base.scope) else { return None };
            if names.keys().any(|name| is_hook(name)) {
                return None;
            }
        }
        let value = Value::Object(id);
        let record = Record::new(&self.program.sources.get(class.span.source).module, class);
        let record = match self.class_attribute(&value, "__init__") {
            Some((init, of)) => self.initialized(record, &init, &class.mro, of)?,
            None if is_dataclass => self.data(record, class)?,
            None => record,
        };
        if !self.fits_slots(class, &record.fields) {
            return None;
        }
        // Such names are mangled.
        if record.fields.iter().any(|field| field.starts_with("__")) {
            return None;
        }
        // What the class has under a field's name must not come first.
        let hides = |field: &String| match self.class_attribute(&value, field) {
            // An object may be a descriptor.
            Some((Value::Object(id), _)) => matches!(self.heap.get(id), Object::Property(_) | Object::Instance(_)),
            Some((Value::Opaque(_), _)) => true,
            _ => false,
        };
        (!record.fields.iter().any(hides)).then_some(record)
    }

    pub(super) fn mro_spans(&self, class: &Class) -> Vec<Span> {
        let span = |base: &Value| match self.heap.get(base.object()?) {
            Object::Class(base) => Some(base.span),
            _ => None,
        };
        class.mro.iter().filter_map(span).collect()
    }

    pub(super) fn is_at_top(&self, class: &Class) -> bool {
        self.defined_class(class.span).is_some_and(|(_, is_at_top)| is_at_top)
    }

    /// True if nothing made something else of a class that the script writes down.
    pub(super) fn is_plain_class(&self, class: &Class) -> bool {
        self.defined_class(class.span).is_none_or(|(def, _)| def.keywords.is_empty() && def.decorators.is_empty())
    }

    pub(super) fn is_plain_enum(&self, class: &Class) -> bool {
        self.defined_class(class.span).is_some_and(|(def, _)| {
            let is_known = |decorator: &Expr| self.is_library(class.span, decorator, "enum.unique");
            def.keywords.is_empty() && def.decorators.iter().all(is_known)
        })
    }

    /// True without `__slots__`, and where all slots are fields: all the fields, if each class has `__slots__`, so that
    /// objects have no `__dict__` for others.
    fn fits_slots(&self, class: &Class, fields: &[String]) -> bool {
        let (mut slots, mut without) = (BTreeSet::new(), 0);
        for base in &class.mro {
            // The API's classes have none.
            if is_interface(base) {
                without += 1;
                continue;
            }
            let Some(Object::Class(base)) = base.object().map(|id| self.heap.get(id)) else { return false };
            let names = match self.name_in(base.scope, "__slots__") {
                Some(Value::Tuple(names)) => names.to_vec(),
                Some(name @ Value::Str(_)) => vec![name.clone()],
                Some(Value::Object(id)) => match self.heap.get(*id) {
                    Object::List(names) => names.clone(),
                    _ => return false,
                },
                Some(_) => return false,
                None => {
                    without += 1;
                    continue;
                }
            };
            for name in names {
                let Some(name) = name.as_str() else { return false };
                // Such names are mangled, or mean something.
                if name.starts_with("__") || !slots.insert(name.to_owned()) {
                    return false;
                }
            }
        }
        let fields: BTreeSet<&String> = fields.iter().collect();
        if without > 0 { slots.iter().all(|slot| fields.contains(slot)) } else { slots.iter().eq(fields) }
    }

    /// A constant that each object may have.
    pub(super) fn unchanging(&self, value: &Value) -> Option<Expression> {
        if self.may_change(value) { None } else { self.lifted_constant(value) }
    }

    /// The default in `field(…)`; `Some(None)` if it has none.
    fn field_default(&self, class: Span, keywords: &'a [Keyword], value: &Value) -> Option<Option<Expression>> {
        let counts = |keyword: &&Keyword| !["compare", "metadata", "repr"].iter().any(|name| is_named(keyword, name));
        let keywords: Vec<&Keyword> = keywords.iter().filter(counts).collect();
        let [keyword] = keywords[..] else { return if keywords.is_empty() { Some(None) } else { None } };
        match keyword.name.as_ref()?.name.as_str() {
            "default" => Some(Some(self.unchanging(value)?)),
            "default_factory" => {
                let ExprKind::Name(name) = &keyword.value.kind else { return None };
                let is_own = self.bindings.get().is_none_or(|bindings| bindings.defines(name))
                    || self.program.top_imports(class.source).contains_key(name);
                match name.as_str() {
                    _ if is_own => None,
                    "list" => Some(Some(Expression::List(Vec::new()))),
                    "dict" => Some(Some(Expression::Dict(Vec::new()))),
                    "set" => Some(Some(Expression::Set(Vec::new()))),
                    "int" => Some(Some(Expression::Int(0))),
                    "str" => Some(Some(Expression::Str(String::new()))),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A dataclass with plain fields.
    fn data(&self, record: Record<'a>, class: &Class) -> Option<Record<'a>> {
        let Some(Value::Tuple(names)) = self.name_in(class.scope, "__dataclass_fields__") else { return None };
        let (mut defaults, mut unseen) = (Vec::new(), (Vec::new(), Vec::new()));
        for base in class.mro.iter().rev().filter(|base| !is_interface(base)) {
            let Object::Class(base) = self.heap.get(base.object()?) else { return None };
            let def = walk::class_at(&self.program.tree(base.span.source).body, base.span)?;
            if def.decorators.is_empty() {
                return None;
            }
            for statement in &def.body {
                let StmtKind::AnnAssign { target, annotation, value } = &statement.kind else { continue };
                let mut is_special = false;
                walk::all_exprs(annotation, &mut |expr| {
                    let name = match &expr.kind {
                        ExprKind::Name(name) => name,
                        ExprKind::Attribute { name, .. } => &name.name,
                        ExprKind::Constant(Constant::Str(text)) => text,
                        _ => return,
                    };
                    is_special |= ["ClassVar", "InitVar", "KW_ONLY"].iter().any(|special| name.contains(special));
                });
                let ExprKind::Name(name) = &target.kind else { return None };
                if is_special {
                    return None;
                }
                // A class that derives from another may give a field another default.
                defaults.retain(|(known, _)| known != name);
                unseen.0.retain(|known| known != name);
                unseen.1.retain(|known| known != name);
                let Some(written) = value else { continue };
                let value = self.name_in(base.scope, name)?.clone();
                let default = match &written.kind {
                    ExprKind::Call { func, args, keywords }
                        if self.is_library(base.span, func, "dataclasses.field") =>
                    {
                        if !args.is_empty() {
                            return None;
                        }
                        unseen.0.extend(switched(keywords, "repr")?.filter(|shown| !shown).map(|_| name.clone()));
                        unseen.1.extend(switched(keywords, "compare")?.filter(|counts| !counts).map(|_| name.clone()));
                        self.field_default(base.span, keywords, &value)?
                    }
                    ExprKind::Call { .. } => return None,
                    _ => Some(self.unchanging(&value)?),
                };
                defaults.extend(default.map(|default| (name.clone(), default)));
            }
        }
        let fields = names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<_>>()?;
        let makes = match self.class_attribute(&Value::Object(class.mro.first()?.object()?), "__post_init__") {
            Some((Value::Object(id), _)) => match self.heap.get(id) {
                Object::Function(function) => Makes::FieldsAnd(function.clone()),
                _ => return None,
            },
            Some(_) => return None,
            None => Makes::Fields,
        };
        let is_data = matches!(makes, Makes::Fields);
        let def = walk::class_at(&self.program.tree(class.span.source).body, class.span)?;
        let set = |name: &str| {
            let keywords = def.decorators.iter().flat_map(|decorator| match &decorator.kind {
                ExprKind::Call { keywords, .. } => keywords.as_slice(),
                _ => &[],
            });
            let mut found = keywords.filter(|keyword| keyword.name.as_ref().is_some_and(|known| known.name == name));
            found.next().map(|keyword| matches!(keyword.value.kind, ExprKind::Constant(Constant::Bool(true))))
        };
        let compares = (set("eq").unwrap_or(true), set("order").unwrap_or(false));
        let shows_fields = set("repr").unwrap_or(true);
        // It is for all classes that derive from one.
        let is_frozen = set("frozen").unwrap_or(false);
        let record = Record { is_frozen, fields, makes, defaults, is_data, compares, shows_fields, unseen, ..record };
        self.post_initialized(record)
    }

    /// True if an expression in a class names that part of a library.
    fn is_library(&self, class: Span, expr: &Expr, path: &str) -> bool {
        let imports = self.program.top_imports(class.source);
        let name = match &expr.kind {
            ExprKind::Name(name) => imports.get(name).cloned(),
            ExprKind::Attribute { value, name } => match &value.kind {
                ExprKind::Name(module) => imports.get(module).map(|module| format!("{module}.{}", name.name)),
                _ => None,
            },
            _ => None,
        };
        name.as_deref() == Some(path)
    }

    /// `@dataclass`, with nothing that changes how objects are made.
    fn is_plain_dataclass(&self, class: Span, decorator: &Expr) -> bool {
        let (func, keywords): (&Expr, &[Keyword]) = match &decorator.kind {
            ExprKind::Call { func, args, keywords } if args.is_empty() => (func, keywords),
            _ => (decorator, &[]),
        };
        let plain = ["eq", "frozen", "order", "repr", "slots", "unsafe_hash"];
        let is_plain =
            |keyword: &Keyword| keyword.name.as_ref().is_some_and(|name| plain.contains(&name.name.as_str()));
        self.is_library(class, func, "dataclasses.dataclass") && keywords.iter().all(is_plain)
    }
}

fn is_named(keyword: &Keyword, name: &str) -> bool {
    keyword.name.as_ref().is_some_and(|known| known.name == name)
}

/// What a keyword says that is True or False; `None` where only the run tells.
fn switched(keywords: &[Keyword], name: &str) -> Option<Option<bool>> {
    let Some(keyword) = keywords.iter().find(|keyword| is_named(keyword, name)) else { return Some(None) };
    match keyword.value.kind {
        ExprKind::Constant(Constant::Bool(value)) => Some(Some(value)),
        _ => None,
    }
}

/// True for a class of the API that functions derive from, whose objects have nothing of their own.
pub(super) fn is_interface(class: &Value) -> bool {
    matches!(class, Value::ApiClass(class) if matches!(class.role, Role::Function(_)) && !class.name.contains("Rich"))
}

pub(super) fn is_hook(name: &str) -> bool {
    HOOKS.contains(&name) || IN_PLACE.contains(&name)
}

impl<'a> Lift<'_, 'a> {
    /// `Class(…)`.
    pub(super) fn construct(&mut self, id: ObjectId, site: Site<'a>) -> Lifted<Expression> {
        let span = site.span;
        let Some(record) = self.evaluator.record(id) else {
            return Err(because(self.evaluator.why_no_record(id), span));
        };
        if !record.members.is_empty() {
            return self.member_of_value(id, &record, site);
        }
        self.records.insert(id);
        let default =
            |name: &str| record.defaults.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let mismatch = || {
            reason(
                "the arguments don't fit the fields of the class",
                "give each field its value, by position or by name",
                span,
            )
        };
        let mut arguments = Vec::new();
        match &record.makes {
            Makes::Computes(init) => {
                let maker = self.maker(id, &record, init, span)?;
                let params = self.evaluator.codes[init.code.0 as usize].params;
                for (parameter, given) in arguments::bind(params, 1, site)? {
                    arguments.push(match given {
                        Given::Argument(argument) => self.expr(argument)?,
                        Given::Default => self.default(init, parameter)?,
                        Given::Rest(_) => return Err(mismatch()),
                    });
                }
                return Ok(Expression::Invoke(maker, arguments));
            }
            Makes::Stores(params, stored) => {
                let mut values = BTreeMap::new();
                for (parameter, given) in arguments::bind(params, 1, site)? {
                    let value = match given {
                        Given::Argument(argument) => self.expr(argument)?,
                        _ => default(&parameter.name.name).ok_or_else(mismatch)?,
                    };
                    values.insert(parameter.name.name.as_str(), value);
                }
                arguments.extend(stored.iter().filter_map(|name| values.remove(name.as_str())));
            }
            Makes::Fields | Makes::FieldsAnd(_) => {
                let names: Vec<&str> = record.fields.iter().map(String::as_str).collect();
                let mut given: Vec<Option<&'a Expr>> = site.args.iter().map(Some).collect();
                if given.len() > names.len()
                    || site.args.iter().any(|argument| matches!(argument.kind, ExprKind::Starred(_)))
                {
                    return Err(mismatch());
                }
                given.resize(names.len(), None);
                for keyword in site.keywords {
                    let name = keyword.name.as_ref().map(|name| name.name.as_str());
                    let at =
                        name.and_then(|name| names.iter().position(|known| *known == name)).ok_or_else(mismatch)?;
                    if given[at].replace(&keyword.value).is_some() {
                        return Err(mismatch());
                    }
                }
                for (name, argument) in names.iter().zip(given) {
                    arguments.push(match argument {
                        Some(argument) => self.expr(argument)?,
                        None => default(name).ok_or_else(mismatch)?,
                    });
                }
            }
        }
        if let Makes::FieldsAnd(post_init) = &record.makes {
            let maker = self.maker(id, &record, post_init, span)?;
            return Ok(Expression::Invoke(maker, arguments));
        }
        Ok(Expression::New(id.0, arguments))
    }

    /// Adds the classes that a body may meet: those that it makes, and those with what it looks at by name.
    pub(super) fn add_classes(&mut self, body: &mut Body) -> Lifted<()> {
        let records = self.all_records();
        let mut tried: BTreeSet<(ObjectId, String)> = BTreeSet::new();
        let mut classes: BTreeMap<ObjectId, RecordClass> = BTreeMap::new();
        loop {
            let mut used = Used::default();
            let mut whole = Body {
                code: std::mem::take(&mut body.code),
                functions: std::mem::take(&mut self.functions),
                ..empty()
            };
            renumber::every_expression(&mut whole, &mut |expression| used.note(expression));
            body.code = whole.code;
            self.functions = whole.functions;
            let before = (classes.len(), tried.len());
            for (id, record) in records.iter() {
                let has = |name: &String| {
                    record.fields.contains(name) || self.evaluator.class_attribute(&Value::Object(*id), name).is_some()
                };
                let is_named = used.fields.iter().chain(&used.methods).any(has);
                let is_met = record.is_tuple
                    || !record.members.is_empty()
                    || record.is_data && used.methods.contains("dataclasses.replace")
                    || self.records.contains(id)
                    || is_named
                    || used.special && self.has_special_methods(*id);
                if !is_met {
                    continue;
                }
                let class = classes.entry(*id).or_insert_with(|| RecordClass {
                    module: record.module.clone(),
                    name: record.name.clone(),
                    fields: record.fields.clone(),
                    is_tuple: record.is_tuple,
                    is_data: record.is_data,
                    members: record.members.iter().map(|(name, _)| name.clone()).collect(),
                    methods: Vec::new(),
                    changing: Vec::new(),
                    is_frozen: record.is_frozen,
                    properties: Vec::new(),
                    others: Vec::new(),
                    causes: Vec::new(),
                });
                self.add_methods(*id, record, &used, class, &mut tried)?;
            }
            if before == (classes.len(), tried.len()) {
                break;
            }
        }
        let order: Vec<ObjectId> = classes.keys().copied().collect();
        let mut whole =
            Body { code: std::mem::take(&mut body.code), functions: std::mem::take(&mut self.functions), ..empty() };
        renumber::every_expression(&mut whole, &mut |expression| {
            if let Expression::New(class, _) | Expression::Member(class, _) = expression {
                *class = order.iter().position(|id| id.0 == *class).unwrap_or(0) as u32;
            }
        });
        body.code = whole.code;
        self.functions = whole.functions;
        body.classes = classes.into_values().collect();
        Ok(())
    }

    /// True if operators, `str()` and the like call methods of its objects.
    fn has_special_methods(&self, id: ObjectId) -> bool {
        self.evaluator.mro(&Value::Object(id)).iter().any(|class| {
            let Some(Object::Class(class)) = class.object().map(|id| self.evaluator.heap.get(id)) else { return false };
            match self.evaluator.heap.get(class.scope) {
                Object::Scope(names) => names.keys().any(|name| is_special(name)),
                _ => false,
            }
        })
    }

    fn add_methods(
        &mut self,
        id: ObjectId,
        record: &Record<'a>,
        used: &Used,
        class: &mut RecordClass,
        tried: &mut BTreeSet<(ObjectId, String)>,
    ) -> Lifted<()> {
        let evaluator = self.evaluator;
        let value = Value::Object(id);
        let mut names: BTreeSet<String> = used.fields.union(&used.methods).cloned().collect();
        let mut is_dataclass = false;
        for base in evaluator.mro(&value) {
            let Some(Object::Class(base)) = base.object().map(|id| evaluator.heap.get(id)) else { continue };
            is_dataclass |= evaluator.name_in(base.scope, "__dataclass_fields__").is_some();
            if let Object::Scope(scope) = evaluator.heap.get(base.scope) {
                names.extend(scope.keys().filter(|name| is_special(name)).map(ToString::to_string));
            }
        }
        for name in names {
            if name == "__dataclass_fields__" || record.fields.contains(&name) && !used.methods.contains(&name) {
                continue;
            }
            let Some((found, of)) = evaluator.class_attribute(&value, &name) else { continue };
            if of != id && record.writes(&name) {
                continue;
            }
            if !tried.insert((id, name.clone())) {
                continue;
            }
            let is_special = name.starts_with("__");
            let object = found.object().map(|id| evaluator.heap.get(id));
            let (function, is_property) = match object {
                Some(Object::Function(function)) => (Some(function.clone()), false),
                Some(Object::Property(property)) => match property.getter.object().map(|id| evaluator.heap.get(id)) {
                    Some(Object::Function(function)) => (Some(function.clone()), true),
                    _ => (None, true),
                },
                // `__hash__ = None`, or a constant of the class.
                _ => (None, true),
            };
            if let Some(function) = &function
                && !is_property
                && self.changing_methods().contains_key(&name)
                && self.is_changing(function)
            {
                let callee = self.callee(function, None, class_span(evaluator, id));
                match callee.and_then(|callee| self.changing_method(callee)) {
                    Ok(function) => class.changing.push((name, function)),
                    Err(reason) => {
                        class.causes.push((name.clone(), *reason.why));
                        class.others.push(name);
                    }
                }
                continue;
            }
            let lifted = match function {
                Some(function) if !evaluator.codes[function.code.0 as usize].is_generator => self
                    .callee(&function, None, class_span(evaluator, id))
                    .and_then(|callee| self.inner(callee, None))
                    .map_err(|reason| class.causes.push((name.clone(), *reason.why)))
                    .ok(),
                Some(_) => {
                    let cause = Cause::new("it is a generator function", "give a list");
                    class.causes.push((name.clone(), cause));
                    None
                }
                None if is_special => None,
                None => self.constant_getter(&value, &name),
            };
            match lifted {
                Some(function) => {
                    if is_property {
                        class.properties.push(name.clone());
                    }
                    class.methods.push((name, function));
                }
                None if is_special || is_property => class.others.push(name),
                None => {}
            }
        }
        let add = |name: &str, class: &mut RecordClass| {
            let is_there =
                class.methods.iter().any(|(known, _)| known == name) || class.others.iter().any(|known| known == name);
            if !is_there {
                class.others.push(name.to_owned());
            }
        };
        let has = |class: &RecordClass, name: &str| {
            class.methods.iter().any(|(known, _)| known == name) || class.others.iter().any(|known| known == name)
        };
        if !record.members.is_empty() {
            let asked = ["name", "value"].into_iter().filter(|name| used.fields.contains(*name));
            let shown = ["__repr__", "__str__"].into_iter().filter(|_| used.special);
            for name in asked.chain(shown) {
                if has(class, name) || !tried.insert((id, name.to_owned())) {
                    continue;
                }
                // A `__repr__` of its own is not what `str()` gives.
                if let Some(function) = self.member_method(id, record, name, class_span(evaluator, id)) {
                    class.methods.push((name.to_owned(), function));
                    if !name.starts_with('_') {
                        class.properties.push(name.to_owned());
                    }
                }
            }
        }
        if record.shows_fields && !has(class, "__repr__") && tried.insert((id, "__repr__".to_owned())) {
            let function = self.dataclass_repr(record, class_span(evaluator, id));
            class.methods.push(("__repr__".to_owned(), function));
        }
        if is_dataclass {
            let compared = [
                ("__eq__", ir::CompareOp::Eq, record.compares.0),
                ("__lt__", ir::CompareOp::Lt, record.compares.1),
                ("__le__", ir::CompareOp::Le, record.compares.1),
                ("__gt__", ir::CompareOp::Gt, record.compares.1),
                ("__ge__", ir::CompareOp::Ge, record.compares.1),
            ];
            for (name, op, is_written) in compared {
                if is_written && used.special && !has(class, name) && tried.insert((id, name.to_owned())) {
                    let function = self.dataclass_compare(record, op, name, class_span(evaluator, id));
                    class.methods.push((name.to_owned(), function));
                }
            }
            add("__hash__", class);
            for (name, ..) in compared.into_iter().filter(|(.., is_written)| !is_written) {
                add(name, class);
            }
        } else if has(class, "__eq__") {
            // Without a `__hash__` of its own it has none.
            add("__hash__", class);
        }
        Ok(())
    }

    /// A constant of the class as a property.
    fn constant_getter(&mut self, class: &Value, name: &str) -> Option<u32> {
        let span = class_span(self.evaluator, class.object()?);
        let value = self.class_constant(class, name, span, names::Use::Any).ok()?;
        let code = vec![statement(span, StatementKind::Return(value))];
        self.functions.push(Inner { name: name.to_owned(), parameters: 1, locals: 1, code });
        Some(self.functions.len() as u32 - 1)
    }

    /// A comparison that `dataclass` writes, of two objects of the class.
    fn dataclass_compare(&mut self, record: &Record<'a>, op: ir::CompareOp, name: &str, span: Span) -> u32 {
        let fields = |local: u32| {
            let field = |field: &String| Expression::Field(boxed(Expression::Local(local)), field.clone());
            let compared = record.fields.iter().filter(|field| !record.unseen.1.contains(field));
            boxed(Expression::Tuple(compared.map(field).collect()))
        };
        let mut value = Expression::Compare(op, fields(0), fields(1));
        if let ir::CompareOp::Eq = op {
            let class = format!("{}.{}", record.module, record.name);
            let is_one = Expression::IsInstance(boxed(Expression::Local(1)), vec![class]);
            value = Expression::And(boxed(is_one), boxed(value));
        }
        let code = vec![statement(span, StatementKind::Return(value))];
        self.functions.push(Inner { name: name.to_owned(), parameters: 2, locals: 2, code });
        self.functions.len() as u32 - 1
    }

    /// The `__repr__` that `dataclass` and `namedtuple` write.
    fn dataclass_repr(&mut self, record: &Record<'a>, span: Span) -> u32 {
        let mut parts = Vec::new();
        for (at, field) in record.fields.iter().filter(|field| !record.unseen.0.contains(field)).enumerate() {
            let before = if at == 0 { format!("{}(", record.name) } else { ", ".to_owned() };
            parts.push(Part::Text(format!("{before}{field}=")));
            let value = Expression::Field(boxed(Expression::Local(0)), field.clone());
            parts.push(Part::Value(value, Some(Conversion::Repr), String::new()));
        }
        parts.push(Part::Text(if parts.is_empty() { format!("{}()", record.name) } else { ")".to_owned() }));
        let code = vec![statement(span, StatementKind::Return(Expression::Format(parts)))];
        self.functions.push(Inner { name: "__repr__".to_owned(), parameters: 1, locals: 1, code });
        self.functions.len() as u32 - 1
    }
}

impl Record<'_> {
    /// True for methods that `dataclass` gives to a class, whatever its bases have.
    fn writes(&self, name: &str) -> bool {
        match name {
            "__repr__" => self.shows_fields && !self.is_tuple,
            "__eq__" => self.compares.0,
            "__lt__" | "__le__" | "__gt__" | "__ge__" => self.compares.1,
            _ => false,
        }
    }
}

/// True for names of methods that Python itself calls; what `__init__` does is known.
fn is_special(name: &str) -> bool {
    let others = ["__init__", "__doc__", "__module__", "__qualname__", "__annotations__"];
    name.starts_with("__") && name.ends_with("__") && !others.contains(&name)
}

fn class_span(evaluator: &Evaluator, id: ObjectId) -> Span {
    match evaluator.heap.get(id) {
        Object::Class(class) => class.span,
        _ => Span { source: pyflink_plan::SourceId(0), start: 0, end: 0 },
    }
}

/// What a body looks at by name.
#[derive(Debug, Default)]
struct Used {
    fields: BTreeSet<String>,
    methods: BTreeSet<String>,
    /// Something may call special methods.
    special: bool,
}

impl Used {
    fn note(&mut self, expression: &Expression) {
        match expression {
            Expression::Field(_, name) => drop(self.fields.insert(name.clone())),
            Expression::Method(_, name, _) => drop(self.methods.insert(name.clone())),
            Expression::Call(..)
            | Expression::Format(_)
            | Expression::Percent(..)
            | Expression::Binary(..)
            | Expression::Compare(..)
            | Expression::Unary(..)
            | Expression::Sorted(..)
            | Expression::Best(..) => self.special = true,
            _ => {}
        }
    }
}
