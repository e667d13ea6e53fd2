//! `trialbox export`: a run's verdicts as the files that EvalPlus and lcb_runner write, for what reads these.
//! Not here: reading such files (`datasets::graded`).
//!
//! The verdicts are trialbox's, whatever its semantics; `run.json` beside them says which. Solutions are what the model wrote.

use std::path::Path;

use anyhow::Context;
use serde_json::{Map, Value, json};
use trialbox_verifier::Verdict;

use crate::{
    args::{ExportArguments, ExportName},
    compare::runs,
    exit::{DataFault, Exit},
    judged::{Judged, Sample},
    output::write_whole,
};

pub(crate) fn run(arguments: &ExportArguments) -> anyhow::Result<Exit> {
    let folder = arguments.run.as_path();
    let named = folder.to_str().ok_or_else(|| DataFault(format!("{}: no text", folder.display())))?;
    let [run] = &runs::read(&[named.to_owned()])?[..] else {
        return Err(DataFault(format!("{named} is no one run")).into());
    };
    if run.folder.is_none() {
        return Err(DataFault(format!("{named}: no folder of a run")).into());
    }
    if !run.is_complete || run.infra_errors > 0 {
        let fault = format!(
            "{named}: {} samples have no verdict, or the run goes on; the command that judged it, given again, tries them",
            run.infra_errors
        );
        return Err(DataFault(fault).into());
    }
    let judged = Judged::open(folder, arguments.samples.as_deref())?;
    let mut problems = Vec::new();
    for task_id in run.problems.keys() {
        problems.push((task_id, judged.samples(task_id)?));
    }
    let without = problems.iter().flat_map(|(_, samples)| samples).filter(|sample| sample.code.is_none()).count();
    if without > 0 {
        let fault =
            format!("what {without} of the samples were is not at hand: --samples names the file that was judged");
        return Err(DataFault(fault).into());
    }
    let document = match arguments.form {
        ExportName::Evalplus => evalplus(&problems, run.said("dataset_hash")),
        ExportName::Lcb => lcb(&problems, run)?,
    };
    let (out, name) = (arguments.out.parent(), arguments.out.file_name().and_then(|name| name.to_str()));
    let name = name.with_context(|| format!("{} is no name of a file", arguments.out.display()))?;
    let out = out.filter(|out| !out.as_os_str().is_empty()).unwrap_or(Path::new("."));
    write_whole(out, name, &serde_json::to_vec(&document)?)?;
    Ok(Exit::Done)
}

fn status(passed: bool) -> &'static str {
    if passed { "pass" } else { "fail" }
}

/// As `evalplus.evaluate` 0.3.1 writes it, and reads it where it is there already.
fn evalplus(problems: &[(&String, Vec<Sample>)], dataset_hash: Option<&Value>) -> Value {
    let sample = |task_id: &str, sample: &Sample| {
        let passed = sample.verdict == Verdict::Pass;
        json!({
            "task_id": task_id,
            "solution": sample.code.as_deref().unwrap_or_default(),
            "base_status": status(sample.base.map_or(passed, |base| base == Verdict::Pass)),
            "plus_status": status(passed),
            "base_fail_tests": [],
            "plus_fail_tests": [],
        })
    };
    let eval: Map<String, Value> = problems
        .iter()
        .map(|(task_id, samples)| {
            ((*task_id).clone(), samples.iter().map(|it| sample(task_id, it)).collect::<Vec<_>>().into())
        })
        .collect();
    json!({ "date": "", "hash": dataset_hash, "eval": eval })
}

/// As lcb_runner's `evaluate` writes it and its `compute_scores` reads it.
fn lcb(problems: &[(&String, Vec<Sample>)], run: &runs::Run) -> anyhow::Result<Value> {
    let item = |(task_id, samples): &(&String, Vec<Sample>)| {
        let facts = run.facts.get(*task_id).and_then(|facts| Some((facts, facts.date.as_ref()?)));
        let (facts, date) = facts.ok_or_else(|| {
            DataFault(format!(
                "{task_id}: the folder does not say the day of its contest, as one of livecodebench does"
            ))
        })?;
        let graded: Vec<bool> = samples.iter().map(|sample| sample.verdict == Verdict::Pass).collect();
        let texts: Vec<&str> = samples.iter().map(|sample| sample.code.as_deref().unwrap_or_default()).collect();
        #[expect(clippy::cast_precision_loss, reason = "counts of samples")]
        let pass_at_1 = graded.iter().filter(|passed| **passed).count() as f64 / graded.len().max(1) as f64;
        Ok(json!({
            "question_id": task_id,
            "platform": facts.platform,
            "difficulty": facts.difficulty,
            "contest_date": format!("{date}T00:00:00"),
            "output_list": texts,
            "code_list": texts,
            "graded_list": graded,
            "pass@1": pass_at_1,
            "metadata": samples.iter().map(|_| "{}").collect::<Vec<_>>(),
        }))
    };
    Ok(problems.iter().map(item).collect::<anyhow::Result<Vec<_>>>()?.into())
}
