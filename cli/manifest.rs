//! What a run is a run of: the part of it that a report repeats, and the whole, by which a folder knows its run.
//! Not here: keeping it (`run_folder`).

use serde_json::{Value, json};
use trialbox_datasets::{Dataset, Language};
use trialbox_runner::{Backend, FUEL_PER_NS, Host};
use trialbox_verifier::{Manifest, Selection, Semantics};

use crate::{args::EvalArguments, evaluation::style, inputs::Problems};

/// The layout of a run's folder.
const FORMAT: u32 = 1;

/// The manifest of a folder: whatever decides about verdicts, but for the samples.
pub(crate) fn of_folder(
    arguments: &EvalArguments,
    manifest: &Manifest,
    selection: Option<&Selection>,
    host: &Host,
) -> Value {
    let Manifest { dataset_hash, semantics, extraction, limits, interpreter, trialbox_version } = manifest;
    json!({
        "format": FORMAT,
        "dataset": arguments.dataset.to_string(),
        "dataset_hash": dataset_hash,
        "selection": selection.map(|selection| &selection.asked),
        "semantics": semantics,
        "extraction": extraction,
        "limits": limits,
        "backend": host.backend(),
        "interpreter": interpreter,
        "trialbox_version": trialbox_version,
    })
}

/// The manifest of a report.
pub(crate) fn of_report(
    arguments: &EvalArguments,
    semantics: Semantics,
    problems: &Problems,
    host: &Host,
    languages: &[Language],
) -> Manifest {
    let limits = match (semantics, arguments.dataset) {
        (Semantics::Real, _) => {
            "cpu per test max(1 s, 4 x canonical), 6 s without a canonical solution; test code max(10 s, 4 x canonical) in \
             all; memory 1 GiB"
        }
        (Semantics::Official, Dataset::HumanEvalPlus | Dataset::MbppPlus) => {
            "cpu per test max(4 s, 4 x canonical), 61 s in all, memory 4 GiB"
        }
        (Semantics::Official, _) => "cpu per test 6 s; test code max(10 s, 4 x canonical) in all; memory 1 GiB",
    };
    let mut interpreter = host.interpreter();
    // Looking at a compiler takes a quarter of a second.
    if languages.iter().any(|it| *it != Language::Python)
        && let Ok(toolchain) = host.toolchain()
    {
        interpreter += &format!("; {}", toolchain.version);
    }
    let counted = match host.backend() {
        Backend::Native => String::new(),
        Backend::Wasi => format!("; cpu counted in instructions, {FUEL_PER_NS} to the ns"),
    };
    Manifest {
        dataset_hash: problems.hash.clone(),
        semantics,
        extraction: style(arguments, semantics).name().to_owned(),
        limits: format!("{limits}{counted}"),
        interpreter,
        trialbox_version: env!("CARGO_PKG_VERSION"),
    }
}
