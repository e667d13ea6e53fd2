//! Many candidates at once: a worker per thread, results in the order of the requests, memory bounded.
//! Not here: what is done with each candidate (the caller's function), the sandbox (`runner`).

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    ops::ControlFlow,
    sync::{Arc, Condvar, Mutex, PoisonError, mpsc},
    thread,
};

use trialbox_runner::{Host, Worker};

/// How far the fastest worker may run ahead of the slowest, in candidates per worker.
const WINDOW: usize = 256;

/// Runs `work` on every item with `workers` workers, and hands the results to `sink` in the order of the items.
///
/// Neither the items nor the results are ever all in memory. Where `sink` breaks, no further item is begun.
pub fn for_each<T: Send, R: Send, B>(
    host: &Arc<Host>,
    workers: NonZeroUsize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T, &mut Worker) -> R + Sync,
    mut sink: impl FnMut(R) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let window = Window::new(WINDOW * workers.get());
    let items = Mutex::new(items.enumerate());
    let (results, arrivals) = mpsc::sync_channel(workers.get() * 2);
    thread::scope(|scope| {
        for number in 0..workers.get() {
            let results = results.clone();
            let (window, items, work) = (&window, &items, &work);
            scope.spawn(move || {
                let mut worker = Worker::pinned(host, number);
                loop {
                    let next = items.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((index, item)) = next else { break };
                    if !window.wait_for(index) || results.send((index, work(item, &mut worker))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(results);
        let outcome = in_order(&arrivals, &window, &mut sink);
        window.close();
        drop(arrivals);
        outcome
    })
}

fn in_order<R, B>(
    arrivals: &mpsc::Receiver<(usize, R)>,
    window: &Window,
    sink: &mut impl FnMut(R) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (index, result) in arrivals {
        early.insert(index, result);
        while let Some(result) = early.remove(&next) {
            next += 1;
            sink(result)?;
        }
        window.advance(next);
    }
    ControlFlow::Continue(())
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
