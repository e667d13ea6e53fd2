//! A program's answers on their way out of the reply area.
//! Not here: what they mean (the observer), the layout of a record (`wire`).

use std::iter;

use crate::{
    outcome::Reply,
    wire::{HEADER_BYTES, RECORD_BYTES, Record, ReplyHeader, Shared},
};

/// Reads the answers of one run, each once.
#[derive(Debug)]
pub(crate) struct Replies {
    /// How many more the program may give.
    left: usize,
    /// How much of the reply area has been looked at.
    taken_bytes: usize,
    /// Whether something stood there that no honest program writes. Nothing behind it is looked at: it would be looked at
    /// again every few milliseconds.
    is_broken: bool,
}

impl Replies {
    pub(crate) fn new(most: usize) -> Self {
        Self { left: most, taken_bytes: 0, is_broken: false }
    }

    /// Whatever it has said, it may now say one thing.
    pub(crate) fn expect_one(&mut self) {
        self.left = 1;
    }

    /// What the program has answered since the last look. Each answer is copied when its turn comes.
    pub(crate) fn read<A: Shared + ?Sized>(&mut self, area: &A) -> impl Iterator<Item = Reply> {
        let used = usize::try_from(ReplyHeader::of(area).used).unwrap_or(usize::MAX);
        iter::from_fn(move || {
            if self.left == 0 || self.is_broken || self.taken_bytes >= used {
                return None;
            }
            let reply = self.next_reply(area, used);
            self.is_broken = reply.is_none();
            reply
        })
    }

    /// The record that begins where the last one ended, if a whole one lies there.
    fn next_reply(&mut self, area: &(impl Shared + ?Sized), used: usize) -> Option<Reply> {
        let at = HEADER_BYTES.checked_add(self.taken_bytes)?;
        let Record { kind, payload_bytes, cpu_ns } = Record::read(area.array(at)?)?;
        let whole = RECORD_BYTES.checked_add(payload_bytes)?;
        if whole > used - self.taken_bytes {
            return None;
        }
        let payload = area.copy(at + RECORD_BYTES, payload_bytes);
        if payload.len() < payload_bytes {
            return None;
        }
        self.taken_bytes += whole.next_multiple_of(8);
        self.left -= 1;
        Some(Reply { kind, payload, cpu_ns })
    }

    /// The area was emptied.
    pub(crate) fn begin_anew(&mut self) {
        self.taken_bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::ReplyKind;

    /// An area with these records, which claims to be `used` bytes long.
    fn area(records: &[(u32, &[u8])], used: Option<u64>) -> Vec<u8> {
        let mut area = vec![0; HEADER_BYTES];
        for (kind, payload) in records {
            area.extend(u32::try_from(payload.len()).expect("short").to_le_bytes());
            area.extend(kind.to_le_bytes());
            area.extend([0; 8]);
            area.extend(*payload);
            area.resize(area.len().next_multiple_of(8), 0);
        }
        let used = used.unwrap_or((area.len() - HEADER_BYTES) as u64);
        area[ReplyHeader::USED_AT..ReplyHeader::USED_AT + 8].copy_from_slice(&used.to_le_bytes());
        area
    }

    #[test]
    fn each_answer_is_read_once_and_no_more_than_are_expected() {
        let area = area(&[(1, b"one"), (2, b"two"), (1, b"three")], None);
        let mut replies = Replies::new(2);
        let read: Vec<Reply> = replies.read(&*area).collect();
        assert_eq!(read.iter().map(|reply| reply.payload.as_slice()).collect::<Vec<_>>(), [b"one", b"two"]);
        assert_eq!(read[1].kind, ReplyKind::Raised);
        assert_eq!(replies.read(&*area).next(), None);
    }

    #[test]
    fn an_answer_that_nobody_asked_for_is_there_at_the_next_look() {
        let area = area(&[(1, b"one"), (1, b"two")], None);
        let mut replies = Replies::new(2);
        let mut first_payload = || replies.read(&*area).next().map(|reply| reply.payload);
        assert_eq!(
            [first_payload(), first_payload(), first_payload()],
            [Some(b"one".to_vec()), Some(b"two".to_vec()), None]
        );
    }

    #[test]
    fn nothing_is_read_behind_what_no_honest_program_writes() {
        for lie in [area(&[(77, b"one"), (1, b"two")], None), area(&[(1, b"one")], Some(u64::MAX))] {
            let mut replies = Replies::new(9);
            let first: Vec<Reply> = replies.read(&*lie).collect();
            assert!(first.len() <= 1, "{first:?}");
            assert_eq!(replies.read(&*lie).next(), None);
        }
    }
}
