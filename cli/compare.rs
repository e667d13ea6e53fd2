//! `trialbox compare`: models beside each other, by how many samples of each problem passed.
//! Not here: reading results (`runs`), the statistics (`coverage`), laying them out (`document`, `words`).

mod curves;
pub(crate) mod document;
pub(crate) mod runs;
pub(crate) mod words;

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use serde_json::json;

use self::{document::Document, runs::Run};
use crate::{
    args::{BesideArguments, CompareArguments},
    exit::{DataFault, Exit, UsageFault},
};

/// Runs of which more could not be judged say little of what could.
const MOST_INFRA_ERRORS: f64 = 0.01;
/// More samples of a problem than anybody draws; what is computed grows with them.
const MOST_SAMPLES: u32 = 20_000;
/// What decides about verdicts, by its key in a run's manifest: runs that differ in these cannot be compared.
const DECIDING: [&str; 4] = ["dataset", "dataset_hash", "semantics", "selection"];
/// What may decide about some.
const NOTED: [&str; 4] = ["limits", "backend", "interpreter", "extraction"];

pub(crate) fn run(arguments: &CompareArguments) -> anyhow::Result<Exit> {
    let mut out = io::stdout().lock();
    if let Some(file) = &arguments.curves {
        let found = curves::read(file)?;
        if arguments.json {
            serde_json::to_writer_pretty(&mut out, &json!({ "curves": found }))?;
            writeln!(out)?;
        } else {
            out.write_all(curves::in_words(&found).as_bytes())?;
        }
        return Ok(Exit::Done);
    }
    let runs = runs::read(&arguments.beside.runs)?;
    let document = document(runs, &arguments.beside)?.0;
    if arguments.json {
        serde_json::to_writer_pretty(&mut out, &document)?;
        writeln!(out)?;
    } else {
        out.write_all(words::in_words(&document).as_bytes())?;
    }
    Ok(Exit::Done)
}

/// Sets runs beside each other on the problems that all have.
pub(crate) fn document(mut runs: Vec<Run>, arguments: &BesideArguments) -> anyhow::Result<(Document, Vec<Run>)> {
    if runs.is_empty() {
        return Err(UsageFault("a run is needed: a folder, or a file of results".to_owned()).into());
    }
    let mut remarks = Vec::new();
    let mut doubt = Doubt { remarks: &mut remarks, force: arguments.force };
    comparable(&runs, &mut doubt)?;
    judged(&runs, &mut doubt)?;
    common(&mut runs, &mut doubt)?;
    let ks: Vec<u32> = arguments.k.iter().copied().collect::<BTreeSet<u32>>().into_iter().collect();
    samples_allow(&runs, &ks, &mut remarks)?;
    let title = arguments.title.clone().unwrap_or_else(|| title(&runs));
    Ok((Document::new(title, &runs, &ks, remarks), runs))
}

fn title(runs: &[Run]) -> String {
    let dataset = runs.iter().find_map(|run| run.said("dataset")?.as_str());
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    match dataset {
        Some(dataset) => format!("{dataset}: {}", names.join(", ")),
        None => names.join(", "),
    }
}

/// What makes a comparison doubtful: refused, or with --force remarked upon.
struct Doubt<'a> {
    remarks: &'a mut Vec<String>,
    force: bool,
}

impl Doubt<'_> {
    fn raise(&mut self, what: String, cure: &str) -> anyhow::Result<()> {
        if !self.force {
            return Err(DataFault(format!("{what}; {cure}--force compares all the same, and says so")).into());
        }
        self.remarks.push(format!("forced: {what}"));
        Ok(())
    }
}

/// Whether they are runs of the same thing.
fn comparable(runs: &[Run], doubt: &mut Doubt<'_>) -> anyhow::Result<()> {
    let told: Vec<&Run> = runs.iter().filter(|run| run.manifest.is_some()).collect();
    let Some((first, others)) = told.split_first() else { return Ok(()) };
    let differs = |other: &Run, key: &str| {
        let value = |run: &Run| run.said(key).map_or_else(|| "nothing".to_owned(), ToString::to_string);
        let (of_first, of_other) = (value(first), value(other));
        (of_first != of_other)
            .then(|| format!("the {key} of {} is {of_first}, that of {} {of_other}", first.name, other.name))
    };
    for other in others {
        for what in DECIDING.iter().filter_map(|key| differs(other, key)) {
            doubt.raise(what, "")?;
        }
        let noted: Vec<String> = NOTED.iter().filter_map(|key| differs(other, key)).collect();
        doubt.remarks.extend(noted);
    }
    if told.len() < runs.len() && !told.is_empty() {
        doubt.remarks.push("some results were graded by others: whether in the same way is not known".to_owned());
    }
    Ok(())
}

/// Whether enough of them was judged.
fn judged(runs: &[Run], doubt: &mut Doubt<'_>) -> anyhow::Result<()> {
    for run in runs {
        #[expect(clippy::cast_precision_loss, reason = "counts of samples")]
        let share = run.infra_errors as f64 / (run.samples() + run.infra_errors).max(1) as f64;
        if share > MOST_INFRA_ERRORS {
            let what = format!("{:.1} % of the samples of {} could not be judged", share * 100.0, run.name);
            doubt.raise(what, "the command that judged them, given again, tries these once more; ")?;
        }
        if !run.is_complete {
            doubt.remarks.push(format!("{} is not complete: {} samples are judged so far", run.name, run.samples()));
        }
    }
    Ok(())
}

/// Leaves the problems of which every run has a judged sample.
fn common(runs: &mut [Run], doubt: &mut Doubt<'_>) -> anyhow::Result<()> {
    for run in &mut *runs {
        if let Some((task_id, counts)) = run.problems.iter().find(|(_, counts)| counts.samples > MOST_SAMPLES) {
            let fault = format!("{task_id} has {} samples in {}: {MOST_SAMPLES} is the most", counts.samples, run.name);
            return Err(DataFault(fault).into());
        }
        let before = run.problems.len();
        run.problems.retain(|_, counts| counts.samples > 0);
        if run.problems.is_empty() {
            return Err(DataFault(format!("{} has no judged sample", run.name)).into());
        }
        if run.problems.len() < before {
            let without = before - run.problems.len();
            doubt
                .remarks
                .push(format!("{without} problems of {} have no judged sample, and count in nothing", run.name));
        }
    }
    let shared = runs.iter().map(|run| run.problems.keys().cloned().collect::<BTreeSet<String>>());
    let shared = shared.reduce(|one, other| &one & &other).unwrap_or_default();
    let most = runs.iter().map(|run| run.problems.len()).max().unwrap_or(0);
    if shared.is_empty() {
        return Err(DataFault("these runs have no problem in common".to_owned()).into());
    }
    if shared.len() < most {
        doubt.remarks.push(format!("compared on the {} problems that all have", shared.len()));
    }
    if shared.len() * 2 < most {
        doubt.raise(format!("only {} of {most} problems are in all runs", shared.len()), "")?;
    }
    for run in runs {
        let left_out = run.problems.len() - shared.len();
        if left_out > 0 {
            doubt.remarks.push(format!("{left_out} problems of {} are not in all others", run.name));
        }
        run.problems.retain(|task_id, _| shared.contains(task_id));
    }
    Ok(())
}

/// Whether all problems have samples for every k that is asked; says where curves end early.
fn samples_allow(runs: &[Run], asked: &[u32], remarks: &mut Vec<String>) -> anyhow::Result<()> {
    for run in runs {
        let fewest = run.problems.iter().min_by_key(|(_, counts)| counts.samples);
        let Some((task_id, counts)) = fewest else { continue };
        if let Some(k) = asked.iter().find(|k| **k > counts.samples) {
            let fault =
                format!("there is no pass@{k}: {task_id} has only {} judged samples in {}", counts.samples, run.name);
            return Err(UsageFault(fault).into());
        }
        let most = run.problems.values().map(|counts| counts.samples).max().unwrap_or(0);
        if counts.samples < most {
            let ends = format!("k ends at {} in {}: {task_id} has no more judged samples", counts.samples, run.name);
            remarks.push(format!("{ends}, others up to {most}"));
        }
    }
    Ok(())
}
