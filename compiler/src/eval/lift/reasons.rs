//! Why objects of a class stay in Python, and what would change that.

use super::*;

impl<'a> Evaluator<'a> {
    /// Why objects of a class aren't values, and what would make them some.
    pub(super) fn why_no_record(&self, id: ObjectId) -> Cause {
        let Object::Class(class) = self.heap.get(id) else {
            return Cause::new("objects of this are made in Python", "write it as a class of the script");
        };
        let name = &class.name;
        let made = |edit: String| Cause::new(format!("objects of {name} are made in Python"), edit);
        let made_as =
            |why: String, edit: String| Cause::new(format!("objects of {name} are made in Python: {why}"), edit);
        let program: &'a crate::load::Program = self.program;
        let bindings = self.bindings.get_or_init(|| Bindings::new(program));
        let is_written = walk::class_at(&program.tree(class.span.source).body, class.span).is_some();
        if class.named.is_some() && !is_written {
            return made(format!(
                "bind it once, at the top of the file, under its own name, `{name} = namedtuple('{name}', …)`"
            ));
        }
        if class.named.is_some() || class.members.is_some() {
            return made(format!("define {name} once, at the top of the file, and leave out special methods"));
        }
        if class.opaque.is_some() {
            return self.why_open(&Value::Object(id));
        }
        if !self.is_at_top(class) {
            return made("define it at the top of the file".to_owned());
        }
        if !bindings.is_constant(class.span.source, name) {
            return made_as(format!("more than one place sets {name}"), "define it once".to_owned());
        }
        if bindings.sets_any_of(&self.mro_spans(class)) {
            let why = "a method sets attributes by names that only a run tells";
            return made_as(why.to_owned(), "set them one by one".to_owned());
        }
        if let Some((hook, of)) = self.hook(class) {
            return match hook.as_str() {
                "__slots__" => made_as(
                    "its `__slots__` aren't just what __init__ sets".to_owned(),
                    format!("leave the `__slots__` of {of} out"),
                ),
                _ => made_as(format!("{of} has `{hook}`"), "leave it out".to_owned()),
            };
        }
        if self.class_attribute(&Value::Object(id), "__init__").is_some() {
            return made_as(
                "its __init__ must set the same attributes in the same order always".to_owned(),
                "let it do so, without `*args`, `return` or names that begin with `__`, or make it a @dataclass"
                    .to_owned(),
            );
        }
        let of_builtin = class.mro.iter().find_map(|base| match base {
            Value::Builtin(name) => Some(name),
            _ => None,
        });
        if let Some(base) = of_builtin {
            return made_as(format!("it derives from {base}"), format!("use {base} itself"));
        }
        let is_data = self.name_in(class.scope, "__dataclass_fields__").is_some();
        match self.writes_init(&class.mro, id) && !is_data {
            true => made_as("it derives from a dataclass".to_owned(), format!("make {name} a @dataclass too")),
            false => made_as(
                "fields of a dataclass must be plain".to_owned(),
                "write them without ClassVar or InitVar, with constants, `field(default=…)` or \
                 `field(default_factory=list)` as defaults"
                    .to_owned(),
            ),
        }
    }

    /// Why a class may be anything.
    pub(super) fn why_open(&self, class: &Value) -> Cause {
        let Some(Object::Class(class)) = class.object().map(|id| self.heap.get(id)) else {
            return Cause::new("the class isn't known before a run", "use a class of the script, by its name");
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
        let objects = || format!("objects of {name} are made in Python");
        match of_enum.map(String::as_str) {
            Some("enum.Enum") if bases.len() == 1 && written.is_some_and(|def| def.bases.len() == 1) => Cause::new(
                format!("members of {name} are made in Python"),
                "give each a plain value, as `NAME = 'value'` or `NAME = auto()`, and define nothing else but methods",
            ),
            Some(base) => Cause::new(
                format!("members of {name} are made in Python, as it isn't just an Enum"),
                format!("derive it from Enum alone, instead of {base} or other types, and use `.value`"),
            ),
            None if bases.iter().any(|base| base == "typing.NamedTuple") => Cause::new(
                objects(),
                "derive it from NamedTuple alone, with plain fields, `name: type` or `name: type = value`",
            ),
            None => Cause::new(
                format!("{}: it has a base class, metaclass or decorator that isn't known", objects()),
                "make it a plain class, or a @dataclass",
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
    pub(super) fn why_unknown(&self, source: pyflink_plan::SourceId, name: &str) -> Cause {
        match self.maker(source, name).as_deref() {
            Some("collections.namedtuple" | "typing.NamedTuple") => Cause::new(
                format!("objects of {name} are made in Python"),
                format!(
                    "give the names of its fields as constants, as in `{name} = namedtuple('{name}', 'x y')`, and nothing \
                     else but `defaults`"
                ),
            ),
            Some("enum.Enum") => Cause::new(
                format!("members of {name} are made in Python"),
                format!("write it as a class, `class {name}(Enum): …`"),
            ),
            _ => Cause::new(
                format!("what {name} is, isn't known before a run"),
                "keep it in an attribute of a function object",
            ),
        }
    }
}
