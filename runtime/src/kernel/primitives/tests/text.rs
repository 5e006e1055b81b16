//! Text and bytes.

use super::*;
use Type::{Bool, Bytes, Int, Str};

fn never_bails(primitive: Primitive, python: &str, makers: &[(Make, Type)], result: Type) {
    check(primitive, python, makers, result, never);
}

#[test]
fn parts() {
    let positions = [(maybe_small as Make, optional(Int)), (maybe_small, optional(Int)), (maybe_small, optional(Int))];
    never_bails(Primitive::StrLen, "len", &[(text, Str)], Int);
    never_bails(Primitive::StrIndex, "lambda a, b: a[b]", &[(text, Str), (small, Int)], Str);
    never_bails(Primitive::StrIndex, "lambda a, b: a[b]", &[(text, Str), (int, Int)], Str);
    let slice: Vec<_> = [(text as Make, Str)].into_iter().chain(positions.clone()).collect();
    never_bails(Primitive::StrSlice, "lambda a, b, c, d: a[b:c:d]", &slice, Str);
    never_bails(Primitive::StrConcat, "lambda a, b, c: a + b + c", &[(text, Str), (text, Str), (part, Str)], Str);
    let small_count = |random: &mut Random| Constant::Int(random.below(8) as i64 - 2);
    never_bails(Primitive::StrRepeat, "lambda a, b: a * b", &[(text, Str), (small_count, Int)], Str);
    never_bails(Primitive::StrChars, "list", &[(text, Str)], list(Str));
    never_bails(Primitive::StrEncode, "lambda a: a.encode()", &[(text, Str)], Bytes);
    never_bails(Primitive::StrEncodeAscii, "lambda a: a.encode('ascii')", &[(text, Str)], Bytes);
    let slice: Vec<_> = [(bytes as Make, Bytes)].into_iter().chain(positions).collect();
    never_bails(Primitive::BytesSlice, "lambda a, b, c, d: a[b:c:d]", &slice, Bytes);
    never_bails(Primitive::BytesIndex, "lambda a, b: a[b]", &[(bytes, Bytes), (small, Int)], Int);
    never_bails(Primitive::BytesLen, "len", &[(bytes, Bytes)], Int);
    never_bails(Primitive::BytesConcat, "lambda a, b: a + b", &[(bytes, Bytes), (bytes, Bytes)], Bytes);
}

#[test]
fn white_space_and_separators() {
    for (primitive, name) in
        [(Primitive::StrStrip, "strip"), (Primitive::StrLStrip, "lstrip"), (Primitive::StrRStrip, "rstrip")]
    {
        never_bails(primitive, &format!("lambda a: a.{name}()"), &[(text, Str)], Str);
    }
    for (primitive, name) in [
        (Primitive::StrStripChars, "strip"),
        (Primitive::StrLStripChars, "lstrip"),
        (Primitive::StrRStripChars, "rstrip"),
        (Primitive::StrRemovePrefix, "removeprefix"),
        (Primitive::StrRemoveSuffix, "removesuffix"),
    ] {
        never_bails(primitive.clone(), &format!("lambda a, b: a.{name}(b)"), &[(text, Str), (part, Str)], Str);
        never_bails(primitive, &format!("lambda a, b: a.{name}(b) "), &[(text, Str), (text, Str)], Str);
    }
    let limit = |random: &mut Random| Constant::Int(random.below(6) as i64 - 1);
    for (primitive, name) in [(Primitive::StrSplit, "split"), (Primitive::StrRSplit, "rsplit")] {
        never_bails(primitive, &format!("lambda a, b: a.{name}(None, b)"), &[(text, Str), (limit, Int)], list(Str));
    }
    for (primitive, name) in [(Primitive::StrSplitAt, "split"), (Primitive::StrRSplitAt, "rsplit")] {
        let makers = [(text as Make, Str), (part, Str), (limit, Int)];
        never_bails(primitive, &format!("lambda a, b, c: a.{name}(b, c)"), &makers, list(Str));
    }
    never_bails(Primitive::StrSplitLines, "lambda a, b: a.splitlines(b)", &[(text, Str), (bool, Bool)], list(Str));
    let three = || Type::Tuple(vec![Str; 3]);
    never_bails(Primitive::StrPartition, "lambda a, b: a.partition(b)", &[(text, Str), (part, Str)], three());
    never_bails(Primitive::StrRPartition, "lambda a, b: a.rpartition(b)", &[(text, Str), (part, Str)], three());
    let texts = |random: &mut Random| Constant::List((0..random.below(5)).map(|_| text(random)).collect());
    never_bails(Primitive::StrJoin, "lambda a, b: a.join(b)", &[(part, Str), (texts, list(Str))], Str);
    never_bails(Primitive::BytesStrip, "lambda a: a.strip()", &[(bytes, Bytes)], Bytes);
    never_bails(Primitive::BytesSplit, "lambda a, b: a.split(None, b)", &[(bytes, Bytes), (limit, Int)], list(Bytes));
    let makers = [(bytes as Make, Bytes), (byte_part, Bytes), (limit, Int)];
    never_bails(Primitive::BytesSplitAt, "lambda a, b, c: a.split(b, c)", &makers, list(Bytes));
}

#[test]
fn searches() {
    never_bails(Primitive::StrContains, "lambda a, b: b in a", &[(text, Str), (part, Str)], Bool);
    let makers = [(text as Make, Str), (part, Str), (maybe_small, optional(Int)), (maybe_small, optional(Int))];
    for (primitive, name, of) in [
        (Primitive::StrFind, "find", Int),
        (Primitive::StrRFind, "rfind", Int),
        (Primitive::StrIndexOf, "index", Int),
        (Primitive::StrRIndexOf, "rindex", Int),
        (Primitive::StrCount, "count", Int),
        (Primitive::StrStartsWith, "startswith", Bool),
        (Primitive::StrEndsWith, "endswith", Bool),
    ] {
        never_bails(primitive, &format!("lambda a, b, c, d: a.{name}(b, c, d)"), &makers, of);
    }
    let limit = |random: &mut Random| Constant::Int(random.below(6) as i64 - 1);
    let makers = [(text as Make, Str), (part, Str), (part, Str), (limit, Int)];
    never_bails(Primitive::StrReplace, "lambda a, b, c, d: a.replace(b, c, d)", &makers, Str);
    let makers = [(bytes as Make, Bytes), (byte_part, Bytes), (byte_part, Bytes), (limit, Int)];
    never_bails(Primitive::BytesReplace, "lambda a, b, c, d: a.replace(b, c, d)", &makers, Bytes);
    let makers = [(bytes as Make, Bytes), (byte_part, Bytes)];
    never_bails(Primitive::BytesContains, "lambda a, b: b in a", &makers, Bool);
    never_bails(Primitive::BytesStartsWith, "lambda a, b: a.startswith(b)", &makers, Bool);
    never_bails(Primitive::BytesEndsWith, "lambda a, b: a.endswith(b)", &makers, Bool);
    never_bails(Primitive::BytesFind, "lambda a, b: a.find(b)", &makers, Int);
}

#[test]
fn case() {
    for (primitive, name) in [
        (Primitive::StrLower, "lower"),
        (Primitive::StrUpper, "upper"),
        (Primitive::StrTitle, "title"),
        (Primitive::StrCapitalize, "capitalize"),
        (Primitive::StrSwapCase, "swapcase"),
        (Primitive::StrCaseFold, "casefold"),
    ] {
        check(primitive, &format!("lambda a: a.{name}()"), &[(text, Str)], Str, any(has_unicode));
    }
    let short = |random: &mut Random| if random.below(2) == 0 { part(random) } else { text(random) };
    for (primitive, name) in [
        (Primitive::StrIsDigit, "isdigit"),
        (Primitive::StrIsAlpha, "isalpha"),
        (Primitive::StrIsAlnum, "isalnum"),
        (Primitive::StrIsUpper, "isupper"),
        (Primitive::StrIsLower, "islower"),
        (Primitive::StrIsTitle, "istitle"),
        (Primitive::StrIsDecimal, "isdecimal"),
        (Primitive::StrIsNumeric, "isnumeric"),
        (Primitive::StrIsIdentifier, "isidentifier"),
    ] {
        check(primitive, &format!("lambda a: a.{name}()"), &[(short, Str)], Bool, any(has_unicode));
    }
    never_bails(Primitive::StrIsSpace, "lambda a: a.isspace()", &[(short, Str)], Bool);
    never_bails(Primitive::StrIsAscii, "lambda a: a.isascii()", &[(short, Str)], Bool);
    never_bails(Primitive::BytesLower, "lambda a: a.lower()", &[(bytes, Bytes)], Bytes);
    never_bails(Primitive::BytesUpper, "lambda a: a.upper()", &[(bytes, Bytes)], Bytes);
}

#[test]
fn padding() {
    never_bails(Primitive::StrZFill, "lambda a, b: a.zfill(b)", &[(text, Str), (small, Int)], Str);
    let signed = |random: &mut Random| Constant::Str(random.pick(&["+1", "-1", "-", "", "+", "1", "-é"]).to_owned());
    never_bails(Primitive::StrZFill, "lambda a, b: a.zfill(b) ", &[(signed, Str), (small, Int)], Str);
    let makers = [(part as Make, Str), (small, Int), (part, Str)];
    never_bails(Primitive::StrCenter, "lambda a, b, c: a.center(b, c)", &makers, Str);
    never_bails(Primitive::StrLJust, "lambda a, b, c: a.ljust(b, c)", &makers, Str);
    never_bails(Primitive::StrRJust, "lambda a, b, c: a.rjust(b, c)", &makers, Str);
    never_bails(Primitive::StrExpandTabs, "lambda a, b: a.expandtabs(b)", &[(text, Str), (small, Int)], Str);
}

#[test]
fn characters_and_codes() {
    let code = |random: &mut Random| {
        let near = random.pick(&[0, 127, 128, 0xd7ff, 0xd800, 0xdfff, 0xe000, 0x10_ffff, -1]);
        Constant::Int(near + random.below(3) as i64 - 1)
    };
    never_bails(Primitive::Chr, "lambda a: chr(a)", &[(code, Int)], Str);
    never_bails(Primitive::Ord, "ord", &[(part, Str)], Int);
    never_bails(Primitive::BytesDecode, "lambda a: a.decode()", &[(bytes, Bytes)], Str);
    never_bails(Primitive::BytesDecodeAscii, "lambda a: a.decode('ascii')", &[(bytes, Bytes)], Str);
    never_bails(Primitive::BytesHex, "lambda a: a.hex()", &[(bytes, Bytes)], Str);
}

#[test]
fn numbers_in_text() {
    fn spelled(random: &mut Random) -> Constant {
        const PIECES: [&str; 26] = [
            "0",
            "1",
            "12",
            "9223372036854775807",
            "9223372036854775808",
            "_",
            "+",
            "-",
            ".",
            "e",
            "E5",
            "e-3",
            "inf",
            "NaN",
            "Infinity",
            " ",
            "\t",
            "\x1c",
            "\u{a0}",
            "0x",
            "0b1",
            "0o7",
            "ff",
            "z",
            "٣",
            "00",
        ];
        let count = random.pick(&[1, 1, 2, 2, 3, 4, 6]);
        Constant::Str((0..count).map(|_| random.pick(&PIECES)).collect())
    }
    let base = |random: &mut Random| Constant::Int(random.pick(&[0, 2, 8, 10, 16, 36, 1, 37, -1, 3]));
    for round in ["", " ", "  ", "   "] {
        check(Primitive::StrToInt, &format!("lambda a: int(a){round}"), &[(spelled, Str)], Int, any(has_unicode));
        check(
            Primitive::StrToFloat,
            &format!("lambda a: float(a){round}"),
            &[(spelled, Str)],
            Type::Float,
            any(has_unicode),
        );
        let makers = [(spelled as Make, Str), (base, Int)];
        let modulus = |random: &mut Random| Constant::Int(random.pick(&[1, 2, 97, 1 << 31, i64::MAX]));
        check(
            Primitive::StrToIntMod,
            &format!("lambda a, b: int(a) % b{round}"),
            &[(spelled as Make, Str), (modulus, Int)],
            Int,
            any(has_unicode),
        );
        check(Primitive::StrToIntBase, &format!("lambda a, b: int(a, b){round}"), &makers, Int, any(has_unicode));
    }
    let written = |random: &mut Random| match float(random) {
        Constant::Float(value) => Constant::Str(format!("{value:e}")),
        other => other,
    };
    never_bails(Primitive::StrToFloat, "lambda a: float(a)", &[(written, Str)], Type::Float);
    let written = |random: &mut Random| match int(random) {
        Constant::Int(value) => Constant::Str(format!(" {value}\n")),
        other => other,
    };
    never_bails(Primitive::StrToInt, "lambda a: int(a)", &[(written, Str)], Int);
}
