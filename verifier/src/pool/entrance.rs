//! Lets workers in: as many at once as there are cores, and another one whenever programs have slept for as long as it costs
//! to start one.
//! Not here: what workers do (`pool`), who sleeps (the runner).
//! More workers than cores are of use where programs sleep. Elsewhere they judge nothing sooner, and each costs as much to
//! start as a hundred programs cost to judge. Whoever pays for the next worker only when sleep has wasted its price pays at
//! most twice what the best choice would have cost, however programs behave.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How often whoever stands at the entrance looks who sleeps.
const LOOK: Duration = Duration::from_millis(50);
/// About what it takes to start a warm interpreter.
const PRICE: Duration = Duration::from_millis(200);

pub(super) struct Entrance<F> {
    /// So many need not pay.
    at_once: usize,
    /// How many programs sleep at the moment.
    asleep: F,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Workers that have entered; the next is the one of that number.
    entered: usize,
    /// How long programs have slept, less what was paid for workers.
    slept: Duration,
    is_closed: bool,
}

/// Closes the entrance when it is dropped: nobody needs to enter any more.
pub(super) struct Closing<'a, F: Fn() -> usize>(&'a Entrance<F>);

impl<F: Fn() -> usize> Drop for Closing<'_, F> {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.changed.notify_all();
    }
}

impl<F: Fn() -> usize> Entrance<F> {
    pub(super) fn new(at_once: usize, asleep: F) -> Self {
        Self { at_once, asleep, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits until worker `number` may begin; they come in the order of their numbers. False where it need not any more.
    pub(super) fn enter(&self, number: usize) -> bool {
        let not_its_turn = |state: &mut State| !state.is_closed && state.entered < number;
        let mut state = self.changed.wait_while(self.lock(), not_its_turn).unwrap_or_else(PoisonError::into_inner);
        while number >= self.at_once && !state.is_closed {
            if let Some(left) = state.slept.checked_sub(PRICE) {
                state.slept = left;
                break;
            }
            let is_open = |state: &mut State| !state.is_closed;
            let look = self.changed.wait_timeout_while(state, LOOK, is_open);
            state = look.unwrap_or_else(PoisonError::into_inner).0;
            let asleep = u32::try_from((self.asleep)()).unwrap_or(u32::MAX);
            state.slept = state.slept.saturating_add(LOOK.saturating_mul(asleep));
        }
        state.entered += 1;
        self.changed.notify_all();
        !state.is_closed
    }

    pub(super) fn closing(&self) -> Closing<'_, F> {
        Closing(self)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use super::*;

    /// How many of 8 workers enter where 2 may at once, and `asleep` tells so often who sleeps.
    fn entered(looks: usize, asleep: impl Fn(usize) -> usize + Sync) -> usize {
        let look = AtomicUsize::new(0);
        let entrance = Entrance::new(2, || {
            let number = look.fetch_add(1, Ordering::Relaxed);
            if number >= looks { 0 } else { asleep(number) }
        });
        let entered = AtomicUsize::new(0);
        thread::scope(|scope| {
            for number in 0..8 {
                let (entrance, entered) = (&entrance, &entered);
                scope.spawn(move || entered.fetch_add(usize::from(entrance.enter(number)), Ordering::Relaxed));
            }
            let closing = entrance.closing();
            while look.load(Ordering::Relaxed) <= looks && entered.load(Ordering::Relaxed) < 8 {
                thread::sleep(LOOK / 10);
            }
            drop(closing);
        });
        entered.load(Ordering::Relaxed)
    }

    #[test]
    fn where_nobody_sleeps_as_many_work_as_may_at_once() {
        assert_eq!(entered(5, |_| 0), 2);
    }

    #[test]
    fn another_one_enters_whenever_its_price_was_slept_away() {
        assert_eq!(entered(3, |_| 1), 2);
        assert_eq!(entered(4, |_| 1), 3);
        assert_eq!(entered(8, |_| 1), 4);
        assert_eq!(entered(1, |_| 9), 4, "several who sleep waste it together");
    }

    #[test]
    fn all_enter_where_all_sleep() {
        assert_eq!(entered(100, |_| 8), 8);
    }
}
