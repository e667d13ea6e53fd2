//! The layouts of the two areas that a supervisor shares with a sandbox: the same as in `driver/layout.h`.
//! Not here: the memory itself (`native::area`, `wasi::areas`).
//! Whatever is read from the reply area was written by hostile code: every number is checked against what is there.

use crate::{
    job::{Driver, Job, Limits, Prelude, Task},
    outcome::{Phase, Progress, ReplyKind},
};

/// Size of the header page of either area.
pub(crate) const HEADER_BYTES: usize = 4096;
/// Virtual size of the job area in both processes.
pub(crate) const JOB_MAP_BYTES: usize = 1 << 30;
/// Virtual size of the reply area in both processes.
pub(crate) const REPLY_MAP_BYTES: usize = 1 << 28;

/// Memory that a sandbox may write meanwhile: only copies leave it.
pub(crate) trait Shared {
    /// A few bytes at an offset; `None` where there are not so many.
    fn array<const N: usize>(&self, offset: usize) -> Option<[u8; N]>;
    /// What lies at an offset, as much of it as exists.
    fn copy(&self, offset: usize, length: usize) -> Vec<u8>;
}

impl Shared for [u8] {
    fn array<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        self.get(offset..offset.checked_add(N)?)?.try_into().ok()
    }

    fn copy(&self, offset: usize, length: usize) -> Vec<u8> {
        let start = offset.min(self.len());
        self[start..start + length.min(self.len() - start)].to_vec()
    }
}

const MODE_CALLS: u32 = 1;
const MODE_SCRIPT: u32 = 2;
const MODE_SELF_TEST: u32 = 3;
const MODE_ANSWER: u32 = 4;
const MODE_ASK: u32 = 5;
const MODE_EXECUTE: u32 = 6;
const MODE_TOOL: u32 = 7;
/// As in `native/zygote/parent.h`.
const MODE_SHELL: u32 = 8;
const FLAG_LIVECODEBENCH: u32 = 1;
const FLAG_STAMP_EVERY_INPUT: u32 = 2;
const FLAG_FRESH_SOLUTION: u32 = 4;
const FLAG_LCB_RUNNER: u32 = 8;
const FLAG_LCB_STDIN: u32 = 16;
/// As in `native/zygote/parent.h`: only warm parents have a place for it.
const FLAG_STDERR: u32 = 32;
const GATES: usize = 4;
/// Size of the head of a record.
pub(crate) const RECORD_BYTES: usize = 16;

/// Where the parts of a job lie in the job area.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) source: (usize, usize),
    pub(crate) entry: usize,
    pub(crate) index: usize,
}

/// Limits that the child sets for itself before the program begins; the supervisor watches the rest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChildLimits {
    pub(crate) cpu_seconds: u64,
    pub(crate) open_files: u64,
    pub(crate) stack_bytes: u64,
    pub(crate) processes: u64,
    pub(crate) address_space_bytes: u64,
}

/// The job header, as the child reads it.
pub(crate) fn job_header(job: &Job, layout: &Layout, child: &ChildLimits) -> Vec<u8> {
    let (mode, flags, count, gates) = match &job.task {
        Task::Calls(calls) => {
            let exact = if calls.exact_cpu { FLAG_STAMP_EVERY_INPUT } else { 0 };
            (MODE_CALLS, driver_flags(calls.driver) | exact, calls.range.len(), calls.gates.as_slice())
        }
        Task::Script { prelude, .. } => (MODE_SCRIPT, prelude_flag(*prelude), 0, [].as_slice()),
        Task::Answer => (MODE_ANSWER, 0, 0, [].as_slice()),
        Task::Ask => (MODE_ASK, 0, 0, [].as_slice()),
        Task::Execute { .. } => (MODE_EXECUTE, 0, 0, [].as_slice()),
        Task::Shell { .. } => (MODE_SHELL, 0, 0, [].as_slice()),
        Task::Tool(_) => (MODE_TOOL, 0, 0, [].as_slice()),
    };
    let stderr = if job.task.keeps_stderr() { FLAG_STDERR } else { 0 };
    header([mode, flags | stderr, as_u32(count)], gates, layout, &job.limits, child)
}

/// The header of a child that tries what is forbidden: the source is two paths, the entry point a process number.
pub(crate) fn self_test_header(layout: &Layout, limits: &Limits, child: &ChildLimits) -> Vec<u8> {
    header([MODE_SELF_TEST, 0, 0], &[], layout, limits, child)
}

fn header(words: [u32; 3], gates: &[u32], layout: &Layout, limits: &Limits, child: &ChildLimits) -> Vec<u8> {
    let gates = &gates[..gates.len().min(GATES)];
    let mut header = Vec::with_capacity(128);
    let mut words = [words.as_slice(), &[as_u32(gates.len())]].concat();
    words.extend((0..GATES).map(|i| gates.get(i).copied().unwrap_or(0)));
    words.iter().for_each(|word| header.extend_from_slice(&word.to_le_bytes()));
    let longs = [
        layout.source.0 as u64,
        layout.source.1 as u64,
        layout.entry as u64,
        layout.index as u64,
        limits.reply_bytes.min(REPLY_MAP_BYTES as u64),
        child.cpu_seconds,
        limits.output_bytes,
        child.open_files,
        child.stack_bytes,
        child.processes,
        child.address_space_bytes,
    ];
    longs.iter().for_each(|long| header.extend_from_slice(&long.to_le_bytes()));
    header
}

fn prelude_flag(prelude: Prelude) -> u32 {
    match prelude {
        Prelude::None => 0,
        Prelude::LiveCodeBench => FLAG_LIVECODEBENCH,
    }
}

fn driver_flags(driver: Driver) -> u32 {
    match driver {
        Driver::Module => 0,
        Driver::FreshSolution => FLAG_LIVECODEBENCH | FLAG_FRESH_SOLUTION,
        Driver::LcbRunnerFunction => FLAG_LCB_RUNNER,
        Driver::LcbRunnerStdin => FLAG_LCB_RUNNER | FLAG_LCB_STDIN,
    }
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The reply area's header, as the child claims it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReplyHeader {
    pub(crate) phase: u32,
    pub(crate) started: u32,
    pub(crate) used: u64,
    pub(crate) cpu_stamp_ns: u64,
    pub(crate) load_cpu_ns: u64,
}

impl ReplyHeader {
    /// Where `used` stands.
    pub(crate) const USED_AT: usize = 8;
    /// How many bytes the child wrote to the header.
    pub(crate) const BYTES: usize = 32;

    pub(crate) fn of(area: &(impl Shared + ?Sized)) -> Self {
        let bytes: [u8; Self::BYTES] = area.array(0).expect("the header page exists");
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let long = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        Self { phase: word(0), started: word(4), used: long(8), cpu_stamp_ns: long(16), load_cpu_ns: long(24) }
    }

    pub(crate) fn progress(&self) -> Progress {
        let phase = match self.phase {
            0 => Phase::Forked,
            1 => Phase::Started,
            2 => Phase::Compiled,
            3 => Phase::Loaded,
            _ => Phase::Finished,
        };
        Progress { phase, started: self.started, load_cpu_ns: self.load_cpu_ns }
    }
}

/// The head of one record, as the child claims it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) kind: ReplyKind,
    pub(crate) payload_bytes: usize,
    pub(crate) cpu_ns: u64,
}

impl Record {
    /// `None` where it is of no known kind.
    pub(crate) fn read(head: [u8; RECORD_BYTES]) -> Option<Self> {
        let word = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().expect("four bytes"));
        let cpu_ns = u64::from_le_bytes(head[8..].try_into().expect("eight bytes"));
        Some(Self { kind: kind(word(4))?, payload_bytes: word(0) as usize, cpu_ns })
    }
}

fn kind(number: u32) -> Option<ReplyKind> {
    Some(match number {
        1 => ReplyKind::Returned,
        2 => ReplyKind::Raised,
        3 => ReplyKind::NotPlain,
        4 => ReplyKind::CompileError,
        5 => ReplyKind::LoadError,
        6 => ReplyKind::NoEntryPoint,
        7 => ReplyKind::ScriptError,
        8 => ReplyKind::Digest,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_an_unknown_kind_is_none() {
        let head = |kind: u8| [3, 0, 0, 0, kind, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0];
        let read = Record { kind: ReplyKind::Returned, payload_bytes: 3, cpu_ns: 7 };
        assert_eq!(Record::read(head(1)), Some(read));
        assert_eq!(Record::read(head(99)), None);
    }
}
