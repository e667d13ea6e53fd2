//! `trialbox datasets check`: a dataset's canonical solutions pass, wrong and cheating programs fail.
//! A grader that is not itself checked this way may be grading nothing at all.

use std::{
    io::{self, Write},
    ops::ControlFlow,
    sync::{Arc, atomic::Ordering},
};

use trialbox_datasets::{Language, Oracle, Problem, Tests, problem::Comparison};
use trialbox_runner::Worker;
use trialbox_verifier::{Allowance, ReferenceError, Settings, Task, Verdict, for_each_in_order, verify};

use crate::{
    args::CheckArguments,
    exit::{DataFault, Exit},
    host,
    impostors::impostors,
    inputs,
    progress::Progress,
};

/// What came of one problem.
struct Checked {
    task_id: String,
    has_canonical: bool,
    /// How many impostors were tried.
    impostors: usize,
    complaints: Vec<String>,
}

pub(crate) fn run(arguments: &CheckArguments) -> anyhow::Result<Exit> {
    let (mut problems, mut skipped_rows) = (Vec::new(), 0);
    for row in inputs::open_dataset(arguments.dataset, arguments.data.as_deref())? {
        match row {
            Ok(problem) => problems.push(problem),
            Err(error) => inputs::skip(error, arguments.skip_bad_rows, &mut skipped_rows)?,
        }
    }
    if problems.is_empty() {
        return Err(DataFault(format!("{}: the file holds no problem", arguments.dataset)).into());
    }
    let host = host::open(&arguments.run)?;
    let settings = host::settings(&arguments.run, &host, arguments.semantics.into());
    let interrupted = host::interruption()?;
    let progress = Progress::new(Some(problems.len() as u64), 0);
    let (mut right, mut canonicals, mut impostors, mut complaints) = (0, 0, 0, Vec::new());
    let work = |index, problem: Problem, worker: &mut Worker| vec![(index, check(problem, worker, &settings))];
    let total = problems.len();
    let result = for_each_in_order(&host, host::workers(&arguments.run), problems.into_iter(), work, |checked| {
        progress.advance(&Default::default());
        match checked {
            _ if interrupted.load(Ordering::SeqCst) => return ControlFlow::Break(Ok(Exit::Interrupted)),
            Ok(checked) if checked.complaints.is_empty() => {
                right += 1;
                canonicals += usize::from(checked.has_canonical);
                impostors += checked.impostors;
            }
            Ok(checked) => {
                complaints.extend(checked.complaints.iter().map(|what| format!("{}: {what}", checked.task_id)))
            }
            Err(error @ ReferenceError::Canonical { .. }) => complaints.push(error.to_string()),
            Err(error) => return ControlFlow::Break(Err(anyhow::Error::from(error))),
        }
        ControlFlow::Continue(())
    });
    progress.finish();
    if let ControlFlow::Break(end) = result {
        return end;
    }
    let mut out = io::stdout().lock();
    for complaint in &complaints {
        writeln!(out, "{complaint}")?;
    }
    writeln!(
        out,
        "{}: {right} of {total} problems are right: {canonicals} canonical solutions pass, {impostors} impostors fail",
        arguments.dataset
    )?;
    Ok(if complaints.is_empty() { Exit::Done } else { Exit::VerdictsNotMet })
}

fn check(problem: Problem, worker: &mut Worker, settings: &Settings) -> Result<Checked, ReferenceError> {
    let mut checked =
        Checked { task_id: problem.task_id.clone(), has_canonical: false, impostors: 0, complaints: Vec::new() };
    let canonical = problem.canonical.clone();
    let impostors = match &problem.tests {
        Tests::Function(tests) if is_vacuous(&tests.comparison) => Vec::new(),
        tests => impostors(tests),
    };
    let task = Task::new(problem, Allowance::default());
    match canonical {
        // Whole datasets come without (rLLM's Codeforces); that is counted and no complaint.
        None => {}
        Some(program) => {
            checked.has_canonical = true;
            let judgement = verify(&task, &bytes(&program), Language::Python, worker, settings)?;
            if judgement.verdict != Verdict::Pass {
                let why = judgement.first_failure.map(|failure| failure.actual).unwrap_or_default();
                checked.complaints.push(format!("the canonical solution gets {}: {why}", judgement.verdict.as_str()));
            }
        }
    }
    for (name, program) in impostors {
        let judgement = verify(&task, &bytes(&program), Language::Python, worker, settings)?;
        checked.impostors += 1;
        if judgement.verdict == Verdict::Pass || judgement.verdict == Verdict::InfraError {
            checked.complaints.push(format!("a program that {name} gets {}", judgement.verdict.as_str()));
        }
    }
    Ok(checked)
}

fn bytes(program: &str) -> Arc<[u8]> {
    program.as_bytes().into()
}

/// Whether the benchmark itself accepts every answer (Mbpp/164), or every answer but None (Mbpp/737, 787, 794).
fn is_vacuous(comparison: &Comparison) -> bool {
    matches!(comparison, Comparison::EvalPlus { oracle: Oracle::AlwaysTrue | Oracle::NotNone, .. })
}
