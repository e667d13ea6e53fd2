//! Arithmetic on a few numbers at a time, written so that the compiler makes vector instructions of it.
//! Not here: which instructions this CPU has (`pulp::Arch` says, at run time).

use half::bf16;
use pulp::Arch;
use pulp::Simd;
use pulp::WithSimd;

/// Work that is compiled for every kind of vectors. Implementations are `#[inline(always)]` down to the last loop, closures
/// avoided: what the compiler does not inline it compiles for the oldest CPU, where a multiplication and addition in one is a
/// call into a library.
pub(crate) trait Work {
    /// What comes of it.
    type Output;

    /// Does it.
    fn work(self) -> Self::Output;
}

/// Does work with the widest vectors that this CPU has.
pub(crate) fn vectorised<W: Work>(work: W) -> W::Output {
    struct Vectorised<W>(W);

    impl<W: Work> WithSimd for Vectorised<W> {
        type Output = W::Output;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> W::Output {
            self.0.work()
        }
    }

    Arch::new().dispatch(Vectorised(work))
}

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
    let within = x.clamp(-87.3, 88.0);
    let shifted = within.mul_add(LOG2_E, ROUNDING);
    let whole = shifted - ROUNDING;
    let rest = whole.mul_add(-LN2.0, within);
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

/// The sum of squares, in lanes: the same order for the same length.
#[inline(always)]
pub(crate) fn sum_of_squares(numbers: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (whole, rest) = numbers.as_chunks::<LANES>();
    for chunk in whole {
        for lane in 0..LANES {
            sums[lane] = chunk[lane].mul_add(chunk[lane], sums[lane]);
        }
    }
    for (lane, number) in rest.iter().enumerate() {
        sums[lane] = number.mul_add(*number, sums[lane]);
    }
    total(sums)
}

/// Widens numbers, which loses nothing: bf16 is the upper half of f32.
#[inline(always)]
pub(crate) fn widen(narrow: &[bf16], wide: &mut [f32]) {
    for (wide, narrow) in wide.iter_mut().zip(narrow) {
        *wide = f32::from_bits(u32::from(narrow.to_bits()) << 16);
    }
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
            assert_eq!(sum_of_squares(&numbers), expected);
        }
    }
}
