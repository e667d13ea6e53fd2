//! Products with weights: `y = x w^T + b`, each number of `y` summed in one order, however many rows `x` has.
//! Not here: tensors (`ops`), products on a GPU (cuBLAS has those).
//!
//! A completion must not depend on what is drawn beside it, so a row's result must not depend on the rows around it.
//! Libraries choose the order of summation by the shape of the whole product; here it is by `k` alone: lane `l` of a SIMD
//! vector sums the terms `l, l + L, l + 2L, ...` and the lanes are added at the end. A tile of rows and columns shares what
//! it loads, and changes no order.

use std::hint::black_box;

use half::bf16;
use pulp::Arch;
use pulp::Simd;
use pulp::WithSimd;
use rayon::prelude::*;

use super::lanes::widen;

/// Weights, `[n, k]`, as they are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weights<'a> {
    /// As they are used.
    F32(&'a [f32]),
    /// Widened when used, which is exact.
    Bf16(&'a [bf16]),
}

impl<'a> Weights<'a> {
    fn rows(self, from: usize, to: usize, k: usize) -> Self {
        match self {
            Self::F32(all) => Self::F32(&all[from * k..to * k]),
            Self::Bf16(all) => Self::Bf16(&all[from * k..to * k]),
        }
    }
}

/// So many bytes of `x` are worked on at a time, to stay in a core's own cache.
const BLOCK_BYTES: usize = 384 << 10;

/// Rows of `w` that are worked on at a time; the least that one thread takes.
const COLUMNS: usize = 4;

/// `x` is `[m, k]`, `weights` `[n, k]`, `bias` `[n]`; what is given back is `[m, n]`.
pub(crate) fn matmul(x: &[f32], weights: Weights<'_>, bias: Option<&[f32]>, k: usize, n: usize) -> Vec<f32> {
    let m = x.len() / k;
    let mut y = vec![0.0; m * n];
    let share = share(m, k, n);
    // Each share of the columns is some of every row of `y`.
    let mut shares: Vec<Vec<&mut [f32]>> = (0..n.div_ceil(share)).map(|_| Vec::with_capacity(m)).collect();
    for row in y.chunks_mut(n) {
        row.chunks_mut(share).zip(&mut shares).for_each(|(part, share)| share.push(part));
    }
    let arch = Arch::new();
    let work = |(index, mut rows): (usize, Vec<&mut [f32]>)| {
        let from = index * share;
        let to = (from + share).min(n);
        if let Some(bias) = bias {
            rows.iter_mut().for_each(|row| row.copy_from_slice(&bias[from..to]));
        }
        arch.dispatch(Product { x, weights: weights.rows(from, to, k), k, y: &mut rows });
    };
    if shares.len() == 1 {
        shares.into_iter().enumerate().for_each(work);
    } else {
        shares.into_par_iter().enumerate().for_each(work);
    }
    y
}

/// How many columns one thread takes at a time: what is worth waking it for, and not more than leaves the others as much.
fn share(m: usize, k: usize, n: usize) -> usize {
    const WORTH: usize = 1 << 17;
    let worth = (WORTH / (m * k).max(1)).max(COLUMNS);
    let even = n.div_ceil(rayon::current_num_threads() * 4);
    even.max(worth).next_multiple_of(COLUMNS).min(n)
}

struct Product<'a, 'b> {
    x: &'a [f32],
    weights: Weights<'a>,
    k: usize,
    y: &'a mut [&'b mut [f32]],
}

impl WithSimd for Product<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { x, weights, k, y } = self;
        let tall = if S::REGISTER_COUNT >= 32 { 6 } else { 3 };
        let block = (BLOCK_BYTES / (size_of::<f32>() * k)).next_multiple_of(tall);
        let columns = y.first().map_or(0, |row| row.len());
        let mut widened = match weights {
            Weights::F32(_) => Vec::new(),
            Weights::Bf16(_) => vec![0.0; COLUMNS * k],
        };
        for (x, y) in x.chunks(block * k).zip(y.chunks_mut(block)) {
            for from in (0..columns).step_by(COLUMNS) {
                let to = (from + COLUMNS).min(columns);
                let tile = match weights.rows(from, to, k) {
                    Weights::F32(tile) => tile,
                    Weights::Bf16(tile) => {
                        let wide = &mut widened[..tile.len()];
                        widen(tile, wide);
                        wide
                    }
                };
                if to - from == COLUMNS && tall == 6 {
                    tall_tiles::<S, 6>(simd, x, tile, k, y, from);
                } else if to - from == COLUMNS {
                    tall_tiles::<S, 3>(simd, x, tile, k, y, from);
                } else {
                    for (column, tile) in tile.chunks(k).enumerate() {
                        rows_of_one(simd, x, tile, k, y, from + column);
                    }
                }
            }
        }
    }
}

/// As many whole tiles of `TALL` rows as there are, then the rows that are left by two and one.
#[inline(always)]
fn tall_tiles<S: Simd, const TALL: usize>(
    simd: S,
    x: &[f32],
    tile: &[f32],
    k: usize,
    y: &mut [&mut [f32]],
    column: usize,
) {
    let whole = y.len() / TALL * TALL;
    let pairs = whole + (y.len() - whole) / 2 * 2;
    for (x, y) in x.chunks_exact(TALL * k).zip(y.chunks_exact_mut(TALL)) {
        product::<S, TALL, COLUMNS>(simd, x, tile, k, y, column);
    }
    for (x, y) in x[whole * k..].chunks_exact(2 * k).zip(y[whole..].chunks_exact_mut(2)) {
        product::<S, 2, COLUMNS>(simd, x, tile, k, y, column);
    }
    for (x, y) in x[pairs * k..].chunks_exact(k).zip(y[pairs..].chunks_exact_mut(1)) {
        product::<S, 1, COLUMNS>(simd, x, tile, k, y, column);
    }
}

#[inline(always)]
fn rows_of_one<S: Simd>(simd: S, x: &[f32], tile: &[f32], k: usize, y: &mut [&mut [f32]], column: usize) {
    for (x, y) in x.chunks_exact(k).zip(y.chunks_exact_mut(1)) {
        product::<S, 1, 1>(simd, x, tile, k, y, column);
    }
}

/// `TALL` rows of `x` by `WIDE` rows of `w`, added to what stands in `y` from `column` on.
#[inline(always)]
fn product<S: Simd, const TALL: usize, const WIDE: usize>(
    simd: S,
    x: &[f32],
    tile: &[f32],
    k: usize,
    y: &mut [&mut [f32]],
    column: usize,
) {
    let mut sums = [[simd.splat_f32s(0.0); WIDE]; TALL];
    let lanes = S::F32_LANES;
    let whole = k / lanes;
    let xs: [(&[S::f32s], &[f32]); TALL] = std::array::from_fn(|row| S::as_simd_f32s(&x[row * k..(row + 1) * k]));
    let ws: [(&[S::f32s], &[f32]); WIDE] = std::array::from_fn(|row| S::as_simd_f32s(&tile[row * k..(row + 1) * k]));
    let xs_whole: [&[S::f32s]; TALL] = std::array::from_fn(|row| &xs[row].0[..whole]);
    let ws_whole: [&[S::f32s]; WIDE] = std::array::from_fn(|row| &ws[row].0[..whole]);
    for at in 0..whole {
        let w: [S::f32s; WIDE] = std::array::from_fn(|row| ws_whole[row][at]);
        for row in 0..TALL {
            let x = xs_whole[row][at];
            for wide in 0..WIDE {
                sums[row][wide] = simd.mul_add_f32s(x, w[wide], sums[row][wide]);
            }
        }
    }
    if !k.is_multiple_of(lanes) {
        for row in 0..TALL {
            let x = simd.partial_load_f32s(xs[row].1);
            for wide in 0..WIDE {
                sums[row][wide] = simd.mul_add_f32s(x, simd.partial_load_f32s(ws[wide].1), sums[row][wide]);
            }
        }
    }
    // Seen from here on as memory of its own: an index that the compiler does not know beforehand, as below, would otherwise have
    // it write every sum to memory in every step above, which halves the speed. What is computed does not depend on it.
    let sums = black_box(sums);
    for row in 0..TALL {
        for wide in 0..WIDE {
            y[row][column + wide] += simd.reduce_sum_f32s(sums[row][wide]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Numbers that look like activations and weights, the same for the same seed.
    fn numbers(count: usize, seed: u64) -> Vec<f32> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            #[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
            let unit = (state >> 40) as f32 / (1 << 24) as f32;
            unit - 0.5
        };
        (0..count).map(|_| next()).collect()
    }

    #[expect(clippy::cast_possible_truncation, reason = "the result is f32 too")]
    fn plainly(x: &[f32], w: &[f32], bias: &[f32], k: usize, n: usize) -> Vec<f32> {
        let dot = |x: &[f32], w: &[f32]| x.iter().zip(w).map(|(x, w)| f64::from(*x) * f64::from(*w)).sum::<f64>();
        let row = |x: &[f32]| {
            (0..n).map(|j| (f64::from(bias[j]) + dot(x, &w[j * k..(j + 1) * k])) as f32).collect::<Vec<_>>()
        };
        x.chunks(k).flat_map(row).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_product_is_what_schoolbook_says(m in 1_usize..40, k in 1_usize..200, n in 1_usize..70, seed: u64) {
            let (x, w, bias) = (numbers(m * k, seed), numbers(n * k, seed ^ 1), numbers(n, seed ^ 2));
            let found = matmul(&x, Weights::F32(&w), Some(&bias), k, n);
            for (found, expected) in found.iter().zip(plainly(&x, &w, &bias, k, n)) {
                prop_assert!((found - expected).abs() < 1e-4, "{found} {expected}");
            }
        }

        #[test]
        fn older_vectors_give_the_same_but_for_rounding(m in 1_usize..20, k in 1_usize..90, n in 1_usize..20, seed: u64) {
            let (x, w) = (numbers(m * k, seed), numbers(n * k, seed ^ 1));
            let expected = plainly(&x, &w, &vec![0.0; n], k, n);
            let run = |work: &dyn Fn(Product<'_, '_>)| {
                let mut y = vec![0.0; m * n];
                let mut rows: Vec<&mut [f32]> = y.chunks_mut(n).collect();
                work(Product { x: &x, weights: Weights::F32(&w), k, y: &mut rows });
                y
            };
            let mut found = vec![run(&|work| pulp::Scalar::new().vectorize(work))];
            #[cfg(target_arch = "x86_64")]
            if let Some(simd) = pulp::x86::V3::try_new() {
                found.push(run(&|work| Simd::vectorize(simd, work)));
            }
            for found in found {
                for (found, expected) in found.iter().zip(&expected) {
                    prop_assert!((found - expected).abs() < 1e-4, "{found} {expected}");
                }
            }
        }

        #[test]
        fn a_row_is_the_same_to_the_bit_whatever_stands_beside_it(m in 2_usize..200, k in 1_usize..300, n in 1_usize..90, seed: u64) {
            let (x, w) = (numbers(m * k, seed), numbers(n * k, seed ^ 1));
            let together = matmul(&x, Weights::F32(&w), None, k, n);
            for (x, row) in x.chunks(k).zip(together.chunks(n)) {
                prop_assert_eq!(&matmul(x, Weights::F32(&w), None, k, n), row);
            }
        }

        #[test]
        fn weights_kept_in_half_the_bytes_give_the_same_as_when_widened_before(m in 1_usize..20, k in 1_usize..200, n in 1_usize..30, seed: u64) {
            let x = numbers(m * k, seed);
            let narrow: Vec<bf16> = numbers(n * k, seed ^ 1).into_iter().map(bf16::from_f32).collect();
            let wide: Vec<f32> = narrow.iter().map(|it| it.to_f32()).collect();
            prop_assert_eq!(matmul(&x, Weights::Bf16(&narrow), None, k, n), matmul(&x, Weights::F32(&wide), None, k, n));
        }
    }
}
