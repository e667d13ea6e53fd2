//! What was made ready and is kept, up to a size: what was not asked for the longest goes first.
//! Not here: making it (`catalogue`).

use std::{hash::Hash, sync::Arc};

use lru::LruCache;

/// Values by key, each with the bytes it is said to take.
#[derive(Debug)]
pub(super) struct Ready<K: Hash + Eq, V> {
    kept: LruCache<K, (Arc<V>, usize)>,
    bytes: usize,
    most_bytes: usize,
}

impl<K: Hash + Eq, V> Ready<K, V> {
    /// Nothing yet.
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { kept: LruCache::unbounded(), bytes: 0, most_bytes }
    }

    /// What is kept under a key.
    pub(super) fn get(&mut self, key: &K) -> Option<Arc<V>> {
        self.kept.get(key).map(|(value, _)| Arc::clone(value))
    }

    /// Keeps a value, unless another came first, and gives the one that is kept. It stays until the next comes, whatever it takes.
    pub(super) fn keep(&mut self, key: K, value: V, bytes: usize) -> Arc<V> {
        if let Some(first) = self.get(&key) {
            return first;
        }
        while self.bytes + bytes > self.most_bytes
            && let Some((_, (_, freed))) = self.kept.pop_lru()
        {
            self.bytes -= freed;
        }
        let value = Arc::new(value);
        self.bytes += bytes;
        self.kept.put(key, (Arc::clone(&value), bytes));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(ready: &mut Ready<u8, u8>) -> Vec<u8> {
        (0..10).filter(|key| ready.kept.contains(key)).collect()
    }

    #[test]
    fn what_was_not_asked_for_the_longest_goes_first() {
        let mut ready = Ready::new(10);
        (0..3).for_each(|key| drop(ready.keep(key, key, 3)));
        assert_eq!(ready.get(&0).as_deref(), Some(&0));
        ready.keep(3, 3, 3);
        assert_eq!(kept(&mut ready), [0, 2, 3]);
        ready.keep(4, 4, 5);
        assert_eq!((kept(&mut ready), ready.bytes), (vec![3, 4], 8));
    }

    #[test]
    fn what_is_larger_than_all_that_may_be_kept_is_kept_alone() {
        let mut ready = Ready::new(10);
        ready.keep(0, 0, 4);
        ready.keep(1, 1, 40);
        assert_eq!(kept(&mut ready), [1]);
        ready.keep(2, 2, 10);
        assert_eq!((kept(&mut ready), ready.bytes), (vec![2], 10));
    }

    #[test]
    fn of_two_that_come_at_once_the_first_is_everybodys() {
        let mut ready = Ready::new(10);
        assert_eq!(*ready.keep(7, 1, 4), 1);
        assert_eq!(*ready.keep(7, 2, 4), 1);
        assert_eq!(ready.bytes, 4);
    }
}
