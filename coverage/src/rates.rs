//! How likely each success rate is, given all that a model did: what the randomness of samples is computed from.
//! Not here: intervals (`curve`, `difference`), how sure "only one solved it" is (`sets`).
//!
//! Of a problem with no success in 128 samples the rate may be 0 or 1 in 200, and at k = 128 all depends on which. One problem
//! cannot tell; the others can: how many have 1, 2, 3 successes says how many with a small rate there must be that have none. So
//! the distribution of rates over problems is estimated first, without assuming a shape (nonparametric maximum likelihood, Kiefer
//! and Wolfowitz 1956, by expectation maximisation on a grid), and each problem's rate then by Bayes' rule (Robbins' empirical
//! Bayes). A plain bootstrap, which takes c / n for the rate, would find no randomness at all in a problem with c = 0.

use std::collections::BTreeMap;
use std::f64::consts::FRAC_PI_2;

use crate::Counts;
use crate::pass_at_k;

/// Rates that are looked at. They are even in arcsin of the root, in which counts are equally blurred everywhere.
const GRID: usize = 201;
/// Rounds of estimation. More sharpen the distribution to a few points and change no interval that was looked at.
const ROUNDS: usize = 100;

/// What is known of the rates of a model's problems.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    /// Of each rate of the grid its share of problems.
    shares: Vec<f64>,
    /// Of each kind of counts the probability of each rate.
    of_counts: BTreeMap<Counts, Vec<f64>>,
}

fn rate(point: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred points")]
    let angle = FRAC_PI_2 * point as f64 / (GRID - 1) as f64;
    angle.sin().powi(2)
}

/// How likely each number of successes is, from 0 to `samples`.
fn binomial(samples: u32, rate: f64) -> Vec<f64> {
    let mut likely = vec![0.0; samples as usize + 1];
    if rate <= 0.0 || rate >= 1.0 {
        likely[if rate <= 0.0 { 0 } else { samples as usize }] = 1.0;
        return likely;
    }
    // From the likeliest outwards, so that nothing that matters is lost where the first ones are too small for a number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the samples")]
    let mode = ((f64::from(samples) + 1.0) * rate).min(f64::from(samples)) as usize;
    let odds = rate / (1.0 - rate);
    #[expect(clippy::cast_precision_loss, reason = "counts of samples")]
    let step = |count: usize| (f64::from(samples) - count as f64) / (count as f64 + 1.0) * odds;
    likely[mode] = 1.0;
    for count in mode..samples as usize {
        likely[count + 1] = likely[count] * step(count);
    }
    for count in (0..mode).rev() {
        likely[count] = likely[count + 1] / step(count);
    }
    let all: f64 = likely.iter().sum();
    likely.iter_mut().for_each(|it| *it /= all);
    likely
}

impl Rates {
    /// Estimates them from a model's counts.
    pub(crate) fn of(problems: &[Counts]) -> Self {
        let mut kinds: BTreeMap<Counts, u32> = BTreeMap::new();
        problems.iter().for_each(|counts| *kinds.entry(*counts).or_default() += 1);
        let mut tables: BTreeMap<u32, Vec<Vec<f64>>> = BTreeMap::new();
        for samples in kinds.keys().map(|counts| counts.samples) {
            let table = || (0..GRID).map(|point| binomial(samples, rate(point))).collect();
            tables.entry(samples).or_insert_with(table);
        }
        let likelihoods: Vec<(Counts, f64, Vec<f64>)> = kinds
            .into_iter()
            .map(|(counts, problems)| {
                let table = &tables[&counts.samples];
                let passed = counts.passed.min(counts.samples) as usize;
                (counts, f64::from(problems), table.iter().map(|likely| likely[passed]).collect())
            })
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "no benchmark has 2^53 problems")]
        let (all, even) = (problems.len().max(1) as f64, 1.0 / GRID as f64);
        let mut shares = vec![even; GRID];
        let posterior = |shares: &[f64], likelihood: &[f64]| -> Vec<f64> {
            let joint: Vec<f64> = shares.iter().zip(likelihood).map(|(share, likely)| share * likely).collect();
            let sum: f64 = joint.iter().sum();
            joint.into_iter().map(|it| it / sum).collect()
        };
        for _ in 0..ROUNDS {
            let mut next = vec![0.0; GRID];
            for (_, problems, likelihood) in &likelihoods {
                for (next, likely) in next.iter_mut().zip(posterior(&shares, likelihood)) {
                    *next += problems * likely / all;
                }
            }
            shares = next;
        }
        let of_counts = likelihoods.iter().map(|(counts, _, likely)| (*counts, posterior(&shares, likely))).collect();
        Self { shares, of_counts }
    }

    /// How likely it is that the rate of a problem with these counts is above a bound.
    pub(crate) fn chance_above(&self, counts: Counts, bound: f64) -> f64 {
        let of_counts = self.of_counts.get(&counts).unwrap_or(&self.shares);
        (0..GRID).filter(|point| rate(*point) > bound).map(|point| of_counts[point]).sum()
    }

    /// The variance of the mean of pass@k over these problems, were all samples drawn again, for each k.
    ///
    /// One problem more is counted than there is, of the rate at which chance decides most: where hardly any problem is
    /// undecided, how many there are is itself a guess.
    pub(crate) fn variances(&self, problems: &[Counts], ks: &[u32]) -> Vec<f64> {
        // Of each number of samples how many problems have each rate.
        let mut weights: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for counts in problems {
            let weights = weights.entry(counts.samples).or_insert_with(|| vec![0.0; GRID]);
            weights.iter_mut().zip(&self.of_counts[counts]).for_each(|(weight, likely)| *weight += likely);
        }
        let mut sums = vec![0.0; ks.len()];
        let mut most = vec![0.0_f64; ks.len()];
        for (samples, weights) in &weights {
            let squares: Vec<Vec<f64>> = ks
                .iter()
                .map(|k| (0..=*samples).map(|passed| pass_at_k(*samples, passed, *k).powi(2)).collect())
                .collect();
            for (point, weight) in weights.iter().enumerate() {
                let likely = binomial(*samples, rate(point));
                for (((sum, most), squares), k) in sums.iter_mut().zip(&mut most).zip(&squares).zip(ks) {
                    let square: f64 = likely.iter().zip(squares).map(|(likely, square)| likely * square).sum();
                    let mean = 1.0 - (1.0 - rate(point)).powf(f64::from(*k));
                    let variance = (square - mean * mean).max(0.0);
                    *sum += weight * variance;
                    *most = most.max(variance);
                }
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "no benchmark has 2^53 problems")]
        let all = problems.len().max(1) as f64;
        sums.into_iter().zip(most).map(|(sum, most)| (sum + most) / (all * all)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binomials_are_those_of_the_formula() {
        let likely = binomial(4, 0.3);
        for (found, expected) in likely.iter().zip([0.2401, 0.4116, 0.2646, 0.0756, 0.0081]) {
            assert!((found - expected).abs() < 1e-12, "{likely:?}");
        }
        assert_eq!(binomial(3, 0.0), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(binomial(3, 1.0), [0.0, 0.0, 0.0, 1.0]);
        assert!((binomial(100_000, 0.5).iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn problems_without_a_success_are_taken_for_unlikely_or_impossible_as_the_others_have_it() {
        let counts = |passed| Counts { samples: 100, passed };
        // Nobody has a few successes: who has none has no small rate either.
        let apart: Vec<Counts> = [vec![counts(0); 50], vec![counts(60); 50]].concat();
        assert!(Rates::of(&apart).chance_above(counts(0), 0.01) < 0.05);
        // Many have a few: so may who has none.
        let near: Vec<Counts> = (0..4).flat_map(|passed| vec![counts(passed); 25]).collect();
        assert!(Rates::of(&near).chance_above(counts(0), 0.005) > 0.5);
    }
}
