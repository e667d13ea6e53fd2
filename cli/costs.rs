//! What candidates of each problem take: known from earlier runs for the order of this one, and told at its end.
//! Not here: the order (`verifier::schedule`).

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::output::write_json;

/// Costs by problem, of this run and of runs before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Costs {
    /// Mean CPU time of a candidate, in runs before.
    before_us: BTreeMap<String, u64>,
    of_this_run: BTreeMap<String, Cost>,
}

/// What the candidates of a problem took that were run.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Cost {
    /// How many were run.
    pub(crate) candidates: u64,
    /// What they took in all.
    pub(crate) cpu_ms: f64,
    /// What the slowest of them took.
    pub(crate) slowest_ms: f64,
    /// Which one that is.
    pub(crate) slowest_sample: u32,
}

/// The file that is kept in the cache.
#[derive(Default, Deserialize, Serialize)]
struct Kept {
    mean_cpu_us: BTreeMap<String, u64>,
}

/// The folder of the cache.
const FOLDER: &str = "costs";

impl Costs {
    /// What is known of a dataset by its hash; nothing where the file cannot be read, which costs time and nothing else.
    pub(crate) fn of(cache: Option<&Path>, dataset_hash: &str) -> Self {
        let kept = cache.map(|cache| fs::read(place(cache, dataset_hash)));
        let kept: Kept = kept.and_then(|bytes| serde_json::from_slice(&bytes.ok()?).ok()).unwrap_or_default();
        Self { before_us: kept.mean_cpu_us, of_this_run: BTreeMap::new() }
    }

    /// Keeps what this run has found out.
    pub(crate) fn keep(&self, cache: &Path, dataset_hash: &str) -> anyhow::Result<()> {
        let mut mean_cpu_us = self.before_us.clone();
        mean_cpu_us.extend(self.of_this_run.iter().map(|(task_id, cost)| (task_id.clone(), cost.mean_us())));
        let path = place(cache, dataset_hash);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        write_json(&cache.join(FOLDER), &name, &Kept { mean_cpu_us })
    }

    /// What a candidate of a problem took before, on average; 0 where nobody knows.
    pub(crate) fn expected_us(&self, task_id: &str) -> u64 {
        self.before_us.get(task_id).copied().unwrap_or(0)
    }

    /// Adds a candidate that was run.
    pub(crate) fn add(&mut self, task_id: &str, sample: u32, cpu_ms: f64) {
        if !self.of_this_run.contains_key(task_id) {
            self.of_this_run.insert(task_id.to_owned(), Cost::default());
        }
        let Some(cost) = self.of_this_run.get_mut(task_id) else { return };
        cost.candidates += 1;
        cost.cpu_ms += cpu_ms;
        if cpu_ms >= cost.slowest_ms {
            (cost.slowest_ms, cost.slowest_sample) = (cpu_ms, sample);
        }
    }

    /// The problems that took most in this run, for people; empty for a run of a few seconds.
    pub(crate) fn stragglers(&self) -> String {
        let all_ms: f64 = self.of_this_run.values().map(|cost| cost.cpu_ms).sum();
        if all_ms < WORTH_TELLING_MS {
            return String::new();
        }
        let mut slowest: Vec<(&String, &Cost)> = self.of_this_run.iter().collect();
        slowest.sort_by(|(_, one), (_, other)| other.cpu_ms.total_cmp(&one.cpu_ms));
        let line = |(task_id, cost): (&String, &Cost)| {
            let Cost { candidates, cpu_ms, slowest_ms, slowest_sample } = cost;
            let (s, share, slowest_s) = (cpu_ms / 1e3, 100.0 * cpu_ms / all_ms, slowest_ms / 1e3);
            format!(
                "    {task_id:<16} {s:>8.1} s {share:>3.0} %  of {candidates} run; sample {slowest_sample} {slowest_s:.1} s\n"
            )
        };
        let lines: String = slowest.into_iter().take(MOST_TOLD).map(line).collect();
        format!("  most of the {:.0} s of CPU time went to\n{lines}", all_ms / 1e3)
    }
}

/// A run of less is over before anybody asks what took so long.
const WORTH_TELLING_MS: f64 = 10_000.0;
const MOST_TOLD: usize = 5;

impl Cost {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a mean of times that were counted in ns"
    )]
    #[expect(clippy::cast_precision_loss, reason = "a count of candidates")]
    fn mean_us(&self) -> u64 {
        (self.cpu_ms * 1e3 / self.candidates.max(1) as f64) as u64
    }
}

fn place(cache: &Path, dataset_hash: &str) -> PathBuf {
    cache.join(FOLDER).join(format!("{}.json", dataset_hash.get(..32).unwrap_or(dataset_hash)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_most_is_told_first_and_what_took_little_not_at_all() {
        let mut costs = Costs::default();
        costs.add("a", 0, 2_000.0);
        assert_eq!(costs.stragglers(), "");
        for sample in 1..4 {
            costs.add("b", sample, f64::from(sample) * 3_000.0);
        }
        let told = costs.stragglers();
        let lines: Vec<&str> = told.lines().collect();
        assert!(lines[1].contains('b') && lines[1].ends_with("of 3 run; sample 3 9.0 s"), "{told}");
        assert!(lines[2].contains('a'), "{told}");
    }

    #[test]
    fn the_next_run_knows_what_this_one_took() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut costs = Costs::of(Some(folder.path()), "hash");
        costs.add("a", 0, 2.0);
        costs.add("a", 1, 4.0);
        costs.keep(folder.path(), "hash").expect("kept");
        let next = Costs::of(Some(folder.path()), "hash");
        assert_eq!((next.expected_us("a"), next.expected_us("b")), (3_000, 0));
    }
}
