//! TACO: one row is one [`Problem`], a whole program on stdin or, with `fn_name`, a function by [`Comparison::Apps`].
//! Not here: the layouts that its rows come in (`rl_row`), its tests (`rl_tests`).
//! In: one row and its place in the file. Out: the problem.
//!
//! [`Comparison::Apps`]: crate::problem::Comparison::Apps

use crate::problem::Problem;
use crate::rl_row;
use crate::row::RowErrorKind;

/// What it is called.
pub const NAME: &str = "taco";

/// Reads one row.
pub fn parse(row: &[u8], place: u64) -> Result<Problem, RowErrorKind> {
    rl_row::parse(row, NAME, place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Tests;

    #[test]
    fn a_row_in_the_original_layout_is_a_problem_with_its_first_solution() {
        let row = r#"{"question": "Add.", "solutions": "[\"def add(a, b):\\n\\treturn a + b\", \"def add(*a): return sum(a)\"]",
            "starter_code": "def add(a, b):\n\t", "difficulty": "EASY", "source": "codewars", "raw_tags": "[]",
            "input_output": "{\"fn_name\": \"add\", \"inputs\": [[1, 2]], \"outputs\": [[3]]}"}"#;
        let problem = parse(row.as_bytes(), 0).expect("a good row");
        assert_eq!((problem.task_id.as_str(), problem.prompt.as_str()), ("taco/0", "Add.\n\ndef add(a, b):\n\t"));
        assert_eq!(problem.canonical.as_deref(), Some("def add(a, b):\n\treturn a + b"));
        assert!(matches!(problem.tests, Tests::Function(tests) if tests.entry_point == "add"));
    }
}
