//! Bash scripts run for real: what they can do, what they cannot reach, and what stops them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use trialbox_sandbox_profiles::{SyscallRule, bash};

use super::*;
use crate::{
    job::{Extras, FilePath, Job, Limits, Task},
    native::{exec::has_launcher, host::Host, jail::Guest, test_host::host_fit_for, worker::Worker},
    outcome::{Ending, LimitHit, Outcome, Reply},
};

fn host() -> Option<Arc<Host>> {
    host_fit_for("run bash", |host| {
        if !host.python.has_namespaces() || !has_launcher() {
            return Err("it takes namespaces, and a static C library where trialbox was built".to_owned());
        }
        Shell::probe()?;
        host.shell().expect("nothing is missing, so whatever fails is a fault");
        Ok(())
    })
}

fn limits() -> Limits {
    Limits { cpu_ns: 2_000_000_000, idle_ns: 2_000_000_000, memory_bytes: 256 << 20, ..Limits::default() }
}

fn job(script: &str, stdin: &str, limits: Limits) -> Job {
    let task = Task::Shell { stdin: stdin.as_bytes().into(), extras: Some(Arc::default()) };
    Job { program: script.as_bytes().into(), task, limits }
}

fn run(worker: &mut Worker, script: &str) -> Outcome {
    worker.run(&job(script, "", limits()), Vec::<Reply>::new).expect("the host works").0
}

/// What a script says on stdout; both ends are shown where it does not end well.
fn said(worker: &mut Worker, script: &str) -> String {
    let outcome = run(worker, script);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(outcome.ending, Ending::Exited { status: 0 }, "{script}: {}", text(&outcome.stderr));
    text(&outcome.stdout)
}

#[test]
fn a_script_runs_commands_pipes_and_scripts_of_its_own() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    for (script, expected) in [
        ("echo $((6 * 7))", "42\n"),
        ("seq 5 | sort -r | head -2 | tr '\\n' ' '", "5 4 "),
        ("printf '3 a\\n1 b\\n' | awk '{ s += $1 } END { print s }'", "4\n"),
        ("while read line; do echo \"<$line>\"; done < <(printf 'a\\nb\\n')", "<a>\n<b>\n"),
        ("diff <(seq 3) <(seq 3) && echo same", "same\n"),
        ("echo here | tee /dev/stderr | cat - > /dev/stdout", "here\n"),
        ("cat <<< word; cat << END\n$HOME\nEND", "word\n/tmp\n"),
        ("printf '#!/bin/bash\\necho mine $1\\n' > own.sh; chmod +x own.sh; ./own.sh two", "mine two\n"),
        ("(sleep 0.2; echo second) & echo first; wait; jobs", "first\nsecond\n"),
        ("coproc cat; echo to >&${COPROC[1]}; read -u ${COPROC[0]} back; echo $back", "to\n"),
        ("set -o pipefail; false | true; echo $?; exit 0", "1\n"),
        ("trap 'echo trapped' USR1; kill -USR1 $$; trap 'echo over' EXIT", "trapped\nover\n"),
        ("timeout 0.1 sleep 5; echo $?", "124\n"),
        ("mkfifo pipe && test -p pipe; (echo through > pipe) & cat pipe; rm pipe; ls", "through\nmain.sh\n"),
        ("while true; do echo y; done | head -1; echo after", "y\nafter\n"),
        ("yes | head -1; echo ${PIPESTATUS[@]}", "y\n141 0\n"),
        (
            "echo piped | cat /dev/stdin; echo x | (cd /dev; cat stdin 2> /dev/null) || echo not there",
            "piped\nnot there\n",
        ),
        ("sort <(seq 3) | tail -1; uniq <(echo a; echo a); sort -m <(echo b) <(echo a)", "3\na\na\nb\n"),
        ("mkdir d; echo x > d/f; tar czf t.tgz d && rm -r d && tar xzf t.tgz && cat d/f; cp -a d e; cat e/f", "x\nx\n"),
        (
            "echo old > f; chmod +x f; sed -i s/old/new/ f; cat f; [ -x f ] && echo still; install -m 755 f g; cp -p f h",
            "new\nstill\n",
        ),
        ("python3 -c 'import asyncio; asyncio.run(asyncio.sleep(0)); print(1)'", "1\n"),
        ("rm -f *; ls", ""),
        ("f() { local n=$1; ((n < 2)) && { echo $n; return; }; echo $(($(f $((n-1))) + $(f $((n-2))))); }; f 5", "5\n"),
        ("declare -A m=([x]=1 [y]=2); echo $((m[x] + m[y])); mapfile -t a < <(seq 3); echo ${#a[@]}", "3\n3\n"),
        (
            "echo abc | sed s/b/-/ | grep -c -- '-'; echo a-b | cut -d- -f2; find . -name '*.sh'; date +%Y > /dev/null",
            "1\nb\n./main.sh\n",
        ),
    ] {
        assert_eq!(said(&mut worker, script), expected, "{script}");
    }
}

#[test]
fn a_script_reads_stdin_brings_files_and_leaves_some() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let path = |text: &str| FilePath::new(text).expect("a path");
    let extras = Extras { files: vec![(path("in/data.txt"), b"5\n".to_vec())], fetched: vec![path("out.txt")] };
    let script = "read n; cat /dev/stdin >&2; echo $((n + $(cat in/data.txt))) > out.txt";
    let task = Task::Shell { stdin: b"7\nrest\n".as_slice().into(), extras: Some(Arc::new(extras)) };
    let job = Job { program: script.as_bytes().into(), task, limits: limits() };
    let (outcome, _) = worker.run(&job, Vec::<Reply>::new).expect("the host works");
    assert_eq!((outcome.ending, outcome.stderr), (Ending::Exited { status: 0 }, b"rest\n".to_vec()));
    assert_eq!(outcome.files, [(path("out.txt"), b"12\n".to_vec())]);
}

#[test]
fn a_script_ends_as_bash_does() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    for (script, status, said) in [
        ("exit 7", 7, ""),
        ("nonsense", 127, "main.sh: line 1: nonsense: command not found\n"),
        ("kill -9 $$", 137, ""),
        ("kill -TERM $$", 143, ""),
        ("set -u; echo $x", 1, "main.sh: line 1: x: unbound variable\n"),
        ("if", 2, "main.sh: line 2: syntax error: unexpected end of file\n"),
    ] {
        let outcome = run(&mut worker, script);
        assert_eq!(outcome.ending, Ending::Exited { status }, "{script}");
        let stderr = String::from_utf8_lossy(&outcome.stderr).into_owned();
        // Newer ones say more of what began where.
        assert!(stderr.starts_with(said.trim_end_matches('\n')), "{script}: {stderr}");
    }
}

#[test]
fn nothing_of_a_script_outlives_it_or_reaches_the_next() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let begun = Instant::now();
    // Numbers that no test beside this one sleeps for.
    let left = "echo secret > left.txt; (sleep 7300; echo late) & nohup sleep 7301 > /dev/null 2>&1 & setsid sleep 7302 & echo ended";
    assert_eq!(said(&mut worker, left), "ended\n");
    assert!(begun.elapsed() < Duration::from_secs(60), "nobody waits for what it left running");
    assert_eq!(said(&mut worker, "ls; echo $$"), "main.sh\n2\n", "the only processes are the next one's");
    for seconds in [7300, 7301, 7302] {
        assert!(!is_running(&format!("sleep\0{seconds}\0")), "sleep {seconds} runs on");
    }
}

/// Whether a process of the host has this command line.
fn is_running(command: &str) -> bool {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok()).any(|it| it == command.as_bytes())
}

#[test]
fn a_script_reaches_nothing_of_the_host() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    for script in [
        "cat /etc/passwd",
        "cat /etc/hostname /etc/shadow",
        "ls /proc/1",
        "ls /root /home /var/log /work",
        "echo x > /usr/bin/new",
        "touch /bin/new",
        "ln -s /tmp/x /usr/bin/new",
        "echo x > /dev/tcp/127.0.0.1/80",
        "unshare -r true",
        "mount -t tmpfs none /tmp",
        "mount -t proc none /tmp",
        "chroot / true",
        "mknod zero c 1 5",
        "renice -n -5 $$",
        "taskset -p 1 $$ > /dev/null",
        "ulimit -u 100000",
        "ulimit -v unlimited",
        "su -c true",
        "kill -9 1 && sleep 0.2 && exit 1",
        "kill -STOP 1 && exit 1",
        "kill -0 3",
    ] {
        let outcome = run(&mut worker, script);
        let is_refused = matches!(outcome.ending, Ending::Exited { status } if status != 0);
        assert!(is_refused && outcome.stdout.is_empty(), "{script}: {outcome:?}");
    }
}

fn time_limit(outcome: &Outcome) -> Option<u64> {
    match outcome.ending {
        Ending::Limit(LimitHit::Cpu { used_ns }) => Some(used_ns),
        _ => None,
    }
}

#[test]
fn the_time_of_all_processes_counts() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let short = "spin() { for ((i = 0; i < $1; i++)); do :; done; }\n";
    for script in [
        "while :; do :; done",
        "for n in 1 2 3 4; do (while :; do :; done) & done; wait",
        "for n in 1 2 3 4; do (while :; do :; done) & done; disown -a; sleep 100",
        // Each ends by itself, and its parent with it.
        "while :; do (spin 20000); done",
        "while :; do ( (spin 20000) & ); sleep 0.02; done",
        "setsid bash -c 'while :; do :; done' & sleep 100",
        "python3 -c 'while True: pass' & sleep 100",
        // A name that is no text.
        "cp /bin/bash $'./\\xff'; for n in 1 2 3; do $'./\\xff' -c 'while :; do :; done' & done; wait",
        // Nobody waits for whom an ignored SIGCHLD reaps: each is seen at work, and then gone.
        "trap '' CHLD; while :; do (spin 4000) & (spin 4000) & (spin 4000) & sleep 0.03; done",
    ] {
        let outcome = run(&mut worker, &format!("{short}{script}"));
        let used_ns = time_limit(&outcome).unwrap_or_else(|| panic!("{script}: {outcome:?}"));
        assert!((2_000_000_000..2_600_000_000).contains(&used_ns), "{script}: {used_ns} ns");
        // The worst of them is not seen for as long as it is.
        assert!(outcome.wall_ns < 60_000_000_000, "{script}: {} ns", outcome.wall_ns);
    }
}

#[test]
fn who_hides_its_time_is_stopped_as_one_that_does_nothing() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    // Nobody waits for whom an ignored SIGCHLD reaps, and the time of such goes nowhere.
    let script = "trap '' CHLD; while :; do (for ((i = 0; i < 300; i++)); do :; done) & sleep 0.001; done";
    let outcome = run(&mut worker, script);
    assert!(matches!(outcome.ending, Ending::Limit(LimitHit::Cpu { .. } | LimitHit::Idle { .. })), "{outcome:?}");
    let outcome = run(&mut worker, "sleep 300 | sleep 301");
    assert!(matches!(outcome.ending, Ending::Limit(LimitHit::Idle { .. })), "{outcome:?}");
}

#[test]
fn the_time_of_whom_nobody_waited_for_is_told() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let spin = "(for ((i = 0; i < 300000; i++)); do :; done; sleep 100) & sleep";
    for (script, ends) in [(format!("{spin} 1.5"), true), (format!("{spin} 100"), false)] {
        let outcome = run(&mut worker, &script);
        assert_eq!(matches!(outcome.ending, Ending::Exited { status: 0 }), ends, "{outcome:?}");
        assert!(outcome.cpu_ns > 100_000_000, "{script}: {outcome:?}");
    }
}

#[test]
fn the_memory_of_all_processes_counts() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let eat = "head -c 100000000 /dev/urandom | { x=$(tr -d '\\0'); sleep 60; }";
    let several =
        "for n in 1 2 3 4 5 6; do python3 -c 'import time; x = b\"x\" * 80_000_000; time.sleep(60)' & done; wait";
    let one = "python3 -c 'x = b\"x\" * 400_000_000'";
    let caught = format!("{one} || echo went on; sleep 60");
    for script in [eat, several, one, &caught] {
        let limits = Limits { cpu_ns: 20_000_000_000, idle_ns: 20_000_000_000, memory_bytes: 160 << 20, ..limits() };
        let (outcome, _) = worker.run(&job(script, "", limits), Vec::<Reply>::new).expect("the host works");
        assert!(matches!(outcome.ending, Ending::Limit(LimitHit::Memory { .. })), "{script}: {outcome:?}");
    }
}

#[test]
fn nobody_answers_for_the_memory_of_an_earlier_script() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let outcome = run(&mut worker, "python3 -c 'x = b\"x\" * 400_000_000'");
    assert!(matches!(outcome.ending, Ending::Limit(LimitHit::Memory { .. })), "{outcome:?}");
    // Whom the kernel took while he was being stopped for something else, nobody asks for.
    let Some(group) = worker.shell.as_mut().and_then(|zygote| zygote.group.as_mut()) else { return };
    group.forget_a_kill();
    assert_eq!(said(&mut worker, "echo here"), "here\n");
}

#[test]
fn a_fork_bomb_is_a_script_that_fails() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    for script in ["f() { f | f & }; f; wait; sleep 100", "while :; do sleep 100 & done"] {
        let outcome = run(&mut worker, script);
        assert!(matches!(outcome.ending, Ending::Limit(_) | Ending::Exited { .. }), "{script}: {outcome:?}");
        assert!(outcome.wall_ns < 120_000_000_000, "{script}");
    }
    assert_eq!(said(&mut worker, "echo $$"), "2\n", "the worker is as good as new");
}

#[test]
fn what_a_script_writes_has_a_limit() {
    let Some(host) = host() else { return };
    let mut worker = Worker::new(host);
    let limits = Limits { output_bytes: 1 << 20, ..limits() };
    let (outcome, _) = worker.run(&job("yes", "", limits), Vec::<Reply>::new).expect("the host works");
    assert!(matches!(outcome.ending, Ending::Limit(LimitHit::Output { .. })), "{outcome:?}");
    let outcome = run(&mut worker, "cat /dev/urandom > filling 2> /dev/null; stat -c %s filling");
    let bytes: u64 = String::from_utf8_lossy(&outcome.stdout).trim().parse().expect("a size");
    assert!(bytes <= 64 << 20, "{bytes}");
}

#[test]
fn a_sandbox_in_which_something_forbidden_succeeds_is_refused() {
    let Some(host) = host() else { return };
    let mut profile = bash();
    let (allow, reason) = (vec!["personality".to_owned()], "x".to_owned());
    profile.syscalls.push(SyscallRule { allow, arguments: Vec::new(), only_under: Vec::new(), reason });
    let guest = Guest::Shell(Shell::probe().expect("settled"));
    let refused = host.python.beside(guest, profile).expect_err("must be refused").to_string();
    assert!(refused.contains("change its personality"), "{refused}");
}

#[test]
fn the_version_is_that_of_the_first_line() {
    let said = "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\nCopyright (C) 2022\n";
    assert_eq!(version(said).as_deref(), Some("5.2.15"));
    assert_eq!(version("BusyBox v1.36"), None);
}
