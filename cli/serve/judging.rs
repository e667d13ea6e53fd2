//! Has one program judged, and everybody told whom its verdict concerns.
//! Not here: what a request looks like (`verify` and the other endpoints), the rules (`verifier`).

use std::{path::Path, sync::Arc};

use tokio::sync::mpsc::UnboundedSender;
use trialbox_datasets::{Asked, Dataset, JobRow, Language, Sample};
use trialbox_runner::Worker;
use trialbox_verifier::{Allowance, Candidate, ReferenceError, Semantics, Task, no_code};

use super::{
    Daemon,
    answers::{Row, Ticket},
    fault::Fault,
    queue::Errand,
};
use crate::{extraction, host, origin::Origin, verify::allowance};

/// One program to be judged, of which nothing is wrong as far as can be seen without running it.
#[derive(Debug)]
pub(super) struct Question {
    asked: Asked,
    semantics: Semantics,
}

impl Question {
    /// Looks at what is asked: whether the problem is there, and no limit above its cap.
    pub(super) fn new(daemon: &Daemon, asked: Asked, semantics: Semantics) -> Result<Self, Fault> {
        let language = match &asked {
            Asked::Job(job) => {
                daemon.caps.check(job.limits)?;
                job.language
            }
            Asked::Answer { dataset, sample, .. } => {
                let entry = daemon.catalogue.entry(*dataset, &sample.task_id)?;
                if sample.language != Language::Python && !entry.is_on_stdin() {
                    return Err(Fault::not_judged_here("only a problem on stdin can be solved in C++"));
                }
                sample.language
            }
        };
        host::require(&daemon.host, language, semantics).map_err(Fault::not_judged_here)?;
        Ok(Self { asked, semantics })
    }

    /// What the client calls it.
    pub(super) fn id(&self) -> String {
        match &self.asked {
            Asked::Job(job) => job.id.clone(),
            Asked::Answer { id, sample, .. } => id.clone().unwrap_or_else(|| sample.task_id.clone()),
        }
    }

    /// The errand that answers it.
    pub(super) fn errand(self, daemon: &Arc<Daemon>, mut ticket: Ticket, rows: &UnboundedSender<Row>) -> Errand {
        let (daemon, rows) = (Arc::clone(daemon), rows.clone());
        let run = move |worker: &mut Worker| {
            ticket.begin();
            match self.asked {
                Asked::Job(job) => daemon.judge_job(*job, self.semantics, ticket, worker),
                Asked::Answer { dataset, sample, .. } => {
                    daemon.judge_answer(dataset, &sample, self.semantics, ticket, worker);
                }
            }
        };
        Errand { is_wanted: Box::new(move || !rows.is_closed()), run: Box::new(run) }
    }
}

impl Daemon {
    fn judge_job(&self, job: JobRow, semantics: Semantics, ticket: Ticket, worker: &mut Worker) {
        let place = Origin::of_jobs(Path::new("-"), semantics).of_problem(&job.id);
        let asked = allowance(&job, semantics);
        // What a job has not asked for is no more than it may ask for.
        let allowance = Allowance { cpu_ms: asked.cpu_ms.map(|cpu_ms| cpu_ms.min(self.caps.cpu_ms)), ..asked };
        let task = Task::new(job.problem, allowance);
        let candidate = Candidate { ticket, program: job.candidate.into(), language: job.language };
        self.judge(candidate, &task, semantics, || place.clone(), worker);
    }

    fn judge_answer(
        &self,
        dataset: Dataset,
        sample: &Sample,
        semantics: Semantics,
        mut ticket: Ticket,
        worker: &mut Worker,
    ) {
        let found = self.catalogue.entry(dataset, &sample.task_id);
        let found = found.and_then(|it| Ok((it, self.catalogue.task(dataset, &sample.task_id, semantics)?)));
        let (entry, task) = match found {
            Ok(found) => found,
            Err(fault) => return ticket.keep(Err(fault)),
        };
        let style = extraction::usual_style(dataset, semantics);
        match extraction::extract(sample, entry, style, dataset == Dataset::LiveCodeBench) {
            Ok(extracted) => {
                ticket.extraction = Some(extracted.rule.as_str());
                let program = extracted.program.into_bytes().into();
                let candidate = Candidate { ticket, program, language: sample.language };
                let origin = self.catalogue.origin(dataset, semantics);
                self.judge(candidate, &task, semantics, || origin.of_problem(&sample.task_id), worker);
            }
            Err(no) => {
                ticket.extraction = Some("none");
                ticket.keep(Ok(no_code(no.to_string())));
            }
        }
    }

    fn judge(
        &self,
        candidate: Candidate<Ticket>,
        task: &Task,
        semantics: Semantics,
        origin: impl Fn() -> String,
        worker: &mut Worker,
    ) {
        let settings = self.settings(semantics);
        worker.choose(false);
        match task.plan(worker, settings) {
            Ok(_) => match self.known.verify(candidate, task, origin, worker, settings) {
                Ok(answers) => answers.into_iter().for_each(|(ticket, judgement)| ticket.keep(Ok(judgement))),
                // Their tickets tell those whom it concerns.
                Err(error) => tracing::warn!(%error, "a program was not judged"),
            },
            Err(error @ ReferenceError::Canonical { .. }) => candidate.ticket.keep(Err(Fault::bad_problem(error))),
            Err(error @ ReferenceError::Run(_)) => candidate.ticket.keep(Err(Fault::infra_error(error))),
        }
    }
}
