//! At which k one model overtakes another.
//! Not here: how far apart they are (`difference`).

use serde::Serialize;

use crate::Difference;

/// The first k at which the first model is above the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum First {
    /// Where it is. At k = 1 it was ahead from the start.
    At(u32),
    /// It never is, up to the largest k.
    Never,
}

/// Where the first model overtakes the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Crossing {
    /// By the figures themselves.
    pub first: First,
    /// 95 %: these problems, other samples. From the first k at which it may be to the last; `Never` comes last.
    pub samples: [First; 2],
    /// 95 %: other problems of this kind, other samples.
    pub problems: [First; 2],
}

/// Where the first model overtakes the second, from their differences at every k from 1 on.
///
/// The interval holds every k at which the true crossing may be: where the difference may be above 0 and, at the k before,
/// may not. That is the inversion of the intervals of the differences, as Fieller's for a ratio: the true crossing is left out
/// only if the difference there, or at the k before, is outside its own interval on one side.
#[must_use]
pub fn crossing(every_k: &[Difference]) -> Crossing {
    let first = every_k.iter().find(|difference| difference.value > 0.0);
    let bounds = |of: fn(&Difference) -> [f64; 2]| {
        let may_be = |index: usize| {
            let may_be_above = of(&every_k[index])[1] > 0.0;
            let may_not_be_before = index == 0 || of(&every_k[index - 1])[0] <= 0.0;
            may_be_above && may_not_be_before
        };
        let possible: Vec<u32> = (0..every_k.len()).filter(|it| may_be(*it)).map(|it| every_k[it].k).collect();
        let never = every_k.iter().all(|difference| of(difference)[0] <= 0.0);
        let earliest = possible.first().map_or(First::Never, |k| First::At(*k));
        let latest = possible.last().filter(|_| !never).map_or(First::Never, |k| First::At(*k));
        [earliest, latest]
    };
    Crossing {
        first: first.map_or(First::Never, |difference| First::At(difference.k)),
        samples: bounds(|difference| difference.samples),
        problems: bounds(|difference| difference.problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pair;
    use crate::differences;
    use crate::synthetic;
    use crate::synthetic::ROUNDS;
    use crate::synthetic::Random;
    use crate::synthetic::draw;
    use crate::synthetic::truth;

    fn difference(k: u32, low: f64, value: f64, high: f64) -> Difference {
        Difference { k, value, problems: [low, high], samples: [low, high], ahead: None }
    }

    #[test]
    fn the_first_k_above_counts_and_its_interval_is_where_it_may_be() {
        let all = [
            difference(1, -0.3, -0.2, -0.1),
            difference(2, -0.1, -0.05, 0.01),
            difference(3, -0.05, 0.0, 0.05),
            difference(4, -0.01, 0.04, 0.1),
            difference(5, 0.01, 0.06, 0.1),
            difference(6, 0.02, 0.07, 0.1),
        ];
        let found = crossing(&all);
        assert_eq!(found.first, First::At(4));
        assert_eq!(found.samples, [First::At(2), First::At(5)]);
        assert_eq!(crossing(&all[..4]).samples, [First::At(2), First::Never]);
        assert_eq!(crossing(&all[..1]).samples, [First::Never, First::Never]);
        let ahead = crossing(&[difference(1, 0.1, 0.2, 0.3), difference(2, 0.1, 0.2, 0.3)]);
        assert_eq!((ahead.first, ahead.samples), (First::At(1), [First::At(1), First::At(1)]));
    }

    #[test]
    fn intervals_cover_the_true_crossing() {
        let sharper = |rate: f64| if rate < 0.02 { rate / 8.0 } else { rate.powf(0.8) };
        let mut random = Random::new(31);
        let rates: Vec<f64> = (0..164).map(|_| synthetic::tail(&mut random)).collect();
        let sharp: Vec<f64> = rates.iter().map(|rate| sharper(*rate)).collect();
        let ks: Vec<u32> = (1..=128).collect();
        let first =
            |a: &[f64], b: &[f64]| ks.iter().copied().find(|k| truth(a, *k) > truth(b, *k)).expect("it crosses");
        let of_these = first(&rates, &sharp);
        assert!((5..60).contains(&of_these), "{of_these}");
        let held = (0..ROUNDS).filter(|_| {
            let (a, b) = (draw(&rates, 128, &mut random), draw(&sharp, 128, &mut random));
            let [from, to] = crossing(&differences(&Pair::new(&a, &b), &ks)).samples;
            matches!(from, First::At(k) if k <= of_these) && !matches!(to, First::At(k) if k < of_these)
        });
        let held = u32::try_from(held.count()).expect("of the rounds");
        let covered = f64::from(held) / f64::from(ROUNDS);
        assert!((0.93..=0.97).contains(&covered), "{covered}");
    }

    #[test]
    fn intervals_over_problems_cover_the_crossing_of_all_problems_of_the_kind() {
        let sharper = |rate: &f64| if *rate < 0.02 { rate / 8.0 } else { rate.powf(0.8) };
        let mut random = Random::new(32);
        let ks: Vec<u32> = (1..=128).collect();
        let many: Vec<f64> = (0..100_000).map(|_| synthetic::tail(&mut random)).collect();
        let sharp: Vec<f64> = many.iter().map(sharper).collect();
        let of_all = ks.iter().copied().find(|k| truth(&many, *k) > truth(&sharp, *k)).expect("it crosses");
        let held = (0..ROUNDS).filter(|_| {
            let rates: Vec<f64> = (0..164).map(|_| synthetic::tail(&mut random)).collect();
            let sharp: Vec<f64> = rates.iter().map(sharper).collect();
            let (a, b) = (draw(&rates, 128, &mut random), draw(&sharp, 128, &mut random));
            let [from, to] = crossing(&differences(&Pair::new(&a, &b), &ks)).problems;
            matches!(from, First::At(k) if k <= of_all) && !matches!(to, First::At(k) if k < of_all)
        });
        let held = u32::try_from(held.count()).expect("of the rounds");
        let covered = f64::from(held) / f64::from(ROUNDS);
        assert!((0.93..=0.97).contains(&covered), "{covered}, k = {of_all}");
    }
}
