//! Reads one JSON document as Python's `json` module writes and reads it, with nothing lost.
//! Not here: the keys a row must have (`fields`), splitting a file into lines (`row`).
//! In: the bytes of one document. Out: a [`Value`], arrays as lists and objects as dicts with `str` keys, or where it is wrong.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use jiter::JsonErrorType;
use jiter::JsonValue;

use crate::lone_surrogates;
use crate::value::PyStr;
use crate::value::Value;

/// Why a document could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON, even with Python's additions.
    #[error("malformed JSON at byte {byte}: {reason}")]
    Malformed {
        /// Where, from 0.
        byte: usize,
        /// What the parser says.
        reason: String,
    },
    /// Arrays and objects nested too deeply to be read safely.
    #[error("JSON nested more than 200 levels deep at byte {byte}")]
    TooDeep {
        /// Where, from 0.
        byte: usize,
    },
    /// Python's own limit, `sys.int_info.default_max_str_digits`.
    #[error("an integer of more than 4300 digits, which Python's json refuses too, at byte {byte}")]
    TooManyDigits {
        /// Where, from 0.
        byte: usize,
    },
    /// A lone surrogate together with the code point that stands in for it while parsing.
    #[error("a lone surrogate escape and the noncharacter U+FDD0 in one document")]
    SurrogateAndSentinel,
}

/// Reads one document.
pub fn parse(document: &[u8]) -> Result<Value, JsonError> {
    match JsonValue::parse(document, true) {
        Ok(json) => Ok(convert(json, Text::Plain)),
        Err(error) if blames_a_surrogate(&error.error_type) => parse_with_lone_surrogates(document),
        Err(error) => Err(describe(&error)),
    }
}

/// The parser refuses lone surrogates, which Python writes and reads; they are replaced by marks and put back.
fn parse_with_lone_surrogates(document: &[u8]) -> Result<Value, JsonError> {
    let marked = lone_surrogates::mark(document).ok_or(JsonError::SurrogateAndSentinel)?;
    // Positions in errors are those of the marked copy, close enough in a document that is wrong twice.
    let json = JsonValue::parse(&marked, true).map_err(|error| describe(&error))?;
    Ok(convert(json, Text::Marked))
}

fn blames_a_surrogate(kind: &JsonErrorType) -> bool {
    use JsonErrorType::EofWhileParsingString;
    use JsonErrorType::LoneLeadingSurrogateInHexEscape;
    use JsonErrorType::UnexpectedEndOfHexEscape;
    // All three are how the parser words a high surrogate without its partner, depending on what follows.
    matches!(kind, LoneLeadingSurrogateInHexEscape | UnexpectedEndOfHexEscape | EofWhileParsingString)
}

fn describe(error: &jiter::JsonError) -> JsonError {
    let byte = error.index;
    match error.error_type {
        JsonErrorType::RecursionLimitExceeded => JsonError::TooDeep { byte },
        JsonErrorType::NumberOutOfRange => JsonError::TooManyDigits { byte },
        _ => JsonError::Malformed { byte, reason: error.error_type.to_string() },
    }
}

/// Whether strings hold marks where lone surrogates were.
#[derive(Clone, Copy)]
enum Text {
    Plain,
    Marked,
}

// Recursion is safe here: the parser has refused anything deeper than 200.
fn convert(json: JsonValue<'_>, text: Text) -> Value {
    match json {
        JsonValue::Null => Value::None,
        JsonValue::Bool(flag) => Value::Bool(flag),
        JsonValue::Int(number) => Value::Int(number.into()),
        JsonValue::BigInt(number) => Value::Int(number),
        JsonValue::Float(number) => Value::Float(number),
        JsonValue::Str(string) => Value::Str(convert_text(string, text)),
        JsonValue::Array(items) => {
            Value::List(Arc::unwrap_or_clone(items).into_iter().map(|item| convert(item, text)).collect())
        }
        JsonValue::Object(pairs) => convert_object(Arc::unwrap_or_clone(pairs), text),
    }
}

fn convert_text(string: Cow<'_, str>, text: Text) -> PyStr {
    match text {
        Text::Plain => PyStr::from(string.as_ref()),
        Text::Marked => lone_surrogates::restore(&string),
    }
}

/// Where a key stands twice, Python keeps the first place and the last value.
fn convert_object(pairs: Vec<(Cow<'_, str>, JsonValue<'_>)>, text: Text) -> Value {
    let mut places: HashMap<PyStr, usize> = HashMap::with_capacity(pairs.len());
    let mut kept: Vec<(Value, Value)> = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        let key = convert_text(key, text);
        let value = convert(value, text);
        match places.get(&key) {
            Some(&place) => kept[place].1 = value,
            None => {
                places.insert(key.clone(), kept.len());
                kept.push((Value::Str(key), value));
            }
        }
    }
    Value::Dict(kept)
}

#[cfg(test)]
#[path = "python_json/tests.rs"]
mod tests;
