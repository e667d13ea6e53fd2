//! How fast the machine is now, beside what it was: a neighbour on the same core makes the same work take more CPU time.
//! Not here: what is done about it (`verifier`).

use std::{
    hint::black_box,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use nix::time::{ClockId, clock_gettime};

/// The best that a fixed piece of work has taken so far.
#[derive(Debug)]
pub struct Speed {
    best_ns: AtomicU64,
}

/// The same work takes a tenth more or less from run to run on a quiet machine.
const USUAL: f64 = 1.15;
/// Of so many runs of the work the best counts, so that one interruption says nothing: while a program runs...
const QUICK_RUNS: usize = 3;
/// ...and where a verdict waits for the answer.
const THOROUGH_RUNS: usize = 20;

/// The speed of this machine, held against the best that this process has seen. The first caller measures: it should be one
/// who runs nothing yet.
pub fn machine_speed() -> &'static Speed {
    static SPEED: OnceLock<Speed> = OnceLock::new();
    SPEED.get_or_init(|| Speed { best_ns: AtomicU64::new(fastest_ns(THOROUGH_RUNS)) })
}

impl Speed {
    /// Whether the machine is about as fast now as it has been at its best.
    pub fn is_usual(&self) -> bool {
        let now_ns = fastest_ns(THOROUGH_RUNS);
        self.best_ns.fetch_min(now_ns, Ordering::Relaxed);
        self.slowness_of(now_ns) <= USUAL
    }

    /// How many times as long as at its best the machine takes now. The best is that of thorough looks: of many quick ones some
    /// would fall into a moment so lucky that nothing is usual any more.
    pub(crate) fn slowness(&self) -> f64 {
        self.slowness_of(fastest_ns(QUICK_RUNS))
    }

    #[expect(clippy::cast_precision_loss, reason = "a fraction of a second")]
    fn slowness_of(&self, now_ns: u64) -> f64 {
        now_ns.max(1) as f64 / self.best_ns.load(Ordering::Relaxed).max(1) as f64
    }
}

fn fastest_ns(runs: usize) -> u64 {
    let one_run = || {
        let begun = thread_cpu_ns();
        black_box(work(black_box(7)));
        thread_cpu_ns().saturating_sub(begun)
    };
    (0..runs).map(|_| one_run()).min().unwrap_or(u64::MAX)
}

/// CPU time of the calling thread; 0 where there is no such clock, so that every speed is usual.
fn thread_cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(std::time::Duration::from).unwrap_or_default();
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A fraction of a millisecond of what interpreters do: branches that cannot be foretold, loads that depend on each other.
fn work(seed: u32) -> u32 {
    const CELLS: u32 = 1 << 13;
    let mut state = seed;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let mut cells: Vec<u32> = (0..CELLS).map(|_| random() % CELLS).collect();
    cells.sort_unstable();
    (0..1_u32 << 15).fold(0, |at, step| {
        let cell = cells[((at ^ step) % CELLS) as usize];
        if cell & 1 == 0 { cell.wrapping_add(at) } else { cell ^ (at >> 1) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slowness_is_what_the_work_takes_now_over_the_best() {
        let speed = Speed { best_ns: AtomicU64::new(1_000) };
        assert!(speed.slowness_of(1_100) <= USUAL && speed.slowness_of(1_200) > USUAL);
        let without_a_clock = Speed { best_ns: AtomicU64::new(0) };
        assert!(without_a_clock.slowness_of(0) <= 1.0);
    }

    #[test]
    fn a_quick_look_leaves_the_best_as_it_is() {
        let speed = Speed { best_ns: AtomicU64::new(u64::MAX) };
        speed.slowness();
        assert_eq!(speed.best_ns.load(Ordering::Relaxed), u64::MAX);
    }

    #[test]
    fn a_machine_that_was_never_faster_is_as_fast_as_usual() {
        assert!(Speed { best_ns: AtomicU64::new(u64::MAX) }.is_usual());
        assert!(!Speed { best_ns: AtomicU64::new(1) }.is_usual());
    }
}
