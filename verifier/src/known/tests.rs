//! Tests of who shares whose verdict, with judgements made up: nothing is run.
//! Not here: forms (`form`), what is kept between runs (`store`).

use super::*;
use crate::{verdict::FirstFailure, verify::no_code};

const FORM: Key = [9; 32];

fn candidate(ticket: u32) -> Candidate<u32> {
    Candidate { ticket, program: Arc::from(&b"pass"[..]), language: Language::Python }
}

fn keys(text: u8) -> Keys {
    Keys { text: [text; 32], form: Some(FORM) }
}

fn judged(verdict: Verdict, said: &str) -> Judged {
    let judgement = Judgement { verdict, ..no_code(said.to_owned()) };
    Judged { judgement, is_near_a_limit: false, near: None }
}

/// One that judges its text, one of the same text and one of the same form that wait for it: who of them gets the verdict,
/// and who needs one of their own.
fn shares(judged: &Judged) -> (Vec<u32>, Vec<u32>) {
    let known = Known::new(None, "tests");
    assert!(matches!(known.begin(keys(1), candidate(1), None), Look::Judge(..)));
    assert!(matches!(known.look_for([1; 32], candidate(2)), Look::Waits), "its text is being judged");
    assert!(matches!(known.begin(keys(2), candidate(3), None), Look::Waits), "its form is being judged");
    let (like, unlike) = known.settle(keys(1), judged);
    let sources = Sources { judged: 0, like_another: like.len() as u64, stored: 0 };
    assert_eq!(known.sources(), sources, "only who shares a verdict counts as like another");
    let tickets = |candidates: Vec<Candidate<u32>>| candidates.into_iter().map(|it| it.ticket).collect();
    (tickets(like), tickets(unlike))
}

#[test]
fn programs_of_one_text_or_form_share_a_verdict() {
    for verdict in [Verdict::Pass, Verdict::WrongAnswer, Verdict::RuntimeError] {
        assert_eq!(shares(&judged(verdict, "ZeroDivisionError")), (vec![2, 3], vec![]), "{verdict:?}");
    }
}

#[test]
fn what_names_lines_or_variables_is_not_shared_with_another_text() {
    assert_eq!(shares(&judged(Verdict::CompileError, "SyntaxError: line 3")), (vec![2], vec![3]));
    assert_eq!(shares(&judged(Verdict::RuntimeError, "NameError: name 'x' is not defined")), (vec![2], vec![3]));
}

#[test]
fn what_came_near_a_limit_is_not_shared_with_another_text() {
    let near = Judged { is_near_a_limit: true, ..judged(Verdict::Pass, "") };
    assert_eq!(shares(&near), (vec![2], vec![3]));
}

#[test]
fn a_fault_of_the_host_is_shared_with_nobody() {
    assert_eq!(shares(&judged(Verdict::InfraError, "fork: out of memory")), (vec![], vec![2, 3]));
}

#[test]
fn a_verdict_is_known_to_who_comes_later() {
    let known = Known::new(None, "tests");
    let failure = FirstFailure { test: Some(1), input: None, expected: None, actual: "7".to_owned() };
    let mut wrong = judged(Verdict::WrongAnswer, "");
    wrong.judgement.first_failure = Some(failure.clone());
    assert!(matches!(known.begin(keys(1), candidate(1), None), Look::Judge(..)));
    known.settle(keys(1), &wrong);
    for look in [known.look_for([1; 32], candidate(2)), known.begin(keys(3), candidate(3), None)] {
        let Look::Known(_, judgement) = look else { panic!("it is judged already") };
        assert_eq!(judgement.first_failure, Some(failure.clone()));
    }
}

#[test]
fn after_a_fault_of_the_host_the_next_one_is_judged_anew() {
    let known = Known::new(None, "tests");
    assert!(matches!(known.begin(keys(1), candidate(1), None), Look::Judge(..)));
    known.settle(keys(1), &judged(Verdict::InfraError, "fork: out of memory"));
    assert!(matches!(known.begin(keys(1), candidate(2), None), Look::Judge(..)));
}

#[test]
fn nobody_waits_for_one_that_failed() {
    let known = Known::new(None, "tests");
    let Look::Judge(_, keys, _) = known.begin(keys(1), candidate(1), None) else { panic!("it is new") };
    let right = Right { known: &known, keys: Some(keys) };
    assert!(matches!(known.begin(keys, candidate(2), None), Look::Waits));
    drop(right);
    assert_eq!(known.sources(), Sources::default(), "who waited was let go");
    assert!(matches!(known.begin(keys, candidate(3), None), Look::Judge(..)));
}

#[test]
fn who_has_settled_lets_go_of_nobody_who_came_later() {
    let known = Known::new(None, "tests");
    let Look::Judge(_, keys, _) = known.begin(keys(1), candidate(1), None) else { panic!("it is new") };
    let right = Right { known: &known, keys: Some(keys) };
    right.settle(&judged(Verdict::InfraError, "fork: out of memory"));
    assert!(matches!(known.begin(keys, candidate(2), None), Look::Judge(..)));
    assert!(matches!(known.begin(keys, candidate(3), None), Look::Waits));
}

#[test]
fn what_was_near_a_limit_is_judged_anew_by_a_run_that_knows_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = |near| Record {
        judgement: judged(Verdict::Pass, "").judgement,
        program: Arc::from(&b"pass"[..]),
        language: Language::Python,
        plan: [3; 32],
        form: None,
        judge: "tests".to_owned(),
        near,
    };
    let store = Store::open(folder.path(), 1 << 20).expect("a store");
    let near = Near { stage: 2, was_too_slow: true };
    store.put([1; 32], record(Some(near)), String::new());
    store.put([2; 32], record(None), String::new());
    store.flush();
    let known = Known::<u32>::new(Some(store), "tests");
    assert!(matches!(known.look_in_store([1; 32], [1; 32]), Some(Stored::Near(found)) if found == near));
    assert_eq!(known.sources().stored, 0);
    assert!(matches!(known.look_in_store([2; 32], [2; 32]), Some(Stored::Verdict(_))));
    assert_eq!(known.sources().stored, 1);
}
