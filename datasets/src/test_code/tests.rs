//! Tests of `test_code`: what counts as a test in each form, and what is asked of the program.
//! Not here: the test code of published datasets (`tests/shared_files`).

use proptest::prelude::*;

use super::*;

fn code(source: &str, form: TestForm) -> TestCode {
    TestCode { preamble: String::new(), source: source.to_owned(), form }
}

fn check(candidate: &str) -> TestForm {
    TestForm::Check { candidate: candidate.to_owned() }
}

fn refused(source: &str, form: TestForm) -> String {
    code(source, form).count().expect_err(source).to_string()
}

#[test]
fn statements_count_by_their_asserts_at_top_level_and_once_where_all_stand_deeper() {
    assert_eq!(code("root = Node(1)\nassert f(root)\nassert not f(None)", TestForm::Statements).count(), Ok(2));
    assert_eq!(code("for x in 1, 2:\n    assert f(x)\n    assert x", TestForm::Statements).count(), Ok(1));
    assert_eq!(code("if f(1) != 2:\r\n    raise ValueError\r\n", TestForm::Statements).count(), Ok(1));
    assert_eq!(refused("x = f(1)", TestForm::Statements), "the test code holds no test: expected an assert");
    assert!(refused("", TestForm::Statements).contains("no test"));
}

#[test]
fn a_check_counts_once_and_must_be_callable_with_the_candidate_and_able_to_fail() {
    let good = "def inner(x):\n    assert x\ndef check(candidate):\n    inner(candidate(1))";
    assert_eq!(code(good, check("Solution().f")).count(), Ok(1));
    assert_eq!(code("def check(c, more=1):\n    assert c()", check("f")).count(), Ok(1));
    for source in ["assert f(1)", "def check():\n    assert 1", "def check(a, b):\n    assert 1", "x = 1"] {
        let error = refused(source, check("f"));
        assert_eq!(error, "the test code holds no test: expected a function check(candidate)", "{source}");
    }
    assert_eq!(
        refused("def check(candidate):\n    pass", check("f")),
        "the test code holds no test: expected an assert"
    );
    assert!(refused(good, check("Solution(.f")).starts_with("the candidate is not Python: "));
    assert!(refused(good, check("")).starts_with("the candidate is not Python: "));
}

#[test]
fn pytest_counts_functions_and_methods_of_test_classes_each_once() {
    let source = "import pytest\ndef helper(): pass\ndef test_a(): pass\ndef test_a(): pass\n\
                  class TestB:\n    def setup(self): pass\n    def test_c(self): pass\n\
                  class Other:\n    def test_d(self): pass\n";
    assert_eq!(code(source, TestForm::Pytest).count(), Ok(2));
    assert_eq!(
        refused("def check(c): assert 1", TestForm::Pytest),
        "the test code holds no test: expected a function test_*"
    );
}

#[test]
fn code_that_is_not_python_or_too_deep_is_told_by_its_part() {
    assert!(refused("assert f(1) ==", TestForm::Statements).starts_with("the test code is not Python: "));
    assert!(refused(&format!("assert {}1", "-".repeat(100_000)), TestForm::Statements).contains("200 levels"));
    let bad = TestCode::new("import".to_owned(), "assert f()".to_owned(), TestForm::Statements);
    assert!(bad.expect_err("no import").to_string().starts_with("the preamble is not Python: "));
}

#[test]
fn the_names_asked_of_the_program_are_those_that_nobody_else_defines() {
    let pytest = "import pytest\nfrom solution import Stack as S\nimport solution\nfrom typing import List\n\
                  @pytest.fixture\ndef stack():\n    return S()\n\
                  def test_a(stack):\n    try:\n        push(stack, len([1]))\n    except ValueError as error:\n        error\n\
                  \n    assert solution.pop(stack) == [x for x in range(3)] and __name__ and __file__";
    assert_eq!(code(pytest, TestForm::Pytest).asked_names(), ["Stack", "pop", "push"]);
    assert_eq!(
        code("def check(candidate):\n    assert candidate(other)", check("Solution().f")).asked_names(),
        ["Solution", "other"]
    );
    let preamble = "class Node: pass\nfrom math import inf".to_owned();
    let with = TestCode { preamble, ..code("assert f(Node(), inf) == g", TestForm::Statements) };
    assert_eq!(with.asked_names(), ["f", "g"]);
    assert!(code("assert f(", TestForm::Statements).asked_names().is_empty());
}

proptest! {
    #[test]
    fn any_text_is_counted_or_refused(source in "[a-z_()\\[\\]:=. \n\t'\"\\\\,#@-]{0,200}") {
        for form in [TestForm::Statements, check(&source), TestForm::Pytest] {
            let code = code(&source, form);
            if let Ok(count) = code.count() {
                prop_assert!(count > 0);
            }
            code.asked_names();
        }
    }
}
