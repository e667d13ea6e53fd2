//! Reports: verdicts counted, and pass@k with its interval.
//! Not here: single verdicts (`judge`), the estimator (`coverage`), writing files (`cli`).
//! In: one count per problem. Out: [`Report`] and its JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use trialbox_coverage::{mean_with_interval, pass_at_k};
use trialbox_runner::{Backend, Enforcement};

use crate::{
    judge::module_not_in_the_guest,
    verdict::{Judgement, Verdict},
};

/// What is counted of one problem while verdicts come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Samples judged; those the host failed on are not among them.
    pub samples: u32,
    /// Samples that passed the base tests.
    pub base: u32,
    /// Samples that passed all tests.
    pub plus: u32,
}

/// Counts of a run: of a size that does not grow with the number of samples.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    problems: BTreeMap<String, Tally>,
    verdicts: BTreeMap<Verdict, u64>,
    modules_not_available: BTreeMap<String, u64>,
    has_base: bool,
}

impl Counts {
    /// Counts for these problems, none of them judged yet.
    pub fn new(problems: impl IntoIterator<Item = String>) -> Self {
        let problems = problems.into_iter().map(|task_id| (task_id, Tally::default())).collect();
        Self { problems, ..Self::default() }
    }

    /// Counts that somebody else has made; `has_base` where the tallies of base tests say something of their own.
    pub fn of_tallies(problems: BTreeMap<String, Tally>, has_base: bool) -> Self {
        Self { problems, has_base, ..Self::default() }
    }

    /// Counts one judgement.
    pub fn add(&mut self, task_id: &str, judgement: &Judgement) {
        *self.verdicts.entry(judgement.verdict).or_default() += 1;
        self.has_base |= judgement.base.is_some();
        // A program that was judged may have made the same words up.
        let fell_in_the_guest = judgement.backend == Some(Backend::Wasi) && judgement.verdict == Verdict::RuntimeError;
        let failure = judgement.first_failure.as_ref().filter(|_| fell_in_the_guest);
        if let Some(module) = failure.and_then(|failure| module_not_in_the_guest(&failure.actual)) {
            *self.modules_not_available.entry(module.to_owned()).or_default() += 1;
        }
        if judgement.verdict == Verdict::InfraError {
            return; // it says nothing about the candidate
        }
        let tally = self.problems.entry(task_id.to_owned()).or_default();
        tally.samples += 1;
        tally.base += u32::from(judgement.base == Some(Verdict::Pass));
        tally.plus += u32::from(judgement.plus == Verdict::Pass);
    }

    /// How many verdicts there are.
    pub fn total(&self) -> u64 {
        self.verdicts.values().sum()
    }

    /// How many verdicts there are of a kind.
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.verdicts.get(&verdict).copied().unwrap_or(0)
    }

    /// The tallies by problem.
    pub fn problems(&self) -> &BTreeMap<String, Tally> {
        &self.problems
    }

    /// The fewest samples that any problem has: the largest k that can be asked for.
    pub fn fewest_samples(&self) -> u32 {
        self.problems.values().map(|tally| tally.samples).min().unwrap_or(0)
    }

    /// pass@k for each k, "base" only where the dataset has base tests of its own.
    pub fn pass_at_k(&self, ks: &[u32]) -> BTreeMap<&'static str, BTreeMap<u32, Estimated>> {
        let curve = |correct: fn(&Tally) -> u32| -> BTreeMap<u32, Estimated> {
            let of_k = |k: &u32| {
                let each: Vec<f64> =
                    self.problems.values().map(|tally| pass_at_k(tally.samples, correct(tally), *k)).collect();
                let estimate = mean_with_interval(&each);
                (*k, Estimated { value: estimate.value, ci95: [estimate.ci95.0, estimate.ci95.1] })
            };
            ks.iter().filter(|k| **k <= self.fewest_samples()).map(of_k).collect()
        };
        let mut curves = BTreeMap::from([("plus", curve(|tally| tally.plus))]);
        if self.has_base {
            curves.insert("base", curve(|tally| tally.base));
        }
        curves
    }
}

/// A mean over problems with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimated {
    /// The mean.
    pub value: f64,
    /// The interval's ends.
    pub ci95: [f64; 2],
}

/// What is needed to repeat a run.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// blake3 of the dataset's unpacked rows, in hex.
    pub dataset_hash: String,
    /// Whose reading of the benchmark decided.
    pub semantics: crate::plan::Semantics,
    /// How programs are taken out of models' texts.
    pub extraction: String,
    /// The limits, in words.
    pub limits: String,
    /// The interpreter, with its version.
    pub interpreter: String,
    /// The version of trialbox.
    pub trialbox_version: &'static str,
}

/// Which problems a run took, where its dataset gives a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Selection {
    /// What was asked for, by option.
    pub asked: BTreeMap<&'static str, String>,
    /// Problems that were not asked for.
    pub problems_left_out: u64,
    /// Problems that were asked for, and excluded because no grader can judge them rightly.
    pub excluded: Vec<Excluded>,
    /// Whether such problems are excluded; where not, they count as all others do.
    pub errata_are_excluded: bool,
    /// Samples of problems left out or excluded: they count in nothing.
    pub samples_left_out: u64,
}

/// A problem that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excluded {
    /// The problem.
    pub task_id: String,
    /// Its title.
    pub title: String,
    /// The kind of fault.
    pub kind: String,
    /// The same in words.
    pub reason: String,
}

/// The report of a run. Its JSON is a contract: fields are added, never changed.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The dataset's name.
    pub dataset: String,
    /// Problems that count.
    pub problems: usize,
    /// Samples judged, infra errors included.
    pub samples: u64,
    /// How many of each verdict; every verdict is listed.
    pub verdicts: BTreeMap<&'static str, u64>,
    /// "base" and "plus", by k.
    pub pass_at_k: BTreeMap<&'static str, BTreeMap<u32, Estimated>>,
    /// Values of k that were asked for and are larger than some problem's number of samples.
    pub k_too_large: Vec<u32>,
    /// Samples that failed because the WASI guest lacks a module, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub modules_not_available: BTreeMap<String, u64>,
    /// Samples that the host failed on: they count in nothing else.
    pub infra_errors: u64,
    /// Rows that were skipped because they are bad.
    pub skipped_rows: u64,
    /// Problems that have no sample and count in nothing.
    pub problems_without_samples: usize,
    /// Which problems were taken; only of datasets that give a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// What ran the Python programs, where nothing else is said of one.
    pub backend: Backend,
    /// What was enforced.
    pub enforcement: Enforcement,
    /// Whether the run went on although a layer could not be enforced.
    pub degraded: bool,
    /// What is needed to repeat the run.
    pub manifest: Manifest,
}

/// What a report says beyond counts.
#[derive(Debug)]
pub struct Circumstances {
    /// The dataset's name.
    pub dataset: String,
    /// The values of k asked for.
    pub ks: Vec<u32>,
    /// Rows skipped because they are bad.
    pub skipped_rows: u64,
    /// Problems without a sample.
    pub problems_without_samples: usize,
    /// Which problems were taken, where there was a choice.
    pub selection: Option<Selection>,
    /// What ran the Python programs.
    pub backend: Backend,
    /// What was enforced.
    pub enforcement: Enforcement,
    /// What is needed to repeat the run.
    pub manifest: Manifest,
}

impl Report {
    /// Draws the report up.
    pub fn new(counts: &Counts, circumstances: Circumstances) -> Self {
        let Circumstances {
            dataset,
            ks,
            skipped_rows,
            problems_without_samples,
            selection,
            backend,
            enforcement,
            manifest,
        } = circumstances;
        Self {
            dataset,
            problems: counts.problems.len(),
            samples: counts.total(),
            verdicts: Verdict::ALL.iter().map(|verdict| (verdict.as_str(), counts.of(*verdict))).collect(),
            pass_at_k: counts.pass_at_k(&ks),
            k_too_large: ks.into_iter().filter(|k| *k > counts.fewest_samples()).collect(),
            modules_not_available: counts.modules_not_available.clone(),
            infra_errors: counts.of(Verdict::InfraError),
            skipped_rows,
            problems_without_samples,
            selection,
            backend,
            degraded: enforcement.is_degraded(),
            enforcement,
            manifest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::no_code;

    #[test]
    fn a_missing_module_is_counted_where_the_guest_missed_it_and_not_where_a_program_says_so() {
        let said = || no_code("module numpy is not available in the wasi guest".to_owned());
        let judgement = |backend, verdict| Judgement { backend: Some(backend), verdict, ..said() };
        let mut counts = Counts::default();
        counts.add("a", &judgement(Backend::Native, Verdict::RuntimeError));
        counts.add("a", &judgement(Backend::Wasi, Verdict::WrongAnswer));
        assert!(counts.modules_not_available.is_empty());
        counts.add("a", &judgement(Backend::Wasi, Verdict::RuntimeError));
        assert_eq!(counts.modules_not_available, BTreeMap::from([("numpy".to_owned(), 1)]));
    }
}
