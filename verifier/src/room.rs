//! The room in which programs run: together with others, or alone.
//! Not here: which program is run alone (`verify`).

use std::sync::{Arc, PoisonError, RwLock};

/// Shared by all workers of a run. Whoever waits to be alone goes before those who come after.
#[derive(Clone, Debug, Default)]
pub struct Room(Arc<RwLock<()>>);

impl Room {
    /// Runs something while others may run too.
    pub(crate) fn among_others<T>(&self, run: impl FnOnce() -> T) -> T {
        let _others = self.0.read().unwrap_or_else(PoisonError::into_inner);
        run()
    }

    /// Waits until nothing else runs, and lets nothing else begin meanwhile.
    pub(crate) fn alone<T>(&self, run: impl FnOnce() -> T) -> T {
        let _alone = self.0.write().unwrap_or_else(PoisonError::into_inner);
        run()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use super::*;

    #[test]
    fn nothing_runs_beside_one_that_is_alone() {
        let (room, running) = (Room::default(), AtomicUsize::new(0));
        let enter = || {
            let before = running.fetch_add(1, Ordering::SeqCst);
            thread::yield_now();
            let after = running.fetch_sub(1, Ordering::SeqCst) - 1;
            (before, after)
        };
        thread::scope(|scope| {
            for number in 0..8 {
                let (room, enter) = (&room, &enter);
                scope.spawn(move || {
                    for round in 0..200 {
                        if (number + round) % 5 == 0 {
                            assert_eq!(room.alone(enter), (0, 0));
                        } else {
                            room.among_others(enter);
                        }
                    }
                });
            }
        });
    }
}
