//! The folder of a run: what it is a run of, and verdicts as they come, so that whatever ends it, it can go on.
//! Not here: what stands in a line (`journal`), which samples there are (`roster`), judging.
//!
//! `run.json` is written first and says what is judged and how. Verdicts are appended to `verdicts.jsonl` one by one, and put
//! into the order of the samples when there is one for each. `report.json` stands for a run that is complete.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{BufRead, BufReader, BufWriter, Read, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context;
use trialbox_verifier::Verdict;

use crate::{
    exit::{DataFault, UsageFault},
    journal::VerdictRow,
    output::write_json,
    roster::Roster,
};

/// What the folder may hold already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing, or a run of the same manifest, which goes on.
    Anything,
    /// A run of the same manifest.
    Run,
    /// Whatever there is of an earlier run is thrown away.
    Discard,
}

/// The folder, locked, and what is known of each sample.
#[derive(Debug)]
pub(crate) struct RunFolder {
    folder: PathBuf,
    /// Locked for as long as it is open.
    _locked: File,
    file: File,
    /// Where the next line begins.
    end: u64,
    /// Where the verdict of each sample stands, by its place in the roster.
    lines: Vec<Option<Span>>,
    synced: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    at: u64,
    bytes: u32,
}

const MANIFEST: &str = "run.json";
const VERDICTS: &str = "verdicts.jsonl";
const REPORT: &str = "report.json";
/// No verdict is longer: its texts are cut short.
const LONGEST_LINE: u64 = 4 << 20;
/// How long a verdict may wait for the disk. A process that is killed loses nothing that was written; a machine that stops
/// may lose as much.
const SYNC: Duration = Duration::from_secs(1);

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
        fs::create_dir_all(folder).with_context(|| format!("failed to make the folder {}", folder.display()))?;
        let mut manifest_file = locked(folder)?;
        let has = |name: &str| folder.join(name).exists();
        if before == Before::Discard {
            for name in [REPORT, VERDICTS].into_iter().filter(|name| has(name)) {
                fs::remove_file(folder.join(name)).with_context(|| format!("failed to empty {}", folder.display()))?;
            }
            manifest_file.set_len(0).with_context(|| format!("failed to empty {}", folder.display()))?;
        }
        let mut found = String::new();
        manifest_file.read_to_string(&mut found).with_context(|| format!("failed to read {}", folder.display()))?;
        if before == Before::Discard || found.is_empty() {
            refuse_unknown(folder, before, has(VERDICTS) || has(REPORT))?;
            let text = serde_json::to_string_pretty(manifest)? + "\n";
            manifest_file
                .write_all_at(text.as_bytes(), 0)
                .and_then(|()| manifest_file.sync_all())
                .with_context(|| format!("failed to write {}", folder.join(MANIFEST).display()))?;
        } else {
            refuse_another(folder, &found, manifest)?;
        }
        let path = folder.join(VERDICTS);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.with_context(|| format!("failed to write {}", path.display()))?;
        let lines = vec![None; roster.len()];
        let mut run =
            Self { folder: folder.to_owned(), _locked: manifest_file, file, end: 0, lines, synced: Instant::now() };
        run.recover(roster, known).with_context(|| format!("failed to read {}", path.display()))?;
        Ok(run)
    }

    fn has(&self, place: usize) -> bool {
        self.lines[place].is_some()
    }

    /// Which samples have their verdict, by their places.
    pub(crate) fn done(&self) -> Vec<bool> {
        self.lines.iter().map(Option::is_some).collect()
    }

    /// How many samples have theirs.
    pub(crate) fn known(&self) -> usize {
        self.lines.iter().flatten().count()
    }

    /// Says that the run is not complete, whatever an earlier one left.
    pub(crate) fn begin(&self) -> anyhow::Result<()> {
        match fs::remove_file(self.folder.join(REPORT)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Appends a verdict.
    pub(crate) fn append(&mut self, row: &VerdictRow, place: usize) -> anyhow::Result<()> {
        let line = row.to_line()?;
        if let Err(error) = self.file.write_all_at(&line, self.end) {
            // Half a line would be dropped by whoever goes on, but need not lie there.
            let _ = self.file.set_len(self.end);
            return Err(error).with_context(|| {
                format!("failed to write {}; what stands there is kept, and the same command goes on", self.path())
            });
        }
        self.note(place, line.len());
        if self.synced.elapsed() >= SYNC {
            self.sync()?;
        }
        Ok(())
    }

    /// Has everything on the disk.
    pub(crate) fn sync(&mut self) -> anyhow::Result<()> {
        self.file.sync_data().with_context(|| format!("failed to write {}", self.path()))?;
        self.synced = Instant::now();
        Ok(())
    }

    /// Ends a complete run: verdicts in the order of the samples, and the report.
    pub(crate) fn finish(mut self, report: &impl serde::Serialize) -> anyhow::Result<()> {
        self.sync()?;
        if !self.is_in_order() {
            self.put_in_order().with_context(|| format!("failed to write {}", self.path()))?;
        }
        write_json(&self.folder, REPORT, report)
    }

    fn path(&self) -> String {
        self.folder.join(VERDICTS).display().to_string()
    }

    fn note(&mut self, place: usize, bytes: usize) {
        let bytes = u32::try_from(bytes).expect("texts of a verdict are cut short");
        self.lines[place] = Some(Span { at: self.end, bytes });
        self.end += u64::from(bytes);
    }

    /// Reads what is there up to the last whole line. An infra error is no verdict: whom it befell is judged again.
    fn recover(&mut self, roster: &Roster, mut known: impl FnMut(VerdictRow)) -> anyhow::Result<()> {
        let mut reader = BufReader::new(self.file.try_clone()?);
        let (mut strangers, mut damaged, mut whole_to) = (Strangers::default(), 0_u64, 0);
        let mut line = Vec::new();
        loop {
            line.clear();
            if reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let Some(row) = VerdictRow::of_line(&line) else {
                damaged += 1;
                self.end += line.len() as u64;
                continue;
            };
            let place = roster.place(&row.task_id, row.sample);
            match place {
                Some(place) if format!("{:016x}", roster.hash(place)) != row.text_hash => strangers.other_text(&row),
                Some(place) if row.judgement.verdict != Verdict::InfraError && !self.has(place) => {
                    self.note(place, line.len());
                    known(row);
                    whole_to = self.end;
                    continue;
                }
                Some(_) => {}
                None => strangers.no_sample(&row),
            }
            self.end += line.len() as u64;
            whole_to = self.end;
        }
        strangers.refuse(&self.folder)?;
        self.end = whole_to;
        self.file.set_len(whole_to)?;
        if damaged > 0 {
            eprintln!("trialbox: {}: {damaged} damaged records dropped; their samples are judged again", self.path());
        }
        Ok(())
    }

    /// Whether the lines are those of the samples, in their order, and no others.
    fn is_in_order(&self) -> bool {
        let next = self
            .lines
            .iter()
            .flatten()
            .try_fold(0, |next, line| (line.at == next).then(|| next + u64::from(line.bytes)));
        next == Some(self.end)
    }

    fn put_in_order(&mut self) -> anyhow::Result<()> {
        let sorted = tempfile::Builder::new().prefix(".trialbox-").tempfile_in(&self.folder)?;
        let mut writer = BufWriter::with_capacity(1 << 20, sorted);
        let mut line = Vec::new();
        for span in self.lines.iter().flatten() {
            line.resize(span.bytes as usize, 0);
            self.file.read_exact_at(&mut line, span.at)?;
            writer.write_all(&line)?;
        }
        let sorted = writer.into_inner().map_err(|error| error.into_error())?;
        sorted.as_file().sync_all()?;
        sorted.persist(self.folder.join(VERDICTS))?;
        Ok(())
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

/// Opens the manifest, empty where there was none, and keeps other processes out until this one ends, however it ends.
fn locked(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join(MANIFEST);
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let file = file.with_context(|| format!("failed to write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(UsageFault(format!("another trialbox is at work in {}", folder.display())).into())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("failed to lock {}", path.display())),
    }
}

/// Refuses a folder without a manifest that holds something, or that should hold a run.
fn refuse_unknown(folder: &Path, before: Before, holds_something: bool) -> anyhow::Result<()> {
    let fault = match before {
        _ if holds_something => {
            "holds a run of another version of trialbox, which says nowhere of what; name another folder, or --fresh to begin \
             anew"
        }
        Before::Run => "holds no run to resume",
        Before::Anything | Before::Discard => return Ok(()),
    };
    // Nothing was there, and nothing is left there.
    let _ = fs::remove_file(folder.join(MANIFEST));
    Err(UsageFault(format!("{} {fault}", folder.display())).into())
}

/// Refuses a folder that holds a run of another manifest, and says where the two differ.
fn refuse_another(folder: &Path, found: &str, manifest: &serde_json::Value) -> anyhow::Result<()> {
    let path = folder.join(MANIFEST);
    let found: serde_json::Value = serde_json::from_str(found)
        .map_err(|error| DataFault(format!("{}: {error}; --fresh begins anew", path.display())))?;
    let differing = differing(&found, manifest);
    if differing.is_empty() {
        return Ok(());
    }
    let fault = format!(
        "{} holds another run: {}; name another folder, or --fresh to begin anew",
        folder.display(),
        differing.join("; ")
    );
    Err(UsageFault(fault).into())
}

/// The fields in which two manifests differ.
fn differing(found: &serde_json::Value, wanted: &serde_json::Value) -> Vec<String> {
    let nothing = serde_json::Map::new();
    let (found, wanted) = (found.as_object().unwrap_or(&nothing), wanted.as_object().unwrap_or(&nothing));
    let mut names: Vec<&String> = found.keys().chain(wanted.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let show = |value: Option<&serde_json::Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let differs = |name: &&String| found.get(*name) != wanted.get(*name);
    let tell = |name: &String| format!("{name} is {} there and {} here", show(found.get(name)), show(wanted.get(name)));
    names.into_iter().filter(differs).map(tell).collect()
}
