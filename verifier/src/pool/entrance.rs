//! Lets workers in: as many as there are cores at once, and twice as many each time when all are at work and the machine
//! still has time for more.
//! Not here: what they do (`pool`).
//! Programs that wait leave time for others, so more workers than cores can be of use; but to start one costs as much as to
//! judge a hundred programs, and on a busy machine it judges none sooner.

use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// How long the machine is looked at: longer than workers wait for each other while a problem is made ready.
const LOOK: Duration = Duration::from_millis(1_000);
/// What more workers need: most of a core.
const ENOUGH_IDLE_MS: u64 = 750;

pub(super) struct Entrance<F> {
    /// CPU time for which the machine had nothing to do so far; `None` where nobody says, and everybody may enter.
    idle_cpu_ms: F,
    state: Mutex<State>,
    changed: Condvar,
    at_work: AtomicUsize,
}

struct State {
    inside: usize,
    /// So many may be inside.
    allowed: usize,
    is_closed: bool,
}

/// Closes the entrance when it is dropped.
pub(super) struct Closing<'a, F>(&'a Entrance<F>);

impl<F> Drop for Closing<'_, F> {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.changed.notify_all();
    }
}

impl<F: Fn() -> Option<u64>> Entrance<F> {
    pub(super) fn new(at_once: usize, idle_cpu_ms: F) -> Self {
        let state = State { inside: 0, allowed: at_once, is_closed: false };
        Self { idle_cpu_ms, state: Mutex::new(state), changed: Condvar::new(), at_work: AtomicUsize::new(0) }
    }

    /// Waits until worker `number` may begin; they come in the order of their numbers. False where it need not any more.
    pub(super) fn enter(&self, number: usize) -> bool {
        let not_its_turn = |state: &mut State| !state.is_closed && state.inside < number;
        let mut state = self.changed.wait_while(self.lock(), not_its_turn).unwrap_or_else(PoisonError::into_inner);
        while number >= state.allowed && !state.is_closed {
            let before_ms = (self.idle_cpu_ms)();
            let look = self.changed.wait_timeout_while(state, LOOK, |state| !state.is_closed);
            state = look.unwrap_or_else(PoisonError::into_inner).0;
            let is_idle =
                before_ms.zip((self.idle_cpu_ms)()).is_none_or(|(before, now)| now >= before + ENOUGH_IDLE_MS);
            if is_idle && self.at_work.load(Ordering::Relaxed) == state.inside {
                state.allowed = 2 * state.inside;
            }
        }
        state.inside += 1;
        self.changed.notify_all();
        !state.is_closed
    }

    /// Does what a worker is there for.
    pub(super) fn at_work<R>(&self, work: impl FnOnce() -> R) -> R {
        self.at_work.fetch_add(1, Ordering::Relaxed);
        let result = work();
        self.at_work.fetch_sub(1, Ordering::Relaxed);
        result
    }

    /// Closes the entrance when the answer is dropped: nobody needs to enter any more.
    pub(super) fn closing(&self) -> Closing<'_, F> {
        Closing(self)
    }
}

impl<F> Entrance<F> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;

    /// How many of 8 workers enter where 2 may at once: the first two, and whoever else does within a while, all of them
    /// `at_work` or none.
    fn inside(idle_cpu_ms: impl Fn() -> Option<u64> + Sync, at_work: bool) -> usize {
        let entrance = Entrance::new(2, idle_cpu_ms);
        let (entered, arrivals) = mpsc::channel();
        thread::scope(|scope| {
            for number in 0..8 {
                let (entrance, entered) = (&entrance, entered.clone());
                scope.spawn(move || {
                    if entrance.enter(number) {
                        entrance.at_work.fetch_add(usize::from(at_work), Ordering::Relaxed);
                        let _ = entered.send(number);
                    }
                });
            }
            let first: Vec<usize> = arrivals.iter().take(2).collect();
            assert!(first.iter().all(|number| *number < 2), "{first:?}");
            let others = (0..6).map_while(|_| arrivals.recv_timeout(2 * LOOK).ok()).count();
            drop(entrance.closing());
            2 + others
        })
    }

    /// A machine that is idle for so many ms between two looks.
    fn machine(idle_ms: usize) -> impl Fn() -> Option<u64> + Sync {
        let now = AtomicUsize::new(0);
        move || Some(now.fetch_add(idle_ms, Ordering::Relaxed) as u64)
    }

    #[test]
    fn a_busy_machine_has_as_many_workers_as_cores() {
        assert_eq!(inside(machine(0), true), 2);
    }

    #[test]
    fn an_idle_machine_has_more_where_all_are_at_work() {
        assert_eq!(inside(machine(1_000), true), 8);
        assert_eq!(inside(machine(1_000), false), 2, "there is nothing for them to do");
    }

    #[test]
    fn all_enter_where_nobody_says_how_idle_the_machine_is() {
        assert_eq!(inside(|| None, true), 8);
    }
}
