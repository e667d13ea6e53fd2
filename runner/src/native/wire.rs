//! The layouts of the memory shared with a child: the same as in `zygote/zygote.c`.
//! Not here: the memory itself (`area`).
//! Whatever is read from the reply area was written by hostile code: every number is checked against what is there.

use crate::{
    job::{Job, Prelude, Task},
    outcome::{Phase, Progress, Reply, ReplyKind},
};

/// Size of the header page of either area.
pub(crate) const HEADER_BYTES: usize = 4096;
/// Virtual size of the job area in both processes.
pub(crate) const JOB_MAP_BYTES: usize = 1 << 30;
/// Virtual size of the reply area in both processes.
pub(crate) const REPLY_MAP_BYTES: usize = 1 << 28;

const MODE_CALLS: u32 = 1;
const MODE_SCRIPT: u32 = 2;
const FLAG_LIVECODEBENCH: u32 = 1;
const FLAG_STAMP_EVERY_INPUT: u32 = 2;
const FLAG_EXIT_STATUS_IGNORED: u32 = 4;
const GATES: usize = 4;
const RECORD_BYTES: usize = 16;

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
            (MODE_CALLS, prelude_flag(calls.prelude) | exact, calls.range.len(), calls.gates.as_slice())
        }
        Task::Script { any_exit_status, prelude, .. } => {
            let ignored = if *any_exit_status { FLAG_EXIT_STATUS_IGNORED } else { 0 };
            (MODE_SCRIPT, prelude_flag(*prelude) | ignored, 0, [].as_slice())
        }
    };
    let gates = &gates[..gates.len().min(GATES)];
    let mut header = Vec::with_capacity(128);
    let mut words = vec![mode, flags, as_u32(count), as_u32(gates.len())];
    words.extend((0..GATES).map(|i| gates.get(i).copied().unwrap_or(0)));
    words.iter().for_each(|word| header.extend_from_slice(&word.to_le_bytes()));
    let longs = [
        layout.source.0 as u64,
        layout.source.1 as u64,
        layout.entry as u64,
        layout.index as u64,
        job.limits.reply_bytes.min(REPLY_MAP_BYTES as u64),
        child.cpu_seconds,
        job.limits.output_bytes,
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
}

impl ReplyHeader {
    /// Where `used` stands.
    pub(crate) const USED_AT: usize = 8;
    /// How many bytes the child wrote to the header.
    pub(crate) const BYTES: usize = 24;

    pub(crate) fn read(bytes: &[u8; Self::BYTES]) -> Self {
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let long = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        Self { phase: word(0), started: word(4), used: long(8), cpu_stamp_ns: long(16) }
    }

    pub(crate) fn progress(&self) -> Progress {
        let phase = match self.phase {
            0 => Phase::Forked,
            1 => Phase::Started,
            2 => Phase::Compiled,
            3 => Phase::Loaded,
            _ => Phase::Finished,
        };
        Progress { phase, started: self.started }
    }
}

/// Takes the whole records at the front of what the child wrote, at most `most` of them, and says how many bytes they
/// take up; stops at the first that makes no sense, since nothing behind it can be believed to begin where it says.
pub(crate) fn replies(bytes: &[u8], most: usize) -> (Vec<Reply>, usize) {
    let mut replies = Vec::new();
    let mut rest = bytes;
    while replies.len() < most {
        let Some((head, behind)) = rest.split_first_chunk::<RECORD_BYTES>() else { break };
        let word = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().expect("four bytes"));
        let cpu_ns = u64::from_le_bytes(head[8..].try_into().expect("eight bytes"));
        let (length, Some(kind)) = (word(0) as usize, kind(word(4))) else { break };
        let Some(payload) = behind.get(..length) else { break };
        replies.push(Reply { kind, payload: payload.to_vec(), cpu_ns });
        rest = behind.get(length.next_multiple_of(8)..).unwrap_or_default();
    }
    (replies, bytes.len() - rest.len())
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

    fn record(length: u32, kind: u32, payload: &[u8]) -> Vec<u8> {
        let mut bytes = [length.to_le_bytes(), kind.to_le_bytes(), [0; 4], [0; 4]].concat();
        bytes.extend_from_slice(payload);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }

    #[test]
    fn records_come_back_in_order() {
        let bytes = [record(3, 1, b"abc"), record(0, 2, b"")].concat();
        let kinds: Vec<_> = replies(&bytes, 9).0.into_iter().map(|reply| (reply.kind, reply.payload)).collect();
        assert_eq!(kinds, [(ReplyKind::Returned, b"abc".to_vec()), (ReplyKind::Raised, vec![])]);
    }

    #[test]
    fn a_record_longer_than_the_area_ends_the_list() {
        let bytes = [record(1, 1, b"N"), record(u32::MAX, 1, b"abc")].concat();
        assert_eq!(replies(&bytes, 9).0.len(), 1);
    }

    #[test]
    fn an_unknown_kind_ends_the_list() {
        assert!(replies(&record(0, 99, b""), 9).0.is_empty());
    }

    #[test]
    fn no_more_records_are_read_than_calls_were_made() {
        assert_eq!(replies(&record(0, 1, b"").repeat(100), 4).0.len(), 4);
    }
}
