//! The room in which programs run: together with others, or alone.
//! Not here: which program is run alone (`verify`).

use std::{
    sync::{Arc, PoisonError, RwLock},
    thread,
    time::Duration,
};

use trialbox_runner::Speed;

/// Shared by all workers of a run. Whoever waits to be alone goes before those who come after.
#[derive(Clone, Debug, Default)]
pub struct Room(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    programs: RwLock<()>,
    speed: Speed,
}

/// How long a program waits that was run alone on a machine which others slowed down, before it is run once more.
const WAITS: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3)];

impl Room {
    /// Runs something while others may run too.
    pub(crate) fn among_others<T>(&self, run: impl FnOnce() -> T) -> T {
        let _others = self.0.programs.read().unwrap_or_else(PoisonError::into_inner);
        run()
    }

    /// Waits until nothing else runs, and lets nothing else begin meanwhile.
    pub(crate) fn alone<T>(&self, run: impl FnOnce() -> T) -> T {
        let _alone = self.0.programs.write().unwrap_or_else(PoisonError::into_inner);
        run()
    }

    /// Runs something alone, and where it `is_too_slow` and the machine was slower than it has been, again later: nothing
    /// here can quieten what runs beside trialbox, on the same core or under the same roof.
    pub(crate) fn alone_at_full_speed<T, E>(
        &self,
        mut run: impl FnMut() -> Result<T, E>,
        is_too_slow: impl Fn(&T) -> bool,
    ) -> Result<T, E> {
        let mut waits = WAITS.iter();
        loop {
            let was_usual = self.0.speed.is_usual();
            let ran = self.alone(&mut run)?;
            if !is_too_slow(&ran) || (was_usual && self.0.speed.is_usual()) {
                return Ok(ran);
            }
            let Some(wait) = waits.next() else {
                tracing::warn!("judged a program that was near its limit of time while the machine was slow");
                return Ok(ran);
            };
            thread::sleep(*wait);
        }
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
