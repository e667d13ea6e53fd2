//! Many completions at once: prompts are read once, their samples drawn side by side, and who is done makes room.
//! Not here: what one of them has written (`branch`), the model (`models`), drawing a token (`nucleus`), the memory's pages (`pages`).
//! In: requests, in order. Out: completions, as they are done.
//!
//! Samples that have written the same so far are one sequence, which parts where they draw different tokens; the parts share its
//! pages, and whoever writes on one that others have too copies it first. A sequence enters when there is memory for what it has,
//! not for what it may become; where memory runs out, the one that entered last gives its pages back and waits, and enters again
//! later. Since a row's numbers do not depend on the rows beside it, nor on how its tokens were cut into steps, all this is
//! invisible in what is written.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::rc::Rc;

use super::Model;
use super::branch::Branch;
use super::decoder::Logits;
use super::decoder::Memory;
use super::fault::SampleError;
use super::nucleus::Drawn;
use super::pages::Pages;
use super::places::PAGE;
use super::places::Places;
use super::places::number;
use crate::Event;
use crate::Request;
use crate::Sampling;

/// Tokens that are read in one step where a sequence enters.
const READ_AT_ONCE: usize = 512;

/// A prompt of which samples are wanted.
pub(super) struct Asked {
    pub(super) request: Request,
    pub(super) tokens: Vec<u32>,
    /// How many tokens a completion may have.
    pub(super) most: usize,
}

/// Completions under way.
pub(super) struct Engine<'a> {
    model: &'a Model,
    sampling: &'a Sampling,
    memory: Box<dyn Memory + 'a>,
    /// The memory's.
    pages: Pages,
    /// Who may not go on for lack of memory, who entered first in front.
    waiting: VecDeque<Branch<'a>>,
    /// Who goes on, as many at once as the batch has; the others stay in memory as they are. Samples of one prompt stand together.
    running: Vec<Branch<'a>>,
}

/// What is asked, completed.
pub(super) fn complete(
    model: &Model,
    requests: &mut dyn Iterator<Item = Request>,
    sampling: &Sampling,
    take: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<(), SampleError> {
    let mut engine = Engine {
        model,
        sampling,
        memory: model.decoder.memory(model.page_count)?,
        pages: Pages::new(model.page_count),
        waiting: VecDeque::new(),
        running: Vec::new(),
    };
    loop {
        let is_over = engine.admit(requests, take)?.is_break() || engine.running.is_empty();
        if is_over || engine.step(take)?.is_break() {
            return Ok(());
        }
    }
}

impl<'a> Engine<'a> {
    /// Lets in who waits, then all samples of the prompts that are next, while there is room.
    fn admit(
        &mut self,
        requests: &mut dyn Iterator<Item = Request>,
        take: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, SampleError> {
        while self.running.len() < self.model.batch {
            if self.waiting.is_empty() {
                let Some(request) = requests.next() else { break };
                let asked = Rc::new(self.model.asked(request, self.sampling)?);
                self.waiting.extend(Branch::new(asked, self.model, self.sampling));
                continue;
            }
            let branch = self.waiting.pop_front().expect("somebody waits");
            let Some(pages) = self.pages_for(&branch) else {
                // What was asked fits into an empty memory, or it had been refused.
                assert!(!self.running.is_empty(), "sequences wait although nobody runs");
                self.waiting.push_front(branch);
                break;
            };
            if self.enter(branch, pages, take)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Pages for all tokens of a sequence that enters: first those that one which runs has too. `None` where there is no room. How
    /// many are shared stands beside.
    fn pages_for(&mut self, branch: &Branch<'a>) -> Option<(Vec<u32>, usize)> {
        let length = branch.length();
        // The logits behind its last token are wanted, so this one is read in any case.
        let most = (length - 1) / PAGE;
        let shared = |other: &Branch<'a>| (branch.in_common(other) / PAGE).min(most);
        let best = self.running.iter().max_by_key(|other| shared(other));
        let shared = best.map_or(&[][..], |other| &other.pages[..shared(other)]);
        let needed = length.div_ceil(PAGE) - shared.len();
        // Beside others it waits until it can go on for a while.
        let spare = if self.running.is_empty() { 0 } else { 2 };
        if self.pages.free() < needed + spare {
            return None;
        }
        let mut pages = shared.to_vec();
        self.pages.share(&pages);
        let shared = pages.len();
        pages.extend((0..needed).map_while(|_| self.pages.take()));
        Some((pages, shared))
    }

    /// Reads what a sequence has, but for what is on the pages that it shares, and draws its next tokens.
    fn enter(
        &mut self,
        mut branch: Branch<'a>,
        (pages, shared): (Vec<u32>, usize),
        take: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, SampleError> {
        branch.pages = pages;
        let from = shared * PAGE;
        let logits = self.read(&branch.all_tokens()[from..], from, &branch.pages)?;
        let drawn = logits.draw(self.sampling, &branch.nexts(0).collect::<Vec<_>>())?;
        if take(Event::Tokens(drawn.len() as u64)).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        self.settle(branch, &drawn, take)
    }

    /// Puts tokens into memory, from a position on; the logits behind the last one.
    fn read(&mut self, tokens: &[u32], from: usize, pages: &[u32]) -> Result<Box<dyn Logits>, SampleError> {
        let mut logits = None;
        for (index, part) in tokens.chunks(READ_AT_ONCE).enumerate() {
            let mut places = Places::default();
            places.add(from + index * READ_AT_ONCE, part.len(), pages, 0);
            let last = number(part.len() - 1);
            logits = Some(self.memory.step(part, &places, &[last])?);
        }
        Ok(logits.expect("a sequence has tokens"))
    }

    /// One more token of everyone who goes on.
    fn step(&mut self, take: &mut dyn FnMut(Event) -> ControlFlow<()>) -> Result<ControlFlow<()>, SampleError> {
        self.make_room()?;
        let resting = self.running.split_off(self.model.batch.min(self.running.len()));
        let (mut places, mut tokens, mut nexts) = (Places::default(), Vec::new(), Vec::new());
        for (row, branch) in self.running.iter().enumerate() {
            tokens.push(*branch.tokens.last().expect("who runs has drawn a token"));
            places.add(branch.length() - 1, 1, &branch.pages, branch.asked.tokens.len() / PAGE);
            nexts.extend(branch.nexts(row));
        }
        let wanted: Vec<u32> = (0..number(tokens.len())).collect();
        let drawn = self.memory.step(&tokens, &places, &wanted)?.draw(self.sampling, &nexts)?;
        let mut flow = take(Event::Tokens(drawn.len() as u64));
        let mut drawn = drawn.as_slice();
        for branch in std::mem::take(&mut self.running) {
            let (own, others) = drawn.split_at(branch.width());
            drawn = others;
            if flow.is_continue() {
                flow = self.settle(branch, own, take)?;
            }
        }
        self.running.extend(resting);
        Ok(flow)
    }

    /// Samples with one more token each go on, or are done.
    fn settle(
        &mut self,
        branch: Branch<'a>,
        drawn: &[Option<Drawn>],
        take: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, SampleError> {
        let drawn: Option<Vec<Drawn>> = drawn.iter().copied().collect();
        let drawn = drawn.ok_or_else(|| branch.not_numbers())?;
        let branches = branch.grown(&drawn);
        branches[1..].iter().for_each(|more| self.pages.share(&more.pages));
        for mut branch in branches {
            let Some(reason) = branch.ending()? else {
                self.running.push(branch);
                continue;
            };
            self.pages.give_back(branch.pages.drain(..));
            for completion in branch.completions(reason)? {
                if take(Event::Completed(completion)).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Gives everyone who goes on a place for its last token; where there are none left, who entered last waits.
    fn make_room(&mut self) -> Result<(), SampleError> {
        let mut at = 0;
        while at < self.running.len().min(self.model.batch) {
            if self.make_place(at)? {
                at += 1;
                continue;
            }
            // The last one that runs has room, or it had been refused.
            assert!(self.running.len() > 1, "a sequence alone finds no room");
            let mut last = self.running.pop().expect("more than one");
            self.pages.give_back(last.pages.drain(..));
            self.waiting.push_front(last);
        }
        Ok(())
    }

    /// Sees to it that a sequence has a page for its last token that no other one has. Says whether there was room.
    fn make_place(&mut self, at: usize) -> Result<bool, SampleError> {
        let branch = &mut self.running[at];
        let index = (branch.length() - 1) / PAGE;
        let shared = branch.pages.get(index).copied();
        if shared.is_some_and(|page| self.pages.has_one_owner(page)) {
            return Ok(true);
        }
        let Some(own) = self.pages.take() else { return Ok(false) };
        if let Some(shared) = shared {
            self.memory.copy_page(shared, own)?;
            self.pages.give_back(branch.pages.drain(index..));
        }
        branch.pages.push(own);
        Ok(true)
    }
}
