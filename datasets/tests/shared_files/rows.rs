//! The shared corpus of attacks and the shared sample files are read to the last row, where they are at hand.
//! Not here: running or judging any of them.
//! In: `attacks` and `data/samples` of the shared folder. Out: passed, or skipped with a reason.

use trialbox_datasets::Lines;
use trialbox_datasets::Rows;
use trialbox_datasets::SampleText;
use trialbox_datasets::Tests;
use trialbox_datasets::jobs;
use trialbox_datasets::samples;

use crate::shared;

#[test]
fn every_job_of_the_attack_corpus_is_read() {
    let Some(path) = shared::file("attacks/attacks_shared.jsonl") else { return };
    let (mut functions, mut stdin, mut asserts) = (0, 0, 0);
    for row in Rows::new(Lines::open(&path).expect("it can be opened"), jobs::parse) {
        match row.expect("a row that is read").problem.tests {
            Tests::Function(_) => functions += 1,
            Tests::Stdin(_) => stdin += 1,
            Tests::Asserts(_) => asserts += 1,
        }
    }
    assert_eq!((functions, stdin, asserts), (34, 7, 2));
}

#[test]
fn every_row_of_the_sample_files_is_read() {
    for (name, count) in [
        ("humaneval_codegen16b_n8", 1312),
        ("humaneval_codegen16b_n92_ungraded", 15088),
        ("humaneval_qwen2.5-coder-1.5b_n1", 164),
        ("mbpp_qwen2.5-coder-1.5b_n1", 378),
    ] {
        let Some(path) = shared::file(&format!("data/samples/{name}.jsonl.gz")) else { return };
        let rows = Rows::new(Lines::open(&path).expect("it can be opened"), samples::parse);
        let samples: Vec<_> = rows.map(|row| row.unwrap_or_else(|error| panic!("{error}"))).collect();
        assert_eq!(samples.len(), count, "{name}");
        let whole = samples.iter().all(|sample| matches!(sample.text, SampleText::Solution(_)));
        assert_eq!(whole, name.contains("codegen"), "{name}");
    }
}
