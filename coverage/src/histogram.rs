//! How many problems are solved how often.
//! Not here: which problems (the command groups them).

use serde::Serialize;

use crate::Counts;

/// Problems whose share of passed samples is from one bound to the other. 0 and 1 are bins of their own; the others hold
/// their upper bound, and not their lower one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// From here,
    pub from: f64,
    /// up to here.
    pub to: f64,
    /// How many.
    pub problems: u32,
}

/// The bins between 0 and 1.
const BETWEEN: u32 = 10;

/// Counts problems by their share of passed samples; those without samples are not counted.
#[must_use]
pub fn histogram<'a>(problems: impl IntoIterator<Item = &'a Counts>) -> Vec<Bin> {
    let tenth = |tenth: u32| f64::from(tenth) / f64::from(BETWEEN);
    let bin = |from: f64, to: f64| Bin { from, to, problems: 0 };
    let mut bins = vec![bin(0.0, 0.0)];
    bins.extend((0..BETWEEN).map(|it| bin(tenth(it), tenth(it + 1))));
    bins.push(bin(1.0, 1.0));
    for counts in problems.into_iter().filter(|counts| counts.samples > 0) {
        let passed = u64::from(counts.passed.min(counts.samples));
        let index = match passed {
            0 => 0,
            _ if passed == u64::from(counts.samples) => bins.len() - 1,
            // In whole numbers, so that 3 of 10 is in the bin that ends with 0.3.
            _ => {
                usize::try_from((passed * u64::from(BETWEEN)).div_ceil(u64::from(counts.samples))).expect("at most 10")
            }
        };
        bins[index].problems += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_everything_are_bins_of_their_own_and_a_bin_holds_its_upper_bound() {
        let counts = |passed, samples| Counts { passed, samples };
        let all =
            [counts(0, 10), counts(1, 10), counts(3, 10), counts(31, 100), counts(99, 100), counts(7, 7), counts(0, 0)];
        let found: Vec<u32> = histogram(&all).iter().map(|bin| bin.problems).collect();
        assert_eq!(found, [1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1]);
    }
}
