//! Seeds: what a server is told to begin its draws with.
//! In: the run's seed and a problem's name. Out: the seed of sample 0; sample i has i more.

/// Seeds stay below 2^31 for all indices below 2^30, because some servers read them as 32-bit integers with a sign, and
/// above 0, because some read 0 as "any".
const RANGE: u64 = (1 << 30) - 1;

/// The seed of a problem's sample 0: between 1 and 2^30 - 1, and another for every problem, so that problems are not drawn
/// with the same luck.
pub(super) fn base_seed(seed: u64, task_id: &str) -> u64 {
    let mut hasher = blake3::Hasher::new_derive_key("trialbox sampler server seed, version 1");
    hasher.update(&seed.to_le_bytes()).update(task_id.as_bytes());
    let mut bytes = [0; 8];
    hasher.finalize_xof().fill(&mut bytes);
    1 + u64::from_le_bytes(bytes) % RANGE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_what_they_were() {
        // A run is resumed with the seeds it was begun with, also by a later version.
        assert_eq!(
            [base_seed(0, "HumanEval/0"), base_seed(0, "HumanEval/1"), base_seed(1, "HumanEval/0")],
            [756_195_442, 130_307_715, 452_035_325]
        );
    }

    #[test]
    fn seeds_are_positive_and_fit_32_bits_with_a_sign() {
        for problem in 0..2_000 {
            let base = base_seed(7, &format!("task/{problem}"));
            assert!((1..1 << 30).contains(&base));
        }
    }
}
