//! Drawing: asks a server for some samples of one problem until all of them have come, or cannot.
//! Not here: which samples are asked for when (`crew`), one exchange (`link`), formats (`wire`).
//! In: a [`Job`]. Out: one [`Report`] for each completion, exactly once, and one when the job has ended.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use super::Inner;
use super::dialect::Dialect;
use super::fault::ServerFault;
use super::link::Stop;
use super::seed::base_seed;
use super::wire;
use super::wire::Choice;
use crate::Completion;
use crate::FinishReason;
use crate::Request;
use crate::Sampling;

/// After so many answers whose completions are all equal, and are equal too when asked for one by one, it is the model
/// that is so sure of itself.
const DOUBTS: u32 = 8;

/// Consecutive samples of one problem.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) request: Arc<Request>,
    pub(super) samples: BTreeSet<u32>,
}

/// What is told while drawing.
#[derive(Debug)]
pub(super) enum Report {
    /// A completion has come.
    Completed(Completion),
    /// Nothing more comes of a job.
    Ended(Ended),
}

/// How a job ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) task_id: String,
    pub(super) missing: BTreeSet<u32>,
    /// Why some are missing.
    pub(super) fault: Option<ServerFault>,
}

/// Whether the completions of one request have seeds of their own, as they must.
///
/// vLLM and llama.cpp give the i-th one the seed + i. Where all have the same seed, 128 samples in chunks of 8 would be 16
/// samples and 112 copies. An answer whose completions are all equal is therefore not taken: they are asked for again one by
/// one, each with its own seed, and if they differ then, requests for one it is from there on. With seeds that are honoured
/// the second drawing gives the same completions as the first, so that nothing is biased; where there are no seeds at all,
/// at most [`DOUBTS`] answers of a run are drawn twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seeds {
    Unknown { doubts: u32 },
    TheirOwn,
    Shared,
}

/// What the jobs of one run have in common.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) server: Arc<Inner>,
    pub(super) sampling: Sampling,
    pub(super) stop: Stop,
}

impl Run {
    /// Works on a job; however that ends, and be it by a panic, it is reported.
    pub(super) fn work(&self, job: Job, reports: &Sender<Report>) {
        let missing = job.samples;
        let mut turn = Turn {
            run: self,
            request: &job.request,
            missing,
            one_by_one: None,
            reports,
            fault: Some(ServerFault::Internal),
        };
        turn.fault = turn.draw().err();
    }

    /// How many completions one request may ask for.
    pub(super) fn most(&self) -> u32 {
        // Greedy decoding has one answer, and vLLM refuses to give it several times.
        if self.sampling.temperature == 0.0 { 1 } else { self.server.dialect().most }
    }
}

struct Turn<'a> {
    run: &'a Run,
    request: &'a Request,
    missing: BTreeSet<u32>,
    /// What has come since completions are asked for one by one, because they came all equal.
    one_by_one: Option<Vec<String>>,
    reports: &'a Sender<Report>,
    fault: Option<ServerFault>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let missing = std::mem::take(&mut self.missing);
        let ended = Ended { task_id: self.request.task_id.clone(), missing, fault: self.fault.take() };
        // Nobody listens any more where the run was broken off.
        let _ = self.reports.send(Report::Ended(ended));
    }
}

impl Turn<'_> {
    fn draw(&mut self) -> Result<(), ServerFault> {
        let link = &self.run.server.link;
        let mut waits = link.waits();
        while let Some(&first) = self.missing.first() {
            if self.run.stop.is_set() {
                return Err(ServerFault::Stopped);
            }
            let dialect = self.run.server.dialect();
            let count = self.count(first);
            let come = self.ask(first, count, &dialect).and_then(|choices| self.keep(first, count, choices));
            match come {
                // What has come shows that the server lives: the next fault is a new one.
                Ok(()) => waits = link.waits(),
                Err(fault) if self.found_way_around(&fault, count, &dialect) => {}
                Err(fault) if fault.passes() => self.run.stop.wait_after(fault, &mut waits)?,
                Err(fault) => return Err(fault),
            }
        }
        self.settle_doubt();
        Ok(())
    }

    /// How many are asked for next: consecutive ones, because a server counts seeds up by one.
    fn count(&self, first: u32) -> u32 {
        let most = if self.one_by_one.is_some() { 1 } else { self.run.most() };
        let run = (first..).take_while(|sample| self.missing.contains(sample)).take(most as usize).count();
        u32::try_from(run).unwrap_or(1)
    }

    fn ask(&self, first: u32, count: u32, dialect: &Dialect) -> Result<Vec<(u32, Choice)>, ServerFault> {
        let server = &self.run.server;
        let seed = self.seed(first);
        let body = wire::body(&server.model, self.request, &self.run.sampling, dialect, seed, count);
        wire::choices(&server.link.post(wire::path(&self.request.prompt), &body)?, count)
    }

    fn seed(&self, sample: u32) -> u64 {
        base_seed(self.run.sampling.seed, &self.request.task_id) + u64::from(sample)
    }

    /// Reports what has come whole. More than was asked for is nothing; fewer shows what the server gives at once.
    fn keep(&mut self, first: u32, count: u32, choices: Vec<(u32, Choice)>) -> Result<(), ServerFault> {
        let choices: Vec<(u32, Choice)> = choices.into_iter().filter(|(place, _)| *place < count).collect();
        let come = u32::try_from(choices.len()).unwrap_or(count);
        if come == 0 {
            return Err(ServerFault::Nothing);
        }
        if come < count {
            self.run.server.learn(&Dialect::new(come));
        }
        if count > 1 && come == count && self.doubts(&choices) {
            self.one_by_one = Some(Vec::new());
            return Ok(());
        }
        let before = self.missing.len();
        let mut unfinished = None;
        for (place, choice) in choices {
            match finish_reason(choice.finish_reason.as_deref()) {
                Some(reason) => self.report(first + place, reason, choice)?,
                None => unfinished = choice.finish_reason.or_else(|| Some("nothing".to_owned())),
            }
        }
        // Beside whole ones it is asked for again at once; where nothing else has come, after a wait.
        match unfinished.filter(|_| self.missing.len() == before) {
            Some(reason) => Err(ServerFault::Unfinished(reason)),
            None => Ok(()),
        }
    }

    fn report(&mut self, sample: u32, finish_reason: FinishReason, choice: Choice) -> Result<(), ServerFault> {
        let wanted = self.run.sampling.logprobs;
        if wanted && choice.logprobs.is_none() {
            return Err(ServerFault::NoLogprobs);
        }
        if let Some(texts) = &mut self.one_by_one {
            texts.push(choice.text.clone());
        }
        #[expect(clippy::cast_possible_truncation, reason = "a logarithm of a probability needs no more digits")]
        let logprobs = |all: &Vec<f64>| all.iter().map(|one| *one as f32).collect();
        let completion = Completion {
            task_id: self.request.task_id.clone(),
            sample,
            finish_reason,
            tokens: choice.tokens,
            seed: self.seed(sample),
            mean_logprob: choice.logprobs.as_deref().and_then(mean),
            logprobs: choice.logprobs.as_ref().filter(|_| wanted).map(logprobs),
            text: choice.text,
        };
        if self.missing.remove(&sample) {
            if self.run.sampling.temperature > 0.0 {
                self.run.server.variety().see(&completion);
            }
            let _ = self.reports.send(Report::Completed(completion));
        }
        Ok(())
    }

    /// Learns from a refusal what to leave out.
    fn found_way_around(&self, fault: &ServerFault, count: u32, dialect: &Dialect) -> bool {
        let ServerFault::Status { status, message, .. } = fault else { return false };
        if fault.is_too_long() {
            return false;
        }
        let next = dialect.after(*status, message, count, &self.run.sampling);
        next.inspect(|next| self.run.server.learn(next)).is_some()
    }

    /// Whether equal completions may be copies of one.
    fn doubts(&self, choices: &[(u32, Choice)]) -> bool {
        let mut seeds = self.run.server.seeds();
        let equal = choices.windows(2).all(|pair| pair[0].1.text == pair[1].1.text);
        if !equal {
            *seeds = Seeds::TheirOwn;
        }
        equal && *seeds != Seeds::TheirOwn
    }

    fn settle_doubt(&mut self) {
        let Some(texts) = self.one_by_one.take() else { return };
        let mut seeds = self.run.server.seeds();
        let Seeds::Unknown { doubts } = *seeds else { return };
        *seeds = if texts.windows(2).any(|pair| pair[0] != pair[1]) {
            self.run.server.learn(&Dialect::new(1));
            Seeds::Shared
        } else if doubts + 1 < DOUBTS {
            Seeds::Unknown { doubts: doubts + 1 }
        } else {
            Seeds::TheirOwn
        };
    }
}

fn mean(logprobs: &[f64]) -> Option<f64> {
    let count = u32::try_from(logprobs.len()).ok().filter(|count| *count > 0)?;
    Some(logprobs.iter().sum::<f64>() / f64::from(count))
}

/// OpenAI's words, and those of TGI and Mistral for the same. Any other end is none: `abort`, `content_filter` and
/// `tool_calls` leave a text that is not what the model would have written.
fn finish_reason(said: Option<&str>) -> Option<FinishReason> {
    match said? {
        "stop" | "eos" | "eos_token" | "stop_sequence" => Some(FinishReason::Stop),
        "length" | "max_tokens" | "model_length" => Some(FinishReason::Length),
        _ => None,
    }
}
