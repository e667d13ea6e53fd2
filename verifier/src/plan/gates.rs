//! Gates: after which tests a program waits until its answers were looked at, so that a wrong one runs no further than it must.
//! Not here: what happens at a gate (`runner`), whether an answer is right (`judge`).
//!
//! Tests run in the order of the benchmark, since the first one that fails makes the verdict, and since what a program keeps
//! from call to call may make another one of it. So the tests that have killed most do not run before the others: the
//! program is looked at right behind them.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

/// The gates of a problem, as they stand after the candidates that were judged so far.
#[derive(Debug)]
pub(crate) struct Gates {
    /// What the canonical solution takes for each test.
    cost_ns: Vec<u64>,
    /// How many candidates each test was the first to fail.
    kills: Vec<AtomicU32>,
    judged: AtomicU32,
    chosen: Mutex<Chosen>,
}

#[derive(Debug)]
struct Chosen {
    gates: Arc<[u32]>,
    /// When to choose again.
    next: u32,
}

/// What the runner takes.
const MOST: usize = 4;
/// What waiting at a gate costs, about.
const GATE_NS: f64 = 60_000.0;
/// What a test is taken to cost that nobody has measured.
const UNKNOWN_NS: u64 = 1_000_000;
/// What is expected before anything was judged counts as much as so many candidates.
const PRIOR: f64 = 8.0;

impl Gates {
    /// Gates for tests of which the canonical solution takes so long; 0 where nobody knows.
    pub(crate) fn new(canonical_ns: &[u64]) -> Self {
        let cost_ns: Vec<u64> = canonical_ns.iter().map(|ns| if *ns == 0 { UNKNOWN_NS } else { *ns }).collect();
        let gates = choose(&cost_ns, &vec![0; cost_ns.len()], 0);
        let kills = cost_ns.iter().map(|_| AtomicU32::new(0)).collect();
        let chosen = Mutex::new(Chosen { gates: gates.into(), next: 8 });
        Self { cost_ns, kills, judged: AtomicU32::new(0), chosen }
    }

    /// Takes note of a candidate: the first test that it failed, if any.
    pub(crate) fn note(&self, failed: Option<usize>) {
        if let Some(kills) = failed.and_then(|test| self.kills.get(test)) {
            kills.fetch_add(1, Ordering::Relaxed);
        }
        self.judged.fetch_add(1, Ordering::Relaxed);
    }

    /// After how many tests to wait, in order.
    pub(crate) fn now(&self) -> Arc<[u32]> {
        let judged = self.judged.load(Ordering::Relaxed);
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        if judged >= chosen.next {
            let kills: Vec<u32> = self.kills.iter().map(|kills| kills.load(Ordering::Relaxed)).collect();
            *chosen = Chosen { gates: choose(&self.cost_ns, &kills, judged).into(), next: judged.saturating_mul(2) };
        }
        Arc::clone(&chosen.gates)
    }
}

/// Adds one gate after the other, each where it saves most, until none saves anything.
fn choose(cost_ns: &[u64], kills: &[u32], judged: u32) -> Vec<u32> {
    let deaths = deaths(kills, judged);
    let places = places(kills);
    let mut gates: Vec<usize> = Vec::new();
    let mut least_ns = expected_ns(cost_ns, &deaths, &gates);
    while gates.len() < MOST {
        let with = |place: usize| {
            let mut more = gates.clone();
            more.push(place);
            more.sort_unstable();
            (expected_ns(cost_ns, &deaths, &more), more)
        };
        let better = places.iter().filter(|place| !gates.contains(place)).map(|place| with(*place));
        let Some((ns, more)) = better.min_by(|one, other| one.0.total_cmp(&other.0)) else { break };
        if ns >= least_ns {
            break;
        }
        (least_ns, gates) = (ns, more);
    }
    gates.into_iter().filter_map(|gate| u32::try_from(gate).ok()).collect()
}

/// How likely each test is the first to fail. Before anything is known: two of five candidates fail the first test, and of
/// the later ones ever fewer each (facts of real samples).
fn deaths(kills: &[u32], judged: u32) -> Vec<f64> {
    let expected = |test: usize| 0.4 / ((test + 1) * (test + 1)) as f64;
    let all = PRIOR + f64::from(judged);
    kills.iter().enumerate().map(|(test, kills)| (PRIOR * expected(test) + f64::from(*kills)) / all).collect()
}

/// Where a gate may stand: behind the tests that have killed most, and at powers of two.
fn places(kills: &[u32]) -> Vec<usize> {
    let mut killers: Vec<usize> = (0..kills.len()).filter(|test| kills[*test] > 0).collect();
    killers.sort_by_key(|test| std::cmp::Reverse(kills[*test]));
    let powers = (0..usize::BITS - 1).map(|power| 1 << power);
    let mut places: Vec<usize> =
        killers.into_iter().take(12).map(|test| test + 1).chain(powers).filter(|place| *place < kills.len()).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// What a candidate is expected to run in vain, and to wait.
fn expected_ns(cost_ns: &[u64], deaths: &[f64], gates: &[usize]) -> f64 {
    let (mut wasted_ns, mut alive, mut begin) = (0.0, 1.0, 0);
    for end in gates.iter().copied().chain([cost_ns.len()]) {
        // Behind each test of this stretch lies the rest of it.
        let mut rest_ns = 0.0;
        let mut dead = 0.0;
        for test in (begin..end).rev() {
            wasted_ns += deaths[test] * rest_ns;
            rest_ns += cost_ns[test] as f64;
            dead += deaths[test];
        }
        alive -= dead;
        if end < cost_ns.len() {
            wasted_ns += GATE_NS * (alive + dead);
        }
        begin = end;
    }
    wasted_ns
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn tests_that_cost_nothing_are_worth_few_gates() {
        assert_eq!(*Gates::new(&[1_000; 50]).now(), [0_u32; 0]);
        assert!(Gates::new(&[1_000; 1000]).now().len() <= 2, "{:?}", Gates::new(&[1_000; 1000]).now());
    }

    #[test]
    fn tests_that_cost_much_are_looked_at_one_by_one() {
        let gates = Gates::new(&[50 * MS; 100]).now();
        assert_eq!(gates[..2], [1, 2], "{gates:?}");
    }

    #[test]
    fn a_gate_stands_behind_the_test_that_kills_most() {
        let gates = Gates::new(&[2 * MS; 300]);
        for candidate in 0..100 {
            gates.note((candidate % 4 != 0).then_some(100));
        }
        assert!(gates.now().contains(&101), "{:?}", gates.now());
    }

    #[test]
    fn there_are_never_more_gates_than_the_runner_takes_nor_one_at_an_end() {
        for count in 0..70 {
            let gates = Gates::new(&vec![40 * MS; count]).now();
            assert!(gates.len() <= MOST && gates.iter().all(|gate| *gate > 0 && (*gate as usize) < count), "{gates:?}");
            assert!(gates.is_sorted());
        }
    }
}
