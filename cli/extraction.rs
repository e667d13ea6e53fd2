//! Takes a program out of a sample, in the style that fits.
//! Not here: the styles (`verifier::extract`).

use trialbox_datasets::{Dataset, Language, Problem, Sample, SampleText, Tests};
use trialbox_verifier::{
    Semantics,
    extract::{Extracted, LcbStyle, NoCode, Style},
};

use crate::inputs::Entry;

/// The style of the benchmark whose reading is asked for.
pub(crate) fn usual_style(dataset: Dataset, semantics: Semantics) -> Style {
    match (semantics, dataset) {
        (Semantics::Real, _) => Style::Default,
        (Semantics::Official, Dataset::LiveCodeBench) => Style::Lcb(LcbStyle::Chat),
        (Semantics::Official, _) => Style::EvalPlus,
    }
}

/// The program of a sample. In lcb_runner's files a solution is a program and nothing else: where `takes_solutions_as_they_are`,
/// it is not looked through for fences.
pub(crate) fn extract(
    sample: &Sample,
    entry: &Entry,
    style: Style,
    takes_solutions_as_they_are: bool,
) -> Result<Extracted, NoCode> {
    let is_program = matches!(&sample.text, SampleText::Solution(text) if !text.trim().is_empty());
    let style = if takes_solutions_as_they_are && is_program { Style::Raw } else { style };
    extract_with(sample, &entry.prompt, entry.entry_point.as_deref(), style)
}

/// The same for a problem that came along, in our own style.
pub(crate) fn extract_for(sample: &Sample, problem: &Problem) -> Result<Extracted, NoCode> {
    let entry_point = match &problem.tests {
        Tests::Function(tests) => Some(tests.entry_point.as_str()),
        Tests::Stdin(_) | Tests::Asserts(_) => None,
    };
    extract_with(sample, &problem.prompt, entry_point, Style::Default)
}

fn extract_with(sample: &Sample, prompt: &str, entry_point: Option<&str>, style: Style) -> Result<Extracted, NoCode> {
    match sample.language {
        Language::Python => style.extract(&sample.text, prompt, entry_point),
        Language::Cpp(_) => style.extract_cpp(&sample.text),
    }
}
