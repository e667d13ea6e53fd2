//! Every row of the training sets and of HumanEval+ in HumanEval's format is read, where the files are at hand.
//! Not here: running any of them.
//! In: `data/train` and `data/evalplus` of the shared folder. Out: passed, or skipped with a reason.

use std::collections::HashSet;
use std::path::Path;

use trialbox_datasets::Comparison;
use trialbox_datasets::Dataset;
use trialbox_datasets::Lines;
use trialbox_datasets::Problem;
use trialbox_datasets::Rows;
use trialbox_datasets::TestCode;
use trialbox_datasets::TestForm;
use trialbox_datasets::Tests;
use trialbox_datasets::kodcode;
use trialbox_datasets::source::unpacked_md5;

use crate::shared;

fn problems(dataset: Dataset, path: &Path) -> Vec<Problem> {
    let mut rows = trialbox_datasets::load(dataset, Some(path)).expect("it can be opened");
    let problems: Vec<Problem> = rows.by_ref().map(|row| row.unwrap_or_else(|error| panic!("{error}"))).collect();
    assert!(rows.content_hash().is_some());
    let names: HashSet<&str> = problems.iter().map(|problem| problem.task_id.as_str()).collect();
    assert_eq!(names.len(), problems.len(), "{dataset}: every problem has a name of its own");
    problems
}

fn code(problem: &Problem) -> &TestCode {
    match &problem.tests {
        Tests::Asserts(code) => code,
        _ => panic!("{} is not tested by code", problem.task_id),
    }
}

fn tests(problems: &[Problem]) -> usize {
    let count = |problem: &Problem| match &problem.tests {
        Tests::Asserts(code) => code.count().expect("it has been counted"),
        Tests::Function(tests) => tests.inputs.len(),
        Tests::Stdin(tests) => tests.len(),
    };
    problems.iter().map(count).sum()
}

fn checks(problems: &[Problem], candidate: &str) -> bool {
    let is_check = |problem: &Problem| matches!(&code(problem).form, TestForm::Check { candidate: found } if found.starts_with(candidate));
    problems.iter().all(|problem| is_check(problem) && problem.canonical.is_some())
}

#[test]
fn leetcode_dataset_is_read_to_the_last_row() {
    for (version, count, preambles) in [("v0.2.0", 200, 3), ("v0.3.1", 228, 2)] {
        let Some(path) = shared::file(&format!("data/train/LeetCodeDataset-{version}-test.jsonl.gz")) else { return };
        let problems = problems(Dataset::LeetCodeDataset, &path);
        assert_eq!(problems.len(), count);
        assert!(checks(&problems, "Solution()."), "{version}");
        let distinct: HashSet<&str> = problems.iter().map(|problem| code(problem).preamble.as_str()).collect();
        assert_eq!(distinct.len(), preambles, "{version}");
        if version == "v0.3.1" {
            let source = Dataset::LeetCodeDataset.source().expect("it is published");
            assert_eq!((unpacked_md5(&path).expect("readable").as_str(), count), (source.md5, source.row_count));
        }
    }
}

#[test]
fn rllms_leetcode_is_read_to_the_last_row() {
    let Some(path) = shared::file("data/train/rllm_test_code_leetcode.json.gz") else { return };
    let problems = problems(Dataset::LeetCode, &path);
    assert_eq!(problems.len(), 200);
    assert!(checks(&problems, "Solution()."));
    assert!(problems.iter().all(|problem| !code(problem).source.contains("\ncheck(")));
}

#[test]
fn kodcode_is_read_to_the_last_row_and_its_trials_with_it() {
    for (style, rows, tests_in_all, trials_passed, trials_without_tests) in
        [("algorithm", 16, 36, 25, 2), ("leetcode", 15, 31, 19, 0)]
    {
        let Some(path) = shared::file(&format!("data/train/kodcode_Verified_{style}_100.json.gz")) else { return };
        let problems = problems(Dataset::KodCode, &path);
        assert_eq!((problems.len(), tests(&problems)), (rows, tests_in_all), "{style}");
        assert!(problems.iter().all(|problem| code(problem).form == TestForm::Pytest && problem.canonical.is_some()));
        let trials = Rows::numbered(Lines::open(&path).expect("it can be opened"), kodcode::trials);
        let trials: Vec<_> = trials.flat_map(|row| row.unwrap_or_else(|error| panic!("{error}"))).collect();
        let passed = trials.iter().filter(|trial| trial.passed).count();
        assert_eq!((trials.len(), passed), (rows * 3, trials_passed), "{style}");
        let without = trials.iter().filter(|trial| trial.problem.is_err());
        assert_eq!(without.inspect(|trial| assert!(!trial.passed)).count(), trials_without_tests, "{style}");
    }
}

#[test]
fn rllms_stdin_sets_are_read_to_the_last_row() {
    for (dataset, rows, tests_in_all) in [(Dataset::Codeforces, 408, 468), (Dataset::CodeContests, 165, 1837)] {
        let Some(path) = shared::file(&format!("data/train/rllm_test_code_{dataset}.json.gz")) else { return };
        let problems = problems(dataset, &path);
        assert_eq!((problems.len(), tests(&problems)), (rows, tests_in_all), "{dataset}");
        assert!(problems.iter().all(|problem| matches!(problem.tests, Tests::Stdin(_))));
    }
}

#[test]
fn mbpp_is_read_to_the_last_row_and_mostly_reduced_to_function_tests() {
    let Some(path) = shared::file("data/train/mbpp.jsonl.gz") else { return };
    let problems = problems(Dataset::Mbpp, &path);
    assert_eq!((problems.len(), tests(&problems)), (974, 974 * 3));
    let is_function = |problem: &&Problem| matches!(&problem.tests, Tests::Function(tests) if tests.comparison == Comparison::Equality);
    assert_eq!(problems.iter().filter(is_function).count(), 967);
    let (with_setup, asked): (Vec<_>, Vec<_>) = problems
        .iter()
        .filter(|problem| matches!(&problem.tests, Tests::Asserts(code) if code.source.contains("Node(")))
        .map(|problem| (problem.task_id.as_str(), code(problem).asked_names().join(" ")))
        .unzip();
    assert_eq!(with_setup, ["Mbpp/367", "Mbpp/927"]);
    assert_eq!(asked, ["Node is_tree_balanced", "Node max_height"]);
}

#[test]
fn humaneval_in_its_own_format_is_read_to_the_last_row() {
    let Some(path) = shared::file("data/evalplus/HumanEvalPlus-OriginFmt.jsonl.gz") else { return };
    let source = Dataset::HumanEvalOrigin.source().expect("it is published");
    assert_eq!(unpacked_md5(&path).expect("readable"), source.md5);
    let problems = problems(Dataset::HumanEvalOrigin, &path);
    assert_eq!(problems.len(), source.row_count);
    assert!(checks(&problems, ""));
}
