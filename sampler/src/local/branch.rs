//! Samples of a prompt that have written the same so far: one sequence of the model, from which a token is drawn for each.
//! Not here: who goes on when (`engine`).
//!
//! A model that is sure of itself writes the same beginning many times over: of 128 samples of a trained model a dozen may
//! differ by their end. What they have in common is computed, kept and decoded once.

use std::rc::Rc;

use super::Model;
use super::decoder::Next;
use super::engine::Asked;
use super::fault::SampleError;
use super::nucleus::Drawn;
use super::places::number;
use super::random::Stream;
use crate::Completion;
use crate::FinishReason;
use crate::Sampling;

/// Completions under way that are the same so far.
#[derive(Clone)]
pub(super) struct Branch<'a> {
    pub(super) asked: Rc<Asked>,
    /// Whose they are; at least one.
    samples: Vec<Stream>,
    /// Its pages, those that it shares included; none while it waits.
    pub(super) pages: Vec<u32>,
    /// What was drawn. Of one that runs, the last one is not in memory yet.
    pub(super) tokens: Vec<u32>,
    logprobs: Vec<f32>,
    model: &'a Model,
    sampling: &'a Sampling,
}

impl<'a> Branch<'a> {
    /// All samples that are wanted, before they have drawn anything; `None` where none are.
    pub(super) fn new(asked: Rc<Asked>, model: &'a Model, sampling: &'a Sampling) -> Option<Self> {
        let stream = |sample: &u32| Stream::new(sampling.seed, &asked.request.task_id, *sample);
        let samples: Vec<Stream> = asked.request.samples.iter().map(stream).collect();
        let (pages, tokens, logprobs) = Default::default();
        (!samples.is_empty()).then_some(Self { asked, samples, pages, tokens, logprobs, model, sampling })
    }

    /// How many samples it is.
    pub(super) fn width(&self) -> usize {
        self.samples.len()
    }

    /// How many tokens it has, the prompt's included.
    pub(super) fn length(&self) -> usize {
        self.asked.tokens.len() + self.tokens.len()
    }

    /// They themselves.
    pub(super) fn all_tokens(&self) -> Vec<u32> {
        [self.asked.tokens.as_slice(), &self.tokens].concat()
    }

    /// With how many tokens it begins as one that runs does which are in memory there.
    pub(super) fn in_common(&self, running: &Self) -> usize {
        if !Rc::ptr_eq(&self.asked, &running.asked) {
            return 0;
        }
        let kept = &running.tokens[..running.tokens.len() - 1];
        self.asked.tokens.len() + self.tokens.iter().zip(kept).take_while(|(own, other)| own == other).count()
    }

    /// The tokens that are to be drawn from a row of logits, one a sample.
    pub(super) fn nexts(&self, row: usize) -> impl Iterator<Item = Next> {
        let position = number(self.tokens.len());
        self.samples.iter().map(move |stream| Next { row: number(row), stream: *stream, position })
    }

    /// Adds what its samples have drawn, in their order: a branch for each token, as they were drawn first, all on its pages.
    pub(super) fn grown(mut self, drawn: &[Drawn]) -> Vec<Self> {
        let mut parts: Vec<(Drawn, Vec<Stream>)> = Vec::new();
        for (sample, drawn) in std::mem::take(&mut self.samples).into_iter().zip(drawn) {
            match parts.iter_mut().find(|(of, _)| of.token == drawn.token) {
                Some((_, samples)) => samples.push(sample),
                None => parts.push((*drawn, vec![sample])),
            }
        }
        // Most often there is one, which copies nothing.
        let mut branches: Vec<Self> = (1..parts.len()).map(|_| self.clone()).collect();
        branches.push(self);
        for (branch, (drawn, samples)) in branches.iter_mut().zip(parts) {
            branch.samples = samples;
            branch.tokens.push(drawn.token);
            branch.logprobs.push(drawn.logprob);
        }
        branches
    }

    /// Why its last token was the last one, if it was.
    pub(super) fn ending(&self) -> Result<Option<FinishReason>, SampleError> {
        if self.ended() || self.reached_stop()? {
            return Ok(Some(FinishReason::Stop));
        }
        Ok((self.tokens.len() >= self.asked.most).then_some(FinishReason::Length))
    }

    /// Whether the last token says that the text is over.
    fn ended(&self) -> bool {
        self.tokens.last().is_some_and(|token| self.model.tokens.ends.contains(token))
    }

    /// Whether a stop string is in the text now.
    fn reached_stop(&self) -> Result<bool, SampleError> {
        let Some(longest) = self.asked.request.stop.iter().map(String::len).max() else { return Ok(false) };
        // A token is a byte at least, so a stop string that is new is in these; a few more, for a character that is cut.
        const MORE: usize = 8;
        let from = self.tokens.len().saturating_sub(longest + MORE);
        let tail = self.decoded(&self.tokens[from..])?;
        Ok(self.stop_in(&tail).is_some() && self.stop_in(&self.decoded(&self.tokens)?).is_some())
    }

    /// Where the first stop string begins.
    fn stop_in(&self, text: &str) -> Option<usize> {
        self.asked.request.stop.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| text.find(stop)).min()
    }

    fn decoded(&self, tokens: &[u32]) -> Result<String, SampleError> {
        let task_id = || self.asked.request.task_id.clone();
        self.model.tokens.decode(tokens).map_err(|reason| SampleError::Tokens { task_id: task_id(), reason })
    }

    /// What was written, for good, once for each sample.
    pub(super) fn completions(&self, reason: FinishReason) -> Result<impl Iterator<Item = Completion>, SampleError> {
        let written = if self.ended() { &self.tokens[..self.tokens.len() - 1] } else { &self.tokens };
        let mut text = self.decoded(written)?;
        if let Some(at) = self.stop_in(&text) {
            text.truncate(at);
        }
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 tokens")]
        let mean = self.logprobs.iter().map(|it| f64::from(*it)).sum::<f64>() / self.logprobs.len() as f64;
        Ok(self.samples.iter().map(move |stream| Completion {
            task_id: self.asked.request.task_id.clone(),
            sample: stream.sample(),
            text: text.clone(),
            finish_reason: reason,
            tokens: u32::try_from(self.tokens.len()).ok(),
            seed: self.sampling.seed,
            mean_logprob: Some(mean),
            logprobs: self.sampling.logprobs.then(|| self.logprobs.clone()),
        }))
    }

    pub(super) fn not_numbers(&self) -> SampleError {
        SampleError::NotNumbers { task_id: self.asked.request.task_id.clone() }
    }
}
