//! KodCode: one row is one [`Problem`], tested by functions as pytest runs them, and the trials that it was made from.
//! Not here: running them.
//! In: one row, of the repository (`instruction`, `response`, `test_code`, `trials`) or of the published set (`question`,
//! `solution`, `test`), and its place in the file. Out: the problem, or its trials.

use crate::fields::Fields;
use crate::fields::wrong_type;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::TestCode;
use crate::problem::TestForm;
use crate::problem::Tests;
use crate::rl_row;
use crate::row::RowErrorKind;
use crate::test_code::TestCodeError;
use crate::value::Value;

/// What it is called.
pub const NAME: &str = "kodcode";

/// One attempt at a row's task: a program with tests of its own, and whether it passed them where it was made.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The program.
    pub solution: String,
    /// Its tests, as a problem of its own, where they are Python that tests anything; the program is the canonical one
    /// where it passed.
    pub problem: Result<Problem, TestCodeError>,
    /// Whether it passed.
    pub passed: bool,
}

/// Reads one row.
pub fn parse(row: &[u8], place: u64) -> Result<Problem, RowErrorKind> {
    let mut fields = Fields::parse(row)?;
    let task_id = task_id(&mut fields, place)?;
    let prompt = rl_row::prompt(&mut fields)?;
    let canonical = Some(either(&mut fields, "response", "solution")?);
    let tests = pytest(either(&mut fields, "test_code", "test")?)?;
    Ok(Problem { task_id, prompt, shown: Shown::default(), canonical, tests })
}

/// Reads the trials of one row.
pub fn trials(row: &[u8], place: u64) -> Result<Vec<Trial>, RowErrorKind> {
    let mut fields = Fields::parse(row)?;
    let task_id = task_id(&mut fields, place)?;
    let prompt = rl_row::prompt(&mut fields)?;
    let Value::Dict(trials) = fields.require("trials")? else {
        return Err(RowErrorKind::bad_value("trials", "expected an object"));
    };
    let passed = fields.list("pass_sequence")?;
    if passed.len() != trials.len() {
        let reason = format!("expected one entry for each of {} trials, found {}", trials.len(), passed.len());
        return Err(RowErrorKind::bad_value("pass_sequence", reason));
    }
    let trial = |(index, ((_, trial), passed))| {
        let mut fields = Fields::nested(&format!("trials[{index}]"), trial)?;
        let solution = fields.text("solution_code")?;
        let passed = is_one(passed)?;
        let problem = pytest(fields.text("test_code")?).map(|tests| Problem {
            task_id: format!("{task_id}/trial-{index}"),
            prompt: prompt.clone(),
            shown: Shown::default(),
            canonical: passed.then(|| solution.clone()),
            tests,
        });
        Ok(Trial { solution, problem, passed })
    };
    trials.into_iter().zip(passed).enumerate().map(trial).collect()
}

fn pytest(source: String) -> Result<Tests, TestCodeError> {
    Ok(Tests::Asserts(TestCode::new(String::new(), source, TestForm::Pytest)?))
}

/// In the repository's files a row is known by its style and number: `kodcode/leetcode/00000012`.
fn task_id(fields: &mut Fields, place: u64) -> Result<String, RowErrorKind> {
    let Some(metadata) = fields.take("metadata").filter(|value| matches!(value, Value::Dict(_))) else {
        return rl_row::task_id(fields, NAME, place);
    };
    let mut metadata = Fields::nested("metadata", metadata)?;
    let mode = rl_row::optional_text(&mut metadata, "mode")?;
    match (mode, rl_row::optional_text(&mut metadata, "prompt_id")?) {
        (Some(mode), Some(id)) => Ok(format!("{NAME}/{mode}/{id}")),
        _ => rl_row::task_id(fields, NAME, place),
    }
}

fn either(fields: &mut Fields, key: &str, other: &str) -> Result<String, RowErrorKind> {
    match rl_row::optional_text(fields, key)? {
        Some(text) => Ok(text),
        None => rl_row::optional_text(fields, other)?
            .ok_or_else(|| RowErrorKind::Missing { keys: format!("{key} or {other}") }),
    }
}

fn is_one(flag: Value) -> Result<bool, RowErrorKind> {
    match flag {
        Value::Bool(flag) => Ok(flag),
        Value::Int(number) if number == 0.into() || number == 1.into() => Ok(number == 1.into()),
        other => Err(wrong_type("pass_sequence", "a list of 0 and 1", other.type_name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"instruction": "i", "response": "def f(): return 1", "pass_trial_num": 1, "pass_sequence": [0, 1],
        "test_code": "from solution import f\n\ndef test_f():\n    assert f() == 1\n",
        "trials": {"a_0": {"solution_code": "s", "test_code": "def test_g(): pass", "test_result": "Fail"},
                   "a_1": {"solution_code": "t", "test_code": "def test_h(): pass", "test_result": "Pass"}},
        "metadata": {"prompt_id": "00000012", "row_id": 12, "mode": "leetcode"}}"#;

    fn refused(from: &str, to: &str) -> String {
        assert!(ROW.contains(from), "{from}");
        let row = ROW.replace(from, to);
        let trials = trials(row.as_bytes(), 0).map(drop);
        parse(row.as_bytes(), 0).map(drop).and(trials).expect_err(to).to_string()
    }

    #[test]
    fn a_row_of_the_repository_or_of_the_published_set_is_tested_by_its_functions() {
        let problem = parse(ROW.as_bytes(), 0).expect("a good row");
        assert_eq!((problem.task_id.as_str(), problem.prompt.as_str()), ("kodcode/leetcode/00000012", "i"));
        assert_eq!(problem.canonical.as_deref(), Some("def f(): return 1"));
        let Tests::Asserts(code) = &problem.tests else { panic!("not asserts") };
        assert_eq!((code.form.clone(), code.count()), (TestForm::Pytest, Ok(1)));
        assert_eq!(code.asked_names(), ["f"]);
        let published =
            r#"{"question_id": "Leetcode_1_I", "question": "q", "solution": "s", "test": "def test_f(): f()"}"#;
        let problem = parse(published.as_bytes(), 0).expect("a good row");
        assert_eq!((problem.task_id.as_str(), problem.prompt.as_str()), ("kodcode/Leetcode_1_I", "q"));
        assert!(matches!(trials(published.as_bytes(), 0), Err(RowErrorKind::Missing { .. })));
    }

    #[test]
    fn a_trial_has_tests_of_its_own_which_may_be_no_tests() {
        let row = ROW.replace("def test_g(): pass", "```python");
        let trials = trials(row.as_bytes(), 0).expect("good trials");
        assert_eq!(trials.iter().map(|trial| trial.passed).collect::<Vec<_>>(), [false, true]);
        assert!(matches!(trials[0].problem, Err(TestCodeError::Syntax { .. })));
        let problem = trials[1].problem.as_ref().expect("good tests");
        assert_eq!(problem.task_id, "kodcode/leetcode/00000012/trial-1");
        assert_eq!(problem.canonical.as_ref(), Some(&trials[1].solution));
        assert!(matches!(&problem.tests, Tests::Asserts(code) if code.source.contains("test_h")));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(refused("def test_f()", "def f()"), "the test code holds no test: expected a function test_*");
        assert_eq!(refused("\"response\"", "\"r\""), "expected the key response or solution, which is missing");
        assert_eq!(
            refused("[0, 1]", "[0]"),
            "cannot use pass_sequence: expected one entry for each of 2 trials, found 1"
        );
        assert_eq!(refused("[0, 1]", "[0, 2]"), "expected pass_sequence to be a list of 0 and 1, found int");
        assert_eq!(refused("\"solution_code\": \"s\"", "\"s\": 1"), "expected the key solution_code, which is missing");
    }
}
