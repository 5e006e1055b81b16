//! Functions of Python's library of which it is known that values don't get away by them.

use super::flows::Flows;
use crate::syntax::ast::*;
use crate::syntax::{scope, walk};
use std::collections::BTreeSet;

/// Modules of the library whose functions keep and change nothing of what they are given.
const LOOKING_MODULES: &[&str] = &[
    "base64",
    "binascii",
    "calendar",
    "cmath",
    "datetime",
    "decimal",
    "fractions",
    "hashlib",
    "html",
    "ipaddress",
    "math",
    "re",
    "statistics",
    "string",
    "textwrap",
    "time",
    "unicodedata",
    "urllib.parse",
    "zlib",
];

/// Such functions of other modules.
const LOOKING: &[&str] = &[
    "bisect.bisect",
    "bisect.bisect_left",
    "bisect.bisect_right",
    "bytes.fromhex",
    "bytes.maketrans",
    "collections.namedtuple",
    "float.fromhex",
    "heapq.nlargest",
    "heapq.nsmallest",
    "int.from_bytes",
    "json.dumps",
    "operator.attrgetter",
    "operator.itemgetter",
    "str.maketrans",
    "struct.calcsize",
    "struct.pack",
    "struct.unpack",
    "struct.unpack_from",
];

impl Flows {
    /// Notes what is imported.
    pub(super) fn imports(&mut self, block: &[Stmt]) {
        let mut import = |name: &str, path: String| {
            let known = self.imports.entry(name.to_owned()).or_insert_with(|| path.clone());
            if *known != path {
                known.clear();
            }
        };
        walk::every_statement(block, &mut |statement| match &statement.kind {
            StmtKind::Import(names) => {
                for Alias { name, asname } in names {
                    match asname {
                        Some(other) => import(&other.name, name.name.clone()),
                        None => {
                            let first = name.name.split('.').next().unwrap_or_default();
                            import(first, first.to_owned());
                        }
                    }
                }
            }
            StmtKind::ImportFrom { module, names, level } => {
                let module = module.as_ref().map_or("", |module| module.name.as_str());
                let dots = ".".repeat(*level as usize);
                for Alias { name, asname } in names {
                    import(&asname.as_ref().unwrap_or(name).name, format!("{dots}{module}.{}", name.name));
                }
            }
            _ => {}
        });
        let mut bound = BTreeSet::new();
        walk::every_statement(block, &mut |statement| {
            if let StmtKind::Global(names) = &statement.kind {
                bound.extend(names.iter().map(|name| name.name.clone()));
            }
        });
        walk::statements(block, &mut |statement| match &statement.kind {
            StmtKind::Import(_) | StmtKind::ImportFrom { .. } => {}
            _ => scope::bound_names(statement, &mut bound),
        });
        bound.into_iter().for_each(|name| drop(self.imports.insert(name, String::new())));
    }

    /// The full name of a function of Python's library that keeps and changes nothing of what it is given, and gives new
    /// objects: but for what ranks elements, which gives these.
    pub(super) fn looker(&self, func: &Expr) -> Option<String> {
        let path = self.path(func)?;
        let (module, name) = path.rsplit_once('.').unwrap_or_default();
        let is_known =
            LOOKING_MODULES.contains(&module) || LOOKING.contains(&path.as_str()) || path.starts_with("datetime.");
        (is_known && !self.functions.contains_key(name) && !self.bare.contains(name)).then_some(path)
    }

    /// The full name of something that is imported, as long as nothing else may have its name.
    fn path(&self, func: &Expr) -> Option<String> {
        match &func.kind {
            ExprKind::Name(name) => match self.imports.get(name) {
                Some(path) => (!path.is_empty()).then(|| path.clone()),
                None => ["bytes", "float", "int", "str"].contains(&name.as_str()).then(|| name.clone()),
            },
            ExprKind::Attribute { value, name } => Some(format!("{}.{}", self.path(value)?, name.name)),
            _ => None,
        }
    }
}
