//! Methods of str.

use super::bytes::Encoding;
use super::{Lowered, Lowering, Value};
use crate::bytes::BytesOp;
use crate::ir::{Builtin, CompareOp};
use crate::primitive::Primitive;
use crate::typed::{Expr, Kind, Why};
use crate::types::{Constant, Type};

/// What a method takes behind the text, with what is there if it is left out.
enum Takes {
    Text,
    Int,
    /// An int, or this one.
    IntOr(i64),
    /// A fill character, or a blank.
    Fill,
    /// Start and end, or none.
    Bounds,
}

impl<'a> Lowering<'a> {
    pub(super) fn text_method(&mut self, text: Value, name: &str, arguments: Vec<Value>) -> Lowered<Value> {
        use Takes::*;
        match name {
            "split" | "rsplit" => return self.split(text, name, arguments),
            "strip" | "lstrip" | "rstrip" => return self.strip(text, name, arguments),
            "encode" => return self.encode(text, arguments),
            "splitlines" => return self.split_lines(text, arguments),
            "startswith" | "endswith" => return self.affix(text, name, arguments),
            "format" => return Err(self.refused("a format that is computed isn't compiled", "write it out")),
            "isprintable" | "format_map" | "translate" => {
                let edit = match name {
                    "format_map" => "write an f-string",
                    "isprintable" => "compare its characters with those that are meant",
                    _ => "write it with replace(), or in a loop over its characters",
                };
                return Err(self.refused(format!("`{name}` of a str isn't compiled"), edit));
            }
            _ => {}
        }
        let three = Type::Tuple(vec![Type::Str; 3]);
        let (primitive, takes, of): (Primitive, &[Takes], Type) = match name {
            "lower" => (Primitive::StrLower, &[], Type::Str),
            "upper" => (Primitive::StrUpper, &[], Type::Str),
            "title" => (Primitive::StrTitle, &[], Type::Str),
            "capitalize" => (Primitive::StrCapitalize, &[], Type::Str),
            "swapcase" => (Primitive::StrSwapCase, &[], Type::Str),
            "casefold" => (Primitive::StrCaseFold, &[], Type::Str),
            "partition" => (Primitive::StrPartition, &[Text], three),
            "rpartition" => (Primitive::StrRPartition, &[Text], three),
            "replace" => (Primitive::StrReplace, &[Text, Text, IntOr(-1)], Type::Str),
            "find" => (Primitive::StrFind, &[Text, Bounds], Type::Int),
            "rfind" => (Primitive::StrRFind, &[Text, Bounds], Type::Int),
            "index" => (Primitive::StrIndexOf, &[Text, Bounds], Type::Int),
            "rindex" => (Primitive::StrRIndexOf, &[Text, Bounds], Type::Int),
            "count" => (Primitive::StrCount, &[Text, Bounds], Type::Int),
            "isdigit" => (Primitive::StrIsDigit, &[], Type::Bool),
            "isalpha" => (Primitive::StrIsAlpha, &[], Type::Bool),
            "isalnum" => (Primitive::StrIsAlnum, &[], Type::Bool),
            "isspace" => (Primitive::StrIsSpace, &[], Type::Bool),
            "isupper" => (Primitive::StrIsUpper, &[], Type::Bool),
            "islower" => (Primitive::StrIsLower, &[], Type::Bool),
            "istitle" => (Primitive::StrIsTitle, &[], Type::Bool),
            "isdecimal" => (Primitive::StrIsDecimal, &[], Type::Bool),
            "isnumeric" => (Primitive::StrIsNumeric, &[], Type::Bool),
            "isidentifier" => (Primitive::StrIsIdentifier, &[], Type::Bool),
            "isascii" => (Primitive::StrIsAscii, &[], Type::Bool),
            "zfill" => (Primitive::StrZFill, &[Int], Type::Str),
            "center" => (Primitive::StrCenter, &[Int, Fill], Type::Str),
            "ljust" => (Primitive::StrLJust, &[Int, Fill], Type::Str),
            "rjust" => (Primitive::StrRJust, &[Int, Fill], Type::Str),
            "removeprefix" => (Primitive::StrRemovePrefix, &[Text], Type::Str),
            "removesuffix" => (Primitive::StrRemoveSuffix, &[Text], Type::Str),
            "expandtabs" => (Primitive::StrExpandTabs, &[IntOr(8)], Type::Str),
            _ => return Err(self.raises(format!("str has no method `{name}`"), "use one that it has")),
        };
        let mut operands = vec![text];
        let mut arguments = arguments.into_iter();
        for takes in takes {
            match (takes, arguments.next()) {
                (Text | Int, None) => return Err(self.arity(name)),
                (Text, Some(value)) => operands.push(self.text(value)?),
                (Int | IntOr(_), Some(value)) => operands.push(self.int(value)?),
                (IntOr(value), None) => operands.push(Value::int(*value)),
                (Fill, Some(value)) => operands.push(self.text(value)?),
                (Fill, None) => operands.push(Value::str(" ")),
                (Bounds, start) => {
                    let (start, end) = (start.unwrap_or_else(Value::none), arguments.next());
                    operands.push(self.optional_int(start)?);
                    operands.push(self.optional_int(end.unwrap_or_else(Value::none))?);
                }
            }
        }
        if arguments.next().is_some() {
            return Err(self.arity(name));
        }
        Ok(Value::call(of, primitive, operands))
    }

    fn split(&mut self, text: Value, name: &str, arguments: Vec<Value>) -> Lowered<Value> {
        let of = Type::List(Box::new(Type::Str));
        let right = name == "rsplit";
        let mut arguments = arguments.into_iter();
        let (separator, most) = (arguments.next(), arguments.next());
        if arguments.next().is_some() {
            return Err(self.arity(name));
        }
        let most = match most {
            Some(most) => self.int(most)?,
            None => Value::int(-1),
        };
        let separator = separator.filter(|separator| *separator.of() != Type::None);
        match separator {
            None => {
                let primitive = if right { Primitive::StrRSplit } else { Primitive::StrSplit };
                Ok(Value::call(of, primitive, vec![text, most]))
            }
            Some(separator) if *separator.of() == Type::Str.optional() => {
                let (text, separator, most) = (self.hold(text), self.hold(separator), self.hold(most));
                let none = self.is_none(separator.clone());
                let blank = vec![most.clone()];
                let at = vec![separator.unwrapped(), most];
                let (text, other) = (text.clone(), text);
                self.either(
                    none,
                    |this| this.split(text, name, [vec![Value::none()], blank].concat()),
                    |this| this.split(other, name, at),
                )
            }
            Some(separator) => {
                let separator = self.text(separator)?;
                if matches!(separator.constant(), Some(Constant::Str(text)) if text.is_empty()) {
                    return Err(self.raises("the separator of a split is empty", "go over the text itself"));
                }
                let primitive = if right { Primitive::StrRSplitAt } else { Primitive::StrSplitAt };
                Ok(Value::call(of, primitive, vec![text, separator, most]))
            }
        }
    }

    fn strip(&mut self, text: Value, name: &str, arguments: Vec<Value>) -> Lowered<Value> {
        let (blank, of_chars) = match name {
            "strip" => (Primitive::StrStrip, Primitive::StrStripChars),
            "lstrip" => (Primitive::StrLStrip, Primitive::StrLStripChars),
            _ => (Primitive::StrRStrip, Primitive::StrRStripChars),
        };
        let mut arguments = arguments.into_iter().filter(|chars| *chars.of() != Type::None);
        match (arguments.next(), arguments.next()) {
            (None, _) => Ok(Value::call(Type::Str, blank, vec![text])),
            (Some(chars), None) => {
                let chars = self.text(chars)?;
                Ok(Value::call(Type::Str, of_chars, vec![text, chars]))
            }
            _ => Err(self.arity(name)),
        }
    }

    pub(super) fn encode(&mut self, text: Value, arguments: Vec<Value>) -> Lowered<Value> {
        // What can't be encoded bails, whatever the handler of errors makes of it.
        let (encoding, _) = self.encoding(&arguments)?;
        let primitive = match encoding {
            Encoding::Utf8 => Primitive::StrEncode,
            Encoding::Ascii => Primitive::StrEncodeAscii,
            Encoding::Latin => Primitive::Bytes(BytesOp::EncodeLatin),
        };
        Ok(Value::call(Type::Bytes, primitive, vec![text]))
    }

    fn split_lines(&mut self, text: Value, arguments: Vec<Value>) -> Lowered<Value> {
        if arguments.len() > 1 {
            return Err(self.arity("splitlines"));
        }
        let keep = match arguments.into_iter().next() {
            Some(keep) => Value { expr: self.truth(keep)?, sites: Default::default() },
            None => Value::bool(false),
        };
        Ok(Value::call(Type::List(Box::new(Type::Str)), Primitive::StrSplitLines, vec![text, keep]))
    }

    /// `startswith` and `endswith`, with one text or several.
    fn affix(&mut self, text: Value, name: &str, arguments: Vec<Value>) -> Lowered<Value> {
        let mut arguments = arguments.into_iter();
        let Some(affix) = arguments.next() else { return Err(self.arity(name)) };
        let bounds: Vec<Value> = arguments.collect();
        if bounds.len() > 2 {
            return Err(self.arity(name));
        }
        if let Type::Tuple(_) = affix.of() {
            let text = self.hold(text);
            let options = self.fields(affix);
            return self.any_affix(text, name, options, bounds);
        }
        let affix = self.text(affix)?;
        let mut bounds = bounds.into_iter();
        let (start, end) = (bounds.next(), bounds.next());
        let start = self.optional_int(start.unwrap_or_else(Value::none))?;
        let end = self.optional_int(end.unwrap_or_else(Value::none))?;
        let primitive = if name == "startswith" { Primitive::StrStartsWith } else { Primitive::StrEndsWith };
        Ok(Value::call(Type::Bool, primitive, vec![text, affix, start, end]))
    }

    pub(super) fn any_affix(
        &mut self,
        text: Value,
        name: &str,
        mut options: Vec<Value>,
        bounds: Vec<Value>,
    ) -> Lowered<Value> {
        if options.is_empty() {
            return Ok(Value::bool(false));
        }
        let option = options.remove(0);
        let first = self.affix(text.clone(), name, std::iter::once(option).chain(bounds.clone()).collect())?;
        if options.is_empty() {
            return Ok(first);
        }
        self.either(first.expr, |_| Ok(Value::bool(true)), |this| this.any_affix(text, name, options, bounds))
    }
}

impl Lowering<'_> {
    /// Functions of `csv`, `unicodedata` and `urllib.parse`.
    pub(super) fn text_call(&mut self, builtin: Builtin, arguments: Vec<Value>) -> Lowered<Value> {
        let mut arguments = arguments.into_iter();
        match (builtin, arguments.next(), arguments.next()) {
            (Builtin::CsvReader, Some(line), Some(delimiter)) => {
                let Some(Constant::Str(delimiter)) = delimiter.constant().cloned() else {
                    return Err(self.refused("a delimiter that isn't constant isn't compiled", "write it out"));
                };
                let mut letters = delimiter.chars();
                let (Some(letter), None) = (letters.next(), letters.next()) else {
                    return Err(self.raises("a delimiter of other than one character", "write one character"));
                };
                if matches!(letter, '"' | '\n' | '\r' | '\0' | ' ') {
                    return Err(self.refused("a delimiter like this isn't compiled", "use `,`, `;`, a tab or the like"));
                }
                let line = self.text(line)?;
                Ok(Value::call(Type::List(Box::new(Type::Str)), Primitive::StrCsvFields(letter), vec![line]))
            }
            // What is ASCII is normal in each form; the rest is CPython's database.
            (Builtin::UnicodeNormalize, Some(form), Some(text)) => {
                let is_form = |form: &str| ["NFC", "NFD", "NFKC", "NFKD"].contains(&form);
                if !matches!(form.constant(), Some(Constant::Str(form)) if is_form(form)) {
                    return Err(self.refused("a form that isn't constant isn't compiled", "write it out"));
                }
                self.ascii(text)
            }
            (Builtin::UnicodeCombining, Some(letter), None) => {
                let letter = self.ascii(letter)?;
                let length = Value::call(Type::Int, Primitive::StrLen, vec![letter]);
                let is_one = Kind::Compare(CompareOp::Eq, Box::new(length.expr), Box::new(Value::int(1).expr));
                self.require(Expr { of: Type::Bool, kind: is_one }, Why::Unusual)?;
                Ok(Value::int(0))
            }
            (Builtin::UrlSplit | Builtin::UrlParse | Builtin::UrlHost | Builtin::UrlUnquote, Some(text), None) => {
                let (primitive, of) = match builtin {
                    Builtin::UrlSplit => (Primitive::UrlSplit, Type::Tuple(vec![Type::Str; 5])),
                    Builtin::UrlParse => (Primitive::UrlParse, Type::Tuple(vec![Type::Str; 5])),
                    Builtin::UrlHost => (Primitive::UrlHost, Type::Optional(Box::new(Type::Str))),
                    _ => (Primitive::UrlUnquote, Type::Str),
                };
                let text = self.text(text)?;
                Ok(Value::call(of, primitive, vec![text]))
            }
            _ => Err(self.arity(builtin.name())),
        }
    }

    /// Text that is ASCII; what isn't, bails.
    fn ascii(&mut self, text: Value) -> Lowered<Value> {
        let text = self.text(text)?;
        let text = self.hold(text);
        let is_ascii = Value::call(Type::Bool, Primitive::StrIsAscii, vec![text.clone()]);
        self.require(is_ascii.expr, Why::Unusual)?;
        Ok(text)
    }
}
