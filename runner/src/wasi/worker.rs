//! A worker: one program after the other, each in an instance of its own; or two that talk.
//! Not here: one program from start to end (`run`).

use std::{sync::Arc, time::Instant};

use super::{host::Host, run::Run};
use crate::{
    conversation::{Conversation, Loading, Pause, Relay, Said, Side, load, talk},
    job::Job,
    observer::{Observer, RunError},
    outcome::Outcome,
    replaced::replace,
};

/// One worker. It keeps nothing from program to program.
#[derive(Debug)]
pub(crate) struct Worker(Arc<Host>);

impl Worker {
    pub(crate) fn new(host: Arc<Host>) -> Self {
        Self(host)
    }

    /// Runs one program (`crate::Worker::run`).
    pub(crate) fn run<O: Observer>(
        &mut self,
        job: &Job,
        mut new_observer: impl FnMut() -> O,
    ) -> Result<(Outcome, O), RunError> {
        let mut attempt = || {
            let mut observer = new_observer();
            let outcome = run_to_its_end(&self.0, job, &mut observer)?;
            Ok((outcome, observer))
        };
        attempt().or_else(|error| {
            replace("a guest", &error);
            attempt()
        })
    }

    /// Lets tests ask a program (`crate::Worker::converse`).
    pub(crate) fn converse<R: Relay>(
        &mut self,
        asking: &Job,
        answering: &Job,
        mut new_relay: impl FnMut() -> R,
    ) -> Result<Conversation, RunError> {
        self.attempt_to_converse(asking, answering, &mut new_relay()).or_else(|error| {
            replace("one of two guests", &error);
            self.attempt_to_converse(asking, answering, &mut new_relay())
        })
    }

    fn attempt_to_converse(
        &self,
        asking: &Job,
        answering: &Job,
        relay: &mut dyn Relay,
    ) -> Result<Conversation, RunError> {
        let _slot = self.0.slot();
        let begun = Instant::now();
        let (asked, answered) = (Said::default(), Said::default());
        let (mut hears_tests, mut hears_program) = (&asked, &answered);
        let program = match load(Run::begin(&self.0, answering, begun, &mut hears_program)?, &answered)? {
            Loading::Waits(program) => program,
            Loading::Over(conversation) => return Ok(*conversation),
        };
        let tests = Run::begin(&self.0, asking, begun, &mut hears_tests)?;
        talk(tests, program, &asked, &answered, relay)
    }
}

/// One program, let on whenever it waits.
fn run_to_its_end(host: &Host, job: &Job, observer: &mut dyn Observer) -> Result<Outcome, RunError> {
    let _slot = host.slot();
    let mut run = Run::begin(host, job, Instant::now(), observer)?;
    loop {
        match run.until_it_waits(None)? {
            Pause::Waits => run.go_on(None),
            Pause::Over(end) | Pause::OtherOver(end) => return run.finish(end),
        }
    }
}
