//! Rewards: how a judgement becomes a number for trainers whose format is one.
//! Not here: their formats (one file each), judging (`judging`).
//! A fault of the host is no reward: it is a 503, which all of them try again.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::task::spawn_blocking;
use trialbox_datasets::{SampleText, asked};
use trialbox_verifier::{Semantics, Verdict};
use utoipa::{IntoParams, ToSchema};

use super::{
    Daemon,
    answers::Judged,
    fault::Fault,
    frame::Times,
    judging::{Question, Wish},
    verify::Reading,
};

/// What stands behind the path.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Shaping {
    /// How a judgement becomes a number: `binary` (the default), `fraction` or `code_r1`.
    #[serde(default)]
    reward: Reward,
    /// `real` (the default) or `official`.
    semantics: Option<Reading>,
}

/// How a judgement becomes a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reward {
    /// 1 for a program that passes all tests, else 0.
    #[default]
    Binary,
    /// The share of tests that are passed.
    Fraction,
    /// Code-R1's: -1.1 for an answer that is not `<think>`, `</think>`, `<answer>`, `</answer>` in this order, each once,
    /// with a program in it; else 0.1, and 1 more for a program that passes all tests.
    CodeR1,
}

/// A model's answer, and what a row of the trainer's dataset says of the right one.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) text: String,
    /// JSON, or JSON in a text (`datasets::asked::answer`).
    pub(super) label: Box<RawValue>,
}

impl Reward {
    fn of(self, text: &str, judged: &Judged) -> f64 {
        let passes = if judged.verdict == Verdict::Pass { 1.0 } else { 0.0 };
        match self {
            Self::Binary => passes,
            Self::Fraction => share(judged.tests_passed.unwrap_or(0), judged.tests_total),
            Self::CodeR1 if judged.verdict == Verdict::NoCode || !has_code_r1s_form(text) => -1.1,
            Self::CodeR1 => 0.1 + passes,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn share(passed: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { passed as f64 / all as f64 }
}

/// Code-R1's `validate_response_structure`.
fn has_code_r1s_form(text: &str) -> bool {
    let places = ["<think>", "</think>", "<answer>", "</answer>"].map(|tag| {
        let mut found = text.match_indices(tag).map(|(at, _)| at);
        found.next().filter(|_| found.next().is_none())
    });
    places.iter().all(Option::is_some) && places.is_sorted()
}

impl Daemon {
    /// Judges answers, and gives each its reward with its judgement.
    pub(super) async fn rewarded(
        self: &Arc<Self>,
        answers: Vec<Answer>,
        shaping: Shaping,
    ) -> Result<(Vec<(f64, Judged)>, Times), Fault> {
        let most = self.caps.batch;
        if answers.len() > most {
            return Err(Fault::batch_too_large(format!("a request has at most {most} answers (--max-batch)")));
        }
        let semantics = shaping.semantics.map_or(Semantics::Real, Semantics::from);
        let wish = Wish { semantics, counts_tests: shaping.reward == Reward::Fraction };
        let daemon = Arc::clone(self);
        let looked_at = spawn_blocking(move || {
            let question = |(index, Answer { text, label }): (usize, Answer)| {
                let asked = asked::answer(label.get().as_bytes(), SampleText::Response(text.clone()));
                let at = |fault: Fault| fault.at(&format!("labels[{index}]"));
                let asked = asked.map_err(|kind| at(Fault::bad_job(kind)))?;
                Ok((text, Question::new(&daemon, asked, wish).map_err(at)?))
            };
            answers.into_iter().enumerate().map(question).collect::<Result<Vec<_>, Fault>>()
        });
        let (texts, questions): (Vec<_>, Vec<_>) = looked_at.await.map_err(Fault::infra_error)??.into_iter().unzip();
        let (judged, times) = self.judged(questions).await?;
        let rewarded = texts.iter().zip(judged).map(|(text, judged)| (shaping.reward.of(text, &judged), judged));
        Ok((rewarded.collect(), times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_r1s_form_has_each_tag_once_and_in_order() {
        assert!(has_code_r1s_form("<think>a</think> <answer>b</answer>"));
        for bad in [
            "",
            "<think>a</think>",
            "<answer>b</answer><think>a</think>",
            "<think>a</think><answer>b</answer><answer>c</answer>",
            "<think></answer></think><answer>",
        ] {
            assert!(!has_code_r1s_form(bad), "{bad}");
        }
    }

    #[test]
    fn a_share_of_nothing_is_nothing() {
        assert_eq!((share(1, 4), share(0, 0)), (0.25, 0.0));
    }
}
