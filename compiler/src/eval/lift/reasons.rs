//! Why objects of a class stay in Python, and what would change that.

use super::*;

impl<'a> Evaluator<'a> {
    /// Why objects of a class aren't values, and what would make them some.
    pub(super) fn why_no_record(&self, id: ObjectId) -> String {
        let Object::Class(class) = self.heap.get(id) else { return "objects of this are made in Python".to_owned() };
        let name = &class.name;
        let program: &'a crate::load::Program = self.program;
        let bindings = self.bindings.get_or_init(|| Bindings::new(program));
        let is_written = walk::class_at(&program.tree(class.span.source).body, class.span).is_some();
        let why = if class.named.is_some() && !is_written {
            format!("bind it once, at the top of the file, under its own name, `{name} = namedtuple('{name}', …)`")
        } else if class.named.is_some() || class.members.is_some() {
            format!("define {name} once, at the top of the file, and leave out special methods")
        } else if class.opaque.is_some() {
            return self.why_open(&Value::Object(id));
        } else if !self.is_at_top(class) {
            "define it at the top of the file".to_owned()
        } else if !bindings.is_constant(class.span.source, name) {
            format!("more than one place sets {name}; define it once")
        } else if bindings.sets_any_of(&self.mro_spans(class)) {
            "a method sets attributes by names that only a run tells; set them one by one".to_owned()
        } else if let Some((hook, of)) = self.hook(class) {
            match hook.as_str() {
                "__slots__" => {
                    format!("its `__slots__` aren't just what __init__ sets; leave the `__slots__` of {of} out")
                }
                _ => format!("{of} has `{hook}`; leave it out"),
            }
        } else if self.class_attribute(&Value::Object(id), "__init__").is_none() {
            let is_data = |class: &Class| self.name_in(class.scope, "__dataclass_fields__").is_some();
            let of_builtin = class.mro.iter().find_map(|base| match base {
                Value::Builtin(name) => Some(name),
                _ => None,
            });
            if let Some(base) = of_builtin {
                return format!("objects of {name} are made in Python: it derives from {base}; use {base} itself");
            }
            match self.writes_init(&class.mro, id) && !is_data(class) {
                true => format!("it derives from a dataclass; make {name} a @dataclass too"),
                false => "fields of a dataclass must be plain: without ClassVar or InitVar, with constants, \
                          `field(default=…)` or `field(default_factory=list)` as defaults"
                    .to_owned(),
            }
        } else {
            let init = "its __init__ must set the same attributes in the same order always";
            format!("{init}, without `*args`, `return` or names that begin with `__`; or make it a @dataclass")
        };
        format!("objects of {name} are made in Python: {why}")
    }

    /// Why a class may be anything.
    pub(super) fn why_open(&self, class: &Value) -> String {
        let Some(Object::Class(class)) = class.object().map(|id| self.heap.get(id)) else {
            return "the class isn't known before a run".to_owned();
        };
        let name = &class.name;
        let program: &'a crate::load::Program = self.program;
        let written = walk::class_at(&program.tree(class.span.source).body, class.span);
        let imports = program.top_imports(class.span.source);
        let path = |base: &Expr| match &base.kind {
            ExprKind::Name(name) => imports.get(name).cloned(),
            ExprKind::Attribute { value, name } => match &value.kind {
                ExprKind::Name(module) => imports.get(module).map(|module| format!("{module}.{}", name.name)),
                _ => None,
            },
            _ => None,
        };
        let bases: Vec<String> = written.iter().flat_map(|def| &def.bases).filter_map(path).collect();
        let of_enum = bases.iter().find(|base| base.starts_with("enum."));
        match of_enum.map(String::as_str) {
            Some("enum.Enum") if bases.len() == 1 && written.is_some_and(|def| def.bases.len() == 1) => format!(
                "members of {name} are made in Python: give each a plain value, as `NAME = 'value'` or `NAME = auto()`, \
                 and define nothing else but methods"
            ),
            Some(base) => format!(
                "members of {name} are made in Python, as it isn't just an Enum; derive it from Enum alone, instead of \
                 {base} or other types, and use `.value`"
            ),
            None if bases.iter().any(|base| base == "typing.NamedTuple") => format!(
                "objects of {name} are made in Python: derive it from NamedTuple alone, with plain fields, \
                 `name: type` or `name: type = value`"
            ),
            None => format!(
                "objects of {name} are made in Python: it has a base class, metaclass or decorator that isn't known; \
                 make it a plain class, or a @dataclass"
            ),
        }
    }

    fn hook(&self, class: &Class) -> Option<(String, Name)> {
        class.mro.iter().find_map(|base| {
            let Object::Class(base) = self.heap.get(base.object()?) else { return None };
            let Object::Scope(names) = self.heap.get(base.scope) else { return None };
            let name = names.keys().find(|name| classes::is_hook(name) || &***name == "__slots__")?;
            Some((name.to_string(), base.name.clone()))
        })
    }

    /// The function of the library whose result a global is.
    fn maker(&self, source: pyflink_plan::SourceId, name: &str) -> Option<String> {
        let imports = self.program.top_imports(source);
        let mut of_library = None;
        walk::statements(&self.program.tree(source).body, &mut |statement| {
            let StmtKind::Assign { targets, value } = &statement.kind else { return };
            let ExprKind::Call { func, .. } = &value.kind else { return };
            if !targets.iter().any(|target| matches!(&target.kind, ExprKind::Name(known) if known == name)) {
                return;
            }
            of_library = match &func.kind {
                ExprKind::Name(name) => imports.get(name).cloned(),
                ExprKind::Attribute { value, name } => match &value.kind {
                    ExprKind::Name(module) => imports.get(module).map(|module| format!("{module}.{}", name.name)),
                    _ => None,
                },
                _ => None,
            };
        });
        of_library
    }

    /// True for a global that is a class which machine code has no form for, as a function of the library makes it.
    pub(super) fn is_class_made(&self, source: pyflink_plan::SourceId, name: &str) -> bool {
        let made = ["collections.namedtuple", "typing.NamedTuple", "enum.Enum"];
        self.maker(source, name).is_some_and(|maker| made.contains(&maker.as_str()))
    }

    /// The function of the library that makes a global whose objects are never plain values: a logger, a lock.
    pub(super) fn maker_of_object(&self, source: pyflink_plan::SourceId, name: &str) -> Option<String> {
        let modules = ["logging.", "random.", "socket.", "subprocess.", "threading."];
        self.maker(source, name).filter(|maker| modules.iter().any(|module| maker.starts_with(module)))
    }

    /// What to do about a global whose value isn't known.
    pub(super) fn why_unknown(&self, source: pyflink_plan::SourceId, name: &str) -> String {
        match self.maker(source, name).as_deref() {
            Some("collections.namedtuple" | "typing.NamedTuple") => format!(
                "objects of {name} are made in Python: give the names of its fields as constants, as in \
                 `{name} = namedtuple('{name}', 'x y')`, and nothing else but `defaults`"
            ),
            Some("enum.Enum") => {
                format!("members of {name} are made in Python: write it as a class, `class {name}(Enum): …`")
            }
            _ => format!("what {name} is, isn't known before a run; keep it in an attribute of a function object"),
        }
    }
}
