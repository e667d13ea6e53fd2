//! Watches a running child from outside: its CPU time, its idle time, and whatever else the kernel does not limit here.
//! Not here: what happens when a limit is hit (`run`).
//! Nothing here asks the child; the one claim of its that counts (where the running call's CPU time began) can only
//! lengthen a call, never the whole.

use std::{
    fs,
    time::{Duration, Instant},
};

use nix::unistd::Pid;

use super::{
    jail::Jail,
    pace::{Beside, Pace},
    process::{self, RUNNABLE},
    scratch::Quota,
    tree::Tree,
    zygote::Zygote,
};
use crate::{
    job::Limits,
    outcome::{LimitHit, Phase},
    wire::ReplyHeader,
};

/// The counters of one running child.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    pid: Pid,
    /// All its processes, where it may have more than one.
    tree: Option<Tree>,
    limits: &'a Limits,
    /// Index in `limits.call_cpu_ns` of the job's first call.
    first_call: usize,
    polled: Polled,
    begun: Instant,
    presence: Presence,
    /// What the last look at the threads showed, once there was one.
    idle: Option<Idle>,
    /// What the machine is like meanwhile.
    beside: Beside,
    pace_of_all: Pace,
    pace_of_call: Pace,
}

/// The time in which the program could have run and did not, look by look.
#[derive(Clone, Copy, Debug)]
struct Presence {
    looked: Instant,
    used_ns: u64,
    not_running_ns: u64,
    /// Time that passed, whatever was done in it.
    there_ns: u64,
}

/// Looks are at most 20 ms apart. Of a longer time without one the rest counts for nobody: whoever kept the supervisor from
/// looking (a machine that stood still, or was too busy) kept the program from running.
const MOST_BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// Where a program may start others, no more time passes than so many times what it may use and what it may idle away: of
/// processes that come and go between two looks nobody knows whether they ran or waited for a core.
const MOST_PRESENCE: u64 = 5;

impl Presence {
    fn look(&mut self, now: Instant, used_ns: u64) {
        let gone_ns = self.pass(now);
        self.not_running_ns += gone_ns.saturating_sub(used_ns.saturating_sub(self.used_ns));
        self.used_ns = used_ns;
    }

    /// The same of many processes; returns for how long nothing was done. While one of them runs or could, something is.
    fn look_at_many(&mut self, now: Instant, used_ns: u64, is_any_runnable: bool) -> u64 {
        let gone_ns = self.pass(now);
        if !is_any_runnable {
            self.not_running_ns += gone_ns.saturating_sub(used_ns.saturating_sub(self.used_ns));
        }
        self.used_ns = used_ns;
        self.not_running_ns
    }

    /// Time since the look before.
    fn pass(&mut self, now: Instant) -> u64 {
        let gone = now.saturating_duration_since(self.looked).min(MOST_BETWEEN_LOOKS);
        let gone_ns = u64::try_from(gone.as_nanos()).unwrap_or(u64::MAX);
        self.there_ns += gone_ns;
        self.looked = now;
        gone_ns
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Idle {
    not_running_ns: u64,
    used_ns: u64,
    waited_ns: u64,
    /// Perhaps a wait that has not ended.
    pending_ns: u64,
    idle_ns: u64,
}

/// A program that used less CPU time than this between two looks can be said to have used none.
const NO_CPU_NS: u64 = 100_000;

impl Idle {
    /// Adds what came since the look before.
    ///
    /// The kernel adds a wait up when it ends; one that lasts shows as a thread that could run. Time that may be such a
    /// wait is pending until the program has run again: by then every earlier wait has been added up. So nothing can be
    /// saved up, and being found ready to run excuses no more than the time since the look before.
    fn since(self, before: Idle, threads: &Threads) -> Self {
        let gone_ns = self.not_running_ns.saturating_sub(before.not_running_ns);
        let used_ns = self.used_ns.saturating_sub(before.used_ns);
        let has_run = used_ns >= NO_CPU_NS;
        if threads.is_any_runnable && !has_run {
            return Self { idle_ns: before.idle_ns, pending_ns: before.pending_ns + gone_ns, ..self };
        }
        // Threads of one program that wait for each other do not wait for others: each moment of CPU time explains a
        // moment of waiting of every other thread.
        let for_each_other_ns = used_ns.saturating_mul(threads.count.saturating_sub(1));
        let waited_ns = self.waited_ns.saturating_sub(before.waited_ns).saturating_sub(for_each_other_ns);
        let unexplained_ns = (before.pending_ns + gone_ns).saturating_sub(waited_ns);
        let pending_ns = if threads.is_any_runnable { unexplained_ns.min(gone_ns) } else { 0 };
        Self { idle_ns: before.idle_ns + (unexplained_ns - pending_ns), pending_ns, ..self }
    }
}

/// What no kernel limit holds on this host, so that it has to be looked at again and again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Polled {
    /// Where no group limits memory.
    memory: bool,
    /// The most threads, where they are not counted per user namespace.
    threads: Option<u64>,
    /// Whether there may be more than one process.
    tree: bool,
}

impl Polled {
    pub(crate) fn of(jail: &Jail, zygote: &Zygote) -> Self {
        let threads = (!jail.has_namespaces()).then_some(jail.profile.limits.threads);
        Self { memory: zygote.group.is_none(), threads, tree: jail.may_fork() }
    }

    fn is_anything(&self) -> bool {
        self.memory || self.threads.is_some()
    }
}

impl<'a> Watch<'a> {
    pub(crate) fn new(pid: Pid, limits: &'a Limits, first_call: usize, polled: Polled) -> Self {
        let begun = Instant::now();
        let presence = Presence { looked: begun, used_ns: 0, not_running_ns: 0, there_ns: 0 };
        Self {
            pid,
            tree: polled.tree.then(|| Tree::new(pid)),
            limits,
            first_call,
            polled,
            begun,
            presence,
            idle: None,
            beside: Beside::default(),
            pace_of_all: Pace::default(),
            pace_of_call: Pace::default(),
        }
    }

    /// Leaves out time in which the program waited for its supervisor.
    pub(crate) fn rested(&mut self, waited: Duration) {
        self.begun += waited;
        self.presence.looked += waited;
    }

    /// How long to wait before the next look. Most programs end before the first; memory is looked at more often,
    /// because a program can touch a gigabyte in a fraction of a second.
    pub(crate) fn interval(&self) -> Duration {
        let age = self.begun.elapsed();
        if age < Duration::from_millis(20) {
            Duration::from_millis(2)
        } else if self.polled.is_anything() {
            Duration::from_millis(5)
        } else {
            Duration::from_millis(20)
        }
    }

    /// Whether a limit is exceeded now.
    pub(crate) fn check(&mut self, header: &ReplyHeader, quota: Option<&mut Quota>) -> Option<LimitHit> {
        let used_ns = self.cpu_ns();
        self.beside.look(used_ns);
        self.check_resources_at(used_ns, quota)
            .or_else(|| self.check_call(header, used_ns))
            .or_else(|| self.check_idle(used_ns))
    }

    /// Whether more CPU time is used than is allowed in all.
    pub(crate) fn overrun(&mut self) -> Option<LimitHit> {
        let used_ns = self.cpu_ns();
        self.overrun_at(used_ns)
    }

    fn overrun_at(&mut self, used_ns: u64) -> Option<LimitHit> {
        let limit = (self.limits.cpu_ns, self.limits.firm_percent);
        let allowed_ns = self.pace_of_all.allowed_ns((None, used_ns), limit, &self.beside);
        (used_ns > allowed_ns).then_some(LimitHit::Cpu { used_ns })
    }

    /// Whether a limit is exceeded that holds also while the program waits for its supervisor.
    pub(crate) fn check_resources(&mut self, quota: Option<&mut Quota>) -> Option<LimitHit> {
        let used_ns = self.cpu_ns();
        self.check_resources_at(used_ns, quota)
    }

    fn check_resources_at(&mut self, used_ns: u64, quota: Option<&mut Quota>) -> Option<LimitHit> {
        let limit = self.overrun_at(used_ns);
        limit.or_else(|| self.check_memory_and_threads()).or_else(|| quota.and_then(Quota::check))
    }

    fn check_call(&mut self, header: &ReplyHeader, used_ns: u64) -> Option<LimitHit> {
        let since_stamp_ns = used_ns.saturating_sub(header.cpu_stamp_ns);
        if header.progress().phase < Phase::Loaded || header.started == 0 {
            // The stamp is taken when loading begins, and again when it ends.
            return self.check_one(since_stamp_ns, self.limits.load_cpu_ns, None);
        }
        let call = header.started - 1;
        let limit_ns = self.limits.call_cpu_ns.get(self.first_call + call as usize)?;
        self.check_one(since_stamp_ns, *limit_ns, Some(call))
    }

    fn check_one(&mut self, used_ns: u64, limit_ns: u64, call: Option<u32>) -> Option<LimitHit> {
        let limit = (limit_ns, self.limits.firm_percent);
        let allowed_ns = self.pace_of_call.allowed_ns((call, used_ns), limit, &self.beside);
        (used_ns > allowed_ns).then_some(LimitHit::CallCpu { call, used_ns })
    }

    fn check_memory_and_threads(&self) -> Option<LimitHit> {
        if !self.polled.memory && self.polled.threads.is_none() {
            return None;
        }
        if let Some(tree) = &self.tree {
            let used_bytes = tree.last().memory_bytes;
            return (used_bytes > self.limits.memory_bytes).then_some(LimitHit::Memory { used_bytes });
        }
        let process = process::look_at(self.pid.as_raw())?;
        let (threads, used_bytes) = (process.threads, process.memory_bytes);
        if self.polled.memory && used_bytes > self.limits.memory_bytes {
            return Some(LimitHit::Memory { used_bytes });
        }
        // The first thread is the program itself.
        let most = self.polled.threads? + 1;
        (threads > most).then_some(LimitHit::Threads { threads, most })
    }

    fn check_idle(&mut self, used_ns: u64) -> Option<LimitHit> {
        let idle_ns = self.idle_ns(used_ns);
        let most_ns = self.limits.cpu_ns.saturating_add(self.limits.idle_ns).saturating_mul(MOST_PRESENCE);
        if self.tree.is_some() && self.presence.there_ns > most_ns {
            return Some(LimitHit::Idle { idle_ns: self.presence.there_ns });
        }
        (idle_ns > self.limits.idle_ns).then_some(LimitHit::Idle { idle_ns })
    }

    /// Idle is what remains of the wall time when CPU time and time spent waiting for a CPU are taken off: a measure
    /// that does not grow when the machine is busy. Far from the limit the waiting is not asked for: a look at the
    /// threads costs more than everything else here.
    pub(crate) fn idle_ns(&mut self, used_ns: u64) -> u64 {
        if let Some(tree) = &self.tree {
            return self.presence.look_at_many(Instant::now(), used_ns, tree.last().is_any_runnable);
        }
        self.presence.look(Instant::now(), used_ns);
        let not_running_ns = self.presence.not_running_ns;
        if not_running_ns <= self.limits.idle_ns / 2 {
            return not_running_ns;
        }
        let threads = self.threads();
        let now = Idle { not_running_ns, used_ns, waited_ns: threads.waited_ns, ..Idle::default() };
        let now = now.since(self.idle.unwrap_or_default(), &threads);
        self.idle = Some(now);
        now.idle_ns
    }

    /// How many times as long as at its best the machine took meanwhile; `None` where nobody felt it.
    pub(crate) fn slowness(&self) -> Option<f64> {
        self.beside.slowness()
    }

    /// The CPU time of all its processes at the last look, where it may have more than one: nobody waits for those that are
    /// there when the first of them ends.
    pub(crate) fn seen_cpu_ns(&self) -> u64 {
        self.tree.as_ref().map_or(0, |tree| tree.last().cpu_ns)
    }

    /// The most memory that its processes held together at a look, where it may have more than one.
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        self.tree.as_ref().map_or(0, Tree::peak_memory_bytes)
    }

    /// CPU time of the whole process, or of all of them.
    pub(crate) fn cpu_ns(&mut self) -> u64 {
        match &mut self.tree {
            Some(tree) => tree.look().cpu_ns,
            // 0 where it is gone: the exit is about to be seen.
            None => process::cpu_ns(self.pid),
        }
    }

    fn threads(&self) -> Threads {
        let mut threads = Threads::default();
        for thread in process::threads(self.pid.as_raw()) {
            let waited = fs::read_to_string(format!("{thread}/schedstat")).unwrap_or_default();
            let stat = fs::read(format!("{thread}/stat")).unwrap_or_default();
            threads.count += 1;
            threads.waited_ns += waited.split(' ').nth(1).and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
            threads.is_any_runnable |= process::of_stat(&stat).is_some_and(|about| about.state == RUNNABLE);
        }
        threads
    }
}

/// What the threads of a process show at one look.
#[derive(Clone, Copy, Debug, Default)]
struct Threads {
    count: u64,
    /// Time that they stood in a run queue, added up.
    waited_ns: u64,
    /// Whether one runs or stands in a run queue now.
    is_any_runnable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Idle time after looks 20 ms apart at `count` threads: CPU time used, waits that ended, and whether one could run.
    fn idle_ms(count: u64, looks: &[(u64, u64, bool)]) -> u64 {
        let mut idle = Idle::default();
        for (used_ms, waited_ms, is_any_runnable) in looks {
            let now = Idle {
                not_running_ns: idle.not_running_ns + (20 - used_ms) * MS,
                used_ns: idle.used_ns + used_ms * MS,
                waited_ns: idle.waited_ns + waited_ms * MS,
                ..Idle::default()
            };
            idle = now.since(idle, &Threads { count, waited_ns: now.waited_ns, is_any_runnable: *is_any_runnable });
        }
        idle.idle_ns / MS
    }

    #[test]
    fn a_machine_that_stands_still_makes_nobody_idle() {
        let begun = Instant::now();
        let mut presence = Presence { looked: begun, used_ns: 0, not_running_ns: 0, there_ns: 0 };
        presence.look(begun + Duration::from_millis(20), 5 * MS);
        assert_eq!(presence.not_running_ns, 15 * MS);
        presence.look(begun + Duration::from_millis(2_000), 6 * MS);
        assert_eq!(presence.not_running_ns, (15 + 99) * MS);
    }

    #[test]
    fn a_sleeper_is_idle_and_one_that_waits_for_a_cpu_is_not() {
        assert_eq!(idle_ms(1, &[(0, 0, false), (0, 0, false)]), 40);
        assert_eq!(idle_ms(1, &[(0, 20, false)]), 0, "its wait has ended");
        assert_eq!(idle_ms(1, &[(0, 0, true), (0, 0, true), (3, 57, false)]), 0, "a wait over several looks");
        assert_eq!(idle_ms(1, &[(5, 5, true), (0, 0, true), (3, 47, true), (2, 28, false)]), 0, "run, wait, run, wait");
        assert_eq!(idle_ms(1, &[(0, 0, true), (3, 7, false)]), 30, "most of it was no wait");
    }

    #[test]
    fn being_ready_to_run_at_every_look_is_no_excuse() {
        assert!(idle_ms(1, &[(1, 0, true); 10]) >= 9 * 19 - 20);
    }

    #[test]
    fn threads_that_wait_for_each_other_are_no_excuse() {
        assert_eq!(idle_ms(60, &[(1, 30, false)]), 19);
        assert!(idle_ms(60, &[(1, 30, true); 10]) >= 9 * 19 - 20);
        assert_eq!(idle_ms(4, &[(1, 30, false)]), 0, "few threads, which waited for other programs");
    }
}
