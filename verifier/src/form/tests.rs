//! Tests that programs of one form do the same, and that those which do not differ in form.
//! In: pairs of programs, and programs made at random. Out: test results.

mod cpython;
mod pairs;
mod programs;

use proptest::prelude::*;

use super::*;
use programs::{Program, program};

/// The Python that the pairs are written for.
const MINOR: u8 = 11;

fn of(source: &str) -> Result<[u8; 32], Reason> {
    form_or_reason(source.as_bytes(), MINOR)
}

#[test]
fn programs_that_do_the_same_have_one_form() {
    for (one, other) in pairs::EQUAL {
        let form = of(one).unwrap_or_else(|reason| panic!("{reason}: {one}"));
        assert_eq!(Ok(form), of(other), "{one}\n---\n{other}");
    }
}

#[test]
fn programs_that_may_differ_have_two_forms() {
    for (one, other) in pairs::DIFFERENT {
        let (one_form, other_form) = (of(one), of(other));
        assert!(one_form.is_ok() && other_form.is_ok(), "{one_form:?} {other_form:?}:\n{one}\n---\n{other}");
        assert_ne!(one_form, other_form, "{one}\n---\n{other}");
    }
}

#[test]
fn programs_that_may_see_their_source_have_no_form() {
    for source in pairs::SEEING {
        assert!(of(source).is_err(), "{source}");
    }
}

#[test]
fn names_count_where_the_program_may_see_them() {
    for (one, other) in pairs::NAMES_COUNT {
        let (one_form, other_form) = (of(one), of(other));
        assert!(one_form.is_ok() && other_form.is_ok(), "{one_form:?} {other_form:?}: {one}");
        assert_ne!(one_form, other_form, "{one}\n---\n{other}");
    }
}

#[test]
fn whatever_is_no_utf_8_or_long_or_deep_has_no_form() {
    assert_eq!(form(b"x = '\xff'", MINOR), None);
    assert_eq!(form(&b"x = 1\n".repeat(20_000), MINOR), None);
    let nested = |count| format!("x = {}1{}\n", "(".repeat(count), ")".repeat(count));
    assert!(of(&nested(10)).is_ok() && of(&nested(100)).is_err());
    assert_eq!(of(&nested(10)), of("x = 1"));
}

#[test]
fn what_a_version_does_not_know_has_no_form_in_it() {
    let quotes = b"d = {'a': 1}\nx = f'{d['a']}'\n";
    assert!(form(quotes, 11).is_none() && form(quotes, 12).is_some());
}

proptest! {
    #[test]
    fn rewriting_a_program_keeps_its_form(program in program(), names in any::<[u8; 4]>(), noise in any::<u64>()) {
        let (plain, rewritten) = (program.text(), program.rewritten(names, noise));
        let form = of(&plain);
        prop_assert!(form.is_ok(), "{form:?}: {plain}");
        prop_assert_eq!(form, of(&rewritten), "{}\n---\n{}", plain, rewritten);
    }

    #[test]
    fn changing_a_token_changes_the_form(program in program(), at in any::<prop::sample::Index>()) {
        let plain = program.text();
        let changes = Program::changes(&plain);
        let changed = &changes[at.index(changes.len())];
        prop_assert_ne!(of(&plain), of(changed), "{}\n---\n{}", plain, changed);
    }

    #[test]
    fn no_text_makes_it_panic(source in "[a-c0-1(){}\\[\\]:=,.*'\"\\\\#@ \nlambdefiory]{0,80}") {
        let _ = of(&source);
    }
}
