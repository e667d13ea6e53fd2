//! What tokens see of each other: keys and values in pages, queries that look at them.
//! Not here: which page is whose (`pages`), turning queries and keys by position (`pointwise`).
//!
//! A query looks at the pages of its sequence in order and keeps a running maximum, sum and mean (online softmax), so its
//! result is the same to the bit whether it came alone or with others, in a prompt or behind it. Queries that look at the
//! same page, those of one prompt's samples, do so together: the page is loaded once.

use std::ops::Range;

use half::bf16;
use rayon::prelude::*;

use super::lanes::Work;
use super::lanes::exp;
use super::lanes::vectorised;
use super::lanes::widen;
use crate::local::config::Heads;
use crate::local::places::Group;
use crate::local::places::PAGE;
use crate::local::places::Places;
use crate::local::places::Span;

/// Numbers of a value that are summed at a time. Heads are a multiple of this wide.
pub(crate) const PART: usize = 8;

/// Queries that look at a page at the same time.
const AT_ONCE: usize = 4;

/// Samples of one prompt that one thread takes together.
const SPANS_AT_ONCE: usize = 16;

/// Tokens of one sequence that one thread takes together.
const TOKENS_AT_ONCE: usize = 32;

/// Numbers of one page: for each head of the keys, its keys by number and position, `[width, PAGE]`, then for each head its
/// values by position and number, `[PAGE, width]`.
pub(crate) fn page_numbers(heads: Heads) -> usize {
    2 * heads.keys * heads.width * PAGE
}

/// Keys and values of a layer, page behind page, as they are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kept<'a> {
    /// As they were computed.
    F32(&'a [f32]),
    /// Rounded.
    Bf16(&'a [bf16]),
}

/// Puts the keys and values of `rows` where `slots` say: page x [`PAGE`] + place in it.
pub(crate) fn keep<T: Copy>(pages: &mut [T], rows: &[f32], heads: Heads, slots: &[u32], narrow: impl Fn(f32) -> T) {
    let (width, keys) = (heads.width, heads.keys);
    for (row, slot) in rows.chunks_exact(heads.row()).zip(slots) {
        let (page, place) = (*slot as usize / PAGE, *slot as usize % PAGE);
        let page = &mut pages[page * page_numbers(heads)..][..page_numbers(heads)];
        let (kept_keys, kept_values) = page.split_at_mut(keys * width * PAGE);
        let (row_keys, row_values) = row[heads.queries * width..].split_at(keys * width);
        for (kept, key) in kept_keys.chunks_exact_mut(width * PAGE).zip(row_keys.chunks_exact(width)) {
            kept.iter_mut().skip(place).step_by(PAGE).zip(key).for_each(|(kept, number)| *kept = narrow(*number));
        }
        for (kept, value) in kept_values.chunks_exact_mut(width * PAGE).zip(row_values.chunks_exact(width)) {
            kept[place * width..][..width].iter_mut().zip(value).for_each(|(kept, number)| *kept = narrow(*number));
        }
    }
}

/// What each query of `rows` sees: `[tokens, queries x width]`.
pub(crate) fn attention(rows: &[f32], kept: Kept<'_>, heads: Heads, places: &Places) -> Vec<f32> {
    let out_width = heads.queries * heads.width;
    let looks: Vec<Look<'_>> = places
        .groups
        .iter()
        .flat_map(|group| parts(group, places))
        .flat_map(|part| (0..heads.keys).map(move |key| Look { rows, kept, heads, places, part: part.clone(), key }))
        .collect();
    let seen: Vec<Seen> = match &looks[..] {
        [only] => vec![vectorised(only)],
        several => several.par_iter().map(vectorised).collect(),
    };
    let mut out = vec![0.0; places.positions.len() * out_width];
    for Seen { queries, means } in &seen {
        for (query, mean) in queries.iter().zip(means.chunks_exact(heads.width)) {
            out[query.token * out_width + query.head * heads.width..][..heads.width].copy_from_slice(mean);
        }
    }
    out
}

/// Some samples of one prompt, or some tokens of one sequence: what one thread does at a time.
#[derive(Clone)]
struct Part {
    shared_pages: usize,
    /// Of each sequence its tokens in this step and its pages.
    spans: Vec<(Range<usize>, Range<usize>)>,
}

fn parts(group: &Group, places: &Places) -> Vec<Part> {
    let spans = &places.spans[group.spans.clone()];
    if let [Span { tokens, pages }] = spans {
        let parts = tokens.clone().step_by(TOKENS_AT_ONCE).map(|from| from..(from + TOKENS_AT_ONCE).min(tokens.end));
        return parts.map(|tokens| Part { shared_pages: 0, spans: vec![(tokens, pages.clone())] }).collect();
    }
    let part = |spans: &[Span]| Part {
        shared_pages: group.shared_pages,
        spans: spans.iter().map(|span| (span.tokens.clone(), span.pages.clone())).collect(),
    };
    spans.chunks(SPANS_AT_ONCE).map(part).collect()
}

/// A query: one head of one token.
#[derive(Clone, Copy, Debug)]
struct Query {
    token: usize,
    head: usize,
    position: usize,
}

/// What some queries have seen.
struct Seen {
    queries: Vec<Query>,
    means: Vec<f32>,
}

/// One part and one head of keys.
struct Look<'a> {
    rows: &'a [f32],
    kept: Kept<'a>,
    heads: Heads,
    places: &'a Places,
    part: Part,
    key: usize,
}

/// What one query has seen so far.
#[derive(Clone, Copy)]
struct Running {
    greatest: f32,
    sum: f32,
}

/// Queries and what they have seen so far.
struct Watch {
    queries: Vec<Query>,
    /// The queries themselves, scaled.
    scaled: Vec<f32>,
    running: Vec<Running>,
    means: Vec<f32>,
}

impl Work for &Look<'_> {
    type Output = Seen;

    #[inline(always)]
    fn work(self) -> Seen {
        let width = self.heads.width;
        let (mut watch, ranges) = self.begin();
        let mut wide = vec![0.0; 2 * width * PAGE];
        if let Some((_, pages)) = self.part.spans.first() {
            for index in 0..self.part.shared_pages {
                self.visit(
                    self.places.pages[pages.start + index],
                    index,
                    0..watch.queries.len(),
                    &mut watch,
                    &mut wide,
                );
            }
        }
        for ((_, pages), range) in self.part.spans.iter().zip(ranges) {
            for index in self.part.shared_pages..pages.len() {
                self.visit(self.places.pages[pages.start + index], index, range.clone(), &mut watch, &mut wide);
            }
        }
        for (mean, running) in watch.means.chunks_exact_mut(width).zip(&watch.running) {
            for number in mean {
                *number /= running.sum;
            }
        }
        Seen { queries: watch.queries, means: watch.means }
    }
}

impl Look<'_> {
    /// The queries, and which of them are each sequence's.
    #[inline(always)]
    fn begin(&self) -> (Watch, Vec<Range<usize>>) {
        let (width, group) = (self.heads.width, self.heads.group());
        let mut queries = Vec::new();
        let mut ranges = Vec::with_capacity(self.part.spans.len());
        for (tokens, _) in &self.part.spans {
            let from = queries.len();
            for token in tokens.clone() {
                let position = self.places.positions[token] as usize;
                queries.extend((self.key * group..(self.key + 1) * group).map(|head| Query { token, head, position }));
            }
            ranges.push(from..queries.len());
        }
        #[expect(clippy::cast_precision_loss, reason = "a width is far below 2^24")]
        let scale = 1.0 / (width as f32).sqrt();
        let mut scaled = vec![0.0; queries.len() * width];
        for (scaled, query) in scaled.chunks_exact_mut(width).zip(&queries) {
            let row = &self.rows[query.token * self.heads.row() + query.head * width..][..width];
            for (scaled, number) in scaled.iter_mut().zip(row) {
                *scaled = number * scale;
            }
        }
        let running = vec![Running { greatest: f32::NEG_INFINITY, sum: 0.0 }; queries.len()];
        let means = vec![0.0; queries.len() * width];
        (Watch { queries, scaled, running, means }, ranges)
    }

    /// Some queries look at a sequence's page of this index.
    #[inline(always)]
    fn visit(&self, page: u32, index: usize, range: Range<usize>, watch: &mut Watch, wide: &mut [f32]) {
        let (keys, values) = self.page(page, wide);
        let width = self.heads.width;
        // Those that stand before this page do not see it; positions ascend.
        let before = watch.queries[range.clone()].partition_point(|query| query.position < index * PAGE);
        let mut at = range.start + before;
        while at < range.end {
            let count = if range.end - at >= AT_ONCE { AT_ONCE } else { 1 };
            let numbers = at * width..(at + count) * width;
            let known = |query: &Query| (query.position + 1 - index * PAGE).min(PAGE);
            let (scaled, running) = (&watch.scaled[numbers.clone()], &mut watch.running[at..at + count]);
            let means = &mut watch.means[numbers];
            if count == AT_ONCE {
                let known: [usize; AT_ONCE] = std::array::from_fn(|it| known(&watch.queries[at + it]));
                see(scaled, keys, values, known, running, means, width);
            } else {
                see(scaled, keys, values, [known(&watch.queries[at])], running, means, width);
            }
            at += count;
        }
    }

    /// The keys and the values of this head on a page.
    #[inline(always)]
    fn page<'a>(&'a self, page: u32, wide: &'a mut [f32]) -> (&'a [f32], &'a [f32]) {
        let block = self.heads.width * PAGE;
        let start = page as usize * page_numbers(self.heads);
        let keys = start + self.key * block..start + (self.key + 1) * block;
        let values = keys.start + self.heads.keys * block..keys.end + self.heads.keys * block;
        match self.kept {
            Kept::F32(all) => (&all[keys], &all[values]),
            Kept::Bf16(all) => {
                let (wide_keys, wide_values) = wide.split_at_mut(block);
                for (wide, narrow) in [(&mut *wide_keys, &all[keys]), (&mut *wide_values, &all[values])] {
                    widen(narrow, wide);
                }
                (wide_keys, wide_values)
            }
        }
    }
}

/// Some queries look at one page, of which each may know so many positions.
#[inline(always)]
fn see<const COUNT: usize>(
    scaled: &[f32],
    keys: &[f32],
    values: &[f32],
    known: [usize; COUNT],
    running: &mut [Running],
    means: &mut [f32],
    width: usize,
) {
    let mut scores = [[0.0_f32; PAGE]; COUNT];
    let rows: [&[f32]; COUNT] = std::array::from_fn(|query| &scaled[query * width..(query + 1) * width]);
    for (number, keys) in keys.as_chunks::<PAGE>().0.iter().enumerate() {
        for query in 0..COUNT {
            let factor = rows[query][number];
            for place in 0..PAGE {
                scores[query][place] = factor.mul_add(keys[place], scores[query][place]);
            }
        }
    }
    for query in 0..COUNT {
        let Running { greatest, sum } = &mut running[query];
        let mut weights = [0.0_f32; PAGE];
        let mut most = *greatest;
        for place in 0..PAGE {
            // A place that was never written may hold anything.
            weights[place] = if place < known[query] { scores[query][place] } else { f32::NEG_INFINITY };
            most = most.max(weights[place]);
        }
        let fading = exp(*greatest - most);
        for weight in &mut weights {
            *weight = exp(*weight - most);
        }
        let mut total = 0.0;
        for weight in weights {
            total += weight;
        }
        *greatest = most;
        *sum = sum.mul_add(fading, total);
        for (part, mean) in means[query * width..(query + 1) * width].as_chunks_mut::<PART>().0.iter_mut().enumerate() {
            let mut mixed = *mean;
            for number in &mut mixed {
                *number *= fading;
            }
            for (weight, values) in weights[..known[query]].iter().zip(values.chunks_exact(width)) {
                let values = &values.as_chunks::<PART>().0[part];
                for number in 0..PART {
                    mixed[number] = weight.mul_add(values[number], mixed[number]);
                }
            }
            *mean = mixed;
        }
    }
}
