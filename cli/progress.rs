//! The progress bar on a terminal: done, rate, time left, verdicts so far. Elsewhere nothing at all.

use std::time::{Duration, Instant};

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

    /// A bar that nobody sees.
    pub(crate) fn hidden() -> Self {
        Self(ProgressBar::hidden())
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

/// A bar of completions: done, tokens a second, time left.
#[derive(Debug)]
pub(crate) struct Drawing {
    bar: ProgressBar,
    began: Instant,
}

impl Drawing {
    /// A bar of so many completions, of which some are done.
    pub(crate) fn new(total: u64, done: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(5));
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} completions eta {eta} {msg}");
        bar.set_style(style.expect("the template is a constant that a test draws"));
        bar.set_position(done);
        bar.reset_eta();
        bar.enable_steady_tick(Duration::from_millis(500));
        Self { bar, began: Instant::now() }
    }

    /// So many tokens were drawn since the beginning.
    pub(crate) fn tokens(&self, count: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = count as f64 / self.began.elapsed().as_secs_f64().max(1e-3);
        self.bar.set_message(format!("{rate:.0} tok/s"));
    }

    /// One more is done.
    pub(crate) fn completed(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
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
    fn all_kinds_of_bar_can_be_drawn() {
        for total in [Some(3), None] {
            let progress = Progress::new(total, 0);
            progress.advance(&Counts::default());
            progress.finish();
        }
        let drawing = Drawing::new(3, 1);
        drawing.tokens(100);
        drawing.completed();
        drawing.finish();
    }
}
