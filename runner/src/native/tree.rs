//! All processes of a program that may start others: which they are, and what they use together.
//! Not here: what they may use (`watch`).
//! In: the first process of their pid namespace. Out: [`Together`], at each look.
//!
//! What a process has used goes to its parent when that waits for it, and who loses a parent is the first one's: so the sum over
//! all that are there, of their own time and that of those they waited for, is what all have ever used. Who ends without
//! being waited for (SIGCHLD ignored) takes its time along: what was seen of it stays counted, and what was not seen counts
//! as idle time, of which there is a limit too.

use std::{collections::HashMap, fs};

use nix::unistd::{Pid, SysconfVar, sysconf};

/// What the processes of a program use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Together {
    /// CPU time that they have used so far, those that are gone included, to a hundredth of a second for each.
    pub(crate) cpu_ns: u64,
    /// Their resident sizes, added up.
    pub(crate) memory_bytes: u64,
}

/// The processes below one.
#[derive(Debug)]
pub(crate) struct Tree {
    first: i32,
    /// Whether a process is one of them, for all that were there at the last look and could be told.
    is_ours: HashMap<i32, bool>,
    /// Time that those took along for whom nobody waited.
    lost_ns: u64,
    last: Together,
    peak_memory_bytes: u64,
    tick_ns: u64,
}

/// One process at a look (proc_pid_stat(5)).
#[derive(Clone, Copy, Debug)]
struct Process {
    parent: i32,
    /// Its own, and that of those it waited for.
    ticks: u64,
    memory_bytes: u64,
}

impl Tree {
    pub(crate) fn new(first: Pid) -> Self {
        let a_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().and_then(|ticks| u64::try_from(ticks).ok());
        Self {
            first: first.as_raw(),
            is_ours: HashMap::new(),
            lost_ns: 0,
            last: Together::default(),
            peak_memory_bytes: 0,
            tick_ns: 1_000_000_000 / a_second.unwrap_or(100).max(1),
        }
    }

    /// Looks at all of them.
    pub(crate) fn look(&mut self) -> Together {
        let mut seen = self.seen();
        if seen.cpu_ns + self.lost_ns < self.last.cpu_ns {
            // Who ended between the look at its parent and the look at itself is there the next time.
            seen = self.seen();
            self.lost_ns = self.lost_ns.max(self.last.cpu_ns.saturating_sub(seen.cpu_ns));
        }
        self.last = Together { cpu_ns: seen.cpu_ns + self.lost_ns, ..seen };
        self.peak_memory_bytes = self.peak_memory_bytes.max(seen.memory_bytes);
        self.last
    }

    /// What the last look showed.
    pub(crate) fn last(&self) -> Together {
        self.last
    }

    /// The most that they held at one look.
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        self.peak_memory_bytes
    }

    /// Their numbers, as of the last look.
    pub(crate) fn processes(&self) -> impl Iterator<Item = i32> {
        self.is_ours.iter().filter(|(_, is_ours)| **is_ours).map(|(process, _)| *process)
    }

    fn seen(&mut self) -> Together {
        let there = there();
        let mut looked = HashMap::new();
        // Of most processes of the host it is known that they are none of these, and stays so.
        for process in there.iter().filter(|process| self.is_ours.get(process) != Some(&false)) {
            looked.extend(look_at(*process).map(|about| (*process, about)));
        }
        self.is_ours = told(self.first, &there, &self.is_ours, &looked);
        let ours = || self.processes().filter_map(|process| looked.get(&process));
        let ticks: u64 = ours().map(|process| process.ticks).sum();
        Together {
            cpu_ns: ticks.saturating_mul(self.tick_ns),
            memory_bytes: ours().map(|process| process.memory_bytes).sum(),
        }
    }
}

/// Tells of each process whether it is `first` or below it: from its parent, which may have to be told before.
fn told(first: i32, there: &[i32], known: &HashMap<i32, bool>, looked: &HashMap<i32, Process>) -> HashMap<i32, bool> {
    let still = there.iter().filter_map(|process| Some((*process, *known.get(process)?)));
    let mut is_ours: HashMap<i32, bool> = still.chain([(first, true)]).collect();
    let mut untold: Vec<(i32, i32)> = looked.iter().map(|(process, about)| (*process, about.parent)).collect();
    untold.retain(|(process, _)| !is_ours.contains_key(process));
    loop {
        let before = untold.len();
        untold.retain(|(process, parent)| {
            // The parents of all that is none of ours end with process 0.
            let is_known = if *parent == 0 { Some(false) } else { is_ours.get(parent).copied() };
            is_known.is_none_or(|it| {
                is_ours.insert(*process, it);
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

fn look_at(process: i32) -> Option<Process> {
    of_stat(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
}

fn of_stat(stat: &str) -> Option<Process> {
    // Behind the name, which may hold anything: the fields are counted from 3 there.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let field = |number: usize| fields.get(number - 3).copied();
    let count = |number| field(number)?.trim().parse::<u64>().ok();
    Some(Process {
        parent: field(4)?.parse().ok()?,
        ticks: (14..=17).filter_map(count).sum(),
        memory_bytes: count(24)? * 4096,
    })
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    fn process(parent: i32) -> Process {
        Process { parent, ticks: 1, memory_bytes: 1 }
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

    #[test]
    fn a_name_with_parentheses_hides_nothing() {
        let stat = "7 (a) S 1 2) R 3 0 0 0 -1 0 0 0 0 0 1 2 4 8 20 0 1 0 99 4096 5 0";
        let about = of_stat(stat).expect("a line of stat");
        assert_eq!((about.parent, about.ticks, about.memory_bytes), (3, 15, 5 * 4096));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's own processes")]
    fn time_is_counted_of_those_that_are_there_and_of_those_that_are_gone() {
        // The second one is waited for, the third ends by itself.
        let spin = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
        let script = format!("({spin}); read line; ({spin}; exec sleep 60) & read line; trap '' CHLD; wait");
        let mut shell = Command::new("sh");
        let mut shell = shell.args(["-c", &script]).stdin(Stdio::piped()).spawn().expect("a shell");
        let mut tree = Tree::new(Pid::from_raw(i32::try_from(shell.id()).expect("a number of a process")));
        let mut until = |what: &str, is_so: &dyn Fn(Together, usize) -> bool| {
            for _ in 0..3_000 {
                let together = tree.look();
                if is_so(together, tree.processes().count()) {
                    return together;
                }
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            panic!("{what} never came");
        };
        let first = until("the end of the first loop", &|now, count| now.cpu_ns > 0 && count == 1);
        use std::io::Write;
        let mut stdin = shell.stdin.take().expect("piped");
        stdin.write_all(b"\n").expect("a line");
        let both = until("the second loop", &|now, count| now.cpu_ns > first.cpu_ns * 3 / 2 && count == 2);
        assert!(both.memory_bytes > 0);
        drop(stdin);
        shell.kill().expect("it is ours");
        shell.wait().expect("it is ours");
    }
}
