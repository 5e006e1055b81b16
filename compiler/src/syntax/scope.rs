//! Names that are used and defined nowhere. Flow is not looked at: a name that is bound anywhere in a scope is bound.

use super::ast::*;
use super::walk;
use pyflink_plan::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A name that no scope has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undefined {
    pub name: String,
    pub span: Span,
    /// False for the top level of a module.
    pub in_function: bool,
    /// The nearest name that is there, if one is near.
    pub nearest: Option<String>,
}

/// The undefined names of a module. `star` gives the names that `from module import *` brings, or `None` if nobody knows.
pub fn undefined(module: &Module, star: &dyn Fn(&str, u32) -> Option<Vec<String>>) -> Vec<Undefined> {
    let mut check = Check { star, scopes: Vec::new(), open: false, found: Vec::new() };
    check.scope(Kind::Module, &[], &module.body);
    if check.open {
        return Vec::new();
    }
    check.found
}

/// Builtin functions, types, exceptions and constants of Python 3.9 to 3.14.
pub const BUILTINS: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "BaseExceptionGroup",
    "BlockingIOError",
    "BrokenPipeError",
    "BufferError",
    "BytesWarning",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DeprecationWarning",
    "EOFError",
    "Ellipsis",
    "EncodingWarning",
    "EnvironmentError",
    "Exception",
    "ExceptionGroup",
    "False",
    "FileExistsError",
    "FileNotFoundError",
    "FloatingPointError",
    "FutureWarning",
    "GeneratorExit",
    "IOError",
    "ImportError",
    "ImportWarning",
    "IndentationError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "None",
    "NotADirectoryError",
    "NotImplemented",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PendingDeprecationWarning",
    "PermissionError",
    "ProcessLookupError",
    "PythonFinalizationError",
    "RecursionError",
    "ReferenceError",
    "ResourceWarning",
    "RuntimeError",
    "RuntimeWarning",
    "StopAsyncIteration",
    "StopIteration",
    "SyntaxError",
    "SyntaxWarning",
    "SystemError",
    "SystemExit",
    "TabError",
    "TimeoutError",
    "True",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "UnicodeTranslateError",
    "UnicodeWarning",
    "UserWarning",
    "ValueError",
    "Warning",
    "ZeroDivisionError",
    "__build_class__",
    "__builtins__",
    "__debug__",
    "__doc__",
    "__file__",
    "__import__",
    "__loader__",
    "__name__",
    "__package__",
    "__path__",
    "__spec__",
    "__annotations__",
    "__dict__",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "copyright",
    "credits",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "license",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

/// What to use for a builtin that Python 2 had and Python 3 hasn't.
pub fn python2_builtin(name: &str) -> Option<&'static str> {
    Some(match name {
        "unicode" | "basestring" => "`str` in Python 3",
        "xrange" => "`range` in Python 3",
        "raw_input" => "`input` in Python 3",
        "long" => "`int` in Python 3",
        "unichr" => "`chr` in Python 3",
        "reduce" => "`functools.reduce` in Python 3",
        "file" => "`open` in Python 3",
        "reload" => "`importlib.reload` in Python 3",
        "execfile" => "`exec(open(path).read())` in Python 3",
        "cmp" => "`(a > b) - (a < b)` in Python 3",
        _ => return None,
    })
}

/// Adds the names that a module's top level binds; `None` if a star import brings names that nobody knows.
pub fn module_names(
    module: &Module,
    star: &dyn Fn(&str, u32) -> Option<Vec<String>>,
    names: &mut BTreeSet<String>,
) -> Option<()> {
    let mut check = Check { star, scopes: Vec::new(), open: false, found: Vec::new() };
    module.body.iter().for_each(|statement| check.bound(statement, names, &mut BTreeSet::new()));
    (!check.open).then_some(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Module,
    Function,
    /// Its names are not seen from functions in it.
    Class,
    Comprehension,
}

struct Scope {
    kind: Kind,
    names: BTreeSet<String>,
}

struct Check<'a> {
    star: &'a dyn Fn(&str, u32) -> Option<Vec<String>>,
    scopes: Vec<Scope>,
    /// Something brought names that nobody knows.
    open: bool,
    found: Vec<Undefined>,
}

impl Check<'_> {
    fn scope(&mut self, kind: Kind, params: &[&Parameter], body: &[Stmt]) {
        let mut names: BTreeSet<String> = params.iter().map(|parameter| parameter.name.name.clone()).collect();
        let mut globals = BTreeSet::new();
        body.iter().for_each(|statement| self.bound(statement, &mut names, &mut globals));
        if kind != Kind::Module
            && let Some(module) = self.scopes.first_mut()
        {
            module.names.extend(globals);
        }
        self.scopes.push(Scope { kind, names });
        if kind == Kind::Module {
            // What functions declare global is bound before any of them is looked at.
            self.declared_globals(body);
        }
        self.body(body);
        self.scopes.pop();
    }

    fn declared_globals(&mut self, body: &[Stmt]) {
        for statement in body {
            match &statement.kind {
                StmtKind::Global(names) => {
                    self.scopes[0].names.extend(names.iter().map(|ident| ident.name.clone()));
                }
                StmtKind::FunctionDef(function) => self.declared_globals(&function.body),
                StmtKind::ClassDef(class) => self.declared_globals(&class.body),
                _ => walk::blocks(statement).into_iter().for_each(|block| self.declared_globals(block)),
            }
        }
    }

    fn bound(&mut self, statement: &Stmt, names: &mut BTreeSet<String>, globals: &mut BTreeSet<String>) {
        bound_names(statement, names);
        if let StmtKind::ImportFrom { module, names: aliases, level } = &statement.kind
            && aliases.iter().any(|alias| alias.name.name == "*")
        {
            match (self.star)(module.as_ref().map_or("", |module| &module.name), *level) {
                Some(more) => names.extend(more),
                None => self.open = true,
            }
        }
        if let StmtKind::Global(idents) = &statement.kind {
            globals.extend(idents.iter().map(|ident| ident.name.clone()));
        }
        for block in walk::blocks(statement) {
            block.iter().for_each(|inner| self.bound(inner, names, globals));
        }
    }

    fn body(&mut self, body: &[Stmt]) {
        for statement in body {
            walk::direct_exprs(statement, &mut |expr| self.expr(expr));
            match &statement.kind {
                StmtKind::FunctionDef(function) => {
                    let params: Vec<&Parameter> = function.params.all().collect();
                    self.scope(Kind::Function, &params, &function.body);
                }
                StmtKind::ClassDef(class) => self.scope(Kind::Class, &[], &class.body),
                _ => {}
            }
            walk::blocks(statement).into_iter().for_each(|block| self.body(block));
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::Lambda { params, body } => {
                walk::children(expr, &mut |child| self.expr(child));
                let mut names = params.all().map(|parameter| parameter.name.name.clone()).collect();
                walrus_names(body, &mut names);
                self.inside(Kind::Function, names, |check| check.expr(body));
            }
            ExprKind::ListComp { generators, .. }
            | ExprKind::SetComp { generators, .. }
            | ExprKind::GeneratorExp { generators, .. }
            | ExprKind::DictComp { generators, .. } => {
                let mut names = BTreeSet::new();
                generators.iter().for_each(|generator| target_names(&generator.target, &mut names));
                self.inside(Kind::Comprehension, names, |check| {
                    walk::children(expr, &mut |child| check.expr(child));
                });
            }
            _ => walk::children(expr, &mut |child| self.expr(child)),
        }
    }

    fn inside(&mut self, kind: Kind, names: BTreeSet<String>, run: impl FnOnce(&mut Self)) {
        self.scopes.push(Scope { kind, names });
        run(self);
        self.scopes.pop();
    }

    fn name(&mut self, name: &str, span: Span) {
        let innermost = self.scopes.iter().rposition(|scope| scope.kind != Kind::Comprehension);
        let mut visible =
            self.scopes.iter().enumerate().filter(|(at, scope)| scope.kind != Kind::Class || Some(*at) == innermost);
        let in_class = self.scopes.iter().any(|scope| scope.kind == Kind::Class);
        let implicit = in_class && ["__class__", "__module__", "__qualname__"].contains(&name);
        if implicit || BUILTINS.contains(&name) || visible.any(|(_, scope)| scope.names.contains(name)) {
            return;
        }
        let in_function = self.scopes.iter().any(|scope| scope.kind == Kind::Function);
        let known = self.scopes.iter().flat_map(|scope| scope.names.iter().map(String::as_str));
        let nearest = crate::api::suggest::nearest(name, known.chain(BUILTINS.iter().copied())).map(str::to_owned);
        self.found.push(Undefined { name: name.to_owned(), span, in_function, nearest });
    }
}

/// Names that the statement itself binds, blocks in it left out.
pub fn bound_names(statement: &Stmt, names: &mut BTreeSet<String>) {
    match &statement.kind {
        StmtKind::FunctionDef(function) => drop(names.insert(function.name.name.clone())),
        StmtKind::ClassDef(class) => drop(names.insert(class.name.name.clone())),
        StmtKind::Assign { targets, .. } => targets.iter().for_each(|target| target_names(target, names)),
        StmtKind::AugAssign { target, .. } | StmtKind::AnnAssign { target, .. } | StmtKind::For { target, .. } => {
            target_names(target, names);
        }
        StmtKind::With { items, .. } => {
            items.iter().filter_map(|item| item.target.as_ref()).for_each(|target| target_names(target, names));
        }
        StmtKind::Match { cases, .. } => cases.iter().for_each(|case| pattern_names(&case.pattern, names)),
        StmtKind::Try { handlers, .. } => {
            names.extend(handlers.iter().filter_map(|handler| handler.name.as_ref()).map(|ident| ident.name.clone()));
        }
        StmtKind::Import(aliases) => names.extend(aliases.iter().map(|alias| match &alias.asname {
            Some(asname) => asname.name.clone(),
            None => alias.name.name.split('.').next().unwrap_or("").to_owned(),
        })),
        StmtKind::ImportFrom { names: aliases, .. } => {
            names.extend(aliases.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).name.clone()));
        }
        StmtKind::Global(idents) | StmtKind::Nonlocal(idents) => {
            names.extend(idents.iter().map(|ident| ident.name.clone()));
        }
        StmtKind::TypeAlias { name, .. } => drop(names.insert(name.name.clone())),
        _ => {}
    }
    walk::direct_exprs(statement, &mut |expr| walrus_names(expr, names));
}

/// Names that `:=` in an expression binds, in comprehensions too.
pub fn walrus_names(expr: &Expr, names: &mut BTreeSet<String>) {
    if let ExprKind::NamedExpr { target, .. } = &expr.kind {
        target_names(target, names);
    }
    walk::children(expr, &mut |child| walrus_names(child, names));
}

/// Names that an assignment to the target binds.
pub fn target_names(target: &Expr, names: &mut BTreeSet<String>) {
    match &target.kind {
        ExprKind::Name(name) => drop(names.insert(name.clone())),
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|item| target_names(item, names)),
        ExprKind::Starred(inner) => target_names(inner, names),
        _ => {}
    }
}

fn pattern_names(pattern: &Pattern, names: &mut BTreeSet<String>) {
    match &pattern.kind {
        PatternKind::Sequence(patterns) | PatternKind::Or(patterns) => {
            patterns.iter().for_each(|inner| pattern_names(inner, names));
        }
        PatternKind::Mapping { patterns, rest, .. } => {
            patterns.iter().for_each(|inner| pattern_names(inner, names));
            names.extend(rest.iter().map(|ident| ident.name.clone()));
        }
        PatternKind::Class { patterns, keywords, .. } => {
            patterns
                .iter()
                .chain(keywords.iter().map(|(_, inner)| inner))
                .for_each(|inner| pattern_names(inner, names));
        }
        PatternKind::Star(name) => names.extend(name.iter().map(|ident| ident.name.clone())),
        PatternKind::As { pattern, name } => {
            pattern.iter().for_each(|inner| pattern_names(inner, names));
            names.extend(name.iter().map(|ident| ident.name.clone()));
        }
        PatternKind::Value(_) | PatternKind::Singleton(_) => {}
    }
}

/// In the place of the module where a name is imported from several.
pub const SEVERAL: &str = "<several>";

/// Full names of what a module imports from elsewhere, by the names it has there, wherever the imports stand.
pub fn imports(module: &Module) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    walk::every_statement(&module.body, &mut |statement| import(statement, &mut names));
    names
}

/// As [`imports`], of those that bind names of the module itself: not those in functions and classes.
pub fn top_imports(module: &Module) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    walk::statements(&module.body, &mut |statement| import(statement, &mut names));
    names
}

fn import(statement: &Stmt, names: &mut BTreeMap<String, String>) {
    let mut add = |name: &str, full: String| match names.get_mut(name) {
        Some(known) if *known != full => *known = format!("{SEVERAL}.{name}"),
        Some(_) => {}
        None => drop(names.insert(name.to_owned(), full)),
    };
    match &statement.kind {
        StmtKind::Import(aliases) => {
            for alias in aliases {
                let full = &alias.name.name;
                let top = full.split('.').next().unwrap_or(full);
                match &alias.asname {
                    Some(name) => add(&name.name, full.clone()),
                    None => add(top, top.to_owned()),
                }
            }
        }
        StmtKind::ImportFrom { module: Some(module), names: aliases, level: 0 } => {
            for alias in aliases {
                let name = alias.asname.as_ref().unwrap_or(&alias.name);
                add(&name.name, format!("{}.{}", module.name, alias.name.name));
            }
        }
        _ => {}
    }
}

/// All names that a function body binds, so that they are local to it.
pub fn locals(params: &Parameters, body: &[Stmt]) -> BTreeSet<String> {
    fn collect(body: &[Stmt], names: &mut BTreeSet<String>, free: &mut BTreeSet<String>) {
        for statement in body {
            if let StmtKind::Global(idents) | StmtKind::Nonlocal(idents) = &statement.kind {
                free.extend(idents.iter().map(|ident| ident.name.clone()));
            }
            bound_names(statement, names);
            walk::blocks(statement).into_iter().for_each(|block| collect(block, names, free));
        }
    }
    let mut names: BTreeSet<String> = params.all().map(|parameter| parameter.name.name.clone()).collect();
    let mut free = BTreeSet::new();
    collect(body, &mut names, &mut free);
    names.difference(&free).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use pyflink_plan::SourceId;

    fn names(text: &str) -> Vec<String> {
        let module = parse::module(text, SourceId(0)).unwrap();
        undefined(&module, &|_, _| None).into_iter().map(|undefined| undefined.name).collect()
    }

    #[test]
    fn what_is_bound_somewhere_is_known() {
        let text = "import a.b\nfrom c import d as e\nfor i, (j, *k) in a: pass\ndef f(x, *y, z=1, **w):\n    global g\n    g = 1\n    return [q for q in x if (r := q)], r, lambda s: s + i\nclass C:\n    n = 1\n    m = n\n    def h(self): return __class__, C\ntry: pass\nexcept E as err: err\nwith a as (t, u): t, u, g, print\n";
        assert_eq!(names(text), ["E"]);
    }

    #[test]
    fn class_names_are_not_seen_in_methods() {
        assert_eq!(names("class C:\n    n = 1\n    def h(self): return n\n"), ["n"]);
    }

    #[test]
    fn an_unknown_star_import_hides_everything() {
        assert_eq!(names("from x import *\ny\n"), Vec::<String>::new());
    }
}
