//! Imports: modules of the program, of the API, of the standard library as far as it is known, and everything else.

use super::attribute::item_value;
use super::branch::Eval;
use super::value::*;
use super::{Evaluator, Frame, FrameKind, library};
use crate::api::imports;
use crate::api::suggest::{closest, nearest};
use crate::syntax::ast::{Alias, Ident};
use pyflink_plan::{Diagnostic, SourceId, Span};
use std::collections::BTreeMap;
use std::rc::Rc;

impl Evaluator<'_> {
    pub fn import(&mut self, aliases: &[Alias]) -> Eval<()> {
        for alias in aliases {
            let span = alias.name.span;
            let module = self.module(&alias.name.name, span)?;
            match &alias.asname {
                Some(name) => self.assign_name(&name.name, module),
                None => {
                    let top = alias.name.name.split('.').next().unwrap_or("");
                    let module = if top == alias.name.name { module } else { self.module(top, span)? };
                    self.assign_name(top, module);
                }
            }
        }
        Ok(())
    }

    pub fn import_from(&mut self, module: Option<&Ident>, names: &[Alias], level: u32, span: Span) -> Eval<()> {
        let written = module.map_or("", |ident| ident.name.as_str());
        let place = module.map_or(span, |ident| ident.span);
        let Some(full) = self.program.resolve(self.source(), written, level) else {
            self.report(
                Diagnostic::error("unknown-import", "this relative import goes beyond the top-level package")
                    .at(span)
                    .label("too many dots"),
            );
            return self.poison_names(names);
        };
        if imports::is_api(&full) {
            return self.import_api(&full, names, place);
        }
        let from = self.module(&full, place)?;
        for alias in names {
            let name = alias.name.name.as_str();
            if name == "*" {
                self.import_star(&from, span);
                continue;
            }
            let value = self.member(&from, &full, name, alias.name.span)?;
            self.assign_name(&alias.asname.as_ref().unwrap_or(&alias.name).name, value);
        }
        Ok(())
    }

    fn poison_names(&mut self, names: &[Alias]) -> Eval<()> {
        for alias in names {
            let value = self.poison(alias.name.span);
            self.assign_name(&alias.asname.as_ref().unwrap_or(&alias.name).name, value);
        }
        Ok(())
    }

    /// `from module import name` of anything but the API.
    fn member(&mut self, from: &Value, module: &str, name: &str, span: Span) -> Eval<Value> {
        let inner = format!("{module}.{name}");
        let is_module = self.program.modules.contains_key(&inner) || self.program.is_namespace(&inner);
        let Value::Object(id) = from else {
            return match self.library_value(&inner, span) {
                Some(value) => Ok(value),
                None => self.attribute(from, name, span),
            };
        };
        let Object::Module(object) = self.heap.get(*id).clone() else { return Ok(self.opaque(span)) };
        if self.name_in(object.scope, name).is_none() && is_module {
            return self.module(&inner, span);
        }
        self.module_attribute(&object, name, span)
    }

    fn import_star(&mut self, from: &Value, span: Span) {
        let names: Vec<(Name, Value)> = match from {
            Value::Object(id) => match self.heap.get(*id) {
                Object::Module(module) => match self.heap.get(module.scope) {
                    Object::Scope(names) => {
                        let listed = self.listed(names);
                        let public = |name: &Name| match &listed {
                            Some(listed) => listed.iter().any(|known| **known == **name),
                            None => !name.starts_with('_'),
                        };
                        names.iter().filter(|(name, _)| public(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
                    }
                    _ => Vec::new(),
                },
                _ => Vec::new(),
            },
            // Only a run can tell which names come.
            Value::Opaque(_) => vec![(Rc::from("*"), from.clone())],
            _ => {
                let value = self.opaque(span);
                vec![(Rc::from("*"), value)]
            }
        };
        for (name, value) in names {
            self.assign_name(&name, value);
        }
    }

    /// `__all__`, if it is known.
    fn listed(&self, names: &BTreeMap<Name, Value>) -> Option<Vec<Rc<str>>> {
        let items = match names.get("__all__")? {
            Value::Tuple(items) => items.to_vec(),
            Value::Object(id) => match self.heap.get(*id) {
                Object::List(items) => items.clone(),
                _ => return None,
            },
            _ => return None,
        };
        let text = |value: &Value| match value {
            Value::Str(text) => Some(text.clone()),
            _ => None,
        };
        items.iter().map(text).collect()
    }

    fn import_api(&mut self, module: &str, names: &[Alias], place: Span) -> Eval<()> {
        if !imports::exists(module) {
            self.report_unknown_module(module, names, place);
            return self.poison_names(names);
        }
        for alias in names {
            let name = alias.name.name.as_str();
            if name == "*" {
                let members: Vec<_> = imports::members(module).collect();
                for (name, item) in members {
                    self.assign_name(name, item_value(item));
                }
                continue;
            }
            let inner = format!("{module}.{name}");
            let value = match imports::lookup(module, name) {
                Some(item) => item_value(item),
                None if imports::exists(&inner) => self.api_module(&inner),
                None => {
                    self.report_unknown_name(module, name, alias.name.span);
                    self.poison(alias.name.span)
                }
            };
            self.assign_name(&alias.asname.as_ref().unwrap_or(&alias.name).name, value);
        }
        Ok(())
    }

    fn report_unknown_name(&mut self, module: &str, name: &str, span: Span) {
        let diagnostic =
            Diagnostic::error("unknown-import", format!("{module} has no {name}")).at(span).label("not there");
        let elsewhere = imports::all().find(|(_, known)| *known == name);
        let help = match elsewhere {
            Some((place, name)) => format!("it is in another module: `from {place} import {name}`"),
            None => match nearest(name, imports::members(module).map(|(member, _)| member)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => match nearest(name, imports::all().map(|(_, name)| name)) {
                    Some(near) => {
                        let place = imports::all().find(|(_, name)| *name == near).map_or("", |(place, _)| place);
                        format!("the nearest name there is: `from {place} import {near}`")
                    }
                    None => {
                        let members: Vec<&str> = imports::members(module).map(|(member, _)| member).collect();
                        format!("it has {}", members.join(", "))
                    }
                },
            },
        };
        self.report(diagnostic.help(help));
    }

    fn report_unknown_module(&mut self, module: &str, names: &[Alias], span: Span) {
        let diagnostic =
            Diagnostic::error("unknown-import", format!("there is no module {module}")).at(span).label("not there");
        let named = names.iter().find_map(|alias| imports::all().find(|(_, name)| *name == alias.name.name));
        let help = match named {
            Some((place, name)) => format!("write `from {place} import {name}`"),
            None => {
                let modules = imports::MODULES.iter().map(|(name, _)| *name);
                match closest(module, modules) {
                    Some((_, near)) => format!("the nearest module there is: `{near}`"),
                    None => String::new(),
                }
            }
        };
        self.report(diagnostic.help(help));
    }

    /// The module object of a dotted name.
    pub fn module(&mut self, name: &str, span: Span) -> Eval<Value> {
        if let Some(id) = self.heap.modules.get(name) {
            return Ok(Value::Object(*id));
        }
        if imports::is_api(name) || imports::exists(name) && name == "org" {
            if imports::exists(name) {
                return Ok(self.api_module(name));
            }
            // `import java.util.Properties` names a class, which Python can't import like this.
            self.report_unknown_module(name, &[], span);
            return Ok(self.poison(span));
        }
        if name == "org.apache" {
            return Ok(self.api_module(name));
        }
        if let Some(source) = self.program.modules.get(name).copied() {
            // Its packages come first.
            if let Some((parent, _)) = name.rsplit_once('.') {
                self.module(parent, span)?;
            }
            return self.source_module(name, source, span).map(Value::Object);
        }
        if self.program.is_namespace(name) {
            let scope = self.add(Object::Scope(BTreeMap::new()));
            let id = self.add(Object::Module(Module { name: Rc::from(name), scope, api: false }));
            self.heap.modules.insert(Rc::from(name), id);
            return Ok(Value::Object(id));
        }
        if let Some(value) = library::module(name) {
            return Ok(value);
        }
        self.may_raise += 1;
        let opaque = self.fresh_opaque(span);
        // The same module is the same value, wherever it is imported.
        let root = Opaque { identity: 0, ..opaque };
        Ok(Value::Opaque(self.derive(root, name, span)))
    }

    pub fn api_module(&mut self, name: &str) -> Value {
        if let Some(id) = self.heap.modules.get(name) {
            return Value::Object(*id);
        }
        let scope = self.add(Object::Scope(BTreeMap::new()));
        let id = self.add(Object::Module(Module { name: Rc::from(name), scope, api: true }));
        self.heap.modules.insert(Rc::from(name), id);
        Value::Object(id)
    }

    /// Evaluates a module of the program, once.
    pub fn source_module(&mut self, name: &str, source: SourceId, _span: Span) -> Eval<ObjectId> {
        if let Some(id) = self.heap.modules.get(name) {
            return Ok(*id);
        }
        let file = self.program.sources.get(source);
        let mut names: BTreeMap<Name, Value> = BTreeMap::new();
        names.insert(Rc::from("__name__"), Value::str(name));
        names.insert(Rc::from("__doc__"), Value::None);
        let place = self.opaque(Span { source, start: 0, end: 0 });
        names.insert(Rc::from("__file__"), place);
        let package = if file.is_package { name } else { name.rsplit_once('.').map_or("", |(parent, _)| parent) };
        names.insert(Rc::from("__package__"), Value::str(package));
        let scope = self.add(Object::Scope(names));
        let id = self.add(Object::Module(Module { name: Rc::from(name), scope, api: false }));
        self.heap.modules.insert(Rc::from(name), id);
        self.frames.push(Frame {
            scope,
            closure: Vec::new(),
            globals: scope,
            locals: None,
            declared_global: Default::default(),
            kind: FrameKind::Module,
            class: None,
            receiver: None,
            source,
            yielded: Vec::new(),
        });
        let depth = self.frames.len();
        let program = self.program;
        let base = self.pending_base();
        let end = self.block(&program.tree(source).body);
        self.frames.truncate(depth);
        let end = self.resolve(base, end, |_| true);
        self.frames.pop();
        end?;
        if let Some((parent, last)) = name.rsplit_once('.')
            && let Some(parent) = self.heap.modules.get(parent).copied()
            && let Object::Module(module) = self.heap.get(parent)
        {
            let scope = module.scope;
            self.bind(scope, last, Value::Object(id));
        }
        Ok(id)
    }
}
