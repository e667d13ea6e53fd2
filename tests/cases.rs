//! Cases: every program in `tests/cases` and in the shared corpus, on every kind of host that can be had here.
//! Not here: what a program tries (its own header says so), the command line (`main.rs`).
//! In: case files. Out: one trial per program and class of host, and one per class that nothing is left of it.

mod harness;
mod processes;
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod support;

use std::{
    process::ExitCode,
    sync::{Arc, LazyLock},
};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use harness::{BEGUN, Case, Class, Planted, Session, corpus, own_cases};
use support::say;

fn main() -> ExitCode {
    LazyLock::force(&BEGUN);
    let arguments = Arguments::from_args();
    let cases: Vec<Arc<Case>> = own_cases().into_iter().chain(corpus()).map(Arc::new).collect();
    let planted = Arc::new(Planted::plant(&cases));
    let classes: Vec<(Class, Result<Arc<Session>, String>)> =
        Class::ALL.into_iter().map(|class| (class, Session::new(class, &cases, &planted).map(Arc::new))).collect();
    let mut trials = Vec::new();
    // Classes take turns, so that as many of them are at work as there are test threads.
    for case in &cases {
        let sessions = classes.iter().filter_map(|(_, session)| session.as_ref().ok());
        trials.extend(sessions.filter(|session| case.is_for(session.class())).map(|session| trial(session, case)));
    }
    trials.extend(classes.into_iter().map(|(class, session)| match session {
        Ok(session) => last_trial(&session),
        Err(reason) => skipped(class.name().to_owned(), reason),
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(session: &Arc<Session>, case: &Arc<Case>) -> Trial {
    let name = format!("{}::{}", session.class().name(), case.name);
    if let Some(reason) = case.does_not_apply(session.class()) {
        let reason = reason.to_owned();
        return Trial::ignorable_test(name, move || Ok(Completion::ignored_with(reason)));
    }
    if let Some(reason) = &case.not_yet {
        return skipped(name, reason.clone());
    }
    let (session, case) = (Arc::clone(session), Arc::clone(case));
    Trial::test(name, move || session.run(&case).map_err(Failed::from))
}

/// Stands behind all other trials of its class: the conversation ends, and what is left is looked for.
fn last_trial(session: &Arc<Session>) -> Trial {
    let session = Arc::clone(session);
    let name = format!("{}::leaves-nothing", session.class().name());
    Trial::test(name, move || session.finish().map_err(Failed::from))
}

/// What cannot be had here, a class of host or a package: said aloud, and a failure under `TRIALBOX_TESTS_STRICT=1`.
fn skipped(name: String, reason: String) -> Trial {
    if std::env::var_os("TRIALBOX_TESTS_STRICT").is_some_and(|value| value == "1") {
        return Trial::test(name, move || Err(Failed::from(format!("{reason}, and TRIALBOX_TESTS_STRICT=1"))));
    }
    say(&format!("skipped: {name}: {reason}"));
    Trial::ignorable_test(name, move || Ok(Completion::ignored_with(reason)))
}
