//! `trialbox eval`: samples of a dataset become verdicts and a report.
//! Not here: reading and checking what comes in (`inputs`), the run itself (`evaluation`), judging (`verifier`).

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use trialbox_datasets::{Dataset, Language, Sample, quickstart_rows};
use trialbox_runner::Host;
use trialbox_verifier::{Circumstances, Manifest, Report, Selection, Semantics, Sources};

use crate::{
    args::{EvalArguments, ReadingName},
    both_readings,
    costs::Costs,
    evaluation::{Evaluation, Samples, Verdicts},
    exit::{DataFault, Exit, UsageFault},
    facts, host,
    inputs::{self, Problems, Scan},
    locked_folder::Before,
    manifest,
    origin::Origin,
    run_folder::RunFolder,
    summary::print,
};

pub(crate) fn run(arguments: &EvalArguments) -> anyhow::Result<Exit> {
    if arguments.samples.is_empty() && arguments.dataset != Dataset::Quickstart {
        return Err(UsageFault(format!("--samples is needed: {} comes without samples", arguments.dataset)).into());
    }
    if arguments.samples.is_empty() && !arguments.data.is_empty() {
        return Err(
            UsageFault("--data needs --samples: only the built-in quickstart rows have their own".into()).into()
        );
    }
    judge(arguments, &*host::interruption()?)
}

/// Judges what is named.
pub(crate) fn judge(arguments: &EvalArguments, interrupted: &AtomicBool) -> anyhow::Result<Exit> {
    let out = arguments.out.as_deref();
    let reading = match arguments.semantics {
        ReadingName::Both => return both_readings::run(arguments, interrupted),
        ReadingName::Real => read_as(arguments, Semantics::Real, out, interrupted)?,
        ReadingName::Official => read_as(arguments, Semantics::Official, out, interrupted)?,
    };
    let Some(Reading { report, mismatches, more, .. }) = reading else { return Ok(Exit::Interrupted) };
    print(&report, out, &more)?;
    for mismatch in &mismatches {
        eprintln!("trialbox: {mismatch}");
    }
    Ok(if mismatches.is_empty() { Exit::Done } else { Exit::VerdictsNotMet })
}

/// What came of one reading of a dataset.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) report: Report,
    /// By task and sample, where they are asked for again.
    pub(crate) verdicts: Verdicts,
    /// What people are told beyond the report.
    pub(crate) more: String,
    /// What the built-in candidates did not meet.
    mismatches: Vec<String>,
}

/// Judges everything by one reading, and writes verdicts and report below `out`. `None` where that was interrupted.
pub(crate) fn read_as(
    arguments: &EvalArguments,
    semantics: Semantics,
    out: Option<&Path>,
    interrupted: &AtomicBool,
) -> anyhow::Result<Option<Reading>> {
    Prepared::new(arguments, semantics, out)?.judge(arguments, out, interrupted)
}

/// Sees that a run can be judged here and that its folder is its own, before there is any sample; says there that it goes on. How long
/// that took.
pub(crate) fn open(arguments: &EvalArguments, semantics: Semantics, out: &Path) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let origin = Origin::of_dataset(arguments.dataset, &arguments.data, &arguments.selection, semantics)?;
    let problems = origin.load(&arguments.selection, arguments.skip_bad_rows)?;
    let host = host::open(&arguments.run)?;
    host::require(&host, Language::Python, semantics)?;
    let manifest = manifest::of_report(arguments, semantics, &problems, &host, &[Language::Python]);
    let of_folder = manifest::of_folder(arguments, &manifest, problems.selection.as_ref(), &host);
    RunFolder::claim(out, &of_folder, Before::of(arguments.resume, arguments.fresh))?;
    Ok(began.elapsed())
}

/// Judges what there is so far of a run that goes on: verdicts are left below `out`, and no report. How long it took until the first
/// program could run.
pub(crate) fn judge_so_far(
    arguments: &EvalArguments,
    semantics: Semantics,
    out: &Path,
    interrupted: &AtomicBool,
) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let mut prepared = Prepared::new(arguments, semantics, Some(out))?;
    let beginning = began.elapsed();
    prepared.evaluation.is_silent = true;
    prepared.evaluation.run(
        arguments,
        &prepared.host,
        &mut prepared.problems,
        prepared.samples,
        &prepared.scan,
        interrupted,
    )?;
    Ok(beginning)
}

/// A run that may begin.
struct Prepared {
    problems: Problems,
    samples: Samples,
    expected: Vec<KnownVerdict>,
    scan: Scan,
    problems_without_samples: usize,
    ks: Vec<u32>,
    host: Arc<Host>,
    cache: Option<PathBuf>,
    manifest: Manifest,
    evaluation: Evaluation,
}

impl Prepared {
    fn new(arguments: &EvalArguments, semantics: Semantics, out: Option<&Path>) -> anyhow::Result<Self> {
        let origin = Origin::of_dataset(arguments.dataset, &arguments.data, &arguments.selection, semantics)?;
        let mut problems = origin.load(&arguments.selection, arguments.skip_bad_rows)?;
        let (samples, expected) = if arguments.samples.is_empty() {
            embedded()?
        } else {
            (Samples::Files(arguments.samples.clone()), Vec::new())
        };
        let scan = samples.scan(&problems, arguments.skip_bad_rows)?;
        let problems_without_samples = leave_out(&mut problems, &scan, arguments.partial)?;
        let fewest = scan.per_task.values().copied().min().unwrap_or(0);
        let ks = inputs::choose_k(&arguments.k, fewest)?;
        let host = host::open(&arguments.run)?;
        // Of two readings, the second must not be refused after the first was run.
        let last = if matches!(arguments.semantics, ReadingName::Both) { Semantics::Official } else { semantics };
        for language in &scan.languages {
            host::require(&host, *language, last)?;
        }

        let cache = host::cache(&arguments.run);
        let costs = Costs::of(cache.as_deref(), &problems.hash);
        let manifest = manifest::of_report(arguments, semantics, &problems, &host, &scan.languages);
        let mut evaluation = Evaluation::new(arguments, origin, &problems, costs);
        if let Some(out) = out {
            let of_folder = manifest::of_folder(arguments, &manifest, problems.selection.as_ref(), &host);
            let before = Before::of(arguments.resume, arguments.fresh);
            let folder = RunFolder::open(out, &of_folder, before, &scan.roster, |row| evaluation.count(row))?;
            evaluation.in_folder(folder);
            let facts =
                problems.entries.iter().filter_map(|(task_id, entry)| Some((task_id.as_str(), entry.facts.as_ref()?)));
            facts::write(out, &facts.collect())?;
        }
        Ok(Self { problems, samples, expected, scan, problems_without_samples, ks, host, cache, manifest, evaluation })
    }

    /// Judges what has no verdict yet, and says what came of all. `None` where that was interrupted.
    fn judge(
        self,
        arguments: &EvalArguments,
        out: Option<&Path>,
        interrupted: &AtomicBool,
    ) -> anyhow::Result<Option<Reading>> {
        let Self { mut problems, samples, expected, scan, host, cache, mut evaluation, .. } = self;
        let resumed = evaluation.known();
        let sources = evaluation.run(arguments, &host, &mut problems, samples, &scan, interrupted)?;
        let judged = evaluation.counts.total();
        if interrupted.load(Ordering::SeqCst) && judged < scan.roster.len() as u64 {
            eprintln!("trialbox: interrupted: {judged} of {} judged{}", scan.roster.len(), goes_on(out));
            return Ok(None);
        }
        if let Some(cache) = &cache
            && let Err(error) = evaluation.costs.keep(cache, &problems.hash)
        {
            tracing::info!(%error, "cannot keep what candidates took");
        }
        let more = where_from(sources, resumed) + &evaluation.costs.stragglers();
        let circumstances = Circumstances {
            dataset: arguments.dataset.to_string(),
            ks: self.ks,
            skipped_rows: problems.skipped_rows + scan.skipped_rows,
            problems_without_samples: self.problems_without_samples,
            selection: problems.selection.take().map(|it| Selection { samples_left_out: scan.left_out, ..it }),
            backend: host.backend(),
            enforcement: host.enforcement().as_ref().clone(),
            manifest: self.manifest,
        };
        let report = Report::new(&evaluation.counts, circumstances);
        let verdicts = evaluation.finish(&report)?;
        let mismatches = mismatches(&verdicts, &expected);
        Ok(Some(Reading { report, verdicts, more, mismatches }))
    }
}

fn goes_on(out: Option<&Path>) -> &'static str {
    if out.is_some() { "; the same command goes on" } else { "; with --out it could go on" }
}

/// Where verdicts came from, where not all candidates were run.
fn where_from(sources: Sources, resumed: usize) -> String {
    let Sources { judged, like_another, stored } = sources;
    let parts = [
        (judged, "run"),
        (like_another, "equal to another"),
        (stored, "in the cache"),
        (resumed as u64, "judged before"),
    ];
    let told: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if told.len() < 2 && judged > 0 { String::new() } else { format!("  of these {}\n", told.join(", ")) }
}

/// Task, sample, and the name of the verdict it must get.
type KnownVerdict = (String, u32, String);

/// The built-in candidates, and the verdicts they must get.
fn embedded() -> anyhow::Result<(Samples, Vec<KnownVerdict>)> {
    let (mut samples, mut expected) = (Vec::new(), Vec::new());
    for row in quickstart_rows()? {
        for candidate in row?.candidates {
            let index = u32::try_from(candidate.index)?;
            expected.push((candidate.task_id.clone(), index, candidate.expect));
            let language = Language::Python;
            samples.push(Sample { task_id: candidate.task_id, sample: Some(index), language, text: candidate.text });
        }
    }
    Ok((Samples::Embedded(samples), expected))
}

/// Problems without samples are an error, or are left out and counted.
fn leave_out(problems: &mut Problems, scan: &Scan, partial: bool) -> anyhow::Result<usize> {
    let without: Vec<String> =
        problems.entries.keys().filter(|task_id| !scan.per_task.contains_key(*task_id)).cloned().collect();
    if !without.is_empty() && !partial {
        let fault = format!(
            "{} of {} problems have no sample, {} first; --partial leaves them out",
            without.len(),
            problems.entries.len(),
            without[0]
        );
        return Err(DataFault(fault).into());
    }
    without.iter().for_each(|task_id| drop(problems.entries.remove(task_id)));
    Ok(without.len())
}

/// The built-in candidates whose verdict is not the one they are known to deserve.
fn mismatches(verdicts: &Verdicts, expected: &[KnownVerdict]) -> Vec<String> {
    let differs = |(task_id, sample, expected): &KnownVerdict| {
        let got = verdicts.get(&(task_id.clone(), *sample)).map_or("none", |verdict| verdict.as_str());
        (got != expected).then(|| format!("{task_id} sample {sample}: expected {expected}, got {got}"))
    };
    expected.iter().filter_map(differs).collect()
}
