//! `trialbox verify`: jobs of any problems, one line in, one line out, in order.
//! Not here: the form of a job (`datasets::jobs`).

use std::{
    io::{self, BufWriter, Write},
    ops::ControlFlow,
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use serde::Serialize;
use trialbox_datasets::{JobRow, Lines, RowError, Rows, jobs};
use trialbox_runner::Worker;
use trialbox_verifier::{Allowance, Judgement, ReferenceError, Room, Semantics, Settings, Task, for_each, verify};

use crate::{args::VerifyArguments, exit::Exit, host, inputs::skip};

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
    let settings =
        Settings { semantics, cache: host::cache(&arguments.run), interpreter: host.identity(), room: Room::default() };
    let interrupted = host::interruption()?;
    let work = |row: Result<JobRow, RowError>, worker: &mut Worker| -> anyhow::Result<JobVerdict> {
        let job = row?;
        host::require(&host, job.language, semantics)?;
        Ok(judge_job(job, worker, &settings)?)
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let jobs = open(&arguments.jobs)?.filter(|row| row.is_ok() || is_stdin);
    let result = for_each(&host, host::workers(&arguments.run), jobs, work, |verdict| {
        if interrupted.load(Ordering::SeqCst) {
            return ControlFlow::Break(Ok(Exit::Interrupted));
        }
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
        ControlFlow::Continue(()) => Ok(Exit::Done),
    }
}

fn open(path: &Path) -> anyhow::Result<Rows<JobRow>> {
    let lines =
        if path == Path::new("-") { Lines::from_reader(Path::new("stdin"), io::stdin())? } else { Lines::open(path)? };
    Ok(Rows::new(lines, jobs::parse))
}

fn judge_job(job: JobRow, worker: &mut Worker, settings: &Settings) -> Result<JobVerdict, ReferenceError> {
    // The corpus's default is 10 s and 1 GiB (attacks/README.md); a benchmark's own grader has limits of its own.
    let default_ms = (settings.semantics == Semantics::Real).then_some(10_000);
    let allowance = Allowance { cpu_ms: job.limits.cpu_ms.or(default_ms), memory_bytes: job.limits.memory_bytes };
    let task = Task::new(job.problem, allowance);
    let program: Arc<[u8]> = job.candidate.into();
    Ok(JobVerdict { id: job.id, judgement: verify(&task, &program, job.language, worker, settings)? })
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
