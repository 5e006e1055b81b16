//! Lists, dicts, sets, equality and order.

use super::*;
use Type::{Bool, Float, Int, Number, Str};

fn ints(random: &mut Random) -> Constant {
    Constant::List((0..random.below(8)).map(|_| Constant::Int(random.below(5) as i64)).collect())
}

fn few(random: &mut Random) -> Constant {
    Constant::Int(random.below(5) as i64)
}

fn texts(random: &mut Random) -> Constant {
    Constant::List((0..random.below(8)).map(|_| part(random)).collect())
}

fn pairs(random: &mut Random) -> Constant {
    let pair = |random: &mut Random| Constant::Tuple(vec![few(random), part(random)]);
    Constant::List((0..random.below(8)).map(|_| pair(random)).collect())
}

fn numbers(random: &mut Random) -> Constant {
    let one = |random: &mut Random| match random.below(4) {
        0 => bool(random),
        1 => few(random),
        2 => Constant::Float(random.below(5) as f64),
        _ => float(random),
    };
    Constant::List((0..random.below(5)).map(|_| one(random)).collect())
}

fn pair() -> Type {
    Type::Tuple(vec![Int, Str])
}

#[test]
fn lists() {
    for (make, of) in [(ints as Make, list(Int)), (texts, list(Str)), (pairs, list(pair()))] {
        let position = (maybe_small as Make, optional(Int));
        let slice = [(make, of.clone()), position.clone(), position.clone(), position];
        check(Primitive::ListSlice, "lambda a, b, c, d: a[b:c:d]", &slice, of.clone(), never);
        let two = [(make, of.clone()), (make, of.clone())];
        check(Primitive::ListConcat, "lambda a, b: a + b", &two, of.clone(), never);
        check(Primitive::ListRepeat, "lambda a, b: a * b", &[(make, of.clone()), (few, Int)], of.clone(), never);
        check(Primitive::ListCopy, "list", &two[..1], of.clone(), never);
        check(Primitive::ListReversed, "lambda a: list(reversed(a))", &two[..1], of.clone(), never);
        let sorted = [(make, of.clone()), (bool as Make, Bool)];
        check(Primitive::ListSorted, "lambda a, b: sorted(a, reverse=b)", &sorted, of.clone(), never);
        check(Primitive::Eq, "lambda a, b: a == b", &two, Bool, never);
        check(Primitive::Compare, "lambda a, b: (a > b) - (a < b)", &two, Int, never);
        let extend = Check {
            primitive: Primitive::ListExtend,
            python: "lambda a, b: a.extend(b)",
            result: Type::None,
            may_bail: &never,
            changes: true,
            rounds: 500,
        };
        extend.run(&two);
    }
    for primitive in [
        (Primitive::ListContains, "lambda a, b: b in a", Bool),
        (Primitive::ListIndexOf, "lambda a, b: a.index(b)", Int),
        (Primitive::ListCount, "lambda a, b: a.count(b)", Int),
    ] {
        check(primitive.0.clone(), primitive.1, &[(ints, list(Int)), (few, Int)], primitive.2.clone(), never);
        check(primitive.0.clone(), primitive.1, &[(texts, list(Str)), (part, Str)], primitive.2.clone(), never);
        check(primitive.0, primitive.1, &[(numbers, list(Number)), (number, Number)], primitive.2, any(has_nan));
    }
    let keyed = |random: &mut Random| Constant::List((0..5).map(|_| float(random)).collect());
    let five = |random: &mut Random| Constant::List((0..5).map(|_| few(random)).collect());
    let makers = [(five as Make, list(Int)), (keyed, list(Float)), (bool, Bool)];
    let python = "lambda a, b, c: [x for x, _ in sorted(zip(a, b), key=lambda p: p[1], reverse=c)]";
    check(Primitive::ListSortedBy, python, &makers, list(Int), any(has_nan));
    check(
        Primitive::ListSorted,
        "lambda a, b: sorted(a, reverse=b)",
        &[(numbers, list(Number)), (bool, Bool)],
        list(Number),
        any(has_nan),
    );
    check(Primitive::ListCopy, "tuple", &[(ints, list(Int))], Type::TupleOf(Box::new(Int)), never);
}

#[test]
fn lists_that_change() {
    let change = |primitive, python, result, makers: &[(Make, Type)]| {
        Check { primitive, python, result, may_bail: &never, changes: true, rounds: 1000 }.run(makers);
    };
    change(Primitive::ListReverse, "lambda a: a.reverse()", Type::None, &[(pairs, list(pair()))]);
    change(Primitive::ListReverse, "lambda a: a.reverse()", Type::None, &[(ints, list(Int))]);
    change(Primitive::ListClear, "lambda a: a.clear()", Type::None, &[(ints, list(Int))]);
    change(Primitive::ListPop, "lambda a: a.pop()", Int, &[(ints, list(Int))]);
    change(Primitive::ListPop, "lambda a: a.pop()", pair(), &[(pairs, list(pair()))]);
    for (of, make, one) in [(Int, ints as Make, few as Make), (Str, texts as Make, part as Make)] {
        let list = list(of.clone());
        change(
            Primitive::ListDelete,
            "lambda a, b: a.__delitem__(b)",
            Type::None,
            &[(make, list.clone()), (small, Int)],
        );
        let operands = [(make, list), (small as Make, Int), (one, of)];
        change(Primitive::ListInsert, "lambda a, b, c: a.insert(b, c)", Type::None, &operands);
    }
    change(
        Primitive::ListSet,
        "lambda a, b, c: a.__setitem__(b, c)",
        Type::None,
        &[(ints, list(Int)), (small, Int), (few, Int)],
    );
    change(
        Primitive::ListSet,
        "lambda a, b, c: a.__setitem__(b, c)",
        Type::None,
        &[(texts, list(Str)), (small, Int), (part, Str)],
    );
}

#[test]
fn ranges() {
    let makers = [(small as Make, Int), (small, Int), (small, Int)];
    check(Primitive::RangeList, "lambda a, b, c: list(range(a, b, c))", &makers, list(Int), never);
    let huge = |random: &mut Random| Constant::Int(random.pick(&[i64::MAX, i64::MIN, i64::MAX - 3, i64::MIN + 3]));
    let step = |random: &mut Random| Constant::Int(random.pick(&[i64::MAX, i64::MIN, 1 << 61, -(1 << 61), 1 << 57]));
    let makers = [(huge as Make, Int), (huge, Int), (step, Int)];
    check(Primitive::RangeList, "lambda a, b, c: list(range(a, b, c)) ", &makers, list(Int), never);
}

#[test]
fn equality_and_order() {
    let one = |random: &mut Random| match random.below(3) {
        0 => Constant::None,
        _ => few(random),
    };
    let tuple = |random: &mut Random| {
        let first = if random.below(3) == 0 { Constant::None } else { few(random) };
        Constant::Tuple(vec![first, float(random), part(random)])
    };
    let of = || Type::Tuple(vec![optional(Int), Float, Str]);
    check(Primitive::Eq, "lambda a, b: a == b", &[(one, optional(Int)), (one, optional(Int))], Bool, never);
    check(Primitive::Eq, "lambda a, b: a == b", &[(tuple, of()), (tuple, of())], Bool, any(has_nan));
    check(Primitive::Compare, "lambda a, b: (a > b) - (a < b)", &[(tuple, of()), (tuple, of())], Int, any(has_nan));
    check(
        Primitive::Compare,
        "lambda a, b: (a > b) - (a < b)",
        &[(one, optional(Int)), (one, optional(Int))],
        Int,
        never,
    );
    check(Primitive::Compare, "lambda a, b: (a > b) - (a < b)", &[(text, Str), (text, Str)], Int, never);
    check(
        Primitive::Compare,
        "lambda a, b: (a > b) - (a < b)",
        &[(bytes, Type::Bytes), (bytes, Type::Bytes)],
        Int,
        never,
    );
    check(Primitive::Eq, "lambda a, b: a == b", &[(dict, of_dict()), (dict, of_dict())], Bool, never);
}

fn dict(random: &mut Random) -> Constant {
    let mut items: Vec<(Constant, Constant)> = Vec::new();
    for _ in 0..random.below(12) {
        let key = Constant::Tuple(vec![Constant::Int(random.below(3) as i64), part(random)]);
        if items.iter().all(|(known, _)| *known != key) {
            items.push((key, few(random)));
        }
    }
    Constant::Dict(items)
}

fn key(random: &mut Random) -> Constant {
    Constant::Tuple(vec![Constant::Int(random.below(3) as i64), part(random)])
}

fn of_dict() -> Type {
    Type::Dict(Box::new(pair()), Box::new(Int))
}

#[test]
fn dicts() {
    let one = [(dict as Make, of_dict())];
    let keyed = [(dict as Make, of_dict()), (key, pair())];
    let given = [(dict as Make, of_dict()), (key, pair()), (few, Int)];
    check(Primitive::DictLen, "len", &one, Int, never);
    check(Primitive::DictKeys, "list", &one, list(pair()), never);
    check(Primitive::DictValues, "lambda a: list(a.values())", &one, list(Int), never);
    check(Primitive::DictItems, "lambda a: list(a.items())", &one, list(Type::Tuple(vec![pair(), Int])), never);
    check(Primitive::DictHas, "lambda a, b: b in a", &keyed, Bool, never);
    check(Primitive::DictGet, "lambda a, b: a[b]", &keyed, Int, never);
    check(Primitive::DictFind, "lambda a, b: a.get(b)", &keyed, optional(Int), never);
    check(Primitive::DictGetOr, "lambda a, b, c: a.get(b, c)", &given, Int, never);
    let set = Check {
        primitive: Primitive::DictSet,
        python: "lambda a, b, c: a.__setitem__(b, c)",
        result: Type::None,
        may_bail: &never,
        changes: true,
        rounds: 2000,
    };
    set.run(&given);
    let delete = Check {
        primitive: Primitive::DictDelete,
        python: "lambda a, b: a.pop(b, None) is not None",
        result: Bool,
        ..set
    };
    delete.run(&keyed);
}

#[test]
fn keys_that_are_equal_are_one() {
    let mixed = |random: &mut Random| {
        let one = |random: &mut Random| match random.below(4) {
            0 => bool(random),
            1 => few(random),
            2 => Constant::Float(random.below(3) as f64 * if random.below(2) == 0 { -1.0 } else { 1.0 }),
            _ => number(random),
        };
        let mut items: Vec<(Constant, Constant)> = Vec::new();
        for _ in 0..random.below(6) {
            let key = one(random);
            let value = |key: &Constant| match key {
                Constant::Bool(value) => f64::from(u8::from(*value)),
                Constant::Int(value) => *value as f64,
                Constant::Float(value) => *value,
                _ => f64::NAN,
            };
            if items.iter().all(|(known, _)| value(known) != value(&key)) && !has_nan(&key) {
                items.push((key, few(random)));
            }
        }
        Constant::Dict(items)
    };
    let makers = [(mixed as Make, Type::Dict(Box::new(Number), Box::new(Int))), (number, Number), (few, Int)];
    let set = Check {
        primitive: Primitive::DictSet,
        python: "lambda a, b, c: a.__setitem__(b, c)",
        result: Type::None,
        may_bail: &any(has_nan),
        changes: true,
        rounds: 4000,
    };
    set.run(&makers);
    check(Primitive::DictHas, "lambda a, b: b in a", &makers[..2], Bool, any(has_nan));
}

#[test]
fn many_keys() {
    let version = version();
    let of = Type::Set(Box::new(Int));
    let mut memory = Memory::default();
    let new = site(&Primitive::DictNew, &[], &of, version).unwrap();
    let add = site(&Primitive::SetAdd, &[of.clone(), Int], &Type::None, version).unwrap();
    let len = site(&Primitive::DictLen, std::slice::from_ref(&of), &Int, version).unwrap();
    let mut table = [0_u64];
    // SAFETY: words are of the sites' types.
    unsafe {
        assert_eq!((new.call)(&raw mut memory, &raw const new, [].as_ptr(), table.as_mut_ptr()), 0);
        for number in 0..10_000_u64 {
            let words = [table[0], number % 3000 * 1024];
            assert_eq!((add.call)(&raw mut memory, &raw const add, words.as_ptr(), [].as_mut_ptr()), 0);
        }
        let mut count = [0_u64];
        assert_eq!((len.call)(&raw mut memory, &raw const len, table.as_ptr(), count.as_mut_ptr()), 0);
        assert_eq!(count, [3000]);
    }
}
