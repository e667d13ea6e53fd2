//! Guests that do what no honest one does: whatever it is, there is an outcome, and soon.

use std::sync::Arc;

use trialbox_sandbox_profiles as profiles;

use super::{host::Host, worker::Worker};
use crate::{
    job::{Calls, Driver, Inputs, Job, Limits, Prelude, Task},
    observer::{Next, Observer, RunError},
    outcome::{Ending, LimitHit, Outcome, Reply, ReplyKind, TrapCause},
    wire::{HEADER_BYTES, ReplyHeader},
};

/// A guest whose areas lie at the second page.
fn guest(areas: &str, run: &str) -> Host {
    let text = format!(
        r#"(module
            (import "trialbox" "begin" (func $begin (param i32)))
            (import "trialbox" "wait" (func $wait))
            (memory (export "memory") 20)
            (global $reply (mut i32) (i32.const 0))
            (func $deep (call $deep) (call $deep))
            (func (export "areas") (param i32 i32) (result i32)
                (global.set $reply (i32.add (i32.const 65536) (local.get 0)))
                {areas})
            (func (export "run") (result i32) {run}))"#
    );
    Host::of_guest(&wat::parse_str(text).expect("a module"), &profiles::python())
}

const AREAS: &str = "(i32.const 65536)";

/// A statement that writes a number to the reply area.
fn store(at: usize, what: &str) -> String {
    format!("(i64.store offset={at} (global.get $reply) (i64.const {what}))")
}

fn script(cpu_ns: u64) -> Job {
    let task = Task::Script { stdin: Arc::new([]), prelude: Prelude::None, extras: Some(Arc::default()) };
    job(task, cpu_ns)
}

fn job(task: Task, cpu_ns: u64) -> Job {
    let limits = Limits { cpu_ns, reply_bytes: 1 << 16, memory_bytes: 64 << 20, ..Limits::default() };
    Job { program: Arc::from(&b"pass"[..]), task, limits }
}

fn calls() -> Job {
    let calls = Calls {
        entry_point: "f".to_owned(),
        inputs: Arc::new(Inputs::new([b"[\0\0\0\0".to_vec(), b"[\0\0\0\0".to_vec()])),
        range: 0..2,
        gates: Vec::new(),
        exact_cpu: false,
        driver: Driver::Module,
    };
    job(Task::Calls(calls), 100_000_000)
}

#[derive(Debug, Default)]
struct Heard(Vec<Reply>);

impl Observer for Heard {
    fn take(&mut self, replies: &mut dyn Iterator<Item = Reply>) -> Next {
        self.0.extend(replies);
        Next::Continue
    }
}

fn attempt(host: Host, job: &Job) -> Result<(Outcome, Vec<Reply>), RunError> {
    let (outcome, heard) = Worker::new(Arc::new(host)).run(job, Heard::default)?;
    Ok((outcome, heard.0))
}

fn ending(areas: &str, run: &str) -> Ending {
    attempt(guest(areas, run), &script(50_000_000)).expect("an outcome").0.ending
}

#[test]
fn a_guest_that_never_answers_ends_at_its_limit() {
    let ending = ending(AREAS, "(loop $on (br $on)) (i32.const 0)");
    assert!(matches!(ending, Ending::Limit(LimitHit::Cpu { used_ns }) if used_ns >= 50_000_000), "{ending:?}");
}

#[test]
fn a_guest_that_waits_for_ever_ends_at_its_limit() {
    let ending = ending(AREAS, "(loop $on (call $wait) (br $on)) (i32.const 0)");
    assert!(matches!(ending, Ending::Limit(LimitHit::Cpu { used_ns }) if used_ns >= 50_000_000), "{ending:?}");
}

#[test]
fn a_guest_that_says_that_it_begins_for_ever_ends_at_its_limit() {
    let ending = ending(AREAS, "(loop $on (call $begin (i32.const 7)) (br $on)) (i32.const 0)");
    assert!(matches!(ending, Ending::Limit(LimitHit::Cpu { .. })), "{ending:?}");
}

#[test]
fn a_guest_that_grows_ends_at_its_limit() {
    let ending = ending(AREAS, "(loop $on (drop (memory.grow (i32.const 16))) (br $on)) (i32.const 0)");
    let Ending::Limit(LimitHit::Memory { used_bytes }) = ending else { panic!("{ending:?}") };
    assert!((64 << 20..80 << 20).contains(&used_bytes), "{used_bytes}");
}

#[test]
fn a_trap_says_its_cause() {
    for (run, cause) in [
        ("unreachable", TrapCause::Abort),
        ("(call $deep) (i32.const 0)", TrapCause::Stack),
        ("(i32.load (i32.const -8))", TrapCause::Memory),
        ("(i32.div_u (i32.const 1) (i32.const 0))", TrapCause::Instruction),
    ] {
        assert_eq!(ending(AREAS, run), Ending::Trapped { cause }, "{run}");
    }
}

#[test]
fn a_guest_that_makes_no_room_for_its_job_is_a_fault_of_the_host() {
    for areas in ["(i32.const 0)", "(i32.const -1)", "(i32.const 1310000)", "unreachable"] {
        attempt(guest(areas, "(i32.const 0)"), &script(50_000_000)).expect_err("no program was run");
    }
}

#[test]
fn answers_whose_lengths_are_lies_are_no_answers() {
    // The length of a payload, its kind above it; then how much is said to be there.
    for (head, used) in [
        ("0x1_ffff_ffff", "-1"),
        ("0x1_0000_0009", "16"),
        ("0x1_0000_ffff", "0x1_0000"),
        ("0x9_0000_0000", "16"),
        ("0x1_0000_0000", "0x7fff_ffff_ffff_ffff"),
    ] {
        let run = format!("{} {} (i32.const 0)", store(HEADER_BYTES, head), store(ReplyHeader::USED_AT, used));
        let (outcome, replies) = attempt(guest(AREAS, &run), &calls()).expect("an outcome");
        assert_eq!(outcome.ending, Ending::Exited { status: 0 });
        assert!(replies.iter().all(|reply| reply.payload.is_empty()), "{head} {used}: {replies:?}");
    }
}

#[test]
fn an_answer_is_taken_once_however_often_it_is_announced() {
    let run = format!(
        "{} (loop $on {} (call $begin (i32.const 1)) (call $wait) (br $on)) (i32.const 0)",
        store(HEADER_BYTES, "0x1_0000_0000"),
        store(ReplyHeader::USED_AT, "16")
    );
    let (outcome, replies) = attempt(guest(AREAS, &run), &calls()).expect("an outcome");
    assert!(matches!(outcome.ending, Ending::Limit(_)), "{:?}", outcome.ending);
    assert_eq!(
        replies.iter().map(|reply| reply.kind).collect::<Vec<_>>(),
        [ReplyKind::Returned; 2],
        "two were asked for"
    );
}
