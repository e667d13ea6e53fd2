//! The tables of the store, and what is done with them in one transaction each.
//! Not here: when (`store`), what a record is (`record`).

use std::{
    collections::HashSet,
    time::{SystemTime, UNIX_EPOCH},
};

use redb::{Database, ReadTransaction, ReadableTable, ReadableTableMetadata, Table, TableDefinition, TableError};
use serde::Serialize;

use super::{Entry, Key, Record};

/// Text key to sealed record.
const RECORDS: TableDefinition<'_, &Key, &[u8]> = TableDefinition::new("records 1");
/// Form key to text key.
const FORMS: TableDefinition<'_, &Key, &Key> = TableDefinition::new("forms 1");
/// Plan digest to origin.
const ORIGINS: TableDefinition<'_, &Key, &str> = TableDefinition::new("origins 1");
/// Text keys in the order in which they were written.
const AGES: TableDefinition<'_, u64, &Key> = TableDefinition::new("ages 1");
/// Single figures.
const FIGURES: TableDefinition<'_, &str, u64> = TableDefinition::new("figures 1");

/// What all records take, keys included.
const BYTES: &str = "bytes";
/// The next place in `AGES`.
const NEXT: &str = "next";
/// When the store was begun, in seconds of Unix time.
const BEGUN: &str = "begun";
/// What an entry takes in the tables beside its record, about.
const ENTRY_BYTES: u64 = 160;

/// Figures about a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Verdicts.
    pub records: u64,
    /// Forms that lead to one.
    pub forms: u64,
    /// Problems whose origin is known.
    pub problems: u64,
    /// What the entries take.
    pub bytes: u64,
    /// What they may take.
    pub most_bytes: u64,
    /// What the file takes.
    pub file_bytes: u64,
    /// When the store was begun, in seconds of Unix time.
    pub begun_unix_s: u64,
}

/// A sealed record, found.
pub(super) struct Found {
    pub(super) key: Key,
    pub(super) sealed: Vec<u8>,
}

/// Looks for a text's or a form's record.
pub(super) fn find(read: &ReadTransaction, key: &Key) -> Result<Option<Found>, redb::Error> {
    let Some(records) = opened(read.open_table(RECORDS))? else { return Ok(None) };
    if let Some(sealed) = records.get(key)? {
        return Ok(Some(Found { key: *key, sealed: sealed.value().to_vec() }));
    }
    let Some(forms) = opened(read.open_table(FORMS))? else { return Ok(None) };
    let Some(text) = forms.get(key)?.map(|text| *text.value()) else { return Ok(None) };
    Ok(records.get(&text)?.map(|sealed| Found { key: text, sealed: sealed.value().to_vec() }))
}

/// Writes entries, and takes the oldest out where they are too many.
pub(super) fn write(database: &Database, entries: &[Entry], most_bytes: u64) -> Result<(), redb::Error> {
    let mut write = database.begin_write()?;
    // A process that is killed leaves a file that opens at once.
    write.set_quick_repair(true);
    {
        let mut tables = Tables::open(&write)?;
        for Entry { key, record, origin } in entries {
            tables.put(key, record)?;
            if !origin.is_empty() {
                tables.origins.insert(&record.plan, origin.as_str())?;
            }
        }
        tables.evict(most_bytes)?;
    }
    write.commit()?;
    Ok(())
}

/// Takes records out.
pub(super) fn remove(database: &Database, keys: &[Key]) -> Result<(), redb::Error> {
    let write = database.begin_write()?;
    {
        let mut tables = Tables::open(&write)?;
        for key in keys {
            tables.take(key)?;
        }
    }
    write.commit()?;
    Ok(())
}

/// Takes out whatever is not to be kept; says how many records went.
pub(super) fn collect(
    database: &Database,
    keep: impl Fn(&Record) -> bool,
    most_bytes: u64,
) -> Result<u64, redb::Error> {
    let write = database.begin_write()?;
    let gone;
    {
        let mut tables = Tables::open(&write)?;
        let before = tables.records.len()?;
        let mut unwanted = Vec::new();
        for entry in tables.records.iter()? {
            let (key, sealed) = entry?;
            if !Record::open(key.value(), sealed.value()).is_some_and(|record| keep(&record)) {
                unwanted.push(*key.value());
            }
        }
        for key in &unwanted {
            tables.take(key)?;
        }
        tables.evict(most_bytes)?;
        tables.drop_dangling()?;
        gone = before - tables.records.len()?;
    }
    write.commit()?;
    Ok(gone)
}

/// Figures.
pub(super) fn stats(read: &ReadTransaction, file_bytes: u64, most_bytes: u64) -> Result<Stats, redb::Error> {
    let mut stats = Stats { file_bytes, most_bytes, ..Stats::default() };
    if let Some(figures) = opened(read.open_table(FIGURES))? {
        let figure = |name| -> Result<u64, redb::Error> { Ok(figures.get(name)?.map_or(0, |it| it.value())) };
        (stats.bytes, stats.begun_unix_s) = (figure(BYTES)?, figure(BEGUN)?);
    }
    stats.records = opened(read.open_table(RECORDS))?.map_or(Ok(0), |table| table.len())?;
    stats.forms = opened(read.open_table(FORMS))?.map_or(Ok(0), |table| table.len())?;
    stats.problems = opened(read.open_table(ORIGINS))?.map_or(Ok(0), |table| table.len())?;
    Ok(stats)
}

/// Shows all records until `visit` says false; `None` for one that is damaged.
pub(super) fn visit(
    read: &ReadTransaction,
    mut visit: impl FnMut(Key, Option<Record>, String) -> bool,
) -> Result<(), redb::Error> {
    let Some(records) = opened(read.open_table(RECORDS))? else { return Ok(()) };
    let origins = opened(read.open_table(ORIGINS))?;
    for entry in records.iter()? {
        let (key, sealed) = entry?;
        let record = Record::open(key.value(), sealed.value());
        let origin = match (&record, &origins) {
            (Some(record), Some(origins)) => origins.get(&record.plan)?.map(|origin| origin.value().to_owned()),
            _ => None,
        };
        if !visit(*key.value(), record, origin.unwrap_or_default()) {
            break;
        }
    }
    Ok(())
}

/// A table of a store into which nothing was ever written is not there.
fn opened<T>(table: Result<T, TableError>) -> Result<Option<T>, redb::Error> {
    match table {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

struct Tables<'a> {
    records: Table<'a, &'static Key, &'static [u8]>,
    forms: Table<'a, &'static Key, &'static Key>,
    origins: Table<'a, &'static Key, &'static str>,
    ages: Table<'a, u64, &'static Key>,
    figures: Table<'a, &'static str, u64>,
}

impl<'a> Tables<'a> {
    fn open(write: &'a redb::WriteTransaction) -> Result<Self, redb::Error> {
        let mut figures = write.open_table(FIGURES)?;
        if figures.get(BEGUN)?.is_none() {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            figures.insert(BEGUN, now)?;
        }
        Ok(Self {
            records: write.open_table(RECORDS)?,
            forms: write.open_table(FORMS)?,
            origins: write.open_table(ORIGINS)?,
            ages: write.open_table(AGES)?,
            figures,
        })
    }

    fn put(&mut self, key: &Key, record: &Record) -> Result<(), redb::Error> {
        let sealed = record.sealed(key);
        let replaced = self.records.insert(key, sealed.as_slice())?.map(|old| old.value().len() as u64);
        if let Some(form) = &record.form {
            self.forms.insert(form, key)?;
        }
        let bytes = self.figure(BYTES)? + sealed.len() as u64;
        match replaced {
            Some(replaced_bytes) => self.figures.insert(BYTES, bytes.saturating_sub(replaced_bytes))?,
            None => {
                let next = self.figure(NEXT)?;
                self.ages.insert(next, key)?;
                self.figures.insert(NEXT, next + 1)?;
                self.figures.insert(BYTES, bytes + ENTRY_BYTES)?
            }
        };
        Ok(())
    }

    fn take(&mut self, key: &Key) -> Result<(), redb::Error> {
        let Some(sealed) = self.records.remove(key)?.map(|sealed| sealed.value().to_vec()) else { return Ok(()) };
        if let Some(form) = Record::open(key, &sealed).and_then(|record| record.form) {
            self.forms.remove(&form)?;
        }
        let bytes = self.figure(BYTES)?.saturating_sub(sealed.len() as u64 + ENTRY_BYTES);
        self.figures.insert(BYTES, bytes)?;
        Ok(())
    }

    /// Takes the oldest out until a tenth is free, where there are too many.
    fn evict(&mut self, most_bytes: u64) -> Result<(), redb::Error> {
        if self.figure(BYTES)? <= most_bytes {
            return Ok(());
        }
        while self.figure(BYTES)? > most_bytes / 10 * 9 {
            let Some(oldest) = self.ages.pop_first()?.map(|(_, key)| *key.value()) else { break };
            self.take(&oldest)?;
        }
        Ok(())
    }

    /// Takes out what led to records that are gone.
    fn drop_dangling(&mut self) -> Result<(), redb::Error> {
        let mut plans = HashSet::new();
        for entry in self.records.iter()? {
            let (key, sealed) = entry?;
            plans.extend(Record::open(key.value(), sealed.value()).map(|record| record.plan));
        }
        self.origins.retain(|plan, _| plans.contains(plan))?;
        let records = &self.records;
        let has = |key: &Key| records.get(key).is_ok_and(|found| found.is_some());
        self.forms.retain(|_, text| has(text))?;
        self.ages.retain(|_, text| has(text))?;
        Ok(())
    }

    fn figure(&self, name: &'static str) -> Result<u64, redb::Error> {
        Ok(self.figures.get(name)?.map_or(0, |figure| figure.value()))
    }
}
