//! What `compare` says, as one JSON document: what reports and pages are made of.
//! Not here: the statistics (`coverage`), whether runs can be compared (`compare`), words (`words`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use trialbox_coverage::{
    Ahead, Bin, Counts, Crossing, Difference, Extrapolation, First, OnlyOne, Pair, Point, Problems, Sets, Unfit,
    crossing, curve, differences, extrapolate, gap, histogram, sets, usual_ks,
};

use crate::{compare::runs::Run, facts::Facts};

/// Up to here a crossing is looked for at every k.
const EVERY_K: u32 = 512;

/// The layout of the document.
const FORMAT: u32 = 1;

/// Runs beside each other.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    format: u32,
    pub(crate) title: String,
    dataset: Option<Value>,
    semantics: Option<Value>,
    /// How many problems all runs have, on which all figures are.
    pub(crate) problems: usize,
    /// What a reader has to know.
    pub(crate) remarks: Vec<String>,
    method: Method,
    pub(crate) runs: Vec<OfRun>,
    /// The first run beside each other one.
    pub(crate) pairs: Vec<OfPair>,
    /// Checkpoints by rising step, where there are several.
    series: Option<Vec<Step>>,
    pub(crate) table: Vec<Row>,
}

/// How figures are made.
#[derive(Debug, Serialize)]
struct Method {
    problems: &'static str,
    samples: &'static str,
    crossing: &'static str,
    extrapolation: &'static str,
}

const METHOD: Method = Method {
    problems: "95 %: other problems of this kind and other samples. pass@k: Wilson's interval at an effective number of problems, \
               with Student's quantile. Differences: Student's interval of the problems' own differences, corrected for skewness \
               (Hall 1992).",
    samples: "95 %: these problems, other samples. The success rates of all problems are estimated together (nonparametric \
              maximum likelihood, empirical Bayes), and the variance of the unbiased estimator is taken at these.",
    crossing: "Every k at which the difference may be above 0 and at the k before may not be, by its interval.",
    extrapolation: "A beta-binomial fitted to the counts of all problems; told only where a fit to half of the samples was off by \
                    at most 2 points at pass@n of all.",
};

#[derive(Debug, Serialize)]
pub(crate) struct OfRun {
    pub(crate) name: String,
    pub(crate) step: Option<u64>,
    pub(crate) model: Option<String>,
    /// The fewest and the most samples of a problem.
    pub(crate) samples: [u32; 2],
    pub(crate) solved: usize,
    pub(crate) infra_errors: u64,
    manifest: BTreeMap<&'static str, Value>,
    pub(crate) curve: Vec<Point>,
    extrapolated: Option<Foretold>,
    histogram: Vec<Bin>,
    groups: BTreeMap<&'static str, Vec<Group>>,
    perplexity: Option<Perplexity>,
}

/// What lies beyond the samples, or why that is not said.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Foretold {
    Fitted { points: Vec<Beyond>, held_back_error: f64, alpha: f64, beta: f64 },
    Refused { refused: String },
}

#[derive(Debug, Serialize)]
struct Beyond {
    k: u32,
    value: f64,
}

/// Problems that have something in common.
#[derive(Debug, Serialize)]
struct Group {
    name: String,
    problems: usize,
    pass_at_1: f64,
    pass_at_n: f64,
    histogram: Vec<Bin>,
}

#[derive(Debug, Serialize)]
struct Perplexity {
    /// (share, perplexity).
    quantiles: Vec<(f64, f64)>,
    samples: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct OfPair {
    pub(crate) a: String,
    pub(crate) b: String,
    problems: usize,
    /// `a` less `b`.
    pub(crate) difference: Vec<Difference>,
    /// Where `a` overtakes `b`.
    pub(crate) crossing: Overtaking,
    /// Where `b` overtakes `a`.
    pub(crate) crossing_of_b: Overtaking,
    pub(crate) sets: Sets,
    pub(crate) gap: Gap,
}

/// Where one run overtakes another.
#[derive(Debug, Serialize)]
pub(crate) struct Overtaking {
    /// The first k at which it is above; null: never.
    pub(crate) k: Option<u32>,
    pub(crate) from_the_start: bool,
    /// Over problems; `to` null: it may be never.
    interval: Interval,
    /// Over samples.
    interval_samples: Interval,
    /// The same in words.
    pub(crate) text: String,
}

/// From the first k to the last; null: never.
#[derive(Clone, Copy, Debug, Serialize)]
struct Interval {
    from: Option<u32>,
    to: Option<u32>,
}

/// The sampling efficiency gap: pass@k of `a` less pass@1 of `b`.
#[derive(Debug, Serialize)]
pub(crate) struct Gap {
    pub(crate) k: u32,
    pub(crate) value: f64,
    pub(crate) interval: [f64; 2],
}

#[derive(Debug, Serialize)]
struct Step {
    step: u64,
    run: String,
}

/// A problem.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) task_id: String,
    pub(crate) difficulty: Option<String>,
    pub(crate) platform: Option<String>,
    pub(crate) month: Option<String>,
    /// Passed and judged samples of each run.
    pub(crate) passed: Vec<(u32, u32)>,
}

impl Document {
    /// Lays runs beside each other that have the same problems, at these values of k, or at the usual ones up to as many as each
    /// has samples of every problem.
    pub(crate) fn new(title: String, runs: &[Run], ks: &[u32], remarks: Vec<String>) -> Self {
        let facts: BTreeMap<&String, &Facts> = runs.iter().flat_map(|run| &run.facts).collect();
        let said = |key| runs.iter().find_map(|run| run.said(key)).cloned();
        let mut steps: Vec<Step> =
            runs.iter().filter_map(|run| Some(Step { step: run.step?, run: run.name.clone() })).collect();
        steps.sort_by_key(|step| step.step);
        let nothing = Facts::default();
        let of = |task_id| facts.get(task_id).copied().unwrap_or(&nothing);
        let table = runs[0].problems.keys().map(|task_id| Row {
            task_id: task_id.clone(),
            difficulty: of(task_id).difficulty.clone(),
            platform: of(task_id).platform.clone(),
            month: of(task_id).month().map(str::to_owned),
            passed: runs
                .iter()
                .map(|run| run.problems[task_id])
                .map(|counts| (counts.passed, counts.samples))
                .collect(),
        });
        Self {
            format: FORMAT,
            title,
            dataset: said("dataset"),
            semantics: said("semantics"),
            problems: runs[0].problems.len(),
            remarks,
            method: METHOD,
            table: table.collect(),
            runs: runs.iter().map(|run| OfRun::new(run, &facts, ks)).collect(),
            pairs: runs[1..].iter().map(|run| OfPair::new(&runs[0], run, ks)).collect(),
            series: (steps.len() > 1).then_some(steps),
        }
    }
}

impl OfRun {
    fn new(run: &Run, facts: &BTreeMap<&String, &Facts>, ks: &[u32]) -> Self {
        let samples = |of: fn(std::vec::IntoIter<u32>) -> Option<u32>| {
            of(run.problems.values().map(|counts| counts.samples).collect::<Vec<_>>().into_iter()).unwrap_or(0)
        };
        let counts: Vec<Counts> = run.problems.values().copied().collect();
        let largest = samples(Iterator::min);
        let mut manifest = BTreeMap::new();
        manifest.extend(run.manifest.clone().map(|manifest| ("judged", manifest)));
        manifest.extend(run.sampling.clone().map(|manifest| ("drawn", manifest)));
        Self {
            name: run.name.clone(),
            step: run.step,
            model: run.model().map(str::to_owned),
            samples: [largest, samples(Iterator::max)],
            solved: counts.iter().filter(|counts| counts.passed > 0).count(),
            infra_errors: run.infra_errors,
            manifest,
            curve: curve(&run.problems, &or_usual(ks, largest)),
            extrapolated: (largest > 1).then(|| Foretold::of(extrapolate(&counts, largest))),
            histogram: histogram(&counts),
            groups: groups(&run.problems, facts, largest),
            perplexity: perplexity(&run.perplexities),
        }
    }
}

impl Foretold {
    fn of(found: Result<Extrapolation, Unfit>) -> Self {
        let refused = match found {
            Ok(Extrapolation { alpha, beta, held_back_error, points }) => {
                let points = points.into_iter().map(|(k, value)| Beyond { k, value }).collect();
                return Self::Fitted { points, held_back_error, alpha, beta };
            }
            Err(Unfit::TooFew) => "too few problems or samples".to_owned(),
            Err(Unfit::NoSpread) => "every problem is solved always or never".to_owned(),
            Err(Unfit::Off(off)) => {
                format!("fitted to half of the samples it was off by {:.1} points on all of them", off * 100.0)
            }
        };
        Self::Refused { refused }
    }
}

fn or_usual(ks: &[u32], largest: u32) -> Vec<u32> {
    if ks.is_empty() { usual_ks(largest) } else { ks.to_vec() }
}

/// A fact by which problems are told apart.
type Fact = fn(&Facts) -> Option<&str>;

fn groups(problems: &Problems, facts: &BTreeMap<&String, &Facts>, largest: u32) -> BTreeMap<&'static str, Vec<Group>> {
    let kinds: [(&str, Fact); 3] = [
        ("difficulty", |facts| facts.difficulty.as_deref()),
        ("platform", |facts| facts.platform.as_deref()),
        ("month", Facts::month),
    ];
    let mut all = BTreeMap::new();
    for (kind, fact) in kinds {
        let mut members: BTreeMap<&str, Problems> = BTreeMap::new();
        for (task_id, counts) in problems {
            if let Some(name) = facts.get(task_id).and_then(|facts| fact(facts)) {
                members.entry(name).or_default().insert(task_id.clone(), *counts);
            }
        }
        let group = |(name, problems): (&str, Problems)| {
            let ends = curve(&problems, &[1, largest]);
            Group {
                name: name.to_owned(),
                problems: problems.len(),
                pass_at_1: ends[0].value,
                pass_at_n: ends[1].value,
                histogram: histogram(problems.values()),
            }
        };
        if !members.is_empty() {
            let mut members: Vec<Group> = members.into_iter().map(group).collect();
            // Words in their own order; months have theirs by name.
            members.sort_by_key(|group| ["easy", "medium", "hard"].iter().position(|name| *name == group.name));
            all.insert(kind, members);
        }
    }
    all
}

/// Of rising numbers.
fn perplexity(rising: &[f64]) -> Option<Perplexity> {
    let last = rising.len().checked_sub(1)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let at = |share: f64| (share, rising[(share * last as f64).round() as usize]);
    Some(Perplexity { quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(at).to_vec(), samples: rising.len() })
}

impl OfPair {
    fn new(a: &Run, b: &Run, ks: &[u32]) -> Self {
        let pair = Pair::new(&a.problems, &b.problems);
        let largest = pair.largest_k();
        let shown = or_usual(ks, largest);
        // Every k, and beyond some hundreds those of a curve: a crossing there is not known to the sample anyway.
        let looked_at: BTreeSet<u32> =
            (1..=largest.min(EVERY_K)).chain(usual_ks(largest)).chain(shown.clone()).collect();
        let every_k = differences(&pair, &looked_at.into_iter().collect::<Vec<_>>());
        let back: Vec<Difference> = every_k.iter().map(|difference| difference.turned()).collect();
        let gap_k = ks.iter().copied().max().unwrap_or(largest);
        let (value, interval) = gap(&pair, gap_k);
        Self {
            a: a.name.clone(),
            b: b.name.clone(),
            problems: pair.problems(),
            difference: every_k.iter().filter(|difference| shown.contains(&difference.k)).copied().collect(),
            crossing: Overtaking::of(crossing(&every_k), largest),
            crossing_of_b: Overtaking::of(crossing(&back), largest),
            sets: sets(&pair),
            gap: Gap { k: gap_k, value, interval },
        }
    }

    /// Of the problems that only one solved those of `a`, or of `b`.
    pub(crate) fn only(&self, whose: Ahead) -> &[OnlyOne] {
        match whose {
            Ahead::A => &self.sets.only_a,
            Ahead::B => &self.sets.only_b,
        }
    }
}

impl Overtaking {
    fn of(found: Crossing, largest: u32) -> Self {
        let k = |first: First| if let First::At(k) = first { Some(k) } else { None };
        let interval = |[from, to]: [First; 2]| Interval { from: k(from), to: k(to) };
        let word = |first: First| match first {
            First::At(k) => k.to_string(),
            First::Never => "never".to_owned(),
        };
        let at = match found.first {
            First::At(1) => "from k = 1".to_owned(),
            First::At(k) => format!("at k = {k}"),
            First::Never => format!("never up to k = {largest}"),
        };
        let [from, to] = found.problems.map(word);
        Self {
            k: k(found.first),
            from_the_start: found.first == First::At(1),
            interval: interval(found.problems),
            interval_samples: interval(found.samples),
            text: if from == to { at } else { format!("{at} [{from}, {to}]") },
        }
    }
}
