//! Words for a composition: one of several phrases for each part, in one of several sentences.
//! Not here: the phrases (`parts`).
//! In: a composition and draws. Out: a sentence.

use super::composition::Composition;
use super::composition::Slot;
use super::draws::Draws;

/// How many of a thousand phrases are common ones, and how many less common; the rest are rare.
const COMMON_PERMILLE: u32 = 500;
const MIDDLE_PERMILLE: u32 = 300;
/// How many sentences there are.
const SENTENCES: usize = 3;

/// Which phrase is taken for each part, in the order of [`Composition::slots`], and which sentence they stand in.
#[derive(Clone, Debug)]
pub(super) struct Wording {
    pub(super) phrases: Vec<usize>,
    sentence: usize,
}

impl Wording {
    /// Draws one.
    pub(super) fn draw(composition: &Composition, draws: &mut Draws) -> Self {
        let mut phrase = || match draws.below(1000) {
            drawn if drawn < u64::from(COMMON_PERMILLE) => 0,
            drawn if drawn < u64::from(COMMON_PERMILLE + MIDDLE_PERMILLE) => 1,
            _ => 2,
        };
        let phrases = composition.slots().iter().map(|_| phrase()).collect();
        Self { phrases, sentence: draws.place(SENTENCES) }
    }

    /// The sentence.
    pub(super) fn sentence(&self, composition: &Composition) -> String {
        let (mut source, mut filters, mut map, mut reduce) = ("", Vec::new(), "", "");
        for (slot, phrase) in composition.slots().into_iter().zip(&self.phrases) {
            let phrase = composition.part(slot).phrases[*phrase];
            match slot {
                Slot::Source => source = phrase,
                Slot::Filter(_) => filters.push(phrase),
                Slot::Map => map = phrase,
                Slot::Reduce => reduce = phrase,
            }
        }
        let filters = filters.join(" and ");
        match self.sentence {
            0 => format!("from {source} keep those {filters}, take values {map}, return {reduce}"),
            1 => format!("return {reduce}: of {source} only those {filters}, each {map}"),
            _ => format!("take {source}, {filters} alone, {map}, then {reduce}"),
        }
    }
}
