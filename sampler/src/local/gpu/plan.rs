//! Who looks at which pages in a step: made once a step, for all layers.
//! Not here: the looking (`sampler/cuda/kernels/attend*.cu`).
//! In: places. Out: tasks for the kernels, and which of their results are put together.
//!
//! Samples of one prompt look at its pages together, so these come from memory once for all of them. What one task would look
//! at for too long is cut, so that all of the GPU has work.

use crate::local::config::Heads;
use crate::local::places::PAGE;
use crate::local::places::Places;
use crate::local::places::number;

/// Stands for "no part: these tokens are in no other task".
const WHOLE: u32 = u32::MAX;
/// Queries that one task for many takes.
const MANY: usize = 64;
/// Queries up to which a task is one for few.
const FEW: usize = 16;
/// Blocks that run at once on a GPU with 132 multiprocessors, of the kernel for few and of that for many.
const BLOCKS: [usize; 2] = [792, 264];
/// Pages that a task has at least, where there are more to be looked at.
const LEAST_PAGES: [usize; 2] = [8, 16];

/// The work of a step, as words that the kernels read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// `struct Task` of `attend.cuh`.
    pub(super) few: Vec<[u32; 8]>,
    pub(super) many: Vec<[u32; 8]>,
    /// `struct Merge` of `merge.cu`.
    pub(super) merges: Vec<[u32; 4]>,
    /// For the merges: which parts are a token's.
    pub(super) merged: Vec<u32>,
    /// How many parts there are.
    pub(super) parts: usize,
}

/// Tokens behind each other, and positions that all of them may look at.
#[derive(Clone, Copy, Debug)]
struct Piece {
    few: bool,
    token: usize,
    tokens: usize,
    /// Where in the list of pages the first one stands.
    list: usize,
    /// Positions: from the start of a page, up to the last one that is written.
    from: usize,
    to: usize,
}

impl Piece {
    fn pages(&self) -> usize {
        self.to.div_ceil(PAGE) - self.from / PAGE
    }

    /// Cuts it where it has more pages than that; all parts are about as long.
    fn cut(self, most: usize) -> impl Iterator<Item = Self> {
        let count = self.pages().div_ceil(most).max(1);
        let share = self.pages().div_ceil(count);
        (0..self.pages()).step_by(share.max(1)).map(move |page| {
            let from = self.from + page * PAGE;
            Self { list: self.list + page, from, to: (from + share * PAGE).min(self.to), ..self }
        })
    }
}

/// Makes a step's plan.
pub(super) fn plan(places: &Places, heads: Heads) -> Plan {
    let whole = pieces(places, heads.group());
    let most = [true, false].map(|few| {
        let pages: usize = whole.iter().filter(|piece| piece.few == few).map(Piece::pages).sum();
        let kind = usize::from(!few);
        (pages * heads.keys).div_ceil(BLOCKS[kind]).max(LEAST_PAGES[kind])
    });
    cut(&whole, most, places.positions.len())
}

fn pieces(places: &Places, group: usize) -> Vec<Piece> {
    let together = (MANY / group).max(1);
    let mut pieces = Vec::new();
    for it in &places.groups {
        let spans = &places.spans[it.spans.clone()];
        let shares = spans.len() > 1 && it.shared_pages > 0;
        if shares {
            // Each of them has one token, and these stand behind each other.
            for samples in spans.chunks(together) {
                pieces.push(Piece {
                    few: false,
                    token: samples[0].tokens.start,
                    tokens: samples.len(),
                    list: spans[0].pages.start,
                    from: 0,
                    to: it.shared_pages * PAGE,
                });
            }
        }
        let first_page = if shares { it.shared_pages } else { 0 };
        for span in spans {
            for token in span.tokens.clone().step_by(together) {
                let tokens = together.min(span.tokens.end - token);
                pieces.push(Piece {
                    few: tokens * group <= FEW,
                    token,
                    tokens,
                    list: span.pages.start + first_page,
                    from: first_page * PAGE,
                    to: places.positions[token + tokens - 1] as usize + 1,
                });
            }
        }
    }
    pieces
}

fn cut(whole: &[Piece], most: [usize; 2], tokens: usize) -> Plan {
    let cut = whole.iter().flat_map(|piece| piece.cut(most[usize::from(!piece.few)]));
    let pieces: Vec<Piece> = cut.collect();
    // The tokens of a task are cut alike, so its first one answers for all.
    let mut tasks = vec![0_usize; tokens];
    for piece in &pieces {
        tasks[piece.token..piece.token + piece.tokens].iter_mut().for_each(|tasks| *tasks += 1);
    }
    let mut plan = Plan::default();
    let mut parts = vec![Vec::new(); tokens];
    for piece in &pieces {
        let part = if tasks[piece.token] > 1 {
            let first = number(plan.parts);
            for (part, parts) in (first..).zip(&mut parts[piece.token..piece.token + piece.tokens]) {
                parts.push(part);
            }
            plan.parts += piece.tokens;
            first
        } else {
            WHOLE
        };
        let Piece { token, tokens, list, from, to, .. } = *piece;
        let words = [token, tokens, list, from, to].map(number);
        let [token, tokens, list, from, to] = words;
        let tasks = if piece.few { &mut plan.few } else { &mut plan.many };
        tasks.push([token, tokens, list, from, to, part, 0, 0]);
    }
    for (token, parts) in parts.iter().enumerate().filter(|(_, parts)| !parts.is_empty()) {
        let from = number(plan.merged.len());
        plan.merged.extend_from_slice(parts);
        plan.merges.push([number(token), from, number(plan.merged.len()), 0]);
    }
    plan
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A prompt of so many tokens is read, or samples stand so far behind their shared pages.
    #[derive(Clone, Debug)]
    enum Sequence {
        Read { from: usize, count: usize },
        Samples { shared: usize, own: Vec<usize> },
    }

    fn sequence() -> impl Strategy<Value = Sequence> {
        let samples = (0_usize..40, proptest::collection::vec(0_usize..600, 1..12));
        prop_oneof![
            (0_usize..50, 1_usize..300).prop_map(|(from, count)| Sequence::Read { from, count }),
            samples.prop_map(|(shared, own)| Sequence::Samples { shared, own }),
        ]
    }

    fn places(sequences: &[Sequence]) -> Places {
        let (mut places, mut next) = (Places::default(), 0_u32);
        let mut take = |count: usize| {
            let first = next;
            next += number(count);
            (first..next).collect::<Vec<_>>()
        };
        for sequence in sequences {
            match sequence {
                Sequence::Read { from, count } => {
                    places.add(*from, *count, &take((from + count).div_ceil(PAGE)), 0);
                }
                Sequence::Samples { shared, own } => {
                    let prompt = take(*shared);
                    for own in own {
                        let pages = [prompt.clone(), take((own + 1).div_ceil(PAGE))].concat();
                        places.add(shared * PAGE + own, 1, &pages, *shared);
                    }
                }
            }
        }
        places
    }

    proptest! {
        #[test]
        fn every_token_looks_once_at_each_position_up_to_its_own_and_at_its_own_pages(
            sequences in proptest::collection::vec(sequence(), 1..6),
            queries in 1_usize..9,
            most in [1_usize..40, 1..40],
        ) {
            let places = places(&sequences);
            let plan = cut(&pieces(&places, queries), most, places.positions.len());
            let mut seen: Vec<Vec<(u32, u32)>> = vec![Vec::new(); places.positions.len()];
            let mut parts: Vec<Vec<u32>> = vec![Vec::new(); places.positions.len()];
            for (few, tasks) in [(true, &plan.few), (false, &plan.many)] {
                for [token, tokens, list, from, to, part, ..] in tasks {
                    prop_assert!(from < to && from % number(PAGE) == 0);
                    prop_assert!((to - from).div_ceil(number(PAGE)) as usize <= most[usize::from(!few)]);
                    let room = if few { FEW } else { MANY.max(queries) };
                    prop_assert!(*tokens as usize * queries <= room);
                    for at in *token..token + tokens {
                        for position in *from..(*to).min(places.positions[at as usize] + 1) {
                            seen[at as usize].push((position, places.pages[(list + (position - from) / number(PAGE)) as usize]));
                        }
                        if *part != WHOLE {
                            parts[at as usize].push(part + at - token);
                        }
                    }
                }
            }
            for span in &places.spans {
                for token in span.tokens.clone() {
                    seen[token].sort_unstable();
                    let page = |position: u32| places.pages[span.pages.start + position as usize / PAGE];
                    let expected: Vec<(u32, u32)> = (0..=places.positions[token]).map(|it| (it, page(it))).collect();
                    prop_assert_eq!(&seen[token], &expected);
                }
            }
            // Every part is one token's, and every token's parts are put together.
            let mut all: Vec<u32> = parts.concat();
            all.sort_unstable();
            prop_assert!(all.iter().copied().eq(0..number(plan.parts)));
            let mut merged = vec![Vec::new(); parts.len()];
            for [token, from, to, _] in &plan.merges {
                merged[*token as usize] = plan.merged[*from as usize..*to as usize].to_vec();
            }
            for (mut merged, mut parts) in merged.into_iter().zip(parts) {
                merged.sort_unstable();
                parts.sort_unstable();
                prop_assert_eq!(merged, parts);
            }
        }
    }

    #[test]
    fn a_long_step_is_cut_into_about_as_many_tasks_as_the_gpu_has_room_for() {
        let heads = Heads { queries: 28, keys: 4, width: 128 };
        let sequences = [Sequence::Samples { shared: 32, own: vec![511; 256] }];
        let plan = plan(&places(&sequences), heads);
        // 256 samples x 32 pages, in tasks of 42 at most: one a sample. 32 shared pages for 9 at a time, in tasks of 16.
        assert_eq!((plan.few.len(), plan.many.len()), (256, 29 * 2));
        assert_eq!((plan.merges.len(), plan.parts), (256, 256 * 3));
    }
}
