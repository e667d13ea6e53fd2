//! Results that are graded already: lcb_runner's `*_eval_all.json`, EvalPlus' `*_eval_results.json`, bare counts, and verdicts.jsonl
//! as trialbox writes it.
//! Not here: the programs in lcb_runner's file as samples (`samples`), pass@k (`coverage`).
//! In: a file. Out: how many samples of each problem passed, model by model.

use std::collections::BTreeMap;
use std::collections::HashMap;
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
use crate::samples::document::Begins;
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

/// A model's results, problem by problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// Its name, where the file holds several.
    pub name: Option<String>,
    /// What became of its samples.
    pub problems: BTreeMap<String, Graded>,
    /// Samples that a host failed on, and that are in no count.
    pub infra_errors: u64,
}

/// Reads a file, of whichever kind it is. Only bare counts may hold several models.
///
/// # Errors
///
/// What cannot be read, or holds no result, or contradicts itself, and where.
pub fn read(file: &Path) -> Result<Vec<Model>, RowError> {
    let of_file = |kind| RowError { file: file.to_owned(), line: 1, kind };
    let models = match Kind::of(file).map_err(of_file)? {
        Kind::List => vec![document::items(file).and_then(eval_all).map_err(of_file)?],
        Kind::Object => object(document::fields(file).map_err(of_file)?).map_err(of_file)?,
        Kind::Lines => vec![verdicts(Lines::open(file)?)?],
    };
    if models.is_empty() || models.iter().any(|model| model.problems.is_empty()) {
        return Err(of_file(RowErrorKind::bad_value("the file", "it holds no result")));
    }
    Ok(models)
}

/// What a file is made of.
enum Kind {
    /// One list: lcb_runner's.
    List,
    /// One object: EvalPlus' results, or counts.
    Object,
    /// An object a line: verdicts.
    Lines,
}

impl Kind {
    fn of(file: &Path) -> Result<Self, RowErrorKind> {
        Ok(match document::begins(file).map_err(RowErrorKind::Io)? {
            Some(Begins::List) => Self::List,
            Some(Begins::Object { first_line }) => {
                let is_row = Fields::parse(&first_line).is_ok_and(|fields| fields.contains("task_id"));
                if is_row { Self::Lines } else { Self::Object }
            }
            // What is neither is for the reader of lines to say.
            None => Self::Lines,
        })
    }
}

/// EvalPlus' results, or counts: of one model, or of several by name.
fn object(mut fields: Fields) -> Result<Vec<Model>, RowErrorKind> {
    if let Some(eval) = fields.take("eval") {
        return Ok(vec![evalplus(eval)?]);
    }
    if fields.contains("correct") {
        return Ok(vec![counts(None, fields)?]);
    }
    fields
        .into_pairs()
        .into_iter()
        .map(|(name, value)| {
            let model = Fields::nested(&name, value)?;
            counts(Some(name), model)
        })
        .collect()
}

/// `"eval"` of EvalPlus 0.3: of each problem a list with the statuses of each sample.
fn evalplus(eval: Value) -> Result<Model, RowErrorKind> {
    let mut model = Model::default();
    for (task_id, samples) in Fields::nested("eval", eval)?.into_pairs() {
        let mut graded = Graded { base_passed: Some(0), ..Graded::default() };
        for sample in list(&task_id, samples)? {
            let mut fields = Fields::nested(&task_id, sample)?;
            let base = fields.text("base_status")? == "pass";
            // With --base-only there is none, and the base tests are all there is.
            let plus = fields.take("plus_status").filter(|status| *status != Value::None);
            let plus = plus.map(|status| crate::fields::text("plus_status", status)).transpose()?;
            let plus = plus.is_none_or(|status| status == "pass");
            graded.samples += 1;
            graded.passed += u32::from(base && plus);
            *graded.base_passed.get_or_insert_default() += u32::from(base);
        }
        model.problems.insert(task_id, graded);
    }
    Ok(model)
}

/// `{"n": 100, "correct": {"HumanEval/0": 97, ...}}`; `n` may be an object too, with the samples of each problem.
fn counts(name: Option<String>, mut fields: Fields) -> Result<Model, RowErrorKind> {
    let samples = fields.require("n")?;
    let mut by_problem = match &samples {
        Value::Dict(_) => Some(Fields::nested("n", samples.clone())?),
        _ => None,
    };
    let mut model = Model { name, ..Model::default() };
    for (task_id, passed) in Fields::nested("correct", fields.require("correct")?)?.into_pairs() {
        let samples = match &mut by_problem {
            Some(by_problem) => count("n", &by_problem.require(&task_id)?)?,
            None => count("n", &samples)?,
        };
        let passed = count(&task_id, &passed)?;
        if passed > samples {
            return Err(RowErrorKind::bad_value(&task_id, format!("{passed} of {samples} samples passed")));
        }
        model.problems.insert(task_id, Graded { samples, passed, base_passed: None });
    }
    Ok(model)
}

fn count(key: &str, value: &Value) -> Result<u32, RowErrorKind> {
    match value {
        Value::Int(count) => {
            u32::try_from(count).map_err(|_| RowErrorKind::bad_value(key, format!("{count} is no count of samples")))
        }
        other => Err(wrong_type(key, "a count of samples", other.type_name())),
    }
}

fn eval_all(items: Vec<Value>) -> Result<Model, RowErrorKind> {
    let mut all = BTreeMap::new();
    for (index, item) in items.into_iter().enumerate() {
        let place = format!("item {index}");
        let (task_id, graded) = problem(Fields::nested(&place, item)?).map_err(|kind| within(&place, &kind))?;
        if all.insert(task_id.clone(), graded).is_some() {
            return Err(RowErrorKind::bad_value(&place, format!("{task_id} stands in the list twice")));
        }
    }
    Ok(Model { problems: all, ..Model::default() })
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

/// Of several verdicts on a sample the first one counts that is one: an infra error says nothing about the candidate.
fn verdicts(mut lines: Lines) -> Result<Model, RowError> {
    let mut model = Model::default();
    // Of each numbered sample whether it has its verdict.
    let mut seen: HashMap<(String, u64), bool> = HashMap::new();
    loop {
        let parsed = match lines.next_line() {
            None => {
                model.infra_errors += seen.values().filter(|has_verdict| !**has_verdict).count() as u64;
                return Ok(model);
            }
            Some(line) => verdict(line?),
        };
        let Row { task_id, sample, verdict, base } = parsed.map_err(|kind| lines.error(kind))?;
        let is_infra_error = verdict == "infra_error";
        let graded = model.problems.entry(task_id.clone()).or_default();
        match sample {
            Some(sample) => {
                let has_verdict = seen.entry((task_id, sample)).or_default();
                if *has_verdict || is_infra_error {
                    continue;
                }
                *has_verdict = true;
            }
            None if is_infra_error => {
                model.infra_errors += 1;
                continue;
            }
            None => {}
        }
        graded.samples += 1;
        graded.passed += u32::from(verdict == "pass");
        if let Some(base) = base {
            *graded.base_passed.get_or_insert_default() += u32::from(base == "pass");
        }
    }
}

/// A line of verdicts.jsonl, as far as it counts.
struct Row {
    task_id: String,
    sample: Option<u64>,
    verdict: String,
    base: Option<String>,
}

fn verdict(line: &[u8]) -> Result<Row, RowErrorKind> {
    let mut fields = Fields::parse(line)?;
    let base = fields.take("base").filter(|base| *base != Value::None);
    let base = base.map(|base| crate::fields::text("base", base)).transpose()?;
    let sample = match fields.take("sample") {
        Some(Value::Int(sample)) => u64::try_from(&sample).ok(),
        _ => None,
    };
    Ok(Row { task_id: fields.text("task_id")?, sample, verdict: fields.text("verdict")?, base })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graded(text: &str) -> Result<Vec<(String, Graded)>, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        let read = read(file.path()).map_err(|error| error.to_string())?;
        Ok(read.into_iter().flat_map(|model| model.problems).collect())
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
            {"task_id": "a", "sample": 2, "verdict": "infra_error", "base": "infra_error"}
            {"task_id": "a", "sample": 0, "verdict": "wrong_answer", "base": "wrong_answer"}
            {"task_id": "b", "sample": 0, "verdict": "infra_error", "base": null}
            {"task_id": "b", "sample": 0, "verdict": "pass", "base": null}"#;
        assert_eq!(graded(lines), Ok(vec![("a".into(), of(2, 1, Some(2))), ("b".into(), of(1, 1, None))]));
    }

    #[test]
    fn evalplus_results_and_counts_are_read() {
        let of = |samples, passed, base_passed| Graded { samples, passed, base_passed };
        let results = r#"{"date": "2026", "hash": "x", "eval": {
            "a": [{"task_id": "a", "solution": "x", "base_status": "pass", "plus_status": "fail", "plus_fail_tests": [[1]]},
                  {"task_id": "a", "solution": "y", "base_status": "pass", "plus_status": "pass"}],
            "b": [{"base_status": "fail", "plus_status": "pass"}, {"base_status": "pass", "plus_status": null}]}}"#;
        assert_eq!(graded(results), Ok(vec![("a".into(), of(2, 1, Some(2))), ("b".into(), of(2, 1, Some(1)))]));
        assert_eq!(graded(r#"{"n": 3, "correct": {"a": 2}}"#), Ok(vec![("a".into(), of(3, 2, None))]));
        let apart = r#"{"n": {"a": 3, "b": 5}, "correct": {"a": 2, "b": 0}}"#;
        assert_eq!(graded(apart), Ok(vec![("a".into(), of(3, 2, None)), ("b".into(), of(5, 0, None))]));
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), r#"{"x": {"n": 3, "correct": {"a": 2}}, "y": {"n": 1, "correct": {"a": 1}}}"#)
            .expect("written");
        let names: Vec<Option<String>> = read(file.path()).expect("two models").into_iter().map(|it| it.name).collect();
        assert_eq!(names, [Some("x".to_owned()), Some("y".to_owned())]);
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
            ("{}", "it holds no result"),
            (r#"{"n": 3, "correct": {"a": 4}}"#, "4 of 3 samples passed"),
            (r#"{"n": {"b": 3}, "correct": {"a": 1}}"#, "the key a"),
            (r#"{"n": 3, "correct": {"a": 1.5}}"#, "a count of samples"),
            (r#"{"x": {"n": 3}}"#, "correct"),
            (r#"{"eval": {"a": [{"plus_status": "pass"}]}}"#, "base_status"),
            ("", "it holds no result"),
            ("{\"task_id\": \"a\"}", ":1: expected the key verdict"),
        ] {
            let error = graded(text).expect_err("wrong");
            assert!(error.contains(words), "{error}");
        }
    }
}
