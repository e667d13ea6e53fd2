//! HumanEval+ in HumanEval's own format: one row is one [`Problem`], tested by a function `check(candidate)`.
//! Not here: HumanEval+ by inputs and outputs (`humaneval`).
//! In: one line of `HumanEvalPlus-OriginFmt.jsonl`, or of OpenAI's `HumanEval.jsonl`. Out: the problem.

use crate::fields::Fields;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::TestCode;
use crate::problem::TestForm;
use crate::problem::Tests;
use crate::row::RowErrorKind;
use crate::source::Source;

/// The file that is read. Its tests need numpy, and that of HumanEval/32 raises whatever the program does.
pub const SOURCE: Source = Source {
    name: "humaneval+origin",
    file_name: "HumanEvalPlus-OriginFmt-v0.1.10.jsonl.gz",
    url: "https://raw.githubusercontent.com/evalplus/humanevalplus_release/200defce9e3429d28ca215b6dd061c0f7f31c18b/HumanEvalPlus-OriginFmt.jsonl.gz",
    md5: "03c016fe9c023eac1a6490f473958628",
    row_count: 164,
};

/// Reads one row. What the tests import is theirs alone: there is no preamble.
pub fn parse(line: &[u8]) -> Result<Problem, RowErrorKind> {
    let mut fields = Fields::parse(line)?;
    let task_id = fields.text("task_id")?;
    let prompt = fields.text("prompt")?;
    let canonical = Some(format!("{prompt}{}", fields.text("canonical_solution")?));
    let form = TestForm::Check { candidate: fields.text("entry_point")? };
    let tests = Tests::Asserts(TestCode::new(String::new(), fields.text("test")?, form)?);
    Ok(Problem { task_id, prompt, shown: Shown::default(), canonical, tests })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"task_id": "HumanEval/0", "prompt": "def f():\n", "entry_point": "f",
        "canonical_solution": "    return 1\n", "test": "def check(candidate):\n    assert candidate() == 1\n"}"#;

    #[test]
    fn a_row_is_checked_as_the_function_that_its_prompt_begins() {
        let problem = parse(ROW.as_bytes()).expect("a good row");
        assert_eq!(problem.canonical.as_deref(), Some("def f():\n    return 1\n"));
        let Tests::Asserts(code) = problem.tests else { panic!("not asserts") };
        assert_eq!(code.form, TestForm::Check { candidate: "f".to_owned() });
        assert_eq!((code.preamble.as_str(), code.count()), ("", Ok(1)));
    }

    #[test]
    fn a_row_that_tests_nothing_or_lacks_a_key_is_refused() {
        let error = parse(ROW.replace("assert candidate() == 1", "pass").as_bytes()).expect_err("no test");
        assert_eq!(error.to_string(), "the test code holds no test: expected an assert");
        for key in ["task_id", "prompt", "entry_point", "canonical_solution", "test"] {
            let error =
                parse(ROW.replace(&format!("\"{key}\""), "\"other\"").as_bytes()).expect_err("a key is missing");
            assert_eq!(error.to_string(), format!("expected the key {key}, which is missing"));
        }
    }
}
