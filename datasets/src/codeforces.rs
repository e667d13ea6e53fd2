//! Codeforces, as rLLM and verl have it: one row is one [`Problem`], a whole program on stdin.
//! Not here: the layouts that its rows come in (`rl_row`), its tests (`rl_tests`).
//! In: one row and its place in the file. Out: the problem.

use crate::problem::Problem;
use crate::rl_row;
use crate::row::RowErrorKind;

/// What it is called.
pub const NAME: &str = "codeforces";

/// Reads one row.
pub fn parse(row: &[u8], place: u64) -> Result<Problem, RowErrorKind> {
    rl_row::parse(row, NAME, place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Tests;

    #[test]
    fn a_row_is_a_list_of_pairs() {
        let row = br#"{"problem": "p", "tests": [{"input": "1", "output": "2"}]}"#;
        let problem = parse(row, 0).expect("a good row");
        assert_eq!(problem.task_id, "codeforces/0");
        assert!(matches!(problem.tests, Tests::Stdin(tests) if tests.len() == 1));
        let error = parse(br#"{"problem": "p", "tests": [{"input": "1"}]}"#, 0).expect_err("no output");
        assert_eq!(error.to_string(), "expected the key tests[0].output, which is missing");
    }
}
