//! Reads files line by line, plain or gzip, in constant memory, and ties every fault to its file and line.
//! Not here: what a row must hold (`fields` and one file per format), where files come from (`source`, `fetch`).
//! In: a path or a reader, and a function for one line. Out: an iterator of what that function makes, or [`RowError`]s.

use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;

use crate::python_json::JsonError;
use crate::python_literal::LiteralError;

/// The longest line that is read; a longer one is an error, not a reason to run out of memory.
pub const LINE_LIMIT_BYTES: usize = 1 << 30;

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
}

/// The lines of one file. Reading one line reuses the memory of the one before.
pub struct Lines {
    file: PathBuf,
    reader: Box<dyn BufRead + Send>,
    is_gzip: bool,
    number: u64,
    buffer: Vec<u8>,
    limit_bytes: usize,
    hasher: blake3::Hasher,
    finished: bool,
    failed: bool,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Lines").field("file", &self.file).field("number", &self.number).finish_non_exhaustive()
    }
}

impl Lines {
    /// Opens a file; whether it is gzip is told by its first bytes, not by its name.
    pub fn open(path: &Path) -> Result<Self, RowError> {
        let fail = |error| RowError { file: path.to_owned(), line: 0, kind: RowErrorKind::Io(error) };
        let file = File::open(path).map_err(fail)?;
        Self::from_reader(path, file).map_err(fail)
    }

    /// Reads from anything; `name` is what errors call it.
    pub fn from_reader(name: &Path, mut reader: impl Read + Send + 'static) -> io::Result<Self> {
        let mut magic = Vec::new();
        reader.by_ref().take(2).read_to_end(&mut magic)?;
        let is_gzip = magic == [0x1F, 0x8B];
        let whole = io::Cursor::new(magic).chain(reader);
        let reader: Box<dyn BufRead + Send> = if is_gzip {
            Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(whole)))
        } else {
            Box::new(BufReader::with_capacity(1 << 16, whole))
        };
        Ok(Self {
            file: name.to_owned(),
            reader,
            is_gzip,
            number: 0,
            buffer: Vec::new(),
            limit_bytes: LINE_LIMIT_BYTES,
            hasher: blake3::Hasher::new(),
            finished: false,
            failed: false,
        })
    }

    /// The next line that is not blank, without its end. Nothing more comes after a failure to read.
    pub fn next_line(&mut self) -> Option<Result<&[u8], RowError>> {
        loop {
            if self.finished {
                return None;
            }
            match self.fill_buffer() {
                Ok(()) if self.finished && self.buffer.is_empty() => return None,
                Ok(()) if self.buffer.trim_ascii().is_empty() => {}
                Ok(()) => break,
                Err(kind) => {
                    self.finished = true;
                    self.failed = true;
                    return Some(Err(self.error(kind)));
                }
            }
        }
        if let Err(error) = std::str::from_utf8(&self.buffer) {
            return Some(Err(self.error(RowErrorKind::NotUtf8 { byte: error.valid_up_to() })));
        }
        Some(Ok(&self.buffer))
    }

    /// The blake3 hash of the unpacked bytes, in hex, once they have all been read without a failure to read.
    pub fn content_hash(&self) -> Option<String> {
        (self.finished && !self.failed).then(|| self.hasher.finalize().to_hex().to_string())
    }

    /// An error at the line read last.
    pub(crate) fn error(&self, kind: RowErrorKind) -> RowError {
        RowError { file: self.file.clone(), line: self.number, kind }
    }

    fn fill_buffer(&mut self) -> Result<(), RowErrorKind> {
        self.buffer.clear();
        self.number += 1;
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(classify(error, self.is_gzip)),
            };
            let end = chunk.iter().position(|&byte| byte == b'\n');
            let taken = end.map_or(chunk.len(), |at| at + 1);
            if self.buffer.len() + taken > self.limit_bytes {
                return Err(RowErrorKind::TooLong { limit_bytes: self.limit_bytes });
            }
            self.hasher.update(&chunk[..taken]);
            self.buffer.extend_from_slice(&chunk[..end.unwrap_or(taken)]);
            self.finished = taken == 0;
            self.reader.consume(taken);
            if end.is_some() || self.finished {
                return Ok(());
            }
        }
    }
}

fn classify(error: io::Error, is_gzip: bool) -> RowErrorKind {
    match error.kind() {
        io::ErrorKind::UnexpectedEof if is_gzip => RowErrorKind::TruncatedGzip,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData if is_gzip => RowErrorKind::CorruptGzip(error),
        _ => RowErrorKind::Io(error),
    }
}

/// The rows of one file: each line put through one parser. A bad row is an error and the next row follows.
#[derive(Debug)]
pub struct Rows<T> {
    lines: Lines,
    parse: fn(&[u8]) -> Result<T, RowErrorKind>,
}

impl<T> Rows<T> {
    /// Puts each of `lines` through `parse`.
    pub fn new(lines: Lines, parse: fn(&[u8]) -> Result<T, RowErrorKind>) -> Self {
        Self { lines, parse }
    }

    /// The blake3 hash of the unpacked bytes, in hex, once the iterator has given its last row.
    pub fn content_hash(&self) -> Option<String> {
        self.lines.content_hash()
    }
}

impl<T> Iterator for Rows<T> {
    type Item = Result<T, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let parsed = match self.lines.next_line()? {
            Ok(line) => (self.parse)(line),
            Err(error) => return Some(Err(error)),
        };
        Some(parsed.map_err(|kind| self.lines.error(kind)))
    }
}

#[cfg(test)]
#[path = "row/tests.rs"]
mod tests;
