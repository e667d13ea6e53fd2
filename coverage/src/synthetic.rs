//! Models whose success rates are known, for tests.

use std::collections::BTreeMap;

use crate::Counts;
use crate::Problems;

/// Numbers in [0, 1) by splitmix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / 2_f64.powi(53)
    }
}

/// A distribution of success rates.
pub(crate) type Rate = fn(&mut Random) -> f64;

/// Any rate as likely as any other.
pub(crate) fn even(random: &mut Random) -> f64 {
    random.next()
}

/// Most problems are rarely solved, down to 1 in 3,000.
pub(crate) fn rare(random: &mut Random) -> f64 {
    (-8.0 * random.next()).exp()
}

/// A third is never solved, a third nearly always.
pub(crate) fn three_parts(random: &mut Random) -> f64 {
    match random.next() {
        ..0.33 => 0.0,
        ..0.66 => 0.9 + 0.1 * random.next(),
        _ => 0.3 * random.next(),
    }
}

/// As models on hard problems: some are easy, and the others ever rarer.
pub(crate) fn tail(random: &mut Random) -> f64 {
    random.next().powi(6)
}

/// How often something is tried.
pub(crate) const ROUNDS: u32 = 1000;

/// As many samples of each problem.
pub(crate) fn draw(rates: &[f64], samples: u32, random: &mut Random) -> Problems {
    let mut drawn = BTreeMap::new();
    for (index, rate) in rates.iter().enumerate() {
        let passed = (0..samples).filter(|_| random.next() < *rate).count();
        let counts = Counts { samples, passed: u32::try_from(passed).expect("of the samples") };
        drawn.insert(format!("{index:05}"), counts);
    }
    drawn
}

/// What pass@k is.
pub(crate) fn truth(rates: &[f64], k: u32) -> f64 {
    let sum: f64 = rates.iter().map(|rate| 1.0 - (1.0 - rate).powf(f64::from(k))).sum();
    #[expect(clippy::cast_precision_loss, reason = "a few problems")]
    let all = rates.len() as f64;
    sum / all
}
