//! How far apart two models are at one k, on the problems that both have.
//! Not here: at which k one overtakes the other (`crossing`).

use serde::Serialize;

use crate::Pair;
use crate::curve::NORMAL;
use crate::curve::SLACK;
use crate::curve::each;
use crate::passk::mean_and_bounds;
use crate::rates::Rates;

/// Who is ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ahead {
    /// The first one.
    A,
    /// The second one.
    B,
}

/// Pass@k of the first less that of the second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// k.
    pub k: u32,
    /// The mean over problems of what sets them apart; between -1 and 1.
    pub value: f64,
    /// 95 %: other problems of this kind, other samples.
    pub problems: [f64; 2],
    /// 95 %: these problems, other samples.
    pub samples: [f64; 2],
    /// Who is ahead, where it is more than noise: where 0 is well outside both intervals.
    pub ahead: Option<Ahead>,
}

impl Difference {
    /// The second less the first.
    #[must_use]
    pub fn turned(self) -> Self {
        let turned = |[low, high]: [f64; 2]| [-high, -low];
        let ahead = self.ahead.map(|ahead| if ahead == Ahead::A { Ahead::B } else { Ahead::A });
        let (problems, samples) = (turned(self.problems), turned(self.samples));
        Self { k: self.k, value: -self.value, problems, samples, ahead }
    }
}

/// The differences at each k, which no problem has fewer samples than.
#[must_use]
pub fn differences(pair: &Pair<'_>, ks: &[u32]) -> Vec<Difference> {
    let variance = |counts: &[crate::Counts]| Rates::of(counts).variances(counts, ks);
    let (of_a, of_b) = (variance(&pair.a), variance(&pair.b));
    let one = |(index, k): (usize, &u32)| {
        let apart: Vec<f64> = each(&pair.a, *k).iter().zip(each(&pair.b, *k)).map(|(of_a, of_b)| of_a - of_b).collect();
        let (mean, problems) = mean_and_bounds(&apart);
        // Sums of the same numbers in another order may differ by less than this.
        let value = if mean.abs() < 1e-12 { 0.0 } else { mean };
        let half = NORMAL * (of_a[index] + of_b[index]).sqrt() + SLACK;
        let samples = [value - half, value + half].map(|bound| bound.clamp(-1.0, 1.0));
        let ahead = ahead(value, problems, samples);
        Difference { k: *k, value, problems, samples, ahead }
    };
    ks.iter().enumerate().map(one).collect()
}

/// So many times as far as its bound must an interval reach and still not hold 0.
///
/// A curve is looked at in many places: of two identical models, one is outside one of its 95 % intervals somewhere in 10 to 20 % of
/// all cases. With this, in less than 5 % (164 and 880 problems of several kinds, 30 values of k), so that a claim about any k may be
/// taken at its word.
const BEYOND_DOUBT: f64 = 1.4;

fn ahead(value: f64, problems: [f64; 2], samples: [f64; 2]) -> Option<Ahead> {
    let farther = |bound: f64| value + BEYOND_DOUBT * (bound - value);
    if farther(problems[0]).min(farther(samples[0])) > 0.0 {
        Some(Ahead::A)
    } else if farther(problems[1]).max(farther(samples[1])) < 0.0 {
        Some(Ahead::B)
    } else {
        None
    }
}

/// The sampling efficiency gap (arXiv 2504.13837, 4.3): what the first finds in k samples less what the second finds in one.
/// Its interval is over problems.
#[must_use]
pub fn gap(pair: &Pair<'_>, k: u32) -> (f64, [f64; 2]) {
    let apart: Vec<f64> = each(&pair.a, k).iter().zip(each(&pair.b, 1)).map(|(of_a, of_b)| of_a - of_b).collect();
    mean_and_bounds(&apart)
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
    use crate::usual_ks;

    const KS: [u32; 3] = [1, 10, 128];

    #[test]
    fn identical_models_are_rarely_called_different_at_any_k() {
        let ks = usual_ks(128);
        for (rate, problems) in [(synthetic::even as Rate, 164), (synthetic::rare, 60), (synthetic::three_parts, 60)] {
            let mut random = Random::new(21);
            let mut called = 0;
            for _ in 0..ROUNDS {
                let rates: Vec<f64> = (0..problems).map(|_| rate(&mut random)).collect();
                let (a, b) = (draw(&rates, 128, &mut random), draw(&rates, 128, &mut random));
                let found = differences(&Pair::new(&a, &b), &ks);
                called += u32::from(found.iter().any(|difference| difference.ahead.is_some()));
            }
            assert!(called <= ROUNDS / 20, "{called}");
        }
    }

    #[test]
    fn a_model_that_is_better_is_called_better() {
        let mut random = Random::new(23);
        let rates: Vec<f64> = (0..164).map(|_| synthetic::even(&mut random)).collect();
        let better: Vec<f64> = rates.iter().map(|rate| rate.sqrt()).collect();
        let (a, b) = (draw(&rates, 128, &mut random), draw(&better, 128, &mut random));
        let found = differences(&Pair::new(&a, &b), &[1])[0];
        assert_eq!((found.ahead, found.turned().ahead), (Some(Ahead::B), Some(Ahead::A)));
        let back = differences(&Pair::new(&b, &a), &[1])[0];
        let near =
            |one: [f64; 2], other: [f64; 2]| one.iter().zip(other).all(|(one, other)| (one - other).abs() < 1e-12);
        assert!(near(back.problems, found.turned().problems) && near(back.samples, found.turned().samples));
    }

    #[test]
    fn intervals_cover_what_truly_sets_two_models_apart() {
        // The second one is better at first, and solves fewer in the end.
        let sharper = |rate: f64| if rate < 0.02 { rate / 8.0 } else { rate.powf(0.7) };
        let mut random = Random::new(22);
        let rates: Vec<f64> = (0..164).map(|_| synthetic::tail(&mut random)).collect();
        let sharp: Vec<f64> = rates.iter().map(|rate| sharper(*rate)).collect();
        let many: Vec<f64> = (0..200_000).map(|_| synthetic::tail(&mut random)).collect();
        let of_all = |k| truth(&many, k) - truth(&many.iter().map(|rate| sharper(*rate)).collect::<Vec<_>>(), k);
        let of_all = KS.map(of_all);
        let of_these = KS.map(|k| truth(&rates, k) - truth(&sharp, k));
        let mut held = [[0_u32; 2]; KS.len()];
        for _ in 0..ROUNDS {
            let (a, b) = (draw(&rates, 128, &mut random), draw(&sharp, 128, &mut random));
            let others: Vec<f64> = (0..164).map(|_| synthetic::tail(&mut random)).collect();
            let other_sharp: Vec<f64> = others.iter().map(|rate| sharper(*rate)).collect();
            let (other_a, other_b) = (draw(&others, 128, &mut random), draw(&other_sharp, 128, &mut random));
            let (same, other) =
                (differences(&Pair::new(&a, &b), &KS), differences(&Pair::new(&other_a, &other_b), &KS));
            for (at, held) in held.iter_mut().enumerate() {
                held[0] += u32::from((same[at].samples[0]..=same[at].samples[1]).contains(&of_these[at]));
                held[1] += u32::from((other[at].problems[0]..=other[at].problems[1]).contains(&of_all[at]));
            }
        }
        let covered = held.map(|held| held.map(|held| f64::from(held) / f64::from(ROUNDS)));
        assert!(covered.as_flattened().iter().all(|it| (0.93..=0.97).contains(it)), "{covered:?}");
    }
}
