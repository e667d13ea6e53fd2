//! Has one program judged, and everybody told whom its verdict concerns.
//! Not here: what a request looks like (`verify` and the other endpoints), which task it is judged by (`attempt`), the rules
//! (`verifier`).

use std::{path::Path, sync::Arc, time::Duration};

use tokio::sync::mpsc::{self, UnboundedSender};
use trialbox_datasets::{Asked, Language};
use trialbox_runner::Worker;
use trialbox_verifier::{
    Candidate, Judgement, ReferenceError, Semantics, Settings, Task, Verdict, no_code, tests_passed,
};

use super::{
    Daemon,
    answers::{Finding, Judged, Row, Ticket},
    fault::Fault,
    frame::Times,
    queue::Errand,
};
use crate::{
    attempt::{self, Along, Attempt},
    host,
    origin::Origin,
};

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
        daemon.caps.check(asked.limits())?;
        attempt::look(&asked, &daemon.catalogue)?;
        host::require(&daemon.host, asked.language(), wish.semantics).map_err(Fault::not_judged_here)?;
        Ok(Self { asked, wish })
    }

    /// What the client calls it.
    pub(super) fn id(&self) -> String {
        self.asked.id().to_owned()
    }

    /// The errand that answers it.
    pub(super) fn errand(self, daemon: &Arc<Daemon>, mut ticket: Ticket, rows: &UnboundedSender<Row>) -> Errand {
        let (daemon, rows) = (Arc::clone(daemon), rows.clone());
        let run = move |worker: &mut Worker| {
            ticket.begin();
            ticket.counts_tests = self.wish.counts_tests;
            daemon.answer(self.asked, self.wish.semantics, ticket, worker);
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

    fn answer(&self, asked: Asked, semantics: Semantics, mut ticket: Ticket, worker: &mut Worker) {
        let origin = Origin::of_jobs(Path::new("-"), semantics);
        let along = Along { origin: &origin, most_cpu_ms: self.caps.cpu_ms };
        let attempt = match Attempt::new(asked, &self.catalogue, along) {
            Ok(attempt) => attempt,
            Err(error) => return ticket.keep(Err(error.into())),
        };
        ticket.extraction = attempt.extraction();
        match &attempt.program {
            Ok(program) => self.judge(ticket, program, &attempt, semantics, worker),
            Err(no) => ticket.keep(Ok(no_code(no.to_string()))),
        }
    }

    fn judge(&self, ticket: Ticket, program: &Arc<[u8]>, attempt: &Attempt, semantics: Semantics, worker: &mut Worker) {
        let settings = self.settings(semantics);
        let (task, language) = (&attempt.task, attempt.language);
        worker.choose(false);
        match task.plan(worker, settings) {
            Ok(_) => {
                let candidate = Candidate { ticket, program: Arc::clone(program), language };
                match self.known.verify(candidate, task, || attempt.place(), worker, settings) {
                    Ok(answers) => {
                        let mut counting = Counting { task, program: (program, language), settings, count: None };
                        answers.into_iter().for_each(|(ticket, judgement)| counting.keep(ticket, judgement, worker));
                    }
                    // Their tickets tell those whom it concerns.
                    Err(error) => tracing::warn!(%error, "a program was not judged"),
                }
            }
            Err(error @ ReferenceError::Canonical { .. }) => ticket.keep(Err(Fault::bad_problem(error))),
            Err(error @ ReferenceError::Run(_)) => ticket.keep(Err(Fault::infra_error(error))),
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
