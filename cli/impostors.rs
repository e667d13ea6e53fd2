//! Programs that no problem may accept, for `trialbox datasets check`.
//! Not here: running them (`check`).
//! In: a problem's tests. Out: programs, each with what it does.

use trialbox_datasets::Tests;

/// Where a program stands in for what the tests ask for, under each of its names.
const STAND_INS: [(&str, &str); 4] = [
    (
        "equal to everything",
        "class E:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n    __hash__ = None\n    def __call__(self, *a, **k): return E()\n    def __getattr__(self, name): return E()\ndef NAME(*a, **k): return E()\n",
    ),
    ("leaves with status 0", "import os\ndef NAME(*a, **k): os._exit(0)\n"),
    ("returns a generator", "def NAME(*a, **k): return (x for x in [1])\n"),
    ("raises", "def NAME(*a, **k): raise AssertionError('All tests passed')\n"),
];

/// Whole programs, whatever the tests ask for.
const PROGRAMS: [(&str, &str); 1] = [("leaves at once", "raise SystemExit(0)\n")];

/// Programs that read stdin as the tests write it.
const SCRIPTS: [(&str, &str); 3] = [
    ("says nothing", "import sys\nsys.stdin.read()\n"),
    ("leaves with status 0", "import os\nos._exit(0)\n"),
    ("says what was expected of it", "print('expected output')\nprint('All tests passed')\n"),
];

/// The impostors of a problem.
pub(crate) fn impostors(tests: &Tests) -> Vec<(&'static str, String)> {
    let names = match tests {
        Tests::Function(tests) => vec![tests.entry_point.clone()],
        Tests::Asserts(code) => code.asked_names(),
        Tests::Stdin(_) => Vec::new(),
    };
    let scripts = if matches!(tests, Tests::Stdin(_)) { SCRIPTS.as_slice() } else { &[] };
    let mut all: Vec<(&str, String)> =
        PROGRAMS.iter().chain(scripts).map(|(what, program)| (*what, (*program).to_owned())).collect();
    if !names.is_empty() {
        all.extend(STAND_INS.iter().map(|(what, program)| (*what, under(&names, program))));
    }
    all
}

/// The program under the first name, and the same under the others.
fn under(names: &[String], program: &str) -> String {
    let aliases: String = names[1..].iter().map(|name| format!("{name} = {}\n", names[0])).collect();
    program.replace("NAME", &names[0]) + &aliases
}

#[cfg(test)]
mod tests {
    use trialbox_datasets::{StdinTest, TestCode, TestForm};

    use super::*;

    #[test]
    fn a_stand_in_answers_to_every_name_that_the_tests_ask_for() {
        let source = "assert g(f(1)) == 2".to_owned();
        let code = TestCode { preamble: String::new(), source, form: TestForm::Statements };
        let all = impostors(&Tests::Asserts(code));
        assert_eq!(all.len(), 5);
        let (_, raises) = all.last().expect("five");
        assert_eq!(raises, "def g(*a, **k): raise AssertionError('All tests passed')\nf = g\n");
    }

    #[test]
    fn a_stdin_problem_has_scripts() {
        let test = StdinTest { input: "1".to_owned(), output: "2".to_owned() };
        let all = impostors(&Tests::Stdin(vec![test]));
        assert!(all.len() == 4 && all.iter().all(|(_, program)| !program.contains("NAME")));
    }
}
