//! Members of Enums: numbers, of which each stands for one object.

use std::sync::Arc;

use super::{Lowered, Lowering, Value};
use crate::ir::CompareOp;
use crate::typed::{Expr, Kind};
use crate::types::{Constant, RecordType, Type};

impl<'a> Lowering<'a> {
    pub(super) fn member(&mut self, class: u32, member: usize) -> Lowered<Value> {
        let class = self.body.classes.get(class as usize).filter(|class| member < class.members.len());
        let Some(class) = class else {
            return Err(self.refused("it uses a member of an Enum that isn't there", "compile the script again"));
        };
        let of = Arc::new(RecordType {
            module: class.module.clone(),
            name: class.name.clone(),
            fields: Vec::new(),
            is_tuple: false,
            members: class.members.clone(),
        });
        Ok(Value::new(Type::Record(of.clone()), Kind::Constant(Constant::Member(of, member))))
    }
}

/// Whether two members of one Enum are the same.
pub(super) fn same(a: Value, b: Value) -> Expr {
    if let (Some(Constant::Member(_, a)), Some(Constant::Member(_, b))) = (a.constant(), b.constant()) {
        return Value::bool(a == b).expr;
    }
    Expr { of: Type::Bool, kind: Kind::Compare(CompareOp::Eq, Box::new(number(a)), Box::new(number(b))) }
}

fn number(value: Value) -> Expr {
    let kind = match value.constant() {
        Some(Constant::Member(_, member)) => Kind::Constant(Constant::Int(*member as i64)),
        _ => Kind::Coerce(Box::new(value.expr)),
    };
    Expr { of: Type::Int, kind }
}
