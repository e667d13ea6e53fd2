//! Reads files row by row and ties every fault to its file and line.
//! Not here: where a row ends (`lines`), what it must hold (`fields` and one file per format), where files come from
//! (`source`, `fetch`).
//! In: the rows as bytes, and a function for one of them. Out: an iterator of what that function makes, or [`RowError`]s.

mod lines;
mod list;

use std::io;
use std::path::PathBuf;

use crate::python_json::JsonError;
use crate::python_literal::LiteralError;
use crate::test_code::TestCodeError;

pub use lines::LINE_LIMIT_BYTES;
pub use lines::Lines;

/// A fault in one row of a file.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}: {kind}", file.display())]
pub struct RowError {
    /// The file, as it was named to the reader.
    pub file: PathBuf,
    /// The line, or the row of a parquet file, from 1; 0 where the file could not be opened.
    pub line: u64,
    /// What is wrong.
    #[source]
    pub kind: RowErrorKind,
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
pub enum RowErrorKind {
    /// The operating system refused.
    #[error("cannot be read: {0}")]
    Io(#[source] io::Error),
    /// The gzip stream stops early.
    #[error("the gzip stream is cut off: expected more data, as after an interrupted download")]
    TruncatedGzip,
    /// The gzip stream is damaged, or followed by something else.
    #[error("the gzip stream is damaged: {0}")]
    CorruptGzip(#[source] io::Error),
    /// The file is parquet, and damaged or of a kind that is not read.
    #[error("cannot be read as parquet: {reason}")]
    Parquet {
        /// What the reader says.
        reason: String,
    },
    /// The line does not end.
    #[error("expected a line of at most {limit_bytes} bytes")]
    TooLong {
        /// The limit.
        limit_bytes: usize,
    },
    /// The line is no text.
    #[error("expected UTF-8 text, found an invalid sequence at byte {byte} of the line")]
    NotUtf8 {
        /// Where, from 0.
        byte: usize,
    },
    /// The line is no JSON.
    #[error("expected one JSON object: {0}")]
    Json(#[from] JsonError),
    /// The line is JSON, but no object.
    #[error("expected one JSON object, found {found}")]
    NotAnObject {
        /// The Python type found.
        found: &'static str,
    },
    /// A key is not there.
    #[error("expected the key {keys}, which is missing")]
    Missing {
        /// The key, or the alternatives.
        keys: String,
    },
    /// A value has the wrong type.
    #[error("expected {key} to be {expected}, found {found}")]
    WrongType {
        /// The key, with an index where that helps.
        key: String,
        /// The type wanted.
        expected: &'static str,
        /// The Python type found.
        found: &'static str,
    },
    /// A value has the right type and cannot be used.
    #[error("cannot use {key}: {reason}")]
    BadValue {
        /// The key.
        key: String,
        /// Why not.
        reason: String,
    },
    /// A Python expression in the row cannot be read.
    #[error("cannot use {key}: {error}")]
    Literal {
        /// The key.
        key: String,
        /// Why not.
        #[source]
        error: LiteralError,
    },
    /// A key that nobody knows, most likely misspelt.
    #[error("unknown key {key}")]
    UnknownKey {
        /// The key.
        key: String,
    },
    /// Two lists that belong together differ in length.
    #[error("expected as many expected values as inputs, found {expected} for {inputs}")]
    UnequalLengths {
        /// How many inputs.
        inputs: usize,
        /// How many expected values.
        expected: usize,
    },
    /// A problem without tests would pass everything.
    #[error("expected at least one test, found none")]
    NoTests,
    /// Test code that cannot be used.
    #[error(transparent)]
    TestCode(#[from] TestCodeError),
    /// A fault in an element of a file that is one JSON list; the line is the one that the element begins on.
    #[error("row {row}: {kind}")]
    InList {
        /// Which, from 1.
        row: u64,
        /// What is wrong with it.
        #[source]
        kind: Box<RowErrorKind>,
    },
    /// A file that is one JSON list stops within it.
    #[error("the JSON list does not end: expected ], which is missing as after an interrupted download")]
    UnfinishedList,
    /// A file that is one JSON list goes on after it.
    #[error("expected nothing after the end of the JSON list")]
    AfterList,
    /// An assert that cannot be turned into a call and a value.
    #[error("assert {number} ({line}): {reason}")]
    Assert {
        /// Which, from 1.
        number: usize,
        /// Its text.
        line: String,
        /// Why not.
        reason: String,
    },
}

impl RowErrorKind {
    pub(crate) fn bad_value(key: &str, reason: impl Into<String>) -> Self {
        Self::BadValue { key: key.to_owned(), reason: reason.into() }
    }

    /// The same fault, where the keys stand under another one.
    pub(crate) fn within(self, outer: &str) -> Self {
        match self {
            Self::UnknownKey { key } => Self::UnknownKey { key: format!("{outer}.{key}") },
            Self::WrongType { key, expected, found } => {
                Self::WrongType { key: format!("{outer}.{key}"), expected, found }
            }
            other => other,
        }
    }
}

/// The rows of one file: each put through one parser. A bad row is an error and the next row follows.
#[derive(Debug)]
pub struct Rows<T> {
    lines: Lines,
    parse: Parse<T>,
}

/// What is made of a row.
#[derive(Debug)]
enum Parse<T> {
    Alone(fn(&[u8]) -> Result<T, RowErrorKind>),
    /// With its place among the rows, from 0, for datasets whose rows have no name of their own.
    Numbered(fn(&[u8], u64) -> Result<T, RowErrorKind>),
}

impl<T> Clone for Parse<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Parse<T> {}

impl<T> Parse<T> {
    fn of(self, line: &[u8], place: u64) -> Result<T, RowErrorKind> {
        match self {
            Self::Alone(parse) => parse(line),
            Self::Numbered(parse) => parse(line, place),
        }
    }
}

/// A row as it stands in its file: what is made of it may be many times as large.
#[derive(Debug)]
pub struct PackedRow<T> {
    line: Box<[u8]>,
    parse: Parse<T>,
    place: u64,
}

impl<T> PackedRow<T> {
    /// Makes of the row what was made of it when it was read.
    pub fn unpack(&self) -> Result<T, RowErrorKind> {
        self.parse.of(&self.line, self.place)
    }
}

impl<T> Rows<T> {
    /// The next row, and the same packed, to be made again later.
    pub fn next_with_packed(&mut self) -> Option<Result<(T, PackedRow<T>), RowError>> {
        let (place, parse) = (self.lines.count(), self.parse);
        let line: Box<[u8]> = match self.lines.next_line()? {
            Ok(line) => line.into(),
            Err(error) => return Some(Err(error)),
        };
        let parsed = parse.of(&line, place).map_err(|kind| self.lines.error(kind));
        Some(parsed.map(|made| (made, PackedRow { line, parse, place })))
    }

    /// Puts each of `lines` through `parse`.
    pub fn new(lines: Lines, parse: fn(&[u8]) -> Result<T, RowErrorKind>) -> Self {
        Self { lines, parse: Parse::Alone(parse) }
    }

    /// Puts each of `lines` through `parse` together with its place, from 0; bad rows have a place too.
    pub fn numbered(lines: Lines, parse: fn(&[u8], u64) -> Result<T, RowErrorKind>) -> Self {
        Self { lines, parse: Parse::Numbered(parse) }
    }

    /// A fault that whoever asked for the rows found in the one read last.
    pub fn error(&self, kind: RowErrorKind) -> RowError {
        self.lines.error(kind)
    }

    /// The blake3 hash of the unpacked bytes, in hex, once the iterator has given its last row.
    pub fn content_hash(&self) -> Option<String> {
        self.lines.content_hash()
    }
}

impl<T> Iterator for Rows<T> {
    type Item = Result<T, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let place = self.lines.count();
        let parsed = match self.lines.next_line()? {
            Ok(line) => self.parse.of(line, place),
            Err(error) => return Some(Err(error)),
        };
        Some(parsed.map_err(|kind| self.lines.error(kind)))
    }
}

#[cfg(test)]
#[path = "row/tests.rs"]
mod tests;
