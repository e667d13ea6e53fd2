//! `trialbox pass-at-k`: pass@k of results that are graded already, and the table in which pass@k is shown.
//! Not here: reading them (`datasets::graded`), the estimator and its interval (`coverage`).

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
};

use serde::Serialize;
use trialbox_datasets::graded;
use trialbox_verifier::{Counts, Estimated, Tally};

use crate::{
    args::PassAtKArguments,
    exit::{DataFault, Exit, UsageFault},
    inputs::choose_k_of,
};

/// The values of k of lcb_runner, and the one that the paper on coverage adds.
const USUAL: [u32; 14] = [1, 5, 10, 20, 40, 50, 75, 100, 125, 128, 150, 200, 500, 1000];

/// Curves by set of tests, points by k.
type Curves = BTreeMap<&'static str, BTreeMap<u32, Estimated>>;

#[derive(Debug, Serialize)]
struct Figures {
    problems: usize,
    samples: u64,
    pass_at_k: Curves,
}

pub(crate) fn run(arguments: &PassAtKArguments) -> anyhow::Result<Exit> {
    let mut models = graded::read(&arguments.file)?;
    let (Some(model), true) = (models.pop(), models.is_empty()) else {
        return Err(UsageFault("the file holds several models: `trialbox compare` shows all of them".to_owned()).into());
    };
    let graded = model.problems;
    let has_base = graded.values().any(|problem| problem.base_passed.is_some());
    if let Some((task_id, _)) = graded.iter().find(|(_, problem)| problem.samples == 0) {
        return Err(DataFault(format!("{}: {task_id} has no graded sample", arguments.file.display())).into());
    }
    let tallies = graded.into_iter().map(|(task_id, problem)| {
        let base = problem.base_passed.unwrap_or(problem.passed);
        (task_id, Tally { samples: problem.samples, base, plus: problem.passed })
    });
    let counts = Counts::of_tallies(tallies.collect(), has_base);
    let ks = choose_k_of(&USUAL, &arguments.k, counts.fewest_samples())?;
    let figures = Figures {
        problems: counts.problems().len(),
        samples: counts.problems().values().map(|tally| u64::from(tally.samples)).sum(),
        pass_at_k: counts.pass_at_k(&ks),
    };
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        writeln!(out, "{} problems, {} samples", figures.problems, figures.samples)?;
        out.write_all(table(&figures.pass_at_k).as_bytes())?;
    } else {
        serde_json::to_writer_pretty(&mut out, &figures)?;
        writeln!(out)?;
    }
    Ok(Exit::Done)
}

/// The curves, one line a point.
pub(crate) fn table(curves: &Curves) -> String {
    let mut text = String::new();
    for (set, curve) in curves {
        for (k, estimate) in curve {
            let [low, high] = estimate.ci95.map(|bound| bound * 100.0);
            let (at, value) = (format!("pass@{k}"), estimate.value * 100.0);
            text += &format!("  {set:<5} {at:<9} {value:>6.1} %   95 % interval {low:.1} to {high:.1} %\n");
        }
    }
    text
}
