//! Programs run for real: what each does, and what it leaves behind.

use std::{
    io::Write,
    path::Path,
    sync::{Arc, OnceLock},
};

use super::*;
use crate::{
    interpreter::Interpreter,
    job::{Calls, Prelude},
    outcome::{Phase, ReplyKind},
};

/// The host, or why there is none; said aloud once per test, and a failure where tests must not be skipped.
fn host() -> Option<Arc<Host>> {
    static HOST: OnceLock<Result<Arc<Host>, String>> = OnceLock::new();
    let started = HOST.get_or_init(|| {
        let interpreter = Interpreter::probe(Path::new("python3")).map_err(|error| error.to_string())?;
        let host = Host::start(interpreter, trialbox_sandbox_profiles::python(), false);
        host.map(Arc::new).map_err(|error| error.to_string())
    });
    match started {
        Ok(host) => Some(Arc::clone(host)),
        Err(why) => {
            assert!(std::env::var_os("TRIALBOX_TESTS_STRICT").is_none(), "cannot run programs here: {why}");
            // Not eprintln!, which the test harness would swallow.
            let _ = writeln!(std::io::stderr(), "skipped: cannot run programs here: {why}");
            None
        }
    }
}

fn limits() -> Limits {
    Limits { cpu_ns: 3_000_000_000, load_cpu_ns: 1_000_000_000, idle_ns: 500_000_000, ..Limits::default() }
}

/// Calls `f(i)` for i in 0..count.
fn calls(program: &str, count: u8, gates: Vec<u32>) -> Job {
    let inputs = Inputs::new((0..count).map(|i| vec![b'(', 1, 0, 0, 0, b'i', i, 0, 0, 0]));
    Job {
        program: program.as_bytes().into(),
        task: Task::Calls(Calls {
            entry_point: "f".to_owned(),
            inputs: Arc::new(inputs),
            range: 0..usize::from(count),
            gates,
            exact_cpu: false,
            prelude: Prelude::None,
        }),
        limits: limits(),
    }
}

fn script(program: &str, stdin: &str) -> Job {
    let stdin = stdin.as_bytes().into();
    let task = Task::Script { stdin, any_exit_status: false, prelude: Prelude::None };
    Job { program: program.as_bytes().into(), task, limits: limits() }
}

fn run(worker: &mut Worker, job: &Job) -> (Outcome, Vec<Reply>) {
    worker.run(job, Vec::new).expect("the host works")
}

#[test]
fn values_come_back_in_the_order_of_the_calls() {
    let Some(host) = host() else { return };
    let (outcome, replies) = run(&mut Worker::new(host), &calls("def f(x): return x * 2", 3, vec![]));
    assert_eq!((outcome.ending, outcome.progress.phase), (Ending::Exited { status: 0 }, Phase::Finished));
    let payloads: Vec<&[u8]> = replies.iter().map(|reply| reply.payload.as_slice()).collect();
    assert_eq!(payloads, [b"i\0\0\0\0", b"i\x02\0\0\0", b"i\x04\0\0\0"]);
}

#[test]
fn a_program_waits_at_its_gates_and_can_be_stopped_there() {
    struct StopAtOnce(usize);
    impl Observer for StopAtOnce {
        fn take(&mut self, replies: Vec<Reply>) -> Next {
            self.0 += replies.len();
            Next::Stop
        }
    }
    let Some(host) = host() else { return };
    let job = calls("def f(x): return x", 10, vec![4]);
    let (outcome, seen) = Worker::new(host).run(&job, || StopAtOnce(0)).expect("the host works");
    assert_eq!((outcome.ending, seen.0), (Ending::Stopped, 4));
}

#[test]
fn a_value_that_is_too_large_to_send_is_hashed() {
    let Some(host) = host() else { return };
    let job = calls("def f(x): return 'x' * (40 << 20) if x else 'small'", 2, vec![]);
    let (_, replies) = run(&mut Worker::new(host), &job);
    let kinds: Vec<_> = replies.iter().map(|reply| (reply.kind, reply.payload.len())).collect();
    assert_eq!(kinds, [(ReplyKind::Returned, 10), (ReplyKind::Digest, 40)]);
}

#[test]
fn many_large_values_pass_through_the_reply_area_in_turns() {
    let Some(host) = host() else { return };
    let (_, replies) = run(&mut Worker::new(host), &calls("def f(x): return 'x' * (20 << 20)", 8, vec![]));
    assert_eq!(replies.iter().filter(|reply| reply.payload.len() == (20 << 20) + 5).count(), 8);
}

#[test]
fn endless_loops_end_at_the_limit_of_one_call_or_of_all() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let mut job = calls("def f(x):\n    while True: pass", 2, vec![]);
    job.limits.call_cpu_ns = Arc::new([200_000_000, 200_000_000]);
    let (outcome, _) = run(&mut worker, &job);
    assert!(matches!(outcome.ending, Ending::Limit(LimitHit::CallCpu { call: Some(0), .. })), "{:?}", outcome.ending);
    job.limits.call_cpu_ns = Arc::new([]);
    job.limits.cpu_ns = 300_000_000;
    let (outcome, _) = run(&mut worker, &job);
    assert!(matches!(outcome.ending, Ending::Limit(LimitHit::Cpu { .. })), "{:?}", outcome.ending);
}

#[test]
fn a_sleeper_is_ended_by_its_idle_time() {
    let Some(host) = host() else { return };
    let (outcome, _) = run(&mut Worker::new(host), &script("import time; time.sleep(60)", ""));
    assert!(matches!(outcome.ending, Ending::Limit(LimitHit::Idle { .. })), "{:?}", outcome.ending);
}

#[test]
fn output_stops_at_its_limit() {
    let Some(host) = host() else { return };
    let mut job = script("import os\nwhile True: os.write(1, b'x' * 65536)", "");
    job.limits.output_bytes = 1 << 20;
    let (outcome, _) = run(&mut Worker::new(host), &job);
    assert_eq!(outcome.ending, Ending::Limit(LimitHit::Output { written_bytes: 1 << 20 }));
    assert_eq!(outcome.stdout.len(), 1 << 20);
}

#[test]
fn memory_stops_at_its_limit() {
    let Some(host) = host() else { return };
    let mut job = calls("def f(x):\n    hog = []\n    while True: hog.append(b'x' * (1 << 20) + b'y')", 1, vec![]);
    job.limits.memory_bytes = 128 << 20;
    let (outcome, _) = run(&mut Worker::new(host), &job);
    assert!(matches!(outcome.ending, Ending::Limit(LimitHit::Memory { .. })), "{:?}", outcome.ending);
}

#[test]
fn every_way_to_read_stdin_works() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    for program in [
        "print(input()); print(input())",
        "import sys\nfor line in sys.stdin: print(line, end='')",
        "import sys; print(sys.stdin.read(), end='')",
        "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())",
        "print(open(0).read(), end='')",
        "import os; os.write(1, os.read(0, 100))",
        "import sys\nif __name__ == '__main__': print(*sys.stdin.readlines(), sep='', end=''); sys.exit(0)",
    ] {
        let (outcome, replies) = run(&mut worker, &script(program, "one\ntwo\n"));
        assert_eq!(outcome.stdout, b"one\ntwo\n", "{program}: {outcome:?} {replies:?}");
        assert_eq!(outcome.ending, Ending::Exited { status: 0 }, "{program}");
    }
}

#[test]
fn nothing_of_a_program_is_left_for_the_next() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let secret =
        format!("# {}\ndef f(x):\n    open('/tmp/left', 'w').write('x')\n    return x", "s3cret ".repeat(2000));
    let job = calls(&secret, 4, vec![]);
    run(&mut worker, &job);
    let zygote = worker.zygote.as_ref().expect("a warm parent");
    let contains = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    assert!(!contains(&zygote.job.copy(0, 1 << 20), b"s3cret"), "its source");
    assert!(zygote.reply.copy(0, 1 << 20).iter().all(|byte| *byte == 0), "its answers");
    let next = calls("import os\ndef f(x): return os.listdir('/tmp')", 1, vec![]);
    let (_, replies) = run(&mut worker, &next);
    assert_eq!(replies[0].payload, b"[\0\0\0\0", "its files");
}

#[test]
fn what_one_program_does_to_the_interpreter_the_next_does_not_see() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let poison =
        "import builtins, sys\nbuiltins.sum = lambda *a: 0\nsys.setrecursionlimit(50)\ndef f(x): return sum([x])";
    run(&mut worker, &calls(poison, 1, vec![]));
    let (_, replies) = run(&mut worker, &calls("def f(x): return sum([x, 1])", 1, vec![]));
    assert_eq!(replies[0].payload, b"i\x01\0\0\0");
}

#[test]
fn a_warm_parent_that_died_is_replaced() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let job = calls("def f(x): return x", 1, vec![]);
    run(&mut worker, &job);
    worker.zygote.as_ref().expect("a warm parent").kill();
    assert_eq!(run(&mut worker, &job).1.len(), 1);
}

#[test]
fn refused_system_calls_are_answered_with_an_error() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    for act in [
        "os.fork()",
        "os.kill(os.getpid(), 9)",
        "os.execv('/bin/sh', ['sh'])",
        "__import__('socket').socket()",
        "os.memfd_create('x')",
        "open('/usr/lib/x', 'w')",
        "open('/proc/self/maps')",
        "os.setpriority(0, 0, -5)",
        "os.mknod('/tmp/device', 0o60666)",
        "os.symlink('/', '/tmp/link')",
    ] {
        let program = format!("import os\ndef f(x):\n    try: {act}\n    except OSError: return 'refused'");
        let (outcome, replies) = run(&mut worker, &calls(&program, 1, vec![]));
        assert_eq!(
            replies.first().map(|reply| reply.payload.as_slice()),
            Some(&b"u\x07\0\0\0refused"[..]),
            "{act}: {outcome:?}"
        );
    }
}

#[test]
fn a_program_that_loops_after_a_mistake_is_stopped_before_its_limit() {
    struct StopAtFirst;
    impl Observer for StopAtFirst {
        fn take(&mut self, replies: Vec<Reply>) -> Next {
            if replies.is_empty() { Next::Continue } else { Next::Stop }
        }
    }
    let Some(host) = host() else { return };
    let job = calls("def f(x):\n    while x: pass", 4, vec![]);
    let (outcome, _) = Worker::new(host).run(&job, || StopAtFirst).expect("the host works");
    assert_eq!(outcome.ending, Ending::Stopped);
}
