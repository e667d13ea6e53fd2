//! How much CPU time a program may use before it is stopped for good, given how fast the machine was meanwhile.
//! Not here: measuring the speed (`speed`), what a program has used (`watch`).
//! CPU time counts more where cores and caches are shared, so limits have headroom ([`Limits::firm_percent`]). A program gets
//! as much of it as the machine was slow while it ran: none on a machine that is as fast as it ever was, all on a slow one.
//!
//! [`Limits::firm_percent`]: crate::Limits::firm_percent

/// A program, or one call of it, on its way to a limit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// The call that runs.
    call: Option<u32>,
    /// What it had used when the speed was asked for last.
    asked_ns: u64,
    /// The share of CPU time that counted for nothing then, because the machine was slow.
    slow_share: f64,
    /// CPU time that counts for nothing, all in all.
    lost_ns: u64,
}

/// At every so many percent of a limit the speed is asked for: that costs most of a millisecond.
const ASKED_EVERY_PERCENT: u64 = 8;
/// Below, nothing is worth the asking.
const WORTH_ASKING_NS: u64 = 500_000_000;
/// Up to here a machine that is slower than at its best may be so by chance: time counts for as much less as it is slow.
const CHANCE: f64 = 1.08;

/// A program may suffer much more than what the speed is measured with: slowness beyond chance counts so many times.
const SUFFERING: i32 = 4;

/// The share of CPU time that counts for nothing on a machine that takes `slowness` times as long as at its best.
fn slow_share(slowness: f64) -> f64 {
    let (by_chance, beyond) = (slowness.clamp(1.0, CHANCE), (slowness / CHANCE).max(1.0));
    1.0 - beyond.powi(-SUFFERING) / by_chance
}

impl Pace {
    /// Takes note that a call has used so much of a limit; what it may use by now. `slowness` is asked from time to time.
    pub(super) fn allowed_ns(
        &mut self,
        (call, used_ns): (Option<u32>, u64),
        (limit_ns, firm_percent): (u64, u64),
        slowness: impl Fn() -> f64,
    ) -> u64 {
        if firm_percent >= 100 || limit_ns < WORTH_ASKING_NS {
            return limit_ns;
        }
        if self.call != call {
            *self = Self { call, ..Self::default() };
        }
        let step_ns = limit_ns / 100 * ASKED_EVERY_PERCENT;
        let since_ns = used_ns.saturating_sub(self.asked_ns);
        let firm_ns = limit_ns / 100 * firm_percent;
        if since_ns >= step_ns || used_ns > firm_ns + self.lost_ns {
            let now = slow_share(slowness());
            // Who could not look in time knows nothing of the time between.
            let share = if since_ns < 2 * step_ns { now.max(self.slow_share) } else { 1.0 };
            self.lost_ns += share_of(since_ns, share);
            (self.asked_ns, self.slow_share) = (used_ns, now);
        }
        limit_ns.min(firm_ns + self.lost_ns)
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of seconds"
)]
fn share_of(ns: u64, share: f64) -> u64 {
    (ns as f64 * share) as u64
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const MS: u64 = 1_000_000;
    /// 70 % of it are firm: 1,050 ms.
    const LIMIT: (u64, u64) = (1_500 * MS, 70);

    /// At which CPU time a call is stopped that is looked at every 20 ms.
    fn stopped_ms(slowness: impl Fn(u64) -> f64) -> u64 {
        let mut pace = Pace::default();
        let is_over = |ms: &u64| ms * MS > pace.allowed_ns((Some(3), ms * MS), LIMIT, || slowness(*ms));
        (0..2_000).step_by(20).find(is_over).expect("a limit")
    }

    #[test]
    fn a_fast_machine_stops_a_program_at_what_is_firm() {
        assert_eq!(stopped_ms(|_| 1.0), 1_060);
    }

    #[test]
    fn time_counts_for_as_much_less_as_a_machine_is_a_little_slow() {
        assert_eq!(stopped_ms(|_| 1.04), 1_100);
        assert_eq!(stopped_ms(|_| 1.08), 1_140);
    }

    #[test]
    fn a_slow_machine_lets_a_program_use_its_whole_limit() {
        assert_eq!(stopped_ms(|_| 1.5), 1_520);
        assert_eq!(stopped_ms(|_| 1.17), 1_520);
    }

    #[test]
    fn time_on_a_slow_machine_counts_less_and_other_time_does_not() {
        let slow_for_a_while = stopped_ms(|ms| if (300..500).contains(&ms) { 1.25 } else { 1.0 });
        assert!((1_100..1_250).contains(&slow_for_a_while), "{slow_for_a_while}");
        let slow_at_the_end = stopped_ms(|ms| if ms > 1_000 { 1.25 } else { 1.0 });
        assert!((1_060..1_250).contains(&slow_at_the_end), "{slow_at_the_end}");
    }

    #[test]
    fn who_looks_too_late_stops_nobody_early() {
        let allowed_ms = |pace: &mut Pace, call, ms: u64| pace.allowed_ns((Some(call), ms * MS), LIMIT, || 1.0) / MS;
        assert_eq!(allowed_ms(&mut Pace::default(), 0, 1_200), 1_500);
        let mut pace = Pace::default();
        for ms in (0..1_000).step_by(100) {
            assert_eq!(allowed_ms(&mut pace, 0, ms), 1_050);
        }
        assert_eq!(allowed_ms(&mut pace, 1, 1_200), 1_500, "another call");
    }

    #[test]
    fn the_speed_is_asked_now_and_then() {
        let asked = Cell::new(0);
        stopped_ms(|_| {
            asked.set(asked.get() + 1);
            1.0
        });
        assert_eq!(asked.get(), 9);
    }
}
