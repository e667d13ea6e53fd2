//! Samples: model-written programs to be judged, one JSON object a line, or one JSON list as lcb_runner has it.
//! Not here: reading lines (`row`), the list (`document`), taking the program out of a response (`verifier::extract`).
//! In: one line, or a file. Out: a [`Sample`], or all of them.

pub(crate) mod document;

use std::path::Path;

use num_traits::ToPrimitive;

use crate::fields::Fields;
use crate::fields::wrong_type;
use crate::jobs;
use crate::problem::Language;
use crate::row::Lines;
use crate::row::RowError;
use crate::row::RowErrorKind;
use crate::row::Rows;
use crate::value::Value;

/// One attempt at one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The task it attempts.
    pub task_id: String,
    /// Which attempt it is, where the file says so.
    pub sample: Option<u32>,
    /// What the program is written in.
    pub language: Language,
    /// What the model wrote.
    pub text: SampleText,
}

/// What a model wrote, by how much of a program it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SampleText {
    /// A whole program.
    Solution(String),
    /// What follows the prompt.
    Completion(String),
    /// A chat answer in which a program stands.
    Response(String),
}

impl SampleText {
    /// The text.
    pub fn as_str(&self) -> &str {
        let (Self::Solution(text) | Self::Completion(text) | Self::Response(text)) = self;
        text
    }
}

/// The samples in a file. `order` names the benchmark's problems in its own order, for lists that do not name them.
pub fn read(file: &Path, order: &[String]) -> Box<dyn Iterator<Item = Result<Sample, RowError>> + Send> {
    let fail = |kind| -> Box<dyn Iterator<Item = Result<Sample, RowError>> + Send> {
        // A list is one document: all of it is as good as its worst item.
        Box::new(std::iter::once(Err(RowError { file: file.to_owned(), line: 1, kind })))
    };
    match document::is_document(file) {
        Ok(true) => match document::items(file).and_then(|items| document::samples(items, order)) {
            Ok(samples) => Box::new(samples.into_iter().map(Ok)),
            Err(kind) => fail(kind),
        },
        // What cannot be read at all is for the reader of lines to say.
        Ok(false) | Err(_) => match Lines::open(file) {
            Ok(lines) => Box::new(Rows::new(lines, parse)),
            Err(error) => Box::new(std::iter::once(Err(error))),
        },
    }
}

/// Reads one row. Where several texts stand, `solution` wins as in EvalPlus, then `code`, which is a program too, then
/// `completion`, `response`, and `text` where `answers` says what it is. Other keys are ignored.
pub fn parse(line: &[u8]) -> Result<Sample, RowErrorKind> {
    of_fields(&mut Fields::parse(line)?)
}

/// What makes a sample is taken out, the rest is left.
pub(crate) fn of_fields(fields: &mut Fields) -> Result<Sample, RowErrorKind> {
    let task_id = task_id(fields)?;
    let sample = fields.take("sample").filter(|value| *value != Value::None).map(|value| index(&value)).transpose()?;
    let text = text(fields)?.ok_or_else(no_text)?;
    let language = jobs::language(fields)?;
    Ok(Sample { task_id, sample, language, text })
}

/// The task's name: `task_id`, or LiveCodeBench's `question_id`, which some write as a number.
pub(crate) fn task_id(fields: &mut Fields) -> Result<String, RowErrorKind> {
    if let Some(task_id) = fields.optional_text("task_id")? {
        return Ok(task_id);
    }
    match fields.take("question_id") {
        Some(Value::Int(number)) => Ok(number.to_string()),
        Some(other) => crate::fields::text("question_id", other),
        None => Err(RowErrorKind::Missing { keys: "task_id or question_id".to_owned() }),
    }
}

/// The first of the texts that is there.
pub(crate) fn text(fields: &mut Fields) -> Result<Option<SampleText>, RowErrorKind> {
    if let Some(solution) = fields.optional_text("solution")? {
        return Ok(Some(SampleText::Solution(solution)));
    }
    if let Some(code) = fields.optional_text("code")? {
        return Ok(Some(SampleText::Solution(code)));
    }
    if let Some(completion) = fields.optional_text("completion")? {
        return Ok(Some(SampleText::Completion(completion)));
    }
    if let Some(response) = fields.optional_text("response")? {
        return Ok(Some(SampleText::Response(response)));
    }
    drawn(fields)
}

/// What `trialbox sample` writes: `text`, which `answers` says how to read, and what it `begins` with for a response.
fn drawn(fields: &mut Fields) -> Result<Option<SampleText>, RowErrorKind> {
    let Some(answers) = fields.optional_text("answers")? else { return Ok(None) };
    let Some(text) = fields.optional_text("text")? else { return Ok(None) };
    let begins = fields.optional_text("begins")?.unwrap_or_default();
    match answers.as_str() {
        "completion" => Ok(Some(SampleText::Completion(text))),
        "response" => Ok(Some(SampleText::Response(begins + &text))),
        _ => Err(RowErrorKind::bad_value("answers", "it is neither completion nor response")),
    }
}

/// Nothing that a model wrote is there.
pub(crate) fn no_text() -> RowErrorKind {
    RowErrorKind::Missing { keys: "solution, code, completion or response".to_owned() }
}

fn index(value: &Value) -> Result<u32, RowErrorKind> {
    match value {
        Value::Int(number) => {
            number.to_u32().ok_or_else(|| RowErrorKind::bad_value("sample", "it is not between 0 and 4294967295"))
        }
        other => Err(wrong_type("sample", "an integer", other.type_name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::CppStandard;

    fn refused(line: &str) -> String {
        parse(line.as_bytes()).expect_err("the row is wrong").to_string()
    }

    #[test]
    fn what_the_sampler_writes_is_read_as_it_says() {
        let text = |more: &str| {
            parse(format!(r#"{{"task_id": "a/1", "sample": 3, "text": "x", {more}}}"#).as_bytes())
                .expect("a good row")
                .text
        };
        assert_eq!(text(r#""answers": "completion""#), SampleText::Completion("x".into()));
        assert_eq!(
            text(r#""answers": "response", "begins": "```python\n""#),
            SampleText::Response("```python\nx".into())
        );
        assert!(refused(r#"{"task_id": "a/1", "text": "x", "answers": "essay"}"#).contains("answers"));
        assert!(refused(r#"{"task_id": "a/1", "text": "x"}"#).contains("solution, code, completion or response"));
    }

    #[test]
    fn each_kind_of_text_is_told_apart_and_other_keys_are_ignored() {
        for (key, expected) in [
            ("solution", SampleText::Solution("x".into())),
            ("code", SampleText::Solution("x".into())),
            ("completion", SampleText::Completion("x".into())),
            ("response", SampleText::Response("x".into())),
        ] {
            let line = format!(r#"{{"task_id": "a/1", "{key}": "x", "evalplus": {{"base": "pass"}}}}"#);
            let sample = parse(line.as_bytes()).expect("a good row");
            assert_eq!(
                sample,
                Sample { task_id: "a/1".into(), sample: None, language: Language::Python, text: expected }
            );
        }
    }

    #[test]
    fn a_solution_wins_over_a_completion() {
        let sample = parse(br#"{"task_id": "a", "sample": 3, "completion": "c", "solution": "s"}"#).expect("good");
        assert_eq!(sample.text, SampleText::Solution("s".into()));
        assert_eq!(sample.sample, Some(3));
    }

    #[test]
    fn a_sample_may_be_of_another_language() {
        let language = |name: &str| {
            let line = format!(r#"{{"task_id": "a", "solution": "s", "language": "{name}"}}"#);
            parse(line.as_bytes()).map(|sample| sample.language).map_err(|error| error.to_string())
        };
        assert_eq!(language("python"), Ok(Language::Python));
        assert_eq!(language("cpp"), Ok(Language::Cpp(CppStandard::Cpp17)));
        assert_eq!(language("cpp20"), Ok(Language::Cpp(CppStandard::Cpp20)));
        assert!(language("rust").expect_err("unknown").contains("expected python, cpp"), "{:?}", language("rust"));
    }

    #[test]
    fn a_question_id_names_the_task_too() {
        for (id, task_id) in [("\"1873_A\"", "1873_A"), ("2727", "2727")] {
            let sample = parse(format!(r#"{{"question_id": {id}, "code": "c"}}"#).as_bytes()).expect("good");
            assert_eq!((sample.task_id.as_str(), sample.text), (task_id, SampleText::Solution("c".into())));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            refused(r#"{"task_id": "a"}"#),
            "expected the key solution, code, completion or response, which is missing"
        );
        assert_eq!(refused(r#"{"solution": "s"}"#), "expected the key task_id or question_id, which is missing");
        assert_eq!(refused(r#"{"task_id": 1, "solution": "s"}"#), "expected task_id to be a string, found int");
        assert_eq!(refused(r#"{"task_id": "a", "solution": ["s"]}"#), "expected solution to be a string, found list");
        assert_eq!(
            refused(r#"{"task_id": "a", "solution": "s", "sample": true}"#),
            "expected sample to be an integer, found bool"
        );
        assert!(refused(r#"{"task_id": "a", "solution": "s", "sample": -1}"#).contains("not between"));
        assert!(refused(r#"{"task_id": "a", "solution": "\ud800"}"#).contains("lone surrogate"));
    }
}
