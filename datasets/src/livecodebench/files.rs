//! Which files hold which releases, and the rows of all of them one after the other.
//! Not here: what a row holds (`livecodebench`), lines (`row`) and tables (`parquet_rows`).
//! In: files and folders, and what is wanted. Out: wanted rows, and the names of the others.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::dataset::DatasetError;
use crate::fields::Fields;
use crate::livecodebench::Row;
use crate::livecodebench::selection::RELEASE_COUNTS;
use crate::livecodebench::selection::Releases;
use crate::livecodebench::selection::Selection;
use crate::parquet_rows::ParquetRows;
use crate::row::Lines;
use crate::row::RowError;
use crate::row::RowErrorKind;

/// The release that a published file added, by its name: `test.jsonl` v1, `test2.jsonl` v2, and so on.
pub(super) fn release_of(name: &str) -> Option<usize> {
    let (stem, ending) = name.split_once('.')?;
    if !["jsonl", "jsonl.gz", "parquet"].contains(&ending) {
        return None;
    }
    (1..=RELEASE_COUNTS.len()).find(|release| stem == release_stem(*release))
}

fn release_stem(release: usize) -> String {
    if release == 1 { "test".to_owned() } else { format!("test{release}") }
}

/// A file, and the release that its name tells.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DataFile {
    path: PathBuf,
    release: Option<usize>,
}

impl DataFile {
    fn new(path: PathBuf) -> Self {
        let release = path.file_name().and_then(|name| name.to_str()).and_then(release_of);
        Self { path, release }
    }
}

/// The files that must be read: those named, those of the folders named, without those that hold other releases.
fn choose(data: &[PathBuf], releases: Option<Releases>) -> Result<Vec<DataFile>, DatasetError> {
    let mut files = Vec::new();
    for path in data {
        if path.is_dir() { files.extend(in_folder(path)?) } else { files.push(DataFile::new(path.clone())) }
    }
    let mut by_release = BTreeMap::new();
    for file in files.iter().filter(|file| file.release.is_some()) {
        if let Some(other) = by_release.insert(file.release, &file.path) {
            let reason = format!("{} and {} hold one release", other.display(), file.path.display());
            return Err(DatasetError::Files { reason });
        }
    }
    let Some(releases) = releases else { return Ok(files) };
    // Files whose names tell nothing may hold anything: their rows must tell.
    let missing = (releases.first..=releases.last).find(|release| !by_release.contains_key(&Some(*release)));
    if let (Some(release), true) = (missing, files.iter().all(|file| file.release.is_some())) {
        let stem = release_stem(release);
        let reason = format!("{releases} needs {stem}.jsonl (or {stem}.jsonl.gz, {stem}.parquet), which is missing");
        return Err(DatasetError::Files { reason });
    }
    files.retain(|file| file.release.is_none_or(|release| releases.contains(release)));
    Ok(files)
}

fn in_folder(folder: &Path) -> Result<Vec<DataFile>, DatasetError> {
    let fail = |error| RowError { file: folder.to_owned(), line: 0, kind: RowErrorKind::Io(error) };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        files.push(DataFile::new(entry.map_err(fail)?.path()));
    }
    files.retain(|file| file.release.is_some());
    files.sort_by(|one, other| (one.release, &one.path).cmp(&(other.release, &other.path)));
    if files.is_empty() {
        let reason = format!("{} has none of test.jsonl to test6.jsonl (or .jsonl.gz, .parquet)", folder.display());
        return Err(DatasetError::Files { reason });
    }
    Ok(files)
}

/// A row that was read.
#[derive(Debug)]
pub enum Read {
    /// A row that is wanted. What its tests are is not known before [`Row::problem`] is asked for.
    Wanted(Box<Row>),
    /// The `question_id` of one that is not.
    LeftOut(String),
}

/// The rows of several files. A bad row is an error, and the next row follows.
#[derive(Debug)]
pub struct RowsOfFiles {
    waiting: std::vec::IntoIter<DataFile>,
    current: Option<(Opened, Option<usize>)>,
    selection: Selection,
    hashes: Vec<Option<String>>,
}

#[derive(Debug)]
enum Opened {
    Lines(Box<Lines>),
    Parquet(ParquetRows),
}

/// Begins to read LiveCodeBench from files and folders. Files of releases that are not wanted are not opened.
pub fn load(data: &[PathBuf], selection: Selection) -> Result<RowsOfFiles, DatasetError> {
    let files = choose(data, selection.releases)?;
    Ok(RowsOfFiles { waiting: files.into_iter(), current: None, selection, hashes: Vec::new() })
}

impl RowsOfFiles {
    /// The blake3 hash of what was read, in hex, once the last row has been given: of several files, that of their
    /// hashes in order.
    pub fn content_hash(&self) -> Option<String> {
        if self.current.is_some() || self.waiting.len() > 0 {
            return None;
        }
        let hashes: Vec<&str> = self.hashes.iter().map(Option::as_deref).collect::<Option<_>>()?;
        match hashes[..] {
            [one] => Some(one.to_owned()),
            _ => Some(blake3::hash(hashes.concat().as_bytes()).to_hex().to_string()),
        }
    }

    /// An error at the row given last.
    pub fn error(&self, kind: RowErrorKind) -> RowError {
        match &self.current {
            Some((opened, _)) => opened.error(kind),
            None => RowError { file: PathBuf::new(), line: 0, kind },
        }
    }

    fn read(&self, fields: Fields, release: Option<usize>) -> Result<Read, RowErrorKind> {
        let row = Row::new(fields, release)?;
        if !self.selection.wants(&row.about)? {
            return Ok(Read::LeftOut(row.task_id));
        }
        Ok(Read::Wanted(Box::new(row)))
    }
}

impl Iterator for RowsOfFiles {
    type Item = Result<Read, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((mut opened, release)) = self.current.take() else {
                let file = self.waiting.next()?;
                match Opened::open(&file.path) {
                    Ok(opened) => self.current = Some((opened, file.release)),
                    Err(error) => {
                        self.hashes.push(None);
                        return Some(Err(error));
                    }
                }
                continue;
            };
            let Some(fields) = opened.next_row() else {
                self.hashes.push(opened.content_hash());
                continue;
            };
            let read = fields.and_then(|fields| self.read(fields, release).map_err(|kind| opened.error(kind)));
            self.current = Some((opened, release));
            return Some(read);
        }
    }
}

impl Opened {
    /// Opens a file; whether it is parquet is told by its first bytes, not by its name.
    fn open(path: &Path) -> Result<Self, RowError> {
        Ok(if ParquetRows::is_parquet(path)? {
            Self::Parquet(ParquetRows::open(path)?)
        } else {
            Self::Lines(Box::new(Lines::open(path)?))
        })
    }

    fn next_row(&mut self) -> Option<Result<Fields, RowError>> {
        match self {
            Self::Parquet(rows) => rows.next_row(),
            Self::Lines(lines) => {
                let parsed = match lines.next_line()? {
                    Ok(line) => Fields::parse(line),
                    Err(error) => return Some(Err(error)),
                };
                Some(parsed.map_err(|kind| lines.error(kind)))
            }
        }
    }

    fn error(&self, kind: RowErrorKind) -> RowError {
        match self {
            Self::Lines(lines) => lines.error(kind),
            Self::Parquet(rows) => rows.error(kind),
        }
    }

    fn content_hash(&self) -> Option<String> {
        match self {
            Self::Lines(lines) => lines.content_hash(),
            Self::Parquet(rows) => Some(rows.content_hash().to_owned()),
        }
    }
}
