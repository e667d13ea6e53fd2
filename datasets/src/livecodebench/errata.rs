//! The problems of LiveCodeBench that its own graders cannot judge rightly, by its list of errata.
//! Not here: leaving them out (the caller, who knows whose reading decides).
//! In: a `question_id`. Out: what is wrong with that problem, if anything is.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::fields::Fields;
use crate::row::RowErrorKind;

/// The list: one object a line. It is this repository's own table after LiveCodeBench's ERRATA.md, which gives LeetCode's
/// problems by title; their ids are those of the published rows.
const LIST: &str = include_str!("../../data/livecodebench_errata.jsonl");

/// What is wrong with a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erratum {
    /// The problem's title, for people.
    pub title: String,
    /// `several_answers`, `interactive` or `wrong_tests`.
    pub kind: String,
    /// The same in words.
    pub reason: String,
}

/// What is wrong with the problem of this `question_id`, if anything is known to be.
pub fn erratum(question_id: &str) -> Option<&'static Erratum> {
    static BY_ID: LazyLock<BTreeMap<String, Erratum>> = LazyLock::new(|| {
        let lines = LIST.lines().map(|line| parse(line.as_bytes()));
        lines.collect::<Result<_, _>>().expect("the list is built in, and a test reads it")
    });
    BY_ID.get(question_id)
}

fn parse(line: &[u8]) -> Result<(String, Erratum), RowErrorKind> {
    let mut fields = Fields::parse(line)?;
    let question_id = fields.text("question_id")?;
    let erratum = Erratum { title: fields.text("title")?, kind: fields.text("kind")?, reason: fields.text("reason")? };
    fields.finish(&[])?;
    Ok((question_id, erratum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_good_and_of_another_problem() {
        let parsed: Result<BTreeMap<_, _>, _> = LIST.lines().map(|line| parse(line.as_bytes())).collect();
        let parsed = parsed.expect("good lines");
        assert_eq!(parsed.len(), LIST.lines().count());
        let count = |kind| parsed.values().filter(|erratum| erratum.kind == kind).count();
        assert_eq!((count("several_answers"), count("interactive"), count("wrong_tests")), (11, 2, 4));
        assert_eq!(erratum("3221").map(|erratum| erratum.title.as_str()), Some("find-the-peaks"));
        assert_eq!(erratum("1873_A"), None);
    }
}
