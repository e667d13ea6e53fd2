//! Takes a row apart by key: each value under its type, and an error that names the key otherwise.
//! Not here: reading the line (`row`, `python_json`), what a format's keys mean (one file per format).
//! In: the bytes of one JSON object. Out: its values, taken out one by one.

use crate::python_json;
use crate::row::RowErrorKind;
use crate::value::Value;

/// The keys and values of one row that have not been taken yet.
#[derive(Debug)]
pub(crate) struct Fields {
    /// Where they stand: what comes before the name of a key.
    path: String,
    pairs: Vec<(String, Value)>,
}

impl Fields {
    /// Reads one JSON object.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, RowErrorKind> {
        Self::from_value(python_json::parse(line)?).map_err(|found| RowErrorKind::NotAnObject { found })
    }

    /// The fields of an object that stands under `key`.
    pub(crate) fn nested(key: &str, value: Value) -> Result<Self, RowErrorKind> {
        let fields = Self::from_value(value).map_err(|found| wrong_type(key, "an object", found))?;
        Ok(Self { path: format!("{key}."), ..fields })
    }

    /// The fields of a row that was no JSON.
    pub(crate) fn from_pairs(pairs: Vec<(String, Value)>) -> Self {
        Self { path: String::new(), pairs }
    }

    fn from_value(value: Value) -> Result<Self, &'static str> {
        let Value::Dict(pairs) = value else { return Err(value.type_name()) };
        let named = |(key, value)| match key {
            Value::Str(key) => (String::from_utf8_lossy(key.as_bytes()).into_owned(), value),
            // Objects have no other keys; an odd one is kept under a name nobody asks for.
            other => (format!("{other:?}"), value),
        };
        Ok(Self::from_pairs(pairs.into_iter().map(named).collect()))
    }

    /// What has not been taken yet.
    pub(crate) fn into_pairs(self) -> Vec<(String, Value)> {
        self.pairs
    }

    /// Whether `key` is there.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.pairs.iter().any(|(name, _)| name == key)
    }

    /// The value of `key`, left where it is.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value of `key`, if it is there.
    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        let place = self.pairs.iter().position(|(name, _)| name == key)?;
        Some(self.pairs.swap_remove(place).1)
    }

    /// The value of `key`, which must be there.
    pub(crate) fn require(&mut self, key: &str) -> Result<Value, RowErrorKind> {
        self.take(key).ok_or_else(|| RowErrorKind::Missing { keys: key.to_owned() })
    }

    /// The text of `key`, which must be there.
    pub(crate) fn text(&mut self, key: &str) -> Result<String, RowErrorKind> {
        self.require(key).and_then(|value| text(key, value))
    }

    /// The text of `key`, if it is there.
    pub(crate) fn optional_text(&mut self, key: &str) -> Result<Option<String>, RowErrorKind> {
        self.take(key).map(|value| text(key, value)).transpose()
    }

    /// The list of `key`, which must be there.
    pub(crate) fn list(&mut self, key: &str) -> Result<Vec<Value>, RowErrorKind> {
        self.require(key).and_then(|value| list(key, value))
    }

    /// The number of `key`, which must be there and finite.
    pub(crate) fn number(&mut self, key: &str) -> Result<f64, RowErrorKind> {
        self.require(key).and_then(|value| number(key, &value))
    }

    /// Refuses any key that is left and not in `known`.
    pub(crate) fn finish(self, known: &[&str]) -> Result<(), RowErrorKind> {
        match self.pairs.into_iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) => Err(RowErrorKind::UnknownKey { key: self.path + &key }),
            None => Ok(()),
        }
    }
}

/// The text that must stand under `key`.
pub(crate) fn text(key: &str, value: Value) -> Result<String, RowErrorKind> {
    match value {
        Value::Str(text) => match text.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(RowErrorKind::bad_value(key, "it holds a lone surrogate, which no UTF-8 text can")),
        },
        other => Err(wrong_type(key, "a string", other.type_name())),
    }
}

/// The list that must stand under `key`.
pub(crate) fn list(key: &str, value: Value) -> Result<Vec<Value>, RowErrorKind> {
    match value {
        Value::List(items) => Ok(items),
        other => Err(wrong_type(key, "a list", other.type_name())),
    }
}

/// The finite number that must stand under `key`.
pub(crate) fn number(key: &str, value: &Value) -> Result<f64, RowErrorKind> {
    use num_traits::ToPrimitive;
    let number = match value {
        Value::Int(number) => number.to_f64().unwrap_or(f64::NAN),
        Value::Float(number) => *number,
        other => return Err(wrong_type(key, "a number", other.type_name())),
    };
    if number.is_finite() { Ok(number) } else { Err(RowErrorKind::bad_value(key, "it is not a finite number")) }
}

/// An error about the type of `key`.
pub(crate) fn wrong_type(key: &str, expected: &'static str, found: &'static str) -> RowErrorKind {
    RowErrorKind::WrongType { key: key.to_owned(), expected, found }
}
