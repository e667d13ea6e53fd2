//! What requests have brought and no worker has begun: bounded, and fair between requests.
//! Not here: what an errand does (one file per endpoint), who does it (`workshop`).

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, TryAcquireError};
use trialbox_runner::Worker;

/// Something that a worker does for a client.
pub(super) struct Errand {
    /// Whether somebody still waits for it.
    pub(super) is_wanted: Box<dyn Fn() -> bool + Send>,
    pub(super) run: Box<dyn FnOnce(&mut Worker) + Send>,
}

impl fmt::Debug for Errand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Errand").finish_non_exhaustive()
    }
}

/// Why nothing was put into the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is full for now.
    Full { most: usize },
    /// More errands at once than it ever holds.
    TooMany { most: usize },
    /// The daemon is about to end.
    Closed,
}

/// A bounded queue that threads wait at. Of four turns the request that was there first has three, and the others take turns
/// with the fourth: a small request need not wait for a large one's end, and of two large ones not both end at the same
/// moment, in which nobody has anything to do until their clients have sent the next.
#[derive(Debug)]
pub(super) struct Queue {
    most: usize,
    /// One permit for each errand that still fits.
    room: Arc<Semaphore>,
    state: Mutex<State>,
    arrival: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The errands of each request; none of them is empty.
    requests: VecDeque<VecDeque<(Errand, OwnedSemaphorePermit)>>,
    /// Turns since there were two of them.
    turns: usize,
    is_closed: bool,
}

/// Every so many turns another request than the first has one.
const TURNS: usize = 4;

impl State {
    /// The next errand, whoever waits for it.
    fn next(&mut self) -> Option<Errand> {
        self.turns = if self.requests.len() < 2 { 0 } else { self.turns + 1 };
        let is_first = !self.turns.is_multiple_of(TURNS) || self.requests.len() < 2;
        let mut request = self.requests.remove(usize::from(!is_first))?;
        let errand = request.pop_front().map(|(errand, _)| errand);
        match request.is_empty() {
            true => {}
            false if is_first => self.requests.push_front(request),
            false => self.requests.push_back(request),
        }
        errand
    }
}

impl Queue {
    /// A queue of at most so many errands.
    pub(super) fn new(most: usize) -> Self {
        let most = most.min(Semaphore::MAX_PERMITS);
        Self { most, room: Arc::new(Semaphore::new(most)), state: Mutex::default(), arrival: Condvar::new() }
    }

    /// Puts all errands of a request into the queue, or none.
    pub(super) fn put(&self, errands: Vec<Errand>) -> Result<(), Refusal> {
        let count = self.count(&errands)?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(count).map_err(|error| match error {
            TryAcquireError::NoPermits => Refusal::Full { most: self.most },
            TryAcquireError::Closed => Refusal::Closed,
        })?;
        self.add(errands, room)
    }

    /// The same, but waits for room.
    pub(super) async fn put_when_it_fits(&self, errands: Vec<Errand>) -> Result<(), Refusal> {
        let count = self.count(&errands)?;
        let room = Arc::clone(&self.room).acquire_many_owned(count).await;
        self.add(errands, room.map_err(|_: AcquireError| Refusal::Closed)?)
    }

    fn count(&self, errands: &[Errand]) -> Result<u32, Refusal> {
        let fits = |count: &u32| *count as usize <= self.most;
        u32::try_from(errands.len()).ok().filter(fits).ok_or(Refusal::TooMany { most: self.most })
    }

    fn add(&self, errands: Vec<Errand>, mut room: OwnedSemaphorePermit) -> Result<(), Refusal> {
        let with_room = |errand| (errand, room.split(1).expect("as many permits as errands"));
        let request: VecDeque<_> = errands.into_iter().map(with_room).collect();
        let count = request.len();
        let mut state = self.lock();
        if state.is_closed {
            return Err(Refusal::Closed);
        }
        if count > 0 {
            state.requests.push_back(request);
        }
        drop(state);
        (0..count).for_each(|_| self.arrival.notify_one());
        Ok(())
    }

    /// Waits for the next errand that somebody still wants. `None` once the queue is closed and empty.
    pub(super) fn take(&self) -> Option<Errand> {
        let mut state = self.lock();
        loop {
            if let Some(errand) = state.next() {
                if (errand.is_wanted)() {
                    return Some(errand);
                }
            } else if state.is_closed {
                return None;
            } else {
                state = self.arrival.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Takes nothing more; what waits is still done.
    pub(super) fn close(&self) {
        self.room.close();
        self.lock().is_closed = true;
        self.arrival.notify_all();
    }

    /// How many errands wait.
    pub(super) fn depth(&self) -> usize {
        self.most - self.room.available_permits()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    fn wanted(is_wanted: bool) -> Errand {
        Errand { is_wanted: Box::new(move || is_wanted), run: Box::new(|_| {}) }
    }

    fn some(count: usize) -> Vec<Errand> {
        (0..count).map(|_| wanted(true)).collect()
    }

    #[test]
    fn a_request_goes_in_whole_or_not_at_all() {
        let queue = Queue::new(3);
        assert_eq!(queue.put(some(2)), Ok(()));
        assert_eq!(queue.put(some(2)), Err(Refusal::Full { most: 3 }));
        assert_eq!(queue.put(some(4)), Err(Refusal::TooMany { most: 3 }));
        assert_eq!(queue.depth(), 2);
        assert!(queue.take().is_some());
        assert_eq!(queue.put(some(2)), Ok(()), "what was taken leaves room");
    }

    #[test]
    fn what_waits_is_still_done_after_closing() {
        let queue = Queue::new(3);
        queue.put(some(2)).expect("room");
        queue.close();
        assert_eq!(queue.put(some(1)), Err(Refusal::Closed));
        assert!(queue.take().is_some() && queue.take().is_some() && queue.take().is_none());
    }

    #[test]
    fn what_nobody_waits_for_any_more_is_passed_over() {
        let queue = Queue::new(3);
        queue.put(vec![wanted(false), wanted(true), wanted(false)]).expect("room");
        assert!(queue.take().is_some());
        queue.close();
        assert!(queue.take().is_none());
        assert_eq!(queue.depth(), 0);
    }

    #[test]
    fn the_first_request_has_three_turns_of_four() {
        static ORDER: Mutex<Vec<usize>> = Mutex::new(Vec::new());
        let of = |request: usize, count: usize| -> Vec<Errand> {
            let tells = || Errand {
                is_wanted: Box::new(move || {
                    ORDER.lock().expect("no panics").push(request);
                    true
                }),
                run: Box::new(|_| {}),
            };
            (0..count).map(|_| tells()).collect()
        };
        let queue = Queue::new(20);
        queue.put(of(1, 8)).expect("room");
        queue.put(of(2, 3)).expect("room");
        queue.put(of(3, 2)).expect("room");
        while queue.depth() > 0 {
            queue.take();
        }
        assert_eq!(*ORDER.lock().expect("no panics"), [1, 1, 1, 2, 1, 1, 1, 3, 1, 1, 2, 3, 2]);
    }

    #[tokio::test]
    async fn who_may_wait_waits_for_room() {
        let queue = Arc::new(Queue::new(1));
        queue.put(some(1)).expect("room");
        let waiting = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { queue.put_when_it_fits(some(1)).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(queue.depth(), 1);
        assert!(queue.take().is_some());
        assert_eq!(waiting.await.expect("no panic"), Ok(()));
    }
}
