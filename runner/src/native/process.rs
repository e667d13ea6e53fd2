//! One process as /proc shows it from outside.
//! Not here: which processes belong together (`tree`), what they may use (`watch`).
//! A program chooses its own name, of any bytes, and which of its threads ends first.

use std::fs;

use nix::unistd::Pid;

/// A process at a look (proc_pid_stat(5)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) state: u8,
    pub(crate) parent: i32,
    /// CPU time of all its threads, in ticks.
    pub(crate) own_ticks: u64,
    /// And of those it has waited for.
    pub(crate) waited_for_ticks: u64,
    pub(crate) threads: u64,
    /// Its resident size.
    pub(crate) memory_bytes: u64,
}

const PAGE_BYTES: u64 = 4096;
/// The state of a thread that runs or stands in a run queue.
pub(crate) const RUNNABLE: u8 = b'R';

/// `None` where there is no such process.
pub(crate) fn look_at(number: i32) -> Option<Process> {
    let mut process = of_stat(&fs::read(format!("/proc/{number}/stat")).ok()?)?;
    if process.memory_bytes == 0 && process.threads > 1 {
        // A first thread that has ended shows nothing of what the others hold.
        process.memory_bytes = stats_of_threads(number).map(|thread| thread.memory_bytes).max().unwrap_or(0);
    }
    Some(process)
}

/// The folders of its threads.
pub(crate) fn threads(number: i32) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(format!("/proc/{number}/task")).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(entry.path().to_str()?.to_owned()))
}

/// What each of its threads shows: its own state, and the memory of all.
fn stats_of_threads(number: i32) -> impl Iterator<Item = Process> {
    threads(number).filter_map(|thread| of_stat(&fs::read(format!("{thread}/stat")).ok()?))
}

/// Whether one of its threads runs, or could.
pub(crate) fn is_runnable(number: i32, process: &Process) -> bool {
    process.state == RUNNABLE
        || (process.threads > 1 && stats_of_threads(number).any(|thread| thread.state == RUNNABLE))
}

/// CPU time of all its threads; 0 where it is gone.
pub(crate) fn cpu_ns(pid: Pid) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // The kernel's encoding of "CPU clock of process PID, scheduler resolution" (clock_getcpuclockid(3)).
    let clock = (!pid.as_raw() << 3) | 2;
    // SAFETY: `time` is a valid timespec to write to.
    let result = unsafe { libc::clock_gettime(clock, &raw mut time) };
    if result != 0 {
        return 0;
    }
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// Reads a line of `stat`, of a process or of a thread.
pub(crate) fn of_stat(stat: &[u8]) -> Option<Process> {
    // Behind the name, which may hold anything: the fields are counted from 3 there.
    let behind = stat.windows(2).rposition(|two| two == b") ")? + 2;
    let fields: Vec<&str> = str::from_utf8(&stat[behind..]).ok()?.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).copied();
    let count = |number| field(number)?.parse::<u64>().ok();
    Some(Process {
        state: field(3)?.bytes().next()?,
        parent: field(4)?.parse().ok()?,
        own_ticks: count(14)? + count(15)?,
        waited_for_ticks: count(16)? + count(17)?,
        threads: count(20)?,
        memory_bytes: count(24)? * PAGE_BYTES,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_hides_nothing_whatever_it_is() {
        for name in ["sh", "a) S 1 2) R 9", ") ", "\u{fffd}"] {
            let stat = format!("7 ({name}) R 3 0 0 0 -1 0 0 0 0 0 1 2 4 8 20 0 2 0 99 4096 5 0\n");
            let expected = Process {
                state: b'R',
                parent: 3,
                own_ticks: 3,
                waited_for_ticks: 12,
                threads: 2,
                memory_bytes: 5 * 4096,
            };
            assert_eq!(of_stat(stat.as_bytes()), Some(expected), "{name}");
        }
        assert!(of_stat(b"7 (\xff\xfe) S 3 0 0 0 -1 0 0 0 0 0 1 2 4 8 20 0 2 0 99 4096 5 0\n").is_some());
        assert_eq!(of_stat(b"7 (sh) S"), None);
    }

    #[test]
    fn this_process_is_there() {
        let own = i32::try_from(std::process::id()).expect("a number of a process");
        let process = look_at(own).expect("it is there");
        assert!(process.memory_bytes > 0 && process.threads >= 1 && cpu_ns(Pid::from_raw(own)) > 0, "{process:?}");
        assert!(threads(own).next().is_some());
    }
}
