//! Results that are graded already: lcb_runner's `*_eval_all.json`, and verdicts.jsonl as trialbox writes it.
//! Not here: the programs in lcb_runner's file as samples (`samples`), pass@k (`coverage`).
//! In: a file. Out: how many samples of each problem passed.

use std::collections::BTreeMap;
use std::path::Path;

use crate::fields::Fields;
use crate::fields::list;
use crate::fields::number;
use crate::fields::wrong_type;
use crate::row::Lines;
use crate::row::RowError;
use crate::row::RowErrorKind;
use crate::samples;
use crate::samples::document;
use crate::samples::document::within;
use crate::value::Value;

/// How far a file's own `pass@1` may be from its `graded_list`.
const TOLERANCE: f64 = 1e-12;

/// What became of one problem's samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Graded {
    /// Samples that were judged; those that a host failed on are not among them.
    pub samples: u32,
    /// Samples that passed all tests.
    pub passed: u32,
    /// Samples that passed the base tests; `None` where there are none of their own.
    pub base_passed: Option<u32>,
}

/// Reads a file; which of the two kinds it is shows in its first byte.
pub fn read(file: &Path) -> Result<BTreeMap<String, Graded>, RowError> {
    let graded = match document::is_document(file) {
        Ok(true) => document::items(file).and_then(eval_all).map_err(|kind| RowError {
            file: file.to_owned(),
            line: 1,
            kind,
        })?,
        // What cannot be read at all is for the reader of lines to say.
        Ok(false) | Err(_) => verdicts(Lines::open(file)?)?,
    };
    if graded.is_empty() {
        let kind = RowErrorKind::bad_value("the file", "it holds no result");
        return Err(RowError { file: file.to_owned(), line: 1, kind });
    }
    Ok(graded)
}

fn eval_all(items: Vec<Value>) -> Result<BTreeMap<String, Graded>, RowErrorKind> {
    let mut all = BTreeMap::new();
    for (index, item) in items.into_iter().enumerate() {
        let place = format!("item {index}");
        let (task_id, graded) = problem(Fields::nested(&place, item)?).map_err(|kind| within(&place, &kind))?;
        if all.insert(task_id.clone(), graded).is_some() {
            return Err(RowErrorKind::bad_value(&place, format!("{task_id} stands in the list twice")));
        }
    }
    Ok(all)
}

fn problem(mut fields: Fields) -> Result<(String, Graded), RowErrorKind> {
    let task_id = samples::task_id(&mut fields)?;
    let mut graded = Graded::default();
    for passed in list("graded_list", fields.require("graded_list")?)? {
        match passed {
            Value::Bool(passed) => {
                graded.samples += 1;
                graded.passed += u32::from(passed);
            }
            other => return Err(wrong_type("graded_list", "a list of bools", other.type_name())),
        }
    }
    if let Some(stated) = fields.take("pass@1") {
        let (stated, counted) = (number("pass@1", &stated)?, f64::from(graded.passed) / f64::from(graded.samples));
        if graded.samples > 0 && (stated - counted).abs() > TOLERANCE {
            let reason = format!("pass@1 is {stated}, and graded_list makes it {counted}");
            return Err(RowErrorKind::bad_value(&task_id, reason));
        }
    }
    Ok((task_id, graded))
}

fn verdicts(mut lines: Lines) -> Result<BTreeMap<String, Graded>, RowError> {
    let mut all: BTreeMap<String, Graded> = BTreeMap::new();
    loop {
        let parsed = match lines.next_line() {
            None => return Ok(all),
            Some(line) => verdict(line?),
        };
        let (task_id, verdict, base) = parsed.map_err(|kind| lines.error(kind))?;
        let graded = all.entry(task_id).or_default();
        if verdict == "infra_error" {
            continue; // it says nothing about the candidate
        }
        graded.samples += 1;
        graded.passed += u32::from(verdict == "pass");
        if let Some(base) = base {
            *graded.base_passed.get_or_insert_default() += u32::from(base == "pass");
        }
    }
}

fn verdict(line: &[u8]) -> Result<(String, String, Option<String>), RowErrorKind> {
    let mut fields = Fields::parse(line)?;
    let base = fields.take("base").filter(|base| *base != Value::None);
    let base = base.map(|base| crate::fields::text("base", base)).transpose()?;
    Ok((fields.text("task_id")?, fields.text("verdict")?, base))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graded(text: &str) -> Result<Vec<(String, Graded)>, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        let read = read(file.path()).map_err(|error| error.to_string())?;
        Ok(read.into_iter().collect())
    }

    #[test]
    fn both_kinds_of_file_are_counted_by_problem() {
        let results = r#"[{"question_id": "b", "graded_list": [true, false], "pass@1": 0.5},
            {"question_id": "a", "graded_list": [false], "pass@1": 0.0}]"#;
        let of = |samples, passed, base_passed| Graded { samples, passed, base_passed };
        assert_eq!(graded(results), Ok(vec![("a".into(), of(1, 0, None)), ("b".into(), of(2, 1, None))]));
        let lines = r#"{"task_id": "a", "sample": 0, "verdict": "pass", "base": "pass", "plus": "pass"}
            {"task_id": "a", "sample": 1, "verdict": "wrong_answer", "base": "pass"}
            {"task_id": "a", "sample": 2, "verdict": "infra_error", "base": "infra_error"}
            {"task_id": "b", "sample": 0, "verdict": "pass", "base": null}"#;
        assert_eq!(graded(lines), Ok(vec![("a".into(), of(2, 1, Some(2))), ("b".into(), of(1, 1, None))]));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, words) in [
            (r#"[{"question_id": "a", "graded_list": [1]}]"#, "cannot use item 0: expected graded_list"),
            (r#"[{"question_id": "a"}]"#, "cannot use item 0: expected the key graded_list"),
            (
                r#"[{"question_id": "a", "graded_list": [true], "pass@1": 0.9}]"#,
                "pass@1 is 0.9, and graded_list makes it 1",
            ),
            (
                r#"[{"question_id": "a", "graded_list": [true]}, {"question_id": "a", "graded_list": [true]}]"#,
                "a stands in the list twice",
            ),
            ("[]", "it holds no result"),
            ("", "it holds no result"),
            ("{\"task_id\": \"a\"}", ":1: expected the key verdict"),
        ] {
            let error = graded(text).expect_err("wrong");
            assert!(error.contains(words), "{error}");
        }
    }
}
