//! Two programs that talk: trusted tests that ask, and a candidate that answers, each in a sandbox of its own.
//! Not here: what may pass between them (the caller's [`Relay`]), what they say (`driver/conversation`).
//! One of the two runs while the other waits, so they take turns on one worker.

use std::{cell::RefCell, time::Instant};

use super::{
    run::{End, Pause, Run},
    worker::{Next, Observer, RunError, Worker, start},
};
use crate::{
    job::Job,
    outcome::{Outcome, Reply},
};

/// Passes on what is said. Both sides speak in encoded values; what the answering side says is hostile.
pub trait Relay {
    /// What the answering program is asked, made of what the tests said, which may be made of what the program said. A
    /// refusal ends the conversation.
    fn question(&mut self, said: Reply) -> Result<Vec<u8>, Refusal>;
    /// What the tests get to hear, made of what the program said. A refusal ends the conversation.
    fn answer(&mut self, said: Reply) -> Result<Vec<u8>, Refusal>;
}

/// What came of a conversation.
#[derive(Debug)]
pub struct Conversation {
    /// What happened to the tests; `None` where the program was over before they began.
    pub asking: Option<Outcome>,
    /// The last that the tests said, which is their report where they ended by themselves.
    pub report: Option<Reply>,
    /// What happened to the program. [`Stopped`](crate::Ending::Stopped) where the tests were done with it.
    pub answering: Outcome,
    /// What the program said when nobody had asked: why it did not load.
    pub complaint: Option<Reply>,
    /// Why the relay refused to pass something on, if it did.
    pub refusal: Option<Refusal>,
}

/// Why the relay refused to pass something on, by whose fault it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The tests': no program could have made them say something else.
    Tests(String),
    /// The program's.
    Program(String),
}

impl Worker {
    /// Lets tests ([`Task::Ask`](crate::Task::Ask)) ask a program ([`Task::Answer`](crate::Task::Answer)) until either is
    /// over.
    ///
    /// Warm parents that fail are replaced and both jobs run once more; only then it is an error.
    pub fn converse<R: Relay>(
        &mut self,
        asking: &Job,
        answering: &Job,
        mut new_relay: impl FnMut() -> R,
    ) -> Result<Conversation, RunError> {
        self.attempt_to_converse(asking, answering, &mut new_relay()).or_else(|error| {
            tracing::warn!(%error, "replacing two warm interpreters");
            (self.zygote, self.asking) = (None, None);
            let again = self.attempt_to_converse(asking, answering, &mut new_relay());
            again.inspect_err(|_| (self.zygote, self.asking) = (None, None))
        })
    }

    fn attempt_to_converse(
        &mut self,
        asking: &Job,
        answering: &Job,
        relay: &mut dyn Relay,
    ) -> Result<Conversation, RunError> {
        let begun = Instant::now();
        self.warm_up()?;
        if self.asking.is_none() {
            self.asking = Some(start(&self.host.python)?);
        }
        let (zygote, tests) =
            (self.zygote.as_mut().expect("started above"), self.asking.as_mut().expect("started above"));
        let (asked, answered) = (Said::default(), Said::default());
        let (mut hears_tests, mut hears_program) = (&asked, &answered);
        let host = &self.host.python;
        let mut program = Run::begin(host, zygote, &mut self.placed, answering, begun, &mut hears_program)?;
        let mut conversation = match program.until_it_waits(None)? {
            Pause::Over(end) | Pause::OtherOver(end) => {
                let answering = program.finish(end)?;
                Conversation { asking: None, report: None, answering, complaint: None, refusal: None }
            }
            Pause::Waits => {
                let tests = Run::begin(host, tests, &mut None, asking, begun, &mut hears_tests)?;
                talk(tests, program, &asked, &answered, relay)?
            }
        };
        conversation.report = asked.take();
        conversation.complaint = answered.take();
        Ok(conversation)
    }
}

/// The last that a side said.
#[derive(Debug, Default)]
struct Said(RefCell<Option<Reply>>);

impl Said {
    fn take(&self) -> Option<Reply> {
        self.0.borrow_mut().take()
    }
}

impl Observer for &Said {
    fn take(&mut self, replies: Vec<Reply>) -> Next {
        if let Some(last) = replies.into_iter().next_back() {
            *self.0.borrow_mut() = Some(last);
        }
        Next::Continue
    }
}

/// Both in turns, until one is over. The program has loaded and waits for the first question.
fn talk(
    mut tests: Run<'_>,
    mut program: Run<'_>,
    asked: &Said,
    answered: &Said,
    relay: &mut dyn Relay,
) -> Result<Conversation, RunError> {
    let mut refusal = None;
    let mut refused = |why| {
        refusal = Some(why);
        (End::stopped(), End::stopped())
    };
    let mut program_waits = Instant::now();
    let (tests_end, program_end) = loop {
        match tests.until_it_waits(Some(&mut program))? {
            Pause::Waits => {}
            Pause::Over(end) => break (end, End::stopped()),
            Pause::OtherOver(end) => break (End::stopped(), end),
        }
        let tests_wait = Instant::now();
        match asked.take().ok_or_else(|| Refusal::Tests(SILENCE.to_owned())).and_then(|said| relay.question(said)) {
            Ok(question) => program.go_on_with(&question, program_waits.elapsed())?,
            Err(why) => break refused(why),
        }
        if let Pause::Over(end) = program.until_it_waits(None)? {
            break (End::stopped(), end);
        }
        program_waits = Instant::now();
        match answered.take().ok_or_else(|| Refusal::Program(SILENCE.to_owned())).and_then(|said| relay.answer(said)) {
            Ok(answer) => tests.go_on_with(&answer, tests_wait.elapsed())?,
            Err(why) => break refused(why),
        }
    };
    let answering = program.finish(program_end)?;
    let asking = Some(tests.finish(tests_end)?);
    Ok(Conversation { asking, report: None, answering, complaint: None, refusal })
}

/// A side that waits for a word and has said nothing is at fault.
const SILENCE: &str = "nothing was said";
