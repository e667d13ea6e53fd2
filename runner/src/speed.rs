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
/// Less than the tenth that is left to chance where a program is stopped for good (`Limits::firm_percent`).
const BEST: f64 = 1.08;
/// Of so many runs of the work the best counts, so that one interruption says nothing.
const RUNS: usize = 3;

/// The speed of this machine, held against the best that this process has seen. The first caller measures, some
/// milliseconds: it should be one who runs nothing yet.
pub fn machine_speed() -> &'static Speed {
    static SPEED: OnceLock<Speed> = OnceLock::new();
    SPEED.get_or_init(|| Speed { best_ns: AtomicU64::new(now_ns()) })
}

impl Speed {
    /// Whether the machine is about as fast now as it has been at its best.
    pub fn is_usual(&self) -> bool {
        self.is_within(USUAL)
    }

    /// Whether it is so fast that a program over a limit by a tenth would be over it on this machine at its best too.
    pub(crate) fn is_at_its_best(&self) -> bool {
        self.is_within(BEST)
    }

    fn is_within(&self, share: f64) -> bool {
        let now_ns = now_ns();
        let best_ns = self.best_ns.fetch_min(now_ns, Ordering::Relaxed).min(now_ns);
        is_within(now_ns, best_ns, share)
    }
}

#[expect(clippy::cast_precision_loss, reason = "some milliseconds")]
fn is_within(now_ns: u64, best_ns: u64, share: f64) -> bool {
    now_ns as f64 <= best_ns as f64 * share
}

fn now_ns() -> u64 {
    let one_run = || {
        let begun = thread_cpu_ns();
        black_box(work(black_box(7)));
        thread_cpu_ns().saturating_sub(begun)
    };
    (0..RUNS).map(|_| one_run()).min().unwrap_or(u64::MAX)
}

/// CPU time of the calling thread; 0 where there is no such clock, so that every speed is usual.
fn thread_cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(std::time::Duration::from).unwrap_or_default();
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Some milliseconds of what interpreters do: branches that cannot be foretold, loads that depend on each other.
fn work(seed: u32) -> u32 {
    const CELLS: u32 = 1 << 14;
    let mut state = seed;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let mut cells: Vec<u32> = (0..CELLS).map(|_| random() % CELLS).collect();
    cells.sort_unstable();
    (0..1_u32 << 18).fold(0, |at, step| {
        let cell = cells[((at ^ step) % CELLS) as usize];
        if cell & 1 == 0 { cell.wrapping_add(at) } else { cell ^ (at >> 1) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sixth_more_than_the_best_is_not_usual() {
        assert!(is_within(1_100, 1_000, USUAL) && !is_within(1_100, 1_000, BEST));
        assert!(!is_within(1_200, 1_000, USUAL));
        assert!(is_within(0, 0, BEST), "a host without that clock");
    }

    #[test]
    fn a_machine_that_was_never_faster_is_as_fast_as_usual() {
        assert!(Speed { best_ns: AtomicU64::new(u64::MAX) }.is_usual());
        assert!(!Speed { best_ns: AtomicU64::new(1) }.is_usual());
    }
}
