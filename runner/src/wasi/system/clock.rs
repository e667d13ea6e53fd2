//! The clock that a guest sees: made of the fuel it used and of the time it slept, of nothing that the host's clock says.
//! Not here: who reads it (`process`), who sleeps (`poll`).
//! In: fuel, time slept. Out: nanoseconds, never fewer than before.

use super::{
    abi,
    errno::{Answer, Errno},
};

/// What a nanosecond of CPU time costs: an exchange rate, which lets a program see about as much time go by as it would
/// see on a native CPU. Fuel is not time; a verdict counts fuel alone.
pub const FUEL_PER_NS: u64 = 20;

/// When every guest's life begins: 2024-01-01T00:00:00Z, in nanoseconds since 1970.
pub(crate) const BEGINNING_NS: u64 = 1_704_067_200_000_000_000;

/// Where there is no fuel to see time by, each reading takes as long.
const READING_NS: u64 = 1000;

/// One guest's clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    fuel_used: u64,
    slept_ns: u64,
    /// Time that went by with readings; `None` as long as fuel is counted.
    readings_ns: Option<u64>,
}

impl Clock {
    /// Takes how much fuel was used; `None` where none is counted.
    pub(super) fn advance(&mut self, fuel_used: Option<u64>) {
        match fuel_used {
            Some(fuel) => self.fuel_used = self.fuel_used.max(fuel),
            None => _ = self.readings_ns.get_or_insert(0),
        }
    }

    /// What one of the guest's clocks says, at the moment of the last `advance`.
    pub(super) fn read(&mut self, clock: u32) -> Answer<u64> {
        if let Some(readings_ns) = &mut self.readings_ns {
            *readings_ns = readings_ns.saturating_add(READING_NS);
        }
        self.peek(clock)
    }

    /// The same, for the host's own purposes.
    pub(super) fn peek(&self, clock: u32) -> Answer<u64> {
        match clock {
            abi::CLOCK_REALTIME => Ok(self.now_ns()),
            abi::CLOCK_MONOTONIC => Ok(self.monotonic_ns()),
            abi::CLOCK_PROCESS_CPUTIME | abi::CLOCK_THREAD_CPUTIME => Ok(self.cpu_ns()),
            _ => Err(Errno::Inval),
        }
    }

    /// Nanoseconds since 1970.
    pub(super) fn now_ns(&self) -> u64 {
        BEGINNING_NS.saturating_add(self.monotonic_ns())
    }

    /// How long the guest has slept in all.
    pub(super) fn slept_ns(&self) -> u64 {
        self.slept_ns
    }

    /// Lets time go by.
    pub(super) fn sleep(&mut self, duration_ns: u64) {
        self.slept_ns = self.slept_ns.saturating_add(duration_ns);
    }

    fn monotonic_ns(&self) -> u64 {
        self.cpu_ns().saturating_add(self.slept_ns)
    }

    fn cpu_ns(&self) -> u64 {
        (self.fuel_used / FUEL_PER_NS).saturating_add(self.readings_ns.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(clock: &mut Clock) -> [u64; 4] {
        [0, 1, 2, 3].map(|id| clock.read(id).expect("a clock"))
    }

    #[test]
    fn time_is_fuel_and_sleep() {
        let mut clock = Clock::default();
        clock.advance(Some(20_000));
        assert_eq!(read(&mut clock), [BEGINNING_NS + 1000, 1000, 1000, 1000]);
        clock.sleep(5);
        clock.advance(Some(20_000));
        assert_eq!(read(&mut clock), [BEGINNING_NS + 1005, 1005, 1000, 1000]);
        assert_eq!(clock.read(4), Err(Errno::Inval));
    }

    #[test]
    fn time_does_not_go_back_or_overflow() {
        let mut clock = Clock::default();
        clock.advance(Some(u64::MAX));
        clock.advance(Some(0));
        clock.sleep(u64::MAX);
        clock.sleep(u64::MAX);
        assert_eq!(read(&mut clock), [u64::MAX, u64::MAX, u64::MAX / 20, u64::MAX / 20]);
    }

    #[test]
    fn without_fuel_each_reading_takes_a_microsecond() {
        let mut clock = Clock::default();
        clock.advance(None);
        clock.advance(None);
        assert_eq!(read(&mut clock), [BEGINNING_NS + 1000, 2000, 3000, 4000]);
    }
}
