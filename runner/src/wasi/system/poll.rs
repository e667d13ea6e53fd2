//! Waiting: for a clock, by moving it; for a descriptor, not at all, since all are always ready.
//! Not here: the clock (`clock`).
//! In: a list of subscriptions. Out: a list of events.

use super::{
    BYTE_FUEL, Call, Ended, Memory, System, abi,
    descriptors::What,
    errno::{Answer, Errno},
};

/// More than a guest has descriptors to wait for.
const MOST_SUBSCRIPTIONS: u32 = 4096;
/// What can be written at once, as far as a poll is asked.
const WRITABLE_BYTES: u64 = 65_536;

/// What is waited for.
#[derive(Clone, Copy, Debug)]
struct Subscription {
    userdata: u64,
    kind: u8,
    awaited: Answer<Awaited>,
}

#[derive(Clone, Copy, Debug)]
enum Awaited {
    /// A clock, so far ahead.
    Clock { in_ns: u64 },
    /// A descriptor, at which there is so much.
    Ready { bytes: u64 },
}

impl System {
    pub(super) fn poll_oneoff(
        &mut self,
        memory: &mut Memory<'_>,
        subscriptions: u32,
        events: u32,
        count: u32,
        result: u32,
    ) -> Call {
        if count == 0 || count > MOST_SUBSCRIPTIONS {
            return Err(Errno::Inval.into());
        }
        memory.check(result, 4)?;
        memory.check(events, count * abi::EVENT_BYTES)?;
        self.charge(u64::from(count * abi::SUBSCRIPTION_BYTES) * BYTE_FUEL)?;
        // All are taken before any event is written: the two lists may lie over each other.
        let asked = memory.bytes(subscriptions, count * abi::SUBSCRIPTION_BYTES)?;
        let asked: Vec<Subscription> = asked
            .as_chunks::<{ abi::SUBSCRIPTION_BYTES as usize }>()
            .0
            .iter()
            .map(|bytes| self.subscription(bytes))
            .collect();
        let waits_ns = |it: &Subscription| match it.awaited {
            Ok(Awaited::Clock { in_ns }) => in_ns,
            Ok(Awaited::Ready { .. }) | Err(_) => 0,
        };
        let waited_ns = asked.iter().map(waits_ns).min().unwrap_or(0);
        self.sleep(waited_ns)?;
        let mut happened: u32 = 0;
        for it in asked.iter().filter(|it| waits_ns(it) <= waited_ns) {
            let (errno, bytes) = match it.awaited {
                Ok(Awaited::Clock { .. }) => (0, 0),
                Ok(Awaited::Ready { bytes }) => (0, bytes),
                Err(errno) => (errno as u16, 0),
            };
            memory.put(events + happened * abi::EVENT_BYTES, &abi::event(it.userdata, errno, it.kind, bytes))?;
            happened += 1;
        }
        Ok(memory.put_u32(result, happened)?)
    }

    /// Time goes by in which the guest does nothing.
    fn sleep(&mut self, duration_ns: u64) -> Call {
        self.clock.sleep(duration_ns);
        let idle_ns = self.clock.slept_ns();
        if idle_ns > self.idle_ns { Err(Ended::Idle { idle_ns }.into()) } else { Ok(()) }
    }

    fn subscription(&self, bytes: &[u8; abi::SUBSCRIPTION_BYTES as usize]) -> Subscription {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let long = |at: usize| u64::from(word(at)) | u64::from(word(at + 4)) << 32;
        let kind = bytes[8];
        let awaited = match kind {
            abi::EVENTTYPE_CLOCK => self.awaited_clock(word(16), long(24), u16::from_le_bytes([bytes[40], bytes[41]])),
            abi::EVENTTYPE_FD_READ => self.readable_bytes(word(16)).map(|bytes| Awaited::Ready { bytes }),
            abi::EVENTTYPE_FD_WRITE => self.descriptors.get(word(16)).map(|_| Awaited::Ready { bytes: WRITABLE_BYTES }),
            _ => Err(Errno::Inval),
        };
        Subscription { userdata: long(0), kind, awaited }
    }

    fn awaited_clock(&self, clock: u32, timeout_ns: u64, flags: u16) -> Answer<Awaited> {
        let now_ns = self.clock.peek(clock)?;
        match flags {
            0 => Ok(Awaited::Clock { in_ns: timeout_ns }),
            abi::SUBCLOCKFLAGS_ABSTIME => Ok(Awaited::Clock { in_ns: timeout_ns.saturating_sub(now_ns) }),
            _ => Err(Errno::Inval),
        }
    }

    fn readable_bytes(&self, fd: u32) -> Answer<u64> {
        match self.descriptors.get(fd)?.what {
            What::Stdin => Ok((self.stdin.len() - self.stdin_position) as u64),
            What::File { inode, offset } => Ok(self.files.size(inode)?.saturating_sub(offset)),
            What::Stdout | What::Stderr | What::Null | What::Folder { .. } => Ok(0),
        }
    }
}
