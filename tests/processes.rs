//! Runs one command to its end, and watches what it starts and what it leaves.
//! Not here: which command, and in which surroundings (`support`).
//! In: a command. Out: how it ended, and every process of it that outlived it.

use std::{
    collections::HashMap,
    fs,
    io::{Read, Write},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Longer than any test may take, even on a slow machine that is busy otherwise.
const PATIENCE: Duration = Duration::from_secs(150);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) process: u32,
    /// Descendants that were still alive after its end.
    pub(crate) survivors: Vec<u32>,
}

/// A command; the one place where tests start a program.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the binary under test, and the tools that look at it")]
    Command::new(program)
}

/// Runs a command with this text on its stdin.
pub(crate) fn finish(mut command: Command, stdin: &[u8]) -> Finished {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let (mut to, stdin) = (child.stdin.take().expect("piped"), stdin.to_vec());
    // A command that refuses its arguments does not read; that is no fault of the test.
    let writing = thread::spawn(move || drop(to.write_all(&stdin)));
    let stdout = collect(child.stdout.take().expect("piped"));
    let stderr = collect(child.stderr.take().expect("piped"));
    let watched = watch(&mut child);
    let survivors = watched.survivors();
    // A survivor may hold the pipes open; with it, waiting for their end would last for ever.
    assert!(survivors.is_empty(), "processes outlive {command:?}: {survivors:?}");
    writing.join().expect("the writer ends");
    let text = |thread: thread::JoinHandle<Vec<u8>>| {
        String::from_utf8(thread.join().expect("the reader ends")).expect("trialbox writes UTF-8")
    };
    Finished { code: watched.code, stdout: text(stdout), stderr: text(stderr), process: child.id(), survivors }
}

fn collect(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("readable");
        bytes
    })
}

/// What was seen of a command while it ran. A process is its number and its start: numbers are used again.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    code: Option<i32>,
    descendants: HashMap<u32, u64>,
}

fn watch(child: &mut Child) -> Watched {
    let (begin, mut watched) = (Instant::now(), Watched::default());
    for round in 0_u32.. {
        if let Some(status) = child.try_wait().expect("our own child") {
            watched.code = status.code();
            break;
        }
        if begin.elapsed() > PATIENCE {
            child.kill().expect("our own child");
            panic!("it has not ended after {PATIENCE:?}");
        }
        if round.is_multiple_of(4) {
            watched.look(child.id());
        }
        thread::sleep(Duration::from_millis(15));
    }
    watched
}

impl Watched {
    /// Looks at a process and its descendants; says how many descendants it has now.
    pub(crate) fn look(&mut self, process: u32) -> usize {
        let all = processes();
        let found = descendants(&all, process);
        for number in &found {
            self.descendants.insert(*number, all[number].started);
        }
        found.len()
    }

    /// What is still alive a moment later: the kernel needs some time to end a whole pid namespace.
    pub(crate) fn survivors(&self) -> Vec<u32> {
        for _ in 0..100 {
            let all = processes();
            let is_alive = |(number, started): &(&u32, &u64)| {
                all.get(number).is_some_and(|stat| stat.started == **started && !stat.is_dead)
            };
            let alive: Vec<u32> = self.descendants.iter().filter(is_alive).map(|(number, _)| *number).collect();
            if alive.is_empty() {
                return alive;
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.descendants.keys().copied().filter(|number| processes().contains_key(number)).collect()
    }
}

/// What the kernel says of a process.
#[derive(Debug)]
pub(crate) struct Stat {
    pub(crate) parent: u32,
    started: u64,
    pub(crate) is_dead: bool,
}

/// The children of a process, their children, and so on.
pub(crate) fn descendants(all: &HashMap<u32, Stat>, process: u32) -> Vec<u32> {
    let (mut found, mut next) = (vec![process], 0);
    while let Some(parent) = found.get(next).copied() {
        found.extend(all.iter().filter(|(_, stat)| stat.parent == parent).map(|(number, _)| *number));
        next += 1;
    }
    found.split_off(1)
}

/// Every process there is.
pub(crate) fn processes() -> HashMap<u32, Stat> {
    let entries = fs::read_dir("/proc").expect("Linux").flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers.filter_map(|number| Some((number, stat(number)?))).collect()
}

fn stat(number: u32) -> Option<Stat> {
    let bytes = fs::read(format!("/proc/{number}/stat")).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // The name, in parentheses, may hold anything.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let is_dead = matches!(*fields.first()?, "Z" | "X");
    Some(Stat { parent: fields.get(1)?.parse().ok()?, started: fields.get(19)?.parse().ok()?, is_dead })
}

pub(crate) fn resident_bytes(number: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{number}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}
