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
/// Of so many runs of the work the best counts, so that one interruption says nothing.
const RUNS: usize = 3;

/// The speed of this machine, held against the best that this process has seen. The first caller
/// measures: it should be one who runs nothing yet.
pub fn machine_speed() -> &'static Speed {
    static SPEED: OnceLock<Speed> = OnceLock::new();
    SPEED.get_or_init(|| Speed { best_ns: AtomicU64::new(now_ns()) })
}

impl Speed {
    /// Whether the machine is about as fast now as it has been at its best.
    pub fn is_usual(&self) -> bool {
        self.slowness() <= USUAL
    }

    /// How many times as long as at its best the machine takes now; 1 or more.
    #[expect(clippy::cast_precision_loss, reason = "some milliseconds")]
    pub(crate) fn slowness(&self) -> f64 {
        let now_ns = now_ns().max(1);
        let best_ns = self.best_ns.fetch_min(now_ns, Ordering::Relaxed).clamp(1, now_ns);
        now_ns as f64 / best_ns as f64
    }
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
    fn a_machine_that_was_never_faster_is_as_fast_as_usual() {
        assert!(Speed { best_ns: AtomicU64::new(u64::MAX) }.is_usual());
        assert!(!Speed { best_ns: AtomicU64::new(1) }.is_usual());
    }
}
