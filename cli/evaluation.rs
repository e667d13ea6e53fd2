//! A run under way: samples are judged, and their verdicts written, counted and shown.
//! Not here: what is read before (`inputs`), what is said after (`summary`).

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use trialbox_datasets::{Dataset, Sample};
use trialbox_runner::{Host, Worker};
use trialbox_verifier::{
    Candidate, Counts, Known, Semantics, Settings, Sources, Verdict, by_problem, extract::Style, for_each, no_code,
};

use crate::{
    args::{EvalArguments, ReadingName},
    costs::Costs,
    exit::DataFault,
    extraction::{extract, usual_style},
    host,
    inputs::{self, Entry, Numbered, Problems, Scan},
    journal::VerdictRow,
    origin::Origin,
    progress::Progress,
    roster::{Roster, hash_of},
    run_folder::RunFolder,
};

/// Where the samples come from. They are read twice: once to refuse bad files, once to run.
#[derive(Debug)]
pub(crate) enum Samples {
    Files(Vec<PathBuf>),
    Embedded(Vec<Sample>),
}

impl Samples {
    pub(crate) fn scan(&self, problems: &Problems, skip_bad_rows: bool) -> anyhow::Result<Scan> {
        match self {
            Self::Files(files) => inputs::scan(files, problems, skip_bad_rows),
            Self::Embedded(samples) => {
                let mut scan = Scan::default();
                samples.iter().for_each(|sample| scan.add(sample, sample.sample.unwrap_or_default()));
                Ok(scan)
            }
        }
    }

    fn read(self, problems: &Problems) -> Box<dyn Iterator<Item = Numbered> + Send> {
        match self {
            // Whatever cannot be read was reported, and refused or counted, by the scan.
            Self::Files(files) => Box::new(inputs::read(files, problems.order.clone()).filter_map(Result::ok)),
            Self::Embedded(samples) => Box::new(
                samples.into_iter().map(|sample| Numbered { index: sample.sample.unwrap_or_default(), sample }),
            ),
        }
    }
}

/// Verdicts by task and sample.
pub(crate) type Verdicts = BTreeMap<(String, u32), Verdict>;

/// What a sample is known by while its program is judged.
#[derive(Debug)]
struct Ticket {
    task_id: String,
    sample: u32,
    extraction: &'static str,
    text_hash: u64,
}

/// A run under way.
pub(crate) struct Evaluation {
    pub(crate) counts: Counts,
    folder: Option<RunFolder>,
    /// Whether every judgement must say something of base tests.
    has_base: bool,
    /// Where the problems come from, and whose reading of them decides.
    origin: Origin,
    style: Style,
    /// Whether a solution is a program and nothing else (lcb_runner's files), and not looked through for fences.
    takes_solutions_as_they_are: bool,
    /// Kept for the built-in candidates, and to compare two readings.
    kept: Option<Verdicts>,
    pub(crate) costs: Costs,
    /// Whether somebody else shows how far it is.
    pub(crate) is_silent: bool,
}

impl Evaluation {
    /// A run of which nothing is judged yet.
    pub(crate) fn new(arguments: &EvalArguments, origin: Origin, problems: &Problems, costs: Costs) -> Self {
        let keeps = arguments.samples.is_empty() || arguments.semantics == ReadingName::Both;
        Self {
            counts: Counts::new(problems.entries.keys().cloned()),
            folder: None,
            has_base: arguments.dataset.has_plus_tests(),
            style: style(arguments, origin.semantics()),
            origin,
            takes_solutions_as_they_are: arguments.dataset == Dataset::LiveCodeBench,
            kept: keeps.then(Verdicts::new),
            costs,
            is_silent: false,
        }
    }

    /// Goes on with what a folder has, and writes there.
    pub(crate) fn in_folder(&mut self, folder: RunFolder) {
        self.folder = Some(folder);
    }

    /// How many samples have their verdict already.
    pub(crate) fn known(&self) -> usize {
        self.folder.as_ref().map_or(0, RunFolder::known)
    }

    /// Judges whatever has no verdict yet. Interrupted, it finishes what was begun.
    pub(crate) fn run(
        &mut self,
        arguments: &EvalArguments,
        host: &Arc<Host>,
        problems: &mut Problems,
        samples: Samples,
        scan: &Scan,
        interrupted: &AtomicBool,
    ) -> anyhow::Result<Sources> {
        let done: Vec<bool> = self.folder.as_ref().map(RunFolder::done).unwrap_or_default();
        if scan.roster.len() == self.known() {
            return Ok(Sources::default());
        }
        self.folder.as_ref().map(RunFolder::begin).transpose()?;
        let progress = if self.is_silent {
            Progress::hidden()
        } else {
            Progress::new(Some(scan.roster.len() as u64), self.known() as u64)
        };
        // The built-in candidates are there to see whether this host judges rightly: what is known does not tell.
        let is_check = matches!(samples, Samples::Embedded(_));
        let known = if is_check { Known::nothing() } else { host::known(&arguments.run, host) };
        let settings = host::settings(&arguments.run, host, self.origin.semantics());
        let (style, as_it_is) = (self.style, self.takes_solutions_as_they_are);
        let (costs, origin) = (self.costs.clone(), self.origin.clone());
        problems.expect_samples(&scan.per_task);
        let problems = &*problems;
        let work = |numbered: Numbered, worker: &mut Worker| -> anyhow::Result<Vec<VerdictRow>> {
            let entry = &problems.entries[&numbered.sample.task_id];
            judge(entry, numbered, (style, as_it_is), &origin, &known, worker, &settings)
        };
        let is_open = |numbered: &Numbered| {
            let task_id = &numbered.sample.task_id;
            let entry = problems.entries.get(task_id).filter(|_| !problems.cannot_take(&numbered.sample));
            let is_done =
                scan.roster.place(task_id, numbered.index).is_some_and(|place| done.get(place) == Some(&true));
            if let (Some(entry), true) = (entry, is_done) {
                entry.judged();
            }
            entry.is_some() && !is_done
        };
        let goes_on = |_: &Numbered| !interrupted.load(Ordering::SeqCst);
        let in_order = by_problem(
            samples.read(problems).filter(is_open).take_while(goes_on),
            |numbered| numbered.sample.task_id.clone(),
            |numbered| costs.expected_us(&numbered.sample.task_id),
            |numbered| numbered.sample.text.as_str().len(),
        );
        let workers = host::workers(&arguments.run);
        let result = for_each(host, workers, in_order.take_while(goes_on), work, |rows| {
            let mut add = |row| self.add(row, &scan.roster, &progress);
            match rows.and_then(|rows| rows.into_iter().try_for_each(&mut add)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(error),
            }
        });
        progress.finish();
        if let Some(folder) = &mut self.folder {
            folder.sync()?;
        }
        match result {
            ControlFlow::Break(error) => Err(error),
            ControlFlow::Continue(()) => Ok(known.sources()),
        }
    }

    fn add(&mut self, mut row: VerdictRow, roster: &Roster, progress: &Progress) -> anyhow::Result<()> {
        if self.has_base {
            // A problem without plus tests: its base tests are all there is.
            row.judgement.base = row.judgement.base.or(Some(row.judgement.verdict));
        }
        if let Some(folder) = &mut self.folder
            && let Some(place) = roster.place(&row.task_id, row.sample)
        {
            folder.append(&row, place)?;
        }
        self.count(row);
        progress.advance(&self.counts);
        Ok(())
    }

    /// Counts a verdict, of this run or of an earlier part of it.
    pub(crate) fn count(&mut self, row: VerdictRow) {
        self.counts.add(&row.task_id, &row.judgement);
        if !row.judgement.cached {
            self.costs.add(&row.task_id, row.sample, row.judgement.cpu_ms);
        }
        if let Some(kept) = &mut self.kept {
            kept.insert((row.task_id, row.sample), row.judgement.verdict);
        }
    }

    /// Ends a complete run.
    pub(crate) fn finish(self, report: &impl serde::Serialize) -> anyhow::Result<Verdicts> {
        if let Some(folder) = self.folder {
            folder.finish(report)?;
        }
        Ok(self.kept.unwrap_or_default())
    }
}

/// The style asked for, or that of the benchmark whose reading is asked for.
pub(crate) fn style(arguments: &EvalArguments, semantics: Semantics) -> Style {
    arguments.extraction.map_or_else(|| usual_style(arguments.dataset, semantics), Style::from)
}

/// Judges a sample, and whoever waited for its verdict: a row for each of them.
fn judge(
    entry: &Entry,
    numbered: Numbered,
    (style, as_it_is): (Style, bool),
    origin: &Origin,
    known: &Known<Ticket>,
    worker: &mut Worker,
    settings: &Settings,
) -> anyhow::Result<Vec<VerdictRow>> {
    let Numbered { index, sample } = numbered;
    let text_hash = hash_of(&sample);
    let ticket = |extraction| Ticket { task_id: sample.task_id.clone(), sample: index, extraction, text_hash };
    let answers = match extract(&sample, entry, style, as_it_is) {
        Ok(extracted) => {
            let program: Arc<[u8]> = extracted.program.into_bytes().into();
            let task = entry.task().map_err(|kind| DataFault(format!("{}: {kind}", sample.task_id)))?;
            let ticket = ticket(extracted.rule.as_str());
            let candidate = Candidate { ticket, program, language: sample.language };
            known.verify(candidate, &task, || origin.of_problem(&sample.task_id), worker, settings)?
        }
        Err(no) => vec![(ticket("none"), no_code(no.to_string()))],
    };
    entry.judged();
    let row = |(ticket, judgement)| {
        let Ticket { task_id, sample, extraction, text_hash } = ticket;
        VerdictRow { task_id, sample, judgement, extraction: extraction.into(), text_hash: format!("{text_hash:016x}") }
    };
    Ok(answers.into_iter().map(row).collect())
}
