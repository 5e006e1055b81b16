//! Named tuples: classes that `namedtuple` and `NamedTuple` make.

use super::arguments::Site;
use super::classes::{Makes, Record};
use super::*;

/// What a class may say itself without being less of a tuple.
const HARMLESS: &[&str] =
    &["__annotations__", "__doc__", "__format__", "__module__", "__qualname__", "__repr__", "__slots__", "__str__"];

/// What `namedtuple` gives to each class.
const GIVEN: &[&str] = &["_asdict", "_field_defaults", "_make", "_replace"];

impl<'a> Evaluator<'a> {
    /// What the runtime will find a named tuple to be.
    pub fn known_named_tuple(
        &self,
        held: &Instance,
        known: impl Fn(&Value) -> Option<pyflink_plan::types::Constant>,
    ) -> Option<pyflink_plan::types::Constant> {
        let Record { module, name, fields, .. } = self.record(held.class.object()?)?;
        let field = |field: String| {
            let value = known(held.attributes.get(field.as_str())?)?;
            Some((field, value))
        };
        let fields = fields.into_iter().map(field).collect::<Option<_>>()?;
        Some(pyflink_plan::types::Constant::Record { module, name, fields, is_tuple: true })
    }

    pub fn is_named_tuple(&self, class: &Value) -> bool {
        let class = class.object().map(|id| self.heap.get(id));
        matches!(class, Some(Object::Class(class)) if class.named.is_some())
    }

    pub(super) fn named_record(&self, id: ObjectId, class: &Class, named: &NamedTuple) -> Option<Record<'a>> {
        let program: &'a crate::load::Program = self.program;
        let bindings = self.bindings.get_or_init(|| Bindings::new(program));
        let module = &program.sources.get(class.span.source).module;
        // Where Python finds it.
        let Object::Module(place) = self.heap.get(*self.heap.modules.get(module.as_str())?) else { return None };
        if self.name_in(place.scope, &class.name) != Some(&Value::Object(id))
            || !bindings.is_constant(class.span.source, &class.name)
            || bindings.sets_special()
            || GIVEN.iter().chain(&["_fields"]).any(|name| bindings.is_set(name))
        {
            return None;
        }
        for (at, base) in class.mro.iter().enumerate() {
            let Object::Class(base) = self.heap.get(base.object()?) else { return None };
            let Object::Scope(names) = self.heap.get(base.scope) else { return None };
            // The one that has the fields may have values of them.
            let is_first = at + 1 == class.mro.len();
            let is_harmless = |name: &Name| {
                let is_special = name.starts_with("__") && name.ends_with("__");
                (!is_special || HARMLESS.contains(&&**name))
                    && !GIVEN.contains(&&**name)
                    && (is_first || !named.fields.contains(name) && &**name != "_fields")
            };
            if !names.keys().all(is_harmless) || !self.is_plain_class(base) {
                return None;
            }
            let slots = self.name_in(base.scope, "__slots__");
            if slots.is_some_and(|slots| !matches!(slots, Value::Tuple(names) if names.is_empty())) {
                return None;
            }
        }
        let default = |(name, value): &(Name, Value)| Some((name.to_string(), self.unchanging(value)?));
        Some(Record {
            is_frozen: false,
            module: module.clone(),
            name: class.name.to_string(),
            fields: named.fields.iter().map(ToString::to_string).collect(),
            makes: Makes::Fields,
            defaults: named.defaults.iter().filter_map(default).collect(),
            is_tuple: true,
            is_data: false,
            compares: (false, false),
            shows_fields: true,
            unseen: (Vec::new(), Vec::new()),
            members: Vec::new(),
        })
    }
}

impl<'a> Lift<'_, 'a> {
    /// `_make(…)` of a class of named tuples.
    pub(super) fn named_class_method(
        &mut self,
        class: &Value,
        name: &str,
        site: Site<'a>,
    ) -> Lifted<Option<Expression>> {
        let (Some(id), [values], []) = (class.object(), site.args, site.keywords) else { return Ok(None) };
        if name != "_make" || !self.evaluator.is_named_tuple(class) || matches!(values.kind, ExprKind::Starred(_)) {
            return Ok(None);
        }
        let Some(record) = self.evaluator.record(id) else {
            return Err(because(self.evaluator.why_no_record(id), site.span));
        };
        self.records.insert(id);
        let values = self.iterable(values)?;
        let values = vec![(values, Some(record.fields.len()))];
        Ok(Some(self.taken(values, site.span, |arguments| Expression::New(id.0, arguments))))
    }

    /// `dataclasses.replace(value, field=…)`.
    pub(super) fn data_replaced(&mut self, site: Site<'a>) -> Lifted<Expression> {
        let [of] = site.args else {
            return Err(reason(
                "dataclasses.replace() takes one object, and fields by name",
                "name each field, as `replace(x, field=value)`",
                site.span,
            ));
        };
        let of = self.expr(of)?;
        self.replaced(of, "dataclasses.replace", site)
    }

    /// An object with some fields changed: their names and values take turns as arguments.
    pub(super) fn replaced(&mut self, of: Expression, name: &str, site: Site<'a>) -> Lifted<Expression> {
        let mut arguments = Vec::new();
        for keyword in site.keywords {
            let Some(name) = &keyword.name else {
                return Err(reason("`**` in a call runs in Python", "write the arguments out", site.span));
            };
            arguments.push(Expression::Str(name.name.clone()));
            arguments.push(self.expr(&keyword.value)?);
        }
        Ok(Expression::Method(boxed(of), name.to_owned(), arguments))
    }
}
