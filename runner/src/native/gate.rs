//! The way by which a program waits for the supervisor's word: one pipe up, one pipe down.
//! Not here: when a program waits and what the word is (`run`).
//! The program holds an end of each and may do to them what it likes: fill them, empty them, change their flags. Each of
//! our ends is an open file of its own that never blocks, so none of that reaches the supervisor, and both pipes are
//! emptied before the next program.

use std::{
    fs::{File, OpenOptions},
    io::{self, PipeReader, PipeWriter, Read, Write},
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
        unix::fs::OpenOptionsExt,
    },
};

use nix::fcntl::{FcntlArg, OFlag, fcntl};

const WORD: [u8; 8] = 1_u64.to_ne_bytes();

/// Both pipes of one worker.
#[derive(Debug)]
pub(crate) struct Gate {
    up: PipeReader,
    down: PipeWriter,
    /// Another way to the lower end of `down`, to take back words that nobody read.
    unread: File,
    their_up: PipeWriter,
    their_down: PipeReader,
}

impl Gate {
    pub(crate) fn new() -> io::Result<Self> {
        let (up, their_up) = io::pipe()?;
        let (their_down, down) = io::pipe()?;
        for ours in [up.as_fd(), down.as_fd()] {
            fcntl(ours, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        let path = format!("/proc/self/fd/{}", their_down.as_raw_fd());
        let unread = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
        Ok(Self { up, down, unread, their_up, their_down })
    }

    /// The ends that the program gets: to ask by, and to be answered by.
    pub(crate) fn theirs(&self) -> [RawFd; 2] {
        [self.their_up.as_raw_fd(), self.their_down.as_raw_fd()]
    }

    /// Readable when the program asks.
    pub(crate) fn asked(&self) -> BorrowedFd<'_> {
        self.up.as_fd()
    }

    /// Takes one question.
    pub(crate) fn take(&mut self) -> io::Result<()> {
        unless_empty(self.up.read(&mut [0; WORD.len()])).map(drop)
    }

    /// Lets the program go on. A pipe that it filled with words it did not read is no concern of ours.
    pub(crate) fn open(&mut self) -> io::Result<()> {
        unless_empty(self.down.write(&WORD)).map(drop)
    }

    /// Takes back whatever a program left in either pipe.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        let mut rest = [0; 4096];
        while unless_empty(self.up.read(&mut rest))? > 0 {}
        while unless_empty(self.unread.read(&mut rest))? > 0 {}
        Ok(())
    }
}

fn unless_empty(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_filled_by_the_program_neither_blocks_nor_stays_full() {
        let mut gate = Gate::new().expect("pipes");
        fcntl(&gate.their_up, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("set");
        while (&gate.their_up).write(&[7; 4096]).is_ok() {}
        for _ in 0..100_000 {
            gate.open().expect("does not block");
        }
        gate.drain().expect("emptied");
        fcntl(&gate.their_down, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("set");
        let nothing = gate.their_down.read(&mut [0; 1]).expect_err("nothing is left");
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
    }
}
