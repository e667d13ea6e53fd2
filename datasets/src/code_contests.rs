//! CodeContests, as rLLM and verl have it: one row is one [`Problem`], a whole program on stdin.
//! Not here: the layouts that its rows come in (`rl_row`), its tests (`rl_tests`).
//! In: one row and its place in the file. Out: the problem.

use crate::problem::Problem;
use crate::rl_row;
use crate::row::RowErrorKind;

/// What it is called.
pub const NAME: &str = "code_contests";

/// Reads one row.
pub fn parse(row: &[u8], place: u64) -> Result<Problem, RowErrorKind> {
    rl_row::parse(row, NAME, place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Tests;

    #[test]
    fn a_row_has_as_many_tests_as_inputs() {
        let row = br#"{"problem": "p", "tests": {"inputs": ["1\n", "2\n"], "outputs": ["1 \n", "4 \n"]}}"#;
        let problem = parse(row, 3).expect("a good row");
        assert_eq!(problem.task_id, "code_contests/3");
        assert!(matches!(problem.tests, Tests::Stdin(tests) if tests.len() == 2 && tests[1].output == "4 \n"));
    }
}
