//! A program's answers on their way from the shared area to their observer.
//! Not here: what they mean (the observer), the layout of a record (`wire`).

use std::io;

use super::{
    wire::{HEADER_BYTES, RECORD_BYTES, Record, ReplyHeader},
    worker::{Next, Observer},
    zygote::Zygote,
};
use crate::outcome::Reply;

/// The answers of one run.
pub(crate) struct Answers<'a> {
    /// How many more the program may give.
    left: usize,
    /// How much of the reply area has been looked at.
    taken_bytes: usize,
    /// Whether something stood there that no honest program writes. Nothing behind it is looked at: it would be looked at
    /// again every few milliseconds.
    pub(crate) is_broken: bool,
    observer: &'a mut dyn Observer,
}

impl<'a> Answers<'a> {
    pub(crate) fn new(most: usize, observer: &'a mut dyn Observer) -> Self {
        Self { left: most, taken_bytes: 0, is_broken: false, observer }
    }

    /// Whatever it has said, it may now say one thing.
    pub(crate) fn expect_one(&mut self) {
        self.left = 1;
    }

    /// Copies what the program has answered since the last look, and only then looks at it.
    pub(crate) fn look(&mut self, zygote: &Zygote) -> Next {
        let used = usize::try_from(ReplyHeader::of(&zygote.reply).used).unwrap_or(usize::MAX);
        let mut replies = Vec::new();
        while self.left > 0 && !self.is_broken && self.taken_bytes < used {
            match self.next_reply(zygote, used) {
                Some(reply) => replies.push(reply),
                None => self.is_broken = true,
            }
        }
        self.observer.take(replies)
    }

    /// The record that begins where the last one ended, if a whole one lies there.
    fn next_reply(&mut self, zygote: &Zygote, used: usize) -> Option<Reply> {
        let at = HEADER_BYTES.checked_add(self.taken_bytes)?;
        let Record { kind, payload_bytes, cpu_ns } = Record::read(zygote.reply.array(at)?)?;
        let whole = RECORD_BYTES.checked_add(payload_bytes)?;
        if whole > used - self.taken_bytes {
            return None;
        }
        let payload = zygote.reply.copy(at + RECORD_BYTES, payload_bytes);
        if payload.len() < payload_bytes {
            return None;
        }
        self.taken_bytes += whole.next_multiple_of(8);
        self.left -= 1;
        Some(Reply { kind, payload, cpu_ns })
    }

    /// Looks at what is new, then empties the area: only while the program waits at a gate, or has ended.
    pub(crate) fn take(&mut self, zygote: &mut Zygote) -> io::Result<Next> {
        let next = self.look(zygote);
        zygote.reply.write(ReplyHeader::USED_AT, &[0; 8])?;
        self.taken_bytes = 0;
        Ok(next)
    }
}
