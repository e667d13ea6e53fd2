//! APPS: one row is one [`Problem`], a whole program on stdin or, with `fn_name`, a function by [`Comparison::Apps`].
//! Not here: the layouts that its rows come in (`rl_row`), its tests (`rl_tests`).
//! In: one row and its place in the file. Out: the problem. Some rows of the original have no tests and are refused.
//!
//! [`Comparison::Apps`]: crate::problem::Comparison::Apps

use crate::problem::Problem;
use crate::rl_row;
use crate::row::RowErrorKind;

/// What it is called.
pub const NAME: &str = "apps";

/// Reads one row.
pub fn parse(row: &[u8], place: u64) -> Result<Problem, RowErrorKind> {
    rl_row::parse(row, NAME, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_its_number_and_one_without_tests_is_refused() {
        let row = r#"{"problem_id": 4998, "question": "q", "solutions": "", "difficulty": "introductory", "url": "u",
            "input_output": "{\"inputs\": [\"1\"], \"outputs\": [\"2\"]}", "starter_code": ""}"#;
        let problem = parse(row.as_bytes(), 0).expect("a good row");
        assert_eq!((problem.task_id.as_str(), problem.canonical), ("apps/4998", None));
        let error = parse(br#"{"problem_id": 1, "question": "q", "solutions": "", "input_output": ""}"#, 0);
        assert_eq!(error.expect_err("no tests").to_string(), "expected at least one test, found none");
    }
}
