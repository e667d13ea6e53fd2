//! HumanEval+ (EvalPlus release v0.1.10): one row is one [`Problem`].
//! Not here: what it shares with MBPP+ (`evalplus`), where the file is (`source`).
//! In: one line of `HumanEvalPlus.jsonl`. Out: the problem; its expected values come from its canonical solution.

use crate::evalplus;
use crate::problem::Oracle;
use crate::problem::Problem;
use crate::row::RowErrorKind;
use crate::source::Source;
use crate::value::Value;

/// The release that is read.
pub const SOURCE: Source = Source {
    name: "humaneval+",
    file_name: "HumanEvalPlus-v0.1.10.jsonl.gz",
    url: "https://github.com/evalplus/humanevalplus_release/releases/download/v0.1.10/HumanEvalPlus.jsonl.gz",
    md5: "fe585eb4df8c88d844eeb463ea4d0302",
    row_count: 164,
};

/// Reads one row.
pub fn parse(line: &[u8]) -> Result<Problem, RowErrorKind> {
    evalplus::parse(line, |_, arguments| Ok(Value::List(arguments)), oracle)
}

/// The special rule of an entry point.
pub fn oracle(entry_point: &str) -> Oracle {
    match entry_point {
        "find_zero" => Oracle::FindZero,
        _ => Oracle::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Comparison;
    use crate::problem::Tests;

    const ROW: &str = r#"{"task_id": "HumanEval/32", "prompt": "def find_zero(xs):\n", "entry_point": "find_zero",
        "canonical_solution": "    return 0\n", "test": "", "contract": "", "atol": 0.0001,
        "base_input": [[[1, 2]]], "plus_input": [[[1.5, -Infinity]], [[3]]]}"#;

    #[test]
    fn base_and_plus_inputs_stand_in_one_list() {
        let problem = parse(ROW.as_bytes()).expect("a good row");
        assert_eq!(problem.canonical.as_deref(), Some("def find_zero(xs):\n    return 0\n"));
        let Tests::Function(tests) = problem.tests else { panic!("not function tests") };
        assert_eq!((tests.base_count, tests.inputs.len()), (1, 3));
        let first = Value::List(vec![Value::List(vec![Value::from(1), Value::from(2)])]);
        assert_eq!(tests.inputs[0], first);
        assert_eq!(tests.comparison, Comparison::EvalPlus { atol: 0.0001, oracle: Oracle::FindZero });
    }

    #[test]
    fn each_missing_or_mistyped_key_is_named() {
        for key in ["task_id", "prompt", "entry_point", "canonical_solution", "atol", "base_input", "plus_input"] {
            let without = ROW.replace(&format!("\"{key}\""), "\"other\"");
            let error = parse(without.as_bytes()).expect_err("a key is missing").to_string();
            assert_eq!(error, format!("expected the key {key}, which is missing"));
        }
        let error = parse(ROW.replace("[[[1, 2]]]", "[1]").as_bytes()).expect_err("no argument list");
        assert_eq!(error.to_string(), "expected base_input[0] to be a list, found int");
        let error = parse(ROW.replace("[[[1, 2]]]", "[]").as_bytes()).expect_err("no base tests");
        assert_eq!(error.to_string(), "expected at least one test, found none");
    }
}
