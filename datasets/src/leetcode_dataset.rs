//! LeetCodeDataset (v0.2.0, v0.3.1): one row is one [`Problem`], tested by a function `check(candidate)`.
//! Not here: rLLM's rows of LeetCode (`leetcode`).
//! In: one line of a `LeetCodeDataset-*.jsonl`. Out: the problem. What the dataset calls `prompt` stands before every
//! program and before the tests, and is the preamble; what a model is shown is `query`.

use crate::fields::Fields;
use crate::problem::Problem;
use crate::problem::Shown;
use crate::problem::TestCode;
use crate::problem::TestForm;
use crate::problem::Tests;
use crate::row::RowErrorKind;
use crate::source::Source;

/// The release that is read where no file is named: the test split.
pub const SOURCE: Source = Source {
    name: "leetcode-dataset",
    file_name: "LeetCodeDataset-v0.3.1-test.jsonl.gz",
    url: "https://raw.githubusercontent.com/newfacade/LeetCodeDataset/9477c14d76dcbdef67d70f0e258ad2c2d4178fec/data/LeetCodeDataset-v0.3.1-test.jsonl.gz",
    md5: "67c760ca16b18291a5b3f93c43a65cda",
    row_count: 228,
};

/// Reads one row. Like any program of a problem with a preamble, the canonical one is `completion` alone.
pub fn parse(line: &[u8]) -> Result<Problem, RowErrorKind> {
    let mut fields = Fields::parse(line)?;
    let task_id = fields.text("task_id")?;
    let canonical = Some(fields.text("completion")?);
    let form = TestForm::Check { candidate: fields.text("entry_point")? };
    let code = TestCode::new(fields.text("prompt")?, fields.text("test")?, form)?;
    let prompt = fields.text("query")?;
    Ok(Problem { task_id, prompt, shown: Shown::default(), canonical, tests: Tests::Asserts(code) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"task_id": "two-sum", "prompt": "from typing import *\n", "query": "Add.", "response": "",
        "completion": "class Solution:\n    def f(self, n): return n\n", "entry_point": "Solution().f",
        "test": "def check(candidate):\n    assert candidate(n = 1) == 1\n", "input_output": [], "tags": []}"#;

    #[test]
    fn the_datasets_prompt_is_the_preamble_and_its_query_the_prompt() {
        let problem = parse(ROW.as_bytes()).expect("a good row");
        assert_eq!((problem.task_id.as_str(), problem.prompt.as_str()), ("two-sum", "Add."));
        assert_eq!(problem.canonical.as_deref(), Some("class Solution:\n    def f(self, n): return n\n"));
        let Tests::Asserts(code) = problem.tests else { panic!("not asserts") };
        assert_eq!(code.preamble, "from typing import *\n");
        assert_eq!(code.form, TestForm::Check { candidate: "Solution().f".to_owned() });
    }

    #[test]
    fn parts_that_are_no_python_or_missing_are_named() {
        let refused = |from: &str, to: &str| parse(ROW.replace(from, to).as_bytes()).expect_err(to).to_string();
        assert!(refused("from typing import *", "from typing import").starts_with("the preamble is not Python"));
        assert!(refused("def check(", "def check").starts_with("the test code is not Python"));
        assert!(refused("Solution().f\"", "Solution(.f\"").starts_with("the candidate is not Python"));
        for key in ["task_id", "prompt", "query", "completion", "entry_point", "test"] {
            let error = refused(&format!("\"{key}\""), "\"other\"");
            assert_eq!(error, format!("expected the key {key}, which is missing"));
        }
    }
}
