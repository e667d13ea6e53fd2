//! What is known of a model: of each problem how many samples there are and how many passed.
//! Not here: any estimate.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// One problem's samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counts {
    /// Samples that were judged.
    pub samples: u32,
    /// Those of them that passed.
    pub passed: u32,
}

/// A model's counts by problem.
pub type Problems = BTreeMap<String, Counts>;

/// Two models' counts of the problems that both have, in the order of their names.
#[derive(Clone, Debug)]
pub struct Pair<'a> {
    pub(crate) task_ids: Vec<&'a str>,
    pub(crate) a: Vec<Counts>,
    pub(crate) b: Vec<Counts>,
}

impl<'a> Pair<'a> {
    /// The problems that both have.
    #[must_use]
    pub fn new(a: &'a Problems, b: &Problems) -> Self {
        let shared: BTreeSet<&str> = a.keys().filter(|task_id| b.contains_key(*task_id)).map(String::as_str).collect();
        let of = |all: &Problems| shared.iter().map(|task_id| all[*task_id]).collect();
        Self { a: of(a), b: of(b), task_ids: shared.into_iter().collect() }
    }

    /// How many there are.
    #[must_use]
    pub fn problems(&self) -> usize {
        self.task_ids.len()
    }

    /// The largest k that all problems have samples for, in both.
    #[must_use]
    pub fn largest_k(&self) -> u32 {
        self.a.iter().chain(&self.b).map(|counts| counts.samples).min().unwrap_or(0)
    }
}
