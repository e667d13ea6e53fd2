//! Whatever a guest leaves in its memory: its supervisor finds the areas inside it or refuses, reads no answer twice, no more
//! answers than were asked for, and none longer than the area.
#![no_main]
#![allow(dead_code, unused_imports, unreachable_pub, reason = "the modules are the runner's own, which uses all of them")]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;

#[path = "../../../runner/src/wasi/areas.rs"]
mod areas;
#[path = "../../../runner/src/enforcement.rs"]
mod enforcement;
#[path = "../../../runner/src/job.rs"]
mod job;
#[path = "../../../runner/src/outcome.rs"]
mod outcome;
#[path = "../../../runner/src/replies.rs"]
mod replies;
#[path = "../../../runner/src/wire.rs"]
mod wire;

use areas::Placing;
use job::{Job, Limits, Task};
use replies::Replies;
use wire::{HEADER_BYTES, RECORD_BYTES};

const REPLY_BYTES: usize = 2 * HEADER_BYTES;
const MEMORY_BYTES: usize = 10 * HEADER_BYTES;

fuzz_target!(|input: &[u8]| {
    let Some((head, rest)) = input.split_first_chunk::<8>() else { return };
    let word = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().expect("four"));
    // Near what fits, and anything else.
    let start = if head[7] & 1 == 0 { word(0) % (MEMORY_BYTES as u32) } else { word(0) };
    let most = usize::from(head[4] % 5);
    let limits = Limits { reply_bytes: REPLY_BYTES as u64, ..Limits::default() };
    let job = Job { program: Arc::from(&b"pass"[..]), task: Task::Answer, limits };
    let placing = Placing::new(&job);
    let mut memory = vec![0; MEMORY_BYTES];
    let Ok(areas) = placing.write(&mut memory, start) else { return };
    let mut replies = Replies::new(most);
    let mut seen = 0;
    for round in rest.chunks(2 * HEADER_BYTES) {
        let at = start as usize + placing.sizes().0;
        let length = round.len().min(memory.len() - at);
        memory[at..at + length].copy_from_slice(&round[..length]);
        let read: Vec<_> = replies.read(areas.replies(&memory).expect("it was written to")).collect();
        seen += read.len();
        assert!(seen <= most);
        assert!(read.iter().map(|reply| reply.payload.len() + RECORD_BYTES).sum::<usize>() <= REPLY_BYTES);
        assert_eq!(replies.read(areas.replies(&memory).expect("it was written to")).count(), 0);
        areas.empty_replies(&mut memory).expect("there is an area");
        replies.begin_anew();
        let _ = areas.hand_over(&mut memory, round);
    }
});
