//! Verdicts kept between runs, by content: a file of redb in the cache folder.
//! Not here: which verdicts may be kept, and what makes two candidates the same (`known`).
//!
//! The file may be damaged, foreign, another's or full at any moment, and then costs time and nothing else: every entry
//! carries a checksum and counts for nothing without it, and a store that fails is done without.

mod record;
mod tables;
#[cfg(test)]
mod tests;

use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use redb::{Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, StorageError};

pub use record::Record;
pub use tables::Stats;

/// What a verdict is kept under.
pub type Key = [u8; 32];

/// The file's name in the cache folder.
const FILE_NAME: &str = "verdicts.redb";
/// What redb may hold of it in memory.
const PAGES_BYTES: usize = 16 << 20;
/// Verdicts are written together: so many, or those of so long a time.
const BATCH: usize = 2_000;
const BATCH_TIME: Duration = Duration::from_secs(2);

/// An open store.
pub struct Store {
    file: File,
    path: PathBuf,
    most_bytes: u64,
    batch: Mutex<Batch>,
    /// Set for good by the first failure.
    has_failed: AtomicBool,
    damaged: AtomicU64,
}

enum File {
    Writable(Database),
    ReadOnly(ReadOnlyDatabase),
    /// That of a store which is being dropped.
    Closed,
}

/// What is put in together.
struct Entry {
    key: Key,
    record: Record,
    origin: String,
}

struct Batch {
    entries: Vec<Entry>,
    begun: Instant,
}

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it.
    #[error("{} is in use by another trialbox", .0.display())]
    InUse(PathBuf),
    /// The folder cannot be used.
    #[error("cannot use {}: {error}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system, or redb, said.
        error: String,
    },
    /// There is none, for somebody who wants to look at it.
    #[error("there is no verdict cache at {}", .0.display())]
    Absent(PathBuf),
}

impl Store {
    /// Opens the store in a folder, making both where needed; a file that is no store, or a damaged one, is put aside.
    /// A folder that cannot be written gives a store that is only read. `most_bytes` is what all entries may take.
    pub fn open(folder: &Path, most_bytes: u64) -> Result<Self, StoreError> {
        let path = folder.join(FILE_NAME);
        if let Err(error) = fs::create_dir_all(folder) {
            return Err(unusable(&path, error));
        }
        match guarded(|| writable(&path)) {
            Some(Ok(database)) => Ok(Self::new(File::Writable(database), path, most_bytes)),
            Some(Err(DatabaseError::DatabaseAlreadyOpen)) => Err(StoreError::InUse(path)),
            Some(Err(DatabaseError::Storage(StorageError::Io(error)))) if is_of_permission(&error) => {
                match guarded(|| Database::builder().set_cache_size(PAGES_BYTES).open_read_only(&path)) {
                    Some(Ok(database)) => Ok(Self::new(File::ReadOnly(database), path, most_bytes)),
                    Some(Err(error)) => Err(unusable(&path, error)),
                    None => Err(unusable(&path, "it is damaged")),
                }
            }
            Some(Err(DatabaseError::Storage(StorageError::Io(error)))) if !is_of_damage(&error) => {
                Err(unusable(&path, error))
            }
            damaged => {
                let why = damaged.and_then(Result::err).map_or_else(String::new, |error| format!(": {error}"));
                let aside = path.with_extension("damaged");
                fs::rename(&path, &aside).map_err(|error| unusable(&path, error))?;
                tracing::warn!("a damaged verdict cache was put aside as {}{why}", aside.display());
                let database = writable(&path).map_err(|error| unusable(&path, error))?;
                Ok(Self::new(File::Writable(database), path, most_bytes))
            }
        }
    }

    /// Opens the store of a folder that has one.
    pub fn open_existing(folder: &Path, most_bytes: u64) -> Result<Self, StoreError> {
        let path = folder.join(FILE_NAME);
        if path.exists() { Self::open(folder, most_bytes) } else { Err(StoreError::Absent(path)) }
    }

    fn new(file: File, path: PathBuf, most_bytes: u64) -> Self {
        Self {
            file,
            path,
            most_bytes,
            batch: Mutex::new(Batch { entries: Vec::new(), begun: Instant::now() }),
            has_failed: AtomicBool::new(false),
            damaged: AtomicU64::new(0),
        }
    }

    /// Whether nothing can be added.
    pub fn is_read_only(&self) -> bool {
        matches!(self.file, File::ReadOnly(_))
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Entries that were found damaged, and passed over, so far.
    pub fn damaged(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }

    /// The record kept under a text's or a form's key.
    pub(crate) fn get(&self, key: &Key) -> Option<Record> {
        let found = self.attempt(|| tables::find(&self.begin_read()?, key))??;
        let record = Record::open(&found.key, &found.sealed);
        if record.is_none() {
            self.damaged.fetch_add(1, Ordering::Relaxed);
            tracing::warn!("a damaged entry of the verdict cache is ignored");
        }
        record
    }

    /// Keeps a record under its text's key; `origin` tells where its problem can be read.
    pub(crate) fn put(&self, key: Key, record: Record, origin: String) {
        if self.is_read_only() || self.has_failed.load(Ordering::Relaxed) {
            return;
        }
        let full = {
            let mut batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
            batch.entries.push(Entry { key, record, origin });
            let is_full = batch.entries.len() >= BATCH || batch.begun.elapsed() >= BATCH_TIME;
            is_full.then(|| batch.take())
        };
        if let Some(entries) = full {
            self.write(&entries);
        }
    }

    /// Writes whatever has not been written yet.
    pub fn flush(&self) {
        let entries = self.batch.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.write(&entries);
    }

    /// Figures about it.
    pub fn stats(&self) -> Option<Stats> {
        let file_bytes = fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        self.attempt(|| tables::stats(&self.begin_read()?, file_bytes, self.most_bytes))
    }

    /// All records with their keys and origins, one after the other, until `visit` says false; damaged ones are counted.
    pub fn visit(&self, mut visit: impl FnMut(Key, Record, String) -> bool) -> Option<()> {
        self.attempt(|| {
            tables::visit(&self.begin_read()?, |key, record, origin| {
                let Some(record) = record else {
                    self.damaged.fetch_add(1, Ordering::Relaxed);
                    return true;
                };
                visit(key, record, origin)
            })
        })
    }

    /// Takes records out.
    pub fn remove(&self, keys: &[Key]) {
        if let File::Writable(database) = &self.file {
            self.attempt(|| tables::remove(database, keys));
        }
    }

    /// Takes out what is damaged, what `keep` does not want, what nothing refers to, and what is beyond the size; then gives the
    /// space back. Says how many records went.
    pub fn collect(&mut self, keep: impl Fn(&Record) -> bool) -> Option<u64> {
        let File::Writable(database) = &mut self.file else { return None };
        let most_bytes = self.most_bytes;
        let collected = guarded(|| {
            let gone = tables::collect(database, keep, most_bytes)?;
            while database.compact().unwrap_or(false) {}
            Ok::<u64, redb::Error>(gone)
        });
        match collected {
            Some(Ok(gone)) => Some(gone),
            failed => {
                self.fail(failed.and_then(Result::err));
                None
            }
        }
    }

    fn write(&self, entries: &[Entry]) {
        if let File::Writable(database) = &self.file
            && !entries.is_empty()
        {
            self.attempt(|| tables::write(database, entries, self.most_bytes));
        }
    }

    fn begin_read(&self) -> Result<ReadTransaction, redb::TransactionError> {
        match &self.file {
            File::Writable(database) => database.begin_read(),
            File::ReadOnly(database) => database.begin_read(),
            File::Closed => Err(StorageError::DatabaseClosed.into()),
        }
    }

    /// Does something with the file; the first failure, or panic over damaged pages, is told and the last.
    fn attempt<T>(&self, work: impl FnOnce() -> Result<T, redb::Error>) -> Option<T> {
        if self.has_failed.load(Ordering::Relaxed) {
            return None;
        }
        match guarded(work) {
            Some(Ok(done)) => Some(done),
            failed => {
                self.fail(failed.and_then(Result::err));
                None
            }
        }
    }

    fn fail(&self, error: Option<redb::Error>) {
        if !self.has_failed.swap(true, Ordering::Relaxed) {
            let why = error.map_or_else(|| "it is damaged".to_owned(), |error| error.to_string());
            tracing::warn!("going on without the verdict cache {}: {why}", self.path.display());
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.flush();
        // redb closes a file by a last commit, and panics over the pages, or the locks, that a panic before left behind.
        let file = std::mem::replace(&mut self.file, File::Closed);
        if guarded(|| drop(file)).is_none() {
            self.fail(None);
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Batch {
    fn take(&mut self) -> Vec<Entry> {
        self.begun = Instant::now();
        std::mem::take(&mut self.entries)
    }
}

fn writable(path: &Path) -> Result<Database, DatabaseError> {
    Database::builder().set_cache_size(PAGES_BYTES).create(path)
}

fn unusable(path: &Path, error: impl ToString) -> StoreError {
    StoreError::Unusable { path: path.to_owned(), error: error.to_string() }
}

fn is_of_permission(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// A page may be sought where the file has none.
fn is_of_damage(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

/// `None` where it panics, as redb does over some damaged pages.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
