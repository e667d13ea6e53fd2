//! The workers of the daemon, and what they do when an errand goes wrong.
//! Not here: what waits (`queue`), when a further worker begins (`verifier`).

use std::{
    iter,
    num::NonZeroUsize,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::{self, JoinHandle},
};

use trialbox_runner::{Host, Worker};
use trialbox_verifier::for_each;

use super::queue::{Errand, Queue};

/// Starts workers that do errands until the queue is closed and empty. The thread ends with the last of them.
pub(super) fn open(host: Arc<Host>, workers: NonZeroUsize, queue: Arc<Queue>) -> JoinHandle<()> {
    thread::spawn(move || {
        let errands = iter::from_fn(|| queue.take());
        let work = |errand: Errand, worker: &mut Worker| {
            // Whoever waits for the errand learns of it by the ticket that is dropped.
            if catch_unwind(AssertUnwindSafe(|| (errand.run)(worker))).is_err() {
                tracing::error!("an errand failed in a way that nobody foresaw; its worker begins anew");
                *worker = Worker::new(&host);
            }
        };
        let _: ControlFlow<()> = for_each(&host, workers, errands, work, |()| ControlFlow::Continue(()));
    })
}
