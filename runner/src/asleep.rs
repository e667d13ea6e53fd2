//! How many programs of this process sleep at the moment: whether there is time that others could use.
//! Not here: how long a program may sleep (`native::watch`), who makes use of it (the caller).
//! In the WASI guest nobody sleeps: its clock jumps.

use std::{
    collections::BTreeSet,
    fs,
    sync::{Mutex, MutexGuard, PoisonError},
};

use nix::unistd::Pid;

/// Programs that run, and for whom nobody does anything at the moment.
static LEFT_ALONE: Mutex<BTreeSet<Pid>> = Mutex::new(BTreeSet::new());

/// A program that its supervisor leaves alone, until this is dropped.
#[derive(Debug)]
pub(crate) struct LeftAlone(Pid);

impl LeftAlone {
    pub(crate) fn new(pid: Pid) -> Self {
        left_alone().insert(pid);
        Self(pid)
    }
}

impl Drop for LeftAlone {
    fn drop(&mut self) {
        left_alone().remove(&self.0);
    }
}

fn left_alone() -> MutexGuard<'static, BTreeSet<Pid>> {
    LEFT_ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many programs of this process wait for something that is neither a CPU nor trialbox. Takes a few 10 µs for each
/// program that runs.
pub fn programs_asleep() -> usize {
    let programs = left_alone().clone();
    programs.into_iter().filter(|pid| is_asleep(*pid)).count()
}

/// Whether no thread of a process runs, or could run. False for a process that has ended.
fn is_asleep(pid: Pid) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    let mut states = threads.flatten().map(|thread| state(&fs::read_to_string(thread.path().join("stat")).ok()?));
    // What has ended has no threads, or only one that waits to be reaped.
    states.next() == Some(Some('S')) && states.all(|state| state == Some('S'))
}

/// The state of a thread, from its line in /proc (`proc_pid_stat(5)`). Its name stands before, and may hold anything.
fn state(stat: &str) -> Option<char> {
    stat.rsplit_once(") ")?.1.chars().next()
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read,
        process::{Child, Command, Stdio},
        thread,
        time::{Duration, Instant},
    };

    use super::*;

    /// A shell that has begun to run this.
    #[expect(clippy::disallowed_methods, reason = "the runner starts programs")]
    fn shell(program: &str) -> (Child, Pid) {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("echo; {program}")]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("sh starts");
        child.stdout.as_mut().expect("piped").read_exact(&mut [0]).expect("it says so");
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
        (child, pid)
    }

    fn end((mut child, pid): (Child, Pid)) {
        child.kill().and_then(|()| child.wait()).expect("it is ours");
        assert!(!is_asleep(pid), "it has ended");
    }

    #[test]
    fn a_program_that_waits_sleeps() {
        let sleeper = shell("read line");
        let begun = Instant::now();
        while !is_asleep(sleeper.1) {
            assert!(begun.elapsed() < Duration::from_secs(60), "it still runs");
            thread::sleep(Duration::from_millis(1));
        }
        end(sleeper);
    }

    #[test]
    fn a_program_that_runs_or_could_run_does_not_sleep() {
        let busy = shell("while :; do :; done");
        for _ in 0..20 {
            assert!(!is_asleep(busy.1));
            thread::sleep(Duration::from_millis(1));
        }
        end(busy);
    }

    #[test]
    fn only_who_is_left_alone_counts() {
        let sleeper = shell("read line");
        let counted = || left_alone().contains(&sleeper.1);
        assert!(!counted());
        let alone = LeftAlone::new(sleeper.1);
        assert!(counted());
        drop(alone);
        assert!(!counted());
        end(sleeper);
    }
}
