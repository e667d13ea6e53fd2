//! Which problems two models solve, and how sure it is that only one of them can.
//! Not here: how many (`difference` at the largest k).

use serde::Serialize;

use crate::Pair;
use crate::rates::Rates;

/// Success rates that a model without a success may have had.
const BOUNDS: [f64; 4] = [0.001, 0.005, 0.01, 0.05];

/// The problems of two models, by who solved them at least once.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sets {
    /// Solved by both.
    pub both: Vec<String>,
    /// Only by the first.
    pub only_a: Vec<OnlyOne>,
    /// Only by the second.
    pub only_b: Vec<OnlyOne>,
    /// By none.
    pub neither: Vec<String>,
}

/// A problem that one model solved and the other did not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OnlyOne {
    /// The problem.
    pub task_id: String,
    /// How many samples the other one had, none of which passed.
    pub samples_of_other: u32,
    /// For some success rates the chance that the other one's is higher all the same, given all that it did (empirical Bayes).
    pub chance: Vec<(f64, f64)>,
}

/// Who solved what.
#[must_use]
pub fn sets(pair: &Pair<'_>) -> Sets {
    let (of_a, of_b) = (Rates::of(&pair.a), Rates::of(&pair.b));
    let mut sets = Sets::default();
    for ((task_id, a), b) in pair.task_ids.iter().zip(&pair.a).zip(&pair.b) {
        let task_id = (*task_id).to_owned();
        let only = |other: &crate::Counts, rates: &Rates| OnlyOne {
            task_id: task_id.clone(),
            samples_of_other: other.samples,
            chance: BOUNDS.map(|bound| (bound, rates.chance_above(*other, bound))).to_vec(),
        };
        match (a.passed > 0, b.passed > 0) {
            (true, true) => sets.both.push(task_id),
            (true, false) => sets.only_a.push(only(b, &of_b)),
            (false, true) => sets.only_b.push(only(a, &of_a)),
            (false, false) => sets.neither.push(task_id),
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;
    use crate::Problems;

    #[test]
    fn every_problem_is_in_one_set_and_a_missing_success_says_less_the_fewer_the_samples() {
        let model = |samples, passed: [u32; 6]| -> Problems {
            let counts = passed.into_iter().map(|passed| Counts { samples, passed });
            ["a", "b", "c", "d", "e", "f"].map(str::to_owned).into_iter().zip(counts).collect()
        };
        let a = model(128, [3, 1, 0, 0, 2, 9]);
        let chance = |samples| {
            let b = model(samples, [1, 0, 1, 0, 1, 2]);
            let sets = sets(&Pair::new(&a, &b));
            assert_eq!((&sets.both, &sets.neither), (&vec!["a".into(), "e".into(), "f".into()], &vec!["d".to_owned()]));
            assert_eq!((sets.only_a.len(), sets.only_b.len()), (1, 1));
            assert_eq!((sets.only_a[0].task_id.as_str(), sets.only_a[0].samples_of_other), ("b", samples));
            assert!(sets.only_a[0].chance.windows(2).all(|pair| pair[0].1 >= pair[1].1));
            sets.only_a[0].chance[2].1
        };
        assert!(chance(16) > chance(128) + 0.1, "{} {}", chance(16), chance(128));
    }
}
