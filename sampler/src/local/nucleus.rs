//! Which token comes next: temperature, top-k, top-p, then one draw.
//! Not here: where the number comes from that decides (`random`).
//! In: the logits behind a token. Out: a token and its log-probability.
//!
//! The order and the rules are transformers': logits divided by the temperature, the `top_k` likeliest kept, of these the ones
//! before which less than `top_p` of the probability lies. Equal logits stand in the order of their tokens.

use super::cpu::lanes::LANES;
use super::cpu::lanes::Work;
use super::cpu::lanes::exp;
use super::cpu::lanes::total;
use super::cpu::lanes::vectorised;
use crate::Sampling;

/// What was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) token: u32,
    /// The natural logarithm of its probability under the model itself: at temperature 1, among all tokens.
    pub(crate) logprob: f32,
}

/// Draws a token with a number in `[0, 1)`. `None` where a logit is no number.
pub(crate) fn draw(logits: &[f32], sampling: &Sampling, uniform: f64) -> Option<Drawn> {
    struct Draw<'a>(&'a [f32], &'a Sampling, f64);

    impl Work for Draw<'_> {
        type Output = Option<Drawn>;

        #[inline(always)]
        fn work(self) -> Option<Drawn> {
            let Self(logits, sampling, uniform) = self;
            let (likeliest, greatest) = greatest(logits)?;
            let greedy = sampling.temperature == 0.0;
            let token = if greedy { likeliest } else { pick(logits, greatest, sampling, uniform) };
            let logprob = logits[token] - greatest - sum(logits, greatest, 1.0).ln();
            Some(Drawn { token: token_of(token), logprob })
        }
    }

    vectorised(Draw(logits, sampling, uniform))
}

/// The natural logarithm of a token's probability under the model itself. `None` where a logit is no number.
pub(crate) fn logprob(logits: &[f32], token: u32) -> Option<f32> {
    struct Logprob<'a>(&'a [f32], usize);

    impl Work for Logprob<'_> {
        type Output = Option<f32>;

        #[inline(always)]
        fn work(self) -> Option<f32> {
            let Self(logits, token) = self;
            let greatest = greatest(logits)?.1;
            Some(logits[token] - greatest - sum(logits, greatest, 1.0).ln())
        }
    }

    vectorised(Logprob(logits, token as usize))
}

/// The first of the greatest.
#[inline(always)]
fn greatest(logits: &[f32]) -> Option<(usize, f32)> {
    let mut most = [f32::NEG_INFINITY; LANES];
    let mut sound = true;
    let (whole, rest) = logits.as_chunks::<LANES>();
    for chunk in whole {
        for lane in 0..LANES {
            sound &= chunk[lane] < f32::INFINITY;
            most[lane] = most[lane].max(chunk[lane]);
        }
    }
    for (lane, logit) in rest.iter().enumerate() {
        sound &= *logit < f32::INFINITY;
        most[lane] = most[lane].max(*logit);
    }
    let most = most.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let first = logits.iter().position(|logit| *logit == most)?;
    (sound && most.is_finite()).then_some((first, most))
}

/// The sum of `e^((logit - greatest) x factor)`.
#[inline(always)]
fn sum(logits: &[f32], greatest: f32, factor: f32) -> f32 {
    let mut sums = [0.0; LANES];
    let (whole, rest) = logits.as_chunks::<LANES>();
    for chunk in whole {
        for lane in 0..LANES {
            sums[lane] += exp((chunk[lane] - greatest) * factor);
        }
    }
    for (lane, logit) in rest.iter().enumerate() {
        sums[lane] += exp((*logit - greatest) * factor);
    }
    total(sums)
}

/// A token by chance, not at temperature 0.
#[inline(always)]
fn pick(logits: &[f32], greatest: f32, sampling: &Sampling, uniform: f64) -> usize {
    let factor = factor(sampling);
    if sampling.top_p >= 1.0 && sampling.top_k.is_none() {
        let mass = f64::from(sum(logits, greatest, factor));
        let weights = logits.iter().map(|logit| exp((logit - greatest) * factor)).enumerate();
        return walk(weights, uniform * mass);
    }
    let nucleus = nucleus(logits, greatest, sampling);
    let mass: f64 = nucleus.iter().map(|(_, weight)| f64::from(*weight)).sum();
    walk(nucleus.into_iter(), uniform * mass)
}

#[expect(clippy::cast_possible_truncation, reason = "a temperature is one as f32 too")]
fn factor(sampling: &Sampling) -> f32 {
    (1.0 / sampling.temperature) as f32
}

/// The first one that the weights up to it reach beyond `target`; the last with any weight where rounding leaves none.
#[inline(always)]
fn walk(weights: impl Iterator<Item = (usize, f32)>, target: f64) -> usize {
    let (mut reached, mut last) = (0.0, 0);
    for (token, weight) in weights {
        if weight > 0.0 {
            reached += f64::from(weight);
            last = token;
            if reached > target {
                break;
            }
        }
    }
    last
}

/// The tokens that may be drawn, likeliest first, and weights in proportion to their probabilities.
#[inline(always)]
fn nucleus(logits: &[f32], greatest: f32, sampling: &Sampling) -> Vec<(usize, f32)> {
    let factor = factor(sampling);
    let mut kept: Vec<(usize, f32)> = Vec::new();
    let by_weight = |left: &(usize, f32), right: &(usize, f32)| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0));
    let mass = match sampling.top_k {
        None => {
            let mass = sum(logits, greatest, factor);
            // Tokens less likely than this are together less than what top-p leaves out; half of it, for the rounding.
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "an estimate with room")]
            let least = (0.5 * f64::from(mass) * (1.0 - sampling.top_p) / logits.len() as f64) as f32;
            // Where a weight of `least` is, as a logit: comparing these is cheaper than a power for each.
            let least = greatest + least.max(f32::MIN_POSITIVE).ln() / factor;
            let likely = logits.iter().enumerate().filter(|(_, logit)| **logit >= least);
            kept.extend(likely.map(|(token, logit)| (token, exp((logit - greatest) * factor))));
            f64::from(mass)
        }
        Some(count) => {
            let count = (count as usize).min(logits.len());
            kept.extend(logits.iter().copied().enumerate());
            if count < kept.len() {
                kept.select_nth_unstable_by(count - 1, by_weight);
                kept.truncate(count);
            }
            kept.iter_mut().for_each(|(_, logit)| *logit = exp((*logit - greatest) * factor));
            kept.iter().map(|(_, weight)| f64::from(*weight)).sum()
        }
    };
    kept.sort_unstable_by(by_weight);
    if sampling.top_p < 1.0 {
        let mut before = 0.0;
        let inside = kept.iter().take_while(|(_, weight)| {
            let inside = before < sampling.top_p * mass;
            before += f64::from(*weight);
            inside
        });
        let count = inside.count();
        kept.truncate(count);
    }
    kept
}

fn token_of(index: usize) -> u32 {
    u32::try_from(index).expect("a vocabulary has fewer than 2^32 tokens")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use serde::Deserialize;

    use super::*;
    use crate::local::random::Stream;

    #[derive(Deserialize)]
    struct References {
        vectors: BTreeMap<String, Vector>,
        cases: Vec<Case>,
    }

    /// Logits by a formula; `references/nucleus.py` has it.
    #[derive(Deserialize)]
    struct Vector {
        vocabulary: usize,
        seed: u64,
        slope: f64,
        cube: f64,
        first: Vec<f64>,
    }

    #[derive(Deserialize)]
    struct Case {
        vector: String,
        temperature: f64,
        top_p: f64,
        top_k: Option<u32>,
        tokens: Vec<u32>,
        probabilities: Vec<f64>,
    }

    fn references() -> References {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("references/nucleus.json");
        serde_json::from_slice(&std::fs::read(file).expect("references")).expect("as written")
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "as the references are made")]
    fn logits(vector: &Vector) -> Vec<f32> {
        let mut state = vector.seed;
        let mut uniform = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        };
        let logit = |_| {
            let t = uniform() + uniform() + uniform() + uniform() - 2.0;
            (vector.slope * t + vector.cube * (t * t * t)) as f32
        };
        let logits: Vec<f32> = (0..vector.vocabulary).map(logit).collect();
        assert!(vector.first.iter().zip(&logits).all(|(expected, found)| *expected as f32 == *found));
        logits
    }

    fn sampling(case: &Case) -> Sampling {
        let Case { temperature, top_p, top_k, .. } = *case;
        Sampling { temperature, top_p, top_k, ..Sampling::default() }
    }

    #[test]
    fn the_nucleus_is_the_one_of_transformers_token_by_token() {
        let References { vectors, cases } = references();
        for case in &cases {
            let logits = logits(&vectors[&case.vector]);
            let greatest = greatest(&logits).expect("numbers").1;
            let found = nucleus(&logits, greatest, &sampling(case));
            let mass: f64 = found.iter().map(|(_, weight)| f64::from(*weight)).sum();
            let tokens: Vec<u32> = found.iter().map(|(token, _)| token_of(*token)).collect();
            assert_eq!(tokens, case.tokens, "{} {:?}", case.vector, sampling(case));
            for ((_, weight), expected) in found.iter().zip(&case.probabilities) {
                assert!((f64::from(*weight) / mass - expected).abs() < 1e-6 * expected.max(1e-3));
            }
        }
    }

    #[test]
    fn twenty_thousand_draws_are_distributed_as_the_nucleus_and_none_is_outside() {
        const DRAWS: u32 = 20_000;
        let References { vectors, cases } = references();
        for case in cases.iter().filter(|case| case.tokens.len() > 1 && case.vector != "large") {
            let (logits, sampling) = (logits(&vectors[&case.vector]), sampling(case));
            let stream = Stream::new(7, &case.vector, case.tokens[0]);
            let mut counts = BTreeMap::<u32, u32>::new();
            for position in 0..DRAWS {
                let drawn = draw(&logits, &sampling, stream.uniform(position)).expect("numbers");
                *counts.entry(drawn.token).or_default() += 1;
            }
            assert!(counts.keys().all(|token| case.tokens.contains(token)), "a token from outside");
            // Cells in which fewer than five are expected are looked at together.
            let (mut statistic, mut cells, mut pooled) = (0.0, -1.0, (0.0, 0.0));
            let mut cell = |found: f64, expected: f64| {
                statistic += (found - expected).powi(2) / expected;
                cells += 1.0;
            };
            for (token, probability) in case.tokens.iter().zip(&case.probabilities) {
                let found = f64::from(counts.get(token).copied().unwrap_or_default());
                let expected = probability * f64::from(DRAWS);
                if expected < 5.0 {
                    pooled = (pooled.0 + found, pooled.1 + expected);
                } else {
                    cell(found, expected);
                }
            }
            if pooled.1 >= 5.0 {
                cell(pooled.0, pooled.1);
            }
            // Five standard deviations: the draws are the same in every run, so a pass stays one.
            let most = cells + 5.0 * (2.0_f64 * cells).sqrt();
            assert!(statistic < most, "{} {sampling:?}: {statistic} on {cells} degrees of freedom", case.vector);
        }
    }

    #[test]
    fn at_temperature_0_the_first_of_the_likeliest_tokens_is_taken() {
        let sampling = Sampling { temperature: 0.0, ..Sampling::default() };
        let drawn = draw(&[0.0, 3.0, -1.0, 3.0], &sampling, 0.99).expect("numbers");
        assert_eq!(drawn.token, 1);
        assert!((f64::from(drawn.logprob) - (1.0 / (2.0 + (-3.0_f64).exp() + (-4.0_f64).exp())).ln()).abs() < 1e-6);
    }

    #[test]
    fn all_tokens_may_come_without_limits_and_an_impossible_one_never() {
        let sampling = Sampling { temperature: 1.0, top_p: 1.0, ..Sampling::default() };
        let logits = [0.0, f32::NEG_INFINITY, 0.0];
        let stream = Stream::new(1, "", 0);
        let tokens: Vec<u32> =
            (0..1000).map(|at| draw(&logits, &sampling, stream.uniform(at)).expect("numbers").token).collect();
        assert!(tokens.contains(&0) && tokens.contains(&2) && !tokens.contains(&1));
        assert_eq!(draw(&logits, &sampling, 1.0).expect("numbers").token, 2);
    }

    #[test]
    fn logits_that_are_no_numbers_are_not_drawn_from() {
        for bad in [f32::NAN, f32::INFINITY] {
            assert_eq!(draw(&[0.0, bad, 1.0], &Sampling::default(), 0.5), None);
            assert_eq!(draw(&[bad], &Sampling::default(), 0.5), None);
        }
        assert_eq!(draw(&[f32::NEG_INFINITY; 9], &Sampling::default(), 0.5), None);
    }
}
