//! pass@k of one model, with both intervals.
//! Not here: the estimator and the interval over problems (`passk`), two models (`difference`).

use serde::Serialize;

use crate::Counts;
use crate::Estimate;
use crate::Problems;
use crate::mean_with_interval;
use crate::pass_at_k;
use crate::rates::Rates;

/// The 97.5 % quantile of the normal distribution.
pub(crate) const NORMAL: f64 = 1.959_963_984_540_054;
/// What a figure that is certain to many digits may still be off by.
pub(crate) const SLACK: f64 = 1e-9;

/// pass@k at one k.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// k.
    pub k: u32,
    /// The mean of pass@k over problems.
    pub value: f64,
    /// 95 %: other problems of this kind, other samples.
    pub problems: [f64; 2],
    /// 95 %: these problems, other samples.
    pub samples: [f64; 2],
}

/// pass@k for each k, which no problem has fewer samples than.
#[must_use]
pub fn curve(problems: &Problems, ks: &[u32]) -> Vec<Point> {
    let counts: Vec<Counts> = problems.values().copied().collect();
    let variances = Rates::of(&counts).variances(&counts, ks);
    let point = |(k, variance): (&u32, f64)| {
        let Estimate { value, ci95 } = mean_with_interval(&each(&counts, *k));
        let half = NORMAL * variance.sqrt() + SLACK;
        let samples = [value - half, value + half].map(|bound| bound.clamp(0.0, 1.0));
        Point { k: *k, value, problems: [ci95.0, ci95.1], samples }
    };
    ks.iter().zip(variances).map(point).collect()
}

/// pass@k of each problem.
pub(crate) fn each(counts: &[Counts], k: u32) -> Vec<f64> {
    counts.iter().map(|counts| pass_at_k(counts.samples, counts.passed, k)).collect()
}

/// The values of k that a curve is drawn through: four to each doubling, and the last one.
#[must_use]
pub fn usual_ks(largest: u32) -> Vec<u32> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2^32 by the quarter's bound")]
    let quarter = |quarter: u32| (f64::from(quarter) / 4.0).exp2().round() as u32;
    let mut ks: Vec<u32> = (0..4 * 31).map(quarter).take_while(|k| *k < largest).collect();
    ks.push(largest);
    ks.dedup();
    if largest == 0 { Vec::new() } else { ks }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic;
    use crate::synthetic::ROUNDS;
    use crate::synthetic::Random;
    use crate::synthetic::Rate;
    use crate::synthetic::draw;
    use crate::synthetic::truth;

    #[test]
    fn the_usual_ks_rise_from_1_to_the_largest() {
        assert_eq!(usual_ks(10), [1, 2, 3, 4, 5, 6, 7, 8, 10]);
        assert_eq!(usual_ks(1), [1]);
        assert_eq!(usual_ks(0), [0_u32; 0]);
        assert_eq!(usual_ks(128).last(), Some(&128));
    }

    /// How often each interval holds the truth, at k = 1, 10, 128.
    fn coverage(kind: &str, rate: Rate, samples: u32, seed: u64) {
        const KS: [u32; 3] = [1, 10, 128];
        const PROBLEMS: usize = 164;
        let mut random = Random::new(seed);
        let rates: Vec<f64> = (0..PROBLEMS).map(|_| rate(&mut random)).collect();
        let of_these = KS.map(|k| truth(&rates, k));
        let many: Vec<f64> = (0..200_000).map(|_| rate(&mut random)).collect();
        let of_all = KS.map(|k| truth(&many, k));
        let mut held = [[0_u32; 2]; KS.len()];
        for _ in 0..ROUNDS {
            let same = curve(&draw(&rates, samples, &mut random), &KS);
            let others: Vec<f64> = (0..PROBLEMS).map(|_| rate(&mut random)).collect();
            let others = curve(&draw(&others, samples, &mut random), &KS);
            for (at, held) in held.iter_mut().enumerate() {
                held[0] += u32::from((same[at].samples[0]..=same[at].samples[1]).contains(&of_these[at]));
                held[1] += u32::from((others[at].problems[0]..=others[at].problems[1]).contains(&of_all[at]));
            }
        }
        for (k, held) in KS.iter().zip(held) {
            for (over, held) in ["samples", "problems"].iter().zip(held) {
                let covered = f64::from(held) / f64::from(ROUNDS);
                assert!((0.93..=0.97).contains(&covered), "{kind}, n = {samples}, k = {k}, over {over}: {covered}");
            }
        }
    }

    #[test]
    fn intervals_cover_the_truth_of_evenly_spread_rates() {
        coverage("even", synthetic::even, 128, 1);
    }

    #[test]
    fn intervals_cover_the_truth_of_rare_successes() {
        coverage("rare", synthetic::rare, 256, 2);
    }

    #[test]
    fn intervals_cover_the_truth_where_some_problems_are_never_solved() {
        coverage("three parts", synthetic::three_parts, 128, 3);
    }

    #[test]
    fn intervals_cover_the_truth_of_a_long_tail() {
        coverage("tail", synthetic::tail, 200, 4);
    }
}
