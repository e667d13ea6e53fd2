//! What is done to each token's numbers apart from the others': norms, rotations, gates.
//! Not here: products with weights (`matmul`), what tokens see of each other (`attention`).

use rayon::prelude::*;

use super::lanes::Work;
use super::lanes::exp;
use super::lanes::sum_of_squares;
use super::lanes::vectorised;
use crate::local::config::Heads;

/// Rows that are worth a thread of their own, in numbers.
const WORTH: usize = 1 << 14;

/// What is done to each row.
trait ByRow: Copy + Send + Sync {
    /// Works on the row of this index; `#[inline(always)]`, as [`Work`] says.
    fn row(self, index: usize, row: &mut [f32]);
}

/// Some rows, of which the first has this index.
struct Rows<'a, W> {
    work: W,
    first: usize,
    width: usize,
    numbers: &'a mut [f32],
}

impl<W: ByRow> Work for Rows<'_, W> {
    type Output = ();

    #[inline(always)]
    fn work(self) {
        for (index, row) in self.numbers.chunks_mut(self.width).enumerate() {
            self.work.row(self.first + index, row);
        }
    }
}

/// Works on every row, on all threads where that pays.
fn by_row(numbers: &mut [f32], width: usize, work: impl ByRow) {
    let at_once = (WORTH / width).max(1);
    if numbers.len() <= at_once * width {
        return vectorised(Rows { work, first: 0, width, numbers });
    }
    let parts = numbers.par_chunks_mut(at_once * width).enumerate();
    parts.for_each(|(part, numbers)| vectorised(Rows { work, first: part * at_once, width, numbers }));
}

/// Each row divided by the root of the mean of its squares, times `weight`.
pub(crate) fn rms_norm(x: &[f32], weight: &[f32], eps: f32) -> Vec<f32> {
    #[derive(Clone, Copy)]
    struct Norm<'a> {
        x: &'a [f32],
        weight: &'a [f32],
        eps: f32,
    }

    impl ByRow for Norm<'_> {
        #[inline(always)]
        fn row(self, index: usize, row: &mut [f32]) {
            let width = self.weight.len();
            normalise(&self.x[index * width..(index + 1) * width], self.weight, self.eps, row);
        }
    }

    let mut y = vec![0.0; x.len()];
    by_row(&mut y, weight.len(), Norm { x, weight, eps });
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
    let mean = sum_of_squares(x) / x.len() as f32;
    1.0 / (mean + eps).sqrt()
}

/// `to += what`.
pub(crate) fn add(to: &mut [f32], what: &[f32]) {
    #[derive(Clone, Copy)]
    struct Add<'a>(&'a [f32]);

    impl ByRow for Add<'_> {
        #[inline(always)]
        fn row(self, index: usize, row: &mut [f32]) {
            for (to, what) in row.iter_mut().zip(&self.0[index * WORTH..]) {
                *to += what;
            }
        }
    }

    by_row(to, WORTH, Add(what));
}

/// Each row of `gates_and_ups`, `[2 x width]`, becomes `silu(gate) x up`.
pub(crate) fn silu_product(gates_and_ups: &[f32], width: usize) -> Vec<f32> {
    #[derive(Clone, Copy)]
    struct Silu<'a>(&'a [f32]);

    impl ByRow for Silu<'_> {
        #[inline(always)]
        fn row(self, index: usize, row: &mut [f32]) {
            let width = row.len();
            let (gates, ups) = self.0[index * 2 * width..(index + 1) * 2 * width].split_at(width);
            for ((y, gate), up) in row.iter_mut().zip(gates).zip(ups) {
                *y = gate / (1.0 + exp(-gate)) * up;
            }
        }
    }

    let mut y = vec![0.0; gates_and_ups.len() / 2];
    by_row(&mut y, width, Silu(gates_and_ups));
    y
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
    #[derive(Clone, Copy)]
    struct Turn<'a> {
        heads: Heads,
        positions: &'a [u32],
        turning: Turning<'a>,
    }

    impl ByRow for Turn<'_> {
        #[inline(always)]
        fn row(self, index: usize, row: &mut [f32]) {
            let Self { heads, positions, turning } = self;
            let tables = &turning.tables[positions[index] as usize * heads.width..][..heads.width];
            let (cos, sin) = tables.split_at(heads.width / 2);
            let turned = (heads.queries + heads.keys) * heads.width;
            for (head, numbers) in row[..turned].chunks_mut(heads.width).enumerate() {
                if !turning.norms.is_empty() {
                    let (of_queries, of_keys) = turning.norms.split_at(heads.width);
                    let weight = if head < heads.queries { of_queries } else { of_keys };
                    let scale = scale_of(numbers, turning.eps);
                    for (number, weight) in numbers.iter_mut().zip(weight) {
                        *number = *number * scale * weight;
                    }
                }
                let (first, second) = numbers.split_at_mut(heads.width / 2);
                for (((first, second), cos), sin) in first.iter_mut().zip(second).zip(cos).zip(sin) {
                    (*first, *second) = (*first * cos - *second * sin, *second * cos + *first * sin);
                }
            }
        }
    }

    by_row(rows, heads.row(), Turn { heads, positions, turning });
}
