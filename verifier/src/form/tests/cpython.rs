//! Tests that CPython makes one code of programs of one form: but for lines, docstrings, and what local variables are called.
//! In: programs made at random, rewritten; a CPython. Out: test results, or why there are none.

use std::{fs, io::Write, process::Command};

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

use super::programs::program;

const COMPARE: &str = include_str!("compare.py");

/// Says why a test is not run; a failure where tests must not be skipped.
fn skip(reason: &str) {
    assert!(std::env::var_os("TRIALBOX_TESTS_STRICT").is_none(), "{reason}");
    // Not eprintln!, which the test harness would swallow.
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}

#[test]
fn cpython_makes_one_code_of_programs_of_one_form() {
    let mut runner = TestRunner::deterministic();
    let folder = tempfile::tempdir().expect("a test may fail here");
    for index in 0..100_u64 {
        let program = program().new_tree(&mut runner).expect("a test may fail here").current();
        let pair = [program.text(), program.rewritten([3, 1, 2, 0], index.wrapping_mul(0x9e37_79b9_7f4a_7c15))];
        assert_eq!(super::of(&pair[0]), super::of(&pair[1]), "{}\n---\n{}", pair[0], pair[1]);
        for (side, text) in pair.iter().enumerate() {
            fs::write(folder.path().join(format!("{index}.{side}")), text).expect("a test may fail here");
        }
    }
    for (index, (one, other)) in super::pairs::EQUAL.iter().enumerate() {
        fs::write(folder.path().join(format!("pair{index}.0")), one).expect("a test may fail here");
        fs::write(folder.path().join(format!("pair{index}.1")), other).expect("a test may fail here");
    }
    #[expect(clippy::disallowed_methods, reason = "a test may ask the interpreter itself")]
    let command = Command::new("python3").args(["-c", COMPARE]).arg(folder.path()).output();
    match command {
        Err(why) => skip(&format!("there is no python3: {why}")),
        Ok(output) if output.status.code() == Some(3) => skip("python3 is older than 3.11"),
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
    }
}
