//! How likely a given text is under a model: what perplexity is made of.
//! Not here: drawing texts (`engine`), files of them (the command).

use super::Model;
use super::fault::SampleError;
use super::nucleus::logprob;
use super::places::PAGE;
use super::places::Places;
use super::places::number;
use crate::Prompt;

/// Positions whose logits are looked at together.
const AT_ONCE: usize = 128;

/// How likely a response was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// How many tokens the response has under the model that is asked.
    pub tokens: u32,
    /// The mean of the natural logarithms of their probabilities; `None` where there is no token.
    pub mean_logprob: Option<f64>,
}

impl Score {
    /// `e` to the negative mean: 1 where every token was certain.
    pub fn perplexity(&self) -> Option<f64> {
        self.mean_logprob.map(|mean| (-mean).exp())
    }
}

impl Model {
    /// How likely a response to a prompt is. Prompt and response become tokens apart, as they did when it was drawn.
    ///
    /// # Errors
    ///
    /// Prompt and response together are longer than the context, or need more memory than there is.
    pub fn score(&self, task_id: &str, prompt: &Prompt, response: &str) -> Result<Score, SampleError> {
        self.score_behind(task_id, self.tokens_of(task_id, prompt)?, response)
    }

    /// As [`Model::score`], behind a text that is read as it stands: one that a chat template has made.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn score_rendered(&self, task_id: &str, text: &str, response: &str) -> Result<Score, SampleError> {
        self.score_behind(task_id, self.tokens_in(task_id, text, false)?, response)
    }

    fn score_behind(&self, task_id: &str, before: Vec<u32>, response: &str) -> Result<Score, SampleError> {
        let response = self.tokens.encode(response, false);
        let response = response.map_err(|reason| SampleError::Tokens { task_id: task_id.to_owned(), reason })?;
        let all = [&before[..], &response].concat();
        if all.len() > self.context {
            return Err(SampleError::TooLong { task_id: task_id.to_owned(), tokens: all.len(), context: self.context });
        }
        let page_count = all.len().div_ceil(PAGE);
        if page_count > self.page_count {
            let (needed_bytes, bytes) =
                (page_count * self.decoder.page_bytes(), self.page_count * self.decoder.page_bytes());
            return Err(SampleError::Memory { task_id: task_id.to_owned(), needed_bytes, bytes });
        }
        let mut memory = self.decoder.memory(page_count)?;
        let pages: Vec<u32> = (0..number(page_count)).collect();
        let mut sum = 0.0;
        // The last token tells nothing of what follows it; the prompt's last one tells of the response's first.
        let read = &all[..all.len() - 1];
        for (index, part) in read.chunks(AT_ONCE).enumerate() {
            let from = index * AT_ONCE;
            let mut places = Places::default();
            places.add(from, part.len(), &pages, 0);
            let first = (before.len() - 1).saturating_sub(from).min(part.len());
            let wanted: Vec<u32> = (number(first)..number(part.len())).collect();
            if wanted.is_empty() {
                memory.step(part, &places, &[0])?;
                continue;
            }
            let logits = memory.step(part, &places, &wanted)?.numbers()?;
            for (row, logits) in wanted.iter().zip(logits) {
                let next = all[from + *row as usize + 1];
                let found = logprob(&logits, next);
                sum += f64::from(found.ok_or_else(|| SampleError::NotNumbers { task_id: task_id.to_owned() })?);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 tokens")]
        let mean = (!response.is_empty()).then(|| sum / response.len() as f64);
        Ok(Score { tokens: number(response.len()), mean_logprob: mean })
    }
}
