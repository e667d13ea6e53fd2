//! Rows of SandboxFusion's datasets, as its clients send them along (`config.provided_data`): LiveCodeBench, HumanEval, MBPP.
//! Not here: LiveCodeBench's packed tests (`livecodebench::sandboxfusion`).
//! In: one row: `id`, `content`, `test`, `labels`. Out: the problem.

use crate::fields::Fields;
use crate::fields::text;
use crate::ground_truth::as_json;
use crate::jobs::assert_lines;
use crate::livecodebench;
use crate::mbpp_original;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::TestCode;
use crate::problem::TestForm;
use crate::problem::Tests;
use crate::row::RowErrorKind;
use crate::value::Value;

/// Reads one row. What its `test` is, its looks tell: a list of asserts is MBPP's, code with a `check` HumanEval's, a packed text
/// LiveCodeBench's.
pub fn parse(row: &[u8]) -> Result<Problem, RowErrorKind> {
    let fields = Fields::parse(row)?;
    match fields.get("test").cloned().map(as_json) {
        Some(Value::List(_)) => mbpp(fields),
        Some(Value::Str(code)) if code.as_str().is_some_and(|code| code.contains("def check(")) => humaneval(fields),
        Some(_) => livecodebench::of_sandbox_fusion(fields),
        None => Err(RowErrorKind::Missing { keys: "test".to_owned() }),
    }
}

/// A name that rows write as a text or a number.
fn id(fields: &mut Fields) -> Result<String, RowErrorKind> {
    match fields.require("id")? {
        Value::Int(number) => Ok(number.to_string()),
        other => text("id", other),
    }
}

fn labels(fields: &mut Fields) -> Result<Fields, RowErrorKind> {
    Fields::nested("labels", as_json(fields.require("labels")?))
}

fn mbpp(mut fields: Fields) -> Result<Problem, RowErrorKind> {
    let (task_id, prompt) = (id(&mut fields)?, fields.text("content")?);
    let lines = match as_json(fields.require("test")?) {
        Value::List(lines) => assert_lines(lines)?,
        other => return Err(crate::fields::wrong_type("test", "a list of asserts", other.type_name())),
    };
    let setup = match fields.take("labels") {
        None | Some(Value::None) => None,
        Some(value) => Fields::nested("labels", as_json(value))?.optional_text("test_setup_code")?,
    };
    let tests = mbpp_original::tests(&setup.unwrap_or_default(), lines)?;
    Ok(Problem { task_id, prompt, shown: Shown::default(), canonical: None, tests })
}

fn humaneval(mut fields: Fields) -> Result<Problem, RowErrorKind> {
    let (task_id, prompt) = (id(&mut fields)?, fields.text("content")?);
    let form = TestForm::Check { candidate: labels(&mut fields)?.text("entry_point")? };
    let canonical = fields.take("canonical_solution").filter(|value| *value != Value::None);
    let canonical = canonical.map(|value| text("canonical_solution", value)).transpose()?;
    let canonical = canonical.filter(|code| !code.trim().is_empty()).map(|code| format!("{prompt}{code}"));
    let tests = Tests::Asserts(TestCode::new(String::new(), fields.text("test")?, form)?);
    Ok(Problem { task_id, prompt, shown: Shown::default(), canonical, tests })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(row: &str) -> Problem {
        parse(row.as_bytes()).unwrap_or_else(|error| panic!("{row}: {error}"))
    }

    #[test]
    fn a_row_of_mbpp_is_a_list_of_asserts() {
        let plain =
            r#"{"id": 11, "content": "Write f.", "labels": {"test_setup_code": ""}, "test": ["assert f(1) == 2"]}"#;
        let problem = read(plain);
        assert_eq!((problem.task_id.as_str(), problem.prompt.as_str()), ("11", "Write f."));
        assert!(matches!(problem.tests, Tests::Function(_)));
        let texts = r#"{"id": "11", "content": "", "labels": "{\"test_setup_code\": \"n = 1\"}", "test": "[\"assert f(n) == 2\"]"}"#;
        assert!(matches!(read(texts).tests, Tests::Asserts(code) if code.source.starts_with("n = 1\n")));
    }

    #[test]
    fn a_row_of_humaneval_has_a_check() {
        let row = r#"{"id": 0, "content": "def f():\n", "canonical_solution": "    return 1\n", "labels": {"entry_point": "f"},
            "test": "def check(candidate):\n    assert candidate() == 1\n"}"#;
        let problem = read(row);
        assert_eq!(problem.canonical.as_deref(), Some("def f():\n    return 1\n"));
        let form = TestForm::Check { candidate: "f".to_owned() };
        assert!(matches!(problem.tests, Tests::Asserts(code) if code.form == form));
    }

    #[test]
    fn any_other_row_is_livecodebenchs_or_refused() {
        let refused = |row: &str| parse(row.as_bytes()).expect_err(row).to_string();
        assert_eq!(refused("{}"), "expected the key test, which is missing");
        let row = r#"{"id": 0, "content": "", "test": "nothing packed",
            "labels": {"task_id": "atcoder/a", "difficulty": "easy", "category": "atcoder"}}"#;
        assert!(refused(row).starts_with("cannot use test: "), "{}", refused(row));
        assert!(refused(r#"{"id": 0, "content": "", "labels": {}, "test": []}"#).contains("at least one"));
    }
}
