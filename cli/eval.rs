//! `trialbox eval`: samples of a dataset become verdicts and a report.
//! Not here: reading and checking what comes in (`inputs`), judging (`verifier`).

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    ops::ControlFlow,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;
use trialbox_datasets::{Dataset, Language, Sample, SampleText, quickstart_rows};
use trialbox_runner::{Backend, FUEL_PER_NS, Host, Worker};
use trialbox_verifier::{
    Circumstances, Counts, Judgement, Manifest, Report, Room, Selection, Semantics, Settings, Verdict,
    extract::{LcbStyle, Style},
    for_each, no_code, verify,
};

use crate::{
    args::{EvalArguments, ReadingName},
    both_readings,
    exit::{DataFault, Exit, UsageFault},
    host,
    inputs::{self, Entry, Numbered, Problems, Scan},
    livecodebench,
    output::{JsonLines, write_json},
    pass_at_k,
    progress::Progress,
};

/// One line of verdicts.jsonl.
#[derive(Debug, Serialize)]
pub(crate) struct VerdictRow {
    task_id: String,
    sample: u32,
    #[serde(flatten)]
    judgement: Judgement,
    /// How the program was taken out of the model's text.
    extraction: &'static str,
}

pub(crate) fn run(arguments: &EvalArguments) -> anyhow::Result<Exit> {
    if arguments.samples.is_empty() && arguments.dataset != Dataset::Quickstart {
        return Err(UsageFault(format!("--samples is needed: {} comes without samples", arguments.dataset)).into());
    }
    if arguments.samples.is_empty() && !arguments.data.is_empty() {
        return Err(
            UsageFault("--data needs --samples: only the built-in quickstart rows have their own".into()).into()
        );
    }
    let out = arguments.out.as_deref();
    let interrupted = host::interruption()?;
    let reading = match arguments.semantics {
        ReadingName::Both => return both_readings::run(arguments, &interrupted),
        ReadingName::Real => read_as(arguments, Semantics::Real, out, &interrupted)?,
        ReadingName::Official => read_as(arguments, Semantics::Official, out, &interrupted)?,
    };
    let Some(Reading { report, mismatches, .. }) = reading else { return Ok(Exit::Interrupted) };
    print(&report, out)?;
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
    /// What the built-in candidates did not meet.
    mismatches: Vec<String>,
}

/// Verdicts by task and sample.
pub(crate) type Verdicts = BTreeMap<(String, u32), Verdict>;

/// Judges everything by one reading, and writes verdicts and report below `out`. `None` where that was interrupted.
pub(crate) fn read_as(
    arguments: &EvalArguments,
    semantics: Semantics,
    out: Option<&Path>,
    interrupted: &AtomicBool,
) -> anyhow::Result<Option<Reading>> {
    let mut problems = load(arguments, semantics)?;
    let (candidates, expected) = if arguments.samples.is_empty() {
        embedded()?
    } else {
        (Candidates::Files(arguments.samples.clone()), Vec::new())
    };
    let scan = candidates.scan(&problems, arguments.skip_bad_rows)?;
    let problems_without_samples = leave_out(&mut problems, &scan, arguments.partial)?;
    problems.expect_samples(&scan.per_task);
    let fewest = scan.per_task.values().copied().min().unwrap_or(0);
    let ks = inputs::choose_k(&arguments.k, fewest)?;
    let host = host::open(&arguments.run)?;
    // Of two readings, the second must not be refused after the first was run.
    let last = if matches!(arguments.semantics, ReadingName::Both) { Semantics::Official } else { semantics };
    for language in &scan.languages {
        host::require(&host, *language, last)?;
    }

    let mut evaluation = Evaluation::new(arguments, semantics, out, &problems, &scan)?;
    evaluation.run(arguments, &host, &problems, candidates, interrupted)?;
    if interrupted.load(Ordering::SeqCst) {
        return Ok(None);
    }
    let circumstances = Circumstances {
        dataset: arguments.dataset.to_string(),
        ks,
        skipped_rows: problems.skipped_rows + scan.skipped_rows,
        problems_without_samples,
        selection: problems.selection.take().map(|it| Selection { samples_left_out: scan.left_out, ..it }),
        backend: host.backend(),
        enforcement: host.enforcement().as_ref().clone(),
        manifest: manifest(arguments, semantics, &problems, &host, &scan.languages),
    };
    evaluation.finish(&expected, out, circumstances).map(Some)
}

fn load(arguments: &EvalArguments, semantics: Semantics) -> anyhow::Result<Problems> {
    if arguments.dataset == Dataset::LiveCodeBench {
        return livecodebench::load(arguments, semantics);
    }
    if !arguments.selection.is_empty() {
        let options = "--release, --from, --to, --difficulty, --platform and --with-errata are for livecodebench";
        return Err(UsageFault(options.to_owned()).into());
    }
    match &arguments.data[..] {
        [] => Problems::load(arguments.dataset, None, arguments.skip_bad_rows),
        [file] => Problems::load(arguments.dataset, Some(file), arguments.skip_bad_rows),
        _ => Err(UsageFault(format!("--data: {} has one file", arguments.dataset)).into()),
    }
}

/// Where the candidates come from. They are read twice: once to refuse bad files, once to run.
#[derive(Debug)]
enum Candidates {
    Files(Vec<std::path::PathBuf>),
    Embedded(Vec<Sample>),
}

impl Candidates {
    fn scan(&self, problems: &Problems, skip_bad_rows: bool) -> anyhow::Result<Scan> {
        match self {
            Self::Files(files) => inputs::scan(files, problems, skip_bad_rows),
            Self::Embedded(samples) => {
                let mut per_task = std::collections::BTreeMap::new();
                samples.iter().for_each(|sample| *per_task.entry(sample.task_id.clone()).or_default() += 1);
                Ok(Scan { total: samples.len() as u64, per_task, ..Scan::default() })
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

/// Task, sample, and the name of the verdict it must get.
type KnownVerdict = (String, u32, String);

/// The built-in candidates, and the verdicts they must get.
fn embedded() -> anyhow::Result<(Candidates, Vec<KnownVerdict>)> {
    let (mut samples, mut expected) = (Vec::new(), Vec::new());
    for row in quickstart_rows()? {
        for candidate in row?.candidates {
            let index = u32::try_from(candidate.index)?;
            expected.push((candidate.task_id.clone(), index, candidate.expect));
            let language = Language::Python;
            samples.push(Sample { task_id: candidate.task_id, sample: Some(index), language, text: candidate.text });
        }
    }
    Ok((Candidates::Embedded(samples), expected))
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

/// A run under way.
struct Evaluation {
    counts: Counts,
    verdicts: Option<JsonLines>,
    progress: Option<Progress>,
    /// Whether every judgement must say something of base tests.
    has_base: bool,
    semantics: Semantics,
    /// Kept for the built-in candidates, and to compare two readings.
    kept: Option<Verdicts>,
}

impl Evaluation {
    fn new(
        arguments: &EvalArguments,
        semantics: Semantics,
        out: Option<&Path>,
        problems: &Problems,
        scan: &Scan,
    ) -> anyhow::Result<Self> {
        let keeps = arguments.samples.is_empty() || arguments.semantics == ReadingName::Both;
        Ok(Self {
            counts: Counts::new(problems.entries.keys().cloned()),
            verdicts: out.map(|out| JsonLines::create(out, "verdicts.jsonl")).transpose()?,
            progress: Some(Progress::new(Some(scan.total))),
            has_base: arguments.dataset.has_plus_tests(),
            semantics,
            kept: keeps.then(Verdicts::new),
        })
    }

    fn run(
        &mut self,
        arguments: &EvalArguments,
        host: &Arc<Host>,
        problems: &Problems,
        candidates: Candidates,
        interrupted: &AtomicBool,
    ) -> anyhow::Result<()> {
        let settings = Settings {
            semantics: self.semantics,
            cache: host::cache(&arguments.run),
            interpreter: host.identity(),
            room: Room::default(),
        };
        let style = style(arguments, self.semantics);
        let as_it_is = arguments.dataset == Dataset::LiveCodeBench;
        let work = |numbered: Numbered, worker: &mut Worker| -> anyhow::Result<VerdictRow> {
            let entry = &problems.entries[&numbered.sample.task_id];
            let is_program = as_it_is && is_program(&numbered.sample.text);
            let style = if is_program { Style::Raw } else { style };
            let row = judge_sample(entry, numbered, style, worker, &settings);
            entry.judged();
            row
        };
        let is_known = |numbered: &Numbered| {
            problems.entries.contains_key(&numbered.sample.task_id) && !problems.cannot_take(&numbered.sample)
        };
        let known = candidates.read(problems).filter(is_known);
        let result = for_each(host, host::workers(&arguments.run), known, work, |row| {
            if interrupted.load(Ordering::SeqCst) {
                return ControlFlow::Break(Ok(()));
            }
            match row.and_then(|row| self.add(row)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(Err(error)),
            }
        });
        if let Some(progress) = self.progress.take() {
            progress.finish();
        }
        match result {
            ControlFlow::Break(result) => result,
            ControlFlow::Continue(()) => Ok(()),
        }
    }

    fn add(&mut self, mut row: VerdictRow) -> anyhow::Result<()> {
        if self.has_base {
            // A problem without plus tests: its base tests are all there is.
            row.judgement.base = row.judgement.base.or(Some(row.judgement.verdict));
        }
        self.counts.add(&row.task_id, &row.judgement);
        if let Some(progress) = &self.progress {
            progress.advance(&self.counts);
        }
        if let Some(verdicts) = &mut self.verdicts {
            verdicts.append(&row)?;
        }
        if let Some(kept) = &mut self.kept {
            kept.insert((row.task_id, row.sample), row.judgement.verdict);
        }
        Ok(())
    }

    fn finish(
        self,
        expected: &[KnownVerdict],
        out: Option<&Path>,
        circumstances: Circumstances,
    ) -> anyhow::Result<Reading> {
        let report = Report::new(&self.counts, circumstances);
        if let (Some(verdicts), Some(out)) = (self.verdicts, out) {
            verdicts.finish()?;
            write_json(out, "report.json", &report)?;
        }
        let verdicts = self.kept.unwrap_or_default();
        let mismatches = mismatches(&verdicts, expected);
        Ok(Reading { report, verdicts, mismatches })
    }
}

/// The built-in candidates whose verdict is not the one they are known to deserve.
fn mismatches(verdicts: &Verdicts, expected: &[KnownVerdict]) -> Vec<String> {
    let differs = |(task_id, sample, expected): &KnownVerdict| {
        let got = verdicts.get(&(task_id.clone(), *sample)).map_or("none", |verdict| verdict.as_str());
        (got != expected).then(|| format!("{task_id} sample {sample}: expected {expected}, got {got}"))
    };
    expected.iter().filter_map(differs).collect()
}

/// The style asked for, or that of the benchmark whose reading is asked for.
fn style(arguments: &EvalArguments, semantics: Semantics) -> Style {
    let usual = match (semantics, arguments.dataset) {
        (Semantics::Real, _) => Style::Default,
        (Semantics::Official, Dataset::LiveCodeBench) => Style::Lcb(LcbStyle::Chat),
        (Semantics::Official, _) => Style::EvalPlus,
    };
    arguments.extraction.map_or(usual, Style::from)
}

/// A solution of lcb_runner's files is a program and nothing else: it is not looked through for fences.
fn is_program(text: &SampleText) -> bool {
    matches!(text, SampleText::Solution(text) if !text.trim().is_empty())
}

fn judge_sample(
    entry: &Entry,
    numbered: Numbered,
    style: Style,
    worker: &mut Worker,
    settings: &Settings,
) -> anyhow::Result<VerdictRow> {
    let Numbered { index, sample } = numbered;
    let extracted = match sample.language {
        Language::Python => style.extract(&sample.text, &entry.prompt, entry.entry_point.as_deref()),
        Language::Cpp(_) => style.extract_cpp(&sample.text),
    };
    let (judgement, extraction) = match extracted {
        Ok(extracted) => {
            let program: Arc<[u8]> = extracted.program.into_bytes().into();
            let task = entry.task().map_err(|kind| DataFault(format!("{}: {kind}", sample.task_id)))?;
            (verify(&task, &program, sample.language, worker, settings)?, extracted.rule.as_str())
        }
        Err(no) => (no_code(no.to_string()), "none"),
    };
    Ok(VerdictRow { task_id: sample.task_id, sample: index, judgement, extraction })
}

fn manifest(
    arguments: &EvalArguments,
    semantics: Semantics,
    problems: &Problems,
    host: &Host,
    languages: &[Language],
) -> Manifest {
    let limits = match (semantics, arguments.dataset) {
        (Semantics::Real, _) => {
            "cpu per test max(1 s, 4 x canonical), 6 s without a canonical solution; test code max(10 s, 4 x canonical) in \
             all; memory 1 GiB"
        }
        (Semantics::Official, Dataset::HumanEvalPlus | Dataset::MbppPlus) => {
            "cpu per test max(4 s, 4 x canonical), 61 s in all, memory 4 GiB"
        }
        (Semantics::Official, _) => "cpu per test 6 s; test code max(10 s, 4 x canonical) in all; memory 1 GiB",
    };
    let mut interpreter = host.interpreter();
    if let (true, Ok(toolchain)) = (languages.iter().any(|it| *it != Language::Python), host.toolchain()) {
        interpreter += &format!("; {}", toolchain.version);
    }
    let counted = match host.backend() {
        Backend::Native => String::new(),
        Backend::Wasi => format!("; cpu counted in instructions, {FUEL_PER_NS} to the ns"),
    };
    Manifest {
        dataset_hash: problems.hash.clone(),
        semantics,
        limits: format!("{limits}{counted}"),
        interpreter,
        trialbox_version: env!("CARGO_PKG_VERSION"),
    }
}

/// A table for people, or the report itself where stdout is no terminal and no folder was named for it.
pub(crate) fn print(report: &Report, out: Option<&Path>) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    if !stdout.is_terminal() && out.is_none() {
        serde_json::to_writer_pretty(&mut stdout, report)?;
        writeln!(stdout)?;
        return Ok(());
    }
    let mut text = format!("{}: {} problems, {} samples\n", report.dataset, report.problems, report.samples);
    for (verdict, count) in report.verdicts.iter().filter(|(_, count)| **count > 0) {
        text += &format!("  {verdict:<14} {count:>7}\n");
    }
    text += &pass_at_k::table(&report.pass_at_k);
    if let Some(selection) = &report.selection {
        text += &livecodebench::in_words(selection);
    }
    if report.degraded {
        text += "  degraded: a layer of the sandbox was missing (report.json says which)\n";
    }
    // Where stdout is piped it carries data only; the table is for whoever looks on.
    if stdout.is_terminal() {
        stdout.write_all(text.as_bytes())?
    } else {
        io::stderr().write_all(text.as_bytes())?
    }
    Ok(())
}
