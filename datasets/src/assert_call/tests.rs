//! Tests of `assert_call`: what is reduced, and what is refused with which words.
//! Not here: several asserts of one problem (`reduced_asserts`).

use super::*;

fn reduced(line: &str) -> AssertCall {
    reduce_assert(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn refused(line: &str) -> String {
    reduce_assert(line).expect_err(line).to_string()
}

#[test]
fn a_call_equal_to_a_value_is_reduced_from_either_side() {
    let expected = AssertCall {
        entry_point: "f".into(),
        args: vec![Value::from(-1), Value::List(vec![])],
        expected: Value::Set(vec![Value::from(2)]),
        identical: false,
    };
    for line in [
        "assert f(-1, []) == {2}",
        "assert {2} == f(-1, [])",
        "assert (f(-1, [])) == set([2]), 'message'",
        "  assert set([2]) == f(-1, [])",
        "assert f(-1, list()) == {2}  # comment",
    ] {
        assert_eq!(reduced(line), expected, "{line}");
    }
}

#[test]
fn identity_is_accepted_with_the_three_constants_and_told_apart() {
    for constant in ["True", "False", "None"] {
        assert!(reduced(&format!("assert f() is {constant}")).identical);
    }
    assert!(refused("assert f() is 1").contains("`is`"));
    assert!(!reduced("assert f() == True").identical);
}

#[test]
fn other_conditions_are_refused_by_kind() {
    for (line, words) in [
        ("assert f(1)", "a test of truth: f(1)"),
        ("assert not f(1)", "no comparison: not f(1)"),
        ("assert f(1) != 2", "`!=`"),
        ("assert f(1) in [2]", "`in`"),
        ("assert f(1) is not None", "`is not`"),
        ("assert 1 < f(1) < 3", "a chain of comparisons"),
        ("assert (f(1) == 2, 'message')", "a tuple, which is always true"),
        ("assert f(1) == 2 and f(2) == 3", "no comparison"),
        ("assert 1 == 1", "no call in 1 == 1"),
        ("assert float('1') == 1", "no call in"),
        ("assert a.f(1) == 2", "a call of a.f"),
        ("f(1) == 2", "expected one assert statement, found f(1) == 2"),
        ("assert f(1) == 2; assert f(2) == 3", "expected one assert statement"),
        ("", "expected one assert statement, found nothing"),
        ("assert f(1 == 2", "not a Python expression"),
    ] {
        assert!(refused(line).contains(words), "{line}: {}", refused(line));
    }
}

#[test]
fn other_arguments_and_values_are_refused_by_name() {
    for (line, words) in [
        ("assert f(a=1) == 2", "expected positional arguments only, found a=1"),
        ("assert f(*[1]) == 2", "expected positional arguments only, found *[1]"),
        ("assert f(x) == 2", "found a name: x"),
        ("assert f(1) == g(1)", "found a call: g(1)"),
        ("assert set(f(1)) == {1}", "no call in set(f(1)) == {1}"),
        ("assert len(f(1)) == 1", "found a call: f(1)"),
        ("assert f(1)[0] == 1", "no call in f(1)[0] == 1"),
    ] {
        assert!(refused(line).contains(words), "{line}: {}", refused(line));
    }
}

#[test]
fn imports_are_told_from_other_lines() {
    assert!(is_import("import math") && is_import("from math import *  # all"));
    assert!(!is_import("import math; x = 1") && !is_import("") && !is_import("assert f(1) == 2"));
}

#[test]
fn deep_lines_are_refused_before_they_are_parsed() {
    assert!(refused(&format!("assert f({}1", "-".repeat(100_000))).contains("200 levels"));
    assert!(!is_import(&"if 1:\n ".repeat(1000)));
}
