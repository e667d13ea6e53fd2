//! The progress bar on a terminal: done, rate, time left, verdicts so far. Elsewhere nothing at all.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use trialbox_verifier::{Counts, Verdict};

/// A bar on stderr; hidden where stderr is no terminal.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar of so many candidates, `None` where nobody knows how many come, of which some are done.
    pub(crate) fn new(total: Option<u64>, done: u64) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(5));
        let template = match total {
            Some(_) => "{bar:24} {pos}/{len} {per_sec} eta {eta} {msg}",
            None => "{spinner} {pos} {per_sec} {msg}",
        };
        bar.set_style(ProgressStyle::with_template(template).expect("the template is a constant that a test draws"));
        bar.set_position(done);
        bar.reset_eta();
        bar.enable_steady_tick(Duration::from_millis(500));
        Self(bar)
    }

    /// One more is done.
    pub(crate) fn advance(&self, counts: &Counts) {
        self.0.inc(1);
        if self.0.position().is_multiple_of(64) {
            self.0.set_message(summary(counts));
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        self.0.finish_and_clear();
    }
}

/// The verdicts so far in one line.
pub(crate) fn summary(counts: &Counts) -> String {
    let counted = Verdict::ALL.iter().map(|verdict| (verdict.as_str(), counts.of(*verdict)));
    let shown: Vec<String> =
        counted.filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name} {count}")).collect();
    shown.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_bar_can_be_drawn() {
        for total in [Some(3), None] {
            let progress = Progress::new(total, 0);
            progress.advance(&Counts::default());
            progress.finish();
        }
    }
}
