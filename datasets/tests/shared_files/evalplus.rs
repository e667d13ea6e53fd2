//! Golden tests of HumanEval+ and MBPP+ against the published files, where they are at hand.
//! Not here: the files themselves; the digests stand for what EvalPlus 0.3.1 makes of every row.
//! In: `data/evalplus` of the shared folder. Out: passed, or skipped with a reason.

use std::collections::BTreeMap;

use trialbox_datasets::Comparison;
use trialbox_datasets::Dataset;
use trialbox_datasets::FunctionTests;
use trialbox_datasets::Oracle;
use trialbox_datasets::Problem;
use trialbox_datasets::Tests;
use trialbox_datasets::source::unpacked_md5;

use crate::shared;

const HUMANEVAL: &str = "data/evalplus/HumanEvalPlus-v0.1.10.jsonl.gz";
const MBPP: &str = "data/evalplus/MbppPlus-v0.2.0.jsonl.gz";

fn functions(problem: &Problem) -> &FunctionTests {
    match &problem.tests {
        Tests::Function(tests) => tests,
        Tests::Stdin(_) | Tests::Asserts(_) => panic!("{} has no function tests", problem.task_id),
    }
}

/// Every problem of a dataset, after a look at the file's own checksum.
fn problems(dataset: Dataset, name: &str) -> Option<Vec<Problem>> {
    let path = shared::file(name)?;
    let source = dataset.source().expect("it is published");
    assert_eq!(unpacked_md5(&path).expect("readable"), source.md5);
    let mut rows = trialbox_datasets::load(dataset, Some(&path)).expect("it can be opened");
    let problems: Vec<Problem> = rows.by_ref().map(|row| row.unwrap_or_else(|error| panic!("{error}"))).collect();
    assert_eq!(problems.len(), source.row_count);
    assert!(rows.content_hash().is_some());
    Some(problems)
}

/// Everything that decides a verdict, as text in which any difference shows.
fn digest(problems: &[Problem]) -> String {
    let mut text = Vec::new();
    for problem in problems {
        let tests = functions(problem);
        let Comparison::EvalPlus { atol, .. } = tests.comparison else { panic!("not EvalPlus's comparison") };
        for part in [&problem.task_id, &tests.entry_point, &problem.prompt, problem.canonical.as_ref().expect("one")] {
            shared::render(&part.as_str().into(), &mut text);
        }
        text.extend_from_slice(
            format!("{:016x}:{}:{};", atol.to_bits(), tests.base_count, tests.inputs.len()).as_bytes(),
        );
        for input in tests.inputs.iter() {
            shared::render(input, &mut text);
        }
    }
    shared::md5(&text)
}

fn counts(problems: &[Problem]) -> (usize, usize) {
    let base = problems.iter().map(|problem| functions(problem).base_count).sum();
    let all: usize = problems.iter().map(|problem| functions(problem).inputs.len()).sum();
    (base, all - base)
}

fn oracles(problems: &[Problem]) -> BTreeMap<String, Oracle> {
    let special = problems.iter().filter_map(|problem| match functions(problem).comparison {
        Comparison::EvalPlus { oracle, .. } if oracle != Oracle::Plain => Some((problem.task_id.clone(), oracle)),
        _ => None,
    });
    special.collect()
}

#[test]
fn humaneval_plus_is_what_evalplus_makes_of_it() {
    let Some(problems) = problems(Dataset::HumanEvalPlus, HUMANEVAL) else { return };
    assert_eq!(counts(&problems), (1570, 122_683));
    assert_eq!(digest(&problems), "5cf9abd58f0d3942463ede5172762953");
    assert_eq!(oracles(&problems), BTreeMap::from([("HumanEval/32".to_owned(), Oracle::FindZero)]));
}

#[test]
fn mbpp_plus_is_what_evalplus_makes_of_it() {
    let Some(problems) = problems(Dataset::MbppPlus, MBPP) else { return };
    assert_eq!(counts(&problems), (1174, 39_841));
    assert_eq!(digest(&problems), "f40fe4129c870d9d544d42f664fbb5ef");
    let numbered = |number: u32, oracle| (format!("Mbpp/{number}"), oracle);
    let set_equal = [2, 7, 111, 140, 232, 579, 769].map(|number| numbered(number, Oracle::SetEqual));
    let not_none = [737, 787, 794].map(|number| numbered(number, Oracle::NotNone));
    let others = [numbered(558, Oracle::DigitDistance), numbered(581, Oracle::SurfaceArea)];
    let expected: BTreeMap<_, _> = set_equal.into_iter().chain(not_none).chain(others).collect();
    assert_eq!(oracles(&problems), expected);
}
