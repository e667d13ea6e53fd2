//! All processes of a program that may start others: which they are, and what they use together.
//! Not here: what they may use (`watch`), one process's line in /proc (`process`).
//! In: the first process of their pid namespace. Out: [`Together`], at each look.
//!
//! What a process has used goes to its parent when that waits for it, and who loses a parent is the first one's: so the sum over
//! all that are there, of their own time and that of those they waited for, is what all have ever used. Who ends without
//! being waited for (SIGCHLD ignored) takes its time along: what was seen of it stays counted; for the rest there is a limit
//! of all time that passes ([`MOST_PRESENCE`](super::watch)).

use std::{collections::HashMap, fs};

use nix::unistd::{Pid, SysconfVar, sysconf};

use super::process::{self, Process};

/// What the processes of a program use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Together {
    /// CPU time that they have used so far, those that are gone included.
    pub(crate) cpu_ns: u64,
    /// Their resident sizes, added up.
    pub(crate) memory_bytes: u64,
    /// Whether one of them runs, or could.
    pub(crate) is_any_runnable: bool,
}

/// The processes below one.
#[derive(Debug)]
pub(crate) struct Tree {
    first: i32,
    /// Whether a process is one of them, for all that were there at the last look and could be told.
    is_ours: HashMap<i32, bool>,
    /// What each of them had used then.
    used: HashMap<i32, Used>,
    /// What was last seen of those that have gone, less what has come to those who waited for them. The last of a process is
    /// seldom seen, so more comes than goes, and this is next to nothing; unless nobody waits.
    owed_ns: i64,
    /// Time that those took along for whom nobody waited.
    lost_ns: u64,
    last: Together,
    peak_memory_bytes: u64,
    tick_ns: u64,
}

/// CPU time that is found with one process.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    own_ns: u64,
    waited_for_ns: u64,
}

impl Used {
    fn all_ns(self) -> u64 {
        self.own_ns + self.waited_for_ns
    }
}

/// Nobody can come to be owed less: what one look showed too much of excuses nothing of long after.
const LEAST_OWED_NS: i64 = -20_000_000;

impl Tree {
    pub(crate) fn new(first: Pid) -> Self {
        let a_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().and_then(|ticks| u64::try_from(ticks).ok());
        Self {
            first: first.as_raw(),
            is_ours: HashMap::new(),
            used: HashMap::new(),
            owed_ns: 0,
            lost_ns: 0,
            last: Together::default(),
            peak_memory_bytes: 0,
            tick_ns: 1_000_000_000 / a_second.unwrap_or(100).max(1),
        }
    }

    /// Looks at all of them.
    pub(crate) fn look(&mut self) -> Together {
        let mut seen = self.seen();
        if self.newly_lost_ns() > 0 {
            // Who ended between the look at its parent and the look at itself has come to its parent the next time.
            seen = self.seen();
            self.lost_ns += self.newly_lost_ns();
        }
        self.last = Together { cpu_ns: self.last.cpu_ns.max(seen.cpu_ns + self.lost_ns), ..seen };
        self.peak_memory_bytes = self.peak_memory_bytes.max(seen.memory_bytes);
        self.last
    }

    /// What is owed beyond what was found to be lost before, and beyond rounding: what has come to a process is told in ticks.
    fn newly_lost_ns(&self) -> u64 {
        let who_waited = self.used.values().filter(|used| used.waited_for_ns > 0).count() as u64;
        let owed_ns = u64::try_from(self.owed_ns).unwrap_or(0);
        owed_ns.saturating_sub(self.lost_ns + self.tick_ns * (1 + who_waited))
    }

    /// What the last look showed.
    pub(crate) fn last(&self) -> Together {
        self.last
    }

    /// The most that they held at one look.
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        self.peak_memory_bytes
    }

    fn seen(&mut self) -> Together {
        let there = there();
        let mut looked = HashMap::new();
        // Of most processes of the host it is known that they are none of these, and stays so.
        for number in there.iter().filter(|number| self.is_ours.get(number) != Some(&false)) {
            looked.extend(process::look_at(*number).map(|process| (*number, process)));
        }
        self.is_ours = told(self.first, &there, &self.is_ours, &looked);
        let (mut together, mut used) = (Together::default(), HashMap::new());
        for (number, process) in looked.iter().filter(|(number, _)| self.is_ours.get(number) == Some(&true)) {
            let own_ns = process::cpu_ns(Pid::from_raw(*number)).max(process.own_ticks * self.tick_ns);
            let its = Used { own_ns, waited_for_ns: process.waited_for_ticks * self.tick_ns };
            together.cpu_ns += its.all_ns();
            together.memory_bytes += process.memory_bytes;
            together.is_any_runnable = together.is_any_runnable || process::is_runnable(*number, process);
            used.insert(*number, its);
        }
        self.settle(used);
        together
    }

    /// Holds what has gone against what has come.
    fn settle(&mut self, used: HashMap<i32, Used>) {
        let gone = self.used.iter().filter(|(number, _)| !used.contains_key(number));
        let gone_ns: u64 = gone.map(|(_, used)| used.all_ns()).sum();
        let before_ns = |number| self.used.get(number).map_or(0, |used| used.waited_for_ns);
        let come_ns: u64 = used.iter().map(|(number, it)| it.waited_for_ns.saturating_sub(before_ns(number))).sum();
        let signed = |ns| i64::try_from(ns).unwrap_or(i64::MAX);
        self.owed_ns = (self.owed_ns + signed(gone_ns) - signed(come_ns)).max(LEAST_OWED_NS);
        self.used = used;
    }
}

/// Tells of each process whether it is `first` or below it: from its parent, which may have to be told before.
fn told(first: i32, there: &[i32], known: &HashMap<i32, bool>, looked: &HashMap<i32, Process>) -> HashMap<i32, bool> {
    let still = there.iter().filter_map(|number| Some((*number, *known.get(number)?)));
    let mut is_ours: HashMap<i32, bool> = still.chain([(first, true)]).collect();
    let mut untold: Vec<(i32, i32)> = looked.iter().map(|(number, process)| (*number, process.parent)).collect();
    untold.retain(|(number, _)| !is_ours.contains_key(number));
    loop {
        let before = untold.len();
        untold.retain(|(number, parent)| {
            // The parents of all that is none of ours end with process 0.
            let is_known = if *parent == 0 { Some(false) } else { is_ours.get(parent).copied() };
            is_known.is_none_or(|it| {
                is_ours.insert(*number, it);
                false
            })
        });
        if untold.len() == before {
            // The parent of what is left has just ended: the next look tells.
            return is_ours;
        }
    }
}

/// All processes that can be seen.
fn there() -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut there: Vec<i32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    // Parents before their children, for the most part: time must not be counted with both.
    there.sort_unstable();
    there
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        process::{Command, Stdio},
        thread,
        time::Duration,
    };

    use super::*;

    fn process(parent: i32) -> Process {
        Process { parent, ..Process::default() }
    }

    #[test]
    fn a_process_is_ours_whose_parents_lead_to_the_first() {
        let looked: HashMap<i32, Process> = [(1, 0), (10, 1), (20, 10), (30, 20), (31, 30), (40, 1), (50, 60)]
            .map(|(pid, up)| (pid, process(up)))
            .into();
        let there: Vec<i32> = looked.keys().copied().collect();
        let is_ours = told(20, &there, &HashMap::new(), &looked);
        let expected = [(1, false), (10, false), (20, true), (30, true), (31, true), (40, false)];
        assert_eq!(is_ours, expected.into(), "of 50, whose parent is gone, nothing is known");
        let without_some = told(20, &[1, 20, 31], &is_ours, &HashMap::new());
        assert_eq!(without_some, [(1, false), (20, true), (31, true)].into(), "who is gone is forgotten");
    }

    /// A look at which processes have used so many milliseconds, and waited for so many.
    fn settle(tree: &mut Tree, used_ms: &[(i32, u64, u64)]) -> u64 {
        let used = used_ms.iter().map(|(number, own, waited)| {
            (*number, Used { own_ns: own * 1_000_000, waited_for_ns: waited * 1_000_000 })
        });
        tree.settle(used.collect());
        tree.lost_ns += tree.newly_lost_ns();
        tree.lost_ns / 1_000_000
    }

    #[test]
    fn who_is_waited_for_is_not_lost() {
        let mut tree = Tree::new(Pid::from_raw(1));
        assert_eq!(settle(&mut tree, &[(1, 0, 0), (2, 5_000, 0)]), 0);
        assert_eq!(settle(&mut tree, &[(1, 0, 5_010)]), 0, "and its last moments came along");
        for turn in 1..100 {
            // Of each nothing but its first half was seen, and what has come is rounded down.
            assert_eq!(settle(&mut tree, &[(1, 0, (5_010 + 16 * (turn - 1)) / 10 * 10), (3, 8, 0)]), 0);
            assert_eq!(settle(&mut tree, &[(1, 0, (5_010 + 16 * turn) / 10 * 10)]), 0);
        }
    }

    #[test]
    fn who_goes_and_comes_to_nobody_is_lost() {
        let mut tree = Tree::new(Pid::from_raw(1));
        for turn in 0..100 {
            settle(&mut tree, &[(1, 0, 0), (2 * turn + 2, 7, 0), (2 * turn + 3, 4, 0)]);
        }
        assert!((1_000..1_100).contains(&settle(&mut tree, &[(1, 0, 0)])));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's own processes")]
    fn time_is_counted_of_those_that_are_there_and_of_those_that_are_gone() {
        // The first loop's process is waited for; the second one's is there.
        let spin = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
        let script = format!("({spin}); read line; ({spin}; exec sleep 60) & read line");
        let mut shell = Command::new("sh");
        let mut shell = shell.args(["-c", &script]).stdin(Stdio::piped()).spawn().expect("a shell");
        let mut tree = Tree::new(Pid::from_raw(i32::try_from(shell.id()).expect("a number of a process")));
        let mut until = |what: &str, is_so: &dyn Fn(Together, usize) -> bool| {
            for _ in 0..3_000 {
                let together = tree.look();
                if is_so(together, tree.is_ours.values().filter(|is_ours| **is_ours).count()) {
                    return together;
                }
                thread::sleep(Duration::from_millis(10));
            }
            panic!("{what} never came");
        };
        let first = until("the end of the first loop", &|now, count| now.cpu_ns > 20_000_000 && count == 1);
        let mut stdin = shell.stdin.take().expect("piped");
        stdin.write_all(b"\n").expect("a line");
        let both = until("the second loop", &|now, count| now.cpu_ns > first.cpu_ns * 3 / 2 && count == 2);
        assert!(both.memory_bytes > 0);
        shell.kill().expect("it is ours");
        shell.wait().expect("it is ours");
    }
}
