//! Finds the files that a script consists of: itself, its packages, and the modules beside it that it imports.
//!
//! Found without running anything: every `import` statement counts, wherever it stands. Modules of the standard
//! library and of site-packages are not part of a script.

use crate::api::imports;
use crate::syntax::ast::{FunctionDef, Module, Stmt, StmtKind};
use crate::syntax::{parse, python2, scope, unfinished, versions, walk};
use pyflink_plan::{Diagnostic, SourceFile, SourceId, Sources, Span};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The files of a script with their trees. A file that doesn't parse has an empty tree.
#[derive(Debug, Default)]
pub struct Program {
    pub sources: Sources,
    pub trees: Vec<Module>,
    /// By dotted name.
    pub modules: BTreeMap<String, SourceId>,
    /// Files that don't parse.
    pub broken: Vec<SourceId>,
    imports: OnceCell<Vec<BTreeMap<String, String>>>,
    top_imports: OnceCell<Vec<BTreeMap<String, String>>>,
    told_apart: OnceCell<BTreeMap<Span, FunctionDef>>,
}

impl Program {
    /// Full names of what a file imports, by the names it has there: `now` is `datetime.datetime.now`.
    pub fn imports(&self, id: SourceId) -> &BTreeMap<String, String> {
        &self.imports.get_or_init(|| self.trees.iter().map(scope::imports).collect())[id.0 as usize]
    }

    /// As [`Program::imports`], of those whose names the module itself has, and not just a function in it.
    pub fn top_imports(&self, id: SourceId) -> &BTreeMap<String, String> {
        &self.top_imports.get_or_init(|| self.trees.iter().map(scope::top_imports).collect())[id.0 as usize]
    }

    /// The function whose name stands there, with its variables told apart.
    pub fn told_apart(&self, name: Span) -> Option<&FunctionDef> {
        let all = self.told_apart.get_or_init(|| {
            let mut all = BTreeMap::new();
            for tree in &self.trees {
                walk::every_statement(&tree.body, &mut |statement| {
                    if let StmtKind::FunctionDef(function) = &statement.kind {
                        all.insert(function.name.span, versions::told_apart(function));
                    }
                });
            }
            all
        });
        all.get(&name)
    }

    pub fn tree(&self, id: SourceId) -> &Module {
        &self.trees[id.0 as usize]
    }

    /// True for a folder on the way to a module that has no file of its own.
    pub fn is_namespace(&self, module: &str) -> bool {
        let is_parent = |name: &String| name.strip_prefix(module).is_some_and(|rest| rest.starts_with('.'));
        !self.modules.contains_key(module) && self.modules.keys().any(is_parent)
    }

    /// The absolute name of an import in a module; `None` if it leaves the top-level package.
    pub fn resolve(&self, from: SourceId, module: &str, level: u32) -> Option<String> {
        if level == 0 {
            return Some(module.to_owned());
        }
        let file = self.sources.get(from);
        let mut parts: Vec<&str> = file.module.split('.').collect();
        let up = level as usize - usize::from(file.is_package);
        if up >= parts.len() + usize::from(file.is_package) {
            return None;
        }
        parts.truncate(parts.len() - up);
        if !module.is_empty() {
            parts.push(module);
        }
        Some(parts.join("."))
    }
}

/// Reads the script and all that belongs to it.
pub fn load(script: &Path, packages: &[PathBuf], found: &mut Vec<Diagnostic>) -> Program {
    let mut loader = Loader { program: Program::default(), roots: BTreeMap::new(), folder: PathBuf::new(), found };
    if !script.is_file() {
        loader.missing("script", script);
        return loader.program;
    }
    loader.folder = script.parent().unwrap_or(Path::new("")).to_owned();
    for package in packages {
        match (package.is_file() || package.is_dir(), base_name(package)) {
            (true, Some(name)) => drop(loader.roots.insert(name, package.clone())),
            _ => loader.missing("package", package),
        }
    }
    let name = base_name(script).unwrap_or_else(|| "script".to_owned());
    loader.add(&name, script, false);
    for (name, path) in loader.roots.clone() {
        if path.is_dir() {
            loader.folder_of(&name, &path);
        } else {
            loader.add(&name, &path, false);
        }
    }
    let mut next = 0;
    while next < loader.program.trees.len() {
        loader.imports(SourceId(next as u32));
        next += 1;
    }
    loader.program
}

/// The name under which a file or folder is imported.
fn base_name(path: &Path) -> Option<String> {
    let stem =
        if path.is_dir() { path.canonicalize().ok()?.file_name()?.to_owned() } else { path.file_stem()?.to_owned() };
    stem.into_string().ok().filter(|name| !name.is_empty())
}

struct Loader<'a> {
    program: Program,
    /// Packages that were named, by the name they are imported under.
    roots: BTreeMap<String, PathBuf>,
    /// The script's own.
    folder: PathBuf,
    found: &'a mut Vec<Diagnostic>,
}

impl Loader<'_> {
    fn missing(&mut self, what: &str, path: &Path) {
        let reason = match std::fs::metadata(path) {
            Ok(data) if data.is_dir() => "it is a folder",
            Ok(_) => "it has no name that could be imported",
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "no such file",
            Err(_) => "it can't be opened",
        };
        let message = format!("can't read the {what} {}: {reason}", path.display());
        self.found.push(Diagnostic::error("missing-file", message));
    }

    /// Adds a module, if it isn't there. Its parent packages must have been added.
    fn add(&mut self, name: &str, path: &Path, is_package: bool) {
        if self.program.modules.contains_key(name) {
            return;
        }
        let shown = path.display().to_string();
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.found.push(Diagnostic::error("missing-file", format!("can't read {shown}: {error}")));
                return;
            }
        };
        let source = SourceId(self.program.trees.len() as u32);
        let (text, bad) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                (String::from_utf8_lossy(&error.into_bytes()).into_owned(), Some(at as u32))
            }
        };
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let tree = match bad {
            Some(at) => {
                let span = Span { source, start: at, end: at + 3 };
                self.found.push(
                    Diagnostic::error("not-utf8", format!("{shown} is not UTF-8"))
                        .at(span)
                        .label("the first byte that isn't")
                        .help("save the file as UTF-8"),
                );
                None
            }
            None => match parse::module(&text, source) {
                Ok(tree) => Some(tree),
                Err(error) => {
                    syntax_errors(&text, source, error, self.found);
                    None
                }
            },
        };
        if tree.is_none() {
            self.program.broken.push(source);
        }
        self.program.sources.files.push(SourceFile { path: shown, module: name.to_owned(), is_package, text });
        self.program.trees.push(tree.unwrap_or(Module { body: Vec::new() }));
        self.program.modules.insert(name.to_owned(), source);
    }

    /// Everything in a package that was named: parts of it may be imported in ways that can't be seen.
    fn folder_of(&mut self, name: &str, folder: &Path) {
        let init = folder.join("__init__.py");
        if init.is_file() {
            self.add(name, &init, true);
        }
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned) else { continue };
            if stem.starts_with('.') || stem == "__pycache__" || stem == "__init__" {
                continue;
            }
            let inner = format!("{name}.{stem}");
            if path.is_dir() {
                self.folder_of(&inner, &path);
            } else if path.extension().is_some_and(|extension| extension == "py") {
                self.add(&inner, &path, false);
            }
        }
    }

    /// Adds what a module imports.
    fn imports(&mut self, from: SourceId) {
        let mut wanted = Vec::new();
        let tree = std::mem::replace(&mut self.program.trees[from.0 as usize], Module { body: Vec::new() });
        imported(&tree.body, &mut |module, level, names| {
            if let Some(base) = self.program.resolve(from, module, level) {
                wanted.extend(names.iter().map(|name| format!("{base}.{name}")));
                wanted.push(base);
            }
        });
        self.program.trees[from.0 as usize] = tree;
        for module in wanted {
            if !imports::is_api(&module) {
                self.module(&module);
            }
        }
    }

    /// Adds a dotted module and its parents, as far as there are files for them.
    fn module(&mut self, module: &str) {
        let parts: Vec<&str> = module.split('.').collect();
        if parts[0].is_empty() {
            return;
        }
        let mut at = match self.roots.get(parts[0]) {
            Some(path) => path.clone(),
            None => self.folder.join(parts[0]),
        };
        for depth in 0..parts.len() {
            let name = parts[..=depth].join(".");
            if depth > 0 {
                at = at.join(parts[depth]);
            }
            if at.is_file() {
                self.add(&name, &at, false);
                return;
            }
            let init = at.join("__init__.py");
            let file = at.with_file_name(format!("{}.py", parts[depth]));
            if init.is_file() {
                self.add(&name, &init, true);
            } else if file.is_file() {
                self.add(&name, &file, false);
                return;
            } else if !at.is_dir() {
                return;
            }
        }
    }
}

/// Reports a file that doesn't parse: as what is Python 2 in it, if something is.
fn syntax_errors(text: &str, source: SourceId, error: parse::SyntaxError, found: &mut Vec<Diagnostic>) {
    let line = |offset: u32| text[..(offset as usize).min(text.len())].matches('\n').count();
    let old = python2::find(text);
    let explained = old.iter().any(|finding| {
        let lines = line(finding.start as u32)..=line(finding.end as u32);
        lines.contains(&line(error.span.start))
    });
    if !explained {
        found.push(match unfinished::explain(text, error.span.start as usize) {
            Some(finding) => Diagnostic::error("syntax-error", format!("invalid syntax: {}", finding.message))
                .at(Span { source, start: finding.start as u32, end: finding.end as u32 })
                .help(finding.help),
            None => Diagnostic::error("syntax-error", format!("invalid syntax: {}", error.message)).at(error.span),
        });
    }
    for finding in old {
        let span = Span { source, start: finding.start as u32, end: finding.end as u32 };
        found.push(
            Diagnostic::error("python2-syntax", finding.message).at(span).label("Python 2 syntax").help(finding.help),
        );
    }
}

/// Calls `see` with module, level and names of each import, functions' bodies included.
fn imported(body: &[Stmt], see: &mut impl FnMut(&str, u32, &[&str])) {
    for statement in body {
        match &statement.kind {
            StmtKind::Import(aliases) => aliases.iter().for_each(|alias| see(&alias.name.name, 0, &[])),
            StmtKind::ImportFrom { module, names, level } => {
                let names: Vec<&str> = names.iter().map(|alias| alias.name.name.as_str()).collect();
                see(module.as_ref().map_or("", |module| &module.name), *level, &names);
            }
            StmtKind::FunctionDef(function) => imported(&function.body, see),
            StmtKind::ClassDef(class) => imported(&class.body, see),
            _ => walk::blocks(statement).into_iter().for_each(|block| imported(block, see)),
        }
    }
}
