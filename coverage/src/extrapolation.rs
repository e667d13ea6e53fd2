//! pass@k beyond the samples that there are.
//! Not here: pass@k of what there is (`curve`).
//!
//! Success rates are taken to be beta-distributed over problems, and each problem's to be what that and its own counts make
//! likely. Whether that is so is asked first: fitted to half of the samples, it has to foretell what all of them show.

use serde::Serialize;

use crate::Counts;
use crate::pass_at_k;

/// Off by more than this on the samples that were held back, nothing is foretold.
const MOST_OFF: f64 = 0.02;
/// Fewer problems or samples say nothing of a distribution.
const FEWEST_PROBLEMS: usize = 20;
const FEWEST_SAMPLES: u32 = 8;
/// How far is looked: in multiples of the samples that there are.
const MULTIPLES: [u32; 3] = [2, 4, 8];

/// What more samples would give.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Extrapolation {
    /// The distribution's parameters.
    pub alpha: f64,
    /// See there.
    pub beta: f64,
    /// By how much the fit to half of the samples was off at pass@n of all.
    pub held_back_error: f64,
    /// (k, pass@k).
    pub points: Vec<(u32, f64)>,
}

/// Why nothing is foretold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfit {
    /// There are too few problems or samples.
    TooFew,
    /// All problems are solved alike, or never: no distribution of this kind.
    NoSpread,
    /// It was off by this much on what was held back.
    Off(f64),
}

/// Foretells pass@k beyond `samples`, the number that every problem has at least.
///
/// # Errors
///
/// Why these counts do not allow it.
pub fn extrapolate(problems: &[Counts], samples: u32) -> Result<Extrapolation, Unfit> {
    if problems.len() < FEWEST_PROBLEMS || samples < FEWEST_SAMPLES {
        return Err(Unfit::TooFew);
    }
    let half: Vec<Counts> = problems.iter().enumerate().map(|(index, counts)| half_of(*counts, index)).collect();
    let of_half = Beta::fit(&half).ok_or(Unfit::NoSpread)?;
    let observed: f64 = problems.iter().map(|counts| pass_at_k(counts.samples, counts.passed, samples)).sum();
    #[expect(clippy::cast_precision_loss, reason = "no benchmark has 2^53 problems")]
    let observed = observed / problems.len() as f64;
    let held_back_error = of_half.coverage(&half, samples) - observed;
    if held_back_error.abs() > MOST_OFF {
        return Err(Unfit::Off(held_back_error));
    }
    let fitted = Beta::fit(problems).ok_or(Unfit::NoSpread)?;
    let ks = MULTIPLES.iter().filter_map(|times| samples.checked_mul(*times));
    let points = ks.map(|k| (k, fitted.coverage(problems, k))).collect();
    Ok(Extrapolation { alpha: fitted.alpha, beta: fitted.beta, held_back_error, points })
}

/// Half of a problem's samples, by chance that is always the same: samples are alike but for who comes first.
fn half_of(counts: Counts, index: usize) -> Counts {
    let Counts { mut samples, mut passed } = counts;
    let mut state = index as u64;
    let mut kept = Counts { samples: samples / 2, passed: 0 };
    for _ in 0..kept.samples {
        // splitmix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        if (mixed >> 11) % u64::from(samples) < u64::from(passed) {
            kept.passed += 1;
            passed -= 1;
        }
        samples -= 1;
    }
    kept
}

/// A beta distribution of success rates.
#[derive(Clone, Copy, Debug)]
struct Beta {
    alpha: f64,
    beta: f64,
}

impl Beta {
    /// The one under which these counts are likeliest; `None` where there is none.
    fn fit(problems: &[Counts]) -> Option<Self> {
        const STEPS: usize = 200;
        if problems.iter().all(|counts| counts.passed == 0 || counts.passed == counts.samples) {
            return None;
        }
        let most = problems.iter().map(|counts| counts.samples).max()?;
        // In logarithms, so that both stay above 0; Newton's method, with steps that never make it less likely.
        let mut at = [0.0_f64, 0.0];
        let mut best = likelihood(problems, most, at);
        for _ in 0..STEPS {
            let Slope { first, second } = slope(problems, most, at);
            let step = newton(first, second);
            let mut scale = 1.0;
            let next = loop {
                let next = [at[0] + scale * step[0], at[1] + scale * step[1]];
                let found = likelihood(problems, most, next);
                if found >= best || scale < 1e-6 {
                    break (next, found);
                }
                scale /= 2.0;
            };
            let done = next.1 - best < 1e-10;
            (at, best) = if next.1 >= best { next } else { (at, best) };
            if done {
                break;
            }
        }
        let [alpha, beta] = at.map(f64::exp);
        // Beyond this all problems have one rate, and the counts cannot tell how little they differ.
        (alpha.is_finite() && beta.is_finite() && alpha + beta < 1e6).then_some(Self { alpha, beta })
    }

    /// The mean over problems of pass@k, each by what its counts say.
    fn coverage(self, problems: &[Counts], k: u32) -> f64 {
        let of_one = |counts: &Counts| {
            let (alpha, beta) = (
                self.alpha + f64::from(counts.passed),
                self.beta + f64::from(counts.samples - counts.passed.min(counts.samples)),
            );
            let none: f64 = (0..k).map(|it| ((beta + f64::from(it)) / (alpha + beta + f64::from(it))).ln()).sum();
            1.0 - none.exp()
        };
        #[expect(clippy::cast_precision_loss, reason = "no benchmark has 2^53 problems")]
        let all = problems.len() as f64;
        problems.iter().map(of_one).sum::<f64>() / all
    }
}

/// The logarithm of how likely the counts are, but for what does not depend on the parameters.
fn likelihood(problems: &[Counts], most: u32, at: [f64; 2]) -> f64 {
    let [alpha, beta] = at.map(f64::exp);
    let sums = |from: f64| -> Vec<f64> {
        let mut sum = 0.0;
        let next = (0..most).map(|it| {
            sum += (from + f64::from(it)).ln();
            sum
        });
        std::iter::once(0.0).chain(next).collect()
    };
    let (passed, failed, all) = (sums(alpha), sums(beta), sums(alpha + beta));
    let one = |counts: &Counts| {
        passed[counts.passed as usize] + failed[(counts.samples - counts.passed) as usize]
            - all[counts.samples as usize]
    };
    problems.iter().map(one).sum()
}

/// How the likelihood changes with the logarithms of the parameters.
struct Slope {
    first: [f64; 2],
    /// Of the second derivatives: of the one, of both, of the other.
    second: [f64; 3],
}

fn slope(problems: &[Counts], most: u32, at: [f64; 2]) -> Slope {
    let [alpha, beta] = at.map(f64::exp);
    let sums = |from: f64, power: i32| -> Vec<f64> {
        let mut sum = 0.0;
        let next = (0..most).map(|it| {
            sum += (from + f64::from(it)).powi(-power);
            sum
        });
        std::iter::once(0.0).chain(next).collect()
    };
    let [passed, failed, all] = [alpha, beta, alpha + beta].map(|from| (sums(from, 1), sums(from, 2)));
    let (mut first, mut second) = ([0.0; 2], [0.0; 3]);
    for counts in problems {
        let (c, f, n) = (counts.passed as usize, (counts.samples - counts.passed) as usize, counts.samples as usize);
        first[0] += passed.0[c] - all.0[n];
        first[1] += failed.0[f] - all.0[n];
        second[0] += all.1[n] - passed.1[c];
        second[1] += all.1[n];
        second[2] += all.1[n] - failed.1[f];
    }
    Slope {
        first: [alpha * first[0], beta * first[1]],
        second: [
            alpha * alpha * second[0] + alpha * first[0],
            alpha * beta * second[1],
            beta * beta * second[2] + beta * first[1],
        ],
    }
}

/// The step of Newton's method upwards, or along the slope where that would lead down; never far.
fn newton(first: [f64; 2], second: [f64; 3]) -> [f64; 2] {
    let determinant = second[0] * second[2] - second[1] * second[1];
    let is_hill = second[0] < 0.0 && determinant > 0.0;
    let step = if is_hill {
        [
            (second[1] * first[1] - second[2] * first[0]) / determinant,
            (second[1] * first[0] - second[0] * first[1]) / determinant,
        ]
    } else {
        first
    };
    let length = step[0].hypot(step[1]);
    if length > 1.0 { step.map(|it| it / length) } else { step }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic;
    use crate::synthetic::Random;
    use crate::synthetic::draw;
    use crate::synthetic::truth;

    #[test]
    fn even_rates_are_found_to_be_even_and_foretold() {
        let mut random = Random::new(41);
        let rates: Vec<f64> = (0..2000).map(|_| synthetic::even(&mut random)).collect();
        let counts: Vec<Counts> = draw(&rates, 64, &mut random).into_values().collect();
        let found = extrapolate(&counts, 64).expect("a beta distribution");
        assert!((found.alpha - 1.0).abs() < 0.1 && (found.beta - 1.0).abs() < 0.1, "{found:?}");
        for (k, value) in found.points {
            assert!((value - truth(&rates, k)).abs() < 0.004, "{k}: {value}");
        }
    }

    #[test]
    fn what_cannot_be_foretold_is_not() {
        let counts = |samples, passed| Counts { samples, passed };
        assert_eq!(extrapolate(&[counts(64, 3); 19], 64), Err(Unfit::TooFew));
        assert_eq!(extrapolate(&[counts(64, 0); 50], 64), Err(Unfit::NoSpread));
        // Half of the problems are solved 3 times in 100, the others never: half of the samples promise a tail that is not there.
        let mut random = Random::new(42);
        let rates: Vec<f64> = (0..2000).map(|it| if it % 2 == 0 { 0.0 } else { 0.03 }).collect();
        let steep: Vec<Counts> = draw(&rates, 128, &mut random).into_values().collect();
        let found = extrapolate(&steep, 128);
        assert!(matches!(found, Err(Unfit::Off(off)) if off.abs() > MOST_OFF), "{found:?}");
    }

    #[test]
    fn half_of_the_samples_is_half_of_them() {
        let all: u32 = (0..1000).map(|index| half_of(Counts { samples: 10, passed: 4 }, index).passed).sum();
        assert!((1900..2100).contains(&all), "{all}");
        assert_eq!(half_of(Counts { samples: 9, passed: 9 }, 3), Counts { samples: 4, passed: 4 });
    }
}
