//! What must hold of a function in its typed form, because code generation trusts it: each operand has the type that
//! [`crate::typed`] and [`crate::primitive`] say, and each label is that of something around it.

use crate::ir::{BinaryOp, CompareOp, UnaryOp};
use crate::primitive::Primitive;
use crate::typed::{Expr, For, Function, Iterable, Kind, Label, Slot, Stmt};
use crate::types::{Constant, Type};

/// The first thing that doesn't hold.
pub fn verify(function: &Function) -> Result<(), String> {
    let mut verifier = Verifier { function, labels: Vec::new() };
    for slot in function.parameters.iter().chain([&function.result]) {
        verifier.slot(*slot)?;
    }
    verifier.statements(&function.code)
}

struct Verifier<'a> {
    function: &'a Function,
    /// Of what is around, and whether it is a loop.
    labels: Vec<(Label, bool)>,
}

type Verified = Result<(), String>;

impl<'a> Verifier<'a> {
    fn slot(&self, slot: Slot) -> Result<&'a Type, String> {
        self.function.slots.get(slot as usize).ok_or_else(|| format!("there is no slot {slot}"))
    }

    fn within(&mut self, label: Label, is_loop: bool, statements: &[Stmt]) -> Verified {
        self.labels.push((label, is_loop));
        self.statements(statements)?;
        self.labels.pop();
        Ok(())
    }

    fn statements(&mut self, statements: &[Stmt]) -> Verified {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Stmt) -> Verified {
        match statement {
            Stmt::At(_) | Stmt::Bail(_) | Stmt::Left(_) => Ok(()),
            Stmt::Assign(slot, value) => self.expect(value, self.slot(*slot)?),
            Stmt::If(test, yes, no) => {
                self.expect(test, &Type::Bool)?;
                self.statements(yes)?;
                self.statements(no)
            }
            Stmt::Try(caught, body) => {
                let known = |label: &Label| self.labels.iter().any(|(around, _)| around == label);
                if let Some((_, label)) = caught.iter().find(|(_, label)| !known(label)) {
                    return Err(format!("nothing around has the label {label}"));
                }
                self.statements(body)
            }
            Stmt::Loop(label, body) => self.within(*label, true, body),
            Stmt::Block(label, body) => self.within(*label, false, body),
            Stmt::For(over) => self.for_loop(over),
            Stmt::Leave(label) if self.labels.iter().any(|(around, _)| around == label) => Ok(()),
            Stmt::Continue(label) if self.labels.contains(&(*label, true)) => Ok(()),
            Stmt::Leave(label) | Stmt::Continue(label) => Err(format!("nothing around has the label {label}")),
            Stmt::Evaluate(value) | Stmt::SetAttribute(_, value) => self.expr(value),
            Stmt::Append(slot, value) => match self.slot(*slot)? {
                Type::List(of) => self.expect(value, of),
                of => Err(format!("append to a {of}")),
            },
            Stmt::Collect(value) => self.expect(value, &self.function.collects),
        }
    }

    fn for_loop(&mut self, over: &For) -> Verified {
        let gives = self.iterable(&over.over)?;
        let item = self.slot(over.item)?;
        if gives != *item {
            return Err(format!("a loop over {gives} has a slot for {item}"));
        }
        self.within(over.label, true, &over.body)?;
        self.statements(&over.orelse)
    }

    fn iterable(&mut self, iterable: &Iterable) -> Result<Type, String> {
        match iterable {
            Iterable::Range(bounds) => {
                bounds.iter().try_for_each(|bound| self.expect(bound, &Type::Int))?;
                Ok(Type::Int)
            }
            Iterable::List(list) | Iterable::Reversed(list) => {
                self.expr(list)?;
                element(&list.of).cloned()
            }
            Iterable::Chars(text) => self.expect(text, &Type::Str).map(|()| Type::Str),
            Iterable::Bytes(bytes) => self.expect(bytes, &Type::Bytes).map(|()| Type::Int),
            Iterable::Enumerate(inner, start) => {
                self.expect(start, &Type::Int)?;
                Ok(Type::Tuple(vec![Type::Int, self.iterable(inner)?]))
            }
            Iterable::Zip(inner) => {
                Ok(Type::Tuple(inner.iter().map(|inner| self.iterable(inner)).collect::<Result<_, _>>()?))
            }
        }
    }

    fn expect(&mut self, expr: &Expr, of: &Type) -> Verified {
        self.expr(expr)?;
        if expr.of != *of {
            return Err(format!("a {} where a {of} is needed: {:?}", expr.of, expr.kind));
        }
        Ok(())
    }

    fn expr(&mut self, expr: &Expr) -> Verified {
        let of = &expr.of;
        let gives = |found: &Type| match found == of {
            true => Ok(()),
            false => Err(format!("gives a {found}, not a {of}: {:?}", expr.kind)),
        };
        match &expr.kind {
            Kind::Constant(constant) => match constant.of() {
                Some(found) if found.join(of).as_ref() == Some(of) => Ok(()),
                _ => Err(format!("a constant isn't a {of}: {constant:?}")),
            },
            Kind::Slot(slot) => gives(self.slot(*slot)?),
            Kind::Attribute(_) => Ok(()),
            Kind::Fields(items) => {
                let types = field_types(of)?;
                if types.len() != items.len() {
                    return Err(format!("a {of} of {} fields", items.len()));
                }
                items.iter().zip(types).try_for_each(|(item, of)| self.expect(item, of))
            }
            Kind::Elements(items) => {
                let element = element(of)?;
                items.iter().try_for_each(|item| self.expect(item, element))
            }
            Kind::Field(whole, index) => {
                self.expr(whole)?;
                match field_types(&whole.of)?.get(*index as usize) {
                    Some(found) => gives(found),
                    None => Err(format!("a {} has no field {index}", whole.of)),
                }
            }
            Kind::Coerce(inner) => {
                self.expr(inner)?;
                let arithmetic =
                    matches!((&inner.of, of), (Type::Bool, Type::Int) | (Type::Bool | Type::Int, Type::Float));
                let is_same = matches!((&inner.of, of), (Type::Mixed(from), Type::Tuple(to)) if from == to);
                let untitled =
                    is_same || inner.of.named_tuple().as_ref() == Some(of) || inner.of.is_enum() && *of == Type::Int;
                if arithmetic || untitled || inner.of.join(of).as_ref() == Some(of) {
                    return Ok(());
                }
                Err(format!("a {} isn't coerced to a {of}", inner.of))
            }
            Kind::Unwrap(inner) => {
                self.expr(inner)?;
                match (&inner.of, of) {
                    (Type::Optional(found), of) if **found == *of => Ok(()),
                    (Type::Number, Type::Bool | Type::Int | Type::Float) => Ok(()),
                    (Type::Union(variants), of) if variants.contains(of) => Ok(()),
                    _ => Err(format!("a {of} isn't in a {}", inner.of)),
                }
            }
            Kind::Variant(inner) => {
                self.expr(inner)?;
                match inner.of {
                    Type::Union(_) => gives(&Type::Int),
                    _ => Err(format!("which of one type a {} is", inner.of)),
                }
            }
            Kind::IsNone(inner) => {
                self.expr(inner)?;
                match inner.of {
                    Type::Optional(_) => gives(&Type::Bool),
                    _ => Err(format!("whether a {} is None", inner.of)),
                }
            }
            Kind::Binary(op, a, b) => {
                self.expr(a)?;
                self.expect(b, &a.of)?;
                gives(&binary(*op, &a.of)?)
            }
            Kind::Unary(op, inner) => {
                self.expr(inner)?;
                match (op, &inner.of) {
                    (UnaryOp::Not, Type::Bool) | (UnaryOp::Invert, Type::Int) => gives(&inner.of),
                    (UnaryOp::Minus | UnaryOp::Plus, Type::Int | Type::Float | Type::Number) => gives(&inner.of),
                    (op, of) => Err(format!("{op:?} of a {of}")),
                }
            }
            Kind::Compare(op, a, b) => {
                self.expr(a)?;
                self.expr(b)?;
                let sorts = !matches!(op, CompareOp::In | CompareOp::NotIn | CompareOp::Is | CompareOp::IsNot);
                let same = a.of == b.of
                    && matches!(a.of, Type::Int | Type::Float | Type::Number | Type::Bool | Type::Str | Type::Bytes);
                let exact = matches!((&a.of, &b.of), (Type::Int, Type::Float) | (Type::Float, Type::Int));
                if !sorts || !(same || exact) {
                    return Err(format!("{op:?} of a {} and a {}", a.of, b.of));
                }
                gives(&Type::Bool)
            }
            Kind::Truth(inner) => {
                self.expr(inner)?;
                gives(&Type::Bool)
            }
            Kind::If(test, a, b) => {
                self.expect(test, &Type::Bool)?;
                self.expect(a, of)?;
                self.expect(b, of)
            }
            Kind::Block(statements, value) => {
                self.statements(statements)?;
                self.expect(value, of)
            }
            Kind::Abs(inner) => {
                self.expr(inner)?;
                match inner.of {
                    Type::Int | Type::Float => gives(&inner.of),
                    _ => Err(format!("abs of a {}", inner.of)),
                }
            }
            Kind::Call(primitive, operands) => {
                operands.iter().try_for_each(|operand| self.expr(operand))?;
                let types: Vec<&Type> = operands.iter().map(|operand| &operand.of).collect();
                match called(primitive, &types, of) {
                    true => constants_of(primitive, operands),
                    false => {
                        let types: Vec<String> = types.iter().map(|of| of.to_string()).collect();
                        Err(format!("{primitive:?}({}) → {of}", types.join(", ")))
                    }
                }
            }
        }
    }
}

fn constants_of(primitive: &Primitive, operands: &[Expr]) -> Verified {
    let constant = |index: usize| matches!(operands.get(index).map(|operand| &operand.kind), Some(Kind::Constant(_)));
    match primitive {
        Primitive::RegexSub(..) if !constant(0) => Err("the replacement isn't a constant".to_owned()),
        Primitive::MatchGroup | Primitive::MatchStart | Primitive::MatchEnd
            if !matches!(operands[1].kind, Kind::Constant(Constant::Int(_))) =>
        {
            Err("which group isn't a constant".to_owned())
        }
        _ => Ok(()),
    }
}

fn element(of: &Type) -> Result<&Type, String> {
    match of {
        Type::List(of) | Type::TupleOf(of) => Ok(of),
        _ => Err(format!("a {of} has no elements")),
    }
}

fn field_types(of: &Type) -> Result<Vec<&Type>, String> {
    match of {
        Type::Tuple(fields) | Type::Mixed(fields) => Ok(fields.iter().collect()),
        Type::Record(record) => Ok(record.fields.iter().map(|(_, of)| of).collect()),
        Type::Row(fields) => Ok(fields.iter().map(|(_, of)| of).collect()),
        _ => Err(format!("a {of} has no fields")),
    }
}

fn binary(op: BinaryOp, of: &Type) -> Result<Type, String> {
    use BinaryOp::*;
    match (op, of) {
        (Add | Sub | Mul | Div, Type::Float) => Ok(Type::Float),
        (Div, Type::Int) => Ok(Type::Float),
        (_, Type::Int) => Ok(Type::Int),
        (BitAnd | BitOr | BitXor, Type::Bool) => Ok(Type::Bool),
        _ => Err(format!("{op:?} of {of}")),
    }
}

/// Whether a primitive takes operands of these types, and gives this one.
fn called(primitive: &Primitive, operands: &[&Type], gives: &Type) -> bool {
    use Primitive::*;
    use Type::{Bool, Bytes, Float, Int, None as Nothing, Number};
    const STR: &Type = &Type::Str;
    const INT: &Type = &Int;
    const FLOAT: &Type = &Float;
    const BYTES: &Type = &Bytes;
    const NUMBER: &Type = &Number;
    const BOOL: &Type = &Bool;
    let bound = Int.optional();
    let bound = &bound;
    let takes = |types: &[&Type], of: &Type| operands == types && gives == of;
    let list = |of: &Type| Type::List(Box::new(of.clone()));
    let item = |of: &Type| element(of).ok().cloned();
    match primitive {
        FloatMod | FloatFloorDiv | FloatPow => takes(&[FLOAT, FLOAT], FLOAT),
        FloatPowInt | RoundFloatDigits => takes(&[FLOAT, INT], FLOAT),
        IntPow | RoundIntDigits => takes(&[INT, INT], INT),
        IntPowMod => takes(&[INT, INT, INT], INT),
        RoundFloat | FloatToInt => takes(&[FLOAT], INT),
        NumberToInt | NumberTag => takes(&[NUMBER], INT),
        NumberToFloat => takes(&[NUMBER], FLOAT),
        Primitive::Number(_) => takes(&[NUMBER, NUMBER], NUMBER),
        NumberMinus | NumberAbs => takes(&[NUMBER], NUMBER),
        NumberEq | NumberLess | NumberLessEq => takes(&[NUMBER, NUMBER], BOOL),
        SumNumbers => {
            matches!(operands, [of, Type::Number] if item(of) == Some(Type::Number)) && *gives == Type::Number
        }
        SumFloats | Math("fsum") => operands.len() == 1 && item(operands[0]) == Some(Float) && *gives == Float,
        Primitive::Time(op) => op.takes(operands, gives),
        Math("gcd") => takes(&[INT, INT], INT),
        Math("isqrt") => takes(&[INT], INT),
        Math("floor" | "ceil" | "trunc") => takes(&[FLOAT], INT),
        Math("isnan" | "isinf" | "isfinite") => takes(&[FLOAT], BOOL),
        Math("atan2" | "pow" | "copysign" | "fmod" | "hypot") => takes(&[FLOAT, FLOAT], FLOAT),
        Math(_) => takes(&[FLOAT], FLOAT),
        Str | Repr => operands.len() == 1 && gives == STR,
        Eq => operands.len() == 2 && operands[0] == operands[1] && *gives == Bool,
        Compare => operands.len() == 2 && operands[0] == operands[1] && *gives == Int,
        StrLen | Ord | StrToInt => takes(&[STR], INT),
        StrIndex | StrRepeat | StrZFill | StrExpandTabs => takes(&[STR, INT], STR),
        StrSlice => takes(&[STR, bound, bound, bound], STR),
        StrConcat => operands.len() >= 2 && operands.iter().all(|of| *of == STR) && gives == STR,
        StrContains => takes(&[STR, STR], BOOL),
        StrLower | StrUpper | StrTitle | StrCapitalize | StrSwapCase | StrCaseFold | StrStrip | StrLStrip
        | StrRStrip => takes(&[STR], STR),
        StrStripChars | StrLStripChars | StrRStripChars | StrRemovePrefix | StrRemoveSuffix => takes(&[STR, STR], STR),
        StrSplit | StrRSplit => takes(&[STR, INT], &list(STR)),
        StrSplitAt | StrRSplitAt => takes(&[STR, STR, INT], &list(STR)),
        StrCsvFields(_) => takes(&[STR], &list(STR)),
        StrSplitLines => takes(&[STR, BOOL], &list(STR)),
        StrPartition | StrRPartition => takes(&[STR, STR], &Type::Tuple(vec![Type::Str; 3])),
        UrlSplit | UrlParse => takes(&[STR], &Type::Tuple(vec![Type::Str; 5])),
        UrlHost => takes(&[STR], &Type::Optional(Box::new(Type::Str))),
        UrlUnquote => takes(&[STR], STR),
        StrJoin => matches!(operands, [of, parts] if *of == STR && item(parts).as_ref() == Some(STR)) && gives == STR,
        StrReplace => takes(&[STR, STR, STR, INT], STR),
        StrStartsWith | StrEndsWith => takes(&[STR, STR, bound, bound], BOOL),
        StrFind | StrRFind | StrIndexOf | StrRIndexOf | StrCount => takes(&[STR, STR, bound, bound], INT),
        StrIsDigit | StrIsAlpha | StrIsAlnum | StrIsSpace | StrIsUpper | StrIsLower | StrIsTitle | StrIsDecimal
        | StrIsNumeric | StrIsIdentifier | StrIsAscii => takes(&[STR], BOOL),
        StrCenter | StrLJust | StrRJust => takes(&[STR, INT, STR], STR),
        StrEncode | StrEncodeAscii => takes(&[STR], BYTES),
        Chr => takes(&[INT], STR),
        StrToIntBase | StrToIntMod => takes(&[STR, INT], INT),
        StrToFloat => takes(&[STR], FLOAT),
        StrChars => takes(&[STR], &list(STR)),
        Format(_) | Percent(_) => matches!(operands, [Bool | Int | Float | Type::Str]) && gives == STR,
        FormatAs | PercentAs => matches!(operands, [Bool | Int | Float | Type::Str, Type::Str]) && gives == STR,
        BytesLen => takes(&[BYTES], INT),
        BytesIndex => takes(&[BYTES, INT], INT),
        BytesSlice => takes(&[BYTES, bound, bound, bound], BYTES),
        BytesConcat => takes(&[BYTES, BYTES], BYTES),
        BytesContains | BytesStartsWith | BytesEndsWith => takes(&[BYTES, BYTES], BOOL),
        BytesDecode | BytesDecodeAscii | BytesHex => takes(&[BYTES], STR),
        BytesLower | BytesUpper | BytesStrip => takes(&[BYTES], BYTES),
        BytesSplit => takes(&[BYTES, INT], &list(BYTES)),
        BytesSplitAt => takes(&[BYTES, BYTES, INT], &list(BYTES)),
        BytesReplace => takes(&[BYTES, BYTES, BYTES, INT], BYTES),
        BytesFind => takes(&[BYTES, BYTES], INT),
        Primitive::Bytes(op) => op.takes(operands, gives),
        ListGet => {
            matches!(operands, [list, Int] if item(list).as_ref() == Some(gives)) && !matches!(gives, Type::Never)
        }
        ListLen => operands.len() == 1 && item(operands[0]).is_some() && *gives == Int,
        ListSlice => {
            matches!(operands, [list, a, b, c] if item(list).is_some() && *list == gives && [*a, *b, *c] == [bound; 3])
        }
        ListConcat => matches!(operands, [a, b] if a == b && *a == gives && item(a).is_some()),
        ListRepeat => matches!(operands, [list, Int] if *list == gives && item(list).is_some()),
        ListContains => matches!(operands, [list, of] if item(list).as_ref() == Some(of)) && *gives == Bool,
        ListIndexOf | ListCount => matches!(operands, [list, of] if item(list).as_ref() == Some(of)) && *gives == Int,
        ListExtend => {
            let same = |list: &Type, more: &Type| item(list).is_some() && item(list) == item(more);
            matches!(operands, [Type::List(_), _]) && same(operands[0], operands[1]) && *gives == Nothing
        }
        ListCopy => operands.len() == 1 && item(operands[0]).is_some() && item(operands[0]) == item(gives),
        ListReversed => matches!(operands, [of] if item(of).is_some_and(|item| *gives == list(&item))),
        ListSorted => matches!(operands, [of, Bool] if item(of).is_some_and(|item| *gives == list(&item))),
        ListSortedBy => {
            let listed = |of: &Type| item(of).is_some_and(|item| *gives == list(&item));
            matches!(operands, [of, keys, Bool] if listed(of) && item(keys).is_some())
        }
        RangeList => takes(&[INT, INT, INT], &list(INT)),
        ListPop => matches!(operands, [Type::List(of)] if **of == *gives),
        ListSet => matches!(operands, [Type::List(of), Int, value] if **of == **value) && *gives == Nothing,
        ListDelete => matches!(operands, [Type::List(_), Int]) && *gives == Nothing,
        ListInsert => matches!(operands, [Type::List(of), Int, value] if **of == **value) && *gives == Nothing,
        ListReverse | ListClear => matches!(operands, [Type::List(_)]) && *gives == Nothing,
        DictNew => operands.is_empty() && matches!(gives, Type::Dict(..) | Type::Set(_)),
        DictFind => match operands {
            [Type::Dict(key, of), wanted] => {
                **key == **wanted && !matches!(**of, Type::Optional(_) | Nothing) && *gives == (**of).clone().optional()
            }
            _ => false,
        },
        DictGet => matches!(operands, [Type::Dict(key, of), wanted] if **key == **wanted && **of == *gives),
        DictGetOr => {
            matches!(operands, [Type::Dict(key, of), wanted, default]
                if **key == **wanted && **of == **default && **of == *gives)
        }
        DictSet => {
            matches!(operands, [Type::Dict(key, of), wanted, value] if **key == **wanted && **of == **value)
                && *gives == Nothing
        }
        DictHas | DictDelete => {
            matches!(operands, [Type::Dict(key, _) | Type::Set(key), wanted] if **key == **wanted) && *gives == Bool
        }
        DictLen => matches!(operands, [Type::Dict(..) | Type::Set(_)]) && *gives == Int,
        DictKeys => matches!(operands, [Type::Dict(key, _) | Type::Set(key)] if *gives == list(key)),
        DictValues => matches!(operands, [Type::Dict(_, of)] if *gives == list(of)),
        DictItems => {
            matches!(operands, [Type::Dict(key, of)]
                if *gives == list(&Type::Tuple(vec![(**key).clone(), (**of).clone()])))
        }
        SetAdd => matches!(operands, [Type::Set(key), value] if **key == **value) && *gives == Nothing,
        RegexMatch(..) | RegexSearch(..) | RegexFullMatch(..) => {
            operands == [STR] && matches!(gives, Type::Optional(of) if matches!(**of, Type::Match(_)))
        }
        RegexFindAll(..) => {
            let texts = |of: &Type| match of {
                Type::Tuple(fields) => fields.iter().all(|of| of == STR),
                of => of == STR,
            };
            operands == [STR] && matches!(gives, Type::List(of) if texts(of))
        }
        RegexFindIter(..) => operands == [STR] && matches!(gives, Type::List(of) if matches!(**of, Type::Match(_))),
        RegexSplit(..) => takes(&[STR, INT], &list(STR)),
        RegexSub(..) => takes(&[STR, STR, INT], STR),
        MatchGroup => matches!(operands, [Type::Match(_), Int]) && *gives == Type::Str.optional(),
        MatchGroups => matches!(operands, [Type::Match(_)]) && *gives == Type::TupleOf(Box::new(Type::Str)),
        MatchStart | MatchEnd => matches!(operands, [Type::Match(_), Int]) && *gives == Int,
    }
}
