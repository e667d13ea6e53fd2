//! Randomness that is looked up, not drawn: a number depends on what it is for, and on no number before it.
//! Not here: what is drawn with it (`nucleus`).
//!
//! Philox 4x32, 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). The key is the seed; the
//! counter says for which problem, which of its samples and which position the number is.

/// The randomness of one sample of one problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    key: [u32; 2],
    problem: [u32; 2],
    sample: u32,
}

impl Stream {
    /// A problem is known by its name.
    pub(crate) fn new(seed: u64, task_id: &str, sample: u32) -> Self {
        let name = blake3::hash(task_id.as_bytes());
        let [a, b, c, d, e, f, g, h, ..] = *name.as_bytes();
        Self { key: halves(seed), problem: halves(u64::from_le_bytes([a, b, c, d, e, f, g, h])), sample }
    }

    /// Which sample's it is.
    pub(crate) fn sample(self) -> u32 {
        self.sample
    }

    /// Where a position's number stands; the key is the seed.
    pub(crate) fn counter(self, position: u32) -> [u32; 4] {
        let [low, high] = self.problem;
        [position, self.sample, low, high]
    }

    /// A number in `[0, 1)`, 53 bits of it, for a position of the completion.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(crate) fn uniform(self, position: u32) -> f64 {
        let [first, second, ..] = philox(self.counter(position), self.key);
        let bits = u64::from(first) << 32 | u64::from(second);
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
fn halves(number: u64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}

fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let [low_0, high_0] = halves(u64::from(counter[0]) * 0xd251_1f53);
        let [low_1, high_1] = halves(u64::from(counter[2]) * 0xcd9e_8d57);
        counter = [high_1 ^ counter[1] ^ key[0], low_1, high_0 ^ counter[3] ^ key[1], low_0];
        key = [key[0].wrapping_add(0x9e37_79b9), key[1].wrapping_add(0xbb67_ae85)];
    }
    counter
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn philox_answers_what_its_authors_publish() {
        // kat_vectors of Random123.
        let pi = ([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]);
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(philox(pi.0, pi.1), [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    }

    #[test]
    fn every_seed_problem_sample_and_position_has_a_number_of_its_own() {
        let mut seen = BTreeSet::new();
        for seed in [0, 1, 1 << 32] {
            for task in ["HumanEval/0", "HumanEval/1"] {
                for sample in 0..4 {
                    for position in 0..4 {
                        let number = Stream::new(seed, task, sample).uniform(position);
                        assert!((0.0..1.0).contains(&number));
                        assert!(seen.insert(number.to_bits()), "{seed} {task} {sample} {position}");
                    }
                }
            }
        }
    }
}
