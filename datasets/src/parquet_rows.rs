//! Reads the rows of a parquet file as the objects that a JSON line would be, with the file and row in every error.
//! Not here: lines (`row`), what a row must hold (one file per format).
//! In: a file, one row of it in memory at a time. Out: [`Fields`].

use std::fs::File;
use std::io;
use std::io::Read;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::path::PathBuf;

use chrono::DateTime;
use parquet::file::reader::SerializedFileReader;
use parquet::record::Field;
use parquet::record::reader::RowIter;

use crate::fields::Fields;
use crate::row::RowError;
use crate::row::RowErrorKind;
use crate::value::PyStr;
use crate::value::Value;

/// What a parquet file begins with.
const MAGIC: &[u8] = b"PAR1";

/// The rows of one file.
pub(crate) struct ParquetRows {
    file: PathBuf,
    /// `None` after a failure to read.
    rows: Option<RowIter<'static>>,
    number: u64,
    hash: String,
}

impl std::fmt::Debug for ParquetRows {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ParquetRows")
            .field("file", &self.file)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl ParquetRows {
    /// Whether a file is one, by its first bytes.
    pub(crate) fn is_parquet(path: &Path) -> Result<bool, RowError> {
        let mut magic = Vec::new();
        let opened = File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut magic));
        opened.map_err(|error| at(path, 0, RowErrorKind::Io(error)))?;
        Ok(magic == MAGIC)
    }

    /// Opens a file, and reads it once for its hash.
    pub(crate) fn open(path: &Path) -> Result<Self, RowError> {
        let hash = hash(path).map_err(|error| at(path, 0, RowErrorKind::Io(error)))?;
        let file = File::open(path).map_err(|error| at(path, 0, RowErrorKind::Io(error)))?;
        let reader = guarded(|| SerializedFileReader::new(file)).map_err(|kind| at(path, 0, kind))?;
        let rows = RowIter::from_file_into(Box::new(reader)).with_batch_size(1);
        Ok(Self { file: path.to_owned(), rows: Some(rows), number: 0, hash })
    }

    /// The next row. Columns that are null there are as if they were missing.
    pub(crate) fn next_row(&mut self) -> Option<Result<Fields, RowError>> {
        let rows = self.rows.as_mut()?;
        let row = guarded(|| rows.next().transpose());
        self.number += 1;
        let row = match row {
            Ok(row) => row?,
            Err(kind) => {
                self.rows = None;
                return Some(Err(self.error(kind)));
            }
        };
        let columns = row.into_columns().into_iter().filter(|(_, field)| !matches!(field, Field::Null));
        let pairs = columns.map(|(name, field)| value(&name, field).map(|value| (name, value)));
        Some(pairs.collect::<Result<_, _>>().map(Fields::from_pairs).map_err(|kind| self.error(kind)))
    }

    /// The blake3 hash of the file.
    pub(crate) fn content_hash(&self) -> &str {
        &self.hash
    }

    /// An error at the row read last.
    pub(crate) fn error(&self, kind: RowErrorKind) -> RowError {
        at(&self.file, self.number, kind)
    }
}

fn at(file: &Path, line: u64, kind: RowErrorKind) -> RowError {
    RowError { file: file.to_owned(), line, kind }
}

/// Calls the reader, which panics at some damaged files where it should give an error. What it held then is dropped.
fn guarded<T>(read: impl FnOnce() -> parquet::errors::Result<T>) -> Result<T, RowErrorKind> {
    let reason = match panic::catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(read)) => return Ok(read),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the file is damaged".to_owned(),
    };
    Err(RowErrorKind::Parquet { reason })
}

fn hash(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// A column's value as JSON would have it; moments as ISO 8601.
fn value(name: &str, field: Field) -> Result<Value, RowErrorKind> {
    let moment = |moment: Option<DateTime<chrono::Utc>>| {
        let text = moment.map(|moment| moment.format("%Y-%m-%dT%H:%M:%S").to_string());
        text.map(|text| Value::from(text.as_str())).ok_or_else(|| RowErrorKind::bad_value(name, "no such moment"))
    };
    Ok(match field {
        Field::Null => Value::None,
        Field::Bool(flag) => Value::Bool(flag),
        Field::Int(number) => Value::from(i64::from(number)),
        Field::Long(number) => Value::from(number),
        Field::Double(number) => Value::Float(number),
        Field::Str(text) => Value::Str(PyStr::from(text.as_str())),
        Field::Bytes(bytes) => match bytes.as_utf8() {
            Ok(text) => Value::from(text),
            Err(_) => return Err(RowErrorKind::bad_value(name, "it is not UTF-8 text")),
        },
        Field::Date(days) => moment(DateTime::from_timestamp(i64::from(days) * 86_400, 0))?,
        Field::TimestampMillis(millis) => moment(DateTime::from_timestamp_millis(millis))?,
        Field::TimestampMicros(micros) => moment(DateTime::from_timestamp_micros(micros))?,
        Field::ListInternal(list) => {
            Value::List(list.elements().iter().map(|item| value(name, item.clone())).collect::<Result<_, _>>()?)
        }
        Field::Group(row) => {
            let pairs = row.into_columns().into_iter();
            let pair =
                |(key, field): (String, Field)| value(&key, field).map(|value| (Value::from(key.as_str()), value));
            Value::Dict(pairs.map(pair).collect::<Result<_, _>>()?)
        }
        other => {
            let reason = format!("a column of this parquet type is not read: {other:?}");
            return Err(RowErrorKind::bad_value(name, reason.chars().take(200).collect::<String>()));
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::basic::Compression;
    use parquet::data_type::ByteArray;
    use parquet::data_type::ByteArrayType;
    use parquet::data_type::Int64Type;
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use proptest::prelude::*;

    use super::*;

    const SCHEMA: &str =
        "message rows { optional binary text (UTF8); optional int64 contest_date (TIMESTAMP(MILLIS,true)); }";

    /// Three rows; the second has no date, the third no text.
    fn file() -> Vec<u8> {
        let schema = Arc::new(parse_message_type(SCHEMA).expect("a schema"));
        let properties = Arc::new(WriterProperties::builder().set_compression(Compression::SNAPPY).build());
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).expect("memory");
        let mut group = writer.next_row_group().expect("memory");
        let mut texts = group.next_column().expect("memory").expect("a column");
        let values = [ByteArray::from("a"), ByteArray::from("b")];
        texts.typed::<ByteArrayType>().write_batch(&values, Some(&[1, 1, 0]), None).expect("memory");
        texts.close().expect("memory");
        let mut dates = group.next_column().expect("memory").expect("a column");
        let values = [1_722_470_400_000, 0];
        dates.typed::<Int64Type>().write_batch(&values, Some(&[1, 0, 1]), None).expect("memory");
        dates.close().expect("memory");
        group.close().expect("memory");
        writer.close().expect("memory");
        bytes
    }

    /// Text and date of each row.
    fn read(bytes: &[u8]) -> Result<Vec<[Option<Value>; 2]>, RowError> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), bytes).expect("written");
        let mut rows = ParquetRows::open(file.path())?;
        let mut all = Vec::new();
        while let Some(fields) = rows.next_row() {
            let mut fields = fields?;
            all.push(["text", "contest_date"].map(|key| fields.take(key)));
        }
        Ok(all)
    }

    #[test]
    fn columns_become_keys_nulls_are_missing_and_moments_are_text() {
        let row = |text: Option<&str>, date: Option<&str>| [text.map(Value::from), date.map(Value::from)];
        let expected = vec![
            row(Some("a"), Some("2024-08-01T00:00:00")),
            row(Some("b"), None),
            row(None, Some("1970-01-01T00:00:00")),
        ];
        assert_eq!(read(&file()).expect("a good file"), expected);
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error_that_names_it() {
        let whole = file();
        for end in 4..whole.len() {
            let error = read(&whole[..end]).expect_err("cut").to_string();
            assert!(error.contains("cannot be read as parquet"), "{end}: {error}");
        }
    }

    proptest! {
        #[test]
        fn a_damaged_file_never_panics(at in any::<prop::sample::Index>(), with in any::<u8>()) {
            let mut bytes = file();
            let at = at.index(bytes.len());
            bytes[at] = with;
            let _ = read(&bytes);
        }
    }
}
