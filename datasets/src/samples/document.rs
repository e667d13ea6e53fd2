//! Samples in one JSON document, as lcb_runner takes and writes them: a list with one item a problem.
//! Not here: samples in lines (`samples`), its graded results as verdicts (`graded`).
//! In: the document, and the problems in the benchmark's order. Out: samples, or which item is wrong.

use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::Sample;
use super::SampleText;
use crate::fields::Fields;
use crate::fields::list;
use crate::fields::text;
use crate::problem::Language;
use crate::python_json;
use crate::row;
use crate::row::RowErrorKind;
use crate::value::Value;

/// The largest document that is read, unpacked.
const LIMIT_BYTES: usize = row::LINE_LIMIT_BYTES;

/// How a file, plain or gzip, begins.
pub(crate) enum Begins {
    /// With a list.
    List,
    /// With an object; beside it what stands in its line, as far as it is short.
    Object { first_line: Vec<u8> },
}

/// How a file begins; `None` for anything else, and for what cannot be unpacked: the reader of lines says it better.
pub(crate) fn begins(path: &Path) -> io::Result<Option<Begins>> {
    const SHORT: u64 = 64 << 20;
    let mut reader = open(path)?;
    loop {
        let blank = match reader.fill_buf() {
            Ok([]) | Err(_) => return Ok(None),
            Ok(chunk) => match chunk.iter().find(|byte| !byte.is_ascii_whitespace()) {
                Some(b'[') => return Ok(Some(Begins::List)),
                Some(b'{') => break,
                Some(_) => return Ok(None),
                None => chunk.len(),
            },
        };
        reader.consume(blank);
    }
    let mut first_line = Vec::new();
    let read = reader.take(SHORT).read_until(b'\n', &mut first_line);
    Ok(read.is_ok().then_some(Begins::Object { first_line }))
}

/// Whether a file, plain or gzip, holds one list instead of lines of objects.
pub(crate) fn is_document(path: &Path) -> io::Result<bool> {
    Ok(matches!(begins(path)?, Some(Begins::List)))
}

/// The fields of the one object in a file.
pub(crate) fn fields(path: &Path) -> Result<Fields, RowErrorKind> {
    Fields::parse(&whole(path)?)
}

/// The items of the list in a file.
pub(crate) fn items(path: &Path) -> Result<Vec<Value>, RowErrorKind> {
    let document =
        python_json::parse(&whole(path)?).map_err(|error| RowErrorKind::bad_value("the list", error.to_string()))?;
    list("the document", document)
}

fn whole(path: &Path) -> Result<Vec<u8>, RowErrorKind> {
    let mut bytes = Vec::new();
    let mut reader = open(path).map_err(RowErrorKind::Io)?.take(LIMIT_BYTES as u64 + 1);
    reader.read_to_end(&mut bytes).map_err(RowErrorKind::Io)?;
    if bytes.len() > LIMIT_BYTES {
        return Err(RowErrorKind::TooLong { limit_bytes: LIMIT_BYTES });
    }
    Ok(bytes)
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut magic = Vec::new();
    file.by_ref().take(2).read_to_end(&mut magic)?;
    let is_gzip = magic == [0x1F, 0x8B];
    let whole = io::Cursor::new(magic).chain(file);
    Ok(if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(whole))) } else { Box::new(whole) })
}

/// The samples in a list of `{question_id, code_list}`, or of lists of programs, one for each problem of `order`.
pub(crate) fn samples(items: Vec<Value>, order: &[String]) -> Result<Vec<Sample>, RowErrorKind> {
    let is_ordered = items.first().is_some_and(|item| matches!(item, Value::List(_)));
    if is_ordered && items.len() != order.len() {
        let reason = format!(
            "expected one list of programs for each of the {} problems in the benchmark's order, found {}; {{question_id, \
             code_list}} names its problem",
            order.len(),
            items.len()
        );
        return Err(RowErrorKind::bad_value("the list", reason));
    }
    let mut all = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let place = format!("item {index}");
        let (task_id, programs) = if is_ordered {
            (order[index].clone(), list(&place, item)?)
        } else {
            let mut fields = Fields::nested(&place, item)?;
            let task_id = super::task_id(&mut fields).map_err(|kind| within(&place, &kind))?;
            (task_id, fields.list("code_list").map_err(|kind| within(&place, &kind))?)
        };
        for (number, program) in programs.into_iter().enumerate() {
            let text = SampleText::Solution(text(&format!("{place}, program {number}"), program)?);
            all.push(Sample { task_id: task_id.clone(), sample: None, language: Language::Python, text });
        }
    }
    Ok(all)
}

pub(crate) fn within(place: &str, kind: &RowErrorKind) -> RowErrorKind {
    RowErrorKind::bad_value(place, kind.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: &str, order: &[&str]) -> Result<Vec<(String, String)>, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), document).expect("written");
        assert!(is_document(file.path()).expect("readable"));
        let order: Vec<String> = order.iter().map(ToString::to_string).collect();
        let samples = items(file.path()).and_then(|items| samples(items, &order)).map_err(|error| error.to_string())?;
        let program = |sample: Sample| match sample.text {
            SampleText::Solution(program) => (sample.task_id, program),
            other => panic!("not a program: {other:?}"),
        };
        Ok(samples.into_iter().map(program).collect())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Result<Vec<(String, String)>, String> {
        Ok(pairs.iter().map(|(id, program)| (id.to_string(), program.to_string())).collect())
    }

    #[test]
    fn a_custom_file_names_its_problems_or_has_them_in_order() {
        let named = r#" [{"question_id": "b", "code_list": ["1", "2"]}, {"question_id": 7, "code_list": ["3"]}]"#;
        assert_eq!(read(named, &["a", "b"]), pairs(&[("b", "1"), ("b", "2"), ("7", "3")]));
        assert_eq!(read(r#"[["1"], ["2", "3"]]"#, &["a", "b"]), pairs(&[("a", "1"), ("b", "2"), ("b", "3")]));
    }

    #[test]
    fn a_file_of_results_is_a_file_of_programs_too() {
        let results = r#"[{"question_id": "a", "output_list": ["```1```"], "code_list": ["1"], "graded_list": [true],
            "pass@1": 1.0, "metadata": ["{}"]}]"#;
        assert_eq!(read(results, &[]), pairs(&[("a", "1")]));
    }

    #[test]
    fn what_is_wrong_is_named_by_item() {
        for (document, words) in [
            (r#"[["1"]]"#, "for each of the 2 problems in the benchmark's order, found 1"),
            (r#"[["1"], "2"]"#, "expected item 1 to be a list, found str"),
            (r#"[["1"], [2]]"#, "expected item 1, program 0 to be a string, found int"),
            (r#"[{"question_id": "a"}]"#, "cannot use item 0: expected the key code_list, which is missing"),
            (r#"[{"code_list": []}]"#, "cannot use item 0: expected the key task_id or question_id, which is missing"),
            (r#"["1"]"#, "expected item 0 to be an object, found str"),
            ("[1", "malformed JSON"),
        ] {
            let error = read(document, &["a", "b"]).expect_err("wrong");
            assert!(error.contains(words), "{error}");
        }
    }
}
