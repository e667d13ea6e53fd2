//! A program's answers on their way from the shared area to their observer.
//! Not here: reading them (`replies`), what they mean (the observer).

use std::io;

use super::zygote::Zygote;
use crate::{
    observer::{Next, Observer},
    replies::Replies,
    wire::ReplyHeader,
};

/// The answers of one run.
pub(crate) struct Answers<'a> {
    replies: Replies,
    observer: &'a mut dyn Observer,
}

impl<'a> Answers<'a> {
    pub(crate) fn new(most: usize, observer: &'a mut dyn Observer) -> Self {
        Self { replies: Replies::new(most), observer }
    }

    /// Whatever it has said, it may now say one thing.
    pub(crate) fn expect_one(&mut self) {
        self.replies.expect_one();
    }

    /// Hands on what the program has answered since the last look.
    pub(crate) fn look(&mut self, zygote: &Zygote) -> Next {
        self.observer.take(&mut self.replies.read(&zygote.reply))
    }

    /// Looks at what is new, then empties the area: only while the program waits at a gate, or has ended.
    pub(crate) fn take(&mut self, zygote: &mut Zygote) -> io::Result<Next> {
        let next = self.look(zygote);
        zygote.reply.write(ReplyHeader::USED_AT, &[0; 8])?;
        self.replies.begin_anew();
        Ok(next)
    }
}
