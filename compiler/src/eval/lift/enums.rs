//! Enums: their members are constants, and what is asked of them is a choice between these.

use super::arguments::Site;
use super::classes::Record;
use super::*;
use pyflink_plan::ir::{CompareOp, Part};
use pyflink_plan::types::RecordType;

/// What the class may say itself: how its members look. What they equal must be Python's.
const HARMLESS: &[&str] =
    &["__annotations__", "__doc__", "__format__", "__module__", "__qualname__", "__repr__", "__str__"];

impl<'a> Evaluator<'a> {
    pub(super) fn is_enum(&self, class: &Value) -> bool {
        let class = class.object().map(|id| self.heap.get(id));
        matches!(class, Some(Object::Class(class)) if class.members.is_some())
    }

    /// An Enum whose members machine code knows by their numbers.
    pub(super) fn enum_record(&self, class: &Class, members: &[Member]) -> Option<Record<'a>> {
        let program: &'a crate::load::Program = self.program;
        let bindings = self.bindings.get_or_init(|| Bindings::new(program));
        let Object::Scope(names) = self.heap.get(class.scope) else { return None };
        let is_harmless = |name: &Name| {
            !name.starts_with('_') && !["name", "value"].contains(&&**name) || HARMLESS.contains(&&**name)
        };
        if !self.is_at_top(class)
            || !bindings.is_constant(class.span.source, &class.name)
            || !self.is_plain_enum(class)
            || !names.keys().all(is_harmless)
            || bindings.sets_special()
        {
            return None;
        }
        let mut known = Vec::with_capacity(members.len());
        for member in members {
            known.push((member.name.to_string(), self.unchanging(&member.value)?));
        }
        Some(Record { members: known, ..Record::new(&program.sources.get(class.span.source).module, class) })
    }

    /// The type of its members.
    pub fn enum_type(&self, class: ObjectId) -> Option<RecordType> {
        let Record { module, name, members, .. } = self.record(class)?;
        let members: Vec<String> = members.into_iter().map(|(name, _)| name).collect();
        (!members.is_empty()).then_some(RecordType { module, name, fields: Vec::new(), is_tuple: false, members })
    }

    /// A member as a constant.
    pub(super) fn lifted_member(&self, id: ObjectId) -> Option<Expression> {
        let (class, member) = self.enum_member(id)?;
        self.record(class)?;
        Some(Expression::Member(class.0, member as u32))
    }
}

impl<'a> Lift<'_, 'a> {
    /// True if there are values of which each is one object: `is` may look at such, which their types tell.
    pub(super) fn has_members(&self) -> bool {
        self.all_records().iter().any(|(_, record)| !record.members.is_empty())
    }

    /// The Enum that an expression names.
    pub(super) fn named_enum(&self, expr: &Expr) -> Option<(ObjectId, Record<'a>)> {
        let id = match &expr.kind {
            ExprKind::Name(name) if self.is_receiver(name) => match &self.frame.receiver {
                Some((_, Receiver::Class(class))) => class.object()?,
                _ => return None,
            },
            _ => self.static_owner(expr)?.object()?,
        };
        self.evaluator.is_enum(&Value::Object(id)).then_some(())?;
        Some((id, self.evaluator.record(id)?))
    }

    /// All members, where an Enum is gone through.
    pub(super) fn all_members(&self, expr: &Expr) -> Option<Expression> {
        let (id, record) = self.named_enum(expr)?;
        let members = (0..record.members.len() as u32).map(|member| Expression::Member(id.0, member));
        Some(Expression::Tuple(members.collect()))
    }

    /// `Kind(value)`.
    pub(super) fn member_of_value(&mut self, id: ObjectId, record: &Record<'a>, site: Site<'a>) -> Lifted<Expression> {
        let ([value], []) = (site.args, site.keywords) else {
            return Err(reason(
                format!("{}() takes the value of a member", record.name),
                "give it one value",
                site.span,
            ));
        };
        if let ExprKind::Starred(_) = value.kind {
            return Err(reason("`*` in a call runs in Python", "write the arguments out", site.span));
        }
        let value = self.expr(value)?;
        let values = record.members.iter().enumerate().map(|(at, (_, value))| (value.clone(), at)).collect();
        Ok(self.found_member(id, values, value, site.span))
    }

    /// `Kind['NAME']`.
    pub(super) fn member_of_name(&mut self, of: &'a Expr, name: &'a Expr, span: Span) -> Lifted<Option<Expression>> {
        let Some((id, _)) = self.named_enum(of) else { return Ok(None) };
        let Some(Object::Class(class)) = Some(self.evaluator.heap.get(id)) else { return Ok(None) };
        let Object::Scope(scope) = self.evaluator.heap.get(class.scope) else { return Ok(None) };
        let member = |(name, value): (&Name, &Value)| {
            Some((Expression::Str(name.to_string()), self.evaluator.enum_member(value.object()?)?.1))
        };
        // Those that are other names of a member, too.
        let names = scope.iter().filter_map(member).collect();
        let name = self.expr(name)?;
        Ok(Some(self.found_member(id, names, name, span)))
    }

    /// The member that one of these belongs to, which something equals.
    fn found_member(
        &mut self,
        id: ObjectId,
        keys: Vec<(Expression, usize)>,
        value: Expression,
        span: Span,
    ) -> Expression {
        let way = |(key, at): (Expression, usize)| {
            let test = Expression::Compare(CompareOp::Eq, boxed(Expression::Local(0)), boxed(key));
            let member = Expression::Member(id.0, at as u32);
            (test, vec![statement(span, StatementKind::Return(member))])
        };
        let ways = keys.into_iter().map(way).collect();
        let code = vec![statement(span, StatementKind::If(ways, vec![statement(span, StatementKind::Raise)]))];
        self.functions.push(Inner { name: "member".to_owned(), parameters: 1, locals: 1, code });
        Expression::Invoke(self.functions.len() as u32 - 1, vec![value])
    }

    /// A function that gives something for each member.
    fn by_member(&mut self, id: ObjectId, values: Vec<Expression>, name: &str, span: Span) -> u32 {
        let mut ways = Vec::new();
        let mut last = Vec::new();
        for (at, value) in values.into_iter().enumerate().rev() {
            let give = vec![statement(span, StatementKind::Return(value))];
            if last.is_empty() {
                last = give;
                continue;
            }
            let member = Expression::Member(id.0, at as u32);
            let test = Expression::Compare(CompareOp::Is, boxed(Expression::Local(0)), boxed(member));
            ways.push((test, give));
        }
        ways.reverse();
        let code = match ways.is_empty() {
            true => last,
            false => vec![statement(span, StatementKind::If(ways, last))],
        };
        self.functions.push(Inner { name: name.to_owned(), parameters: 1, locals: 1, code });
        self.functions.len() as u32 - 1
    }

    /// `name`, `value`, and the texts of members.
    pub(super) fn member_method(&mut self, id: ObjectId, record: &Record<'a>, name: &str, span: Span) -> Option<u32> {
        let members = record.members.iter();
        let title = &record.name;
        let values: Vec<Expression> = match name {
            "name" => members.map(|(name, _)| Expression::Str(name.clone())).collect(),
            "value" => members.map(|(_, value)| value.clone()).collect(),
            "__str__" => members.map(|(name, _)| Expression::Str(format!("{title}.{name}"))).collect(),
            "__repr__" => {
                let shown = |(name, value): &(String, Expression)| {
                    Expression::Format(vec![
                        Part::Text(format!("<{title}.{name}: ")),
                        Part::Value(value.clone(), Some(ir::Conversion::Repr), String::new()),
                        Part::Text(">".to_owned()),
                    ])
                };
                members.map(shown).collect()
            }
            _ => return None,
        };
        Some(self.by_member(id, values, name, span))
    }
}
