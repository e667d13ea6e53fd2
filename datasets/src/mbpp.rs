//! MBPP+ (EvalPlus release v0.2.0): one row is one [`Problem`].
//! Not here: what it shares with HumanEval+ (`evalplus`), which arguments are no lists (`mbpp_types`), where the file is (`source`).
//! In: one line of `MbppPlus.jsonl`. Out: the problem; its expected values come from its canonical solution.

use crate::evalplus;
use crate::mbpp_types;
use crate::problem::Oracle;
use crate::problem::Problem;
use crate::row::RowErrorKind;
use crate::source::Source;

/// The release that is read.
pub const SOURCE: Source = Source {
    name: "mbpp+",
    file_name: "MbppPlus-v0.2.0.jsonl.gz",
    url: "https://github.com/evalplus/mbppplus_release/releases/download/v0.2.0/MbppPlus.jsonl.gz",
    md5: "ee43ecabebf20deef4bb776a405ac5b1",
    row_count: 378,
};

/// Reads one row.
pub fn parse(line: &[u8]) -> Result<Problem, RowErrorKind> {
    evalplus::parse(line, mbpp_types::restore, oracle)
}

/// The special rule of an entry point. Three of them have no row in this release and are kept for older ones.
pub fn oracle(entry_point: &str) -> Oracle {
    match entry_point {
        "are_equivalent" => Oracle::AlwaysTrue,
        "sum_div" => Oracle::ZeroToo,
        "surface_Area" => Oracle::SurfaceArea,
        "digit_distance_nums" => Oracle::DigitDistance,
        "similar_elements"
        | "find_char_long"
        | "common_in_nested_lists"
        | "extract_singly"
        | "larg_nnum"
        | "intersection_array"
        | "find_dissimilar"
        | "Diff" => Oracle::SetEqual,
        "check_str" | "text_match_three" | "text_starta_endb" => Oracle::NotNone,
        _ => Oracle::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Tests;

    #[test]
    fn a_row_whose_plus_inputs_are_an_empty_object_has_base_tests_only() {
        let row = r#"{"task_id": "Mbpp/793", "prompt": "p\n", "entry_point": "last", "canonical_solution": "s",
            "atol": 0, "base_input": [[[1], 1]], "plus_input": {}}"#;
        let Tests::Function(tests) = parse(row.as_bytes()).expect("a good row").tests else { panic!("not functions") };
        assert_eq!((tests.base_count, tests.inputs.len()), (1, 1));
    }

    #[test]
    fn the_faulty_input_is_named() {
        let row = r#"{"task_id": "Mbpp/2", "prompt": "", "entry_point": "f", "canonical_solution": "",
            "atol": 0, "base_input": [[[1], [2]], [[1], 2]], "plus_input": []}"#;
        let error = parse(row.as_bytes()).expect_err("2 is not iterable");
        assert_eq!(error.to_string(), "cannot use base_input[1]: expected something with items, found int");
    }
}
