//! Many candidates at once: a worker per thread, memory bounded.
//! Not here: what is done with each candidate (the caller's function), in which order they come (`schedule`), when a worker
//! begins (`entrance`), the sandbox (`runner`).

mod entrance;

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    ops::ControlFlow,
    sync::{Arc, Condvar, Mutex, PoisonError, mpsc},
    thread,
};

use entrance::Entrance;
use trialbox_runner::{Host, Worker, programs_asleep};

/// Runs `work` on every item with up to `workers` workers, and hands the results to `sink` as they come.
///
/// As many workers begin at once as there are cores, others where programs sleep.
///
/// Neither the items nor the results are ever all in memory. Where the items end, whatever was begun is finished and handed
/// on. Where `sink` breaks, no further item is begun, and what was begun is lost.
pub fn for_each<T: Send, R: Send, B>(
    host: &Arc<Host>,
    workers: NonZeroUsize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T, &mut Worker) -> R + Sync,
    mut sink: impl FnMut(R) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let items = Mutex::new(items);
    let entrance = Entrance::new(thread::available_parallelism().map_or(1, NonZeroUsize::get), programs_asleep);
    let (results, arrivals) = mpsc::sync_channel(workers.get() * 2);
    thread::scope(|scope| {
        for number in 0..workers.get() {
            let results = results.clone();
            let (items, work, entrance) = (&items, &work, &entrance);
            scope.spawn(move || {
                if !entrance.enter(number) {
                    return;
                }
                // Whoever finds no more to do, or fails, leaves nothing to do for others.
                let _closing = entrance.closing();
                let mut worker = Worker::pinned(host, number);
                loop {
                    let next = items.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(item) = next else { break };
                    if results.send(work(item, &mut worker)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(results);
        let outcome = arrivals.iter().try_for_each(&mut sink);
        drop((arrivals, entrance.closing()));
        outcome
    })
}

/// How far the fastest worker may run ahead of the slowest, in items per worker.
const WINDOW: usize = 256;

/// As [`for_each`], but the results reach `sink` in the order of the items: `work` gets the number of its item, and gives
/// results with the numbers of theirs, one for each item sooner or later.
pub fn for_each_in_order<T: Send, R: Send, B>(
    host: &Arc<Host>,
    workers: NonZeroUsize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(usize, T, &mut Worker) -> Vec<(usize, R)> + Sync,
    mut sink: impl FnMut(R) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let window = Window::new(WINDOW * workers.get());
    let items = items.enumerate().take_while(|(index, _)| window.wait_for(*index));
    let mut early = BTreeMap::new();
    let mut next = 0;
    let work = |(index, item): (usize, T), worker: &mut Worker| work(index, item, worker);
    for_each(host, workers, items, work, |results| {
        early.extend(results);
        while let Some(result) = early.remove(&next) {
            next += 1;
            if let ControlFlow::Break(end) = sink(result) {
                window.close();
                return ControlFlow::Break(end);
            }
        }
        window.advance(next);
        ControlFlow::Continue(())
    })
}

/// Holds fast workers back while a slow one still owes an early result.
struct Window {
    size: usize,
    /// Results handed on so far; `None` once the window is closed.
    done: Mutex<Option<usize>>,
    moved: Condvar,
}

impl Window {
    fn new(size: usize) -> Self {
        Self { size, done: Mutex::new(Some(0)), moved: Condvar::new() }
    }

    /// Waits until item `index` may begin; false where nothing may begin any more.
    fn wait_for(&self, index: usize) -> bool {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let far = |done: &mut Option<usize>| done.is_some_and(|done| index >= done + self.size);
        self.moved.wait_while(done, far).unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn advance(&self, done: usize) {
        *self.done.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        self.moved.notify_all();
    }

    fn close(&self) {
        *self.done.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.moved.notify_all();
    }
}
