//! Many completions at once: prompts are read once, their samples drawn side by side, and who is done makes room.
//! Not here: the model (`models`), drawing a token (`nucleus`), the memory's pages (`pages`).
//! In: requests, in order. Out: completions, as they are done.
//!
//! A sequence begins when there is memory for what it has, not for what it may become; where memory runs out, the one that
//! began last gives its pages back and waits, and its tokens are read again later. Since a row's numbers do not depend on the
//! rows beside it, nor on how its tokens were cut into steps, all this is invisible in what is written.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::rc::Rc;

use super::Model;
use super::decoder::Logits;
use super::decoder::Memory;
use super::decoder::Next;
use super::fault::SampleError;
use super::nucleus::Drawn;
use super::pages::Pages;
use super::places::PAGE;
use super::places::Places;
use super::places::number;
use super::row::Row;
use crate::Completion;
use crate::Event;
use crate::Request;
use crate::Sampling;

/// Tokens of a prompt that are read in one step.
const READ_AT_ONCE: usize = 512;

/// A prompt of which samples are wanted.
pub(super) struct Asked {
    pub(super) request: Request,
    pub(super) tokens: Vec<u32>,
    /// How many tokens a completion may have.
    pub(super) most: usize,
    /// What its samples share, while it is in memory.
    read: RefCell<Option<Read>>,
}

/// A prompt in memory.
struct Read {
    pages: Vec<u32>,
    /// The logits behind its last token.
    logits: Box<dyn Logits>,
}

/// Completions under way.
pub(super) struct Engine<'a> {
    model: &'a Model,
    sampling: &'a Sampling,
    memory: Box<dyn Memory + 'a>,
    /// The memory's.
    pages: Pages,
    /// Who may not go on for lack of memory, who began first in front.
    waiting: VecDeque<Row<'a>>,
    /// Who goes on; samples of one prompt stand together.
    running: Vec<Row<'a>>,
    /// The prompt whose samples begin next, and which.
    opened: Option<(Rc<Asked>, VecDeque<u32>)>,
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
        opened: None,
    };
    loop {
        if engine.admit(requests, take)?.is_break() {
            return Ok(());
        }
        if engine.running.is_empty() {
            // Whoever waits has been let in: what was asked fits into an empty memory, or it had been refused.
            assert!(engine.waiting.is_empty(), "sequences wait although nobody runs");
            return Ok(());
        }
        if engine.step(take)?.is_break() {
            return Ok(());
        }
    }
}

impl<'a> Engine<'a> {
    /// Lets in who waits, then who is next, while there is room.
    fn admit(
        &mut self,
        requests: &mut dyn Iterator<Item = Request>,
        take: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, SampleError> {
        while self.running.len() < self.model.batch {
            if let Some(row) = self.waiting.pop_front() {
                let Some(row) = self.go_on(row)? else { continue };
                self.waiting.push_front(row);
                // Where nobody runs, the prompt whose samples are to begin has what is missing.
                if self.running.is_empty() && self.forget_opened() {
                    continue;
                }
                break;
            }
            let Some((asked, sample)) = self.next(requests)? else { break };
            let mut row = Row::new(asked, sample, self.model, self.sampling);
            if !self.begin(&mut row)? {
                let (_, samples) = self.opened.as_mut().expect("the row is of the prompt that is open");
                samples.push_front(sample);
                break;
            }
            let drawn = self.first(&row)?;
            if take(Event::Tokens(1)).is_break() || self.settle(row, drawn, take)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The prompt and the sample that come next; the prompt before it is forgotten when its last sample has begun.
    fn next(&mut self, requests: &mut dyn Iterator<Item = Request>) -> Result<Option<(Rc<Asked>, u32)>, SampleError> {
        loop {
            if let Some((asked, samples)) = &mut self.opened {
                if let Some(sample) = samples.pop_front() {
                    return Ok(Some((Rc::clone(asked), sample)));
                }
                let asked = Rc::clone(asked);
                self.opened = None;
                self.forget(&asked);
            }
            let Some(request) = requests.next() else { return Ok(None) };
            let samples = request.samples.iter().copied().collect();
            let asked = self.model.asked(request, self.sampling)?;
            self.opened = Some((Rc::new(asked), samples));
        }
    }

    /// Gives back what a prompt itself keeps in memory.
    fn forget(&mut self, asked: &Asked) {
        if let Some(read) = asked.read.take() {
            self.pages.give_back(read.pages);
        }
    }

    /// Gives back what the open prompt keeps in memory; it is read again when its next sample begins. Whether there was anything.
    fn forget_opened(&mut self) -> bool {
        let Some((asked, _)) = &self.opened else { return false };
        let asked = Rc::clone(asked);
        let kept = asked.read.borrow().is_some();
        self.forget(&asked);
        kept
    }

    /// Gives a row the pages of its prompt, which is read if it is not in memory. Says whether there was room.
    fn begin(&mut self, row: &mut Row<'a>) -> Result<bool, SampleError> {
        let asked = Rc::clone(&row.asked);
        if asked.read.borrow().is_none() && !self.read(&asked)? {
            return Ok(false);
        }
        let read = asked.read.borrow();
        let Read { pages, .. } = read.as_ref().expect("it was read");
        let shared = asked.tokens.len() / PAGE;
        let own = if pages.len() > shared {
            // The last page is not full: what follows is each row's own.
            let Some(own) = self.pages.take() else { return Ok(false) };
            self.memory.copy_page(pages[shared], own)?;
            Some(own)
        } else {
            None
        };
        pages[..shared].iter().for_each(|page| self.pages.share(*page));
        row.pages = pages[..shared].iter().copied().chain(own).collect();
        Ok(true)
    }

    /// Reads a prompt into memory. Says whether there was room.
    fn read(&mut self, asked: &Asked) -> Result<bool, SampleError> {
        let Some(pages) = self.take_pages(asked.tokens.len().div_ceil(PAGE)) else { return Ok(false) };
        let logits = self.feed(&asked.tokens, 0, &pages)?.expect("a prompt has tokens");
        *asked.read.borrow_mut() = Some(Read { pages, logits });
        Ok(true)
    }

    fn take_pages(&mut self, count: usize) -> Option<Vec<u32>> {
        if self.pages.free() < count {
            return None;
        }
        (0..count).map(|_| self.pages.take()).collect()
    }

    /// Puts tokens into memory, from a position on; the logits behind the last one, where there is one.
    fn feed(&mut self, tokens: &[u32], from: usize, pages: &[u32]) -> Result<Option<Box<dyn Logits>>, SampleError> {
        let mut logits = None;
        for (index, part) in tokens.chunks(READ_AT_ONCE).enumerate() {
            let mut places = Places::default();
            places.add(from + index * READ_AT_ONCE, part.len(), pages, 0);
            let last = number(part.len() - 1);
            logits = Some(self.memory.step(part, &places, &[last])?);
        }
        Ok(logits)
    }

    /// The first token of a row, behind its prompt.
    fn first(&self, row: &Row<'_>) -> Result<Drawn, SampleError> {
        let read = row.asked.read.borrow();
        let Read { logits, .. } = read.as_ref().expect("a row begins behind a prompt in memory");
        let [drawn] = logits.draw(self.sampling, &[row.next()])?[..] else { unreachable!("one row, one token") };
        drawn.ok_or_else(|| row.not_numbers())
    }

    /// Lets a row that had to give its pages back go on. Gives it back where there is no room yet.
    fn go_on(&mut self, mut row: Row<'a>) -> Result<Option<Row<'a>>, SampleError> {
        let length = row.length();
        // Its next token needs a place too.
        let needed = (length + 1).div_ceil(PAGE) + 1;
        if self.pages.free() < needed + row.asked.tokens.len().div_ceil(PAGE) && !self.running.is_empty() {
            return Ok(Some(row));
        }
        if !self.begin(&mut row)? {
            return Ok(Some(row));
        }
        let missing = length.div_ceil(PAGE) - row.pages.len();
        let Some(more) = self.take_pages(missing) else {
            self.pages.give_back(row.pages.drain(..));
            return Ok(Some(row));
        };
        row.pages.extend(more);
        let known = row.tokens.len() - 1;
        self.feed(&row.tokens[..known], row.asked.tokens.len(), &row.pages)?;
        self.unless_open_forget(&row.asked);
        self.running.push(row);
        Ok(None)
    }

    /// A prompt that was read again for a row that waited is kept only while more of its samples are to begin.
    fn unless_open_forget(&mut self, asked: &Rc<Asked>) {
        if !self.opened.as_ref().is_some_and(|(opened, _)| Rc::ptr_eq(opened, asked)) {
            self.forget(asked);
        }
    }

    /// One more token of everyone who runs.
    fn step(&mut self, take: &mut dyn FnMut(Event) -> ControlFlow<()>) -> Result<ControlFlow<()>, SampleError> {
        self.make_room();
        let (mut places, mut tokens) = (Places::default(), Vec::with_capacity(self.running.len()));
        for row in &self.running {
            tokens.push(*row.tokens.last().expect("who runs has drawn a token"));
            places.add(row.length(), 1, &row.pages, row.asked.tokens.len() / PAGE);
        }
        let wanted: Vec<u32> = (0..number(tokens.len())).collect();
        let nexts: Vec<Next> = self.running.iter().map(Row::next).collect();
        let drawn = self.memory.step(&tokens, &places, &wanted)?.draw(self.sampling, &nexts)?;
        let rows = std::mem::take(&mut self.running);
        let mut flow = take(Event::Tokens(rows.len() as u64));
        for (row, drawn) in rows.into_iter().zip(drawn) {
            let drawn = drawn.ok_or_else(|| row.not_numbers())?;
            if flow.is_continue() {
                flow = self.settle(row, drawn, take)?;
            }
        }
        Ok(flow)
    }

    /// A row with one more token goes on, or is done.
    fn settle(
        &mut self,
        mut row: Row<'a>,
        drawn: Drawn,
        take: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, SampleError> {
        let Some(reason) = row.push(drawn)? else {
            self.running.push(row);
            return Ok(ControlFlow::Continue(()));
        };
        self.pages.give_back(row.pages.drain(..));
        let completion: Completion = row.completion(reason)?;
        Ok(take(Event::Completed(completion)))
    }

    /// Gives everyone who runs a place for the token that comes; where there are none left, who began last waits.
    fn make_room(&mut self) {
        let mut at = 0;
        while at < self.running.len() {
            let row = &self.running[at];
            if row.pages.len() * PAGE > row.length() {
                at += 1;
                continue;
            }
            if let Some(page) = self.pages.take() {
                self.running[at].pages.push(page);
                at += 1;
                continue;
            }
            if self.running.len() > 1 {
                let mut last = self.running.pop().expect("more than one");
                self.pages.give_back(last.pages.drain(..));
                self.waiting.push_front(last);
                continue;
            }
            // The last one that runs has room without the prompt that is open, or it had been refused.
            assert!(self.forget_opened(), "a sequence alone finds no room");
        }
    }
}

impl Asked {
    pub(super) fn new(request: Request, tokens: Vec<u32>, most: usize) -> Self {
        Self { request, tokens, most, read: RefCell::new(None) }
    }
}
