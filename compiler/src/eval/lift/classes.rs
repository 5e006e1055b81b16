//! Classes of the script whose objects are values: what `__init__` does with its arguments is to keep them.

use super::arguments::{Given, Site};
use super::*;
use pyflink_plan::ir::{Class as RecordClass, Conversion, Part};

/// With these, reading or setting attributes may do anything.
const HOOKS: &[&str] = &[
    "__class_getitem__",
    "__del__",
    "__delattr__",
    "__get__",
    "__getattr__",
    "__getattribute__",
    "__init_subclass__",
    "__instancecheck__",
    "__new__",
    "__post_init__",
    "__set_name__",
    "__setattr__",
    "__slots__",
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
    /// Attributes in the order of the parameters.
    pub fields: Vec<String>,
    params: Params<'a>,
    /// Values of parameters that may be left out, by the parameter's name.
    pub defaults: Vec<(String, Value)>,
}

#[derive(Clone, Debug)]
enum Params<'a> {
    /// Of `__init__`, the object included.
    Written(&'a Parameters),
    /// A dataclass's: the fields.
    Fields,
}

impl<'a> Evaluator<'a> {
    /// All classes whose objects are values.
    pub(super) fn records(&self) -> Vec<(ObjectId, Record<'a>)> {
        let classes = (0..self.heap.end()).map(ObjectId).filter(|id| matches!(self.heap.get(*id), Object::Class(_)));
        classes.filter_map(|id| Some((id, self.record(id)?))).collect()
    }

    /// A class's definition by its name's span, and whether it stands at the top level.
    fn defined_class(&self, name: Span) -> Option<(&'a ClassDef, bool)> {
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
        let program: &'a crate::load::Program = self.program;
        let bindings = self.bindings.get_or_init(|| Bindings::new(program));
        if !self.defined_class(class.span)?.1
            || class.opaque.is_some()
            || !bindings.is_constant(class.span.source, &class.name)
        {
            return None;
        }
        let mut is_dataclass = false;
        for base in &class.mro {
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
            if names.keys().any(|name| HOOKS.contains(&&**name) || IN_PLACE.contains(&&**name)) {
                return None;
            }
        }
        let value = Value::Object(id);
        let file = program.sources.get(class.span.source);
        let record = Record {
            module: file.module.clone(),
            name: class.name.to_string(),
            fields: Vec::new(),
            params: Params::Fields,
            defaults: Vec::new(),
        };
        let record = match self.class_attribute(&value, "__init__") {
            Some((init, _)) => self.written(record, &init)?,
            None if is_dataclass => self.data(record, class)?,
            None => record,
        };
        // What the class has under a field's name must not come first.
        let hides = |field: &String| match self.class_attribute(&value, field) {
            Some((Value::Object(id), _)) => matches!(self.heap.get(id), Object::Property(_)),
            Some((Value::Opaque(_), _)) => true,
            _ => false,
        };
        (!record.fields.iter().any(hides)).then_some(record)
    }

    /// An `__init__` that keeps each argument in one attribute, and does nothing else.
    fn written(&self, record: Record<'a>, init: &Value) -> Option<Record<'a>> {
        let Object::Function(function) = self.heap.get(init.object()?) else { return None };
        let code = &self.codes[function.code.0 as usize];
        let Source::Block(block) = code.body else { return None };
        let params = code.params;
        if params.vararg.is_some() || params.kwarg.is_some() || !params.kwonly.is_empty() || code.is_generator {
            return None;
        }
        let mut names = params.positional().map(|parameter| parameter.name.name.as_str());
        let receiver = names.next()?;
        let names: Vec<&str> = names.collect();
        let mut kept: BTreeMap<&str, &str> = BTreeMap::new();
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
            let (ExprKind::Attribute { value: of, name }, ExprKind::Name(parameter)) = (&target.kind, &value.kind)
            else {
                return None;
            };
            let is_own = matches!(&of.kind, ExprKind::Name(of) if of == receiver);
            let is_new = kept.values().all(|attribute| *attribute != name.name);
            if !is_own
                || !is_new
                || !names.contains(&parameter.as_str())
                || kept.insert(parameter, &name.name).is_some()
            {
                return None;
            }
        }
        let fields = names.iter().map(|name| kept.get(name).map(|field| (*field).to_owned())).collect::<Option<_>>()?;
        let defaults: Vec<_> =
            function.defaults.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        if defaults.iter().any(|(_, value)| self.may_change(value) || self.lifted_constant(value).is_none()) {
            return None;
        }
        Some(Record { fields, params: Params::Written(params), defaults, ..record })
    }

    /// A dataclass with plain fields.
    fn data(&self, record: Record<'a>, class: &Class) -> Option<Record<'a>> {
        let Some(Value::Tuple(names)) = self.name_in(class.scope, "__dataclass_fields__") else { return None };
        let mut defaults = Vec::new();
        for base in class.mro.iter().rev() {
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
                if is_special || matches!(value.as_ref().map(|value| &value.kind), Some(ExprKind::Call { .. })) {
                    return None;
                }
                if value.is_some() {
                    let value = self.name_in(base.scope, name)?.clone();
                    if self.may_change(&value) || self.lifted_constant(&value).is_none() {
                        return None;
                    }
                    defaults.push((name.clone(), value));
                }
            }
        }
        let fields = names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<_>>()?;
        Some(Record { fields, params: Params::Fields, defaults, ..record })
    }

    /// `@dataclass`, with nothing that changes how objects are made.
    fn is_plain_dataclass(&self, class: Span, decorator: &Expr) -> bool {
        let (func, keywords): (&Expr, &[Keyword]) = match &decorator.kind {
            ExprKind::Call { func, args, keywords } if args.is_empty() => (func, keywords),
            _ => (decorator, &[]),
        };
        let name = match &func.kind {
            ExprKind::Name(name) => self.program.imports(class.source).get(name).cloned(),
            ExprKind::Attribute { value, name } => match &value.kind {
                ExprKind::Name(module) => {
                    self.program.imports(class.source).get(module).map(|module| format!("{module}.{}", name.name))
                }
                _ => None,
            },
            _ => None,
        };
        let plain = ["eq", "frozen", "order", "repr", "unsafe_hash"];
        let is_plain =
            |keyword: &Keyword| keyword.name.as_ref().is_some_and(|name| plain.contains(&name.name.as_str()));
        name.as_deref() == Some("dataclasses.dataclass") && keywords.iter().all(is_plain)
    }
}

impl<'a> Lift<'_, 'a> {
    /// `Class(…)`.
    pub(super) fn construct(&mut self, id: ObjectId, site: Site<'a>) -> Lifted<Expression> {
        let span = site.span;
        let Some(record) = self.evaluator.record(id) else {
            let message =
                "objects of this class are made in Python: give it an __init__ that only stores its arguments";
            return Err(reason(message, span));
        };
        self.records.insert(id);
        let default = |lift: &Self, name: &str| {
            let value = record.defaults.iter().find(|(known, _)| known == name).map(|(_, value)| value);
            value.and_then(|value| lift.evaluator.lifted_constant(value))
        };
        let mismatch = || reason("the arguments don't fit the fields of the class", span);
        let mut arguments = Vec::new();
        match record.params {
            Params::Written(params) => {
                for (parameter, given) in arguments::bind(params, 1, site)? {
                    arguments.push(match given {
                        Given::Argument(argument) => self.expr(argument)?,
                        _ => default(self, &parameter.name.name).ok_or_else(mismatch)?,
                    });
                }
            }
            Params::Fields => {
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
                        None => default(self, name).ok_or_else(mismatch)?,
                    });
                }
            }
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
                let is_met = self.records.contains(id) || is_named || used.special && self.has_special_methods(*id);
                if !is_met {
                    continue;
                }
                let class = classes.entry(*id).or_insert_with(|| RecordClass {
                    module: record.module.clone(),
                    name: record.name.clone(),
                    fields: record.fields.clone(),
                    methods: Vec::new(),
                    properties: Vec::new(),
                    others: Vec::new(),
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
            if let Expression::New(class, _) = expression {
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
            let Some((found, _)) = evaluator.class_attribute(&value, &name) else { continue };
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
            let lifted = match function {
                Some(function) if !evaluator.codes[function.code.0 as usize].is_generator => self
                    .callee(&function, None, class_span(evaluator, id))
                    .and_then(|callee| self.inner(callee, None))
                    .ok(),
                Some(_) => None,
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
        if is_dataclass {
            if !has(class, "__repr__") && tried.insert((id, "__repr__".to_owned())) {
                let function = self.dataclass_repr(record, class_span(evaluator, id));
                class.methods.push(("__repr__".to_owned(), function));
            }
            for name in ["__eq__", "__hash__", "__lt__", "__le__", "__gt__", "__ge__"] {
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

    /// The `__repr__` that `dataclass` writes.
    fn dataclass_repr(&mut self, record: &Record<'a>, span: Span) -> u32 {
        let mut parts = Vec::new();
        for (at, field) in record.fields.iter().enumerate() {
            let before = if at == 0 { format!("{}(", record.name) } else { ", ".to_owned() };
            parts.push(Part::Text(format!("{before}{field}=")));
            let value = Expression::Field(boxed(Expression::Local(0)), field.clone());
            parts.push(Part::Value(value, Some(Conversion::Repr), String::new()));
        }
        parts.push(Part::Text(if record.fields.is_empty() { format!("{}()", record.name) } else { ")".to_owned() }));
        let code = vec![statement(span, StatementKind::Return(Expression::Format(parts)))];
        self.functions.push(Inner { name: "__repr__".to_owned(), parameters: 1, locals: 1, code });
        self.functions.len() as u32 - 1
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
