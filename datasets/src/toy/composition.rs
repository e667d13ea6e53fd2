//! A composition: one source, one filter or two, one map, one reduce; which split it is in, and which inputs show it.
//! Not here: the parts (`parts`), words and programs (`wording`, `programs`).
//! In: draws. Out: compositions, inputs, and what the right program answers.

use std::collections::HashSet;

use super::Split;
use super::draws;
use super::draws::Draws;
use super::parts::Answer;
use super::parts::FILTERS;
use super::parts::Input;
use super::parts::MAPS;
use super::parts::Part;
use super::parts::REDUCES;
use super::parts::SOURCES;

/// So many of a thousand compositions have two filters.
const PAIRS_PERMILLE: u32 = 500;
/// A problem has at least so many different answers.
const ANSWERS: usize = 3;

/// Places in the tables of parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Composition {
    pub(super) source: usize,
    pub(super) filters: Vec<usize>,
    pub(super) map: usize,
    pub(super) reduce: usize,
}

/// One of the parts of a composition, by what it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Source,
    Filter(usize),
    Map,
    Reduce,
}

impl Composition {
    /// Draws one of all splits.
    pub(super) fn draw(draws: &mut Draws) -> Self {
        let (source, first) = (draws.place(SOURCES.len()), draws.place(FILTERS.len()));
        let mut filters = vec![first];
        if draws.chance(PAIRS_PERMILLE) {
            // Any but the first.
            filters.push((first + 1 + draws.place(FILTERS.len() - 1)) % FILTERS.len());
        }
        Self { source, filters, map: draws.place(MAPS.len()), reduce: draws.place(REDUCES.len()) }
    }

    /// Its parts in the order in which they are said.
    pub(super) fn slots(&self) -> Vec<Slot> {
        let filters = (0..self.filters.len()).map(Slot::Filter);
        [Slot::Source].into_iter().chain(filters).chain([Slot::Map, Slot::Reduce]).collect()
    }

    /// The table of a part, and the place in it.
    pub(super) fn parts(&self, slot: Slot) -> (Vec<&'static Part>, usize) {
        match slot {
            Slot::Source => (SOURCES.iter().map(|it| &it.part).collect(), self.source),
            Slot::Filter(index) => (FILTERS.iter().map(|it| &it.part).collect(), self.filters[index]),
            Slot::Map => (MAPS.iter().map(|it| &it.part).collect(), self.map),
            Slot::Reduce => (REDUCES.iter().map(|it| &it.part).collect(), self.reduce),
        }
    }

    /// One of its parts.
    pub(super) fn part(&self, slot: Slot) -> &'static Part {
        match slot {
            Slot::Source => &SOURCES[self.source].part,
            Slot::Filter(index) => &FILTERS[self.filters[index]].part,
            Slot::Map => &MAPS[self.map].part,
            Slot::Reduce => &REDUCES[self.reduce].part,
        }
    }

    /// The same with another part.
    pub(super) fn with(&self, slot: Slot, place: usize) -> Self {
        let mut other = self.clone();
        match slot {
            Slot::Source => other.source = place,
            Slot::Filter(index) => other.filters[index] = place,
            Slot::Map => other.map = place,
            Slot::Reduce => other.reduce = place,
        }
        other
    }

    /// The same with its filters in one order: which of them is said first makes no other function.
    pub(super) fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        sorted.filters.sort_unstable();
        sorted
    }

    /// The split that it is in, by its hash: two fifths are for the base, the rest is halved.
    pub(super) fn split(&self) -> Split {
        let mut filters: Vec<&str> = self.filters.iter().map(|place| FILTERS[*place].part.name).collect();
        filters.sort_unstable();
        let [source, map, reduce] = [Slot::Source, Slot::Map, Slot::Reduce].map(|slot| self.part(slot).name);
        match draws::number_of(&format!("split {source}|{}|{map}|{reduce}", filters.join("&")), 10) {
            0..4 => Split::Base,
            4..7 => Split::Rl,
            _ => Split::Eval,
        }
    }

    /// Draws inputs, each of them another one.
    pub(super) fn draw_inputs(&self, draws: &mut Draws, count: usize) -> Vec<Input> {
        let mut inputs = Vec::new();
        while inputs.len() < count {
            let input = (SOURCES[self.source].input)(draws);
            if !inputs.contains(&input) {
                inputs.push(input);
            }
        }
        inputs
    }

    /// What the right program returns.
    pub(super) fn answer(&self, input: &Input) -> Answer {
        self.answer_with(input, &self.filters, true)
    }

    fn answer_with(&self, input: &Input, filters: &[usize], is_mapped: bool) -> Answer {
        let values = (SOURCES[self.source].values)(input).into_iter();
        let kept = values.filter(|value| filters.iter().all(|filter| (FILTERS[*filter].keeps)(*value)));
        let images = kept.map(|value| if is_mapped { (MAPS[self.map].image)(value) } else { value });
        (REDUCES[self.reduce].answer)(images.collect())
    }

    /// Whether the inputs show what is asked for: the answers differ among themselves, and from those of programs that leave
    /// a filter or the map out, or take a part for what it is most often mistaken for.
    pub(super) fn is_shown_by(&self, inputs: &[Input]) -> bool {
        let answers: Vec<Answer> = inputs.iter().map(|input| self.answer(input)).collect();
        let differs = |other: &dyn Fn(&Input) -> Answer| {
            inputs.iter().zip(&answers).any(|(input, answer)| other(input) != *answer)
        };
        let leaves_out = |index: usize| {
            let mut rest = self.filters.clone();
            rest.remove(index);
            rest
        };
        answers.iter().collect::<HashSet<_>>().len() >= ANSWERS
            && differs(&|input| self.answer_with(input, &self.filters, false))
            && (0..self.filters.len()).all(|index| {
                let rest = leaves_out(index);
                differs(&|input| self.answer_with(input, &rest, true))
            })
            && self.slots().into_iter().all(|slot| {
                let mistaken = self.with(slot, self.part(slot).near);
                differs(&|input| mistaken.answer(input))
            })
    }
}
