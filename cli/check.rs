//! `trialbox datasets check`: a dataset's canonical solutions pass, wrong and cheating programs fail.
//! A grader that is not itself checked this way may be grading nothing at all.

use std::{
    io::{self, Write},
    ops::ControlFlow,
    sync::{Arc, atomic::Ordering},
};

use trialbox_datasets::{Oracle, Problem, Tests, problem::Comparison};
use trialbox_runner::Worker;
use trialbox_verifier::{Allowance, ReferenceError, Room, Settings, Task, Verdict, for_each, verify};

use crate::{args::CheckArguments, exit::Exit, host, inputs, progress::Progress};

/// Programs that no problem may accept; `ENTRY` stands for the entry point.
const IMPOSTORS: [(&str, &str); 5] = [
    (
        "equal to everything",
        "class E:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n    __hash__ = None\ndef ENTRY(*a, **k): return E()\n",
    ),
    ("leaves with status 0", "import os\ndef ENTRY(*a, **k): os._exit(0)\n"),
    ("leaves at once", "raise SystemExit(0)\n"),
    ("returns a generator", "def ENTRY(*a, **k): return (x for x in [1])\n"),
    ("raises", "def ENTRY(*a, **k): raise AssertionError('All tests passed')\n"),
];

/// What came of one problem.
struct Checked {
    task_id: String,
    complaints: Vec<String>,
}

pub(crate) fn run(arguments: &CheckArguments) -> anyhow::Result<Exit> {
    let problems = inputs::open_dataset(arguments.dataset, arguments.data.as_deref())?;
    let problems: Vec<Problem> = problems.collect::<Result<_, _>>()?;
    let host = host::open(&arguments.run.host)?;
    let settings = Settings {
        semantics: arguments.semantics.into(),
        cache: host::cache(&arguments.run),
        interpreter: host.interpreter.version.clone(),
        room: Room::default(),
    };
    let interrupted = host::interruption()?;
    let progress = Progress::new(Some(problems.len() as u64));
    let (mut right, mut complaints) = (0, Vec::new());
    let work = |problem: Problem, worker: &mut Worker| check(problem, worker, &settings);
    let total = problems.len();
    let result = for_each(&host, host::workers(&arguments.run), problems.into_iter(), work, |checked| {
        progress.advance(&Default::default());
        match checked {
            _ if interrupted.load(Ordering::SeqCst) => return ControlFlow::Break(Ok(Exit::Interrupted)),
            Ok(checked) if checked.complaints.is_empty() => right += 1,
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
        "{}: {right} of {total} problems: the canonical solution passes, {} impostors fail",
        arguments.dataset,
        IMPOSTORS.len()
    )?;
    Ok(if complaints.is_empty() { Exit::Done } else { Exit::VerdictsNotMet })
}

fn check(problem: Problem, worker: &mut Worker, settings: &Settings) -> Result<Checked, ReferenceError> {
    let mut checked = Checked { task_id: problem.task_id.clone(), complaints: Vec::new() };
    let canonical = problem.canonical.clone();
    let (entry_point, accepts_anything) = match &problem.tests {
        Tests::Function(tests) => (tests.entry_point.clone(), is_vacuous(&tests.comparison)),
        Tests::Stdin(_) | Tests::Asserts(_) => (String::new(), false),
    };
    let task = Task::new(problem, Allowance::default());
    match canonical {
        None => checked.complaints.push("has no canonical solution".to_owned()),
        Some(program) => {
            let judgement = verify(&task, &bytes(&program), worker, settings)?;
            if judgement.verdict != Verdict::Pass {
                let why = judgement.first_failure.map(|failure| failure.actual).unwrap_or_default();
                checked.complaints.push(format!("the canonical solution gets {}: {why}", judgement.verdict.as_str()));
            }
        }
    }
    for (name, program) in IMPOSTORS.iter().filter(|_| !accepts_anything) {
        let judgement = verify(&task, &bytes(&program.replace("ENTRY", &entry_point)), worker, settings)?;
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
