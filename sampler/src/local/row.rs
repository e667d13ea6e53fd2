//! One completion under way: what it has drawn, and when it is done.
//! Not here: who goes on when (`engine`).

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

/// One completion under way.
pub(super) struct Row<'a> {
    pub(super) asked: Rc<Asked>,
    sample: u32,
    stream: Stream,
    /// Its pages, those that it shares included; none while it waits.
    pub(super) pages: Vec<u32>,
    /// What it has drawn. The last one is not in memory yet.
    pub(super) tokens: Vec<u32>,
    logprobs: Vec<f32>,
    model: &'a Model,
    sampling: &'a Sampling,
}

impl<'a> Row<'a> {
    pub(super) fn new(asked: Rc<Asked>, sample: u32, model: &'a Model, sampling: &'a Sampling) -> Self {
        let stream = Stream::new(sampling.seed, &asked.request.task_id, sample);
        Self { asked, sample, stream, pages: Vec::new(), tokens: Vec::new(), logprobs: Vec::new(), model, sampling }
    }

    /// How many of its tokens are in memory, the prompt's included.
    pub(super) fn length(&self) -> usize {
        self.asked.tokens.len() + self.tokens.len() - 1
    }

    /// The token that it is to draw.
    pub(super) fn next(&self) -> Next {
        Next { stream: self.stream, position: number(self.tokens.len()) }
    }

    /// Adds a token; says why it was the last one, if it was.
    pub(super) fn push(&mut self, drawn: Drawn) -> Result<Option<FinishReason>, SampleError> {
        self.tokens.push(drawn.token);
        self.logprobs.push(drawn.logprob);
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

    /// What was written, for good.
    pub(super) fn completion(self, reason: FinishReason) -> Result<Completion, SampleError> {
        let written = if self.ended() { &self.tokens[..self.tokens.len() - 1] } else { &self.tokens };
        let mut text = self.decoded(written)?;
        if let Some(at) = self.stop_in(&text) {
            text.truncate(at);
        }
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 tokens")]
        let mean = self.logprobs.iter().map(|it| f64::from(*it)).sum::<f64>() / self.logprobs.len() as f64;
        Ok(Completion {
            task_id: self.asked.request.task_id.clone(),
            sample: self.sample,
            text,
            finish_reason: reason,
            tokens: u32::try_from(self.tokens.len()).ok(),
            seed: self.sampling.seed,
            mean_logprob: Some(mean),
            logprobs: self.sampling.logprobs.then_some(self.logprobs),
        })
    }

    pub(super) fn not_numbers(&self) -> SampleError {
        SampleError::NotNumbers { task_id: self.asked.request.task_id.clone() }
    }
}
