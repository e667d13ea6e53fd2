//! Has one program judged, and everybody told whom its verdict concerns.
//! Not here: what a request looks like (`verify` and the other endpoints), the rules (`verifier`).

use std::{path::Path, sync::Arc, time::Duration};

use tokio::sync::mpsc::{self, UnboundedSender};
use trialbox_datasets::{Asked, Dataset, JobLimits, JobRow, Language, Problem, Sample};
use trialbox_runner::Worker;
use trialbox_verifier::{
    Allowance, Candidate, Judgement, ReferenceError, Semantics, Settings, Task, Verdict, no_code, tests_passed,
};

use super::{
    Daemon,
    answers::{Finding, Judged, Row, Ticket},
    fault::Fault,
    frame::Times,
    queue::Errand,
};
use crate::{extraction, host, origin::Origin, verify::allowance};

/// One program to be judged, of which nothing is wrong as far as can be seen without running it.
#[derive(Debug)]
pub(super) struct Question {
    asked: Asked,
    wish: Wish,
}

/// How programs are to be judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// Whose reading of the benchmark decides.
    pub(super) semantics: Semantics,
    /// Whether the client asks how many tests are passed.
    pub(super) counts_tests: bool,
}

impl Question {
    /// Looks at what is asked: whether the problem is there, and no limit above its cap.
    pub(super) fn new(daemon: &Daemon, asked: Asked, wish: Wish) -> Result<Self, Fault> {
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
            Asked::Posed { sample, limits, .. } => {
                daemon.caps.check(*limits)?;
                sample.language
            }
        };
        host::require(&daemon.host, language, wish.semantics).map_err(Fault::not_judged_here)?;
        Ok(Self { asked, wish })
    }

    /// What the client calls it.
    pub(super) fn id(&self) -> String {
        match &self.asked {
            Asked::Job(job) => job.id.clone(),
            Asked::Answer { id, sample, .. } => id.clone().unwrap_or_else(|| sample.task_id.clone()),
            Asked::Posed { problem, .. } => problem.task_id.clone(),
        }
    }

    /// The errand that answers it.
    pub(super) fn errand(self, daemon: &Arc<Daemon>, mut ticket: Ticket, rows: &UnboundedSender<Row>) -> Errand {
        let (daemon, rows) = (Arc::clone(daemon), rows.clone());
        let run = move |worker: &mut Worker| {
            ticket.begin();
            ticket.counts_tests = self.wish.counts_tests;
            let semantics = self.wish.semantics;
            match self.asked {
                Asked::Job(job) => daemon.judge_job(*job, semantics, ticket, worker),
                Asked::Answer { dataset, sample, .. } => {
                    daemon.judge_answer(dataset, &sample, semantics, ticket, worker);
                }
                Asked::Posed { problem, sample, limits } => {
                    daemon.judge_posed(*problem, &sample, limits, semantics, ticket, worker);
                }
            }
        };
        Errand { is_wanted: Box::new(move || !rows.is_closed()), run: Box::new(run) }
    }
}

impl Daemon {
    /// Judges programs for a client whose format has no other word than a verdict: waits where the queue is full, and
    /// fails as a whole where a program could not be judged.
    pub(super) async fn judged(self: &Arc<Self>, questions: Vec<Question>) -> Result<(Vec<Judged>, Times), Fault> {
        self.may_be_sent_work()?;
        let (rows, mut answers) = mpsc::unbounded_channel();
        let errand = |(index, question): (usize, Question)| {
            let ticket = Ticket::new(index, question.id(), Duration::ZERO, &rows);
            question.errand(self, ticket, &rows)
        };
        self.queue.put_when_it_fits(questions.into_iter().enumerate().map(errand).collect()).await?;
        drop(rows);
        let mut found = Vec::new();
        while let Some(row) = answers.recv().await {
            found.push(row);
        }
        found.sort_unstable_by_key(|row| row.index);
        let times = Times::longest(&found);
        let judgement = |row: Row| match row.finding {
            Finding::Failed { error } => Err(Fault::of_row(error.code, error.message)),
            Finding::Judged(judged) if judged.verdict == Verdict::InfraError => {
                let why = judged.first_failure.map_or_else(String::new, |failure| failure.actual);
                Err(if judged.lies_with_tests { Fault::bad_problem(why) } else { Fault::infra_error(why) })
            }
            Finding::Judged(judged) => Ok(*judged),
        };
        let judgements = found.into_iter().map(judgement).collect::<Result<_, _>>()?;
        Ok((judgements, times))
    }

    fn judge_job(&self, job: JobRow, semantics: Semantics, ticket: Ticket, worker: &mut Worker) {
        let candidate = Candidate { ticket, program: job.candidate.into(), language: job.language };
        self.judge_by(job.problem, job.limits, candidate, semantics, worker);
    }

    fn judge_posed(
        &self,
        problem: Problem,
        sample: &Sample,
        limits: JobLimits,
        semantics: Semantics,
        mut ticket: Ticket,
        worker: &mut Worker,
    ) {
        match extraction::extract_for(sample, &problem) {
            Ok(extracted) => {
                ticket.extraction = Some(extracted.rule.as_str());
                let program = extracted.program.into_bytes().into();
                let candidate = Candidate { ticket, program, language: sample.language };
                self.judge_by(problem, limits, candidate, semantics, worker);
            }
            Err(no) => {
                ticket.extraction = Some("none");
                ticket.keep(Ok(no_code(no.to_string())));
            }
        }
    }

    /// Judges by a problem that came along.
    fn judge_by(
        &self,
        problem: Problem,
        limits: JobLimits,
        candidate: Candidate<Ticket>,
        semantics: Semantics,
        worker: &mut Worker,
    ) {
        let place = Origin::of_jobs(Path::new("-"), semantics).of_problem(&problem.task_id);
        let asked = allowance(limits, semantics);
        // What a job has not asked for is no more than it may ask for.
        let allowance = Allowance { cpu_ms: asked.cpu_ms.map(|cpu_ms| cpu_ms.min(self.caps.cpu_ms)), ..asked };
        let task = Task::new(problem, allowance);
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
        let (program, language) = (Arc::clone(&candidate.program), candidate.language);
        worker.choose(false);
        match task.plan(worker, settings) {
            Ok(_) => match self.known.verify(candidate, task, origin, worker, settings) {
                Ok(answers) => {
                    let mut counting = Counting { task, program: (&program, language), settings, count: None };
                    answers.into_iter().for_each(|(ticket, judgement)| counting.keep(ticket, judgement, worker));
                }
                // Their tickets tell those whom it concerns.
                Err(error) => tracing::warn!(%error, "a program was not judged"),
            },
            Err(error @ ReferenceError::Canonical { .. }) => candidate.ticket.keep(Err(Fault::bad_problem(error))),
            Err(error @ ReferenceError::Run(_)) => candidate.ticket.keep(Err(Fault::infra_error(error))),
        }
    }
}

/// Counts the tests that a program passes, for those who ask; all of them have the same program.
struct Counting<'a> {
    task: &'a Task,
    program: (&'a Arc<[u8]>, Language),
    settings: &'a Settings,
    /// Once it is known.
    count: Option<usize>,
}

impl Counting<'_> {
    fn keep(&mut self, mut ticket: Ticket, judgement: Judgement, worker: &mut Worker) {
        if ticket.counts_tests && judgement.verdict != Verdict::InfraError {
            if self.count.is_none() {
                let goes_on = || ticket.is_wanted();
                let counted = tests_passed(self.task, self.program, &judgement, worker, self.settings, goes_on);
                self.count = counted.ok().flatten();
            }
            if self.count.is_none() {
                return ticket.keep(Err(Fault::infra_error("the tests behind a failure could not be run")));
            }
            ticket.tests_passed = self.count;
        }
        ticket.keep(Ok(judgement));
    }
}
