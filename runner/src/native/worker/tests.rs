//! Programs run for real: what each does, and what it leaves behind.

use std::{sync::Arc, time::Duration};

use trialbox_sandbox_profiles::SyscallRule;

use super::*;
use crate::{
    job::{Calls, Driver, Inputs, Prelude, Task},
    native::{
        answers::Answers,
        test_host::{host_fit_for, new_host},
    },
    observer::Next,
    outcome::{Ending, LimitHit, Phase, ReplyKind},
    wire::{ReplyHeader, Shared},
};

fn host() -> Option<Arc<Host>> {
    host_fit_for("run programs", |_| Ok(()))
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
            driver: Driver::Module,
        }),
        limits: limits(),
    }
}

fn script(program: &str, stdin: &str) -> Job {
    let stdin = stdin.as_bytes().into();
    let task = Task::Script { stdin, prelude: Prelude::None, extras: Some(Arc::default()) };
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
fn memory_that_a_call_has_freed_is_there_for_the_next_call() {
    let Some(host) = host() else { return };
    // 20 MiB of small objects a call; the answer is whether the kernel was asked for most of them.
    let program = "import resource\n\
        faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n\
        def f(x):\n    before = faults()\n    [str(i) for i in range(300_000)]\n    return faults() - before > 1000";
    let (outcome, replies) = run(&mut Worker::new(host), &calls(program, 5, vec![]));
    assert_eq!(outcome.ending, Ending::Exited { status: 0 });
    let asked: Vec<&[u8]> = replies[1..].iter().map(|reply| reply.payload.as_slice()).collect();
    assert_eq!(asked, [b"F"; 4]);
}

#[test]
fn a_program_waits_at_its_gates_and_can_be_stopped_there() {
    struct StopAtFour(usize);
    impl Observer for StopAtFour {
        fn take(&mut self, replies: &mut dyn Iterator<Item = Reply>) -> Next {
            self.0 += replies.count();
            if self.0 < 4 { Next::Continue } else { Next::Stop }
        }
    }
    let Some(host) = host() else { return };
    let job = calls("def f(x): return x", 10, vec![4]);
    let (outcome, seen) = Worker::new(host).run(&job, || StopAtFour(0)).expect("the host works");
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
    let secret = format!("# {}\ndef f(x):\n    open('left', 'w').write('x')\n    return x", "s3cret ".repeat(2000));
    let job = calls(&secret, 4, vec![]);
    run(&mut worker, &job);
    let zygote = worker.zygote.as_ref().expect("a warm parent");
    let contains = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    assert!(!contains(&zygote.job.copy(0, 1 << 20), b"s3cret"), "its source");
    assert!(zygote.reply.copy(0, 1 << 20).iter().all(|byte| *byte == 0), "its answers");
    let next = calls("import os\ndef f(x): return os.listdir('.')", 1, vec![]);
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
        fn take(&mut self, replies: &mut dyn Iterator<Item = Reply>) -> Next {
            if replies.next().is_none() { Next::Continue } else { Next::Stop }
        }
    }
    let Some(host) = host() else { return };
    let job = calls("def f(x):\n    while x: pass", 4, vec![]);
    let (outcome, _) = Worker::new(host).run(&job, || StopAtFirst).expect("the host works");
    assert_eq!(outcome.ending, Ending::Stopped);
}

#[test]
fn what_a_program_does_to_its_shared_descriptors_does_not_reach_the_next() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let inputs = 20;
    let vandal = r"
import fcntl, os
for fd in (0, 1, 2, 3, 4):
    try: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
    except OSError: pass
for fd in (2, 3):
    try:
        for i in range(100000): os.write(fd, b'\xff' * 4096)
    except OSError: pass
try: os.chmod('.', 0)
except OSError: pass # another user's, as root
def f(x): return x
";
    let (outcome, replies) = run(&mut worker, &calls(vandal, inputs, vec![4, 8]));
    assert_ne!(outcome.progress.phase, Phase::Compiled, "{replies:?}");
    let honest = "import os\ndef f(x):\n    open('x', 'w').close()\n    return os.lseek(2, 0, 2) if x else 0";
    let (outcome, replies) = run(&mut worker, &calls(honest, inputs, vec![4, 8]));
    assert_eq!(outcome.progress.phase, Phase::Finished, "{outcome:?}");
    assert!(replies.iter().all(|reply| reply.payload == b"i\0\0\0\0"), "{replies:?}");
}

#[test]
fn what_a_program_wrote_is_not_the_next_ones_memory() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let (outcome, _) = run(&mut worker, &script("import os\nfor _ in range(60): os.write(1, b'x' * (1 << 20))", ""));
    assert_eq!(outcome.stdout.len(), 60 << 20);
    let zygote = worker.zygote.as_ref().expect("a warm parent");
    assert_eq!(zygote.stdout.length().expect("readable"), 0);
}

#[test]
fn a_claim_of_more_answers_than_there_are_is_looked_at_once() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    run(&mut worker, &calls("def f(x): return x", 1, vec![]));
    let zygote = worker.zygote.as_mut().expect("a warm parent");
    let claim = |zygote: &mut Zygote, used: u64| zygote.reply.write(ReplyHeader::USED_AT, &used.to_le_bytes());
    let mut seen = Vec::new();
    let mut answers = Answers::new(usize::MAX, &mut seen);
    for used in [1, 1 << 20, 1 << 40, u64::MAX] {
        claim(zygote, used).expect("written");
        assert_eq!(answers.look(zygote), Next::Continue);
    }

    assert_eq!(seen, []);
}

#[test]
fn a_host_on_which_something_forbidden_succeeds_is_refused() {
    let Some(host) = host() else { return };
    let mut profile = trialbox_sandbox_profiles::python();
    profile.syscalls.push(SyscallRule {
        allow: vec!["socket".to_owned(), "personality".to_owned()],
        arguments: Vec::new(),
        only_under: Vec::new(),
        reason: "a mistake".to_owned(),
    });
    let refused = Host::start(host.interpreter.clone(), profile, true).expect_err("must be refused").to_string();
    assert!(refused.contains("make a unix socket") && refused.contains("change its personality"), "{refused}");
}

/// A worker whose warm parent runs this Python code once it could fork.
fn saboteur(code: &str) -> Option<Worker> {
    let mut host = new_host().ok()?;
    host.python.fork_patience = Duration::from_millis(300);
    let host = Arc::new(host);
    let zygote = Zygote::start_running(&host.python, code, Limits::default().reply_bytes).expect("starts");
    let mut worker = Worker::new(host);
    worker.zygote = Some(zygote);
    Some(worker)
}

#[test]
fn a_warm_parent_that_hangs_dies_or_answers_nonsense_is_replaced() {
    if host().is_none() {
        return;
    }
    for act in [
        "while True: pass",
        "sys.exit(0)",
        "control.send(b'xx')",
        "control.send((0).to_bytes(4, 'little'))",
        "control.send((1).to_bytes(4, 'little'))",
        "control.send((2**32 - 1).to_bytes(4, 'little'))",
        "control.send((2**31).to_bytes(4, 'little'))",
        "control.send((2**31 - 1).to_bytes(4, 'little'))",
    ] {
        let code = format!(
            "import socket, sys\ncontrol = socket.socket(fileno=5)\ncontrol.send(b'3.11')\ncontrol.recv(1 << 16)\ncontrol.send(b'ready')\ncontrol.recv(1)\n{act}\ncontrol.recv(1)"
        );
        let mut worker = saboteur(&code).expect("a host");
        let (outcome, replies) = run(&mut worker, &calls("def f(x): return x", 1, vec![]));
        assert_eq!((outcome.ending, replies.len()), (Ending::Exited { status: 0 }, 1), "{act}");
    }
}

/// What the kernel says of a running program, whenever its supervisor looks: that child of ours which is no warm parent.
#[derive(Default)]
struct Statuses(Vec<String>);

impl Observer for Statuses {
    fn take(&mut self, _: &mut dyn Iterator<Item = Reply>) -> Next {
        let entries = std::fs::read_dir("/proc").expect("Linux").flatten();
        let statuses = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("status")).ok());
        let ours = format!("PPid:\t{}\n", std::process::id());
        let threads = format!("Threads:\t{}\n", Self::THREADS);
        self.0.extend(statuses.filter(|status| status.contains(&ours) && status.contains(&threads)));
        Next::Continue
    }
}

impl Statuses {
    /// Tests run beside each other; no other program has as many.
    const THREADS: usize = 23;
}

#[test]
fn a_program_has_no_privilege_and_a_filter() {
    let Some(host) = host() else { return };
    let others = Statuses::THREADS - 1;
    let program = format!(
        "import threading, time\ndef f(x):\n    for _ in range({others}): threading.Thread(target=time.sleep, args=(0.3,)).start()"
    );
    let (outcome, statuses) = Worker::new(host)
        .run(&calls(&format!("{program}\n    time.sleep(0.3)"), 1, vec![]), Statuses::default)
        .expect("the host works");
    let status = statuses.0.first().unwrap_or_else(|| panic!("it was not seen: {outcome:?}"));
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    for capabilities in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        assert_eq!(field(capabilities), Some("0000000000000000"), "{capabilities}");
    }
    assert_eq!((field("NoNewPrivs:"), field("Seccomp:")), (Some("1"), Some("2")));
}
