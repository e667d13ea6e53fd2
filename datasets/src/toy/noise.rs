//! How the corpus errs: each phrase of each part is misread at a rate of its own, the rarer the more often.
//! Not here: what a part is mistaken for (`parts`).
//! In: a composition and its wording. Out: the composition that somebody understood.

use super::composition::Composition;
use super::draws;
use super::draws::Draws;
use super::parts::Part;
use super::wording::Wording;

/// The lowest and the highest rate of common, less common and rare phrases, in thousandths.
const RATES_PERMILLE: [(u32, u32); 3] = [(20, 130), (180, 480), (650, 960)];
/// So many of a thousand errors take a part for what it is most often mistaken for; the others take any.
const NEAR_PERMILLE: u32 = 800;

/// How much is misread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise {
    /// In thousandths of what is usual.
    pub(super) permille: u32,
}

impl Noise {
    /// The composition as it may be misread.
    pub(super) fn misread(self, composition: &Composition, wording: &Wording, draws: &mut Draws) -> Composition {
        let mut understood = composition.clone();
        for (slot, phrase) in composition.slots().into_iter().zip(&wording.phrases) {
            let (table, place) = composition.parts(slot);
            let part = table[place];
            if !draws.chance(rate_permille(part, *phrase) * self.permille / 1000) {
                continue;
            }
            let any = (place + 1 + draws.place(table.len() - 1)) % table.len();
            let other = if draws.chance(NEAR_PERMILLE) { part.near } else { any };
            understood = understood.with(slot, other);
        }
        understood
    }
}

/// The rate of a phrase, which is the same whatever is drawn.
fn rate_permille(part: &Part, phrase: usize) -> u32 {
    let (lowest, highest) = RATES_PERMILLE[phrase];
    let name = format!("rate {}|{}", part.name, part.phrases[phrase]);
    let above = draws::number_of(&name, u64::from(highest - lowest + 1));
    lowest + u32::try_from(above).expect("rates are below a thousand")
}
