//! The order in which candidates are judged: those of a problem together, problems that take long first.
//! Not here: who judges them (`pool`).

use std::{cmp::Reverse, collections::HashMap, hash::Hash, iter, vec};

/// How many items are looked at together, and how much they may take.
const MOST_ITEMS: usize = 1 << 16;
const MOST_BYTES: usize = 32 << 20;

/// Puts items in order within windows that memory has room for: those of one problem stand together, as their inputs lie
/// with a worker already; before others stand problems of which one candidate takes longer, as what begins last ends
/// last. Otherwise the order stays.
pub fn by_problem<T, K: Hash + Eq>(
    mut items: impl Iterator<Item = T>,
    problem: impl Fn(&T) -> K,
    expected_us: impl Fn(&T) -> u64,
    size_bytes: impl Fn(&T) -> usize,
) -> impl Iterator<Item = T> {
    let mut window = Vec::new().into_iter();
    iter::from_fn(move || {
        if window.len() == 0 {
            window = in_order(fill(&mut items, &size_bytes), &problem, &expected_us);
        }
        window.next()
    })
}

fn fill<T>(items: &mut impl Iterator<Item = T>, size_bytes: impl Fn(&T) -> usize) -> Vec<T> {
    let (mut taken, mut bytes) = (Vec::new(), 0);
    while taken.len() < MOST_ITEMS && bytes < MOST_BYTES {
        let Some(item) = items.next() else { break };
        bytes += size_bytes(&item);
        taken.push(item);
    }
    taken
}

fn in_order<T, K: Hash + Eq>(
    mut items: Vec<T>,
    problem: impl Fn(&T) -> K,
    expected_us: impl Fn(&T) -> u64,
) -> vec::IntoIter<T> {
    let mut places = HashMap::new();
    for item in &items {
        let next = places.len();
        places.entry(problem(item)).or_insert((Reverse(expected_us(item)), next));
    }
    items.sort_by_cached_key(|item| places[&problem(item)]);
    items.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_of_a_problem_stand_together_and_long_problems_first() {
        let items = ["a1", "b1", "c1", "a2", "b2", "c2", "c3"];
        let expected_us = |item: &&str| if item.starts_with('c') { 9 } else { 1 };
        let sorted: Vec<&str> = by_problem(items.into_iter(), |item| item.as_bytes()[0], expected_us, |_| 1).collect();
        assert_eq!(sorted, ["c1", "c2", "c3", "a1", "a2", "b1", "b2"]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut read = 0;
        let items = (0..100).inspect(|_| read += 1);
        let mut sorted = by_problem(items, |item| 100 - item, |_| 0, |_| MOST_BYTES / 8);
        assert_eq!(sorted.next(), Some(0));
        drop(sorted);
        assert_eq!(read, 8);
    }
}
