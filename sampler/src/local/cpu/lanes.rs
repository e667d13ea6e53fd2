//! Arithmetic on a few numbers at a time, written so that the compiler makes vector instructions of it.
//! Not here: which instructions this CPU has (`pulp::Arch` says, at run time).

/// Numbers that fit one vector of most CPUs. What is summed in lanes is summed in this many, everywhere.
pub(crate) const LANES: usize = 8;

/// `e^x`, to two units in the last place; 0 where that is less than f32's least normal number.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    /// `ln 2` in two parts, the first with so few bits that its product with a small integer is exact.
    const LN2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
    /// 1.5 x 2^23: a number this large has no fraction, so adding it rounds.
    const ROUNDING: f32 = 12_582_912.0;
    let shifted = x.max(-87.3).min(88.0).mul_add(LOG2_E, ROUNDING);
    let whole = shifted - ROUNDING;
    let rest = whole.mul_add(-LN2.0, x.max(-87.3).min(88.0));
    let rest = whole.mul_add(-LN2.1, rest);
    // Cephes' expf.
    let mut series = 1.987_569_1e-4_f32;
    for factor in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        series = series.mul_add(rest, factor);
    }
    let mantissa = series.mul_add(rest * rest, rest) + 1.0;
    // The lowest bits of `shifted` are the whole number; it goes where f32 keeps its exponent.
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    if x < -87.3 { 0.0 } else { mantissa * power }
}

/// The sum of a function of pairs, in lanes: the same order for the same length.
#[inline(always)]
pub(crate) fn sum_of(left: &[f32], right: &[f32], term: impl Fn(f32, f32, f32) -> f32) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (left_whole, left_rest) = left.as_chunks::<LANES>();
    let (right_whole, right_rest) = right.as_chunks::<LANES>();
    for (left, right) in left_whole.iter().zip(right_whole) {
        for lane in 0..LANES {
            sums[lane] = term(left[lane], right[lane], sums[lane]);
        }
    }
    for (lane, (left, right)) in left_rest.iter().zip(right_rest).enumerate() {
        sums[lane] = term(*left, *right, sums[lane]);
    }
    total(sums)
}

/// The sum of the lanes, by halves.
#[inline(always)]
pub(crate) fn total(mut sums: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
        half /= 2;
    }
    sums[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_units_in_the_last_place_and_nothing_below_its_range() {
        let mut x = -87.0_f32;
        while x < 87.0 {
            let (found, expected) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((found - expected).abs() <= 2.4e-7 * expected, "{x}: {found} {expected}");
            x += 0.003_7;
        }
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(-200.0), 0.0);
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn sums_in_lanes_take_every_term() {
        for length in 0..40_u8 {
            let numbers: Vec<f32> = (0..length).map(f32::from).collect();
            let expected: f32 = numbers.iter().map(|it| it * it).sum();
            assert_eq!(sum_of(&numbers, &numbers, |a, b, sum| a.mul_add(b, sum)), expected);
        }
    }
}
