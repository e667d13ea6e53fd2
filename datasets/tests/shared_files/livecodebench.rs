//! LiveCodeBench against published rows, where they are at hand: every release, the errata, both packed layouts, and
//! results of lcb_runner.
//! Not here: running anything; rows that are bad (`livecodebench::tests` in the crate).
//! In: `data/lcb` and `data/samples` of the shared folder. Out: passed, or skipped with a reason.

use std::collections::BTreeMap;
use std::path::Path;

use trialbox_datasets::Lines;
use trialbox_datasets::Problem;
use trialbox_datasets::RowErrorKind;
use trialbox_datasets::Rows;
use trialbox_datasets::SampleText;
use trialbox_datasets::Tests;
use trialbox_datasets::graded;
use trialbox_datasets::livecodebench;
use trialbox_datasets::livecodebench::Read;
use trialbox_datasets::livecodebench::Row;
use trialbox_datasets::livecodebench::Selection;
use trialbox_datasets::samples;

use crate::shared;

const ALL: &str = "data/lcb/lcb_v6_1055_public_only.jsonl.gz";

fn rows(path: &Path, selection: Selection) -> BTreeMap<String, Row> {
    let rows = livecodebench::load(&[path.to_owned()], selection).expect("it can be opened");
    let wanted = rows.filter_map(|row| match row.expect("a good row") {
        Read::Wanted(row) => Some((row.task_id().to_owned(), *row)),
        Read::LeftOut(_) => None,
    });
    wanted.collect()
}

fn test_count(problem: &Problem) -> usize {
    match &problem.tests {
        Tests::Function(tests) => tests.inputs.len(),
        Tests::Stdin(tests) => tests.len(),
        Tests::Asserts(_) => 0,
    }
}

#[test]
fn every_release_has_as_many_problems_as_its_readme_says() {
    let Some(path) = shared::file(ALL) else { return };
    for (release, count) in
        [("v1", 400), ("v2", 511), ("v3", 612), ("v4", 713), ("v5", 880), ("v6", 1055), ("v4_v6", 443), ("v6_v6", 175)]
    {
        let releases = Some(release.parse().expect("a release"));
        let found = rows(&path, Selection { releases, ..Selection::default() });
        assert_eq!(found.len(), count, "{release}");
    }
}

#[test]
fn windows_difficulties_and_platforms_part_the_problems() {
    let Some(path) = shared::file(ALL) else { return };
    let count = |selection| rows(&path, selection).len();
    let platforms = ["leetcode", "codeforces", "atcoder"]
        .map(|word| count(Selection { platforms: vec![word.parse().expect("a platform")], ..Selection::default() }));
    assert_eq!(platforms, [444, 9, 602]);
    let difficulties = ["easy", "medium", "hard"].map(|word| {
        count(Selection { difficulties: vec![word.parse().expect("a difficulty")], ..Selection::default() })
    });
    assert_eq!(difficulties, [322, 383, 350]);
    let day = |word: &str| Some(word.parse().expect("a day"));
    let within = count(Selection { from: day("2024-08-01"), to: day("2025-02-01"), ..Selection::default() });
    let before = count(Selection { to: day("2024-07-31"), ..Selection::default() });
    let after = count(Selection { from: day("2025-02-02"), ..Selection::default() });
    // Counted by Python in the same file.
    assert_eq!((before, within, after), (601, 335, 119));
}

#[test]
fn every_row_has_tests_but_the_one_that_has_none() {
    let Some(path) = shared::file(ALL) else { return };
    let (mut functions, mut programs, mut tests) = (0, 0, 0);
    for (task_id, row) in rows(&path, Selection::default()) {
        let problem = match row.problem() {
            Err(RowErrorKind::NoTests) if task_id == "abc350_c" => continue,
            problem => problem.unwrap_or_else(|error| panic!("{task_id}: {error}")),
        };
        assert_eq!(matches!(problem.tests, Tests::Function(_)), row.function().is_some());
        *(if row.function().is_some() { &mut functions } else { &mut programs }) += 1;
        tests += test_count(&problem);
    }
    assert_eq!((functions, programs, tests), (444, 610, 2762));
}

#[test]
fn every_problem_with_an_erratum_is_there_under_its_title() {
    let Some(path) = shared::file(ALL) else { return };
    let mut titles = 0;
    let mut lines = Lines::open(&path).expect("it can be opened");
    while let Some(line) = lines.next_line() {
        let line = std::str::from_utf8(line.expect("readable")).expect("UTF-8").to_owned();
        let Ok(id) = livecodebench::parse(line.as_bytes()).map(|problem| problem.task_id) else { continue };
        if let Some(erratum) = livecodebench::erratum(&id) {
            assert!(line.contains(&format!(r#""question_title": "{}""#, erratum.title)), "{id}: {}", erratum.title);
            titles += 1;
        }
    }
    assert_eq!(titles, 16, "17 in all, of which abc350_c has no public test");
}

#[test]
fn a_genuine_packed_row_has_its_four_private_tests() {
    let Some(path) = shared::file("data/lcb/original_row_1873_A.jsonl") else { return };
    let found = rows(&path, Selection::default());
    let Tests::Stdin(tests) = found["1873_A"].problem().expect("a good row").tests else { panic!("not stdin tests") };
    assert_eq!(tests.len(), 1 + 4);
    assert_eq!((tests[1].input.as_str(), tests[1].output.as_str()), ("1\nabc\n", "YES\n"));
    assert_eq!(tests[4].output, "YES\n".repeat(6));
}

#[test]
fn sandboxfusions_edition_has_all_its_tests() {
    let Some(path) = shared::file("data/lcb/sandboxfusion/code_eval_live_code_bench_v1.jsonl.gz") else { return };
    let found = rows(&path, Selection::default());
    let counts: BTreeMap<&str, usize> =
        found.iter().map(|(id, row)| (id.as_str(), test_count(&row.problem().expect("good")))).collect();
    assert_eq!(counts, BTreeMap::from([("1873_A", 5), ("2727", 14), ("abc301_a", 15)]));
    assert_eq!(found["2727"].function(), Some("countSeniors"));
}

#[test]
fn samples_are_read_from_lines_and_from_results() {
    for (name, count) in [("lcb_o1-mini_n1.jsonl.gz", 880), ("lcb_qwen2.5-7b_n1.jsonl.gz", 1055)] {
        let Some(path) = shared::file(&format!("data/samples/{name}")) else { return };
        let read: Vec<_> = Rows::new(Lines::open(&path).expect("it can be opened"), samples::parse).collect();
        let is_program = |sample: &samples::Sample| matches!(sample.text, SampleText::Solution(_));
        assert!(read.iter().all(|sample| is_program(sample.as_ref().expect("a good row"))));
        assert_eq!(read.len(), count);
    }
    let Some(path) = shared::file("data/samples/lcb_results/Qwen2.5-Coder-Ins-7B_eval_all.json.gz") else { return };
    assert_eq!(samples::read(&path, &[]).filter(|sample| sample.is_ok()).count(), 1750);
    let graded = graded::read(&path).expect("its pass@1 are those of its graded_list");
    let [model] = &graded[..] else { panic!("one model") };
    assert!(model.problems.len() == 175 && model.problems.values().all(|problem| problem.samples == 10));
}
