//! Bytes made of other values, and their rarer methods.

use super::*;
use Type::{Bool, Bytes, Int, Str};
use pyflink_plan::bytes::BytesOp;

fn agrees(op: BytesOp, python: &str, makers: &[(Make, Type)], result: Type) {
    check(Primitive::Bytes(op), python, makers, result, never);
}

/// Pieces of UTF-8, whole and cut.
fn broken(random: &mut Random) -> Constant {
    const PIECES: [&[u8]; 16] = [
        b"a",
        b"\x80",
        b"\xbf\xbf",
        b"\xc3\xa9",
        b"\xc3",
        b"\xc0\x80",
        b"\xe2\x82\xac",
        b"\xe2\x82",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x98\x80",
        b"\xf0\x9f\x98",
        b"\xf0\x9f",
        b"\xf4\x90\x80\x80",
        b"\xf5",
        b"\xe0\x80",
        b"\xff",
    ];
    let one = |random: &mut Random| match random.below(5) {
        0 => vec![random.bits() as u8],
        _ => random.pick(&PIECES).to_vec(),
    };
    Constant::Bytes((0..random.below(6)).flat_map(|_| one(random)).collect())
}

fn few_bytes(random: &mut Random) -> Constant {
    let edges = [0, 1, 0x7f, 0x80, 0xff];
    let length = random.below(11);
    let same = random.pick(&edges);
    let one = |random: &mut Random| match random.below(3) {
        0 => random.bits() as u8,
        1 => random.pick(&edges),
        _ => same,
    };
    Constant::Bytes((0..length).map(|_| one(random)).collect())
}

fn short(random: &mut Random) -> Constant {
    let letters = b"ab, \x0b\xff";
    Constant::Bytes((0..random.below(8)).map(|_| random.pick(letters)).collect())
}

fn part(random: &mut Random) -> Constant {
    let letters = b"ab, ";
    Constant::Bytes((0..random.below(3)).map(|_| random.pick(letters)).collect())
}

fn some_ints(random: &mut Random) -> Constant {
    let one = |random: &mut Random| match random.below(60) {
        0 => int(random),
        1 => Constant::Int(256),
        _ => Constant::Int(random.below(256) as i64),
    };
    Constant::List((0..random.below(9)).map(|_| one(random)).collect())
}

fn hex(random: &mut Random) -> Constant {
    let pieces = ["00", "fF", "7a", "A0", " ", "\t\u{b}", "1", "g", "é", "\u{1c}", "\u{661}"];
    let one = |random: &mut Random| {
        let most = if random.below(4) == 0 { pieces.len() } else { 6 };
        pieces[random.below(most)]
    };
    Constant::Str((0..random.below(6)).map(|_| one(random)).collect())
}

fn listed(random: &mut Random) -> Constant {
    Constant::List((0..random.below(4)).map(|_| short(random)).collect())
}

#[test]
fn made_of_ints_and_text() {
    agrees(BytesOp::Zeros, "bytes", &[(small, Int)], Bytes);
    agrees(BytesOp::FromInts, "bytes", &[(some_ints, list(Int))], Bytes);
    agrees(BytesOp::FromHex, "bytes.fromhex", &[(hex, Str)], Bytes);
    agrees(BytesOp::EncodeLatin, "lambda a: a.encode('latin-1')", &[(text, Str)], Bytes);
}

#[test]
fn ints() {
    for (big, order) in [(true, "big"), (false, "little")] {
        for (signed, python) in [(true, "True"), (false, "False")] {
            let to_int = format!("lambda a: int.from_bytes(a, '{order}', signed={python})");
            agrees(BytesOp::ToInt { big, signed }, &to_int, &[(few_bytes, Bytes)], Int);
            let length = |random: &mut Random| Constant::Int(random.below(13) as i64 - 1);
            let of_int = format!("lambda a, b: a.to_bytes(b, '{order}', signed={python})");
            let minus_one_in_nothing = |of: &[Constant]| matches!(of, [_, Constant::Int(0)]);
            let makers = [(int as Make, Int), (length, Int)];
            check(Primitive::Bytes(BytesOp::OfInt { big, signed }), &of_int, &makers, Bytes, minus_one_in_nothing);
        }
    }
}

#[test]
fn decoded() {
    agrees(BytesOp::DecodeReplace, "lambda a: a.decode('utf-8', 'replace')", &[(broken, Bytes)], Str);
    agrees(BytesOp::DecodeIgnore, "lambda a: a.decode('utf-8', 'ignore')", &[(broken, Bytes)], Str);
    agrees(BytesOp::DecodeLatin, "lambda a: a.decode('latin-1')", &[(broken, Bytes)], Str);
}

#[test]
fn methods() {
    use BytesOp::*;
    agrees(Repeat, "lambda a, b: a * b", &[(short, Bytes), (small, Int)], Bytes);
    for (op, name) in [(LStrip, "lstrip"), (RStrip, "rstrip")] {
        agrees(op, &format!("lambda a: a.{name}()"), &[(short, Bytes)], Bytes);
    }
    for (op, name) in [
        (StripBytes, "strip"),
        (LStripBytes, "lstrip"),
        (RStripBytes, "rstrip"),
        (RemovePrefix, "removeprefix"),
        (RemoveSuffix, "removesuffix"),
    ] {
        agrees(op, &format!("lambda a, b: a.{name}(b)"), &[(short, Bytes), (part, Bytes)], Bytes);
    }
    let fill = |random: &mut Random| match random.below(20) {
        0 => part(random),
        _ => Constant::Bytes(b"*".to_vec()),
    };
    for (op, name) in [(Center, "center"), (LJust, "ljust"), (RJust, "rjust")] {
        agrees(op, &format!("lambda a, b, c: a.{name}(b, c)"), &[(short, Bytes), (small, Int), (fill, Bytes)], Bytes);
    }
    for (op, name) in [(Count, "count"), (RFind, "rfind"), (Index, "index"), (RIndex, "rindex")] {
        agrees(op, &format!("lambda a, b: a.{name}(b)"), &[(short, Bytes), (part, Bytes)], Int);
    }
    agrees(Join, "lambda a, b: a.join(b)", &[(part, Bytes), (listed, list(Bytes))], Bytes);
    let three = Type::Tuple(vec![Bytes; 3]);
    agrees(Partition, "lambda a, b: a.partition(b)", &[(short, Bytes), (part, Bytes)], three.clone());
    agrees(RPartition, "lambda a, b: a.rpartition(b)", &[(short, Bytes), (part, Bytes)], three);
    for (op, name) in [(IsDigit, "isdigit"), (IsAlpha, "isalpha"), (IsAlnum, "isalnum"), (IsSpace, "isspace")] {
        agrees(op, &format!("lambda a: a.{name}()"), &[(bytes, Bytes)], Bool);
        agrees(op, &format!("lambda a: a.{name}() "), &[(short, Bytes)], Bool);
    }
}
