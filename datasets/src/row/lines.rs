//! Where each row of a file begins and ends: plain or gzip, in constant memory.
//! Not here: what a row must hold (`row`), the elements of a list (`list`).
//! In: a path or a reader. Out: the bytes of one row after the other.

use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;

use super::RowError;
use super::RowErrorKind;
use super::list::Scanner;

/// The longest row that is read; a longer one is an error, not a reason to run out of memory.
pub const LINE_LIMIT_BYTES: usize = 1 << 30;

/// The rows of one file, as bytes. Reading one reuses the memory of the one before.
///
/// A row is a line, or an element where the file is one JSON list; which of the two is told by the first byte.
pub struct Lines {
    file: PathBuf,
    reader: Box<dyn BufRead + Send>,
    is_gzip: bool,
    layout: Layout,
    /// The line that the row read last begins on.
    number: u64,
    /// How many rows have been read.
    count: u64,
    buffer: Vec<u8>,
    pub(super) limit_bytes: usize,
    hasher: blake3::Hasher,
    finished: bool,
    failed: bool,
}

/// How rows stand in the file.
enum Layout {
    Unknown,
    Lines,
    List(Scanner),
}

/// What a piece of the file was.
enum Piece {
    /// The buffer holds a row.
    Row,
    /// A blank line, or the end.
    Nothing,
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
            layout: Layout::Unknown,
            number: 0,
            count: 0,
            buffer: Vec::new(),
            limit_bytes: LINE_LIMIT_BYTES,
            hasher: blake3::Hasher::new(),
            finished: false,
            failed: false,
        })
    }

    /// The next row: a line that is not blank, without its end, or an element. Nothing more comes after a failure to read.
    pub fn next_line(&mut self) -> Option<Result<&[u8], RowError>> {
        loop {
            if self.finished {
                return None;
            }
            match self.fill_buffer() {
                Ok(Piece::Row) => break,
                Ok(Piece::Nothing) => {}
                Err(kind) => {
                    self.finished = true;
                    self.failed = true;
                    return Some(Err(self.error(kind)));
                }
            }
        }
        self.count += 1;
        if let Err(error) = std::str::from_utf8(&self.buffer) {
            return Some(Err(self.error(RowErrorKind::NotUtf8 { byte: error.valid_up_to() })));
        }
        Some(Ok(&self.buffer))
    }

    /// The blake3 hash of the unpacked bytes, in hex, once they have all been read without a failure to read.
    pub fn content_hash(&self) -> Option<String> {
        (self.finished && !self.failed).then(|| self.hasher.finalize().to_hex().to_string())
    }

    /// How many rows have been read so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// An error in the row read last.
    pub(crate) fn error(&self, kind: RowErrorKind) -> RowError {
        let kind = match self.layout {
            // What ends the reading is no fault of a row.
            Layout::List(_) if !self.failed => RowErrorKind::InList { row: self.count, kind: Box::new(kind) },
            _ => kind,
        };
        RowError { file: self.file.clone(), line: self.number, kind }
    }

    fn fill_buffer(&mut self) -> Result<Piece, RowErrorKind> {
        self.buffer.clear();
        if matches!(self.layout, Layout::Lines) {
            self.number += 1;
        }
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(classify(error, self.is_gzip)),
            };
            self.finished = chunk.is_empty();
            let (taken, content, is_whole) = match &mut self.layout {
                Layout::Unknown => {
                    let blank = blank_lines(chunk);
                    self.number += newlines(&chunk[..blank]);
                    match chunk[blank..].trim_ascii_start().first() {
                        Some(b'[') => self.layout = Layout::List(Scanner::new(self.number + 1)),
                        Some(_) => {
                            self.layout = Layout::Lines;
                            self.number += 1;
                        }
                        None => {}
                    }
                    (blank, 0..0, false)
                }
                Layout::Lines => {
                    let end = chunk.iter().position(|&byte| byte == b'\n');
                    let taken = end.map_or(chunk.len(), |at| at + 1);
                    (taken, 0..end.unwrap_or(taken), end.is_some())
                }
                Layout::List(scanner) => {
                    let step = scanner.scan(chunk)?;
                    self.number = scanner.element_line();
                    if self.finished && !scanner.is_at_end() {
                        return Err(RowErrorKind::UnfinishedList);
                    }
                    (step.taken, step.content, step.is_whole)
                }
            };
            if self.buffer.len() + content.len() > self.limit_bytes {
                return Err(RowErrorKind::TooLong { limit_bytes: self.limit_bytes });
            }
            self.hasher.update(&chunk[..taken]);
            self.buffer.extend_from_slice(&chunk[content]);
            self.reader.consume(taken);
            if is_whole || self.finished {
                return Ok(self.piece(is_whole));
            }
        }
    }

    fn piece(&self, is_whole: bool) -> Piece {
        match self.layout {
            Layout::Unknown => Piece::Nothing,
            Layout::Lines if self.buffer.trim_ascii().is_empty() => Piece::Nothing,
            Layout::Lines => Piece::Row,
            Layout::List(_) if is_whole => Piece::Row,
            Layout::List(_) => Piece::Nothing,
        }
    }
}

/// How many bytes at the beginning are blank lines, or all of them where nothing but blanks is there.
fn blank_lines(chunk: &[u8]) -> usize {
    match chunk.iter().position(|byte| !byte.is_ascii_whitespace()) {
        Some(first) => chunk[..first].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1),
        None => chunk.len(),
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}

fn classify(error: io::Error, is_gzip: bool) -> RowErrorKind {
    match error.kind() {
        io::ErrorKind::UnexpectedEof if is_gzip => RowErrorKind::TruncatedGzip,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData if is_gzip => RowErrorKind::CorruptGzip(error),
        _ => RowErrorKind::Io(error),
    }
}
