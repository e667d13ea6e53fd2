//! `trialbox eval --semantics both`: a benchmark read as it is meant and as its own grader has it, and where that matters.
//! Not here: either reading (`eval`).

use std::{collections::BTreeMap, sync::atomic::AtomicBool};

use serde::Serialize;
use trialbox_verifier::{Report, Semantics, Verdict};

use crate::{
    args::EvalArguments,
    eval::read_as,
    evaluation::Verdicts,
    exit::{Exit, UsageFault},
    output::write_json,
    summary::print,
};

/// report.json: both reports, and the problems on which they differ.
#[derive(Debug, Serialize)]
struct BothReports {
    real: Report,
    official: Report,
    /// Problems with samples that pass by one reading only; problems that only one reading counts are not among them.
    differ: BTreeMap<String, Difference>,
}

/// Which samples of a problem pass by one reading only.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Difference {
    only_real: Vec<u32>,
    only_official: Vec<u32>,
}

/// Runs both, each into a folder of its own below `--out`.
pub(crate) fn run(arguments: &EvalArguments, interrupted: &AtomicBool) -> anyhow::Result<Exit> {
    let Some(out) = &arguments.out else {
        return Err(UsageFault("--semantics both needs --out: there are two sets of verdicts".to_owned()).into());
    };
    let read = |semantics, name| read_as(arguments, semantics, Some(&out.join(name)), interrupted);
    let Some(real) = read(Semantics::Real, "real")? else { return Ok(Exit::Interrupted) };
    let Some(official) = read(Semantics::Official, "official")? else { return Ok(Exit::Interrupted) };
    let differ = differences(&real.verdicts, &official.verdicts);
    for (name, reading) in [("real", &real), ("official", &official)] {
        eprintln!("{name}:");
        print(&reading.report, Some(out), &reading.more)?;
    }
    eprintln!("{} problems on which they differ", differ.len());
    for (task_id, Difference { only_real, only_official }) in &differ {
        eprintln!("  {task_id}: {} pass only as real, {} only as official", only_real.len(), only_official.len());
    }
    write_json(out, "report.json", &BothReports { real: real.report, official: official.report, differ })?;
    Ok(Exit::Done)
}

fn differences(real: &Verdicts, official: &Verdicts) -> BTreeMap<String, Difference> {
    let mut differ: BTreeMap<String, Difference> = BTreeMap::new();
    for (key, real) in real {
        let Some(official) = official.get(key) else { continue };
        let (task_id, sample) = key;
        match (real, official) {
            (Verdict::InfraError, _) | (_, Verdict::InfraError) => {}
            (Verdict::Pass, Verdict::Pass) => {}
            (Verdict::Pass, _) => differ.entry(task_id.clone()).or_default().only_real.push(*sample),
            (_, Verdict::Pass) => differ.entry(task_id.clone()).or_default().only_official.push(*sample),
            _ => {}
        }
    }
    differ
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_differs_where_a_sample_passes_by_one_reading_only() {
        let verdicts = |all: &[(&str, u32, Verdict)]| -> Verdicts {
            all.iter().map(|(task_id, sample, verdict)| (((*task_id).to_owned(), *sample), *verdict)).collect()
        };
        let real = verdicts(&[
            ("a", 0, Verdict::Pass),
            ("a", 1, Verdict::WrongAnswer),
            ("b", 0, Verdict::Pass),
            ("c", 0, Verdict::InfraError),
            ("d", 0, Verdict::TimeLimit),
        ]);
        let official = verdicts(&[
            ("a", 0, Verdict::RuntimeError),
            ("a", 1, Verdict::Pass),
            ("b", 0, Verdict::Pass),
            ("c", 0, Verdict::Pass),
            ("d", 0, Verdict::WrongAnswer),
            ("e", 0, Verdict::Pass),
        ]);
        let expected = Difference { only_real: vec![0], only_official: vec![1] };
        assert_eq!(differences(&real, &official), BTreeMap::from([("a".to_owned(), expected)]));
    }
}
