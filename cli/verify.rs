//! `trialbox verify`: jobs of any problems, one line in, one line out, in order.
//! Not here: the form of a job (`datasets::jobs`).

use std::{
    io::{self, BufWriter, Write},
    ops::ControlFlow,
    path::Path,
    sync::atomic::Ordering,
};

use serde::Serialize;
use trialbox_datasets::{JobLimits, JobRow, Lines, RowError, Rows, jobs};
use trialbox_runner::Worker;
use trialbox_verifier::{
    Allowance, Candidate, Judgement, Known, ReferenceError, Semantics, Settings, Task, for_each_in_order,
};

use crate::{args::VerifyArguments, exit::Exit, host, inputs::skip, origin::Origin};

/// One line of the answer.
#[derive(Debug, Serialize)]
struct JobVerdict {
    id: String,
    #[serde(flatten)]
    judgement: Judgement,
}

pub(crate) fn run(arguments: &VerifyArguments) -> anyhow::Result<Exit> {
    let is_stdin = arguments.jobs == Path::new("-");
    let mut languages = Vec::new();
    if !is_stdin {
        // A file is read through before anything is run; a stream is judged as it comes.
        let mut skipped_rows = 0;
        for row in open(&arguments.jobs)? {
            match row {
                Ok(job) => languages.extend((!languages.contains(&job.language)).then_some(job.language)),
                Err(error) => skip(error, arguments.skip_bad_rows, &mut skipped_rows)?,
            }
        }
    }
    let host = host::open(&arguments.run)?;
    for language in languages {
        host::require(&host, language, arguments.semantics.into())?;
    }
    let semantics = Semantics::from(arguments.semantics);
    let settings = host::settings(&arguments.run, &host, semantics);
    let known = host::known(&arguments.run, &host);
    let origin = Origin::of_jobs(&arguments.jobs, semantics);
    let interrupted = host::interruption()?;
    let work =
        |index, row: Result<JobRow, RowError>, worker: &mut Worker| -> Vec<(usize, anyhow::Result<JobVerdict>)> {
            let job = row.map_err(anyhow::Error::from).and_then(|job| {
                host::require(&host, job.language, semantics)?;
                Ok(job)
            });
            match job.and_then(|job| Ok(judge_job(index, job, &origin, &known, worker, &settings)?)) {
                Ok(verdicts) => verdicts.into_iter().map(|(index, verdict)| (index, Ok(verdict))).collect(),
                Err(error) => vec![(index, Err(error))],
            }
        };
    let mut out = BufWriter::new(io::stdout().lock());
    let jobs = open(&arguments.jobs)?.filter(|row| row.is_ok() || is_stdin);
    let jobs = jobs.take_while(|_| !interrupted.load(Ordering::SeqCst));
    let result = for_each_in_order(&host, host::workers(&arguments.run), jobs, work, |verdict| {
        match verdict.and_then(|verdict| print(&mut out, &verdict, is_stdin)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) if arguments.skip_bad_rows && error.is::<RowError>() => {
                eprintln!("trialbox: skipped: {error}");
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(Err(error)),
        }
    });
    out.flush()?;
    match result {
        ControlFlow::Break(end) => end,
        ControlFlow::Continue(()) if interrupted.load(Ordering::SeqCst) => Ok(Exit::Interrupted),
        ControlFlow::Continue(()) => Ok(Exit::Done),
    }
}

/// Opens a file of jobs.
pub(crate) fn open(path: &Path) -> anyhow::Result<Rows<JobRow>> {
    let lines =
        if path == Path::new("-") { Lines::from_reader(Path::new("stdin"), io::stdin())? } else { Lines::open(path)? };
    Ok(Rows::new(lines, jobs::parse))
}

/// Judges a job, and answers all that waited for its like.
fn judge_job(
    index: usize,
    job: JobRow,
    origin: &Origin,
    known: &Known<(usize, String)>,
    worker: &mut Worker,
    settings: &Settings,
) -> Result<Vec<(usize, JobVerdict)>, ReferenceError> {
    let allowance = allowance(job.limits, settings.semantics);
    let task = Task::new(job.problem, allowance);
    let at = || origin.of_problem(&job.id);
    let candidate =
        Candidate { ticket: (index, job.id.clone()), program: job.candidate.into(), language: job.language };
    let answers = known.verify(candidate, &task, at, worker, settings)?;
    Ok(answers.into_iter().map(|((index, id), judgement)| (index, JobVerdict { id, judgement })).collect())
}

/// What a job is allowed. The corpus's default is 10 s and 1 GiB (attacks/README.md); a benchmark's own grader has limits
/// of its own.
pub(crate) fn allowance(limits: JobLimits, semantics: Semantics) -> Allowance {
    let default_ms = (semantics == Semantics::Real).then_some(10_000);
    Allowance { cpu_ms: limits.cpu_ms.or(default_ms), memory_bytes: limits.memory_bytes }
}

/// A conversation wants each answer at once; a file is written in large pieces.
fn print(out: &mut impl Write, verdict: &JobVerdict, at_once: bool) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, verdict)?;
    out.write_all(b"\n")?;
    if at_once {
        out.flush()?;
    }
    Ok(())
}
