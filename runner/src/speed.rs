//! How fast the machine is now, beside what it was: a neighbour on the same core makes the same work take more CPU time.
//! Not here: what is done about it (`verifier`).

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, DefaultHasher},
    hint::black_box,
    sync::{
        OnceLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use nix::time::{ClockId, clock_gettime};

/// How long a fixed piece of work took at its best.
#[derive(Debug)]
pub struct Speed {
    best_ns: AtomicU64,
    /// How often it was still measured because a program began.
    learned: AtomicUsize,
}

/// What a machine was felt to be like over some time, on the core of the thread that felt it.
///
/// What counts is how much work is done in that time, as for a program: the mean of speeds, not of times, of which one
/// interruption makes too much. The best of a few pieces of work would say nothing: a neighbour comes and goes within
/// milliseconds, and they find the gaps between its visits. Measured on 240 programs that took 1.0 to 1.6 times as long as at
/// their best, against what is felt beside those at their best: the mean of speeds says 0.99 of that (nine in ten 0.94 to
/// 1.04), the mean of times 1.01 (0.94 to 1.08, up to 1.27).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Felt {
    count: u64,
    /// Pieces of work in a nanosecond, added up.
    speeds: f64,
}

/// So much more than at its best is no sign of a neighbour.
const USUAL: f64 = 1.08;
/// The mean of so many pieces of work in a row says how fast the machine is.
const IN_A_ROW: u64 = 5;
/// A program that ran in between had the caches and whatever foretells branches: after so many pieces these are as they were
/// at the best (measured: after one the next still takes a tenth longer).
const WARMING: u64 = 3;
/// So often the machine is measured at the start, within some milliseconds.
const AT_START: usize = 12;
/// Those may all fall into a neighbour's visit (measured: one start in a hundred found a best that was a sixth too slow), so
/// the first programs, which begin over a longer time, are each preceded by one more: a millisecond.
const BEFORE_PROGRAMS: usize = 32;
/// One piece that took more than so many times the best was interrupted, and says no more than that.
const MOST: u64 = 4;

/// The speed of this machine, held against the best that this process has seen. The first caller measures: it should be one
/// who runs nothing yet.
pub fn machine_speed() -> &'static Speed {
    static SPEED: OnceLock<Speed> = OnceLock::new();
    SPEED.get_or_init(|| {
        let speed = Speed { best_ns: AtomicU64::new(u64::MAX), learned: AtomicUsize::new(0) };
        for _ in 0..AT_START {
            speed.now();
        }
        speed
    })
}

impl Speed {
    /// How many times as long as at its best the machine takes now, on the core of this thread.
    pub fn now(&self) -> f64 {
        let mut felt = Felt::default();
        (0..IN_A_ROW).for_each(|_| self.feel(&mut felt));
        self.slowness(felt).unwrap_or(1.0)
    }

    /// Measures once more what the best is, where few programs have begun since the start.
    pub(crate) fn learn(&self) {
        let is_known = self.learned.load(Ordering::Relaxed) >= BEFORE_PROGRAMS;
        if !is_known && self.learned.fetch_add(1, Ordering::Relaxed) < BEFORE_PROGRAMS {
            self.now();
        }
    }

    /// Whether a machine that takes so many times as long as at its best is about as fast as usual.
    pub fn is_usual(slowness: f64) -> bool {
        slowness <= USUAL
    }

    /// Does a piece of the work, and some before: a quarter of a millisecond.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a fraction of a second")]
    pub(crate) fn feel(&self, felt: &mut Felt) {
        for _ in 0..WARMING {
            black_box(work(black_box(7)));
        }
        let begun = thread_cpu_ns();
        black_box(work(black_box(7)));
        let took_ns = thread_cpu_ns().saturating_sub(begun);
        felt.add(took_ns.min(self.best_ns.load(Ordering::Relaxed).saturating_mul(MOST)));
        if felt.count == IN_A_ROW {
            // More in a row would hide a best moment, fewer would find one that no program is as lucky as.
            self.best_ns.fetch_min(felt.mean_ns() as u64, Ordering::Relaxed);
        }
    }

    /// How many times as long as at its best the machine took; `None` where nobody felt it.
    #[expect(clippy::cast_precision_loss, reason = "a fraction of a second")]
    pub(crate) fn slowness(&self, felt: Felt) -> Option<f64> {
        let best_ns = self.best_ns.load(Ordering::Relaxed).max(1);
        (felt.count > 0).then(|| (felt.mean_ns() / best_ns as f64).max(1.0))
    }
}

impl Felt {
    /// What was felt since.
    pub(crate) fn since(self, before: Self) -> Self {
        Self { count: self.count.saturating_sub(before.count), speeds: self.speeds - before.speeds }
    }

    /// How often.
    pub(crate) fn count(self) -> u64 {
        self.count
    }

    #[expect(clippy::cast_precision_loss, reason = "a fraction of a second")]
    pub(crate) fn add(&mut self, took_ns: u64) {
        self.count += 1;
        self.speeds += 1.0 / took_ns.max(1) as f64;
    }

    /// How long a piece takes at the mean of the speeds.
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    fn mean_ns(self) -> f64 {
        self.count as f64 / self.speeds
    }
}

/// CPU time of the calling thread; 0 where there is no such clock, so that every speed is usual.
fn thread_cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(std::time::Duration::from).unwrap_or_default();
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A twentieth of a millisecond of what interpreters do: hashing, strings, allocations, branches that cannot be foretold. Beside
/// neighbours it takes as many times as long as a Python program that computes does; sorting and chasing numbers, tried
/// before, take 1.2 times as long where that takes 1.4.
fn work(seed: u32) -> u32 {
    const STRINGS: u32 = 1 << 9;
    let mut state = seed;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    // Hashed with the same keys each time: the same work.
    let mut numbers: HashMap<String, u32, BuildHasherDefault<DefaultHasher>> = HashMap::default();
    numbers.extend((0..STRINGS).map(|number| ((random() % (8 * STRINGS)).to_string(), number)));
    let mut sorted: Vec<(String, u32)> = numbers.into_iter().collect();
    sorted.sort_unstable();
    sorted.iter().fold(0, |sum, (_, number)| sum ^ number)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Speed {
        /// How long the work takes on a machine that takes so many times as long as at its best.
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "tests"
        )]
        pub(crate) fn as_slow_as(&self, slowness: f64) -> u64 {
            (self.best_ns.load(Ordering::Relaxed) as f64 * slowness) as u64
        }
    }

    fn speed(best_ns: u64) -> Speed {
        Speed { best_ns: AtomicU64::new(best_ns), learned: AtomicUsize::new(0) }
    }

    #[test]
    fn slowness_is_how_long_what_was_done_at_all_speeds_takes_at_the_best() {
        let mut felt = Felt::default();
        [1_000, 1_000].iter().for_each(|took_ns| felt.add(*took_ns));
        let before = felt;
        [1_600, 1_600].iter().for_each(|took_ns| felt.add(*took_ns));
        let slowness = |best_ns, felt| speed(best_ns).slowness(felt).map(|slowness| (slowness * 1_000.0).round());
        // In half of the time 1, in the other half 1 / 1.6 of what is done at the best.
        assert_eq!(slowness(1_000, felt), Some(1_231.0));
        assert_eq!(slowness(1_000, felt.since(before)), Some(1_600.0));
        assert_eq!(slowness(2_000, felt), Some(1_000.0), "better than the best");
        assert_eq!(slowness(1_000, Felt::default()), None);
    }

    #[test]
    fn a_row_of_work_that_was_faster_than_ever_is_the_new_best() {
        let speed = speed(u64::MAX);
        let mut felt = Felt::default();
        for _ in 1..IN_A_ROW {
            speed.feel(&mut felt);
        }
        assert_eq!(speed.best_ns.load(Ordering::Relaxed), u64::MAX, "few say little");
        speed.feel(&mut felt);
        assert!(speed.slowness(felt).is_some_and(|slowness| slowness < 1.001), "{speed:?}, {felt:?}");
    }

    #[test]
    fn a_start_in_a_bad_moment_is_made_up_for_by_what_the_first_programs_find() {
        let speed = speed(u64::MAX - 1);
        speed.learn();
        assert!(speed.best_ns.load(Ordering::Relaxed) < 1_000_000_000, "{speed:?}");
        (1..BEFORE_PROGRAMS).for_each(|_| speed.learn());
        speed.best_ns.store(u64::MAX - 1, Ordering::Relaxed);
        speed.learn();
        assert_eq!(speed.best_ns.load(Ordering::Relaxed), u64::MAX - 1, "by now it is known");
    }

    #[test]
    fn work_that_was_interrupted_counts_as_slow_and_no_more() {
        let speed = speed(10);
        let mut felt = Felt::default();
        speed.feel(&mut felt);
        assert_eq!(speed.slowness(felt), Some(4.0));
    }

    #[test]
    fn a_clock_that_stands_still_makes_every_speed_usual() {
        let mut felt = Felt::default();
        felt.add(0);
        assert!(Speed::is_usual(speed(0).slowness(felt).expect("felt")));
    }
}
