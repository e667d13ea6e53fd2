//! Writes a small table as parquet.
//! Not here: reading parquet (`parquet_rows`).

use std::sync::Arc;

use parquet::data_type::ByteArray;
use parquet::data_type::ByteArrayType;
use parquet::data_type::Int64Type;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// A column's cells, all columns alike in number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// Words, or nothing.
    Text(Vec<Option<String>>),
    /// Whole numbers.
    Count(Vec<i64>),
}

/// A table as the bytes of a file; names are letters and underscores.
///
/// # Errors
///
/// What the library says.
pub fn bytes(columns: &[(&str, Column)]) -> Result<Vec<u8>, ParquetError> {
    let field = |(name, column): &(&str, Column)| match column {
        Column::Text(_) => format!("OPTIONAL BYTE_ARRAY {name} (UTF8);"),
        Column::Count(_) => format!("REQUIRED INT64 {name};"),
    };
    let fields: Vec<String> = columns.iter().map(field).collect();
    let schema = Arc::new(parse_message_type(&format!("message table {{ {} }}", fields.join(" ")))?);
    // Whoever wrote it is no part of what it says.
    let properties = WriterProperties::builder().set_created_by("trialbox".to_owned()).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for (_, column) in columns {
        let mut out = group.next_column()?.ok_or_else(|| ParquetError::General("a column too many".to_owned()))?;
        match column {
            Column::Text(cells) => {
                let present: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
                let words: Vec<ByteArray> =
                    cells.iter().flatten().map(|cell| ByteArray::from(cell.as_bytes().to_vec())).collect();
                out.typed::<ByteArrayType>().write_batch(&words, Some(&present), None)?;
            }
            Column::Count(cells) => {
                out.typed::<Int64Type>().write_batch(cells, None, None)?;
            }
        }
        out.close()?;
    }
    group.close()?;
    writer.into_inner()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::parquet_rows::ParquetRows;

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let words = Column::Text(vec![Some("a \"b\"".to_owned()), None]);
        let table = bytes(&[("word", words), ("count", Column::Count(vec![3, -4]))]).expect("a table");
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&table).expect("written");
        let mut rows = ParquetRows::open(file.path()).expect("parquet");
        let mut found = Vec::new();
        while let Some(row) = rows.next_row() {
            found.push(format!("{:?}", row.expect("a row").into_pairs()));
        }
        assert_eq!(found.len(), 2);
        // The bytes of `a "b"`.
        assert!(found[0].contains("[97, 32, 34, 98, 34]") && found[0].contains("Int(3)"), "{found:?}");
        assert!(!found[1].contains("word") && found[1].contains("Int(-4)"), "{found:?}");
    }
}
