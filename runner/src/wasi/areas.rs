//! The two areas in a guest's memory: where its job lies, and where its answers come.
//! Not here: the layouts (`wire`).
//! In: a job, a guest's memory, which is hostile. Out: what is written there; nothing outside the two areas is touched.

use wasmtime::format_err;

use crate::{
    job::{Job, Task},
    wire::{ChildLimits, HEADER_BYTES, Layout, ReplyHeader, job_header},
};

/// Where the areas lie.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Areas {
    start: usize,
    job_bytes: usize,
    reply_bytes: usize,
    /// Where a side of a conversation finds what the other said, from the start of the job area.
    said_at: usize,
}

/// A job as a guest reads it, but for what is said later.
#[derive(Debug)]
pub(crate) struct Placing {
    bytes: Vec<u8>,
    /// How much room is left behind it for what the other side of a conversation says.
    said_bytes: usize,
    reply_bytes: usize,
}

/// The child limits belong to kernels.
const NO_LIMITS: ChildLimits =
    ChildLimits { cpu_seconds: 0, open_files: 0, stack_bytes: 0, processes: 0, address_space_bytes: 0 };

impl Placing {
    pub(crate) fn new(job: &Job) -> Self {
        let mut layout = Layout::default();
        let mut bytes = vec![0; HEADER_BYTES];
        let align = |bytes: &mut Vec<u8>| bytes.resize(bytes.len().next_multiple_of(8), 0);
        if let Task::Calls(calls) = &job.task {
            let spans = &calls.inputs.spans[calls.range.clone()];
            let first = spans.first().map_or(0, |span| span.start);
            let last = spans.last().map_or(0, |span| span.end);
            bytes.extend_from_slice(&calls.inputs.bytes[first..last]);
            align(&mut bytes);
            layout.index = bytes.len();
            for span in spans {
                bytes.extend(((HEADER_BYTES + span.start - first) as u64).to_le_bytes());
                bytes.extend((span.len() as u64).to_le_bytes());
            }
            layout.entry = bytes.len();
            bytes.extend_from_slice(calls.entry_point.as_bytes());
            bytes.push(0);
            align(&mut bytes);
        }
        layout.source = (bytes.len(), job.program.len());
        bytes.extend_from_slice(&job.program);
        align(&mut bytes);
        let converses = matches!(job.task, Task::Answer | Task::Ask);
        let reply_bytes = usize::try_from(job.limits.reply_bytes).unwrap_or(usize::MAX);
        if converses {
            layout.index = bytes.len();
        }
        let header = job_header(job, &layout, &NO_LIMITS);
        bytes[..header.len()].copy_from_slice(&header);
        // Whatever the other side could say fits: it went through an area of that size.
        Self { bytes, said_bytes: if converses { reply_bytes } else { 0 }, reply_bytes }
    }

    /// How large the two areas must be.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        ((self.bytes.len() + self.said_bytes).next_multiple_of(HEADER_BYTES), self.reply_bytes)
    }

    /// Writes the job to the areas that a guest made at `start`.
    pub(crate) fn write(&self, memory: &mut [u8], start: u32) -> wasmtime::Result<Areas> {
        let (job_bytes, reply_bytes) = self.sizes();
        let start = start as usize;
        let areas = Areas { start, job_bytes, reply_bytes, said_at: self.bytes.len() };
        if start == 0 || areas.end().is_none_or(|end| end > memory.len()) {
            return Err(format_err!("the guest made no room for its job"));
        }
        memory[start..start + self.bytes.len()].copy_from_slice(&self.bytes);
        Ok(areas)
    }
}

impl Areas {
    fn end(&self) -> Option<usize> {
        self.start.checked_add(self.job_bytes)?.checked_add(self.reply_bytes)
    }

    /// The reply area; `None` before there is one.
    pub(crate) fn replies<'a>(&self, memory: &'a [u8]) -> Option<&'a [u8]> {
        let start = self.start.checked_add(self.job_bytes)?;
        memory.get(start..self.end()?).filter(|area| area.len() >= HEADER_BYTES)
    }

    /// Takes all answers out.
    pub(crate) fn empty_replies(&self, memory: &mut [u8]) -> wasmtime::Result<()> {
        let at = self.start + self.job_bytes + ReplyHeader::USED_AT;
        let used = memory.get_mut(at..at + 8).ok_or_else(|| format_err!("no reply area"))?;
        used.fill(0);
        Ok(())
    }

    /// Puts what the other side said where this side of a conversation looks for it.
    pub(crate) fn hand_over(&self, memory: &mut [u8], said: &[u8]) -> wasmtime::Result<()> {
        let whole = said.len().checked_add(8).filter(|whole| *whole <= self.job_bytes.saturating_sub(self.said_at));
        let whole = whole.ok_or_else(|| format_err!("what was said does not fit"))?;
        let at = self.start + self.said_at;
        let place = memory.get_mut(at..at + whole).ok_or_else(|| format_err!("no job area"))?;
        place[..8].copy_from_slice(&(said.len() as u64).to_le_bytes());
        place[8..].copy_from_slice(said);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::job::{Calls, Driver, Inputs, Limits};

    fn calls(inputs: &[&[u8]], range: std::ops::Range<usize>) -> Job {
        let calls = Calls {
            entry_point: "f".to_owned(),
            inputs: Arc::new(Inputs::new(inputs.iter().map(|input| input.to_vec()))),
            range,
            gates: Vec::new(),
            exact_cpu: false,
            driver: Driver::Module,
        };
        let limits = Limits { reply_bytes: 1 << 16, ..Limits::default() };
        Job { program: Arc::from(&b"def f(): pass"[..]), task: Task::Calls(calls), limits }
    }

    fn long(bytes: &[u8], at: usize) -> usize {
        usize::try_from(u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight"))).expect("small")
    }

    #[test]
    fn only_the_inputs_of_the_range_are_placed_and_found() {
        let placing = Placing::new(&calls(&[b"zero", b"one", b"second", b"three"], 1..3));
        let index = long(&placing.bytes, 56);
        let found: Vec<&[u8]> = (0..2)
            .map(|i| {
                let (at, length) = (long(&placing.bytes, index + i * 16), long(&placing.bytes, index + i * 16 + 8));
                &placing.bytes[at..at + length]
            })
            .collect();
        assert_eq!(found, [&b"one"[..], b"second"]);
        assert!(!placing.bytes.windows(4).any(|window| window == b"zero"));
    }

    #[test]
    fn a_guest_that_makes_no_room_gets_no_job() {
        let placing = Placing::new(&calls(&[b"zero"], 0..1));
        let (job, reply) = placing.sizes();
        let mut memory = vec![0; job + reply + 100];
        for start in [0, 101, u32::MAX] {
            placing.write(&mut memory, start).expect_err("no room");
        }
        placing.write(&mut memory, 100).expect("room");
    }

    #[test]
    fn what_is_said_must_fit() {
        let job = Job { task: Task::Answer, ..calls(&[], 0..0) };
        let placing = Placing::new(&job);
        let (job_bytes, reply_bytes) = placing.sizes();
        let mut memory = vec![0; job_bytes + reply_bytes + 8];
        let areas = placing.write(&mut memory, 8).expect("room");
        areas.hand_over(&mut memory, &vec![1; reply_bytes - 4096]).expect("fits");
        areas.hand_over(&mut memory, &vec![1; job_bytes]).expect_err("does not fit");
        assert_eq!(areas.replies(&memory).map(<[u8]>::len), Some(reply_bytes));
    }
}
