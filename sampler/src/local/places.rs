//! Where the tokens of one step stand: in which sequence, at which position, on which page of the memory.
//! Not here: who gets a page (`pages`), what is on it (`cpu::attention`).

use std::ops::Range;

/// Positions on a page.
pub(crate) const PAGE: usize = 16;

/// Where the tokens of one step stand.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Of each token its position in its sequence.
    pub(crate) positions: Vec<u32>,
    /// Of each token where its keys and values go: page x [`PAGE`] + place on it.
    pub(crate) slots: Vec<u32>,
    /// The sequences.
    pub(crate) spans: Vec<Span>,
    /// The sequences' pages, one sequence behind the other.
    pub(crate) pages: Vec<u32>,
    /// Sequences that begin with the same pages, one group behind the other; every sequence is in one.
    pub(crate) groups: Vec<Group>,
}

/// One sequence's part of a step.
#[derive(Debug)]
pub(crate) struct Span {
    /// Which tokens of the step are its own.
    pub(crate) tokens: Range<usize>,
    /// Which of [`Places::pages`] are its own, up to the one with its last token.
    pub(crate) pages: Range<usize>,
}

/// Sequences that begin with the same pages.
#[derive(Debug)]
pub(crate) struct Group {
    /// Which spans.
    pub(crate) spans: Range<usize>,
    /// How many pages they share; every token of the group stands behind these.
    pub(crate) shared_pages: usize,
}

impl Places {
    /// Adds a sequence whose next tokens stand from position `from` on, on these pages, of which the first `shared` may be
    /// those of the sequence before as well.
    pub(crate) fn add(&mut self, from: usize, count: usize, pages: &[u32], shared: usize) {
        let first = self.positions.len();
        for position in from..from + count {
            self.positions.push(number(position));
            self.slots.push(pages[position / PAGE] * number(PAGE) + number(position % PAGE));
        }
        let used = (from + count).div_ceil(PAGE);
        let start = self.pages.len();
        self.pages.extend_from_slice(&pages[..used]);
        let index = self.spans.len();
        self.spans.push(Span { tokens: first..first + count, pages: start..start + used });
        let shared_pages = if count == 1 { shared.min(from / PAGE) } else { 0 };
        match self.groups.last_mut() {
            Some(group)
                if shared_pages > 0
                    && group.shared_pages == shared_pages
                    && self.pages[self.spans[group.spans.start].pages.clone()][..shared_pages]
                        == pages[..shared_pages] =>
            {
                group.spans.end = index + 1;
            }
            _ => self.groups.push(Group { spans: index..index + 1, shared_pages }),
        }
    }
}

/// Positions and pages are far fewer than 2^32: the memory for more does not exist.
pub(crate) fn number(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than 2^32 positions")
}
