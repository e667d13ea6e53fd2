//! What a client may ask to have judged: a job, or an answer to a problem of a dataset that is known by name.
//! Not here: jobs (`jobs`), looking the problem up (whoever has the dataset).
//! In: one JSON object. Out: an [`Asked`].

use crate::dataset::Dataset;
use crate::fields::Fields;
use crate::jobs;
use crate::jobs::JobRow;
use crate::row::RowErrorKind;
use crate::samples;
use crate::samples::Sample;
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
}

/// Reads one: whoever names a dataset means an answer to one of its problems.
pub fn parse(object: &[u8]) -> Result<Asked, RowErrorKind> {
    let mut fields = Fields::parse(object)?;
    let Some(name) = fields.take("dataset") else {
        return jobs::of_fields(fields).map(|job| Asked::Job(Box::new(job)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::SampleText;

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
