//! What is done to each token's numbers apart from the others': norms, rotations, gates.
//! Not here: products with weights (`matmul`), what tokens see of each other (`attention`).

use pulp::Arch;
use rayon::prelude::*;

use super::lanes::exp;
use super::lanes::sum_of;

/// Rows that are worth a thread of their own, in numbers.
const WORTH: usize = 1 << 14;

/// Calls `work` with every row of `rows` and its index, on all threads where that pays.
fn by_row(rows: &mut [f32], width: usize, work: impl Fn(usize, &mut [f32]) + Sync + Send) {
    let arch = Arch::new();
    let at_once = (WORTH / width).max(1);
    let several = |(index, several): (usize, &mut [f32])| {
        arch.dispatch(
            #[inline(always)]
            || several.chunks_mut(width).enumerate().for_each(|(row, numbers)| work(index * at_once + row, numbers)),
        );
    };
    if rows.len() <= at_once * width {
        several((0, rows));
    } else {
        rows.par_chunks_mut(at_once * width).enumerate().for_each(several);
    }
}

/// Each row divided by the root of the mean of its squares, times `weight`.
pub(crate) fn rms_norm(x: &[f32], weight: &[f32], eps: f32) -> Vec<f32> {
    let width = weight.len();
    let mut y = vec![0.0; x.len()];
    by_row(
        &mut y,
        width,
        #[inline(always)]
        |row, y| normalise(&x[row * width..(row + 1) * width], weight, eps, y),
    );
    y
}

#[inline(always)]
fn normalise(x: &[f32], weight: &[f32], eps: f32, y: &mut [f32]) {
    let scale = scale_of(x, eps);
    for ((y, x), weight) in y.iter_mut().zip(x).zip(weight) {
        *y = x * scale * weight;
    }
}

#[inline(always)]
fn scale_of(x: &[f32], eps: f32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a width is far below 2^24")]
    let mean = sum_of(x, x, |a, b, sum| a.mul_add(b, sum)) / x.len() as f32;
    1.0 / (mean + eps).sqrt()
}

/// `to += what`.
pub(crate) fn add(to: &mut [f32], what: &[f32]) {
    by_row(
        to,
        WORTH,
        #[inline(always)]
        |row, to| to.iter_mut().zip(&what[row * WORTH..]).for_each(|(to, what)| *to += what),
    );
}

/// Each row of `gates_and_ups`, `[2 x width]`, becomes `silu(gate) x up`.
pub(crate) fn silu_product(gates_and_ups: &[f32], width: usize) -> Vec<f32> {
    let mut y = vec![0.0; gates_and_ups.len() / 2];
    by_row(
        &mut y,
        width,
        #[inline(always)]
        |row, y| {
            let (gates, ups) = gates_and_ups[row * 2 * width..(row + 1) * 2 * width].split_at(width);
            for ((y, gate), up) in y.iter_mut().zip(gates).zip(ups) {
                *y = gate / (1.0 + exp(-gate)) * up;
            }
        },
    );
    y
}

/// How queries, keys and values stand in a token's row: all heads of the queries, of the keys, of the values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads {
    /// Heads of queries.
    pub(crate) queries: usize,
    /// Heads of keys, and as many of values.
    pub(crate) keys: usize,
    /// Numbers in a head.
    pub(crate) width: usize,
}

impl Heads {
    /// Numbers in a row.
    pub(crate) fn row(self) -> usize {
        (self.queries + 2 * self.keys) * self.width
    }

    /// How many heads of queries look at one head of keys.
    pub(crate) fn group(self) -> usize {
        self.queries / self.keys
    }
}

/// What is done to queries and keys before they meet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turning<'a> {
    /// For every position the `cos` of each pair of a head, then the `sin`: `[positions, width]`.
    pub(crate) tables: &'a [f32],
    /// Weights of a norm of each head of the queries, then of the keys (Qwen3), `[2, width]`; empty where there is none.
    pub(crate) norms: &'a [f32],
    /// What the norm adds before it divides.
    pub(crate) eps: f32,
}

/// Normalises, where the model does, and rotates the queries and keys of each row by its position. Pairs are
/// `(i, i + width / 2)`, as Hugging Face has them.
pub(crate) fn turn(rows: &mut [f32], heads: Heads, positions: &[u32], turning: Turning<'_>) {
    let half = heads.width / 2;
    by_row(
        rows,
        heads.row(),
        #[inline(always)]
        |row, numbers| {
            let (cos, sin) = turning.tables[positions[row] as usize * heads.width..][..heads.width].split_at(half);
            let turned = (heads.queries + heads.keys) * heads.width;
            for (head, numbers) in numbers[..turned].chunks_mut(heads.width).enumerate() {
                if !turning.norms.is_empty() {
                    let (of_queries, of_keys) = turning.norms.split_at(heads.width);
                    let weight = if head < heads.queries { of_queries } else { of_keys };
                    let scale = scale_of(numbers, turning.eps);
                    numbers.iter_mut().zip(weight).for_each(|(number, weight)| *number = *number * scale * weight);
                }
                let (first, second) = numbers.split_at_mut(half);
                for (((first, second), cos), sin) in first.iter_mut().zip(second).zip(cos).zip(sin) {
                    (*first, *second) = (*first * cos - *second * sin, *second * cos + *first * sin);
                }
            }
        },
    );
}
