//! Who looks at a program's answers while it runs, and what a run that failed on the host's side says.
//! Not here: how the answers come (`native`, `wasi`).

use std::io;

use crate::outcome::Reply;

/// What to do with a program after a look at its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Let it run on.
    Continue,
    /// End it: what it has answered settles the matter.
    Stop,
}

/// Looks at a program's answers as they come.
pub trait Observer {
    /// Takes the answers since the last call, perhaps none. Each is copied when it is asked for, and they may be large: who
    /// is done with one before asking for the next has one at a time. The word counts while the program runs.
    fn take(&mut self, replies: &mut dyn Iterator<Item = Reply>) -> Next;
}

/// Keeps every answer.
impl Observer for Vec<Reply> {
    fn take(&mut self, replies: &mut dyn Iterator<Item = Reply>) -> Next {
        self.extend(replies);
        Next::Continue
    }
}

/// The host failed; it says nothing about the program.
#[derive(Debug, thiserror::Error)]
#[error("failed to run a program: {what}: {source}")]
pub struct RunError {
    what: &'static str,
    source: io::Error,
}

pub(crate) fn failed<E: Into<io::Error>>(what: &'static str) -> impl Fn(E) -> RunError {
    move |source| RunError { what, source: source.into() }
}
