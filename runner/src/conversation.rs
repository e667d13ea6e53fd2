//! Two programs that talk: trusted tests that ask, and a candidate that answers, each in a sandbox of its own.
//! Not here: what may pass between them (the caller's [`Relay`]), what they say (`driver/conversation`), the sandboxes
//! (`native`, `wasi`).
//! One of the two runs while the other waits, so they take turns on one worker.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use crate::{
    observer::{Next, Observer, RunError},
    outcome::{Ending, Outcome, Reply},
};

/// A program that runs until it waits for a word.
pub(crate) trait Side: Sized {
    /// Watches it until it waits for a word, ends, or is to be ended; holds it to its limits meanwhile. So it does with one
    /// `beside` it, which waits meanwhile.
    fn until_it_waits(&mut self, beside: Option<&mut Self>) -> Result<Pause, RunError>;
    /// Lets it go on with what the other side said, to say one thing more. The time that it waited does not count.
    fn go_on_with(&mut self, said: &[u8], waited: Duration) -> Result<(), RunError>;
    /// Takes what is left of it.
    fn finish(self, end: End) -> Result<Outcome, RunError>;
}

/// Where a program stands when its supervisor gets the word.
#[derive(Debug)]
pub(crate) enum Pause {
    /// It waits for a word; its answers so far were handed on.
    Waits,
    /// It is over, or shall be.
    Over(End),
    /// The one beside it shall be over.
    OtherOver(End),
}

/// How the watch over a program ended.
#[derive(Debug)]
pub(crate) struct End {
    /// What trialbox puts an end to; `None` for a program that ended by itself.
    pub(crate) by_us: Option<Ending>,
    pub(crate) idle_ns: u64,
}

impl End {
    /// It has done its part.
    pub(crate) fn stopped() -> Self {
        Self::by_us(Ending::Stopped)
    }

    /// trialbox puts an end to it.
    pub(crate) fn by_us(ending: Ending) -> Self {
        Self { by_us: Some(ending), idle_ns: 0 }
    }
}

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

/// What came of loading a program that shall answer.
pub(crate) enum Loading<S> {
    /// It waits for the first question.
    Waits(S),
    /// It was over before it could be asked.
    Over(Box<Conversation>),
}

/// Lets a program load. It is observed by `answered`.
pub(crate) fn load<S: Side>(mut program: S, answered: &Said) -> Result<Loading<S>, RunError> {
    match program.until_it_waits(None)? {
        Pause::Waits => Ok(Loading::Waits(program)),
        Pause::Over(end) | Pause::OtherOver(end) => {
            let answering = program.finish(end)?;
            let complaint = answered.take();
            let over = Conversation { asking: None, report: None, answering, complaint, refusal: None };
            Ok(Loading::Over(Box::new(over)))
        }
    }
}

/// The last that a side said.
#[derive(Debug, Default)]
pub(crate) struct Said(RefCell<Option<Reply>>);

impl Said {
    fn take(&self) -> Option<Reply> {
        self.0.borrow_mut().take()
    }
}

impl Observer for &Said {
    fn take(&mut self, replies: &mut dyn Iterator<Item = Reply>) -> Next {
        if let Some(last) = replies.last() {
            *self.0.borrow_mut() = Some(last);
        }
        Next::Continue
    }
}

/// Lets tests ask a program that has loaded, until either is over. The tests are observed by `asked`.
pub(crate) fn talk<S: Side>(
    mut tests: S,
    mut program: S,
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
    Ok(Conversation { asking, report: asked.take(), answering, complaint: answered.take(), refusal })
}

/// A side that waits for a word and has said nothing is at fault.
const SILENCE: &str = "nothing was said";
