//! What a client may ask to have judged: a job, an answer to a problem of a dataset that is known by name, or an answer to
//! tests that come along.
//! Not here: jobs (`jobs`), tests (`ground_truth`), looking the problem up (whoever has the dataset).
//! In: one JSON object. Out: an [`Asked`].

use crate::dataset::Dataset;
use crate::fields::Fields;
use crate::ground_truth;
use crate::jobs;
use crate::jobs::JobLimits;
use crate::jobs::JobRow;
use crate::problem::Language;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::Tests;
use crate::python_json;
use crate::row::RowErrorKind;
use crate::samples;
use crate::samples::Sample;
use crate::samples::SampleText;
use crate::value::Value;

/// One program to be judged, and where its problem is.
#[derive(Clone, Debug)]
pub enum Asked {
    /// The problem comes along.
    Job(Box<JobRow>),
    /// The problem is one of a dataset.
    Answer {
        /// What the client calls it.
        id: Option<String>,
        /// The dataset.
        dataset: Dataset,
        /// The problem's name, and a model's text or a program.
        sample: Sample,
    },
    /// The tests come along, the program has to be taken out of a text.
    Posed {
        /// The problem; its name is what the client calls it.
        problem: Box<Problem>,
        /// A model's text or a program.
        sample: Sample,
        /// The row's own limits.
        limits: JobLimits,
    },
}

impl Asked {
    /// What the client calls it; the problem's name where it has not said.
    pub fn id(&self) -> &str {
        match self {
            Self::Job(job) => &job.id,
            Self::Answer { id, sample, .. } => id.as_ref().unwrap_or(&sample.task_id),
            Self::Posed { problem, .. } => &problem.task_id,
        }
    }

    /// What the program is written in.
    pub fn language(&self) -> Language {
        match self {
            Self::Job(job) => job.language,
            Self::Answer { sample, .. } | Self::Posed { sample, .. } => sample.language,
        }
    }

    /// The row's own limits; none where the problem is one of a dataset.
    pub fn limits(&self) -> JobLimits {
        match self {
            Self::Job(job) => job.limits,
            Self::Answer { .. } => JobLimits::default(),
            Self::Posed { limits, .. } => *limits,
        }
    }

    /// The problem, where it comes along.
    pub fn into_problem(self) -> Option<Problem> {
        match self {
            Self::Job(job) => Some(job.problem),
            Self::Answer { .. } => None,
            Self::Posed { problem, .. } => Some(*problem),
        }
    }
}

/// Reads one: whoever names a dataset means an answer to one of its problems, whoever brings `tests` an answer to these.
pub fn parse(object: &[u8]) -> Result<Asked, RowErrorKind> {
    of_fields(Fields::parse(object)?)
}

/// Puts a text with what a trainer's row says of the right answer, its label: JSON, or JSON in a text. It names a problem
/// (`{dataset, task_id}`), brings `tests` with `language` and `limits`, or is nothing but the tests.
pub fn answer(label: &[u8], text: SampleText) -> Result<Asked, RowErrorKind> {
    let label = ground_truth::as_json(python_json::parse(label)?);
    let mut pairs = match label {
        Value::Dict(pairs) if is_whole(&pairs) => Fields::nested("label", Value::Dict(pairs))?.into_pairs(),
        tests => vec![("tests".to_owned(), tests)],
    };
    let (key, text) = match text {
        SampleText::Solution(text) => ("solution", text),
        SampleText::Completion(text) => ("completion", text),
        SampleText::Response(text) => ("response", text),
    };
    pairs.retain(|(name, _)| !["solution", "code", "completion", "response"].contains(&name.as_str()));
    pairs.push((key.to_owned(), Value::from(text.as_str())));
    of_fields(Fields::from_pairs(pairs))
}

fn is_whole(pairs: &[(Value, Value)]) -> bool {
    pairs.iter().any(|(key, _)| ["dataset", "tests", "test_cases"].iter().any(|name| *key == Value::from(*name)))
}

fn of_fields(mut fields: Fields) -> Result<Asked, RowErrorKind> {
    let Some(name) = fields.take("dataset") else {
        return match ["tests", "test_cases"].into_iter().find(|key| fields.contains(key)) {
            Some(key) => posed(key, fields),
            None => jobs::of_fields(fields).map(|job| Asked::Job(Box::new(job))),
        };
    };
    let name = crate::fields::text("dataset", name)?;
    let dataset = name
        .parse()
        .map_err(|error: crate::dataset::DatasetError| RowErrorKind::bad_value("dataset", error.to_string()))?;
    let id = fields.take("id").filter(|id| *id != Value::None).map(|id| crate::fields::text("id", id)).transpose()?;
    let sample = samples::of_fields(&mut fields)?;
    fields.finish(&[])?;
    Ok(Asked::Answer { id, dataset, sample })
}

/// Puts a text with tests that stand in a value (`ground_truth`), in Python.
pub(crate) fn answer_to_tests(tests: Value, text: SampleText, limits: JobLimits) -> Result<Asked, RowErrorKind> {
    let tests = ground_truth::parse("tests", tests)?;
    let problem =
        Problem { task_id: String::new(), prompt: String::new(), shown: Shown::default(), canonical: None, tests };
    let sample = Sample { task_id: String::new(), sample: None, language: Language::Python, text };
    Ok(Asked::Posed { problem: Box::new(problem), sample, limits })
}

/// An answer to tests that stand under `key`.
fn posed(key: &str, mut fields: Fields) -> Result<Asked, RowErrorKind> {
    let tests = ground_truth::parse(key, fields.require(key)?)?;
    let task_id =
        fields.take("id").filter(|id| *id != Value::None).map(|id| crate::fields::text("id", id)).transpose()?;
    let task_id = task_id.unwrap_or_default();
    let prompt = fields.optional_text("prompt")?.unwrap_or_default();
    let limits = fields.take("limits").map(jobs::limits).transpose()?.unwrap_or_default();
    let language = jobs::language(&mut fields)?;
    if !language.is_python() && !matches!(tests, Tests::Stdin(_)) {
        return Err(RowErrorKind::bad_value("language", "only a program on stdin may be C++"));
    }
    let text = samples::text(&mut fields)?.ok_or_else(samples::no_text)?;
    fields.finish(&[])?;
    let problem =
        Box::new(Problem { task_id: task_id.clone(), prompt, shown: Shown::default(), canonical: None, tests });
    Ok(Asked::Posed { problem, sample: Sample { task_id, sample: None, language, text }, limits })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(object: &str) -> String {
        parse(object.as_bytes()).expect_err("it is wrong").to_string()
    }

    #[test]
    fn whoever_names_a_dataset_means_one_of_its_problems() {
        let asked = parse(br#"{"dataset": "quickstart", "task_id": "a", "completion": "c", "id": "mine"}"#);
        let Ok(Asked::Answer { id, dataset, sample }) = asked else { panic!("{asked:?}") };
        assert_eq!((id.as_deref(), dataset), (Some("mine"), Dataset::Quickstart));
        assert_eq!((sample.task_id.as_str(), sample.text), ("a", SampleText::Completion("c".into())));
    }

    #[test]
    fn whoever_does_not_say_what_it_is_called_gets_the_name_of_the_problem() {
        let id = |object: &str| parse(object.as_bytes()).expect("it is right").id().to_owned();
        assert_eq!(id(r#"{"dataset": "quickstart", "task_id": "a", "code": "c", "id": "mine"}"#), "mine");
        assert_eq!(id(r#"{"dataset": "quickstart", "task_id": "a", "code": "c"}"#), "a");
        assert_eq!(id(r#"{"tests": ["assert f(1) == 2"], "code": "c"}"#), "");
    }

    #[test]
    fn whoever_brings_tests_means_an_answer_to_these() {
        let asked =
            parse(br#"{"tests": ["assert f(1) == 2"], "response": "r", "id": "mine", "limits": {"time_s": 2}}"#);
        let Ok(Asked::Posed { problem, sample, limits }) = asked else { panic!("{asked:?}") };
        assert_eq!((problem.task_id.as_str(), sample.text), ("mine", SampleText::Response("r".into())));
        assert_eq!(limits.cpu_ms, Some(2_000));
        assert_eq!(
            refused(r#"{"tests": ["assert f(1) == 2"]}"#),
            refused(r#"{"dataset": "quickstart", "task_id": "a"}"#)
        );
        assert_eq!(refused(r#"{"tests": ["assert f(1) == 2"], "code": "", "entry": 1}"#), "unknown key entry");
        let cpp = refused(r#"{"tests": ["assert f(1) == 2"], "code": "", "language": "cpp"}"#);
        assert_eq!(cpp, "cannot use language: only a program on stdin may be C++");
    }

    #[test]
    fn a_label_names_a_problem_or_brings_its_tests() {
        let put = |label: &str| answer(label.as_bytes(), SampleText::Response("r".into()));
        let named = r#"{"dataset": "quickstart", "task_id": "a"}"#;
        assert!(matches!(put(named), Ok(Asked::Answer { sample, .. }) if sample.task_id == "a"));
        let in_a_text = format!("{named:?}");
        assert!(matches!(put(&in_a_text), Ok(Asked::Answer { sample, .. }) if sample.text.as_str() == "r"));
        for tests in [
            r#"{"inputs": ["1"], "outputs": ["2"]}"#,
            r#"[{"input": "1", "output": "2"}]"#,
            r#"{"language": "python", "test_cases": [{"input": "1", "output": "2"}]}"#,
            r#""[{\"input\": \"1\", \"output\": \"2\"}]""#,
        ] {
            let put = put(tests);
            let Ok(Asked::Posed { problem, sample, .. }) = put else { panic!("{tests}: {put:?}") };
            assert!(matches!(problem.tests, Tests::Stdin(tests) if tests[0].output == "2"), "{tests}");
            assert_eq!(sample.language, Language::Python);
        }
        let another = put(r#"{"tests": ["assert f(1) == 2"], "solution": "s"}"#);
        assert!(
            matches!(another, Ok(Asked::Posed { sample, .. }) if sample.text.as_str() == "r"),
            "the model's text decides"
        );
        assert!(put("7").is_err() && put(r#""HumanEval/0""#).is_err() && put("{").is_err());
    }

    #[test]
    fn everything_else_is_a_job() {
        assert_eq!(refused("{}"), "expected the key id, which is missing");
        let job = br#"{"id": "j", "mode": "stdin", "semantics": "lcb_stdio", "candidate": "print(1)",
            "problem": {"tests": [{"input": "", "output": "1"}]}}"#;
        assert!(matches!(parse(job), Ok(Asked::Job(job)) if job.id == "j"));
    }

    #[test]
    fn unknown_keys_are_named_with_their_path() {
        assert_eq!(
            refused(r#"{"dataset": "quickstart", "task_id": "a", "code": "c", "cpmpletion": ""}"#),
            "unknown key cpmpletion"
        );
        let job = |tests: &str, more: &str| {
            refused(&format!(
                r#"{{"id": "j", "mode": "stdin", "semantics": "lcb_stdio", "candidate": "", "problem": {{"tests": [{tests}]{more}}}}}"#
            ))
        };
        let test = r#"{"input": "", "output": "1"}"#;
        assert_eq!(job(test, r#", "checker": 1"#), "unknown key problem.checker");
        assert_eq!(
            job(&format!(r#"{test}, {{"input": "", "output": "", "out": 1}}"#), ""),
            "unknown key problem.tests[1].out"
        );
    }

    #[test]
    fn an_unknown_dataset_is_told_what_there_is() {
        assert!(refused(r#"{"dataset": "humaneval++"}"#).contains("expected humaneval+, mbpp+"));
    }
}
