//! How much CPU time a program may use before it is stopped for good, given how fast the machine was meanwhile.
//! Not here: feeling how fast that is (`speed`), what a program has used (`watch`).
//! CPU time counts more where cores and caches are shared, so limits have headroom ([`Limits::firm_percent`]). A program gets
//! as much of it as the machine was slow while it ran: none on a machine that is about as fast as it ever was, all on a slow one.
//!
//! [`Limits::firm_percent`]: crate::Limits::firm_percent

use crate::speed::{Felt, machine_speed};

/// What the machine is felt to be like beside a program that computes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Beside {
    felt: Felt,
    /// What the program had used when it was felt last.
    used_ns: u64,
}

/// The best was felt in the luckiest moment and with warm caches. Beside a program that nobody disturbs it takes longer, which
/// is no slowness of the program: measured on 480 of known work, on a machine that was idle and on one that was not, what was
/// felt is 1.2 times what they took of their best, and never less than 1.015 times.
const UNDISTURBED: f64 = 1.05;

/// Of so much CPU time of a program, a hundred-and-fiftieth goes into feeling how fast it passes.
const EVERY_NS: u64 = 40_000_000;

impl Beside {
    /// Feels the machine, where the program has gone on since the last time.
    pub(super) fn look(&mut self, used_ns: u64) {
        if used_ns.saturating_sub(self.used_ns) >= EVERY_NS {
            machine_speed().feel(&mut self.felt);
            self.used_ns = used_ns;
        }
    }

    /// How many times as long as at its best the machine took; `None` where nobody felt it.
    pub(super) fn slowness(&self) -> Option<f64> {
        slowness(self.felt)
    }
}

fn slowness(felt: Felt) -> Option<f64> {
    machine_speed().slowness(felt).map(|slowness| (slowness / UNDISTURBED).max(1.0))
}

/// A program, or one call of it, on its way to a limit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// The call that runs.
    call: Option<u32>,
    /// What was felt before it began.
    before: Felt,
}

/// What was felt fewer times says nothing.
const FEWEST: u64 = 6;

impl Pace {
    /// What a call may use of a limit that has used so much by now.
    pub(super) fn allowed_ns(
        &mut self,
        (call, used_ns): (Option<u32>, u64),
        (limit_ns, firm_percent): (u64, u64),
        beside: &Beside,
    ) -> u64 {
        if self.call != call {
            *self = Self { call, before: beside.felt };
        }
        let firm_ns = limit_ns / 100 * firm_percent;
        if used_ns <= firm_ns || firm_percent >= 100 {
            return limit_ns;
        }
        let felt = beside.felt.since(self.before);
        // Who could not look in time knows nothing of the time between.
        if felt.count() < FEWEST || felt.count() * 2 * EVERY_NS < used_ns {
            return limit_ns;
        }
        limit_ns.min(times(firm_ns, slowness(felt).unwrap_or(f64::INFINITY)))
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few times some seconds"
)]
fn times(ns: u64, factor: f64) -> u64 {
    (ns as f64 * factor) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    /// 70 % of it are firm: 1,050 ms.
    const LIMIT: (u64, u64) = (1_500 * MS, 70);

    /// At which CPU time a call is stopped that is looked at every so many milliseconds, on a machine that is so slow then.
    fn stopped_ms(every_ms: usize, slowness: impl Fn(u64) -> f64) -> u64 {
        let (mut pace, mut beside) = (Pace::default(), Beside::default());
        let is_over = |ms: &u64| {
            if ms * MS >= beside.used_ns + EVERY_NS {
                // Beside a program it takes a twentieth longer than at its best when nobody disturbs it.
                beside.felt.add(machine_speed().as_slow_as(1.05 * slowness(*ms)));
                beside.used_ns = ms * MS;
            }
            ms * MS > pace.allowed_ns((Some(3), ms * MS), LIMIT, &beside)
        };
        (0..2_000).step_by(every_ms).find(is_over).expect("a limit")
    }

    #[test]
    fn a_fast_machine_stops_a_program_at_what_is_firm() {
        assert_eq!(stopped_ms(20, |_| 1.0), 1_060);
    }

    #[test]
    fn a_program_may_use_as_much_more_as_the_machine_is_slow() {
        assert_eq!(stopped_ms(20, |_| 1.04), 1_100);
        assert_eq!(stopped_ms(20, |_| 1.075), 1_140);
        assert_eq!(stopped_ms(20, |_| 1.3), 1_380);
    }

    #[test]
    fn a_slow_machine_lets_a_program_use_its_whole_limit() {
        assert_eq!(stopped_ms(20, |_| 1.5), 1_520);
        assert_eq!(stopped_ms(20, |_| 1.44), 1_520);
    }

    #[test]
    fn a_machine_that_is_slow_for_a_while_is_a_little_slow() {
        let stopped = stopped_ms(20, |ms| if (300..500).contains(&ms) { 1.25 } else { 1.0 });
        assert!((1_080..1_140).contains(&stopped), "{stopped}");
    }

    #[test]
    fn who_looks_too_late_stops_nobody_early() {
        assert_eq!(stopped_ms(70, |_| 1.0), 1_120);
        assert_eq!(stopped_ms(100, |_| 1.0), 1_600);
    }

    #[test]
    fn a_call_answers_for_its_own_time() {
        let (mut pace, mut beside) = (Pace::default(), Beside::default());
        (0..30).for_each(|_| beside.felt.add(machine_speed().as_slow_as(1.0)));
        let mut allowed_ms = |call, ms: u64| pace.allowed_ns((Some(call), ms * MS), LIMIT, &beside) / MS;
        assert_eq!(allowed_ms(0, 1_200), 1_500, "nothing was felt since it began");
        assert_eq!(
            Pace { call: Some(0), ..Pace::default() }.allowed_ns((Some(0), 1_200 * MS), LIMIT, &beside) / MS,
            1_050
        );
    }
}
