//! The folder of a run: what it is a run of, and verdicts as they come, so that whatever ends it, it can go on.
//! Not here: what stands in a line (`journal`), which samples there are (`roster`), judging.
//!
//! `run.json` is written first and says what is judged and how. Verdicts are appended to `verdicts.jsonl` one by one, and put
//! into the order of the samples when there is one for each. `report.json` stands for a run that is complete.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::Context;
use trialbox_verifier::Verdict;

use crate::{
    exit::DataFault,
    journal::VerdictRow,
    lines::{Line, Lines},
    locked_folder::{self, Before, Names},
    output::write_json,
    roster::Roster,
};

/// The folder, locked, and what is known of each sample.
#[derive(Debug)]
pub(crate) struct RunFolder {
    folder: PathBuf,
    /// Locked for as long as it is open.
    _locked: File,
    /// The verdict of each sample, by its place in the roster.
    verdicts: Lines,
}

pub(crate) const VERDICTS: &str = "verdicts.jsonl";
pub(crate) const REPORT: &str = "report.json";
pub(crate) const MANIFEST: &str = "run.json";
const NAMES: Names = Names { manifest: MANIFEST, made: &[REPORT, VERDICTS] };
/// No verdict is longer: its texts are cut short.
const LONGEST_LINE: u32 = 4 << 20;

impl RunFolder {
    /// Opens a folder for a run of this manifest, an object of JSON, making it where needed. Verdicts that are there already
    /// are shown to `known`.
    pub(crate) fn open(
        folder: &Path,
        manifest: &serde_json::Value,
        before: Before,
        roster: &Roster,
        known: impl FnMut(VerdictRow),
    ) -> anyhow::Result<Self> {
        let locked = locked_folder::lock(folder, NAMES, manifest, before)?;
        let verdicts = Lines::open(folder.join(VERDICTS), roster.len(), LONGEST_LINE)?;
        let mut run = Self { folder: folder.to_owned(), _locked: locked, verdicts };
        run.recover(roster, known)?;
        Ok(run)
    }

    /// Makes a folder that of a run of this manifest, as [`RunFolder::open`] does, without looking at verdicts; it is not complete.
    pub(crate) fn claim(folder: &Path, manifest: &serde_json::Value, before: Before) -> anyhow::Result<()> {
        let _locked = locked_folder::lock(folder, NAMES, manifest, before)?;
        remove_report(folder)
    }

    /// Which samples have their verdict, by their places.
    pub(crate) fn done(&self) -> Vec<bool> {
        self.verdicts.done()
    }

    /// How many samples have theirs.
    pub(crate) fn known(&self) -> usize {
        self.verdicts.known()
    }

    /// Says that the run is not complete, whatever an earlier one left.
    pub(crate) fn begin(&self) -> anyhow::Result<()> {
        remove_report(&self.folder)
    }

    /// Appends a verdict.
    pub(crate) fn append(&mut self, row: &VerdictRow, place: usize) -> anyhow::Result<()> {
        self.verdicts.append(&row.to_line()?, place)
    }

    /// Has everything on the disk.
    pub(crate) fn sync(&mut self) -> anyhow::Result<()> {
        self.verdicts.sync()
    }

    /// Ends a complete run: verdicts in the order of the samples, and the report.
    pub(crate) fn finish(self, report: &impl serde::Serialize) -> anyhow::Result<()> {
        self.verdicts.finish()?;
        write_json(&self.folder, REPORT, report)
    }

    /// Reads what is there. An infra error is no verdict: whom it befell is judged again.
    fn recover(&mut self, roster: &Roster, mut known: impl FnMut(VerdictRow)) -> anyhow::Result<()> {
        let mut strangers = Strangers::default();
        let damaged = self.verdicts.recover(|line, has| {
            let Some(row) = VerdictRow::of_line(line) else { return Line::Damaged };
            match roster.place(&row.task_id, row.sample) {
                Some(place) if format!("{:016x}", roster.hash(place)) != row.text_hash => strangers.other_text(&row),
                Some(place) if row.judgement.verdict != Verdict::InfraError && !has(place) => {
                    known(row);
                    return Line::About(place);
                }
                Some(_) => {}
                None => strangers.no_sample(&row),
            }
            Line::PassedOver
        });
        let damaged = damaged.with_context(|| format!("failed to go on in {}", self.folder.display()))?;
        strangers.refuse(&self.folder)?;
        if damaged > 0 {
            let path = self.verdicts.path().display();
            eprintln!("trialbox: {path}: {damaged} damaged records dropped; their samples are judged again");
        }
        Ok(())
    }
}

fn remove_report(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_file(folder.join(REPORT)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Verdicts of a folder that are no verdicts on the samples of this run.
#[derive(Debug, Default)]
struct Strangers {
    count: u64,
    first: Option<String>,
}

impl Strangers {
    fn other_text(&mut self, row: &VerdictRow) {
        self.add(format!("of {} sample {} another text was judged", row.task_id, row.sample));
    }

    fn no_sample(&mut self, row: &VerdictRow) {
        self.add(format!("there is no {} sample {} in these files", row.task_id, row.sample));
    }

    fn add(&mut self, what: String) {
        self.count += 1;
        self.first.get_or_insert(what);
    }

    fn refuse(self, folder: &Path) -> anyhow::Result<()> {
        let Self { count, first: Some(first) } = self else { return Ok(()) };
        let fault = format!(
            "{} holds {count} verdicts of other samples: {first}; name another folder, or --fresh to begin anew",
            folder.display()
        );
        Err(DataFault(fault).into())
    }
}
