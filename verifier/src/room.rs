//! The room in which programs run: together with others, or alone.
//! Not here: which program is run alone (`near`).

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, Thread},
    time::Duration,
};

use trialbox_runner::{Speed, machine_speed};

/// Shared by all workers of a run. Who comes first is let in first, so nobody waits for ever, and whoever waits to be alone
/// goes before those who come after.
#[derive(Clone, Debug, Default)]
pub struct Room(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    line: Mutex<Line>,
    /// What all programs that run together may use.
    memory_bytes: u64,
}

/// Who is in the room, and who waits before it.
#[derive(Debug, Default)]
struct Line {
    inside: usize,
    inside_bytes: u64,
    is_alone: bool,
    waiting: VecDeque<Arc<Waiter>>,
}

#[derive(Debug)]
struct Waiter {
    wants: Wants,
    thread: Thread,
    is_admitted: AtomicBool,
}

/// What somebody wants of the room.
#[derive(Clone, Copy, Debug)]
enum Wants {
    /// To be the only one.
    All,
    /// So much of the memory.
    Bytes(u64),
}

/// Somebody in the room; leaves it when dropped.
struct Stay<'a> {
    room: &'a Shared,
    wants: Wants,
}

/// How long a program waits that was run alone on a machine which others slowed down, before it is run once more.
const WAITS: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3)];

impl Default for Shared {
    fn default() -> Self {
        Self { line: Mutex::default(), memory_bytes: u64::MAX }
    }
}

impl Line {
    /// Lets somebody in where there is room. A program that wants more than there is runs, but alone.
    fn admit(&mut self, wants: Wants, memory_bytes: u64) -> bool {
        let fits = match wants {
            Wants::All => self.inside == 0,
            Wants::Bytes(_) if self.inside == 0 => true,
            Wants::Bytes(bytes) => !self.is_alone && self.inside_bytes.saturating_add(bytes) <= memory_bytes,
        };
        if fits {
            self.inside += 1;
            match wants {
                Wants::All => self.is_alone = true,
                Wants::Bytes(bytes) => self.inside_bytes = self.inside_bytes.saturating_add(bytes),
            }
        }
        fits
    }
}

impl Shared {
    fn enter(&self, wants: Wants) -> Stay<'_> {
        let mut line = self.line();
        if !line.waiting.is_empty() || !line.admit(wants, self.memory_bytes) {
            let waiter = Arc::new(Waiter { wants, thread: thread::current(), is_admitted: AtomicBool::new(false) });
            line.waiting.push_back(Arc::clone(&waiter));
            drop(line);
            while !waiter.is_admitted.load(Ordering::Acquire) {
                thread::park();
            }
        }
        Stay { room: self, wants }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        let mut line = self.room.line();
        line.inside -= 1;
        match self.wants {
            Wants::All => line.is_alone = false,
            Wants::Bytes(bytes) => line.inside_bytes = line.inside_bytes.saturating_sub(bytes),
        }
        // Only who is let in is woken: there may be many more workers than there is room for.
        while let Some(first) = line.waiting.front().cloned()
            && line.admit(first.wants, self.room.memory_bytes)
        {
            line.waiting.pop_front();
            first.is_admitted.store(true, Ordering::Release);
            first.thread.unpark();
        }
    }
}

impl Room {
    /// A room in which the memory limits of all programs together are no more than this, but for one that is larger by
    /// itself and then runs alone.
    pub fn of_memory(memory_bytes: u64) -> Self {
        Self(Arc::new(Shared { line: Mutex::default(), memory_bytes }))
    }

    /// Runs something that may use so much memory, while others may run too.
    pub fn among_others<T>(&self, memory_bytes: u64, run: impl FnOnce() -> T) -> T {
        let _stay = self.0.enter(Wants::Bytes(memory_bytes));
        run()
    }

    /// Waits until nothing else runs, and lets nothing else begin meanwhile.
    pub(crate) fn alone<T>(&self, run: impl FnOnce() -> T) -> T {
        let _stay = self.0.enter(Wants::All);
        run()
    }

    /// Runs something alone, and where it `is_too_slow` and the machine was slower than it has been, again later: nothing
    /// here can quieten what runs beside trialbox, on the same core or under the same roof. `slowness` is what was felt during
    /// the run, as a multiple of the best.
    pub(crate) fn alone_at_full_speed<T, E>(
        &self,
        mut run: impl FnMut() -> Result<T, E>,
        is_too_slow: impl Fn(&T) -> bool,
        slowness: impl Fn(&T) -> Option<f64>,
    ) -> Result<T, E> {
        let mut waits = WAITS.iter();
        loop {
            let ran = self.alone(&mut run)?;
            if !is_too_slow(&ran) || Speed::is_usual(slowness(&ran).unwrap_or_else(|| machine_speed().now())) {
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
    use std::sync::atomic::{AtomicU64, AtomicUsize};

    use super::*;

    #[test]
    fn programs_that_run_together_fit_into_the_memory() {
        let (room, inside, most, alone) =
            (Room::of_memory(10), AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for number in 0..8_u64 {
                let (room, inside, most, alone) = (&room, &inside, &most, &alone);
                scope.spawn(move || {
                    for round in 0..200 {
                        let bytes = (number * 7 + round) % 13 + 1;
                        room.among_others(bytes, || {
                            let together = inside.fetch_add(bytes, Ordering::SeqCst) + bytes;
                            if bytes > 10 {
                                alone.fetch_max(together - bytes, Ordering::SeqCst);
                            } else {
                                most.fetch_max(together, Ordering::SeqCst);
                            }
                            thread::yield_now();
                            inside.fetch_sub(bytes, Ordering::SeqCst);
                        });
                    }
                });
            }
        });
        assert!((2..=10).contains(&most.into_inner()), "no more than there is, and more than one");
        assert_eq!(alone.into_inner(), 0, "what is larger than the memory runs with nobody else");
    }

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
                            room.among_others(1, enter);
                        }
                    }
                });
            }
        });
    }

    #[test]
    fn what_is_too_slow_on_a_slow_machine_is_run_again() {
        let runs = AtomicUsize::new(0);
        let run = |verdicts: [(bool, f64); 3]| {
            runs.store(0, Ordering::SeqCst);
            let next = || Ok::<_, ()>(verdicts[runs.fetch_add(1, Ordering::SeqCst)]);
            let _ = Room::default().alone_at_full_speed(next, |ran| ran.0, |ran| Some(ran.1));
            runs.load(Ordering::SeqCst)
        };
        assert_eq!(run([(true, 1.3), (true, 1.3), (true, 1.0)]), 3, "until the machine is fast");
        assert_eq!(run([(true, 1.3), (false, 1.3), (true, 1.0)]), 2, "or the program");
        assert_eq!(run([(true, 1.0); 3]), 1);
        assert_eq!(run([(false, 1.3); 3]), 1);
    }
}
