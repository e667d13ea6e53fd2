//! `trialbox verify`: jobs of any problems, one line in, one line out, in order.
//! Not here: the form of a job (`datasets::asked`), which task it is judged by (`attempt`).

use std::{
    io::{self, BufWriter, Write},
    iter,
    ops::ControlFlow,
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use anyhow::Context;
use serde::Serialize;
use trialbox_datasets::{Asked, Lines, RowError, RowErrorKind, Rows, asked};
use trialbox_runner::{Host, Worker};
use trialbox_verifier::{Candidate, Judgement, Known, Semantics, Settings, for_each_in_order, no_code};

use crate::{
    args::VerifyArguments,
    attempt::{self, Along, Attempt},
    catalogue::{Catalogue, CatalogueError},
    exit::{DataFault, Exit, describe, is_of_the_problem},
    host,
    inputs::skip,
    origin::Origin,
};

/// One line of the answer.
#[derive(Debug, Serialize)]
struct JobVerdict {
    id: String,
    #[serde(flatten)]
    judgement: Judgement,
}

pub(crate) fn run(arguments: &VerifyArguments) -> anyhow::Result<Exit> {
    let is_stdin = arguments.jobs == Path::new("-");
    let catalogue = Catalogue::open(&arguments.catalogue.data)?;
    let mut languages = Vec::new();
    if !is_stdin {
        // A file is read through before anything is run; a stream is judged as it comes.
        let mut skipped_rows = 0;
        for job in read(&arguments.jobs, &catalogue)? {
            match job {
                Ok(asked) => languages.extend((!languages.contains(&asked.language())).then_some(asked.language())),
                Err(error) => skip(error.downcast()?, arguments.skip_bad_rows, &mut skipped_rows)?,
            }
        }
    }
    let host = host::open(&arguments.run)?;
    for language in languages {
        host::require(&host, language, arguments.semantics.into())?;
    }
    let semantics = Semantics::from(arguments.semantics);
    let origin = Origin::of_jobs(&arguments.jobs, semantics);
    let judge = Judge {
        host: &host,
        catalogue: &catalogue,
        along: Along { origin: &origin, most_cpu_ms: u64::MAX },
        settings: host::settings(&arguments.run, &host, semantics),
        known: host::known(&arguments.run, &host),
    };
    let interrupted = host::interruption()?;
    let work = |index, job: anyhow::Result<Asked>, worker: &mut Worker| -> Vec<(usize, anyhow::Result<JobVerdict>)> {
        match job.and_then(|asked| judge.judge(index, asked, worker)) {
            Ok(verdicts) => verdicts.into_iter().map(|(index, verdict)| (index, Ok(verdict))).collect(),
            Err(error) => vec![(index, Err(error))],
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let jobs = read(&arguments.jobs, &catalogue)?.filter(|job| job.is_ok() || is_stdin);
    let jobs = jobs.take_while(|_| !interrupted.load(Ordering::SeqCst));
    let result = for_each_in_order(&host, host::workers(&arguments.run), jobs, work, |verdict| {
        match verdict.and_then(|verdict| print(&mut out, &verdict, is_stdin)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) if arguments.skip_bad_rows && is_of_the_row(&error) => {
                eprintln!("trialbox: skipped: {}", describe(&error));
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
pub(crate) fn open(path: &Path) -> anyhow::Result<Rows<Asked>> {
    let lines =
        if path == Path::new("-") { Lines::from_reader(Path::new("stdin"), io::stdin())? } else { Lines::open(path)? };
    Ok(Rows::new(lines, asked::parse))
}

/// The jobs of a file, each one looked at.
fn read(path: &Path, catalogue: &Catalogue) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Asked>> + Send> {
    let mut rows = open(path)?;
    Ok(iter::from_fn(move || {
        let row = rows.next()?;
        Some(row.map_err(anyhow::Error::from).and_then(|asked| match attempt::look(&asked, catalogue) {
            Ok(()) => Ok(asked),
            Err(error) => Err(in_row(&error, &rows)),
        }))
    }))
}

/// Says in which row it is that something is asked for that cannot be had.
fn in_row(error: &CatalogueError, rows: &Rows<Asked>) -> anyhow::Error {
    let fault = |key: &str| rows.error(RowErrorKind::BadValue { key: key.to_owned(), reason: error.to_string() });
    match error {
        CatalogueError::UnknownDataset { .. } => fault("dataset").into(),
        CatalogueError::UnknownTask { .. } => fault("task_id").into(),
        CatalogueError::OnStdinAlone => fault("language").into(),
        // The dataset is bad and not the row: skipping all that name it would silently shrink the run.
        CatalogueError::Unreadable { .. } | CatalogueError::UnreadableTask { .. } => {
            DataFault(fault("dataset").to_string()).into()
        }
    }
}

/// Whether a job cannot be judged for what it is or names, while others can.
fn is_of_the_row(error: &anyhow::Error) -> bool {
    error.is::<RowError>() || error.chain().any(is_of_the_problem)
}

/// All that jobs are judged with.
struct Judge<'a> {
    host: &'a Host,
    catalogue: &'a Catalogue,
    along: Along<'a>,
    known: Known<(usize, String)>,
    settings: Settings,
}

impl Judge<'_> {
    /// Judges a job, and answers all that waited for its like.
    fn judge(&self, index: usize, asked: Asked, worker: &mut Worker) -> anyhow::Result<Vec<(usize, JobVerdict)>> {
        host::require(self.host, asked.language(), self.settings.semantics)?;
        let id = asked.id().to_owned();
        let attempt = Attempt::new(asked, self.catalogue, self.along)?;
        let program = match &attempt.program {
            Ok(program) => Arc::clone(program),
            Err(no) => return Ok(vec![(index, JobVerdict { id, judgement: no_code(no.to_string()) })]),
        };
        let candidate = Candidate { ticket: (index, id.clone()), program, language: attempt.language };
        let place = || attempt.place();
        let answers = self.known.verify(candidate, &attempt.task, place, worker, &self.settings);
        let answers = answers.with_context(|| format!("job {id:?}"))?;
        Ok(answers.into_iter().map(|((index, id), judgement)| (index, JobVerdict { id, judgement })).collect())
    }
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
