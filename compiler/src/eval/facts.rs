//! Gathers what is known of a function object that is passed to an operator.

use super::value::*;
use super::{Body, Evaluator};
use crate::api::classes::{Call, CallShape};
use crate::facts::{Base, Effects, Facts, Resource, Shared};
use crate::syntax::ast::*;
use crate::syntax::walk;
use pyflink_plan::Span;
use pyflink_plan::types::Constant;
use std::sync::Arc;

/// What belongs to the process that made it.
const RESOURCES: &[&str] = &[
    "asyncio.Lock",
    "multiprocessing.Lock",
    "multiprocessing.Queue",
    "psycopg2.connect",
    "queue.Queue",
    "socket.create_connection",
    "socket.socket",
    "sqlite3.connect",
    "subprocess.Popen",
    "tempfile.NamedTemporaryFile",
    "tempfile.TemporaryFile",
    "threading.Condition",
    "threading.Event",
    "threading.Lock",
    "threading.RLock",
    "threading.Semaphore",
    "threading.Thread",
    "io.open",
    "gzip.open",
    "bz2.open",
    "lzma.open",
];

const MUTABLE_MAKERS: &[&str] = &["list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict"];

impl<'a> Evaluator<'a> {
    pub(super) fn facts(&mut self, value: &Value, call: Call) -> Facts {
        let shape = call.shape();
        let Some((function, class)) = self.called(value, shape) else {
            return Facts { identity: builtin_identity(value), effects: builtin_effects(value), ..Facts::default() };
        };
        let effects = self.effects_of(&function, class.as_ref());
        let mut facts = Facts {
            identity: self.identity(value, &function, class.as_ref()),
            resources: self.resources(class.as_ref()),
            shared: self.shared(value, &function, class.as_ref(), &effects),
            trial: None,
            attributes: Vec::new(),
            reach: self.reach(value, class.as_ref(), &effects),
            effects: Some(effects),
        };
        let is_pure = facts.effects.as_ref().is_some_and(Effects::is_pure);
        if call == Call::Reduce && is_pure {
            let usage = self.usage(&function, class.is_some());
            facts.trial = self.try_reduce(value, shape, usage);
        }
        facts
    }

    /// Values of attributes of a function object, dotted where they are attributes of attributes. `None` for what isn't
    /// known, or what `open()` may set.
    pub(super) fn attribute_constants(
        &self,
        value: &Value,
        class: Option<&Value>,
        names: &[String],
    ) -> Vec<Option<Constant>> {
        let object = match value {
            Value::Method(method) => method.receiver.clone(),
            other => other.clone(),
        };
        let is_settled = class.is_some_and(|class| {
            let open = self.class_attribute(class, "open").and_then(|(open, _)| open.object());
            open.is_none_or(|open| !matches!(self.heap.get(open), Object::Function(_)))
        });
        let find = |name: &String| {
            let found = name.split('.').try_fold(object.clone(), |of, part| match self.heap.get(of.object()?) {
                Object::Instance(instance) => {
                    let own = instance.attributes.get(part).cloned();
                    own.or_else(|| Some(self.class_attribute(&instance.class, part)?.0))
                }
                _ => None,
            });
            self.known_constant(&found?, 8)
        };
        names.iter().map(|name| find(name).filter(|_| is_settled)).collect()
    }

    /// What the runtime will find a value to be.
    fn known_constant(&self, value: &Value, depth: usize) -> Option<Constant> {
        let depth = depth.checked_sub(1)?;
        let all = |items: &[Value]| items.iter().map(|item| self.known_constant(item, depth)).collect::<Option<_>>();
        Some(match value {
            Value::None => Constant::None,
            Value::Bool(value) => Constant::Bool(*value),
            Value::Int(value) => Constant::Int(i64::try_from(value).ok()?),
            Value::Float(value) => Constant::Float(*value),
            Value::Str(text) => Constant::Str(text.to_string()),
            Value::Bytes(bytes) => Constant::Bytes(bytes.to_vec()),
            Value::Tuple(items) => Constant::Tuple(all(items)?),
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => Constant::List(all(items)?),
                Object::Set(table) => Constant::Set(all(&table.keys())?),
                Object::Dict(table) if !table.is_ordered => {
                    let item = |(key, value): (&Value, &Value)| {
                        Some((self.known_constant(key, depth)?, self.known_constant(value, depth)?))
                    };
                    Constant::Dict(table.iter().map(item).collect::<Option<_>>()?)
                }
                Object::Instance(held) if self.is_named_tuple(&held.class) => {
                    self.known_named_tuple(held, |value| self.known_constant(value, depth))?
                }
                Object::Instance(_) => {
                    let (class, member) = self.enum_member(*id)?;
                    Constant::Member(Arc::new(self.enum_type(class)?), member)
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    /// The function that an operator calls, and the class of the object that it is a method of.
    pub(super) fn called(&self, value: &Value, shape: &CallShape) -> Option<(Function, Option<Value>)> {
        let function = |value: &Value| match self.heap.get(value.object()?) {
            Object::Function(function) => Some(function.clone()),
            _ => None,
        };
        match value {
            Value::Method(method) => {
                let class = match method.receiver.object().map(|id| self.heap.get(id)) {
                    Some(Object::Instance(instance)) => Some(instance.class.clone()),
                    _ => None,
                };
                Some((function(&Value::Object(method.function))?, class))
            }
            Value::Object(id) => match self.heap.get(*id) {
                Object::Function(function) => Some((function.clone(), None)),
                Object::Instance(instance) => {
                    let class = instance.class.clone();
                    let method = self
                        .class_attribute(&class, shape.method)
                        .or_else(|| self.class_attribute(&class, "__call__"))?;
                    Some((function(&method.0)?, Some(class)))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Two functions with equal identities do the same, provided that they are pure.
    fn identity(&self, value: &Value, function: &Function, class: Option<&Value>) -> Option<String> {
        let id = value.object()?;
        if let (Object::Instance(instance), Some(class)) = (self.heap.get(id), class) {
            // Hooks may do anything; a copy of an object with them is not just what its attributes are.
            let hooks = ["open", "close", "__getstate__", "__setstate__", "__deepcopy__", "__copy__", "__reduce__"];
            let has_hooks = hooks.iter().any(|hook| self.class_attribute(class, hook).is_some());
            if has_hooks || instance.open.is_some() || self.class_is_open(class) {
                return None;
            }
            let attributes: Option<Vec<String>> = instance
                .attributes
                .iter()
                .map(|(name, value)| {
                    Some(format!("{name}={}", self.repr(value).filter(|_| self.literal(value).is_some())?))
                })
                .collect();
            return match attributes {
                Some(attributes) => Some(format!("{:?}({})", class.object()?, attributes.join(","))),
                None => Some(format!("{id:?}")),
            };
        }
        let plain = function.closure.is_empty() && function.defaults.is_empty();
        Some(if plain { format!("{:?}", function.code) } else { format!("{id:?}") })
    }

    fn class_definition(&self, class: &Class) -> Option<&'a ClassDef> {
        let tree = self.program.tree(class.span.source);
        walk::class_at(&tree.body, class.span)
    }

    /// What `__init__` opens, locks or connects and keeps.
    fn resources(&self, class: Option<&Value>) -> Vec<Resource> {
        let Some(class) = class else { return Vec::new() };
        let init = self.class_attribute(class, "__init__").and_then(|(init, _)| init.object());
        let Some(Object::Function(init)) = init.map(|id| self.heap.get(id)) else { return Vec::new() };
        let code = &self.codes[init.code.0 as usize];
        let Body::Block(block) = code.body else { return Vec::new() };
        let imports = self.program.imports(code.span.source);
        let mut found = Vec::new();
        walk::statements(block, &mut |statement| {
            let StmtKind::Assign { targets, value } = &statement.kind else { return };
            let ExprKind::Call { func, .. } = &value.kind else { return };
            let what = match &func.kind {
                ExprKind::Name(name) if name == "open" => Some("open".to_owned()),
                _ => dotted(func, imports).filter(|path| RESOURCES.contains(&path.as_str())),
            };
            let Some(what) = what else { return };
            for target in targets {
                if let ExprKind::Attribute { name, .. } = &target.kind {
                    let what = what.clone();
                    found.push(Resource { attribute: name.name.clone(), what, span: value.span });
                }
            }
        });
        found
    }

    /// Mutable class attributes and default arguments that the function changes.
    fn shared(&self, value: &Value, function: &Function, class: Option<&Value>, effects: &Effects) -> Vec<Shared> {
        let mut found = Vec::new();
        let code = &self.codes[function.code.0 as usize];
        for change in &effects.changes {
            let Base::Parameter(at, name) = &change.of else { continue };
            let shared = match (&change.attribute, class) {
                (Some(attribute), Some(class)) if *at == 0 => self
                    .shared_attribute(value, class, attribute)
                    .map(|definition| (attribute.clone(), false, definition)),
                _ => code
                    .params
                    .all()
                    .nth(*at)
                    .and_then(|parameter| parameter.default.as_ref())
                    .filter(|default| is_mutable(default))
                    .map(|default| (name.clone(), true, default.span)),
            };
            if let Some((name, is_default, definition)) = shared
                && !found.iter().any(|other: &Shared| other.name == name)
            {
                found.push(Shared { name, is_default, definition, change: change.span });
            }
        }
        found
    }

    /// Where a class attribute is defined that the object has no own one for.
    fn shared_attribute(&self, value: &Value, class: &Value, name: &str) -> Option<Span> {
        if let Some(Object::Instance(instance)) = value.object().map(|id| self.heap.get(id))
            && instance.attributes.contains_key(name)
        {
            return None;
        }
        let (_, owner) = self.class_attribute(class, name)?;
        let Object::Class(owner) = self.heap.get(owner) else { return None };
        self.class_definition(owner)?.body.iter().find_map(|statement| match &statement.kind {
            StmtKind::Assign { targets, value } if is_mutable(value) => targets
                .iter()
                .any(|target| matches!(&target.kind, ExprKind::Name(known) if known == name))
                .then_some(statement.span),
            StmtKind::AnnAssign { target, value: Some(value), .. } if is_mutable(value) => {
                matches!(&target.kind, ExprKind::Name(known) if known == name).then_some(statement.span)
            }
            _ => None,
        })
    }
}

fn builtin_identity(value: &Value) -> Option<String> {
    match value {
        Value::Builtin(name) => Some((*name).to_owned()),
        _ => None,
    }
}

fn builtin_effects(value: &Value) -> Option<Effects> {
    match value {
        Value::Builtin("print" | "input" | "open" | "next" | "id" | "hash") => None,
        Value::Builtin(_) => Some(Effects::default()),
        _ => None,
    }
}

/// The full name of what was imported.
fn dotted(expr: &Expr, imports: &std::collections::BTreeMap<String, String>) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => imports.get(name).cloned(),
        ExprKind::Attribute { value, name } => Some(format!("{}.{}", dotted(value, imports)?, name.name)),
        _ => None,
    }
}

fn is_mutable(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::List(_) | ExprKind::Dict(_) | ExprKind::Set(_) => true,
        ExprKind::ListComp { .. } | ExprKind::DictComp { .. } | ExprKind::SetComp { .. } => true,
        ExprKind::Call { func, .. } => match &func.kind {
            ExprKind::Name(name) => MUTABLE_MAKERS.contains(&name.as_str()),
            ExprKind::Attribute { name, .. } => MUTABLE_MAKERS.contains(&name.name.as_str()),
            _ => false,
        },
        _ => false,
    }
}
